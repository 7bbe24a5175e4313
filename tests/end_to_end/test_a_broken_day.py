"""A day file that cannot be read is told, and holds up no other day."""

import pytest


@pytest.mark.long
def test_other_days_and_sources_arrive_and_the_broken_day_is_told_until_it_is_mended(new_shop):
    place = new_shop()
    folder = place.folder / "exports"
    good = (folder / "orders-2024-03-04.csv").read_text()
    place.write("exports/orders-2024-03-04.csv", "nothing,of,use\n1,2,3\n")
    answer = place.aar("run")
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert "orders-2024-03-04.csv" in answer.said
    days = "select distinct partition_key as day from raw_shop__order_lines order by 1"
    every = {path.stem.removeprefix("orders-") for path in folder.glob("orders-*.csv")}
    assert {row["day"] for row in place.query(days)} == every - {"2024-03-04"}
    assert place.query("select count(*) > 0 as known from customers") == [{"known": True}]

    place.write("exports/orders-2024-03-04.csv", good)
    assert place.aar("run").status == 0
    assert {row["day"] for row in place.query(days)} == every


def test_a_selection_takes_along_what_is_made_together(shop):
    answer = shop.aar("run", "--select", '+key:"sales"')
    assert (answer.status, answer.err) == (0, "")
