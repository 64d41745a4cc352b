"""What the same programs do with floats."""

from __future__ import annotations

import functools
import itertools
import json
import math
import numbers
import sys
import time
import warnings
from fractions import Fraction

import numpy as np
import pytest
from checked_functions import KINK, PROVED, REFUTED, UNDECIDED, finding, only

from minigrad.verify import (
    check_gradient,
    check_hvp,
    check_jacobian,
    check_jvp,
    check_vjp,
    with_floats,
)


def squares(x):
    return np.sum(x**2)


def serialised(x):
    try:
        json.dumps(x[0])
    except TypeError:
        return 2 * x
    return 3 * x


def matched(x):
    match x[0] > 5:
        case True:
            return 2 * x
        case False:
            return 2 * x
        case _:
            return 0 * x


def inverted(x):
    return 2 * x if ~(x.sum() > 5) else 0 * x


def counted(x):
    n = (x[0] > 0) + (x[1] > 0)
    return n * x if x[0] > 0 and x[1] > 0 else 2 * x


@functools.singledispatch
def dispatched(x):
    return 2


@dispatched.register
def _(x: float):
    return 3


OTHERWISE = {
    "an error that others raise of an exact number": serialised,
    "the dtype": lambda x: 3 * x if x.dtype == np.float64 else 2 * x,
    "the type of an element": lambda x: 3 * x if type(x[0]) is np.float64 else 2 * x,
    "the identity of an element": lambda x: 2 * x if x[0] is x[0] else 0 * x,
    "a function of the type": lambda x: np.array([dispatched(item) * item for item in x]),
    "a name": lambda x: 2 * x if type(x[0]).__name__ != "float64" else 3 * x,
}


@pytest.mark.parametrize("gradient", [matched, inverted, counted])
def test_what_a_program_makes_of_bools_of_numpy_s_is_refuted(gradient):
    assert check_gradient(squares, gradient, shape=[2]).verdict is REFUTED


@pytest.mark.parametrize("gradient", OTHERWISE.values(), ids=OTHERWISE)
def test_a_program_that_does_something_else_with_floats_is_not_proved(gradient):
    report = check_gradient(squares, gradient, shape=[2])
    assert report.verdict is UNDECIDED
    for entry in report.entries:
        assert entry.message.startswith("with floats the gradient gives ")
        assert "there it does something else than with exact numbers" in entry.message


def test_nor_is_it_refuted():
    report = check_gradient(lambda x: x * x, lambda x: 2 * x if type(x) is float else 3 * x)
    entry = only(report)
    assert (entry.verdict, entry.difference, entry.blame) == (UNDECIDED, None, None)
    assert "with floats the gradient gives 4.72727 for x and not 7.09091" in entry.message


@pytest.mark.parametrize(
    "is_float",
    [
        lambda x: isinstance(x, float),
        lambda x: isinstance(x, (int, np.floating)),
        lambda x: isinstance(x, numbers.Real),
        np.isscalar,
    ],
)
def test_what_is_asked_of_floats_is_answered(is_float):
    report = check_gradient(squares, lambda x: 2 * x if is_float(x[0]) else 3 * x, shape=[2])
    assert report.verdict is PROVED
    report = check_gradient(squares, lambda x: 3 * x if is_float(x[0]) else 2 * x, shape=[2])
    assert report.verdict is REFUTED


def test_the_function_is_looked_at_too():
    report = check_gradient(lambda x: 3 * x if type(x) is float else 2 * x, lambda x: 2)
    assert report.verdict is UNDECIDED
    assert "with floats the function gives 7.09091 and not 4.72727, at x = 26/11" in str(report)


@pytest.mark.parametrize(
    ("check", "function", "derivative"),
    [
        (check_jacobian, lambda x: x * x, lambda x: np.diag(2 * x)),
        (check_jvp, lambda x: x * x, lambda x, t: 2 * x * t),
        (check_vjp, lambda x: x * x, lambda x, g: 2 * x * g),
        (check_hvp, lambda x: np.sum(x**3), lambda x, t: 6 * x * t),
    ],
)
def test_products_and_matrices_are_compared_as_gradients_are(check, function, derivative):
    assert check(function, derivative, shape=[2]).verdict is PROVED

    def typed(x, *vector):
        factor = 1 if x.dtype == object else 2
        return factor * derivative(x, *vector)

    assert check(function, typed, shape=[2]).verdict is UNDECIDED


def test_lists_are_given_where_no_array_fits():
    report = check_gradient(
        lambda p: p[0] * p[1][0] * p[1][1],
        lambda p: [p[1][0] * p[1][1], [p[0] * p[1][1], p[0] * p[1][0]]],
        [1, [2, 3]],
    )
    assert report.verdict is PROVED


# --- what is nothing but rounding ----------------------------------------------------------------


