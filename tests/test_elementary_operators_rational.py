"""What is rational stays rational."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import Scalar
from minigrad.backing import ENVIRONMENT
from minigrad.number import ZERO


def test_a_rational_graph_imports_neither_sympy_nor_flint() -> None:
    program = """
import sys
from fractions import Fraction
from minigrad.backing import ENVIRONMENT
from minigrad import Scalar, dot, exp, floor, hypot, maximum, norm, sign, sin, sqrt, tanh, where
x, y = Scalar(3, "x"), Scalar(Fraction(4, 9), "y")
z = (x * y + x / y - 2) ** 3 + abs(x) + maximum(x, y) + dot([x, y], [y, x]) + where(x > y, x, y)
z = z + floor(y) + sign(x) + round(x)
z.backward()
assert type(x.grad) is type(y.grad) is Fraction
print(str(x), z, f"{z:.3f}", float(z))
assert not {"sympy", "flint", "numpy", "mpmath"} & set(sys.modules), sorted(sys.modules)
"""
    environment = {**os.environ, ENVIRONMENT: "python"}
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, env=environment)


@given(st.fractions(0, 50, max_denominator=30))
@example(ZERO)
def test_a_square_has_a_rational_root(x: Fraction) -> None:
    for root in (Scalar(x * x).sqrt(), Scalar(x**3).cbrt(), Scalar(x**5) ** Fraction(1, 5)):
        assert type(root.data) is Fraction
        assert root.data == x


@given(st.integers(-40, 40), st.integers(2, 12))
def test_logarithms_of_powers_are_rational(n: int, base: int) -> None:
    assert (Scalar(Fraction(2) ** n)).log2().data == n
    assert (Scalar(Fraction(10) ** n)).log10().data == n
    ratio = (Scalar(Fraction(base) ** n)).log() / Scalar(base).log()
    assert (type(ratio.data), ratio.data) == (Fraction, n)


@given(st.fractions(Fraction(-9, 10), Fraction(9, 10), max_denominator=20))
def test_inverse_functions_give_the_operand_back(x: Fraction) -> None:
    s = Scalar(x)
    for there, back in [("exp", "log"), ("expm1", "log1p"), ("asinh", "sinh"), ("tanh", "atanh")]:
        assert getattr(getattr(s, there)(), back)().data == x
    assert s.atanh().tanh().data == x
    assert (1 + s * s).acosh().cosh().data == 1 + x * x
    assert s.sigmoid().data == (1 - (-s).sigmoid()).data
