"""Planted faults in the operators that lead out of the rational numbers: each of them is refuted.

As `tests/faults.py` has them for the others: wrong partials, wrong values and wrong pieces, each found where
it shows and as a rule, with the operator to blame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from minigrad import Scalar, apply
from minigrad.elementary import call, pi
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.operators import OPERATORS, RATIONAL, Operator, Piece
from minigrad.verify.proof import Prover
from minigrad.verify.report import Report
from minigrad.verify.rules import verify_rules

# The same lines run for each fault, and elsewhere: to count them takes three times as long as the tests.
pytestmark = pytest.mark.no_cover

NAMES = [name for name in OPERATORS if name not in RATIONAL] + ["sign", "floor", "ceil"]
HALF = Fraction(1, 2)
TWO = Fraction(2)


class Wrong(NamedTuple):
    """An operator with one field replaced, at operands where that shows."""

    name: str
    what: str
    field: str
    rule: Callable[..., Any]
    at: str
    parameters: tuple[int, ...] = ()

    @property
    def made(self) -> Operator:
        return replace(OPERATORS[self.name], **{self.field: self.rule})

    def graph(self, operator: Operator) -> Scalar:
        """`f * w` with f = operator(x1, x2, …), so that f is no root."""
        xs = [Scalar(text, f"x{k}") for k, text in enumerate(self.at.split(), start=1)]
        f = apply(operator, xs, self.parameters)
        f.label = "f"
        root: Scalar = f * Scalar(7, "w")
        root.label = "root"
        return root

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


def partials(name: str, what: str, rule: Any, at: str, *parameters: int) -> Wrong:
    return Wrong(name, what, "partials", rule, at, parameters)


def values(name: str, what: str, rule: Any, at: str, *parameters: int) -> Wrong:
    return Wrong(name, what, "forward", rule, at, parameters)


def pieces(name: str, what: str, rule: Any, at: str) -> Wrong:
    return Wrong(name, what, "branch", rule, at)


def square(xs: Any) -> Any:
    return sum(x * x for x in xs)


# Those that say "right" give the right number at that point, or at all points but one.
PARTIALS = (
    partials("sqrt", "not halved", lambda z, x, p: (ONE / z,), "2"),
    partials("sqrt", "right at 1", lambda z, x, p: (z / 2,), "1"),
    partials("sqrt", "0 at the end", lambda z, x, p: (ONE / (2 * z) if p.name == "inside" else ZERO,), "0"),
    partials("cbrt", "not divided by 3", lambda z, x, p: (z / x,), "8"),
    partials("cbrt", "minus for negatives", lambda z, x, p: (
        z / (3 * x) if p.name == "positive" else -z / (3 * x),), "-8"),
    partials("exp", "lowered as a power's", lambda z, x: (x * z,), "2"),
    partials("exp", "right at 0", lambda z, x: (ONE,), "0"),
    partials("expm1", "the result itself", lambda z, x: (z,), "1"),
    partials("exp2", "that of exp", lambda z, x: (z,), "3"),
    partials("log", "minus", lambda z, x: (-ONE / x,), "2"),
    partials("log", "right at 1", lambda z, x: (ONE / (x * x),), "1"),
    partials("log1p", "that of log", lambda z, x: (ONE / x,), "2"),
    partials("log2", "that of log", lambda z, x: (ONE / x,), "8"),
    partials("log10", "times log(10)", lambda z, x: (call("log", Fraction(10)) / x,), "100"),
    partials("sin", "minus", lambda z, x: (-call("cos", x),), "1"),
    partials("sin", "right at 0", lambda z, x: (ONE,), "0"),
    partials("cos", "plus", lambda z, x: (call("sin", x),), "1"),
    partials("tan", "1 left out", lambda z, x: (z * z,), "1"),
    partials("tan", "right at pi/4", lambda z, x: (2 * z,), "pi/4"),
    partials("asin", "that of acos", lambda z, x, p: (-ONE / call("sqrt", 1 - x * x),), "1/2"),
    partials("asin", "the root left out", lambda z, x, p: (ONE / (1 - x * x),), "3/5"),
    partials("acos", "that of asin", lambda z, x, p: (ONE / call("sqrt", 1 - x * x),), "1/2"),
    partials("atan", "minus inside", lambda z, x: (ONE / (1 - x * x),), "2"),
    partials("sinh", "the result itself", lambda z, x: (z,), "1"),
    partials("cosh", "minus, as of cos", lambda z, x: (-call("sinh", x),), "1"),
    partials("tanh", "plus, as of tan", lambda z, x: (1 + z * z,), "1"),
    partials("tanh", "not squared", lambda z, x: (1 - z,), "log(3)"),
    partials("asinh", "that of acosh", lambda z, x: (ONE / call("sqrt", x * x - 1),), "2"),
    partials("acosh", "that of asinh", lambda z, x, p: (ONE / call("sqrt", x * x + 1),), "2"),
    partials("atanh", "that of atan", lambda z, x: (ONE / (1 + x * x),), "1/2"),
    partials("sigmoid", "that of tanh", lambda z, x: (1 - z * z,), "1"),
    partials("sigmoid", "right at 0", lambda z, x: (z * z,), "0"),
    partials("softplus", "of the mirrored operand", lambda z, x: (call("sigmoid", -x),), "1"),
    partials("silu", "the sigmoid alone", lambda z, x: (call("sigmoid", x),), "1"),
    partials("gelu", "the share alone", lambda z, x: ((1 + call("erf", x / call("sqrt", TWO))) / 2,), "1"),
    partials("gelu", "of the approximation with tanh", lambda z, x: (
        (1 + call("tanh", call("sqrt", 2 / pi()) * x)) / 2,), "0"),
    partials("erf", "half", lambda z, x: (call("exp", -x * x) / call("sqrt", pi()),), "1"),
    partials("erf", "not squared", lambda z, x: (2 * call("exp", -x) / call("sqrt", pi()),), "2"),
    partials("gamma", "the digamma alone", lambda z, x: (call("polygamma", 0, x),), "3"),
    partials("gamma", "right at 2", lambda z, x: (call("polygamma", 0, x),), "2"),
    partials("loggamma", "that of gamma", lambda z, x: (z * call("polygamma", 0, x),), "3"),
    partials("digamma", "the result itself", lambda z, x: (z,), "1"),
    partials("polygamma", "the same order", lambda z, x, n: (call("polygamma", n, x),), "2", 1),
    partials("power", "not lowered", lambda z, x, y, p: (y * z, z * call("log", x)), "2 1/2"),
    partials("power", "0 by the exponent", lambda z, x, y, p: (y * z / x, ZERO), "3 1/2"),
    partials("power", "0 by the exponent of a negative base", lambda z, x, y, p: (
        int(p.name) * x ** (int(p.name) - 1), ZERO), "-3 2"),
    partials("power", "0 at the end", lambda z, x, y, p: (ZERO, UNAVAILABLE), "0 1/2"),
    partials("atan2", "swapped", lambda z, y, x, p: (y / (x * x + y * y), -x / (x * x + y * y)), "3 4"),
    partials("atan2", "minus", lambda z, y, x, p: (-x / (x * x + y * y), y / (x * x + y * y)), "-1 -2"),
    partials("atan2", "not divided", lambda z, y, x, p: (x, -y), "0 1"),
    partials("hypot", "not divided", lambda z, x, y, p: (x, y), "3 4"),
    partials("hypot", "1 at 0", lambda z, x, y, p: (ONE, ZERO) if p.boundary else (x / z, y / z), "0 0"),
    partials("norm", "of the square", lambda z, *xs: [2 * x for x in xs[:-1]], "2 3 6"),
    partials("norm", "nothing by the last", lambda z, *xs: [*[x / z for x in xs[:-2]], ZERO], "2 3 6"),
    partials("norm", "of many, nothing by the last", lambda z, *xs: [*[x / z for x in xs[:-2]], ZERO], "1 " * 16),
    partials("logaddexp", "swapped", lambda z, x, y: (call("exp", y - z), call("exp", x - z)), "1 2"),
    partials("logaddexp", "right for equals", lambda z, x, y: (HALF, HALF), "1 1"),
    partials("logsumexp", "not divided", lambda z, *xs: [call("exp", x) for x in xs], "0 1 2"),
    partials("softmax", "the diagonal alone", lambda z, *xs_i: [
        z * (ONE - z) if j == xs_i[-1] else ZERO for j in range(len(xs_i) - 1)], "0 1 2", 1),
    partials("softmax", "not minus", lambda z, *xs_i: [z * z] * (len(xs_i) - 1), "0 0", 1),
    partials("log_softmax", "without the shares", lambda z, *xs_i: [
        ONE if j == xs_i[-1] else ZERO for j in range(len(xs_i) - 1)], "0 1 2", 1),
    partials("log_softmax", "of many, without the shares", lambda z, *xs_i: [
        ONE if j == xs_i[-1] else ZERO for j in range(len(xs_i) - 1)], "0 " * 12, 1),
    partials("logsumexp", "equal shares", lambda z, *xs: [Fraction(1, len(xs))] * len(xs), "1 1 1"),
    partials("sign", "1", lambda z, x, p: (ONE,), "-3"),
    partials("floor", "1", lambda z, x, p: (ONE,), "pi"),
    partials("ceil", "1", lambda z, x, p: (ONE,), "1/2"),
)  # fmt: skip

VALUES = (
    values("sqrt", "the negative root", lambda x, p: -call("sqrt", x), "2"),
    values("sqrt", "right at 1", lambda x, p: x * call("sqrt", x), "1"),
    values("cbrt", "positive for negatives", lambda x, p: call("power", abs(x), Fraction(1, 3)), "-8"),
    values("exp", "of the mirrored operand", lambda x: call("exp", -x), "1"),
    values("exp", "right at 0", lambda x: 1 + x, "0"),
    values("expm1", "1 left in", lambda x: call("exp", x), "1"),
    values("exp2", "x squared", lambda x: x * x, "3"),
    values("log", "plus a constant", lambda x: call("log", 2 * x), "2"),
    values("log", "right at 1", lambda x: x - 1, "1"),
    values("log1p", "that of log", lambda x: call("log", x), "2"),
    values("log2", "that of log", lambda x: call("log", x), "8"),
    values("log10", "that of log2", lambda x: call("log", x) / call("log", TWO), "100"),
    values("sin", "that of cos", lambda x: call("cos", x), "1"),
    values("sin", "right at 0", lambda x: x, "0"),
    values("cos", "that of sin", lambda x: call("sin", x), "1"),
    values("tan", "its inverse", lambda x: 1 / call("tan", x), "1"),
    values("asin", "that of acos", lambda x, p: call("acos", x), "1/2"),
    values("acos", "that of asin", lambda x, p: call("asin", x), "1/3"),
    values("atan", "that of the inverse", lambda x: call("atan", 1 / x), "2"),
    values("sinh", "not halved", lambda x: call("exp", x) - call("exp", -x), "1"),
    values("cosh", "that of sinh", lambda x: call("sinh", x), "1"),
    values("tanh", "of half the operand", lambda x: call("tanh", x / 2), "1"),
    values("asinh", "that of acosh", lambda x: call("acosh", x), "2"),
    values("acosh", "the other one", lambda x, p: -call("acosh", x), "2"),
    values("atanh", "not halved", lambda x: 2 * call("atanh", x), "1/2"),
    values("sigmoid", "of the mirrored operand", lambda x: call("sigmoid", -x), "1"),
    values("softplus", "that of relu", lambda x: x, "1"),
    values("silu", "the sigmoid alone", lambda x: call("sigmoid", x), "2"),
    values("gelu", "the approximation with the logistic function", lambda x: (
        x * call("sigmoid", Fraction(1702, 1000) * x)), "1"),
    values("erf", "what is left to 1", lambda x: 1 - call("erf", x), "1"),
    values("gamma", "the factorial", lambda x: call("gamma", x + 1), "3"),
    values("loggamma", "no logarithm", lambda x: call("gamma", x), "3"),
    values("digamma", "the next order", lambda x: call("polygamma", 1, x), "1"),
    values("polygamma", "the next order", lambda x, n: call("polygamma", n + 1, x), "2", 1),
    values("power", "swapped", lambda x, y, p: call("power", y, x), "2 1/3"),
    values("power", "right for ones", lambda x, y, p: x, "1 1"),
    values("atan2", "the quotient's", lambda y, x, p: call("atan", y / x), "1 -1"),
    values("atan2", "swapped", lambda y, x, p: call("atan2", x, y), "1 2"),
    values("hypot", "the sum", lambda x, y, p: x + y, "3 4"),
    values("hypot", "right on an axis", lambda x, y, p: x + y, "3 0"),
    values("norm", "the square", lambda *xs: square(xs[:-1]), "2 3 6"),
    values("logaddexp", "the greater one", lambda x, y: y, "1 2"),
    values("softmax", "not divided", lambda *xs_i: call("exp", xs_i[xs_i[-1]]), "0 1 2", 1),
    values("log_softmax", "nothing subtracted", lambda *xs_i: xs_i[xs_i[-1]], "0 1 2", 1),
    values("logsumexp", "no logarithm", lambda *xs: sum(call("exp", x) for x in xs), "0 1 2"),
    values("sign", "always 1", lambda x, p: ONE, "-3"),
    values("floor", "that of ceil", lambda x, p: Fraction(-(-x // 1)), "1/2"),
    values("ceil", "that of floor", lambda x, p: Fraction(x // 1), "1/2"),
)  # fmt: skip


def always(name: str | int, *, boundary: bool = False) -> Callable[..., Piece]:
    return lambda *_: Piece(name, boundary)


PIECES = (
    pieces("sqrt", "always inside", always("inside"), "0"),
    pieces("sqrt", "always at the end", always("end", boundary=True), "2"),
    pieces("asin", "always inside", always("inside"), "1"),
    pieces("asin", "always at the end", always("end", boundary=True), "1/2"),
    pieces("acos", "always at the end", always("end", boundary=True), "1/2"),
    pieces("acosh", "always at the end", always("end", boundary=True), "2"),
    pieces("acosh", "always inside", always("inside"), "1"),
    pieces("cbrt", "always 0", always("zero", boundary=True), "8"),
    pieces("power", "the exponent is always 2", always(2), "3 5/2"),
    pieces("power", "always 0", always("zero", boundary=True), "3 1/2"),
    pieces("atan2", "always upper", always("upper"), "-1 1"),
    pieces("atan2", "the cut is lower", lambda y, x: Piece("lower") if y <= 0 else Piece("right"), "-1 1"),
    pieces("hypot", "always 0", always("zero", boundary=True), "3 4"),
    pieces("hypot", "by the first alone", lambda x, y: (
        Piece("inside") if x else Piece("zero", boundary=True)), "0 4"),
    pieces("norm", "always 0", always("zero", boundary=True), "2 3 6"),
    pieces("sign", "always positive", always("positive"), "-3"),
    pieces("sign", "0 is no boundary", always("positive"), "0"),
    pieces("floor", "no boundary", lambda x: Piece("whole", False, (Fraction(x // 1),)), "2"),
    pieces("ceil", "no boundary", lambda x: Piece("whole", False, (Fraction(-(-x // 1)),)), "2"),
)  # fmt: skip

ALL = (*PARTIALS, *VALUES, *PIECES)
each_fault = pytest.mark.parametrize("wrong", ALL, ids=str)


def blames(report: Report) -> set[str | None]:
    return {entry.blame for entry in report.entries if str(entry.verdict) == "refuted"}


def test_every_operator_is_replaced_in_every_way() -> None:
    assert {wrong.name for wrong in PARTIALS} == set(NAMES)
    assert {wrong.name for wrong in VALUES} == set(NAMES)
    assert {w.name for w in PIECES} == {n for n in NAMES if OPERATORS[n].branch is not None}


@each_fault
def test_nothing_is_refuted_without_the_fault(prover: Prover, wrong: Wrong) -> None:
    assert blames(prover.verify(wrong.graph(OPERATORS[wrong.name]))) == set()


@pytest.mark.parametrize("method", ["chain", "auto"])
@each_fault
def test_a_fault_is_refuted_and_the_operator_named(
    prover: Prover, wrong: Wrong, method: str
) -> None:
    report = prover.verify(wrong.graph(wrong.made), method)
    assert blames(report) == {f"operator {wrong.name}"}


def stands_at_a_boundary(wrong: Wrong) -> bool:
    """Whether the derivative there is a convention, or none: no question for the whole proof."""
    node = wrong.graph(OPERATORS[wrong.name]).operands[0]
    values = [operand._datum for operand in node.operands]
    return any(piece.boundary for piece in OPERATORS[wrong.name].piece(values, wrong.parameters))


@pytest.mark.parametrize("wrong", [w for w in ALL if not stands_at_a_boundary(w)], ids=str)
def test_a_fault_is_refuted_by_the_whole_proof(prover: Prover, wrong: Wrong) -> None:
    report = prover.verify(wrong.graph(wrong.made), "whole")
    # The derivative by w is the value of f, and its gradient is off where that is.
    own = {"node w"} if wrong.field == "forward" else set()
    assert blames(report) - own == {f"operator {wrong.name}"}


@each_fault
def test_a_fault_is_refuted_as_a_rule(prover: Prover, wrong: Wrong) -> None:
    report = verify_rules(prover, {wrong.name: wrong.made})
    assert blames(report) == {f"operator {wrong.name}"}


CONVENTIONS = {"atan2", "hypot", "norm", "sign", "floor", "ceil"}


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_is_proved(prover: Prover, name: str) -> None:
    report = verify_rules(prover, {name: OPERATORS[name]})
    for entry in report.entries:
        expected = {"proved"}
        if "boundary" in entry.label:
            # Where there is no derivative nothing is claimed of it, and the rest is proved.
            expected = {"kink"} if name in CONVENTIONS else {"kink", "proved"}
        assert str(entry.verdict) in expected, entry
