"""A process that does jobs and can be stopped: what hangs, dies or eats memory does so there.

    job = Job(Rules, check, ("first", "second"))      # check(Rules(), "first"), check(Rules(), "second")
    with Child() as child:
        child.ask(job.packed(), 0)
        answer = child.receive(seconds=10)            # an Answer; what became of "first"

A call into SymPy or FLINT cannot be interrupted by a signal or from a thread: a single product of
polynomials may ignore both for minutes. So what may outrun its limits is done in a child, which is
killed at the limit. `subprocess` and not `multiprocessing`, which fails in daemonic workers and in
scripts without a main guard, and whose pools break as a whole when one of their processes dies.

A child ends by itself when its parent does, however that was ended, and when nobody asked for a while.
Starting one costs an interpreter and the imports of the job (SymPy: half a second); a job after that, its
pickle. A job is code: children are asked by the process that started them, and by nobody else.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Final, Literal, NamedTuple

import minigrad

__all__ = ["OUT_OF_MEMORY", "Answer", "Child", "Job", "serve"]

OUT_OF_MEMORY: Final = "it outran the memory that it may take"

_IDLE: Final = 60.0
"""Seconds after which a child that nobody asks ends."""
_STACK: Final = 512 * 2**20
_RECURSION: Final = 20_000
_HEADER: Final = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Job:
    """`each(state(), part)` for each of `parts`; all of it can be pickled.

    A child keeps the state for the next job that has the same. `memory`, in bytes of address space, is
    what the child may take where the system can limit it; a `deep` job may recurse deeply.
    """

    state: Callable[[], Any]
    each: Callable[[Any, Any], Any]
    parts: Sequence[Any]
    memory: int | None = None
    deep: bool = False

    def packed(self) -> bytes:
        """The job as bytes. Raises what `pickle` raises for what cannot be pickled."""
        body = pickle.dumps((pickle.dumps(self.state), self.each, tuple(self.parts)))
        return pickle.dumps((minigrad.__version__, self.memory, self.deep, body))


class Answer(NamedTuple):
    """What became of one part of a job.

    `done` has a value; `lost` a message that says why it has none; `interrupted` is a part that raised
    KeyboardInterrupt. `begun` is said before the first of them, and is none.
    """

    kind: Literal["done", "lost", "interrupted", "begun"]
    value: Any = None
    message: str = ""


class Child:
    """A process that does one job after the other. Use as a context manager, or `close` it.

    With `leads`, it leads a process group of its own: it is not reached by the terminal's Ctrl-C, and
    its own children are killed with it.
    """

    def __init__(self, *, leads: bool = False) -> None:
        self._leads = leads and os.name == "posix"
        # The child finds the same modules as this process, however that was started.
        code = f"import sys; sys.path[:] = {sys.path!r}; from minigrad.verify.child import serve; serve()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0 if self._leads else None,
        )
        self._used = time.monotonic()
        self._beginning = True
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(
            target=_collect, args=(self.process.stdout, self._answers), daemon=True
        ).start()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ready(self) -> bool:
        """Whether it lives, and will not just end because nobody asked for so long."""
        return self.process.poll() is None and time.monotonic() - self._used < _IDLE / 2

    def ask(self, packed: bytes, start: int = 0) -> None:
        """Begin the job at its part number `start`; `receive` gives one answer for each part."""
        assert self.process.stdin is not None
        self._beginning = True
        # A child that cannot be asked has died, which the first `receive` will say.
        with contextlib.suppress(OSError, ValueError):
            _write(self.process.stdin, pickle.dumps((start, packed)))

    def receive(self, seconds: float, patience: float = 0.0) -> Answer:
        """The next answer; after one that is `lost` the child may have to be closed.

        If none comes within `seconds` the answer is `lost`, and the child is closed. With `patience`, to
        start and to import what the job needs may take so many seconds more.
        """
        end = time.monotonic() + seconds + (patience if self._beginning else 0.0)
        try:
            while (answer := self._next(max(end - time.monotonic(), 0.0))).kind == "begun":
                self._beginning = False
                if patience:
                    end = time.monotonic() + seconds
            return answer
        except queue.Empty:
            self.close()
            message = f"it was stopped after {seconds:.3g} s, which is all it may take"
            return Answer("lost", message=message)

    def _next(self, seconds: float) -> Answer:
        """What the child sends next. Raises queue.Empty if nothing comes within `seconds`."""
        frame = self._answers.get(timeout=min(seconds, threading.TIMEOUT_MAX))
        if frame is None:
            self._answers.put(None)  # for whoever asks again
            return Answer("lost", message=self._death())
        self._used = time.monotonic()
        answer: Answer = pickle.loads(frame)
        return answer

    def _death(self) -> str:
        """How the process ended, once it can say no more."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        status = self.process.poll()
        self.close()
        if status is None:
            return "its process was stopped"
        if status < 0:
            with contextlib.suppress(ValueError):
                return f"its process was ended by {signal.Signals(-status).name}"
        return f"its process ended with exit status {status}"

    def kill(self) -> None:
        """Kill the process, and those that it started; from any thread."""
        if self.process.poll() is None:
            if self._leads:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()

    def close(self) -> None:
        """Kill the process, and wait until it has ended."""
        self.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _write(stream: IO[bytes], frame: bytes) -> None:
    stream.write(_HEADER.pack(len(frame)) + frame)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    """The next frame of `stream`, None at its end, which may be within a frame."""
    with contextlib.suppress(ValueError, OSError):
        header = stream.read(_HEADER.size)
        if len(header) == _HEADER.size:
            (size,) = _HEADER.unpack(header)
            frame = stream.read(size)
            return frame if len(frame) == size else None
    return None


