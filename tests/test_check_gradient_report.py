"""What a report says, and that it says the same again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from fractions import Fraction

import pytest
from checked_functions import (
    KINK,
    PROVED,
    REFUTED,
    early_exit,
    finding,
    huber,
    median,
    of_median,
    only,
    saturated,
    zero_at_zero,
)

import minigrad
from minigrad.verify import check_gradient

# --- what the report says -------------------------------------------------------------------------


def area(x, y):
    return x**2 * y


def of_area(x, y):
    return 2 * x * y, x**2 + y


def test_the_error_is_shown_by_small_numbers_and_a_line_that_reproduces_it():
    report = check_gradient(area, of_area, ("1234/567", 89))
    entry = report.entries[1]
    assert (entry.verdict, entry.difference) == (REFUTED, "y")
    assert entry.point == {"x": 0, "y": 1}
    line = finding(report, "to reproduce: ").partition(": ")[2]
    assert line == "check_gradient(area, of_area, (0, 1))"
    again = eval(line, {"check_gradient": check_gradient, "area": area, "of_area": of_area})
    assert again.points[0] == {"x": 0, "y": 1}
    assert again.entries[1].verdict is REFUTED


def test_where_small_numbers_do_not_show_it_the_smallest_found_do():
    def gradient(x):
        return 2 * x if 3 * x <= 100 else 2 * x + 1

    report = check_gradient(lambda x: x * x, gradient)
    (x,) = only(report).point.values()
    assert 100 < 3 * x <= 120
    line = finding(report, "to reproduce: ").partition(": ")[2]
    found = eval(
        line, {"check_gradient": check_gradient, "f": lambda x: x * x, "gradient": gradient}
    )
    assert only(found).verdict is REFUTED


def test_branches_and_conditions_are_listed():
    def function(x):
        return x / (x + 1) if x > Fraction(1, 2) else 2 * x / 3

    report = check_gradient(
        function, lambda x: 1 / (x + 1) ** 2 if x > Fraction(1, 2) else Fraction(2, 3)
    )
    assert report.verdict is KINK
    assert report.conditions == ()
    assert set(report.branches) == {
        "x > 1/2 and x + 1 != 0 and x**2 + 2*x + 1 != 0",
        "x <= 1/2",
    }


def test_the_side_of_a_comparison_that_was_not_reached_is_told():
    report = check_gradient(lambda x: x if x * x != 2 else 3 * x, lambda x: 1)
    assert (report.verdict, report.conditions) == (PROVED, ("x**2 != 2",))
    text = finding(report, "its other side was not reached")
    assert text.startswith("test_check_gradient_report.py:")
    assert "x**2 != 2 was True at every point" in text


# --- the same report again ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gradient"),
    [(area, of_area), (early_exit, zero_at_zero), (huber, saturated), (median, of_median)],
)
def test_a_check_gives_the_same_report_again(function, gradient):
    first, second = (check_gradient(function, gradient) for _ in range(2))
    assert first == second
    assert str(first) == str(second)


PROGRAM = textwrap.dedent(
    """
    import minigrad
    from minigrad.verify import check_gradient, check_hessian

    def f(x, y, z):
        return abs(x - y) * minigrad.maximum(y, z) + (x * z if x > 3 else z / (y * y + 1))

    def g(x, y, z):
        return (z, y * 1.5, x if x > y else 2)

    print(check_gradient(f, g))
    print(check_hessian(f, lambda x, y, z: [[0, 1, x], [1, 0, z], [x, z, y]]).to_dict())
    """
)


def test_a_report_does_not_hang_on_the_hash_seed():
    texts = set()
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        texts.add(done.stdout)
    assert len(texts) == 1


@pytest.mark.parametrize("branching", [False, True])
def test_runs_grow_no_faster_than_the_variables(branching):
    def runs(n: int) -> int:
        calls = 0

        def function(x):
            nonlocal calls
            calls += 1
            bent = abs(x[0]) * x[0] if branching else x[0] * x[0]
            return bent + minigrad.dot(x[1:], x[1:])

        def gradient(x):
            first = 2 * abs(x[0]) if branching else 2 * x[0]
            return [first, *(2 * value for value in x[1:])]

        assert check_gradient(function, gradient, shape=[n]).verdict is PROVED
        return calls

    ten, twenty, forty = map(runs, (10, 20, 40))
    assert forty - twenty <= 2 * (twenty - ten)
    # One point has a zero in each place; at a boundary each variable is moved to either side.
    assert (forty - twenty) / 20 <= (200 if branching else 2)


@pytest.mark.parametrize(
    ("function", "gradient", "says"),
    [
        (
            lambda x: abs(x * x - 2),
            lambda x: 2 * x if x * x > 2 else -2 * x,
            "abs was not looked at on its boundary near x = -1.4142: no rational number is known there",
        ),
        (
            lambda x: x if x**3 < 5 else 2 * x,
            lambda x: 1 if x**3 < 5 else 2,
            "x**3 < 5 was not looked at on its boundary near x = 1.71: no rational number is known there",
        ),
        (
            lambda x: minigrad.relu(minigrad.exp(x) - 3),
            lambda x: minigrad.exp(x) if minigrad.exp(x) > 3 else 0,
            "relu was not looked at on its boundary near x = 1.0986: no rational number is known there",
        ),
    ],
)
def test_a_boundary_at_no_rational_number_is_named(function, gradient, says):
    report = check_gradient(function, gradient)
    (found,) = report.findings
    assert (report.verdict, found.endswith(says)) == (PROVED, True)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(lambda x: abs(x * x - 4), 0), (lambda x, y: minigrad.relu(x * x + y - 2), (0, 1))],
)
def test_a_boundary_that_was_stood_on_somewhere_is_not(function, arguments):
    report = check_gradient(function, minigrad.grad(function, arguments))
    assert report.ok
    assert not any("on its boundary" in finding for finding in report.findings)
