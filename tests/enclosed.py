"""Enclosures held against exact numbers and mpmath's, for tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import strategies as st

from minigrad.enclosure import Backend, Enclosures

HALF = Fraction(1, 2)
FLINT = importlib.util.find_spec("flint") is not None
BACKENDS: list[Backend] = ["arb", "mpmath"] if FLINT else ["mpmath"]
Bounds = tuple[Fraction, Fraction]

backends = pytest.mark.parametrize("backend", BACKENDS)

# The functions by mpmath's own names, as it computes them without intervals.
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "asin": mpmath.asin,
    "atan": mpmath.atan,
    "erf": mpmath.erf,
    "gamma": mpmath.gamma,
    "loggamma": mpmath.loggamma,
}
ORDERS = [0, 1, 2, 3, 8, 33]
ROOTS = [1, 2, 3, 7, 100, 2**40]
HARD = [
    Fraction(0),
    Fraction(1),
    Fraction(-1),
    Fraction(2),
    HALF,
    -HALF,
    Fraction(7, 2),
    Fraction(-7, 2),
    Fraction(171),
    Fraction(-1001, 7),
    1 + Fraction(1, 10**12),
    1 - Fraction(1, 10**12),
    -2 + Fraction(1, 10**12),
    Fraction(1, 10**30),
    Fraction(-1, 10**30),
    Fraction(10**12 + 1, 3),
]


def rationals() -> st.SearchStrategy[Fraction]:
    return st.one_of(
        st.sampled_from(HARD),
        st.fractions(-12, 12, max_denominator=100),
        st.fractions(-1, 1),
        st.fractions(-300, 300),
    )


def sizes() -> st.SearchStrategy[int]:
    return st.sampled_from([2, 3, 24, 53, 64, 113, 200, 333])


def in_domain(name: str, x: Fraction) -> bool:
    """Where the function has a real value that is not astronomically large."""
    if name in ("log", "loggamma"):
        return x > 0
    if name == "asin":
        return abs(x) <= 1
    if name in ("gamma", "polygamma"):
        return abs(x) < 10**6 and not (x <= 0 and x.denominator == 1)
    return x >= 0 if name == "root" else abs(x) < 10**6 or name != "exp"


def reference(function: Callable[[Any], Any], x: Fraction, bits: int) -> Fraction:
    """By mpmath, to far more bits."""
    with mpmath.workprec(2 * bits + 300):
        value = mpmath.mpmathify(function(mpmath.mpf(x.numerator) / x.denominator))
    return exact(value)


def exact(value: Any) -> Fraction:
    assert isinstance(value, mpmath.mpf), value
    sign, mantissa, exponent, _ = value._mpf_
    magnitude = int(mantissa) * Fraction(2) ** int(exponent)
    return -magnitude if sign else magnitude


def contains(bounds: Bounds | None, value: Fraction, bits: int) -> bool:
    """Up to the reference's own error, which is far below the width of an enclosure."""
    assert bounds is not None
    slack = abs(value) / 2 ** (bits + 150)
    return bounds[0] - slack <= value <= bounds[1] + slack


def bounds(real: Enclosures, name: str, x: Fraction, order: int = 1) -> Bounds | None:
    value = real.ratio(x)
    if name == "root":
        return real.bounds(real.call(name, value, order))
    if name == "polygamma":
        return real.bounds(real.call(name, order, value))
    return real.bounds(real.call(name, value))


def function_of(name: str, order: int) -> Callable[[Any], Any]:
    if name == "root":
        return lambda x: (
            mpmath.root(x, order) if x and order < 2**32 else x ** (mpmath.mpf(1) / order)
        )
    return (lambda x: mpmath.polygamma(order, x)) if name == "polygamma" else FUNCTIONS[name]


def check(real: Enclosures, name: str, x: Fraction, order: int = 1) -> None:
    """Enclosures of few bits may have no bounds, but never wrong ones."""
    found = bounds(real, name, x, order)
    if found is None:
        # Next to 1 it takes as many bits more to see that the inverse sine is defined, next to a pole that
        # the gamma function is.
        ends = {"asin": abs(abs(x) - 1), "gamma": abs(x - round(x)), "polygamma": abs(x - round(x))}
        end = ends.get(name, Fraction(0))
        near = end.denominator.bit_length() - end.numerator.bit_length() if end else 0
        assert real.bits < 50 + max(near, 0), (name, x, order)
        return
    value = reference(function_of(name, order), x, real.bits)
    assert contains(found, value, real.bits), (name, x, order)
