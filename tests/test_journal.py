from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from minigrad import Scalar
from minigrad.errors import CaseError
from minigrad.verify.journal import Journal, digests, header
from minigrad.verify.proof import verify
from minigrad.verify.run import Item, Result, lost

IDENTITY: Mapping[str, Any] = {"minigrad": "1.2.3", "--budget": 10.0, "files": {"a.py": "00"}}
NAMES = ["first", "second", "third"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def result(name: str) -> Result:
    return Result(name, (verify(Scalar(2, "x") * 3),), seconds=0.5)


def opened(path: Path, identity: Mapping[str, Any] = IDENTITY) -> Journal:
    return Journal(path, identity, NAMES)


def begun(path: Path, *numbers: int) -> None:
    with opened(path) as journal:
        assert journal.known == {}
        for number in numbers:
            journal.add(number, result(NAMES[number]))


def test_what_was_added_is_known_the_next_time(path: Path) -> None:
    begun(path, 2, 0)
    with opened(path) as journal:
        assert journal.known == {0: result("first"), 2: result("third")}
        journal.add(1, result("second"))
    with opened(path) as journal:
        assert sorted(journal.known) == [0, 1, 2]


def test_a_result_is_in_the_file_at_once(path: Path) -> None:
    with opened(path) as journal:
        journal.add(1, result("second"))
        header_line, line = path.read_text().splitlines()
    assert json.loads(header_line)["run"] == IDENTITY
    assert json.loads(line)["item"] == 1


def test_a_verdict_that_was_lost_is_looked_for_again(path: Path) -> None:
    with opened(path) as journal:
        journal.add(0, lost(Item("first", lambda prover, options: ()), "its process ended"))
    with opened(path) as journal:
        assert journal.known == {}


def test_wherever_the_file_is_torn_the_whole_lines_are_known(path: Path) -> None:
    begun(path, 0, 1)
    content = path.read_bytes()
    ends = [k + 1 for k, byte in enumerate(content) if byte == ord("\n")]
    for size in range(0, len(content) + 1, 7):
        path.write_bytes(content[:size])
        with opened(path) as journal:
            whole = sum(end <= size for end in ends)
            assert len(journal.known) == max(whole - 1, 0)
            journal.add(2, result("third"))
        with opened(path) as journal:
            assert 2 in journal.known


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"minigrad": "1.2.4"}, "minigrad is '1.2.4' (type str), and was '1.2.3' (type str)"),
        ({"--budget": 5.0}, "--budget is 5.0 (type float), and was 10.0 (type float)"),
        ({"files": {"a.py": "01"}}, "a.py is not what it was then"),
        ({"files": {"a.py": "00", "b.py": "02"}}, "b.py is not what it was then"),
        ({"files": {}}, "a.py is not what it was then"),
        ({"-k": "word"}, "-k is 'word' (type str), and was None"),
    ],
)
def test_the_journal_of_another_run_is_refused(
    path: Path, changed: dict[str, Any], says: str
) -> None:
    begun(path, 0)
    before = path.read_bytes()
    with pytest.raises(CaseError) as refusal:
        opened(path, {**IDENTITY, **changed})
    assert f"{path} is the journal of another run: {says}" in str(refusal.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"my diary",
        b"my diary\n",
        b"\x00\xff",
        b"{}\n",
        b'{"journal": 99, "run": {}}\n',
        b'{"journal": 1}\n',
        b'{"journal": 1, "run": []}\n',
        b'{"journal": \n',
    ],
)
def test_another_file_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read in (header, opened):
        with pytest.raises(CaseError, match="is no journal of minigrad"):
            read(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        '{"item": 0}',
        '{"item": 7, "result": {"name": "first", "reports": []}}',
        '{"item": 0, "result": {"name": "second", "reports": []}}',
        '{"item": 0, "result": {"name": "first", "reports": [{}]}}',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_result_of_this_run_is_refused(path: Path, line: str) -> None:
    begun(path, 1)
    with path.open("a") as stream:
        stream.write(f"{line}\n")
    with pytest.raises(CaseError, match="line 3: expected a result of this run"):
        opened(path)


def test_a_file_that_cannot_be_read_or_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="cannot be read: Is a directory"):
        header(tmp_path)
    with pytest.raises(CaseError, match="cannot be written: Is a directory"):
        opened(tmp_path)
    with pytest.raises(CaseError, match="cannot be written: No such file"):
        opened(tmp_path / "none" / "run.jsonl")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("read", [header, opened])
