"""The weights of a few pairs told step by step, from the model as it was saved."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import log2
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.model.comparison import Comparison
from aar_platform.identity.model.features import features, with_frequencies
from aar_platform.identity.model.parameters import Parameters, compared
from aar_platform.identity.model.saved import saved_models
from aar_platform.identity.model.scoring import column_of, outcome, steps
from aar_platform.identity.model.workbench import workbench
from aar_platform.identity.scored_pairs import COMPARISONS
from aar_platform.identity.waterfall import Step, Waterfall
from aar_platform.operations.decisions import Record

# Columns of the features that identity_records has under another name.
_NAMES = {"born": "birth_date", "email_domain": "email"}


class WeighedPair(NamedTuple):
    """Two records and the weight that `identity_pairs` has of them."""

    left: Record
    right: Record
    match_weight: float


def waterfalls(
    table: Callable[[str], ir.Table],
    kind: str,
    pairs: Sequence[WeighedPair],
    hidden: Collection[str] = (),
) -> list[Waterfall]:
    """How each pair's weight came about, the weakest pair first.

    `table` gives `identity_records`, `identity_terms` and `identity_model`; values of the columns
    named in `hidden` (columns of identity_records) are not told. Empty where no model is saved.
    """
    model = saved_models(table("identity_model"), COMPARISONS).get(kind)
    if model is None or not pairs:
        return []
    told = sorted({record for pair in pairs for record in pair[:2]})
    rows = _records(table("identity_records"), told)
    number = {
        Record(*(row[name] for name in RECORD)): row["record"]
        for row in rows.select("record", *RECORD).to_pyarrow().to_pylist()
    }
    known = sorted(
        (pair for pair in pairs if pair.left in number and pair.right in number),
        key=lambda pair: (pair.match_weight, pair.left, pair.right),
    )
    terms = table("identity_terms")
    weighed = _weighed(
        rows,
        kind,
        terms.filter(terms.kind == kind),
        model.parameters,
        [(number[pair.left], number[pair.right]) for pair in known],
    )
    return [
        _waterfall(pair, model.parameters, row, hidden)
        for pair, row in zip(known, weighed, strict=True)
    ]


def _records(records: ir.Table, told: Sequence[Record]) -> ir.Table:
    named = ibis.memtable(
        [record._asdict() for record in told], schema=dict.fromkeys(RECORD, "string")
    )
    return records.semi_join(named, list(RECORD)).select(*records.columns)


def _weighed(
    records: ir.Table,
    kind: str,
    terms: ir.Table,
    parameters: Parameters,
    numbers: Sequence[tuple[int, int]],
) -> list[dict[str, Any]]:
    """For each pair of numbers the outcome, the weight and the two values of each comparison."""
    comparisons = [one for one, _ in compared(parameters, COMPARISONS[kind])]
    with workbench(records) as bench:
        rows = bench.keep(with_frequencies(features(records, kind), terms, comparisons))
        ends = {f"join_key_{side}": [pair[k] for pair in numbers] for k, side in enumerate("lr")}
        schema = {"join_key_l": "int64", "join_key_r": "int64"}
        pairs = bench.keep(ibis.memtable(ends, schema=schema))
        found = steps(bench, rows, pairs, parameters, comparisons).to_pyarrow().to_pylist()
        said = {row["unique_id"]: row for row in rows.to_pyarrow().to_pylist()}
    by_ends = {(row["left"], row["right"]): row for row in found}
    return [
        {**by_ends[pair], "left_said": said[pair[0]], "right_said": said[pair[1]]}
        for pair in numbers
    ]


def _waterfall(
    pair: WeighedPair, parameters: Parameters, row: Mapping[str, Any], hidden: Collection[str]
) -> Waterfall:
    prior = log2(parameters.same_rate / (1 - parameters.same_rate))
    told = tuple(_steps(parameters, row, hidden))
    # What is left is what the groups of customers who have something in common take away.
    rest = pair.match_weight - prior - sum(step.weight for step in told)
    near = Step("people nearby", "could be as alike", rest)
    return Waterfall(pair.left, pair.right, prior, (*told, near))


def _steps(
    parameters: Parameters, row: Mapping[str, Any], hidden: Collection[str]
) -> Iterator[Step]:
    for comparison, _ in compared(parameters, COMPARISONS[parameters.kind]):
        found = row[outcome(comparison)]
        if found < 0:
            continue
        level = comparison.levels[len(comparison.levels) - 1 - found]
        values = [_said(comparison, row[f"{side}_said"], hidden) for side in ("left", "right")]
        yield Step(comparison.name, level.label, row[f"weight_{column_of(comparison)}"], *values)


def _said(comparison: Comparison, said: Mapping[str, Any], hidden: Collection[str]) -> str | None:
    columns = comparison.columns
    if any(_NAMES.get(column, column) in hidden for column in columns):
        return None
    return ", ".join(said[column] for column in columns if said[column]) or None
