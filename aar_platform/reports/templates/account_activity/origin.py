"""The part of the report that says why records are one customer, and where its values are from."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from aar_platform.identity.explained_links import ComparedPair, LinkedRecord
from aar_platform.identity.explained_values import ChosenValue, value_in_words
from aar_platform.identity.explanation import Explanation
from aar_platform.operations.decisions import Record
from aar_platform.reports.blocks import Block, Column, Section, Table, Value
from aar_platform.reports.wording import Wording

RECORDS_SHOWN = 12
ID_SHOWN = 36  # characters that fit into the column on paper
# The company is another customer: its id says nothing to a reader.
_LEFT_OUT = ("company_id",)
_KEPT = ("contacts", "companies")


def origin_section(told: Explanation, wording: Wording, timezone: str) -> Section | None:
    """Records by source with what links them, and each value with its record and the values that
    did not win; None for a customer of one record."""
    if len(told.records) < 2:
        return None
    blocks: list[Block] = [_record_table(told, wording, timezone)]
    values = [*_value_rows(told, wording)]
    if values:
        blocks.append(_value_table(values, wording))
    return Section(
        wording.text("section.origin"), tuple(blocks), intro=wording.text("origin.intro")
    )


def _record_table(told: Explanation, wording: Wording, timezone: str) -> Table:
    # What systems keep before what only orders and the like tell.
    records = sorted(told.records, key=lambda one: (one.record.object not in _KEPT, one.record))
    strongest = _strongest(told.pairs)
    hidden = len(records) - RECORDS_SHOWN
    return Table(
        title=wording.text("origin.records"),
        columns=(
            Column(wording.text("column.source")),
            Column(wording.text("column.table")),
            Column(wording.text("column.record"), "code", wide=True),
            Column(wording.text("column.linked"), wide=True),
            Column(wording.text("column.changed"), "date"),
        ),
        rows=tuple(
            (
                one.record.source,
                wording.name_of("table", one.known_from or one.record.object),
                _short(one.record.record_id),
                _linked_by(one, strongest.get(one.record), wording),
                _day(one.changed_at, timezone),
            )
            for one in records
        ),
        sheet=wording.text("origin.records"),
        shown=RECORDS_SHOWN,
        more=wording.text("origin.more", count=hidden) if hidden > 0 else "",
    )


def _short(record_id: str) -> str:
    """A made-up id has no place where a line could be broken: of a long one begin and end."""
    if len(record_id) <= ID_SHOWN:
        return record_id
    return f"{record_id[: ID_SHOWN - 12]}…{record_id[-11:]}"


def _strongest(pairs: tuple[ComparedPair, ...]) -> Mapping[Record, ComparedPair]:
    """The strongest pair that holds each record; pairs come the strongest first."""
    found: dict[Record, ComparedPair] = {}
    for pair in pairs:
        if pair.state == "linked" and pair.other_customer_id is None:
            for record in (pair.left, pair.right):
                found.setdefault(record, pair)
    return found


def _linked_by(one: LinkedRecord, pair: ComparedPair | None, wording: Wording) -> str:
    """Such as "Same e-mail address", or "Many things in common (99.96 %)"."""
    method, probability, words = one.method, one.match_probability, None
    if pair is not None:
        method, probability = pair.method, pair.match_probability
        words = wording.optional(f"reason.{pair.reason}")
    words = words or wording.name_of("method", method)
    if method != "probabilistic" or probability is None:
        return words
    # Rounded down: what is not certain is not said to be.
    share = min(int(probability * 1000) / 1000, 0.999)
    return wording.text("origin.probable", words=words, share=wording.show(share, "percent"))


def _value_rows(told: Explanation, wording: Wording) -> Iterator[tuple[Value, ...]]:
    for one in told.values:
        value = _words(one.field, one.parts, wording)
        if one.field not in _LEFT_OUT and value:
            yield (
                wording.name_of("field", one.field),
                value,
                one.record.source,
                wording.name_of("choice", one.rule),
                _others(one, wording),
            )


def _others(one: ChosenValue, wording: Wording) -> str | None:
    told = []
    for said in one.losing:
        value = _words(one.field, said.parts, wording)
        if value:
            sources = ", ".join(sorted({record.source for record in said.records}))
            told.append(wording.text("origin.other", value=value, sources=sources))
    return wording.text("origin.separator").join(told) or None


def _words(field: str, parts: Mapping[str, str | date], wording: Wording) -> str:
    shown: dict[str, str | date] = {}
    for column, part in parts.items():
        if column == "country" and isinstance(part, str):
            shown[column] = wording.country(part)
        elif column == "gender" and isinstance(part, str):
            shown[column] = wording.name_of("gender", part)
        else:
            shown[column] = wording.day(part) if isinstance(part, date) else part
    return value_in_words(field, shown)


def _value_table(values: list[tuple[Value, ...]], wording: Wording) -> Table:
    columns = [
        Column(wording.text("column.field")),
        Column(wording.text("column.value"), wide=True),
        Column(wording.text("column.source")),
        Column(wording.text("column.why")),
        Column(wording.text("column.others"), wide=True),
    ]
    # Where all records agree there is no other value to show.
    given = len(columns) if any(row[-1] for row in values) else len(columns) - 1
    return Table(
        title=wording.text("origin.values"),
        columns=tuple(columns[:given]),
        rows=tuple(row[:given] for row in values),
        sheet=wording.text("origin.values"),
    )


def _day(moment: datetime | None, timezone: str) -> date | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
