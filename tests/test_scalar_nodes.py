"""Nodes: how they are made, how they are told apart, and what cannot be changed."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

import minigrad
from minigrad import (
    GradientUnavailable,
    InvalidNumber,
    InvalidOperand,
    Scalar,
    StaleGraph,
    TooLarge,
    dot,
    gradients,
    maximum,
    prod,
    where,
)
from minigrad.graph import topological_order

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


# --- making nodes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(3, 3), (Fraction(1, 3), Fraction(1, 3)), (Decimal("0.1"), TENTH), (-0.0, 0)],
        *[(3.1, Fraction(31, 10)), ("3.1", Fraction(31, 10)), ("31/10", Fraction(31, 10))],
    ],
)
def test_a_leaf(value: object, expected: Fraction) -> None:
    leaf = Scalar(value, "x")
    assert leaf.data == expected
    assert (leaf.operands, leaf.parameters, leaf.operator) == ((), (), None)
    assert (leaf.label, leaf.is_constant, leaf.has_grad, leaf.grad) == ("x", False, False, 0)
    assert Scalar(value).label == ""
    assert Scalar(value, label="y").label == "y"


@pytest.mark.parametrize("value", [True, None, 1j, b"1", [1], Scalar(1)])
def test_no_leaf_from_other_types(value: object) -> None:
    with pytest.raises(InvalidOperand, match="expected a"):
        Scalar(value)


@pytest.mark.parametrize("value", ["", "1/0", "x", math.nan, math.inf, Decimal("nan")])
def test_no_leaf_from_what_is_no_number(value: object) -> None:
    with pytest.raises(InvalidNumber):
        Scalar(value)


def test_the_size_of_a_leaf_is_limited() -> None:
    with pytest.raises(TooLarge, match="max_bits"):
        Scalar("1e999999999")
    with pytest.raises(TooLarge):
        Scalar(2**100, max_bits=100)
    assert Scalar("1e400000", max_bits=2**21).data == 10**400_000


def test_a_float_at_its_binary_value() -> None:
    assert Scalar.from_float(0.1, "x").data == Fraction(0.1)
    assert Scalar.from_float(0.1, "x").label == "x"


def test_a_constant_has_no_gradient() -> None:
    x, two = Scalar(3), Scalar.constant(2, "two")
    (x * two).backward()
    assert two.is_constant
    assert not two.has_grad
    assert (x.grad, two.data) == (2, 2)
    with pytest.raises(GradientUnavailable, match="the constant 'two' has no gradient"):
        two.grad  # noqa: B018 - to read it raises


def test_a_number_in_arithmetic_becomes_a_constant() -> None:
    x = Scalar(3)
    node = 2 * x
    assert node.operands[1] is x
    assert node.operands[0].is_constant
    assert node.operands[0].data == 2
    assert set(gradients(node)) == {node, x}


@pytest.mark.parametrize(
    "make", [lambda: Scalar.constant(2), lambda: minigrad.sum([]), lambda: prod([])]
)
def test_a_constant_root_leaves_no_gradient(make: Callable[[], Scalar]) -> None:
    root = make()
    assert gradients(root) == {}
    root.backward()
    assert not root.has_grad
    assert minigrad.from_json(minigrad.to_json(root)).data == root.data


def test_labels_can_be_changed() -> None:
    node = Scalar(1) + 1
    node.label = "c"
    assert node.label == "c"
    assert "c: data 2" in str(node)


# --- nodes are told apart by identity -------------------------------------------------------------


def test_the_engine_never_compares_nodes_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("two nodes were compared by value")

    x, y = Scalar(2, "x"), Scalar(2, "y")
    root = minigrad.sum([x * y, x**2, maximum(x, y), dot([x, y], [y, x]), x])
    for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"):
        monkeypatch.setattr(Scalar, name, refuse)
    monkeypatch.setattr(Scalar, "__hash__", object.__hash__)
    assert len(topological_order([root])) == 7
    root.backward()
    # d/dx of xy + x² + max(x, y) + 2xy + x, with one half for max at a tie.
    assert (x.grad, y.grad) == (2 + 4 + HALF + 4 + 1, 2 + HALF + 4)
    assert gradients(root)[x] == x.grad
    root.zero_grad()
    assert copy.deepcopy(root).data == root.data
    assert pickle.loads(pickle.dumps(root)).data == root.data
    assert minigrad.from_json(minigrad.to_json(root)).data == root.data
    assert str(root).startswith("·: data 20")
    x.data = 3
    with pytest.raises(StaleGraph):
        root.backward()


def test_texts_are_no_labels_conditions_or_floats_by_accident() -> None:
    with pytest.raises(TypeError, match="expected a text as label; got 5"):
        Scalar(1, 5)
    with pytest.raises(TypeError, match="expected a condition"):
        where("False", 1, 2)
    with pytest.raises(TypeError, match="expected a float"):
        Scalar.from_float("0.1")


def test_what_a_node_is_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        (Scalar(1) + 1).is_constant = True


def test_format() -> None:
    x = Scalar("2/3", "x")
    assert (f"{x:.4f}", f"{x:>8.1%}", f"{x:s}") == ("0.6667", "   66.7%", "2/3")
    assert f"{x}" == str(x)
    with pytest.raises(InvalidNumber, match="expected a format"):
        format(x, "q")
