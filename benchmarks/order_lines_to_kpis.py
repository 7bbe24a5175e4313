"""The platform's way from core tables to figures, as its assets go it: orders of the source that
tells lines alone, the table `sales`, all KPIs of 24 months in all dimensions and periods.

Usage: order_lines_to_kpis.py FOLDER [KPI ...], a folder of generated_orders.py. Prints JSON: steps
(name, seconds, CPU seconds, peak bytes so far), rows of the figures, days of the churn window.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generated_orders import END, LINES_ONLY, START

from aar_platform.kpis.derived_orders import derived_orders
from aar_platform.kpis.exchange import load_rates
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import located, sales
from aar_platform.resources.figures import write_figures
from aar_platform.resources.platform import open_warehouse
from aar_platform.settings.loading import load_settings


def main(folder: Path, names: list[str]) -> None:
    """Compute all and print what it took."""
    steps = []

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began, cpu = time.perf_counter(), _cpu()
        yield
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        in_kibibytes = 1 if sys.platform == "darwin" else 1024
        taken = (time.perf_counter() - began, _cpu() - cpu, peak * in_kibibytes)
        steps.append((name, *taken))

    settings = load_settings(folder / "aar.yaml")
    warehouse = open_warehouse(settings)
    table = warehouse.table
    organisation = settings.organisation
    local = (organisation.currency, organisation.timezone)
    assert settings.exchange_rates is not None, "generated_orders.py writes them"
    rates = load_rates(settings.exchange_rates)
    with step("orders"):
        stated = table("orders").filter(~table("orders").source.isin([LINES_ONLY]))
        derived = derived_orders(table("order_lines"), [LINES_ONLY], rates, *local)
        warehouse.replace("orders", stated.union(derived))
    with step("sales"):
        links = table("customer_links")
        sold = sales(table("orders"), table("refunds"), links, rates, *local)
        warehouse.replace("sales", located(sold, table("contacts"), table("companies"), links))
    with step("figures"):
        defined = kpis()
        wanted = [defined[name] for name in names or defined]
        written = write_figures(warehouse, settings, wanted, START, END)
    assert not written.unsound, written.unsound
    rows = warehouse.backend.raw_sql("select count(*) from main.kpis").fetchone()[0]
    warehouse.close()
    print(json.dumps({"steps": steps, "rows": rows, "churn_days": written.window.days}))


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
