"""The worst that was found of a component, and its words."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from minigrad.verify.components import Component, Finding, counted, worse
from minigrad.verify.report import Entry, Verdict

PROVED, KINK = Verdict.PROVED, Verdict.KINK
UNDECIDED, REFUTED = Verdict.UNDECIDED, Verdict.REFUTED


def finding(verdict: Verdict, proof: str = "identity", gradient: int = 1, x: int = 1) -> Finding:
    return Finding(
        Entry(
            "x",
            verdict,
            proof,
            gradient=Fraction(gradient),
            expected=Fraction(1),
            point={"x": Fraction(x)},
        ),
        agrees=gradient == 1,
    )


def test_the_worse_verdict_stays() -> None:
    order = [finding(verdict) for verdict in (PROVED, KINK, UNDECIDED, REFUTED)]
    for milder, harder in pairwise(order):
        assert worse(milder, harder) is harder is worse(harder, milder)
    assert worse(None, order[0]) is order[0]


def test_of_two_refutations_the_plainer_one_is_shown() -> None:
    numbers, formulas = finding(REFUTED, "number", 2), finding(REFUTED, "identity", 2)
    assert worse(numbers, formulas) is formulas is worse(formulas, numbers)
    # One whose two numbers differ, however large, is plainer than one where they happen to agree.
    large, equal = finding(REFUTED, "identity", 2, 1000), finding(REFUTED, "identity", 1)
    assert worse(equal, large) is large is worse(large, equal)
    assert worse(large, formulas) is formulas is worse(formulas, large)


def test_agreements_are_counted_where_nothing_is_proved() -> None:
    at_points = finding(UNDECIDED, "points")
    assert "equal at 3 points" in counted(Component(at_points, agreements=3)).spelt().message
    proved = finding(PROVED, "one-sided")
    assert counted(Component(proved, agreements=1)) is proved
    assert counted(Component(proved, agreements=2)).entry.verdict is UNDECIDED
    assert counted(Component(proved, agreements=2, is_formula=True)) is proved
    alone = counted(Component(proved, agreements=1), left_out=True).spelt()
    assert alone.verdict is UNDECIDED
    assert alone.message.endswith(
        "the formula beside it is not known, for other points were left out"
    )
    known = Component(proved, agreements=1, is_formula=True)
    assert counted(known, left_out=True) is proved


def test_words_are_put_when_they_are_asked_for() -> None:
    asked = []

    def words(entry: Entry) -> Entry:
        asked.append(entry)
        return replace(entry, message="so it is")

    found = Finding(finding(REFUTED).entry, words)
    worse(found, finding(PROVED))
    assert not asked
    assert found.spelt().message == "so it is"
