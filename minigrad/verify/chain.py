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

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from numbers import Rational
from operator import attrgetter
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

from minigrad import reverse
from minigrad.errors import InvalidOperand, describe
from minigrad.number import ONE, UNAVAILABLE, ZERO, short_text
from minigrad.operators import Operator, Piece
from minigrad.scalar import Scalar
from minigrad.verify.rational import Field, OutOfBudget, RationalFunction
from minigrad.verify.symbolic import (
    Graph,
    Rule,
    Rules,
    Unsupported,
    blocks,
    expression_of,
    text_of,
    undefined,
    unfold,
)

__all__ = [
    "CHECKS",
    "Chain",
    "Fault",
    "Sweep",
    "condition_texts",
    "difference_text",
    "fold_value",
    "follows",
    "piece_name",
    "prove",
    "step_piece",
]

CHECKS: Final = frozenset({"values", "rules", "numbers", "sweep"})

_SHOWN_USERS: Final = 6
"""How many of a node's users its derivative is spelt out for, as text."""

T = TypeVar("T")

Sweep: TypeAlias = Callable[..., Mapping[Any, Any]]
"""An engine's reverse sweep, with the signature of `minigrad.reverse.adjoints`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something is refuted, and what is to blame."""

    blame: str
    message: str
    difference: str | None = None
    expected: Fraction | None = None


@dataclass
class Chain:
    """What the chain proof found, by position in the graph."""

    graph: Graph
    seed: Fraction
    values: list[Any] = field(default_factory=list)
    rules: list[Rule | None] = field(default_factory=list)
    pieces: list[tuple[Piece, ...]] = field(default_factory=list)
    adjoints: list[Any] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
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
                    irrational = k in rule.form.irrational
                    partial = "irrational" if irrational else rule.text(rule.derivatives[k], shown)
                    terms.append(_times(names[user], partial))
        if len(users) > _SHOWN_USERS:
            terms.append(f"… ({len(users) - _SHOWN_USERS:,} more)")
        return " + ".join([term for term in terms if term != "0"]).replace("+ -", "- ") or "0"


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
    return value.numerator if isinstance(value, Fraction) else value


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
    _solve_values(chain, rules, suspects if "values" in chosen else Suspects())
    if "values" in chosen:
        _check_forward(chain, suspects)
    if "rules" in chosen:
        _check_rules(chain, suspects)
    _solve_adjoints(chain)
    chain.found, complaint = _found_gradients(graph, seed, sweep)
    if complaint:
        suspects.missing = _missing_fault(graph, suspects, complaint)
    if "sweep" in chosen:
        suspects.edges = _check_sweep(chain, sweep)
    _judge(chain, suspects, numbers="numbers" in chosen)
    return chain


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


# --- values --------------------------------------------------------------------------------------


def _solve_values(chain: Chain, rules: Rules, suspects: Suspects) -> None:
    """SymPy's value of every node, up from the leaves, compared with the one stored."""
    values = chain.values
    for i, (node, operands) in enumerate(zip(chain.graph.nodes, chain.graph.operands, strict=True)):
        operator = node.operator
        if operator is None:
            values.append(node.data)
            chain.rules.append(None)
            chain.pieces.append(())
            continue
        piece: tuple[Piece, ...] = ()
        try:
            if operator.branch is not None:
                piece = operator.piece([operand.data for operand in node.operands], node.parameters)
            rule = rules.find(operator, node.parameters, piece)
        except ArithmeticError:
            rule = undefined(len(operands))
        chain.rules.append(rule)
        chain.pieces.append(piece)
        at = [values[o] for o in operands]
        if piece:
            at += piece[0].numbers
        try:
            value = fold_value(rule, at) if rule.fold else rule.value(at)
            holds = not rule.form.conditions or rule.holds(at)
        except ZeroDivisionError:
            value, holds = node.data, False
        values.append(value)
        if not holds or (piece and piece[0].boundary != rule.form.boundary):
            suspects.branches[i] = _branch_fault(chain, i, rule, piece, suspects)
        elif value != node.data:
            suspects.values[i] = _value_fault(chain, i, rule, value, suspects)