def _collect(stream: IO[bytes] | None, answers: queue.Queue[bytes | None]) -> None:
    """Put each frame of `stream` into `answers`, and None at its end."""
    assert stream is not None
    while (frame := _read(stream)) is not None:
        answers.put(frame)
    answers.put(None)


# --- the child's side -----------------------------------------------------------------------------


def serve() -> None:
    """Do the jobs that come on standard input until it ends, or none comes for a while."""
    requests, answers = _private_streams()
    inbox: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(requests, inbox), daemon=True).start()
    server = _Server(answers)
    with contextlib.suppress(queue.Empty):
        while True:
            server.do(inbox.get(timeout=_IDLE))


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """What were standard input and output, for the frames alone: what a job prints goes elsewhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _listen(requests: BinaryIO, inbox: queue.Queue[bytes]) -> None:
    """Take the requests; at their end the parent has gone, and nobody waits for what is at work."""
    while (frame := _read(requests)) is not None:
        inbox.put(frame)
    os._exit(0)


class _Server:
    """The child's jobs, one after the other, and the state that it keeps between them."""

    def __init__(self, answers: BinaryIO) -> None:
        self.answers = answers
        self.packed_state = b""
        self.state: Any = None

    def do(self, request: bytes) -> None:
        start, packed = pickle.loads(request)
        version, memory, deep, body = pickle.loads(packed)
        if version != minigrad.__version__:
            self._fail(f"its worker has minigrad {minigrad.__version__}, and not {version}")
        _limit(memory)
        if not deep:
            self._parts(body, start)
            return
        sys.setrecursionlimit(_RECURSION)
        threading.stack_size(_STACK)
        thread = threading.Thread(target=self._parts, args=(body, start))
        thread.start()
        thread.join()

    def _parts(self, body: bytes, start: int) -> None:
        try:
            packed_state, each, parts = pickle.loads(body)
            if packed_state != self.packed_state:
                self.state = pickle.loads(packed_state)()
                self.packed_state = packed_state
        except (Exception, SystemExit) as error:
            self._fail(_says(error))
        _write(self.answers, pickle.dumps(Answer("begun")))
        for part in parts[start:]:
            self._answer(each, part)

    def _answer(self, each: Callable[[Any, Any], Any], part: Any) -> None:
        try:
            frame = pickle.dumps(Answer("done", each(self.state, part)))
        except KeyboardInterrupt:
            frame = pickle.dumps(Answer("interrupted"))
        except (Exception, SystemExit) as error:
            self._fail(_says(error))
        _write(self.answers, frame)

    def _fail(self, message: str) -> None:
        """Say what happened, and end: what is left of the memory or of the state is not to be trusted."""
        _write(self.answers, pickle.dumps(Answer("lost", message=message)))
        os._exit(1)


def _says(error: BaseException) -> str:
    return OUT_OF_MEMORY if isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"


def _limit(memory: int | None) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (hard if memory is None else memory, hard))
