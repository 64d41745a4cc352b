"""Where a verdict holds: what the operators of a graph suppose, and the pieces that they took.

Comparisons that a program makes outside the graph, in an `if` or for a `where`, are not among them.
"""

from __future__ import annotations

from minigrad.number import short_text
from minigrad.verify.solver import Chain, condition_texts, piece_name

__all__ = ["branches", "conditions"]


def conditions(chain: Chain) -> list[str]:
    """What the verdicts suppose, each once: denominators that are not 0, and the pieces taken."""
    found: dict[str, None] = {}
    nodes = chain.graph.nodes
    for i, rule in enumerate(chain.rules):
        if rule is not None and rule.form.conditions:
            symbols = {
                symbol
                for symbol, o in zip(rule.symbols, chain.graph.operands[i], strict=True)
                if not nodes[o].is_constant
            }
            for condition, text in zip(
                rule.form.conditions, condition_texts(chain, i, rule), strict=True
            ):
                if condition.free_symbols & symbols:
                    found[text] = None
    return list(found)


def branches(chain: Chain) -> list[str]:
    """The piece that each piecewise operator took, each once."""
    found: dict[str, None] = {}
    names = chain.graph.names
    for node, operands, piece in zip(
        chain.graph.nodes, chain.graph.operands, chain.pieces, strict=True
    ):
        if piece and node.operator is not None:
            numbers = "".join(f" {short_text(number)}" for number in piece[0].numbers)
            edge = " (boundary)" if piece[0].boundary else ""
            call = f"{node.operator.name}({', '.join(names[o] for o in operands)})"
            found[f"{call}: {piece_name(piece[0])}{numbers}{edge}"] = None
    return list(found)
