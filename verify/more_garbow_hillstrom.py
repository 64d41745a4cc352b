"""The rational ones of the problems 1 to 20 of Moré, Garbow and Hillstrom.

Each is a sum of squares of residuals, and its gradient is written as research code writes it: twice
the transposed Jacobian of the residuals times the residuals, or the sums that this comes to where a
residual has a factor like the square root of 10. Points are the standard starting points and the
minimisers, rounded where they are not rational. `more_garbow_hillstrom_n.py` has the problems from
21 on.
"""

from fractions import Fraction

from classical_n import components

from minigrad.verify import case

MGH = (
    "J. J. Moré, B. S. Garbow, K. E. Hillstrom, Testing Unconstrained Optimization Software, "
    "ACM TOMS 7(1), 1981"
)


def sum_of_squares(residuals):
    f = 0
    for residual in residuals:
        f = f + residual**2
    f.label = "f"
    return f


def twice_transposed_times(jacobian, residuals):
    gradient = [0] * len(jacobian[0])
    for row, residual in zip(jacobian, residuals, strict=True):
        for j, partial in enumerate(row):
            gradient[j] += 2 * partial * residual
    return gradient


# --- two variables --------------------------------------------------------------------------------


def rosenbrock_residuals(x):
    return [10 * (x[1] - x[0] ** 2), 1 - x[0]]


def rosenbrock_gradient(x):
    jacobian = [[-20 * x[0], 10], [-1, 0]]
    return twice_transposed_times(jacobian, rosenbrock_residuals(x))


@case(
    [-1.2, 1],
    gradient=rosenbrock_gradient,
    values={"f": 24.2},
    source="H. H. Rosenbrock, An automatic method for finding the greatest or least value of a "
    "function, The Computer Journal 3(3), 1960",
)
@case(
    [1, 1],
    gradient=rosenbrock_gradient,
    values={"f": 0},
    gradients=components(0, 0),
    source=f"{MGH}, problem 1",
)
def rosenbrock(x):
    return sum_of_squares(rosenbrock_residuals(x))


def freudenstein_roth_residuals(x):
    return [
        -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1],
        -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1],
    ]


def freudenstein_roth_gradient(x):
    jacobian = [[1, 10 * x[1] - 3 * x[1] ** 2 - 2], [1, 3 * x[1] ** 2 + 2 * x[1] - 14]]
    return twice_transposed_times(jacobian, freudenstein_roth_residuals(x))


@case(
    [0.5, -2],
    gradient=freudenstein_roth_gradient,
    values={"f": 400.5},
    source=f"{MGH}, problem 2, at its starting point; f = 19.5**2 + 4.5**2",
)
@case(
    [5, 4],
    gradient=freudenstein_roth_gradient,
    values={"f": 0},
    gradients=components(0, 0),
    source=f"{MGH}, problem 2",
)
@case(
    [11.41278, -0.8968053],
    gradient=freudenstein_roth_gradient,
    source=f"{MGH}, problem 2, near its other minimum, f = 48.9842",
)
def freudenstein_roth(x):
    return sum_of_squares(freudenstein_roth_residuals(x))


def brown_badly_scaled_residuals(x):
    return [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2]


def brown_badly_scaled_gradient(x):
    jacobian = [[1, 0], [0, 1], [x[1], x[0]]]
    return twice_transposed_times(jacobian, brown_badly_scaled_residuals(x))


@case([1, 1], gradient=brown_badly_scaled_gradient, source=f"{MGH}, problem 4")
@case(
    [1e6, 2e-6],
    gradient=brown_badly_scaled_gradient,
    values={"f": 0},
    gradients=components(0, 0),
    source=f"{MGH}, problem 4",
)
def brown_badly_scaled(x):
    """Twelve orders of magnitude apart: a finite difference sees nothing of the second variable."""
    return sum_of_squares(brown_badly_scaled_residuals(x))


def beale_residuals(x):
    return [y - x[0] * (1 - x[1] ** i) for i, y in enumerate((1.5, 2.25, 2.625), start=1)]


def beale_gradient(x):
    jacobian = [
        [x[1] - 1, x[0]],
        [x[1] ** 2 - 1, 2 * x[0] * x[1]],
        [x[1] ** 3 - 1, 3 * x[0] * x[1] ** 2],
    ]
    return twice_transposed_times(jacobian, beale_residuals(x))


@case(
    [1, 1],
    gradient=beale_gradient,
    values={"f": 14.203125},
    source=f"{MGH}, problem 5, at its starting point; f = 1.5**2 + 2.25**2 + 2.625**2",
)
@case(
    [3, 0.5],
    gradient=beale_gradient,
    values={"f": 0},
    gradients=components(0, 0),
    source=f"{MGH}, problem 5",
)
def beale(x):
    return sum_of_squares(beale_residuals(x))


# --- rational models of measured data -------------------------------------------------------------

BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)


def bard_residuals(x):
    residuals = []
    for u, y in enumerate(BARD, start=1):
        v, w = 16 - u, min(u, 16 - u)
        residuals.append(y - (x[0] + u / (v * x[1] + w * x[2])))
    return residuals


def bard_gradient(x):
    jacobian = []
    for u in range(1, len(BARD) + 1):
        v, w = 16 - u, min(u, 16 - u)
        slope = u / (v * x[1] + w * x[2]) ** 2
        jacobian.append([-1, v * slope, w * slope])
    return twice_transposed_times(jacobian, bard_residuals(x))


