"""What NumPy's functions and arrays do with a single Scalar: NumPy's two protocols, without importing it.

    >>> import numpy as np
    >>> from minigrad import Scalar
    >>> x = Scalar(9, "x")
    >>> np.sqrt(x).data, np.array([1, 0.1]) * x
    (Fraction(3, 1), Array([<Scalar 9, operator='mul'>, <Scalar 9/10, operator='mul'>]))

NumPy asks an argument that has `__array_ufunc__` or `__array_function__` (NumPy Enhancement Proposals 13
and 18) for the result, and hands over all arguments untouched. It would else turn a float32 into the
double 0.10000000149011612, and compare where `np.maximum` is to make a node. What comes out is what an
Array would give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["NumPyProtocols", "as_exact", "is_array"]


def is_array(value: object) -> bool:
    """Whether `value` is a NumPy array, and no number of NumPy's, known without importing NumPy."""
    return hasattr(value, "flat") and hasattr(value, "__setitem__")


def as_exact(array: Any) -> Any:
    """A plain array of Scalars as an Array of them; one of another class as it is.

    >>> import numpy as np
    >>> from minigrad import Scalar
    >>> as_exact(np.array([Scalar(2)]))
    Array([Scalar('2')])
    """
    import numpy as np

    from minigrad.exact_numpy import Array

    return array.view(Array) if type(array) is np.ndarray else array


class NumPyProtocols:
    """What a class gets whose instances NumPy's functions take as Arrays of one element."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, kind: str, *inputs: Any, **options: Any) -> Any:
        """What an elementwise function gives; InvalidOperand, naming it, if it has no exact form."""
        from minigrad.exact_numpy import of_ufunc

        return of_ufunc(ufunc, kind, inputs, **options)

    def __array_function__(
        self, function: Any, types: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """What any other function gives; InvalidOperand, naming it, if it has no exact form."""
        from minigrad.exact_numpy import of_function

        return of_function(function, args, kwargs)
