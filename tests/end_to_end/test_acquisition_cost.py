"""Three campaigns with the totals of a published export: a ratio of sums, through `aar run`."""

import pytest

CONFIGURATION = """\
organisation: {name: Advertiser, currency: EUR, timezone: Europe/Paris, country: FR}
start: 2017-08-01
sources:
  - name: ads
    kind: files
    tables:
      - path: exports/spend.csv
        into: spend
        columns: {spend_id: Ad, day: Day, campaign: Campaign, amount: Spent}
        constants: {channel: paid_social}
  - name: crm
    kind: files
    tables:
      - path: exports/people.csv
        into: contacts
        columns: {contact_id: Id, acquired_at: Since, acquisition_campaign: Campaign}
        constants: {acquisition_channel: paid_social}
"""
# Campaign → cents spent on its ads, and customers won.
CAMPAIGNS = {
    "autumn": ([90_000, 6_639, 1], 5),
    "brand": ([52_280, 100_000], 20),
    "launch": ([1, 650_000, 6_098], 413),
}
COST = {"autumn": 193.28, "brand": 76.14, "launch": 15.89, "all": 20.66}


@pytest.fixture(scope="module")
def advertiser(once):
    def build(place):
        place.write("aar.yaml", CONFIGURATION)
        spend, people = ["Ad,Day,Campaign,Spent"], ["Id,Since,Campaign"]
        for campaign, (ads, won) in CAMPAIGNS.items():
            for nr, cents in enumerate(ads):
                day = f"2017-08-{17 + nr:02d}"
                spend.append(f"{campaign}-{nr},{day},{campaign},{cents // 100}.{cents % 100:02d}")
            for nr in range(won):
                since = f"2017-08-{nr % 28 + 1:02d} 09:00:00"
                people.append(f"{campaign}{nr},{since},{campaign}")
        place.write("exports/spend.csv", "\n".join(spend) + "\n")
        place.write("exports/people.csv", "\n".join(people) + "\n")
        assert place.run("+key:kpi_acquisition_cost") == []

    return once("advertiser", build)


def test_acquisition_cost_is_all_spend_over_all_customers_won(advertiser):
    (row,) = advertiser.query(
        "select value, numerator, denominator from kpi_acquisition_cost "
        "where period = 'month' and dimension = 'all'"
    )
    assert (row["numerator"], row["denominator"]) == (9050.19, 438)
    assert round(row["value"], 2) == COST["all"]


def test_acquisition_cost_by_campaign_divides_the_sums_of_its_ads(advertiser):
    rows = advertiser.query(
        "select member, round(value, 2) as cost from kpi_acquisition_cost "
        "where period = 'month' and dimension = 'campaign'"
    )
    assert {row["member"]: row["cost"] for row in rows} | {"all": COST["all"]} == COST


def test_a_company_without_sales_has_the_figures_of_the_months_of_its_data(advertiser):
    rows = advertiser.query("select distinct cast(period_start as varchar) as month from "
                            "kpi_acquisition_cost where period = 'month'")  # fmt: skip
    assert rows == [{"month": "2017-08-01"}]