def fold_value(rule: Rule, operands: Sequence[Any]) -> Any:
    """The value of an operator of any number of operands, step by step."""
    assert rule.fold is not None
    total: Any = Fraction(rule.fold.start)
    for block in blocks(rule.fold, operands):
        total = rule.value((total, *block))
    return total


def step_piece(piece: tuple[Piece, ...], convert: Callable[[Any], Any]) -> tuple[Piece, ...]:
    """A piece with its numbers put through `convert`, for another kind of arithmetic."""
    return tuple(p._replace(numbers=tuple(map(convert, p.numbers))) for p in piece)


def _branch_fault(
    chain: Chain, i: int, rule: Rule, piece: tuple[Piece, ...], suspects: Suspects
) -> Fault:
    node = chain.graph.nodes[i]
    assert node.operator is not None
    for o in chain.graph.operands[i]:
        if o in suspects.values:
            what = f"{node.operator.name} took its piece by a wrong value"
            return Fault(suspects.values[o].blame, f"{what}: {suspects.values[o].message}")
    conditions = " and ".join(condition_texts(chain, i, rule))
    at = [operand.data for operand in node.operands]
    outside = [d.says for d in node.operator.domain if not d.holds(*at, *node.parameters)]
    if outside:
        name = chain.graph.names[i]
        message = f"{node.operator.name} of {name}: {outside[0]} (was a leaf set after {name}?)"
        return Fault(f"node {name}", message)
    if not piece:
        return Fault(_blame(node.operator), f"{node.operator.name} needs {conditions}: not so here")
    boundary = ", as a boundary," if piece[0].boundary else ""
    return Fault(
        _blame(node.operator),
        f"{node.operator.name} took the piece {piece_name(piece[0])!r}{boundary} which needs "
        f"{conditions}: "
        "not so here",
    )


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


def _value_fault(chain: Chain, i: int, rule: Rule, value: Any, suspects: Suspects) -> Fault:
    """Blame a wrong value on an operand's, on the operator's forward rule, or on the stored number."""
    node, name = chain.graph.nodes[i], chain.graph.names[i]
    operator = node.operator
    assert operator is not None
    at = [operand.data for operand in node.operands]
    forward = local = None
    # A stored number may be wrong in such a way that nothing is defined there.
    with suppress(ArithmeticError):
        forward = operator.forward(*at, *node.parameters, *operator.piece(at, node.parameters))
    with suppress(ArithmeticError):
        full = [*at, *(chain.pieces[i] and chain.pieces[i][0].numbers)]
        local = fold_value(rule, full) if rule.fold else rule.value(full)
    difference = short_text(node.data - value)
    above = {**suspects.values, **suspects.branches}
    inherited = next((above[o] for o in chain.graph.operands[i] if o in above), None)
    if local == node.data and inherited is not None:
        message = f"its value follows from a wrong one: {inherited.message}"
        return Fault(inherited.blame, message, difference, value)
    gives = f"is {short_text(node.data)}; SymPy has {short_text(value)}"
    if forward == node.data:
        message = f"{operator.name} computes a wrong value: {name} {gives}"
        return Fault(_blame(operator), message, difference, value)
    message = f"the value stored on {name} {gives} (was a leaf set after the graph was built?)"
    return Fault(f"node {name}", message, difference, value)


def _blame(operator: Operator) -> str:
    return f"operator {operator.name}"


def _check_forward(chain: Chain, suspects: Suspects) -> None:
    """Compare the engine's forward rules with SymPy's forms, once for each rule and operand count."""
    verdicts: dict[tuple[Any, ...], Fault | str | None] = {}
    for i, (node, rule, piece) in enumerate(
        zip(chain.graph.nodes, chain.rules, chain.pieces, strict=True)
    ):
        if rule is None or node.operator is None or rule.is_undefined:
            continue
        key = (rule, len(node.operands))
        if key not in verdicts:
            verdicts[key] = compare_forward(node.operator, node.parameters, piece, rule, key[1])
        verdict = verdicts[key]
        if isinstance(verdict, str):
            chain.void = chain.void or verdict
        elif verdict is not None:
            suspects.forwards[i] = verdict


