"""Linear algebra, held against SymPy's matrices and the formulas of matrix calculus."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, example, given
from hypothesis import strategies as st

from minigrad import Scalar, derivative, gradients, hessian, linalg
from minigrad.errors import DivisionByZero, DomainError, InvalidNumber, InvalidOperand
from minigrad.graph import topological_order
from minigrad.linalg import cholesky, det, inv, slogdet, solve
from minigrad.verify import verify

ENTRIES = st.one_of(st.integers(-3, 3), st.fractions(-3, 3, max_denominator=4))


@st.composite
def matrices(draw: st.DrawFn, least: int = 1, most: int = 4) -> list[list[Fraction]]:
    """Square matrices, of every rank: about half of them are products of thin ones."""
    n = draw(st.integers(least, most))
    rank = draw(st.integers(0, 2 * n))

    def block(rows: int, columns: int) -> sympy.Matrix:
        entries = draw(st.lists(ENTRIES, min_size=rows * columns, max_size=rows * columns))
        return sympy.Matrix(rows, columns, [sympy.Rational(str(x)) for x in entries])

    whole = block(n, rank) * block(rank, n) if rank < n else block(n, n)
    return [[fraction(x) for x in whole.row(i)] for i in range(n)]


def fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def scalars(rows: list[list[Any]]) -> list[list[Scalar]]:
    return [[Scalar(x, f"a{i}{j}") for j, x in enumerate(row)] for i, row in enumerate(rows)]


def reference(rows: list[list[Fraction]]) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in row] for row in rows])


def values(nested: Any) -> Any:
    return [values(x) for x in nested] if isinstance(nested, (list, np.ndarray)) else nested.data


def minor(rows: Any, cut_rows: set[int], cut_columns: set[int]) -> Fraction:
    """By Leibniz's sum over permutations, so that it shares nothing with an elimination."""
    kept = [
        [x for j, x in enumerate(row) if j not in cut_columns]
        for i, row in enumerate(rows)
        if i not in cut_rows
    ]
    return leibniz(kept)


def leibniz(rows: Any) -> Fraction:
    if not rows:
        return Fraction(1)
    rest = [row[1:] for row in rows]
    return sum(
        ((-1) ** i * row[0] * leibniz(rest[:i] + rest[i + 1 :]) for i, row in enumerate(rows)),
        Fraction(0),
    )


# --- values ---


@given(matrices())
@example([[Fraction(0)]])
@example([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(0)]])
def test_det_is_sympys(rows: list[list[Fraction]]) -> None:
    assert det(scalars(rows)).data == fraction(reference(rows).det())
    assert det(scalars(rows)).data == leibniz(rows)


@given(matrices(), st.data())
def test_solve_is_sympys(rows: list[list[Fraction]], data: st.DataObject) -> None:
    a = reference(rows)
    assume(a.det() != 0)
    b = data.draw(st.lists(st.fractions(-3, 3), min_size=len(rows), max_size=len(rows)))
    expected = a.LUsolve(reference([[x] for x in b]))
    assert values(solve(scalars(rows), b)) == [fraction(x) for x in expected]
    assert values(solve(rows, [Scalar(x) for x in b])) == [fraction(x) for x in expected]
    assert values(solve(rows, [[x, 2 * x] for x in b])) == [
        [fraction(x), 2 * fraction(x)] for x in expected
    ]


@given(matrices())
def test_inv_is_sympys(rows: list[list[Fraction]]) -> None:
    a = reference(rows)
    assume(a.det() != 0)
    expected = [[fraction(x) for x in a.inv().row(i)] for i in range(len(rows))]
    assert values(inv(scalars(rows))) == expected


def test_the_hilbert_matrix_of_order_eight() -> None:
    # The inverse has whole elements and the determinant is 1/365356847125734485878112256000000
    # (M.-D. Choi, Tricks or Treats with the Hilbert Matrix, Amer. Math. Monthly 90, 1983;
    # OEIS A005249).
    rows = [[Fraction(1, i + j + 1) for j in range(8)] for i in range(8)]
    assert det(scalars(rows)).data == Fraction(1, 365356847125734485878112256000000)
    assert all(x.data.denominator == 1 for row in inv(scalars(rows)) for x in row)


