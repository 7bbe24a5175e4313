"""`aar explain CUSTOMER`: which records make a customer, what links them, where its values are
from."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from aar_platform.commands.identity_lookup import DecisionRefused, Linked, linked
from aar_platform.commands.query import as_text
from aar_platform.commands.report import OPERATOR
from aar_platform.identity.explained_links import ComparedPair
from aar_platform.identity.explained_values import ChosenValue, value_in_words
from aar_platform.identity.explanation import Explanation, explanations
from aar_platform.identity.pair_weights import WeighedPair, waterfalls
from aar_platform.identity.waterfall import Waterfall, in_words, share_in_words, weight_in_words
from aar_platform.operations.decisions import Record
from aar_platform.privacy.masking import hidden_columns
from aar_platform.settings.loading import Settings

METHODS = {
    "key": "its own id",
    "rule": "a key in common",
    "probabilistic": "match weight",
    "manual": "a person's decision",
}
RULES = {
    "only": "no other value",
    "most_complete": "the more complete one",
    "verified": "verified",
    "most_recent": "changed last",
    "most_trusted": "the more trusted source",
    "most_frequent": "the more frequent one",
    "first": "first by source and id",
}
EVENTS = {
    "created": "{customer_id} was created",
    "merged_into": "{customer_id} was merged into {other}",
    "split_from": "{customer_id} was split from {other}",
    "erased": "{customer_id} was erased",
}
CHARTS = (".svg", ".png")
NOT_SHOWN = "(not shown)"


class ExplanationRefused(ValueError):
    """What is to be explained is not there, or cannot be written as asked for."""


def explain(
    settings: Settings, subject: str, form: str, chart: Path | None, near_kpi: str | None = None
) -> str:
    """The explanation as text: `table` for people, or `json`. A chart of match weights is written
    where a file is named.

    `subject` is a customer_id, or a record as source/record_id or source/object/record_id. Values
    are masked as the engineer's role in aar.yaml says. `near_kpi` is the KPI that a subject that is
    nowhere may have been meant to name. Raises ExplanationRefused, DecisionRefused
    for a subject that is not there, TableMissing.
    """
    if chart is not None and chart.suffix.lower() not in CHARTS:
        raise ExplanationRefused(f"{chart.name}: a chart is a file named *.svg or *.png")
    with linked(settings) as tables:
        customer_id = _customer_id(tables, subject, near_kpi)
        hidden = hidden_columns("customers", settings.roles[OPERATOR])
        found = explanations(tables.warehouse.table, [customer_id], hidden)
        if customer_id not in found:
            raise ExplanationRefused(
                f"customer {customer_id}: is linked but not in the table customers; run 'aar run'"
            )
        told = found[customer_id]
        weights = _waterfalls(tables, settings, told)
    if chart is not None:
        if not weights:
            raise ExplanationRefused(f"customer {customer_id}: {_why_no_chart(told)}")
        _draw(weights, chart)
    if form == "json":
        plain = {**_plain(told), "waterfalls": [_plain_waterfall(one) for one in weights]}
        return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    return "\n".join(_sections(told, weights))


def _customer_id(tables: Linked, subject: str, near_kpi: str | None) -> str:
    links = tables.links
    if links.filter(links.customer_id == subject).limit(1).count().execute():
        return subject
    if "/" in subject:
        return tables.record(subject)[1]
    try:
        return tables.customer(subject).customer_id
    except DecisionRefused as refusal:
        if near_kpi is not None:
            raise ExplanationRefused(
                f"customer {subject}: there is none of this id; did you mean the KPI {near_kpi}?"
            ) from None
        raise ExplanationRefused(str(refusal)) from None


def _waterfalls(tables: Linked, settings: Settings, told: Explanation) -> list[Waterfall]:
    """The weights of the pairs that the model linked, step by step, the weakest pair first."""
    pairs = _weighed(told)
    if not tables.warehouse.has("identity_model"):
        return []
    hidden = hidden_columns("identity_records", settings.roles[OPERATOR])
    return waterfalls(tables.warehouse.table, told.kind, pairs, hidden)


def _weighed(told: Explanation) -> list[WeighedPair]:
    return [
        WeighedPair(pair.left, pair.right, pair.match_weight)
        for pair in told.pairs
        if pair.other_customer_id is None
        and pair.method == "probabilistic"
        and pair.match_weight is not None
    ]


def _why_no_chart(told: Explanation) -> str:
    if _weighed(told):
        return "its match weights are of an earlier version of the model; run 'aar run' once more"
    return "no match weight links its records, there is nothing to draw"


def _sections(told: Explanation, weights: Sequence[Waterfall]) -> Iterator[str]:
    sources = sorted({one.record.source for one in told.records})
    name = f"{told.display_name}, " if told.display_name else ""
    count = f"{len(told.records)} record{'s' * (len(told.records) != 1)}"
    yield f"{name}{told.kind} {told.customer_id}: {count} of {', '.join(sources)} (times are UTC)\n"
    yield _table(
        "Records",
        ("record", "known from", "changed", "linked by", "probability", "since"),
        [
            (
                str(one.record),
                one.known_from,
                _moment(one.changed_at),
                METHODS.get(one.method, one.method),
                _share(one.match_probability),
                _moment(one.linked_at),
            )
            for one in told.records
        ],
    )
    within = [pair for pair in told.pairs if pair.other_customer_id is None]
    beyond = [pair for pair in told.pairs if pair.other_customer_id is not None]
    if within:
        yield _pair_table("What links them", within)
    if weights:
        lines = [f"  {one.left} – {one.right}\n    {in_words(one)}" for one in weights]
        yield "\n".join(["How the weights came about", *lines]) + "\n"
    if beyond:
        yield _pair_table("Compared with records of others", beyond)
    yield _table("Values", ("field", "value", "record", "why"), [*_value_rows(told.values)])
    yield _table(
        "History",
        ("when", "what"),
        [
            (
                _moment(one.occurred_at),
                EVENTS[one.event].format(customer_id=one.customer_id, other=one.other_customer_id),
            )
            for one in told.history
        ],
    )


def _pair_table(title: str, pairs: Sequence[ComparedPair]) -> str:
    columns = ["record", "and", "state", "by", "reason", "weight", "probability"]
    rows = [
        [
            str(one.left),
            str(one.right),
            one.state,
            METHODS.get(one.method, one.method),
            (one.reason or "").replace("_", " "),
            "" if one.match_weight is None else weight_in_words(one.match_weight),
            _share(one.match_probability),
        ]
        for one in pairs
    ]
    if any(one.other_customer_id for one in pairs):
        columns.append("other customer")
        for row, one in zip(rows, pairs, strict=True):
            row.append(str(one.other_customer_id))
    return _table(title, columns, rows)


def _value_rows(values: Sequence[ChosenValue]) -> Iterator[tuple[str, str, str, str]]:
    for one in values:
        why = RULES[one.rule]
        if one.candidates > 1:
            why += f", of {one.candidates} values"
        yield one.field, value_in_words(one.field, one.parts) or NOT_SHOWN, str(one.record), why
        for other in one.losing:
            records = ", ".join(map(str, other.records))
            told = value_in_words(one.field, other.parts) or NOT_SHOWN
            yield "", f"not: {told}", records, ""


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return f"{title}: none\n"
    return f"{title}\n" + as_text([*columns], [tuple(row) for row in rows], "table")


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _share(probability: float | None) -> str:
    return "" if probability is None else share_in_words(probability)


def _plain(value: Any) -> Any:
    """Anything of an explanation as JSON knows it; records by the names of their parts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Record):
        return value._asdict()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def _plain_waterfall(waterfall: Waterfall) -> dict[str, Any]:
    sums = {"final_weight": waterfall.final_weight, "probability": waterfall.probability}
    return {**_plain(waterfall), **sums, "in_words": in_words(waterfall)}


def _draw(weights: Sequence[Waterfall], path: Path) -> None:
    from aar_platform.reports.charts.style import house_style, svg_of
    from aar_platform.reports.charts.waterfall import waterfall_chart

    with house_style():
        figure = waterfall_chart(weights)
        if path.suffix.lower() == ".svg":
            path.write_text(svg_of(figure), encoding="utf-8")
        else:
            figure.savefig(path, dpi=200, facecolor="white")
