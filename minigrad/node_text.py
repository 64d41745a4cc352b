"""Nodes in words: as Python prints them, and as messages name them.

>>> from minigrad import Scalar
>>> page(Scalar(3, "x") * 2).splitlines()
['·: data 6, grad 0  = mul (*)', '  x: data 3, grad 0', '  ·: data 2, grad none']
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from minigrad import number_text
from minigrad.entries import Operator
from minigrad.number import UNAVAILABLE, ZERO

__all__ = ["described", "name", "operation", "page", "short"]

_SHOWN = 8
"""Operands that are written out."""


def name(node: Any) -> str:
    """How an error message names a node: by its label, else by its value."""
    return repr(node.label) if node.label else number_text.short_text(node._datum)


def described(node: Any) -> str:
    """A node on one line: the expression that makes a leaf, or value and operator."""
    label = f", label={node.label!r}" if node.label else ""
    kind = "Scalar.constant" if node.is_constant else "Scalar"
    value = number_text.short_text(node._datum)
    if node.operator is None:
        return f"{kind}('{value}'{label})"
    return f"<{kind} {value}{label}, operator={node.operator.name!r}>"


def page(node: Any) -> str:
    """A node with its operands, a line each: label, value and gradient."""
    lines = [_line(node)]
    if node.operator is not None:
        with_parameters = "".join(f" {short(parameter)}" for parameter in node.parameters)
        lines[0] += f"  = {node.operator.name} ({node.operator.symbol}){with_parameters}"
        shown = node.operands[:_SHOWN]
        lines += [f"  {_line(operand)}" for operand in shown]
        if len(node.operands) > len(shown):
            lines.append(f"  … and {len(node.operands) - len(shown):,} more operands")
    return "\n".join(lines)


def operation(operator: Operator, operands: Sequence[Any], parameters: tuple[Any, ...]) -> str:
    """An operation as an error message shows it, for instance `div(a = 1, 0)`."""
    shown = [
        f"{operand.label} = {number_text.short_text(operand._datum)}"
        if operand.label
        else name(operand)
        for operand in operands[:_SHOWN]
    ]
    if len(operands) > len(shown):
        shown.append(f"… {len(operands):,} operands")
    shown += [
        f"{parameter.name} = {short(value)}"
        for parameter, value in zip(operator.parameters, parameters, strict=True)
    ]
    return f"{operator.name}({', '.join(shown)})"


def short(value: int) -> str:
    """A parameter or a size, which may have more digits than `str` accepts."""
    return str(value) if isinstance(value, bool) else number_text.short_text(Fraction(value))


def _line(node: Any) -> str:
    grad = "none" if node.is_constant else _gradient(node)
    return f"{node.label or '·'}: data {number_text.short_text(node._datum)}, grad {grad}"


def _gradient(node: Any) -> str:
    if node._grad is UNAVAILABLE:
        return "unavailable"
    return number_text.short_text(ZERO if node._grad is None else node._grad)
