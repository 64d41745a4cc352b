"""All gradients at once at a random point modulo a prime: what is refuted, and what is said of the rest."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from faults import CONSISTENT, HIDDEN_FORWARD, PARTIALS, REPLACED, Wrong, the_usual
from hypothesis import given, settings
from hypothesis import strategies as st
from proofs import labelled, proof
from reports import blame, of, verdicts
from stored_faults import RECORDED, STORED, Recorded, Stored, trained
from sweep_faults import ALL, SWEEPS, Sweep, engine, shared

from minigrad import Scalar, absolute, dot, exp, from_json, reverse, to_json
from minigrad import sum as total
from minigrad.errors import InvalidOperand
from minigrad.generate import random_graph
from minigrad.graph import topological_order
from minigrad.number import ONE
from minigrad.scalar import apply
from minigrad.verify import modular, verify
from minigrad.verify.modular import SAYS
from minigrad.verify.proof import Prover
from minigrad.verify.report import render
from minigrad.verify.residues import ERROR_BITS


def recurrence(steps: int) -> Scalar:
    """The recurrence whose derivative SymPy takes a minute and a half for, at twelve steps."""
    e, y = Scalar(2, "e"), Scalar(Fraction(1, 3), "y")
    node = e
    for _ in range(steps):
        node = node / (1 + node) + node * y
    return labelled("r", node)


# --- the verdict ----------------------------------------------------------------------------------


def test_what_agrees_is_probable_and_says_how_probable() -> None:
    report = verify(shared(), "modular")
    assert set(verdicts(report).values()) == {"probable"}
    assert {(entry.proof, entry.message) for entry in report.entries} == {("modular", SAYS)}
    assert f"a probability below 2**-{ERROR_BITS}" in SAYS
    assert (report.verdict, report.ok) == ("probable", True)
    report.raise_if_failed()
    (finding,) = report.findings
    assert finding.startswith(f"probable: {SAYS} (one point, one prime of ")
    assert finding.endswith("drawn from the system's random numbers)")
    assert verify(shared(), "modular", draw=7).findings[0].endswith("drawn from the seed 7)")


def test_the_text_says_it_once() -> None:
    text = render(verify(shared(), "modular"), verbose=True)
    assert text.count(SAYS) == 1
    assert "\x1b[36mprobable" in render(verify(shared(), "modular"), colour=True)


def test_a_seed_gives_the_same_report_and_none_another_point() -> None:
    assert verify(shared(), "modular", draw=1) == verify(shared(), "modular", draw=1)


@pytest.mark.parametrize("draw", [1.5, "1", True])
def test_a_draw_is_an_int(draw: Any) -> None:
    with pytest.raises(InvalidOperand, match="expected draw to be an int or None; got"):
        verify(Scalar(1), "modular", draw=draw)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_what_is_right_is_never_refuted(seed: int, size: int) -> None:
    root = random_graph(seed, size=size)
    root.backward()
    chain, found = verify(root, "chain"), verify(root, "modular")
    for proved, probable in zip(chain.entries, found.entries, strict=True):
        expected = "probable" if proved.proof == "chain" else proved.verdict
        assert probable.verdict == expected


def test_formulas_that_no_normal_form_fits_are_probable() -> None:
    """The degree of the last node is over 2**60, and its value is never computed here."""
    chain = proof(recurrence(8))
    everything = [i for i, node in enumerate(chain.graph.nodes) if not node.is_constant]
    assert modular.check(chain, everything)[:2] == ({}, {})
    assert verify(recurrence(12), "modular").verdict == "probable"


def test_beyond_the_limit_of_the_degree_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modular, "_LARGEST", 10)
    report = verify(recurrence(10), "modular")
    assert report.verdict == "undecided"
    assert of(report, "e").message.startswith(
        "the degree of the formulas is bounded by no less than"
    )
    assert verify(recurrence(2), "modular").verdict == "probable"


def test_pieces_are_conditions_and_boundaries_are_settled_by_both_sides() -> None:
    x, y = Scalar(-3, "x"), Scalar(0, "y")
    root = labelled("r", absolute(x) * x + absolute(y) * 2)
    report = verify(root, "modular")
    assert (of(report, "x").verdict, of(report, "r").verdict) == ("probable", "probable")
    assert (of(report, "y").verdict, of(report, "y").proof) == ("kink", "one-sided")
    assert "x < 0" in report.conditions
    assert report.verdict == "kink"


def test_a_boundary_whose_form_is_a_convention_refutes_nothing() -> None:
    """At a tie the engine takes the first, and SymPy's form of it is the mean."""
    x, y, w = Scalar(2, "x"), Scalar(2, "y"), Scalar(5, "w")
    root = labelled("r", x.maximum(y) * w)
    assert of(verify(root, "modular"), "w").verdict == "probable"
    chain = proof(root)
    reasons = modular.check(chain, range(len(chain.graph.nodes))).undecided
    assert set(reasons.values()) == {"maximum is at a boundary here, and no formula"}


