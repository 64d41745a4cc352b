from __future__ import annotations

import functools
import inspect
import itertools
import math
import operator
import subprocess
import sys
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar, absolute, gradients, maximum, minimum, relu, where
from minigrad import derivatives as module
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
from minigrad.errors import (
    DivisionByZero,
    GradientUnavailable,
    InvalidNumber,
    InvalidOperand,
    NoDerivative,
    StaleGraph,
    TooLarge,
)
from minigrad.exact import to_exact
from minigrad.graph import leaves, topological_order
from minigrad.number import UNAVAILABLE
from minigrad.operators import Operator

HALF = Fraction(1, 2)
RATIONALS = st.fractions(-3, 3, max_denominator=4)
Point = namedtuple("Point", "x y")


def plain(tree: Any) -> Any:
    """`tree` with nested lists in the place of arrays, to be compared by ==."""
    if isinstance(tree, np.ndarray):
        return tree.tolist()
    if isinstance(tree, dict):
        return {key: plain(item) for key, item in tree.items()}
    return [plain(item) for item in tree] if isinstance(tree, (list, tuple)) else tree


def flat(tree: Any) -> list[Any]:
    """The numbers in `tree`, in order."""
    tree = plain(tree)
    if isinstance(tree, (list, dict)):
        return [
            x for item in (tree.values() if isinstance(tree, dict) else tree) for x in flat(item)
        ]
    return [tree]


def exact(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))


# --- random programs, with their SymPy form ------------------------------------------------------

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


# --- against SymPy, and against the engine's own sweep -------------------------------------------


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


# --- by hand -------------------------------------------------------------------------------------


def test_the_rosenbrock_function() -> None:
    def rosenbrock(x: Any, y: Any) -> Any:
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    both = (0, 1)
    assert value_and_grad(rosenbrock, both)(1, 1) == (0, (0, 0))
    assert grad(rosenbrock, both)(2, 3) == (802, -200)
    assert hessian(rosenbrock, both)(1, 1) == ((802, -400), (-400, 200))


@pytest.mark.parametrize("n", range(7))
def test_the_geometric_series(n: int) -> None:
    assert taylor(lambda x: 1 / (1 - x), 0, n) == [1] * (n + 1)
    assert derivative(lambda x: 1 / (1 - x), n)(0) == math.factorial(n)


def test_a_power_series_in_a_direction() -> None:
    # f(1 + t, 2 - t) = (1 + t)**2 * (2 - t) = 2 + 3t - t**3.
    assert taylor(lambda t: (1 + t) ** 2 * (2 - t), 0, 4) == [2, 3, 0, -1, 0]


def test_curves_have_their_structure() -> None:
    curve = lambda t: {"p": [t, t**2], "q": 7}
    assert derivative(curve)(3) == {"p": [1, 6], "q": 0}
    assert taylor(curve, 3, 2) == [
        {"p": [3, 9], "q": 7},
        {"p": [1, 6], "q": 0},
        {"p": [0, 1], "q": 0},
    ]


# --- perturbation confusion ----------------------------------------------------------------------

SLOPES: list[Any] = [
    derivative,
    grad,
    jacobian,
    lambda f: lambda x: jvp(f, (x,), (1,))[1],
    lambda f: lambda x: vjp(f, x)[1](1)[0],
    lambda f: lambda x: taylor(f, x, 1)[1],
]
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


# --- Fractions for numbers, Scalars for Scalars --------------------------------------------------


def test_scalars_give_scalars_that_can_be_differentiated_again() -> None:
    x = Scalar(3, "x")
    value, slope = value_and_grad(lambda x: x**3)(x)
    assert (value, slope) == (27, 27)
    assert isinstance(value, Scalar)
    assert isinstance(slope, Scalar)
    assert (x.data, x.has_grad, x.operands) == (3, False, ())
    slope.backward()
    assert x.grad == 18
    second = gradients(grad(lambda x: x**3)(x))
    assert second[x] == 18


def test_every_answer_is_a_scalar_even_where_it_is_constant() -> None:
    x = Scalar(3)
    for found in [
        grad(lambda x: 2 * x)(x),
        grad(lambda x: 7)(x),
        *hessian(lambda xs: xs[0])([x, 1])[0],
        *jvp(lambda x: 7, (x,), (1,)),
        *taylor(lambda x: 7, x, 2),
        derivative(lambda x: x, 2)(x),
        hvp(lambda x: x, (2,), (x,)),
    ]:
        assert isinstance(found, Scalar)


