"""Right gradients and gradients that are wrong somewhere only."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from checked_functions import (
    KINK,
    PROVED,
    REFUTED,
    UNDECIDED,
    by_division,
    early_exit,
    finding,
    huber,
    median,
    of_median,
    only,
    peano,
    saturated,
    zero_at_zero,
)

import minigrad
from minigrad.verify import check_gradient


def relus(x):
    return minigrad.relu(x) - minigrad.relu(-x)


def clipped(*xs):
    """The sum of the arguments, each brought between 0 and 1."""
    return minigrad.sum([minigrad.minimum(minigrad.maximum(x, 0), 1) for x in xs])


def inside(*xs):
    return tuple((x > 0) * (x < 1) for x in xs)


def of_peano(x, y):
    if x == 0 and y == 0:
        return 0, 0
    r = (x * x + y * y) ** 2
    return (
        y * (x**4 + 4 * x**2 * y**2 - y**4) / r,
        x * (x**4 - 4 * x**2 * y**2 - y**4) / r,
    )


def caught(x):
    """x, in a way that divides by 0 at 0."""
    try:
        return x * x / x
    except ZeroDivisionError:
        return 0


def unless(condition: Any, gradient: Any, wrong: Any) -> Any:
    """`gradient`, but for arguments for which the condition holds."""
    return lambda *xs: wrong if condition(*xs) else gradient(*xs)


def of_square(x):
    return 2 * x


TABLE = [
    # Continuous pieces with a derivative throughout.
    (relus, lambda x: 1, PROVED),
    (relus, lambda x: 1 if x else 0, KINK),
    (relus, lambda x: 1 if x else Fraction(1, 3), REFUTED),
    (huber, saturated, PROVED),
    (huber, lambda x: x if abs(x) < 1 else x / abs(x), PROVED),
    (huber, lambda x: x if abs(x) < 2 else x / abs(x), REFUTED),
    (huber, lambda x: x if abs(x) < 1 else 1, REFUTED),
    (lambda x: x * abs(x), lambda x: 2 * abs(x), PROVED),
    (lambda x: x * abs(x), lambda x: 2 * x, REFUTED),
    (lambda x: abs(x) ** 2, of_square, PROVED),
    (lambda x: max(x, -x) ** 2, of_square, PROVED),
    (peano, of_peano, PROVED),
    (peano, lambda x, y: (0, 0) if x == y == 0 else of_peano(y, x), REFUTED),
    # A boundary on the way to one argument is none for the others.
    (lambda x, y: y * abs(x) * abs(x), lambda x, y: (2 * x * y, x * x), PROVED),
    (lambda x, y: y * abs(x) * abs(x), lambda x, y: (2 * x * y, 2 * x * x), REFUTED),
    (lambda x, y: (x * x if x != 0 else 0) * y, lambda x, y: (2 * x * y, x * x), PROVED),
    # Guards, whose branch has another derivative than the function.
    (lambda x: x * x if x != 1 else 1, of_square, PROVED),
    (lambda x: x * x if x != 1 else 1, unless(lambda x: x == 1, of_square, 0), REFUTED),
    (lambda x: (x * x - 1) / (x - 1) if x != 1 else 2, lambda x: 1, PROVED),
    (lambda x: (x * x - 1) / (x - 1) if x != 1 else 2, lambda x: int(x != 1), REFUTED),
    (lambda x: x * x if x > 0 else x**3, lambda x: 2 * x if x > 0 else 3 * x**2, PROVED),
    (early_exit, lambda x, y, z: (y * z, x * z, x * y), PROVED),
    (early_exit, by_division, REFUTED),
    (early_exit, zero_at_zero, REFUTED),
    # Kinks and jumps.
    (abs, lambda x: (x > 0) * 1 - (x < 0) * 1, KINK),
    (abs, lambda x: 1 if x > 0 else -1, KINK),
    (abs, lambda x: 2 if x == 0 else x / abs(x), REFUTED),
    (lambda x: 1 if x > 0 else 0, lambda x: 0, KINK),
    (lambda x: 1 if x > 0 else 0, lambda x: 7 if x == 0 else 0, REFUTED),
    (lambda x: x // 1, lambda x: 0, KINK),
    (lambda x: x % 1, lambda x: 1, KINK),
    (lambda x: x % 1, lambda x: 0, REFUTED),
    (lambda x: 0 if x // 1 == 3 else x, lambda x: 0 if x // 1 == 3 else 1, KINK),
    (median, of_median, KINK),
    (median, lambda x, y, z: (Fraction(1, 3),) * 3, REFUTED),
    (clipped, inside, KINK),
    (clipped, lambda *xs: tuple(1 if 0 <= x <= 1 else 0 for x in xs), KINK),
    (clipped, lambda *xs: tuple(1 if x >= 0 else 0 for x in xs), REFUTED),
    # Right almost everywhere.
    (lambda x: x * x, unless(lambda x: x == 0, of_square, 1), REFUTED),
    (lambda x: x * x, unless(lambda x: x == 1234, of_square, 0), REFUTED),
    (lambda x: x * x, unless(lambda x: 3 * x == 7, of_square, 0), REFUTED),
    (lambda x: x * x, unless(lambda x: 9 < x < 10, of_square, 0), REFUTED),
    (lambda x: x * x, unless(lambda x: x < -1000, of_square, 0), REFUTED),
    (lambda x: x * x, lambda x: 2 * x + (x % 7 == 3), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x == y, lambda x, y: (y, x), (0, 0)), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x == -y, lambda x, y: (y, x), (0, 0)), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x * y == 7, lambda x, y: (y, x), (0, 0)), REFUTED),
    (lambda x, y: x * y, unless(lambda x, y: x > y + 50, lambda x, y: (y, x), (0, 0)), REFUTED),
    # A branch that is chosen by an exception.
    (caught, lambda x: 1, PROVED),
    (caught, lambda x: 1 if x else 0, REFUTED),
    (lambda x: x * x, lambda x: 2 * caught(x), PROVED),
    (lambda x: x * x, lambda x: 2 * caught(x) + (x == 0), REFUTED),
    # A boundary that is one everywhere is none.
    (lambda x: minigrad.maximum(x, x), lambda x: 1, PROVED),
    (lambda x: abs(x - x) + x, lambda x: 1, PROVED),
    (lambda x: minigrad.relu(minigrad.relu(x)), lambda x: x > 0, KINK),
    (lambda x: minigrad.relu(minigrad.relu(x)), lambda x: (x > 0) + (x < -99), REFUTED),
    # The same formula on both sides of a comparison is no boundary.
    (lambda x: x * x, lambda x: 2 * x if x > 0 else x + x, PROVED),
    (lambda x: x * x, lambda x: 2 * x if abs(x) > 3 else x + x, PROVED),
    # Off by a relative 1e-9, by a constant, by what no derivative has.
    (lambda x: x**3, lambda x: 3 * x**2 * (1 + Fraction(1, 10**9)), REFUTED),
    (lambda x: x**3, lambda x: 3 * x**2 + Fraction(1, 10**40), REFUTED),
    (lambda x: 5, lambda x: 0, PROVED),
    (lambda x: 5, lambda x: x - x, PROVED),
    (lambda x: 5, lambda x: 1, REFUTED),
    (lambda x, y: x, lambda x, y: (1, 0), PROVED),
    (lambda x, y: x, lambda x, y: (1, y - y + y), REFUTED),
]


@pytest.mark.parametrize(("function", "gradient", "verdict"), TABLE)
def test_right_and_wrong_gradients(function, gradient, verdict):
    options = {"shape": 2} if function is clipped else {}
    report = check_gradient(function, gradient, **options)
    assert report.verdict is verdict, str(report)
    assert report.ok is (verdict in (PROVED, KINK))


@pytest.mark.parametrize(("function", "gradient", "verdict"), TABLE)
def test_the_verdict_does_not_hang_on_the_seed(function, gradient, verdict):
    options = {"shape": 2} if function is clipped else {}
    assert check_gradient(function, gradient, seed=123, **options).verdict is verdict


def test_a_convention_says_that_it_is_one():
    entry = only(check_gradient(relus, lambda x: 1 if x else 0))
    assert entry.message == "both one-sided derivatives are 1; minigrad's convention gives 0"
    assert (entry.point, entry.gradient, entry.expected) == ({"x": 0}, 0, 1)


def through_a_sigmoid(x):
    return minigrad.sigmoid(x) * x * abs(x)


def slope_of_sigmoid(x):
    s = minigrad.sigmoid(x)
    return s * (1 - s) * x * abs(x) + 2 * s * abs(x)


def slope_of_cube(x):
    return minigrad.grad(lambda t: t**3)(x) if x != 1 else 3


@pytest.mark.parametrize(
    ("function", "gradient", "point", "truth"),
    [(through_a_sigmoid, slope_of_sigmoid, 0, 0), (slope_of_cube, lambda x: 6 * x, 1, 6)],
)
def test_where_a_derivative_exists_no_other_number_passes(function, gradient, point, truth):
    assert check_gradient(function, gradient).verdict is PROVED
    wrong = only(check_gradient(function, lambda x: gradient(x) if x != point else 777))
    assert (wrong.verdict, wrong.expected) == (REFUTED, truth)


def or_zero(function):
    """The function, and 0 where it raises."""

    def caught(x):
        try:
            return function(x)
        except (ValueError, ArithmeticError):
            return 0

    return caught


@pytest.mark.parametrize(
    "function",
    [
        lambda x: minigrad.log(x - 1000),
        lambda x: minigrad.sqrt(x - 1000) * (x - 1000),
        lambda x: (x - 1000) ** Fraction(3, 2),
        lambda x: minigrad.acosh(x - 1000),
        lambda x: minigrad.asin(x - 1000),
        lambda x: minigrad.atanh((x - 1000) / 2),
        lambda x: minigrad.log1p(x - 1000),
    ],
)
def test_the_other_side_of_a_domain_error_that_is_caught_is_looked_at(function):
    entry = only(check_gradient(or_zero(function), lambda x: 0))
    assert entry.verdict is REFUTED
    assert entry.point["x"] >= 999


def test_a_right_gradient_on_both_sides_of_a_domain_error_is_proved():
    report = check_gradient(
        or_zero(lambda x: minigrad.sqrt(x - 1000) * (x - 1000)),
        lambda x: 3 * minigrad.sqrt(x - 1000) / 2 if x > 1000 else 0,
    )
    assert (report.verdict, report.findings) == (PROVED, ())


def test_an_end_of_a_domain_that_was_not_reached_is_a_condition():
    report = check_gradient(or_zero(lambda x: minigrad.log(x**502 - 10**1600)), lambda x: 0)
    assert report.verdict is PROVED
    (condition,) = report.conditions
    assert re.fullmatch(r"x\*\*502 - 10+ <= 0", condition)
    (finding,) = report.findings
    assert finding.endswith("<= 0 was True at every point: its other side was not reached")


def one_or_square(x):
    """A square: a root that is not used raises where it is none, and 0 is the end of its domain."""
    try:
        minigrad.sqrt(-((x - 1) ** 2))
    except ValueError:
        return x * x
    return 1


def test_an_operator_at_the_end_of_its_domain_may_raise_beside_it():
    assert check_gradient(one_or_square, lambda x: 2 * x).verdict is PROVED
    wrong = only(check_gradient(one_or_square, lambda x: 2 * x if x != 1 else 0))
    assert (wrong.verdict, wrong.expected, wrong.point) == (REFUTED, 2, {"x": 1})


@pytest.mark.parametrize(
    "asked",
    [
        lambda x: minigrad.sqrt(x + 1000),
        lambda x: minigrad.log(x + 1000),
        lambda x: minigrad.asin((x + 1000) / 3000),
    ],
)
@pytest.mark.parametrize("is_used", [False, True])
def test_where_an_operator_would_raise_is_looked_for_whether_or_not_it_is_used(asked, is_used):
    def function(x):
        try:
            y = asked(x)
        except ValueError:
            return 0
        return x + y - y if is_used else x

    wrong = only(check_gradient(function, lambda x: 1))
    assert wrong.verdict is REFUTED
    # The logarithm raises at the end itself, where the function jumps.
    at_end = (wrong.point["x"], wrong.proof) == (-1000, "one-sided")
    assert at_end or (wrong.expected == 0 and not -1000 <= wrong.point["x"] <= 2000)


@pytest.mark.parametrize(
    "function",
    [
        or_zero(lambda x: x + 1 / (1000 * x - 1) - 1 / (1000 * x - 1)),
        or_zero(lambda x: (1 / (1000 * x - 1), x)[1]),
        or_zero(lambda x: ((1000 * x - 1) ** -2, x)[1]),
    ],
)
def test_a_pole_whose_error_is_caught_is_looked_for(function):
    """The function is x, and 0 at 1/1000, where it has no derivative."""
    report = check_gradient(function, lambda x: 1)
    (entry,) = report.entries
    assert (report.verdict, entry.point) == (KINK, {"x": Fraction(1, 1000)})
    assert only(check_gradient(function, lambda x: 1 if 1000 * x != 1 else 7)).verdict is REFUTED


@pytest.mark.parametrize(
    ("function", "gradient", "verdict"),
    [
        (lambda x: x * minigrad.sqrt(x), lambda x: 3 * minigrad.sqrt(x) / 2, KINK),
        (
            lambda x: x * minigrad.sqrt(abs(x)),
            lambda x: 3 * minigrad.sqrt(abs(x)) / 2,
            PROVED,
        ),
        (lambda x: x * minigrad.cbrt(x), lambda x: 4 * minigrad.cbrt(x) / 3, PROVED),
    ],
)
def test_a_product_with_a_root_at_the_end_of_its_domain(function, gradient, verdict):
    """The root has no derivative at 0, the product has 0, from the right alone or from both sides."""
    report = check_gradient(function, gradient)
    assert report.verdict is verdict
    assert check_gradient(function, lambda x: gradient(x) + 1).verdict is REFUTED


@pytest.mark.parametrize(
    "function",
    [
        lambda x: abs(x) + (1 if x > 0 else 0),
        lambda x: minigrad.relu(x) + (0 if x < 0 else 1),
        lambda x: minigrad.relu(x % 2),
    ],
)
def test_the_convention_of_a_kink_that_is_a_jump_too_is_none_of_another_branch(function):
    assert check_gradient(function, minigrad.grad(function)).verdict is KINK
    wrong = check_gradient(function, lambda x: minigrad.grad(function)(x) if x != 0 else 5)
    assert wrong.verdict is REFUTED


def hidden(x, y):
    """0 for x > 1, and 2 - 2*sqrt(x) for x < 1, by a root of a square that is not written as one."""
    r = minigrad.sqrt(x)
    distance = minigrad.sqrt(x + 1 - 2 * r)
    a = x + y * y + 9
    d = minigrad.sqrt(a * a - distance - r + 1) + a
    return (d * (distance - r + 1)) / d


POINTS = [(4, 3), (Fraction(1, 4), 3)]


@pytest.mark.parametrize("points", [(), POINTS, POINTS[::-1]])
def test_what_is_zero_on_one_side_only_is_not_for_all(points):
    def gradient(x, y):
        return y, x + hidden(x, y)

    report = check_gradient(lambda x, y: x * y, gradient, *points, domain=lambda x, y: x > 0)
    assert [entry.verdict for entry in report.entries] == [PROVED, REFUTED]
    assert report.entries[1].point["x"] < 1


def test_a_root_of_roots_that_hides_nothing_has_no_condition():
    def function(x):
        return 1 / (1 + minigrad.sqrt(2 + minigrad.sqrt(1 + x * x)))

    report = check_gradient(function, minigrad.grad(function))
    assert (report.verdict, report.conditions, report.branches) == (PROVED, (), ())


@pytest.mark.parametrize(
    ("function", "conditions"),
    [
        (lambda x: (minigrad.sqrt(x - 1), x * x)[1], ("x - 1 > 0",)),
        (lambda x: (minigrad.log(x), x * x)[1], ("x > 0",)),
    ],
)
def test_an_operator_that_is_not_used_is_a_condition_without_a_handler_too(function, conditions):
    report = check_gradient(function, lambda x: 2 * x)
    assert report.ok
    assert report.conditions == conditions


def test_a_pole_that_there_is_not_needs_no_other_branch():
    report = check_gradient(or_zero(lambda x: x / (x**2 + 1) * (x**2 + 1)), lambda x: 1)
    assert (report.verdict, report.findings) == (PROVED, ())


@pytest.mark.parametrize(
    "solve",
    [
        lambda x: minigrad.linalg.solve([[x, 1], [1, 1]], [1, 2]),
        lambda x: minigrad.linalg.inv([[0, 1], [x - 1, 1]]),
    ],
)
def test_a_matrix_may_be_singular_at_one_point_alone(solve):
    def function(x):
        try:
            solve(x)
        except ZeroDivisionError:
            return x * x
        return x

    # Formulas of the branch at 1 say 2 there; beside it the function is x.
    assert check_gradient(function, lambda x: 1).verdict is PROVED
    wrong = only(check_gradient(function, lambda x: 1 if x != 1 else 2))
    assert (wrong.verdict, wrong.expected, wrong.point) == (REFUTED, 1, {"x": 1})


def test_the_pole_of_a_tangent_may_be_caught():
    tangent = or_zero(lambda x: minigrad.tan(x * minigrad.pi / 2))

    def slope(x):
        return minigrad.pi / 2 * (1 + tangent(x) ** 2) if x != 1 else 0

    report = check_gradient(tangent, slope, 1)
    # Beside the pole the tangent is infinite, for which there are no numbers here.
    assert report.verdict is UNDECIDED
    assert "tan has no power series around pi/2" in only(report).message


def test_a_set_finds_numbers_by_their_value():
    report = check_gradient(lambda x: x * x, lambda x: 0 if x in {0, 0.1} else 2 * x, "0.1")
    assert report.verdict is REFUTED
    report = check_gradient(lambda x: x * x, lambda x: 1 if x in {0, 0.1} else 2 * x)
    assert report.verdict is REFUTED


TABLE = {0.25: 5, 777: 6}


@pytest.mark.parametrize(
    "is_kept",
    [
        lambda x: x in {777, 0.123},
        lambda x: TABLE.get(x),
        lambda x, kept=frozenset([777.0]): x in kept,
        lambda x: x + 1 in TABLE,
    ],
)
def test_what_a_set_or_dict_holds_is_looked_for(is_kept):
    gradient = lambda x: 2 * x + (1 if is_kept(x) else 0)
    assert check_gradient(lambda x: x * x, gradient).verdict is REFUTED


def test_what_a_set_or_dict_was_asked_for_is_said():
    report = check_gradient(lambda x: x * x, lambda x: 0 if hash(x) == hash(777.0) else 2 * x)
    assert report.verdict is PROVED
    note = finding(
        report, "a set or dict was asked for a number: those that it holds were not looked for"
    )
    assert note.startswith("test_check_gradient_verdicts.py:")


@pytest.mark.parametrize("epsilon", [1e-5, 1e-8, 1e-12])
def test_a_small_number_that_keeps_a_denominator_from_0_is_refuted_with_its_difference(epsilon):
    report = check_gradient(lambda x: minigrad.log(minigrad.exp(x) + epsilon), lambda x: 1)
    assert report.verdict is REFUTED
    assert report.entries[0].difference == f"1/({round(1 / epsilon)}*exp(x) + 1)"
    report = check_gradient(
        lambda x, y: minigrad.norm([x, y]),
        lambda x, y: (x / (minigrad.norm([x, y]) + epsilon), y / minigrad.norm([x, y])),
    )
    assert report.entries[0].verdict is REFUTED
    assert "sqrt(x**2 + y**2)" in report.entries[0].difference
