"""Numbers infinitely close to another: what one-sided derivatives are made of.

    >>> from minigrad.rational import Field
    >>> epsilon = Infinitesimal(Field(1).generators[0])
    >>> (call("exp", epsilon) - 1) / epsilon > 1 + epsilon / 3
    True

An `Infinitesimal` is a rational function of one variable ε, ordered as if that were positive and smaller
than any other positive number. Where a function such as exp or a root is applied to one, the result is a
`Germ`: a series in powers of ε and of log(1/ε) with exact coefficients, known up to some power of ε. Its
first terms are SymPy's derivatives of the function, by Taylor's formula; of a root of an infinitesimal,
Newton's binomial series. What a comparison would need beyond the known terms raises OutOfBudget: nothing
is guessed.

    >>> x = Germ.of(epsilon)
    >>> (x * call("log", x)).standard_part(), call("exp", -1 / x).standard_part()
    (Fraction(0, 1), Fraction(0, 1))

That logarithms are all that such series need besides powers, and exponentials of infinite numbers lie
beyond every term of them, is how asymptotic scales are ordered (G. H. Hardy, Orders of Infinity, III).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache, total_ordering
from operator import add, attrgetter, eq, lt, mul, sub, truediv
from typing import Any, Final, NamedTuple

from minigrad import number
from minigrad.closed import Closed
from minigrad.elementary import Unsupported, call, of_sympy, pi
from minigrad.errors import NotDecided
from minigrad.number import MINUS_ONE, ONE, ZERO, is_integer
from minigrad.polynomials import terms
from minigrad.rational import OutOfBudget, RationalFunction

__all__ = ["Germ", "Infinitesimal", "Monomial", "NotFarEnough", "Unbounded", "standard_part"]

_LENGTH: Final = 4
"""How far beyond its first term a germ is known, in powers of ε."""
_BEYOND: Final = Fraction(1000)
"""What is smaller than every power of ε, as exp(-1/ε) is, is known to be 0 up to this one."""
_NOT_FAR_ENOUGH: Final = "a power series beside this point is not known far enough"


class NotFarEnough(OutOfBudget):
    """A power series is not known as far as is asked: a longer one may be."""


class Unbounded(OutOfBudget):
    """A number beyond every power of 1/ε, of which nothing else is known."""


def standard_part(value: Any) -> Any:
    """The number infinitely close to `value`, itself if it is one; None where it is infinite."""
    return value.standard_part() if isinstance(value, (Germ, Infinitesimal)) else value


@total_ordering
class Infinitesimal:
    """An element of Q(ε), ordered as if ε were positive and smaller than any positive number.

    A germ that is made of it is known as far beyond its first term as `length` says, if that is given.

    >>> from minigrad.rational import Field
    >>> epsilon = Infinitesimal(Field(1).generators[0])
    >>> 0 < epsilon < Fraction(1, 10**9), ((2 + epsilon) ** 2 - 4) / epsilon == 4 + epsilon
    (True, True)
    """

    __slots__ = ("function", "length")

    def __init__(self, function: RationalFunction, length: int | None = None) -> None:
        self.function = function
        self.length = length

    def _made(self, function: RationalFunction) -> Infinitesimal:
        return Infinitesimal(function, self.length)

    def _lift(self, other: Any) -> RationalFunction | None:
        return (
            other.function
            if isinstance(other, Infinitesimal)
            else self.function.field.convert(other)
        )

    def _as_germ(self, other: Any, operation: Callable[[Any, Any], Any]) -> Any:
        """The operation with a number or a germ that is not rational."""
        if not isinstance(other, (Closed, Germ)):
            return NotImplemented
        return operation(Germ.of(self), other)

    def elementary(self, name: str, *xs: Any) -> Germ:
        """A function of this, as `minigrad.elementary.call` asks for it."""
        return Germ.of(self).elementary(name, *xs)

    def __add__(self, other: Any) -> Any:
        right = self._lift(other)
        return self._as_germ(other, add) if right is None else self._made(self.function + right)

    __radd__ = __add__

    def __neg__(self) -> Infinitesimal:
        return self._made(-self.function)

    def __sub__(self, other: Any) -> Any:
        right = self._lift(other)
        return self._as_germ(other, sub) if right is None else self._made(self.function - right)

    def __rsub__(self, other: Any) -> Any:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Any:
        right = self._lift(other)
        return self._as_germ(other, mul) if right is None else self._made(self.function * right)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        right = self._lift(other)
        return self._as_germ(other, truediv) if right is None else self._made(self.function / right)

    def __rtruediv__(self, other: Any) -> Any:
        right = self._lift(other)
        return (
            Germ.of(other) / Germ.of(self) if right is None else self._made(right / self.function)
        )

    def __pow__(self, exponent: int) -> Infinitesimal:
        return self._made(self.function**exponent)

    def __mod__(self, other: Any) -> Any:
        quotient: int = math.floor(self / other)
        return self.__sub__(other * quotient)

    def __eq__(self, other: object) -> bool:
        right = self._lift(other)
        return self._as_germ(other, eq) if right is None else bool(self.function == right)

    def __lt__(self, other: Any) -> bool:
        right = self._lift(other)
        return self._as_germ(other, lt) if right is None else _sign(self.function - right) < 0

    def __abs__(self) -> Infinitesimal:
        return -self if self < 0 else self

    def __bool__(self) -> bool:
        return bool(self.function)

    def standard_part(self) -> Fraction | None:
        """The rational number infinitely close to this one; None where it is infinite."""
        if not self.function:
            return Fraction(0)
        (n, top), (d, bottom) = map(_lowest, (self.function.numerator, self.function.denominator))
        return None if n < d else Fraction(0) if n > d else Fraction(top, bottom)

    def __floor__(self) -> int:
        part = self.standard_part()
        if part is None:
            raise OverflowError("an infinite element of Q(ε) has no floor")
        return math.floor(part) - (is_integer(part) and self < part)

    def __ceil__(self) -> int:
        return -math.floor(-self)

    def bits(self) -> int:
        """The bits of all of its coefficients."""
        return sum(number.bits(Fraction(c)) for part in self.function.terms() for _, c in part)

    def __repr__(self) -> str:
        return f"Infinitesimal({self.function!r})"


def _lowest(polynomial: Any) -> tuple[int, int]:
    """Exponent and coefficient of the lowest term of a polynomial in one variable."""
    return min((exponents[0], coefficient) for exponents, coefficient in terms(polynomial))


def _sign(function: RationalFunction) -> int:
    """The sign of a function of one variable just to the right of 0."""
    if not function:
        return 0
    return 1 if _lowest(function.numerator)[1] * _lowest(function.denominator)[1] > 0 else -1


class Monomial(NamedTuple):
    """`ε**power * log(1/ε)**logs`."""

    power: Fraction
    logs: Fraction = ZERO

    def times(self, other: Monomial) -> Monomial:
        """The product with another one."""
        return Monomial(self.power + other.power, self.logs + other.logs)

    def to_the(self, exponent: Fraction) -> Monomial:
        """That power of it."""
        return Monomial(self.power * exponent, self.logs * exponent)

    @property
    def smallness(self) -> tuple[Fraction, Fraction]:
        """What orders monomials from large to small; that of 1 is (0, 0)."""
        return self.power, -self.logs


_UNIT: Final = Monomial(ZERO)
_LOG: Final = Monomial(ZERO, ONE)


@total_ordering
class Germ:
    """The sum of `coefficients[m]` times the monomial m, known up to (not with) the power `order` of ε.

    All terms are known where `order` is None. Coefficients are Fractions or closed forms.
    """

    __slots__ = ("coefficients", "order")

    def __init__(self, coefficients: Mapping[Monomial, Any], order: Fraction | None) -> None:
        self.order = order
        self.coefficients = {
            m: c
            for m, c in coefficients.items()
            if (order is None or m.power < order) and not (isinstance(c, Fraction) and not c)
        }

    @classmethod
    def of(cls, value: Any) -> Germ:
        """`value` as a germ: a number, an Infinitesimal, or a germ itself."""
        if isinstance(value, Germ):
            return value
        if isinstance(value, Infinitesimal):
            top, bottom = (
                cls({Monomial(Fraction(e)): Fraction(c) for (e,), c in part}, None)
                for part in value.function.terms()
            )
            found = top if bottom.coefficients == {_UNIT: ONE} else top / bottom
            return found if value.length is None else found._upto(value.length)
        return cls({_UNIT: Fraction(value) if isinstance(value, int) else value}, None)

    @property
    def first(self) -> tuple[Monomial, Any]:
        """The greatest monomial and its coefficient. Raises OutOfBudget where none is known."""
        for m in sorted(self.coefficients, key=attrgetter("smallness")):
            if _is_not_zero(self.coefficients[m]):
                return m, self.coefficients[m]
        if self.order is None:
            raise ZeroDivisionError("division by 0")
        raise NotFarEnough(_NOT_FAR_ENOUGH)

    def _upto(self, length: int) -> Germ:
        """The germ, forgotten beyond its first term as far as that."""
        if not self.coefficients:
            return self
        least = min(m.power for m in self.coefficients)
        return Germ(self.coefficients, _least(self.order, least + length))

    def __add__(self, other: Any) -> Germ:
        right = Germ.of(other)
        total = dict(self.coefficients)
        for m, c in right.coefficients.items():
            total[m] = total[m] + c if m in total else c
        return Germ(total, _least(self.order, right.order))

    __radd__ = __add__

    def __neg__(self) -> Germ:
        return Germ({m: -c for m, c in self.coefficients.items()}, self.order)

    def __sub__(self, other: Any) -> Germ:
        # However far it is known, what is taken from itself leaves nothing.
        return Germ.of(ZERO) if other is self else self.__add__(-Germ.of(other))

    def __rsub__(self, other: Any) -> Germ:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Germ:
        return self._times(Germ.of(other), None)

    def _times(self, right: Germ, end: Fraction | None) -> Germ:
        """The product up to the power `end`, or as far as it is known: no term beyond is computed."""
        order = _least(end, _least(_ordered(self, right), _ordered(right, self)))
        total: dict[Monomial, Any] = {}
        for m, c in self.coefficients.items():
            for n, d in right.coefficients.items():
                if order is None or m.power + n.power < order:
                    both = m.times(n)
                    total[both] = total[both] + c * d if both in total else c * d
        return Germ(total, order)

    __rmul__ = __mul__

    def _inverse(self) -> Germ:
        first, rest = self._apart()
        return _series(lambda k: Fraction((-1) ** k), rest) * first._reciprocal()

    def _apart(self) -> tuple[Germ, Germ]:
        """The first term, and the rest divided by it: an infinitesimal."""
        m, c = self.first
        first = Germ({m: c}, None)
        return first, self * first._reciprocal() - ONE

    def _reciprocal(self) -> Germ:
        """The inverse of a germ of one term."""
        ((m, c),) = self.coefficients.items()
        return Germ({m.to_the(MINUS_ONE): ONE / c}, None)

    def __truediv__(self, other: Any) -> Germ:
        return self.__mul__(Germ.of(other)._inverse())

    def __rtruediv__(self, other: Any) -> Germ:
        return self._inverse().__mul__(other)

    def __pow__(self, exponent: int) -> Germ:
        base = self._inverse() if exponent < 0 else self
        result = Germ.of(ONE)
        for bit in bin(abs(exponent))[2:]:
            result = result * result
            if bit == "1":
                result = result * base
        return result

    def __mod__(self, other: Any) -> Germ:
        return self.__sub__(other * math.floor(self / other))

    def __bool__(self) -> bool:
        return self.sign() != 0

    def sign(self) -> int:
        """1, -1 or 0, with ε positive and smaller than any positive number."""
        if self.order is None and not self.coefficients:
            return 0
        _, c = self.first
        return 1 if c > 0 else -1

    def __eq__(self, other: object) -> bool:
        return self.__sub__(other).sign() == 0

    def __lt__(self, other: Any) -> bool:
        return self.__sub__(other).sign() < 0

    def __abs__(self) -> Germ:
        return -self if self.sign() < 0 else self

    def agrees(self, other: Any) -> bool:
        """Whether it is the same as far as both are known."""
        return not any(map(_is_not_zero, (self - other).coefficients.values()))

    def infinite_terms(self) -> dict[Monomial, Any]:
        """The terms that are greater than every number."""
        one = _UNIT.smallness
        return {m: c for m, c in self.coefficients.items() if m.smallness < one and _is_not_zero(c)}

    def standard_part(self) -> Any:
        """The number infinitely close to this one; None where it is infinite."""
        if self.infinite_terms():
            return None
        if self.order is not None and self.order <= 0:
            raise NotFarEnough(_NOT_FAR_ENOUGH)
        return self.coefficients.get(_UNIT, ZERO)

    def __floor__(self) -> int:
        part = self.standard_part()
        if part is None:
            raise OverflowError("an infinite germ has no floor")
        whole: int = math.floor(part)
        return whole - (is_integer(part) and self < part)

    def __ceil__(self) -> int:
        return -math.floor(-self)

    def elementary(self, name: str, *xs: Any) -> Germ:
        """A function of germs and numbers, as `minigrad.elementary.call` asks for it."""
        if name == "power":
            return _power(*map(Germ.of, xs))
        if name == "sqrt":
            return _power(self, Germ.of(Fraction(1, 2)))
        if name == "Abs":
            return abs(self)
        if name == "sign":
            return Germ.of(Fraction(self.sign()))
        x = Germ.of(xs[-1])
        if name in _SERIES:
            return _SERIES[name](x)
        special = _AT_INFINITY if x.infinite_terms() else _ENDS if _stands_at_end(name, x) else {}
        found: Germ = special[name](x) if name in special else _taylor(name, xs[:-1], x)
        return found

    def bits(self) -> int:
        """The bits of all of its coefficients."""
        return sum(map(number.bits, self.coefficients.values()))

    def __repr__(self) -> str:
        shown = " + ".join(f"({c}){_shown(m)}" for m, c in self.coefficients.items()) or "0"
        return shown + ("" if self.order is None else f" + O(ε**({self.order}))")


def _shown(m: Monomial) -> str:
    return f"*ε**({m.power})" + (f"*log(1/ε)**({m.logs})" if m.logs else "")


def _is_not_zero(c: Any) -> bool:
    try:
        return bool(c if isinstance(c, Fraction) else c.sign())
    except NotDecided as reason:
        raise OutOfBudget(str(reason)) from None


def _least(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return right if left is None else left if right is None else min(left, right)


def _ordered(left: Germ, right: Germ) -> Fraction | None:
    """Up to where the product is known as far as `left` bounds it."""
    if left.order is None:
        return None
    start = min([m.power for m in right.coefficients], default=right.order)
    return None if start is None else left.order + start


def _series(coefficient: Callable[[int], Any], small: Germ) -> Germ:
    """The sum of `coefficient(k) * small**k`; `small` is infinitesimal, or 0."""
    total, power = Germ.of(coefficient(0)), Germ.of(ONE)
    if small.order is None and not small.coefficients:
        return total
    start = small.first[0].power if small.coefficients else small.order
    assert start is not None
    if start <= 0:
        raise NotFarEnough(_NOT_FAR_ENOUGH)
    end = _least(small.order, start + _LENGTH)
    assert end is not None
    small = Germ(small.coefficients, end)
    for k in range(1, math.ceil(end / start)):
        power = power._times(small, end)
        total = total + power * coefficient(k)
    return total + Germ({}, end)


@lru_cache(maxsize=256)
def _derivative(name: str, parameters: tuple[Any, ...], k: int) -> tuple[Any, Any]:
    """SymPy's derivative of order `k` of a function, after the symbol that it is in."""
    import sympy as sp

    symbol = sp.Symbol("x", real=True)
    return symbol, getattr(sp, name)(*parameters, symbol).diff(symbol, k)


