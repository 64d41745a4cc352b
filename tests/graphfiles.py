"""Graphs and the files they are written to."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from shapes import shapes

from minigrad import Scalar, apply, where
from minigrad.graph import topological_order
from minigrad.graphfile import VERSION
from minigrad.operators import OPERATORS


def graph(*nodes: Any, **more: Any) -> str:
    return json.dumps({"minigrad": VERSION, "nodes": nodes, **more})


def node(operator: str, *operands: Any, **more: Any) -> dict[str, Any]:
    return {"operator": operator, "operands": operands, **more}


def described(root: Scalar) -> list[tuple[Any, ...]]:
    """Everything about a graph that a graph file keeps."""
    order = topological_order([root])
    position = {node: i for i, node in enumerate(order)}
    return [
        (
            *(node.operator, node.parameters, node.label, node.is_constant),
            *(node.data, node._grad, [position[operand] for operand in node.operands]),
        )
        for node in order
    ]


@st.composite
def graphs(draw: st.DrawFn) -> Scalar:
    """A graph of sums, products and the like over any shape, with labels and some gradients."""
    nodes: list[Scalar] = []
    for operands in draw(shapes()):
        inputs = [nodes[i] for i in operands]
        if not inputs:
            make = draw(st.sampled_from([Scalar, Scalar.constant]))
            made = make(draw(st.fractions()))
        elif len(inputs) == 1:
            made = draw(st.sampled_from([-inputs[0], inputs[0] ** 2, inputs[0].relu()]))
        elif len(inputs) == 2:
            made = where(draw(st.booleans()), *inputs)
        else:
            made = apply(OPERATORS[draw(st.sampled_from(["sum", "prod"]))], inputs)
        made.label = draw(st.text(max_size=3))
        if not made.is_constant and draw(st.booleans()):
            made.grad = draw(st.fractions())
        nodes.append(made)
    return nodes[-1]
