"""Real numbers such as exp(1/2) + pi, held between two rational ones.

    >>> real = Enclosures(64)
    >>> low, high = real.bounds(real.add(real.call("exp", real.ratio(Fraction(1, 2))), real.pi()))
    >>> low < Fraction("4.7903139242899213853") < high
    True

Every operation returns an enclosure: a set of reals that contains the true value, about as narrow as
`bits` bits allow. So `bounds` decides a sign, or how a closed form rounds, or it leaves the question
open, and more bits may answer it. What is undefined or out of reach (a division by an enclosure of 0,
a logarithm of one that is not positive, an overflow) is an enclosure without bounds.

The enclosures are balls, python-flint's `arb`, where that is installed (F. Johansson, Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic, IEEE Transactions on Computers 66, 2017).
Elsewhere they are intervals of mpmath's numbers. mpmath rounds sums, products, quotients and square
roots outward, but proves no bound on the errors of exp, log, sin, cos, atan and pi: of those the last
`_SLACK` bits are not believed. erf and the gamma functions are series here, with a proven remainder.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, Literal

from minigrad.errors import DomainError, InvalidOperand, describe
from minigrad.polynomials import has_flint

__all__ = ["Backend", "Enclosures", "default_backend"]

Backend = Literal["arb", "mpmath"]

_Function = Callable[..., Any]

# How many arguments each function takes.
_ARITY: Final = {
    **dict.fromkeys(("exp", "log", "sin", "cos", "asin", "atan", "erf", "gamma", "loggamma"), 1),
    **dict.fromkeys(("root", "polygamma"), 2),
}
# Bounds have no more bits than this before or after the point.
_REACH: Final = 2**22
# Bits that intervals carry beyond those asked for, and bits of mpmath's functions that are not believed.
_GUARD: Final = 32
_SLACK: Final = 40
# The intervals leave out exp of numbers of more bits than that, and powers to them.
_LONGEST: Final = 1024
# The intervals leave out polygamma functions of higher order: they take too many terms.
_HIGHEST: Final = 1000


def default_backend() -> Backend:
    """`"arb"` where python-flint is installed, else `"mpmath"`."""
    return "arb" if has_flint() else "mpmath"


class Enclosures:
    """Arithmetic on enclosures of real numbers, to about `bits` bits.

    What the methods return is for the methods of an object of the same backend, with these or other
    `bits`. With "arb", python-flint's global precision is set and restored within every call. Raises
    `InvalidOperand` for `bits` that are no int or an unknown backend, `DomainError` for less than 2.

    >>> real = Enclosures(100, "mpmath")
    >>> third = real.ratio(Fraction(1, 3))
    >>> low, high = real.bounds(real.call("sin", third))
    >>> 0 < high - low < Fraction(1, 2**100)
    True
    >>> real.bounds(real.div(third, real.ratio(Fraction(0)))) is None
    True
    """

    def __init__(self, bits: int, backend: Backend | None = None) -> None:
        _check_int("bits", bits, 2)
        self.bits: Final = bits
        self.backend: Final = default_backend() if backend is None else backend
        if self.backend not in ("arb", "mpmath"):
            raise InvalidOperand(f"backend: expected 'arb' or 'mpmath', got {describe(backend)}")
        self._reals: _Balls | _Intervals = (
            _Balls(bits) if self.backend == "arb" else _Intervals(bits)
        )

    def ratio(self, value: Fraction) -> Any:
        """An enclosure of a rational number."""
        return self._reals.call("ratio", int(value.numerator), int(value.denominator))

    def pi(self) -> Any:
        """An enclosure of pi."""
        return self._reals.call("pi")

    def add(self, x: Any, y: Any) -> Any:
        """An enclosure of x + y."""
        return self._reals.call("add", x, y)

    def mul(self, x: Any, y: Any) -> Any:
        """An enclosure of x * y."""
        return self._reals.call("mul", x, y)

    def combination(self, terms: Sequence[tuple[int, Sequence[Any]]]) -> Any:
        """An enclosure of a sum of products, each of an int and enclosures: of a polynomial, at once."""
        return self._reals.call("combination", terms)

    def div(self, x: Any, y: Any) -> Any:
        """An enclosure of x / y, without bounds where y may be 0."""
        return self._reals.call("div", x, y)

    def power(self, x: Any, n: int) -> Any:
        """An enclosure of x**n for an int of either sign; x**0 is 1."""
        _check_int("power: n", n, -math.inf)
        power = self._reals.call("power", x, abs(n))
        return power if n >= 0 else self.div(self.ratio(Fraction(1)), power)

    def call(self, name: str, *args: Any) -> Any:
        """An enclosure of a function of enclosures.

        The names are exp, log, sin, cos, asin, atan, erf, gamma, loggamma (log(gamma(x)), for x > 0),
        `root` of x >= 0 and an int n >= 1, which is x**(1/n), and `polygamma` of an int n >= 0, the
        order, and x. Raises `InvalidOperand` for any other name or number of arguments and for an n
        that is no int, `DomainError` for one that is too small.
        """
        if _ARITY.get(name) != len(args):
            known = ", ".join(f"{name} of {arity}" for name, arity in _ARITY.items())
            got = f"{describe(name)} of {len(args)}"
            raise InvalidOperand(
                f"expected a function and its number of arguments: {known}; got {got}"
            )
        if name == "root":
            _check_int("root: n", args[1], 1)
        elif name == "polygamma":
            _check_int("polygamma: n", args[0], 0)
        return self._reals.call(name, *args)

    def sign(self, x: Any) -> int:
        """1 or -1 where the value is certainly above or below 0, however large; else 0.

        >>> real = Enclosures(128)
        >>> real.sign(real.call("exp", real.ratio(Fraction(10**30))))
        1
        """
        ends = self._reals.ends(x)
        if ends is None:
            return 0
        (low, _), (high, _) = ends
        return (low > 0) - (high < 0)

    def bounds(self, x: Any) -> tuple[Fraction, Fraction] | None:
        """A rational number not above the value and one not below it, or None.

        It is None where the value may be undefined or unbounded, or has over four million bits
        before the point.
        """
        ends = self._reals.ends(x)
        if ends is None:
            return None
        (low, low_exponent), (high, high_exponent) = ends
        below, above = _round_up(-low, low_exponent), _round_up(high, high_exponent)
        return None if below is None or above is None else (-below, above)


def _check_int(name: str, value: Any, least: float) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidOperand(f"{name}: expected an int, got {describe(value)}")
    if value < least:
        raise DomainError(f"{name}: expected at least {least}, got {describe(value)}")


def _round_up(mantissa: int, exponent: int) -> Fraction | None:
    """The least multiple of 2**-_REACH from mantissa * 2**exponent on; None if it is too large."""
    if mantissa.bit_length() + exponent > _REACH:
        return None
    if exponent < -_REACH:
        # A shift rounds down; of the negative it rounds up.
        mantissa, exponent = -(-mantissa >> (-_REACH - exponent)), -_REACH
    return Fraction(mantissa << max(exponent, 0), 1 << max(-exponent, 0))


def _power_bits(n: int) -> int:
    """How many bits are lost in x**n; powers that lose more mostly overflow."""
    return min(n.bit_length(), _LONGEST)


class _Balls:
    """Enclosures as python-flint's `arb`; what is undefined is its NaN or the whole line."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.flint: Any = importlib.import_module("flint")

    def call(self, name: str, *args: Any) -> Any:
        extra = _power_bits(args[1]) if name == "power" else 0
        return self._at(self.bits + extra, _BALLS[name], self.flint, *args)

    def ends(self, x: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
        if not x.is_finite():
            return None
        low, high = self._at(self.bits, lambda: (x.lower().man_exp(), x.upper().man_exp()))
        return (int(low[0]), int(low[1])), (int(high[0]), int(high[1]))

    def _at(self, bits: int, function: _Function, *args: Any) -> Any:
        context = self.flint.ctx
        before = context.prec
        context.prec = bits
        try:
            return function(*args)
        finally:
            context.prec = before


def _ball_power(flint: Any, x: Any, n: int) -> Any:
    if n == 0:
        return x * 0 + 1
    # arb has no powers of a ball around 0.
    return flint.arb(0, x.abs_upper() ** n) if x.contains(0) else x**n


def _ball_combination(flint: Any, terms: Sequence[tuple[int, Sequence[Any]]]) -> Any:
    total = flint.arb(0)
    for coefficient, factors in terms:
        term = flint.arb(coefficient)
        for factor in factors:
            term = term * factor
        total = total + term
    return total


def _ball_root(flint: Any, x: Any, n: int) -> Any:
    if x == 0 or n == 1:
        return x
    # arb counts roots in machine words.
    return x.root(n) if n < 2**31 else (x.log() / flint.arb(n)).exp()


_BALLS: Final[dict[str, _Function]] = {
    "ratio": lambda flint, top, bottom: flint.arb(top) / flint.arb(bottom),
    "pi": lambda flint: flint.arb.pi(),
    "add": lambda _, x, y: x + y,
    "mul": lambda _, x, y: x * y,
    "div": lambda _, x, y: x / y,
    "combination": _ball_combination,
    "power": _ball_power,
    "root": _ball_root,
    "polygamma": lambda flint, n, x: flint.acb(x).polygamma(n).real,
    "loggamma": lambda _, x: x.lgamma(),
    **{
        name: lambda _, x, method=operator.methodcaller(name): method(x)
        for name in ("exp", "log", "sin", "cos", "asin", "atan", "erf", "gamma")
    },
}


def _finite(function: _Function) -> _Function:
    """Make what is infinite undefined, and so whatever is computed from something undefined."""

    @functools.wraps(function)
    def run(self: _Intervals, *args: Any) -> Any:
        value = None if None in args else function(self, *args)
        # A number of mpmath's without a mantissa and yet with an exponent is infinite or NaN.
        if value is None or any(exponent and not mantissa for _, mantissa, exponent, _ in value):
            return None
        return value

    return run


def _primitive(name: str) -> _Function:
    return _finite(lambda self, x, y: getattr(self.mp, name)(x, y, self.bits))


@functools.lru_cache(maxsize=8)
def _tangent_numbers(count: int) -> tuple[int, ...]:
    """The derivatives of tan at 0 of odd order: 1, 2, 16, 272, …

    R. P. Brent and D. Harvey, Fast computation of Bernoulli, tangent and secant numbers, section 6.
    """
    numbers = [math.factorial(k) for k in range(count)]
    for k in range(1, count):
        for j in range(k, count):
            numbers[j] = (j - k) * numbers[j - 1] + (j - k + 2) * numbers[j]
    return tuple(numbers)


def _size(v: Any) -> int:
    """The least e with abs(v) < 2**e, of a number of mpmath's that is not 0."""
    return int(v[2] + v[3])


class _Intervals:
    """Enclosures as pairs of mpmath's raw numbers, the ends; None is an undefined one."""

    def __init__(self, bits: int) -> None:
        mp: Any = importlib.import_module("mpmath.libmp")
        self.mp = mp
        self.bits = bits + _GUARD
        self.zero, self.one = (mp.fzero, mp.fzero), (mp.fone, mp.fone)
        ulp = mp.mpf_shift(mp.fone, -self.bits)
        self.about_one = mp.mpf_sub(mp.fone, ulp), mp.mpf_add(mp.fone, ulp)

    def call(self, name: str, *args: Any) -> Any:
        return getattr(self, name)(*args)

    def ends(self, x: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
        if x is None:
            return None
        low, high = ((int(-man if sign else man), int(exponent)) for sign, man, exponent, _ in x)
        return low, high

    def _wider(self, bits: int) -> _Intervals:
        """Arithmetic with some more bits, in which fewer are lost than there are more."""
        return _Intervals(self.bits + bits)

    # --- arithmetic ------------------------------------------------------------------------------

    add, sub = _primitive("mpi_add"), _primitive("mpi_sub")
    mul, div = _primitive("mpi_mul"), _primitive("mpi_div")

    def combination(self, terms: Sequence[tuple[int, Sequence[Any]]]) -> Any:
        total = self.zero
        for coefficient, factors in terms:
            term = self._int(coefficient)
            for factor in factors:
                term = self.mul(term, factor)
            total = self.add(total, term)
        return total

    def _int(self, n: int) -> Any:
        return self.mp.from_int(n, self.bits, "f"), self.mp.from_int(n, self.bits, "c")

    def _shift(self, x: Any, n: int) -> Any:
        return tuple(self.mp.mpf_shift(v, n) for v in x)

    def ratio(self, top: int, bottom: int) -> Any:
        return self.div(self._int(top), self._int(bottom))

    def pi(self) -> Any:
        return self._around(self.mp.mpf_pi(self.bits + _SLACK))

    def _around(self, v: Any) -> Any:
        """An interval around a value of mpmath's of `_SLACK` more bits."""
        return self.mul((v, v), self.about_one)

    def _is_positive(self, x: Any) -> bool:
        return bool(self.mp.mpf_gt(x[0], self.mp.fzero))

    @_finite
    def power(self, x: Any, n: int) -> Any:
        mp, wide = self.mp, self._wider(_power_bits(n))
        if n.bit_length() > _LONGEST:
            if x not in (self.zero, self.one, mp.mpi_neg(self.one)):
                return None
            n = 2 + n % 2
        result = self.one
        while n:
            if n & 1:
                result = wide.mul(result, x)
            n >>= 1
            if n:
                x = mp.libmpi.mpi_square(x, wide.bits)
        return result

    @_finite
    def root(self, x: Any, n: int) -> Any:
        mp = self.mp
        low, high = x
        if n == 1:
            return x
        if mp.mpf_lt(low, mp.fzero):
            return None
        if n == 2:
            return mp.mpi_sqrt(x, self.bits)
        if self._is_positive(x):
            return self.exp(self.div(self.log(x), self._int(n)))
        if x == self.zero:
            return x
        above = self.root((high, high), n)
        return above and (mp.fzero, above[1])

    # --- elementary functions --------------------------------------------------------------------

    def _increasing(self, function: _Function, x: Any) -> Any:
        low, high = (self._around(function(v, self.bits + _SLACK)) for v in x)
        return low[0], high[1]

    def _wave(self, function: _Function, x: Any) -> Any:
        """Of a sine or cosine, from its value in the middle; its derivative is at most 1."""
        mp = self.mp
        middle = mp.mpi_mid(x, self.bits)
        radii = mp.mpf_sub(x[1], middle, _GUARD, "c"), mp.mpf_sub(middle, x[0], _GUARD, "c")
        change = mp.libmpf.mpf_min_max(radii)[1]
        low, high = mp.mpi_add(function(middle), (mp.mpf_neg(change), change), self.bits)
        low = low if mp.mpf_gt(low, mp.fnone) else mp.fnone
        return low, high if mp.mpf_lt(high, mp.fone) else mp.fone

    @_finite
    def exp(self, x: Any) -> Any:
        mp = self.mp
        huge = mp.mpf_shift(mp.fone, _LONGEST)
        if mp.mpf_gt(x[1], huge):
            return None
        # exp(-y) < 2**-y.
        tiny = mp.fzero, mp.mpf_shift(mp.fone, -(2**_LONGEST))
        low, high = (
            tiny if mp.mpf_lt(v, mp.mpf_neg(huge)) else self._increasing(mp.mpf_exp, (v, v))
            for v in x
        )
        return low[0], high[1]

    @_finite
    def log(self, x: Any) -> Any:
        return self._increasing(self.mp.mpf_log, x) if self._is_positive(x) else None

    @_finite
    def cos(self, x: Any) -> Any:
        return self._wave(lambda v: self._cos_sin(v)[0], x)

    @_finite
    def sin(self, x: Any) -> Any:
        return self._wave(lambda v: self._cos_sin(v)[1], x)

    def _cos_sin(self, v: Any) -> Any:
        if _size(v) > 4 * self.bits + _LONGEST:
            return [(self.mp.fnone, self.mp.fone)] * 2
        return [self._around(w) for w in self.mp.mpf_cos_sin(v, self.bits + _SLACK)]

    @_finite
    def atan(self, x: Any) -> Any:
        return self._increasing(self.mp.mpf_atan, x)

    @_finite
    def asin(self, x: Any) -> Any:
        if self.mp.mpf_lt(x[0], self.mp.fnone) or self.mp.mpf_gt(x[1], self.mp.fone):
            return None
        low, high = (self._asin_at((v, v)) for v in x)
        return low[0], high[1]

    def _asin_at(self, x: Any) -> Any:
        cosine = self.root(self.mul(self.sub(self.one, x), self.add(self.one, x)), 2)
        if cosine == self.zero:
            return self.mul(x, self._shift(self.pi(), -1))
        return self.atan(self.div(x, cosine))

    # --- functions by series ---------------------------------------------------------------------

    @_finite
    def erf(self, x: Any) -> Any:
        wide = self._wider(2 * self.bits.bit_length())
        low, high = (wide._erf_at(v) for v in x)
        return low[0], high[1]

    def _erf_at(self, v: Any) -> Any:
        """From a series of positive terms, 2/sqrt(pi) exp(-x*x) sum(2**k x**(2k+1) / (2k+1)!!).

        NIST Digital Library of Mathematical Functions, 7.6.2. Once every term is at most half of the
        one before it, those after a term add up to no more than that term.
        """
        mp = self.mp
        if v == mp.fzero:
            return self.zero
        if v[0]:
            return mp.mpi_neg(self._erf_at(mp.mpf_neg(v)))
        square = mp.libmpi.mpi_square((v, v), self.bits)
        if mp.mpf_ge(square[0], mp.from_int(self.bits)):
            # 1 - erf(x) < exp(-x*x)/(x*sqrt(pi)) < 2**(-x*x) for x >= 1, by DLMF 7.8.2 and 7.8.3.
            return self.about_one[0], mp.fone
        twice, term = self._shift(square, 1), (v, v)
        total = term
        for k in itertools.count(1):
            term = self.div(self.mul(term, twice), self._int(2 * k + 1))
            total = self.add(total, term)
            halves = mp.mpf_le(twice[1], mp.from_int(k))
            if halves and _size(term[1]) <= _size(total[1]) - self.bits:
                break
        total = self.add(total, (mp.fzero, term[1]))
        scale = self.div(self._int(2), self.root(self.pi(), 2))
        return self.mul(self.mul(total, scale), self.exp(mp.mpi_neg(square)))

    @_finite
    def gamma(self, x: Any) -> Any:
        wide = self._wider(2 * self.bits.bit_length())
        if self._is_positive(x):
            logarithm, product = wide._climb(-1, x)
            return wide.div(wide.exp(logarithm), product)
        if self._is_positive(self.mp.mpi_neg(x)):
            # gamma(x) gamma(1 - x) sin(pi x) = pi, and around a pole the sine encloses 0.
            sine = wide.sin(wide.mul(wide.pi(), x))
            return wide.div(wide.pi(), wide.mul(sine, wide.gamma(wide.sub(self.one, x))))
        return None

    @_finite
    def loggamma(self, x: Any) -> Any:
        if not self._is_positive(x):
            return None
        wide = self._wider(2 * self.bits.bit_length())
        logarithm, product = wide._climb(-1, x)
        return wide.sub(logarithm, wide.log(product))

    @_finite
    def polygamma(self, n: int, x: Any) -> Any:
        if n > _HIGHEST:
            return None
        wide = self._wider(2 * self.bits.bit_length())
        value, powers = wide._climb(n, x)
        value = wide.add(value, wide.mul(wide._int(math.factorial(n)), powers))
        return wide.mul(value, wide._int(1 if n % 2 else -1))

    def _climb(self, n: int, x: Any) -> tuple[Any, Any]:
        """The function at x + N, where its asymptotic series is good, and what leads back to x.

        That is the product of x, x + 1, …, x + N - 1 for n = -1, the logarithm of gamma, and the sum
        of their powers to -n - 1 for the polygamma functions.
        """
        mp, least, steps = self.mp, self.bits // 2 + n + 8, 0
        if mp.mpf_lt(x[0], mp.from_int(least)):
            size = _size(x[0])
            # Between -1 and 1 a shift to an int could be by any number of bits.
            floor = 0 if size <= 0 else int(mp.to_int(x[0], "f")) if size < 64 else -(2**64)
            steps = least - floor
        if steps > 4 * least + 10_000:
            return None, None
        found = self.one if n < 0 else self.zero
        for _ in range(steps):
            if n < 0:
                found = self.mul(found, x)
            else:
                found = self.add(found, self.div(self.one, self.power(x, n + 1)))
            x = self.add(x, self.one)
        return self._asymptotic(n, x), found

    def _asymptotic(self, n: int, x: Any) -> Any:
        """The logarithm of gamma for n = -1, (-1)**(n + 1) polygamma(n, x) for n >= 0; x is large.

        M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 6.1.40, 6.3.18 and 6.4.11,
        which but for their leading terms are one series.
        """
        shift, inverse = self._shift, self.div(self.one, x)
        if n < 0:
            total = self.mul(self.sub(x, shift(self.one, -1)), self.log(x))
            total = self.add(self.sub(total, x), shift(self.log(shift(self.pi(), 1)), -1))
        elif n == 0:
            total = self.sub(shift(inverse, -1), self.log(x))
        else:
            total = self.add(self.one, shift(self.mul(self._int(n), inverse), -1))
            total = self.mul(total, self._int(math.factorial(n - 1)))
            total = self.mul(total, self.power(inverse, n))
        return self.add(total, self._bernoulli_series(n, x))

    def _bernoulli_series(self, n: int, x: Any) -> Any:
        """The sum over k >= 1 of B(2k) (2k + n - 1)! / (2k)! / x**(2k + n), with its remainder.

        For x > 0 that is between 0 and the first term left out: these functions are integrals over
        t > 0 of a positive factor times (t/2) coth(t/2), whose partial fractions are geometric series
        in -t*t, and have that property.
        """
        count = self._count(n, x)
        weight = self.div(self.ratio(math.factorial(n + 1), 2), self.power(x, n + 2))
        square = self.power(x, 2)
        total = term = self.zero
        for k, tangent in enumerate(_tangent_numbers(count), 1):
            total = self.add(total, term)
            # B(2k) = (-1)**(k - 1) 2k T(k) / (4**k (4**k - 1)).
            signed = 2 * k * (tangent if k % 2 else -tangent)
            term = self.mul(weight, self.ratio(signed, (4**k - 1) << (2 * k)))
            step = self.ratio((2 * k + n) * (2 * k + n + 1), (2 * k + 1) * (2 * k + 2))
            weight = self.div(self.mul(weight, step), square)
        return self.add(total, self.mp.libmpf.mpf_min_max([*term, self.mp.fzero]))

    def _count(self, n: int, x: Any) -> int:
        """How many terms to take until they are small; it is an estimate, and any number is right."""
        nearly = math.lgamma(max(n, 1)) - math.log(2) * self.bits
        # log(2 pi x), from below.
        base = math.log(math.pi) + math.log(2) * min(_size(x[0]), 2**64)
        small = (k for k in range(1, self.bits) if math.lgamma(2 * k + n) - 2 * k * base < nearly)
        return next(small, self.bits)
