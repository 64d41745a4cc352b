"""`verify`: the verdict on every node of a graph, from the proofs of the other modules.

The chain proof is linear and always decides what can be decided; the whole proof is independent of
the chain rule and costs more, so with `method="auto"` it is made for as many nodes as a fixed amount
of work allows. The modular check is both linear and independent of the chain rule, and proves
nothing: what it finds equal is `probable`, and what it finds different refuted for certain, which is
why method "whole" asks it first. Nodes from which a piecewise operator at its boundary is reached have
no formula on both sides, and are settled by their one-sided derivatives.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, Final, Literal, cast, get_args

from minigrad import reverse
from minigrad.backing import outside
from minigrad.errors import InvalidOperand, MinigradError, NotDecided, describe
from minigrad.exact import to_exact
from minigrad.number import UNAVAILABLE
from minigrad.number_text import short_text
from minigrad.rational import OutOfBudget
from minigrad.scalar import Scalar
from minigrad.verify import chain as chains
from minigrad.verify import jobs, modular, whole
from minigrad.verify.conditions import branches, conditions
from minigrad.verify.firstorder import FirstOrder
from minigrad.verify.formulas import compare_rule, point_of
from minigrad.verify.garbage import uncollected
from minigrad.verify.onesided import boundary_entry, one_sided, without_gradient
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.solver import Chain, Fault, numbers_of
from minigrad.verify.sweep import Sweep
from minigrad.verify.symbolic import Graph, Rules
from minigrad.verify.worker import Worker, is_sendable, proofs

__all__ = ["BUDGET", "Method", "Prover", "check_method", "verify"]

Method = Literal["auto", "whole", "chain", "modular"]
BUDGET: Final = 10.0

_AUTO_SIZE: Final = 30_000
"""SymPy terms, predicted, that method "auto" spends on whole proofs of one graph."""

_LONGEST: Final = 1e9
"""Seconds beyond which a budget is no limit; an int may be longer than any float."""

_BLOCK: Final = 8
"""Nodes whose whole proofs are one job of an executor."""

_SPELT_OUT: Final = 50_000
"""Nodes of a graph up to which the chain proof's derivatives are written as text: nobody reads more."""

_LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "whole": chains.CHECKS - {"values"},
    "modular": chains.CHECKS - {"values", "numbers"},
}
"""The checks of the chain proof that are not made with a method."""

_ONE_SIDED_NODES: Final = 1_000_000
"""Nodes that the one-sided derivatives of one graph may visit, all together."""


def verify(
    root: Scalar,
    method: Method = "auto",
    seed: object = 1,
    budget: float = BUDGET,
    *,
    executor: Executor | None = None,
    draw: int | None = None,
) -> Report:
    """A Report with a verdict on the gradient of `root` by every node that is no constant.

    What is checked is what was left on the graph: values, and the gradients that are set (by
    `backward`, by hand, or by a graph file) as `seed` times the derivative; gradients that are not
    set are computed. `method` is "chain" (four checks, linear in the graph), "whole" (each node's
    derivative from the root's whole expression), "auto": chain, and whole within a fixed amount
    of work; or "modular": all derivatives of the root's whole expression at a random point modulo a
    random prime, linear in the graph, whose verdict is `probable`. `budget` bounds the whole proofs in
    seconds, as a backstop. `draw` is the seed of the random point, drawn by the system if None.

    With an `executor`, any of `concurrent.futures`, its workers make the whole proofs, each of which may
    take all of the budget. The Report is the same, unless a worker is lost: then the nodes that it was
    lost at say so. A graph with operators that are not the table's is proved here.

    Raises InvalidOperand (a TypeError) for arguments that do not fit.

    >>> x = Scalar(3, "x")
    >>> y = x * x
    >>> y.backward()
    >>> x.grad = 5
    >>> print(verify(y).entries[0].message)
    the gradient of x is 5, the derivative 6
    """
    with Prover() as prover:
        return prover.verify(root, method, seed, budget, executor=executor, draw=draw)


