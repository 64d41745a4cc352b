"""Research code under check, as it stands: SciPy's own functions, and the traps that every autograd falls into."""

from __future__ import annotations

from fractions import Fraction

import pytest

import minigrad
from minigrad.verify import check_gradient, check_hessian, check_hvp, check_jacobian
from minigrad.verify.report import Verdict

PROVED, KINK, UNDECIDED, REFUTED = Verdict
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
            counting(optimize.rosen, calls), counting(optimize.rosen_der, calls), shape=[n]
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
