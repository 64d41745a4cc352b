"""What NumPy's numbers have beside arithmetic, and a node has too: it is an array without axes.

    >>> from minigrad import Scalar
    >>> x = Scalar(3, "x")
    >>> loss = x * x
    >>> loss.item() is loss, loss.ndim, loss.shape, loss.sum().data
    (True, 0, (), Fraction(9, 1))

A program does not ask whether `w @ w` is a number of NumPy's or of Python's, and writes
`(w @ w).item()`, `loss.mean()`, `loss.astype(float)`. NumPy would give a float. Here the node itself
comes out, or another node, so that the gradient is kept.

It is a `numbers.Real`. There are the attributes `ndim`, `shape`, `size`, `dtype`, `real` and `imag`, and
the methods `item`, `tolist`, `copy`, `conj`, `conjugate`; with the arguments of an array's, `astype`,
`clip`, `max`, `mean`, `min`, `round`, `squeeze` and `sum`, which import NumPy.
"""

from __future__ import annotations

import numbers
from typing import Any

from minigrad.numpy_protocols import as_exact

__all__ = ["Single"]


def _asked(node: Any, name: str, args: Any, options: Any) -> Any:
    """What the method `name` of an array without axes gives that has the node in it."""
    import numpy as np

    array = np.empty((), dtype=object)
    array[()] = node
    found = getattr(as_exact(array), name)(*args, **options)
    return found[()] if isinstance(found, np.ndarray) else found


def _of_array(name: str) -> Any:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return _asked(self, name, args, options)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{name}` of an array without axes that has this node in it."
    return method


class Single:
    """What a class gets whose instances are numbers to NumPy: no axes, and one element."""

    __slots__ = ()

    ndim = 0
    shape = ()
    size = 1

    @property
    def dtype(self) -> Any:
        """NumPy's type of an array of nodes: `dtype=x.dtype` makes an array that they can stand in."""
        try:
            import numpy as np
        except ImportError as error:
            raise AttributeError("dtype: NumPy is not installed") from error
        return np.dtype(object)

    @property
    def real(self) -> Any:
        """The node itself: it is a real number."""
        return self

    @property
    def imag(self: Any) -> Any:
        """The constant 0."""
        return self._operand(0)

    def _become_python_s(self) -> None:
        """Take note that a program takes this node for a number of Python's, which was one of NumPy's."""

    def item(self) -> Any:
        """The node itself, and no float of it: that would have no gradient."""
        self._become_python_s()
        return self

    tolist = item

    def copy(self) -> Any:
        """The node itself."""
        return self

    conj = conjugate = copy

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """The node itself for a float of any width and for object; bool of bool, and no other type."""
        return _asked(self, "astype", (dtype, *args), options)

    clip: Any = _of_array("clip")
    max: Any = _of_array("max")
    mean: Any = _of_array("mean")
    min: Any = _of_array("min")
    round: Any = _of_array("round")
    squeeze: Any = _of_array("squeeze")
    sum: Any = _of_array("sum")


# As `isinstance(x, numbers.Real)` and `np.isscalar(x)` ask.
numbers.Real.register(Single)
