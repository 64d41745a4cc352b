"""What the transforms refuse, and errors of the function itself."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from minigrad import Scalar
from minigrad.derivatives import derivative, grad, hessian, hvp, jacobian, jvp, taylor, vjp
from minigrad.errors import DivisionByZero, InvalidNumber, InvalidOperand, StaleGraph

NAN = float("nan")
square = lambda x: x * x
REFUSED: list[tuple[Any, type[Exception], str]] = [
    # Functions and argnums.
    (lambda: grad(3), InvalidOperand, r"grad: expected a function; got 3"),
    (lambda: taylor("f", 0, 1), InvalidOperand, r"taylor: expected a function; got 'f'"),
    (lambda: grad(square, "0"), InvalidOperand, r"grad: expected argnums to be an int or"),
    (lambda: hessian(square, 0.0), InvalidOperand, r"hessian: expected argnums .* got 0\.0"),
    (lambda: grad(square, True), InvalidOperand, r"expected argnums .* got True"),
    (lambda: grad(square, ()), InvalidOperand, r"expected argnums .* got \(\)"),
    (lambda: jacobian(square, 1)(3), InvalidOperand, r"jacobian: argnums 1: .* with 1 pos"),
    (lambda: grad(square, -2)(3), InvalidOperand, r"argnums -2: the function was called"),
    (lambda: grad(square)(x=3), InvalidOperand, r"argnums 0: .* with 0 positional"),
    (lambda: grad(operator.mul, (0, -2))(3, 4), InvalidOperand, r"argnums 0, -2: an argument is named twice"),
    (lambda: grad(square, np.array([0, 1])), InvalidOperand, r"expected argnums .*array"),
    # Arguments.
    (lambda: grad(square)("3"), InvalidOperand, r"grad: argument 0: expected a Scalar, a number.*'3'"),
    (lambda: grad(square)(True), InvalidOperand, r"argument 0: .*got True"),
    (lambda: grad(square)(None), InvalidOperand, r"argument 0: .*got None"),
    (lambda: grad(square)(NAN), InvalidNumber, r"grad: argument 0: .*nan.*NaN is no number"),
    (lambda: grad(sum)([1, [2, NAN]]), InvalidNumber, r"argument 0\[1\]\[1\]: .*NaN"),
    (lambda: grad(sum)({"a": (1, "b")}), InvalidOperand, r"argument 0\['a'\]\[1\]: .*'b'"),
    (lambda: grad(sum)({1, 2}), InvalidOperand, r"argument 0: .*\{1, 2\} \(type set\)"),
    (lambda: hvp(sum, ([1j],), ([1],)), InvalidOperand, r"hvp: argument 0\[0\]: .*1j"),
    (lambda: grad(sum)(np.array([[1, NAN]])), InvalidNumber, r"argument 0\[0, 1\]: .*nan"),
    (lambda: grad(sum)(np.array([True])), InvalidOperand, r"argument 0\[0\]: .*True"),
    (lambda: grad(sum)(np.array(["a"])), InvalidOperand, r"argument 0\[0\]: .*'a'"),
    (lambda: grad(sum)(np.array(1j)), InvalidOperand, r"argument 0: .*1j"),
    (lambda: grad(lambda x, y: x, 1)(0, math.inf), InvalidNumber, r"argument 1: .*inf"),
    (lambda: derivative(sum)([1]), InvalidOperand, r"derivative: expected one .*got a list of 1"),
    (lambda: derivative(square, 1, (0,))(1), InvalidOperand, r"got a tuple of 1"),
    (lambda: taylor(sum, np.ones(2), 1), InvalidOperand, r"taylor: .*an array of shape \(2,\)"),
    # Results.
    (lambda: grad(lambda x: [x, x])(3), InvalidOperand, r"grad: .*one Scalar.*a list of 2: jac"),
    (lambda: grad(lambda x: [x])(3), InvalidOperand, r"got a list of 1"),
    (lambda: grad(lambda a: a)(np.ones(2)), InvalidOperand, r"got an array of shape \(2,\)"),
    (lambda: grad(lambda a: a)(np.ones(1)), InvalidOperand, r"got an array of shape \(1,\)"),
    (lambda: hessian(lambda x: {"a": x})(3), InvalidOperand, r"hessian: .*dict with the keys 'a': jac"),
    (lambda: hvp(lambda x: (x,), (3,), (1,)), InvalidOperand, r"hvp: .*got a tuple of 1"),
    (lambda: grad(lambda x: None)(3), InvalidOperand, r"grad: result: .*got None"),
    (lambda: grad(lambda x: "3")(3), InvalidOperand, r"result: .*'3'"),
    (lambda: grad(lambda x: x > 2)(3), InvalidOperand, r"result: .*True"),
    (lambda: grad(lambda x: NAN)(3), InvalidNumber, r"result: .*NaN"),
    (lambda: jacobian(lambda x: [x, {"a": "b"}])(3), InvalidOperand, r"result\[1\]\['a'\]: .*'b'"),
    (lambda: derivative(lambda x: square)(3), InvalidOperand, r"result: .*function"),
    (lambda: grad(square, has_aux=True)(3), InvalidOperand, r"grad: with has_aux.* pair .*got <Sc"),
    (lambda: vjp(lambda x: [x, x], 3, has_aux=True), InvalidOperand, r"vjp: with has_aux"),
    (lambda: jvp(lambda x: (x,), (3,), (1,), has_aux=True), InvalidOperand, r"jvp: with has_aux"),
    # Orders.
    (lambda: derivative(square, -1), InvalidOperand, r"derivative: expected n .*got -1"),
    (lambda: derivative(square, True), InvalidOperand, r"expected n .*got True"),
    (lambda: taylor(square, 1, 2.0), InvalidOperand, r"taylor: expected order .*got 2\.0"),
    # Tangents and cotangents.
    (lambda: jvp(square, 3, (1,)), InvalidOperand, r"jvp: expected primals to be a tuple .*got 3"),
    (lambda: jvp(square, (3,), 1), InvalidOperand, r"expected tangents to be a tuple .*got 1"),
    (lambda: hvp(square, 3, 1), InvalidOperand, r"hvp: expected primals to be a tuple .*got 3"),
    (lambda: jvp(square, (3,), (1, 1)), InvalidOperand, r"tangents: expected a tuple of 1; got a tuple of 2"),
    (lambda: jvp(sum, ([1, 2],), ([1],)), InvalidOperand, r"jvp: tangents\[0\]: expected a list of 2; got a list of 1"),
    (lambda: jvp(sum, ([1, 2],), ((1, 1),)), InvalidOperand, r"expected a list of 2; got a tuple of 2"),
    (lambda: hvp(sum, ([1, [2]],), ([1, 2],)), InvalidOperand, r"hvp: tangents\[0\]\[1\]: expected a list of 1; got 2 \(type int\)"),
    (lambda: jvp(sum, ({"a": 1},), ({"b": 1},)), InvalidOperand, r"tangents\[0\]: expected a dict .*'a'.*; got .*'b'"),
    (lambda: jvp(sum, ({"a": 1},), ({"a": [1]},)), InvalidOperand, r"tangents\[0\]\['a'\]: expected a number; got a list of 1"),
    (lambda: jvp(sum, (np.ones(2),), (np.ones((2, 1)),)), InvalidOperand, r"shape \(2,\); got .*shape \(2, 1\)"),
    (lambda: jvp(square, (3,), ("1",)), InvalidOperand, r"tangents\[0\]: expected a Scalar"),
    (lambda: jvp(square, (3,), (NAN,)), InvalidNumber, r"tangents\[0\]: .*NaN"),
    (lambda: vjp(lambda x: [x, x], 3)[1](1), InvalidOperand, r"vjp: cotangent: expected a list of 2; got 1"),
    (lambda: vjp(lambda x: [x, x], 3)[1]([1, None]), InvalidOperand, r"cotangent\[1\]: .*None"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), REFUSED)
def test_what_does_not_fit_is_refused_by_name(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=f"(?s){text}"):
        call()


def test_errors_of_the_function_come_through() -> None:
    def f(x: Any) -> Any:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        grad(f)(3)
    with pytest.raises(DivisionByZero):
        taylor(lambda x: 1 / x, 0, 3)


def test_after_an_error_a_variable_is_no_leaf() -> None:
    kept: list[Scalar] = []

    def f(x: Any) -> Any:
        kept.append(x)
        raise KeyError

    with pytest.raises(KeyError):
        grad(f)(3)
    assert kept[0].operands[0].is_constant


def test_a_function_may_not_move_its_argument() -> None:
    def f(x: Any) -> Any:
        y = x * x
        x.data = 7
        return y

    with pytest.raises(StaleGraph, match="grad: the function set its argument 3 to 7"):
        grad(f)(3)
