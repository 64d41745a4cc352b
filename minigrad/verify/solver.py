"""A graph under proof: what SymPy's forms give at its numbers, and what is found wrong with it.

A `Chain` lists what is known by position in the graph. Its values are SymPy's, its adjoints are
solved here from SymPy's partial derivatives, over every operand position of every user, so that
neither has anything of the engine's but the shape of the graph and, where all numbers are rational,
the arithmetic that it counts with (`minigrad.backing`). The same functions run on rational functions
and on infinitesimals.

An operator of any number of operands is a fold of binary steps; its derivatives are solved back
through them, which is the chain rule within one node, and costs a few operations for each operand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final

from minigrad.backing import Rational, add, inside, multiply, outside
from minigrad.closed import Closed
from minigrad.elementary import in_sympy
from minigrad.number import ONE, UNAVAILABLE
from minigrad.number_text import short_text
from minigrad.operators import Operator, Piece
from minigrad.verify.report import Entry, Verdict
from minigrad.verify.symbolic import Graph, Rule, blocks, unfold

__all__ = [
    "Chain",
    "Fault",
    "Published",
    "Suspects",
    "adjoint_terms",
    "blame_of",
    "condition_texts",
    "evaluated",
    "fold_partials",
    "numbers_of",
    "operand_texts",
    "piece_name",
    "raw_terms",
    "refuted",
    "solve_adjoints",
    "value_at",
]

_SHOWN_USERS: Final = 6
"""How many of a node's users its derivative is spelt out for, as text."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is refuted, and what is to blame.

    `cause` is what the fault says that this one follows from, if it does.
    """

    blame: str
    message: str
    difference: str | None = None
    expected: Fraction | None = None
    cause: str = ""

    def leads_to(
        self, says: str, difference: str | None = None, expected: Fraction | None = None
    ) -> Fault:
        """A fault elsewhere, for which this one or what it follows from is the cause."""
        # Not the messages of all between: along a chain these would be quadratic in its length.
        cause = self.cause or self.message
        return Fault(self.blame, f"{says}: {cause}", difference, expected, cause)


def refuted(entry: Entry, fault: Fault, proof: str) -> Entry:
    """The entry of what `fault` refutes, by this proof."""
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        proof=proof,
        difference=fault.difference or entry.difference,
        blame=fault.blame,
        message=fault.message,
    )


def blame_of(operator: Operator) -> str:
    """How a fault names an operator."""
    return f"operator {operator.name}"


@dataclass
class Suspects:
    """What the checks found wrong, before it is decided which gradients that concerns.

    `values` and `branches` are by the node that was computed wrongly, `forwards` by the node that
    would be at other inputs, `rules` by user and operand position, `edges` by the node whose sum of
    terms is wrong; `blocked` says by user why its rule was not decided, and `missing` is for
    gradients that there are none of.
    """

    values: dict[int, Fault] = field(default_factory=dict)
    branches: dict[int, Fault] = field(default_factory=dict)
    forwards: dict[int, Fault] = field(default_factory=dict)
    rules: dict[int, dict[int, Fault]] = field(default_factory=dict)
    edges: dict[int, Fault] = field(default_factory=dict)
    blocked: dict[int, str] = field(default_factory=dict)
    missing: Fault | None = None


class Published(Sequence[Any]):
    """Numbers by position, read as Fractions where they are kept as the engine's own, in `numbers`.

    A million of them would take longer to turn into Fractions than to compute, and few are read.
    """

    __slots__ = ("numbers",)

    def __init__(self, numbers: list[Any]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, i: Any) -> Any:
        return (
            [*map(outside, self.numbers[i])] if isinstance(i, slice) else outside(self.numbers[i])
        )

    def __setitem__(self, i: int, value: Any) -> None:
        self.numbers[i] = inside(value)

    def __iter__(self) -> Iterator[Any]:
        return map(outside, self.numbers)


def numbers_of(values: Sequence[Any]) -> Any:
    """What `values` are kept as, for arithmetic on them."""
    return values.numbers if isinstance(values, Published) else values


@dataclass
class Chain:
    """What the chain proof found, by position in the graph."""

    graph: Graph
    seed: Fraction
    values: Sequence[Any] = field(default_factory=list)
    rules: list[Rule | None] = field(default_factory=list)
    pieces: list[tuple[Piece, ...]] = field(default_factory=list)
    adjoints: Sequence[Any] = field(default_factory=list)
    found: Sequence[Any] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    undecided: dict[int, str] = field(default_factory=dict)
    boundary: set[int] = field(default_factory=set)
    void: str = ""
    """Why nothing on this graph can be called proved, if that is so."""

    def derivative(self, i: int) -> str:
        """SymPy's derivative by node `i`, in terms of those by its users: D[c]*b + D[d]."""
        names, operands = self.graph.names, self.graph.operands
        if i == self.graph.root:
            return "1"
        terms = []
        users = list(dict.fromkeys(self.graph.users[i]))
        for user in users[:_SHOWN_USERS]:
            rule = self.rules[user]
            assert rule is not None
            if rule.fold is not None:
                terms.append(
                    f"D[{names[user]}]*…" if len(operands[user]) > 8 else _fold_text(self, user, i)
                )
                continue
            shown = operand_texts(self, user)
            for k, operand in enumerate(operands[user]):
                if operand == i:
                    missing = k in rule.form.unavailable
                    partial = "none" if missing else rule.text(rule.derivatives[k], shown)
                    terms.append(_times(names[user], partial))
        if len(users) > _SHOWN_USERS:
            terms.append(f"… ({len(users) - _SHOWN_USERS:,} more)")
        return " + ".join([term for term in terms if term != "0"]).replace("+ -", "- ") or "0"


