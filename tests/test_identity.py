"""Equality on a branch: what a program returned against the derivative, as formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import rational
from minigrad.elementary import call
from minigrad.number import UNAVAILABLE
from minigrad.polynomials import has_flint
from minigrad.rational import Field
from minigrad.verify import Verdict, check_gradient, identity
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, sample
from minigrad.verify.identity import (
    Comparison,
    compare,
    formula_text,
    generators,
)
from minigrad.verify.nearly import is_close, numerators
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

BACKENDS = ["flint", "sympy"] if has_flint() else ["sympy"]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Rational functions by either library."""
    name: str = request.param
    for module in (rational, identity):
        monkeypatch.setattr(module, "default_backend", lambda: name)
    return name


def programs(kind: Kind, function: Any, derivative: Any, point: Any) -> tuple[Claim, Any, Any]:
    layout, values = of_point(function, point)
    claim = Claim(kind, function, derivative, layout)
    ran = sample(claim, values, math.inf)
    rules = Rules()
    theirs = Program(ran.outputs, ran.leaves, rules)
    return claim, theirs, Program(ran.given, ran.own_leaves, rules)


def compared(
    function: Any,
    derivative: Any,
    point: Any,
    kind: Kind = Kind.GRADIENT,
    *,
    rounded: bool = False,
    deadline: float = math.inf,
) -> list[Comparison]:
    return compare(*programs(kind, function, derivative, point), deadline, rounded=rounded)


def difference(comparison: Comparison, names: str = "x y z") -> Any:
    """What is given minus the derivative, as a SymPy expression."""
    assert comparison.given is not None
    assert comparison.derivative is not None
    text = formula_text(comparison.given - comparison.derivative, sp.symbols(names))
    return sp.sympify(text)


# --- equal, and not ------------------------------------------------------------------------------


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("function", "gradient", "point"),
    [
        (lambda x: x * x, lambda x: 2 * x, 3),
        # One rational function, written in several ways.
        (lambda x: x**3, lambda x: 3 * (x**3 - x**2) / (x - 1), 2),
        (lambda x: 1 / (1 + x), lambda x: -1 / (x * x + 2 * x + 1), 2),
        (lambda x, y: (x + y) ** 3, lambda x, y: [3 * (x * x + 2 * x * y + y * y)] * 2, (2, 5)),
        (lambda x, y: (x / y) / (y / x), lambda x, y: (2 * x / y**2, -2 * x**2 / y**3), (2, 5)),
        # The branch that is taken at the point.
        (lambda x: abs(x) * x, lambda x: -2 * x, -2),
        (lambda x: x if x > 1 else x * x, lambda x: 1, 5),
        # Constants on either side.
        (lambda x: 7, lambda x: 0, 5),
        (lambda x: 7, lambda x: x - x, 5),
        (lambda x: 3 * x, lambda x: 3, 5),
    ],
)
def test_the_same_function_in_another_writing_is_equal(function, gradient, point):
    found = compared(function, gradient, point)
    assert found
    assert all(c.equal is True for c in found)


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("function", "gradient", "point", "by_hand"),
    [
        (lambda x: x**3, lambda x: x**2, 5, "-2*x**2"),
        (lambda x: x**3, lambda x: 3 * x**2 + Fraction(1, 10**30), 5, "1/10**30"),
        (lambda x: 1 / x, lambda x: 1 / x**2, 5, "2/x**2"),
        # Equal at 1, and only there.
        (lambda x: x**2, lambda x: x + 1, 1, "1 - x"),
        (lambda x: 5, lambda x: x, 2, "x"),
    ],
)
def test_what_differs_differs_as_a_formula(function, gradient, point, by_hand):
    (found,) = compared(function, gradient, point)
    assert found.equal is False
    assert not found.rounded
    assert sp.simplify(difference(found) - sp.sympify(by_hand)) == 0


@pytest.mark.usefixtures("backend")
def test_each_component_is_compared_on_its_own():
    found = compared(lambda x, y: x * y, lambda x, y: (y, y), (2, 3))
    assert [c.equal for c in found] == [True, False]
    assert difference(found[1]) == sp.sympify("y - x")


coefficients = st.lists(st.fractions(-9, 9, max_denominator=6), min_size=2, max_size=6)


