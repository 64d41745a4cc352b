"""Functions of numbers and formulas: the laws they obey, and the values that are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minigrad import closed, elementary, enclosure, factors, kernels, polynomials, powers
from minigrad.closed import Closed
from minigrad.elementary import FUNCTIONS, Unsupported, call, in_sympy, of_sympy, pi
from minigrad.errors import InvalidOperand, TooLarge
from minigrad.rational import Field

HALF = Fraction(1, 2)
HAS_FLINT = polynomials.default_backend() == "flint"
small = st.fractions(-4, 4, max_denominator=7)
positive = st.fractions(Fraction(1, 7), 9, max_denominator=7)
# Few, for large multiples of an angle are not written as polynomials in its cosine.
few = st.sampled_from([Fraction(n, d) for n in (1, 2, 3) for d in (1, 2, 3)])


@pytest.fixture(params=["flint", "sympy"] if HAS_FLINT else ["sympy"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A test that asks for it runs with python-flint, and as if that were not installed."""
    monkeypatch.setattr(polynomials, "default_backend", lambda: request.param)
    reals = "arb" if request.param == "flint" else "mpmath"
    monkeypatch.setattr(enclosure, "default_backend", lambda: reals)
    return str(request.param)


def f(name: str) -> Callable[..., Any]:
    return lambda *xs: call(name, *[Fraction(x) if isinstance(x, int) else x for x in xs])


exp, log, sqrt, sin, cos, power = map(f, ("exp", "log", "sqrt", "sin", "cos", "power"))
tanh, sinh, cosh, asinh, gamma, atan, asin = map(
    f, ("tanh", "sinh", "cosh", "asinh", "gamma", "atan", "asin")
)


def variables() -> tuple[Any, Any]:
    """Two formulas, at a point where both are positive."""
    x, y = Field(2, point=[Fraction(3, 7), Fraction(5, 3)]).generators
    return x, y


# Each law is the difference of two expressions that are equal for all positive x and y.
LAWS: dict[str, Callable[[Any, Any], Any]] = {
    "exp of a sum": lambda x, y: exp(x) * exp(y) - exp(x + y),
    "exp of a difference": lambda x, y: exp(x) / exp(y) - exp(x - y),
    "exp of a multiple": lambda x, y: exp(x / 3) ** 3 - exp(x),
    "exp of a log": lambda x, y: exp(log(x)) - x,
    "log of an exp": lambda x, y: log(exp(x)) - x,
    "log of a product": lambda x, y: log(x * y) - log(x) - log(y),
    "log of a quotient": lambda x, y: log(x / y) - log(x) + log(y),
    "log of a power": lambda x, y: log(x**5) - 5 * log(x),
    "log of a root": lambda x, y: 2 * log(sqrt(x)) - log(x),
    "root of a product": lambda x, y: sqrt(x * y) - sqrt(x) * sqrt(y),
    "root of a square": lambda x, y: sqrt(x * x) - x,
    "square of a root": lambda x, y: sqrt(x + y) ** 2 - x - y,
    "powers multiply": lambda x, y: power(x, y) * power(x, y + 1) - power(x, 2 * y + 1),
    "ratios as exponents": lambda x, y: (
        power(x, HALF) * power(x, Fraction(1, 3)) - power(x, Fraction(5, 6))
    ),
    "power of a power": lambda x, y: power(power(x, y), y) - power(x, y * y),
    "Pythagoras": lambda x, y: sin(x) ** 2 + cos(x) ** 2 - 1,
    "sine of a sum": lambda x, y: sin(x + y) - sin(x) * cos(y) - cos(x) * sin(y),
    "cosine of a sum": lambda x, y: cos(x + y) - cos(x) * cos(y) + sin(x) * sin(y),
    "sine of a difference": lambda x, y: sin(x - y) - sin(x) * cos(y) + cos(x) * sin(y),
    "double angle": lambda x, y: sin(2 * x) - 2 * sin(x) * cos(x),
    "triple angle": lambda x, y: cos(3 * x) - 4 * cos(x) ** 3 + 3 * cos(x),
    "half angle": lambda x, y: 2 * cos(x / 2) ** 2 - 1 - cos(x),
    "angles over 6 and 4": lambda x, y: (
        sin(x / 6) * cos(x / 4) + cos(x / 6) * sin(x / 4) - sin(x * Fraction(5, 12))
    ),
    "shifted by pi": lambda x, y: sin(x + pi()) + sin(x),
    "shifted by a right angle": lambda x, y: cos(x + pi() / 2) + sin(x),
    "tangent": lambda x, y: f("tan")(x) * cos(x) - sin(x),
    "tanh": lambda x, y: tanh(x) - sinh(x) / cosh(x),
    "tanh doubled": lambda x, y: tanh(2 * x) * (1 + tanh(x) ** 2) - 2 * tanh(x),
    "hyperbolic Pythagoras": lambda x, y: cosh(x) ** 2 - sinh(x) ** 2 - 1,
    "cosh": lambda x, y: 2 * cosh(x) - exp(x) - exp(-x),
    "asinh is odd": lambda x, y: asinh(-x) + asinh(x),
    "sinh of asinh": lambda x, y: sinh(asinh(x)) - x,
    "acosh": lambda x, y: cosh(f("acosh")(1 + x)) - 1 - x,
    "atanh": lambda x, y: tanh(f("atanh")(x / (1 + x))) - x / (1 + x),
    "sigmoid": lambda x, y: f("sigmoid")(x) + f("sigmoid")(-x) - 1,
    "gamma": lambda x, y: gamma(x + 1) - x * gamma(x),
    "gamma three steps": lambda x, y: gamma(x + 3) - (x + 2) * (x + 1) * x * gamma(x),
    "gamma below": lambda x, y: gamma(x - 2) * (x - 1) * (x - 2) - gamma(x),
    "loggamma": lambda x, y: f("loggamma")(x + 1) - f("loggamma")(x) - log(x),
    "digamma": lambda x, y: call("polygamma", 0, x + 1) - call("polygamma", 0, x) - 1 / x,
    "polygamma": lambda x, y: call("polygamma", 2, x + 1) - call("polygamma", 2, x) - 2 / x**3,
    "atan is odd": lambda x, y: atan(-x) + atan(x),
    "erf is odd": lambda x, y: f("erf")(-x) + f("erf")(x),
    "acos": lambda x, y: f("acos")(x / 9) + asin(x / 9) - pi() / 2,
    "units": lambda x, y: log(sqrt(x * x + 1) - x) + log(sqrt(x * x + 1) + x),
    "roots of units": lambda x, y: sqrt(sqrt(x + 1) - sqrt(x)) * sqrt(sqrt(x + 1) + sqrt(x)) - 1,
    "softplus": lambda x, y: log(1 + exp(x)) - x - log(1 + exp(-x)),
}