def _taylor(name: str, parameters: tuple[Any, ...], x: Germ) -> Germ:
    """The function at a germ that is finite, from SymPy's derivatives at its standard part."""
    part = x.standard_part()
    if part is None:
        raise OutOfBudget(f"{name} of an infinite number is not known beside this point")

    def coefficient(k: int) -> Any:
        symbol, derivative = _derivative(name, parameters, k)
        try:
            return of_sympy(derivative, {symbol: part}) / math.factorial(k)
        except (ArithmeticError, Unsupported):
            raise OutOfBudget(f"{name} has no power series around {part}") from None

    return _series(coefficient, x - part)


def _exp(x: Germ) -> Germ:
    infinite = x.infinite_terms()
    if not infinite:
        return _taylor("exp", (), x)
    m, c = x.first
    if set(infinite) == {_LOG} and isinstance(c, Fraction):
        return Germ({Monomial(-c): ONE}, None) * _taylor("exp", (), x - Germ(infinite, None))
    # A multiple of log(1/ε) is a power of ε, and what is greater beats them all.
    says = "exp of an infinite number is not known beside this point"
    if m.smallness >= _LOG.smallness:
        raise OutOfBudget(says)
    if c > 0:
        raise Unbounded(says)
    return Germ({}, _BEYOND)


