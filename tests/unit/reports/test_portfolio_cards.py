"""What stands on a KPI's card and behind the click, in both languages."""

from dataclasses import replace
from datetime import date

from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.privacy.roles import Role
from aar_platform.reports.templates.portfolio.content import PortfolioContent, portfolio_content
from aar_platform.reports.templates.portfolio.figures import figure_of
from aar_platform.reports.templates.portfolio.headlines import Headline, Unusual
from aar_platform.reports.templates.portfolio.quality import definitions_section
from aar_platform.reports.templates.portfolio.texts import TEXTS
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