def test_a_closed_over_scalar_makes_the_answer_a_scalar() -> None:
    w = Scalar(5, "w")
    found = grad(lambda x: w * x)(2)
    found.backward()
    assert (found, w.grad) == (5, 1)
    assert type(grad(lambda x: Scalar.constant(5) * x)(2)) is Fraction
    assert isinstance(grad(lambda x, y: x * y)(2, w), Scalar)
    assert type(grad(lambda x, y: x)(2, w)) is Fraction


def test_a_constant_scalar_is_an_argument_like_another() -> None:
    x = Scalar.constant(3)
    assert grad(lambda x: x * grad(lambda y: x * y)(2))(x) == 6
    assert grad(lambda x: x * x)(x) == 6


def test_a_scalar_in_two_places_is_two_variables() -> None:
    x = Scalar(3)
    gradient = grad(lambda xs: xs[0] ** 2 * xs[1])([x, x])
    assert gradient == [18, 9]
    minigrad.sum(gradient).backward()
    # d/dx (2x*x + x*x) = 6x.
    assert x.grad == 18


def test_the_graph_of_an_answer_has_no_leaf_but_the_callers() -> None:
    x, w = Scalar(3), Scalar(2)
    found = grad(lambda x: w * x * x + grad(lambda y: y * x)(7))(x)
    open_leaves = {leaf for leaf in leaves(topological_order([found])) if not leaf.is_constant}
    assert open_leaves == {x, w}


def test_labels_are_handed_on_to_messages() -> None:
    with pytest.raises(DivisionByZero, match=r"div\(1, depth = 0\)"):
        grad(lambda x: 1 / x)(Scalar(0, "depth"))


def test_a_large_scalar_is_accepted() -> None:
    huge = Scalar(2 ** (2**20), max_bits=2**21)
    assert grad(lambda x: x % 7)(huge) == 1
    with pytest.raises(TooLarge, match="argument 0"):
        grad(lambda x: x)(2 ** (2**20))


def test_the_engine_does_not_compare_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("nodes were compared")

    f = lambda xs: xs[0] ** 3 / xs[1] + maximum(xs[0], 0)
    with monkeypatch.context() as patched:
        patched.setattr(Scalar, "__eq__", refuse)
        patched.setattr(Scalar, "__bool__", refuse)
        matrix = hessian(f)([Scalar(1), Scalar(2)])
        series = taylor(lambda x: 1 / x, Scalar(2), 3)
        product = hvp(f, ([1, 2],), ([1, 1],))
    assert matrix == [[3, Fraction(-3, 4)], [Fraction(-3, 4), Fraction(1, 4)]]
    assert [float(c) for c in series] == [1 / 2, -1 / 4, 1 / 8, -1 / 16]
    assert product == [Fraction(9, 4), Fraction(-1, 2)]


# --- conventions, and exponents ------------------------------------------------------------------

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


# --- constants -----------------------------------------------------------------------------------


@pytest.mark.parametrize("constant", [7, 0.5, Fraction(1, 3), Decimal("1.5"), np.float32(0.1)])
def test_a_constant_function_has_derivative_zero(constant: Any) -> None:
    f = lambda x: constant
    for found in [
        grad(f)(3),
        hessian(f)(3),
        jacobian(f)(3),
        derivative(f, 2)(3),
        hvp(f, (3,), (1,)),
    ]:
        assert found == 0
        assert type(found) is Fraction
    value, pull = vjp(f, 3)
    assert (
        value
        == taylor(f, 3, 1)[0]
        == (Fraction(1, 10) if constant == np.float32(0.1) else constant)
    )
    assert pull(1) == (0,)
    assert jvp(f, (3,), (1,))[1] == taylor(f, 3, 1)[1] == 0


def test_an_unused_argument_has_derivative_zero() -> None:
    assert grad(lambda xs, y: xs[0] * y, (0, 1))([2, 3], 5) == ([5, 0], 2)
    assert jacobian(lambda xs: [xs[1], 4])([2, 3]) == [[0, 1], [0, 0]]


def test_the_identity() -> None:
    assert value_and_grad(lambda x: x)(3) == (3, 1)
    assert jacobian(lambda xs: xs)([2, 3]) == [[1, 0], [0, 1]]
    assert jacobian(lambda x: [x, x])(2) == [1, 1]
    assert taylor(lambda x: x, 3, 2) == [3, 1, 0]
    assert hessian(lambda x: x)(3) == 0
    assert vjp(lambda x: (x, x), 2)[1]((3, 4)) == (7,)


