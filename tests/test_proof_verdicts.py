"""Verdicts: what is proved, refuted and undecided, and for which gradients."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from proofs import labelled
from reports import METHODS, every_method, of, seed_example, verdicts

from minigrad import Scalar, absolute
from minigrad.errors import GradientMismatch
from minigrad.exact import to_exact
from minigrad.verify.proof import Prover

# --- verdicts -------------------------------------------------------------------------------------


@every_method
def test_constants_have_no_entry(prover: Prover, method: str) -> None:
    x = Scalar(3, "x")
    report = prover.verify(labelled("r", 2 * x + Scalar.constant(5, "c")), method)
    assert [entry.label for entry in report.entries] == ["x", "v1", "r"]
    assert report.points == ({"x": 3},)


@every_method
def test_a_root_that_is_a_constant_has_nothing_to_prove(prover: Prover, method: str) -> None:
    report = prover.verify(Scalar.constant(3), method)
    assert (report.entries, report.verdict, report.ok) == ((), "proved", True)


@every_method
def test_a_root_that_is_a_leaf(prover: Prover, method: str) -> None:
    x = Scalar(3, "x")
    (entry,) = prover.verify(x, method, seed="2/3").entries
    assert (str(entry.verdict), entry.gradient, entry.derivative) == ("proved", Fraction(2, 3), "1")
    x.grad = 1
    (entry,) = prover.verify(x, method, seed="2/3").entries
    assert (str(entry.verdict), entry.blame) == ("refuted", "node x")


@every_method
def test_a_graph_of_constants_alone(prover: Prover, method: str) -> None:
    root = Scalar.constant(3) * Scalar.constant(4)
    (entry,) = prover.verify(root, method).entries
    assert (str(entry.verdict), entry.value) == ("proved", 12)


@every_method
@pytest.mark.parametrize("seed", [1, -1, 0, "1/3", 2.5, 10**40])
def test_any_seed(prover: Prover, method: str, seed: Any) -> None:
    nodes = seed_example(2, 3)
    nodes["g"].backward(seed)
    report = prover.verify(nodes["g"], method, seed=seed)
    assert report.verdict == "proved"
    assert of(report, "f").gradient == Fraction(str(seed)) / Fraction(6, 5)
    other = prover.verify(nodes["g"], method, seed=3)
    assert set(verdicts(other).values()) == {"refuted"}


@every_method
def test_an_exponent_is_undecided_and_the_rest_is_proved(prover: Prover, method: str) -> None:
    x, n = Scalar(-2, "x"), Scalar(3, "n")
    root = labelled("r", x**n + x)
    root.backward()
    report = prover.verify(root, method)
    assert verdicts(report) == {"x": "proved", "n": "undecided", "v1": "proved", "r": "proved"}
    assert (of(report, "n").gradient, of(report, "n").expected) == (None, None)
    assert "a base that is not positive" in of(report, "n").message
    assert not report.ok


@every_method
def test_the_exponent_of_a_positive_base_is_proved(prover: Prover, method: str) -> None:
    x, n = Scalar(2, "x"), Scalar(3, "n")
    root = labelled("r", x**n + x)
    root.backward()
    report = prover.verify(root, method)
    assert set(verdicts(report).values()) == {"proved"}
    assert of(report, "n").gradient == of(report, "n").expected == to_exact(8 * sp.log(2))
    assert "x > 0" in report.conditions


@every_method
@pytest.mark.parametrize("claimed", ["0", "7", "16*log(2)", "-8*log(2)", "8*log(2) + 1e-40"])
@pytest.mark.parametrize("base", [2, -2])
def test_a_wrong_number_for_an_exponent_s_gradient_is_refuted(
    prover: Prover, method: str, claimed: str, base: int
) -> None:
    x, n = Scalar(base, "x"), Scalar(3, "n")
    root = labelled("r", x**n)
    root.backward()
    n.grad = claimed
    assert verdicts(prover.verify(root, method)) == {"x": "proved", "n": "refuted", "r": "proved"}


@every_method
def test_one_wrong_number_says_nothing_of_the_others(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    nodes["g"].backward()
    nodes["e"].grad += 1
    report = prover.verify(nodes["g"], method)
    assert verdicts(report) == {**dict.fromkeys("abcdfg", "proved"), "e": "refuted"}
    assert of(report, "e").blame == "node e"
    assert of(report, "e").difference == "1"
    assert report.verdict == "refuted"
    with pytest.raises(GradientMismatch, match="blame: node e"):
        report.raise_if_failed()


@every_method
def test_independent_wrong_numbers_are_blamed_each_on_itself(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    nodes["g"].backward()
    nodes["e"].grad += 1
    nodes["d"].grad += 1
    report = prover.verify(nodes["g"], method)
    assert (of(report, "e").blame, of(report, "d").blame) == ("node e", "node d")


@every_method
def test_the_point_is_told_with_what_is_not_proved(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    nodes["a"].grad = 0
    report = prover.verify(nodes["g"], method)
    assert of(report, "a").point == {"a": 2, "b": 3, "f": 10}
    assert of(report, "b").point == {}


def test_numbers_too_long_to_print_are_shortened(prover: Prover) -> None:
    x, one = Scalar(10**5000, "x"), Scalar(1, "one")
    for root in (
        x // 3, x % 7, round(x / 3), x * x, absolute(x), one ** 10**5000,
        one ** Scalar.constant(10**5000),
    ):  # fmt: skip
        for method in METHODS:
            report = prover.verify(root, method)
            assert report.verdict == "proved"
            assert max(map(len, str(report).splitlines())) < 400
            assert json.dumps(report.to_dict())


def test_long_constants_in_one_product(prover: Prover) -> None:
    node = Scalar(3, "x")
    for k in range(9):
        node = node * (10**590 + k)
    for method in METHODS:
        assert prover.verify(node, method).verdict == "proved"


@pytest.mark.parametrize("label", [None, 5, ["x"], "", "x y", "{0}", "\x1b[31m", "a" * 5000])
def test_any_label(prover: Prover, label: Any) -> None:
    x, y = Scalar(3), Scalar(2, "y")
    x.label = label
    report = prover.verify(x / y)
    assert report.verdict == "proved"
    assert report.entries[0].label == (str(label) if label else "v1")
    assert str(report)


# --- gradients that are set, or not ---------------------------------------------------------------


@every_method
def test_gradients_that_are_not_set_are_computed(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    assert prover.verify(nodes["g"], method).verdict == "proved"
    assert not any(node.has_grad for node in nodes.values())
    nodes["d"].grad = 1
    assert prover.verify(nodes["g"], method).verdict == "refuted"


@every_method
def test_a_second_backward_is_refuted_on_leaves_alone(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    for _ in range(2):
        nodes["g"].backward()
    report = prover.verify(nodes["g"], method)
    assert verdicts(report) == {
        **dict.fromkeys("abf", "refuted"),
        **dict.fromkeys("cdeg", "proved"),
    }
    nodes["g"].zero_grad()
    nodes["g"].backward()
    assert prover.verify(nodes["g"], method).verdict == "proved"
