"""NumPy's functions of whole arrays, for arrays of Scalars: one table of what is exact.

    >>> import numpy as np
    >>> from minigrad import Scalar
    >>> x = np.array([Scalar(1, "x"), Scalar(4, "y")])
    >>> EXACT["mean"](x).data, EXACT["concatenate"]([x, [0.5]])[2]
    (Fraction(5, 2), Scalar.constant('1/2'))

There are three kinds of entries. Functions that move elements about are NumPy's own, after the numbers
among their data have become constants. Those that compute are written here, on the fused nodes sum, prod
and dot. Of linear algebra, solve, inv, det, slogdet and cholesky are those of `minigrad.linalg`. All have
the names, arguments, shapes and conventions of NumPy's reference; what is not in the table is refused by
name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import index
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad import functions, linalg
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand, describe
from minigrad.exact_numpy import contract, nans, norms, piecewise, sampled, statistics
from minigrad.exact_numpy.items import (
    Objects,
    check_dtype,
    check_keeps,
    constants,
    deliver,
    filled,
    items,
    keeps_exact,
    mapped,
    raw,
    scalars_in,
    target,
    truth,
    unsupported,
)
from minigrad.exact_numpy.ufuncs import call, clip, reduce, trunc
from minigrad.numpy_protocols import as_exact
from minigrad.scalar import Scalar

__all__ = ["EXACT", "exact"]

_YES: Final = True
_NO: Final = False
"""Defaults of what NumPy takes by its place too."""

# --- NumPy's own, on data turned into Scalars ----------------------------------------------------

# The functions by which of their arguments are data, in their places; others, written _, are shapes and
# indices. `*name` is one argument that is a sequence of arrays, and `*` is any number of arrays.
_MOVING: Final[Mapping[str, str]] = MappingProxyType({
    "a": "real_if_close "
    "argmax argmin argsort copy cumprod cumsum cumulative_prod cumulative_sum diagonal expand_dims "
    "linalg.diagonal linalg.matrix_transpose matrix_transpose moveaxis ndim ravel "
    "repeat reshape resize roll rollaxis shape size sort squeeze swapaxes take transpose "
    "argpartition partition array2string array_repr array_str",
    "m": "flip fliplr flipud rot90 tril triu",
    "v": "diag diagflat",
    "A": "tile",
    "ar": "unique",
    "ar1 ar2": "intersect1d setdiff1d setxor1d union1d",
    "a1 a2": "array_equiv polyadd polymul polysub",
    "element test_elements": "isin",
    "p": "polyder polyint",
    "x": "lib.stride_tricks.sliding_window_view unstack vander",
    "arr": "delete take_along_axis tril_indices_from triu_indices_from",
    "ary": "array_split dsplit hsplit split vsplit",
    "val": "real",
    "filt": "trim_zeros",
    "array": "broadcast_to",
    "a b": "cross kron linalg.cross linalg.outer outer",
    "a v": "convolve correlate searchsorted",
    "p x": "polyval",
    "_ a": "compress",
    "_ arr": "extract",
    "arr values": "append",
    "a _ _ prepend append": "diff",
    "*arrays": "concatenate concat stack",
    "*keys": "lexsort",
    "_ *choices": "choose",
    "*tup": "column_stack dstack hstack row_stack vstack",
    "*": "atleast_1d atleast_2d atleast_3d broadcast_arrays meshgrid",
})  # fmt: skip

# The first argument is written into, in a place written =: it must be an array of objects already.
_WRITING: Final[Mapping[str, str]] = MappingProxyType({
    "copyto": "dst src",
    "fill_diagonal": "a val",
    "place": "arr _ vals",
    "put": "a _ v",
    "put_along_axis": "arr _ values",
    "putmask": "a _ values",
})  # fmt: skip


def _moving(name: str, data: str) -> Callable[..., Any]:
    """NumPy's function of that name, with constants for the numbers among its data."""
    places = data.split()
    is_all = data == "*"

    def moved(*args: Any, **kwargs: Any) -> Any:
        out = kwargs.pop("out", None)
        check_dtype(kwargs.pop("dtype", None), name)
        kwargs.pop("casting", None)
        padded = ["array"] * len(args) if is_all else [*places, *["_"] * len(args)]
        positional = [_as_data(value, key, name) for value, key in zip(args, padded, strict=False)]
        named = {
            key: _as_data(value, next((p for p in places if p.lstrip("*") == key), "_"), name)
            for key, value in kwargs.items()
        }
        return deliver(_numpy(name)(*positional, **named), out, name)

    return moved


