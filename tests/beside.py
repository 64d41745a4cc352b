"""A function beside a point: what `minigrad.verify.edges` is asked with, for tests."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from minigrad.verify.arguments import of_point
from minigrad.verify.beside import Edge
from minigrad.verify.claims import Claim, Kind, Sample, sample
from minigrad.verify.edges import one_sided
from minigrad.verify.symbolic import Rules

RULES = Rules()


def near(function: Any, point: Any, kind: Kind = Kind.GRADIENT, vector: Any = ()) -> Any:
    """The claim and the sample of a function at a point; the derivative is of no concern here."""
    layout, values = of_point(function, point)

    def unasked(*_: Any) -> Any:
        raise KeyError

    claim = Claim(kind, function, unasked, layout)
    ran = sample(claim, [*values, *map(Fraction, vector)], math.inf)
    assert ran.function.error is None
    return claim, ran


def edge(claim: Claim, ran: Sample, deadline: float = math.inf) -> Edge:
    return Edge(claim, ran, RULES, deadline)


def sides(function: Any, point: Any, kind: Kind = Kind.GRADIENT, vector: Any = ()) -> list[Any]:
    """The one-sided derivatives, "-" where there is none."""
    found = one_sided(edge(*near(function, point, kind, vector), math.inf))
    return [tuple("-" if side is None else side for side in pair) for pair in found]


def guarded(x):
    return x * x if x != 1 else 1


def product(x, y):
    return 0 if x == 0 or y == 0 else x * y
