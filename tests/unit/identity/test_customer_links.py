import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pytest

from aar_platform.identity.clusters import clusters, connected
from aar_platform.identity.customers_of import customers_of
from aar_platform.identity.exact_keys import MOST_NAMES, MOST_RECORDS, exact_edges
from aar_platform.identity.records import identity_records
from aar_platform.tables import catalogue

AT = datetime(2025, 5, 5)


def person(contact_id: str, **columns: Any) -> dict[str, Any]:
    return {"contact_id": contact_id, **columns}


def test_the_same_address_makes_one_customer_of_records_in_two_systems(core, link, groups):
    people = [
        person("1", full_name="Ann Lee", email="ann@x.org"),
        person("2", source="shop", given_name="Ann", family_name="Lee", email="ann@x.org"),
        person("3", source="shop", email="bob@x.org"),
    ]
    links = link(core(contacts=people))
    assert groups(links) == {frozenset({"1", "2"}), frozenset({"3"})}
    assert set(links.loc[links.record_id != "3", "method"]) == {"rule"}
    assert set(links.loc[links.record_id == "3", "method"]) == {"key"}
    assert (links.match_probability == 1).all()


@pytest.mark.parametrize(
    "address",
    ["info@x.org", "sales2@x.org", "no-reply@x.org", "noreply-eu@x.org", "office+a@x.org"],
)
def test_a_role_address_does_not_make_one_customer_of_two_people(core, link, address):
    people = [
        person("1", full_name="Ann Lee", email=address),
        person("2", full_name="Bob Ray", email=address),
        person("3", email=address),
    ]
    assert link(core(contacts=people)).customer_id.nunique() == 3


def test_an_address_under_many_names_links_nobody(core, link):
    def of(names: list[str]) -> list[dict[str, Any]]:
        return [person(str(i), full_name=name, email="till@x.org") for i, name in enumerate(names)]

    spellings = ["Margaret Lee", "Margret Lee", "Maggie Lee"]
    assert link(core(contacts=of(spellings))).customer_id.nunique() == 1
    strangers = ["Ann Lee", "Ben Moss", "Cem Ates", "Dora Kling"]
    assert len(strangers) > MOST_NAMES
    assert link(core(contacts=of(strangers))).customer_id.nunique() == len(strangers)


def test_an_address_that_two_of_a_household_share_does_not_make_them_one(core, link):
    couple = [
        person("1", full_name="John Smith", email="smith@x.org"),
        person("2", full_name="Mary Smith", email="smith@x.org"),
    ]
    assert link(core(contacts=couple)).customer_id.nunique() == 2


def test_an_address_in_very_many_nameless_contacts_links_nobody(core, link):
    people = [person(str(i), email="till@x.org") for i in range(MOST_RECORDS + 1)]
    assert link(core(contacts=people)).customer_id.nunique() == MOST_RECORDS + 1


def test_case_order_and_punctuation_do_not_make_names_different(core, link):
    names = ["Ann Lee", "LEE, ANN", "lee ann", "Ann  Lee", "Ann-Lee", "ann lee."]
    people = [person(str(i), full_name=n, email="a@x.org") for i, n in enumerate(names)]
    assert link(core(contacts=people)).customer_id.nunique() == 1


def test_a_declared_id_links_to_the_record_of_the_system_named(core, link, groups):
    people = [
        person("1", external_ids='{"shop": "7", "desk": 9}'),
        person("7", source="shop"),
        person("9", source="desk"),
        person("7", source="other"),
    ]
    links = link(core(contacts=people))
    together = links[links.customer_id == links.loc[links.record_id == "1", "customer_id"].item()]
    assert set(zip(together.source, together.record_id, strict=True)) == {
        ("crm", "1"),
        ("shop", "7"),
        ("desk", "9"),
    }


def test_two_systems_that_declare_the_same_id_of_a_third_unloaded_one_agree(core, link):
    people = [
        person("1", external_ids='{"erp": "E1"}'),
        person("2", source="shop", external_ids='{"erp": "E1"}'),
        person("3", source="shop", external_ids='{"erp": "0"}'),
        person("4", source="shop", external_ids='{"erp": "0"}'),
    ]
    assert link(core(contacts=people)).customer_id.nunique() == 3


def test_unreadable_external_ids_link_nothing_and_fail_nothing(core, link):
    ids = ["{broken", "[1]", '"x"', "", None, "{}", '{"shop": null}', '{"shop": ""}']
    people = [person(str(i), external_ids=text) for i, text in enumerate(ids)]
    assert link(core(contacts=people)).customer_id.nunique() == len(ids)


