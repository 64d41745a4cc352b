"""The pytest plugin of minigrad: Reports instead of tracebacks, and case files as tests.

    pytest                              a test that fails with GradientMismatch shows the Report
    pytest --minigrad                   the project's cases, too: those of `python -m minigrad.verify`
    pytest --minigrad verify/seed.py    the cases of a file or folder

A case is a test for each of its points. It passes if its gradients are proved, or at a kink.

This module stands beside the package and imports it in the middle of functions: pytest imports a
plugin before pytest-cov measures anything, and what is imported by then counts as never run.
"""

from __future__ import annotations

import contextlib
import fnmatch
import sys
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from minigrad.verify.proof import Prover
    from minigrad.verify.run import Item, Result

__all__: list[str] = []


# --- a Report instead of a traceback ---------------------------------------------------------------


class _Crash(NamedTuple):
    """Where a test failed and why, in one line: what pytest's summary and JUnit files show."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


class _Shown:
    """What pytest prints of a failure: the lines that led to it, and a Report, coloured on a terminal."""

    def __init__(self, lines: Iterable[str], report: str, coloured: str, crash: _Crash) -> None:
        self.lines = tuple(lines)
        self.report = report
        self.coloured = coloured
        self.reprcrash = crash

    def toterminal(self, writer: Any) -> None:
        """Write it to a terminal, or to a file."""
        for line in self.lines:
            writer.line(line, bold=not line.startswith(" "))
        if self.lines:
            writer.line("")
        writer.line(self.coloured if writer.hasmarkup else self.report)

    def __str__(self) -> str:
        return "\n".join([*self.lines, *[""] * bool(self.lines), self.report])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Replace the traceback of a GradientMismatch, unless all of it is asked for by --full-trace."""
    report = yield
    errors = sys.modules.get("minigrad.errors")
    if errors is None or call.excinfo is None or not report.failed:
        return report
    if call.excinfo.errisinstance(errors.GradientMismatch) and not item.config.option.fulltrace:
        # pytest takes whatever can write itself to a terminal; its annotation names its own kinds only.
        shown: Any = _shown(item, call.excinfo)
        report.longrepr = shown
    return report


