from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st
from shapes import shapes

from minigrad import Scalar
from minigrad.backing import outside
from minigrad.errors import NoDerivative
from minigrad.exact import published
from minigrad.graph import topological_order
from minigrad.number import ONE, UNAVAILABLE
from minigrad.operators import OPERATORS
from minigrad.reverse import adjoints, partials
from minigrad.scalar import apply


class Node:
    """A node whose edges carry whatever `weights` says, one for each operand position."""

    operator = None
    parameters = ()
    data = None

    def __init__(self, *operands: Node, weights: tuple = (), is_constant: bool = False) -> None:
        self.operands = operands
        self.weights = weights
        self._is_constant = is_constant


def weights(node: Node) -> tuple:
    return node.weights


def path_sum(node: Node, target: Node) -> int:
    """The sum over all paths from `node` down to `target` of the product of their weights."""
    below = zip(node.operands, node.weights, strict=True)
    return (node is target) + sum(w * path_sum(o, target) for o, w in below)


@st.composite
def weighted(draw: st.DrawFn) -> list[Node]:
    nodes: list[Node] = []
    for operands in draw(shapes(most=8)):
        numbers = st.lists(st.integers(-3, 3), min_size=len(operands), max_size=len(operands))
        constant = not operands and len(nodes) > 0 and draw(st.booleans())
        nodes.append(
            Node(*(nodes[i] for i in operands), weights=tuple(draw(numbers)), is_constant=constant)
        )
    return nodes


@given(weighted(), st.integers(-5, 5))
def test_an_adjoint_is_the_sum_over_all_paths(nodes: list[Node], seed: int) -> None:
    root = next(node for node in reversed(nodes) if not node._is_constant)
    found = adjoints(root, seed, weights)
    reached = [node for node in topological_order([root]) if not node._is_constant]
    assert {id(node) for node in found} == {id(node) for node in reached}
    for node in reached:
        assert found[node] == seed * path_sum(root, node)


def test_a_given_order_is_used() -> None:
    x = Node()
    root = Node(x, x, weights=(2, 3))
    assert adjoints(root, 1, weights, order=[x, root])[x] == 5


def test_a_root_that_is_a_leaf_has_the_seed_alone() -> None:
    leaf = Node()
    assert adjoints(leaf, 7, weights) == {leaf: 7}


def test_nodes_above_the_root_do_not_count() -> None:
    x = Node()
    root = Node(x, weights=(2,))
    Node(root, x, weights=(100, 100))
    assert adjoints(root, 1, weights) == {root: 1, x: 2}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_number_of_partials_must_be_that_of_the_operands(count: int) -> None:
    x = Node()
    with pytest.raises(ValueError, match=f"for each of 2 operands; got {count}"):
        adjoints(Node(x, x, weights=(1,) * count), 1, weights)


class Opaque:
    """A formula that can be multiplied and added, and nothing else: neither compared nor hashed."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __mul__(self, other: Opaque) -> Opaque:
        return Opaque(f"{self.text}{other.text}")

    def __add__(self, other: Opaque) -> Opaque:
        return Opaque(f"{self.text}+{other.text}")

    def _refuse(self, *others: object) -> None:
        raise AssertionError("an opaque value was looked into")

    __eq__ = __hash__ = __bool__ = _refuse


def test_the_sweep_runs_on_opaque_values() -> None:
    x = Node()
    square = Node(x, x, weights=(Opaque("a"), Opaque("b")))
    root = Node(square, x, weights=(Opaque("c"), Opaque("d")))
    found = adjoints(root, Opaque("s"), weights)
    assert found[square].text == "sc"
    assert set(found[x].text.split("+")) == {"sca", "scb", "sd"}


class Counted:
    """A number that counts the operations on its kind."""

    operations: dict[str, int]

    def __init__(self, value: int) -> None:
        self.value = value

    def __mul__(self, other: Counted) -> Counted:
        self.operations["*"] += 1
        return Counted(self.value * other.value)

    def __add__(self, other: Counted) -> Counted:
        self.operations["+"] += 1
        return Counted(self.value + other.value)


@pytest.fixture
def operations() -> Iterator[dict[str, int]]:
    Counted.operations = {"*": 0, "+": 0}
    yield Counted.operations
    del Counted.operations


def test_a_partial_that_is_one_costs_no_multiplication(operations: dict[str, int]) -> None:
    node = x = Node()
    for _ in range(100):
        node = Node(node, x, weights=(ONE, ONE))
    found = adjoints(node, Counted(1), weights)
    assert found[x].value == 101
    # x is an operand in 101 positions, and the first of these needs no addition.
    assert operations == {"*": 0, "+": 100}


def test_each_edge_costs_one_multiplication_and_constants_none(operations: dict[str, int]) -> None:
    node = x = Node()
    constant = Node(is_constant=True)
    two = Counted(2)
    for _ in range(100):
        node = Node(node, constant, weights=(two, two))
    assert adjoints(node, Counted(1), weights)[x].value == 2**100
    assert operations == {"*": 100, "+": 0}


def test_the_partials_of_a_scalar_are_those_of_its_operator() -> None:
    x, y = Scalar(3), Scalar(4)
    assert partials(x) == ()
    assert (*map(outside, partials(x / y)),) == (Fraction(1, 4), Fraction(-3, 16))
    assert (*map(outside, partials(x.maximum(y))),) == (0, 1)
    assert (*map(outside, partials(x**2)),) == (6,)
    assert published(partials(x**y)[1]) == 81 * sympy.log(3)
    assert partials((-x) ** y)[1] is UNAVAILABLE


@pytest.mark.parametrize("name", ["neg", "abs", "exp"])
def test_where_there_is_no_derivative_is_said(name: str) -> None:
    def none(*_: object) -> tuple[Fraction, ...]:
        raise NoDerivative("there is none")

    operator = replace(OPERATORS[name], partials=none)
    with pytest.raises(NoDerivative, match=r"^there is none: at x = 0$"):
        partials(apply(operator, [Scalar(0, "x")]))


@given(st.fractions(), st.fractions())
@example(Fraction(0), Fraction(0))
def test_adjoints_of_scalars_default_to_a_seed_of_one(x: Fraction, y: Fraction) -> None:
    # f = x*y + x*x, so df/dx = y + 2x and df/dy = x.
    a, b = Scalar(x), Scalar(y)
    found = adjoints(a * b + a * a)
    assert (outside(found[a]), outside(found[b])) == (y + 2 * x, x)