def polynomial(cs: list[Fraction]) -> Callable[[Any], Any]:
    return lambda x: minigrad.sum([c * x**k for k, c in enumerate(cs)])


@given(coefficients, st.fractions(-5, 5, max_denominator=4))
def test_the_derivative_of_a_polynomial_is_the_one_from_school(cs, at):
    slopes = [k * c for k, c in enumerate(cs)][1:]
    (found,) = compared(polynomial(cs), polynomial(slopes), at)
    assert found.equal is True


@given(coefficients, st.data())
def test_a_single_coefficient_that_is_wrong_is_the_difference(cs, data):
    slopes = [k * c for k, c in enumerate(cs)][1:]
    place = data.draw(st.integers(0, len(slopes) - 1))
    error = data.draw(st.fractions(-1, 1, max_denominator=10**9).filter(bool))
    slopes[place] += error
    (found,) = compared(polynomial(cs), polynomial(slopes), 3)
    assert found.equal is False
    assert found.given - found.derivative == error * found.given.field.generators[0] ** place


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("kind", "function", "right", "wrong"),
    [
        (
            Kind.JACOBIAN,
            lambda x, y: [x * y, x - y],
            lambda x, y: [[y, x], [1, -1]],
            lambda x, y: [[y, x], [1, 1]],
        ),
        (
            Kind.HESSIAN,
            lambda x, y: x**2 * y,
            lambda x, y: [[2 * y, 2 * x], [2 * x, 0]],
            lambda x, y: [[2 * y, 2 * x], [2 * x, x]],
        ),
        (
            Kind.JVP,
            lambda x, y: [x * y, x - y],
            lambda x, y, dx, dy: [y * dx + x * dy, dx - dy],
            lambda x, y, dx, dy: [y * dx + x * dy, dx + dy],
        ),
        (
            Kind.VJP,
            lambda x, y: [x * y, x - y],
            lambda x, y, g: (y * g[0] + g[1], x * g[0] - g[1]),
            # Right for one cotangent only: that of ones.
            lambda x, y, g: (y * g[0] + g[1], x * g[0] - g[1] ** 2),
        ),
        (
            Kind.HVP,
            lambda x, y: x**2 * y,
            lambda x, y, dx, dy: (2 * y * dx + 2 * x * dy, 2 * x * dx),
            lambda x, y, dx, dy: (2 * y * dx + 2 * x * dy, 2 * x * dy),
        ),
    ],
)
def test_every_kind_of_derivative_is_compared(kind, function, right, wrong):
    point = (2, 3)
    assert all(c.equal is True for c in compared(function, right, point, kind))
    answers = [c.equal for c in compared(function, wrong, point, kind)]
    assert answers == [True] * (len(answers) - 1) + [False]


# --- rounding ------------------------------------------------------------------------------------

UNIT = Fraction(1, 2**52)


@pytest.mark.parametrize(
    ("left", "right", "close"),
    [
        (1, 1, True),
        (0, 0, True),
        (1, 1 + 15 * UNIT, True),
        (1, 1 + 17 * UNIT, False),
        (-1, -1 - 15 * UNIT, True),
        (1, -1, False),
        # Nothing but 0 is close to 0, be it ever so small.
        (0, Fraction(1, 10**300), False),
        (10**100, 10**100 + 1, True),
        (Fraction(1, 10**100), Fraction(2, 10**100), False),
    ],
)
def test_close_is_relative_and_sixteen_units_wide(left, right, close):
    assert is_close(Fraction(left), Fraction(right)) is close
    assert is_close(Fraction(right), Fraction(left)) is close


THIRD = Fraction(str(1 / 3))


@pytest.mark.parametrize(
    ("factor", "rounded"),
    [(3 * THIRD, True), (3 * THIRD - 5000 * UNIT, False), (Fraction("1.000001"), False)],
)
def test_what_rounding_may_explain_is_marked_and_still_not_equal(factor, rounded):
    def run(**options: Any) -> Comparison:
        return compared(lambda x: x**2 + x, lambda x: factor * (2 * x + 1), 2, **options)[0]

    found = run(rounded=[factor])
    assert (found.equal, found.rounded) == (False, rounded)
    # Where no float was rounded, nothing is put down to it.
    found = run(rounded=[])
    assert (found.equal, found.rounded) == (False, False)


