"""All KPIs of 24 months from generated order lines, at several sizes; those of sales in pandas too.

Usage: kpis_of_order_lines.py [LINES ...], 1,000,000, 10,000,000 and 50,000,000 by default. The
first is compared with pandas: figures to the cent, seconds and memory.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measure import Measured, measured, print_limits

HERE = Path(__file__).resolve().parent
PROMISED_LINES, PROMISED_SECONDS, PROMISED_BYTES = 50_000_000, 180, 8e9
# What the pandas script reads, and of which columns.
READ = {
    "orders": "source, record_id, order_id, contact_id, ordered_at, status, channel, campaign, "
    "country, region, currency, total::double as total",
    "order_lines": "source, record_id, order_id, ordered_at, contact_id, country, currency, "
    "product, category, amount::double as amount",
    "refunds": "source, record_id, order_id, refunded_at, currency, amount::double as amount",
    "customer_links": "source, record_id, customer_id",
    "customers": "customer_id, country, region, city, owner, birth_date, gender",
    "customer_segments": "customer_id, label as segment",
    "subscriptions": "source, contact_id, started_at, ended_at",
}
SAME = """
select count(*) as told, count(*) filter (where abs(coalesce(ours.value, 0) -
    coalesce(theirs.value, 0)) > case when ours.kpi like '%rate' then 1e-6 else 0.005 end) as apart,
    arg_max(coalesce(ours.kpi, theirs.kpi) || ' ' || coalesce(ours.period, theirs.period) || ' '
    || coalesce(ours.period_start, theirs.period_start::date) || ' '
    || coalesce(ours.member, theirs.member) || ': ' || coalesce(ours.value, 0) || ' and '
    || coalesce(theirs.value, 0), abs(coalesce(ours.value, 0) - coalesce(theirs.value, 0))) as worst
from (select * from company.kpis
    where kpi in (select distinct kpi from theirs) and period in ('month', 'quarter', 'year')
    and (dimension not in ('product', 'category') or kpi = 'revenue')) ours
full join theirs on ours.kpi = theirs.kpi and ours.period = theirs.period
    and ours.period_start = theirs.period_start::date and ours.dimension = theirs.dimension
    and ours.member = theirs.member
"""


@dataclass(frozen=True)
class Run:
    """What one size took: steps (name, seconds, CPU seconds, peak so far), figures, the whole."""

    steps: list[tuple[str, float, float, int]]
    rows: int
    whole: Measured

    @property
    def measure(self) -> Measured:
        """The steps together, without starting."""
        seconds, cpu = (sum(step[at] for step in self.steps) for at in (1, 2))
        return Measured("", seconds, cpu, self.whole.peak_bytes)


def script(name: str, *arguments: str) -> Measured:
    """One of the scripts beside this one, in a process of its own."""
    return measured([sys.executable, str(HERE / name), *arguments])


def platform(folder: str) -> Run:
    """The platform over a generated company."""
    whole = script("order_lines_to_kpis.py", folder)
    told = json.loads(whole.output)
    return Run([tuple(step) for step in told["steps"]], told["rows"], whole)


def show(lines: int, run: Run) -> None:
    """The steps of a size, then the whole."""
    print(f"{lines:,} order lines: {run.rows:,} figures")
    for name, seconds, cpu, peak in run.steps:
        print(f"  {name:<10}{seconds:>9.1f} s{cpu:>9.1f} CPU s{peak / 1e6:>9,.0f} MB so far")
    all_ = run.measure
    print(
        f"  {'all':<10}{all_.seconds:>9.1f} s{all_.cpu_seconds:>9.1f} CPU s"
        f"{all_.peak_bytes / 1e6:>9,.0f} MB"
    )


def export(folder: str) -> None:
    """Write what the pandas script reads, before the platform changes the tables."""
    import duckdb

    with duckdb.connect(f"{folder}/warehouse.duckdb", read_only=True) as company:
        for name, columns in READ.items():
            target = f"{folder}/{name}.parquet"
            company.execute(f"copy (select {columns} from main.{name}) to '{target}'")


def compare(folder: str, peer: Measured, run: Run) -> None:
    """Print both; ends this program where a figure differs."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute(f"attach '{folder}/warehouse.duckdb' as company (read_only)")
        engine.execute(f"create view theirs as from '{folder}/pandas.parquet'")
        found = engine.execute(SAME).fetchone()
        kpis = engine.execute("select count(distinct kpi), count(*) from theirs").fetchone()
    assert found is not None and kpis is not None, "a query of aggregations has a row"
    if found[1]:
        sys.exit(f"{found[1]} of {found[0]} figures differ; the worst: {found[2]}")
    ours = run.whole
    print(f"  pandas    {peer.seconds:>9.1f} s{peer.cpu_seconds:>9.1f} CPU s"
          f"{peer.peak_bytes / 1e6:>9,.0f} MB")  # fmt: skip
    print(
        f"  equal to the cent: {kpis[1]:,} figures of {kpis[0]} KPIs of sales. aar, starting "
        f"included, takes {ours.seconds / peer.seconds:.1f} times as long "
        f"({ours.cpu_seconds / peer.cpu_seconds:.1f} in CPU seconds) and "
        f"{ours.peak_bytes / peer.peak_bytes:.1f} times the memory, and computes "
        f"{run.rows / kpis[1]:.0f} times as many figures: days and weeks, samples, and the KPIs of "
        "messages, tickets, deals, visits, spend, subscriptions and answers, checked and written"
    )


def grown(sizes: list[int], runs: dict[int, Run]) -> None:
    """How time and memory grew with the lines."""
    for size in sizes[1:]:
        small, large = runs[sizes[0]].measure, runs[size].measure
        print(
            f"{size / sizes[0]:.0f} times the lines took {large.seconds / small.seconds:.1f} times "
            f"as long ({large.cpu_seconds / small.cpu_seconds:.1f} in CPU seconds) and "
            f"{large.peak_bytes / small.peak_bytes:.1f} times the memory"
        )


def main(arguments: list[str]) -> None:
    """Measure and print all sizes."""
    sizes = [int(size) for size in arguments] or [1_000_000, 10_000_000, PROMISED_LINES]
    runs: dict[int, Run] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="aar-benchmark-") as folder:
            script("generated_orders.py", str(size), folder)
            if size == sizes[0]:
                export(folder)
            runs[size] = platform(folder)
            show(size, runs[size])
            if size == sizes[0]:
                compare(folder, script("sales_kpis_in_pandas.py", folder), runs[size])
    grown(sizes, runs)
    if PROMISED_LINES in runs:
        print_limits(runs[PROMISED_LINES].measure, PROMISED_SECONDS, PROMISED_BYTES)


if __name__ == "__main__":
    main(sys.argv[1:])
