"""One-sided derivatives of whole programs, by running them infinitely close to a point."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import Any

import pytest
from beside import RULES, edge, guarded, near, product, sides
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar
from minigrad.rational import OutOfBudget
from minigrad.verify import check_gradient
from minigrad.verify.beside import at_boundary
from minigrad.verify.claims import Kind, Sample
from minigrad.verify.edges import conventions, of_branches, one_sided, sums_beside
from minigrad.verify.onesided import OneSided
from minigrad.verify.program import Program

# --- of functions of one variable ----------------------------------------------------------------


def folded(x):
    return x if x >= 0 else -x * x - 3 * x


def swallowed(x):
    try:
        return x * x / x
    except ZeroDivisionError:
        return 0


def chosen_by_max(x):
    return max(x, 2 * x)


def where_floor_jumps(x):
    return x if x // 1 == 1 else x * x


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        # Operators; all of these are found by hand: write f without the kink on either side.
        (abs, 0, (-1, 1)),
        (minigrad.relu, 0, (0, 1)),
        (lambda x: minigrad.relu(x) - minigrad.relu(-x), 0, (1, 1)),
        (lambda x: x * abs(x), 0, (0, 0)),
        (lambda x: minigrad.maximum(x, 2), 2, (0, 1)),
        (lambda x: x // 1, 3, ("-", 0)),
        (lambda x: x % 1, 3, ("-", 1)),
        (lambda x: abs(x - 1) / (x + 2), 1, (Fraction(-1, 3), Fraction(1, 3))),
        # Comparisons, which leave no trace in the graph.
        (guarded, 1, (2, 2)),
        (folded, 0, (-3, 1)),
        (chosen_by_max, 0, (1, 2)),
        (lambda x: 1 if x > 0 else 0, 0, (0, "-")),
        (lambda x: 1 if x >= 0 else 0, 0, ("-", 0)),
        (lambda x: 1 if x == 0 else 0, 0, ("-", "-")),
        (lambda x: x + 1 if x > 0 else x, 0, (1, "-")),
        # A comparison with a number infinitely close: 1e-9 is farther away than any infinitesimal.
        (lambda x: 0 if abs(x) < 1e-9 else x, 0, (0, 0)),
        (where_floor_jumps, 1, (2, 1)),
        # A value for a point where there is none.
        (swallowed, 0, (1, 1)),
        (lambda x: (x * x - 1) / (x - 1) if x != 1 else 2, 1, (1, 1)),
        (lambda x: 1 / x if x != 0 else 0, 0, ("-", "-")),
        # Of higher order than any difference quotient shows.
        (lambda x: x**9 / abs(x) ** 8 if x != 0 else 0, 0, (1, 1)),
        (lambda x: x**9 / abs(x) ** 9 if x != 0 else 0, 0, ("-", "-")),
        # Where it is smooth.
        (lambda x: x**3, 2, (12, 12)),
        (lambda x: 5, 2, (0, 0)),
    ],
)
def test_both_sides_of_a_point(function, point, expected):
    assert sides(function, point) == [expected]


def test_where_the_function_raises_beside_the_point_there_is_no_derivative():
    def right_of_zero(x):
        if x < 0:
            raise ValueError("below 0")
        return 2 * x

    assert sides(right_of_zero, 0) == [("-", 2)]
    assert sides(lambda x: 1 / (x // 1), 1) == [("-", 0)]


def sigmoid_times_square(x):
    return minigrad.sigmoid(x) * x * abs(x)


def slope_of_cube(x):
    return minigrad.grad(lambda t: t**3)(x) if x != 1 else 3


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (sigmoid_times_square, 0, (0, 0)),
        (lambda x: minigrad.silu(x) * abs(x), 0, (0, 0)),
        (lambda x: minigrad.sigmoid(x) * abs(x), 0, (Fraction(-1, 2), Fraction(1, 2))),
        # A transform inside the function is asked on numbers beside the point, too.
        (slope_of_cube, 1, (6, 6)),
        (lambda x: minigrad.grad(lambda t: t * abs(t))(x), 0, (-2, 2)),
        (lambda x: minigrad.grad(minigrad.exp)(x) if x != 0 else 1, 0, (1, 1)),
    ],
)
def test_what_the_engine_computes_has_derivatives_beside_the_point(function, point, expected):
    assert sides(function, point) == [expected]


def swallowing(x):
    try:
        return minigrad.gamma(x)
    except Exception:
        return 5 * x


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x if x == 0 else x * x * ((1 / x) // 1),
        lambda x: x if x == 0 else x.no_such_attribute,
        lambda x: x if x == 0 else x + "1",
        lambda x: x if x == 0 else next(iter(())),
        lambda x: x if x == 0 else minigrad.gamma(x),
        swallowing,
    ],
)
def test_a_run_that_fails_beside_the_point_says_nothing_of_the_derivative(function):
    with pytest.raises(OutOfBudget, match="could not be run beside this point"):
        sides(function, 0)


def test_a_run_that_was_cut_short_says_nothing_of_the_derivative():
    def slow(x):
        if x == 0:
            return x
        time.sleep(0.1)
        try:
            return x * x
        except TimeoutError:
            raise ValueError("an error of its own") from None

    with pytest.raises(
        OutOfBudget, match="could not be run beside this point: an error of its own"
    ):
        one_sided(edge(*near(slow, 0), time.monotonic() + 0.05))


@pytest.mark.parametrize("error", [ValueError, KeyError, ArithmeticError, AssertionError])
def test_an_error_that_the_program_raises_is_its_own(error):
    def function(x):
        if x > 0:
            raise error("above 0")
        return x

    assert sides(function, 0) == [(1, "-")]


@pytest.mark.parametrize(
    "function",
    [
        minigrad.sqrt,
        lambda x: x * minigrad.sqrt(x),
        lambda x: minigrad.grad(minigrad.sqrt)(x) if x > 0 else minigrad.log(x) if x < 0 else 0,
    ],
)
def test_outside_a_domain_there_is_no_derivative(function):
    assert sides(function, 0)[0][0] == "-"


slopes = st.integers(-4, 4)


@given(st.lists(st.tuples(slopes, slopes, slopes), min_size=1, max_size=4), st.integers(-2, 2))
def test_of_sums_of_hinges_they_are_the_sums_of_slopes(hinges, point):
    # Each is l*(x - c) to the left of its corner c, and r*(x - c) to the right of it.
    def function(x):
        return minigrad.sum([(left if x < c else r) * (x - c) for c, left, r in hinges])

    before = sum(left if point <= c else r for c, left, r in hinges)
    after = sum(left if point < c else r for c, left, r in hinges)
    assert sides(function, point) == [(before, after)]


# --- several arguments, several results ----------------------------------------------------------


def test_each_argument_is_moved_alone():
    assert sides(lambda x, y: minigrad.maximum(x, y), (3, 3)) == [(0, 1), (0, 1)]
    assert sides(max, (3, 3)) == [(0, 1), (0, 1)]
    assert sides(product, (0, 5)) == [(5, 5), (0, 0)]
    assert sides(lambda x: abs(x[0]) + 2 * x[1], ([0, 7],)) == [(-1, 1), (2, 2)]


def test_a_jacobian_has_its_numbers_row_by_row():
    found = sides(lambda x, y: [abs(x), x * y], (0, 3), Kind.JACOBIAN)
    assert found == [(-1, 1), (0, 0), (3, 3), (0, 0)]


@pytest.mark.parametrize(
    ("vector", "expected"),
    # From the left, |x + 2y| along (a, b) has the slope -|a + 2b|, from the right |a + 2b|.
    [
        ((1, 0), (-1, 1)),
        ((1, 1), (-3, 3)),
        ((-1, -1), (-3, 3)),
        ((2, -1), (0, 0)),
        ((0, 0), (0, 0)),
    ],
)
def test_a_jvp_is_the_derivative_along_its_vector(vector, expected):
    assert sides(lambda x, y: abs(x + 2 * y), (2, -1), Kind.JVP, vector) == [expected]


@pytest.mark.parametrize(
    ("weights", "expected"),
    # a|x| + b*relu(x): -a from the left, a + b from the right, whatever the signs of a and b.
    [
        ((1, 0), (-1, 1)),
        ((2, -3), (-2, -1)),
        ((-2, 3), (2, 1)),
        ((0, 0), (0, 0)),
        ((1, -2), (-1, -1)),
    ],
)
def test_a_vjp_is_the_derivative_of_the_weighted_sum(weights, expected):
    found = sides(lambda x: [abs(x), minigrad.relu(x)], 0, Kind.VJP, weights)
    assert found == [expected]


def test_what_weighs_nothing_need_not_exist():
    def jump_and_line(x):
        return [1 if x > 0 else 0, 3 * x]

    assert sides(jump_and_line, 0, Kind.VJP, (0, 2)) == [(6, 6)]
    assert sides(jump_and_line, 0, Kind.VJP, (1, 2)) == [(6, "-")]


# --- the components of a gradient together -------------------------------------------------------


def sums(function: Any, point: Any) -> tuple[OneSided, set[Fraction]]:
    claim, ran = near(function, point)
    found = one_sided(edge(claim, ran, math.inf))
    along, numbers = sums_beside(edge(claim, ran), found, [1] * claim.count)
    return along, set(numbers)


@pytest.mark.parametrize(
    ("function", "point", "along", "regions"),
    [
        # Beside a tie the gradients of max(x, y) are (1, 0) and (0, 1).
        (minigrad.maximum, (3, 3), (1, 1), {1}),
        (max, (3, 3), (1, 1), {1}),
        (lambda x, y: abs(x - y), (3, 3), (0, 0), {0}),
        (lambda x, y: abs(x) + abs(y), (0, 0), (-2, 2), {-2, 2}),
        # One at its lower end, the other at its upper: (1, 1) and (0, 0) are among the gradients.
        (
            lambda x, y: sum(minigrad.minimum(minigrad.maximum(z, 0), 1) for z in (x, y)),
            *((0, 1), (1, 1), {0, 1, 2}),
        ),
        # The regions are those of |x| - |y|, though 0 is divided by 0 at the point itself.
        (
            lambda x, y: (x * abs(x) / x if x != 0 else 0) - (y * abs(y) / y if y != 0 else 0),
            *((0, 0), (0, 0), {-2, 0, 2}),
        ),
    ],
)
def test_what_the_components_may_add_up_to(function, point, along, regions):
    found, numbers = sums(function, point)
    assert found == along
    assert (min(numbers), max(numbers)) == (min(regions), max(regions))
    assert numbers <= regions


# --- boundaries and conventions ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "edge"),
    [
        (lambda x: abs(x - 3), True),
        (lambda x: abs(x), False),
        (lambda x: minigrad.maximum(x, 3), True),
        (lambda x: x // 3, True),
        (lambda x: x // 2, False),
        (lambda x: x + 3, False),
        (lambda x: x, False),
    ],
)
def test_whether_an_operator_stands_at_a_boundary(build, edge):
    assert at_boundary(build(Scalar(3, "x"))) is edge


def test_conventions_are_those_of_the_operators_alone():
    def of(function: Any, point: Any) -> list[Any]:
        claim, ran = near(function, point)
        return conventions(claim, Program(ran.outputs, ran.leaves, RULES))

    assert of(abs, 0) == [0]
    assert of(minigrad.maximum, (3, 3)) == [Fraction(1, 2)] * 2
    assert of(lambda x: minigrad.relu(x) - minigrad.relu(-x), 0) == [0]
    assert of(lambda x, y: abs(x) * y, (0, 3)) == [0, 0]
    # A comparison has none, nor has a point that is no boundary.
    assert of(guarded, 1) == [None]
    assert of(abs, 3) == [None]


def broken(x):
    return 3 * x + 1 if x > 0 else 5 * x - 1 if x < 0 else 7 * x


def undefined_on_the_left(x):
    return 3 * x + 1 if x > 0 else 7 * x if x == 0 else 1 / (x - x)


def steep_on_the_left(x):
    return 3 * x + 1 if x > 0 else 1 / x if x < 0 else 7 * x


def kinked_beside_a_jump(x):
    return abs(x) + 1 if x > 0 else 4 * abs(x) + 7 * x


def alone_beside_a_jump(x):
    return x + 1 if x > 0 else x if x < 0 else 7 * x


@pytest.mark.parametrize(
    ("function", "meeting"),
    [
        (broken, [5, 7, 3]),
        (undefined_on_the_left, [7, 3]),
        (steep_on_the_left, [7, 3]),
        # With a derivative on one side: the convention, if that side is on the same branch.
        (kinked_beside_a_jump, [7]),
        (alone_beside_a_jump, []),
    ],
)
def test_the_formulas_that_meet_where_a_function_jumps(function, meeting):
    assert of_branches(edge(*near(function, 0)), 0) == meeting
    several = near(lambda x, y: [x + y, y * function(x)], (0, 2), Kind.JACOBIAN)
    twice = [2 * number for number in meeting]
    assert of_branches(edge(*several), 2) == twice
    assert set(of_branches(edge(*several), 1)) == {1}


def test_another_argument_without_a_limit_takes_none_away():
    def function(x, y):
        return broken(x) + minigrad.cbrt(y)

    assert of_branches(edge(*near(function, (0, 0))), 0) == [5, 7, 3]
    assert of_branches(edge(*near(function, (0, 0))), 1) == []


@pytest.mark.parametrize(
    ("at_jump", "verdict"),
    [(3, "kink"), (5, "kink"), (7, "kink"), (4, "kink"), (2, "refuted"), (100, "refuted")],
)
def test_a_gradient_at_a_jump_lies_between_those_of_the_formulas_that_meet_there(at_jump, verdict):
    def gradient(x):
        return 3 if x > 0 else 5 if x < 0 else at_jump

    entry = check_gradient(broken, gradient).entries[0]
    assert str(entry.verdict) == verdict
    assert "nonexistent from the right, on the branches that meet here 5, 7, 3" in entry.message


# --- what cannot be run --------------------------------------------------------------------------


def grown(x):
    return [x] * (1 if x == 0 else 2)


@pytest.mark.parametrize(
    ("function", "point", "says"),
    [
        (lambda x: x if x == 0 else float(x) * x, 0, "could not be run beside this point: float"),
        (grown, 0, "returns another number of results beside this point"),
    ],
)
def test_what_cannot_be_run_beside_the_point_is_said(function, point, says):
    with pytest.raises(OutOfBudget, match=says):
        sides(function, point)


def test_a_run_that_takes_too_long_is_out_of_budget():
    claim, ran = near(abs, 0)
    with pytest.raises(OutOfBudget, match="the budget of seconds ran out"):
        one_sided(edge(claim, ran, 0.0))


def test_too_much_work_is_out_of_budget(monkeypatch):
    monkeypatch.setattr("minigrad.verify.beside.LIMIT", 3)
    with pytest.raises(OutOfBudget):
        sides(lambda x: abs(x) + (1 + x) ** 5 * (1 - x) ** 5, 0)


def test_a_sample_is_left_as_it_was():
    claim, ran = near(guarded, 1)
    before = (
        ran.values,
        [node._datum for node in ran.outputs],
        len(ran.function.trace.comparisons),
    )
    one_sided(edge(claim, ran, math.inf))
    assert isinstance(ran, Sample)
    after = (ran.values, [node._datum for node in ran.outputs], len(ran.function.trace.comparisons))
    assert before == after
