"""Derivatives of random programs against SymPy, and against the engine's own sweep."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar, absolute, gradients, maximum, minimum, relu, where
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

RATIONALS = st.fractions(-3, 3, max_denominator=4)


def exact(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))


SMOOTH: list[tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = [
    (lambda a, b: a + b, lambda a, b: a + b),
    (lambda a, b: a - 2 * b, lambda a, b: a - 2 * b),
    (lambda a, b: a * b, lambda a, b: a * b),
    (lambda a, b: a / b, lambda a, b: a / b),
    (lambda a, b: a / (b * b + 1), lambda a, b: a / (b * b + 1)),
    (lambda a, b: -a, lambda a, b: -a),
    (lambda a, b: a**3, lambda a, b: a**3),
    (lambda a, b: b**-2 + a**0, lambda a, b: 1 / b**2 + 1),
    (lambda a, b: minigrad.prod([a, b, a]), lambda a, b: a * b * a),
    (lambda a, b: minigrad.dot([a, b], [b, b]), lambda a, b: a * b + b * b),
    (lambda a, b: minigrad.sum([a, a, b, 1]), lambda a, b: 2 * a + b + 1),
]
PIECEWISE: list[Callable[[Any, Any], Any]] = [
    maximum,
    minimum,
    lambda a, b: relu(a) - b,
    lambda a, b: absolute(a) * b,
    lambda a, b: where(a > b, a * a, b),
    lambda a, b: a % (b * b + 1),
    lambda a, b: a // (b * b + 1) * a,
    lambda a, b: round(a) + b,
]


class Program:
    """A straight-line program: each step a binary function of two earlier values."""

    def __init__(self, steps: Sequence[tuple[Any, int, int]], outputs: int) -> None:
        self.steps = steps
        self.outputs = outputs

    def __call__(self, xs: Sequence[Any], form: int = 0) -> list[Any]:
        values = list(xs)
        for functions, i, j in self.steps:
            values.append(functions[form](values[i], values[j]))
        return values[-self.outputs :]

    def last(self, xs: Sequence[Any]) -> Any:
        return self(xs)[-1]

    def formula(self, symbols: Sequence[Any]) -> Any:
        return self(symbols, form=1)[-1]


@st.composite
def programs(
    draw: st.DrawFn, inputs: int, outputs: int = 1, steps: int = 5, *, smooth: bool = False
) -> Program:
    choices: list[Any] = list(SMOOTH)
    if not smooth:
        choices += [(f,) for f in PIECEWISE]
    count = draw(st.integers(outputs, outputs + steps - 1))
    return Program(
        [
            (
                draw(st.sampled_from(choices)),
                draw(st.integers(0, inputs + i - 1)),
                draw(st.integers(0, inputs + i - 1)),
            )
            for i in range(count)
        ],
        outputs,
    )


def points(count: int) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(RATIONALS, min_size=count, max_size=count)


def defined(call: Callable[[], Any]) -> Any:
    """What `call` returns; the example is dropped where the program divides by 0."""
    try:
        return call()
    except ZeroDivisionError:
        assume(False)


SYMBOLS = sympy.symbols("x y z")


def sympys(formula: Any, point: Sequence[Fraction], *by: Any) -> Fraction:
    """SymPy's derivative of `formula` by the symbols `by`, at `point`."""
    at = {
        s: sympy.Rational(p.numerator, p.denominator) for s, p in zip(SYMBOLS, point, strict=False)
    }
    return exact(sympy.diff(formula, *by).subs(at) if by else sympy.sympify(formula).subs(at))


@given(programs(2, smooth=True), points(2))
def test_the_gradient_is_sympys(program: Program, point: list[Fraction]) -> None:
    value, gradient = defined(lambda: value_and_grad(program.last)(point))
    formula = program.formula(SYMBOLS[:2])
    assert value == sympys(formula, point)
    assert gradient == [sympys(formula, point, s) for s in SYMBOLS[:2]]
    assert all(type(number) is Fraction for number in (value, *gradient))


@given(programs(3), points(3))
def test_the_gradient_is_that_of_the_engine(program: Program, point: list[Fraction]) -> None:
    xs = [Scalar(x) for x in point]
    root = defined(lambda: program.last(xs))
    found = gradients(root)
    assert grad(program.last)(point) == [found.get(x, 0) for x in xs]
    _, pull = vjp(program.last, point)
    assert pull(1) == (grad(program.last)(point),)


