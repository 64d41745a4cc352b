"""Two programs on one branch, and what is said of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from minigrad.elementary import call
from minigrad.rational import Field
from minigrad.verify import compared
from minigrad.verify.compared import Branch, spelt_out
from minigrad.verify.identity import Comparison

X, Y = Field(2, point=[Fraction(1), Fraction(2)]).generators
LABELS = ["x", "y"]


def branch(*found: Comparison, attempts: int = 0) -> Branch:
    return Branch(list(found), attempts=attempts)


EQUAL = Comparison(True, X * Y, X * Y)
UNDECIDED = Comparison(None, X, Y)
WITHOUT = Comparison(None, reason="too much work")


@pytest.mark.parametrize(
    ("found", "attempts", "is_open"),
    [
        ([EQUAL], 0, False),
        ([EQUAL, UNDECIDED], 0, True),
        ([EQUAL, UNDECIDED], 2, True),
        ([EQUAL, UNDECIDED], 3, False),
        ([WITHOUT], 0, False),
        ([Comparison(False, X, Y)], 0, False),
        ([], 0, False),
    ],
)
def test_what_was_not_told_is_tried_again_a_few_times(
    found: list[Comparison], attempts: int, is_open: bool
) -> None:
    assert branch(*found, attempts=attempts).is_open is is_open


def test_formulas_are_in_the_names_of_the_arguments() -> None:
    two = branch(Comparison(False, X * X, X * X + Y), WITHOUT, Comparison(None, X))
    assert [two.derivative(k, LABELS) for k in range(3)] == ["x**2", "", "x"]
    assert [two.difference(k, LABELS) for k in range(3)] == ["y", "", ""]
    assert spelt_out(X * X - Y * Y, LABELS) == "(x - y)*(x + y)"
    assert spelt_out(call("exp", X) + Y, LABELS) == "y + exp(x)"
    assert spelt_out(Fraction(7, 2), LABELS) == "7/2"


def test_a_text_is_spelt_out_once_for_each_component_and_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        compared, "spelt_out", lambda formula, _: asked.append(formula) or str(len(asked))
    )
    two = branch(Comparison(False, X, Y), Comparison(False, Y, X))
    found = [(two.derivative(k, LABELS), two.difference(k, LABELS)) for k in (0, 1, 0, 1)]
    assert found == [("1", "2"), ("3", "4")] * 2
    assert [str(formula) for formula in asked] == [str(f) for f in (X, Y - X, Y, X - Y)]


def test_the_signs_that_hold_are_those_of_the_comparison() -> None:
    signs = ((X - Y, -1),)
    assert branch(Comparison(True, X, X, assumed=signs), EQUAL).assumed == signs
    assert branch().assumed == ()
