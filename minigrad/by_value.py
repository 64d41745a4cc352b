"""Comparison and conversion of what holds an exact number: by that number.

    >>> from minigrad import Scalar
    >>> Scalar(3) > Scalar("5/2"), Scalar(1) == 1.0, int(Scalar("7/2"))
    (True, True, 3)

`hash` is by identity all the same, as in PyTorch, so that sets and dicts hold nodes and not values.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from minigrad import exact
from minigrad.backing import outside, short
from minigrad.elementary import in_sympy
from minigrad.errors import LeftGraphWarning
from minigrad.exact import Exact
from minigrad.number import is_nan
from minigrad.numpy_protocols import is_array
from minigrad.reading import is_running

__all__ = ["ByValue", "differentiating"]

_TRANSFORM: Final[ContextVar[str]] = ContextVar("transform", default="")
"""The transform whose function runs, if one does."""


@contextmanager
def differentiating(transform: str) -> Iterator[None]:
    """Have it told, within, that a float is taken of what `transform` differentiates."""
    before = _TRANSFORM.set(transform)
    try:
        yield
    finally:
        _TRANSFORM.reset(before)


class ByValue:
    """What a class gets that holds a number in `_number`, as the engine does, and in `_datum` exactly."""

    __slots__ = ()

    _number: Any
    _datum: Exact
    _is_constant: bool

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
        transform = _TRANSFORM.get()
        if transform and not self._is_constant:
            warnings.warn(
                f"{transform}: a float was made of a Scalar, by float(), math or NumPy, and what is "
                "computed from it is a constant; minigrad.exp(x), x.exp() and minigrad.array keep the "
                "derivative",
                LeftGraphWarning,
                stacklevel=2,
            )
        return float(self._datum)

    def _write(self) -> float:
        """The number as a float, for text or bytes that a program makes of it."""
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
        right = other._number if isinstance(other, ByValue) else short(other)
        if right is None:
            if is_running() and is_nan(other):
                return holds(0.0, other)  # as floats are compared with it
            ordinate = None if is_array(other) else exact.ordinate(other)
            return NotImplemented if ordinate is None else holds(self._datum, ordinate)
        left = self._number
        if type(left) is type(right):
            return holds(left, right)
        return holds(outside(left), outside(right))
