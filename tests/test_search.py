"""The points that the programs ask for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar
from minigrad.verify import points, search
from minigrad.verify.arguments import of_point
from minigrad.verify.check import check_gradient
from minigrad.verify.claims import Claim, Kind, Sample, sample
from minigrad.verify.points import Point
from minigrad.verify.report import Verdict
from minigrad.verify.search import Gap, Watch, is_settled, watched
from minigrad.verify.symbolic import Rules

RULES = Rules()
COUNTS = pytest.mark.parametrize("count", [0, 1, 2, 3, 9, 40])


def looked_at(function: Any, point: Any, derivative: Any = lambda *_: 0) -> Sample:
    layout, values = of_point(function, point)
    if derivative is None:
        derivative = lambda *xs: (0,) * len(xs)
    return sample(Claim(Kind.GRADIENT, function, derivative, layout), values, math.inf)


# --- points that nobody asked for ----------------------------------------------------------------


# --- what a sample passed ------------------------------------------------------------------------


def passed(found: Sample) -> list[tuple[str, int]]:
    return [(boundary.site.program, boundary.side) for boundary in watched(found, RULES)]


def test_comparisons_of_both_programs_are_boundaries():
    found = looked_at(lambda x: x if x > 1 else 2 * x, 3, lambda x: 1 if x >= 1 else 2)
    assert passed(found) == [("function", 1), ("derivative", 1)]
    at = looked_at(lambda x: x if x > 1 else 2 * x, 1)
    assert passed(at) == [("function", 0)]


def test_pieces_of_operators_are_boundaries():
    assert passed(looked_at(abs, -3)) == [("function", -1)]
    assert passed(looked_at(abs, 0)) == [("function", 0)]
    assert passed(looked_at(lambda x: x * x, 3, lambda x: 2 * minigrad.relu(x))) == [
        ("derivative", 1)
    ]
    # A floor has one on either side.
    assert len(passed(looked_at(lambda x: x // 1, "5/2"))) == 2


def test_pieces_within_a_comparison_are_boundaries_too():
    found = looked_at(lambda x: x if abs(x) < 5 else 2 * x, -3)
    assert passed(found) == [("function", -1), ("function", -1)]


def test_each_turn_of_a_loop_is_a_place_of_its_own():
    def function(x):
        total = 0
        for k in range(3):
            total = total + (x if x > k else 1)
        return total

    sites = [boundary.site for boundary in watched(looked_at(function, 1), RULES)]
    assert [site.turn for site in sites] == [0, 1, 2]
    assert len({site.place for site in sites}) == 1


def test_a_difference_is_zero_on_the_boundary():
    (boundary,) = watched(looked_at(lambda x: x if x > 7 else 2 * x, 3), RULES)
    assert boundary.difference([Fraction(7), Fraction(7)]) == 0
    assert boundary.difference([Fraction(5), Fraction(7)]) < 0
    (piece,) = watched(looked_at(lambda x, y: minigrad.maximum(x, y), (3, 5), None), RULES)
    assert [piece.difference([Fraction(a), Fraction(4)]) == 0 for a in (4, 5)] == [True, False]


# --- the points that a boundary asks for ---------------------------------------------------------


def firsts(asked: Iterable[Iterator[Point]]) -> set[Point]:
    """Of each group of points the one that is asked for if it can be."""
    return {next(nearer) for nearer in asked}


def asked(
    function: Any, point: Any, which: int = 0, derivative: Any = None
) -> set[tuple[Any, ...]]:
    """What the watch asks for after one look, of one of the boundaries."""
    watch = Watch(RULES, math.inf)
    ran = looked_at(function, point, derivative)
    boundary = watch.see(ran)[which]
    return firsts(watch.ask(ran, boundary))


@pytest.mark.parametrize(
    ("function", "point", "on", "beside"),
    [
        (lambda x: x if x > 1000 else 2 * x, 3, {1000}, {(">", 1000), ("<", 1000)}),
        (lambda x: x if 3 * x > 1 else 2 * x, 3, {Fraction(1, 3)}, {(">", "1/3"), ("<", "1/3")}),
        (lambda x: x if x * x == 4 else 2 * x, 3, {2, -2}, {(">", 2), ("<", -2), ("in", (-2, 2))}),
        (lambda x: x if 1 / x > 2 else 2 * x, 3, {Fraction(1, 2)}, {(">", "1/2")}),
        # No rational number is on this boundary; there are some beside it.
        (lambda x: x if x * x > 2 else 2 * x, 3, set(), {("in", (-1.4, 1.4)), ("<", "-3/2")}),
        (abs, 5, {0}, {("<", 0)}),
        (lambda x: minigrad.relu(3 - x), 5, {3}, {("<", 3)}),
    ],
)
def test_along_one_coordinate_roots_and_the_gaps_between_them_are_asked_for(
    function, point, on, beside
):
    found = {x for (x,) in asked(function, point)}
    assert on <= found
    for relation, bound in beside:
        if relation == "in":
            assert any(bound[0] < x < bound[1] for x in found)
        else:
            number = Fraction(bound)
            assert any(x > number if relation == ">" else x < number for x in found | {point})


def test_of_several_coordinates_each_is_moved_alone():
    found = asked(lambda x, y: x if x * y > 6 else y, (2, 5))
    assert {(Fraction(6, 5), 5), (2, 3)} <= found
    assert all((x == 2) != (y == 5) for x, y in found)


def test_beside_a_boundary_points_come_closer_and_closer_to_it():
    watch = Watch(RULES, math.inf)
    ran = looked_at(lambda x: x if x > Fraction(1, 3) else 2 * x, 5)
    (boundary,) = watch.see(ran)
    on, below, above = [[x for (x,) in nearer] for nearer in watch.ask(ran, boundary)]
    third = Fraction(1, 3)
    assert on == [third]
    assert below == sorted(below)
    assert above == sorted(above, reverse=True)
    assert below[-1] < third < above[-1]
    assert max(third - below[-1], above[-1] - third) < Fraction(1, 10**12)


def test_corners_are_on_the_boundaries_of_all_coordinates():
    watch = Watch(RULES, math.inf)
    assert [*watch.corners()] == []

    def function(x, y, z):
        return z if (x == 11) & (y * y == 4) else 0

    ran = looked_at(function, (1, 5, 7), None)
    asking = watch.see(ran)
    firsts(watch.ask(ran, asking[0]))
    assert [*watch.corners()] == []
    firsts(watch.ask(ran, asking[1]))
    *near, below, above = watch.corners()
    on = near[::3]
    assert {*on} == {(11, 2, 7), (11, -2, 7)}
    # With all coordinates greater than there, and less.
    for corner, greater, less in zip(on, near[1::3], near[2::3], strict=True):
        assert all(a < b < c for a, b, c in zip(less, corner, greater, strict=True))
        assert max(c - b for b, c in zip(corner, greater, strict=True)) < Fraction(1, 500)
    assert below[0] < 11 < above[0]
    assert below[1] < -2 < 2 < above[1]


def test_a_gap_is_named_though_it_is_beyond_all_floats():
    low = (Fraction(3), Fraction(10**400))
    far = Gap("y", 1, [low, (low[0], low[1] + 1)], lambda y: 1 if y > 10**400 else -1)
    assert (str(far), far.size) == ("y = 1e+400", 10**400)
    root = Gap("x", 0, [(Fraction(-2),), (Fraction(-1),)], lambda x: 1 if x * x > 2 else -1)
    assert (str(root), root.size) == ("x = -1.4142", 1)


def test_a_coordinate_that_is_not_compared_stays():
    assert all(y == 5 for _, y in asked(lambda x, y: x if x > 7 else y, (2, 5)))


def test_a_boundary_of_the_derivative_is_asked_for_by_its_own_arguments():
    found = asked(lambda x: x * x, 3, 0, lambda x: 2 * x if x != 11 else 0)
    assert (11,) in found


@pytest.mark.parametrize(
    ("function", "point"),
    [
        # The difference does not change; or nothing is left of it.
        (lambda x: x if Scalar(3) > 2 else 2 * x, 3),
        (lambda x: x if x - x > -1 else 2 * x, 3),
        # Of too high a degree to look for its roots.
        (lambda x: x if x**600 > 5 else 2 * x, 3),
    ],
)
def test_where_nothing_can_be_found_nothing_is_asked_for(function, point):
    watch = Watch(RULES, math.inf)
    ran = looked_at(function, point)
    assert [list(watch.ask(ran, boundary)) for boundary in watch.see(ran)] in ([[]], [])


def test_what_has_been_seen_from_all_sides_is_not_asked_for():
    def function(x):
        return x if x > 1 else 2 * x

    watch = Watch(RULES, math.inf)
    samples = [looked_at(function, at) for at in (0, 1, 2)]
    (boundary,), *_ = [watch.see(ran) for ran in samples]
    # Once it is asked for, so that it is known where it lies.
    assert (1,) in firsts(watch.ask(samples[0], boundary))
    assert list(watch.ask(samples[0], boundary)) == []
    assert [watch.see(ran) for ran in samples] == [[], [], []]
    (site,) = watch.sides
    assert watch.sides[site] == {-1, 0, 1}
    assert str(watch.comparisons[site]) == "x > 1"


def test_a_boundary_that_is_not_found_is_given_up():
    def function(x):
        return x if x**600 > 5 else 2 * x

    watch = Watch(RULES, math.inf)
    tries = 0
    for at in range(2, 12):
        ran = looked_at(function, at)
        for boundary in watch.see(ran):
            tries += 1
            assert list(watch.ask(ran, boundary)) == []
    assert tries == search._TRIES
    assert watch.not_found == []
    watch.see(looked_at(function, 1))
    (site,) = watch.not_found
    assert site.program == "function"


C = Fraction(17, 13)


@pytest.mark.parametrize("degree", [23, 25, 75, 499])
@pytest.mark.parametrize("slope", [-1, 0])
def test_a_boundary_of_high_degree_is_stood_on(degree, slope):
    """For a slope of 0 it jumps."""

    def function(x):
        return x if x**degree >= C**degree else slope * x - 2 * slope * C

    def gradient(x):
        return 1 if x**degree >= C**degree else slope

    assert check_gradient(function, gradient).verdict is Verdict.KINK


def test_a_boundary_of_high_degree_at_no_rational_number_is_named():
    report = check_gradient(lambda x: x if x**25 >= 2 else 2 - x, lambda x: 1 if x**25 >= 2 else -1)
    (said,) = report.findings
    assert "was not looked at on its boundary near x = 1.0281" in said


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: x if x**601 >= 2 else 2 - x, lambda x: 1 if x**601 >= 2 else -1),
        (lambda x: minigrad.relu(x**601 - 2), lambda x: 601 * x**600 if x**601 >= 2 else 0),
    ],
    ids=["comparison", "operator"],
)
def test_a_boundary_that_is_not_found_is_named(function, gradient):
    report = check_gradient(function, gradient)
    (said,) = report.findings
    assert said.endswith("was not looked at on its boundary: it was not found")


numbers = st.fractions(-20, 20, max_denominator=12)


@given(st.lists(numbers, min_size=1, max_size=4, unique=True), st.integers(1, 3))
def test_rational_roots_are_exact_and_others_isolated(roots, multiplicity):
    x = sp.Symbol("x")
    rational = sp.prod([(r.denominator * x - r.numerator) ** multiplicity for r in roots])
    # The real roots of x**3 - 2 and x**2 - 5 are not rational, and x**2 + 1 has none.
    terms = sp.Poly(rational * (x**3 - 2) * (x**2 - 5) * (x**2 + 1), x).terms()
    found = search._real_roots([(k, int(c)) for k, c in terms])
    assert [low for low, high in found if low == high] == sorted(roots)
    assert all(sign(low) * sign(high) == -(low != high) for (low, high), sign in found.items())
    (minus, cube, square) = [interval for interval in found if interval[0] < interval[1]]
    for (low, high), power, value in ((minus, 2, 5), (cube, 3, 2), (square, 2, 5)):
        assert min(low**power, high**power) < value < max(low**power, high**power)
    ends = [end for interval in found for end in interval]
    assert ends == sorted(ends)
    assert all(a[1] < b[0] for a, b in pairwise(found))


@given(st.lists(numbers, min_size=2, max_size=6, unique=True))
def test_between_boundaries_that_were_asked_for_one_after_the_other_all_is_seen(bounds):
    def function(x):
        return sum((x > bound) * (k + 1) for k, bound in enumerate(bounds))

    watch = Watch(RULES, math.inf)
    ran = looked_at(function, -100)
    found = {-100}
    for boundary in watch.see(ran):
        found |= {x for (x,) in firsts(watch.ask(ran, boundary))}
    assert set(bounds) <= found
    marks = sorted(bounds)
    for low, high in [(-(10**9), marks[0]), *pairwise(marks), (marks[-1], 10**9)]:
        assert any(low < value < high for value in found)


@pytest.mark.parametrize(
    "window",
    [
        lambda x: (x > 9) * (x < 10),
        lambda x: 1 if 9 < x < 10 else 0,
        lambda x: 1 if x < 10 and x > 9 else 0,
        lambda x: 1 if abs(x - Fraction(19, 2)) < Fraction(1, 2) else 0,
        lambda x: 1 if x * x < 2 and x > Fraction(7, 5) else 0,
        lambda x: 1 if x % 7 == 3 else 0,
    ],
)
def test_a_window_is_looked_into(window):
    report = check_gradient(lambda x: x * x, lambda x: 2 * x + window(x))
    assert report.verdict is Verdict.REFUTED


def test_a_window_that_is_not_found_is_said_to_be_left_out():
    # Where it holds is a root of a high degree, of whole parts.
    report = check_gradient(
        lambda x: x * x, lambda x: 2 * x if (x // 1) ** 502 + x // 1 != 777**502 + 777 else 0
    )
    assert report.verdict is Verdict.PROVED
    assert any("was True at every point: its other side" in text for text in report.findings)
    # It is proved between the whole numbers between which it was looked at.
    assert report.branches
    assert all("x > " in branch and "x < " in branch for branch in report.branches)


# --- boundaries that are none --------------------------------------------------------------------


def settled(function: Any, *values: Any) -> bool:
    leaves = [Scalar(value, f"x{i}") for i, value in enumerate(values)]
    return is_settled(function(*leaves), leaves, RULES)


@pytest.mark.parametrize(
    ("function", "values", "answer"),
    [
        (lambda x: minigrad.maximum(x, x), (3,), True),
        (lambda x: minigrad.maximum(2 * x, x + x), (3,), True),
        (lambda x: abs(x - x), (3,), True),
        (lambda x: minigrad.relu(minigrad.relu(x)), (-3,), True),
        (lambda x: (x / x) // 1, (3,), True),
        (lambda x, y: minigrad.maximum(x, y), (3, 3), False),
        (lambda x: minigrad.maximum(2 * x, x * x), (2,), False),
        (lambda x: abs(x), (0,), False),
        (lambda x: x // 1, (3,), False),
        (lambda x: round(x), ("5/2",), False),
    ],
)
def test_a_boundary_on_which_everything_lies_is_settled(function, values, answer):
    assert settled(function, *values) is answer


def test_what_is_too_much_work_is_not_called_settled(monkeypatch):
    def function(x):
        return minigrad.maximum((1 + x) ** 9 * (1 - x) ** 9, (1 - x * x) ** 9)

    assert settled(function, 3) is True
    monkeypatch.setattr(search, "_WORK", 5)
    assert settled(function, 3) is False


# --- planted faults ------------------------------------------------------------------------------


def wrong_at_zero(x):
    return 2 * x if x != 0 else 1


def wrong_beyond_a_thousand(x):
    return 2 * x if x < 1000 else x


def of_square(gradient: Any) -> Verdict:
    return check_gradient(lambda x: x * x, gradient).verdict


def test_without_hard_points_and_questions_an_isolated_error_goes_unseen(monkeypatch):
    def nothing(*_: Any) -> Any:
        return iter(())

    assert of_square(wrong_at_zero) is Verdict.REFUTED
    monkeypatch.setattr(points, "hard", nothing)
    # The comparison itself asks for 0.
    assert of_square(wrong_at_zero) is Verdict.REFUTED
    monkeypatch.setattr(Watch, "ask", nothing)
    assert of_square(wrong_at_zero) is Verdict.PROVED


def test_without_questions_a_branch_goes_unseen_and_the_report_says_so(monkeypatch):
    assert of_square(wrong_beyond_a_thousand) is Verdict.REFUTED
    monkeypatch.setattr(Watch, "ask", lambda *_: iter(()))
    report = check_gradient(lambda x: x * x, wrong_beyond_a_thousand)
    assert report.verdict is Verdict.PROVED
    assert report.conditions == ("x < 1000",)
    (finding,) = report.findings
    assert finding.endswith("x < 1000 was True at every point: its other side was not reached")


@pytest.mark.parametrize(
    ("condition", "point"),
    [
        (lambda x: minigrad.floor(x) < 60, 60),
        (lambda x: minigrad.floor(x) == 70, 70),
        (lambda x: round(x) != 1700, 1700),
        (lambda x: minigrad.ceil(2 * x) > 100, 50),
        (lambda x: x // 3 != 110, 330),
        (lambda x: (x + minigrad.floor(x)) // 5 >= 200, 500),
    ],
)
def test_what_is_rounded_is_asked_for_where_it_would_be_without(condition, point):
    found = asked(lambda x: x if condition(x) else 2 * x, 2)
    assert (point,) in found


def test_a_floor_of_nothing_is_not_asked_for():
    assert asked(lambda x: x if minigrad.floor(1 / (x - 2)) > 5 else 2 * x, 7)
    assert not asked(lambda x: x if minigrad.floor(minigrad.floor(x) * 0) > 5 else 2 * x, 7)
