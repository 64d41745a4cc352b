"""`verify`: the verdict on every node of a graph, from the proofs of the other modules.

The chain proof is linear and always decides what can be decided; the whole proof is independent of
the chain rule and costs more, so with `method="auto"` it is made for as many nodes as a fixed amount
of work allows. The modular check is both linear and independent of the chain rule, and proves
nothing: what it finds equal is `probable`, and what it finds different refuted for certain, which is
why method "whole" asks it first. Nodes from which a piecewise operator at its boundary is reached have
no formula on both sides, and are settled by their one-sided derivatives.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, Final, Literal, cast, get_args

from minigrad import reverse
from minigrad.backing import outside
from minigrad.errors import InvalidOperand, describe
from minigrad.exact import to_exact
from minigrad.garbage import Uncollected
from minigrad.number import UNAVAILABLE
from minigrad.rational import OutOfBudget
from minigrad.scalar import Scalar
from minigrad.verify import chain as chains
from minigrad.verify import modular
from minigrad.verify.conditions import branches, conditions
from minigrad.verify.firstorder import FirstOrder
from minigrad.verify.onesided import AllPowers, Walks, boundary_entry, without_gradient
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.solver import Chain, numbers_of, refuted
from minigrad.verify.sweep import Sweep
from minigrad.verify.symbolic import Graph, Rules
from minigrad.verify.whole_graph import WholeProofs
from minigrad.verify.worker import Worker

__all__ = ["BUDGET", "Method", "Prover", "check_method", "verify"]

Method = Literal["auto", "whole", "chain", "modular"]
BUDGET: Final = 10.0

_LONGEST: Final = 1e9
"""Seconds beyond which a budget is no limit; an int may be longer than any float."""

_SPELT_OUT: Final = 50_000
"""Nodes of a graph up to which the chain proof's derivatives are written as text: nobody reads more."""

_LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "whole": chains.CHECKS - {"values"},
    "modular": chains.CHECKS - {"values", "numbers"},
}
"""The checks of the chain proof that are not made with a method; whole proofs compare numbers."""

_ONE_SIDED_NODES: Final = 2_000_000
"""Nodes that the one-sided derivatives of one graph may visit, all together: each for each side."""


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
    seconds, and so the one-sided derivatives, as a backstop. `draw` is the seed of the random point,
    drawn by the system if None.

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
        _check_arguments(root, method, budget, draw, executor)
        deadline = time.monotonic() + min(budget, _LONGEST)
        chosen = frozenset(checks) - _LEFT_OUT.get(method, frozenset())
        with Uncollected():
            graph = Graph(root)
            chain = chains.prove(graph, self.rules, to_exact(seed), sweep=sweep, checks=chosen)
            entries = _chain_entries(chain)
            findings: list[str] = []
            supposed: list[str] = []
            if len(graph.nodes) > _SPELT_OUT:
                says = f"derivatives are not spelt out in graphs of over {_SPELT_OUT:,} nodes"
                findings.append(says)
            if method == "chain" and not chain.boundary:
                # What this took is gone before garbage is looked for again.
                return _report(chain, entries, title, supposed, findings)
        if chain.boundary:
            # What the chain proof took is not taken from this: it has no limit.
            until = time.monotonic() + min(budget, _LONGEST)
            _settle_boundary(chain, entries, self.rules, Walks(_ONE_SIDED_NODES, until))
        if method == "modular":
            waiting = _smooth(chain, entries)
            found = modular.check(chain, waiting, sweep=sweep, draw=draw)
            _judge_modular(entries, waiting, found)
            findings += [_modular_finding(found.bits, draw)] * bool(found.bits)
        elif method != "chain":
            is_auto = method == "auto"
            proofs = WholeProofs(chain, sweep, deadline, self._worker, executor, is_auto)
            proofs.prove(_smooth(chain, entries), entries)
            findings += proofs.findings
            supposed += proofs.supposed
        return _report(chain, entries, title, supposed, findings)


def _smooth(chain: Chain, entries: Sequence[Entry | None]) -> list[int]:
    """The nodes, from the root down, that have a formula on both sides and were not left undecided."""
    return [
        i
        for i in range(chain.graph.root, -1, -1)
        if entries[i] is not None and i not in chain.boundary and i not in chain.undecided
    ]