def _as_data(value: Any, place: str, name: str) -> Any:
    if value is None or value is np._NoValue or place == "=":
        return value
    if place == "_":
        if isinstance(value, Scalar) or (isinstance(value, np.ndarray) and scalars_in(value)):
            raise InvalidOperand(
                f"{name}: expected a shape, an index or an option without Scalars; got {describe(value)}"
            )
        return value
    if not place.startswith("*"):
        return constants(value, name)
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise InvalidOperand(f"{name}: expected a sequence of arrays; got {describe(value)}")
    return [constants(item, name) for item in value]


def _numpy(name: str) -> Callable[..., Any]:
    found: Any = np
    for part in name.split("."):
        found = getattr(found, part)
    function: Callable[..., Any] = found
    return function


def _writing(name: str, data: str) -> Callable[..., Any]:
    """NumPy's function of that name, which writes into an array of Scalars."""
    first, _, rest = data.partition(" ")
    moved = _moving(name, f"= {rest}")

    def written(*args: Any, **kwargs: Any) -> Any:
        array, others = (args[0], args[1:]) if args else (kwargs.pop(first, None), ())
        return moved(target(array, name), *others, **kwargs)

    return written


# All other data become what the first argument is made of.
_CASTING: Final[Mapping[str, str]] = MappingProxyType({
    "ediff1d": "ary to_end to_begin",
    "insert": "arr _ values",
})  # fmt: skip


def _casting(name: str, data: str) -> Callable[..., Any]:
    """NumPy's function of that name, for which an array of ints takes ints alone."""
    first, _, _ = data.partition(" ")
    moved = _moving(name, data)

    def cast(*args: Any, **kwargs: Any) -> Any:
        array, others = (args[0], args[1:]) if args else (kwargs.get(first), ())
        check_keeps(array, [*others, *kwargs.values()], name)
        return moved(*args, **kwargs)

    return cast


# --- reductions ----------------------------------------------------------------------------------


def _reducing(ufunc: str) -> Callable[..., Any]:
    def function(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, *args: Any, **options: Any
    ) -> Any:
        return reduce(ufunc, a, axis, dtype, out, **_given(args, options))

    return function


def _picking(ufunc: str) -> Callable[..., Any]:
    # max and min have no dtype among their arguments.
    def function(a: Any, axis: Any = None, out: Any = None, *args: Any, **options: Any) -> Any:
        return reduce(ufunc, a, axis, None, out, **_given(args, options))

    return function


def _given(args: Sequence[Any], options: dict[str, Any]) -> dict[str, Any]:
    """What NumPy takes by place or by name, if it is given."""
    by_place = dict(zip(("keepdims", "initial", "where"), args, strict=False))
    return {k: value for k, value in {**by_place, **options}.items() if value is not np._NoValue}


def _trace(
    a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None, out: Any = None
) -> Any:
    return reduce("add", constants(a, "trace").diagonal(offset, axis1, axis2), -1, dtype, out)


def _matrix_trace(x: Any, /, *, offset: Any = 0, dtype: Any = None) -> Any:
    return _trace(x, offset, -2, -1, dtype)


# --- truth and choice ----------------------------------------------------------------------------


def _asking(name: str) -> Callable[..., Any]:
    """NumPy's function of that name, on whether each element is not 0."""

    def function(a: Any, *args: Any, **kwargs: Any) -> Any:
        return _numpy(name)(truth(a, name), *args, **kwargs)

    return function


def _where(condition: Any, /, *choices: Any) -> Any:
    mask = truth(condition, "where")
    if not choices:
        return np.nonzero(mask)
    if len(choices) != 2:
        raise InvalidOperand(f"where: expected a condition, or x and y too; got {1 + len(choices)}")
    x, y = choices
    return mapped(functions.where, (mask.astype(object), items(x, "where"), items(y, "where")))


