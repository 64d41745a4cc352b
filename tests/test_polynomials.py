from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import polynomials
from minigrad.polynomials import (
    Backend,
    are_high,
    common,
    default_backend,
    degree,
    degrees,
    derivative,
    leading,
    placed,
    ring,
    terms,
)

BACKENDS: list[Backend] = ["flint", "sympy"] if default_backend() == "flint" else ["sympy"]
each_backend = pytest.mark.parametrize("backend", BACKENDS)
SYMBOLS = sp.symbols("a b c")

coefficients = st.dictionaries(
    st.tuples(*[st.integers(0, 3)] * 3), st.integers(-9, 9), min_size=1, max_size=4
)


def as_sympy(polynomial: Any) -> Any:
    """The polynomial as SymPy computes with it, built from the list of its terms."""
    return sp.Poly(dict(terms(polynomial)) or {(0, 0, 0): 0}, *SYMBOLS)


@each_backend
@given(left=coefficients, right=coefficients)
def test_arithmetic_is_sympys(
    backend: Backend, left: dict[Any, int], right: dict[Any, int]
) -> None:
    made = ring(3, backend)
    p, q = made.make(left), made.make(right)
    one, other = sp.Poly(left, *SYMBOLS), sp.Poly(right, *SYMBOLS)
    assert as_sympy(p) == one
    assert as_sympy(p + q) == one + other
    assert as_sympy(p * q) == one * other
    for k in range(3):
        assert as_sympy(derivative(p, k)) == one.diff(SYMBOLS[k])
        assert degree(p, k) == max(one.degree(SYMBOLS[k]), 0)
    if p != 0:
        assert leading(p) == one.LC()
        assert list(degrees(p)) == [one.degree(x) for x in SYMBOLS]
        assert p * q // p == q


@each_backend
@given(left=coefficients, right=coefficients, shared=coefficients)
def test_the_common_divisor_is_the_greatest(
    backend: Backend, left: dict[Any, int], right: dict[Any, int], shared: dict[Any, int]
) -> None:
    made = ring(3, backend)
    p, q = made.make(left) * made.make(shared), made.make(right) * made.make(shared)
    found = as_sympy(common(p, q))
    expected = sp.gcd(as_sympy(p), as_sympy(q))
    assert found in (expected, -expected)


@each_backend
@given(left=coefficients, right=coefficients)
def test_factors_multiply_to_the_polynomial(
    backend: Backend, left: dict[Any, int], right: dict[Any, int]
) -> None:
    made = ring(3, backend)
    polynomial = made.make(left) * made.make(right)
    if polynomial == 0:
        return
    content, found = made.factor(polynomial)
    product = made.one * content
    for factor, times in found:
        assert leading(factor) > 0
        assert as_sympy(factor).is_irreducible
        product = product * factor**times
    assert product == polynomial


@each_backend
def test_high_powers_need_no_memory(backend: Backend) -> None:
    made = ring(2, backend)
    x, y = made.gens
    huge = made.make({(10**9, 1): 6, (0, 0): 4})
    twice = made.make({(10**9, 1): 9, (0, 0): 6})
    # Of polynomials of high degree only content, monomials and proportions are looked for.
    assert common(huge, twice) in (huge // 2, -(huge // 2))
    assert common(made.make({(10**9, 1): 6, (7, 1): 4}), made.make({(10**9, 2): 6, (9, 1): 2})) in (
        2 * x**7 * y,
        -2 * x**7 * y,
    )
    assert made.factor(made.make({(10**9, 0): 2, (0, 0): -2})) == (
        2,
        [(made.make({(10**9, 0): 1, (0, 0): -1}), 1)],
    )


@each_backend
def test_zero_and_one(backend: Backend) -> None:
    made = ring(1, backend)
    (x,) = made.gens
    assert terms(made.one * 0) == []
    assert degree(made.one * 0, 0) == 0
    assert common(made.one * 0, x) == x == common(x, made.one * 0)
    assert common(made.one, x) == 1 == common(x, made.one)
    assert made.factor(made.one * -3) == (-3, [])


@each_backend
def test_a_ring_without_generators_holds_integers(backend: Backend) -> None:
    made = ring(0, backend)
    assert made.make({(): 7}) == 7
    assert made.make({}) == 0


def test_the_same_ring_is_handed_out_again() -> None:
    assert ring(3) is ring(3, default_backend())


def test_without_flint_it_is_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polynomials, "default_backend", lambda: "sympy")
    assert not ring(2).is_flint


@each_backend
@given(left=coefficients)
@example(left={(2**70, 0, 1): 3, (0, 2, 0): -1})
def test_generators_are_placed_elsewhere_in_another_ring(
    backend: Backend, left: dict[Any, int]
) -> None:
    source, target = ring(3, backend), ring(4, backend)
    # x0 becomes the sixth power of the last generator, x1 the second, x2 the cube of the first.
    moved = placed(source.make(left), target, [(3, 6), (1, 1), (0, 3)])
    assert dict(terms(moved)) == {(3 * c, b, 0, 6 * a): n for (a, b, c), n in left.items() if n}


@each_backend
def test_a_generator_has_powers_of_any_size(backend: Backend) -> None:
    made = ring(2, backend)
    assert terms(made.power(1, 2**70)) == [((0, 2**70), 1)]
    assert made.power(0, 1) == made.gens[0]


@each_backend
@pytest.mark.parametrize("size", [2**31, 2**63, 10**40])
def test_factors_with_large_coefficients_are_found(backend: Backend, size: int) -> None:
    """python-flint compares the coefficients of factors of one multiplicity as ints of C."""
    made = ring(2, backend)
    x, y = made.gens
    factors = [size * x + 1, size * x + y + 3, size * x - 7 * y]
    content, found = made.factor(-6 * x * factors[0] * factors[1] * factors[2] ** 2)
    assert content == -6
    assert {str(factor): count for factor, count in found} == {
        str(factor): count for factor, count in zip([x, *factors], [1, 1, 1, 2], strict=True)
    }


@pytest.mark.parametrize("size", [1, 10**30], ids=["short", "long"])
def test_repeated_factors_of_what_is_long_are_found(size: int) -> None:
    pytest.importorskip("flint")
    made = ring(7, "flint")
    factors = [size * x + k for k, x in enumerate(made.gens, 2)]
    product = made.one * 15
    for factor in factors:
        product *= factor**2
    assert len(product) == 3**7
    content, found = made.factor(product)
    assert {times for _, times in found} == {2}
    assert math.prod(factor**2 for factor, _ in found) * content == product
    assert sum(len(factor) for factor, _ in found) <= 2**7
    # SymPy might take minutes.
    made = ring(7, "sympy")
    product = made.make(dict(terms(product)))
    assert made.factor(product) == (content, [(product // content, 1)])


@each_backend
@pytest.mark.parametrize("degree_", [10**6, 2**41])
def test_common_factors_of_few_degrees_and_very_many_need_no_memory(
    backend: Backend, degree_: int
) -> None:
    made = ring(2, backend)
    x, y = made.gens
    low = 1 - x**2
    high = made.make({(degree_, 0): 4, (degree_ - 2, 0): -4, (3, 1): 6})
    # FLINT would end the process for want of memory. The whole of it would be found at a low degree.
    assert are_high(low, high)
    assert common(low * y, high) in (made.one, -made.one)
    assert not are_high(x, high)
    assert common(2 * x * y, high) in (2 * x, -2 * x)
    assert not are_high(low, 1 - x**200)
    assert common(low, 1 - x**200) in (low, -low)
