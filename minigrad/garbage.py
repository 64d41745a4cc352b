"""Making many objects at once, without a search for garbage after every few of them.

    >>> with Uncollected():
    ...     squares = [(i, i * i) for i in range(10_000)]
    >>> len(squares)
    10000

Python looks for cycles of objects that nothing else knows whenever there are a quarter more objects
than when it looked last, and each time it looks at all of them. A sweep and a proof make several objects
for each node, which stay, and no cycles: a third of a proof's time went into looking, and a sixth of a
sweep's. (Mercurial, `util.nogc`, does this for the same reason.)

The switch is the process's, not the caller's. So it is put back however the block ends, and where it
was off already it is not touched, for another thread may be about to put it back. Other threads lose
nothing but that cycles are found later.
"""

from __future__ import annotations

import gc

__all__ = ["Uncollected"]


class Uncollected:
    """A block in which no garbage is looked for, unless it is asked for."""

    __slots__ = ("_was_on",)

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        if self._was_on:
            gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()
