"""Differences of samples, sums by bins, polynomials through points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_functions import MATRIX, VECTOR, check

from minigrad import DivisionByZero, InvalidOperand, Scalar
from minigrad.arrays import Array, array, values
from minigrad.verify import check_gradient
from minigrad.verify.report import Verdict

PLACES = np.array([0.5, 1.0, 3.0, 3.5, 5.5, 7.0])


@pytest.mark.parametrize("edge_order", [1, 2])
def test_slopes_depend_on_both_samples_and_places(edge_order: int) -> None:
    check(lambda y, x: np.gradient(y, x, edge_order=edge_order), VECTOR, PLACES)


def test_slopes_along_several_axes_are_as_many_arrays() -> None:
    cube = array(np.arange(12.0).reshape(3, 2, 2))
    for axis, count in ((None, 3), ((0, 2), 2)):
        found = np.gradient(cube, axis=axis)
        assert [type(part) for part in found] == [Array] * count
    assert isinstance(np.gradient(cube, axis=1), Array)
    assert isinstance(np.gradient(cube, axis=(1,)), Array)


def test_distances_may_be_scalars() -> None:
    check(lambda y, h: np.gradient(y, h[0]), VECTOR, np.array([0.5]))


def test_sums_by_bins_are_nodes() -> None:
    found = np.bincount([2, 0, 2], weights=array([1, 2, "1/3"], "w"))
    assert [node.operator.name for node in found[[0, 2]]] == ["sum", "sum"]
    assert values(found).tolist() == [2, 0, values(Scalar("4/3"))]


def test_a_fit_through_all_points_has_no_error() -> None:
    found = np.polyfit([0, 1, 3], array(["1/3", 1, 7]), 2)
    assert [str(node.data) for node in found] == ["7/9", "-1/9", "1/3"]
    check(lambda y, x: np.polyfit(x, y, 2, w=[1, 2, 1, 1, 3, 1]), VECTOR, PLACES)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: np.gradient(x, edge_order=3), "gradient: expected edge_order to be 1 or 2; got 3"),
        (lambda x: np.gradient(x, 1, 2, 3), "gradient: expected a distance"),
        (lambda x: np.gradient(x, [1, 2, 3]), "gradient: expected a distance"),
        (lambda x: np.gradient(x, 1, [1, 2]), "gradient: expected as many coordinates .* 3; got"),
        (lambda x: np.gradient(x, axis=0, edge_order=2), "gradient: expected 3 elements or more"),
        (lambda x: np.bincount([0, 1], weights=x), "bincount: expected as many weights as places, 2"),
        (lambda x: np.bincount(x[0]), "bincount: expected an array of whole numbers, without Scalars"),
        (lambda x: np.polyfit(x[0], x[0], 1, full=True), "polyfit: expected full=False"),
        (lambda x: np.polyfit([1, 2], x[0], 1), "polyfit: expected x of one axis"),
        (lambda x: np.polyfit(x[0], x[0], -1), "polyfit: expected deg to be 0 or more; got -1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(call: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(InvalidOperand, match=f"^{says}"):
        call(array(MATRIX))


def test_points_that_determine_no_polynomial() -> None:
    with pytest.raises(DivisionByZero, match="singular"):
        np.polyfit([1, 1], array([1, 2]), 1)


def test_a_program_of_samples_is_proved() -> None:
    def energy(x: Any) -> Any:
        return (np.gradient(x, 0.5) ** 2).sum() + np.bincount([0, 1, 0], weights=x)[0] ** 2

    def gradient(x: Any) -> Any:
        g = 2 * np.array([x[0] + x[2], 0 * x[1], x[0] + x[2]])
        left, middle, right = 2 * (x[1] - x[0]), x[2] - x[0], 2 * (x[2] - x[1])
        return g + 2 * np.array([-2 * left - middle, 2 * left - 2 * right, middle + 2 * right])

    assert check_gradient(energy, gradient, shape=[3]).verdict is Verdict.PROVED
