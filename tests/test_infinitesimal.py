"""Numbers infinitely close to another: an ordered field, and its standard parts."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad.elementary import FUNCTIONS, call, of_sympy
from minigrad.infinitesimal import Germ, Infinitesimal, Monomial
from minigrad.number import bits
from minigrad.rational import Field, OutOfBudget

try:
    import flint  # noqa: F401 - asked whether it is there
except ImportError:
    BACKENDS = ["sympy"]
else:
    BACKENDS = ["flint", "sympy"]

each_backend = pytest.mark.parametrize("backend", BACKENDS)

small = st.fractions(min_value=-4, max_value=4, max_denominator=5)
coefficients = st.lists(small, min_size=1, max_size=4)


def polynomial(numbers: list[Fraction], x: Any) -> Any:
    return sum((c * x**k for k, c in enumerate(numbers)), start=0 * x)


def lexicographic(numbers: list[Fraction]) -> int:
    """The sign of a polynomial at an infinitesimal: that of its lowest term."""
    return next((1 if c > 0 else -1 for c in numbers if c), 0)


@each_backend
@given(top=coefficients, bottom=coefficients)
def test_the_order_is_that_of_the_lowest_terms(
    backend: str, top: list[Fraction], bottom: list[Fraction]
) -> None:
    epsilon = Infinitesimal(Field(1, backend=backend).generators[0])
    assume(any(bottom))
    value = polynomial(top, epsilon) / polynomial(bottom, epsilon)
    sign = lexicographic(top) * lexicographic(bottom)
    assert (value > 0, value < 0, value == 0) == (sign > 0, sign < 0, sign == 0)
    assert (value >= 0, value <= 0, bool(value)) == (sign >= 0, sign <= 0, sign != 0)
    # So is the sign of the function itself just to the right of 0: for |t| below every root.
    least = Fraction(1, 10**6)
    assert (polynomial(top, least) / polynomial(bottom, least) > 0) == (sign > 0)


@each_backend
@given(top=coefficients, bottom=coefficients)
@example(top=[Fraction(0), Fraction(3)], bottom=[Fraction(0), Fraction(2)])
@example(top=[Fraction(1)], bottom=[Fraction(0), Fraction(2)])
@example(top=[Fraction(0)], bottom=[Fraction(1)])
def test_the_standard_part_is_the_limit(
    backend: str, top: list[Fraction], bottom: list[Fraction]
) -> None:
    epsilon = Infinitesimal(Field(1, backend=backend).generators[0])
    assume(any(bottom))
    value = polynomial(top, epsilon) / polynomial(bottom, epsilon)
    part = value.standard_part()
    lowest = next(k for k, c in enumerate(bottom) if c)
    if any(top[:lowest]):
        assert part is None
        assert abs_of(value) > 10**30
    else:
        assert part == (top[lowest] / bottom[lowest] if lowest < len(top) else 0)
        assert abs_of(value - part) < Fraction(1, 10**30)


def abs_of(value: Infinitesimal) -> Infinitesimal:
    return value if value > 0 else -value


@each_backend
@pytest.mark.parametrize(
    ("value", "floor"),
    [
        (lambda e: e, 0),
        (lambda e: -e, -1),
        (lambda e: 3 + e, 3),
        (lambda e: 3 - e, 2),
        (lambda e: -3 - e * e, -4),
        (lambda e: -3 + e * e, -3),
        (lambda e: 3 + 0 * e, 3),
        (lambda e: Fraction(7, 2) - e, 3),
        (lambda e: Fraction(-7, 2) + e, -4),
        (lambda e: (1 + e) / (1 - e), 1),
        (lambda e: (1 - e) / (1 + e), 0),
    ],
)
def test_the_floor(backend: str, value: Callable[[Any], Infinitesimal], floor: int) -> None:
    epsilon = Infinitesimal(Field(1, backend=backend).generators[0])
    assert math.floor(value(epsilon)) == floor


@each_backend
@given(top=coefficients, bottom=coefficients)
def test_the_ceiling_is_the_least_whole_number_above(
    backend: str, top: list[Fraction], bottom: list[Fraction]
) -> None:
    epsilon = Infinitesimal(Field(1, backend=backend).generators[0])
    assume(any(bottom))
    value = polynomial(top, epsilon) / polynomial(bottom, epsilon)
    assume(value.standard_part() is not None)
    above = math.ceil(value)
    assert above - 1 < value <= above


@each_backend
def test_a_remainder_lies_below_the_divisor(backend: str) -> None:
    epsilon = Infinitesimal(Field(1, backend=backend).generators[0])
    assert (7 + epsilon) % 2 == 1 + epsilon
    assert (6 - epsilon) % 2 == 2 - epsilon
    assert -epsilon % 1 == 1 - epsilon
    assert (4 + 0 * epsilon) % 2 == 0
    assert (epsilon + 5) % (2 + epsilon) == 1 - epsilon


def test_an_infinite_element_has_no_floor() -> None:
    epsilon = Infinitesimal(Field(1).generators[0])
    with pytest.raises(OverflowError, match="infinite element"):
        math.floor(1 / epsilon)


@each_backend
def test_infinitesimals_mix_with_numbers_and_nothing_else(backend: str) -> None:
    epsilon = Infinitesimal(Field(1, backend=backend).generators[0])
    assert 1 - epsilon == -(epsilon - 1)
    assert 2 * epsilon == epsilon + epsilon == epsilon * 2
    assert (1 / epsilon) * epsilon == 1
    assert epsilon**-2 == 1 / (epsilon * epsilon)
    assert 0 < epsilon**2 < epsilon < Fraction(1, 10**9) < 1 / epsilon
    assert (3 + epsilon > 3, 3 + epsilon == 3) == (True, False)
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv, operator.lt):
        with pytest.raises(TypeError):
            operation(epsilon, "1")
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv):
        with pytest.raises(TypeError):
            operation("1", epsilon)
    assert epsilon != "1"
    with pytest.raises(TypeError):
        hash(epsilon)
    assert repr(epsilon) == "Infinitesimal((x0)/(1))"


# --- germs: power series beside a point ----------------------------------------------------------


def germ(q: Fraction, c: Any = 1) -> Germ:
    """q + c*ε, known exactly."""
    return Germ({power(0): q, power(1): Fraction(c)}, None)


def power(q: int) -> Monomial:
    """The monomial ε**q."""
    return Monomial(Fraction(q))


x_ = sp.Symbol("x", positive=True)
SERIES = [
    ("exp", sp.exp(x_), Fraction(1, 3)),
    ("log", sp.log(x_), Fraction(2)),
    ("sin", sp.sin(x_), Fraction(-1, 2)),
    ("atan", sp.atan(x_), Fraction(3)),
    ("erf", sp.erf(x_), Fraction(1, 2)),
    ("gamma", sp.gamma(x_), Fraction(5, 2)),
    ("sqrt", sp.sqrt(x_), Fraction(2)),
    ("asin", sp.asin(x_), Fraction(1, 3)),
    ("sigmoid", 1 / (1 + sp.exp(-x_)), Fraction(-1, 2)),
]


@pytest.mark.parametrize(("name", "expression", "point"), SERIES)
def test_a_germ_is_the_taylor_series(name: str, expression: Any, point: Fraction) -> None:
    found = call(name, germ(point))
    rational = sp.Rational(point.numerator, point.denominator)
    for k in range(3):
        expected = float(sp.diff(expression, x_, k).subs(x_, rational).evalf(30)) / math.factorial(
            k
        )
        assert float(found.coefficients.get(power(k), 0)) == pytest.approx(expected, rel=1e-13)


@given(p=small, c=small, q=small)
def test_germs_obey_the_laws(p: Fraction, c: Fraction, q: Fraction) -> None:
    x, y = germ(p, c), germ(q)
    assert (call("exp", x) * call("exp", y)).agrees(call("exp", x + y))
    assert (call("sin", x) ** 2 + call("cos", x) ** 2).agrees(1)
    assert not call("exp", x).agrees(call("exp", x) + germ(Fraction(0)))
    assert (x + y) * (x - y) == x * x - y * y
    if y:
        assert (x / y * y).agrees(x)


def test_roots_of_infinitesimals_are_larger() -> None:
    epsilon = germ(Fraction(0))
    root = call("sqrt", epsilon)
    assert epsilon < root < Fraction(1, 10**9)
    assert (root * root).agrees(epsilon)
    assert call("power", epsilon, Fraction(1, 3)) > root
    assert (1 / root).standard_part() is None


def test_the_order_of_germs_beside_closed_forms() -> None:
    root = call("sqrt", Fraction(2))
    assert germ(Fraction(0)) + root > root
    assert root - germ(Fraction(0)) < root
    assert (root + germ(Fraction(0))).standard_part() == root
    assert math.floor(call("exp", germ(Fraction(0), -1))) == 0
    assert math.floor(call("exp", germ(Fraction(0)))) == 1


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"atan2", "power", "zeta"}))
def test_every_function_of_one_number_has_a_series(name: str) -> None:
    before = (0,) if name == "polygamma" else ()
    point = Fraction(3, 2) if name == "acosh" else Fraction(1, 2)
    for x in (Infinitesimal(Field(1).generators[0]) + point, germ(point), call("exp", germ(point))):
        inside = x if name not in ("asin", "acos", "atanh") else x / 4
        found = call(name, *before, inside)
        assert (found.standard_part() - call(name, *before, inside.standard_part())) == 0


LIMITS = [
    lambda f, x: x * f("log", x),
    lambda f, x: f("log", x) ** 5 * f("sqrt", x),
    lambda f, x: f("power", x, x),
    lambda f, x: (f("power", x, x) - 1) / (x * f("log", x)),
    lambda f, x: f("log", 2 * x + x * x) - f("log", x),
    lambda f, x: f("exp", f("log", x) * 3 + 1) / x**3,
    lambda f, x: f("exp", -1 / x) / x**5,
    lambda f, x: f("exp", f("log", x) / x) / x**5,
    lambda f, x: f("exp", -(f("log", x) ** 2)) / x**5,
    lambda f, x: x * f("sin", 1 / x),
    lambda f, x: x * f("cos", -1 / x) + 3,
    lambda f, x: f("tanh", 1 / x),
    lambda f, x: (1 - f("tanh", -f("log", x))) / x**2,
    lambda f, x: (1 + f("tanh", f("log", x))) / x**2,
    lambda f, x: f("erf", 1 / x),
    lambda f, x: f("erf", f("log", x)),
    lambda f, x: f("erfc", 1 / x) / x**2,
    lambda f, x: f("erfc", -1 / x),
    lambda f, x: f("asinh", 1 / x) + f("log", x),
    lambda f, x: f("asinh", -1 / x) - f("log", x),
    lambda f, x: f("acosh", 1 / x) + f("log", x),
    lambda f, x: f("acosh", 1 + x) ** 2 / x,
    lambda f, x: f("atanh", 1 - x) + f("log", x) / 2,
    lambda f, x: f("atanh", x - 1) - f("log", x) / 2,
    lambda f, x: f("atan", 1 / x),
    lambda f, x: (f("atan", -1 / x) + f("atan", 1 / (2 * x))) / x,
    lambda f, x: f("sigmoid", 1 / x),
    lambda f, x: f("sigmoid", -1 / x) / x**3,
    lambda f, x: f("sigmoid", f("log", x)) / x,
]


def sympy_function(name: str, *xs: Any) -> Any:
    if name == "sigmoid":
        return 1 / (1 + sp.exp(-xs[0]))
    return xs[0] ** xs[1] if name == "power" else getattr(sp, name)(*xs)


@pytest.mark.parametrize("formula", LIMITS)
def test_the_standard_part_of_a_germ_is_sympys_limit(formula: Callable[[Any, Any], Any]) -> None:
    expected = sp.limit(formula(sympy_function, x_), x_, 0, "+")
    for epsilon in (germ(Fraction(0)), Infinitesimal(Field(1).generators[0])):
        assert of_sympy(expected) == formula(call, epsilon).standard_part()


def test_logarithms_are_infinite_and_smaller_than_every_power() -> None:
    epsilon = germ(Fraction(0))
    logarithm = call("log", 1 / epsilon)
    assert 10**9 < logarithm < call("power", 1 / epsilon, Fraction(1, 10))
    assert logarithm < logarithm**2
    assert logarithm.standard_part() is (logarithm**2 - logarithm).standard_part() is None
    assert 0 < 1 / logarithm < Fraction(1, 10**9)
    assert call("log", epsilon) == -logarithm
    assert repr(logarithm * 2) == "(2)*ε**(0)*log(1/ε)**(1)"
    # The complementary error function of a root of it is no power, and smaller than none.
    for share in (Fraction(1, 2), Fraction(1, 4)):
        for name in ("erf", "erfc"):
            with pytest.raises(OutOfBudget):
                call(name, call("power", logarithm, share)).standard_part()
    # No sign is asked for where nothing is infinite.
    unsigned = epsilon**2 * call("sin", 1 / epsilon)
    assert call("sigmoid", unsigned).standard_part() == Fraction(1, 2)
    # What is infinite stays so whatever is not known beside it.
    assert (1 / epsilon + call("sin", 1 / epsilon)).standard_part() is None


def test_a_coefficient_that_is_0_in_disguise_is_no_infinite_term() -> None:
    two, three = (call("sqrt", Fraction(n)) for n in (2, 3))
    zero = call("sqrt", 5 + 2 * two * three) - two - three
    assert (zero / germ(Fraction(0)) + 1).standard_part() == 1


def test_the_size_of_a_number_counts_all_of_its_coefficients() -> None:
    epsilon = Infinitesimal(Field(1).generators[0])
    # (5 + ε) / (1 + 9ε), and 5 + 7ε: each coefficient is a ratio of at least a bit.
    assert bits((5 + epsilon) / (1 + 9 * epsilon)) == 3 + 1 + 1 + 4
    assert bits(germ(Fraction(5), Fraction(1, 7))) == 3 + 3


def test_what_is_not_known_is_not_guessed() -> None:
    x = germ(Fraction(0))
    unknown = call("exp", x) - call("exp", x)
    with pytest.raises(OutOfBudget):
        unknown.sign()
    with pytest.raises(OutOfBudget):
        call("exp", 1 / x)
    with pytest.raises(OutOfBudget):
        call("log", call("log", 1 / x))
    with pytest.raises(OutOfBudget):
        call("exp", -1 / x).sign()
    with pytest.raises(OutOfBudget):
        call("sin", 1 / x).standard_part()


def test_terms_beyond_what_is_known_are_not_computed() -> None:
    computed = []

    class Counted(Fraction):
        def __mul__(self, other: Any) -> Any:
            computed.append(other)
            return Fraction(self) * other

    left = Germ({power(q): Counted(q + 1) for q in range(5)}, Fraction(5))
    right = Germ({power(q): Fraction(1) for q in range(5)}, Fraction(5))
    product = left * right
    assert len(computed) == 15
    assert product.order == 5
    assert [product.coefficients[power(q)] for q in range(5)] == [1, 3, 6, 10, 15]


def test_a_germ_is_known_as_far_beyond_its_first_term_as_is_asked():
    variable = Field(1).generators[0]
    for length in (1, 2, 3):
        epsilon = Infinitesimal(variable, length)
        # What is rational stays exact, and hands on how far its germs go.
        small = (epsilon + 1) ** 2 - 1
        assert (small.length, small == 2 * epsilon + epsilon**2) == (length, True)
        assert Germ.of(small).order == 1 + length
        assert call("exp", epsilon + 1).order == length
    assert Germ.of(Infinitesimal(variable)).order is None


@pytest.mark.parametrize("length", [2, 3, 4])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_short_germ_agrees_with_a_long_one(length, at):
    def function(x):
        return call("exp", x) / (1 + call("exp", 2 * x)) - call("log", 1 + call("exp", -x))

    variable = Field(1).generators[0]
    short, long = (function(Infinitesimal(variable, n) + at) for n in (length, None))
    # Where x itself is infinitesimal, its first term is ε.
    assert short.order == length + (at == 0)
    assert short.agrees(long)
