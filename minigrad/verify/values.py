"""The check of values: SymPy's value of every node, up from the leaves, is the one that is stored.

The engine says which piece of an operator it took. SymPy's own conditions must hold on that piece,
and for an inner piece strictly, so that a boundary cannot be passed off as an inner point. A value
that is wrong is blamed on the first cause there is: a wrong value below, the operator's forward rule,
or, where both are right, the number that was stored.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any, Final

import sympy as sp

from minigrad.backing import Rational, inside, outside
from minigrad.elementary import in_sympy
from minigrad.errors import NotDecided
from minigrad.infinitesimal import Germ
from minigrad.near import identity
from minigrad.number import bits
from minigrad.number_text import short_text
from minigrad.operators import Piece
from minigrad.verify.solver import (
    Chain,
    Fault,
    Published,
    Suspects,
    blame_of,
    condition_texts,
    evaluated,
    piece_name,
    value_at,
)
from minigrad.verify.symbolic import Rule, Rules, undefined

__all__ = ["check_digits", "solve_values"]

_LOOKED_AT: Final = 300
"""Nodes of one graph whose digits are compared."""
_LONG: Final = 4_000
"""Bits of a closed form beyond which its digits are not asked for."""
_DIGITS: Final = 25
_MOST_DIGITS: Final = 1_600
"""Digits up to which more are asked for where they do not agree yet: enough for any number of `_LONG`."""


def solve_values(chain: Chain, rules: Rules, suspects: Suspects) -> None:
    """SymPy's value of every node, up from the leaves, compared with the one stored."""
    values: list[Any] = []
    shared: dict[Any, tuple[Any, bool]] = {}
    chain.values = Published(values)
    all_rules, all_pieces = chain.rules, chain.pieces
    are_rational = True
    for i, (node, operands) in enumerate(zip(chain.graph.nodes, chain.graph.operands, strict=True)):
        operator, stored = node.operator, node._number
        if operator is None:
            values.append(stored)
            are_rational = are_rational and type(stored) is Rational
            all_rules.append(None)
            all_pieces.append(())
            continue
        piece: tuple[Piece, ...] = ()
        try:
            if operator.branch is not None:
                numbers = operator.numbers([operand._number for operand in node.operands])
                piece = operator.piece(numbers, node.parameters)
            rule = rules.find(operator, node.parameters, piece, len(operands))
        except ArithmeticError:
            rule = undefined(len(operands))
        all_rules.append(rule)
        all_pieces.append(piece)
        at = [values[o] for o in operands]
        if piece:
            at += map(inside, piece[0].numbers)
        try:
            if isinstance(stored, Germ):
                # As the engine has it: what is computed alike of the same series is one.
                alike = (rule, *map(identity, at))
                if alike not in shared:
                    shared[alike] = evaluated(rule, at)
                value, holds = shared[alike]
            else:
                value, holds = evaluated(rule, at, are_rational=are_rational and not piece)
        except ZeroDivisionError:
            value, holds = stored, False
        agree = type(value) is type(stored) is Rational and value == stored
        # Of two equal numbers one is enough to keep.
        values.append(stored if agree else value)
        are_rational = are_rational and agree
        if not holds or (piece and piece[0].boundary != rule.form.boundary):
            suspects.branches[i] = _branch_fault(chain, i, rule, piece, suspects)
        elif not agree and not _agree(chain, outside(value), node._datum):
            suspects.values[i] = _value_fault(chain, i, rule, outside(value), suspects)


def check_digits(chain: Chain, suspects: Suspects) -> None:
    """Compare values in closed form with the digits that SymPy's evaluation (by mpmath) gives.

    Both sides compute closed forms by the same functions, so an error in those would go unseen; digits
    come from another library altogether. They refute and prove nothing. The first nodes are enough.
    """
    looked = 0
    for i, (node, rule) in enumerate(zip(chain.graph.nodes, chain.rules, strict=True)):
        if rule is None or node.operator is None or node.operator.is_rational or rule.is_undefined:
            continue
        looked += 1
        if looked > _LOOKED_AT:
            return
        at = [chain.values[o] for o in chain.graph.operands[i]]
        if any(bits(value) > _LONG for value in (*at, chain.values[i])):
            continue
        pairs = zip(rule.symbols, map(in_sympy, at), strict=True)
        digits = _digits_against(chain.values[i], rule.form.expression.xreplace(dict(pairs)))
        if digits is not None:
            name = chain.graph.names[i]
            message = f"{name} is {short_text(chain.values[i])}; evaluated by SymPy it is {digits}"
            suspects.values.setdefault(i, Fault(blame_of(node.operator), message))


