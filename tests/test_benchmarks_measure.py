"""Measuring: nothing is timed unless all agree, and then in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from benchmarked import BARE, OURS, SMALL, gradient, ticking

from benchmarks import workloads
from benchmarks.measure import Disagreement, measure, nodes_of
from benchmarks.peers import Peer
from benchmarks.workloads import Workload


def silent() -> float:
    raise AssertionError("the clock was read")


@pytest.mark.parametrize("place", [0, 3])
def test_a_wrong_gradient_is_refused_before_timing(place: int) -> None:
    workload = SMALL["Rosenbrock, 5 variables"]
    right = gradient(BARE, workload)
    wrong = [value + (i == place) for i, value in enumerate(right)]
    planted = replace(BARE, name="planted", prepare=lambda workload, tape: lambda: wrong)
    with pytest.raises(Disagreement, match=rf"Rosenbrock.* by variable {place} is .* by planted"):
        measure("rosenbrock", workload, [OURS, BARE, planted], 1, silent)


def test_a_gradient_that_is_too_short_is_refused() -> None:
    workload = SMALL["Rosenbrock, 5 variables"]
    right = gradient(BARE, workload)
    planted = replace(BARE, name="planted", prepare=lambda workload, tape: lambda: right[:-1])
    with pytest.raises(Disagreement, match="planted gives 4 derivatives of 5"):
        measure("rosenbrock", workload, [OURS, planted], 1, silent)


def test_floats_are_not_asked_to_agree() -> None:
    planted = replace(BARE, name="floats", prepare=lambda workload, tape: list, is_exact=False)
    found = measure("seed", workloads.seed_example(), [OURS, planted], 1, ticking())
    assert set(found.seconds) == {"minigrad", "floats"}


def test_every_round_times_every_peer_in_turn() -> None:
    runs: list[str] = []

    def noting(name: str) -> Peer:
        def prepare(_workload: Workload, _tape: object) -> Callable[[], list[Fraction]]:
            def run() -> list[Fraction]:
                runs.append(name)
                return gradient(BARE, workloads.seed_example())

            return run

        return Peer(name, prepare, before=lambda: runs.append("before"))

    found = measure("seed", workloads.seed_example(), [noting("a"), noting("b")], 3, ticking())
    assert runs == ["a", "b", *["before", "a", "before", "b"] * 3]
    assert found.seconds == {"a": [1, 1, 1], "b": [1, 1, 1]}


def test_short_runs_are_repeated_until_they_can_be_timed() -> None:
    calls: list[int] = []
    ticks = iter(range(10**6))
    # A thousandth of a second for each reading: ten calls are as long as a hundredth.
    clock = lambda: next(ticks) / 1000 + len(calls) / 1000
    right = gradient(BARE, workloads.seed_example())
    quick = Peer("quick", lambda workload, tape: lambda: calls.append(1) or right)
    found = measure("seed", workloads.seed_example(), [quick], 2, clock)
    # 1, 2, 4, 8 and 16 calls take 2, 3, 5, 9 and 17 milliseconds, of which the last is long enough.
    assert len(calls) == 1 + (1 + 2 + 4 + 8 + 16) + 2 * 16
    assert found.seconds["quick"] == pytest.approx([17 / 16 / 1000] * 2)


def test_a_peer_that_refuses_is_left_out_with_the_reason() -> None:
    shy = replace(BARE, name="shy", refuses=lambda workload, tape: "not today")
    found = measure("seed", workloads.seed_example(), [OURS, shy], 1, ticking())
    assert found.skipped == {"shy": "not today"}
    assert set(found.seconds) == {"minigrad"}
    # a, b, f and four operators.
    assert found.nodes == nodes_of(workloads.seed_example()) == 7


def test_constants_are_no_nodes() -> None:
    # x, 3x and 3x + 1.
    assert nodes_of(Workload("line", (Fraction(2),), lambda _, x: x[0] * 3 + 1)) == 3
