"""Conventions at boundaries, exponents, and closed forms."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest
import sympy
from transforms import SLOPES, flat

import minigrad
from minigrad import Scalar, absolute, maximum, minimum, relu, where
from minigrad.derivatives import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    taylor,
    value_and_grad,
    vjp,
)
from minigrad.errors import GradientUnavailable, InvalidNumber, NoDerivative
from minigrad.exact import to_exact
from minigrad.number import UNAVAILABLE

HALF = Fraction(1, 2)

BOUNDARIES = [
    (relu, 0, 0),
    (absolute, 0, 0),
    (lambda x: maximum(x, 0), 0, HALF),
    (lambda x: maximum(x, -x), 0, 0),
    (lambda x: minimum(3 * x, x), 0, 2),
    (lambda x: x**0, 0, 0),
    (lambda x: x**1, 0, 1),
    (lambda x: x**2, 0, 0),
    (lambda x: where(x > 0, x, 5 * x), 0, 5),
    (lambda x: x // 1, 2, 0),
    (lambda x: x % 1, 2, 1),
    (round, HALF, 0),
    (lambda x: minigrad.prod([x, x, 0]), 0, 0),
    (lambda x: relu(x) - relu(-x), 0, 0),
]


@pytest.mark.parametrize(("f", "x", "slope"), BOUNDARIES)
@pytest.mark.parametrize("first", SLOPES)
def test_at_boundaries_the_conventions_hold(f: Any, x: Any, slope: Any, first: Any) -> None:
    assert first(f)(x) == slope


@pytest.mark.parametrize("f", [relu, absolute, lambda x: maximum(x, 0) * 1])
def test_second_derivatives_at_a_kink_are_those_of_the_convention(f: Any) -> None:
    assert grad(grad(f))(0) == derivative(f, 2)(0) == hessian(f)(0) == 0


def test_second_derivatives_of_products_with_zeros() -> None:
    matrix = hessian(lambda xs: minigrad.prod(xs))([0, 0, 5])
    assert matrix == [[0, 5, 0], [5, 0, 0], [0, 0, 0]]


def unavailable(tree: Any) -> list[bool]:
    return [x is UNAVAILABLE for x in flat(tree)]


def test_the_derivative_by_an_exponent_is_unavailable_and_no_other() -> None:
    power = lambda x, y: x**y
    value, gradient = value_and_grad(power, (0, 1))(-2, 3)
    assert value == -8
    assert gradient[0] == 12
    with pytest.raises(GradientUnavailable, match="exponent"):
        assert gradient[1] == 0
    assert jvp(power, (-2, 3), (1, 0)) == (-8, 12)
    assert unavailable(jvp(power, (-2, 3), (1, 1))) == [False, True]
    assert unavailable(derivative(power, 2, argnums=1)(-2, 3)) == [True]
    assert unavailable(taylor(lambda t: t**t, -2, 2)) == [False, True, True]


@pytest.mark.parametrize("n", [-1, 0, 1, 2, 3])
def test_mixed_derivatives_through_an_exponent_are_never_silently_zero(n: int) -> None:
    power = lambda x, y: x**y
    slope = n * (n - 1) * Fraction(-2) ** (n - 2)
    matrix = hessian(power, (0, 1))(-2, n)
    assert unavailable(matrix) == [False, True, True, True]
    assert matrix[0][0] == slope
    assert unavailable(grad(grad(power, 0), 1)(-2, n)) == [True]
    assert unavailable(grad(grad(power, 1), 0)(-2, n)) == [True]
    assert unavailable(grad(lambda y: derivative(lambda x: x**y, 2)(-2))(n)) == [True]
    assert unavailable(hvp(power, (-2, n), (1, 0))) == [False, True]
    assert grad(grad(power, 0), 0)(-2, n) == slope
    y = Scalar(n)
    grad(power)(-2, y).backward()
    with pytest.raises(GradientUnavailable):
        assert y.grad == 0


def test_third_derivatives_through_an_exponent() -> None:
    y = Scalar.constant(3)
    assert grad(grad(grad(lambda x: x**y)))(-5) == 6
    third = jacobian(hessian(lambda x, y: x**y, (0, 1)), (0, 1))(-5, 3)
    assert unavailable(third) == [False] + [True] * 7
    assert third[0][0][0] == 6


def test_what_an_exponent_does_not_reach_is_available() -> None:
    # z**3 has nothing to do with y, also where it stands in the row of y.
    matrix = hessian(lambda x, y, z: x**y + z**3, (0, 1, 2))(-2, 3, 4)
    assert unavailable(matrix) == [False, True, False, True, True, False, False, False, False]
    assert matrix[1][2] == matrix[2][1] == 0
    rows = jacobian(lambda x, y: [x**y, y], (0, 1))(-2, 3)
    assert unavailable(rows) == [False, True, False, False]
    _, pull = vjp(lambda x, y: [x**y, y], -2, 3)
    assert pull([0, 1]) == (0, 1)
    assert unavailable(pull([1, 0])) == [False, True]


def test_an_unavailable_result_has_unavailable_derivatives() -> None:
    lost = lambda x: [x, grad(lambda y: x**y)(3)]
    value, pushed = jvp(lost, (-2,), (1,))
    assert unavailable([value, pushed]) == [False, True, False, True]
    assert unavailable(jacobian(lost)(-2)) == [False, True]
    assert unavailable(jacobian(lambda x, y: lost(x), (0, 1))(-2, 3)) == [False, False, True, True]
    assert unavailable(taylor(lost, -2, 1)) == [False, True, False, True]
    _, pull = vjp(lost, -2)
    assert pull([1, 0]) == (1,)
    assert unavailable(pull([0, 1])) == [True]


def test_derivatives_through_the_exponent_of_a_positive_base() -> None:
    power = lambda x, y: x**y
    symbols = sympy.symbols("x y", positive=True)
    at = dict(zip(symbols, (2, 3), strict=True))

    def expected(*by: int) -> Any:
        return to_exact(sympy.diff(power(*symbols), *[symbols[k] for k in by]).subs(at))

    value, gradient = value_and_grad(power, (0, 1))(2, 3)
    assert (value, gradient[0]) == (8, 12)
    assert to_exact(gradient[1]) == expected(1)
    matrix = hessian(power, (0, 1))(2, 3)
    third = jacobian(hessian(power, (0, 1)), (0, 1))(2, 3)
    for i, j in itertools.product((0, 1), repeat=2):
        assert to_exact(matrix[i][j]) == expected(i, j)
        assert all(to_exact(third[i][j][k]) == expected(i, j, k) for k in (0, 1))
    assert to_exact(derivative(power, 3, argnums=1)(2, 3)) == expected(1, 1, 1)
    assert to_exact(hvp(power, (2, 3), (1, 1))[1]) == expected(0, 1) + expected(1, 1)
    assert to_exact(jvp(power, (2, 3), (1, 1))[1]) == expected(0) + expected(1)
    t = symbols[0]
    slopes = [to_exact(sympy.diff(t**t, t, k).subs(t, 2) / sympy.factorial(k)) for k in range(4)]
    assert [to_exact(c) for c in taylor(lambda t: t**t, 2, 3)] == slopes


def test_arguments_and_results_in_closed_form() -> None:
    x = sympy.Symbol("x", positive=True)
    function = lambda x: (x * x + 1).sqrt() * x.exp()
    expression = sympy.sqrt(x**2 + 1) * sympy.exp(x)
    for point in (Fraction(1, 2), sympy.pi, sympy.sqrt(2)):
        at = sympy.Rational(str(point)) if isinstance(point, Fraction) else point
        first, second, third = (to_exact(expression.diff(x, k).subs(x, at)) for k in (1, 2, 3))
        assert to_exact(grad(function)(point)) == first
        assert to_exact(grad(grad(function))(point)) == second
        assert to_exact(hessian(function)(point)) == second
        assert to_exact(derivative(function, 3)(point)) == third
        assert to_exact(jvp(function, (point,), (sympy.sqrt(3),))[1]) == first * to_exact("sqrt(3)")
        assert to_exact(vjp(function, point)[1](sympy.pi)[0]) == first * to_exact("pi")
        assert to_exact(hvp(function, (point,), (2,))) == 2 * second
        assert [to_exact(c) for c in taylor(function, point, 2)] == [
            to_exact(expression.subs(x, at)), first, second / 2
        ]  # fmt: skip


def test_results_are_fractions_or_expressions_of_sympy() -> None:
    assert type(grad(lambda x: x**3)(sympy.sqrt(2))) is Fraction
    assert grad(lambda x: x**3)(sympy.sqrt(2)) == 6
    assert grad(lambda x: x * sympy.pi)(1) == sympy.pi
    assert jacobian(lambda x: [x.exp(), sympy.pi])(1) == [sympy.E, 0]
    assert taylor(lambda x: sympy.pi, 1, 1) == [sympy.pi, 0]
    nested = grad(lambda x: grad(lambda y: (x * y).exp())(2))(1)
    assert nested == 3 * sympy.exp(2)
    with pytest.raises(NoDerivative, match=r"sqrt has a value and no derivative there: at .* = 0"):
        grad(lambda x: x.sqrt())(0)
    with pytest.raises(InvalidNumber, match=r"grad: argument 0: expected a real number; got y"):
        grad(lambda x: x)(sympy.Symbol("y"))
