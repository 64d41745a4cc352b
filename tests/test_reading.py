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


def test_what_is_read_in_one_way_only_is_not_asked_for() -> None:
    asked: list[object] = []

    def reader(value: object) -> Any:
        asked.append(value)
        return simplest(value)

    x = Scalar(Fraction(1, 2))
    with reading_by(reader):
        assert (x * 2 * Fraction(1, 3)).data == (Fraction(1, 3) * (2 * x)).data == Fraction(1, 3)
        assert minigrad.maximum(x, Fraction(2, 3)) == Fraction(2, 3)
        assert asked == []
        assert (x * THIRD).data == minigrad.maximum(0, THIRD).data / 2 == Fraction(1, 6)
    assert asked == [THIRD, THIRD]


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


def test_who_runs_a_program_is_told_of_refusals_while_it_runs() -> None:
    np = pytest.importorskip("numpy")
    told: list[Exception] = []
    x = minigrad.array([1, 2])

    def refused_thrice() -> None:
        for function in (np.fft.fft, np.frexp, lambda a: a.sum(dtype=int)):
            with pytest.raises(TypeError):
                function(x)

    with reading_by(simplest, told.append):
        refused_thrice()
    names = [str(error).partition(" ")[0] for error in told]
    assert names == ["np.fft.fft", "np.frexp", "add:"]
    refused_thrice()
    assert len(told) == len(names)
