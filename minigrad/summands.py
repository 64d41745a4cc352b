"""An argument as a sum, for functions that are known of sums: exp(a + b), cos(a + b).

The summands are multiples of terms that are the same for all multiples of a term, so that exp(x/2) and
exp(x/3) become powers of one exponential.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from operator import add, sub
from typing import Any, Final

from minigrad.closed import Closed, simplified
from minigrad.number import ONE
from minigrad.polynomials import ring, terms

__all__ = ["summands"]

_DIVISIONS: Final = 200
"""Steps of a division that takes the quotient out of an argument."""


def summands(u: Any, most: int, *, whole: bool = False) -> Iterator[tuple[Fraction, Any]]:
    """`u` as a sum of ratios times terms, which are 1 or the same for all multiples of a term.

    Of more than `most` terms there is only one, `u` itself or its multiple.

    >>> from minigrad.elementary import call, pi
    >>> [(q, str(t)) for q, t in summands(2 * call("sqrt", Fraction(3)) + pi() / 3 + 1, 9)]
    [(Fraction(2, 1), 'sqrt(3)'), (Fraction(1, 3), 'pi'), (Fraction(1, 1), '1')]

    The terms are those of the quotient of top by bottom, and those of the remainder over the bottom; of
    that there is one, with `whole`.
    """
    if isinstance(u, Fraction):
        yield u, ONE
        return
    below = math.gcd(*[c for _, c in terms(u.bottom)])
    bottom = u.bottom // below if below != 1 else u.bottom
    quotient, rest = _divided(terms(u.top), terms(bottom))
    if len(quotient) + (bool(rest) if whole else len(rest)) > most:
        quotient, rest, whole = {}, dict(terms(u.top)), True
    made = ring(len(u.kernels))
    for exponents, c in quotient.items():
        yield from _term(c / below, u, made.make({exponents: 1}), made.one)
    if rest and whole:
        share = math.lcm(*[Fraction(c).denominator for c in rest.values()])
        above = math.gcd(*[int(c * share) for c in rest.values()])
        above = -above if max(rest.items())[1] < 0 else above
        numerators = {e: int(c * share) // above for e, c in rest.items()}
        yield from _term(Fraction(above, share * below), u, made.make(numerators), bottom)
    elif rest:
        for exponents, c in rest.items():
            yield from _term(Fraction(c) / below, u, made.make({exponents: 1}), bottom)


def _term(q: Fraction, u: Closed, top: Any, bottom: Any) -> Iterator[tuple[Fraction, Any]]:
    t = simplified(u.kernels, top, bottom, u.field)
    yield (q * t, ONE) if isinstance(t, Fraction) else (q, t)


_Terms = dict[tuple[int, ...], Any]


def _divided(
    tops: Sequence[tuple[tuple[int, ...], int]], bottoms: Sequence[tuple[tuple[int, ...], int]]
) -> tuple[_Terms, _Terms]:
    """Quotient and remainder of two polynomials over Q; all is remainder where that takes long.

    No term of the remainder is a multiple of the leading term of the divisor, which makes both unique
    (D. Cox, J. Little and D. O'Shea, Ideals, Varieties, and Algorithms, section 2.3).
    """
    (lead, scale), *others = bottoms
    left: _Terms = dict(tops)
    quotient: _Terms = {}
    rest: _Terms = {}
    for _ in range(_DIVISIONS):
        if not left:
            return quotient, rest
        e = max(left)
        c = left.pop(e)
        shift = tuple(map(sub, e, lead))
        if min(shift, default=0) < 0:
            rest[e] = c
            continue
        quotient[shift] = times = Fraction(c, scale)
        for exponents, coefficient in others:
            place = tuple(map(add, shift, exponents))
            left[place] = left.get(place, 0) - times * coefficient
            if not left[place]:
                del left[place]
    return {}, dict(tops)
