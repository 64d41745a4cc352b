from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Scalar, dot, gradients, prod, relu, where
from minigrad import sum as total
from minigrad.exact import to_exact
from minigrad.generate import random_graph
from minigrad.graph import leaves, topological_order
from minigrad.infinitesimal import Infinitesimal
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.operators import OPERATORS
from minigrad.rational import Field
from minigrad.scalar import apply
from minigrad.verify.program import Lifted, Program
from minigrad.verify.symbolic import Rules

HALF = Fraction(1, 2)


def program(function: Callable[..., Any], *values: Any) -> Program:
    """The program of `function` on leaves of these values; its result is one output or a list."""
    xs = [Scalar(value, name) for value, name in zip(values, "xyzw", strict=False)]
    result = function(*xs)
    return Program(result if isinstance(result, list) else [result], xs, Rules())


def gradient(lifted: Lifted, output: int = 0) -> list[Any]:
    return lifted.gradient({lifted.program.outputs[output]: ONE})


# --- at the point ---------------------------------------------------------------------------------


def test_numbers_are_those_of_the_point() -> None:
    found = program(lambda x, y: [x * y, x / y, x], 3, 4)
    assert found.complaint == ""
    assert found.point == [3, 4]
    assert [found.numbers.values[output] for output in found.outputs] == [12, Fraction(3, 4), 3]
    assert gradient(found.numbers, 0) == [4, 3]
    assert gradient(found.numbers, 1) == [Fraction(1, 4), Fraction(-3, 16)]
    assert gradient(found.numbers, 2) == [1, 0]


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_the_gradient_is_the_engine_s(seed: int, size: int) -> None:
    root = random_graph(seed, size=size)
    xs = [leaf for leaf in leaves(topological_order([root])) if not leaf.is_constant]
    found = Program([root], xs, Rules())
    assert found.complaint == ""
    engine = gradients(root)
    assert gradient(found.numbers) == [engine[x] for x in xs]
    # Lifted to the numbers that it has already, it is the same.
    again = found.over(found.point)
    assert gradient(again) == [engine[x] for x in xs]


def test_a_leaf_that_is_not_used_has_gradient_zero() -> None:
    found = program(lambda x, y: x * x, 3, 4)
    assert found.leaves[1] is None
    assert found.point == [3, 4]
    assert gradient(found.numbers) == [6, 0]
    assert found.numbers.contributions(1, 0) == []
    assert found.exponents == [False, False]
    x, y = Field(2).generators
    assert gradient(found.over([x, y])) == [2 * x, 0]
    assert found.results([x, y]) == [x * x]


def test_a_constant_program() -> None:
    found = program(lambda x: [Scalar.constant(5), Scalar.constant(5)], 3)
    (x,) = Field(1).generators
    assert found.results([x]) == [5, 5]
    assert gradient(found.over([x])) == [0]
    assert found.at_boundary == [False, False]
    assert found.divisors == set()


def test_an_output_may_be_a_leaf_or_below_another_output() -> None:
    def function(x: Any, y: Any) -> Any:
        product = x * y
        return [product + 1, product, x, product, 7 * y]

    found = program(function, 2, 3)
    x, y = Field(2).generators
    assert found.results([x, y]) == [x * y + 1, x * y, x, x * y, 7 * y]
    over = found.over([x, y])
    assert [gradient(over, k) for k in range(5)] == [[y, x], [y, x], [1, 0], [y, x], [0, 7]]
    assert found.outputs[1] == found.outputs[3]


def test_seeds_weigh_outputs() -> None:
    found = program(lambda x, y: [x * y, x - y], 2, 3)
    first, second = found.outputs
    assert found.numbers.gradient({first: Fraction(10), second: HALF}) == [
        Fraction(61, 2),
        Fraction(39, 2),
    ]
    assert found.numbers.gradient({}) == [0, 0]
    x, y = Field(2).generators
    assert found.over([x, y]).gradient({first: x, second: y}) == [x * y + y, x * x - y]


def test_an_output_below_another_has_a_seed_of_its_own() -> None:
    def function(x: Any) -> Any:
        square = x * x
        return [square, square * 5]

    found = program(function, 3)
    first, second = found.outputs
    assert found.numbers.gradient({first: ONE, second: ONE}) == [36]


# --- what SymPy does not agree with ---------------------------------------------------------------


def test_a_wrong_value_is_complained_of() -> None:
    wrong = replace(OPERATORS["mul"], forward=lambda x, y: x * y + 1)
    found = program(lambda x, y: apply(wrong, [x, y]), 3, 4)
    assert "mul computes a wrong value" in found.complaint


