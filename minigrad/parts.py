"""A node's numbers taken apart: sign, whole part and fraction, and digits.

>>> from minigrad import Scalar
>>> x = Scalar("-31/10")
>>> x.data_sign, x.data_int, x.data_frac, x.join_data()
(-1, 3, Fraction(1, 10), Fraction(-31, 10))
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from minigrad import exact, number
from minigrad.exact import Exact, published

__all__ = ["Parts"]


class Parts:
    """What a class gets that has a value and a gradient, by `_exact`."""

    __slots__ = ()

    def _exact(self, *, gradient: bool) -> Exact:
        """The gradient, or the value."""
        raise NotImplementedError  # asked of the class: an abstract base slows every isinstance

    @property
    def data_sign(self) -> int:
        """The sign of the value: 1, -1, or 0."""
        return number.split(self._exact(gradient=False))[0]

    @property
    def data_int(self) -> int:
        """The whole part of the value, without sign."""
        return number.split(self._exact(gradient=False))[1]

    @property
    def data_frac(self) -> Any:
        """The fractional part of the value, without sign, below 1."""
        return published(number.split(self._exact(gradient=False))[2])

    @property
    def grad_sign(self) -> int:
        """The sign of the gradient: 1, -1, or 0."""
        return number.split(self._exact(gradient=True))[0]

    @property
    def grad_int(self) -> int:
        """The whole part of the gradient, without sign."""
        return number.split(self._exact(gradient=True))[1]

    @property
    def grad_frac(self) -> Any:
        """The fractional part of the gradient, without sign, below 1."""
        return published(number.split(self._exact(gradient=True))[2])

    def join_data(self) -> Any:
        """The value, put together from its three parts."""
        return published(number.join(*number.split(self._exact(gradient=False))))

    def join_grad(self) -> Any:
        """The gradient, put together from its three parts."""
        return published(number.join(*number.split(self._exact(gradient=True))))

    def evalf(self, digits: int = 15) -> Decimal:
        """The value, correctly rounded to so many significant decimal digits.

        >>> from minigrad import Scalar
        >>> Scalar(2).sqrt().evalf(30)
        Decimal('1.41421356237309504880168872421')
        """
        return exact.digits(self._exact(gradient=False), digits)