def _digits_against(value: Any, expression: Any) -> Any:
    """Digits of `expression` that are not those of `value`; None where there are none to be believed.

    SymPy rounds the argument of gamma, and next to a pole what is rounded off is what counts. Digits
    that twice as many digits do not confirm say nothing: two roundings that leave the same argument
    leave it as far from the pole.
    """
    bounds = (value, value) if isinstance(value, Fraction) else value.bounds(4 * _DIGITS)
    count, before = _DIGITS, None
    while bounds is not None and count <= _MOST_DIGITS:
        number = _evaluated(expression, count)
        if number is not None and _is_near(bounds, number):
            return None
        if number is not None and before is not None and _is_near((before, before), number):
            return sp.N(sp.Rational(number.numerator, number.denominator), _DIGITS)
        count, before = 2 * count, number
    return None


def _evaluated(expression: Any, count: int) -> Fraction | None:
    """SymPy's value from `count` digits; None where that is a pole, or too large or small to tell."""
    try:
        digits = sp.N(expression, count)
    except (ValueError, ArithmeticError):
        return None  # as mpmath says of the pole that an argument was rounded to
    if not (digits.is_Float and digits.is_finite):
        return None
    sign, mantissa, exponent, _ = digits._mpf_
    # The mantissa may have as many bits as were asked for.
    if abs(exponent) > _LONG + 4 * count:
        return None
    size: Fraction = int(mantissa) * Fraction(2) ** exponent
    return -size if sign else size


def _is_near(bounds: tuple[Fraction, Fraction], number: Fraction) -> bool:
    low, high = bounds
    slack = max(abs(number), abs(low)) * Fraction(1, 10 ** (_DIGITS - 5)) + Fraction(1, 10**_DIGITS)
    return bool(low - slack <= number <= high + slack)


def _agree(chain: Chain, value: Any, stored: Any) -> bool:
    """Whether two values are equal: of power series, as far as both are known.

    Where that is not decided nothing that follows from them is proved.
    """
    for one, other in ((value, stored), (stored, value)):
        if isinstance(one, Germ):
            return one.agrees(other)
    try:
        return bool(value == stored)
    except NotDecided as reason:
        chain.void = chain.void or str(reason)
        return True


def _branch_fault(
    chain: Chain, i: int, rule: Rule, piece: tuple[Piece, ...], suspects: Suspects
) -> Fault:
    node = chain.graph.nodes[i]
    assert node.operator is not None
    for o in chain.graph.operands[i]:
        if o in suspects.values:
            what = f"{node.operator.name} took its piece by a wrong value"
            return suspects.values[o].leads_to(what)
    conditions = " and ".join(condition_texts(chain, i, rule))
    at = [operand._datum for operand in node.operands]
    broken = [d.says for d in node.operator.domain if not d.holds(*at, *node.parameters)]
    if broken:
        name = chain.graph.names[i]
        message = f"{node.operator.name} of {name}: {broken[0]} (was a leaf set after {name}?)"
        return Fault(f"node {name}", message)
    if not piece:
        return Fault(
            blame_of(node.operator), f"{node.operator.name} needs {conditions}: not so here"
        )
    boundary = ", as a boundary," if piece[0].boundary else ""
    return Fault(
        blame_of(node.operator),
        f"{node.operator.name} took the piece {piece_name(piece[0])!r}{boundary} which needs "
        f"{conditions}: "
        "not so here",
    )


def _value_fault(chain: Chain, i: int, rule: Rule, value: Any, suspects: Suspects) -> Fault:
    """Blame a wrong value on an operand's, on the operator's forward rule, or on the stored number."""
    node, name = chain.graph.nodes[i], chain.graph.names[i]
    operator = node.operator
    assert operator is not None
    at = [operand._datum for operand in node.operands]
    forward = local = None
    # A stored number may be wrong in such a way that nothing is defined there.
    with suppress(ArithmeticError):
        forward = operator.forward(*at, *node.parameters, *operator.piece(at, node.parameters))
    with suppress(ArithmeticError):
        full = [*at, *(chain.pieces[i] and chain.pieces[i][0].numbers)]
        local = value_at(rule, full)
    difference = short_text(node._datum - value)
    above = {**suspects.values, **suspects.branches}
    inherited = next((above[o] for o in chain.graph.operands[i] if o in above), None)
    if local == node._datum and inherited is not None:
        return inherited.leads_to("its value follows from a wrong one", difference, value)
    gives = f"is {short_text(node._datum)}; SymPy has {short_text(value)}"
    if forward == node._datum:
        message = f"{operator.name} computes a wrong value: {name} {gives}"
        return Fault(blame_of(operator), message, difference, value)
    message = f"the value stored on {name} {gives} (was a leaf set after the graph was built?)"
    return Fault(f"node {name}", message, difference, value)
