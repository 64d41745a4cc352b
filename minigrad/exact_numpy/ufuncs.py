"""NumPy's elementwise functions on Scalars: one table, and the ways in which NumPy calls an entry.

    >>> import numpy as np
    >>> from minigrad import Scalar
    >>> x = np.array([Scalar(3), Scalar(-2)])
    >>> [node.operator.name for node in call(np.maximum, [x, 0])]
    ['maximum', 'maximum']

NumPy itself would compare the two and pick one: there would be no node, and at a tie all of the gradient
would go to one side. `np.exp`, `np.sqrt` and others that lead out of the rational numbers give closed
forms. What is not in the table has no exact form here, and is refused by name: a silent float would cut
the gradient.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce as fold
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from minigrad import functions
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand, describe
from minigrad.exact_math import copysign, fmod
from minigrad.exact_numpy import special
from minigrad.exact_numpy.contract import matmul, normal_axes
from minigrad.exact_numpy.items import (
    Objects,
    become_python_s,
    check_dtype,
    constants,
    deliver,
    items,
    mapped,
    raw,
    target,
    truth,
    unsupported,
)
from minigrad.nonfinite import asking, is_infinite, is_nan, undefined
from minigrad.reading import is_running
from minigrad.scalar import Scalar

__all__ = [
    "CLOSED",
    "call",
    "clip",
    "greatest",
    "least",
    "method",
    "reduce",
    "reduced",
    "trunc",
    "warning",
]


def trunc(x: Any) -> Any:
    """`x` without its fractional part, of derivative 0."""
    return functions.ceil(x) if x < 0 else functions.floor(x)


def _degrees(x: Any) -> Any:
    # A node of its own: a float would be rounded by the product.
    return x * Scalar.constant(180) / Scalar.constant("pi", "pi")


def _radians(x: Any) -> Any:
    return x * Scalar.constant("pi", "pi") / 180


def _logaddexp2(x: Any, y: Any) -> Any:
    return functions.log2(functions.exp2(x) + functions.exp2(y))


def clip(x: Any, low: Any, high: Any) -> Any:
    """The minimum of `high` and the maximum of `x` and `low`, in NumPy's order."""
    return functions.minimum(functions.maximum(x, low), high)


def _infix(name: str, reflected: str = "") -> Callable[[Any, Any], Any]:
    """The infix `name` of two elements, of which NumPy's own numbers would come back here for it."""
    forward, backward = getattr(operator, name), f"__{reflected or 'r' + name}__"

    def infix(x: Any, y: Any) -> Any:
        if not isinstance(x, np.generic) or not isinstance(y, Scalar):
            return forward(x, y)
        found = getattr(y, backward)(x)
        if found is not NotImplemented:
            return found
        if name not in ("eq", "ne"):
            raise InvalidOperand(f"expected Scalars and numbers; got {describe(x)} among them")
        return name == "ne"

    return infix


def _unless_nan(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`function` of two elements; the other one where one of them is NaN."""
    return lambda x, y: y if is_nan(x) else x if is_nan(y) else function(x, y)


def warning(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of elements as NumPy has it: where it is not defined, NaN or an infinity, and no error.

    Outside the functions that minigrad runs, where nothing but numbers has a meaning, it raises.
    """

    def of(*xs: Any) -> Any:
        try:
            return function(*xs)
        except (DivisionByZero, DomainError) as error:
            found = undefined(error, xs) if is_running() else None
            if found is None:
                raise
            return found

    return of


CLOSED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    **{
        name: getattr(functions, name)
        for name in (
            "cbrt", "cos", "cosh", "exp", "exp2", "expm1", "hypot", "log", "log10", "log1p", "log2",
            "logaddexp", "sin", "sinh", "sqrt", "tan", "tanh",
        )
    },
    "arccos": functions.acos,
    "arccosh": functions.acosh,
    "arcsin": functions.asin,
    "arcsinh": functions.asinh,
    "arctan": functions.atan,
    "arctan2": functions.atan2,
    "arctanh": functions.atanh,
    "deg2rad": _radians,
    "degrees": _degrees,
    "logaddexp2": _logaddexp2,
    "rad2deg": _degrees,
    "radians": _radians,
    **special.TABLE,
})  # fmt: skip
"""The functions that lead out of the rational numbers, by NumPy's and SciPy's names for them."""

