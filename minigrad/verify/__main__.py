"""The command line: `python -m minigrad.verify`.

    python -m minigrad.verify                       the operator rules, then the cases of the project
    python -m minigrad.verify verify/seed.py my.json        case files, folders, graph files
    python -m minigrad.verify "10 / (a*b / (a+b))" a=3.1 b=4.2             an expression
    python -m minigrad.verify --random 500 --seed 7         random graphs
    python -m minigrad.verify --jobs 8 --resume run.jsonl   on eight cores, to go on if it is stopped

Exit status: 0 all proved (kinks count as such unless --strict, and so does what is probable, which
--method modular alone says); 1 something refuted; 2 wrong usage, an item that could not be run, or
nothing collected; 3 something undecided and nothing refuted; 130 interrupted.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import os
import re
import secrets
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import minigrad
from minigrad.errors import CaseError, ExpressionError, MinigradError, describe
from minigrad.verify import cases, journal
from minigrad.verify.cluster import executor_at
from minigrad.verify.expression import parse_expression, split_assignments
from minigrad.verify.options import check, parser
from minigrad.verify.run import Item, Result, from_path, from_root, from_rules, from_seed
from minigrad.verify.session import Exit, Session

__all__ = ["configured", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. `arguments` are those of the process if None."""
    with _streams():
        return _run(parser().parse_args(arguments))


@contextlib.contextmanager
def _streams() -> Iterator[None]:
    """Standard streams to write to where they are closed, as by `>&-`: Python has None for these."""
    # The status of a run whose report nobody wants is its verdict all the same; and what is opened
    # next must not be given the descriptor to which every child writes.
    with (
        open(os.devnull, "w", encoding="utf-8") as out,
        open(os.devnull, "w", encoding="utf-8") as err,
        contextlib.redirect_stdout(sys.stdout or out),
        contextlib.redirect_stderr(sys.stderr or err),
    ):
        yield


def _run(options: argparse.Namespace) -> int:
    try:
        fits = _selector(options.keyword)
        check(options)
        items = [item for item in _collect(options) if fits(item.name)]
        with contextlib.ExitStack() as stack:
            kept = stack.enter_context(_journal(options, items)) if options.resume else None
            executor = stack.enter_context(executor_at(options.dask)) if options.dask else None
            stream = stack.enter_context(_opened(options)) if options.output else sys.stdout
            return Session(options, items, kept, executor).run(stream)
    except KeyboardInterrupt:
        print("interrupted while the cases were being read", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as in `| head`: what is left in the buffer must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.USAGE
    except (MinigradError, OSError) as error:
        # Where standard error is what cannot be written, as on a full disk, nothing can be said.
        with contextlib.suppress(OSError):
            print(f"error: {error}", file=sys.stderr)
        return Exit.USAGE


def _opened(options: argparse.Namespace) -> TextIO:
    path: Path = options.output
    with contextlib.suppress(OSError):
        if any(path.samefile(file) for file in _files(options)):
            raise CaseError(f"--output would overwrite {path}, which is to be verified")
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise CaseError(f"--output: {path} cannot be written: {error.strerror}") from None


def _journal(options: argparse.Namespace, items: Sequence[Item | Result]) -> journal.Journal:
    names = [item.name for item in items]
    marks = [f"{item.name} {getattr(item, 'mark', '')}" for item in items]
    identity = {
        "minigrad": minigrad.__version__,
        "words": options.words,
        "-k": options.keyword,
        "--method": options.method,
        "--budget": options.budget,
        "--random": options.random,
        "--seed": options.seed,
        "files": journal.digests(_files(options)),
        "items": hashlib.sha256("\n".join(marks).encode("utf-8", "replace")).hexdigest(),
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
        file, _, case = word.partition("::")
        if case and _is_path(file):
            raise CaseError(f"{word}: cases are chosen by their names: {file} -k {case}")
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


if __name__ == "__main__":
    sys.exit(main())
