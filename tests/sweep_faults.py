"""The planted faults of sweeps, for the check "sweep": wrong engines, and graphs where they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from proofs import labelled

from minigrad import Scalar, reverse
from minigrad.graph import topological_order
from minigrad.number import ONE, ZERO
from minigrad.operators import RATIONAL
from minigrad.scalar import apply

Engine = Callable[..., Mapping[Any, Any]]


def engine(
    *,
    order: Callable[[Any], Iterable[Any]] = lambda root: topological_order([root])[::-1],
    edges: Callable[[Any, list[Any], Any], Iterable[Any]] = lambda node, pairs, upstream: pairs,
    term: Callable[[Any, Any, Any], Any] = lambda upstream, partial, seed: upstream * partial,
    gather: Callable[[Any, Any], Any] = lambda old, new: old + new,
    start: Callable[[Any], Any] = lambda seed: seed,
) -> Engine:
    """A reverse sweep of which one part can be exchanged; as it is, it is right."""

    def sweep(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        adjoint = {root: start(seed)}
        for node in order(root):
            if not node.operands or node not in adjoint:
                continue
            pairs = list(zip(node.operands, partials(node), strict=True))
            for operand, partial in edges(node, pairs, adjoint[node]):
                if not operand.is_constant:
                    new = term(adjoint[node], partial, seed)
                    adjoint[operand] = gather(adjoint[operand], new) if operand in adjoint else new
        return adjoint

    return sweep


def by_value(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
    """Keeps one adjoint for each value, as if nodes of equal value were one."""
    order = topological_order([root])
    adjoint = {root.data: seed}
    for node in reversed(order):
        for operand, partial in zip(node.operands, partials(node), strict=True):
            new = adjoint[node.data] * partial
            known = adjoint.get(operand.data)
            adjoint[operand.data] = new if known is None else known + new
    return {node: adjoint[node.data] for node in order}


def seen_by_equality(root: Any) -> list[Any]:
    """Users first, but `in` asks a list of nodes by ==, which for Scalars compares values."""
    order: list[Any] = []

    def visit(node: Any) -> None:
        if node not in order:
            for operand in node.operands:
                visit(operand)
            order.append(node)

    visit(root)
    return order[::-1]


def breadth_first(root: Any) -> list[Any]:
    """By distance from the root, which is no topological order."""
    order = [root]
    for node in order:
        order += [operand for operand in dict.fromkeys(node.operands) if operand not in set(order)]
    return order


def once_for_each_use(root: Any) -> list[Any]:
    """Users first, and a node as often as it is used."""
    order = topological_order([root])
    uses = dict.fromkeys(order, 0)
    for node in order:
        for operand in node.operands:
            uses[operand] += 1
    return [node for node in reversed(order) for _ in range(max(uses[node], 1))]


def by_recursion(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
    """Recurses once for each level of the graph: right on what is not deep."""
    adjoint: dict[Any, Any] = {}

    def give(node: Any, upstream: Any) -> None:
        adjoint[node] = adjoint[node] + upstream if node in adjoint else upstream
        for operand, partial in zip(node.operands, partials(node), strict=True):
            if not operand.is_constant:
                give(operand, upstream * partial)

    give(root, seed)
    return adjoint


def reads_before_it_writes(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> Any:
    """Reads the adjoints of all operands, then writes them: of `a*a`, one edge is lost."""
    adjoint = {root: seed}
    for node in reversed(topological_order([root])):
        known = [adjoint.get(operand) for operand in node.operands]
        for operand, old, partial in zip(node.operands, known, partials(node), strict=True):
            new = adjoint[node] * partial
            adjoint[operand] = new if old is None else old + new
    return adjoint


def leaves_only(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
    return {n: a for n, a in engine()(root, seed, partials).items() if not n.operands}


def shared(x: object = 2, y: object = 3) -> Scalar:
    """r = m + x with m = x * y."""
    a = Scalar(x, "x")
    return labelled("r", labelled("m", a * Scalar(y, "y")) + a)


def uneven() -> Scalar:
    """d = b + c with b = a * a and c = b * a: paths of unequal length."""
    a = Scalar(2, "a")
    b = labelled("b", a * a)
    return labelled("d", b + labelled("c", b * a))


def square() -> Scalar:
    a = Scalar(3, "a")
    return labelled("r", a * a)


def product(x: object = 2, y: object = 3) -> Scalar:
    return labelled("r", Scalar(x, "x") * Scalar(y, "y"))


def scaled(z: object = 1) -> Scalar:
    """r = m * z with m = x * y."""
    m = labelled("m", Scalar(2, "x") * Scalar(3, "y"))
    return labelled("r", m * Scalar(z, "z"))


def scaled_sum() -> Scalar:
    """r = u * z with u = x + y, at z = 1."""
    u = labelled("u", Scalar(2, "x") + Scalar(3, "y"))
    return labelled("r", u * Scalar(1, "z"))


def with_constant() -> Scalar:
    """r = k + y with k = 3 * x."""
    return labelled("r", labelled("k", 3 * Scalar(2, "x")) + Scalar(5, "y"))


def difference() -> Scalar:
    return labelled("r", Scalar(2, "x") - Scalar(3, "y"))


def triple() -> Scalar:
    return labelled("r", apply(RATIONAL["sum"], [Scalar(n, f"x{n}") for n in (1, 2, 3)]))


def deep() -> Scalar:
    """x doubled by adding it to itself 3,000 times."""
    node = x = Scalar(2, "x")
    for _ in range(3000):
        node = node + x
    return labelled("r", node)


def dead() -> Scalar:
    """r = h + k with k = x * z and h = relu(m), m = x * y < 0: nothing comes down to m and y."""
    x, y, z = Scalar(2, "x"), Scalar(-3, "y"), Scalar(5, "z")
    h = labelled("h", labelled("m", x * y).relu())
    return labelled("r", h + labelled("k", x * z))


ALL = "the sweep"
"""What is to blame where the sweep as a whole failed, and no node of it alone."""


class Sweep(NamedTuple):
    """A wrong engine, a graph, and what is to blame for which nodes; ALL means every node.

    `hidden` faults give the right numbers on this graph. `whole` says whether the whole proof finds
    the fault: it starts each node's sweep from 1, and does not go as deep as Python's recursion.
    """

    what: str
    engine: Engine
    graph: Callable[[], Scalar]
    blame: Mapping[str, str] | str
    hidden: bool = False
    whole: bool = True

    def __str__(self) -> str:
        return self.what


def blames(*names: str, below: str = "") -> dict[str, str]:
    """Each of these nodes is to blame for itself, and those `below` are blamed on the first."""
    blame = {name: f"the sweep at {name}" for name in names}
    return blame | dict.fromkeys(below.split(), blame[names[0]])


SWEEPS = (
    Sweep("takes equal values for one node", by_value, shared, ALL, hidden=True),
    Sweep("compares nodes by ==", engine(order=seen_by_equality), shared, ALL, hidden=True),
    Sweep("takes equal values for one node: x = y", by_value, lambda: shared(2, 2), ALL),
    Sweep("breadth first", engine(order=breadth_first), uneven, blames("a")),
    Sweep("reads before it writes", reads_before_it_writes, square, blames("a")),
    Sweep(
        "drops an edge that is 0 here",
        engine(edges=lambda node, pairs, up: [(o, p) for o, p in pairs if p != 0]),
        lambda: shared(0, 3), ALL, hidden=True,
    ),
    Sweep(
        "stops at an adjoint of 0",
        engine(edges=lambda node, pairs, up: pairs if up else []), lambda: scaled(0), ALL,
        hidden=True,
    ),
    Sweep(
        "compares adjoints with 0",
        engine(gather=lambda old, new: old if new == 0 else old + new), shared, ALL, hidden=True,
    ),
    Sweep(
        "drops the last edge", engine(edges=lambda n, pairs, up: pairs[:-1]), shared,
        blames("x", "y"),
    ),
    Sweep(
        "drops the first edge", engine(edges=lambda n, pairs, up: pairs[1:]), shared,
        blames("m", below="x y"),
    ),
    Sweep(
        "doubles the last edge", engine(edges=lambda n, pairs, up: [*pairs, pairs[-1]]), shared,
        blames("x", "y"),
    ),
    Sweep(
        "swaps the partials",
        engine(edges=lambda n, pairs, up: [(pairs[k][0], pairs[-1 - k][1]) for k in range(2)]),
        lambda: shared(2, 3), blames("x", "y"),
    ),
    Sweep(
        "swaps the partials of equals",
        engine(edges=lambda n, pairs, up: [(pairs[k][0], pairs[-1 - k][1]) for k in range(2)]),
        lambda: product(3, 3), blames("x", "y"), hidden=True,
    ),
    Sweep("overwrites", engine(gather=lambda old, new: new), shared, blames("x")),
    Sweep("keeps the first", engine(gather=lambda old, new: old), shared, blames("x")),
    Sweep("multiplies", engine(gather=lambda old, new: old * new), shared, ALL),
    Sweep(
        "starts from 1 whatever the seed", engine(start=lambda seed: ONE), shared, ALL, hidden=True,
        whole=False,
    ),
    Sweep("starts from twice the seed", engine(start=lambda seed: seed + seed), shared, ALL),
    Sweep("minus", engine(term=lambda up, p, seed: -(up * p)), shared, ALL),
    Sweep(
        "operands in a set", engine(edges=lambda n, pairs, up: dict(pairs).items()), square,
        blames("a"),
    ),
    Sweep(
        "skips what stands beside a constant",
        engine(edges=lambda n, pairs, up: [] if any(o.is_constant for o, _ in pairs) else pairs),
        with_constant, blames("x"),
    ),
    Sweep("recursion", by_recursion, deep, ALL, whole=False),
    Sweep(
        "visits two nodes", engine(order=lambda root: topological_order([root])[:-3:-1]), uneven,
        blames("a"),
    ),
    Sweep(
        "multiplies by the operand's own value",
        engine(edges=lambda n, pairs, up: [(o, o.data) for o, _ in pairs]), lambda: product(3, 3),
        ALL, hidden=True,
    ),
    Sweep(
        "forgets the adjoint", engine(term=lambda up, p, seed: p), scaled,
        blames("m", "z", below="x y"), hidden=True,
    ),
    Sweep(
        "forgets the adjoint where the partial is 1",
        engine(term=lambda up, p, seed: seed if p is ONE else up * p), scaled_sum, blames("x", "y"),
        hidden=True,
    ),
    Sweep("forgets the partial", engine(term=lambda up, p, seed: up), shared, blames("x", "y")),
    Sweep(
        "squares the adjoint", engine(term=lambda up, p, seed: up * up * p), scaled, ALL,
        hidden=True,
    ),
    Sweep("each node once for each use", engine(order=once_for_each_use), uneven, blames("a")),
    Sweep(
        "two operands at most", engine(edges=lambda n, pairs, up: pairs[:2]), triple, blames("x3")
    ),
    Sweep(
        "takes - for +",
        engine(edges=lambda n, pairs, up: [
            (o, ONE if n.operator.name == "sub" else p) for o, p in pairs]),
        difference, blames("y"),
    ),
    Sweep(
        "takes 0 for 1",
        engine(edges=lambda n, pairs, up: [(o, ONE if p is ZERO else p) for o, p in pairs]),
        dead, blames("m", below="x y"),
    ),
    Sweep(
        "forgets what was there where 0 comes",
        engine(
            term=lambda up, p, seed: ZERO if up is ZERO or p is ZERO else up * p,
            gather=lambda old, new: new if new is ZERO else old + new,
        ),
        dead, blames("x"),
    ),
    Sweep("gives the leaves only", leaves_only, shared, ALL),
    Sweep(
        "rounds to floats", engine(term=lambda up, p, seed: Fraction(float(up * p))), shared, ALL,
        hidden=True,
    ),
)  # fmt: skip
