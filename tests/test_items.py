"""What stands in an array: numbers keep their type until they meet a Scalar."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from minigrad import InvalidNumber, InvalidOperand, Scalar
from minigrad.exact_numpy.items import (
    check_dtype,
    constant,
    constants,
    deliver,
    filled,
    items,
    keeps_exact,
    mapped,
    raw,
    scalars_in,
    target,
    truth,
    unsupported,
)

X = Scalar(2, "x")


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (np.float32([0.1, 0.2]), (2,)), ([np.float32(0.1), 1, X], (3,)), ([[1, 2], (3, X)], (2, 2)), (range(3), (3,)),
        (X, ()), (np.float16(0.1), ()), ([], (0,)), ([[], []], (2, 0)), ([np.array(1.5), X], (2,)), (np.array(0.5), ()),
    ],
)  # fmt: skip
def test_each_number_is_kept_as_it_is(value: Any, shape: tuple[int, ...]) -> None:
    found = raw(value, "f")
    assert (type(found), found.dtype, found.shape) == (np.ndarray, object, shape)
    # NumPy's own way would give a double.
    if getattr(value, "dtype", None) in (np.float32, np.float16):
        assert {type(item) for item in found.flat} == {value.dtype.type}


def test_an_array_of_objects_is_written_through_and_no_other() -> None:
    array = np.array([X, 1], dtype=object)
    raw(array, "f")[1] = X
    assert array[1] is X
    numbers = np.array([1, 2])
    raw(numbers, "f")[0] = X
    assert numbers.tolist() == [1, 2]


def test_numbers_are_read_by_their_own_text() -> None:
    found = constants([np.float32(0.1), 0.1, Decimal("0.1"), X], "f")
    assert [node.data for node in found] == [Fraction(1, 10)] * 3 + [2]
    assert [node.is_constant for node in found] == [True] * 3 + [False]
    assert found[3] is constant(X, "f") is X


def test_an_array_of_scalars_is_filled_already() -> None:
    array = np.array([X, X], dtype=object)
    assert filled(array, "f") is array
    mixed = np.array([X, 1], dtype=object)
    assert filled(mixed, "f") is not mixed
    assert mixed[1] == 1
    assert type(mixed[1]) is int


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: raw([[1], [2, 3]], "f"), "f: expected rows of one shape; got the shapes (1,), (2,)"),
        (lambda: items([1, "a"], "f"), "f: expected Scalars and numbers; got 'a' (type str) among them"),
        (lambda: constant(None, "f"), "f: expected a Scalar or a number; got None (type NoneType)"),
        (lambda: check_dtype(int, "f"), "f: expected dtype to be float or None, which keep the exact numbers; got"),
        (lambda: target(np.zeros(2), "f"), "f: expected a minigrad.array to write Scalars into; got an array of float64"),
        (lambda: target([1], "f"), "f: expected a minigrad.array to write Scalars into; got [1] (type list)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(ask: Any, says: str) -> None:
    with pytest.raises(InvalidOperand, match=f"^{re.escape(says)}"):
        ask()


def test_infinities_are_let_through_for_comparisons_and_nan_is_not() -> None:
    assert items([math.inf, X], "f")[0] == math.inf
    with pytest.raises(InvalidNumber):
        items([X, math.nan], "f")
    with pytest.raises(InvalidNumber):
        constant(math.inf, "f")


def test_truth_is_whether_an_element_is_not_zero() -> None:
    found = truth([[X, 0], [Scalar(0), 0.5]], "f")
    assert (found.dtype, found.tolist()) == (bool, [[True, False], [False, True]])
    bools = np.array([True, False])
    assert truth(bools, "f") is bools
    assert truth(True, "f").shape == ()


@pytest.mark.parametrize(
    ("value", "has"),
    [(X, True), ([1, [2, (X,)]], True), (np.array([1, X], dtype=object), True), ([1, 2.0], False), ("x", False),
     (np.zeros(2), False), (np.array([1, "a"], dtype=object), False), ([], False)],
)  # fmt: skip
def test_scalars_are_found_anywhere(value: Any, has: bool) -> None:
    assert scalars_in(value) is has


def test_floats_of_any_width_keep_what_is_exact() -> None:
    assert all(map(keeps_exact, (None, float, "f2", np.float32, np.longdouble, object)))
    assert not any(map(keeps_exact, (int, bool, complex, "U3")))


def test_a_result_is_delivered_into_out() -> None:
    result, out = np.array([X, X], dtype=object), np.array([0, 0], dtype=object)
    assert deliver(result, None, "f") is result
    assert deliver(result, (out,), "f", mask=[True, False])[0] is X
    assert out.tolist()[1] == 0
    bools = np.zeros(2, dtype=bool)
    assert deliver(np.array([True, False]), bools, "f") is bools
    assert bools.tolist() == [True, False]
    with pytest.raises(
        InvalidOperand, match="would keep their rounded values and lose their gradients"
    ):
        deliver(result, np.zeros(2), "f")


def test_a_function_is_mapped_over_arrays_that_broadcast() -> None:
    left, right = np.array([[1], [2]], dtype=object), np.array([10, 20], dtype=object)
    assert mapped(lambda a, b: a + b, (left, right)).tolist() == [[11, 21], [12, 22]]
    assert mapped(lambda a: a, [np.array(X, dtype=object)]) is X


def test_what_is_not_supported_is_said_by_its_path() -> None:
    assert str(unsupported("fft.fft")).startswith(
        "np.fft.fft has no exact form for Scalars: expected"
    )
    assert str(unsupported("jv")).startswith("scipy.special.jv has no exact form")
