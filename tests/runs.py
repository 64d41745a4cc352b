"""Runs of functions under watch, as several tests start them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minigrad.number import Floats
from minigrad.trace import Run, Trace, run


def ran(function: Callable[..., Any], *values: Any, floats: Floats = "decimal") -> Run:
    """`function` run on leaves x, y, z of these values."""
    trace = Trace(floats)
    return run(function, [trace.leaf(v, n) for v, n in zip(values, "xyz", strict=False)], trace)


def line_of(function: Callable[..., Any]) -> int:
    """The first line of a function's body, which stands below its `def`."""
    return function.__code__.co_firstlineno + 1


def numpy() -> Any:
    return pytest.importorskip("numpy")
