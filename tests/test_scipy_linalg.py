"""The stand-in for scipy.linalg: SciPy on floats is the judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

np = pytest.importorskip("numpy")
scipy_linalg = pytest.importorskip("scipy.linalg")

from array_functions import SQUARE, check, is_scalars  # noqa: E402 - after what may skip

from minigrad import InvalidOperand, Scalar, array, grads, values  # noqa: E402 - after what may skip
from minigrad.arrays import stand_ins  # noqa: E402 - after what may skip
from minigrad.exact_numpy.scipy_linalg import stand_in  # noqa: E402 - after what may skip
from minigrad.verify import check_gradient  # noqa: E402 - after what may skip
from minigrad.verify.report import Verdict  # noqa: E402 - after what may skip

exact: Any = stand_in()

RIGHT = np.array([1.0, -0.5, 2.0])
DEFINITE = SQUARE @ SQUARE.T + np.eye(3)

FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "solve": lambda s, a: s.solve(a, RIGHT),
    "solve matrix": lambda s, a: s.solve(a, SQUARE, False, True),
    "solve transposed": lambda s, a: s.solve(a, RIGHT, transposed=True),
    "solve sym": lambda s, a: s.solve(a, RIGHT, assume_a="sym", check_finite=False),
    "solve pos": lambda s, a: s.solve(a, RIGHT, lower=True, assume_a="pos"),
    "solve lower": lambda s, a: s.solve(a, RIGHT, assume_a="lower triangular"),
    "solve upper": lambda s, a: s.solve(a, RIGHT, assume_a="upper triangular"),
    "inv": lambda s, a: s.inv(a, True),
    "inv her": lambda s, a: s.inv(a, assume_a="her", lower=True),
    "det": lambda s, a: s.det(a, check_finite=False),
    "solve_triangular": lambda s, a: s.solve_triangular(a, RIGHT),
    "solve_triangular lower": lambda s, a: s.solve_triangular(a, RIGHT, 0, True),
    "solve_triangular turned": lambda s, a: s.solve_triangular(a, SQUARE, "T", lower=True),
    "solve_triangular unit": lambda s, a: s.solve_triangular(a, RIGHT, trans=1, unit_diagonal=True),
    "cholesky": lambda s, a: s.cholesky(a),
    "cholesky lower": lambda s, a: s.cholesky(a, True, check_finite=False),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::scipy.linalg.LinAlgWarning")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_are_scipys(name: str) -> None:
    def function(a: Any) -> Any:
        return FUNCTIONS[name](exact, a)

    # Without a Scalar, SciPy is asked itself.
    assert not is_scalars(function(DEFINITE))
    check(function, DEFINITE)


def test_the_other_triangle_has_no_gradient() -> None:
    a = array(DEFINITE, "a")
    exact.solve(a, RIGHT, assume_a="pos")[0].backward()
    assert grads(a)[np.tril_indices(3, -1)].tolist() == [0, 0, 0]
    assert (grads(a)[np.triu_indices(3)] != 0).all()


def test_scalars_in_lists_and_on_the_right() -> None:
    assert values(exact.inv([[Scalar(2), 0], [0, 4]]), dtype=float).tolist() == [
        [0.5, 0],
        [0, 0.25],
    ]
    assert is_scalars(exact.solve(DEFINITE, array(RIGHT)))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda a: exact.solve(a, RIGHT, assume_a="banded"), "solve: expected assume_a to be one of"),
        (lambda a: exact.inv(a[0]), "inv: expected a square matrix"),
        (lambda a: exact.solve(a, [1, 2]), "solve: expected b to be a vector of shape"),
        (lambda a: exact.solve_triangular(a, RIGHT, trans=3), "solve_triangular: expected trans to be 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(call: Callable[[Any], Any], says: str) -> None:
    with pytest.raises(InvalidOperand, match=f"^{says}"):
        call(array(DEFINITE))


def test_a_triangular_matrix_may_be_singular() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        exact.solve_triangular(array([[1, 2], [3, 0]]), [1, 2])


def test_programs_that_use_it_are_checked() -> None:
    assert stand_ins()[scipy_linalg] is exact
    assert stand_in() is exact
    assert exact.solve.__name__ == "solve"

    def loss(b: Any) -> Any:
        return scipy_linalg.solve(SQUARE, b) @ np.ones(3)

    def gradient(b: Any) -> Any:
        return scipy_linalg.solve(SQUARE.T, 0 * b + 1)

    assert check_gradient(loss, gradient, shape=[3]).verdict is Verdict.PROVED
    wrong = check_gradient(loss, lambda b: scipy_linalg.solve(SQUARE, 0 * b + 1), shape=[3])
    assert wrong.verdict is Verdict.REFUTED