def test_every_coefficient_must_be_close():
    def gradient(x: Any) -> Any:
        return 3 * THIRD * 2 * x + 1 - Fraction(1, 10**9)

    (found,) = compared(lambda x: x**2 + x, gradient, 2, rounded=[6 * THIRD])
    assert (found.equal, found.rounded) == (False, False)


# --- what is not decided -------------------------------------------------------------------------


@pytest.mark.usefixtures("backend")
def test_what_outgrows_its_work_is_not_decided(monkeypatch):
    monkeypatch.setattr(identity, "_WORK", {"flint": 3, "sympy": 3})
    (found,) = compared(lambda x: (1 + x) ** 5, lambda x: 5 * (1 + x) ** 4, 2)
    assert found.equal is None
    assert found.reason == "the rational functions outgrew 3 products of terms"


def test_after_the_deadline_nothing_is_decided():
    found = compared(lambda x: (1 + x) ** 5, lambda x: (1 + x) ** 4, 2, deadline=0.0)
    assert [(c.equal, c.reason) for c in found] == [(None, "the budget of seconds ran out")]


def test_a_derivative_by_an_exponent_is_not_decided_and_the_rest_is():
    by_base, by_exponent = compared(lambda x, n: x**n, lambda x, n: (n * x ** (n - 1), 0), (-2, 3))
    assert by_base.equal is True
    assert (by_exponent.equal, by_exponent.reason) == (None, UNAVAILABLE.reason)


def test_a_derivative_by_the_exponent_of_a_positive_base_is_decided():
    function = lambda x, n: x**n
    right = compared(function, lambda x, n: (n * x ** (n - 1), x**n * x.log()), (2, 3))
    assert [c.equal for c in right] == [True, True]
    assert len(right[0].assumed) == 1
    wrong = compared(function, lambda x, n: (n * x**n, x**n * n.log()), (2, 3))
    assert [c.equal for c in wrong] == [False, False]


def test_a_leaf_that_reaches_an_exponent_keeps_its_number():
    claim, theirs, ours = programs(
        Kind.GRADIENT, lambda x, n: x * n, lambda x, n: (n, x ** (n - 2)), (-2, 3)
    )
    field = Field(2)
    assert generators(field, theirs) == field.generators
    # In the derivative alone it does: then in neither is it a variable.
    assert generators(field, theirs, ours) == [field.generators[0], None]
    assert [c.equal for c in compare(claim, theirs, ours, math.inf, rounded=False)] == [True, True]


@pytest.mark.usefixtures("backend")
def test_numerators_over_one_denominator():
    root = call("sqrt", Fraction(2))
    left, right = numerators(1 / (1 + root), Fraction(1, 2))
    # 1/(1 + r) = r - 1 over 1, and a half: over 2 it is 2r - 2 and 1.
    assert (left, right) == ({(1,): 2, (0,): -2}, {(0,): 1})
    assert numerators(Fraction(1, 2), 1 / (1 + root)) == (right, left)
    assert numerators(Fraction(1, 2), Fraction(1, 3)) == ({(): 3}, {(): 2})


# --- formulas as text ----------------------------------------------------------------------------


@pytest.mark.usefixtures("backend")
def test_short_formulas_are_factored_long_ones_counted():
    x, y = Field(2).generators
    symbols = sp.symbols("x y")
    assert formula_text(x * x - y * y, symbols) == "(x - y)*(x + y)"
    assert formula_text((x - y) / (x + y), symbols) == "(x - y)/(x + y)"
    assert formula_text(x - x, symbols) == "0"
    medium = formula_text(sum((x**k for k in range(20)), x - x), symbols)
    assert medium.startswith("x**19 + x**18")
    # 1 + x + … + x**79 over 1
    long = sum((x**k for k in range(80)), x - x)
    assert formula_text(long, symbols) == "a formula of 81 terms"


def test_what_is_decided_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(identity, "tries", lambda *programs: asked.append(programs) or ())
    assert check_gradient(lambda x, y: x * y, lambda x, y: (y, x)).verdict is Verdict.PROVED
    assert not asked
