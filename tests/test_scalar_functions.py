"""The functions of nodes: selections, sums, products, conditions."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import (
    InvalidNumber,
    InvalidOperand,
    Scalar,
    absolute,
    apply,
    dot,
    maximum,
    minimum,
    prod,
    relu,
    where,
)
from minigrad.operators import named

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("function", "xs", "value", "grads"),
    [
        (maximum, (3, 2), 3, (1, 0)),
        (maximum, (2, 3), 3, (0, 1)),
        (maximum, (2, 2), 2, (HALF, HALF)),
        (minimum, (3, 2), 2, (0, 1)),
        (minimum, (2, 3), 2, (1, 0)),
        (minimum, (2, 2), 2, (HALF, HALF)),
        (Scalar.maximum, (3, 2), 3, (1, 0)),
        (Scalar.minimum, (3, 2), 2, (0, 1)),
        (relu, (3,), 3, (1,)),
        (relu, (-3,), 0, (0,)),
        (relu, (0,), 0, (0,)),
        (Scalar.relu, (3,), 3, (1,)),
        (absolute, (-3,), 3, (-1,)),
        (absolute, (3,), 3, (1,)),
        (absolute, (0,), 0, (0,)),
        (abs, (-3,), 3, (-1,)),
        (lambda x, y: where(True, x, y), (3, 2), 3, (1, 0)),
        (lambda x, y: where(x < y, x, y), (3, 2), 2, (0, 1)),
        (lambda x, y: where(x, x * y, y), (3, 2), 6, (2, 3)),
        (lambda x, y: where(0, x, y), (3, 2), 2, (0, 1)),
        (lambda *xs: minigrad.sum(xs), (1, 2, 3), 6, (1, 1, 1)),
        (lambda *xs: minigrad.sum(x * x for x in xs), (1, 2, 3), 14, (2, 4, 6)),
        (lambda *xs: prod(xs), (2, 3, 4), 24, (12, 8, 6)),
        (lambda *xs: prod(xs), (0, 3, 4), 0, (12, 0, 0)),
        (lambda *xs: prod(xs), (0, 3, 0), 0, (0, 0, 0)),
        (lambda x: prod([x, x, x]), (2,), 8, (12,)),
        (lambda x, y: dot([x, y], [x, 2]), (3, 5), 19, (6, 2)),
        (lambda x: dot([x], [x]), (3,), 9, (6,)),
    ],
)
def test_functions(
    function: Callable[..., Scalar], xs: tuple[Any, ...], value: Fraction, grads: tuple[Any, ...]
) -> None:
    operands = [Scalar(x) for x in xs]
    node = function(*operands)
    node.backward()
    assert node.data == value
    assert type(node.data) is Fraction
    assert tuple(operand.grad for operand in operands) == grads


CONDITIONS = [True, False, 1, 0, -2, 0.0, 0.5, Fraction(0), Decimal("0.0"), Scalar(0), Scalar(2)]


@pytest.mark.parametrize("condition", CONDITIONS, ids=repr)
def test_a_condition_is_a_truth_value_or_a_number(condition: Any) -> None:
    node = where(condition, 1, 2)
    assert node.data == (1 if condition else 2)
    assert node.parameters == (bool(condition),)
    assert type(node.parameters[0]) is bool


def test_a_condition_may_be_one_of_numpy() -> None:
    np = pytest.importorskip("numpy")
    for condition in (np.bool_(True), np.bool_(False), np.float32(0), np.int8(1)):
        assert where(condition, 1, 2).data == (1 if condition else 2)


@pytest.mark.parametrize("condition", [None, "", "x", "1", b"1", [], [1], {}, 1j, object()])
def test_what_is_no_condition_is_refused(condition: Any) -> None:
    with pytest.raises(InvalidOperand, match="where: expected a condition, true or false; got "):
        where(condition, 1, 2)


@pytest.mark.parametrize("condition", [math.nan, math.inf, Decimal("nan")])
def test_a_condition_is_finite(condition: Any) -> None:
    with pytest.raises(InvalidNumber, match=r"; got .*(no number|not finite)"):
        where(condition, 1, 2)


def test_functions_take_numbers_for_constants() -> None:
    for node in (maximum(2, 3), minimum(4, 3.0), relu(3), absolute(-3), where(True, 3, 2)):
        assert node.data == 3
        assert all(operand.is_constant for operand in node.operands)
    x = Scalar(1)
    node = dot([x, 2], (3, True))
    node.backward()
    assert (node.data, x.grad) == (5, 3)


def test_empty_sums_and_products() -> None:
    for node, value in ((minigrad.sum([]), 0), (prod(()), 1), (dot([], iter([])), 0)):
        assert node.data == value
        assert node.is_constant


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: maximum(x, "5/2"), "maximum: expected a Scalar or a number; got '5/2'"),
        (lambda x: minimum(None, x), "minimum: expected a Scalar or a number; got None"),
        (lambda x: relu([x]), r"relu: expected a Scalar or a number; got \["),
        (lambda x: absolute("1"), "abs: expected a Scalar or a number"),
        (lambda x: where(True, x, "1"), "where: expected a Scalar or a number"),
        (lambda x: minigrad.sum(x), "sum: expected an iterable of Scalars or numbers"),
        (lambda x: minigrad.sum("12"), "sum: expected an iterable of Scalars or numbers"),
        (lambda x: minigrad.sum([x, "1"]), "sum: expected a Scalar or a number; got '1'"),
        (lambda x: prod(5), r"prod: expected an iterable .* got 5 \(type int\)"),
        (lambda x: prod([x, [x]]), "prod: expected a Scalar or a number"),
        (lambda x: dot([x], [x, x]), "dot: expected as many xs as ys; got 1 and 2"),
        (lambda x: dot([x], b"1"), "dot: expected an iterable"),
        (lambda x: dot([x], [None]), "dot: expected a Scalar or a number; got None"),
        (lambda x: apply(named("add"), [x, 1]), "add: expected a Scalar; got 1"),
        (lambda x: apply(named("add"), [x]), "add: expected 2 operands; got 1"),
        (lambda x: round(x, 0.5), "round: expected digits to be an int; got 0.5"),
    ],
)
def test_bad_input_of_functions(call: Callable[[Scalar], Scalar], message: str) -> None:
    with pytest.raises(InvalidOperand, match=message):
        call(Scalar(1))


@given(st.lists(st.tuples(st.fractions(), st.fractions()), min_size=1, max_size=6))
def test_a_dot_product_is_the_sum_of_its_products(pairs: list[tuple[Fraction, Fraction]]) -> None:
    xs, ys = [Scalar(x) for x, _ in pairs], [Scalar(y) for _, y in pairs]
    dot(xs, ys).backward()
    assert dot(xs, ys).data == builtins.sum(x * y for x, y in pairs)
    assert [x.grad for x in xs] == [y for _, y in pairs]
    assert [y.grad for y in ys] == [x for x, _ in pairs]
