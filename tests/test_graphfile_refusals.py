"""What is no graph file is refused, whatever it is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from graphfiles import described, graph, node
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import GraphFileError, InvalidOperand, NoDerivative, from_json, graphfile, to_json
from minigrad.operators import OPERATORS

X = {"operator": "leaf", "label": "x", "data": "3"}
TWO = {"operator": "constant", "data": "2"}


# --- what is refused ------------------------------------------------------------------------------


NO_FILE = {
    "no JSON": ("{", "graph file: Expecting"),
    "empty": ("", "graph file: Expecting"),
    "byte order mark": ("\ufeff{}", "graph file: Unexpected UTF-8 BOM"),
    "list": ("[]", r"expected an object; got \[\]"),
    "number": ("1", "expected an object; got the number 1$"),
    "nested": ("[" * 100_000, "nested too deeply"),
    "nested objects": ('{"a":' * 100_000, "nested too deeply"),
    "empty object": ("{}", '"minigrad": 1; got None'),
    "version 2": ('{"minigrad": 2, "nodes": []}', '"minigrad": 1; got the number 2$'),
    "version true": ('{"minigrad": true, "nodes": []}', '"minigrad": 1; got True'),
    "version 1.0": ('{"minigrad": 1.0, "nodes": []}', r'"minigrad": 1; got the number 1\.0$'),
    "version text": ('{"minigrad": "1", "nodes": []}', r"""got '1' \(type str\)"""),
    "no nodes": ('{"minigrad": 1}', 'a list "nodes" of at least one node; got None'),
    "empty nodes": (graph(), r'a list "nodes" of at least one node; got \[\]'),
    "nodes no list": ('{"minigrad": 1, "nodes": {}}', r'a list "nodes" .*; got \{\}'),
    "unknown key": (graph(X, edges=[]), "the file has the unknown key 'edges'"),
    "duplicate key": ('{"minigrad": 1, "minigrad": 1}', "the key 'minigrad' .*stands twice"),
    "duplicate key in a node": (
        '{"minigrad": 1, "nodes": [{"operator": "leaf", "data": "1", "data": "2"}]}',
        "the key 'data' .*stands twice in one object",
    ),
    "root beyond": (graph(X, root=1), 'expected "root" to be a node, 0 to 0; got the number 1$'),
    "root negative": (
        graph(X, root=-1),
        'expected "root" to be a node, 0 to 0; got the number -1$',
    ),
    "root text": (graph(X, root="0"), """expected "root" to be a node, 0 to 0; got '0'"""),
    "root null": (graph(X, root=None), 'expected "root" to be a node, 0 to 0; got None'),
    "root true": (graph(X, root=True), 'expected "root" to be a node, 0 to 0; got True'),
}


@pytest.mark.parametrize(("text", "message"), NO_FILE.values(), ids=NO_FILE)
def test_what_is_no_graph_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(GraphFileError, match=message) as caught:
        from_json(text)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("text", [None, b"{}", 1, {}])
def test_only_text_can_be_read(text: Any) -> None:
    with pytest.raises(InvalidOperand, match="expected the text of a graph file; got "):
        from_json(text)


BAD_NODES: dict[str, tuple[Any, str]] = {
    "no object": ([], r"expected an object; got \[\]"),
    "number": (5, "expected an object; got the number 5"),
    "unknown key": (
        {**X, "value": 1},
        "unknown key 'value' .*; expected some of data, grad, label",
    ),
    "no operator": ({"data": "1"}, "expected an operator: leaf, constant, add, .*; got None"),
    "unknown operator": (node("plus", 0), "expected an operator: .*; got 'plus'"),
    "operator number": ({"operator": 1}, "expected an operator: .*; got the number 1"),
    "operator list": ({"operator": ["add"]}, r"expected an operator: .*; got \['add'\]"),
    "label number": ({**X, "label": 1}, "expected a text as label; got the number 1"),
    "label null": ({**X, "label": None}, "expected a text as label; got None"),
    "leaf without data": ({"operator": "leaf"}, "a leaf needs data"),
    "constant without data": ({"operator": "constant"}, "a constant needs data"),
    "constant with grad": ({**TWO, "grad": "1"}, "a constant has no grad"),
    "leaf with operands": ({**X, "operands": [0]}, r"a leaf has no operands; got \[0\]"),
    "leaf with parameters": ({**X, "parameters": {"a": 1}}, "a leaf has no parameters"),
    "constant with operands": (
        {**TWO, "operands": 0},
        "a constant has no operands; got the number 0",
    ),
    "data null": ({**X, "data": None}, "expected data to be a number or its exact text; got None"),
    "data list": ({**X, "data": [1]}, "expected data to be a number or its exact text; got "),
    "data true": ({**X, "data": True}, "expected data to be a number .*; got True"),
    "data NaN": ({**X, "data": float("nan")}, "got NaN .*it is not finite"),
    "data infinity": ({**X, "data": float("-inf")}, "got -Infinity .*it is not finite"),
    "data empty": ({**X, "data": ""}, "expected an int"),
    "data over zero": ({**X, "data": "1/0"}, "its denominator is 0"),
    "data huge": ({**X, "data": "1e999999999"}, "over the limit of 1,048,576 bits"),
    "grad malformed": ({**X, "grad": "abc"}, "expected an int.*got 'abc'"),
    "grad null": ({**X, "grad": None}, "expected grad to be a number"),
    "grad of a node": (node("neg", 0, grad=[]), "expected grad to be a number"),
    "recorded data malformed": (node("neg", 0, data="--1"), "expected an int"),
    "no operands": (
        {"operator": "add"},
        "expected operands to be a list of nodes, 0 to 1; got None",
    ),
    "operands no list": ({"operator": "neg", "operands": 0}, "expected operands to be a list"),
    "operands a dict": (
        {"operator": "neg", "operands": {"0": 0}},
        "expected operands to be a list",
    ),
    "operand beyond": (
        node("neg", 2),
        "expected operands to be nodes, 0 to 1; got the number 2 as operand 1$",
    ),
    "operand negative": (node("neg", -1), "nodes, 0 to 1; got the number -1 as operand 1"),
    "operand fraction": (node("neg", 0.0), r"0 to 1; got the number 0\.0 as operand 1"),
    "operand text": (node("neg", "0"), r"0 to 1; got '0' \(type str\) as operand 1"),
    "operand true": (node("neg", False), r"0 to 1; got False \(type bool\) as operand 1"),
    "operand null": (node("neg", None), "0 to 1; got None .* as operand 1"),
    "operand list": (node("neg", [0]), r"0 to 1; got \[0\] \(type list\) as operand 1"),
    "operand huge": (node("neg", 10**40), "got the number 10{39} as operand 1"),
    "third operand": (
        node("sum", 0, 0, 7, "x"),
        "expected operands to be nodes, 0 to 1; got the number 7 as operand 3$",
    ),
    "too few operands": (node("add", 0), "add: expected 2 operands; got 1"),
    "too many operands": (node("neg", 0, 0), "neg: expected 1 operands; got 2"),
    "empty sum": (node("sum"), "sum: expected a positive multiple of 1 operands; got 0"),
    "odd dot": (node("dot", 0, 0, 0), "dot: expected a positive multiple of 2 operands; got 3"),
    "itself": (node("neg", 1), "it stands on a cycle"),
    "itself twice": (node("add", 1, 1), "it stands on a cycle"),
    "no parameters": (node("pow", 0), r"pow: expected the parameters \['exponent'\]; got \{\}"),
    "other parameters": (node("pow", 0, parameters={"n": 2}), "pow: expected the parameters"),
    "more parameters": (node("neg", 0, parameters={"n": 2}), r"neg: expected the parameters \[\]"),
    "parameters list": (node("pow", 0, parameters=[2]), r"expected the parameters .*; got \[2\]"),
    "parameters null": (node("neg", 0, parameters=None), r"expected the parameters \[\]; got None"),
    "fractional exponent": (
        node("pow", 0, parameters={"exponent": 0.5}),
        r"pow: expected exponent to be an int; got 0\.5",
    ),
    "NaN exponent": (
        node("pow", 0, parameters={"exponent": float("nan")}),
        "pow: expected exponent to be an int; got NaN",
    ),
    "boolean exponent": (
        node("pow", 0, parameters={"exponent": True}),
        "pow: expected exponent to be an int; got True",
    ),
    "nested exponent": (
        node("pow", 0, parameters={"exponent": {"a": []}}),
        "pow: expected exponent to be an int; got ",
    ),
    "huge exponent": (
        node("pow", 0, parameters={"exponent": "1e999999999"}),
        "over the limit of 1,048,576 bits",
    ),
    "number as condition": (
        node("where", 0, 0, parameters={"condition": 1}),
        "where: expected condition to be true or false; got 1",
    ),
    "text as condition": (
        node("where", 0, 0, parameters={"condition": "true"}),
        "where: expected condition to be true or false; got 'true'",
    ),
    "bomb": (node("pow", 0, parameters={"exponent": 10**12}), "over the limit of 1,048,576"),
    "fractional power": (node("power", 0, 0), "a negative base needs a whole exponent"),
    "decimal bomb": (node("round", 0, parameters={"digits": 10**9}), "over the limit of 1,048,576"),
}


@pytest.mark.parametrize(("bad", "message"), BAD_NODES.values(), ids=BAD_NODES)
def test_a_malformed_node_is_refused_by_its_position(bad: Any, message: str) -> None:
    leaf = {"operator": "leaf", "data": "-1/2" if "power" in message + str(bad) else "3"}
    with pytest.raises(GraphFileError, match=rf"node 1\b.*({message})"):
        from_json(graph(leaf, bad))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (node("neg", 0, data="1/0"), "data: .*its denominator is 0"),
        (node("neg", 0, data="1e999999999"), "data: .*over the limit"),
        (node("neg", 0, grad="abc"), "grad: expected an int.*got 'abc'"),
        ({**X, "data": "abc"}, "data: expected an int"),
        (node("neg", 0, 0), "neg: expected 1 operands; got 2"),
        (node("neg", 3), "expected operands to be nodes"),
        (node("pow", 0), "pow: expected the parameters"),
        (node("pow", 0, parameters={"exponent": 0.5}), "expected exponent to be an int"),
        (node("where", 0, 0, parameters={"condition": 1}), "expected condition to be true"),
        (node("neg", 2), "stands on a cycle"),
    ],
)
def test_an_error_in_the_last_node_is_raised_before_anything_is_computed(
    monkeypatch: pytest.MonkeyPatch, bad: Any, message: str
) -> None:
    computed: list[Any] = []
    monkeypatch.setattr(graphfile, "apply", lambda *args, **_: computed.append(args))
    monkeypatch.setattr(graphfile, "Scalar", lambda *args, **_: computed.append(args))
    power = node("pow", 0, parameters={"exponent": 600_000})
    with pytest.raises(GraphFileError, match=f"node 2: .*{message}"):
        from_json(graph(X, power, bad))
    assert computed == []


@pytest.mark.parametrize(
    ("nodes", "where"),
    [
        ([node("neg", 0)], 0),
        ([node("neg", 1), node("neg", 0)], 0),
        ([X, node("add", 0, 2), node("add", 1, 0)], 1),
        ([X, node("neg", 0), node("neg", 3), node("neg", 2)], 2),
        ([node("sum", *range(3)), X, node("sum", 0, 1)], 0),
    ],
)
def test_a_cycle_is_refused(nodes: Sequence[Any], where: int) -> None:
    with pytest.raises(GraphFileError, match=rf"node {where}: it stands on a cycle"):
        from_json(graph(*nodes))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (node("div", 0, 1), r"div\(x = 3, 0\): the divisor must not be 0"),
        (node("floordiv", 0, 1), "the divisor must not be 0"),
        (node("mod", 0, 1), "the divisor must not be 0"),
        (node("pow", 1, parameters={"exponent": -1}), "0 has no negative power"),
        (node("power", 2, 2), r"power\(-1/2, -1/2\): a negative base needs a whole exponent"),
        (node("power", 1, 2), "0 has no negative power"),
        (node("log", 1), r"log\(0\): the operand must be greater than 0"),
        (node("sqrt", 2), "the operand must not be negative"),
    ],
)
@pytest.mark.parametrize("data", [None, "1"], ids=["computed", "recorded"])
def test_outside_its_domain_an_operator_is_refused(
    record: dict[str, Any], message: str, data: str | None
) -> None:
    """With recorded data too, which `backward` would meet as a bare ZeroDivisionError."""
    if data is not None:
        record = {**record, "data": data}
    zero, half = ({"operator": "leaf", "data": data} for data in ("0", "-1/2"))
    with pytest.raises(GraphFileError, match=f"node 3: .*{message}"):
        from_json(graph(X, zero, half, record))


# --- anything at all ------------------------------------------------------------------------------


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=4,
)
indices = st.integers(-1, 4) | json_values
numbers = st.sampled_from(["0", "1", "-1/2", "1e400", 2, 0.5]) | json_values
records = st.fixed_dictionaries(
    {"operator": st.sampled_from(["leaf", "leaf", "constant", *OPERATORS]) | json_values},
    optional={
        "operands": st.lists(indices, max_size=3) | json_values,
        "parameters": st.fixed_dictionaries({"exponent": numbers}) | json_values,
        "label": st.text(max_size=3) | json_values,
        "data": numbers,
        "grad": numbers,
    },
)


@given(st.text() | json_values.map(json.dumps))
def test_any_text_is_a_graph_file_or_an_error_of_ours(text: str) -> None:
    with pytest.raises(GraphFileError):
        from_json(text)


@given(st.lists(records, min_size=1, max_size=5))
@example([{**X, "operands": None}, node("neg", 0)])
def test_any_nodes_are_a_graph_or_an_error_of_ours(nodes: list[Any]) -> None:
    try:
        root = from_json(graph(*nodes))
    except GraphFileError as error:
        refused = str(error)
    else:
        refused = "no node 0"
        assert described(from_json(to_json(root))) == described(root)
        with suppress(NoDerivative):
            root.backward()
    assert re.search(r"\bnode \d+\b", refused)
