"""The modular check: all gradients of a graph at once, as formulas, at a random point modulo a prime.

Every node v is moved by its own random r_v times e, with e*e = 0, and SymPy's form of each operator is
evaluated once, from the leaves up. What the root then has before e is the sum over all nodes of r_v
times the derivative by v: it is found by evaluating the root's whole expression, and the chain rule
takes no part in it. The engine's own forward rules, partial derivatives and sweep are run on residues
at the same point. If one of its adjoints is another formula in the leaves than the derivative, the
sum of r_v times its adjoints differs too, but for a probability that `residues.prime_bits` bounds and
the choice of the prime keeps below 2**-192. A difference is one for certain: it refutes.

The cost is linear in the graph, where normal forms are impossible: about two chain proofs. Only after a
difference are the derivatives solved one by one, which tells the nodes that are wrong and why.

How large the formulas are, their degree and their coefficients, is found by running both sides on
bounds before. It may double with each level of the graph, as the degree itself does under `x = x*x`, and
then takes a prime that is longer by a bit for each; beyond a limit nothing is decided.

An operator that is no rational function has a value of its own here, drawn like a leaf's, and nothing
is said of what is below it; likewise one at the boundary of its pieces, whose form is a convention
there. Other pieces and their numbers are those taken at the point of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import attrgetter
from random import Random, SystemRandom
from typing import Any, Final, NamedTuple

from minigrad import reverse
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.verify.blind import Shadow
from minigrad.verify.formulas import forward_fault, rule_faults
from minigrad.verify.residues import (
    DRAWS,
    ERROR_BITS,
    Bound,
    Dual,
    Residue,
    prime_bits,
    random_prime,
)
from minigrad.verify.solver import (
    Chain,
    Fault,
    adjoint_terms,
    blame_of,
    solve_adjoints,
    value_at,
)
from minigrad.verify.sweep import Sweep
from minigrad.verify.symbolic import Rule

__all__ = ["SAYS", "Modular", "check"]

SAYS: Final = (
    "equal to SymPy's derivative at a random point modulo a random prime; "
    f"were they not equal as formulas, this would happen with a probability below 2**-{ERROR_BITS}"
)
_LARGEST: Final = 2_048
"""Bits of a degree up to which formulas are told apart: the prime is longer by some two hundred."""
_QUICK: Final = 128
"""Bits of the prime where nothing is to be called equal."""


class Modular(NamedTuple):
    """What came of the check: `faults` refute, `undecided` says by node why nothing is known of it.

    Of the other nodes that were asked for, the gradient is the derivative, with the probability stated,
    by a prime of `bits` bits.
    """

    faults: Mapping[int, Fault]
    undecided: Mapping[int, str]
    bits: int = 0


def check(
    chain: Chain,
    positions: Iterable[int],
    *,
    sweep: Sweep = reverse.adjoints,
    draw: int | None = None,
    quick: bool = False,
) -> Modular:
    """Compare the formulas of the adjoints of the nodes at `positions` with SymPy's derivatives.

    `draw` is the seed of prime and point, which are drawn from the system's random numbers where it is
    None: the probability is over that draw, so the graph must not be chosen knowing the seed. With a
    seed the numbers that differ are in the messages, which are the same each time. `quick`
    asks for what refutes alone: no bound is computed, and what is not in `faults` is left open.
    """
    rng = SystemRandom() if draw is None else Random(draw)
    cut = _cut(chain)
    others = _below_others(chain, cut)
    undecided = {i: others[i] for i in positions if i in others}
    judged = [i for i in positions if i not in others and cut.adjoints[i] is not UNAVAILABLE]
    blames = _Blames(cut)
    try:
        bits = _QUICK if quick else prime_bits(_size(cut, judged, sweep, blames))
        if bits > prime_bits(1 << _LARGEST):
            says = f"the degree of the formulas is bounded by no less than 2**{_LARGEST:,}"
            return Modular({}, undecided | dict.fromkeys(judged, f"{says}, too much for a prime"))
        for _ in range(DRAWS):
            trial = _Trial.drawn(cut, judged, random_prime(bits, rng), rng)
            with suppress(ZeroDivisionError):
                return Modular(_compared(cut, trial, sweep, blames), undecided, bits)
    except _Broken as reason:
        return Modular(dict.fromkeys(judged, reason.fault), undecided)
    says = f"a denominator was 0 modulo the prime at each of {DRAWS} points"
    return Modular({}, undecided | dict.fromkeys(judged, says))


class _Broken(Exception):
    """The engine's sweep raised."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


# --- what is rational of a graph ------------------------------------------------------------------


