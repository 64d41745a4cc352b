"""Classical test functions of optimisation, in any number of variables.

The argument is one array, so labels are `x[0]`, `x[1]`, … as in the sources, counted from 0.
"""

from itertools import pairwise

import minigrad
from minigrad.verify import case

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