def test_what_leaves_the_scalars_is_constant() -> None:
    assert grad(lambda x: x * x.data)(3) == 3
    assert grad(lambda x: float(x) * x)(3) == 3


# --- structures ----------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(-9, 9), RATIONALS, st.sampled_from([0.5, Decimal("0.25"), np.int8(3)])
)
ARRAYS = st.lists(st.integers(0, 3), max_size=3).map(
    lambda shape: np.arange(math.prod(shape), dtype=float).reshape(shape) / 4
)
TREES = st.recursive(
    NUMBERS | ARRAYS,
    lambda trees: st.one_of(
        st.lists(trees, max_size=3),
        st.lists(trees, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2) | st.integers(), trees, max_size=3),
        st.builds(Point, trees, trees),
    ),
    max_leaves=6,
)


def same_structure(found: Any, tree: Any) -> bool:
    if isinstance(tree, np.ndarray):
        return type(found) is np.ndarray and (found.shape, found.dtype) == (tree.shape, object)
    if isinstance(tree, dict):
        return list(found) == list(tree) and all(same_structure(found[k], tree[k]) for k in tree)
    if isinstance(tree, (list, tuple)):
        pairs = zip(found, tree, strict=True)
        return type(found) is type(tree) and all(same_structure(*pair) for pair in pairs)
    return type(found) is Fraction


@given(TREES)
@example({"a": [np.ones((2, 3)), (1,)], "b": Point({}, [])})
def test_results_have_the_structure_of_the_argument(tree: Any) -> None:
    def squares(tree: Any) -> Any:
        return minigrad.dot(flat(tree), flat(tree))

    numbers = [Fraction(str(x)) if not isinstance(x, Fraction) else x for x in flat(tree)]
    value, gradient = value_and_grad(squares)(tree)
    assert value == sum(x * x for x in numbers)
    assert same_structure(gradient, tree)
    assert flat(gradient) == [2 * x for x in numbers]
    product = hvp(squares, (tree,), (tree,))
    assert same_structure(product, tree)
    assert flat(product) == [2 * x for x in numbers]
    same, pushed = jvp(lambda tree: tree, (tree,), (gradient,))
    assert same_structure(same, tree)
    assert same_structure(pushed, tree)
    assert (flat(same), flat(pushed)) == (numbers, flat(gradient))
    (pulled,) = vjp(lambda tree: tree, tree)[1](tree)
    assert same_structure(pulled, tree)
    assert flat(pulled) == numbers
    n = len(numbers)
    ones = [0] * (n * n - n) + [1] * n
    assert sorted(flat(jacobian(lambda tree: tree)(tree))) == ones
    assert sorted(flat(hessian(squares)(tree))) == [2 * x for x in ones]


def test_a_jacobian_has_the_structure_of_the_argument_within_that_of_the_result() -> None:
    f = lambda point: {"sum": point["x"] + point["y"][0], "product": [point["x"] * point["y"][0]]}
    assert jacobian(f)({"x": 2, "y": (3,)}) == {
        "sum": {"x": 1, "y": (1,)},
        "product": [{"x": 3, "y": (2,)}],
    }
    found = jacobian(lambda p: Point(p.x * p.y, p.y))(Point(2, 3))
    assert found == Point(Point(3, 2), Point(0, 1))
    assert isinstance(found.x, Point)


def test_kinds_of_dict_are_kept() -> None:
    ordered = OrderedDict([("b", 2), ("a", 3)])
    found = grad(lambda d: d["a"] * d["b"])(ordered)
    assert found == OrderedDict([("b", 3), ("a", 2)])
    default = defaultdict(list, a=2)
    found = grad(lambda d: d["a"] ** 2)(default)
    assert found == {"a": 4}
    assert found["b"] == []
    assert default == {"a": 2}


def test_tangents_are_matched_by_key() -> None:
    f = lambda d: d["a"] + 10 * d["b"]
    assert jvp(f, ({"a": 1, "b": 2},), ({"b": 5, "a": 3},)) == (21, 53)


