"""Numbers between bounds, and what a graph computes on them."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar, enclosure, reverse, rounding
from minigrad.elementary import FUNCTIONS, call
from minigrad.enclosed import Enclosed, Numbers
from minigrad.errors import NotDecided
from minigrad.operators import OPERATORS
from minigrad.polynomials import has_flint
from minigrad.verify import Verdict, check_gradient

ONE_THIRD = Fraction(1, 3)
ratios = st.fractions(-4, 4, max_denominator=9)


@pytest.fixture(params=["arb", "mpmath"] if has_flint() else ["mpmath"], autouse=True)
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(enclosure, "default_backend", lambda: request.param)
    return str(request.param)


def holds(enclosed: Any, number: Any) -> bool:
    """Whether bounds hold a number of mpmath's, and are narrow."""
    low, high = enclosed.bounds()
    with mpmath.workdps(40):
        near = mpmath.mpf(low.numerator) / low.denominator
        is_near = abs(near - number) <= mpmath.mpf(10) ** -35 * (1 + abs(number))
    return bool(is_near) and 0 <= high - low < Fraction(1, 10**35) * (1 + abs(low))


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "acosh": (Fraction(9, 7),), "atan2": (ONE_THIRD, Fraction(-2, 5)), "polygamma": (1, ONE_THIRD),
    "power": (ONE_THIRD, Fraction(2, 5)), "Abs": (Fraction(-7, 3),),
}  # fmt: skip
BY_MPMATH: dict[str, Callable[..., Any]] = {
    "Abs": abs,
    "polygamma": lambda n, x: mpmath.psi(n, x),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"sign", "zeta"}))
def test_a_function_is_mpmath_s(name: str) -> None:
    xs = ARGUMENTS.get(name, (ONE_THIRD,))
    found = call(name, *[x if isinstance(x, int) else Enclosed.of(x) for x in xs])
    with mpmath.workdps(50):
        at = [x if isinstance(x, int) else mpmath.mpf(x.numerator) / x.denominator for x in xs]
        assert holds(found, BY_MPMATH.get(name, getattr(mpmath, name, None))(*at))


@pytest.mark.parametrize("point", [(1, -2), (2, 1), (-2, 1), (-2, -1), (-3, 0)])
def test_an_angle_is_told_by_the_half_plane(point: tuple[int, int]) -> None:
    x, y = point
    if not y:
        with pytest.raises(NotDecided):
            call("atan2", Enclosed.of(Fraction(0)), Enclosed.of(Fraction(-3)))
        return
    found = call("atan2", Enclosed.of(Fraction(y)), Enclosed.of(Fraction(x)))
    with mpmath.workdps(50):
        assert holds(found, mpmath.atan2(y, x))


def test_signs_are_answered_where_they_are_certain() -> None:
    assert call("sign", Enclosed.of(Fraction(-2))) == -1
    with pytest.raises(NotDecided, match="zeta has no enclosure"):
        call("zeta", Enclosed.of(ONE_THIRD), Enclosed.of(ONE_THIRD))


@given(ratios, ratios)
def test_arithmetic_mixes_with_ratios_and_closed_forms(x: Fraction, y: Fraction) -> None:
    root = minigrad.elementary.call("sqrt", Fraction(2))
    for operation in (operator.add, operator.sub, operator.mul):
        for left, right in ((Enclosed.of(x), y), (x, Enclosed.of(y)), (Enclosed.of(x), int(y))):
            exact = operation(x, right if isinstance(right, int) else y)
            low, high = operation(left, right).bounds()
            assert low <= exact <= high
        with mpmath.workdps(50):
            near = operation(mpmath.mpf(x.numerator) / x.denominator, mpmath.sqrt(2))
            assert holds(operation(Enclosed.of(x), root), near)
            assert holds(
                operation(root, Enclosed.of(x)), near if operation is not operator.sub else -near
            )
    if y:
        low, high = (x / Enclosed.of(y)).bounds()
        assert low <= x / y <= high
        low, high = (Enclosed.of(y) ** -2).bounds()
        assert low <= 1 / y**2 <= high
        assert math.floor(Enclosed.of(y + Fraction(1, 100))) == math.floor(y + Fraction(1, 100))


