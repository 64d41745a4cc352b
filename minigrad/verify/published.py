"""Published numbers, by label, against those of a graph.

The numbers of the graph are those of the engine: whoever compares them with a publication proves them
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from minigrad import number, scalar
from minigrad.errors import CaseError, MinigradError
from minigrad.number import UNAVAILABLE, short_text
from minigrad.scalar import Scalar
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.symbolic import Graph

__all__ = ["check_published"]


def check_published(
    root: Scalar, values: Mapping[str, Any] | None, gradients: Mapping[str, Any] | None
) -> Report:
    """A Report that compares published numbers, by label, with those on the graph of `root`.

    The numbers of the graph are those of the engine: prove them as well. Raises CaseError for a
    label that no node has, or more than one, and for a claim that is no number.
    """
    graph = Graph(root)
    nodes: dict[str, Scalar] = {}
    twice = set()
    for node in graph.nodes:
        if node.label:
            twice |= {node.label} & nodes.keys()
            nodes[node.label] = node
    derivatives = scalar.gradients(root)
    entries = []
    for what, claims in (("value", values or {}), ("gradient", gradients or {})):
        for label, claim in claims.items():
            who = f"the published {what} of {label}"
            if label not in nodes:
                known = ", ".join(sorted(nodes)) or "none"
                raise CaseError(f"{who}: no node has this label; the labels are {known}")
            if label in twice:
                raise CaseError(f"{who}: more than one node has this label")
            node = nodes[label]
            if what == "gradient" and node.is_constant:
                raise CaseError(f"{who}: a constant has no gradient")
            try:
                exact = number.to_fraction(claim)
                found: Any = node.data if what == "value" else derivatives[node]
            except MinigradError as error:
                raise CaseError(f"{who}: {error}") from None
            if found is UNAVAILABLE:
                raise CaseError(f"{who}: no rational number, for {UNAVAILABLE.reason}")
            entries.append(_published_entry(label, what, exact, node, found))
    return Report(tuple(entries), "published numbers")


def _published_entry(
    label: str, what: str, claim: Fraction, node: Scalar, expected: Fraction
) -> Entry:
    entry = Entry(
        label,
        Verdict.PROVED,
        "number",
        what,
        node.data,
        claim if what == "gradient" else None,
        "",
        expected,
    )
    if claim == expected:
        return entry
    difference = short_text(claim - expected)
    message = f"the published {what} is {short_text(claim)}, the proved one {short_text(expected)}"
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        difference=difference,
        blame=f"the published {what} of {label}",
        message=message,
    )
