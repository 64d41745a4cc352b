"""Limits on the numbers and nodes of a graph file."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from graphfiles import described, graph, node

from minigrad import GraphFileError, Scalar, TooLarge, exact, from_json, sin, sqrt, tanh, to_json
from minigrad.graph import topological_order
from minigrad.verify import verify

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


def test_a_long_closed_form_comes_back() -> None:
    root = sin((Scalar(2, "y") + Fraction(5, 7)) * tanh(Scalar(2)))
    text = to_json(root)
    assert len(json.loads(text)["nodes"][-1]["data"]) > 30_000
    assert from_json(text) == root


def a_long_value() -> Scalar:
    x = Scalar("sqrt(2) + sqrt(3) + sqrt(5) + sqrt(7)", "x")
    return sqrt(x * x * x) + 1


def test_a_value_too_long_to_be_read_is_left_out_and_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = a_long_value()
    assert all("data" in record for record in json.loads(to_json(root))["nodes"])
    monkeypatch.setattr(exact, "MOST_TOKENS", 40)
    text = to_json(root)
    with_data = ["data" in record for record in json.loads(text)["nodes"]]
    assert with_data[0]
    assert not all(with_data)
    assert described(from_json(text)) == described(root)


def test_a_wrong_value_too_long_to_be_read_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    root = a_long_value()
    place, wrong = next(
        (i, node) for i, node in enumerate(topological_order([root])) if node.operator is not None
    )
    wrong._datum = wrong._datum + 1
    assert str(verify(from_json(to_json(root))).verdict) == "refuted"
    monkeypatch.setattr(exact, "MOST_TOKENS", 40)
    with pytest.raises(TooLarge, match=f"the data of node {place} is a closed form too long"):
        to_json(root)


def test_a_gradient_too_long_to_be_read_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    root = a_long_value()
    root.backward()
    monkeypatch.setattr(exact, "MOST_TOKENS", 40)
    with pytest.raises(TooLarge, match=r"the gradient of node \d is a closed form too long"):
        to_json(root)


def test_a_leaf_too_long_to_be_read_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Scalar("sqrt(2) + sqrt(3) + sqrt(5) + sqrt(7)", "x")
    monkeypatch.setattr(exact, "MOST_TOKENS", 10)
    with pytest.raises(TooLarge, match="the data of node 0 is a closed form too long"):
        to_json(x)
