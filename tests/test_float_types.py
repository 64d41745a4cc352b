"""Classes in the place of `float` and NumPy's types."""

from __future__ import annotations

import numbers
from fractions import Fraction

import numpy as np
import pytest

from minigrad import Scalar, array
from minigrad.arrays import numpy_namespace
from minigrad.exact_math import builtins_namespace
from minigrad.float_types import itself, type_standing_in
from minigrad.trace import Trace, run

FLOAT = builtins_namespace().float
NUMPY = numpy_namespace()


def test_a_scalar_stays_and_all_else_is_a_float():
    x = Scalar(3, "x")
    assert FLOAT(x) is x
    assert FLOAT(np.array(x, dtype=object)) is x
    made = [FLOAT(), FLOAT(2), FLOAT("1e3"), FLOAT(Fraction(1, 4)), FLOAT(np.float32(0.5))]
    assert made == [0.0, 2.0, 1000.0, 0.25, 0.5]
    assert {type(item) for item in made} == {float}
    assert FLOAT.fromhex("0x1p3") == 8
    for wrong in ("three", None, [1.0], 1j):
        with pytest.raises((TypeError, ValueError)):
            FLOAT(wrong)


def test_it_is_the_type_that_it_stands_for():
    assert isinstance(1.5, FLOAT)
    assert isinstance(np.float64(1), FLOAT)
    assert isinstance(Scalar(1), FLOAT)
    assert not isinstance(1, FLOAT)
    assert not isinstance("1.5", FLOAT)
    assert issubclass(float, FLOAT)
    assert issubclass(np.float64, FLOAT)
    assert not issubclass(int, FLOAT)
    assert {float: 1}[FLOAT] == {FLOAT: 1}[float] == 1
    assert FLOAT not in (int, complex)
    assert (FLOAT.__name__, FLOAT.__module__, FLOAT.__doc__) == ("float", "builtins", float.__doc__)


def test_as_a_dtype_it_is_that_of_floats():
    assert np.dtype(FLOAT) == np.float64
    assert np.zeros(2, dtype=FLOAT).dtype == np.float64
    assert np.vectorize(lambda x: x, otypes=[FLOAT])([1]).dtype == np.float64
    assert np.finfo(FLOAT).eps == np.finfo(float).eps
    assert np.dtype(NUMPY.float32) == np.float32
    assert np.issubdtype(np.float32, NUMPY.floating)
    assert not np.issubdtype(np.int64, NUMPY.floating)
    assert isinstance(NUMPY.zeros(2, dtype=NUMPY.float64)[0], Scalar)


@pytest.mark.parametrize("name", ["float64", "double", "float32", "single", "longdouble", "half"])
def test_numpy_s_types_keep_scalars_and_arrays(name):
    kind = getattr(NUMPY, name)
    x = Scalar(3, "x")
    assert kind(x) is x
    assert kind(array([x, 1]))[0] is x
    assert kind([x, 1])[0] is x
    assert type(kind(1.5)) is getattr(np, name)
    assert kind([1.5, 2]).dtype == getattr(np, name)


@pytest.mark.parametrize("name", ["floating", "inexact", "number", "generic", "float64"])
def test_scalars_are_among_numpy_s_numbers(name):
    kind = getattr(NUMPY, name)
    assert isinstance(Scalar(1), kind)
    assert isinstance(np.float64(1), kind)
    assert not isinstance(1, kind)


def test_a_number_of_python_s_divides_as_python_s():
    trace = Trace()
    trace.is_numpy = True
    found = run(lambda x: [(1 / x).limit, FLOAT(x) is x, 1 / x], [trace.leaf(0, "x")], trace)
    assert isinstance(found.error, ZeroDivisionError)
    assert not trace.is_numpy


def test_an_abstract_class_can_be_stood_in_for():
    kind = type_standing_in(numbers.Real, itself)
    assert isinstance(1.5, kind)
    assert isinstance(Scalar(1), kind)
    assert not isinstance(1j, kind)