def compare_forward(
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    count: int,
) -> Fault | str | None:
    """What is wrong with the engine's value as a formula; a text says why that was not decided."""
    try:
        return _on_symbols(_compare_values, operator, parameters, piece, rule, count)
    except (OutOfBudget, Unsupported) as reason:
        return f"the value of {operator.name} on {count} operands was not decided: {reason}"


def _compare_values(
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    generators: Sequence[Any],
    field: Field | None,
) -> Fault | None:
    at = rule.restricted(generators)
    count = len(at) - len(rule.numbers)
    symbolic_piece = [piece[0]._replace(numbers=tuple(at[count:]))] if piece else []
    what = f"{operator.name}: its value"
    try:
        with field.blind() if field is not None else nullcontext():
            ours = operator.forward(*at[:count], *parameters, *symbolic_piece)
    except OutOfBudget:
        raise
    except Exception as error:
        if field is None and isinstance(error, TypeError):
            raise
        return Fault(
            _blame(operator), f"{what}, on symbols, raised {type(error).__name__}: {error}"
        )
    theirs = fold_value(rule, at) if rule.fold else rule.value(at)
    return None if _same(ours, theirs, field) else _rule_fault(operator, what, ours, theirs, field)


# --- rules ---------------------------------------------------------------------------------------


class _Formula:
    """What can be added up, and never looked at: a rule that looks is no formula (`Field.blind`)."""

    __slots__ = ()

    def __add__(self, other: Any) -> Sum:
        return Sum(self, other) if isinstance(other, _ADDENDS) else NotImplemented

    __radd__ = __add__

    def _no_look(self, *_: object) -> NoReturn:
        raise TypeError("a formula was asked for a number: an operand was compared or tested")

    __eq__ = __bool__ = _no_look
    __hash__ = None  # type: ignore[assignment]


class Monomial(_Formula):
    """A product of operands x0, x1, …, kept as the places where the exponent changes.

    The product of a thousand neighbours has two such places, so prefix and suffix products cost as
    much as one operand each, and the rule of `prod` is proved in time linear in its operands.
    """

    __slots__ = ("coefficient", "steps")

    def __init__(self, steps: dict[int, int], coefficient: Fraction = ONE) -> None:
        self.steps = steps if coefficient else {}
        self.coefficient = coefficient

    @classmethod
    def operand(cls, i: int) -> Monomial:
        """The operand at position `i`."""
        return cls({i: 1, i + 1: -1})

    def __mul__(self, other: Any) -> Monomial:
        if isinstance(other, (int, Fraction)):
            return Monomial(self.steps, self.coefficient * other)
        if not isinstance(other, Monomial):
            return NotImplemented
        steps = dict(self.steps)
        for place, change in other.steps.items():
            steps[place] = steps.get(place, 0) + change
        return Monomial(
            {place: change for place, change in steps.items() if change},
            self.coefficient * other.coefficient,
        )

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Monomial:
        if exponent < 0:
            return NotImplemented
        steps = {place: change * exponent for place, change in self.steps.items() if exponent}
        return Monomial(steps, self.coefficient**exponent)


class Sum(_Formula):
    """Two summands, kept as they are, so that adding up n of them costs n steps. It has no products."""

    __slots__ = ("left", "right")

    def __init__(self, left: Any, right: Any) -> None:
        self.left = left
        self.right = right


_ADDENDS: Final = (_Formula, int, Fraction)


def summands(value: Any) -> dict[Any, Fraction] | None:
    """The coefficients in a sum of monomials, the same exactly where the sums are; None of others."""
    coefficients: dict[Any, Fraction] = {}
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, Sum):
            stack += (part.left, part.right)
        elif isinstance(part, (Monomial, int, Fraction)):
            product = part if isinstance(part, Monomial) else Monomial({}, Fraction(part))
            key = frozenset(product.steps.items())
            coefficients[key] = coefficients.get(key, ZERO) + product.coefficient
        else:
            return None
    return {key: coefficient for key, coefficient in coefficients.items() if coefficient}


