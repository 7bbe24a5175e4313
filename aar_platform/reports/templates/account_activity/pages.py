"""The account activity report's pages out of its content."""

from aar_platform.reports.blocks import (
    Block,
    Column,
    ColumnChart,
    Document,
    Entry,
    Figure,
    Figures,
    Kind,
    Note,
    Pair,
    Section,
    Series,
    Table,
    Timeline,
    Value,
)
from aar_platform.reports.context import ReportContext
from aar_platform.reports.months import is_before_data
from aar_platform.reports.templates.account_activity.content import AccountContent, Answer
from aar_platform.reports.templates.account_activity.origin import origin_section
from aar_platform.reports.wording import Wording

# Each kind keeps its colour in every report; the order is the palette's.
HUE_OF = {
    kind: hue
    for hue, kind in enumerate(
        ("order", "ticket", "message", "feedback", "visit", "refund", "deal", "usage")
    )
}
OTHER_HUE = 8
KINDS_SHOWN = 4


def account_document(content: AccountContent, context: ReportContext, wording: Wording) -> Document:
    """The report as blocks."""
    kind, period = wording.text("title"), wording.month(context.period_start)
    name = content.name or wording.text("nameless", customer_id=content.customer_id)
    origin = content.origin and origin_section(content.origin, wording, context.timezone)
    return Document(
        kind=kind,
        title=name,
        organisation=context.organisation,
        period=period,
        facts=_facts(content, context, wording),
        sections=(
            _figures_section(content, context, wording),
            _course_section(content, context, wording),
            _care_section(content, wording),
            _activity_section(content, wording),
            *([origin] if origin else []),
        ),
        as_of=content.as_of or context.period_start,
        as_of_text=wording.as_of(content.as_of),
        footer=wording.text("footer", organisation=context.organisation, title=name, period=period),
    )


def _facts(
    content: AccountContent, context: ReportContext, wording: Wording
) -> tuple[tuple[str, str], ...]:
    country = wording.country(content.country) if content.country else None
    since = wording.day(content.since) if content.since else None
    facts = [
        ("fact.country", country),
        ("fact.owner", content.owner),
        ("fact.since", since),
        ("fact.email", content.email),
    ]
    shown = [(wording.text(key), text) for key, text in facts if text]
    for scheme, label, as_of in content.segments:
        name = wording.text("fact.segment", scheme=wording.name_of("scheme", scheme))
        known = wording.name_of("label", label)
        # Segments are kept as they are today, whatever month is reported.
        if as_of is not None and is_before_data(context.period_start, as_of):
            known = wording.text("segment.as_of", label=known, day=wording.day(as_of))
        shown.append((name, known))
    shown.append((wording.text("fact.id"), content.customer_id))
    return tuple(shown)


def _figures_section(content: AccountContent, context: ReportContext, wording: Wording) -> Section:
    title = wording.text("section.figures")
    blocks: list[Block] = []
    if not content.has_names:
        blocks.append(Note(wording.text("missing.names"), "missing"))
    if not content.has_sales:
        blocks.append(Note(wording.text("missing.sales"), "missing"))
    elif content.own.last_on is None:
        blocks.append(Note(wording.text("missing.purchases"), "missing"))
    else:
        own, median = content.own, content.median
        figures: list[tuple[str, Kind, Value, Value]] = [
            ("value", "compact_money", own.value, median.value),
            ("orders", "number", own.orders, median.orders),
            ("order_value", "compact_money", own.order_value, median.order_value),
            ("last", "date", own.last_on, None),
            ("recency", "days", own.recency_days, median.recency_days),
            ("tenure", "days", own.tenure_days, median.tenure_days),
        ]
        blocks.append(
            Figures(
                tuple(
                    Figure(
                        label=wording.text(f"figure.{name}"),
                        value=value,
                        kind=kind,
                        note=_median(middle, kind, wording),
                    )
                    for name, kind, value, middle in figures
                    if value is not None
                ),
                change_title=wording.text("median.note", month=wording.month(context.period_start)),
            )
        )
    hidden = [word for word in ("contact", "quasi", "financial", "free_text")
              if word not in context.role.see]  # fmt: skip
    if hidden:
        what = wording.text("list.separator").join(wording.text(f"hidden.{w}") for w in hidden)
        blocks.append(Note(wording.text("hidden", role=context.role_name, what=what)))
    return Section(title, tuple(blocks))


def _median(value: Value, kind: Kind, wording: Wording) -> str:
    return "" if value is None else wording.text("median", value=wording.show(value, kind))


def _course_section(content: AccountContent, context: ReportContext, wording: Wording) -> Section:
    charts: list[Block] = []
    notes: list[Block] = []
    first, last = wording.month(content.months[0]), wording.month(content.months[-1])
    if content.spent is not None and any(content.spent):
        charts.append(_spent_chart(content, content.spent, wording))
    elif content.spent is not None and content.has_sales:
        notes.append(Note(wording.text("missing.months", first=first, last=last), "missing"))
    if content.kinds:
        charts.append(_kinds_chart(content, wording))
    blocks: list[Block | Pair] = [*notes]
    if len(charts) == 2:
        blocks.append(Pair(charts[0], charts[1]))
    else:
        blocks += charts
    if not blocks:
        blocks.append(Note(wording.text("missing.activities"), "missing"))
    return Section(wording.text("section.course"), tuple(blocks))


