"""The factors of numbers and closed forms: they multiply up to what was given, and are prime."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad.closed import lift
from minigrad.elementary import call, pi
from minigrad.factors import factors
from minigrad.number import product
from minigrad.rational import Field

SQRT2, SQRT3 = (call("sqrt", Fraction(n)) for n in (2, 3))
ratios = st.fractions(-9, 9, max_denominator=20)
X, Y = Field(2, point=[Fraction(3, 7), Fraction(5, 3)]).generators
MERSENNE = 2**127 - 1


def multiplied(found: list[tuple[Any, int]]) -> Any:
    return product([lift(f) ** n for f, n in found])


@given(st.fractions().filter(bool))
@example(Fraction(1))
@example(Fraction(-(2**5), 3**3 * 49))
def test_a_ratio_is_the_product_of_primes(u: Fraction) -> None:
    found = list(factors(u))
    assert multiplied(found) == abs(u)
    assert dict(found) == sp.factorrat(sp.Rational(abs(u)))


@given(a=ratios, b=ratios, c=ratios)
def test_a_closed_form_is_the_product_of_its_factors(a: Fraction, b: Fraction, c: Fraction) -> None:
    u = (a * SQRT2 + b) * (c + pi()) / (1 + SQRT3)
    assume(u != 0)
    found = list(factors(u))
    assert multiplied(found) in (u, -u)
    assert all(sp.isprime(f) for f, _ in found if isinstance(f, int))


def test_the_factors_of_a_formula_are_irreducible() -> None:
    u = lift(12 * (X * X - Y * Y) / (5 * X**3))
    expected = [(2, 2), (3, 1), (5, -1), (X, -3), (X + Y, 1), (X - Y, 1)]
    found = list(factors(u))
    assert len(found) == len(expected)
    for f, n in expected:
        assert (f, n) in found or (-f, n) in found


@pytest.mark.parametrize("factor", [SQRT2 - 1, SQRT3 - 1, call("sqrt", lift(X * X + 1)) - X])
def test_of_two_conjugates_one_is_preferred(factor: Any) -> None:
    # (√2 + 1)(√2 - 1) = 1, (√3 + 1)(√3 - 1) = 2, and (√(x² + 1) + x)(√(x² + 1) - x) = 1.
    counts: dict[Any, int] = {}
    for u in (factor, 1 / factor):
        for f, n in factors(u):
            counts[f] = counts.get(f, 0) + n
    assert set(counts.values()) == {0}


def test_a_factor_of_fewer_negative_terms_is_preferred() -> None:
    assert list(factors(SQRT2 - 1)) == list(factors(1 - SQRT2)) == [(1 + SQRT2, -1)]
    assert list(factors(SQRT3 - 1)) == [(2, 1), (1 + SQRT3, -1)]


@pytest.mark.parametrize(
    ("n", "found"),
    [
        # No integer beyond 2**96 is factored: small primes are found, and powers seen.
        (MERSENNE, [(MERSENNE, 1)]),
        (MERSENNE * (2**107 - 1), [(MERSENNE * (2**107 - 1), 1)]),
        (MERSENNE**6, [(MERSENNE, 6)]),
        (MERSENNE**35 * 13**4, [(13, 4), (MERSENNE, 35)]),
        (10**3000, [(2, 3000), (5, 3000)]),
        (2**200 * 17 * 19, [(2, 200), (17, 1), (19, 1)]),
    ],
    ids=["prime", "two primes", "power", "powers", "small primes", "small rest"],
)
def test_a_large_integer_is_taken_apart_where_that_is_quick(
    n: int, found: list[tuple[int, int]]
) -> None:
    assert list(factors(Fraction(n))) == found
