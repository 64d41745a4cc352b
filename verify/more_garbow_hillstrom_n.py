"""The rational ones of the problems 21 to 35 of Moré, Garbow and Hillstrom, in any number of variables.

Functions and gradients are written as in `more_garbow_hillstrom.py`, with the loops of the reference
Fortran. Variables are counted from 0 in the labels, and from 1 in the formulas, as in the paper.
"""

from fractions import Fraction

from classical_n import components
from more_garbow_hillstrom import MGH, sum_of_squares, twice_transposed_times

from minigrad.verify import case

# --- copies of a small problem --------------------------------------------------------------------


def extended_rosenbrock_gradient(x):
    gradient = [0] * len(x)
    for j in range(0, len(x), 2):
        t = 1 - x[j]
        gradient[j + 1] = 200 * (x[j + 1] - x[j] ** 2)
        gradient[j] = -2 * (x[j] * gradient[j + 1] + t)
    return gradient


@case(
    [-1.2, 1, -1.2, 1, -1.2, 1],
    gradient=extended_rosenbrock_gradient,
    values={"f": 72.6},
    source=f"{MGH}, problem 21, at its starting point: three times 24.2",
)
@case(
    [1, 1, 1, 1, 1, 1],
    gradient=extended_rosenbrock_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0, 0),
    source=f"{MGH}, problem 21",
)
def extended_rosenbrock(x):
    residuals = []
    for j in range(0, len(x), 2):
        residuals += [10 * (x[j + 1] - x[j] ** 2), 1 - x[j]]
    return sum_of_squares(residuals)


def extended_powell_gradient(x):
    gradient = [0] * len(x)
    for j in range(0, len(x), 4):
        t = x[j] + 10 * x[j + 1]
        t1 = x[j + 2] - x[j + 3]
        s1 = 5 * t1
        t2 = x[j + 1] - 2 * x[j + 2]
        s2 = 4 * t2**3
        t3 = x[j] - x[j + 3]
        s3 = 20 * t3**3
        gradient[j] = 2 * (t + s3)
        gradient[j + 1] = 20 * t + s2
        gradient[j + 2] = 2 * (s1 - s2)
        gradient[j + 3] = -2 * (s1 + s3)
    return gradient


@case(
    [3, -1, 0, 1, 3, -1, 0, 1],
    gradient=extended_powell_gradient,
    values={"f": 430},
    source=f"{MGH}, problem 22, at its starting point: twice 215",
)
@case(
    [0, 0, 0, 0, 0, 0, 0, 0],
    gradient=extended_powell_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0, 0, 0, 0),
    source=f"{MGH}, problem 22",
)
def extended_powell(x):
    f = 0
    for j in range(0, len(x), 4):
        f = f + (x[j] + 10 * x[j + 1]) ** 2 + 5 * (x[j + 2] - x[j + 3]) ** 2
        f = f + (x[j + 1] - 2 * x[j + 2]) ** 4 + 10 * (x[j] - x[j + 3]) ** 4
    f.label = "f"
    return f


# --- one sum or product over all variables --------------------------------------------------------


def penalty_gradient(x):
    t1 = -0.25
    for xj in x:
        t1 = t1 + xj**2
    return [2e-5 * (xj - 1) + 4 * t1 * xj for xj in x]


@case(
    [1, 2, 3, 4],
    gradient=penalty_gradient,
    values={"f": "885.06264"},
    source=f"{MGH}, problem 23, at its starting point; f = 14e-5 + 29.75**2",
)
@case(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    gradient=penalty_gradient,
    values={"f": "148032.56535"},
    source=f"{MGH}, problem 23, at its starting point; f = 285e-5 + 384.75**2",
)
@case(
    [0.250008, 0.250008, 0.250008, 0.250008],
    gradient=penalty_gradient,
    source=f"{MGH}, problem 23, near its minimum, f = 2.24997e-5",
)
def penalty(x):
    t1, t2 = -0.25, 0
    for xj in x:
        t1 = t1 + xj**2
        t2 = t2 + (xj - 1) ** 2
    f = 1e-5 * t2 + t1**2
    f.label = "f"
    return f


