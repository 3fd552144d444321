"""The small, safe language of `where:` texts: SQL's and, or, not, comparisons, in, between, is null, + - *.

Only columns and literals can be named; there are no functions, no subqueries and no division (engines divide integers
differently). The text becomes an Ibis expression, never SQL text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from operator import add, and_, eq, ge, gt, le, lt, mul, ne, or_, sub
from typing import Any

import ibis.expr.types as ir
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

BINARY: dict[type[exp.Expr], Callable[[Any, Any], Any]] = {
    exp.And: and_,
    exp.Or: or_,
    exp.EQ: eq,
    exp.NEQ: ne,
    exp.GT: gt,
    exp.GTE: ge,
    exp.LT: lt,
    exp.LTE: le,
    exp.Add: add,
    exp.Sub: sub,
    exp.Mul: mul,
}


@lru_cache(maxsize=1024)
def parse(text: str) -> exp.Expr:
    """The tree of a condition. Raises ValueError for anything outside the language."""
    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except SqlglotError as error:
        raise ValueError(f"condition {text!r} does not parse: {str(error).splitlines()[0]}") from None
    for node in tree.walk():
        if not isinstance(node, (*BINARY, *LEAVES)):
            raise ValueError(f"condition {text!r} uses {node.sql()!r}; allowed are {ALLOWED}")
        if isinstance(node, exp.Column) and node.table:
            raise ValueError(f"condition {text!r}: write the column {node.name!r} without a table")
        if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
            raise ValueError(f"condition {text!r}: write `in` with a list of values")
    return tree


ALLOWED = "and, or, not, = != < <= > >=, in (…), between, is null, + - *, columns, numbers and 'texts'"
LEAVES = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Null,
    exp.Not,
    exp.Neg,
    exp.Paren,
    exp.Is,
    exp.In,
    exp.Between,
)


def columns(text: str) -> list[str]:
    """Names of the columns a condition looks at, in order of appearance. Raises ValueError as `parse` does."""
    return list(dict.fromkeys(node.name for node in parse(text).walk(bfs=False) if isinstance(node, exp.Column)))


def check(text: str, fact: str, known: Iterable[str]) -> None:
    """Raises ValueError, with a suggestion, when a condition names a column that the fact lacks."""
    for name in columns(text):
        check_column(name, fact, known)


def check_column(name: str, fact: str, known: Iterable[str]) -> None:
    """Raises ValueError, with a suggestion, when the fact has no such column."""
    names = sorted(known)
    if name in names:
        return
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(names)}"
    raise ValueError(f"fact {fact!r} has no column {name!r}; {hint}")


def translate(text: str, table: ir.Table) -> ir.BooleanValue:
    """The condition as an expression over a table; a row for which it is null does not meet it."""
    return _value(parse(text), table)


def keep(table: ir.Table, text: str) -> ir.Table:
    """The rows that meet a condition; all of them for an empty text."""
    return table.filter(translate(text, table)) if text else table


def _value(node: exp.Expr, table: ir.Table) -> Any:
    if type(node) in BINARY:
        return BINARY[type(node)](_value(node.this, table), _value(node.expression, table))
    match node:
        case exp.Column():
            return table[node.name]
        case exp.Literal():
            return node.this if node.is_string else (int(node.this) if node.is_int else float(node.this))
        case exp.Boolean():
            return bool(node.this)
        case exp.Paren():
            return _value(node.this, table)
        case exp.Neg():
            return -_value(node.this, table)
        case exp.Not():
            return ~_value(node.this, table)
        case exp.Is():
            return _is(node, table)
        case exp.In():
            return _value(node.this, table).isin([_value(item, table) for item in node.expressions])
        case exp.Between():
            return _value(node.this, table).between(_value(node.args["low"], table), _value(node.args["high"], table))
    raise ValueError(f"{node.sql()!r} cannot stand alone in a condition")


def _is(node: exp.Is, table: ir.Table) -> Any:
    left, right = _value(node.this, table), node.expression
    if isinstance(right, exp.Not):
        return left.notnull() if isinstance(right.this, exp.Null) else ~_value(right.this, table)
    return left.isnull() if isinstance(right, exp.Null) else left == _value(right, table)
