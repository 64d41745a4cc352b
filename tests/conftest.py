from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

settings.register_profile("minigrad", deadline=None, max_examples=60)
settings.load_profile("minigrad")


@st.composite
def shapes(draw: st.DrawFn, most: int = 9) -> list[list[int]]:
    """A directed acyclic graph: for each node, the positions of its operands, all of them before it."""
    size = draw(st.integers(1, most))
    return [draw(st.lists(st.integers(0, i - 1), max_size=4)) if i else [] for i in range(size)]
