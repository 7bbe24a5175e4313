"""Published data sets through typing, repairs and rules; skipped where they are absent."""

from decimal import Decimal
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pytest

from aar_platform.quality.conventions import detect_conventions
from aar_platform.quality.sift import Sifted, sift

DATA = (Path(__file__).resolve().parents[3] / "../shared/data").resolve()


def sifted_files(pattern: str, table: str, columns: dict[str, str], zone: str = "UTC") -> Sifted:
    folder = (DATA / pattern).parent
    if not folder.is_dir():
        pytest.skip(f"the data set {folder.name} is not beside the checkout")
    backend = ibis.duckdb.connect()
    backend.raw_sql(
        "create table received as select *, row_number() over (partition by filename) as _row "
        f"from read_csv('{DATA / pattern}', all_varchar = true, filename = true)"
    )
    received: ir.Table = backend.table("received")
    kept = [name for name in received.columns if name != "filename"]
    payload = ibis.literal("|").join([received[name].cast(str).fill_null("") for name in kept[:-1]])
    mapped = received.select(
        source=ibis.literal("files"),
        **{core: received[name] for core, name in columns.items()},
        _payload=payload,
        _extracted_at=ibis.timestamp("2026-01-01 00:00:00"),
        _file=received.filename,
        _row=received._row,
        _partition_key=ibis.literal(""),
    )
    return sift(mapped, table, detect_conventions(mapped, table, None, None), "GB", zone)


def test_every_line_of_online_retail_is_accepted_and_adds_up_to_the_penny() -> None:
    sifted = sifted_files(
        "online_retail_daily/*.csv",
        "order_lines",
        {
            "order_id": "InvoiceNo",
            "sku": "StockCode",
            "product": "Description",
            "quantity": "Quantity",
            "unit_price": "UnitPrice",
            "ordered_at": "InvoiceDate",
            "contact_id": "CustomerID",
            "country": "Country",
        },
        "Europe/London",
    )
    lines = sifted.accepted
    found = lines.aggregate(
        lines=lines.count(),
        net=lines.amount.sum(),
        invoices=lines.order_id.nunique(),
        customers=lines.contact_id.nunique(),
        unknown=lines.contact_id.isnull().sum(),
        floats=lines.contact_id.endswith(".0").sum(),
        british=(lines.country == "GB").sum(),
    )
    (figures,) = found.to_pyarrow().to_pylist()
    assert (sifted.arrived, sifted.repeated) == (320_705, 0)
    assert figures == {
        "lines": 320_705,
        "net": Decimal("5761931.3820"),
        "invoices": 16_459,
        "customers": 3_360,
        "unknown": 88_652,
        "floats": 0,
        "british": 292_858,
    }


def test_febrl_s_impossible_birth_dates_are_left_out_and_told() -> None:
    sifted = sifted_files(
        "febrl/dataset1.csv", "contacts", {"contact_id": "rec_id", "birth_date": "date_of_birth"}
    )
    contacts = sifted.accepted
    assert contacts.count().to_pyarrow().as_py() == sifted.arrived == 1000
    assert contacts.birth_date.count().to_pyarrow().as_py() == 956
    assert sifted.repaired.count().to_pyarrow().as_py() == 3


def test_american_dates_of_opportunities_are_read_month_first() -> None:
    sifted = sifted_files(
        "crm_sales_opportunities/sales_pipeline.csv",
        "deals",
        {
            "deal_id": "opportunity_id",
            "stage": "deal_stage",
            "created_at": "engage_date",
            "closed_at": "close_date",
            "amount": "close_value",
        },
    )
    won = sifted.accepted.filter(sifted.accepted.stage == "Won")
    figures = won.aggregate(n=won.count(), value=won.amount.sum(), last=won.closed_at.max())
    assert [str(value) for value in figures.to_pyarrow().to_pylist()[0].values()] == [
        "4238",
        "10005534.0000",
        "2017-12-31 00:00:00",
    ]
    assert sifted.quarantined.count().to_pyarrow().as_py() == 0