def _report(
    chain: Chain,
    entries: Iterable[Entry | None],
    title: str,
    supposed: Sequence[str],
    findings: Sequence[str],
) -> Report:
    graph = chain.graph
    point = {
        graph.names[i]: node._datum
        for i, node in enumerate(graph.nodes)
        if node.operator is None and not node.is_constant
    }
    proved = Verdict.PROVED
    return Report(
        tuple(
            entry if entry.verdict is proved else replace(entry, point=point)
            for entry in entries
            if entry is not None
        ),
        title,
        tuple(dict.fromkeys([*conditions(chain), *supposed])),
        (point,),
        tuple(branches(chain)),
        tuple(findings),
    )


def check_method(method: str) -> Method:
    """`method` itself; InvalidOperand unless it is one of those that there are."""
    if method not in get_args(Method):
        raise InvalidOperand(
            f"expected method to be one of {get_args(Method)}; got {describe(method)}"
        )
    return cast(Method, method)


def _check_arguments(
    root: object, method: str, budget: object, draw: object, executor: object
) -> None:
    if not isinstance(root, Scalar):
        raise InvalidOperand(f"verify: expected a Scalar; got {describe(root)}")
    check_method(method)
    if isinstance(budget, bool) or not isinstance(budget, (int, float)) or not budget >= 0:
        raise InvalidOperand(
            f"verify: expected a budget of seconds, 0 or more; got {describe(budget)}"
        )
    if draw is not None and type(draw) is not int:
        raise InvalidOperand(f"verify: expected draw to be an int or None; got {describe(draw)}")
    if not isinstance(executor, Executor | None):
        raise InvalidOperand(
            f"verify: expected a concurrent.futures.Executor; got {describe(executor)}"
        )


# --- the verdict of the chain proof ---------------------------------------------------------------


def _chain_entries(chain: Chain) -> list[Any]:
    """The verdict of the chain proof on each node, by position; None for a constant."""
    graph, nowhere = chain.graph, dict[str, Any]()
    # An enumeration's member takes longer to look up than any other constant.
    proved = Verdict.PROVED
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
            proved,
            "chain",
            "" if operator is None else operator.name,
            outside(node._number),
            gradient,
            chain.derivative(i) if is_spelt_out else "",
            expected,
            None,
            None,
            nowhere,
        )
        entries[i] = entry if is_clean and i not in chain.faults else _judged(chain, i, entry)
    return entries


def _judged(chain: Chain, i: int, entry: Entry) -> Entry:
    if i in chain.faults:
        return refuted(entry, chain.faults[i], "chain")
    if chain.void or i in chain.undecided:
        message = chain.undecided.get(i, chain.void)
        return replace(entry, verdict=Verdict.UNDECIDED, message=message)
    return entry


# --- boundaries -----------------------------------------------------------------------------------


def _settle_boundary(chain: Chain, entries: list[Any], rules: Rules, walks: Walks) -> None:
    """Replace the verdict on nodes at a boundary, where no fault was found, by that of both sides."""
    first_order, all_powers = FirstOrder(chain, rules, walks), AllPowers(chain, rules, walks)
    # From the root down: what is found of a node serves those below it.
    for i in sorted(chain.boundary, reverse=True):
        entry = entries[i]
        has_none = chain.found[i] is UNAVAILABLE is chain.adjoints[i]
        if entry.verdict is not Verdict.PROVED and not has_none:
            continue
        try:
            sides = first_order.one_sided(i) or all_powers.one_sided(i)
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
            entries[i] = refuted(entry, found.faults[i], "modular")
        elif entry.verdict is Verdict.PROVED:
            reason = found.undecided.get(i)
            verdict = Verdict.PROBABLE if reason is None else Verdict.UNDECIDED
            message = modular.SAYS if reason is None else reason
            entries[i] = replace(entry, verdict=verdict, proof="modular", message=message)


def _modular_finding(bits: int, draw: int | None) -> str:
    source = "the system's random numbers" if draw is None else f"the seed {draw}"
    return f"probable: {modular.SAYS} (one point, one prime of {bits:,} bits, drawn from {source})"
