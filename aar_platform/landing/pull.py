"""A pull in progress: pages of records land one by one, so that one cut off goes on where it
stopped; when it has ended, its records enter their partitions, each changed in one step.

A page is a small Parquet file, encrypted like everything in the landing, and a line of the journal
that is written after it. What a kill leaves behind the last line is overwritten by the next page.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from aar_platform.landing.encryption import KEY_NAME, quoted
from aar_platform.landing.store import UNPARTITIONED, LandedFile, LandedPartition, Landing

PULLS = ".pulls"
STATE = "pulled.json"
# Whoever reads a row group holds all of it: with 20,000 records of 1.2 KB reading took 190 MB.
ROW_GROUP = 4_096
# The file in which a first pull lands the records of all days.
EARLIER = "earlier"


class DaysNotAsked(ValueError):
    """An answer holds records of days that were not asked for, of which it may not hold all."""


@dataclass(frozen=True)
class Progress:
    """How far a pull has come: pages and records landed, and whether nothing is left to ask."""

    pages: int
    records: int
    is_complete: bool


class Pull:
    """One question to a source, answered page by page; `question` tells it from any other."""

    def __init__(
        self, landing: Landing, source: str, object_name: str, question: Mapping[str, Any]
    ) -> None:
        self.landing = landing
        self.source, self.object_name = source, object_name
        self.question = question
        name = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]
        self._pulls = landing.root / source / object_name / PULLS
        self._folder = self._pulls / name
        self._connection = landing.connection()
        self._entries = self._journal()

    @property
    def progress(self) -> Progress:
        """What has landed so far."""
        return Progress(
            pages=len(self._entries),
            records=sum(entry["records"] for entry in self._entries),
            is_complete=(self._folder / "complete").exists(),
        )

    @property
    def steps(self) -> list[Any]:
        """What `add` was told of each page, in order."""
        return [entry["step"] for entry in self._entries]

    def complete(self) -> None:
        """Note that the last page has landed."""
        (self._folder / "complete").touch()

    def asked_at(self) -> datetime:
        """When the question was first put: the end of what it covers, also after a resumption."""
        path = self._folder / "asked.json"
        if not path.exists():
            # Whatever else was being asked is not: its answer would be older than this one.
            shutil.rmtree(self._pulls, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._entries = []
            moment = datetime.now(UTC)
            _replace(path, json.dumps({"asked_at": moment.isoformat()}))
            return moment
        return datetime.fromisoformat(json.loads(path.read_text())["asked_at"])

    def add(
        self,
        records: Sequence[str],
        context: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        step: Any,
    ) -> None:
        """Land a page: its records as received, what is to be known beside them (of all of them,
        or of each), and the step it was, such as where the source said to go on (anything that
        JSON can hold)."""
        import pyarrow

        number = len(self._entries) + 1
        if records:
            each = [context] * len(records) if isinstance(context, Mapping) else context
            notes = [json.dumps(one, ensure_ascii=False) if one else None for one in each]
            page = pyarrow.table(
                {
                    "record": pyarrow.array(records, pyarrow.string()),
                    "context": pyarrow.array(notes, pyarrow.string()),
                }
            )
            path = self._page(number)
            self._connection.register("page", page)
            # Read once more and then removed: quickly packed rather than small.
            options = self.landing.options("snappy")
            self._connection.execute(f"copy page to {quoted(str(path))} ({options})")
            self._connection.unregister("page")
        entry = {"records": len(records), "step": step}
        with (self._folder / "journal.jsonl").open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(entry, ensure_ascii=False) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
        self._entries.append(entry)

    def settle_whole(self) -> LandedPartition:
        """Make the object hold exactly what was pulled."""
        return self._replace(None, "true", "all")

    def restart(self) -> None:
        """Throw away what has landed of this pull, to ask for all of it anew."""
        (self._folder / "complete").unlink(missing_ok=True)
        (self._folder / "journal.jsonl").unlink(missing_ok=True)
        self._entries = []

    def settle_days(
        self, days: Sequence[date], day_sql: str, is_everything: bool = False
    ) -> list[LandedPartition]:
        """Make each day hold exactly the records of that day.

        `day_sql` is an SQL expression over `record` and `context` that gives a record's day; a
        record without one goes to the last day. A day without records becomes empty where it held
        some. is_everything: what was pulled is all there is: it lands in the last day's partition
        as one file, EARLIER, and no other partition keeps anything; pulls that follow take out of
        that file the days which they say anew. Raises DaysNotAsked.
        """
        day = f"({day_sql})::date"
        last = days[-1]
        if is_everything:
            landed = [self._replace(last.isoformat(), "true", EARLIER)]
            for key in self.landing.partitions(self.source, self.object_name):
                held = self.landing.partition(self.source, self.object_name, key)
                if key != last.isoformat() and held:
                    self.landing.keep(self.source, self.object_name, key, [])
                    landed.append(LandedPartition((), is_changed=True))
            return landed
        found = {row[0] for row in self._query(f"select distinct {day} from {{pages}}")}
        outside = sorted(found - set(days) - {None})
        if outside:
            raise DaysNotAsked(f"it has records of {outside[0]}, which was not asked for")
        landed = []
        for one in sorted(set(days)):
            key = one.isoformat()
            condition = f"{day} = date '{key}'" + (f" or {day} is null" if one == last else "")
            is_found = one in found or (one == last and None in found)
            if is_found or self._own(key):
                landed.append(self._replace(key, condition, key))
        return [*landed, *self._strip_earlier(days, day)]

    def _own(self, key: str) -> list[LandedFile]:
        """The files of a day's partition that hold its own records."""
        held = self.landing.partition(self.source, self.object_name, key)
        return [file for file in held if file.name != EARLIER]

    def _strip_earlier(self, days: Sequence[date], day: str) -> list[LandedPartition]:
        """Take some days out of what a first pull landed as one file."""
        listed = ", ".join(f"date '{one.isoformat()}'" for one in days)
        landed = []
        for key in self.landing.partitions(self.source, self.object_name):
            held = self.landing.partition(self.source, self.object_name, key)
            for file in [one for one in held if one.name == EARLIER]:
                path = self.landing.parquet_path(self.source, self.object_name, key, file)
                rows = f"read_parquet([{quoted(str(path))}]{self._encryption()})"
                left = (
                    f"select record, context from {rows} "
                    f"where coalesce({day} not in ({listed}), true)"
                )
                (count,) = self._query(f"select count(*) from ({left})")[0]
                if count == file.rows:
                    continue
                files = [one for one in held if one.name != EARLIER]
                if count:
                    # What is left was extracted when the file was; loads see only that it differs.
                    moment = datetime.fromisoformat(file.extracted_at) + timedelta(microseconds=1)
                    stamp = moment.isoformat(timespec="microseconds")
                    written = self._write(key, EARLIER, f"{count}", left)
                    files.append(replace(written, extracted_at=stamp))
                self.landing.keep(self.source, self.object_name, key, files)
                landed.append(LandedPartition(tuple(files), is_changed=True))
        return landed

    def settle_changes(
        self, days: Sequence[date], day_sql: str | None, since: date | None
    ) -> list[LandedPartition]:
        """Add what is new to the days: of several, each record to the day `day_sql` gives it.

        Records that landed before, on one of these days or from `since` on, are not added again:
        windows overlap. A record outside the days goes to the last of them.
        """
        last = days[-1]
        known = self._files_from(min(days[0], since or days[0]))
        pages = "{pages}"
        if known:
            encryption = self._encryption()
            paths = ", ".join(quoted(str(path)) for path in known)
            # What stands beside a record, such as its associations, changes as the record does.
            mark = "md5(record || coalesce(context, ''))"
            before = f"select {mark} from read_parquet([{paths}]{encryption})"
            pages = f"(select * from {{pages}} where {mark} not in ({before}))"
        if len(days) == 1 or day_sql is None:
            return [self._append(last, f"select * from {pages}")]
        counted = self._query(f"select ({day_sql})::date, count(*) from {pages} group by all")
        found = {day for day, _ in counted}
        landed = []
        for day in days[:-1]:
            if day in found:
                rows = f"select * from {pages} where ({day_sql})::date = date '{day.isoformat()}'"
                landed.append(self._append(day, rows))
        others = ", ".join(f"date '{day.isoformat()}'" for day in days[:-1])
        rows = f"select * from {pages} where coalesce(({day_sql})::date not in ({others}), true)"
        landed.append(self._append(last, rows))
        return landed

    def close(self, until: datetime) -> None:
        """Note up to when everything has been pulled, and forget the pages."""
        state = {"until": until.isoformat(), "at": datetime.now(UTC).isoformat()}
        _replace(self._pulls.parent / STATE, json.dumps(state))
        shutil.rmtree(self._pulls, ignore_errors=True)

    def forget(self) -> None:
        """Forget the pages, without noting anything as pulled."""
        shutil.rmtree(self._pulls, ignore_errors=True)

    def _journal(self) -> list[dict[str, Any]]:
        path = self._folder / "journal.jsonl"
        if not path.exists():
            return []
        entries = []
        whole = 0
        for line in path.read_bytes().splitlines(keepends=True):
            # A kill may leave half a line: that page is asked for again.
            if not line.endswith(b"\n"):
                break
            entries.append(json.loads(line))
            whole += len(line)
        with path.open("r+b") as journal:
            journal.truncate(whole)
        return entries

    def _page(self, number: int) -> Path:
        return self._folder / f"{number:06d}.parquet"

    def _encryption(self) -> str:
        if not self.landing.passphrase:
            return ""
        return f", encryption_config = {{footer_key: {quoted(KEY_NAME)}}}"

    def _pages(self) -> str:
        paths = [
            str(self._page(number))
            for number, entry in enumerate(self._entries, start=1)
            if entry["records"]
        ]
        if not paths:
            return "(select null::varchar as record, null::varchar as context where false)"
        listed = ", ".join(map(quoted, paths))
        return f"read_parquet([{listed}]{self._encryption()})"

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(
            sql.replace("{pages}", self._pages())
        ).fetchall()
        return rows

    def _reading(self) -> dict[str, Any]:
        return {"format": "api", "pages": len(self._entries), **self.question}

    def _replace(self, key: str | None, condition: str, name: str) -> LandedPartition:
        """A partition of exactly the records that satisfy a condition, unless it holds them."""
        rows = f"select * from {{pages}} where {condition}"
        # Order does not count: a list that is only sorted differently is the same list.
        (count, mark) = self._query(
            f"select count(*), coalesce(bit_xor(md5_number(record || coalesce(context, ''))), 0) "
            f"from ({rows})"
        )[0]
        fingerprint = f"{count}:{mark}"
        held = self.landing.partition(self.source, self.object_name, key)
        before = [file for file in held if file.name == name or name in ("all", EARLIER)]
        others = [file for file in held if file not in before]
        if [(file.name, file.fingerprint) for file in before] == [(name, fingerprint)]:
            return LandedPartition(held, is_changed=False)
        file = self._write(key, name, fingerprint, rows)
        self.landing.keep(self.source, self.object_name, key, [*others, file])
        return LandedPartition((file,), is_changed=True)

    def _append(self, day: date, rows: str) -> LandedPartition:
        key = day.isoformat()
        before = self.landing.partition(self.source, self.object_name, key)
        (count,) = self._query(f"select count(*) from ({rows})")[0]
        if not count:
            return LandedPartition(before, is_changed=False)
        file = self._write(key, f"{key} {len(before) + 1}", f"{count}", rows)
        files = [*before, file]
        self.landing.keep(self.source, self.object_name, key, files)
        return LandedPartition(tuple(files), is_changed=True)

    def _write(self, key: str | None, name: str, fingerprint: str, rows: str) -> LandedFile:
        parquet, target = self.landing.new_file(self.source, self.object_name, key)
        sql = (
            f"copy (select record, context, row_number() over () as _row from ({rows})) "
            f"to {quoted(str(target))} ({self.landing.options()}, row_group_size {ROW_GROUP})"
        )
        written = self._query(sql)[0][0]
        return LandedFile(
            name=name,
            fingerprint=fingerprint,
            parquet=parquet,
            rows=int(written),
            columns={"record": "string", "context": "string"},
            extracted_at=datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds"),
            reading=self._reading(),
        )

    def _files_from(self, first: date) -> list[Path]:
        return [
            self.landing.parquet_path(self.source, self.object_name, key, file)
            for key in self.landing.partitions(self.source, self.object_name)
            if key >= first.isoformat()
            for file in self.landing.partition(self.source, self.object_name, key)
        ]


