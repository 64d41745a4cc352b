from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from command_line import CASES
from hypothesis import settings

if TYPE_CHECKING:
    from minigrad.verify.proof import Prover

settings.register_profile("minigrad", deadline=None, max_examples=60)
settings.load_profile("minigrad")

# Their assertions then say what was compared, as those of a test do.
pytest.register_assert_rewrite("array_functions", "benchmarked", "claimed", "expressions")


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    from minigrad.verify.proof import Prover

    with Prover() as prover:
        yield prover


@pytest.fixture
def without_flint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody finds python-flint."""
    from minigrad.polynomials import has_flint

    monkeypatch.setitem(sys.modules, "flint", None)
    has_flint.cache_clear()
    yield
    monkeypatch.undo()
    has_flint.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, with the case files of `command_line` beside it."""
    for name, text in CASES.items():
        text = f"from minigrad.verify import case\n{text}"
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str, str]]:
    """Run the command line here: its exit status, standard output and standard error."""
    from minigrad.verify.__main__ import main

    def run(*words: str) -> tuple[Any, str, str]:
        try:
            status: Any = main([f"../{word}" if word in CASES else word for word in words])
        except SystemExit as leaving:
            status = leaving.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def document(verify: Callable[..., tuple[Any, str, str]]) -> Callable[..., tuple[Any, Any]]:
    """Run the command line for its JSON: exit status and document."""

    def run(*words: str) -> tuple[Any, Any]:
        status, out, _ = verify("--format", "json", *words)
        return status, json.loads(out)

    return run


@pytest.fixture
def process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `python -m minigrad.verify` in a fresh interpreter, as the leader of a group of its own."""
    import minigrad

    started = []

    def start(*words: str) -> subprocess.Popen[str]:
        root = str(Path(minigrad.__file__).parents[1])
        child = subprocess.Popen(
            [sys.executable, "-m", "minigrad.verify", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()
