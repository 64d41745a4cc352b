"""A node's numbers in parts, and their digits."""

from __future__ import annotations

import decimal
import math
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad
from minigrad import InvalidOperand, Scalar


@given(st.fractions(), st.fractions())
@example(Fraction(0), Fraction(-1, 3))
@example(Fraction(-31, 10), Fraction(0))
def test_the_parts_of_value_and_gradient(data: Fraction, grad: Fraction) -> None:
    x = Scalar(data)
    x.backward(grad)
    assert x.join_data() == x.data_sign * (x.data_int + x.data_frac) == x.data == data
    assert x.join_grad() == x.grad_sign * (x.grad_int + x.grad_frac) == x.grad == grad
    assert x.data_int == math.floor(abs(data))
    assert x.grad_int == math.floor(abs(grad))
    assert x.data_sign == (data > 0) - (data < 0)
    assert x.grad_sign == (grad > 0) - (grad < 0)
    assert 0 <= x.data_frac < 1
    assert 0 <= x.grad_frac < 1


def test_the_parts_of_closed_forms() -> None:
    # -(sqrt(2) + pi) is -4.55…, and d/dx of -x*(sqrt(2) + pi) at 1 is that too.
    x = Scalar(1)
    y = -(x * (Scalar.constant(2).sqrt() + minigrad.pi))
    y.backward()
    for sign, whole, rest in (
        (y.data_sign, y.data_int, y.data_frac),
        (x.grad_sign, x.grad_int, x.grad_frac),
    ):
        assert (sign, whole) == (-1, 4)
        assert rest == sp.sqrt(2) + sp.pi - 4
    assert y.join_data() == y.data == x.grad == x.join_grad() == -sp.sqrt(2) - sp.pi


@given(st.fractions(), st.integers(1, 40))
@example(Fraction(25, 10), 1)
@example(Fraction(-35, 10), 1)
@example(Fraction(10**30 + 1), 30)
@example(Fraction(0), 3)
def test_digits_are_rounded_once_half_to_even(q: Fraction, digits: int) -> None:
    exactly = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_EVEN)
    expected = exactly.divide(decimal.Decimal(q.numerator), decimal.Decimal(q.denominator))
    assert Scalar(q).evalf(digits) == expected


def test_digits_of_closed_forms() -> None:
    # OEIS A000796: 3.14159 26535 89793 23846 26433 83279 50288…
    pi = minigrad.pi
    assert str(pi.evalf(30)) == "3.14159265358979323846264338328"
    assert (str(pi.evalf(1)), str(pi.evalf())) == ("3", "3.14159265358979")
    assert (pi - Fraction(314159, 10**5)).evalf(3) == decimal.Decimal("0.00000265")


@pytest.mark.parametrize("digits", [0, -1, True, 2.0, "3", None])
def test_how_many_digits_is_a_positive_int(digits: object) -> None:
    with pytest.raises(InvalidOperand, match=r"expected a number of digits, 1 to .*; got "):
        Scalar(1).evalf(digits)
