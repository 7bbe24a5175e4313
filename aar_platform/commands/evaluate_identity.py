"""`aar evaluate-identity`: how right the customers are, by a table of who is who."""

import json
from pathlib import Path
from typing import Any

from aar_platform.identity.evaluation import Counts, Evaluation, TruthUnfit, evaluate
from aar_platform.identity.truth import read_truth
from aar_platform.resources.platform import open_warehouse
from aar_platform.settings.loading import Settings

_FIGURES = ("precision", "recall", "f1")
_COUNTS = (
    "records",
    "entities",
    "customers",
    "exactly_right",
    "true_pairs",
    "found_pairs",
    "right_pairs",
)


class EvaluationRefused(ValueError):
    """The truth does not fit what is in the warehouse, or nothing is there yet."""


def evaluate_identity(settings: Settings, truth: Path, form: str) -> str:
    """The figures as text: a table, or JSON with precision, recall and f1 at its top.

    Reads the warehouse, and changes nothing. Raises EvaluationRefused and FileRefused.
    """
    told = read_truth(truth)
    warehouse = open_warehouse(settings, read_only=True)
    try:
        if not warehouse.has("customer_links"):
            raise EvaluationRefused("there are no customer_links yet; make them with 'aar run'")
        links = warehouse.table("customer_links").to_pyarrow()
    finally:
        warehouse.close()
    import ibis

    try:
        found = evaluate(told, ibis.memtable(links))
    except TruthUnfit as error:
        raise EvaluationRefused(f"{truth.name}: {error}") from None
    return _json(found) if form == "json" else _table(found)


def _figures(counts: Counts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in (*_FIGURES, *_COUNTS)}


def _json(found: Evaluation) -> str:
    told = {
        **_figures(found.total),
        "kinds": {kind: _figures(counts) for kind, counts in found.kinds.items()},
        "truth_records": found.truth_records,
        "not_found": found.not_found,
        "not_told": found.not_told,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _table(found: Evaluation) -> str:
    columns = {"all": found.total}
    if len(found.kinds) > 1:
        columns |= found.kinds
    lines = ["".join([f"{'':<14}", *(f"{name:>14}" for name in columns)])]
    for name in (*_FIGURES, *_COUNTS):
        values = (_written(getattr(counts, name)) for counts in columns.values())
        lines.append(
            "".join([f"{name.replace('_', ' '):<14}", *(f"{text:>14}" for text in values)])
        )
    if found.not_found:
        lines.append(
            f"of {found.truth_records:,} records in the truth, customer_links lack "
            f"{_listed(found.not_found)}"
        )
    if found.not_told:
        lines.append(f"left out, since the truth does not name them: {_listed(found.not_told)}")
    return "\n".join(lines) + "\n"


def _written(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"


def _listed(counts: dict[str, int]) -> str:
    parts = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"{sum(counts.values()):,} ({parts})"
