"""The forward sweep: the derivative of every node of a graph along one direction of its inputs.

`tangents` is one generic pass (Andreas Griewank and Andrea Walther, Evaluating Derivatives, 2nd ed.,
section 3.1) over the nodes in topological order, linear in the edges. Like the reverse sweep it
knows no operator, and reads the same partials: where the reverse sweep answers for all inputs of one
root, this one answers for all nodes above one input.

`expansions` carries whole power series along instead of one derivative, and so finds derivatives of
any order at polynomial cost, where repeating the sweep would double the graph with each order. It
needs no rule beyond the partials either. Along a curve x(t) each node z obeys the differential
equation

    z' = sum over the operands x of (partial of z by x) * x'

whose right side, evaluated in power series, gives each coefficient of z from those before it (the
method of section 13.2 there, where the equation is solved for each operator by hand).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from minigrad import number
from minigrad.backing import add, multiply, outside
from minigrad.elementary import call
from minigrad.graph import Node
from minigrad.number import ONE, ZERO
from minigrad.operators import named
from minigrad.reverse import Differentiable, partials

__all__ = ["Series", "dependence", "expansions", "partials_at", "tangents"]

N = TypeVar("N", bound=Node)
D = TypeVar("D", bound=Differentiable)


def dependence(roots: Iterable[N], inputs: Container[N]) -> dict[N, bool]:
    """Whether each node that `roots` reach depends on `inputs`; operands stand before their users.

    What is below the inputs is not looked at, so a sweep over a part of a graph costs no more than
    that part. Iterative; linear in the nodes and edges above the inputs.

    >>> from minigrad import Scalar
    >>> x, y = Scalar(2), Scalar(3)
    >>> list(dependence([x * (y * y)], {x}).values())
    [True, False, False, True]
    """
    depends: dict[N, bool] = {}
    stack = [(root, False) for root in roots][::-1]
    while stack:
        node, opened = stack.pop()
        if node in depends:
            continue
        if node in inputs:
            depends[node] = True
        elif opened or not node.operands:
            depends[node] = any(map(depends.__getitem__, node.operands))
        else:
            stack.append((node, True))
            stack.extend([(operand, False) for operand in reversed(node.operands)])
    return depends


def tangents(
    root: D,
    seeds: Mapping[D, Any],
    partials: Callable[[D], Iterable[Any]] = partials,
    order: Iterable[D] | None = None,
) -> dict[D, Any]:
    """The derivative of each node that `root` reaches as the nodes of `seeds` move with these speeds.

    Nodes that do not depend on a seed are left out: they stand still. A seed may be any node, and
    moves as it is told, whatever its own operands do. `partials(node)` gives what the edges of a node
    carry; `order` names the nodes to be visited, operands before their users, where the caller has
    them already or asks for more than those below one root.

    >>> from minigrad import Scalar
    >>> x, y = Scalar(3), Scalar(5)
    >>> root = x * y + x
    >>> outside(tangents(root, {x: Scalar(1).data, y: Scalar(10).data})[root])
    Fraction(36, 1)
    """
    tangent = dict(seeds)
    for node in dependence([root], seeds) if order is None else order:
        if node in seeds or not any(map(tangent.__contains__, node.operands)):
            continue
        for operand, partial in zip(node.operands, partials(node), strict=True):
            if operand in tangent:
                # A sum's partials are the object ONE: multiplying by it would cost as much as the sum.
                term = tangent[operand] if partial is ONE else multiply(tangent[operand], partial)
                tangent[node] = add(tangent[node], term) if node in tangent else term
    return tangent


class Series:
    """A power series in t, `c[0] + c[1]*t + …`, as far as its coefficients are known.

    The coefficients are of any field, and its numbers mix in as constants. An operation on two series
    gives as many coefficients as are known of both.

    >>> x = Series([2, 1, 0, 0])
    >>> (x * x).coefficients, (ONE / x).coefficients[2]
    ([4, 4, 1, 0], Fraction(1, 8))
    """

    __slots__ = ("coefficients",)

    def __init__(self, coefficients: Sequence[Any]) -> None:
        self.coefficients = coefficients

    def __len__(self) -> int:
        return len(self.coefficients)

    def __add__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return Series([self.coefficients[0] + other, *self.coefficients[1:]])
        return Series([a + b for a, b in zip(self.coefficients, other.coefficients, strict=False)])

    __radd__ = __add__

    def __neg__(self) -> Series:
        return Series([-c for c in self.coefficients])

    def __sub__(self, other: Any) -> Series:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Series:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return Series([c * other for c in self.coefficients])
        a, b = self.coefficients, other.coefficients
        return Series([number.dot(a[: k + 1], b[k::-1]) for k in range(min(len(a), len(b)))])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Series:
        if not isinstance(other, Series):
            return Series([c / other for c in self.coefficients])
        a, b = self.coefficients, other.coefficients
        quotient: list[Any] = []
        # From quotient * b = a, whose coefficient k has quotient[k] * b[0] for its last new term.
        for k in range(min(len(a), len(b))):
            rest = a[k] - number.dot(quotient, b[k:0:-1]) if k else a[0]
            quotient.append(rest / b[0])
        return Series(quotient)

    def __rtruediv__(self, other: Any) -> Series:
        return Series([other, *[ZERO] * (len(self) - 1)]) / self

    def __pow__(self, n: int) -> Any:
        if n < 0:
            return (ONE / self) ** -n
        if n < 2:
            return self if n else ONE
        half = self ** (n // 2)
        return half * half * self if n % 2 else half * half

    def derivative(self) -> Series:
        """The derivative by t, of which one coefficient less is known."""
        return Series([k * c for k, c in enumerate(self.coefficients[1:], 1)])

    def integral(self, start: Any) -> Series:
        """The series with this derivative that is `start` at t = 0."""
        return Series([start, *[c / (k + 1) for k, c in enumerate(self.coefficients)]])

    def elementary(self, name: str, *xs: Any) -> Series:
        """A function of series and numbers, as `minigrad.elementary.call` asks for it.

        Found as in `expansions`, from the partials that the operator of that name has.

        >>> Series([0, 1, 0, 0]).elementary("exp", Series([0, 1, 0, 0])).coefficients[3]
        Fraction(1, 6)
        """
        operator = named(name)
        parameters = tuple([x for x in xs if isinstance(x, int)])
        operands = [x for x in xs if not isinstance(x, int)]
        start = call(name, *[_first(x) for x in xs])
        # A branch asks numbers: a comparison of nodes may be taken note of as the program's own.
        at = [getattr(first, "_datum", first) for first in map(_first, operands)]
        piece = operator.piece(at, parameters)
        rates = [x.derivative() if isinstance(x, Series) else None for x in operands]
        # One coefficient less, or the sine would ask the cosine for all of them, and that the sine.
        known = [Series(x.coefficients[:-1]) if isinstance(x, Series) else x for x in operands]
        length = min([len(x) for x in operands if isinstance(x, Series)])
        result = Series([start])
        while len(result) < length:
            # Where the partials are written with the result, each round gives one coefficient more.
            found = operator.partials(result, *known, *parameters, *piece)
            result = _rate(found, rates).integral(start)
        return result


def partials_at(node: Differentiable, result: Any, operands: Sequence[Any]) -> Sequence[Any]:
    """The partial derivatives of `node` if it were `result`, and its operands these values of any field.

    The piece of a piecewise operator is the one that holds at the values in the graph.
    """
    operator = node.operator
    if operator is None:
        return ()
    piece = operator.piece([*map(_value, node.operands)], node.parameters)
    return operator.partials(result, *operands, *node.parameters, *piece)


def _value(node: Differentiable) -> Any:
    return outside(node._number)


def expansions(
    root: D,
    seeds: Mapping[D, Series],
    partials: Callable[[D, Any, Sequence[Any]], Sequence[Any]] = partials_at,
    order: Iterable[D] | None = None,
    value: Callable[[D], Any] = _value,
) -> dict[D, Series]:
    """The power series in t of each node that `root` reaches, along the curve that `seeds` describe.

    Of each node as many coefficients are found as the shortest seed has. Nodes that do not depend on
    a seed are left out: their series is their value. `partials(node, result, operands)` evaluates an
    operator's partials in series, `value(node)` is a constant coefficient, and `order` is as in
    `tangents`. For n coefficients each edge costs n**2 operations, n**3 where the partials are written
    with the result.

    >>> from minigrad import Scalar
    >>> t = Scalar(0)
    >>> root = 1 / (1 - t)
    >>> expansions(root, {t: Series([ZERO, ONE, ZERO])})[root].coefficients
    [Fraction(1, 1), Fraction(1, 1), Fraction(1, 1)]
    """
    length = min(map(len, seeds.values()))
    series = dict(seeds)
    for node in dependence([root], seeds) if order is None else order:
        if node in seeds or not any(map(series.__contains__, node.operands)):
            continue
        operands = [series[o] if o in series else value(o) for o in node.operands]
        rates = [series[o].derivative() if o in series else None for o in node.operands]
        start = value(node)
        series[node] = Series([start])
        while len(series[node]) < length:
            found = partials(node, series[node], operands)
            series[node] = _rate(found, rates).integral(start)
    return series


def _first(x: Any) -> Any:
    """The constant coefficient of a series; a number as it is."""
    if not isinstance(x, Series):
        return x
    first = x.coefficients[0]
    # To a function an int is a parameter, the order of polygamma for instance.
    return Fraction(first) if isinstance(first, int) else first


def _rate(partials: Sequence[Any], rates: Sequence[Series | None]) -> Series:
    """The derivative of a node by t: each partial times its operand's rate, None for a constant."""
    terms = [
        rate if partial is ONE else rate * partial
        for partial, rate in zip(partials, rates, strict=True)
        if rate is not None
    ]
    return sum(terms[1:], start=terms[0])
