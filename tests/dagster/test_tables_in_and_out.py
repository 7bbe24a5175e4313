"""The IO manager: Ibis or pandas as annotated, tables and partitions replaced whole or not."""

import json
from datetime import date

import dagster as dg
import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest

from aar_platform.resources.io_manager import warehouse_io_manager
from aar_platform.resources.platform import Platform
from aar_platform.resources.warehouse import TableNotWritten
from aar_platform.tables import catalogue
from aar_platform.tables.exchange import Exchange

MONTHS = dg.MonthlyPartitionsDefinition("2024-01-01")


def run(place, assets, selection=None, partition=None):
    if not place.config.exists():
        place.write("aar.yaml", "organisation: {name: Small}\n")
    resources = {
        "platform": Platform(config_path=str(place.config)),
        "io_manager": warehouse_io_manager,
    }
    return dg.materialize(
        assets, selection=selection, partition_key=partition, resources=resources,
        raise_on_error=False,
    )  # fmt: skip


def row(name, **values):
    return {column: values.get(column) for column in catalogue.column_names(name)}


@dg.asset(name="spend")
def spend_from_pandas() -> pd.DataFrame:
    known = row("spend", source="ads", record_id="1", spend_id="1", amount=12, is_deleted=False)
    return pd.DataFrame([known])


def test_an_asset_may_return_pandas_and_the_next_may_ask_for_either(place):
    seen = {}

    @dg.asset
    def as_pandas(spend: pd.DataFrame) -> None:
        seen["pandas"] = spend

    @dg.asset
    def as_ibis(spend: ir.Table) -> None:
        seen["ibis"] = (type(spend), spend.count().execute())

    assert run(place, [spend_from_pandas, as_pandas, as_ibis]).success
    assert isinstance(seen["pandas"], pd.DataFrame)
    assert list(seen["pandas"].columns) == catalogue.column_names("spend")
    assert issubclass(seen["ibis"][0], ir.Table)
    assert seen["ibis"][1] == 1


def test_what_is_stored_has_the_types_of_the_catalogue(place):
    assert run(place, [spend_from_pandas]).success
    with place.warehouse() as opened:
        assert opened.table("spend").schema() == catalogue.ibis_schema("spend")


def test_metadata_tell_the_rows_and_show_no_personal_column(place):
    person = row(
        "contacts", source="crm", record_id="1", contact_id="1", full_name="Ada Lovelace",
        email="ada@example.org", city="London", is_deleted=False, lifecycle_stage="lead",
    )  # fmt: skip

    @dg.asset
    def contacts() -> pd.DataFrame:
        return pd.DataFrame([person])

    events = run(place, [contacts]).asset_materializations_for_node("contacts")
    metadata = events[0].metadata
    assert metadata["dagster/row_count"].value == 1
    preview = metadata["preview"].value
    assert "lead" in preview
    assert not any(word in preview for word in ("Ada", "ada@", "London", "full_name", "| email |"))


def test_a_missing_column_is_named_and_the_old_rows_stay(place):
    @dg.asset(name="spend")
    def incomplete() -> pd.DataFrame:
        return pd.DataFrame([{"source": "ads", "record_id": "2"}])

    assert run(place, [spend_from_pandas]).success
    failed = run(place, [incomplete])
    assert not failed.success
    assert "table 'spend' lacks the columns spend_id" in str(failed.failure_data_for_node("spend"))
    assert stored(place, "select record_id from spend") == [("1",)]


def kpi_orders(failing_in=None):
    @dg.asset(name="kpi_orders", partitions_def=MONTHS)
    def asset(context: dg.AssetExecutionContext) -> ir.Table:
        month = context.partition_time_window.start.date()
        rows = [
            row("kpi_orders", kpi="orders", period_start=month, period="month", dimension="all",
                member=member, value=1.0, unit="orders", numerator=1.0, sample_size=1)
            for member in ("one", "two")
        ]  # fmt: skip
        table = ibis.memtable(pd.DataFrame(rows), schema=catalogue.ibis_schema("kpi_orders"))
        if month == failing_in:
            # Read as a number for the second row only, when the engine is at work already.
            table = table.mutate(value=ibis.ifelse(table.member == "two", table.member, "3"))
            table = table.mutate(value=table.value.cast("float64"))
        return table

    return asset


def test_a_partition_is_replaced_and_the_others_stay(place):
    for month in ("2024-01-01", "2024-02-01", "2024-01-01"):
        assert run(place, [kpi_orders()], partition=month).success
    rows = stored(place, "select period_start, count(*) from kpi_orders group by 1 order by 1")
    assert rows == [(date(2024, 1, 1), 2), (date(2024, 2, 1), 2)]


def test_a_write_that_fails_leaves_the_old_rows(place):
    for month in ("2024-01-01", "2024-02-01"):
        assert run(place, [kpi_orders()], partition=month).success
    before = stored(place, "select * from kpi_orders order by all")
    failed = run(place, [kpi_orders(failing_in=date(2024, 1, 1))], partition="2024-01-01")
    assert not failed.success
    assert stored(place, "select * from kpi_orders order by all") == before


def test_tables_that_belong_together_change_together_or_not_at_all(place):
    run(place, [spend_from_pandas])
    with place.warehouse(read_only=False) as opened:
        new = ibis.memtable({"word": ["3", "three"]})
        broken = new.mutate(number=new.word.cast("int64"))
        with pytest.raises(TableNotWritten, match="table 'other' is as it was"):
            opened.replace_many({("main", "spend"): new, ("main", "other"): broken})
        assert opened.table("spend").count().execute() == 1
        assert opened.table("spend").columns[0] == "source"
        assert not opened.has("other")


def exchange():
    came = ibis.memtable({"word": ["B", "d"], "number": [2, 4]})
    return Exchange("number", ibis.memtable({"number": [2, 3, 9]}), came)


def test_rows_leave_a_table_and_others_come_or_it_stays_as_it_was(place):
    run(place, [spend_from_pandas])
    with place.warehouse(read_only=False) as opened:
        opened.replace("t", ibis.memtable({"number": [1, 2, 3], "word": ["a", "b", "c"]}))
        broken = ibis.memtable({"word": ["3", "three"]})
        broken = broken.mutate(number=broken.word.cast("int64"))
        with pytest.raises(TableNotWritten, match="table 'other' is as it was"):
            opened.replace_many({("main", "t"): exchange(), ("main", "other"): broken})
        assert sorted(opened.table("t").word.execute()) == ["a", "b", "c"]
        opened.replace_many({("main", "t"): exchange()})
    rows = stored(place, "select number, word from t order by number")
    assert rows == [(1, "a"), (2, "B"), (4, "d")]


def test_a_new_column_of_an_export_is_added_and_is_null_in_the_older_rows(place):
    run(place, [spend_from_pandas])
    with place.warehouse(read_only=False) as opened:
        opened.replace("raw_x", ibis.memtable({"day": ["1", "2"], "a": [1, 2]}))
        opened.replace_where("raw_x", ibis.memtable({"day": ["2"], "b": ["new"]}), "day = '2'")
        rows = json.loads(
            opened.table("raw_x").order_by("day").to_pandas().to_json(orient="records")
        )
    assert rows == [{"day": "1", "a": 1, "b": None}, {"day": "2", "a": None, "b": "new"}]


def stored(place, sql):
    with place.warehouse() as opened:
        return opened.backend.con.execute(sql).fetchall()
