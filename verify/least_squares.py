"""Rational models fitted to measured data: sums of squares with as many denominators as data.

The gradient is that of Gauss: twice the transposed Jacobian of the residuals, times the residuals.
"""

import minigrad
from minigrad.verify import case

MGH = (
    "J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing Unconstrained Optimization Software, "
    "ACM TOMS 7(1), 1981"
)

BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)


def bard_gradient(x):
    rows = []
    for u, y in enumerate(BARD, start=1):
        v, w = 16 - u, min(u, 16 - u)
        denominator = v * x[1] + w * x[2]
        residual = y - (x[0] + u / denominator)
        slope = u / denominator**2
        rows.append((-2 * residual, 2 * v * residual * slope, 2 * w * residual * slope))
    return [minigrad.sum(column) for column in zip(*rows, strict=True)]


@case([1, 1, 1], gradient=bard_gradient, source=f"{MGH}, problem 8, at its starting point")
def bard(x):
    residuals = [
        y - (x[0] + u / ((16 - u) * x[1] + min(u, 16 - u) * x[2]))
        for u, y in enumerate(BARD, start=1)
    ]
    f = minigrad.dot(residuals, residuals)
    f.label = "f"
    return f


# The first four measurements of eleven: the common denominator of all of them has, multiplied out,
# hundreds of terms.
KOWALIK_OSBORNE = ((4, 0.1957), (2, 0.1947), (1, 0.1735), (0.5, 0.1600))


def kowalik_osborne_residual(x, u, y):
    return y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def kowalik_osborne_row(x, u):
    """Write down one row of the Jacobian."""
    numerator = u**2 + u * x[1]
    denominator = u**2 + u * x[2] + x[3]
    by_last = x[0] * numerator / denominator**2
    return -numerator / denominator, -x[0] * u / denominator, u * by_last, by_last


def kowalik_osborne_gradient(x):
    rows = []
    for u, y in KOWALIK_OSBORNE:
        residual = kowalik_osborne_residual(x, u, y)
        rows.append([2 * residual * partial for partial in kowalik_osborne_row(x, u)])
    return [minigrad.sum(column) for column in zip(*rows, strict=True)]


@case(
    [0.25, 0.39, 0.415, 0.39],
    gradient=kowalik_osborne_gradient,
    source=f"{MGH}, problem 15, at its starting point",
)
def kowalik_osborne(x):
    residuals = [kowalik_osborne_residual(x, u, y) for u, y in KOWALIK_OSBORNE]
    f = minigrad.dot(residuals, residuals)
    f.label = "f"
    return f