def test_comparisons_are_answered_or_refused() -> None:
    third = Enclosed.of(ONE_THIRD)
    assert third < 1
    assert third <= 1
    assert third > 0
    assert third >= 0
    assert third != 1
    assert bool(third)
    assert Fraction(333, 1000) < abs(-third) < Fraction(334, 1000)
    assert math.ceil(third) == 1
    for asked in (
        lambda: third < ONE_THIRD,
        lambda: third == ONE_THIRD,
        lambda: bool(third - ONE_THIRD),
        lambda: abs(third - ONE_THIRD),
        lambda: math.floor(third * 3),
    ):
        with pytest.raises(NotDecided):
            asked()
    with pytest.raises(TypeError):
        hash(third)


def test_what_is_undefined_has_no_number() -> None:
    nothing = 1 / (Enclosed.of(ONE_THIRD) - ONE_THIRD)
    assert nothing.bounds() is None
    assert repr(nothing) == "Enclosed(unknown)"
    with pytest.raises(NotDecided):
        nothing.middle()
    wide = Enclosed.of(Fraction(2)).elementary("exp", Fraction(10**9)) * 10**60
    with pytest.raises(NotDecided):
        math.floor(wide)


# --- of a graph ----------------------------------------------------------------------------------


def loss(x: Scalar, y: Scalar) -> Scalar:
    return (x * y).tanh() + minigrad.maximum(x, y) * y.exp() + minigrad.sum([x, y, x * x])


def test_a_graph_and_its_adjoints_are_those_of_closed_forms() -> None:
    x, y = Scalar("3/7", "x"), Scalar("5/3", "y")
    root = loss(x, y)
    numbers = Numbers()
    exact = reverse.adjoints(root)
    found = reverse.adjoints(root, partials=numbers.partials)
    for node in (x, y, *root.operands):
        for enclosed, closed in ((numbers.of(node), node._datum), (found[node], exact[node])):
            low, high = Enclosed.of(enclosed).bounds()
            below, above = Enclosed.of(closed).bounds()
            assert low <= above
            assert below <= high
            assert high - low < Fraction(1, 2**150)
    # What is a ratio stays one, so that ties of ratios are known.
    assert numbers.of(x * y) == Fraction(5, 7)
    assert numbers.of(minigrad.maximum(x, x)) == Fraction(3, 7)


def test_a_tie_of_closed_forms_is_refused_and_a_long_chain_is_not() -> None:
    x = Scalar(2)
    with pytest.raises(NotDecided):
        Numbers().of(minigrad.maximum(x.exp(), x.exp()))
    y = x
    for _ in range(5000):
        y = y + 1
    assert Numbers().of(y) == 5002


def test_each_node_is_computed_once() -> None:
    x = Scalar("1/3")
    y = x.exp()
    for _ in range(60):
        y = y + y  # 2**60 ways lead down
    numbers = Numbers()
    with mpmath.workdps(50):
        assert holds(numbers.of(y), 2**60 * mpmath.exp(mpmath.mpf(1) / 3))


def operands() -> list[Scalar]:
    x = Scalar("1/3")
    return [Scalar(-2), Scalar(0), Scalar(2), x, -x, x.exp(), -x.exp(), 2 * x.exp() / x.exp()]


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_is_what_it_is_in_closed_form_or_not_decided(name: str) -> None:
    found = OPERATORS[name]
    count = found.width * 2 if found.arity is None else found.arity
    decided = 0
    for xs in itertools.product(operands(), repeat=count):
        parameters = [0 if p.name == "index" else p.samples[-1] for p in found.parameters]
        try:
            node = minigrad.apply(name, xs, parameters)
        except (ArithmeticError, ValueError):
            continue
        try:
            enclosed = Numbers().of(node)
        except NotDecided:
            continue
        decided += 1
        low, high = Enclosed.of(enclosed).bounds()
        below, above = Enclosed.of(node._datum).bounds()
        assert low <= above, (name, xs)
        assert below <= high, (name, xs)
    assert decided


def test_a_program_that_catches_a_pole_is_seen_to() -> None:
    def function(x: Any) -> Any:
        try:
            return minigrad.gamma(1 - minigrad.exp(x)) * 0 + x
        except ValueError:
            return x + 1

    assert check_gradient(function, lambda x: 1).verdict is not Verdict.PROVED


def test_powers_of_negative_bases_are_not_taken_for_nothing() -> None:
    base, two = -Scalar("1/3").exp(), Scalar(2)
    with pytest.raises(NotDecided):
        Numbers().of(base ** (two * Scalar(3).exp().log() / 3))
    with pytest.raises(NotDecided):
        rounding.whole(Enclosed.of(Fraction(2)))
    assert rounding.whole(Enclosed.of(ONE_THIRD)) is None
