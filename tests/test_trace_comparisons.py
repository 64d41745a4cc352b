"""Comparisons of a run: each is recorded with its sides."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from runs import line_of, numpy, ran

import minigrad
from minigrad import Scalar
from minigrad.records import outcomes
from minigrad.trace import Run, Trace

FILE = "test_trace_comparisons.py"
HALF = Fraction(1, 2)

RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SWAPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compared(found: Run) -> list[tuple[str, bool]]:
    assert found.error is None
    return [(str(c), c.holds) for c in found.trace.comparisons]


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("value", [1, 2, 3])
def test_every_comparison_is_recorded_with_its_sides(relation: str, value: int) -> None:
    holds = RELATIONS[relation]
    found = ran(lambda x: (holds(x, 2), holds(2, x)), value)
    first, second = found.trace.comparisons
    assert (str(first), str(second)) == (f"x {relation} 2", f"x {SWAPPED[relation]} 2")
    assert found.result == (holds(value, 2), holds(2, value)) == (first.holds, second.holds)
    assert first.side == second.side == (value > 2) - (value < 2)
    assert first.left is second.left is found.arguments[0]
    assert (first.right.data, first.right.is_constant) == (2, True)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_comparison_of_two_nodes_has_them_as_sides(relation: str) -> None:
    holds = RELATIONS[relation]
    plain = Scalar(1)
    found = ran(lambda x, y: (holds(x * y, y), holds(plain, x)), 2, 3)
    nodes, mirrored = found.trace.comparisons
    assert str(nodes) == f"mul(…) {relation} y"
    assert nodes.left.operands == tuple(found.arguments)
    assert nodes.right is found.arguments[1]
    # A plain Scalar has no account to keep, so the other side is asked.
    assert mirrored.left is found.arguments[0]
    assert (mirrored.right, mirrored.relation) == (plain, SWAPPED[relation])
    assert mirrored.right is plain


KINDS: dict[str, tuple[Callable[[], Any], Fraction]] = {
    "int": (lambda: 2, Fraction(2)),
    "bool": (lambda: True, Fraction(1)),
    "float": (lambda: 0.1, Fraction(1, 10)),
    "fraction": (lambda: Fraction(1, 3), Fraction(1, 3)),
    "decimal": (lambda: Decimal("0.1"), Fraction(1, 10)),
    "float16": (lambda: numpy().float16(0.1), Fraction(1, 10)),
    "float32": (lambda: numpy().float32(0.1), Fraction(1, 10)),
    "float64": (lambda: numpy().float64(0.1), Fraction(1, 10)),
    "longdouble": (lambda: numpy().longdouble("0.1"), Fraction(1, 10)),
    "int8": (lambda: numpy().int8(-3), Fraction(-3)),
    "int64": (lambda: numpy().int64(2**62), Fraction(2**62)),
    "bool_": (lambda: numpy().bool_(True), Fraction(1)),
    "gmpy2": (lambda: pytest.importorskip("gmpy2").mpq(1, 3), Fraction(1, 3)),
    "flint": (lambda: pytest.importorskip("flint").fmpq(1, 3), Fraction(1, 3)),
}


@pytest.mark.parametrize(("kind", "exact"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_numbers_of_every_kind_on_either_side(
    kind: Callable[[], Any], exact: Fraction, relation: str
) -> None:
    number, holds = kind(), RELATIONS[relation]
    found = ran(lambda x: (holds(x, number), holds(number, x)), HALF)
    assert found.result == (holds(HALF, exact), holds(exact, HALF))
    first, second = found.trace.comparisons
    assert (first.relation, second.relation) == (relation, SWAPPED[relation])
    assert first.right.data == second.right.data == exact


def test_a_sympy_number_may_stand_on_the_right() -> None:
    sympy = pytest.importorskip("sympy")
    assert compared(ran(lambda x: x > sympy.Rational(1, 2), 2)) == [("x > 1/2", True)]


@pytest.mark.parametrize("infinity", [math.inf, -math.inf, Decimal("inf"), Decimal("-Infinity")])
@pytest.mark.parametrize("relation", RELATIONS)
def test_a_comparison_with_an_infinity_is_none(infinity: Any, relation: str) -> None:
    """It comes out the same for every number, so it says nothing of this one."""
    holds = RELATIONS[relation]
    found = ran(lambda x: (holds(x, infinity), holds(infinity, x)), 10**400)
    assert found.result == (holds(0, infinity), holds(infinity, 0))
    assert compared(found) == []


def test_numpy_s_infinities_are_infinities_too() -> None:
    found = ran(lambda x: [x < kind("inf") for kind in (numpy().float32, numpy().float64)], 1)
    assert found.result == [True, True]
    assert compared(found) == []


@pytest.mark.parametrize("nan", [math.nan, Decimal("nan")])
def test_nan_is_unequal_to_all_and_leaves_no_comparison(nan: Any) -> None:
    found = ran(lambda x: (x < nan, x >= nan, x == nan, x != nan), 1)
    assert found.result == (False, False, False, True)
    assert compared(found) == []


def test_what_is_no_number_is_left_to_python() -> None:
    found = ran(lambda x: (x == "2", x != None, x == [2]), 2)  # noqa: E711 - compared, not asked for identity
    assert found.result == (False, True, False)
    assert compared(found) == []
    assert isinstance(ran(lambda x: x < "2", 2).error, TypeError)


def test_an_array_is_compared_item_by_item() -> None:
    np = numpy()
    for numbers in (np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0]), np.array([1, 2, 3], object)):
        found = ran(lambda x, n=numbers: (x < n, n < x), 2)
        assert [list(answers) for answers in found.result] == [
            [False, False, True],
            [True, False, False],
        ]
        assert [text for text, _ in compared(found)] == [
            *["x < 1", "x < 2", "x < 3"],
            *["x > 1", "x > 2", "x > 3"],
        ]


def test_an_exact_array_is_compared_item_by_item() -> None:
    def largest(x: Any, y: Any) -> Any:
        both = minigrad.array([x, y])
        return both[both > 1], np.argmax(both)

    np = numpy()
    found = ran(largest, 1, 2)
    assert compared(found) == [("x > 1", False), ("y > 1", True), ("y > x", True)]
    lines = {c.place.line - line_of(largest) for c in found.trace.comparisons}
    assert lines == {1}


@pytest.mark.parametrize(
    ("function", "texts"),
    [
        (lambda x, y: bool(x), [("x != 0", True)]),
        (lambda x, y: 1 if y else 0, [("y != 0", False)]),
        (lambda x, y: not y, [("y != 0", False)]),
        (lambda x, y: y or x, [("y != 0", False)]),
        (lambda x, y: 1 < x < 3, [("x > 1", True), ("x < 3", True)]),
        (lambda x, y: 2 < x < 3, [("x > 2", False)]),
        (lambda x, y: max(x, y), [("y > x", False)]),
        (lambda x, y: min(x, y), [("y < x", True)]),
        (lambda x, y: sorted([x, y]), [("y < x", True)]),
        (lambda x, y: x in [y, 2], [("y == x", False), ("x == 2", True)]),
        (lambda x, y: minigrad.where(y, x, 1), [("y != 0", False)]),
        (lambda x, y: minigrad.where(x > y, x, 1), [("x > y", True)]),
        (lambda x, y: any([y, x]), [("y != 0", False), ("x != 0", True)]),
    ],
)
def test_what_python_compares_by_itself(
    function: Callable[..., Any], texts: list[tuple[str, bool]]
) -> None:
    assert compared(ran(function, 2, 0)) == texts


def test_operators_that_choose_a_piece_make_no_comparison() -> None:
    found = ran(lambda x: abs(x) + x.relu() + x.maximum(0) + x // 2 + round(x) + x % 3, -1)
    assert compared(found) == []


def catching(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, and 0 where it is not defined."""

    def caught(x: Any, y: Any) -> Any:
        try:
            return function(x, y)
        except (ValueError, ArithmeticError):
            return 0

    return caught


