"""Kernels and frames of them, polynomials in a frame, and the bound below which a number is 0."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from functools import reduce
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.closed import Closed
from minigrad.elementary import call, pi
from minigrad.errors import TooLarge
from minigrad.kernels import (
    FINEST,
    Kernel,
    cancels,
    chebyshev,
    coprime,
    folded,
    is_below,
    merged,
    moved,
    multiplied,
    place,
    smallest,
    turn_power,
)
from minigrad.polynomials import ring, terms
from minigrad.rational import Field, OutOfBudget

ONE = Fraction(1)
SQRT2, SQRT3 = (call("sqrt", Fraction(n)) for n in (2, 3))
kinds = st.sampled_from(["exp", "root", "cos", "sin", "log", "pi"])


@st.composite
def kernels(draw: st.DrawFn) -> Kernel:
    kind = draw(kinds)
    base: Any = {"pi": 0, "root": 2, "log": 3}.get(kind, ONE)
    return Kernel(kind, base, 1 if kind in ("pi", "log") else draw(st.integers(1, 4)))


frames = st.lists(kernels(), min_size=1, max_size=3).map(
    lambda found: reduce(merged, [(kernel,) for kernel in found])
)


def value(polynomial: Any, frame: tuple[Kernel, ...]) -> Any:
    """A polynomial in the functions that the kernels are, by mpmath."""
    functions = {
        "exp": lambda k: mpmath.exp(mpmath.mpf(1) / k.order),
        "root": lambda k: mpmath.root(2, k.order),
        "cos": lambda k: mpmath.cos(mpmath.mpf(1) / k.order),
        "sin": lambda k: mpmath.sin(mpmath.mpf(1) / k.order),
        "log": lambda k: mpmath.log(3),
        "pi": lambda k: mpmath.pi,
    }
    at = [functions[kernel.kind](kernel) for kernel in frame]
    return sum(
        c * math.prod(v**n for v, n in zip(at, e, strict=True)) for e, c in terms(polynomial)
    )


@given(left=frames, right=frames, exponents=st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_a_polynomial_is_the_same_number_in_a_common_frame(
    left: tuple[Kernel, ...], right: tuple[Kernel, ...], exponents: list[int]
) -> None:
    frame = merged(left, right)
    assert frame == merged(frame, left)
    assert len({kernel.family for kernel in frame}) == len(frame)
    made = ring(len(left))
    here = made.make({tuple(exponents[: len(left)]): 3, (0,) * len(left): 7})
    (there,) = moved([here], left, frame)
    with mpmath.workdps(60):
        assert abs(value(there, frame) - value(here, left)) <= mpmath.mpf(10) ** -30 * value(
            here, left
        )


def test_a_family_has_one_kernel_unless_that_were_too_fine() -> None:
    half, third = Kernel("exp", ONE, 2), Kernel("exp", ONE, 3)
    assert merged((half,), (third,)) == (Kernel("exp", ONE, 6),)
    assert place(half, (Kernel("exp", ONE, 6),)) == (0, 3)
    fine, finer = Kernel("exp", ONE, FINEST), Kernel("exp", ONE, 3)
    assert set(merged((fine,), (finer,))) == {fine, finer}
    # The other function of an angle comes along, as the sine's square needs the cosine.
    angles = merged((Kernel("cos", ONE, 2),), (Kernel("sin", ONE, 3),))
    assert angles == (Kernel("sin", ONE, 6), Kernel("cos", ONE, 6))
    assert angles[0].twin() == angles[1]


def test_a_kernel_is_a_value() -> None:
    kernel = Kernel("exp", SQRT2, 3)
    assert kernel == kernel.with_order(5).with_order(3) == pickle.loads(pickle.dumps(kernel))
    assert hash(kernel) == hash(Kernel("exp", call("sqrt", Fraction(2)), 3))
    assert kernel != kernel.with_order(5)
    assert (kernel.height, kernel.base.kernels[0].height, Kernel.variable(0).height) == (2, 1, 0)
    assert repr(kernel) == "exp(sqrt(2); 3)"


def test_kernels_nest_so_deep() -> None:
    form = ONE
    for _ in range(100):
        form = call("sin", form)
    with pytest.raises(TooLarge, match="a closed form of functions in functions, over 100 deep"):
        Kernel("sin", form)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 12])
def test_chebyshev_is_the_cosine_of_multiples(n: int) -> None:
    made = ring(1)
    both = chebyshev(made, made.gens[0], n)
    with mpmath.workdps(60):
        t = mpmath.mpf(2) / 3
        first, second = (sum(c * mpmath.cos(t) ** e[0] for e, c in terms(p)) for p in both)
        assert abs(first - mpmath.cos(n * t)) < 1e-30
        assert abs(second - mpmath.sin(n * t) / mpmath.sin(t)) < 1e-30


@pytest.mark.parametrize("n", [3, 4, 5, 7, 9, 30])
def test_a_power_of_the_cosine_of_part_of_a_turn(n: int) -> None:
    kernel = Kernel("cos", pi(), n)
    top, bottom = turn_power(kernel)
    at = mpmath.cos(mpmath.pi / n)
    above, below = (sum(c * at ** (e[0] if e else 0) for e, c in terms(p)) for p in (top, bottom))
    assert mpmath.almosteq(at**kernel.reducible_power, above / below)
    assert max(e[0] for e, _ in terms(top)) < kernel.reducible_power


def test_a_power_is_replaced() -> None:
    # x⁵ + x² with x² = (y + 1)/3: x(y + 1)²/9 + (y + 1)/3, all times 9.
    made = ring(2)
    x, y = made.gens
    total, scale = folded(x**5 + x**2, 0, 2, y + 1, made.one * 3, None)
    assert (total, scale) == (x * (y + 1) ** 2 + 3 * (y + 1), 9)


def test_quotients_are_in_lowest_terms_and_products_are_counted() -> None:
    x, y = ring(2).gens
    assert coprime(x * x - y * y, -(x + y) * 2) in (((y - x), ring(2).one * 2), (x - y, -2))
    assert coprime((x - y) * 2, (y - x) * 4)[1] == 2
    field = Field(2, limit=5)
    assert multiplied(x + y, x - y, field) == x * x - y * y
    with pytest.raises(OutOfBudget):
        multiplied(x + y, x - y, field)
    long = sum([x**k for k in range(2001)], ring(2).one)
    with pytest.raises(TooLarge, match="outgrew 4,000,000 products of terms in one operation"):
        multiplied(long, long, None)


@pytest.mark.parametrize(
    "form",
    [
        SQRT2 + SQRT3 - call("sqrt", Fraction(10)),
        call("power", Fraction(2), Fraction(1, 5)) - Fraction(8, 7),
        call("cos", pi() / 7) - Fraction(9, 10),
        call("sqrt", 5 + SQRT2) - call("sqrt", 3 + SQRT3) - Fraction(1, 3),
        # Sines whose cosines do not occur, beside convergents of their continued fractions.
        call("sin", pi() / 225) * 164753195042440870197021912429024111102
        - 2300313820632934152293808986045000869,
        call("sin", pi() / 23)
        * 9868587807068905689191576841144793757243954062406950163250543636391274666374
        - 1343772533000649331847502288994876260330353874184306177958666327915519254969,
    ],
    ids=str,
)
def test_a_number_that_is_not_0_is_above_the_bound(form: Closed) -> None:
    bits = smallest(form)
    low, high = Closed(form.kernels, form.top, form.bottom // form.bottom, None).bounds(bits + 100)
    assert min(abs(low), abs(high)) > Fraction(1, 2**bits)
    assert not is_below(form, bits + 100, bits)
    assert form != 0


def test_a_number_is_below_a_bound_for_certain_or_not() -> None:
    # 99 - 70√2 = 1/(99 + 70√2) is between 2**-8 and 2**-7.
    form = 99 - 70 * SQRT2
    assert [is_below(form, bits, 7) for bits in (6, 64)] == [False, True]
    assert not is_below(form, 64, 8)


def test_there_is_no_bound_but_for_algebraic_numbers() -> None:
    assert smallest(pi() + SQRT2) == smallest(call("exp", SQRT2)) == 0
    assert smallest(call("sqrt", 1 + call("cos", pi() / 7))) == 0


def test_terms_cancel_however_fine_their_kernels_are() -> None:
    """exp(1/6) is a power of either of two exponentials that have no common one in a frame."""
    fine, finer, coarse = (call("exp", Fraction(1, n)) for n in (2**70, 3**50, 6))
    left, right = (fine + coarse) + finer, (finer + coarse) + fine
    assert (left - right).kernels
    assert cancels(left - right)
    assert left == right
    assert left * right == right * left
    assert not cancels(left - right + coarse)
    assert left != right + Fraction(1, 10**40)
    assert not cancels(call("log", Fraction(2)) * SQRT2 - 1)
