"""Closed forms as numbers: their order, rounding, equality, size; and what must be refused in time."""

from __future__ import annotations

import math
import operator
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad import closed, elementary, enclosure, kernels, polynomials
from minigrad.closed import Closed, Kernel, lift, power_of
from minigrad.elementary import call, pi
from minigrad.errors import MinigradError, NotDecided, TooLarge
from minigrad.kernels import Evaluation
from minigrad.number import total
from minigrad.rational import Field, OutOfBudget

HALF = Fraction(1, 2)
HAS_FLINT = polynomials.default_backend() == "flint"


def exp(x: Any) -> Any:
    return call("exp", x if isinstance(x, Closed) else Fraction(x))


def log(x: Any) -> Any:
    return call("log", x if isinstance(x, Closed) else Fraction(x))


def sqrt(x: Any) -> Any:
    return call("sqrt", x if isinstance(x, Closed) else Fraction(x))


def power(x: Any, y: Any) -> Any:
    return call("power", Fraction(x), Fraction(y))


@pytest.fixture(params=["flint", "sympy"] if HAS_FLINT else ["sympy"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test that asks for it runs with python-flint, and as if that were not installed."""
    monkeypatch.setattr(polynomials, "default_backend", lambda: request.param)
    reals = "arb" if request.param == "flint" else "mpmath"
    monkeypatch.setattr(enclosure, "default_backend", lambda: reals)
    return str(request.param)


def decimal(value: Any) -> Any:
    """A number as mpmath's, from bounds that are narrow: of cos(1/84)**273 they are not at few bits."""
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    for bits in (512, 2048):
        found = value.bounds(bits)
        assert found is not None
        low, high = found
        assert low <= high
        if high - low <= Fraction(1, 10**70) * (1 + abs(low)):
            return mpmath.mpf(low.numerator) / low.denominator
    raise AssertionError(f"wide bounds: {low} to {high}")


# --- random numbers: each is made by minigrad and by mpmath --------------------------------------

Pair = tuple[Any, Any]
ratios = st.fractions(-4, 4, max_denominator=6)


def applied(name: str, of: Callable[[Any], Any], x: Pair) -> Pair:
    """A function of a number where that is defined and of modest size; else the example is dropped."""
    exact, near = x
    domains: dict[str, Callable[[Any], bool]] = {
        "log": lambda v: v > 1e-9,
        "sqrt": lambda v: v > 1e-9,
        "asin": lambda v: abs(v) < 0.99,
        "gamma": lambda v: 0.1 < v < 9,
        "loggamma": lambda v: 0.1 < v < 9,
        "exp": lambda v: abs(v) < 60,
        "sinh": lambda v: abs(v) < 60,
        # Closer to 1 a logarithm would cancel all of mpmath's digits.
        "erf": lambda v: abs(v) < 9,
        "tanh": lambda v: abs(v) < 40,
        "sigmoid": lambda v: abs(v) < 60,
    }
    assume(abs(near) < 1e6 and domains.get(name, lambda v: True)(near))
    return call(name, exact), of(near)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sqrt": mpmath.sqrt,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tanh": mpmath.tanh,
    "sinh": mpmath.sinh,
    "atan": mpmath.atan,
    "asin": mpmath.asin,
    "asinh": mpmath.asinh,
    "erf": mpmath.erf,
    "gamma": mpmath.gamma,
    "loggamma": mpmath.loggamma,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}


@st.composite
def numbers(draw: st.DrawFn, depth: int = 3) -> Pair:
    with mpmath.workdps(90):
        if depth == 0 or draw(st.integers(0, 3)) == 0:
            q = draw(ratios)
            return q, mpmath.mpf(q.numerator) / q.denominator
        if draw(st.booleans()):
            name = draw(st.sampled_from(sorted(FUNCTIONS)))
            return applied(name, FUNCTIONS[name], draw(numbers(depth - 1)))
        left, right = draw(numbers(depth - 1)), draw(numbers(depth - 1))
        operation = draw(
            st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv])
        )
        assume(operation is not operator.truediv or abs(right[1]) > 1e-6)
        return operation(left[0], right[0]), operation(left[1], right[1])


