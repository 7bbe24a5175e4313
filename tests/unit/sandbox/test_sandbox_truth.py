"""What is written as true of the made-up company agrees with itself, however it is made."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from aar_platform.sandbox.company import Company, build_company
from aar_platform.sandbox.exports import write_exports, write_truth
from aar_platform.sandbox.served import write_served
from aar_platform.sandbox.served_truth import truth_of
from aar_platform.sandbox.systems import systems_of

RECORDS = (
    "contacts", "orders", "order_lines", "refunds", "subscriptions", "usage", "tickets",
    "campaigns", "messages", "deals", "feedback", "web_visits", "spend", "experiment_assignments",
)  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(600, 5, date(2026, 6, 30))


@pytest.fixture(scope="module", params=["exports", "served"])
def truth(
    company: Company, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    """All files of the truth, and the company's rates and subscriptions, as text."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "exports":
        write_exports(company, folder)
    else:
        systems = systems_of(company)
        write_served(systems, folder, "http://127.0.0.1:1")
        write_truth(truth_of(systems), folder)
    paths = [*(folder / "truth").glob("*.csv"), folder / "rates.csv"]
    found = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths}
    sent = pd.read_csv(folder / "exports/billing/subscriptions.csv", dtype=str)
    return found | {"subscriptions_sent": sent}


def moments(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column.replace("", None), format="%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_is_there_once_and_of_the_person_of_its_contact(
    truth: dict[str, pd.DataFrame], name: str
) -> None:
    table = truth[name]
    assert len(table) > 0
    identified = table[table["record_id"] != ""]
    assert not identified.duplicated(["source", "record_id"]).any()
    if "contact_id" not in table:
        return
    owner = truth["entities"].set_index(["source", "record_id"])["entity"]
    known = table[table["contact_id"] != ""]
    keys = list(zip(known["source"], known["contact_id"], strict=True))
    expected = pd.Series([owner.get(key) for key in keys], dtype=object)
    # Of shop accounts that the export forgot and no order names, entities.csv tells nothing.
    is_told = expected.notna().to_numpy()
    assert (~is_told).sum() <= (0.01 * len(known) if name == "contacts" else 0)
    assert (expected[is_told].to_numpy() == known["entity"].to_numpy()[is_told]).all()


def test_orders_less_refunds_are_the_revenue_of_every_month(truth: dict[str, pd.DataFrame]) -> None:
    orders = truth["orders"].rename(columns={"ordered_at": "at", "total": "amount"})
    refunds = truth["refunds"].rename(columns={"refunded_at": "at"})
    refunds["amount"] = "-" + refunds["amount"]
    money = pd.concat([orders, refunds])[["at", "amount", "currency"]]
    local = moments(money["at"]).dt.tz_localize("UTC").dt.tz_convert("Europe/Paris")
    rates = truth["rates"].set_index(["date", "currency"])["rate"].astype(float)
    keys = zip(local.dt.strftime("%Y-%m-%d"), money["currency"], strict=True)
    rate = [1.0 if currency == "EUR" else rates[day, currency] for day, currency in keys]
    euros = (money["amount"].astype(float) * rate).groupby(local.dt.strftime("%Y-%m")).sum()
    expected = truth["monthly"].set_index("month")["revenue"].astype(float)
    assert (euros - expected).abs().max() < 0.01


def test_an_orders_total_is_that_of_its_lines(truth: dict[str, pd.DataFrame]) -> None:
    lines = truth["order_lines"]
    of_lines = lines["amount"].astype(float).groupby([lines["source"], lines["order_id"]]).sum()
    total = truth["orders"].rename(columns={"record_id": "order_id"})
    total = total.set_index(["source", "order_id"])["total"].astype(float)
    assert len(of_lines) == len(total)
    assert (of_lines - total).abs().max() < 0.001


def test_subscriptions_suffer_what_they_do_in_life(truth: dict[str, pd.DataFrame]) -> None:
    table, sent = truth["subscriptions"], truth["subscriptions_sent"]
    began, ended = moments(table["started_at"]), moments(table["ended_at"])
    buyers = len(truth["churned"])
    assert 0.06 < table["entity"].nunique() / buyers < 0.1
    assert sent["subscription"].value_counts().iloc[0] == 3
    assert set(sent["subscription"]) == set(table["record_id"])
    assert (ended.isna() == (table["status"] == "active")).all()
    assert (ended.dropna() >= began[ended.notna()]).all()
    assert (ended.dt.normalize() == began.dt.normalize()).any()
    later = ended.dt.normalize() > began.dt.normalize()
    assert (later & (ended.dt.strftime("%Y-%m") == began.dt.strftime("%Y-%m"))).any()
    replaced = table[table["status"] == "replaced"]
    assert set(zip(replaced["entity"], replaced["ended_at"], strict=True)) <= set(
        zip(table["entity"], table["started_at"], strict=True)
    )
    # Some subscribe again, and some of those as another contact.
    assert table["entity"].duplicated().sum() > table["contact_id"].duplicated().sum() > 0
    assert {"EUR"} < set(table["currency"]) <= {"EUR", "GBP", "USD"}


def test_use_lies_within_subscriptions(truth: dict[str, pd.DataFrame]) -> None:
    spans = truth["subscriptions"][["contact_id", "started_at", "ended_at"]]
    used = truth["usage"].merge(spans, on="contact_id")
    ends = used["ended_at"].replace("", "9999").str[:10]
    within = used[(used["started_at"].str[:10] <= used["day"]) & (used["day"] <= ends)]
    assert set(within["record_id"]) == set(truth["usage"]["record_id"])


def test_contacts_and_orders_name_campaigns_that_money_is_spent_on(
    truth: dict[str, pd.DataFrame],
) -> None:
    paid = set(zip(truth["spend"]["channel"], truth["spend"]["campaign"], strict=True))
    won = truth["contacts"][truth["contacts"]["acquisition_campaign"] != ""]
    pairs = zip(won["acquisition_channel"], won["acquisition_campaign"], strict=True)
    assert len(won) > 5
    assert set(pairs) <= paid
    named = {campaign for campaign in truth["orders"]["campaign"] if campaign}
    assert named <= {campaign for _, campaign in paid}
