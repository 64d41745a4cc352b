"""An argument as a sum: it adds up to what was given, and multiples have the same terms."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import summands as module
from minigrad.closed import lift
from minigrad.elementary import call, pi
from minigrad.rational import Field
from minigrad.summands import summands

SQRT2, SQRT3 = (call("sqrt", Fraction(n)) for n in (2, 3))
X, Y = Field(2, point=[Fraction(3, 7), Fraction(5, 3)]).generators
ratios = st.fractions(-4, 4, max_denominator=6)
every_way = pytest.mark.parametrize("whole", [False, True])

FORMS = {
    "a ratio": Fraction(-7, 3),
    "a root": SQRT2,
    "numbers": 2 * SQRT3 + pi() / 3 + 1,
    "a quotient of numbers": (pi() ** 2 + SQRT2) / (pi() + 1),
    "formulas": lift((X * X + 3 * X * Y + 5) / (2 * X + 2)),
    "both": call("exp", X) / 6 + Y * SQRT2 / (1 + Y),
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def added(parts: list[tuple[Fraction, Any]]) -> Any:
    return sum([q * t for q, t in parts], Fraction(0))


@every_way
@each_form
@given(q=ratios.filter(bool))
def test_the_summands_add_up_and_multiples_have_the_same_terms(
    form: Any, q: Fraction, whole: bool
) -> None:
    parts = list(summands(form, 9, whole=whole))
    assert added(parts) == form
    scaled = list(summands(q * form, 9, whole=whole))
    # Of a ratio the term is 1, and the ratio stands before it.
    assert [(q * p, t) for p, t in parts] == scaled


@given(a=ratios, b=ratios, c=ratios)
def test_a_sum_of_multiples_is_taken_apart(a: Fraction, b: Fraction, c: Fraction) -> None:
    parts = {str(t): q for q, t in summands(lift(a * SQRT2 + b * pi() + c), 9) if q}
    assert parts == {t: q for t, q in (("sqrt(2)", a), ("pi", b), ("1", c)) if q}


def test_what_remains_over_the_bottom_is_one_term_if_it_is_asked_for_whole() -> None:
    # (x² + 3xy + 5)/(x + 1) = x - 1 + 3y + (6 - 3y)/(x + 1).
    form = lift((X * X + 3 * X * Y + 5) / (X + 1))
    rest = [lift(1 / (X + 1)), lift(Y / (X + 1)), lift((Y - 2) / (X + 1))]
    assert {(q, rest.index(t)) for q, t in summands(form, 9) if t in rest} == {(6, 0), (-3, 1)}
    assert [(q, rest.index(t)) for q, t in summands(form, 9, whole=True) if t in rest] == [(-3, 2)]


@every_way
def test_of_more_than_most_terms_there_is_one(whole: bool) -> None:
    form = lift(SQRT2 + pi() / 3 + 1)
    assert len(list(summands(form, 3, whole=whole))) == 3
    ((q, t),) = summands(form, 2, whole=whole)
    assert (q, t) == (Fraction(1, 3), 3 * form)


def test_a_division_that_takes_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DIVISIONS", 2)
    # The quotient would be y⁴ - y³x + y²x² - yx³ + x⁴.
    form = lift((Y**5 + 1) / (X + Y))
    parts = list(summands(form, 9))
    assert parts == [(1, lift(Y**5 / (X + Y))), (1, lift(1 / (X + Y)))]
    assert added(parts) == form