@pytest.mark.parametrize(
    ("function", "point", "texts"),
    [
        (lambda x, y: x / y, (3, 0), ["y == 0"]),
        (lambda x, y: x // y, (0, 0), ["y == 0"]),
        (lambda x, y: (x - y) ** -1, (3, 3), ["sub(…) == 0"]),
        (lambda x, y: x**y, (0, -1), ["x == 0"]),
        (lambda x, y: x**y, (-2, HALF), ["x < 0"]),
        (lambda x, y: minigrad.atan2(x, y), (0, 0), ["x == 0", "y == 0"]),
        (lambda x, y: minigrad.tan(x * minigrad.pi / 2), (3, 0), ["div(…) == an argument"]),
        (lambda x, y: minigrad.gamma(x), (-3, 0), ["x == -3"]),
        (lambda x, y: minigrad.digamma(x), (0, 0), ["x == 0"]),
        (lambda x, y: minigrad.log2(x), (-1, 0), ["x <= 0"]),
        (lambda x, y: minigrad.loggamma(x), (-1, 0), ["x <= 0"]),
        (lambda x, y: minigrad.log(x), (0, 0), ["x <= 0"]),
        (lambda x, y: minigrad.log1p(x), (-1, 0), ["x <= -1"]),
        (lambda x, y: minigrad.sqrt(x), (-HALF, 0), ["x < 0"]),
        (lambda x, y: minigrad.asin(x), (2, 0), ["x > 1"]),
        (lambda x, y: minigrad.acos(x), (-2, 0), ["x < -1"]),
        (lambda x, y: minigrad.acosh(x), (HALF, 0), ["x < 1"]),
        (lambda x, y: minigrad.atanh(x), (1, 0), ["x >= 1"]),
        (lambda x, y: minigrad.atanh(x), (-3, 0), ["x <= -1"]),
    ],
)
def test_an_error_outside_a_domain_is_a_comparison_with_its_end(
    function: Any, point: Any, texts: list[str]
) -> None:
    found = ran(catching(function), *point)
    assert compared(found) == [(text, True) for text in texts]
    assert all(
        c.at_end and outcomes(c.relation, [c.side]) == {True} for c in found.trace.comparisons
    )


@pytest.mark.parametrize(
    ("function", "point", "texts"),
    [
        (lambda x, y: x / y, (3, 2), ["y == 0"]),
        (lambda x, y: (x - y) ** -1, (3, 4), ["sub(…) == 0"]),
        (lambda x, y: x**2 + x / 2, (0, 0), []),
        (lambda x, y: x**y, (3, HALF), ["x < 0"]),
        # On an axis, one step along it is no angle.
        (lambda x, y: minigrad.atan2(x, y), (3, 2), []),
        (lambda x, y: minigrad.atan2(x, y), (0, 2), ["y == 0"]),
        (lambda x, y: minigrad.tan(x), (1, 0), []),
        (lambda x, y: minigrad.log(x), (1, 0), ["x <= 0"]),
        (lambda x, y: minigrad.sqrt(x), (0, 0), ["x < 0"]),
        (lambda x, y: minigrad.asin(x), (1, 0), ["x > 1", "x < -1"]),
    ],
)
def test_inside_a_domain_a_program_that_would_catch_the_error_has_compared_as_well(
    function: Any, point: Any, texts: list[str]
) -> None:
    found = ran(catching(function), *point)
    assert compared(found) == [(text, False) for text in texts]
    assert all(c.at_end for c in found.trace.comparisons)
    assert compared(ran(function, *point)) == []


def test_a_node_without_label_is_called_by_what_it_is() -> None:
    def function(x: Any) -> Any:
        near = Trace().leaf(Fraction(1, 3))
        return near > x, x * x > near, (x * x).maximum(3) == Scalar(7)

    assert [text for text, _ in compared(ran(function, 2))] == [
        "mul(…) > 1/3",
        "maximum(…) == 7",
    ]
