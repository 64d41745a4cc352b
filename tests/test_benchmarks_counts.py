"""The guard of the engine's cost: operations that are counted, beside those of the bare arithmetic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from minigrad.backing import ENVIRONMENT

ROOT = Path(__file__).parent.parent

# For each workload, at most how many times the operations of the bare arithmetic, and the words of its
# greatest common divisors, the engine may take; and how many calls for each node of functions in Python,
# and in C.
LIMITS = {
    "Rosenbrock-500": (0.89, 0.9, 10.8, 21),
    # Nodes have up to 32 operands.
    "perceptron": (1.01, 0.55, 24.2, 45),
    # Numbers of a thousand bits: each of the 400 parts of the gradient would be reduced, and each sum.
    "Horner-400": (0.999, 0.1, 9, 26),
    # The derivative of 1/x by the 1 is made for nothing.
    "reciprocals-400": (1.01, 0.35, 13.5, 18),
    "dot-64": (0.5, 0.25, 6, 10),
    # The partials of x/y are made before they are multiplied by the adjoint.
    "seed": (1.17, 1.1, 12, 20),
    "random-5000": (0.96, 0.9, 15.7, 28.6),
    "chain-5000": (1.26, 0.71, 12, 26),
}


def counted(prelude: str = "") -> dict[str, list[dict[str, int]]]:
    """What `benchmarks.counts` finds in a process of its own, after `prelude`."""
    code = f"import sys; sys.argv = ['counts', '--json']\n{prelude}\nfrom benchmarks.counts import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, ENVIRONMENT: "python"},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, int]]] = json.loads(done.stdout)
    return found


def ratios(found: dict[str, list[dict[str, int]]], name: str) -> tuple[float, float, float, float]:
    """The four figures that `LIMITS` is about."""
    ours, bare = found[name]
    return (
        (ours["sums"] + ours["products"]) / (bare["sums"] + bare["products"]),
        ours["common_words"] / bare["common_words"],
        ours["calls"] / ours["nodes"],
        ours["c_calls"] / ours["nodes"],
    )


@pytest.fixture(scope="module")
def counts() -> dict[str, Any]:
    return counted()


@pytest.mark.parametrize("name", LIMITS)
def test_a_gradient_takes_no_more_operations_than_that(counts: dict[str, Any], name: str) -> None:
    for figure, limit in zip(ratios(counts, name), LIMITS[name], strict=True):
        assert figure <= limit


def test_the_engine_makes_no_fraction(counts: dict[str, Any]) -> None:
    assert {ours["fractions"] for ours, _ in counts.values()} == {0}


@pytest.mark.parametrize(("operator", "name"), [("relu", "perceptron"), ("sum", "Rosenbrock-500")])
def test_an_operator_that_is_given_fractions_is_seen(operator: str, name: str) -> None:
    prelude = f"""
from minigrad.operators import OPERATORS
object.__setattr__(OPERATORS["{operator}"], "is_field", False)
"""
    assert counted(prelude)[name][0]["fractions"] > 0


def test_all_workloads_are_guarded(counts: dict[str, Any]) -> None:
    assert set(counts) == set(LIMITS)


# Each makes the engine waste something, and is seen by one of the four figures on that workload.
WASTES = {
    "multiplies by 1": ("""
from fractions import Fraction
from minigrad import reverse
reverse.ONE = Fraction(1)
""", "chain-5000", 0),
    "adds to 0": ("""
from minigrad import reverse
whole = reverse._sum_of_products
reverse._sum_of_products = lambda factors: whole(factors) + 0
""", "Horner-400", 0),
    "multiplies what is below a dead branch": ("""
from minigrad import reverse
reverse.ZERO = object()
""", "perceptron", 0),
    "reduces every part of a sum": ("""
from functools import reduce
from minigrad import reverse
def one_by_one(factors):
    products = [reverse._product(u, p) for u, p in zip(factors[1::2], factors[2::2])]
    return reduce(reverse.add, products, factors[0])
reverse._sum_of_products = one_by_one
""", "Horner-400", 1),
    "adds up a long sum one by one": ("""
from functools import reduce
from minigrad import backing
import operator
backing.total = lambda values: reduce(operator.add, values)
""", "reciprocals-400", 1),
    "evaluates the partials of each node twice": ("""
from minigrad import reverse
once = reverse.partials
twice = lambda node: (once(node), once(node))[1]
reverse.adjoints.__defaults__ = (reverse.ONE, twice, None)
""", "seed", 0),
    "asks for the order twice": ("""
from minigrad import scalar
once = scalar.fresh_order
scalar.fresh_order = lambda root: (once(root), once(root))[1]
""", "random-5000", 3),
    "calls the rule of partials by way of another function": ("""
from minigrad import reverse
rule = reverse.partials
reverse.adjoints.__defaults__ = (reverse.ONE, lambda node: rule(node), None)
""", "random-5000", 2),
}  # fmt: skip


@pytest.mark.parametrize("waste", WASTES)
def test_a_waste_is_seen(waste: str) -> None:
    prelude, name, figure = WASTES[waste]
    assert ratios(counted(prelude), name)[figure] > LIMITS[name][figure]


def test_another_arithmetic_is_refused() -> None:
    from benchmarks import counts as module
    from minigrad import backing

    if backing.NAME == "python":
        pytest.skip("needs another arithmetic than Python's to be chosen")
    with pytest.raises(RuntimeError, match=f"{ENVIRONMENT}=python"):
        module.count(module.SIZED["seed"]())
