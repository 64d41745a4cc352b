"""Errors are shown by small numbers, within the domain."""

from fractions import Fraction

from minigrad.verify import check_gradient
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind
from minigrad.verify.domains import Domain
from minigrad.verify.inquiry import Inquiry
from minigrad.verify.report import Verdict
from minigrad.verify.smaller import shrunk
from minigrad.verify.symbolic import Rules


def inquiry_of(function, gradient, point):
    layout, _ = of_point(function, point)
    claim = Claim(Kind.GRADIENT, function, gradient, layout)
    return Inquiry(claim, Rules(), float("inf"), Domain(None, layout))


def test_an_error_is_shown_by_small_numbers():
    found = inquiry_of(
        lambda x, y: x * y, lambda x, y: (y + 1, x), (Fraction(7, 3), Fraction(11, 5))
    )
    found.look([Fraction(7, 3), Fraction(11, 5)])
    wrong = found.judge.findings[0]
    shown = shrunk(found, 0, wrong)
    assert shown.entry.verdict is Verdict.REFUTED
    assert list(shown.entry.point.values()) == [0, 0]
    # Within the domain alone.
    found.domain.predicate = lambda x, y: x > 1
    assert shrunk(found, 0, wrong).entry.point["x"] > 1


def test_where_numbers_agree_a_point_is_found_where_they_do_not():
    # At 0 both are 0.
    found = inquiry_of(lambda x: x**2, lambda x: 3 * x, 0)
    found.look([Fraction(0)])
    wrong = found.judge.findings[0]
    assert wrong.agrees
    shown = shrunk(found, 0, wrong)
    assert not shown.agrees
    assert shown.entry.point["x"] != 0


def test_where_there_is_none_in_a_domain_the_verdict_is_open():
    point = (Fraction(3, 5), Fraction(4, 5))
    domain = lambda x, y: x * x + y * y == 1
    report = check_gradient(
        lambda x, y: x * y, lambda x, y: (y, x * (x * x + y * y)), point, domain=domain
    )
    assert report.entries[1].verdict is Verdict.UNDECIDED
    assert "no point of the domain was found" in report.entries[1].message
