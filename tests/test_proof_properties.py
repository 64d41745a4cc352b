"""Laws of derivatives, and methods that agree, on random graphs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from reports import METHODS, every_method, of, verdicts

from minigrad import Scalar, absolute, maximum, minimum, relu, where
from minigrad.generate import random_graph
from minigrad.graph import topological_order
from minigrad.verify.proof import Prover
from minigrad.verify.report import Report
from minigrad.verify.symbolic import Graph

small = st.fractions(-3, 3, max_denominator=4)


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    binary: list[Callable[[Any, Any], Any]] = [
        lambda f, g: f + g, lambda f, g: f - g, lambda f, g: f * g, maximum, minimum,
        lambda f, g: f / (g * g + 1), lambda f, g: where(True, f, g),
    ]  # fmt: skip
    unary: list[Callable[[Any], Any]] = [
        lambda f: -f,
        lambda f: f**2,
        absolute,
        relu,
        lambda f: f % 2,
    ]
    return st.one_of(
        st.builds(
            lambda op, f, g: lambda *xs: op(f(*xs), g(*xs)), st.sampled_from(binary), parts, parts
        ),
        st.builds(lambda op, f: lambda *xs: op(f(*xs)), st.sampled_from(unary), parts),
    )


functions = st.recursive(
    st.sampled_from([lambda x, y: x, lambda x, y: y, lambda x, y: x * y + 1])
    | st.builds(lambda c: lambda x, y: x * c, small),
    combined,
    max_leaves=5,
)


def expected_at(prover: Prover, f: Any, x: Fraction, y: Fraction) -> tuple[Any, Any, bool]:
    """What verify expects of both derivatives of f, and whether it is proved."""
    leaves = Scalar(x, "x"), Scalar(y, "y")
    # The sum keeps both leaves in the graph, and their derivatives are one more.
    report = prover.verify(f(*leaves) + leaves[0] + leaves[1], "chain")
    by_x, by_y = (of(report, label).gradient for label in "xy")
    assert report.ok
    return by_x - 1, by_y - 1, report.verdict == "proved"


@given(functions, functions, small, small, small, small)
def test_derivatives_are_linear(
    prover: Prover, f: Any, g: Any, a: Fraction, b: Fraction, x: Fraction, y: Fraction
) -> None:
    (fx, fy, _), (gx, gy, _) = (expected_at(prover, h, x, y) for h in (f, g))
    by_x, by_y, _ = expected_at(prover, lambda x, y: f(x, y) * a + g(x, y) * b, x, y)
    assert (by_x, by_y) == (a * fx + b * gx, a * fy + b * gy)


@given(functions, functions, functions, small, small)
def test_derivatives_obey_the_chain_rule(
    prover: Prover, f: Any, u: Any, v: Any, x: Fraction, y: Fraction
) -> None:
    (ux, uy, _), (vx, vy, _) = (expected_at(prover, h, x, y) for h in (u, v))
    at = u(Scalar(x), Scalar(y)).data, v(Scalar(x), Scalar(y)).data
    fu, fv, _ = expected_at(prover, f, *at)
    by_x, by_y, _ = expected_at(prover, lambda x, y: f(u(x, y), v(x, y)), x, y)
    assert (by_x, by_y) == (fu * ux + fv * vx, fu * uy + fv * vy)


@given(functions, small, small)
def test_a_proved_derivative_is_the_limit_of_difference_quotients(
    prover: Prover, f: Any, x: Fraction, y: Fraction
) -> None:
    by_x, _, proved = expected_at(prover, f, x, y)
    if proved:
        step = Fraction(1, 10**12)
        here, there = (f(Scalar(at), Scalar(y)).data for at in (x, x + step))
        assert abs((there - here) / step - by_x) < Fraction(1, 10**3)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_all_methods_agree_on_random_graphs(prover: Prover, seed: int, size: int) -> None:
    root = random_graph(seed, size=size)
    by_method = [verdicts(prover.verify(root, method)) for method in METHODS]
    assert by_method[0] == by_method[2]
    for one, other in zip(by_method[0].values(), by_method[1].values(), strict=True):
        assert one in ("proved", "kink")
        assert other in (one, "undecided")


@given(
    st.integers(0, 10_000),
    st.lists(
        st.sampled_from(["", "x", "y", "v1", "c0", "2", "a b", "_0_"]), min_size=60, max_size=60
    ),
)
def test_labels_change_nothing_but_names(prover: Prover, seed: int, labels: list[str]) -> None:
    def facts(report: Report) -> list[tuple[Any, ...]]:
        return [(str(e.verdict), e.value, e.gradient, e.expected, e.proof) for e in report.entries]

    root = random_graph(seed, size=6)
    before = facts(prover.verify(root))
    for node, label in zip(topological_order([root]), labels, strict=False):
        node.label = label
    assert facts(prover.verify(root)) == before


@every_method
@given(seed=st.integers(0, 10_000), off=small.filter(bool), pick=st.integers(0, 100))
def test_one_number_that_is_off_is_always_found(
    prover: Prover, method: str, seed: int, off: Fraction, pick: int
) -> None:
    root = random_graph(seed, size=5)
    root.backward()
    nodes = [node for node in topological_order([root]) if not node.is_constant]
    node = nodes[pick % len(nodes)]
    node._grad += off
    report = prover.verify(root, method)
    order = [n for n in Graph(root).nodes if not n.is_constant]
    wrong = next(e for n, e in zip(order, report.entries, strict=True) if n is node)
    # Where a piecewise operator stands at its boundary, other conventions are possible.
    assert str(wrong.verdict) in ("refuted", "kink")
    assert wrong.verdict != "kink" or "another convention" in wrong.message
