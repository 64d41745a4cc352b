"""Computed floats are noted."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from runs import line_of, numpy, ran

import minigrad
from minigrad.number import Floats
from minigrad.places import Place
from minigrad.trace import Trace

THIRD = 0.3333333333333333


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x * THIRD,
        lambda x: THIRD * x,
        lambda x: x / THIRD,
        lambda x: THIRD - x,
        lambda x: x**THIRD,
        lambda x: THIRD**x,
        lambda x: numpy().power(minigrad.array([x]), THIRD),
        lambda x: x > THIRD,
        lambda x: operator.ge(THIRD, x),
        lambda x: minigrad.maximum(x, THIRD),
        lambda x: minigrad.dot([x, THIRD], [x, x]),
        lambda x: numpy().array([THIRD, 1]) * x,
        lambda x: minigrad.array([x]) * THIRD,
        lambda x: numpy().float64(THIRD) * x,
        lambda x: numpy().float64(THIRD) > x,
    ],
)
def test_a_computed_float_is_noted_once_for_each_place(operation: Callable[[Any], Any]) -> None:
    def function(x: Any) -> Any:
        for _ in range(5):
            operation(x)
        return x

    (found,) = ran(function, 2).trace.rounded
    assert found.text in ("0.3333333333333333", "np.float64(0.3333333333333333)")
    assert found.place.file == __file__
    assert str(found) == f"the float {found.text} at {found.place} was computed, and so rounded"


def test_each_place_and_each_float_is_noted() -> None:
    def function(x: Any) -> Any:
        for third in (THIRD, 2 * THIRD):
            x = x + third
        return x * THIRD

    texts = [(r.text, r.place.line - line_of(function)) for r in ran(function, 2).trace.rounded]
    assert texts == [
        ("0.3333333333333333", 1),
        ("0.6666666666666666", 1),
        ("0.3333333333333333", 2),
    ]


def test_floats_that_were_written_are_not_noted() -> None:
    found = ran(lambda x: x * 0.1 + 1e-7 - 123456.789012345 > 2.5, 2)
    assert found.trace.rounded == []


@pytest.mark.parametrize(
    ("floats", "exact"),
    [
        ("decimal", Fraction(3333333333333333, 10**16)),
        ("binary", Fraction(6004799503160661, 2**54)),
        ("simplest", Fraction(1, 3)),
    ],
)
def test_floats_are_read_as_it_was_said(floats: Floats, exact: Fraction) -> None:
    np = numpy()
    found = ran(
        lambda x: [
            x * THIRD,
            THIRD * x,
            minigrad.maximum(x - 9, THIRD),
            (np.array([THIRD]) * x)[0],
            (minigrad.array([x]) * THIRD)[0],
            (minigrad.array([x]) * [THIRD])[0],
        ],
        1,
        floats=floats,
    )
    assert [y.data for y in found.result] == [exact] * 6
    (comparison,) = ran(lambda x: x < THIRD, 1, floats=floats).trace.comparisons
    assert comparison.right.data == exact


def test_a_float_that_is_returned_is_noted_at_the_definition() -> None:
    def function() -> float:
        return THIRD

    trace = Trace()
    for value in (THIRD, THIRD, 0.5, 7, "0.3333333333333333", None):
        trace.note_returned(value, function)
    (found,) = trace.rounded
    assert found.place == Place(__file__, function.__code__.co_firstlineno, 0)
    trace.note_returned(THIRD, math.cos)
    assert trace.rounded[1].place == Place("", 0, 0)
