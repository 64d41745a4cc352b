"""Where a verdict on two programs holds, in terms of their arguments: the path that each of them took.

A path is every comparison that a program made, with its outcome, and every condition that SymPy puts on
the operators in its graph: a denominator that is not 0, the piece of a piecewise operator.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import sympy as sp

from minigrad.closed import Closed
from minigrad.closed_text import written
from minigrad.graph import topological_order
from minigrad.number_text import short_text
from minigrad.rational import Field, OutOfBudget
from minigrad.records import Comparison
from minigrad.scalar import Scalar
from minigrad.signatures import signature
from minigrad.verify.claims import Sample
from minigrad.verify.decide import sign_texts
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules, Unsupported, relation_text

__all__ = ["comparison_text", "key", "path"]

_WORK: Final = 20_000
_LONGEST: Final = 8
"""Terms of a side of a comparison that are spelt out; else the line of the program is given."""
_WRITTEN: Final = 200
"""The same, with what is inside logarithms, roots and the like counted wherever it occurs."""
_MOST: Final = 60
"""Conditions of one program that are spelt out; the others are counted."""
_LOOKED_AT: Final = 150
"""Comparisons, and conditions of operators, that are looked at: many hold everywhere, as x**2 + 1 > 0."""

_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_RELATIONS: Final = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}


def key(sample: Sample) -> tuple[Any, ...]:
    """What tells the paths of samples of one formula apart: the comparisons, and what came of them."""
    found: list[Any] = []
    for run, outputs, leaves in sample.programs:
        found += [(c.place, c.relation, c.holds) for c in run.trace.comparisons]
        # |x| > 3 is x > 3 on one piece of |x|, and x < -3 on the other.
        asked = [*_sides(run.trace.comparisons), *run.trace.only_entered(outputs)]
        found.append(signature(asked, leaves, sample.idle))
    return tuple(found)


def path(
    sample: Sample,
    theirs: Program,
    ours: Program | None,
    rules: Rules,
    assumed: Iterable[tuple[Any, int]] = (),
) -> list[str]:
    """What holds on the path of both programs, each once; nothing that holds everywhere.

    `assumed` are formulas in the arguments, with the signs that the proof supposes.
    """
    entered = sample.function.trace.only_entered(sample.outputs)
    of_program = partial(_of_program, rules=rules, idle=sample.idle)
    pinned, texts, more = of_program(
        sample.function.trace.comparisons, entered, theirs, sample.leaves
    )
    if ours is not None and sample.derivative is not None:
        trace = sample.derivative.trace
        entered = trace.only_entered(sample.given)
        held, own, others = of_program(trace.comparisons, entered, ours, sample.own_leaves)
        pinned = [a or b for a, b in zip(pinned, held, strict=True)]
        texts, more = texts + own, more + others
    symbols = [sp.Symbol(label, real=True) for label in sample.labels]
    pairs = zip(sample.labels, sample.values, pinned, strict=True)
    numbers = [f"{label} == {short_text(value)}" for label, value, is_held in pairs if is_held]
    rest = [f"{more} more condition{'s' * (more > 1)}"] * bool(more)
    return list(dict.fromkeys([*numbers, *texts, *sign_texts(assumed, symbols), *rest]))


def comparison_text(comparison: Comparison, leaves: Sequence[Scalar], rules: Rules) -> str:
    """A comparison as the program made it, whatever came of it."""
    if any(
        node.operator and node.operator.branch for node in topological_order(_sides([comparison]))
    ):
        return str(comparison)  # in formulas it would be that of one piece
    words = _Words([comparison.left, comparison.right], leaves, rules)
    left, right = words.of(comparison.left), words.of(comparison.right)
    if left is None or right is None:
        return str(comparison)
    return relation_text(_RELATIONS[comparison.relation](left, right, evaluate=False))


def _of_program(
    comparisons: Iterable[Comparison],
    entered: Iterable[Scalar],
    program: Program,
    leaves: Sequence[Scalar],
    rules: Rules,
    idle: Container[int],
) -> tuple[list[bool], list[str], int]:
    """Which leaves keep their numbers, as exponents do; what holds on the path of one program, in words;
    and how many conditions are not among these.
    """
    chosen = list({(c.left, c.right, c.relation, c.holds): c for c in comparisons}.values())
    compared = Program([*_sides(chosen), *entered], leaves, rules)
    pinned = [a or b for a, b in zip(program.exponents, compared.exponents, strict=True)]
    conditional = {
        part.graph.nodes[i]: (part, i)
        for part in (compared, program)
        for i, rule in enumerate(part.chain.rules)
        if rule is not None and rule.form.conditions and id(part.graph.nodes[i]) not in idle
    }
    asked = list(conditional.values())
    more = len(chosen[_LOOKED_AT:]) + len(asked[_LOOKED_AT:])
    chosen, asked = chosen[:_LOOKED_AT], asked[:_LOOKED_AT]
    operands = [part.graph.nodes[o] for part, i in asked for o in part.graph.operands[i]]
    words = _Words([*_sides(chosen), *operands], leaves, rules)
    found = [_spelt(comparison, words) for comparison in chosen]
    for part, i in asked:
        found += _conditions(part, i, words)
    texts = [text for text in dict.fromkeys(found) if text]
    return pinned, texts[:_MOST], more + len(texts[_MOST:])


def _sides(comparisons: Iterable[Comparison]) -> list[Scalar]:
    return [side for comparison in comparisons for side in (comparison.left, comparison.right)]


def _spelt(comparison: Comparison, words: _Words) -> str:
    """The comparison, negated where it did not hold; empty where it holds for all arguments."""
    relation = comparison.relation if comparison.holds else _NEGATED[comparison.relation]
    left, right = words.of(comparison.left), words.of(comparison.right)
    if left is None or right is None:
        outcome = "" if comparison.holds else "not "
        return f"{outcome}{comparison} ({comparison.place}: {comparison.place.source})"
    found = _RELATIONS[relation](left, right)
    return "" if found in (sp.true, sp.false) else relation_text(found)


def _conditions(program: Program, i: int, words: _Words) -> Iterator[str]:
    rule, graph = program.chain.rules[i], program.graph
    assert rule is not None
    operands = [words.of(graph.nodes[o]) for o in graph.operands[i]]
    piece = program.chain.pieces[i]
    numbers = [sp.Rational(n.numerator, n.denominator) for n in piece[0].numbers] if piece else []
    if rule.fold is not None:
        return
    for condition in rule.form.conditions:
        if isinstance(condition, sp.Equality):
            continue  # that an exponent has its value, which is said of the arguments
        if words.holds_everywhere(
            condition, rule.symbols, [graph.nodes[o] for o in graph.operands[i]]
        ):
            continue
        if any(
            o is None and s in condition.free_symbols
            for o, s in zip(operands, rule.symbols, strict=True)
        ):
            node = graph.nodes[i]
            assert node.operator is not None
            yield f"the piece or domain of {node.operator.name} node {graph.names[i]}"
            continue
        pairs = zip(rule.arguments, [*operands, *numbers], strict=True)
        found = condition.subs({symbol: value for symbol, value in pairs if value is not None})
        if isinstance(found, sp.Unequality) and found.rhs == 0 and found.lhs.is_Pow:
            found = sp.Ne(found.lhs.base, 0)
        if found not in (sp.true, sp.false):
            yield relation_text(found)


class _Words:
    """Nodes as SymPy expressions in the arguments, where these are short."""

    def __init__(self, nodes: Sequence[Scalar], leaves: Sequence[Scalar], rules: Rules) -> None:
        self._symbols = [sp.Symbol(leaf.label, real=True) for leaf in leaves]
        self._expressions: dict[Scalar, Any] = {}
        self._positive: set[Scalar] = set()
        distinct = list(dict.fromkeys(nodes))
        if not distinct:
            return
        field = Field(len(leaves), _WORK, point=[leaf._datum for leaf in leaves])
        program = Program(distinct, leaves, rules)
        for k, node in enumerate(distinct):
            try:
                value = program.result(k, field.generators)
            except (OutOfBudget, Unsupported, ArithmeticError, TypeError):
                continue
            element = field.element(value)
            if isinstance(element, Closed) and element.is_positive:
                self._positive.add(node)
            if (
                element is not None
                and element.size <= _LONGEST
                and written(element, _WRITTEN) <= _WRITTEN
            ):
                self._expressions[node] = element.expression(self._symbols)

    def holds_everywhere(
        self, condition: Any, symbols: Sequence[Any], operands: Sequence[Scalar]
    ) -> bool:
        """Whether a condition says of one operand that it is not 0, or above 0, and it is a sum of
        exponentials.
        """
        if condition in (sp.true, sp.false):
            return bool(condition)
        if condition.rhs != 0 or condition.lhs not in symbols:
            return False
        above = isinstance(condition, (sp.Unequality, sp.StrictGreaterThan))
        return above and operands[symbols.index(condition.lhs)] in self._positive

    def of(self, node: Scalar) -> Any:
        """The expression of `node`; None where it is long."""
        return self._expressions.get(node)
