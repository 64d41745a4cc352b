"""What a verification says: a Report of entries, each with a verdict, and its text.

    >>> from minigrad import Scalar
    >>> from minigrad.verify import verify
    >>> x = Scalar(3, "x")
    >>> report = verify(x * x)
    >>> report.verdict, report.ok, [(entry.label, str(entry.gradient)) for entry in report.entries]
    (<Verdict.PROVED: 'proved'>, True, [('x', '6'), ('v1', '1')])

A Report is plain data: it can be pickled, compared, and turned into a dict for JSON.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from minigrad.errors import GradientMismatch
from minigrad.number_text import exact_text, short_text

__all__ = ["Entry", "Report", "Verdict", "clean", "paint", "render", "worst"]


class Verdict(StrEnum):
    """The verdicts, from best to worst.

    - `proved`: the gradient equals SymPy's derivative for all inputs on the branch taken, under the
      stated conditions, and the number here is right;
    - `probable`: the number here is right, and the formulas agree at a random point modulo a random
      prime, which happens to formulas that differ with the probability that is stated. Only the
      method "modular" says so;
    - `kink`: a piecewise operator stands at its boundary; the one-sided derivatives are given;
    - `undecided`: the budget ran out, or what is compared could not be decided;
    - `refuted`: it is not the derivative; the difference and the blame are given.
    """

    PROVED = "proved"
    PROBABLE = "probable"
    KINK = "kink"
    UNDECIDED = "undecided"
    REFUTED = "refuted"

    @property
    def rank(self) -> int:
        """The higher, the worse."""
        return list(Verdict).index(self)

    @property
    def ok(self) -> bool:
        """Whether it is neither refuted nor undecided."""
        return self.rank <= Verdict.KINK.rank


# Not frozen: there is one for each node of a graph, and it would take four times as long to make.
@dataclass(slots=True)
class Entry:
    """The verdict on one node, or on one claim.

    `gradient` is what was found there, `derivative` SymPy's expression as text (in terms of the
    nodes' names; with the proof `"chain"`, D[c] is the derivative by the user c), `expected` its
    value here, and `difference` the first minus the last, symbolic where it can be. `proof` is
    `"whole"` (which includes the chain proof, with method "auto"), `"chain"`, `"modular"` or
    `"one-sided"`; of a claim it is `"identity"`, `"one-sided"`, `"number"`, `"points"` for a few points
    near by, or `"rounding"` where both are equal but for that of floats. What is `"one-sided"` holds at
    this point alone: at a boundary no formula holds on both sides.
    """

    label: str
    verdict: Verdict
    proof: str = ""
    operator: str = ""
    value: Fraction | None = None
    gradient: Fraction | None = None
    derivative: str = ""
    expected: Fraction | None = None
    difference: str | None = None
    blame: str | None = None
    point: Mapping[str, Fraction] = field(default_factory=dict)
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The entry with every number as exact text, for JSON; the point stands in the Report."""
        return {
            "label": self.label,
            "verdict": str(self.verdict),
            "proof": self.proof,
            "operator": self.operator,
            "value": _exact(self.value),
            "gradient": _exact(self.gradient),
            "derivative": self.derivative,
            "expected": _exact(self.expected),
            "difference": self.difference,
            "blame": self.blame,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The entries of one verification, and where they hold.

    `points` are the inputs by leaf, `branches` the pieces that piecewise operators took there,
    `conditions` what must hold for the verdicts to be true of other inputs, and `findings` remarks.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    conditions: tuple[str, ...] = ()
    points: tuple[Mapping[str, Fraction], ...] = ()
    branches: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the entries; `proved` where there is nothing to prove."""
        return worst(entry.verdict for entry in self.entries)

    @property
    def ok(self) -> bool:
        """Whether nothing is refuted or undecided."""
        return self.verdict.ok

    def raise_if_failed(self) -> None:
        """Raise GradientMismatch (an AssertionError) with this Report's text unless it is `ok`."""
        __tracebackhide__ = True
        if not self.ok:
            error = GradientMismatch(str(self))
            error.report = self
            raise error

    def to_dict(self) -> dict[str, Any]:
        """The whole Report with every number as exact text, for JSON."""
        return {
            "title": self.title,
            "verdict": str(self.verdict),
            "ok": self.ok,
            "points": [{name: exact_text(x) for name, x in point.items()} for point in self.points],
            "entries": [entry.to_dict() for entry in self.entries],
            "conditions": list(self.conditions),
            "branches": list(self.branches),
            "findings": list(self.findings),
        }

    def __str__(self) -> str:
        return render(self)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; `proved` if there are none."""
    found = Verdict.PROVED
    for verdict in verdicts:
        if verdict is not found and verdict.rank > found.rank:
            found = verdict
    return found


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)


# --- text ----------------------------------------------------------------------------------------

_COLOURS: Final = {
    "proved": "32",
    "probable": "36",
    "kink": "33",
    "undecided": "35",
    "refuted": "31",
    "bold": "1",
    "faint": "2",
}
_HEAD: Final = ("node", "operator", "value", "gradient", "SymPy's derivative", "verdict", "proof")
_WIDEST: Final = (32, 9, 22, 26, 36, 9, 9)
_NARROWEST: Final = (12, 8, 12, 12, 18, 9, 9)
_LONGEST: Final = 400
"""Characters of a title, message or list that are shown unless all is asked for."""


def paint(text: str, style: str, *, colour: bool) -> str:
    """`text` in the colour of a verdict, for a terminal."""
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if colour and style in _COLOURS else text


def render(report: Report, *, colour: bool = False, verbose: bool = False) -> str:
    """The Report as text: a table of its entries, and below it what is not proved, and why.

    Cells are shortened to fit a screen unless `verbose`, which also lists conditions and branches.
    """
    longest = 10**6 if verbose else _LONGEST
    lines = []
    if report.title:
        lines.append(paint(_cut(clean(report.title), longest), "bold", colour=colour))
    lines += [f"  {_points(report.points)}"] if any(report.points) else []
    lines += _table(report.entries, colour=colour, verbose=verbose)
    for entry in report.entries:
        # What is probable is so for the same reason everywhere, which a finding says.
        if entry.verdict not in (Verdict.PROVED, Verdict.PROBABLE):
            lines += _explanation(entry, longest, colour=colour)
    for title, texts in (("holds where", report.conditions), ("branches", report.branches)):
        if texts:
            lines.append(f"  {title}: {_cut(_listed(texts, None if verbose else 6), longest)}")
    lines += [f"  note: {_cut(clean(finding), longest)}" for finding in report.findings]
    return "\n".join(lines)


def _table(entries: Sequence[Entry], *, colour: bool, verbose: bool) -> list[str]:
    if not entries:
        return []
    rows = [_cells(entry, verbose=verbose) for entry in entries]
    if not verbose:
        widest = _widest(rows, shutil.get_terminal_size((130, 24)).columns)
        rows = [[_cut(cell, w) for cell, w in zip(row, widest, strict=True)] for row in rows]
    widths = _widths(rows)
    lines = [paint("  " + _row(_HEAD, widths), "faint", colour=colour)]
    for row, entry in zip(rows, entries, strict=True):
        line = "  " + _row(row, widths)
        verdict = str(entry.verdict)
        before, _, after = line.rpartition(verdict)
        lines.append(before + paint(verdict, verdict, colour=colour) + after)
    return lines


def _widest(rows: Sequence[Sequence[str]], columns: int) -> list[int]:
    """How wide each column of the table may be, so that it fits a terminal if at all possible."""
    widest = list(_WIDEST)
    widest[4] = max(widest[4], columns)
    widths = list(map(min, _widths(rows), widest))
    over = sum(widths) + 2 * len(widths) - columns
    # Formulas give way first, then gradients, values, and labels.
    for k in (4, 3, 2, 0):
        give = max(min(over, widths[k] - _NARROWEST[k]), 0)
        widest[k] = widths[k] - give
        over -= give
    return widest


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(_width, column)) for column in zip(_HEAD, *rows, strict=True)]


def _cells(entry: Entry, *, verbose: bool) -> list[str]:
    number = exact_text if verbose else short_text
    return [
        clean(entry.label),
        entry.operator,
        "" if entry.value is None else number(entry.value),
        "" if entry.gradient is None else number(entry.gradient),
        clean(entry.derivative),
        str(entry.verdict),
        entry.proof,
    ]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(c + " " * (w - _width(c)) for c, w in zip(cells, widths, strict=True)).rstrip()


def _explanation(entry: Entry, longest: int, *, colour: bool) -> list[str]:
    label = _cut(clean(entry.label), _WIDEST[0])
    head = paint(f"{entry.verdict} {label}", str(entry.verdict), colour=colour)
    lines = [f"  {head}: {_cut(clean(entry.message), longest)}"]
    if entry.difference is not None:
        lines.append(f"    difference: {_cut(clean(entry.difference), longest)}")
    if entry.blame:
        lines.append(f"    blame: {_cut(clean(entry.blame), longest)}")
    return lines


def _point(point: Mapping[str, Fraction]) -> str:
    numbers = [f"{_cut(clean(name), _WIDEST[0])} = {short_text(x)}" for name, x in point.items()]
    return _listed(numbers, 12)


def _points(points: Sequence[Mapping[str, Fraction]]) -> str:
    first = f"at {_point(points[0])}"
    return first if len(points) == 1 else f"{first}, and at {len(points) - 1:,} points more"


def _listed(texts: Sequence[str], most: int | None) -> str:
    shown = ", ".join(map(clean, texts[:most]))
    return (
        f"{shown}, … {len(texts) - most:,} more"
        if most is not None and len(texts) > most
        else shown
    )


def clean(text: str) -> str:
    """`text` without what would move the cursor or colour the screen: labels come from anywhere."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _width(text: str) -> int:
    """The columns that `text` takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