def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise InvalidOperand(
            f"select: expected as many choices as conditions; got {len(choicelist)} and {len(condlist)}"
        )
    found = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        found = _where(condition, choice, found)
    return found


def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, **options: Any) -> Any:
    low = options.get("min") if a_min is None or a_min is np._NoValue else a_min
    high = options.get("max") if a_max is None or a_max is np._NoValue else a_max
    array = constants(a, "clip")
    if low is not None and high is not None:
        found = mapped(clip, (array, items(low, "clip"), items(high, "clip")))
    elif low is not None:
        found = call(np.maximum, (array, low))
    else:
        found = call(np.minimum, (array, high)) if high is not None else array.copy()[()]
    return deliver(found, out, "clip")


def _array_equal(a1: Any, a2: Any, *, equal_nan: Any = False) -> bool:
    try:
        left, right = raw(a1, "array_equal"), raw(a2, "array_equal")
    except InvalidOperand:
        return False
    return left.shape == right.shape and bool(np.all(call(np.equal, (left, right))))


# --- making arrays, and moving them --------------------------------------------------------------


def _like(value: object) -> Callable[..., Any]:
    def function(a: Any, dtype: Any = None, order: Any = "K", **options: Any) -> Any:
        return _full_like(a, value, dtype, order, **options)

    return function


def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", *, subok: Any = True, shape: Any = None
) -> Any:  # fmt: skip
    if dtype is None:
        check_keeps(a, fill_value, "full_like")
    elif scalars_in(fill_value):
        check_dtype(dtype, "full_like")
    result: Objects = np.empty(np.shape(a) if shape is None else shape, dtype=object)
    if not keeps_exact(dtype):
        return np.full(result.shape, fill_value, dtype)
    result[...] = items(fill_value, "full_like")
    return filled(result, "full_like")


def _digitize(x: Any, bins: Any, right: Any = _NO) -> Any:
    edges, places = constants(bins, "digitize"), constants(x, "digitize")
    side: Any = "left" if right else "right"
    if not len(edges) or edges[0] <= edges[-1]:
        return np.searchsorted(edges, places, side)
    return len(edges) - np.searchsorted(edges[::-1], places, side)


def _linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = _YES, retstep: Any = _NO,
    dtype: Any = None, axis: Any = 0,
) -> Any:  # fmt: skip
    check_dtype(dtype, "linspace")
    first, last = (constants(value, "linspace") for value in (start, stop))
    count = index(num)
    gaps = count - 1 if endpoint else count
    step = (last - first) / gaps if gaps > 0 else last - first
    found: Objects = np.empty((count, *np.broadcast_shapes(first.shape, last.shape)), dtype=object)
    for i in range(count):
        found[i] = first + step * i
    moved = np.moveaxis(found, 0, axis)
    return (moved, step) if retstep else moved


def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    kinds = ("constant", "edge", "empty", "reflect", "symmetric", "wrap")
    if mode not in kinds:
        raise InvalidOperand(f"pad: expected mode to be one of {', '.join(kinds)}; got {mode!r}")
    if "constant_values" in options:
        check_keeps(array, options["constant_values"], "pad")
        options["constant_values"] = constants(options["constant_values"], "pad")
    kind: Any = "constant" if mode == "empty" else mode
    return np.pad(constants(array, "pad"), pad_width, kind, **options)


def _round(a: Any, decimals: Any = 0, out: Any = None) -> Any:
    found = mapped(lambda x: round(x, index(decimals)), (constants(a, "round"),))
    return deliver(found, out, "round")


def _sinc(x: Any) -> Any:
    def of(item: Any) -> Any:
        turn = item * Scalar.constant("pi", "pi")
        return functions.sin(turn) / turn if item != 0 else Scalar.constant(1)

    return mapped(of, (constants(x, "sinc"),))


def _fix(x: Any, out: Any = None) -> Any:
    return deliver(mapped(trunc, (constants(x, "fix"),)), out, "fix")


