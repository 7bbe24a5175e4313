"""Tables that tell how records became customers, and why their values are what they are."""

from aar_platform.tables.model import Count, Day, Flag, Moment, Number, Table, Text, column, key


class CustomerValues(Table):
    """One row per customer and field that has a value: the record it is from, and why that one.

    Name and address are fields of several columns, taken whole from one record.
    """

    customer_id: Text = key("Customer")
    field: Text = key(
        "Field of customers: name (given, family and whole name), address (street to country), …",
        isin=(
            "name",
            "address",
            "email",
            "phone",
            "birth_date",
            "gender",
            "company_id",
            "owner",
        ),
    )
    source: Text = key("Source of the record whose value stands")
    object: Text = key("Core table of that record; that of an order, ticket, … where only it tells")
    record_id: Text = key("That record's own id in the source")
    rule: Text = key(
        "What decided: no other value, a whole name or address, a verified value, the latest "
        "change, the more trusted source, the more frequent value, or source and id",
        isin=(
            "only",
            "most_complete",
            "verified",
            "most_recent",
            "most_trusted",
            "most_frequent",
            "first",
        ),
    )
    candidates: Count = key("Different values there were", unit="values", ge=1)

    facts = {
        "layer": "customers",
        "key": ["customer_id", "field"],
        "owner": "data-engineering",
    }


class IdentityDecisions(Table):
    """One row per pair of records that somebody declared the same customer or different ones; a
    copy of what stands in the operations database, undone decisions included. Decisions outrank
    the model."""

    decision_id: Text = key("The decision; the pairs of one command share it")
    pair: Count = key("Number of the pair within the decision", ge=1)
    verdict: Text = key("same or different", isin=("same", "different"))
    kind: Text = key("person or company", isin=("person", "company"))
    left_source: Text = key("Source of the first record")
    left_object: Text = key("Core table of the first record")
    left_record_id: Text = key("The first record's own id")
    right_source: Text = key("Source of the second record")
    right_object: Text = key("Core table of the second record")
    right_record_id: Text = key("The second record's own id")
    is_active: Flag = key("Whether it holds: neither undone nor contradicted by a later decision")
    reason: Text = column("Why, in the words of who decided", privacy="free_text")
    decided_by: Text = key("Who decided", privacy="direct")
    decided_at: Moment = key("When it was decided, UTC")
    undone_by: Text = column("Who undid it", privacy="direct")
    undone_at: Moment = column("When it was undone, UTC")

    facts = {
        "layer": "customers",
        "key": ["decision_id", "pair"],
        "owner": "data-engineering",
    }


class IdentityRecords(Table):
    """One row per record that can be a customer, with what it says in forms that are compared."""

    record: Count = key("Number of the record, the same as long as its source has it", ge=0)
    kind: Text = key("person or company", isin=("person", "company"))
    source: Text = key("Name of the source in aar.yaml")
    object: Text = key("Core table the record stands in")
    record_id: Text = key("The record's own id in that source")
    known_from: Text = key("First core table that knows the record")
    given: Text = column("Given name, lower case, in Latin letters", privacy="direct")
    family: Text = column("Family name, lower case, in Latin letters", privacy="direct")
    given_root: Text = column("The given names behind a nickname", privacy="direct")
    name: Text = column("Words of the name in alphabetical order", privacy="direct")
    generation: Text = column("sr, jr, ii, … behind the name")
    han: Text = column("Name as written in Chinese", privacy="direct")
    email: Text = column("E-mail address", privacy="direct")
    email_box: Text = column("The mailbox the address stands for", privacy="direct")
    mailbox: Text = column("Its part before @, unless made of the name", privacy="direct")
    phone: Text = column("Phone number, E.164", privacy="direct")
    birth_date: Day = column("Date of birth", privacy="quasi")
    national_id: Text = column("National id, letters and digits alone", privacy="direct")
    street: Text = column("Street without house number", privacy="direct")
    house_number: Text = column("House number", privacy="direct")
    city: Text = column("City", privacy="quasi")
    region: Text = column("State, province or region", privacy="quasi")
    postcode: Text = column("Postal code", privacy="quasi")
    country: Text = column("Country, ISO 3166-1 alpha-2", privacy="quasi")
    company: Text = column("Core name of the company, or of a person's company", privacy="quasi")
    legal_form: Text = column("What was taken from a company's name")
    domain: Text = column("Internet domain of a company", privacy="quasi")
    external_ids: Text = column("Ids in other systems, JSON object: source name → record id")
    is_email_verified: Flag = column("Whether the source has verified the address")
    is_birth_date_verified: Flag = column("Whether the source has verified the date of birth")
    content: Text = key("Checksum of all that is compared: a record is linked anew when it changes")

    facts = {
        "layer": "customers",
        "key": ["source", "object", "record_id"],
        "owner": "data-engineering",
    }


