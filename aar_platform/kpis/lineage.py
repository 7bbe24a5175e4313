"""Which columns of tables a figure is made from, read off the expressions that compute it."""

from collections.abc import Mapping

import ibis.expr.operations as ops
import ibis.expr.types as ir

from aar_platform.kpis.counting import Counted, counted, measured
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.facts.definition import Facts

Column = tuple[str, str]
# Column of a KPI's table → the columns behind it.
Lineage = dict[str, list[Column]]
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


def lineage_of(kpi: Kpi, known: Facts, through: Known) -> Lineage:
    """The columns of stored tables behind a KPI's figures; of a quotient those of its two KPIs.

    `through` tells them of the facts that are kept, by the name of their table.
    """
    if kpi.quotient is not None:
        numerator = [(kpi.quotient.dividend.table, "value")]
        denominator = [(kpi.quotient.divisor.table, "value")]
        return {
            "numerator": numerator,
            "denominator": denominator,
            "value": [*numerator, *denominator],
        }
    behind: Lineage = {}
    measure = measured(kpi, known)
    for one in counted(kpi, measure, kpi.dimensions):
        behind[one.part] = sorted({*behind.get(one.part, []), *_behind(one, through)})
    rows = origins_of(measure.rows, through)
    behind["value"] = sorted({*behind["numerator"], *behind.get("denominator", [])})
    behind["period_start"] = sorted(rows.get("day", rows.get("period_start", frozenset())))
    behind["member"] = sorted(
        {column for name in kpi.dimensions for column in rows.get(name, frozenset())}
    )
    return behind


def _behind(one: Counted, through: Known) -> frozenset[Column]:
    """The columns in a sum and its condition. A plain count, and a sum of what is the same for all
    rows of a kind (points), has none: it is made of there being rows, and so of their ids."""
    trace = _Trace(through)
    return trace.value(one.one.op()) or trace.ids(one.rows.op())


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

    def ids(self, relation: ops.Relation) -> frozenset[Column]:
        """The ids of the records that make the rows, of those that were grouped where they are
        groups; the ids of customers where there are no others."""
        if "record_id" in relation.schema and (found := self.field(relation, "record_id")):
            return found
        if isinstance(relation, ops.JoinChain):
            behind = self.ids(relation.first)
        elif isinstance(relation, ops.Set):
            behind = self.ids(relation.left) | self.ids(relation.right)
        else:
            parent = getattr(relation, "parent", None)
            behind = frozenset() if parent is None else self.ids(parent)
        if not behind and "customer_id" in relation.schema:
            return self.field(relation, "customer_id")
        return behind

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