@pytest.mark.parametrize("name", LAWS)
def test_laws_hold_for_formulas(name: str, backend: str) -> None:
    assert LAWS[name](*variables()) == 0


@pytest.mark.parametrize("name", LAWS)
@settings(max_examples=8)
@given(x=few, y=few)
def test_laws_hold_for_numbers(name: str, x: Fraction, y: Fraction) -> None:
    assume(name != "gamma below" or x not in (1, 2))
    assert LAWS[name](x, y) == 0


@pytest.mark.parametrize("name", LAWS)
def test_laws_hold_for_closed_forms(name: str, backend: str) -> None:
    assert LAWS[name](sqrt(2) - Fraction(1, 3), exp(HALF)) == 0


# --- planted faults ------------------------------------------------------------------------------


def broken() -> set[str]:
    """The laws that do not hold for formulas."""
    found = set()
    for name, law in LAWS.items():
        try:
            if law(*variables()) != 0:
                found.add(name)
        except Exception:
            found.add(name)
    return found


def test_a_wrong_sign_in_the_addition_theorem_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = elementary._angle

    def wrong(q: Fraction, t: Any, field: Any) -> Any:
        c, s = right(q, t, field)
        return c, -s if q < 0 else s

    monkeypatch.setattr(elementary, "_angle", wrong)
    assert "sine of a difference" in broken()


def test_a_multiple_of_an_angle_off_by_one_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = kernels.chebyshev
    monkeypatch.setattr(kernels, "chebyshev", lambda made, x, n: right(made, x, n + 1))
    assert "angles over 6 and 4" in broken()


def test_a_relation_off_by_one_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = closed._reduced_power
    monkeypatch.setattr(closed, "_reduced_power", lambda k, field: right(k, field) + 1)
    assert {"square of a root", "Pythagoras", "hyperbolic Pythagoras"} & broken()


def test_a_wrong_factor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = factors.factors
    monkeypatch.setattr(powers, "factors", lambda u: [(g, n + 1) for g, n in right(u)])
    assert {"exp of a log", "square of a root"} <= broken()


