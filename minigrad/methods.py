"""The operators that are methods by name: `x.relu()`, `x.exp()`, `x.atan2(y)`.

Each is one line that names its entry in the operator table. A second name is NumPy's, whose ufuncs call
the method of their own name on each element of an array of objects.

    >>> from minigrad import Scalar
    >>> Scalar("4/9").sqrt().data, Scalar(1).exp().data
    (Fraction(2, 3), E)
"""

from __future__ import annotations

from typing import Any

__all__ = ["Methods"]


class Methods:
    """What a class gets that can apply an operator to itself, by `_applied`."""

    __slots__ = ()

    def _applied(self, name: str, *others: object) -> Any:
        """The node of the table's operator `name` on this one and `others`."""
        raise NotImplementedError  # asked of the class: an abstract base slows every isinstance

    def relu(self) -> Any:
        """The value where it is positive, else 0; its derivative at 0 is 0."""
        return self._applied("relu")

    def maximum(self, other: object) -> Any:
        """The greater of the two; at a tie each gets half of the gradient."""
        return self._applied("maximum", other)

    def minimum(self, other: object) -> Any:
        """The lesser of the two; at a tie each gets half of the gradient."""
        return self._applied("minimum", other)

    def sqrt(self) -> Any:
        """The square root; defined from 0 on, without a derivative at 0."""
        return self._applied("sqrt")

    def cbrt(self) -> Any:
        """The real cube root, of negative numbers too; without a derivative at 0."""
        return self._applied("cbrt")

    def exp(self) -> Any:
        """E to this power."""
        return self._applied("exp")

    def expm1(self) -> Any:
        """E to this power, minus 1."""
        return self._applied("expm1")

    def exp2(self) -> Any:
        """2 to this power."""
        return self._applied("exp2")

    def log(self) -> Any:
        """The natural logarithm; defined above 0."""
        return self._applied("log")

    def log1p(self) -> Any:
        """The natural logarithm of 1 plus this; defined above -1."""
        return self._applied("log1p")

    def log2(self) -> Any:
        """The logarithm to base 2; defined above 0."""
        return self._applied("log2")

    def log10(self) -> Any:
        """The logarithm to base 10; defined above 0."""
        return self._applied("log10")

    def sin(self) -> Any:
        """The sine, of radians."""
        return self._applied("sin")

    def cos(self) -> Any:
        """The cosine, of radians."""
        return self._applied("cos")

    def tan(self) -> Any:
        """The tangent, of radians; not defined where the cosine is 0."""
        return self._applied("tan")

    def asin(self) -> Any:
        """The inverse sine, in radians; defined from -1 to 1, without a derivative there."""
        return self._applied("asin")

    def acos(self) -> Any:
        """The inverse cosine, in radians; defined from -1 to 1, without a derivative there."""
        return self._applied("acos")

    def atan(self) -> Any:
        """The inverse tangent, in radians."""
        return self._applied("atan")

    def sinh(self) -> Any:
        """The hyperbolic sine."""
        return self._applied("sinh")

    def cosh(self) -> Any:
        """The hyperbolic cosine."""
        return self._applied("cosh")

    def tanh(self) -> Any:
        """The hyperbolic tangent."""
        return self._applied("tanh")

    def asinh(self) -> Any:
        """The inverse hyperbolic sine."""
        return self._applied("asinh")

    def acosh(self) -> Any:
        """The inverse hyperbolic cosine; defined from 1 on, without a derivative at 1."""
        return self._applied("acosh")

    def atanh(self) -> Any:
        """The inverse hyperbolic tangent; defined between -1 and 1."""
        return self._applied("atanh")

    def sigmoid(self) -> Any:
        """The logistic function, 1 / (1 + exp(-x))."""
        return self._applied("sigmoid")

    def softplus(self) -> Any:
        """The logarithm of 1 plus the exponential, a smooth relu."""
        return self._applied("softplus")

    def silu(self) -> Any:
        """This times its sigmoid; also called swish."""
        return self._applied("silu")

    def gelu(self) -> Any:
        """This times the share of the normal distribution below it: the exact one, with erf."""
        return self._applied("gelu")

    def erf(self) -> Any:
        """The error function."""
        return self._applied("erf")

    def gamma(self) -> Any:
        """The gamma function; not defined at 0, -1, -2, …."""
        return self._applied("gamma")

    def loggamma(self) -> Any:
        """The logarithm of the gamma function; defined above 0."""
        return self._applied("loggamma")

    def digamma(self) -> Any:
        """The derivative of loggamma; not defined at 0, -1, -2, …."""
        return self._applied("digamma")

    def sign(self) -> Any:
        """1, 0 or -1; its derivative is 0."""
        return self._applied("sign")

    def floor(self) -> Any:
        """The greatest whole number that is not above it; its derivative is 0."""
        return self._applied("floor")

    def ceil(self) -> Any:
        """The least whole number that is not below it; its derivative is 0."""
        return self._applied("ceil")

    def atan2(self, other: object) -> Any:
        """The angle of the point (`other`, self), in radians, above -pi and up to pi."""
        return self._applied("atan2", other)

    def hypot(self, other: object) -> Any:
        """The distance of the point (self, `other`) from the origin; its derivative there is 0."""
        return self._applied("hypot", other)

    def logaddexp(self, other: object) -> Any:
        """The logarithm of the sum of both exponentials."""
        return self._applied("logaddexp", other)

    # NumPy's names
    arcsin = asin
    arccos = acos
    arctan = atan
    arcsinh = asinh
    arccosh = acosh
    arctanh = atanh
    arctan2 = atan2
