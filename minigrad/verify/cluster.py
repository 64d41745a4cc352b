"""A Dask cluster as an executor: `distributed`'s own interface, and no scheduler of minigrad's."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

from minigrad.errors import CaseError

__all__ = ["executor_at"]

_PATIENCE = 10
"""Seconds to wait for a scheduler."""


@contextlib.contextmanager
def executor_at(address: str) -> Iterator[Executor]:
    """The executor of the Dask cluster whose scheduler is at `address`, such as `tcp://10.0.0.1:8786`.

    Its workers need minigrad of this version. Raises CaseError where `distributed` is not installed, or
    no scheduler answers.
    """
    try:
        # Not typed throughout.
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise CaseError("--dask needs distributed: pip install 'minigrad[dask]'") from None
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CaseError(f"--dask: no scheduler answers at {address}: {error}") from None
    with client:
        # Two equal calls are two: what a worker lost is not to be answered from memory.
        executor: Executor = client.get_executor(pure=False)
        yield executor
