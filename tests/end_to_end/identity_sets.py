"""Published sets of duplicated people and companies as sources of the platform: configurations that
only map columns, and who is who apart from them."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ABSENT = "the shared sets of duplicates are absent"

CONFIGURATION = """\
organisation: {{name: Duplicates, currency: EUR, timezone: UTC, locale: en, country: {country}}}
start: 2023-01-01
sources:
"""
SOURCE = """\
  - name: {source}
    kind: files
    tables:
      - path: {path}
        into: {table}
        columns: {columns}
"""
FEBRL = """{contact_id: rec_id, given_name: given_name, family_name: surname, street: address_1,
                  city: suburb, postcode: postcode, region: state, birth_date: date_of_birth,
                  national_id: soc_sec_id}"""
FAKE_1000 = """{contact_id: unique_id, given_name: first_name, family_name: surname,
                  birth_date: dob, city: city, email: email}"""
RESTAURANTS = "http://www.okkam.org/ontology_restaurant{number}.owl#"

Row = dict[str, str]


@dataclass(frozen=True)
class IdentitySet:
    """A set: its country, its files by source, their delimiter and column of ids, the core table
    they fill and how (by source), whom a row is of, and the F1 that the platform has to reach."""

    country: str
    paths: Mapping[str, Path]
    delimiter: str
    key: str
    table: str
    columns: Mapping[str, str]
    entity: Callable[[str, Row], str | None]
    bar: float

    def rows(self) -> Iterator[tuple[str, str, Row]]:
        """source, record_id and the columns as they were published, prefixes left out."""
        for source, path in self.paths.items():
            for row in _rows(path, self.delimiter):
                yield source, row[self.key], row

    def write(self, folder: Path) -> None:
        """aar.yaml and truth.csv; the records are read where they are."""
        folder.mkdir(parents=True, exist_ok=True)
        parts = [CONFIGURATION.format(country=self.country)]
        for source, path in self.paths.items():
            columns = self.columns[source]
            parts.append(SOURCE.format(source=source, path=path, table=self.table, columns=columns))
        (folder / "aar.yaml").write_text("".join(parts), encoding="utf-8")
        with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["source", "record_id", "entity"])
            writer.writerows(
                [source, record, entity]
                for source, record, row in self.rows()
                if (entity := self.entity(source, row)) is not None
            )

    def unjudged(self) -> dict[str, int]:
        """How many records of each source the truth says nothing of."""
        return dict(
            Counter(source for source, _, row in self.rows() if self.entity(source, row) is None)
        )


def _rows(path: Path, delimiter: str) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=delimiter)
    names = [name.rpartition("#")[2].strip() for name in header]
    for row in rows:
        yield dict(zip(names, (value.strip() for value in row), strict=True))


def _febrl(number: int, bar: float) -> IdentitySet:
    path = SHARED / "febrl" / f"dataset{number}.csv"

    def person(_: str, row: Row) -> str:
        """rec-223-org and rec-223-dup-0 are records of person 223."""
        named = re.fullmatch(r"rec-(\d+)-(org|dup-\d+)", row["rec_id"])
        assert named, path
        return named[1]

    columns = {"people": FEBRL}
    return IdentitySet("AU", {"people": path}, ",", "rec_id", "contacts", columns, person, bar)


def _fake_1000(bar: float) -> IdentitySet:
    path = SHARED / "splink_fake_1000" / "fake_1000.csv"

    def person(_: str, row: Row) -> str:
        return row["cluster"]

    columns = {"people": FAKE_1000}
    return IdentitySet("GB", {"people": path}, ",", "unique_id", "contacts", columns, person, bar)


def _restaurants(bar: float) -> IdentitySet:
    folder = SHARED / "er_restaurants"
    of_second: dict[str, str] = {}

    def restaurant(source: str, row: Row) -> str | None:
        # The truth lists pairs, and not all there are: of 81 pairs that are the same in name and
        # telephone it has 65. A record that it does not list is judged by nobody.
        if not of_second:
            of_second.update((pair["D2"], pair["D1"]) for pair in _rows(folder / "gt.csv", "|"))
        first = row["id"] if source == "guide1" else of_second.get(row["id"])
        return f"1-{first}" if first in of_second.values() else None

    columns = {}
    for number in (1, 2):
        prefix = RESTAURANTS.format(number=number)
        columns[f"guide{number}"] = (
            f'{{company_id: id, name: "{prefix}name", phone: "{prefix}phone_number",\n'
            f'                  street: "{prefix}street"}}'
        )
    paths = {f"guide{number}": folder / f"rest{number}.csv" for number in (1, 2)}
    return IdentitySet("US", paths, "|", "id", "companies", columns, restaurant, bar)


SETS = {
    "febrl1": _febrl(1, 0.99),
    "febrl2": _febrl(2, 0.98),
    "febrl3": _febrl(3, 0.99),
    "fake_1000": _fake_1000(0.82),
    "restaurants": _restaurants(0.90),
}
