"""Jacobians, Hessians and products."""

from __future__ import annotations

from fractions import Fraction

import pytest
from checked_functions import KINK, PROVED, REFUTED, early_exit, labels, peano

import minigrad
from minigrad.verify import check_hessian, check_hvp, check_jacobian, check_jvp, check_vjp


@pytest.mark.parametrize(
    ("check", "function", "right", "wrong", "expected"),
    [
        (
            check_jacobian,
            lambda x, y: [x * y, x / y],
            lambda x, y: [[y, x], [1 / y, -x / y**2]],
            lambda x, y: [[y, x], [1 / y, x / y**2]],
            ["f[1] by y"],
        ),
        (
            check_hessian,
            early_exit,
            lambda x, y, z: [[0, z, y], [z, 0, x], [y, x, 0]],
            lambda x, y, z: [[0, z, y], [z, 0, x if x else 1], [y, x, 0]],
            ["y, z"],
        ),
        (
            check_hessian,
            peano,
            None,
            lambda x, y: [[0, 1], [1, 0]],
            ["x, x", "x, y", "y, x", "y, y"],
        ),
        (
            check_jvp,
            lambda x, y: [x * y, abs(x) * x],
            lambda x, y, dx, dy: [y * dx + x * dy, 2 * abs(x) * dx],
            lambda x, y, dx, dy: [y * dx + x * dy, 2 * x * dx],
            ["f[1]"],
        ),
        (
            check_vjp,
            lambda x, y: [x * y, abs(x) * x],
            lambda x, y, g: (y * g[0] + 2 * abs(x) * g[1], x * g[0]),
            # A cotangent of ones would not tell.
            lambda x, y, g: (y * g[0] + 2 * abs(x) * g[1] ** 2, x * g[0]),
            ["x"],
        ),
        (
            check_hvp,
            lambda x, y: x**2 * abs(x) + y**2,
            lambda x, y, dx, dy: (6 * abs(x) * dx, 2 * dy),
            lambda x, y, dx, dy: (6 * abs(x) * dx, 2 * dx),
            ["y"],
        ),
    ],
)
def test_every_kind_is_proved_and_its_mistake_named(check, function, right, wrong, expected):
    if right is not None:
        assert check(function, right).verdict is PROVED
    assert labels(check(function, wrong)) == expected


def test_a_cotangent_of_either_sign_has_its_sides():
    def function(x):
        return [abs(x), minigrad.relu(x)]

    # At 0, a|x| + b*relu(x) has slopes -a and a + b, here -2 and -1 for (2, -3).
    def vjp(x, g, at_zero=0):
        if x == 0:
            return at_zero * g[0]
        return (g[0] if x > 0 else -g[0]) + (g[1] if x > 0 else 0)

    assert check_vjp(function, lambda x, g: vjp(x, g, Fraction(-3, 4))).verdict is KINK
    assert check_vjp(function, lambda x, g: vjp(x, g, 2)).verdict is REFUTED


def test_second_derivatives_where_there_is_no_first_are_a_kink():
    for function in (lambda x: abs(x[0]), lambda x: minigrad.relu(x[0])):
        assert check_hessian(function, lambda x: [[0]], shape=[1]).verdict is KINK


def test_a_product_along_a_fold_has_one_value():
    def function(x, y):
        u = 3 * x + 2 * y
        return u * abs(u) / 2

    def hvp(x, y, dx, dy, along=0):
        u, du = 3 * x + 2 * y, 3 * dx + 2 * dy
        if u == 0 and du == 0:
            return along, 0
        return (3 * du, 2 * du) if u >= 0 else (-3 * du, -2 * du)

    # The gradient (3|u|, 2|u|) is 0 all along the line u = 0.
    assert check_hvp(function, hvp, (0, 0)).ok
    report = check_hvp(function, lambda *values: hvp(*values, along=36), (0, 0))
    assert labels(report) == ["x"]
    assert report.entries[0].expected == 0
