"""NumPy's functions that pick a piece by comparing: linear interpolation, `np.piecewise`.

    >>> from minigrad import Scalar
    >>> EXACT["interp"](Scalar("3/2"), [1, 2, 4], [10, 20, 0]).data
    Fraction(15, 1)

Which piece is taken is no part of the graph, as with a Python `if`: the derivative is that of the piece.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad.errors import InvalidOperand, describe
from minigrad.exact_numpy.items import Objects, check_keeps, constants, mapped, truth

__all__ = ["EXACT"]


def _interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    if period is not None:
        raise InvalidOperand(f"interp: expected period=None; got {describe(period)}")
    places, heights = (constants(value, "interp").tolist() for value in (xp, fp))
    if not places or len(places) != len(heights):
        raise InvalidOperand(
            f"interp: expected xp and fp of one length, not 0; got {len(places)} and {len(heights)}"
        )
    ends = [constants(value, "interp")[()] for value in (left, right) if value is not None]
    below = heights[0] if left is None else ends[0]
    above = heights[-1] if right is None else ends[-1]

    def of(at: Any) -> Any:
        k = bisect_right(places, at)
        if k == 0:
            return below
        if k == len(places):
            if at > places[-1] or k == 1:
                return above if at > places[-1] else heights[-1]
            k -= 1  # at the last place the piece before it, as at each other the one after it
        slope = (heights[k] - heights[k - 1]) / (places[k] - places[k - 1])
        return heights[k - 1] + slope * (at - places[k - 1])

    return mapped(of, (constants(x, "interp"),))


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Any:
    conditions = [truth(item, "piecewise") for item in _listed(condlist, x)]
    choices = list(funclist)
    if len(choices) == len(conditions) + 1:
        choices = [choices[-1], *choices[:-1]]
        conditions = [~np.logical_or.reduce(conditions), *conditions]
    if len(choices) != len(conditions):
        raise InvalidOperand(
            f"piecewise: expected as many functions as conditions, or one more; got {len(choices)} for "
            f"{len(conditions)}"
        )
    check_keeps(x, choices, "piecewise")
    array = x if isinstance(x, np.ndarray) else constants(x, "piecewise")
    found: Objects = np.empty(array.shape, dtype=object)
    found[...] = constants(0, "piecewise")[()]
    for condition, choice in zip(conditions, choices, strict=True):
        if not np.any(condition):
            continue
        value = choice(array[condition], *args, **kwargs) if callable(choice) else choice
        check_keeps(x, value, "piecewise")
        piece = constants(value, "piecewise")
        found[condition] = piece if piece.ndim else piece[()]
    return found[()]


def _listed(condlist: Any, x: Any) -> list[Any]:
    """The conditions one by one: a single one may be given without a list."""
    single = isinstance(condlist, (bool, np.bool_)) or (
        not isinstance(condlist[0], (list, np.ndarray)) and np.ndim(x) != 0
    )
    return [condlist] if single else list(condlist)


EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "interp": _interp,
    "piecewise": _piecewise,
})  # fmt: skip
"""The entries of `minigrad.exact_numpy.functions` that pick a piece, by NumPy's names."""
