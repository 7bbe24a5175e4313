"""A measured `aar run` over order lines, and the monthly figures it comes to."""

import json
import sys
from decimal import Decimal
from pathlib import Path

from measure import Measured, measured

# Names as in the exports that made_up_exports.py writes.
CONFIGURATION = """\
organisation: {{name: Benchmark, currency: GBP, timezone: Europe/London, locale: en, country: GB}}
start: {start}
sources:
  - name: shop
    kind: files
    tables:
      - path: {path}
        into: order_lines
        columns:
          order_id: InvoiceNo
          sku: StockCode
          product: Description
          quantity: Quantity
          unit_price: UnitPrice
          ordered_at: InvoiceDate
          contact_id: CustomerID
          country: Country
        constants: {{currency: GBP}}
recipients:
  - {{email: ada@example.com, role: executive, reports: [portfolio]}}
reports:
  - {{template: portfolio, schedule: monthly, formats: [html, pdf, xlsx]}}
  - {{template: account_activity, schedule: monthly, formats: [html, pdf]}}
delivery: {{allowed_domains: [example.com]}}
"""

# The KPI table states the revenue, the sales behind it the invoices and their customers.
FIGURES = """
select strftime(kpi_revenue.period_start, '%Y-%m') as month,
       any_value(kpi_revenue.value) as revenue,
       count(*) as invoices,
       count(distinct customer_id) as customers
from sales
join kpi_revenue
  on kpi_revenue.period_start = date_trunc('month', sales.sold_on)
 and kpi_revenue.period = 'month' and kpi_revenue.dimension = 'all'
group by all order by all
"""

Figures = dict[str, dict[str, Decimal]]


def platform_run(path: Path, start: str, folder: Path) -> tuple[Measured, Figures]:
    """Run the platform in `folder`, over the order lines at `path` (a file or a pattern).

    Gives what the run took and, by month, revenue, invoices and customers.
    """
    configuration = folder / "aar.yaml"
    configuration.write_text(
        CONFIGURATION.format(path=json.dumps(str(path)), start=start), encoding="utf-8"
    )
    aar = [sys.executable, "-m", "aar_platform.cli", "--config", str(configuration)]
    run = measured([*aar, "run", "--quiet"], folder)
    answer = measured([*aar, "query", " ".join(FIGURES.split()), "--format", "json"], folder)
    rows = {row.pop("month"): row for row in json.loads(answer.output, parse_float=Decimal)}
    return run, _decimals(rows)


def pandas_run(data: Path) -> tuple[Measured, Figures]:
    """The same figures by plain_pandas.py."""
    script = Path(__file__).with_name("plain_pandas.py")
    run = measured([sys.executable, str(script), str(data)])
    return run, _decimals(json.loads(run.output, parse_float=Decimal))


def check_equal(platform: Figures, peer: Figures) -> None:
    """Ends this program, naming each figure, where the two do not agree to the penny."""
    differences = [
        f"{month} {name}: aar {platform.get(month, {}).get(name)}, pandas {peer[month][name]}"
        for month in sorted(peer)
        for name in peer[month]
        if abs(platform.get(month, {}).get(name, Decimal("Infinity")) - peer[month][name]) >= 0.006
    ]
    differences += [f"{month}: not in pandas" for month in sorted(platform.keys() - peer.keys())]
    if differences:
        sys.exit("\n".join(["the figures differ:", *differences]))
    print(f"equal figures: revenue, invoices and customers of {len(peer)} months")


def _decimals(rows: dict[str, dict[str, object]]) -> Figures:
    return {
        month: {name: Decimal(str(value)) for name, value in row.items()}
        for month, row in rows.items()
    }
