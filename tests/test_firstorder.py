from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proofs import labelled

from minigrad import Scalar, absolute, maximum, minimum, relu
from minigrad.generate import random_graph
from minigrad.rational import OutOfBudget
from minigrad.verify import firstorder, onesided
from minigrad.verify.chain import prove
from minigrad.verify.firstorder import FirstOrder
from minigrad.verify.onesided import AllPowers, OneSided
from minigrad.verify.proof import verify
from minigrad.verify.symbolic import Graph, Rules


def found(root: Scalar, x: Scalar) -> OneSided | None:
    rules = Rules()
    chain = prove(Graph(root), rules, Fraction(1))
    i = next(i for i, node in enumerate(chain.graph.nodes) if node is x)
    return FirstOrder(chain, rules).one_sided(i)


# The derivatives from the left and from the right, by hand.
@pytest.mark.parametrize(
    ("function", "at", "left", "right"),
    [
        (lambda x: relu(x), 0, 0, 1),
        (lambda x: absolute(3 * x), 0, -3, 3),
        (lambda x: absolute(-2 * x) * 5, 0, -10, 10),
        (lambda x: maximum(x, 2) / 3, 2, 0, Fraction(1, 3)),
        (lambda x: minimum(x * x, 4), 2, 4, 0),
        (lambda x: maximum(2 * x, 3 * x), 0, 2, 3),
        (lambda x: relu(absolute(x)) - absolute(relu(x)), 0, -1, 0),
        (lambda x: 1 / (1 + absolute(x)), 0, 1, -1),
        (lambda x: relu(-5 + x * 0 + 3) + absolute(x), 0, -1, 1),
    ],
)
def test_derivatives_that_the_first_order_tells(
    function: Any, at: int, left: Fraction, right: Fraction
) -> None:
    x = Scalar(at, "x")
    assert found(function(x), x) == OneSided(Fraction(left), Fraction(right))


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (lambda x: relu(x * x), 0),  # x*x moves by ε² alone
        (lambda x: relu(x - x), 0),
        (lambda x: absolute(x * x - 2 * x + 1), 1),
        (lambda x: x // 1, 2),  # a jump on one side
        (lambda x: (x // 1) * (x - 2), 2),
        (lambda x: maximum(x + x * x, x), 0),  # a tie up to ε²
        (lambda x: absolute(x).sign(), 0),
    ],
)
def test_what_the_first_order_does_not_tell_is_left_to_all_powers(function: Any, at: int) -> None:
    x = Scalar(at, "x")
    assert found(function(x), x) is None


@given(st.integers(0, 10_000), st.integers(2, 30))
def test_it_says_what_all_powers_say(seed: int, size: int) -> None:
    rules = Rules()
    chain = prove(Graph(random_graph(seed, size=size)), rules, Fraction(1))
    first = FirstOrder(chain, rules)
    for i in chain.boundary:
        ours = first.one_sided(i)
        if ours is None:
            continue
        try:
            assert ours == AllPowers(chain, rules).one_sided(i)
        except OutOfBudget:
            continue


def test_a_random_graph_has_something_for_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test before this one would compare nothing."""
    asked = []
    monkeypatch.setattr(
        firstorder.FirstOrder,
        "one_sided",
        lambda self, i, real=FirstOrder.one_sided: asked.append(told := real(self, i)) or told,
    )
    for seed in range(30):
        verify(random_graph(seed, size=30), "chain")
    assert sum(told is not None for told in asked) > 50
    assert sum(told is None for told in asked) > 5


def test_a_boundary_is_asked_once_for_each_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    """And below it every node costs a product for each of its edges, and no formula in ε."""
    asked = []
    real = FirstOrder._beside
    monkeypatch.setattr(
        FirstOrder, "_beside", lambda self, d, steps: asked.append(d) or real(self, d, steps)
    )
    monkeypatch.setattr(onesided, "_move", None)
    x = Scalar(0, "x")
    node = x
    for k in range(1, 200):
        node = node * (-1) ** k * k / k
    root = labelled("r", absolute(node))
    report = verify(root, "chain")
    assert {str(entry.verdict) for entry in report.entries if entry.label != "r"} == {"kink"}
    assert len(asked) == 2
