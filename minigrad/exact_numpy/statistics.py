"""NumPy's statistics: means, variances, covariances, medians, quantiles.

    >>> from minigrad import Scalar
    >>> x = [Scalar(1), Scalar(5), Scalar(2)]
    >>> EXACT["mean"](x).data, EXACT["var"](x).data, EXACT["quantile"](x, 0.75).data
    (Fraction(8, 3), Fraction(26, 9), Fraction(7, 2))

Sums of squares are one node each. Which elements a median or a quantile takes is no part of the graph, as
with a Python `if`: the derivative is that of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad import exact, functions
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand, describe
from minigrad.exact_numpy import contract
from minigrad.exact_numpy.items import Objects, check_dtype, constants, deliver, raw, truth
from minigrad.exact_numpy.ufuncs import greatest, least, reduced

__all__ = ["EXACT"]

_YES: Final = True
_NO: Final = False
"""Defaults of what NumPy takes by its place too."""


def _mean_of(row: Sequence[Any]) -> Any:
    if not row:
        raise DivisionByZero("mean: expected one element or more; got none")
    return functions.sum(row) / len(row)


def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = _NO, *,
    where: Any = True,
) -> Any:  # fmt: skip
    check_dtype(dtype, "mean")
    found = reduced(_mean_of, [constants(a, "mean")], axis, keepdims=keepdims, where=where)
    return deliver(found, out, "mean")


def _average(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = _NO, *, keepdims: Any = False
) -> Any:
    array = constants(a, "average")
    shares = constants(1 if weights is None else weights, "average")
    if weights is not None and shares.shape != array.shape:
        shares = _placed(shares, array.shape, axis)
    shares = np.broadcast_to(shares, array.shape)
    total = reduced(functions.sum, [shares], axis, keepdims=keepdims)
    if not truth(total, "average").all():
        raise DivisionByZero("average: expected weights whose sum is not 0")
    found = reduced(functions.dot, [array, shares], axis, keepdims=keepdims) / total
    return (found, total) if returned else found


def _placed(shares: Objects, shape: tuple[int, ...], axis: Any) -> Objects:
    """The weights along the axes of an array of that shape, as they are given for these."""
    places = [] if axis is None else contract.normal_axes(axis, len(shape))
    if shares.shape != tuple([shape[place] for place in places]):
        raise InvalidOperand(
            f"average: expected weights of the shape of the array, {shape}, or of the axes that are "
            f"given, in their order; got {shares.shape} and axis={axis}"
        )
    turned = shares.transpose(np.argsort(places))
    return turned.reshape([n if i in places else 1 for i, n in enumerate(shape)])


def _left(count: int, ddof: Any, name: str) -> Any:
    """By what a sum of squares is divided. NumPy's is never below 0, where its results are no numbers."""
    if ddof >= count:
        raise DivisionByZero(
            f"{name}: expected ddof below the number of elements, {count}; got {describe(ddof)}"
        )
    return count - ddof


def _spread(name: str) -> Callable[..., Any]:
    """NumPy's `var`, or its root `std`."""

    def spread(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0,
        keepdims: Any = _NO, *, where: Any = True, mean: Any = np._NoValue,
        correction: Any = np._NoValue,
    ) -> Any:  # fmt: skip
        check_dtype(dtype, name)
        if mean is not np._NoValue:
            raise InvalidOperand(
                f"{name}: expected no mean, which is computed; got {describe(mean)}"
            )
        freedom = ddof if correction in (None, np._NoValue) else correction

        def of_row(row: Sequence[Any]) -> Any:
            middle = _mean_of(row)
            away = [x - middle for x in row]
            variance = functions.dot(away, away) / _left(len(row), freedom, name)
            return variance if name == "var" else functions.sqrt(variance)

        found = reduced(of_row, [constants(a, name)], axis, keepdims=keepdims, where=where)
        return deliver(found, out, name)

    return spread


def _median(
    a: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: Any = _NO,
    keepdims: Any = _NO,
) -> Any:
    def middle(row: Sequence[Any]) -> Any:
        half = len(row) // 2
        ordered = sorted(row)
        return ordered[half] if len(row) % 2 else _mean_of(ordered[half - 1 : half + 1])

    found = reduced(middle, [constants(a, "median")], axis, keepdims=keepdims)
    return deliver(found, out, "median")


def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = _NO) -> Any:
    found = reduced(
        lambda row: greatest(row) - least(row), [constants(a, "ptp")], axis, keepdims=keepdims
    )
    return deliver(found, out, "ptp")


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
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = _NO,
        method: Any = "linear", keepdims: Any = _NO, **options: Any,
    ) -> Any:  # fmt: skip
        if method not in _METHODS or any(value is not None for value in options.values()):
            known = ", ".join(_METHODS)
            raise InvalidOperand(
                f"{name}: expected no weights, and method to be one of {known}; got {method!r}"
            )
        array, shares = constants(a, name), raw(q, name)
        if not shares.size:
            raise InvalidOperand(f"{name}: expected q to be a number or more; got {describe(q)}")
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


# --- covariances ---------------------------------------------------------------------------------


def _cov(
    m: Any, y: Any = None, rowvar: Any = _YES, bias: Any = _NO, ddof: Any = None,
    fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    check_dtype(dtype, "cov")
    if fweights is not None or aweights is not None:
        raise InvalidOperand("cov: expected no weights")
    away = _away(m, y, "cov", by_row=rowvar)
    freedom = (0 if bias else 1) if ddof is None else ddof
    left = _left(away.shape[1], freedom, "cov")
    return (contract.matmul(away, away.T) / left).squeeze()[()]


def _corrcoef(x: Any, y: Any = None, rowvar: Any = _YES, *, dtype: Any = None) -> Any:
    check_dtype(dtype, "corrcoef")
    away = _away(x, y, "corrcoef", by_row=rowvar)
    rows = [functions.norm(row) for row in away.tolist()]
    units = away / np.array(rows, dtype=object).reshape(-1, 1)
    return contract.matmul(units, units.T).squeeze()[()]


def _away(m: Any, y: Any, name: str, *, by_row: Any) -> Any:
    """How far each variable's values, a row of them, are from their mean."""
    rows = []
    for value in (m, y):
        if value is not None:
            array = np.atleast_2d(constants(value, name))
            rows.append(array if by_row or np.ndim(value) < 2 else array.T)
    joined: Objects = np.concatenate(rows)
    if joined.ndim > 2 or not joined.shape[1]:
        raise InvalidOperand(
            f"{name}: expected variables with a value or more, in up to two axes; got shape {np.shape(m)}"
        )
    means = reduced(_mean_of, [joined], 1, keepdims=True)
    return joined - means


EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    **{name: _spread(name) for name in ("std", "var")},
    "average": _average,
    "corrcoef": _corrcoef,
    "cov": _cov,
    "mean": _mean,
    "median": _median,
    "percentile": _quantile("percentile", 100),
    "ptp": _ptp,
    "quantile": _quantile("quantile", 1),
})  # fmt: skip
"""The entries of `minigrad.exact_numpy.functions` that are statistics, by NumPy's names."""
