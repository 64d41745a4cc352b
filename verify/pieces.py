"""Operators in pieces, and operators of many operands, at ordinary points and at hard ones.

Points where a piece ends have no hand-written gradient: at a kink there is no derivative that it
could be, only the one-sided ones and a convention. Where the pieces join smoothly there is one.
"""

import minigrad
from minigrad.verify import case

CONVENTION = "the conventions of PyTorch and JAX at a kink"
WILKINSON = "J. H. Wilkinson, Rounding Errors in Algebraic Processes, 1963"


def sign(x):
    return minigrad.where(x > 0, 1, -1)


# --- absolute value, relu, maximum, minimum -------------------------------------------------------


@case(3, "-5/2", gradient=lambda x: 3 * x**2 * sign(x), source="|x|**3, by hand")
def absolute_cube(x):
    return abs(x) ** 3


@case(0, source=f"{CONVENTION}: the derivative of |x| at 0 is 0")
def absolute_value(x):
    return abs(x)


@case(
    (2, "1/3"),
    ("-7/4", 5),
    gradient=lambda x, y: (sign(x - y), -sign(x - y)),
    source="the distance of two numbers, by hand",
)
@case((4, 4), source=f"{CONVENTION}: two equal numbers")
def distance(x, y):
    return abs(x - y)


@case(0, source=f"{CONVENTION}: the derivative of relu at 0 is 0")
@case(2, -3, gradient=lambda x: minigrad.where(x > 0, 1, 0), source="relu, by hand")
def rectified(x):
    return minigrad.relu(x)


@case(0, source="x itself, in two relus: at 0 its derivative is 1, and the conventions add up to 0")
@case("3/2", -4, gradient=lambda x: 1, source="relu(x) - relu(-x) is x")
def two_relus(x):
    return minigrad.relu(x) - minigrad.relu(-x)


@case(0, source="relu(x)**2 is smooth enough to have a derivative at 0")
@case(3, "-1/2", gradient=lambda x: 2 * minigrad.relu(x), source="relu(x)**2, by hand")
def squared_relu(x):
    return minigrad.relu(x) ** 2


def clamp_gradient(x, low, high):
    if max(x, low) > high:
        return 0, 0, 1
    return (0, 1, 0) if x < low else (1, 0, 0)


@case(
    (3, 1, 2),
    (-1, "1/2", 0),
    ("5/3", 2, 7),
    gradient=clamp_gradient,
    source="x clamped to [low, high], by hand; the second interval is empty",
)
@case((2, 2, 5), source=f"{CONVENTION}: x at the lower end")
def clamp(x, low, high):
    return minigrad.minimum(minigrad.maximum(x, low), high)


def middle(*numbers):
    """Find the place of the median among three different numbers."""
    return sorted(range(3), key=numbers.__getitem__)[1]


@case(
    (3, -2, 5),
    (1, 4, "5/2"),
    gradient=lambda x, y, z: tuple(int(i == middle(x, y, z)) for i in range(3)),
    source="the median of three is one of them",
)
@case((1, 1, 2), source=f"{CONVENTION}: two equal numbers in the middle")
def median(x, y, z):
    return minigrad.maximum(minigrad.minimum(x, y), minigrad.minimum(minigrad.maximum(x, y), z))


@case(3, -1, source=f"{CONVENTION}: a tie with itself, where both halves go to the same node")
def maximum_of_one(x):
    return minigrad.maximum(x, x)


# --- where ----------------------------------------------------------------------------------------


def huber_gradient(x):
    return minigrad.minimum(minigrad.maximum(x, -1), 1)


@case(
    "1/2",
    3,
    "-7/3",
    gradient=huber_gradient,
    source="P. J. Huber, Robust Estimation of a Location Parameter, Ann. Math. Statist. 35, 1964",
)
@case(1, source="Huber's loss where its pieces meet, and their derivatives too")
def huber(x):
    return minigrad.where(abs(x) <= 1, x**2 / 2, abs(x) - 0.5)


