"""Whole proofs in a process of their own, which can be stopped.

What may outrun its budget is sent, as a graph file, to one child process (`child`) that is reused until
it has to be killed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from minigrad import exact, graphfile, number_text
from minigrad.errors import InvalidOperand
from minigrad.operators import check_known
from minigrad.scalar import Scalar
from minigrad.verify import chain, whole
from minigrad.verify.child import Answer, Child, Job
from minigrad.verify.solver import Chain
from minigrad.verify.symbolic import Graph, Rules

__all__ = ["Worker", "is_sendable", "outcome_of", "proofs"]

MEMORY: Final = 4 * 2**30
"""Bytes of address space that the child may take, where the system can limit them."""

_UNLIMITED_BITS: Final = 2**62


class Worker:
    """A child process for whole proofs. Use as a context manager, or `close` it.

    The process is started at the first request, and again after it was killed.
    """

    def __init__(self) -> None:
        self._child: Child | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prove(
        self, root: Scalar, seed: Fraction, positions: Sequence[int], seconds: float
    ) -> Iterator[tuple[int, whole.Outcome]]:
        """The outcome for each of the nodes at `positions`, as they come, for `seconds` at most.

        One node may take half of the time that is left, so that none starves the others; a node that
        takes more is given up, and the message of its outcome says so.

        Raises InvalidOperand, as graph files do, for a graph with an operator that is not the table's:
        the child would prove the one of that name that it knows.
        """
        waiting = list(positions)
        try:
            yield from self._answered(root, seed, waiting, seconds)
        finally:
            # Answers that nobody takes would be taken for those to the next request.
            if waiting:
                self.close()

    def _answered(
        self, root: Scalar, seed: Fraction, waiting: list[int], seconds: float
    ) -> Iterator[tuple[int, whole.Outcome]]:
        deadline = time.monotonic() + seconds
        packed = proofs(root, seed, waiting).packed()
        done = 0
        while waiting:
            left = deadline - time.monotonic()
            if left <= 0:
                message = f"the budget of {seconds:g} s ran out"
                while waiting:
                    yield waiting.pop(0), whole.Outcome(None, message=message)
                return
            child = self._asked(packed, done)
            while waiting:
                allowed = max(min(deadline - time.monotonic(), left / 2), 0.0)
                answer = child.receive(allowed if len(waiting) > 1 else max(left, 0.0))
                i = waiting.pop(0)
                done += 1
                if answer.kind != "done":
                    self.close()
                    yield i, outcome_of(answer)
                    break
                left = deadline - time.monotonic()
                yield i, answer.value

    def _asked(self, packed: bytes, start: int) -> Child:
        if self._child is None or not self._child.ready:
            self.close()
            self._child = Child()
        self._child.ask(packed, start)
        return self._child

    def close(self) -> None:
        """Kill the process, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.close()


def proofs(
    root: Scalar, seed: Fraction, positions: Sequence[int], limits: whole.Limits = whole.LARGE
) -> Job:
    """The whole proofs of the nodes at `positions`, as a job whose answers are their outcomes.

    Raises InvalidOperand for a graph with an operator that is not the table's.
    """
    state = partial(_chain, graphfile.to_json(root), number_text.exact_text(seed))
    return Job(state, partial(_outcome, limits), tuple(positions), MEMORY, deep=True)


def outcome_of(answer: Answer) -> whole.Outcome:
    """The outcome that an answer to `proofs` has; undecided, and why, where it was lost."""
    if answer.kind == "done":
        found: whole.Outcome = answer.value
        return found
    return whole.Outcome(None, message=f"not found: {answer.message}")


def is_sendable(graph: Graph) -> bool:
    """Whether all operators of a graph are the table's, which every process knows."""
    try:
        for operator in {node.operator for node in graph.nodes if node.operator is not None}:
            check_known(operator)
    except InvalidOperand:
        return False
    return True


def _chain(graph: str, seed: str) -> Chain:
    root = graphfile.from_json(graph, max_bits=_UNLIMITED_BITS)
    start = exact.parse(seed, max_bits=_UNLIMITED_BITS)
    return chain.prove(Graph(root), Rules(), start, checks=())


def _outcome(limits: whole.Limits, known: Chain, position: int) -> whole.Outcome:
    return whole.prove_node(known, position, limits)
