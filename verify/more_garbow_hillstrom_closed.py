"""The problems of Moré, Garbow and Hillstrom with exponentials, roots, powers and angles.

Functions and gradients are written as in `more_garbow_hillstrom.py`. Each is checked at its standard
starting point with all residuals, and without points for all arguments, where problem 19 has the first
three of its residuals only: the source says so. Where the source leaves their number open it is said too.
"""

from fractions import Fraction

from classical_n import components
from more_garbow_hillstrom import MGH, sum_of_squares, twice_transposed_times

from minigrad import atan, cos, exp, log, pi, sin, sqrt
from minigrad.verify import case


def are_small(x):
    """Bound the search, and so the powers of the exponentials of its points."""
    return all(abs(xj) <= 2 for xj in x)


# --- two and three variables ----------------------------------------------------------------------


def jennrich_sampson_residuals(x, m=10):
    return [2 + 2 * i - (exp(i * x[0]) + exp(i * x[1])) for i in range(1, m + 1)]


def jennrich_sampson_gradient(x, m=10):
    jacobian = [[-i * exp(i * x[0]), -i * exp(i * x[1])] for i in range(1, m + 1)]
    return twice_transposed_times(jacobian, jennrich_sampson_residuals(x, m))


@case(gradient=jennrich_sampson_gradient, shape=[2], source=f"{MGH}, problem 6, with m = 10")
@case(
    [0.3, 0.4],
    gradient=jennrich_sampson_gradient,
    source=f"{MGH}, problem 6, at its starting point",
)
@case(
    [0, 0],
    gradient=jennrich_sampson_gradient,
    values={"f": 1540},
    gradients=components(-1540, -1540),
    source=f"{MGH}, problem 6; f is the sum of (2 i)**2, and its gradient that of -4 i**2",
)
@case(
    gradient=lambda x: twice_transposed_times(
        [[-exp(i * x[0]), -exp(i * x[1])] for i in range(1, 11)], jennrich_sampson_residuals(x)
    ),
    shape=[2],
    domain=are_small,
    source="the inner derivative i is forgotten",
    expect="refuted",
)
def jennrich_sampson(x):
    return sum_of_squares(jennrich_sampson_residuals(x))


def helical_angle(x):
    if x[0] > 0:
        return atan(x[1] / x[0]) / (2 * pi)
    return atan(x[1] / x[0]) / (2 * pi) + 0.5


def helical_valley_residuals(x):
    return [10 * (x[2] - 10 * helical_angle(x)), 10 * (sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]]


def helical_valley_gradient(x):
    square = x[0] ** 2 + x[1] ** 2
    turn = 50 / (pi * square)
    radius = sqrt(square)
    jacobian = [
        [turn * x[1], -turn * x[0], 10],
        [10 * x[0] / radius, 10 * x[1] / radius, 0],
        [0, 0, 1],
    ]
    return twice_transposed_times(jacobian, helical_valley_residuals(x))


def helical_valley_in_radians(x):
    square = x[0] ** 2 + x[1] ** 2
    radius = sqrt(square)
    jacobian = [
        [100 * x[1] / square, -100 * x[0] / square, 10],
        [10 * x[0] / radius, 10 * x[1] / radius, 0],
        [0, 0, 1],
    ]
    return twice_transposed_times(jacobian, helical_valley_residuals(x))


def off_the_axis(x):
    return x[0] != 0


@case(gradient=helical_valley_gradient, shape=[3], domain=off_the_axis, source=f"{MGH}, problem 7")
@case(
    [-1, 0, 0],
    gradient=helical_valley_gradient,
    values={"f": 2500},
    source=f"{MGH}, problem 7, at its starting point: half a turn from the minimum",
)
@case(
    [1, 0, 0],
    gradient=helical_valley_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0),
    source=f"{MGH}, problem 7",
)
@case(
    gradient=helical_valley_in_radians,
    shape=[3],
    domain=off_the_axis,
    source="the angle in radians, and not in turns",
    expect="refuted",
)
def helical_valley(x):
    return sum_of_squares(helical_valley_residuals(x))


GAUSSIAN = (
    0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989,
    0.3521, 0.2420, 0.1295, 0.0540, 0.0175, 0.0044, 0.0009,
)  # fmt: skip


