"""Functions of arrays under check."""

from __future__ import annotations

import pytest
from checked_functions import KINK, PROVED, REFUTED, finding, labels

import minigrad
from minigrad.errors import CaseError, InvalidOperand
from minigrad.verify import check_gradient
from minigrad.verify.claims import outputs_of


def test_an_array_of_floats_may_be_written_into():
    np = pytest.importorskip("numpy")

    def gradient(x):
        g = np.zeros(len(x))
        for i in range(len(x)):
            g[i] = 2 * x[i]
        return g

    def wrong(x):
        g = gradient(x)
        g[-1] += 1
        return g

    report = check_gradient(lambda x: (x * x).sum(), gradient, shape=[3])
    assert report.verdict is PROVED
    assert "np.zeros(n)" in finding(report, "arrays of floats")
    assert labels(check_gradient(lambda x: (x * x).sum(), wrong, shape=[3])) == ["x[2]"]


def clipped_sum(x):
    import numpy as np

    return np.ma.masked_less(x, 0).sum()


def test_a_result_with_a_mask_is_refused_by_the_name_of_the_function():
    pytest.importorskip("numpy")
    says = r"^the result of clipped_sum: expected an array without a mask; got masked"
    with pytest.raises(InvalidOperand, match=says):
        check_gradient(clipped_sum, lambda x: (x >= 0) * 1, [-1, -2])
    with pytest.raises(InvalidOperand, match=r"^the function: expected an array without a mask"):
        outputs_of(clipped_sum(minigrad.array([-1])))
    assert check_gradient(clipped_sum, lambda x: (x >= 0) * 1, [1, 2], domain=positive).ok


def positive(x):
    return all(x > 0)


def test_a_sparse_matrix_takes_no_exact_array():
    np = pytest.importorskip("numpy")
    sparse = pytest.importorskip("scipy.sparse").csr_array(np.array([[1.0, 2.0], [0.0, 3.0]]))
    with pytest.raises(CaseError, match=r"which no sparse matrix takes: A\.toarray\(\) does"):
        check_gradient(lambda x: (sparse @ x).sum(), lambda x: [1, 5], shape=[2])
    dense = check_gradient(lambda x: (sparse.toarray() @ x).sum(), lambda x: [1, 5], shape=[2])
    assert dense.verdict is PROVED


def test_limits_of_floats_may_be_asked_of_an_array():
    np = pytest.importorskip("numpy")

    def loss(x):
        return (x @ x) / (1 + np.finfo(x.dtype).eps)

    report = check_gradient(loss, lambda x: 2 * x / (1 + np.finfo(float).eps), shape=[2])
    assert report.verdict is PROVED


@pytest.mark.parametrize(
    ("gradient", "verdict"),
    [
        (lambda np: lambda x: (x > 0) * (x < 1), KINK),
        (lambda np: lambda x: (x >= 0) * (x <= 1), KINK),
        (lambda np: lambda x: np.where(x > 0, 1, 0), REFUTED),
        (lambda np: lambda x: np.ones(2), REFUTED),
    ],
)
def test_clip_has_two_kinks_at_once(gradient, verdict):
    np = pytest.importorskip("numpy")
    # The first component at its lower end, the second at its upper.
    report = check_gradient(lambda x: np.clip(x, 0, 1).sum(), gradient(np), [0, 1])
    assert report.verdict is verdict


@pytest.mark.parametrize(
    ("given", "verdict"),
    [([0.5, 0.5], KINK), ([1, 0], KINK), ([0, 1], KINK), ([1, 1], REFUTED), ([0, 0], REFUTED)],
)
def test_the_maximum_of_numpy_on_the_diagonal(given, verdict):
    np = pytest.importorskip("numpy")

    def gradient(x):
        return [x[0] > x[1], x[0] < x[1]] if x[0] != x[1] else given

    assert check_gradient(lambda x: np.maximum(x[0], x[1]), gradient, [2, 2]).verdict is verdict


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_of_numpy_is_an_array_of_its_shape():
    """Each of its rows is a matrix of one row again."""
    np = pytest.importorskip("numpy")

    def function(x):
        return np.sum(x * x)

    assert check_gradient(function, lambda x: np.asmatrix(2 * x), shape=[2, 2]).verdict is PROVED
    wrong = check_gradient(function, lambda x: np.asmatrix(2 * x + [[0, 0], [0, 1]]), shape=[2, 2])
    assert labels(wrong) == ["x[1][1]"]
    with pytest.raises(CaseError, match=r"whose \* is the matrix product: np.asarray"):
        check_gradient(function, lambda x: 2 * x, np.asmatrix([[1, 2]]))
    assert check_gradient(lambda x: np.asmatrix(x) * np.asmatrix(x).T, lambda x: 2 * x, [1]).ok
    with pytest.raises(CaseError, match="expected the gradient to be 2 partial derivatives"):
        check_gradient(function, lambda x: np.asmatrix(2 * x), shape=[2])
