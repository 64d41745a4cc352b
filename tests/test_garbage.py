"""A block in which no garbage is looked for."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from proofs import two

from minigrad import Scalar, garbage, gradients, reverse
from minigrad.garbage import Uncollected
from minigrad.number import ONE
from minigrad.verify.proof import Prover


def test_no_garbage_is_looked_for_in_the_block_alone() -> None:
    assert gc.isenabled()
    with Uncollected():
        assert not gc.isenabled()
        with Uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_search_goes_on_after_an_error() -> None:
    with pytest.raises(KeyError), Uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_has_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with Uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_proof_leaves_it_on_whatever_the_sweep_does() -> None:
    def failing(*_: object, **__: object) -> dict[Any, Any]:
        raise KeyboardInterrupt

    x, y = two()
    with Prover() as prover, pytest.raises(KeyboardInterrupt):
        prover.verify(x * y, "chain", sweep=failing)
    assert gc.isenabled()


def test_threads_that_overlap_leave_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Overlapping:
        """A collector that another thread has switched off, and puts back between two steps of this one."""

        is_on = False

        def isenabled(self) -> bool:
            before, self.is_on = self.is_on, True
            return before

        def disable(self) -> None:
            self.is_on = False

        def enable(self) -> None:
            self.is_on = True

    collector = Overlapping()
    monkeypatch.setattr(garbage, "gc", collector)
    with Uncollected():
        pass
    assert collector.is_on


@pytest.mark.parametrize("sweep", [Scalar.backward, gradients])
def test_no_garbage_is_looked_for_in_a_sweep(
    sweep: Callable[[Scalar], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def watching(node: Scalar) -> Any:
        seen.append(gc.isenabled())
        raise KeyboardInterrupt

    monkeypatch.setattr(reverse.adjoints, "__defaults__", (ONE, watching, None))
    x = Scalar(3)
    with pytest.raises(KeyboardInterrupt):
        sweep(x * x)
    assert seen == [False]
    assert gc.isenabled()
