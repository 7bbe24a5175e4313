"""What the data entry report says, as plain values: the same for every format and language."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.privacy.masking import restricted
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.months import data_as_of

# Facts whose values are amounts: shown to readers who may see those too.
MONEY_FACTS = ("order_total", "refunded")


@dataclass(frozen=True)
class Lesson:
    """A slip that recurs: records of a source and table that one rule refused, or of which a value
    was left out or repaired. `share` is of all records of the source and table."""

    source: str
    object: str
    column_name: str
    rule: str
    outcome: str
    records: int
    share: float


@dataclass(frozen=True)
class Person:
    """Somebody who enters records into a table of a source (None: the source does not say who), how
    many slips there are in them, and the most frequent one."""

    name: str | None
    source: str
    object: str
    records: int
    refused: int
    left_out: int
    repaired: int
    rule: str
    column_name: str

    @property
    def slips(self) -> int:
        """Values in all that were not right."""
        return self.refused + self.left_out + self.repaired


@dataclass(frozen=True)
class Source:
    """A row of `source_reliability`."""

    source: str
    object: str
    pulls: int
    failures: int
    data_until: datetime | None
    lateness_hours: float | None
    records: int
    refused_share: float | None
    repaired_share: float | None
    disagreements_share: float | None
    score: float | None


@dataclass(frozen=True)
class Differing:
    """How often two sources say different things of one fact."""

    fact: str
    source_1: str
    source_2: str
    count: int


@dataclass(frozen=True)
class Disagreement:
    """One fact that is stated twice and differently."""

    fact: str
    source_1: str
    record_id_1: str
    value_1: str
    source_2: str
    record_id_2: str
    value_2: str
    found_at: datetime


@dataclass(frozen=True)
class DataEntryContent:
    """All that the report says.

    `is_whole` tells whether it is about the whole organisation, rather than about what a reader of
    some customers entered; `names_people` whether the reader may see who entered what, and which
    values disagree.
    """

    as_of: date | None
    is_whole: bool
    names_people: bool
    lessons: tuple[Lesson, ...]
    conventions: tuple[Lesson, ...]
    people: tuple[Person, ...]
    sources: tuple[Source, ...]
    differing: tuple[Differing, ...]
    disagreements: tuple[Disagreement, ...]


def data_entry_content(tables: Tables, context: ReportContext) -> DataEntryContent:
    """Compute the report for the reader of the context.

    Whoever sees but some customers reads what they entered themselves, where they may see contacts,
    and the disagreements of their customers.
    """
    is_whole = context.role.rows is None
    names_people = "contact" in context.role.see
    quality = tables("entry_quality")
    if not is_whole:
        own = (context.recipient or "").lower() if names_people else ""
        quality = quality.filter(quality.entered_by == own)
    seen = restricted(tables, context.role, context.recipient, context.regions)
    found = seen("disagreements")
    lessons = _lessons(quality, tables("source_reliability"))
    return DataEntryContent(
        as_of=data_as_of(tables),
        is_whole=is_whole,
        names_people=names_people,
        lessons=tuple(one for one, is_convention in lessons if not is_convention),
        conventions=tuple(one for one, is_convention in lessons if is_convention),
        people=_people(quality) if names_people else (),
        sources=_sources(tables("source_reliability")) if is_whole else (),
        differing=_differing(found),
        disagreements=_disagreements(found, context) if names_people else (),
    )


def _listed(rows: ir.Table) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = rows.to_pyarrow().to_pylist()
    return listed


def _lessons(quality: ir.Table, sources: ir.Table) -> list[tuple[Lesson, bool]]:
    """Slips by rule, refusals first, then the most frequent; each with whether it is a convention
    of its source."""
    keys = ("source", "object", "column_name", "rule", "outcome", "is_convention")
    counted = quality.group_by(keys).aggregate(records=quality.records.sum())
    of = sources.select("source", "object", of_records="records")
    rows = counted.left_join(of, ["source", "object"])
    rank = {"refused": 0, "left_out": 1, "repaired": 2}
    found = [
        (
            Lesson(
                source=row["source"],
                object=row["object"],
                column_name=row["column_name"] or "",
                rule=row["rule"],
                outcome=row["outcome"],
                records=row["records"],
                share=row["records"] / row["of_records"] if row["of_records"] else 0.0,
            ),
            row["is_convention"],
        )
        for row in _listed(rows)
    ]
    return sorted(
        found,
        key=lambda one: (
            rank[one[0].outcome],
            -one[0].records,
            one[0].source,
            one[0].object,
            one[0].column_name,
            one[0].rule,
        ),
    )


def _people(quality: ir.Table) -> tuple[Person, ...]:
    """Everybody with a slip that is no convention of the source, most slips per record first."""
    slips = quality.filter(~quality.is_convention)

    def of(outcome: str) -> ir.IntegerScalar:
        return slips.records.sum(where=slips.outcome == outcome).fill_null(0)

    most = ibis.struct(
        {"records": slips.records, "rule": slips.rule, "column": slips.column_name.fill_null("")}
    )
    rows = slips.group_by("source", "object", name="entered_by").aggregate(
        records=slips.records_entered.max(),
        refused=of("refused"),
        left_out=of("left_out"),
        repaired=of("repaired"),
        rule=slips.rule.argmax(most),
        column_name=slips.column_name.fill_null("").argmax(most),
    )
    return tuple(
        sorted(
            (Person(**row) for row in _listed(rows)),
            key=lambda one: (
                one.name is None,
                -one.slips / one.records,
                one.name or "",
                one.source,
                one.object,
            ),
        )
    )


def _sources(reliability: ir.Table) -> tuple[Source, ...]:
    names = list(Source.__dataclass_fields__)
    rows = _listed(reliability.select(*names))
    # Those that have brought nothing have no score, and come last.
    rows.sort(
        key=lambda row: (row["score"] is None, row["score"] or 0, row["source"], row["object"])
    )
    return tuple(Source(**row) for row in rows)


def _differing(found: ir.Table) -> tuple[Differing, ...]:
    counted = found.group_by("fact", "source_1", "source_2").aggregate(count=found.count())
    rows = _listed(counted)
    rows.sort(key=lambda row: (-row["count"], row["fact"], row["source_1"], row["source_2"]))
    return tuple(Differing(**row) for row in rows)


def _disagreements(found: ir.Table, context: ReportContext) -> tuple[Disagreement, ...]:
    if "financial" not in context.role.see:
        found = found.filter(found.fact.notin(MONEY_FACTS))
    names = list(Disagreement.__dataclass_fields__)
    order = ("fact", "source_1", "record_id_1", "source_2", "record_id_2")
    return tuple(Disagreement(**row) for row in _listed(found.select(*names).order_by(order)))
