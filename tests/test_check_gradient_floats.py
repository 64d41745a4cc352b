"""Floats that were rounded on their way into a check."""

from __future__ import annotations

import pytest
from checked_functions import PROVED, REFUTED, UNDECIDED, finding

from minigrad.verify import check_gradient


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: x**2 / 3, lambda x: 2 * x * (1 / 3)),
        (lambda x: x / 3, lambda x: 1 / 3),
        (lambda x: x**2 * (1 / 3), lambda x: 2 * x / 3),
        (lambda x, y: x**2 * (1 / 7) + y, lambda x, y: (2 * x / 7, 1)),
    ],
)
def test_computed_floats_are_undecided_with_their_line_and_proved_as_the_simplest(
    function, gradient
):
    report = check_gradient(function, gradient)
    assert report.verdict is UNDECIDED
    assert "floats that were rounded before minigrad saw them" in str(report)
    line = finding(report, "was computed, and so rounded")
    assert "test_check_gradient_floats.py:" in line
    assert check_gradient(function, gradient, floats="simplest").verdict is PROVED


@pytest.mark.parametrize("floats", ["decimal", "binary", "simplest"])
def test_rounding_does_not_hide_a_mistake(floats):
    report = check_gradient(lambda x: x**2 * (1 / 3), lambda x: 2.0000001 * x / 3, floats=floats)
    assert report.verdict is REFUTED
    assert check_gradient(lambda x: x / 3, lambda x: 0.3333, floats=floats).verdict is REFUTED


def test_a_float_that_was_written_is_what_was_written():
    assert check_gradient(lambda x: 0.1 * x * x, lambda x: 0.2 * x).verdict is PROVED
    # As doubles, 0.3 is not three times 0.1.
    by_three = (lambda x: 0.1 * x**3, lambda x: 0.3 * x * x)
    assert check_gradient(*by_three).verdict is PROVED
    assert check_gradient(*by_three, floats="binary").verdict is REFUTED
