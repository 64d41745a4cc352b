"""A stand-in for the module `scipy.linalg`: what `minigrad.linalg` has takes Scalars.

    >>> from minigrad import Scalar
    >>> linalg = stand_in()
    >>> [x.data for x in linalg.solve_triangular([[2, Scalar(9)], [Scalar(4), 8]], [2, 8], lower=True)]
    [Fraction(1, 1), Fraction(1, 2)]

Arguments are those of SciPy's reference. Of a matrix that is said to be symmetric or triangular only one
triangle is read, as by SciPy, and the other has no gradient. What is not here is SciPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib import import_module
from inspect import signature
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

from minigrad.errors import InvalidOperand, describe
from minigrad.exact_math import StandIn
from minigrad.exact_numpy.functions import EXACT
from minigrad.exact_numpy.items import Objects, constants
from minigrad.exact_numpy.scipy_stand_in import standing_in

__all__ = ["stand_in"]

_GENERAL: Final = (None, "gen", "general")
_SYMMETRIC: Final = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
_TRIANGULAR: Final[Mapping[Any, bool]] = MappingProxyType({
    "upper triangular": False, "lower triangular": True
})  # fmt: skip


def _in_triangle(array: Objects, *, lower: Any) -> Any:
    every = np.ones(array.shape[-2:], dtype=bool)
    return np.tril(every) if lower else np.triu(every)


def _assumed(a: Any, assume_a: Any, where: str, *, lower: Any) -> Objects:
    """The matrix that is meant, where only a part of `a` is read."""
    array = constants(a, where)
    if assume_a in _GENERAL or array.ndim < 2:
        return array
    if assume_a in _TRIANGULAR:
        return np.where(_in_triangle(array, lower=_TRIANGULAR[assume_a]), array, 0)
    if assume_a not in _SYMMETRIC:
        known = ", ".join(map(repr, [*_GENERAL, *_SYMMETRIC, *_TRIANGULAR]))
        raise InvalidOperand(
            f"{where}: expected assume_a to be one of {known}; got {describe(assume_a)}"
        )
    return np.where(_in_triangle(array, lower=lower), array, np.swapaxes(array, -1, -2))


# Of what an argument of SciPy's says of memory, or of floats that are no numbers, nothing is to be done.


def _solve(
    a: Any, b: Any, *, lower: Any = False, assume_a: Any = None, transposed: Any = False, **_: Any
) -> Any:
    matrix = _assumed(a, assume_a, "solve", lower=lower)
    return EXACT["linalg.solve"](np.swapaxes(matrix, -1, -2) if transposed else matrix, b)


def _inv(a: Any, *, assume_a: Any = None, lower: Any = False, **_: Any) -> Any:
    return EXACT["linalg.inv"](_assumed(a, assume_a, "inv", lower=lower))


def _det(a: Any, **_: Any) -> Any:
    return EXACT["linalg.det"](a)


def _solve_triangular(
    a: Any, b: Any, *, trans: Any = 0, lower: Any = False, unit_diagonal: Any = False, **_: Any
) -> Any:
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise InvalidOperand(
            f"solve_triangular: expected trans to be 0, 1, 2, 'N', 'T' or 'C'; got {describe(trans)}"
        )
    kind = "lower triangular" if lower else "upper triangular"
    matrix = _assumed(a, kind, "solve_triangular", lower=lower)
    if unit_diagonal:
        matrix = np.where(np.eye(matrix.shape[-1], dtype=bool), 1, matrix)
    return EXACT["linalg.solve"](matrix if trans in (0, "N") else np.swapaxes(matrix, -1, -2), b)


def _cholesky(a: Any, *, lower: Any = False, **_: Any) -> Any:
    return EXACT["linalg.cholesky"](a, upper=not lower)


def _cho_factor(a: Any, *, lower: Any = False, **_: Any) -> Any:
    return _cholesky(a, lower=lower), lower


def _cho_solve(c_and_lower: Any, b: Any, **_: Any) -> Any:
    factor, lower = c_and_lower
    for trans in ("N", "T") if lower else ("T", "N"):
        b = _solve_triangular(factor, b, trans=trans, lower=lower)
    return b


_NAMED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "cho_factor": _cho_factor,
    "cho_solve": _cho_solve,
    "cholesky": _cholesky,
    "det": _det,
    "inv": _inv,
    "solve": _solve,
    "solve_triangular": _solve_triangular,
})  # fmt: skip


def _by_name(original: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, given by name what SciPy's function takes by place too."""
    expected = signature(original)

    @wraps(original)
    def named(*args: Any, **kwargs: Any) -> Any:
        return function(**expected.bind(*args, **kwargs).arguments)

    return named


@cache
def stand_in() -> ModuleType:
    """The stand-in for `scipy.linalg`. ImportError where SciPy is not installed."""
    linalg = import_module("scipy.linalg")
    originals = {name: getattr(linalg, name) for name in _NAMED}
    return StandIn(
        linalg,
        {
            name: standing_in(original, _by_name(original, _NAMED[name]))
            for name, original in originals.items()
        },
    )