def _log(x: Germ) -> Germ:
    first, rest = x._apart()
    ((m, c),) = first.coefficients.items()
    if m.logs:
        raise OutOfBudget("a logarithm of a logarithm is not known beside this point")
    rise = _series(lambda k: Fraction((-1) ** (k + 1), k) if k else ZERO, rest)
    return Germ({_LOG: -m.power}, None) + Germ.of(call("log", c)) + rise


def _sigmoid(x: Germ) -> Germ:
    if x.infinite_terms() and x.sign() < 0:
        small = _exp(x)
        return small / (ONE + small)
    return (ONE + _exp(-x))._inverse()


_SERIES: Final[Mapping[str, Callable[[Germ], Germ]]] = {
    "exp": _exp,
    "log": _log,
    "sigmoid": _sigmoid,
}
"""Functions that have a series of their own everywhere."""


def _stands_at_end(name: str, x: Germ) -> bool:
    part = x.standard_part()
    return part is not None and (part == 1 or (part == -1 and name != "acosh"))


def _asin_at_end(x: Germ) -> Germ:
    """The inverse sine next to 1 or -1, by the half angle, where it is a series in roots of ε."""
    side = Fraction(1 if x.sign() > 0 else -1)
    half = call("asin", call("sqrt", (ONE - side * x) / 2))
    found: Germ = side * (pi() / 2 - 2 * half)
    return found


