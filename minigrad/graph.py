"""Walking a computation graph: anything with `.operands`, its children, as a tuple.

All walks are iterative, so a chain of a million nodes is no deeper than one, and linear in nodes and
edges. Nodes are told apart by identity: they are only ever put into sets and dicts, whose look-ups
ask `is` first, and never compared by `==`, which compares Scalars by value.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol, Self, TypeVar

__all__ = ["Node", "leaves", "shared_nodes", "topological_order"]


class Node(Hashable, Protocol):
    """What these functions need of a node."""

    @property
    def operands(self) -> Sequence[Self]:
        """The nodes that this one was computed from, in order and with repetitions."""
        ...


N = TypeVar("N", bound=Node)


def topological_order(roots: Iterable[N]) -> list[N]:
    """Every node that `roots` reach, once each, operands before the nodes that use them.

    The order is that of a depth-first search from the first root, operands from left to right,
    so it depends on the graph's shape alone (R. Sedgewick and K. Wayne, Algorithms, 4.2: the
    reverse postorder of a depth-first search, with the recursion unrolled onto a stack).
    """
    order: list[N] = []
    opened: set[N] = set()
    stack: list[Any] = [*reversed([*roots])]
    while stack:
        node = stack.pop()
        if node is None:
            # All that the node below the mark was waiting for is in the order.
            order.append(stack.pop())
        elif node not in opened:
            opened.add(node)
            operands = node.operands
            if operands:
                stack.append(node)
                stack.append(None)
                stack.extend(operands[::-1])
            else:
                order.append(node)
    return order


def leaves(order: Iterable[N]) -> list[N]:
    """The nodes of `order` without operands."""
    return [node for node in order if not node.operands]


def shared_nodes(order: Iterable[N]) -> set[N]:
    """The nodes that are an operand in more than one position, in one node or in several."""
    once: set[N] = set()
    shared: set[N] = set()
    for node in order:
        for operand in node.operands:
            (shared if operand in once else once).add(operand)
    return shared
