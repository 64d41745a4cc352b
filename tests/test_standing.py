"""Where the programs of a sample stand."""

from __future__ import annotations

import math
from typing import Any

import pytest

import minigrad
from minigrad import Scalar
from minigrad.verify import standing
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, Sample, sample
from minigrad.verify.idle import Idle
from minigrad.verify.standing import Standing
from minigrad.verify.symbolic import Rules

RULES = Rules()


def looked_at(function: Any, point: Any, derivative: Any = None) -> Sample:
    layout, values = of_point(function, point)
    none = lambda *xs: (0,) * len(xs)
    claim = Claim(Kind.GRADIENT, function, derivative or none, layout)
    return sample(claim, values, math.inf)


@pytest.mark.parametrize(
    ("function", "point", "answer"),
    [
        (abs, 0, True),
        (abs, 1, False),
        (lambda x: x if x > 1 else 2 * x, 1, True),
        (lambda x: x if x > 1 else 2 * x, 2, False),
        # Where it holds everywhere there is nothing beside it.
        (lambda x, y: minigrad.maximum(x + y, y + x), (1, 2), False),
        (lambda x: x if x + x > 2 * x else 2 * x, 1, False),
        # Of what is compared a side may jump, and a root that is not used raise.
        (lambda x: x if x // 1 > 5 else 2 * x, 1, True),
        (lambda x: [minigrad.sqrt(abs(x)), x][1], 0, True),
    ],
)
def test_what_may_change_beside_a_sample(function, point, answer):
    found = looked_at(function, point)
    assert Standing(RULES).is_at_boundary(found) is answer


def test_both_programs_are_asked():
    found = looked_at(lambda x: x * x, 1, lambda x: 2 if x == 1 else 2 * x)
    assert Standing(RULES).is_at_boundary(found)
    theirs, ours = found.programs
    stands = Standing(RULES)
    assert [stands.is_guarded(program, ()) for program in (theirs, ours)] == [False, True]


def test_an_idle_operator_does_not_count():
    def difference(x, y):
        m = minigrad.maximum(x, y)
        return (x - m) - (y - m)

    found = looked_at(difference, (1, 1))
    assert Standing(RULES).is_at_boundary(found)
    assert not Standing(RULES).is_at_boundary(Idle(RULES).marked(found))


def test_a_formula_is_looked_at_once(monkeypatch):
    stands, asked = Standing(RULES), []
    settled = standing.search.is_settled
    monkeypatch.setattr(
        standing.search, "is_settled", lambda *args: asked.append(args) or settled(*args)
    )
    for point in (1, 2, 3):
        found = looked_at(lambda x: minigrad.maximum(x, 2 * x - x), point)
        assert stands.changing(found.outputs, found.leaves, ()) == set()
    assert len(asked) == 1


def test_what_is_too_much_work_may_change(monkeypatch):
    function = lambda x: x if (1 + x) ** 4 == ((1 + x) ** 2) ** 2 else Scalar(0)
    found = looked_at(function, 3)
    assert not Standing(RULES).is_at_boundary(found)
    monkeypatch.setattr(standing, "_WORK", 2)
    assert Standing(RULES).is_at_boundary(found)
