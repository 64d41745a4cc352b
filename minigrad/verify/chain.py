"""The chain proof: every node's gradient from SymPy's derivative of each operator, linear in the graph.

Four checks, each exact, and each able to fail alone:

- **values**: SymPy's value of each operator, computed up from the leaves, is the node's, SymPy's own
  conditions hold on the piece that the engine took, and on that piece the engine's forward rule is
  SymPy's form as a formula, and not only in its value here;
- **rules**: with a fresh symbol for every operand position, the engine's partial derivatives equal
  SymPy's as rational functions, once per operator, parameters and piece;
- **numbers**: adjoints solved here, over every operand position of every user, equal the gradients
  that the engine left on the nodes;
- **sweep**: the engine's sweep, run on opaque terms with one token for each edge, gives each node
  exactly the sum over its users of adjoint times token.

Values and numbers prove the gradient at this point; rules and sweep prove the formula on this branch.
Without the last, an engine that takes two nodes of equal value for one would be called right where
the numbers happen to agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from numbers import Rational
from typing import Any, Final

from minigrad import backing, reverse
from minigrad.backing import inside, outside
from minigrad.closed import Closed
from minigrad.errors import InvalidOperand, NoDerivative, NotDecided, describe
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.number_text import short_text
from minigrad.verify.formulas import check_forward, check_rules
from minigrad.verify.solver import (
    Chain,
    Fault,
    Published,
    Suspects,
    adjoint_terms,
    blame_of,
    numbers_of,
    solve_adjoints,
)
from minigrad.verify.sweep import Sweep, check_sweep
from minigrad.verify.symbolic import Graph, Rules
from minigrad.verify.values import check_digits, solve_values

__all__ = ["CHECKS", "follows", "prove"]

CHECKS: Final = frozenset({"values", "rules", "numbers", "sweep"})


def prove(
    graph: Graph,
    rules: Rules,
    seed: Fraction,
    *,
    sweep: Sweep = reverse.adjoints,
    checks: Iterable[str] = CHECKS,
) -> Chain:
    """Run the four checks, or some of them, on what the engine left on the graph of `root`.

    Gradients that are not set are computed by `sweep`, the engine's own.
    """
    chosen = frozenset(checks)
    if not chosen <= CHECKS:
        # A check that is misspelt is a check that is not made.
        raise InvalidOperand(f"expected checks among {sorted(CHECKS)}; got {describe(checks)}")
    chain = Chain(graph, seed)
    suspects = Suspects()
    solve_values(chain, rules, suspects if "values" in chosen else Suspects())
    if "values" in chosen:
        check_digits(chain, suspects)
        check_forward(chain, suspects)
    if "rules" in chosen:
        check_rules(chain, suspects)
    # Before anything else is kept for each node: nothing takes as much memory as this does.
    edges = check_sweep(chain, sweep) if "sweep" in chosen else {}
    solve_adjoints(chain)
    chain.found, complaint = _found_gradients(graph, seed, sweep)
    if complaint:
        suspects.missing = _missing_fault(graph, suspects, complaint)
    suspects.edges = edges
    _judge(chain, suspects, numbers="numbers" in chosen)
    return chain


def partials_or_none(node: Any) -> Sequence[Any]:
    """The engine's partial derivatives; UNAVAILABLE where an operator has a value and no derivative."""
    try:
        return [*map(outside, reverse.partials(node))]
    except NoDerivative:
        return [UNAVAILABLE] * len(node.operands)


# --- gradients that are found --------------------------------------------------------------------


def _found_gradients(graph: Graph, seed: Fraction, sweep: Sweep) -> tuple[Published, str]:
    """The gradients on the nodes; those that are not set, as the engine computes them.

    Where the engine raises or gives no exact number they are None, and the text says why.
    """
    found = [node._adjoint for node in graph.nodes]
    complaint = ""
    missing = [i for i, g in enumerate(found) if g is None and not graph.is_constant[i]]
    if missing:
        try:
            computed = sweep(graph.nodes[graph.root], seed, partials_or_none)
            for i in missing:
                found[i] = inside(computed.get(graph.nodes[i], ZERO))
        except Exception as error:
            complaint = f"the sweep raised {type(error).__name__}: {error}"
    for i, gradient in enumerate(found):
        if type(gradient) is backing.Rational or gradient is None or gradient is UNAVAILABLE:
            continue
        if isinstance(gradient, int):
            found[i] = inside(Fraction(gradient))
        elif not isinstance(gradient, Closed):
            complaint = f"expected an exact number as gradient; got {describe(gradient)}"
            found[i] = None
    return Published(found), complaint


