"""Whole proofs in a process of their own, which can be stopped.

A call into SymPy or FLINT cannot be interrupted by a signal or from a thread: a single product of
polynomials may ignore both for minutes. So what may outrun its budget is sent, as a graph file, to
one child process that is reused until it has to be killed. `subprocess` and not `multiprocessing`,
which fails in daemonic workers and in scripts without a main guard.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import IO, Any, Final

from minigrad import exact, graphfile, number
from minigrad.scalar import Scalar
from minigrad.verify import chain, whole
from minigrad.verify.symbolic import Graph, Rules

__all__ = ["Worker", "serve"]

MEMORY: Final = 4 * 2**30
"""Bytes of address space that the child may take, where the system can limit them."""

_UNLIMITED_BITS: Final = 2**62


class Worker:
    """A child process for whole proofs. Use as a context manager, or `close` it.

    The process is started at the first request, and again after it was killed.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prove(
        self, root: Scalar, seed: Fraction, positions: Sequence[int], seconds: float
    ) -> Iterator[tuple[int, whole.Outcome]]:
        """The outcome for each of the nodes at `positions`, as they come, for `seconds` at most.

        One node may take half of the time that is left, so that none starves the others; a node that
        takes more is given up, and the message of its outcome says so.

        Raises InvalidOperand, as graph files do, for a graph with an operator that is not the table's:
        the child would prove the one of that name that it knows.
        """
        waiting = list(positions)
        try:
            yield from self._answered(root, seed, waiting, seconds)
        finally:
            # Answers that nobody takes would be taken for those to the next request.
            if waiting:
                self.close()

    def _answered(
        self, root: Scalar, seed: Fraction, waiting: list[int], seconds: float
    ) -> Iterator[tuple[int, whole.Outcome]]:
        deadline = time.monotonic() + seconds
        text = graphfile.to_json(root)
        while waiting:
            left = deadline - time.monotonic()
            if left <= 0:
                message = f"the budget of {seconds:g} s ran out"
                while waiting:
                    yield waiting.pop(0), whole.Outcome(None, message=message)
                return
            self._send({"graph": text, "seed": number.exact_text(seed), "positions": waiting})
            while waiting:
                allowed = max(min(deadline - time.monotonic(), left / 2), 0.0)
                answer = self._receive(allowed if len(waiting) > 1 else max(left, 0.0))
                if answer is None:
                    self.close()
                    yield (
                        waiting.pop(0),
                        whole.Outcome(
                            None, message="stopped: it outran its share of the budget, or of memory"
                        ),
                    )
                    break
                i, outcome = _decode(answer)
                waiting.remove(i)
                left = deadline - time.monotonic()
                yield i, outcome

    def _send(self, request: dict[str, Any]) -> None:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()

    def _start(self) -> None:
        # The child finds the same modules as this process, however that was started.
        code = (
            f"import sys; sys.path[:] = {sys.path!r}; "
            "from minigrad.verify.worker import serve; serve()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._answers = queue.Queue()
        threading.Thread(
            target=_collect, args=(self._process.stdout, self._answers), daemon=True
        ).start()

    def _receive(self, seconds: float) -> str | None:
        """The next answer; None if none came in time, or none can come any more."""
        try:
            return self._answers.get(timeout=min(seconds, threading.TIMEOUT_MAX))
        except queue.Empty:
            return None

    def close(self) -> None:
        """Kill the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


def _collect(stream: IO[str] | None, answers: queue.Queue[str | None]) -> None:
    """Put each line of `stream` into `answers`, and None at its end."""
    assert stream is not None
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            answers.put(line)
    answers.put(None)


def _decode(line: str) -> tuple[int, whole.Outcome]:
    record = json.loads(line)
    value = record["outcome"].pop("value")
    known = None if value is None else exact.parse(value, max_bits=_UNLIMITED_BITS)
    conditions = tuple(record["outcome"].pop("conditions"))
    return record["position"], whole.Outcome(
        value=known, conditions=conditions, **record["outcome"]
    )


def serve() -> None:
    """Answer the requests on standard input until it ends: the child's side."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.setrecursionlimit(20_000)
    threading.stack_size(512 * 2**20)
    thread = threading.Thread(target=_serve)
    thread.start()
    thread.join()


def _serve() -> None:
    rules = Rules()
    for line in sys.stdin:
        request = json.loads(line)
        root = graphfile.from_json(request["graph"], max_bits=_UNLIMITED_BITS)
        seed = exact.parse(request["seed"], max_bits=_UNLIMITED_BITS)
        result = chain.prove(Graph(root), rules, seed, checks=())
        for i in request["positions"]:
            outcome = asdict(whole.prove_node(result, i, whole.LARGE))
            value = outcome["value"]
            outcome["value"] = None if value is None else number.exact_text(value)
            print(json.dumps({"position": i, "outcome": outcome}), flush=True)
