"""Classical test functions of optimisation, in any number of variables.

The argument is one array, so labels are `x[0]`, `x[1]`, … as in the sources, counted from 0.
"""

from itertools import pairwise

import minigrad
from minigrad.verify import case

MGH = (
    "J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing Unconstrained Optimization Software, "
    "ACM TOMS 7(1), 1981"
)
LIBRARY = "S. Surjanovic, D. Bingham, Virtual Library of Simulation Experiments: Test Functions"


def components(*numbers):
    """Label the published partial derivatives by an array `x`."""
    return {f"x[{i}]": number for i, number in enumerate(numbers)}


def rosenbrock_gradient(x):
    gradient = [0] * len(x)
    for i, (here, following) in enumerate(pairwise(x)):
        valley = following - here**2
        gradient[i] += -400 * here * valley - 2 * (1 - here)
        gradient[i + 1] += 200 * valley
    return gradient


@case(
    [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
    gradient=rosenbrock_gradient,
    gradients=components(-2, 10.6, 15.6, 13.4, 6.4, -3, -12.4, -19.4, 62),
    source="SciPy, scipy/optimize/_optimize.py, docstring of rosen_der",
)
@case(
    [1, 1, 1, 1],
    gradient=rosenbrock_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source="SciPy, scipy/optimize/_optimize.py, rosen; the minimum",
)
@case(
    [-1.2, 1, "3/7", -2],
    [-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1],
    gradient=rosenbrock_gradient,
    source="SciPy, scipy/optimize/_optimize.py, rosen",
)
def rosenbrock(x):
    f = minigrad.sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))
    f.label = "f"
    return f


def powell_singular_gradient(x):
    a, b, c, d = x
    p, q, r, s = a + 10 * b, c - d, b - 2 * c, a - d
    return [
        2 * p + 40 * s**3,
        20 * p + 4 * r**3,
        10 * q - 8 * r**3,
        -10 * q - 40 * s**3,
    ]


@case([3, -1, 0, 1], gradient=powell_singular_gradient, source=f"{MGH}, problem 13")
@case(
    [0, 0, 0, 0],
    gradient=powell_singular_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source=f"{MGH}, problem 13",
)
def powell_singular(x):
    a, b, c, d = x
    f = (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4
    f.label = "f"
    return f


def wood_gradient(x):
    """Start from the expanded form, with 10.1 and 19.8 where the function has 10 and 1/10."""
    a, b, c, d = x
    return [
        -400 * a * (b - a**2) - 2 * (1 - a),
        200 * (b - a**2) + 20.2 * (b - 1) + 19.8 * (d - 1),
        -360 * c * (d - c**2) - 2 * (1 - c),
        180 * (d - c**2) + 20.2 * (d - 1) + 19.8 * (b - 1),
    ]


@case([-3, -1, -3, -1], gradient=wood_gradient, source=f"{MGH}, problem 14")
@case(
    [1, 1, 1, 1],
    gradient=wood_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source=f"{MGH}, problem 14",
)
def wood(x):
    a, b, c, d = x
    valleys = 100 * (b - a**2) ** 2 + (1 - a) ** 2 + 90 * (d - c**2) ** 2 + (1 - c) ** 2
    f = valleys + 10 * (b + d - 2) ** 2 + (b - d) ** 2 / 10
    f.label = "f"
    return f


def variably_dimensioned_gradient(x):
    s = minigrad.sum(i * (xi - 1) for i, xi in enumerate(x, start=1))
    return [2 * (xi - 1) + i * (2 * s + 4 * s**3) for i, xi in enumerate(x, start=1)]


@case(
    [0.8, 0.6, 0.4, 0.2, 0],
    gradient=variably_dimensioned_gradient,
    source=f"{MGH}, problem 25",
)
@case(
    [1, 1, 1, 1, 1],
    gradient=variably_dimensioned_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 25",
)
def variably_dimensioned(x):
    residuals = [xi - 1 for xi in x]
    s = minigrad.dot(range(1, len(x) + 1), residuals)
    f = minigrad.dot(residuals, residuals) + s**2 + s**4
    f.label = "f"
    return f


def brown_almost_linear_gradient(x):
    total = minigrad.sum(x)
    linear = [xi + total - len(x) - 1 for xi in x[:-1]]
    excess = minigrad.prod(x) - 1
    common = 2 * minigrad.sum(linear)
    return [
        common
        + (2 * linear[i] if i < len(linear) else 0)
        + 2 * excess * minigrad.prod(x[:i] + x[i + 1 :])
        for i in range(len(x))
    ]


@case(
    [0.5, 0.5, 0.5, 0.5, 0.5],
    [0, 0, 2, -1, 3],
    gradient=brown_almost_linear_gradient,
    source=f"{MGH}, problem 27",
)
@case(
    [1, 1, 1, 1, 1],
    gradient=brown_almost_linear_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0),
    source=f"{MGH}, problem 27",
)
def brown_almost_linear(x):
    total = minigrad.sum(x)
    residuals = [xi + total - (len(x) + 1) for xi in x[:-1]]
    residuals.append(minigrad.prod(x) - 1)
    f = minigrad.dot(residuals, residuals)
    f.label = "f"
    return f