class Prover:
    """Verifies graph after graph, keeping what one can reuse for the next.

    That is SymPy's derivative of each operator, in `rules`, and the child process for what may have
    to be stopped. Use as a context manager.
    """

    def __init__(self) -> None:
        self.rules = Rules()
        self._worker = Worker()

    def __enter__(self) -> Prover:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()

    def verify(
        self,
        root: Scalar,
        method: Method = "auto",
        seed: object = 1,
        budget: float = BUDGET,
        *,
        draw: int | None = None,
        title: str = "",
        executor: Executor | None = None,
        sweep: Sweep = reverse.adjoints,
        checks: Iterable[str] = chains.CHECKS,
    ) -> Report:
        """As the function `verify`; `sweep` is the engine under proof, `checks` those of the chain."""
        _check_arguments(root, method, budget, draw)
        if not isinstance(executor, Executor | None):
            raise InvalidOperand(
                f"verify: expected a concurrent.futures.Executor; got {describe(executor)}"
            )
        deadline = time.monotonic() + min(budget, _LONGEST)
        chosen = frozenset(checks)
        chosen -= _LEFT_OUT.get(method, frozenset())
        with uncollected():
            graph = Graph(root)
            chain = chains.prove(graph, self.rules, to_exact(seed), sweep=sweep, checks=chosen)
            entries = _chain_entries(chain)
        findings: list[str] = []
        supposed: list[str] = []
        if len(graph.nodes) > _SPELT_OUT:
            findings.append(f"derivatives are not spelt out in graphs of over {_SPELT_OUT:,} nodes")
        if chain.boundary:
            _settle_boundary(chain, entries, self.rules)
        waiting = [
            i
            for i in range(graph.root, -1, -1)
            if entries[i] is not None and i not in chain.boundary and i not in chain.undecided
        ]
        if method == "modular":
            found = modular.check(chain, waiting, sweep=sweep, draw=draw)
            _judge_modular(entries, waiting, found)
            findings += [_modular_finding(found.bits, draw)] * bool(found.bits)
        elif method != "chain":
            wrong = _wrong_modulo(chain, waiting, sweep, deadline) if method == "whole" else {}
            asked = [i for i in waiting if i not in wrong]
            # Other processes know of no other sweep than the engine's own.
            is_ours = sweep is reverse.adjoints and (executor is None or is_sendable(graph))
            there = executor if is_ours else None
            outcomes = self._whole(chain, asked, method, deadline, sweep, findings, there)
            outcomes |= {i: outcome for i, (_, outcome) in wrong.items()}
            hasty = {i: fault for i, (fault, outcome) in wrong.items() if outcome.equal is None}
            _judge_whole(chain, entries, outcomes, method, hasty)
            supposed += [text for outcome in outcomes.values() for text in outcome.conditions]
        point = {
            graph.names[i]: node._data
            for i, node in enumerate(graph.nodes)
            if node.operator is None and not node.is_constant
        }
        return Report(
            tuple(
                replace(entry, point=point) if entry.verdict is not Verdict.PROVED else entry
                for entry in entries
                if entry is not None
            ),
            title,
            tuple(dict.fromkeys([*conditions(chain), *supposed])),
            (point,),
            tuple(branches(chain)),
            tuple(findings),
        )

    def _whole(
        self,
        chain: Chain,
        waiting: list[int],
        method: Method,
        deadline: float,
        sweep: Sweep,
        findings: list[str],
        executor: Executor | None,
    ) -> dict[int, whole.Outcome]:
        """The outcomes of whole proofs, from the root down: here what is small, elsewhere the rest,
        or all of them if there is an executor.
        """
        outcomes: dict[int, whole.Outcome] = {}
        large: list[int] = []
        sent: list[int] = []
        spent = 0
        small = whole.small_limits()
        limits = small if method == "auto" else whole.LARGE
        for done, i in enumerate(waiting):
            if time.monotonic() > deadline or spent > _AUTO_SIZE:
                if method == "auto":
                    findings.append(
                        f"whole proofs stopped at the {'work' if spent > _AUTO_SIZE else 'time'} allowed "
                        f"to them, after {done} of {len(waiting)} nodes; the chain proof covers all"
                    )
                    break
                outcomes[i] = whole.Outcome(None, message="the budget of seconds ran out")
                continue
            size, refusal = whole.predict(chain, i, limits)
            if method == "auto":
                spent += min(size, small.size)
            compact = method == "whole" and size > small.size
            if refusal and not (compact and whole.is_compact(chain, i, limits)):
                outcomes[i] = whole.Outcome(None, message=refusal)
                continue
            if executor is not None and chain.adjoints[i] is not UNAVAILABLE:
                sent.append(i)
                continue
            if not compact or whole.is_compact(chain, i, small):
                outcomes[i] = whole.prove_node(chain, i, small, sweep=sweep)
            if i not in outcomes or outcomes[i].equal is None:
                large.append(i)
        if executor is not None and sent:
            outcomes.update(_sent(chain, sent, limits, deadline, executor, findings))
        # Whatever is beyond the small limits goes to a process that can be stopped, which knows of
        # no other sweep than the engine's own.
        if method == "whole" and large and sweep is reverse.adjoints:
            outcomes.update(self._elsewhere(chain, large, deadline))
        for i in large:
            outcomes.setdefault(
                i, whole.Outcome(None, message="too large for a sweep of another engine")
            )
        return {i: outcomes[i] for i in waiting if i in outcomes}

    def _elsewhere(
        self, chain: Chain, positions: list[int], deadline: float
    ) -> dict[int, whole.Outcome]:
        root = chain.graph.nodes[chain.graph.root]
        seconds = max(deadline - time.monotonic(), 0.0)
        try:
            return dict(self._worker.prove(root, chain.seed, positions, seconds))
        except MinigradError as error:
            return {i: whole.Outcome(None, message=str(error)) for i in positions}


