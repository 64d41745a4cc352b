"""Arithmetic with nodes, and with numbers of every kind on either side."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scalars import INFIX, derivative, each_infix, each_number

from minigrad import DivisionByZero, InvalidNumber, Scalar, TooLarge, maximum
from minigrad.number import MAX_BITS
from minigrad.operators import OPERATORS

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


def check_infix(name: str, left: Any, right: Any, expected: Fraction) -> None:
    node = INFIX[name](left, right)
    assert type(node) is Scalar
    assert node.operator is OPERATORS[name]
    assert node.data == expected
    assert type(node.data) is Fraction


@each_infix
@each_number
def test_an_infix_with_a_number_on_either_side(name: str, value: Any, exact: Fraction) -> None:
    x = Scalar(Fraction(7, 3))
    check_infix(name, x, value, INFIX[name](x.data, exact))
    check_infix(name, value, x, INFIX[name](exact, x.data))


# Up to 64 bits a number is read at once, and a longer one goes through the gate.
@each_infix
@pytest.mark.parametrize("top", [2**64 - 1, 2**64, 1 - 2**64, -(2**64), 2**200 + 1])
@pytest.mark.parametrize("bottom", [1, 3**40, 2**64 + 3])
def test_an_infix_with_a_number_of_any_length(name: str, top: int, bottom: int) -> None:
    x, value = Scalar(Fraction(7, 3)), Fraction(top, bottom)
    for given_ in (value, top):
        check_infix(name, x, given_, INFIX[name](x.data, given_))
        check_infix(name, given_, x, INFIX[name](given_, x.data))
        assert (x < given_) is (x.data < given_)


def test_a_number_that_an_infix_meets_becomes_a_constant() -> None:
    x = Scalar(3)
    for value in (2, Fraction(1, 3), 2**80, Fraction(1, 2**80), 0.1):
        for node, at in ((x * value, 1), (value * x, 0)):
            assert node.operands[at].is_constant
            assert node.operands[1 - at] is x


@pytest.mark.parametrize(
    "long", [2 ** (MAX_BITS + 1), Fraction(1, 2 ** (MAX_BITS + 1))], ids=["int", "ratio"]
)
def test_a_number_over_the_limit_is_no_operand(long: Any) -> None:
    x = Scalar(3)
    for use in (lambda: x * long, lambda: long * x, lambda: maximum(x, long), lambda: x < long):
        with pytest.raises(TooLarge):
            use()


def test_division_by_the_fraction_0() -> None:
    with pytest.raises(DivisionByZero, match=r"the divisor must not be 0"):
        Scalar(3) / Fraction(0)


@each_infix
def test_an_infix_of_a_subclass_and_a_number_is_of_the_subclass(name: str) -> None:
    class Own(Scalar):
        __slots__ = ()

        def _operand(self, value: object) -> Scalar:
            return Scalar(7)

    x = Own(2)
    for value in (3, Fraction(1, 3)):
        assert type(INFIX[name](x, value)) is type(INFIX[name](value, x)) is Own
        assert INFIX[name](x, value) == INFIX[name](2, Fraction(7))
        assert maximum(Scalar(1), maximum(value, x)) == 7


@each_infix
@pytest.mark.parametrize("exact", [Fraction(3), Fraction(1, 3), HALF])
def test_an_infix_with_a_sympy_number_on_either_side(name: str, exact: Fraction) -> None:
    sympy = pytest.importorskip("sympy")
    x, value = Scalar(Fraction(7, 3)), sympy.Rational(exact.numerator, exact.denominator)
    check_infix(name, x, value, INFIX[name](x.data, exact))
    check_infix(name, value, x, INFIX[name](exact, x.data))


@each_infix
def test_no_arithmetic_with_other_sympy_values(name: str) -> None:
    sympy = pytest.importorskip("sympy")
    y = sympy.Symbol("y")
    for value in (y, sympy.Float(0.5), sympy.I, sympy.exp(y), sympy.sqrt(-2), sympy.oo * sympy.I):
        for operands in ((Scalar(2), value), (value, Scalar(2))):
            with pytest.raises(TypeError):
                INFIX[name](*operands)


@each_infix
def test_arithmetic_with_sympy_s_closed_forms(name: str) -> None:
    sympy = pytest.importorskip("sympy")
    for value in (sympy.pi, sympy.sqrt(2), sympy.exp(1) - 2):
        for left, right in ((7, value), (value, 7)):
            found = INFIX[name](*(Scalar(x) if x == 7 else x for x in (left, right)))
            expected = INFIX[name](sympy.Integer(left) if left == 7 else left, right)
            # SymPy leaves a remainder of these unevaluated, and rounds it right all the same.
            assert abs(sympy.N(found.data, 30) - sympy.N(expected, 30)) < sympy.Float("1e-25")


@each_infix
@given(st.fractions(), st.fractions().filter(bool))
@example(Fraction(-7, 2), Fraction(2))
@example(Fraction(7), Fraction(-2))
@example(Fraction(0), Fraction(10**30))
def test_an_infix_agrees_with_fractions(name: str, x: Fraction, y: Fraction) -> None:
    check_infix(name, Scalar(x), Scalar(y), INFIX[name](x, y))


def test_whole_quotients_can_be_divided_again() -> None:
    quotient = (Scalar(7) // 2) / (Scalar(5) // 2)
    assert quotient.data == Fraction(3, 2)
    assert type((Scalar(7) // 2).data) is Fraction


@pytest.mark.parametrize("other", ["1", None, [1], 1j, b"1", object()])
def test_what_is_no_number_is_a_type_error_on_either_side(other: object) -> None:
    for combine in (*INFIX.values(), operator.pow):
        with pytest.raises(TypeError):
            combine(Scalar(1), other)
        with pytest.raises(TypeError):
            combine(other, Scalar(1))


@pytest.mark.parametrize("other", [math.nan, math.inf, Decimal("nan"), Decimal("-inf")])
def test_arithmetic_with_nan_and_infinity_is_refused(other: object) -> None:
    for combine in INFIX.values():
        with pytest.raises(InvalidNumber):
            combine(Scalar(1), other)
        with pytest.raises(InvalidNumber):
            combine(other, Scalar(1))


def test_unary_signs() -> None:
    x = Scalar(-3)
    assert +x is x
    assert (-x).data == abs(x).data == 3
    assert (abs(x).operator.name, (-x).operator.name) == ("abs", "neg")


def test_divmod_on_either_side() -> None:
    for quotient, rest in (divmod(Scalar(-7), 2), divmod(-7, Scalar(2))):
        assert (quotient.data, rest.data) == (-4, 1)


@given(st.fractions(), st.integers(-3, 3) | st.none())
@example(Fraction(5, 2), None)
@example(Fraction(-5, 2), None)
@example(Fraction(25, 1000), 2)
@example(Fraction(15), -1)
def test_round_agrees_with_fractions(x: Fraction, digits: int | None) -> None:
    node = round(Scalar(x), digits)
    assert node.data == round(x, digits)
    assert type(node.data) is Fraction
    assert derivative(lambda s: round(s, digits), x) == 0


def test_the_derivative_of_a_remainder() -> None:
    # x mod y = x - 3*y near x = 7, y = 2.
    x, y = Scalar(7), Scalar(2)
    (x % y).backward()
    assert (x.grad, y.grad) == (1, -3)
    assert type(y.grad) is Fraction
