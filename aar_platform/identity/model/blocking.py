"""Which pairs of records are looked at: those that share a value, or two, that few others share."""

from collections.abc import Iterable, Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from aar_platform.identity.model.workbench import Workbench

# A value in more records than this tells nobody apart: 10,000 records with one phone number would
# be 50 million pairs.
LARGEST_BLOCK = 100
# Pairs that are compared for sure, and further ones per record. Two cores weigh about 200,000 pairs
# of people a second.
_PAIRS, _PAIRS_PER_RECORD = 300_000, 10
# Of so many values of rules the sizes are counted; of more, those of a part of the blocks.
_COUNTED = 8_000_000

Rule = tuple[str, ...]

PEOPLE: tuple[Rule, ...] = (
    ("email_box",),
    ("mailbox",),
    ("phone",),
    ("national_id",),
    ("born",),
    ("birthday",),
    ("birth_year",),
    ("name",),
    ("given",),
    ("family",),
    ("family3",),
    ("street",),
    ("postcode",),
    ("city",),
    ("company",),
    ("given3", "family3"),
    ("given", "family"),
    ("given", "born"),
    ("family", "born"),
    ("given3", "birth_year"),
    ("family3", "birth_year"),
    ("given", "birthday"),
    ("family", "birthday"),
    ("born", "postcode"),
    ("born", "city"),
    ("given", "postcode"),
    ("family", "postcode"),
    ("given", "street"),
    ("family", "street"),
    ("given", "city"),
    ("family", "city"),
    ("street", "postcode"),
    ("street", "city"),
    ("given", "company"),
    ("family", "company"),
    ("family", "given3", "city"),
    ("given", "family3", "city"),
    ("name", "city"),
    ("name", "birth_year"),
)

COMPANIES: tuple[Rule, ...] = (
    ("company",),
    ("phone",),
    ("domain",),
    ("first_word",),
    ("company5",),
    ("street",),
    ("postcode",),
    ("company5", "city"),
    ("first_word", "city"),
    ("first_word", "postcode"),
    ("street", "city"),
)


def _key(rows: ir.Table, name: str) -> ir.StringValue:
    match name:
        case "birthday":
            return rows.born.substr(5)
        case "birth_year":
            return rows.born.left(4)
        case "given3" | "family3" | "company5":
            return rows[name[:-1]].left(int(name[-1])).nullif("")
        case "first_word":
            return rows.company.re_extract(r"^(\S+)", 1).nullif("")
    return rows[name]


def _block(rows: ir.Table, number: int, rule: Rule) -> ir.IntegerValue:
    """What a record has of a rule, as a number; null where it does not have all of it."""
    parts = [_key(rows, name) for name in rule]
    block = ibis.literal("\x1f").join([ibis.literal(str(number)), *parts]).hash()
    known = ibis.and_(*(part.notnull() for part in parts))
    return ibis.cases((known, block), else_=ibis.null("int64"))


