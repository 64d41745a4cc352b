"""A node's numbers in parts, and their digits."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import (
    Scalar,
)


@given(st.fractions(), st.fractions())
@example(Fraction(0), Fraction(-1, 3))
@example(Fraction(-31, 10), Fraction(0))
def test_the_parts_of_value_and_gradient(data: Fraction, grad: Fraction) -> None:
    x = Scalar(data)
    x.backward(grad)
    assert x.join_data() == x.data_sign * (x.data_int + x.data_frac) == x.data == data
    assert x.join_grad() == x.grad_sign * (x.grad_int + x.grad_frac) == x.grad == grad
    assert x.data_int == math.floor(abs(data))
    assert x.grad_int == math.floor(abs(grad))
    assert x.data_sign == (data > 0) - (data < 0)
    assert x.grad_sign == (grad > 0) - (grad < 0)
    assert 0 <= x.data_frac < 1
    assert 0 <= x.grad_frac < 1