def test_what_is_no_file_is_refused_before_it_is_read(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    # /dev/zero is read without end, and a pipe that nobody writes to is not opened at all.
    for path in (Path("/dev/null"), tmp_path / "pipe"):
        with pytest.raises(CaseError, match="is a device or a pipe, and a journal is a file"):
            read(path)


def test_two_runs_do_not_write_one_journal(path: Path) -> None:
    pytest.importorskip("fcntl", reason="files are not locked on this system")
    with opened(path) as journal:
        journal.add(0, result("first"))
        before = path.read_bytes()
        with pytest.raises(CaseError, match="is the journal of a run that goes on now"):
            opened(path)
        assert path.read_bytes() == before
        assert header(path) == IDENTITY
    with opened(path) as journal:
        assert sorted(journal.known) == [0]


def test_a_journal_that_was_refused_is_not_held(path: Path) -> None:
    begun(path, 0)
    with pytest.raises(CaseError, match="the journal of another run"):
        opened(path, {**IDENTITY, "minigrad": "0"})
    opened(path).__exit__()


def test_a_run_that_was_killed_holds_nothing(path: Path) -> None:
    begun(path, 0)
    code = f"""
import os, signal
from pathlib import Path
from minigrad.verify.journal import Journal
with Journal(Path({str(path)!r}), {dict(IDENTITY)!r}, {NAMES!r}):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code])
    assert killed.returncode == -signal.SIGKILL
    with opened(path) as journal:
        assert sorted(journal.known) == [0]


class NoLocks:
    """In the place of `fcntl`, on a file system that has no locks."""

    LOCK_EX = LOCK_NB = 0

    @staticmethod
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")


@pytest.mark.parametrize("locks", [None, NoLocks], ids=["no module", "no locks"])
def test_where_there_are_no_locks_a_journal_is_kept_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch, locks: Any
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", locks)
    begun(path, 0)
    with opened(path) as journal:
        assert sorted(journal.known) == [0]


def test_without_a_file_there_is_no_run_yet(path: Path) -> None:
    assert header(path) == {}
    begun(path)
    assert header(path) == IDENTITY


def test_the_digests_are_of_the_files_and_of_what_they_may_import(tmp_path: Path) -> None:
    for name in ("case.py", "helper.py", "graph.json", "notes.md"):
        (tmp_path / name).write_text(name)
    before = digests([tmp_path / "case.py"])
    assert sorted(before) == [str(tmp_path / name) for name in ("case.py", "helper.py")]
    # From the definition of SHA-256: FIPS 180-4 gives that of "abc".
    (tmp_path / "helper.py").write_text("abc")
    after = digests([tmp_path / "case.py", tmp_path / "graph.json", tmp_path / "gone.py"])
    assert after[str(tmp_path / "helper.py")].startswith("ba7816bf8f01cfea414140de5dae2223")
    assert str(tmp_path / "graph.json") in after
    assert after[str(tmp_path / "case.py")] == before[str(tmp_path / "case.py")]


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ('"point": {', '"point": 3, "points": {'),
        ('"error": ""', '"error": 5'),
        ('"conditions": []', '"conditions": 7'),
        ('"conditions": []', '"conditions": [7]'),
        ('"seconds": 0.5', '"seconds": "x"'),
        ('"message": ""', '"message": null'),
        ('"name": "first"', '"name": 1'),
    ],
)
def test_a_result_that_was_changed_is_none(path: Path, part: str, other: str) -> None:
    begun(path, 0)
    text = path.read_text()
    assert part in text
    path.write_text(text.replace(part, other, 1))
    with pytest.raises(CaseError, match="line 2: expected a result of this run"):
        opened(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_full_disk_is_told_with_the_file(path: Path) -> None:
    with opened(path) as journal:
        stream = journal._stream
        journal._stream = open("/dev/full", "wb", buffering=0)  # noqa: SIM115 - closed with the journal
        with pytest.raises(CaseError, match=r"run\.jsonl cannot be written: No space left"):
            journal.add(0, result("first"))
        stream.close()
