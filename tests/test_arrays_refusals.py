"""What arrays refuse, and how they say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from array_functions import SQUARE

from minigrad.arrays import array, values
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand

REFUSED: dict[str, Callable[[Any], Any]] = {
    "unwrap": np.unwrap, "i0": np.i0, "frexp": np.frexp, "nextafter": lambda x: np.nextafter(x, 1),
    "linalg.eig": np.linalg.eig, "linalg.svd": np.linalg.svd,
    "linalg.cond": np.linalg.cond, "fft.fft": np.fft.fft, "bitwise_and": lambda x: x & x,
    "invert": lambda x: ~x, "histogram": np.histogram,
    "less.accumulate": np.less.accumulate, "ldexp": lambda x: np.ldexp(x, 2),
    "linalg.pinv": np.linalg.pinv,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_exact_form_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidOperand, match=rf"np\.{name}.* has no exact form.*expected"):
        REFUSED[name](array(SQUARE))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.std(dtype=int), lambda x: np.std(x, mean=1), lambda x: x.astype(int), lambda x: x.astype(complex), lambda x: x.sum(dtype=int),
        lambda x: np.add(x, 1, dtype=np.int64), lambda x: np.add(x, 1, out=np.zeros(2)), lambda x: x + "a",
        lambda x: x + None, lambda x: x * [1j, 2], lambda x: np.concatenate([x, ["a"]]),
        lambda x: np.concatenate([x, x], dtype=int), lambda x: np.sum(x, out=np.zeros(())), lambda x: x @ 2,
        lambda x: x @ [1, 2, 3], lambda x: np.dot(x, [1]), lambda x: np.einsum("ij,j", x, x), lambda x: np.einsum("i->j", x),
        lambda x: np.einsum("i,i->ii", x, x), lambda x: np.tensordot(x, [1, 2, 3], 1), lambda x: np.add(x, 1, where=[True, False]),
        lambda x: np.pad(x, 1, mode="mean"), lambda x: np.linalg.norm(x, "nuc"), lambda x: np.copyto(np.zeros(2), x),
        lambda x: np.zeros(2).__iadd__(x), lambda x: x * [[1], [2, 3]], lambda x: np.matmul(x, x, axes=[(0,), (0,), ()]),
        lambda x: np.linalg.norm(np.stack([x, x]), 2), lambda x: np.linalg.norm(np.stack([x, x]), "nuc"),
        lambda x: np.linalg.norm(np.stack([x, x])[None], 1), lambda x: np.linalg.norm(x, True), lambda x: np.linalg.norm(x, "fro"),
        lambda x: np.exp(x, out=np.zeros(2)), lambda x: np.sqrt(x, dtype=int), lambda x: np.logaddexp(x, "a"),
        lambda x: np.tensordot(x, x, ([0, 0], [0, 0])),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidOperand, match=r"expected|no exact form"):
        function(array([1, 2]))


def test_numpys_own_errors_stay() -> None:
    x = array([1, 2])
    with pytest.raises(np.exceptions.AxisError):
        x.sum(axis=1)
    with pytest.raises(ValueError, match="broadcast"):
        x * [1, 2, 3]
    with pytest.raises(DivisionByZero):
        x / 0
    with pytest.raises(DomainError):
        (-x) ** 0.5
    with pytest.raises(TypeError):
        hash(x)


def test_the_hint_of_a_refusal_works() -> None:
    x = array([0, 4])
    assert np.sinc(values(x, dtype=float))[0] == 1.0


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.choose(x[0], [1, 2]),
        lambda x: np.delete(x, x[0]),
        lambda x: np.insert(x, x[0], 2),
        lambda x: np.vecdot(x, x[0]),
        lambda x: np.vecdot(x, np.ones(7)),
    ],
)
def test_a_scalar_is_no_index_and_no_length_fits_another(function: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidOperand, match=r"^\w+: expected "):
        function(array([1, 2]))
