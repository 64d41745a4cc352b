"""What is recorded of a run: comparisons, numbers that left exact arithmetic, floats rounded before.

    >>> outcomes("<=", [-1, 0]), outcomes("<", [0])
    ({True}, {False})

A `Trace` keeps these while a program runs.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad.number_text import short_text
from minigrad.places import Place
from minigrad.scalar import Scalar

__all__ = [
    "CONVERTING",
    "HASH",
    "HOLDS",
    "OF_FLOATS",
    "RELATIONS",
    "TEXT",
    "Comparison",
    "Leak",
    "Rounded",
    "called",
    "outcomes",
]


TEXT: Final = "formatting"
HASH: Final = "hash()"


CONVERTING: Final = {"__float__": "float()", "_sympy_": "sympify()"}
OF_FLOATS: Final = ("as_integer_ratio", "hex")
"""Methods that floats have and Scalars lack: a program may ask for them, and go another way."""
_CONVERSIONS: Final = {*CONVERTING.values(), *[f".{name}()" for name in OF_FLOATS]}


RELATIONS: Final[dict[Callable[[Any, Any], Any], str]] = {
    operators.eq: "==",
    operators.ne: "!=",
    operators.lt: "<",
    operators.le: "<=",
    operators.gt: ">",
    operators.ge: ">=",
}


HOLDS: Final = {name: function for function, name in RELATIONS.items()}


class Comparison(NamedTuple):
    """A comparison that the program made: its sides as nodes, and what came of it.

    One `at_end` was made for it, by an operator: a program that catches its error, or asks whether its
    result is finite, has asked for that. One that `is_step` was made for a whole number, as by `int(x)`.
    """

    left: Scalar
    relation: str
    right: Scalar
    holds: bool
    place: Place
    at_end: bool = False
    is_step: bool = False

    @property
    def side(self) -> int:
        """1, 0 or -1: whether the left side is greater, equal or less."""
        left, right = self.left._datum, self.right._datum
        return int(left > right) - int(left < right)

    def __str__(self) -> str:
        return f"{called(self.left)} {self.relation} {called(self.right)}"


class Leak(NamedTuple):
    """Where a number left exact arithmetic, and by what."""

    by: str
    node: str
    place: Place

    @property
    def is_text(self) -> bool:
        """Whether it left as text, to be read."""
        return self.by == TEXT

    @property
    def is_key(self) -> bool:
        """Whether a set or dict asked for its hash."""
        return self.by == HASH

    @property
    def is_conversion(self) -> bool:
        """Whether a number of another kind was asked for, by what may not know of gradients."""
        return self.by in _CONVERSIONS

    def __str__(self) -> str:
        source = f": {self.place.source}" if self.place.source else ""
        return f"{self.by} of {self.node} at {self.place}{source}"


class Rounded(NamedTuple):
    """A float that was rounded before it met a Scalar."""

    text: str
    place: Place

    def __str__(self) -> str:
        return f"the float {self.text} at {self.place} was computed, and so rounded"


def called(node: Scalar) -> str:
    """A node in a few words."""
    if node.label:
        return node.label
    value = node._datum
    if node.operator is None:
        return short_text(value) if type(value) is Fraction else "an argument"
    return f"{node.operator.name}(…)"


def outcomes(relation: str, sides: Iterable[int]) -> set[bool]:
    """What a comparison answers on these sides: -1 where the left one is less, 0 at equality, 1."""
    (holds,) = [function for function, name in RELATIONS.items() if name == relation]
    return {bool(holds(side, 0)) for side in sides}