_ELEMENTS: Final[dict[str, Callable[..., Any]]] = {
    **CLOSED,
    "absolute": abs,
    "add": _infix("add"),
    "ceil": functions.ceil,
    "clip": clip,
    "conjugate": operator.pos,
    "copysign": copysign,
    "divide": _infix("truediv"),
    "fabs": abs,
    "float_power": _infix("pow"),
    "floor": functions.floor,
    "floor_divide": _infix("floordiv"),
    "fmax": _unless_nan(functions.maximum),
    "fmin": _unless_nan(functions.minimum),
    "fmod": fmod,
    "heaviside": lambda x, y: x if is_nan(x) else functions.where(x == 0, y, 1 if x > 0 else 0),
    "maximum": functions.maximum,
    "minimum": functions.minimum,
    "multiply": _infix("mul"),
    "negative": operator.neg,
    "positive": operator.pos,
    "power": _infix("pow"),
    "reciprocal": lambda x: 1 / x,
    "remainder": _infix("mod"),
    "rint": round,
    "sign": functions.sign,
    "square": lambda x: x * x,
    "subtract": _infix("sub"),
    "true_divide": _infix("truediv"),
    "trunc": trunc,
}
_COMPOSITE: Final = frozenset(special.TABLE) - {"digamma", "gamma", "gammaln", "psi"}
"""Functions made of several operators: what one of them gives is not what the whole does."""

_EXACT: Final = MappingProxyType({
    name: function if name in _COMPOSITE else warning(function)
    for name, function in _ELEMENTS.items()
})  # fmt: skip

_TRUTHS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "equal": _infix("eq", "eq"),
    "greater": _infix("gt", "lt"),
    "greater_equal": _infix("ge", "le"),
    "isfinite": asking(lambda x: not (is_infinite(x) or is_nan(x))),
    "isinf": asking(is_infinite),
    "isnan": asking(is_nan),
    "less": _infix("lt", "gt"),
    "less_equal": _infix("le", "ge"),
    "logical_and": lambda x, y: x != 0 and y != 0,
    "logical_not": lambda x: x == 0,
    "logical_or": lambda x, y: x != 0 or y != 0,
    "logical_xor": lambda x, y: (x != 0) != (y != 0),
    "not_equal": _infix("ne", "ne"),
    "signbit": lambda x: x < 0,
})  # fmt: skip

_IDENTITY = ("equal", "not_equal")
_PLAIN: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "add": operator.add, "divide": warning(operator.truediv), "multiply": operator.mul,
    "power": warning(operator.pow), "subtract": operator.sub,
})  # fmt: skip
"""The commonest infixes, where the left element is known to be a Scalar."""
_SIGNED: Final = (np.int8, np.int16, np.int32, np.int64, np.intc, np.longlong)
"""Not np.signedinteger: a time difference is one, and no number."""
_SINGLE: Final = (Scalar, *_SIGNED, np.unsignedinteger, np.floating, np.bool_, int, float)
"""What is no array, and is read as a number where it meets a Scalar."""


def call(ufunc: np.ufunc, inputs: Sequence[Any], *, out: Any = None, where: Any = True) -> Any:
    """`ufunc` of the inputs, element by element; an array of objects, or of bools for a comparison.

    Raises InvalidOperand, naming the function, if it has no exact form.
    """
    name = ufunc.__name__
    function = _EXACT.get(name) or _TRUTHS.get(name)
    is_bare = out is None and where is True and all(isinstance(x, _SINGLE) for x in inputs)
    if is_bare and function is not None:
        return function(*inputs)
    if name == "matmul":
        return deliver(matmul(items(inputs[0], name), items(inputs[1], name)), out, name)
    if name == "vecdot":
        left, right = [items(value, name) for value in inputs]
        if not left.ndim or not right.ndim or left.shape[-1] != right.shape[-1]:
            raise InvalidOperand(
                f"vecdot: expected last axes of one length; got the shapes {left.shape} and {right.shape}"
            )
        return deliver(reduced(functions.dot, np.broadcast_arrays(left, right), -1), out, name)
    if name == "divmod":
        parts = [call(part, inputs, where=where) for part in (np.floor_divide, np.remainder)]
        outs = out or (None, None)
        return tuple([deliver(*pair, name) for pair in zip(parts, outs, strict=True)])
    if function is None and _is_python(ufunc):
        for value in inputs:
            become_python_s(value)
        return ufunc(*[raw(value, name) for value in inputs])
    if function is None:
        raise unsupported(name)
    arrays = [_operand(value, name) for value in inputs]
    are_nodes = [all(isinstance(item, Scalar) for item in array.flat) for array in arrays]
    if are_nodes[0]:
        function = _PLAIN.get(name, function)
    if not any(are_nodes):
        # Where only `out` holds Scalars, two floats would meet without one, and be rounded.
        arrays[0] = constants(arrays[0], name)
    if where is not True:
        return _call_where(function, arrays, out, where, name)
    result = mapped(function, arrays)
    return deliver(_bools(result) if name in _TRUTHS else result, out, name)


def _is_python(ufunc: np.ufunc) -> bool:
    """Whether this was made of a Python function by frompyfunc or vectorize: it knows its elements."""
    return all(set(kinds) <= set("O->") for kinds in ufunc.types)


def _operand(value: Any, name: str) -> Objects:
    # What is no number is unequal to one, and not an error.
    return raw(value, name) if name in _IDENTITY else items(value, name)


