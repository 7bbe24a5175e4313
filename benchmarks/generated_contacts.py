"""A core table `contacts` of any size, with the sandbox company's own mishaps at its own rates.

Usage: generated_contacts.py RECORDS FOLDER [SEED]. Writes contacts.parquet, truth.csv (source,
record_id, entity), second_day.parquet (5,000 new or changed records) and truth_second_day.csv (that
of all records after it). 15 % of the records are of somebody who has one already.
"""

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from generated_people import build_companies, build_people, company_count

from aar_platform.sandbox import mess
from aar_platform.sandbox.holdings import CRM, HELPDESK, MAIL, SHOP, draw_records
from aar_platform.tables import catalogue

DUPLICATES = 0.15
SECOND_DAY = 5_000
# Of the second day's records: those of a known record that has changed; of the rest, those of
# people whom another record knows.
CHANGED, KNOWN = 0.5, 0.3
# Share of the records, and of the duplicates those within the same system.
SYSTEMS = {"shop": 0.4, "crm": 0.25, "helpdesk": 0.12, "mail": 0.23}
SAME_SYSTEM = 0.25
RATES = {"shop": SHOP, "crm": CRM, "helpdesk": HELPDESK, "mail": MAIL}
# Help desk records that state the id of the CRM's record of the same person, where it has one.
STATED = 0.5
NO_BIRTH_DATE, NO_GENDER = 0.4, 0.3
START, END = np.datetime64("2023-01-01T00:00:00"), np.datetime64("2025-12-31T00:00:00")
TOMORROW = np.datetime64("2026-01-01T00:00:00")
# A change of a record: what moves in it.
_LATER = {"email": "later_email", **{n: f"later_{n}" for n in ("street", "city", "postcode")}}


