"""Research code under check, as it stands: SciPy's own functions, and the traps that every autograd falls into."""

from __future__ import annotations

import math
import random
from collections import Counter
from fractions import Fraction

import pytest

import minigrad
from minigrad.errors import CaseError
from minigrad.verify import (
    check_gradient,
    check_hessian,
    check_hvp,
    check_jacobian,
    check_jvp,
    check_vjp,
)
from minigrad.verify.report import Verdict

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict
optimize = pytest.importorskip("scipy.optimize")
np = pytest.importorskip("numpy")


def refuted(report):
    return [entry.label for entry in report.entries if entry.verdict is REFUTED]


# --- SciPy's Rosenbrock function -----------------------------------------------------------------


def der_with_an_error(x):
    der = optimize.rosen_der(x)
    der[2] += x[1] / 10**9
    return der


def hess_with_an_error(x):
    hess = optimize.rosen_hess(x)
    hess[1, 2] = -hess[1, 2]
    return hess


def product_with_an_error(x, p):
    product = optimize.rosen_hess_prod(x, p)
    product[0] = product[0] - p[2]
    return product


@pytest.mark.parametrize(
    ("check", "right", "wrong", "labels"),
    [
        (check_gradient, optimize.rosen_der, der_with_an_error, ["x[2]"]),
        (check_hessian, optimize.rosen_hess, hess_with_an_error, ["x[1], x[2]"]),
        (check_hvp, optimize.rosen_hess_prod, product_with_an_error, ["x[0]"]),
    ],
)
def test_rosenbrock_of_scipy_is_proved_unchanged_and_a_planted_error_is_named(
    check, right, wrong, labels
):
    for point in ([], [[1.3, 0.7, 0.8, 1.9]], [np.array([1.0, 1, 1, 1])]):
        options = {} if point else {"shape": [4]}
        report = check(optimize.rosen, right, *point, **options)
        assert {entry.verdict for entry in report.entries} == {PROVED}
        assert {entry.proof for entry in report.entries} == {"identity"}
        assert refuted(check(optimize.rosen, wrong, *point, **options)) == labels


def test_the_jacobian_of_the_gradient_is_the_hessian():
    assert check_jacobian(optimize.rosen_der, optimize.rosen_hess, shape=[3]).verdict is PROVED


def counting(function, calls):
    def counted(*args):
        calls.append(function.__name__)
        return function(*args)

    return counted


def test_the_number_of_runs_grows_linearly_with_the_variables():
    def runs(n):
        calls = []
        report = check_gradient(
            counting(optimize.rosen, calls),
            counting(optimize.rosen_der, calls),
            shape=[n],
            budget=100,
        )
        assert report.verdict is PROVED
        return len(calls)

    ten, twenty, forty = map(runs, (10, 20, 40))
    # Each variable more asks for one point more, at which both are run: 10 and 20 variables are 20 and 40.
    assert (twenty - ten, forty - twenty) == (20, 40)


# --- kinks, guards, early exits ------------------------------------------------------------------


def relus(x):
    return minigrad.relu(x) - minigrad.relu(-x)


def guarded(x):
    return x * x if x != 1 else 1


def step(x):
    return 1 if x > 0 else 0


def product(x, y, z):
    total = 1
    for factor in (x, y, z):
        if factor == 0:
            return 0
        total = total * factor
    return total


def divided(x, y, z):
    total = product(x, y, z)
    return tuple(total / factor if factor != 0 else 0 for factor in (x, y, z))


