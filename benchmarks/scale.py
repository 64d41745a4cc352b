"""A chain of many nodes in a process of its own: seconds and memory; prints them as JSON.

    python -m benchmarks.scale --nodes 1000000 --rounds 3

Building it, the backward sweep and the chain proof are timed apart, and the memory is the greatest
that the process had by then. `benchmarks.__main__` starts one of these for each size, because what
a process once had cannot be told from what it has.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import TypeVar

from benchmarks.workloads import CHAIN_VALUES, chain_program
from minigrad import Scalar
from minigrad.verify import verify

__all__ = ["Scale", "scale"]

T = TypeVar("T")


@dataclass(frozen=True)
class Scale:
    """What a chain of `nodes` nodes costs: medians in seconds, greatest memory in MiB."""

    nodes: int
    build: float
    backward: float
    proof: float
    of_backward: float
    """The proof as a multiple of the backward sweep."""
    swept_memory: float
    """After the backward sweep."""
    memory: float
    """After the proof."""


def scale(nodes: int, rounds: int) -> Scale:
    """The costs of a chain of that many nodes."""
    # SymPy's import and its derivatives of the rules are no part of a proof that grows.
    small = _built(8)
    small.backward()
    verify(small, "chain").raise_if_failed()
    times: list[tuple[float, float, float]] = []
    swept = 0.0
    for _ in range(rounds):
        gc.collect()
        built, root = _timed(lambda: _built(nodes))
        backward, _nothing = _timed(root.backward)
        swept = swept or _memory()
        proof, report = _timed(partial(verify, root, "chain"))
        report.raise_if_failed()
        times.append((built, backward, proof))
        del root, report
    build, backward, proof = (median(column) for column in zip(*times, strict=True))
    ratio = median(proof / backward for _, backward, proof in times)
    return Scale(nodes, build, backward, proof, ratio, swept, _memory())


def _built(nodes: int) -> Scalar:
    root: Scalar = chain_program([Scalar(value) for value in CHAIN_VALUES], nodes)
    return root


def _timed(action: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    found = action()
    return time.process_time() - start, found


def _memory() -> float:
    """The greatest resident set of this process so far, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # In KiB, but in bytes on a Mac.
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the costs as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--nodes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    json.dump(asdict(scale(options.nodes, options.rounds)), sys.stdout)


if __name__ == "__main__":
    main()
