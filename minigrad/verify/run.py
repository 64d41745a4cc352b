"""Items and their results: what the command line runs, here or in workers.

An item has a name and makes Reports: the node-by-node verification of a graph first, then one for
each kind of claim about it (a hand-written gradient, published numbers).
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from minigrad import generate, graphfile
from minigrad.errors import CaseError, MinigradError, describe
from minigrad.number_text import short_text
from minigrad.scalar import Scalar
from minigrad.verify import cases, check
from minigrad.verify.arguments import is_array
from minigrad.verify.child import OUT_OF_MEMORY
from minigrad.verify.proof import BUDGET, Method, Prover
from minigrad.verify.published import check_published
from minigrad.verify.report import Entry, Report, Verdict, worst
from minigrad.verify.rules import verify_rules

__all__ = [
    "RULES",
    "Item",
    "Options",
    "Result",
    "from_case",
    "from_path",
    "from_root",
    "from_rules",
    "from_seed",
    "lost",
    "result_of",
    "run",
]

RULES: Final = "operator rules"
_LONGEST_NAME: Final = 50
"""Characters of the point in the name of an item."""
_BLOCK: Final = 16
"""Random graphs that are verified in one go: the smallest takes a millisecond or two."""


class Options(NamedTuple):
    """How items are verified."""

    method: Method = "auto"
    budget: float = BUDGET


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to verify. `expect_refuted` says that its claims are known to be wrong.

    The reports from `first_claim` on are on claims, those before on nodes of a graph. Up to `block`
    items of its kind are worth no more than one go. `mark` tells it from others of its name.
    """

    name: str
    make: Callable[[Prover, Options], tuple[Report, ...]]
    expect_refuted: bool = False
    first_claim: int = 1
    block: int = 1
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an item: its Reports, or the error that kept it from having any.

    `lost` says that the item was stopped, and that another time it might get its verdict.
    """

    name: str
    reports: tuple[Report, ...] = ()
    error: str = ""
    seconds: float = 0.0
    expect_refuted: bool = False
    first_claim: int = 1
    lost: bool = False

    @property
    def claims(self) -> tuple[Report, ...]:
        """The reports on claims."""
        return self.reports[self.first_claim :]

    @property
    def verdict(self) -> Verdict | None:
        """The worst verdict, None for an error.

        Where claims were expected to be refuted, that they are counts as `proved`, and that they
        are not as `refuted`; the nodes of the graph must be right all the same.
        """
        if self.error:
            return None
        if not self.expect_refuted:
            return worst(report.verdict for report in self.reports)
        nodes = worst(report.verdict for report in self.reports[: self.first_claim])
        wrong = worst(claim.verdict for claim in self.claims) is Verdict.REFUTED
        return nodes if wrong else Verdict.REFUTED

    @property
    def status(self) -> str:
        """The verdict as a word, `error` where there is none."""
        return str(self.verdict or "error")

    def fails(self, *, strict: bool = False) -> bool:
        """Whether it fails a run: an error, refuted or undecided; if `strict`, a kink too."""
        verdict = self.verdict
        # The rules have kinks, by which conventions are proved.
        is_kink = verdict is Verdict.KINK and self.name != RULES
        return verdict is None or not verdict.ok or (strict and is_kink)

    @property
    def remark(self) -> str:
        """What the verdict alone does not say."""
        if not self.expect_refuted or self.error:
            return ""
        refuted = any(claim.verdict is Verdict.REFUTED for claim in self.claims)
        return "refuted, as expected" if refuted else "expected to be refuted, and is not"


def run(item: Item, prover: Prover, options: Options) -> Result:
    """The result of `item`. One that raises has an error for a result.

    What the case prints goes to standard error, so that it cannot spoil a report.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return result_of(item, prover, options)
    except MemoryError:
        return lost(item, OUT_OF_MEMORY)


def result_of(item: Item, prover: Prover, options: Options) -> Result:
    """The result of one item. Raises MemoryError, which says nothing about the item."""
    start = time.monotonic()
    reports: tuple[Report, ...] = ()
    error = ""
    try:
        reports = item.make(prover, options)
    except MemoryError:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # a program may end itself, or skip a test
        error = _error_text(problem)
    seconds = time.monotonic() - start
    return Result(item.name, reports, error, seconds, item.expect_refuted, item.first_claim)


def lost(item: Item, reason: str) -> Result:
    """The result of an item whose verdict was lost: undecided, and why."""
    entry = Entry("verdict", Verdict.UNDECIDED, message=f"not found: {reason}")
    return Result(item.name, (Report((entry,), title=item.name),), lost=True)


def _error_text(error: BaseException) -> str:
    """What went wrong, and on which line of the case; minigrad's own errors speak for themselves."""
    own = isinstance(error, (MinigradError, OSError))
    place = cases.line_of(error)
    return f"{place}: " * bool(place) + (str(error) if own else f"{type(error).__name__}: {error}")


