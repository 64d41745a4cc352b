"""Where a verdict holds: what the operators suppose, and the pieces that they took."""

from __future__ import annotations

from minigrad import Scalar, absolute, maximum, relu
from minigrad.verify.proof import Prover


def test_conditions_and_branches_are_told(prover: Prover) -> None:
    x, y = Scalar(3, "x"), Scalar(-2, "y")
    root = absolute(y) * maximum(x, y) + x // y + x % y + round(x / 2) + 1 / (x - x + 5) + x**-1
    report = prover.verify(root, "chain")
    assert {"y < 0", "x > y", "y != 0", "x != 0"} <= set(report.conditions)
    assert {
        "abs(y): negative",
        "maximum(x, y): first greater",
        "floordiv(x, y): quotient -2",
    } <= set(report.branches)
    assert "mod(x, y): quotient -2" in report.branches
    boundary = prover.verify(relu(Scalar(0, "x")), "chain")
    assert boundary.branches == ("relu(x): zero (boundary)",)
    assert boundary.conditions == ("x == 0",)


def test_a_condition_between_constants_is_none(prover: Prover) -> None:
    assert prover.verify(Scalar(3, "x") / 4, "chain").conditions == ()
