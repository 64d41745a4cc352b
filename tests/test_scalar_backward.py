"""Backward and gradients, and leaves that are set in between."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scalars import derivative

from minigrad import (
    GradientUnavailable,
    InvalidNumber,
    InvalidOperand,
    MinigradError,
    Scalar,
    gradients,
)
from minigrad.graph import topological_order

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


# --- backward and gradients -----------------------------------------------------------------------


def test_a_seed_scales_every_gradient() -> None:
    x = Scalar(3)
    y = x * x
    y.backward("1/2")
    assert (x.grad, y.grad) == (3, HALF)
    assert gradients(y, seed=-2) == {y: -2, x: -12}
    assert derivative(lambda x: x * 0.1, 1) == TENTH
    for seed in (True, None, "x", math.nan):
        with pytest.raises(MinigradError):
            y.backward(seed)


def test_gradients_touch_no_node() -> None:
    x = Scalar(3)
    y = x * x + 1
    assert gradients(y)[x] == 6
    assert [node.has_grad for node in topological_order([y])] == [False] * 4
    with pytest.raises(InvalidOperand, match="expected a Scalar"):
        gradients(3)


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_leaves_accumulate_until_they_are_zeroed(x: int, y: int) -> None:
    a, b = Scalar(x), Scalar(y)
    (a * b).backward()
    (a + b).backward()
    assert (a.grad, b.grad) == (y + 1, x + 1)
    root = a * b
    root.backward()
    root.zero_grad()
    assert (a.grad, b.grad, root.grad) == (0, 0, 0)
    assert [node.has_grad for node in (a, b, root)] == [False] * 3


def test_a_root_that_is_a_leaf() -> None:
    x = Scalar(3)
    x.backward()
    x.backward(5)
    assert x.grad == 6


def test_a_root_inside_a_larger_graph() -> None:
    x = Scalar(3)
    y = x * x
    z = y * x
    y.backward()
    assert (x.grad, y.grad, z.has_grad) == (6, 1, False)


def test_unused_leaves_read_zero() -> None:
    unused = Scalar(1)
    (Scalar(2) * 3).backward()
    assert unused.grad == 0
    assert not unused.has_grad


def test_a_gradient_can_be_set_and_unset() -> None:
    x = Scalar(1)
    x.grad = "1/3"
    assert (x.grad, x.has_grad) == (Fraction(1, 3), True)
    x.grad = None
    assert (x.grad, x.has_grad) == (0, False)
    with pytest.raises(InvalidOperand):
        x.grad = [1]
    x.grad = Scalar(3)
    assert (x.grad, type(x.grad)) == (3, Fraction)


def test_errors_say_what_a_number_was_meant_for() -> None:
    x = Scalar(1)
    for error, bad in ((InvalidNumber, "abc"), (InvalidNumber, math.nan), (InvalidOperand, [1])):
        with pytest.raises(error, match=r"^seed: expected"):
            x.backward(bad)
        with pytest.raises(error, match=r"^seed: expected"):
            gradients(x, seed=bad)
        with pytest.raises(error, match=r"^grad: expected"):
            x.grad = bad
        with pytest.raises(error, match=r"^data: expected"):
            x.data = bad
    with pytest.raises(InvalidOperand, match=r"^seed: expected.*; got None"):
        x.backward(None)
    with pytest.raises(InvalidOperand, match=r"^data: expected.*; got None"):
        x.data = None
    assert (x.data, x.has_grad) == (1, False)


def test_gradients_of_large_numbers_are_exact() -> None:
    assert derivative(lambda x: x**3, 10**30) == 3 * 10**60
    assert derivative(lambda x: 1 / x, "1e-30") == -(10**60)


# --- leaves that are set --------------------------------------------------------------------------


def test_a_leaf_can_be_set_to_the_value_of_a_node() -> None:
    x = Scalar(1)
    x.data = Scalar(3)
    assert (x.data, type(x.data)) == (3, Fraction)
    x.data = x * x + 1
    assert x.data == 10


def test_only_leaves_can_be_set() -> None:
    node = Scalar(2) + 1
    node.label = "sum"
    with pytest.raises(InvalidOperand, match=r"expected a leaf; got 'sum'.*<operator add>"):
        node.data = 3
    leaf = Scalar(1)
    with pytest.raises(InvalidNumber):
        leaf.data = "x"
    assert leaf.data == 1


def test_a_constant_has_no_gradient_even_if_one_is_set() -> None:
    c = Scalar.constant(2)
    c.grad = 1
    with pytest.raises(GradientUnavailable, match="constant"):
        _ = c.grad
