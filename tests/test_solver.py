from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from proofs import by_name, labelled, proof, two
from shapes import shapes

from minigrad import Scalar, absolute, dot, prod, reverse, where
from minigrad import sum as total
from minigrad.backing import outside
from minigrad.exact import published
from minigrad.generate import random_graph
from minigrad.number import ONE, UNAVAILABLE
from minigrad.rational import Field
from minigrad.verify.solver import Chain, Suspects, condition_texts, solve_adjoints
from minigrad.verify.symbolic import Graph, Rules
from minigrad.verify.values import solve_values

# --- adjoints -------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(1, 9), st.fractions(-3, 3, max_denominator=4))
def test_adjoints_solved_here_are_the_engine_s(seed: int, size: int, scale: Fraction) -> None:
    root = random_graph(seed, size=size)
    found = proof(root, scale)
    engine = reverse.adjoints(root, scale)
    for node, ours in zip(found.graph.nodes, found.adjoints, strict=True):
        assert outside(engine.get(node)) == ours or node.is_constant
    assert found.faults == {}


@given(shapes(most=7), st.lists(st.integers(-3, 3), min_size=7, max_size=7))
def test_an_adjoint_is_the_sum_over_all_paths(shape: list[list[int]], values: list[int]) -> None:
    """Of a graph of dot products of a node's operands with themselves: partial 2x on each edge."""
    nodes: list[Scalar] = []
    for operands, value in zip(shape, values, strict=False):
        xs = [nodes[o] for o in operands]
        nodes.append(dot(xs, [Scalar.constant(3)] * len(xs)) if xs else Scalar(value))
    found = proof(nodes[-1])

    def paths(node: Scalar, target: Scalar) -> int:
        below = sum(paths(operand, target) for operand in node.operands if not operand.is_constant)
        return (node is target) + 3 * below

    for node, adjoint in zip(found.graph.nodes, found.adjoints, strict=True):
        assert node.is_constant or adjoint == paths(nodes[-1], node)


def test_a_seed_multiplies_every_adjoint() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", x * y + x)
    root.backward("1/2")
    found = proof(root, "1/2")
    assert found.faults == {}
    assert by_name(found, found.adjoints) == {
        "x": 2,
        "y": 1,
        "r": Fraction(1, 2),
        "v1": Fraction(1, 2),
    }


def test_what_reaches_an_exponent_is_undecided_and_nothing_else() -> None:
    x, n, y = Scalar(-2, "x"), Scalar(3, "n"), Scalar(5, "y")
    root = labelled("root", labelled("power", x ** labelled("m", n * 1)) + y)
    found = proof(root)
    assert found.faults == {}
    assert set(by_name(found, found.undecided)) == {"n", "m"}
    assert "a base that is not positive" in found.undecided[found.graph.names.index("n")]
    assert found.derivative(found.graph.names.index("m")) == "D[power]*none"
    assert by_name(found, found.adjoints)["x"] == 12


def test_the_exponent_of_a_positive_base_has_a_derivative() -> None:
    x, n, y = Scalar(2, "x"), Scalar(3, "n"), Scalar(5, "y")
    root = labelled("root", labelled("power", x ** labelled("m", n * 2)) + y)
    found = proof(root)
    assert (found.faults, found.undecided) == ({}, {})
    assert found.derivative(found.graph.names.index("m")) == "D[power]*x**m*log(x)"
    adjoints = by_name(found, found.adjoints)
    assert adjoints["x"] == 6 * 2**5
    assert [published(adjoints[name]) for name in "mn"] == [64 * sp.log(2), 128 * sp.log(2)]


def test_a_wrong_gradient_of_an_exponent_is_refuted_by_its_difference() -> None:
    x, n = Scalar(2, "x"), Scalar(3, "n")
    root = labelled("r", x**n)
    root.backward()
    n.grad = 0
    found = proof(root)
    ((name, fault),) = by_name(found, found.faults).items()
    assert (name, fault.blame, fault.difference) == ("n", "node n", "-8*log(2)")
    assert fault.message == "the gradient of n is 0, the derivative 8*log(2): it is missing"


