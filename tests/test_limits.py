"""Errors of a program that are due to minigrad."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import pytest
from runs import numpy, ran

import minigrad
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand, TooLarge
from minigrad.verify.limits import is_own, remark

FAILING: dict[str, Callable[[Any], Any]] = {
    "JSON": lambda x: json.dumps(x),
    "a complex number": lambda x: x + 1j,
    "to the right of one": lambda x: 1j * x,
    "an attribute of floats": lambda x: x.fromhex,
    "limits of an array": lambda x: numpy().finfo(minigrad.array([x]).dtype),
    "of an array": lambda x: numpy().linalg.eigvalsh(numpy().array([[x]])),
    "of a list": lambda x: numpy().fft.fft([x, x]),
}


@pytest.mark.parametrize("function", FAILING.values(), ids=FAILING)
def test_what_stand_ins_cannot_do_is_minigrads_own(function: Callable[[Any], Any]) -> None:
    error = ran(function, 2).error
    assert is_own(error)
    assert "minigrad puts" in remark(error)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: None + 1,
        lambda x: "a" + 1,
        lambda x: len(3),
        lambda x: x.derivative,
        lambda x: [0, 2, 4][x],
        lambda x: range(x),
        lambda x: None + x,
        lambda x: [] + x,  # noqa: RUF005 - the sum is what fails
        lambda x: len(x),
        lambda x: x * "a",
        lambda x: x[0],
        lambda x: numpy().zeros(x),
        lambda x: math.factorial(x),
        lambda x: {}[1],
        lambda x: 1 / 0,
    ],
)
def test_what_a_program_would_raise_of_floats_is_its_own(function: Callable[[Any], Any]) -> None:
    error = ran(function, 2).error
    assert error is not None
    assert not is_own(error)
    assert not remark(error)


def test_of_minigrad_s_errors_those_say_something_that_are_about_numbers() -> None:
    assert is_own(InvalidOperand("np.modf has no exact form for Scalars"))
    assert is_own(TooLarge("Traced"))
    assert not is_own(DivisionByZero("Traced"))
    assert not is_own(DomainError("Traced"))
    assert not is_own(None)
    assert not remark(InvalidOperand("'Scalar'"))
    assert not is_own(TypeError("Near zero the model is undefined"))


OF_FLOATS_TOO: dict[str, Callable[[Any], Any]] = {
    "compared with None": lambda x: x > None,
    "an item assigned": lambda x: operator.setitem(x, 0, 1),
    "an item deleted": lambda x: operator.delitem(x, 0),
    "next": next,
    "in a text": lambda x: x in "abc",
    "inverted": operator.invert,
    "a path": PurePath,
    "an index of bytes": lambda x: b"abc"[x],
}


@pytest.mark.parametrize("function", OF_FLOATS_TOO.values(), ids=OF_FLOATS_TOO)
def test_what_python_says_of_floats_in_the_same_words_is_the_program_s(
    function: Callable[[Any], Any],
) -> None:
    with pytest.raises(TypeError):
        function(2.0)
    error = ran(function, 2).error
    assert isinstance(error, TypeError)
    assert not is_own(error)
