"""The same graph in SymPy: what the proofs know of it, without asking the engine.

`Graph` is a snapshot of the nodes that a root reaches, found by a walk of its own (a wanted exception
to "one rule, one place": a proof that walked by the engine's traversal would share its mistakes).
`Rules` holds SymPy's form of each operator that occurs, its partial derivatives as SymPy takes them,
and their evaluation in exact arithmetic: `lambdify` would turn Rational(1, 2) into the float 0.5, so
a small translator turns an expression into a function over any field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from operator import add, eq, ge, gt, itemgetter, le, lt, mod, mul, ne, sub, truediv
from typing import Any, Final, TypeAlias

import sympy as sp

from minigrad import sympy_text
from minigrad.backing import inside, power
from minigrad.elementary import Unsupported, function_of_sympy
from minigrad.number import ONE
from minigrad.number_text import short_text
from minigrad.operators import Fold, Form, Operator, Piece
from minigrad.scalar import Scalar

__all__ = [
    "Graph",
    "Rule",
    "Rules",
    "Unsupported",
    "relation_text",
    "text_of",
    "translate",
]

_FEW: Final = 4
"""Operands up to which nothing is looked for that an operator's derivatives share."""
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*(\[\d+\])*")


class Graph:
    """The nodes that `roots` reach, in arrays indexed by position; operands stand before users.

    `operands[i]` are the positions of the operands of `nodes[i]`, repetitions included, and a single
    root is the last node. `names[i]` is the node's label where that is a fit and unique name, else
    one made up.
    """

    def __init__(self, *roots: Scalar) -> None:
        self.nodes, self.operands, self.roots = _operands_first(roots)
        self.root = len(self.nodes) - 1

    @cached_property
    def is_constant(self) -> Sequence[int]:
        """For each node whether it is a constant, 1 or 0."""
        return bytes([node._is_constant for node in self.nodes])

    @cached_property
    def names(self) -> list[str]:
        """A name for each node, unique but for constants, which are called by their value."""
        names: list[str] = []
        taken = {str(node.label) for node in self.nodes if node.label}
        used: set[str] = set()
        count = 0
        for node, is_constant in zip(self.nodes, self.is_constant, strict=True):
            if is_constant:
                names.append(short_text(node._datum))
                continue
            name = str(node.label) if node.label else ""
            if not name or name in used or not _IDENTIFIER.fullmatch(name):
                count += 1
                while (name := f"v{count}") in taken:
                    count += 1
            used.add(name)
            names.append(name)
        return names

    @cached_property
    def users(self) -> list[list[int]]:
        """For each node the nodes that it is an operand of, once for each position."""
        users: list[list[int]] = [[] for _ in self.nodes]
        for i, operands in enumerate(self.operands):
            for operand in operands:
                users[operand].append(i)
        return users

    def cut(self, leaves: Container[int]) -> Graph:
        """The same nodes, those at `leaves` without their operands."""
        graph = Graph.__new__(Graph)
        graph.nodes, graph.root, graph.roots = self.nodes, self.root, self.roots
        graph.operands = [() if i in leaves else o for i, o in enumerate(self.operands)]
        graph.names, graph.is_constant = self.names, self.is_constant
        return graph

    def dependents(self, start: int) -> list[int]:
        """The nodes that depend on `start`, itself left out, operands before users."""
        reached = {start}
        stack = [start]
        while stack:
            for user in self.users[stack.pop()]:
                if user not in reached:
                    reached.add(user)
                    stack.append(user)
        return sorted(reached - {start})


def _operands_first(
    roots: Sequence[Scalar],
) -> tuple[list[Scalar], list[tuple[int, ...]], list[int]]:
    """The nodes that `roots` reach, operands before users; the operands of each, and the roots, by place.

    They are numbered as they are met, and then peeled from the roots down (A. B. Kahn, Topological
    sorting of large networks, 1962).
    """
    met = list(dict.fromkeys(roots))
    number = {root: i for i, root in enumerate(met)}
    distinct = len(met)
    waiting = [0] * distinct
    edges: list[list[int]] = []
    for node in met:
        numbers = []
        for operand in node.operands:
            i = number.setdefault(operand, len(met))
            if i == len(met):
                met.append(operand)
                waiting.append(1)
            else:
                waiting[i] += 1
            numbers.append(i)
        edges.append(numbers)
    peeled = [i for i in range(distinct) if waiting[i] == 0]
    for i in peeled:
        for below in reversed(edges[i]):
            waiting[below] -= 1
            if waiting[below] == 0:
                peeled.append(below)
    peeled.reverse()
    place = waiting
    for i, old in enumerate(peeled):
        place[old] = i
    operands = [tuple(map(place.__getitem__, edges[old])) for old in peeled]
    return [met[old] for old in peeled], operands, [place[number[root]] for root in roots]


