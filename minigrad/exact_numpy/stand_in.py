"""A stand-in for the module `numpy` in which arrays of floats are Arrays of exact constants.

    >>> np = stand_in()
    >>> np.ones(2)[0], np.ones(2, dtype=int).dtype.kind
    (Scalar.constant('1'), 'i')

NumPy asks an Array what its functions should do with it, but nobody is asked about `np.zeros(n)` or
`np.array([scalar])`. So these are replaced here, and so is every function on its way to a program, for
one reason: a Scalar, alone or in a list, is no array, and is turned into one first. Where a function
would round what is not rational, `np.sqrt(2)` for instance, the exact constant comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import islice
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

from minigrad.errors import InvalidOperand, describe
from minigrad.exact_math import StandIn, constant, settled
from minigrad.exact_numpy.functions import exact
from minigrad.exact_numpy.items import constants, keeps_exact, refuse_bytes, scalars_in
from minigrad.exact_numpy.ndarray import Array, wrapped
from minigrad.exact_numpy.ufuncs import CLOSED
from minigrad.float_types import type_standing_in
from minigrad.scalar import Scalar

__all__ = ["ready", "stand_in"]

_MOST_SETTLED: Final = 2_000
"""Numbers in an array up to which exact ones are put in the place of what NumPy rounded."""


class _Ready:
    """A NumPy function or ufunc to which a Scalar, or a list of them, may be given.

    NumPy looks for an Array among the arguments themselves, not inside a list, and a ufunc refuses a
    Scalar.
    """

    def __init__(self, function: Any) -> None:
        self.__wrapped__ = function
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        function = self.__wrapped__
        if not any(map(scalars_in, (*args, *kwargs.values()))):
            rounded = function(*args, **kwargs)
            closed = CLOSED.get(self.__name__) if isinstance(function, np.ufunc) else None
            return rounded if closed is None or kwargs else _settled(closed, args, rounded)
        if isinstance(function, np.ufunc) or isinstance(
            getattr(function, "__self__", None), np.ufunc
        ):
            return function(*map(_lifted, args), **kwargs)
        return wrapped(exact(function)(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.__wrapped__, name)
        is_method = name in ("accumulate", "at", "outer", "reduce", "reduceat")
        return _Ready(found) if is_method else found

    def __repr__(self) -> str:
        return repr(self.__wrapped__)


def _settled(function: Callable[..., Any], args: tuple[Any, ...], rounded: Any) -> Any:
    """Exact constants in the place of floats that NumPy rounded; `rounded` itself if it did not."""
    values = np.asarray(rounded)
    if values.dtype.kind != "f" or values.size > _MOST_SETTLED:
        return rounded
    found = np.empty(values.shape, dtype=object)
    sides = np.broadcast_arrays(*[np.asarray(arg) for arg in args], subok=False)
    for place, item in np.ndenumerate(values):
        given = [side[place] for side in sides]
        found[place] = settled(float(item), given, partial(function, *given))
    if not values.ndim:
        return found[()] if isinstance(found[()], Scalar) else rounded
    return constants(found, "array").view(Array) if scalars_in(found) else rounded


def ready(value: Any) -> Any:
    """Functions that ask their arguments what to do, made to take Scalars; all else as it is."""
    asks = isinstance(value, np.ufunc) or type(value).__name__ == "_ArrayFunctionDispatcher"
    return _Ready(value) if asks else value


def _lifted(value: Any) -> Any:
    """Scalars, alone, in lists or in a plain array, as an Array; anything else as it is."""
    is_ready = isinstance(value, Array) or not scalars_in(value)
    return value if is_ready else constants(value, "array").view(Array)


# --- what is replaced ----------------------------------------------------------------------------


def _exact(result: Any) -> Any:
    """An Array of constants in the place of an array of floats, and of objects that are Scalars."""
    if isinstance(result, np.ndarray) and not isinstance(result, Array):
        if result.dtype.kind == "f":
            return constants(result, "array").view(Array)
        if result.dtype == object and result.size and all(map(scalars_in, result.flat)):
            return wrapped(result)
    return result


def _making(name: str) -> Callable[..., Any]:
    """NumPy's function of that name, whose arrays of floats become Arrays."""
    original = _Ready(getattr(np, name))

    def made(*args: Any, **kwargs: Any) -> Any:
        return _exact(original(*args, **kwargs))

    made.__name__ = name
    return made


def _full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
    if not scalars_in(fill_value):
        return _exact(np.full(shape, fill_value, dtype, order, **options))
    _check_kept(dtype, "full")
    result = np.empty(shape, dtype=object)
    result[...] = constants(fill_value, "full")
    return result.view(Array)


def _array(
    values: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **options: Any
) -> Any:
    if not isinstance(values, Array) and not scalars_in(values):
        return _exact(np.array(values, dtype, copy=copy, ndmin=ndmin, **options))
    found = constants(values, "array").view(Array)
    if dtype is not None and np.dtype(dtype).kind in "iu":
        return np.array(found.astype(dtype), ndmin=ndmin)
    _check_kept(dtype, "array")
    if copy and isinstance(values, np.ndarray):
        found = found.copy()
    return found[(np.newaxis,) * max(ndmin - found.ndim, 0) + (...,)]


def _finfo(dtype: Any) -> Any:
    """NumPy's; of what an exact array says its type is, that of the floats it stands for."""
    kind = getattr(dtype, "dtype", dtype)
    is_exact = kind is object or (isinstance(kind, np.dtype) and kind.kind == "O")
    return np.finfo(float if is_exact else dtype)


