"""Signatures of runs: the same formulas have the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from runs import ran

import minigrad
from minigrad import Scalar
from minigrad.signatures import signature, strangers

HALF = Fraction(1, 2)


def signed(function: Callable[..., Any], *values: Any) -> Any:
    found = ran(function, *values)
    assert found.error is None
    outputs = found.result if isinstance(found.result, list) else [found.result]
    return signature(outputs, found.arguments)


SAME: list[tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = [
    (lambda x, y: x * y + x, (2, 3), (5, 7)),
    (lambda x, y: (x + 1) ** 3, (2, 3), (5, 7)),
    (lambda x, y: abs(x) + y.relu(), (2, 3), (5, 7)),
    (lambda x, y: x.maximum(y), (2, 3), (5, 7)),
    (lambda x, y: x // y, (2, 3), (4, 7)),
    (lambda x, y: round(x), (Fraction(9, 4), 0), (Fraction(7, 4), 1)),
    (lambda x, y: [x, y * y], (2, 3), (5, 7)),
    (lambda x, y: minigrad.dot([x, 2], [y, y]), (2, 3), (5, 7)),
    (lambda x, y: x * x if x > 1 else x, (2, 0), (3, 0)),
]


@pytest.mark.parametrize(("function", "first", "second"), SAME)
def test_the_same_formulas_have_one_signature(
    function: Callable[..., Any], first: tuple[Any, ...], second: tuple[Any, ...]
) -> None:
    assert signed(function, *first) == signed(function, *second)
    assert hash(signed(function, *first)) == hash(signed(function, *second))


def test_a_shared_node_is_another_graph_than_two_equal_ones() -> None:
    def shared(x: Any) -> Any:
        square = x * x
        return square + square

    assert signed(shared, 2) != signed(lambda x: x * x + x * x, 2)
    assert signed(shared, 2) == signed(shared, 3)


DIFFERENT: dict[str, list[tuple[Callable[..., Any], tuple[Any, ...]]]] = {
    "operator": [(lambda x, y: x + y, (2, 3)), (lambda x, y: x * y, (2, 3))],
    "operand order": [(lambda x, y: x - y, (2, 3)), (lambda x, y: y - x, (2, 3))],
    "operand of a node that is listed": [
        (lambda x, y: [x, y, x * x], (2, 2)),
        (lambda x, y: [x, y, x * y], (2, 2)),
    ],
    "operand": [(lambda x, y: x * x, (2, 2)), (lambda x, y: x * y, (2, 2))],
    "leaf": [(lambda x, y: x * 1, (2, 2)), (lambda x, y: y * 1, (2, 2))],
    "parameter": [(lambda x, y: x**2, (2, 3)), (lambda x, y: x**3, (2, 3))],
    "digits": [(lambda x, y: round(x), (2, 3)), (lambda x, y: round(x, 1), (2, 3))],
    "condition": [(lambda x, y: minigrad.where(x > 0, x, y), (s, 3)) for s in (1, -1)],
    "constant": [(lambda x, y: x * 2, (2, 3)), (lambda x, y: x * 3, (2, 3))],
    "denominator": [(lambda x, y: x * HALF, (2, 3)), (lambda x, y: x / 3 * 3, (2, 3))],
    "constant for a leaf": [(lambda x, y: x * y, (2, 3)), (lambda x, y: x * 3, (2, 3))],
    "piece of abs": [(lambda x, y: abs(x), (s, 3)) for s in (1, 0, -1)],
    "piece of maximum": [(lambda x, y: x.maximum(y), (s, 3)) for s in (1, 3, 5)],
    "quotient": [(lambda x, y: x // y, (s, 3)) for s in (4, 6, 7)],
    "branch": [(lambda x, y: x * x if x > 1 else x + x, (s, 3)) for s in (1, 2)],
    "order of outputs": [(lambda x, y: [x, y], (2, 3)), (lambda x, y: [y, x], (2, 3))],
    "number of outputs": [(lambda x, y: [x], (2, 3)), (lambda x, y: [x, x], (2, 3))],
    "output below another": [
        (lambda x, y: [x * y, x * y + 1], (2, 3)),
        (lambda x, y: [x, x * y + 1], (2, 3)),
    ],
}


@pytest.mark.parametrize("programs", DIFFERENT.values(), ids=DIFFERENT)
def test_other_formulas_have_another_signature(programs: list[Any]) -> None:
    found = [signed(function, *values) for function, values in programs]
    for i, first in enumerate(found):
        assert all(first != second for second in found[i + 1 :])


def test_leaves_are_known_by_their_place_among_the_arguments() -> None:
    found = ran(lambda x, y: x - y, 2, 3)
    x, y = found.arguments
    assert signature([found.result], [x, y]) != signature([found.result], [y, x])
    # What is no argument is a number.
    assert signature([found.result], [x]) == signed(lambda x: x - 3, 2)


def test_strangers_are_the_arguments_of_another_run() -> None:
    kept: list[Any] = []

    def function(x: Any) -> Any:
        kept.append(x)
        return x * kept[0]

    first, second = ran(function, 2), ran(function, 3)
    assert strangers([first.result], first.arguments) == []
    (stranger,) = strangers([second.result], second.arguments)
    assert stranger is first.arguments[0]


def test_plain_scalars_and_constants_are_no_strangers() -> None:
    weight = Scalar(5)
    found = ran(lambda x: x * weight + 3, 2)
    assert strangers([found.result], found.arguments) == []
    assert strangers([found.result], []) == [found.arguments[0]]


def test_a_deep_chain_does_not_recurse() -> None:
    def function(x: Any) -> Any:
        total = x
        for _ in range(100_000):
            total = total + x
        return total

    found = ran(function, 1)
    assert found.result.data == 100_001
    rows, places = signature([found.result], found.arguments)
    assert (len(rows), places) == (100_001, (100_000,))
    assert strangers([found.result], found.arguments) == []
    assert copy.deepcopy(found.result) is found.result
