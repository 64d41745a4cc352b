"""What may be computed with and never looked at: formulas for the engine's rules, nodes for its sweep.

A rule that compares or tests its operands is no formula, and a sweep that looks at values can be right
at one point and wrong at another. Here looking raises, where for a number or a Scalar it would answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from minigrad.operators import Operator, Piece
from minigrad.rational import LOOKED

__all__ = ["Blind", "BlindNode", "Shadow"]


class Blind:
    """The base of what has no value to be compared, tested, converted or hashed by."""

    __slots__ = ()
    _says: ClassVar[str] = LOOKED

    def _no_look(self, *_: object) -> Any:
        raise TypeError(self._says)

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = __int__ = _no_look

    def __hash__(self) -> int:
        raise TypeError(self._says)


class BlindNode(Blind):
    """The base of nodes that are told apart by identity alone."""

    __slots__ = ()
    _says = "the sweep compared or tested a node, which for a Scalar means its value"
    __hash__ = object.__hash__
    is_constant = property(attrgetter("_is_constant"), doc="As of a Scalar.")


@dataclass(frozen=True, slots=True, eq=False)
class Shadow(BlindNode):
    """A node with a formula for a value; with what its edges carry, or the piece that tells."""

    operator: Operator | None
    operands: tuple[Shadow, ...]
    parameters: tuple[Any, ...]
    _is_constant: bool
    _datum: Any
    edges: Sequence[Any] = ()
    piece: tuple[Piece, ...] = ()
