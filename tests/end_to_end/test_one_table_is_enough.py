"""Contacts, orders or order lines alone: a green run, and reports that say what is missing."""

import html
import re
from datetime import date

CONFIGURATION = """\
organisation: {{name: Small, currency: EUR, timezone: Europe/Paris, locale: en, country: FR}}
start: 2024-01-01
sources:
  - name: shop
    kind: files
    tables:
      - {{path: {path}, into: {table}, columns: {{{columns}}}, constants: {{{constants}}}}}
reports:
  - {{template: portfolio, schedule: monthly, formats: [html]}}
  - {{template: account_activity, schedule: monthly, formats: [html], accounts: "kind == 'person'"}}
"""
PEOPLE = """\
id,name,email
C1,Žofie Dvořáková,zofie@example.org
C2,王伟,wei@example.org
C3,,
"""
# One is cancelled, one has no customer.
ORDERS = """\
id,customer,at,total,state
1,C1,2024-01-05 10:00:00,100.50,paid
2,C2,2024-01-06 10:00:00,20.00,cancelled
3,,2024-02-07 10:00:00,30.25,paid
4,C1,2024-02-08 10:00:00,40.00,paid
5,C2,2024-03-31 10:00:00,50.00,paid
"""
# Order 1 has two lines, order 3 is unknown's, C1 takes a line of order 1 back; one cannot be read.
LINES = """\
order,customer,at,count,each,country
1,C1,2024-01-05 10:00:00,2,50.00,France
1,C1,2024-01-05 10:00:00,1,0.50,France
2,C2,2024-02-06 10:00:00,1,20.00,France
3,,2024-02-07 10:00:00,1,30.25,Germany
C1,C1,2024-02-08 10:00:00,-1,50.00,France
4,C2,2024-03-30 10:00:00,many,20.00,France
5,C2,2024-03-31 10:00:00,1,50.00,France
"""


def ran(place, path, text, table, columns, constants=""):
    place.write(path, text)
    place.write(
        "aar.yaml",
        CONFIGURATION.format(path=path, table=table, columns=columns, constants=constants),
    )
    assert place.run() == []
    return place


def words(place, template):
    """All that the pages of a template say."""
    pages = sorted((place.folder / "reports").glob(f"*/{template}/*.html"))
    assert pages, f"no {template} was rendered"
    text = " ".join(page.read_text() for page in pages)
    text = re.sub(r"(?s)<(script|style).*?</\1>|<svg.*?</svg>|<[^>]+>", " ", text)
    return " ".join(html.unescape(text).split())


def revenue(place):
    rows = place.query(
        "select period_start as month, value from kpi_revenue "
        "where dimension = 'all' and period = 'month' order by 1"
    )
    return {row["month"][:7]: row["value"] for row in rows}


def test_contacts_alone_give_customers_and_reports_that_ask_for_orders(place):
    ran(
        place, "people.csv", PEOPLE, "contacts", "contact_id: id, full_name: name, email: email"
    )  # fmt: skip
    rows = place.query("select display_name from customers order by email nulls last")
    assert [row["display_name"] for row in rows][:2] == ["王伟", "Žofie Dvořáková"]
    assert len(rows) == 3
    assert not any(revenue(place).values())
    assert "a source that feeds orders or order_lines fills this" in words(place, "portfolio")
    said = words(place, "account_activity")
    assert "Žofie Dvořáková" in said and "王伟" in said
    assert "orders" in said


def test_orders_alone_give_figures_and_reports_that_ask_for_the_rest(place):
    ran(
        place, "orders.csv", ORDERS, "orders",
        "order_id: id, contact_id: customer, ordered_at: at, total: total, status: state",
        "currency: EUR",
    )  # fmt: skip
    assert revenue(place) == {"2024-01": 100.5, "2024-02": 70.25, "2024-03": 50.0}
    assert place.query("select count(*) as n from customers") == [{"n": 2}]
    assert "the column country of orders, order_lines or contacts" in words(place, "portfolio")
    assert "a source that feeds tickets fills this part" in words(place, "account_activity")


def test_order_lines_alone_give_orders_figures_and_reports_that_ask_for_the_rest(place):
    ran(
        place, "lines.csv", LINES, "order_lines",
        "order_id: order, contact_id: customer, ordered_at: at, quantity: count, "
        "unit_price: each, country: country",
        "currency: EUR",
    )  # fmt: skip
    assert revenue(place) == {"2024-01": 100.5, "2024-02": 0.25, "2024-03": 50.0}
    assert place.query("select count(*) as n, sum(total) as total from orders") == [
        {"n": 5, "total": 150.75}
    ]
    assert place.query("select count(*) as n from customers") == [{"n": 2}]
    assert place.query("select rule, column_name from quarantine") == [
        {"rule": "unreadable_decimal", "column_name": "quantity"}
    ]
    assert "a source that feeds contacts or companies" in words(place, "account_activity")
    assert re.search(r"Unreadable \w+ shop order_lines quantity 1 ", words(place, "portfolio"))
    assert "a source that feeds tickets fills this part" in words(place, "account_activity")


def test_lines_of_an_order_without_any_date_are_in_quarantine(place):
    ran(
        place, "lines.csv", LINES + "9,C1,,1,70.00,France\n", "order_lines",
        "order_id: order, contact_id: customer, ordered_at: at, quantity: count, "
        "unit_price: each, country: country",
        "currency: EUR",
    )  # fmt: skip
    assert revenue(place) == {"2024-01": 100.5, "2024-02": 0.25, "2024-03": 50.0}
    found = place.query("select rule, payload from quarantine order by rule")
    assert [row["rule"] for row in found] == ["order_undated", "unreadable_decimal"]
    assert "70.00" in found[0]["payload"]


def test_lines_numbered_from_one_in_every_order_are_all_kept(place):
    lines = "order,line,at,each\nA,1,2024-01-05,10\nA,2,2024-01-05,5\nB,1,2024-01-06,7\n"
    ran(
        place, "lines.csv", lines, "order_lines",
        "order_id: order, line_id: line, ordered_at: at, amount: each", "currency: EUR",
    )  # fmt: skip
    assert revenue(place) == {"2024-01": 22.0}
    assert place.query("select count(*) as n from order_lines") == [{"n": 3}]
    assert place.run() == []
    assert place.query("select count(*) as n from order_lines") == [{"n": 3}]


def test_an_order_of_a_far_future_day_moves_no_report_there(place):
    ahead = f"{date.today().year + 1}-06-15"
    ran(
        place, "orders.csv", ORDERS + f"F,C1,{ahead} 10:00:00,5,paid\n", "orders",
        "order_id: id, contact_id: customer, ordered_at: at, total: total, status: state",
        "currency: EUR",
    )  # fmt: skip
    assert place.query("select count(*) as n from orders") == [{"n": 6}]
    rendered = {path.name for path in (place.folder / "reports").iterdir()}
    assert rendered
    assert max(rendered) <= f"{date.today():%Y-%m}"
