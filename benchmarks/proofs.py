"""What the proofs cost: `python benchmarks/proofs.py`.

Prints, as medians of several rounds in one run, the chain proof of a large graph as a multiple of its
backward sweep, and the whole proofs of the sizes that minigrad promises. CPU time, so that other work
on the machine matters little.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import minigrad
from minigrad import Scalar
from minigrad.verify import verify

ROUNDS = 5


def seconds(action: Callable[[], object]) -> float:
    """The CPU time of one call."""
    start = time.process_time()
    action()
    return time.process_time() - start


def mixed_chain(nodes: int) -> Scalar:
    """A chain through most operators, whose numbers stay small."""
    x, y = Scalar(3, "x"), Scalar(-2, "y")
    root = x
    for i in range(nodes // 6):
        match i % 4:
            case 0:
                root = root + x * y - x / y + y.relu() * 2
            case 1:
                root = -(abs(y) * x) + root - y
            case 2:
                root = root + x.maximum(y) ** 2 + x * y * 2
            case _:
                root = root - minigrad.dot([x, y], [y, x]) + minigrad.sum([x, y, 3])
    return root


def seed_graph() -> Scalar:
    """The worked example that minigrad descends from."""
    a, b, f = Scalar(3.1, "a"), Scalar(4.2, "b"), Scalar(10, "f")
    return f / (a * b / (a + b))


def rosenbrock(n: int) -> Scalar:
    """Rosenbrock's function in n variables."""
    x = [Scalar(i + 1, f"x{i}") for i in range(n)]
    root: Scalar = Scalar.constant(0)
    for i in range(n - 1):
        root = root + 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return root


def continued_fraction(n: int) -> Scalar:
    """x0 + 1/(x1 + 1/(x2 + …))."""
    x = [Scalar(i + 1, f"x{i}") for i in range(n)]
    root = x[-1]
    for term in reversed(x[:-1]):
        root = term + 1 / root
    return root


def main(nodes: int) -> None:
    """Print the table."""
    print(f"{'graph':32} {'proof':7} {'nodes':>8} {'seconds':>8}  of backward")
    root = mixed_chain(nodes)
    ratios, times = [], []
    for _ in range(ROUNDS):
        root.zero_grad()
        backward = seconds(root.backward)
        times.append(seconds(lambda: verify(root, "chain").raise_if_failed()))
        ratios.append(times[-1] / backward)
    report = verify(root, "chain")
    ratio = statistics.median(ratios)
    print(
        f"{'mixed chain':32} {'chain':7} {len(report.entries):8,} "
        f"{statistics.median(times):8.2f}  {ratio:.1f} times"
    )
    for name, graph in (
        ("the seed's example", seed_graph()),
        ("Rosenbrock, 12 variables", rosenbrock(12)),
        ("continued fraction, 10 terms", continued_fraction(10)),
    ):
        # Once: a second time SymPy would remember the derivatives.
        spent = seconds(lambda g=graph: verify(g, "whole").raise_if_failed())
        print(f"{name:32} {'whole':7} {len(verify(graph).entries):8,} {spent:8.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)
