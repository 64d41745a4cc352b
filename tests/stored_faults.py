"""The planted faults of stored numbers, for the checks "numbers" and "values"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from proofs import labelled

from minigrad import Scalar


def trained() -> dict[str, Scalar]:
    """r = d * c, d = c + a, c = a * b at a = 2, b = 3, after backward.

    By hand: c = 6, d = 8, r = 48, and D[r] = 1, D[d] = c = 6, D[c] = d + D[d] = 14,
    D[b] = a*D[c] = 28, D[a] = b*D[c] + D[d] = 48.
    """
    a, b = Scalar(2, "a"), Scalar(3, "b")
    c = labelled("c", a * b)
    d = labelled("d", c + a)
    r = labelled("r", d * c)
    r.backward()
    return {node.label: node for node in (a, b, c, d, r)}


class Stored(NamedTuple):
    """Something done to the graph of `trained`, and which node is to blame for which."""

    what: str
    spoil: Callable[[Mapping[str, Scalar]], object]
    check: str
    blame: Mapping[str, str]
    says: str

    def __str__(self) -> str:
        return self.what


def itself(names: str) -> dict[str, str]:
    return {name: f"node {name}" for name in names.split()}


def grad(name: str, value: object) -> Callable[[Mapping[str, Scalar]], None]:
    return lambda nodes: setattr(nodes[name], "grad", value)


def swap(nodes: Mapping[str, Scalar]) -> None:
    nodes["a"].grad, nodes["b"].grad = nodes["b"].grad, nodes["a"].grad


def zero(nodes: Mapping[str, Scalar]) -> None:
    for node in nodes.values():
        node.grad = 0


def rebuild(nodes: Mapping[str, Scalar]) -> None:
    """The backward of a graph with twice the seed, in the place of this one's."""
    nodes["r"].zero_grad()
    nodes["r"].backward(2)


def data(name: str, value: object) -> Callable[[Mapping[str, Scalar]], None]:
    return lambda nodes: setattr(nodes[name], "_datum", Fraction(str(value)))


STORED = (
    Stored("a second backward", lambda n: n["r"].backward(), "numbers", itself("a b"),
           "twice the derivative: an earlier backward?"),
    Stored("three backwards", lambda n: [n["r"].backward() for _ in "12"], "numbers", itself("a b"),
           "3 times the derivative: an earlier backward?"),
    Stored("an inner one counted twice", grad("d", 12), "numbers", itself("d"),
           "twice the derivative: counted more than once?"),
    Stored("an inner one off by one", grad("c", 15), "numbers", itself("c"),
           "the gradient of c is 15, the derivative 14"),
    Stored("a sign", grad("b", -28), "numbers", itself("b"), "its sign is wrong"),
    Stored("a missing one", grad("a", 0), "numbers", itself("a"), "it is missing"),
    Stored("a tiny error", grad("a", 48 + Fraction(1, 10**40)), "numbers", itself("a"), "of a is"),
    Stored("two exchanged", swap, "numbers", itself("a b"), "the gradient of"),
    Stored("the root's own", grad("r", 5), "numbers", itself("r"), "is 5, the derivative 1"),
    Stored("all set to 0", zero, "numbers", dict.fromkeys("abcdr", "node r"),
           "is 0, the derivative"),
    Stored("another seed", rebuild, "numbers", dict.fromkeys("abcdr", "node r"), "twice"),
    Stored("those of another root", lambda n: n["d"].backward(), "numbers", itself("a b c d"),
           "the gradient of"),
    Stored("an inner value", data("c", 7), "values", itself("c"), "the value stored on c is 7"),
    Stored("the root's value", data("r", 0), "values", itself("r"), "is 0; SymPy has 48"),
    # c and d are computed from a themselves, r only from them: 48 is right for the c and d stored.
    Stored("a leaf set afterwards", lambda n: setattr(n["a"], "data", 5), "values",
           {"c": "node c", "d": "node d", "r": "node d"},
           "was a leaf set after the graph was built?"),
)  # fmt: skip


class Recorded(NamedTuple):
    """A number that stands wrong in a graph file of the graph of `trained`."""

    node: str
    key: str
    value: str
    blame: Mapping[str, str]


RECORDED = (
    Recorded("a", "grad", "47.999999999999", itself("a")),
    Recorded("c", "grad", "-14", itself("c")),
    Recorded("d", "grad", "0", itself("d")),
    Recorded("r", "grad", "1/2", itself("r")),
    Recorded("c", "data", "6.0000000000000001", itself("c")),
    Recorded("d", "data", "0", itself("d")),
    Recorded("r", "data", "-48", itself("r")),
)
