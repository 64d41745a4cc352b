from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st
from test_reverse import Counted, Node, Opaque, path_sum, weighted, weights

from minigrad import Scalar, dot, maximum, minimum, prod, relu, where
from minigrad.backing import outside
from minigrad.exact import published
from minigrad.forward import Series, dependence, expansions, partials_at, tangents
from minigrad.graph import topological_order
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.reverse import adjoints, partials

HALF = Fraction(1, 2)
RATIONALS = st.fractions(-5, 5, max_denominator=6)
COEFFICIENTS = st.lists(RATIONALS, min_size=1, max_size=6)


# --- dependence ----------------------------------------------------------------------------------


def depends(node: Node, inputs: set[Node]) -> bool:
    return node in inputs or any(depends(operand, inputs) for operand in node.operands)


@given(weighted(), st.data())
def test_dependence_says_of_each_node_whether_an_input_is_below_it(
    nodes: list[Node], data: st.DataObject
) -> None:
    inputs = data.draw(st.sets(st.sampled_from(nodes)))
    roots = data.draw(st.lists(st.sampled_from(nodes), max_size=3))
    found = dependence(roots, inputs)
    assert all(does == depends(node, inputs) for node, does in found.items())
    assert set(roots) <= set(found) <= set(topological_order(roots))
    place = {node: i for i, node in enumerate(found)}
    for node in set(found) - inputs:
        assert all(place[operand] < place[node] for operand in node.operands)


def test_dependence_does_not_look_below_an_input() -> None:
    x = Node(Node())
    root = Node(x, x)
    assert dependence([root], {x}) == {x: True, root: True}


def test_dependence_in_a_deep_graph() -> None:
    node = x = Node()
    for _ in range(100_000):
        node = Node(node)
    assert all(dependence([node], {x}).values())


# --- tangents ------------------------------------------------------------------------------------


@given(weighted(), st.data())
def test_a_tangent_is_the_sum_over_all_paths(nodes: list[Node], data: st.DataObject) -> None:
    *_, root = nodes
    leaves = [node for node in nodes if not node.operands]
    seeds = data.draw(st.dictionaries(st.sampled_from(leaves), st.integers(-3, 3)))
    found = tangents(root, seeds, weights)
    reached = {node for node in topological_order([root]) if depends(node, set(seeds))}
    assert set(found) == reached | set(seeds)
    for node in found:
        speeds = [speed * path_sum(node, seed) for seed, speed in seeds.items()]
        assert found[node] == sum(speeds)


@given(weighted())
def test_forward_and_reverse_agree_on_every_path(nodes: list[Node]) -> None:
    root = next(node for node in reversed(nodes) if not node._is_constant)
    for node, adjoint in adjoints(root, 1, weights).items():
        assert tangents(root, {node: 1}, weights)[root] == adjoint


def test_a_seed_that_is_no_leaf_moves_as_it_is_told() -> None:
    x = Node()
    inner = Node(x, weights=(2,))
    root = Node(inner, x, weights=(3, 5))
    assert tangents(root, {x: 1}, weights) == {x: 1, inner: 2, root: 11}
    assert tangents(root, {x: 1, inner: 100}, weights) == {x: 1, inner: 100, root: 305}


def test_a_given_order_may_go_up_to_several_roots() -> None:
    x = Node()
    first, second = Node(x, weights=(2,)), Node(x, x, weights=(3, 4))
    assert tangents(first, {x: 1}, weights, [x, first, second]) == {x: 1, first: 2, second: 7}


def test_what_does_not_move_is_left_out_and_its_partials_are_not_asked_for() -> None:
    x, still = Node(), Node()
    constant = Node(still)
    root = Node(constant, x, weights=(1, 7))
    assert tangents(root, {x: 1}, lambda node: {root: (1, 7)}[node]) == {x: 1, root: 7}
    assert tangents(root, {}, weights) == {}


def test_the_number_of_partials_must_be_that_of_the_operands() -> None:
    x = Node()
    with pytest.raises(ValueError, match="zip"):
        tangents(Node(x, x, weights=(1,)), {x: 1}, weights)


def test_the_sweep_runs_on_opaque_values() -> None:
    x = Node()
    square = Node(x, x, weights=(Opaque("a"), Opaque("b")))
    root = Node(square, x, weights=(Opaque("c"), Opaque("d")))
    found = tangents(root, {x: Opaque("s")}, weights)
    assert set(found[root].text.split("+")) == {"sa", "sbc", "sd"}


@pytest.fixture
def operations() -> Iterator[dict[str, int]]:
    Counted.operations = {"*": 0, "+": 0}
    yield Counted.operations
    del Counted.operations