def pulled_until(landing: Landing, source: str, object_name: str) -> datetime | None:
    """Up to when an object has been pulled completely; None where it never was."""
    path = landing.root / source / object_name / STATE
    if not path.exists():
        return None
    return datetime.fromisoformat(json.loads(path.read_text())["until"])


def _replace(path: Path, content: str) -> None:
    draft = path.with_name(f"{path.name}.partial")
    draft.write_text(content, encoding="utf-8")
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    draft.replace(path)


def landed_records(landing: Landing, source: str, object_name: str) -> list[dict[str, Any]]:
    """The records of an object that have landed, decoded, each text once, in the order in which
    they came; for objects that are asked for record by record."""
    paths = [
        quoted(str(landing.parquet_path(source, object_name, key, file)))
        for partition in landing.partitions(source, object_name)
        for key in [None if partition == UNPARTITIONED else partition]
        for file in landing.partition(source, object_name, key)
    ]
    if not paths:
        return []
    options = ""
    if landing.passphrase:
        options = f", encryption_config = {{footer_key: {quoted(KEY_NAME)}}}"
    rows = landing.connection().execute(
        f"select record from read_parquet([{', '.join(paths)}]{options})"
    )
    return [json.loads(record) for record in dict.fromkeys(row[0] for row in rows.fetchall())]
