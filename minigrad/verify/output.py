"""Results as text for a person, and as JSON and JUnit XML for machines."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

import minigrad
from minigrad.verify.report import Verdict, paint, render
from minigrad.verify.run import Result

__all__ = ["as_json", "as_junit", "as_text", "summary"]

_WORDS: Final = ("proved", "kink", "undecided", "refuted", "error")


def as_text(result: Result, *, colour: bool, verbosity: int) -> str:
    """One result: its Reports, or its error. With negative `verbosity`, nothing where all is well."""
    if result.error:
        return f"{paint('error', 'refuted', colour=colour)} {result.name}\n  {result.error}\n"
    if verbosity < 0 and result.verdict in (Verdict.PROVED, Verdict.KINK):
        return ""
    parts = [render(report, colour=colour, verbose=verbosity > 0) for report in result.reports]
    if result.remark:
        parts.append(f"  {paint(result.remark, result.status, colour=colour)}")
    return "\n".join(parts) + "\n"


def counts(results: Sequence[Result]) -> tuple[Counter[str], Counter[str]]:
    """How many items, and how many of their entries, have each verdict.

    Refutations that were expected are counted as `refuted as expected`, and as no failure.
    """
    items: Counter[str] = Counter(result.status for result in results)
    entries: Counter[str] = Counter()
    for result in results:
        for k, report in enumerate(result.reports):
            expected = result.expect_refuted and k > 0 and result.verdict is not Verdict.REFUTED
            for entry in report.entries:
                word = str(entry.verdict)
                entries["refuted as expected" if expected and word == "refuted" else word] += 1
    return items, entries


def summary(results: Sequence[Result], seconds: float, *, colour: bool) -> str:
    """One or two lines: how many items there were, and the verdicts on them and on their nodes."""
    items, entries = counts(results)
    shown = [
        paint(f"{items[word]} {word}", "refuted" if word == "error" else word, colour=colour)
        for word in _WORDS
        if items[word]
    ]
    inner = ", ".join(f"{n:,} {word}" for word, n in sorted(entries.items(), key=_order))
    noun = "item" if len(results) == 1 else "items"
    return f"{len(results)} {noun} in {seconds:.1f} s: {', '.join(shown)}   (verdicts: {inner or 'none'})"


def _order(pair: tuple[str, int]) -> int:
    words = ("proved", "kink", "undecided", "refuted", "refuted as expected")
    return words.index(pair[0])


def as_json(
    results: Sequence[Result], seconds: float, status: int, extra: Mapping[str, object]
) -> str:
    """All results as one JSON document; numbers are exact text. `extra` stands beside the results."""
    items, entries = counts(results)
    document = {
        "minigrad": minigrad.__version__,
        "exit_status": status,
        "seconds": round(seconds, 3),
        "items": dict(items),
        "verdicts": dict(entries),
        **extra,
        "results": [
            {
                "name": result.name,
                "status": result.status,
                "remark": result.remark,
                "error": result.error,
                "seconds": round(result.seconds, 3),
                "reports": [report.to_dict() for report in result.reports],
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def as_junit(results: Sequence[Result], seconds: float, *, strict: bool) -> str:
    """All results as JUnit XML: one test case each, failures where the exit status has one."""
    failing = {"refuted", "undecided"} | ({"kink"} if strict else set())
    status = Counter(result.status for result in results)
    suite = ElementTree.Element(
        "testsuite",
        name="minigrad.verify",
        tests=str(len(results)),
        failures=str(sum(status[word] for word in failing)),
        errors=str(status["error"]),
        time=f"{seconds:.3f}",
    )
    for result in results:
        place, _, name = result.name.partition("::")
        element = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_legal(place),
            name=_legal(name or place),
            time=f"{result.seconds:.3f}",
        )
        text = as_text(result, colour=False, verbosity=0)
        if result.error:
            ElementTree.SubElement(element, "error", message=_legal(result.error)).text = _legal(
                text
            )
        elif result.status in failing:
            failure = ElementTree.SubElement(
                element, "failure", type=result.status, message=result.status
            )
            failure.text = _legal(text)
        ElementTree.SubElement(element, "system-out").text = _legal(text)
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, "unicode") + "\n"
    )


_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _legal(text: str) -> str:
    """`text` without the characters that XML 1.0 has no way to write."""
    return _ILLEGAL.sub("�", text)
