"""Functions under check, and what tests ask of a report."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from minigrad.verify.report import Verdict

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict


def labels(report: Any, verdict: Verdict = REFUTED) -> list[str]:
    return [entry.label for entry in report.entries if entry.verdict is verdict]


def only(report: Any) -> Any:
    (entry,) = report.entries
    return entry


def finding(report: Any, start: str) -> str:
    """The one finding that has this text in it."""
    (found,) = [text for text in report.findings if start in text]
    return str(found)


def early_exit(x, y, z):
    total = 1
    for factor in (x, y, z):
        if factor == 0:
            return 0
        total = total * factor
    return total


def by_division(x, y, z):
    total = early_exit(x, y, z)
    return total / x, total / y, total / z


def zero_at_zero(x, y, z):
    if 0 in (x, y, z):
        return 0, 0, 0
    return by_division(x, y, z)


def median(x, y, z):
    return sorted((x, y, z))[1]


def of_median(x, y, z):
    middle = median(x, y, z)
    return tuple(1 if value is middle else 0 for value in (x, y, z))


def huber(x):
    return x * x / 2 if abs(x) <= 1 else abs(x) - Fraction(1, 2)


def saturated(x):
    return -1 if x < -1 else 1 if x > 1 else x


def peano(x, y):
    return 0 if x == 0 and y == 0 else x * y * (x * x - y * y) / (x * x + y * y)
