"""Results with their numbers as text, to be sent from process to process and kept in files.

    light = written(result)                  # prints as `result` does
    from_record(to_record(light)) == light   # through JSON

Writing a closed form takes SymPy as long as proving something about it, so the process that found a
number writes it too. What is written here is read by nobody but `output`, to which it looks like the
number. A number of ordinary size stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any, Final

from minigrad.number import bits, parse
from minigrad.number_text import exact_text, short_text
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.run import Result

__all__ = ["Written", "from_record", "to_record", "written"]

_ORDINARY: Final = 1_000
"""Bits of a fraction that is sent as it is."""


@dataclass(frozen=True, slots=True)
class Written:
    """A number as text: in full, and as it is shown."""

    full: str
    shown: str

    def __str__(self) -> str:
        return self.full

    def text(self) -> str:
        """As it is shown."""
        return self.shown


def written(result: Result, *, in_full: bool = True) -> Result:
    """`result` with its numbers written, `in_full` too if that will be asked for.

    >>> from minigrad.verify.proof import verify
    >>> from minigrad.scalar import Scalar
    >>> result = written(Result("exp", (verify(Scalar(1, "x").exp()),)))
    >>> [str(entry.value) for entry in result.reports[0].entries]
    ['1', 'E']
    """
    seen: dict[int, Any] = {}

    def write(number: Any) -> Any:
        if number is None or (isinstance(number, Fraction) and bits(number) <= _ORDINARY):
            return number
        # One object may stand in many places: the point in every entry.
        if id(number) not in seen:
            shown = short_text(number)
            seen[id(number)] = Written(exact_text(number) if in_full else shown, shown)
        return seen[id(number)]

    return _with_numbers(result, write)


def _with_numbers(result: Result, change: Callable[[Any], Any]) -> Result:
    """`result` with `change` made to every number in it."""
    points: dict[int, Mapping[str, Any]] = {}

    def point_of(point: Mapping[str, Any]) -> Mapping[str, Any]:
        if id(point) not in points:
            points[id(point)] = {name: change(number) for name, number in point.items()}
        return points[id(point)]

    def entry_of(entry: Entry) -> Entry:
        return replace(
            entry,
            value=change(entry.value),
            gradient=change(entry.gradient),
            expected=change(entry.expected),
            point=point_of(entry.point),
        )

    reports = [
        replace(
            report,
            entries=tuple(map(entry_of, report.entries)),
            points=tuple(map(point_of, report.points)),
        )
        for report in result.reports
    ]
    return replace(result, reports=tuple(reports))


def to_record(result: Result) -> dict[str, Any]:
    """A result whose numbers are written, as what JSON has."""

    def write(number: Any) -> Any:
        return [number.full, number.shown] if isinstance(number, Written) else _text(number)

    return asdict(_with_numbers(result, write))


def _text(number: Fraction | None) -> str | None:
    return None if number is None else exact_text(number)


def from_record(record: Mapping[str, Any]) -> Result:
    """The result of a record. Raises KeyError, TypeError or ValueError for what is none."""
    _check_texts(record, ("name", "error"))
    for report in record["reports"]:
        _check_texts(report, ("title",))
        for key in ("conditions", "branches", "findings"):
            if not isinstance(report[key], list):
                raise TypeError("expected a list of texts")
            _check_texts(report[key], range(len(report[key])))
        for entry in report["entries"]:
            _check_texts(entry, ("label", "proof", "operator", "derivative", "message"))
    if not isinstance(record["seconds"], (int, float)):
        raise TypeError("expected seconds")
    reports = tuple(
        Report(
            entries=tuple(
                Entry(**{**entry, "verdict": Verdict(entry["verdict"])})
                for entry in report["entries"]
            ),
            title=report["title"],
            conditions=tuple(report["conditions"]),
            points=tuple(report["points"]),
            branches=tuple(report["branches"]),
            findings=tuple(report["findings"]),
        )
        for report in record["reports"]
    )
    return _with_numbers(Result(**{**record, "reports": reports}), _number)


def _check_texts(record: Any, keys: Iterable[Any]) -> None:
    if not all(isinstance(record[key], str) for key in keys):
        raise TypeError("expected texts")


def _number(known: Any) -> Any:
    if known is None:
        return None
    return parse(known) if isinstance(known, str) else Written(*known)