def test_a_wrong_piece_is_complained_of() -> None:
    absolute = OPERATORS["abs"]
    assert absolute.branch is not None
    wrong = replace(absolute, branch=lambda x: absolute.branch(-x))
    found = program(lambda x: apply(wrong, [x]), 3)
    assert "abs took the piece 'negative'" in found.complaint


def test_a_leaf_that_was_set_is_complained_of() -> None:
    x = Scalar(3, "x")
    y = x * x
    x.data = 4
    assert "the value stored on" in Program([y], [x], Rules()).complaint


# --- over a field ---------------------------------------------------------------------------------


def test_formulas_of_values_and_gradients() -> None:
    found = program(lambda x, y: (x * x - y * y) / (x - y) + x**-2, 3, 5)
    x, y = Field(2).generators
    assert found.results([x, y]) == [x + y + 1 / (x * x)]
    assert found.result(0, [x, y]) == x + y + 1 / (x * x)
    assert gradient(found.over([x, y])) == [1 - 2 / x**3, 1]


def test_none_leaves_a_leaf_its_number() -> None:
    found = program(lambda x, y: x * x * y, 3, 5)
    (x,) = Field(1).generators
    assert found.results([x, None]) == [5 * x * x]
    assert gradient(found.over([x, None])) == [10 * x, x * x]
    assert gradient(found.over([None, None])) == [30, 9]


def test_other_numbers_stand_for_the_leaves() -> None:
    found = program(lambda x, y: x / y, 3, 5)
    assert found.results([Fraction(1), Fraction(2)]) == [HALF]
    assert gradient(found.over([Fraction(1), Fraction(2)])) == [HALF, Fraction(-1, 4)]


def test_as_many_elements_as_leaves_are_needed() -> None:
    found = program(lambda x, y: x / y, 3, 5)
    for operation in (found.over, found.results):
        with pytest.raises(ValueError, match="zip"):
            operation([ONE])


