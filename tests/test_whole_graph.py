"""The whole proofs of a graph: of which nodes, where, and what they say."""

from __future__ import annotations

import time
from concurrent.futures import Executor, Future
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from proofs import labelled, proof, wide
from reports import of, verdicts

from minigrad import Scalar, reverse
from minigrad.graph import topological_order
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import whole, whole_graph
from minigrad.verify.proof import Prover
from minigrad.verify.report import Entry, Verdict
from minigrad.verify.whole_graph import WholeProofs
from minigrad.verify.worker import Worker


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


def test_work_beyond_what_auto_allows_is_left_to_the_chain(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_graph, "_AUTO_SIZE", 5)
    report = prover.verify(wide())
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain", "whole"}
    assert "stopped at the work allowed to them" in report.findings[0]


# --- without a Prover -----------------------------------------------------------------------------


def entry_of(label: str) -> Entry:
    return Entry(label, Verdict.PROVED, "chain")


def proved(
    root: Scalar, waiting: list[str] | None = None, seconds: float = 120, **options: Any
) -> tuple[WholeProofs, dict[str, Entry]]:
    """Whole proofs of the nodes of these names, or of all; the entries, which the chain has proved."""
    chain = proof(root)
    names = chain.graph.names
    entries = [entry_of(name) for name in names]
    with Worker() as worker:
        proofs = WholeProofs(chain, reverse.adjoints, time.monotonic() + seconds, worker, **options)
        positions = sorted(map(names.index, names if waiting is None else waiting), reverse=True)
        proofs.prove(positions, entries)
    return proofs, dict(zip(names, entries, strict=True))


def test_the_nodes_that_wait_are_proved_and_no_others() -> None:
    proofs, entries = proved(wide(2), ["x", "r"])
    assert {name: entry.proof for name, entry in entries.items()} == {
        **dict.fromkeys(entries, "chain"), "x": "whole", "r": "whole",
    }  # fmt: skip
    assert len(proofs.outcomes) == 2
    # d/dx of (x² + y)² + y is 4x(x² + y): 56 at (2, 3).
    assert entries["x"].expected == 56
    assert entries["y"] == entry_of("y")


def test_a_wrong_number_is_refuted_by_how_much() -> None:
    x = Scalar(3, "x")
    root = labelled("r", x * x)
    root.backward()
    x.grad = 7
    _, entries = proved(root)
    assert (str(entries["x"].verdict), entries["x"].blame) == ("refuted", "node x")
    assert entries["x"].message == "the gradient of x is 7, the derivative 6"
    assert entries["r"].proof == "whole"


def test_a_formula_that_is_not_equal_is_refuted_though_the_number_is_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unequal = whole.Outcome(False, "2*x", Fraction(6), "x - 3")
    monkeypatch.setattr(whole, "prove_node", lambda *_, **__: unequal)
    x = Scalar(3, "x")
    _, entries = proved(labelled("r", x * x), ["x"])
    found = entries["x"]
    assert (str(found.verdict), found.proof, found.blame) == ("refuted", "whole", "the sweep at x")
    assert (found.derivative, found.difference) == ("2*x", "x - 3")


@pytest.mark.parametrize("is_auto", [True, False])
def test_what_is_not_decided_is_left_to_the_chain_or_undecided(
    monkeypatch: pytest.MonkeyPatch, is_auto: bool
) -> None:
    left = whole.Outcome(None, message="too hard")
    monkeypatch.setattr(whole, "prove_node", lambda *_, **__: left)
    monkeypatch.setattr(WholeProofs, "_elsewhere", lambda *_: None)
    x = Scalar(3, "x")
    _, entries = proved(labelled("r", x * x), ["x"], is_auto=is_auto)
    expected = ("proved", "chain", "") if is_auto else ("undecided", "whole", "too hard")
    assert (str(entries["x"].verdict), entries["x"].proof, entries["x"].message) == expected


def test_the_signs_that_were_supposed_are_told() -> None:
    x, y = Scalar(3, "x"), Scalar(2, "y")
    # √(x²y) is x√y for a positive x.
    assert sorted(proved((x * x * y).sqrt(), ["x"])[0].supposed) == ["x > 0", "y > 0"]
    assert proved(x * y)[0].supposed == []


class Inline(Executor):
    """Does every job at once, in this thread; counts them."""

    taken = 0

    def submit(self, function: Any, /, *args: Any, **options: Any) -> Any:
        self.taken += 1
        future: Future[Any] = Future()
        future.set_result(function(*args, **options))
        return future


def test_an_executor_gets_the_nodes_in_blocks() -> None:
    node = Scalar(2, "x")
    for _ in range(19):
        node = -node
    executor = Inline()
    proofs, entries = proved(node, executor=executor)
    assert executor.taken == 3
    assert len(proofs.outcomes) == 20
    assert {entry.proof for entry in entries.values()} == {"whole"}
