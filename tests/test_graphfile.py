from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
import sympy
from conftest import shapes
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import (
    GradientUnavailable,
    GraphFileError,
    InvalidOperand,
    NoDerivative,
    Scalar,
    StaleGraph,
    apply,
    from_json,
    gradients,
    graphfile,
    to_json,
    where,
)
from minigrad.graph import topological_order
from minigrad.graphfile import VERSION
from minigrad.operators import OPERATORS, Operator

X = {"operator": "leaf", "label": "x", "data": "3"}
TWO = {"operator": "constant", "data": "2"}


def graph(*nodes: Any, **more: Any) -> str:
    return json.dumps({"minigrad": VERSION, "nodes": nodes, **more})


def node(operator: str, *operands: Any, **more: Any) -> dict[str, Any]:
    return {"operator": operator, "operands": operands, **more}


def described(root: Scalar) -> list[tuple[Any, ...]]:
    """Everything about a graph that a graph file keeps."""
    order = topological_order([root])
    position = {node: i for i, node in enumerate(order)}
    return [
        (
            *(node.operator, node.parameters, node.label, node.is_constant),
            *(node.data, node._grad, [position[operand] for operand in node.operands]),
        )
        for node in order
    ]


# --- round trips ---------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> Scalar:
    """A graph of sums, products and the like over any shape, with labels and some gradients."""
    nodes: list[Scalar] = []
    for operands in draw(shapes()):
        inputs = [nodes[i] for i in operands]
        if not inputs:
            make = draw(st.sampled_from([Scalar, Scalar.constant]))
            made = make(draw(st.fractions()))
        elif len(inputs) == 1:
            made = draw(st.sampled_from([-inputs[0], inputs[0] ** 2, inputs[0].relu()]))
        elif len(inputs) == 2:
            made = where(draw(st.booleans()), *inputs)
        else:
            made = apply(OPERATORS[draw(st.sampled_from(["sum", "prod"]))], inputs)
        made.label = draw(st.text(max_size=3))
        if not made.is_constant and draw(st.booleans()):
            made.grad = draw(st.fractions())
        nodes.append(made)
    return nodes[-1]


@given(graphs(), st.sampled_from([None, 2]))
def test_a_graph_comes_back_from_its_file(root: Scalar, indent: int | None) -> None:
    assert described(from_json(to_json(root, indent=indent))) == described(root)


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_every_operator_comes_back(operator: Operator) -> None:
    for parameters in product(*(parameter.samples for parameter in operator.parameters)):
        # Some are defined below 1 alone.
        first = "1/3" if operator.name in ("asin", "acos", "atanh") else 3
        operands = [Scalar(first), Scalar(2)] * 2
        root = apply(operator, operands[: operator.arity or 4], parameters)
        root.backward()
        assert described(from_json(to_json(root))) == described(root)


def test_what_sympy_writes_as_a_zeta_function_comes_back() -> None:
    # polygamma(2, 1/2) is -14 zeta(3), and zeta(4) is pi**4 / 90 (Abramowitz and Stegun, 6.4.4, 23.2.24).
    root = apply("polygamma", [Scalar("1/2")], [2])
    assert json.loads(to_json(root))["nodes"][1]["data"] == "-14*zeta(3)"
    assert from_json(to_json(root)).data == -14 * sympy.zeta(3)
    assert described(from_json(to_json(root))) == described(root)
    assert Scalar("zeta(4)") == Scalar("pi**4 / 90")


def test_the_text_of_a_file() -> None:
    x = Scalar(3.1, "x")
    root = (2 * x) ** -2
    root.backward()
    file = json.loads(to_json(root))
    # d/dx (2x)^-2 = -x^-3 / 2 = -500/29791 at 31/10, and with respect to 2x it is -2 (2x)^-3.
    assert file == {
        "minigrad": 1,
        "nodes": [
            {"operator": "constant", "data": "2"},
            {"operator": "leaf", "label": "x", "data": "31/10", "grad": "-500/29791"},
            {"operator": "mul", "operands": [0, 1], "data": "31/5", "grad": "-250/29791"},
            {
                "operator": "pow",
                "operands": [2],
                "parameters": {"exponent": -2},
                "data": "25/961",
                "grad": "1",
            },
        ],
        "root": 3,
    }


def test_numbers_with_more_digits_than_python_prints() -> None:
    x = Scalar(10**5000, "x")
    root = x * Fraction(1, 10**6000)
    root.backward()
    twin = from_json(to_json(root))
    assert described(twin) == described(root)
    assert twin.operands[0].data == 10**5000
    plain = '{"minigrad": 1, "nodes": [{"operator": "leaf", "data": %s}]}'
    assert from_json(plain % ("1" + "0" * 5000)).data == 10**5000


def test_parameters_of_any_length() -> None:
    for exponent in (10**5000, -(10**5000), 2**53 + 1, 2**53, 7):
        root = Scalar(-1) ** exponent
        assert from_json(to_json(root)).parameters == (exponent,)


def test_a_gradient_that_is_unavailable_is_not_written() -> None:
    x, y = Scalar(-3, "x"), Scalar(2, "y")
    root = x**y
    root.backward()
    grads = [record.get("grad") for record in json.loads(to_json(root))["nodes"]]
    assert grads == ["-6", None, "1"]
    twin = from_json(to_json(root))
    twin.zero_grad()
    twin.backward()
    with pytest.raises(GradientUnavailable):
        twin.operands[1].grad  # noqa: B018


def test_a_gradient_set_on_a_constant_is_not_written() -> None:
    root = Scalar.constant(2)
    root.grad = 1
    assert from_json(to_json(root)).is_constant


@pytest.mark.parametrize(
    "label",
    [
        "\x00",
        "\n\r\t\b\x1b[31m",
        "😀",
        "\ud800",
        "\u202e",
        '"',
        "\\",
        "</script>",
        "x" * 10**6,
        " ",
    ],
    ids=ascii,
)
def test_hostile_labels_come_back(label: str) -> None:
    text = to_json(Scalar(1, label) * 2)
    assert text.isascii()
    assert from_json(text).operands[0].label == label


def test_a_label_that_is_no_text_is_written_as_text() -> None:
    node = Scalar(1)
    node.label = 5  # type: ignore[assignment]
    assert from_json(to_json(node)).label == "5"


def test_a_long_chain_goes_through_a_file() -> None:
    root = Scalar(1)
    for _ in range(10_000):
        root = -root
    assert len(topological_order([from_json(to_json(root))])) == 10_001


@pytest.mark.parametrize("root", [None, 3, "x"])
def test_only_a_scalar_can_be_written(root: Any) -> None:
    with pytest.raises(InvalidOperand, match="to_json: expected a Scalar; got "):
        to_json(root)


@pytest.mark.parametrize("place", ["root", "below"])
def test_an_operator_outside_the_table_cannot_be_written(place: str) -> None:
    """Its name would stand for another operator in the file."""
    wrong = dataclasses.replace(OPERATORS["add"], partials=lambda z, x, y: (x, y))
    root = apply(wrong, [Scalar(1), Scalar(2)])
    with pytest.raises(InvalidOperand, match="add: only operators of the table"):
        to_json(root if place == "root" else -root)


# --- what is read --------------------------------------------------------------------------------


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


# --- what is refused -----------------------------------------------------------------------------

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


# --- limits --------------------------------------------------------------------------------------


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


# --- anything at all -----------------------------------------------------------------------------

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
