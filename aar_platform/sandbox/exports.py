"""Writes the made-up company as its systems export it: formats and encodings, not content."""

import gzip
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from aar_platform.sandbox.company import Company
from aar_platform.sandbox.configuration import configuration
from aar_platform.sandbox.order_files import file_name
from aar_platform.sandbox.true_exports import truth_of_exports


def write_exports(company: Company, folder: Path) -> None:
    """Write `exports/`, `aar.yaml`, `rates.csv` and `truth/` into `folder`, made where missing.

    Files of the same name are replaced and the day files of an earlier company removed; anything
    else in the folder stays.
    """
    exports = folder / "exports"
    for name in ("shop", "crm", "helpdesk", "mail", "reviews", "web", "ads", "billing"):
        (exports / name).mkdir(parents=True, exist_ok=True)
    tables = company.tables

    _write_day_files(company, exports / "shop")
    write_csv(tables["customers"], exports / "shop/customers.csv")
    write_csv(tables["refunds"], exports / "shop/refunds.csv", sep=";", encoding="cp1252")

    _xlsx(tables["contacts"], exports / "crm/contacts.xlsx", "Contacts")
    write_csv(
        tables["companies"],
        exports / "crm/companies.csv",
        sep=";",
        decimal=",",
        encoding="utf-8-sig",
    )
    _jsonl(tables["deals"], exports / "crm/deals.jsonl")

    write_csv(tables["users"], exports / "helpdesk/users-full.csv")
    write_csv(tables["users-changes"], exports / "helpdesk/users-changes.csv")
    _jsonl(tables["tickets"], exports / "helpdesk/tickets.jsonl.gz")

    write_csv(tables["members"], exports / "mail/members.tsv", sep="\t", encoding="utf-16")
    write_csv(tables["campaigns"], exports / "mail/campaigns.csv")
    _parquet(tables["messages"], exports / "mail/messages.parquet")

    write_csv(tables["reviews-zh"], exports / "reviews/reviews-zh.csv", encoding="gb18030")
    write_csv(tables["reviews-en"], exports / "reviews/reviews-en.csv")

    write_csv(tables["accounts"], exports / "web/accounts.csv")
    _parquet(tables["visits"], exports / "web/visits.parquet")
    write_csv(tables["experiment"], exports / "web/experiment.csv")

    write_csv(tables["spend"], exports / "ads/spend.csv")

    write_billing(tables, exports / "billing")

    write_csv(company.rates, folder / "rates.csv", float_format="%.6f")
    write_truth(truth_of_exports(company), folder)
    text = configuration(company.start, company.until)
    (folder / "aar.yaml").write_text(text, encoding="utf-8", newline="\n")


def write_truth(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write the tables of the truth below `folder`, into `truth/`. Files of the same name are
    replaced; anything else stays."""
    (folder / "truth").mkdir(exist_ok=True)
    for name, table in tables.items():
        write_csv(table, folder / f"truth/{name}.csv")


def write_billing(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """What the billing system exports, into a folder that exists."""
    write_csv(tables["billing-contacts"], folder / "contacts.csv")
    write_csv(tables["subscriptions"], folder / "subscriptions.csv")
    write_csv(tables["usage"], folder / "usage.csv")


def _write_day_files(company: Company, folder: Path) -> None:
    """One file for each day with orders; formatted at once, since 730 writers cost seconds."""
    for old in folder.glob("order-lines-*.csv"):
        old.unlink()
    rows = company.order_rows
    buffer = io.StringIO()
    rows.drop(columns="day").to_csv(buffer, index=False, lineterminator="\n")
    head, *lines = buffer.getvalue().splitlines(keepends=True)
    if len(lines) != len(rows):
        raise ValueError("an order line holds a line break: the day files would be cut wrongly")
    sizes = rows.groupby("day", sort=True).size()
    begin = 0
    for day, size in sizes.items():
        text = head + "".join(lines[begin : begin + size])
        path = folder / file_name(company.start, int(str(day)))
        path.write_text(text, encoding="utf-8", newline="\n")
        begin += size


def write_csv(
    table: pd.DataFrame,
    path: Path,
    sep: str = ",",
    encoding: str = "utf-8",
    decimal: str = ".",
    float_format: str | None = None,
) -> None:
    """Write a table as a system would, in its encoding."""
    text = table.to_csv(
        index=False, sep=sep, decimal=decimal, float_format=float_format, lineterminator="\n"
    )
    path.write_bytes(text.encode(encoding))


def _jsonl(table: pd.DataFrame, path: Path) -> None:
    """JSON lines, compressed where the name says so; without a time stamp, so bytes repeat."""
    data = table.to_json(orient="records", lines=True, force_ascii=False).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def _parquet(table: pd.DataFrame, path: Path) -> None:
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, compression="zstd")


def _xlsx(table: pd.DataFrame, path: Path, sheet: str) -> None:
    """A workbook dated by its newest record rather than by the clock."""
    newest: datetime = table["Modifié le"].max().to_pydatetime()
    with pd.ExcelWriter(path, engine="xlsxwriter", datetime_format="yyyy-mm-dd hh:mm:ss") as writer:
        writer.book.set_properties({"created": newest})
        table.to_excel(writer, sheet_name=sheet, index=False)
