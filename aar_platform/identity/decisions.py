"""What people's decisions come to: which of them hold, which records they join or keep apart."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from aar_platform.operations.decisions import Decision, Pair, Record, decisions
from aar_platform.operations.store import Operations
from aar_platform.tables import catalogue

if TYPE_CHECKING:
    import pyarrow as pa

# What the clustering asks of a decision.
_ASKED = (
    "verdict",
    *(f"{side}_{name}" for side in ("left", "right") for name in Record._fields),
    "decided_at",
    "decision_id",
)


def active_decisions(operations: Operations) -> "pa.Table":
    """The pairs that must (`same`) or must not (`different`) be one customer, oldest first.

    Columns verdict, left_source, left_object, left_record_id, right_source, right_object,
    right_record_id, decided_at (UTC) and decision_id. They contradict each other nowhere, not
    even through a chain: see `in_force`. Their records may have gone from the sources.
    """
    return decision_rows(decisions(operations), only_active=True).select(list(_ASKED))


def decision_rows(known: Iterable[Decision], *, only_active: bool = False) -> "pa.Table":
    """The table `identity_decisions`: a row per pair of every decision, undone ones included."""
    import pyarrow as pa

    known = list(known)
    holding = {one.decision_id for one in in_force(known)}
    rows = [
        row
        for one in known
        if not only_active or one.decision_id in holding
        for row in _rows(one, one.decision_id in holding)
    ]
    schema = catalogue.ibis_schema("identity_decisions").to_pyarrow()
    return pa.Table.from_pylist(rows, schema=schema)


def _rows(decision: Decision, is_active: bool) -> Iterator[dict[str, Any]]:
    for pair, (left, right) in enumerate(decision.pairs, 1):
        yield {
            "decision_id": decision.decision_id,
            "pair": pair,
            "verdict": decision.verdict,
            "kind": decision.kind,
            **{f"left_{name}": value for name, value in left._asdict().items()},
            **{f"right_{name}": value for name, value in right._asdict().items()},
            "is_active": is_active,
            "reason": decision.reason,
            "decided_by": decision.decided_by,
            "decided_at": decision.decided_at,
            "undone_by": decision.undone_by,
            "undone_at": decision.undone_at,
        }


def in_force(known: Iterable[Decision]) -> list[Decision]:
    """The decisions that hold, oldest first: neither undone nor contradicted by a later one.

    A contradiction may go through a chain: A is B, B is C, A is not C. Decisions are taken from
    the newest to the oldest; one that cannot hold together with those taken before it has no
    effect at all, not even by those of its pairs that could hold.
    """
    standing = Standing()
    newest_first = sorted(known, key=lambda one: one.number, reverse=True)
    return [one for one in newest_first if one.undone_at is None and standing.take(one)][::-1]


class Standing:
    """What decisions taken together say of records: those joined, and those kept apart."""

    def __init__(self) -> None:
        self._towards: dict[Record, Record] = {}
        # Group → the groups it is kept apart from; both by their first record, and both ways.
        self._apart: defaultdict[Record, set[Record]] = defaultdict(set)

    def take(self, decision: Decision) -> bool:
        """Add what a decision says; False, and nothing added, where it contradicts."""
        if decision.verdict == "different":
            return self._part(decision.pairs)
        return self.join(*(record for pair in decision.pairs for record in pair))

    def group(self, record: Record) -> Record:
        """The record that stands for all that are joined with this one."""
        while (towards := self._towards.get(record, record)) != record:
            self._towards[record] = self._towards.get(towards, towards)
            record = towards
        return record

    def is_joined(self, left: Record, right: Record) -> bool:
        """Whether two records are one customer by decision."""
        return self.group(left) == self.group(right)

    def is_parted(self, left: Record, right: Record) -> bool:
        """Whether two records are different customers by decision."""
        return self.group(right) in self._apart.get(self.group(left), ())

    def _part(self, pairs: Sequence[Pair]) -> bool:
        groups = [(self.group(left), self.group(right)) for left, right in pairs]
        if any(left == right for left, right in groups):
            return False
        for left, right in groups:
            self._apart[left].add(right)
            self._apart[right].add(left)
        return True

    def join(self, *records: Record) -> bool:
        """Have records be one customer; False where two of them are kept apart."""
        groups = {self.group(record) for record in records}
        if any(self._apart[one] & groups for one in groups if one in self._apart):
            return False
        first, *others = sorted(groups)
        for other in others:
            self._towards[other] = first
            for parted in self._apart.pop(other, set()):
                self._apart[parted].discard(other)
                self._apart[parted].add(first)
                self._apart[first].add(parted)
        return True


def joined_with(
    holding: Iterable[Decision], records: Iterable[Record]
) -> dict[Record, tuple[str, ...]]:
    """All records that decisions join with the given ones, these included, each with the ids of
    the decisions on the shortest way to it (none for the given ones)."""
    neighbours: defaultdict[Record, list[tuple[Record, str]]] = defaultdict(list)
    for one in holding:
        if one.verdict == "same":
            for left, right in one.pairs:
                neighbours[left].append((right, one.decision_id))
                neighbours[right].append((left, one.decision_id))
    by: dict[Record, tuple[str, ...]] = dict.fromkeys(records, ())
    waiting = deque(by)
    while waiting:
        record = waiting.popleft()
        for other, decision_id in neighbours.get(record, ()):
            if other not in by:
                by[other] = tuple(dict.fromkeys((*by[record], decision_id)))
                waiting.append(other)
    return by


def parting(holding: Iterable[Decision], records: AbstractSet[Record]) -> list[tuple[str, Pair]]:
    """The decisions that keep apart two of these records, each with the first such pair."""
    found = []
    for one in holding:
        if one.verdict == "different":
            pair = next((pair for pair in one.pairs if records >= set(pair)), None)
            if pair is not None:
                found.append((one.decision_id, pair))
    return found
