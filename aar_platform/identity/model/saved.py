"""A model as the tables `identity_model` and `identity_terms` keep it."""

from collections.abc import Mapping
from datetime import datetime
from math import log2
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from aar_platform.identity.model.comparison import Comparison
from aar_platform.identity.model.parameters import Parameters, compared, way_of_comparing
from aar_platform.tables import catalogue


class SavedModel(NamedTuple):
    """A model, when it was fitted, and how many records had changed since by the last run."""

    parameters: Parameters
    fitted_at: datetime
    changed_since: int


def model_rows(
    parameters: Parameters,
    comparisons: tuple[Comparison, ...],
    fitted_at: datetime,
    changed_since: int,
) -> list[dict[str, Any]]:
    """The rows of `identity_model` for one kind: one per comparison and level."""
    text = parameters.to_json()
    return [
        {
            "kind": parameters.kind,
            "comparison": comparison.name,
            "level": k + 1,
            "label": level.label,
            "among_same": answer.same[k],
            "among_strangers": answer.strangers[k],
            "match_weight": log2(answer.same[k] / answer.strangers[k]),
            "fitted_at": fitted_at,
            "records": parameters.records,
            "changed_since": changed_since,
            "threshold": parameters.threshold,
            "parameters": text,
        }
        for comparison, answer in compared(parameters, comparisons)
        for k, level in enumerate(comparison.levels)
    ]


def model_table(rows: list[dict[str, Any]]) -> ir.Table:
    """The table `identity_model`."""
    import pyarrow as pa

    schema = catalogue.ibis_schema("identity_model")
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema.to_pyarrow()), schema=schema)


def saved_models(
    model: ir.Table, comparisons: Mapping[str, tuple[Comparison, ...]]
) -> dict[str, SavedModel]:
    """The saved model of each kind. A model of another version of the comparisons is none."""
    facts = model.group_by("kind").aggregate(
        parameters=model.parameters.arbitrary(),
        fitted_at=model.fitted_at.max(),
        changed_since=model.changed_since.max(),
    )
    known = {}
    for row in facts.to_pyarrow().to_pylist():
        parameters = Parameters.from_json(row["parameters"])
        is_of_today = parameters.comparing == way_of_comparing()
        names = {one.name for one in comparisons.get(row["kind"], ())}
        if is_of_today and all(answer.name in names for answer in parameters.answers):
            known[row["kind"]] = SavedModel(parameters, row["fitted_at"], row["changed_since"])
    return known
