"""Guesses at the mistake behind a wrong derivative."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.rational import Field, OutOfBudget
from minigrad.verify import check_gradient, check_hessian, check_jacobian, hints
from minigrad.verify.hints import Case, hint
from minigrad.verify.identity import formula_text
from minigrad.verify.report import Verdict

FIELD = Field(2)
X, Y = FIELD.generators
ONE = X / X


def guess(true: Any, given: Any, k: int = 0, **known: Any) -> str:
    """The hint on component `k` of formulas in x and y."""
    count = len(true)
    case = Case(
        FIELD,
        [t if t is None else FIELD.convert(t) for t in true],
        [g if g is None else FIELD.convert(g) for g in given],
        k,
        known.get("labels", ["x", "y", "z", "w"][:count]),
        known.get("divisors", (set(), set())),
        known.get("uses", []),
        known.get("columns", 0),
        lambda formula: formula_text(formula, sp.symbols("x y")),
    )
    return hint(case)


def only(true: Any, given: Any, **known: Any) -> str:
    return guess([true], [given], **known)


# --- one mistake after the other -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("true", "given", "says"),
    [
        (X, -X, "its sign is wrong"),
        (X, 2 * X, "it is twice the derivative: a factor too many?"),
        (X, -3 * X, "it is -3 times the derivative: a factor too many?"),
        (2 * X, X, "it is 1/2 of the derivative: a factor 2 is missing?"),
        (3 * X, 2 * X, "it is 2/3 of the derivative: a factor 3/2 is missing?"),
        (X, 0, "is it missing?"),
        (0, X, "the function does not depend on it"),
        (X * Y, X, "the factor y is missing: a chain rule forgotten?"),
        (X * (1 - Y), X, "the factor (1 - y) is missing: a chain rule forgotten?"),
        (X, X * Y, "the factor y is too many"),
        (X + Y, (X + Y) ** 2, "it is the square of the derivative"),
        (X + Y**2, X, "the term y**2 is missing"),
        (X**2, X**2 + X + Y, "the term x + y is too many"),
    ],
)
def test_each_mistake_has_its_words(true, given, says):
    assert only(true, given) == says


@pytest.mark.parametrize(
    ("true", "given"),
    [
        # Nothing that a person does by mistake.
        (X**2 + Y, X**3 + Y**2 + 1),
        (X, Fraction(1001) * X),
        (X, Fraction(1000000001, 1000000000) * X),
        (X, X / 2000),
        (None, X),
        (X, None),
    ],
)
def test_where_nothing_fits_nothing_is_said(true, given):
    assert only(true, given) == ""


def test_a_mean_and_a_sum():
    third = Fraction(3)
    says = "it is 3 times it, and the function divides by 3: a mean is meant?"
    assert only(X, 3 * X, divisors=({third}, set())) == says
    says = "it is divided by 3: a mean where the sum is meant?"
    assert only(X, X / 3, divisors=(set(), {third})) == says
    # A half is a factor of its own much more often than a mean of two.
    assert only(X, 2 * X, divisors=({Fraction(2)}, set())).startswith("it is twice")
    assert only(X, 4 * X, divisors=({third}, set())).startswith("it is 4 times")


def test_components_that_are_swapped():
    assert guess([X, Y**2], [Y**2, X]) == "it is the derivative by y: are components swapped?"
    assert guess([X, Y**2], [Y**2, X], 1) == "it is the derivative by x: are components swapped?"
    # A component that is not known is nobody's.
    assert guess([X, None], [Y**2, X]) != "it is the derivative by y: are components swapped?"


def test_a_matrix_that_is_transposed():
    true = [X, Y**2, X * Y, X + 1]
    transposed = [true[0], true[2], true[1], true[3]]
    assert guess(true, transposed, 1, columns=2) == "the matrix is transposed"
    # Not all of it is: then two components are swapped.
    half = [true[0], true[2], true[2], true[3]]
    assert guess(true, half, 1, columns=2) == "it is the derivative by z: are components swapped?"
    assert "transposed" not in guess(true, transposed, 1, columns=4)
    assert "transposed" not in guess([*true[:3], None], transposed, 1, columns=2)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (X**2, "it is what the first of 3 uses contributes: = where += is meant?"),
        (Y, "it is what the second of 3 uses contributes: = where += is meant?"),
        (ONE, "it is what the last of 3 uses contributes: = where += is meant?"),
        (Y + 1, "the term x**2 is missing"),
        (X**2 + Y, "the term 1 is missing"),
    ],
)
def test_one_use_of_several(given, says):
    assert only(X**2 + Y + 1, given, uses=[X**2, Y, ONE]) == says


def test_a_single_use_is_no_accumulation():
    assert "use" not in only(X**2 + Y, X**2, uses=[X**2])
    assert "use" not in only(X**2 + Y, X**2, uses=[X**2, object()])


@pytest.mark.parametrize(("n", "text"), [(1, "first"), (2, "second"), (3, "third"), (4, "4th")])
def test_places_have_names(n, text):
    uses = [X ** (k + 1) for k in range(6)]
    says = only(sum(uses[1:], uses[0]), uses[n - 1], uses=uses)
    assert says == f"it is what the {text} of 6 uses contributes: = where += is meant?"


@given(st.integers(-1000, 1000).filter(lambda n: n not in (0, 1)))
def test_a_factor_is_named_with_its_number(n):
    says = only(X * Y + 1, n * (X * Y + 1))
    assert says.startswith({-1: "its sign is wrong", 2: "it is twice"}.get(n, f"it is {n} times "))


def test_a_guess_that_outgrows_its_budget_is_none(monkeypatch):
    def endless(*_: Any) -> str:
        raise OutOfBudget("too many terms")

    monkeypatch.setattr(hints, "_ratio", endless)
    assert only(X, 2 * X) == ""


# --- in a report ---------------------------------------------------------------------------------


def message(report: Any, label: str) -> str:
    (found,) = [e.message for e in report.entries if e.label == label]
    return found


def mean_of_squares(x):
    return minigrad.dot(x, x) / 3


@pytest.mark.parametrize(
    ("function", "gradient", "shape", "label", "says"),
    [
        (lambda x: x**3, lambda x: x**2, 1, "x", "it is 1/3 of the derivative"),
        (lambda x: 1 / x, lambda x: 1 / x**2, 1, "x", "its sign is wrong"),
        (lambda x, y: x * y, lambda x, y: (x, y), 2, "x", "it is the derivative by y: are compo"),
        (lambda x: (1 - x * x) ** 2, lambda x: 2 * (1 - x * x), 1, "x", "a chain rule forgotten?"),
        (lambda x: x * x + 1 / x, lambda x: 2 * x, 1, "x", "the term -1/x**2 is missing"),
        (mean_of_squares, lambda x: 2 * x, [3], "x[0]", "the function divides by 3: a mean is m"),
        (
            lambda x: minigrad.dot(x, x),
            lambda x: 2 * x / 3,
            *([3], "x[0]", "it is divided by 3: a mean where the sum is meant?"),
        ),
    ],
)
def test_the_guess_stands_in_the_message(function, gradient, shape, label, says):
    report = check_gradient(function, gradient, shape=shape)
    assert report.verdict is Verdict.REFUTED
    assert says in message(report, label)


def test_a_jacobian_that_is_transposed_says_so():
    report = check_jacobian(
        lambda x: [x[0] * x[1], x[1] ** 3], lambda x: [[x[1], 0], [x[0], 3 * x[1] ** 2]], shape=[2]
    )
    assert message(report, "f[0] by x[1]").endswith("(the matrix is transposed)")


def test_uses_are_counted_where_one_is_kept():
    def twice_used(x):
        y = x * x
        return y + y * y

    report = check_gradient(lambda x, y: x * y + x**3, lambda x, y: (3 * x**2, x))
    says = "it is what the last of 2 uses contributes: = where += is meant?"
    assert says in message(report, "x")
    assert check_gradient(twice_used, lambda x: 2 * x + 4 * x**3).ok


@pytest.mark.parametrize("words", ["", "no mistake at all", "it is right"])
def test_a_guess_never_changes_a_verdict(monkeypatch, words):
    def verdicts() -> list[Any]:
        reports = [
            check_gradient(lambda x, y: x * y, lambda x, y: (x, x)),
            check_hessian(lambda x, y: x * y, lambda x, y: [[0, 1], [1, 1]]),
            check_gradient(lambda x: x * x, lambda x: 2 * x),
        ]
        return [(e.verdict, e.difference, e.expected) for r in reports for e in r.entries]

    before = verdicts()
    monkeypatch.setattr(hints, "hint", lambda _: words)
    assert verdicts() == before
    report = check_gradient(lambda x: x * x, lambda x: x)
    assert (f"({words})" in message(report, "x")) == bool(words)