_FULLY_SYMBOLIC: Final = 8
_SHOWN_TERMS: Final = 100
_RULE_WORK: Final = 2_000_000


def _check_rules(chain: Chain, suspects: Suspects) -> None:
    """Compare the engine's partials with SymPy's, once for each rule and number of operands."""
    verdicts: dict[tuple[Any, ...], dict[int, Fault] | str] = {}
    for i, (node, rule, piece) in enumerate(
        zip(chain.graph.nodes, chain.rules, chain.pieces, strict=True)
    ):
        if rule is None or node.operator is None:
            continue
        count = len(node.operands)
        key = (rule, count)
        if key not in verdicts:
            verdicts[key] = compare_rule(node.operator, node.parameters, piece, rule, count)
        verdict = verdicts[key]
        if isinstance(verdict, str):
            suspects.blocked[i] = verdict
        elif verdict:
            suspects.rules[i] = verdict


def compare_rule(
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    count: int,
) -> dict[int, Fault] | str:
    """The operands by which the engine's partial derivative is not SymPy's, with the difference.

    A text instead says why that could not be decided.
    """
    if rule.is_undefined:
        return f"{operator.name} is not defined at the numbers stored below it"
    try:
        return _on_symbols(_compare_partials, operator, parameters, piece, rule, count)
    except (OutOfBudget, Unsupported) as reason:
        return f"the rule of {operator.name} on {count} operands was not decided: {reason}"


def _on_symbols(
    compare: Callable[..., T],
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    count: int,
) -> T:
    """`compare` with symbols for operands: monomials where there are many, or rational functions."""
    if rule.fold is not None and count > _FULLY_SYMBOLIC:
        # A rule that divides, or multiplies sums, raises a TypeError and needs rational functions.
        with suppress(TypeError):
            operands = [Monomial.operand(i) for i in range(count)]
            return compare(operator, parameters, piece, rule, operands, None)
    field = Field(len(rule.numbers) + count, _RULE_WORK)
    return compare(operator, parameters, piece, rule, field.generators, field)


def _compare_partials(
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    generators: Sequence[Any],
    field: Field | None,
) -> dict[int, Fault]:
    count = len(generators) - len(rule.numbers)
    operands, numbers = generators[:count], generators[count:]
    symbolic_piece = [piece[0]._replace(numbers=tuple(numbers))] if piece else []
    if rule.fold is None:
        result = rule.value(generators)
        expected = [None if p is None else p if p is ONE else p(generators) for p in rule.partials]
    else:
        result = fold_value(rule, operands) if field is not None else None
        expected = fold_partials(rule, operands)
    try:
        with field.blind() if field is not None else nullcontext():
            partials = list(operator.partials(result, *operands, *parameters, *symbolic_piece))
    except OutOfBudget:
        raise
    except Exception as error:
        if field is None and isinstance(error, TypeError):
            raise
        return _broken_rule(operator, count, f"raised {type(error).__name__}: {error}")
    if len(partials) != count:
        return _broken_rule(operator, count, f"gave {len(partials)} partials for {count} operands")
    faults = {}
    for k, (partial, right) in enumerate(zip(partials, expected, strict=True)):
        if partial is UNAVAILABLE or right is None:
            if (partial is UNAVAILABLE) != (right is None):
                faults[k] = Fault(
                    _blame(operator),
                    f"{operator.name}: the derivative by operand {k + 1} is "
                    f"{'a' if right is not None else 'no'} rational function; the engine says otherwise",
                )
        elif not _same(partial, right, field):
            what = f"{operator.name}: its partial derivative by operand {k + 1}"
            faults[k] = _rule_fault(operator, what, partial, right, field)
    return faults


def _broken_rule(operator: Operator, count: int, what: str) -> dict[int, Fault]:
    fault = Fault(_blame(operator), f"the partials of {operator.name}, run on symbols, {what}")
    return dict.fromkeys(range(count), fault)


