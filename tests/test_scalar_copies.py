"""Copies and pickles of graphs."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from picklers import PICKLERS

from minigrad import GradientUnavailable, Scalar, StaleGraph
from minigrad.graph import topological_order


def diamond() -> Scalar:
    """A graph with a shared node, a parameter, a constant, labels, and gradients."""
    x = Scalar("31/10", "x")
    square = x**2
    square.label = "square"
    root = square * 2 + square / x
    root.backward()
    return root


def described(root: Scalar) -> list[tuple[Any, ...]]:
    """Everything about a graph but its identity."""
    order = topological_order([root])
    position = {node: i for i, node in enumerate(order)}
    return [
        (
            *(node.operator, node.parameters, node.label, node.is_constant),
            *(node.data, node._grad, [position[operand] for operand in node.operands]),
        )
        for node in order
    ]


COPIERS = {"deepcopy": copy.deepcopy, **PICKLERS}
each_copier = pytest.mark.parametrize("make", COPIERS.values(), ids=COPIERS)


@each_copier
def test_a_copied_graph_is_equal_and_apart(make: Callable[[Any], Any]) -> None:
    root = diamond()
    twin = make(root)
    assert described(twin) == described(root)
    assert set(topological_order([twin])).isdisjoint(topological_order([root]))
    twin.zero_grad()
    assert root.grad == 1
    # d/dx of 2x² + x = 4x + 1 at 31/10.
    twin.backward()
    assert topological_order([twin])[0].grad == Fraction(134, 10)


@each_copier
def test_copying_several_nodes_keeps_which_are_the_same(make: Callable[[Any], Any]) -> None:
    x = Scalar(3, "x")
    low = x * x
    high = low + x
    lows, highs, xs, again = make([low, high, x, {"low": low}])
    assert again["low"] is lows
    assert highs.operands[0] is lows
    assert highs.operands[1] is xs
    assert lows.operands == (xs, xs)
    highs, lows = make((high, low))
    assert highs.operands[0] is lows


@each_copier
def test_a_copy_remembers_that_a_leaf_was_set(make: Callable[[Any], Any]) -> None:
    x = Scalar(2, "x")
    y = x * x
    x.data = 3
    with pytest.raises(StaleGraph, match="'x'"):
        make(y).backward()


@each_copier
def test_a_copy_keeps_unavailable_gradients(make: Callable[[Any], Any]) -> None:
    root = Scalar(-3) ** Scalar(2)
    root.backward()
    base, exponent = make(root).operands
    assert base.grad == -6
    with pytest.raises(GradientUnavailable):
        exponent.grad  # noqa: B018 - to read it raises


@each_copier
def test_a_copy_keeps_closed_forms(make: Callable[[Any], Any]) -> None:
    root = Scalar(2) ** Scalar("1/3")
    root.backward()
    twin = make(root)
    for old, new in zip((root, *root.operands), (twin, *twin.operands), strict=True):
        assert (new.data, new.grad) == (old.data, old.grad)
        assert new == old
    assert twin.data**3 == 2


@pytest.mark.parametrize("make", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_keeps_numbers_with_more_digits_than_python_prints(make: Any) -> None:
    x = Scalar(10**5000)
    x.backward(Fraction(1, 10**5000))
    twin = make(x)
    assert (twin.data, twin.grad) == (10**5000, Fraction(1, 10**5000))


def test_a_shallow_copy_shares_the_operands() -> None:
    root = diamond()
    twin = copy.copy(root)
    assert twin is not root
    assert twin.operands is root.operands
    assert described(twin) == described(root)
    leaf = copy.copy(Scalar(3, "x"))
    assert (leaf.data, leaf.label, leaf.operands) == (3, "x", ())


def test_copies_share_the_numbers() -> None:
    root = diamond()
    for make in (copy.copy, copy.deepcopy):
        for twin, node in zip(
            topological_order([make(root)]), topological_order([root]), strict=True
        ):
            assert twin._number is node._number
            assert twin._adjoint is node._adjoint


def test_nodes_can_be_weakly_referenced() -> None:
    node = Scalar(1) + 1
    reference = weakref.ref(node)
    assert reference() is node
    del node
    gc.collect()
    assert reference() is None
