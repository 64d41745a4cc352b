"""What enclosures are made of and with: arguments, backends, precision."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from enclosed import BACKENDS, FLINT, FUNCTIONS, HALF, backends, check

from minigrad.enclosure import Backend, Enclosures, default_backend
from minigrad.errors import DomainError, InvalidOperand


@pytest.mark.skipif(not FLINT, reason="needs python-flint")
def test_the_precision_of_flint_outlives_every_call() -> None:
    import flint

    before = flint.ctx.prec
    real = Enclosures(before + 87, "arb")
    x = real.ratio(Fraction(1, 3))
    for name in FUNCTIONS:
        real.bounds(real.call(name, x))
        assert flint.ctx.prec == before
    real.bounds(real.power(real.add(real.mul(x, x), real.pi()), -3))
    assert flint.ctx.prec == before
    with pytest.raises(TypeError):
        real.add(x, "1")
    assert flint.ctx.prec == before


def test_the_precision_of_mpmath_is_not_touched() -> None:
    before = mpmath.mp.prec, mpmath.iv.prec
    real = Enclosures(777, "mpmath")
    for name in FUNCTIONS:
        real.bounds(real.call(name, real.ratio(Fraction(1, 3))))
    assert (mpmath.mp.prec, mpmath.iv.prec) == before


def test_the_default_backend() -> None:
    assert Enclosures(53).backend == default_backend() == BACKENDS[0]


@pytest.mark.usefixtures("without_flint")
def test_the_default_backend_without_flint() -> None:
    real = Enclosures(53)
    assert real.backend == "mpmath"
    check(real, "exp", HALF)


@backends
def test_bad_arguments(backend: Backend) -> None:
    real = Enclosures(53, backend)
    x: Any = real.ratio(HALF)
    with pytest.raises(InvalidOperand, match="got 'tan'"):
        real.call("tan", x)
    with pytest.raises(InvalidOperand, match=r"got 'exp'.* of 2"):
        real.call("exp", x, x)
    with pytest.raises(InvalidOperand, match=r"root: n: expected an int, got 1\.5"):
        real.call("root", x, 1.5)
    with pytest.raises(InvalidOperand, match="polygamma: n: expected an int, got True"):
        real.call("polygamma", True, x)
    with pytest.raises(DomainError, match="root: n: expected at least 1, got 0"):
        real.call("root", x, 0)
    with pytest.raises(DomainError, match="polygamma: n: expected at least 0, got -1"):
        real.call("polygamma", -1, x)
    wrong: Any = HALF
    with pytest.raises(InvalidOperand, match="power: n: expected an int"):
        real.power(x, wrong)


def test_bad_precision_and_backend() -> None:
    wrong: Any = "53"
    with pytest.raises(InvalidOperand, match="bits: expected an int, got '53'"):
        Enclosures(wrong)
    with pytest.raises(DomainError, match="bits: expected at least 2, got 1"):
        Enclosures(1)
    wrong = "flint"
    with pytest.raises(InvalidOperand, match="expected 'arb' or 'mpmath', got 'flint'"):
        Enclosures(53, wrong)


@backends
def test_a_combination_contains_the_exact_sum_of_products(backend: Backend) -> None:
    real = Enclosures(60, backend)
    x, y = Fraction(1, 3), Fraction(-2, 7)
    at = {x: real.ratio(x), y: real.ratio(y)}
    rows = [(5, [x, x, y]), (-3, [y]), (1, [x]), (10**30, [])]
    found = real.combination([(c, [at[factor] for factor in factors]) for c, factors in rows])
    low, high = real.bounds(found)
    assert low <= 5 * x * x * y - 3 * y + x + 10**30 <= high
    assert high - low < Fraction(10**30, 2**50)
    assert real.bounds(real.combination([])) == (0, 0)
