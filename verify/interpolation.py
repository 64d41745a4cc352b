"""Polynomials and rational functions by classical schemes, against their textbook derivatives."""

from fractions import Fraction
from itertools import pairwise
from math import comb

import minigrad
from minigrad.verify import case

FARIN = "G. Farin, Curves and Surfaces for CAGD, 5th edition"
KNUTH = "D. E. Knuth, The Art of Computer Programming 2, section 4.6.4"


def components(name, *numbers):
    """Label the published partial derivatives by an array."""
    return {f"{name}[{i}]": number for i, number in enumerate(numbers)}


# --- Horner ---------------------------------------------------------------------------------------


def power_sums(a, x):
    by_x = minigrad.sum(k * ak * x ** (k - 1) for k, ak in enumerate(a) if k)
    return [x**k for k in range(len(a))], by_x


@case(
    ([-5, -2, 0, 1], 2),
    gradient=power_sums,
    values={"p": -1},
    gradients={"x": 10},
    source=f"{KNUTH}; the cubic of Newton's De analysi, x**3 - 2x - 5",
)
@case(
    ([-5, -2, 0, 1], 2.1),
    gradient=power_sums,
    values={"p": 0.061},
    gradients={"x": 11.23},
    source=f"{KNUTH}; Newton's next step",
)
@case(
    ([1, "-1/2", 3, "2/7", -1, 4], 0),
    ([1, "-1/2", 3, "2/7", -1, 4], "-5/3"),
    gradient=power_sums,
    source=KNUTH,
)
def horner(a, x):
    """a[0] + a[1] x + a[2] x**2 + …, with one multiplication for each power."""
    p = a[-1]
    for coefficient in reversed(a[:-1]):
        p = p * x + coefficient
    p.label = "p"
    return p


# --- Lagrange -------------------------------------------------------------------------------------


def basis(nodes, k, t):
    """Evaluate the polynomial that is 1 at node k and 0 at the others."""
    others = [*nodes[:k], *nodes[k + 1 :]]
    return minigrad.prod((t - x) / (nodes[k] - x) for x in others)


def basis_slope(nodes, k, t):
    """Differentiate that polynomial by t."""
    others = [*nodes[:k], *nodes[k + 1 :]]
    factors = [t - x for x in others]
    rests = (factors[:i] + factors[i + 1 :] for i in range(len(factors)))
    return minigrad.sum(map(minigrad.prod, rests)) / minigrad.prod(nodes[k] - x for x in others)


def lagrange_gradient(nodes, values, t):
    """Move node k, and the curve moves with it: minus the slope there times the basis at t."""
    count = range(len(nodes))

    def slope(at):
        return minigrad.sum(values[k] * basis_slope(nodes, k, at) for k in count)

    weights = [basis(nodes, k, t) for k in count]
    return [-slope(nodes[k]) * weights[k] for k in count], weights, slope(t)


@case(
    ([1, 2, 3], [1, 8, 27], 4),
    gradient=lagrange_gradient,
    values={"p": 58},
    gradients={"t": 37, **components("values", 1, -3, 3), **components("nodes", -1, 39, -75)},
    source="x**3 at 1, 2, 3 is interpolated by 6x**2 - 11x + 6",
)
@case(
    ([0, "1/2", -1], [3, "-2/5", 1], "7/3"),
    ([0, "1/2", -1], [3, "-2/5", 1], "1/2"),
    gradient=lagrange_gradient,
    source="J.-L. Lagrange's form of the interpolating polynomial, outside the nodes and at one",
)
def lagrange(nodes, values, t):
    p = minigrad.sum(value * basis(nodes, k, t) for k, value in enumerate(values))
    p.label = "p"
    return p


# --- Bernstein and de Casteljau -------------------------------------------------------------------


def bernstein(n, i, t):
    return comb(n, i) * t**i * (1 - t) ** (n - i)


