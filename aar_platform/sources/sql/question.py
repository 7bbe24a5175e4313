"""What a database is asked: a query as it stands, or the part of its rows that changed in a window
of time, which is bound and never written into the statement."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from aar_platform.sources.api.errors import SourceFailed

if TYPE_CHECKING:
    import sqlalchemy

# A colon that SQLAlchemy would take for a parameter.
_COLON = re.compile(r"(?<![:\w]):(?=[\w$])")
_MOMENT_TEXT = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(Z?)")
_DAY_TEXT = re.compile(r"\d{4}-\d\d-\d\d")
# Seconds, milliseconds and microseconds since 1970, from 1973 on.
_EPOCHS = ((10**8, 10**10, 1), (10**11, 10**13, 1_000), (10**14, 10**16, 1_000_000))

Kind = Literal["aware", "naive", "day", "moment text", "day text", "epoch"]


@dataclass(frozen=True)
class Change:
    """How a column says when a row last changed.

    zone: that of times without one. format: of text. per_second: of a number since 1970.
    """

    column: str
    kind: Kind
    zone: ZoneInfo
    format: str = ""
    per_second: int = 1

    def bound(self, moment: datetime, is_end: bool) -> Any:
        """A moment as values of the column are compared with. Never later than a beginning, never
        earlier than an end."""
        local = moment.astimezone(self.zone)
        if self.kind == "aware":
            return moment
        if self.kind == "naive":
            return local.replace(tzinfo=None)
        if self.kind in ("day", "day text"):
            is_partial = is_end and local.timetz().replace(tzinfo=None) != datetime.min.time()
            day = local.date() + timedelta(days=is_partial)
            return day if self.kind == "day" else day.isoformat()
        if self.kind == "moment text":
            # In whole minutes, as a column may be: a shorter text comes before a longer one.
            return local.strftime(self.format)
        return int(moment.timestamp()) * self.per_second

    def type(self) -> "sqlalchemy.types.TypeEngine[Any]":
        """The type that a bound moment is sent as."""
        import sqlalchemy

        types: dict[Kind, sqlalchemy.types.TypeEngine[Any]] = {
            # Without its zone it would be compared in that of the session.
            "aware": sqlalchemy.DateTime(timezone=True),
            "naive": sqlalchemy.DateTime(),
            "day": sqlalchemy.Date(),
            "epoch": sqlalchemy.BigInteger(),
        }
        return types.get(self.kind, sqlalchemy.String())

    def day_sql(self, zone: str) -> str:
        """The day of a landed row in `zone`, for DuckDB; null where it cannot be told."""
        name = quoted_name(self.column)
        if self.kind in ("day", "day text"):
            return f"try_cast({name} as date)"
        if self.kind == "epoch":
            instant = f"to_timestamp(try_cast({name} as double) / {self.per_second})"
        elif self.kind == "aware":
            instant = f"try_cast({name} as timestamptz)"
        else:
            instant = f"timezone('{self.zone.key}', try_cast({name} as timestamp))"
        return f"timezone('{zone}', {instant})::date"


@dataclass(frozen=True)
class Question:
    """A query, or a table to be read whole, put to one connection."""

    where: str
    connection: "sqlalchemy.Connection"
    query: str | None
    table: str | None
    changed_at: str | None

    def statement(
        self, change: Change | None, since: datetime | None, until: datetime | None
    ) -> "sqlalchemy.Executable":
        """The query; with `change` the rows that changed from `since` on and before `until`.

        Rows that say nothing of their change are always among them.
        """
        import sqlalchemy

        if change is None or since is None:
            return sqlalchemy.text(self._text())
        rows = self._rows()
        column = rows.c[change.column]
        kind = change.type()
        within = column >= sqlalchemy.bindparam("since", change.bound(since, False), kind)
        if until is not None:
            end = sqlalchemy.bindparam("until", change.bound(until, True), kind)
            within = sqlalchemy.and_(within, column < end)
        return (
            sqlalchemy.select(sqlalchemy.text("*"))
            .select_from(rows)
            .where(sqlalchemy.or_(within, column.is_(None)))
        )

    def change(self, zone: ZoneInfo) -> Change | None:
        """How the column of changes tells them, by one of its values; None without any.

        Raises SourceFailed where it tells neither days nor times in an order of their own.
        """
        import sqlalchemy

        rows = self._rows()
        column = rows.c[self.changed_at or ""]
        first = sqlalchemy.select(column).where(column.is_not(None)).limit(1)
        result = self.connection.execute(first)
        row = result.first()
        if row is None:
            return None
        change = _change_of(self.changed_at or "", row[0], zone)
        if change is None:
            raise SourceFailed(
                self.where,
                f"changed_at: column '{self.changed_at}' does not hold days or times that can be "
                "compared",
                "cast it in the query to a timestamp, or leave changed_at out",
            )
        return change

    def _text(self) -> str:
        """The query with its own colons kept; a last line may be a comment."""
        if self.query is not None:
            return _COLON.sub(r"\\:", self.query.strip().rstrip(";")) + "\n"
        quote = self.connection.dialect.identifier_preparer.quote
        return "select * from " + ".".join(quote(part) for part in (self.table or "").split("."))

    def _rows(self) -> "sqlalchemy.Subquery":
        import sqlalchemy

        column: sqlalchemy.ColumnClause[Any] = sqlalchemy.column(self.changed_at or "")
        return sqlalchemy.text(self._text()).columns(column).subquery("t")


def quoted_name(name: str) -> str:
    """A column's name for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def _change_of(column: str, value: Any, zone: ZoneInfo) -> Change | None:
    if isinstance(value, datetime):
        return Change(column, "naive" if value.tzinfo is None else "aware", zone)
    if isinstance(value, date):
        return Change(column, "day", zone)
    if isinstance(value, str):
        if _DAY_TEXT.fullmatch(value):
            return Change(column, "day text", zone)
        moment = _MOMENT_TEXT.fullmatch(value)
        if moment is None:
            return None
        in_zone = ZoneInfo("UTC") if moment[2] else zone
        return Change(column, "moment text", in_zone, f"%Y-%m-%d{moment[1]}%H:%M")
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        for lowest, highest, per_second in _EPOCHS:
            if lowest <= value < highest:
                return Change(column, "epoch", zone, per_second=per_second)
    return None
