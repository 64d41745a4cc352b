"""The reverse sweep: the derivative of a root with respect to every node of its graph.

One generic pass (Andreas Griewank and Andrea Walther, Evaluating Derivatives, 2nd ed., section 3.2)
over the nodes in reverse topological order, linear in the edges. It knows no operator: what an edge
carries is its partial derivative, whatever kind of number that is. On Fractions the sweep gives
gradients; on rational functions, formulas; on opaque tokens it shows its own structure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from minigrad.errors import NoDerivative
from minigrad.graph import Node, topological_order
from minigrad.number import ONE, short_text
from minigrad.operators import Operator

__all__ = ["Differentiable", "adjoints", "partials"]


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
    def _data(self) -> Any:
        """The value."""
        ...

    @property
    def is_constant(self) -> bool:
        """Whether it is a leaf by which nothing is differentiated."""
        ...


D = TypeVar("D", bound=Differentiable)


def partials(node: Differentiable) -> Sequence[Any]:
    """The partial derivatives of `node` by each operand position, at the values in the graph."""
    operator = node.operator
    if operator is None:
        return ()
    values = [operand._data for operand in node.operands]
    piece = operator.piece(values, node.parameters)
    try:
        return operator.partials(node._data, *values, *node.parameters, *piece)
    except NoDerivative as error:
        at = ", ".join(
            f"{getattr(o, 'label', '') or 'operand'} = {short_text(value)}"
            for o, value in zip(node.operands, values, strict=True)
        )
        raise NoDerivative(f"{error}: at {at}") from None


def adjoints(
    root: D,
    seed: Any = ONE,
    partials: Callable[[D], Iterable[Any]] = partials,
    order: Sequence[D] | None = None,
) -> dict[D, Any]:
    """`seed` times the derivative of `root` by each node that it reaches, constants left out.

    `partials(node)` gives what the edges of a node carry; `order` is `topological_order([root])`,
    where the caller has it already.

    >>> from minigrad import Scalar
    >>> x = Scalar(3)
    >>> adjoints(x * x)[x]
    Fraction(6, 1)
    """
    adjoint: dict[D, Any] = {} if root.is_constant else {root: seed}
    for node in reversed(topological_order([root]) if order is None else order):
        if not node.operands:
            continue
        upstream = adjoint[node]
        for operand, partial in zip(node.operands, partials(node), strict=True):
            if operand.is_constant:
                continue
            # A sum's partials are the object ONE: multiplying by it would cost as much as the sum.
            term = upstream if partial is ONE else upstream * partial
            adjoint[operand] = adjoint[operand] + term if operand in adjoint else term
    return adjoint