def test_a_vandermonde_determinant_is_the_product_of_differences() -> None:
    xs = [Fraction(n, 3) for n in (2, 5, -1, 7, 11, -4)]
    expected = Fraction(1)
    for i, x in enumerate(xs):
        for y in xs[:i]:
            expected *= x - y
    assert det([[Scalar(x) ** k for k in range(len(xs))] for x in xs]).data == expected


# --- derivatives ---


@given(matrices(most=4))
@example([[Fraction(0)] * 3] * 3)
@example([[Fraction(0)] * 4] * 4)
@example([[Fraction(i == j == 3) for j in range(4)] for i in range(4)])
@example([[Fraction(i == j and i > 1) for j in range(4)] for i in range(4)])
def test_the_gradient_of_det_is_the_adjugate_transposed(rows: list[list[Fraction]]) -> None:
    a = scalars(rows)
    found = gradients(det(a))
    for i, row in enumerate(a):
        for j, x in enumerate(row):
            assert found.get(x, 0) == (-1) ** (i + j) * minor(rows, {i}, {j})


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_second_derivatives_of_det_are_minors_at_every_rank(rank: int) -> None:
    # d2 det / da_ij da_kl is, up to sign, the minor without the rows i, k and the columns j, l.
    n = 4
    basis = [[Fraction((i + 1) ** k) for k in range(rank)] for i in range(n)]
    rows = [
        [sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0)) for v in basis] for u in basis
    ]
    found = hessian(lambda flat: det([flat[n * i : n * i + n] for i in range(n)]))(
        [x for row in rows for x in row]
    )
    for p in range(n * n):
        for q in range(n * n):
            (i, j), (k, m) = divmod(p, n), divmod(q, n)
            sign = (-1) ** (i + j + k + m) * (-1) ** ((i > k) + (j > m))
            expected = sign * minor(rows, {i, k}, {j, m}) if i != k and j != m else 0
            assert found[p][q] == expected


def test_third_derivatives_where_pivots_run_out() -> None:
    # 3 x**3 and 15 x**3, at 0: after the nonzero pivots a block of zeros of order three is left.
    def once(x: Scalar) -> Scalar:
        return det([[3, 0, 0, 0], [0, x, 0, 0], [0, 0, x, 0], [0, 0, 0, x]])

    def twice(x: Scalar) -> Scalar:
        diagonal = [x + 3, x, x + 5, x, x]
        return det([[diagonal[i] if i == j else 0 * x for j in range(5)] for i in range(5)])

    assert [derivative(once, n)(0) for n in range(4)] == [0, 0, 0, 18]
    assert [derivative(twice, n)(0) for n in range(5)] == [0, 0, 0, 90, 192]


@given(matrices(most=3), st.data())
def test_the_derivatives_of_solve(rows: list[list[Fraction]], data: st.DataObject) -> None:
    # dx = inv(a) (db - da x)
    a = reference(rows)
    assume(a.det() != 0)
    n = len(rows)
    numbers = data.draw(st.lists(st.fractions(-3, 3), min_size=n, max_size=n))
    left, right = scalars(rows), [Scalar(x) for x in numbers]
    x = solve(left, right)
    inverse = a.inv()
    for i in range(n):
        found = gradients(x[i])
        for j in range(n):
            assert found.get(right[j], 0) == fraction(inverse[i, j])
            for k in range(n):
                expected = -fraction(inverse[i, j]) * x[k].data
                assert found.get(left[j][k], 0) == expected


@given(matrices(most=3))
def test_the_derivatives_of_inv(rows: list[list[Fraction]]) -> None:
    # d inv(a) = -inv(a) da inv(a)
    a = reference(rows)
    assume(a.det() != 0)
    left = scalars(rows)
    inverse = inv(left)
    for i, row in enumerate(inverse):
        for m, element in enumerate(row):
            found = gradients(element)
            for j, line in enumerate(left):
                for k, x in enumerate(line):
                    expected = -inverse[i][j].data * inverse[k][m].data
                    assert found.get(x, 0) == expected


def test_the_graph_of_a_determinant_is_proved() -> None:
    root = det(scalars([[2, 1, 0], [1, 3, 1], [0, 1, 4]]))
    root.backward()
    assert verify(root).ok