def _missing_fault(graph: Graph, suspects: Suspects, complaint: str) -> Fault:
    """What is to blame for gradients that are missing: a value, a rule here, or the sweep."""
    for fault in (*suspects.values.values(), *suspects.branches.values()):
        return Fault(fault.blame, f"{complaint}: {fault.message}")
    for node in reversed(graph.nodes):
        try:
            partials = list(partials_or_none(node))
        except Exception as error:
            what = f"raised {type(error).__name__}: {error}"
        else:
            numbers = sum(isinstance(p, (Rational, Closed)) or p is UNAVAILABLE for p in partials)
            what = "" if numbers == len(partials) == len(node.operands) else f"are {partials}"
        if what and node.operator is not None:
            name = node.operator.name
            return Fault(blame_of(node.operator), f"{complaint}: the partials of {name} {what}")
    return Fault("the sweep", complaint)


# --- judgement -----------------------------------------------------------------------------------


def _judge(chain: Chain, suspects: Suspects, *, numbers: bool) -> None:
    """Give each node its first fault, from the root down, that cannot be blamed on another's.

    Below a wrong rule or a wrong sum every formula is wrong. A wrong number says nothing of those
    below, which are each compared with their own.
    """
    graph, faults = chain.graph, chain.faults
    expected_numbers, found_numbers = numbers_of(chain.adjoints), numbers_of(chain.found)
    agree = _agreements(chain)
    formulas: dict[int, Fault] = {}
    for i in () if _is_clean(chain, suspects, agree) else range(graph.root, -1, -1):
        if graph.is_constant[i]:
            continue
        fault = suspects.edges.get(i)
        if formulas or suspects.rules or suspects.branches:
            fault = _from_users(graph, i, formulas, suspects) or fault
        if fault is not None:
            formulas[i] = fault
        expected, found = expected_numbers[i], found_numbers[i]
        if expected is UNAVAILABLE and found is UNAVAILABLE:
            chain.undecided[i] = f"the engine gives no derivative here: {UNAVAILABLE.reason}"
        elif found is None:
            fault = fault or suspects.missing
        elif _differ(chain, i, expected, found, agree=bool(agree[i]), numbers=numbers):
            fault = _number_fault(chain, i, fault, suspects)
        if fault is not None:
            faults[i] = fault
        _hand_down(chain, i, suspects.blocked)
    # The values above a wrong piece are those of that piece, and those above a wrong formula are
    # wrong at other inputs, so that nothing that they prove is proved.
    for fault in (*suspects.branches.values(), *suspects.forwards.values()):
        chain.void = chain.void or f"not decided, because of {fault.blame}: {fault.message}"
    for wrong in (suspects.values, suspects.branches, suspects.forwards):
        for i, fault in wrong.items():
            faults.setdefault(i, fault)


def _agreements(chain: Chain) -> bytearray:
    """For each node whether the gradient found there is the expected one, and both are rational."""
    expected, found = numbers_of(chain.adjoints), numbers_of(chain.found)
    agree = bytearray(len(found))
    for i, (right, number) in enumerate(zip(expected, found, strict=True)):
        if type(right) is type(number) is backing.Rational and right == number:
            agree[i] = True
            # Of two equal numbers one is enough to keep, and to turn into a Fraction.
            expected[i] = number
    return agree


def _is_clean(chain: Chain, suspects: Suspects, agree: bytearray) -> bool:
    """Whether there is nothing to be said of any node, so that none need be looked at."""
    if suspects.edges or suspects.rules or suspects.branches or suspects.blocked:
        return False
    if any(rule is not None and rule.form.boundary for rule in set(chain.rules)):
        return False
    return sum(agree) + sum(chain.graph.is_constant) == len(agree)


def _differ(chain: Chain, i: int, expected: Any, found: Any, *, agree: bool, numbers: bool) -> bool:
    """Whether the gradient found on node `i` is not the expected one; it may be left undecided.

    That there is one at all is compared whether or not `numbers` are: whole proofs, which compare
    those, are not made at boundaries, nor of what is undecided.
    """
    if agree:
        return False
    if expected is UNAVAILABLE or found is UNAVAILABLE:
        return True
    if not numbers:
        return False
    try:
        return bool(outside(expected) != outside(found))
    except NotDecided as reason:
        chain.undecided[i] = str(reason)
        return False


def _hand_down(chain: Chain, i: int, blocked: Mapping[int, str]) -> None:
    """Mark the operands of node `i` if it, or anything above it, is at a boundary or undecided."""
    rule = chain.rules[i]
    if rule is None:
        return
    at_boundary = rule.form.boundary or i in chain.boundary
    reason = blocked.get(i) or chain.undecided.get(i)
    if at_boundary or reason is not None:
        for operand in chain.graph.operands[i]:
            if chain.graph.is_constant[operand]:
                continue
            if at_boundary:
                chain.boundary.add(operand)
            if reason is not None:
                chain.undecided.setdefault(operand, reason)


