"""The checks of formulas: an operator's rules are SymPy's for all operands, and not only here.

With a fresh symbol for every operand position, the engine's forward rule and its partial derivatives
equal SymPy's as rational functions, once per operator, parameters, piece and number of operands.
Equality is that of normal forms, as `verify.decide` says; of rational functions it is always decided.

A `sum`, `prod` or `dot` of a thousand operands would be too much for rational functions. As long as
a rule of such an operator multiplies monomials and adds them up, it is compared as a sum of
monomials, in time linear in the operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeVar

from minigrad.errors import NoDerivative, NotDecided
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.number_text import short_text
from minigrad.operators import Operator, Piece
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.verify.blind import Blind
from minigrad.verify.decide import UNDECIDED, same
from minigrad.verify.solver import Chain, Fault, Suspects, blame_of, fold_partials, value_at
from minigrad.verify.symbolic import Rule, Unsupported, text_of

__all__ = [
    "Monomial",
    "Sum",
    "check_forward",
    "check_rules",
    "compare_forward",
    "compare_rule",
    "difference_text",
    "forward_fault",
    "rule_faults",
    "shown",
    "summands",
]

_FULLY_SYMBOLIC: Final = 8
_SHOWN_TERMS: Final = 100
_RULE_WORK: Final = 2_000_000

T = TypeVar("T")


# --- sums of monomials ---------------------------------------------------------------------------


class _Formula(Blind):
    """What can be added up, and never looked at, as `Field.blind` has it."""

    __slots__ = ()

    def __add__(self, other: Any) -> Sum:
        return Sum(self, other) if isinstance(other, _ADDENDS) else NotImplemented

    __radd__ = __add__


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


# --- forward rules -------------------------------------------------------------------------------


def check_forward(chain: Chain, suspects: Suspects) -> None:
    """Compare the engine's forward rules with SymPy's forms, once for each rule and operand count."""
    for kind in _kinds(chain):
        if kind.rule.is_undefined:
            continue
        verdict = forward_fault(chain, kind.first)
        if isinstance(verdict, str):
            chain.void = chain.void or verdict
        elif verdict is not None:
            suspects.forwards |= dict.fromkeys(kind.positions(chain), verdict)


class _Kind(NamedTuple):
    """The nodes of one rule and number of operands, of which `first` is the first."""

    rule: Rule
    operands: int
    first: int

    def positions(self, chain: Chain) -> Iterator[int]:
        """Where all of them are."""
        for i, (rule, operands) in enumerate(zip(chain.rules, chain.graph.operands, strict=True)):
            if rule is self.rule and len(operands) == self.operands:
                yield i


def _kinds(chain: Chain) -> list[_Kind]:
    """The rules in the order in which they occur; a fold once for each number of operands."""
    rules, operands = chain.rules, chain.graph.operands
    # The first node of each, without a step of Python for every node.
    first = dict(zip(reversed(rules), reversed(range(len(rules))), strict=True))
    folds = {rule for rule in first if rule is not None and rule.fold is not None}
    found: dict[Any, int] = {rule: i for rule, i in first.items() if rule not in folds}
    if folds:
        for i, rule in enumerate(rules):
            if rule in folds:
                found.setdefault((rule, len(operands[i])), i)
    return [
        _Kind(rule, len(operands[i]), i)
        for i in sorted(found.values())
        if (rule := rules[i]) is not None
    ]


def forward_fault(chain: Chain, i: int) -> Fault | str | None:
    """As `compare_forward`, of the operator of node `i`."""
    return compare_forward(*_compared(chain, i))


def compare_forward(
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    count: int,
    point: Sequence[Any] = (),
) -> Fault | str | None:
    """What is wrong with the engine's value as a formula; a text says why that was not decided.

    `point` holds values of the operands on this piece, where the sign of a formula is asked.
    """
    try:
        return _on_symbols(_compare_values, operator, parameters, piece, rule, count, point)
    except (NotDecided, OutOfBudget, Unsupported) as reason:
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
    except (OutOfBudget, NotDecided):
        raise
    except Exception as error:
        if field is None and isinstance(error, TypeError):
            raise
        return Fault(
            blame_of(operator), f"{what}, on symbols, raised {type(error).__name__}: {error}"
        )
    theirs = value_at(rule, at)
    return None if _same(ours, theirs, field) else _rule_fault(operator, what, ours, theirs, field)


# --- partial derivatives -------------------------------------------------------------------------


def check_rules(chain: Chain, suspects: Suspects) -> None:
    """Compare the engine's partials with SymPy's, once for each rule and number of operands."""
    for kind in _kinds(chain):
        verdict = rule_faults(chain, kind.first)
        if isinstance(verdict, str):
            suspects.blocked |= dict.fromkeys(kind.positions(chain), verdict)
        elif verdict:
            suspects.rules |= dict.fromkeys(kind.positions(chain), verdict)


def rule_faults(chain: Chain, i: int) -> dict[int, Fault] | str:
    """As `compare_rule`, of the operator of node `i`."""
    return compare_rule(*_compared(chain, i))


def compare_rule(
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    count: int,
    point: Sequence[Any] = (),
) -> dict[int, Fault] | str:
    """The operands by which the engine's partial derivative is not SymPy's, with the difference.

    A text instead says why that could not be decided; `point` is as in `compare_forward`.
    """
    if rule.is_undefined:
        return f"{operator.name} is not defined at the numbers stored below it"
    try:
        return _on_symbols(_compare_partials, operator, parameters, piece, rule, count, point)
    except (NotDecided, OutOfBudget, Unsupported) as reason:
        return f"the rule of {operator.name} on {count} operands was not decided: {reason}"


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
    expected: Sequence[Any]
    if rule.fold is None:
        result = rule.value(generators)
        at = rule.prepared(generators)
        expected = [None if p is None else p if p is ONE else p(at) for p in rule.partials]
    else:
        result = value_at(rule, operands) if field is not None else None
        expected = fold_partials(rule, operands)
    try:
        with field.blind() if field is not None else nullcontext():
            partials = operator.partials(result, *operands, *parameters, *symbolic_piece)
    except NoDerivative:
        partials = [UNAVAILABLE] * count
    except (OutOfBudget, NotDecided):
        raise
    except Exception as error:
        if field is None and isinstance(error, TypeError):
            raise
        return _broken_rule(operator, count, f"raised {type(error).__name__}: {error}")
    if not isinstance(partials, Sequence):
        kind = type(partials).__name__
        return _broken_rule(operator, count, f"gave a {kind} for partials, which is no sequence")
    if len(partials) != count:
        return _broken_rule(operator, count, f"gave {len(partials)} partials for {count} operands")
    faults = {}
    for k, (partial, right) in enumerate(zip(partials, expected, strict=True)):
        if partial is UNAVAILABLE or right is None:
            if (partial is UNAVAILABLE) != (right is None):
                faults[k] = Fault(
                    blame_of(operator),
                    f"{operator.name}: the derivative by operand {k + 1} is "
                    f"{'there' if right is not None else 'not there'}; the engine says otherwise",
                )
        elif not _same(partial, right, field):
            what = f"{operator.name}: its partial derivative by operand {k + 1}"
            faults[k] = _rule_fault(operator, what, partial, right, field)
    return faults


def _broken_rule(operator: Operator, count: int, what: str) -> dict[int, Fault]:
    fault = Fault(blame_of(operator), f"the partials of {operator.name}, run on symbols, {what}")
    return dict.fromkeys(range(count), fault)


# --- comparing -----------------------------------------------------------------------------------


def _compared(chain: Chain, i: int) -> tuple[Any, ...]:
    """What is compared of node `i`: operator, parameters, piece, SymPy's rule, operands, and a point."""
    node, piece = chain.graph.nodes[i], chain.pieces[i]
    point = [operand._datum for operand in node.operands]
    if piece:
        point += piece[0].numbers
    return node.operator, node.parameters, piece, chain.rules[i], len(node.operands), point


