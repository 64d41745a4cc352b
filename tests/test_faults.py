"""Every planted fault is refuted by the check that it is aimed at, the others switched off."""

from __future__ import annotations

import json

import pytest
from faults import (
    BRANCHES,
    BROKEN_QUOTIENTS,
    CONSISTENT,
    FORWARD,
    HIDDEN_FORWARD,
    PARTIALS,
    REPLACED,
    Wrong,
    the_usual,
)
from reports import blame
from stored_faults import RECORDED, STORED, Recorded, Stored, trained
from sweep_faults import ALL, SWEEPS, Sweep, engine, product, square

from minigrad import Scalar, from_json, reverse, to_json
from minigrad.generate import random_graph
from minigrad.graph import topological_order
from minigrad.verify.chain import CHECKS
from minigrad.verify.proof import Prover
from minigrad.verify.report import Report


def verdicts(report: Report) -> dict[str, str]:
    return {entry.label: str(entry.verdict) for entry in report.entries}


def leave_gradients(root: Scalar, on: Scalar) -> None:
    """Leave the gradients of `root` on the graph of the same shape below `on`."""
    found = reverse.adjoints(root)
    for node, twin in zip(topological_order([root]), topological_order([on]), strict=True):
        twin._grad = found.get(node)


def expected_without_fault(wrong: Wrong, blamed: list[str]) -> dict[str, str]:
    """The verdicts on the graph of the right operator."""
    nodes = topological_order([wrong.graph(REPLACED[wrong.operator])])
    usual = {node.label: "proved" for node in nodes if not node.is_constant}
    if wrong.right == "kink":
        usual |= {label: "kink" for label in usual if label.startswith("x")}
    return usual | dict.fromkeys(blamed, wrong.right)


def blamed_leaves(wrong: Wrong) -> list[str]:
    return [f"x{k + 1}" for k in wrong.blamed]


# --- the catalogue itself -------------------------------------------------------------------------


def test_every_operator_is_replaced_in_every_way() -> None:
    assert {wrong.operator for wrong in PARTIALS} == set(REPLACED)
    assert {wrong.operator for wrong in FORWARD} == set(REPLACED)
    assert {wrong.operator for wrong in HIDDEN_FORWARD} == set(REPLACED)
    assert {wrong.operator for wrong in CONSISTENT} == set(REPLACED)
    assert {wrong.operator for wrong in BRANCHES} == {
        name for name, operator in REPLACED.items() if operator.branch is not None
    }


@pytest.mark.parametrize("name", REPLACED)
def test_by_each_operand_some_partial_is_wrong(name: str) -> None:
    arity = REPLACED[name].arity or 3
    wrong = {k for fault in PARTIALS if fault.operator == name for k in fault.blamed}
    assert wrong >= set(range(arity))


# --- wrong operators ------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", PARTIALS, ids=str)
def test_wrong_partials_are_refuted_by_rules_alone(prover: Prover, wrong: Wrong) -> None:
    right = wrong.graph(REPLACED[wrong.operator])
    report = prover.verify(right, "chain", checks={"rules"})
    assert verdicts(report) == expected_without_fault(wrong, blamed_leaves(wrong))
    spoilt = wrong.graph(wrong.made)
    leave_gradients(right, spoilt)
    # Every number on the graph is right: the formula alone is not.
    report = prover.verify(spoilt, "chain", checks={"rules"})
    assert blame(report) == dict.fromkeys(blamed_leaves(wrong), f"operator {wrong.operator}")


@pytest.mark.parametrize("wrong", [w for w in PARTIALS if w.whole and w.right != "kink"], ids=str)
def test_wrong_partials_are_refuted_by_the_whole_proof(prover: Prover, wrong: Wrong) -> None:
    right, spoilt = wrong.graph(REPLACED[wrong.operator]), wrong.graph(wrong.made)
    report = prover.verify(right, "whole")
    assert verdicts(report) == expected_without_fault(wrong, blamed_leaves(wrong))
    if wrong.right == "proved":
        leave_gradients(right, spoilt)
    report = prover.verify(spoilt, "whole")
    assert blame(report) == dict.fromkeys(blamed_leaves(wrong), f"operator {wrong.operator}")


@pytest.mark.parametrize("wrong", PARTIALS, ids=str)
def test_numbers_alone_find_what_is_not_hidden(prover: Prover, wrong: Wrong) -> None:
    report = prover.verify(wrong.graph(wrong.made), "chain", checks={"numbers"})
    assert set(blame(report).values()) == (
        set() if wrong.hidden else {f"operator {wrong.operator}"}
    )


