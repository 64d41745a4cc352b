"""The methods and attributes of a Scalar by which its number leaves exact arithmetic.

    >>> sorted(name for name, by in BY.items() if by == "pickling")
    ['__reduce__']

In a run under watch each tells the node first that its number leaves, and by what. Where a float or text
is made of it, it is made of what the node gives to be read, which may be another number than its own: so
another run tells what hangs on it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from minigrad import number_text
from minigrad.errors import NotDecided
from minigrad.places import is_written
from minigrad.records import CONVERTING, OF_FLOATS, TEXT
from minigrad.scalar import Scalar

__all__ = ["BY", "members"]

BY: Final = {
    "__reduce__": "pickling",
    "backward": ".backward()",
    "zero_grad": ".zero_grad()",
    "join_data": ".join_data()",
    "join_grad": ".join_grad()",
    "evalf": ".evalf()",
    **{
        f"{what}{part}": f".{what}{part}"
        for what in ("data", "grad")
        for part in ("", "_sign", "_int", "_frac")
    },
}
"""What is used as it is, but for a note of it."""


def members() -> dict[str, Any]:
    """These by name, for a class whose nodes carry a Trace, as `Traced` does."""
    return {
        **{name: _leaving(name, by) for name, by in BY.items()},
        **{name: _writing(name) for name in ("__str__", "__repr__", "__format__")},
        **{name: _converting(getattr(Scalar, name), by) for name, by in CONVERTING.items()},
        **{name: _converting(partial(_of_float, name), f".{name}()") for name in OF_FLOATS},
    }


def _leaving(name: str, by: str) -> Any:
    original = getattr(Scalar, name)
    if isinstance(original, property):
        getter, setter = original.fget, original.fset
        assert getter is not None

        def read(self: Any) -> Any:
            self._leave_unless_ours(by)
            return getter(self)

        def write(self: Any, value: Any) -> None:
            self._leave_unless_ours(by)
            assert setter is not None
            setter(self, value)

        return property(read, None if setter is None else write)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._leave_unless_ours(by)
        return original(self, *args, **kwargs)

    return method


def _writing(name: str) -> Any:
    original = getattr(Scalar, name)

    def method(self: Any, specification: str = "") -> Any:
        if not self._leave_unless_ours(TEXT):
            return original(self, *[specification] * bool(specification))
        try:
            return _as_floats_are(self._read()._datum, specification, is_int=self._is_int())
        except NotDecided as error:
            self._trace.fail(error)
            raise

    return method


def _as_floats_are(value: Any, specification: str, *, is_int: bool) -> str:
    """The number alone, as a program writes it; of what stands for an int, as an int is written."""
    if is_int:
        return format(int(value), specification)
    try:
        return format(float(value), specification)
    except OverflowError:
        return number_text.short_text(value)


def _converting(convert: Callable[[Any], Any], by: str) -> Any:
    """Recorded whoever calls it: minigrad has no use for it, and a function that is written in C,
    `grad(math.sin)`, is called from its frames.
    """

    def method(self: Any) -> Any:
        self._leave(TEXT if is_written(sys._getframe(1)) else by)
        return convert(self._read())

    return method


def _of_float(name: str, node: Scalar) -> Any:
    return getattr(Scalar.__float__(node), name)()
