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

from minigrad import Scalar, exp, functions, grad, infinity, value_and_grad
from minigrad.errors import InvalidNumber, InvalidOperand
from minigrad.infinity import Infinity, is_infinite, operand, result
from minigrad.operators import OPERATORS
from minigrad.trace import Trace, run
from minigrad.verify import Verdict, check_gradient

np = pytest.importorskip("numpy")
special = pytest.importorskip("scipy.special")

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
# Where minigrad refuses and floats have a value: of both infinities, of complex logarithms, and of NaN.
STRICTER = {("loggamma", -INF)}
FINITE = (-2.0, 0.0, 3.0)


def met(value: float) -> Scalar:
    """The constant that a number becomes in a program that minigrad runs."""
    return Infinity(value) if math.isinf(value) else Scalar(value)


def is_same(found: Scalar, expected: float) -> bool:
    """Whether a result is the float `expected`, which stands for itself or was rounded."""
    if math.isinf(expected) or isinstance(found, Infinity):
        return isinstance(found, Infinity) and found.limit == expected
    return math.isclose(float(found), expected, rel_tol=1e-14)


def in_floats(name: str, values: tuple[float, ...]) -> float:
    with np.errstate(all="ignore"):
        return float(IN_FLOATS[name](*values))


def cases() -> list[tuple[str, tuple[float, ...]]]:
    found: list[tuple[str, tuple[float, ...]]] = []
    for name in IN_FLOATS:
        arity = OPERATORS[name].arity
        every = itertools.product((-INF, INF, *FINITE), repeat=arity or 1)
        found += [(name, values) for values in every if any(map(math.isinf, values))]
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
    elif math.isnan(expected) or (name, *values) in STRICTER:
        with pytest.raises(InvalidNumber, match=rf"{name}\(.*got NaN, which is no number"):
            result(OPERATORS[name], operands, parameters)
    else:
        assert is_same(result(OPERATORS[name], operands, parameters), expected)


def test_no_operator_is_left_out() -> None:
    of_many = {"sum", "prod", "dot", "norm", "logsumexp", "softmax", "log_softmax"}
    assert set(OPERATORS) == set(IN_FLOATS) | of_many | {"pow", "power", "where", "polygamma"}


def test_a_wrong_limit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**infinity._LIMITS, "exp": (0, 0), "tanh": (1, 1)}
    monkeypatch.setattr(infinity, "_LIMITS", wrong)
    assert not is_same(result(OPERATORS["exp"], [Infinity(INF)]), in_floats("exp", (INF,)))
    assert not is_same(result(OPERATORS["tanh"], [Infinity(-INF)]), in_floats("tanh", (-INF,)))


@pytest.mark.parametrize("base", [-INF, INF])
@pytest.mark.parametrize("exponent", [-3, -2, -1, 0, 1, 2, 3])
def test_whole_powers(base: float, exponent: int) -> None:
    found = Infinity(base) ** exponent
    assert is_same(found, base**exponent)


@pytest.mark.parametrize("exponent", [-0.5, 0.5, 2.5])
def test_powers_with_other_exponents(exponent: float) -> None:
    assert is_same(result(OPERATORS["power"], [Infinity(INF), Scalar(exponent)]), INF**exponent)
    with pytest.raises(InvalidNumber):
        result(OPERATORS["power"], [Infinity(-INF), Scalar(exponent)])
    with pytest.raises(InvalidNumber):
        result(OPERATORS["power"], [Scalar(2), Infinity(INF)])


@pytest.mark.parametrize("order", [0, 1, 2])
def test_polygamma(order: int) -> None:
    found = result(OPERATORS["polygamma"], [Infinity(INF)], (order,))
    assert is_same(found, INF if order == 0 else 0)
    with pytest.raises(InvalidNumber):
        result(OPERATORS["polygamma"], [Infinity(-INF)], (order,))


@pytest.mark.parametrize(
    "row", [(-INF, 1.0, 3.0), (1.0, -INF, 3.0), (1.0, 3.0, -INF, -INF), (-INF, 2.0)]
)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_a_masked_row(name: str, row: tuple[float, ...]) -> None:
    expected = getattr(special, name)(row)
    for k, number in enumerate(expected):
        assert is_same(result(OPERATORS[name], [met(x) for x in row], (k,)), number)
    for beyond in ((INF, 1.0), (-INF, -INF)):
        with pytest.raises(InvalidNumber):
            result(OPERATORS[name], [met(x) for x in beyond], (0,))


ROWS = [
    row for n in (1, 2, 3) for row in itertools.product((-INF, INF, 0.0, 3.0), repeat=n)
    if any(map(math.isinf, row))
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
        "norm": (functions.norm, (xs,), INF),
        "logsumexp": (functions.logsumexp, (xs,), special.logsumexp(row)),
    }
    for function, arguments, number in expected.values():
        if math.isnan(number):
            with pytest.raises(InvalidNumber):
                function(*arguments)
        else:
            assert is_same(function(*arguments), float(number))


def test_the_other_operand_is_handed_on_as_it_is() -> None:
    x = Scalar(3)
    assert functions.maximum(x, Infinity(-INF)) is x
    assert functions.minimum(Infinity(INF), x) is x
    assert functions.logaddexp(Infinity(-INF), x) is x
    assert functions.where(True, x, Infinity(INF)) is x
    assert isinstance(functions.where(False, x, Infinity(INF)), Infinity)


@pytest.mark.parametrize("limit", [-INF, INF])
@pytest.mark.parametrize(
    "other", [0, -3, Fraction(1, 2), 2.5, INF, -INF, Scalar(7), exp(Scalar(1)), Infinity(INF)]
)
def test_comparisons_are_those_of_floats(limit: float, other: Any) -> None:
    x, number = Infinity(limit), float(other)
    assert (x < other, x <= other, x == other, x != other, x > other, x >= other) == (
        limit < number, limit <= number, limit == number, limit != number, limit > number, limit >= number,
    )  # fmt: skip
    assert (other < x, other == x, other >= x) == (number < limit, number == limit, number >= limit)


def test_what_is_no_number_is_not_compared() -> None:
    assert Infinity(INF) != "inf"
    with pytest.raises(TypeError):
        assert Infinity(INF) < "inf"


def test_an_infinity_is_one_in_copies_and_pickles_and_as_a_float() -> None:
    x = Infinity(-INF)
    assert copy.copy(x) is x
    assert copy.deepcopy([x])[0] is x
    again = pickle.loads(pickle.dumps(x))
    assert isinstance(again, Infinity)
    assert again.limit == float(x) == -INF
    assert x.is_constant
    assert bool(x)
    assert repr(x) == "Infinity(-inf)"


def test_what_counts_as_infinite() -> None:
    assert [is_infinite(x) for x in (INF, np.float32(-INF), Infinity(INF), 3, Scalar(3))] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert operand("inf") is None
    assert operand(0.1) == Fraction(1, 10)
    with pytest.raises(InvalidNumber):
        operand(math.nan)


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
        (lambda x: x - INF + INF, r"add\(-inf, inf\): expected a number or an infinity"),
        (lambda x: x + math.nan, "NaN is no number"),
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


def test_a_nan_that_a_program_catches_is_not_passed_over() -> None:
    def caught(x: Any) -> Any:
        try:
            return x * (INF - x - INF)
        except ValueError:
            return x

    assert check_gradient(caught, lambda x: 1).verdict is not Verdict.PROVED


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
