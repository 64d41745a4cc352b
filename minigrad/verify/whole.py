"""The whole proof: one node's derivative from the root's whole expression, without the chain rule.

The node is cut out of the graph and a symbol put in its place, and further symbols in the place of
whatever does not depend on it. What is left is differentiated twice, once by each side:

- SymPy builds the root's expression from its own form of each operator, and differentiates it;
- the engine runs its own forward rules and its own reverse sweep on rational functions.

Both are brought to the normal form of `minigrad.rational` and compared: equality is decided,
never hoped for. SymPy's derivative is then evaluated at the point and compared with the gradient
that the engine left there.

SymPy's expression is a tree, in which shared parts stand as often as they are used. Where it would be
large, or too deep, and all operators are rational, it is brought to normal form from the leaves up
instead, each operator by SymPy's form of it: a quotient of two polynomials, which is differentiated
term by term. The chain rule takes no part in that either.

The cost grows quickly with what depends on the node, so it is predicted (the size of SymPy's
expression as a tree, its depth) and counted (products of terms), and both have limits that do not
depend on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

import sympy as sp

from minigrad import reverse
from minigrad.elementary import in_sympy, of_sympy
from minigrad.errors import NotDecided
from minigrad.number import ONE, UNAVAILABLE, bits
from minigrad.rational import Backend, Field, OutOfBudget, RationalFunction, default_backend
from minigrad.verify.blind import Shadow
from minigrad.verify.decide import UNDECIDED, same, sign_texts
from minigrad.verify.formulas import difference_text, shown
from minigrad.verify.solver import Chain, value_at
from minigrad.verify.sweep import Sweep
from minigrad.verify.symbolic import Unsupported, blocks, text_of

__all__ = [
    "LARGE",
    "SMALL",
    "Limits",
    "Outcome",
    "Plan",
    "prove_node",
    "small_limits",
]

_TREE: Final = 3_000
"""Terms of SymPy's tree up to which it is made: it reads better, and takes longer."""
_PER_TERM: Final = 50
"""Products of terms for which a term that is copied counts."""
_LONG_NUMBER: Final = 2_000
"""Bits from which on a constant is replaced by a symbol: a stronger statement, and a cheaper one."""


class Limits(NamedTuple):
    """What a proof of one node may cost: the sizes of SymPy's expressions, added up over the nodes
    that depend on it; their depth; and products of terms on rational functions.
    """

    size: int
    depth: int
    work: int


SMALL: Final[Mapping[Backend, Limits]] = {
    "flint": Limits(size=3_000, depth=100, work=2_000_000),
    "sympy": Limits(size=3_000, depth=100, work=3_000),
}
"""What is done at once, in this process: a fraction of a second even in the worst case."""

LARGE: Final = Limits(size=60_000, depth=250, work=500_000_000)
"""What is tried at all, in a process of its own that can be stopped."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a whole proof. `equal` is None where it was not decided, and `message` says why.

    `conditions` are signs that were supposed, besides what the operators suppose.
    """

    equal: bool | None
    derivative: str = ""
    value: Fraction | None = None
    difference: str | None = None
    message: str = ""
    conditions: Sequence[str] = ()


def small_limits() -> Limits:
    """The limits of what is proved in this process, with the polynomials that are installed."""
    return SMALL[default_backend()]


