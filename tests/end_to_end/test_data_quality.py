"""Two systems with slips and a contradiction: whose slips, what differs, who can be relied on."""

import pytest

CONFIGURATION = """\
organisation: {name: Small, currency: EUR, timezone: Europe/Paris, locale: en, country: FR}
start: 2024-01-01
sources:
  - name: crm
    kind: files
    tables:
      - path: crm.csv
        into: contacts
        columns: {contact_id: id, full_name: name, email: email, phone: phone, birth_date: born}
  - name: shop
    kind: files
    tables:
      - path: shop.csv
        into: contacts
        columns: {contact_id: id, full_name: name, email: email, phone: phone}
      - path: orders.csv
        into: orders
        columns: {order_id: id, contact_id: customer, ordered_at: at, total: total}
        constants: {currency: EUR}
reports:
  - {template: data_entry, schedule: monthly, formats: [html]}
"""
CRM = """\
id,name,email,phone,born,Created by
1,Ada Lovelace,ada@example.org,+33142685300,1985-12-10,ann@example.com
2,Grace Hopper,grace@example.org,+33142685301,31/02/1999,ann@example.com
3,Alan Turing,alan@example.org,+33142685302,1982-06-23,bob@example.com
"""
SHOP = """\
id,name,email,phone
11,Ada Lovelace,ada@example.org,+33142685399
12,Grace Hopper,grace@example.org,+33142685301
"""
ORDERS = """\
id,customer,at,total
1,11,2024-01-05 10:00:00,100.50
2,12,2024-01-06 10:00:00,many
3,12,2024-01-31 10:00:00,20.00
"""


def ran(place):
    for name, text in (("crm", CRM), ("shop", SHOP), ("orders", ORDERS)):
        place.write(f"{name}.csv", text)
    place.write("aar.yaml", CONFIGURATION)
    assert place.run() == []
    return place


def test_slips_differences_and_reliability_of_a_run(place):
    ran(place)
    slips = place.query(
        "select source, object, entered_by, rule, outcome, records, records_entered "
        "from entry_quality order by source"
    )
    assert [tuple(row.values()) for row in slips] == [
        ("crm", "contacts", "ann@example.com", "unreadable_day", "left_out", 1, 2),
        ("shop", "orders", None, "unreadable_decimal", "refused", 1, 3),
    ]
    (one,) = place.query("select * from disagreements")
    assert (one["fact"], one["value_1"], one["value_2"]) == (
        "phone", "+33142685300", "+33142685399",
    )  # fmt: skip
    rows = {
        (row["source"], row["object"]): row
        for row in place.query("select * from source_reliability")
    }
    assert {key: (row["pulls"], row["failures"]) for key, row in rows.items()} == {
        ("crm", "contacts"): (1, 0), ("shop", "contacts"): (1, 0), ("shop", "orders"): (1, 0),
    }  # fmt: skip
    assert rows["shop", "contacts"]["disagreements_share"] == 0.5
    page = next((place.folder / "reports").glob("*/data_entry/*.html")).read_text()
    assert "Unreadable date" in page


@pytest.mark.long
def test_an_extract_that_fails_is_counted_and_what_differs_keeps_its_date(place):
    ran(place)
    (before,) = place.query("select found_at from disagreements")
    place.write("shop.csv", SHOP.replace("phone", "telephone", 1))
    assert place.run() != []
    place.write("shop.csv", SHOP)
    assert place.run() == []
    (row,) = place.query(
        "select pulls, failures, score from source_reliability "
        "where source = 'shop' and object = 'contacts'"
    )
    assert (row["pulls"], row["failures"]) == (3, 1)
    assert row["score"] < 70
    assert place.query("select found_at from disagreements") == [before]
