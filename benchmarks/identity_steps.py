"""From core tables to customers as the assets go: the one place where benchmarks call identity."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from aar_platform.identity.golden_record import golden_record
from aar_platform.identity.linking import TABLES, linked
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.resources.warehouse import Warehouse
from aar_platform.tables import catalogue

Step = Callable[[str], AbstractContextManager[None]]


def link(warehouse: Warehouse, country: str, now: datetime, step: Step) -> None:
    """Write the tables of linking from the core tables that are there, with default settings."""
    core = {name: warehouse.table(name) for name in catalogue.CORE if warehouse.has(name)}
    before = {name: warehouse.table(name) for name in TABLES if warehouse.has(name)}
    with step("link"), linked(core, country, IdentityPolicy(), None, before, now) as found:
        written = {**found.tables, **found.exchanges}
        warehouse.replace_many({("main", name): rows for name, rows in written.items()})


def merge(warehouse: Warehouse, step: Step) -> None:
    """Write `customers` and `customer_values` from the core tables and `customer_links`."""
    core = {name: warehouse.table(name) for name in catalogue.CORE if warehouse.has(name)}
    with step("golden record"):
        tables = golden_record(core, warehouse.table("customer_links"))._asdict()
        warehouse.replace_many({("main", name): rows for name, rows in tables.items()})
