from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import workers

import minigrad
from minigrad.verify import child as children
from minigrad.verify.child import Answer, Child, Job

LONG = 60.0
"""Seconds that no answer here needs, so that none depends on the machine."""

posix = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX systems")
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look into")


@pytest.fixture
def child() -> Iterator[Child]:
    with Child(leads=True) as child:
        yield child


def acting(*parts: str, memory: int | None = None, deep: bool = False) -> bytes:
    return Job(workers.nothing, workers.act, parts, memory, deep).packed()


def test_each_part_has_its_answer_in_order(child: Child) -> None:
    child.ask(acting("a", "b", "c"))
    assert [child.receive(LONG) for _ in range(3)] == [Answer("done", x) for x in "ABC"]


def test_a_job_can_begin_at_any_part(child: Child) -> None:
    child.ask(acting("a", "b", "c"), 2)
    assert child.receive(LONG).value == "C"
    child.ask(acting("d"))
    assert child.receive(LONG).value == "D"


def test_the_state_is_made_once_for_jobs_that_have_the_same(child: Child) -> None:
    job = Job(workers.counted, workers.tally, (1, 2)).packed()
    for _ in range(2):
        child.ask(job)
    child.ask(acting("other"))
    child.ask(job)
    assert [child.receive(LONG).value for _ in range(7)] == [1, 2, 3, 4, "OTHER", 1, 2]


@posix
@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("exit", "its process ended with exit status 7"),
        ("kill", "its process was ended by SIGKILL"),
        ("raise no such thing", "ValueError: no such thing"),
    ],
)
def test_what_became_of_a_part_that_is_lost_is_said(child: Child, part: str, says: str) -> None:
    child.ask(acting("first", part, "never"))
    assert child.receive(LONG).value == "FIRST"
    answer = child.receive(LONG)
    assert (answer.kind, answer.message) == ("lost", says)
    assert child.receive(LONG).kind == "lost"
    assert not child.ready


def test_a_part_that_takes_too_long_is_stopped(child: Child) -> None:
    child.ask(acting("first", "hang"))
    assert child.receive(LONG).value == "FIRST"
    answer = child.receive(0.2)
    assert answer == Answer("lost", None, "it was stopped after 0.2 s, which is all it may take")
    assert child.process.poll() is not None


@linux
def test_memory_is_limited_and_the_limit_is_lifted_again(child: Child) -> None:
    # 64 GiB, of which nothing is touched: without a limit that may well be granted.
    child.ask(acting("memory", memory=2**30))
    assert child.receive(LONG) == Answer("lost", None, "it outran the memory that it may take")
    with Child() as other:
        other.ask(acting("limited", memory=2**30))
        other.ask(Job(workers.nothing, limit_of, ("now",)).packed())
        other.receive(LONG)
        hard = children_limit()
        assert other.receive(LONG).value == hard


def limit_of(_: object, __: str) -> int:
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0]


def children_limit() -> int:
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[1]


def test_a_deep_job_may_recurse_and_another_as_far_as_anywhere(child: Child) -> None:
    child.ask(Job(workers.nothing, recursed, (15_000,), deep=True).packed())
    assert child.receive(LONG).value == 15_000
    with Child() as other:
        other.ask(Job(workers.nothing, recursed, (15_000,)).packed())
        assert other.receive(LONG).message.startswith("RecursionError: ")


def recursed(_: object, depth: int) -> int:
    return depth if depth == 0 else 1 + recursed(_, depth - 1)


def test_an_interruption_is_an_answer(child: Child) -> None:
    child.ask(acting("interrupt", "next"))
    assert [child.receive(LONG).kind for _ in range(2)] == ["interrupted", "done"]


def test_what_a_job_prints_is_no_part_of_its_answer(child: Child) -> None:
    child.ask(acting("print to the screen"))
    assert child.receive(LONG).value == "PRINT TO THE SCREEN"


def test_an_answer_that_cannot_be_sent_is_lost(child: Child) -> None:
    child.ask(Job(workers.nothing, workers.unpicklable, ("x",)).packed())
    assert "pickle" in child.receive(LONG).message


def test_a_job_that_the_child_does_not_know_is_lost(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minigrad, "__version__", "0.0.0")
    child.ask(acting("x"))
    message = child.receive(LONG).message
    monkeypatch.undo()
    assert message == f"its worker has minigrad {minigrad.__version__}, and not 0.0.0"


def test_a_child_that_is_gone_can_be_asked_in_vain(child: Child) -> None:
    child.close()
    child.ask(acting("x"))
    assert child.receive(LONG).kind == "lost"
    child.close()


@linux
def test_a_child_takes_its_own_children_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "grandchild"
    with Child(leads=True) as child:
        child.ask(Job(workers.nothing, watching, (str(mark),)).packed())
        assert workers.until(mark.exists)
        grandchild = int(mark.read_text())
        assert workers.alive(grandchild)
    assert workers.until(lambda: not workers.alive(grandchild))


def watching(_: object, mark: str) -> None:
    with Child() as inner:
        Path(mark).with_suffix(".new").write_text(str(inner.process.pid))
        Path(mark).with_suffix(".new").rename(mark)
        inner.ask(acting("hang"))
        inner.receive(LONG)


@linux
def test_a_child_ends_when_whoever_started_it_was_killed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "import workers\nfrom minigrad.verify.child import Child, Job\n"
        f"child = Child(leads=True)\n"
        f"child.ask(Job(workers.nothing, workers.act, ({f'mark {mark}'!r}, 'hang')).packed())\n"
        "child.receive(60)\nprint(flush=True)\nchild.receive(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        process = int(mark.read_text())
        assert workers.alive(process)
        parent.kill()
    assert workers.until(lambda: not workers.alive(process))


def test_a_child_that_nobody_asked_for_long_is_not_relied_upon(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert child.ready
    monkeypatch.setattr(children, "_IDLE", 0.0)
    assert not child.ready


def test_starting_takes_nothing_from_the_time_of_a_part_if_there_is_patience(child: Child) -> None:
    child.ask(acting("a", "hang"))
    assert child.receive(0.5, patience=LONG).value == "A"
    assert child.receive(0.5, patience=LONG).message.startswith("it was stopped after 0.5 s")


def test_without_patience_starting_counts(child: Child) -> None:
    child.ask(Job(slow_to_begin, workers.act, ("a",)).packed())
    assert child.receive(0.1).message.startswith("it was stopped after 0.1 s")


def slow_to_begin() -> None:
    time.sleep(1_000)
