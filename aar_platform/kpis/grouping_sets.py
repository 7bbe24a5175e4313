"""Grouping a table in many ways in one pass of the engine.

Ibis has no GROUPING SETS: 12.5 million sales by month, quarter and year in ten dimensions take 2 s
with them on two cores, and Ibis 0.4 s alone to write the thirty queries that would do without. So
the query is Ibis's but for its last clause.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
from sqlglot import exp

from aar_platform.quality.stored import stored_sql


def grouping_sets(
    rows: ir.Table, sets: Sequence[Sequence[str]], sums: Mapping[str, ir.Scalar]
) -> ir.Table:
    """The rows grouped by each of `sets` (names of columns): all columns named in any of them,
    null where a row's set does not name them, then the aggregations `sums` over `rows`. It is
    computed at once, and kept: Ibis would read the query again, 0.05 s each.

    A null in a column cannot be told from its absence: fill it before.
    """
    keys = list(dict.fromkeys(name for one in sets for name in one))
    plain = rows.group_by(keys).aggregate(**sums)
    backend = ibis.get_backend(plain)
    # What Ibis does before it runs a query: tables in memory are made known to the engine.
    backend._run_pre_execute_hooks(plain)
    query = backend.compiler.to_sqlglot(plain)
    # A copy of each: a node of the tree has one parent.
    column = {name: part.unalias() for name, part in zip(keys, query.expressions, strict=False)}
    ways = [exp.Tuple(expressions=[column[name].copy() for name in one]) for one in sets]
    query.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=ways)]))
    return stored_sql(backend, query.sql(backend.dialect))
