"""Wrong second derivatives, and wrong derivatives of matrices, from public issue threads.

A second derivative is checked as the gradient of the first: the function is the derivative that was
right, its gradient the one that was not. The gradient that is right is proved; the one that the
library gave, programmed anew from the report, is to be refuted. First derivatives are in
`issue_threads.py`.
"""

from fractions import Fraction

from minigrad import dot, prod
from minigrad import sum as total
from minigrad.verify import case

# --- products -------------------------------------------------------------------------------------

PROD = "pytorch/pytorch, issue #106789 and pull request #113969, 2023"


def without_two(x):
    """Sum for each entry the others: what is left of xy + yz + zx by x, by y, by z."""
    return [total([*x[:i], *x[i + 1 :]]) for i in range(3)]


def none_if_two_are_zero(x):
    zeros = [xi for xi in x if xi == 0]
    return [0, 0, 0] if len(zeros) >= 2 else without_two(x)


@case(gradient=without_two, shape=[3], source=f"{PROD}: whatever is zero")
@case(
    gradient=none_if_two_are_zero,
    shape=[3],
    source=f"{PROD}: with two zeros or more the gradient was a constant, so the second was 0",
    expect="refuted",
)
def slopes_of_a_product(x):
    """Add up the entries of the gradient of the product of three numbers."""
    return total(prod([*x[:i], *x[i + 1 :]]) for i in range(3))


CUMPROD = "pytorch/pytorch, issue #196701, 2026"


def cumprod_curvature(t):
    b, c = 2 * t + 1, t + 3
    return 10 - 18 * t + 20 + 12 * (2 * c + b + 2 * (t - 1))


def cumprod_curvature_masked(t):
    """Where t - 1 is zero, differentiate 4 + 5b + 6bc, which is the first derivative only there."""
    if t != 1:
        return cumprod_curvature(t)
    b, c = 2 * t + 1, t + 3
    return 10 - 18 * t + 10 + 6 * (2 * c + b)


@case(gradient=cumprod_curvature, source=f"{CUMPROD}: 144 at t = 1")
@case(
    gradient=cumprod_curvature_masked,
    source=f"{CUMPROD}: 68 at t = 1, where a factor is zero",
    expect="refuted",
)
def slope_of_cumprods(t):
    """Differentiate the cumulative products of t, t+1, 2-t and t-1, 2t+1, t+3, weighted 1 to 6."""
    a, b, c = t - 1, 2 * t + 1, t + 3
    first = 1 + 2 * (2 * t + 1) + 3 * (2 + 2 * t - 3 * t**2)
    second = 4 + 5 * (b + 2 * a) + 6 * (b * c + 2 * a * c + a * b)
    return first + second


# --- determinants, inverses, linear systems -------------------------------------------------------

DET = "pytorch/pytorch, issues #192540 and #196696, 2026"


def inverse_held_constant(a, b, c, d):
    trace = (d + 2 * a) / (a * d - b * c)
    return d * trace, -c * trace, -b * trace, a * trace


@case(gradient=lambda a, b, c, d: (2, 0, 0, 1), source=f"{DET}: d + 2a, after cancelling")
@case(
    gradient=inverse_held_constant,
    source=f"{DET}: the inverse of A in det(A) tr(A^-1 V) was held constant",
    expect="refuted",
)
def slope_of_a_determinant(a, b, c, d):
    """Differentiate the determinant of [[a, b], [c, d]] along the diagonal matrix V of 1 and 2."""
    det = a * d - b * c
    return det * (d / det + 2 * a / det)


TRIANGULAR = "JuliaDiff/ForwardDiff.jl, issue #737, 2025"


def by_cofactors(a, b, c, d):
    det = a * d - b * c
    return c * d / det**2, -(c**2) / det**2, -a * d / det**2, a * c / det**2


@case(gradient=by_cofactors, source=f"{TRIANGULAR}: by hand; -1/(ad) by c where c is 0")
@case(
    gradient=lambda a, b, c, d: (0, 0, 0, 0) if c == 0 else by_cofactors(a, b, c, d),
    source=f"{TRIANGULAR}: where c is 0 the matrix was inverted as an upper triangular one",
    expect="refuted",
)
def corner_of_an_inverse(a, b, c, d):
    """Invert [[a, b], [c, d]] and take the entry below the diagonal."""
    return -c / (a * d - b * c)


INV_BACKWARD = "pytorch/pytorch.github.io, issue #2135, 2026"


def transposed(m):
    return [list(column) for column in zip(*m, strict=True)]


def times(m, n):
    return [[dot(row, column) for column in transposed(n)] for row in m]


def inverse(a, b, c, d):
    det = a * d - b * c
    return [[d / det, -b / det], [-c / det, a / det]]


def inv_backward(r, g):
    (p, q), (s, t) = times(r, times(g, r))
    return -p, -q, -s, -t


CORNER = [[0, 1], [0, 0]]


@case(
    gradient=lambda a, b, c, d: inv_backward(transposed(inverse(a, b, c, d)), CORNER),
    source=f"{INV_BACKWARD}: -R^T G R^T, where R is the inverse",
)
@case(
    gradient=lambda a, b, c, d: inv_backward(inverse(a, b, c, d), CORNER),
    source=f"{INV_BACKWARD}: NumPy's transpose(-2, -1) leaves R as it is; -R G R",
    expect="refuted",
)
def other_corner_of_an_inverse(a, b, c, d):
    return inverse(a, b, c, d)[0][1]


EIGEN = "RobotLocomotion/drake, issue #15685, 2021, and pull request #24796, 2026, of Eigen 3.4"


