"""Where a verdict on two programs holds: the comparisons they made, and the pieces and domains."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad.verify import branches, check_gradient
from minigrad.verify.arguments import of_point
from minigrad.verify.branches import comparison_text, key, path
from minigrad.verify.claims import Claim, Kind, Sample, sample
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

RULES = Rules()


def looked_at(function: Any, derivative: Any, point: Any) -> Sample:
    layout, values = of_point(function, point)
    return sample(Claim(Kind.GRADIENT, function, derivative, layout), values, math.inf)


def texts(function: Any, point: Any, derivative: Any = None) -> list[str]:
    if derivative is None:
        count = len(point) if isinstance(point, tuple) else 1
        derivative = lambda *_: (0,) * count if count > 1 else 0
    ran = looked_at(function, derivative, point)
    theirs = Program(ran.outputs, ran.leaves, RULES)
    return path(ran, theirs, Program(ran.given, ran.own_leaves, RULES), RULES)


# --- comparisons ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (lambda x: x if x > Fraction(1, 2) else 0, 3, ["x > 1/2"]),
        # What did not hold is negated.
        (lambda x: x if x > Fraction(1, 2) else 0, 0, ["x <= 1/2"]),
        (lambda x: x if x >= 2 else 0, 0, ["x < 2"]),
        (lambda x: x if x < 2 else 0, 5, ["x >= 2"]),
        (lambda x: x if x <= 2 else 0, 5, ["x > 2"]),
        (lambda x: x if x == 2 else 0, 5, ["x != 2"]),
        (lambda x: x if x != 2 else 0, 5, ["x != 2"]),
        (lambda x: x if x else 0, 5, ["x != 0"]),
        (lambda x, y: x if 2 * x > y * y else y, (5, 1), ["2*x > y**2"]),
        (lambda x: x if 1 < x < 4 else 0, 3, ["x > 1", "x < 4"]),
        # Said once, however often it was asked.
        (lambda x: x if x > 1 and x > 1 and x + 0 > 1 else 0, 3, ["x > 1"]),
        # What holds for all arguments is no condition.
        (lambda x: x if x == x + 0 else 0, 3, []),
        (lambda x: x if x * x + 1 > 0 else 0, 3, []),
        (lambda x: x, 3, []),
    ],
)
def test_comparisons_are_spelt_in_the_arguments(function, point, expected):
    assert texts(function, point) == expected


def test_a_long_side_is_given_by_its_line():
    def function(x, y):
        return x if (x + y + 1) ** 3 > 7 else y

    (text,) = texts(function, (2, 3))
    assert text.startswith("pow(…) > 7 (test_branches.py:")
    assert "return x if (x + y + 1) ** 3 > 7 else y" in text
    (other,) = texts(function, (-2, -3))
    assert other.startswith("not pow(…) > 7 (test_branches.py:")


# --- domains and pieces --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (lambda x: 1 / x, 3, ["x != 0"]),
        (lambda x: x**-2, 3, ["x != 0"]),
        (lambda x, y: x / (x - y), (3, 1), ["x - y != 0"]),
        # SymPy cancels it, and the program does not.
        (lambda x: x / x, 3, ["x != 0"]),
        (lambda x: 1 / (x * x + 1), 3, []),
        (abs, 3, ["x > 0"]),
        (abs, -3, ["x < 0"]),
        (lambda x: minigrad.relu(x - 2), 5, ["x - 2 > 0"]),
        (lambda x, y: minigrad.maximum(x, y), (5, 1), ["x > y"]),
        (lambda x: x // 1, "5/2", ["x > 2", "x < 3"]),
        (lambda x: minigrad.prod([1 / x, x]), 3, ["x != 0"]),
    ],
)
def test_conditions_of_operators(function, point, expected):
    found = texts(lambda *xs: function(*xs), point if isinstance(point, tuple) else (point,))
    names = {"xs[0]": "x", "xs[1]": "y"}
    for name, short in names.items():
        found = [text.replace(name, short) for text in found]
    assert found == expected


def test_a_comparison_holds_on_the_pieces_and_domains_of_its_sides():
    # That "x <= 3" is true where x > 0 alone: for x = -10, |x| is not at most 3.
    assert texts(lambda x: x if abs(x) <= 3 else 0, 2) == ["x <= 3", "x > 0"]
    assert texts(lambda x: x if abs(x) <= 3 else 0, -2) == ["-x <= 3", "x < 0"]
    assert texts(lambda x: x if x // 1 == 2 else 0, "5/2") == ["x > 2", "x < 3"]
    assert texts(lambda x: x if 1 / x < 3 else 0, 2)[1:] == ["x != 0"]


def test_both_programs_have_conditions():
    found = texts(lambda x: x * x, 3, lambda x: 2 * x if x > 1 else 2 * x * x / x)
    assert found == ["x > 1"]
    assert texts(lambda x: x * x, 0.5, lambda x: 2 * x if x > 1 else 2 * x * x / x) == [
        "x <= 1",
        "x != 0",
    ]
    # Each once, the function's first.
    assert texts(lambda x: 1 / x, 3, lambda x: -1 / x / x if x > 2 else 0) == ["x != 0", "x > 2"]


def test_an_exponent_keeps_its_number():
    assert texts(lambda x, n: x**n, (-2, 3)) == ["n == 3"]
    assert texts(lambda x, n: x**n, (-2, -3)) == ["n == -3", "x != 0"]
    assert texts(lambda x, n: x * n, (-2, 3), lambda x, n: (n, x ** (n - 2))) == ["n == 3"]
    # In a comparison alone it does, too.
    assert texts(lambda x, n: x if x**n > 5 else 0, (-3, 2)) == ["n == 2", "x**2 > 5"]


def test_an_exponent_of_a_positive_base_may_have_any_number():
    assert texts(lambda x, n: x**n, (2, 3)) == ["x > 0"]
    assert texts(lambda x, n: x**n, (2, -3)) == ["x > 0"]
    assert texts(lambda x, n: x * n, (2, 3), lambda x, n: (n, x ** (n - 2))) == ["x > 0"]
    assert texts(lambda x, n: x if x**n > 5 else 0, (3, 2)) == ["exp(n*log(x)) > 5", "x > 0"]


def test_what_is_long_is_counted_out(monkeypatch):
    def function(x):
        total = x
        for k in range(20):
            total = total + (x if x > -k else 0)
        return total

    assert len(texts(function, 3)) == 20
    monkeypatch.setattr(branches, "_MOST", 4)
    first = ["x > 0", "x > -1", "x > -2", "x > -3"]
    assert texts(function, 3) == [*first, "16 more conditions"]
    # Those that both programs have more are counted together.
    assert texts(function, 3, function) == [*first, "32 more conditions"]
    monkeypatch.setattr(branches, "_MOST", 19)
    assert texts(function, 3)[19:] == ["1 more condition"]
    monkeypatch.setattr(branches, "_LOOKED_AT", 15)
    assert texts(function, 3)[14:] == ["x > -14", "5 more conditions"]


def test_conditions_that_hold_everywhere_take_no_place_of_others():
    def function(x):
        always = sum(minigrad.relu(x**2 + i + 1) for i in range(61))
        return always + minigrad.relu(x**502 - 10**1600)

    report = check_gradient(function, lambda x: 122 * x)
    assert report.conditions == (f"x**502 - {10**1600} < 0",)


def test_operators_whose_conditions_are_not_looked_at_are_counted(monkeypatch):
    def function(x):
        return sum(minigrad.relu(x + i) for i in range(5))

    monkeypatch.setattr(branches, "_LOOKED_AT", 2)
    assert texts(function, 3) == ["x > 0", "x + 1 > 0", "3 more conditions"]


def test_an_operand_that_is_long_is_not_spelt():
    found = texts(lambda x, y: abs((x + y + 1) ** 3), (2, 3))
    assert len(found) == 1
    assert found[0].startswith("the piece or domain of abs node ")


# --- telling paths apart -------------------------------------------------------------------------


def keys(function: Any, *points: Any) -> list[Any]:
    return [key(looked_at(function, lambda *_: 0, point)) for point in points]


def test_paths_differ_by_what_came_of_comparisons():
    below, above, further = keys(lambda x: x if x > 1 else 2 * x, 0, 3, 5)
    assert above == further
    assert below != above


def test_paths_differ_by_the_pieces_that_comparisons_saw():
    left, right, further = keys(lambda x: x if abs(x) > 1 else 2 * x, -3, 3, 5)
    assert right == further
    assert left != right


def test_a_derivative_that_compares_has_paths_of_its_own():
    def of(point: Any) -> Any:
        return key(looked_at(lambda x: x, lambda x: 1 if x > 2 else x / x, point))

    assert of(3) == of(5) != of(0)


def test_a_derivative_that_raised_is_none():
    def raising(_: Any) -> Any:
        raise KeyError

    assert hash(key(looked_at(lambda x: x if x > 1 else 0, raising, 3))) is not None


# --- a comparison alone --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "text"),
    # As it was written, whatever came of it.
    [(3, "x > 1/2"), (0, "x > 1/2")],
)
def test_a_comparison_is_spelt_as_it_was_written(point, text):
    ran = looked_at(lambda x: x if x > Fraction(1, 2) else 0, lambda x: 0, point)
    (comparison,) = ran.function.trace.comparisons
    assert comparison_text(comparison, ran.leaves, RULES) == text


def test_a_comparison_that_cannot_be_spelt_is_named():
    ran = looked_at(lambda x, y: x if (x + y + 1) ** 3 > 7 else y, lambda x, y: (0, 0), (2, 3))
    (comparison,) = ran.function.trace.comparisons
    assert comparison_text(comparison, ran.leaves, RULES).startswith("pow(…) > 7")


# --- in a report ---------------------------------------------------------------------------------


def test_what_all_branches_have_in_common_is_a_condition():
    def function(x):
        return x / (x + 1) if 2 * x > 1 else 1 / (x + 1) - Fraction(1, 3)

    def gradient(x):
        return 1 / (x + 1) ** 2 if 2 * x > 1 else -1 / (x + 1) ** 2

    report = check_gradient(function, gradient)
    assert set(report.conditions) == {"x + 1 != 0", "x**2 + 2*x + 1 != 0"}
    assert set(report.branches) == {"2*x > 1", "2*x <= 1"}


@pytest.mark.parametrize(
    ("gradient", "expected"),
    [
        (
            lambda x: 2 * minigrad.relu(x) - 2 * minigrad.relu(-x),
            {"x > 0 and -x < 0", "x < 0 and -x > 0"},
        ),
        (
            lambda x: 2 * x if abs(x) <= 3 else x + x,
            {"x <= 3 and x > 0", "-x <= 3 and x < 0", "x > 3 and x > 0", "-x > 3 and x < 0"},
        ),
    ],
)
def test_pieces_of_the_derivative_and_of_comparisons_are_branches(gradient, expected):
    report = check_gradient(lambda x: x * x, gradient)
    assert report.ok
    # None of them holds on all branches that were seen.
    assert report.conditions == ()
    assert set(report.branches) == expected


def test_conditions_are_those_of_the_sample_on_each_path_of_one_formula():
    def function(x, y):
        return abs(x) / y + (x > 1) * 0

    def gradient(x, y):
        return x / abs(x) / y, -abs(x) / y**2

    # Of the three paths the last has the formula of the first, which was read at another point.
    report = check_gradient(function, gradient, (2, 3), (-2, 3), ("1/2", 3))
    assert report.conditions == ("y != 0",)
    assert set(report.branches) == {
        "x > 1 and x > 0 and x != 0",
        "x <= 1 and x < 0 and -x != 0",
        "x <= 1 and x > 0 and x != 0",
    }


def test_only_the_first_branches_are_spelt():
    def gradient(x):
        return sum((x > k) * 0 for k in range(40)) + 1

    report = check_gradient(lambda x: x, gradient)
    assert len(report.branches) == 13
    assert all("x <= " in branch or "x > " in branch for branch in report.branches[:12])
    # The other of the 41 intervals are counted.
    assert report.branches[-1] == "29 more"
