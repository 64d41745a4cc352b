"""The value of an operation: in domain and limits; graphs whose leaves were set since."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from minigrad import (
    DivisionByZero,
    InvalidNumber,
    InvalidOperand,
    Scalar,
    StaleGraph,
    TooLarge,
    apply,
    evaluation,
    gradients,
    prod,
)
from minigrad.entries import Domain, Operator
from minigrad.evaluation import fresh_order, value_of
from minigrad.number import UNAVAILABLE
from minigrad.operators import named


def test_a_graph_built_on_an_old_value_is_refused_by_name() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    z = x * y
    z.backward()
    x.data = 5
    assert x.data == 5
    for use in (z.backward, lambda: gradients(z)):
        with pytest.raises(StaleGraph, match=r"'x' was set to 5 after <Scalar 6, operator='mul'>"):
            use()
    assert (x.grad, y.grad, z.grad) == (3, 2, 1)
    (x * y).backward()
    assert (x.grad, y.grad) == (6, 7)


def test_an_unlabelled_stale_leaf_is_named_by_its_value() -> None:
    x = Scalar(2)
    y = x + 1
    x.data = "7/2"
    with pytest.raises(StaleGraph, match="the value of 7/2 was set"):
        y.backward()


def test_a_leaf_set_before_its_use_or_set_back_is_fine() -> None:
    x = Scalar(1)
    x.data = 2
    y = x * x
    y.backward()
    assert x.grad == 4
    x.data = 3
    x.data = 2
    assert gradients(y)[x] == 4


@pytest.mark.parametrize(
    ("build", "value"),
    [
        (lambda x: apply("pow", [x], [2**21], max_bits=2**22), 2),
        (lambda x: apply("prod", [x] * 30, max_bits=2**22), 2**100_000),
        (lambda x: apply("mul", [x, x], max_bits=2**22), 2**600_000),
    ],
    ids=["pow", "prod", "mul"],
)
def test_a_leaf_set_to_the_same_value_is_fine_under_a_raised_limit(
    build: Callable[[Scalar], Scalar], value: int
) -> None:
    x = Scalar(value, "x")
    root = build(x)
    x.data = value
    root.backward()
    assert x.grad > 0
    x.data = value + 1
    with pytest.raises(StaleGraph, match="'x'"):
        root.backward()


def test_a_stale_graph_outside_the_domain_is_stale() -> None:
    x = Scalar(2, "x")
    y = 1 / x
    x.data = 0
    with pytest.raises(StaleGraph, match="'x' was set to 0"):
        y.backward()


def test_setting_a_stale_leaf_below_other_nodes_is_noticed() -> None:
    x = Scalar(2, "x")
    y = (x * 2 + 1) * 3
    x.data = 3
    with pytest.raises(StaleGraph):
        y.backward()


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: Scalar(2) ** 10**9,
        lambda: Scalar(2) ** -(10**9),
        lambda: Scalar(2) ** Scalar(10**9),
        lambda: Scalar("1/2") ** 10**5000,
        lambda: round(Scalar(1), 10**9),
        lambda: prod([Scalar(2**1000)] * 2000),
        lambda: Scalar(2**600_000) * Scalar(2**600_000),
    ],
)
def test_a_result_that_would_not_fit_is_refused(bomb: Callable[[], Scalar]) -> None:
    remedy = "Scalar, apply and from_json take a larger max_bits"
    with pytest.raises(TooLarge, match=rf"is over the limit of 1,048,576; {remedy}$"):
        bomb()


def test_the_limit_of_a_result_can_be_raised() -> None:
    assert apply(named("pow"), [Scalar(2)], [2**21], max_bits=2**22).data == 2**2**21
    assert apply("pow", [Scalar(2)], [2**21], max_bits=2**22).data == 2**2**21


@pytest.mark.parametrize("data", ["7/2", 3.5, Decimal("3.5"), Fraction(7, 2)])
def test_recorded_data_is_any_number(data: object) -> None:
    node = apply("neg", [Scalar(1)], data=data)
    assert (node.data, type(node.data)) == (Fraction(7, 2), Fraction)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        *[(data, InvalidOperand) for data in (True, [1], 1j, Scalar(1), UNAVAILABLE)],
        *[(data, InvalidNumber) for data in ("abc", "", math.nan, math.inf)],
        (Fraction(1, 2**30), TooLarge),
    ],
    ids=repr,
)
def test_recorded_data_that_is_no_number_is_refused(data: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        apply("neg", [Scalar(1)], data=data, max_bits=30)


def test_only_users_of_leaves_that_were_set_are_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counted(operator: Operator, *rest: Any) -> Any:
        asked.append(operator.name)
        return value_of(operator, *rest)

    monkeypatch.setattr(evaluation, "value_of", counted)
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = (x * y - x) + (y / 7)
    assert fresh_order(root)[-1] is root
    assert asked == []
    x.data = 2
    assert fresh_order(root)[-1] is root
    assert asked == ["mul", "sub"]


def test_the_domain_comes_before_the_size_and_both_before_the_value() -> None:
    def computed(*_: object) -> Any:
        raise AssertionError("it was computed")

    held = Domain(lambda x: x != 0, DivisionByZero, "not at 0")
    operator = replace(
        named("neg"), forward=computed, domain=(held,), size=lambda limit, x: 300 if x == 3 else 0
    )
    with pytest.raises(DivisionByZero, match=r"^neg\(x = 0\): not at 0$"):
        value_of(operator, [Scalar(0, "x")], (), max_bits=-1)
    with pytest.raises(
        TooLarge, match=r"^neg\(3\): a result of at least 300 bits is over .* of 299;"
    ):
        value_of(operator, [Scalar(3)], (), max_bits=299)
    with pytest.raises(AssertionError, match="it was computed"):
        value_of(operator, [Scalar(3)], (), max_bits=300)
    # A number that is given is not computed, and is as large as it may be all the same.
    assert value_of(operator, [Scalar(3)], (), max_bits=300, data=Fraction(5)) == 5
    with pytest.raises(TooLarge):
        value_of(operator, [Scalar(3)], (), max_bits=299, data=Fraction(5))


@pytest.mark.parametrize("bits", [63, 64, 1000])
def test_a_result_is_measured_where_no_operator_predicts_it(bits: int) -> None:
    forward = replace(named("neg"), forward=lambda x: 0 * x + 2**bits - 1, size=None)
    assert value_of(forward, [Scalar(1)], (), max_bits=bits) == 2**bits - 1
    with pytest.raises(TooLarge, match=rf"at least {bits} bits is over the limit of {bits - 1:,};"):
        value_of(forward, [Scalar(1)], (), max_bits=bits - 1)
