"""A chain of many nodes, timed and weighed."""

from __future__ import annotations

import pytest

from benchmarks.scale import scale


def test_a_chain_is_built_swept_and_proved() -> None:
    found = scale(400, 1)
    assert found.nodes == 400
    assert found.of_backward == pytest.approx(found.proof / found.backward)
    assert 0 < found.swept_memory <= found.memory
