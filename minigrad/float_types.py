"""Classes in the place of `float` and NumPy's types: of a Scalar they make no float.

    >>> from minigrad import Scalar
    >>> kind = type_standing_in(float, itself)
    >>> x = Scalar(3, "x")
    >>> kind(x) is x, kind("1.5"), isinstance(x, kind), isinstance(2, kind), kind == float
    (True, 1.5, True, False, True)

Programs write `return float(loss)`, `[float(v) for v in x]`, `isinstance(x, float)`, and mean by it that
something is a number. A float would have no gradient, so the Scalar itself comes out. As a `dtype` such a
class is the type that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.numpy_protocols import is_array
from minigrad.scalar import Scalar

__all__ = ["itself", "type_standing_in"]


class _Standing(type):
    """The class of classes in the place of others, which answer for them what belongs to them."""

    _kind: type
    _convert: Callable[[Any], Any]

    def __call__(cls, *args: Any, **options: Any) -> Any:
        found = cls._convert(args[0]) if args else None
        return cls._kind(*args, **options) if found is None else found

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, (cls._kind, Scalar))

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls._kind)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls._kind

    def __hash__(cls) -> int:
        return hash(cls._kind)

    @property
    def dtype(cls) -> Any:
        """NumPy's type of that name, for which NumPy asks a class that it does not know."""
        import numpy as np

        return np.dtype(cls._kind)


def type_standing_in(kind: type, convert: Callable[[Any], Any]) -> type:
    """A class in the place of `kind`, which gives `convert(value)` where that is not None."""
    # A class with a metaclass of its own, as those of `numbers`, is only asked what belongs to it.
    bases = (kind,) if type(kind) is type else ()
    names = {"__slots__": (), "__doc__": kind.__doc__, "__module__": kind.__module__}
    made = _Standing(kind.__name__, bases, names)
    made._kind, made._convert = kind, staticmethod(convert)
    return made


def itself(value: Any) -> Scalar | None:
    """A Scalar, alone or in an array without axes, as a number of Python's; None of anything else."""
    if is_array(value) and value.dtype == object and not value.ndim:
        value = value.item()
    if not isinstance(value, Scalar):
        return None
    value._become_python_s()
    return value
