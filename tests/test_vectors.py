"""Components that are each allowed at a boundary, and whether they make a gradient together."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad.verify import Verdict, check_gradient

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
