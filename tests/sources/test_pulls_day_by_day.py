"""A shop over several runs: only what changed is asked for, a deleted order leaves the figures, and
a week of the past is asked for as that week."""

import json
import re

import pytest

from aar_platform.sandbox.apis import shopify
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.company import build_company
from aar_platform.sandbox.departments import departments

CONFIGURATION = """\
organisation: {{name: Small, currency: EUR, timezone: Europe/Paris}}
start: 2024-01-01
sources:
  - {{name: shop, kind: shopify, shop: acme, token: "${{TOKEN}}", url: "{url}", allowance: 1000}}
"""
SELECTION = '+key:"order_lines" or +key:"orders" or +key:"refunds"'
TOTALS = """
select (select round(sum(total), 2) from orders where not coalesce(is_deleted, false)) as orders,
       (select count(*) from orders where is_deleted) as deleted,
       (select count(*) from order_lines where not coalesce(is_deleted, false)) as lines,
       (select count(*) from refunds) as refunds,
       (select count(*) from raw_shop__orders) as versions
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The shop of a made-up company of 60, after a first run."""
    from tests.conftest import Place

    part = departments(build_company(60, 3)).parts["shopify"]
    vendor = shopify.Shopify(holdings=shopify.holdings(part))
    place = Place(tmp_path_factory.mktemp("day_by_day"))
    with serving(vendor.app()) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKEN", vendor.secret)
        place.write("aar.yaml", CONFIGURATION.format(url=url))
        assert place.run(SELECTION) == []
        yield place, vendor, part


def totals(place):
    (row,) = place.query(TOTALS)
    return row


def questions(vendor, since):
    """The filters of the questions for orders that were asked after the first `since` calls."""
    asked = []
    for call in vendor.faults.calls[since:]:
        body = json.loads(call.body)
        if "query Orders(" in body["query"]:
            asked.append(body["variables"]["query"] or "")
    return asked


def test_the_first_run_takes_everything_there_is(served):
    place, _, part = served
    found = totals(place)
    assert found["orders"] == pytest.approx(part.orders["total"].sum() / 100)
    assert found["lines"] == len(part.order_lines)
    assert found["refunds"] == len(part.refunds)
    assert found["versions"] == len(part.orders)


def test_the_next_run_asks_for_what_changed_and_changes_nothing_where_nothing_did(served):
    place, vendor, _ = served
    before, asked = totals(place), len(vendor.faults.calls)
    assert place.run(SELECTION) == []
    assert totals(place) == before
    new = questions(vendor, asked)
    assert len(new) == 1
    assert "updated_at:>=" in new[0]


def test_a_week_of_the_past_is_asked_for_as_that_week_and_changes_nothing(served):
    place, vendor, _ = served
    before, asked = totals(place), len(vendor.faults.calls)
    failures = place.run('key:"extract_shop__orders" or key:"raw_shop__orders"',
                         first="2026-03-02", last="2026-03-08")  # fmt: skip
    assert failures == []
    assert totals(place) == before
    (filters,) = questions(vendor, asked)
    assert re.findall(r"updated_at:(\S+?)'(\S+?)'", filters) == [
        (">=", "2026-03-01T23:00:00Z"),
        ("<", "2026-03-08T23:00:00Z"),
    ]


def test_an_order_that_is_deleted_leaves_the_figures_with_its_lines(served):
    place, vendor, _ = served
    before = totals(place)
    gone = vendor.holdings["orders"].pop(0)
    assert place.run(SELECTION) == []
    after = totals(place)
    assert after["deleted"] == before["deleted"] + 1
    worth = float(gone["totalPriceSet"]["shopMoney"]["amount"])
    assert before["orders"] - after["orders"] == pytest.approx(worth)
    assert before["lines"] - after["lines"] == len(gone["lineItems"]["nodes"])
