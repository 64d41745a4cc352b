"""Sums whose parts are kept apart, against the arithmetic of the field that they are of."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad.elementary import call
from minigrad.number import UNAVAILABLE
from minigrad.rational import Field, OutOfBudget
from minigrad.verify.apart import Apart, whole

X, Y = Field(2, point=[Fraction(1), Fraction(2)]).generators
ATOMS = (X, Y, 1 + X * Y, call("exp", X), call("exp", Y), 1 / (1 + call("exp", X)), Fraction(3))
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["+", "-", "*", "/", "**", "exp"]), st.integers(0, 9), st.integers(0, 9)
    ),
    max_size=5,
)


def run(steps: Any, atoms: list[Any]) -> Any:
    found = [*atoms]
    for kind, i, j in steps:
        a, b = found[i % len(found)], found[j % len(found)]
        if kind == "exp":
            found.append(call("exp", X) * a)
        elif kind == "**":
            found.append(a ** (j % 3))
        elif kind == "/":
            found.append(a / (1 + b * b))
        else:
            found.append(a + b if kind == "+" else a - b if kind == "-" else a * b)
    return found[-1]


@given(steps=OPERATIONS)
@example(steps=[("-", 0, 0), ("/", 0, 7)])
def test_it_is_the_same_element(steps: Any) -> None:
    plain = run(steps, [*ATOMS])
    apart = run(steps, [*map(Apart.of, ATOMS)])
    assert not Apart.of(plain, -whole(apart)).parts
    assert apart == plain


@given(numbers=st.lists(st.sampled_from(ATOMS), max_size=6))
def test_what_cancels_leaves_no_part(numbers: list[Any]) -> None:
    found = Apart.of(*numbers)
    assert not Apart.of(*numbers, *[-number for number in numbers]).parts
    assert not (found - found).parts
    assert not (0 * found).parts


def test_it_is_lost_in_what_is_not_available() -> None:
    both = Apart.of(X, call("exp", X))
    for found in (both + UNAVAILABLE, UNAVAILABLE + both, UNAVAILABLE - both, both - UNAVAILABLE):
        assert found is UNAVAILABLE
    assert both * UNAVAILABLE is UNAVAILABLE * both is UNAVAILABLE


def test_numbers_on_either_side() -> None:
    e = Apart.of(call("exp", X))
    assert (2 + e).total() == (e + 2).total() == call("exp", X) + 2
    assert (2 - e).total() == 2 - call("exp", X)
    assert (Fraction(1, 2) * e * 2).total() == call("exp", X)
    assert (2 / e).total() == 2 * call("exp", -X)
    assert ((1 + e) / (1 + e)).total() == 1
    assert call("log", e).total() == X
    # Of an int too: 1/3 as floats is none of these.
    three = e - e + 3
    assert (1 / three).total() == (e / 3 / e).total() == (three**-1).total() == Fraction(1, 3)
    assert all(type(x.total()) is Fraction for x in (three, 1 / three, three**-1, three * 2))


def test_a_sum_of_many_is_not_brought_to_one_denominator() -> None:
    field = Field(40, 50_000)
    terms = [1 / (1 + Apart.of(call("exp", x))) for x in field.generators]
    found = Apart.of(0)
    for term in terms:
        found = found + term * 3
    assert len(found.parts) == 40
    for term in reversed(terms):
        found = found - term * 3
    assert not found.parts
    with pytest.raises(OutOfBudget):
        sum(terms, Apart.of(0)).total()