@case(
    ("3/2", 4),
    (-2, 4),
    gradient=lambda x, slope: (minigrad.where(x > 0, 1, slope), minigrad.where(x > 0, 0, x)),
    source="K. He, X. Zhang, S. Ren, J. Sun, Delving Deep into Rectifiers, ICCV 2015, equation (1)",
)
def parametric_relu(x, slope):
    return minigrad.where(x > 0, x, slope * x)


# --- floor division, remainder, rounding ----------------------------------------------------------


@case(
    ("7/2", "4/3"),
    ("-7/2", "4/3"),
    ("7/2", "-4/3"),
    gradient=lambda x, y: (1, -(x // y)),
    source="x % y = x - y floor(x/y), by hand",
)
def remainder(x, y):
    return x % y


@case(
    ("7/2", "4/3"),
    (-5, 3),
    gradient=lambda x, y: (x // y, 0),
    source="x floor(x/y): the floor is constant near the point, by hand",
)
def floor_division(x, y):
    return x * (x // y)


@case((6, 3), source="6 // 3 stands at a step of the floor")
@case((5, 3), gradient=lambda x, y: (1, 0), source="x = y floor(x/y) + x % y")
def division_with_remainder(x, y):
    """Put the two halves of divmod together again."""
    quotient, rest = divmod(x, y)
    return quotient * y + rest


@case("1/3", "9/4", gradient=lambda x: 1 - 2 * (x % 2 // 1), source="a triangle wave of period 2")
@case(1, source="the top of the triangle wave")
def triangle_wave(x):
    return minigrad.minimum(x % 2, 2 - x % 2)


@case(2.34, -1.07, gradient=lambda x: round(x, 1), source="x rounded to a tenth, times x")
@case(0.25, source="0.25 is rounded to the even tenth, 0.2; its other neighbour is 0.3")
def rounded(x):
    return round(x, 1) * x


# --- sum, prod, dot -------------------------------------------------------------------------------


def without_each(x):
    return [minigrad.prod([*x[:i], *x[i + 1 :]]) for i in range(len(x))]


@case([2, "1/3", -5, 4], gradient=without_each, source="each factor's partial: the others' product")
@case(
    [0, 2, 3],
    gradient=without_each,
    values={"p": 0},
    gradients={"x[0]": 6, "x[1]": 0, "x[2]": 0},
    source="one factor of 0, where p / x[0] is not defined",
)
@case([0, 0, 3], [0, 0, 0, 0], gradient=without_each, source="several factors of 0")
def product(x):
    p = minigrad.prod(x)
    p.label = "p"
    return p


@case(0, "-2/3", gradient=lambda x: 3 * x**2, source="x**3, by hand")
def repeated_factor(x):
    return minigrad.prod([x, x, x])


@case(
    10,
    values={"w": 0},
    gradients={"x": 1316818944000},
    source=f"{WILKINSON}: the slope of (x - 1) … (x - 20) at its root 10 is 9! 10!",
)
@case("21/2", source=WILKINSON)
def wilkinson(x):
    w = minigrad.prod(x - k for k in range(1, 21))
    w.label = "w"
    return w


@case(
    ["1/2", 3, 3, -1],
    gradient=lambda x: [1] * len(x),
    source="a sum, two of whose operands are equal in value",
)
def total(x):
    return minigrad.sum(x)


@case("5/2", gradient=lambda x: 3, source="3x, by hand")
def repeated_term(x):
    return minigrad.sum([x, x, 1, x])


@case(
    ([1, "-2/3", 4], [5, 0, "1/2"]),
    gradient=lambda x, y: (y, x),
    source="the inner product, by hand",
)
def inner_product(x, y):
    return minigrad.dot(x, y)


@case([3, "-1/4", 0], gradient=lambda x: [2 * xi for xi in x], source="x.x, by hand")
def squared_length(x):
    return minigrad.dot(x, x)


@case((3, "1/2"), gradient=lambda x, y: (2 * x + 2 * y, 2 * x), source="x**2 + 2xy, by hand")
def crossed_dot(x, y):
    """Use the same nodes in several places of one operator."""
    return minigrad.dot([x, x, y], [x, y, x])
