"""The operators as functions: of Scalars and numbers, and of any number of them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar, functions, log_softmax, logsumexp, norm, softmax
from minigrad.errors import DomainError, InvalidOperand, NoDerivative
from minigrad.operators import OPERATORS
from minigrad.verify.proof import Prover

ONE_OPERAND = [
    "sqrt", "cbrt", "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin",
    "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "softplus", "silu",
    "gelu", "erf", "gamma", "loggamma", "digamma", "sign", "floor", "ceil",
]  # fmt: skip
TWO_OPERANDS = ["atan2", "hypot", "logaddexp", "maximum", "minimum"]
MANY = ["sum", "prod", "norm", "logsumexp", "softmax", "log_softmax"]
RATIOS = st.fractions(-4, 4, max_denominator=5)


def test_the_lists_of_this_file_cover_the_module() -> None:
    others = {"absolute", "relu", "where", "dot"}
    assert set(functions.__all__) == {*ONE_OPERAND, *TWO_OPERANDS, *MANY, *others}
    assert len(set(functions.__all__)) == len(functions.__all__)
    for name in functions.__all__:
        assert getattr(minigrad, name) is getattr(functions, name)


@pytest.mark.parametrize("name", ONE_OPERAND)
def test_a_function_of_one_takes_a_scalar_or_a_number(name: str) -> None:
    function = getattr(minigrad, name)
    at = Fraction(1, 2) if name != "acosh" else Fraction(2)
    x = Scalar(at, "x")
    node = function(x)
    assert node.operands == (x,)
    assert node.operator is OPERATORS[name]
    assert (function.__name__, function.__qualname__) == (name, name)
    assert function.__doc__
    constant = function(at)
    assert constant._datum == node._datum
    assert constant.operands[0].is_constant


@pytest.mark.parametrize("name", [*ONE_OPERAND, *TWO_OPERANDS])
@pytest.mark.parametrize("bad", ["1", None, [1, 2], 1j, object()])
def test_what_is_no_number_is_refused(name: str, bad: object) -> None:
    arguments = (bad,) if name in ONE_OPERAND else (Scalar(1), bad)
    with pytest.raises(InvalidOperand, match=f"^{name}: expected a Scalar or a number; got "):
        getattr(minigrad, name)(*arguments)


@pytest.mark.parametrize("name", ONE_OPERAND)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_nan_and_infinity_are_refused(name: str, bad: float) -> None:
    with pytest.raises(ValueError, match=r"(nan|inf) \(type float\)"):
        getattr(minigrad, name)(bad)


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("bad", ["12", b"12", 3, Scalar(3), None])
def test_what_cannot_be_listed_is_refused(name: str, bad: object) -> None:
    with pytest.raises(InvalidOperand, match="expected an iterable of Scalars or numbers; got "):
        getattr(minigrad, name)(bad)


@pytest.mark.parametrize("name", MANY)
def test_an_item_that_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(InvalidOperand, match="expected a Scalar or a number; got '1'"):
        getattr(minigrad, name)([Scalar(1), "1"])


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
def test_none_at_all_is_refused(name: str) -> None:
    with pytest.raises(InvalidOperand, match="expected at least one Scalar or number; got none"):
        getattr(minigrad, name)([])


def test_the_norm_of_none_is_0() -> None:
    node = norm([])
    assert node.is_constant
    assert node.data == 0


# --- of any number --------------------------------------------------------------------------------


def test_the_norm_takes_an_iterator() -> None:
    x = Scalar(3, "x")
    node = norm(iter([x, 4, Fraction(0), sympy.sqrt(11)]))
    assert (node.data, type(node.data)) == (6, Fraction)
    node.backward()
    assert x.grad == Fraction(1, 2)


def test_the_norm_of_one_node_twice() -> None:
    x = Scalar(3, "x")
    node = norm([x, x])
    node.backward()
    assert (node.data, x.grad) == (3 * sympy.sqrt(2), sympy.sqrt(2))


def test_the_norm_and_hypot_at_zero_have_derivative_0() -> None:
    for function in (norm, lambda xs: minigrad.hypot(*xs)):
        x, y = Scalar(0, "x"), Scalar(0, "y")
        node = function([x, y])
        node.backward()
        assert (node.data, x.grad, y.grad) == (0, 0, 0)


@given(st.lists(RATIOS, min_size=1, max_size=5))
@example([Fraction(0), Fraction(0)])
def test_a_norm_squared_is_the_sum_of_squares(xs: list[Fraction]) -> None:
    assert (norm(xs) ** 2).data == sum(x * x for x in xs)


@given(st.lists(RATIOS, min_size=1, max_size=4))
def test_shares_add_up_to_1_and_follow_the_exponentials(xs: list[Fraction]) -> None:
    shares = softmax(xs)
    assert minigrad.sum(shares).data == 1
    assert all(0 < share <= 1 for share in shares)
    assert (shares[0] / shares[-1]).data == sympy.sympify((Scalar(xs[0] - xs[-1])).exp())


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=3), st.integers(-3, 3))
def test_a_shift_of_all_changes_no_share(xs: list[int], shift: int) -> None:
    shifted = softmax([x + shift for x in xs])
    assert [p._datum for p in shifted] == [p._datum for p in softmax(xs)]
    assert (logsumexp([x + shift for x in xs]) - logsumexp(xs)).data == shift


def test_shares_that_are_rational() -> None:
    logs = [Scalar(n).log() for n in (1, 2, 5)]
    assert [p.data for p in softmax(logs)] == [Fraction(n, 8) for n in (1, 2, 5)]
    assert [x.exp().data for x in log_softmax(logs)] == [Fraction(n, 8) for n in (1, 2, 5)]
    assert logsumexp(logs).exp().data == 8


def test_the_gradient_of_a_share() -> None:
    # dp_i/dx_j = p_i * ((i == j) - p_j); here p = (1/2, 1/4, 1/4).
    xs = [Scalar(sympy.log(2), "x"), Scalar(0, "y"), Scalar(0, "z")]
    first = softmax(xs)[0]
    first.backward()
    assert [x.grad for x in xs] == [Fraction(1, 4), Fraction(-1, 8), Fraction(-1, 8)]


def test_the_gradient_of_the_logarithm_of_a_share() -> None:
    xs = [Scalar(sympy.log(2), "x"), Scalar(0, "y"), Scalar(0, "z")]
    log_softmax(xs)[1].backward()
    assert [x.grad for x in xs] == [Fraction(-1, 2), Fraction(3, 4), Fraction(-1, 4)]


def test_logarithms_of_shares_are_those_of_the_shares() -> None:
    xs = [Scalar(text) for text in ("1/2", "-1", "3")]
    for p, log in zip(softmax(xs), log_softmax(xs), strict=True):
        assert p.log() == log


def test_the_graph_of_all_shares_is_linear() -> None:
    def count(root: Any) -> int:
        seen, stack = set(), [root]
        while stack:
            node = stack.pop()
            if id(node) not in seen:
                seen.add(id(node))
                stack += node.operands
        return len(seen)

    small, large = (
        [count(minigrad.sum(f([Scalar(k) for k in range(n)]))) for f in (softmax, log_softmax)]
        for n in (10, 20)
    )
    assert [b - a for a, b in zip(small, large, strict=True)] == [30, 20]


def test_great_differences_overflow_nowhere() -> None:
    first, last = softmax([Scalar(1000), Scalar(-1000)])
    assert (float(first), float(last)) == (1.0, 0.0)
    assert 0 < last < first < 1
    assert float(logsumexp([Scalar(10**6), Scalar(0)])) == 1e6


@pytest.mark.parametrize("method", ["chain", "whole", "auto"])
def test_they_are_proved(prover: Prover, method: str) -> None:
    x, y, z = Scalar(1, "x"), Scalar("1/2", "y"), Scalar(-2, "z")
    loss = norm([x, y, z]) * logsumexp([x, y]) - log_softmax([x, y, z])[1] + softmax([x, y])[0]
    loss.backward()
    report = prover.verify(loss, method)
    assert {str(entry.verdict) for entry in report.entries} == {"proved"}, report


# --- of two, and what they raise ------------------------------------------------------------------


def test_atan2_takes_y_first() -> None:
    y, x = Scalar(1, "y"), Scalar(0, "x")
    node = minigrad.atan2(y, x)
    assert node.operands == (y, x)
    assert node.data == sympy.pi / 2
    assert float(node) == math.atan2(1, 0)


@pytest.mark.parametrize(("y", "x"), [(a, b) for a in (-2, 0, 3) for b in (-5, 0, 7) if a or b])
def test_atan2_on_axes_and_in_quadrants_is_that_of_math(y: int, x: int) -> None:
    assert math.isclose(minigrad.atan2(y, x), math.atan2(y, x), rel_tol=1e-15)
    angle, length = minigrad.atan2(y, x), minigrad.hypot(x, y)
    for side, found in ((x, length * angle.cos()), (y, length * angle.sin())):
        assert abs(found.evalf(40) - side) < 1e-35


def test_an_error_names_function_label_and_value() -> None:
    with pytest.raises(DomainError, match=r"^log\(rate = -1/2\): the operand must be greater"):
        minigrad.log(Scalar("-1/2", "rate"))
    with pytest.raises(DomainError, match=r"^log\(0\): the operand must be greater than 0$"):
        minigrad.log(0)
    with pytest.raises(DomainError, match=r"^atan2\(a = 0, 0\): 0 and 0 make no angle$"):
        minigrad.atan2(Scalar(0, "a"), 0)
    with pytest.raises(NoDerivative, match=r"^sqrt has a value and no derivative there: at v = 0$"):
        (minigrad.sqrt(Scalar(0, "v")) + 1).backward()
