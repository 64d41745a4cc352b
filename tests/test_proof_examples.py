"""Proofs of known examples."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from itertools import pairwise

import pytest
from proofs import labelled
from reports import every_method, of, seed_example, verdicts

import minigrad
from minigrad import Scalar, from_json, to_json
from minigrad.verify import proof
from minigrad.verify.proof import Prover

try:
    import flint  # noqa: F401 - asked whether it is there
except ImportError:
    HAS_FLINT = False
else:
    HAS_FLINT = True


PUBLISHED = [
    (
        "3.1", "4.2",
        "a -1000/961  b -250/441  c 500/651  d -182500/423801  e -1332250/423801  f 365/651  g 1",
    ),
    ("-4", "2", "a -5/8  b -5/2  c -5/4  d 5/16  e -5/8  f 1/4  g 1"),
]  # fmt: skip


@every_method
@pytest.mark.parametrize(("a", "b", "published"), PUBLISHED)
def test_the_worked_example_of_the_ancestor(
    prover: Prover, method: str, a: str, b: str, published: str
) -> None:
    nodes = seed_example(a, b)
    nodes["g"].backward()
    report = prover.verify(nodes["g"], method)
    words = published.split()
    expected = {label: Fraction(x) for label, x in zip(words[::2], words[1::2], strict=True)}
    assert {entry.label: entry.expected for entry in report.entries} == expected
    assert {entry.label: entry.gradient for entry in report.entries} == expected
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain" if method == "chain" else "whole"}
    assert report.points == ({"a": Fraction(a), "b": Fraction(b), "f": 10},)
    assert set(report.conditions) == {"c != 0", "e != 0"}
    assert report.branches == ()


@every_method
def test_the_ancestor_s_front_page_is_refuted(prover: Prover, method: str) -> None:
    """It shows the results at one point below the code for another."""
    file = json.loads(to_json(seed_example("3.1", "4.2")["g"]))
    words = PUBLISHED[1][2].split()
    elsewhere = dict(zip(words[::2], words[1::2], strict=True))
    for record in file["nodes"]:
        record["grad"] = elsewhere[record["label"]]
    report = prover.verify(from_json(json.dumps(file)), method)
    assert verdicts(report) == {**dict.fromkeys("abcdef", "refuted"), "g": "proved"}


def rosenbrock(xs: list[Scalar]) -> Scalar:
    return minigrad.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs)])


def test_rosenbrock_in_twelve_variables_is_proved_as_a_whole(prover: Prover) -> None:
    xs = [Scalar(Fraction(k - 5, 3), f"x{k}") for k in range(12)]
    report = prover.verify(rosenbrock(xs), "whole", budget=120)
    assert {(str(entry.verdict), entry.proof) for entry in report.entries} == {("proved", "whole")}
    assert len(report.entries) == 12 + 11 * 8 + 1 - 11
    # 400 x (x**2 - y) + 2 (x - 1), and 200 (y - x**2) from the term before.
    x, y, z = (Fraction(k - 5, 3) for k in (6, 7, 8))
    assert of(report, "x7").expected == 200 * (y - x**2) + 400 * y * (y**2 - z) + 2 * (y - 1)


@pytest.mark.skipif(not HAS_FLINT, reason="takes minutes without python-flint")
def test_a_continued_fraction_of_ten_terms_is_proved_as_a_whole(prover: Prover) -> None:
    xs = [Scalar(1, f"x{k}") for k in range(10)]
    node = xs[-1]
    for x in reversed(xs[:-1]):
        node = x + 1 / node
    report = prover.verify(labelled("root", node), "whole", budget=120)
    assert {(str(entry.verdict), entry.proof) for entry in report.entries} == {("proved", "whole")}
    # Euler: the derivative by xk is the square of a quotient of Fibonacci numbers.
    fibonacci = (55, 34, 21, 13, 8, 5, 3, 2, 1, 1)
    for k, number in enumerate(fibonacci):
        assert of(report, f"x{k}").expected == (-1) ** k * Fraction(number, 55) ** 2


def test_a_deep_graph_is_proved_and_the_whole_proofs_stop_at_their_work(prover: Prover) -> None:
    x = Scalar(Fraction(1, 2), "x")
    node = x
    for _ in range(3000):
        node = 1 - node * x
    report = prover.verify(node)
    assert report.verdict == "proved"
    assert len(report.entries) == 6001
    assert {entry.proof for entry in report.entries} == {"chain", "whole"}
    assert report.entries[-1].proof == "whole"
    assert re.match(r"whole proofs stopped at the work allowed to them, after \d+ of 6001 nodes",
                    report.findings[0])  # fmt: skip


def test_derivatives_of_a_large_graph_are_not_spelt_out(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = seed_example(2, 3)["g"]
    monkeypatch.setattr(proof, "_SPELT_OUT", 6)
    report = prover.verify(root, "chain")
    assert report.verdict == "proved"
    assert {entry.derivative for entry in report.entries} == {""}
    assert report.findings == ("derivatives are not spelt out in graphs of over 6 nodes",)
    monkeypatch.setattr(proof, "_SPELT_OUT", 7)
    assert all(entry.derivative for entry in prover.verify(root, "chain").entries)


def test_a_tall_chain_does_not_recurse(prover: Prover) -> None:
    node = x = Scalar(1, "x")
    for _ in range(5000):
        node = node + x
    assert of(prover.verify(node, "chain"), "x").expected == 5001