def gaussian_residuals(x, m=15):
    residuals = []
    for i, y in enumerate(GAUSSIAN[:m], start=1):
        t = Fraction(8 - i, 2)
        residuals.append(x[0] * exp(-x[1] * (t - x[2]) ** 2 / 2) - y)
    return residuals


def gaussian_gradient(x, m=15):
    jacobian = []
    for i in range(1, m + 1):
        t = Fraction(8 - i, 2)
        e = exp(-x[1] * (t - x[2]) ** 2 / 2)
        jacobian.append([e, -x[0] * e * (t - x[2]) ** 2 / 2, x[0] * e * x[1] * (t - x[2])])
    return twice_transposed_times(jacobian, gaussian_residuals(x, m))


@case(
    gradient=gaussian_gradient,
    shape=[3],
    domain=are_small,
    source=f"{MGH}, problem 9",
)
@case(
    [0.4, 1, 0],
    gradient=gaussian_gradient,
    source=f"{MGH}, problem 9, at its starting point",
)
@case(
    gradient=lambda x: [2 * g if j == 1 else g for j, g in enumerate(gaussian_gradient(x))],
    shape=[3],
    domain=are_small,
    source="the half in the exponent is forgotten",
    expect="refuted",
)
def gaussian(x):
    return sum_of_squares(gaussian_residuals(x))


MEYER = (
    34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744,
    8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872,
)  # fmt: skip


def meyer_residuals(x):
    return [x[0] * exp(x[1] / (45 + 5 * i + x[2])) - y for i, y in enumerate(MEYER, start=1)]


def meyer_gradient(x):
    jacobian = []
    for i in range(1, len(MEYER) + 1):
        t = 45 + 5 * i + x[2]
        e = exp(x[1] / t)
        jacobian.append([e, x[0] * e / t, -x[0] * x[1] * e / t**2])
    return twice_transposed_times(jacobian, meyer_residuals(x))


@case(gradient=meyer_gradient, shape=[3], domain=are_small, source=f"{MGH}, problem 10")
@case(
    [0.02, 4000, 250], gradient=meyer_gradient, source=f"{MGH}, problem 10, at its starting point"
)
def meyer(x):
    return sum_of_squares(meyer_residuals(x))


def gulf_terms(x, m):
    """Give t, the distance d and the exponential for each measurement, as in the erratum."""
    terms = []
    for i in range(1, m + 1):
        t = Fraction(i, 100)
        d = 25 + (-50 * log(t)) ** Fraction(2, 3) - x[1]
        terms.append((t, d, exp(-(abs(d) ** x[2]) / x[0])))
    return terms


def gulf_gradient(x, m=3):
    gradient = [0, 0, 0]
    for t, d, e in gulf_terms(x, m):
        power = abs(d) ** x[2]
        common = 2 * (e - t) * e * power / x[0]
        gradient[0] += common / x[0]
        gradient[1] += common * x[2] / d
        gradient[2] -= common * log(abs(d))
    return gradient


@case(gradient=gulf_gradient, shape=[3], domain=are_small, source=f"{MGH}, problem 11, with m = 3")
@case(
    [5, 2.5, 0.15],
    gradient=gulf_gradient,
    source=f"{MGH}, problem 11, with m = 3, at its starting point",
)
def gulf(x):
    return sum_of_squares([e - t for t, _, e in gulf_terms(x, 3)])


def box_residuals(x, m=10):
    residuals = []
    for i in range(1, m + 1):
        t = Fraction(i, 10)
        residuals.append(exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (exp(-t) - exp(-10 * t)))
    return residuals


def box_gradient(x, m=10):
    jacobian = []
    for i in range(1, m + 1):
        t = Fraction(i, 10)
        jacobian.append([-t * exp(-t * x[0]), t * exp(-t * x[1]), exp(-10 * t) - exp(-t)])
    return twice_transposed_times(jacobian, box_residuals(x, m))


@case(gradient=box_gradient, shape=[3], domain=are_small, source=f"{MGH}, problem 12, with m = 10")
@case([0, 10, 20], gradient=box_gradient, source=f"{MGH}, problem 12, at its starting point")
@case(
    [1, 10, 1],
    gradient=box_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0),
    source=f"{MGH}, problem 12",
)
@case(
    [10, 1, -1],
    gradient=box_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0),
    source=f"{MGH}, problem 12, at its other minimum",
)
@case(
    gradient=lambda x: [-g if j == 1 else g for j, g in enumerate(box_gradient(x))],
    shape=[3],
    domain=are_small,
    source="two signs, of the term and of its exponent, are taken for one",
    expect="refuted",
)
def box(x):
    return sum_of_squares(box_residuals(x))


