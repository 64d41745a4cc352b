from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from proofs import by_name, labelled, proof, two
from sweep_faults import dead, engine

import minigrad
from minigrad import Scalar, maximum, minimum, reverse, where
from minigrad.graph import topological_order
from minigrad.number import ONE, ZERO
from minigrad.verify.sweep import Term, Token, check_sweep


def complaints(engine: Any, root: Scalar) -> dict[str, str]:
    root.backward()
    found = proof(root, sweep=engine, checks={"sweep"})
    return {name: fault.message for name, fault in by_name(found, found.faults).items()}


@pytest.mark.parametrize("start", [0, Fraction(0)], ids=["from the int 0", "from the Fraction 0"])
def test_an_engine_may_add_to_0_and_multiply_by_1(start: object) -> None:
    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        order = topological_order([root])
        adjoint = dict.fromkeys(order, start)
        adjoint[root] = seed
        for node in reversed(order):
            for operand, partial in zip(node.operands, partials(node), strict=True):
                adjoint[operand] = adjoint[operand] + partial * adjoint[node]
        return adjoint

    x, y = two()
    root = labelled("r", x * y + x - y)
    assert complaints(engine, root) == {}
    found = proof(root, sweep=engine)
    assert found.faults == {}


@pytest.mark.parametrize("sweep", [reverse.adjoints, engine()], ids=["minigrad's", "another"])
def test_an_edge_that_carries_0_may_be_left_out(sweep: Any) -> None:
    assert complaints(sweep, dead()) == {}
    assert proof(dead(), sweep=sweep).faults == {}


def test_what_comes_from_below_a_dead_branch_is_named() -> None:
    def leaking(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        found = reverse.adjoints(root, seed, partials)
        m = next(n for n in found if n.operands and n.operator.name == "relu").operands[0]
        by_x, _ = partials(m)
        return {**found, m: seed, m.operands[0]: found[m.operands[0]] + seed * by_x}

    chain = proof(dead())
    found = by_name(chain, check_sweep(chain, leaking))
    assert {name: fault.message for name, fault in found.items()} == {
        "m": "no edge leads to it but such as carry 0, and it is given something",
        "x": "it is given a term of m, to which nothing comes down",
    }


def test_edges_carry_what_sympys_derivatives_are() -> None:
    x, y = two()
    shown = {
        x + y: "11", x - y: "1.", x * y: "..", -x: ".", (x - 5).relu(): "0", x.relu(): "1",
        where(True, x, y): "10", maximum(x, y): "10", minimum(x, y): "01",
        minigrad.sum([x, y, x]): "111", minigrad.prod([x, y, x]): "...", x % y: "1.", x.exp(): ".",
    }  # fmt: skip
    seen = {}

    def watching(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        if type(root) is not Scalar:
            names = {ONE: "1", ZERO: "0"}
            carried = ["." if type(p) is Token else names[p] for p in partials(root)]
            seen[current] = "".join(carried)
        return reverse.adjoints(root, seed, partials)

    for root in shown:
        current = root
        assert proof(root, sweep=watching).faults == {}
    assert seen == shown


def test_long_sums_are_not_searched_for_each_of_their_operands() -> None:
    looks = []

    class Watched(tuple[int, ...]):
        def index(self, *_: object) -> int:
            raise AssertionError("a million operands would be searched a million times")

        def __iter__(self) -> Iterator[int]:
            looks.append(len(self))
            return super().__iter__()

    xs = [Scalar(i) for i in range(20)]
    chain = proof(minigrad.sum(xs) + minigrad.sum([x * x for x in xs]))
    operands = chain.graph.operands
    operands[:] = [Watched(mine) if len(mine) == len(xs) else mine for mine in operands]
    assert check_sweep(chain, reverse.adjoints) == {}
    # To make the nodes, to list users, and to list the places of what has other users as well.
    assert len(looks) <= 2 * 3


def test_a_complaint_names_user_and_operand() -> None:
    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        found = reverse.adjoints(root, seed, partials)
        left, right = root.operands
        _, by_right = partials(root)
        return {**found, left: seed * by_right, right: seed * by_right + seed * by_right}

    x, y = two()
    assert complaints(engine, labelled("r", x * y)) == {
        "x": "it is given a term of r that belongs to another operand",
        "y": "the edge from r, operand 2, is counted twice",
    }


def test_an_edge_that_is_left_out_is_named() -> None:
    engine = lambda root, seed=ONE, partials=None: {root: seed}
    x, y = two()
    assert complaints(engine, labelled("r", x * y)) == {
        "x": "the edge from r, operand 1, is left out",
        "y": "the edge from r, operand 2, is left out",
    }


@pytest.mark.parametrize(
    "look",
    [
        lambda node: node.data == 2,
        lambda node: node.data + 1,
        lambda node: hash(node.data),
        lambda node: node == node,
        lambda node: node in [object()],
        lambda node: bool(node),
        lambda node: node < 3,
        lambda node: float(node),
        lambda node: node.label,
    ],
)
def test_a_sweep_sees_no_values(look: Callable[[Any], object]) -> None:
    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        for node in topological_order([root]):
            look(node)
        return reverse.adjoints(root, seed, partials)

    x, y = two()
    found = complaints(engine, labelled("r", x * y))
    assert len(found) == 3
    assert all(
        message.startswith("the sweep, run on opaque terms, raised") for message in found.values()
    )


def test_a_sweep_sees_shape_operator_and_parameters() -> None:
    seen = []

    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        order = topological_order([root])
        seen.append([(n.operator and n.operator.name, n.parameters, n.is_constant) for n in order])
        return reverse.adjoints(root, seed, partials)

    x, _ = two()
    assert complaints(engine, labelled("r", 2 * x**3)) == {}
    assert seen == [[(None, (), True), (None, (), False), ("pow", (3,), False), ("mul", (), False)]]


@pytest.mark.parametrize("look", [lambda t: t == t, bool, hash, float, int, lambda t: t < t])
def test_terms_and_tokens_cannot_be_looked_at(look: Callable[[Any], object]) -> None:
    for opaque in (Term(), Token(0, 0)):
        with pytest.raises(TypeError, match="the sweep looked at a term or a value"):
            look(opaque)


def test_terms_mix_with_nothing_else() -> None:
    term, token = Term(), Token(0, 0)
    for operation in (
        lambda: 1 * token, lambda: term + 1, lambda: 1 + term, lambda: term * 2, lambda: term * term,
        lambda: token * token, lambda: token * 2, lambda: -term, lambda: term - term,
    ):  # fmt: skip
        with pytest.raises(TypeError):
            operation()


def test_an_adjoint_passed_on_and_then_added_to_is_one_part_of_the_sum() -> None:
    """The adjoint of a, itself a sum, goes to x as it is; x has other users besides."""
    x, y = two()
    a = labelled("a", x + y)
    root = labelled("r", labelled("b", a * y) + labelled("c", a * a) + x * y + x)
    assert complaints(reverse.adjoints, root) == {}

    def twice(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        found = reverse.adjoints(root, seed, partials)
        user, leaf = next(
            (node, node.operands[0])
            for node in topological_order([root])
            if node.operands and not node.operands[0].operands
        )
        assert user.operator.name == "add"
        return {**found, leaf: found[leaf] + found[user]}

    assert set(complaints(twice, root)) == {"x"}


def test_sums_that_share_a_beginning_are_told_apart() -> None:
    first, second, third = Term(), Term(), Term()
    both = first + second
    left, right = both + third, both + first
    assert left.addends[: left.count] == [first, second, third]
    assert both.addends[: both.count] == [first, second]
    assert right.addends[: right.count] == [both, first]
