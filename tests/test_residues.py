"""Numbers modulo a prime, their derivatives, and the bounds of formulas."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from minigrad.number import UNAVAILABLE
from minigrad.verify.residues import (
    DRAWS,
    ERROR_BITS,
    Bound,
    Dual,
    Residue,
    is_prime,
    prime_bits,
    random_prime,
)

P = 2**61 - 1
numbers = st.fractions(max_denominator=50)


def of(x: Any) -> Residue:
    return Residue.of(x, P)


def dual(x: Any, slope: Any = 0) -> Dual:
    return Dual(of(x).value, of(slope).value, P)


# --- arithmetic -----------------------------------------------------------------------------------


@given(numbers, numbers, st.sampled_from([operator.add, operator.sub, operator.mul]))
def test_sums_and_products_are_those_of_the_ratios(x: Fraction, y: Fraction, f: Any) -> None:
    for left, right in ((of(x), of(y)), (of(x), y), (x, of(y))):
        assert f(left, right).value == of(f(x, y)).value


@given(numbers, numbers)
def test_quotients_are_those_of_the_ratios(x: Fraction, y: Fraction) -> None:
    assume(y)
    for left, right in ((of(x), of(y)), (of(x), y), (x, of(y))):
        assert (left / right).value == of(x / y).value


@given(numbers, st.integers(-5, 5))
def test_powers_and_signs(x: Fraction, n: int) -> None:
    assume(x or n >= 0)
    assert (of(x) ** n).value == of(x**n).value
    assert ((-of(x)).value, (+of(x)).value) == (of(-x).value, of(x).value)


def test_a_denominator_of_0_is_an_error() -> None:
    zero = of(3) - 3
    for divide in (lambda: 1 / zero, lambda: of(2) / zero, lambda: zero**-1, lambda: zero / 0):
        with pytest.raises(ZeroDivisionError, match="0 modulo"):
            divide()
    with pytest.raises(ZeroDivisionError):
        Residue.of(Fraction(1, 101), 101)
    with pytest.raises(ZeroDivisionError):
        1 / Dual(0, 1, P)
    assert (zero**0).value == 1


@pytest.mark.parametrize("x", [of(2), dual(2), Bound.variable()], ids=lambda x: type(x).__name__)
def test_nothing_can_be_looked_at(x: Any) -> None:
    looks: list[Callable[[], Any]] = [
        lambda: x == x,
        lambda: x != 0,
        lambda: x < 1,
        lambda: x >= 1,
        lambda: bool(x),
        lambda: float(x),
        lambda: int(x),
        lambda: hash(x),
        lambda: x in [1],
    ]
    for look in looks:
        with pytest.raises(TypeError, match="a formula was asked for a number"):
            look()


@pytest.mark.parametrize("x", [of(2), dual(2), Bound.variable()], ids=lambda x: type(x).__name__)
def test_other_numbers_do_not_mix_in(x: Any) -> None:
    for f in (operator.add, operator.sub, operator.mul, operator.truediv):
        for other in (1.5, "1", None):
            with pytest.raises(TypeError):
                f(x, other)
            with pytest.raises(TypeError):
                f(other, x)
    with pytest.raises(TypeError):
        x ** Fraction(1, 2)
    assert x * UNAVAILABLE is UNAVAILABLE


# --- derivatives ----------------------------------------------------------------------------------

FORMULAS: list[Callable[[Any], Any]] = [
    lambda x: x * x * x - 2 * x + Fraction(1, 3),
    lambda x: (1 + x) / (x * x - 7),
    lambda x: 3 / x - x / 5 + -x,
    lambda x: (x + 1) ** 4 - x**-3 + x**0 + x**1,
    lambda x: 5 - x * Fraction(2, 3) / (1 + 1 / (2 + x)),
]


@pytest.mark.parametrize("f", FORMULAS)
def test_the_slope_is_the_derivative(f: Callable[[Any], Any]) -> None:
    x = sp.Symbol("x")
    known = f(x).diff(x).subs(x, sp.Rational(5, 2))
    found = f(dual(Fraction(5, 2), 3))
    assert found.value == of(Fraction(str(f(x).subs(x, sp.Rational(5, 2))))).value
    assert found.slope == of(3 * Fraction(str(known))).value


def test_a_power_at_0_has_its_slope() -> None:
    x = Dual(0, 1, P)
    assert [(x**n).slope for n in (0, 1, 2)] == [0, 1, 0]


# --- bounds ---------------------------------------------------------------------------------------


def sizes(polynomial: Any, *symbols: Any) -> int:
    """The degree, or the bits of the sum of the coefficients' sizes if that is greater."""
    poly = sp.Poly(polynomial, *symbols)
    norm = sum(abs(int(c)) for c in poly.coeffs())
    return max(poly.total_degree() if norm else 0, (max(norm, 1) - 1).bit_length())


