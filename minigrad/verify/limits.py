"""What a program raises because of what minigrad is, which says nothing of the program.

    >>> is_own(TypeError("'Traced' object cannot be interpreted as an integer"))
    True
    >>> is_own(TypeError("'NoneType' object is not subscriptable"))
    False

Two kinds of errors are minigrad's own: those that it raises where it cannot compute or decide something,
and those of others who were given its stand-ins for numbers and arrays, and wanted a float. A mistake in
the program may raise one of the second kind too, `x[0]` of a number for instance; that is not told apart.
"""

from __future__ import annotations

import re
from typing import Final

from minigrad.errors import DivisionByZero, DomainError, MinigradError

__all__ = ["is_own", "remark"]

_NAMED: Final = re.compile(r"\b(Traced|Near|Scalar)\b|'(Array)'")
_NUMPYS: Final = re.compile(r"dtype\('O'\)|not supported for the input types")
"""What NumPy says of arrays whose items are objects."""


def is_own(error: Exception | None) -> bool:
    """Whether an error is due to minigrad, and no property of the program that raised it."""
    if isinstance(error, MinigradError):
        return not isinstance(error, (DivisionByZero, DomainError))
    return bool(remark(error))


def remark(error: Exception | None) -> str:
    """Which stand-in an error of others is about, for a sentence; empty if it is about none."""
    if isinstance(error, MinigradError) or not isinstance(error, (AttributeError, TypeError)):
        return ""
    if isinstance(error, AttributeError) and not hasattr(float, error.name or ""):
        return ""
    named = _NAMED.search(str(error))
    if named:
        what = "an array" if named[2] else "a number"
        return f"{named[0]} is what minigrad puts in the place of {what}"
    numpys = _NUMPYS.search(str(error))
    return "minigrad puts arrays of objects in the place of arrays of floats" if numpys else ""
