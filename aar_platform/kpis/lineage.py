"""Which columns of tables a figure is made from, read off the expressions that compute it."""

from collections.abc import Mapping

import ibis.expr.operations as ops
import ibis.expr.types as ir

Column = tuple[str, str]
Known = Mapping[str, Mapping[str, frozenset[Column]]]


def origins_of(table: ir.Table, known: Known | None = None) -> dict[str, frozenset[Column]]:
    """Column → the (table, column) pairs of stored tables whose values make it.

    Conditions of filters and joins are no values. `known` says the same of stored tables that are
    themselves steps on the way, by name: they are passed through.
    """
    trace = _Trace(known or {})
    return {name: trace.field(table.op(), name) for name in table.columns}


def origins_of_value(value: ir.Value, known: Known | None = None) -> frozenset[Column]:
    """The same of one aggregation, its condition included."""
    return _Trace(known or {}).value(value.op())


class _Trace:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._fields: dict[tuple[object, str], frozenset[Column]] = {}

    def value(self, node: ops.Node) -> frozenset[Column]:
        """The columns behind a value."""
        if isinstance(node, ops.Field):
            return self.field(node.rel, node.name)
        if isinstance(node, ops.Relation):
            return frozenset()
        return frozenset().union(*(self.value(child) for child in node.__children__))

    def field(self, relation: ops.Relation, name: str) -> frozenset[Column]:
        """The columns behind a column of a relation."""
        key = (relation, name)
        if key not in self._fields:
            self._fields[key] = self._field(relation, name)
        return self._fields[key]

    def _field(self, relation: ops.Relation, name: str) -> frozenset[Column]:
        if isinstance(relation, ops.DatabaseTable):
            if relation.name in self._known:
                return self._known[relation.name].get(name, frozenset())
            return frozenset({(relation.name, name)})
        if isinstance(relation, ops.Set):
            return self.field(relation.left, name) | self.field(relation.right, name)
        value = relation.values.get(name) if hasattr(relation, "values") else None
        if isinstance(value, ops.Node) and not (
            isinstance(value, ops.Field) and value.rel == relation
        ):
            return self.value(value)
        parent = getattr(relation, "parent", None)
        return frozenset() if parent is None else self.field(parent, name)
