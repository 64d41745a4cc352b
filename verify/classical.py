"""Classical test functions of optimisation, in two variables, with gradients written by hand.

Minimisers and saddle points are among the points where they are rational: there the published
value is checked, and that each partial derivative is 0, exactly.
"""

from minigrad.verify import case

LIBRARY = "S. Surjanovic, D. Bingham, Virtual Library of Simulation Experiments: Test Functions"
STATIONARY = {"x": 0, "y": 0}


def himmelblau_gradient(x, y):
    u, v = x**2 + y - 11, x + y**2 - 7
    return 4 * x * u + 2 * v, 2 * u + 4 * y * v


@case(
    (3, 2),
    gradient=himmelblau_gradient,
    values={"f": 0},
    gradients=STATIONARY,
    source="D. M. Himmelblau, Applied Nonlinear Programming, McGraw-Hill, 1972",
)
@case(
    ("-14/5", 3.1),
    gradient=himmelblau_gradient,
    source="D. M. Himmelblau, Applied Nonlinear Programming; near another minimum",
)
def himmelblau(x, y):
    f = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
    f.label = "f"
    return f


def booth_gradient(x, y):
    return 10 * x + 8 * y - 34, 8 * x + 10 * y - 38


@case((-2, "5/3"), gradient=booth_gradient, source=f"{LIBRARY}, Booth")
@case(
    (1, 3),
    gradient=booth_gradient,
    values={"f": 0},
    gradients=STATIONARY,
    source=f"{LIBRARY}, Booth",
)
def booth(x, y):
    f = (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2
    f.label = "f"
    return f


def matyas_gradient(x, y):
    return 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x


@case((3, "-7/2"), gradient=matyas_gradient, source=f"{LIBRARY}, Matyas")
@case(
    (0, 0),
    gradient=matyas_gradient,
    values={"f": 0},
    gradients=STATIONARY,
    source=f"{LIBRARY}, Matyas",
)
def matyas(x, y):
    f = 0.26 * (x**2 + y**2) - 0.48 * x * y
    f.label = "f"
    return f


def three_hump_camel_gradient(x, y):
    return 4 * x - 4.2 * x**3 + x**5 + y, x + 2 * y


@case((-1.7, "7/8"), gradient=three_hump_camel_gradient, source=f"{LIBRARY}, three-hump camel")
@case(
    (0, 0),
    gradient=three_hump_camel_gradient,
    values={"f": 0},
    gradients=STATIONARY,
    source=f"{LIBRARY}, three-hump camel",
)
def three_hump_camel(x, y):
    f = 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2
    f.label = "f"
    return f


def six_hump_camel_gradient(x, y):
    return 8 * x - 8.4 * x**3 + 2 * x**5 + y, x - 8 * y + 16 * y**3


@case((0.0898, -0.7126), gradient=six_hump_camel_gradient, source=f"{LIBRARY}, six-hump camel")
@case(
    (0, 0),
    gradient=six_hump_camel_gradient,
    values={"f": 0},
    gradients=STATIONARY,
    source=f"{LIBRARY}, six-hump camel; a saddle point",
)
def six_hump_camel(x, y):
    f = (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2
    f.label = "f"
    return f


GOLDSTEIN_PRICE = (
    "A. A. Goldstein, J. F. Price, On Descent from Local Minima, "
    "Mathematics of Computation 25(115), 1971"
)


def goldstein_price_gradient(x, y):
    """Both brackets are functions of x + y and of 2x - 3y alone."""
    s, t = x + y, 2 * x - 3 * y
    p = 1 + (s + 1) ** 2 * (19 - 14 * s + 3 * s**2)
    q = 30 + t**2 * (18 - 16 * t + 3 * t**2)
    by_s = 12 * (s + 1) * (s - 1) * (s - 2) * q
    by_t = 12 * t * (t - 1) * (t - 3) * p
    return by_s + 2 * by_t, by_s - 3 * by_t


@case(
    (0, -1),
    gradient=goldstein_price_gradient,
    values={"f": 3},
    gradients=STATIONARY,
    source=f"{GOLDSTEIN_PRICE}; the global minimum",
)
@case(
    (-0.6, -0.4),
    gradient=goldstein_price_gradient,
    values={"f": 30},
    gradients=STATIONARY,
    source=f"{GOLDSTEIN_PRICE}; a local minimum, from the factors of by_s and by_t",
)
@case(
    (1.8, 0.2),
    gradient=goldstein_price_gradient,
    values={"f": 84},
    gradients=STATIONARY,
    source=f"{GOLDSTEIN_PRICE}; a local minimum, from the factors of by_s and by_t",
)
@case(
    (1.2, 0.8),
    gradient=goldstein_price_gradient,
    values={"f": 840},
    gradients=STATIONARY,
    source=f"{GOLDSTEIN_PRICE}; a local minimum, from the factors of by_s and by_t",
)
@case(("1/3", "-3/4"), gradient=goldstein_price_gradient, source=GOLDSTEIN_PRICE)
def goldstein_price(x, y):
    p = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    q = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    f = (1 + (x + y + 1) ** 2 * p) * (30 + (2 * x - 3 * y) ** 2 * q)
    f.label = "f"
    return f


@case(
    (0, 1),
    values={"f": 3},
    gradients=STATIONARY,
    source="METAPY, BENCH_GOLDSTAINPRICE.html, equations (1) and (2): a plus sign between the "
    "brackets and one in 2x + 3y, and the minimum at (0, 1)",
    expect="refuted",
)
def goldstein_price_misprinted(x, y):
    p = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    q = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    f = (1 + (x + y + 1) ** 2 * p) + (30 + (2 * x + 3 * y) ** 2 * q)
    f.label = "f"
    return f
