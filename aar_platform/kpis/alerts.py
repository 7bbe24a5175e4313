"""Figures outside of what their own past leads one to expect, and what moved them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.dimensions import UNKNOWN, WHOLE
from aar_platform.kpis.expectations import Expected, expected
from aar_platform.kpis.periods import MONTH, start_of

# Three years tell trend and season; what was before may have been another company.
MONTHS_SEEN = 36
# A month is compared member by member with the mean of so many before it.
MONTHS_COMPARED = 3
MOVERS_TOLD = 3
# Owners are colleagues by their e-mail address: what an alert says stands in logs and reports.
UNTOLD = (WHOLE, "owner")


@dataclass(frozen=True)
class Mover:
    """A member of a dimension and how much of the change is its own, in the KPI's unit."""

    dimension: str
    member: str
    effect: float


@dataclass(frozen=True)
class Alert:
    """A month whose figure left the range; `movers` are those that moved it most."""

    kpi: str
    month: date
    value: float
    unit: str
    expected: Expected
    movers: tuple[Mover, ...]

    @property
    def sentence(self) -> str:
        """What happened, in a line."""
        side = "above" if self.value > self.expected.high else "below"
        low, high = _number(self.expected.low), _number(self.expected.high)
        moved = ", ".join(
            f"{one.dimension} {one.member} ({one.effect:+,.4f})" for one in self.movers
        )
        said = (
            f"{self.kpi} of {self.month:%Y-%m} is {_number(self.value)} {self.unit}, {side} the "
            f"expected {low} to {high}"
        )
        return f"{said}; moved most by {moved}" if moved else said


@dataclass(frozen=True)
class Judgement:
    """A KPI's figure of a month as a whole, beside what was expected; None where nothing is."""

    month: date
    value: float | None
    unit: str
    expected: Expected | None
    is_small_sample: bool

    @property
    def sentence(self) -> str:
        """What there is and what was expected, in a line."""
        if self.value is None:
            return f"{self.month:%Y-%m}: no figure"
        said = f"{self.month:%Y-%m}: {_number(self.value)} {self.unit}"
        if self.expected is not None:
            low, high = _number(self.expected.low), _number(self.expected.high)
            return f"{said}, expected {low} to {high}"
        if self.is_small_sample:
            return f"{said}; too small a sample to expect anything"
        return f"{said}; too few months to expect anything"

    @property
    def figure(self) -> dict[str, str | float]:
        """The figure and its month, as far as there is one."""
        return {} if self.value is None else {"month": f"{self.month:%Y-%m}", "value": self.value}

    @property
    def range(self) -> dict[str, str | float]:
        """The figure, its month and the range it was expected in, as far as there are."""
        if self.expected is None:
            return self.figure
        low, high = self.expected.low, self.expected.high
        return {**self.figure, "expected low": low, "expected high": high}


def _number(value: float) -> str:
    """With as many decimals as a share needs, or an amount; none for what is whole."""
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.4f}" if abs(value) < 10 else f"{value:,.2f}"


def last_complete_months(figures: ir.Table, names: Sequence[str]) -> dict[str, date]:
    """KPI → the first day of its last month that was over on the last day with data; of those of
    `names` that have one."""
    over = figures.filter(figures.period == MONTH, figures.is_complete, figures.kpi.isin(names))
    last = over.group_by("kpi").aggregate(month=over.period_start.max())
    return {row["kpi"]: row["month"] for row in last.order_by("kpi").to_pyarrow().to_pylist()}


def judgements(figures: ir.Table, months: Mapping[str, date]) -> dict[str, Judgement]:
    """KPI → its figure of its month of `months`, as a whole, and what the up to MONTHS_SEEN months
    before it lead one to expect. `figures` are rows of `kpis`.

    Months with a small sample are not judged and teach nothing. Nothing that was never negative is
    expected to be.
    """
    found = {}
    for name, rows in _history(figures, months).items():
        month = months[name]
        if month not in rows:
            continue
        value, unit, is_small = rows[month]
        before = {
            when: was
            for when, (was, _, small) in rows.items()
            if when < month and was is not None and not small
        }
        range_ = None
        if value is not None and not is_small:
            floor = 0.0 if all(was >= 0 for was in before.values()) else None
            range_ = expected(list(before), list(before.values()), month, floor)
        found[name] = Judgement(month, value, unit, range_, is_small)
    return found


