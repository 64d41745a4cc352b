"""Measure minigrad against its peers, and print ratios: `python -m benchmarks`.

    python -m benchmarks                                   Fraction, or minigrad's own rationals
    python -m benchmarks --backing all --rounds 7          each rational type that is installed
    python -m benchmarks --workload Horner-400 --workload seed
    python -m benchmarks --markdown                        the tables of the README

Needs the extra `bench`; a peer that is not installed is left out, and the table says so. With all
workloads each rational type takes some minutes. Exit status 1 if the peers disagree in a gradient.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import KINDS, Measurement
from benchmarks.report import Results, page
from benchmarks.scale import Scale
from benchmarks.workloads import WORKLOADS
from minigrad.backing import ENVIRONMENT, installed

SCALED: Final = "chain-1000000"
SIZES: Final = (100_000, 1_000_000)
"""The chains whose growth and memory are reported with that workload."""
SCALE_ROUNDS: Final = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for, and print it."""
    options = _parser().parse_args(arguments)
    for backing in installed() if options.backing == "all" else [options.backing]:
        results = measured(backing, options.rounds, options.workload or list(WORKLOADS))
        print(page(results, markdown=options.markdown), end="\n\n", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure minigrad against its peers in one run."
    )
    parser.add_argument(
        "--backing",
        choices=[*KINDS, "all"],
        default="python",
        help="the rational type inside the engine; all: each that is installed",
    )
    parser.add_argument(
        "--rounds", type=_positive, default=5, help="how often each peer is timed (5)"
    )
    parser.add_argument(
        "--workload", action="append", choices=WORKLOADS, help="all, unless some are named"
    )
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1; got {number}")
    return number


def measured(backing: str, rounds: int, keys: Sequence[str]) -> Results:
    """The results of a process for the workloads, and in each round one for each length of chain."""
    names = [argument for key in keys for argument in ("--workload", key)]
    found = _process(backing, "measure", "--backing", backing, "--rounds", str(rounds), *names)
    scales = [
        [Scale(**_process(backing, "scale", "--nodes", str(n), "--rounds", "1")) for n in SIZES]
        for _ in range(SCALE_ROUNDS)
        if SCALED in keys
    ]
    measurements = [Measurement(**fields) for fields in found["measurements"]]
    return Results(backing, found["engine"], measurements, scales)


def _process(backing: str, module: str, *arguments: str) -> Any:
    """What a module of this package prints, run by itself with `backing` in the engine."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        env={**os.environ, ENVIRONMENT: backing},
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
