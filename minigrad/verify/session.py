"""One run of the command line: items are verified, what becomes of them is written, a status returned.

Results are shown in the order of the items, each as soon as those before it are; what is interrupted
still shows what is known.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from enum import IntEnum
from typing import TextIO

from minigrad import generate
from minigrad.verify import journal, output, shares
from minigrad.verify.report import Verdict
from minigrad.verify.run import RULES, Item, Options, Result, random_name
from minigrad.verify.terminal import Progress, colour, write

__all__ = ["Exit", "Session"]


class Exit(IntEnum):
    """The exit status of the command line, the worst that there was."""

    PROVED = 0
    REFUTED = 1
    USAGE = 2
    UNDECIDED = 3
    INTERRUPTED = 130


class Session:
    """One run of the command line: items in, text or a document out, an exit status at the end."""

    def __init__(
        self,
        options: argparse.Namespace,
        items: Sequence[Item | Result],
        kept: journal.Journal | None,
        executor: Executor | None,
    ) -> None:
        self.options = options
        self.items = items
        self.kept = kept
        self.executor = executor
        self.text = options.format == "text"
        self.known: Mapping[int, Result] = kept.known if kept else {}
        self.found = dict(self.known)
        self.results: list[Result] = []
        self.interrupted = False

    def run(self, stream: TextIO) -> int:
        """Verify the items and write the report to `stream`; returns the exit status."""
        start = time.monotonic()
        # A text report on standard output is its own progress.
        own = self.text and stream is sys.stdout
        lines = not own and not self.options.quiet
        self.progress = Progress(len(self.items), self.known.values(), lines=lines)
        try:
            self._verify(stream)
        except KeyboardInterrupt:
            self.interrupted = True
            for i in sorted(self.found)[len(self.results) :]:
                self._show(self.found[i], stream)
        self.progress.clear()
        seconds = time.monotonic() - start
        self._finish(seconds, stream)
        if not own:
            print(output.summary(self.results, seconds, colour=colour(sys.stderr)), file=sys.stderr)
        return self._status()

    def _verify(self, stream: TextIO) -> None:
        settings = Options(self.options.method, self.options.budget)
        found = shares.results(self.items, settings, self._way(), self.known, self._finished)
        with contextlib.closing(found):
            for i, result in enumerate(found):
                if i not in self.found:
                    self.found[i] = result
                    self.progress.count(result)
                self._show(result, stream)
                if self.options.exitfirst and result.fails(strict=self.options.strict):
                    return

    def _way(self) -> shares.Way:
        """Where the items are verified."""
        options = self.options
        workers = options.jobs
        if workers is None:
            workers = shares.worthwhile(len(self.items) - len(self.known))
            workers = max(workers, 1) if options.memory is not None else workers
        return shares.Way(
            0 if self.executor else workers,
            self.executor,
            shares.most_seconds(options.budget),
            None if options.memory is None else int(options.memory * 2**30),
            in_full=bool(options.format == "json" or options.verbose or self.kept),
            warn=self._warn,
        )

    def _finished(self, i: int, result: Result) -> None:
        """Keep the result of an item, which may have to wait for others before it is shown."""
        self.found[i] = result
        if self.kept:
            self.kept.add(i, result)
        self.progress.count(result)
        if i > len(self.results):
            self.progress.show(result.name)

    def _warn(self, text: str) -> None:
        self.progress.clear()
        write(f"warning: {text}\n", sys.stderr)

    def _show(self, result: Result, stream: TextIO) -> None:
        self.results.append(result)
        self.progress.clear()
        self._print(result, stream)
        self.progress.line(len(self.results), result)
        self.progress.show(result.name)

    def _print(self, result: Result, stream: TextIO) -> None:
        verbosity = self.options.verbose - self.options.quiet
        if self.text and (verbosity >= 0 or result.fails(strict=self.options.strict)):
            text = output.as_text(result, colour=colour(stream), verbose=verbosity > 0)
            write(f"{text}\n", stream)

    def _finish(self, seconds: float, stream: TextIO) -> None:
        """Write the end of a text report, or the whole document of another format."""
        options, census = self.options, self._census()
        notes = []
        if census:
            occurred = ", ".join(f"{count:,} {name}" for name, count in census.items())
            notes.append(f"--random {options.random} --seed {options.seed}: {occurred}")
        if len(self.results) < len(self.items):
            why = "interrupted" if self.interrupted else "stopped at the first failure"
            notes.append(f"{why}, after {len(self.results)} of {len(self.items)} items")
        if not self._cases():
            hint = "name files, folders or an expression, or set [tool.minigrad] cases"
            hint = "no name fits -k" if options.keyword else f"{hint} in pyproject.toml"
            notes.append(f"no case collected: {hint}")
        if self.text:
            ending = output.summary(self.results, seconds, colour=colour(stream))
            write("\n".join([*notes, ending, ""]), stream)
            return
        write("".join(f"{note}\n" for note in notes), sys.stderr)
        if options.format == "json":
            extra = {
                "interrupted": self.interrupted,
                "collected": len(self.items),
                "seed": options.seed,
                "census": dict(census),
            }
            write(output.as_json(self.results, seconds, self._status(), extra), stream)
        else:
            write(output.as_junit(self.results, seconds, strict=options.strict), stream)

    def _census(self) -> Counter[str]:
        """What occurred in the random graphs that were verified."""
        total: Counter[str] = Counter()
        done = {result.name for result in self.results}
        for i in range(self.options.random or 0):
            seed = self.options.seed + i
            if random_name(seed) in done:
                total.update(generate.census(generate.random_graph(seed)))
        return total

    def _cases(self) -> bool:
        """Whether there was more to verify than the operator rules, which need no case."""
        asked_for_rules = self.options.keyword is not None
        return any(item.name != RULES or asked_for_rules for item in self.items)

    def _status(self) -> int:
        if self.interrupted:
            return Exit.INTERRUPTED
        verdicts = {result.verdict for result in self.results}
        kinks = [result for result in self.results if result.verdict is Verdict.KINK]
        if Verdict.REFUTED in verdicts or any(k.fails(strict=self.options.strict) for k in kinks):
            return Exit.REFUTED
        if None in verdicts or not self._cases():
            return Exit.USAGE
        return Exit.UNDECIDED if Verdict.UNDECIDED in verdicts else Exit.PROVED
