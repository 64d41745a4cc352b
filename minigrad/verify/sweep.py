"""The check of the sweep: run on opaque terms, it adds up every edge once and nothing else.

One token stands for each edge, a term for an adjoint times a token, and a sum for a sum of these;
whatever compares, hashes or tests one raises. Each node's term must be exactly the sum over its users
of adjoint times token. Without this check an engine that takes two nodes of equal value for one, or
drops an edge whose partial derivative happens to be 0, would be called right where the numbers happen
to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

from minigrad.number import ONE, ZERO
from minigrad.operators import Operator
from minigrad.verify.blind import Blind, BlindNode
from minigrad.verify.solver import Chain, Fault
from minigrad.verify.symbolic import Graph, Rule

__all__ = ["Sweep", "Term", "Token", "check_sweep"]

Sweep: TypeAlias = Callable[..., Mapping[Any, Any]]
"""An engine's reverse sweep, with the signature of `minigrad.reverse.adjoints`."""


_FEW: Final = 8
"""Operands of a node up to which they are looked through for one of them."""


class _Opaque(Blind):
    __slots__ = ()
    _says = "the sweep looked at a term or a value: it compared, hashed or tested it"


class Token(_Opaque):
    """The partial derivative of a user by one operand position, as nothing but a name."""

    __slots__ = ("position", "user")

    def __init__(self, user: int, position: int) -> None:
        self.user = user
        self.position = position

    def __mul__(self, other: object) -> Any:
        if type(other) in _TERMS:
            # Terms hold what the token says, and not the token: it is gone when its node is done.
            return Term(other, self.user, self.position)
        return ZERO if _is_zero(other) else NotImplemented

    __rmul__ = __mul__


class _Addend(_Opaque):
    __slots__ = ()

    def __add__(self, other: object) -> Any:
        if type(other) in _TERMS:
            return Sum([self, other], 2)
        return self if _is_zero(other) else NotImplemented

    def __radd__(self, other: object) -> Any:
        return self if _is_zero(other) else NotImplemented

    def __mul__(self, other: object) -> Any:
        if type(other) is Token:
            return Term(self, other.user, other.position)
        if other is ONE:
            return self
        return ZERO if _is_zero(other) else NotImplemented

    __rmul__ = __mul__


class Term(_Addend):
    """The adjoint `above` of a user times the token of one of its operand positions, or the seed."""

    __slots__ = ("above", "position", "user")

    def __init__(self, above: Any = None, user: int = -1, position: int = -1) -> None:
        self.above = above
        self.user = user
        self.position = position


class Sum(_Addend):
    """The first `count` of `addends`.

    What is added to a sum is appended to the list of that sum, if it is the first that is: so adding
    up one by one, as sweeps do, makes one list and not as many sums as there are addends.
    """

    __slots__ = ("addends", "count")

    def __init__(self, addends: list[Any], count: int) -> None:
        self.addends = addends
        self.count = count

    def __add__(self, other: object) -> Any:
        if type(other) not in _TERMS:
            return self if _is_zero(other) else NotImplemented
        addends = self.addends
        if len(addends) != self.count:
            return Sum([self, other], 2)
        addends.append(other)
        return Sum(addends, self.count + 1)


_TERMS: Final = (Term, Sum)


def _is_zero(value: object) -> bool:
    return type(value) in (int, Fraction) and value == 0


class _Faceless(BlindNode):
    """A node of which a sweep sees the edges and not the value, nor whether it equals another's.

    An engine that looks at values can be right here and wrong at another point.
    """

    __slots__ = ("_is_constant", "_position", "operands", "operator", "parameters")
    _datum: Final = _Opaque()
    _number: Final = _datum

    operator: Operator | None
    operands: tuple[_Faceless, ...]
    parameters: tuple[Any, ...]
    _is_constant: bool
    _position: int


