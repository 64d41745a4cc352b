"""The domain of a claim: a predicate of the arguments, and how points are found where it holds.

    >>> from math import inf
    >>> from minigrad.verify.arguments import of_point
    >>> layout, _ = of_point(lambda x: x, 0)
    >>> domain = Domain(lambda x: 273 < x < 274, layout)
    >>> inside = domain.points([(Fraction(2),)], Rules(), inf)
    >>> domain.holds([Fraction(2)]), next(inside)
    (False, (Fraction(547, 2),))

A predicate may hold where no usual point lies. It is a program like those under check, so what it
compares tells where it changes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from minigrad import trace
from minigrad.scalar import Scalar
from minigrad.verify.arguments import Layout
from minigrad.verify.claims import Sample, traced
from minigrad.verify.points import Point
from minigrad.verify.search import Boundary, Watch
from minigrad.verify.symbolic import Rules

__all__ = ["Domain"]

_MOST: Final = 30
"""Points at which a predicate is asked what it compares, from each start."""


@dataclass
class Domain:
    """Where `predicate`, of arguments of this layout, holds; everywhere without one.

    `error` is the first that it raised: there it does not hold.
    """

    predicate: Callable[..., Any] | None
    layout: Layout
    error: Exception | None = None

    def holds(self, values: Sequence[Fraction]) -> bool:
        """Whether a point, of whose numbers the first are those of the arguments, is in the domain."""
        if self.predicate is None:
            return True
        count = len(self.layout.labels)
        try:
            return bool(self.predicate(*self.layout.arguments(values[:count], Scalar)))
        except Exception as error:
            self.error = self.error or error
            return False

    def points(self, starts: Iterable[Point], rules: Rules, deadline: float) -> Iterator[Point]:
        """Points in the domain, found from each start by what the predicate compares there."""
        if self.predicate is None:
            return
        seen: set[Point] = set()
        for start in starts:
            yield from self._points_from(start, seen, rules, deadline)

    def _points_from(
        self, start: Point, seen: set[Point], rules: Rules, deadline: float
    ) -> Iterator[Point]:
        """Points in the domain that were not `seen`."""
        predicate = self.predicate
        assert predicate is not None
        watch = Watch(rules, deadline)
        asking: deque[tuple[Sample, Boundary]] = deque()
        most = len(seen) + _MOST

        def look(values: Point) -> bool:
            seen.add(values)
            ran = _sample(predicate, self.layout, values, deadline)
            asking.extend([(ran, boundary) for boundary in watch.see(ran)])
            return self.holds(values)

        if look(start):
            yield start
        while asking and len(seen) < most:
            for nearer in watch.ask(*asking.popleft()):
                values = next(nearer, None)
                if values is not None and values not in seen and look(values):
                    yield values


def _sample(
    predicate: Callable[..., Any], layout: Layout, values: Point, deadline: float
) -> Sample:
    """A run of the predicate, as one of the function of a claim that returns nothing."""
    watch = trace.Trace(deadline=deadline, may_read=True)
    arguments, leaves = traced(layout, values, watch)
    ran = trace.run(predicate, arguments, watch)
    point = dict(zip(layout.labels, values, strict=True))
    return Sample(values, layout.labels, point, ran, leaves, [])