def bezier_gradient(b, t):
    n = len(b) - 1
    weights = [bernstein(n, i, t) for i in range(n + 1)]
    by_t = n * minigrad.sum((b[i + 1] - b[i]) * bernstein(n - 1, i, t) for i in range(n))
    return weights, by_t


@case(
    ([0, 0, 2, 1], "1/2"),
    gradient=bezier_gradient,
    values={"p": "7/8"},
    gradients={"t": "9/4", **components("b", "1/8", "3/8", "3/8", "1/8")},
    source=f"{FARIN}, chapters 4 and 5; at 1/2 the weights are binomial",
)
@case(
    ([1, "-1/3", "5/2", 4, "2/7"], "3/5"),
    ([1, "-1/3", "5/2", 4, "2/7"], 0),
    ([1, "-1/3", "5/2", 4, "2/7"], "-4/3"),
    gradient=bezier_gradient,
    source=f"{FARIN}, chapters 4 and 5",
)
def de_casteljau(b, t):
    """Find a point of a Bézier curve by repeated linear interpolation."""
    while len(b) > 1:
        b = [(1 - t) * left + t * right for left, right in pairwise(b)]
    b[0].label = "p"
    return b[0]


# --- Möbius transformations -----------------------------------------------------------------------

MOEBIUS = "L. R. Ford, Automorphic Functions, 1929, chapter 1"


def moebius_gradient(a, b, c, d, x):
    denominator = c * x + d
    z = (a * x + b) / denominator
    by_x = (a * d - b * c) / denominator**2
    return x / denominator, 1 / denominator, -x * z / denominator, -z / denominator, by_x


@case(
    (2, -1, "1/3", 5, "4/7"),
    (1, 2, 2, 4, 3),
    gradient=moebius_gradient,
    source=f"{MOEBIUS}; the second point has determinant 0",
)
def moebius(a, b, c, d, x):
    return (a * x + b) / (c * x + d)


MATRICES = ((2, 1, 1, 1), (0, 1, -1, 3), (1, -4, 2, 5), (3, 1, Fraction(1, 2), -2))


def chain_gradient(x):
    """Multiply the matrices first: the whole chain is one transformation."""
    a, b, c, d = 1, 0, 0, 1
    for p, q, r, s in MATRICES:
        a, b, c, d = p * a + q * c, p * b + q * d, r * a + s * c, r * b + s * d
    return (a * d - b * c) / (c * x + d) ** 2


@case(0, "1/2", "-7/3", gradient=chain_gradient, source=f"{MOEBIUS}; composition is a product")
def moebius_chain(x):
    for a, b, c, d in MATRICES:
        x = (a * x + b) / (c * x + d)
    return x


@case(
    3,
    gradient=lambda x: 1,
    values={"once": "-1/2", "twice": "2/3", "thrice": 3},
    gradients={"x": 1},
    source="x -> 1/(1 - x) has order three: the chain is the identity, though no step of it is",
)
@case("2/5", -4, gradient=lambda x: 1, source="x -> 1/(1 - x) has order three")
def order_three(x):
    for label in ("once", "twice", "thrice"):
        x = 1 / (1 - x)
        x.label = label
    return x


def cross_ratio_gradient(a, b, c, d):
    """Use that in each point the cross-ratio is a Möbius transformation."""
    scale = 1 / ((c - b) * (d - a))
    return (
        scale * (d - b) * (c - d) / (d - a),
        scale * (c - a) * (d - c) / (c - b),
        scale * (d - b) * (a - b) / (c - b),
        scale * (c - a) * (b - a) / (d - a),
    )


@case(
    (0, 1, 2, 3),
    gradient=cross_ratio_gradient,
    values={"r": "4/3"},
    source=f"{MOEBIUS}; four equidistant points",
)
@case(("1/2", -3, "5/4", 7), gradient=cross_ratio_gradient, source=MOEBIUS)
def cross_ratio(a, b, c, d):
    r = (c - a) * (d - b) / ((c - b) * (d - a))
    r.label = "r"
    return r