def variably_dimensioned_gradient(x):
    t1 = 0
    for j, xj in enumerate(x, start=1):
        t1 = t1 + j * (xj - 1)
    t = t1 * (1 + 2 * t1**2)
    return [2 * (xj - 1 + j * t) for j, xj in enumerate(x, start=1)]


@case(
    [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0],
    gradient=variably_dimensioned_gradient,
    values={"f": "2198551.1625"},
    source=f"{MGH}, problem 25, at its starting point; f = 3.85 + 38.5**2 + 38.5**4",
)
@case(
    [1, 1, 1, 1, 1],
    gradient=variably_dimensioned_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 25",
)
def variably_dimensioned(x):
    residuals = [xj - 1 for xj in x]
    t1 = 0
    for j, residual in enumerate(residuals, start=1):
        t1 = t1 + j * residual
    return sum_of_squares([*residuals, t1, t1**2])


def brown_almost_linear_residuals(x):
    total, product = -(len(x) + 1), 1
    for xj in x:
        total = total + xj
        product = product * xj
    return [*(xi + total for xi in x[:-1]), product - 1]


def brown_almost_linear_gradient(x):
    """Multiply the factors anew for each derivative of the product: a factor may be 0."""
    n = len(x)
    jacobian = [[1 + (i == j) for j in range(n)] for i in range(n - 1)]
    last = []
    for j in range(n):
        others = 1
        for k in range(n):
            if k != j:
                others = others * x[k]
        last.append(others)
    return twice_transposed_times([*jacobian, last], brown_almost_linear_residuals(x))


@case(
    [0.5, 0.5, 0.5, 0.5, 0.5],
    [0, 0, 2, -1, 3],
    gradient=brown_almost_linear_gradient,
    source=f"{MGH}, problem 27, at its starting point, and with two factors of 0",
)
@case(
    [1, 1, 1, 1, 1],
    gradient=brown_almost_linear_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 27",
)
@case(
    [0, 0, 0, 0, 6],
    gradient=brown_almost_linear_gradient,
    values={"f": 1},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 27, the other stationary point (0, …, 0, n + 1)",
)
def brown_almost_linear(x):
    return sum_of_squares(brown_almost_linear_residuals(x))


# --- discretised equations ------------------------------------------------------------------------


def nodes(n):
    """List the inner points of a grid of n + 1 steps on [0, 1]."""
    return [Fraction(j, n + 1) for j in range(1, n + 1)]


def on_the_grid(n):
    """Compute the starting point t (t - 1) of the two problems."""
    return [t * (t - 1) for t in nodes(n)]


def boundary_value_residuals(x):
    h = Fraction(1, len(x) + 1)
    padded = [0, *x, 0]
    residuals = []
    for k, t in enumerate(nodes(len(x)), start=1):
        load = h**2 * (padded[k] + t + 1) ** 3 / 2
        residuals.append(2 * padded[k] - padded[k - 1] - padded[k + 1] + load)
    return residuals


def boundary_value_gradient(x):
    n = len(x)
    h = Fraction(1, n + 1)
    jacobian = [[0] * n for _ in range(n)]
    for k, t in enumerate(nodes(n)):
        jacobian[k][k] = 2 + Fraction(3, 2) * h**2 * (x[k] + t + 1) ** 2
        if k > 0:
            jacobian[k][k - 1] = -1
        if k < n - 1:
            jacobian[k][k + 1] = -1
    return twice_transposed_times(jacobian, boundary_value_residuals(x))


@case(
    on_the_grid(4),
    gradient=boundary_value_gradient,
    source=f"{MGH}, problem 28, at its starting point",
)
@case([1, "-1/2", 0, "-7/3"], gradient=boundary_value_gradient, source=f"{MGH}, problem 28")
def discrete_boundary_value(x):
    return sum_of_squares(boundary_value_residuals(x))


def integral_equation_residuals(x):
    n = len(x)
    h = Fraction(1, n + 1)
    t = nodes(n)
    cubes = [(xj + tj + 1) ** 3 for xj, tj in zip(x, t, strict=True)]
    residuals = []
    for k in range(n):
        before, after = 0, 0
        for j in range(k + 1):
            before = before + t[j] * cubes[j]
        for j in range(k + 1, n):
            after = after + (1 - t[j]) * cubes[j]
        residuals.append(x[k] + h * ((1 - t[k]) * before + t[k] * after) / 2)
    return residuals