@pytest.mark.parametrize(
    ("function", "gradient", "verdict"),
    [
        (relus, lambda x: 1, PROVED),
        # What PyTorch's conventions add up to at 0.
        (relus, lambda x: (1 if x > 0 else 0) + (1 if x < 0 else 0), KINK),
        (relus, lambda x: 1 if x >= 0 else -1, REFUTED),
        (relus, lambda x: 1 if x != 0 else Fraction(1, 2), REFUTED),
        (guarded, lambda x: 2 * x, PROVED),
        (guarded, lambda x: 2 * x if x != 1 else 0, REFUTED),
        (product, lambda x, y, z: (y * z, x * z, x * y), PROVED),
        (product, divided, REFUTED),
        (step, lambda x: 0, KINK),
        (step, lambda x: 1 if x == 0 else 0, REFUTED),
        (step, lambda x: x, REFUTED),
        (minigrad.maximum, lambda x, y: (1, 0) if x >= y else (0, 1), KINK),
        (
            minigrad.maximum,
            lambda x, y: (1, 0) if x > y else (0, 1) if x < y else (0.5, 0.5),
            KINK,
        ),
        # Both get the whole of it at a tie.
        (minigrad.maximum, lambda x, y: (1 if x >= y else 0, 1 if x <= y else 0), REFUTED),
        (minigrad.maximum, lambda x, y: (1, 0) if x > y else (0, 1) if x < y else (2, -1), REFUTED),
        (minigrad.maximum, lambda x, y: (0, 1) if x >= y else (1, 0), REFUTED),
    ],
)
def test_traps(function, gradient, verdict):
    assert check_gradient(function, gradient).verdict is verdict


def test_a_convention_that_is_not_the_derivative_is_said_to_be_one():
    report = check_gradient(relus, lambda x: (1 if x > 0 else 0) + (1 if x < 0 else 0))
    assert report.entries[0].message == (
        "both one-sided derivatives are 1; minigrad's convention gives 0"
    )
    assert report.entries[0].point == {"x": 0}


# --- what finite differences accept --------------------------------------------------------------


@pytest.mark.parametrize(
    ("gradient", "label", "difference"),
    [
        # Off by 1e-9, relatively; and by a term that is 0 at the point.
        (lambda x, y: (2 * x * y * (1 + 1e-9), x**2), "x", "x*y/500000000"),
        (lambda x, y: (2 * x * y, x**2 + y * (x - 3) ** 2), "y", "y*(x - 3)**2"),
    ],
)
def test_what_finite_differences_accept_is_refuted(gradient, label, difference):
    def function(x, y):
        return x**2 * y

    at = (3.0, 5.0)
    floats = [float(part) for part in gradient(*at)]
    for k, derivative in enumerate((2 * 3 * 5, 9)):
        assert floats[k] == pytest.approx(derivative, rel=1e-6)
    report = check_gradient(function, gradient, at)
    assert refuted(report) == [label]
    (entry,) = [entry for entry in report.entries if entry.verdict is REFUTED]
    assert entry.difference == difference


# --- NumPy, as it is written ---------------------------------------------------------------------

X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]])
Y = np.array([1.0, 0.0, 2.0])


class Layer:
    """A linear layer with a hinge, whose gradient is written into arrays of floats."""

    def __init__(self, features):
        self.features = features
        self.calls = np.zeros(1)

    def loss(self, w):
        return np.maximum(0, 1 - Y * (self.features @ w)).mean() + 0.5 * (w @ w)

    def gradient(self, w):
        g = np.zeros(len(w))
        for row, y in zip(self.features, Y, strict=True):
            if y * (row @ w) < 1:
                g -= y * row
        return g / len(Y) + w

    def unscaled(self, w):
        return self.gradient(w) + 2 * (self.gradient(w) - w)


def test_a_layer_with_arrays_of_floats_is_checked_unchanged():
    layer = Layer(X)
    report = check_gradient(layer.loss, layer.gradient, shape=[2])
    assert report.ok
    assert {entry.verdict for entry in report.entries} == {KINK}
    assert any("np.zeros(n)" in finding for finding in report.findings)
    assert refuted(check_gradient(layer.loss, layer.unscaled, shape=[2])) == ["w[0]", "w[1]"]
    assert np.zeros(1).dtype == float


# --- products and second derivatives at kinks ----------------------------------------------------


def relu_sum(x):
    return np.maximum(x, 0)


def squares(x):
    return np.maximum(x, 0) @ np.maximum(x, 0)