# --- the algorithm ---


def test_the_two_algorithms_agree_on_values_and_gradients() -> None:
    rows = [[Fraction((7 * i + 3 * j * j + i * j) % 11 - 5) for j in range(5)] for i in range(5)]
    a, b = scalars(rows), scalars(rows)
    first, second = det(a), linalg._division_free([list(row) for row in b])
    assert first.data == second.data == leibniz(rows)
    one, two = gradients(first), gradients(second)
    assert [one[x] for row in a for x in row] == [two[x] for row in b for x in row]


def test_numbers_stay_whole_and_no_longer_than_minors() -> None:
    n = 6
    root = det(scalars([[(5 * i * i + 3 * j + i * j) % 7 - 3 for j in range(n)] for i in range(n)]))
    data = [node.data for node in topological_order([root])]
    assert all(x.denominator == 1 for x in data)
    # Hadamard's bound on a minor of elements up to 3, and the product of two of them.
    assert max(map(abs, data)) <= 2 * (3**n * n ** (n // 2)) ** 2


def test_the_work_is_cubic() -> None:
    count = len(topological_order([det(scalars([[i**j for j in range(12)] for i in range(12)]))]))
    assert count <= 12**2 + 4 * sum(k * k for k in range(12))


class Incomparable(Scalar):
    """A Scalar that must not be compared: choosing a pivot is no branch of a function."""

    __slots__ = ()

    def _refuse(self, *_: object) -> Any:
        raise AssertionError("compared")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = _refuse
    __hash__ = Scalar.__hash__


def test_no_scalar_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[0, 1, 2], [1, 0, 3], [4, -3, 8]]
    for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"):
        monkeypatch.setattr(Scalar, name, Incomparable._refuse)
    a = [[Incomparable(x) for x in row] for row in rows]
    assert det(a).data == -2
    assert values(solve(a, a[0]))
    assert values(inv(a))
    zeros = [[Incomparable(0)] * 3] * 3
    assert det(zeros).data == 0


def test_numbers_among_the_elements_leave_no_nodes() -> None:
    x = Scalar(5, "x")
    root = det([[1, 2, 0], [0, x, 0], [0, 0, 1]])
    assert root is x
    inverse = inv([[1, 0], [0, x]])
    assert [node.is_constant for node in inverse[0]] == [True, True]
    assert len(topological_order([inverse[1][1]])) == 3


def test_matrices_are_left_as_they_were() -> None:
    a = [[Scalar(0), Scalar(1)], [Scalar(2), Scalar(3)]]
    before = [list(row) for row in a]
    array = np.array(a, dtype=object)
    for given_matrix in (a, array):
        det(given_matrix)
        inv(given_matrix)
        solve(given_matrix, [1, 2])
        assert all(
            x is y
            for p, q in zip(given_matrix, before, strict=True)
            for x, y in zip(p, q, strict=True)
        )


# --- forms ---


class Special(np.ndarray):
    """An array of a class of its own."""


def test_lists_give_lists_and_arrays_give_arrays() -> None:
    a = [[Scalar(2), 1], (1, Scalar(3))]
    array = np.array([[Scalar(2), 1], [1, Scalar(3)]], dtype=object)
    assert type(inv(a)) is list
    assert type(inv(tuple(a))[0]) is list
    assert type(solve(a, (1, 2))) is list
    assert type(inv(array)) is np.ndarray
    assert inv(array).dtype == object
    assert type(inv(array.view(Special))) is Special
    assert type(det(array)) is Scalar
    assert type(det([[1, 2], [3, 4]])) is Scalar
    assert det([[1, 2], [3, 4]]).is_constant
    for left in (a, array, array.view(Special)):
        for right in ([1, 2], np.array([1, 2]), np.array([1, 2]).view(Special)):
            kinds = {type(left), type(right)} & {np.ndarray, Special}
            expected = Special if Special in kinds else np.ndarray if kinds else list
            assert type(solve(left, right)) is expected
            assert values(solve(left, right)) == [Fraction(1, 5), Fraction(3, 5)]


def test_right_sides_of_several_columns() -> None:
    found = solve(np.array([[2, 0], [0, 4]]), np.array([[2, 4, 6], [4, 8, 12]]))
    assert found.shape == (2, 3)
    assert values(found) == [[1, 2, 3], [1, 2, 3]]


def test_floats_are_read_as_they_are_written() -> None:
    assert det([[0.1, 0], [0, 0.3]]).data == Fraction(3, 100)
    assert det(np.array([[0.1]], dtype=np.float32)).data == Fraction(1, 10)


def test_empty_matrices() -> None:
    assert det([]).data == 1
    assert det(np.empty((0, 0))).data == 1
    assert inv([]) == []
    assert solve([], []) == []
    assert inv(np.empty((0, 0))).shape == (0, 0)
    assert solve(np.eye(2), np.empty((2, 0))).shape == (2, 0)


def test_a_stack_of_matrices() -> None:
    stack = np.array([[[1, 2], [3, 4]], [[0, 1], [1, 0]], [[2, 0], [0, 2]]], dtype=object)
    assert values(det(stack)) == [-2, -1, 4]
    assert values(det(stack.tolist())) == [-2, -1, 4]
    assert values(inv(stack)) == [values(inv(m)) for m in stack]
    assert inv(stack).shape == (3, 2, 2)
    wide = np.arange(12).reshape(3, 2, 2)
    assert values(solve(stack, wide)) == [
        values(solve(m, x)) for m, x in zip(stack, wide, strict=True)
    ]
    assert det(np.empty((0, 2, 2))).shape == (0,)
    assert values(det(stack.reshape(3, 1, 2, 2))) == [[-2], [-1], [4]]


def test_numpy_is_not_imported() -> None:
    code = """
import sys
from minigrad.linalg import cholesky, det, inv, slogdet, solve
det([[1, 2], [3, 4]]), inv([[2]]), solve([[2]], [1])
print([name for name in ("numpy", "sympy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# --- bad input ---


@pytest.mark.parametrize("function", [lambda a: solve(a, [1, 2, 3]), inv])
def test_singular_matrices_are_refused_with_their_shape(function: Any) -> None:
    for rows in ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0] * 3] * 3):
        with pytest.raises(DivisionByZero, match=r"of shape \(3, 3\), is singular"):
            function(scalars(rows))
    assert issubclass(DivisionByZero, ZeroDivisionError)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1, 2]], r"expected a square matrix; got one of shape \(1, 2\)"),
        ([1, 2], r"expected a square matrix; got one of shape \(2,\)"),
        ([[], []], r"expected a square matrix; got one of shape \(2, 0\)"),
        (np.empty((0, 3)), r"expected a square matrix; got one of shape \(0, 3\)"),
        ([[1, 2], [3]], r"rows of equal length; got \[3\] \(type list\) where 2 elements"),
        ([[1, 2], 3], r"rows of equal length; got 3 \(type int\) where 2 elements"),
        ([[1, 2], [3, [4]]], r"made of Scalars and numbers; got \[4\] \(type list\) in it"),
        ([[1, "2"], [3, 4]], r"made of Scalars and numbers; got '2' \(type str\) in it"),
        ([[1, None], [3, 4]], r"made of Scalars and numbers; got None"),
        ([[1j]], r"made of Scalars and numbers; got 1j \(type complex\)"),
        ("ab", r"nested lists or tuples, or a NumPy array; got 'ab'"),
        (3, r"nested lists or tuples, or a NumPy array; got 3"),
        (Scalar(3), r"nested lists or tuples, or a NumPy array; got Scalar"),
        (np.array(3), r"nested lists or tuples, or a NumPy array; got array"),
        ({1: [2]}, r"nested lists or tuples, or a NumPy array; got {"),
    ],
)
@pytest.mark.parametrize(
    ("name", "function"), [("det", det), ("inv", inv), ("solve", lambda a: solve(a, [1, 2]))]
)
def test_what_is_no_square_matrix(matrix: Any, words: str, name: str, function: Any) -> None:
    with pytest.raises(InvalidOperand, match=f"^{name}: .*{words}"):
        function(matrix)


@pytest.mark.parametrize("b", [[1], [1, 2, 3], [[1, 2]], [[[1, 2]], [[1, 2]]], []])
def test_right_sides_that_do_not_fit(b: Any) -> None:
    with pytest.raises(InvalidOperand, match=r"^solve: expected b to be a vector of shape \(2,\)"):
        solve([[1, 2], [3, 4]], b)


def test_other_bad_right_sides() -> None:
    with pytest.raises(InvalidOperand, match="expected b to be nested lists"):
        solve([[1]], 3)
    with pytest.raises(
        InvalidOperand, match="expected b to be made of Scalars and numbers; got 'x'"
    ):
        solve([[1]], ["x"])


def test_not_a_number_is_refused() -> None:
    with pytest.raises(InvalidNumber, match="NaN is no number"):
        det([[float("nan")]])


# --- slogdet and cholesky ------------------------------------------------------------------------


@given(rows=matrices())
def test_slogdet_is_what_the_determinant_says(rows: list[list[Fraction]]) -> None:
    expected = reference(rows).det()
    if expected == 0:
        with pytest.raises(DomainError, match="slogdet: the matrix, of shape"):
            slogdet(rows)
        return
    nodes = scalars(rows)
    found = slogdet(nodes)
    assert found.sign.data == sympy.sign(expected)
    assert sympy.exp(found.logabsdet.data) == abs(expected)
    # The derivative of the logarithm is the transpose of the inverse.
    inverse = reference(rows).inv()
    slopes = gradients(found.logabsdet)
    for i, row in enumerate(nodes):
        for j, node in enumerate(row):
            assert slopes.get(node, 0) == fraction(inverse[j, i])


def definite(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """A positive definite matrix: a product with the transpose, and 1 on the diagonal."""
    whole = reference(rows)
    product = whole * whole.T + sympy.eye(len(rows))
    return [[fraction(x) for x in product.row(i)] for i in range(len(rows))]


@given(rows=matrices(most=3))
def test_the_factor_of_cholesky_is_sympys(rows: list[list[Fraction]]) -> None:
    given_rows = definite(rows)
    found = cholesky(given_rows)
    expected = reference(given_rows).cholesky(hermitian=False)
    for i, row in enumerate(found):
        for j, item in enumerate(row):
            assert item == Scalar(expected[i, j])
    # What stands above the diagonal is not read.
    spoilt = [
        [x if j <= i else Fraction(99) for j, x in enumerate(row)]
        for i, row in enumerate(given_rows)
    ]
    assert all(
        a == b
        for one, two in zip(found, cholesky(spoilt), strict=True)
        for a, b in zip(one, two, strict=True)
    )


def test_gradients_of_the_factor_are_proved() -> None:
    lower = cholesky(scalars([[4, 0, 0], [2, 5, 0], [1, 3, 7]]))
    assert verify(lower[2][2] * lower[1][0]).ok
    assert verify(slogdet(scalars([[1, 4], [1, 2]])).logabsdet).ok


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([[-4, 0], [0, 1]], "-4): the operand must not be negative"),
        ([[1, 0], [1, 1]], "pivot 1 is 0"),
        ([[1, 0], [2, 1]], "-3): the operand must not be negative"),
    ],
)
def test_what_is_not_positive_definite_is_refused(rows: Any, says: str) -> None:
    for matrix in (rows, scalars(rows)):
        with pytest.raises(DomainError) as caught:
            cholesky(matrix)
        assert str(caught.value).startswith("cholesky: the matrix is not positive definite: ")
        assert str(caught.value).endswith(says)


def test_a_matrix_of_another_shape_is_refused_by_both() -> None:
    for function in (slogdet, cholesky):
        with pytest.raises(InvalidOperand, match=f"{function.__name__}: expected a square matrix"):
            function([[1, 2]])


def test_of_a_stack_of_matrices_each_has_its_own() -> None:
    stack = [[[4, 0], [2, 5]], [[9, 0], [3, 2]]]
    assert [[[x.data for x in row] for row in m] for m in cholesky(stack)] == [
        [[2, 0], [1, 2]],
        [[3, 0], [1, 1]],
    ]
    found = slogdet(stack)
    assert [x.data for x in found.sign] == [1, 1]
    assert [sympy.exp(x.data) for x in found.logabsdet] == [20, 18]
    assert [x.data for x in (slogdet([]).sign, slogdet([]).logabsdet)] == [1, 0]
