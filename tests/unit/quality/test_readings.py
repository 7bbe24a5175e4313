"""Values in every form that exports write them in."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

Sift = Callable[..., Any]


def read_amounts(sifted: Sift, texts: Sequence[str]) -> dict[str, Decimal | str]:
    """Of each text the amount that was read, or the rule that its row broke."""
    rows = [
        {"line_id": f"{i:03}", "order_id": "o", "amount": text, "ordered_at": "2024-01-01"}
        for i, text in enumerate(texts)
    ]
    outcome = sifted("order_lines", rows)
    found = {row["record_id"]: row["amount"] for row in outcome.accepted}
    found |= {row["record_id"]: row["rule"] for row in outcome.quarantined}
    return {text: found[f"o-{i:03}"] for i, text in enumerate(texts)}


WITH_A_POINT = {
    "12": "12",
    "12.5": "12.5",
    ".5": "0.5",
    "-3.20": "-3.2",
    "+3.20": "3.2",
    "3.20-": "-3.2",
    "(3.20)": "-3.2",
    "\u22123.20": "-3.2",
    "1,234.56": "1234.56",
    "1,234,567.89": "1234567.89",
    "12,34,567.00": "1234567",
    "1,234": "1234",
    "1 234.56": "1234.56",
    "1\u00a0234.56": "1234.56",
    "1\u202f234.56": "1234.56",
    "1'234.56": "1234.56",
    "1\u2019234.56": "1234.56",
    "$12.50": "12.5",
    "-$12.50": "-12.5",
    "$-12.50": "-12.5",
    "($1,234.50)": "-1234.5",
    "\u20ac 12.50": "12.5",
    "12.50 EUR": "12.5",
    "CHF 1'234.50": "1234.5",
    "Rs. 12.50": "12.5",
    "1e3": "1000",
    "2.55555": "2.5556",
    " 7.25 ": "7.25",
}
WITH_A_COMMA = {
    "12": "12",
    "12,5": "12.5",
    "0,25": "0.25",
    "-3,20": "-3.2",
    "3,20-": "-3.2",
    "1.234,56": "1234.56",
    "1.234": "1234",
    "1.234.567,8": "1234567.8",
    "1 234,56 \u20ac": "1234.56",
    "1\u202f234,56\u00a0\u20ac": "1234.56",
    "12,50 kr.": "12.5",
    "(3,20)": "-3.2",
}


@pytest.mark.parametrize("amounts", [WITH_A_POINT, WITH_A_COMMA], ids=["point", "comma"])
def test_figures_are_read_with_either_decimal_mark(sifted: Sift, amounts: dict[str, str]) -> None:
    expected = {text: Decimal(amount) for text, amount in amounts.items()}
    assert read_amounts(sifted, list(amounts)) == expected


def test_a_figure_that_is_none_or_not_finite_refuses_its_row(sifted: Sift) -> None:
    texts = ["NaN", "nan", "inf", "-Infinity", "1e400", "twelve", "1.2.3", "1,2.3", "12,5", "10 %"]
    texts += ["999999999999999", "--5", "0x1F", "1 2", "12.5 a 13", "B12", "12 pieces"]
    readable = ["0.25", "1.75", "3.5", "4.5", "7.25", "8.99"]
    read = read_amounts(sifted, texts + readable)
    assert {text: read[text] for text in texts} == dict.fromkeys(texts, "unreadable_decimal")


def test_a_word_for_no_value_is_no_value(sifted: Sift) -> None:
    texts = ["NULL", "null", "N/A", "-", r"\N", "", "  ", "\u00a0"]
    assert read_amounts(sifted, texts) == dict.fromkeys(texts, "amount_missing")


def test_the_reading_that_explains_most_figures_is_taken(sifted: Sift) -> None:
    rows = [{"refund_id": str(i), "refunded_at": "2024-01-01", "amount": text}
            for i, text in enumerate(["1.234", "1.500", "12,75", "3,5"])]  # fmt: skip
    outcome = sifted("refunds", rows)
    assert outcome.values("amount") == [Decimal(x) for x in ("1234", "1500", "12.75", "3.5")]
    assert outcome.conventions["amount"].decimal == ","
    assert (outcome.conventions["amount"].seen, outcome.conventions["amount"].ambiguous) == (4, 2)


def test_figures_that_read_both_ways_follow_what_is_stated_then_the_other_columns(
    sifted: Sift,
) -> None:
    rows = [{"refund_id": "1", "refunded_at": "2024-01-01", "amount": "1,234"}]
    assert sifted("refunds", rows).values("amount") == [Decimal(1234)]
    assert sifted("refunds", rows, decimal=",").values("amount") == [Decimal("1.234")]
    line = {"line_id": "1", "order_id": "o", "amount": "1,234", "unit_price": "0,50"}
    outcome = sifted("order_lines", [line])
    assert outcome.values("amount") == [Decimal("1.234")]
    assert outcome.conventions["amount"].decided_by == "other columns"


def read_moment(sifted: Sift, value: Any, **options: Any) -> datetime | str:
    row = {"refund_id": "1", "amount": "1", "refunded_at": value}
    outcome = sifted("refunds", [row], **options)
    return (
        outcome.quarantined[0]["rule"] if outcome.quarantined else outcome.values("refunded_at")[0]
    )


def read_moments(sifted: Sift, texts: Sequence[str]) -> dict[str, datetime | str]:
    """Of each text the moment that was read, or the rule that its row broke."""
    rows = [
        {"refund_id": f"{i:03}", "amount": "1", "refunded_at": text} for i, text in enumerate(texts)
    ]
    outcome = sifted("refunds", rows)
    found = {row["record_id"]: row["refunded_at"] for row in outcome.accepted}
    found |= {row["record_id"]: row["rule"] for row in outcome.quarantined}
    return {text: found[f"{i:03}"] for i, text in enumerate(texts)}


YEAR_FIRST_OR_NAMED = {
    "2024-03-01": datetime(2024, 3, 1),
    "2024-03-01 08:26:00": datetime(2024, 3, 1, 8, 26),
    "2024-03-01T08:26": datetime(2024, 3, 1, 8, 26),
    "2024-03-01T08:26Z": datetime(2024, 3, 1, 8, 26),
    "2024-03-01 08:26+02:00": datetime(2024, 3, 1, 6, 26),
    "2024-3-1 8:26": datetime(2024, 3, 1, 8, 26),
    "2024-03-01T08:26:00Z": datetime(2024, 3, 1, 8, 26),
    "2024-03-01 08:26:00 UTC": datetime(2024, 3, 1, 8, 26),
    "2024-03-01T08:26:00.123456Z": datetime(2024, 3, 1, 8, 26, 0, 123456),
    "2024-03-01T08:26:00.1234567+02:00": datetime(2024, 3, 1, 6, 26, 0, 123456),
    "2024-03-01 08:26:00 +0200": datetime(2024, 3, 1, 6, 26),
    "2024-03-01T08:26:00-0530": datetime(2024, 3, 1, 13, 56),
    "2024-03-01 08:26:00+02": datetime(2024, 3, 1, 6, 26),
    "2024-03-01 08:26:00,5": datetime(2024, 3, 1, 8, 26, 0, 500000),
    "2024/03/01": datetime(2024, 3, 1),
    "2024.03.01": datetime(2024, 3, 1),
    "2024.03.01 08:26": datetime(2024, 3, 1, 8, 26),
    "20240301": datetime(2024, 3, 1),
    "20240301T082600Z": datetime(2024, 3, 1, 8, 26),
    "20240301 0826": datetime(2024, 3, 1, 8, 26),
    "20240301082600": datetime(2024, 3, 1, 8, 26),
    "2024年3月1日": datetime(2024, 3, 1),
    "2024年3月1日 08:26": datetime(2024, 3, 1, 8, 26),
    "1 March 2024": datetime(2024, 3, 1),
    "1st March 2024": datetime(2024, 3, 1),
    "01-Mar-2024": datetime(2024, 3, 1),
    "01-MAR-24": datetime(2024, 3, 1),
    "Mar 1, 2024": datetime(2024, 3, 1),
    "March 1, 2024 8:26 PM": datetime(2024, 3, 1, 20, 26),
    "Sept. 3, 2023": datetime(2023, 9, 3),
    "Fri, 01 Mar 2024 08:26:00 +0200": datetime(2024, 3, 1, 6, 26),
    "Fri, 01 Mar 2024 08:26:00 GMT": datetime(2024, 3, 1, 8, 26),
}
DAY_FIRST = {
    "13/03/2024": datetime(2024, 3, 13),
    "03/04/2024": datetime(2024, 4, 3),
    "13.03.2024 08:26:07": datetime(2024, 3, 13, 8, 26, 7),
    "13-3-24": datetime(2024, 3, 13),
    "13/03/99": datetime(1999, 3, 13),
    "13/03/2024 8:26 pm": datetime(2024, 3, 13, 20, 26),
    "13/03/2024 12:05:09 a.m.": datetime(2024, 3, 13, 0, 5, 9),
    "13/03/2024, 08:26": datetime(2024, 3, 13, 8, 26),
    "1 March 2024": datetime(2024, 3, 1),
    "2024-03-01": datetime(2024, 3, 1),
}
MONTH_FIRST = {
    "03/13/2024 11:00": datetime(2024, 3, 13, 11),
    "3/4/2024": datetime(2024, 3, 4),
    "12/3/2024 1:05 PM": datetime(2024, 12, 3, 13, 5),
}
SHORT_YEAR_FIRST = {"99-12-31": datetime(1999, 12, 31), "24-03-01": datetime(2024, 3, 1)}
NUMBERS = {
    "1709281560": datetime(2024, 3, 1, 8, 26),
    "1709281560000": datetime(2024, 3, 1, 8, 26),
    "1709281560.5": datetime(2024, 3, 1, 8, 26, 0, 500000),
    "45352": datetime(2024, 3, 1),
    "45352.25": datetime(2024, 3, 1, 6),
}


@pytest.mark.parametrize(
    "moments",
    [YEAR_FIRST_OR_NAMED, DAY_FIRST, MONTH_FIRST, SHORT_YEAR_FIRST, NUMBERS],
    ids=["year first", "day first", "month first", "short year first", "numbers"],
)
def test_moments_are_read_however_they_are_written(
    sifted: Sift, moments: dict[str, datetime]
) -> None:
    assert read_moments(sifted, list(moments)) == moments


def test_what_is_no_moment_refuses_its_row(sifted: Sift) -> None:
    texts = ["2024-02-30", "2024-13-01", "31/02/2024", "yesterday", "2024", "12", "infinity"]
    texts += ["epoch", "2024-03-01 08:26 CEST", "2024-03-01 nonsense", "45352 apples", "1/2"]
    texts += ["99999999999999999"]
    assert read_moments(sifted, texts) == dict.fromkeys(texts, "unreadable_moment")


def test_a_moment_no_business_can_mean_refuses_its_row(sifted: Sift) -> None:
    texts = ["1812-05-01", "2031-05-01", "9999-01-01"]
    assert read_moments(sifted, texts) == dict.fromkeys(texts, "implausible_refunded_at")


def test_a_database_s_word_for_no_date_is_no_date(sifted: Sift) -> None:
    texts = ["0000-00-00 00:00:00", "9999-12-31", "0001-01-01T00:00:00", "NULL"]
    assert read_moments(sifted, texts) == dict.fromkeys(texts, "missing_refunded_at")


def test_a_moment_without_a_zone_is_read_in_the_source_s(sifted: Sift) -> None:
    paris = {"timezone": "Europe/Paris"}
    assert read_moment(sifted, "2024-03-01 08:26", **paris) == datetime(2024, 3, 1, 7, 26)
    assert read_moment(sifted, "2024-07-01", **paris) == datetime(2024, 6, 30, 22)
    assert read_moment(sifted, "2024-07-01T08:00Z", **paris) == datetime(2024, 7, 1, 8)
    assert read_moment(sifted, "1709281560", **paris) == datetime(2024, 3, 1, 8, 26)
    assert read_moment(sifted, "45352", **paris) == datetime(2024, 2, 29, 23)


def test_hours_that_a_clock_change_skips_or_repeats_are_read(sifted: Sift) -> None:
    paris = {"timezone": "Europe/Paris"}
    assert read_moment(sifted, "2024-03-31 02:30", **paris) == datetime(2024, 3, 31, 1, 30)
    assert read_moment(sifted, "2023-10-29 02:30", **paris) in (
        datetime(2023, 10, 29, 0, 30),
        datetime(2023, 10, 29, 1, 30),
    )


@pytest.mark.parametrize(
    ("value", "kind", "moment"),
    [
        (datetime(2024, 7, 1, 8), pa.timestamp("us"), datetime(2024, 7, 1, 6)),
        (datetime(2024, 7, 1, 8), pa.timestamp("ns"), datetime(2024, 7, 1, 6)),
        (datetime(2024, 7, 1, 8), pa.timestamp("s"), datetime(2024, 7, 1, 6)),
        (datetime(2024, 7, 1, 8, tzinfo=UTC), pa.timestamp("us", "UTC"), datetime(2024, 7, 1, 8)),
        (date(2024, 7, 1), pa.date32(), datetime(2024, 6, 30, 22)),
        (1719820800, pa.int64(), datetime(2024, 7, 1, 8)),
        (1719820800000, pa.int64(), datetime(2024, 7, 1, 8)),
        (1719820800.0, pa.float64(), datetime(2024, 7, 1, 8)),
        (45474.5, pa.float64(), datetime(2024, 7, 1, 10)),
        (20240701, pa.int32(), datetime(2024, 6, 30, 22)),
    ],
)
def test_native_moments_and_numbers_are_read(
    sifted: Sift, value: Any, kind: pa.DataType, moment: datetime
) -> None:
    types = {"refunded_at": kind}
    assert read_moment(sifted, value, types=types, timezone="Europe/Paris") == moment


def test_the_order_of_dates_is_the_one_that_explains_most(sifted: Sift) -> None:
    def order_of(*texts: str, **options: Any) -> Any:
        rows = [{"refund_id": str(i), "amount": "1", "refunded_at": text} for i, text in
                enumerate(texts)]  # fmt: skip
        return sifted("refunds", rows, **options)

    assert order_of("03/04/2024", "13/04/2024").values("refunded_at")[0] == datetime(2024, 4, 3)
    assert order_of("03/04/2024", "04/13/2024").values("refunded_at")[0] == datetime(2024, 3, 4)
    assert order_of("03/04/2024").values("refunded_at") == [datetime(2024, 4, 3)]
    assert order_of("03/04/2024", country="US").values("refunded_at") == [datetime(2024, 3, 4)]
    stated = order_of("03/04/2024", date_order="mdy")
    assert stated.values("refunded_at") == [datetime(2024, 3, 4)]
    assert stated.conventions["refunded_at"].decided_by == "stated"
    # One American date does not turn a European column: it is refused, and told.
    mixed = order_of("13/04/2024", "14/04/2024", "04/15/2024")
    assert [row["record_id"] for row in mixed.quarantined] == ["2"]


def test_an_undecided_date_follows_the_other_dates_of_its_table(sifted: Sift) -> None:
    row = {"deal_id": "1", "created_at": "10/20/2016", "closed_at": "03/01/2017"}
    assert sifted("deals", [row]).values("closed_at") == [datetime(2017, 3, 1)]


def test_a_day_is_the_day_as_written(sifted: Sift) -> None:
    days = {
        "19371225": date(1937, 12, 25),
        "1980-05-01T00:00:00Z": date(1980, 5, 1),
        "1980-05-01T23:30:00-08:00": date(1980, 5, 1),
        "25.12.45": date(1945, 12, 25),
        "25/12/1980": date(1980, 12, 25),
    }
    rows = [{"contact_id": str(i), "birth_date": text} for i, text in enumerate(days)]
    outcome = sifted("contacts", rows, timezone="Asia/Tokyo")
    assert outcome.values("birth_date") == list(days.values())


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        (("true", "TRUE", "Yes", "y", "1", "oui", "ja", "да", "是", "sí", "1.0"), True),
        (("false", "No", "n", "0", "non", "nein", "нет", "否", "não"), False),
    ],
)
def test_flags_are_read_in_several_languages(
    sifted: Sift, words: tuple[str, ...], flag: bool
) -> None:
    rows = [{"deal_id": f"{i:02}", "is_won": word} for i, word in enumerate(words)]
    assert sifted("deals", rows).values("is_won") == [flag] * len(words)


def test_counts_are_whole_and_scores_may_be_shares(sifted: Sift) -> None:
    rows = [{"visit_id": str(i), "visited_at": "2024-01-01", "sessions": text}
            for i, text in enumerate(["3", "3.0", "1,200", "2.5", "10%"])]  # fmt: skip
    outcome = sifted("web_visits", rows)
    assert outcome.values("sessions") == [3, 3, 1200]
    assert {row["rule"] for row in outcome.quarantined} == {"unreadable_integer"}
    rows = [{"feedback_id": str(i), "given_at": "2024-01-01", "score": text}
            for i, text in enumerate(["4.5", "85 %", "1e1"])]  # fmt: skip
    assert sifted("feedback", rows).values("score") == [4.5, 0.85, 10.0]


def test_native_figures_are_read_and_those_not_finite_refused(sifted: Sift) -> None:
    rows = [{"line_id": str(i), "order_id": "o", "amount": value}
            for i, value in enumerate([2.5, float("nan"), float("inf"), 1e300, None])]  # fmt: skip
    outcome = sifted("order_lines", rows, types={"amount": pa.float64()})
    assert outcome.values("amount") == [Decimal("2.5")]
    assert sorted(row["rule"] for row in outcome.quarantined) == [
        "amount_missing",
        "unreadable_decimal",
        "unreadable_decimal",
        "unreadable_decimal",
    ]


def test_ids_written_as_floats_lose_their_zero_only_where_all_are(sifted: Sift) -> None:
    def ids(*values: str | None) -> list[Any]:
        rows = [{"refund_id": str(i), "amount": "1", "refunded_at": "2024-01-01", "contact_id": v}
                for i, v in enumerate(values)]  # fmt: skip
        outcome = sifted("refunds", rows)
        assert outcome.repaired == []
        return outcome.values("contact_id")

    assert ids("17850.0", "", "13047.0", "nan") == ["17850", None, "13047", None]
    assert ids("17850.0", "A-1") == ["17850.0", "A-1"]
    assert ids("007", "0815") == ["007", "0815"]


def test_native_ids_are_written_as_whole_numbers(sifted: Sift) -> None:
    rows = [{"contact_id": value} for value in (17850.0, 3.0, None)]
    outcome = sifted("contacts", rows, types={"contact_id": pa.float64()})
    assert {"17850", "3"} == {row["contact_id"] for row in outcome.accepted}
    assert [row["rule"] for row in outcome.quarantined] == ["missing_contact_id"]
    outcome = sifted("contacts", [{"contact_id": 17850}], types={"contact_id": pa.int32()})
    assert outcome.values("record_id") == ["17850"]
