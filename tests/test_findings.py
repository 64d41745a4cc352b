"""The Report of an inquiry: what is shown, where it holds, and what was not seen."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest

from minigrad.errors import TooLarge
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, Sample
from minigrad.verify.components import Finding
from minigrad.verify.domains import Domain
from minigrad.verify.findings import report_of
from minigrad.verify.inquiry import Inquiry
from minigrad.verify.judge import Judge
from minigrad.verify.report import Report, Verdict
from minigrad.verify.symbolic import Rules

RULES = Rules()


def looked(function: Any, gradient: Any, *points: Any) -> Inquiry:
    """An inquiry that has looked at these points."""
    layout, _ = of_point(function, points[0])
    claim = Claim(Kind.GRADIENT, function, gradient, layout)
    found = Inquiry(claim, RULES, time.monotonic() + 60, Domain(None, layout))
    for point in points:
        found.look(list(map(Fraction, point if isinstance(point, tuple) else (point,))))
    return found


def product(x: Any, y: Any) -> Any:
    return x * y


def grad_product(x: Any, y: Any) -> Any:
    return y + 1, x


def test_an_error_is_reproduced_at_small_numbers_unless_the_point_was_given() -> None:
    found = report_of(looked(product, grad_product, (7, "11/5")))
    assert found.title == "gradient of product"
    assert [entry.verdict for entry in found.entries] == [Verdict.REFUTED, Verdict.PROVED]
    assert found.findings == ("to reproduce: check_gradient(product, grad_product, (0, 0))",)
    given = report_of(looked(product, grad_product, (7, "11/5")), given=True)
    assert given.entries[0].point == {"x": 7, "y": Fraction(11, 5)}
    assert given.findings == ()


def test_a_ratio_is_written_as_text_and_a_lambda_by_a_letter() -> None:
    found = looked(
        lambda x: x / 2, lambda x: 1 if x == Fraction(1, 3) else Fraction(1, 2), "1/3", 1
    )
    (text,) = [text for text in report_of(found).findings if text.startswith("to reproduce")]
    assert text == 'to reproduce: check_gradient(f, gradient, "1/3")'


def branched(x: Any) -> Any:
    return x if x > 0 else -x


def of_branched(x: Any) -> Any:
    return 1 if x > 0 else -1


def test_branches_are_told_apart_and_what_was_not_reached_is_said() -> None:
    both = report_of(looked(branched, of_branched, 3, -3))
    assert both.branches == ("x > 0", "x <= 0")
    assert both.conditions == ()
    one: Report = report_of(looked(branched, of_branched, 3))
    assert (one.branches, one.conditions) == ((), ("x > 0",))
    assert len(one.findings) == 2
    assert all(
        ": x > 0 was True at every point: its other side was not reached" in f for f in one.findings
    )


def test_an_undecided_entry_for_each_argument_where_nothing_was_run() -> None:
    found = report_of(_without_points())
    assert [(e.label, str(e.verdict)) for e in found.entries] == [
        ("x", "undecided"),
        ("y", "undecided"),
    ]
    assert found.entries[0].message == "no point was looked at within the budget of seconds"


def _without_points() -> Inquiry:
    layout, _ = of_point(product, (1, 1))
    claim = Claim(Kind.GRADIENT, product, grad_product, layout)
    return Inquiry(claim, RULES, time.monotonic() - 1, Domain(None, layout))


def test_what_was_lost_leaves_nothing_proved() -> None:
    found = looked(product, lambda x, y: (y, x + 1), (2, 3))
    found.losses += ["left exact arithmetic: first", "left exact arithmetic: second"]
    report = report_of(found)
    # What is wrong stays wrong.
    assert [str(entry.verdict) for entry in report.entries] == ["undecided", "refuted"]
    assert report.entries[0].message == "left exact arithmetic: first"
    assert "left exact arithmetic: second" in report.findings
    assert "left exact arithmetic: first" not in report.findings


def test_points_at_which_the_function_raised_are_counted() -> None:
    found = looked(lambda x: 1 / x, lambda x: -1 / x**2, 2, 0)
    (text,) = report_of(found).findings
    assert text.startswith(
        "the function raised at 1 of the points tried: at x = 0 DivisionByZero: div("
    )


def test_a_side_on_which_there_is_no_verdict_was_not_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As where a number of the derivative outgrows its limit on one side of x = 5.
    def judged(judge: Judge, sample: Sample) -> list[Finding]:
        if sample.values[0] > 5:
            raise TooLarge("a number of a million bits")
        return plainly(judge, sample)

    plainly = Judge.judged
    monkeypatch.setattr(Judge, "judged", judged)
    found = looked(lambda x: 7 * x if x > 5 else x, lambda x: 7 if x > 5 else 1, 6, 2)
    report = report_of(found)
    texts = report.findings
    assert report.verdict is Verdict.UNDECIDED
    assert "x > 5 has a side of which all points were left out" in report.entries[0].message
    assert texts[0].startswith("1 of the points tried were left out")
    assert texts[1].endswith(": x > 5 was False at every point: its other side was not reached")
    assert len(texts) == 2


@pytest.mark.parametrize(("count", "says"), [(0, []), (3, ["3 of the points tried were left out"])])
def test_points_that_were_left_out_are_counted(count: int, says: list[str]) -> None:
    found = looked(product, lambda x, y: (y, x), (2, 3))
    found.judge.unsettled = ["too much work"] * count
    texts = [text.partition(":")[0] for text in report_of(found).findings]
    assert texts == says