def test_pieces_are_those_that_were_taken() -> None:
    (x,) = Field(1).generators
    for value, formula, slope in ((3, x, 1), (-3, -x, -1), (0, 0, 0)):
        found = program(abs, value)
        assert found.results([x]) == [formula]
        assert gradient(found.over([x])) == [slope]
    found = program(lambda x: x % 4 + x // 4, 11)
    # 11 = 2 * 4 + 3, and 2 stays.
    assert found.results([x]) == [x - 8 + 2]
    assert gradient(found.over([x])) == [1]


def test_beside_a_point() -> None:
    epsilon = Infinitesimal(Field(1).generators[0])
    found = program(lambda x, y: x * x / y, 3, 2)
    (value,) = found.results([3 + epsilon, None])
    assert ((value - Fraction(9, 2)) / epsilon).standard_part() == 3
    slope, _ = gradient(found.over([3 + epsilon, None]))
    assert slope == 3 + epsilon


@pytest.mark.parametrize(
    ("function", "value", "by_x", "by_y"),
    [
        (lambda x, y: total([x, y, x]), lambda x, y: 2 * x + y, lambda x, y: 2, lambda x, y: 1),
        (lambda x, y: prod([x, y, x]), lambda x, y: x * x * y, lambda x, y: 2 * x * y, lambda x, y: x * x),
        (lambda x, y: dot([x, y], [y, y]), lambda x, y: x * y + y * y, lambda x, y: y, lambda x, y: x + 2 * y),
        (lambda x, y: where(True, x, y), lambda x, y: x, lambda x, y: 1, lambda x, y: 0),
        (lambda x, y: x**3 - y, lambda x, y: x**3 - y, lambda x, y: 3 * x * x, lambda x, y: -1),
        (lambda x, y: -x / y, lambda x, y: -x / y, lambda x, y: -1 / y, lambda x, y: x / (y * y)),
        (lambda x, y: x.maximum(y), lambda x, y: y, lambda x, y: 0, lambda x, y: 1),
        (lambda x, y: relu(x - y), lambda x, y: 0, lambda x, y: 0, lambda x, y: 0),
        (lambda x, y: x**0 * y, lambda x, y: y, lambda x, y: 0, lambda x, y: 1),
    ],
)  # fmt: skip
def test_formulas_of_operators(function: Any, value: Any, by_x: Any, by_y: Any) -> None:
    found = program(function, 2, 3)
    x, y = Field(2).generators
    assert found.results([x, y]) == [value(x, y)]
    assert gradient(found.over([x, y])) == [by_x(x, y), by_y(x, y)]


# --- laziness -------------------------------------------------------------------------------------


def shown(lifted: Lifted) -> dict[str, Any]:
    """The values by the labels of the nodes; those without one are left out."""
    return {
        node.label: value
        for node, value in zip(lifted.program.graph.nodes, lifted.values, strict=True)
        if node.label
    }


def labelled(label: str, node: Scalar) -> Scalar:
    node.label = label
    return node


def test_a_sum_asks_for_no_summand() -> None:
    def loss(x: Any, y: Any) -> Any:
        a, b = labelled("a", x * x), labelled("b", y * y)
        return labelled("c", labelled("d", a + b) + total([a, labelled("e", b * 3)]))

    found = program(loss, 2, 3)
    x, y = Field(2).generators
    over = found.over([x, y])
    values = shown(over)
    assert (values["x"], values["y"]) == (x, y)
    assert [values[name] for name in "abcde"] == [None] * 5
    assert gradient(over) == [4 * x, 8 * y]
    assert found.results([x, y]) == [2 * x * x + 4 * y * y]


def test_what_a_partial_derivative_asks_for_is_there_with_all_below() -> None:
    def loss(x: Any, y: Any) -> Any:
        a = labelled("a", x + y)
        b = labelled("b", a - 1)
        return labelled("d", labelled("c", b * b) + labelled("e", a + 5))

    found = program(loss, 2, 3)
    x, y = Field(2).generators
    over = found.over([x, y])
    values = shown(over)
    assert (values["a"], values["b"]) == (x + y, x + y - 1)
    assert [values[name] for name in "cde"] == [None] * 3
    assert gradient(over) == [2 * (x + y) - 1] * 2


@pytest.mark.parametrize(
    ("function", "asked"),
    [
        (lambda a, b: a + b, ""),
        (lambda a, b: a - b, ""),
        (lambda a, b: -a, ""),
        (lambda a, b: a * b, "ab"),
        (lambda a, b: a / b, "ab"),
        (lambda a, b: a / 3, ""),
        (lambda a, b: a * 3, ""),
        (lambda a, b: a / b.data, ""),
        (lambda a, b: 3 / a, "a"),
        (lambda a, b: a**1, ""),
        (lambda a, b: a**2, "a"),
        (lambda a, b: abs(a), ""),
        (lambda a, b: a.maximum(b), ""),
        (lambda a, b: a % b, ""),
        (lambda a, b: where(True, a, b), ""),
        (lambda a, b: total([a, b]), ""),
        (lambda a, b: prod([a, b]), "ab"),
        (lambda a, b: dot([a], [b]), "ab"),
    ],
)
def test_which_operands_an_operator_asks_for(function: Callable[..., Any], asked: str) -> None:
    def whole(x: Any, y: Any) -> Any:
        return function(labelled("a", x + 3), labelled("b", y + 1))

    values = shown(program(whole, 2, 3).over(Field(2).generators))
    assert {name for name in "ab" if values.get(name) is not None} == set(asked)


def test_only_what_is_below_an_output_is_computed_for_it() -> None:
    (x,) = Field(1).generators
    two = program(lambda x, y: [x * x, 1 / (y - 3)], 2, 5)
    assert two.result(0, [x, 3]) == x * x
    with pytest.raises(ZeroDivisionError):
        two.result(1, [x, 3])
    with pytest.raises(ZeroDivisionError):
        two.results([x, 3])


def test_a_deep_chain_does_not_recurse() -> None:
    def function(x: Any, y: Any) -> Any:
        node = x
        for _ in range(20_000):
            node = node + y
        return node

    found = program(function, 1, 2)
    x, y = Field(2).generators
    assert gradient(found.over([x, y])) == [1, 20_000]
    assert found.results([x, y]) == [x + 20_000 * y]
    assert found.at_boundary == [False]
    assert found.exponents == [False, False]


# --- what a graph says of itself ------------------------------------------------------------------


def contributions(found: Program, leaf: int, output: int = 0) -> list[Any]:
    return found.over(Field(len(found.leaves)).generators).contributions(leaf, output)


def test_contributions_are_the_terms_of_the_derivative() -> None:
    x, y = Field(2).generators
    found = program(lambda x, y: x * y + x * x / y - 3 * x, 2, 5)
    by_x = contributions(found, 0)
    assert len(by_x) == 4
    assert [sum(term == expected for term in by_x) for expected in (y, x / y, -3)] == [1, 2, 1]
    assert sum(by_x) == y + 2 * x / y - 3
    assert sum(contributions(found, 1)) == x - x * x / (y * y)
    assert len(contributions(found, 1)) == 2


def test_contributions_are_those_to_one_output() -> None:
    found = program(lambda x, y: [x * y, x * x * x, y], 2, 5)
    assert found.numbers.contributions(0, 0) == [5]
    # Of (x*x)*x one use is as the last factor, the others are in the square.
    assert sorted(found.numbers.contributions(0, 1)) == [4, 4, 4]
    assert found.numbers.contributions(0, 2) == []
    assert found.numbers.contributions(1, 2) == []


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_contributions_add_up_to_the_derivative(seed: int, size: int) -> None:
    root = random_graph(seed, size=size)
    xs = [x for x in leaves(topological_order([root])) if not x.is_constant and x is not root]
    found = Program([root], xs, Rules())
    for k, derivative in enumerate(gradient(found.numbers)):
        terms = found.numbers.contributions(k, 0)
        if derivative is UNAVAILABLE:
            assert any(term is UNAVAILABLE for term in terms)
        else:
            assert sum(terms, ZERO) == derivative


@pytest.mark.parametrize(
    ("function", "divisors"),
    [
        (lambda x, y: x / 3, {3}),
        (lambda x, y: x / y, set()),
        (lambda x, y: x * HALF, {2}),
        (lambda x, y: Fraction(-2, 3) * x, {Fraction(-3, 2)}),
        (lambda x, y: 3 / x, set()),
        (lambda x, y: x * 0, set()),
        (lambda x, y: x / 3 + y / 5 - x * 4, {3, 5, Fraction(1, 4)}),
        (lambda x, y: [x / 3, y / 3], {3}),
        (lambda x, y: x + 3, set()),
        (lambda x, y: dot([x], [3]), set()),
    ],
)
def test_divisors(function: Callable[..., Any], divisors: set[Any]) -> None:
    assert program(function, 2, 5).divisors == divisors


def test_constants_that_look_like_computed_floats() -> None:
    found = program(lambda x, y: [x * (1 / 3) + y * 0.5 + y / (1 / 3), y - (0.1 + 0.2)], 2, 5)
    assert found.rounded == [Fraction("0.3333333333333333"), Fraction("0.30000000000000004")]
    assert program(lambda x, y: x * Fraction(1, 3) + 7 * y, 2, 5).rounded == []


@pytest.mark.parametrize(
    ("function", "outputs"),
    [
        (lambda x, y: [x * y], [False]),
        (lambda x, y: [abs(x), abs(y)], [True, False]),
        (lambda x, y: [relu(x * y) + 1, y], [True, False]),
        (lambda x, y: [abs(x) * y], [True]),
        (lambda x, y: [x * y, x.maximum(y)], [False, False]),
        (lambda x, y: [(x + 2).maximum(y), abs(x - 1)], [True, False]),
        (lambda x, y: [y // 2, y // 3], [True, False]),
        (lambda x, y: [abs(x) * 0], [True]),
        (lambda x, y: [abs(abs(y) - 2)], [True]),
    ],
)
def test_boundaries_at_x_0_and_y_2(function: Callable[..., Any], outputs: list[bool]) -> None:
    found = program(function, 0, 2)
    assert found.at_boundary == outputs


@pytest.mark.parametrize(
    ("function", "reaches"),
    [
        (lambda x, y: x**y, [False, True]),
        (lambda x, y: x**2 * y, [False, False]),
        (lambda x, y: y ** (x + 1) + x, [True, False]),
        (lambda x, y: x**x, [True, False]),
        (lambda x, y: (y + 1) ** (x * y), [True, True]),
        (lambda x, y: (x**y) ** y, [False, True]),
        (lambda x, y: x ** (y**2), [False, True]),
        (lambda x, y: [x * y, x**y], [False, True]),
    ],
)
def test_what_reaches_an_exponent(function: Callable[..., Any], reaches: Sequence[bool]) -> None:
    found = program(function, -2, -3)
    assert found.exponents == reaches
    for known, derivative in zip(reaches, gradient(found.numbers, -1), strict=True):
        assert (derivative is UNAVAILABLE) == known


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: x**y,
        lambda x, y: y ** (x + 1) + x,
        lambda x, y: x**x,
        lambda x, y: 2 ** (x * y),
        lambda x, y: x ** (2**y),
    ],
)
def test_exponents_of_positive_bases_are_as_good_as_other_operands(
    function: Callable[..., Any],
) -> None:
    found = program(function, 2, 3)
    assert found.exponents == [False, False]
    symbols = sp.symbols("x y", positive=True)
    expression = function(*symbols)
    for symbol, derivative in zip(symbols, gradient(found.numbers), strict=True):
        expected = expression.diff(symbol).subs(dict(zip(symbols, (2, 3), strict=True)))
        assert derivative == to_exact(expected)


def test_an_exponent_that_keeps_its_number_is_no_obstacle() -> None:
    found = program(lambda x, y: x**y, -2, 3)
    (x,) = Field(1).generators
    by_x, by_y = gradient(found.over([x, None]))
    assert by_x == 3 * x * x
    assert by_y is UNAVAILABLE
    assert found.results([x, None]) == [x**3]
