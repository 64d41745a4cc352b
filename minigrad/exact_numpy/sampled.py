"""NumPy's functions of sampled data: differences, sums by bins, polynomials fitted to points.

    >>> from minigrad import Scalar
    >>> y = [Scalar(0), Scalar(1), Scalar(4)]
    >>> [node.data for node in EXACT["gradient"](y)]
    [Fraction(1, 1), Fraction(2, 1), Fraction(3, 1)]
    >>> [node.data for node in EXACT["polyfit"]([0, 1, 2], y, 2)]
    [Fraction(1, 1), Fraction(0, 1), Fraction(0, 1)]

A polynomial is fitted by the normal equations, which lose digits in floats, and none here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import index
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad import functions, linalg
from minigrad.errors import InvalidOperand, describe
from minigrad.exact_numpy.contract import matmul, normal_axes
from minigrad.exact_numpy.items import Objects, constants, scalars_in

__all__ = ["EXACT"]

_NO: Final = False
"""A default of what NumPy takes by its place too."""

# --- differences ---------------------------------------------------------------------------------


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    array = constants(f, "gradient")
    axes = normal_axes(axis, array.ndim)
    if edge_order not in (1, 2):
        raise InvalidOperand(f"gradient: expected edge_order to be 1 or 2; got {edge_order!r}")
    if len(varargs) not in (0, 1, len(axes)) or (
        len(varargs) == 1 < len(axes) and np.ndim(varargs[0])
    ):
        raise InvalidOperand(
            f"gradient: expected a distance, or for each of {len(axes)} axes one or its coordinates; got "
            f"{len(varargs)}"
        )
    given = varargs or (1,)
    spacings = given if len(given) == len(axes) else given * len(axes)
    found = [
        np.moveaxis(_slopes(np.moveaxis(array, place, 0), spacing, index(edge_order)), 0, place)
        for place, spacing in zip(axes, spacings, strict=True)
    ]
    return found[0] if len(found) == 1 else tuple(found)


def _slopes(rows: Objects, spacing: Any, edge_order: int) -> Objects:
    """The slopes along the first axis: second differences within, one-sided ones at both ends."""
    count = len(rows)
    if count <= edge_order:
        raise InvalidOperand(
            f"gradient: expected {edge_order + 1} elements or more along each axis; got {count}"
        )
    widths = _widths(spacing, count)
    found: Objects = np.empty(rows.shape, dtype=object)
    for i in range(1, count - 1):
        if np.ndim(spacing):
            found[i] = _through(rows[i - 1 : i + 2], widths[i - 1], widths[i], 1)
        else:
            found[i] = (rows[i + 1] - rows[i - 1]) / (2 * widths[i])
    if edge_order == 1:
        found[0] = (rows[1] - rows[0]) / widths[0]
        found[-1] = (rows[-1] - rows[-2]) / widths[-1]
    else:
        found[0] = _through(rows[:3], widths[0], widths[1], 0)
        found[-1] = _through(rows[-3:], widths[-2], widths[-1], 2)
    return found


def _widths(spacing: Any, count: int) -> list[Any]:
    """The distances between neighbours, of which one may be given for all."""
    places = constants(spacing, "gradient")
    if not places.ndim:
        return [places[()]] * (count - 1)
    if places.shape != (count,):
        raise InvalidOperand(
            f"gradient: expected as many coordinates as elements along the axis, {count}; got the shape "
            f"{places.shape}"
        )
    return list(places[1:] - places[:-1])


def _through(rows: Objects, before: Any, after: Any, at: int) -> Any:
    """The slope, at one of three points, of the parabola through them."""
    first, second = (rows[1] - rows[0]) / before, (rows[2] - rows[1]) / after
    bend = (second - first) / (before + after)
    if at == 0:
        return first - bend * before
    return first + bend * before if at == 1 else second + bend * after


# --- bins and fits -------------------------------------------------------------------------------


def _bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Any:
    if scalars_in(x):
        raise InvalidOperand(
            f"bincount: expected an array of whole numbers, without Scalars; got {describe(x)}"
        )
    counts = np.bincount(x, minlength=minlength)
    shares = constants(weights, "bincount")
    places = np.asarray(x)
    if shares.shape != places.shape:
        raise InvalidOperand(
            f"bincount: expected as many weights as places, {len(places)}; got the shape {shares.shape}"
        )
    bins: list[list[Any]] = [[] for _ in counts]
    for place, share in zip(places.tolist(), shares.tolist(), strict=True):
        bins[place].append(share)
    found: Objects = np.empty(len(counts), dtype=object)
    found[:] = [*map(functions.sum, bins)]
    return found


def _polyfit(
    x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = _NO, w: Any = None, cov: Any = _NO
) -> Any:  # fmt: skip
    if full or cov:
        raise InvalidOperand("polyfit: expected full=False and cov=False, for coefficients alone")
    places, heights = constants(x, "polyfit"), constants(y, "polyfit")
    if places.ndim != 1 or heights.ndim not in (1, 2) or len(heights) != len(places):
        raise InvalidOperand(
            "polyfit: expected x of one axis and y of the same length; got the shapes "
            f"{places.shape} and {heights.shape}"
        )
    if (degree := index(deg)) < 0:
        raise InvalidOperand(f"polyfit: expected deg to be 0 or more; got {describe(deg)}")
    powers: Objects = np.vander(places, degree + 1)
    if w is not None:
        weights = constants(w, "polyfit")
        powers = powers * weights[:, np.newaxis]
        heights = (heights.T * weights).T
    return linalg.solve(matmul(powers.T, powers), matmul(powers.T, heights))


EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "bincount": _bincount,
    "gradient": _gradient,
    "polyfit": _polyfit,
})  # fmt: skip
"""The entries of `minigrad.exact_numpy.functions` that are about samples, by NumPy's names."""
