"""Numbers that meet no Scalar of a run are read as the run says."""

from __future__ import annotations

import threading
from fractions import Fraction
from typing import Any

import pytest
from runs import numpy, ran

import minigrad
from minigrad import Scalar, arrays, exact
from minigrad.number import Floats
from minigrad.reading import read, reading_by

THIRD = 0.3333333333333333
AS_WRITTEN = Fraction("0.3333333333333333")


def simplest(value: object) -> Any:
    return exact.operand_value(value, floats="simplest")


def test_numbers_are_read_by_the_innermost() -> None:
    with reading_by(simplest):
        assert read(THIRD) == Fraction(1, 3)
        with reading_by(lambda value: Fraction(7)):
            assert read(THIRD) == 7
        assert read(THIRD) == Fraction(1, 3)
    assert read(THIRD) == AS_WRITTEN
    assert read("1") is None


def test_an_error_ends_it() -> None:
    with pytest.raises(KeyError), reading_by(simplest):
        raise KeyError
    assert read(THIRD) == AS_WRITTEN


def test_other_threads_read_as_ever() -> None:
    found: list[Any] = []
    with reading_by(simplest):
        thread = threading.Thread(target=lambda: found.append(read(THIRD)))
        thread.start()
        thread.join()
    assert found == [AS_WRITTEN]


@pytest.mark.parametrize(
    ("floats", "third"),
    [
        ("decimal", AS_WRITTEN),
        ("binary", Fraction(THIRD)),
        ("simplest", Fraction(1, 3)),
    ],
)
def test_a_run_reads_the_floats_of_constants(floats: Floats, third: Fraction) -> None:
    np = numpy()
    exactly = arrays.numpy_namespace()

    def function(x: Any) -> Any:
        filled = exactly.zeros(1)
        filled[0] = THIRD
        return [
            exactly.array([THIRD])[0],
            exactly.full(1, THIRD)[0],
            exactly.full(1, 1 + x - x)[0] * THIRD,
            filled[0],
            minigrad.sum([Scalar.constant(0), THIRD]),
            Scalar.constant(1) * THIRD,
            minigrad.linalg.solve([[1]], [THIRD])[0],
            (minigrad.array([x]) * np.array([THIRD]))[0],
        ]

    found = ran(function, 1, floats=floats)
    assert found.error is None
    assert [y.data for y in found.result] == [third] * 8
    assert Scalar(1).maximum(0) * THIRD == AS_WRITTEN
