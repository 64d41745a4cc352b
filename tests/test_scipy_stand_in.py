"""The stand-in for scipy.special: Scalars alone, in lists and in arrays; the rest is SciPy's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sympy as sp

np = pytest.importorskip("numpy")
special = pytest.importorskip("scipy.special")

from minigrad import Scalar, array, values  # noqa: E402 - after what may skip
from minigrad.arrays import Array  # noqa: E402 - after what may skip
from minigrad.errors import InvalidOperand  # noqa: E402 - after what may skip
from minigrad.exact_numpy.scipy_stand_in import stand_in  # noqa: E402 - after what may skip

exact: Any = stand_in()

CUBE = np.arange(12.0).reshape(2, 3, 2) / 4


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (2, 0)])
def test_along_every_axis_the_numbers_are_scipys(name: str, axis: Any) -> None:
    found = getattr(exact, name)(array(CUBE), axis=axis)
    expected = getattr(special, name)(CUBE, axis=axis)
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(values(found, dtype=float), expected, rtol=1e-12)


def test_equal_numbers_have_equal_shares() -> None:
    found = exact.softmax(array([[0, 0], [0, 0]]), axis=1)
    assert isinstance(found, Array)
    assert [node.data for node in found.flat] == [sp.Rational(1, 2)] * 4


def test_weights_of_a_sum_of_exponentials() -> None:
    # 3*exp(0) + 1/2*exp(0), and weights that broadcast.
    assert exact.logsumexp([Scalar(0), 0], b=[3, 0.5]).data == sp.log(7) - sp.log(2)
    found = exact.logsumexp(array([[0, 0], [0, 0]]), axis=1, b=[3, 4], keepdims=True)
    assert (found.shape, found[1, 0].data) == ((2, 1), sp.log(7))


def test_orders_of_a_polygamma_broadcast() -> None:
    # psi'(1) = pi**2/6 and psi''(1) = -2*zeta(3) (NIST DLMF, 5.15).
    found = exact.polygamma([1, 2], Scalar(1))
    assert [node.data for node in found] == [sp.pi**2 / 6, -2 * sp.zeta(3)]


def test_without_a_scalar_scipy_is_asked_itself() -> None:
    for name in ("softmax", "logsumexp", "log_softmax"):
        found = getattr(exact, name)([0.5, 0.25])
        assert isinstance(found, (np.ndarray, np.floating))
        assert np.array_equal(found, getattr(special, name)([0.5, 0.25]))
    assert exact.jv(1, 0.5) == special.jv(1, 0.5)


def test_it_is_made_once_and_looks_like_the_module() -> None:
    assert stand_in() is exact
    assert exact.__name__ == "scipy.special"
    assert exact.logsumexp.__name__ == "logsumexp"
    assert set(dir(special)) <= set(dir(exact))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: exact.logsumexp([Scalar(0)], return_sign=True), "logsumexp: expected return_sign=False; got True"),
        (lambda: exact.softmax(["a", Scalar(1)]), "softmax: expected a Scalar or a number; got 'a'"),
        (lambda: exact.softmax([Scalar(1)], axis=(0, 0)), "expected each axis once; got (0, 0)"),
        (lambda: special.jv(1, array([1])), "scipy.special.jv has no exact form for Scalars"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(call: Any, says: str) -> None:
    with pytest.raises(InvalidOperand, match=f"^{re.escape(says)}"):
        call()
