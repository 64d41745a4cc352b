"""Gradients of piecewise functions made at random."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from checked_functions import KINK, PROVED, REFUTED, only
from hypothesis import given
from hypothesis import strategies as st

from minigrad.verify import check_gradient

corners = st.lists(st.integers(-4, 4), min_size=1, max_size=3, unique=True).map(sorted)
slopes = st.lists(st.integers(-3, 3), min_size=4, max_size=4)


def pieces(bounds: list[int], values: list[Any]) -> Any:
    """A function that is values[i] up to bounds[i]."""

    def function(x):
        for bound, value in zip(bounds, values, strict=False):
            if x <= bound:
                return value(x)
        return values[len(bounds)](x)

    return function


def spline(bounds: list[int], rates: list[int]) -> Any:
    """Continuous, with these slopes, from 0 at the first bound on."""
    starts = [0]
    for i in range(1, len(bounds)):
        starts.append(starts[-1] + rates[i] * (bounds[i] - bounds[i - 1]))
    anchors = [(bounds[0], 0), *zip(bounds, starts, strict=True)]
    lines = [
        lambda x, at=at, y=y, rate=rate: y + rate * (x - at)
        for (at, y), rate in zip(anchors, rates, strict=False)
    ]
    return pieces(bounds, lines)


@given(corners, slopes)
def test_the_slopes_of_a_polygon_are_its_gradient(bounds, rates):
    function = spline(bounds, rates)
    gradient = pieces(bounds, [lambda x, rate=rate: rate for rate in rates])
    bends = any(a != b for a, b in pairwise(rates[: len(bounds) + 1]))
    assert check_gradient(function, gradient).verdict is (KINK if bends else PROVED)


@given(corners, slopes, st.data())
def test_one_slope_that_is_wrong_is_found(bounds, rates, data):
    place = data.draw(st.integers(0, len(bounds)))
    wrong = [rate + (i == place) * Fraction(1, 10**9) for i, rate in enumerate(rates)]
    gradient = pieces(bounds, [lambda x, rate=rate: rate for rate in wrong])
    report = check_gradient(spline(bounds, rates), gradient)
    assert report.verdict is REFUTED


@given(corners, slopes, st.data())
def test_a_number_that_is_wrong_at_a_corner_is_found(bounds, rates, data):
    corner = data.draw(st.integers(0, len(bounds) - 1))
    sides = rates[corner : corner + 2]
    number = data.draw(st.sampled_from([min(sides) - Fraction(1, 9), max(sides) + 1]))
    right = pieces(bounds, [lambda x, rate=rate: rate for rate in rates])
    gradient = lambda x: number if x == bounds[corner] else right(x)
    assert only(check_gradient(spline(bounds, rates), gradient)).verdict is REFUTED


def entropy(x):
    return -x * math.log(x) if x > 0 else 0


def square_entropy(x):
    return x * x * math.log(x) if x > 0 else 0


def bump(x):
    return math.exp(-1 / (1 - x * x)) if abs(x) < 1 else 0


def wave(x):
    return x * x * math.sin(1 / x) if x != 0 else 0


def of_bump(x):
    return -2 * x / (1 - x * x) ** 2 * bump(x) if abs(x) < 1 else 0


GLUED = [
    # From the right the slope of the entropy is infinite.
    (entropy, lambda x: -math.log(x) - 1 if x > 0 else 0, 0, KINK),
    (square_entropy, lambda x: x * (2 * math.log(x) + 1) if x > 0 else 0, 0, PROVED),
    (bump, of_bump, 1, PROVED),
    (bump, of_bump, -1, PROVED),
    (wave, lambda x: 2 * x * math.sin(1 / x) - math.cos(1 / x) if x != 0 else 0, 0, PROVED),
]
"""Functions glued together at a point, where the formula of one side has no value."""


@pytest.mark.parametrize(("function", "gradient", "at", "verdict"), GLUED)
def test_pieces_are_known_to_meet_where_a_formula_has_no_value(function, gradient, at, verdict):
    assert check_gradient(function, gradient).verdict is verdict

    def wrong(x):
        return 1 if x == at else gradient(x)

    report = check_gradient(function, wrong)
    assert (report.verdict, only(report).point) == (REFUTED, {"x": at})
