"""Comparison and conversion of what holds an exact number: by that number.

    >>> from minigrad import Scalar
    >>> Scalar(3) > Scalar("5/2"), Scalar(1) == 1.0, int(Scalar("7/2"))
    (True, True, 3)

`hash` is by identity all the same, as in PyTorch, so that sets and dicts hold nodes and not values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from minigrad import exact
from minigrad.backing import outside
from minigrad.elementary import in_sympy
from minigrad.exact import Exact
from minigrad.numpy_protocols import is_array

__all__ = ["ByValue"]


class ByValue:
    """What a class gets that holds a number in `_number`, as the engine does, and in `_datum` exactly."""

    __slots__ = ()

    _number: Any
    _datum: Exact

    def __eq__(self, other: object) -> Any:
        return self._compare(other, eq)

    def __ne__(self, other: object) -> Any:
        return self._compare(other, ne)

    def __lt__(self, other: object) -> Any:
        return self._compare(other, lt)

    def __le__(self, other: object) -> Any:
        return self._compare(other, le)

    def __gt__(self, other: object) -> Any:
        return self._compare(other, gt)

    def __ge__(self, other: object) -> Any:
        return self._compare(other, ge)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self._number)

    def __float__(self) -> float:
        return float(self._datum)

    def __int__(self) -> int:
        return int(self._datum)

    def __trunc__(self) -> int:
        return int(self._datum)

    def __floor__(self) -> int:
        whole: int = math.floor(self._datum)
        return whole

    def __ceil__(self) -> int:
        whole: int = math.ceil(self._datum)
        return whole

    def _sympy_(self) -> Any:
        """The exact value, for `sympy.sympify` and for SymPy's comparisons."""
        return in_sympy(self._datum)

    def _compare(self, other: object, holds: Callable[[Any, Any], bool]) -> Any:
        """Whether `holds` of the two values; an array is left to answer itself, item by item."""
        if isinstance(other, ByValue):
            left, right = self._number, other._number
            if type(left) is type(right):
                return holds(left, right)
            return holds(outside(left), outside(right))
        ordinate = None if is_array(other) else exact.ordinate(other)
        return NotImplemented if ordinate is None else holds(self._datum, ordinate)