def test_steps_of_gamma_off_by_one_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = elementary._steps
    monkeypatch.setattr(elementary, "_steps", lambda v, n: right(v + 1, n))
    assert {"gamma", "loggamma", "digamma", "polygamma"} <= broken()


# --- values that are known -----------------------------------------------------------------------

TURNS = [Fraction(k, n) for n in range(1, 13) for k in range(2 * n + 1) if math.gcd(k, n) == 1]


@pytest.mark.parametrize("q", TURNS, ids=str)
def test_angles_that_are_parts_of_a_turn(q: Fraction) -> None:
    c, s = cos(q * pi()), sin(q * pi())
    with mpmath.workdps(40):
        exact = mpmath.mpf(q.numerator) / q.denominator
        assert abs(float(c) - mpmath.cospi(exact)) < 1e-15
        assert abs(float(s) - mpmath.sinpi(exact)) < 1e-15
    assert c == of_sympy(sp.cos(sp.pi * sp.Rational(q.numerator, q.denominator)))
    assert s == of_sympy(sp.sin(sp.pi * sp.Rational(q.numerator, q.denominator)))
    assert c * c + s * s == 1
    assert cos(-q * pi()) == c
    assert cos(2 * q * pi()) == 2 * c * c - 1


@pytest.mark.parametrize("n", [3, 5, 7, 9, 11, 13, 15])
def test_sums_over_a_turn_in_formulas(n: int) -> None:
    x, _ = variables()
    # The n-th roots of 1 add up to 0, and so do their real parts.
    assert sum([x * cos(2 * pi() * Fraction(k, n)) for k in range(1, n)], x) == 0


@pytest.mark.parametrize("q", [Fraction(k, 12) for k in range(-5, 7)], ids=str)
def test_angles_of_known_values(q: Fraction) -> None:
    s, c = sin(q * pi()), cos(q * pi())
    assert asin(s) == q * pi()
    assert f("acos")(c) == abs(q) * pi()
    if c:
        assert atan(s / c) == q * pi()


KNOWN = [
    (lambda: exp(0), Fraction(1)),
    (lambda: log(1), Fraction(0)),
    (lambda: sqrt(0), Fraction(0)),
    (lambda: power(0, HALF), Fraction(0)),
    (lambda: power(8, Fraction(1, 3)), Fraction(2)),
    (lambda: power(Fraction(4, 9), Fraction(-3, 2)), Fraction(27, 8)),
    (lambda: gamma(5), Fraction(24)),
    (lambda: gamma(HALF) ** 2 / pi(), Fraction(1)),
    (lambda: f("loggamma")(2), Fraction(0)),
    (lambda: call("polygamma", 1, Fraction(1)) * 6 / pi() ** 2, Fraction(1)),
    (lambda: f("atan2")(0, -1) / pi(), Fraction(1)),
    (lambda: f("atan2")(-1, 0) / pi(), -HALF),
    (lambda: f("atan2")(-1, -1) / pi(), Fraction(-3, 4)),
    (lambda: log(1 + sqrt(2)) + log(sqrt(2) - 1), Fraction(0)),
    (lambda: log(sqrt(3) - 1) + log(sqrt(3) + 1) - log(2), Fraction(0)),
    (lambda: f("Abs")(-3), Fraction(3)),
    (lambda: f("sign")(Fraction(0)), Fraction(0)),
    (lambda: f("sign")(-sqrt(2)), Fraction(-1)),
]


@pytest.mark.parametrize(("made", "value"), KNOWN)
def test_rational_values_are_fractions(made: Callable[[], Any], value: Fraction) -> None:
    found = made()
    assert isinstance(found, Fraction)
    assert found == value


@given(x=small, n=st.integers(1, 12))
def test_polygamma_is_mpmaths(x: Fraction, n: int) -> None:
    assume(not (x <= 0 and x.denominator == 1))
    with mpmath.workdps(40):
        near = mpmath.polygamma(n, mpmath.mpf(x.numerator) / x.denominator)
    assert float(call("polygamma", n, x)) == pytest.approx(float(near), rel=1e-13)


# --- sizes ---------------------------------------------------------------------------------------

LARGE = [
    lambda: power(2, 10**9),
    lambda: power(2, -(10**9)),
    lambda: gamma(10**30),
    lambda: gamma(5000),
    lambda: call("polygamma", 10**9, Fraction(1, 3)),
    lambda: exp(log(3) * 10**9),
    lambda: power(1 + sqrt(2), 10**9),
]


@pytest.mark.parametrize("made", LARGE)
def test_what_is_too_large_is_refused(made: Callable[[], Any]) -> None:
    with pytest.raises(TooLarge):
        made()


