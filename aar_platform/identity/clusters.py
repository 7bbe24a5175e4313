"""Records that edges hold together, unless something keeps them apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Labels = npt.NDArray[np.int64]

# Edges in the order in which they are believed.
RANKS = {"manual": 0, "rule": 1, "probabilistic": 2}


@dataclass(frozen=True)
class Apart:
    """What keeps records apart.

    `pairs` (left, right) are records that must not share a cluster. `values` (record, field,
    value) are hard facts and `conflicts` (field, one, other) which of their values cannot both be
    true of one customer.
    """

    pairs: ir.Table
    values: ir.Table
    conflicts: ir.Table


def connected(record_count: int, edges: ir.Table) -> "Labels":
    """The smallest number in the connected component of each of the records numbered from 0;
    `edges` names records in left and right."""
    pairs = edges.select("left", "right").to_pyarrow()
    return _components(record_count, *(pairs[side].to_numpy() for side in ("left", "right")))


def clusters(labels: "Labels") -> ir.Table:
    """record, cluster: the labels as a table."""
    import numpy as np
    import pyarrow as pa

    return ibis.memtable(pa.table({"record": np.arange(len(labels)), "cluster": labels}))


def _components(count: int, left: "Labels", right: "Labels") -> "Labels":
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not count:
        return np.empty(0, np.int64)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    _, smallest = np.unique(labels, return_index=True)
    return np.asarray(smallest[labels], dtype=np.int64)


def parted(labels: "Labels", edges: ir.Table, records: ir.Table, apart: Apart) -> "Labels":
    """The labels of `connected`, with those components taken apart that hold records that must stay
    apart: their edges are taken from the surest to the weakest, and none that would join such.

    `edges` has left, right, method, reason and match_weight; `records` the `content` of each
    record, so that the order of edges depends on what the two records say alone.
    """
    forbidden = [row for row in _rows(apart.pairs) if labels[row["left"]] == labels[row["right"]]]
    facts = _rows(apart.values)
    conflicts = {
        (row["field"], *ends)
        for row in _rows(apart.conflicts)
        for ends in ((row["one"], row["other"]), (row["other"], row["one"]))
    }
    by_component: dict[tuple[int, str], set[str]] = defaultdict(set)
    for fact in facts:
        by_component[int(labels[fact["record"]]), fact["field"]].add(fact["value"])
    broken = {int(labels[row["left"]]) for row in forbidden} | {
        component
        for (component, field), values in by_component.items()
        if any((field, one, other) in conflicts for one in values for other in values)
    }
    if not broken:
        return labels
    import numpy as np

    inside = np.isin(labels, sorted(broken))
    members = np.flatnonzero(inside)
    edged = _rows(_told(edges.semi_join(ibis.memtable({"left": members}), "left"), records))
    joined = _Joining(members, facts, forbidden, conflicts)
    for edge in sorted([*edged, *_within_keys(edged, facts)], key=_order):
        joined.join(edge["left"], edge["right"], is_manual=edge["method"] == "manual")
    told = labels.copy()
    for member in members:
        told[member] = joined.root(int(member))
    return told


def _told(edges: ir.Table, records: ir.Table) -> ir.Table:
    """The edges with `tie`, a text made of what their two records say."""
    left = records.select(left="record", left_content="content")
    right = records.select(right="record", right_content="content")
    both = edges.join(left, "left").join(right, "right")
    one, other = both.left_content, both.right_content
    columns = ("left", "right", "method", "reason", "match_weight")
    return both.select(*columns, tie=ibis.least(one, other) + ibis.greatest(one, other))


def _rows(rows: ir.Table) -> list[dict[str, Any]]:
    return list(rows.to_pyarrow().to_pylist())


def _within_keys(
    edges: Iterable[Mapping[str, Any]], facts: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Further edges among the records that one key ties to the first of them.

    They belong together even where the first does not belong to them. Those with the same hard
    facts stand beside each other.
    """
    said: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for fact in facts:
        said[fact["record"]].append((fact["field"], fact["value"]))
    tied: dict[tuple[int, str], list[Mapping[str, Any]]] = defaultdict(list)
    for edge in edges:
        if edge["method"] == "rule":
            tied[edge["left"], edge["reason"]].append(edge)
    for (first, _), star in tied.items():
        ordered = [(sorted(said[first]), "", first, star[0])]
        ordered += [
            (sorted(said[edge["right"]]), edge["tie"], edge["right"], edge) for edge in star
        ]
        ordered.sort(key=lambda member: member[:3])
        for (_, _, one, _), (_, _, other, edge) in pairwise(ordered):
            yield {**edge, "left": min(one, other), "right": max(one, other)}


def _order(edge: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        RANKS[edge["method"]],
        -edge["match_weight"],
        edge["tie"],
        edge["left"],
        edge["right"],
    )


class _Joining:
    """Clusters that grow edge by edge."""

    def __init__(
        self,
        members: Iterable[int],
        facts: Iterable[Mapping[str, Any]],
        forbidden: Iterable[Mapping[str, int]],
        conflicts: set[tuple[str, str, str]],
    ) -> None:
        self._parent = {int(member): int(member) for member in members}
        self._facts: dict[int, set[tuple[str, str]]] = defaultdict(set)
        self._foes: dict[int, set[int]] = defaultdict(set)
        self._conflicts = conflicts
        for fact in facts:
            if fact["record"] in self._parent:
                self._facts[fact["record"]].add((fact["field"], fact["value"]))
        for pair in forbidden:
            self._foes[pair["left"]].add(pair["right"])
            self._foes[pair["right"]].add(pair["left"])

    def root(self, record: int) -> int:
        """The smallest record of the cluster so far."""
        while self._parent[record] != record:
            self._parent[record] = self._parent[self._parent[record]]
            record = self._parent[record]
        return record

    def join(self, left: int, right: int, *, is_manual: bool) -> None:
        """Make one cluster of two, unless something keeps them apart: people's word outranks facts,
        and their word alone keeps apart what people joined."""
        one, other = sorted((self.root(left), self.root(right)))
        if one == other or self._are_foes(one, other):
            return
        if not is_manual and self._contradict(one, other):
            return
        self._parent[other] = one
        self._facts[one] |= self._facts.pop(other, set())
        foes = self._foes.pop(other, set())
        self._foes[one] |= foes

    def _are_foes(self, one: int, other: int) -> bool:
        return any(
            self.root(foe) == against
            for who, against in ((one, other), (other, one))
            for foe in self._foes[who]
            if foe in self._parent
        )

    def _contradict(self, one: int, other: int) -> bool:
        return any(
            (field, mine, theirs) in self._conflicts
            for field, mine in self._facts[one]
            for name, theirs in self._facts[other]
            if name == field
        )
