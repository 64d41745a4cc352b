"""The factors of numbers and closed forms, of which logarithms and roots are taken.

    >>> list(factors(Fraction(9, 2)))
    [(3, 2), (2, -1)]

Integers up to a bound are split into primes by SymPy, and numerators and denominators of closed forms
into irreducible polynomials in their kernels. Where the irreducible factors of a polynomial in roots are
not independent, as in (sqrt(2) + 1)*(sqrt(2) - 1) = 1, one of them is preferred and the other written in
it, so that logarithms that add up to 0 are seen to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from minigrad.closed import Closed, simplified
from minigrad.polynomials import ring, terms

__all__ = ["factors"]

_FACTORED: Final = 2**96
"""Integers beyond this are not factored."""
_CONJUGATED: Final = 12
"""Terms of a factor up to which its conjugate is looked at."""


def factors(u: Any) -> Iterator[tuple[Any, int]]:
    """The bases whose powers make up |u|, and how often: primes, and irreducible polynomials in kernels.

    >>> list(factors(Fraction(-12, 5)))
    [(2, 2), (3, 1), (5, -1)]
    """
    if isinstance(u, Fraction):
        for part, sign in ((u.numerator, 1), (u.denominator, -1)):
            for prime, multiplicity in _primes(abs(part)):
                yield prime, sign * multiplicity
        return
    made = ring(len(u.kernels))
    for part, sign in ((u.top, 1), (u.bottom, -1)):
        content, found = made.factor(part)
        for prime, multiplicity in _primes(abs(content)):
            yield prime, sign * multiplicity
        for factor, multiplicity in found:
            f = simplified(u.kernels, factor, made.one, u.field)
            yield from _preferred(f, sign * multiplicity)


def _preferred(f: Any, multiplicity: int) -> Iterator[tuple[Any, int]]:
    """A factor, or what it is by its conjugate where the product of both is a ratio.

    So sqrt(2) - 1 is 1/(sqrt(2) + 1), and the inverse hyperbolic sine is odd.
    """
    conjugate = _conjugate(f)
    if conjugate is not None and _rank(conjugate) < _rank(f):
        norm = f * conjugate
        if isinstance(norm, Fraction):
            for prime, times in factors(norm):
                yield prime, times * multiplicity
            f, multiplicity = conjugate, -multiplicity
    yield f, multiplicity


def _conjugate(f: Any) -> Any:
    """With the other sign of the highest kernel, if that is a square root; the leading term positive."""
    if not isinstance(f, Closed) or f.bottom != 1 or not 1 < len(f.top) <= _CONJUGATED:
        return None
    if f.kernels[0].kind != "root" or f.kernels[0].order != 2:
        return None
    parts = terms(f.top)
    turned = {e: -c if e[0] else c for e, c in parts}
    sign = -1 if turned[parts[0][0]] < 0 else 1
    top = ring(len(f.kernels)).make({e: sign * c for e, c in turned.items()})
    return Closed(f.kernels, top, f.bottom, f.field)


def _rank(f: Closed) -> tuple[Any, ...]:
    """What is less for the factor that is preferred: that of fewer negative terms."""
    parts = terms(f.top)
    return sum(c < 0 for _, c in parts), parts


def _primes(n: int) -> Iterator[tuple[int, int]]:
    if n == 1:
        return
    if n > _FACTORED:
        yield from _some_primes(n)
        return
    from sympy import factorint

    for prime, times in factorint(n).items():
        yield int(prime), int(times)


def _some_primes(n: int) -> Iterator[tuple[int, int]]:
    """The small primes in a large number, and what is left as a power if it is one."""
    from sympy import integer_nthroot, multiplicity

    for prime in (2, 3, 5, 7, 11, 13):
        times = int(multiplicity(prime, n))
        if times:
            n //= prime**times
            yield prime, times
    if n <= _FACTORED:
        yield from _primes(n)
        return
    times = 1
    for exponent in (7, 5, 3, 2):
        while _may_be_power(n, exponent):
            root, is_exact = integer_nthroot(n, exponent)
            if not is_exact:
                break
            n, times = int(root), times * exponent
    yield n, times


# For each exponent, primes one above its multiples: to those few numbers are a power of another.
_MODULI: Final[Mapping[int, tuple[int, ...]]] = {
    k: tuple(
        [p for p in range(k + 1, 60 * k, k) if all(p % d for d in range(2, math.isqrt(p) + 1))]
    )
    for k in (2, 3, 5, 7)
}


def _may_be_power(n: int, k: int) -> bool:
    """Whether `n` is a k-th power to some primes, without finding roots of large numbers in vain."""
    return all(pow(n % p, (p - 1) // k, p) <= 1 for p in _MODULI[k])
