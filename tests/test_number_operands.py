"""Operands and ordinates."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from minigrad import exact
from minigrad.errors import InvalidNumber

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "expected"), [(True, 1), (False, 0), (2, 2), (0.1, TENTH), (Decimal("0.1"), TENTH)]
)
def test_operand_values(value: object, expected: Fraction) -> None:
    assert exact.operand_value(value) == expected
    assert exact.ordinate(value) == expected


@pytest.mark.parametrize("value", ["1", None, 1j, [1], object()])
def test_what_is_no_operand_is_left_to_python(value: object) -> None:
    assert exact.operand_value(value) is None
    assert exact.ordinate(value) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, Decimal("inf")])
def test_operands_must_be_finite(value: object) -> None:
    with pytest.raises(InvalidNumber):
        exact.operand_value(value)


@pytest.mark.parametrize("value", [math.nan, Decimal("nan")])
def test_nan_has_no_place_in_an_order(value: object) -> None:
    with pytest.raises(InvalidNumber):
        exact.ordinate(value)


def test_infinities_have_a_place_in_an_order() -> None:
    assert exact.ordinate(math.inf) == exact.ordinate(Decimal("Infinity")) == math.inf
    assert exact.ordinate(-math.inf) == exact.ordinate(Decimal("-Infinity")) == -math.inf


def test_numpy_operands_and_ordinates() -> None:
    np = pytest.importorskip("numpy")
    assert exact.operand_value(np.bool_(True)) == 1
    assert exact.operand_value(np.float32(0.1)) == TENTH
    for kind in (np.float16, np.float32, np.float64, np.longdouble):
        assert exact.ordinate(kind("-inf")) == -math.inf
