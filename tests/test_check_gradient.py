"""The checks of hand-written derivatives, end to end: what is proved, what is refuted, what neither."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import textwrap
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.errors import CaseError, InvalidNumber, InvalidOperand, TooLarge
from minigrad.verify import (
    check_gradient,
    check_hessian,
    check_hvp,
    check_jacobian,
    check_jvp,
    check_vjp,
)
from minigrad.verify.report import Verdict

PROVED, KINK, UNDECIDED, REFUTED = Verdict


def labels(report: Any, verdict: Verdict = REFUTED) -> list[str]:
    return [entry.label for entry in report.entries if entry.verdict is verdict]


def only(report: Any) -> Any:
    (entry,) = report.entries
    return entry


def finding(report: Any, start: str) -> str:
    """The one finding that has this text in it."""
    (found,) = [text for text in report.findings if start in text]
    return str(found)


# --- gradients that are wrong somewhere only -----------------------------------------------------


def relus(x):
    return minigrad.relu(x) - minigrad.relu(-x)


def clipped(*xs):
    """The sum of the arguments, each brought between 0 and 1."""
    return minigrad.sum([minigrad.minimum(minigrad.maximum(x, 0), 1) for x in xs])


def inside(*xs):
    return tuple((x > 0) * (x < 1) for x in xs)


def early_exit(x, y, z):
    total = 1
    for factor in (x, y, z):
        if factor == 0:
            return 0
        total = total * factor
    return total


def by_division(x, y, z):
    total = early_exit(x, y, z)
    return total / x, total / y, total / z


def zero_at_zero(x, y, z):
    if 0 in (x, y, z):
        return 0, 0, 0
    return by_division(x, y, z)


def median(x, y, z):
    return sorted((x, y, z))[1]


def of_median(x, y, z):
    middle = median(x, y, z)
    return tuple(1 if value is middle else 0 for value in (x, y, z))


def huber(x):
    return x * x / 2 if abs(x) <= 1 else abs(x) - Fraction(1, 2)


def saturated(x):
    return -1 if x < -1 else 1 if x > 1 else x


def peano(x, y):
    return 0 if x == 0 and y == 0 else x * y * (x * x - y * y) / (x * x + y * y)


def of_peano(x, y):
    if x == 0 and y == 0:
        return 0, 0
    r = (x * x + y * y) ** 2
    return (
        y * (x**4 + 4 * x**2 * y**2 - y**4) / r,
        x * (x**4 - 4 * x**2 * y**2 - y**4) / r,
    )


def caught(x):
    """x, in a way that divides by 0 at 0."""
    try:
        return x * x / x
    except ZeroDivisionError:
        return 0


def unless(condition: Any, gradient: Any, wrong: Any) -> Any:
    """`gradient`, but for arguments for which the condition holds."""
    return lambda *xs: wrong if condition(*xs) else gradient(*xs)


def of_square(x):
    return 2 * x


TABLE = [
    # Continuous pieces with a derivative throughout.
    (relus, lambda x: 1, PROVED),
    (relus, lambda x: 1 if x else 0, KINK),
    (relus, lambda x: 1 if x else Fraction(1, 3), REFUTED),
    (huber, saturated, PROVED),
    (huber, lambda x: x if abs(x) < 1 else x / abs(x), PROVED),
    (huber, lambda x: x if abs(x) < 2 else x / abs(x), REFUTED),
    (huber, lambda x: x if abs(x) < 1 else 1, REFUTED),
    (lambda x: x * abs(x), lambda x: 2 * abs(x), PROVED),
    (lambda x: x * abs(x), lambda x: 2 * x, REFUTED),
    (lambda x: abs(x) ** 2, of_square, PROVED),
    (lambda x: max(x, -x) ** 2, of_square, PROVED),
    (peano, of_peano, PROVED),
    (peano, lambda x, y: (0, 0) if x == y == 0 else of_peano(y, x), REFUTED),
    # A boundary on the way to one argument is none for the others.
    (lambda x, y: y * abs(x) * abs(x), lambda x, y: (2 * x * y, x * x), PROVED),
    (lambda x, y: y * abs(x) * abs(x), lambda x, y: (2 * x * y, 2 * x * x), REFUTED),
    (lambda x, y: (x * x if x != 0 else 0) * y, lambda x, y: (2 * x * y, x * x), PROVED),
    # Guards, whose branch has another derivative than the function.
    (lambda x: x * x if x != 1 else 1, of_square, PROVED),
    (lambda x: x * x if x != 1 else 1, unless(lambda x: x == 1, of_square, 0), REFUTED),
    (lambda x: (x * x - 1) / (x - 1) if x != 1 else 2, lambda x: 1, PROVED),
    (lambda x: (x * x - 1) / (x - 1) if x != 1 else 2, lambda x: int(x != 1), REFUTED),
    (lambda x: x * x if x > 0 else x**3, lambda x: 2 * x if x > 0 else 3 * x**2, PROVED),
    (early_exit, lambda x, y, z: (y * z, x * z, x * y), PROVED),
    (early_exit, by_division, REFUTED),
    (early_exit, zero_at_zero, REFUTED),
    # Kinks and jumps.
    (abs, lambda x: (x > 0) * 1 - (x < 0) * 1, KINK),
    (abs, lambda x: 1 if x > 0 else -1, KINK),
    (abs, lambda x: 2 if x == 0 else x / abs(x), REFUTED),
    (lambda x: 1 if x > 0 else 0, lambda x: 0, KINK),
    (lambda x: 1 if x > 0 else 0, lambda x: 7 if x == 0 else 0, REFUTED),
    (lambda x: x // 1, lambda x: 0, KINK),
    (lambda x: x % 1, lambda x: 1, KINK),
    (lambda x: x % 1, lambda x: 0, REFUTED),
    (lambda x: 0 if x // 1 == 3 else x, lambda x: 0 if x // 1 == 3 else 1, KINK),
    (median, of_median, KINK),
    (median, lambda x, y, z: (Fraction(1, 3),) * 3, REFUTED),
    (clipped, inside, KINK),
    (clipped, lambda *xs: tuple(1 if 0 <= x <= 1 else 0 for x in xs), KINK),
    (clipped, lambda *xs: tuple(1 if x >= 0 else 0 for x in xs), REFUTED),
    # Right almost everywhere.
    (lambda x: x * x, unless(lambda x: x == 0, of_square, 1), REFUTED),
    (lambda x: x * x, unless(lambda x: x == 1234, of_square, 0), REFUTED),
    (lambda x: x * x, unless(lambda x: 3 * x == 7, of_square, 0), REFUTED),
    (lambda x: x * x, unless(lambda x: 9 < x < 10, of_square, 0), REFUTED),
    (lambda x: x * x, unless(lambda x: x < -1000, of_square, 0), REFUTED),
    (lambda x: x * x, lambda x: 2 * x + (x % 7 == 3), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x == y, lambda x, y: (y, x), (0, 0)), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x == -y, lambda x, y: (y, x), (0, 0)), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x * y == 7, lambda x, y: (y, x), (0, 0)), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x > y + 50, lambda x, y: (y, x), (0, 0)), REFUTED),
    # A branch that is chosen by an exception.
    (caught, lambda x: 1, PROVED),
    (caught, lambda x: 1 if x else 0, REFUTED),
    (lambda x: x * x, lambda x: 2 * caught(x), PROVED),
    (lambda x: x * x, lambda x: 2 * caught(x) + (x == 0), REFUTED),
    # A boundary that is one everywhere is none.
    (lambda x: minigrad.maximum(x, x), lambda x: 1, PROVED),
    (lambda x: abs(x - x) + x, lambda x: 1, PROVED),
    (lambda x: minigrad.relu(minigrad.relu(x)), lambda x: x > 0, KINK),
    (lambda x: minigrad.relu(minigrad.relu(x)), lambda x: (x > 0) + (x < -99), REFUTED),
    # The same formula on both sides of a comparison is no boundary.
    (lambda x: x * x, lambda x: 2 * x if x > 0 else x + x, PROVED),
    (lambda x: x * x, lambda x: 2 * x if abs(x) > 3 else x + x, PROVED),
    # Off by a relative 1e-9, by a constant, by what no derivative has.
    (lambda x: x**3, lambda x: 3 * x**2 * (1 + Fraction(1, 10**9)), REFUTED),
    (lambda x: x**3, lambda x: 3 * x**2 + Fraction(1, 10**40), REFUTED),
    (lambda x: 5, lambda x: 0, PROVED),
    (lambda x: 5, lambda x: x - x, PROVED),
    (lambda x: 5, lambda x: 1, REFUTED),
    (lambda x, y: x, lambda x, y: (1, 0), PROVED),
    (lambda x, y: x, lambda x, y: (1, y - y + y), REFUTED),
]


@pytest.mark.parametrize(("function", "gradient", "verdict"), TABLE)
def test_right_and_wrong_gradients(function, gradient, verdict):
    options = {"shape": 2} if function is clipped else {}
    report = check_gradient(function, gradient, **options)
    assert report.verdict is verdict, str(report)
    assert report.ok is (verdict in (PROVED, KINK))


@pytest.mark.parametrize(("function", "gradient", "verdict"), TABLE)
def test_the_verdict_does_not_hang_on_the_seed(function, gradient, verdict):
    options = {"shape": 2} if function is clipped else {}
    assert check_gradient(function, gradient, seed=123, **options).verdict is verdict


def test_a_convention_says_that_it_is_one():
    entry = only(check_gradient(relus, lambda x: 1 if x else 0))
    assert entry.message == "both one-sided derivatives are 1; minigrad's convention gives 0"
    assert (entry.point, entry.gradient, entry.expected) == ({"x": 0}, 0, 1)


def test_a_set_tells_nodes_apart_by_what_they_are_and_the_report_says_so():
    report = check_gradient(lambda x: x * x, lambda x: 0 if x in {0, 1} else 2 * x)
    assert report.verdict is UNDECIDED
    assert "hash() of x" in str(report)


# --- piecewise functions made at random ----------------------------------------------------------

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


# --- floats that were rounded --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: x**2 / 3, lambda x: 2 * x * (1 / 3)),
        (lambda x: x / 3, lambda x: 1 / 3),
        (lambda x: x**2 * (1 / 3), lambda x: 2 * x / 3),
        (lambda x, y: x**2 * (1 / 7) + y, lambda x, y: (2 * x / 7, 1)),
    ],
)
def test_computed_floats_are_undecided_with_their_line_and_proved_as_the_simplest(
    function, gradient
):
    report = check_gradient(function, gradient)
    assert report.verdict is UNDECIDED
    assert "floats that were rounded before minigrad saw them" in str(report)
    line = finding(report, "was computed, and so rounded")
    assert "test_check_gradient.py:" in line
    assert check_gradient(function, gradient, floats="simplest").verdict is PROVED


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
def test_rounding_does_not_hide_a_mistake(floats):
    report = check_gradient(lambda x: x**2 * (1 / 3), lambda x: 2.0000001 * x / 3, floats=floats)
    assert report.verdict is REFUTED
    assert check_gradient(lambda x: x / 3, lambda x: 0.3333, floats=floats).verdict is REFUTED


def test_a_float_that_was_written_is_what_was_written():
    assert check_gradient(lambda x: 0.1 * x * x, lambda x: 0.2 * x).verdict is PROVED
    # As doubles, 0.3 is not three times 0.1.
    by_three = (lambda x: 0.1 * x**3, lambda x: 0.3 * x * x)
    assert check_gradient(*by_three).verdict is PROVED
    assert check_gradient(*by_three, floats="binary").verdict is REFUTED


# --- leaks ---------------------------------------------------------------------------------------


def swallowing(x):
    try:
        scale = float(x)
    except TypeError:
        scale = 1
    return 2 * x * scale


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: x * x, lambda x: 2 * float(x)),
        (lambda x: x * x, lambda x: 2 * x.data),
        (lambda x: float(x) ** 2, lambda x: 2 * x),
        (lambda x: x * x, swallowing),
        (lambda x: x * x if f"{x}" else x, lambda x: 2 * x),
        (lambda x: x * x, lambda x: 2 * x if round(float(x)) < 10**9 else 0),
    ],
)
def test_a_leak_leaves_the_report_not_ok_and_says_where(function, gradient):
    report = check_gradient(function, gradient)
    assert report.verdict is UNDECIDED
    assert "left exact arithmetic: " in str(report)
    assert "test_check_gradient.py:" in str(report)


def test_a_leak_elsewhere_does_not_excuse_a_mistake():
    def gradient(x):
        return 2 * x + (1 if x < 100 else float(x))

    report = check_gradient(lambda x: x * x, gradient, 3)
    assert report.verdict is REFUTED


# --- arrays --------------------------------------------------------------------------------------


def test_an_array_of_floats_may_be_written_into():
    np = pytest.importorskip("numpy")

    def gradient(x):
        g = np.zeros(len(x))
        for i in range(len(x)):
            g[i] = 2 * x[i]
        return g

    def wrong(x):
        g = gradient(x)
        g[-1] += 1
        return g

    report = check_gradient(lambda x: (x * x).sum(), gradient, shape=[3])
    assert report.verdict is PROVED
    assert "np.zeros(n)" in finding(report, "arrays of floats")
    assert labels(check_gradient(lambda x: (x * x).sum(), wrong, shape=[3])) == ["x[2]"]


@pytest.mark.parametrize(
    ("gradient", "verdict"),
    [
        (lambda np: lambda x: (x > 0) * (x < 1), KINK),
        (lambda np: lambda x: (x >= 0) * (x <= 1), KINK),
        (lambda np: lambda x: np.where(x > 0, 1, 0), REFUTED),
        (lambda np: lambda x: np.ones(2), REFUTED),
    ],
)
def test_clip_has_two_kinks_at_once(gradient, verdict):
    np = pytest.importorskip("numpy")
    # The first component at its lower end, the second at its upper.
    report = check_gradient(lambda x: np.clip(x, 0, 1).sum(), gradient(np), [0, 1])
    assert report.verdict is verdict


@pytest.mark.parametrize(
    ("given", "verdict"),
    [([0.5, 0.5], KINK), ([1, 0], KINK), ([0, 1], KINK), ([1, 1], REFUTED), ([0, 0], REFUTED)],
)
def test_the_maximum_of_numpy_on_the_diagonal(given, verdict):
    np = pytest.importorskip("numpy")

    def gradient(x):
        return [x[0] > x[1], x[0] < x[1]] if x[0] != x[1] else given

    assert check_gradient(lambda x: np.maximum(x[0], x[1]), gradient, [2, 2]).verdict is verdict


# --- programs that raise, or do not keep to themselves -------------------------------------------


@pytest.mark.parametrize("what", ["function", "gradient"])
def test_randomness_and_state_are_errors(what):
    state = []

    def counting(x):
        state.append(x)
        return len(state) * x

    def noisy(x):
        return x * random.random()

    for bad in (counting, noisy):
        pair = (bad, lambda x: 1) if what == "function" else (lambda x: x * x, bad)
        with pytest.raises(CaseError, match=f"the {what} does something else when it is run again"):
            check_gradient(*pair)


def test_a_gradient_made_in_the_forward_run_is_an_error():
    class Square:
        def forward(self, x):
            self.saved = x
            return x * x

        def backward(self, x):
            return 2 * self.saved

    square = Square()
    with pytest.raises(CaseError, match="earlier call"):
        check_gradient(square.forward, square.backward)


def test_arguments_are_fresh_for_each_run():
    def spoiling(x):
        total = x[0] * x[0] + x[1]
        x[0] = x[1] = 0 * x[0]
        return total

    assert check_gradient(spoiling, lambda x: [2 * x[0], 1], shape=[2]).verdict is PROVED


def test_points_where_the_function_raises_are_outside_its_domain():
    report = check_gradient(lambda x: 1 / (x - 1), lambda x: -1 / (x - 1) ** 2)
    assert report.verdict is PROVED
    assert {"x": 1} not in report.points
    assert finding(report, "raised at") == (
        "the function raised at 1 of the points tried: at x = 1 DivisionByZero: div(1, 0): "
        "the divisor must not be 0"
    )
    assert "x - 1 != 0" in report.conditions


def test_a_function_that_raises_everywhere_is_an_error():
    with pytest.raises(CaseError, match="raised at every point that was tried") as info:
        check_gradient(lambda x: 1 / (x - x), lambda x: 0)
    assert isinstance(info.value.__cause__, ZeroDivisionError)


def test_what_it_raises_at_a_given_point_is_raised():
    with pytest.raises(ZeroDivisionError):
        check_gradient(lambda x: 1 / x, lambda x: -1 / x**2, 0)


def test_a_gradient_that_raises_where_the_function_does_not_is_refuted():
    def raising(x):
        if x == 0:
            raise KeyError("k")
        return 2 * x

    entry = only(check_gradient(lambda x: x * x, raising))
    assert (entry.verdict, entry.point, entry.expected) == (REFUTED, {"x": 0}, 0)
    assert "the gradient raised KeyError: 'k'" in entry.message

    def limited(x):
        raise InvalidOperand("np.unique has no exact form")

    # What minigrad cannot compute is no mistake.
    assert only(check_gradient(lambda x: x * x, limited)).verdict is UNDECIDED


def test_a_root_in_a_gradient_is_right_where_it_has_the_sign():
    def gradient(x):
        return 2 * (x * x) ** 0.5

    wrong = only(check_gradient(lambda x: x * x, gradient))
    assert wrong.verdict is REFUTED
    assert wrong.point["x"] < 0
    right = check_gradient(lambda x: x * x, gradient, domain=lambda x: x > 0)
    assert right.verdict is PROVED


# --- arguments -----------------------------------------------------------------------------------


def test_a_domain_bounds_the_search():
    report = check_gradient(abs, lambda x: 1, domain=lambda x: x > 0)
    assert report.verdict is PROVED
    assert all(point["x"] > 0 for point in report.points)
    assert only(check_gradient(abs, lambda x: 1)).verdict is REFUTED
    # Where it raises, or answers with a float's NaN, the point is outside.
    inverse = check_gradient(abs, lambda x: 1, domain=lambda x: 1 / x > 0)
    assert all(point["x"] > 0 for point in inverse.points)
    with pytest.raises(CaseError, match="found no point in the domain"):
        check_gradient(abs, lambda x: 1, domain=lambda x: False)


def total(values: Any) -> Any:
    if hasattr(values, "__len__"):
        return minigrad.sum([total(value) for value in values])
    return values * values


def doubled(values: Any) -> Any:
    return [doubled(value) for value in values] if hasattr(values, "__len__") else 2 * values


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (1, ["xs[0]"]),
        (2, ["xs[0]", "xs[1]"]),
        ([2], ["xs[0][0]", "xs[0][1]"]),
        ([1, 2], ["xs[0][0][0]", "xs[0][0][1]"]),
        ([], ["xs[0]"]),
        (([2], ()), ["xs[0][0]", "xs[0][1]", "xs[1]"]),
        (((), [1]), ["xs[0]", "xs[1][0]"]),
        ([0], []),
    ],
)
def test_a_shape_gives_the_arguments(shape, expected):
    report = check_gradient(
        lambda *xs: total(xs), lambda *xs: tuple(doubled(x) for x in xs), shape=shape
    )
    assert [entry.label for entry in report.entries] == expected
    assert report.verdict is PROVED


@pytest.mark.parametrize("shape", [-1, True, "2", 2.0, [-1], [[2]], (), {"x": 1}])
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(CaseError, match="expected "):
        check_gradient(lambda *xs: 0, lambda *xs: (), shape=shape)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(2, 3)], [{"x": 2, "y": 3}]),
        ([("1/3", 0.5)], [{"x": Fraction(1, 3), "y": Fraction(1, 2)}]),
        ([(2, 3), (0, 0)], [{"x": 2, "y": 3}, {"x": 0, "y": 0}]),
    ],
)
def test_given_points_are_looked_at_first(points, expected):
    report = check_gradient(lambda x, y: x * y, lambda x, y: (y, x), *points)
    assert list(report.points[: len(expected)]) == expected
    assert len(report.points) > len(expected)
    assert report.verdict is PROVED


def test_a_point_may_be_a_number_a_list_or_an_array():
    np = pytest.importorskip("numpy")
    assert check_gradient(lambda x: x * x, lambda x: 2 * x, 3).points[0] == {"x": 3}
    for point in ([3, "1/2"], np.array([3, 0.5]), ([3, "1/2"],)):
        report = check_gradient(lambda x: x[0] * x[1], lambda x: [x[1], x[0]], point)
        assert report.points[0] == {"x[0]": 3, "x[1]": Fraction(1, 2)}
        assert report.verdict is PROVED


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ((1, 2, 3), CaseError),
        (1, CaseError),
        ((1, float("nan")), InvalidNumber),
        ((1, "x"), InvalidNumber),
        ((1, None), InvalidOperand),
    ],
)
def test_points_that_do_not_fit_are_refused(point, error):
    with pytest.raises(error):
        check_gradient(lambda x, y: x * y, lambda x, y: (y, x), point)


def test_points_must_have_one_structure():
    with pytest.raises(CaseError, match="one structure"):
        check_gradient(lambda *xs: xs[0], lambda *xs: (1,), (1,), (1, 2))


def test_where_no_signature_can_be_read_a_shape_is_needed():
    with pytest.raises(CaseError, match="the signature of max cannot be read: give a point"):
        check_gradient(max, lambda x, y: (x >= y, x < y))
    report = check_gradient(max, lambda x, y: (x >= y, x < y), shape=2)
    assert (report.verdict, [e.label for e in report.entries]) == (KINK, ["x0", "x1"])
    with pytest.raises(CaseError, match="takes any number of arguments"):
        check_gradient(lambda *xs: xs[0], lambda *xs: (1,))
    with pytest.raises(CaseError, match="takes no argument that must be given"):
        check_gradient(lambda: 1, lambda: ())


def test_parameters_with_defaults_keep_them():
    report = check_gradient(lambda x, n=3: x**n, lambda x, n=3: n * x ** (n - 1))
    assert (report.verdict, [e.label for e in report.entries]) == (PROVED, ["x"])


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ((3, lambda x: x), {}, "expected the function to be a function"),
        ((lambda x: x, 3), {}, "points come after both functions"),
        ((lambda x: x, lambda x: 1), {"domain": 3}, "expected domain to be a predicate"),
        ((lambda x: x, lambda x: 1), {"floats": "exact"}, "expected floats to be one of"),
        ((lambda x: x, lambda x: 1), {"seed": 1.5}, "expected seed to be an int"),
        ((lambda x: x, lambda x: 1), {"seed": True}, "expected seed to be an int"),
        ((lambda x: x, lambda x: 1), {"budget": -1}, "expected a budget of seconds"),
        ((lambda x: x, lambda x: 1), {"budget": float("nan")}, "expected a budget of seconds"),
        ((lambda x: x, lambda x: 1), {"budget": "10"}, "expected a budget of seconds"),
    ],
)
@pytest.mark.parametrize("check", [check_gradient, check_hvp])
def test_options_of_another_type_are_refused(check, arguments, options, says):
    with pytest.raises(InvalidOperand, match=says):
        check(*arguments, **options)


# --- sizes and budgets ---------------------------------------------------------------------------


def newton(x):
    """The square root of x, when it is rational; a number of twice the digits at each step if not."""
    y = x
    while y * y != x:
        y = (y + x / y) / 2
    return y


def test_without_a_budget_nothing_is_decided():
    report = check_gradient(lambda x: x * x, lambda x: 2 * x, budget=0)
    assert report.verdict is UNDECIDED
    assert check_gradient(lambda x: x * x, lambda x: 2 * x, 3, budget=0).verdict is UNDECIDED


def test_numbers_that_swell_end_undecided():
    report = check_gradient(newton, lambda x: 1 / (2 * newton(x)), budget=0.2)
    assert report.verdict is UNDECIDED
    assert "within the budget of seconds" in str(report)
    # At a given point they end at the limit of sizes, if that comes first.
    with pytest.raises(TooLarge):
        check_gradient(newton, lambda x: 1 / (2 * newton(x)), 2, budget=10**6)


def test_budgets_without_end_are_budgets():
    for budget in (10**400, float("inf")):
        assert check_gradient(lambda x: x, lambda x: 1, budget=budget).verdict is PROVED


def test_numbers_may_be_huge():
    cube = (lambda x: x**3, lambda x: 3 * x * x)
    assert check_gradient(*cube, 10**400, Fraction(1, 10**400)).verdict is PROVED
    report = check_gradient(cube[0], lambda x: 3 * x * x + (x > 10**300), 10**400)
    assert report.verdict is REFUTED
    assert len(str(report)) < 5000


def test_a_power_that_is_too_large_is_outside():
    report = check_gradient(lambda x: x**10**9, lambda x: 10**9 * x ** (10**9 - 1))
    assert all(abs(point["x"]) <= 1 for point in report.points)
    assert report.verdict is PROVED


def test_the_exponent_of_a_positive_base():
    def gradient(x, n):
        return n * x ** (n - 1), x**n * x.log()

    right = check_gradient(lambda x, n: x**n, gradient, (2, 3), domain=lambda x, n: x > 0)
    assert right.verdict is PROVED
    forgotten = check_gradient(
        lambda x, n: x**n, lambda x, n: (n * x ** (n - 1), 0), (2, 3), domain=lambda x, n: x > 0
    )
    x, n = forgotten.entries
    assert (x.verdict, n.verdict) == (PROVED, REFUTED)
    symbols = {"x": sp.Symbol("x", positive=True), "n": sp.Symbol("n", real=True)}
    assert sp.simplify(sp.sympify(f"{n.difference} + x**n*log(x)", symbols)) == 0
    # Right for the exponent 3 alone.
    wrong = check_gradient(
        lambda x, n: x**n,
        lambda x, n: (3 * x**2, x**n * x.log()),
        (2, 3),
        domain=lambda x, n: x > 0,
    )
    assert labels(wrong) == ["x"]


def test_the_exponent_of_a_negative_base_has_no_derivative():
    report = check_gradient(
        lambda x, n: x**n, lambda x, n: (n * x ** (n - 1), 0), (-2, 3), domain=lambda x, n: x < 0
    )
    x, n = report.entries
    assert (x.verdict, n.verdict) == (PROVED, UNDECIDED)
    assert "a base that is not positive" in n.message


# --- Jacobians, Hessians, products ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "function", "right", "wrong", "expected"),
    [
        (
            check_jacobian,
            lambda x, y: [x * y, x / y],
            lambda x, y: [[y, x], [1 / y, -x / y**2]],
            lambda x, y: [[y, x], [1 / y, x / y**2]],
            ["f[1] by y"],
        ),
        (
            check_hessian,
            early_exit,
            lambda x, y, z: [[0, z, y], [z, 0, x], [y, x, 0]],
            lambda x, y, z: [[0, z, y], [z, 0, x if x else 1], [y, x, 0]],
            ["y, z"],
        ),
        (
            check_hessian,
            peano,
            None,
            lambda x, y: [[0, 1], [1, 0]],
            ["x, x", "x, y", "y, x", "y, y"],
        ),
        (
            check_jvp,
            lambda x, y: [x * y, abs(x) * x],
            lambda x, y, dx, dy: [y * dx + x * dy, 2 * abs(x) * dx],
            lambda x, y, dx, dy: [y * dx + x * dy, 2 * x * dx],
            ["f[1]"],
        ),
        (
            check_vjp,
            lambda x, y: [x * y, abs(x) * x],
            lambda x, y, g: (y * g[0] + 2 * abs(x) * g[1], x * g[0]),
            # A cotangent of ones would not tell.
            lambda x, y, g: (y * g[0] + 2 * abs(x) * g[1] ** 2, x * g[0]),
            ["x"],
        ),
        (
            check_hvp,
            lambda x, y: x**2 * abs(x) + y**2,
            lambda x, y, dx, dy: (6 * abs(x) * dx, 2 * dy),
            lambda x, y, dx, dy: (6 * abs(x) * dx, 2 * dx),
            ["y"],
        ),
    ],
)
def test_every_kind_is_proved_and_its_mistake_named(check, function, right, wrong, expected):
    if right is not None:
        assert check(function, right).verdict is PROVED
    assert labels(check(function, wrong)) == expected


def test_a_cotangent_of_either_sign_has_its_sides():
    def function(x):
        return [abs(x), minigrad.relu(x)]

    # At 0, a|x| + b*relu(x) has slopes -a and a + b, here -2 and -1 for (2, -3).
    def vjp(x, g, at_zero=0):
        if x == 0:
            return at_zero * g[0]
        return (g[0] if x > 0 else -g[0]) + (g[1] if x > 0 else 0)

    assert check_vjp(function, lambda x, g: vjp(x, g, Fraction(-3, 4))).verdict is KINK
    assert check_vjp(function, lambda x, g: vjp(x, g, 2)).verdict is REFUTED


def test_second_derivatives_where_there_is_no_first_are_a_kink():
    for function in (lambda x: abs(x[0]), lambda x: minigrad.relu(x[0])):
        assert check_hessian(function, lambda x: [[0]], shape=[1]).verdict is KINK


# --- what the report says ------------------------------------------------------------------------


def area(x, y):
    return x**2 * y


def of_area(x, y):
    return 2 * x * y, x**2 + y


def test_the_error_is_shown_by_small_numbers_and_a_line_that_reproduces_it():
    report = check_gradient(area, of_area, ("1234/567", 89))
    entry = report.entries[1]
    assert (entry.verdict, entry.difference) == (REFUTED, "y")
    assert entry.point == {"x": 0, "y": 1}
    line = finding(report, "to reproduce: ").partition(": ")[2]
    assert line == "check_gradient(area, of_area, (0, 1))"
    again = eval(line, {"check_gradient": check_gradient, "area": area, "of_area": of_area})
    assert again.points[0] == {"x": 0, "y": 1}
    assert again.entries[1].verdict is REFUTED


def test_where_small_numbers_do_not_show_it_the_smallest_found_do():
    def gradient(x):
        return 2 * x if 3 * x <= 100 else 2 * x + 1

    report = check_gradient(lambda x: x * x, gradient)
    (x,) = only(report).point.values()
    assert 100 < 3 * x <= 120
    line = finding(report, "to reproduce: ").partition(": ")[2]
    found = eval(
        line, {"check_gradient": check_gradient, "f": lambda x: x * x, "gradient": gradient}
    )
    assert only(found).verdict is REFUTED


def test_branches_and_conditions_are_listed():
    def function(x):
        return x / (x + 1) if x > Fraction(1, 2) else 2 * x / 3

    report = check_gradient(
        function, lambda x: 1 / (x + 1) ** 2 if x > Fraction(1, 2) else Fraction(2, 3)
    )
    assert report.verdict is KINK
    assert report.conditions == ()
    assert set(report.branches) == {
        "x > 1/2 and x + 1 != 0 and x**2 + 2*x + 1 != 0",
        "x <= 1/2",
    }


def test_the_side_of_a_comparison_that_was_not_reached_is_told():
    report = check_gradient(lambda x: x if x * x != 2 else 3 * x, lambda x: 1)
    assert (report.verdict, report.conditions) == (PROVED, ("x**2 != 2",))
    text = finding(report, "its other side was not reached")
    assert text.startswith("test_check_gradient.py:")
    assert "x**2 != 2 was True at every point" in text


# --- the same report again -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gradient"),
    [(area, of_area), (early_exit, zero_at_zero), (huber, saturated), (median, of_median)],
)
def test_a_check_gives_the_same_report_again(function, gradient):
    first, second = (check_gradient(function, gradient) for _ in range(2))
    assert first == second
    assert str(first) == str(second)


PROGRAM = textwrap.dedent(
    """
    import minigrad
    from minigrad.verify import check_gradient, check_hessian

    def f(x, y, z):
        return abs(x - y) * minigrad.maximum(y, z) + (x * z if x > 3 else z / (y * y + 1))

    def g(x, y, z):
        return (z, y * 1.5, x if x > y else 2)

    print(check_gradient(f, g))
    print(check_hessian(f, lambda x, y, z: [[0, 1, x], [1, 0, z], [x, z, y]]).to_dict())
    """
)


def test_a_report_does_not_hang_on_the_hash_seed():
    texts = set()
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        texts.add(done.stdout)
    assert len(texts) == 1


@pytest.mark.parametrize("branching", [False, True])
def test_runs_grow_no_faster_than_the_variables(branching):
    def runs(n: int) -> int:
        calls = 0

        def function(x):
            nonlocal calls
            calls += 1
            bent = abs(x[0]) * x[0] if branching else x[0] * x[0]
            return bent + minigrad.dot(x[1:], x[1:])

        def gradient(x):
            first = 2 * abs(x[0]) if branching else 2 * x[0]
            return [first, *(2 * value for value in x[1:])]

        assert check_gradient(function, gradient, shape=[n]).verdict is PROVED
        return calls

    ten, twenty, forty = map(runs, (10, 20, 40))
    assert forty - twenty <= 2 * (twenty - ten)
    # One point has a zero in each place; at a boundary each variable is moved to either side.
    assert (forty - twenty) / 20 <= (200 if branching else 2)
