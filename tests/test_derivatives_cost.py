"""What the transforms cost, counted and not timed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad import Scalar
from minigrad import derivatives as module
from minigrad.derivatives import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    taylor,
    value_and_grad,
    vjp,
)
from minigrad.operators import Operator


class Work:
    """Counts the operations on Fractions, and the nodes that walks and sweeps look at."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        for name in ("__add__", "__sub__", "__mul__", "__truediv__", "__pow__"):
            monkeypatch.setattr(Fraction, name, self.counted(getattr(Fraction, name), lambda _: 1))
        monkeypatch.setattr(module, "dependence", self.counted(module.dependence, len))
        piece = self.counted(Operator.piece, lambda _: 1)
        monkeypatch.setattr(Operator, "piece", piece)

    def counted(self, function: Callable[..., Any], cost: Callable[[Any], int]) -> Any:
        @functools.wraps(function)
        def counting(*args: Any) -> Any:
            result = function(*args)
            self.count += cost(result)
            return result

        return counting

    def of(self, call: Callable[[], Any]) -> int:
        before = self.count
        call()
        return self.count - before


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def neighbours(xs: Any) -> Any:
    """A function of n variables with a graph of size n and a sparse Hessian."""
    return minigrad.sum([x * x * y for x, y in zip(xs[1:], xs, strict=False)])


def growth(work: Work, call: Callable[[int], Any], n: int) -> float:
    """How much more work it is to do twice as much."""
    return work.of(lambda: call(2 * n)) / work.of(lambda: call(n))


def line(n: int) -> Callable[[Any], Any]:
    return lambda x: functools.reduce(lambda total, i: total + x * i, range(n), x * x)


LINEAR: list[Callable[[int], Any]] = [
    lambda n: grad(line(n))(3),
    lambda n: value_and_grad(line(n))(Scalar(3)),
    lambda n: jvp(line(n), (3,), (1,)),
    lambda n: vjp(line(n), 3)[1](1),
    lambda n: hvp(line(n), (3,), (1,)),
    lambda n: hessian(line(n))(3),
    lambda n: derivative(line(n), 3)(3),
    lambda n: grad(neighbours)([2] * n),
    lambda n: jvp(neighbours, ([2] * n,), ([1] * n,)),
    lambda n: hvp(neighbours, ([2] * n,), ([1] * n,)),
    lambda n: vjp(lambda xs: [x * x for x in xs], [2] * n)[1]([1] * n),
    lambda n: jacobian(lambda x: [x * i for i in range(n)])(3),
    lambda n: jacobian(neighbours)([2] * n),
]


@pytest.mark.parametrize("call", LINEAR)
def test_the_cost_is_linear_in_the_graph(work: Work, call: Callable[[int], Any]) -> None:
    assert growth(work, call, 60) < 2.1


def test_the_cost_of_a_hessian_is_that_of_a_gradient_times_n(work: Work) -> None:
    assert growth(work, lambda n: hessian(neighbours)([2] * n), 30) < 4.2
    cost = work.of(lambda: hessian(neighbours)([2] * 60))
    assert cost < 60 * 4 * work.of(lambda: grad(neighbours)([2] * 60))


def test_a_jacobian_takes_the_fewer_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps = {"forward": 0, "reverse": 0}

    def counting(kind: str, sweep: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            sweeps[kind] += 1
            return sweep(*args)

        return counted

    monkeypatch.setattr(module, "tangents", counting("forward", module.tangents))
    monkeypatch.setattr(module.reverse, "adjoints", counting("reverse", module.reverse.adjoints))
    jacobian(lambda xs: [xs[0] * xs[1]] * 9)([2, 3])
    assert sweeps == {"forward": 2, "reverse": 0}
    jacobian(lambda xs: [xs[0] * xs[1], xs[2]])([2, 3, 4, 5])
    assert sweeps == {"forward": 2, "reverse": 2}


def test_a_jacobian_evaluates_partials_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Scalar] = []
    partials = module.reverse.partials
    monkeypatch.setattr(
        module.reverse, "partials", lambda node: (asked.append(node), partials(node))[1]
    )
    for outputs in (2, 4):
        asked.clear()
        jacobian(lambda xs, n=outputs: [xs[0] * xs[1] / xs[2]] * n)([2, 3, 4])
        assert len(asked) == 2


def test_a_transform_in_a_loop_does_not_walk_what_came_before(work: Work) -> None:
    # Each step differentiates a small function at the end of a graph that grows.
    def descend(x: Any, steps: int) -> Any:
        for _ in range(steps):
            x = x - grad(lambda y: y * y)(x) / 4
        return x

    assert growth(work, lambda n: descend(Scalar(1), n), 40) < 2.1
    assert grad(lambda x: descend(x, 3))(5) == Fraction(1, 8)


def test_orders_cost_a_power_and_not_an_exponential(work: Work) -> None:
    rational = lambda x: (x + 1) / (x * x + 2)
    assert growth(work, lambda n: taylor(rational, 1, n), 20) < 8.5
    assert work.of(lambda: taylor(rational, 1, 30)) < 60_000


def test_long_graphs_do_not_recurse() -> None:
    def f(x: Any) -> Any:
        for _ in range(3_000):
            x = x + 1
        return x

    assert grad(f)(3) == jvp(f, (3,), (1,))[1] == derivative(f, 2)(3) + 1 == 1
    assert hessian(f)(3) == 0
