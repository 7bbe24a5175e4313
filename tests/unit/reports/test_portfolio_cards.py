"""What stands on a KPI's card and behind the click, in both languages."""

from dataclasses import replace
from datetime import date

from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.privacy.roles import Role
from aar_platform.reports.blocks import Note
from aar_platform.reports.templates.portfolio.content import (
    PortfolioContent,
    Verdict,
    portfolio_content,
)
from aar_platform.reports.templates.portfolio.figures import experiments_section, figure_of
from aar_platform.reports.templates.portfolio.headlines import Headline, Unusual
from aar_platform.reports.templates.portfolio.pages import portfolio_document
from aar_platform.reports.templates.portfolio.quality import definitions_section
from aar_platform.reports.templates.portfolio.texts import TEXTS
from aar_platform.reports.texts import SHARED
from aar_platform.reports.wording import Wording


def card(northwind, headline, locale="en", **of_content):
    content = PortfolioContent(
        months=(date(2024, 6, 1), date(2024, 7, 1)), as_of=None, has_sales=True,
        has_customers=True, scope=None, headlines=(headline,), countries=(), cells=(), rfm=(),
        behavioural=(), sources=(), quarantined=(), repaired=(), **of_content,
    )  # fmt: skip
    wording = Wording(locale, "EUR", TEXTS, northwind.context.kpis)
    return figure_of(headline, content, northwind.context, wording)


WIN_RATE = Headline(
    "win_rate", "share", 0.75, 0.5, (0.5, 0.75), False, 3.0, 4.0, sample_size=4, is_uncertain=True
)


def test_a_small_sample_is_said_on_the_card_and_its_change_is_neither_good_nor_bad(northwind):
    told = card(northwind, WIN_RATE)
    assert told.note == "Small sample: 4" and told.change.tone == "neutral"
    assert card(northwind, WIN_RATE, "zh").note == "样本过小：4"
    sure = card(northwind, replace(WIN_RATE, is_uncertain=False))
    assert sure.note == "" and sure.change.tone == "good"


def test_a_small_sample_that_is_unusual_too_says_both(northwind):
    told = card(northwind, replace(WIN_RATE, unusual=Unusual(0.1, 0.3, "")))
    assert told.note == "Small sample: 4; Unusual: expected 10.0% to 30.0%"


def behind(northwind, headline, locale="en"):
    return dict(card(northwind, headline, locale).explained)


def test_what_moved_a_figure_is_told_in_words_and_in_its_unit(northwind):
    movers = "channel website +20653.5; source zoho_crm +16203.4; segment At risk -14997.4"
    money = Headline("pipeline_value", "EUR", 46896.8, 2e4, (2e4, 46896.8), False, sample_size=10)
    money = replace(money, unusual=Unusual(0.0, 4e4, movers))
    assert behind(northwind, money)["Moved most by"] == (
        "Channel website: +€20,653.50; Source zoho_crm: +€16,203.40; Segment At risk: -€14,997.40"
    )
    assert behind(northwind, money, "zh")["影响最大"] == (
        "渠道“website”：+€20,653.50；数据源“zoho_crm”：+€16,203.40；分群“有流失风险”：-€14,997.40"
    )
    tickets = Headline("tickets_opened", "tickets", 36.0, 23.0, (23.0, 36.0), False, sample_size=36)
    tickets = replace(tickets, unusual=Unusual(4.6, 34.3, "source zendesk +13.6667; country DE +7"))
    assert behind(northwind, tickets)["Moved most by"] == (
        "Source zendesk: +13.7 tickets; Country Germany: +7 tickets"
    )
    share = replace(WIN_RATE, unusual=Unusual(0.1, 0.3, "country FR +0.0466667"))
    assert behind(northwind, share)["Moved most by"] == "Country France: +4.67 pp"
    odd = replace(WIN_RATE, unusual=Unusual(0.1, 0.3, "nothing known"))
    assert behind(northwind, odd)["Moved most by"] == "nothing known"


