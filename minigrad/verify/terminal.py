"""What the command line writes to a stream, be it a terminal, a pipe or a file; and how far a run is."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from typing import Final, TextIO

from minigrad.verify.report import Verdict, clean
from minigrad.verify.run import Result

__all__ = ["Progress", "colour", "write"]

_PLACES: Final = 24
_SOON: Final = 2.0
"""Seconds after which it is said how long a run may still take: before, nothing is known."""
_FAILURES: Final = ("error", *(str(verdict) for verdict in reversed(Verdict) if not verdict.ok))


class Progress:
    """How far a run is, on standard error: a bar on a terminal, else lines if asked for.

    The bar has the number of items that are done, how many of them failed, and the time left if the
    others take as long.
    """

    def __init__(self, total: int, known: Iterable[Result] = (), *, lines: bool) -> None:
        """Of `total` items these results are `known` already, and took no time."""
        self.total = total
        self.counts = Counter(result.status for result in known)
        self.known = self.counts.total()
        self.begin = time.monotonic()
        self.bar = _is_terminal(sys.stderr)
        self.lines = lines and not self.bar

    @property
    def done(self) -> int:
        """How many items are."""
        return self.counts.total()

    def line(self, number: int, result: Result) -> None:
        """Say in a line, if asked for, what became of the item of this number, from 1."""
        if self.lines:
            write(f"[{number}/{self.total}] {result.status} {clean(result.name)}\n", sys.stderr)

    def count(self, result: Result) -> None:
        """Count one more item that is done."""
        self.counts[result.status] += 1

    def show(self, name: str) -> None:
        """Draw the bar, with the name of an item."""
        if not self.bar or self.done >= self.total:
            return
        filled = _PLACES * self.done // self.total
        counts = [f"{self.done}/{self.total}"]
        counts += [f"{self.counts[word]} {word}" for word in _FAILURES if self.counts[word]]
        counts += self._left()
        bar = f"[{'#' * filled}{'.' * (_PLACES - filled)}]"
        text = f"{bar} {', '.join(counts)} {clean(name)[:40]}"
        # A bar that is broken into two lines could not be taken away again.
        write("\r" + text[: _columns(sys.stderr) - 1], sys.stderr)

    def _left(self) -> list[str]:
        passed, done = time.monotonic() - self.begin, self.done - self.known
        if passed < _SOON or not done:
            return []
        seconds = round(passed / done * (self.total - self.done))
        hours, minutes = seconds // 3600, seconds // 60 % 60
        clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
        return [f"{clock}:{seconds % 60:02} left"]

    def clear(self) -> None:
        """Take the bar away, so that something can be printed in its place."""
        if self.bar:
            write("\r\x1b[K", sys.stderr)


def write(text: str, stream: TextIO) -> None:
    """Write `text`, with what the encoding of `stream` does not have as Python would escape it."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def colour(stream: TextIO) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR (no-color.org) is set to anything."""
    return _is_terminal(stream) and not os.environ.get("NO_COLOR")
