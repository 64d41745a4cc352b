"""Methods, budgets and bad arguments of a proof."""

from __future__ import annotations

import re
from typing import Any

import pytest
from proofs import wide
from reports import METHODS, every_method

from minigrad import Scalar, rational
from minigrad.errors import InvalidNumber, InvalidOperand
from minigrad.verify import whole
from minigrad.verify.proof import Prover, check_method, verify

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
