"""The made-up company: its files, its mess and its truth agree."""

import gzip
import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import yaml

from aar_platform.sandbox.company import Company, build_company
from aar_platform.sandbox.exports import write_exports

CUSTOMERS, SEED = 1_000, 11
RESERVED = re.compile(r"(example\.(com|org|net)|[a-z0-9.-]+\.example)")
ADDRESS = re.compile(r"[^\s@\"',;<>{}:]+@([A-Za-z0-9.-]+)")


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(CUSTOMERS, SEED, date(2026, 6, 30))


@pytest.fixture(scope="module")
def folder(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_exports(company, folder)
    return folder


def texts(folder: Path) -> dict[str, str]:
    """The text of every export, whatever its format and encoding."""
    found = {}
    encodings = {"members.tsv": "utf-16", "reviews-zh.csv": "gb18030", "refunds.csv": "cp1252"}
    for path in sorted((folder / "exports").rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".gz":
            found[name] = gzip.decompress(path.read_bytes()).decode()
        elif path.suffix == ".parquet":
            found[name] = pd.read_parquet(path).to_csv()
        elif path.suffix == ".xlsx":
            found[name] = pd.read_excel(path, dtype=str, engine="calamine").to_csv()
        else:
            found[name] = path.read_text(encoding=encodings.get(path.name, "utf-8-sig"))
    return found


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def lines(folder: Path) -> pd.DataFrame:
    """All day files; a row that stands in two files counts once, twice in one file twice."""
    frames = []
    for path in sorted((folder / "exports/shop").glob("order-lines-*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame["copy"] = frame.groupby(list(frame.columns)).cumcount()
        frames.append(frame)
    lines = pd.concat(frames, ignore_index=True).drop_duplicates()
    moment = pd.to_datetime(lines["Ordered at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    quantity = pd.to_numeric(lines["Quantity"], errors="coerce")
    readable = moment.notna() & quantity.notna()
    return lines[readable].assign(moment=moment, pieces=quantity)


def euros_by_month(
    folder: Path, amounts: list[Decimal], currency: pd.Series, moment: pd.Series
) -> pd.Series:
    rates = pd.read_csv(folder / "rates.csv", dtype=str).set_index(["date", "currency"])["rate"]
    known = {key: Decimal(rate) for key, rate in rates.items()}
    days = moment.dt.strftime("%Y-%m-%d")
    euros = [
        amount if code == "EUR" else amount * known[day, code]
        for amount, code, day in zip(amounts, currency, days, strict=True)
    ]
    return pd.Series(euros, dtype=object).groupby(moment.dt.strftime("%Y-%m").to_numpy()).sum()


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_exports(build_company(CUSTOMERS, SEED, date(2026, 6, 30)), tmp_path)
    assert digest(tmp_path) == digest(folder)


def test_another_seed_is_another_company(company: Company) -> None:
    other = build_company(CUSTOMERS, SEED + 1, date(2026, 6, 30))
    assert not other.drawn.sold.lines.equals(company.drawn.sold.lines)


def test_writing_over_an_older_company_leaves_none_of_its_days(tmp_path: Path) -> None:
    write_exports(build_company(60, 1, date(2025, 6, 30)), tmp_path)
    write_exports(build_company(60, 1, date(2026, 6, 30)), tmp_path)
    names = sorted(path.name for path in (tmp_path / "exports/shop").glob("order-lines-*.csv"))
    assert names[0] >= "order-lines-2024-07-01.csv"


def test_too_small_a_company_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match="50 at least"):
        build_company(10, 1)


def test_the_company_has_the_customers_asked_for(folder: Path) -> None:
    assert pd.read_csv(folder / "truth/entities.csv")["entity"].nunique() == CUSTOMERS


def test_orders_come_in_one_file_for_nearly_every_day_of_two_years(folder: Path) -> None:
    days = list((folder / "exports/shop").glob("order-lines-*.csv"))
    assert 715 <= len(days) <= 730


def test_monthly_revenue_recomputed_from_the_files_is_the_truth_to_the_cent(
    folder: Path, lines: pd.DataFrame
) -> None:
    amounts = [
        int(pieces) * Decimal(price) - Decimal(discount)
        for pieces, price, discount in zip(
            lines["pieces"], lines["Unit price"], lines["Discount"], strict=True
        )
    ]
    earned = euros_by_month(folder, amounts, lines["Currency"], lines["moment"])
    refunds = pd.read_csv(
        folder / "exports/shop/refunds.csv", sep=";", encoding="cp1252", dtype=str
    )
    back = euros_by_month(
        folder,
        [Decimal(text.replace(",", ".")) for text in refunds["Montant"]],
        refunds["Devise"],
        pd.to_datetime(refunds["Date"], format="%d/%m/%Y %H:%M"),
    )
    truth = pd.read_csv(folder / "truth/monthly.csv", dtype=str).set_index("month")["revenue"]
    assert len(truth) == 24
    for month, revenue in truth.items():
        net = earned[month] - back.get(month, Decimal(0))
        assert net.quantize(Decimal("0.01"), "ROUND_HALF_UP") == Decimal(revenue), month


def test_monthly_orders_and_customers_recomputed_from_the_files_are_the_truth(
    folder: Path, lines: pd.DataFrame
) -> None:
    entities = pd.read_csv(folder / "truth/entities.csv", dtype=str)
    owner = entities[entities["source"] == "shop"].set_index("record_id")["entity"]
    month = lines["moment"].dt.strftime("%Y-%m")
    is_cancellation = lines["Order"].str.startswith("C")
    placed = lines[~is_cancellation].groupby(month)
    truth = pd.read_csv(folder / "truth/monthly.csv").set_index("month")
    assert placed["Order"].nunique().to_dict() == truth["orders"].to_dict()
    cancelled = lines[is_cancellation].groupby(month)["Order"].nunique()
    assert cancelled.reindex(truth.index, fill_value=0).equals(
        truth["cancellations"].rename("Order")
    )
    known = lines[~is_cancellation & (lines["Customer"] != "")]
    entity = known["Customer"].map(owner)
    assert entity.notna().all()
    assert entity.groupby(month).nunique().to_dict() == truth["customers"].to_dict()


def test_a_cancellation_takes_back_what_the_order_cost(folder: Path, lines: pd.DataFrame) -> None:
    broken = pd.read_csv(folder / "truth/broken.csv", dtype=str)
    days = broken["file"].str.extract(r"(\d{4}-\d\d-\d\d)")[0]
    cents = lines["pieces"] * lines["Unit price"].astype(float) - lines["Discount"].astype(float)
    total = cents.groupby(lines["Order"]).sum().round(2)
    ordered = lines.groupby("Order")["moment"].first().dt.strftime("%Y-%m-%d")
    cancelled = [order for order in total.index if order.startswith("C")]
    # A broken line is missing from its order, and not from the cancellation.
    whole = [order for order in cancelled if order[1:] in total.index]
    whole = [order for order in whole if ordered[order[1:]] not in set(days)]
    assert len(whole) > 50
    assert [order for order in whole if abs(total[order] + total[order[1:]]) > 0.001] == []


def test_broken_rows_are_where_the_truth_says(folder: Path) -> None:
    broken = pd.read_csv(folder / "truth/broken.csv", dtype=str)
    assert set(broken["column"]) == {"Ordered at", "Quantity"}
    for row in broken.itertuples():
        text = (folder / "exports" / row.file).read_text(encoding="utf-8").splitlines()
        assert row.value in text[int(row.line) - 1].split(",")


def test_a_late_export_repeats_rows_in_the_next_days_file(folder: Path) -> None:
    rows = [
        (path.name, row)
        for path in sorted((folder / "exports/shop").glob("order-lines-*.csv"))
        for row in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    files = pd.DataFrame(rows, columns=["file", "row"]).drop_duplicates()
    assert 0 < files["row"].duplicated().sum() < 100


def test_nobody_orders_after_dropping_out(folder: Path, lines: pd.DataFrame) -> None:
    entities = pd.read_csv(folder / "truth/entities.csv", dtype=str)
    owner = entities[entities["source"] == "shop"].set_index("record_id")["entity"]
    churned = pd.read_csv(folder / "truth/churned.csv", dtype=str).dropna(subset="churned_on")
    left = churned.set_index("entity")["churned_on"]
    bought = lines[(lines["Customer"] != "") & ~lines["Order"].str.startswith("C")]
    last = bought.groupby(bought["Customer"].map(owner))["moment"].max().dt.strftime("%Y-%m-%d")
    both = pd.concat([last, left], axis=1, join="inner")
    assert len(both) > 100
    assert (both["moment"] <= both["churned_on"]).all()


def test_every_record_of_every_system_has_its_truth(folder: Path) -> None:
    entities = pd.read_csv(folder / "truth/entities.csv", dtype=str)
    assert not entities.duplicated(["source", "record_id"]).any()
    exports = folder / "exports"
    keys = {
        "shop": pd.read_csv(exports / "shop/customers.csv", dtype=str)["Customer ID"],
        "helpdesk": pd.read_csv(exports / "helpdesk/users-full.csv", dtype=str)["id"],
        "mail": pd.read_csv(exports / "mail/members.tsv", sep="\t", encoding="utf-16")["Member"],
        "web": pd.read_csv(exports / "web/accounts.csv")["user_id"],
        "crm": pd.concat(
            [
                pd.read_excel(exports / "crm/contacts.xlsx", engine="calamine")["Identifiant"],
                pd.read_csv(exports / "crm/companies.csv", sep=";")["Compte"],
            ]
        ),
    }
    for source, ids in keys.items():
        known = set(entities.loc[entities["source"] == source, "record_id"])
        assert set(ids) <= known, source
        assert len(known - set(ids)) <= 0.02 * len(known), source


def test_declared_ids_name_the_same_person(folder: Path) -> None:
    entities = pd.read_csv(folder / "truth/entities.csv", dtype=str)
    owner = entities.set_index(["source", "record_id"])["entity"]
    users = pd.read_csv(folder / "exports/helpdesk/users-full.csv", dtype=str).dropna(
        subset="external_id"
    )
    assert len(users) > 30
    for row in users.itertuples():
        assert owner["helpdesk", row.id] == owner["crm", json.loads(row.external_id)["crm"]]


def test_people_are_in_several_systems_and_twice_in_one(folder: Path) -> None:
    people = pd.read_csv(folder / "truth/entities.csv", dtype=str)
    assert (people.groupby("entity")["source"].nunique() >= 3).mean() > 0.3
    for source, records in people.groupby("source"):
        assert records["entity"].duplicated().any(), source


@pytest.mark.parametrize("script", ["[À-ÿ]", "[Ā-ſ]", "[\u4e00-\u9fff]", "[А-Яа-я]"])
def test_names_in_every_script_are_in_the_exports(folder: Path, script: str) -> None:
    contacts = pd.read_excel(folder / "exports/crm/contacts.xlsx", engine="calamine")
    assert contacts["Nom"].str.contains(script).any()


def test_every_address_is_in_a_reserved_domain(folder: Path) -> None:
    found = texts(folder) | {"aar.yaml": (folder / "aar.yaml").read_text(encoding="utf-8")}
    hosts = {host.lower() for text in found.values() for host in ADDRESS.findall(text)}
    assert len(hosts) > 20
    assert [host for host in hosts if not RESERVED.fullmatch(host)] == []


def test_the_configuration_names_files_and_columns_that_exist(folder: Path) -> None:
    settings = yaml.safe_load((folder / "aar.yaml").read_text(encoding="utf-8"))
    readers = {"members.tsv": ("utf-16", "\t"), "companies.csv": ("utf-8-sig", ";"),
               "refunds.csv": ("cp1252", ";"), "reviews-zh.csv": ("gb18030", ",")}  # fmt: skip
    used = set()
    for source in settings["sources"]:
        for table in source["tables"]:
            paths = sorted(folder.glob(table["path"]))
            assert paths, table["path"]
            used |= set(paths)
            path = paths[0]
            if path.suffix == ".xlsx":
                columns = pd.read_excel(path, sheet_name=table["sheet"], engine="calamine").columns
            elif path.suffix == ".parquet":
                columns = pd.read_parquet(path).columns
            elif ".jsonl" in path.name:
                columns = pd.read_json(path, lines=True).columns
            else:
                encoding, sep = readers.get(path.name, ("utf-8", ","))
                columns = pd.read_csv(path, encoding=encoding, sep=sep).columns
            assert set(table["columns"].values()) <= set(columns), table["path"]
    assert used == {path for path in (folder / "exports").rglob("*") if path.is_file()}
    assert "truth" not in json.dumps(settings, default=str)


def test_there_is_a_rate_for_every_day_and_currency(folder: Path) -> None:
    rates = pd.read_csv(folder / "rates.csv")
    assert set(rates["currency"]) == {"GBP", "USD", "CNY"}
    assert (rates.groupby("currency")["date"].nunique() == 730).all()
    assert not rates.duplicated(["date", "currency"]).any()


def test_the_new_checkout_and_the_seasons_show_in_the_orders(folder: Path) -> None:
    monthly = pd.read_csv(folder / "truth/monthly.csv").set_index("month")["orders"]
    assert monthly["2025-12"] > 1.2 * monthly["2025-08"]
    assert monthly["2025-07":].sum() > monthly[:"2025-06"].sum()