def _apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    def of_row(row: Any) -> Any:
        return func1d(as_exact(row), *args, **kwargs)

    return np.apply_along_axis(of_row, axis, constants(arr, "apply_along_axis"))


def _imag(val: Any) -> Any:
    return constants(np.zeros(np.shape(val), dtype=int), "imag")[()]


def _isreal(x: Any) -> Any:
    return np.ones(np.shape(x), dtype=bool)[()]


def _real_valued(name: str) -> Callable[..., Any]:
    """A function of `np.emath`, where its result is real; DomainError elsewhere."""
    return lambda *xs: call(getattr(np, name), xs)


def _nested_blocks(arrays: Any) -> Any:
    if isinstance(arrays, list):
        return [_nested_blocks(item) for item in arrays]
    return constants(arrays, "block")


def _block(arrays: Any) -> Any:
    return np.block(_nested_blocks(arrays))


# --- products and linear algebra -----------------------------------------------------------------


def _product(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def product(a: Any, b: Any, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        found = function(items(a, name), items(b, name), *args, **kwargs)
        return deliver(found, out, name)

    return product


def _dot(a: Any, b: Any, out: Any = None) -> Any:
    return deliver(contract.dot(items(a, "dot"), items(b, "dot")), out, "dot")


def _vdot(a: Any, b: Any, /) -> Any:
    return functions.dot(items(a, "vdot").ravel(), items(b, "vdot").ravel())


def _einsum(
    *arguments: Any, out: Any = None, optimize: Any = False, dtype: Any = None, **_: Any
) -> Any:
    check_dtype(dtype, "einsum")
    subscripts, operands = contract.einsum_arguments(arguments)
    found = contract.einsum(subscripts, [items(value, "einsum") for value in operands])
    return deliver(found, out, "einsum")


def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    found, *rest = [items(array, "multi_dot") for array in arrays]
    for array in rest:
        found = contract.dot(found, array)
    return deliver(found, out, "multi_dot")


class _LinAlgError(DomainError, np.linalg.LinAlgError):
    """A matrix that is singular, or not positive definite, for programs that expect NumPy's error."""


def _linalg(name: str) -> Callable[..., Any]:
    """The function of `minigrad.linalg` of that name, of arrays, and with the errors of NumPy's."""

    def function(*arrays: Any) -> Any:
        try:
            return getattr(linalg, name)(*[constants(array, name) for array in arrays])
        except (DivisionByZero, DomainError) as error:
            raise _LinAlgError(str(error)) from None

    return function


def _cholesky(a: Any, /, *, upper: Any = False) -> Any:
    # Of the upper triangle NumPy reads the conjugate transpose: for real numbers, the transpose.
    array, lower = constants(a, "cholesky"), _linalg("cholesky")
    return np.swapaxes(lower(np.swapaxes(array, -1, -2)), -1, -2) if upper else lower(array)


def _trapezoid(y: Any, x: Any = None, dx: Any = 1, axis: Any = -1) -> Any:
    heights = np.moveaxis(constants(y, "trapezoid"), axis, -1)
    widths = constants(dx, "trapezoid")
    if x is not None:
        places = constants(x, "trapezoid")
        places = places if places.ndim == 1 else np.moveaxis(places, axis, -1)
        widths = places[..., 1:] - places[..., :-1]
    return (widths * (heights[..., 1:] + heights[..., :-1]) / 2).sum(axis=-1)


def _matrix_power(a: Any, n: Any) -> Any:
    base = constants(a, "matrix_power")
    if base.ndim < 2 or base.shape[-1] != base.shape[-2]:
        raise InvalidOperand(
            f"matrix_power: expected square matrices; got an array of shape {base.shape}"
        )
    power = index(n)
    if power < 0:
        base, power = _linalg("inv")(base), -power
    if not power:
        one = np.broadcast_to(np.eye(base.shape[-1], dtype=int), base.shape)
        return constants(one, "matrix_power")
    found = base
    for bit in bin(power)[3:]:
        found = contract.matmul(found, found)
        if bit == "1":
            found = contract.matmul(found, base)
    return found


_TELLING: Final = (
    "can_cast", "iscomplexobj", "isrealobj", "may_share_memory", "min_scalar_type", "result_type",
    "shares_memory",
)  # fmt: skip
"""Functions that tell of types and memory, and do not look at the elements."""


def _telling(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def telling(*args: Any, **kwargs: Any) -> Any:
        plain = [np.asarray(a) if isinstance(a, (np.ndarray, Scalar)) else a for a in args]
        return original(*plain, **kwargs)

    return telling


_CONTRACTING: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "inner": contract.inner,
    "linalg.matmul": contract.matmul,
    "linalg.tensordot": contract.tensordot,
    "tensordot": contract.tensordot,
})  # fmt: skip

_EXACT: Final[dict[str, Callable[..., Any]]] = {
    **{name: _moving(name, data) for data, names in _MOVING.items() for name in names.split()},
    **{name: _casting(name, data) for name, data in _CASTING.items()},
    **{name: _writing(name, data) for name, data in _WRITING.items()},
    **{name: _product(name, function) for name, function in _CONTRACTING.items()},
    **{
        name: _asking(name)
        for name in ("all", "any", "argwhere", "count_nonzero", "flatnonzero", "nonzero")
    },
    **{f"linalg.{name}": _linalg(name) for name in ("solve", "inv", "det", "slogdet")},
    **norms.EXACT,
    **piecewise.EXACT,
    **sampled.EXACT,
    **statistics.EXACT,
    "sum": _reducing("add"),
    "prod": _reducing("multiply"),
    **{name: _picking("maximum") for name in ("amax", "max")},
    **{name: _picking("minimum") for name in ("amin", "min")},
    **nans.EXACT,
    **{name: _telling(name) for name in _TELLING},
    **{
        f"lib.scimath.{name}": _real_valued(name)
        for name in ("arccos", "arcsin", "arctanh", "log", "log2", "log10", "power", "sqrt")
    },
    "apply_along_axis": _apply_along_axis,
    "around": _round,
    "array_equal": _array_equal,
    "block": _block,
    "clip": _clip,
    "digitize": _digitize,
    "dot": _dot,
    "einsum": _einsum,
    "empty_like": _like(0),
    "fix": _fix,
    "full_like": _full_like,
    "imag": _imag,
    "isreal": _isreal,
    "linalg.cholesky": _cholesky,
    "linalg.matrix_power": _matrix_power,
    "linalg.multi_dot": _multi_dot,
    "linalg.trace": _matrix_trace,
    "linspace": _linspace,
    "ones_like": _like(1),
    "pad": _pad,
    "round": _round,
    "select": _select,
    "sinc": _sinc,
    "trace": _trace,
    "trapezoid": _trapezoid,
    "vdot": _vdot,
    "where": _where,
    "zeros_like": _like(0),
}

# Functions that put what they are given in order.
_ORDERING: Final = (
    "argmax", "argmin", "argpartition", "argsort", "digitize", "interp", "intersect1d", "lexsort",
    "median", "partition", "percentile", "quantile", "searchsorted", "setdiff1d", "setxor1d", "sort",
    "union1d", "unique",
)  # fmt: skip


def _in_order(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, which refuses NaN: comparisons give it no place, and NumPy has one for floats."""

    def ordered(*args: Any, **options: Any) -> Any:
        # The heights that np.interp is given are put in no order.
        for value in args[:2] if name == "interp" else (*args, *options.values()):
            nans.refuse(value, name)
        return function(*args, **options)

    return ordered


_EXACT.update({name: _in_order(name, _EXACT[name]) for name in _ORDERING})

EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    **_EXACT,
    **{f"nan{name}": nans.leaving_out(f"nan{name}", _EXACT[name]) for name in nans.NAMES},
})  # fmt: skip
"""What is exact, by NumPy's name for it: `linalg.norm` is `numpy.linalg.norm`."""


def exact(function: Any) -> Callable[..., Any]:
    """The entry for a function of NumPy; InvalidOperand, naming it, if there is none."""
    module = function.__module__.removeprefix("numpy").lstrip(".")
    name = f"{module}.{function.__name__}" if module else function.__name__
    if name not in EXACT:
        raise unsupported(name)
    return EXACT[name]
