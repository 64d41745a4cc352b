"""One claim, looked at from point to point: what is run, asked, lost and shown by smaller numbers."""

from __future__ import annotations

import contextlib
import time
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad.errors import CaseError, NotDecided
from minigrad.verify import inquiry
from minigrad.verify.arguments import of_point
from minigrad.verify.check import check_gradient
from minigrad.verify.claims import Claim, Kind
from minigrad.verify.domains import Domain
from minigrad.verify.inquiry import Inquiry
from minigrad.verify.judge import Judge
from minigrad.verify.report import Verdict
from minigrad.verify.symbolic import Rules

RULES = Rules()


def test_the_search_ends(monkeypatch):
    # A boundary at every whole number: each point asks for more of them.
    monkeypatch.setattr(inquiry, "_MOST_ASKED", 30)
    report = check_gradient(lambda x: (x // 1) * x, lambda x: x // 1)
    assert len(report.points) < 120


def inquiry_of(
    function: Any, gradient: Any, point: Any, seconds: float = 60, domain: Any = None
) -> Inquiry:
    layout, _ = of_point(function, point)
    claim = Claim(Kind.GRADIENT, function, gradient, layout)
    return Inquiry(claim, RULES, time.monotonic() + seconds, Domain(domain, layout))


F = Fraction


def cube(x):
    return x**3


def test_a_point_is_run_judged_and_remembered():
    found = inquiry_of(cube, lambda x: 3 * x**2, 2)
    ran = found.look([F(2)])
    assert ran is not None
    assert ran.outputs[0].data == 8
    assert found.seen == {(F(2),): True}
    assert [f.entry.verdict for f in found.judge.findings] == [Verdict.PROVED]


def too_large(x):
    return (x + F(1, 7)) ** 10**7


def not_told_apart(x):
    """Euler's formula for gamma(x)*gamma(1 - x), at 1/3."""
    product = minigrad.gamma(x / x / 3) * minigrad.gamma(x / x * 2 / 3)
    return x if product > 2 * minigrad.pi / minigrad.sqrt(3 * x / x) else 0


def or_zero(function):
    def caught(x):
        try:
            return function(x)
        except ArithmeticError:
            return 0

    return caught


@pytest.mark.parametrize(
    ("function", "error"), [(too_large, "TooLarge"), (not_told_apart, "NotDecided")]
)
@pytest.mark.parametrize("gradient_too", [False, True])
def test_a_program_that_goes_on_after_an_error_of_no_meaning_is_undecided(
    function, error, gradient_too
):
    programs = [or_zero(function), lambda x: 0]
    report = check_gradient(*(reversed(programs) if gradient_too else programs), 2)
    assert report.verdict is Verdict.UNDECIDED
    says = f"a program caught an error that says nothing of its function: {error}: "
    assert report.entries[0].message.startswith(says)


@pytest.mark.parametrize("slow", [0, 1])
def test_a_program_that_takes_most_of_the_budget_is_not_said_to_change(slow, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def taking_long(function):
        def program(x):
            now[0] += 6
            return function(x)

        return program

    programs = [cube, lambda x: 3 * x**2]
    programs[slow] = taking_long(programs[slow])
    report = check_gradient(*programs, 2, budget=10)
    assert report.verdict is Verdict.PROVED
    assert any("stopped at the budget" in finding for finding in report.findings)


def test_where_no_point_can_be_judged_the_reason_is_said(monkeypatch):
    def judged(judge, sample):
        raise NotDecided("two numbers are not told apart")

    monkeypatch.setattr(Judge, "judged", judged)
    (entry,) = check_gradient(cube, lambda x: 3 * x**2, 2).entries
    assert entry.verdict is Verdict.UNDECIDED
    assert entry.message == "no point could be judged: two numbers are not told apart"


def test_a_search_visits_no_point_twice_and_none_outside_the_domain(monkeypatch):
    visited, right = [], inquiry.sample
    monkeypatch.setattr(
        inquiry, "sample", lambda claim, xs, end: visited.append(tuple(xs)) or right(claim, xs, end)
    )
    found = inquiry_of(lambda x: x**2, lambda x: 2 * x, 2, domain=lambda x: x > 0)
    found.search(0)
    assert len(visited) == len(set(visited)) > 5
    assert min(visited) > (0,)


def test_a_search_stops_where_all_is_refuted():
    found = inquiry_of(cube, lambda x: 3 * x, 2)
    found.search(0)
    assert len(found.judge.points) < 5
    assert found.is_over


def test_a_function_that_raises_everywhere_is_an_error():
    def function(x):
        raise ValueError("never")

    found = inquiry_of(function, lambda x: x, 2)
    with pytest.raises(
        CaseError,
        match=r"raised at every point that was tried, \d+ in all; .* ValueError: never \(at test_inquiry",
    ):
        found.search(0)
    assert isinstance(found.first_error, ValueError)
    nowhere = inquiry_of(cube, lambda x: 3 * x**2, 2, domain=lambda x: False)
    with pytest.raises(CaseError, match="the search found no point in the domain: give a point"):
        nowhere.search(0)


def test_an_unfinished_gradient_is_no_mathematics():
    with pytest.raises(
        CaseError, match="the gradient raised NameError: name 'unknown' is not defined"
    ):
        inquiry_of(cube, lambda x: unknown, 2).look([F(2)])  # noqa: F821 - it has no meaning, which is tested


def test_a_program_with_a_state_is_found_out():
    calls = []

    def counting(x):
        calls.append(x)
        return x * len(calls)

    with pytest.raises(CaseError, match="the function does something else when it is run again"):
        inquiry_of(counting, lambda x: 1, 2).look([F(2)])


def test_what_leaves_exact_arithmetic_is_a_loss_and_not_judged():
    def swallowing(x):
        with contextlib.suppress(Exception):
            return float(x) ** 2
        return x**2

    found = inquiry_of(swallowing, lambda x: 2 * x, 2)
    # As if no copy of the program had helped.
    found.copies_tried.update({True: 3})
    assert found.look([F(2)]) is None
    assert found.is_lost
    assert found.losses[0].startswith("left exact arithmetic: ")
    assert found.judge.findings == []


def test_rounded_floats_use_up_no_try_for_programs_that_fail():
    """Four points are on the side of the rounded float before one is on that of math.exp."""
    import math

    slope = 1.0507009873554805

    def selu(x):
        return slope * x if x > 0 else math.expm1(x)

    found = inquiry_of(selu, lambda x: slope if x > 0 else math.exp(x), 2)
    for value in (1, 2, 3, 4, -1):
        found.look([F(value)])
    assert not found.losses
    assert found.judge.entries[0].verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        (lambda x: x > undefined, "NameError: name 'undefined' is not defined"),  # noqa: F821 - the typo
        (lambda x: [][x], "TypeError: "),
    ],
)
def test_a_domain_that_raises_everywhere_is_said_to(domain, says):
    with pytest.raises(CaseError, match=f"no point in the domain, which raised {says}"):
        check_gradient(cube, lambda x: 3 * x**2, domain=domain)


def test_a_domain_may_raise_where_it_is_not():
    report = check_gradient(cube, lambda x: 3 * x**2, domain=lambda x: 1 / x > 0)
    assert report.verdict is Verdict.PROVED
    assert all(point["x"] > 0 for point in report.points)


def test_without_time_nothing_is_searched():
    found = inquiry_of(cube, lambda x: 3 * x**2, 2, seconds=-1)
    found.search(0)
    assert found.judge.points == []
    assert found.notes == ["the search stopped at the budget of seconds"]
