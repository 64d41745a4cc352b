"""The runs of a claim's two programs."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import Any

import pytest
from claimed import g, named, sampled

import minigrad
from minigrad import Scalar
from minigrad.errors import DivisionByZero, ExactnessLost, OutOfTime
from minigrad.number import Floats
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, outputs_of, sample

HALF = Fraction(1, 2)
FOREVER = math.inf


def test_a_function_that_raises_has_no_outputs() -> None:
    found = sampled(Kind.GRADIENT, lambda x: 1 / x, lambda x: -1 / x**2, 0)
    assert isinstance(found.function.error, DivisionByZero)
    assert (found.outputs, found.derivative, list(found.given)) == ([], None, [])
    assert found.point == {"x": 0}
    found = sampled(Kind.JVP, lambda x: 1 / x, lambda x, t: t, 0)
    assert (found.values, found.labels) == ((0,), ("x",))


def test_a_derivative_that_raises_has_given_nothing() -> None:
    found = sampled(Kind.GRADIENT, lambda x: x, lambda x: 1 / x, 0)
    assert found.derivative is not None
    assert isinstance(found.derivative.error, DivisionByZero)
    assert [y.data for y in found.outputs] == [0]
    assert list(found.given) == list(found.names) == []


def test_a_leak_is_in_its_run() -> None:
    found = sampled(Kind.GRADIENT, lambda x: math.sin(x), lambda x: math.cos(x), 0)
    assert isinstance(found.function.error, ExactnessLost)
    assert [leak.by for leak in found.function.trace.leaks] == ["float()"]
    assert found.derivative is None


def test_both_programs_are_held_to_the_deadline() -> None:
    layout, values = of_point(lambda x: x, 3)
    late = time.monotonic() - 1
    found = sample(Claim(Kind.GRADIENT, lambda x: x * x, lambda x: 2 * x, layout), values, late)
    assert isinstance(found.function.error, OutOfTime)


def test_each_program_has_arguments_and_a_trace_of_its_own() -> None:
    def function(v: Any) -> Any:
        v[0] = v[0] * 2 if v[0] > 1 else v[0]
        return v[0] * v[1]

    def derivative(v: Any) -> Any:
        return [2 * v[1], 2 * v[0]] if v[1] > 1 else [0, 0]

    found = sampled(Kind.GRADIENT, function, derivative, [3, 5])
    assert found.derivative is not None
    assert [y.data for y in found.outputs] == [30]
    assert named(found) == {"v[0]": 10, "v[1]": 6}
    assert [str(c) for c in found.function.trace.comparisons] == ["v[0] > 1"]
    assert [str(c) for c in found.derivative.trace.comparisons] == ["v[1] > 1"]
    assert not set(found.leaves) & set(found.own_leaves)
    assert [(x.label, x.data) for x in found.leaves] == [("v[0]", 3), ("v[1]", 5)]
    assert [(x.label, x.data) for x in found.own_leaves] == [("v[0]", 3), ("v[1]", 5)]


def test_the_leaves_of_a_vector_are_those_of_both_programs() -> None:
    found = sampled(Kind.VJP, g, lambda x, y, w: (w[0] * y + w[1], w[0] * x - w[1]), (3, 5), 7, 11)
    for leaves in (found.leaves, found.own_leaves):
        assert [(x.label, x.data) for x in leaves] == [
            *[("x", 3), ("y", 5)],
            *[("cotangent[0]", 7), ("cotangent[1]", 11)],
        ]
    assert found.given[0].operands


@pytest.mark.parametrize(
    ("floats", "third"),
    [
        ("decimal", Fraction(3333333333333333, 10**16)),
        ("binary", Fraction(6004799503160661, 2**54)),
        ("simplest", Fraction(1, 3)),
    ],
)
def test_floats_are_read_as_the_claim_says(floats: Floats, third: Fraction) -> None:
    def function(x: Any, y: Any) -> Any:
        return [x * (1 / 3), 1 / 3]

    def derivative(x: Any, y: Any) -> Any:
        return [(1 / 3, 0), (0 * x + 1 / 3, y / y)]

    found = sampled(Kind.JACOBIAN, function, derivative, (1, 5), floats=floats)
    assert [y.data for y in found.outputs] == [third, third]
    assert list(named(found).values()) == [third, 0, third, 1]
    assert found.derivative is not None
    for run in (found.function, found.derivative):
        assert {rounded.text for rounded in run.trace.rounded} == {"0.3333333333333333"}
        # Once where it met a node, once where it was returned as it is.
        assert len(run.trace.rounded) == 2


def test_outputs_of_a_result() -> None:
    x = Scalar(3, "x")
    pairs = outputs_of({"a": [x, 2], "b": (0.5, True)}, floats="binary")
    assert [place for place, _ in pairs] == ["['a'][0]", "['a'][1]", "['b'][0]", "['b'][1]"]
    assert [y.data for _, y in pairs] == [3, 2, HALF, 1]
    assert pairs[0][1] is x
    assert [y.is_constant for _, y in pairs] == [False, True, True, True]
    assert [place for place, _ in outputs_of(minigrad.array([[x, x]]))] == ["[0, 0]", "[0, 1]"]
    assert outputs_of([]) == []
    large = 10**400_000
    ((_, y),) = outputs_of(Scalar.constant(large, max_bits=2**21))
    assert y.data == large