# --- values and adjoints -------------------------------------------------------------------------


def evaluated(rule: Rule, at: Sequence[Any], *, are_rational: bool = False) -> tuple[Any, bool]:
    """SymPy's value of an operator at these numbers, and whether SymPy's conditions hold there.

    `are_rational` is whether all of them are known to be Rationals, so that none need be looked at.
    """
    if are_rational and rule.inner is not None:
        rule = rule.inner
    else:
        rule, at = _fitting(rule, at)
    value = rule.value(at) if rule.fold is None else value_at(rule, at)
    if rule.outer is None:
        value = inside(value)
    return value, rule.holds(at)


def _fitting(rule: Rule, at: Sequence[Any]) -> tuple[Rule, Sequence[Any]]:
    """A rule and the numbers at which it is asked, both of one kind."""
    inner = rule.inner
    if inner is None:
        return rule, [*map(outside, at)]
    for number in at:
        if type(number) is not Rational:
            return rule, [*map(outside, at)]
    return inner, at


def value_at(rule: Rule, at: Sequence[Any]) -> Any:
    """SymPy's form of an operator at operands of any kind; of a fold, step by step."""
    if rule.fold is None:
        return rule.value(at)
    total: Any = rule.number(Fraction(rule.fold.start))
    for block in blocks(rule.fold, at):
        total = rule.value((total, *block))
    return total


def fold_partials(rule: Rule, operands: Sequence[Any]) -> list[Any]:
    """The derivative of a fold by each operand, solved back through its steps."""
    assert rule.fold is not None
    steps = list(blocks(rule.fold, operands))
    totals: list[Any] = [None] * len(steps)
    if rule.occurring[0]:
        start = rule.number(Fraction(rule.fold.start))
        totals = list(accumulate(steps[:-1], lambda t, b: rule.value((t, *b)), initial=start))
    adjoint: Any = ONE
    per_block: list[list[Any]] = []
    for total, block in zip(reversed(totals), reversed(steps), strict=True):
        at = (total, *block)
        by_total, *by_block = [_scaled(adjoint, partial, at) for partial in rule.partials]
        per_block.append(by_block)
        adjoint = by_total
    return unfold(rule.fold, per_block[::-1])


def _scaled(adjoint: Any, partial: Any, at: Sequence[Any]) -> Any:
    """`adjoint` times a partial derivative, where one of them is often 1."""
    if partial is ONE:
        return adjoint
    if partial is None or adjoint is UNAVAILABLE:
        return UNAVAILABLE
    number = partial(at)
    if type(number) is type(adjoint):
        return adjoint * number
    return number if adjoint is ONE else multiply(adjoint, number)


