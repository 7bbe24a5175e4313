"""What stands behind the click on a KPI's figure."""

from collections.abc import Iterator

from aar_platform.reports.blocks import Kind
from aar_platform.reports.context import KpiFacts, ReportContext
from aar_platform.reports.templates.portfolio.content import PortfolioContent
from aar_platform.reports.templates.portfolio.headlines import Headline
from aar_platform.reports.templates.portfolio.movers import moved_by
from aar_platform.reports.wording import Wording

# Units of which every row counted is one.
COUNTED = ("customers", "orders", "messages", "tickets")


def explained(
    headline: Headline,
    kind: Kind,
    content: PortfolioContent,
    context: ReportContext,
    wording: Wording,
) -> tuple[tuple[str, str], ...]:
    """Definition, churn window, numerator, denominator, what they rest on, the parts of sources,
    the rows that add most for who may see them, and how an engineer gets all."""
    facts = context.kpis.get(headline.kpi)
    if facts is None or headline.value is None:
        return ()
    is_money = kind == "compact_money"
    lines = [("", wording.optional(f"question.{headline.kpi}") or facts.question)]
    lines.append(
        (
            wording.text("definition.formula"),
            wording.optional(f"formula.{headline.kpi}") or facts.formula,
        )
    )
    lines += window_lines(headline.kpi, content, context, wording)
    if headline.denominator is not None:
        for name in ("numerator", "denominator"):
            value = getattr(headline, name)
            is_amount = (is_money and name == "numerator") or facts.divides_money
            amount: Kind = "money" if is_amount else "number"
            lines.append((wording.text(f"figure.{name}"), wording.show(value, amount)))
    lines.append((wording.text("figure.sample"), _sample(headline, facts, wording)))
    if headline.is_uncertain:
        lines.append(("", wording.text("figure.small")))
    exact: Kind = "money" if is_money else kind
    for source, value, rows in headline.sources:
        told = wording.show(value, exact)
        if value != rows:
            told = wording.text("figure.rows", value=told, rows=wording.show(rows, "number"))
        lines.append((wording.text("figure.source", source=source), told))
    if headline.unusual is not None and headline.unusual.moved_by:
        moved = moved_by(headline.unusual.moved_by, exact, facts.unit, wording)
        lines.append((wording.text("figure.moved"), moved))
    lines += _rows_behind(headline, is_money, content, context, wording)
    command = f"aar explain {headline.kpi} --month {context.period_start:%Y-%m}"
    lines.append((wording.text("figure.explain"), command))
    return tuple(lines)


def _sample(headline: Headline, facts: KpiFacts, wording: Wording) -> str:
    """How many the figure rests on, and of what: what it counts, else the customers or rows of the
    facts behind it."""
    if facts.denominator is None and facts.unit in COUNTED:
        what = wording.optional(f"unit.{facts.unit}") or facts.unit
    else:
        names = [wording.name_of("sample", one.name) for one in facts.counted]
        people = wording.text("unit.customers")
        told = [people] if people in names else list(dict.fromkeys(names))
        what = wording.text("list.separator").join(told)
    count = wording.show(headline.sample_size, "number")
    return wording.text("sample", count=count, what=what)


def window_lines(
    kpi: str, content: PortfolioContent, context: ReportContext, wording: Wording
) -> list[tuple[str, str]]:
    """How long the churn window is and where it comes from, of KPIs that rest on it."""
    facts, window = context.kpis.get(kpi), content.churn_window
    if facts is None or window is None or "churn_window" not in facts.given:
        return []
    days = wording.show(window.days, "days")
    return [(wording.text("figure.window"), wording.text(f"window.{window.origin}", days=days))]


def _rows_behind(
    headline: Headline,
    is_money: bool,
    content: PortfolioContent,
    context: ReportContext,
    wording: Wording,
) -> Iterator[tuple[str, str]]:
    """A line for each row, where there are any; without amounts for who may not see them."""
    behind = content.rows.get(headline.kpi)
    if behind is None or not behind.largest:
        return
    told = wording.show(len(behind.largest), "number")
    title = wording.text("figure.largest", told=told, rows=wording.show(behind.count, "number"))
    yield title, ""
    says_more = any(row.adds != 1 for row in behind.largest)
    shows_amounts = says_more and (not is_money or "financial" in context.role.see)
    for row in behind.largest:
        named = [row.source, row.table, row.record_id]
        said = " ".join(str(one) for one in named if one is not None)
        if row.day is not None:
            said = f"{said}, {wording.day(row.day)}"
        if shows_amounts:
            said = f"{said}: {wording.show(row.adds, 'money' if is_money else 'decimal')}"
        yield "", said
