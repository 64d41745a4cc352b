"""Functions and infixes of one and two arrays: values and gradients are NumPy's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from array_functions import INFIXES, MATRIX, ONE, OTHER, TWO, VECTOR, as_list, check, is_scalars

from minigrad import Scalar
from minigrad.arrays import Array, array, values
from minigrad.errors import InvalidOperand

F = Fraction


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_array(name: str) -> None:
    check(ONE[name], MATRIX)


def test_a_planted_fault_is_found() -> None:
    """The check itself must fail: for a value that is off, and for a lost gradient."""
    with pytest.raises(AssertionError):
        check(lambda x: x + 1 if isinstance(x, Array) else x, MATRIX)
    with pytest.raises(AssertionError):
        check(lambda x: array(values(x)) if isinstance(x, Array) else x, MATRIX)
    with pytest.raises(AssertionError):
        check(lambda x: x.ravel() if isinstance(x, Array) else x, MATRIX)


IRRATIONAL = ("np.arctan2", "np.hypot", "np.logaddexp", "np.logaddexp2", "np.power")

PARTNERS: dict[str, Any] = {
    "float": OTHER,
    "float32": np.array([0.5, 2, 0.1, 4, 1, 0.7], dtype=np.float32),
    "float16": np.array([0.5, 2, 0.1, 4, 1, 0.7], dtype=np.float16),
    "int": np.array([3, -1, 2, 5, 7, 1]),
    "uint8": np.array([3, 1, 2, 5, 7, 1], dtype=np.uint8),
    "bool": np.array([True, True, True, True, True, True]),
    "list": [0.5, 2, -1.25, 4, 1, -3],
    "tuple": (3, F(1, 2), -1, 2, 5, 7),
}


def exact_text(partner: Any) -> Any:
    """The numbers of a partner as their own text gives them: what NumPy shows is what is meant."""
    items = list(partner) if not isinstance(partner, np.ndarray) else list(partner.flat)
    return np.array([F(str(int(i) if isinstance(i, np.bool_) else i)) for i in items], dtype=object)


# The method `dot` of a plain array asks nobody, so there it is not tried on that side.
SIDES = [
    (name, swapped) for name in TWO for swapped in (False, True) if (name, swapped) != ("dot", True)
]


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize(("name", "swapped"), SIDES)
def test_functions_of_two_arrays(name: str, partner: str, swapped: bool) -> None:
    """Beside any partner, on either side, the values are those of NumPy on Fractions."""
    function, other = TWO[name], PARTNERS[partner]
    x = array(VECTOR)
    result = function(other, x) if swapped else function(x, other)
    plain, exact = np.array([F(item) for item in VECTOR.tolist()]), exact_text(other)
    if name in ("np.copysign", "np.fmax", "np.fmin", "np.heaviside", *IRRATIONAL):
        floats = VECTOR, exact.astype(float)
        expected = np.array(function(*(floats[::-1] if swapped else floats)))
        np.testing.assert_allclose(values(result, dtype=float), expected, rtol=1e-13)
    else:
        expected = np.array(function(*((exact, plain) if swapped else (plain, exact))))
        assert (
            values(result) == expected if not expected.ndim else (values(result) == expected).all()
        )
    assert is_scalars(result)
    assert np.shape(result) == expected.shape


JUMPS = ("floor_divide", "remainder", "np.floor_divide", "np.mod")


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_arrays_of_scalars(name: str) -> None:
    # At a jump there is no slope; by OTHER, some of VECTOR divide evenly.
    check(TWO[name], VECTOR, OTHER, smooth=name not in JUMPS)


NUMBERS: dict[str, Any] = {
    "int": 3, "float": 0.7, "bool": True, "Fraction": F(2, 3), "Decimal": Decimal("0.3"), "big": 10**30,
    "np.float64": np.float64(0.7), "np.float32": np.float32(0.7), "np.float16": np.float16(0.7),
    "np.int64": np.int64(3), "np.uint8": np.uint8(3), "np.bool": np.bool_(True),
    "0-d": np.array(0.7), "0-d float32": np.array(0.7, dtype=np.float32),
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("name", INFIXES)
def test_infixes_with_one_number_on_either_side(name: str, kind: str) -> None:
    other = NUMBERS[kind]
    exact = {"bool": F(1), "np.bool": F(1), "Fraction": F(2, 3)}.get(kind) or F(str(other))
    x, plain = array(VECTOR), [F(item) for item in VECTOR.tolist()]
    for result, expected in [
        (TWO[name](x, other), [TWO[name](item, exact) for item in plain]),
        (TWO[name](other, x), [TWO[name](exact, item) for item in plain]),
    ]:
        assert is_scalars(result)
        assert values(result).tolist() == expected


@pytest.mark.parametrize("name", INFIXES)
def test_infixes_with_one_scalar_on_either_side(name: str) -> None:
    x, s = array([2, -3], "x"), Scalar("7/2", "s")
    for result, expected in [
        (TWO[name](x, s), [TWO[name](F(2), F(7, 2)), TWO[name](F(-3), F(7, 2))]),
        (TWO[name](s, x), [TWO[name](F(7, 2), F(2)), TWO[name](F(7, 2), F(-3))]),
    ]:
        assert is_scalars(result)
        assert values(result).tolist() == expected
        assert all(s in item.operands for item in result)


ASKING: dict[str, Callable[[Any], Any]] = {
    "isfinite": np.isfinite, "isnan": np.isnan, "isinf": np.isinf, "signbit": np.signbit,
    "logical_not": np.logical_not, "logical_and": lambda x: np.logical_and(x, x > 0),
    "logical_or": lambda x: np.logical_or(x > 0, x), "logical_xor": lambda x: np.logical_xor(x, 1),
    "any": np.any, "all": np.all, "any axis": lambda x: np.any(x, axis=0), "all method": lambda x: x.all(axis=1),
    "logical_or.reduce": np.logical_or.reduce,
    "count_nonzero": np.count_nonzero, "count axis": lambda x: np.count_nonzero(x, axis=1),
    "nonzero": np.nonzero, "nonzero method": lambda x: x.nonzero(), "argwhere": np.argwhere,
    "flatnonzero": np.flatnonzero, "where": lambda x: np.where(x),
    "argmax": np.argmax, "argmin": lambda x: np.argmin(x, axis=1), "argmax method": lambda x: x.argmax(axis=0),
    "argsort": np.argsort, "argsort method": lambda x: x.argsort(axis=0),
    "searchsorted": lambda x: np.searchsorted(np.sort(x[0]), [0.5, 2]),
    "array_equal": lambda x: np.array_equal(x, x.tolist()), "array_equal shape": lambda x: np.array_equal(x, x[0]),
    "array_equal not": lambda x: np.array_equal(x, x + 1), "allclose": lambda x: np.allclose(x, x + 1e-9),
    "allclose not": lambda x: np.allclose(x, x + 0.1), "isclose": lambda x: np.isclose(x, [0, 1.5, 3.00001]),
    "shape": np.shape, "ndim": np.ndim, "size": np.size, "len": len, "contains": lambda x: 3.0 in x,
    "astype": lambda x: x.astype(bool), "zeros_like": lambda x: np.zeros_like(x, dtype=int),
    "full_like": lambda x: np.full_like(x, True, dtype=bool),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKING)
def test_questions_have_numpys_answers(name: str) -> None:
    point = np.array([[0.0, -1.0, 3.0], [0.0, 3.0, 0.0]])
    found, expected = ASKING[name](array(point)), ASKING[name](point)
    for one, wanted in zip(as_list(found), as_list(expected), strict=True):
        assert np.array_equal(one, wanted)
        assert np.asarray(one).dtype == np.asarray(wanted).dtype
        assert not isinstance(one, Array)


def test_bins_and_ends_may_be_scalars() -> None:
    bins = array([1, 2, 7])
    assert np.digitize(2, bins) == 2
    for edges in ([1.0, 2.0, 7.0], [7.0, 2.0, 1.0]):
        for right in (False, True):
            for x in ([0.0, 1.0, 2.0, 5.0, 7.0, 8.0], 2.0):
                expected = np.digitize(x, edges, right).tolist()
                assert np.digitize(x, array(edges), right).tolist() == expected
                assert np.digitize(array(x), edges, right).tolist() == expected
    found = np.linspace(0, Scalar(2), 4, False)
    assert [node.data for node in found] == [0, Fraction(1, 2), 1, Fraction(3, 2)]


def test_weights_along_several_axes() -> None:
    plain = np.arange(24.0).reshape(2, 3, 4) + 1
    exact = array(plain)
    for axis, shape in (
        ((0, 1), (2, 3)),
        ((2, 1), (4, 3)),
        (1, (3,)),
        (None, (2, 3, 4)),
        ((-1,), (4,)),
    ):
        weights = np.arange(np.prod(shape)).reshape(shape) + 1.0
        found = np.average(exact, axis=axis, weights=weights)
        assert np.allclose(
            values(found, dtype=float), np.average(plain, axis=axis, weights=weights)
        )
    for axis, shape in ((None, (4,)), (0, (3,)), ((0, 1), (3, 2))):
        with pytest.raises(InvalidOperand, match="average: expected weights of the shape"):
            np.average(exact, axis=axis, weights=np.ones(shape))


def test_the_trace_of_a_stack_is_that_of_each_matrix() -> None:
    plain = np.arange(24.0).reshape(2, 3, 4)
    for offset in (0, 1, -1):
        found = values(np.linalg.trace(array(plain), offset=offset), dtype=float)
        assert found.tolist() == np.linalg.trace(plain, offset=offset).tolist()
        found = values(np.trace(array(plain), offset), dtype=float)
        assert found.tolist() == np.trace(plain, offset).tolist()


def test_reductions_take_their_options_by_place() -> None:
    exact = array([[1, 2], [3, 4]])
    assert values(np.sum(exact, 0, None, None, True)).tolist() == [[4, 6]]
    assert values(np.max(exact, 1, None, True)).tolist() == [[2], [4]]


def test_calls_that_numpy_refuses_are_refused() -> None:
    exact = array(np.ones((2, 2, 2)))
    with pytest.raises(InvalidOperand, match="where: expected a condition, or x and y too"):
        np.where(exact, exact)
    with pytest.raises(InvalidOperand, match="norm: expected one axis or two"):
        np.linalg.norm(exact, axis=(0, 1, 2))