def test_a_partial_that_is_one_costs_no_multiplication(operations: dict[str, int]) -> None:
    node = x = Node()
    for _ in range(100):
        node = Node(node, x, weights=(ONE, ONE))
    assert tangents(node, {x: Counted(1)}, weights)[node].value == 101
    assert operations == {"*": 0, "+": 100}


def test_each_moving_edge_costs_one_multiplication(operations: dict[str, int]) -> None:
    node = x = Node()
    still = Node()
    two = Counted(2)
    for _ in range(100):
        node = Node(node, still, weights=(two, two))
    assert tangents(node, {x: Counted(1)}, weights)[node].value == 2**100
    assert operations == {"*": 100, "+": 0}


@given(RATIONALS, RATIONALS, RATIONALS, RATIONALS)
def test_tangents_of_scalars(x: Fraction, y: Fraction, u: Fraction, v: Fraction) -> None:
    # f = x*y + x*x moves by u*(y + 2x) + v*x.
    a, b = Scalar(x), Scalar(y)
    root = a * b + a * a
    assert outside(tangents(root, {a: u, b: v})[root]) == u * (y + 2 * x) + v * x


# --- power series --------------------------------------------------------------------------------


def coefficients(expression: Any, count: int) -> list[Fraction]:
    """The first coefficients in T of a rational function, by SymPy's polynomials modulo T**count."""
    above, below = sympy.fraction(sympy.together(expression))
    inverse = sympy.invert(sympy.Poly(below, T, domain="QQ"), sympy.Poly(T**count, T, domain="QQ"))
    quotient = sympy.Poly(above, T, domain="QQ") * inverse
    exact = [quotient.coeff_monomial(T**k) for k in range(count)]
    return [Fraction(int(c.p), int(c.q)) for c in exact]


def in_sympy(series: Series) -> Any:
    terms = enumerate(series.coefficients)
    return sympy.Add(*[sympy.Rational(c.numerator, c.denominator) * T**k for k, c in terms])


T = sympy.Symbol("T")
SERIES = st.builds(Series, COEFFICIENTS)
UNITS = SERIES.filter(lambda series: series.coefficients[0] != 0)


@given(SERIES, SERIES)
def test_sums_and_products_have_the_coefficients_known_of_both(a: Series, b: Series) -> None:
    p, q = in_sympy(a), in_sympy(b)
    known = min(len(a), len(b))
    for found, expected in [(a + b, p + q), (a - b, p - q), (a * b, p * q)]:
        assert found.coefficients == coefficients(expected, known)
    assert (-a).coefficients == coefficients(-p, len(a))


@given(SERIES, UNITS)
@example(Series([ONE]), Series([ONE, ONE]))
def test_quotients_have_the_coefficients_known_of_both(a: Series, b: Series) -> None:
    expected = coefficients(in_sympy(a) / in_sympy(b), min(len(a), len(b)))
    assert (a / b).coefficients == expected


@given(UNITS, RATIONALS.filter(bool))
def test_numbers_mix_in_as_constants(a: Series, c: Fraction) -> None:
    alone = Series([c] + [ZERO] * (len(a) - 1))
    for number, series in [(a + c, a + alone), (c + a, alone + a), (a - c, a - alone)]:
        assert list(number.coefficients) == list(series.coefficients)
    for number, series in [(c - a, alone - a), (a * c, a * alone), (c * a, alone * a)]:
        assert list(number.coefficients) == list(series.coefficients)
    for number, series in [(a / c, a / alone), (c / a, alone / a)]:
        assert list(number.coefficients) == list(series.coefficients)


@given(UNITS, st.integers(-4, 7))
def test_powers_are_repeated_products(a: Series, n: int) -> None:
    one = Series([ONE] + [ZERO] * (len(a) - 1))
    expected = math.prod([a if n > 0 else one / a] * abs(n), start=one)
    assert list((a**n * one).coefficients) == list(expected.coefficients)


@given(SERIES)
def test_the_integral_of_the_derivative_is_the_series(a: Series) -> None:
    assert list(a.derivative().integral(a.coefficients[0]).coefficients) == a.coefficients
    assert len(a.derivative()) == len(a) - 1


# --- expansions ----------------------------------------------------------------------------------