def test_a_person_and_a_company_with_one_id_stay_two_customers(core, link):
    deals = [{"deal_id": "d", "contact_id": "5", "company_id": "5"}]
    companies = [{"company_id": "6", "external_ids": '{"crm": "5"}', "source": "shop"}]
    links = link(core(deals=deals, companies=companies))
    assert not links.duplicated(["source", "object", "record_id"]).any()
    of_company = links[links.object == "companies"]
    assert of_company.customer_id.nunique() == 1
    assert set(of_company.customer_id).isdisjoint(links[links.object == "contacts"].customer_id)


def test_a_buyer_whom_only_orders_know_is_a_customer_and_stays_it_when_the_contact_comes(
    core, link
):
    orders = [{"order_id": "o", "contact_id": "17850", "ordered_at": AT}]
    first = link(core(orders=orders))
    assert list(first.record_id) == ["17850"]
    second = link(core(orders=orders, contacts=[person("17850", full_name="Ann Lee")]), first)
    assert second.equals(first)


def test_a_deleted_contact_is_a_customer_only_while_its_orders_remain(core, link):
    gone = [person("1", is_deleted=True, email="a@x.org"), person("2", is_deleted=True)]
    orders = [
        {"order_id": "o", "contact_id": "1", "ordered_at": AT},
        {"order_id": "p", "contact_id": "2", "ordered_at": AT, "is_deleted": True},
    ]
    assert list(link(core(contacts=gone, orders=orders)).record_id) == ["1"]


def test_guests_of_one_address_are_one_customer_with_the_contact_who_has_it(core, link):
    tables = core(
        contacts=[person("1", email="ann@x.org")],
        orders=[
            {"order_id": "a", "email": "ann@x.org", "ordered_at": AT},
            {"order_id": "b", "email": "info@y.org", "ordered_at": AT},
            {"order_id": "c", "email": "info@y.org", "ordered_at": AT},
            {"order_id": "d", "ordered_at": AT},
        ],
        tickets=[{"ticket_id": "a", "email": "ann@x.org", "opened_at": AT}],
    )
    links = link(tables)
    ids = {(row.object, row.record_id): row.customer_id for row in links.itertuples()}
    assert ids["contacts", "1"] == ids["orders", "a"] == ids["tickets", "a"]
    assert ids["orders", "b"] == ids["orders", "c"] != ids["orders", "a"]
    assert ("orders", "d") not in ids


def test_every_order_keeps_its_row_and_gets_its_customer(core, link):
    tables = core(
        orders=[
            {"order_id": "a", "contact_id": "1", "company_id": "9", "ordered_at": AT},
            {"order_id": "b", "company_id": "9", "ordered_at": AT},
            {"order_id": "c", "email": "x@y.org", "ordered_at": AT},
            {"order_id": "d", "ordered_at": AT},
        ]
    )
    links = link(tables)
    schema = catalogue.ibis_schema("customer_links")
    rows = customers_of(tables["orders"], "orders", ibis.memtable(links, schema=schema))
    assert rows.columns == (*catalogue.column_names("orders"), "customer_id")
    found = rows.to_pandas().set_index("order_id").customer_id
    ids = {(row.object, row.record_id): row.customer_id for row in links.itertuples()}
    assert found["a"] == ids["contacts", "1"]
    assert found["b"] == ids["companies", "9"]
    assert found["c"] == ids["orders", "c"]
    assert pd.isna(found["d"])
    assert len(found) == 4


def test_tables_without_customers_are_refused_by_name(core):
    with pytest.raises(ValueError, match="campaigns"):
        customers_of(core(campaigns=[])["campaigns"], "campaigns", None)


@pytest.mark.parametrize("names", [[], ["contacts"], ["order_lines"], list(catalogue.CORE)])
def test_empty_tables_give_an_empty_table_of_the_right_columns(core, link, names):
    tables = core(**{name: [] for name in names})
    assert identity_records(tables, "DE").count().execute() == 0
    links = link(tables)
    assert list(links.columns) == catalogue.column_names("customer_links")
    assert links.empty