def test_what_a_figure_rests_on_is_named_and_so_is_where_it_comes_from(northwind):
    win_rate = replace(WIN_RATE, sources=(("erp", 0.5, 1),))
    told = behind(northwind, win_rate)
    assert told["Sample"] == "4 (deals)" and told["From erp"] == "50.0% (1 counted)"
    assert behind(northwind, win_rate, "zh")["来自 erp"] == "50.0%（计 1 项）"
    counts = replace(win_rate, kpi="orders", unit="orders", value=5.0, sources=(("erp", 5.0, 5),))
    assert behind(northwind, counts)["From erp"] == "5"
    revenue = Headline("revenue", "EUR", 9.0, 9.0, (9.0, 9.0), False, sample_size=210)
    assert behind(northwind, revenue)["Sample"] == "210 (sales)"
    assert behind(northwind, CHURN)["Sample"] == "100 (customers)"
    assert behind(northwind, CHURN, "zh")["样本量"] == "100（客户）"


def test_every_fact_a_kpi_counts_has_words_in_both_languages(northwind):
    names = {fact.name for one in northwind.context.kpis.values() for fact in one.counted}
    for language in ("en", "zh"):
        assert {f"sample.{name}" for name in names} <= set(TEXTS[language])


def test_a_ratio_of_money_has_a_numerator_and_denominator_of_money(northwind):
    shares, quotients = ("refund_rate", "revenue_churn_rate"), ("payback_months",)
    for kpi in (*shares, *quotients, "lifetime_value_to_cost"):
        one = Headline(kpi, "share", 0.5, 0.5, (0.5, 0.5), False, 9523.3, 19046.6, sample_size=9)
        told = behind(northwind, one)
        assert (told["Numerator"], told["Denominator"]) == ("€9,523.30", "€19,046.60")
    assert behind(northwind, WIN_RATE)["Denominator"] == "4"


def test_a_name_that_says_its_unit_gets_it_no_second_time(northwind):
    names = {}
    for kpi in ("payback_months", "sales_cycle"):
        one = Headline(kpi, "months", 0.5, 0.5, (0.5, 0.5), False)
        names[kpi] = card(northwind, one).label
    assert names == {"payback_months": "Payback months", "sales_cycle": "Sales cycle (days)"}
    payback = Headline("payback_months", "months", 0.5, 0.5, (0.5, 0.5), False)
    assert "(" not in card(northwind, payback, "zh").label


def test_units_and_directions_of_all_definitions_have_words_in_both_languages(northwind):
    for one in northwind.context.kpis.values():
        for language in ("en", "zh"):
            assert f"unit.{one.unit}" in TEXTS[language] | SHARED[language]
            assert f"direction.{one.direction}" in TEXTS[language]


CHURN = Headline("churn_rate", "share", 0.1, 0.1, (0.1, 0.1), False, 10.0, 100.0, sample_size=100)


def test_behind_a_churn_figure_stands_the_window_and_whether_it_was_found(northwind):
    for origin, english, chinese in (
        ("found", "found from the data", "由数据得出"),
        ("stated", "stated in aar.yaml", "由 aar.yaml 设定"),
        ("customary", "as is customary", "采用惯例"),
    ):
        window = ChurnWindow(87, "", origin)
        told = dict(card(northwind, CHURN, churn_window=window).explained)["Churn window"]
        assert told.startswith("87 days") and english in told
        told = dict(card(northwind, CHURN, "zh", churn_window=window).explained)["流失窗口期"]
        assert told.startswith("87 天") and chinese in told
    others = dict(card(northwind, WIN_RATE, churn_window=window).explained)
    assert "Churn window" not in others


