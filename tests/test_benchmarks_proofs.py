"""What is proved to be timed: the graphs are those of their names."""

from __future__ import annotations

from fractions import Fraction

import pytest

from benchmarks.proofs import continued_fraction, main, mixed_chain, rosenbrock, seconds, seed_graph
from minigrad import gradients
from minigrad.graph import leaves, topological_order


def test_the_graphs_have_known_values_and_gradients() -> None:
    assert seed_graph().data == Fraction(3650, 651)
    # 100*(2 - 1)**2 + 0 at (1, 2); by the second it is 200*(2 - 1).
    valley = rosenbrock(2)
    slopes = {node.label: slope for node, slope in gradients(valley).items() if node.label}
    assert (valley.data, slopes) == (100, {"x0": -400, "x1": 200})
    # 1 + 1/(2 + 1/3) = 10/7.
    assert continued_fraction(3).data == Fraction(10, 7)


@pytest.mark.parametrize("count", [2, 12])
def test_graphs_have_as_many_variables_as_is_said(count: int) -> None:
    for graph in (rosenbrock(count), continued_fraction(count)):
        variables = [leaf for leaf in leaves(topological_order([graph])) if not leaf.is_constant]
        assert len(variables) == count


def test_the_mixed_chain_has_about_the_size_asked_for_and_short_numbers() -> None:
    order = topological_order([mixed_chain(6_000)])
    assert sum(not node.is_constant for node in order) == pytest.approx(6_000, rel=0.1)
    assert len({node.operator.name for node in order if node.operator is not None}) >= 9
    assert max(abs(node.data.numerator) for node in order) < 10**6


def test_a_call_is_timed() -> None:
    called: list[int] = []
    assert seconds(lambda: called.append(1)) >= 0
    assert called == [1]


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(600)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "mixed chain", "the seed's example", "Rosenbrock, 12 variables", "continued fraction, 10 terms",
    ]  # fmt: skip
    assert lines[1].endswith(" times")
