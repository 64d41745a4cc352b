from __future__ import annotations

from dataclasses import replace

import pytest
from faults import BRANCHES, CONSISTENT, FORWARD, HIDDEN_FORWARD, PARTIALS, Wrong, the_usual

from minigrad import Scalar
from minigrad.errors import DomainError
from minigrad.number import ONE
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify.proof import Prover
from minigrad.verify.report import Report
from minigrad.verify.rules import POINTS, verify_rules


@pytest.fixture(scope="module")
def report(prover: Prover) -> Report:
    return verify_rules(prover)


def labels(report: Report, name: str) -> list[str]:
    return [entry.label for entry in report.entries if entry.operator == name]


def choices(report: Report, name: str) -> list[str]:
    return [label.partition(": ")[2] for label in labels(report, name)]


def test_every_operator_of_the_table_is_there(report: Report) -> None:
    assert list(dict.fromkeys(entry.operator for entry in report.entries)) == list(OPERATORS)
    assert report.title == "operator rules"
    assert report.ok


# Where an operator has a value and no derivative, its own value is all that there is to prove.
ENDS = {"sqrt", "asin", "acos", "acosh", "cbrt", "power"}


def test_boundaries_are_kinks_and_everything_else_is_proved(report: Report) -> None:
    for entry in report.entries:
        kink = "boundary" in entry.label and entry.operator not in ENDS
        assert str(entry.verdict) == ("kink" if kink else "proved"), entry


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("sqrt", ["0"]), ("cbrt", ["0"]), ("asin", ["1"]), ("acos", ["-1"]), ("acosh", ["1"]),
        ("power", ["0", "1/2"]),
    ],
)  # fmt: skip
def test_at_an_end_a_derivative_that_is_claimed_is_refuted(
    prover: Prover, name: str, points: list[str]
) -> None:
    operator = OPERATORS[name]
    invented = replace(operator, partials=lambda *_: (ONE,) * len(points))
    # There is a one-sided derivative by the exponent of 0, and no convention about it.
    right = ["kink", "undecided"][: len(points)]
    for made, expected in ((operator, right), (invented, ["refuted"] * len(points))):
        xs = [Scalar(x, f"x{i + 1}") for i, x in enumerate(points)]
        root = apply(made, xs) * Scalar(7, "w")
        report = prover.verify(root, "chain", checks={"rules"})
        assert [str(e.verdict) for e in report.entries if e.label.startswith("x")] == expected
        assert {e.blame for e in report.entries if e.verdict == "refuted"} <= {f"operator {name}"}


SIDES = {"positive", "negative", "zero, boundary"}
ORDERS = {"first greater", "second greater", "tie, boundary"}
QUOTIENTS = {"quotient", "quotient, boundary"}
WHOLES = {"whole", "whole, boundary"}
END = {"inside", "end, boundary"}
LENGTH = {"inside", "zero, boundary"}


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("abs", SIDES), ("relu", SIDES), ("maximum", ORDERS), ("minimum", ORDERS),
        ("floordiv", QUOTIENTS), ("mod", QUOTIENTS),
        ("power", {"positive", "zero, boundary", "0", "1", "2", "-1", "-3"}),
        ("floor", WHOLES), ("ceil", WHOLES), ("sign", SIDES), ("cbrt", SIDES), ("hypot", LENGTH),
        ("sqrt", END), ("asin", END), ("acos", END), ("acosh", END),
        ("atan2", {"right", "upper", "lower", "cut, boundary"}),
        ("polygamma", {f"order {n}" for n in (0, 1, 2)}),
        ("where", {"condition True", "condition False"}),
        ("pow", {f"exponent {n}" for n in (-3, -2, -1, 0, 1, 2, 3, 5)}),
        ("round", {f"digits {n}, nearest{b}" for n in (-1, 0, 1) for b in ("", ", boundary")}),
    ],
)  # fmt: skip
def test_every_piece_and_parameter_is_reached(report: Report, name: str, pieces: set[str]) -> None:
    assert set(choices(report, name)) == pieces
    assert len(choices(report, name)) == len(pieces)


@pytest.mark.parametrize("name", ["sum", "prod", "dot"])
def test_operators_of_any_number_of_operands_are_tried_with_several(
    report: Report, name: str
) -> None:
    one, two, three, many = [entry.point for entry in report.entries if entry.operator == name]
    width = OPERATORS[name].width
    assert [len(point) for point in (one, two, three, many)] == [width * n for n in (1, 2, 3, 12)]
    assert set(many.values()) == set(POINTS)
    assert labels(report, name)[-1] == "(x1, x2, x3, …)"


def test_the_derivatives_stand_in_the_entry(report: Report) -> None:
    (entry,) = [entry for entry in report.entries if entry.operator == "div"]
    assert entry.label == "(x1, x2)"
    assert entry.derivative == "1/x2; -x1/x2**2"
    assert entry.point == {"x1": 2, "x2": 2}
    assert (entry.value, entry.gradient) == (1, None)
    last = next(entry for entry in reversed(report.entries) if entry.operator == "sum")
    assert last.derivative.endswith("; …")


@pytest.mark.parametrize(
    "wrong", [*PARTIALS, *FORWARD, *HIDDEN_FORWARD, *BRANCHES, *CONSISTENT], ids=str
)
def test_every_planted_operator_is_refuted(prover: Prover, wrong: Wrong) -> None:
    report = verify_rules(prover, {wrong.operator: wrong.made})
    blames = {entry.blame for entry in report.entries if entry.verdict == "refuted"}
    assert blames == {f"operator {wrong.operator}"}
    assert not report.ok


def test_one_wrong_entry_does_not_touch_the_others(prover: Prover) -> None:
    report = verify_rules(prover, {**OPERATORS, "mul": the_usual("mul").made})
    assert {e.operator for e in report.entries if e.verdict == "refuted"} == {"mul"}
    assert {e.operator for e in report.entries if e.verdict == "undecided"} == set()


def test_an_operator_that_raises_inside_its_domain_is_refuted(prover: Prover) -> None:
    def forward(*_: object) -> object:
        raise DomainError("not today")

    for name in ("div", "mod"):
        report = verify_rules(prover, {name: replace(OPERATORS[name], forward=forward)})
        says = f"{name} raised DomainError inside its domain: not today"
        assert {(str(e.verdict), e.message) for e in report.entries} == {("refuted", says)}