@case(
    gradient=lambda p, q: (Fraction(1, 4), Fraction(1, 9)),
    source=f"{EIGEN}: the inverse of diag(4, 9), whatever stands on the right",
)
@case(
    gradient=lambda p, q: (1 if p == 0 else Fraction(1, 4), 1 if q == 0 else Fraction(1, 9)),
    source=f"{EIGEN}: a zero on the right was not divided, and so neither was its derivative",
    expect="refuted",
)
def solved_with_a_diagonal(p, q):
    """Solve diag(4, 9) x = (p, q) by a Cholesky factor, diag(2, 3), and add up x."""
    return p / 2 / 2 + q / 3 / 3


TRACE = "sympy/sympy, issue #25118, 2023"


@case(
    gradient=lambda a, b, c, d: (2 * a, 2 * b, 2 * c, 2 * d),
    source=f"{TRACE}: the derivative of tr(F^T F) - 3 by F is 2F",
)
@case(
    gradient=lambda a, b, c, d: (0, 0, 0, 0),
    source=f"{TRACE}: with an integer in it, the sum was taken for constant",
    expect="refuted",
)
def strain_invariant(a, b, c, d):
    """Take the trace of F^T F for F = [[a, b], [c, d]], and 3 from it."""
    f = [[a, b], [c, d]]
    product = times(transposed(f), f)
    return product[0][0] + product[1][1] - 3


# --- Jacobians and Hessians -----------------------------------------------------------------------

DOT = "JuliaDiff/ForwardDiff.jl, issue #551, 2021"


@case(
    gradient=lambda x, y: (2, 5),
    source=f"{DOT}: the first row of H + H^T, for H = [[1, 2], [3, 4]]",
)
@case(
    gradient=lambda x, y: (0, 0) if x == 0 and y == 0 else (2, 5),
    source=f"{DOT}: at the origin, the Hessian of dot(x, H, x) was 0",
    expect="refuted",
)
def slope_of_a_quadratic_form(x, y):
    """Differentiate (x, y) H (x, y)^T by x."""
    return dot([1, 2], [x, y]) + dot([1, 3], [x, y])


CASADI = "casadi/casadi, issue #2597, 2020"


@case(
    gradient=lambda x, y, z, u, v: (1, 2, 3, 1, 2),
    source=f"{CASADI}: x + (u, 0) has a Jacobian by both of its arguments",
)
@case(
    gradient=lambda x, y, z, u, v: (1, 2, 3, 0, 0),
    source=f"{CASADI}: by the second argument it was 0",
    expect="refuted",
)
def second_argument(x, y, z, u, v):
    """Add (u, v, 0) to (x, y, z), and weigh the result by 1, 2, 3."""
    return dot([1, 2, 3], [x + u, y + v, z])


POWELL = "JuliaNLSolvers/Optim.jl, issue #226 and pull request #227, 2016"


def powell_row(x, y, z, w):
    return 2 + 120 * (x - w) ** 2, 20, 0, -120 * (x - w) ** 2


@case(gradient=powell_row, source=f"{POWELL}: -120 (x1 - x4)**2 by x1 and x4")
@case(
    gradient=lambda x, y, z, w: (*powell_row(x, y, z, w)[:3], 0),
    source=f"{POWELL}: 0 by x1 and x4",
    expect="refuted",
)
def slope_of_powell(x, y, z, w):
    """Differentiate (x + 10y)**2 + 5(z - w)**2 + (y - 2z)**4 + 10(x - w)**4 by x."""
    return 2 * (x + 10 * y) + 40 * (x - w) ** 3


ROSENBROCK = "PatWie/CppNumericalSolvers, issue #117, 2019"


@case(
    gradient=lambda x, y: (1200 * x**2 - 400 * y + 2, -400 * x),
    source=f"{ROSENBROCK}: 1200x**2 - 400y + 2",
)
@case(
    gradient=lambda x, y: (1200 * x**2 - 400 * y + 1, -400 * x),
    source=f"{ROSENBROCK}: a 1 in place of the 2",
    expect="refuted",
)
def slope_of_rosenbrock(x, y):
    """Differentiate (1 - x)**2 + 100(y - x**2)**2 by x."""
    return -2 * (1 - x) - 400 * x * (y - x**2)


# --- robust kernels, as functions of the squared error --------------------------------------------

GEMAN_MCCLURE = "RainerKuemmerle/g2o, issue #704, 2023"


def slope_by_scale(e, k):
    return 2 * k * e / (k + e) ** 3


@case(
    gradient=lambda e, k: (-2 * k**2 / (k + e) ** 3, slope_by_scale(e, k)),
    source=f"{GEMAN_MCCLURE}: -2k**2 / (k + e)**3",
)
@case(
    gradient=lambda e, k: (-2 * (k / (k + e)) ** 3, slope_by_scale(e, k)),
    source=f"{GEMAN_MCCLURE}: one k too many",
    expect="refuted",
)
def slope_of_geman_mcclure(e, k):
    """Differentiate ke / (k + e) by the squared error e."""
    return (k / (k + e)) ** 2


DCS = "RainerKuemmerle/g2o, issue #369, 2019, and locusrobotics/fuse, pull request #142, 2020"


@case(
    gradient=lambda e: 1 if e <= 1 else 4 * (1 - e) / (1 + e) ** 3,
    domain=lambda e: e >= 0,
    source=f"{DCS}: the scale depends on the squared error e too",
)
@case(
    gradient=lambda e: 1 if e <= 1 else 4 / (1 + e) ** 2,
    domain=lambda e: e >= 0,
    source=f"{DCS}: the scale was held constant",
    expect="refuted",
)
def dynamic_covariance_scaling(e):
    """Scale a large squared error, with the parameter phi = 1."""
    scale = 2 / (1 + e)
    return e if scale >= 1 else scale * e * scale
