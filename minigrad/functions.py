"""The operators that are functions: of one or two Scalars or numbers, and of any number of them.

    >>> from minigrad import Scalar, dot, where
    >>> x = Scalar(3, "x")
    >>> z = dot([x, 2], [x, Scalar(5)]) + where(x > 2, x, 0)
    >>> z.backward()
    >>> z.data, x.grad
    (Fraction(22, 1), Fraction(7, 1))

`sum`, `prod` and `dot` are one node each, whatever their length: cheaper than a chain of infixes.
"""

from __future__ import annotations

from collections.abc import Iterable

from minigrad import number
from minigrad.errors import InvalidOperand, describe
from minigrad.operators import Operator, named
from minigrad.scalar import Scalar, apply, as_nodes

__all__ = ["absolute", "dot", "maximum", "minimum", "prod", "relu", "sum", "where"]


def maximum(x: object, y: object) -> Scalar:
    """The greater of two Scalars or numbers; at a tie each gets half of the gradient.

    >>> maximum(Scalar(2), "5/2")
    Traceback (most recent call last):
    minigrad.errors.InvalidOperand: maximum: expected a Scalar or a number; got '5/2' (type str)
    """
    return _applied("maximum", x, y)


def minimum(x: object, y: object) -> Scalar:
    """The lesser of two Scalars or numbers; at a tie each gets half of the gradient."""
    return _applied("minimum", x, y)


def relu(x: object) -> Scalar:
    """`x` where it is positive, else 0; its derivative at 0 is 0."""
    return _applied("relu", x)


def absolute(x: object) -> Scalar:
    """The absolute value; its derivative at 0 is 0."""
    return _applied("abs", x)


def where(condition: object, x: object, y: object) -> Scalar:
    """`x` if the condition is true, else `y`; the gradient goes to the chosen side only.

    The condition is a truth value, or a Scalar or number taken for one; nothing is differentiated
    through it.

    >>> x = Scalar(3)
    >>> where(x > 2, x * x, 0).data
    Fraction(9, 1)
    """
    truth = condition if isinstance(condition, Scalar) else number.operand_value(condition)
    if truth is None:
        raise InvalidOperand(
            f"where: expected a condition, true or false; got {describe(condition)}"
        )
    return _applied("where", x, y, parameters=(bool(truth),))


def sum(xs: Iterable[object]) -> Scalar:
    """The sum of Scalars and numbers as one node, whatever their count; the constant 0 of none.

    >>> sum([Scalar("1/2"), Scalar("1/3"), 1]).data
    Fraction(11, 6)
    """
    operator = named("sum")
    operands = _operands(xs, operator)
    return apply(operator, operands) if operands else Scalar.constant(0)


def prod(xs: Iterable[object]) -> Scalar:
    """The product of Scalars and numbers as one node, whatever their count; the constant 1 of none.

    >>> x, y = Scalar(0), Scalar(5)
    >>> z = prod([x, y, 2])
    >>> z.backward()
    >>> x.grad, y.grad
    (Fraction(10, 1), Fraction(0, 1))
    """
    operator = named("prod")
    operands = _operands(xs, operator)
    return apply(operator, operands) if operands else Scalar.constant(1)


def dot(xs: Iterable[object], ys: Iterable[object]) -> Scalar:
    """The sum of the products of `xs` and `ys`, pair by pair, as one node; the constant 0 of none.

    Raises InvalidOperand (a TypeError) if their lengths differ.
    """
    operator = named("dot")
    left, right = _listed(xs, operator), _listed(ys, operator)
    if len(left) != len(right):
        raise InvalidOperand(f"dot: expected as many xs as ys; got {len(left)} and {len(right)}")
    return apply(operator, as_nodes(left + right, operator)) if left else Scalar.constant(0)


def _applied(name: str, *xs: object, parameters: tuple[object, ...] = ()) -> Scalar:
    operator = named(name)
    return apply(operator, as_nodes(xs, operator), parameters)


def _operands(values: Iterable[object], operator: Operator) -> list[Scalar]:
    return as_nodes(_listed(values, operator), operator)


def _listed(values: Iterable[object], operator: Operator) -> list[object]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidOperand(
            f"{operator.name}: expected an iterable of Scalars or numbers; got {describe(values)}"
        )
    return list(values)
