"""Workloads: their sizes, and gradients that are known."""

from __future__ import annotations

from fractions import Fraction

from benchmarked import BARE, OURS, SMALL, gradient, ticking

from benchmarks import workloads
from benchmarks.measure import measure
from benchmarks.tape import record


def test_gradients_that_are_known() -> None:
    """Those of the seed's page, and those that a formula gives."""
    assert gradient(BARE, workloads.seed_example()) == [
        Fraction(-1000, 961),
        Fraction(-250, 441),
        Fraction(365, 651),
    ]
    dot = workloads.dot_product(6)
    assert gradient(BARE, dot) == [*dot.values[6:], *dot.values[:6]]
    assert gradient(BARE, workloads.reciprocals(5)) == [Fraction(-1, n * n) for n in range(1, 6)]
    # Three times total + y - z/two: by total, y, z and two.
    assert gradient(BARE, workloads.chain(12)) == [1, 3, Fraction(-3, 2), Fraction(3, 4)]


def test_the_workloads_have_the_sizes_of_their_names() -> None:
    assert len(workloads.rosenbrock(500).values) == 500
    assert len(workloads.perceptron().values) == (2 + 1) * 16 + (16 + 1) * 16 + 16 + 1
    assert len(record(workloads.horner(400)).forward) == 2 * 400
    assert len(record(workloads.chain(1000)).forward) == 1000
    graph = workloads.random_graph(2000)
    assert measure("graph", graph, [OURS], 1, ticking()).nodes == 2001
    assert [w.name for w in SMALL.values() if w.swelling] == [
        "Horner, degree 9",
        "sum of 7 reciprocals",
    ]


def test_a_random_graph_is_the_same_every_time() -> None:
    once, again = (gradient(BARE, workloads.random_graph(300)) for _ in range(2))
    assert once == again
