"""The value of an operation: within the operator's domain, within the limits, and up to date.

A value is computed once, when its node is made. `fresh_order` finds graphs whose leaves were set since.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad import number, number_text
from minigrad.backing import Rational, inside, is_over
from minigrad.entries import Domain
from minigrad.errors import MinigradError, StaleGraph, TooLarge
from minigrad.graph import topological_order
from minigrad.node_text import name, operation, short
from minigrad.number import MAX_BITS, REMEDY
from minigrad.operators import Operator
from minigrad.reading import is_running

__all__ = ["fresh_order", "outside", "value_of"]

_RATIOS: Final = {Fraction, Rational}


def value_of(
    operator: Operator,
    operands: Sequence[Any],
    parameters: tuple[Any, ...],
    max_bits: int = MAX_BITS,
    data: Any = None,
) -> Any:
    """The value of an operator on nodes, as the engine holds it; or `data`, if that is given, as it is.

    Raises the error of the operator's domain outside it, and TooLarge for a result of more than
    `max_bits` bits: before it is computed where it could outgrow its operands.
    """
    given = [operand._number for operand in operands]
    values = operator.numbers(given)
    arguments = (*values, *parameters)
    for domain in operator.domain:
        if not domain.holds(*arguments):
            raise outside(domain, operator, operands, parameters)
    size = 0
    # What is handed on as it is consists of Rationals.
    if operator.size is not None and (values is given or set(map(type, values)) <= _RATIOS):
        size = operator.size(max_bits, *arguments)
    if data is not None:
        data = inside(data)
    elif size <= max_bits:
        if operator.branch is not None:
            arguments = (*arguments, operator.branch(*arguments))
        data = operator.forward(*arguments)
        if type(data) is not Rational:
            data = inside(data)
        size = number.bits(data) if type(data) is not Rational or is_over(data, max_bits) else 0
    if size > max_bits:
        raise TooLarge(
            f"{operation(operator, operands, parameters)}: a result of at least {short(size)} bits "
            f"is over the limit of {max_bits:,}; {REMEDY}"
        )
    return data


def outside(
    domain: Domain, operator: Operator, operands: Sequence[Any], parameters: tuple[Any, ...]
) -> MinigradError:
    """The error for operands outside the domain of their operator."""
    error = domain.error(f"{operation(operator, operands, parameters)}: {domain.says}")
    if is_running():
        # For who runs the program: elsewhere an error would keep the graph.
        error.operation = (operator, operands, parameters)
    return error


def fresh_order(root: Any) -> list[Any]:
    """The graph in topological order; StaleGraph if a leaf was given a value that its users lack.

    Only users of leaves that were ever set are computed again, so other graphs pay nothing.
    """
    order = topological_order([root])
    edited = {node for node in order if node._edited}
    if not edited:
        return order
    for node in order:
        stale = [operand for operand in node.operands if operand in edited]
        if stale and not _is_up_to_date(node):
            now = number_text.short_text(stale[0]._datum)
            raise StaleGraph(
                f"the value of {name(stale[0])} was set to {now} after "
                f"{node!r} was computed from it: build the graph again"
            )
    return order


def _is_up_to_date(node: Any) -> bool:
    """Whether a node has the value of its operands' present ones; not outside the operator's domain."""
    limit = max(MAX_BITS, number.bits(node._datum))
    try:
        value = value_of(node.operator, node.operands, node.parameters, limit)
    except (ArithmeticError, ValueError):
        return False
    return bool(value == node._number)
