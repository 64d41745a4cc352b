"""Where a verdict holds: what the operators of a graph suppose, and the pieces that they took.

Comparisons that a program makes outside the graph, in an `if` or for a `where`, are not among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad.number_text import short_text
from minigrad.verify.solver import Chain, condition_texts, piece_name
from minigrad.verify.symbolic import Rule

__all__ = ["branches", "conditions"]


def conditions(chain: Chain) -> list[str]:
    """What the verdicts suppose, each once: denominators that are not 0, and the pieces taken."""
    found: dict[str, None] = {}
    seen: set[tuple[Any, ...]] = set()
    for i, rule in enumerate(chain.rules):
        if rule is None or not rule.form.conditions:
            continue
        # A text is made of what stands in the conditions, which a million nodes may have in common.
        operands, piece = chain.graph.operands[i], chain.pieces[i]
        key = (rule, *[operands[k] for k in rule.conditional], *[p.numbers for p in piece])
        if key not in seen:
            seen.add(key)
            found |= dict.fromkeys(_texts(chain, i, rule))
    return list(found)


def _texts(chain: Chain, i: int, rule: Rule) -> Iterator[str]:
    symbols = {
        symbol
        for symbol, o in zip(rule.symbols, chain.graph.operands[i], strict=True)
        if not chain.graph.is_constant[o]
    }
    texts = condition_texts(chain, i, rule)
    for condition, text in zip(rule.form.conditions, texts, strict=True):
        if condition.free_symbols & symbols:
            yield text


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