class Plan:
    """What a whole proof of node `i` takes: the nodes that depend on it, and SymPy's expressions of them.

    `size` and `depth` are those of SymPy's trees, where shared parts count as often as they are used.
    Counting stops beyond `limits`.

    >>> from minigrad import Scalar
    >>> from minigrad.verify.chain import prove
    >>> from minigrad.verify.symbolic import Graph, Rules
    >>> x = Scalar(3)
    >>> plan = Plan(prove(Graph(x * x + x), Rules(), 1), 0, LARGE)
    >>> plan.size, plan.depth, plan.refusal(LARGE)
    (8, 2, '')
    """

    def __init__(self, chain: Chain, i: int, limits: Limits) -> None:
        self.chain = chain
        self.dependents = chain.graph.dependents(i)
        self.size, self.depth = 0, 0
        sizes, depths = {i: 1}, {i: 0}
        for user in self.dependents:
            operands = chain.graph.operands[user]
            sizes[user] = 1 + sum([sizes.get(o, 1) for o in operands])
            depths[user] = 1 + max([depths.get(o, 0) for o in operands])
            rule = chain.rules[user]
            # Each step of a fold builds its expression anew.
            steps = len(operands) // 2 if rule is not None and rule.fold else 0
            self.size += sizes[user] * (1 + steps)
            self.depth = max(self.depth, depths[user])
            if self.refusal(limits):
                return

    def refusal(self, limits: Limits) -> str:
        """Why SymPy's tree is not made within `limits`; empty if it is."""
        if self.size > limits.size:
            return f"SymPy's expressions would outgrow {limits.size:,} terms"
        if self.depth > limits.depth:
            return f"SymPy's expression would be over {limits.depth} levels deep"
        return ""

    def is_compact(self, limits: Limits) -> bool:
        """Whether the root's expression can be brought to normal form without SymPy's tree of it.

        A polynomial has an exponent for each variable in each term, and there may be as many terms as
        nodes.
        """
        return self._exponents is not None and self._exponents <= limits.work // _PER_TERM

    @cached_property
    def _exponents(self) -> int | None:
        """How many there may be, None where not all is rational."""
        chain, dependents = self.chain, self.dependents
        around = {o for d in dependents for o in chain.graph.operands[d]}
        rules = [chain.rules[d] for d in dependents]
        if all(type(chain.values[o]) is Fraction for o in around) and all(
            rule is not None and rule.is_rational for rule in rules
        ):
            return len(around) * (len(around) + len(dependents))
        return None


def prove_node(
    chain: Chain,
    i: int,
    limits: Limits,
    *,
    sweep: Sweep = reverse.adjoints,
    plan: Plan | None = None,
) -> Outcome:
    """Prove or refute the gradient of node `i`, or say that it outgrew `limits`.

    A `plan` is taken as it is: made within these limits, or larger ones.
    """
    if chain.adjoints[i] is UNAVAILABLE:
        # SymPy's form of x**y has a number for y here, and would give 0 as the derivative by y.
        message = f"the derivative by {chain.graph.names[i]} is not available"
        if chain.found[i] is UNAVAILABLE:
            return Outcome(None, message=message)
        return Outcome(False, message=f"{message}, and the gradient says otherwise")
    plan = Plan(chain, i, limits) if plan is None else plan
    refusal = plan.refusal(limits)
    compact = (plan.size > _TREE or bool(refusal)) and plan.is_compact(limits)
    if refusal and not compact:
        return Outcome(None, message=refusal)
    try:
        return _prove(chain, i, plan.dependents, limits.work, sweep, as_tree=not compact)
    except (NotDecided, OutOfBudget, Unsupported) as reason:
        return Outcome(None, message=f"{refusal}, and {reason}" if refusal else str(reason))
    except RecursionError:
        return Outcome(None, message="SymPy's recursion went too deep")


def _prove(
    chain: Chain, i: int, dependents: Sequence[int], work: int, sweep: Sweep, *, as_tree: bool
) -> Outcome:
    graph = chain.graph
    inside = {i, *dependents}
    frontier = dict.fromkeys(o for d in dependents for o in graph.operands[d] if o not in inside)
    numbers = {o for o in frontier if _stays_a_number(chain, o, dependents)}
    symbols = {
        o: sp.Symbol(_symbol_name(chain, o), real=True) for o in (i, *frontier) if o not in numbers
    }
    point = [chain.values[o] for o in symbols]
    field = Field(len(symbols), work, point=point)
    functions = dict(zip(symbols, field.generators, strict=True))

    if as_tree:
        derivative = _sympy_root(chain, dependents, symbols).diff(symbols[i])
        theirs = field.element(of_sympy(derivative, {symbols[o]: functions[o] for o in symbols}))
        assert theirs is not None
        text = text_of(derivative)
        value = chain.seed * of_sympy(derivative, {symbols[o]: chain.values[o] for o in symbols})
    else:
        theirs = _root_function(chain, dependents, functions, field).derivative(0)
        text = shown(theirs, [symbol.name for symbol in symbols.values()])
        value = chain.seed * theirs.at(point)
    try:
        with field.blind():
            adjoint = _engine_adjoint(chain, i, dependents, functions, sweep)
    except (NotDecided, OutOfBudget, RecursionError, MemoryError):
        raise
    except Exception as error:
        what = f"the engine, run on rational functions, raised {type(error).__name__}: {error}"
        return Outcome(False, text, value, message=what)
    ours = field.element(adjoint)
    if ours is None:
        return Outcome(False, text, value, message="the engine's adjoint is no formula")
    equal = same(ours, theirs)
    if equal is not False:
        supposed = tuple(sign_texts(field.assumptions.values(), list(symbols.values())))
        return Outcome(equal, text, value, None, "" if equal else UNDECIDED, supposed)
    difference = difference_text(ours, theirs, [symbol.name for symbol in symbols.values()])
    message = f"the engine's derivative minus SymPy's is {difference or 'too large to be shown'}"
    return Outcome(False, text, value, difference, message)


