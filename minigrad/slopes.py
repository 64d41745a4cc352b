"""Derivatives of formulas: of closed forms with variables, in closed form.

    >>> from minigrad.rational import Field
    >>> (x,) = Field(1).generators
    >>> derivative(call("sin", x * x), 0)
    2*x0*cos(x0**2)

A formula is a polynomial in kernels, so its derivative is the sum of its derivatives by each kernel times
the kernel's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad import polynomials
from minigrad.closed import Closed, Kernel, lift, power_of, simplified
from minigrad.elementary import call, pi
from minigrad.number import MINUS_ONE, ONE, ZERO, product
from minigrad.polynomials import ring
from minigrad.rational import Field

__all__ = ["derivative", "evaluated"]


def evaluated(formula: Any, point: Sequence[Any]) -> Any:
    """A formula where the generators of its field are at `point`, Fractions or closed forms.

    Raises ZeroDivisionError where it has no value there.

    >>> from minigrad.rational import Field
    >>> (x,) = Field(1).generators
    >>> evaluated(call("exp", x) + x, [Fraction(1)])
    1 + E
    """
    formula = lift(formula)
    if not isinstance(formula, Closed):
        return formula
    values = [_kernel_at(kernel, point) for kernel in formula.kernels]
    top, bottom = (
        sum(
            [
                product([x**e for x, e in zip(values, exponents, strict=False)]) * c
                for exponents, c in polynomials.terms(part)
            ],
            ZERO,
        )
        for part in (formula.top, formula.bottom)
    )
    return top / bottom


def _kernel_at(kernel: Kernel, point: Sequence[Any]) -> Any:
    base, order = kernel.base, Fraction(kernel.order)
    if kernel.kind == "x":
        return point[base]
    if kernel.kind == "pi":
        return pi()
    if isinstance(base, tuple):
        return call(kernel.kind, *[x if isinstance(x, int) else evaluated(x, point) for x in base])
    at = evaluated(base, point)
    if kernel.kind in ("exp", "cos", "sin"):
        return call(kernel.kind, at / order)
    return call("log", abs(at)) if kernel.kind == "log" else call("power", abs(at), 1 / order)


def derivative(formula: Any, k: int) -> Any:
    """The derivative of a formula by generator `k` of its field.

    >>> from minigrad.rational import Field
    >>> (x,) = Field(1).generators
    >>> derivative(call("exp", 2 * x), 0) / call("exp", x)
    2*exp(x0)
    """
    if isinstance(formula, (int, Fraction)):
        return ZERO
    if not isinstance(formula, Closed):
        return formula.derivative(k)
    slopes = [(i, _slope(kernel, k, formula.field)) for i, kernel in enumerate(formula.kernels)]
    rates = [(i, rate) for i, rate in slopes if not isinstance(rate, Fraction) or rate]
    if not rates:
        return ZERO
    one = ring(len(formula.kernels)).one
    rise: Any = ZERO
    fall: Any = ZERO
    for i, rate in rates:
        over, under = (
            simplified(formula.kernels, polynomials.derivative(part, i), one, formula.field)
            for part in (formula.top, formula.bottom)
        )
        rise, fall = rise + rate * over, fall + rate * under
    return (rise - formula * fall) / simplified(formula.kernels, formula.bottom, one, formula.field)


def _slope(kernel: Kernel, k: int, field: Field | None) -> Any:
    """The derivative of a kernel by generator `k`."""
    base = kernel.base
    if kernel.kind == "x":
        return ONE if base == k else ZERO
    inner = base[-1] if isinstance(base, tuple) else base
    rate = derivative(inner, k) if isinstance(inner, Closed) else ZERO
    if isinstance(rate, Fraction) and not rate:
        return ZERO
    own = power_of(kernel, 1, field)
    if isinstance(base, tuple):
        return rate * _SLOPES[kernel.kind](own, *base)
    if kernel.kind == "exp":
        return own * rate / kernel.order
    if kernel.kind == "root":
        return own * rate / (kernel.order * base)
    if kernel.kind == "log":
        return rate / base
    name, sign = ("sin", MINUS_ONE) if kernel.kind == "cos" else ("cos", ONE)
    return sign * power_of(Kernel(name, base, kernel.order), 1, field) * rate / kernel.order


_SLOPES: Final[Mapping[str, Callable[..., Any]]] = {
    "asin": lambda own, u: ONE / call("sqrt", 1 - u * u),
    "atan": lambda own, u: ONE / (1 + u * u),
    "erf": lambda own, u: 2 * call("exp", -u * u) / call("sqrt", pi()),
    "gamma": lambda own, u: own * call("polygamma", 0, u),
    "loggamma": lambda own, u: call("polygamma", 0, u),
    "polygamma": lambda own, n, u: call("polygamma", n + 1, u),
}