def test_an_exponent_s_gradient_that_is_a_number_is_refuted() -> None:
    x, n = Scalar(-2, "x"), Scalar(3, "n")
    root = labelled("r", x**n)
    root.backward()
    n.grad = 0
    found = proof(root)
    ((name, fault),) = by_name(found, found.faults).items()
    assert name == "n"
    assert "the derivative by n is not available, and the gradient says otherwise" in fault.message


def test_an_unavailable_gradient_where_there_is_a_derivative_is_refuted() -> None:
    x = Scalar(2, "x")
    root = labelled("r", x * 3)
    x._grad = UNAVAILABLE
    found = proof(root)
    (fault,) = found.faults.values()
    assert fault.message == "the derivative by x is 3, and the gradient says otherwise"
    assert fault.blame == "node x"


def test_constants_have_neither_verdict_nor_derivative() -> None:
    x = Scalar(2, "x")
    root = labelled("r", 3 * x + 4)
    constants = [i for i, node in enumerate(Graph(root).nodes) if node.is_constant]
    found = proof(root)
    assert len(constants) == 2
    assert all(found.adjoints[i] is None for i in constants)
    assert found.faults == {}
    root.operands[1]._grad = Fraction(99)
    assert proof(root).faults == {}


def solved(outputs: list[Scalar], seeds: dict[int, Any]) -> dict[str, Any]:
    """The adjoints by label of the sum of outputs, by their number in the list, times seeds."""
    chain = Chain(Graph(*outputs), ONE)
    solve_values(chain, Rules(), Suspects())
    solve_adjoints(chain, {chain.graph.roots[k]: seed for k, seed in seeds.items()})
    return {
        node.label: adjoint
        for node, adjoint in zip(chain.graph.nodes, chain.adjoints, strict=True)
        if node.label
    }


def outputs() -> list[Scalar]:
    """x*y, its square, x - y and y, at (3, 2)."""
    x, y = two()
    p = labelled("p", x * y)
    return [p, labelled("s", p * p), labelled("d", x - y), y]


def test_seeds_weigh_several_outputs() -> None:
    assert solved(outputs(), {0: Fraction(10)}) == {
        "x": 20, "y": 30, "p": 10, "s": None, "d": None,
    }  # fmt: skip
    assert solved(outputs(), {2: ONE}) == {"x": 1, "y": -1, "p": None, "s": None, "d": 1}
    # d(s)/dp = 12
    assert solved(outputs(), {0: Fraction(10), 1: ONE, 2: Fraction(100), 3: Fraction(7)}) == {
        "x": 22 * 2 + 100, "y": 22 * 3 - 100 + 7, "p": 22, "s": 1, "d": 100,
    }  # fmt: skip
    assert solved(outputs(), {3: Fraction(7)})["y"] == 7
    assert set(solved(outputs(), {}).values()) == {None}


def test_a_seed_may_be_of_another_field() -> None:
    v, w = Field(2).generators
    found = solved(outputs(), {0: v, 2: w})
    assert found["x"] == 2 * v + w
    assert found["y"] == 3 * v - w
    assert solved([outputs()[1]], {0: v})["x"] == 24 * v


