"""Chain proofs of small graphs, as several tests make them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from minigrad import Scalar
from minigrad.verify.chain import prove
from minigrad.verify.solver import Chain
from minigrad.verify.symbolic import Graph, Rules


def proof(root: Scalar, seed: object = 1, **options: Any) -> Chain:
    return prove(Graph(root), Rules(), Fraction(str(seed)), **options)


def by_name(found: Chain, what: Any) -> dict[str, Any]:
    """Something that is listed by position, by the names of the nodes."""
    names = found.graph.names
    items = what.items() if isinstance(what, dict) else enumerate(what)
    return {names[i]: x for i, x in items if not found.graph.nodes[i].is_constant}


def labelled(label: str, node: Scalar) -> Scalar:
    node.label = label
    return node


def vector(*values: object, label: str = "x") -> list[Scalar]:
    return [Scalar(value, f"{label}{i}") for i, value in enumerate(values, start=1)]


def two() -> tuple[Scalar, Scalar]:
    return Scalar(3, "x"), Scalar(2, "y")


def wide(count: int = 3) -> Scalar:
    """Too large for the small limits, and soon decided elsewhere."""
    x, y = Scalar(2, "x"), Scalar(3, "y")
    node = x
    for _ in range(count):
        node = node * node + y
    return labelled("r", node)
