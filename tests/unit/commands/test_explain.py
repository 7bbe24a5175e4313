import json
from datetime import date, datetime

import pytest

from aar_platform.commands import explain as command
from aar_platform.commands.explain import ExplanationRefused, explain
from aar_platform.commands.identity_lookup import DecisionRefused
from aar_platform.identity.waterfall import Step, Waterfall
from aar_platform.operations.decisions import Record
from aar_platform.privacy.roles import Role
from aar_platform.tables import catalogue
from tests.conftest import Place

ADA, SHOP = Record("crm", "contacts", "1"), Record("shop", "contacts", "1")


@pytest.fixture
def told_company(linked_company):
    """The linked company with what is known of Ada and Bea."""

    def write(name, *rows):
        schema = catalogue.ibis_schema(name)
        linked_company.write(name, schema, [{c: row.get(c) for c in schema} for row in rows])

    def contact(source, number, **columns):
        return {"source": source, "record_id": number, "contact_id": number,
                "is_deleted": False, "attributes": "{}", **columns}  # fmt: skip

    def value(field, record, rule="only", candidates=1, customer_id="CADA"):
        return {"customer_id": customer_id, "field": field, **record._asdict(), "rule": rule,
                "candidates": candidates}  # fmt: skip

    write(
        "contacts",
        contact("crm", "1", full_name="Ada Lee", email="ada@x.org", birth_date=date(1980, 1, 2),
                updated_at=datetime(2026, 1, 5)),
        contact("shop", "1", full_name="Ada Leigh", email="ada@x.org"),
        contact("crm", "2", full_name="Bea"),
    )  # fmt: skip
    customer = {"kind": "person", "sources": "crm", "record_count": 1}
    write(
        "customers",
        {**customer, "customer_id": "CADA", "display_name": "Ada Lee", "email": "ada@x.org",
         "birth_date": date(1980, 1, 2)},
        {**customer, "customer_id": "CBEA", "display_name": "Bea"},
    )  # fmt: skip
    write(
        "customer_values",
        value("name", ADA, "most_recent", 2),
        value("email", ADA),
        value("birth_date", ADA),
        value("name", Record("crm", "contacts", "2"), customer_id="CBEA"),
    )
    linked_company.history(("CADA", "created", None), ("COLD", "merged_into", "CADA"))
    return linked_company


def test_a_person_reads_records_links_values_with_those_that_lost_and_the_history(told_company):
    told_company.pairs(
        {"left": str(ADA), "right": str(SHOP), "match_weight": 9.25, "state": "linked"},
        {"left": str(ADA), "right": "crm/contacts/2", "match_weight": 1.0},
    )
    text = explain(told_company.settings, "CADA", "table", None)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "Ada Lee, person CADA: 3 records of crm, shop (times are UTC)"
    assert any(
        line.startswith("crm/contacts/1 contacts 2026-01-05 00:00 its own") for line in lines
    )
    assert "crm/contacts/1 shop/contacts/1 linked match weight similar +9.2 80.0 %" in lines
    assert "name Ada Lee crm/contacts/1 changed last, of 2 values" in lines
    assert "not: Ada Leigh shop/contacts/1" in lines
    assert "email ada@x.org crm/contacts/1 no other value" in lines
    beyond = lines.index("Compared with records of others")
    assert lines[beyond + 3].endswith("review match weight similar +1.0 80.0 % CBEA")
    assert any(line.endswith("COLD was merged into CADA") for line in lines)


def test_a_program_reads_the_same_as_json(told_company):
    told = json.loads(explain(told_company.settings, "CADA", "json", None))
    assert told["records"][0]["record"] == ADA._asdict()
    (birth,) = [one for one in told["values"] if one["field"] == "birth_date"]
    assert birth["parts"] == {"birth_date": "1980-01-02"}
    (name,) = [one for one in told["values"] if one["field"] == "name"]
    assert name["losing"][0]["records"] == [SHOP._asdict()]
    assert (told["pairs"], told["waterfalls"]) == ([], [])


@pytest.mark.parametrize("record", ["shop/contacts/1", "shop/o/7", "shop/orders/o/7"])
def test_a_record_leads_to_its_customer(told_company, record):
    assert "CADA" in explain(told_company.settings, record, "table", None).splitlines()[0]


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("CADDA", "customer CADDA: there is none of this id; did you mean CADA?"),
        ("COLD", "customer COLD: it was merged into CADA; name that one"),
        ("crm/contacts/77", "record crm/contacts/77: there is none; write source/object/record_id"),
        ("CORG", "customer CORG: is linked but not in the table customers; run 'aar run'"),
    ],
)
def test_what_is_not_there_is_one_line_with_what_to_do(told_company, subject, line):
    with pytest.raises((ExplanationRefused, DecisionRefused)) as refusal:
        explain(told_company.settings, subject, "table", None)
    assert str(refusal.value).startswith(line)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_misspelt_kpi_is_told_with_the_kpi_that_was_meant(told_company):
    place = Place(told_company.settings._folder)
    answer = place.aar("explain", "revenu")
    assert (answer.status, answer.lines) == (
        1, ["customer revenu: there is none of this id; did you mean the KPI revenue?"]
    )  # fmt: skip
    assert "did you mean CADA?" in place.aar("explain", "CADDA").said


def test_values_are_masked_as_the_engineers_role_says(told_company):
    roles = {**told_company.settings.roles, "engineer": Role(see=("contact",))}
    settings = told_company.settings.model_copy(update={"roles": roles})
    settings._folder = told_company.settings._folder
    text = explain(settings, "CADA", "table", None)
    assert "1980" not in text and "(not shown)" in text and "ada@x.org" in text
    roles["engineer"] = Role(see=("quasi",))
    text = explain(settings.model_copy(update={"roles": roles}), "CADA", "table", None)
    assert "Ada" not in text and "ada@" not in text and "1980-01-02" in text


def test_match_weights_are_told_in_words_and_drawn(told_company, tmp_path, monkeypatch):
    weight = Waterfall(ADA, SHOP, -13.0, (Step("date of birth", "the same", 20.0),))
    monkeypatch.setattr(command, "_waterfalls", lambda tables, settings, told: [weight])
    for name, begin in (("w.svg", b"<svg"), ("w.png", b"\x89PNG")):
        text = explain(told_company.settings, "CADA", "table", tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begin)
    assert "any two records: −13.0; date of birth the same: +20.0 = 7.0, i.e. 99.2 %" in text
    told = json.loads(explain(told_company.settings, "CADA", "json", None))
    assert told["waterfalls"][0]["final_weight"] == 7.0


def test_a_chart_that_cannot_be_drawn_is_refused(told_company, tmp_path):
    with pytest.raises(ExplanationRefused, match=r"a file named \*.svg or \*.png"):
        explain(told_company.settings, "CADA", "table", tmp_path / "w.pdf")
    with pytest.raises(ExplanationRefused, match="no match weight links its records"):
        explain(told_company.settings, "CADA", "table", tmp_path / "w.svg")
    assert not (tmp_path / "w.svg").exists()


def test_weights_of_an_earlier_model_are_not_drawn_by_another(told_company, tmp_path):
    told_company.pairs(
        {"left": str(ADA), "right": str(SHOP), "match_weight": 9.25, "state": "linked"}
    )
    with pytest.raises(ExplanationRefused, match="earlier version of the model; run 'aar run'"):
        explain(told_company.settings, "CADA", "table", tmp_path / "w.svg")
    assert not (tmp_path / "w.svg").exists()
