"""Infinities that programs compute with, beside what floats make of the same operations."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from minigrad import Scalar, exp, functions, grad, nonfinite, value_and_grad
from minigrad.arrays import Array, array, stand_ins
from minigrad.errors import DivisionByZero, DomainError, InvalidNumber, InvalidOperand
from minigrad.nonfinite import NonFinite, is_infinite, is_nan, operand, result, undefined
from minigrad.operators import OPERATORS
from minigrad.reading import reading_by
from minigrad.rebound import Rebinding
from minigrad.trace import Trace, run
from minigrad.verify import Verdict, check_gradient

np = pytest.importorskip("numpy")
special = pytest.importorskip("scipy.special")
items = pytest.importorskip("minigrad.exact_numpy.items")
scipy_stand_in = pytest.importorskip("minigrad.exact_numpy.scipy_stand_in")

INF = math.inf

# What floats make of each operator: NumPy's and SciPy's own, or the textbook formula.
IN_FLOATS: dict[str, Callable[..., Any]] = {
    "neg": np.negative, "abs": np.abs, "relu": lambda x: np.maximum(x, 0.0), "round": np.round,
    "floor": np.floor, "ceil": np.ceil, "sign": np.sign, "sqrt": np.sqrt, "cbrt": np.cbrt, "exp": np.exp,
    "expm1": np.expm1, "exp2": np.exp2, "log": np.log, "log1p": np.log1p, "log2": np.log2,
    "log10": np.log10, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "sigmoid": special.expit,
    "softplus": lambda x: np.logaddexp(x, 0.0), "silu": lambda x: x * special.expit(x),
    "gelu": lambda x: x * special.ndtr(x), "erf": special.erf, "gamma": special.gamma,
    "loggamma": lambda x: special.loggamma(complex(x)).real if x < 0 else special.loggamma(x),
    "digamma": special.digamma,
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "maximum": np.maximum,
    "minimum": np.minimum, "hypot": np.hypot, "logaddexp": np.logaddexp, "atan2": np.arctan2,
    "mod": np.mod, "floordiv": np.floor_divide,
}  # fmt: skip
# Where minigrad has NaN and floats have a number: SciPy's complex logarithm of the gamma function.
STRICTER = {("loggamma", -INF)}
FINITE = (-2.0, 0.0, 3.0)


def met(value: float) -> Scalar:
    """The constant that a number becomes in a program that minigrad runs."""
    return Scalar(value) if math.isfinite(value) else NonFinite(value)


def is_same(found: Scalar, expected: float) -> bool:
    """Whether a result is the float `expected`, which stands for itself or was rounded."""
    if math.isnan(expected):
        return is_nan(found)
    if math.isinf(expected) or isinstance(found, NonFinite):
        return isinstance(found, NonFinite) and found.limit == expected
    return math.isclose(float(found), expected, rel_tol=1e-14)


def in_floats(name: str, values: tuple[float, ...]) -> float:
    with np.errstate(all="ignore"):
        return float(IN_FLOATS[name](*values))


def cases() -> list[tuple[str, tuple[float, ...]]]:
    found: list[tuple[str, tuple[float, ...]]] = []
    for name in IN_FLOATS:
        arity = OPERATORS[name].arity
        every = itertools.product((-INF, INF, math.nan, *FINITE), repeat=arity or 1)
        found += [(name, values) for values in every if not all(map(math.isfinite, values))]
    return found


@pytest.mark.parametrize(("name", "values"), cases())
def test_an_operator_gives_of_infinities_what_floats_give(
    name: str, values: tuple[float, ...]
) -> None:
    expected = in_floats(name, values)
    operands = [met(value) for value in values]
    parameters = (0,) if name == "round" else ()
    if name in ("div", "floordiv", "mod") and values[1] == 0:
        with pytest.raises(ZeroDivisionError, match=rf"{name}\(.*the divisor must not be 0"):
            result(OPERATORS[name], operands)
    elif (name, *values) in STRICTER:
        assert is_nan(result(OPERATORS[name], operands, parameters))
    else:
        assert is_same(result(OPERATORS[name], operands, parameters), expected)


def test_no_operator_is_left_out() -> None:
    of_many = {"sum", "prod", "dot", "norm", "logsumexp", "softmax", "log_softmax"}
    assert set(OPERATORS) == set(IN_FLOATS) | of_many | {"pow", "power", "where", "polygamma"}


def test_a_wrong_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**nonfinite._LIMITS, "exp": (0, 0), "tanh": (1, 1)}
    monkeypatch.setattr(nonfinite, "_LIMITS", wrong)
    assert not is_same(result(OPERATORS["exp"], [NonFinite(INF)]), in_floats("exp", (INF,)))
    assert not is_same(result(OPERATORS["tanh"], [NonFinite(-INF)]), in_floats("tanh", (-INF,)))


@pytest.mark.parametrize("base", [-INF, INF, math.nan])
@pytest.mark.parametrize("exponent", [-3, -2, -1, 0, 1, 2, 3])
def test_whole_powers(base: float, exponent: int) -> None:
    found = NonFinite(base) ** exponent
    assert is_same(found, base**exponent)


POWERS = [
    pair
    for pair in itertools.product(
        (-INF, INF, math.nan, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0),
        (-INF, INF, math.nan, -0.5, 0.0, 2.5, 3.0),
    )
    if not all(map(math.isfinite, pair))
]


@pytest.mark.parametrize(("base", "exponent"), POWERS)
def test_other_powers(base: float, exponent: float) -> None:
    with np.errstate(all="ignore"):
        expected = float(np.float64(base) ** np.float64(exponent))
    assert is_same(result(OPERATORS["power"], [met(base), met(exponent)]), expected)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_polygamma(order: int) -> None:
    found = result(OPERATORS["polygamma"], [NonFinite(INF)], (order,))
    assert is_same(found, INF if order == 0 else 0)
    assert is_nan(result(OPERATORS["polygamma"], [NonFinite(-INF)], (order,)))


@pytest.mark.parametrize(
    "row", [(-INF, 1.0, 3.0), (1.0, -INF, 3.0), (1.0, 3.0, -INF, -INF), (-INF, 2.0)]
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_a_masked_row(name: str, row: tuple[float, ...]) -> None:
    expected = getattr(special, name)(row)
    for k, number in enumerate(expected):
        assert is_same(result(OPERATORS[name], [met(x) for x in row], (k,)), number)
    for beyond in ((INF, 1.0), (-INF, -INF), (math.nan, 1.0)):
        assert is_nan(result(OPERATORS[name], [met(x) for x in beyond], (0,)))


ROWS = [
    row for n in (1, 2, 3) for row in itertools.product((-INF, INF, math.nan, 0.0, 3.0), repeat=n)
    if not all(map(math.isfinite, row))
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_operators_of_many(row: tuple[float, ...]) -> None:
    xs = [met(value) for value in row]
    ys = [met(value) for value in reversed(row)]
    pairs = list(zip(row, reversed(row), strict=True))
    expected = {
        "sum": (functions.sum, (xs,), sum(row)),
        "prod": (functions.prod, (xs,), math.prod(row)),
        "dot": (functions.dot, (xs, ys), sum(a * b for a, b in pairs)),
        "norm": (functions.norm, (xs,), math.hypot(*row)),
        "logsumexp": (functions.logsumexp, (xs,), special.logsumexp(row)),
    }
    for function, arguments, number in expected.values():
        assert is_same(function(*arguments), float(number))


def test_the_other_operand_is_handed_on_as_it_is() -> None:
    x = Scalar(3)
    assert functions.maximum(x, NonFinite(-INF)) is x
    assert functions.minimum(NonFinite(INF), x) is x
    assert functions.logaddexp(NonFinite(-INF), x) is x
    assert functions.where(True, x, NonFinite(INF)) is x
    assert isinstance(functions.where(False, x, NonFinite(INF)), NonFinite)


@pytest.mark.parametrize("limit", [-INF, INF, math.nan])
@pytest.mark.parametrize(
    "other",
    [0, -3, Fraction(1, 2), 2.5, INF, -INF, math.nan, Scalar(7), exp(Scalar(1)), NonFinite(INF)],
)
def test_comparisons_are_those_of_floats(limit: float, other: Any) -> None:
    x, number = NonFinite(limit), float(other)
    assert (x < other, x <= other, x == other, x != other, x > other, x >= other) == (
        limit < number, limit <= number, limit == number, limit != number, limit > number, limit >= number,
    )  # fmt: skip
    assert (other < x, other == x, other >= x) == (number < limit, number == limit, number >= limit)


def test_what_is_no_number_is_not_compared() -> None:
    assert NonFinite(INF) != "inf"
    with pytest.raises(TypeError):
        assert NonFinite(INF) < "inf"


def test_an_infinity_is_one_in_copies_and_pickles_and_as_a_float() -> None:
    x = NonFinite(-INF)
    assert copy.copy(x) is x
    assert copy.deepcopy([x])[0] is x
    again = pickle.loads(pickle.dumps(x))
    assert isinstance(again, NonFinite)
    assert again.limit == float(x) == -INF
    assert x.is_constant
    assert bool(x)
    assert repr(x) == "NonFinite(-inf)"


def test_what_counts_as_infinite() -> None:
    assert [is_infinite(x) for x in (INF, np.float32(-INF), NonFinite(INF), 3, Scalar(3))] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert operand("inf") is None
    assert operand(0.1) == Fraction(1, 10)
    assert is_nan(operand(math.nan))
    assert [is_nan(x) for x in (math.nan, np.float32("nan"), NonFinite(math.nan), INF, 3, "nan")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_outside_functions_infinities_are_refused() -> None:
    for make in (lambda: Scalar(3) + INF, lambda: Scalar(INF), lambda: functions.maximum(3, -INF)):
        with pytest.raises(InvalidNumber, match="infinity is no number"):
            make()
    assert grad(lambda x: functions.minimum(x, INF))(3) == 1
    with pytest.raises(InvalidNumber):
        Scalar(3) + INF


# --- in transforms ---


def test_masked_scores_are_differentiated() -> None:
    def masked(x: Any) -> Any:
        scores = np.where([True, False, True], x, -np.inf)
        return np.exp(scores - np.max(scores))[0]

    value, slope = value_and_grad(masked)([0, 100, 2])
    assert value == exp(Scalar(-2)).data
    assert slope == [value, 0, -value]


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x: x + INF, "grad: result: expected a number; got inf, which is none"),
        (lambda x: x - INF + INF, "grad: result: expected a number; got nan, which is none"),
        (lambda x: x + math.nan, "grad: result: expected a number; got nan, which is none"),
    ],
)
def test_what_has_no_value_is_refused(function: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(InvalidNumber, match=says):
        grad(function)(3)


# --- under check ---


def masked_probability(x: Any) -> Any:
    scores = np.where(np.array([True, False, True]), x, -np.inf)
    weights = np.exp(scores - np.max(scores))
    return weights[0] / np.sum(weights)


def by_hand(x: Any) -> Any:
    p = 1 / (1 + np.exp(x[2] - x[0]))
    return np.array([p * (1 - p), 0, -p * (1 - p)])


def unmasked(x: Any) -> Any:
    p = np.exp(x) / np.sum(np.exp(x))
    return p[0] * (np.array([1, 0, 0]) - p)


def shortest(w: Any) -> Any:
    away = [INF] * 4
    away[0] = 0
    for _ in range(3):
        for a, b, k in ((0, 1, 0), (1, 2, 1), (0, 2, 2), (2, 3, 3)):
            if away[a] + w[k] ** 2 < away[b]:
                away[b] = away[a] + w[k] ** 2
    return away[3]


def along(w: Any) -> Any:
    g = np.zeros(4)
    used = (0, 1, 3) if w[0] ** 2 + w[1] ** 2 < w[2] ** 2 else (2, 3)
    for k in used:
        g[k] = 2 * w[k]
    return g


def always_direct(w: Any) -> Any:
    return np.array([0, 0, 2 * w[2], 2 * w[3]])


def table(x: Any) -> Any:
    away = np.full(4, np.inf)
    away[0] = 0
    for i in range(1, 4):
        away[i] = min(away[i], away[i - 1] + x[i - 1] ** 3)
    return away[3]


def soft(x: Any) -> Any:
    total = -np.inf
    for item in x:
        total = np.logaddexp(total, 2 * item)
    return total


def soft_by_hand(x: Any) -> Any:
    return 2 * np.exp(2 * x) / np.sum(np.exp(2 * x))


@pytest.mark.parametrize(
    ("function", "gradient", "size", "verdict"),
    [
        (masked_probability, by_hand, 3, Verdict.PROVED),
        (masked_probability, unmasked, 3, Verdict.REFUTED),
        (shortest, along, 4, Verdict.KINK),
        (shortest, always_direct, 4, Verdict.REFUTED),
        (table, lambda x: 3 * x**2, 3, Verdict.PROVED),
        (table, lambda x: 3 * x, 3, Verdict.REFUTED),
        (soft, soft_by_hand, 3, Verdict.PROVED),
        (soft, lambda x: soft_by_hand(x) / 2, 3, Verdict.REFUTED),
        (lambda x: np.sum(np.clip(x, 0, np.inf) ** 2), lambda x: 2 * np.maximum(x, 0), 2, Verdict.PROVED),
    ],
)  # fmt: skip
def test_programs_with_infinities_are_judged(
    function: Callable[[Any], Any], gradient: Callable[[Any], Any], size: int, verdict: Verdict
) -> None:
    assert check_gradient(function, gradient, shape=[size]).verdict is verdict


def test_the_sign_that_a_product_with_an_infinity_asks_for_is_a_comparison() -> None:
    trace = Trace()
    ran = run(lambda x: min(7, (x - 1) * INF), [trace.leaf(3, "x")], trace)
    assert ran.result == 7
    assert [str(comparison) for comparison in trace.comparisons] == ["sub(…) > 0"]


def test_isinf_and_isfinite_know_them() -> None:
    def known(x: Any) -> Any:
        row = np.where(x > 0, x, np.inf)
        assert np.isinf(row).tolist() == [not item > 0 for item in x]
        assert np.isfinite(row).tolist() == [bool(item > 0) for item in x]
        assert math.isinf(row[0]) is not math.isfinite(row[0])
        return np.sum(np.where(np.isinf(row), 0, row))

    assert check_gradient(known, lambda x: np.where(x > 0, 1.0, 0.0), shape=[2]).verdict in (
        Verdict.PROVED,
        Verdict.KINK,
    )


def test_a_number_of_another_type_is_an_error_that_names_it() -> None:
    with pytest.raises(InvalidOperand, match="expected a Scalar or a number; got 'inf'"):
        grad(lambda x: functions.maximum(x, "inf"))(3)


# --- where exact numbers are not defined, and NumPy's warn ---


POLES: list[tuple[str, tuple[float, ...]]] = [
    ("log", (0.0,)), ("log", (-1.0,)), ("log2", (0.0,)), ("log10", (-3.0,)), ("log1p", (-1.0,)),
    ("log1p", (-2.0,)), ("sqrt", (-1.0,)), ("arcsin", (2.0,)), ("arccos", (-2.0,)), ("arccosh", (0.0,)),
    ("arctanh", (1.0,)), ("arctanh", (-1.0,)), ("arctanh", (2.0,)), ("divide", (1.0, 0.0)),
    ("divide", (-3.0, 0.0)), ("divide", (0.0, 0.0)), ("floor_divide", (2.0, 0.0)),
    ("floor_divide", (-2.0, 0.0)), ("floor_divide", (0.0, 0.0)), ("remainder", (2.0, 0.0)),
    ("fmod", (2.0, 0.0)), ("fmod", (-7.0, INF)), ("fmod", (-7.0, 3.0)), ("power", (0.0, -1.0)),
    ("power", (0.0, -0.5)), ("power", (-2.0, 0.5)), ("reciprocal", (0.0,)), ("float_power", (0.0, -2.0)),
    ("gamma", (0.0,)), ("gamma", (-1.0,)), ("gammaln", (0.0,)), ("gammaln", (-2.0,)),
    ("digamma", (0.0,)), ("digamma", (-1.0,)),
]  # fmt: skip


def in_numpy(name: str, values: tuple[float, ...]) -> tuple[Any, float]:
    """What a function gives of an array of Scalars in a function that minigrad runs, and of floats."""
    function = getattr(np, name, None) or getattr(special, name)
    with np.errstate(all="ignore"):
        expected = float(function(*[np.array([value]) for value in values])[0])
        with reading_by(operand):
            found = function(*[items.constants([value], name).view(Array) for value in values])[0]
    return found, expected


@pytest.mark.parametrize(("name", "values"), POLES)
def test_numpy_s_functions_warn_where_they_are_not_defined(
    name: str, values: tuple[float, ...]
) -> None:
    found, expected = in_numpy(name, values)
    assert is_same(found, expected)


@pytest.mark.parametrize(("name", "values"), [("log", (0.0,)), ("divide", (1.0, 0.0))])
def test_outside_functions_they_raise(name: str, values: tuple[float, ...]) -> None:
    with pytest.raises((DomainError, DivisionByZero)):
        getattr(np, name)(*[array([value]) for value in values])


def test_a_wrong_pole_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nonfinite, "_POLES", {})
    found, expected = in_numpy("log", (0.0,))
    assert not is_same(found, expected)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_poles_of_polygamma(order: int) -> None:
    with reading_by(operand):
        found = scipy_stand_in.stand_in().polygamma(order, array([0]))[0]
    assert is_same(found, float(special.polygamma(order, 0.0)))


def test_an_error_of_another_operation_is_raised() -> None:
    x = Scalar(0)
    with reading_by(operand), pytest.raises(DivisionByZero) as raised:
        1 / x
    assert is_infinite(undefined(raised.value, [1, x]))
    assert undefined(raised.value, [Scalar(5)]) is None
    assert undefined(ValueError("of another kind")) is None


def entropy(x: Any) -> Any:
    return np.sum(np.where(x > 0, x * np.log(x), 0))


def gravity(x: Any) -> Any:
    away = x[:, None] - x[None, :]
    inverse = 1 / np.abs(away)
    inverse[np.diag_indices(3)] = 0
    return inverse.sum() / 2


def pull(x: Any) -> Any:
    away = x[:, None] - x[None, :]
    found = -np.sign(away) / away**2
    found[np.diag_indices(3)] = 0
    return found.sum(1)


def until_it_stays(x: Any) -> Any:
    before, y = np.inf, x * x
    while not np.isclose(y, before):
        before, y = y, min(y, 50 - y)
    return y


def replaced(x: Any) -> Any:
    return np.nan_to_num(np.where([True, False], x, -np.inf), neginf=0.0).max()


def damped(x: Any) -> Any:
    beyond = (x - 100) * math.inf
    return x * 0.5**beyond if beyond > 0 else x


def caught(x: Any) -> Any:
    try:
        return x.prod() / x
    except ZeroDivisionError:
        return np.array([x[1], x[0]])


def caught_in_vain(x: Any) -> Any:
    try:
        1 / x[1]
    except ZeroDivisionError:
        return np.zeros(2)
    return np.array([2 * x[0], 0])


def logged(x: Any) -> Any:
    try:
        return np.log(x)
    except ValueError:
        return 0.0


@pytest.mark.parametrize(
    ("function", "gradient", "size", "verdict"),
    [
        (entropy, lambda x: np.where(x > 0, np.log(x) + 1, 0), [2], Verdict.KINK),
        (entropy, lambda x: np.where(x > 0, np.log(x), 0), [2], Verdict.REFUTED),
        (gravity, pull, [3], Verdict.PROVED),
        (gravity, lambda x: -pull(x), [3], Verdict.REFUTED),
        (until_it_stays, lambda x: 2 * x if x * x < 25 else -2 * x, 1, Verdict.KINK),
        (until_it_stays, lambda x: 2 * x, 1, Verdict.REFUTED),
        (replaced, lambda x: [1 if x[0] > 0 else 0, 0], [2], Verdict.KINK),
        (replaced, lambda x: [1, 0], [2], Verdict.REFUTED),
        (damped, lambda x: 1, 1, Verdict.REFUTED),
        (lambda x: x.prod(), caught, [2], Verdict.REFUTED),
        (lambda x: x[0] ** 2, caught_in_vain, [2], Verdict.PROVED),
        (logged, lambda x: 1 / x, 1, Verdict.PROVED),
        (lambda x: np.sum(np.sqrt(x)), lambda x: 0.5 / np.sqrt(x), [2], Verdict.KINK),
        (lambda x: np.sum(np.sqrt(x)), lambda x: 0.5 / np.sqrt(x) * [1, 2], [2], Verdict.REFUTED),
        (lambda x: np.abs(x).sum(), lambda x: x / np.abs(x), [2], Verdict.KINK),
        (lambda x: np.sum(abs(x)), lambda x: np.array([(v > 0) - (v < 0) for v in x]), [2], Verdict.UNDECIDED),
        (
            lambda x: np.nansum(np.where(x > 1, np.log(x), np.nan)),
            lambda x: np.where(x > 1, 1 / x, 0), [2], Verdict.KINK,
        ),
    ],
)  # fmt: skip
def test_programs_that_numpy_warns_of_are_judged_as_floats_would_have_them(
    function: Callable[[Any], Any], gradient: Callable[[Any], Any], size: Any, verdict: Verdict
) -> None:
    assert check_gradient(function, gradient, shape=size).verdict is verdict


def test_a_component_that_is_no_number_says_so() -> None:
    report = check_gradient(lambda x: x.prod(), lambda x: x.prod() / x, [0, 2])
    assert report.verdict is Verdict.REFUTED
    messages = [entry.message for entry in report.entries if entry.message]
    assert any("the gradient has no value: DivisionByZero" in message for message in messages)


def each(x: Any, numbers: Any) -> Any:
    found = []
    for k, v in enumerate(numbers):
        try:
            found.append(x.prod() / v)
        except ZeroDivisionError:
            found.append(math.prod(w for j, w in enumerate(x) if j != k))
    return found


@pytest.mark.parametrize(
    ("gradient", "verdict"),
    [
        (lambda x: each(x, x.tolist()), Verdict.PROVED),
        (lambda x: each(x, [v.item() for v in x]), Verdict.PROVED),
        (lambda x: each(x, x), Verdict.REFUTED),
    ],
)
def test_numbers_of_python_s_that_elements_became_raise(
    gradient: Callable[[Any], Any], verdict: Verdict
) -> None:
    assert check_gradient(lambda x: x.prod(), gradient, shape=[2]).verdict is verdict


def test_what_math_returns_is_a_number_of_python_s() -> None:
    def function(x: Any) -> Any:
        try:
            return 1 / math.sqrt(x[0] * x[0])
        except ZeroDivisionError:
            return 0

    trace = Trace()
    trace.is_numpy = True
    exact = Rebinding(stand_ins()).of(function)
    assert run(exact, [[trace.leaf(0, "x")]], trace).result == 0
