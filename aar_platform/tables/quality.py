"""Tables that tell how good the data is: what was refused and repaired, which systems disagree, and
how far each source can be relied on."""

from aar_platform.tables.model import Count, Flag, Moment, Number, Table, Text, column, key

QUARANTINE_STATES = ("open", "repaired", "dismissed")


class Quarantine(Table):
    """One row per record that broke a rule; it stands here and in no core table."""

    source: Text = key("Name of the source in aar.yaml")
    object: Text = key("Core table the record was meant for")
    record_id: Text = key("The record's own id; made from the row where it has none")
    rule: Text = key("Rule that was broken")
    column_name: Text = column("Column that broke it")
    reason: Text = column("What is wrong and where (file and row), in words; no value is repeated")
    payload: Text = column("The record as received, JSON", privacy="free_text")
    first_seen_at: Moment = key("When it was first refused, UTC")
    state: Text = key("What became of it", isin=QUARANTINE_STATES)

    facts = {
        "layer": "quality",
        "key": ["source", "object", "record_id"],
        "owner": "data-engineering",
    }


class Repairs(Table):
    """One row per value that was brought into form on the way in."""

    source: Text = key("Name of the source in aar.yaml")
    object: Text = key("Core table of the record")
    record_id: Text = key("The record's own id")
    rule: Text = key("Rule that repaired it")
    column_name: Text = key("Column repaired")
    old_value: Text = column("As received", privacy="direct")
    new_value: Text = column("As kept; null where it could not be read", privacy="direct")
    repaired_at: Moment = key("When the record was extracted and so repaired, UTC")

    facts = {
        "layer": "quality",
        "key": ["source", "object", "record_id", "column_name", "rule"],
        "owner": "data-engineering",
    }


class EntryQuality(Table):
    """One row per rule, column and person who entered records: how many of them were refused, or
    had a value repaired. Made of the same rows as `quarantine` (but for those dismissed) and
    `repairs`; a record that breaks several rules counts under each."""

    source: Text = key("Name of the source in aar.yaml")
    object: Text = key("Core table of the records")
    entered_by: Text = column(
        "Who entered the records: who created them where the source says so, else the colleague "
        "they belong to (owner, assignee); null where it says neither",
        privacy="direct",
    )
    rule: Text = key("Rule that was broken, or that repaired the value")
    column_name: Text = column("Column it is about")
    outcome: Text = key(
        "refused: the record stands in quarantine; left_out: the value could not be used; "
        "repaired: it was brought into form",
        isin=("refused", "left_out", "repaired"),
    )
    records: Count = key("Records concerned", unit="records", ge=1)
    records_entered: Count = key(
        "Records of this person in this source and table, refused ones included",
        unit="records",
        ge=1,
    )
    share_of_records: Number = key("records / records_entered", unit="0 to 1", ge=0, le=1)
    is_convention: Flag = key(
        "Whether at least a fifth of the source's records are repaired so: how the system writes, "
        "rather than slips of those who enter"
    )

    facts = {
        "layer": "quality",
        "key": ["source", "object", "entered_by", "rule", "column_name", "outcome"],
        "owner": "data-engineering",
    }


class Disagreements(Table):
    """One row per fact of which two records say different things: of one customer in two systems,
    or of an order and its lines or refunds."""

    fact: Text = key("What is stated twice: email, phone, …, order_total, refunded")
    customer_id: Text = column("Customer, where the fact is one of a customer")
    object_1: Text = key("Core table of the first record")
    source_1: Text = key("Source of the first record")
    record_id_1: Text = key("The first record's own id")
    value_1: Text = key("What it says", privacy="direct")
    object_2: Text = key("Core table of the second record")
    source_2: Text = key("Source of the second record")
    record_id_2: Text = key(
        "The second record's own id; of the lines or refunds of an order, the first line's or the "
        "last refund's"
    )
    value_2: Text = key("What it says", privacy="direct")
    found_at: Moment = key("When these two values were first found to differ, UTC")

    facts = {
        "layer": "quality",
        "key": [
            "fact",
            "object_1",
            "source_1",
            "record_id_1",
            "object_2",
            "source_2",
            "record_id_2",
        ],
        "owner": "data-engineering",
    }


class SourceReliability(Table):
    """One row per source and core table it feeds: whether it can be fetched, is up to date, and how
    much of what it says is refused, repaired or contradicted."""

    source: Text = key("Name of the source in aar.yaml")
    object: Text = key("Core table it feeds")
    as_of: Moment = key("When this was found, UTC")
    pulls: Count = key("Extracts of the last 30 days", unit="extracts", ge=0)
    failures: Count = key("Those of them that failed", unit="extracts", ge=0)
    last_pulled_at: Moment = column("When the last extract succeeded, UTC")
    data_until: Moment = column("The last moment its records speak of, UTC")
    lateness_hours: Number = column(
        "Hours by which its data ends before that of the freshest source, less the longest silence "
        "that the source has kept before; null where records bear no dates of events",
        unit="hours",
        ge=0,
    )
    records: Count = key("Records, refused ones included", unit="records", ge=0)
    refused_share: Number = column("Share of records in quarantine", unit="0 to 1", ge=0, le=1)
    repaired_share: Number = column(
        "Share of records with a value that was repaired or left out, conventions of the whole "
        "source aside",
        unit="0 to 1",
        ge=0,
        le=1,
    )
    disagreements_share: Number = column(
        "Share of records that another record contradicts", unit="0 to 1", ge=0, le=1
    )
    score: Number = column(
        "100 × share of extracts that succeeded × punctuality (1 when not late, 0 from a week on) "
        "× share of records not refused × not contradicted × not repaired, the last with half "
        "weight; null without records",
        unit="0 to 100",
        ge=0,
        le=100,
    )

    facts = {
        "layer": "quality",
        "key": ["source", "object"],
        "owner": "data-engineering",
    }
