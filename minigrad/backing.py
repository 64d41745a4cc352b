"""The rational arithmetic inside the engine: python-flint's, gmpy2's or our own, chosen once.

    >>> rational = Rational(31, 10)
    >>> outside(rational * 2)
    Fraction(31, 5)

A graph of a hundred thousand nodes is a million additions and multiplications, and `fractions.Fraction`
takes 0.8 µs for each. So nodes hold numbers of another type, `Rational`, and turn them into Fractions
where people read them. Which type that is, is settled when this module is imported, as SymPy settles its
ground types: the environment variable `MINIGRAD_RATIONAL` names one of

- `flint`: python-flint's `fmpq`, in C on FLINT; small integers take no memory of their own there;
- `gmpy`: gmpy2's `mpq`, in C on GMP, which is ahead where numbers are long;
- `python`: `minigrad.ratio`, which needs nothing;
- `auto`, or nothing: the first of these that is installed.

Results are the same to the last digit. The three have only the operations of an ordered field in common,
with their own kind and with ints: an operator whose rules need more is given Fractions.
"""

from __future__ import annotations

import importlib
import importlib.util
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from math import gcd
from typing import Any, Final, NamedTuple

from minigrad.errors import InvalidOperand
from minigrad.ratio import Ratio

__all__ = [
    "ENVIRONMENT",
    "MODULES",
    "NAME",
    "SHORT",
    "UNIT",
    "Rational",
    "add",
    "are_short",
    "bits",
    "dot",
    "inside",
    "installed",
    "is_over",
    "multiply",
    "outside",
    "power",
    "short",
    "size",
    "small",
    "total",
    "tournament",
]

ENVIRONMENT: Final = "MINIGRAD_RATIONAL"
"""The environment variable that names the arithmetic."""


SHORT: Final = 2**64
"""Ints below this are known to be within every limit on sizes."""

_LONGEST: Final = 2**31
"""Exponents from here on are not machine words everywhere."""
_SMALLEST: Final = (0, 1, -1)
"""The numbers whose powers never grow: they depend on whether the exponent is even."""
_FEW: Final = 8
"""So few numbers are added up as they are, for a common denominator would not pay."""
_IN_A_ROW: Final = 16
"""So many are combined one after the other: to pair them takes longer than it saves."""


class _Backing(NamedTuple):
    """A rational type, and what is not the same in all of them.

    `make(n, d)` is the number n/d of any two of its own integers, `common(n, m)` their greatest common
    divisor, and `size(x)` how many `unit`s of bits x certainly fits into. Sums of products of numbers of
    more than `short` bits are quicker over a common denominator that is reduced once, at the end, and
    sums of many numbers too where `is_slow`.
    """

    type: type
    make: Callable[[Any, Any], Any]
    common: Callable[[Any, Any], Any]
    size: Callable[[Any], int]
    unit: int
    short: int
    is_slow: bool = False


def _python() -> _Backing:
    def size(x: Ratio) -> int:
        return x.numerator.bit_length() + x.denominator.bit_length()

    return _Backing(Ratio, Ratio.reduced, gcd, size, 1, 0, is_slow=True)


def _gmpy() -> _Backing:
    gmpy2: Any = importlib.import_module("gmpy2")
    mpq: Any = type(gmpy2.mpq())
    # In bytes, with the header: not much more than the number, and asked for in C.
    return _Backing(mpq, gmpy2.mpq, gmpy2.gcd, mpq.__sizeof__, 8, 1024)


def _flint() -> _Backing:
    flint: Any = importlib.import_module("flint")
    return _Backing(flint.fmpq, flint.fmpq, flint.fmpz.gcd, flint.fmpq.height_bits, 1, 512)


_KNOWN: Final[Mapping[str, Callable[[], _Backing]]] = {
    "flint": _flint,
    "gmpy": _gmpy,
    "python": _python,
}
"""How each is set up, in the order in which `auto` tries them."""
MODULES: Final[Mapping[str, str]] = {"flint": "flint", "gmpy": "gmpy2", "python": "minigrad"}
"""The module that each needs."""


def installed() -> list[str]:
    """The names of the arithmetics that can be chosen here, in the order in which `auto` tries them."""
    return [name for name in _KNOWN if importlib.util.find_spec(MODULES[name])]


def _chosen(wish: str) -> str:
    """The name of the arithmetic to use. Raises InvalidOperand for one that is unknown or not there."""
    there = installed()
    if wish in ("", "auto"):
        return there[0]
    if wish not in there:
        missing = f": {MODULES[wish]} is not installed" if wish in _KNOWN else ""
        raise InvalidOperand(
            f"{ENVIRONMENT}: expected auto or one of {', '.join(_KNOWN)}; got {wish!r}{missing}"
        )
    return wish


NAME: Final = _chosen(os.environ.get(ENVIRONMENT, ""))
"""Which arithmetic this process uses: `"flint"`, `"gmpy"` or `"python"`."""

_BACKING: Final = _KNOWN[NAME]()
Rational: Final[Any] = _BACKING.type
"""The type of the numbers inside."""

