"""A stand-in for the module `scipy.special`: its functions take Scalars, alone, in lists and in arrays.

    >>> from minigrad import Scalar
    >>> special = stand_in()
    >>> special.logsumexp([Scalar(0), 0]).data, special.softmax([Scalar(0), 0])[0].data
    (log(2), Fraction(1, 2))

The ufuncs among them are those of `minigrad.exact_numpy.special`. The others are written here, with the
arguments and conventions of SciPy's reference. What has no closed form is SciPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib import import_module
from operator import index
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

from minigrad import functions
from minigrad.errors import InvalidOperand, describe
from minigrad.exact_math import StandIn
from minigrad.exact_numpy.contract import normal_axes
from minigrad.exact_numpy.items import Objects, constants, mapped, scalars_in
from minigrad.exact_numpy.ndarray import wrapped
from minigrad.exact_numpy.special import polygamma
from minigrad.exact_numpy.stand_in import ready
from minigrad.exact_numpy.ufuncs import reduced, warning
from minigrad.scalar import Scalar

__all__ = ["stand_in", "standing_in"]


def _logsumexp(
    a: Any, axis: Any = None, b: Any = None, keepdims: Any = None, return_sign: Any = None
) -> Any:
    if return_sign:
        raise InvalidOperand(f"logsumexp: expected return_sign=False; got {describe(return_sign)}")
    array = constants(a, "logsumexp")
    if b is None:
        return reduced(functions.logsumexp, [array], axis, keepdims=bool(keepdims))
    weights = np.broadcast_to(constants(b, "logsumexp"), array.shape)

    def weighted(row: Any, scales: Any) -> Any:
        return functions.log(functions.dot(scales, [functions.exp(x) for x in row]))

    return reduced(weighted, [array, weights], axis, keepdims=bool(keepdims))


def _softmax(x: Any, axis: Any = None) -> Any:
    return _along(functions.softmax, constants(x, "softmax"), axis)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    return _along(functions.log_softmax, constants(x, "log_softmax"), axis)


def _along(function: Callable[..., Any], array: Objects, axis: Any) -> Any:
    """`function` of the elements along the axes, as many as there are, put in their places."""
    over = normal_axes(axis, array.ndim)
    kept = [i for i in range(array.ndim) if i not in over]
    turned = array.transpose(kept + over)
    count = int(np.prod([array.shape[i] for i in kept], dtype=int))
    result: Objects = np.empty(turned.shape, dtype=object)
    rows = turned.reshape(count, -1)
    flat = result.reshape(count, -1)
    for i, row in enumerate(rows.tolist()):
        flat[i] = function(row)
    return result.transpose(np.argsort(kept + over))


def _polygamma(n: Any, x: Any) -> Any:
    return mapped(
        warning(lambda order, item: polygamma(index(order), item)),
        (np.asarray(n), constants(x, "polygamma")),
    )


def _multigammaln(a: Any, d: Any) -> Any:
    order = index(d)
    if order < 1:
        raise InvalidOperand(f"multigammaln: expected d to be 1 or more; got {describe(d)}")
    pi = Scalar.constant("pi", "pi")

    def of(item: Any) -> Any:
        parts = [functions.loggamma(item - Scalar.constant(j) / 2) for j in range(order)]
        return functions.sum(parts) + functions.log(pi) * (order * (order - 1)) / 4

    return mapped(of, (constants(a, "multigammaln"),))


_NAMED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "multigammaln": _multigammaln,
    "polygamma": _polygamma,
    "softmax": _softmax,
})  # fmt: skip


def standing_in(original: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` where there are Scalars among the arguments; elsewhere SciPy's, `original`."""

    @wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if any(map(scalars_in, (*args, *kwargs.values()))):
            return wrapped(function(*args, **kwargs))
        return original(*args, **kwargs)

    return stand_in


@cache
def stand_in() -> ModuleType:
    """The stand-in for `scipy.special`. ImportError where SciPy is not installed."""
    special = import_module("scipy.special")
    named = {
        name: standing_in(getattr(special, name), function) for name, function in _NAMED.items()
    }
    return StandIn(special, named, ready)