def test_what_is_below_a_function_is_undecided_and_the_rest_is_not() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    u = labelled("u", exp(x * y))
    report = verify(labelled("r", u * y + u), "modular")
    assert (of(report, "u").verdict, of(report, "r").verdict) == ("probable", "probable")
    says = "exp is no rational function, and has no value modulo a prime"
    for label in "xy":
        assert (of(report, label).verdict, of(report, label).message) == ("undecided", says)


def test_a_whole_exponent_is_rational() -> None:
    x, y = Scalar(-3, "x"), Scalar(2, "y")
    report = verify(labelled("r", x**y * x), "modular")
    assert (of(report, "x").verdict, of(report, "y").verdict) == ("probable", "undecided")


def test_a_root_alone_and_one_that_is_no_formula() -> None:
    assert verify(Scalar(3), "modular").verdict == "probable"
    assert of(verify(labelled("r", exp(Scalar(1))), "modular"), "r").verdict == "probable"
    assert verify(Scalar(7) // 2, "modular").verdict == "probable"


# --- wrong operators ------------------------------------------------------------------------------


def rational(wrong: Wrong) -> bool:
    """Whether it is an operator that has residues: a power of a positive base has none."""
    return wrong.operator != "power" or wrong.at[0] == "-"


@pytest.mark.parametrize(
    "wrong", [w for w in PARTIALS if rational(w) and w.right == "proved" and w.whole], ids=str
)
def test_wrong_partials_are_refuted_by_the_modular_check_alone(
    prover: Prover, wrong: Wrong
) -> None:
    right, spoilt = wrong.graph(REPLACED[wrong.operator]), wrong.graph(wrong.made)
    leaves = [f"x{k + 1}" for k in wrong.blamed]
    assert set(verdicts(prover.verify(right, "modular", checks=())).values()) == {"probable"}
    # Every number on the graph is right, and is not looked at: the formula alone is not.
    found = reverse.adjoints(right)
    for node, twin in zip(topological_order([right]), topological_order([spoilt]), strict=True):
        twin._grad = found.get(node)
    report = prover.verify(spoilt, "modular", checks=())
    assert blame(report) == dict.fromkeys(leaves, f"operator {wrong.operator}")
    assert blame(prover.verify(spoilt, "modular")) == blame(report)


@pytest.mark.parametrize("wrong", [w for w in CONSISTENT if rational(w)], ids=str)
def test_what_agrees_with_itself_is_refuted(prover: Prover, wrong: Wrong) -> None:
    report = prover.verify(wrong.graph(wrong.made), "modular", checks=())
    leaves = [f"x{k + 1}" for k in wrong.blamed]
    # By w the derivative is the value of f, which is wrong too.
    assert blame(report) == dict.fromkeys([*leaves, "w"], f"operator {wrong.operator}")


@pytest.mark.parametrize("wrong", HIDDEN_FORWARD, ids=str)
def test_values_that_are_right_here_alone_are_refuted(prover: Prover, wrong: Wrong) -> None:
    report = prover.verify(wrong.graph(wrong.made), "modular", checks=())
    if not rational(wrong):
        assert of(report, "x1").verdict == "undecided"
        return
    assert set(blame(report).values()) == {f"operator {wrong.operator}"}
    # Of a value that cannot be computed as a formula, nothing is known: not even that it is wrong.
    assert "w" in blame(report) or "tests" in wrong.what
    assert verdicts(prover.verify(wrong.graph(wrong.made), "modular"))["w"] != "probable"


def test_the_difference_of_a_rule_is_spelt_out(prover: Prover) -> None:
    report = prover.verify(the_usual("mul").graph(the_usual("mul").made), "modular", checks=())
    entry = of(report, "x1")
    assert entry.message == "mul: its partial derivative by operand 1 is x1; SymPy's is x2"
    assert entry.difference == "x1 - x2"


def test_the_first_cause_is_named_in_a_deep_graph(prover: Prover) -> None:
    """A wrong rule that is right at this point, at one node of a hundred."""
    wrong = Wrong("mul", "right at 1", {"partials": lambda z, x, y: (y * y, x)}, "3 1")
    x, y = Scalar(3, "x"), Scalar(1, "y")
    node = x
    for k in range(100):
        node = apply(wrong.made, [node, y]) if k == 60 else node * y + 1
        node.label = f"n{k}"
    report = prover.verify(node, "modular", checks=())
    below = {"x", *[f"n{k}" for k in range(60)]}
    assert {label for label in blame(report) if label[0] in "nx"} == below
    assert verdicts(report)["n60"] == "probable"
    assert set(blame(report).values()) == {"operator mul"}


# --- wrong sweeps ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [s for s in SWEEPS if s.whole or s.what != "recursion"], ids=str)
def test_wrong_sweeps_are_refuted_by_the_modular_check_alone(prover: Prover, fault: Sweep) -> None:
    root = fault.graph()
    root.backward()
    for right in (reverse.adjoints, engine()):
        report = prover.verify(root, "modular", sweep=right, checks=())
        assert set(verdicts(report).values()) == {"probable"}
    report = prover.verify(root, "modular", sweep=fault.engine, checks=())
    found = blame(report)
    if fault.blame == ALL:
        assert found
    else:
        assert found == fault.blame


# --- wrong numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", STORED, ids=str)
def test_wrong_stored_numbers_are_refuted(prover: Prover, fault: Stored) -> None:
    nodes = trained()
    assert prover.verify(nodes["r"], "modular").verdict == "probable"
    fault.spoil(nodes)
    report = prover.verify(nodes["r"], "modular")
    assert blame(report) == blame(prover.verify(nodes["r"], "chain"))
    assert set(fault.blame) <= set(blame(report))


@pytest.mark.parametrize("fault", RECORDED, ids=lambda r: f"{r.key} of {r.node} is {r.value}")
def test_wrong_recorded_numbers_are_refuted(prover: Prover, fault: Recorded) -> None:
    file = json.loads(to_json(trained()["r"]))
    record = next(node for node in file["nodes"] if node["label"] == fault.node)
    record[fault.key] = fault.value
    assert blame(prover.verify(from_json(json.dumps(file)), "modular")) == fault.blame


# --- how often it errs, with primes that are far too small ----------------------------------------


def test_a_wrong_formula_passes_no_more_often_than_the_bound_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the prime 101 some points are roots: at most the degree of the difference, in 101."""

    def doubled(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> Any:
        found = reverse.adjoints(root, seed, partials)
        return {n: a if n.operands else a * 2 for n, a in found.items()}

    x, y = Scalar(3, "x"), Scalar(5, "y")
    chain = proof(x * y * (x + y))
    positions = [i for i, node in enumerate(chain.graph.nodes) if not node.is_constant]
    monkeypatch.setattr(modular, "random_prime", lambda bits, rng: 101)
    passed = 0
    trials = 2_000
    for draw in range(trials):
        found = modular.check(chain, positions, sweep=doubled, draw=draw)
        passed += not found.faults
        assert not modular.check(chain, positions, draw=draw).faults
    # The difference s*(r_x*D_x + r_y*D_y) has degree 4, and is linear in r: one in 101 is expected.
    # 4/101 of the trials are 79; that many more than the expected 20 would be 13 deviations off.
    assert 0 < passed <= trials * 4 // 101


# --- as the quick refuter of the whole proof ------------------------------------------------------


def tripled(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> Any:
    found = reverse.adjoints(root, seed, partials)
    return {n: a * 3 if not n.operands else a for n, a in found.items()}


def test_what_outgrows_normal_forms_is_refuted_all_the_same(prover: Prover) -> None:
    report = prover.verify(recurrence(12), "whole", sweep=tripled)
    # A node that is cut out is a leaf there, and so is the root.
    assert {"e", "y", "r"} <= set(blame(report))
    assert of(report, "e").blame == "the sweep at e"
    assert "is not SymPy's derivative at a point modulo a prime: it is" in of(report, "e").message


def test_a_wrong_rule_is_refuted_where_normal_forms_outgrow_their_budget(prover: Prover) -> None:
    wrong = the_usual("mul").made
    e, y = Scalar(2, "e"), Scalar(Fraction(1, 3), "y")
    node = e
    for k in range(12):
        product = apply(wrong, [node, y]) if k == 11 else node * y
        node = node / (1 + node) + product
    report = prover.verify(node, "whole")
    assert (of(report, "e").verdict, of(report, "e").blame) == ("refuted", "operator mul")


def test_a_wrong_number_is_refuted_where_normal_forms_outgrow_their_budget(prover: Prover) -> None:
    root = recurrence(12)
    root.backward()
    e = next(node for node in topological_order([root]) if node.label == "e")
    assert of(prover.verify(root, "whole", budget=0), "e").verdict == "undecided"
    e.grad += 1
    entry = of(prover.verify(root, "whole", budget=0), "e")
    assert (entry.verdict, entry.blame, entry.difference) == ("refuted", "node e", "1")


# --- operations, counted --------------------------------------------------------------------------


def test_the_cost_is_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    """Multiplications of residues, of duals and of bounds, at ten times the nodes."""

    def multiplications(root: Scalar) -> int:
        count = 0
        for kind in (modular.Residue, modular.Dual, modular.Bound):
            plain = kind.__mul__

            def counted(self: Any, other: Any, plain: Any = plain) -> Any:
                nonlocal count
                count += 1
                return plain(self, other)

            monkeypatch.setattr(kind, "__mul__", counted)
        chain = proof(root, checks=())
        positions = [i for i, node in enumerate(chain.graph.nodes) if not node.is_constant]
        modular.check(chain, positions)
        monkeypatch.undo()
        return count

    def chained(n: int) -> Scalar:
        x = Scalar(2)
        node = x
        for _ in range(n):
            node = dot([node, x], [x, x]) / 3
        return node

    def wide(n: int) -> Scalar:
        return total([Scalar(k) for k in range(n)]) * 2

    for made in (wide, chained):
        assert multiplications(made(1_000)) <= 11 * multiplications(made(100))