@given(
    st.integers(0, 10_000), st.integers(2, 9), st.lists(st.fractions(-3, 3), min_size=3, max_size=3)
)
def test_seeds_are_linear(seed: int, size: int, weights: list[Fraction]) -> None:
    """The derivative of a sum of nodes times their seeds is the sum of theirs times the seeds."""
    root = random_graph(seed, size=size)
    graph = Graph(root)
    picks = [graph.root, graph.root // 2, graph.root // 3]
    nodes = [graph.nodes[i] for i in picks]
    chain = Chain(graph, ONE)
    solve_values(chain, Rules(), Suspects())
    seeds: dict[int, Fraction] = {}
    for i, weight in zip(picks, weights, strict=True):
        if not graph.nodes[i].is_constant:
            seeds[i] = seeds.get(i, Fraction(0)) + weight
    solve_adjoints(chain, seeds)
    engine = [
        reverse.adjoints(node, weight)
        for node, weight in zip(nodes, weights, strict=True)
        if not node.is_constant
    ]
    for node, adjoint in zip(graph.nodes, chain.adjoints, strict=True):
        terms = [outside(found[node]) for found in engine if node in found]
        if node.is_constant:
            continue
        if any(term is UNAVAILABLE for term in terms):
            assert adjoint is UNAVAILABLE
        else:
            assert (0 if adjoint is None else adjoint) == sum(terms)


def test_without_seeds_it_is_the_root_times_the_chain_s() -> None:
    x, y = two()
    chain = Chain(Graph(x * y), Fraction(5))
    solve_values(chain, Rules(), Suspects())
    solve_adjoints(chain)
    assert chain.adjoints[-1] == 5
    assert sorted(chain.adjoints) == [5, 10, 15]


# --- texts ----------------------------------------------------------------------------------------


def texts(root: Scalar) -> dict[str, str]:
    found = proof(labelled("r", root))
    return {
        name: found.derivative(i)
        for i, name in enumerate(found.graph.names)
        if not found.graph.nodes[i].is_constant
    }


@pytest.mark.parametrize(
    ("build", "by_x", "by_y"),
    [
        (lambda x, y: x + y, "D[r]", "D[r]"),
        (lambda x, y: x - y, "D[r]", "-D[r]"),
        (lambda x, y: x * y, "D[r]*y", "D[r]*x"),
        (lambda x, y: x / y, "D[r]*1/y", "D[r]*-x/y**2"),
        (lambda x, y: x * x, "D[r]*x + D[r]*x", None),
        (lambda x, y: x**3, "D[r]*3*x**2", None),
        (lambda x, y: x * -3, "D[r]*(-3)", None),
        (lambda x, y: x / Fraction(3, 2), "D[r]*1/(3/2)", None),
        (lambda x, y: where(True, x, y), "D[r]", "0"),
        (lambda x, y: x // y, "0", "0"),
        (lambda x, y: x % y, "D[r]", "-D[r]"),
        (lambda x, y: x.maximum(y), "D[r]", "0"),
        (lambda x, y: absolute(x - 5), None, None),
        (lambda x, y: total([x, y, x]), "D[r]*(1 + 1)", "D[r]"),
        (lambda x, y: prod([x, y, y]), "D[r]*y*y", "D[r]*(x*y + x*y)"),
        (lambda x, y: dot([x, y], [y, y]), "D[r]*y", "D[r]*(y + x + y)"),
        (lambda x, y: total([x, y] * 5), "D[r]*…", "D[r]*…"),
    ],
)  # fmt: skip
def test_derivatives_as_texts(build: Any, by_x: str | None, by_y: str | None) -> None:
    found = texts(build(*two()))
    assert found["r"] == "1"
    assert by_x is None or found["x"] == by_x
    assert by_y is None or found["y"] == by_y


def test_a_text_sums_over_the_users() -> None:
    x, y = two()
    c = labelled("c", x * y)
    assert texts(c - x)["x"] == "D[c]*y - D[r]"
    assert texts(labelled("d", c + x) - x)["x"] == "D[c]*y + D[d] - D[r]"


def test_a_text_of_many_users_is_cut() -> None:
    x = Scalar(3, "x")
    text = texts(total([labelled(f"u{i}", x * i) for i in range(1, 10)]))["x"]
    assert text.count("D[") == 6
    assert text.endswith("… (3 more)")


def test_the_conditions_are_in_the_names_of_the_graph() -> None:
    x, y = two()
    found = proof(labelled("r", x / labelled("d", y - 3)))
    assert condition_texts(found, found.graph.root, found.rules[-1]) == ["d != 0"]
