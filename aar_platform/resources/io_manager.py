"""Tables in and out of assets: Ibis or pandas, as the asset's annotation asks."""

from typing import TYPE_CHECKING, Any

import dagster as dg
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from aar_platform.resources.metadata import table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.resources.warehouse import Warehouse
from aar_platform.tables import catalogue

if TYPE_CHECKING:
    import pandas as pd


class WarehouseIOManager(dg.IOManager):
    """Stores what an asset returns as the table of its name, and hands upstream tables on.

    A partitioned asset replaces just the rows of its partitions, by the column that the table's
    model names; any other replaces its table. Either happens in one transaction.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @property
    def _warehouse(self) -> Warehouse:
        return self._platform.warehouse

    def handle_output(self, context: dg.OutputContext, obj: "ir.Table | pd.DataFrame") -> None:
        """Write the rows; tell their number and a preview without personal data."""
        name = context.asset_key.path[-1]
        rows = in_shape(obj, name)
        if context.has_asset_partitions:
            window = context.asset_partitions_time_window
            self._warehouse.replace_window(
                name, rows, _partition_column(name), window.start.date(), window.end.date()
            )
        else:
            self._warehouse.replace(name, rows)
        context.add_output_metadata(table_metadata(self._warehouse, name))

    def load_input(self, context: dg.InputContext) -> "ir.Table | pd.DataFrame":
        """The upstream table: its partitions where it has some, as pandas where that is asked."""
        import pandas as pd

        name = context.asset_key.path[-1]
        rows = self._warehouse.table(name)
        if context.has_asset_partitions and name not in catalogue.CORE:
            window = context.asset_partitions_time_window
            column = rows[_partition_column(name)]
            rows = rows.filter(column >= window.start.date(), column < window.end.date())
        if context.dagster_type.typing_type is pd.DataFrame:
            return rows.to_pandas()
        return rows


@dg.io_manager(required_resource_keys={"platform"})
def warehouse_io_manager(context: dg.InitResourceContext) -> WarehouseIOManager:
    """Shares the run's one open warehouse with the assets."""
    return WarehouseIOManager(context.resources.platform)


def in_shape(rows: "ir.Table | pd.DataFrame", name: str) -> ir.Table:
    """Rows as the table's model wants them: its columns, in order, in their types.

    Columns beyond the model's (consent by purpose in `customers`) follow. Raises ValueError where
    one of the model's columns is missing.
    """
    table: ir.Table = rows if isinstance(rows, ir.Table) else ibis.memtable(rows)
    schema: Any = catalogue.ibis_schema(name)
    missing = [column for column in schema if column not in table.columns]
    if missing:
        raise ValueError(f"table '{name}' lacks the columns {', '.join(missing)}")
    extra = [column for column in table.columns if column not in schema]
    # Stated even where Ibis thinks it needless: DuckDB sums integers to HUGEINT.
    cast = {column: ops.Cast(table[column], schema[column]).to_expr() for column in schema}
    return table.select(**cast, **{column: table[column] for column in extra})


def _partition_column(name: str) -> str:
    return str(catalogue.facts(name)["partition"])
