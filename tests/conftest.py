"""A small shop whose exports are run once for all tests, and the ways to run and look at one."""

import contextlib
import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

ORDER_DAYS = (
    "2024-01-03", "2024-01-17", "2024-02-05", "2024-02-20", "2024-03-04", "2024-03-21",
    "2024-04-02",
)  # fmt: skip
PEOPLE = 120
ORDERS = """\
      - path: exports/orders-*.csv
        into: order_lines
        columns: {order_id: Order, line_id: Line, sku: SKU, quantity: Qty, unit_price: Price,
                  ordered_at: At, contact_id: Customer, country: Country}
        constants: {currency: EUR}
"""
CONTACTS = """\
      - path: exports/people.csv
        into: contacts
        columns: {contact_id: id, full_name: name, email: email, phone: phone}
"""
CONFIGURATION = f"""\
organisation: {{name: Small, currency: EUR, timezone: Europe/Paris, locale: en, country: FR}}
start: 2024-01-01
sources:
  - name: shop
    kind: files
    tables:
{ORDERS}{CONTACTS}\
  - name: desk
    kind: files
    tables:
      - path: exports/users.jsonl
        into: contacts
        columns: {{contact_id: id, full_name: name, email: email}}
reports:
  - {{template: portfolio, schedule: monthly, formats: [html]}}
"""
# Columns that hold the time of the run rather than something of the data, by table.
TIME_OF_RUN = {
    "customer_links": {"linked_at"},
    "customer_history": {"occurred_at"},
    "identity_model": {"fitted_at"},
    "quarantine": {"first_seen_at"},
    "repairs": {"repaired_at"},
    "disagreements": {"found_at"},
    # How late a source is grows from run to run, and its score falls with it.
    "source_reliability": {"as_of", "pulls", "failures", "last_pulled_at"}
    | {"lateness_hours", "score"},
    # Pages tell when each source was fetched.
    "report_files": {"rendered_at", "sha256"},
}


