"""Expressions over accounts, as written in aar.yaml: `owner == recipient.email`, `country in
['FR', 'BE']`. They are read into a predicate of the engine; nothing is ever evaluated as code."""

import ast
from collections.abc import Callable, Collection, Mapping
from datetime import date
from difflib import get_close_matches
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

SEGMENT = "segment"
RECIPIENT = ("email", "regions")
ALLOWED = (
    "columns, texts, numbers, recipient.email, recipient.regions, ==, !=, <, <=, >, >=, in, "
    "and, or, not"
)

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}


class ExpressionError(ValueError):
    """An expression that cannot be read; the message says where, why and what to write."""


def predicate(
    expression: str,
    accounts: ir.Table,
    segments: ir.Table,
    recipient: Mapping[str, Any] | None = None,
) -> ir.BooleanValue:
    """The expression over the columns of `accounts` (with a customer_id) as a condition.

    `segment` stands for the label or code of any scheme in `segments` (customer_id, segment,
    label): `==` and `in` hold where one of them fits, `!=` and `not in` where none does.
    `recipient` has `email` and `regions`. A missing value fulfils no comparison. Raises
    ExpressionError for anything but comparisons of columns with values.
    """
    return _Reader(expression, accounts, segments, recipient or {}).read()


def check(expression: str, columns: Collection[str]) -> None:
    """Raise ExpressionError where an expression could not be read over these columns, without
    looking at any data; types of values are checked when it is used."""
    tree = _parsed(expression)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in {*columns, SEGMENT, "recipient"}:
            raise _unknown(expression, node.id, [*columns, SEGMENT, "recipient"])
        if isinstance(node, ast.Attribute) and node.attr not in RECIPIENT:
            raise _unknown(expression, node.attr, RECIPIENT)
        if not isinstance(node, _NODES):
            raise _refused(expression, node)


_NODES = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare,
    ast.cmpop, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple, ast.Attribute,
)  # fmt: skip