def _cut(chain: Chain) -> Chain:
    """The chain with every operator as a leaf, and without a rule, that is no formula here."""
    rules = [
        None
        if rule is None or rule.is_undefined or rule.form.boundary or not rule.is_rational
        else rule
        for rule in chain.rules
    ]
    leaves = {i for i, rule in enumerate(rules) if rule is None}
    return replace(chain, graph=chain.graph.cut(leaves), rules=rules)


def _below_others(chain: Chain, cut: Chain) -> dict[int, str]:
    """The nodes that reach the root through an operator that is cut off, and what it is."""
    found: dict[int, str] = {}
    graph = chain.graph
    for i in range(graph.root, -1, -1):
        operator = graph.nodes[i].operator
        if operator is None:
            continue
        reason = found.get(i, "")
        if cut.rules[i] is None:
            rule = chain.rules[i]
            reason = f"{operator.name} is no rational function, and has no value modulo a prime"
            if rule is not None and rule.is_rational:
                where = "not defined" if rule.is_undefined else "at a boundary"
                reason = f"{operator.name} is {where} here, and no formula"
        if reason:
            found |= dict.fromkeys(graph.operands[i], reason)
    return found


# --- SymPy's side ---------------------------------------------------------------------------------


def _solved(cut: Chain, own: Sequence[Any], moved: Callable[[int, Any], Any]) -> list[Any]:
    """SymPy's values of all nodes, those of leaves being `own`; each is `moved` where it is known."""
    values: list[Any] = []
    for i, (rule, operands) in enumerate(zip(cut.rules, cut.graph.operands, strict=True)):
        if rule is None:
            values.append(moved(i, own[i]))
            continue
        at = [values[o] for o in operands]
        if rule.numbers:
            at += cut.pieces[i][0].numbers
        values.append(moved(i, value_at(rule, at)))
    return values


# --- the engine's side ----------------------------------------------------------------------------


def _shadows(cut: Chain, theirs: Sequence[Any], kind: type, blames: _Blames) -> list[Shadow]:
    """The graph with the engine's values and partial derivatives; leaves have those of `theirs`.

    All are of this `kind`, or rational numbers.

    Where a rule raises, or gives too few partials, that is noted in `blames`, and SymPy's values
    and derivatives take their place, so that the rest of the graph can be judged.
    """
    shadows: list[Shadow] = []
    kinds = (kind, Fraction, int, type(UNAVAILABLE))
    known = replace(cut, values=list(theirs))
    nodes = zip(cut.graph.nodes, cut.graph.operands, cut.rules, cut.pieces, strict=True)
    for i, (node, operands, rule, piece) in enumerate(nodes):
        if rule is None:
            shadows.append(Shadow(None, (), (), node.is_constant, theirs[i]))
            continue
        operator, below = node.operator, tuple([shadows[o] for o in operands])
        assert operator is not None
        at = [operand._datum for operand in below]
        try:
            value = operator.forward(*at, *node.parameters, *piece)
            edges = list(operator.partials(value, *at, *node.parameters, *piece))
            if len(edges) != len(below):
                raise ValueError(f"{len(edges)} partials for {len(below)} operands")
            # A float would make the sweep raise, and that is not to blame.
            odd = next((x for x in (value, *edges) if type(x) not in kinds), None)
            if odd is not None:
                raise TypeError(f"{odd!r} is no formula")
        except Exception as error:
            blames.note(i, error)
            value = theirs[i]
            edges = [ZERO if term is None else term for term in adjoint_terms(known, i, ONE)]
        shadows.append(Shadow(operator, below, node.parameters, False, value, edges))
    return shadows


def _adjoints(
    cut: Chain, shadows: Sequence[Shadow], seed: Any, sweep: Sweep, judged: Sequence[int]
) -> dict[int, Any]:
    """The adjoints that the engine's sweep gives the nodes at `judged`."""
    kinds = (type(seed), Fraction, int)
    try:
        found = sweep(shadows[cut.graph.root], seed, attrgetter("edges"))
        adjoints = {i: found.get(shadows[i]) for i in judged}
    except Exception as error:
        what = f"the sweep, run on residues, raised {type(error).__name__}: {error}"
        raise _Broken(Fault("the sweep", what)) from None
    # What is none is a fault of that node alone, which no residue shows.
    return {i: a for i, a in adjoints.items() if type(a) in kinds}