def _sent(
    chain: Chain,
    positions: Sequence[int],
    limits: whole.Limits,
    deadline: float,
    executor: Executor,
    findings: list[str],
) -> dict[int, whole.Outcome]:
    """The outcomes of whole proofs by the workers of an executor."""
    job = proofs(chain.graph.nodes[chain.graph.root], chain.seed, positions, limits)
    blocks = [positions[k : k + _BLOCK] for k in range(0, len(positions), _BLOCK)]
    seconds = max(deadline - time.monotonic(), 0.0)
    outcomes: dict[int, whole.Outcome] = {}
    found = jobs.run(
        [replace(job, parts=block) for block in blocks],
        executor,
        seconds=seconds,
        warn=findings.append,
    )
    with contextlib.closing(found):
        for number, answers in found:
            assert not isinstance(answers, Exception), "a job of texts and numbers can be pickled"
            for i, answer in zip(blocks[number], answers, strict=True):
                if answer.kind == "done":
                    outcomes[i] = answer.value
                    continue
                message = f"not found: {answer.message}"
                outcomes[i] = whole.Outcome(None, message=message)
                findings.append(f"the whole proof of {chain.graph.names[i]} was {message}")
    return outcomes


def check_method(method: str) -> Method:
    """`method` itself; InvalidOperand unless it is one of those that there are."""
    if method not in get_args(Method):
        raise InvalidOperand(
            f"expected method to be one of {get_args(Method)}; got {describe(method)}"
        )
    return cast(Method, method)


def _check_arguments(root: object, method: str, budget: object, draw: object) -> None:
    if not isinstance(root, Scalar):
        raise InvalidOperand(f"verify: expected a Scalar; got {describe(root)}")
    check_method(method)
    if isinstance(budget, bool) or not isinstance(budget, (int, float)) or not budget >= 0:
        raise InvalidOperand(
            f"verify: expected a budget of seconds, 0 or more; got {describe(budget)}"
        )
    if draw is not None and type(draw) is not int:
        raise InvalidOperand(f"verify: expected draw to be an int or None; got {describe(draw)}")


# --- the verdict of the chain proof ---------------------------------------------------------------


