"""The portfolio's figures, checked against sums done another way, and what its pages make of
them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from aar_platform.kpis.largest_rows import Behind, CountedRow
from aar_platform.kpis.registry import kpis
from aar_platform.privacy.roles import DEFAULT_ROLES, Role
from aar_platform.reports.blocks import (
    BarChart,
    Definitions,
    Fewer,
    Figures,
    HeatMap,
    LineChart,
    Note,
    Pair,
    Table,
)
from aar_platform.reports.months import months_until
from aar_platform.reports.templates.portfolio.content import (
    Cell,
    Country,
    PortfolioContent,
    RuleCount,
    Segment,
    portfolio_content,
)
from aar_platform.reports.templates.portfolio.headlines import Headline, Unusual
from aar_platform.reports.templates.portfolio.pages import portfolio_document
from aar_platform.reports.templates.portfolio.texts import TEXTS
from aar_platform.reports.wording import Wording


@pytest.fixture(scope="module")
def sales(northwind: Any) -> Any:
    return northwind.tables("sales").execute()


@pytest.fixture(scope="module")
def content(northwind: Any) -> PortfolioContent:
    """What everybody who sees everything reads."""
    return portfolio_content(northwind.tables, northwind.context)


@pytest.fixture(scope="module")
def north(northwind: Any) -> PortfolioContent:
    """What a partner reads who sees the region North, in groups of ten or more."""
    return portfolio_content(northwind.tables, northwind.seen_by(**PARTNER))


PARTNER = {
    "role": Role(see=("aggregate",), rows="region in recipient.regions", smallest_group=10),
    "role_name": "partner",
    "recipient": "p@example.com",
    "regions": ("North",),
}


def month_sum(sales: Any, month: str) -> float:
    days = sales.sold_on.astype(str)
    return float(sales[days.str.startswith(month)].amount_reporting.sum())


def blocks(content: PortfolioContent, context: Any, kind: Any, locale: str = "en") -> list[Any]:
    """The blocks of one kind of the report that the content makes."""
    made = portfolio_document(content, context, Wording(locale, context.currency, TEXTS))
    every: list[Any] = []
    for section in made.sections:
        for block in section.blocks:
            every += [block.left, block.right] if isinstance(block, Pair) else [block]
    return [block for block in every if isinstance(block, kind)]


def table(content: PortfolioContent, context: Any, title: str) -> Table:
    found: Table = next(t for t in blocks(content, context, Table) if t.title == title)
    return found


def notes(content: PortfolioContent, context: Any) -> list[str]:
    return [note.text for note in blocks(content, context, Note)]


def test_the_headline_is_the_month_and_its_change_is_on_the_month_before(
    sales: Any, content: PortfolioContent
) -> None:
    revenue = content.headlines[0]
    assert revenue.kpi == "revenue"
    assert revenue.value == pytest.approx(month_sum(sales, "2024-07"))
    assert revenue.before == pytest.approx(month_sum(sales, "2024-06"))
    assert revenue.history[-1] == revenue.value
    assert content.months[-1] == date(2024, 7, 1)


def test_every_kpi_that_is_there_is_shown_and_the_first_questions_come_first(
    northwind: Any, content: PortfolioContent
) -> None:
    names = [headline.kpi for headline in content.headlines]
    assert names[:2] == ["revenue", "orders"]
    told = northwind.tables("kpis").kpi.as_table().distinct().execute().kpi
    assert set(names) == set(told) < set(northwind.context.kpis)


def test_countries_add_up_to_the_month(sales: Any, content: PortfolioContent) -> None:
    told = [country.revenue for country in content.countries]
    assert sum(told) == pytest.approx(month_sum(sales, "2024-07"))
    assert told == sorted(told, reverse=True)


def test_the_grid_and_the_labels_count_every_customer_once(
    northwind: Any, content: PortfolioContent
) -> None:
    buyers = northwind.tables("sales").customer_id.nunique().execute()
    assert sum(cell.customers for cell in content.cells) == buyers
    assert sum(segment.customers for segment in content.rfm) == 300


def test_segments_share_out_all_known_customers_value(
    sales: Any, content: PortfolioContent
) -> None:
    known = sales[sales.customer_id.notna()].amount_reporting.sum()
    assert sum(s.value or 0 for s in content.rfm) == pytest.approx(float(known))
    assert sum(s.value or 0 for s in content.behavioural) == pytest.approx(float(known))


def test_rules_are_counted(content: PortfolioContent) -> None:
    assert next((r.rule, r.records) for r in content.quarantined) == ("required", 40)
    assert next((r.rule, r.records) for r in content.repaired) == ("phone", 130)


def test_history_begins_with_the_first_sale_and_ends_with_the_month_reported(
    northwind: Any, sales: Any, content: PortfolioContent
) -> None:
    revenue = content.headlines[0]
    for month, told in zip(content.months, revenue.history, strict=True):
        assert told == pytest.approx(month_sum(sales, f"{month:%Y-%m}"))
    earlier = northwind.seen_by(period_start=date(2024, 3, 1))
    march = portfolio_content(northwind.tables, earlier)
    assert march.months == content.months[:-4]
    assert march.headlines[0].value == revenue.history[-5]


def test_segments_tell_orders_and_days_since_the_last_one(
    northwind: Any, sales: Any, content: PortfolioContent
) -> None:
    labels = northwind.tables("customer_segments").execute()
    lost = set(labels[(labels.scheme == "rfm") & (labels.label == "Lost")].customer_id)
    bought = sales[(sales.kind == "order") & sales.customer_id.isin(lost)]
    told = next(one for one in content.rfm if one.label == "Lost")
    assert (told.customers, told.orders) == (len(lost), len(bought))
    last = bought.groupby("customer_id").sold_on.max()
    days = sorted((date(2024, 7, 31) - datetime.fromisoformat(str(day)).date()).days
                  for day in last)  # fmt: skip
    middle = len(days) // 2
    median = days[middle] if len(days) % 2 else (days[middle - 1] + days[middle]) / 2
    assert told.idle_days == median


@pytest.fixture(scope="module")
def old_firm(warehouse_of: Callable[..., Any]) -> PortfolioContent:
    """What a firm reads that has 30 months of figures, the last two in the future, and three
    records that broke a rule."""
    quarantine = [
        {
            "source": "erp", "object": "orders", "record_id": state, "rule": "missing_day",
            "column_name": "day", "reason": "", "payload": "{}", "state": state,
            "first_seen_at": datetime(2024, 7, 1),
        }
        for state in ("open", "repaired", "dismissed")
    ]  # fmt: skip
    figures = [
        {
            "kpi": "revenue", "period": "month", "period_start": month, "dimension": "all",
            "member": "all", "value": float(number), "unit": "EUR",
        }
        for number, month in enumerate(months_until(date(2024, 9, 1), 30))
    ]  # fmt: skip
    firm = warehouse_of({"quarantine": quarantine, "kpis": figures})
    return portfolio_content(firm.tables, firm.context)


def test_only_what_is_still_open_counts_as_quarantined(old_firm: PortfolioContent) -> None:
    assert old_firm.quarantined == (RuleCount("erp", "orders", "missing_day", "day", 1),)


def test_the_figures_of_two_years_are_shown_and_none_of_later_months(
    old_firm: PortfolioContent,
) -> None:
    assert (old_firm.months[0], old_firm.months[-1]) == (date(2022, 8, 1), date(2024, 7, 1))
    assert old_firm.headlines[0].history == tuple(range(4, 28))


def test_who_sees_a_part_of_the_customers_reads_figures_of_them_alone(
    northwind: Any, sales: Any, north: PortfolioContent
) -> None:
    own = sales[(sales.region == "North") & sales.customer_id.notna()]
    assert north.scope == 150
    assert north.headlines[0].value == pytest.approx(month_sum(own, "2024-07"))
    assert sum(cell.customers for cell in north.cells) == own.customer_id.nunique()
    assert (north.quarantined, north.repaired) == ((), ())
    context = northwind.seen_by(**PARTNER)
    made = portfolio_document(north, context, Wording("en", "EUR", TEXTS))
    assert made.facts == (("Your customers", "150"),)
    titles = [one.title for one in blocks(north, context, Table)]
    assert "Quarantined, by rule" not in titles
    heads = [column.title for column in table(north, context, "Sources").columns]
    assert heads == ["Source", "Table", "Data until", "Fetched (UTC)", "State"]


def test_small_groups_are_left_out_so_that_nobody_can_subtract(
    northwind: Any, north: PortfolioContent
) -> None:
    small = [one for one in north.countries if one.is_small]
    assert small
    assert all(one.revenue is one.orders is one.before is None for one in small)
    assert sum(one.customers for one in small) >= 10
    assert all(one.customers >= 10 for one in north.countries if not one.is_small)
    assert all(one.value is None for one in (*north.cells, *north.rfm) if one.is_small)
    context = northwind.seen_by(**PARTNER)
    shown = table(north, context, "Revenue by country").rows[-len(small) :]
    assert {row[1:] for row in shown} == {(None, None, None, Fewer(10), None)}
    chart = blocks(north, context, BarChart)[0]
    assert len(chart.bars) == len(north.countries) - len(small)
    cells = [row for row in table(north, context, CELLS).rows if isinstance(row[2], Fewer)]
    assert len(cells) == sum(cell.is_small for cell in north.cells)
    told = notes(north, context)
    assert any(text.startswith("<10: too few customers to tell") for text in told)


CELLS = "Customers by recency and frequency, with their net value"


def test_a_month_of_few_buyers_is_not_told_at_all(northwind: Any) -> None:
    few = Role(see=("aggregate",), smallest_group=100)
    context = northwind.seen_by(role=few, role_name="auditor")
    told = portfolio_content(northwind.tables, context)
    active = next(one for one in told.headlines if one.kpi == "active_customers")
    buyers = northwind.tables("kpis").execute()
    buyers = buyers[(buyers.kpi == "active_customers") & (buyers.dimension == "all")
                    & (buyers.period == "month")]  # fmt: skip
    by_month = dict(zip(buyers.period_start.astype(str), buyers.value, strict=True))
    for month, value in zip(told.months, active.history, strict=True):
        assert (value is None) == (by_month[str(month)] < 100), month
    assert active.is_small
    figures = blocks(told, context, Figures)[0].figures
    assert {(figure.value, figure.change) for figure in figures} == {(Fewer(100), None)}


def test_a_part_without_computed_figures_says_so_and_shows_none(northwind: Any) -> None:
    ada = {"role": DEFAULT_ROLES["account_manager"], "recipient": "ada@example.com"}
    context = northwind.seen_by(**ada, figures=None)
    told = portfolio_content(northwind.tables, context)
    assert (told.scope, told.headlines, told.countries) == (100, (), ())
    assert not blocks(told, context, Figures)
    assert any(text.startswith("Figures for your part") for text in notes(told, context))


def headline(kpi: str, before: float | None, value: float | None) -> Headline:
    unit = {"churn_rate": "share", "repeat_rate": "share"}.get(kpi, "EUR")
    return Headline(kpi, unit, value, before, (before, value), False)


@pytest.mark.parametrize(
    ("kpi", "before", "value", "change"),
    [
        ("revenue", 200.0, 250.0, (0.25, "percent", "good")),
        ("revenue", 200.0, 150.0, (-0.25, "percent", "bad")),
        ("churn_rate", 0.10, 0.15, (0.05, "points", "bad")),
        ("churn_rate", 0.15, 0.10, (-0.05, "points", "good")),
        ("repeat_rate", 0.10, 0.15, (0.05, "points", "good")),
        ("revenue", 200.0, 200.02, (0.0001, "percent", "neutral")),
        ("of_our_own", 200.0, 250.0, (0.25, "percent", "neutral")),
        ("revenue", 0.0, 250.0, None),
        ("revenue", -5.0, 250.0, None),
        ("revenue", None, 250.0, None),
        ("revenue", 200.0, None, None),
    ],
)
def test_a_change_is_relative_or_in_points_and_coloured_by_what_is_good(
    northwind: Any,
    content: PortfolioContent,
    kpi: str,
    before: float | None,
    value: float | None,
    change: tuple[float, str, str] | None,
) -> None:
    told = replace(
        content, headlines=(headline(kpi, before, value),), months=content.months[-2:]
    )  # fmt: skip
    figures = blocks(told, northwind.context, Figures)[0]
    found = figures.figures[0].change
    assert (found is None) == (change is None)
    if found is not None and change is not None:
        assert found.value == pytest.approx(change[0])
        assert (found.kind, found.tone) == change[1:]
    assert figures.change_title == "Arrows: change on June 2024; green is good, red is not."


def test_a_month_nobody_bought_in_is_said_to_have_no_figures(
    northwind: Any, content: PortfolioContent
) -> None:
    told = replace(content, headlines=(headline("revenue", 5.0, None),), months=content.months[-2:])
    assert (
        "No figures for July 2024: there is no sale in this month or before it."
    ) in notes(told, northwind.context)  # fmt: skip


def test_lines_are_drawn_of_revenue_and_of_customers_and_say_what_they_show(
    northwind: Any, content: PortfolioContent
) -> None:
    revenue, customers = blocks(content, northwind.context, LineChart)
    assert revenue.series[0].values == content.headlines[0].history
    assert [one.name for one in customers.series] == ["Active customers", "New customers"]
    assert revenue.alt.startswith("Revenue by month, from ")
    assert customers.alt.count("in the last month.") == 2


def countries(count: int) -> tuple[Country, ...]:
    codes = ("FR", "DE", "GB", "CN", "CZ", "IE", "RU", "US", "BE", "IT", "ES", "PL", "unknown")
    return tuple(
        Country(code, 1300.0 - 100 * place, 10.0, 10, 650.0, False)
        for place, code in enumerate(codes[:count])
    )


def test_countries_beyond_ten_are_summed_up_where_that_saves_room(
    northwind: Any, content: PortfolioContent
) -> None:
    eleven = blocks(replace(content, countries=countries(11)), northwind.context, BarChart)[0]
    assert (len(eleven.bars), eleven.muted) == (11, "")
    chart = blocks(replace(content, countries=countries(13)), northwind.context, BarChart)[0]
    assert [bar.name for bar in chart.bars[-2:]] == ["Italy", "3 more countries"]
    assert chart.muted == "3 more countries"
    assert chart.bars[-1].value == 300 + 200 + 100


def test_a_countrys_row_holds_its_share_and_its_change(
    northwind: Any, content: PortfolioContent
) -> None:
    told = replace(content, countries=countries(13))
    rows = table(told, northwind.context, "Revenue by country").rows
    assert rows[0] == ("France", 1300.0, 1300 / 9100, 10.0, 10, 1.0)
    assert rows[-1][0] == "Unknown"
    nothing_before = replace(told.countries[0], before=0.0)
    rows = table(
        replace(content, countries=(nothing_before,)), northwind.context, "Revenue by country"
    ).rows  # fmt: skip
    assert rows[0][-1] is None


def test_the_grid_shows_the_best_customers_in_the_upper_right(
    northwind: Any, content: PortfolioContent
) -> None:
    cells = (Cell(5, 5, 40, 99.0, False), Cell(1, 1, 60, 5.0, False))
    heat = blocks(replace(content, cells=cells), northwind.context, HeatMap)[0]
    assert (heat.x_labels, heat.y_labels) == (tuple("12345"), tuple("54321"))
    assert heat.cells[0][4] == (40, "40", "€99")
    assert heat.cells[4][0] == (60, "60", "€5")
    assert heat.cells[0][0] is None
    assert "Most customers, 60, have recency 1 and frequency 1." in heat.alt


def test_a_segments_row_holds_its_shares_and_averages(
    northwind: Any, content: PortfolioContent
) -> None:
    segments = (
        Segment("Champions", 20, 900.0, 50, 3.0, False),
        Segment("Lost", 60, 100.0, 60, 300.0, False),
    )
    told = table(replace(content, rfm=segments), northwind.context, "RFM segments")
    assert told.rows[0] == ("Champions", 20, 0.25, 900.0, 0.9, 45.0, 2.5, 3.0)
    assert {column.kind for column in told.columns if "alue" in column.title} == {
        "money", "percent",
    }  # fmt: skip
    large = (replace(segments[0], value=2e7), segments[1])
    told = table(replace(content, rfm=large), northwind.context, "RFM segments")
    assert told.columns[3].kind == "compact_money"


def test_late_sources_are_marked_and_named_at_the_top_of_their_part(
    northwind: Any, content: PortfolioContent
) -> None:
    sources = table(content, northwind.context, "Sources")
    assert sources.alarmed == (1, 3)
    assert [row[4] for row in sources.rows] == ["Up to date", "Late", "Up to date", "Late"]
    alarm = next(n for n in blocks(content, northwind.context, Note) if n.tone == "alarm")
    assert alarm.text.startswith("Late: desk, shop.")
    assert northwind.context.stale_sources() == ("desk", "shop")


def test_of_many_rules_the_page_shows_twelve_and_counts_the_rest(
    northwind: Any, content: PortfolioContent
) -> None:
    rules = tuple(RuleCount("erp", "orders", f"missing_c{n}", f"c{n}", 99 - n) for n in range(15))
    told = table(replace(content, quarantined=rules), northwind.context, "Quarantined, by rule")
    assert (len(told.rows), told.shown) == (15, 12)
    assert told.more == "3 more lines; the workbook lists all of them."
    assert told.rows[2] == ("Missing value", "erp", "orders", "c2", 97)
    assert table(content, northwind.context, "Quarantined, by rule").more == ""


def test_what_is_missing_is_named_part_by_part(northwind: Any, content: PortfolioContent) -> None:
    having = [one.kpi for one in content.headlines if one.has_figures]
    shown = {name: northwind.context.kpis[name] for name in having}
    only = replace(northwind.context, kpis=shown)
    assert "Nothing: every part of this report has data." in notes(content, only)
    unknown = (Country("unknown", 5.0, 1.0, 1, None, False),)
    for gap, text in (
        ({"headlines": ()}, "No orders yet"),
        ({"countries": unknown}, "No countries yet"),
        ({"cells": ()}, "No RFM segments yet"),
        ({"behavioural": ()}, "No behavioural segments yet"),
        ({"has_customers": False}, "No customers yet"),
        ({"sources": ()}, "No source has been read yet"),
    ):
        changed: Any = replace(content, **gap)
        told = notes(changed, northwind.context)
        assert [one for one in told if one.startswith(text)], text
        assert not [one for one in told if one.startswith("Nothing")], text
    clean = notes(replace(content, quarantined=(), repaired=()), northwind.context)
    assert "No row is in quarantine." in clean
    assert "No value had to be repaired." in clean


def test_every_figure_shown_is_defined(northwind: Any, content: PortfolioContent) -> None:
    terms = blocks(content, northwind.context, Definitions)[0].terms
    assert [term.term for term in terms[-2:]] == ["Data as of", "RFM segments"]
    assert len(terms) == len(content.headlines) + 2
    revenue = dict(terms[0].details)
    assert (revenue["Unit"], revenue["Good is"]) == ("EUR", "more")
    assert revenue["Formula"] == kpis()["revenue"].formula
    churn = next(term for term in terms if term.term == "Churn rate")
    assert dict(churn.details)["Good is"] == "less"


def test_an_empty_warehouse_has_no_figures_and_no_day(newcomer: Any) -> None:
    told = portfolio_content(newcomer.tables, newcomer.context)
    assert told.as_of is None
    assert not (told.has_sales or told.has_customers)
    assert (told.headlines, told.countries, told.cells, told.rfm) == ((), (), (), ())
    assert told.months == (date(2024, 7, 1),)
    # Definitions are told of all figures there would be.
    assert len(blocks(told, newcomer.context, Definitions)[0].terms) == len(kpis()) + 2


def test_an_unusual_month_says_what_was_expected_and_what_moved_it(
    northwind: Any, content: PortfolioContent
) -> None:
    unusual = Unusual(20_000.0, 24_000.0, "country DE -3000")
    one = replace(content.headlines[0], unusual=unusual)
    told = replace(content, headlines=(one, *content.headlines[1:]))
    tile = blocks(told, northwind.context, Figures)[0].figures[0]
    assert tile.note == "Unusual: expected €20K to €24K"
    assert ("Moved most by", "Country Germany: -€3,000.00") in tile.explained


def test_a_tile_tells_definition_sample_and_the_parts_of_sources(
    northwind: Any, content: PortfolioContent
) -> None:
    tiles = blocks(content, northwind.context, Figures)[0].figures
    order_value = next(tile for tile in tiles if tile.label == "Average order value")
    told = dict(order_value.explained)
    assert told["Formula"] == ("Value of the orders of the period / number of orders of the period")
    assert {"Numerator", "Denominator", "Sample"} <= set(told)
    assert any(label.startswith("From ") for label in told)
    assert told["Row by row"] == "aar explain average_order_value --month 2024-07"


ROWS = Behind(
    164,
    (
        CountedRow("orders", "shop", "9714", date(2024, 7, 30), 5092.2),
        CountedRow("refunds", "shop", "r-1", date(2024, 7, 2), -80.0),
    ),
)


@pytest.mark.parametrize(
    ("sees", "lines"),
    [
        (("aggregate",), []),
        (("aggregate", "financial"), []),
        (
            ("aggregate", "contact"),
            ["shop orders 9714, Jul 30, 2024", "shop refunds r-1, Jul 2, 2024"],
        ),
        (
            ("aggregate", "contact", "financial"),
            ["shop orders 9714, Jul 30, 2024: €5,092.20", "shop refunds r-1, Jul 2, 2024: -€80.00"],
        ),
    ],
)
def test_the_rows_behind_a_figure_are_for_who_may_see_whose_they_are(
    northwind: Any, sees: Any, lines: list[str]
) -> None:
    context = replace(northwind.context, role=Role(see=sees), rows=lambda _: {"revenue": ROWS})
    told = portfolio_content(northwind.tables, context)
    tile = blocks(told, context, Figures)[0].figures[0]
    assert tile.label == "Revenue"
    titles = [label for label, _ in tile.explained]
    if not lines:
        assert not [title for title in titles if "add most" in title]
        return
    first = titles.index("2 of 164 rows, those that add most")
    assert [text for _, text in tile.explained[first + 1 : first + 3]] == lines


def test_rows_that_count_one_each_are_only_named(northwind: Any) -> None:
    one = CountedRow("orders", "shop", "9714", date(2024, 7, 30), 1.0)
    rows = {"orders": Behind(7, (one,))}
    context = replace(northwind.context, role=DEFAULT_ROLES["engineer"], rows=lambda _: rows)
    told = portfolio_content(northwind.tables, context)
    tile = next(t for t in blocks(told, context, Figures)[0].figures if t.label == "Orders")
    assert ("", "shop orders 9714, Jul 30, 2024") in tile.explained


def test_who_reads_in_groups_of_a_size_is_told_no_parts_and_no_members(
    northwind: Any, north: PortfolioContent
) -> None:
    assert all(headline.sources == () for headline in north.headlines)
    assert all(headline.unusual is None for headline in north.headlines)
