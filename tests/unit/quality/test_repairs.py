"""Values brought into form, and told."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from aar_platform.quality.countries import country_forms
from aar_platform.quality.currencies import currency_forms
from aar_platform.quality.phones import phone_forms

Sift = Callable[..., Any]


def told(outcome: Any) -> set[tuple[str, str, str, str | None]]:
    return {
        (row["column_name"], row["rule"], row["old_value"], row["new_value"])
        for row in outcome.repaired
    }


def test_stray_blanks_go_and_are_told(sifted: Sift) -> None:
    row = {"contact_id": " 7 ", "given_name": "Ana  María", "family_name": "\u00a0Ruiz\t",
           "city": "Paris", "street": "   "}  # fmt: skip
    outcome = sifted("contacts", [row])
    (contact,) = outcome.accepted
    assert contact["record_id"] == contact["contact_id"] == "7"
    assert (contact["given_name"], contact["family_name"]) == ("Ana María", "Ruiz")
    assert contact["street"] is None
    assert told(outcome) == {
        ("contact_id", "stray_blanks", " 7 ", "7"),
        ("given_name", "stray_blanks", "Ana  María", "Ana María"),
        ("family_name", "stray_blanks", "\u00a0Ruiz\t", "Ruiz"),
    }


def test_written_text_keeps_its_paragraphs(sifted: Sift) -> None:
    row = {"ticket_id": "1", "opened_at": "2024-01-01", "text": " Hello,\n\nit  broke. "}
    assert sifted("tickets", [row]).values("text") == ["Hello,\n\nit  broke."]


def test_names_and_typed_values_are_not_repaired(sifted: Sift) -> None:
    row = {"contact_id": "1", "given_name": "mcDONALD", "birth_date": "25.12.1980",
           "household_size": " 3 "}  # fmt: skip
    outcome = sifted("contacts", [row])
    assert outcome.repaired == []
    assert outcome.values("household_size") == [3]


def test_mail_addresses_are_brought_into_form(sifted: Sift) -> None:
    texts = [
        "Ada@Example.COM",
        " mailto:ada@example.com",
        "Ada L. <ada@example.com>",
        "ada@example.com",
    ]
    rows = [{"contact_id": str(i), "email": text} for i, text in enumerate(texts)]
    outcome = sifted("contacts", rows)
    assert outcome.values("email") == ["ada@example.com"] * 4
    assert {(row["record_id"], row["rule"]) for row in outcome.repaired} == {
        ("0", "email_form"),
        ("1", "email_form"),
        ("2", "email_form"),
    }


@pytest.mark.parametrize(
    "text", ["ada", "ada@", "@example.com", "a@b@c.de", "ada@example", "a b@c.de", "ada@ex..com"]
)
def test_an_impossible_address_is_left_out(sifted: Sift, text: str) -> None:
    outcome = sifted("contacts", [{"contact_id": "1", "email": text}])
    assert outcome.values("email") == [None]
    assert told(outcome) == {("email", "impossible_email", text, None)}


def test_phone_numbers_are_read_in_the_row_s_country(sifted: Sift) -> None:
    rows = [
        {"contact_id": "1", "phone": "01 42 68 53 00", "country": None},
        {"contact_id": "2", "phone": "(020) 7946 0958", "country": "United Kingdom"},
        {"contact_id": "3", "phone": "+49 30 901820", "country": "US"},
        {"contact_id": "4", "phone": "ask reception", "country": "FR"},
        {"contact_id": "5", "phone": "+33142685300", "country": "FR"},
    ]
    outcome = sifted("contacts", rows)
    assert outcome.values("phone") == [
        "+33142685300", "+442079460958", "+4930901820", "ask reception", "+33142685300",
    ]  # fmt: skip
    rules = {
        row["record_id"]: row["rule"] for row in outcome.repaired if row["column_name"] == "phone"
    }
    assert rules == dict.fromkeys("123", "phone_e164")


def test_numbers_that_are_no_phone_number_have_no_form() -> None:
    assert phone_forms([("12", "FR"), ("", None), ("01 42 68 53 00", "XX")], "FR") == [
        "", "", "+33142685300",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("GB", ["UK", "U.K.", "gb", "GBR", "United Kingdom", "England", "SCOTLAND"]),
        ("GB", ["Great Britain", "Royaume-Uni", "英国"]),
        ("US", ["USA", "U.S.A.", "us", "United States of America", "the United States"]),
        ("US", ["Vereinigte Staaten", "США", "美国"]),
        ("IE", ["EIRE", "Ireland", "Irland"]),
        ("ZA", ["RSA", "South Africa"]),
        ("NL", ["Holland", "The Netherlands", "Pays-Bas"]),
        ("CZ", ["Czech Republic", "Česko", "Czechia"]),
        ("DE", ["Deutschland", "Allemagne", "ドイツ", "Германия"]),
        ("CI", ["Côte d'Ivoire", "Cote d’Ivoire", "Ivory Coast"]),
        ("KR", ["South Korea", "Korea, Republic of"]),
        ("CN", ["中国", "China"]),
    ],
)  # fmt: skip
def test_countries_are_known_by_many_names(code: str, names: list[str]) -> None:
    assert country_forms(names) == dict.fromkeys(names, code)


def test_what_is_no_country_stays_as_said_and_refuses_nothing(sifted: Sift) -> None:
    names = ["Channel Islands", "European Community", "Unspecified", "Atlantis"]
    assert country_forms(names) == {}
    outcome = sifted("contacts", [{"contact_id": n, "country": n} for n in names])
    assert sorted(outcome.values("country")) == sorted(names)
    assert outcome.repaired == []


def test_a_country_is_told_with_what_was_said(sifted: Sift) -> None:
    rows = [{"contact_id": "1", "country": " France"}, {"contact_id": "2", "country": "FR"}]
    outcome = sifted("contacts", rows)
    assert outcome.values("country") == ["FR", "FR"]
    assert told(outcome) == {("country", "country_iso_3166", " France", "FR")}


def test_currencies_have_codes_only_where_one_can_be_meant() -> None:
    said = ["eur", "€", "£", "$", "¥", "US$", "GBp", "GBP", "bitcoin", "Euro"]
    assert currency_forms(said, "FR") == {
        "eur": "EUR", "€": "EUR", "£": "GBP", "US$": "USD", "Euro": "EUR",
    }  # fmt: skip
    assert currency_forms(["$", "¥"], "US") == {"$": "USD"}
    assert currency_forms(["$", "¥"], "CN") == {"¥": "CNY"}


def test_an_unknown_currency_refuses_its_row(sifted: Sift) -> None:
    row = {"refund_id": "1", "amount": "1", "refunded_at": "2024-01-01"}
    rows = [{**row, "refund_id": c, "currency": c} for c in ("eur", "$", "GBp", "USD")]
    outcome = sifted("refunds", rows, country="FR")
    assert sorted(outcome.values("currency")) == ["EUR", "USD"]
    assert {row["rule"] for row in outcome.quarantined} == {"unknown_currency"}
    assert sifted("refunds", [row]).values("amount")  # without a currency it stays


def test_codes_are_lower_case(sifted: Sift) -> None:
    outcome = sifted("contacts", [{"contact_id": "1", "gender": "Female"}])
    assert told(outcome) == {("gender", "lower_case", "Female", "female")}


def test_repairs_are_told_of_accepted_records_alone(sifted: Sift) -> None:
    row = {"refund_id": "1", "reason": " late ", "amount": "x", "refunded_at": "2024-01-01"}
    assert sifted("refunds", [row]).repaired == []


def test_native_phone_numbers_are_read(sifted: Sift) -> None:
    rows = [{"contact_id": "1", "phone": 33142685300.0}]
    assert sifted("contacts", rows, types={"phone": pa.float64()}).values("phone") == [
        "+33142685300"
    ]