@given(pair=numbers())
def test_a_closed_form_has_mpmaths_value(pair: Pair) -> None:
    exact, near = pair
    with mpmath.workdps(70):
        assert abs(decimal(exact) - near) <= mpmath.mpf(10) ** -55 * (1 + abs(near))


@pytest.mark.parametrize("seed", range(12))
def test_both_libraries_give_the_same(
    seed: int, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = sqrt(seed + 2) * exp(Fraction(seed, 3)) - log(seed + 2) / (1 + sqrt(3))
    near = (
        mpmath.sqrt(seed + 2) * mpmath.exp(mpmath.mpf(seed) / 3)
        - mpmath.log(seed + 2) / (1 + mpmath.sqrt(3))
    )  # fmt: skip
    assert float(value) == pytest.approx(float(near), rel=1e-14)
    assert value - value == 0
    assert value / value == 1


@given(pair=numbers())
def test_the_float_is_the_nearest(pair: Pair) -> None:
    exact, near = pair
    assume(isinstance(exact, Closed))
    try:
        found = float(exact)
    except NotDecided:
        assume(False)
    with mpmath.workdps(90):
        below, above = (math.nextafter(found, side) for side in (-math.inf, math.inf))
        error = abs(near - found)
        # mpmath's own value is good for more digits than a float's neighbours are apart.
        assert error <= abs(near - below)
        assert error <= abs(near - above)


@given(pair=numbers(), other=numbers())
def test_the_order_is_that_of_the_values(pair: Pair, other: Pair) -> None:
    with mpmath.workdps(90):
        assume(abs(pair[1] - other[1]) > 1e-40)
        less = pair[1] < other[1]
    assert (pair[0] < other[0]) == less
    assert (pair[0] > other[0]) != less
    assert (pair[0] <= other[0]) == less
    assert pair[0] != other[0]


@given(pair=numbers())
def test_whole_numbers_around(pair: Pair) -> None:
    exact, near = pair
    assume(isinstance(exact, Closed))
    with mpmath.workdps(90):
        assume(abs(near - mpmath.nint(2 * near) / 2) > 1e-40)
        assert math.floor(exact) == int(mpmath.floor(near))
        assert math.ceil(exact) == int(mpmath.ceil(near))
        assert round(exact) == int(mpmath.nint(near))
        assert int(exact) == math.trunc(exact) == int(near)
        places = int(mpmath.nint(near * 1000))
        assume(abs(abs(near * 1000 - places) - 0.5) > 1e-30)
        assert round(exact, 3) == Fraction(places, 1000)


@given(pair=numbers())
def test_a_pickle_is_the_same_number(pair: Pair) -> None:
    again = pickle.loads(pickle.dumps(pair[0]))
    assert again == pair[0]
    assert str(again) == str(pair[0])


# --- laws of a field -----------------------------------------------------------------------------


@given(x=numbers(2), y=numbers(2), z=numbers(2))
def test_the_laws_of_a_field(x: Pair, y: Pair, z: Pair) -> None:
    a, b, c = x[0], y[0], z[0]
    assert a + b - b == a
    assert a + b == b + a
    assert a * b == b * a
    assert (a + b) * c == a * c + b * c
    assert a + (b + c) == (a + b) + c
    if abs(y[1]) > 1e-6:
        assert a / b * b == a
        assert 1 / (1 / b) == b
    assert a**3 == a * a * a
    assert 0 - (0 - a) == a
    assert abs(a) in (a, -a)


SAME = [
    (lambda: sqrt(2) * sqrt(3), lambda: sqrt(6)),
    (lambda: 1 / (sqrt(2) - 1), lambda: sqrt(2) + 1),
    (lambda: 1 / (1 + power(2, Fraction(1, 3))),
     lambda: (1 - power(2, Fraction(1, 3)) + power(2, Fraction(2, 3))) / 3),
    (lambda: sqrt(5 + 2 * sqrt(6)), lambda: sqrt(2) + sqrt(3)),
    (lambda: sqrt(1 + sqrt(2)) * sqrt(2 + sqrt(2)), lambda: power(2, Fraction(1, 4)) * (1 + sqrt(2))),
    (lambda: exp(HALF) * exp(Fraction(1, 3)), lambda: exp(Fraction(5, 6))),
    (lambda: sqrt(3 + 2 * sqrt(2)), lambda: 1 + sqrt(2)),
    (lambda: 4 * call("cos", pi() / 5), lambda: 1 + sqrt(5)),
    (lambda: call("sin", pi() / 7) * call("sin", 2 * pi() / 7) * call("sin", 3 * pi() / 7),
     lambda: sqrt(7) / 8),
    (lambda: sqrt(2) ** 2, lambda: Fraction(2)),
    (lambda: 2 * power(2, HALF) - sqrt(8), lambda: Fraction(0)),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), SAME)
