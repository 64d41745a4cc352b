"""Determinants and systems of linear equations, with gradients by adjoint and cofactor formulas.

A matrix is a list of rows, so the labels of its entries are `a[0][0]`, `a[0][1]`, ….
"""

import minigrad
from minigrad.verify import case

GILES = (
    "M. B. Giles, Collected Matrix Derivative Results for Forward and Reverse Mode Algorithmic "
    "Differentiation, 2008"
)
CRAMER = "G. Cramer, Introduction à l'analyse des lignes courbes algébriques, 1750, appendix 1"
HILBERT = "M.-D. Choi, Tricks or Treats with the Hilbert Matrix, American Math. Monthly 90, 1983"


def entries(rows):
    """Label the published partial derivatives by a matrix `a`."""
    return {f"a[{i}][{j}]": x for i, row in enumerate(rows) for j, x in enumerate(row)}


def hilbert(n):
    return [[f"1/{i + j + 1}" for j in range(n)] for i in range(n)]


# --- determinants ---------------------------------------------------------------------------------


def minor(a, i, j):
    return [[*row[:j], *row[j + 1 :]] for k, row in enumerate(a) if k != i]


def determinant(a):
    """Expand by the cofactors of the first row."""
    if len(a) == 1:
        return a[0][0]
    terms = [a[0][j] * determinant(minor(a, 0, j)) for j in range(len(a))]
    return minigrad.sum(-term if j % 2 else term for j, term in enumerate(terms))


def cofactors(a):
    n = len(a)
    return [[(-1) ** (i + j) * determinant(minor(a, i, j)) for j in range(n)] for i in range(n)]


@case(
    [[2, 7, 6], [9, 5, 1], [4, 3, 8]],
    gradient=cofactors,
    values={"det": -360},
    source="the magic square of order three; its determinant is 360 up to the sign",
)
@case(
    hilbert(3),
    gradient=cofactors,
    values={"det": "1/2160"},
    gradients=entries(
        [["1/240", "-1/60", "1/72"], ["-1/60", "4/45", "-1/12"], ["1/72", "-1/12", "1/12"]]
    ),
    source=f"{HILBERT}; the inverse over 2160",
)
@case(
    [[1, 2], [2, 4]],
    [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
    [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
    gradient=cofactors,
    source=f"{GILES}; singular matrices, where det(A) A^-T is not defined and the cofactors are",
)
@case(
    hilbert(4),
    gradient=cofactors,
    values={"det": "1/6048000"},
    source=HILBERT,
)
def laplace_expansion(a):
    det = determinant(a)
    det.label = "det"
    return det


# --- linear systems -------------------------------------------------------------------------------


def solve(a, b):
    """Gaussian elimination without exchanges of rows, and back substitution."""
    rows = [[*row, right] for row, right in zip(a, b, strict=True)]
    n = len(rows)
    for k in range(n):
        for i in range(k + 1, n):
            ratio = rows[i][k] / rows[k][k]
            for j in range(k + 1, n + 1):
                rows[i][j] = rows[i][j] - ratio * rows[k][j]
    x = []
    for i in reversed(range(n)):
        known = minigrad.dot(rows[i][i + 1 : n], x) if x else 0
        x.insert(0, (rows[i][n] - known) / rows[i][i])
    return x


def transposed(a):
    return [list(column) for column in zip(*a, strict=True)]


def adjoint_method(a, b):
    """One more solve, with the transposed matrix, gives every partial derivative."""
    x = solve(a, b)
    adjoint = solve(transposed(a), [i + 1 for i in range(len(b))])
    return [[-row * xj for xj in x] for row in adjoint], adjoint


@case(
    ([[2, 1], [1, 3]], [3, 5]),
    ([["1/2", -3], [4, "2/3"]], [1, "-1/5"]),
    gradient=adjoint_method,
    source=f"{GILES}; the adjoint of a linear solve",
)
@case(
    ([[3, 2, 1], [2, 3, 1], [1, 2, 3]], [39, 34, 26]),
    gradient=adjoint_method,
    values={"x": "37/4", "y": "17/4", "z": "11/4", "w": 26},
    gradients={
        "b[0]": 0,
        "b[1]": 0,
        "b[2]": 1,
        "a[2][0]": "-37/4",
        "a[2][1]": "-17/4",
        "a[2][2]": "-11/4",
        "a[0][0]": 0,
    },
    source="The Nine Chapters on the Mathematical Art, chapter 8, problem 1; x + 2y + 3z is the "
    "left side of its third equation, so it depends on that equation alone",
)
@case(
    (hilbert(3), [1, 1, 1]),
    values={"x": 3, "y": -24, "z": 30},
    source=f"{HILBERT}; row sums of the inverse",
)
def weighted_solution(a, b):
    """Solve a system by elimination, and weigh its solution: x + 2y + 3z."""
    x = solve(a, b)
    for unknown, label in zip(x, "xyz", strict=False):
        unknown.label = label
    w = minigrad.dot(range(1, len(x) + 1), x)
    w.label = "w"
    return w


def with_column(a, j, b):
    return [[*row[:j], right, *row[j + 1 :]] for row, right in zip(a, b, strict=True)]


def cramer_gradient(a, b):
    det = determinant(a)
    x = [determinant(with_column(a, j, b)) / det for j in range(len(b))]
    by_b = [row[0] / det for row in cofactors(a)]
    return [[-partial * xj for xj in x] for partial in by_b], by_b


@case(
    ([[3, -2], [5, 4]], [7, "1/2"]),
    ([[0, 2], [3, 5]], [1, 1]),
    gradient=cramer_gradient,
    source=f"{CRAMER}; two unknowns, and a pivot of 0",
)
@case(
    ([[3, 2, 1], [2, 3, 1], [1, 2, 3]], [39, 34, 26]),
    gradient=cramer_gradient,
    values={"x": "37/4"},
    source=f"{CRAMER}; the system of the Nine Chapters, chapter 8, problem 1",
)
def cramers_rule(a, b):
    x = determinant(with_column(a, 0, b)) / determinant(a)
    x.label = "x"
    return x
