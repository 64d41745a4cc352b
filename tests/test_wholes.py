"""Whole numbers that programs make: what has to hold for them to be these, and what is proved then."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from checked_functions import KINK, PROVED, REFUTED, UNDECIDED
from hypothesis import given
from hypothesis import strategies as st
from runs import ran

import minigrad
from minigrad import Scalar
from minigrad.records import HOLDS
from minigrad.verify import check_gradient
from minigrad.wholes import asked, is_whole, whole

HOW: dict[str, Callable[[Any], int]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": int,
    "round": round,
}
RATIOS = st.fractions(-5, 5, max_denominator=4)


@pytest.mark.parametrize("how", HOW)
@given(RATIOS, RATIOS)
def test_what_is_asked_holds_where_the_whole_number_is_the_same_and_nowhere_else(how, x, other):
    node = Scalar(x, "x")
    assert whole(node, how) == HOW[how](x)
    interval = [*asked(node, how)]
    assert all(left is node for left, _, _ in interval)
    holds = all(HOLDS[relation](other, bound) for _, relation, bound in interval)
    assert holds is (HOW[how](other) == HOW[how](x))


STEPS: dict[str, Callable[[Any], Any]] = {
    "floor": minigrad.floor,
    "ceil": minigrad.ceil,
    "round": round,
    "round to halves of ten": lambda x: round(x, -1),
    "round to tenths": lambda x: round(x, 1),
    "quotient": lambda x: x // Scalar.constant(Fraction(-3, 4)),
    "sum of steps": lambda x: minigrad.floor(x) + 2 * round(x),
    "remainder of a step": lambda x: minigrad.floor(x) % 3,
}


@pytest.mark.parametrize("step", STEPS)
@given(RATIOS)
def test_of_what_was_rounded_before_it_is_asked_what_was_rounded(step, x):
    leaf = Scalar(x, "x")
    interval = [*asked(STEPS[step](leaf), "trunc")]
    assert interval
    assert all(HOLDS[relation](node._datum, bound) for node, relation, bound in interval)
    # Of what the operator rounded, and so of what varies.
    assert all(node is leaf or node.operands[0] is leaf for node, _, _ in interval)


@given(RATIOS, RATIOS)
def test_intervals_of_steps_tell_them_apart(x, other):
    for function in (minigrad.floor, round, lambda x: round(x, 1), lambda x: x // Fraction(-3, 4)):
        here = function(Scalar(x, "x"))
        bounds = [*asked(here, "trunc")]
        moved = function(Scalar(other, "x"))
        sides = [node._datum for node, _, _ in asked(moved, "trunc")]
        holds = all(HOLDS[r](v, b) for v, (_, r, b) in zip(sides, bounds, strict=True))
        assert holds is (here.data == moved.data)


def test_what_stands_for_an_int():
    x = Scalar("5/2", "x")
    assert is_whole(round(x))
    assert is_whole(round(x) * 3 - 1)
    assert is_whole(minigrad.floor(x))
    assert not is_whole(minigrad.floor(x), is_numpy=True)
    assert is_whole(round(x), is_numpy=True)
    assert not is_whole(x)
    assert not is_whole(round(x) / 3)
    assert not is_whole(round(x) + x - x)
    assert not is_whole(Scalar(3, "y"))
    # Of a constant it is not known whether it was an int.
    assert not is_whole(Scalar.constant(3))


def test_a_run_records_what_whole_numbers_were_made_of():
    found = ran(lambda x: [int(x), math.floor(-x), math.ceil(x), [4, 5, 6, 7][round(x)]], "5/2")
    assert found.result == [2, -3, 3, 6]
    assert all(type(item) is int for item in found.result)
    assert found.leaks == []
    assert [f"{c} {c.is_step}" for c in found.trace.comparisons] == [
        "x >= 2 True", "x < 3 True", "neg(…) >= -3 True", "neg(…) < -2 True", "x > 2 True",
        "x <= 3 True", "x >= 3/2 True", "x <= 5/2 True",
    ]  # fmt: skip


def test_what_varies_is_no_index():
    assert isinstance(ran(lambda x: [1, 2, 3][x], 2).error, TypeError)
    assert isinstance(ran(lambda x: [1, 2, 3][round(x) + x - 2], 2).error, TypeError)
    assert "round: expected digits to be an int" in str(ran(lambda x: round(x, x), 2).error)


def test_whether_a_number_is_whole_is_asked():
    found = ran(lambda x: x.is_integer(), "5/2")
    assert found.result is False
    assert [str(c) for c in found.trace.comparisons] == ["x >= 2", "x < 3", "x == 2"]
    assert ran(lambda x: x.is_integer(), 2).result is True


def test_infinities_have_none_as_floats_have_none():
    for convert in (int, math.floor, math.ceil, math.trunc):
        found = ran(lambda x, convert=convert: convert(x * float("inf")), 2)
        assert isinstance(found.error, OverflowError)


# --- programs -------------------------------------------------------------------------------------

TABLE = [0.0, 1.0, 4.0, 9.0, 16.0, 25.0]
PLACES: dict[str, Callable[[Any], Any]] = {
    "int": lambda x: int(x),
    "int of np.floor": lambda x: int(np.floor(x)),
    "math.floor": lambda x: math.floor(x),
    "math.trunc": lambda x: math.trunc(x),
    "astype": lambda x: x.astype(int),
    "astype of np.floor": lambda x: np.floor(x).astype(np.int64),
    "np.array": lambda x: np.array([x], dtype=int)[0],
    "round": lambda x: round(x),
    "int of round": lambda x: int(round(x)),  # noqa: RUF046 - as programs write it
    "int of a quotient": lambda x: int(x // 1),
    "np.int64": lambda x: np.int64(x),
}


@pytest.mark.parametrize("place", PLACES)
def test_interpolation_in_a_table(place):
    of = PLACES[place]

    def function(x):
        i = min(max(of(x[0]), 0), 4)
        t = x[0] - i
        return (1 - t) * TABLE[i] + t * TABLE[i + 1]

    def gradient(x, factor=1):
        i = min(max(of(x[0]), 0), 4)
        return [(TABLE[i + 1] - TABLE[i]) * (factor if i == 3 else 1)]

    right = check_gradient(function, gradient, shape=(1,))
    assert right.verdict is KINK
    assert check_gradient(function, lambda x: gradient(x, 2), shape=(1,)).verdict is REFUTED


def test_the_last_cell_is_found_though_it_is_far():
    def function(x):
        return x * min(int(x), 1000)

    right = check_gradient(function, lambda x: min(int(x), 1000))
    assert right.verdict is KINK
    assert not [text for text in right.findings if "was not reached" in text]
    wrong = check_gradient(function, lambda x: int(x) if int(x) < 60 else 60)
    assert wrong.verdict is REFUTED


def test_bilinear_interpolation():
    grid = np.arange(16.0).reshape(4, 4) ** 2

    def cell(x):
        i, j = np.clip(np.floor(x).astype(int), 0, 2)
        return i, j, x[0] - i, x[1] - j

    def function(x):
        i, j, u, v = cell(x)
        low = (1 - u) * grid[i, j] + u * grid[i + 1, j]
        return (1 - v) * low + v * ((1 - u) * grid[i, j + 1] + u * grid[i + 1, j + 1])

    def gradient(x, mistake=0):
        i, j, u, v = cell(x)
        by_u = (1 - v) * (grid[i + 1, j] - grid[i, j]) + v * (grid[i + 1, j + 1] - grid[i, j + 1])
        by_v = (1 - u) * (grid[i, j + 1] - grid[i, j]) + u * (grid[i + 1, j + 1] - grid[i + 1, j])
        return np.array([by_u, by_v + mistake * u])

    assert check_gradient(function, gradient, shape=(2,)).verdict is KINK
    assert check_gradient(function, lambda x: gradient(x, 1), shape=(2,)).verdict is REFUTED


def test_a_loop_as_long_as_a_number_says():
    def function(x, t):
        for _ in range(int(round(t))):  # noqa: RUF046 - as programs write it
            x = x + x / 2
        return x

    def gradient(x, t, less=0):
        steps = max(round(t) - less, 0)
        return Fraction(3, 2) ** int(steps), 0

    assert check_gradient(function, gradient).verdict is KINK
    assert check_gradient(function, lambda x, t: gradient(x, t, 1)).verdict is REFUTED


# --- all of them ----------------------------------------------------------------------------------

CELLS = {
    "int": lambda x: int(x),
    "floor": lambda x: math.floor(x),
    "ceil": lambda x: math.ceil(x) - 1,
    "astype": lambda x: int(np.floor(x).astype(np.int64)),
    "of tens": lambda x: int(x * 10) // 10,
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("wrong", [0, 3, 6, 9])
def test_a_mistake_in_one_cell_of_a_table_is_found(cell, wrong):
    def gradient(x):
        return 2 * x + (cell(x) == wrong)

    domain = lambda x: (x >= 0) & (x <= 10)
    assert check_gradient(lambda x: x * x, gradient, domain=domain).verdict is REFUTED


def test_a_mistake_where_two_indices_meet_is_found():
    def gradient(x):
        i, j = np.floor(x).astype(int)
        return 2 * x + ((i, j) == (5, 6))

    domain = lambda x: (x.min() >= 0) & (x.max() < 8)
    report = check_gradient(lambda x: x @ x, gradient, shape=[2], domain=domain)
    assert report.verdict is REFUTED


def test_which_whole_numbers_were_looked_at_is_said():
    report = check_gradient(lambda x: x * x, lambda x: 2 * x if int(x) != 10**6 else 0)
    assert report.verdict is PROVED
    (note,) = [
        text for text in report.findings if "of the whole numbers that are made there" in text
    ]
    assert note.startswith("test_wholes.py:")
    assert re.search(r" \d+ were looked at, from steps that begin at -\d+ to \d+$", note)


def test_a_limit_that_an_int_meets_is_no_error_of_the_check():
    def function(x):
        return x**2 + 0 * int(minigrad.exp(x * 1000))

    report = check_gradient(function, lambda x: 2 * x)
    assert report.verdict in (PROVED, UNDECIDED)


CONVERSIONS = {
    "int": int,
    "hash": lambda y: {y: 1},
    "text": lambda y: f"{y:.3f}",
    "is_integer": lambda y: y.is_integer(),
}


@pytest.mark.parametrize("convert", CONVERSIONS.values(), ids=CONVERSIONS)
def test_a_limit_that_a_program_swallows_is_remembered(convert):
    def function(x):
        try:
            convert(minigrad.exp(minigrad.exp(minigrad.exp(100 * x))))
        except Exception:
            return x**3
        return x**2

    found = ran(function, 2)
    assert found.trace.failure is not None or found.result.data == 4
