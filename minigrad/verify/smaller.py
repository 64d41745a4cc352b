"""An error of a hand-written derivative, shown by numbers as small as are quickly found.

That of 7*x beside 6*x is plainer at x = 1 than at x = 26/11. Where formulas differ and numbers agree at
the point that was met, another one is looked for first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from minigrad.errors import NotDecided, TooLarge
from minigrad.rational import OutOfBudget
from minigrad.verify import points
from minigrad.verify.components import Finding
from minigrad.verify.inquiry import Inquiry
from minigrad.verify.report import Verdict

__all__ = ["shrunk"]

_SHRINKING: Final = 80
"""Runs to find smaller numbers that show one error."""
_SMALL: Final = tuple(map(Fraction, (0, 1, -1, 2, 3)))


def shrunk(inquiry: Inquiry, k: int, finding: Finding) -> Finding:
    """The same error, shown by numbers as small as are quickly found; undecided if by none.

    A domain may be a curve, on which formulas agree that differ elsewhere.
    """
    entry = finding.entry
    values = [entry.point[label] for label in entry.point]
    best = finding
    if finding.agrees:
        near = _first_showing(inquiry, k, values)
        if near is None:
            return finding if inquiry.domain.predicate is None else _without_a_point(finding)
        best, values = near
    tries = 0
    for i in range(len(values)):
        for smaller in _SMALL:
            if tries >= _SHRINKING or smaller == values[i] or abs(values[i]) < abs(smaller):
                break
            tries += 1
            moved = [*values[:i], smaller, *values[i + 1 :]]
            found = _shows(inquiry, k, moved)
            if found is not None:
                best, values = found, moved
                break
    return best


def _first_showing(
    inquiry: Inquiry, k: int, values: list[Fraction]
) -> tuple[Finding, list[Fraction]] | None:
    """A point where the numbers of component `k` differ, as its formulas do."""
    for scale in (Fraction(1), Fraction(1, 100), Fraction(1, 10**6)):
        for offsets in points.generic(len(values), 0):
            moved = [x + scale * offset for x, offset in zip(values, offsets, strict=True)]
            found = _shows(inquiry, k, moved)
            if found is not None:
                return found, moved
    return None


def _shows(inquiry: Inquiry, k: int, values: Sequence[Fraction]) -> Finding | None:
    """What is found of component `k` at `values`, if it is refuted there in numbers."""
    if inquiry.is_late or not inquiry.domain.holds(values):
        return None
    ran = inquiry.run(values)
    usable = ran.function.error is None and ran.derivative is not None
    if not usable or ran.derivative is None or ran.derivative.error is not None:
        return None
    if any(run.leaks or run.swallowed for run in ran.runs):
        return None
    try:
        finding = inquiry.judge.judged(ran)[k]
    except (NotDecided, OutOfBudget, TooLarge):
        return None
    shows = finding.entry.verdict is Verdict.REFUTED and not finding.agrees
    return finding if shows else None


def _without_a_point(finding: Finding) -> Finding:
    says = (
        "equal at the points that were looked at, exactly; the formulas differ, and no point of the "
        "domain was found where their numbers do"
    )
    entry = replace(finding.entry, verdict=Verdict.UNDECIDED, proof="points", message=says)
    return Finding(entry)
