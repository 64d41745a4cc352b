"""What is known of each component of a claim: the worst that was found of it, at whatever points.

    >>> from minigrad.verify.report import Verdict
    >>> wrong = Finding(Entry("x", Verdict.REFUTED))
    >>> worse(Finding(Entry("x", Verdict.PROVED)), wrong) is wrong
    True

A finding is put into words when it is shown: many are made, one for each component and point, and the
factors of a difference may take longer to find than it took to find that there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from minigrad.number import bits
from minigrad.verify.report import Entry, Verdict

__all__ = ["Component", "Finding", "counted", "rounded_away", "worse"]


_TELLING: Final = ("identity", "rounding")
"""Of verdicts that are alike, what was found of formulas counts."""


class Finding(NamedTuple):
    """A verdict, and what puts it into words, if anything: that may take longer than it took to find.

    `agrees` is whether a component that is refuted has the right number all the same.
    """

    entry: Entry
    words: Callable[[Entry], Entry] | None = None
    agrees: bool = False

    def spelt(self) -> Entry:
        """The entry in full."""
        return self.entry if self.words is None else self.words(self.entry)


@dataclass
class Component:
    """What is known of one component so far."""

    finding: Finding | None = None
    agreements: int = 0
    is_formula: bool = False


def worse(old: Finding | None, new: Finding) -> Finding:
    """Which of two verdicts on a component counts: the worse; of two alike, what shows more."""
    if old is None:
        return new
    before, now = old.entry, new.entry
    if now.verdict.rank != before.verdict.rank:
        return new if now.verdict.rank > before.verdict.rank else old
    if now.verdict is Verdict.REFUTED:
        return new if _obscurity(new) < _obscurity(old) else old
    return new if now.proof in _TELLING and before.proof not in _TELLING else old


def _obscurity(finding: Finding) -> tuple[int, int]:
    """The less, the better a refutation is to be shown: formulas, different numbers, small ones."""
    entry = finding.entry
    size = sum(2 * bits(x) + (x < 0) for x in entry.point.values() if x)
    return finding.agrees + 2 * (entry.proof != "identity"), size


def rounded_away(entry: Entry, says: str) -> Entry:
    """`entry`, undecided: it differs by no more than the rounding of floats may explain."""
    return replace(
        entry,
        verdict=Verdict.UNDECIDED,
        proof="rounding",
        message=says,
        blame=None,
        difference=None,
    )


def counted(component: Component, *, left_out: bool = False) -> Finding:
    """What is to be said of a component, with the number of agreements where that is all there is.

    `left_out` is whether there were points of which nothing was found.
    """
    finding = component.finding
    assert finding is not None
    entry = finding.entry
    if entry.verdict in (Verdict.PROVED, Verdict.KINK):
        if component.is_formula or (component.agreements < 2 and not left_out):
            return finding
        says = "a comparison may change the formula at each of the points"
        if component.agreements < 2:
            says = "the formula beside it is not known, for other points were left out"
        entry = replace(entry, verdict=Verdict.UNDECIDED, proof="points", message=says)
    if entry.verdict is not Verdict.UNDECIDED or entry.proof != "points":
        return finding
    points = f"{component.agreements} points" if component.agreements > 1 else "this point"
    message = f"equal at {points}, exactly; not proved for all: {entry.message}"
    return Finding(replace(entry, message=message))
