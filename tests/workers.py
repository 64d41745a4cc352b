"""What the tests have workers do: importable there, as a job must be. And who is still alive afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def nothing() -> None:
    """A state for jobs that need none."""


def counted() -> list[int]:
    """A state that counts the parts done with it."""
    return []


def tally(state: list[int], part: int) -> int:
    state.append(part)
    return len(state)


def act(_: object, part: str) -> str:
    """What `part` says: answer, hang, die in one of several ways, …"""
    word, _, rest = part.partition(" ")
    if word == "hang":
        time.sleep(1_000)
    elif word == "exit":
        os._exit(7)
    elif word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "memory":
        bytearray(2**36)
    elif word == "raise":
        raise ValueError(rest)
    elif word == "interrupt":
        raise KeyboardInterrupt
    elif word == "sleep":
        time.sleep(float(rest))
    elif word == "print":
        os.write(1, b"stray bytes")
        print(rest, flush=True)
    elif word == "mark":
        # Its process, in a file: to be found and ended from outside.
        Path(rest).write_text(str(os.getpid()), encoding="ascii")
    elif word == "once" and not Path(rest).exists():
        # The first to come dies with the process that watches it; whoever comes later does not.
        Path(rest).touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1_000)
    return part.upper()


def unpicklable(_: object, part: str) -> Callable[[], str]:
    return lambda: part


def alive(process: int) -> bool:
    """Whether a process of this id is there and no zombie."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def until(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    """Whether `condition` comes true within so long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