def solve_adjoints(chain: Chain, seeds: Mapping[int, Any] | None = None) -> None:
    """The adjoint of every node from SymPy's partials, over every operand position of every user.

    It is that of the root times the chain's seed, or of the sum of several nodes times their seeds;
    None where none of them is reached.
    """
    graph = chain.graph
    # Asked once, and not for each node.
    are_rational = set(map(type, numbers_of(chain.values))) == {Rational}
    terms_of = raw_terms(chain, are_rational=are_rational)
    rules, operands = chain.rules, graph.operands
    adjoints: list[Any] = [None] * len(graph.nodes)
    for i, seed in ({graph.root: chain.seed} if seeds is None else seeds).items():
        adjoints[i] = inside(seed)
    for i in range(graph.root, -1, -1):
        adjoint = adjoints[i]
        if adjoint is None or rules[i] is None:
            continue
        terms = terms_of(i, adjoint)
        for k, operand in enumerate(operands[i]):
            term = terms[k]
            if term is not None:
                known = adjoints[operand]
                if known is None:
                    adjoints[operand] = term
                elif type(known) is type(term):
                    adjoints[operand] = known + term
                else:
                    adjoints[operand] = add(known, term)
    chain.adjoints = Published(adjoints)


def adjoint_terms(chain: Chain, i: int, adjoint: Any) -> list[Any]:
    """What node `i`, given its adjoint, contributes to those of its operands; None to a constant."""
    return [] if chain.rules[i] is None else [*map(outside, raw_terms(chain)(i, inside(adjoint)))]


def raw_terms(chain: Chain, *, are_rational: bool = False) -> Callable[[int, Any], list[Any]]:
    """`adjoint_terms` of the nodes of `chain`, the numbers as the engine has them.

    `are_rational` is whether all values are known to be Rationals, so that none need be looked at.
    """
    rules, pieces, operands = chain.rules, chain.pieces, chain.graph.operands
    constant, values = chain.graph.is_constant, numbers_of(chain.values)

    def terms(i: int, adjoint: Any) -> list[Any]:
        rule, mine = rules[i], operands[i]
        assert rule is not None
        if False not in rule.ones:
            return [None if constant[o] else adjoint for o in mine]
        at: Sequence[Any] = [values[o] for o in mine]
        if rule.numbers:
            at = [*at, *map(inside, pieces[i][0].numbers)]
        if are_rational and not rule.numbers and rule.inner is not None:
            rule = rule.inner
        else:
            rule, at = _fitting(rule, at)
        try:
            if rule.fold is not None:
                return [
                    None if constant[o] else adjoint if by is ONE else multiply(adjoint, by)
                    for o, by in zip(mine, fold_partials(rule, at), strict=True)
                ]
            partials, at = rule.partials, rule.prepared(at)
            return [
                None if constant[o] else _scaled(adjoint, partials[k], at)
                for k, o in enumerate(mine)
            ]
        except ZeroDivisionError:
            # A leaf set afterwards, or a stored number that is wrong: there is no derivative here.
            return [None if constant[o] else UNAVAILABLE for o in mine]

    return terms


# --- texts ---------------------------------------------------------------------------------------


def piece_name(piece: Piece) -> str:
    """The name of a piece as text; an exponent may have too many digits to be printed."""
    return short_text(Fraction(piece.name)) if isinstance(piece.name, int) else piece.name


def operand_texts(chain: Chain, i: int) -> list[str]:
    """How the operands of node `i`, and then the numbers of its piece, stand in a formula."""
    graph = chain.graph
    shown = [graph.names[o] for o in graph.operands[i]]
    # A number that is negative or a ratio would run into the operators around it.
    shown = [name if name.isalnum() or name.isidentifier() else f"({name})" for name in shown]
    numbers = chain.pieces[i][0].numbers if chain.pieces[i] else ()
    return shown + [short_text(number) for number in numbers]


def condition_texts(chain: Chain, i: int, rule: Rule) -> list[str]:
    """The conditions of the rule of node `i`, in the names of its operands."""
    shown = operand_texts(chain, i)
    return [rule.text(condition, shown) for condition in rule.form.conditions]


def _times(user: str, partial: str) -> str:
    if partial in ("1", "-1", "0"):
        return {"1": f"D[{user}]", "-1": f"-D[{user}]", "0": "0"}[partial]
    return f"D[{user}]*({partial})" if " " in partial else f"D[{user}]*{partial}"


def _fold_text(chain: Chain, user: int, i: int) -> str:
    import sympy as sp

    rule, operands, names = chain.rules[user], chain.graph.operands[user], chain.graph.names
    assert rule is not None
    places = [sp.Symbol(f"_{k}_", real=True) for k in range(len(operands))]
    partials = fold_partials(rule, places)
    text = " + ".join(
        rule.text(sp.sympify(_plain(partial)), [names[o] for o in operands])
        for partial, operand in zip(partials, operands, strict=True)
        if operand == i
    )
    return _times(names[user], text)


def _plain(value: Any) -> Any:
    return in_sympy(value) if isinstance(value, (Fraction, Closed)) else value