def _bools(result: Any) -> Any:
    return result.astype(bool) if isinstance(result, np.ndarray) else np.bool_(result)


def _call_where(
    function: Callable[..., Any], arrays: list[Objects], out: Any, where: Any, name: str
) -> Any:
    """Only what the mask lets through is computed: it may be there to keep zeros away from a division."""
    if out is None:
        raise InvalidOperand(f"{name}: expected out= beside where=, to say what stands elsewhere")
    (out,) = out if isinstance(out, tuple) else (out,)
    mask = np.broadcast_to(truth(where, name), out.shape)
    chosen = mapped(function, [np.broadcast_to(array, out.shape)[mask] for array in arrays])
    full: Objects = np.empty(out.shape, dtype=object)
    full[...] = 0
    full[mask] = chosen
    return deliver(full.astype(out.dtype) if name in _TRUTHS else full, out, name, mask=mask)


# --- reductions ----------------------------------------------------------------------------------


def reduced(
    function: Callable[..., Any],
    arrays: Sequence[Objects],
    axis: Any = None,
    *,
    keepdims: bool = False,
    where: Any = True,
) -> Any:
    """`function` of the elements along the axes, as one list from each of the arrays of one shape.

    Where a mask is given, of those elements that it lets through.
    """
    ndim, shape = arrays[0].ndim, arrays[0].shape
    over = normal_axes(axis, ndim)
    kept = [i for i in range(ndim) if i not in over]
    lengths = [shape[i] for i in kept]
    count = int(np.prod(lengths, dtype=int))
    size = int(np.prod([shape[i] for i in over], dtype=int))
    sides = [
        array.transpose(kept + over).reshape(count, size).tolist()
        for array in (*arrays, np.broadcast_to(truth(where, "where"), shape))
    ]
    result: Objects = np.empty(count, dtype=object)
    for i in range(count):
        *rows, mask = [side[i] for side in sides]
        if where is not True:
            rows = [[x for x, chosen in zip(row, mask, strict=True) if chosen] for row in rows]
        result[i] = function(*rows)
    final = [1 if i in over else shape[i] for i in range(ndim)] if keepdims else lengths
    return result.reshape(final)[()]


def greatest(row: Sequence[Any]) -> Any:
    """The greatest of some Scalars, by the operator maximum; DomainError if there are none."""
    return _folded(functions.maximum, row, "maximum")


def least(row: Sequence[Any]) -> Any:
    """The least of some Scalars, by the operator minimum; DomainError if there are none."""
    return _folded(functions.minimum, row, "minimum")


def _folded(function: Callable[[Any, Any], Any], row: Sequence[Any], name: str) -> Any:
    if not row:
        raise DomainError(f"{name}: expected one element or more; got none, and no initial value")
    return fold(function, row)


_REDUCTIONS: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = MappingProxyType({
    "add": functions.sum,
    "fmax": greatest,
    "fmin": least,
    "hypot": functions.norm,
    "logaddexp": functions.logsumexp,
    "maximum": greatest,
    "minimum": least,
    "multiply": functions.prod,
})  # fmt: skip


def reduce(
    name: str,
    value: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """The sum, product, maximum or the like along the axes: as in NumPy, with one node for each element.

    `name` is that of the ufunc: add, multiply, maximum, logaddexp and their kin.
    """
    check_dtype(dtype, name)
    function = _REDUCTIONS[name]
    first = [] if initial is None else [constants(initial, name)[()]]
    array = constants(value, name)
    result = reduced(
        lambda row: function(first + row), [array], axis, keepdims=keepdims, where=where
    )
    return deliver(result, out, name)


def method(ufunc: np.ufunc, kind: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """`ufunc.reduce`, `.accumulate`, `.outer`, `.reduceat` or `.at` of the inputs.

    Raises InvalidOperand, naming the function, if it has no exact form.
    """
    name = ufunc.__name__
    # NumPy's methods pass on what was not given.
    options = {key: value for key, value in options.items() if value is not np._NoValue}
    if kind == "reduce" and name in ("logical_and", "logical_or"):
        return getattr(ufunc, kind)(truth(inputs[0], name), *inputs[1:], **options)
    if kind == "reduce" and name in _REDUCTIONS:
        return reduce(name, *inputs, **{"axis": 0, **options})
    function = _EXACT.get(name)
    if function is None or ufunc.nin != 2:
        raise unsupported(f"{name}.{kind}")
    out = options.pop("out", None)
    check_dtype(options.pop("dtype", None), name)
    lifted = np.frompyfunc(function, 2, 1)
    if kind == "at":
        array, places, values = inputs
        return lifted.at(target(array, f"{name}.at"), places, constants(values, name))
    data = 2 if kind == "outer" else 1
    arrays = [constants(value, name) for value in inputs[:data]]
    return deliver(getattr(lifted, kind)(*arrays, *inputs[data:], **options), out, name)
