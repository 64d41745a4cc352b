"""What is recorded of a run, as values."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs import ran

from minigrad.places import Place
from minigrad.records import HOLDS, Comparison, Leak, Rounded, outcomes
from minigrad.trace import Trace

PLACE = Place("program.py", 3, 4)


def test_the_relations_are_those_of_python() -> None:
    assert {
        "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
        ">=": operator.ge,
    } == HOLDS  # fmt: skip


@pytest.mark.parametrize(
    ("relation", "sides", "answers"),
    [
        ("<", [-1], {True}),
        ("<", [0, 1], {False}),
        ("<=", [-1, 0], {True}),
        ("==", [0], {True}),
        ("==", [-1, 1], {False}),
        ("!=", [0, 1], {False, True}),
        (">", [1], {True}),
        (">=", [-1, 0, 1], {False, True}),
        (">=", [], set()),
    ],
)
def test_outcomes_on_a_side(relation: str, sides: list[int], answers: set[bool]) -> None:
    assert outcomes(relation, sides) == answers


@given(st.sampled_from(list(HOLDS)), st.integers(-3, 3), st.integers(-3, 3))
def test_a_comparison_is_what_its_side_makes_of_its_relation(
    relation: str, left: int, right: int
) -> None:
    holds = HOLDS[relation]
    (found,) = ran(lambda x, y: holds(x, y), left, right).trace.comparisons
    assert outcomes(found.relation, [found.side]) == {found.holds} == {holds(left, right)}


def test_a_comparison_is_a_value() -> None:
    x = Trace().leaf(2, "x")
    first = Comparison(x, "<", x, holds=False, place=PLACE)
    assert first._replace(holds=True) == first._replace(holds=True)
    assert (first.side, str(first)) == (0, "x < x")


def test_a_leak_says_what_left_and_where() -> None:
    leak = Leak("float()", "x", PLACE)
    assert str(leak).startswith("float() of x at program.py:3")
    assert (leak.is_text, leak.is_conversion) == (False, True)
    assert Leak("formatting", "x", PLACE).is_text
    assert not Leak(".backward()", "x", PLACE).is_conversion


def test_a_rounded_float_says_that_it_was_computed() -> None:
    assert str(Rounded("0.3333333333333333", PLACE)) == (
        "the float 0.3333333333333333 at program.py:3 was computed, and so rounded"
    )
