"""Graphs as nothing but the positions of operands."""

from __future__ import annotations

from hypothesis import strategies as st


@st.composite
def shapes(draw: st.DrawFn, most: int = 9) -> list[list[int]]:
    """A directed acyclic graph: for each node, the positions of its operands, all of them before it."""
    size = draw(st.integers(1, most))
    return [draw(st.lists(st.integers(0, i - 1), max_size=4)) if i else [] for i in range(size)]
