"""The table `identity_pairs`: what became of each pair of records that had a chance, and why."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.edges import EDGE
from aar_platform.identity.hard_facts import other_numbers
from aar_platform.identity.model.blocking import LARGEST_BLOCK
from aar_platform.tables import catalogue

SIDES = ("left", "right")


def pairs_known(records: ir.Table, weighed: ir.Table, edges: ir.Table) -> ir.Table:
    """All pairs that had a chance: what exact keys and people tie, the weighed pairs, and companies
    of one name. EDGE, is_linkable and is_accepted."""
    certain = edges.filter(edges.method != "probabilistic")
    scored = weighed.mutate(method=ibis.literal("probabilistic"), reason=ibis.literal("model"))
    related = related_companies(records, edges).mutate(
        method=ibis.literal("rule"),
        match_weight=ibis.null("float64"),
        match_probability=ibis.null("float64"),
        is_linkable=ibis.literal(False),
        is_accepted=ibis.literal(False),
    )
    known = certain.mutate(is_linkable=ibis.literal(True), is_accepted=ibis.literal(True))
    columns = (*EDGE, "is_linkable", "is_accepted")
    return ibis.union(*(part.select(*columns) for part in (known, scored, related)))


def identity_pairs(
    records: ir.Table,
    pairs: ir.Table,
    clusters: ir.Table,
    facts: ir.Table,
    different: ir.Table,
    low: float,
) -> ir.Table:
    """The table `identity_pairs`.

    `pairs` is `pairs_known`, `clusters` the cluster of each record, `facts` is `hard_values`;
    `different` are the left and right that people keep apart. From `low` on a pair that nothing
    links or parts waits for a person.
    """
    both = _with_ends(pairs, clusters, ("cluster",))
    for field in ("national_id", "birth_date"):
        proved = facts.filter(facts.field == field)
        for side in SIDES:
            said = proved.select(**{side: "record", f"{side}_{field}": "value"})
            both = both.left_join(said, side).select(*both.columns, f"{side}_{field}")
    parted = different.mutate(is_decided=ibis.literal(True))
    both = both.left_join(parted, ["left", "right"]).select(*both.columns, "is_decided")
    together = both.left_cluster == both.right_cluster
    is_related = both.reason.isin(["legal_form", "same_company_name"])
    is_likely = (both.is_accepted | (both.match_probability >= low)).fill_null(False)
    dates = (both.left_birth_date != both.right_birth_date).fill_null(False)
    numbers = other_numbers(both.left_national_id, both.right_national_id).fill_null(False)
    apart = ibis.cases(
        (both.is_decided.fill_null(False), "decision"),
        (dates, "birth_date"),
        (numbers, "national_id"),
        (both.is_accepted, "weaker_than_others"),
        else_=ibis.null("string"),
    )
    state = ibis.cases(
        (together, "linked"),
        (is_related, "related"),
        (is_likely & apart.notnull(), "apart"),
        (is_likely, "review"),
        else_="unlikely",
    )
    reason = ibis.cases(
        (together | is_related, both.reason),
        (is_likely & apart.notnull(), apart),
        (~both.is_linkable, "name_alone"),
        (is_likely, "review_band"),
        else_="model",
    )
    told = _with_ends(
        both.mutate(state=state, reason=reason), records.select("record", "kind", *RECORD), RECORD
    )
    schema = catalogue.ibis_schema("identity_pairs")
    return told.mutate(kind=told.left_kind).select(*schema.names).cast(dict(schema.items()))


def _with_ends(pairs: ir.Table, records: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    """Pairs with columns of both their records, as left_… and right_…"""
    for side in SIDES:
        facts = {f"{side}_{name}": name for name in columns}
        if "kind" in records.columns and side == "left":
            facts["left_kind"] = "kind"
        ends = records.select(**{f"{side}_number": "record"}, **facts)
        joined = pairs.join(ends, pairs[side] == ends[f"{side}_number"])
        pairs = joined.drop(f"{side}_number")
    return pairs


def related_companies(records: ir.Table, edges: ir.Table) -> ir.Table:
    """left, right, reason: companies of one name that may be of one group, and that no edge ties.

    Each is paired with the first of its name, so that there are as many pairs as companies.
    """
    rows = records.filter((records.kind == "company") & records.company.notnull())
    sizes = rows.group_by("company").aggregate(size=rows.count(), first=rows.record.min())
    several = sizes.filter((sizes["size"] > 1) & (sizes["size"] <= LARGEST_BLOCK))
    first = rows.select(first="record", first_form="legal_form")
    paired = rows.join(several, "company").join(first, "first")
    paired = paired.filter(paired.record > paired.first)
    tied = edges.select(first="left", record="right")
    paired = paired.anti_join(tied, ["first", "record"]).select(*paired.columns)
    is_other_form = paired.legal_form.fill_null("") != paired.first_form.fill_null("")
    return paired.select(
        left="first",
        right="record",
        reason=ibis.ifelse(is_other_form, "legal_form", "same_company_name"),
    )
