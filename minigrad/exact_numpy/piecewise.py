"""NumPy's functions that pick a piece by comparing: quantiles, linear interpolation, `np.piecewise`.

    >>> from minigrad import Scalar
    >>> EXACT["interp"](Scalar("3/2"), [1, 2, 4], [10, 20, 0]).data
    Fraction(15, 1)
    >>> EXACT["quantile"]([Scalar(1), Scalar(5), Scalar(2)], 0.75).data
    Fraction(7, 2)

Which piece is taken is no part of the graph, as with a Python `if`: the derivative is that of the piece.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad import exact
from minigrad.errors import DomainError, InvalidOperand, describe
from minigrad.exact_numpy.items import Objects, constants, deliver, mapped, raw, truth
from minigrad.exact_numpy.ufuncs import reduced

__all__ = ["EXACT"]


# --- quantiles -----------------------------------------------------------------------------------


def _between(low: Any, high: Any, share: Fraction) -> Any:
    return low + share * (high - low) if share else low


_METHODS: Final[Mapping[str, Callable[[Any, Any, Fraction], Any]]] = MappingProxyType({
    "linear": _between,
    "lower": lambda low, high, share: low,
    "higher": lambda low, high, share: high if share else low,
    "midpoint": lambda low, high, share: _between(low, high, Fraction(1, 2) if share else share),
})  # fmt: skip


def _quantile(name: str, whole: int) -> Callable[..., Any]:
    """NumPy's `quantile`, or its `percentile` with 100 for the `whole`."""

    def function(
        a: Any, q: Any, axis: Any = None, out: Any = None, *, overwrite_input: Any = False,
        method: Any = "linear", keepdims: Any = False, **options: Any,
    ) -> Any:  # fmt: skip
        if method not in _METHODS or any(value is not None for value in options.values()):
            known = ", ".join(_METHODS)
            raise InvalidOperand(
                f"{name}: expected no weights, and method to be one of {known}; got {method!r}"
            )
        array, shares = constants(a, name), raw(q, name)
        found: Objects = np.empty(shares.shape, dtype=object)
        for place, share in np.ndenumerate(shares):
            at = _share(share, whole, name)
            found[place] = reduced(
                lambda row, at=at: _at(row, at, _METHODS[method], name),
                [array],
                axis,
                keepdims=bool(keepdims),
            )
        stacked = np.stack([np.asarray(item) for item in found.flat]) if found.ndim else found[()]
        if found.ndim > 1:
            stacked = stacked.reshape(found.shape + stacked.shape[1:])
        return deliver(stacked, out, name)

    return function


def _share(q: Any, whole: int, name: str) -> Fraction:
    value = exact.operand_value(q)
    if not isinstance(value, Fraction) or not 0 <= value <= whole:
        raise InvalidOperand(
            f"{name}: expected q to be a number from 0 to {whole}; got {describe(q)}"
        )
    return value / whole


def _at(row: Sequence[Any], share: Fraction, pick: Callable[..., Any], name: str) -> Any:
    if not row:
        raise DomainError(f"{name}: expected one element or more; got none")
    ordered = sorted(row)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return pick(ordered[low], ordered[min(low + 1, len(ordered) - 1)], place - low)


# --- interpolation and pieces --------------------------------------------------------------------


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
            return above if at > places[-1] else heights[-1]
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
    array = x if isinstance(x, np.ndarray) else constants(x, "piecewise")
    found: Objects = np.empty(array.shape, dtype=object)
    found[...] = constants(0, "piecewise")[()]
    for condition, choice in zip(conditions, choices, strict=True):
        if not np.any(condition):
            continue
        value = choice(array[condition], *args, **kwargs) if callable(choice) else choice
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
    "nanpercentile": _quantile("nanpercentile", 100),
    "nanquantile": _quantile("nanquantile", 1),
    "percentile": _quantile("percentile", 100),
    "piecewise": _piecewise,
    "quantile": _quantile("quantile", 1),
})  # fmt: skip
"""The entries of `minigrad.exact_numpy.functions` that pick a piece, by NumPy's names."""
