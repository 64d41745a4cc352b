"""The programs that are measured: numbers, and a function of them, written once for all libraries.

    >>> from benchmarks.peers import MINIGRAD
    >>> seed = WORKLOADS["seed"]()
    >>> seed.program(MINIGRAD, seed.values)
    Fraction(3650, 651)

Python's arithmetic is the same in every library. What is not, how it adds up many terms, say, is a
`Library`, so that each runs the program as its own users would write it.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

__all__ = [
    "CHAIN_VALUES",
    "WORKLOADS",
    "Library",
    "Workload",
    "chain",
    "chain_program",
    "dot_product",
    "horner",
    "perceptron",
    "random_graph",
    "reciprocals",
    "rosenbrock",
    "seed_example",
]


@dataclass(frozen=True)
class Library:
    """What a library's users write where Python has no operator for it."""

    number: Callable[[Fraction], Any]
    """A constant of the program."""
    sum: Callable[[Iterable[Any]], Any]
    dot: Callable[[Sequence[Any], Sequence[Any]], Any]
    affine: Callable[[Sequence[Any], Sequence[Any], Any], Any]
    """The dot product of two vectors, plus a third argument."""
    relu: Callable[[Any], Any]


Program = Callable[[Library, Sequence[Any]], Any]


@dataclass(frozen=True)
class Workload:
    """A program and the numbers at which it is differentiated, by all of them."""

    name: str
    values: tuple[Fraction, ...]
    program: Program
    swelling: bool = False
    """Whether its numbers grow with its size, so that their digits cost more than its operations."""


def rosenbrock(n: int) -> Workload:
    """Rosenbrock's function in n variables."""

    def program(lib: Library, x: Sequence[Any]) -> Any:
        return lib.sum(
            100 * (after - before**2) ** 2 + (1 - before) ** 2 for before, after in pairwise(x)
        )

    return Workload(f"Rosenbrock, {n:,} variables", _rationals(n, 6, 4, seed=1), program)


def perceptron(widths: Sequence[int] = (2, 16, 16, 1), samples: int = 8) -> Workload:
    """The mean hinge loss of a perceptron of these widths, by its weights and biases."""
    inputs = [_rationals(widths[0], 6, 2, seed=100 + i) for i in range(samples)]
    parameters = sum((before + 1) * after for before, after in pairwise(widths))

    def program(lib: Library, w: Sequence[Any]) -> Any:
        losses = []
        for i, sample in enumerate(inputs):
            layer: list[Any] = [lib.number(value) for value in sample]
            at = 0
            for after in widths[1:]:
                rows = [at + row * (len(layer) + 1) for row in range(after)]
                at = rows[-1] + len(layer) + 1
                sums = [lib.affine(w[r : r + len(layer)], layer, w[r + len(layer)]) for r in rows]
                layer = [lib.relu(z) for z in sums] if after != widths[-1] else sums
            losses.append(lib.relu(1 - layer[0] if i % 2 else 1 + layer[0]))
        return lib.sum(losses) / lib.number(Fraction(samples))

    name = f"perceptron {'-'.join(map(str, widths))}, {samples} samples"
    return Workload(name, _rationals(parameters, 5, 6, seed=2), program)


def horner(degree: int) -> Workload:
    """A polynomial with whole coefficients at 3/7, by Horner's rule."""

    def program(lib: Library, x: Sequence[Any]) -> Any:
        (at,) = x
        total = 5
        for i in range(degree):
            total = total * at + (i % 4 + 1)
        return total

    return Workload(f"Horner, degree {degree:,}", (Fraction(3, 7),), program, swelling=True)


def reciprocals(n: int) -> Workload:
    """The sum of 1/x over the numbers from 1 to n."""
    return Workload(
        f"sum of {n:,} reciprocals",
        tuple(Fraction(i) for i in range(1, n + 1)),
        lambda lib, x: lib.sum(1 / xi for xi in x),
        swelling=True,
    )


def dot_product(n: int) -> Workload:
    """A dot product of n terms, by both vectors."""
    return Workload(
        f"dot product, {n} terms",
        _rationals(2 * n, 20, 9, seed=3),
        lambda lib, x: lib.dot(x[:n], x[n:]),
    )


def seed_example() -> Workload:
    """The worked example that minigrad descends from."""

    def program(lib: Library, x: Sequence[Any]) -> Any:
        a, b, f = x
        return f / (a * b / (a + b))

    return Workload("the seed's example", (Fraction("3.1"), Fraction("4.2"), Fraction(10)), program)


