"""Limits on the numbers and nodes of a graph file."""

from __future__ import annotations

import pytest
from graphfiles import graph, node

from minigrad import GraphFileError, from_json

X = {"operator": "leaf", "label": "x", "data": "3"}


def squares(operator: str, count: int) -> str:
    more = {"parameters": {"exponent": 2}} if operator == "pow" else {}
    operands = 1 if operator == "pow" else 2
    return graph(X, *(node(operator, *[i] * operands, **more) for i in range(count)))


@pytest.mark.parametrize("operator", ["mul", "pow", "prod", "dot"])
def test_a_number_squared_again_and_again_is_refused(operator: str) -> None:
    with pytest.raises(GraphFileError, match=r"node 20: .* over the limit of 1,048,576; Scalar"):
        from_json(squares(operator, 60))


@pytest.mark.parametrize(
    ("operator", "parameters"), [("pow", {"exponent": 10**9}), ("round", {"digits": 10**9})]
)
def test_recorded_data_does_not_hide_a_bomb(operator: str, parameters: dict[str, int]) -> None:
    """The data would be taken as it is, but `backward` would compute the power after all."""
    text = graph(X, node(operator, 0, parameters=parameters, data="1"))
    with pytest.raises(GraphFileError, match=r"node 1: .* over the limit of 1,048,576"):
        from_json(text)


def test_the_limit_on_numbers_can_be_changed() -> None:
    text = graph({"operator": "leaf", "data": "1e30"})
    assert from_json(text, max_bits=100).data == 10**30
    with pytest.raises(GraphFileError, match=r"node 0: .*over the limit of 99"):
        from_json(text, max_bits=99)
    text = graph({"operator": "leaf", "data": "1e400000"})
    assert from_json(text, max_bits=2**21).data == 10**400_000
    assert from_json(squares("mul", 20), max_bits=2**21).data == 3**2**20
    with pytest.raises(GraphFileError, match=r"node 3: .*over the limit of 12"):
        from_json(squares("mul", 4), max_bits=12)


def test_the_limit_on_nodes_can_be_changed() -> None:
    text = graph(X, node("neg", 0), node("neg", 1))
    assert from_json(text, max_nodes=3).data == 3
    with pytest.raises(GraphFileError, match="3 nodes are over the limit of 2; raise max_nodes"):
        from_json(text, max_nodes=2)


def test_operands_count_too() -> None:
    text = graph(X, node("sum", *[0] * 50), node("sum", *[1] * 50))
    assert from_json(text, max_nodes=100).data == 7500
    with pytest.raises(
        GraphFileError, match="100 operands are over the limit of 99; raise max_node"
    ):
        from_json(text, max_nodes=99)


def test_many_keys_take_no_time() -> None:
    keys = ", ".join(f'"{i}": 0' for i in range(200_000))
    with pytest.raises(GraphFileError, match=r"the key '7' .*stands twice"):
        from_json(f'{{{keys}, "7": 0}}')