def _acosh(x: Germ) -> Germ:
    return _log(x + call("sqrt", x * x - ONE))


_ENDS: Final[Mapping[str, Callable[[Germ], Any]]] = {
    "asin": _asin_at_end,
    "acos": lambda x: pi() / 2 - _asin_at_end(x),
    "acosh": _acosh,
    "atanh": lambda x: (_log(ONE + x) - _log(ONE - x)) / 2,
}
"""Functions at the end of their domain, where they have no Taylor series."""


def _tanh_at_infinity(x: Germ) -> Germ:
    if x.sign() < 0:
        return -_tanh_at_infinity(-x)
    small = _exp(-2 * x)
    return (ONE - small) / (ONE + small)


def _asinh_at_infinity(x: Germ) -> Germ:
    if x.sign() < 0:
        return -_asinh_at_infinity(-x)
    return _log(x + call("sqrt", x * x + ONE))


def _erfc_at_infinity(x: Germ) -> Germ:
    """Of a positive number: less than exp(-x*x), which may be smaller than every power of ε."""
    beyond = _exp(-x * x)
    if beyond.coefficients:
        raise OutOfBudget("erf of the root of a logarithm is not known beside this point")
    return beyond


def _erf_at_infinity(x: Germ) -> Germ:
    return ONE - _erfc_at_infinity(x) if x.sign() > 0 else _erfc_at_infinity(-x) - ONE


