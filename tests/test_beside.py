"""A program run infinitely close to a point: its branch there, and how fast its results grow."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from beside import RULES, near

import minigrad
from minigrad.rational import OutOfBudget
from minigrad.verify.beside import Edge, beside

FOREVER = float("inf")


def edge_of(function: Any, point: Any, length: int | None = None) -> Edge:
    claim, sample = near(function, point)
    return Edge(claim, sample, RULES, FOREVER, length)


def test_the_branch_that_holds_beside_the_point_is_taken() -> None:
    edge = edge_of(lambda x: 5 * x if x > 2 else x * x + 6, 2)
    left, right = (beside(edge, [Fraction(1)], sign) for sign in (-1, 1))
    assert left is not None
    assert right is not None
    assert (left.slopes, right.slopes) == ([4], [5])
    assert (left.compares_alike, right.compares_alike) == (True, False)
    assert not left.may_change


def test_beside_the_domain_there_is_nothing() -> None:
    edge = edge_of(lambda x: minigrad.sqrt(x), 0)
    assert beside(edge, [Fraction(1)], -1) is None
    right = beside(edge, [Fraction(1)], 1)
    assert right is not None
    assert right.slopes == [None]


def test_two_terms_of_a_series_tell_a_first_derivative() -> None:
    edge = edge_of(lambda x: minigrad.log(1 + minigrad.exp(abs(x))) / minigrad.exp(x), 0, 2)
    left, right = (beside(edge, [Fraction(1)], sign) for sign in (-1, 1))
    assert left is not None
    assert right is not None
    # (log(1 + exp(|x|)))' is 1/2 on the right and -1/2 on the left; the quotient takes log(2) off both.
    rest = minigrad.log(2).data
    assert left.slopes == [Fraction(-1, 2) - rest]
    assert right.slopes == [Fraction(1, 2) - rest]


def test_what_two_terms_do_not_tell_long_series_do() -> None:
    def function(x: Any) -> Any:
        return (minigrad.exp(x) - 1 - x - x * x / 2) / (x * x) if x != 0 else x

    with pytest.raises(OutOfBudget):
        beside(edge_of(function, 0, 2), [Fraction(1)], 1)
    found = beside(edge_of(function, 0), [Fraction(1)], 1)
    assert found is not None
    assert found.slopes == [Fraction(1, 6)]
