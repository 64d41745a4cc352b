"""Where in a person's program something happens, whatever stands between that and the one who asks.

    >>> first, second = Place("src/model.py", 3, 8), Place("src/model.py", 3, 8, turn=1)
    >>> str(first), first == second
    ('model.py:3', False)

Two comparisons on one line are two places, and so are those of a chain, `0 < a < b`: what one of them
answered says nothing of the other. A place is the same one each time the program comes there.
"""

from __future__ import annotations

import linecache
from collections import Counter
from collections.abc import Iterator
from dis import get_instructions, opmap
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any, Final, NamedTuple

__all__ = ["Place", "is_between", "is_written", "numbers_in_sets", "package_of", "place_of"]

_BETWEEN: Final = {"minigrad", "numpy", "reprlib", "sympy"}
"""Packages that stand between a program and what it asks of a Scalar."""
_COMPARE: Final = opmap["COMPARE_OP"]
_NUMBERS: Final = {int, float, Fraction}
_MOST_KEYS: Final = 30
"""Numbers in one set or dict."""
_DEEPEST: Final = 4
"""Calls of a program's own functions by which places are told apart: of a recursion not all are."""


class Place(NamedTuple):
    """A line; the `column` where it begins and the `end` of what happens tell places on it apart, `turn`
    the comparisons of one chain, and `callers` the uses of one function: a number for the calls above it.
    """

    file: str
    line: int
    column: int
    turn: int = 0
    end: int = 0
    callers: int = 0

    @property
    def source(self) -> str:
        """The text of the line, where its file can be read."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{PurePath(self.file).name}:{self.line}"


def place_of(frame: FrameType | None) -> Place:
    """The place in the person's program that `frame` was called from; one of no file if there is none."""
    while frame is not None and is_between(frame):
        frame = frame.f_back
    if frame is None:
        return Place("", 0, 0)
    column, end, turn = _positions(frame.f_code)[frame.f_lasti // 2]
    return Place(frame.f_code.co_filename, frame.f_lineno, column, turn, end, _callers(frame))


def _callers(frame: FrameType) -> int:
    """A number for where the program's functions above `frame` were called, as far as that is its own."""
    found: list[Any] = []
    above = frame.f_back
    while above is not None and len(found) < _DEEPEST and not is_between(above):
        found.append((above.f_code, *_positions(above.f_code)[above.f_lasti // 2]))
        above = above.f_back
    return hash(tuple(found)) if found else 0


@lru_cache(maxsize=1024)
def _positions(code: CodeType) -> list[tuple[int, int, int]]:
    """For each instruction where it begins and ends, and how many comparisons its expression had before.

    The offset itself moves when the interpreter specialises an instruction.
    """
    found, before = [], Counter[Any]()
    for position, operation in zip(code.co_positions(), code.co_code[::2], strict=True):
        before[position] += operation == _COMPARE
        _, _, column, end = position
        found.append((column or 0, end or 0, max(before[position] - 1, 0)))
    return found


def is_written(frame: FrameType | None) -> bool:
    """Whether `frame` asks for a number of another kind to write it: by "%.3f" % x."""
    return frame is not None and frame.f_lasti in _remainders(frame.f_code)


@lru_cache(maxsize=1024)
def _remainders(code: CodeType) -> frozenset[int]:
    return frozenset(
        found.offset
        for found in get_instructions(code)
        if found.opname == "BINARY_OP" and found.argrepr in ("%", "%=")
    )


def numbers_in_sets(frame: FrameType) -> Iterator[Any]:
    """The numbers in sets and dicts that the code of a frame names: it may look another one up there.

    Of the lookup itself nothing is seen but that a hash is asked for.
    """
    code, names = frame.f_code, frame.f_globals
    named = [*frame.f_locals.values(), *[names[name] for name in code.co_names if name in names]]
    held = [
        vars(holder)[name]
        for one in named
        for holder in (one, type(one))
        if _has_variables(holder)
        for name in code.co_names
        if name in vars(holder)
    ]
    for value in (*code.co_consts, *named, *held):
        if isinstance(value, (set, frozenset, dict)):
            yield from islice((key for key in value if type(key) in _NUMBERS), _MOST_KEYS)


def _has_variables(holder: Any) -> bool:
    try:
        vars(holder)
    except Exception:  # whatever an object has against being looked at
        return False
    return True


def is_between(frame: FrameType) -> bool:
    """Whether a frame is minigrad's, or of another package between a program and its Scalars."""
    return package_of(frame) in _BETWEEN


def package_of(frame: FrameType) -> str:
    """The name of the package that a frame runs code of."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