def _shown(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> _Shown:
    error = excinfo.value
    text = coloured = str(error)
    report = getattr(error, "report", None)
    if report is not None:
        from minigrad.verify.report import render

        coloured = text.replace(str(report), render(report, colour=True))
    places = [
        (_relative(Path(entry.path), item.config), entry.lineno + 1, entry)
        for entry in _own_frames(item, excinfo)
    ]
    lines: list[str] = []
    for path, line, entry in places:
        with contextlib.suppress(Exception):
            statement = str(entry.statement).strip().splitlines()
            lines += [
                f"{path}:{line}: in {entry.frame.code.name}",
                *(f"    {s}" for s in statement),
            ]
    path, line = places[-1][:2] if places else (str(item.path), 0)
    return _Shown(
        lines, text, coloured, _Crash(path, line, f"{type(error).__name__}: {_gist(text)}")
    )


def _own_frames(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> list[Any]:
    """The frames of the traceback from the test's own file on, without minigrad's and hidden ones."""
    frames = list(excinfo.traceback)
    start = next((i for i, frame in enumerate(frames) if Path(frame.path) == item.path), 0)
    return [
        frame
        for frame in frames[start:]
        if not frame.ishidden(excinfo)
        and str(frame.frame.f_globals.get("__name__", "")).partition(".")[0] != "minigrad"
    ]


def _gist(text: str) -> str:
    """The line of a Report that says what is wrong: the first that begins with a verdict that fails."""
    lines = [line.strip() for line in text.splitlines()]
    failing = (line for line in lines if line.startswith(("refuted ", "undecided ", "kink ")))
    return next(failing, lines[0] if lines else "")


def _relative(path: Path, config: pytest.Config) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(config.invocation_params.dir))
    return str(path)


# --- case files as tests ---------------------------------------------------------------------------


class _Claim(NamedTuple):
    """A file that holds cases because `path`, a file or a folder, was named; `first` of its files."""

    path: Path
    first: bool
    named_in_project: bool


_CLAIMS = pytest.StashKey[dict[Path, _Claim]]()
_FOUND = pytest.StashKey[dict[Path, "dict[str, list[Item | Result]]"]]()
_PROVER = pytest.StashKey["Prover"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --minigrad."""
    parser.getgroup("minigrad", "exact gradients").addoption(
        "--minigrad",
        action="store_true",
        help="collect case files: those that are named, or else the project's, which are the cases "
        "of [tool.minigrad] in pyproject.toml or of ./verify",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Find the case files, and have pytest look into the project's unless it was told where to look."""
    if not config.getoption("--minigrad"):
        return
    # The command line's rule, and not another one.
    from minigrad.errors import MinigradError
    from minigrad.verify.__main__ import configured

    try:
        project = configured()
        named = config.args_source is pytest.Config.ArgsSource.ARGS
        if named:
            words = [Path(word.partition("::")[0]) for word in config.args]
            claims = _claims_of_arguments(
                [word for word in words if word.exists()], project, config
            )
        else:
            claims = _claims(project, in_project=True)
            config.args = [*config.args, *_outside(project, config.args)]
    except MinigradError as error:
        raise pytest.UsageError(f"--minigrad: {error}") from None
    config.stash[_CLAIMS] = claims
    config.stash[_FOUND] = {}


def _claims(paths: Iterable[Path], *, in_project: bool) -> dict[Path, _Claim]:
    from minigrad.errors import CaseError
    from minigrad.verify import cases

    claims: dict[Path, _Claim] = {}
    for path in paths:
        files = cases.files(path)
        if not files and in_project:
            raise CaseError(f"{path}: no case defined here: no .py or .json file is in it")
        for i, file in enumerate(files):
            claims.setdefault(file.resolve(), _Claim(path, i == 0, in_project))
    return claims


def _claims_of_arguments(
    words: Iterable[Path], project: Iterable[Path], config: pytest.Config
) -> dict[Path, _Claim]:
    """The case files at `words`; a folder around the project's cases stands for these alone."""
    claims: dict[Path, _Claim] = {}
    # pytest-xdist names these to its workers, though nobody did.
    of_tests = {Path(path) for path in config.getini("testpaths")}
    for word in words:
        inside = [path for path in project if path.resolve().is_relative_to(word.resolve())]
        if inside:
            claims |= _claims(inside, in_project=True)
        elif word.suffix in (".py", ".json") or _is_folder_of_cases(word, of_tests):
            claims |= _claims([word], in_project=False)
    return {file: claim for file, claim in claims.items() if not _is_test_file(file, config)}


def _is_folder_of_cases(word: Path, of_tests: Iterable[Path]) -> bool:
    return word.is_dir() and word not in of_tests and not (word / "pyproject.toml").exists()


def _outside(project: Iterable[Path], words: Iterable[str]) -> list[str]:
    """The project's paths that pytest would not come to from `words`."""
    folders = [Path(word).resolve() for word in words]
    return [
        str(path)
        for path in project
        if not any(path.resolve().is_relative_to(folder) for folder in folders)
    ]


def _is_test_file(file: Path, config: pytest.Config) -> bool:
    """Whether pytest itself takes a file for one of tests, or of fixtures."""
    patterns = [*config.getini("python_files"), "conftest.py"]
    return any(fnmatch.fnmatch(file.name, pattern) for pattern in patterns)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a case file."""
    if file_path.resolve() in parent.config.stash.get(_CLAIMS, {}):
        return _CaseFile.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """Keep pytest from running a case file a second time, as a module of tests."""
    claimed = module_path.resolve() in parent.config.stash.get(_CLAIMS, {})
    if claimed and not _is_test_file(module_path, parent.config):
        return _NoTests.from_parent(parent, path=module_path)
    return None


class _NoTests(pytest.File):
    def collect(self) -> list[pytest.Item]:
        """Nothing: the cases of the file have been collected."""
        return []


class _CaseFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        """One test for each of the file's items, or for the error that keeps it from having any."""
        claim = self.config.stash[_CLAIMS][self.path.resolve()]
        for entry in self._entries(claim):
            name = entry.name.partition("::")[2]
            whole = "graph" if self.path.suffix == ".json" else "file"
            yield _CaseItem.from_parent(self, name=name or whole, entry=entry)

    def _entries(self, claim: _Claim) -> Iterator[Item | Result]:
        from minigrad.verify.run import from_path

        found = self.config.stash[_FOUND]
        if claim.path not in found:
            groups: dict[str, list[Item | Result]] = {}
            for entry in from_path(claim.path):
                groups.setdefault(entry.name.partition("::")[0], []).append(entry)
            found[claim.path] = groups
        for name, entries in found[claim.path].items():
            if Path(name).resolve() == self.path.resolve():
                yield from entries
        # That there is no case in a whole folder matters only where somebody says there is one.
        if claim.first and claim.named_in_project and claim.path.is_dir():
            yield from found[claim.path].get(str(claim.path), [])


class _CaseItem(pytest.Item):
    """The test of one item: a case at a point, a graph file, or an error."""

    def __init__(self, *, entry: Item | Result, **options: Any) -> None:
        super().__init__(**options)
        self.entry = entry

    def runtest(self) -> None:
        """Verify it; _Failed carries the Result of what is refuted, undecided or in error."""
        from minigrad.verify.run import Options, Result, run

        if isinstance(self.entry, Result):
            raise _Failed(self.entry)
        result = run(self.entry, _prover(self.config), Options())
        if result.fails():
            raise _Failed(result)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The text of the Reports."""
        if not isinstance(excinfo.value, _Failed):
            return super().repr_failure(excinfo, style)
        from minigrad.verify import output

        result = excinfo.value.result
        text, coloured = (output.as_text(result, colour=c).rstrip() for c in (False, True))
        why = result.error or output.reason(result)
        crash = _Crash(_relative(self.path, self.config), 0, f"{result.status}: {why}")
        return _Shown((), text, coloured, crash)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The file, and the item's name."""
        # Were this the name alone, pytest would show the points in it as colons.
        return self.path, None, f"case {self.name}"


class _Failed(Exception):
    def __init__(self, result: Result) -> None:
        super().__init__(result.name)
        self.result = result


def _prover(config: pytest.Config) -> Prover:
    """The Prover of this run of pytest, which ends with it."""
    if _PROVER not in config.stash:
        from minigrad.verify.proof import Prover

        stack = contextlib.ExitStack()
        config.stash[_PROVER] = stack.enter_context(Prover())
        config.add_cleanup(stack.close)
    return config.stash[_PROVER]
