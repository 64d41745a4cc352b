"""Arithmetic with a NumPy array on the other side."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from minigrad.elementwise import elementwise, is_array
from minigrad.errors import InvalidOperand


@pytest.mark.parametrize("value", [np.zeros(2), np.zeros((0, 3)), np.array(1.0), np.array([None])])
def test_an_array_is_one(value: Any) -> None:
    assert is_array(value)


@pytest.mark.parametrize(
    "value", [1, 1.0, np.float32(1), np.int64(1), np.bool_(True), [1], "a", None]
)
def test_a_number_or_a_list_is_none(value: Any) -> None:
    assert not is_array(value)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_the_shape_stays_and_each_element_is_taken_once(shape: tuple[int, ...]) -> None:
    asked: list[Any] = []
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    found = elementwise(lambda item: asked.append(item) or [int(item)], array)
    assert (found.shape, found.dtype, asked) == (shape, object, array.ravel().tolist())
    # A list in it is one element.
    assert list(found.flat) == [[item] for item in asked]


def test_elements_keep_their_type_and_the_array_is_left_alone() -> None:
    array = np.array([0.1, 0.2], dtype=np.float32)
    found = elementwise(type, array)
    assert found.tolist() == [np.float32] * 2
    assert (array.dtype, array.tolist()) == (np.float32, np.float32([0.1, 0.2]).tolist())
    objects = np.array(["a", None], dtype=object)
    assert elementwise(lambda _: 1, objects).tolist() == [1, 1]
    assert objects.tolist() == ["a", None]


def test_an_element_that_is_declined_is_named() -> None:
    with pytest.raises(
        InvalidOperand,
        match=r"^expected an array of Scalars and numbers; got 'b' \(type .*\) in it$",
    ):
        elementwise(
            lambda item: NotImplemented if item == "b" else 1, np.array(["a", "b"], dtype=object)
        )


def test_an_array_that_answers_itself_is_left_to_it() -> None:
    class Own:
        flat = ()

        def __setitem__(self, key: Any, value: Any) -> None:
            raise AssertionError

    assert is_array(Own())
    assert elementwise(lambda item: item, Own()) is NotImplemented


def test_numpy_is_not_imported() -> None:
    code = "import sys, minigrad.elementwise as e; print(e.is_array([1]), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]