def _on_symbols(
    compare: Callable[..., T],
    operator: Operator,
    parameters: tuple[Any, ...],
    piece: tuple[Piece, ...],
    rule: Rule,
    count: int,
    point: Sequence[Any],
) -> T:
    """`compare` with symbols for operands: monomials where there are many, or rational functions."""
    if rule.fold is not None and count > _FULLY_SYMBOLIC:
        # A rule that divides, or multiplies sums, raises a TypeError and needs rational functions.
        with suppress(TypeError):
            operands = [Monomial.operand(i) for i in range(count)]
            return compare(operator, parameters, piece, rule, operands, None)
    field = Field(len(rule.numbers) + count, _RULE_WORK, point=point)
    return compare(operator, parameters, piece, rule, field.generators, field)


def _same(left: Any, right: Any, field: Field | None) -> bool:
    if field is not None:
        ours, theirs = field.element(left), field.element(right)
        if ours is None or theirs is None:
            return False
        equal = same(ours, theirs)
        if equal is None:
            raise NotDecided(UNDECIDED)
        return equal
    found = summands(left)
    return found is not None and found == summands(right)


def _rule_fault(
    operator: Operator, what: str, partial: Any, right: Any, field: Field | None
) -> Fault:
    if field is None:
        return Fault(blame_of(operator), f"{what} is not SymPy's")
    names = [f"x{i + 1}" for i in range(len(field.generators))]
    ours, theirs = field.element(partial), field.element(right)
    difference = None if ours is None or theirs is None else difference_text(ours, theirs, names)
    message = f"{what} is {shown(ours, names)}; SymPy's is {shown(theirs, names)}"
    return Fault(blame_of(operator), message, difference)


def difference_text(ours: Any, theirs: Any, names: Sequence[str]) -> str | None:
    """`ours - theirs`, its generators called by `names`; None where that outgrows the budget."""
    try:
        return shown(ours - theirs, names)
    except OutOfBudget:
        return None


def shown(function: Any, names: Sequence[str]) -> str:
    """A formula as text, its generators called by `names`; of a long one, how long it is."""
    import sympy as sp

    if function is None:
        return "no formula"
    if isinstance(function, Fraction):
        return short_text(function)
    if function.size > _SHOWN_TERMS:
        return f"a formula of {function.size:,} terms"
    symbols = [sp.Symbol(name) for name in names]
    is_rational = isinstance(function, RationalFunction)
    return text_of(function.factored(symbols) if is_rational else function.expression(symbols))
