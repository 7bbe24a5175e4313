"""A model for the records of one kind: which comparisons, which pairs, which parameters."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from aar_platform.identity.model.blocking import (
    Rule,
    agreeing_pairs,
    candidate_pairs,
    chosen_rules,
)
from aar_platform.identity.model.comparison import Comparison
from aar_platform.identity.model.parameters import Parameters, way_of_comparing
from aar_platform.identity.model.scoring import patterns
from aar_platform.identity.model.training import estimate
from aar_platform.identity.model.workbench import Workbench

# Pairs drawn blindly, to see how strangers compare, and the records they are drawn from.
_BLIND_PAIRS, _BLIND_RECORDS = 150_000, 20_000
# Candidate pairs the parameters are estimated from; of more, a part.
_TRAINING_PAIRS = 500_000
# So few records are all compared with each other.
FEW_RECORDS = 300


def fitted(
    bench: Workbench,
    rows: ir.Table,
    kind: str,
    comparisons: Sequence[Comparison],
    rules: Sequence[Rule],
) -> tuple[Parameters, ir.Table] | None:
    """The model of `rows` (features with frequencies, kept on the workbench) and the candidate
    pairs it was estimated from and is to be applied to, kept there too; None without any.

    The model of FEW_RECORDS has no rules: it is cheaper to fit it anew than to go on with it.
    """
    records = int(rows.count().to_pyarrow().as_py())
    is_small = records <= FEW_RECORDS
    chosen = () if is_small else chosen_rules(rows, rules, records)
    pairs = bench.keep(agreeing_pairs(rows, rules) if is_small else candidate_pairs(rows, chosen))
    found = int(pairs.count().to_pyarrow().as_py())
    if not found:
        return None
    blind = bench.keep(_blind_pairs(rows, records))
    random_patterns, random_counts = patterns(bench, rows, blind, comparisons)
    bench.drop(blind)
    if is_small:
        drawn = max(random_counts.sum(), 1.0)
        shown, counts = random_patterns, random_counts * (records * (records - 1) / 2 / drawn)
    else:
        part = -(-found // _TRAINING_PAIRS)
        sample = pairs if part <= 1 else bench.keep(_part_of(rows, pairs, part))
        shown, counts = patterns(bench, rows, sample, comparisons)
        counts = counts * part
    same_rate, near_rates, answers = estimate(
        comparisons, random_patterns, random_counts, shown, counts, records
    )
    parameters = Parameters(
        kind, records, chosen, same_rate, near_rates, answers, comparing=way_of_comparing()
    )
    return parameters, pairs


def _content(rows: ir.Table) -> ir.IntegerValue:
    """A number made of what a record says, so that a sample depends on nothing else."""
    texts = [
        rows[column].fill_null("") for column in rows.columns if rows[column].type().is_string()
    ]
    return ibis.literal("\x1f").join(texts).hash()


def _blind_pairs(rows: ir.Table, records: int) -> ir.Table:
    """Pairs of records far from each other in an order in which only the same stand together."""
    drawn = min(records, _BLIND_RECORDS)
    follow = max(1, min(drawn // 2, _BLIND_PAIRS // drawn))
    stride = max(1, drawn // 2 // follow)
    numbered = rows.select("unique_id", content=_content(rows))
    place = ibis.row_number().over(order_by=[numbered.content, numbered.unique_id])
    placed = numbered.mutate(place=place)
    placed = placed.filter(placed.place < drawn)
    far = ibis.range(1, follow + 1).unnest() * stride
    left = placed.select(one="unique_id", far_place=placed.place + far)
    left = left.mutate(far_place=left.far_place % drawn)
    right = placed.select(other="unique_id", far_place="place")
    pairs = left.join(right, "far_place")
    return pairs.filter(pairs.one != pairs.other).select(
        join_key_l=ibis.least(pairs.one, pairs.other),
        join_key_r=ibis.greatest(pairs.one, pairs.other),
    )


def _part_of(rows: ir.Table, pairs: ir.Table, part: int) -> ir.Table:
    numbered = rows.select("unique_id", content=_content(rows))
    left = numbered.select(join_key_l="unique_id", content_l="content")
    right = numbered.select(join_key_r="unique_id", content_r="content")
    drawn = pairs.join(left, "join_key_l").join(right, "join_key_r")
    drawn = drawn.filter((drawn.content_l ^ drawn.content_r) % part == 0)
    return drawn.select("join_key_l", "join_key_r")
