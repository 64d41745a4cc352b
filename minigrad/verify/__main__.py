"""The command line: `python -m minigrad.verify`.

    python -m minigrad.verify                       the operator rules, then the cases of the project
    python -m minigrad.verify verify/seed.py my.json        case files, folders, graph files
    python -m minigrad.verify "10 / (a*b / (a+b))" a=3.1 b=4.2             an expression
    python -m minigrad.verify --random 500 --seed 7         random graphs
    python -m minigrad.verify --jobs 8 --resume run.jsonl   on eight cores, to go on if it is stopped

Exit status: 0 all proved (kinks count as such unless --strict, and so does what is probable, which
--method modular alone says); 1 something refuted; 2 wrong usage,
an item that could not be run, or nothing collected; 3 something undecided and nothing refuted; 130
interrupted.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import os
import re
import reprlib
import secrets
import sys
import time
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO, get_args

import minigrad
from minigrad import generate
from minigrad.errors import CaseError, ExpressionError, MinigradError, describe
from minigrad.verify import cases, journal, output, shares
from minigrad.verify.cluster import executor_at
from minigrad.verify.expression import parse_expression, split_assignments
from minigrad.verify.proof import BUDGET, Method
from minigrad.verify.report import Verdict
from minigrad.verify.run import (
    RULES,
    Item,
    Options,
    Result,
    from_path,
    from_root,
    from_rules,
    from_seed,
    random_name,
)
from minigrad.verify.terminal import Progress, colour, write

__all__ = ["configured", "main"]

_REFUTED, _USAGE, _UNDECIDED, _INTERRUPTED = 1, 2, 3, 130
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. `arguments` are those of the process if None."""
    options = _parser().parse_args(arguments)
    try:
        fits = _selector(options.keyword)
        _check(options)
        items = [item for item in _collect(options) if fits(item.name)]
        with contextlib.ExitStack() as stack:
            kept = stack.enter_context(_journal(options, items)) if options.resume else None
            executor = stack.enter_context(executor_at(options.dask)) if options.dask else None
            stream = stack.enter_context(_opened(options.output)) if options.output else sys.stdout
            return _Session(options, items, kept, executor).run(stream)
    except KeyboardInterrupt:
        print("interrupted while the cases were being read", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as in `| head`: what is left in the buffer must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _USAGE
    except (MinigradError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return _USAGE


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise CaseError(f"--output: {path} cannot be written: {error.strerror}") from None


def _check(options: argparse.Namespace) -> None:
    """Raise CaseError for options that do not go together."""
    if options.dask is not None and options.jobs is not None:
        raise CaseError(
            "--jobs starts workers here, --dask uses those of a cluster: give one of them"
        )
    if options.memory is not None and options.jobs == 0:
        raise CaseError("--memory is a limit on workers, and with --jobs 0 there are none")


def _journal(options: argparse.Namespace, items: Sequence[Item | Result]) -> journal.Journal:
    names = [item.name for item in items]
    identity = {
        "minigrad": minigrad.__version__,
        "words": options.words,
        "-k": options.keyword,
        "--method": options.method,
        "--budget": options.budget,
        "--random": options.random,
        "--seed": options.seed,
        "files": journal.digests(_files(options)),
        "items": hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest(),
    }
    return journal.Journal(options.resume, identity, names)


def _files(options: argparse.Namespace) -> Iterator[Path]:
    """The files that the items are from."""
    words, values = split_assignments(options.words)
    named = [Path(word) for word in words if word.strip() not in values and _is_path(word)]
    for path in named if words or options.random is not None else configured():
        # What cannot be read is an item in error.
        with contextlib.suppress(CaseError, OSError):
            yield from cases.files(path)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and leave with exit status 2."""
        if message.startswith("unrecognized") or "ignored explicit argument" in message:
            message += "\nan expression that begins with a minus sign goes after --"
        super().error(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m minigrad.verify",
        description="Prove gradients against SymPy, node by node. Without arguments: the operator "
        "rules, then the cases of [tool.minigrad] in pyproject.toml, else of ./verify.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("words", nargs="*", metavar="FILE|FOLDER|EXPRESSION|NAME=VALUE", help="what to verify")
    add(
        "-k",
        dest="keyword",
        metavar="EXPR",
        help="only items whose name fits: words, and, or, not, ( )",
    )
    add("-x", "--exitfirst", action="store_true", help="stop at the first failure")
    add("-v", "--verbose", action="count", default=0, help="numbers and formulas in full")
    add("-q", "--quiet", action="count", default=0, help="only what is not proved, and the summary")
    add("--method", choices=get_args(Method), default="auto", help="which proofs (default: auto)")
    add(
        "--budget",
        type=_within(0, sys.float_info.max, "seconds, 0 or more", float),
        default=BUDGET,
        metavar="SECONDS",
        help=f"per case (default: {BUDGET:g})",
    )
    add(
        "--format",
        choices=("text", "json", "junit"),
        default="text",
        help="of the report (default: text)",
    )
    add(
        "--output", type=Path, metavar="FILE", help="write the report there, not to standard output"
    )
    graphs = _within(1, _MOST_GRAPHS, f"a number of graphs, 1 to {_MOST_GRAPHS:,}")
    add("--random", type=graphs, metavar="N", help="verify N random graphs")
    add(
        "--seed",
        type=_integer,
        metavar="S",
        help="of the random graphs; drawn, and printed, if not given",
    )
    add("--strict", action="store_true", help="let kinks fail")
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
    add("--version", action="version", version=f"minigrad {minigrad.__version__}")
    return parser


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


# --- what to run ----------------------------------------------------------------------------------


def _collect(options: argparse.Namespace) -> Iterable[Item | Result]:
    """The items that the command line names. Raises MinigradError for words that name nothing."""
    words, values = split_assignments(options.words)
    # A name that is given a value is an expression, even where a file is called so.
    expressions = [word for word in words if word.strip() in values or not _is_path(word)]
    named = {text: _names_in(text) & values.keys() for text in expressions}
    unused = [name for name in values if all(name not in names for names in named.values())]
    if unused and len(named) != 1:
        expected = "no expression to use it in" if not expressions else "no expression uses it"
        raise CaseError(f"{unused[0]}=… is given, but {expected}")
    items: list[Item | Result] = []
    for word in words:
        if word in named:
            used = values if len(named) == 1 else {name: values[name] for name in named[word]}
            items.append(_from_expression(word, used))
        else:
            items += from_path(Path(word))
    if options.random is not None:
        if options.seed is None:
            options.seed = _drawn_seed(options)
        items += from_seed(options.seed, options.random)
    elif options.seed is not None:
        raise CaseError("--seed goes with --random")
    if not words and options.random is None:
        items.append(from_rules())
        for path in configured():
            items += from_path(path)
    return items


def _drawn_seed(options: argparse.Namespace) -> int:
    """A seed for the random graphs: that of the run to be resumed, if there is one."""
    before = journal.header(options.resume).get("--seed") if options.resume else None
    return before if isinstance(before, int) else secrets.randbelow(10**6)


def _is_path(word: str) -> bool:
    """Whether a word means a file or a folder: one that is there, or is spelt like one."""
    try:
        exists = Path(word).exists() and bool(word)
    except (OSError, ValueError):
        return False
    return exists or word.endswith((".py", ".json", os.sep))


def _names_in(text: str) -> set[str]:
    """The names that an expression may use; as Python reads them, so in Unicode's normal form."""
    return set(re.findall(r"\w+", unicodedata.normalize("NFKC", text)))


def _from_expression(text: str, values: Mapping[str, str]) -> Item:
    try:
        return from_root(text, parse_expression(text, values))
    except ExpressionError as error:
        if values or not re.fullmatch(r"[\w./\\~-]+", text):
            raise
        raise CaseError(f"{error}\n  there is no file or folder of that name, either") from None


def configured() -> list[Path]:
    """The cases of the project in the current folder."""
    file = Path("pyproject.toml")
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CaseError(f"{file}: {error}") from None
    tools = settings.get("tool", {})
    section = tools.get("minigrad", {}) if isinstance(tools, dict) else {}
    if not isinstance(section, dict) or section.keys() - {"cases"}:
        raise CaseError(f"{file}: expected [tool.minigrad] to have the key cases; got {section!r}")
    chosen = section.get("cases")
    if chosen is None:
        return [Path("verify")] if Path("verify").is_dir() else []
    if not isinstance(chosen, list) or not all(isinstance(path, str) for path in chosen):
        raise CaseError(
            f"{file}: expected [tool.minigrad] cases to be a list of paths; got {chosen!r}"
        )
    return [Path(path) for path in chosen]


def _selector(expression: str | None) -> Callable[[str], bool]:
    """The test of an item's name that `-k` asks for: words combined by and, or, not, parentheses."""
    if expression is None:
        return lambda name: True
    words: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        if match[0] in ("and", "or", "not", "(", ")"):
            return match[0]
        words.append(match[0].lower())
        return f"w{len(words) - 1}"

    source = re.sub(r"[()]|[^\s()]+", stand_in, expression)
    accepted = (ast.BoolOp, ast.UnaryOp, ast.Not, ast.And, ast.Or, ast.Name, ast.Load)
    try:
        tree = ast.parse(source.strip(), mode="eval").body
        readable = all(isinstance(node, accepted) for node in ast.walk(tree))
        if readable:
            # Deeper than it can be read, it fails here and not in the middle of the items.
            _fits(tree, words, "")
    except (SyntaxError, RecursionError, MemoryError):
        readable = False
    if not readable:
        raise CaseError(
            "-k: expected words combined by and, or, not and parentheses; "
            f"got {describe(expression)}"
        )
    return lambda name: _fits(tree, words, name.lower())


def _fits(tree: ast.expr, words: Sequence[str], name: str) -> bool:
    if isinstance(tree, ast.BoolOp):
        combine = all if isinstance(tree.op, ast.And) else any
        return combine(_fits(value, words, name) for value in tree.values)
    if isinstance(tree, ast.UnaryOp):
        return not _fits(tree.operand, words, name)
    assert isinstance(tree, ast.Name)
    return words[int(tree.id[1:])] in name


# --- running and reporting ------------------------------------------------------------------------


class _Session:
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
                if self.options.exitfirst and self._fails(result):
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
        if self.text and (verbosity >= 0 or self._fails(result)):
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
            return _INTERRUPTED
        verdicts = {result.verdict for result in self.results}
        if Verdict.REFUTED in verdicts or (self.options.strict and Verdict.KINK in verdicts):
            return _REFUTED
        if None in verdicts or not self._cases():
            return _USAGE
        return _UNDECIDED if Verdict.UNDECIDED in verdicts else 0

    def _fails(self, result: Result) -> bool:
        if result.verdict is None or (self.options.strict and result.verdict is Verdict.KINK):
            return True
        return not result.verdict.ok


if __name__ == "__main__":
    sys.exit(main())