def test_other_arguments_are_handed_on_as_they_are() -> None:
    settings = {"n": 3, "name": "f"}

    def f(x: Any, options: Any, *rest: Any, scale: Any) -> Any:
        assert options is settings
        assert rest == (None, 0.5)
        return sum(x for _ in range(options["n"])) * scale

    assert grad(f)(2, settings, None, 0.5, scale=4) == 12
    assert jacobian(f)(2, settings, None, 0.5, scale=Scalar(4)) == 12
    assert derivative(f)(2, settings, None, 0.5, scale=4) == 12


def test_the_callers_objects_are_not_touched() -> None:
    def f(xs: Any, d: Any, a: Any) -> Any:
        xs.append(xs[0] * xs[1])
        d["c"] = xs.pop() * d.pop("a")
        a[0] = d["c"] * a[1]
        return a[0]

    xs, d, a = [2, 3], {"a": 5}, np.array([1.0, 7.0])
    expected = ([105, 70], {"a": 42}, [0, 30])
    assert plain(grad(f, (0, 1, 2))(xs, d, a)) == [*map(plain, expected)]
    assert (xs, d, a.tolist()) == ([2, 3], {"a": 5}, [1.0, 7.0])


def test_argnums_may_be_negative_and_several() -> None:
    f = lambda x, y, z: x * y**2 * z**3
    assert grad(f, -1)(1, 2, 1) == 12
    assert grad(f, (2, 0))(1, 2, 1) == (12, 4)
    assert grad(f, [0, 2])(1, 2, 1) == (4, 12)
    assert grad(f, np.int64(1))(1, 2, 1) == 4
    assert hessian(f, (1,))(1, 2, 1) == ((2,),)


def test_signatures_are_those_of_the_function() -> None:
    def energy(x: Any, y: Any = 2) -> Any:
        """Not of the gradient."""
        return x * y

    for transformed in (grad(energy), jacobian(energy), hessian(energy), derivative(energy)):
        assert list(inspect.signature(transformed).parameters) == ["x", "y"]
        assert transformed.__name__ == "energy"
        assert transformed.__doc__ is None
    assert grad(functools.partial(energy, y=5))(3) == 5


# --- aux -----------------------------------------------------------------------------------------


def test_aux_is_handed_out_beside_every_result() -> None:
    def f(x: Any) -> Any:
        return x**2, {"x": x, "half": [x / 2], "text": "t", "array": np.array([x, 1]), "no": None}

    aux = {"x": 3, "half": [Fraction(3, 2)], "text": "t", "array": [3, 1], "no": None}
    for found, result in [
        (grad(f, has_aux=True)(3), 6),
        (jacobian(f, 0, True)(3), 6),
        (hessian(f, has_aux=True)(3), 2),
        (derivative(f, 2, has_aux=True)(3), 2),
        (taylor(f, 3, 1, has_aux=True), [9, 6]),
        (hvp(f, (3,), (5,), has_aux=True), 10),
    ]:
        assert found[0] == result
        assert plain(found[1]) == aux
        assert type(found[1]["x"]) is Fraction
    (value, extra), slope = value_and_grad(f, has_aux=True)(3)
    assert (value, slope, plain(extra)) == (9, 6, aux)
    value, pushed, extra = jvp(f, (3,), (1,), has_aux=True)
    assert (value, pushed, plain(extra)) == (9, 6, aux)
    value, pull, extra = vjp(f, 3, has_aux=True)
    assert (value, pull(1), plain(extra)) == (9, (6,), aux)


def test_aux_keeps_what_is_no_scalar() -> None:
    mark, numbers = object(), np.zeros(3)
    _, (same, array) = grad(lambda x: (x, (mark, numbers)), has_aux=True)(3)
    assert same is mark
    assert array is numbers


def test_aux_can_be_differentiated_from_outside() -> None:
    def f(x: Any) -> Any:
        slope, aux = grad(lambda y: (y * y, [x * y]), has_aux=True)(2)
        return slope + aux[0] ** 2

    # x enters by aux alone: (2x)**2.
    assert grad(f)(3) == 24
    x = Scalar(3)
    _, aux = grad(lambda y: (y, y * y), has_aux=True)(x)
    aux.backward()
    assert x.grad == 6


# --- NumPy ---------------------------------------------------------------------------------------


