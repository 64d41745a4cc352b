"""Systems of stacks of matrices: NumPy on floats is the judge of shapes, of numbers and of what does not fit."""

from __future__ import annotations

from itertools import product

import pytest

np = pytest.importorskip(
    "numpy", "2", reason="before NumPy 2 a stack of vectors was told by its axes"
)
pytest.importorskip("scipy.linalg")

from minigrad import InvalidOperand, array, grads, values  # noqa: E402 - after what may skip
from minigrad.exact_numpy.scipy_linalg import stand_in  # noqa: E402 - after what may skip
from minigrad.linalg import solve  # noqa: E402 - after what may skip

MATRICES = [(2, 2), (2, 2, 2), (3, 2, 2), (1, 2, 2), (4, 1, 2, 2), (0, 2, 2), (3, 0, 2, 2), (0, 0)]
RIGHT_SIDES = [
    (2,), (2, 2), (3, 2), (2, 3), (2, 1), (2, 2, 2), (3, 2, 1), (1, 2, 2), (3, 2, 2), (0, 2, 2), (4, 3, 2, 2),
    (4, 1, 2, 1), (2, 0), (0,), (0, 3), (3,), (3, 2, 0), (1, 2), (1, 0, 2, 2),
]  # fmt: skip


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    # Dominated by the diagonal where they are square: none is singular.
    found = np.random.default_rng(seed).integers(-3, 4, shape).astype(float)
    return found + 9 * np.eye(shape[-1]) if seed == 0 else found


@pytest.mark.parametrize(("left", "right"), [*product(MATRICES, RIGHT_SIDES)])
def test_stacks_are_broadcast_as_by_numpy(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = numbers(left, 0), numbers(right, 1)
    try:
        expected = np.linalg.solve(a, b)
    except ValueError:
        with pytest.raises(InvalidOperand, match=r"^solve: expected b to be a vector of shape"):
            solve(a, b)
        return
    found = solve(a, b)
    assert found.shape == expected.shape
    np.testing.assert_allclose(values(found, dtype=float), expected, rtol=1e-12, atol=1e-15)


def test_what_looks_like_a_stack_of_vectors_is_a_matrix() -> None:
    a = np.array([[[2.0, 0], [0, 4]], [[1, 0], [0, 10]]])
    b = array([[1.0, 2], [3, 4]], "b")
    found = np.linalg.solve(a, b)
    assert values(found, dtype=float).tolist() == [[[0.5, 1], [0.75, 1]], [[1, 2], [0.3, 0.4]]]
    np.sum(found).backward()
    assert values(grads(b), dtype=float).tolist() == [[1.5, 1.5], [0.35, 0.35]]
    as_lists = solve(a.tolist(), values(b).tolist())
    assert [[[x.data for x in row] for row in m] for m in as_lists] == values(found).tolist()


@pytest.mark.parametrize("name", ["solve", "solve_triangular"])
@pytest.mark.parametrize("right", [(2,), (2, 2), (2, 2, 1), (4, 1, 2, 3)])
def test_scipys_take_stacks_by_the_same_rule(name: str, right: tuple[int, ...]) -> None:
    # Not by SciPy itself, which took no stacks until 1.15.
    a, b = numbers((2, 2, 2), 0), numbers(right, 1)
    expected = np.linalg.solve(a if name == "solve" else np.triu(a), b)
    found = getattr(stand_in(), name)(a, array(b))
    assert found.shape == expected.shape
    np.testing.assert_allclose(values(found, dtype=float), expected, rtol=1e-12)