def test_equal_numbers_are_equal_and_hash_alike(
    left: Callable[[], Any], right: Callable[[], Any], backend: str
) -> None:
    x, y = left(), right()
    assert x == y
    assert hash(x) == hash(y)
    assert not x < y
    assert x <= y
    assert len({x, y}) == 1


DIFFERENT = [
    # Ramanujan's constant is a whole number to 12 places.
    (lambda: exp(pi() * sqrt(163)), lambda: Fraction(640320**3 + 744)),
    (lambda: sqrt(10**20 + 1), lambda: Fraction(10**10)),
    (lambda: exp(-(10**9)), lambda: Fraction(0)),
    (lambda: exp(10**30), lambda: Fraction(10**400)),
    (lambda: exp(exp(exp(5))), lambda: exp(exp(exp(Fraction(501, 100))))),
    (lambda: call("tanh", Fraction(10**6)), lambda: Fraction(1)),
    (lambda: sum(map(sqrt, (5, 6, 18))), lambda: sum(map(sqrt, (4, 12, 12)))),
]


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_close_numbers_are_told_apart(left: Callable[[], Any], right: Callable[[], Any]) -> None:
    x, y = left(), right()
    assert x != y
    assert (x < y) != (x > y)


# Identities that the normal form does not see; each is true.
HIDDEN = [
    lambda: call("atan", Fraction(2)) + call("atan", HALF) - pi() / 2,
    lambda: 4 * call("atan", Fraction(1, 5)) - call("atan", Fraction(1, 239)) - pi() / 4,
]


@pytest.mark.parametrize("zero", HIDDEN)
def test_what_algebra_does_not_see_is_not_guessed(zero: Callable[[], Any]) -> None:
    value = zero()
    for question in (
        bool,
        math.floor,
        lambda x: x > 0,
        lambda x: x == 0,
        abs,
        lambda x: 1 / x,
    ):
        with pytest.raises(NotDecided, match="was not told from 0"):
            question(value)
    assert isinstance(hash(value), int)
    assert value + 1 > 0
    # Whatever it is, no other float is nearer.
    assert float(value) == 0.0


def test_infinities_are_compared_with() -> None:
    x = sqrt(2)
    assert -math.inf < x < math.inf
    assert not x > math.inf
    assert x != math.inf
    assert x > -math.inf


@pytest.mark.parametrize("other", ["1", None, 1.5, [], 1j])
def test_what_is_no_exact_number_does_not_mix(other: object) -> None:
    x = sqrt(2)
    for operation in (operator.add, operator.sub, operator.mul, operator.truediv, operator.lt):
        with pytest.raises(TypeError):
            operation(x, other)
        with pytest.raises(TypeError):
            operation(other, x)
    assert x != other
    with pytest.raises(TypeError):
        x**HALF
    assert lift(other) is None


def test_division_by_zero() -> None:
    zero = power(2, Fraction(1, 4)) * sqrt(1 + sqrt(2)) - sqrt(2 + sqrt(2))
    assert zero == 0
    for over in (1, sqrt(2), Fraction(1, 2)):
        with pytest.raises(ZeroDivisionError):
            over / zero
    with pytest.raises(ZeroDivisionError):
        zero**-1
    with pytest.raises(ZeroDivisionError):
        sqrt(2) / 0


# --- sizes ---------------------------------------------------------------------------------------

LARGE: list[tuple[Callable[[], Any], type[Exception]]] = [
    (lambda: float(exp(10**30)), OverflowError),
    (lambda: math.floor(exp(10**30)), TooLarge),
    (lambda: float(pi() ** 10**9), TooLarge),
    (lambda: (1 + exp(1)) ** 10**9, TooLarge),
    (lambda: sqrt(2) ** 10**9, TooLarge),
    (lambda: exp(HALF) ** 2**600, TooLarge),
    (lambda: (1 + exp(1) + pi()) ** 300, TooLarge),
    (lambda: [x := exp(1), *[x := log(2 + x) for _ in range(400)]], TooLarge),
    (lambda: total([log(p) for p in sp.primerange(2, 9000)]), TooLarge),
]


