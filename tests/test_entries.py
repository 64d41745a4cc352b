"""Entries of the operator table: what fits them, and what their rules are given."""

from __future__ import annotations

from typing import Any

import pytest

from minigrad import Scalar, apply
from minigrad.errors import (
    InvalidOperand,
)
from minigrad.operators import named

SHAPES = [
    ("add", 1, (), "add: expected 2 operands; got 1"),
    ("neg", 2, (), "neg: expected 1 operands; got 2"),
    ("sum", 0, (), "sum: expected a positive multiple of 1 operands; got 0"),
    ("dot", 3, (), "dot: expected a positive multiple of 2 operands; got 3"),
    ("dot", 0, (), "dot: expected a positive multiple of 2 operands; got 0"),
    ("pow", 1, (), r"pow: expected the parameters \['exponent'\]; got 0"),
    ("add", 2, (1,), r"add: expected the parameters \[\]; got 1"),
    ("pow", 1, (0.5,), r"pow: expected exponent to be an int; got 0\.5 \(type float\)"),
    ("pow", 1, (True,), "expected exponent to be an int; got True"),
    ("where", 2, (1,), r"where: expected condition to be true or false; got 1 \(type int\)"),
    ("round", 1, ("1",), "round: expected digits to be an int; got '1'"),
]


@pytest.mark.parametrize(("name", "count", "parameters", "message"), SHAPES)
def test_operands_and_parameters_must_fit(
    name: str, count: int, parameters: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(InvalidOperand, match=message):
        named(name).check_shape(count, parameters)
    with pytest.raises(InvalidOperand, match=message):
        apply(named(name), [Scalar(1)] * count, parameters)


@pytest.mark.parametrize(
    ("name", "count", "parameters"),
    [("add", 2, ()), ("sum", 7, ()), ("dot", 4, ()), ("pow", 1, (-3,)), ("where", 2, (True,))],
)
def test_operands_and_parameters_that_fit(
    name: str, count: int, parameters: tuple[Any, ...]
) -> None:
    assert named(name).check_shape(count, parameters) is None
    assert apply(named(name), [Scalar(1)] * count, parameters).operator is named(name)