def test_arrays_of_any_shape() -> None:
    a = np.arange(6).reshape(2, 3)
    gradient = grad(lambda a: (a**2 * np.array([1, 2, 3])).sum())(a)
    assert gradient.dtype == object
    assert gradient.tolist() == [[0, 4, 12], [6, 16, 30]]
    assert type(gradient[0, 0]) is Fraction
    point = grad(lambda a: a[()] ** 2)(np.array(3.0))
    assert (point.shape, point[()]) == ((), 6)
    value, slope = value_and_grad(lambda a: np.array(a.sum()))(a)
    assert (value.shape, value[()], slope.tolist()) == ((), 15, [[1, 1, 1]] * 2)


def test_shapes_of_jacobians_and_hessians() -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(3)
    product = jacobian(lambda a, b: a @ b, argnums=(0, 1))(a, b)
    assert [block.shape for block in product] == [(2, 2, 3), (2, 3)]
    assert product[1].tolist() == a.tolist()
    assert product[0].tolist() == [[[0, 1, 2], [0, 0, 0]], [[0, 0, 0], [0, 1, 2]]]
    assert jacobian(lambda a: a.sum())(a).shape == (2, 3)
    assert jacobian(lambda x: np.array([[x, 2 * x]]))(3).tolist() == [[1, 2]]
    assert jacobian(lambda a: [a.sum(), a[0]])(b)[1].tolist() == [1, 0, 0]
    square = hessian(lambda a: (a[0] * a[1]).sum())(a)
    assert square.shape == (2, 3, 2, 3)
    assert [square[i][j][k][m] for i, j, k, m in [(0, 1, 1, 1), (0, 1, 1, 2), (0, 0, 0, 0)]] == [
        1,
        0,
        0,
    ]
    mixed = hessian(lambda x, a: x * (a * a).sum(), (0, 1))(2, b)
    assert mixed[0][1].tolist() == mixed[1][0].tolist() == [0, 2, 4]
    assert mixed[1][1].tolist() == [[4, 0, 0], [0, 4, 0], [0, 0, 4]]


def test_empty_arrays() -> None:
    empty = np.zeros((0, 2))
    assert grad(lambda a: 7)(empty).shape == (0, 2)
    assert jacobian(lambda a: a)(empty).shape == (0, 2, 0, 2)
    assert jacobian(lambda x: [])(3) == []


def test_floats_of_an_array_are_read_in_decimal() -> None:
    for kind in (np.float16, np.float32, np.float64):
        a = np.array([0.1, 0.2], dtype=kind)
        assert grad(lambda a: a[0] * a[1])(a).tolist() == [Fraction(1, 5), Fraction(1, 10)]


def test_arrays_of_scalars_give_arrays_of_scalars() -> None:
    x, y = Scalar(2), Scalar(3)
    found = grad(lambda a: a[0] ** 2 * a[1])(np.array([x, y]))
    found.sum().backward()
    # d/dx (2xy + x**2) = 2y + 2x.
    assert (x.grad, y.grad) == (10, 4)


def test_a_subclass_of_array_is_kept() -> None:
    class Vector(np.ndarray):
        pass

    def f(a: Any) -> Any:
        assert type(a) is Vector
        return a[0] * a[1]

    found = grad(f)(np.array([2.0, 3.0]).view(Vector))
    assert type(found) is Vector
    assert found.tolist() == [3, 2]


def test_arrays_that_are_read_only_or_in_another_order() -> None:
    a = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    a.flags.writeable = False
    weights = np.arange(6).reshape(2, 3)
    assert grad(lambda a: (a * weights).sum())(a).tolist() == weights.tolist()
    assert grad(lambda a: (a * weights[:, ::2]).sum())(a[:, ::2]).tolist() == [[0, 2], [3, 5]]


