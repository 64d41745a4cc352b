"""Numbers that are known to lie between bounds: what a graph computes whose closed forms are too long.

    >>> x = Enclosed.of(Fraction(1, 3))
    >>> low, high = x.elementary("exp", x).bounds()
    >>> Fraction("1.395612425086089") < low < high < Fraction("1.395612425086090")
    True

The sum of exp(a*x) over twenty samples takes twenty terms, and the product of twenty such sums more than
there is room for; but each is one ball, and takes as long as any other number. So a graph may be computed
node by node, the partial derivatives with it, as `minigrad.near` does it on infinitesimals. What comes of
it is no proof that two numbers are equal. That they are not is one: their enclosures have no number in
common. A comparison that the bounds leave open raises NotDecided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from minigrad.backing import outside
from minigrad.closed import Closed
from minigrad.enclosure import Enclosures
from minigrad.errors import NotDecided
from minigrad.kernels import Evaluation
from minigrad.number import MINUS_ONE
from minigrad.operators import Piece
from minigrad.reverse import Differentiable

__all__ = ["Enclosed", "Numbers"]

_BITS: Final = 192
"""Bits of the enclosures: a hundred may cancel, and a double's fifty are left."""
_NARROW: Final = Fraction(1, 2**80)
"""How far apart bounds are, of themselves and of 1, between which a number is known."""


class Enclosed:
    """A real number, held by an enclosure. Mixes with ints, Fractions and closed forms."""

    __slots__ = ("_ball", "_real")

    def __init__(self, ball: Any, real: Enclosures) -> None:
        self._ball = ball
        self._real = real

    @classmethod
    def of(cls, value: Any) -> Any:
        """A number of the engine, enclosed."""
        if isinstance(value, Enclosed):
            return value
        numbers = Evaluation(_BITS)
        return cls(numbers.of(outside(value)), numbers.balls)

    def _lift(self, other: Any) -> Any:
        """The enclosure of another number; None for what is no number."""
        if isinstance(other, Enclosed):
            return other._ball
        other = outside(other)
        if isinstance(other, (int, Fraction)):
            return self._real.ratio(Fraction(other))
        return Evaluation(_BITS).of(other) if isinstance(other, Closed) else None

    def _made(self, ball: Any) -> Enclosed:
        return Enclosed(ball, self._real)

    def bounds(self) -> tuple[Fraction, Fraction] | None:
        """A rational number below and one above; None where there are none."""
        return self._real.bounds(self._ball)

    def middle(self) -> Fraction:
        """A number within the bounds. Raises NotDecided where there are none, or they are far apart."""
        found = self.bounds()
        if found is None or found[1] - found[0] > _NARROW * (1 + abs(found[0])):
            raise NotDecided(f"a number was not found with {_BITS} bits")
        return (found[0] + found[1]) / 2

    def sign(self) -> int:
        """1 or -1. Raises NotDecided where the number may be 0."""
        found: int = self._real.sign(self._ball)
        if not found:
            raise NotDecided(f"a number was not told from 0 with {_BITS} bits")
        return found

    def __add__(self, other: Any) -> Any:
        right = self._lift(other)
        return NotImplemented if right is None else self._made(self._real.add(self._ball, right))

    __radd__ = __add__

    def __neg__(self) -> Enclosed:
        return self._made(self._real.mul(self._ball, self._real.ratio(MINUS_ONE)))

    def __sub__(self, other: Any) -> Any:
        right = self._lift(other)
        return NotImplemented if right is None else self + -self._made(right)

    def __rsub__(self, other: Any) -> Any:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Any:
        right = self._lift(other)
        return NotImplemented if right is None else self._made(self._real.mul(self._ball, right))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        right = self._lift(other)
        return NotImplemented if right is None else self._made(self._real.div(self._ball, right))

    def __rtruediv__(self, other: Any) -> Any:
        left = self._lift(other)
        return NotImplemented if left is None else self._made(self._real.div(left, self._ball))

    def __pow__(self, exponent: int) -> Enclosed:
        return self._made(self._real.power(self._ball, exponent))

    def __abs__(self) -> Enclosed:
        return self if self.sign() > 0 else -self

    def __bool__(self) -> bool:
        return self.sign() != 0

    def __lt__(self, other: Any) -> bool:
        difference: Enclosed = self - other
        return difference.sign() < 0

    def __gt__(self, other: Any) -> bool:
        return not self < other

    # Where they are equal there is no answer.
    __le__, __ge__ = __lt__, __gt__

    def __eq__(self, other: object) -> bool:
        difference: Enclosed = self - other
        return difference.sign() == 0

    __hash__ = None  # type: ignore[assignment] # equality is not always known

    def whole(self) -> None:
        """None, of what is certainly no int. Raises NotDecided where it may be one."""
        found = self.bounds()
        if found is None or math.ceil(found[0]) <= found[1]:
            raise NotDecided(f"a number was not told from an int with {_BITS} bits")

    def __floor__(self) -> int:
        found = self.bounds()
        if found is None or math.floor(found[0]) != math.floor(found[1]):
            raise NotDecided(f"the whole part of a number was not found with {_BITS} bits")
        return math.floor(found[0])

    def __ceil__(self) -> int:
        return -math.floor(-self)

    def elementary(self, name: str, *xs: Any) -> Any:
        """A function of such numbers and others, as `minigrad.elementary.call` asks for it."""
        if name == "polygamma":
            order, x = xs
            return self._made(self._real.call("polygamma", order, self._lift(x)))
        arguments = [self._made(self._lift(x)) for x in xs]
        if name in _DIRECT:
            return self._made(self._real.call(name, arguments[0]._ball))
        if name not in _COMPOSED:
            raise NotDecided(f"{name} has no enclosure")
        return _COMPOSED[name](*arguments)

    def __repr__(self) -> str:
        found = self.bounds()
        return "Enclosed(unknown)" if found is None else f"Enclosed(about {float(found[0]):.6g})"


