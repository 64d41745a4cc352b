"""Answers of the wrong form."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from claimed import f, g, named, sampled

import minigrad
from minigrad.errors import CaseError, DomainError
from minigrad.verify import Verdict, check_gradient
from minigrad.verify.claims import Kind

FOREVER = math.inf

WRONG: dict[str, tuple[Kind, Callable[..., Any], Callable[..., Any], Any, str]] = {
    "too many": (
        Kind.GRADIENT, f, lambda x, y: (x, y, x), (3, 5),
        "expected the gradient to be 2 partial derivatives, by x, y; got 3",
    ),
    "too few": (
        Kind.GRADIENT, f, lambda x, y: [x], (3, 5),
        "expected the gradient to be 2 partial derivatives, by x, y; got 1",
    ),
    "a number for two": (
        Kind.GRADIENT, f, lambda x, y: 2, (3, 5),
        r"to be 2 partial derivatives, by x, y; got 2 \(type int\)",
    ),
    "an array for a number": (
        Kind.GRADIENT, lambda x: x, lambda x: [1, 2], 3,
        r"expected the gradient to be a Scalar or a number; got \[1, 2\]",
    ),
    "numbers for arrays": (
        Kind.GRADIENT, lambda v, s: v[0] * s, lambda v, s: (s, v[0]), ([3, 5], 7),
        r"expected the gradient\[0\] to be 2 partial derivatives, by v\[0\], v\[1\]; got ",
    ),
    "a number for the second array": (
        Kind.GRADIENT, lambda s, v: v[0] * s, lambda s, v: (v[0], s), (7, [3, 5]),
        r"expected the gradient\[1\] to be 2 partial derivatives, by v\[0\], v\[1\]; got ",
    ),
    "a matrix in the wrong way": (
        Kind.GRADIENT, lambda m: m[0][0], lambda m: [[1], [0]], [[3, 5]],
        r"expected the gradient to be 1 partial derivative; got 2",
    ),
    "many": (
        Kind.GRADIENT, lambda v: v[0], lambda v: [1], list(range(9)),
        "expected the gradient to be 9 partial derivatives; got 1",
    ),
    "None": (
        Kind.GRADIENT, lambda x: x, lambda x: None, 3,
        r"expected the gradient to return a Scalar or a number; got None \(type NoneType\)",
    ),
    "None among them": (
        Kind.GRADIENT, f, lambda x, y: (1, None), (3, 5),
        r"expected the gradient\[1\] to return a Scalar or a number; got None",
    ),
    "text": (Kind.GRADIENT, lambda x: x, lambda x: "1", 3, r"got '1' \(type str\)"),
    "a dict": (Kind.GRADIENT, f, lambda x, y: {"x": 1}, (3, 5), "to be 2 partial derivatives, by x, y; got {'x': 1}"),
    "complex": (Kind.GRADIENT, lambda x: x, lambda x: 1j, 3, r"got 1j \(type complex\)"),
    "unavailable": (
        Kind.GRADIENT, lambda x, y: x**y, lambda x, y: minigrad.grad(lambda a, b: a**b, (0, 1))(x, y), (-3, 2),
        r"the gradient\[1\] returned a derivative that is not available: it reaches an exponent",
    ),
    "rows": (
        Kind.JACOBIAN, g, lambda x, y: [[1, 2]] * 3, (3, 5),
        "expected the Jacobian to have 2 rows; got 3",
    ),
    "one row for two": (Kind.JACOBIAN, g, lambda x, y: [[1, 2, 3, 4]], (3, 5), "to have 2 rows; got 1"),
    "a number for a matrix": (
        Kind.JACOBIAN, g, lambda x, y: x, (3, 5),
        "expected the Jacobian to have 2 rows; got ",
    ),
    "short rows": (
        Kind.JACOBIAN, g, lambda x, y: [[1], [2]], (3, 5),
        "expected the Jacobian to be 2 partial derivatives, by x, y; got 1",
    ),
    "blocks without rows": (
        Kind.JACOBIAN, lambda s, v: [s, s, s], lambda s, v: (5, [1, 0]), (7, [3, 5]),
        "expected the Jacobian to have 3 rows; got 2",
    ),
    "a flat matrix": (Kind.JACOBIAN, g, lambda x, y: [1, 2, 3, 4], (3, 5), "expected the Jacobian to have 2 rows; got 4"),
    "transposed": (
        Kind.JACOBIAN, lambda x, y: [x, y, x], lambda x, y: [[1, 0, 1], [0, 1, 0]], (3, 5),
        "expected the Jacobian to have 3 rows; got 2",
    ),
    "a gradient for a Hessian": (
        Kind.HESSIAN, f, lambda x, y: (1, 2), (3, 5),
        "expected the Hessian to be 2 partial derivatives, by x, y; got ",
    ),
    "a Hessian of two numbers": (
        Kind.HESSIAN, g, lambda x, y: [[1, 2], [3, 4]], (3, 5),
        "a function that returns 2 numbers has no Hessian",
    ),
    "a product with the Hessian of two numbers": (
        Kind.HVP, g, lambda x, y, t: [1, 2], (3, 5),
        "a function that returns 2 numbers has no Hessian",
    ),
    "a number for a jvp of two": (
        Kind.JVP, g, lambda x, y, t: 1, (3, 5), "jvp: expected a list of 2; got 1",
    ),
    "three for a jvp of two": (
        Kind.JVP, g, lambda x, y, t: [1, 2, 3], (3, 5), "jvp: expected a list of 2; got a list of 3",
    ),
    "a pair for a jvp, as JAX has it": (
        Kind.JVP, f, lambda x, y, t: (x, 1), (3, 5), "jvp: expected a number; got a list of 2",
    ),
    "a nested jvp": (
        Kind.JVP, lambda x: [x, [x]], lambda x, t: [1, 1], 3, r"jvp\[1\]: expected a list of 1; got 1",
    ),
    "text for a jvp": (Kind.JVP, lambda x: x, lambda x, t: "t", 3, "expected the jvp to return a Scalar or a number"),
    "three for a vjp": (
        Kind.VJP, g, lambda x, y, w: [1, 2, 3], (3, 5),
        "expected the vjp to be 2 partial derivatives, by x, y; got 3",
    ),
    "a vjp of a dict": (
        Kind.VJP, lambda x: {"a": x}, lambda x, w: w, 3,
        "expected the function to return a number or an array; got a dict with the keys 'a'",
    ),
    "an hvp of the wrong length": (
        Kind.HVP, f, lambda x, y, t: [1], (3, 5), "expected the hvp to be 2 partial derivatives, by x, y; got 1",
    ),
    "a function that returns None": (
        Kind.GRADIENT, lambda x: None, lambda x: 1, 3,
        "expected the function to return a Scalar or a number; got None",
    ),
    "a function that returns text in a list": (
        Kind.JACOBIAN, lambda x: [x, "y"], lambda x: [1, 2], 3,
        r"expected the function at \[1\] to return a Scalar or a number; got 'y'",
    ),
    "too few arguments": (
        Kind.GRADIENT, f, lambda x: (1, 2), (3, 5),
        "expected the gradient to take the arguments of the function: too many positional arguments",
    ),
    "too many arguments": (
        Kind.GRADIENT, lambda x: x, lambda x, y: 1, 3,
        "take the arguments of the function: missing a required argument: 'y'",
    ),
    "no tangent": (
        Kind.JVP, lambda x: x, lambda x: 1, 3,
        "expected the jvp to take the arguments of the function and the tangent: too many",
    ),
    "no cotangent": (
        Kind.VJP, f, lambda x, y: (1, 2), (3, 5),
        "expected the vjp to take the arguments of the function and the cotangent: too many",
    ),
    "a tangent too many": (
        Kind.HVP, f, lambda x, y, a, b, c: (1, 2), (3, 5),
        "expected the hvp to take the arguments of the function and the tangent: missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "function", "derivative", "point", "message"), WRONG.values(), ids=WRONG
)
def test_an_answer_of_the_wrong_form_is_refused(
    kind: Kind,
    function: Callable[..., Any],
    derivative: Callable[..., Any],
    point: Any,
    message: str,
) -> None:
    with pytest.raises(CaseError, match=message):
        sampled(kind, function, derivative, point)


def test_a_derivative_without_a_signature_is_tried() -> None:
    # The signature of `max` cannot be read; it takes two numbers.
    found = sampled(Kind.VJP, lambda x: x, max, 3, 5)
    assert named(found) == {"x": 5}
    assert named(sampled(Kind.JVP, f, lambda *xs: max(*xs), (3, 5), 7, 8)) == {"f": 8}


@pytest.mark.parametrize("what", ["abc", None])
def test_what_is_no_number_at_one_point_is_refused_with_the_point(what: Any) -> None:
    with pytest.raises(CaseError, match=r"the gradient to return .*; at x = 0$"):
        check_gradient(lambda x: x * x, lambda x: 2 * x if x != 0 else what)
    with pytest.raises(CaseError, match=r"the function to return .*; at x = 0$"):
        check_gradient(lambda x: x * x if x != 0 else what, lambda x: 2 * x)


@pytest.mark.parametrize("number", [math.nan, -math.inf, np.float64("inf")])
def test_where_a_program_returns_nan_or_an_infinity_it_has_no_value(number: float) -> None:
    ran = sampled(Kind.JACOBIAN, lambda x: [x, number], lambda x: [1, 0], 3)
    assert isinstance(ran.function.error, DomainError)
    assert str(ran.function.error) == f"it returned {number} at [1], which is no number"
    ran = sampled(Kind.GRADIENT, f, lambda x, y: (1, number), (3, 5))
    assert ran.function.error is None
    assert ran.derivative is not None
    assert ran.derivative.error is None
    assert [str(error) for error in ran.lacking.values()] == [
        f"it returned {number} for y, which is no number"
    ]
    assert (list(ran.lacking), [node.data for node in ran.given]) == ([1], [1, 0])


@pytest.mark.parametrize("number", [math.nan, -math.inf])
def test_a_function_may_return_no_number_outside_its_support(number: float) -> None:
    def likelihood(m: Any, s: Any) -> Any:
        return number if s <= 0 else -(((1 - m) / s) ** 2) / 2

    def gradient(m: Any, s: Any) -> Any:
        return (1 - m) / s**2, (1 - m) ** 2 / s**3

    report = check_gradient(likelihood, gradient)
    assert report.verdict is Verdict.PROVED
    assert "it returned" in str(report)
    with pytest.raises(CaseError, match=r"raised at every point .* it returned"):
        check_gradient(lambda x: number, lambda x: 1)


def test_a_gradient_of_nan_is_wrong_where_there_is_one_and_a_kink_where_there_is_none() -> None:
    def at_zero(value: Any) -> Any:
        return lambda x: math.nan if x == 0 else value(x)

    wrong = check_gradient(lambda x: x * abs(x), at_zero(lambda x: 2 * abs(x)))
    assert (wrong.verdict, wrong.entries[0].point) == (Verdict.REFUTED, {"x": 0})
    kink = check_gradient(abs, at_zero(lambda x: 1 if x > 0 else -1))
    assert kink.verdict is Verdict.KINK


@pytest.mark.parametrize("kind", [Kind.GRADIENT, Kind.JACOBIAN, Kind.HESSIAN, Kind.JVP])
def test_a_function_that_returns_no_number_has_no_derivative(kind: Kind) -> None:
    with pytest.raises(CaseError, match="expected the function to return a number or more; it ret"):
        sampled(kind, lambda x: [], lambda *_: [], 3)
    # There is nothing to multiply by, and the product is zeros.
    found = sampled(Kind.VJP, lambda x: [], lambda x, w: 0, 3)
    assert [y.data for y in found.given] == [0]