def _waves(_: Germ) -> Germ:
    """A sine or cosine of an infinite number: between -1 and 1, and no more is known of it."""
    return Germ({}, ZERO)


_AT_INFINITY: Final[Mapping[str, Callable[[Germ], Any]]] = {
    "acosh": _acosh,
    "asinh": _asinh_at_infinity,
    # The tangents of two angles that make a right one are inverse to each other.
    "atan": lambda x: call("sign", x) * pi() / 2 - _taylor("atan", (), ONE / x),
    "cos": _waves,
    "erf": _erf_at_infinity,
    "erfc": lambda x: ONE - _erf_at_infinity(x),
    "sin": _waves,
    "tanh": _tanh_at_infinity,
}
"""Functions of infinite numbers, as far as they are known there."""


def _power(x: Germ, y: Germ) -> Germ:
    """A power, of a positive germ: by the binomial series where the exponent is a ratio."""
    exponent = y.coefficients.get(_UNIT, ZERO)
    is_ratio = y.order is None and set(y.coefficients) <= {_UNIT} and isinstance(exponent, Fraction)
    if not is_ratio:
        return _exp(y * _log(x))
    if is_integer(exponent):
        return x.__pow__(exponent.numerator)
    if not x.coefficients and x.order is None:
        return x
    first, rest = x._apart()
    ((m, c),) = first.coefficients.items()
    binomial = [ONE]

    def coefficient(k: int) -> Any:
        while len(binomial) <= k:
            n = len(binomial)
            binomial.append(binomial[-1] * (exponent - n + 1) / n)
        return binomial[k]

    return _series(coefficient, rest) * Germ({m.to_the(exponent): call("power", c, exponent)}, None)