def _stays_a_number(chain: Chain, o: int, dependents: Sequence[int]) -> bool:
    """Whether node `o` keeps its value: a short constant, or an exponent, which must be a number."""
    node = chain.graph.nodes[o]
    if node.is_constant and bits(node._datum) <= _LONG_NUMBER:
        return True
    for user in dependents:
        rule = chain.rules[user]
        if rule is not None and any(
            chain.graph.operands[user][k] == o for k in rule.form.unavailable
        ):
            return True
    return False


def _symbol_name(chain: Chain, o: int) -> str:
    names = chain.graph.names
    if not chain.graph.nodes[o].is_constant:
        return names[o]
    name = f"c{o}"
    while name in names:
        name += "_"
    return name


def _sympy_root(chain: Chain, dependents: Sequence[int], symbols: Mapping[int, Any]) -> Any:
    """SymPy's expression of the root in terms of `symbols`."""
    expressions: dict[int, Any] = dict(symbols)

    def expression(o: int) -> Any:
        if o not in expressions:
            value = chain.values[o]
            expressions[o] = in_sympy(value)
        return expressions[o]

    for d in dependents:
        rule = chain.rules[d]
        assert rule is not None
        operands = [expression(o) for o in chain.graph.operands[d]]
        if rule.fold is not None:
            total = sp.Integer(rule.fold.start)
            for block in blocks(rule.fold, operands):
                total = rule.fold.step(total, *block).expression
            expressions[d] = total
        else:
            # The witness itself would state its conditions anew, and SymPy would look into each.
            operands += [in_sympy(number) for p in chain.pieces[d] for number in p.numbers]
            places = zip(rule.arguments, operands, strict=True)
            expressions[d] = rule.form.expression.xreplace(dict(places))
    return expression(chain.graph.root)


def _root_function(
    chain: Chain, dependents: Sequence[int], functions: Mapping[int, Any], field: Field
) -> RationalFunction:
    """The root by SymPy's forms, as a quotient of polynomials."""
    found: dict[int, Any] = dict(functions)
    for d in dependents:
        rule = chain.rules[d]
        assert rule is not None
        at = [found[o] if o in found else chain.values[o] for o in chain.graph.operands[d]]
        if rule.numbers:
            at += chain.pieces[d][0].numbers
        found[d] = value_at(rule, at)
    root = field.convert(found[chain.graph.root])
    assert root is not None
    return root


def _engine_adjoint(
    chain: Chain,
    i: int,
    dependents: Sequence[int],
    functions: Mapping[int, Any],
    sweep: Sweep,
) -> Any:
    """The engine's forward rules and its sweep, run on rational functions."""
    graph = chain.graph
    leaf = partial(Shadow, None, (), ())
    shadows = {o: leaf(o != i, function) for o, function in functions.items()}
    for d in dependents:
        node, piece = graph.nodes[d], chain.pieces[d]
        operator, parameters = node.operator, node.parameters
        assert operator is not None
        for o in graph.operands[d]:
            if o not in shadows:
                shadows[o] = leaf(True, chain.values[o])
        operands = tuple([shadows[o] for o in graph.operands[d]])
        at = [operand._datum for operand in operands]
        value = operator.forward(*at, *parameters, *piece)
        shadows[d] = Shadow(operator, operands, parameters, False, value, piece=piece)
    found: Mapping[Any, Any] = sweep(shadows[graph.root], ONE, _partials)
    return found.get(shadows[i])


def _partials(node: Shadow) -> Sequence[Any]:
    assert node.operator is not None
    at = [operand._datum for operand in node.operands]
    partials: Sequence[Any] = node.operator.partials(
        node._datum, *at, *node.parameters, *node.piece
    )
    return partials