def test_large_integers_are_not_factored_in_vain() -> None:
    p, q = 2**127 - 1, 2**107 - 1
    assert log(p * q) - log(p * q) == 0
    assert log(p**6) == 6 * log(p)
    assert log(10**3000) == 3000 * log(10)
    assert log(10**300_000) == 300_000 * (log(2) + log(5))
    assert sqrt(Fraction(3) ** 200_001) == 3**100_000 * sqrt(3)
    with mpmath.workdps(30):
        near = mpmath.log(10) * 200_000
    assert float(log(10**200_000 + 1)) == float(near)


@pytest.mark.parametrize("x", [Fraction(10**20 + 1, 3), Fraction(-(10**20) - 1, 3)])
def test_gamma_functions_far_away_are_not_moved(x: Fraction) -> None:
    assert isinstance(call("polygamma", 0, x), Closed)
    assert gamma(x) == gamma(x)


# --- to and from SymPy ---------------------------------------------------------------------------

x_, y_ = sp.symbols("x y", positive=True)
EXPRESSIONS = [
    sp.exp(x_) * sp.sin(y_) / (1 + sp.sqrt(x_)),
    sp.log(x_ + y_) ** 2 - sp.atan(x_ / y_),
    sp.gamma(x_ + 2) + sp.erf(y_) * sp.pi,
    x_**y_ - sp.tanh(x_) + sp.Abs(-y_),
    sp.polygamma(1, x_) + sp.loggamma(y_) + sp.E,
    sp.asin(x_ / 9) + sp.acos(y_ / 9) + sp.sinh(x_) * sp.cosh(y_) + sp.tan(x_),
    sp.asinh(x_) + sp.acosh(1 + y_) + sp.atanh(x_ / 4) + sp.sign(x_) + sp.atan2(x_, y_),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
@settings(max_examples=10)
@given(x=positive, y=positive)
def test_an_expression_has_sympys_value(expression: Any, x: Fraction, y: Fraction) -> None:
    assume(x < 4)
    found = of_sympy(expression, {x_: x, y_: y})
    rational = {s: sp.Rational(v.numerator, v.denominator) for s, v in ((x_, x), (y_, y))}
    near = expression.subs(rational).evalf(30)
    assert abs(sp.Float(str(mpmath.mpf(float(found))), 17) - near) <= 1e-14 * (1 + abs(near))


@pytest.mark.parametrize("expression", EXPRESSIONS[:5], ids=str)
def test_an_expression_comes_back(expression: Any) -> None:
    x, y = variables()
    formula = of_sympy(expression, {x_: x, y_: y})
    assert of_sympy(in_sympy(formula, [x_, y_]), {x_: x, y_: y}) == formula


@pytest.mark.parametrize("expression", [sp.Symbol("z"), sp.I, sp.oo, sp.besselj(0, 1), sp.nan])
def test_what_is_unknown_is_said(expression: Any) -> None:
    with pytest.raises(Unsupported):
        of_sympy(expression)


def test_constants() -> None:
    for constant in (sp.pi, sp.E, sp.EulerGamma, sp.Catalan, sp.zeta(3)):
        assert float(of_sympy(constant)) == float(sp.N(constant, 30))


@pytest.mark.parametrize("other", ["1", None, 1.5, 1j])
def test_what_is_no_number_is_refused(other: object) -> None:
    with pytest.raises(InvalidOperand, match="expected exact numbers"):
        call("exp", other)


def test_others_answer_for_themselves() -> None:
    class Own:
        def elementary(self, name: str, *xs: Any) -> str:
            return f"{name} of {len(xs)}"

    assert call("power", Fraction(2), Own()) == "power of 2"


def test_every_function_is_tested() -> None:
    text = " ".join(map(str, EXPRESSIONS)) + " atan2 cos sigmoid power exp zeta acos tan"
    assert {name for name in FUNCTIONS if name not in text} <= {"sqrt", "Abs", "sign"}


def test_a_function_of_one_ratio_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    exp = elementary.FUNCTIONS["exp"]
    monkeypatch.setitem(elementary.FUNCTIONS, "exp", lambda u: [asked.append(u)] and exp(u))
    found = [call("exp", Fraction(5, 7)) for _ in range(3)]
    assert asked == [Fraction(5, 7)]
    assert found[0] == found[1] == found[2] == exp(Fraction(5, 7))
    # A long number is not kept.
    call("exp", Fraction(1, 3**200))
    call("exp", Fraction(1, 3**200))
    assert len(asked) == 3
