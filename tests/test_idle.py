"""Piecewise operators on which no result hangs."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.operators import OPERATORS
from minigrad.verify import edges, idle
from minigrad.verify.arguments import of_point
from minigrad.verify.check import check_gradient
from minigrad.verify.claims import Claim, Kind, sample
from minigrad.verify.idle import CONTINUOUS, Idle
from minigrad.verify.report import Verdict
from minigrad.verify.symbolic import Rules
from minigrad.wholes import STEPS

RULES = Rules()
maximum, exp, log, sqrt = minigrad.maximum, minigrad.exp, minigrad.log, minigrad.sqrt


def idle_of(function: Callable[..., Any], *point: Any) -> tuple[int, int]:
    """How many piecewise operators a function has at a point, and how many of them are idle."""
    layout, values = of_point(function, point)
    none = lambda *xs: (0,) * len(xs)
    found = sample(Claim(Kind.GRADIENT, function, none, layout), values, math.inf)
    marked = Idle(RULES).marked(found)
    run = marked.function.trace
    sides = [side for c in run.comparisons for side in (c.left, c.right)]
    nodes = minigrad.graph.topological_order([*marked.outputs, *sides])
    piecewise = [node for node in nodes if node.operator and node.operator.branch]
    return len(piecewise), sum(id(node) in marked.idle for node in piecewise)


def first_of_softmax(x, y, m):
    return exp(x - m) / (exp(x - m) + exp(y - m))


def max_of(*xs):
    return functools.reduce(maximum, xs)


def logsumexp(*xs):
    m = max_of(*xs)
    return m + log(minigrad.sum([exp(x - m) for x in xs]))


IDLE: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "softmax": (lambda x, y: first_of_softmax(x, y, maximum(x, y)), (3, 3)),
    "of others": (lambda x, y, z: first_of_softmax(x, y, minigrad.minimum(y, z)), (7, 1, 1)),
    "logsumexp": (logsumexp, (2, 2)),
    "of three, a chain": (logsumexp, (2, 2, 2)),
    "off the tie": (logsumexp, (1, 2, 5)),
    "difference": (lambda x, y: (x - maximum(x, y)) - (y - maximum(x, y)), (1, 1)),
    "asked for twice": (lambda x, y, z: x - max_of(x, y, z) - (y - max_of(x, y, z)), (1, 1, 1)),
    "times nothing": (lambda x, y: x + 0 * maximum(x, y), (0, 0)),
    "within another": (lambda x, y: (m := maximum(minigrad.minimum(x, y), y)) - m + x, (0, 0)),
}

BUSY: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "itself": (abs, (0,)),
    "above": (lambda x, y: maximum(x, y) ** 2 + x, (1, 1)),
    "a part is left": (lambda x, y: 2 * maximum(x, y) - (x + maximum(x, y)), (1, 1)),
    "through a piece": (lambda x, y: abs(x - maximum(x, y)), (1, 1)),
    "compared": (lambda x, y: x if maximum(x, y) > 1 else y, (1, 1)),
    "the sign decides": (lambda x, y: sqrt((m := maximum(x, y)) ** 2) / m + x, (2, 2)),
    "a bound": (lambda x: (m := maximum(x, 0)) - m + x, (0,)),
    "added beside": (lambda x, y: ((m := maximum(x, y)) - m + x) * m, (1, 1)),
    "jumps": (lambda x: (x // 1) - (x // 1) + x, (1,)),
}


@pytest.mark.parametrize(("function", "point"), IDLE.values(), ids=IDLE)
def test_what_no_result_hangs_on_is_idle(function, point):
    piecewise, found = idle_of(function, *point)
    assert piecewise == found > 0


@pytest.mark.parametrize(("function", "point"), BUSY.values(), ids=BUSY)
def test_what_a_result_may_hang_on_is_not(function, point):
    piecewise, found = idle_of(function, *point)
    assert piecewise > found == 0


@pytest.mark.parametrize("limit", ["_NODES", "_OTHERS", "_WORK"])
def test_what_is_too_much_work_is_not_called_idle(monkeypatch, limit):
    monkeypatch.setattr(idle, limit, 1)
    assert idle_of(logsumexp, 2, 2) == (1, 0)


@pytest.mark.parametrize("name", [*CONTINUOUS, *STEPS, "mod", "sign"])
def test_only_operators_without_jumps_are_idle(name):
    """Beside a boundary the value is near that on it; else a node above may have none there."""
    operator = OPERATORS[name]
    digits = (0,) if name == "round" else ()
    at = Fraction(1, 2) if name == "round" else Fraction(name in ("maximum", "minimum", "mod"))
    other = [Fraction(1)] * (operator.arity - 1)
    here, *beside = (
        operator.forward(x, *other, *digits, operator.branch(x, *other, *digits))
        for x in (at, at + Fraction(1, 10**9), at - Fraction(1, 10**9))
    )
    assert operator.branch(at, *other, *digits).boundary
    assert all(abs(y - here) < Fraction(1, 10**6) for y in beside) is (name in CONTINUOUS)


# --- what comes of it ----------------------------------------------------------------------------


def by_numpy(z):
    top = z.max()
    return top + np.log(np.sum(np.exp(z - top)))


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def test_nobody_asks_beside_the_tie_of_a_maximum_that_is_taken_out(monkeypatch):
    def asked(*_):
        raise AssertionError("one-sided derivatives were asked for")

    looked = []
    ends = idle._Ends
    monkeypatch.setattr(idle, "_Ends", lambda *args: looked.append(args) or ends(*args))
    monkeypatch.setattr(edges, "one_sided", asked)
    report = check_gradient(by_numpy, softmax, shape=[4])
    assert report.verdict is Verdict.PROVED
    assert any(len(set(point.values())) < 4 for point in report.points)
    assert (report.conditions, report.branches) == ((), ())
    assert len(looked) == 2


def test_a_mistake_at_the_tie_alone_is_found():
    def wrong(z):
        return softmax(z) if z[0] != z[1] else 2 * softmax(z)

    report = check_gradient(by_numpy, wrong, shape=[2])
    assert report.verdict is Verdict.REFUTED


def test_a_kink_beside_it_stays_one():
    def loss(z):
        return by_numpy(z) + minigrad.relu(z[0] - z[1])

    def gradient(z):
        over = 1 if z[0] > z[1] else 0
        return softmax(z) + np.array([over, -over])

    report = check_gradient(loss, gradient, [1, 1])
    assert report.verdict is Verdict.KINK
    assert check_gradient(loss, lambda z: 2 * gradient(z), [1, 1]).verdict is Verdict.REFUTED


def test_were_all_idle_a_kink_would_be_none(monkeypatch):
    function = lambda x, y: maximum(x, y)
    gradient = lambda x, y: (1, 0) if x >= y else (0, 1)
    assert check_gradient(function, gradient, (1, 1)).verdict is Verdict.KINK
    monkeypatch.setattr(idle._Ends, "_has_effect", lambda *_: False)
    assert idle_of(function, 1, 1) == (1, 1)
    assert check_gradient(function, lambda x, y: (1, 0), (1, 1)).verdict is Verdict.REFUTED


class Layer:
    """What the function computed is kept for the derivative, which may need what the function does without."""

    def __init__(self, taken: Callable[[Any], Any]) -> None:
        self.taken = taken

    def function(self, x, y):
        self.m = maximum(x, y)
        return x * y + self.taken(self.m)

    def gradient(self, x, y):
        return y + (self.m - x), x


@pytest.mark.parametrize("taken", [lambda m: m - m, lambda m: 0 * m], ids=["minus", "times"])
@pytest.mark.parametrize("points", [[], [(2, 1), (1, 2)]], ids=["search", "given"])
def test_what_the_derivative_takes_of_the_function_is_not_idle(taken, points):
    layer = Layer(taken)
    assert check_gradient(layer.function, layer.gradient, *points).verdict is Verdict.REFUTED


def test_many_operators_take_no_more_than_a_budget(monkeypatch):
    made = []
    monkeypatch.setattr(idle, "_ALL_NODES", 50)
    value_at = idle.value_at
    monkeypatch.setattr(idle, "value_at", lambda *args: made.append(args) or value_at(*args))

    def function(*xs):
        return minigrad.sum([maximum(x, y) ** 2 for x in xs for y in xs if x is not y])

    idle_of(function, *range(12))
    assert 0 < len(made) <= 50
