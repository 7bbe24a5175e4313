"""Pulling an object of a served API into a landing, and looking at what landed."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aar_platform.landing.pull import landed_records
from aar_platform.landing.store import Landing
from aar_platform.sandbox.apis.vendor import Vendor
from aar_platform.sources.registry import Calendar, Extracted, SourceConfig, source_kinds

CALENDAR = Calendar("Europe/Paris", date(2024, 1, 1))


def today() -> date:
    return datetime.now(ZoneInfo(CALENDAR.zone)).date()


@dataclass
class Puller:
    """A configured source over a served API, and the landing it pulls into."""

    source: SourceConfig
    landing: Landing

    def pull(self, name: str, days: list[date] | None = None, only_new: bool = True) -> Extracted:
        item = next(one for one in self.source.objects() if one.name == name)
        if item.is_daily and days is None:
            days = self.source.changed_days(self.landing, name, CALENDAR)
        return self.source.extract(
            self.landing, name, days if item.is_daily else None, CALENDAR, only_new
        )

    def landed(self, name: str) -> list[dict[str, Any]]:
        return landed_records(self.landing, self.source.name, name)


def puller(vendor: Vendor, url: str, folder: Path, **more: Any) -> Puller:
    entry, secrets = vendor.settings(url)
    kind = source_kinds()[entry["kind"]]
    context = {"environment": secrets}
    source = kind.model_validate(json.loads(json.dumps({**entry, **more})), context=context)
    return Puller(source, Landing(folder / "landing"))


def core_tables(
    puller: Puller, folder: Path, country: str = "FR", only: tuple[str, ...] = ()
) -> dict[str, list[dict]]:
    """What has landed of every object, loaded and mapped: core table → its rows (of all tables, or
    `only` some); under `quarantine` the rows that were refused."""
    from aar_platform.quality.intake import Feed, take_in
    from aar_platform.resources.loading import empty_raw, load_raw
    from aar_platform.resources.warehouse import Warehouse
    from aar_platform.sources.mapping import raw_table_name

    source = puller.source
    pulled = {item.name: item for item in source.objects()}
    items = pulled | {item.name: item for item in source.left_out()}
    fed_by: dict[str, list[Any]] = {}
    for rows in source.core_rows():
        if not only or rows.into in only:
            fed_by.setdefault(rows.into, []).append(rows)
    assert set(only) <= set(fed_by), f"{source.kind} feeds {sorted(fed_by)}"
    warehouse = Warehouse(folder / "warehouse.duckdb")
    raws = {}
    for name in {name for fed in fed_by.values() for rows in fed for name in rows.of}:
        item = items[name]
        if name in pulled:
            load_raw(warehouse, puller.landing, source.name, name, item.is_daily, item.columns)
            raws[name] = warehouse.table(raw_table_name(source.name, name))
        else:
            raws[name] = empty_raw(warehouse, item)
    found: dict[str, list[dict]] = {"quarantine": []}
    zone = source.timezone or CALENDAR.zone
    for table, fed in fed_by.items():
        feeds = [
            Feed(
                source.name,
                rows,
                [raws[name] for name in rows.of],
                [items[name] for name in rows.of],
                zone,
            )
            for rows in fed
        ]
        taken = take_in(feeds, table, country)
        found[table] = taken.accepted.to_pyarrow().to_pylist()
        found["quarantine"] += taken.quarantined.to_pyarrow().to_pylist()
    warehouse.close()
    return found


def unmapped_fields(puller: Puller, name: str) -> list[str]:
    """Top-level keys of the landed records of an object that no column of its raw table reads."""
    item = next(one for one in puller.source.objects() if one.name == name)
    read = {column.path.split(".")[0].split("[")[0] for column in (item.columns or {}).values()}
    return sorted({key for record in puller.landed(name) for key in record} - read)


def shape(value: Any) -> Any:
    """The kinds of the parts of a JSON value: what two bodies must share to be of one API."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    if isinstance(value, bool):
        return "flag"
    return "number" if isinstance(value, int | float) else "nothing" if value is None else "text"


def differences(served: Any, recorded: list[Any], where: str = "") -> list[str]:
    """Where a served value has a key or a kind that no recorded one has; `nothing` fits any."""
    ours = shape(served)
    theirs = [shape(one) for one in recorded]
    return _differences(ours, theirs, where)


def _differences(ours: Any, theirs: list[Any], where: str) -> list[str]:
    known = [one for one in theirs if one != "nothing"]
    if ours == "nothing" or not known:
        return []
    if isinstance(ours, dict):
        objects = [one for one in known if isinstance(one, dict)]
        if not objects:
            return [f"{where}: an object where the recording has none"]
        found = []
        for key, inner in ours.items():
            having = [one[key] for one in objects if key in one]
            if not having:
                found.append(f"{where}.{key}: not in the recording")
            else:
                found += _differences(inner, having, f"{where}.{key}")
        return found
    if isinstance(ours, list):
        lists = [one for one in known if isinstance(one, list)]
        if not lists:
            return [f"{where}: a list where the recording has none"]
        inner = [one for some in lists for one in some]
        return _differences(ours[0], inner, f"{where}[]") if ours and inner else []
    return [] if ours in known else [f"{where}: {ours} where the recording has {known[0]}"]