def test_the_definition_on_paper_says_the_window_too(northwind):
    context = northwind.seen_by(churn_window=lambda _: ChurnWindow(87, "", "stated"))
    content = portfolio_content(northwind.tables, context)
    wording = Wording("en", "EUR", TEXTS, context.kpis)
    section = definitions_section(content, context, wording)
    terms = {term.term: dict(term.details) for term in section.blocks[0].terms}
    assert terms["Churn rate"]["Churn window"] == "87 days, stated in aar.yaml"
    assert "Churn window" not in terms["Repeat rate"]


def test_the_window_of_a_part_of_the_customers_is_that_of_their_figures(northwind):
    seen = []

    def window(tables):
        seen.append(int(tables("sales").count().execute()))
        return ChurnWindow(87, "", "found")

    for role in (Role(see=("aggregate",)), Role(see=("aggregate",), rows="country == 'FR'")):
        context = northwind.seen_by(churn_window=window, role=role)
        assert portfolio_content(northwind.tables, context).churn_window.days == 87
    assert 0 < seen[1] < seen[0]


def test_experiments_have_one_heading_and_a_table_of_another_name(northwind):
    said = Verdict("checkout", "revenue", "new", "No difference.", True)
    for locale in ("en", "zh"):
        content = replace(portfolio_content(northwind.tables, northwind.context), verdicts=(said,))
        [section] = experiments_section(content, Wording(locale, "EUR", TEXTS))
        [told] = section.blocks
        assert told.title != section.title and told.sheet == section.title


def told_notes(content, context, locale="en"):
    wording = Wording(locale, "EUR", TEXTS, context.kpis)
    made = portfolio_document(content, context, wording)
    blocks = {section.title: section.blocks for section in made.sections}
    return {title: [one.text for one in some if isinstance(one, Note)]
            for title, some in blocks.items()}  # fmt: skip


def test_segments_of_a_later_day_than_the_month_say_their_day(northwind):
    content = portfolio_content(northwind.tables, northwind.context)
    parts = ("Where revenue comes from, and from whom", "Who our customers are")
    said = "Segments and values are those of Aug 3, 2024."
    later = told_notes(replace(content, as_of=date(2024, 8, 3)), northwind.context)
    now = told_notes(replace(content, as_of=date(2024, 7, 31)), northwind.context)
    assert all(said in later[part] for part in parts)
    assert not any(said[:30] in note for part in parts for note in now[part])
    chinese = told_notes(replace(content, as_of=date(2024, 8, 3)), northwind.context, "zh")
    assert "分群与价值均为2024年8月3日的数据。" in chinese["客户构成"]


def test_kpis_without_a_figure_in_any_month_are_named_as_missing(northwind):
    kpis = northwind.context.kpis
    names = ("revenue", "orders", "win_rate")
    context = northwind.seen_by(kpis={name: kpis[name] for name in names})
    content = portfolio_content(northwind.tables, context)
    [told] = told_notes(content, context)["What is missing"]
    assert told == "No figure in any of the months shown: Win rate."
    [told] = told_notes(content, context, "zh")["缺失内容"]
    assert told == "所示各月均无数值的指标：" + kpis["win_rate"].in_chinese.name + "。"
    some = content.headlines
    empty = Headline("win_rate", "share", None, None, (None,), False, has_figures=False)
    [told] = told_notes(replace(content, headlines=(*some, empty)), context)["What is missing"]
    assert "Win rate" in told
    # What is not told to somebody is not missing.
    hidden = replace(empty, is_small=True, has_figures=True)
    [told] = told_notes(replace(content, headlines=(*some, hidden)), context)["What is missing"]
    assert told.startswith("Nothing")


def test_months_that_are_not_told_are_figures_all_the_same(northwind):
    role = Role(see=("aggregate",), smallest_group=10_000)
    content = portfolio_content(northwind.tables, northwind.seen_by(role=role))
    revenue = next(one for one in content.headlines if one.kpi == "revenue")
    assert revenue.has_figures and not any(revenue.history)
