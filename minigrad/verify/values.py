"""The check of values: SymPy's value of every node, up from the leaves, is the one that is stored.

The engine says which piece of an operator it took. SymPy's own conditions must hold on that piece,
and for an inner piece strictly, so that a boundary cannot be passed off as an inner point. A value
that is wrong is blamed on the first cause there is: a wrong value below, the operator's forward rule,
or, where both are right, the number that was stored.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from minigrad.number import short_text
from minigrad.operators import Piece
from minigrad.verify.solver import (
    Chain,
    Fault,
    Suspects,
    blame_of,
    condition_texts,
    fold_value,
    piece_name,
)
from minigrad.verify.symbolic import Rule, Rules, undefined

__all__ = ["solve_values"]


def solve_values(chain: Chain, rules: Rules, suspects: Suspects) -> None:
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
        return Fault(blame_of(operator), message, difference, value)
    message = f"the value stored on {name} {gives} (was a leaf set after the graph was built?)"
    return Fault(f"node {name}", message, difference, value)