@case([1, 1, 1], gradient=bard_gradient, source=f"{MGH}, problem 8, at its starting point")
@case(
    [0.08241056, 1.133036, 2.343695],
    gradient=bard_gradient,
    source=f"{MGH}, problem 8, near its minimum, f = 8.21487e-3",
)
def bard(x):
    return sum_of_squares(bard_residuals(x))


# Fractions, as the square of the float 0.167 is a rounded one.
KOWALIK_OSBORNE_U = [
    Fraction(u, 10000) for u in (40000, 20000, 10000, 5000, 2500, 1670, 1250, 1000, 833, 714, 625)
]
KOWALIK_OSBORNE_Y = [
    Fraction(y, 10000) for y in (1957, 1947, 1735, 1600, 844, 627, 456, 342, 323, 235, 246)
]


def kowalik_osborne_residuals(x):
    residuals = []
    for u, y in zip(KOWALIK_OSBORNE_U, KOWALIK_OSBORNE_Y, strict=True):
        residuals.append(y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3]))
    return residuals


def kowalik_osborne_gradient(x):
    jacobian = []
    for u in KOWALIK_OSBORNE_U:
        numerator = u**2 + u * x[1]
        denominator = u**2 + u * x[2] + x[3]
        by_last = x[0] * numerator / denominator**2
        jacobian.append([-numerator / denominator, -x[0] * u / denominator, u * by_last, by_last])
    return twice_transposed_times(jacobian, kowalik_osborne_residuals(x))


@case(
    [0.25, 0.39, 0.415, 0.39],
    gradient=kowalik_osborne_gradient,
    source=f"{MGH}, problem 15, at its starting point",
)
@case(
    [0.1928069, 0.1912823, 0.1230565, 0.1360623],
    gradient=kowalik_osborne_gradient,
    source=f"{MGH}, problem 15, near its minimum, f = 3.07505e-4",
)
def kowalik_osborne(x):
    return sum_of_squares(kowalik_osborne_residuals(x))


# --- four variables -------------------------------------------------------------------------------


def powell_singular_gradient(x):
    s1 = x[0] + 10 * x[1]
    s2 = x[2] - x[3]
    s3 = x[1] - 2 * x[2]
    s4 = x[0] - x[3]
    return [
        2 * (s1 + 20 * s4**3),
        20 * s1 + 4 * s3**3,
        2 * (5 * s2 - 4 * s3**3),
        -10 * (s2 + 4 * s4**3),
    ]


@case(
    [3, -1, 0, 1],
    gradient=powell_singular_gradient,
    values={"f": 215},
    source=f"{MGH}, problem 13, at its starting point; f = 49 + 5 + 1 + 160",
)
@case(
    [0, 0, 0, 0],
    gradient=powell_singular_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source=f"{MGH}, problem 13; the Hessian is singular there",
)
def powell_singular(x):
    f = (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2
    f += (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4
    f.label = "f"
    return f


def wood_gradient(x):
    s1 = x[1] - x[0] ** 2
    s2 = 1 - x[0]
    s3 = x[3] - x[2] ** 2
    s4 = 1 - x[2]
    both = x[1] + x[3] - 2
    difference = x[1] - x[3]
    return [
        -2 * (200 * x[0] * s1 + s2),
        200 * s1 + 20 * both + difference / 5,
        -2 * (180 * x[2] * s3 + s4),
        180 * s3 + 20 * both - difference / 5,
    ]


@case(
    [-3, -1, -3, -1],
    gradient=wood_gradient,
    values={"f": 19192},
    source=f"{MGH}, problem 14, at its starting point; f = 10000 + 16 + 9000 + 16 + 160",
)
@case(
    [1, 1, 1, 1],
    gradient=wood_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source=f"{MGH}, problem 14",
)
def wood(x):
    f = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    f += 90 * (x[3] - x[2] ** 2) ** 2 + (1 - x[2]) ** 2
    f += 10 * (x[1] + x[3] - 2) ** 2 + (x[1] - x[3]) ** 2 / 10
    f.label = "f"
    return f


# --- a differential equation, solved by a polynomial ----------------------------------------------


def watson_terms(x, t):
    """Sum up the polynomial with the coefficients x, and its derivative, at t."""
    slope, value = 0, 0
    for j, xj in enumerate(x):
        if j > 0:
            slope = slope + j * t ** (j - 1) * xj
        value = value + t**j * xj
    return slope, value


def watson_residuals(x):
    residuals = []
    for i in range(1, 30):
        slope, value = watson_terms(x, Fraction(i, 29))
        residuals.append(slope - value**2 - 1)
    return [*residuals, x[0], x[1] - x[0] ** 2 - 1]


def watson_gradient(x):
    n = len(x)
    jacobian = []
    for i in range(1, 30):
        t = Fraction(i, 29)
        _, value = watson_terms(x, t)
        jacobian.append([j * t ** (j - 1) - 2 * value * t**j for j in range(n)])
    jacobian.append([1] + [0] * (n - 1))
    jacobian.append([-2 * x[0], 1] + [0] * (n - 2))
    return twice_transposed_times(jacobian, watson_residuals(x))


@case(
    [0, 0, 0, 0, 0, 0],
    gradient=watson_gradient,
    values={"f": 30},
    source=f"{MGH}, problem 20, at its starting point: 30 residuals are -1 and one is 0",
)
@case(
    [-0.015725, 1.012435, -0.232992, 1.260430, -1.513729, 0.992996],
    gradient=watson_gradient,
    source=f"{MGH}, problem 20, near its minimum, f = 2.28767e-3",
)
def watson(x):
    return sum_of_squares(watson_residuals(x))