def _chain_entries(chain: Chain) -> list[Any]:
    """The verdict of the chain proof on each node, by position; None for a constant."""
    graph, nowhere = chain.graph, dict[str, Any]()
    is_spelt_out, is_clean = len(graph.nodes) <= _SPELT_OUT, not (chain.void or chain.undecided)
    right, found = numbers_of(chain.adjoints), numbers_of(chain.found)
    entries: list[Any] = [None] * len(graph.nodes)
    last = gradient = None
    for i, (node, name) in enumerate(zip(graph.nodes, graph.names, strict=True)):
        if graph.is_constant[i]:
            continue
        # A sum hands its gradient down as it is: one Fraction is enough for all below it.
        if found[i] is not last:
            last = found[i]
            gradient = None if last is UNAVAILABLE else outside(last)
        expected = gradient
        if right[i] is not last:
            expected = None if right[i] is UNAVAILABLE else outside(right[i])
        operator = node.operator
        entry = Entry(
            str(node.label) if node.label else name,
            Verdict.PROVED,
            "chain",
            "" if operator is None else operator.name,
            outside(node._number),
            gradient,
            chain.derivative(i) if is_spelt_out else "",
            expected,
            point=nowhere,
        )
        entries[i] = entry if is_clean and i not in chain.faults else _judged(chain, i, entry)
    return entries


def _judged(chain: Chain, i: int, entry: Entry) -> Entry:
    if i in chain.faults:
        return _refuted(entry, chain.faults[i], "chain")
    if chain.void or i in chain.undecided:
        message = chain.undecided.get(i, chain.void)
        return replace(entry, verdict=Verdict.UNDECIDED, message=message)
    return entry


# --- boundaries -----------------------------------------------------------------------------------


def _settle_boundary(chain: Chain, entries: list[Any], rules: Rules) -> None:
    """Replace the verdict on nodes at a boundary, where no fault was found, by that of both sides."""
    visited = 0
    first_order = FirstOrder(chain, rules)
    for i in sorted(chain.boundary, reverse=True):
        entry = entries[i]
        has_none = chain.found[i] is UNAVAILABLE is chain.adjoints[i]
        if entry.verdict is not Verdict.PROVED and not has_none:
            continue
        try:
            # To count them takes time too, so none are counted when the limit is passed.
            dependents = chain.graph.dependents(i) if visited <= _ONE_SIDED_NODES else []
            visited += len(dependents)
            if visited > _ONE_SIDED_NODES:
                raise OutOfBudget(
                    f"one-sided derivatives visited {_ONE_SIDED_NODES:,} nodes already"
                )
            sides = first_order.one_sided(i, dependents) or one_sided(chain, i, rules)
        except OutOfBudget as reason:
            message = (
                f"it stands at a boundary, and the one-sided derivatives were not found: {reason}"
            )
            entries[i] = replace(entry, verdict=Verdict.UNDECIDED, proof="", message=message)
        else:
            if has_none:
                entries[i] = without_gradient(entry, sides)
            else:
                entries[i] = boundary_entry(entry, sides, chain.seed, chain.adjoints[i])


# --- the verdict of the modular check ------------------------------------------------------------


def _judge_modular(entries: list[Any], positions: Iterable[int], found: modular.Modular) -> None:
    """Put what the modular check found into the entries: nothing is proved by it."""
    for i in positions:
        entry = entries[i]
        if i in found.faults:
            entries[i] = _refuted(entry, found.faults[i], "modular")
        elif entry.verdict is Verdict.PROVED:
            reason = found.undecided.get(i)
            verdict = Verdict.PROBABLE if reason is None else Verdict.UNDECIDED
            message = modular.SAYS if reason is None else reason
            entries[i] = replace(entry, verdict=verdict, proof="modular", message=message)


def _refuted(entry: Entry, fault: Fault, proof: str) -> Entry:
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        proof=proof,
        difference=fault.difference or entry.difference,
        blame=fault.blame,
        message=fault.message,
    )


def _modular_finding(bits: int, draw: int | None) -> str:
    source = "the system's random numbers" if draw is None else f"the seed {draw}"
    return f"probable: {modular.SAYS} (one point, one prime of {bits:,} bits, drawn from {source})"


# --- the verdict of the whole proof ---------------------------------------------------------------


