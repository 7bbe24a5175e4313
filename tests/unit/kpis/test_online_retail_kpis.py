"""Nine months of a real wholesaler's order lines against control totals counted separately."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from aar_platform.kpis.definition import kpis
from aar_platform.kpis.derived_orders import derived_orders
from aar_platform.kpis.figures import compute
from aar_platform.kpis.policy import KpiPolicy
from aar_platform.kpis.purchases import churn_window
from aar_platform.kpis.sales import sales
from aar_platform.tables import catalogue

DAYS = Path(__file__).resolve().parents[4] / "shared" / "data" / "online_retail_daily"
MONTHS = [date(2010, 12, 1), *(date(2011, month, 1) for month in range(1, 9))]
REVENUE = (
    "748957.02 560000.26 498062.65 683267.08 493207.12 723333.51 691123.12 681300.11 682680.51"
)
ORDERS = [2025, 1476, 1393, 1983, 1744, 2162, 2012, 1927, 1737]

pytestmark = pytest.mark.skipif(
    not DAYS.is_dir(), reason="the shared online_retail_daily is absent"
)


@pytest.fixture(scope="module")
def sold():
    columns = {
        "InvoiceNo": "VARCHAR",
        "StockCode": "VARCHAR",
        "Description": "VARCHAR",
        "Quantity": "BIGINT",
        "InvoiceDate": "TIMESTAMP",
        "UnitPrice": "DECIMAL(18,4)",
        "CustomerID": "VARCHAR",
        "Country": "VARCHAR",
    }
    # Stated, since to find the types of 219 files takes ten seconds.
    raw = ibis.read_csv(
        str(DAYS / "*.csv"),
        columns=columns,
        auto_detect=False,
        header=True,
        delim=",",
        quote='"',
        escape='"',
    )
    raw = raw.mutate(number=ibis.row_number().cast("string"))
    known = {
        "source": ibis.literal("erp"),
        "record_id": raw.number,
        "line_id": raw.number,
        "order_id": raw.InvoiceNo,
        "quantity": raw.Quantity,
        "unit_price": raw.UnitPrice,
        "ordered_at": raw.InvoiceDate,
        "contact_id": raw.CustomerID,
        "country": raw.Country,
        "currency": ibis.literal("GBP"),
    }
    lines = raw.select(
        **{
            name: (known[name] if name in known else ibis.null(dtype)).cast(dtype)
            for name, dtype in catalogue.ibis_schema("order_lines").items()
        }
    ).cache()
    buyers = lines.filter(lines.contact_id.notnull()).select("source", "contact_id").distinct()
    links = buyers.select(
        "source", object=ibis.literal("contacts"), record_id="contact_id", customer_id="contact_id"
    )
    orders = derived_orders(lines, ["erp"], None, "GBP", "UTC").cache()
    refunds = ibis.memtable([], schema=catalogue.ibis_schema("refunds"))
    return sales(orders, refunds, links, None, "GBP", "UTC").cache()


@pytest.fixture
def whole(sold, facts_of):
    def values(name):
        given = {
            "reporting_currency": "GBP",
            "timezone": "UTC",
            "as_of": sold.sold_on.max().to_pyarrow().as_py(),
            "churn_window": churn_window(sold, KpiPolicy()),
        }
        known = facts_of(given, sales=sold)
        rows = compute([kpis()[name]], known, MONTHS[0], date(2012, 1, 1), lengths=("month",))
        whole = rows.filter(rows.dimension == "all").order_by("period_start")
        assert whole.period_start.to_pyarrow().to_pylist() == MONTHS
        return whole.value.to_pyarrow().to_pylist()

    return values


def test_revenue_of_every_month_is_right_to_the_penny(whole):
    found = [Decimal(str(value)).quantize(Decimal("0.01")) for value in whole("revenue")]
    assert found == [Decimal(value) for value in REVENUE.split()]


def test_the_invoices_of_every_month_are_counted(whole):
    assert whole("orders") == ORDERS


def test_new_customers_add_up_to_all_who_ever_bought(sold, whole):
    bought = sold.filter(sold.customer_id.notnull(), sold.amount_reporting > 0)
    assert sum(whole("new_customers")) == bought.customer_id.nunique().to_pyarrow().as_py()


def test_everything_sold_is_in_sales(sold):
    assert sold.count().to_pyarrow().as_py() == 16_459
    assert round(sold.amount_reporting.sum().to_pyarrow().as_py(), 2) == Decimal("5761931.38")
    assert sold.customer_id.nunique().to_pyarrow().as_py() == 3_360
