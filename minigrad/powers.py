"""Powers of closed forms: exponentials, logarithms and roots, which are rewritten into one another.

An exponential of a logarithm is a power, and a power with a long denominator an exponential; a root or a
logarithm of a product is taken of its factors.

    >>> str(root(Fraction(12), HALF)), str(exp(log(Fraction(12)) / 2))
    ('2*sqrt(3)', '2*sqrt(3)')
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

from minigrad.closed import Closed, Kernel, absolute, power_of
from minigrad.errors import TooLarge
from minigrad.factors import factors
from minigrad.kernels import FINEST
from minigrad.number import MAX_BITS, ONE, ZERO, bits, product, total
from minigrad.polynomials import ring, terms
from minigrad.rational import Field
from minigrad.summands import summands

__all__ = ["HALF", "as_kernel", "exp", "field_of", "log", "log_of_factor", "power", "root"]

HALF: Final = Fraction(1, 2)
_EXPONENT: Final = 2**240
"""Exponents of a kernel up to which a multiple of its argument is a power of it."""
_POWER: Final = 2 * MAX_BITS
"""Bits up to which a power of a ratio is computed."""
_TERMS: Final = 24
"""Terms of an argument up to which an exponential is taken of each."""


def field_of(*xs: Any) -> Field | None:
    """The field of the first formula among `xs`; None where all are numbers."""
    return next((x.field for x in xs if isinstance(x, Closed) and x.field is not None), None)


def as_kernel(t: Any, *kinds: str) -> Kernel | None:
    """The kernel of one of these kinds that `t` is, if it is one."""
    if not isinstance(t, Closed) or len(t.kernels) > 1 or t.bottom != 1:
        return None
    (kernel,) = t.kernels
    return kernel if kernel.kind in kinds and t.top == ring(1).gens[0] else None


def exp(u: Any) -> Any:
    """E to the power `u`."""
    factors = []
    for q, t in summands(u, _TERMS):
        if not q:
            continue
        logarithm = as_kernel(t, "log")
        if logarithm is not None:
            factors.append(_power_of_factor(logarithm.base, q, field_of(u)))
        else:
            if q.denominator > FINEST:
                t, q = t / q.denominator, Fraction(q.numerator)
            if abs(q.numerator) > _EXPONENT:
                t, q = q * t, ONE
            factors.append(power_of(Kernel("exp", t, q.denominator), q.numerator, field_of(u)))
    return product(factors)


def log(u: Any) -> Any:
    """The natural logarithm of a positive `u`."""
    field = field_of(u)
    return total([n * log_of_factor(f, field) for f, n in factors(u)])


def log_of_factor(f: Any, field: Field | None) -> Any:
    """log|f| of a prime or of an irreducible polynomial."""
    if isinstance(f, Fraction):
        return log(abs(f))
    kernel = as_kernel(f, "exp", "root")
    if kernel is None:
        return power_of(Kernel("log", f), 1, field)
    inner = kernel.base if kernel.kind == "exp" else log_of_factor(kernel.base, field)
    return inner / Fraction(kernel.order)


def _power_of_factor(f: Any, q: Fraction, field: Field | None) -> Any:
    """|f|**q of a prime or of an irreducible polynomial."""
    if isinstance(f, Fraction):
        return root(abs(f), q)
    kernel = as_kernel(f, "exp", "root")
    if kernel is not None and kernel.kind == "exp":
        return exp(kernel.base * (q / kernel.order))
    if kernel is not None:
        return _power_of_factor(kernel.base, q / kernel.order, field)
    whole, rest = divmod(q.numerator, q.denominator)
    result: Any = ONE
    if whole:
        base = (Fraction(f) if isinstance(f, int) else f) if whole % 2 == 0 else absolute(f, field)
        result = _whole_power(base, whole)
    if rest and q.denominator > FINEST:
        # As a root its exponents would be too large to compute with.
        share = log_of_factor(f, field) / q.denominator
        if rest > _EXPONENT:
            share, rest = share * rest, 1
        result = result * power_of(Kernel("exp", share), rest, field)
    elif rest:
        result = result * power_of(Kernel("root", f, q.denominator), rest, field)
    return result


def root(u: Any, q: Fraction) -> Any:
    """`u**q` for positive `u`."""
    simpler = _denested(u) if q == HALF else None
    if simpler is not None:
        return simpler
    field = field_of(u)
    return product([_power_of_factor(f, n * q, field) for f, n in factors(u)])


def _denested(u: Any) -> Any:
    """The root of a + b*sqrt(c) where that is a sum of roots of ratios; else None.

    With q the root of a**2 - b**2*c it is sqrt((a + q)/2) + sqrt((a - q)/2), or their difference if b is
    negative (A. Borodin, R. Fagin, J. Hopcroft and M. Tompa, Decreasing the nesting depth of expressions
    involving square roots, 1985, section 1).
    """
    if not isinstance(u, Closed) or len(u.kernels) != 1:
        return None
    kernel = u.kernels[0]
    if kernel.kind != "root" or kernel.order != 2 or isinstance(kernel.base, Closed):
        return None
    found = {exponents[0]: c for exponents, c in terms(u.top)}
    below = terms(u.bottom)
    if len(below) > 1 or below[0][0][0]:
        return None
    a, b = Fraction(found.get(0, 0), below[0][1]), Fraction(found.get(1, 0), below[0][1])
    square = a * a - b * b * kernel.base
    roots = [math.isqrt(abs(part)) for part in (square.numerator, square.denominator)]
    if square < 0 or Fraction(roots[0] ** 2, roots[1] ** 2) != square:
        return None
    q = Fraction(*roots)
    first, second = root((a + q) / 2, HALF), ZERO if a == q else root((a - q) / 2, HALF)
    return first + second if b > 0 else first - second


def power(x: Any, y: Any) -> Any:
    """`x**y`: of any `x` for a whole `y`, else of a positive one; 0 to a positive power is 0."""
    if isinstance(y, Fraction):
        if y.denominator == 1:
            return _whole_power(x, y.numerator)
        return ZERO if isinstance(x, Fraction) and not x else root(x, y)
    return ZERO if isinstance(x, Fraction) and not x else exp(y * log(x))


def _whole_power(x: Any, n: int) -> Any:
    if isinstance(x, Fraction) and bits(x) > 1 and abs(n) * (bits(x) - 1) > _POWER:
        raise TooLarge(f"a power with the exponent {n:,} is over the limit of {_POWER:,} bits")
    return x**n