def chosen_rules(rows: ir.Table, rules: Sequence[Rule], record_count: int) -> tuple[Rule, ...]:
    """The rules that give few pairs, as many as the pairs allowed; cheapest first.

    A rule within another one is left out, unless the other one loses values that are too frequent.
    Of a large table a part of the blocks is counted, and the pairs of all are projected.
    """
    part = 1 + record_count * len(rules) // _COUNTED
    blocks = _blocks(rows, rules)
    blocks = blocks.filter(blocks.block % part == 0) if part > 1 else blocks
    sizes = blocks.group_by(["rule", "block"]).aggregate(size=blocks.count())
    is_small = sizes["size"] <= LARGEST_BLOCK
    found = sizes.group_by("rule").aggregate(
        pairs=(sizes["size"] * (sizes["size"] - 1) // 2).sum(where=is_small).fill_null(0),
        lost=(~is_small).sum(),
    )
    costs = [
        (row["pairs"] * part, row["rule"], rules[row["rule"]], bool(row["lost"]))
        for row in found.to_pyarrow().to_pylist()
    ]
    allowed = max(_PAIRS, _PAIRS_PER_RECORD * record_count)
    chosen: list[tuple[Rule, bool]] = []
    for pairs, _, rule, is_lossy in sorted(costs):
        if pairs <= allowed:
            allowed -= pairs
            chosen.append((rule, is_lossy))
    whole = [set(rule) for rule, is_lossy in chosen if not is_lossy]
    return tuple(rule for rule, _ in chosen if not any(other < set(rule) for other in whole))


def candidate_pairs(rows: ir.Table, rules: Iterable[Rule]) -> ir.Table:
    """join_key_l, join_key_r (numbers of records, left < right), each pair once."""
    keyed = (rows.select("unique_id", block=_block(rows, 0, rule)) for rule in rules)
    parts = [_pairs(part.filter(part.block.notnull())) for part in keyed]
    if not parts:
        return ibis.memtable([], schema={"join_key_l": "int64", "join_key_r": "int64"})
    return reduce(lambda one, other: ibis.union(one, other, distinct=True), parts)


def pairs_of_changed(
    bench: Workbench, rows: ir.Table, rules: Iterable[Rule], changed: ir.Table
) -> ir.Table:
    """Those of the candidate pairs that one of the records in `changed` (unique_id) is part of,
    kept on the workbench. All rules look at all records in one go."""
    told = rows.semi_join(changed, "unique_id").select(*rows.columns)
    touched = bench.keep(_blocks(told, rules).select("block").distinct())
    near = _blocks(rows, rules).semi_join(touched, "block").select("unique_id", "block")
    near = bench.keep(_in_small_blocks(bench.keep(near)))
    some = near.semi_join(changed, "unique_id").select(one="unique_id", block="block")
    pairs = some.join(near.select(other="unique_id", block="block"), "block")
    return bench.keep(_ordered(pairs.filter(pairs.one != pairs.other)))


def _blocks(rows: ir.Table, rules: Iterable[Rule]) -> ir.Table:
    """unique_id, rule (its place among the rules), block: what each record has of each rule, as a
    number."""
    blocks = [_block(rows, number, rule) for number, rule in enumerate(rules)]
    every = rows.select(
        "unique_id",
        rule=ibis.array([*range(len(blocks))]).unnest(),
        block=ibis.array(blocks).unnest(),
    )
    return every.filter(every.block.notnull())


def agreeing_pairs(rows: ir.Table, rules: Iterable[Rule]) -> ir.Table:
    """The pairs of a few records that share any of the rules' single values, as candidate_pairs."""
    keys = [rule[0] for rule in rules if len(rule) == 1]
    keyed = rows.select("unique_id", **{f"key_{name}": _key(rows, name) for name in keys})
    other = keyed.view()
    pairs = keyed.join(
        other,
        [
            keyed.unique_id < other.unique_id,
            ibis.or_(*(keyed[f"key_{name}"] == other[f"key_{name}"] for name in keys)),
        ],
        rname="{name}_r",
    )
    return pairs.select(join_key_l="unique_id", join_key_r="unique_id_r")


def _pairs(keyed: ir.Table) -> ir.Table:
    blocks = _in_small_blocks(keyed)
    left = blocks.select(one="unique_id", block="block")
    right = blocks.select(other="unique_id", block="block")
    pairs = left.join(right, "block")
    return _ordered(pairs.filter(pairs.one < pairs.other))


def _in_small_blocks(keyed: ir.Table) -> ir.Table:
    """Those whose block holds another record and not too many."""
    sizes = keyed.group_by("block").aggregate(size=keyed.count())
    small = sizes.filter((sizes["size"] > 1) & (sizes["size"] <= LARGEST_BLOCK))
    return keyed.semi_join(small, "block").select("unique_id", "block")


def _ordered(pairs: ir.Table) -> ir.Table:
    """Each pair once, the smaller number first."""
    return pairs.select(
        join_key_l=ibis.least(pairs.one, pairs.other),
        join_key_r=ibis.greatest(pairs.one, pairs.other),
    ).distinct()
