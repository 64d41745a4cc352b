"""Published numbers, by label, against those of a graph.

The numbers of the graph are those of the engine: whoever compares them with a publication proves them
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from minigrad import scalar
from minigrad.errors import CaseError, MinigradError, NotDecided
from minigrad.exact import Exact, to_exact
from minigrad.number import UNAVAILABLE
from minigrad.number_text import short_text
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
    # Not asked for in vain: at the end of an operator's domain there are values and no derivatives.
    derivatives = scalar.gradients(root) if gradients else {}
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
                exact = to_exact(claim)
            except MinigradError as error:
                raise CaseError(f"{who}: {error}") from None
            found: Any = node._datum if what == "value" else derivatives[node]
            if found is UNAVAILABLE:
                raise CaseError(f"{who}: there is none, for {UNAVAILABLE.reason}")
            entries.append(_published_entry(label, what, exact, node, to_exact(found)))
    return Report(tuple(entries), "published numbers")


def _published_entry(label: str, what: str, claim: Exact, node: Scalar, expected: Exact) -> Entry:
    entry = Entry(
        label,
        Verdict.PROVED,
        "number",
        what,
        node._datum,
        claim if what == "gradient" else None,
        "",
        expected,
    )
    try:
        agrees = bool(claim == expected)
    except NotDecided as reason:
        return replace(entry, verdict=Verdict.UNDECIDED, message=str(reason))
    if agrees:
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