class Numbers:
    """What nodes compute: ratios exactly, and of all else enclosures; each node once.

    >>> from minigrad import Scalar
    >>> x, numbers = Scalar(2), Numbers()
    >>> numbers.of(x * x), numbers.of((x * x).exp())
    (Fraction(4, 1), Enclosed(about 54.5982))
    """

    def __init__(self) -> None:
        # With the nodes, lest others be made in their place.
        self._known: dict[int, tuple[Differentiable, Any]] = {}

    def of(self, node: Differentiable) -> Any:
        """The number of a node. Raises NotDecided where a comparison is left open on the way to it."""
        known = self._known
        waiting = [] if id(node) in known else [node]
        while waiting:
            last = waiting[-1]
            below = [x for x in last.operands if id(x) not in known]
            waiting += below
            if not below:
                waiting.pop()
                if id(last) not in known:
                    known[id(last)] = last, self._computed(last)
        return known[id(node)][1]

    def _computed(self, node: Differentiable) -> Any:
        if node.operator is None:
            value = outside(node._number)
            return value if isinstance(value, Fraction) else Enclosed.of(value)
        at, piece = self._taken(node)
        return outside(node.operator.forward(*at, *node.parameters, *piece))

    def partials(self, node: Differentiable) -> Sequence[Any]:
        """What `reverse.adjoints` asks of each node."""
        assert node.operator is not None
        at, piece = self._taken(node)
        (result,) = node.operator.numbers([self.of(node)])
        return node.operator.partials(result, *at, *node.parameters, *piece)

    def _taken(self, node: Differentiable) -> tuple[Sequence[Any], tuple[Piece, ...]]:
        """What the rules of a node's operator are given, and the piece that it is on."""
        operator = node.operator
        assert operator is not None
        values = [*map(self.of, node.operands)]
        # Of a ratio it is known whether it is whole, or 0.
        piece = operator.piece(operator.numbers(values), node.parameters)
        if not operator.is_rational:
            values = [*map(Enclosed.of, values)]
        return operator.numbers(values), piece


def _exp(x: Any) -> Any:
    return x.elementary("exp", x)


def _log(x: Any) -> Any:
    return x.elementary("log", x)


def _sqrt(x: Any) -> Any:
    return x._made(x._real.call("root", x._ball, 2))


def _half_turn(x: Any) -> Any:
    return x._made(x._real.pi()) / 2


def _arctangent(y: Any, x: Any) -> Any:
    """The angle of a point, by the half plane in which it certainly is."""
    if x._real.sign(x._ball) > 0:
        return y.elementary("atan", y / x)
    return _half_turn(y) * y.sign() - y.elementary("atan", x / y)


_DIRECT: Final = ("exp", "log", "sin", "cos", "asin", "atan", "erf", "gamma", "loggamma")
"""Functions of enclosures by themselves."""

_COMPOSED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "Abs": abs,
    "acos": lambda x: _half_turn(x) - x.elementary("asin", x),
    "acosh": lambda x: _log(x + _sqrt(x * x - 1)),
    "asinh": lambda x: _log(x + _sqrt(x * x + 1)),
    "atan2": _arctangent,
    "atanh": lambda x: _log((1 + x) / (1 - x)) / 2,
    "cosh": lambda x: (_exp(x) + _exp(-x)) / 2,
    "power": lambda x, y: _exp(y * _log(x)),
    "sigmoid": lambda x: 1 / (1 + _exp(-x)),
    "sign": lambda x: Fraction(x.sign()),
    "sinh": lambda x: (_exp(x) - _exp(-x)) / 2,
    "sqrt": _sqrt,
    "tan": lambda x: x.elementary("sin", x) / x.elementary("cos", x),
    "tanh": lambda x: 1 - 2 / (1 + _exp(2 * x)),
})  # fmt: skip
"""The others, of these."""