def _from_users(
    graph: Graph, i: int, faults: Mapping[int, Fault], suspects: Suspects
) -> Fault | None:
    """The fault that node `i` has from above: a user's own, or that of the edge to a user."""
    for user in graph.users[i]:
        if user in faults:
            return faults[user]
    for user in graph.users[i]:
        by_operand = suspects.rules.get(user, {})
        for k, operand in enumerate(graph.operands[user]):
            if operand == i and k in by_operand:
                return by_operand[k]
        if user in suspects.branches:
            return suspects.branches[user]
    return None


def _number_fault(chain: Chain, i: int, fault: Fault | None, suspects: Suspects) -> Fault | None:
    """Say by how much the gradient of node `i` is off, and what is to blame.

    At a boundary a number may be another convention's: where nothing else is to blame the answer is
    None, and its one-sided derivatives will judge it.
    """
    expected, found, name = chain.adjoints[i], chain.found[i], chain.graph.names[i]
    fault = fault or _wrong_partial(chain, i)
    if expected is UNAVAILABLE or found is UNAVAILABLE:
        says = "is not available" if expected is UNAVAILABLE else f"is {short_text(expected)}"
        message = f"the derivative by {name} {says}, and the gradient says otherwise"
        return fault or Fault(f"node {name}", message)
    off = f"the gradient of {name} is {short_text(found)}, the derivative {short_text(expected)}"
    difference = short_text(found - expected)
    symbolic = fault.difference if fault is not None else None
    if fault is None and follows(chain, i):
        above = [chain.faults[user] for user in chain.graph.users[i] if user in chain.faults]
        fault = next(iter([*above, *suspects.values.values()]), None)
    if fault is None:
        if i in chain.boundary:
            return None
        return Fault(f"node {name}", off + _hint(chain, i), difference, expected)
    return fault.leads_to(off, symbolic or difference, expected)


def _wrong_partial(chain: Chain, i: int) -> Fault | None:
    """A user of node `i` whose rule, as a number here, is not SymPy's."""
    for user in chain.graph.users[i]:
        node = chain.graph.nodes[user]
        assert node.operator is not None
        try:
            ours = list(partials_or_none(node))
        except ArithmeticError:
            continue  # at a stored number that is wrong
        theirs = _stored_terms(chain, user, ONE)
        for k, (operand, our, their) in enumerate(
            zip(chain.graph.operands[user], ours, theirs, strict=False)
        ):
            unavailable = our is UNAVAILABLE or their is UNAVAILABLE
            if operand == i and (our is not their if unavailable else our != their):
                what = f"{node.operator.name}: its partial derivative by operand {k + 1}"
                message = f"{what} is {our} here; SymPy's is {their}"
                if not unavailable:
                    message = f"{what} is {short_text(our)} here; SymPy's is {short_text(their)}"
                return Fault(blame_of(node.operator), message)
    return None


def _stored_terms(chain: Chain, i: int, adjoint: Any) -> list[Any]:
    """As `adjoint_terms`, at the values that are stored and not at SymPy's."""
    stored: Any = {o: chain.graph.nodes[o]._datum for o in chain.graph.operands[i]}
    return adjoint_terms(replace(chain, values=stored), i, adjoint)


def follows(chain: Chain, i: int) -> bool:
    """Whether the gradient of node `i` is right for those found on its users and the stored values."""
    graph = chain.graph
    total: Any = chain.seed if i == graph.root else ZERO
    for user in dict.fromkeys(graph.users[i]):
        if chain.found[user] is None:
            return False
        terms = _stored_terms(chain, user, chain.found[user])
        for operand, term in zip(graph.operands[user], terms, strict=True):
            if operand == i:
                total = total + term
    if total is UNAVAILABLE or chain.found[i] is UNAVAILABLE:
        return total is chain.found[i]
    return bool(chain.found[i] == total)


def _hint(chain: Chain, i: int) -> str:
    """What a usual mistake would explain, for a number that is off."""
    expected, found = chain.adjoints[i], chain.found[i]
    if expected == 0 or found == 0:
        return ": it is missing" if found == 0 else ""
    ratio = found / expected
    if ratio == -1:
        return ": its sign is wrong"
    if isinstance(ratio, Fraction) and ratio.denominator == 1 and ratio > 1:
        times = "twice" if ratio == 2 else f"{ratio} times"
        cause = "an earlier backward?" if not chain.graph.operands[i] else "counted more than once?"
        return f", {times} the derivative: {cause}"
    return ""
