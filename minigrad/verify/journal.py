"""The journal of a run: what is known of it, kept in a file, so that a run that was stopped can go on.

    with Journal(path, identity) as journal:
        journal.known                 # results by the number of their item, from earlier
        journal.add(7, result)        # is in the file when this returns

One JSON text a line, as in JSON Lines (jsonlines.org): first the run that it is of, then each result when
it is found, in any order. A line is written at once, so that a run that is killed loses at most the line
being written; a last line that is torn is taken off. The verdict on an item that was stopped is not kept:
it is looked for again.

One run at a time: it holds a lock on the file, which the system takes back however the run ends.

A result is only taken over for the very run that it is of: the same items, options and version of
minigrad, and the same text of every file of them and of the Python files beside it, which it may import.
What else a case imports is not looked at.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import minigrad
from minigrad.errors import CaseError, describe
from minigrad.verify.run import Result
from minigrad.verify.written import from_record, to_record, written

__all__ = ["Journal", "digests", "header"]

_FORMAT: Final = 1
_BEGINNING: Final = b'{"journal": '


def header(path: Path) -> Mapping[str, Any]:
    """The run that the journal at `path` is of; empty if there is no journal yet.

    Raises CaseError for a file that is no journal, or cannot be read.
    """
    _refuse_device(path)
    lines = _lines(path)
    return _header(path, lines[0]) if lines else {}


def _header(path: Path, line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
        if found["journal"] == _FORMAT and isinstance(found["run"], dict):
            run: dict[str, Any] = found["run"]
            return run
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise CaseError(f"--resume: {path} is no journal of minigrad {minigrad.__version__}")


def _refuse_device(path: Path) -> None:
    """Raise CaseError for what cannot be read again, such as a pipe, or never ends, such as /dev/zero."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise CaseError(f"--resume: {path} is a device or a pipe, and a journal is a file")


def _lines(path: Path) -> list[bytes]:
    """The whole lines of a file, with their ends; none if there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CaseError(f"--resume: {path} cannot be read: {error.strerror}") from None
    # A torn first line is still the beginning of one; anything else is somebody's file.
    if not content.startswith(_BEGINNING[: len(content)]):
        raise CaseError(f"--resume: {path} is no journal of minigrad's")
    return [line for line in content.splitlines(keepends=True) if line.endswith(b"\n")]


def digests(files: Iterable[Path]) -> dict[str, str]:
    """The digest of each of `files`, and of the Python files beside it."""
    beside = {other for file in files for other in [file, *file.parent.glob("*.py")]}
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(beside)
        if file.is_file()
    }


def _locked(path: Path) -> BinaryIO:
    """The file at `path`, to be added to by nobody else for as long as it is open."""
    try:
        # Without a buffer: a line is one write, which Ctrl-C does not cut in two.
        stream: BinaryIO = path.open("ab", buffering=0)
    except OSError as error:
        raise CaseError(f"--resume: {path} cannot be written: {error.strerror}") from None
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass  # a system without such locks
    except OSError as error:
        # Some file systems have none either.
        if error.errno in (errno.EACCES, errno.EAGAIN):
            stream.close()
            raise CaseError(f"--resume: {path} is the journal of a run that goes on now") from None
    return stream


class Journal:
    """The results of a run in a file. Use as a context manager."""

    def __init__(self, path: Path, identity: Mapping[str, Any], names: Sequence[str]) -> None:
        """Open the journal at `path`, or begin it, for the run of this identity.

        `names` are those of the items. Raises CaseError for the journal of another run, for that of a run
        that goes on now, and for a file that is none or cannot be written.
        """
        self.path = path
        _refuse_device(path)
        with contextlib.ExitStack() as unless_complete:
            self._stream = unless_complete.enter_context(_locked(path))
            lines = _lines(path)
            if lines:
                # As it comes back from the file.
                this = json.loads(json.dumps(identity))
                _compare(path, this, _header(path, lines[0]))
            self.known = dict(self._read(k, line, names) for k, line in enumerate(lines[1:], 2))
            self._stream.truncate(sum(map(len, lines)))
            if not lines:
                self._write({"journal": _FORMAT, "run": identity})
            unless_complete.pop_all()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _read(self, number: int, line: bytes, names: Sequence[str]) -> tuple[int, Result]:
        try:
            entry = json.loads(line)
            place, result = entry["item"], from_record(entry["result"])
            if names[place] == result.name:
                return place, result
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            pass
        raise CaseError(f"--resume: {self.path}, line {number}: expected a result of this run")

    def add(self, number: int, result: Result) -> None:
        """Keep the result of the item of this number, unless its verdict was lost."""
        if not result.lost:
            self._write({"item": number, "result": to_record(written(result))})

    def _write(self, entry: Mapping[str, Any]) -> None:
        try:
            self._stream.write(json.dumps(entry).encode("ascii") + b"\n")
        except OSError as error:
            raise CaseError(f"--resume: {self.path} cannot be written: {error.strerror}") from None


def _compare(path: Path, this: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Raise CaseError, with what differs first, unless the two runs are the same."""
    for key in this:
        ours, theirs = this[key], other.get(key)
        if ours == theirs:
            continue
        if isinstance(ours, dict) and isinstance(theirs, dict):
            changed = sorted({k for k in ours.keys() | theirs if ours.get(k) != theirs.get(k)})
            what = f"{changed[0]} is not what it was then"
        else:
            what = f"{key} is {describe(ours)}, and was {describe(theirs)}"
        raise CaseError(
            f"--resume: {path} is the journal of another run: {what}; "
            "remove the file to begin anew, or name another one"
        )
