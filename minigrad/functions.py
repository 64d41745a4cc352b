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

from collections.abc import Callable, Iterable

from minigrad import exact
from minigrad.errors import InvalidOperand, describe
from minigrad.methods import Methods
from minigrad.operators import OPERATORS, Operator, named
from minigrad.scalar import Scalar, applied, as_nodes

__all__ = [
    "absolute",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "cos",
    "cosh",
    "digamma",
    "dot",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "gamma",
    "gelu",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "loggamma",
    "logsumexp",
    "maximum",
    "minimum",
    "norm",
    "prod",
    "relu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "sum",
    "tan",
    "tanh",
    "where",
]


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
    truth = condition if isinstance(condition, Scalar) else exact.operand_value(condition)
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
    values = _listed(xs, operator)
    return applied(operator, values) if values else Scalar.constant(0)


def prod(xs: Iterable[object]) -> Scalar:
    """The product of Scalars and numbers as one node, whatever their count; the constant 1 of none.

    >>> x, y = Scalar(0), Scalar(5)
    >>> z = prod([x, y, 2])
    >>> z.backward()
    >>> x.grad, y.grad
    (Fraction(10, 1), Fraction(0, 1))
    """
    operator = named("prod")
    values = _listed(xs, operator)
    return applied(operator, values) if values else Scalar.constant(1)


def dot(xs: Iterable[object], ys: Iterable[object]) -> Scalar:
    """The sum of the products of `xs` and `ys`, pair by pair, as one node; the constant 0 of none.

    Raises InvalidOperand (a TypeError) if their lengths differ.
    """
    operator = named("dot")
    left, right = _listed(xs, operator), _listed(ys, operator)
    if len(left) != len(right):
        raise InvalidOperand(f"dot: expected as many xs as ys; got {len(left)} and {len(right)}")
    return applied(operator, left + right) if left else Scalar.constant(0)


def _of_one(name: str) -> Callable[[object], Scalar]:
    """The function of one Scalar or number that is the method of that name."""

    def function(x: object, /) -> Scalar:
        return _applied(name, x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = getattr(Methods, name).__doc__
    return function


sqrt = _of_one("sqrt")
cbrt = _of_one("cbrt")
exp = _of_one("exp")
expm1 = _of_one("expm1")
exp2 = _of_one("exp2")
log = _of_one("log")
log1p = _of_one("log1p")
log2 = _of_one("log2")
log10 = _of_one("log10")
sin = _of_one("sin")
cos = _of_one("cos")
tan = _of_one("tan")
asin = _of_one("asin")
acos = _of_one("acos")
atan = _of_one("atan")
sinh = _of_one("sinh")
cosh = _of_one("cosh")
tanh = _of_one("tanh")
asinh = _of_one("asinh")
acosh = _of_one("acosh")
atanh = _of_one("atanh")
sigmoid = _of_one("sigmoid")
softplus = _of_one("softplus")
silu = _of_one("silu")
gelu = _of_one("gelu")
erf = _of_one("erf")
gamma = _of_one("gamma")
loggamma = _of_one("loggamma")
digamma = _of_one("digamma")
sign = _of_one("sign")
floor = _of_one("floor")
ceil = _of_one("ceil")


def atan2(y: object, x: object) -> Scalar:
    """The angle of the point (x, y), in radians, above -pi and up to pi.

    >>> atan2(1, Scalar(-1)).data
    3*pi/4
    """
    return _applied("atan2", y, x)


def hypot(x: object, y: object) -> Scalar:
    """The distance of the point (x, y) from the origin; its derivative there is 0."""
    return _applied("hypot", x, y)


def logaddexp(x: object, y: object) -> Scalar:
    """log(exp(x) + exp(y))."""
    return _applied("logaddexp", x, y)


def norm(xs: Iterable[object]) -> Scalar:
    """The Euclidean norm, the root of the sum of squares; its derivative at 0 is 0.

    >>> norm([3, Scalar(4)]).data
    Fraction(5, 1)
    """
    operator = named("norm")
    values = _listed(xs, operator)
    return applied(operator, values) if values else Scalar.constant(0)


def logsumexp(xs: Iterable[object]) -> Scalar:
    """The logarithm of the sum of the exponentials, as one node.

    Nothing overflows here, so no maximum has to be subtracted first.

    >>> x = Scalar(1, "x")
    >>> logsumexp([x, x]).data
    log(2) + 1
    """
    operator = named("logsumexp")
    return applied(operator, _some(xs, operator))


def softmax(xs: Iterable[object]) -> list[Scalar]:
    """The exponentials divided by their sum, as many as there are xs.

    Made of `exp`, `sum` and `div`, so that all of them together are linear in the xs; the operator
    `softmax` of the table, `apply("softmax", xs, [i])`, is one of them as one node.

    >>> [p.data for p in softmax([Scalar(0), Scalar(0)])]
    [Fraction(1, 2), Fraction(1, 2)]
    """
    exponentials = [_applied("exp", x) for x in _some(xs, named("exp"))]
    total = sum(exponentials)
    return [x / total for x in exponentials]


def log_softmax(xs: Iterable[object]) -> list[Scalar]:
    """The logarithms of `softmax`: each x minus `logsumexp` of all, linear in the xs."""
    operands = _some(xs, named("logsumexp"))
    total = logsumexp(operands)
    return [x - total for x in operands]


def _some(xs: Iterable[object], operator: Operator) -> list[Scalar]:
    operands = as_nodes(_listed(xs, operator), operator)
    if not operands:
        raise InvalidOperand(f"{operator.name}: expected at least one Scalar or number; got none")
    return operands


def _applied(name: str, *xs: object, parameters: tuple[object, ...] = ()) -> Scalar:
    return applied(OPERATORS[name], xs, parameters)


def _listed(values: Iterable[object], operator: Operator) -> tuple[object, ...]:
    # Most are lists, and to ask an abstract class takes long.
    is_listed = isinstance(values, (list, tuple))
    if not is_listed and (isinstance(values, (str, bytes)) or not isinstance(values, Iterable)):
        raise InvalidOperand(
            f"{operator.name}: expected an iterable of Scalars or numbers; got {describe(values)}"
        )
    return tuple(values)
