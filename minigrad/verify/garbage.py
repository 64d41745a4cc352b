"""Making many objects at once, without a search for garbage after every few of them.

    >>> with uncollected():
    ...     squares = [(i, i * i) for i in range(10_000)]
    >>> len(squares)
    10000

Python looks for cycles of objects that nothing else knows whenever there are a quarter more objects
than when it looked last, and each time it looks at all of them. A proof makes several objects for each
node, which stay, and no cycles: a third of its time went into looking. (Mercurial, `util.nogc`, does
this for the same reason.)

The switch is the process's, not the caller's. So it is put back however the block ends, and where it
was off already it stays off. Other threads lose nothing but that cycles are found later.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["uncollected"]


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """A block in which no garbage is looked for, unless it is asked for."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
