"""The portfolio report's last pages: data quality, what is missing, definitions."""

from aar_platform.reports.blocks import (
    Block,
    Column,
    Definition,
    Definitions,
    Kind,
    Note,
    Pair,
    Section,
    Table,
    Value,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.rules import kind_of_rule
from aar_platform.reports.templates.portfolio.behind import window_lines
from aar_platform.reports.templates.portfolio.content import PortfolioContent, RuleCount
from aar_platform.reports.wording import Wording

RULES_SHOWN = 12


def quality_section(content: PortfolioContent, wording: Wording) -> Section:
    """Sources with their freshness, and rows in quarantine and repaired by rule."""
    blocks: list[Block | Pair] = []
    stale = sorted({state.source for state in content.sources if state.is_stale})
    if stale:
        names = wording.text("list.separator").join(stale)
        blocks.append(Note(wording.text("stale.note", sources=names), "alarm"))
    if content.sources:
        blocks.append(_source_table(content, wording))
    else:
        blocks.append(Note(wording.text("missing.sources"), "missing"))
    if content.scope is None:
        for name, counts in (("quarantine", content.quarantined), ("repairs", content.repaired)):
            if counts:
                blocks.append(_rule_table(name, counts, wording))
            elif content.sources:
                blocks.append(Note(wording.text(f"{name}.none")))
    return Section(
        wording.text("section.quality"),
        tuple(blocks),
        intro=wording.text("quality.intro"),
    )


def _source_table(content: PortfolioContent, wording: Wording) -> Table:
    names: list[tuple[str, Kind]] = [
        ("source", "text"), ("object", "code"), ("last_data", "date"), ("last_extracted", "moment"),
        ("state", "text"),
    ]  # fmt: skip
    if content.scope is None:
        names += [("rows", "number"), ("quarantined", "number"), ("repaired", "number")]
    rows = []
    for state in content.sources:
        word = wording.text("state.late" if state.is_stale else "state.fresh")
        row: list[Value] = [
            state.source, state.object, state.last_data, state.last_extracted, word,
        ]  # fmt: skip
        if content.scope is None:
            row += [state.rows, state.quarantined, state.repaired]
        rows.append(tuple(row))
    return Table(
        title=wording.text("sources.title"),
        columns=tuple(Column(wording.text(f"column.{name}"), kind) for name, kind in names),
        rows=tuple(rows),
        sheet=wording.text("sources.title"),
        alarmed=tuple(i for i, state in enumerate(content.sources) if state.is_stale),
    )


def _rule_table(name: str, counts: tuple[RuleCount, ...], wording: Wording) -> Table:
    kinds: tuple[tuple[str, Kind], ...] = (
        ("rule", "text"), ("source", "text"), ("object", "code"), ("column", "code"),
        ("records", "number"),
    )  # fmt: skip
    hidden = len(counts) - RULES_SHOWN
    return Table(
        title=wording.text(f"{name}.title"),
        columns=tuple(
            Column(wording.text(f"column.{column}"), kind, bar=column == "records")
            for column, kind in kinds
        ),
        rows=tuple(
            (
                wording.name_of("rule", kind_of_rule(c.rule, c.column_name)),
                c.source,
                c.object,
                c.column_name or None,
                c.records,
            )
            for c in counts
        ),
        sheet=wording.text(f"{name}.title"),
        shown=RULES_SHOWN,
        more=wording.text("rules.more", count=hidden) if hidden > 0 else "",
    )


def missing_section(content: PortfolioContent, context: ReportContext, wording: Wording) -> Section:
    """Which parts are empty and what would fill them, and the KPIs without any figure."""
    gaps = []
    if not content.headlines:
        is_part = content.scope is not None and context.figures is None
        gaps.append("missing.part" if is_part else "missing.sales")
    elif not content.countries or all(c.code == "unknown" for c in content.countries):
        gaps.append("missing.countries")
    if not content.has_customers:
        gaps.append("missing.customers")
    else:
        gaps += [] if content.cells else ["missing.rfm"]
        gaps += [] if content.behavioural else ["missing.behavioural"]
    if not content.sources:
        gaps.append("missing.sources")
    notes = [Note(wording.text(gap), "missing") for gap in gaps]
    if without := _without_figures(content, context):
        names = [wording.name_of("kpi", name) for name in without]
        told = wording.text("list.separator").join(names)
        notes.append(Note(wording.text("missing.figures", names=told), "missing"))
    if not notes:
        notes = [Note(wording.text("missing.nothing"), "info")]
    return Section(wording.text("section.missing"), tuple(notes))


def _without_figures(content: PortfolioContent, context: ReportContext) -> list[str]:
    """The KPIs of which no month shown has a figure, where others have."""
    having = {headline.kpi for headline in content.headlines if headline.has_figures}
    return [name for name in context.kpis if name not in having] if having else []


def definitions_section(
    content: PortfolioContent, context: ReportContext, wording: Wording
) -> Section:
    """Question, formula and unit of every figure shown."""
    shown = [headline.kpi for headline in content.headlines] or list(context.kpis)
    terms = []
    for name in shown:
        facts = context.kpis.get(name)
        if facts is None:
            continue
        unit = wording.optional(f"unit.{facts.unit}") or facts.unit
        terms.append(
            Definition(
                term=wording.name_of("kpi", name),
                text=wording.optional(f"question.{name}") or facts.question,
                details=(
                    (
                        wording.text("definition.formula"),
                        wording.optional(f"formula.{name}") or facts.formula,
                    ),
                    *window_lines(name, content, context, wording),
                    (wording.text("definition.unit"), unit.replace("{currency}", context.currency)),
                    (
                        wording.text("definition.direction"),
                        wording.optional(f"direction.{facts.direction}") or facts.direction,
                    ),
                ),
            )
        )
    for key in ("as_of", "segments"):
        terms.append(Definition(wording.text(f"term.{key}"), wording.text(f"term.{key}.text")))
    return Section(
        wording.text("section.definitions"),
        (Definitions(tuple(terms), sheet=wording.text("kpis.sheet")),),
    )