def test_numpy_is_imported_for_arrays_only() -> None:
    program = """
import sys
from minigrad.derivatives import *
assert hessian(lambda d: d["x"] * d["y"][0])({"x": 2, "y": [3]})["x"]["y"] == [1]
assert jvp(lambda x: [x], ([2],), ([1],))[1] == [[1]] and taylor(lambda x: x, 1, 1) == [1, 1]
assert "numpy" not in sys.modules and "sympy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# --- errors --------------------------------------------------------------------------------------

NAN = float("nan")
square = lambda x: x * x
REFUSED: list[tuple[Any, type[Exception], str]] = [
    # Functions and argnums.
    (lambda: grad(3), InvalidOperand, r"grad: expected a function; got 3"),
    (lambda: taylor("f", 0, 1), InvalidOperand, r"taylor: expected a function; got 'f'"),
    (lambda: grad(square, "0"), InvalidOperand, r"grad: expected argnums to be an int or"),
    (lambda: hessian(square, 0.0), InvalidOperand, r"hessian: expected argnums .* got 0\.0"),
    (lambda: grad(square, True), InvalidOperand, r"expected argnums .* got True"),
    (lambda: grad(square, ()), InvalidOperand, r"expected argnums .* got \(\)"),
    (lambda: jacobian(square, 1)(3), InvalidOperand, r"jacobian: argnums 1: .* with 1 pos"),
    (lambda: grad(square, -2)(3), InvalidOperand, r"argnums -2: the function was called"),
    (lambda: grad(square)(x=3), InvalidOperand, r"argnums 0: .* with 0 positional"),
    (lambda: grad(operator.mul, (0, -2))(3, 4), InvalidOperand, r"argnums 0, -2: an argument is named twice"),
    (lambda: grad(square, np.array([0, 1])), InvalidOperand, r"expected argnums .*array"),
    # Arguments.
    (lambda: grad(square)("3"), InvalidOperand, r"grad: argument 0: expected a Scalar, a number.*'3'"),
    (lambda: grad(square)(True), InvalidOperand, r"argument 0: .*got True"),
    (lambda: grad(square)(None), InvalidOperand, r"argument 0: .*got None"),
    (lambda: grad(square)(NAN), InvalidNumber, r"grad: argument 0: .*nan.*NaN is no number"),
    (lambda: grad(sum)([1, [2, NAN]]), InvalidNumber, r"argument 0\[1\]\[1\]: .*NaN"),
    (lambda: grad(sum)({"a": (1, "b")}), InvalidOperand, r"argument 0\['a'\]\[1\]: .*'b'"),
    (lambda: grad(sum)({1, 2}), InvalidOperand, r"argument 0: .*\{1, 2\} \(type set\)"),
    (lambda: hvp(sum, ([1j],), ([1],)), InvalidOperand, r"hvp: argument 0\[0\]: .*1j"),
    (lambda: grad(sum)(np.array([[1, NAN]])), InvalidNumber, r"argument 0\[0, 1\]: .*nan"),
    (lambda: grad(sum)(np.array([True])), InvalidOperand, r"argument 0\[0\]: .*True"),
    (lambda: grad(sum)(np.array(["a"])), InvalidOperand, r"argument 0\[0\]: .*'a'"),
    (lambda: grad(sum)(np.array(1j)), InvalidOperand, r"argument 0: .*1j"),
    (lambda: grad(lambda x, y: x, 1)(0, math.inf), InvalidNumber, r"argument 1: .*inf"),
    (lambda: derivative(sum)([1]), InvalidOperand, r"derivative: expected one .*got a list of 1"),
    (lambda: derivative(square, 1, (0,))(1), InvalidOperand, r"got a tuple of 1"),
    (lambda: taylor(sum, np.ones(2), 1), InvalidOperand, r"taylor: .*an array of shape \(2,\)"),
    # Results.
    (lambda: grad(lambda x: [x, x])(3), InvalidOperand, r"grad: .*one Scalar.*a list of 2: jac"),
    (lambda: grad(lambda x: [x])(3), InvalidOperand, r"got a list of 1"),
    (lambda: grad(lambda a: a)(np.ones(2)), InvalidOperand, r"got an array of shape \(2,\)"),
    (lambda: grad(lambda a: a)(np.ones(1)), InvalidOperand, r"got an array of shape \(1,\)"),
    (lambda: hessian(lambda x: {"a": x})(3), InvalidOperand, r"hessian: .*dict with the keys 'a': jac"),
    (lambda: hvp(lambda x: (x,), (3,), (1,)), InvalidOperand, r"hvp: .*got a tuple of 1"),
    (lambda: grad(lambda x: None)(3), InvalidOperand, r"grad: result: .*got None"),
    (lambda: grad(lambda x: "3")(3), InvalidOperand, r"result: .*'3'"),
    (lambda: grad(lambda x: x > 2)(3), InvalidOperand, r"result: .*True"),
    (lambda: grad(lambda x: NAN)(3), InvalidNumber, r"result: .*NaN"),
    (lambda: jacobian(lambda x: [x, {"a": "b"}])(3), InvalidOperand, r"result\[1\]\['a'\]: .*'b'"),
    (lambda: derivative(lambda x: square)(3), InvalidOperand, r"result: .*function"),
    (lambda: grad(square, has_aux=True)(3), InvalidOperand, r"grad: with has_aux.* pair .*got <Sc"),
    (lambda: vjp(lambda x: [x, x], 3, has_aux=True), InvalidOperand, r"vjp: with has_aux"),
    (lambda: jvp(lambda x: (x,), (3,), (1,), has_aux=True), InvalidOperand, r"jvp: with has_aux"),
    # Orders.
    (lambda: derivative(square, -1), InvalidOperand, r"derivative: expected n .*got -1"),
    (lambda: derivative(square, True), InvalidOperand, r"expected n .*got True"),
    (lambda: taylor(square, 1, 2.0), InvalidOperand, r"taylor: expected order .*got 2\.0"),
    # Tangents and cotangents.
    (lambda: jvp(square, 3, (1,)), InvalidOperand, r"jvp: expected primals to be a tuple .*got 3"),
    (lambda: jvp(square, (3,), 1), InvalidOperand, r"expected tangents to be a tuple .*got 1"),
    (lambda: hvp(square, 3, 1), InvalidOperand, r"hvp: expected primals to be a tuple .*got 3"),
    (lambda: jvp(square, (3,), (1, 1)), InvalidOperand, r"tangents: expected a tuple of 1; got a tuple of 2"),
    (lambda: jvp(sum, ([1, 2],), ([1],)), InvalidOperand, r"jvp: tangents\[0\]: expected a list of 2; got a list of 1"),
    (lambda: jvp(sum, ([1, 2],), ((1, 1),)), InvalidOperand, r"expected a list of 2; got a tuple of 2"),
    (lambda: hvp(sum, ([1, [2]],), ([1, 2],)), InvalidOperand, r"hvp: tangents\[0\]\[1\]: expected a list of 1; got 2 \(type int\)"),
    (lambda: jvp(sum, ({"a": 1},), ({"b": 1},)), InvalidOperand, r"tangents\[0\]: expected a dict .*'a'.*; got .*'b'"),
    (lambda: jvp(sum, ({"a": 1},), ({"a": [1]},)), InvalidOperand, r"tangents\[0\]\['a'\]: expected a number; got a list of 1"),
    (lambda: jvp(sum, (np.ones(2),), (np.ones((2, 1)),)), InvalidOperand, r"shape \(2,\); got .*shape \(2, 1\)"),
    (lambda: jvp(square, (3,), ("1",)), InvalidOperand, r"tangents\[0\]: expected a Scalar"),
    (lambda: jvp(square, (3,), (NAN,)), InvalidNumber, r"tangents\[0\]: .*NaN"),
    (lambda: vjp(lambda x: [x, x], 3)[1](1), InvalidOperand, r"vjp: cotangent: expected a list of 2; got 1"),
    (lambda: vjp(lambda x: [x, x], 3)[1]([1, None]), InvalidOperand, r"cotangent\[1\]: .*None"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), REFUSED)
def test_what_does_not_fit_is_refused_by_name(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=f"(?s){text}"):
        call()


def test_errors_of_the_function_come_through() -> None:
    def f(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        grad(f)(3)
    with pytest.raises(DivisionByZero):
        taylor(lambda x: 1 / x, 0, 3)


def test_after_an_error_a_variable_is_no_leaf() -> None:
    kept: list[Scalar] = []

    def f(x: Any) -> Any:
        kept.append(x)
        raise KeyError

    with pytest.raises(KeyError):
        grad(f)(3)
    assert kept[0].operands[0].is_constant


def test_a_function_may_not_move_its_argument() -> None:
    def f(x: Any) -> Any:
        y = x * x
        x.data = 7
        return y

    with pytest.raises(StaleGraph, match="grad: the function set its argument 3 to 7"):
        grad(f)(3)


# --- cost: counted, not timed --------------------------------------------------------------------


class Work:
    """Counts the operations on Fractions, and the nodes that walks and sweeps look at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        for name in ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__"):
            monkeypatch.setattr(Fraction, name, self.counted(getattr(Fraction, name), lambda _: 1))
        monkeypatch.setattr(module, "dependence", self.counted(module.dependence, len))
        piece = self.counted(Operator.piece, lambda _: 1)
        monkeypatch.setattr(Operator, "piece", piece)

    def counted(self, function: Callable[..., Any], cost: Callable[[Any], int]) -> Any:
        @functools.wraps(function)
        def counting(*args: Any) -> Any:
            result = function(*args)
            self.count += cost(result)
            return result

        return counting

    def of(self, call: Callable[[], Any]) -> int:
        before = self.count
        call()
        return self.count - before


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def neighbours(xs: Any) -> Any:
    """A function of n variables with a graph of size n and a sparse Hessian."""
    return minigrad.sum([x * x * y for x, y in zip(xs[1:], xs, strict=False)])


