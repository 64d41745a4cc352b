"""Programs that leak, raise, or do not keep to themselves."""

from __future__ import annotations

import random

import pytest
from checked_functions import PROVED, REFUTED, UNDECIDED, finding, only

from minigrad.errors import CaseError, InvalidOperand
from minigrad.verify import check_gradient

# --- leaks ----------------------------------------------------------------------------------------


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
    assert "test_check_gradient_programs.py:" in str(report)


def test_a_leak_elsewhere_does_not_excuse_a_mistake():
    def gradient(x):
        return 2 * x + (1 if x < 100 else float(x))

    report = check_gradient(lambda x: x * x, gradient, 3)
    assert report.verdict is REFUTED


# --- programs that raise, or do not keep to themselves --------------------------------------------


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
