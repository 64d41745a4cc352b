"""What a run computed, as a value: whether two runs are of the same formulas, and of their own arguments.

    >>> from minigrad.trace import Trace, run
    >>> def squared(value):
    ...     trace = Trace()
    ...     found = run(lambda x: x * x, [trace.leaf(value)], trace)
    ...     return signature([found.result], found.arguments)
    >>> squared(3) == squared(5)
    True

Formulas are compared once for each signature, and not once for each point.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from minigrad.closed import Closed
from minigrad.graph import topological_order
from minigrad.scalar import Scalar
from minigrad.trace import Traced

__all__ = ["signature", "strangers"]


def signature(
    outputs: Sequence[Scalar], leaves: Sequence[Scalar], idle: Container[int] = ()
) -> tuple[Any, ...]:
    """What `outputs` compute from `leaves`, as a value: equal where they are the same formulas.

    Each node is given by its operator, parameters, piece and the places of its operands, and numbers
    that are no leaves by their value; of `idle` ones, by `id`, the piece is left out. Linear in the
    graph.
    """
    # By `id`, for a node under watch is hashed by a function of Python's.
    argument: dict[int, Any] = {id(leaf): i for i, leaf in enumerate(leaves)}
    position: dict[int, int] = {}
    rows: list[Any] = []
    for i, node in enumerate(topological_order(outputs)):
        position[id(node)] = i
        operator = node.operator
        if operator is None:
            value = node._datum
            number_ = (
                value.key if isinstance(value, Closed) else (value.numerator, value.denominator)
            )
            rows.append(argument.get(id(node), number_))
            continue
        piece: Any = ()
        if operator.branch is not None and id(node) not in idle:
            piece = operator.piece([operand._datum for operand in node.operands], node.parameters)
        operands = tuple([position[id(operand)] for operand in node.operands])
        rows.append((operator, node.parameters, piece, operands))
    return tuple(rows), tuple([position[id(output)] for output in outputs])


def strangers(outputs: Sequence[Scalar], leaves: Sequence[Scalar]) -> list[Scalar]:
    """The leaves below `outputs` that were arguments of another run: the program kept them."""
    known = set(map(id, leaves))
    return [
        node
        for node in topological_order(outputs)
        if isinstance(node, Traced) and node.operator is None and id(node) not in known
    ]
