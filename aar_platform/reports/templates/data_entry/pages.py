"""The data entry report out of its content."""

from aar_platform.reports.blocks import (
    Block,
    Column,
    Definition,
    Definitions,
    Document,
    Figure,
    Figures,
    Kind,
    Note,
    Section,
    Table,
    Value,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.rules import kind_of_rule
from aar_platform.reports.templates.data_entry.content import DataEntryContent, Lesson
from aar_platform.reports.wording import Wording

ROWS_SHOWN = 15
# Below it a source needs somebody's attention: one record in five is wrong, or it is a day late.
LOW_SCORE = 80.0
Columns = tuple[tuple[str, Kind], ...]


def data_entry_document(
    content: DataEntryContent, context: ReportContext, wording: Wording
) -> Document:
    """The report as blocks."""
    title, period = wording.text("title"), wording.month(context.period_start)
    sections = [_glance(content, wording), _lessons_section(content, wording)]
    if content.names_people:
        sections.append(_people_section(content, wording))
    sections.append(_disagreements_section(content, wording))
    if content.is_whole:
        sections += [_sources_section(content, wording), _conventions_section(content, wording)]
    sections.append(_definitions(content, wording))
    return Document(
        kind="",
        title=title,
        organisation=context.organisation,
        period=period,
        facts=() if content.is_whole else ((wording.text("scope"), context.recipient or "–"),),
        sections=tuple(sections),
        as_of=content.as_of or context.period_start,
        as_of_text=wording.as_of(content.as_of),
        footer=wording.text(
            "footer", organisation=context.organisation, title=title, period=period
        ),
    )


def _glance(content: DataEntryContent, wording: Wording) -> Section:
    """How much was entered, and how much of it was not right."""
    title = wording.text("section.glance")
    if content.is_whole and not content.sources:
        return Section(title, (Note(wording.text("missing.sources"), "missing"),))
    entered = sum(one.records for one in content.sources)
    figures = [Figure(wording.text("figure.records"), entered, "number")] if entered else []
    for outcome in ("refused", "left_out", "repaired"):
        count = sum(one.records for one in content.lessons if one.outcome == outcome)
        share = wording.show(count / entered, "percent") if entered else ""
        note = wording.text("figure.share", share=share) if entered else ""
        figures.append(Figure(wording.text(f"figure.{outcome}"), count, "number", note=note))
    count = sum(one.count for one in content.differing)
    figures.append(Figure(wording.text("figure.disagreements"), count, "number"))
    if content.is_whole:
        pulls = sum(one.pulls for one in content.sources)
        note = wording.text("figure.of_pulls", count=wording.show(pulls, "number"))
        failures = sum(one.failures for one in content.sources)
        figures.append(Figure(wording.text("figure.failures"), failures, "number", note=note))
    return Section(title, (Figures(tuple(figures)),), intro=wording.text("glance.intro"))


def _lessons_section(content: DataEntryContent, wording: Wording) -> Section:
    """What to practise: a line for each rule, with what to do."""
    title = wording.text("section.lessons")
    if not content.lessons:
        return Section(title, (Note(wording.text("lessons.none")),))
    columns: Columns = (
        ("rule", "text"), ("column", "code"), ("source", "text"), ("object", "code"),
        ("outcome", "text"), ("records", "number"), ("share", "percent"), ("advice", "text"),
    )  # fmt: skip
    rows = tuple(
        (
            *_named(one, wording),
            wording.text(f"outcome.{one.outcome}"),
            one.records,
            one.share,
            _advice(one, wording),
        )
        for one in content.lessons
    )
    alarmed = tuple(i for i, one in enumerate(content.lessons) if one.outcome == "refused")
    table = _table("lessons", columns, rows, wording, alarmed, wide=("advice",))
    return Section(title, (table,), intro=wording.text("lessons.intro"))


def _named(one: Lesson, wording: Wording) -> tuple[Value, ...]:
    rule = wording.name_of("rule", kind_of_rule(one.rule, one.column_name))
    return rule, one.column_name or None, one.source, one.object


def _advice(one: Lesson, wording: Wording) -> str:
    """What whoever enters such a record should do."""
    kind = kind_of_rule(one.rule, one.column_name)
    return wording.optional(f"advice.{kind}") or wording.text("advice")


def _people_section(content: DataEntryContent, wording: Wording) -> Section:
    """Who enters what, and what to practise with each."""
    title = wording.text("section.people")
    if not content.people:
        return Section(title, (Note(wording.text("lessons.none")),))
    columns: Columns = (
        ("entered_by", "text"), ("source", "text"), ("object", "code"), ("entered", "number"),
        ("refused", "number"), ("left_out", "number"), ("repaired", "number"),
        ("per_hundred", "decimal"), ("most", "text"),
    )  # fmt: skip
    rows = tuple(
        (
            one.name or wording.text("nobody"),
            one.source,
            one.object,
            one.records,
            one.refused,
            one.left_out,
            one.repaired,
            100 * one.slips / one.records,
            _most(one.rule, one.column_name, wording),
        )
        for one in content.people
    )
    table = _table("people", columns, rows, wording, wide=("entered_by", "most"), bar="per_hundred")
    return Section(title, (table,), intro=wording.text("people.intro"))


def _most(rule: str, column: str, wording: Wording) -> str:
    name = wording.name_of("rule", kind_of_rule(rule, column))
    return f"{name} ({column})" if column else name


def _disagreements_section(content: DataEntryContent, wording: Wording) -> Section:
    """Where two records say different things: how often, and for some readers which."""
    title = wording.text("section.disagreements")
    if not content.differing:
        return Section(title, (Note(wording.text("disagreements.none")),))
    counts = tuple(
        (wording.name_of("fact", one.fact), one.source_1, one.source_2, one.count)
        for one in content.differing
    )
    columns: Columns = (
        ("fact", "text"), ("source_1", "text"), ("source_2", "text"), ("count", "number"),
    )  # fmt: skip
    blocks: list[Block] = [_table("differing", columns, counts, wording, bar="count")]
    if content.disagreements:
        columns = (
            ("fact", "text"), ("record", "text"), ("value", "text"), ("record", "text"),
            ("value", "text"), ("found_at", "date"),
        )  # fmt: skip
        rows = tuple(
            (
                wording.name_of("fact", one.fact),
                f"{one.source_1} {one.record_id_1}",
                one.value_1,
                f"{one.source_2} {one.record_id_2}",
                one.value_2,
                one.found_at.date(),
            )
            for one in content.disagreements
        )
        blocks.append(_table("disagreements", columns, rows, wording, wide=("record", "value")))
    return Section(title, tuple(blocks), intro=wording.text("disagreements.intro"))


def _sources_section(content: DataEntryContent, wording: Wording) -> Section:
    """How far each source can be relied on, the least reliable first."""
    title = wording.text("section.sources")
    if not content.sources:
        return Section(title, (Note(wording.text("missing.sources"), "missing"),))
    columns: Columns = (
        ("source", "text"), ("object", "code"), ("score", "number"), ("pulls", "number"),
        ("failures", "number"), ("data_until", "date"), ("late", "number"), ("records", "number"),
        ("refused", "percent"), ("repaired", "percent"), ("contradicted", "percent"),
    )  # fmt: skip
    rows = tuple(
        (
            one.source,
            one.object,
            None if one.score is None else round(one.score, 1),
            one.pulls,
            one.failures,
            one.data_until.date() if one.data_until else None,
            None if one.lateness_hours is None else round(one.lateness_hours),
            one.records,
            one.refused_share,
            one.repaired_share,
            one.disagreements_share,
        )
        for one in content.sources
    )
    low = tuple(
        i
        for i, one in enumerate(content.sources)
        if one.failures or (one.score is not None and one.score < LOW_SCORE)
    )
    table = _table("sources", columns, rows, wording, low)
    return Section(title, (table,), intro=wording.text("sources.intro"))


def _conventions_section(content: DataEntryContent, wording: Wording) -> Section:
    """What a system writes its own way throughout."""
    title = wording.text("section.conventions")
    if not content.conventions:
        return Section(title, (Note(wording.text("conventions.none")),))
    columns: Columns = (
        ("rule", "text"), ("column", "code"), ("source", "text"), ("object", "code"),
        ("records", "number"), ("share", "percent"),
    )  # fmt: skip
    rows = tuple((*_named(one, wording), one.records, one.share) for one in content.conventions)
    table = _table("conventions", columns, rows, wording)
    return Section(title, (table,), intro=wording.text("conventions.intro"))


def _definitions(content: DataEntryContent, wording: Wording) -> Section:
    """What the words mean."""
    keys = ["refused", "left_out", "repaired"]
    keys += ["entered_by"] if content.names_people else []
    keys += ["disagreements"]
    keys += ["late", "score"] if content.is_whole else []
    terms = tuple(
        Definition(wording.text(f"term.{key}"), wording.text(f"term.{key}.text")) for key in keys
    )
    sheet = wording.text("definitions.sheet")
    return Section(wording.text("section.definitions"), (Definitions(terms, sheet=sheet),))


def _table(
    name: str,
    columns: Columns,
    rows: tuple[tuple[Value, ...], ...],
    wording: Wording,
    alarmed: tuple[int, ...] = (),
    wide: tuple[str, ...] = (),
    bar: str = "",
) -> Table:
    hidden = len(rows) - ROWS_SHOWN
    return Table(
        title=wording.text(f"{name}.title"),
        columns=tuple(
            Column(wording.text(f"column.{key}"), kind, bar=key == bar, wide=key in wide)
            for key, kind in columns
        ),
        rows=rows,
        sheet=wording.text(f"{name}.title"),
        shown=ROWS_SHOWN,
        more=wording.text("rows.more", count=hidden) if hidden > 0 else "",
        alarmed=alarmed,
    )
