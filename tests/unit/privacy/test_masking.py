from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from aar_platform.privacy.masking import (
    NotVisible,
    may_see_accounts,
    restricted,
    suppressed,
    visible,
)
from aar_platform.privacy.roles import DEFAULT_ROLES, Role
from aar_platform.tables import catalogue


def stored(name: str, rows: list[dict[str, Any]]) -> ir.Table:
    schema = catalogue.ibis_schema(name)
    columns = {c: pa.array([r.get(c) for r in rows], t.to_pyarrow()) for c, t in schema.items()}
    return ibis.memtable(pa.table(columns))


CUSTOMERS = stored(
    "customers",
    [
        {"customer_id": "a", "kind": "person", "display_name": "王伟", "email": "w@example.com",
             "country": "CN", "owner": "ada@example.com", "sources": "shop", "record_count": 1},
        {"customer_id": "b", "kind": "person", "display_name": "Bo", "email": "b@example.com",
             "country": "FR", "owner": "bo@example.com", "sources": "shop", "record_count": 1},
    ],
)  # fmt: skip


def test_a_role_sees_the_classes_it_may_and_null_for_the_rest() -> None:
    seen = visible(CUSTOMERS, "customers", DEFAULT_ROLES["account_manager"]).execute()
    assert list(seen.display_name) == ["王伟", "Bo"]
    assert seen.country.isna().all()
    assert list(seen.record_count) == [1, 1]


def test_masking_keeps_the_columns_their_order_and_their_types() -> None:
    seen = visible(CUSTOMERS, "customers", Role(see=("financial",)))
    assert seen.schema() == CUSTOMERS.schema()
    assert seen.email.execute().isna().all()


def test_the_engineer_sees_everything() -> None:
    assert visible(CUSTOMERS, "customers", DEFAULT_ROLES["engineer"]) is CUSTOMERS


def test_a_column_the_catalogue_does_not_know_is_hidden_unless_everything_is_seen() -> None:
    wider = CUSTOMERS.mutate(passport=ibis.literal("x"))
    role = DEFAULT_ROLES["account_manager"]
    assert visible(wider, "customers", role).passport.execute().isna().all()


@pytest.mark.parametrize(
    "name", ["customers", "sales", "activities", "tickets", "contacts", "repairs", "messages"]
)
def test_rows_about_individuals_are_closed_to_a_role_that_sees_aggregates_only(name: str) -> None:
    with pytest.raises(NotVisible, match="individuals"):
        visible(stored(name, []), name, DEFAULT_ROLES["executive"])
    assert not may_see_accounts(DEFAULT_ROLES["executive"])


def test_aggregates_are_open_to_every_role() -> None:
    kpis = stored("kpis", [])
    assert visible(kpis, "kpis", DEFAULT_ROLES["executive"]) is kpis


def test_a_role_with_rows_sees_only_the_customers_they_hold_for() -> None:
    sales = stored("sales", [{"customer_id": c, "source": "s", "kind": "order", "record_id": str(n)}
                             for n, c in enumerate(["a", "b", "a", None])])  # fmt: skip
    tables = {
        "customers": CUSTOMERS,
        "sales": sales,
        "customer_scores": stored("customer_scores", []),
        "customer_segments": stored("customer_segments", []),
    }
    role = DEFAULT_ROLES["account_manager"]
    part = restricted(tables.__getitem__, role, "ada@example.com", ())
    assert list(part("customers").customer_id.execute()) == ["a"]
    assert part("sales").count().execute() == 2


def groups(sizes: dict[str, int], smallest: int) -> dict[str, tuple[Any, bool]]:
    table = ibis.memtable({"name": list(sizes), "size": list(sizes.values())})
    table = table.mutate(value=table["size"] * 10)
    told = suppressed(table, "size", ("value",), Role(see=("aggregate",), smallest_group=smallest))
    rows = told.to_pyarrow().to_pylist()
    return {row["name"]: (row["value"], row["is_small"]) for row in rows}


def test_groups_smaller_than_allowed_are_not_told() -> None:
    told = groups({"FR": 50, "BE": 9, "NL": 4, "LU": 10}, 10)
    assert told == {"FR": (500, False), "BE": (None, True), "NL": (None, True), "LU": (100, False)}


def test_a_single_small_group_takes_the_next_smallest_with_it() -> None:
    """Or it could be had by subtracting the others from the whole."""
    told = groups({"FR": 50, "BE": 9, "LU": 30}, 10)
    assert told == {"FR": (500, False), "BE": (None, True), "LU": (None, True)}


def test_small_groups_that_are_few_people_together_take_the_next_smallest_with_them() -> None:
    told = groups({"FR": 50, "BE": 2, "NL": 3, "LU": 30}, 10)
    assert told["LU"] == (None, True)
    assert told["FR"] == (500, False)


def test_groups_of_nobody_and_unrestricted_roles_hide_nothing() -> None:
    assert groups({"FR": 50, "BE": 0}, 10)["BE"] == (0, False)
    assert groups({"FR": 50, "BE": 1}, 1)["BE"] == (10, False)