@pytest.mark.parametrize(
    ("check", "function", "derivative", "verdict"),
    [
        (check_vjp, relu_sum, lambda x, g: g * (x > 0), KINK),
        (check_vjp, relu_sum, lambda x, g: g * (x >= 0), KINK),
        (check_vjp, relu_sum, lambda x, g: 2 * g * (x > 0), REFUTED),
        (check_vjp, relu_sum, lambda x, g: g * g * (x > 0), REFUTED),
        (check_vjp, relu_sum, lambda x, g: np.where(x == 0, 3 * g, g * (x > 0)), REFUTED),
        (check_jvp, relu_sum, lambda x, v: v * (x > 0), KINK),
        (check_jvp, relu_sum, lambda x, v: np.where(x == 0, 2 * v, v * (x > 0)), REFUTED),
        # relu(x)**2 has a derivative everywhere, and a second one everywhere but at 0.
        (check_hessian, squares, lambda x: np.diag(2 * (x > 0)), KINK),
        (check_hessian, squares, lambda x: np.diag(2 * (x >= 0)), KINK),
        (check_hessian, squares, lambda x: np.diag(3 * (x == 0) + 2 * (x > 0)), REFUTED),
        (check_hvp, squares, lambda x, p: 2 * p * (x > 0), KINK),
        (check_hvp, squares, lambda x, p: 2 * p * (x > 0) + 5 * p * (x == 0), REFUTED),
        (check_hvp, squares, lambda x, p: 2 * p, REFUTED),
    ],
)
def test_products_and_second_derivatives_at_kinks(check, function, derivative, verdict):
    report = check(function, derivative, shape=[2])
    assert report.verdict is verdict
    if verdict is KINK:
        # The derivative jumps at 0 and nowhere else.
        assert all(0 in (e.point["x[0]"], e.point["x[1]"]) for e in report.entries if e.message)


def test_a_guard_in_a_function_of_which_the_hessian_is_taken():
    def function(x, y):
        return x * x * y if x != 2 else 4 * y

    right = check_hessian(function, lambda x, y: ((2 * y, 2 * x), (2 * x, 0)))
    assert right.verdict is PROVED
    taken = check_hessian(
        function,
        lambda x, y: ((2 * y if x != 2 else 0, 2 * x), (2 * x if x != 2 else 0, 0)),
    )
    assert refuted(taken) == ["x, x", "y, x"]


# --- what goes wrong with programs ---------------------------------------------------------------


def swallowing(x):
    try:
        return math.sin(x.__float__())
    except Exception:
        return x * x


@pytest.mark.parametrize(
    ("function", "gradient", "says"),
    [
        (lambda x: x * x, lambda x: 2 * x.__float__(), "float() of x"),
        (lambda x: x * x, lambda x: 2 * x.data, ".data of x"),
        (lambda x: x.__float__() ** 0.5, lambda x: 1 / x, "float() of x"),
        (lambda x: x * float(f"{x:.3f}"), lambda x: 2 * x, "formatting of x"),
        (swallowing, lambda x: 2 * x, "float() of x"),
        (lambda x: x * minigrad.values(x), lambda x: 2 * x, "minigrad.values() of x"),
        (lambda x: x, lambda x: minigrad.gradients(x)[x], "minigrad.gradients() of x"),
    ],
)
def test_a_leak_is_never_ok(function, gradient, says):
    report = check_gradient(function, gradient)
    assert report.verdict is UNDECIDED
    assert not report.ok
    assert all(says in entry.message for entry in report.entries)
    assert all("test_research_code.py" in entry.message for entry in report.entries)


def test_what_math_computes_is_no_leak():
    for function, right, wrong in (
        (
            lambda x: math.sqrt(x * x + 1),
            lambda x: x / math.sqrt(x * x + 1),
            lambda x: 1 / math.sqrt(x * x + 1),
        ),
        (lambda x: math.sin(x), lambda x: math.cos(x), lambda x: -math.cos(x)),
    ):
        assert check_gradient(function, right).verdict is PROVED
        assert check_gradient(function, wrong).verdict is REFUTED


