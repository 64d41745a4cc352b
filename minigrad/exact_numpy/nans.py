"""NumPy's functions about NaN and infinities, which are elements of arrays in the runs of programs alone.

    >>> import numpy as np
    >>> from minigrad import grad
    >>> grad(lambda x: np.nansum(np.where(x > 0, np.log(x), np.nan)))(np.array([2, -1])).tolist()
    [Fraction(1, 2), Fraction(0, 1)]

See `minigrad.nonfinite`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad.errors import InvalidOperand
from minigrad.exact_numpy.items import constants, deliver, mapped
from minigrad.nonfinite import NonFinite, asking, is_infinite, is_nan
from minigrad.scalar import Scalar

__all__ = ["EXACT", "NAMES", "leaving_out", "refuse"]

_YES: Final = True
"""A default of what NumPy takes by its place too."""


def refuse(value: Any, name: str) -> None:
    """Raise InvalidOperand where there is NaN among Scalars that are to be put in order."""
    if isinstance(value, (list, tuple)):
        for item in value:
            refuse(item, name)
    items = value.flat if isinstance(value, np.ndarray) and value.dtype == object else [value]
    if any(isinstance(item, NonFinite) and is_nan(item) for item in items):
        raise InvalidOperand(
            f"{name}: expected numbers, which have an order; got NaN among them: take what is not NaN, "
            "as x[~np.isnan(x)] does"
        )


def _nan_to_num(
    x: Any, copy: Any = _YES, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    array = constants(x, "nan_to_num")
    largest = sys.float_info.max
    instead = {
        "nan": nan,
        "inf": largest if posinf is None else posinf,
        "-inf": -largest if neginf is None else neginf,
    }

    def number(item: Any) -> Any:
        item._ask_whether_finite()
        return instead[str(item.limit)] if isinstance(item, NonFinite) else item

    found = constants(mapped(number, [array]), "nan_to_num")[()]
    return found if copy else deliver(found, x, "nan_to_num")


def _infinite_on(name: str, side: int) -> Callable[..., Any]:
    """Whether elements are infinite on that side."""

    def function(x: Any, out: Any = None) -> Any:
        found = mapped(lambda item: is_infinite(item) and item * side > 0, [constants(x, name)])
        return deliver(np.asarray(found, dtype=bool)[()], out, name)

    return function


def _isclose(
    a: Any, b: Any, rtol: Any = "1e-5", atol: Any = "1e-8", *, equal_nan: Any = False
) -> Any:
    """|a - b| <= atol + rtol * |b|, as NumPy has it, but with nothing rounded."""
    relative, absolute = (x if isinstance(x, Scalar) else Scalar.constant(x) for x in (rtol, atol))

    def is_close(x: Any, y: Any) -> bool:
        if is_infinite(x) or is_infinite(y):
            return bool(x == y)
        if is_nan(x) and is_nan(y):
            return bool(equal_nan)
        return bool(abs(x - y) <= absolute + relative * abs(y))

    found = mapped(is_close, [constants(a, "isclose"), constants(b, "isclose")])
    return found.astype(bool) if isinstance(found, np.ndarray) else np.bool_(found)


def _allclose(*args: Any, **kwargs: Any) -> bool:
    return bool(np.all(_isclose(*args, **kwargs)))


NAMES: Final = (
    "argmax", "argmin", "cumprod", "cumsum", "max", "mean", "median", "min", "percentile", "prod",
    "quantile", "std", "sum", "var",
)  # fmt: skip
"""The functions of which NumPy has another that leaves NaN out, with `nan` before its name."""

_asked_for_nan: Final = asking(is_nan)
_BY_A_MASK: Final = ("nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar")


def leaving_out(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, which takes a mask, of the elements that are not NaN: the one called `name`."""

    def of(a: Any, *args: Any, **options: Any) -> Any:
        array = constants(a, name)
        there = np.array([not _asked_for_nan(item) for item in array.flat], dtype=bool)
        if there.all():
            return function(array, *args, **options)
        if name not in _BY_A_MASK:
            raise InvalidOperand(f"np.{name} has no exact form for an array with NaN")
        mask = there.reshape(array.shape) & options.get("where", _YES)
        return function(array, *args, **{**options, "where": mask})

    return of


EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "allclose": _allclose,
        "isclose": _isclose,
        "isneginf": _infinite_on("isneginf", -1),
        "isposinf": _infinite_on("isposinf", 1),
        "nan_to_num": _nan_to_num,
    }
)
"""The entries of `minigrad.exact_numpy.functions` that are about NaN and infinities."""
