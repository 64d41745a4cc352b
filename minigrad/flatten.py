"""Pickling a deep graph flat: without recursion, and keeping which nodes are the same.

A pickle of a node would nest as deep as its graph, one level for each operand's operand. So what is
below the node that is pickled goes first, as a list from the leaves up, and each node in it finds its
operands already written. Nodes stay the objects that the pickler knows, so several that are pickled
in one call keep what they share. The only state is a reference, on the thread that pickles, to the
list being written.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

from minigrad.graph import Node, topological_order

__all__ = ["EndOfFlattened", "Flattened"]


class Flattened:
    """Pickles as the list of a graph's nodes, operands first, so that no pickle nests deeper than one.

    A pickler writes a list item by item, and each node written here finds its operands in the
    pickler's memo, so it says no more than its own fields. A pickler asks a node once, and the node
    is forgotten then; a pickle that fails leaves the rest behind, until its pickler is gone or
    another list is begun. (That the list has been iterated over is no sign of its end: the pickler
    in Python takes a thousand items before it writes the first.)
    """

    _local = threading.local()

    def __init__(self, root: Node) -> None:
        self.below = topological_order(root.operands)
        self.waiting = set(self.below)

    def __reduce__(self) -> tuple[Any, ...]:
        self._local.now = weakref.ref(self)
        return list, (), None, iter(self.below)

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


class EndOfFlattened:
    """Stands after a `Flattened` in a pickle; being pickled, as 0, it marks the end."""

    def __reduce__(self) -> tuple[Any, ...]:
        Flattened.end()
        return int, ()
