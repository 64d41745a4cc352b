"""Results as text for a person, and as JSON and JUnit XML for machines."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

import minigrad
from minigrad.verify.report import Verdict, clean, paint, render
from minigrad.verify.run import Result

__all__ = ["as_json", "as_junit", "as_text", "reason", "summary"]

_WORDS: Final = (*map(str, Verdict), "error")


def as_text(result: Result, *, colour: bool = False, verbose: bool = False) -> str:
    """One result: its Reports, or its error."""
    if result.error:
        head = f"{paint('error', 'refuted', colour=colour)} {clean(result.name)}"
        return "\n  ".join([head, *map(clean, result.error.splitlines())]) + "\n"
    parts = [render(report, colour=colour, verbose=verbose) for report in result.reports]
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
            expected = (
                result.expect_refuted
                and k >= result.first_claim
                and result.verdict is not Verdict.REFUTED
            )
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
    text = f"{len(results)} {noun} in {seconds:.1f} s"
    return f"{text}: {', '.join(shown)}   (verdicts: {inner or 'none'})" if results else text


def _order(pair: tuple[str, int]) -> int:
    return [*Verdict, "refuted as expected"].index(pair[0])


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
    failing = [result for result in results if result.fails(strict=strict)]
    errors = sum(1 for result in failing if result.error)
    suite = ElementTree.Element(
        "testsuite",
        name="minigrad.verify",
        tests=str(len(results)),
        failures=str(len(failing) - errors),
        errors=str(errors),
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
        text = _legal(as_text(result))
        if result.fails(strict=strict):
            kind = "error" if result.error else "failure"
            message = _legal(result.error or reason(result))
            failure = ElementTree.SubElement(element, kind, type=result.status, message=message)
            failure.text = text
        ElementTree.SubElement(element, "system-out").text = text
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    # In ASCII, other characters by their number, whatever the stream makes of them.
    document = ElementTree.tostring(suites, "us-ascii", xml_declaration=False).decode("ascii")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document}\n'


def reason(result: Result) -> str:
    """The first entry that has the verdict of `result`, in a line."""
    entries = (entry for report in result.reports for entry in report.entries)
    first = next((entry for entry in entries if entry.verdict is result.verdict), None)
    return result.remark if first is None else f"{first.verdict} {first.label}: {first.message}"


_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _legal(text: str) -> str:
    """`text` without the characters that XML 1.0 has no way to write."""
    return _ILLEGAL.sub("�", text)