def _same(left: Any, right: Any, field: Field | None) -> bool:
    if field is not None:
        return bool(field.convert(left) == field.convert(right))
    found = summands(left)
    return found is not None and found == summands(right)


def _rule_fault(
    operator: Operator, what: str, partial: Any, right: Any, field: Field | None
) -> Fault:
    if field is None:
        return Fault(_blame(operator), f"{what} is not SymPy's")
    names = [f"x{i + 1}" for i in range(len(field.generators))]
    ours, theirs = field.convert(partial), field.convert(right)
    difference = None if ours is None or theirs is None else difference_text(ours, theirs, names)
    message = f"{what} is {_shown(ours, names)}; SymPy's is {_shown(theirs, names)}"
    return Fault(_blame(operator), message, difference)


def difference_text(
    ours: RationalFunction, theirs: RationalFunction, names: Sequence[str]
) -> str | None:
    """`ours - theirs`, its generators called by `names`; None where that outgrows the budget."""
    try:
        return _shown(ours - theirs, names)
    except OutOfBudget:
        return None


def _shown(function: RationalFunction | None, names: Sequence[str]) -> str:
    import sympy as sp

    if function is None:
        return "no rational function"
    parts = function.terms()
    count = sum(map(len, parts))
    if count > _SHOWN_TERMS:
        return f"a rational function of {count:,} terms"
    expression = expression_of(parts, [sp.Symbol(name) for name in names])
    degree = max(sum(exponents) for part in parts for exponents, _ in part)
    # SymPy factors x**1000000 as a list of a million coefficients.
    return text_of(expression if degree > _SHOWN_TERMS else sp.factor(expression))


def fold_partials(rule: Rule, operands: Sequence[Any]) -> list[Any]:
    """The derivative of a fold by each operand, solved back through its steps."""
    assert rule.fold is not None
    steps = list(blocks(rule.fold, operands))
    totals: list[Any] = [None] * len(steps)
    if any(derivative.has(rule.symbols[0]) for derivative in rule.derivatives):
        totals = list(
            accumulate(
                steps[:-1], lambda t, b: rule.value((t, *b)), initial=Fraction(rule.fold.start)
            )
        )
    adjoint: Any = ONE
    per_block: list[list[Any]] = []
    for total, block in zip(reversed(totals), reversed(steps), strict=True):
        at = (total, *block)
        by_total, *by_block = (_scaled(adjoint, partial, at) for partial in rule.partials)
        per_block.append(by_block)
        adjoint = by_total
    return unfold(rule.fold, per_block[::-1])


def _scaled(adjoint: Any, partial: Any, at: Sequence[Any]) -> Any:
    """`adjoint` times a partial derivative, where one of them is often 1."""
    if partial is None or adjoint is UNAVAILABLE:
        return UNAVAILABLE
    if partial is ONE:
        return adjoint
    return partial(at) if adjoint is ONE else adjoint * partial(at)


def on_functions(
    chain: Chain, functions: Mapping[int, RationalFunction], *, adjoints: bool = True
) -> Chain:
    """The same graph over rational functions: the leaves with an entry in `functions` (by `id`)
    take it, the others keep their number. SymPy's forms are evaluated, on the pieces taken.
    """
    values: list[Any] = []
    for i, (node, rule) in enumerate(zip(chain.graph.nodes, chain.rules, strict=True)):
        if rule is None:
            values.append(functions.get(id(node), node.data))
            continue
        at = [values[o] for o in chain.graph.operands[i]]
        if chain.pieces[i]:
            at += chain.pieces[i][0].numbers
        values.append(fold_value(rule, at) if rule.fold else rule.value(at))
    lifted = replace(chain, values=values, seed=ONE, adjoints=[])
    if adjoints:
        _solve_adjoints(lifted)
    return lifted


# --- numbers -------------------------------------------------------------------------------------


