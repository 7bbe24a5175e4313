"""Days that a source says anew replace what landed of them, and nothing else."""

import json
from datetime import date

import pytest

from aar_platform.landing.pull import EARLIER, DaysNotAsked, Pull, landed_records
from aar_platform.landing.store import Landing

DAY_SQL = "try_cast(json_extract_string(record, '$.day') as date)"
D1, D2, D3 = date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 3)


@pytest.fixture(params=[None, "a passphrase of the landing"])
def landing(tmp_path, request):
    return Landing(tmp_path / "landing", request.param)


def settle(landing, records, days, is_everything=False):
    pull = Pull(landing, "web", "visits", {"asked": [str(day) for day in days]})
    pull.asked_at()
    texts = [json.dumps({"day": str(day), "n": n}) for day, n in records]
    pull.add(texts, {"currency": "EUR"}, {"at": None})
    pull.complete()
    landed = pull.settle_days(days, DAY_SQL, is_everything)
    pull.forget()
    return landed


def held(landing):
    return {
        key: sorted((file.name, file.rows) for file in landing.partition("web", "visits", key))
        for key in landing.partitions("web", "visits")
    }


def numbers(landing):
    return sorted((one["day"], one["n"]) for one in landed_records(landing, "web", "visits"))


def test_days_said_anew_leave_the_file_of_the_first_pull(landing):
    settle(landing, [(D1, 1), (D2, 1), (D3, 1)], [D3], is_everything=True)
    assert held(landing) == {"2025-01-03": [(EARLIER, 3)]}
    settle(landing, [(D2, 2), (D3, 2)], [D2, D3])
    assert held(landing) == {
        "2025-01-02": [("2025-01-02", 1)],
        "2025-01-03": [("2025-01-03", 1), (EARLIER, 1)],
    }
    assert numbers(landing) == [("2025-01-01", 1), ("2025-01-02", 2), ("2025-01-03", 2)]


def test_a_day_that_is_said_to_be_empty_leaves_it_too(landing):
    settle(landing, [(D1, 1), (D2, 1)], [D3], is_everything=True)
    settle(landing, [], [D1])
    assert numbers(landing) == [("2025-01-02", 1)]


def test_the_same_days_said_again_change_nothing(landing):
    settle(landing, [(D1, 1), (D2, 1)], [D3], is_everything=True)
    settle(landing, [(D1, 2), (D2, 2)], [D1, D2])
    assert not any(one.is_changed for one in settle(landing, [(D2, 2), (D1, 2)], [D1, D2]))


def test_a_first_pull_replaces_days_that_were_pulled_before_it(landing):
    settle(landing, [(D1, 1), (D2, 1)], [D1, D2])
    settle(landing, [(D1, 2)], [D3], is_everything=True)
    assert numbers(landing) == [("2025-01-01", 2)]


def test_records_of_a_day_that_was_not_asked_for_are_refused(landing):
    settle(landing, [(D1, 1), (D1, 2)], [D1])
    with pytest.raises(DaysNotAsked, match="2025-01-01"):
        settle(landing, [(D2, 1), (D1, 9)], [D2, D3])
    assert numbers(landing) == [("2025-01-01", 1), ("2025-01-01", 2)]


def test_a_record_without_a_day_lands_with_the_last(landing):
    settle(landing, [(D1, 1), ("(other)", 5)], [D1, D2])
    assert numbers(landing) == [("(other)", 5), ("2025-01-01", 1)]
    assert held(landing)["2025-01-02"] == [("2025-01-02", 1)]
