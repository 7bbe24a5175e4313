"""How an answer that has been written becomes part of what has landed: in the place of what was
there, or beside it, and not at all where it says nothing new."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from aar_platform.landing.encryption import KEY_NAME, quoted
from aar_platform.landing.pull import PULLS
from aar_platform.landing.store import UNPARTITIONED, LandedFile, Landing
from aar_platform.sources.sql.question import quoted_name


class Settling:
    """An answer beside the landing of its object. Each step tells whether a partition changed."""

    def __init__(self, landing: Landing, source: str, object_name: str, answer: LandedFile) -> None:
        self.landing, self.answer = landing, answer
        self.source, self.object_name = source, object_name
        self._path = landing.parquet_path(source, object_name, PULLS, answer)
        self._rows = self._read([self._path])
        self._connection = landing.connection()

    def replace(self, key: str | None, name: str) -> bool:
        """Make a partition hold exactly the answer, unless it holds the same rows."""
        file = replace(self.answer, name=name, fingerprint=self._fingerprint())
        held = self.landing.partition(self.source, self.object_name, key)
        if [(one.name, one.fingerprint) for one in held] == [(name, file.fingerprint)]:
            # The columns it is mapped by, or the question, may differ all the same.
            same = replace(held[0], reading=file.reading)
            if [same] != list(held):
                self.landing.keep(self.source, self.object_name, key, [same])
            return False
        self._take(key, file, [])
        return True

    def empty_others(self, today: str) -> list[bool]:
        """Empty all days but one, when the answer was everything there is."""
        others = [key for key in self._days() if key != today]
        for key in others:
            self.landing.keep(self.source, self.object_name, key, [])
        return [True for _ in others]

    def add(self, days: Sequence[date], column: str, day_sql: str | None) -> list[bool]:
        """Add the rows that have not landed before to their days, by `day_sql`; what lies outside
        of them, or on no day, to the last."""
        self._sort_out(column, day_sql, days)
        found = self._connection.execute(
            "select day, count(*) from fresh_rows group by day order by day"
        ).fetchall()
        if not found:
            if self._days():
                return []
            # Without any file there would be no table.
            return [self._append(days[-1], 0)]
        return [self._append(day, count) for day, count in found]

    def _append(self, day: date, count: int) -> bool:
        key = day.isoformat()
        held = self.landing.partition(self.source, self.object_name, key)
        file = replace(self.answer, name=f"{key} {len(held) + 1}", fingerprint=str(count))
        if count == self.answer.rows:
            self._take(key, file, held)
            return True
        parquet, target = self.landing.new_file(self.source, self.object_name, key)
        columns = ", ".join(map(quoted_name, self.answer.columns))
        self._connection.execute(
            f"copy (select {columns}, row_number() over () as _row from {self._rows} where _row in "
            f"(select _row from fresh_rows where day = date '{key}')) "
            f"to {quoted(str(target))} ({self.landing.options()})"
        )
        stamp = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        file = replace(file, parquet=parquet, rows=count, extracted_at=stamp)
        self.landing.keep(self.source, self.object_name, key, [*held, file])
        return True

    def _take(self, key: str | None, file: LandedFile, held: Iterable[LandedFile]) -> None:
        """Move the answer into a partition."""
        parquet, target = self.landing.new_file(self.source, self.object_name, key)
        self._path.replace(target)
        taken = replace(file, parquet=parquet)
        self.landing.keep(self.source, self.object_name, key, [*held, taken])

    def _sort_out(self, column: str, day_sql: str | None, days: Sequence[date]) -> None:
        """Which rows have not landed before, and the day each goes to, in `fresh_rows`."""
        name, last = quoted_name(column), f"date '{days[-1].isoformat()}'"
        day = f"({day_sql})" if day_sql and len(days) > 1 else last
        listed = ", ".join(f"date '{one.isoformat()}'" for one in days)
        fresh = f"select _row, {day} as day from {self._rows}"
        known = self._comparable()
        if known:
            seen = (
                f"select {self._mark()} from {self._read(known)} where {name} is null or "
                f"{name} >= (select min({name}) from {self._rows})"
            )
            fresh = f"{fresh} where {self._mark()} not in ({seen})"
        self._connection.execute(
            "create or replace temp table fresh_rows as select _row, "
            f"case when day in ({listed}) then day else {last} end as day from ({fresh})"
        )

    def _comparable(self) -> list[Path]:
        """Files of all days whose columns are of the same names and types."""
        return [
            self.landing.parquet_path(self.source, self.object_name, key, file)
            for key in self._days()
            for file in self.landing.partition(self.source, self.object_name, key)
            if file.columns == self.answer.columns and file.rows
        ]

    def _days(self) -> list[str]:
        keys = self.landing.partitions(self.source, self.object_name)
        return [
            key
            for key in keys
            if key != UNPARTITIONED and self.landing.partition(self.source, self.object_name, key)
        ]

    def _fingerprint(self) -> str:
        """The same for the same rows in any order, each as often."""
        told = self._connection.execute(
            f"select count(*), sum(md5_number_lower(_t)), sum(md5_number_upper(_t)) "
            f"from (select {self._text()} as _t from {self._rows})"
        ).fetchone()
        columns = json.dumps(self.answer.columns)
        return hashlib.sha256(f"{told}{columns}".encode()).hexdigest()

    def _mark(self) -> str:
        return f"md5({self._text()})"

    def _text(self) -> str:
        """A whole row as text."""
        fields = ", ".join(f"{quoted(name)}: {quoted_name(name)}" for name in self.answer.columns)
        return f"to_json({{{fields}}})::varchar"

    def _read(self, paths: Sequence[Path]) -> str:
        key = ""
        if self.landing.passphrase:
            key = f", encryption_config = {{footer_key: {quoted(KEY_NAME)}}}"
        return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}]{key})"