@pytest.mark.parametrize("f", FORMULAS)
def test_no_formula_is_larger_than_its_bound(f: Callable[[Any], Any]) -> None:
    x, r = sp.symbols("x r")
    bound = f(Bound.variable())
    # Brought to one denominator, with integer coefficients, and nothing cancelled that need not be.
    top, bottom = sp.fraction(sp.together(f(x)))
    assert sizes(top, x) <= bound.top
    assert sizes(bottom, x) <= bound.bottom
    slope = r * (top.diff(x) * bottom - top * bottom.diff(x))
    assert sizes(slope, x, r) <= bound.derivative().top
    assert sizes(bottom**2, x) <= bound.derivative().bottom


@pytest.mark.parametrize(
    ("number", "top", "bottom"),
    [(0, 0, 0), (1, 0, 0), (-1, 0, 0), (2, 1, 0), (5, 3, 0), (Fraction(-3, 8), 2, 3)],
)
def test_the_bound_of_a_number(number: Any, top: int, bottom: int) -> None:
    found = Bound.of(number)
    assert (found.top, found.bottom) == (top, bottom)
    assert found.size == max(top, bottom)


# --- primes ---------------------------------------------------------------------------------------


def test_primes_are_told_from_composite_numbers() -> None:
    rng = Random(1)
    known = {n for n in range(5, 3000, 2) if is_prime(n, rng)}
    assert known == set(sp.primerange(5, 3000))
    # A Carmichael number, a product of two large primes, and a square.
    assert not any(is_prime(n, rng) for n in (561, (2**61 - 1) * (2**89 - 1), (2**61 - 1) ** 2))
    assert is_prime(2**127 - 1, rng)


@pytest.mark.parametrize("bits", [12, 64, 200])
def test_a_random_prime_has_the_bits_asked_for(bits: int) -> None:
    drawn = [random_prime(bits, Random(seed)) for seed in range(5)]
    assert all(p.bit_length() == bits and sp.isprime(p) for p in drawn)
    assert len(set(drawn)) > 1
    assert drawn[0] == random_prime(bits, Random(0))


@pytest.mark.parametrize("size", [1, 2, 1000, 2**40, 2**1500])
def test_the_bits_of_the_prime_keep_the_error_small(size: int) -> None:
    """Primes that divide a coefficient below 2**size, and roots of a degree below size."""
    bits = prime_bits(size)
    # More than 3 * 2**(k - 1) / (5 * log(2**(k - 1))) primes of k bits; log 2 is below 7/10.
    primes = Fraction(3 * 2 ** (bits - 1) * 10, 5 * (bits - 1) * 7)
    per_draw = Fraction(size, bits - 1) / primes + Fraction(size, 2 ** (bits - 1))
    # What passes as a prime and is none: one in 4**128 of the candidates, of which there are fewer
    # than a million.
    assert DRAWS * (per_draw + Fraction(2**20, 4**128)) < Fraction(1, 2**ERROR_BITS)


@pytest.mark.parametrize(
    ("f", "variables"),
    [
        (lambda x: x * x - 1, 1),
        (lambda x, y: x * y - 2, 2),
        (lambda x, y: (x - y) * (x + y) * (x - 3 * y + 1), 2),
        (lambda x: math_product(x - i for i in range(20)), 1),
    ],
)
def test_a_formula_has_no_more_roots_than_its_degree_allows(f: Any, variables: int) -> None:
    """All points modulo 101 are tried: at most degree/101 of them may be roots."""
    p = 101
    roots = sum(
        f(*[Residue(x, p) for x in point]).value == 0
        for point in product(range(p), repeat=variables)
    )
    bound = f(*[Bound.variable()] * variables)
    assert 0 < roots <= bound.top * p ** (variables - 1)


def math_product(factors: Any) -> Any:
    first, *rest = factors
    for factor in rest:
        first = first * factor
    return first
