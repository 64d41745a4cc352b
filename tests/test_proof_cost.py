"""What a chain proof costs, in operations and objects that are counted, for clocks are not exact."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from proofs import two, vector

from minigrad import Scalar, apply, backing, dot
from minigrad.verify import sweep as sweeps
from minigrad.verify import symbolic
from minigrad.verify.proof import Prover, verify


def chain(nodes: int) -> Scalar:
    """Four operations in turn, after which the value is the same."""
    total, y, z, two = (Scalar(value) for value in ("1/3", "1/2", 1, 2))
    for _ in range(nodes // 4):
        total = ((total + y) * two - z) / two
    return total


def mixed(nodes: int) -> Scalar:
    x, y = two()
    root = x
    for _ in range(nodes // 5):
        root = root - dot([x, y], [y, x]) + abs(y) * 2 - x
    return root


@contextmanager
def counted_operations() -> Iterator[Counter[str]]:
    """Counts what SymPy's forms evaluate: values, conditions and partial derivatives, node by node."""
    calls: Counter[str] = Counter()
    real = symbolic._Translator.function

    def counting(self: Any, expression: Any) -> Callable[[Any], Any]:
        function = real(self, expression)

        def counted(values: Any) -> Any:
            calls[type(expression).__name__] += 1
            return function(values)

        return counted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(symbolic._Translator, "function", counting)
        yield calls


@pytest.mark.parametrize("build", [chain, mixed])
def test_ten_times_the_nodes_are_ten_times_the_evaluations(
    build: Callable[[int], Scalar],
) -> None:
    found = []
    for nodes in (2_000, 20_000):
        root = build(nodes)
        root.backward()
        with counted_operations() as calls:
            assert verify(root, "chain").ok
        found.append(calls.total())
    small, large = found
    assert small < 2_000 * 6
    assert 9 * small < large < 11 * small


@pytest.mark.parametrize("operator", ["norm", "logsumexp", "softmax", "log_softmax"])
def test_what_the_derivatives_of_many_operands_share_is_computed_once(operator: str) -> None:
    found = []
    for count in (6, 18):
        parameters = [0] if "softmax" in operator else []
        root = apply(operator, vector(*range(1, count + 1)), parameters)
        root.backward()
        with counted_operations() as calls:
            assert verify(root, "chain").ok
        found.append(calls.total())
    small, large = found
    assert 2 * small < large < 4 * small


def test_a_sum_asks_for_no_arithmetic_and_a_product_for_one_of_each_kind() -> None:
    x, y = two()
    with counted_operations() as calls:
        assert verify(x + y, "chain").ok
    # Its value here, and as a formula for the check of its value and of its rule. Its derivatives are 1.
    assert calls == {"Add": 3}
    root = x
    for _ in range(1000):
        root = root * y
    root.backward()
    with counted_operations() as calls:
        assert verify(root, "chain").ok
    assert 1000 <= calls["Mul"] <= 1000 + 3
    assert 2000 <= calls["Symbol"] <= 2000 + 9


def test_the_arithmetic_is_on_the_engine_s_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Fraction is made for what a Report shows, three for each node at most, and for nothing else."""
    made = []
    real = backing.outside

    def counting(value: Any) -> Any:
        made.append(type(value) is backing.Rational)
        return real(value)

    root = chain(4_000)
    root.backward()
    with Prover() as prover:
        prover.verify(chain(8), "chain")
        for name in ("solver", "values", "chain", "proof"):
            monkeypatch.setattr(f"minigrad.verify.{name}.outside", counting)
        monkeypatch.setattr("minigrad.scalar.outside", counting)
        monkeypatch.setattr("minigrad.verify.proof._SPELT_OUT", 0)
        assert prover.verify(root, "chain").ok
    assert sum(made) <= 3 * 4_004


def test_the_check_of_the_sweep_makes_a_term_for_each_edge_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: Counter[str] = Counter()
    for kind in (sweeps.Token, sweeps.Term, sweeps.Sum):
        real = kind.__init__

        def counting(self: Any, *rest: Any, real: Any = real) -> None:
            made[type(self).__name__] += 1
            real(self, *rest)

        monkeypatch.setattr(kind, "__init__", counting)
    found = []
    for nodes in (2_000, 20_000):
        made.clear()
        root = chain(nodes)
        root.backward()
        assert verify(root, "chain").ok
        found.append(Counter(made))
    small, large = found
    # Of the eight edges of every four nodes three carry 1, and five of them end in one of three leaves.
    assert small["Token"] == 2_000 // 4 * 5
    assert small["Term"] == 2_000 // 4 * 5 + 1
    assert small["Sum"] <= 2_000 // 4 * 4
    assert all(9 * small[name] < large[name] < 11 * small[name] for name in small)


@pytest.mark.parametrize("nodes", [4_000, 20_000])
def test_memory_for_each_node(nodes: int) -> None:
    """Live and at the peak, with the graph and the Report; without the texts of derivatives."""
    with Prover() as prover, pytest.MonkeyPatch.context() as patch:
        patch.setattr("minigrad.verify.proof._SPELT_OUT", 0)
        prover.verify(chain(8), "chain")
        gc.collect()
        tracemalloc.start()
        try:
            root = chain(nodes)
            root.backward()
            report = prover.verify(root, "chain")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert report.ok
    # A fixed part, of the interpreter's caches, besides.
    assert peak < 500_000 + 1000 * nodes
