"""The reverse sweep: the derivative of a root with respect to every node of its graph.

One generic pass (Andreas Griewank and Andrea Walther, Evaluating Derivatives, 2nd ed., section 3.2)
over the nodes in reverse topological order, linear in the edges. It knows no operator: what an edge
carries is its partial derivative, whatever kind of number that is. On numbers the sweep gives
gradients; on rational functions, formulas; on opaque tokens it shows its own structure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar

from minigrad.backing import Rational, add, multiply, outside
from minigrad.errors import NoDerivative
from minigrad.garbage import Uncollected
from minigrad.graph import Node, topological_order
from minigrad.number import MINUS_ONE, ONE, UNAVAILABLE, ZERO, dot, total
from minigrad.number_text import short_text
from minigrad.operators import Operator

__all__ = ["Differentiable", "adjoints", "partials"]


_FEW_FACTORS: Final = 9
"""Factors up to which products are added up one by one; more of them with few common divisors."""


class Differentiable(Node, Protocol):
    """What the sweep needs of a node."""

    @property
    def operator(self) -> Operator | None:
        """The operator that computed it; None for a leaf."""
        ...

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The operator's parameters."""
        ...

    @property
    def _number(self) -> Any:
        """The value, as the engine holds it."""
        ...

    @property
    def _is_constant(self) -> bool:
        """Whether it is a leaf by which nothing is differentiated."""
        ...


D = TypeVar("D", bound=Differentiable)


def partials(node: Differentiable) -> Sequence[Any]:
    """The partial derivatives of `node` by each operand position, at the values in the graph."""
    operator = node.operator
    if operator is None:
        return ()
    result, operands, parameters = node._number, node.operands, node.parameters
    try:
        if operator.is_plain:
            # What follows says the same of all operators, and takes three times as long.
            branch = operator.branch
            x = operands[0]._number
            if len(operands) == 2:
                y = operands[1]._number
                if type(x) is type(y) is type(result):
                    if branch is None:
                        return operator.partials(result, x, y)
                    return operator.partials(result, x, y, branch(x, y))
            elif type(x) is type(result):
                if parameters:
                    return operator.partials(result, x, parameters[0])
                if branch is None:
                    return operator.partials(result, x)
                return operator.partials(result, x, branch(x))
        arguments = *operator.numbers([result, *[o._number for o in operands]]), *parameters
        if operator.branch is None:
            return operator.partials(*arguments)
        return operator.partials(*arguments, operator.branch(*arguments[1:]))
    except NoDerivative as error:
        at = ", ".join(
            f"{getattr(o, 'label', '') or 'operand'} = {short_text(outside(o._number))}"
            for o in operands
        )
        raise NoDerivative(f"{error}: at {at}") from None


def adjoints(
    root: D,
    seed: Any = ONE,
    partials: Callable[[D], Sequence[Any]] = partials,
    order: Sequence[D] | None = None,
) -> dict[D, Any]:
    """`seed` times the derivative of `root` by each node that it reaches, constants left out.

    `partials(node)` gives what the edges of a node carry; `order` is `topological_order([root])`,
    where the caller has it already, or a part of it: the sweep stops at nodes that are left out.

    >>> from minigrad import Scalar
    >>> from minigrad.backing import outside
    >>> x = Scalar(3)
    >>> outside(adjoints(x * x)[x])
    Fraction(6, 1)
    """
    adjoint: dict[D, Any] = {} if root._is_constant else {root: seed}
    with Uncollected():
        _hand_down(adjoint, topological_order([root]) if order is None else order, partials)
    if order is not None:
        # The nodes where it stops.
        adjoint |= {n: _sum_of_products(a) for n, a in adjoint.items() if type(a) is list}
    return adjoint


def _hand_down(
    adjoint: dict[D, Any], order: Sequence[D], partials: Callable[[D], Sequence[Any]]
) -> None:
    """Complete the adjoints, of which that of the root is there, from the end of `order` on."""
    # An adjoint of several parts is a list of factors for as long as it grows. They are not multiplied
    # before all are there: each product would be reduced for itself, and then the sum once more.
    known_of = adjoint.get
    for node in reversed(order):
        upstream = known_of(node)
        if upstream is None:
            continue
        if type(upstream) is list:
            adjoint[node] = upstream = _sum_of_products(upstream)
        operands = node.operands
        if not operands:
            continue
        carried = partials(node) if upstream is not ZERO else _of_nothing(node, partials)
        # Not by a strict zip, which takes longer than the rest of the loop.
        if len(carried) != len(operands):
            raise ValueError(
                f"{node.operator!r}: expected a partial derivative for each of {len(operands)} "
                f"operands; got {len(carried)}"
            )
        for k, operand in enumerate(operands):
            if operand._is_constant:
                continue
            partial = carried[k]
            known = known_of(operand)
            if partial is ZERO and upstream is not UNAVAILABLE:
                adjoint[operand] = ZERO if known is None else known
            elif known is None or known is ZERO:
                if partial is ONE:
                    adjoint[operand] = upstream
                else:
                    both = type(partial) is Rational is type(upstream)
                    adjoint[operand] = upstream * partial if both else _product(upstream, partial)
            elif type(known) is list:
                known += upstream, partial
            else:
                adjoint[operand] = [known, upstream, partial]


def _of_nothing(node: D, partials: Callable[[D], Sequence[Any]]) -> Sequence[Any]:
    """What the edges of a node carry whose adjoint is ZERO: that, unless there may be no derivative."""
    operator = node.operator
    if operator is not None and operator.is_field:
        return [ZERO] * len(node.operands)
    return partials(node)


def _sum_of_products(factors: list[Any]) -> Any:
    """The first of the factors, plus the second times the third, the fourth times the fifth, …."""
    found = factors[0]
    if len(factors) <= _FEW_FACTORS:
        for k in range(1, len(factors), 2):
            upstream, partial = factors[k], factors[k + 1]
            if type(upstream) is Rational is type(partial):
                part = upstream * partial
            else:
                part = _product(upstream, partial)
            found = found + part if type(found) is Rational is type(part) else add(found, part)
        return found
    summands, upstreams, partials = [found], [], []
    for upstream, partial in zip(factors[1::2], factors[2::2], strict=True):
        if partial is ONE or upstream is ONE:
            summands.append(_product(upstream, partial))
        else:
            upstreams.append(upstream)
            partials.append(partial)
    found = total(summands)
    return add(found, dot(upstreams, partials)) if partials else found


def _product(upstream: Any, partial: Any) -> Any:
    # A sum's partials are ONE, and so is what is above the root: to multiply costs as much as the sum.
    if partial is ONE:
        return upstream
    if upstream is ONE:
        return partial
    if upstream is ZERO and partial is not UNAVAILABLE:
        return ZERO
    return -upstream if partial is MINUS_ONE else multiply(upstream, partial)
