"""Long chains and many nodes: no recursion, little memory."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import weakref
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from scalars import chain

from minigrad import Scalar, apply, gradients, number, prod
from minigrad.errors import TooLarge
from minigrad.graph import topological_order


@pytest.mark.parametrize(
    "use",
    [
        copy.copy,
        copy.deepcopy,
        lambda node: pickle.loads(pickle.dumps(node)),
        repr,
        str,
        lambda node: node.backward(),
        gradients,
        Scalar.zero_grad,
    ],
    ids=["copy", "deepcopy", "pickle", "repr", "str", "backward", "gradients", "zero_grad"],
)
def test_a_long_chain_does_not_recurse(use: Callable[[Scalar], Any]) -> None:
    leaf, node = chain(20_000)
    result = use(node)
    if isinstance(result, Scalar):
        result.backward()
        assert topological_order([result])[0].data == 1
    assert node.data == leaf.data == 1


def test_a_long_chain_is_freed() -> None:
    leaf, node = chain(60_000)
    reference = weakref.ref(node)
    del node
    assert reference() is None
    assert sys.getrefcount(leaf) == 2


MILLION = """
import gc, re, sys
from fractions import Fraction
from minigrad import Scalar

def peak():
    with open("/proc/self/status") as status:
        return 1024 * int(re.search("VmHWM:\\s+([0-9]+) kB", status.read())[1])

gc.disable()
count = 10**6
before = peak()
leaf = node = Scalar(1)
for _ in range(count):
    node = -node
node.backward()
assert leaf.grad == 1
# The values and gradients are Fractions of the ints 1 and -1, of which there is one each.
print((peak() - before) / count - 2 * sys.getsizeof(Fraction(1)))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_a_million_nodes_take_little_memory() -> None:
    run = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True)
    assert run.stderr == ""
    assert 100 < float(run.stdout) < 450


def test_a_product_with_a_zero_is_zero_however_large_the_others() -> None:
    large = Scalar(2**600_000)
    assert prod([0, large, large]).data == 0


@pytest.mark.parametrize("exponent", [2, 3, 4, 9])
def test_a_power_over_the_limit_is_refused(exponent: int) -> None:
    x = Scalar(2 ** (2**20 // exponent + 1), "x")
    assert (x ** (exponent - 1)).data == x.data ** (exponent - 1)
    with pytest.raises(TooLarge, match=r"^pow"):
        x**exponent


@pytest.mark.parametrize("name", ["sum", "dot"])
def test_a_sum_over_the_limit_is_refused_before_anything_is_added(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def added(*_: object) -> None:
        raise AssertionError("it was added up")

    monkeypatch.setattr(number, "total", added)
    monkeypatch.setattr(number, "dot", added)
    # Denominators without a common divisor: neighbours among odd powers of neighbours.
    xs = [Scalar(Fraction(1, 2**400_000 + k)) for k in (1, 3, 5, 7)]
    with pytest.raises(TooLarge):
        apply(name, xs)