def test_what_is_only_told_is_no_leak():
    def function(x):
        if x < 0:
            raise ValueError(f"expected a positive number; got {x}")
        return x * x

    report = check_gradient(function, lambda x: 2 * x)
    assert "x >= 0" in report.conditions
    # The other side of the comparison was reached: there the function raises.
    (finding,) = report.findings
    assert finding.startswith("the function raised at")
    # At the edge of the domain there is a derivative from one side only.
    assert report.verdict is KINK
    assert "nonexistent from the left and 0 from the right" in report.entries[0].message


def test_random_numbers_and_state_are_refused():
    calls = []

    def stateful(x):
        calls.append(x)
        return x * len(calls)

    for function in (stateful, lambda x: x * random.random(), lambda x: x + calls[0]):
        with pytest.raises(CaseError, match=r"again on the same|an earlier call"):
            check_gradient(function, lambda x: 1)


def test_a_function_whose_numbers_swell_ends_at_the_budget():
    def newton(x):
        y = x
        while y * y != 2:
            y = (y + 2 / y) / 2
        return y

    report = check_gradient(newton, lambda x: 0, budget=0.5)
    assert report.verdict is UNDECIDED
    assert "budget of seconds" in report.entries[0].message


def test_no_budget_is_no_verdict():
    report = check_gradient(lambda x: x * x, lambda x: 2 * x, budget=0)
    assert report.verdict is UNDECIDED
    assert "within the budget" in report.entries[0].message


def test_a_domain_bounds_the_search():
    def bounded(x):
        assert x > 1
        return x * x

    report = check_gradient(bounded, lambda x: 2 * x, domain=lambda x: x > 1)
    assert report.verdict is PROVED
    assert not [finding for finding in report.findings if "raised" in finding]
    with pytest.raises(CaseError, match="no point in the domain"):
        check_gradient(bounded, lambda x: 2 * x, domain=lambda x: 1 < x <= 1)


def test_the_note_reproduces_the_error():
    def function(x, y):
        return x * x * y

    def gradient(x, y):
        return 2 * x * y, x * x + y

    report = check_gradient(function, gradient)
    (note,) = [finding for finding in report.findings if finding.startswith("to reproduce: ")]
    again = eval(note.removeprefix("to reproduce: "), {"check_gradient": check_gradient} | locals())
    assert refuted(again) == refuted(report) == ["y"]
    assert again.points[0] == report.entries[1].point


@pytest.mark.parametrize(
    ("function", "gradient", "hint"),
    [
        (lambda x, y: x * y**2, lambda x, y: (y**2, x * y), "1/2 of the derivative: a factor 2"),
        (lambda x, y: x - y**2, lambda x, y: (1, 2 * y), "its sign is wrong"),
        (lambda x, y: x**2 * y, lambda x, y: (x**2, 2 * x * y), "are components swapped?"),
        (
            lambda x, y: x**3 + x**2 + x * y,
            lambda x, y: (3 * x**2 + 2 * x, x),
            "the term y is missing",
        ),
        (
            lambda x, y: (x * y) ** 2,
            lambda x, y: (2 * x * y, 2 * x * y * x),
            "the factor y is missing",
        ),
        (lambda x, y: x**3 + x**2 + x * y, lambda x, y: (y, x), "= where += is meant?"),
        (lambda x, y: x * y, lambda x, y: (0, x), "is it missing?"),
        (lambda x, y: x * y, lambda x, y: (y, x + y), "the term y is too many"),
        (lambda x, y: (x**2 + y**2 + 1) / 3, lambda x, y: (2 * x, 2 * y), "a mean is meant?"),
        (lambda x, y: x**2 + y**2, lambda x, y: (2 * x / 5, 2 * y / 5), "a mean where the sum"),
    ],
)
def test_hints(function, gradient, hint):
    report = check_gradient(function, gradient)
    assert report.verdict is REFUTED
    assert any(hint in entry.message for entry in report.entries)