def _fromiter(iterable: Any, dtype: Any, count: Any = -1, **options: Any) -> Any:
    found = list(iterable if count < 0 else islice(iterable, count))
    if not scalars_in(found):
        return _exact(np.fromiter(found, dtype, count, **options))
    _check_kept(dtype, "fromiter")
    if len(found) < count:
        raise InvalidOperand(f"fromiter: expected {count} items; got {len(found)}")
    return _array(found)


def _require(a: Any, dtype: Any = None, requirements: Any = None, **options: Any) -> Any:
    if not scalars_in(a):
        return _exact(np.require(a, dtype, requirements, **options))
    return _exact(np.require(_asarray(a, dtype), None, requirements))


class _Vectorize(np.vectorize):
    """NumPy's, which makes constants and no floats where floats are asked for."""

    def __init__(
        self, pyfunc: Any = np._NoValue, otypes: Any = None, *args: Any, **options: Any
    ) -> None:
        self._are_floats = [np.dtype(kind).kind == "f" for kind in otypes or ()]
        if otypes is not None:
            pairs = zip(otypes, self._are_floats, strict=True)
            otypes = [object if is_float else kind for kind, is_float in pairs]
        super().__init__(pyfunc, otypes, *args, **options)

    def __call__(self, *args: Any, **options: Any) -> Any:
        found = super().__call__(*args, **options)
        if not any(self._are_floats) or found is self:
            return found
        results = found if isinstance(found, tuple) else (found,)
        exact = [
            constants(result, "vectorize").view(Array)[()] if is_float else result
            for result, is_float in zip(results, self._are_floats, strict=True)
        ]
        return tuple(exact) if isinstance(found, tuple) else exact[0]


def _frombuffer(buffer: Any, *args: Any, **options: Any) -> Any:
    if scalars_in(buffer):
        refuse_bytes(buffer, "frombuffer()")
    return np.frombuffer(buffer, *args, **options)


def _asarray(values: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    if isinstance(values, Array) and keeps_exact(dtype):
        return values.copy() if options.get("copy") else values
    if not scalars_in(values):
        return _exact(np.asarray(values, dtype, order, **options))
    return _array(values, dtype, copy=options.get("copy"))


def _check_kept(dtype: Any, name: str) -> None:
    if not keeps_exact(dtype):
        raise InvalidOperand(
            f"{name}: expected dtype to be float or None where there are Scalars; got {describe(dtype)}, "
            "to which they would be rounded without gradient"
        )


def _arange(*args: Any, **kwargs: Any) -> Any:
    """NumPy's own, unless Scalars are given: then start, start + step, … before stop."""
    limits = [*args, *kwargs.values()]
    if not any(isinstance(value, Scalar) for value in limits):
        return np.arange(*args, **kwargs)
    _check_kept(kwargs.pop("dtype", None), "arange")
    start, stop, step = _limits(args, kwargs)
    if not step > 0 and not step < 0:
        raise InvalidOperand("arange: expected a step that is not 0")
    found: list[Any] = []
    place = start
    while place < stop if step > 0 else place > stop:
        found.append(place)
        place = start + step * len(found)
    return constants(found, "arange").view(Array)


def _limits(args: Any, kwargs: Any) -> list[Any]:
    given = dict(zip(("start", "stop", "step"), args, strict=False)) | kwargs
    if "stop" not in given:
        given = {**given, "stop": given.get("start", 0), "start": 0}
    return [constants(given.get(key, default), "arange")[()] for key, default in _DEFAULTS]


_DEFAULTS: Final = (("start", 0), ("stop", 0), ("step", 1))

_REPLACED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    **{
        name: _making(name)
        for name in ("eye", "full_like", "identity", "ones", "ones_like", "zeros", "zeros_like")
    },
    "arange": _arange,
    "array": _array,
    "asanyarray": _asarray,
    "asarray": _asarray,
    "asarray_chkfinite": _asarray,
    "ascontiguousarray": _asarray,
    "asfarray": lambda values, dtype=float: _asarray(values, dtype),
    "asfortranarray": _asarray,
    # Memory that was never written to holds no numbers that anyone meant.
    "empty": _making("zeros"),
    "empty_like": _making("zeros_like"),
    "finfo": _finfo,
    "frombuffer": _frombuffer,
    "fromiter": _fromiter,
    "full": _full,
    "require": _require,
    "vectorize": _Vectorize,
})  # fmt: skip


def _converted(value: Any) -> Any:
    """What a type of floats makes of Scalars, alone or not; None of anything else."""
    return _array(value)[()] if scalars_in(value) else None


_TYPES: Final = (
    "double", "float16", "float32", "float64", "floating", "generic", "half", "inexact", "longdouble",
    "number", "single",
)  # fmt: skip


_NAMES: Final[Mapping[str, str]] = MappingProxyType({
    "e": "E", "euler_gamma": "EulerGamma", "pi": "pi"
})  # fmt: skip


@cache
def stand_in() -> ModuleType:
    """The stand-in for `numpy`; its `linalg` takes Scalars too."""
    numbers = {name: constant(text, name) for name, text in _NAMES.items()}
    types = {name: type_standing_in(getattr(np, name), _converted) for name in _TYPES}
    linalg = StandIn(np.linalg, {}, ready)
    return StandIn(np, {**_REPLACED, **numbers, **types, "linalg": linalg}, ready)