def alerts(kpis: Iterable[Kpi], figures: ir.Table, judged: Mapping[str, Judgement]) -> list[Alert]:
    """The KPIs whose figure left the range it was expected in, with what moved it."""
    by_name = {one.name: one for one in kpis}
    found = []
    for name, one in judged.items():
        range_ = one.expected
        if one.value is not None and range_ is not None and not range_.holds(one.value):
            movers = _movers(by_name[name], figures, one.month, one.value > range_.value)
            found.append(Alert(name, one.month, one.value, one.unit, range_, movers))
    return found


def _history(
    figures: ir.Table, months: Mapping[str, date]
) -> dict[str, dict[date, tuple[float | None, str, bool]]]:
    """KPI → month → value, unit and whether its sample is small, up to each KPI's own month."""
    of_month = [
        (figures.kpi == name)
        & figures.period_start.between(date(one.year - MONTHS_SEEN // 12, one.month, 1), one)
        for name, one in months.items()
    ]
    whole = figures.filter(
        figures.period == MONTH,
        figures.dimension == WHOLE,
        ibis.or_(*of_month) if of_month else ibis.literal(False),
        figures.is_complete,
    )
    rows = whole.select("kpi", "period_start", "value", "unit", "is_small_sample")
    found: dict[str, dict[date, tuple[float | None, str, bool]]] = {}
    for row in rows.order_by("kpi", "period_start").to_pyarrow().to_pylist():
        told = (row["value"], row["unit"], row["is_small_sample"])
        found.setdefault(row["kpi"], {})[row["period_start"]] = told
    return found


def _movers(kpi: Kpi, figures: ir.Table, month: date, rose: bool) -> tuple[Mover, ...]:
    """The members that moved a KPI most, up or down as the whole, against the mean of the months
    before.

    Of a sum a member's effect is its own change. Of a ratio it is (n − r·d) / D, with its numerator
    n and denominator d, the ratio r of the months before and the whole denominator D: over the
    members of a dimension that splits both, these add up to the ratio's change.
    """
    since = month
    for _ in range(MONTHS_COMPARED):
        since = start_of(MONTH, date.fromordinal(since.toordinal() - 1))
    split = figures.filter(
        figures.kpi == kpi.name,
        figures.period == MONTH,
        figures.dimension.notin(UNTOLD),
        figures.period_start >= ibis.literal(since),
        figures.period_start <= ibis.literal(month),
    )
    now = split.period_start == ibis.literal(month)
    sums = split.group_by("dimension", "member").aggregate(
        n=split.numerator.sum(where=now).fill_null(0),
        d=split.denominator.sum(where=now).fill_null(0),
        n_before=split.numerator.sum(where=~now).fill_null(0),
        d_before=split.denominator.sum(where=~now).fill_null(0),
    )
    if kpi.denominator is None:
        if not kpi.additive:
            return ()
        effect = sums.n - sums.n_before / MONTHS_COMPARED
    else:
        of_dimension = ibis.window(group_by=sums.dimension)
        before = sums.n_before.sum().over(of_dimension) / sums.d_before.sum().over(
            of_dimension
        ).nullif(0)
        effect = (sums.n - before * sums.d) / sums.d.sum().over(of_dimension).nullif(0)
    told = sums.mutate(effect=effect)
    is_so = (told.effect > 0) if rose else (told.effect < 0)
    told = told.filter(is_so, told.member != UNKNOWN)
    rows = told.order_by(ibis.desc(told.effect.abs()), "dimension", "member").limit(MOVERS_TOLD)
    return tuple(
        Mover(row["dimension"], row["member"], row["effect"])
        for row in rows.select("dimension", "member", "effect").to_pyarrow().to_pylist()
    )


def rows_of(found: Iterable[Alert], directions: Mapping[str, str]) -> list[dict[str, object]]:
    """Alerts as rows of `kpi_alerts`."""
    return [
        {
            "kpi": one.kpi,
            "period_start": one.month,
            "value": one.value,
            "unit": one.unit,
            "expected_value": one.expected.value,
            "expected_low": one.expected.low,
            "expected_high": one.expected.high,
            "is_good": None
            if directions[one.kpi] == "none"
            else (one.value > one.expected.high) == (directions[one.kpi] == "up"),
            "moved_by": "; ".join(
                f"{mover.dimension} {mover.member} {mover.effect:+.6g}" for mover in one.movers
            ),
        }
        for one in found
    ]
