"""Arrays of Scalars, for programs that are written with NumPy.

    >>> import numpy as np
    >>> from minigrad.arrays import array, grads, values
    >>> x = array([3, 0.5], label="x")
    >>> y = np.sum(x**2 * [1, 4]) + np.maximum(x, 1)[1]
    >>> y.backward()
    >>> y.data, grads(x).tolist()
    (Fraction(11, 1), [Fraction(6, 1), Fraction(4, 1)])
    >>> values(x, dtype=float)
    array([3. , 0.5])

`array` makes an `Array`, a kind of `numpy.ndarray`. NumPy's operators, methods and functions work on it
with their own shapes and conventions, but exactly, and each result is a node: `np.sum`, `np.dot`, `@`
and `np.einsum` make one for every element of what they return. `np.exp`, `np.sqrt` and their kin give
closed forms. What has none here (`np.sinc`, `np.linalg.eig`) raises InvalidOperand, and never becomes a
float in silence.

About a few things NumPy asks nobody: `np.asarray(x)` is a plain array of the same nodes, on which its
functions work less well, and `np.zeros(n)` makes floats, into which no Scalar can be written without
losing its gradient. `numpy_namespace` is a stand-in for the module `numpy` in which both are Arrays.

NumPy is imported when the first array is made or read, not with minigrad.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Any

from minigrad import exact, number, number_text
from minigrad.errors import InvalidOperand, TooLarge, describe
from minigrad.exact import published
from minigrad.exact_math import StandIn, builtins_namespace, math_namespace
from minigrad.node_text import name
from minigrad.scalar import Scalar

if TYPE_CHECKING:
    from minigrad.exact_numpy.ndarray import Array

__all__ = ["Array", "array", "as_constants", "grads", "numpy_namespace", "stand_ins", "values"]


def array(values: object, label: str = "") -> Array:
    """An Array of Scalars: those in `values` as they are, and a leaf for each number.

    `values` is a number, or nested lists, tuples or arrays. With a label, leaves are called `label[i]`,
    `label[i,j]`, and so on. Numbers are read as `Scalar` reads them, each item of a float32 array too by
    its own shortest decimal text.

    Raises InvalidOperand (a TypeError) for what is no number and for rows of different lengths,
    InvalidNumber (a ValueError) for NaN and infinity.

    >>> array([[1, "2/3"]], label="w")[0, 1]
    Scalar('2/3', label='w[0,1]')
    """
    import numpy as np

    from minigrad.exact_numpy.items import raw
    from minigrad.exact_numpy.ndarray import Array

    if not isinstance(label, str):
        raise InvalidOperand(f"array: expected a text as label; got {describe(label)}")
    found = raw(values, "array")
    result = np.empty(found.shape, dtype=object)
    for place, item in np.ndenumerate(found):
        where = f"[{','.join(map(str, place))}]" if place else ""
        called = label + where if label else ""
        result[place] = item if isinstance(item, Scalar) else _leaf(item, called)
    return result.view(Array)


def _leaf(item: object, label: str) -> Scalar:
    try:
        return Scalar(item, label)
    except InvalidOperand as error:
        raise InvalidOperand(f"array: {error}") from None


def values(x: object, dtype: object = None) -> Any:
    """The values of an array of Scalars, of nested lists of them, or of one, in the same structure.

    They are Fractions, or with `dtype=float` floats, each correctly rounded. Plain numbers may stand
    among the Scalars.

    Raises InvalidOperand (a TypeError) for anything else and for another dtype, and TooLarge (an
    OverflowError) for a value beyond every float.

    >>> values([Scalar("1/3"), [Scalar(2)]], dtype=float)
    [0.3333333333333333, [2.0]]
    """
    return _read(x, dtype, "values", _value)


def grads(x: object, dtype: object = None) -> Any:
    """The gradients that `backward` left on an array of Scalars, nested lists of them, or one.

    As `values` gives the values. Raises GradientUnavailable (a ValueError) where `.grad` does, for a
    constant for instance.

    >>> x = array([1, 2])
    >>> (x * x).sum().backward()
    >>> grads(x, dtype=float)
    array([2., 4.])
    """
    return _read(x, dtype, "grads", _gradient)


def _value(x: object) -> Any:
    if isinstance(x, Scalar):
        x._leave("minigrad.values()")
        return x.data
    value = exact.operand_value(x)
    if value is None:
        raise InvalidOperand(f"values: expected Scalars and numbers; got {describe(x)}")
    return published(value)


def _gradient(x: object) -> Any:
    if not isinstance(x, Scalar):
        raise InvalidOperand(f"grads: expected Scalars; got {describe(x)}")
    x._leave("minigrad.grads()")
    return x.grad


def _read(x: Any, dtype: object, what: str, read: Callable[[object], Any]) -> Any:
    if isinstance(x, list):
        return [_read(item, dtype, what, read) for item in x]
    if isinstance(x, tuple):
        items = [_read(item, dtype, what, read) for item in x]
        return type(x)._make(items) if hasattr(x, "_make") else tuple(items)
    if not _is_wanted(dtype):
        raise InvalidOperand(f"{what}: expected dtype to be None or float; got {describe(dtype)}")
    if hasattr(x, "flat") and hasattr(x, "shape") and not isinstance(x, Scalar):
        return _read_array(x, dtype, what, read)
    exact = read(x)
    return exact if dtype is None else _rounded(exact, x, what)


def _is_wanted(dtype: object) -> bool:
    return dtype is None or dtype is float or str(dtype) in ("float64", "<class 'numpy.float64'>")


def _read_array(x: Any, dtype: object, what: str, read: Callable[[object], Any]) -> Any:
    import numpy as np

    result = np.empty(x.shape, dtype=object if dtype is None else float)
    flat = result.ravel()
    for i, item in enumerate(x.flat):
        exact = read(item)
        flat[i] = exact if dtype is None else _rounded(exact, item, what)
    return result


def _rounded(exact: Fraction, x: object, what: str) -> float:
    try:
        # Fraction divides two ints, which Python rounds correctly.
        return float(exact)
    except OverflowError:
        node = name(x) if isinstance(x, Scalar) else number_text.short_text(exact)
        raise TooLarge(
            f"{what}: {node} is beyond every float; dtype=None reads it exactly"
        ) from None


def numpy_namespace() -> ModuleType:
    """A stand-in for the module `numpy`, with which a program written for floats makes exact arrays.

    `zeros`, `ones`, `full`, `eye`, `array` and their kin give Arrays of constants in the place of arrays
    of floats, so that `g = np.zeros(n); g[i] = x[i]` works unchanged. Where ints, bools or another type
    are asked for, the result is NumPy's own. `np.array` and `np.asarray` keep Scalars, and functions take
    single ones and lists of them. `np.pi` and `np.e` are constants, and so is what NumPy would round,
    `np.sqrt(2)` for instance. All other attributes are NumPy's.

    >>> np = numpy_namespace()
    >>> x = array([2, 3])
    >>> g = np.zeros(2)
    >>> g[1] = x[1] * np.pi
    >>> np.maximum(x[0], 5).data, values(g).tolist()
    (Fraction(5, 1), [Fraction(0, 1), 3*pi])
    """
    from minigrad.exact_numpy.stand_in import stand_in

    return stand_in()


def stand_ins() -> dict[ModuleType, ModuleType]:
    """The modules whose functions make floats of Scalars, each with its stand-in, for `minigrad.rebound`.

    They are `builtins`, `math` and, as far as they have been imported, NumPy, `scipy.special`,
    `scipy.linalg` and `scipy.stats`.

    >>> stand_ins()[math].sin(Scalar(1)).data
    sin(1)
    """
    found = {builtins: builtins_namespace(), math: math_namespace()}
    if "numpy" in sys.modules:
        numpy = numpy_namespace()
        found |= {sys.modules["numpy"]: numpy, sys.modules["numpy.linalg"]: numpy.linalg}
    if "numpy" in sys.modules and "scipy" in sys.modules:
        found |= _scipys()
    return found


def _scipys() -> dict[ModuleType, ModuleType]:
    """The modules of SciPy that have stand-ins, as far as they have been imported."""
    from minigrad.exact_numpy import scipy_linalg, scipy_stand_in, scipy_stats

    makers = {
        "linalg": scipy_linalg.stand_in,
        "special": scipy_stand_in.stand_in,
        "stats": scipy_stats.stand_in,
    }
    made = {name: make() for name, make in makers.items() if f"scipy.{name}" in sys.modules}
    scipy = sys.modules["scipy"]
    return {
        **{sys.modules[f"scipy.{name}"]: module for name, module in made.items()},
        scipy: StandIn(scipy, made),
    }


def as_constants(value: Any, floats: number.Floats = "decimal") -> Any:
    """An Array of constants in the place of an array of floats of a program; anything else as it is.

    Its methods then compute exactly: `X.mean()` is 1/3 and no float near it, and what is exact can be put
    into it. Long arrays stay, and so do those with NaN or an infinity. `floats` says how they are read;
    if not by their decimals, an array stays of which one is no simple ratio.

    >>> import numpy as np
    >>> as_constants(np.array([1.0, 0.0, 0.0])).mean().data
    Fraction(1, 3)
    """
    if not hasattr(value, "dtype") or not isinstance(getattr(value, "size", None), int):
        return value
    # A sparse matrix has a type and a size, and no elements in order.
    if (
        not hasattr(value, "flat")
        or str(value.dtype)[:5] != "float"
        or not 0 < value.size <= _MOST_UNROUNDED
    ):
        return value
    if not all(map(math.isfinite, value.flat)):
        return value
    import numpy as np

    from minigrad.exact_numpy.items import constants
    from minigrad.exact_numpy.ndarray import Array

    if floats != "decimal":
        read = [number.to_fraction(x, floats=floats) for x in value.flat]
        if any(number.bits(x) > _SIMPLE for x in read):
            # Met by Scalars, they are known to be floats that were rounded.
            return value
        array = np.empty(len(read), dtype=object)
        array[:] = read
        value = array.reshape(value.shape)
    return constants(value, "array").view(Array)


_MOST_UNROUNDED = 2_000
_SIMPLE = 20
"""Bits of both parts of a ratio that a float of 53 bits is hardly close to by chance."""


def __getattr__(attribute: str) -> Any:
    if attribute == "Array":
        from minigrad.exact_numpy.ndarray import Array

        return Array
    raise AttributeError(f"module {__name__!r} has no attribute {attribute!r}")
