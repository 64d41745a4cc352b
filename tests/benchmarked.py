"""Small workloads, the peers that are installed, and their gradients, as several tests take them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from fractions import Fraction
from itertools import count

import pytest

from benchmarks import workloads
from benchmarks.peers import Peer, as_fraction, on_deep_stack, peers
from benchmarks.tape import record
from benchmarks.workloads import Workload

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