class _Reader:
    def __init__(
        self, expression: str, accounts: ir.Table, segments: ir.Table, recipient: Mapping[str, Any]
    ) -> None:
        self.expression = expression
        self.accounts = accounts
        self.segments = segments
        self.recipient = recipient

    def read(self) -> ir.BooleanValue:
        check(self.expression, self.accounts.columns)
        return self._condition(_parsed(self.expression).body)

    def _condition(self, node: ast.expr) -> ir.BooleanValue:
        if isinstance(node, ast.BoolOp):
            parts = [self._condition(value) for value in node.values]
            both = isinstance(node.op, ast.And)
            return reduce((lambda a, b: a & b) if both else (lambda a, b: a | b), parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ~self._condition(node.operand)
        if isinstance(node, ast.Compare):
            if len(node.ops) > 1:
                raise ExpressionError(
                    f"{self.expression!r} compares twice in a row; "
                    "write the two comparisons with `and` between them"
                )
            return self._comparison(node.left, node.ops[0], node.comparators[0])
        raise ExpressionError(
            f"{self.expression!r}: {ast.unparse(node)!r} is not a comparison; "
            "write, for example, country == 'FR'"
        )

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> ir.BooleanValue:
        if not isinstance(left, ast.Name) and isinstance(right, ast.Name):
            if isinstance(op, ast.In | ast.NotIn):
                raise ExpressionError(
                    f"{self.expression!r}: a column does not hold a list; "
                    "write the column first, as in region in recipient.regions"
                )
            return self._comparison(right, _MIRRORED.get(type(op), type(op))(), left)
        if not isinstance(left, ast.Name) or left.id == "recipient":
            raise ExpressionError(
                f"{self.expression!r} compares no column; write, for example, country == 'FR'"
            )
        if left.id == SEGMENT and SEGMENT not in self.accounts.columns:
            return self._segment(op, right)
        column = self.accounts[left.id]
        if isinstance(op, ast.In | ast.NotIn):
            values = [self._fitting(column, value) for value in self._list(right)]
            # No rows at all for an empty list, whatever the engine makes of `IN ()`.
            found = column.isin(values) if values else ibis.literal(False)
            held = found.fill_null(False)
            return held if isinstance(op, ast.In) else column.notnull() & ~held
        if type(op) not in _COMPARE:
            raise _refused(self.expression, op)
        if isinstance(right, ast.Name) and right.id != "recipient":
            other: Any = self.accounts[right.id]
        else:
            other = self._fitting(column, self._value(right))
        outcome: ir.BooleanValue = _COMPARE[type(op)](column, other)
        return outcome.fill_null(False)

    def _segment(self, op: ast.cmpop, right: ast.expr) -> ir.BooleanValue:
        several = isinstance(op, ast.In | ast.NotIn)
        if not several and not isinstance(op, ast.Eq | ast.NotEq):
            raise ExpressionError(
                f"{self.expression!r}: segments have no order; compare with ==, != or in"
            )
        values = self._list(right) if several else [self._value(right)]
        if not all(isinstance(value, str) for value in values):
            raise ExpressionError(
                f"{self.expression!r}: segments are named in words; write segment == 'Champions'"
            )
        if values:
            fitting = self.segments.label.isin(values) | self.segments.segment.isin(values)
            members = self.segments.filter(fitting).customer_id
            held = self.accounts.customer_id.isin(members)
        else:
            held = ibis.literal(False)
        return held if isinstance(op, ast.Eq | ast.In) else ~held

    def _list(self, node: ast.expr) -> list[Any]:
        if isinstance(node, ast.List | ast.Tuple):
            return [self._value(element) for element in node.elts]
        value = self._value(node)
        if isinstance(value, list | tuple | set | frozenset):
            return sorted(value)
        raise ExpressionError(
            f"{self.expression!r}: `in` needs a list; write ['FR', 'BE'] or recipient.regions"
        )

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._value(node.operand)
            if isinstance(value, int | float):
                return -value
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "recipient"
        ):
            value = self.recipient.get(node.attr)
            if value is None:
                raise ExpressionError(
                    f"{self.expression!r} needs recipient.{node.attr}, and the report is rendered "
                    "for nobody in particular; name a recipient"
                )
            return value
        raise _refused(self.expression, node)

    def _fitting(self, column: ir.Value, value: Any) -> Any:
        """The value as the column's type has it."""
        kind = column.type()
        if kind.is_string() and isinstance(value, str):
            return value
        if kind.is_boolean() and isinstance(value, bool):
            return value
        if kind.is_numeric() and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if (kind.is_date() or kind.is_timestamp()) and isinstance(value, str):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                day = None
            if day is not None:
                return ibis.literal(day).cast(kind)
        wanted = (
            "a text in quotes" if kind.is_string()
            else "True or False" if kind.is_boolean()
            else "a number" if kind.is_numeric()
            else "a day such as '2024-07-31'"
        )  # fmt: skip
        raise ExpressionError(
            f"{self.expression!r}: column {column.get_name()} is compared with "
            f"{type(value).__name__} {value!r}; compare it with {wanted}"
        )


def _parsed(expression: str) -> ast.Expression:
    try:
        return ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if "=" in expression and "==" not in expression and "!=" not in expression:
            hint = "write == to compare"
        else:
            hint = "write, for example, owner == recipient.email"
        raise ExpressionError(f"{expression!r} cannot be read; {hint}") from error


def _unknown(expression: str, name: str, known: Collection[str]) -> ExpressionError:
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
    return ExpressionError(f"{expression!r}: {name!r} is not known; {remedy}")


def _refused(expression: str, node: ast.AST) -> ExpressionError:
    try:
        shown = repr(ast.unparse(node)) if isinstance(node, ast.expr) else type(node).__name__
    except (ValueError, RecursionError):
        shown = type(node).__name__
    return ExpressionError(f"{expression!r}: {shown} is not allowed; allowed are {ALLOWED}")
