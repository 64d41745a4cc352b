"""Floats that were rounded on their way into a check."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from checked_functions import KINK, PROVED, REFUTED, UNDECIDED, finding

import minigrad
from minigrad import Scalar
from minigrad.verify import check_gradient


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
    assert {entry.proof for entry in report.entries if entry.verdict is UNDECIDED} == {"rounding"}
    assert "floats that were rounded before minigrad saw them" in str(report)
    line = finding(report, "was computed, and so rounded")
    assert "test_check_gradient_floats.py:" in line
    assert check_gradient(function, gradient, floats="simplest").verdict is PROVED


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
def test_rounding_does_not_hide_a_mistake(floats):
    report = check_gradient(lambda x: x**2 * (1 / 3), lambda x: 2.0000001 * x / 3, floats=floats)
    assert report.verdict is REFUTED
    assert check_gradient(lambda x: x / 3, lambda x: 0.3333, floats=floats).verdict is REFUTED


STANDARDISED = np.array([0.1, 0.2, 0.4, 0.7])
STANDARDISED = (STANDARDISED - STANDARDISED.mean()) / STANDARDISED.std()
ORTHOGONAL = np.linalg.qr(np.array([[2.0, 0.5], [0.5, 1]]))[0]
FREQUENCY = 2 * np.pi


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        # The sum of the covariates is 2e-16, and of their squares 4 but for the last digit.
        (lambda a, b: np.sum((a + b * STANDARDISED) ** 2) / 2, lambda a, b: (4 * a, 4 * b)),
        (lambda a, b: np.sum((ORTHOGONAL @ [a, b]) ** 2) / 2, lambda a, b: (a, b)),
        (
            lambda a, b: np.exp(-np.sum((ORTHOGONAL @ [a, b]) ** 2) / 2),
            lambda a, b: tuple(-np.array([a, b]) * np.exp(-(a * a + b * b) / 2)),
        ),
        # The gradient's 2*pi is exact, the function's was rounded when the module was read.
        (
            lambda a, b: np.sin(FREQUENCY * a) + b,
            lambda a, b: (2 * np.pi * np.cos(2 * np.pi * a), 1),
        ),
    ],
)
def test_rounding_is_known_wherever_a_constant_stands(function, gradient, floats):
    assert check_gradient(function, gradient, floats=floats).verdict is UNDECIDED

    def wrong(a, b):
        first, second = gradient(a, b)
        return first, second + a / 10**9

    assert check_gradient(function, wrong, floats=floats).verdict is REFUTED


GRID = np.linspace(0, 1, 11)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: max(x - 0.1 * 3, 0) ** 2,
        lambda x: (x - GRID[3]) ** 2 if x > GRID[3] else 0,
    ],
)
def test_between_a_rounded_threshold_and_what_was_meant_nothing_is_refuted(function):
    gradient = lambda x: 2 * (x - 0.3) if x > 0.3 else 0
    assert check_gradient(function, gradient).verdict is UNDECIDED
    wrong = lambda x: 2 * (x - 0.3) if x > 0.4 else 0
    assert check_gradient(function, wrong).verdict is REFUTED


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: (1 / 3) * 5 * x, lambda x: 5 / 3),
        (lambda x: x * x / 2 * (5 / 3), lambda x: (1 / 3) * 5 * x),
        (lambda x: 7 * x * (1 / 3), lambda x: 7 / 3),
    ],
)
def test_constants_of_both_programs_may_be_off_in_opposite_directions(function, gradient):
    assert check_gradient(function, gradient).verdict is UNDECIDED


YEARS = np.array([1990.0, 1995, 2003, 2011, 2020, 2021, 2022])
YEARS = (YEARS - YEARS.mean()) / YEARS.std()


def test_standardised_data_are_off_by_more_than_their_last_digits():
    function = lambda b: np.mean((YEARS + b) ** 2) / 2
    assert check_gradient(function, lambda b: b).verdict is UNDECIDED
    assert check_gradient(function, lambda b: b * (1 + 1e-9)).verdict is REFUTED


def is_positive(x):
    return x > 0


EXPONENTS = {
    "a third": (lambda x: x ** (1 / 3), lambda x: (1 / 3) * x ** (-2 / 3)),
    "over 3": (lambda x: x ** (1 / 3), lambda x: x ** (-2 / 3) / 3),
    "of a sum": (lambda x: (x**2 + 1) ** (1 / 3), lambda x: 2 * x / 3 * (x**2 + 1) ** (-2 / 3)),
    "np.power": (lambda x: np.power(x, 1 / 3), lambda x: 1 / 3 * np.power(x, -2 / 3)),
    "math.pow": (lambda x: math.pow(x, 1 / 3), lambda x: 1 / 3 * math.pow(x, -2 / 3)),
    "of a number": (lambda x: 3 ** (x / 3), lambda x: math.log(3) / 3 * 3 ** (x * (1 / 3))),
}


@pytest.mark.parametrize(("function", "gradient"), EXPONENTS.values(), ids=EXPONENTS)
def test_rounded_exponents_are_undecided_and_proved_as_the_simplest(function, gradient):
    report = check_gradient(function, gradient, domain=is_positive, floats="simplest")
    assert report.verdict is PROVED
    for floats in ("decimal", "binary"):
        report = check_gradient(function, gradient, domain=is_positive, floats=floats)
        assert report.verdict is UNDECIDED
        assert "floats that were rounded before minigrad saw them" in str(report)
        assert any("was computed, and so rounded" in text for text in report.findings)


def test_exponents_are_read_as_it_was_said():
    for floats in ("decimal", "binary", "simplest"):
        report = check_gradient(
            lambda x: x**0.1, lambda x: 0.1 * x**0.1 / x, domain=is_positive, floats=floats
        )
        assert report.verdict is PROVED
    fourth = (lambda x: x ** (4 / 3), lambda x: 4 / 3 * x ** (1 / 3))
    assert check_gradient(*fourth, domain=is_positive, floats="simplest").verdict is PROVED


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
@pytest.mark.parametrize(
    "gradient",
    [
        lambda x: (1 / 2) * x ** (-2 / 3),
        lambda x: (1 / 3) * x ** (-1 / 3),
        lambda x: (1 / 3) * x ** (-2 / 3 + 1e-9),
    ],
)
def test_the_rounding_of_an_exponent_does_not_hide_a_mistake(gradient, floats):
    report = check_gradient(lambda x: x ** (1 / 3), gradient, domain=is_positive, floats=floats)
    assert report.verdict is REFUTED


THIRD = 1 / 3


def assigned(x):
    g = np.zeros(2)
    g[0], g[1] = THIRD, x
    return g[0] * g[1]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (np.array([THIRD]) * x)[0],
        lambda x: np.full(1, THIRD) * x,
        lambda x: np.polyval([THIRD, 0], x),
        lambda x: (np.array([THIRD]) * np.sqrt(2) * x * np.sqrt(2))[0] / 2,
        assigned,
    ],
)
def test_floats_in_arrays_are_read_as_it_was_said(function):
    true = Fraction(1, 3)
    assert check_gradient(function, lambda x: true, floats="simplest").verdict is PROVED
    for floats in ("decimal", "binary"):
        assert check_gradient(function, lambda x: true, floats=floats).verdict is UNDECIDED
    wrong = true + Fraction(1, 10**9)
    for floats in ("decimal", "binary", "simplest"):
        assert check_gradient(function, lambda x: wrong, floats=floats).verdict is REFUTED


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
def test_a_function_of_a_rounded_float_is_near_its_closed_form(floats):
    true = minigrad.exp(Scalar(Fraction(1, 3)))
    is_simple = floats == "simplest"
    for factor, is_read in (
        (lambda: math.exp(THIRD), False),
        (lambda: np.exp(np.array([THIRD]))[0], is_simple),
    ):
        report = check_gradient(lambda x, c=factor: x * c(), lambda x: true, floats=floats)
        assert report.verdict is (PROVED if is_read else UNDECIDED)
        report = check_gradient(lambda x, c=factor: x * c(), lambda x: true * x, floats=floats)
        assert report.verdict is REFUTED


def test_a_float_that_was_written_is_what_was_written():
    assert check_gradient(lambda x: 0.1 * x * x, lambda x: 0.2 * x).verdict is PROVED
    # As doubles, 0.3 is not three times 0.1.
    by_three = (lambda x: 0.1 * x**3, lambda x: 0.3 * x * x)
    assert check_gradient(*by_three).verdict is PROVED
    assert check_gradient(*by_three, floats="binary").verdict is REFUTED


@pytest.mark.parametrize("scale", [1, 3])
def test_a_jump_by_the_rounding_of_floats_is_undecided(scale):
    """A spline that is joined where 2/3 - 1 + 1/2 is 1/6, in numbers that are not rounded."""

    def spline(r):
        return (2 / 3 - r**2 + r**3 / 2) * scale if r < 1 else (2 - r) ** 3 / 6 * scale

    def slope(r):
        return (-2 * r + 3 * r**2 / 2) * scale if r < 1 else -((2 - r) ** 2) / 2 * scale

    report = check_gradient(spline, slope)
    (entry,) = report.entries
    assert (report.verdict, entry.point) == (UNDECIDED, {"r": 1})
    assert "the function jumps here by -1/" in entry.message
    assert check_gradient(spline, slope, floats="simplest").verdict is PROVED
    # A jump that is no rounding stays one.
    real = check_gradient(lambda r: spline(r) + (r < 1) / 10**6, slope)
    assert real.verdict is KINK


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: 1 / max(x, 3), lambda x: -1 / x**2 if x > 3 else 0),
        (lambda x: 1 / max(x, 3), lambda x: -1 / x**2 if x >= 3 else 0),
        (lambda x: max(x, 1) / 3, lambda x: minigrad.Scalar.constant("1/3") if x > 1 else 0),
        (lambda x: math.exp(min(x, 0.9)), lambda x: math.exp(x) if x < 0.9 else 0),
        (lambda x: min(max(x - 100, 0), 20) / 7 * 7, lambda x: 1 if 100 < x < 120 else 0),
    ],
)
def test_a_number_that_max_or_min_picks_is_not_divided_in_floats(function, gradient):
    report = check_gradient(function, gradient)
    assert report.verdict is KINK
    assert "nonexistent" not in str(report)
    wrong = check_gradient(function, lambda x: gradient(x) + 1)
    assert wrong.verdict is REFUTED


def test_a_float_that_is_returned_beside_a_boundary_is_no_jump():
    # 1/3 from one side, 0.3333333333333333 from the other; the literal is of Python's own.
    report = check_gradient(
        lambda x: x / 3 if x > 1 else 1 / 3,
        lambda x: minigrad.Scalar.constant("1/3") if x > 1 else 0,
    )
    assert report.verdict is UNDECIDED


@pytest.mark.parametrize(
    ("scale", "off"),
    [(1e5, 1e-9), (1e8, 1e-6), (1e12, 1e-4), (1e15, 1e-2), (1e-20, 0.5), (1e-13, -2)],
)
def test_rounding_is_measured_by_the_numbers_at_hand(scale, off):
    k = scale / 3
    square = lambda x: k * x if scale < 1 else (x - k) ** 2
    right = lambda x: k if scale < 1 else 2 * x - 2 * scale / 3
    wrong = lambda x: k * (1 + off) + 0 * x if scale < 1 else 2 * x - 2 * k * (1 + off)
    assert check_gradient(square, right, shape=1).verdict in (PROVED, UNDECIDED)
    assert check_gradient(square, wrong, shape=1).verdict is REFUTED


def test_whole_numbers_are_exact_whatever_their_digits():
    large, speed = math.factorial(20), 299792458
    assert check_gradient(lambda x: large * x, lambda x: large + 1, shape=1).verdict is REFUTED
    energy = lambda v: 1 / (1 - v * v / speed**2)
    assert check_gradient(energy, lambda v: 2 * v / speed**2, shape=1).verdict is REFUTED
    right = lambda v: 2 * v / speed**2 * energy(v) ** 2
    assert check_gradient(energy, right, shape=1).verdict is PROVED


def normal(z):
    return (1 + math.erf(z / math.sqrt(2))) / 2


def bachelier(price, strike=100.0, width=5.0):
    d = (price - strike) / width
    return (price - strike) * normal(d) + width * math.exp(-d * d / 2) / math.sqrt(2 * math.pi)


LARGE = np.array([1203456789.5, 1198765432.1, 1210000000.0])


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (bachelier, lambda price: 0 * price * (1 / 3)),
        (bachelier, lambda price: normal((price - 100.0) * (1 / 3))),
        (
            lambda x: math.log(1 + math.exp(-(x - 50))),
            lambda x: -1 / (1 + math.exp((x - 50) * (0.2 + 0.1) / 0.15)),
        ),
        (
            lambda b: np.sum((LARGE - b) ** 2) / 3 + 0.5e-4 * b**2,
            lambda b: -np.sum(LARGE - b) * (2 / 3),
        ),
    ],
)
def test_what_rounding_explains_at_usual_points_it_need_not_at_the_numbers_of_the_program(
    function, gradient
):
    assert check_gradient(function, gradient).verdict is REFUTED


def test_the_simplest_reading_is_that_of_data_too():
    features, targets = np.array([[1, 0.5], [2, -1], [0.3, 0.7]]), np.array([1.0, 0.5, 0.25])
    function = lambda w: np.mean((features @ w - targets) ** 2)
    gradient = lambda w: (2.0 / 3) * features.T @ (features @ w - targets)
    report = check_gradient(function, gradient, shape=[2])
    assert report.verdict is UNDECIDED
    assert finding(report, 'floats="simplest" reads')
    assert check_gradient(function, gradient, shape=[2], floats="simplest").verdict is PROVED


def test_what_rounding_explains_at_one_point_it_need_not_at_another():
    function = lambda v: (math.exp(v / 0.02585) - 1) * (1 / 3) + v / 50
    gradient = lambda v: math.exp(v / 0.02585) / 0.02585 * (1 / 3)
    assert check_gradient(function, gradient, shape=1).verdict is REFUTED


def test_of_many_rounded_floats_a_few_are_named():
    def function(x):
        return sum(x * (k / 7) for k in range(1, 40) if k % 7)

    report = check_gradient(function, lambda x: sum(k / 7 for k in range(1, 40) if k % 7))
    named = [text for text in report.findings if "was computed, and so rounded" in text]
    assert len(named) == 6
    assert f"{34 + 1 - 6} more floats were computed, and so rounded" in report.findings
