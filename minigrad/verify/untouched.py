"""Programs as they were before anybody called them, where calls leave something behind.

    >>> class Square:
    ...     def forward(self, x):
    ...         self.saved = x
    ...         return x * x
    ...     def backward(self, x):
    ...         return 2 * self.saved
    >>> from minigrad.verify import check_gradient
    >>> square = Square()
    >>> check_gradient(square.forward, square.backward).ok
    True

Layers keep what their backward pass needs, and objectives what they have computed for the argument at
hand, as SciPy's `MemoizeJac` does. What such a program returns depends on the calls before. So it is
copied before its first call, with all that it can reach and write into, and each run is made with a copy
of that copy, which is called elsewhere first: of the function, and right after it of the derivative, on
the same arguments, as an optimiser calls them. What they keep must not be seen: where a call makes a
difference to the next one on other numbers, as a counter does, the check is refused. What the first calls
of a check have left in a memo is put back as it was, for it would not do for floats.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from types import CellType
from typing import Any, Final, TypeAlias

from minigrad.nonfinite import NonFinite
from minigrad.rebound import Rebinding
from minigrad.trace import Traced
from minigrad.verify.claims import Claim

__all__ = ["Untouched"]

_Pair: TypeAlias = tuple[Callable[..., Any], Callable[..., Any]]


class Untouched:
    """Both programs of a claim, copied before they are called."""

    def __init__(self, programs: _Pair) -> None:
        self._copies = Rebinding({}, is_apart=True)
        function, derivative = map(self._copies.of, programs)
        self._programs = function, derivative
        self._caches = [(cache, cache.cache_info().misses) for cache in self._copies.caches()]
        dicts_and_cells = [*map(_Kept, self._copies.written_into())]
        held = [
            item for kept in dicts_and_cells for item in kept.held() if type(item) in (list, set)
        ]
        globals_ = [_Kept(names, named) for names, named in self._copies.named()]
        self._before = [*dicts_and_cells, *globals_, *map(_Kept, held)]

    @classmethod
    def of(cls, claim: Claim) -> Untouched | None:
        """Copies of a claim's programs; None where they cannot be copied."""
        try:
            return cls((claim.function, claim.derivative))
        except RecursionError:  # objects within objects
            return None

    def restore(self) -> None:
        """Bring back what the programs kept before a check, if that has left its numbers in it.

        All of it, for a memo that lacks the value of a key is worse than none: dicts, attributes and
        variables, and the lists and sets in them. Lists that stand in variables alone are left: somebody
        may want to see the points.
        """
        for cache, misses in self._caches:
            if cache.cache_info().misses != misses:
                cache.cache_clear()
        if any(kept.is_written_into for kept in self._before):
            for kept in self._before:
                kept.restore()

    def renewed(
        self,
        claim: Claim,
        modules: Mapping[Any, Any] | None = None,
        data: Callable[[Any], Any] | None = None,
    ) -> Claim:
        """The claim about programs that are copied anew for each run, as `Rebinding` copies them."""
        renewed = partial(_copied, self._programs, modules or {}, data)
        return replace(claim, keeps_state=True, renewed=renewed)


class _Kept:
    """What stood in a dict, list, set or variable of a closure; of globals those that are `named`."""

    def __init__(self, own: Any, named: Collection[str] | None = None) -> None:
        self._own = own
        self._named = named
        self._items = self._now()

    def _now(self) -> Any:
        if isinstance(self._own, CellType):
            return [self._own.cell_contents] if self._own != CellType() else []
        if self._named is not None:
            return {name: self._own[name] for name in self._named if name in self._own}
        return copy.copy(self._own)

    def held(self) -> list[Any]:
        """The values of a dict."""
        return [*self._items.values()] if isinstance(self._own, dict) else []

    @property
    def is_written_into(self) -> bool:
        """Whether there are numbers of a run in it."""
        return _is_left(self._now())

    def restore(self) -> None:
        """Put back what stood in it."""
        if isinstance(self._own, CellType):
            if self._items:
                self._own.cell_contents = self._items[0]
            return
        if self._named is None:
            self._own.clear()
        if isinstance(self._own, list):
            self._own.extend(self._items)
        else:
            self._own.update(self._items)


def _is_left(value: Any, depth: int = 3) -> bool:
    """Whether a number of a run is in what a program keeps."""
    # By its type: what else an object may be asked is its own affair.
    kind = type(value)
    if issubclass(kind, (Traced, NonFinite)):
        return True
    if not depth:
        return False
    if issubclass(kind, dict):
        value = [x for pair in islice(value.items(), _MOST_ITEMS) for x in pair]
    elif "numpy" in sys.modules and issubclass(kind, sys.modules["numpy"].ndarray):
        value = value.ravel().tolist() if value.dtype == object else []
    elif not issubclass(kind, (list, tuple, set, frozenset)):
        return False
    return any(_is_left(item, depth - 1) for item in islice(value, _MOST_ITEMS))


_MOST_ITEMS: Final = 1_000
"""Items of what a program keeps that are looked at: a check leaves fewer."""


def _copied(
    programs: _Pair, modules: Mapping[Any, Any], data: Callable[[Any], Any] | None
) -> _Pair:
    copies = Rebinding(modules, data, is_apart=True)
    function, derivative = map(copies.of, programs)
    return function, derivative
