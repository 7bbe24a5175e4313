"""What Dagster keeps of a run holds nothing of the people in it."""

import re


def test_no_name_and_no_address_of_a_customer_is_in_what_dagster_keeps(small_shop):
    found = []
    files = [path for path in (small_shop.folder / "data/dagster").rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes().lower()
        if b"zebra" in content or re.search(rb"\+336123450?\d", content):
            found.append(path.name)
    assert found == []


def test_no_name_and_no_address_is_told_when_a_run_fails(shop, monkeypatch):
    from aar_platform.assets import customers

    right = customers.golden_record
    # The engine's own message would repeat the value.
    monkeypatch.setattr(
        customers,
        "golden_record",
        lambda *given: (made := right(*given))._replace(
            customers=made.customers.mutate(record_count=made.customers.email.cast("int64"))
        ),
    )
    failures = shop.run("customers")
    assert len(failures) == 1
    assert "zebra" not in failures[0].lower()
    for path in (shop.folder / "data/dagster").rglob("*"):
        if path.is_file():
            assert b"zebra" not in path.read_bytes().lower(), path.name
