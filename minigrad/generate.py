"""Random graphs: every operator of a table, at easy points and at hard ones, from a seed.

    >>> from minigrad.generate import census, random_graph
    >>> root = random_graph(7)
    >>> root.data == random_graph(7).data
    True
    >>> census(root)["graphs"]
    1

A graph drawn here has what gradients go wrong at: nodes that are used twice, `x * x` and
`dot(x, x)`, zeros, ties and other kinks, constants, and different nodes of equal value. `census`
counts them, so that whoever has checked five hundred graphs can say what was in them.

The draw reads the random numbers and the nodes' values, and never a partial derivative: a table in
which a derivative has been replaced by a wrong one draws the very same graphs. It uses no method of
`random.Random` but `random()`, the one whose sequence Python promises to keep from version to
version, so a seed that a report prints names the same graph everywhere.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeVar

from minigrad.errors import InvalidNumber, InvalidOperand, MinigradError, TooLarge, describe
from minigrad.graph import shared_nodes, topological_order
from minigrad.operators import RATIONAL, Operator, Piece
from minigrad.scalar import Scalar, apply

__all__ = ["EXPONENTS", "LARGEST_VALUE", "WHOLE_CONSTANT", "census", "random_graph"]

LARGEST_VALUE: Final = 256
"""No operation is drawn whose result has more bits than this. The last sum may have more."""

# Few values, so that ties and boundaries are common: zero, whole numbers, halves, and others.
_VALUES: Final = (
    *map(Fraction, (0, 1, -1, 2, -2, 3, -4)),
    *(Fraction(n, 2) for n in (1, -3, 5)),
    *(Fraction(n, 3) for n in (1, -4, 7)),
    *(Fraction(n, d) for n, d in ((31, 10), (-7, 10), (22, 7), (-5, 8), (42, 5))),
)
EXPONENTS: Final = (-2, -1, 0, 1, 2, 3)
"""What is drawn where a whole number has to stand."""

# How often an operand is a new leaf, a new constant, or a node that nothing uses yet; otherwise it
# is any node of the graph.
_LEAF: Final = 0.2
_CONSTANT: Final = 0.1
_LOOSE_END: Final = 0.4
# How often a new leaf or constant has the value of another node, an operand stands in its node
# twice, and a dot product is one of a vector with itself.
_KNOWN_VALUE: Final = 0.15
_REPEATED: Final = 0.15
_MIRRORED: Final = 0.25
# Most graphs keep off the boundaries, for at a kink a gradient is a convention and is not proved.
_WITH_KINKS: Final = 0.35
_BOUNDARY: Final = 0.6

# This many draws are made for one operator, and this many operators are tried for one node.
_DRAWS: Final = 12
_OPERATORS_TRIED: Final = 1000
# The terms of a sum, a product or a dot product.
_MOST_TERMS: Final = 4
_MOST_LOOSE_ENDS: Final = 8

WHOLE_CONSTANT: Final = {("power", 1)}
"""Of whole numbers here the value is rational, and by a constant no derivative is taken."""

T = TypeVar("T")


def random_graph(
    seed: int, *, size: int = 12, operators: Mapping[str, Operator] = RATIONAL
) -> Scalar:
    """Draw a graph of `size` operations from `operators`, with leaves x0, x1, …, and return its root.

    One `sum` more joins what no operation has used, so the root depends on every node. The same
    arguments give the same graph, whatever the order of the table.

    Raises InvalidOperand (a TypeError) for a seed or size that is no int and for a table whose
    operators are never defined, and InvalidNumber (a ValueError) for a size below 1.

    >>> random_graph(3, size=2)
    <Scalar 1, operator='abs'>
    """
    _expect_int("seed", seed)
    _expect_int("size", size)
    if size < 1:
        raise InvalidNumber(f"random_graph: expected a size of at least 1; got {describe(size)}")
    if not operators:
        raise InvalidOperand("random_graph: expected at least one operator; got an empty table")
    # Random takes the absolute value of an int, and -7 is to differ from 7.
    draw = _Draw(random.Random(2 * seed if seed >= 0 else -2 * seed - 1), operators)
    for _ in range(size):
        draw.add(draw.operation())
    loose = list(draw.loose)
    return loose[0] if len(loose) == 1 else apply(operators.get("sum", RATIONAL["sum"]), loose)


def census(root: Scalar, operators: Mapping[str, Operator] = RATIONAL) -> Counter[str]:
    """Count what a graph contains: each operator of the table, each kind of hard point, nodes and graphs.

    What does not occur is there with a 0, in a fixed order. Censuses are added up by
    `Counter.update`, which keeps the zeros, as `+` would not.

    - "shared nodes" are operands in more than one position, in one node or in several;
    - "repeated operands" counts the nodes that have one operand twice;
    - "kinks" counts the nodes at a boundary between two pieces, "ties" those of them where two
      operands compete;
    - "equal values" counts the nodes whose value an earlier one has.

    >>> x = Scalar(3)
    >>> {what: count for what, count in census(x * x).items() if count}
    {'graphs': 1, 'nodes': 2, 'mul': 1, 'shared nodes': 1, 'repeated operands': 1}
    """
    order = topological_order([root])
    pieces = [piece for node in order for piece in _piece(node)]
    counts = Counter(dict.fromkeys(["graphs", "nodes", *operators], 0))
    counts.update(node.operator.name for node in order if node.operator is not None)
    counts.update(
        {
            "graphs": 1,
            "nodes": len(order),
            "shared nodes": len(shared_nodes(order)),
            "repeated operands": sum(len(set(n.operands)) < len(n.operands) for n in order),
            "kinks": sum(piece.boundary for piece in pieces),
            "ties": sum(piece.name == "tie" for piece in pieces),
            "constants": sum(node.is_constant for node in order),
            "equal values": len(order) - len({node._datum for node in order}),
        }
    )
    return counts


class _Draw:
    """A graph while it is being drawn: its nodes, and those of them that nothing uses yet."""

    def __init__(self, rng: random.Random, operators: Mapping[str, Operator]) -> None:
        self.rng = rng
        self.operators = [operators[name] for name in sorted(operators)]
        self.nodes: list[Scalar] = []
        self.known: set[Scalar] = set()
        # A dict for its order, which a set of nodes, hashed by their addresses, would not have.
        self.loose: dict[Scalar, None] = {}
        self.leaves = 0
        self.has_kinks = self.chance(_WITH_KINKS)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.rng.random() * len(items))]

    def add(self, node: Scalar) -> None:
        """Take an operation and its new leaves into the graph."""
        for operand in node.operands:
            self.loose.pop(operand, None)
            if operand not in self.known:
                self._add_leaf(operand)
        self._register(node)
        self.loose[node] = None

    def _add_leaf(self, leaf: Scalar) -> None:
        if not leaf.is_constant:
            leaf.label = f"x{self.leaves}"
            self.leaves += 1
        self._register(leaf)

    def _register(self, node: Scalar) -> None:
        self.known.add(node)
        self.nodes.append(node)

    def operation(self) -> Scalar:
        """Make a node, not yet in the graph, of an operator inside its domain."""
        for _ in range(_OPERATORS_TRIED):
            node = self._preferred(self.pick(self.operators))
            if node is not None:
                return node
        names = ", ".join(operator.name for operator in self.operators)
        raise InvalidOperand(
            f"random_graph: expected operators that are defined at small rational numbers; got {names}"
        )

    def _preferred(self, operator: Operator) -> Scalar | None:
        """Draw for `operator` until it stands at a boundary, or off one, as this graph prefers.

        If no draw does, the first that is defined is taken; None stands for no such draw.
        """
        boundary = self.has_kinks and self.chance(_BOUNDARY)
        first = None
        for _ in range(_DRAWS):
            node = self._node(operator)
            if node is None:
                continue
            if operator.branch is None or _at_boundary(node) == boundary:
                return node
            first = node if first is None else first
        return first

    def _node(self, operator: Operator) -> Scalar | None:
        """Apply `operator` to drawn operands and parameters; None where it is undefined or too large."""
        operands = self._operands(operator)
        parameters = [self.pick(parameter.samples) for parameter in operator.parameters]
        refusals: tuple[type[MinigradError], ...] = (
            TooLarge,
            *(domain.error for domain in operator.domain),
        )
        try:
            return apply(operator, operands, parameters, max_bits=LARGEST_VALUE)
        except refusals:
            return None

    def _operands(self, operator: Operator) -> list[Scalar]:
        if operator.arity is not None:
            return self._run(operator, operator.arity)
        length = 1 + int(self.rng.random() * _MOST_TERMS)
        if self.chance(_MIRRORED):
            return self._run(operator, length) * operator.width
        return self._run(operator, length * operator.width)

    def _run(self, operator: Operator, length: int) -> list[Scalar]:
        drawn: list[Scalar] = []
        for position in range(length):
            if (operator.name, position) in WHOLE_CONSTANT:
                drawn.append(Scalar.constant(self.pick(EXPONENTS)))
            elif drawn and self.chance(_REPEATED):
                drawn.append(self.pick(drawn))
            else:
                drawn.append(self._operand())
        return drawn

    def _operand(self) -> Scalar:
        """Draw a node of the graph, or a new leaf or constant."""
        # Without this the last sum would grow with the graph, and its value with it.
        if len(self.loose) >= _MOST_LOOSE_ENDS:
            return self.pick(list(self.loose))
        kind = self.rng.random()
        if not self.nodes or kind < _LEAF:
            return Scalar(self._value())
        if kind < _LEAF + _CONSTANT:
            return Scalar.constant(self._value())
        if self.loose and kind < _LEAF + _CONSTANT + _LOOSE_END:
            return self.pick(list(self.loose))
        return self.pick(self.nodes)

    def _value(self) -> Fraction:
        if self.nodes and self.chance(_KNOWN_VALUE):
            known: Fraction = self.pick(self.nodes)._datum
            return known
        return self.pick(_VALUES)


def _piece(node: Scalar) -> tuple[Piece, ...]:
    """Find the piece that holds at a node of a piecewise operator; nothing for other nodes."""
    if node.operator is None:
        return ()
    return node.operator.piece([operand._datum for operand in node.operands], node.parameters)


def _at_boundary(node: Scalar) -> bool:
    return any(piece.boundary for piece in _piece(node))


def _expect_int(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidOperand(f"random_graph: expected {name} to be an int; got {describe(value)}")