def steep(x):
    """The gradient by a difference that floats cannot form."""
    return ((x + Fraction(1, 10**30)) ** 2 - x * x) * 10**30 - Fraction(1, 10**30)


def bent(x):
    # The two sides are equal up to rounding everywhere.
    return 2 * x if x * 3 / 3 - x <= 0 else 0 * x


HARMLESS = {
    "rounding": lambda x: 2 * (x * 10 - x * 9),
    "cancellation": lambda x: 2 * ((x + 10**6) - 10**6),
    "no number": lambda x: 2 * x + 0 * np.exp(1000 * x * x + 1000) / np.exp(1000 * x * x + 1000),
    "an error": lambda x: 2 * x * (Fraction(1, 3) * 3 if isinstance(x, float) is False else None),
    "a warning": lambda x: warnings.warn("slow", stacklevel=1) or 2 * x,
}


@pytest.mark.parametrize("gradient", HARMLESS.values(), ids=HARMLESS)
def test_rounding_and_what_floats_cannot_do_are_no_difference(gradient):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check_gradient(lambda x: x * x, gradient, budget=60)
    assert report.verdict is PROVED


@pytest.mark.parametrize(
    ("function", "gradient", "shape"),
    [
        (
            lambda x: np.mean((x + 1.7e9) ** 2) - np.mean(x + 1.7e9) ** 2,
            lambda x: 2 * (x - np.mean(x)) / 3,
            [3],
        ),
        (lambda x: math.log(1 + 1e-15 * x * x) * 1e15, lambda x: 2 * x / (1 + 1e-15 * x * x), 1),
        (lambda x: x * x, lambda x: ((x + 1e-12) ** 2 - (x - 1e-12) ** 2) / 2e-12, 1),
        (lambda x: x * x, lambda x: 2 * x + (x + 1e20) - 1e20 - x, 1),
    ],
)
def test_what_cancels_is_put_down_to_rounding(function, gradient, shape):
    assert check_gradient(function, gradient, shape=shape).verdict is PROVED


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: 1e-9 * x**2, lambda x: (3e-9 if type(x) is float else 2e-9) * x),
        (
            lambda x, y: 1e7 * x * x + y * y,
            lambda x, y: (2e7 * x, 3 * y if type(y) is float else 2 * y),
        ),
    ],
)
def test_small_numbers_are_not_lost_beside_large_ones(function, gradient):
    assert check_gradient(function, gradient).verdict is UNDECIDED


@pytest.mark.parametrize(
    ("here", "near_by", "verdict"),
    [
        (0.0, 0.0, UNDECIDED),
        (math.nan, math.nan, PROVED),
        (math.inf, math.inf, PROVED),
        (0.0, 1.0, PROVED),
        # At a point that is hardly another nothing comes out.
        (0.0, None, PROVED),
    ],
)
def test_a_result_that_depends_on_the_last_digits_says_nothing(monkeypatch, here, near_by, verdict):
    def in_floats(claim, values, result, places):
        (x,) = values
        number = here if x.denominator < 10**6 else near_by
        if number is None:
            raise ValueError
        return [number]

    monkeypatch.setattr(with_floats, "derivative_in_floats", in_floats)
    assert check_gradient(lambda x: x * x, lambda x: 2 * x).verdict is verdict


def test_a_warning_is_no_error():
    def gradient(x):
        if x.dtype == float:
            warnings.warn("floats", stacklevel=1)
            return 3 * x
        return 2 * x

    assert check_gradient(squares, gradient, shape=[2]).verdict is UNDECIDED


def test_where_a_rounding_changes_the_branch_nothing_is_concluded():
    function = lambda x: x * x
    assert (
        check_gradient(function, lambda x: 2 * x if x * 3 / 3 == x else 0 * x).verdict
        is not UNDECIDED
    )
    assert check_gradient(function, bent).verdict is not UNDECIDED


def test_a_loop_that_ends_with_exact_numbers_alone_is_left_in_time(monkeypatch):
    ran = []

    def endless(x):
        if isinstance(x, float):
            ran.append(x)
            while True:
                pass
        return 2 * x

    monkeypatch.setattr(with_floats, "_SECONDS", (0.05, 0.1))
    assert check_gradient(lambda x: x * x, endless).verdict is PROVED
    assert ran


def test_a_little_time_is_left_for_floats_when_the_budget_is_spent():
    now = time.monotonic()
    assert with_floats.deadline_for(now - 5) > now
    assert now + 0.2 < with_floats.deadline_for(now + 100) < now + 5
    assert with_floats.deadline_for(now + 0.5) == now + 0.5


def test_who_traces_goes_on_tracing():
    seen = []

    def tracer(frame, event, argument):
        seen.append(event)

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        check_gradient(lambda x: x * x, lambda x: 2 * x)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