# --- four and more variables ----------------------------------------------------------------------


def brown_dennis_pairs(x, m=20):
    pairs = []
    for i in range(1, m + 1):
        t = Fraction(i, 5)
        pairs.append((t, x[0] + t * x[1] - exp(t), x[2] + sin(t) * x[3] - cos(t)))
    return pairs


def brown_dennis_gradient(x, m=20):
    gradient = [0, 0, 0, 0]
    for t, left, right in brown_dennis_pairs(x, m):
        slope = 4 * (left**2 + right**2)
        gradient[0] += slope * left
        gradient[1] += slope * left * t
        gradient[2] += slope * right
        gradient[3] += slope * right * sin(t)
    return gradient


@case(
    gradient=brown_dennis_gradient,
    shape=[4],
    domain=are_small,
    source=f"{MGH}, problem 16, with m = 20",
)
@case(
    [25, 5, -5, -1],
    gradient=brown_dennis_gradient,
    source=f"{MGH}, problem 16, with m = 20, at its starting point",
)
def brown_dennis(x):
    return sum_of_squares([p**2 + q**2 for _, p, q in brown_dennis_pairs(x)])


OSBORNE_1 = (
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751,
    0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490,
    0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
)  # fmt: skip


def osborne_1_residuals(x, m=33):
    residuals = []
    for i, y in enumerate(OSBORNE_1[:m]):
        t = 10 * i
        residuals.append(y - (x[0] + x[1] * exp(-t * x[3]) + x[2] * exp(-t * x[4])))
    return residuals


def osborne_1_gradient(x, m=33):
    jacobian = []
    for i in range(m):
        t = 10 * i
        e, f = exp(-t * x[3]), exp(-t * x[4])
        jacobian.append([-1, -e, -f, t * x[1] * e, t * x[2] * f])
    return twice_transposed_times(jacobian, osborne_1_residuals(x, m))


@case(
    gradient=osborne_1_gradient,
    shape=[5],
    domain=are_small,
    source=f"{MGH}, problem 17",
)
@case(
    [0.5, 1.5, -1, 0.01, 0.02],
    gradient=osborne_1_gradient,
    source=f"{MGH}, problem 17, at its starting point",
)
def osborne_1(x):
    return sum_of_squares(osborne_1_residuals(x))


def biggs_residuals(x, m=13):
    residuals = []
    for i in range(1, m + 1):
        t = Fraction(i, 10)
        y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)
        found = x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4])
        residuals.append(found - y)
    return residuals


def biggs_gradient(x, m=13):
    jacobian = []
    for i in range(1, m + 1):
        t = Fraction(i, 10)
        e, f, g = exp(-t * x[0]), exp(-t * x[1]), exp(-t * x[4])
        jacobian.append([-t * x[2] * e, t * x[3] * f, e, -f, -t * x[5] * g, g])
    return twice_transposed_times(jacobian, biggs_residuals(x, m))


@case(
    gradient=biggs_gradient, shape=[6], domain=are_small, source=f"{MGH}, problem 18, with m = 13"
)
@case(
    [1, 2, 1, 1, 1, 1],
    gradient=biggs_gradient,
    source=f"{MGH}, problem 18, with m = 13, at its starting point",
)
@case(
    [1, 10, 1, 5, 4, 3],
    gradient=biggs_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0, 0, 0),
    source=f"{MGH}, problem 18",
)
def biggs_exp6(x):
    return sum_of_squares(biggs_residuals(x))


OSBORNE_2 = (
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
)  # fmt: skip


def osborne_2_peaks(x, t):
    """Give the exponentials, and how far t is from the middle of each peak."""
    distances = [t - middle for middle in x[8:]]
    peaks = [exp(-(d**2) * width) for d, width in zip(distances, x[5:8], strict=True)]
    return exp(-t * x[4]), peaks, distances


def osborne_2_residuals(x, rows):
    residuals = []
    for i in rows:
        decay, peaks, _ = osborne_2_peaks(x, Fraction(i, 10))
        found = x[0] * decay
        for height, peak in zip(x[1:4], peaks, strict=True):
            found = found + height * peak
        residuals.append(OSBORNE_2[i] - found)
    return residuals