def _judge_whole(
    chain: Chain,
    entries: list[Any],
    outcomes: Mapping[int, whole.Outcome],
    method: Method,
    hasty: Mapping[int, Fault],
) -> None:
    """Put the outcomes of whole proofs into the entries, from the root down.

    What was not decided is refuted by a fault in `hasty`, or by a number that is not SymPy's.
    """
    faults: dict[int, Fault] = {}
    for i, outcome in sorted(outcomes.items(), reverse=True):
        entry, found = entries[i], chain.found[i]
        if outcome.equal is None:
            known = hasty.get(i) or (_stored_fault(chain, i) if method == "whole" else None)
            if known is not None:
                faults[i] = known
                entries[i] = _refuted(entry, known, "modular" if i in hasty else "chain")
            elif method == "whole" and entry.verdict is Verdict.PROVED:
                entries[i] = replace(
                    entry, verdict=Verdict.UNDECIDED, proof="whole", message=outcome.message
                )
            continue
        entry = replace(entry, derivative=outcome.derivative, expected=outcome.value)
        try:
            agrees = bool(outcome.equal and found is not UNAVAILABLE and outcome.value == found)
        except NotDecided:
            continue  # as the chain proof says of the same two numbers
        if agrees:
            if entry.verdict is Verdict.PROVED:
                entry = replace(entry, proof="whole")
        else:
            fault = chain.faults.get(i) or _whole_fault(chain, i, outcome, faults)
            faults[i] = fault
            entry = replace(
                entry,
                verdict=Verdict.REFUTED,
                proof="whole",
                difference=outcome.difference or fault.difference,
                blame=fault.blame,
                message=fault.message,
            )
        entries[i] = entry


def _wrong_modulo(
    chain: Chain, positions: Iterable[int], sweep: Sweep, deadline: float
) -> dict[int, tuple[Fault, whole.Outcome]]:
    """The nodes whose formula is wrong modulo a prime, with a whole proof's difference if it is small."""
    # What differs at the points of a seed that anyone may know differs all the same.
    found = modular.check(chain, positions, sweep=sweep, draw=0, quick=True)
    limits = whole.small_limits()
    return {
        i: (
            fault,
            whole.prove_node(chain, i, limits, sweep=sweep)
            if time.monotonic() <= deadline
            else whole.Outcome(None),
        )
        for i, fault in found.faults.items()
    }


def _stored_fault(chain: Chain, i: int) -> Fault | None:
    """What is wrong with the number stored on node `i`, where its formula was not decided."""
    found, right, name = chain.found[i], chain.adjoints[i], chain.graph.names[i]
    try:
        if found is None or found is UNAVAILABLE or right is UNAVAILABLE or found == right:
            return None
    except NotDecided:
        return None
    says = f"the gradient of {name} is {short_text(found)}, the derivative {short_text(right)}"
    return Fault(f"node {name}", says, short_text(found - right), right)


def _whole_fault(
    chain: Chain, i: int, outcome: whole.Outcome, faults: Mapping[int, Fault]
) -> Fault:
    """What is to blame for a refuted whole proof: a user's fault, a rule on the way, or the node."""
    graph = chain.graph
    for user in graph.users[i]:
        if user in faults and (not outcome.equal or chains.follows(chain, i)):
            return replace(faults[user], message=_whole_message(chain, i, outcome))
    for user in dict.fromkeys(graph.users[i]):
        rule, node = chain.rules[user], chain.graph.nodes[user]
        assert rule is not None
        assert node.operator is not None
        piece = chain.pieces[user]
        verdict = compare_rule(
            node.operator, node.parameters, piece, rule, len(node.operands), point_of(node, piece)
        )
        if isinstance(verdict, dict):
            for k, operand in enumerate(graph.operands[user]):
                if operand == i and k in verdict:
                    return verdict[k]
    for user in graph.dependents(i):
        # A forward rule that is wrong elsewhere, where a partial derivative uses the value.
        if user in chain.faults and not outcome.equal:
            return replace(chain.faults[user], message=_whole_message(chain, i, outcome))
    blame = f"node {graph.names[i]}" if outcome.equal else f"the sweep at {graph.names[i]}"
    found, value = chain.found[i], outcome.value
    number = None
    if found is not None and found is not UNAVAILABLE and value is not None and found != value:
        number = short_text(found - value)
    return Fault(blame, _whole_message(chain, i, outcome), number)


def _whole_message(chain: Chain, i: int, outcome: whole.Outcome) -> str:
    if outcome.message:
        return outcome.message
    found: Any = chain.found[i]
    shown = "unavailable" if found is None or found is UNAVAILABLE else short_text(found)
    expected = "unknown" if outcome.value is None else short_text(outcome.value)
    return f"the gradient of {chain.graph.names[i]} is {shown}, the derivative {expected}"