def test_the_programs_are_run_with_floats_after_all_else():
    kinds = []

    def function(x):
        kinds.append(type(x))
        return x * x

    assert check_gradient(function, lambda x: 2 * x).verdict is PROVED
    order = [kind for kind, _ in itertools.groupby(kinds)]
    assert order[-1] is float
    assert order.count(float) == 1


def test_a_program_that_ends_itself_with_floats_is_left():
    def function(x):
        if isinstance(x, float):
            raise SystemExit("enough")
        return x * x

    assert check_gradient(function, lambda x: 2 * x).verdict is PROVED


class Timeout(BaseException):
    """As those raise it who watch over a program."""


@pytest.mark.parametrize("raised", [KeyboardInterrupt, Timeout])
def test_what_others_raise_goes_through(raised):
    def gradient(x):
        if isinstance(x, float):
            raise raised
        return 2 * x

    with pytest.raises(raised):
        check_gradient(lambda x: x * x, gradient)


def test_a_function_is_compared_where_its_gradient_raises():
    def gradient(x):
        if type(x) is float:
            raise ValueError("floats")
        return 2 * x

    report = check_gradient(lambda x: 5 * x if type(x) is float else x * x, gradient)
    assert "with floats the function gives" in str(report)
    assert report.verdict is UNDECIDED


def test_a_gradient_that_raises_of_exact_numbers_alone_is_not_refuted():
    def gradient(x):
        if type(x).__name__ not in ("int", "float"):
            raise TypeError("a number is wanted")
        return 2 * x

    report = check_gradient(lambda x: x * x, gradient)
    assert report.verdict is UNDECIDED
    assert "the gradient gives 4.72727 and does not raise TypeError" in str(report)


def test_a_gradient_that_wants_floats_gets_what_counts_as_one():
    def gradient(x):
        if not isinstance(x, (int, float)):
            raise TypeError("a number is wanted")
        return 2 * x

    assert check_gradient(lambda x: x * x, gradient).verdict is PROVED
    assert check_gradient(lambda x: x * x * x, gradient).verdict is REFUTED


def test_a_comparison_that_holds_everywhere_is_no_boundary():
    def gradient(x):
        if x != x:
            raise ValueError("NaN")
        return 3 * x if type(x) is float else 2 * x

    assert check_gradient(lambda x: x * x, gradient).verdict is UNDECIDED


def test_many_components_are_compared_at_one_point_at_least(monkeypatch):
    monkeypatch.setattr(with_floats, "_MOST_NUMBERS", 2)
    typed = lambda x: 2 * x if x.dtype == object else 3 * x
    assert check_gradient(squares, typed, shape=[3]).verdict is UNDECIDED


# --- where the function raised --------------------------------------------------------------------


def test_it_is_told_where_floats_go_on():
    def size_of_determinant(x):
        return np.exp(np.linalg.slogdet(np.array([[x, 1], [1, x]]))[1])

    report = check_gradient(size_of_determinant, lambda x: 2 * x * np.sign(x * x - 1))
    assert report.verdict is PROVED
    assert "such points were not looked at" in finding(report, "with floats the function goes on")


def test_where_floats_raise_too_nothing_is_told():
    report = check_gradient(lambda x: math.log(x), lambda x: 1 / x)
    assert "with floats" not in str(report)
    report = check_gradient(lambda x: np.sum(np.log(x)), lambda x: 1 / x, shape=[2])
    assert "raised at" in str(report)
    assert "with floats" not in str(report)
    assert check_gradient(lambda x: x * x, lambda x: 3 * x).verdict is REFUTED


@pytest.mark.parametrize("point", [[-800.0, 1.0], [1.0, -900.0]])
def test_what_overflows_with_floats_is_told_at_a_point_that_is_given(point):
    function = lambda x: np.sum(1 / (1 + np.exp(-x)))

    def gradient(x):
        e = np.exp(-x)
        return np.where(np.isinf(e), 1.0, e / (1 + e) ** 2)

    report = check_gradient(function, gradient, point)
    assert report.verdict is UNDECIDED
    assert "with floats the gradient gives 1" in str(report)


def signs_of_a_list(x):
    return [(v > 0) - (v < 0) for v in x.tolist()]


def signs_of_elements(x):
    return np.array([(v > 0) - (v < 0) for v in x])


@pytest.mark.parametrize(
    ("gradient", "verdict"), [(signs_of_a_list, KINK), (signs_of_elements, UNDECIDED)]
)
def test_bools_of_elements_are_not_those_of_a_list(gradient, verdict):
    report = check_gradient(lambda x: np.sum(np.abs(x)), gradient, shape=[2])
    assert report.verdict is verdict
    if verdict is UNDECIDED:
        assert "with floats the gradient raises TypeError: numpy boolean subtract" in str(report)