def check_sweep(chain: Chain, sweep: Sweep) -> dict[int, Fault]:
    """The nodes whose adjoint is not the sum over their users of adjoint times partial."""
    graph = chain.graph
    seed = Term()
    try:
        terms = _terms(chain, sweep, seed)
    except Exception as error:
        fault = Fault(
            "the sweep", f"the sweep, run on opaque terms, raised {type(error).__name__}: {error}"
        )
        return {i: fault for i, node in enumerate(graph.nodes) if not node.is_constant}
    faults: dict[int, Fault] = {}
    rules, all_operands, constant = chain.rules, graph.operands, graph.is_constant
    places = _Places(all_operands)
    if terms[graph.root] is not seed:
        faults[graph.root] = Fault("the sweep", "the adjoint of the root is not the seed")
    for i, (term, users) in enumerate(zip(terms, _users(chain), strict=True)):
        if constant[i] or i == graph.root:
            continue
        if users is None:
            if not (term is None or _is_zero(term)):
                complaint = "no edge leads to it but such as carry 0, and it is given something"
                faults[i] = Fault(f"the sweep at {graph.names[i]}", complaint)
            continue
        if type(users) is int:
            # So it is with most nodes: the term is that of the only user, times the token if any.
            above, operands = terms[users], all_operands[users]
            if term is above:
                rule = rules[users]
                assert rule is not None
                # Of a fold there is one answer for all, and it may have very many operands.
                straight = rule.ones[0 if rule.fold else operands.index(i)]
                if straight and type(term) in _TERMS:
                    continue
            elif (
                type(term) is Term
                and term.above is above
                and term.user == users
                and operands[term.position] == i
            ):
                continue
        complaint = _sum_complaint(
            chain, terms, i, sorted(users) if type(users) is list else [users], places
        )
        if complaint:
            faults[i] = Fault(f"the sweep at {graph.names[i]}", complaint)
    return faults


def _terms(chain: Chain, sweep: Sweep, seed: Term) -> list[Any]:
    """What the sweep gives each node; None to a constant, and to a node that it leaves out."""
    nodes: list[_Faceless] = []
    made, new = nodes.__getitem__, object.__new__
    for i, (node, operands) in enumerate(zip(chain.graph.nodes, chain.graph.operands, strict=True)):
        faceless = new(_Faceless)  # not by a call of the class, which takes half as long again
        faceless.operator = node.operator
        faceless.operands = tuple(map(made, operands))
        faceless.parameters = node.parameters
        faceless._is_constant = node._is_constant
        faceless._position = i
        nodes.append(faceless)
    found = sweep(nodes[-1], seed, _edges_of(chain))
    return [None if node._is_constant else found.get(node) for node in nodes]


def _edges_of(chain: Chain) -> Callable[[_Faceless], Sequence[Any]]:
    """What the edges of a node carry: a token, or ONE or ZERO where SymPy's derivative is 1 or 0.

    An engine may pass an adjoint on as it is where the partial is ONE, and nothing where it is ZERO, so
    it is shown these. The tokens are made when they are asked for: as many as there are edges would be
    kept to no end.
    """
    rules, all_operands = chain.rules, chain.graph.operands
    known: dict[Rule, list[Any]] = {}

    def edges(node: _Faceless) -> Sequence[Any]:
        i = node._position
        rule = rules[i]
        if rule is None:
            return ()
        fixed = known.get(rule)
        if fixed is None:
            fixed = known[rule] = _fixed(rule)
        if len(fixed) == 2:
            # As the general case, which takes twice as long.
            left, right = fixed
            return Token(i, 0) if left is None else left, Token(i, 1) if right is None else right
        if len(fixed) == 1:
            count = len(all_operands[i])
            return [Token(i, k) for k in range(count)] if fixed[0] is None else fixed * count
        return [Token(i, k) if carried is None else carried for k, carried in enumerate(fixed)]

    return edges


def _fixed(rule: Rule) -> list[Any]:
    """What the edges of a node carry that is ONE or ZERO, else None; one for all of them, of a fold."""
    zeros = rule.zeros or (False,)
    return [
        ONE if one else ZERO if zero else None for one, zero in zip(rule.ones, zeros, strict=True)
    ]


def _users(chain: Chain) -> list[Any]:
    """The users that a node gets something from, for each position; one alone, as most are, as itself.

    None where there is none: every way to the root has an edge that carries ZERO.
    """
    rules, all_operands, root = chain.rules, chain.graph.operands, chain.graph.root
    users: list[Any] = [None] * len(rules)
    for i in range(root, -1, -1):
        rule = rules[i]
        if rule is None or (users[i] is None and i != root):
            continue
        operands: Sequence[int] = all_operands[i]
        if True in rule.zeros:
            operands = [o for o, zero in zip(operands, rule.zeros, strict=True) if not zero]
        for operand in operands:
            known = users[operand]
            if known is None:
                users[operand] = i
            elif type(known) is list:
                known.append(i)
            else:
                users[operand] = [known, i]
    return users


