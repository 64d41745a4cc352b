from __future__ import annotations

import math
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Scalar
from minigrad.errors import DomainError
from minigrad.exact_math import builtins_namespace, math_namespace
from minigrad.trace import Trace

exact_math: Any = math_namespace()

# Of a Scalar, the float nearest to the result is what Python's own function gives, but for its rounding.
ONE = {
    "acos": 0.3, "acosh": 1.75, "asin": 0.3, "asinh": 0.3, "atan": 0.3, "atanh": 0.3, "cbrt": -2.5, "ceil": 2.25,
    "cos": 0.3, "cosh": 0.3, "degrees": 0.3, "erf": 0.3, "erfc": 0.3, "exp": 0.3, "exp2": 0.3, "expm1": 0.3, "fabs": -0.3,
    "floor": -2.25, "gamma": 0.3, "lgamma": 0.3, "log": 0.3, "log10": 0.3, "log1p": 0.3, "log2": 0.3, "radians": 0.3,
    "sin": 0.3, "sinh": 0.3, "sqrt": 0.3, "tan": 0.3, "tanh": 0.3, "trunc": -2.25,
}  # fmt: skip


def watched(value: Any) -> Any:
    return Trace().leaf(value, "x")


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_scalar(name: str) -> None:
    x = watched(ONE[name])
    found = getattr(exact_math, name)(x)
    assert isinstance(found, Scalar)
    assert type(found) is type(x)
    assert found.operator is not None
    assert x._trace.leaks == []
    x._trace.is_open = False
    assert float(found) == pytest.approx(getattr(math, name)(ONE[name]), rel=1e-14)


SEVERAL: dict[str, Callable[[Any, Any], Any]] = {
    "atan2": lambda m, x: m.atan2(x, -1),
    "atan2 turned": lambda m, x: m.atan2(-1, x),
    "log base": lambda m, x: m.log(x, 3),
    "log of base": lambda m, x: m.log(3, x),
    "pow": lambda m, x: m.pow(x, 1.5),
    "pow turned": lambda m, x: m.pow(2, x),
    "hypot": lambda m, x: m.hypot(x, 2),
    "hypot three": lambda m, x: m.hypot(1, x, 2),
    "dist": lambda m, x: m.dist([x, 1], (0, 3)),
    "fsum": lambda m, x: m.fsum([x, x, 0.5]),
    "fsum generator": lambda m, x: m.fsum(x * i for i in range(4)),
    "prod": lambda m, x: m.prod((x, x, 4)),
    "prod start": lambda m, x: m.prod([2, 3], start=x),
    "copysign": lambda m, x: m.copysign(x, -1),
    "copysign zero": lambda m, x: m.copysign(x, -0.0),
    "copysign turned": lambda m, x: m.copysign(3, -x),
    "fmod": lambda m, x: m.fmod(-x, 0.2),
    "isfinite": lambda m, x: m.isfinite(x),
    "isnan": lambda m, x: m.isnan(x),
    "isinf": lambda m, x: m.isinf(x),
    "isclose": lambda m, x: m.isclose(x, x * (1 + 1e-10)),
    "isclose not": lambda m, x: m.isclose(x, x + 1e-8),
    "isclose absolute": lambda m, x: m.isclose(x, x + 1e-8, abs_tol=1e-7),
    "isclose relative": lambda m, x: m.isclose(x, x + 1e-3, rel_tol=1e-2),
    "numbers": lambda m, x: x * m.sqrt(2) + m.log(2) * m.pi - m.e / m.tau + m.exp(0.5),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_functions_of_several_arguments(name: str) -> None:
    x = watched(0.75)
    found, expected = SEVERAL[name](exact_math, x), SEVERAL[name](math, 0.75)
    assert x._trace.leaks == []
    assert x._trace.rounded == []
    x._trace.is_open = False
    if isinstance(expected, bool):
        assert found is expected
    else:
        assert isinstance(found, Scalar) or name == "copysign turned"
        assert float(found) == pytest.approx(expected, rel=1e-14)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")
def test_sumprod() -> None:
    assert exact_math.sumprod([Scalar(2), 3], [4, 5]).data == 23


def test_functions_with_a_step_make_nodes_that_have_derivative_zero() -> None:
    x = Scalar("5/2")
    traced = watched("5/2")
    assert exact_math.floor(traced).operator.name == "floor"
    assert exact_math.ceil(traced).operator.name == "ceil"
    # A number that no argument went into is an index or a count.
    assert exact_math.floor(x) == 2
    assert type(exact_math.floor(exact_math.log(10) * 1)) is int
    assert list(range(exact_math.ceil(exact_math.sqrt(2)))) == [0, 1]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (exact_math.sqrt(2), sp.sqrt(2)), (exact_math.log(2 * exact_math.pi), sp.log(2 * sp.pi)), (exact_math.exp(1), sp.E),
        (exact_math.pow(2, 0.5), sp.sqrt(2)), (exact_math.hypot(1, 1), sp.sqrt(2)), (exact_math.sin(0.5), sp.sin(sp.Rational(1, 2))),
        (exact_math.tau, 2 * sp.pi), (exact_math.e, sp.E), (exact_math.atan2(1, 1), sp.pi / 4), (exact_math.log(8, 3), 3 * sp.log(2) / sp.log(3)),
        (exact_math.dist([1, 0], [0, 1]), sp.sqrt(2)), (exact_math.log2(3), sp.log(3) / sp.log(2)),
    ],
)  # fmt: skip
def test_what_math_would_round_is_an_exact_constant(found: Any, expected: sp.Expr) -> None:
    assert isinstance(found, Scalar)
    assert sp.simplify(found.data - expected) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda m: m.sqrt(9), lambda m: m.exp(0), lambda m: m.log2(8), lambda m: m.floor(2.5), lambda m: m.isfinite(2.5),
        lambda m: m.sin(1 / 3), lambda m: m.sqrt(0.1 + 0.2), lambda m: m.inf, lambda m: m.factorial(5), lambda m: m.gcd(4, 6),
        lambda m: m.fsum([0.1] * 3), lambda m: m.prod([2, 3]), lambda m: m.isqrt(10), lambda m: m.exp(-math.inf), lambda m: m.atan(math.inf),
        lambda m: m.comb(5, 2), lambda m: m.hypot(3, 4), lambda m: m.cos(0.0), lambda m: m.frexp(3.5), lambda m: m.pow(2, 3),
    ],
)  # fmt: skip
def test_what_is_not_rounded_is_pythons_own(call: Callable[[Any], Any]) -> None:
    found, expected = call(exact_math), call(math)
    assert type(found) is type(expected)
    assert found == expected


