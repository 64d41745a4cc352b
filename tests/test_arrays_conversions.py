"""Values and gradients read out of arrays."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import Scalar
from minigrad.arrays import array, grads, values
from minigrad.errors import GradientUnavailable, InvalidOperand, TooLarge

F = Fraction


def test_asarray_is_a_plain_array_of_the_same_nodes() -> None:
    x = array([1, 2])
    plain = np.asarray(x)
    assert type(plain) is np.ndarray
    assert plain[0] is x[0]


def test_values_and_grads_keep_the_structure() -> None:
    x = array([[1, "1/3"]])
    (x * x).sum().backward()
    assert values(x).tolist() == [[1, F(1, 3)]]
    assert type(values(x)) is np.ndarray
    assert values(x, dtype=float).dtype == np.float64
    assert grads(x, dtype=np.float64).tolist() == [[2.0, 2 / 3]]
    assert values([x[0, 0], [x[0, 1], 5]]) == [1, [F(1, 3), 5]]
    assert values((x[0, 1],), dtype=float) == (1 / 3,)
    assert values(Scalar(3)) == 3
    assert isinstance(values(Scalar(3), dtype=float), float)
    assert grads(x[0, 1]) == F(2, 3)
    assert values([]) == []


@given(st.fractions(), st.fractions())
@example(F(1, 3), F(2**53 + 1))
def test_floats_are_correctly_rounded(p: Fraction, q: Fraction) -> None:
    """The nearest float: no neighbour is closer to the exact value."""
    for exact, found in zip([p, q], values(array([p, q]), dtype=float).tolist(), strict=True):
        near = [abs(F(math.nextafter(found, side)) - exact) for side in (-math.inf, math.inf)]
        assert abs(F(found) - exact) <= min(near)


def test_what_values_and_grads_refuse() -> None:
    with pytest.raises(InvalidOperand, match="values: expected Scalars and numbers; got 'a'"):
        values(["a"])
    with pytest.raises(InvalidOperand, match="grads: expected Scalars; got 3"):
        grads([3])
    with pytest.raises(InvalidOperand, match="dtype to be None or float"):
        values(array([1]), dtype=int)
    with pytest.raises(GradientUnavailable, match="constant"):
        grads(np.zeros_like(array([1])))
    with pytest.raises(TooLarge, match="'big' is beyond every float"):
        values(Scalar(10**400, "big"), dtype=float)
