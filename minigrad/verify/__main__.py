"""The command line: `python -m minigrad.verify`.

    python -m minigrad.verify                       the operator rules, then the cases of the project
    python -m minigrad.verify verify/seed.py my.json        case files, folders, graph files
    python -m minigrad.verify "10 / (a*b / (a+b))" a=3.1 b=4.2             an expression
    python -m minigrad.verify --random 500 --seed 7         random graphs

Exit status: 0 all proved (kinks count as such unless --strict, and so does what is probable, which
--method modular alone says); 1 something refuted; 2 wrong usage,
an item that could not be run, or nothing collected; 3 something undecided and nothing refuted; 130
interrupted.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
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
from pathlib import Path
from typing import Final, NoReturn, TextIO, get_args

import minigrad
from minigrad import generate
from minigrad.errors import CaseError, ExpressionError, MinigradError, describe
from minigrad.verify import output
from minigrad.verify.expression import parse_expression, split_assignments
from minigrad.verify.proof import BUDGET, Method, Prover
from minigrad.verify.report import Verdict, clean
from minigrad.verify.rules import verify_rules
from minigrad.verify.run import (
    Item,
    Options,
    Result,
    from_path,
    from_root,
    from_seed,
    random_name,
    run,
)

__all__ = ["configured", "main"]

_REFUTED, _USAGE, _UNDECIDED, _INTERRUPTED = 1, 2, 3, 130
_MOST_GRAPHS: Final = 1_000_000
RULES: Final = "operator rules"
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
        items = [item for item in _collect(options) if fits(item.name)]
        if options.output is None:
            return _Session(options, items).run(sys.stdout)
        with _opened(options.output) as stream:
            return _Session(options, items).run(stream)
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
        type=_seconds,
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
    add("--random", type=_count, metavar="N", help="verify N random graphs")
    add(
        "--seed",
        type=_integer,
        metavar="S",
        help="of the random graphs; drawn, and printed, if not given",
    )
    add("--strict", action="store_true", help="let kinks fail")
    add("--version", action="version", version=f"minigrad {minigrad.__version__}")
    return parser


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= float(text) < float("inf"):
            return float(text)
    raise argparse.ArgumentTypeError(f"expected seconds, 0 or more; got {reprlib.repr(text)}")


def _count(text: str) -> int:
    with contextlib.suppress(ValueError):
        if 1 <= int(text) <= _MOST_GRAPHS:
            return int(text)
    raise argparse.ArgumentTypeError(
        f"expected a number of graphs, 1 to {_MOST_GRAPHS:,}; got {reprlib.repr(text)}"
    )


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
            options.seed = secrets.randbelow(10**6)
        items += from_seed(options.seed, options.random)
    elif options.seed is not None:
        raise CaseError("--seed goes with --random")
    if not words and options.random is None:
        items.append(Item(RULES, lambda prover, _: (verify_rules(prover),)))
        for path in configured():
            items += from_path(path)
    return items


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

    def __init__(self, options: argparse.Namespace, items: Sequence[Item | Result]) -> None:
        self.options = options
        self.items = items
        self.text = options.format == "text"
        self.results: list[Result] = []
        self.interrupted = False

    def run(self, stream: TextIO) -> int:
        """Verify the items and write the report to `stream`; returns the exit status."""
        start = time.monotonic()
        # A text report on standard output is its own progress.
        own = self.text and stream is sys.stdout
        progress = _Progress(len(self.items), lines=not own and not self.options.quiet)
        settings = Options(self.options.method, self.options.budget)
        try:
            with Prover() as prover:
                for result in _results(self.items, prover, settings):
                    self.results.append(result)
                    progress.clear()
                    self._print(result, stream)
                    progress.show(len(self.results), result)
                    if self.options.exitfirst and self._fails(result):
                        break
        except KeyboardInterrupt:
            self.interrupted = True
        progress.clear()
        seconds = time.monotonic() - start
        self._finish(seconds, stream)
        if not own:
            print(
                output.summary(self.results, seconds, colour=_colour(sys.stderr)), file=sys.stderr
            )
        return self._status()

    def _print(self, result: Result, stream: TextIO) -> None:
        verbosity = self.options.verbose - self.options.quiet
        if self.text and (verbosity >= 0 or self._fails(result)):
            text = output.as_text(result, colour=_colour(stream), verbose=verbosity > 0)
            _write(f"{text}\n", stream)

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
            ending = output.summary(self.results, seconds, colour=_colour(stream))
            _write("\n".join([*notes, ending, ""]), stream)
            return
        _write("".join(f"{note}\n" for note in notes), sys.stderr)
        if options.format == "json":
            extra = {
                "interrupted": self.interrupted,
                "collected": len(self.items),
                "seed": options.seed,
                "census": dict(census),
            }
            _write(output.as_json(self.results, seconds, self._status(), extra), stream)
        else:
            _write(output.as_junit(self.results, seconds, strict=options.strict), stream)

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


def _results(chosen: Sequence[Item | Result], prover: Prover, options: Options) -> Iterator[Result]:
    for entry in chosen:
        if isinstance(entry, Result):
            yield entry
        else:
            yield from run([entry], prover, options)


class _Progress:
    """How far a run is, on standard error: a bar on a terminal, else lines if asked for."""

    def __init__(self, total: int, *, lines: bool) -> None:
        self.total = total
        self.bar = _is_terminal(sys.stderr)
        self.lines = lines and not self.bar

    def show(self, done: int, result: Result) -> None:
        """Say that `done` items are, the last with this result."""
        name = clean(result.name)
        if self.lines:
            _write(f"[{done}/{self.total}] {result.status} {name}\n", sys.stderr)
        elif self.bar and done < self.total:
            filled = 24 * done // self.total
            text = f"[{'#' * filled}{'.' * (24 - filled)}] {done}/{self.total} {name[:40]}"
            # A bar that is broken into two lines could not be taken away again.
            _write("\r" + text[: _columns(sys.stderr) - 1], sys.stderr)

    def clear(self) -> None:
        """Take the bar away, so that something can be printed in its place."""
        if self.bar:
            _write("\r\x1b[K", sys.stderr)


def _write(text: str, stream: TextIO) -> None:
    """Write `text`, with what the encoding of `stream` does not have as Python would escape it."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def _colour(stream: TextIO) -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR (no-color.org) is set to anything."""
    return _is_terminal(stream) and not os.environ.get("NO_COLOR")


if __name__ == "__main__":
    sys.exit(main())