@pytest.mark.parametrize(
    "call", [lambda m: m.sqrt(-1), lambda m: m.log(0), lambda m: m.exp(1000), lambda m: m.sqrt("2"), lambda m: m.sin(),
             lambda m: m.sin(1, 2), lambda m: m.acos(2), lambda m: m.nothing],
)  # fmt: skip
def test_errors_of_numbers_are_pythons_own(call: Callable[[Any], Any]) -> None:
    with pytest.raises(Exception) as expected:  # noqa: PT011 - whichever Python raises
        call(math)
    with pytest.raises(type(expected.value)):
        call(exact_math)


def test_errors_of_scalars_name_them() -> None:
    with pytest.raises(DomainError, match=r"log\(x = -1\): the operand must be greater than 0"):
        exact_math.log(Scalar(-1, "x"))
    with pytest.raises(TypeError):
        exact_math.gcd(Scalar(4), 6)
    with pytest.raises(ZeroDivisionError):
        exact_math.fmod(Scalar(4), 0)


def test_the_module_itself_is_left_alone() -> None:
    assert math.sqrt(2) == 2**0.5
    assert exact_math is not math
    assert exact_math.__name__ == "math"
    assert exact_math.sqrt.__name__ == "sqrt"
    assert set(dir(math)) <= set(dir(exact_math))
    assert math_namespace() is exact_math


@given(st.fractions(min_value=Fraction(1, 50), max_value=20, max_denominator=50))
def test_gradients_are_those_of_the_functions(point: Fraction) -> None:
    x = Scalar(point, "x")
    (exact_math.log(x) + exact_math.sqrt(x) * exact_math.exp(-x)).backward()
    v = float(point)
    expected = 1 / v + math.exp(-v) * (0.5 / math.sqrt(v) - math.sqrt(v))
    assert float(x.grad) == pytest.approx(expected, rel=1e-10)


# --- builtins -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["max", "min"])
def test_a_number_that_is_picked_among_scalars_is_a_constant(name: str) -> None:
    pick = getattr(builtins_namespace(), name)
    x = Scalar(Fraction(3, 2), "x")
    low, high = (1, 2) if name == "min" else (2, 1)
    for found in (
        pick(x, low),
        pick([x, low]),
        pick(iter([high, x, low])),
        pick(low, x, key=float),
    ):
        assert (found.is_constant, found.data, (found / 3).data) == (True, low, Fraction(low, 3))
    assert pick(x, high) is x
    assert pick([], default=7) == 7
    assert type(pick(1, 2)) is int
    assert type(pick([x], [low])) is list
    assert math.isinf(pick(x, math.inf if name == "max" else -math.inf))


def test_of_the_builtins_the_rest_are_python_s() -> None:
    assert builtins_namespace().sorted is sorted
    assert builtins_namespace().max.__name__ == "max"


def test_what_is_compared_is_not_taken_apart() -> None:
    pick = builtins_namespace().max
    x = Scalar(3, "x")
    vectors = (np.array([x, 1]), np.array([2 * x, 1]))
    assert pick(*vectors, key=lambda v: v[0]) is vectors[1]
    assert pick((0, 1), (1, 0)) == (1, 0)
    assert pick({1, 2}, {1, 2, 3}) == {1, 2, 3}
    assert pick([x, 2], [x, 3]) == [x, 3]
    assert pick({"a": 1, "b": 2}) == "b"
