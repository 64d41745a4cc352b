"""The options of the command line: what there is, and what does not go together."""

from __future__ import annotations

import argparse
import contextlib
import reprlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn, get_args

import minigrad
from minigrad.errors import CaseError
from minigrad.verify.proof import BUDGET, Method

__all__ = ["check", "parser"]

_MOST_GRAPHS: Final = 1_000_000
_MOST_JOBS: Final = 1_000
_LEAST_MEMORY: Final = 0.5
_EPILOG: Final = """\
exit status:
  0  all proved (kinks too, unless --strict; with --method modular: probable)
  1  something refuted
  2  wrong usage, an item that could not be run, or nothing collected
  3  something undecided, and nothing refuted
  130  interrupted (Ctrl-C); what is known is reported

an expression that begins with a minus sign goes after --, for instance:
  python -m minigrad.verify -- "-x*x" x=3
"""


def parser() -> argparse.ArgumentParser:
    """What reads the arguments of the command line."""
    made = _Parser(
        prog="python -m minigrad.verify",
        description="Prove gradients against SymPy, node by node. Without arguments: the operator "
        "rules, then the cases of [tool.minigrad] in pyproject.toml, else of ./verify.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action="version", version=f"minigrad {minigrad.__version__}")
    _add_items(made)
    _add_proofs(made.add_argument_group("proofs"))
    _add_workers(made.add_argument_group("workers"))
    _add_report(made.add_argument_group("report"))
    return made


def check(options: argparse.Namespace) -> None:
    """Raise CaseError for options that do not go together."""
    if options.dask is not None and options.jobs is not None:
        raise CaseError(
            "--jobs starts workers here, --dask uses those of a cluster: give one of them"
        )
    if options.memory is not None and options.jobs == 0:
        raise CaseError("--memory is a limit on workers, and with --jobs 0 there are none")
    files = [path.resolve() for path in (options.resume, options.output) if path is not None]
    if len(files) > len(set(files)):
        raise CaseError("--output would overwrite the journal of --resume: name two files")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and leave with exit status 2."""
        if message.startswith("unrecognized") or "ignored explicit argument" in message:
            message += "\nan expression that begins with a minus sign goes after --"
        super().error(message)


def _add_items(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("words", nargs="*", metavar="FILE|FOLDER|EXPRESSION|NAME=VALUE", help="what to verify")
    add(
        "-k",
        dest="keyword",
        metavar="EXPR",
        help="only items whose name fits: words, and, or, not, ( )",
    )
    graphs = _within(1, _MOST_GRAPHS, f"a number of graphs, 1 to {_MOST_GRAPHS:,}")
    add("--random", type=graphs, metavar="N", help="verify N random graphs")
    add(
        "--seed",
        type=_integer,
        metavar="S",
        help="of the random graphs; drawn, and printed, if not given",
    )


def _add_proofs(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--method", choices=get_args(Method), default="auto", help="which proofs (default: auto)")
    add(
        "--budget",
        type=_within(0, sys.float_info.max, "seconds, 0 or more", float),
        default=BUDGET,
        metavar="SECONDS",
        help=f"per case (default: {BUDGET:g})",
    )
    add("--strict", action="store_true", help="let kinks fail")
    add("-x", "--exitfirst", action="store_true", help="stop at the first failure")


def _add_workers(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "-j",
        "--jobs",
        type=_within(0, _MOST_JOBS, f"a number of workers, 0 to {_MOST_JOBS:,}"),
        metavar="N",
        help="worker processes; 0: none (default: one for each core, none for a few items)",
    )
    add("--dask", metavar="ADDRESS", help="run on the Dask cluster whose scheduler is there")
    add(
        "--memory",
        type=_within(_LEAST_MEMORY, sys.maxsize, f"{_LEAST_MEMORY:g} GiB or more", float),
        metavar="GIB",
        help="what a worker may take, where the system can limit it (default: no limit)",
    )
    add(
        "--resume",
        type=Path,
        metavar="FILE",
        help="keep a journal of the run there, and go on from it if it is there already",
    )


def _add_report(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("-v", "--verbose", action="count", default=0, help="numbers and formulas in full")
    add("-q", "--quiet", action="count", default=0, help="only what fails, and the summary")
    add(
        "--format",
        choices=("text", "json", "junit"),
        default="text",
        help="of the report (default: text)",
    )
    add(
        "--output", type=Path, metavar="FILE", help="write the report there, not to standard output"
    )


def _within(
    least: float, most: float, says: str, read: Callable[[str], float] = int
) -> Callable[[str], Any]:
    """What reads an option's number, and refuses one that is not between two others."""

    def parsed(text: str) -> float:
        with contextlib.suppress(ValueError):
            number = read(text)
            if least <= number <= most:
                return number
        raise argparse.ArgumentTypeError(f"expected {says}; got {reprlib.repr(text)}")

    return parsed


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of at most 4,300 digits; got {reprlib.repr(text)}"
        ) from None