def growth(work: Work, call: Callable[[int], Any], n: int) -> float:
    """How much more work it is to do twice as much."""
    return work.of(lambda: call(2 * n)) / work.of(lambda: call(n))


def line(n: int) -> Callable[[Any], Any]:
    return lambda x: functools.reduce(lambda total, i: total + x * i, range(n), x * x)


LINEAR: list[Callable[[int], Any]] = [
    lambda n: grad(line(n))(3),
    lambda n: value_and_grad(line(n))(Scalar(3)),
    lambda n: jvp(line(n), (3,), (1,)),
    lambda n: vjp(line(n), 3)[1](1),
    lambda n: hvp(line(n), (3,), (1,)),
    lambda n: hessian(line(n))(3),
    lambda n: derivative(line(n), 3)(3),
    lambda n: grad(neighbours)([2] * n),
    lambda n: jvp(neighbours, ([2] * n,), ([1] * n,)),
    lambda n: hvp(neighbours, ([2] * n,), ([1] * n,)),
    lambda n: vjp(lambda xs: [x * x for x in xs], [2] * n)[1]([1] * n),
    lambda n: jacobian(lambda x: [x * i for i in range(n)])(3),
    lambda n: jacobian(neighbours)([2] * n),
]


@pytest.mark.parametrize("call", LINEAR)
def test_the_cost_is_linear_in_the_graph(work: Work, call: Callable[[int], Any]) -> None:
    assert growth(work, call, 60) < 2.1


