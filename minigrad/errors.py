"""The exceptions, and how a value is named inside an error message.

Every error that minigrad raises on purpose derives from `MinigradError` and from the built-in
exception that a Python user would expect there, so `except ZeroDivisionError` keeps working.
"""

from __future__ import annotations

import re
import reprlib
from typing import Any, Final

__all__ = [
    "CaseError",
    "DivisionByZero",
    "DomainError",
    "ExactnessLost",
    "ExpressionError",
    "GradientMismatch",
    "GradientUnavailable",
    "GraphFileError",
    "InvalidNumber",
    "InvalidOperand",
    "KeepsState",
    "LeftGraphWarning",
    "MinigradError",
    "NoDerivative",
    "NotDecided",
    "OutOfTime",
    "StaleGraph",
    "TooLarge",
    "describe",
]


class MinigradError(Exception):
    """Base class of all errors of this library.

    Where an operator was not defined, `operation` is the operator, its operands and its parameters.
    """

    operation: Any = None


class InvalidNumber(MinigradError, ValueError):
    """A value of an accepted type that is no rational number: NaN, infinity, malformed text."""


class InvalidOperand(MinigradError, TypeError):
    """A value of a type that is never an exact number, or arguments that do not fit together."""


class DomainError(MinigradError, ValueError):
    """An operator was applied outside its domain, a logarithm to -1 for instance."""


class NotDecided(MinigradError, ArithmeticError):
    """Closed forms so close to each other that neither enclosures nor algebra told them apart."""


class NoDerivative(MinigradError, ValueError):
    """An operator has a value and no derivative at a point, as the square root at 0."""


class DivisionByZero(MinigradError, ZeroDivisionError):
    """A division, a remainder or a negative power of zero."""


class TooLarge(MinigradError, OverflowError):
    """A number or a graph would outgrow its limit; refused before it is computed."""


class StaleGraph(MinigradError, RuntimeError):
    """A leaf was given a new value after the graph was built on its old one."""


class GradientUnavailable(MinigradError, ValueError):
    """A gradient was read of a constant, or of the exponent of a base that is not positive."""


class GraphFileError(MinigradError, ValueError):
    """A graph file is malformed; the message names the node and what would be accepted."""


class ExactnessLost(MinigradError, TypeError):
    """A function under check took a number out of exact arithmetic: what comes of it has no gradient."""


class LeftGraphWarning(UserWarning):
    """A node was made a float while a function was differentiated: what comes of that is a constant."""


class OutOfTime(MinigradError, TimeoutError):
    """A function under check did not end within its budget."""


class ExpressionError(MinigradError, ValueError):
    """An expression on the command line cannot be read; the message carries a caret."""


class CaseError(MinigradError, ValueError):
    """A case file, or a case in it, cannot be used."""


class KeepsState(CaseError):
    """A program under check gives something else from call to call: randomness, or state that shows."""


class GradientMismatch(MinigradError, AssertionError):
    """A Report is not `ok`; the message is the Report's text, and `report` the Report itself."""

    report: object = None


class _Short(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        # Python may refuse to print it from 2,126 bits (640 digits) on; unlimited, it takes long.
        size = x.bit_length()
        return f"<unprintable of {size:,} bits>" if size > 2000 else super().repr_int(x, level)


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 240
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = _SHORT.maxset = 24


_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")


def describe(value: object, width: int = 60) -> str:
    """`value` and its type for an error message, on one line and never longer than about `width`.

    Printing must not fail or take long while an error is being reported, whatever the value is:
    an int of more than 4,300 digits has no `repr`, and a hostile object may raise in its own.

    >>> describe([1, 2])
    '[1, 2] (type list)'
    """
    try:
        text = _SHORT.repr(value)
    except Exception:
        text = "<unprintable>"
    # Where an object lies in memory is another place each time.
    text = _ADDRESS.sub("", text[: 4 * width])
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(text) > width:
        text = text[: width - 1] + "…"
    return f"{text} (type {type(value).__name__})"