def _size(cut: Chain, judged: Sequence[int], sweep: Sweep, blames: _Blames) -> int:
    """The size of the difference that is compared with 0: see `residues.Bound`."""
    own = [
        Bound.of(node._datum) if _is_number(node) else Bound.variable() for node in cut.graph.nodes
    ]
    # Every node is moved, also those that are not asked for: a bound may be too large.
    root = _solved(cut, own, lambda i, value: value + Bound.variable())[-1]
    seed = Bound.variable()
    shadows = _shadows(cut, _solved(cut, own, lambda i, value: value), Bound, blames)
    total = seed * root.derivative()
    for adjoint in _adjoints(cut, shadows, seed, sweep, judged).values():
        total = total + Bound.variable() * adjoint
    size: int = total.size
    return size


def _is_number(node: Any) -> bool:
    """Whether a node keeps its value: a rational constant."""
    return node.is_constant and type(node._datum) is Fraction


# --- one draw -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Trial:
    """A prime, a point modulo it, how far each node is moved there, and the root's adjoint."""

    prime: int
    own: Sequence[int]
    moves: Mapping[int, int]
    seed: int
    shown: bool
    """Whether the next run draws the same."""

    @classmethod
    def drawn(cls, cut: Chain, judged: Sequence[int], prime: int, rng: Random) -> _Trial:
        """A value for each node, of which leaves take theirs, constants having their own."""
        own = [
            0 if rule is not None or _is_number(node) else rng.randrange(prime)
            for node, rule in zip(cut.graph.nodes, cut.rules, strict=True)
        ]
        moves = {i: rng.randrange(prime) for i in judged}
        shown = not isinstance(rng, SystemRandom)
        return cls(prime, own, moves, rng.randrange(1, prime), shown)

    def residues(self, cut: Chain) -> list[Residue]:
        """The values of leaves, as residues."""
        p = self.prime
        return [
            Residue.of(node._datum, p) if _is_number(node) else Residue(value, p)
            for node, value in zip(cut.graph.nodes, self.own, strict=True)
        ]


def _compared(cut: Chain, trial: _Trial, sweep: Sweep, blames: _Blames) -> Mapping[int, Fault]:
    """The faults at one point. Raises ZeroDivisionError at a pole, and _Broken."""
    p, moves = trial.prime, trial.moves
    duals = [Dual(x.value, 0, p) for x in trial.residues(cut)]
    theirs = _solved(cut, duals, lambda i, value: value + Dual(0, moves.get(i, 0), p))
    slope = theirs[-1].slope * trial.seed % p
    seed = Residue(trial.seed, p)
    solved = replace(cut, values=[Residue(value.value, p) for value in theirs], adjoints=[])
    blames.broken.clear()
    shadows = _shadows(cut, solved.values, Residue, blames)
    found = _adjoints(cut, shadows, seed, sweep, list(moves))
    ours = {i: (seed * 0 + adjoint).value for i, adjoint in found.items()}
    if len(ours) == len(moves) and _weighted(ours, moves, p) == slope and not blames.broken:
        return {}
    # SymPy's derivatives one by one, for which the chain rule is needed after all.
    solve_adjoints(solved, {cut.graph.root: seed})
    right = {i: 0 if (a := solved.adjoints[i]) is None else (seed * 0 + a).value for i in moves}
    assert _weighted(right, moves, p) == slope, "both ways to SymPy's derivatives must agree"
    return _faults(_Evidence(solved, shadows, p, shown=trial.shown), ours, right, blames)


def _weighted(adjoints: Mapping[int, int], moves: Mapping[int, int], prime: int) -> int:
    return sum(moves[i] * adjoint for i, adjoint in adjoints.items()) % prime


# --- what is to blame -----------------------------------------------------------------------------


class _Blames:
    """The operators' rules, compared as formulas where they are suspected; each once.

    `broken` are the rules that could not be run, by node and operand position.
    """

    def __init__(self, cut: Chain) -> None:
        self.cut = cut
        self.broken: dict[int, Mapping[int, Fault]] = {}
        self._rules: dict[tuple[Rule, int], Mapping[int, Fault]] = {}

    def rule(self, i: int) -> Mapping[int, Fault]:
        """By operand position, how the partial derivatives of node `i` are wrong as formulas."""
        rule = self.cut.rules[i]
        assert rule is not None
        key = rule, len(self.cut.graph.operands[i])
        if key not in self._rules:
            found = rule_faults(self.cut, i)
            self._rules[key] = found if isinstance(found, dict) else {}
        return self._rules[key]

    def value(self, i: int) -> Fault:
        """How the value of node `i`, which is not SymPy's at some point, is wrong as a formula."""
        found = forward_fault(self.cut, i)
        if isinstance(found, Fault):
            return found
        operator = self.cut.graph.nodes[i].operator
        assert operator is not None
        says = f"{operator.name}: its value is not SymPy's at a point modulo a prime"
        return Fault(blame_of(operator), says)

    def note(self, i: int, error: Exception) -> None:
        """Take note that the rule of node `i` raised; at a pole, unless it is wrong, raise that again."""
        faults = self.rule(i)
        if not faults and isinstance(error, ZeroDivisionError):
            raise error
        operator = self.cut.graph.nodes[i].operator
        assert operator is not None
        says = f"{operator.name}, run on residues, raised {type(error).__name__}: {error}"
        positions = range(len(self.cut.graph.operands[i]))
        self.broken[i] = faults or dict.fromkeys(positions, Fault(blame_of(operator), says))


