"""The portfolio report's pages on who buys: countries, the RFM grid, segments."""

from collections.abc import Iterator

from aar_platform.reports.blocks import (
    Bar,
    BarChart,
    Block,
    Column,
    Fewer,
    HeatMap,
    Kind,
    Note,
    Pair,
    Section,
    Table,
    Value,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.months import is_before_data
from aar_platform.reports.templates.portfolio.content import (
    SCORES,
    Country,
    PortfolioContent,
    Segment,
)
from aar_platform.reports.wording import Wording

COUNTRIES_SHOWN = 10
LARGE = 10_000_000


def markets_section(content: PortfolioContent, context: ReportContext, wording: Wording) -> Section:
    title = wording.text("section.markets")
    blocks: list[Block | Pair] = []
    table = _country_table(content, context, wording)
    chart = _country_chart(content, context, wording)
    heat = _heat_map(content, context, wording)
    if chart is None:
        blocks.append(Note(wording.text("missing.countries"), "missing"))
    if heat is None:
        blocks.append(Note(wording.text("missing.rfm"), "missing"))
    charts = [one for one in (chart, heat) if one is not None]
    if len(charts) == 2:
        blocks.append(Pair(charts[0], charts[1]))
    else:
        blocks += charts
    is_small = [country.is_small for country in content.countries]
    is_small += [cell.is_small for cell in content.cells]
    if any(is_small):
        than = context.role.smallest_group
        blocks.append(Note(wording.text("small.note", than=than)))
    if content.countries:
        blocks.append(table)
    if content.cells:
        blocks += _today_note(content, context, wording)
        blocks.append(_cell_table(content, context, wording))
    return Section(title, tuple(blocks))


def _country_chart(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> BarChart | None:
    told = [c for c in content.countries if not c.is_small and c.revenue is not None]
    if not told:
        return None
    known = [headline for headline in content.headlines if headline.kpi == "revenue"]
    whole = known[0].value if known else None
    # One country more than the limit takes no more room than the line that would sum it up.
    top = told if len(told) <= COUNTRIES_SHOWN + 1 else told[:COUNTRIES_SHOWN]
    bars = [
        Bar(wording.country(c.code), c.revenue or 0.0, _bar_label(c.revenue, whole, wording))
        for c in top
    ]
    muted = ""
    rest = told[len(top) :]
    if rest:
        muted = wording.text("countries.others", count=len(rest))
        total = sum(country.revenue or 0.0 for country in rest)
        bars.append(Bar(muted, total, _bar_label(total, whole, wording)))
    title = wording.text("countries.title")
    text = wording.text("list.separator").join(f"{bar.name} {bar.label}" for bar in bars)
    alt = wording.text("bars.alt", title=title, text=text)
    return BarChart(title, tuple(bars), alt, muted)


def _bar_label(value: float | None, whole: float | None, wording: Wording) -> str:
    shown = wording.brief(value or 0.0, "compact_money")
    if value is None or not whole or whole <= 0 or value < 0:
        return shown
    return f"{shown} · {wording.show(value / whole, 'percent')}"


def _country_table(content: PortfolioContent, context: ReportContext, wording: Wording) -> Table:
    kinds: tuple[tuple[str, Kind], ...] = (
        ("country", "text"), ("revenue", "money"), ("share", "percent"), ("orders", "number"),
        ("customers", "number"), ("change", "percent"),
    )  # fmt: skip
    columns = tuple(
        Column(wording.text(f"column.{name}"), kind, bar=name == "share") for name, kind in kinds
    )
    whole = sum(country.revenue or 0.0 for country in content.countries)
    rows = tuple(_country_row(country, whole, context, wording) for country in content.countries)
    return Table(
        wording.text("countries.title"),
        columns,
        rows,
        sheet=wording.text("column.country"),
        only_sheet=True,
    )


def _country_row(
    country: Country, whole: float, context: ReportContext, wording: Wording
) -> tuple[Value, ...]:
    name = wording.country(country.code)
    if country.is_small:
        return (name, None, None, None, Fewer(context.role.smallest_group), None)
    share = country.revenue / whole if country.revenue is not None and whole > 0 else None
    change = None
    if country.revenue is not None and country.before is not None and country.before > 0:
        change = country.revenue / country.before - 1
    return (name, country.revenue, share, country.orders, country.customers, change)


def _heat_map(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> HeatMap | None:
    if not content.cells:
        return None
    at = {(cell.recency, cell.frequency): cell for cell in content.cells}

    def shown(recency: int, frequency: int) -> tuple[int, str, str] | None:
        cell = at.get((recency, frequency))
        if cell is None:
            return None
        if cell.is_small:
            return (0, wording.show(Fewer(context.role.smallest_group), "number"), "")
        count = wording.show(cell.customers, "number")
        return (cell.customers, count, wording.brief(cell.value or 0.0, "compact_money"))

    largest = max(
        (c for c in content.cells if not c.is_small), key=lambda c: c.customers, default=None
    )
    alt = ""
    if largest is not None:
        alt = wording.text(
            "heat.alt",
            count=wording.show(largest.customers, "number"),
            recency=largest.recency,
            frequency=largest.frequency,
        )
    return HeatMap(
        title=wording.text("heat.title"),
        x_title=wording.text("heat.x"),
        y_title=wording.text("heat.y"),
        x_labels=tuple(str(score) for score in reversed(SCORES)),
        y_labels=tuple(str(score) for score in SCORES),
        cells=tuple(
            tuple(shown(recency, frequency) for frequency in reversed(SCORES)) for recency in SCORES
        ),
        alt=alt,
    )


def _cell_table(content: PortfolioContent, context: ReportContext, wording: Wording) -> Table:
    names: tuple[tuple[str, Kind], ...] = (
        ("recency", "number"), ("frequency", "number"), ("customers", "number"), ("value", "money"),
    )  # fmt: skip
    columns = tuple(Column(wording.text(f"column.{name}"), kind) for name, kind in names)
    fewer = Fewer(context.role.smallest_group)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (c.recency, c.frequency, fewer if c.is_small else c.customers, c.value)
        for c in content.cells
    )
    return Table(
        wording.text("heat.title"), columns, rows, wording.text("cells.sheet"), only_sheet=True
    )


def segments_section(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> Section:
    blocks: list[Block] = []
    if not content.has_customers:
        blocks.append(Note(wording.text("missing.customers"), "missing"))
    else:
        for scheme, segments in (("rfm", content.rfm), ("behavioural", content.behavioural)):
            if segments:
                blocks.append(_segment_table(scheme, segments, context, wording))
            else:
                blocks.append(Note(wording.text(f"missing.{scheme}"), "missing"))
        blocks += _today_note(content, context, wording)
    return Section(wording.text("section.segments"), tuple(blocks), new_page=bool(content.cells))


def _today_note(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> Iterator[Note]:
    """Segments are kept as they are today: a report of a past month says so."""
    if content.as_of is not None and is_before_data(context.period_start, content.as_of):
        yield Note(wording.text("today.note", day=wording.day(content.as_of)))


def _segment_table(
    scheme: str, segments: tuple[Segment, ...], context: ReportContext, wording: Wording
) -> Table:
    # Cents of ten millions say nothing and leave no room for the names.
    is_large = any(abs(segment.value or 0.0) >= LARGE for segment in segments)
    money: Kind = "compact_money" if is_large else "money"
    names: tuple[tuple[str, Kind], ...] = (
        ("segment", "text"), ("customers", "number"), ("share", "percent"), ("value", money),
        ("value_share", "percent"), ("per_customer", money), ("orders_per_customer", "decimal"),
        ("idle", "days"),
    )  # fmt: skip
    columns = tuple(
        Column(wording.text(f"column.{name}"), kind, bar=name in ("share", "value_share"))
        for name, kind in names
    )
    people = sum(segment.customers for segment in segments)
    value = sum(segment.value or 0.0 for segment in segments)
    smallest = context.role.smallest_group
    notes = [wording.text("behavioural.note")] if scheme == "behavioural" else []
    if any(segment.is_small for segment in segments):
        notes.append(wording.text("small.note", than=smallest))
    return Table(
        title=wording.text(f"{scheme}.title"),
        columns=columns,
        rows=tuple(_segment_row(s, people, value, smallest, wording) for s in segments),
        sheet=wording.text(f"{scheme}.title"),
        note=" ".join(notes),
    )


def _segment_row(
    segment: Segment, people: int, value: float, smallest: int, wording: Wording
) -> tuple[Value, ...]:
    label = wording.name_of("label", segment.label)
    if segment.is_small:
        return (label, Fewer(smallest), None, None, None, None, None, None)
    count = segment.customers
    return (
        label,
        count,
        count / people if people else None,
        segment.value,
        segment.value / value if segment.value is not None and value > 0 else None,
        segment.value / count if segment.value is not None and count else None,
        segment.orders / count if segment.orders is not None and count else None,
        segment.idle_days,
    )