size: Final[Callable[[Any], int]] = _BACKING.size
"""A size that a Rational certainly does not exceed, quick to get, in units of its type."""
UNIT: Final = _BACKING.unit
"""How many bits a unit of `size` is."""

_make, _common = _BACKING.make, _BACKING.common


def inside(value: Any) -> Any:
    """A Fraction as a Rational; anything else as it is."""
    number: Any = value
    if type(value) is Fraction:
        # Not by its properties, which are calls.
        top, bottom = number._numerator, number._denominator
        return small(top) if bottom == 1 and -_FEW < top < _FEW else Rational(top, bottom)
    return value


@lru_cache(maxsize=256)
def small(value: int) -> Any:
    """An int as a Rational: programs have few of them, which they meet again and again."""
    return Rational(value, 1)


def short(value: Any) -> Any:
    """An int or a Fraction as a Rational, if the gate would find nothing to do; else None."""
    number: Any = value
    if type(value) is int:
        return small(number) if -SHORT < number < SHORT else None
    if type(value) is not Fraction:
        return None
    top, bottom = number._numerator, number._denominator
    # NumPy's integers live on in Fractions.
    if type(top) is int is type(bottom) and -SHORT < top < SHORT > bottom:
        return Rational(top, bottom)
    return None


def outside(value: Any) -> Any:
    """A Rational as a Fraction; anything else as it is."""
    if type(value) is not Rational:
        return value
    # Fraction's own constructor would look for a common divisor, which takes long in long numbers.
    found: Any = object.__new__(Fraction)
    found._numerator = int(value.numerator)
    found._denominator = int(value.denominator)
    return found


def is_over(value: Any, limit: int) -> bool:
    """Whether numerator or denominator of a Rational has more than `limit` bits."""
    return size(value) * UNIT > limit and bits(value) > limit


def are_short(values: Sequence[Any], limit: int) -> bool:
    """Whether Rationals have at most `limit` bits all together, by a bound that is quick to get."""
    return sum(map(size, values)) * UNIT <= limit


def bits(value: Any) -> int:
    """The bits of numerator or denominator of a Rational or Fraction, whichever has more."""
    return int(max(value.numerator.bit_length(), value.denominator.bit_length()))


def multiply(left: Any, right: Any) -> Any:
    """The product of two numbers of any kind, one of which may be a Rational and the other not."""
    one, other = type(left), type(right)
    if one is other or (one is not Rational and other is not Rational):
        return left * right
    return _mixed(operator.mul, left, right)


def add(left: Any, right: Any) -> Any:
    """The sum of two numbers of any kind, one of which may be a Rational and the other not."""
    one, other = type(left), type(right)
    if one is other or (one is not Rational and other is not Rational):
        return left + right
    return _mixed(operator.add, left, right)


def _mixed(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """The operation on two numbers one of which is a Rational and the other not."""
    if type(left) is Fraction or type(right) is Fraction:
        return operation(inside(left), inside(right))
    # A closed form knows Fractions alone, and may come out as one.
    return inside(operation(outside(left), outside(right)))


def power(x: Any, n: int) -> Any:
    """`x**n`, where `x` may be a Rational and `n` longer than the exponents of arithmetic in C."""
    if -_LONGEST < n < _LONGEST or type(x) is not Rational or x not in _SMALLEST:
        return x**n
    return x ** (n % 2 + 2)


def total(values: Sequence[Any]) -> Any:
    """The sum of Rationals, one or more.

    Were the denominators coprime, adding one by one would multiply a long number by a short one each
    time, which is quadratic in their count.
    """
    if len(values) <= _FEW or not _BACKING.is_slow:
        return tournament(values, operator.add)
    return _quotient([(x.numerator, x.denominator) for x in values])


def dot(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """The sum of the products of two sequences of Rationals, pair by pair; one pair or more."""
    # Long numbers are at one end or the other where they grow along a graph; elsewhere nothing is lost.
    ends = (xs[0], xs[-1], ys[0], ys[-1])
    if max(map(size, ends)) * UNIT <= _BACKING.short:
        return tournament([*map(operator.mul, xs, ys)], operator.add)
    return _quotient(_products(xs, ys))


def _products(xs: Sequence[Any], ys: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [
        (x.numerator * y.numerator, x.denominator * y.denominator)
        for x, y in zip(xs, ys, strict=True)
    ]


def _quotient(pairs: Sequence[tuple[Any, Any]]) -> Any:
    return _make(*tournament(pairs, _over_common_denominator))


def tournament(level: Sequence[Any], combine: Callable[[Any, Any], Any]) -> Any:
    """All items combined, one or more: neighbours first, and then the results, until one is left.

    Long numbers are so combined with long ones, which is what fast multiplication is made for.
    """
    while len(level) > _IN_A_ROW:
        rest = level[len(level) & ~1 :]
        level = [*map(combine, level[::2], level[1::2]), *rest]
    return reduce(combine, level)


def _over_common_denominator(left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
    """The sum of two quotients over the least common multiple of their denominators, not reduced."""
    (a, b), (c, d) = left, right
    if b == d:
        return a + c, b
    common = _common(b, d)
    scale = d // common
    return a * scale + c * (b // common), b * scale