class World:
    """People, and the records that systems keep of them."""

    def __init__(self, records: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        duplicates = round(records * DUPLICATES)
        known = records - duplicates
        # Those whom only the second day brings are people from the start.
        strangers = SECOND_DAY
        count = known + strangers
        self.companies = build_companies(self.rng, company_count(count))
        self.people = build_people(self.rng, count, self.companies, date(2026, 1, 1))
        self.known = known
        self.numbers = dict.fromkeys(SYSTEMS, 0)
        self.crm_ids: dict[int, str] = {}
        first = np.arange(known)
        again = self.rng.integers(0, known, duplicates)
        systems = np.array(list(SYSTEMS), object)
        system = self.rng.choice(systems, known, p=list(SYSTEMS.values()))
        other = self.rng.choice(systems, duplicates, p=list(SYSTEMS.values()))
        stays = self.rng.random(duplicates) < SAME_SYSTEM
        other[stays] = system[again[stays]]
        self.contacts, self.entities = self.records(
            np.concatenate([first, again]), np.concatenate([system, other]), START, END
        )

    def records(
        self, person: np.ndarray, system: np.ndarray, since: np.datetime64, until: np.datetime64
    ) -> tuple[pa.Table, np.ndarray]:
        """Records as `contacts` holds them, with the row of `people` behind each."""
        parts = []
        for name in sorted(SYSTEMS, key="crm".__ne__):  # the CRM first: others state its ids
            who = person[system == name]
            if not len(who):
                continue
            span = int((until - since) / np.timedelta64(1, "s"))
            made = since + self.rng.integers(0, span, len(who)).astype("timedelta64[s]")
            rates = replace(RATES[name], duplicate=0.0, deleted=0.0)
            drawn = draw_records(self.rng, self.people, self.companies, who, made, until, rates)
            parts.append(self._as_core(name, drawn, rates))
        tables, entities = zip(*parts, strict=True)
        return pa.concat_tables(tables), np.concatenate(entities)

    def _as_core(
        self, system: str, records: pd.DataFrame, rates: mess.Rates
    ) -> tuple[pa.Table, np.ndarray]:
        n, rng = len(records), self.rng
        person = records["person"].to_numpy()
        ids = self._ids(system, n)
        columns = {
            "source": np.full(n, system, object),
            "record_id": ids,
            "contact_id": ids,
            "email": [value.strip().lower() for value in records["email"]],
            "created_at": records["created_at"].to_numpy(),
            "updated_at": records["updated_at"].to_numpy(),
            "is_deleted": np.zeros(n, bool),
        }
        if system in ("shop", "crm", "mail"):
            columns |= {
                "given_name": records["given"].str.strip(),
                "family_name": records["family"].str.strip(),
                "country": records["country"],
            }
            for name in ("street", "city", "region", "postcode"):
                columns[name] = records[name].str.strip()
        if system in ("helpdesk", "mail"):
            columns["full_name"] = records["full_name"].str.strip()
        if system != "mail":
            columns["phone"] = records["digits"]
        if system in ("shop", "helpdesk"):
            columns["email_verified"] = np.ones(n, bool)
        if system == "crm":
            columns |= self._crm_columns(person, rates)
            self.crm_ids |= dict(zip(person.tolist(), ids, strict=True))
        if system == "helpdesk":
            states = rng.random(n) < STATED
            named = (
                self.crm_ids.get(who) if yes else None
                for who, yes in zip(person, states, strict=True)
            )
            columns["external_ids"] = [
                json.dumps({"crm": crm}, separators=(",", ":")) if crm else None for crm in named
            ]
        return _table(columns, n), person

    def _crm_columns(self, person: np.ndarray, rates: mess.Rates) -> dict[str, np.ndarray]:
        n, rng = len(person), self.rng
        born = self.people["birth_date"].to_numpy().astype("datetime64[D]")[person]
        # Half of the wrong dates are the system's default; the other half are impossible ones,
        # which the entry rules leave out.
        wrong = mess.some(rng, n, rates.wrong_birth_date)
        born[wrong] = np.where(rng.random(len(wrong)) < 0.5, "1900-01-01", "NaT")
        born[mess.some(rng, n, NO_BIRTH_DATE)] = np.datetime64("NaT")
        gender = np.where(self.people["is_female"].to_numpy()[person], "f", "m").astype(object)
        mess.blank(rng, gender, NO_GENDER)
        company = self.people["company"].to_numpy()[person]
        accounts = np.array([f"AC-{row + 1:05d}" if row >= 0 else "" for row in company], object)
        return {"birth_date": born, "gender": gender, "company_id": accounts}

    def _ids(self, system: str, n: int) -> np.ndarray:
        first = self.numbers[system]
        self.numbers[system] += n
        prefix = {"crm": "CT-", "shop": "", "helpdesk": "", "mail": "m"}[system]
        return np.array([f"{prefix}{100_001 + i}" for i in range(first, first + n)], object)

    def second_day(self) -> tuple[pa.Table, np.ndarray]:
        """New and changed records, and the row of `people` behind each."""
        rng, changes = self.rng, round(SECOND_DAY * CHANGED)
        at = rng.choice(len(self.entities), min(changes, len(self.entities)), replace=False)
        changed = self._changed(at)
        new = SECOND_DAY - changes
        known = round(new * KNOWN)
        person = np.concatenate(
            [rng.integers(0, self.known, known), self.known + np.arange(new - known)]
        )
        system = rng.choice(np.array(list(SYSTEMS), object), new, p=list(SYSTEMS.values()))
        day = np.timedelta64(86400, "s")
        fresh, entities = self.records(person, system, TOMORROW, TOMORROW + day)
        return pa.concat_tables([changed, fresh]), np.concatenate([self.entities[at], entities])

    def _changed(self, at: np.ndarray) -> pa.Table:
        """Records with a later address, e-mail or spelling of the name, under the ids they had."""
        before = self.contacts.take(pa.array(at))
        base = self.people.iloc[self.entities[at]]
        what = self.rng.random(len(at))
        columns = {
            name: before[name].to_numpy(zero_copy_only=False) for name in before.column_names
        }
        for name, later in _LATER.items():
            struck = (what < 0.4) if name == "email" else (what >= 0.4) & (what < 0.8)
            struck &= columns[name] != None  # noqa: E711
            columns[name] = np.where(struck, base[later].to_numpy(object), columns[name])
        for name in ("given_name", "full_name"):
            values = np.array([value or "" for value in columns[name]], object)
            spelt = values.copy()
            mess.misspell(self.rng, spelt, 1.0)
            columns[name] = np.where(what >= 0.8, spelt, values)
        columns["updated_at"] = np.full(len(at), TOMORROW)
        return _table(columns, len(at))


def _table(columns: dict[str, object], n: int) -> pa.Table:
    """Columns in the order and types of the catalogue; an empty text is null."""
    fields = []
    for field in catalogue.ibis_schema("contacts").to_pyarrow():
        if field.name not in columns:
            fields.append(pa.nulls(n, field.type))
            continue
        values = columns[field.name]
        if pa.types.is_string(field.type):
            values = [value or None for value in values]
            fields.append(pa.array(values, pa.string()))
        else:
            fields.append(pa.array(values, from_pandas=True).cast(field.type))
    return pa.Table.from_arrays(fields, schema=catalogue.ibis_schema("contacts").to_pyarrow())


def _write_truth(path: Path, contacts: pa.Table, entities: np.ndarray) -> None:
    names = pa.array([f"P{row:07d}" for row in entities])
    truth = contacts.select(["source", "record_id"]).append_column("entity", names)
    pyarrow.csv.write_csv(truth, path)


def main(arguments: list[str]) -> None:
    """Write the files."""
    records, folder = int(arguments[0]), Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    world = World(records, int(arguments[2]) if len(arguments) > 2 else 7)
    # Systems give their records in no order of people.
    order = world.rng.permutation(len(world.entities))
    world.contacts, world.entities = world.contacts.take(pa.array(order)), world.entities[order]
    pyarrow.parquet.write_table(world.contacts, folder / "contacts.parquet")
    _write_truth(folder / "truth.csv", world.contacts, world.entities)
    later, entities = world.second_day()
    pyarrow.parquet.write_table(later, folder / "second_day.parquet")
    changed = round(SECOND_DAY * CHANGED)
    _write_truth(
        folder / "truth_second_day.csv",
        pa.concat_tables([world.contacts, later.slice(changed)]),
        np.concatenate([world.entities, entities[changed:]]),
    )
    print(f"{world.contacts.num_rows:,} contacts and {later.num_rows:,} a day later in {folder}")


if __name__ == "__main__":
    main(sys.argv[1:])
