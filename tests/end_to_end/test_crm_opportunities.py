"""The 8,800 deals of a published CRM export, as it is, through `aar run`."""

from pathlib import Path

import pytest

DEALS = (
    Path(__file__).resolve().parents[3]
    / "shared" / "data" / "crm_sales_opportunities" / "sales_pipeline.csv"
)  # fmt: skip
COLUMNS = "deal_id,owner,company_id,stage,created_at,closed_at,amount"
CONFIGURATION = """\
organisation: {name: Hardware, currency: USD, timezone: America/New_York, country: US}
start: 2016-10-01
sources:
  - name: crm
    kind: files
    timezone: America/New_York
    tables:
      - path: PATH
        into: deals
        columns: {deal_id: opportunity_id, owner: sales_agent, company_id: account,
                  stage: deal_stage, created_at: engage_date, closed_at: close_date,
                  amount: close_value}
"""
FIGURES = "+key:kpi_win_rate or +key:kpi_won_value or +key:kpi_pipeline_value"


@pytest.fixture(scope="module")
def crm(once):
    if not DEALS.is_file():
        pytest.skip("the shared crm_sales_opportunities is absent")

    def build(place):
        place.write("aar.yaml", CONFIGURATION.replace("PATH", str(DEALS)))
        assert place.run(FIGURES) == []

    return once("crm_opportunities", build)


def figure(place, kpi, dimension="all"):
    """{member: [sum over the years of value, numerator, denominator]}."""
    rows = place.query(
        "select member, sum(value) as value, sum(numerator) as above, sum(denominator) as below "
        f"from kpi_{kpi} where period = 'year' and dimension = '{dimension}' group by member"
    )
    return {row["member"]: (row["value"], row["above"], row["below"]) for row in rows}


def test_every_deal_arrives_those_without_an_account_too(crm):
    found = crm.query(
        "select count(*) as deals, count(*) filter (company_id is null) as without from deals"
    )
    assert found == [{"deals": 8800, "without": 1425}]


def test_the_win_rate_of_closed_deals_is_that_of_the_export(crm):
    _, won, closed = figure(crm, "win_rate")["all"]
    assert (won, closed) == (4238, 6711)
    assert round(won / closed, 4) == 0.6315


def test_every_seller_has_the_win_rate_that_the_export_gives(crm):
    expected = crm.query(
        "select owner, count(*) filter (stage = 'Won') as won, count(*) as closed from deals "
        "where stage in ('Won', 'Lost') group by owner"
    )
    found = figure(crm, "win_rate", "owner")
    assert len(expected) == 30
    assert {row["owner"]: found[row["owner"]][1:] for row in expected} == {
        row["owner"]: (row["won"], row["closed"]) for row in expected
    }


def test_the_value_won_is_that_of_the_export_to_the_dollar(crm):
    assert figure(crm, "won_value")["all"][0] == 10_005_534
    assert sum(value for value, _, _ in figure(crm, "won_value", "owner").values()) == 10_005_534


def test_what_a_seller_had_open_before_all_was_closed_stays_in_the_past(crm):
    apart = crm.query(
        "select period_start from kpi_pipeline_value where period = 'month' group by period_start "
        "having abs(sum(value) filter (dimension = 'all') - "
        "sum(value) filter (dimension = 'owner')) > 0.005"
    )
    assert apart == []
