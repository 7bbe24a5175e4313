"""What Dagster keeps of a run holds nothing of the people in it."""

import re

import ibis
import pytest

from aar_platform.resources.metadata import table_metadata
from aar_platform.resources.warehouse import Warehouse
from aar_platform.tables import catalogue

WHO = "ada.zebra@example.org"


def test_no_name_and_no_address_of_a_customer_is_in_what_dagster_keeps(small_shop):
    found = []
    files = [path for path in (small_shop.folder / "data/dagster").rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes().lower()
        if b"zebra" in content or re.search(rb"\+336123450?\d", content):
            found.append(path.name)
    assert found == []


def test_no_name_and_no_address_is_told_when_a_run_fails(shop, monkeypatch):
    from aar_platform.assets import customers

    right = customers.golden_record
    # The engine's own message would repeat the value.
    monkeypatch.setattr(
        customers,
        "golden_record",
        lambda *given: (made := right(*given))._replace(
            customers=made.customers.mutate(record_count=made.customers.email.cast("int64"))
        ),
    )
    failures = shop.run("customers")
    assert len(failures) == 1
    assert "zebra" not in failures[0].lower()
    for path in (shop.folder / "data/dagster").rglob("*"):
        if path.is_file():
            assert b"zebra" not in path.read_bytes().lower(), path.name


@pytest.fixture
def warehouse(tmp_path):
    opened = Warehouse(tmp_path / "warehouse.duckdb")
    yield opened
    opened.close()


def preview(warehouse, name, *rows):
    """What the UI shows of a table with these rows; what they do not name is empty."""
    schema = catalogue.ibis_schema(name)
    whole = [dict.fromkeys(schema) | row for row in rows]
    warehouse.replace(name, ibis.memtable(whole, schema=schema))
    return table_metadata(warehouse, name)["preview"].value


def test_the_preview_of_report_files_names_no_recipient(warehouse):
    path = f"2026-06/portfolio/{WHO}/report.html"
    shown = preview(warehouse, "report_files", {"path": path, "recipient": WHO, "role": "manager"})
    assert "manager" in shown
    assert "zebra" not in shown
    assert "path" not in shown


@pytest.mark.parametrize("name", ["kpis", "kpi_revenue", "kpi_restatements"])
def test_the_preview_of_figures_names_no_owner(warehouse, name):
    whole = {"kpi": "revenue", "dimension": "all", "member": "all"}
    shown = preview(warehouse, name, whole, {"dimension": "owner", "member": WHO})
    assert "revenue" in shown
    assert "zebra" not in shown


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("kpi_alerts", {"kpi": "revenue", "moved_by": f"owner {WHO} +12; country FR +3"}),
        ("customer_links", {"source": "mail", "record_id": WHO}),
        ("quarantine", {"source": "mail", "record_id": f"mailto:{WHO}"}),
    ],
)
def test_an_address_in_any_column_is_not_shown(warehouse, name, row):
    shown = preview(warehouse, name, row)
    assert "•••" in shown
    assert "zebra" not in shown