def _carries_nothing(chain: Chain, user: int, position: int) -> bool:
    rule = chain.rules[user]
    return rule is not None and True in rule.zeros and rule.zeros[position]


def _sum_complaint(
    chain: Chain, terms: Sequence[Any], i: int, users: Sequence[int], places: _Places
) -> str:
    """What is wrong with the term of node `i` as a sum over its users; nothing if it is right.

    Over the edges that carry ONE it is the user's adjoint that is to be added, not its product.
    """
    graph = chain.graph
    operands = graph.operands
    whole = _whole(chain, terms, i, users, places)
    live = set(users)
    seen: set[tuple[int, int]] = set()
    stack = [terms[i]]
    while stack:
        term = stack.pop()
        kind = type(term)
        if kind is not Term and kind is not Sum:
            continue
        if whole and (edges := whole.get(_key(term))):
            seen.add(edges.pop())
            continue
        if kind is Sum:
            stack += _parts(term, whole)
            continue
        edge = user, position = term.user, term.position
        if term.above is None:
            return "it is given the seed itself"
        if operands[user][position] != i:
            return f"it is given a term of {graph.names[user]} that belongs to another operand"
        if user not in live:
            return f"it is given a term of {graph.names[user]}, to which nothing comes down"
        if edge in seen:
            return f"the edge from {_edge_text(graph, edge)} is counted twice"
        if term.above is not terms[user]:
            return f"{graph.names[user]} passed its adjoint on before that was complete"
        seen.add(edge)
    if len(seen) == len(users):
        return ""
    expected = (
        (u, k)
        for u in users
        for k, o in enumerate(graph.operands[u])
        if o == i and not _carries_nothing(chain, u, k)
    )
    missing = next(edge for edge in expected if edge not in seen)
    return f"the edge from {_edge_text(graph, missing)} is left out"


def _whole(
    chain: Chain, terms: Sequence[Any], i: int, users: Sequence[int], places: _Places
) -> dict[Any, list[tuple[int, int]]]:
    """The edges to node `i` that carry ONE, as user and position, by the user's term."""
    rules = chain.rules
    whole: dict[Any, list[tuple[int, int]]] = {}
    for user in dict.fromkeys(users):
        rule = rules[user]
        if rule is None or True not in rule.ones:
            continue
        found = [(user, k) for k in places.of(user, i) if rule.ones[0 if rule.fold else k]]
        if found:
            whole.setdefault(_key(terms[user]), []).extend(found)
    return whole


class _Places:
    """At which positions a node is an operand of another; of one with many they are listed once."""

    def __init__(self, operands: Sequence[Sequence[int]]) -> None:
        self._operands = operands
        self._listed: dict[int, dict[int, list[int]]] = {}

    def of(self, user: int, operand: int) -> list[int]:
        """The positions, in order."""
        mine = self._operands[user]
        if len(mine) <= _FEW:
            return [k for k, o in enumerate(mine) if o == operand]
        if user not in self._listed:
            listed = self._listed[user] = {}
            for k, o in enumerate(mine):
                listed.setdefault(o, []).append(k)
        return self._listed[user].get(operand, [])


def _parts(term: Sum, whole: Mapping[Any, Sequence[Any]]) -> list[Any]:
    """The addends of a sum; those that were a sum in `whole`, before others were added, as that sum."""
    if whole:
        for count in range(term.count - 1, 1, -1):
            if whole.get((id(term.addends), count)):
                return [Sum(term.addends, count), *term.addends[count : term.count]]
    return term.addends[: term.count]


def _key(term: Any) -> Any:
    """What is the same of two terms exactly where they are the same."""
    return (id(term.addends), term.count) if type(term) is Sum else id(term)


def _edge_text(graph: Graph, edge: tuple[int, int]) -> str:
    return f"{graph.names[edge[0]]}, operand {edge[1] + 1},"
