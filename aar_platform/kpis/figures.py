"""From KPIs to figures: every period, dimension and member, each fact counted once for all KPIs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.cells import DAILY, KEY, Asked, cells, members
from aar_platform.kpis.counting import Counted, counted, measured
from aar_platform.kpis.data_days import known_until
from aar_platform.kpis.definition import Kpi, Measure
from aar_platform.kpis.dimensions import DIMENSIONS, FEW_MEMBERS, WHOLE
from aar_platform.kpis.facts.definition import Facts, facts
from aar_platform.kpis.periods import ALL_PERIODS, Period, as_table, closed_by, overlapping
from aar_platform.kpis.quotients import quotient_of
from aar_platform.quality.stored import stored_sql
from aar_platform.tables import catalogue

# Below this a share or a mean says little: the 95 % interval of a share is then 36 points wide.
SMALL_SAMPLE = 30
PARTS = ("numerator", "denominator", "sample_size")


def compute(
    kpis: Iterable[Kpi],
    known: Facts,
    start: date,
    end: date,
    dimensions: Sequence[str] = DIMENSIONS,
    lengths: Sequence[str] = ALL_PERIODS,
) -> ir.Table:
    """The figures of KPIs for all periods that share a day with [start, end), as the table `kpis`.

    There is a row for every period from the first with data to the last, and for every member of a
    dimension from its own first period on: what did not happen there is zero, and a rate over
    nothing is null. A figure depends on its period and the ones before alone, so that it is the
    same whether one month is computed or all. Only `dimensions` and `lengths` of periods are told.
    """
    wanted = list(kpis)
    counting = [one for one in _counting(wanted) if known.has_rows(*one.members_of)]
    if not counting:
        return _empty()
    seen = _members(counting, known, dimensions)
    spans = _spans(seen)
    last: date = known["as_of"]
    first = min((first for first, _ in spans.values()), default=end)
    told = [name for name in lengths if any(name in one.periods for one in wanted)]
    # Some go on after the last sale, such as visits; what is dated in the future does not.
    latest = max((latest for _, latest in spans.values()), default=last)
    until = max(last, min(latest, date.today()))
    every = list(overlapping(told, first, end, until))
    periods = list(overlapping(told, max(first, start), end, until))
    if not spans or not periods:
        return _empty()
    last_days = {name: day for name, (_, day) in spans.items()}
    closing = {one.name: known_until(one, last_days, last) for one in counting}
    work = _Work(known, seen, spans, closing, until, tuple(dimensions))
    measures = _measures(counting, known, periods, closing)
    counting = [one for one in counting if _is_known(measures[one.name])]
    if not counting:
        return _empty()
    running = [one for one in counting if measures[one.name].is_running_total]
    plain = [one for one in counting if one not in running]
    parts = []
    if plain:
        parts.append(work.figures(plain, measures, periods))
    if running:
        totals = work.figures(running, measures, every, adds_up=True)
        parts.append(totals.semi_join(as_table(periods), ["period", "period_start"]))
    figures = ibis.union(*parts) if len(parts) > 1 else parts[0]
    quotients = [one for one in wanted if one.quotient is not None]
    if quotients:
        figures = _kept(figures)
        found = [
            quotient_of(one, one.quotient, figures, known["reporting_currency"])
            for one in quotients
            if one.quotient
        ]
        asked_for = figures.filter(figures.kpi.isin([one.name for one in wanted]))
        figures = ibis.union(asked_for, *found)
    return figures.select(
        **{name: figures[name].cast(dtype) for name, dtype in catalogue.ibis_schema("kpis").items()}
    )


def _counting(wanted: Sequence[Kpi]) -> list[Kpi]:
    """The KPIs that count rows, those with them that others are quotients of."""
    found: dict[str, Kpi] = {}
    for one in wanted:
        parts = [one] if one.quotient is None else [one.quotient.dividend, one.quotient.divisor]
        for part in parts if one.quotient is None else _counting(parts):
            found[part.name] = part
    return list(found.values())


def _members(wanted: Sequence[Kpi], known: Facts, dimensions: Sequence[str]) -> ir.Table:
    """fact, dimension, member, since, last: of all facts whose members the KPIs are split by."""
    found = []
    named = dict.fromkeys(base for kpi in wanted for base in kpi.members_of)
    # Those with few dimensions first: sold_lines is made from the most rows, while memory is free.
    bases = sorted(named, key=lambda name: len(facts()[name].dimensions))
    for name in filter(known.has_rows, bases):
        split = [one for one in (WHOLE, *facts()[name].dimensions) if one in dimensions]
        seen = members(known[name], split)
        found.append(seen.mutate(fact=ibis.literal(name)))
    every = ibis.union(*found) if len(found) > 1 else found[0]
    return _kept(every)


def _measures(
    counting: Sequence[Kpi], known: Facts, periods: Sequence[Period], closing: Mapping[str, date]
) -> dict[str, Measure]:
    """What each KPI counts; of how things stood, in periods that close by the day it knows."""
    standing = [one for one in counting if "periods" in one.given]
    lengths = {name for one in standing for name in one.periods}
    stand = [one for one in periods if one.period in lengths]
    tables = {day: as_table(closed_by(stand, day)) for day in set(closing.values())}
    known.within(as_table(closed_by(stand, known["as_of"])))
    return {one.name: measured(one, known, periods=tables[closing[one.name]]) for one in counting}


def _is_known(measure: Measure) -> bool:
    """Whether a ratio of different rows has any to divide: customers are not won for nothing where
    no source tells what was spent."""
    if measure.denominator_rows is None:
        return True
    return bool(measure.rows.limit(1).count().to_pyarrow().as_py())


def _spans(seen: ir.Table) -> dict[str, tuple[date, date]]:
    """The first and last day of each fact that has rows."""
    whole = seen.filter(seen.dimension == WHOLE).to_pyarrow().to_pylist()
    return {row["fact"]: (row["since"], row["last"]) for row in whole}


@dataclass(frozen=True)
class _Work:
    """What all figures of one computation have in common: the facts, the members seen in each
    with their first and last day, the last day of which each KPI knows how things stood, and the
    last one on which anything happened."""

    known: Facts
    seen: ir.Table
    spans: Mapping[str, tuple[date, date]]
    closing: Mapping[str, date]
    until: date
    dimensions: tuple[str, ...]

    def figures(
        self,
        wanted: Sequence[Kpi],
        measures: Mapping[str, Measure],
        periods: Sequence[Period],
        adds_up: bool = False,
    ) -> ir.Table:
        """The figures of KPIs that count rows; totals of all periods so far where `adds_up`."""
        sums: dict[str, list[Counted]] = {}
        for kpi in wanted:
            split = [name for name in kpi.dimensions if name in self.dimensions]
            sums[kpi.name] = list(counted(kpi, measures[kpi.name], split))
        found, ids = _cells(wanted, sums, periods)
        figures = self._grid(wanted, periods, adds_up).inner_join(
            self._named(wanted, sums, ids), ["kpi", "dimension"]
        )
        for part in PARTS:
            of_part = found.rename({part: "value"})
            joined = figures.left_join(of_part, [figures[f"{part}_id"] == of_part["sum"], *KEY])
            figures = joined.drop("sum", *(f"{name}_right" for name in KEY))
        return self._told(figures, adds_up)

    def _grid(self, wanted: Sequence[Kpi], periods: Sequence[Period], adds_up: bool) -> ir.Table:
        """Every period with every member seen by its end, for each KPI: kpi, KEY, period_end.

        What lasts, and totals of all periods so far, go on to the last day with data; how things
        stood is told no further.
        """
        rows = []
        for kpi in wanted:
            present = [name for name in kpi.members_of if name in self.spans]
            goes_on = adds_up or any(facts()[name].lasts for name in present)
            stands = "periods" in kpi.given
            latest = self.closing[kpi.name] if stands else self.until
            ends = [min(self.spans[name][1], latest) for name in present]
            ends += [self.closing[kpi.name]] if goes_on else []
            for base in present:
                rows += [
                    {"kpi": kpi.name, "fact": base, "dimension": name, "period": period,
                     "until": max(ends)}
                    for name in kpi.dimensions
                    if name in self.dimensions
                    for period in kpi.periods
                    if period not in DAILY or name in FEW_MEMBERS
                ]  # fmt: skip
        schema = {"kpi": "string", "fact": "string", "dimension": "string", "period": "string",
                  "until": "date"}  # fmt: skip
        split = self.seen.inner_join(_memtable(rows, schema), ["fact", "dimension"])
        since = split.group_by("kpi", "dimension", "member", "period", "until").aggregate(
            since=split.since.min()
        )
        every = as_table(periods).inner_join(since, "period")
        begun = every.filter(every.period_end > every.since, every.period_start <= every.until)
        return begun.select("kpi", *KEY, "period_end")

    def _named(
        self, wanted: Sequence[Kpi], sums: Mapping[str, list[Counted]], ids: Mapping[Any, str]
    ) -> ir.Table:
        """Which sums make each KPI in each dimension."""
        currency = self.known["reporting_currency"]
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for kpi in wanted:
            unit = currency if kpi.unit == "currency" else kpi.unit
            last = self.closing[kpi.name]
            for one in sums[kpi.name]:
                for name in one.dimensions:
                    row = rows.setdefault(
                        (kpi.name, name),
                        {"kpi": kpi.name, "dimension": name, "unit": unit, "last": last},
                    )
                    row[f"{one.part}_id"] = ids[one.key]
                    if one.part == "numerator":
                        row["adds"] = one.adds
        schema = {"kpi": "string", "dimension": "string", "unit": "string", "last": "date",
                  "adds": "boolean", **{f"{part}_id": "string" for part in PARTS}}  # fmt: skip
        return _memtable(list(rows.values()), schema)

    def _told(self, figures: ir.Table, adds_up: bool) -> ir.Table:
        """Each figure out of its numerator, denominator and sample size."""
        is_rate = figures.denominator_id.notnull()
        filled = figures.mutate(
            numerator=figures.adds.ifelse(figures.numerator.fill_null(0), figures.numerator),
            denominator=is_rate.ifelse(figures.denominator.fill_null(0), None),
            sample_size=figures.sample_size.fill_null(0),
        )
        if adds_up:
            so_far = ibis.cumulative_window(
                group_by=["kpi", "period", "dimension", "member"], order_by="period_start"
            )
            filled = filled.mutate(**{part: filled[part].sum().over(so_far) for part in PARTS})
        is_rate = filled.denominator_id.notnull()
        is_mean = is_rate | ~filled.adds
        known = filled.mutate(
            value=is_rate.ifelse(filled.numerator / filled.denominator.nullif(0), filled.numerator),
            is_small_sample=is_mean & (filled.sample_size < SMALL_SAMPLE),
            # The end is the day after.
            is_complete=filled.period_end <= filled["last"] + ibis.interval(days=1),
        )
        return known.select(*catalogue.column_names("kpis"))


def _cells(
    wanted: Sequence[Kpi], sums: Mapping[str, list[Counted]], periods: Sequence[Period]
) -> tuple[ir.Table, dict[Any, str]]:
    """All sums as rows of `cells`, and the name of each. Sums over the same rows are found in one
    pass, equal ones once."""
    start = min(one.period_start for one in periods)
    end = max(one.period_end for one in periods)
    told = {one.period for one in periods}
    over: dict[Any, list[Counted]] = {}
    lengths: dict[str, set[str]] = {}
    ids: dict[Any, str] = {}
    for kpi in wanted:
        for one in sums[kpi.name]:
            over.setdefault(one.rows.op(), []).append(one)
            lengths.setdefault(ids.setdefault(one.key, f"s{len(ids)}"), set()).update(kpi.periods)
    found = []
    for same in over.values():
        split = {name for one in same for name in one.dimensions}
        asked = Asked(
            rows=same[0].rows,
            dimensions=tuple(name for name in DIMENSIONS if name in split),
            sums={ids[one.key]: one.one for one in same},
            periods_of={
                name: tuple(one for one in ALL_PERIODS if one in known and one in told)
                for name, known in lengths.items()
            },
        )
        # Kept one by one: the engine then has one pass in memory at a time.
        found.append(_kept(cells(asked, start, end)))
    return (ibis.union(*found) if len(found) > 1 else found[0]), ids


def _kept(table: ir.Table) -> ir.Table:
    """The table computed once, in a temporary one."""
    backend = ibis.get_backend(table)
    backend._run_pre_execute_hooks(table)
    return stored_sql(backend, str(backend.compile(table)))


def _empty() -> ir.Table:
    return _memtable([], dict(catalogue.ibis_schema("kpis")))


def _memtable(rows: list[dict[str, Any]], schema: Mapping[str, Any]) -> ir.Table:
    import pyarrow as pa

    shape = ibis.schema(schema).to_pyarrow()
    return ibis.memtable(pa.Table.from_pylist(rows, schema=shape))
