"""Arithmetic with a NumPy array on the other side, without importing NumPy.

>>> import numpy as np
>>> elementwise(lambda item: int(item) + 1, np.array([1, 2])).tolist()
[2, 3]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.errors import InvalidOperand, describe

__all__ = ["elementwise", "is_array"]


def is_array(value: object) -> bool:
    """Whether `value` is a NumPy array, and no number of NumPy's, known without importing NumPy."""
    return hasattr(value, "flat") and hasattr(value, "__setitem__")


def elementwise(function: Callable[[Any], Any], array: Any) -> Any:
    """`function` of each element, in an array of objects of the same shape.

    NotImplemented for an array that hides its `__array_ufunc__`, and so wants to do this itself.
    """
    if not hasattr(array, "__array_ufunc__"):
        return NotImplemented
    result = array.astype(object)
    # From the array itself: its own scalars still know that they are float32.
    result[...] = None
    for i, item in enumerate(array.flat):
        value = function(item)
        if value is NotImplemented:
            raise InvalidOperand(
                f"expected an array of Scalars and numbers; got {describe(item)} in it"
            )
        result.flat[i] = value
    return result