@pytest.mark.parametrize(("made", "error"), LARGE)
def test_what_is_too_large_is_refused(made: Callable[[], Any], error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        made()
    assert isinstance(raised.value, MinigradError)
    assert len(str(raised.value)) < 300


def test_huge_and_tiny_numbers() -> None:
    assert float(exp(-(10**9))) == 0.0
    assert exp(-(10**9)) > 0
    assert exp(exp(exp(5))) > 10**100
    assert float(call("sin", Fraction(10**40))) == -0.5696334009536363
    assert float(power(2, Fraction(1, 1000))) == 1.0006933874625807
    assert sqrt(10**400) == 10**200
    assert math.floor(exp(1000)) == int(mpmath_floor_of_exp(1000))
    assert exp(2**62) ** 4 > exp(2**62) ** 3


def mpmath_floor_of_exp(n: int) -> Any:
    with mpmath.workdps(n):
        return mpmath.floor(mpmath.exp(n))


def test_exponents_of_any_size_stay_apart() -> None:
    values = [Fraction(10) ** 30, Fraction(-1, 10**30), *[Fraction(i, 7) for i in range(10)]]
    whole = total([exp(v) for v in values])
    assert 10**29 < log(whole) < 10**31
    assert whole - exp(values[0]) - exp(values[1]) == total([exp(v) for v in values[2:]])
    root = power(3, Fraction(1, 10**30))
    assert root**7 == power(3, Fraction(7, 10**30))
    assert root > 1


@pytest.mark.parametrize("n", [2**40, 10**9, 997])
def test_angles_of_any_size_stay_apart(n: int) -> None:
    t, u = Fraction(1, n), Fraction(1, n + 12)
    both = call("sin", t) + call("sin", u)
    with mpmath.workdps(40):
        near = mpmath.sin(mpmath.mpf(1) / n) + mpmath.sin(mpmath.mpf(1) / (n + 12))
        assert float(both) == float(near)
    assert both - call("sin", u) == call("sin", t)
    assert call("sin", t) ** 2 + call("cos", t) ** 2 == 1


# --- formulas ------------------------------------------------------------------------------------


def test_a_formula_takes_its_signs_from_the_point() -> None:
    field = Field(1, point=[Fraction(-3)])
    (x,) = field.generators
    assert call("sqrt", x * x) == -x
    assert [sign for _, sign in field.assumptions.values()] == [-1]
    assert call("Abs", call("exp", x) - 1) == 1 - call("exp", x)


def test_a_formula_without_a_point_has_no_sign() -> None:
    (x,) = Field(1).generators
    with pytest.raises(OutOfBudget, match="no point"):
        call("sqrt", x * x)


def test_formulas_are_not_ordered_nor_pickled() -> None:
    field = Field(1, point=[Fraction(1)])
    (x,) = field.generators
    formula = call("exp", x)
    assert formula.has_variables
    assert bool(formula)
    with pytest.raises(TypeError, match="not ordered"):
        assert formula < 1
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(formula)
    with field.blind(), pytest.raises(TypeError, match="compared or tested"):
        bool(formula)


def test_a_formula_counts_its_work() -> None:
    field = Field(2, limit=500, point=[Fraction(1), Fraction(2)])
    x, y = field.generators
    with pytest.raises(OutOfBudget, match="outgrew"):
        (call("exp", x) + call("exp", y) + x + y + 1) ** 30


def test_an_inverse_is_no_larger_than_what_it_is_of() -> None:
    # The limit on exponents is for powers that grow.
    large = exp(1) ** 2**480 * exp(1)
    assert large**-1 == 1 / large
    assert (large**-1) * large == 1
    with pytest.raises(TooLarge):
        large**-2


def test_sympys_own_numbers_are_equal() -> None:
    assert sp.sqrt(2) == sp.sympify(sqrt(2))
    assert power_of(Kernel("pi", 0), 2, None).expression() == sp.pi**2


def test_a_formula_is_positive_where_it_is_seen_to_be() -> None:
    assert (sqrt(2) + exp(1) * pi()).is_positive
    assert not (sqrt(2) - exp(1)).is_positive
    assert not log(2).is_positive


# --- planted faults ------------------------------------------------------------------------------


def laws_of_roots() -> bool:
    return bool(sqrt(2) ** 3 == 2 * sqrt(2))


def test_a_wrong_power_of_a_root_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert laws_of_roots()
    whole = closed._reduced_power
    monkeypatch.setattr(closed, "_reduced_power", lambda kernel, field: whole(kernel, field) + 1)
    assert not laws_of_roots()


def test_a_wrong_pythagoras_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    t = Fraction(2, 3)
    whole = closed._reduced_power

    def wrong(kernel: Kernel, field: Field | None) -> Any:
        return 2 - whole(kernel, field) if kernel.kind == "sin" else whole(kernel, field)

    assert elementary.call("sin", t) ** 2 + elementary.call("cos", t) ** 2 == 1
    monkeypatch.setattr(closed, "_reduced_power", wrong)
    assert elementary.call("sin", t) ** 2 + elementary.call("cos", t) ** 2 != 1


@example(q=Fraction(0))
@given(q=ratios)
def test_numbers_lift_to_themselves(q: Fraction) -> None:
    assert lift(q) == q
    assert exp(q) * exp(-q) == 1


@pytest.mark.skipif(not HAS_FLINT, reason="SymPy's polynomials are walked over term by term")
def test_arithmetic_leaves_terms_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = sqrt(2) + exp(1) * log(3), sqrt(5) - 3 * log(7)
    walks = []
    for module in (closed, kernels, polynomials):
        own = module.terms
        monkeypatch.setattr(module, "terms", lambda p, own=own: [walks.append(p)] and own(p))
    assert left + right - right == left
    assert not walks


def test_an_inverse_needs_no_divisor(monkeypatch: pytest.MonkeyPatch) -> None:
    number = (exp(1) + log(3)) / (2 + pi())
    monkeypatch.setattr(closed, "common", lambda *_: pytest.fail("a common factor was looked for"))
    inverse = 1 / number
    monkeypatch.undo()
    assert inverse * number == 1


def fraction_of_roots(depth: int) -> Any:
    x: Any = Fraction(1)
    for k in range(depth, 1, -1):
        x = sqrt(k / (1 + x))
    return x


def test_a_kernel_within_others_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = Evaluation._of_kernel
    monkeypatch.setattr(
        Evaluation, "_of_kernel", lambda self, kernel: [asked.append(kernel)] and real(self, kernel)
    )
    found = fraction_of_roots(30)
    asked.clear()
    low, high = found.bounds(64)
    assert len(asked) == len(set(asked)) <= 60
    x = mpmath.mpf(1)
    for k in range(30, 1, -1):
        x = mpmath.sqrt(k / (1 + x))
    assert abs(Fraction(float(x)) - low) < Fraction(1, 2**50)
    assert 0 < high - low < Fraction(1, 2**50)
    assert found == fraction_of_roots(30)
    assert len(str(found.text())) < 100


def test_roots_of_roots_stay_in_a_denominator() -> None:
    assert str(1 / (1 + sqrt(2) + sqrt(3))) == "-sqrt(6)/4 + sqrt(2)/4 + 1/2"
    nested = fraction_of_roots(9)
    assert len(nested.top) + len(nested.bottom) < 20
    assert nested * (1 / nested) == 1
    # But not where fewer and shorter numbers come of it, which are more easily told from others.
    r = power(Fraction(3), Fraction(1, 3))
    a = 4 / (27 * sqrt(2 - r) * sqrt(r + 2))
    assert sqrt(a * a + a + Fraction(1, 4)) == a + Fraction(1, 2)


def test_only_what_a_factor_holds_is_enclosed_to_see_that_it_is_not_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = log(3) + exp(1) / sqrt(2)
    asked = []
    of_kernel = Evaluation.of_kernel
    monkeypatch.setattr(
        Evaluation, "of_kernel", lambda self, k: [asked.append(k.kind)] and of_kernel(self, k)
    )
    quotient = number / sqrt(3)
    assert set(asked) == {"root"}
    monkeypatch.undo()
    assert quotient * sqrt(3) == number
