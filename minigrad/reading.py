"""How numbers are read that meet no Scalar which knows: as whoever runs the program has said.

    >>> with reading_by(lambda value: exact.operand_value(value, floats="simplest")):
    ...     read(1 / 3)
    Fraction(1, 3)
    >>> read(2.5)
    Fraction(5, 2)

A Scalar of a run under check reads the floats that it meets as the check was told to. But `np.array([c])`
and `c * np.pi` meet none: their floats become constants before any argument of the program is near. So
the run says who reads them, for as long as it lasts, and in its own thread; and who is told where one of
NumPy's functions was refused for having no exact form, which the program may catch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeAlias

from minigrad import exact
from minigrad.exact import Exact

__all__ = ["Listener", "Reader", "is_running", "read", "reading_by", "refused"]


Reader: TypeAlias = Callable[[object], Exact | None]
"""What reads the numbers of a program, as `exact.operand_value` does.

Short ints and Fractions are read in one way only, so that it may not be asked for them.
"""

Listener: TypeAlias = Callable[[Exception], None]
"""What is told of a refusal."""

_READER: Final[ContextVar[Reader | None]] = ContextVar("reader", default=None)
_LISTENER: Final[ContextVar[Listener | None]] = ContextVar("listener", default=None)


def read(value: object) -> Exact | None:
    """`value` as an operand: None where `NotImplemented` is the answer of Python arithmetic."""
    reader = _READER.get()
    return exact.operand_value(value) if reader is None else reader(value)


def is_running() -> bool:
    """Whether somebody runs a program, and reads the numbers of it."""
    return _READER.get() is not None


def refused(error: Exception) -> None:
    """Tell who runs the program of an error that floats may not have met."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(error)


@contextmanager
def reading_by(reader: Reader, listener: Listener | None = None) -> Iterator[None]:
    """Have `reader` read the numbers of what is run within, and `listener` told of refusals."""
    before, other = _READER.set(reader), _LISTENER.set(listener)
    try:
        yield
    finally:
        _READER.reset(before)
        _LISTENER.reset(other)
