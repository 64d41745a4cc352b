"""One run of the peers over the workloads, with one rational type in the engine; prints it as JSON.

    python -m benchmarks.measure --backing python --rounds 5 --workload Horner-400

Before anything is timed, all exact peers compute each gradient, and must agree in every component.
Then each round times every peer once, one after the other, so that whatever else slows the machine
down slows all of them; ratios are taken within a round. CPU time, garbage collected before each run.
A process has one engine: `benchmarks.__main__` starts one of these for each rational type.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from benchmarks.peers import MINIGRAD, Peer, Run, as_fraction, on_deep_stack, peers
from benchmarks.tape import record
from benchmarks.workloads import WORKLOADS, Workload
from minigrad import Scalar
from minigrad.backing import ENVIRONMENT, NAME, Rational
from minigrad.graph import topological_order
from minigrad.number_text import short_text

__all__ = ["KINDS", "Disagreement", "Measurement", "measure", "nodes_of"]

KINDS: Mapping[str, tuple[str, ...]] = {
    "python": ("Fraction",),
    "flint": ("Fraction", "fmpq"),
    "gmpy": ("Fraction", "mpq"),
}
"""The types on which the bare arithmetic is measured beside each: Fraction, and a library's."""

_SHORT = 10_000
_SHORTEST = 0.01
"""Seconds. A run of fewer operations that is shorter is repeated until a round takes as long."""


class Disagreement(AssertionError):
    """Two exact peers have different gradients, so that a comparison of their times says nothing."""


@dataclass(frozen=True)
class Measurement:
    """The times of one workload."""

    key: str
    name: str
    nodes: int
    """Of minigrad's graph, constants left out."""
    swelling: bool
    seconds: dict[str, list[float]] = field(default_factory=dict)
    """For each peer the seconds of a gradient, one for each round."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Why a peer did not run."""


def measure(
    key: str,
    workload: Workload,
    among: Sequence[Peer],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> Measurement:
    """The times of `among`, of which the first is the one that the others must agree with.

    Raises Disagreement, before the clock is first read, if a gradient is not the first one's.
    """
    tape = record(workload)
    skipped = {peer.name: why for peer in among if (why := peer.refuses(workload, tape))}
    runs = [(p, p.prepare(workload, tape)) for p in among if p.name not in skipped]
    _agree(workload, runs)
    seconds: dict[str, list[float]] = {peer.name: [] for peer, _ in runs}
    # What was prepared is no garbage, and need not be looked through again and again.
    gc.collect()
    gc.freeze()
    try:
        is_short = len(tape.forward) < _SHORT
        repeats = [_repeats(peer, run, clock) if is_short else 1 for peer, run in runs]
        for _ in range(rounds):
            for (peer, run), calls in zip(runs, repeats, strict=True):
                seconds[peer.name].append(_seconds(peer, run, calls, clock) / calls)
    finally:
        gc.unfreeze()
    return Measurement(key, workload.name, nodes_of(workload), workload.swelling, seconds, skipped)


def _agree(workload: Workload, runs: Sequence[tuple[Peer, Run]]) -> None:
    exact = [(peer, run) for peer, run in runs if peer.is_exact]
    expected: list[Fraction] = []
    for peer, run in exact:
        found = [as_fraction(value) for value in run()]
        expected = expected or found
        if len(found) != len(workload.values):
            raise Disagreement(
                f"{workload.name}: {peer.name} gives {len(found)} derivatives of {len(workload.values)}"
            )
        for i, (mine, first) in enumerate(zip(found, expected, strict=True)):
            if mine != first:
                raise Disagreement(
                    f"{workload.name}: the derivative by variable {i} is {short_text(first)} by "
                    f"{exact[0][0].name} and {short_text(mine)} by {peer.name}"
                )


def _repeats(peer: Peer, run: Run, clock: Callable[[], float]) -> int:
    """How often `run` is called in a round; once where every call needs something done before."""
    calls = 1
    while peer.before is None and _seconds(peer, run, calls, clock) < _SHORTEST:
        calls *= 2
    return calls


def _seconds(peer: Peer, run: Run, calls: int, clock: Callable[[], float]) -> float:
    if peer.before is not None:
        peer.before()
    gc.collect()
    start = clock()
    for _ in range(calls):
        run()
    return clock() - start


def nodes_of(workload: Workload) -> int:
    """How many nodes minigrad's graph of a workload has, constants left out."""
    root = workload.program(MINIGRAD, [Scalar(value) for value in workload.values])
    return sum(not node.is_constant for node in topological_order([root]))


# --- a process of its own ------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the measurements of this process as JSON; what it is at goes to the standard error."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure")
    parser.add_argument("--backing", choices=KINDS, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workload", action="append", choices=WORKLOADS)
    options = parser.parse_args(arguments)
    if options.backing != NAME:
        parser.error(f"expected {ENVIRONMENT}={options.backing} in the environment; got {NAME}")
    among = peers(KINDS[options.backing])

    def run() -> list[dict[str, Any]]:
        found = []
        for key in options.workload or WORKLOADS:
            print(f"{options.backing}: {key}", file=sys.stderr, flush=True)
            found.append(asdict(measure(key, WORKLOADS[key](), among, options.rounds)))
        return found

    try:
        measurements = on_deep_stack(run)
    except Disagreement as error:
        sys.exit(f"nothing was timed: {error}")
    json.dump(
        {"engine": f"{Rational.__module__}.{Rational.__qualname__}", "measurements": measurements},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