@pytest.fixture(scope="session", autouse=True)
def _nothing_from_outside() -> Iterator[None]:
    """Neither a Dagster home nor an aar.yaml of the machine finds its way into a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "AAR_CONFIG", "AAR_SECRETS_DIR", "AAR_KEY"):
            patch.delenv(name, raising=False)
        yield


@dataclass(frozen=True)
class Answer:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def lines(self) -> list[str]:
        return self.said.splitlines()


@dataclass(frozen=True)
class Place:
    """A folder with an aar.yaml, and the platform at work in it."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "aar.yaml"

    @property
    def settings(self) -> Any:
        from aar_platform.settings.loading import load_settings

        return load_settings(self.config)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(
        self, select: str | None = None, first: str | None = None, last: str | None = None
    ) -> list[str]:
        """`aar run` in this process; a line per failure."""
        from rich.console import Console

        from aar_platform.commands.run import Window, run_pipeline

        window = Window(first and date.fromisoformat(first), last and date.fromisoformat(last))
        return run_pipeline(self.settings, self.config, select, window, Console(quiet=True))

    def aar(self, *arguments: str) -> Answer:
        """The command line in this process, as `aar` is called."""
        from aar_platform import cli

        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["aar", "--config", str(self.config), *arguments])
            with (
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
                pytest.raises(SystemExit) as end,
            ):
                cli.main()
        return Answer(int(end.value.code or 0), out.getvalue(), err.getvalue())

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """`aar` in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "aar_platform.cli", "--config", str(self.config), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
            cwd=self.folder,
        )

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows that `aar query` gives."""
        answer = self.aar("query", "--format", "json", sql)
        assert answer.status == 0, answer.said
        return list(json.loads(answer.out))

    @contextlib.contextmanager
    def warehouse(self, *, read_only: bool = True) -> Iterator[Any]:
        from aar_platform.resources.platform import open_warehouse

        opened = open_warehouse(self.settings, read_only=read_only)
        try:
            yield opened
        finally:
            opened.close()

    def spoil(self, sql: str) -> None:
        """Write into the warehouse behind the platform's back."""
        with self.warehouse(read_only=False) as opened:
            opened.backend.raw_sql(sql)

    def tables(self, *, with_times: bool) -> dict[str, tuple[list[str], list[Any]]]:
        """Every table's columns and rows, sorted; without the columns that tell when it ran."""
        found: dict[str, tuple[list[str], list[Any]]] = {}
        with self.warehouse() as opened:
            connection = opened.backend.con
            names = connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_catalog = 'warehouse'"
            ).fetchall()
            for schema, name in names:
                table = f'warehouse.{schema}."{name}"'
                dropped = set() if with_times else _times(name)
                described = connection.execute(f"describe {table}").fetchall()
                columns = [row[0] for row in described if row[0] not in dropped]
                fields = ", ".join(f'"{column}"' for column in columns)
                rows = connection.execute(f"select {fields} from {table}").fetchall()
                found[f"{schema}.{name}"] = (columns, sorted(rows, key=repr))
        return found

    def copy(self, folder: Path) -> "Place":
        """The same, warehouse and landing included, to be altered."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Place(folder)


def _times(table: str) -> set[str]:
    for ending in ("_quarantine", "_repairs"):
        table = ending[1:] if table.endswith(ending) else table
    return {"extracted_at"} if table.startswith("raw_") else TIME_OF_RUN.get(table, set())


def write_small_shop(place: Place, configuration: str = CONFIGURATION) -> Place:
    """A shop's exports: daily order lines, 120 people, and a help desk that knows some of them.

    Order K is cancelled by CK; every seventh line has no customer; one line cannot be read.
    """
    place.write("aar.yaml", configuration)
    number = 0
    for month, day in enumerate(ORDER_DAYS):
        rows = ["Order,Line,SKU,Qty,Price,At,Customer,Country"]
        for i in range(8):
            number += 1
            customer = "" if number % 7 == 0 else f"C{number * 5 % 12 + 1:03d}"
            quantity, price = number % 4 + 1, f"{number * 37 % 90 + 10}.{number % 10}5"
            rows.append(
                f"O{number:03d},{number}-1,S{number % 5},{quantity},{price},{day} 1{i}:15:00,"
                f"{customer},FR"
            )
            if i == 6:
                rows.append(
                    f"CO{number:03d},{number}-2,S{number % 5},-{quantity},{price},"
                    f"{day} 1{i}:45:00,{customer},FR"
                )
        if month == 3:
            rows.append(f"O900,900-1,S1,many,5.00,{day} 19:00:00,C001,FR")
        place.write(f"exports/orders-{day}.csv", "\n".join(rows) + "\n")
    people = [
        f"C{i:03d},Person{i} Zebrafish{i},Person{i}.Zebra@example.org,"
        f"06 12 34 5{i // 100} {i % 100:02d}"
        for i in range(1, PEOPLE + 1)
    ]
    place.write("exports/people.csv", "\n".join(["id,name,email,phone", *people]) + "\n")
    users = [
        {"id": f"u{i}", "name": f"Person{i} Zebrafish{i}", "email": f"person{i}.zebra@example.org"}
        for i in range(1, 21)
    ]
    place.write("exports/users.jsonl", "".join(json.dumps(user) + "\n" for user in users))
    return place


@pytest.fixture(scope="session")
def once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[Place], None]], Place]:
    """Make a folder once for all processes that run tests; it is for reading, or for copying."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, build: Callable[[Place], None]) -> Place:
        place, done = Place(shared / name), shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(place.folder, ignore_errors=True)
                build(place)
                done.touch()
        return place

    return make


@pytest.fixture(scope="session")
def small_shop(once: Callable[[str, Callable[[Place], None]], Place]) -> Place:
    """The small shop after one undisturbed run. Copy it to alter it."""

    def build(place: Place) -> None:
        write_small_shop(place)
        assert place.run() == []

    return once("small_shop", build)


@pytest.fixture
def shop(small_shop: Place, tmp_path: Path) -> Place:
    """A copy of the small shop after its run, to be altered."""
    return small_shop.copy(tmp_path / "shop")


@pytest.fixture
def new_shop(tmp_path: Path) -> Callable[..., Place]:
    """The small shop's exports before any run, in a folder of the given name."""

    def make(name: str = "new", configuration: str = CONFIGURATION) -> Place:
        return write_small_shop(Place(tmp_path / name), configuration)

    return make


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty folder."""
    return Place(tmp_path)
