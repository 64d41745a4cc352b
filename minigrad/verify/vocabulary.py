"""The words of expressions on the command line: what each means, how it is written, and what is none.

    >>> FUNCTIONS["atan2"].usage, FUNCTIONS["max"].usage
    ('atan2(x, y)', 'max(x, y, …)')

Every operator of the table that can be written as a call is a function here, under its own symbol and
where that differs under NumPy's name for it. What is computed from constants alone is a constant, as a
number is in Python.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, Literal, NamedTuple

from minigrad.errors import InvalidOperand
from minigrad.number import ZERO, is_integer
from minigrad.number_text import short_text
from minigrad.operators import OPERATORS, Operator
from minigrad.scalar import Scalar, apply

__all__ = [
    "ACCEPTED",
    "BINARY",
    "COMPARISONS",
    "CONDITIONS",
    "FUNCTIONS",
    "NUMBERS",
    "UNACCEPTED",
    "UNARY",
    "USAGES",
    "Kind",
]

Kind = Literal["number", "condition", "list"]


class _Function(NamedTuple):
    """A function of the language: how it is written, what it takes, and the node it makes.

    `kinds` are those of its arguments, of which the first `least` must be there; with `repeats` any
    number more of the last kind may follow, and one list may stand for all of them.
    """

    usage: str
    build: Callable[..., Scalar]
    kinds: tuple[Kind, ...]
    least: int
    repeats: bool = False

    def given(self, call: ast.Call) -> list[ast.expr]:
        """List the arguments of a call, those in a single list if it may stand for all."""
        match call.args:
            case [ast.List(elts=items) | ast.Tuple(elts=items)] if self.repeats:
                return items
        return call.args

    def accepts(self, count: int) -> bool:
        return self.least <= count and (self.repeats or count <= len(self.kinds))

    def kind(self, position: int) -> Kind:
        return self.kinds[min(position, len(self.kinds) - 1)]


def _node(operator: Operator, *operands: Scalar, parameters: Sequence[Any] = ()) -> Scalar:
    """Apply an operator, and make a constant of what is computed from constants alone."""
    node = apply(operator, operands, parameters)
    return Scalar.constant(node._datum) if all(x.is_constant for x in operands) else node


def _fold(operator: Operator, *operands: Scalar) -> Scalar:
    return reduce(partial(_node, operator), operands)


def _join(operator: Operator, *lists: list[Scalar]) -> Scalar:
    lengths = [len(items) for items in lists]
    if min(lengths) < max(lengths):
        raise InvalidOperand(
            f"{operator.name}: expected lists of one length; got {' and '.join(map(str, lengths))}"
        )
    return _node(operator, *(x for items in lists for x in items))


def _power(base: Scalar, exponent: Scalar) -> Scalar:
    if exponent.is_constant and is_integer(exponent._datum):
        return _node(OPERATORS["pow"], base, parameters=[exponent._datum.numerator])
    return _node(OPERATORS["power"], base, exponent)


def _round(x: Scalar, digits: Scalar | None = None) -> Scalar:
    places = ZERO if digits is None else digits._datum
    if digits is not None and not (digits.is_constant and is_integer(places)):
        raise InvalidOperand(
            f"round: expected a whole number of digits, without a name; got {short_text(places)}"
        )
    return _node(OPERATORS["round"], x, parameters=[places.numerator])


def _where(condition: Any, x: Scalar, y: Scalar) -> Scalar:
    return _node(OPERATORS["where"], x, y, parameters=[condition])


def _log(x: Scalar, base: Scalar | None = None) -> Scalar:
    found = _node(OPERATORS["log"], x)
    return found if base is None else BINARY[ast.Div](found, _node(OPERATORS["log"], base))


def _polygamma(order: Scalar, x: Scalar) -> Scalar:
    if not (order.is_constant and is_integer(order._datum) and order._datum >= 0):
        raise InvalidOperand(
            "polygamma: expected its order to be a whole number from 0 on, without a name; got "
            f"{short_text(order._datum)}"
        )
    return _node(OPERATORS["polygamma"], x, parameters=[int(order._datum)])


def _from_table(operator: Operator) -> _Function:
    """Derive the function of an operator without parameters from its arity."""
    name, build = operator.symbol, partial(_node, operator)
    if operator.arity is not None:
        usage = ", ".join("xyzuvw"[: operator.arity])
        return _Function(f"{name}({usage})", build, _NUMBER * operator.arity, operator.arity)
    if operator.width == 1:
        return _Function(f"{name}(x, y, …)", build, _NUMBER, 1, repeats=True)
    usage = ", ".join(f"[{x}, …]" for x in "xyzuvw"[: operator.width])
    return _Function(
        f"{name}({usage})", partial(_join, operator), _LIST * operator.width, operator.width
    )


def _folded(operator: Operator) -> _Function:
    usage = f"{operator.symbol}(x, y, …)"
    return _Function(usage, partial(_fold, operator), _NUMBER * 2, 2, repeats=True)


_NUMBER: Final[tuple[Kind, ...]] = ("number",)
_CONDITION: Final[tuple[Kind, ...]] = ("condition",)
_LIST: Final[tuple[Kind, ...]] = ("list",)

FUNCTIONS: Final[Mapping[str, _Function]] = {
    **{
        op.symbol: _from_table(op)
        for op in OPERATORS.values()
        if op.symbol.isidentifier() and not op.parameters
    },
    **{name: _folded(OPERATORS["maximum"]) for name in ("max", "maximum")},
    **{name: _folded(OPERATORS["minimum"]) for name in ("min", "minimum")},
    **{
        name: _from_table(OPERATORS[own])
        for name, own in (
            ("arccos", "acos"),
            ("arccosh", "acosh"),
            ("arcsin", "asin"),
            ("arcsinh", "asinh"),
            ("arctan", "atan"),
            ("arctan2", "atan2"),
            ("arctanh", "atanh"),
            ("gammaln", "loggamma"),
            ("lgamma", "loggamma"),
        )
    },
    "log": _Function("log(x, base)", _log, _NUMBER * 2, 1),
    "polygamma": _Function("polygamma(n, x)", _polygamma, _NUMBER * 2, 2),
    "round": _Function("round(x, digits)", _round, _NUMBER * 2, 1),
    "where": _Function("where(x > y, z, w)", _where, _CONDITION + _NUMBER * 2, 3),
    "pow": _Function("pow(x, n)", _power, _NUMBER * 2, 2),
}

BINARY: Final[Mapping[type[ast.operator], Callable[[Scalar, Scalar], Scalar]]] = {
    ast.Add: partial(_node, OPERATORS["add"]),
    ast.Sub: partial(_node, OPERATORS["sub"]),
    ast.Mult: partial(_node, OPERATORS["mul"]),
    ast.Div: partial(_node, OPERATORS["div"]),
    ast.FloorDiv: partial(_node, OPERATORS["floordiv"]),
    ast.Mod: partial(_node, OPERATORS["mod"]),
    ast.Pow: _power,
}
UNARY: Final[Mapping[type[ast.unaryop], Callable[[Scalar], Scalar]]] = {
    ast.UAdd: lambda x: x,
    ast.USub: partial(_node, OPERATORS["neg"]),
}
COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Lt: lt,
    ast.LtE: le,
    ast.Gt: gt,
    ast.GtE: ge,
    ast.Eq: eq,
    ast.NotEq: ne,
}

NUMBERS: Final[Mapping[str, str]] = {"pi": "pi", "e": "E", "E": "E"}

_OF_ONE: Final = [name for name, function in FUNCTIONS.items() if function.usage == f"{name}(x)"]
_OTHERS: Final = dict.fromkeys(
    function.usage
    for function in FUNCTIONS.values()
    if function.kinds != _NUMBER or function.repeats
)
USAGES: Final = f"{', '.join(_OF_ONE)} of one number,\n  {', '.join(_OTHERS)}"
ACCEPTED: Final = (
    f"numbers, names, pi, e, + - * / // % **, parentheses, x if y > z else w, and\n  {USAGES}"
)
CONDITIONS: Final = "x < y, x <= y, x > y, x >= y, x == y, x != y, joined by and, or, not"

# What people try, by its name; other nodes are named as Python's ast names them.
UNACCEPTED: Final[Mapping[type[ast.AST], str]] = {
    ast.Attribute: "an attribute",
    ast.BitAnd: "the operator &",
    ast.BitOr: "the operator |",
    ast.BitXor: "the operator ^ (a power is written **)",
    ast.BoolOp: "'and' or 'or' outside a condition",
    ast.Compare: "a comparison outside a condition",
    ast.Dict: "a dict",
    ast.Invert: "the operator ~",
    ast.JoinedStr: "a text",
    ast.Lambda: "a lambda",
    ast.List: "a list outside sum, prod, dot, max and min",
    ast.LShift: "the operator <<",
    ast.MatMult: "the operator @",
    ast.NamedExpr: "an assignment (give values as separate words, x=3.1)",
    ast.Not: "'not' outside a condition",
    ast.RShift: "the operator >>",
    ast.Set: "a set",
    ast.Slice: "a slice",
    ast.Starred: "a starred argument",
    ast.Subscript: "an index",
    ast.Tuple: "a comma between numbers",
}
