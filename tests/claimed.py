"""Functions of the claims, and samples of both programs at a point."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from minigrad.number import Floats
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, Sample, sample

FOREVER = math.inf


def sampled(
    kind: Kind, function: Callable[..., Any], derivative: Callable[..., Any], point: Any, *vector: Any,
    floats: Floats = "decimal",
) -> Sample:  # fmt: skip
    """Both programs at a point; the vector is made up unless it is given."""
    layout, values = of_point(function, point)
    claim = Claim(kind, function, derivative, layout, floats)
    return sample(claim, (*values, *map(Fraction, vector)), FOREVER)


def named(found: Sample) -> dict[str, Any]:
    """The numbers that were given, by the names of the components."""
    assert found.derivative is not None
    assert found.derivative.error is None, found.derivative.error
    assert len(set(found.names)) == len(found.names)
    return {name: y.data for name, y in zip(found.names, found.given, strict=True)}


def f(x: Any, y: Any) -> Any:
    """At (3, 5): 45, with gradient (30, 9) and Hessian ((10, 6), (6, 0))."""
    return x * x * y


def g(x: Any, y: Any) -> Any:
    """At (3, 5): (15, -2), with Jacobian ((5, 3), (1, -1))."""
    return [x * y, x - y]
