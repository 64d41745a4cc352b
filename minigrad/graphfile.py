"""Graph files: a computation graph as JSON, written by minigrad or by an autograd in any language.

    {"minigrad": 1,
     "nodes": [{"operator": "leaf", "label": "x", "data": "31/10"},
               {"operator": "constant", "data": "2"},
               {"operator": "mul", "operands": [1, 0], "data": "31/5", "grad": "1"}],
     "root": 2}

A node names its operands by their position in the list, in any order as long as there is no cycle.
Numbers are exact text (`"31/10"`, `"3.1"`, `"1e-3"`) or JSON numbers, which are read as they are
written. `data` may be left out where there are operands, and is then computed; where it is given it
is kept, right or wrong, and so is `grad`: that is what `minigrad.verify` then checks. `root` is the
last node unless it is given. Parameters stand by name: `"parameters": {"exponent": -2}`.

The value of a node with operands is left out by the writer as well where its text would be longer than a
closed form that is read, if it is what is computed.

The whole file is validated before anything is computed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NoReturn

from minigrad import closed_text, exact, number, number_text
from minigrad.backing import outside
from minigrad.errors import (
    GraphFileError,
    InvalidNumber,
    InvalidOperand,
    MinigradError,
    TooLarge,
    describe,
)
from minigrad.evaluation import value_of
from minigrad.exact import Exact
from minigrad.graph import topological_order
from minigrad.number import MAX_BITS, UNAVAILABLE
from minigrad.operators import OPERATORS, Operator, check_known
from minigrad.scalar import Scalar, apply

__all__ = ["MAX_NODES", "VERSION", "from_json", "to_json"]

VERSION: Final = 1
MAX_NODES: Final = 10_000_000
"""The default limit on the nodes, and on the operands of all nodes together, of a graph file."""

_NODE_KEYS = {"operator", "operands", "parameters", "label", "data", "grad"}
_FILE_KEYS = {"minigrad", "nodes", "root"}


def to_json(root: Scalar, *, indent: int | None = None) -> str:
    """The graph of `root` as the text of a graph file, with its values and the gradients that are set.

    Raises TooLarge where a number that has to be written is a closed form too long to be read.

    >>> print(to_json(Scalar(3.1, "x")))
    {"minigrad": 1, "nodes": [{"operator": "leaf", "label": "x", "data": "31/10"}], "root": 0}
    """
    if not isinstance(root, Scalar):
        raise InvalidOperand(f"to_json: expected a Scalar; got {_described(root)}")
    root._leave("minigrad.to_json()")
    order = topological_order([root])
    index = {node: i for i, node in enumerate(order)}
    nodes = [_record(node, index) for node in order]
    return json.dumps({"minigrad": VERSION, "nodes": nodes, "root": index[root]}, indent=indent)


def _record(node: Scalar, index: Mapping[Scalar, int]) -> dict[str, Any]:
    operator = node.operator
    if operator is not None:
        check_known(operator)
    record: dict[str, Any] = {"operator": _kind(node) if operator is None else operator.name}
    if node.label:
        record["label"] = str(node.label)
    if operator is not None:
        record["operands"] = [index[operand] for operand in node.operands]
        if operator.parameters:
            names = [parameter.name for parameter in operator.parameters]
            values = [_parameter_record(value) for value in node.parameters]
            record["parameters"] = dict(zip(names, values, strict=True))
    data = _written(node._datum)
    if data is not None:
        record["data"] = data
    elif not _is_computed(node):
        raise TooLarge(_too_long(index[node], "data"))
    if node.has_grad and node._grad is not UNAVAILABLE and not node.is_constant:
        grad = _written(node._gradient())
        if grad is None:
            # Left out, it would be computed, and be right whatever it was.
            raise TooLarge(_too_long(index[node], "gradient"))
        record["grad"] = grad
    return record


def _written(value: Exact) -> str | None:
    """The text of a number; None where it is a closed form that is not read again."""
    if isinstance(value, Fraction):
        return number_text.exact_text(value)
    # Functions within functions may take more text than there is memory.
    if closed_text.written(value, exact.MOST_TOKENS) > exact.MOST_TOKENS:
        return None
    text = number_text.exact_text(value)
    return text if exact.is_readable(text) else None


def _is_computed(node: Scalar) -> bool:
    """Whether the value of a node is, for certain, the one that a reader computes from its operands."""
    if node.operator is None:
        return False
    try:
        computed = value_of(node.operator, node.operands, node.parameters)
        return bool(outside(computed) == node._datum)
    except MinigradError:
        return False


def _too_long(i: int, what: str) -> str:
    return f"to_json: the {what} of node {i} is a closed form too long to be read from a graph file"


def _parameter_record(value: Any) -> Any:
    # Most readers of JSON take a number for a double, which holds whole numbers up to 2**53.
    return value if -(2**53) <= value <= 2**53 else number_text.exact_text(Fraction(value))


def _kind(leaf: Scalar) -> str:
    return "constant" if leaf.is_constant else "leaf"


def from_json(text: str, *, max_bits: int = MAX_BITS, max_nodes: int = MAX_NODES) -> Scalar:
    """The root of the graph in `text`, with the values and gradients recorded there.

    Raises GraphFileError (a ValueError) that names the node and what would be accepted, for anything
    malformed, cyclic, or larger than `max_nodes` nodes or numbers of `max_bits` bits.

    >>> from_json('{"minigrad": 1, "nodes": [{"operator": "leaf", "data": 0.1}]}').data
    Fraction(1, 10)
    """
    records, root = _read(text, max_bits, max_nodes)
    nodes: dict[int, Scalar] = {}
    for i in _operands_first(records):
        try:
            nodes[i] = _build(records[i], nodes, max_bits)
        except MinigradError as error:
            _refuse(i, str(error))
    return nodes[root]


def _read(text: str, max_bits: int, max_nodes: int) -> tuple[list[dict[str, Any]], int]:
    """The records of a file whose shape is right, and its root."""
    if not isinstance(text, str):
        raise InvalidOperand(
            f"from_json: expected the text of a graph file; got {_described(text)}"
        )
    try:
        # Numbers stay text: json would round 0.1, and refuse an int of more than 4,300 digits.
        file = json.loads(
            text,
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_Number,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise GraphFileError("graph file: nested too deeply to be a graph file") from None
    except ValueError as error:
        raise GraphFileError(f"graph file: {error}") from None
    _expect(isinstance(file, dict), "an object", file)
    _keys("the file", file, _FILE_KEYS)
    _expect(
        isinstance(file.get("minigrad"), _Number) and file["minigrad"] == str(VERSION),
        f'"minigrad": {VERSION}',
        file.get("minigrad"),
    )
    records = file.get("nodes")
    _expect(
        isinstance(records, list) and len(records) > 0,
        'a list "nodes" of at least one node',
        records,
    )
    if len(records) > max_nodes:
        raise GraphFileError(
            f"graph file: {len(records):,} nodes are over the limit of {max_nodes:,}; "
            "raise max_nodes to allow them"
        )
    edges = 0
    for i, record in enumerate(records):
        _check_record(i, record, len(records), max_bits)
        edges += len(record.get("operands", ()))
    if edges > max_nodes:
        raise GraphFileError(
            f"graph file: {edges:,} operands are over the limit of {max_nodes:,}; "
            "raise max_nodes to allow them"
        )
    root = _position(file.get("root", _Number(len(records) - 1)), len(records))
    _expect(root is not None, f'"root" to be a node, 0 to {len(records) - 1}', file.get("root"))
    assert root is not None
    return records, root


class _Number(str):
    """The text of a JSON number, told apart from a JSON string."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _described(value: object) -> str:
    return f"the number {value:.40}" if isinstance(value, _Number) else describe(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise GraphFileError(f"the key {_described(twice)} stands twice in one object")
    return result


def _check_record(i: int, record: object, count: int, max_bits: int) -> None:
    """Refuse a node whose shape is wrong, and read its numbers, operands and parameters."""
    if not isinstance(record, dict):
        _refuse(i, f"expected an object; got {_described(record)}")
    _keys(f"node {i}", record, _NODE_KEYS)
    kind = record.get("operator")
    if kind not in ("leaf", "constant") and (not isinstance(kind, str) or kind not in OPERATORS):
        _refuse(
            i,
            f"expected an operator: leaf, constant, {', '.join(OPERATORS)}; got {_described(kind)}",
        )
    if not isinstance(record.get("label", ""), str) or isinstance(record.get("label"), _Number):
        _refuse(i, f"expected a text as label; got {_described(record['label'])}")
    for key in ("data", "grad"):
        if key in record and not isinstance(record[key], str):
            _refuse(
                i, f"expected {key} to be a number or its exact text; got {_described(record[key])}"
            )
        if key in record:
            record[key] = _parsed(i, key, record[key], max_bits)
    if kind in ("leaf", "constant"):
        for key in ("operands", "parameters"):
            if given := record.pop(key, None):
                _refuse(i, f"a {kind} has no {key}; got {_described(given)}")
        if "data" not in record:
            _refuse(i, f"a {kind} needs data")
        if kind == "constant" and "grad" in record:
            _refuse(i, "a constant has no grad")
        return
    _check_operation(i, record, OPERATORS[kind], count)


def _parsed(i: int, key: str, text: str, max_bits: int) -> Exact:
    try:
        return exact.parse(text, max_bits=max_bits)
    except MinigradError as error:
        _refuse(i, f"{key}: {error}")


def _check_operation(i: int, record: dict[str, Any], operator: Operator, count: int) -> None:
    """Refuse an inner node whose operands or parameters are wrong, and read them."""
    operands = record.get("operands")
    if not isinstance(operands, list):
        _refuse(
            i,
            f"expected operands to be a list of nodes, 0 to {count - 1}; got {_described(operands)}",
        )
    positions = [_position(item, count) for item in operands]
    if None in positions:
        wrong = positions.index(None)
        _refuse(
            i,
            f"expected operands to be nodes, 0 to {count - 1}; got {_described(operands[wrong])} "
            f"as operand {wrong + 1}",
        )
    record["operands"] = positions
    try:
        record["parameters"] = _parameters(operator, record.get("parameters", {}))
        operator.check_shape(len(positions), record["parameters"])
    except MinigradError as error:
        _refuse(i, str(error))


def _position(value: object, count: int) -> int | None:
    """`value` as the position of a node, or None if it is none."""
    if not isinstance(value, _Number) or len(value) > 12:
        return None
    return int(value) if value.isdecimal() and value.isascii() and int(value) < count else None


def _operands_first(records: Sequence[Mapping[str, Any]]) -> list[int]:
    """The positions of the nodes, operands first. Raises GraphFileError for a cycle."""
    waiting = [len(set(record.get("operands", ()))) for record in records]
    users: list[list[int]] = [[] for _ in records]
    for i, record in enumerate(records):
        for operand in set(record.get("operands", ())):
            users[operand].append(i)
    ready = [i for i, count in enumerate(waiting) if count == 0]
    for i in ready:
        for user in users[i]:
            waiting[user] -= 1
            if waiting[user] == 0:
                ready.append(user)
    if len(ready) < len(records):
        stuck = next(i for i, count in enumerate(waiting) if count > 0)
        _refuse(stuck, "it stands on a cycle, or depends on one; a graph has none")
    return ready


def _build(record: Mapping[str, Any], nodes: Mapping[int, Scalar], max_bits: int) -> Scalar:
    kind, data = record["operator"], record.get("data")
    if kind in ("leaf", "constant"):
        make = Scalar.constant if kind == "constant" else Scalar
        node = make(data, max_bits=max_bits)
    else:
        operands = [nodes[i] for i in record["operands"]]
        node = apply(kind, operands, record["parameters"], max_bits=max_bits, data=data)
    node.label = record.get("label", "")
    node._grad = record.get("grad")
    return node


def _parameters(operator: Operator, given: object) -> list[Any]:
    names = [parameter.name for parameter in operator.parameters]
    if not isinstance(given, dict) or set(given) != set(names):
        raise GraphFileError(
            f"{operator.name}: expected the parameters {names}; got {_described(given)}"
        )
    return [_parameter(given[name]) for name in names]


def _parameter(value: object) -> object:
    """A JSON parameter: a whole number becomes an int, anything else is judged by the operator."""
    if not isinstance(value, str):
        return value
    try:
        exact = number.parse(value)
    except InvalidNumber:
        return value
    return exact.numerator if number.is_integer(exact) else value


def _keys(where: str, record: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(record) - known)
    if unknown:
        raise GraphFileError(
            f"graph file: {where} has the unknown key {_described(unknown[0])}; "
            f"expected some of {', '.join(sorted(known))}"
        )


def _expect(condition: object, what: str, got: object) -> None:
    if not condition:
        raise GraphFileError(f"graph file: expected {what}; got {_described(got)}")


def _refuse(i: int, why: str) -> NoReturn:
    raise GraphFileError(f"graph file: node {i}: {why}") from None
