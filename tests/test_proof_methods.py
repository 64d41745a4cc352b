"""Methods, budgets and bad arguments of a proof."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from proofs import labelled
from reports import METHODS, every_method, of, verdicts

from minigrad import Scalar, rational, reverse
from minigrad.errors import InvalidNumber, InvalidOperand
from minigrad.graph import topological_order
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import whole, whole_graph
from minigrad.verify.proof import Prover, check_method, verify

# --- methods and budgets --------------------------------------------------------------------------


def wide(count: int = 3) -> Scalar:
    """Too large for the small limits, and soon decided elsewhere."""
    x, y = Scalar(2, "x"), Scalar(3, "y")
    node = x
    for _ in range(count):
        node = node * node + y
    return labelled("r", node)


def test_what_is_too_large_here_is_proved_in_a_process_of_its_own(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = whole.Limits(size=20, depth=100, work=100)
    monkeypatch.setattr(whole, "small_limits", lambda: limits)
    root = wide()
    root.backward()
    report = prover.verify(root, "whole", budget=120)
    assert {(str(entry.verdict), entry.proof) for entry in report.entries} == {("proved", "whole")}
    # The same graph with a wrong number, found there too.
    next(node for node in topological_order([root]) if node.label == "x").grad += 1
    report = prover.verify(root, "whole", budget=120)
    assert (report.verdict, of(report, "x").blame) == ("refuted", "node x")
    # With "auto" it is left to the chain proof.
    report = prover.verify(wide(), "auto")
    assert (str(of(report, "x").verdict), of(report, "x").proof) == ("proved", "chain")


def test_another_engine_is_never_sent_to_that_process(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would run minigrad's own sweep there, and call that proved."""
    limits = whole.Limits(size=20, depth=100, work=100)
    monkeypatch.setattr(whole, "small_limits", lambda: limits)

    def tripled(root: Any, seed: Any, partials: Any = reverse.partials) -> Any:
        return {n: a * 3 for n, a in reverse.adjoints(root, seed, partials).items()}

    def another(root: Any, seed: Any, partials: Any = reverse.partials) -> Any:
        return dict(reverse.adjoints(root, seed, partials))

    report = prover.verify(wide(), "whole", sweep=another)
    assert of(report, "x").message == "too large for a sweep of another engine"
    assert of(report, "x").verdict == "undecided"
    # What is wrong modulo a prime is wrong, whatever the size.
    report = prover.verify(wide(), "whole", sweep=tripled)
    assert set(verdicts(report).values()) == {"refuted"}
    assert of(report, "x").blame == "the sweep at r"


def test_another_operator_is_never_sent_to_that_process(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would find its own operator of that name there, and call that proved."""
    limits = whole.Limits(size=5, depth=100, work=100)
    monkeypatch.setattr(whole, "small_limits", lambda: limits)
    x, y = Scalar(2, "x"), Scalar(3, "y")
    report = prover.verify(apply(replace(OPERATORS["mul"]), [x, y]) * y + x, "whole")
    assert verdicts(report)["x"] == "undecided"
    assert "mul: only operators of the table" in of(report, "x").message
    right_at_2 = replace(OPERATORS["mul"], partials=lambda z, x, y: (y * x / 2, x))
    root = apply(right_at_2, [x, y]) * y + x
    for method in ("whole", "chain"):
        assert of(prover.verify(root, method), "x").blame == "operator mul"


def test_a_whole_proof_says_in_symbols_what_is_wrong(prover: Prover) -> None:
    x, y = Scalar(3, "x"), Scalar(4, "y")
    wrong = replace(OPERATORS["mul"], partials=lambda z, x, y: (y, 2 * x))
    entry = of(prover.verify(apply(wrong, [x, y]) * y + x, "whole"), "y")
    assert (entry.blame, entry.difference) == ("operator mul", "x*y")
    assert entry.message == "mul: its partial derivative by operand 2 is 2*x1; SymPy's is x1"

    def doubled(root: Any, seed: Any, partials: Any = reverse.partials) -> Any:
        return {n: a + a for n, a in reverse.adjoints(root, seed, partials).items()}

    entry = of(prover.verify(x * y + x, "whole", sweep=doubled), "x")
    assert entry.message == "the engine's derivative minus SymPy's is y + 1"
    assert entry.blame == "the sweep at v2"


def test_what_outgrows_the_large_limits_is_undecided(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "LARGE", whole.Limits(size=20, depth=100, work=1000))
    report = prover.verify(wide(), "whole")
    assert str(of(report, "x").verdict) == "undecided"
    assert of(report, "x").message == "SymPy's expressions would outgrow 20 terms"
    assert str(of(report, "r").verdict) == "proved"
    assert not report.ok


def test_without_seconds_nothing_is_proved_as_a_whole(prover: Prover) -> None:
    report = prover.verify(wide(), "whole", budget=0)
    assert set(verdicts(report).values()) == {"undecided"}
    assert {entry.message for entry in report.entries} == {"the budget of seconds ran out"}
    report = prover.verify(wide(), "auto", budget=0)
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain"}
    (finding,) = report.findings
    assert finding.startswith("whole proofs stopped at the time allowed to them, after 0 of ")
    assert prover.verify(wide(), "chain", budget=0).findings == ()


@pytest.mark.parametrize("budget", [0.5, 3, 10**9, 1e9, 10**400, float("inf")])
def test_a_budget_is_any_number_of_seconds(prover: Prover, budget: Any) -> None:
    assert prover.verify(wide(2), "auto", budget=budget).verdict == "proved"


def test_work_beyond_what_auto_allows_is_left_to_the_chain(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_graph, "_AUTO_SIZE", 5)
    report = prover.verify(wide())
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain", "whole"}
    assert "stopped at the work allowed to them" in report.findings[0]


def test_without_flint_the_same_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rational, "default_backend", lambda: "sympy")
    monkeypatch.setattr(whole, "default_backend", lambda: "sympy")
    for method in METHODS:
        report = verify(wide(2), method)  # type: ignore[arg-type]
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