def _solve_adjoints(chain: Chain) -> None:
    """The adjoint of every node from SymPy's partials, over every operand position of every user."""
    graph = chain.graph
    adjoints: list[Any] = [None] * len(graph.nodes)
    adjoints[graph.root] = chain.seed
    for i in range(graph.root, -1, -1):
        adjoint = adjoints[i]
        for operand, term in zip(graph.operands[i], _terms(chain, i, adjoint), strict=True):
            if term is not None:
                known = adjoints[operand]
                adjoints[operand] = term if known is None else known + term
    chain.adjoints = adjoints


def _terms(chain: Chain, i: int, adjoint: Any) -> list[Any]:
    """What node `i`, given its adjoint, contributes to those of its operands; None to a constant."""
    rule = chain.rules[i]
    if rule is None:
        return []
    constants = [operand.is_constant for operand in chain.graph.nodes[i].operands]
    try:
        return _defined_terms(chain, i, adjoint, rule, constants)
    except ZeroDivisionError:
        # A leaf set afterwards, or a stored number that is wrong: there is no derivative here.
        return [None if constant else UNAVAILABLE for constant in constants]


def _defined_terms(
    chain: Chain, i: int, adjoint: Any, rule: Rule, constants: Sequence[bool]
) -> list[Any]:
    at = [chain.values[o] for o in chain.graph.operands[i]]
    if rule.fold is not None:
        return [
            None if constant else adjoint if partial is ONE else adjoint * partial
            for constant, partial in zip(constants, fold_partials(rule, at), strict=True)
        ]
    if rule.numbers:
        at += chain.pieces[i][0].numbers
    return [
        None if constant else _scaled(adjoint, partial, at)
        for constant, partial in zip(constants, rule.partials, strict=True)
    ]


def _found_gradients(graph: Graph, seed: Fraction, sweep: Sweep) -> tuple[list[Any], str]:
    """The gradients on the nodes; those that are not set, as the engine computes them.

    Where the engine raises or gives no exact number they are None, and the text says why.
    """
    found = [node._grad for node in graph.nodes]
    complaint = ""
    if any(g is None and not n.is_constant for g, n in zip(found, graph.nodes, strict=True)):
        try:
            computed = sweep(graph.nodes[graph.root], seed)
            found = [
                computed.get(n, ZERO) if g is None and not n.is_constant else g
                for g, n in zip(found, graph.nodes, strict=True)
            ]
        except Exception as error:
            complaint = f"the sweep raised {type(error).__name__}: {error}"
    for i, gradient in enumerate(found):
        if type(gradient) is Fraction or gradient is UNAVAILABLE or gradient is None:
            continue
        if isinstance(gradient, int):
            found[i] = Fraction(gradient)
        else:
            complaint = f"expected an exact number as gradient; got {describe(gradient)}"
            found[i] = None
    return found, complaint


def _missing_fault(graph: Graph, suspects: Suspects, complaint: str) -> Fault:
    """What is to blame for gradients that are missing: a value, a rule here, or the sweep."""
    for fault in (*suspects.values.values(), *suspects.branches.values()):
        return Fault(fault.blame, f"{complaint}: {fault.message}")
    for node in reversed(graph.nodes):
        try:
            partials = list(reverse.partials(node))
        except Exception as error:
            what = f"raised {type(error).__name__}: {error}"
        else:
            numbers = sum(isinstance(p, Rational) or p is UNAVAILABLE for p in partials)
            what = "" if numbers == len(partials) == len(node.operands) else f"are {partials}"
        if what and node.operator is not None:
            name = node.operator.name
            return Fault(_blame(node.operator), f"{complaint}: the partials of {name} {what}")
    return Fault("the sweep", complaint)


# --- sweep ---------------------------------------------------------------------------------------


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
    data: Final = _Opaque()

    def __init__(self, node: Scalar, operands: tuple[_Faceless, ...], edges: list[Any]) -> None:
        self.operator = node.operator
        self.parameters = node.parameters
        self.is_constant = node.is_constant
        self.operands = operands
        self.edges = edges

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = __int__ = _no_look
    __hash__ = object.__hash__


def _check_sweep(chain: Chain, sweep: Sweep) -> dict[int, Fault]:
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


# --- judgement -----------------------------------------------------------------------------------


