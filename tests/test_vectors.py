"""Components that are each allowed at a boundary, and whether they make a gradient together."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.rational import OutOfBudget
from minigrad.verify import Verdict, check_gradient, check_vjp, vectors

KINK, PROVED, REFUTED = Verdict.KINK, Verdict.PROVED, Verdict.REFUTED


def at_zero(function: Any, given: Any, count: int = 2) -> Any:
    """The report on the gradient that is right elsewhere, and `given` where all arguments are 0."""
    right = minigrad.grad(function, tuple(range(count)))

    def gradient(*xs: Any) -> Any:
        return given if all(x == 0 for x in xs) else right(*xs)

    return check_gradient(function, gradient, (0,) * count)


def larger(x, y):
    return minigrad.maximum(x, -y)


def smaller(x, y):
    return minigrad.minimum(x, -y)


def apart(x, y):
    return abs(x + y)


def length(x, y):
    return minigrad.sqrt(x * x + y * y)


def between_lengths(x, y):
    return abs(abs(x) - abs(y))


def best_difference(a, b, c, d):
    return minigrad.maximum(a - b, c - d)


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (larger, (1, 0)),
        (larger, (0, -1)),
        (larger, (Fraction(1, 2), -Fraction(1, 2))),
        (smaller, (1, 0)),
        (apart, (0, 0)),
        (apart, (1, 1)),
        (apart, (-Fraction(1, 3), -Fraction(1, 3))),
        (length, (0, 0)),
        (length, (Fraction(3, 5), -Fraction(4, 5))),
        (best_difference, (1, -1, 0, 0)),
        (best_difference, (Fraction(1, 2), -Fraction(1, 2), Fraction(1, 2), -Fraction(1, 2))),
        (lambda x, y: abs(x) + abs(y), (1, -1)),
        # A kink within a kink: near by there are all of (±1, ±1), along (1, -1) the derivative is 0.
        (between_lengths, (1, -1)),
        (between_lengths, (-1, -1)),
        (between_lengths, (0, 0)),
    ],
)
def test_a_gradient_of_a_kink_is_one_along_every_direction(function, given):
    report = at_zero(function, given, len(given))
    assert {entry.verdict for entry in report.entries} <= {KINK, PROVED}
    assert report.verdict is KINK


@pytest.mark.parametrize(
    ("function", "given", "says"),
    [
        # Moved against each other, both operands grow by 1.
        (larger, (1, -1), "the derivative along (1, -1) is 1, the gradient gives 2"),
        (larger, (0, 0), "the derivative along (1, -1) is 1, the gradient gives 0"),
        (smaller, (0, 0), "the derivative along (1, -1) is 1, the gradient gives 0"),
        (apart, (1, -1), "the derivative along (1, -1) is 0, the gradient gives 2"),
        (
            length,
            (1, 1),
            "the derivative along (1, …, 1) is -sqrt(2) to sqrt(2), the gradient gives 2",
        ),
        (
            length,
            (1, -1),
            "the derivative along (1, -1) is -sqrt(2) to sqrt(2), the gradient gives 2",
        ),
        (
            best_difference,
            (1, -1, 1, -1),
            "the derivative along (1, -1, 1, -1) is 2, the gradient gives 4",
        ),
        (
            best_difference,
            (0, 0, 0, 0),
            "the derivative along (1, -1, 1, -1) is 2, the gradient gives 0",
        ),
    ],
)
def test_components_that_are_allowed_one_by_one_may_be_no_gradient(function, given, says):
    report = at_zero(function, given, len(given))
    assert report.verdict is REFUTED
    assert all(says in entry.message for entry in report.entries if entry.verdict is REFUTED)


@pytest.mark.parametrize("wrong", [(1, -1), (0, 0)])
def test_the_search_finds_such_a_tie(wrong):
    def gradient(x, y):
        if x == -y:
            return wrong
        return (1, 0) if x > -y else (0, -1)

    assert check_gradient(larger, gradient).verdict is REFUTED


def ramp(x, y):
    return minigrad.relu(x - abs(y))


def steep(x, y):
    return minigrad.maximum(abs(x) - 2 * abs(y), 2 * abs(y))


def middle(x, y, z):
    return (
        minigrad.maximum(minigrad.minimum(x, y), minigrad.minimum(minigrad.maximum(x, y), 0))
        + 10 * z
    )


def padded(x, y, a, b, c, d):
    return between_lengths(x, y) + a * b + c * d


@pytest.mark.parametrize(
    ("function", "given"),
    [
        # The derivative of ramp by y alone is 0 at 0; where x > y > 0 the gradient is (1, -1).
        (ramp, (1, -1)),
        (ramp, (1, 1)),
        (ramp, (0, 0)),
        # Where |x| is over 4|y|.
        (steep, (1, -2)),
        (steep, (0, 2)),
        (middle, (1, 0, 10)),
        (middle, (0, 1, 10)),
        (padded, (1, 1, 0, 0, 0, 0)),
        (padded, (-1, 1, 0, 0, 0, 0)),
    ],
)
def test_a_gradient_of_a_region_near_by_is_allowed(function, given):
    report = at_zero(function, given, len(given))
    assert report.verdict is KINK


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (ramp, (1, -2)),
        (ramp, (0, -1)),
        (steep, (2, -2)),
        # What one component may be is no measure for another.
        (middle, (1, 1, 10)),
        (middle, (7, 4, 0)),
        (middle, (1, 10, 0)),
        (padded, (1, 1, 1, 0, 0, 0)),
    ],
)
def test_a_gradient_of_no_region_is_refuted(function, given):
    assert at_zero(function, given, len(given)).verdict is REFUTED


def test_where_regions_cannot_be_looked_into_nothing_is_allowed():
    def larger_but(x, y):
        if 0 < x < 1 and 0 < 3 * y < x:
            return minigrad.maximum(x, -y).numerator_of_nothing
        return minigrad.maximum(x, -y)

    def gradient(x, y):
        return (1, -1) if x == 0 == y else minigrad.grad(larger, (0, 1))(x, y)

    report = check_gradient(larger_but, gradient, (0, 0))
    assert {entry.verdict for entry in report.entries} <= {Verdict.UNDECIDED, REFUTED}


def out_of_budget(*_args, **_options):
    raise OutOfBudget("no more work")


@pytest.mark.parametrize(
    ("what", "function", "given", "whole"),
    [
        # Allowed one by one, and refuted together; allowed near by; and a kink instead of a proof.
        ("sums_beside", minigrad.maximum, (1, 1), REFUTED),
        ("gradients_around", ramp, (1, -1), KINK),
        ("gradients_around", lambda x, y: minigrad.minimum(abs(x), abs(y)), (1, 0), KINK),
    ],
)
def test_what_could_not_be_looked_into_is_undecided(monkeypatch, what, function, given, whole):
    assert at_zero(function, given).verdict is whole
    monkeypatch.setattr(vectors, what, out_of_budget)
    report = at_zero(function, given)
    assert report.verdict is Verdict.UNDECIDED
    assert any("no more work" in entry.message for entry in report.entries)


def test_a_tie_of_closed_forms_is_one_along_every_direction():
    def larger_by_exponentials(x, y):
        return x if minigrad.exp(x) >= minigrad.exp(y) else y

    def both(x, y):
        return 1 if x >= y else 0, 1 if y >= x else 0

    assert check_gradient(larger_by_exponentials, both).verdict is REFUTED

    def larger_exponential(x, y):
        return minigrad.maximum(minigrad.exp(x), minigrad.exp(y))

    def one(x, y):
        return (minigrad.exp(x), 0) if x >= y else (0, minigrad.exp(y))

    def twice(x, y):
        return (minigrad.exp(x), minigrad.exp(y)) if x == y else one(x, y)

    assert check_gradient(larger_exponential, one).verdict is KINK
    assert check_gradient(larger_exponential, twice).verdict is REFUTED


def test_a_point_at_which_nothing_is_continuous_is_a_kink_behind_a_comparison_of_closed_forms():
    def function(x, y):
        if x * y == 0:
            return 0 * x
        # The same on both sides: it is 0 on the axes, and 1/2 where x = y.
        if minigrad.exp(x) >= minigrad.exp(y):
            return (x * y) ** 2 / (x**4 + y**4)
        return (x * y) ** 2 / (y**4 + x**4)

    def gradient(x, y):
        p, d = x * y, x**4 + y**4
        if p == 0:
            return 0 * x, 0 * x
        return (2 * p * y * d - p**2 * 4 * x**3) / d**2, (2 * p * x * d - p**2 * 4 * y**3) / d**2

    assert check_gradient(function, gradient, (0, 0)).verdict is KINK


@pytest.mark.parametrize("given", [(1, 1), (1, Fraction(1, 2)), (2, 0)])
def test_partial_derivatives_that_make_none_are_no_leave_for_any_sum(given):
    # Along (1, 1) the derivative of min(|x|, |y|) is -1 from the left and 1 from the right.
    def least(x, y):
        return minigrad.minimum(abs(x), abs(y))

    assert at_zero(least, given).verdict is REFUTED
    assert at_zero(least, (1, 0)).verdict is KINK


def test_what_holds_near_by_up_to_rounding_is_open():
    def third(x, y):
        return ramp(x, y) / 3

    report = at_zero(third, (1 / 3, -1 / 3))
    assert {entry.verdict for entry in report.entries} == {KINK, Verdict.UNDECIDED}
    assert at_zero(third, (1 / 3, -2 / 3)).verdict is REFUTED


def test_a_rule_for_sorting_is_that_of_a_region_at_every_tie():
    def rule(x, g):
        return g[np.argsort(np.argsort(x))]

    assert check_vjp(np.sort, rule, shape=[3]).verdict is KINK
    assert check_vjp(np.sort, lambda x, g: g[np.argsort(x)], shape=[3]).verdict is REFUTED


def test_a_component_between_no_sides_may_be_that_of_a_region():
    # Where x < y < z it is x + 2z; by y alone the derivative is 2 from the right, and 1 from the left.
    def both(x, y, z):
        return min(x, y, z) + 2 * max(x, y, z)

    def gradient(at_zero):
        def of(x, y, z):
            if x == y == z == 0:
                return at_zero
            order = sorted(range(3), key=[x, y, z].__getitem__)
            return tuple((k == order[0]) + 2 * (k == order[2]) for k in range(3))

        return of

    assert check_gradient(both, gradient((1, 0, 2)), (0, 0, 0)).verdict is KINK
    assert check_gradient(both, gradient((1, 0, 3)), (0, 0, 0)).verdict is REFUTED
