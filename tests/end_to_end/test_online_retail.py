"""Nine months of a real wholesaler's daily exports, through `aar run` and `aar query`."""

from pathlib import Path

import pytest

DAYS = Path(__file__).resolve().parents[3] / "shared" / "data" / "online_retail_daily"
MONTHS = ["2010-12-01", *(f"2011-{month:02d}-01" for month in range(1, 9))]
REVENUE = [
    "748957.02", "560000.26", "498062.65", "683267.08", "493207.12", "723333.51", "691123.12",
    "681300.11", "682680.51",
]  # fmt: skip
INVOICES = [2025, 1476, 1393, 1983, 1744, 2162, 2012, 1927, 1737]
CONFIGURATION = f"""\
organisation: {{name: Online Retail, currency: GBP, timezone: Europe/London, country: GB}}
start: 2010-12-01
sources:
  - name: erp
    kind: files
    tables:
      - path: {DAYS}/*.csv
        into: order_lines
        columns: {{order_id: InvoiceNo, sku: StockCode, product: Description, quantity: Quantity,
                  unit_price: UnitPrice, ordered_at: InvoiceDate, contact_id: CustomerID,
                  country: Country}}
        constants: {{currency: GBP}}
reports:
  - {{template: portfolio, schedule: monthly, formats: [html, pdf, xlsx]}}
"""

pytestmark = pytest.mark.skipif(
    not DAYS.is_dir(), reason="the shared online_retail_daily is absent"
)


@pytest.fixture(scope="module")
def wholesaler(once):
    def build(place):
        place.write("aar.yaml", CONFIGURATION)
        assert place.run() == []

    return once("online_retail", build)


def test_revenue_of_every_month_is_right_to_the_penny(wholesaler):
    rows = wholesaler.query(
        "select period_start, printf('%.2f', value) as value, value as exactly from kpi_revenue "
        "where dimension = 'all' and period = 'month' order by 1"
    )
    assert [row["period_start"] for row in rows] == MONTHS
    assert [row["value"] for row in rows] == REVENUE
    for row in rows:
        assert abs(row["exactly"] - float(row["value"])) < 0.005


def test_the_invoices_of_every_month_are_counted(wholesaler):
    rows = wholesaler.query(
        "select value, numerator from kpi_orders "
        "where dimension = 'all' and period = 'month' order by period_start"
    )
    assert [row["value"] for row in rows] == INVOICES


def test_every_customer_is_one_and_there_is_no_other(wholesaler):
    assert wholesaler.query("select count(*) as n from customers") == [{"n": 3360}]


def test_no_line_is_lost_and_equal_lines_stay_two(wholesaler):
    found = wholesaler.query(
        "select (select count(*) from raw_erp__order_lines) as raw, "
        "(select count(*) from order_lines) as kept, (select count(*) from quarantine) as refused, "
        "(select count(distinct record_id) from order_lines) as ids"
    )
    assert found == [{"raw": 320_705, "kept": 320_705, "refused": 0, "ids": 320_705}]


def test_lines_without_a_customer_count_in_revenue(wholesaler):
    found = wholesaler.query(
        "select count(*) filter (contact_id is null) as unknown, "
        "count(distinct contact_id) as customers from order_lines"
    )
    assert found == [{"unknown": 88_652, "customers": 3_360}]
    found = wholesaler.query(
        "select printf('%.2f', sum(amount_reporting)) as everything, "
        "sum(amount_reporting) filter (customer_id is null) > 100000 as is_much from sales"
    )
    assert found == [{"everything": "5761931.38", "is_much": True}]


def test_cancellations_lower_revenue(wholesaler):
    found = wholesaler.query(
        "select count(*) as lines, sum(amount) < 0 as is_negative from order_lines "
        "where order_id like 'C%'"
    )
    assert found == [{"lines": 5_847, "is_negative": True}]
    found = wholesaler.query(
        "select round(sum(amount_reporting), 2) as credited from sales where order_id like 'C%'"
    )
    bought = wholesaler.query(
        "select round(sum(amount), 2) as bought from order_lines where order_id not like 'C%'"
    )
    assert round(bought[0]["bought"] + found[0]["credited"], 2) == 5_761_931.38


def test_the_portfolio_of_the_last_complete_month_is_there(wholesaler):
    files = wholesaler.query(
        "select path, cast(data_as_of as varchar) as as_of from report_files order by 1"
    )
    assert [Path(row["path"]).suffix for row in files] == [".html", ".pdf", ".xlsx"]
    assert {row["path"].split("/")[0] for row in files} == {"2011-08"}
    assert {row["as_of"] for row in files} == {"2011-08-31"}
    page = next((wholesaler.folder / "reports").rglob("*.html")).read_text()
    assert "£682.68K" in page
    assert "1,737" in page
