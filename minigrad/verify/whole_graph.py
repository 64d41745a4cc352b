"""The whole proofs of a graph: of which nodes they are made, and where; and what they say of each node.

What is small is proved in this process. Whatever is beyond that may have to be stopped, and goes to a
child process; or, if somebody gives an executor, everything to its workers, in blocks of nodes.
With method "auto" whole proofs stop, from the root down, when a fixed amount of work is done, and what
is too large is left to the chain proof. With method "whole" the modular check is asked first: what
differs modulo a prime is refuted whatever its size.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from minigrad import reverse
from minigrad.errors import MinigradError, NotDecided
from minigrad.number import UNAVAILABLE
from minigrad.number_text import short_text
from minigrad.verify import chain as chains
from minigrad.verify import jobs, modular, whole
from minigrad.verify.formulas import rule_faults
from minigrad.verify.report import Verdict
from minigrad.verify.solver import Chain, Fault, refuted
from minigrad.verify.sweep import Sweep
from minigrad.verify.worker import Worker, is_sendable, outcome_of, proofs

__all__ = ["WholeProofs"]

_AUTO_SIZE: Final = 30_000
"""SymPy terms, predicted, that method "auto" spends on whole proofs of one graph."""

_BLOCK: Final = 8
"""Nodes, at least, whose whole proofs are one job of an executor."""

_MOST_BLOCKS: Final = 64
"""Jobs of one graph, at most: each takes the whole graph along."""


@dataclass
class WholeProofs:
    """The whole proofs of one graph: `prove` makes and judges them.

    With `is_auto` they are made for as many nodes as a fixed amount of work allows, else for all.
    `sweep` is the engine under proof, and `deadline` by `time.monotonic`. After `prove`, `outcomes` has
    what came of each node that was asked for, and `findings` what is to be said of the run.
    """

    chain: Chain
    sweep: Sweep
    deadline: float
    worker: Worker
    executor: Executor | None = None
    is_auto: bool = True
    outcomes: dict[int, whole.Outcome] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def prove(self, waiting: Sequence[int], entries: list[Any]) -> None:
        """Prove the nodes at the positions `waiting`, from the root down, and judge their entries."""
        # What is not decided of these is refuted all the same.
        wrong = {} if self.is_auto else self._wrong_modulo(waiting)
        reach = self._within_reach([i for i in waiting if i not in wrong])
        if self.executor is not None and self._is_ours and is_sendable(self.chain.graph):
            self._sent(reach, self.executor)
        else:
            self._here(reach)
        _judge(self.chain, entries, self.outcomes, wrong, is_auto=self.is_auto)

    @property
    def supposed(self) -> list[str]:
        """The signs that the proofs supposed."""
        found = [self.outcomes[i].conditions for i in sorted(self.outcomes, reverse=True)]
        return [text for conditions in found for text in conditions]

    @property
    def _is_ours(self) -> bool:
        """Whether other processes can make these proofs: they know of no sweep but the engine's own."""
        return self.sweep is reverse.adjoints

    def _leave(self, i: int, why: str) -> None:
        self.outcomes[i] = whole.Outcome(None, message=why)

    def _prove(self, i: int, plan: whole.Plan | None = None) -> whole.Outcome:
        small = whole.small_limits()
        return whole.prove_node(self.chain, i, small, sweep=self.sweep, plan=plan)

    def _wrong_modulo(self, positions: Iterable[int]) -> dict[int, Fault]:
        """The nodes whose formula is wrong modulo a prime; whole proofs tell by how much, if small."""
        # What differs at the points of a seed that anyone may know differs all the same.
        found = modular.check(self.chain, positions, sweep=self.sweep, draw=0, quick=True)
        for i in found.faults:
            in_time = time.monotonic() <= self.deadline
            self.outcomes[i] = self._prove(i) if in_time else whole.Outcome(None)
        return dict(found.faults)

    def _within_reach(self, asked: Sequence[int]) -> Iterator[tuple[int, whole.Plan]]:
        """The nodes whose proofs are to be tried, and what these take; of others it is said why not."""
        small = whole.small_limits()
        limits = small if self.is_auto else whole.LARGE
        spent = 0
        for done, i in enumerate(asked):
            is_late = time.monotonic() > self.deadline
            if self.is_auto and (is_late or spent > _AUTO_SIZE):
                self.findings.append(
                    f"whole proofs stopped at the {'work' if spent > _AUTO_SIZE else 'time'} allowed "
                    f"to them, after {done} of {len(asked)} nodes; the chain proof covers all"
                )
                return
            if is_late:
                self._leave(i, "the budget of seconds ran out")
                continue
            plan = whole.Plan(self.chain, i, limits)
            spent += min(plan.size, small.size)
            refusal = plan.refusal(limits)
            if refusal and (self.is_auto or not plan.is_compact(limits)):
                self._leave(i, refusal)
            else:
                yield i, plan

    def _here(self, reach: Iterable[tuple[int, whole.Plan]]) -> None:
        small = whole.small_limits()
        large = []
        for i, plan in reach:
            if not plan.refusal(small) or plan.is_compact(small):
                self.outcomes[i] = self._prove(i, plan)
                if self.is_auto or self.outcomes[i].equal is not None:
                    continue
            elif not self._is_ours:
                self._leave(i, "too large for a sweep of another engine")
            if self._is_ours:
                large.append(i)
        if large:
            self._elsewhere(large)

    def _elsewhere(self, positions: Sequence[int]) -> None:
        """In a process that can be stopped."""
        chain = self.chain
        root = chain.graph.nodes[chain.graph.root]
        seconds = max(self.deadline - time.monotonic(), 0.0)
        try:
            self.outcomes.update(self.worker.prove(root, chain.seed, positions, seconds))
        except MinigradError as error:
            for i in positions:
                self._leave(i, str(error))

    def _sent(self, reach: Iterable[tuple[int, whole.Plan]], executor: Executor) -> None:
        """By the workers of an executor."""
        chain = self.chain
        names = chain.graph.names
        positions = []
        for i, plan in reach:
            if chain.adjoints[i] is UNAVAILABLE:
                self.outcomes[i] = self._prove(i, plan)
            else:
                positions.append(i)
        if not positions:
            return
        limits = whole.small_limits() if self.is_auto else whole.LARGE
        job = proofs(chain.graph.nodes[chain.graph.root], chain.seed, positions, limits)
        # Dealt out, since proofs cost the more the nearer a node is to the leaves.
        count = min(_MOST_BLOCKS, -(-len(positions) // _BLOCK))
        blocks = [positions[k::count] for k in range(count)]
        found = jobs.run(
            [replace(job, parts=block) for block in blocks],
            executor,
            seconds=max(self.deadline - time.monotonic(), 0.0),
            warn=self.findings.append,
        )
        with contextlib.closing(found):
            for number, answers in found:
                assert not isinstance(answers, Exception), (
                    "a job of texts and numbers can be pickled"
                )
                for i, answer in zip(blocks[number], answers, strict=True):
                    self.outcomes[i] = outcome_of(answer)
                    if answer.kind != "done":
                        message = self.outcomes[i].message
                        self.findings.append(f"the whole proof of {names[i]} was {message}")


def _judge(
    chain: Chain,
    entries: list[Any],
    outcomes: Mapping[int, whole.Outcome],
    wrong: Mapping[int, Fault],
    *,
    is_auto: bool,
) -> None:
    """Put the outcomes into the entries, from the root down; those `wrong` modulo a prime are refuted."""
    faults: dict[int, Fault] = {}
    for i, outcome in sorted(outcomes.items(), reverse=True):
        entry, found = entries[i], chain.found[i]
        if outcome.equal is None:
            known = wrong.get(i) or (None if is_auto else _stored_fault(chain, i))
            if known is not None:
                faults[i] = known
                entries[i] = refuted(entry, known, "modular" if i in wrong else "chain")
            elif not is_auto and entry.verdict is Verdict.PROVED:
                entries[i] = replace(
                    entry, verdict=Verdict.UNDECIDED, proof="whole", message=outcome.message
                )
            continue
        entry = replace(entry, derivative=outcome.derivative, expected=outcome.value)
        try:
            agrees = bool(outcome.equal and found is not UNAVAILABLE and outcome.value == found)
        except NotDecided:
            continue  # as the chain proof says of the same two numbers
        if not agrees:
            faults[i] = chain.faults.get(i) or _fault(chain, i, outcome, faults)
            entry = refuted(entry, faults[i], "whole")
            entry = replace(entry, difference=outcome.difference or entry.difference)
        elif entry.verdict is Verdict.PROVED:
            entry = replace(entry, proof="whole")
        entries[i] = entry


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


def _fault(chain: Chain, i: int, outcome: whole.Outcome, faults: Mapping[int, Fault]) -> Fault:
    """What is to blame for a refuted whole proof: a user's fault, a rule on the way, or the node."""
    graph = chain.graph
    for user in graph.users[i]:
        if user in faults and (not outcome.equal or chains.follows(chain, i)):
            return replace(faults[user], message=_message(chain, i, outcome))
    for user in dict.fromkeys(graph.users[i]):
        verdict = rule_faults(chain, user)
        if isinstance(verdict, dict):
            for k, operand in enumerate(graph.operands[user]):
                if operand == i and k in verdict:
                    return verdict[k]
    for user in graph.dependents(i):
        # A forward rule that is wrong elsewhere, where a partial derivative uses the value.
        if user in chain.faults and not outcome.equal:
            return replace(chain.faults[user], message=_message(chain, i, outcome))
    blame = f"node {graph.names[i]}" if outcome.equal else f"the sweep at {graph.names[i]}"
    found, value = chain.found[i], outcome.value
    number = None
    if found is not None and found is not UNAVAILABLE and value is not None and found != value:
        number = short_text(found - value)
    return Fault(blame, _message(chain, i, outcome), number)


def _message(chain: Chain, i: int, outcome: whole.Outcome) -> str:
    if outcome.message:
        return outcome.message
    found: Any = chain.found[i]
    shown = "unavailable" if found is None or found is UNAVAILABLE else short_text(found)
    expected = "unknown" if outcome.value is None else short_text(outcome.value)
    return f"the gradient of {chain.graph.names[i]} is {shown}, the derivative {expected}"