def test_the_cost_of_a_hessian_is_that_of_a_gradient_times_n(work: Work) -> None:
    assert growth(work, lambda n: hessian(neighbours)([2] * n), 30) < 4.2
    cost = work.of(lambda: hessian(neighbours)([2] * 60))
    assert cost < 60 * 4 * work.of(lambda: grad(neighbours)([2] * 60))


def test_a_jacobian_takes_the_fewer_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps = {"forward": 0, "reverse": 0}

    def counting(kind: str, sweep: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            sweeps[kind] += 1
            return sweep(*args)

        return counted

    monkeypatch.setattr(module, "tangents", counting("forward", module.tangents))
    monkeypatch.setattr(module.reverse, "adjoints", counting("reverse", module.reverse.adjoints))
    jacobian(lambda xs: [xs[0] * xs[1]] * 9)([2, 3])
    assert sweeps == {"forward": 2, "reverse": 0}
    jacobian(lambda xs: [xs[0] * xs[1], xs[2]])([2, 3, 4, 5])
    assert sweeps == {"forward": 2, "reverse": 2}


def test_a_jacobian_evaluates_partials_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Scalar] = []
    partials = module.reverse.partials
    monkeypatch.setattr(
        module.reverse, "partials", lambda node: (asked.append(node), partials(node))[1]
    )
    for outputs in (2, 4):
        asked.clear()
        jacobian(lambda xs, n=outputs: [xs[0] * xs[1] / xs[2]] * n)([2, 3, 4])
        assert len(asked) == 2


def test_a_transform_in_a_loop_does_not_walk_what_came_before(work: Work) -> None:
    # Each step differentiates a small function at the end of a graph that grows.
    def descend(x: Any, steps: int) -> Any:
        for _ in range(steps):
            x = x - grad(lambda y: y * y)(x) / 4
        return x

    assert growth(work, lambda n: descend(Scalar(1), n), 40) < 2.1
    assert grad(lambda x: descend(x, 3))(5) == Fraction(1, 8)


def test_orders_cost_a_power_and_not_an_exponential(work: Work) -> None:
    rational = lambda x: (x + 1) / (x * x + 2)
    assert growth(work, lambda n: taylor(rational, 1, n), 20) < 8.5
    assert work.of(lambda: taylor(rational, 1, 30)) < 60_000


def test_long_graphs_do_not_recurse() -> None:
    def f(x: Any) -> Any:
        for _ in range(3_000):
            x = x + 1
        return x

    assert grad(f)(3) == jvp(f, (3,), (1,))[1] == derivative(f, 2)(3) + 1 == 1
    assert hessian(f)(3) == 0
