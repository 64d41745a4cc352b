"""How many operations a gradient takes: the same numbers on every machine, and so a guard in the tests.

    MINIGRAD_RATIONAL=python python -m benchmarks.counts

The arithmetic in pure Python is counted, of the engine and of the bare program (`benchmarks.tape`) alike:
sums and products, and what their greatest common divisors cost. The other arithmetics are given the same
work by the same engine. What is not arithmetic is counted in function calls.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from math import gcd
from types import FrameType
from typing import Any, Final
from unittest.mock import patch

from benchmarks.measure import nodes_of
from benchmarks.peers import MINIGRAD
from benchmarks.tape import record
from benchmarks.workloads import WORKLOADS, Workload, chain, horner, random_graph, reciprocals
from minigrad import Scalar, backing, entries, ratio
from minigrad.ratio import Ratio

__all__ = ["SIZED", "Counts", "count"]

SIZED: Final[dict[str, Callable[[], Workload]]] = {
    "Rosenbrock-500": WORKLOADS["Rosenbrock-500"],
    "perceptron": WORKLOADS["perceptron"],
    "Horner-400": lambda: horner(400),
    "reciprocals-400": lambda: reciprocals(400),
    "dot-64": WORKLOADS["dot-64"],
    "seed": WORKLOADS["seed"],
    "random-5000": lambda: random_graph(5_000),
    "chain-5000": lambda: chain(5_000),
}
"""The workloads of the benchmark, those that are too large to be counted in a moment made smaller."""

_WORD: Final = 64


@dataclass
class Counts:
    """What one gradient took."""

    nodes: int = 0
    """Of minigrad's graph, constants left out."""
    sums: int = 0
    products: int = 0
    """Quotients, and powers, count as one."""
    fractions: int = 0
    """Numbers that rules are given as Fractions, or that meet one."""
    common_words: int = 0
    """Over all greatest common divisors, the words of one number times those of the other."""
    calls: int = 0
    """Of functions that are written in Python."""
    c_calls: int = 0
    """Of functions in C, which take a fifth of the time."""

    @property
    def operations(self) -> int:
        """Sums and products."""
        return self.sums + self.products


def count(workload: Workload) -> tuple[Counts, Counts]:
    """What the gradient of a workload takes the engine, and the bare arithmetic.

    Raises RuntimeError where the engine counts with something else than minigrad's own arithmetic.
    """
    if backing.Rational is not Ratio:
        raise RuntimeError(f"expected {backing.ENVIRONMENT}=python in the environment")
    xs = [Scalar(value) for value in workload.values]
    engine = _counted(lambda: workload.program(MINIGRAD, xs).backward())
    engine.nodes = nodes_of(workload)
    tape = record(workload)
    start = tape.start(backing.inside)
    return engine, _counted(lambda: tape.gradient(start))


def _counted(run: Callable[[], object]) -> Counts:
    """The operations of one run, and the calls of another, since counting operations makes calls."""
    found = Counts()
    with _watched(found):
        run()

    def on_event(_frame: FrameType, event: str, _argument: Any) -> None:
        found.calls += event == "call"
        found.c_calls += event == "c_call"

    sys.setprofile(on_event)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def _words(left: int, right: int) -> int:
    return (1 + left.bit_length() // _WORD) * (1 + right.bit_length() // _WORD)


def _of_power(_base: Ratio, exponent: int) -> int:
    # One below -1 is the power of the inverse.
    return int(exponent >= -1)


def _of_one(operand: Ratio, other: object) -> int:
    # Any other quotient is a product with the inverse.
    return int(other == 1 if type(other) is int else operand == 1)


@contextmanager
def _watched(found: Counts) -> Iterator[None]:
    """Count what is done in the meantime."""

    def counting(name: str, function: Callable[..., Any], times: Callable[..., int]) -> Any:
        def counted(*arguments: Any) -> Any:
            setattr(found, name, getattr(found, name) + times(*arguments))
            return function(*arguments)

        return counted

    def once(*_: Any) -> int:
        return 1

    def terms(values: Any, *_: Any) -> int:
        return len(values)

    common = counting("common_words", gcd, _words)
    with ExitStack() as stack:
        for name, times in (
            ("__mul__", once), ("__rmul__", once), ("__pow__", _of_power),
            ("__truediv__", _of_one), ("__rtruediv__", _of_one),
        ):  # fmt: skip
            method = counting("products", getattr(Ratio, name), times)
            stack.enter_context(patch.object(Ratio, name, method))
        stack.enter_context(patch.object(ratio, "_sum", counting("sums", ratio._sum, once)))
        for owner in (entries, backing):
            given = counting("fractions", backing.outside, once)
            stack.enter_context(patch.object(owner, "outside", given))
        stack.enter_context(patch.object(ratio, "gcd", common))
        stack.enter_context(patch.object(backing, "_common", common))
        # A sum of products over a common denominator is made of ints.
        pairs = counting("products", backing._products, terms)
        stack.enter_context(patch.object(backing, "_products", pairs))
        summed = counting("sums", backing._over_common_denominator, once)
        stack.enter_context(patch.object(backing, "_over_common_denominator", summed))
        yield


def main() -> None:
    """Print the counts of each workload, the engine's beside the bare arithmetic's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counts")
    parser.add_argument("--json", action="store_true", help="as JSON")
    options = parser.parse_args()
    found = {name: count(make()) for name, make in SIZED.items()}
    if options.json:
        json.dump({name: [asdict(c) for c in pair] for name, pair in found.items()}, sys.stdout)
        return
    print(
        f"{'workload':16}  {'nodes':>6}  {'operations':>16}  {'gcd words':>20}  {'calls a node':>13}  "
        f"{'in C':>5}"
    )
    for name, (ours, bare) in found.items():
        print(
            f"{name:16}  {ours.nodes:6,}  {ours.operations:7,} /{bare.operations:7,}  "
            f"{ours.common_words:9,} /{bare.common_words:9,}  {ours.calls / ours.nodes:13.1f}  "
            f"{ours.c_calls / ours.nodes:5.1f}"
        )


if __name__ == "__main__":
    main()
