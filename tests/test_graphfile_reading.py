"""What is read from a graph file."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from graphfiles import described, graph, graphs, node
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Scalar, StaleGraph, from_json, gradients, to_json
from minigrad.graph import topological_order

X = {"operator": "leaf", "label": "x", "data": "3"}
TWO = {"operator": "constant", "data": "2"}


@given(graphs(), st.randoms(use_true_random=False))
def test_nodes_may_stand_in_any_order(root: Scalar, random: Any) -> None:
    file = json.loads(to_json(root))
    places = list(range(len(file["nodes"])))
    random.shuffle(places)
    nodes = [None] * len(places)
    for place, record in zip(places, file["nodes"], strict=True):
        if "operands" in record:
            record["operands"] = [places[i] for i in record["operands"]]
        nodes[place] = record
    twin = from_json(json.dumps({"minigrad": 1, "nodes": nodes, "root": places[file["root"]]}))
    assert described(twin) == described(root)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('"31/10"', Fraction(31, 10)),
        ('"3.1"', Fraction(31, 10)),
        ("3.1", Fraction(31, 10)),
        (
            "0.1000000000000000055511151231257827",
            Fraction(1000000000000000055511151231257827, 10**34),
        ),
        ("1e-3", Fraction(1, 1000)),
        ("1E+400", Fraction(10**400)),
        ("-0.0", Fraction(0)),
        ("18446744073709551617", Fraction(2**64 + 1)),
    ],
)
def test_numbers_are_read_as_they_are_written(data: str, expected: Fraction) -> None:
    text = f'{{"minigrad": 1, "nodes": [{{"operator": "leaf", "data": {data}, "grad": {data}}}]}}'
    leaf = from_json(text)
    assert (leaf.data, leaf.grad) == (expected, expected)


def test_data_left_out_is_computed_and_the_last_node_is_the_root() -> None:
    root = from_json(graph(X, TWO, node("mul", 1, 0), node("pow", 2, parameters={"exponent": 2})))
    root.backward()
    assert (root.data, topological_order([root])[1].grad) == (36, 24)
    assert topological_order([root])[1].label == "x"


def test_another_root_can_be_named() -> None:
    assert from_json(graph(X, node("neg", 0), node("neg", 1), root=1)).data == -3


def test_an_operand_may_be_repeated_and_lists_may_be_empty() -> None:
    leaf = {**X, "operands": [], "parameters": {}}
    root = from_json(graph(leaf, node("mul", 0, 0, parameters={})))
    assert root.operands[0] is root.operands[1]
    assert gradients(root)[root.operands[0]] == 6


@pytest.mark.parametrize("nothing", [None, False, "", [], {}])
def test_a_leaf_may_have_no_operands_in_any_spelling(nothing: object) -> None:
    assert from_json(graph({**X, "operands": nothing, "parameters": nothing})).data == 3


def test_recorded_numbers_are_kept_right_or_wrong() -> None:
    root = from_json(graph({**X, "grad": "7"}, node("mul", 0, 0, data="10", grad="-1/3")))
    assert (root.data, root.grad) == (10, Fraction(-1, 3))
    assert root.operands[0].grad == 7


def test_a_parameter_may_be_written_as_a_number_or_as_text() -> None:
    for exponent in (2, "2", 2.0, "2e0"):
        root = from_json(graph(X, node("pow", 0, parameters={"exponent": exponent})))
        assert (root.data, root.parameters) == (9, (2,))


def test_a_leaf_of_a_file_can_be_set() -> None:
    root = from_json(graph(X, node("neg", 0)))
    root.operands[0].data = 4
    with pytest.raises(StaleGraph, match="'x'"):
        root.backward()
