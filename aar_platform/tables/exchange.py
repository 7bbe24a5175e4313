"""A change of a table in place, for tables so large that few of their rows change at a time."""

from typing import NamedTuple

import ibis.expr.types as ir


class Exchange(NamedTuple):
    """The rows whose column `key` has a value that `gone` has leave the table, then `rows`, in all
    its columns, come."""

    key: str
    gone: ir.Table
    rows: ir.Table


class Part(NamedTuple):
    """The rows of the table that meet the SQL condition `where` leave it, then `rows`, in all its
    columns, come; the table is made where there is none."""

    where: str
    rows: ir.Table