@dataclass(frozen=True, eq=False)
class Rule:
    """SymPy's side of one operator on one piece: for a Fold, of one step of it.

    Functions take the values of the operands and then the piece's numbers; for a step, the
    accumulator comes first. `number` makes the constants in them of Fractions, and `outer` is the
    same rule for any kind of number, where this is its `inner`.
    """

    symbols: tuple[Any, ...]
    numbers: tuple[Any, ...]
    form: Form
    fold: Fold | None = None
    number: Callable[[Fraction], Any] = Fraction
    outer: Rule | None = None

    @cached_property
    def inner(self) -> Rule | None:
        """The same rule on the engine's own rationals; None where it takes more than they have."""
        sides = [side for condition in self.form.conditions for side in condition.args]
        if not all(map(_is_rational, (self.form.expression, *sides))):
            return None
        return replace(self, number=inside, outer=self)

    @cached_property
    def value(self) -> Callable[[Sequence[Any]], Any]:
        """The operator's value as SymPy has it."""
        return self._function(self.form.expression)

    @cached_property
    def derivatives(self) -> tuple[Any, ...]:
        """SymPy's derivatives by each operand, as expressions."""
        if self.outer is not None:
            return self.outer.derivatives
        return tuple(self.form.expression.diff(symbol) for symbol in self.symbols)

    @cached_property
    def partials(self) -> tuple[Any, ...]:
        """The derivatives as functions of what `prepared` gives; None where there is none, ONE for 1."""
        shared, derivatives = self._with_names
        arguments = (*self.arguments, *[symbol for symbol, _ in shared])
        return tuple(
            None
            if i in self.form.unavailable
            else ONE
            if derivative == 1
            else translate(derivative, arguments, self.number)
            for i, derivative in enumerate(derivatives)
        )

    def prepared(self, values: Sequence[Any]) -> Sequence[Any]:
        """What the partials are evaluated at: `values`, and then what several of them share.

        Each derivative of a norm of n operands has that norm in it: computed for each it would be n
        times the work.
        """
        for function in self._shared:
            values = [*values, function(values)]
        return values

    @cached_property
    def _shared(self) -> tuple[_Function, ...]:
        arguments, found = self.arguments, []
        for symbol, expression in self._with_names[0]:
            found.append(translate(expression, arguments, self.number))
            arguments = (*arguments, symbol)
        return tuple(found)

    @cached_property
    def _with_names(self) -> tuple[Sequence[tuple[Any, Any]], Sequence[Any]]:
        """Symbols for expressions that the derivatives share, and the derivatives with them in place."""
        if self.fold is not None or len(self.symbols) <= _FEW:
            return (), self.derivatives
        shared, derivatives = sp.cse(self.derivatives, sp.numbered_symbols(cls=sp.Dummy))
        return shared, derivatives

    @cached_property
    def ones(self) -> tuple[bool, ...]:
        """Whether the derivatives by the operands are 1; for a fold one answer for all of them."""
        found = [partial is ONE for partial in self.partials]
        return (all(found),) if self.fold else tuple(found)

    @cached_property
    def zeros(self) -> tuple[bool, ...]:
        """Whether the derivatives by the operands are 0; empty for a fold, none of whose are."""
        if self.fold is not None:
            return ()
        missing = self.form.unavailable
        return tuple(d == 0 and i not in missing for i, d in enumerate(self.derivatives))

    @cached_property
    def occurring(self) -> tuple[bool, ...]:
        """For each operand (the accumulator first, of a step), whether a derivative depends on it."""
        present = {symbol for derivative in self.derivatives for symbol in derivative.free_symbols}
        return tuple(symbol in present for symbol in self.symbols)

    @cached_property
    def conditions(self) -> tuple[Callable[[Sequence[Any]], Any], ...]:
        """What must hold for the form to be the operator, as functions to True or False."""
        return tuple(map(self._function, self.form.conditions))

    @cached_property
    def is_open(self) -> bool:
        """Whether the conditions hold near every point where they hold."""
        return all(
            isinstance(condition, (sp.StrictGreaterThan, sp.StrictLessThan, sp.Unequality))
            or not condition.free_symbols & set(self.symbols)
            for condition in self.form.conditions
        )

    @cached_property
    def margins(self) -> tuple[_Function, ...]:
        """For each inequality that the operands must satisfy, one side less the other."""
        return tuple(
            self._function(condition.lhs - condition.rhs)
            for condition in self.form.conditions
            if condition.free_symbols & set(self.symbols)
        )

    @cached_property
    def conditional(self) -> tuple[int, ...]:
        """The operands that the conditions are about, by position."""
        present = {
            symbol for condition in self.form.conditions for symbol in condition.free_symbols
        }
        return tuple(k for k, symbol in enumerate(self.symbols) if symbol in present)

    @property
    def is_undefined(self) -> bool:
        """Whether this only stands in the place of a rule, as `undefined` makes it."""
        return self.form.conditions == (sp.false,)

    @cached_property
    def is_rational(self) -> bool:
        """Whether the form is a rational function over the rational numbers, of all its arguments."""
        return _is_rational(self.form.expression)

    def restricted(self, values: Sequence[Any]) -> list[Any]:
        """`values` with what a condition says of an operand: 0 for x on the piece where x == 0."""
        found = list(values)
        for condition in self.form.conditions:
            if isinstance(condition, sp.Equality) and condition.lhs in self.symbols:
                equal = self._function(condition.rhs)(found)
                found[self.symbols.index(condition.lhs)] = equal
        return found

    def holds(self, values: Sequence[Any]) -> bool:
        """Whether every condition holds at `values`."""
        for condition in self.conditions:  # noqa: SIM110 - all() would make a generator for each node
            if not condition(values):
                return False
        return True

    def _function(self, expression: Any) -> Callable[[Sequence[Any]], Any]:
        return translate(expression, self.arguments, self.number)

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the functions of this rule take, as symbols."""
        return (*self.symbols, *self.numbers)

    def text(self, expression: Any, names: Sequence[str]) -> str:
        """`expression` (of this rule's symbols) with `names` in the place of the operands."""
        template = self._templates.get(expression)
        if template is None:
            # SymPy prints slowly, and the same few expressions are wanted for node after node.
            template = self._templates[expression] = _PLACE.sub(r"{\1}", relation_text(expression))
        return template.format(*names)

    @cached_property
    def _templates(self) -> dict[Any, str]:
        return {}


def _is_rational(expression: Any) -> bool:
    if expression.is_Pow:
        return bool(expression.exp.is_Integer) and _is_rational(expression.base)
    if expression.is_Add or expression.is_Mul:
        return all(_is_rational(part) for part in expression.args)
    return bool(expression.is_Symbol or expression.is_Rational)


_PLACE: Final = re.compile(r"_(\d+)_")
_RELATIONS: Final = {
    "StrictGreaterThan": ">",
    "StrictLessThan": "<",
    "GreaterThan": ">=",
    "LessThan": "<=",
    "Equality": "==",
    "Unequality": "!=",
}


def relation_text(expression: Any) -> str:
    """A relation as one writes it in Python, or any other expression as SymPy prints it."""
    relation = _RELATIONS.get(type(expression).__name__)
    if relation is None:
        return text_of(expression)
    return f"{text_of(expression.lhs)} {relation} {text_of(expression.rhs)}"


def text_of(expression: Any) -> str:
    """`expression` as SymPy prints it: numbers of more than 4,300 digits are none that Python prints."""
    try:
        return sympy_text.text(expression)
    except ValueError:
        return "an expression whose numbers are too long to print"


class Rules:
    """SymPy's form of every operator met so far; made once for a run and handed on.

    A rule is found by operator, parameters and piece, so each derivative is taken once however
    many nodes there are.
    """

    def __init__(self) -> None:
        self._rules: dict[Any, Rule] = {}

    def find(
        self,
        operator: Operator,
        parameters: tuple[Any, ...],
        piece: tuple[Piece, ...],
        count: int = 1,
    ) -> Rule:
        """The rule of `operator` with these parameters on this piece, for `count` operands."""
        key: Any = operator
        if parameters or piece:
            key = (operator, parameters, piece and (piece[0].name, piece[0].boundary))
        if operator.arity is not None:
            rule = self._rules.get(key)
            if rule is None:
                rule = self._rules[key] = _make_rule(operator, operator.arity, parameters, piece)
            return rule
        # A fold has one rule, that of its step; other operators of any number one for each number.
        rule = self._rules.get(key) or self._rules.get((key, count))
        if rule is None:
            rule = _make_rule(operator, count, parameters, piece)
            self._rules[key if rule.fold else (key, count)] = rule
        return rule


def _make_rule(
    operator: Operator, count: int, parameters: tuple[Any, ...], piece: tuple[Piece, ...]
) -> Rule:
    symbols = _symbols(count)
    places = len(piece[0].numbers) if piece else 0
    numbers = _symbols(count + places)[count:]
    symbolic_piece = [piece[0]._replace(numbers=numbers)] if piece else []
    form = operator.witness(sp, *symbols, *parameters, *symbolic_piece)
    if isinstance(form, Fold):
        symbols = _symbols(1 + form.width)
        return Rule(symbols, (), form.step(*symbols), form)
    return Rule(symbols, numbers, form)


def undefined(count: int) -> Rule:
    """In the place of the rule of an operator that is not defined at the numbers stored below it."""
    form = Form(sp.Integer(0), (sp.false,), unavailable=tuple(range(count)))
    return Rule(_symbols(count), (), form)


def _symbols(count: int) -> tuple[Any, ...]:
    return tuple(sp.Symbol(f"_{i}_", real=True) for i in range(count))


def blocks(fold: Fold, operands: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """What each step of `fold` takes besides the accumulator."""
    length = len(operands) // fold.width
    return zip(*(operands[k * length : (k + 1) * length] for k in range(fold.width)), strict=True)


def unfold(fold: Fold, per_block: Sequence[Sequence[Any]]) -> list[Any]:
    """The inverse of `blocks`: what belongs to the operands, in their order."""
    return [block[k] for k in range(fold.width) for block in per_block]


# --- exact evaluation ----------------------------------------------------------------------------

_BINARY: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "StrictGreaterThan": gt,
    "StrictLessThan": lt,
    "GreaterThan": ge,
    "LessThan": le,
    "Equality": eq,
    "Unequality": ne,
    "Mod": mod,
}


_Function: TypeAlias = Callable[[Sequence[Any]], Any]


def translate(
    expression: Any, symbols: Sequence[Any], number: Callable[[Fraction], Any] = Fraction
) -> _Function:
    """`expression` as a function of the values of `symbols`, given as one sequence.

    Expressions in field operations and in functions that `elementary.call` knows are translated, and
    relations between them; they are evaluated with the arithmetic of whatever is put in. `number` makes
    the constants in them. Raises Unsupported for anything else.

    >>> x = sp.Symbol("x")
    >>> translate(x / 2 + 1, [x])([Fraction(1, 3)])
    Fraction(7, 6)
    """
    return _Translator({symbol: i for i, symbol in enumerate(symbols)}, number).function(expression)


class _Translator:
    """Turns expressions of symbols, whose places are in `index`, into functions."""

    def __init__(self, index: Mapping[Any, int], number: Callable[[Fraction], Any]) -> None:
        self.index = index
        self.number = number

    def function(self, expression: Any) -> _Function:
        if expression in self.index:
            return itemgetter(self.index[expression])
        if expression.is_Rational:
            constant = self.number(rational(expression))
            return lambda values: constant
        if expression in (sp.true, sp.false):
            truth = bool(expression)
            return lambda values: truth
        name = type(expression).__name__
        if name in _BINARY:
            return self._combined(expression.args, _BINARY[name])
        if expression.is_Pow and expression.exp.is_Integer:
            return self._power(expression.base, int(expression.exp))
        if expression.is_Mul:
            return self._product(expression)
        if expression.is_Add:
            return self._sum(expression.args)
        function = function_of_sympy(expression)
        parts = [*map(self.function, expression.args)]
        if len(parts) == 1:
            (only,) = parts
            return lambda values: function(only(values))
        return lambda values: function(*[part(values) for part in parts])

    def _power(self, base: Any, exponent: int) -> _Function:
        below = self.function(base)
        if exponent == -1:
            return lambda values: below(values) ** -1
        return lambda values: power(below(values), exponent)

    def _product(self, expression: Any) -> _Function:
        """A product as one quotient: multiplying by powers of -1 would cost a gcd more for each."""
        top, bottom = expression.as_numer_denom()
        if bottom != 1 and not bottom.is_Rational:
            return self._combined((top, bottom), truediv)
        factors = list(expression.args)
        if factors[0] != -1:
            return self._combined(factors, mul)
        positive = self._combined(factors[1:], mul)
        return lambda values: -positive(values)

    def _sum(self, terms: Sequence[Any]) -> _Function:
        if len(terms) == 2:
            for one, other in (terms, terms[::-1]):
                if -other in self.index:
                    return self._combined((one, -other), sub)
        return self._combined(terms, add)

    def _combined(self, parts: Sequence[Any], combine: Callable[[Any, Any], Any]) -> _Function:
        """The sum or product of the parts, from the left."""
        if len(parts) == 2 and parts[0] in self.index:
            # Most operators and conditions are this and no more: two calls for each node less.
            i, other = self.index[parts[0]], parts[1]
            if other in self.index:
                j = self.index[other]
                return lambda values: combine(values[i], values[j])
            if other.is_Rational:
                constant = self.number(rational(other))
                return lambda values: combine(values[i], constant)
        first, *rest = map(self.function, parts)
        if not rest:
            return first
        if len(rest) == 1:
            (second,) = rest
            return lambda values: combine(first(values), second(values))
        return lambda values: reduce(combine, [part(values) for part in (first, *rest)])


def rational(expression: Any) -> Fraction:
    """A SymPy Rational as a Fraction."""
    return Fraction(int(expression.p), int(expression.q))
