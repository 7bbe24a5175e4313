"""Writes what the made-up company keeps in no API (files of a till and of billing, reviews, a
database), its secrets and the aar.yaml that pulls all of it."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from aar_platform.sandbox.apis.vendor import Vendor
from aar_platform.sandbox.company import Company
from aar_platform.sandbox.configuration import BILLING, CONCLUSION
from aar_platform.sandbox.exports import write_billing, write_csv
from aar_platform.sandbox.order_files import COLUMNS
from aar_platform.sandbox.served_configuration import INTRODUCTION, LEFT_SOURCES
from aar_platform.sandbox.systems import Systems

SECRETS = "secrets"


def write_served(systems: Systems, folder: Path, url: str) -> None:
    """Write `exports/`, `secrets/`, `rates.csv` and `aar.yaml` into `folder`, for APIs that are
    served at `url`. Files of the same name are replaced; anything else stays."""
    company = systems.left
    exports = folder / "exports"
    for folder_name in ("erp", "reviews", "billing"):
        (exports / folder_name).mkdir(parents=True, exist_ok=True)
    tables = company.tables
    for file, rows in company.order_rows.groupby("file", sort=True):
        write_csv(rows[list(COLUMNS)], exports / "erp" / str(file))
    write_csv(tables["customers"], exports / "erp/customers.csv")
    write_csv(tables["refunds"], exports / "erp/refunds.csv", sep=";", encoding="cp1252")
    write_csv(tables["reviews-zh"], exports / "reviews/reviews-zh.csv", encoding="gb18030")
    write_csv(tables["reviews-en"], exports / "reviews/reviews-en.csv")
    write_billing(tables, exports / "billing")
    _write_database(tables, exports / "web.db")
    write_csv(company.rates, folder / "rates.csv", float_format="%.6f")
    entries, secrets = _entries(systems.vendors, url)
    keys = folder / SECRETS
    keys.mkdir(exist_ok=True)
    keys.chmod(0o700)
    for name, secret in secrets.items():
        (keys / name).write_text(secret + "\n", encoding="utf-8")
    (folder / "aar.yaml").write_text(_configuration(company, entries), encoding="utf-8")


def _write_database(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    try:
        tables["accounts"].to_sql("accounts", database, index=False)
        tables["experiment"].to_sql("experiment", database, index=False)
    finally:
        database.close()


def _entries(
    vendors: Mapping[str, Vendor], url: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The entries of aar.yaml for the served APIs, and all their secrets by name."""
    entries: list[dict[str, Any]] = []
    secrets: dict[str, str] = {}
    for name, vendor in vendors.items():
        entry, own = vendor.settings(f"{url}/{name}")
        # What a real system takes minutes to allow need not be waited for here.
        entries.append({**entry, "name": name, "allowance": 1000})
        secrets |= own
    return entries, secrets


def _configuration(company: Company, entries: list[dict[str, Any]]) -> str:
    dates = {"start": company.start.isoformat(), "until": company.until.isoformat()}
    listed = "".join(
        "  - "
        + yaml.safe_dump(
            entry, default_flow_style=True, sort_keys=False, width=2**20, allow_unicode=True
        )
        for entry in entries
    )
    return INTRODUCTION.format(**dates) + listed + LEFT_SOURCES + BILLING + CONCLUSION
