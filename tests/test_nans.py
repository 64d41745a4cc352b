"""NumPy's functions about NaN and infinities, on arrays that hold them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from minigrad import grad, value_and_grad
from minigrad.errors import InvalidOperand

np = pytest.importorskip("numpy")


def test_nan_is_left_out_by_numpy_s_functions_for_that() -> None:
    def spread(x: Any) -> Any:
        known = np.where(x > 0, x, np.nan)
        assert np.isnan(known).tolist() == [not item > 0 for item in x]
        return np.nanmax(known) - np.nanmin(known) + np.nanmean(known) + np.nanprod(known)

    value, slope = value_and_grad(spread)(np.array([3, -1, 5]))
    assert value == 5 - 3 + 4 + 15
    assert slope.tolist() == [-1 + Fraction(1, 2) + 5, 0, 1 + Fraction(1, 2) + 3]
    with pytest.raises(
        InvalidOperand, match=r"np\.nanmedian has no exact form for an array with NaN"
    ):
        grad(lambda x: np.nanmedian(np.where(x > 0, x, np.nan)))(np.array([3, -1, 5]))


def test_infinities_are_told_by_their_sign() -> None:
    def told(x: Any) -> Any:
        row = np.where(np.array([True, False, False]), x, np.array([0, -np.inf, np.inf]))
        assert np.isneginf(row).tolist() == [False, True, False]
        assert np.isposinf(row).tolist() == [False, False, True]
        assert np.isclose(row, row).all()
        assert not np.isclose(row, -row)[1:].any()
        return np.nan_to_num(row, posinf=2, neginf=x[0]).sum()

    assert grad(told)(np.array([3, 1, 1])).tolist() == [2, 0, 0]
