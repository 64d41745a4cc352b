"""Programs that ask whether a number is finite, and what they hide by it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import minigrad
from minigrad import grad
from minigrad.errors import DivisionByZero, DomainError
from minigrad.nonfinite import NonFinite
from minigrad.verify import Verdict, check_gradient

np = pytest.importorskip("numpy")


def is_itself(x: Any) -> Any:
    root = np.sqrt(x[0] + 20)
    return x[0] ** 2 if root == root else 0 * x[0]


def dropped(x: Any) -> Any:
    logs = np.log(x + 20)
    return np.sum(x[~np.isnan(logs)] ** 2)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.where(np.isnan(np.sqrt(x[0] + 10)), x[0], x[0] ** 2),
        lambda x: np.where(np.isnan(np.arcsin(x[0] / 10)), x[0], x[0] ** 2),
        lambda x: np.where(np.isnan((x[0] + 10) ** 0.5), x[0], x[0] ** 2),
        lambda x: np.where(np.isfinite(np.log(x[0] + 10)), x[0] ** 2, x[0]),
        lambda x: x[0] ** 2 if not math.isnan(np.log(x[0] + 30)) else x[0],
        lambda x: x[0] ** 2 + np.nan_to_num(0 * np.sqrt(x[0] + 25), nan=x[0]),
        lambda x: np.nansum([x[0] ** 2 + 0 * np.log(50 - x[0])]),
        is_itself,
        dropped,
    ],
)
def test_the_branch_behind_a_nan_is_looked_for(function: Callable[[Any], Any]) -> None:
    report = check_gradient(function, lambda x: 2 * x, shape=[1])
    assert report.verdict is not Verdict.PROVED


def test_weights_without_a_sum_raise_as_numpy_s() -> None:
    def mean(x: Any) -> Any:
        try:
            return np.average(x, weights=np.maximum(x, 0))
        except ZeroDivisionError:
            return x[0] ** 2

    right = lambda x: np.array([1.0 + 0 * x[0]]) if x[0] > 0 else 2 * x
    wrong = lambda x: np.array([1.0 + 0 * x[0]]) if x[0] > 0 else 7 * x
    assert check_gradient(mean, right, shape=[1]).verdict is Verdict.KINK
    assert check_gradient(mean, wrong, shape=[1]).verdict is Verdict.REFUTED


def test_a_gradient_by_a_transform_reads_floats_as_the_check_does() -> None:
    function = lambda x: x * minigrad.exp(0.1)
    by_transform = lambda x: grad(function)(x)
    assert check_gradient(function, by_transform, floats="binary").verdict is Verdict.PROVED


def test_transforms_raise_what_was_the_reason() -> None:
    with pytest.raises(DomainError, match=r"log\(-1\): the operand must be greater than 0"):
        grad(lambda x: np.log(x))(-1)
    with pytest.raises(DivisionByZero, match=r"div\(1, 0\)"):
        grad(lambda x: np.sum(1 / x))(np.array([0, 2]))


def test_what_is_not_finite_is_formatted_as_a_float() -> None:
    x = NonFinite(-math.inf)
    assert (str(x), f"{x:.3f}", f"{NonFinite(math.nan):6.1f}") == ("-inf", "-inf", "   nan")


def test_errors_keep_no_graph_outside_runs() -> None:
    with pytest.raises(DomainError) as raised:
        minigrad.log(minigrad.Scalar(-1))
    assert raised.value.operation is None


def bump(x: Any) -> Any:
    return np.sum(np.where(x > 0, np.exp(-1 / x), 0))


def around(x: Any) -> Any:
    return np.sum(np.where(np.abs(x) < 1, np.exp(-1 / (1 - x**2)), 0))


def around_by_hand(x: Any) -> Any:
    return np.where(np.abs(x) < 1, np.exp(-1 / (1 - x**2)) * -2 * x / (1 - x**2) ** 2, 0)


@pytest.mark.parametrize(
    ("function", "gradient", "verdict"),
    [
        (bump, lambda x: np.where(x > 0, np.exp(-1 / x) / x**2, 0), Verdict.PROVED),
        (bump, lambda x: np.where(x > 0, np.exp(-1 / x) / x, 0), Verdict.REFUTED),
        (bump, lambda x: np.where(x > 0, np.exp(-1 / x) / x**2, 1), Verdict.REFUTED),
        (around, around_by_hand, Verdict.PROVED),
        (around, lambda x: -around_by_hand(x), Verdict.REFUTED),
    ],
)
def test_bumps_whose_other_side_is_thrown_away(
    function: Callable[[Any], Any], gradient: Callable[[Any], Any], verdict: Verdict
) -> None:
    assert check_gradient(function, gradient, shape=[1]).verdict is verdict


def test_what_is_beyond_every_power_and_kept_leaves_the_side_open() -> None:
    function = lambda x: np.sum(np.where(x == 0, 0.0, np.exp(-1 / x)))
    report = check_gradient(function, lambda x: np.where(x == 0, 0.0, np.exp(-1 / x) / x**2), [0])
    assert report.verdict is Verdict.UNDECIDED
    assert "exp of an infinite number is not known beside this point" in str(report)