# An independent reading of the same rules, one record after the other.
def naive_clusters(people: list[dict[str, Any]], orders: list[dict[str, Any]]) -> set[frozenset]:
    nodes: dict[tuple, dict[str, Any]] = {}
    for row in people:
        nodes[row["source"], "contacts", row["contact_id"]] = row
    for row in orders:
        if row["contact_id"] is not None:
            key = (row["source"], "contacts", row["contact_id"])
            nodes.setdefault(key, {"email": None, "full_name": None, "mails": []})
            if "mails" in nodes[key] and row["email"]:
                nodes[key]["mails"].append(row["email"])
        elif row["email"]:
            nodes[row["source"], "orders", row["order_id"]] = {
                "email": row["email"], "full_name": None, "guest": True,
            }  # fmt: skip
    for node in nodes.values():
        mails = node.get("mails")
        if mails:
            node["email"] = min(mails, key=lambda m: (-mails.count(m), m))
    parent = {key: key for key in nodes}

    def root(key: tuple) -> tuple:
        while parent[key] != key:
            key = parent[key]
        return key

    for one, a in nodes.items():
        for two, b in nodes.items():
            if one >= two:
                continue
            linked = False
            if a["email"] and a["email"] == b["email"]:
                having = [n for n in nodes.values() if n["email"] == a["email"]]
                names = {n["full_name"] for n in having if n["full_name"]}
                shared = len(names) > MOST_NAMES or a["email"].startswith("info@")
                linked = not shared or bool(a.get("guest") and b.get("guest"))
            for here, (key, _) in ((a, (two, b)), (b, (one, a))):
                told = here.get("declared")
                linked = linked or (
                    told is not None and told == (key[0], key[2]) and key[1] == "contacts"
                )
            linked = linked or (
                a.get("declared") is not None and a.get("declared") == b.get("declared")
            )
            if linked:
                parent[root(one)] = root(two)
    found: dict[tuple, set] = {}
    for key in nodes:
        found.setdefault(root(key), set()).add(key)
    return {frozenset(keys) for keys in found.values()}


def random_company(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    dice = random.Random(seed)
    mails = [None, "info@x.org", *(f"p{i}@x.org" for i in range(8))]
    people = []
    for source in ("crm", "shop"):
        for number in range(1, 13):
            # Few declare, so that the guard for ids that many declare is not met here.
            declared = (dice.choice(["crm", "shop", "erp"]), str(dice.randrange(1, 16)))
            declared = declared if dice.random() < 0.2 else None
            people.append(
                {
                    "source": source,
                    "contact_id": str(number),
                    "email": dice.choice(mails),
                    "full_name": dice.choice([None, *(f"Marianne{'e' * i} Lee" for i in range(6))]),
                    "declared": declared,
                    "external_ids": f'{{"{declared[0]}": "{declared[1]}"}}' if declared else None,
                }
            )
    orders = [
        {
            "source": dice.choice(["crm", "shop"]),
            "order_id": str(i),
            "record_id": str(i),
            "contact_id": str(dice.randrange(16)) if dice.random() < 0.5 else None,
            "email": dice.choice(mails),
            "ordered_at": AT,
        }
        for i in range(20)
    ]
    return people, orders


def linked_by_rules(tables: dict[str, ibis.Table]) -> pd.DataFrame:
    """The clusters that keys alone make, without a model."""
    records = ibis.memtable(identity_records(tables, "DE").to_pyarrow())
    labels = connected(int(records.count().execute()), exact_edges(records))
    found = clusters(labels).join(records, "record")
    return found.to_pandas().rename(columns={"cluster": "customer_id"})


def as_sets(links: pd.DataFrame) -> set[frozenset]:
    keyed = links.assign(key=list(zip(links.source, links.object, links.record_id, strict=True)))
    return {frozenset(keys) for _, keys in keyed.groupby("customer_id").key}


@pytest.mark.parametrize("seed", range(6))
def test_clusters_are_those_of_a_naive_reading_of_the_rules(core, seed):
    people, orders = random_company(seed)
    links = linked_by_rules(core(contacts=people, orders=orders))
    assert as_sets(links) == naive_clusters(people, orders)


@pytest.mark.parametrize("seed", range(2))
def test_neither_the_order_of_rows_nor_the_names_of_sources_change_clusters(
    core, link, seed, request
):
    people, orders = random_company(seed)
    before = as_sets(link(core(contacts=people, orders=orders)))
    shuffled = link(core(contacts=people[::-1], orders=orders[::-1]))
    assert as_sets(shuffled) == before
    new_names = {"crm": "zeta", "shop": "alpha", "erp": "mid"}
    for row in (*people, *orders):
        row["source"] = new_names[row["source"]]
        if row.get("declared"):
            system, number = row["declared"]
            row["external_ids"] = f'{{"{new_names[system]}": "{number}"}}'
    renamed = as_sets(link(core(contacts=people, orders=orders)))
    back = {new: old for old, new in new_names.items()}
    assert {frozenset((back[s], o, r) for s, o, r in group) for group in renamed} == before


def test_ten_thousand_records_with_one_address_neither_link_nor_take_long(
    core: Callable[..., dict[str, ibis.Table]], link
):
    people = [person(str(i), full_name=f"N{i}", email="a@x.org") for i in range(10_000)]
    assert link(core(contacts=people)).customer_id.nunique() == 10_000
