"""The portfolio report out of its content: its parts in order, and the month at a glance."""

from aar_platform.reports.blocks import (
    Block,
    Document,
    Figures,
    Kind,
    LineChart,
    Note,
    Pair,
    Section,
    Series,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.months import month_before
from aar_platform.reports.templates.portfolio.content import PortfolioContent
from aar_platform.reports.templates.portfolio.customers import (
    markets_section,
    segments_section,
)
from aar_platform.reports.templates.portfolio.figures import (
    area_sections,
    comes_first,
    experiments_section,
    figure_of,
)
from aar_platform.reports.templates.portfolio.headlines import Headline
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
            *area_sections(content, context, wording),
            *experiments_section(content, wording),
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
            tuple(
                figure_of(headline, content, context, wording)
                for headline in content.headlines
                if comes_first(headline, context)
            ),
            change_title=_change_title(content, context, wording),
            change_note=_change_note(content, context, wording),
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


def _change_title(content: PortfolioContent, context: ReportContext, wording: Wording) -> str:
    count = len(content.months)
    if count == 1:
        return ""
    month = wording.month(month_before(context.period_start))
    if count == 2:
        return wording.text("change.short", month=month)
    return wording.text("change.title", month=month, count=count)


def _change_note(content: PortfolioContent, context: ReportContext, wording: Wording) -> str:
    if len(content.months) == 1:
        return ""
    month = wording.month(month_before(context.period_start))
    return wording.text("change.sheet", month=month)


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
