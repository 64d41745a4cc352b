"""The Report of an inquiry: its entries, where they hold, and what else is to be said.

Errors are shown by the smallest numbers that were found, with a line that reproduces the first of them.
What the search did not see is said as well: branches that were not reached, points at which the
function raised, floats that were rounded before, numbers that left exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from minigrad.errors import InvalidOperand
from minigrad.number_text import exact_text, short_text
from minigrad.records import outcomes
from minigrad.verify import branches, limits
from minigrad.verify.claims import point_text
from minigrad.verify.inquiry import Inquiry
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.smaller import shrunk

__all__ = ["report_of"]

_MOST_LISTED: Final = 12
_MOST_ROUNDED: Final = 6
_MOST_SHRUNK: Final = 8
"""Components whose errors are brought to small numbers."""
_MOST_BOUNDARIES: Final = 3
"""Boundaries that were not stood on, of which it is said."""
_MOST_OTHERWISE: Final = 4
"""Points at which the programs do something else with floats."""
_LONGEST: Final = 200
"""Characters of a number in a line that reproduces an error."""


def report_of(inquiry: Inquiry, *, given: bool = False) -> Report:
    """What was found; where the point was `given`, errors are shown there and not by smaller numbers."""
    findings = inquiry.judge.findings
    if not given:
        wrong = [k for k, f in enumerate(findings) if f.entry.verdict is Verdict.REFUTED]
        for place, k in enumerate(wrong):
            # Of what differs in formulas alone a point is looked for that shows it.
            if place < _MOST_SHRUNK or findings[k].agrees:
                findings[k] = shrunk(inquiry, k, findings[k])
    entries = [finding.spelt() for finding in findings] or _unjudged(inquiry)
    losses = [*inquiry.losses, *_unseen(inquiry), *_unjudged_sides(inquiry)]
    if losses:
        entries = [_lost(entry, losses[0]) for entry in entries]
    if inquiry.otherwise:
        entries = [_of_another(entry, inquiry.otherwise[0]) for entry in entries]
    shown = next((e for e in entries if e.verdict is Verdict.REFUTED and not given), None)
    conditions = _conditions(inquiry)
    return Report(
        tuple(entries),
        f"{inquiry.claim.kind} of {_name(inquiry.claim.function)}",
        tuple(conditions),
        tuple(inquiry.judge.points),
        tuple(_paths(inquiry, conditions)),
        tuple(_findings(inquiry, shown)),
    )


def _unjudged(inquiry: Inquiry) -> list[Entry]:
    """An undecided entry for each argument, where no run came to an end."""
    says = "no point was looked at within the budget of seconds"
    if inquiry.judge.unsettled:
        says = f"no point could be judged: {inquiry.judge.unsettled[0]}"
    return [
        Entry(label, Verdict.UNDECIDED, operator="given", message=says)
        for label in inquiry.claim.layout.labels
    ]


def _unseen(inquiry: Inquiry) -> Iterator[str]:
    """Said where the function raised at a point for what minigrad is: a float would have gone through."""
    for point, error in inquiry.outside:
        about = limits.remark(error)
        if about or isinstance(error, InvalidOperand):
            said = f"the function raised {type(error).__name__}: {error}; at {point_text(point)}"
            yield f"{said}; {about}" if about else said
            return


def _unjudged_sides(inquiry: Inquiry) -> Iterator[str]:
    """Said where a branch was met, and all points on it were left out."""
    if not (inquiry.judge.points and inquiry.judge.unsettled):
        return
    for site, sides in inquiry.watch.left_out.items():
        comparison = inquiry.watch.comparisons.get(site)
        judged = inquiry.watch.judged[site]
        # On a boundary alone there is no branch.
        if not {-1, 1} & sides - judged:
            continue
        if comparison is None:
            what = f"the operator {site.place.name}"
        else:
            what = f"{comparison.place}: {comparison}"
            if outcomes(comparison.relation, sides) <= outcomes(comparison.relation, judged):
                continue
        why = inquiry.judge.unsettled[0]
        yield f"{what} has a side of which all points were left out, as where {why}"
        return


def _lost(entry: Entry, why: str) -> Entry:
    """`entry`, undecided where a number left exact arithmetic; but an error it shows is one."""
    if entry.verdict is Verdict.REFUTED:
        return entry
    return replace(entry, verdict=Verdict.UNDECIDED, message=why)


def _of_another(entry: Entry, why: str) -> Entry:
    """`entry`, undecided: what is found of one program, be it an error, is not known of another."""
    if entry.verdict is Verdict.UNDECIDED:
        return entry
    return replace(entry, verdict=Verdict.UNDECIDED, blame=None, difference=None, message=why)


def _conditions(inquiry: Inquiry) -> list[str]:
    """What held on every branch that was looked at."""
    paths = [path for path in inquiry.judge.paths.values() if path is not None]
    if not paths:
        return []
    common = set(paths[0]).intersection(*paths[1:])
    return [text for text in paths[0] if text in common]


def _paths(inquiry: Inquiry, conditions: list[str]) -> list[str]:
    """What told the branches apart, one text for each, if there was more than one."""
    known = [path for path in inquiry.judge.paths.values() if path is not None]
    texts = [
        " and ".join([text for text in path if text not in conditions]) or "otherwise"
        for path in known
    ]
    texts = list(dict.fromkeys(texts))
    if len(texts) < 2:
        return []
    more = len(inquiry.judge.paths) - len(known) + len(texts) - len(texts[:_MOST_LISTED])
    return texts[:_MOST_LISTED] + [f"{more} more"] * bool(more)


def _findings(inquiry: Inquiry, shown: Entry | None) -> Iterator[str]:
    if shown is not None:
        yield f"to reproduce: {_snippet(inquiry, shown)}"
    yield from inquiry.losses[1:]
    yield from inquiry.otherwise[1:_MOST_OTHERWISE]
    if (ran := inquiry.alone) is not None:
        at = point_text(ran.point)
        yield (
            f"the {inquiry.claim.kind} has branches that hold on a boundary alone, as at {at}: "
            "there it was compared in numbers"
        )
    rounded = [*inquiry.rounded]
    yield from rounded[:_MOST_ROUNDED]
    if more := len(rounded[_MOST_ROUNDED:]):
        yield f"{more} more floats were computed, and so rounded"
    yield from inquiry.notes
    if inquiry.has_written and not inquiry.is_lost:
        yield "numbers were written as text, on which no result was found to hang"
    if inquiry.judge.has_excused and inquiry.claim.floats == "decimal":
        yield 'floats="simplest" reads 0.3333333333333333 as 1/3, and what was rounded once is exact'
    if inquiry.judge.unsettled:
        yield (
            f"{len(inquiry.judge.unsettled)} of the points tried were left out: they would have taken "
            "more work or time than a search may"
        )
    if inquiry.outside:
        point, error = inquiry.outside[0]
        yield (
            f"the function raised at {len(inquiry.outside)} of the points tried: at "
            f"{point_text(point)} {type(error).__name__}: {error}"
        )
    if not inquiry.judge.all_refuted:
        yield from dict.fromkeys(_unreached(inquiry))
        yield from _steps(inquiry)
        yield from _not_stood_on(inquiry)


def _unreached(inquiry: Inquiry) -> Iterator[str]:
    """The comparisons of which only one outcome was seen, once for each place."""
    found: dict[Any, set[bool]] = {}
    for site, comparison in inquiry.watch.comparisons.items():
        holds = outcomes(comparison.relation, inquiry.watch.judged[site])
        found.setdefault((site.program, site.place), set()).update(holds)
    for site, comparison in inquiry.watch.comparisons.items():
        seen = found.pop((site.program, site.place), set())
        ran = inquiry.first_seen.get(site)
        if len(seen) != 1 or ran is None or inquiry.watch.judged[site] == {0}:
            continue
        if comparison.is_step or (comparison.at_end and (seen == {False} or ran.is_numpy)):
            continue  # nobody wrote it, and x**2 + 1 is never 0
        leaves = ran.own_leaves if site.program == "derivative" else ran.leaves
        text = branches.comparison_text(comparison, leaves, inquiry.rules)
        outcome = f"{text} was {seen.pop()} at every point"
        yield f"{comparison.place}: {outcome}: its other side was not reached"


def _steps(inquiry: Inquiry) -> Iterator[str]:
    """Of which whole numbers the programs were looked at, for each place where they make some."""
    for place, ends in [*inquiry.watch.steps.items()][:_MOST_BOUNDARIES]:
        low, high = map(short_text, (min(ends), max(ends)))
        yield (
            f"{place}: of the whole numbers that are made there, {len(ends)} were looked at, from steps "
            f"that begin at {low} to {high}"
        )


def _not_stood_on(inquiry: Inquiry) -> list[str]:
    """The boundaries at no number that is known, at which there may be a kink, once a place."""
    found: dict[Any, str] = {}
    for site, near in inquiry.not_stood_on.items():
        comparison, ran = inquiry.watch.comparisons.get(site), inquiry.first_seen.get(site)
        if comparison is None:
            what = str(site.place.name)
        elif ran is None:
            continue
        else:
            text = branches.comparison_text(comparison, ran.leaves, inquiry.rules)
            what = f"{comparison.place}: {text}"
        says = "was not looked at on its boundary near"
        found.setdefault(site.place, f"{what} {says} {near}: no rational number is known there")
    for site in inquiry.watch.not_found:
        comparison = inquiry.watch.comparisons.get(site)
        if comparison is None or not (comparison.is_step or comparison.at_end):
            what = site.place.name if comparison is None else f"{comparison.place}: {comparison}"
            found.setdefault(
                site.place, f"{what} was not looked at on its boundary: it was not found"
            )
    return [*found.values()][:_MOST_BOUNDARIES]


def _snippet(inquiry: Inquiry, entry: Entry) -> str:
    """A call that shows the error of `entry`."""
    kind = str(inquiry.claim.kind).lower()
    names = f"{_name(inquiry.claim.function)}, {_name(inquiry.claim.derivative, kind)}"
    values = [entry.point[label] for label in inquiry.claim.layout.labels]
    if any(len(exact_text(value)) > _LONGEST for value in values):
        return f"check_{kind}({names})"
    return f"check_{kind}({names}, {_literal(inquiry.claim.layout.point(values))})"


def _name(function: Callable[..., Any], otherwise: str = "f") -> str:
    name = str(getattr(function, "__name__", ""))
    return name if name.isidentifier() else otherwise


def _literal(point: Any) -> str:
    """A point as it is written in Python; a ratio is given as text."""
    if isinstance(point, tuple):
        return f"({', '.join(map(_literal, point))})"
    if isinstance(point, list):
        return f"[{', '.join(map(_literal, point))}]"
    text = exact_text(point)
    return f'"{text}"' if "/" in text else text