def random_graph(nodes: int) -> Workload:
    """About that many nodes with random operands: any node, or half the time one not used yet."""
    leaves = _rationals(max(4, nodes // 20), 6, 3, seed=4)
    steps, loose = _random_steps(leaves, nodes - len(leaves))

    def program(lib: Library, x: Sequence[Any]) -> Any:
        found = list(x)
        for step, i, j in steps:
            found.append(lib.relu(found[i]) if step is None else step(found[i], found[j]))
        return lib.sum([found[i] for i in loose])

    return Workload(f"random graph, {nodes:,} nodes", leaves, program)


Step = tuple[Callable[[Any, Any], Any] | None, int, int]
_STEPS: Final = (
    operator.add, operator.add, operator.sub, operator.mul, operator.mul, operator.truediv, None,
)  # fmt: skip


def _random_steps(leaves: Sequence[Fraction], count: int) -> tuple[list[Step], list[int]]:
    """The steps, and which nodes none of them uses; relu, of one operand, is None.

    Numbers stay small: a step whose result has many bits is drawn again. Divisors are powers of 2
    and of 3, or else the denominator of the last sum would have a million digits.
    """
    draw = random.Random(5).random
    values = list(leaves)
    loose = list(range(len(leaves)))
    used: set[int] = set()
    steps: list[Step] = []
    while len(steps) < count:
        step = _STEPS[int(draw() * len(_STEPS))]
        place = int(draw() * len(loose)) if draw() < 0.5 else -1
        i = loose[place] if place >= 0 else int(draw() * len(values))
        j = int(draw() * len(values))
        if step is None:
            # At 0 a derivative would be a convention.
            result = max(values[i], Fraction(0)) if values[i] else None
        elif step is operator.truediv and not _is_smooth(values[j].numerator):
            result = None
        else:
            result = step(values[i], values[j])
        if result is None or result.numerator.bit_length() + result.denominator.bit_length() > 16:
            continue
        used.update((i,) if step is None else (i, j))
        if place >= 0:
            loose[place] = loose[-1]
            loose.pop()
        loose.append(len(values))
        values.append(result)
        steps.append((step, i, j))
    return steps, [i for i in range(len(values)) if i not in used]


def _is_smooth(n: int) -> bool:
    """Whether n has no prime factor but 2 and 3."""
    return n != 0 and 6**20 % n == 0


def chain(nodes: int) -> Workload:
    """A chain through the four operations, whose numbers stay small."""

    def program(lib: Library, x: Sequence[Any]) -> Any:
        return chain_program(x, nodes)

    return Workload(f"chain, {nodes:,} nodes", CHAIN_VALUES, program)


CHAIN_VALUES: Final = (Fraction(1, 3), Fraction(1, 2), Fraction(1), Fraction(2))


def chain_program(x: Sequence[Any], nodes: int) -> Any:
    """The chain of `nodes` nodes over the leaves x: after every four steps its value is the same."""
    total, y, z, two = x
    for _ in range(nodes // 4):
        total = ((total + y) * two - z) / two
    return total


def _rationals(count: int, greatest: int, denominators: int, *, seed: int) -> tuple[Fraction, ...]:
    """Numbers with numerators from -greatest to greatest, none of them 0, and denominators from 1."""
    draw = random.Random(seed).random
    return tuple(
        Fraction(
            (1 if draw() < 0.5 else -1) * (1 + int(draw() * greatest)),
            1 + int(draw() * denominators),
        )
        for _ in range(count)
    )


WORKLOADS: Final[Mapping[str, Callable[[], Workload]]] = {
    "Rosenbrock-200": lambda: rosenbrock(200),
    "Rosenbrock-500": lambda: rosenbrock(500),
    "Rosenbrock-5000": lambda: rosenbrock(5000),
    "perceptron": perceptron,
    "Horner-400": lambda: horner(400),
    "Horner-4000": lambda: horner(4000),
    "reciprocals-400": lambda: reciprocals(400),
    "reciprocals-4000": lambda: reciprocals(4000),
    "dot-64": lambda: dot_product(64),
    "seed": seed_example,
    "random-100000": lambda: random_graph(100_000),
    "chain-1000000": lambda: chain(1_000_000),
}
