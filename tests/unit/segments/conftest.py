"""Sales as a few words each, for the tests of segments."""

from collections.abc import Callable, Iterable
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest

from aar_platform.models.purchase_history import customer_scores
from aar_platform.segments.behaviour import customer_behaviour
from aar_platform.segments.definition import schemes
from aar_platform.segments.policy import BehaviouralPolicy, SegmentPolicy
from aar_platform.tables import catalogue
from aar_platform.tables.validation import model_of

AS_OF = date(2024, 12, 31)

# customer_id, day, value; a negative value is a refund
Sale = tuple[str | None, date, str]
Segmented = Callable[..., pd.DataFrame]


def sales_table(connection: ibis.BaseBackend, sales: Iterable[Sale]) -> ir.Table:
    rows = [
        {
            "source": "shop",
            "kind": "refund" if value.startswith("-") else "order",
            "record_id": str(number),
            "order_id": str(number),
            "customer_id": customer_id,
            "sold_at": pd.Timestamp(day),
            "sold_on": day,
            "country": None,
            "region": None,
            "channel": None,
            "amount_reporting": value,
            "currency": "EUR",
        }
        for number, (customer_id, day, value) in enumerate(sales)
    ]
    schema = catalogue.ibis_schema("sales")
    text = dict.fromkeys(schema.names, "string") | {"sold_at": "timestamp", "sold_on": "date"}
    frame = pd.DataFrame(rows, columns=list(schema.names))
    return connection.create_table("sales", ibis.memtable(frame, schema=text).cast(dict(schema)))


def company_tables(
    connection: ibis.BaseBackend, sales: Iterable[Sale], also_customers: Iterable[str] = ()
) -> tuple[ir.Table, ir.Table, ir.Table]:
    sold = list(sales)
    table = sales_table(connection, sold)
    ids = sorted({sale[0] for sale in sold if sale[0]} | set(also_customers))
    customers = connection.create_table(
        "customers", ibis.memtable({"customer_id": ids}, schema={"customer_id": "string"})
    )
    return table, customers, connection.create_table("scores", customer_scores(table, AS_OF))


@pytest.fixture
def behaviour() -> Callable[[Iterable[Sale]], pd.DataFrame]:
    """How the customers of some sales buy, by customer_id."""

    def of(sales: Iterable[Sale]) -> pd.DataFrame:
        tables = company_tables(ibis.duckdb.connect(), sales)
        return customer_behaviour(*tables, AS_OF).to_pandas().set_index("customer_id")

    return of


@pytest.fixture
def segmented() -> Segmented:
    """Assigns a scheme's segments to sales, by customer_id: columns segment and label."""

    def assign(
        scheme: str,
        sales: Iterable[Sale],
        also_customers: Iterable[str] = (),
        clusters: int | str = "auto",
    ) -> pd.DataFrame:
        connection = ibis.duckdb.connect()
        table, customers, scores = company_tables(connection, sales, also_customers)
        ids = sorted(customers.customer_id.execute())
        policy = SegmentPolicy(behavioural=BehaviouralPolicy(clusters=clusters))
        found = schemes()[scheme].assign(table, customers, scores, AS_OF, policy)
        assert found.schema() == catalogue.ibis_schema("customer_segments")
        frame = connection.to_pandas(found)
        assert sorted(frame["customer_id"]) == ids, "every customer has exactly one segment"
        assert set(frame["scheme"]) <= {scheme}
        # On a table without rows pandera's Ibis backend takes the null check for failed.
        if len(frame):
            stored = connection.create_table("found", found)
            model_of(catalogue.table("customer_segments")).validate(stored).execute()
        return frame.set_index("customer_id")[["segment", "label"]].sort_index()

    return assign
