"""Running again changes nothing; a changed export changes what follows from it and no more."""

MARCH = "2024-03-04"


def by_day(place):
    rows = place.query(
        "select partition_key as day, cast(extracted_at as varchar) as moment, count(*) as lines "
        "from raw_shop__order_lines group by all"
    )
    return {row["day"]: (row["moment"], row["lines"]) for row in rows}


def figures(place):
    """Months by what happened; segments and the like move with their customers."""
    rows = place.query(
        "select * from kpis where period = 'month' and dimension in ('all', 'country', 'source')"
    )
    return {
        (row["kpi"], row["period_start"], row["dimension"], row["member"]): row["value"]
        for row in rows
    }


def test_running_again_changes_no_row_of_any_table(shop):
    before = shop.tables(with_times=True)
    pages = contents(shop)
    assert shop.run() == []
    after = shop.tables(with_times=True)
    assert after.keys() == before.keys()
    changed = [name for name in after if after[name] != before[name]]
    # That table counts the pulls themselves, of which there is now one more.
    assert changed in ([], ["main.source_reliability"])
    assert contents(shop) == pages


def contents(place):
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (place.folder / "reports").rglob("*")
        if path.is_file()
    }


def test_one_changed_day_file_changes_that_day_and_the_figures_that_follow_from_it(shop):
    days, before = by_day(shop), figures(shop)
    tables = shop.tables(with_times=True)
    path = shop.folder / f"exports/orders-{MARCH}.csv"
    path.write_text(path.read_text() + f"O990,990-1,S1,2,50.00,{MARCH} 20:00:00,C001,FR\n")
    assert shop.run() == []

    after = by_day(shop)
    assert {day for day in after if after[day] != days[day]} == {MARCH}
    assert after[MARCH][1] == days[MARCH][1] + 1

    found = figures(shop)
    assert found.keys() == before.keys()
    revenue = ("revenue", "2024-03-01", "all", "all")
    assert round(found[revenue] - before[revenue], 4) == 100
    changed = {key for key in found if found[key] != before[key]}
    # C001 buys again in March: later months may count them otherwise, earlier ones cannot.
    assert min(month for _, month, _, _ in changed) == "2024-03-01"
    later = {kpi for kpi, month, _, _ in changed if month != "2024-03-01"}
    assert later.isdisjoint({"revenue", "gross_revenue", "orders", "average_order_value"})

    rows = shop.tables(with_times=True)
    same = {"main.contacts", "main.raw_shop__contacts", "main.raw_desk__contacts",
            "main.customer_links", "main.customer_history", "main.quarantine"}  # fmt: skip
    assert [name for name in same if rows[name] != tables[name]] == []
    new_orders = set(rows["main.orders"][1]) - set(tables["main.orders"][1])
    assert [row[1] for row in new_orders] == ["O990"]


def test_a_day_file_that_is_gone_keeps_what_it_brought(shop):
    before = by_day(shop)
    (shop.folder / f"exports/orders-{MARCH}.csv").unlink()
    assert shop.run("key:extract_shop__order_lines or key:raw_shop__order_lines") == []
    assert by_day(shop) == before


def test_a_run_that_is_asked_for_no_report_any_more_keeps_the_files_there_are(shop):
    before = shop.query("select count(*) as files from report_files")
    asked = "reports:\n  - {template: portfolio, schedule: monthly, formats: [html]}\n"
    assert asked in shop.config.read_text()
    shop.config.write_text(shop.config.read_text().replace(asked, "reports: []\n"))
    assert shop.run("key:report_files") == []
    assert shop.query("select count(*) as files from report_files") == before