class _Evidence:
    """Both sides of one trial: SymPy's values and adjoints, and the engine's nodes.

    Its numbers are `shown` where the next run has the same.
    """

    def __init__(
        self, solved: Chain, shadows: Sequence[Shadow], prime: int, *, shown: bool
    ) -> None:
        self.solved = solved
        self.shadows = shadows
        self.prime = prime
        self.shown = shown
        self.causes: list[int | None] = []
        """For each node whose value is not SymPy's, the first node below it that is to blame."""
        for i, operands in enumerate(solved.graph.operands):
            cause = None
            if self.differ(shadows[i]._datum, solved.values[i]):
                cause = next((c for o in operands if (c := self.causes[o]) is not None), i)
            self.causes.append(cause)

    def differ(self, our: Any, their: Any) -> bool:
        """Whether two numbers are not the same residue."""
        if our is UNAVAILABLE or their is UNAVAILABLE:
            return our is not their
        zero = Residue(0, self.prime)
        try:
            return bool((zero + our).value != (zero + their).value)
        except TypeError:
            return True

    def cause(self, user: int) -> int | None:
        """The node whose wrong value a partial derivative of `user` may be wrong for."""
        near = (*self.solved.graph.operands[user], user)
        return next((c for i in near if (c := self.causes[i]) is not None), None)


def _faults(
    evidence: _Evidence, ours: Mapping[int, int], right: Mapping[int, int], blames: _Blames
) -> dict[int, Fault]:
    """The nodes whose adjoint is wrong, and the first cause of each, from the root down."""
    faults: dict[int, Fault] = {}
    users = evidence.solved.graph.users
    for i in sorted(right, reverse=True):
        if ours.get(i) != right[i]:
            fault = next((faults[user] for user in users[i] if user in faults), None)
            fault = fault or _own_fault(evidence, i, ours.get(i), right[i], blames)
        else:
            fault = _broken_edge(evidence, i, faults, blames)
        if fault is not None:
            faults[i] = fault
    return faults


def _broken_edge(
    evidence: _Evidence, i: int, faults: Mapping[int, Fault], blames: _Blames
) -> Fault | None:
    """The fault of a rule that could not be run, at node `i` or above it."""
    graph = evidence.solved.graph
    for user in graph.users[i] if blames.broken else ():
        if user in blames.broken:
            for k, operand in enumerate(graph.operands[user]):
                if operand == i and k in blames.broken[user]:
                    return blames.broken[user][k]
        elif user in faults:
            return faults[user]
    return None


def _own_fault(evidence: _Evidence, i: int, our: int | None, right: int, blames: _Blames) -> Fault:
    """What is wrong at node `i`, all of whose users have the right adjoint."""
    graph = evidence.solved.graph
    broken = _broken_edge(evidence, i, {}, blames)
    if broken is not None:
        return broken
    for user in dict.fromkeys(graph.users[i]):
        theirs = adjoint_terms(evidence.solved, user, ONE)
        edges = evidence.shadows[user].edges
        for k, operand in enumerate(graph.operands[user]):
            if operand == i and evidence.differ(edges[k], theirs[k]):
                return _edge_fault(evidence, user, k, blames)
    name = graph.names[i]
    if our is None:
        return Fault(f"the sweep at {name}", f"the engine's adjoint of {name} is no formula")
    what = f"the engine's adjoint of {name} is not SymPy's derivative at a point modulo a prime"
    if evidence.shown:
        what += f": it is {our}, and not {right}, modulo {evidence.prime}"
    return Fault(f"the sweep at {name}", what)


def _edge_fault(evidence: _Evidence, user: int, k: int, blames: _Blames) -> Fault:
    """Why a partial derivative of `user` is wrong at this point: a value below it, or its rule."""
    cause = evidence.cause(user)
    if cause is not None:
        return blames.value(cause)
    faults = blames.rule(user)
    if faults:
        return faults.get(k) or next(iter(faults.values()))
    operator = evidence.solved.graph.nodes[user].operator
    assert operator is not None
    what = f"{operator.name}: its partial derivative by operand {k + 1}"
    return Fault(blame_of(operator), f"{what} is not SymPy's at a point modulo a prime")