def broyden_residuals(x):
    padded = [0, *x, 0]
    return [(3 - 2 * b) * b - a - 2 * c + 1 for a, b, c in zip(padded, x, padded[2:], strict=False)]


def broyden_tridiagonal_gradient(x):
    padded = [0, *broyden_residuals(x), 0]
    return [
        2 * ((3 - 4 * xi) * here - 2 * before - after)
        for xi, before, here, after in zip(x, padded, padded[1:], padded[2:], strict=False)
    ]


@case(
    [-1, -1, -1, -1, -1],
    ["1/2", -2, 0, "7/3", 1],
    gradient=broyden_tridiagonal_gradient,
    source=f"{MGH}, problem 30",
)
def broyden_tridiagonal(x):
    residuals = broyden_residuals(x)
    f = minigrad.dot(residuals, residuals)
    f.label = "f"
    return f


@case(
    [0, 0, 0],
    gradient=lambda x: [2 * xi for xi in x],
    values={"f": 0},
    gradients=components(0, 0, 0),
    source=f"{LIBRARY}, sphere",
)
@case([1, "-2/3", 4], gradient=lambda x: [2 * xi for xi in x], source=f"{LIBRARY}, sphere")
def sphere(x):
    f = minigrad.dot(x, x)
    f.label = "f"
    return f


def zakharov_gradient(x):
    s = minigrad.dot([i / 2 for i in range(1, len(x) + 1)], x)
    return [2 * xi + i * (s + 2 * s**3) for i, xi in enumerate(x, start=1)]


@case(
    [0, 0, 0, 0],
    gradient=zakharov_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source=f"{LIBRARY}, Zakharov",
)
@case([3, -1, 0.25, "5/3"], gradient=zakharov_gradient, source=f"{LIBRARY}, Zakharov")
def zakharov(x):
    s = minigrad.sum(i * xi for i, xi in enumerate(x, start=1)) / 2
    f = minigrad.dot(x, x) + s**2 + s**4
    f.label = "f"
    return f


def trid_gradient(x):
    padded = [0, *x, 0]
    return [
        2 * (here - 1) - before - after
        for before, here, after in zip(padded, x, padded[2:], strict=False)
    ]


@case(
    [6, 10, 12, 12, 10, 6],
    gradient=trid_gradient,
    values={"f": -50},
    gradients=components(0, 0, 0, 0, 0, 0),
    source=f"{LIBRARY}, Trid; the minimum in six variables",
)
@case([1, -2, "1/3"], gradient=trid_gradient, source=f"{LIBRARY}, Trid")
def trid(x):
    f = minigrad.sum((xi - 1) ** 2 for xi in x) - minigrad.dot(x[1:], x[:-1])
    f.label = "f"
    return f


def dixon_price_gradient(x):
    gradient = [2 * (x[0] - 1)] + [0] * (len(x) - 1)
    for i, (before, here) in enumerate(pairwise(x), start=1):
        bend = 2 * here**2 - before
        gradient[i] += 8 * (i + 1) * here * bend
        gradient[i - 1] += -2 * (i + 1) * bend
    return gradient


@case(
    [1, "2/3", "-1/2", 3],
    gradient=dixon_price_gradient,
    source="L. C. W. Dixon, R. C. Price, Truncated Newton method for sparse unconstrained "
    "optimization using automatic differentiation, JOTA 60(2), 1989",
)
def dixon_price(x):
    bends = [i * (2 * b**2 - a) ** 2 for i, (a, b) in enumerate(pairwise(x), start=2)]
    f = (x[0] - 1) ** 2 + minigrad.sum(bends)
    f.label = "f"
    return f


@case(
    [-2.903534, 0, "1/2"],
    gradient=lambda x: [2 * xi**3 - 16 * xi + 2.5 for xi in x],
    source="M. A. Styblinski, T.-S. Tang, Experiments in nonconvex optimization, "
    "Neural Networks 3(4), 1990",
)
def styblinski_tang(x):
    f = minigrad.sum(xi**4 - 16 * xi**2 + 5 * xi for xi in x) / 2
    f.label = "f"
    return f
