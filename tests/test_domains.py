"""Points in the domain of a claim."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import pytest

from minigrad.verify import Verdict, check_gradient
from minigrad.verify.arguments import of_point
from minigrad.verify.domains import Domain
from minigrad.verify.symbolic import Rules

RULES = Rules()
NARROW = {
    "between": lambda x: 273.15 < x < 373.15,
    "far": lambda x: x > 1e5,
    "a unit": lambda x: 40 < x < 41,
    "near": lambda x: 0 < x < 1e-3,
    "a root": lambda x: x**3 - 200 * x > 10**6,
    "of floats too": lambda x: (f"{float(x)}", x > 12345)[1],
}


def of(predicate: Any, point: Any) -> Domain:
    layout, _ = of_point(lambda *xs: xs, point)
    return Domain(predicate, layout)


@pytest.mark.parametrize("predicate", NARROW.values(), ids=NARROW)
def test_a_domain_without_a_usual_point_is_found(predicate: Any) -> None:
    (found,) = next(of(predicate, 0).points([(Fraction(26, 11),)], RULES, math.inf))
    assert predicate(found)
    right = check_gradient(lambda x: x * x, lambda x: 2 * x, domain=predicate)
    wrong = check_gradient(lambda x: x * x, lambda x: 3 * x, domain=predicate)
    assert (right.verdict, wrong.verdict) == (Verdict.PROVED, Verdict.REFUTED)
    assert all(predicate(point["x"]) for point in wrong.points)


def test_a_domain_of_several_arguments_is_found() -> None:
    def predicate(x: Any, y: Any) -> bool:
        return bool(x > 100 and y < x - 200)

    domain = of(predicate, (0, 0))
    found = list(itertools.islice(domain.points([(Fraction(2), Fraction(3))], RULES, math.inf), 3))
    assert found
    assert all(predicate(*values) for values in found)


def test_a_domain_that_is_empty_or_fails_has_no_points() -> None:
    def failing(x: Any) -> bool:
        raise KeyError("missing")

    assert list(of(lambda x: x > x, 0).points([(Fraction(2),)], RULES, math.inf)) == []
    domain = of(failing, 0)
    assert list(domain.points([(Fraction(2),)], RULES, math.inf)) == []
    assert not domain.holds([Fraction(2)])
    assert isinstance(domain.error, KeyError)


def test_without_a_predicate_it_is_everywhere() -> None:
    assert of(None, (0, 0)).holds([Fraction(1), Fraction(2), Fraction(3)])


@pytest.mark.parametrize(
    "predicate",
    [
        lambda x, y: x * x + y * y == 1,
        lambda x, y: x + y == 1 and x > 0 and y > 0,
        lambda x, y: x > 0 and y > 0 and x * x + y * y < 1,
    ],
)
def test_a_circle_and_a_simplex_have_points(predicate: Any) -> None:
    wrong = check_gradient(lambda x, y: x * y, lambda x, y: (y + 1, x), domain=predicate)
    assert wrong.verdict is Verdict.REFUTED
    assert all(predicate(point["x"], point["y"]) for point in wrong.points)
