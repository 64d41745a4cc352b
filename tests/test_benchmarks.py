"""What the benchmarks promise: all peers compute the same or nothing is timed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from benchmarks import workloads
from benchmarks.measure import Disagreement, measure
from benchmarks.peers import Peer, as_fraction, on_deep_stack, peers
from benchmarks.scale import scale
from benchmarks.tape import record
from benchmarks.workloads import Workload
from minigrad.backing import ENVIRONMENT

SMALL = {
    workload.name: workload
    for workload in (
        workloads.rosenbrock(5),
        workloads.perceptron((2, 2, 1), samples=2),
        workloads.horner(9),
        workloads.reciprocals(7),
        workloads.dot_product(6),
        workloads.seed_example(),
        workloads.random_graph(80),
        workloads.chain(12),
    )
}
KINDS = [
    kind
    for kind, module in (("Fraction", "fractions"), ("fmpq", "flint"), ("mpq", "gmpy2"))
    if importlib.util.find_spec(module)
]
PEERS = {peer.name: peer for peer in peers(KINDS)}
OURS = PEERS["minigrad"]
BARE = PEERS["bare Fraction"]


def ticking() -> Callable[[], float]:
    """A clock on which a second passes whenever it is read."""
    ticks = count()
    return lambda: float(next(ticks))


def gradient(peer: Peer, workload: Workload) -> list[Fraction]:
    tape = record(workload)
    if why := peer.refuses(workload, tape):
        # At these sizes nobody refuses but for a missing library.
        assert why.endswith("is not installed")
        pytest.skip(f"{peer.name}: {why}")
    run = peer.prepare(workload, tape)
    return on_deep_stack(lambda: [as_fraction(value) for value in run()])


# --- the gradients -----------------------------------------------------------------------------------


@pytest.mark.parametrize("workload", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("peer", [p for p in PEERS.values() if p.is_exact], ids=lambda p: p.name)
def test_every_exact_peer_finds_the_same_gradient(peer: Peer, workload: Workload) -> None:
    found = gradient(peer, workload)
    assert found == gradient(OURS, workload)
    assert any(found)


@pytest.mark.parametrize("name", sorted(set(SMALL) - {"random graph, 80 nodes"}))
def test_float_micrograd_is_close(name: str) -> None:
    peer, tape = PEERS["float micrograd"], record(SMALL[name])
    if why := peer.refuses(SMALL[name], tape):
        pytest.skip(why)
    found = peer.prepare(SMALL[name], tape)()
    assert [float(x) for x in found] == pytest.approx(
        [float(x) for x in gradient(BARE, SMALL[name])]
    )


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


def test_the_bare_arithmetic_by_hand() -> None:
    """Each instruction of the tape: constants on either side, powers, relus on both pieces."""

    def program(_library: object, x: Any) -> Any:
        a, b = x
        parts = (
            3 - a,
            a - 3,
            5 / a,
            a / 5,
            7 * a,
            a**3,
            a**2,
            a - b,
            (b - a).relu(),
            (a - b).relu(),
            a * a,
        )
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total + 1

    workload = Workload("all", (Fraction(2), Fraction(1, 2)), program)
    # -1 + 1 - 5/a² + 1/5 + 7 + 3a² + 2a + 1 + 0 + 1 + 2a, and -1 - 1
    assert gradient(BARE, workload) == [Fraction(-5, 4) + Fraction(1, 5) + 29, -2]


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


def test_a_float_is_no_exact_gradient() -> None:
    with pytest.raises(TypeError, match=r"expected an exact number; got 0\.5"):
        as_fraction(0.5)


# --- what is refused before anything is timed -----------------------------------------------------------


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


def test_what_takes_too_long_is_refused_by_its_size() -> None:
    deep = replace(record(workloads.seed_example()), depths=[100_001])
    assert "recurses deeper than 100,000" in PEERS["micrograd"].refuses(
        workloads.seed_example(), deep
    )
    many = workloads.rosenbrock(300)
    assert "variables times operations are more than 400,000" in PEERS["SymPy"].refuses(
        many, record(many)
    )
    nested = workloads.horner(200)
    assert "a path of more than 300 operations" in PEERS["SymPy"].refuses(nested, record(nested))
    assert not OURS.refuses(nested, deep)


# --- processes -------------------------------------------------------------------------------------------


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_command_prints_a_table() -> None:
    done = command("benchmarks", "--rounds", "1", "--workload", "seed", "--markdown")
    assert done.returncode == 0, done.stderr
    assert "| the seed's example |" in done.stdout
    assert "MINIGRAD_RATIONAL=python" in done.stdout


def test_a_process_refuses_another_backing_than_its_own() -> None:
    done = command("benchmarks.measure", "--backing", "flint", **{ENVIRONMENT: "python"})
    assert done.returncode == 2
    assert "expected MINIGRAD_RATIONAL=flint in the environment; got python" in done.stderr


def test_a_chain_is_built_swept_and_proved() -> None:
    found = scale(400, 1)
    assert found.nodes == 400
    assert found.of_backward == pytest.approx(found.proof / found.backward)
    assert 0 < found.swept_memory <= found.memory


def test_errors_on_the_deep_stack_come_out() -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises(ZeroDivisionError):
        on_deep_stack(lambda: 1 / 0)
    assert sys.getrecursionlimit() == limit


def test_deep_recursion_is_possible_on_it() -> None:
    def depth(n: int) -> int:
        return 0 if n == 0 else 1 + depth(n - 1)

    assert on_deep_stack(lambda: depth(50_000)) == 50_000
