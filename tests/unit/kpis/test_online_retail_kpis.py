"""Nine months of a real wholesaler's order lines against control totals counted separately."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import ibis
import pytest

from aar_platform.kpis.derived_orders import derived_orders
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.figures import compute
from aar_platform.kpis.policy import KpiPolicy
from aar_platform.kpis.purchases import churn_window
from aar_platform.kpis.registry import kpis
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


@pytest.fixture(scope="module")
def figures(sold):
    """{(kpi, period): values of the whole, in order}."""
    given = {
        "reporting_currency": "GBP",
        "timezone": "UTC",
        "rates": None,
        "as_of": date(2011, 8, 31),
        "churn_window": churn_window(sold, KpiPolicy()),
    }
    known = Facts(lambda name: sold if name == "sales" else _nothing(name), given)
    names = ("revenue", "gross_revenue", "orders", "new_customers", "active_customers")
    wanted = [kpis()[name] for name in names]
    rows = compute(wanted, known, MONTHS[0], date(2012, 1, 1), ("all",), ("month", "year"))
    found = {}
    for row in rows.order_by("period_start").to_pyarrow().to_pylist():
        found.setdefault((row["kpi"], row["period"]), []).append(
            (row["period_start"], row["value"])
        )
    return found


@pytest.fixture
def monthly(figures):
    def values(name):
        told = figures[name, "month"]
        assert [month for month, _ in told] == MONTHS
        return [value for _, value in told]

    return values


@pytest.fixture(scope="module")
def bought(sold):
    """What known customers bought: neither cancellations nor invoices worth nothing."""
    return sold.filter(sold.customer_id.notnull(), sold.amount_reporting > 0)


def _nothing(name):
    return ibis.memtable([], schema=catalogue.ibis_schema(name))


def test_revenue_of_every_month_is_right_to_the_penny(monthly):
    found = [Decimal(str(value)).quantize(Decimal("0.01")) for value in monthly("revenue")]
    assert found == [Decimal(value) for value in REVENUE.split()]


def test_the_invoices_of_every_month_are_counted(monthly):
    assert monthly("orders") == ORDERS


def test_what_came_back_is_all_that_lies_between_gross_and_net_revenue(sold, monthly):
    credited = sold.filter(sold.amount_reporting < 0)
    apart = sum(monthly("gross_revenue")) - sum(monthly("revenue"))
    assert apart == pytest.approx(-float(credited.amount_reporting.sum().to_pyarrow().as_py()))


def test_new_customers_add_up_to_all_who_ever_bought(monthly):
    assert sum(monthly("new_customers")) == 3_317


def test_customers_of_several_months_are_one_customer_of_the_year(figures):
    assert sum(value for _, value in figures["active_customers", "month"]) > 3_317
    of_years = dict(figures["active_customers", "year"])
    assert of_years[date(2011, 1, 1)] <= 3_317


def test_known_customers_bought_what_was_counted_separately(bought):
    assert bought.count().to_pyarrow().as_py() == 11_413
    assert bought.customer_id.nunique().to_pyarrow().as_py() == 3_317
    assert round(bought.amount_reporting.sum().to_pyarrow().as_py(), 2) == Decimal("5239240.56")


def test_everything_sold_is_in_sales(sold):
    assert sold.count().to_pyarrow().as_py() == 16_459
    assert round(sold.amount_reporting.sum().to_pyarrow().as_py(), 2) == Decimal("5761931.38")
    assert sold.customer_id.nunique().to_pyarrow().as_py() == 3_360
