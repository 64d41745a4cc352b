"""The Euclidean norm of Scalars: irrational itself, but its square is not.

    >>> from minigrad import Scalar
    >>> x = [Scalar(3), Scalar(4)]
    >>> (norm_of(x) ** 2).data, norm_of(x) <= 5
    (Fraction(25, 1), True)

Most programs square a norm or compare it with a bound, and both are exact by way of the square. So a
Norm holds the square as a node, and refuses everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NoReturn

from minigrad import functions, number
from minigrad.errors import InvalidOperand, describe
from minigrad.scalar import Scalar

__all__ = ["Norm", "norm_of"]


def norm_of(xs: Sequence[object]) -> Norm:
    """The square root of the sum of the squares of Scalars and numbers, as a Norm."""
    return Norm(functions.dot(xs, xs))


class Norm:
    """A number that is not negative, known by its square.

    It has `** n` for even n, `*` with itself, and comparison with numbers, Scalars and other Norms.
    All else raises InvalidOperand.
    """

    __slots__ = ("square",)

    # NumPy must hand `np.float64(2) < norm` to the methods below.
    __array_ufunc__ = None

    def __init__(self, square: Scalar) -> None:
        self.square = square

    def __pow__(self, exponent: object) -> Scalar:
        value = number.operand_value(exponent)
        if value is None or value.denominator != 1 or value.numerator % 2:
            raise self._refusal(f"** {describe(exponent)}")
        half = value.numerator // 2
        return self.square if half == 1 else self.square**half

    def __mul__(self, other: object) -> Scalar:
        if not isinstance(other, Norm) or not _is_same(self.square, other.square):
            raise self._refusal(f"* {describe(other)}")
        return self.square

    def __eq__(self, other: object) -> Any:
        return self._compare(other, eq)

    def __ne__(self, other: object) -> Any:
        return self._compare(other, ne)

    def __lt__(self, other: object) -> Any:
        return self._compare(other, lt)

    def __le__(self, other: object) -> Any:
        return self._compare(other, le)

    def __gt__(self, other: object) -> Any:
        return self._compare(other, gt)

    def __ge__(self, other: object) -> Any:
        return self._compare(other, ge)

    __hash__ = object.__hash__

    def _compare(self, other: object, holds: Callable[[Any, Any], bool]) -> Any:
        """By the squares, which are in the same order as long as neither side is negative."""
        if isinstance(other, Norm):
            return holds(self.square, other.square)
        if not isinstance(other, Scalar) and number.ordinate(other) is None:
            return NotImplemented
        bound: Any = other
        if bound < 0:
            return holds(0, -1)
        if not isinstance(bound, Scalar):
            # As an exact number, for the square of a float would be rounded; infinity stays itself.
            bound = number.ordinate(bound)
        return holds(self.square, bound * bound)

    def __bool__(self) -> bool:
        return bool(self.square != 0)

    def __abs__(self) -> Norm:
        return self

    def __pos__(self) -> Norm:
        return self

    def __repr__(self) -> str:
        return f"<Norm, the square root of {number.short_text(self.square.data)}>"

    def _refusal(self, operation: str) -> InvalidOperand:
        return InvalidOperand(
            f"norm {operation}: a norm is a square root, which is seldom rational; expected norm ** 2 or "
            "another even power, norm * norm, or a comparison; norms of ord=1 and ord=inf are exact"
        )


def _is_same(left: Scalar, right: Scalar) -> bool:
    """Whether two squares are sums over the same nodes; those of two calls are not one node."""
    return left is right or (
        len(left.operands) == len(right.operands) > 0
        and all(a is b for a, b in zip(left.operands, right.operands, strict=True))
    )


def _refusing(operation: str) -> Any:
    def method(self: Norm, *others: object) -> NoReturn:
        shown = "".join(f" {describe(other)}" for other in others)
        raise self._refusal(operation + shown)

    return method


for _name, _operation in {
    "add": "+", "radd": "+", "sub": "-", "rsub": "-", "rmul": "*", "truediv": "/", "rtruediv": "/",
    "floordiv": "//", "rfloordiv": "//", "mod": "%", "rmod": "%", "matmul": "@", "rmatmul": "@",
    "rpow": "**", "neg": "negated", "float": "as a float", "int": "as an int", "round": "rounded",
}.items():  # fmt: skip
    setattr(Norm, f"__{_name}__", _refusing(_operation))
