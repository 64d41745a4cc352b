"""Peers: all compute the same, or say why they do not run."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from benchmarked import BARE, OURS, PEERS, SMALL, gradient

from benchmarks import workloads
from benchmarks.peers import Peer, as_fraction, on_deep_stack
from benchmarks.tape import record
from benchmarks.workloads import Workload


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
        # At these sizes it refuses nothing but for a missing library.
        assert why.endswith("is not installed")
        pytest.skip(why)
    found = peer.prepare(SMALL[name], tape)()
    assert [float(x) for x in found] == pytest.approx(
        [float(x) for x in gradient(BARE, SMALL[name])]
    )


def test_a_float_is_no_exact_gradient() -> None:
    with pytest.raises(TypeError, match=r"expected an exact number; got 0\.5"):
        as_fraction(0.5)


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


def test_errors_on_the_deep_stack_come_out() -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises(ZeroDivisionError):
        on_deep_stack(lambda: 1 / 0)
    assert sys.getrecursionlimit() == limit


def test_deep_recursion_is_possible_on_it() -> None:
    def depth(n: int) -> int:
        return 0 if n == 0 else 1 + depth(n - 1)

    assert on_deep_stack(lambda: depth(50_000)) == 50_000
