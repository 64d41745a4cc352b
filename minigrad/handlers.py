"""Whether an exception raised in a running program would meet a handler: a `try`, or a `with`.

    >>> import sys
    >>> def guarded():
    ...     try:
    ...         return is_handled(sys._getframe(), main)
    ...     finally:
    ...         pass
    >>> def main(function):
    ...     return function()
    >>> main(guarded), main(lambda: is_handled(sys._getframe(), main))
    (True, False)

A program with a handler around an operator may go on where that is not defined, on another branch; the
domain's end is a boundary of what it computes, like a comparison. For any other program it is where there
is no value. Python keeps with its code where an exception goes to (`dis.Bytecode`; CPython's
InternalDocs/exception_handling.md), so that nothing has to be raised to find out.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, Final

__all__ = ["is_handled"]

_HANDLER: Final = dis.opmap["PUSH_EXC_INFO"]
"""How a handler that is written in a program begins; those that Python adds on its own do not."""
_DEEPEST: Final = 100
"""Frames that are looked at; above them there may be a handler."""


def is_handled(
    frame: FrameType | None,
    until: Callable[..., Any],
    skips: Callable[[FrameType], bool] = lambda _frame: False,
) -> bool:
    """Whether a handler stands around what `frame` and its callers do, as far as the call of `until`.

    Those for which `skips` is true are not looked at. True too where that call is not found.
    """
    for _ in range(_DEEPEST):
        if frame is None:
            return True
        code = frame.f_code
        if code is until.__code__:
            return False
        if code.co_exceptiontable and not skips(frame) and _covers(code, frame.f_lasti):
            return True
        frame = frame.f_back
    return True


@lru_cache(maxsize=1024)
def _covers(code: CodeType, at: int) -> bool:
    bytecode: Any = dis.Bytecode(code)
    for _ in bytecode.exception_entries:
        targets = [e.target for e in bytecode.exception_entries if e.start <= at < e.end]
        if not targets:
            return False
        (at,) = targets
        if code.co_code[at] == _HANDLER:
            return True
    return False
