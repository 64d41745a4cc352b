"""Programs that leak, raise, or do not keep to themselves."""

from __future__ import annotations

import contextlib
import json
import math
import random
import statistics

import numpy as np
import pytest
from checked_functions import KINK, PROVED, REFUTED, UNDECIDED, finding, only

import minigrad
from minigrad.errors import CaseError, InvalidOperand
from minigrad.verify import check_gradient

# --- leaks ----------------------------------------------------------------------------------------


def swallowing(x):
    try:
        scale = x.__float__()
    except TypeError:
        scale = 1
    return 2 * x * scale


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: x * x, lambda x: 2 * x.__float__()),
        (lambda x: x * x, lambda x: 2 * x.data),
        (lambda x: float.__pow__(x.__float__(), 2), lambda x: 2 * x),
        (lambda x: x * x, swallowing),
        (lambda x: x * x, lambda x: 2 * x if x.hex() else 0),
        (lambda x: x * float(f"{x:.2f}"), lambda x: 2 * x),
        (lambda x: x * len(str(x)), lambda x: 2 * x),
        (lambda x: x * x if f"{x}" > "2.2" else 2 * x, lambda x: 2 * x),
    ],
)
def test_a_leak_leaves_the_report_not_ok_and_says_where(function, gradient):
    report = check_gradient(function, gradient)
    assert report.verdict is UNDECIDED
    assert "left exact arithmetic: " in str(report)
    assert "test_check_gradient_programs.py:" in str(report)


def test_numbers_are_printed():
    def function(x):
        loss = (x**2).sum()
        print("loss", loss, f"{loss:.3f} at {x}", "%.2e" % loss, repr(x[0]))  # noqa: UP031 - asked
        return loss

    right = check_gradient(function, lambda x: 2 * x, [1, 2])
    assert right.verdict is PROVED
    assert "numbers were written as text, on which no result was found to hang" in right.findings
    assert check_gradient(function, lambda x: 3 * x, [1, 2]).verdict is REFUTED


def test_runs_to_see_what_hangs_on_a_text_print_nothing(capsys):
    runs = []

    def function(x):
        runs.append(x)
        print("here", x)
        return x * x

    check_gradient(function, lambda x: 2 * x, 3)
    assert 0 < capsys.readouterr().out.count("here") < len(runs)


def test_numbers_are_printed_at_a_kink():
    def function(x):
        print(f"{x:.3f}", str(x))
        return abs(x)

    report = check_gradient(function, lambda x: 1 if x > 0 else -1)
    assert report.verdict is KINK
    wrong = check_gradient(function, lambda x: (1 if x > 0 else -1) if x else 2)
    assert wrong.verdict is REFUTED


def test_what_is_made_a_float_by_name_stays_exact():
    history = []

    def function(x):
        x = np.asarray(x, dtype=float)
        loss = float(np.sum(x**2))
        history.append(float(loss))
        assert isinstance(loss, float)
        assert isinstance(x[0], np.floating)
        assert math.isfinite(loss)
        return float(np.float64(loss))

    assert check_gradient(function, lambda x: 2 * x, shape=(2,)).verdict is PROVED
    assert check_gradient(function, lambda x: 2 * x * (x > 1), shape=(2,)).verdict is REFUTED


def test_a_branch_by_a_float_is_seen_on_both_sides():
    def gradient(x):
        return 2 * x if float(x) < 1000 else x

    assert check_gradient(lambda x: float(x * x), gradient).verdict is REFUTED


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


@pytest.mark.parametrize("function", [lambda w: (w**2).prod(), lambda w: w.T @ w, len])
def test_what_an_array_has_and_a_number_lacks_is_advised_of(function):
    with pytest.raises(CaseError, match="Give a point, or shape=") as info:
        check_gradient(function, lambda w: 2 * w)
    assert isinstance(info.value.__cause__, (AttributeError, TypeError))
    with pytest.raises(CaseError, match="no attribute 'foo'") as info:
        check_gradient(lambda w: w.foo(), lambda w: 2 * w, shape=[2])
    assert "Give a point" not in str(info.value)


@pytest.mark.parametrize("function", [lambda x: x**2, lambda x: (np.sum(x**2), 2 * x)])
def test_a_function_of_several_numbers_is_told_by_its_gradient(function):
    with pytest.raises(
        CaseError, match=r"the function returned [23] numbers, of which the gradient"
    ):
        check_gradient(function, lambda x: 2 * x, shape=[2])


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


NOT_POSSIBLE = {
    "json": (lambda x: json.dumps(x), "Object of type Traced is not JSON serializable"),
    "complex step": (lambda x: ((x + 1e-20j) ** 2).imag / 1e-20, "'Traced' and 'complex'"),
    "attribute": (lambda x: 2 * x.fromhex("0x1p0"), "'Traced' object has no attribute 'fromhex'"),
    "modf": (lambda x: np.modf(x)[0], "np.modf has no exact form"),
    "frexp": (lambda x: np.frexp(x)[0], "np.frexp has no exact form"),
    "eigenvalues": (lambda x: np.linalg.eigvalsh(np.array([[x]]))[0], "eigvalsh has no exact"),
    "fft": (lambda x: np.fft.fft([x, x])[0], "'fft' not supported for the input types"),
}


