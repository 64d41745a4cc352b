"""The points at which a hand-written derivative is looked at, if nobody gives any.

    >>> [str(x) for x in halves([Fraction(26, 11), Fraction(0), Fraction(1, 9)])]
    ['5/2', '0', '1/2']

A derivative can be right almost everywhere and wrong at 0, at a tie, on one branch only, and a check at
random points never sees that. So there are five kinds of points, in this order:

1. generic ones, positive, whole and mixed, drawn from a seed;
2. the hard ones: zeros in each place, in two, and in all; ones and minus ones; equal coordinates; small
   simple values;
3. those that the programs ask for, of which `minigrad.verify.search` knows;
4. points close to boundaries of the derivative's program: `hypot(x, y) < 0.001` holds at 0, where the
   root has a boundary of its own, and nowhere on the way there;
5. points of large numbers that stand in the programs, where rounding may be all that is wrong elsewhere.

Nothing is drawn but from the seed, so the same check looks at the same points.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad.number import ONE, ZERO

__all__ = [
    "Point", "above_and_below", "beside", "far", "generic", "halves", "hard", "moved", "small", "starts",
]  # fmt: skip

Point = tuple[Fraction, ...]

_NEAR: Final = (10, 40)
"""How close, in bits, a point is taken beside another."""
_USUAL: Final = 4
"""Numbers up to which usual points have as well."""
_MOST_FAR: Final = 6
"""Numbers and coordinates of points that are far away."""
_OFF: Final = 10
"""How close, in bits, a point is taken that is off in all coordinates."""


def generic(count: int, seed: int) -> Iterator[Point]:
    """Points without any structure: positive ratios, different whole numbers, ratios of both signs."""
    rng = random.Random(seed)
    yield tuple(Fraction(rng.randint(2, 40), rng.choice((3, 5, 7, 11))) for _ in range(count))
    yield tuple(Fraction(x) for x in rng.sample(range(2, 12 + 3 * count), count))
    yield tuple(
        Fraction(rng.choice((-1, 1)) * rng.randint(1, 30), rng.choice((1, 2, 3, 7)))
        for _ in range(count)
    )
    yield tuple(Fraction(rng.randint(1, 97), 97 + i) for i in range(count))
    yield tuple(Fraction(-rng.randint(1, 20), rng.choice((1, 3, 4))) for _ in range(count))


def small(count: int, seed: int) -> Iterator[Point]:
    """Points of halves up to 1, mixed: plain numbers for closed forms, and not all of them equal."""
    rng = random.Random(seed)
    for _ in range(4):
        yield tuple(Fraction(rng.choice((-2, -1, 1, 2)), 2) for _ in range(count))


def starts(count: int, seed: int) -> list[Point]:
    """Points from which a domain is looked for: 0, as for a circle, small positive ones, which leave room
    for a sum of 1, and usual ones.
    """
    alike = [(x,) * count for x in (ZERO, Fraction(1, 2 * max(count, 1)), ONE)]
    return [*alike, *[*generic(count, seed)][:3]]


def halves(point: Iterable[Fraction]) -> Point:
    """The point next to it whose coordinates are halves; those that are not 0 stay so.

    An exponential of 26/11 beside one of 4/7 is a polynomial in exp(1/77), of high degree.
    """
    return tuple([Fraction(round(2 * x), 2) or Fraction((x > 0) - (x < 0), 2) for x in point])


def hard(count: int, seed: int) -> Iterator[Point]:
    """Points where derivatives are usually wrong, if anywhere."""
    bases = list(generic(count, seed))
    ratios, wholes, mixed = bases[:3]
    yield (ZERO,) * count
    yield (ONE,) * count
    yield (-ONE,) * count
    yield (Fraction(3),) * count
    yield (Fraction(-1, 2),) * count
    yield tuple(Fraction((-1) ** i) for i in range(count))
    yield tuple(Fraction(i + 1) for i in range(count))
    for k in range(count):
        yield moved(ratios, {k: ZERO})
    if count > 1:
        for k in range(min(count, 8)):
            yield moved(mixed, {k: ZERO, (k + 1) % count: ZERO})
            yield moved(ratios, {k: ratios[(k + 1) % count]})
        yield moved(wholes, {0: -wholes[-1]})
    for k in range(min(count, 8)):
        for value in (ONE, -ONE, Fraction(2), Fraction(1, 2)):
            yield moved(wholes, {k: value})
    yield from bases[3:]


def moved(point: Point, changes: dict[int, Fraction]) -> Point:
    """`point` with other numbers in some places."""
    return tuple(changes.get(i, x) for i, x in enumerate(point))


def far(point: Point, numbers: Iterable[Any]) -> Iterator[Point]:
    """Points of large numbers, the largest first: `numbers` in all coordinates, and in one at a time."""
    large = sorted({x for x in numbers if isinstance(x, Fraction) and abs(x) > _USUAL}, key=abs)
    for number in large[: -_MOST_FAR - 1 : -1]:
        yield (number,) * len(point)
        yield from (moved(point, {k: number}) for k in range(min(len(point), _MOST_FAR)))


def beside(point: Sequence[Fraction]) -> Iterator[Point]:
    """Points close to `point`, each in another direction: with all coordinates greater or less, too."""
    for turn, bits in enumerate(_NEAR):
        yield tuple(
            [x + Fraction((-1) ** (i // 2 + turn) * (i + 1), 2**bits) for i, x in enumerate(point)]
        )
    yield from above_and_below(point)


def above_and_below(point: Sequence[Fraction]) -> Iterator[Point]:
    """Points close to `point` with all coordinates greater, and less; by no two as much."""
    for sign in (1, -1):
        steps = [Fraction(sign * (len(point) + i), len(point) * 2**_OFF) for i in range(len(point))]
        yield tuple([x + step for x, step in zip(point, steps, strict=True)])
