"""Which of several values stands for a field, and which rule decided it."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD

# Fields that are chosen together, whole from one record, and those chosen one by one.
BLOCKS: dict[str, tuple[str, ...]] = {
    "name": ("full_name", "given_name", "family_name"),
    "address": ("street", "city", "region", "postcode", "country"),
    "email": ("email",),
    "phone": ("phone",),
    "birth_date": ("birth_date",),
    "gender": ("gender",),
    "company_id": ("company_id",),
    "owner": ("owner",),
}
FIELDS = tuple(field for fields in BLOCKS.values() for field in fields)
# The rules between values of contacts and companies, in their order, by the column that ranks
# the values, the smallest first. Source and record id decide what they leave open.
RULES = {
    "most_complete": "incomplete",
    "verified": "unverified",
    "most_recent": "age",
    "most_trusted": "distrust",
    "most_frequent": "rarity",
}


def has_value(rows: ir.Table, block: str) -> ir.BooleanValue:
    """Whether a row with the columns of `FIELDS` says anything of a block."""
    return ibis.or_(*(rows[field].notnull() for field in BLOCKS[block]))


def whole_name(rows: ir.Table) -> ir.StringValue:
    """The name as its bearer writes it; Chinese: family name first, without blank."""
    parts = ibis.array([rows.given_name, rows.family_name]).filter(lambda part: part.notnull())
    chinese = rows.family_name + rows.given_name
    return ibis.cases(
        (rows.full_name.notnull(), rows.full_name),
        (chinese.re_search(r"^\p{Han}+$"), chinese),
        else_=parts.join(" ").nullif(""),
    )


def winners(records: ir.Table) -> ir.Table:
    """customer_id, field, record, rule, candidates: a row per customer and field with a value.

    `records` has a number `record` that rises with source, object and record id, customer_id, the
    columns of `FIELDS`, age, distrust, and of some fields `incomplete_{field}` and
    `unverified_{field}`. Equal values count as one, whose record is the one that speaks best for
    it.
    """
    said = ibis.union(*(_said(records, block) for block in BLOCKS))
    rank = ("incomplete", "unverified", "age", "distrust", "record")
    same = said.group_by("customer_id", "field", "value").aggregate(
        best=ibis.struct({name: said[name] for name in rank}).min(), rarity=-said.count()
    )
    different = same.select(
        "customer_id", "field", "rarity", **{name: same.best[name] for name in rank}
    )
    found = decided(different, RULES, ["record"])
    return found.select("customer_id", "field", "record", "rule", "candidates")


def decided(values: ir.Table, rules: Mapping[str, str], last: Sequence[str] = RECORD) -> ir.Table:
    """The rows that stand, one per customer and field, with `rule` and `candidates`.

    `values` has a row per different value with the columns that `rules` names, rule by rule, and
    `last`, by which those are ordered that no rule tells apart. The rule told is the first by which
    the winner differs from the next best value: `only` where there is no other, `first` where none
    does.
    """
    columns = tuple(rules.values())
    window = ibis.window(
        group_by=["customer_id", "field"], order_by=[values[name] for name in (*columns, *last)]
    )
    ranked = values.mutate(
        place=ibis.row_number().over(window),
        candidates=values.count().over(group_by=["customer_id", "field"]),
        **{f"next_{name}": values[name].lead().over(window) for name in columns},
    )
    first = ranked.filter(ranked.place == 0)
    rule = ibis.cases(
        (first.candidates == 1, "only"),
        *((first[name] != first[f"next_{name}"], rule) for rule, name in rules.items()),
        else_="first",
    )
    return first.mutate(rule=rule).drop("place", *(f"next_{name}" for name in columns))


def _said(records: ir.Table, block: str) -> ir.Table:
    """One row per record that says something of a block."""
    rows = records.filter(has_value(records, block))
    # Whole or in parts, a name is the same.
    values = [whole_name(rows)] if block == "name" else [rows[field] for field in BLOCKS[block]]
    value = ibis.struct({str(place): value for place, value in enumerate(values)})
    ranks = {
        rank: rows[f"{rank}_{block}"]
        if f"{rank}_{block}" in rows.columns
        else ibis.literal(0, "int8")
        for rank in ("incomplete", "unverified")
    }
    return rows.select(
        "customer_id",
        "record",
        "age",
        "distrust",
        field=ibis.literal(block),
        value=value.hash(),
        **ranks,
    )
