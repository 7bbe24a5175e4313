"""Every KPI of the made-up company against the same figure computed plainly from its truth."""

import pandas as pd
import pytest

from aar_platform.kpis.registry import kpis
from tests.end_to_end.kpi_oracles import of_churn, of_marketing, of_sales, of_service
from tests.end_to_end.kpi_oracles.linked import Linked
from tests.end_to_end.kpi_oracles.oracle import ORACLES, span_of
from tests.end_to_end.kpi_oracles.truth import Truth

FAMILIES = (of_churn, of_marketing, of_sales, of_service)
# All lengths of periods are proven of the whole, and months of two dimensions and more.
TOLD = ("week", "month", "quarter", "year")
# That there is a row is proven of every week, its figure of every so many.
WEEKS_APART = 7
# By which dimensions each KPI is proven beside the whole.
SPLIT = {
    "acquired_customers": ("source", "channel", "campaign", "country"),
    "acquisition_cost": ("channel", "campaign"),
    "active_customers": ("source", "country", "segment"),
    "average_order_value": ("source", "gender"),
    "bounce_rate": ("campaign", "weekday_hour"),
    "churn_rate": ("source", "channel", "segment"),
    "click_rate": ("campaign", "age_band"),
    "conversion_rate": ("channel", "country"),
    "customer_satisfaction": ("source", "channel"),
    "dormant_customers": ("source", "city"),
    "engagement_score": ("owner", "segment"),
    "first_response_time": ("channel", "owner"),
    "first_response_time_p90": ("source", "country"),
    "gross_revenue": ("category", "product", "channel"),
    "historic_lifetime_value": ("channel", "campaign", "gender"),
    "lifetime_value_to_cost": ("channel", "campaign"),
    "lost_customers": ("source", "country"),
    "marketing_spend": ("source", "channel", "campaign"),
    "messages_clicked": ("campaign", "weekday_hour"),
    "messages_delivered": ("source", "age_band"),
    "messages_opened": ("source", "weekday_hour"),
    "messages_sent": ("campaign", "country"),
    "net_promoter_score": ("source", "channel"),
    "new_customers": ("channel", "country", "region"),
    "open_rate": ("weekday_hour", "segment"),
    "orders": ("source", "country"),
    "payback_months": ("channel", "campaign"),
    "pipeline_value": ("source", "channel", "owner"),
    "predicted_lifetime_value": ("segment", "age_band"),
    "purchase_frequency": ("source", "campaign"),
    "reactivated_customers": ("source", "country"),
    "recurring_revenue": ("country", "city", "owner"),
    "refund_rate": ("source", "category", "product"),
    "repeat_rate": ("country", "channel"),
    "resolution_time": ("channel", "country"),
    "resolution_time_p90": ("source", "owner"),
    "response_rate": ("source", "channel"),
    "retention_rate": ("source", "country"),
    "revenue": ("source", "channel", "category", "product", "region"),
    "revenue_churn_rate": ("source", "owner"),
    "revenue_per_customer": ("channel", "gender"),
    "sales_cycle": ("owner", "channel"),
    "ticket_backlog": ("channel", "city"),
    "ticket_satisfaction": ("source", "segment"),
    "tickets_opened": ("channel", "source"),
    "unsubscribe_rate": ("source", "campaign"),
    "visits": ("channel", "country"),
    "win_rate": ("owner", "channel"),
    "won_value": ("owner", "source"),
}


def read(company, name):
    return pd.read_csv(company.folder / f"{name}.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def linked(company):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AAR_SECRETS_DIR", str(company.folder / "secrets"))
        with company.warehouse() as opened:
            yield Linked(opened, company.settings, lambda name: read(company, f"truth/{name}"))


@pytest.fixture(scope="module")
def truth(company, linked):
    return Truth(lambda name: read(company, f"truth/{name}"), read(company, "rates"), linked)


@pytest.fixture(scope="module")
def figures(linked):
    """The platform's figures by KPI and dimension."""
    rows = linked.figures(list(kpis()), TOLD)
    return dict(list(rows.groupby(["kpi", "dimension"])))


def test_the_last_day_and_the_churn_window_are_those_of_the_truth(truth, linked):
    assert pd.Timestamp(linked.given["as_of"]) == truth.last
    assert linked.given["churn_window"].days == truth.churn_days


def test_every_kpi_has_an_oracle_and_every_dimension_is_proven():
    assert set(ORACLES) == set(SPLIT) == set(kpis())
    proven = {name for split in SPLIT.values() for name in split}
    assert proven | {"all"} == {name for one in kpis().values() for name in one.dimensions}


# Orders are shared out to products to eight decimals.
EXACT, SHARED = 1e-9, 1e-5


def differences(rows, truth, name, by, period):
    """What the platform's figures (`rows`) and the oracle do not agree on, in a few words each."""
    oracle = ORACLES[name]
    here = rows[rows["period"] == period]
    found = {
        (pd.Timestamp(row["period_start"]), row["member"]): row for row in here.to_dict("records")
    }
    expected = oracle.told(truth, period, by)
    wrong = [f"{start:%Y-%m-%d} {member}: no figure" for start, member in expected - set(found)]
    wrong += [f"{start:%Y-%m-%d} {member}: too much" for start, member in set(found) - expected]
    starts = sorted({start for start, _ in expected})
    for start in starts[::WEEKS_APART] if period == "week" else starts:
        span = span_of(period, start, truth.last)
        told = oracle.find(truth, span, by)
        members = {member for day, member in expected if day == start}
        for parts in told:
            # What happened is told somewhere; of a quotient, in the two that it is made of.
            if not oracle.made_of:
                wrong += [f"{start} {one} is not told" for one in set(parts or {}) - members]
        for member in sorted(members & {one for day, one in found if day == start}):
            row = found[start, member]
            wrong += [
                f"{start:%Y-%m-%d} {member}: {part} is {row[part]} and not {value}"
                for part, value in as_told(name, told, member, span, truth).items()
                if not same(row[part], value, SHARED if by in ("category", "product") else EXACT)
            ]
    return wrong


def as_told(name, told, member, span, truth):
    """The parts of one figure, as a row of figures has them."""
    is_adding = not name.startswith(("first_response", "resolution"))
    nothing = 0 if is_adding else None
    numerator = told.numerator.get(member, nothing)
    sample = told.sample.get(member, 0)
    parts = {"numerator": numerator, "value": numerator, "denominator": None}
    if told.denominator is not None:
        below = told.denominator.get(member, 0)
        parts["denominator"] = below
        parts["value"] = numerator / below if below and numerator is not None else None
    is_mean = told.denominator is not None or not is_adding
    return {
        **parts,
        "sample_size": sample,
        "is_small_sample": is_mean and sample < 30,
        "is_complete": span.end <= truth.last + pd.Timedelta(days=1),
    }


def same(found, expected, to):
    if expected is None or pd.isna(found):
        return expected is None and pd.isna(found)
    return found == pytest.approx(expected, rel=1e-12, abs=to)


@pytest.mark.parametrize("name", sorted(SPLIT))
def test_a_kpi_of_the_whole_company_is_what_the_truth_makes_it_in_every_period(
    figures, truth, name
):
    rows = figures[name, "all"]
    assert len(rows)
    for period in TOLD:
        if period in kpis()[name].periods:
            assert differences(rows, truth, name, "all", period)[:5] == []


@pytest.mark.parametrize("name, by", [(name, by) for name, split in SPLIT.items() for by in split])
def test_a_kpi_is_split_as_the_truth_is_split(figures, truth, name, by):
    assert differences(figures[name, by], truth, name, by, "month")[:5] == []
