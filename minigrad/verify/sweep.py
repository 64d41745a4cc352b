"""The check of the sweep: run on opaque terms, it adds up every edge once and nothing else.

One token stands for each edge, and a term for a sum of adjoints times tokens; whatever compares,
hashes or tests one raises. Each node's term must be exactly the sum over its users of adjoint times
token. Without this check an engine that takes two nodes of equal value for one, or drops an edge
whose partial derivative happens to be 0, would be called right where the numbers happen to agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from operator import attrgetter
from typing import Any, Final, NoReturn, TypeAlias

from minigrad.number import ONE
from minigrad.scalar import Scalar
from minigrad.verify.solver import Chain, Fault
from minigrad.verify.symbolic import Graph

__all__ = ["Sweep", "Term", "Token", "check_sweep"]

Sweep: TypeAlias = Callable[..., Mapping[Any, Any]]
"""An engine's reverse sweep, with the signature of `minigrad.reverse.adjoints`."""


def _no_look(*_: object) -> NoReturn:
    raise TypeError("the sweep looked at a term or a value: it compared, hashed or tested it")


class _Opaque:
    __slots__ = ()
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = __int__ = _no_look
    __hash__ = _no_look


class Token(_Opaque):
    """The partial derivative of a user by one operand position, as nothing but a name."""

    __slots__ = ("counted", "operand", "position", "user")

    def __init__(self, user: int, position: int, operand: int) -> None:
        self.user = user
        self.position = position
        self.operand = operand
        self.counted = False

    def __mul__(self, other: object) -> Term:
        return Term(other, self) if type(other) is Term else NotImplemented


class Term(_Opaque):
    """A sum of two terms, or an adjoint times a token: `left` and `right` say which."""

    __slots__ = ("left", "right")

    def __init__(self, left: Any = None, right: Any = None) -> None:
        self.left = left
        self.right = right

    def __add__(self, other: object) -> Term:
        return Term(self, other) if type(other) is Term else NotImplemented

    def __radd__(self, other: object) -> Term:
        return self if type(other) in (int, Fraction) and other == 0 else NotImplemented

    def __mul__(self, other: object) -> Term:
        if type(other) is Token:
            return Term(self, other)
        return self if other is ONE else NotImplemented

    __rmul__ = __mul__


class _Faceless:
    """A node of which a sweep sees the edges and not the value, nor whether it equals another's.

    An engine that looks at values can be right here and wrong at another point.
    """

    __slots__ = ("edges", "is_constant", "operands", "operator", "parameters")
    _data: Final = _Opaque()
    _number: Final = _data

    def __init__(self, node: Scalar, operands: tuple[_Faceless, ...], edges: list[Any]) -> None:
        self.operator = node.operator
        self.parameters = node.parameters
        self.is_constant = node.is_constant
        self.operands = operands
        self.edges = edges

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = __int__ = _no_look
    __hash__ = object.__hash__


def check_sweep(chain: Chain, sweep: Sweep) -> dict[int, Fault]:
    """The nodes whose adjoint is not the sum over their users of adjoint times partial."""
    graph = chain.graph
    tokens = [
        [Token(i, k, operand) for k, operand in enumerate(operands)]
        for i, operands in enumerate(graph.operands)
    ]
    # An engine may pass an adjoint on as it is where the partial is ONE, so it is shown these.
    straight: dict[int, list[Token]] = {}
    nodes: list[_Faceless] = []
    for node, operands, mine, rule in zip(
        graph.nodes, graph.operands, tokens, chain.rules, strict=True
    ):
        edges: list[Any] = mine
        ones = () if rule is None else rule.ones
        if True in ones:
            edges = [ONE if ones[k % len(ones)] else token for k, token in enumerate(mine)]
            for token, edge in zip(mine, edges, strict=True):
                if edge is ONE:
                    straight.setdefault(token.operand, []).append(token)
        nodes.append(_Faceless(node, tuple([nodes[o] for o in operands]), edges))
    seed = Term()
    try:
        found = sweep(nodes[graph.root], seed, attrgetter("edges"))
        terms = [None if node.is_constant else found.get(node) for node in nodes]
    except Exception as error:
        fault = Fault(
            "the sweep", f"the sweep, run on opaque terms, raised {type(error).__name__}: {error}"
        )
        return {i: fault for i, node in enumerate(graph.nodes) if not node.is_constant}
    faults: dict[int, Fault] = {}
    if terms[graph.root] is not seed:
        faults[graph.root] = Fault("the sweep", "the adjoint of the root is not the seed")
    for i in range(graph.root):
        if graph.nodes[i].is_constant or _is_plain(graph, terms, i, straight):
            continue
        complaint = _sum_complaint(graph, terms, i, straight.get(i, ()))
        if complaint == "left out":
            missing = [t for u in graph.users[i] for t in tokens[u] if t.operand == i]
            token = next(t for t in missing if not t.counted)
            complaint = f"the edge from {_edge_text(graph, token)} is left out"
        if complaint:
            faults[i] = Fault(f"the sweep at {graph.names[i]}", complaint)
    return faults


def _is_plain(
    graph: Graph, terms: Sequence[Any], i: int, straight: Mapping[int, Sequence[Token]]
) -> bool:
    """Whether node `i` has one user, and its term is that of the user, times the token if any.

    So it is with most nodes, and nothing has to be counted then.
    """
    if len(graph.users[i]) != 1:
        return False
    term, above = terms[i], terms[graph.users[i][0]]
    if i in straight:
        return term is above and term is not None
    if type(term) is not Term or type(term.right) is not Token:
        return False
    return term.left is above and term.right.operand == i


def _sum_complaint(graph: Graph, terms: Sequence[Any], i: int, straight: Sequence[Token]) -> str:
    """What is wrong with the term of node `i` as a sum over its users; nothing if it is right.

    Over the edges in `straight` it is the user's adjoint that is to be added, not its product.
    """
    count = 0
    whole: dict[int, list[Token]] = {}
    for token in straight:
        whole.setdefault(id(terms[token.user]), []).append(token)
    stack = [terms[i]]
    while stack:
        term = stack.pop()
        if type(term) is not Term:
            continue
        if whole and whole.get(id(term)):
            whole[id(term)].pop().counted = True
            count += 1
            continue
        token = term.right
        if type(token) is Term:
            stack += (term.left, token)
            continue
        if token is None:
            return "it is given the seed itself"
        if token.operand != i:
            return (
                f"it is given a term of {graph.names[token.user]} that belongs to another operand"
            )
        if token.counted:
            return f"the edge from {_edge_text(graph, token)} is counted twice"
        if term.left is not terms[token.user]:
            return f"{graph.names[token.user]} passed its adjoint on before that was complete"
        token.counted = True
        count += 1
    return "" if count == len(graph.users[i]) else "left out"


def _edge_text(graph: Graph, token: Token) -> str:
    return f"{graph.names[token.user]}, operand {token.position + 1},"
