"""What stands on a KPI's card and behind the click, in both languages."""

from dataclasses import replace
from datetime import date

from aar_platform.reports.templates.portfolio.figures import figure_of
from aar_platform.reports.templates.portfolio.headlines import Headline, Unusual
from aar_platform.reports.templates.portfolio.texts import TEXTS
from aar_platform.reports.wording import Wording


def card(northwind, headline, locale="en", **of_content):
    from aar_platform.reports.templates.portfolio.content import PortfolioContent

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
