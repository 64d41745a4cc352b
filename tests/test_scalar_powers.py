"""Powers: whole, fractional and variable exponents, and results that would not fit."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scalars import derivative

from minigrad import (
    DivisionByZero,
    DomainError,
    GradientUnavailable,
    InvalidOperand,
    NoDerivative,
    Scalar,
    apply,
    gradients,
)
from minigrad.number import UNAVAILABLE
from minigrad.operators import OPERATORS

HALF = Fraction(1, 2)


@pytest.mark.parametrize("n", [-3, -2, -1, 0, 1, 2, 3, 7])
@given(st.fractions(max_denominator=1000).filter(bool))
@example(Fraction(1))
@example(Fraction(-1))
@example(Fraction(-1, 3))
def test_a_power_and_its_derivative(n: int, x: Fraction) -> None:
    node = Scalar(x)
    power = node**n
    power.backward()
    assert power.data == x**n
    assert node.grad == n * x ** (n - 1)
    assert type(node.grad) is Fraction


@pytest.mark.parametrize("two", [2.0, Fraction(2), Decimal("2.0"), 2])
def test_a_whole_exponent_of_any_type(two: object) -> None:
    power = Scalar(3) ** two
    assert power.data == 9
    assert power.operator.name == "pow"
    assert power.parameters == (2,)


def test_powers_of_zero() -> None:
    assert (Scalar(0) ** 0).data == 1
    assert (0 ** Scalar(0)).data == 1
    assert (Scalar(0) ** 2).data == 0
    assert derivative(lambda x: x**0, 0) == 0
    assert derivative(lambda x: x ** Scalar(0), 0) == 0
    assert derivative(lambda x: x**1, 0) == 1
    for power in (
        lambda: Scalar(0) ** -1,
        lambda: Scalar(0) ** Scalar(-1),
        lambda: 0 ** Scalar(-1),
    ):
        with pytest.raises(DivisionByZero, match="0 has no negative power"):
            power()


def test_a_fractional_exponent_takes_roots() -> None:
    sympy = pytest.importorskip("sympy")
    for power in (lambda: Scalar(4) ** HALF, lambda: Scalar(4) ** 0.5, lambda: 4 ** Scalar("1/2")):
        assert power().data == 2
        assert type(power().data) is Fraction
    assert (Scalar(8) ** Fraction(-2, 3)).data == Fraction(1, 4)
    assert (Scalar(2) ** HALF).data == sympy.sqrt(2)
    assert (Scalar(0) ** HALF).data == 0
    assert derivative(lambda x: x**HALF, 4) == Fraction(1, 4)
    with pytest.raises(NoDerivative, match="no derivative there: at operand = 0, operand = 1/2"):
        derivative(lambda x: x**HALF, 0)


def test_a_fractional_exponent_of_a_negative_base_is_refused() -> None:
    for power in (
        lambda: Scalar(-4) ** HALF,
        lambda: Scalar(-4) ** 0.5,
        lambda: Scalar(-4) ** Scalar("1/2"),
        lambda: (-4) ** Scalar("1/2"),
    ):
        with pytest.raises(DomainError, match="whole exponent"):
            power()


def test_a_node_as_exponent_of_a_positive_base() -> None:
    sympy = pytest.importorskip("sympy")
    x, y = Scalar(3), Scalar(2, "y")
    z = x**y
    z.backward()
    assert (z.data, x.grad, y.grad) == (9, 6, 9 * sympy.log(3))
    assert (y.grad_sign, y.grad_int) == (1, 9)
    assert sympy.simplify(y.join_grad() - 9 * sympy.log(3)) == 0
    assert y.grad_frac == 9 * sympy.log(3) - 9
    one = Scalar(2, "y")
    (Scalar(1) ** one).backward()
    assert one.grad == 0
    assert type(one.grad) is Fraction


def test_a_node_as_exponent_of_a_negative_base() -> None:
    x, y = Scalar(-3), Scalar(2, "y")
    z = x**y
    z.backward()
    assert (z.data, x.grad) == (9, -6)
    assert y.has_grad
    for read in (lambda: y.grad, lambda: y.grad_sign, y.join_grad):
        with pytest.raises(GradientUnavailable, match=r"'y'.*a base that is not positive"):
            read()
    assert "grad unavailable" in str(y)


def test_an_unavailable_gradient_reaches_what_it_flows_into_and_nothing_else() -> None:
    a, b, x, other = Scalar(1), Scalar(1), Scalar(-3), Scalar(5)
    exponent = a + b
    root = x**exponent + other * a
    root.backward()
    assert (x.grad, other.grad) == (-6, 1)
    for node in (a, b, exponent):
        with pytest.raises(GradientUnavailable):
            node.grad  # noqa: B018 - to read it raises
    assert gradients(root)[a] is UNAVAILABLE
    root.backward()
    assert x.grad == -12
    with pytest.raises(GradientUnavailable):
        a.grad  # noqa: B018 - to read it raises
    root.zero_grad()
    assert a.grad == 0


def test_a_number_to_the_power_of_a_node() -> None:
    power = Fraction(1, 2) ** Scalar(3)
    assert power.data == Fraction(1, 8)
    assert (2 ** Scalar(-3)).data == Fraction(1, 8)
    assert (0.1 ** Scalar(2)).data == Fraction(1, 100)


def test_a_fraction_to_the_power_of_a_node() -> None:
    assert (Fraction(1, 3) ** Scalar(2)).data == Fraction(1, 9)


def test_no_modular_power() -> None:
    with pytest.raises(TypeError):
        pow(Scalar(2), 3, 5)


def test_large_exponents_of_one_are_small() -> None:
    assert (Scalar(1) ** 10**30).data == 1
    assert (Scalar(-1) ** (10**30 + 1)).data == -1
    assert (Scalar(0) ** 10**30).data == 0


def test_an_operator_is_applied_by_its_name_too() -> None:
    x = Scalar(2)
    node = apply("pow", [x], [9])
    node.backward()
    assert node.operator is OPERATORS["pow"]
    assert (node.data, node.parameters, x.grad) == (512, (9,), 9 * 2**8)
    for unknown in ("plus", "", None, 3, int):
        with pytest.raises(InvalidOperand, match=r"expected an operator, one of add, .*; got "):
            apply(unknown, [x])
