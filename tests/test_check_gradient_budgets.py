"""Sizes and budgets."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from checked_functions import PROVED, REFUTED, UNDECIDED, labels

import minigrad
from minigrad.errors import TooLarge
from minigrad.verify import check_gradient


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


def test_a_searched_point_where_the_gradient_meets_a_limit_is_left_out():
    def gradient(x):
        return 2 * x + 0 * x**10**7 if x == 3 else 2 * x

    report = check_gradient(lambda x: x * x, gradient)
    assert report.verdict is PROVED
    assert any("of the points tried were left out" in note for note in report.findings)
    # A point that is asked for is answered.
    report = check_gradient(lambda x: x * x, gradient, 3)
    assert report.verdict is UNDECIDED
    assert "the gradient raised TooLarge" in report.entries[0].message


def test_a_limit_that_the_gradient_meets_everywhere_is_told():
    report = check_gradient(lambda x: x * x, lambda x: 2 * x + 0 * (x * x + 2) ** 10**7)
    assert report.verdict is UNDECIDED
    assert "the gradient raised TooLarge" in report.entries[0].message


def test_a_refutation_stands_where_another_point_is_too_large():
    def gradient(x, y):
        return 3 * x, 2 * y + 0 * (y / (4 + y * y)) ** (2**20)

    for point in ([], [(1, 0)]):
        report = check_gradient(lambda x, y: x**2 + y**2, gradient, *point)
        assert report.entries[0].verdict is REFUTED
        assert report.entries[0].difference
        assert "with floats" not in str(report)


def test_a_refutation_is_not_lost_where_smaller_numbers_are_too_large():
    np = pytest.importorskip("numpy")
    places, targets = np.array([0.0, 1, 2.5]), np.array([0.2, 0.9, -0.3])

    def function(th):
        scale, height, noise = th
        distances = (places[:, None] - places) ** 2
        covariance = np.exp(2 * height) * np.exp(-distances * np.exp(-2 * scale) / 2)
        return targets @ np.linalg.solve(covariance + np.exp(2 * noise) * np.eye(3), targets) / 2

    assert check_gradient(function, lambda th: th, shape=[3], budget=1).verdict is REFUTED


def limited(x):
    """Nothing, which takes more bits than there may be."""
    return 0 * (x * x + 2) ** 10**7


def test_one_point_on_a_boundary_proves_nothing_where_all_others_were_left_out():
    def gradient(x):
        return 3 * x + limited(x) if x != 0 else 0 * x

    (entry,) = check_gradient(lambda x: x * x, gradient).entries
    assert (entry.verdict, entry.proof) == (UNDECIDED, "points")


@pytest.mark.parametrize("with_operator", [False, True], ids=["comparison", "operator"])
def test_a_branch_of_which_all_points_were_left_out_is_undecided(with_operator):
    def function(x):
        return minigrad.relu(x) ** 2 if with_operator else x * x

    def gradient(x):
        return 3 * x + limited(x) if x > 0 else (0 if with_operator else 2) * x

    report = check_gradient(function, gradient)
    assert report.verdict is UNDECIDED
    assert "has a side of which all points were left out" in report.entries[0].message
