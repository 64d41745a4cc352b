"""Enclosures of real numbers contain them, and are narrow."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from enclosed import (
    FLINT,
    FUNCTIONS,
    HALF,
    HARD,
    ORDERS,
    ROOTS,
    backends,
    bounds,
    check,
    contains,
    function_of,
    in_domain,
    rationals,
    reference,
    sizes,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minigrad import enclosure as module
from minigrad.enclosure import Backend, Enclosures

# --- containment ----------------------------------------------------------------------------------


@backends
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("bits", [2, 53, 300])
def test_hard_points(name: str, bits: int, backend: Backend) -> None:
    for x in HARD:
        if in_domain(name, x):
            check(Enclosures(bits, backend), name, x)


@backends
@pytest.mark.parametrize("bits", [2, 53, 300])
def test_hard_points_of_roots_and_polygammas(bits: int, backend: Backend) -> None:
    for x in HARD:
        for order in ORDERS if in_domain("polygamma", x) else []:
            # Reference values next to a pole lose digits to it: here they are compared elsewhere.
            if abs(x - round(x)) > Fraction(1, 10**9) or x > HALF:
                check(Enclosures(bits, backend), "polygamma", x, order)
        for order in ROOTS if in_domain("root", x) else []:
            check(Enclosures(bits, backend), "root", x, order)


@backends
@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=rationals(), bits=sizes())
@settings(max_examples=60, deadline=None)
def test_functions_of_rationals(name: str, backend: Backend, x: Fraction, bits: int) -> None:
    if in_domain(name, x):
        check(Enclosures(bits, backend), name, x)


@backends
@given(x=st.fractions(-9, 60, max_denominator=1000), bits=sizes(), order=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_polygammas_of_rationals(backend: Backend, x: Fraction, bits: int, order: int) -> None:
    if in_domain("polygamma", x):
        check(Enclosures(bits, backend), "polygamma", x, order)


@backends
@given(x=rationals(), bits=sizes(), order=st.integers(1, 10**12))
@settings(max_examples=60, deadline=None)
def test_roots_of_rationals(backend: Backend, x: Fraction, bits: int, order: int) -> None:
    check(Enclosures(bits, backend), "root", abs(x), order)


@backends
@given(x=rationals(), y=rationals(), bits=sizes())
@settings(deadline=None)
def test_arithmetic_contains_the_exact_result(
    backend: Backend, x: Fraction, y: Fraction, bits: int
) -> None:
    real = Enclosures(bits, backend)
    a, b = real.ratio(x), real.ratio(y)
    expected = [(a, x), (real.add(a, b), x + y), (real.mul(a, b), x * y)]
    if y:
        expected.append((real.div(a, b), x / y))
    for enclosure, value in expected:
        found = real.bounds(enclosure)
        assert found is not None
        assert found[0] <= value <= found[1]


@backends
@given(x=rationals(), n=st.integers(-60, 60), bits=sizes())
@example(x=Fraction(0), n=0, bits=53)
@example(x=-HALF, n=-3, bits=53)
@settings(deadline=None)
def test_powers_contain_the_exact_result(backend: Backend, x: Fraction, n: int, bits: int) -> None:
    if x or n >= 0:
        real = Enclosures(bits, backend)
        found = real.bounds(real.power(real.ratio(x), n))
        if found is None:
            assert bits < 24
        else:
            assert found[0] <= x**n <= found[1]


def wide(real: Enclosures, x: Fraction, radius: Fraction) -> Any:
    """An enclosure of everything from x - radius to x + radius."""
    # Of the sine of so large a number nothing is known but that it is between -1 and 1.
    unknown = real.call("sin", real.ratio(Fraction(10**10_000)))
    return real.add(real.ratio(x), real.mul(real.ratio(radius), unknown))


@backends
@pytest.mark.parametrize("name", [*FUNCTIONS, "polygamma", "root", "power"])
@given(x=st.fractions(-7, 7, max_denominator=50), part=st.fractions(-1, 1), data=st.data())
@settings(max_examples=60, deadline=None)
def test_wide_arguments(
    name: str, backend: Backend, x: Fraction, part: Fraction, data: st.DataObject
) -> None:
    radius = Fraction(1, data.draw(st.sampled_from([1, 2, 10, 1000])))
    # A first root is defined everywhere.
    order = data.draw(st.integers(2, 5))
    real = Enclosures(64, backend)
    argument = wide(real, x, radius)
    inside = x + part * radius
    if name == "power":
        found = real.bounds(real.power(argument, order))
        assert contains(found, inside**order, 64)
        return
    args = (order, argument) if name == "polygamma" else (argument, order)
    found = real.bounds(real.call(name, *args[: 2 if name in ("polygamma", "root") else 1]))
    if found is not None:
        # Bounds are a claim that the function is defined everywhere in between.
        assert in_domain(name, inside)
        assert contains(found, reference(function_of(name, order), inside, 64), 64)


@pytest.mark.skipif(not FLINT, reason="compares the two backends")
@pytest.mark.parametrize("name", [*FUNCTIONS, "polygamma"])
def test_the_backends_agree(name: str) -> None:
    for x in HARD:
        for bits in (64, 500):
            order = bits % 7
            one, other = (bounds(Enclosures(bits, b), name, x, order) for b in ("arb", "mpmath"))
            if one is not None and other is not None:
                assert max(one[0], other[0]) <= min(one[1], other[1]), (name, x)
            # A pole or a value that is not real has bounds nowhere.
            elif abs(x) < 10**6 or name != "polygamma":
                assert one is other is None, (name, x)


@backends
@pytest.mark.parametrize("bits", [1000, 3000])
def test_many_bits(backend: Backend, bits: int) -> None:
    real = Enclosures(bits, backend)
    for name in FUNCTIONS:
        check(real, name, Fraction(2, 3))
    check(real, "polygamma", Fraction(2, 3), 0)


@pytest.mark.parametrize("terms", [1, 2, 3, 8, 30, 150])
def test_what_is_left_out_of_an_asymptotic_series_is_enclosed(
    terms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module._Intervals, "_count", lambda *_: terms)
    real = Enclosures(100, "mpmath")
    for x in (Fraction(2, 3), Fraction(7), Fraction(201, 2)):
        for name, order in [("gamma", 0), ("loggamma", 0), ("polygamma", 0), ("polygamma", 3)]:
            check(real, name, x, order)
            low, high = bounds(real, name, x, order) or (0, 0)
            # So few terms are seen to be too few: the enclosure is wide for its bits.
            assert terms > 3 or high - low > Fraction(1, 2**100)


class Rounded(Enclosures):
    """Takes the middle of every enclosure and forgets how far the value may be from it."""

    def call(self, name: str, *args: Any) -> Any:
        found = self.bounds(super().call(name, *args))
        assert found is not None
        scale = 2**self.bits
        return self.ratio(Fraction(round(sum(found) / 2 * scale), scale))


@backends
@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_enclosure_without_radius_is_found_out(name: str, backend: Backend) -> None:
    check(Enclosures(40, backend), name, Fraction(2, 3))
    with pytest.raises(AssertionError):
        check(Rounded(40, backend), name, Fraction(2, 3))


# --- narrowness -----------------------------------------------------------------------------------


@backends
@pytest.mark.parametrize("name", [*FUNCTIONS, "root", "polygamma"])
@pytest.mark.parametrize("bits", [60, 250, 1000])
def test_enclosures_are_as_narrow_as_their_bits(name: str, bits: int, backend: Backend) -> None:
    for x in (Fraction(2, 3), Fraction(1, 10), Fraction(16, 17)):
        found = bounds(Enclosures(bits, backend), name, x, 3)
        assert found is not None
        assert 0 <= found[1] - found[0] <= max(map(abs, found)) / 2 ** (bits - 10)


@backends
def test_large_arguments_stay_narrow(backend: Backend) -> None:
    # A sine is reduced with enough digits of pi, a power with as many bits as it loses.
    real = Enclosures(200, backend)
    ten = real.ratio(Fraction(10**40))
    cases = [
        (real.call("sin", ten), mpmath.sin, Fraction(10**40)),
        (real.call("loggamma", ten), mpmath.loggamma, Fraction(10**40)),
        (real.call("polygamma", 0, ten), mpmath.digamma, Fraction(10**40)),
        (real.power(real.ratio(1 + Fraction(1, 2**40)), 2**40), lambda x: x ** (2**40), 1 + Fraction(1, 2**40)),
    ]  # fmt: skip
    for enclosure, function, x in cases:
        found = real.bounds(enclosure)
        assert found is not None
        assert contains(found, reference(function, x, 200), 200)
        assert found[1] - found[0] < max(map(abs, found)) / 2**50


@backends
def test_a_tail_of_erf_below_one(backend: Backend) -> None:
    found = bounds(Enclosures(2000, backend), "erf", Fraction(30))
    assert found is not None
    assert 0 < 1 - found[1] < Fraction(1, 10**390)
    for x in (Fraction(10**6), Fraction(-(10**400))):
        check(Enclosures(64, backend), "erf", x)
        found = bounds(Enclosures(64, backend), "erf", x)
        assert found is not None
        # It is neither 1 nor -1, however near.
        assert found[0] < found[1]


# --- identities -----------------------------------------------------------------------------------


def vanishes(real: Enclosures, *terms: Any) -> bool:
    """Whether a sum may be 0, and is no more than rounding."""
    total = real.ratio(Fraction(0))
    for term in terms:
        total = real.add(total, term)
    found = real.bounds(total)
    assert found is not None
    return found[0] <= 0 <= found[1] and found[1] - found[0] < Fraction(1, 2 ** (real.bits - 20))


@backends
@pytest.mark.parametrize("bits", [64, 1000])
def test_identities(backend: Backend, bits: int) -> None:
    real = Enclosures(bits, backend)

    def q(top: int, bottom: int = 1) -> Any:
        return real.ratio(Fraction(top, bottom))

    def times(factor: Fraction, x: Any) -> Any:
        return real.mul(real.ratio(factor), x)

    pi, minus = real.pi(), Fraction(-1)
    assert vanishes(real, real.call("asin", q(1, 2)), times(Fraction(-1, 6), pi))
    assert vanishes(real, real.call("asin", q(-1)), times(HALF, pi))
    assert vanishes(real, times(Fraction(4), real.call("atan", q(1))), times(minus, pi))
    assert vanishes(real, real.power(real.call("gamma", q(1, 2)), 2), times(minus, pi))
    assert vanishes(real, real.call("gamma", q(5)), q(-24))
    assert vanishes(real, real.call("loggamma", q(2)))
    assert vanishes(real, real.power(real.call("root", q(7), 5), 5), q(-7))
    assert vanishes(real, real.call("log", real.call("exp", q(9, 7))), q(-9, 7))
    squares = [real.power(real.call(name, q(22, 7)), 2) for name in ("sin", "cos")]
    assert vanishes(real, *squares, q(-1))
    # The trigamma function at 1 is pi**2/6; digamma(1/4) - digamma(3/4) = -pi.
    assert vanishes(
        real, real.call("polygamma", 1, q(1)), times(Fraction(-1, 6), real.power(pi, 2))
    )
    quarters = [real.call("polygamma", 0, q(n, 4)) for n in (1, 3)]
    assert vanishes(real, quarters[0], times(minus, quarters[1]), pi)


@backends
def test_signs_are_decided_with_enough_bits(backend: Backend) -> None:
    # exp(pi*sqrt(163)) is an integer up to 7.5e-13.
    almost = 640320**3 + 744

    def sign(bits: int) -> int:
        real = Enclosures(bits, backend)
        power = real.call(
            "exp", real.mul(real.pi(), real.call("root", real.ratio(Fraction(163)), 2))
        )
        found = real.bounds(real.add(power, real.ratio(Fraction(-almost))))
        assert found is not None
        return (found[0] > 0) - (found[1] < 0)

    assert sign(24) == 0
    assert sign(200) == -1


# --- what has no bounds ---------------------------------------------------------------------------

UNDEFINED: dict[str, Callable[[Enclosures, Callable[..., Any]], Any]] = {
    "1/0": lambda real, q: real.div(q(1), q(0)),
    "0/0": lambda real, q: real.div(q(0), q(0)),
    "1/sin(pi)": lambda real, q: real.div(q(1), real.call("sin", real.pi())),
    "0**-2": lambda real, q: real.power(q(0), -2),
    "log(0)": lambda real, q: real.call("log", q(0)),
    "log(-1)": lambda real, q: real.call("log", q(-1)),
    "log(sin(pi))": lambda real, q: real.call("log", real.call("sin", real.pi())),
    "asin(2)": lambda real, q: real.call("asin", q(2)),
    "asin(-1001/1000)": lambda real, q: real.call("asin", q(-1001, 1000)),
    "root(-1, 2)": lambda real, q: real.call("root", q(-1), 2),
    "root(-8, 3)": lambda real, q: real.call("root", q(-8), 3),
    "root(-8, 2**40)": lambda real, q: real.call("root", q(-8), 2**40),
    "gamma(0)": lambda real, q: real.call("gamma", q(0)),
    "gamma(-7)": lambda real, q: real.call("gamma", q(-7)),
    "gamma(sin(pi))": lambda real, q: real.call("gamma", real.call("sin", real.pi())),
    "loggamma(0)": lambda real, q: real.call("loggamma", q(0)),
    "loggamma(-1/2)": lambda real, q: real.call("loggamma", q(-1, 2)),
    "digamma(0)": lambda real, q: real.call("polygamma", 0, q(0)),
    "digamma(-3)": lambda real, q: real.call("polygamma", 0, q(-3)),
    "trigamma(-3)": lambda real, q: real.call("polygamma", 1, q(-3)),
    "exp(10**30)": lambda real, q: real.call("exp", q(10**30)),
    "exp(10**10000)": lambda real, q: real.call("exp", q(10**10_000)),
    "exp(exp(exp(10**30)))": lambda real, q: real.call("exp", real.call("exp", real.call("exp", q(10**30)))),
    "gamma(10**30)": lambda real, q: real.call("gamma", q(10**30)),
    "gamma(10**10000)": lambda real, q: real.call("gamma", q(10**10_000)),
    "3**(10**30)": lambda real, q: real.power(q(3), 10**30),
    "3**(10**10000)": lambda real, q: real.power(q(3), 10**10_000),
    "(1/3)**-(10**30)": lambda real, q: real.power(q(1, 3), -(10**30)),
}  # fmt: skip


@backends
@pytest.mark.parametrize("case", UNDEFINED)
def test_undefined_has_no_bounds_and_spreads(case: str, backend: Backend) -> None:
    real = Enclosures(64, backend)
    value = UNDEFINED[case](real, lambda top, bottom=1: real.ratio(Fraction(top, bottom)))
    assert real.bounds(value) is None
    if "10**" in case:
        # Too large is no number here, but it is one.
        return
    three = real.ratio(Fraction(3))
    for result in (
        real.add(value, three),
        real.mul(three, value),
        real.div(value, three),
        real.power(value, 0),
    ):
        assert real.bounds(result) is None
    for name in FUNCTIONS:
        assert real.bounds(real.call(name, value)) is None
    assert real.bounds(real.call("polygamma", 2, value)) is None
    assert real.bounds(real.call("root", value, 3)) is None


FAR: dict[str, tuple[Callable[[Enclosures, Callable[..., Any]], Any], Fraction, Fraction]] = {
    "exp(-10**30)": (lambda real, q: real.call("exp", q(-(10**30))), Fraction(0), Fraction(1, 10**9)),
    "exp(-10**10000)": (lambda real, q: real.call("exp", q(-(10**10_000))), Fraction(0), Fraction(1, 10**9)),
    "3**-(10**30)": (lambda real, q: real.power(q(3), -(10**30)), Fraction(0), Fraction(1, 10**9)),
    "(-1)**(10**10000)": (lambda real, q: real.power(q(-1), 10**10_000), Fraction(1), Fraction(1)),
    "(-1)**(10**10000 + 1)": (lambda real, q: real.power(q(-1), 10**10_000 + 1), Fraction(-1), Fraction(-1)),
    "0**(10**10000)": (lambda real, q: real.power(q(0), 10**10_000), Fraction(0), Fraction(0)),
    "sin(10**10000)": (lambda real, q: real.call("sin", q(10**10_000)), Fraction(-1), Fraction(1)),
    "sin(2**(10**15))": (lambda real, q: real.call("sin", real.power(q(2), 10**15)), Fraction(-1), Fraction(1)),
    "erf(10**10000)": (lambda real, q: real.call("erf", q(10**10_000)), Fraction(1), Fraction(1)),
    "atan(10**10000)": (lambda real, q: real.call("atan", q(10**10_000)), Fraction(157, 100), Fraction(158, 100)),
    "root(10**10000, 10**6)": (lambda real, q: real.call("root", q(10**10_000), 10**6), Fraction(1), Fraction(2)),
    "sin(pi)**2": (lambda real, q: real.power(real.call("sin", real.pi()), 2), Fraction(0), Fraction(0)),
    "sin(pi)**3": (lambda real, q: real.power(real.call("sin", real.pi()), 3), Fraction(0), Fraction(0)),
}  # fmt: skip


@backends
@pytest.mark.parametrize("case", FAR)
def test_far_away_ends_soon_and_is_right(case: str, backend: Backend) -> None:
    value, least, greatest = FAR[case]
    real = Enclosures(64, backend)
    found = real.bounds(value(real, lambda top, bottom=1: real.ratio(Fraction(top, bottom))))
    assert found is not None
    # The true value lies between the two; so some of it lies between the bounds.
    assert found[0] <= greatest
    assert least <= found[1]
    assert found[1] - found[0] <= Fraction(201, 100)


@backends
def test_bounds_of_what_is_too_small_to_write_down(backend: Backend) -> None:
    real = Enclosures(64, backend)
    third = real.power(real.ratio(Fraction(1, 3)), 10**8)
    for sign in (1, -1):
        found = real.bounds(real.mul(real.ratio(Fraction(sign)), third))
        assert found is not None
        low, high = found if sign == 1 else (-found[1], -found[0])
        assert low <= 0 < high < Fraction(1, 2**1_000_000)


@backends
def test_numbers_of_a_million_bits(backend: Backend) -> None:
    real = Enclosures(64, backend)
    for x in (Fraction(3**660_000), Fraction(1, 3**660_000), Fraction(-(3**660_000), 2)):
        found = real.bounds(real.ratio(x))
        assert found is not None
        assert found[0] <= x <= found[1]
        assert found[1] - found[0] <= abs(x) / 2**60


@backends
def test_orders_out_of_reach(backend: Backend) -> None:
    real = Enclosures(64, backend)
    half = real.ratio(HALF)
    assert real.bounds(real.call("polygamma", 10**30, half)) is None
    # polygamma(n, 1/2) = (-1)**(n+1) n! (2**(n+1) - 1) zeta(n+1), and that is near its sign.
    found = real.bounds(real.call("polygamma", 999, half))
    assert found is not None
    assert found[0] > 10**2000