def osborne_2_gradient(x, rows):
    jacobian = []
    for i in rows:
        t = Fraction(i, 10)
        decay, peaks, distances = osborne_2_peaks(x, t)
        heights = [h * peak for h, peak in zip(x[1:4], peaks, strict=True)]
        widths = [h * d**2 for h, d in zip(heights, distances, strict=True)]
        middles = [-2 * h * d * w for h, d, w in zip(heights, distances, x[5:8], strict=True)]
        jacobian.append([-decay, *[-p for p in peaks], x[0] * t * decay, *widths, *middles])
    return twice_transposed_times(jacobian, osborne_2_residuals(x, rows))


# They pass over all four peaks.
EVERY_SECOND = range(0, 65, 2)


@case(
    gradient=lambda x: osborne_2_gradient(x, range(3)),
    shape=[11],
    domain=are_small,
    source=f"{MGH}, problem 19, the first 3 of 65 residuals: for all of them many runs take long",
)
def start_of_osborne_2(x):
    return sum_of_squares(osborne_2_residuals(x, range(3)))


@case(
    [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5],
    gradient=lambda x: osborne_2_gradient(x, EVERY_SECOND),
    source=f"{MGH}, problem 19, every second of 65 residuals, at its starting point",
)
def osborne_2(x):
    return sum_of_squares(osborne_2_residuals(x, EVERY_SECOND))


# --- any number of variables ----------------------------------------------------------------------


def tenth(x):
    return exp(x / 10)


def penalty_2_total(x):
    n = len(x)
    total = -1
    for j, xj in enumerate(x):
        total = total + (n - j) * xj**2
    return total


def penalty_2_gradient(x):
    n = len(x)
    gradient = [4 * (n - j) * xj * penalty_2_total(x) for j, xj in enumerate(x)]
    gradient[0] += 2 * (x[0] - 0.2)
    for i in range(1, n):
        e, f = tenth(x[i]), tenth(x[i - 1])
        y = exp(Fraction(i + 1, 10)) + exp(Fraction(i, 10))
        gradient[i] += 2e-6 * e * (e + f - y) + 2e-6 * e * (e - exp(Fraction(-1, 10)))
        gradient[i - 1] += 2e-6 * f * (e + f - y)
    return gradient


@case(gradient=penalty_2_gradient, shape=[4], domain=are_small, source=f"{MGH}, problem 24")
@case(
    [0.5, 0.5, 0.5, 0.5],
    gradient=penalty_2_gradient,
    source=f"{MGH}, problem 24, at its starting point",
)
def penalty_2(x):
    f = (x[0] - 0.2) ** 2
    for i in range(1, len(x)):
        y = exp(Fraction(i + 1, 10)) + exp(Fraction(i, 10))
        f = f + 1e-5 * (tenth(x[i]) + tenth(x[i - 1]) - y) ** 2
        f = f + 1e-5 * (tenth(x[i]) - exp(Fraction(-1, 10))) ** 2
    f = f + penalty_2_total(x) ** 2
    f.label = "f"
    return f


def trigonometric_residuals(x):
    n = len(x)
    total = n
    for xj in x:
        total = total - cos(xj)
    return [total + i * (1 - cos(xi)) - sin(xi) for i, xi in enumerate(x, start=1)]


def trigonometric_gradient(x):
    residuals = trigonometric_residuals(x)
    total = sum(residuals)
    return [
        2 * (sin(xi) * total + (i * sin(xi) - cos(xi)) * r)
        for i, (xi, r) in enumerate(zip(x, residuals, strict=True), start=1)
    ]


@case(
    gradient=trigonometric_gradient,
    shape=[3],
    domain=are_small,
    source=f"{MGH}, problem 26, with n = 3",
)
@case(
    ["1/3", "1/3", "1/3"],
    gradient=trigonometric_gradient,
    source=f"{MGH}, problem 26, with n = 3, at its starting point",
)
@case(
    [0, 0, 0, 0],
    gradient=trigonometric_gradient,
    values={"f": 0},
    gradients=components(0, 0, 0, 0),
    source=f"{MGH}, problem 26",
)
def trigonometric(x):
    return sum_of_squares(trigonometric_residuals(x))