class IdentityPairs(Table):
    """One row per pair of records that is linked, waits for a person, or is kept apart."""

    kind: Text = key("person or company", isin=("person", "company"))
    left_source: Text = key("Source of the first record")
    left_object: Text = key("Core table of the first record")
    left_record_id: Text = key("The first record's own id")
    right_source: Text = key("Source of the second record")
    right_object: Text = key("Core table of the second record")
    right_record_id: Text = key("The second record's own id")
    method: Text = key("How they were found", isin=("rule", "probabilistic", "manual"))
    match_weight: Number = column("How much speaks for one customer", unit="log2 of the odds")
    match_probability: Number = column("Probability of one customer", unit="0 to 1", ge=0, le=1)
    is_linkable: Flag = key("Whether more than the name speaks for it")
    state: Text = key(
        "linked: one customer. review: waits for a person. related: two customers that belong "
        "together. apart: something outranks the probability. unlikely: not linked",
        isin=("linked", "review", "related", "apart", "unlikely"),
    )
    reason: Text = key(
        "What decided",
        isin=(
            "same_email",
            "declared_id",
            "model",
            "decision",
            "national_id",
            "birth_date",
            "weaker_than_others",
            "review_band",
            "name_alone",
            "legal_form",
            "same_company_name",
        ),
    )

    facts = {
        "layer": "customers",
        "key": [
            *(
                f"{side}_{name}"
                for side in ("left", "right")
                for name in ("source", "object", "record_id")
            ),
            "method",
        ],
        "owner": "data-engineering",
    }


class IdentityModel(Table):
    """The model that weighed the pairs: how often each outcome of a comparison is seen."""

    kind: Text = key("person or company", isin=("person", "company"))
    comparison: Text = key("What is compared")
    level: Count = key("Outcome, 1 is the strongest", unit="rank", ge=1)
    label: Text = key("The outcome in words")
    among_same: Number = column("Share of pairs of one customer with this outcome", unit="0 to 1")
    among_strangers: Number = column("Share of random pairs with this outcome", unit="0 to 1")
    match_weight: Number = column("What the outcome adds", unit="log2 of the odds")
    fitted_at: Moment = key("When the model was fitted, UTC")
    records: Count = key("Records the model was fitted to", unit="records", ge=0)
    changed_since: Count = key("Records added, changed and removed since", unit="records", ge=0)
    threshold: Number = column("Match weight from which pairs are linked", unit="log2 of the odds")
    parameters: Text = key("The whole model, JSON")

    facts = {
        "layer": "customers",
        "key": ["kind", "comparison", "level"],
        "owner": "data-engineering",
    }


class IdentityTerms(Table):
    """Values that several records share, as frequent as they were when the model was fitted."""

    kind: Text = key("person or company", isin=("person", "company"))
    column_name: Text = key("Column of identity_records")
    country: Text = key("Country they are counted in, empty: everywhere")
    term: Text = column("The value", privacy="direct", required=True)
    records: Count = key("Records with this value", unit="records", ge=1)

    facts = {
        "layer": "customers",
        "key": ["kind", "column_name", "country", "term"],
        "owner": "data-engineering",
    }


class IdentitySuspicions(Table):
    """One row per customer that may be several, and what says so. Records are not parted for it."""

    customer_id: Text = key("Customer")
    kind: Text = key("person or company", isin=("person", "company"))
    reason: Text = key(
        "too_many_records: more than 20. different_given_names, different_birth_dates, "
        "different_national_ids: two of them that no typing error or nickname explains. "
        "held_by_a_weak_pair: parts of it hang together by one pair less probable than 0.97",
        isin=(
            "too_many_records",
            "different_given_names",
            "different_birth_dates",
            "different_national_ids",
            "held_by_a_weak_pair",
        ),
    )
    records: Count = key("Records of the customer", unit="records", ge=1)

    facts = {
        "layer": "customers",
        "key": ["customer_id", "reason"],
        "owner": "data-engineering",
    }


class IdentityQuality(Table):
    """One row per figure that tells how well records became customers. What nothing can be said
    of has no row: the precision where no pair is linked."""

    kind: Text = key("person or company", isin=("person", "company"))
    measure: Text = key(
        "customers_by_records: by size. suspicious_share: of customers of several records. "
        "pairs: by state, each pair once. review_share: of the pairs that wait or are linked. "
        "expected_precision, expected_recall: of the pairs that the model weighed, by its own "
        "probabilities. threshold: from which probability on pairs are linked",
        isin=(
            "records",
            "records_by_method",
            "customers",
            "customers_by_records",
            "largest_customer",
            "suspicious_customers",
            "suspicious_share",
            "pairs",
            "review_share",
            "expected_precision",
            "expected_recall",
            "threshold",
        ),
    )
    bucket: Text = key("Method, size, reason or state that is counted, empty: all of them")
    value: Number = column("The figure", required=True, ge=0)
    unit: Text = key("records, customers, pairs or 0 to 1")

    facts = {
        "layer": "customers",
        "key": ["kind", "measure", "bucket"],
        "owner": "data-engineering",
    }