def _judge(chain: Chain, suspects: Suspects, *, numbers: bool) -> None:
    """Give each node its first fault, from the root down, that cannot be blamed on another's.

    Below a wrong rule or a wrong sum every formula is wrong. A wrong number says nothing of those
    below, which are each compared with their own.
    """
    graph, faults = chain.graph, chain.faults
    formulas: dict[int, Fault] = {}
    for i in range(graph.root, -1, -1):
        if graph.nodes[i].is_constant:
            continue
        _inherit(chain, i, suspects.blocked)
        fault = suspects.edges.get(i)
        if formulas or suspects.rules or suspects.branches:
            fault = _from_users(graph, i, formulas, suspects) or fault
        if fault is not None:
            formulas[i] = fault
        expected, found = chain.adjoints[i], chain.found[i]
        if expected is UNAVAILABLE and found is UNAVAILABLE:
            chain.undecided[i] = f"the engine gives no derivative here: {UNAVAILABLE.reason}"
        elif found is None:
            fault = fault or suspects.missing
        elif numbers and (expected is UNAVAILABLE or found is UNAVAILABLE or expected != found):
            fault = _number_fault(chain, i, fault, suspects)
        if fault is not None:
            faults[i] = fault
    # The values above a wrong piece are those of that piece, and those above a wrong formula are
    # wrong at other inputs, so that nothing that they prove is proved.
    for fault in (*suspects.branches.values(), *suspects.forwards.values()):
        chain.void = chain.void or f"not decided, because of {fault.blame}: {fault.message}"
    for wrong in (suspects.values, suspects.branches, suspects.forwards):
        for i, fault in wrong.items():
            faults.setdefault(i, fault)


def _inherit(chain: Chain, i: int, blocked: Mapping[int, str]) -> None:
    """Mark node `i` if a user stands at a boundary or is undecided, or anything above a user."""
    for user in chain.graph.users[i]:
        rule = chain.rules[user]
        if (rule is not None and rule.form.boundary) or user in chain.boundary:
            chain.boundary.add(i)
        if user in blocked or user in chain.undecided:
            chain.undecided[i] = blocked.get(user) or chain.undecided[user]


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
        says = "is no rational number" if expected is UNAVAILABLE else f"is {short_text(expected)}"
        message = f"the derivative by {name} {says}, and the gradient says otherwise"
        return fault or Fault(f"node {name}", message)
    off = f"the gradient of {name} is {short_text(found)}, the derivative {short_text(expected)}"
    difference = short_text(found - expected)
    if fault is None and follows(chain, i):
        above = [chain.faults[user] for user in chain.graph.users[i] if user in chain.faults]
        fault = next(iter([*above, *suspects.values.values()]), None)
    if fault is None:
        if i in chain.boundary:
            return None
        return Fault(f"node {name}", off + _hint(chain, i), difference, expected)
    return Fault(fault.blame, f"{off}: {fault.message}", fault.difference or difference, expected)


def _wrong_partial(chain: Chain, i: int) -> Fault | None:
    """A user of node `i` whose rule, as a number here, is not SymPy's."""
    for user in chain.graph.users[i]:
        node = chain.graph.nodes[user]
        assert node.operator is not None
        try:
            ours = list(reverse.partials(node))
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
                if isinstance(our, Fraction) and isinstance(their, Fraction):
                    message = f"{what} is {short_text(our)} here; SymPy's is {short_text(their)}"
                return Fault(_blame(node.operator), message)
    return None


def _stored_terms(chain: Chain, i: int, adjoint: Any) -> list[Any]:
    """As `_terms`, at the values that are stored and not at SymPy's."""
    stored: Any = {o: chain.graph.nodes[o].data for o in chain.graph.operands[i]}
    return _terms(replace(chain, values=stored), i, adjoint)


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
    if ratio.denominator == 1 and ratio > 1:
        times = "twice" if ratio == 2 else f"{ratio} times"
        cause = "an earlier backward?" if not chain.graph.operands[i] else "counted more than once?"
        return f", {times} the derivative: {cause}"
    return ""