def integral_equation_gradient(x):
    n = len(x)
    h = Fraction(1, n + 1)
    t = nodes(n)
    jacobian = [[0] * n for _ in range(n)]
    for j in range(n):
        slope = 3 * (x[j] + t[j] + 1) ** 2
        for k in range(n):
            kernel = t[j] * (1 - t[k]) if j <= k else t[k] * (1 - t[j])
            jacobian[k][j] = h / 2 * kernel * slope
        jacobian[j][j] += 1
    return twice_transposed_times(jacobian, integral_equation_residuals(x))


@case(
    on_the_grid(4),
    gradient=integral_equation_gradient,
    source=f"{MGH}, problem 29, at its starting point",
)
@case([1, "-1/2", 0, "-7/3"], gradient=integral_equation_gradient, source=f"{MGH}, problem 29")
def discrete_integral_equation(x):
    return sum_of_squares(integral_equation_residuals(x))


# --- banded systems -------------------------------------------------------------------------------


def broyden_tridiagonal_residuals(x):
    padded = [0, *x, 0]
    return [
        (3 - 2 * padded[k]) * padded[k] - padded[k - 1] - 2 * padded[k + 1] + 1
        for k in range(1, len(x) + 1)
    ]


def broyden_tridiagonal_gradient(x):
    n = len(x)
    jacobian = [[0] * n for _ in range(n)]
    for k in range(n):
        jacobian[k][k] = 3 - 4 * x[k]
        if k > 0:
            jacobian[k][k - 1] = -1
        if k < n - 1:
            jacobian[k][k + 1] = -2
    return twice_transposed_times(jacobian, broyden_tridiagonal_residuals(x))


@case(
    [-1, -1, -1, -1, -1],
    ["1/2", -2, 0, "7/3", 1],
    gradient=broyden_tridiagonal_gradient,
    source=f"{MGH}, problem 30, at its starting point and another",
)
def broyden_tridiagonal(x):
    return sum_of_squares(broyden_tridiagonal_residuals(x))


def band(k, n):
    """List the neighbours of k: five below and one above, as far as they exist."""
    return [j for j in range(max(0, k - 5), min(n, k + 2)) if j != k]


def broyden_banded_residuals(x):
    residuals = []
    for k, xk in enumerate(x):
        neighbours = 0
        for j in band(k, len(x)):
            neighbours = neighbours + x[j] * (1 + x[j])
        residuals.append(xk * (2 + 5 * xk**2) + 1 - neighbours)
    return residuals


def broyden_banded_gradient(x):
    n = len(x)
    jacobian = [[0] * n for _ in range(n)]
    for k in range(n):
        for j in band(k, n):
            jacobian[k][j] = -(1 + 2 * x[j])
        jacobian[k][k] = 2 + 15 * x[k] ** 2
    return twice_transposed_times(jacobian, broyden_banded_residuals(x))


@case(
    [-1, -1, -1, -1, -1, -1, -1, -1],
    ["1/2", -2, 0, "7/3", 1, "-1/2", 0, -1],
    gradient=broyden_banded_gradient,
    source=f"{MGH}, problem 31, at its starting point and another",
)
def broyden_banded(x):
    return sum_of_squares(broyden_banded_residuals(x))


# --- linear functions, of ten residuals -----------------------------------------------------------

M = 10


def full_rank_residuals(x):
    total = 0
    for xj in x:
        total = total + xj
    mean = Fraction(2, M) * total
    return [x[i] - mean - 1 if i < len(x) else -mean - 1 for i in range(M)]


def full_rank_gradient(x):
    jacobian = [[(i == j) - Fraction(2, M) for j in range(len(x))] for i in range(M)]
    return twice_transposed_times(jacobian, full_rank_residuals(x))


@case(
    [1, 1, 1, 1, 1],
    gradient=full_rank_gradient,
    values={"f": 25},
    source=f"{MGH}, problem 32, at its starting point: five residuals are -1 and five -2",
)
@case(
    [-1, -1, -1, -1, -1],
    gradient=full_rank_gradient,
    values={"f": 5},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 32; the minimum is m - n",
)
def linear_full_rank(x):
    return sum_of_squares(full_rank_residuals(x))


