"""Methods, budgets and bad arguments of a proof."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from proofs import wide
from reports import METHODS, every_method

from minigrad import Scalar, cbrt, rational, sqrt
from minigrad.errors import InvalidNumber, InvalidOperand
from minigrad.verify import whole
from minigrad.verify.proof import Prover, check_method, verify
from minigrad.verify.symbolic import Graph

# --- methods and budgets --------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [0.5, 3, 10**9, 1e9, 10**400, float("inf")])
def test_a_budget_is_any_number_of_seconds(prover: Prover, budget: Any) -> None:
    assert prover.verify(wide(2), "auto", budget=budget).verdict == "proved"


def test_without_flint_the_same_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rational, "default_backend", lambda: "sympy")
    monkeypatch.setattr(whole, "default_backend", lambda: "sympy")
    for method in METHODS:
        report = verify(wide(2), method)
        assert report.verdict == "proved"


def test_a_prover_keeps_its_rules_and_no_verdict() -> None:
    with Prover() as prover:
        x = Scalar(2, "x")
        root = x * x
        assert prover.verify(root).verdict == "proved"
        rules = dict(prover.rules._rules)
        root.backward()
        x.grad = 5
        assert prover.verify(root).verdict == "refuted"
        assert prover.rules._rules == rules
        assert prover.verify(x * x + x, title="again").title == "again"


NO_DERIVATIVE = {
    "sqrt(x) at 0": lambda: sqrt(Scalar(0, "x")),
    "cbrt(x) at 0": lambda: cbrt(Scalar(0, "x")),
    "x**(1/2) at 0": lambda: Scalar(0, "x") ** Fraction(1, 2),
    "2*sqrt(x) + 1 at 0": lambda: 2 * sqrt(Scalar(0, "x")) + 1,
}


@pytest.mark.parametrize("method", [*METHODS, "modular"])
@pytest.mark.parametrize("build", NO_DERIVATIVE.values(), ids=NO_DERIVATIVE)
def test_a_gradient_where_there_is_no_derivative_is_refuted(
    prover: Prover, build: Callable[[], Scalar], method: Any
) -> None:
    root = build()
    x = next(node for node in Graph(root).nodes if node.label == "x")
    x.grad = 17
    entry = next(e for e in prover.verify(root, method).entries if e.label == "x")
    assert str(entry.verdict) == "refuted"
    assert entry.message.startswith("the derivative by x is not available")


@pytest.mark.parametrize("method", [*METHODS, "modular"])
def test_no_gradient_where_the_convention_gives_one_is_refuted(prover: Prover, method: Any) -> None:
    x = Scalar(-1, "x")
    # The derivative by the exponent of a negative number is not real, and is added to the other.
    (Scalar(-2) ** x).backward()
    root = abs(x + 1)
    root.backward()
    entry = next(e for e in prover.verify(root, method).entries if e.label == "x")
    assert (str(entry.verdict), entry.gradient) == ("refuted", None)


@pytest.mark.parametrize("method", [*METHODS, "modular"])
def test_a_gradient_below_a_derivative_that_there_is_not_is_refuted(
    prover: Prover, method: Any
) -> None:
    n = Scalar(3, "n")
    root = Scalar(-2, "x") ** (n * 1)
    root.backward()
    n.grad = 5
    verdicts = {e.label: str(e.verdict) for e in prover.verify(root, method).entries}
    assert verdicts["n"] == "refuted"
    assert verdicts["x"] == ("probable" if method == "modular" else "proved")


# --- bad arguments --------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [3, None, "x", [Scalar(1)]])
def test_a_root_is_a_scalar(root: Any) -> None:
    with pytest.raises(InvalidOperand, match="verify: expected a Scalar; got"):
        verify(root)


@pytest.mark.parametrize("method", ["", "Chain", None, 1, "all", ["chain"]])
def test_a_method_is_one_of_those_that_there_are(method: Any) -> None:
    says = re.escape("expected method to be one of ('auto', 'whole', 'chain', 'modular'); got")
    with pytest.raises(InvalidOperand, match=says):
        verify(Scalar(1), method)
    with pytest.raises(InvalidOperand, match=says):
        check_method(method)
    assert [check_method(name) for name in (*METHODS, "modular")] == [*METHODS, "modular"]


@pytest.mark.parametrize("budget", [-1, -0.5, float("nan"), None, "1", True, 1j])
def test_a_budget_is_seconds(budget: Any) -> None:
    with pytest.raises(InvalidOperand, match="expected a budget of seconds, 0 or more; got"):
        verify(Scalar(1), budget=budget)


@pytest.mark.parametrize(
    ("seed", "error"), [(None, InvalidOperand), (True, InvalidOperand), ("x", InvalidNumber)]
)
def test_a_seed_is_a_number(seed: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify(Scalar(1), seed=seed)


@every_method
@pytest.mark.parametrize("checks", [{"rule"}, "rules", {"values", "all"}])
def test_a_check_that_there_is_not_is_refused(prover: Prover, method: str, checks: Any) -> None:
    with pytest.raises(InvalidOperand, match="expected checks among"):
        prover.verify(Scalar(1), method, checks=checks)
