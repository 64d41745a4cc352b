"""Errors that are shown by bounds, where closed forms are too long."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.errors import TooLarge
from minigrad.verify import bounded, judge
from minigrad.verify.arguments import of_point
from minigrad.verify.bounded import differing
from minigrad.verify.check import check_gradient
from minigrad.verify.claims import Claim, Kind, sample
from minigrad.verify.idle import Idle
from minigrad.verify.report import Verdict
from minigrad.verify.symbolic import Rules

RULES = Rules()


def told(function: Any, gradient: Any, *point: Any, kind: Kind = Kind.GRADIENT) -> list[bool]:
    """For each component, whether bounds tell what is given from the derivative."""
    layout, values = of_point(function, point)
    found = sample(Claim(kind, function, gradient, layout), values, math.inf)
    claim = Claim(kind, function, gradient, layout)
    return [apart is not None for apart in differing(claim, Idle(RULES).marked(found), RULES)]


def product(x, y):
    return (x * y).exp() * y


def test_what_is_right_is_not_told_apart_and_what_is_wrong_is():
    assert told(product, lambda x, y: (y * product(x, y), (1 + x * y) * (x * y).exp()), 2, 3) == [
        False,
        False,
    ]
    assert told(product, lambda x, y: (y * product(x, y), (2 + x * y) * (x * y).exp()), 2, 3) == [
        False,
        True,
    ]
    # By less than any float would show.
    tiny = Fraction(1, 10**40)
    assert told(lambda x: x.exp(), lambda x: x.exp() * (1 + tiny), 1) == [True]


@pytest.mark.parametrize(
    ("function", "point"),
    [
        (lambda x: x.relu().exp(), 0),
        (lambda x: x.exp() if x > 0 else x, 0),
        (lambda x: minigrad.maximum(x.exp(), x.exp() * x), 1),
    ],
    ids=["piece", "comparison", "closed"],
)
def test_at_a_boundary_nothing_is_told(function, point):
    assert told(function, lambda x: 77, point) == [False]


def test_an_idle_operator_is_no_boundary():
    def logsumexp(x, y):
        m = minigrad.maximum(x, y)
        return m + minigrad.log((x - m).exp() + (y - m).exp())

    assert told(logsumexp, lambda x, y: (0.5, 0.75), 1, 1) == [False, True]


def test_second_derivatives_and_what_is_lacking_are_not_told():
    assert told(lambda x: x.exp(), lambda x: [[7]], 1, kind=Kind.HESSIAN) == [False]
    assert told(lambda x: x.exp(), lambda x: float("nan"), 1) == [False]


def test_other_kinds_are():
    assert told(lambda x: [x.exp(), x], lambda x: [[x.exp()], [2]], 1, kind=Kind.JACOBIAN) == [
        False,
        True,
    ]


# --- of a check ----------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(12, 3)), RNG.normal(size=12)


def logistic(w):
    return np.mean(np.log1p(np.exp(X @ w)) - T * (X @ w))


def without_mean(w):
    return X.T @ (1 / (1 + np.exp(-X @ w)) - T)


def test_a_wrong_gradient_of_data_of_many_digits_is_refuted():
    report = check_gradient(logistic, without_mean, shape=[3], budget=3)
    assert report.verdict is Verdict.REFUTED


def limited(monkeypatch):
    """Where every sample is too large to be judged."""

    def judged(*_):
        raise TooLarge("a closed form outgrew the limit of this test")

    monkeypatch.setattr(judge.Judge, "judged", judged)


def test_a_component_that_is_told_apart_is_refuted_and_the_others_are_open(monkeypatch):
    limited(monkeypatch)
    report = check_gradient(product, lambda x, y: (y * product(x, y), x), (2, 3))
    right, wrong = report.entries
    assert right.verdict is Verdict.UNDECIDED
    assert right.message == "no point could be judged: a closed form outgrew the limit of this test"
    assert (wrong.verdict, wrong.proof, wrong.gradient) == (Verdict.REFUTED, "number", None)
    assert wrong.message.startswith("the gradient gives about 0, the derivative is about 1: their")
    assert (wrong.difference, wrong.blame) == ("about -1", "the gradient by y")
    assert {"x": 2, "y": 3} in report.points


def test_at_a_boundary_of_what_is_compared_nothing_is_refuted(monkeypatch):
    """A budget that ran out at a boundary says nothing of formulas."""

    def function(x):
        return np.sum(np.where(np.floor(x) > 2.5, np.exp(x - 3), 2 * (x - 3) + 1))

    def gradient(x):
        return np.where(np.ceil(x) > 3.5, np.exp(x - 3), 2)

    assert check_gradient(function, gradient, shape=[20]).verdict is not Verdict.REFUTED
    limited(monkeypatch)
    assert check_gradient(function, gradient, [3]).verdict is Verdict.UNDECIDED
    assert check_gradient(function, lambda x: 3 * x, [2]).verdict is Verdict.REFUTED


def test_the_rounding_of_floats_is_no_error(monkeypatch):
    limited(monkeypatch)
    third = 1 / 3
    report = check_gradient(lambda x: (x / 3).exp(), lambda x: (x / 3).exp() * third, 1)
    assert report.verdict is Verdict.UNDECIDED
    report = check_gradient(lambda x: (x / 3).exp(), lambda x: (x / 3).exp() * (third + 1e-9), 1)
    assert report.verdict is Verdict.REFUTED


def test_were_bounds_wrong_a_right_gradient_would_be_refuted(monkeypatch):
    """So it is seen that it is they who are asked."""
    limited(monkeypatch)
    right = lambda x: x.exp()
    assert check_gradient(right, right, 1).verdict is Verdict.UNDECIDED
    monkeypatch.setattr(
        bounded, "_apart", lambda *_: bounded.Apart(minigrad.number.ONE, minigrad.number.ZERO)
    )
    assert check_gradient(right, right, 1).verdict is Verdict.REFUTED
