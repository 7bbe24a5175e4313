"""KPIs as tiles: the month's value, its change, and what is behind it."""

from collections.abc import Iterator

from aar_platform.kpis.definition import AREAS
from aar_platform.reports.blocks import (
    Change,
    Column,
    Fewer,
    Figure,
    Figures,
    Kind,
    Section,
    Table,
    Tone,
    Value,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.templates.portfolio.behind import explained
from aar_platform.reports.templates.portfolio.content import PortfolioContent
from aar_platform.reports.templates.portfolio.headlines import FIRST, Headline
from aar_platform.reports.wording import Wording

OWN = "further"
# Units that are measured, not counted.
MEASURES = ("hours", "days", "months", "times", "points")


def area_sections(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> Iterator[Section]:
    """The figures that do not come first, a section for each area that has any."""
    shown = [
        headline
        for headline in content.headlines
        if not comes_first(headline, context)
        and any(value is not None for value in headline.history)
    ]
    areas: dict[str, list[Headline]] = {}
    for headline in shown:
        facts = context.kpis.get(headline.kpi)
        areas.setdefault(facts.area if facts else OWN, []).append(headline)
    for area in AREAS:
        if area in areas and area != OWN:
            tiles = tuple(figure_of(one, content, context, wording) for one in areas[area])
            name = wording.text(f"section.area.{area}")
            yield Section(name, (Figures(tiles, sheet=name),))


def experiments_section(content: PortfolioContent, wording: Wording) -> Iterator[Section]:
    """What experiments say, where there are any."""
    if not content.verdicts:
        return
    title = wording.text("section.experiments")
    columns = (
        Column(wording.text("column.experiment")),
        Column(wording.text("column.metric")),
        Column(wording.text("column.variant")),
        Column(wording.text("column.verdict"), wide=True),
    )
    rows = tuple(
        (one.experiment, wording.name_of("kpi", one.metric), one.variant, one.sentence)
        for one in content.verdicts
    )
    alarmed = tuple(number for number, one in enumerate(content.verdicts) if not one.is_sound)
    of_variants = wording.text("experiments.title")
    yield Section(title, (Table(of_variants, columns, rows, sheet=title, alarmed=alarmed),))


def comes_first(headline: Headline, context: ReportContext) -> bool:
    """Whether a figure stands at the head of the report: what readers ask first, and what the
    organisation has defined for itself."""
    facts = context.kpis.get(headline.kpi)
    return headline.kpi in FIRST or facts is None or facts.area == OWN


def _label(headline: Headline, context: ReportContext, wording: Wording) -> str:
    """The KPI's name, with its unit where the number alone would not tell it."""
    name = wording.name_of("kpi", headline.kpi)
    facts = context.kpis.get(headline.kpi)
    unit = wording.optional(f"unit.{facts.unit}") if facts and facts.unit in MEASURES else None
    # "Payback months" says it itself, in every language.
    is_named = facts is not None and facts.unit in facts.title.casefold()
    return f"{name} ({unit})" if unit and not is_named else name


def kind_of(headline: Headline, context: ReportContext) -> Kind:
    """How a KPI's unit is written."""
    facts, unit = context.kpis.get(headline.kpi), headline.unit
    if unit in ("currency", context.currency) or (facts and facts.unit == "currency"):
        return "compact_money"
    return "percent" if unit == "share" else "number"


def figure_of(
    headline: Headline, content: PortfolioContent, context: ReportContext, wording: Wording
) -> Figure:
    """A KPI as a tile, with what is behind it."""
    value: Value = Fewer(context.role.smallest_group) if headline.is_small else headline.value
    kind = kind_of(headline, context)
    if kind == "number" and headline.value is not None and headline.value != round(headline.value):
        kind = "decimal"
    change = _change(headline, context)
    is_told = headline.value is not None and not headline.is_small
    notes = _notes(headline, kind, content, wording) if is_told else []
    return Figure(
        label=_label(headline, context, wording),
        value=value,
        kind=kind,
        change=change,
        note=wording.text("note.separator").join(notes),
        trend=headline.history,
        explained=explained(headline, kind, content, context, wording),
    )


def _notes(
    headline: Headline, kind: Kind, content: PortfolioContent, wording: Wording
) -> list[str]:
    """What stands below the figure for everybody who only looks at it."""
    notes = []
    if headline.is_uncertain:
        count = wording.show(headline.sample_size, "number")
        notes.append(wording.text("note.small", count=count))
    if headline.unusual is not None:
        low, high = (wording.show(x, kind) for x in (headline.unusual.low, headline.unusual.high))
        notes.append(wording.text("unusual", low=low, high=high))
    elif len(content.months) == 1:
        notes.append(wording.text("first"))
    return notes


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
    # The change of a few customers is neither good nor bad news.
    if headline.is_uncertain:
        return "neutral"
    return "good" if (difference > 0) == (facts.direction == "up") else "bad"