def from_root(name: str, root: Scalar) -> Item:
    """The verification of a graph."""
    return Item(name, partial(_make_root, root, name))


def _make_root(root: Scalar, name: str, prover: Prover, options: Options) -> tuple[Report, ...]:
    return (_verified(prover, root, options, name),)


def from_rules() -> Item:
    """The proof of the operator table."""
    return Item(RULES, _make_rules)


def _make_rules(prover: Prover, _: Options) -> tuple[Report, ...]:
    return (verify_rules(prover),)


def _verified(prover: Prover, root: Scalar, options: Options, title: str) -> Report:
    return prover.verify(root, options.method, budget=options.budget, title=title)


def from_case(case: cases.Case, place: str) -> Iterator[Item]:
    """An item for each point of a case; without points, one for its hand-written gradient alone."""
    refuted = case.expect == "refuted"
    if not case.points:
        name = f"{place}::{case.name}"
        yield Item(name, partial(_make_claim, case, name), refuted, first_claim=0, mark=case.mark)
    for number, point in enumerate(case.points):
        name = f"{place}::{case.name} at {_shortened(_point_text(point))}"
        yield Item(name, partial(_make_case, case, number, name), refuted, mark=case.mark)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def _make_case(
    case: cases.Case, number: int, name: str, prover: Prover, options: Options
) -> tuple[Report, ...]:
    point = case.points[number]
    root = cases.root(case, point)
    root.backward()
    reports = [_verified(prover, root, options, _title(case, name))]
    if case.gradient is not None:
        reports.append(
            check.compare_gradient(
                case.function, case.gradient, point, prover.rules, options.budget
            )
        )
    if case.values or case.gradients:
        reports.append(check_published(root, case.values, case.gradients))
    return tuple(reports)


def _make_claim(
    case: cases.Case, name: str, prover: Prover, options: Options
) -> tuple[Report, ...]:
    assert case.gradient is not None
    report = check.check_gradient(
        case.function,
        case.gradient,
        shape=case.shape,
        domain=case.domain,
        budget=options.budget,
        rules=prover.rules,
    )
    return (replace(report, title=_title(case, name)),)


def _title(case: cases.Case, name: str) -> str:
    return f"{name}   [{case.source}]" if case.source else name


def _point_text(point: Any) -> str:
    if is_array(point):
        inner = ", ".join(map(_point_text, point))
        return f"({inner})" if isinstance(point, tuple) else f"[{inner}]"
    if isinstance(point, str):
        return point
    try:
        return short_text(Scalar(point).data)
    except MinigradError:
        # The error is that of the item, when it is run.
        return describe(point, 30)


def from_path(path: Path) -> Iterator[Item | Result]:
    """The items of a case file, a graph file, or a folder of them; a Result for a file in error.

    A folder may hold files without a case, but what `path` names must have one.
    """
    try:
        found = cases.files(path)
    except (CaseError, OSError) as error:
        yield Result(str(path), error=str(error).removeprefix(f"{path}: "))
        return
    items = [item for file in found for item in _from_file(file)]
    if not items:
        hint = "put @case(point) above a function" if found else "no .py or .json file is in it"
        yield Result(str(path), error=f"no case defined here: {hint}")
    yield from items


def _from_file(file: Path) -> Iterator[Item | Result]:
    if file.suffix == ".json":
        yield Item(str(file), partial(_make_graph_file, _Contents(file), str(file)))
        return
    try:
        with contextlib.redirect_stdout(sys.stderr):
            loaded = cases.load(file)
    except (CaseError, OSError) as error:
        yield Result(str(file), error=str(error))
        return
    for case in loaded:
        yield from from_case(case, str(file))


@dataclass(frozen=True, slots=True)
class _Contents:
    """The bytes of a file, read when they are needed; a pickle takes them along."""

    file: Path
    known: bytes | None = None

    def read(self) -> bytes:
        return self.file.read_bytes() if self.known is None else self.known

    def __reduce__(self) -> tuple[Any, ...]:
        return _Contents, (self.file, self.read())


def _make_graph_file(
    contents: _Contents, name: str, prover: Prover, options: Options
) -> tuple[Report, ...]:
    try:
        text = contents.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(f"expected a graph file in UTF-8: {error}") from None
    if not text.strip():
        raise CaseError("expected a graph file; this file is empty")
    return (_verified(prover, graphfile.from_json(text), options, name),)


def from_seed(seed: int, count: int) -> Iterator[Item]:
    """Random graphs of the seeds `seed`, `seed + 1`, …."""
    for i in range(seed, seed + count):
        yield Item(random_name(i), partial(_make_random, i), block=_BLOCK)


def random_name(seed: int) -> str:
    """The name of the item that verifies the random graph of `seed`."""
    return f"random graph, seed {seed}"


def _make_random(seed: int, prover: Prover, options: Options) -> tuple[Report, ...]:
    root = generate.random_graph(seed)
    root.backward()
    return (_verified(prover, root, options, random_name(seed)),)