def _spent_chart(
    content: AccountContent, spent: tuple[float, ...], wording: Wording
) -> ColumnChart:
    best = max(range(len(spent)), key=lambda place: spent[place])
    return ColumnChart(
        title=wording.text("spent.title"),
        months=content.months,
        series=(Series(wording.text("spent.series"), spent),),
        kind="compact_money",
        alt=wording.text(
            "spent.alt",
            first=wording.month(content.months[0]),
            last=wording.month(content.months[-1]),
            total=wording.show(sum(spent), "compact_money"),
            best=wording.month(content.months[best]),
            value=wording.show(spent[best], "compact_money"),
        ),
        sheet=wording.text("figures.sheet"),
    )


def _kinds_chart(content: AccountContent, wording: Wording) -> ColumnChart:
    shown, rest = content.kinds[:KINDS_SHOWN], content.kinds[KINDS_SHOWN:]
    series = [Series(wording.name_of("kind", kind), counts, HUE_OF[kind]) for kind, counts in shown]
    if rest:
        sums = tuple(sum(counts) for counts in zip(*(c for _, c in rest), strict=True))
        name = (
            wording.name_of("kind", rest[0][0]) if len(rest) == 1 else wording.text("kinds.other")
        )
        series.append(Series(name, sums, HUE_OF[rest[0][0]] if len(rest) == 1 else OTHER_HUE))
    totals = [f"{one.name} {sum(value or 0 for value in one.values)}" for one in series]
    return ColumnChart(
        title=wording.text("kinds.title"),
        months=content.months,
        series=tuple(series),
        kind="number",
        alt=wording.text(
            "kinds.alt",
            first=wording.month(content.months[0]),
            last=wording.month(content.months[-1]),
            text=wording.text("list.separator").join(totals),
        ),
        sheet=wording.text("figures.sheet"),
    )


def _activity_section(content: AccountContent, wording: Wording) -> Section:
    title = wording.text("section.activity")
    if not content.activities:
        return Section(title, (Note(wording.text("missing.activities"), "missing"),))
    names = ("when", "what", "text", "source", "amount")
    when, what, text, source, amount = (wording.text(f"column.{name}") for name in names)
    shown = len(content.activities)
    more = ""
    if content.activity_count > shown:
        more = wording.text(
            "timeline.more",
            shown=wording.show(shown, "number"),
            count=wording.show(content.activity_count, "number"),
            hidden=wording.show(content.activity_count - shown, "number"),
        )
    entries = tuple(
        Entry(
            moment=one.occurred_at,
            kind=wording.name_of("kind", one.kind),
            text=one.title or "",
            source=one.source,
            amount=one.amount,
            hue=HUE_OF[one.kind],
        )
        for one in content.activities
    )
    timeline = Timeline(
        wording.text("timeline.title"), (when, what, text, source, amount), entries, title, more
    )
    return Section(title, (timeline,))


def _care_section(content: AccountContent, wording: Wording) -> Section:
    blocks: list[Block] = []
    if not content.has_tickets:
        blocks.append(Note(wording.text("missing.tickets"), "missing"))
    elif not content.open_tickets:
        blocks.append(Note(wording.text("tickets.none")))
    else:
        blocks.append(_ticket_table(content, wording))
    if not content.has_feedback:
        blocks.append(Note(wording.text("missing.feedback"), "missing"))
    elif not content.answers:
        blocks.append(Note(wording.text("missing.answers")))
    else:
        blocks.append(_answer_table(content, wording))
    return Section(wording.text("section.care"), tuple(blocks))


def _ticket_table(content: AccountContent, wording: Wording) -> Table:
    hidden = content.open_ticket_count - len(content.open_tickets)
    return Table(
        title=wording.text("tickets.title"),
        columns=(
            Column(wording.text("column.opened"), "date"),
            Column(wording.text("column.subject"), wide=True),
            Column(wording.text("column.priority")),
            Column(wording.text("column.status")),
            Column(wording.text("column.age"), "days"),
        ),
        rows=tuple(
            (t.opened_at.date(), t.subject or t.topic, t.priority, t.status, t.age_days)
            for t in content.open_tickets
        ),
        sheet=wording.text("tickets.title"),
        more=wording.text("tickets.more", count=hidden) if hidden else "",
    )


def _answer_table(content: AccountContent, wording: Wording) -> Table:
    hidden = content.answer_count - len(content.answers)
    columns = [
        Column(wording.text("column.given"), "date"),
        Column(wording.text("column.channel")),
        Column(wording.text("column.score")),
        Column(wording.text("column.answer"), wide=True),
    ]
    rows = [(a.given_at.date(), a.channel, _score(a, wording), a.text) for a in content.answers]
    # Whoever may not see what customers wrote gets no column for it.
    given = len(columns) if any(a.text for a in content.answers) else len(columns) - 1
    return Table(
        title=wording.text("feedback.title"),
        columns=tuple(columns[:given]),
        rows=tuple(row[:given] for row in rows),
        sheet=wording.text("feedback.title"),
        more=wording.text("feedback.more", count=hidden) if hidden else "",
    )


def _score(answer: Answer, wording: Wording) -> str | None:
    if answer.score is None:
        return None
    score = wording.show(answer.score, "number")
    if answer.scale_min is None or answer.scale_max is None:
        return score
    return wording.text(
        "score",
        score=score,
        low=wording.show(answer.scale_min, "number"),
        high=wording.show(answer.scale_max, "number"),
    )
