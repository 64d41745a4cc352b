"""Gradients that are wrong on a small region: between a threshold and the end of a domain, in a ball, at a
point of several coordinates, for a vector of zeros.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

import minigrad
from minigrad.verify import Verdict, check_gradient, check_hvp, check_jacobian, check_vjp

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED
TINY = Fraction(1, 10**8)


def clamped(x):
    return 1 / minigrad.maximum(x, TINY)


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (minigrad.log, clamped),
        (minigrad.log, lambda x: 1 / x if x > TINY else 1 / TINY),
        (lambda x: 1 / x, lambda x: -clamped(x * x)),
        (lambda x: minigrad.log(1 - x), lambda x: -clamped(1 - x)),
        (lambda x: minigrad.log(x / 7 - 2), lambda x: clamped(x / 7 - 2) / 7),
        (lambda x: minigrad.atanh(x), lambda x: clamped(1 - x * x)),
        (minigrad.loggamma, lambda x: minigrad.digamma(minigrad.maximum(x, TINY))),
        (lambda x: minigrad.sqrt(x), lambda x: clamped(2 * minigrad.sqrt(x))),
    ],
)
def test_a_clamp_that_is_active_at_the_end_of_a_domain_alone_is_seen(function, gradient):
    (entry,) = check_gradient(function, gradient).entries
    assert entry.verdict is REFUTED
    assert entry.gradient != entry.expected


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: minigrad.log(x - 1000), lambda x: 1 / (x - 1000)),
        (
            lambda x: minigrad.sqrt(-x - 1000) * (x + 1000),
            lambda x: 3 * minigrad.sqrt(-x - 1000) / 2,
        ),
        (
            lambda x: minigrad.asin(7 * x - 1000),
            lambda x: 7 / minigrad.sqrt(1 - (7 * x - 1000) ** 2),
        ),
        (
            lambda x: minigrad.log(x - 1000) + minigrad.log(1002 - x),
            lambda x: 1 / (x - 1000) - 1 / (1002 - x),
        ),
    ],
)
def test_where_no_usual_point_is_in_the_domain_its_ends_are_asked_for(function, gradient):
    report = check_gradient(function, gradient)
    assert report.ok
    assert not any("not reached" in finding for finding in report.findings)
    assert check_gradient(function, lambda x: gradient(x) + 1).verdict is REFUTED


def test_a_clamp_of_several_arguments_is_seen_in_each():
    def function(x, y):
        return minigrad.log(x - y)

    report = check_gradient(function, lambda x, y: (clamped(x - y), -clamped(x - y)))
    assert [entry.verdict for entry in report.entries] == [REFUTED, REFUTED]
    right = check_gradient(function, lambda x, y: (1 / (x - y), 1 / (y - x)))
    assert right.verdict is PROVED


def test_a_threshold_near_the_end_of_a_given_domain_is_seen():
    def function(p):
        return minigrad.log(minigrad.maximum(p, TINY))

    wrong = check_gradient(function, lambda p: 1 / p, domain=lambda p: 0 < p < 1)
    (entry,) = wrong.entries
    assert (entry.verdict, entry.expected) == (REFUTED, 0)
    assert 0 < entry.point["p"] < TINY


def test_the_jacobian_of_a_clamped_logarithm_is_seen():
    report = check_jacobian(lambda x: [minigrad.log(x), x], lambda x: [[clamped(x)], [1]])
    assert [entry.verdict for entry in report.entries] == [REFUTED, PROVED]


def length(*xs):
    return minigrad.sqrt(sum(x * x for x in xs))


@pytest.mark.parametrize(
    "inside",
    [
        lambda x, y: length(x, y) < TINY,
        lambda x, y: length(x, y) <= Fraction(1, 1000),
        lambda x, y: abs(x) + abs(y) < TINY,
        lambda x, y: minigrad.maximum(abs(x), abs(y)) < TINY,
        lambda x, y: length(x - 1, y + 1) < TINY,
    ],
)
def test_a_ball_around_a_point_is_looked_into(inside):
    def gradient(x, y):
        return (0, 0) if inside(x, y) else (2 * x, 2 * y)

    report = check_gradient(lambda x, y: x * x + y * y, gradient)
    assert [entry.verdict for entry in report.entries] == [REFUTED, REFUTED]


def test_a_norm_that_is_clamped_around_its_kink_is_seen():
    def gradient(x, y):
        below = minigrad.maximum(length(x, y), Fraction(1, 1000))
        return x / below, y / below

    report = check_gradient(lambda x, y: length(x, y), gradient)
    assert [entry.verdict for entry in report.entries] == [REFUTED, REFUTED]


def test_a_branch_that_holds_beside_its_end_as_well_is_not_on_a_boundary_alone():
    report = check_gradient(minigrad.log, lambda x: 1 / x if x > TINY else 1 / TINY)
    assert not any("boundary alone" in finding for finding in report.findings)


def test_a_branch_on_a_boundary_alone_is_still_named():
    report = check_gradient(lambda x: x * x, lambda x: 2 * x if x != 5 else 10)
    assert report.verdict is PROVED
    assert any("boundary alone, as at x = 5" in finding for finding in report.findings)


def test_a_point_that_differs_in_every_coordinate_is_found():
    def gradient(x, y, z):
        # All three are asked for, whatever the first of them says.
        hits = [x == 11, y == 12, z == 13]
        return (0, 0, 0) if all(hits) else (2 * x, 2 * y, 2 * z)

    report = check_gradient(lambda x, y, z: x * x + y * y + z * z, gradient)
    assert [entry.verdict for entry in report.entries] == [REFUTED] * 3
    assert report.entries[0].point == {"x": 11, "y": 12, "z": 13}


def test_vectors_of_zeros_are_looked_at():
    report = check_vjp(lambda x: x * x, lambda x, g: 2 * x * g if g else 1)
    assert report.verdict is REFUTED
    report = check_hvp(lambda x: x**3, lambda x, p: 6 * x * p if p else 1)
    assert report.verdict is REFUTED
    report = check_vjp(lambda x: [x * x, x], lambda x, g: 2 * x * g[0] + (g[1] or 1))
    assert report.verdict is REFUTED
    assert check_vjp(lambda x: x * x, lambda x, g: 2 * x * g if g else 0).verdict is PROVED


def huber(x):
    return x * x / 2 if abs(x) <= 5 else 5 * (abs(x) - Fraction(5, 2))


def tent(x):
    return minigrad.maximum(0, 1 - abs(x - 20))


def capped(x):
    return minigrad.minimum(abs(x), 66)


def two_steps(x):
    moved = x - 1 if x > 0 else x + 100
    return moved * moved if moved > 0 else 0 * x


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        (
            huber,
            lambda x: x if abs(x) <= 5 else 5 if x > 0 else -5,
            lambda x: x if x <= 5 else 5,
        ),
        (
            tent,
            lambda x: 0 if abs(x - 20) > 1 else 1 if x < 20 else -1,
            lambda x: 0 if x < 19 else 1 if x < 20 else -1,
        ),
        (
            capped,
            lambda x: 0 if abs(x) > 66 else 1 if x > 0 else -1,
            lambda x: 0 if x > 66 else 1 if x > 0 else -1,
        ),
        (
            two_steps,
            lambda x: 2 * (x - 1) if x > 1 else 2 * (x + 100) if -100 < x <= 0 else 0,
            lambda x: 2 * (x - 1) if x > 1 else 2 * (x + 100) if x <= 0 else 0,
        ),
        (
            lambda x: x * x,
            lambda x: 2 * x,
            lambda x: 0 if abs(x) > 40 and x < -20 else 2 * x,
        ),
    ],
)
def test_a_comparison_has_boundaries_on_every_way_to_it(function, right, wrong):
    assert check_gradient(function, right).ok
    assert check_gradient(function, wrong).verdict is REFUTED


@pytest.mark.parametrize(
    "is_inside",
    [
        lambda x: minigrad.log(x) < 10,
        lambda x: minigrad.log(x) > -20,
        lambda x: minigrad.exp(x) < 10**30,
        lambda x: minigrad.sqrt(1 + x * x) < 500,
        lambda x: minigrad.sqrt(x) > Fraction(1, 10**9),
    ],
)
def test_a_threshold_of_a_closed_form_is_found_far_away(is_inside):
    def gradient(x):
        return 2 * x if is_inside(x) else 1

    report = check_gradient(lambda x: x * x, gradient, domain=lambda x: x > 0)
    assert report.verdict is REFUTED


@pytest.mark.parametrize("sign", [1, -1])
def test_a_region_that_needs_all_coordinates_is_looked_into(sign):
    def gradient(x, y, z):
        hits = [sign * t > 60 for t in (x, y, z)]
        return (0, 0, 0) if all(hits) else (2 * x, 2 * y, 2 * z)

    report = check_gradient(lambda x, y, z: x * x + y * y + z * z, gradient)
    assert [entry.verdict for entry in report.entries] == [REFUTED] * 3


def test_where_nothing_is_defined_no_question_is_used_up():
    def function(x):
        total = x
        for bound in (2, 3, 5, 6, 7, 10, 11):
            total = total + (0 if x * x > bound else 0 * x)
        return 2 * total if 101 < x < 102 else total

    report = check_gradient(function, lambda x: 1, domain=lambda x: x > 0)
    assert report.verdict is REFUTED


def test_a_ball_is_looked_into_where_the_function_has_its_kink():
    def gradient(x, y):
        square = x * x + y * y
        if square < Fraction(1, 1000):
            return 0 * x, 2 * y
        return 3 * minigrad.sqrt(square) * x, 3 * minigrad.sqrt(square) * y

    report = check_gradient(lambda x, y: length(x, y) ** 3, gradient)
    assert [entry.verdict for entry in report.entries] == [REFUTED, REFUTED]


def relu_on_two_branches(x):
    if x < 500:
        return minigrad.relu(x - 300) ** 2
    return 40000 + 400 * (x - 500) - minigrad.relu(x - 900) ** 2


def slope_on_two_branches(x):
    if x < 500:
        return 2 * minigrad.relu(x - 300)
    return 400 - 2 * minigrad.relu(x - 900)


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    [
        (
            relu_on_two_branches,
            slope_on_two_branches,
            lambda x: 2 * minigrad.relu(x - 300) if x < 500 else 400,
        ),
        (
            lambda x: abs(x - 30) if x < 50 else abs(x - 70),
            lambda x: minigrad.sign(x - 30) if x < 50 else minigrad.sign(x - 70),
            lambda x: minigrad.sign(x - 30) if x < 50 else -1,
        ),
    ],
)
def test_an_operator_has_boundaries_on_every_branch_that_uses_it(function, right, wrong):
    assert check_gradient(function, right).verdict in (Verdict.PROVED, Verdict.KINK)
    assert check_gradient(function, wrong).verdict is Verdict.REFUTED


@pytest.mark.parametrize("points", [(), [(5, 1), (3, 1), (1, 1), (0, -1), (1, -1), (-1, -1)]])
def test_more_points_do_not_make_a_wrong_gradient_right(points):
    def gradient(x, y):
        q = x - 3 if y > 0 else x * (x - 700)
        hit, near = q > 0, x < 50
        return (2 * x, 0) if not hit or y > 0 or near else (0, 0)

    assert check_gradient(lambda x, y: x * x, gradient, *points).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "is_inside",
    [
        lambda xs: all(x >= 0 for x in xs) and sum(xs) <= Fraction(1, 2),
        lambda xs: all(x > 0 for x in xs) and sum(x * x for x in xs) < 1,
        lambda xs: all(x <= 1 for x in xs) and sum(xs) > Fraction(29, 10),
        lambda xs: not (any(x < 0 for x in xs) or sum(xs) > 1),
    ],
)
def test_a_region_that_touches_a_point_of_boundaries_is_looked_into(is_inside):
    def wrong(*xs):
        return tuple([x if is_inside(xs) else 2 * x for x in xs])

    report = check_gradient(lambda *xs: sum(x * x for x in xs), wrong, shape=3)
    assert report.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("wrong", "missing"),
    [
        (lambda a, b: (b + (1 if 0 < a < b < Fraction(1, 100) else 0), a), "b < 1/100"),
        (lambda a, b: (b + (1 if 4 < a + b < 5 and 7 < a - b < 8 else 0), a), "a - b < 8"),
    ],
)
def test_a_side_of_a_chain_that_was_not_reached_is_said(wrong, missing):
    report = check_gradient(lambda a, b: a * b, wrong)
    said = any(f"{missing} was False at every point" in text for text in report.findings)
    assert report.verdict is Verdict.REFUTED or said


def test_a_boundary_that_nobody_stood_on_is_named_among_many():
    def function(x):
        return abs((x * x - 2) * (x * x - 3) * (x * x - 11))

    def gradient(x):
        inside = (x * x - 2) * (x * x - 3) * (x * x - 11)
        slope = 2 * x * ((x * x - 3) * (x * x - 11) + (x * x - 2) * (2 * x * x - 14))
        return slope if inside > 0 else -slope

    report = check_gradient(function, gradient, 4, domain=lambda x: x > 3)
    assert any("x = 3.3166" in text for text in report.findings)


@pytest.mark.parametrize(
    ("domain", "point"),
    [
        (lambda x, y: x + y == 1, (Fraction(1, 2), Fraction(1, 2))),
        (lambda x, y: x == 1 - y and x > 0, (Fraction(1, 3), Fraction(2, 3))),
    ],
)
def test_on_a_curve_formulas_that_agree_there_are_not_refuted(domain, point):
    right = check_gradient(
        lambda x, y: x * y, lambda x, y: (y, x + (x + y - 1)), point, domain=domain
    )
    assert right.verdict is Verdict.UNDECIDED
    assert "no point of the domain was found" in right.entries[1].message
    wrong = check_gradient(lambda x, y: x * y, lambda x, y: (y, 2 * x), point, domain=domain)
    assert wrong.verdict is Verdict.REFUTED
    everywhere = check_gradient(lambda x, y: x * y, lambda x, y: (y, x + (x + y - 1)), point)
    assert everywhere.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "is_inside",
    [
        lambda x: minigrad.floor(x) == 17,
        lambda x: round(x) == 40,
        lambda x: minigrad.ceil(x) > 120,
        lambda x: x // 3 == 11,
        lambda x: x // 1 == 18,
        # Where it would be without its rounding nothing begins: at 217, 340, 950.
        lambda x: x // 7 > Fraction(61, 2),
        lambda x: minigrad.floor(x / 10) * 3 > 100,
        lambda x: round(x, -2) > 930,
    ],
)
def test_a_step_far_away_is_looked_into(is_inside):
    report = check_gradient(lambda x: x * x, lambda x: 2 * x + (1 if is_inside(x) else 0))
    assert report.verdict is Verdict.REFUTED


def test_a_use_of_a_function_that_was_not_reached_is_said_though_another_was():
    def is_over(x, bound):
        return x > bound

    def gradient(x):
        near = 2 if is_over(x, 1) else 1 + 1
        # A root of a degree for which nothing is asked.
        return near * x + (1 if is_over(x**30 + x, 10**3000) else 0)

    report = check_gradient(lambda x: x * x, gradient)
    (said,) = [text for text in report.findings if "other side was not reached" in text]
    assert "x**30" in said
    assert report.verdict is Verdict.PROVED