@pytest.mark.parametrize("wrong", FORWARD, ids=str)
def test_wrong_values_are_refuted_by_values_alone(prover: Prover, wrong: Wrong) -> None:
    right = prover.verify(wrong.graph(REPLACED[wrong.operator]), "chain", checks={"values"})
    assert set(verdicts(right).values()) == {"proved"}
    report = prover.verify(wrong.graph(wrong.made), "chain", checks={"values"})
    # The root is computed from f, and its value is wrong for that reason.
    assert blame(report) == dict.fromkeys(["f", "root"], f"operator {wrong.operator}")


@pytest.mark.parametrize("wrong", HIDDEN_FORWARD, ids=str)
def test_values_that_are_right_here_alone_are_refuted_by_values_alone(
    prover: Prover, wrong: Wrong
) -> None:
    right, spoilt = wrong.graph(REPLACED[wrong.operator]), wrong.graph(wrong.made)
    assert spoilt.data == right.data
    for check in CHECKS:
        assert prover.verify(right, "chain", checks={check}).verdict == "proved"
    leave_gradients(right, spoilt)
    report = prover.verify(spoilt, "chain", checks={"values"})
    # The derivative by w is the value of f: right here, so not refuted, and elsewhere not.
    others = {entry.label: "undecided" for entry in report.entries}
    assert verdicts(report) == others | {"f": "refuted"}
    assert blame(report) == {"f": f"operator {wrong.operator}"}
    report = prover.verify(spoilt, "whole")
    assert "f" in blame(report)
    assert set(blame(report).values()) == {f"operator {wrong.operator}"}
    assert "proved" not in verdicts(report).values()
    for check in CHECKS - {"values"}:
        assert prover.verify(spoilt, "chain", checks={check}).verdict == "proved"


@pytest.mark.parametrize("wrong", BRANCHES, ids=str)
def test_wrong_pieces_are_refuted_by_values_alone(prover: Prover, wrong: Wrong) -> None:
    right = prover.verify(wrong.graph(REPLACED[wrong.operator]), "chain", checks={"values"})
    assert verdicts(right) == expected_without_fault(wrong, [])
    spoilt = wrong.graph(wrong.made)
    report = prover.verify(spoilt, "chain", checks={"values"})
    leaves = {x.label for x in spoilt.operands[0].operands if not x.is_constant}
    assert set(blame(report)) >= {"f", *leaves}
    assert set(blame(report).values()) == {f"operator {wrong.operator}"}
    # The derivative by w is the value of f, of which nothing is known where its piece is wrong.
    assert verdicts(report)["w"] == "undecided"


@pytest.mark.parametrize("wrong", BROKEN_QUOTIENTS, ids=str)
@pytest.mark.parametrize("method", ["chain", "whole", "auto"])
def test_quotients_that_are_not_whole_are_refuted(
    prover: Prover, wrong: Wrong, method: str
) -> None:
    report = prover.verify(wrong.graph(wrong.made), method)
    assert "f" in blame(report)
    assert set(blame(report).values()) == {f"operator {wrong.operator}"}


@pytest.mark.parametrize("wrong", CONSISTENT, ids=str)
def test_what_agrees_with_itself_is_refuted_by_values_and_by_rules(
    prover: Prover, wrong: Wrong
) -> None:
    by = f"operator {wrong.operator}"
    right, spoilt = wrong.graph(REPLACED[wrong.operator]), wrong.graph(wrong.made)
    leave_gradients(right, spoilt)
    leaves, values = dict.fromkeys(blamed_leaves(wrong), by), dict.fromkeys(["f", "root"], by)
    assert blame(prover.verify(spoilt, "chain", checks={"values"})) == values
    assert blame(prover.verify(spoilt, "chain", checks={"rules"})) == leaves
    assert blame(prover.verify(spoilt, "whole")) == values | leaves
    assert prover.verify(right, "whole").verdict == "proved"


@pytest.mark.parametrize("name", REPLACED)
def test_random_graphs_find_a_wrong_partial_of_each_operator(prover: Prover, name: str) -> None:
    operators = {**REPLACED, name: the_usual(name).made}
    found: set[str | None] = set()
    for seed in range(500):
        root = random_graph(seed, operators=operators)
        found = set(blame(prover.verify(root, "chain", checks={"rules"})).values())
        if found:
            break
    assert found == {f"operator {name}"}


# --- wrong sweeps ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", SWEEPS, ids=str)
def test_wrong_sweeps_are_refuted_by_sweep_alone(prover: Prover, fault: Sweep) -> None:
    root = fault.graph()
    root.backward()
    for right in (reverse.adjoints, engine()):
        report = prover.verify(root, "chain", sweep=right, checks={"sweep"})
        assert set(verdicts(report).values()) == {"proved"}
    report = prover.verify(root, "chain", sweep=fault.engine, checks={"sweep"})
    everywhere = dict.fromkeys([entry.label for entry in report.entries], ALL)
    assert blame(report) == (everywhere if fault.blame == ALL else fault.blame)


