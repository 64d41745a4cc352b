"""The worked example, and graphs that other engines get wrong."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from fractions import Fraction

import pytest
from scalars import derivative

from minigrad import Scalar

POINTS = [
    {
        "a": ("31/10", "-1000/961"),
        "b": ("42/10", "-250/441"),
        "c": ("73/10", "500/651"),
        "d": ("1302/100", "-182500/423801"),
        "e": ("1302/730", "-1332250/423801"),
        "f": ("10", "365/651"),
        "g": ("3650/651", "1"),
    },
    {
        "a": ("-4", "-5/8"),
        "b": ("2", "-5/2"),
        "c": ("-2", "-5/4"),
        "d": ("-8", "5/16"),
        "e": ("4", "-5/8"),
        "f": ("10", "1/4"),
        "g": ("5/2", "1"),
    },
]
"""Data and gradient of each node of g = f / (a*b / (a + b))."""


@pytest.mark.parametrize("point", POINTS)
def test_the_worked_example(point: dict[str, tuple[str, str]]) -> None:
    a, b, f = (Scalar(point[label][0], label) for label in "abf")
    c = a + b
    d = a * b
    e = d / c
    g = f / e
    g.backward()
    for label, node in {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "g": g}.items():
        data, grad = point[label]
        assert (node.data, node.grad) == (Fraction(data), Fraction(grad)), label


def test_paths_of_unequal_length() -> None:
    # b = a², c = a³, d = a³ + a²: 3a² + 2a = 16 at 2.
    a = Scalar(2)
    b = a * a
    c = b * a
    d = c + b
    d.backward()
    assert (d.data, a.grad, b.grad, c.grad) == (12, 16, 3, 1)


def test_two_nodes_of_equal_value_are_two_nodes() -> None:
    x, y = Scalar(2), Scalar(2)
    (x * y + x).backward()
    assert (x.grad, y.grad) == (3, 2)


@pytest.mark.parametrize(
    ("function", "at", "expected"),
    [
        (lambda a: a * a, 3, 6),
        (lambda a: a + a, 1, 2),
        (lambda a: a - a, 1, 0),
        (lambda a: a / a, 7, 0),
        (lambda a: 2 * a + 1, 5, 2),
        (lambda a: a**0, 0, 0),
        (lambda a: a**1, 0, 1),
        (lambda a: a**2, 0, 0),
        (lambda a: a / 3, 1, Fraction(1, 3)),
        (lambda a: a * 1e-30, 1, Fraction(1, 10**30)),
        (lambda a: a * 1e12, 1, 10**12),
        (lambda a: 0.1 * a + 0.2 * a - 0.3 * a, 5, 0),
        (lambda a: builtins.sum([a] * 1000, a), 1, 1001),
        (lambda a: a + 0, 1, 1),
    ],
)
def test_graphs_that_others_get_wrong(
    function: Callable[[Scalar], Scalar], at: object, expected: Fraction
) -> None:
    assert derivative(function, at) == expected


def test_a_node_used_in_two_places() -> None:
    a, b, k = Scalar(3), Scalar(4), Scalar(7)
    c = a + b
    (c + c * k).backward()
    assert (a.grad, b.grad, c.grad, k.grad) == (8, 8, 8, 7)


def test_a_second_backward_renews_inner_nodes_and_adds_to_leaves() -> None:
    a = Scalar(2)
    b = a * a
    c = b * a
    c.backward()
    assert (a.grad, b.grad, c.grad) == (12, 2, 1)
    c.backward()
    assert (a.grad, b.grad, c.grad) == (24, 2, 1)


def test_a_quotient_of_nodes_stays_exact() -> None:
    quotient = Scalar(1) / Scalar(3)
    assert quotient.data == Fraction(1, 3)
    assert type(quotient.data) is Fraction


def test_an_operand_used_twice_stands_twice_in_the_graph() -> None:
    x = Scalar(1)
    node = x + x
    assert node.operands[0] is node.operands[1] is x
    assert len(node.operands) == 2
