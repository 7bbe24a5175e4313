from datetime import date, datetime

import pytest

from aar_platform.kpis import deal_stages
from aar_platform.kpis.figures import compute
from aar_platform.kpis.registry import kpis


@pytest.fixture
def states(table_of):
    """(is_won, is_closed) of each deal, in order."""

    def make(*rows):
        deals = table_of("deals", [{"deal_id": f"{nr:03}", **row} for nr, row in enumerate(rows)])
        told = deals.select("deal_id", won=deal_stages.is_won(deals),
                            closed=deal_stages.is_closed(deals))  # fmt: skip
        found = told.order_by("deal_id").to_pyarrow().to_pylist()
        return [(row["won"], row["closed"]) for row in found]

    return make


WON, LOST, OPEN = (True, True), (False, True), (False, False)


def test_a_stage_that_says_won_makes_a_deal_won_and_closed(states):
    stages = ["Won", "won", "Closed Won", "closed_won", "closedwon", "Closed - Won",
              "Clôturée gagnée", "gewonnen", "Abgeschlossen (gewonnen)", "Cerrado ganado",
              "Fechado/Ganho", "Chiuso vinto", "wygrana", "Выиграна", "赢单", "已成交", "受注",
              "수주"]  # fmt: skip
    assert states(*({"stage": stage} for stage in stages)) == [WON] * len(stages)


def test_a_stage_that_says_lost_makes_a_deal_closed(states):
    stages = ["Lost", "Closed Lost", "closedlost", "perdue", "verloren", "perdido", "perso",
              "przegrana", "Проиграна", "输单", "失注", "실주"]  # fmt: skip
    assert states(*({"stage": stage} for stage in stages)) == [LOST] * len(stages)


def test_a_deal_in_any_other_stage_is_open(states):
    stages = [None, "", "Engaging", "Prospecting", "not won yet", "Wonderful", "Verhandlung",
              "谈判"]  # fmt: skip
    assert states(*({"stage": stage} for stage in stages)) == [OPEN] * len(stages)


def test_what_the_source_says_goes_before_the_words_of_the_stage(states):
    said = {
        LOST: [{"stage": "Won", "is_won": False, "is_closed": True}, {"stage": "Lost"},
               {"stage": "Won", "is_won": False}, {"stage": "offer", "is_closed": True}],
        OPEN: [{"stage": "Won", "is_closed": False}, {"stage": "Lost", "is_closed": False}],
        WON: [{"stage": "Lost", "is_won": True}, {"stage": "gewonnen", "is_closed": True}],
    }  # fmt: skip
    for state, deals in said.items():
        assert states(*deals) == [state] * len(deals)


def test_deals_of_different_systems_are_won_by_flags_and_by_words(table_of, facts_of):
    closed = {"created_at": datetime(2024, 1, 2), "closed_at": datetime(2024, 1, 9)}
    deals = table_of(
        "deals",
        [
            {"deal_id": "1", "stage": "x", "is_won": True, "is_closed": True, **closed},
            {"deal_id": "2", "stage": "Won", "source": "files", **closed},
            {"deal_id": "3", "stage": "Lost", "source": "files", **closed},
            {"deal_id": "4", "stage": "Lost", "source": "more", "created_at": datetime(2024, 1, 5)},
        ],
    )
    rows = compute([kpis()["win_rate"]], facts_of(deals=deals), date(2024, 1, 1), date(2024, 2, 1),
                   ("all",), ("month",)).to_pyarrow().to_pylist()  # fmt: skip
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(2, 4)]