def rank_one_residuals(x):
    total = 0
    for j, xj in enumerate(x, start=1):
        total = total + j * xj
    return [i * total - 1 for i in range(1, M + 1)]


def rank_one_gradient(x):
    jacobian = [[i * j for j in range(1, len(x) + 1)] for i in range(1, M + 1)]
    return twice_transposed_times(jacobian, rank_one_residuals(x))


@case(
    [1, 1, 1, 1, 1],
    gradient=rank_one_gradient,
    values={"f": 84985},
    source=f"{MGH}, problem 33, at its starting point: residuals 15 i - 1",
)
@case(
    ["1/7", 1, 1, 0, -1],
    gradient=rank_one_gradient,
    values={"f": "15/7"},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 33; the minimum is m (m - 1)/(2 (2 m + 1))",
)
def linear_rank_one(x):
    return sum_of_squares(rank_one_residuals(x))


def zero_columns_residuals(x):
    total = 0
    for j in range(2, len(x)):
        total = total + j * x[j - 1]
    return [-1, *((i - 1) * total - 1 for i in range(2, M)), -1]


def zero_columns_gradient(x):
    n = len(x)
    jacobian = [[0] * n for _ in range(M)]
    for i in range(2, M):
        for j in range(2, n):
            jacobian[i - 1][j - 1] = (i - 1) * j
    return twice_transposed_times(jacobian, zero_columns_residuals(x))


@case(
    [1, 1, 1, 1, 1],
    gradient=zero_columns_gradient,
    values={"f": 15886},
    source=f"{MGH}, problem 34, at its starting point: residuals 9 (i - 1) - 1, and two of -1",
)
@case(
    [5, "3/34", 4, -3, 7],
    gradient=zero_columns_gradient,
    values={"f": "62/17"},
    gradients={"x[1]": 0, "x[2]": 0, "x[3]": 0},
    source=f"{MGH}, problem 34; the minimum is (m**2 + 3 m - 6)/(2 (2 m - 3))",
)
def linear_rank_one_zero_columns(x):
    return sum_of_squares(zero_columns_residuals(x))


# --- a quadrature formula -------------------------------------------------------------------------


def chebyquad_residuals(x):
    """Average each shifted Chebyshev polynomial over x, and take its integral from the average."""
    n = len(x)
    residuals = [0] * n
    for xj in x:
        before, here = 1, 2 * xj - 1
        for i in range(n):
            residuals[i] = residuals[i] + here / n
            before, here = here, 2 * (2 * xj - 1) * here - before
    for i in range(2, n + 1, 2):
        residuals[i - 1] += Fraction(1, i**2 - 1)
    return residuals


def chebyquad_gradient(x):
    """Differentiate the recurrence, as the reference Fortran does."""
    n = len(x)
    residuals = chebyquad_residuals(x)
    gradient = [0] * n
    for j, xj in enumerate(x):
        shifted = 2 * xj - 1
        before, here = 1, shifted
        slope_before, slope = 0, 2
        for residual in residuals:
            gradient[j] += residual * slope
            slope_before, slope = slope, 4 * here + 2 * shifted * slope - slope_before
            before, here = here, 2 * shifted * here - before
        gradient[j] *= Fraction(2, n)
    return gradient


@case(
    ["1/2"],
    gradient=chebyquad_gradient,
    values={"f": 0},
    gradients=components(0),
    source=f"{MGH}, problem 35; in one variable the midpoint is exact",
)
@case(
    ["1/5", "2/5", "3/5", "4/5"],
    gradient=chebyquad_gradient,
    source=f"{MGH}, problem 35, at its starting point",
)
@case(
    [0.043153, 0.193091, 0.266329, 0.5, 0.5, 0.733671, 0.806910, 0.956847],
    gradient=chebyquad_gradient,
    source=f"{MGH}, problem 35, near its minimum in eight variables, f = 3.51687e-3",
)
def chebyquad(x):
    return sum_of_squares(chebyquad_residuals(x))