@pytest.mark.parametrize("fault", SWEEPS, ids=str)
def test_numbers_alone_find_the_sweeps_that_are_not_hidden(prover: Prover, fault: Sweep) -> None:
    report = prover.verify(fault.graph(), "chain", sweep=fault.engine, checks={"numbers"})
    assert report.verdict == ("proved" if fault.hidden else "refuted")


@pytest.mark.parametrize("fault", [s for s in SWEEPS if s.whole], ids=str)
def test_wrong_sweeps_are_refuted_by_the_whole_proof(prover: Prover, fault: Sweep) -> None:
    assert prover.verify(fault.graph(), "whole", sweep=engine()).verdict == "proved"
    assert prover.verify(fault.graph(), "whole", sweep=fault.engine).verdict == "refuted"


# --- wrong numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", STORED, ids=str)
def test_wrong_stored_numbers_are_refuted(prover: Prover, fault: Stored) -> None:
    nodes = trained()
    assert prover.verify(nodes["r"], "chain", checks={fault.check}).verdict == "proved"
    fault.spoil(nodes)
    report = prover.verify(nodes["r"], "chain", checks={fault.check})
    assert blame(report) == fault.blame
    assert all(fault.says in e.message for e in report.entries if e.verdict == "refuted")


@pytest.mark.parametrize("fault", [s for s in STORED if s.check == "numbers"], ids=str)
def test_wrong_stored_gradients_are_refuted_by_the_whole_proof(
    prover: Prover, fault: Stored
) -> None:
    nodes = trained()
    fault.spoil(nodes)
    assert blame(prover.verify(nodes["r"], "whole")) == fault.blame


@pytest.mark.parametrize("fault", RECORDED, ids=lambda r: f"{r.key} of {r.node} is {r.value}")
@pytest.mark.parametrize("method", ["chain", "whole", "auto"])
def test_wrong_recorded_numbers_are_refuted(prover: Prover, fault: Recorded, method: str) -> None:
    file = json.loads(to_json(trained()["r"]))
    assert prover.verify(from_json(json.dumps(file)), method).verdict == "proved"
    record = next(node for node in file["nodes"] if node["label"] == fault.node)
    record[fault.key] = fault.value
    assert blame(prover.verify(from_json(json.dumps(file)), method)) == fault.blame


def test_all_checks_together_find_every_fault(prover: Prover) -> None:
    for wrong in (*PARTIALS, *FORWARD, *HIDDEN_FORWARD, *BRANCHES, *CONSISTENT):
        report = prover.verify(wrong.graph(wrong.made), "chain")
        assert set(blame(report).values()) == {f"operator {wrong.operator}"}, str(wrong)
    for fault in SWEEPS:
        assert prover.verify(fault.graph(), "chain", sweep=fault.engine).verdict == "refuted"


# --- why there are four checks --------------------------------------------------------------------

_right = reverse.adjoints
_swapped = next(s for s in SWEEPS if s.what == "swaps the partials of equals")
_hidden = next(w for w in PARTIALS if w.operator == "mul" and w.hidden)
_added = next(w for w in CONSISTENT if w.operator == "floordiv")


def _with_a_value_of_its_own() -> Scalar:
    root = square()
    root.backward()
    root._datum += 1
    return root


def _with_a_gradient_of_its_own() -> Scalar:
    root = square()
    root.backward()
    root.operands[0].grad += 1
    return root


@pytest.mark.parametrize(
    ("found_by", "graph", "sweep"),
    [
        # The root's value is used by nothing, so no derivative and no formula is wrong.
        ("values", _with_a_value_of_its_own, _right),
        # x is 0 here, so that y + x*y, the wrong partial, is y.
        ("rules", lambda: _hidden.graph(_hidden.made), _right),
        # The engine is right; what was left on the node is not what it computes.
        ("numbers", _with_a_gradient_of_its_own, _right),
        # x and y are both 3, so that each may as well have the other's partial.
        ("sweep", lambda: product(3, 3), _swapped.engine),
    ],
)
def test_each_check_finds_what_the_other_three_accept(
    prover: Prover, found_by: str, graph: object, sweep: object
) -> None:
    verdict = {
        check: str(prover.verify(graph(), "chain", sweep=sweep, checks={check}).verdict)
        for check in CHECKS
    }
    assert verdict == {check: "refuted" if check == found_by else "proved" for check in CHECKS}
