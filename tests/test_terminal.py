from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from minigrad.verify import terminal
from minigrad.verify.run import Item, Result, lost
from minigrad.verify.terminal import Progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True

    @property
    def bar(self) -> str:
        """What was drawn last."""
        return self.getvalue().rpartition("\r")[2]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen()
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(terminal, "sys", SimpleNamespace(stderr=screen))
    return screen


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    return now


PROVED = Result("good")
ERROR = Result("bad", error="no")
UNDECIDED = lost(Item("ugly", lambda prover, options: ()), "it ended")


def test_failures_are_counted_as_what_they_are(screen: Screen) -> None:
    progress = Progress(12, lines=False)
    for result in (PROVED, ERROR, UNDECIDED, ERROR, PROVED):
        progress.count(result)
    progress.show("next")
    assert screen.bar == f"[{'#' * 10}{'.' * 14}] 5/12, 2 error, 1 undecided next"


@pytest.mark.parametrize(
    ("passed", "done", "left"),
    [
        (1.0, 1, ""),
        (3.0, 0, ""),
        (3.0, 1, ", 4:57 left"),
        (10.0, 50, ", 0:10 left"),
        (4_000.0, 10, ", 10:00:00 left"),
        (3_000.0, 50, ", 50:00 left"),
    ],
)
def test_the_time_left_is_that_of_as_many_more(
    screen: Screen, clock: list[float], passed: float, done: int, left: str
) -> None:
    progress = Progress(100, lines=False)
    clock[0] += passed
    for _ in range(done):
        progress.count(PROVED)
    progress.show("name")
    assert screen.bar.partition("] ")[2] == f"{done}/100{left} name"


def test_what_was_known_before_took_no_time(screen: Screen, clock: list[float]) -> None:
    progress = Progress(100, [PROVED] * 79 + [ERROR], lines=False)
    clock[0] += 30
    progress.show("name")
    assert "80/100, 1 error name" in screen.bar
    progress.count(PROVED)
    # Thirty seconds for one of them, and nineteen to go.
    progress.show("name")
    assert "81/100, 1 error, 9:30 left name" in screen.bar
    progress.clear()
    assert screen.bar == "\x1b[K"


def test_elsewhere_there_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    for lines in (True, False):
        progress = Progress(2, lines=lines)
        progress.count(PROVED)
        progress.line(1, PROVED)
        progress.show("good")
        progress.clear()
    assert capsys.readouterr().err == "[1/2] proved good\n"
