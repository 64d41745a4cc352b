from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from test_reverse import Counted, Node, Opaque, path_sum, weighted, weights

from minigrad import Scalar, maximum, prod, relu
from minigrad.forward import Series, dependence, expansions, partials_at, tangents
from minigrad.graph import topological_order
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.operators import OPERATORS
from minigrad.reverse import adjoints

RATIONALS = st.fractions(-5, 5, max_denominator=6)


# --- dependence -----------------------------------------------------------------------------------


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
    for node in found:
        if node not in inputs:
            assert all(place[operand] < place[node] for operand in node.operands)


def test_dependence_does_not_look_below_an_input() -> None:
    below = Node()
    x = Node(below)
    root = Node(x, x)
    assert dependence([root], {x}) == {x: True, root: True}


def test_dependence_of_a_deep_graph() -> None:
    x = node = Node()
    for _ in range(100_000):
        node = Node(node)
    assert all(dependence([node], {x}).values())


# --- tangents -------------------------------------------------------------------------------------


@given(weighted(), st.data())
def test_a_tangent_is_the_sum_over_all_paths(nodes: list[Node], data: st.DataObject) -> None:
    *_, root = nodes
    leaves = [node for node in nodes if not node.operands]
    seeds = data.draw(st.dictionaries(st.sampled_from(leaves), st.integers(-3, 3)))
    found = tangents(root, seeds, weights)
    reached = [node for node in topological_order([root]) if depends(node, set(seeds))]
    assert set(found) == {*reached, *seeds}
    for node in reached:
        assert found[node] == sum(
            speed * path_sum(node, seed, through=()) if False else speed * path_sum(node, seed)
            for seed, speed in seeds.items()
        )
