"""A block in which no garbage is looked for."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from proofs import two

from minigrad import Scalar, scalar
from minigrad.garbage import Uncollected
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


def test_a_sweep_leaves_it_on_whatever_happens() -> None:
    x = Scalar(0, "x")
    seen: list[bool] = []

    def watching(node: Scalar) -> Any:
        seen.append(gc.isenabled())
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scalar, "fresh_order", watching)
        with pytest.raises(KeyboardInterrupt):
            (x * x).backward()
    assert seen == [False]
    assert gc.isenabled()
