"""What a program raises because of what minigrad is, which says nothing of the program.

    >>> is_own(TypeError("Object of type Traced is not JSON serializable"))
    True
    >>> is_own(TypeError("'Traced' object is not subscriptable"))
    False

Two kinds of errors are minigrad's own: those that it raises where it cannot compute or decide something,
and those of others who were given its stand-ins for numbers and arrays, and wanted a float. What a float
is refused as well, an index or a length, is a mistake in the program.
"""

from __future__ import annotations

import re
from typing import Final

from minigrad.errors import DivisionByZero, DomainError, MinigradError

__all__ = ["is_own", "remark"]

_NAMED: Final = re.compile(r"(?:'|not |type )(Traced|Near|Scalar|Array)\b")
_OF_FLOATS: Final = re.compile(
    "(?:unsupported operand|not supported between instances)(?!.*complex)|not subscriptable|has no len|"
    "interpreted as an integer|indices must be|index must be|item assignment|item deletion|"
    "can only concatenate|multiply sequence|not iterable|not an iterator|not callable|"
    "a sequence of integers|requires string|bad operand type for unary ~|os.PathLike|context manager"
)
"""What Python says of floats in the same words."""
_NUMPYS: Final = re.compile(r"dtype\('O'\)|not supported for the input types|object_|object arrays")
"""What NumPy and SciPy say of arrays whose items are objects."""
_SPARSE: Final = "no supported conversion for types"


def is_own(error: Exception | None) -> bool:
    """Whether an error is due to minigrad, and no property of the program that raised it."""
    if isinstance(error, MinigradError):
        return not isinstance(error, (DivisionByZero, DomainError))
    return bool(remark(error))


def remark(error: Exception | None) -> str:
    """Which stand-in an error of others is about, for a sentence; empty if it is about none."""
    if isinstance(error, MinigradError) or not isinstance(
        error, (AttributeError, TypeError, ValueError)
    ):
        return ""
    if isinstance(error, AttributeError) and not hasattr(float, error.name or ""):
        return ""
    named = None if isinstance(error, ValueError) else _NAMED.search(str(error))
    if named:
        if named[1] != "Array" and _OF_FLOATS.search(str(error)):
            return ""
        what = "an array" if named[1] == "Array" else "a number"
        return f"{named[1]} is what minigrad puts in the place of {what}"
    if not _NUMPYS.search(str(error)):
        return ""
    sparse = ", which no sparse matrix takes: A.toarray() does" if _SPARSE in str(error) else ""
    return f"minigrad puts arrays of objects in the place of arrays of floats{sparse}"
