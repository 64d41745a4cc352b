"""Derivatives within derivatives: no perturbation is taken for another."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import pytest
from transforms import SLOPES

from minigrad import Scalar
from minigrad.derivatives import derivative, grad, jvp, vjp

both_slopes = [
    pytest.mark.parametrize("outer", SLOPES),
    pytest.mark.parametrize("inner", SLOPES),
]


def slopes(test: Any) -> Any:
    """Run `test` with every first derivative within every other."""
    return functools.reduce(lambda decorated, mark: mark(decorated), both_slopes, test)


@slopes
def test_the_example_of_siskind_and_pearlmutter(outer: Any, inner: Any) -> None:
    # Perturbation Confusion and Referential Transparency, IFL 2005: 1, and 2 if they are confused.
    found = outer(lambda x: x * inner(lambda y: x + y)(1))(1)
    assert found == 1
    assert type(found) is Fraction


@slopes
def test_a_closed_over_variable_is_no_constant(outer: Any, inner: Any) -> None:
    # d/dx x * d/dy (x * y) = d/dx x**2, and the same with y at x: d/dx x * d/dy (x * y**2) = 6x**2.
    found = outer(lambda x: x * inner(lambda y: x * y)(2))(3)
    assert found == 6
    assert type(found) is Fraction
    assert outer(lambda x: x * inner(lambda y: x * y * y)(x))(3) == 54
    assert outer(lambda x: inner(lambda y: x**3)(x))(3) == 0


@slopes
def test_the_inner_argument_depends_on_the_outer_one(outer: Any, inner: Any) -> None:
    # d/dx (d/dy y**3 at y = x**2) = d/dx 3x**4 = 12x**3.
    assert outer(lambda x: inner(lambda y: y**3)(x * x))(2) == 96
    assert outer(lambda x: inner(lambda y: inner(lambda z: x * y * z)(y) * y)(x))(5) == 20


@slopes
def test_the_example_of_manzyuk_et_al(outer: Any, inner: Any) -> None:
    # Perturbation confusion in forward automatic differentiation of higher-order functions, JFP
    # 2019: differentiating the shift of a function by its distance, twice, is the second derivative.
    shifted = lambda slope: lambda f: lambda x: slope(lambda u: f(x + u))(0)
    assert shifted(outer)(shifted(inner)(lambda x: x**4))(2) == 48


def test_closures_at_three_levels() -> None:
    # x * d/dy (y * d/dz (x * y * z**2) at z = x) at y = x is 4x**4, whose third derivative is 96x.
    def f(x: Any) -> Any:
        return x * grad(lambda y: y * derivative(lambda z: x * y * z * z)(x))(x)

    assert grad(grad(grad(f)))(3) == 96 * 3
    assert derivative(f, 3)(3) == 96 * 3


def test_minimax_by_nested_newton_steps() -> None:
    # max over y of x*y - y**2 is x**2 / 4 at y = x/2: one step of Newton finds it, from anywhere.
    def newton(f: Any, x: Any) -> Any:
        return x - derivative(f)(x) / derivative(f, 2)(x)

    def best(x: Any) -> Any:
        f = lambda y: x * y - y * y
        return f(newton(f, 17))

    assert grad(best)(3) == Fraction(3, 2)
    assert newton(lambda x: best(x) - x, 100) == 2


def test_a_pullback_can_be_differentiated_by_what_it_pulls_and_by_where_it_was_made() -> None:
    def f(x: Any) -> Any:
        _, pull = vjp(lambda y: x * y * y, 3)
        return pull(x)[0]

    assert grad(f)(2) == 24
    _, pull = vjp(lambda y: y**3, 2)
    (found,) = pull(Scalar(5))
    assert isinstance(found, Scalar)
    assert found == 60
    assert grad(lambda w: pull(w)[0])(5) == 12
    assert type(grad(lambda w: pull(w)[0])(5)) is Fraction
    for v in (5, 0):
        assert grad(lambda v: jvp(lambda y: y**3, (2,), (v,))[1])(v) == 12
        assert grad(lambda w: pull(w)[0])(v) == 12


def test_a_pullback_keeps_the_structures_it_was_made_for() -> None:
    xs = [2, 3]
    returned: list[Any] = []

    def f(xs: Any) -> Any:
        returned.append(xs[0] * xs[1])
        return returned

    _, pull = vjp(f, xs)
    xs.pop()
    returned.clear()
    assert pull([1]) == ([3, 2],)


def test_what_a_function_keeps_of_its_variables_is_constant_afterwards() -> None:
    kept: list[Scalar] = []

    def f(x: Any) -> Any:
        kept.append(x * x)
        return x * kept[0]

    assert grad(f)(3) == 27
    again = grad(f)(5)
    assert again == 9
    assert type(again) is Fraction
