"""Copying and pickling a deep graph without recursion, and keeping which nodes are the same.

A pickle of a node would nest as deep as its graph, one level for each operand's operand. So what is
below the node that is pickled goes first, in lists from the leaves up, and each node in them finds
its operands already written. Nodes stay the objects that the pickler knows, so several that are pickled
in one call keep what they share. The only state is a reference, on the thread that pickles, to the
list being written.
"""

from __future__ import annotations

import threading
import weakref
from fractions import Fraction
from typing import Any, Self

from minigrad.graph import Node, topological_order
from minigrad.reading import is_running

__all__ = ["Copied", "EndOfFlattened", "Flattened", "as_ints", "whole"]

_RUN = 32


class Flattened:
    """Pickles as a list of lists of a graph's nodes, operands first, so that no pickle nests deep.

    A pickler writes a list item by item, and each node written here finds its operands in the
    pickler's memo, so it says no more than its own fields. A pickler asks a node once, and the node
    is forgotten then. A pickle that fails leaves the rest of one inner list behind, until its pickler
    is gone or another list is begun; inner lists are short, so that another pickler which meets
    those nodes first nests no deeper than that. (That a list has been iterated over is no sign of its
    end: the pickler in Python takes a thousand items before it writes the first.)
    """

    _local = threading.local()

    def __init__(self, root: Node) -> None:
        self.below = topological_order(root.operands)

    def __reduce__(self) -> tuple[Any, ...]:
        starts = range(0, len(self.below), _RUN)
        return list, (), None, (_Run(self.below[i : i + _RUN]) for i in starts)

    @classmethod
    def begin(cls, run: _Run) -> None:
        """The nodes of `run` are written next, on this thread."""
        cls._local.now = weakref.ref(run)

    @classmethod
    def takes(cls, node: Node) -> bool:
        """Whether `node` is now written, on this thread, as an item of such a list; true once."""
        reference = getattr(cls._local, "now", None)
        now = None if reference is None else reference()
        if now is None or node not in now.waiting:
            return False
        now.waiting.remove(node)
        return True

    @classmethod
    def end(cls) -> None:
        """Forget the list, whose items have all been written."""
        cls._local.now = None


class _Run:
    """Pickles as one of the inner lists of a `Flattened`."""

    def __init__(self, nodes: list[Any]) -> None:
        self.nodes = nodes
        self.waiting: set[Any] = set()

    def __reduce__(self) -> tuple[Any, ...]:
        self.waiting.update(self.nodes)
        Flattened.begin(self)
        return list, (), None, iter(self.nodes)


class EndOfFlattened:
    """Stands after a `Flattened` in a pickle; being pickled, as 0, it marks the end."""

    def __reduce__(self) -> tuple[Any, ...]:
        Flattened.end()
        return int, ()


class Copied:
    """What a class of nodes gets that can make itself again on other operands, by `_with_operands`.

    A function that is run to be differentiated copies its arguments as it would numbers, and goes on with
    them: within it a copy is the node itself.
    """

    __slots__ = ()

    operands: tuple[Any, ...]

    def _with_operands(self, operands: tuple[Any, ...]) -> Self:
        raise NotImplementedError  # asked of the class: an abstract base slows every isinstance

    def __copy__(self) -> Self:
        return self if is_running() else self._with_operands(self.operands)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if is_running():
            return self
        # What the memo has is not looked into, so copying node after node of a graph stays linear.
        stack: list[Any] = [self]
        while stack:
            node = stack[-1]
            missing = [operand for operand in node.operands if id(operand) not in memo]
            if missing and id(node) not in memo:
                stack += reversed(missing)
                continue
            stack.pop()
            if id(node) not in memo:
                operands = tuple([memo[id(operand)] for operand in node.operands])
                memo[id(node)] = node._with_operands(operands)
        return memo[id(self)]


def as_ints(value: Any) -> Any:
    """A Fraction as two ints, for its own pickle is a decimal text; anything else as it is."""
    return (value.numerator, value.denominator) if isinstance(value, Fraction) else value


def whole(ints: Any) -> Any:
    """What `as_ints` took apart."""
    return Fraction(*ints) if isinstance(ints, tuple) else ints