@pytest.mark.parametrize(("gradient", "says"), NOT_POSSIBLE.values(), ids=NOT_POSSIBLE)
def test_a_gradient_that_stand_ins_cannot_go_through_is_undecided(gradient, says):
    report = check_gradient(lambda x: x * x, gradient)
    assert report.verdict is UNDECIDED
    assert "the gradient raised " in only(report).message
    assert says in only(report).message
    assert "what it gives otherwise is not known" in only(report).message


def test_the_mean_of_the_standard_library_takes_numbers_out():
    report = check_gradient(lambda x: x * x, lambda x: statistics.mean([x, 3 * x]))
    assert report.verdict is UNDECIDED
    assert ".as_integer_ratio() of x at statistics.py" in only(report).message


def test_so_is_a_function_where_stand_ins_do_not_go_through_it():
    def function(x):
        return x * x if x < 100 else len(json.dumps(x)) * x

    report = check_gradient(function, lambda x: 2 * x)
    assert report.verdict is UNDECIDED
    assert "the function raised TypeError: Object of type Traced" in only(report).message
    assert "Traced is what minigrad puts in the place of a number" in only(report).message
    unseen = check_gradient(lambda x: x * x if x < 100 else np.modf(x)[0], lambda x: 2 * x)
    assert unseen.verdict is UNDECIDED
    assert "np.modf has no exact form" in only(unseen).message
    with pytest.raises(CaseError, match="Traced is what minigrad puts in the place of a number"):
        check_gradient(lambda x: len(json.dumps(x)) * x, lambda x: 2)


def test_an_error_that_floats_raise_as_well_is_the_gradients_own():
    def broken(x):
        return [0, 2, 4][x] if x > 2 else 2 * x

    assert check_gradient(lambda x: x * x, broken).verdict is REFUTED


def test_a_root_in_a_gradient_is_right_where_it_has_the_sign():
    def gradient(x):
        return 2 * (x * x) ** 0.5

    wrong = only(check_gradient(lambda x: x * x, gradient))
    assert wrong.verdict is REFUTED
    assert wrong.point["x"] < 0
    right = check_gradient(lambda x: x * x, gradient, domain=lambda x: x > 0)
    assert right.verdict is PROVED


def test_what_minigrad_makes_of_a_function_is_copied_with_it():
    def function(x):
        return math.sin(x) * np.sqrt(np.sum(np.array([x, 2]) ** 2))

    for derivative in (minigrad.grad(function), lambda x: minigrad.grad(function)(x)):
        entry = only(check_gradient(function, derivative, 1))
        # That of the copies is right, and minigrad itself tells what math makes of a Scalar.
        assert entry.gradient == entry.expected == minigrad.grad(written)(1)
        assert entry.verdict is UNDECIDED
        shown = f"{math.sin(1) / math.sqrt(5):.6g}"
        assert f"with floats the gradient gives {shown} for x and not 1.58447" in entry.message


def written(x):
    return minigrad.sin(x) * minigrad.sqrt(x * x + 4)


def by_eigenvalue(x):
    try:
        return 2 * x if np.linalg.eigvalsh(np.outer(x, x)).max() < 10**9 else 3 * x
    except TypeError:
        return 2 * x


def by_transform(x):
    with contextlib.suppress(Exception):
        return 2 * x + (np.abs(np.fft.rfft(x)).max() > 10**9)
    return 2 * x


def by_method(x):
    try:
        return 2 * x * (x.sum(dtype=int) < 10**9)
    except TypeError:
        return 2 * x


@pytest.mark.parametrize("gradient", [by_eigenvalue, by_transform, by_method])
def test_a_refusal_that_a_program_catches_is_no_property_of_it(gradient):
    # With floats it does the same at all points but those far away.
    report = check_gradient(lambda x: np.sum(x * x), gradient, shape=[2])
    assert report.verdict is UNDECIDED
    assert "a program caught an error that says nothing of its function" in str(report)


def glued(x):
    return x * x * math.log(x) if x > 0 else 0


def of_glued(x):
    return x * (2 * math.log(x) + 1) if x > 0 else 0


@pytest.mark.parametrize("points", [(), (0,), (1, 0), (0, 1)])
def test_boundaries_met_before_there_were_copies_are_judged_by_these(points):
    # At 0 neither calls math, which has no use for what is infinitely close to it.
    assert check_gradient(glued, of_glued, *points).verdict is PROVED
    wrong = only(check_gradient(glued, lambda x: of_glued(x) if x != 0 else 1, *points))
    assert (wrong.verdict, wrong.point) == (REFUTED, {"x": 0})


def test_text_that_another_result_is_made_by_is_read():
    def gradient(x):
        return (2 * x,) * (1 if len(f"{x:.1f}") < 7 else 2)

    assert check_gradient(lambda x: x * x, gradient).verdict is UNDECIDED


def test_text_is_asked_about_a_few_times():
    runs = []

    def function(x):
        runs.append(f"{x}")
        return x * x

    quiet = []
    check_gradient(lambda x: quiet.append(x) or x * x, lambda x: 2 * x)
    check_gradient(function, lambda x: 2 * x)
    assert len(quiet) < len(runs) < 2 * len(quiet)
