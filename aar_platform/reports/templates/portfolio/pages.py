"""The portfolio report out of its content: its parts in order, and the month at a glance."""

from aar_platform.reports.blocks import (
    Block,
    Change,
    Document,
    Fewer,
    Figure,
    Figures,
    Kind,
    LineChart,
    Note,
    Pair,
    Section,
    Series,
    Tone,
    Value,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.months import month_before
from aar_platform.reports.templates.portfolio.content import (
    Headline,
    PortfolioContent,
)
from aar_platform.reports.templates.portfolio.customers import (
    markets_section,
    segments_section,
)
from aar_platform.reports.templates.portfolio.quality import (
    definitions_section,
    missing_section,
    quality_section,
)
from aar_platform.reports.wording import Wording

CUSTOMER_LINES = ("active_customers", "new_customers")


def portfolio_document(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> Document:
    """The report as blocks."""
    title, period = wording.text("title"), wording.month(context.period_start)
    facts: tuple[tuple[str, str], ...] = ()
    if content.scope is not None:
        facts = ((wording.text("scope"), wording.show(content.scope, "number")),)
    return Document(
        kind="",
        title=title,
        organisation=context.organisation,
        period=period,
        facts=facts,
        sections=(
            _month_section(content, context, wording),
            markets_section(content, context, wording),
            segments_section(content, context, wording),
            quality_section(content, wording),
            missing_section(content, context, wording),
            definitions_section(content, context, wording),
        ),
        as_of=content.as_of or context.period_start,
        as_of_text=wording.as_of(content.as_of),
        footer=wording.text(
            "footer", organisation=context.organisation, title=title, period=period
        ),
    )


def kind_of(headline: Headline, context: ReportContext) -> Kind:
    """How a KPI's unit is written."""
    facts, unit = context.kpis.get(headline.kpi), headline.unit
    if unit in ("currency", context.currency) or (facts and facts.unit == "currency"):
        return "compact_money"
    return "percent" if unit == "share" else "number"


def _month_section(content: PortfolioContent, context: ReportContext, wording: Wording) -> Section:
    title = wording.text("section.month")
    if not content.headlines:
        key = "missing.part" if content.scope and context.figures is None else "missing.sales"
        return Section(title, (Note(wording.text(key), "missing"),))
    blocks: list[Block | Pair] = []
    if all(headline.value is None for headline in content.headlines):
        month = wording.month(context.period_start)
        blocks.append(Note(wording.text("missing.kpis", month=month), "missing"))
    blocks.append(
        Figures(
            tuple(_figure(headline, content, context, wording) for headline in content.headlines),
            change_title=_change_title(content, context, wording),
        )
    )
    lines = {headline.kpi: headline for headline in content.headlines}
    left = _lines(("revenue",), "revenue.months", "compact_money", lines, content, wording)
    right = _lines(CUSTOMER_LINES, "customers.months", "number", lines, content, wording)
    charts = [chart for chart in (left, right) if chart is not None]
    if len(charts) == 2:
        blocks.append(Pair(charts[0], charts[1]))
    else:
        blocks += charts
    return Section(title, tuple(blocks))


def _figure(
    headline: Headline, content: PortfolioContent, context: ReportContext, wording: Wording
) -> Figure:
    value: Value = Fewer(context.role.smallest_group) if headline.is_small else headline.value
    kind = kind_of(headline, context)
    if kind == "number" and headline.value is not None and headline.value != round(headline.value):
        kind = "decimal"
    change = _change(headline, context)
    is_first = len(content.months) == 1 and not headline.is_small
    return Figure(
        label=wording.name_of("kpi", headline.kpi),
        value=value,
        kind=kind,
        change=change,
        note=wording.text("first") if is_first and headline.value is not None else "",
        trend=headline.history,
    )


def _change(headline: Headline, context: ReportContext) -> Change | None:
    """The change on the month before: points for shares, relative for the rest, where the month
    before is above zero."""
    if headline.value is None or headline.before is None:
        return None
    if headline.unit == "share":
        difference = headline.value - headline.before
        return Change(difference, "points", _tone(headline, difference, context))
    if headline.before <= 0:
        return None
    relative = headline.value / headline.before - 1
    return Change(relative, "percent", _tone(headline, relative, context))


def _tone(headline: Headline, difference: float, context: ReportContext) -> Tone:
    facts = context.kpis.get(headline.kpi)
    if facts is None or facts.direction not in ("up", "down") or abs(difference) < 0.0005:
        return "neutral"
    return "good" if (difference > 0) == (facts.direction == "up") else "bad"


def _change_title(content: PortfolioContent, context: ReportContext, wording: Wording) -> str:
    count = len(content.months)
    if count == 1:
        return ""
    month = wording.month(month_before(context.period_start))
    if count == 2:
        return wording.text("change.short", month=month)
    return wording.text("change.title", month=month, count=count)


def _lines(
    names: tuple[str, ...],
    title: str,
    kind: Kind,
    headlines: dict[str, Headline],
    content: PortfolioContent,
    wording: Wording,
) -> LineChart | None:
    present = [headlines[name] for name in names if name in headlines]
    if not present or len(content.months) < 2:
        return None
    series = tuple(Series(wording.name_of("kpi", h.kpi), h.history) for h in present)
    sentences = [_sentence(one, kind, content, wording) for one in series]
    return LineChart(
        title=wording.text(title),
        months=content.months,
        series=series,
        kind=kind,
        alt=" ".join(sentence for sentence in sentences if sentence),
        sheet=wording.text("months.sheet"),
    )


def _sentence(series: Series, kind: Kind, content: PortfolioContent, wording: Wording) -> str:
    values = [value for value in series.values if value is not None]
    if not values:
        return ""
    return wording.text(
        "line.alt",
        name=series.name,
        first=wording.month(content.months[0]),
        last=wording.month(content.months[-1]),
        low=wording.show(min(values), kind),
        high=wording.show(max(values), kind),
        value=wording.show(series.values[-1], kind),
    )