@settings(max_examples=40)
@given(programs(2, smooth=True, steps=4), points(2), points(2))
def test_the_hessian_is_sympys_and_hvp_is_its_product(
    program: Program, point: list[Fraction], v: list[Fraction]
) -> None:
    matrix = defined(lambda: hessian(program.last)(point))
    formula = program.formula(SYMBOLS[:2])
    for i, s in enumerate(SYMBOLS[:2]):
        for j, t in enumerate(SYMBOLS[:2]):
            assert matrix[i][j] == sympys(formula, point, s, t)
    product = [sum(h * d for h, d in zip(row, v, strict=True)) for row in matrix]
    assert hvp(program.last, (point,), (v,)) == product


@given(programs(3), points(3), points(3))
def test_hessians_are_symmetric_on_every_piece(
    program: Program, point: list[Fraction], v: list[Fraction]
) -> None:
    matrix = defined(lambda: hessian(program.last)(point))
    assert matrix == [list(column) for column in zip(*matrix, strict=True)]
    assert matrix == jacobian(grad(program.last))(point)
    product = [sum(h * d for h, d in zip(row, v, strict=True)) for row in matrix]
    assert hvp(program.last, (point,), (v,)) == product
    # The same from the other side: reverse over forward.
    assert grad(lambda xs: jvp(program.last, (xs,), (v,))[1])(point) == product


@given(st.data(), st.integers(1, 3), st.integers(1, 3))
def test_jvp_and_vjp_are_dual_and_multiply_by_the_jacobian(
    data: st.DataObject, inputs: int, outputs: int
) -> None:
    program = data.draw(programs(inputs, outputs))
    point, v, w = (data.draw(points(n)) for n in (inputs, inputs, outputs))
    value, pushed = defined(lambda: jvp(program, (point,), (v,)))
    same, pull = vjp(program, point)
    (pulled,) = pull(w)
    matrix = jacobian(program)(point)
    assert value == same == program(point) == [x + 0 for x in value]
    assert pushed == [sum(map(operator.mul, row, v)) for row in matrix]
    assert pulled == [sum(map(operator.mul, column, w)) for column in zip(*matrix, strict=True)]
    assert sum(map(operator.mul, pulled, v)) == sum(map(operator.mul, w, pushed))


@given(programs(2), programs(2), points(2), RATIONALS, RATIONALS)
def test_gradients_are_linear(
    f: Program, g: Program, point: list[Fraction], a: Fraction, b: Fraction
) -> None:
    mixed = defined(lambda: grad(lambda xs: a * f.last(xs) + b * g.last(xs))(point))
    pairs = zip(grad(f.last)(point), grad(g.last)(point), strict=True)
    assert mixed == [a * x + b * y for x, y in pairs]


@settings(max_examples=40)
@given(programs(1, smooth=True, steps=4), RATIONALS)
def test_taylor_coefficients_are_sympys(program: Program, x: Fraction) -> None:
    found = defined(lambda: taylor(lambda t: program.last([t]), x, 4))
    (symbol, *_) = SYMBOLS
    formula = program.formula([symbol])
    for k in range(5):
        slope = sympys(formula, [x], *[symbol] * k)
        assert found[k] == slope / math.factorial(k)
        assert derivative(lambda t: program.last([t]), k)(x) == slope


@given(programs(1), RATIONALS)
def test_higher_derivatives_are_repeated_gradients(program: Program, x: Fraction) -> None:
    def f(t: Any) -> Any:
        return program.last([t])

    repeated = defined(lambda: [grad(f)(x), grad(grad(f))(x), grad(grad(grad(f)))(x)])
    assert [derivative(f, n)(x) for n in (1, 2, 3)] == repeated
    assert derivative(derivative(f, 2))(x) == derivative(derivative(f), 2)(x) == repeated[2]


@settings(max_examples=30)
@given(programs(3, smooth=True, steps=4), points(3))
def test_third_derivatives_by_every_nesting(program: Program, point: list[Fraction]) -> None:
    def f(x: Any, y: Any, z: Any) -> Any:
        return program.last([x, y, z])

    def by_jvp(x: Any, y: Any) -> Any:
        return jvp(lambda z: f(x, y, z), (point[2],), (1,))[1]

    def by_vjp(x: Any, y: Any) -> Any:
        _, pull = vjp(lambda z: f(x, y, z), point[2])
        return pull(1)[0]

    expected = sympys(defined(lambda: (f(*point), program.formula(SYMBOLS))[1]), point, *SYMBOLS)
    assert grad(grad(grad(f, 2), 1), 0)(*point) == expected
    for inner in (by_jvp, by_vjp):
        assert (
            grad(lambda x, g=inner: derivative(lambda y: g(x, y))(point[1]))(point[0]) == expected
        )
        assert hessian(inner, argnums=(0, 1))(*point[:2])[0][1] == expected
    third = jacobian(hessian(f, argnums=(0, 1, 2)), argnums=(0, 1, 2))(*point)
    assert third[0][1][2] == third[2][1][0] == third[1][2][0] == expected
