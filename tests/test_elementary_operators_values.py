"""Values and partials at hard points: by hand, and by mpmath, which differentiates numerically."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy
from hard_points import NAMES, POINTS, Point, agree, each_point, exactly, real

from minigrad import reverse
from minigrad.exact import to_exact
from minigrad.number import UNAVAILABLE

SLOPED = [point for point in POINTS if point.has_slopes]


def test_every_operator_has_its_points() -> None:
    assert {point.name for point in POINTS} == set(NAMES)
    assert {p.name for p in POINTS if p.is_kink} == {
        "atan2",
        "hypot",
        "norm",
        "sign",
        "floor",
        "ceil",
    }


@each_point
def test_the_value_at_every_hard_point(point: Point) -> None:
    assert agree(point.node().data, point.value)


@each_point
def test_the_value_is_equal_to_what_is_written_by_hand(point: Point) -> None:
    if not point.value.has(sympy.zeta):
        assert point.node() == to_exact(point.value)


@pytest.mark.parametrize("point", SLOPED, ids=str)
def test_the_partials_at_every_hard_point(point: Point) -> None:
    root = point.graph()
    root.backward()
    node = root.operands[0]
    partials = reverse.partials(node)
    for x, partial, slope in zip(node.operands, partials, point.slopes, strict=True):
        if slope is UNAVAILABLE:
            assert partial is UNAVAILABLE
        else:
            assert agree(x.grad, 7 * slope)


MPMATH: dict[str, Callable[..., Any]] = {
    "log2": lambda x: mpmath.log(x, 2),
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "logsumexp": lambda *xs: mpmath.log(mpmath.fsum(map(mpmath.exp, xs))),
    "norm": lambda *xs: mpmath.norm(xs),
    "polygamma": lambda x, n: mpmath.polygamma(n, x),
    "softmax": lambda *xs_i: mpmath.exp(xs_i[xs_i[-1]]) / mpmath.fsum(map(mpmath.exp, xs_i[:-1])),
    "log_softmax": lambda *xs_i: (
        xs_i[xs_i[-1]] - mpmath.log(mpmath.fsum(map(mpmath.exp, xs_i[:-1])))
    ),
}
"""Those that mpmath has under another name, or not as one function."""


@pytest.mark.parametrize("point", [p for p in SLOPED if not p.is_kink], ids=str)
def test_mpmath_finds_the_same_values_and_slopes(point: Point) -> None:
    function = MPMATH.get(point.name) or getattr(mpmath, point.name)
    node = point.node()
    partials = reverse.partials(node)
    with mpmath.workdps(100):
        xs = [real(exactly(text)) for text in point.at]
        value = function(*xs, *point.parameters)
        assert abs(real(node.data) - value) <= mpmath.mpf(10) ** -50 * max(1, abs(value))
        if max(map(abs, xs)) > 10**6:
            return  # what mpmath adds to the operand for a difference would be lost in it
        for k, partial in enumerate(partials):
            if partial is not UNAVAILABLE:
                moved = lambda t, k=k: function(*xs[:k], t, *xs[k + 1 :], *point.parameters)
                slope = mpmath.diff(moved, xs[k])
                assert abs(real(partial) - slope) <= mpmath.mpf(10) ** -40 * max(1, abs(slope))
