"""NumPy's statistics of Scalars: NumPy on floats is the judge of values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_functions import check

from minigrad import Scalar
from minigrad.arrays import array, grads
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand
from minigrad.verify import Verdict, check_gradient

POINT = np.array([[3.0, 0.5, -2.0, 8.0], [1.0, 1.25, 0.25, -4.0], [7.0, 0.0, 2.5, 6.0]])
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "quantile": lambda x: np.quantile(x, 0.3),
    "quantile of rows": lambda x: np.quantile(x, 0.25, axis=1),
    "quantile of columns, kept": lambda x: np.quantile(x, 0.6, axis=0, keepdims=True),
    "quantiles": lambda x: np.quantile(x, [0, 0.1, 1], axis=1),
    "a matrix of quantiles": lambda x: np.quantile(x, [[0, 0.1], [0.5, 1]], axis=0),
    "lower": lambda x: np.quantile(x, 0.3, method="lower"),
    "higher": lambda x: np.quantile(x, 0.3, method="higher"),
    "midpoint": lambda x: np.quantile(x, [0.3, 1], method="midpoint"),
    "percentile": lambda x: np.percentile(x, 90),
    "percentiles": lambda x: np.percentile(x, [5, 50, 95], axis=1),
    "nanquantile": lambda x: np.nanquantile(x, 0.5, axis=1),
    "nanpercentile": lambda x: np.nanpercentile(x, 12.5),
    "cov": np.cov,
    "cov of one": lambda x: np.cov(x[0]),
    "cov of two": lambda x: np.cov(x[0], x[1]),
    "cov by column": lambda x: np.cov(x, rowvar=False),
    "cov, biased": lambda x: np.cov(x, bias=True),
    "cov, freedom": lambda x: np.cov(x, ddof=2),
    "corrcoef": np.corrcoef,
    "corrcoef of two": lambda x: np.corrcoef(x[0], x[2]),
    "cov by place": lambda x: np.cov(x, None, False, True),
    "corrcoef by place": lambda x: np.corrcoef(x, None, False),
    "quantile by place": lambda x: np.quantile(x, 0.3, None, None, False, "lower"),
    "mean by place": lambda x: np.mean(x, 0, None, None, True),
    "std by place": lambda x: np.std(x, 0, None, None, 1, True),
    "mean": lambda x: np.mean(x, axis=1),
    "std": lambda x: np.std(x, axis=0, ddof=1),
    "average": lambda x: np.average(x, axis=1, weights=[1, 2, 3, 4]),
    "median": lambda x: np.median(x, axis=1),
    "nanmedian": np.nanmedian,
    "ptp": lambda x: np.ptp(x, axis=0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_are_numpy_s(name: str) -> None:
    check(FUNCTIONS[name], POINT)


def test_the_gradient_of_a_quantile_is_that_of_its_neighbours() -> None:
    y = array([5, 1, 3, 2])
    np.quantile(y, 0.4).backward()
    # At 6/5 of three steps, between 2 and 3.
    assert grads(y).tolist() == [0, 0, Fraction(1, 5), Fraction(4, 5)]


def test_the_gradient_of_a_covariance_is_the_distance_from_the_mean() -> None:
    x, y = array([1, 2, 6]), array([4, 0, 5])
    np.cov(x, y)[0, 1].backward()
    assert grads(x).tolist() == [Fraction(1, 2), Fraction(-3, 2), 1]
    assert grads(y).tolist() == [-1, Fraction(-1, 2), Fraction(3, 2)]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: np.quantile(x, 1.5), "expected q to be a number from 0 to 1; got 1.5"),
        (lambda x: np.percentile(x, -1), "expected q to be a number from 0 to 100; got -1"),
        (lambda x: np.quantile(x, x[0]), "expected q to be a number from 0 to 1; got"),
        (lambda x: np.quantile(x, 0.5, method="hazen"), "method to be one of linear, lower"),
        (lambda x: np.quantile(x, 0.5, weights=x, method="inverted_cdf"), "expected no weights"),
        (lambda x: np.quantile(x, []), "expected q to be a number or more; got"),
        (lambda x: np.cov(x, fweights=[1, 2]), "cov: expected no weights"),
        (lambda x: np.cov(np.zeros((2, 0)), x[:0]), "expected variables with a value or more"),
    ],
)
def test_what_has_no_exact_form_is_refused_by_name(
    function: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(InvalidOperand, match=message):
        function(array([1, 2]))


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(DomainError, match=r"^quantile: expected one element or more"):
        np.quantile(array([]), 0.5)


@pytest.mark.parametrize("name", ["cov", "nanstd", "nanvar", "std", "var"])
@pytest.mark.parametrize("ddof", [3, 5])
def test_more_freedom_than_elements_is_no_negative_variance(name: str, ddof: int) -> None:
    said = f"^{name.removeprefix('nan')}: expected ddof below the number of elements, 3; got {ddof}"
    with pytest.raises(DivisionByZero, match=said):
        getattr(np, name)(array([1, 2, 4]), ddof=ddof)


def test_a_mask_leaves_less_freedom() -> None:
    mask = [True, True, False]
    assert np.var(array([1, 2, 4]), ddof=1, where=mask).data == Fraction(1, 2)
    with pytest.raises(DivisionByZero, match="elements, 2; got 2"):
        np.var(array([1, 2, 4]), ddof=2, where=mask)


def test_a_gradient_of_a_quantile_is_checked() -> None:
    def gradient(x: Any, share: Any = Fraction(3, 4)) -> Any:
        low, high = (1, 0) if x[0] <= x[1] else (0, 1)
        return [share * low + (1 - share) * high, share * high + (1 - share) * low]

    def lower(x: Any) -> Any:
        return np.quantile(x, 0.25)

    assert check_gradient(lower, gradient, shape=[2]).ok
    wrong = check_gradient(lower, lambda x: gradient(x, Fraction(1, 4)), shape=[2])
    assert wrong.verdict is Verdict.REFUTED


def test_single_scalars_have_statistics() -> None:
    x = Scalar(3, "x")
    assert (np.mean(x).data, np.median(x).data, np.quantile(x, 0.5).data, np.ptp(x).data) == (
        3,
        3,
        3,
        0,
    )
