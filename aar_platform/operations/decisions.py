"""What people decided about who is who: kept for good, an undone decision included."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal, NamedTuple

import sqlalchemy as sa

from aar_platform.operations.store import METADATA, Operations, OperationsUnavailable

Verdict = Literal["same", "different"]
# Two processes that decide at once want the same number; the second tries the next one.
_ATTEMPTS = 50

TABLE = sa.Table(
    "identity_decisions",
    METADATA,
    sa.Column("decision_id", sa.String(16), primary_key=True),
    sa.Column("pair", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("left_source", sa.Text, nullable=False),
    sa.Column("left_object", sa.Text, nullable=False),
    sa.Column("left_record_id", sa.Text, nullable=False),
    sa.Column("right_source", sa.Text, nullable=False),
    sa.Column("right_object", sa.Text, nullable=False),
    sa.Column("right_record_id", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", sa.DateTime),
)


class Record(NamedTuple):
    """A record of a person or company, by the names it has in `customer_links`."""

    source: str
    object: str
    record_id: str

    def __str__(self) -> str:
        return "/".join(self)


Pair = tuple[Record, Record]


@dataclass(frozen=True)
class Decision:
    """The pairs of records that one command declared the same customer, or different ones.

    Pairs of the verdict `same` are a chain: they hold all records named together. Times are naive
    UTC.
    """

    decision_id: str
    verdict: Verdict
    kind: str
    pairs: tuple[Pair, ...]
    reason: str | None
    decided_by: str
    decided_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None

    @property
    def number(self) -> int:
        """The order in which decisions were made."""
        return _number(self.decision_id)


def decide(
    operations: Operations,
    verdict: Verdict,
    kind: str,
    pairs: list[Pair],
    reason: str | None,
    decided_by: str,
    decided_at: datetime,
) -> str:
    """Keep a decision of at least one pair; returns its id, D and a number of four digits or more.

    Raises OperationsUnavailable.
    """
    facts = {"verdict": verdict, "kind": kind, "reason": reason, "decided_by": decided_by}
    rows = [
        {**facts, **_sides(left, right), "decided_at": decided_at, "pair": pair}
        for pair, (left, right) in enumerate(pairs, 1)
    ]
    for _ in range(_ATTEMPTS):
        # Two transactions: SQLite refuses to write in one that has read what another changed.
        with operations.begin() as connection:
            taken = connection.scalars(sa.select(TABLE.c.decision_id).distinct()).all()
        decision_id = f"D{max(map(_number, taken), default=0) + 1:04d}"
        try:
            with operations.begin() as connection:
                connection.execute(
                    sa.insert(TABLE), [{**row, "decision_id": decision_id} for row in rows]
                )
        except sa.exc.IntegrityError:
            continue
        return decision_id
    raise OperationsUnavailable(
        "operations in aar.yaml: too many decisions are made at once; try again"
    )


def undo(operations: Operations, decision_id: str, undone_by: str, undone_at: datetime) -> bool:
    """Mark a decision as undone; False where there is none of this id that still stands."""
    with operations.begin() as connection:
        done = connection.execute(
            sa.update(TABLE)
            .where(TABLE.c.decision_id == decision_id, TABLE.c.undone_at.is_(None))
            .values(undone_by=undone_by, undone_at=undone_at)
        )
    return done.rowcount > 0


def decisions(operations: Operations) -> list[Decision]:
    """Every decision ever made, oldest first."""
    with operations.begin() as connection:
        rows = connection.execute(sa.select(TABLE)).all()
    rows = sorted(rows, key=lambda row: (_number(row.decision_id), row.pair))
    found = []
    for decision_id, members in groupby(rows, key=lambda row: row.decision_id):
        chosen = list(members)
        first = chosen[0]
        found.append(
            Decision(
                decision_id,
                first.verdict,
                first.kind,
                tuple(_pair(row) for row in chosen),
                first.reason,
                first.decided_by,
                first.decided_at,
                first.undone_by,
                first.undone_at,
            )
        )
    return found


def _number(decision_id: str) -> int:
    return int(decision_id[1:])


def _sides(left: Record, right: Record) -> dict[str, str]:
    return {
        f"{side}_{name}": value
        for side, record in (("left", left), ("right", right))
        for name, value in record._asdict().items()
    }


def _pair(row: "sa.Row[tuple[object, ...]]") -> Pair:
    left = Record(row.left_source, row.left_object, row.left_record_id)
    right = Record(row.right_source, row.right_object, row.right_record_id)
    return left, right
