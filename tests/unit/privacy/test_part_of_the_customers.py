"""Who sees a part of the customers gets the rows of that part, in core tables too."""

from datetime import date, datetime
from decimal import Decimal

from aar_platform.privacy.masking import counted_part, restricted
from aar_platform.privacy.roles import Role
from tests.unit.kpis.conftest import table

PARTNER = Role(see=("aggregate",), rows="region in recipient.regions")


def tables():
    made = {
        "customers": table(
            "customers",
            [
                {"customer_id": f"C{n}", "kind": "person", "region": region, "sources": "shop",
                 "record_count": 1}
                for n, region in ((1, "North"), (2, "South"))
            ],
        ),
        "customer_links": table(
            "customer_links",
            [{"object": "contacts", "record_id": str(n), "customer_id": f"C{n}"} for n in (1, 2)],
        ),
        "tickets": table(
            "tickets",
            [
                {"ticket_id": str(n), "contact_id": str(n), "opened_at": datetime(2024, 5, n)}
                for n in (1, 2, 3)
            ],
        ),
        "contacts": table("contacts", [{"contact_id": str(n)} for n in (1, 2)]),
        "spend": table(
            "spend", [{"spend_id": "1", "day": date(2024, 5, 1), "amount": Decimal(10)}]
        ),
    }  # fmt: skip

    return lambda name: made[name] if name in made else table(name, [])


def test_rows_of_core_tables_are_those_of_the_customers_in_sight():
    part = counted_part(restricted(tables(), PARTNER, "p@example.com", ("North",)))
    assert part("tickets").ticket_id.to_pyarrow().to_pylist() == ["1"]
    assert part("contacts").contact_id.to_pyarrow().to_pylist() == ["1"]
    assert part("tickets").columns == tables()("tickets").columns


def test_what_names_no_customer_is_empty_for_them():
    part = counted_part(restricted(tables(), PARTNER, "p@example.com", ("North",)))
    assert part("spend").count().execute() == 0