def test_a_transposed_jacobian_is_called_so():
    def function(x):
        return np.array([x[0] * x[1], x[0] ** 2 + x[1] ** 3])

    def jacobian(x):
        return np.array([[x[1], x[0]], [2 * x[0], 3 * x[1] ** 2]])

    assert check_jacobian(function, jacobian, shape=[2]).verdict is PROVED
    report = check_jacobian(function, lambda x: jacobian(x).T, shape=[2])
    assert refuted(report) == ["f[0] by x[1]", "f[1] by x[0]"]
    assert all("transposed" in entry.message for entry in report.entries if entry.message)


def test_the_same_check_gives_the_same_report():
    def function(x):
        return np.maximum(x[0] * x[1], x[2]) + (x[0] if x[1] > 3 else x[2] ** 2)

    def gradient(x):
        return [x[1], x[0], 1]

    first, second = (check_gradient(function, gradient, shape=[3]) for _ in range(2))
    assert first == second
    assert first.verdict is REFUTED


# --- branches that no comparison shows ------------------------------------------------------------


def divided_or_0(top, bottom):
    try:
        return top / bottom
    except ZeroDivisionError:
        return 0


def test_a_division_by_zero_that_is_caught_is_a_branch():
    def function(x):
        return divided_or_0(x * x, x)

    assert check_gradient(function, lambda x: 1).verdict is PROVED
    report = check_gradient(function, lambda x: divided_or_0(x, x))
    assert report.verdict is REFUTED
    assert report.entries[0].point == {"x": 0}
    # Where the pole was filled with 0 there is no derivative.
    pole = check_gradient(lambda x: divided_or_0(1, x), lambda x: -divided_or_0(1, x * x))
    assert pole.verdict is KINK


def test_numbers_are_keys_of_dicts_by_their_value():
    def function(x):
        return sum(count * value**2 for value, count in Counter(x).items())

    assert check_gradient(function, lambda x: 2 * x, shape=[3]).verdict is PROVED
    assert check_gradient(function, lambda x: 2 * x * len(set(x)), shape=[3]).verdict is REFUTED


def whole_at_a_tie(x):
    return (x == x.max()) * 1


@pytest.mark.parametrize(
    ("check", "function", "derivative", "verdict"),
    [
        (check_vjp, lambda x: x.max(), lambda x, g: whole_at_a_tie(x) * g, REFUTED),
        (check_vjp, lambda x: x.max(), lambda x, g: np.eye(2)[np.argmax(x)] * g, KINK),
        (check_jacobian, lambda x: np.array([x.max()]), lambda x: [whole_at_a_tie(x)], REFUTED),
        (check_jacobian, lambda x: np.array([x.max()]), lambda x: [np.eye(2)[np.argmax(x)]], KINK),
    ],
)
def test_a_tie_is_not_paid_twice(check, function, derivative, verdict):
    assert check(function, derivative, shape=[2]).verdict is verdict


def test_where_partial_derivatives_make_no_derivative_a_selection_is_a_convention():
    # At (0, 0, 0) the median stands still if one of three moves, and moves with all three.
    def chosen(x):
        return (np.arange(3) == np.argsort(x)[1]) * 1

    report = check_gradient(lambda x: np.sort(x)[1], chosen, [0, 0, 0])
    assert report.verdict is KINK
    assert refuted(check_gradient(lambda x: np.sort(x)[1], lambda x: 2 * chosen(x), [0, 0, 0]))


def test_one_number_by_one_number():
    assert check_hessian(lambda x: x**3, lambda x: 6 * x).verdict is PROVED
    assert check_jacobian(lambda x: x**2, lambda x: 2 * x).verdict is PROVED
    assert refuted(check_hessian(lambda x: x**3, lambda x: 5 * x)) == ["x, x"]


def test_a_bug_in_the_program_is_no_statement_about_mathematics():
    with pytest.raises(CaseError, match="the gradient raised NameError: name 'twice'"):
        check_gradient(lambda x: x * x, lambda x: twice(x))  # noqa: F821 - it has no meaning, which is tested
    with pytest.raises(CaseError, match=r"at every point .* NameError: name 'squared'[^.]*$"):
        check_gradient(lambda x: squared(x), lambda x: 2 * x)  # noqa: F821 - it has no meaning, which is tested