SMOOTH: list[tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = [
    (lambda x, y: x + y, lambda x, y: x + y),
    (lambda x, y: x - y, lambda x, y: x - y),
    (lambda x, y: x * y, lambda x, y: x * y),
    (lambda x, y: -x, lambda x, y: -x),
    (lambda x, y: x / y, lambda x, y: x / y),
    (lambda x, y: 1 / (x / y + 30), lambda x, y: y / (x + 30 * y)),
    (lambda x, y: x**0 + x**1 + x**5, lambda x, y: 1 + x + x**5),
    (lambda x, y: 1 / y**3 + y**-2, lambda x, y: 1 / y**3 + 1 / y**2),
    (lambda x, y: x ** Scalar.constant(3), lambda x, y: x**3),
    (lambda x, y: prod([x, y, x, 0, 2]), lambda x, y: sympy.Integer(0)),
    (lambda x, y: prod([x, y, x, 2]), lambda x, y: 2 * x**2 * y),
    (lambda x, y: dot([x, y, 3], [x, 7, y]), lambda x, y: x**2 + 10 * y),
    (lambda x, y: where(True, x, y) * y, lambda x, y: x * y),
    (lambda x, y: maximum(x, x - 1) * minimum(x, x + y**2 + 1), lambda x, y: x**2),
    (lambda x, y: relu(x**2 + 1) * abs(-(y**2)), lambda x, y: (x**2 + 1) * y**2),
]


@pytest.mark.parametrize("case", SMOOTH)
@pytest.mark.parametrize("x", [Series([HALF, ONE, -3 * ONE, ZERO, ONE]), Series([ZERO] * 5)])
def test_the_expansion_of_each_operator_is_sympys(case: Any, x: Series) -> None:
    f, formula = case
    y = Series([Fraction(-2, 3), HALF, ZERO, ONE, ONE])
    a, b = Scalar(x.coefficients[0]), Scalar(y.coefficients[0])
    assert expand(f, (a, x), (b, y)) == coefficients(formula(in_sympy(x), in_sympy(y)), 5)


def expand(f: Callable[..., Scalar], *curve: tuple[Scalar, Series]) -> list[Any]:
    """The coefficients of `f` along a curve: for each argument a Scalar and its series."""
    root = f(*(node for node, _ in curve))
    return list(expansions(root, dict(curve))[root].coefficients)


PIECES = [
    # At a boundary the partials are constants, and so every later coefficient is as they say.
    (lambda t: relu(t), [0, 0, 0]),
    (lambda t: abs(t), [0, 0, 0]),
    (lambda t: maximum(t, -t), [0, 0, 0]),
    (lambda t: maximum(t, 3 * t * t), [0, HALF, Fraction(3, 2)]),
    (lambda t: minimum(t, 3 * t * t), [0, HALF, Fraction(3, 2)]),
    (lambda t: (t + 7) // 2, [3, 0, 0]),
    (lambda t: (7 - t) % (2 + t), [1, -4, 0]),
    (lambda t: round(t + 1), [1, 0, 0]),
    (lambda t: where(False, t, t * t), [0, 0, 1]),
]


@pytest.mark.parametrize(("f", "expected"), PIECES)
def test_piecewise_operators_expand_on_their_piece(f: Any, expected: list[Any]) -> None:
    assert expand(f, (Scalar(0), Series([ZERO, ONE, ZERO]))) == expected


def test_a_moving_exponent_makes_all_but_the_value_unavailable() -> None:
    y = Scalar(3)
    root = y * Scalar(-2) ** y
    value, *rest = expansions(root, {y: Series([y.data, ONE, ZERO])})[root].coefficients
    assert value == -24
    assert len(rest) == 2
    assert all(c is UNAVAILABLE for c in rest)


def test_a_moving_exponent_of_a_positive_base() -> None:
    y = Scalar(3)
    root = y * Scalar(2) ** y
    found = expansions(root, {y: Series([y.data, ONE, ZERO])})[root].coefficients
    log2 = sympy.log(2)
    # y 2**y has the derivatives 2**y (1 + y log 2) and 2**y (2 log 2 + y log(2)**2).
    assert [published(c) for c in found] == [24, 8 + 24 * log2, 8 * log2 + 12 * log2**2]


def test_seeds_may_be_inner_nodes_and_what_stands_still_is_left_out() -> None:
    x, y = Scalar(2), Scalar(5)
    inner, still = x * x, y * y
    root = inner * still + x
    t = Series([inner.data, ONE])
    found = expansions(root, {inner: t})
    assert still not in found
    assert x not in found
    assert found[root].coefficients == [102, 25]
    # x moves too, but inner as it is told: (2 + t) + 25 * (4 + t).
    seeds = {x: Series([x.data, ONE]), inner: t}
    found = expansions(root, seeds, order=topological_order([root]))
    assert found[root].coefficients == [102, 26]


def test_the_value_alone_is_an_expansion() -> None:
    x = Scalar(2)
    assert expansions(1 / x, {x: Series([x.data])})[x].coefficients == [2]
    assert expand(lambda x: 1 / x, (x, Series([x.data]))) == [HALF]


def test_partials_at_other_values_keep_the_piece() -> None:
    x = Scalar(3)
    assert partials_at(x, 3, []) == ()
    assert partials_at(abs(x), Fraction(-9), [Fraction(-9)]) == (1,)
    quotient = x / Scalar(2)
    values = [operand.data for operand in quotient.operands]
    found = partials_at(quotient, quotient.data, values)
    assert found == (*map(outside, partials(quotient)),)
