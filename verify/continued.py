"""Continued fractions x0 + 1/(x1 + 1/(x2 + …)), and how a convergent depends on its terms.

With Euler's continuants K the convergent is K(x0, …, xn) / K(x1, …, xn), and its derivative by xk
is (-1)**k times the square of K(x(k+1), …, xn) / K(x1, …, xn). Written as a graph, a fraction of n
terms is a chain of n - 1 divisions, whose expanded expression doubles at every step when it is
differentiated: small graphs, but not small formulas.
"""

from fractions import Fraction

from minigrad.verify import case

EULER = "D. E. Knuth, The Art of Computer Programming 2, section 4.5.3, on Euler's continuants"

FIBONACCI = (55, 34, 21, 13, 8, 5, 3, 2, 1, 1)


def components(*numbers):
    """Label the published partial derivatives by an array `x`."""
    return {f"x[{i}]": number for i, number in enumerate(numbers)}


def continuant(terms):
    before, value = 0, 1
    for term in terms:
        before, value = value, term * value + before
    return value


def by_continuants(x):
    whole = continuant(x[1:])
    return [(-1) ** k * (continuant(x[k + 1 :]) / whole) ** 2 for k in range(len(x))]


def by_tails(x):
    """Apply the chain rule, outermost division first."""
    tails = [x[-1]]
    for term in reversed(x[1:-1]):
        tails.append(term + 1 / tails[-1])
    gradient = [1]
    for tail in reversed(tails):
        gradient.append(-gradient[-1] / tail**2)
    return gradient


@case(
    [3, 7, 15, 1],
    gradient=by_continuants,
    values={"c": "355/113"},
    gradients=components(1, "-256/12769", "1/12769", "-1/12769"),
    source=f"{EULER}; a convergent of pi",
)
@case(
    [1, 2, 2, 2, 2],
    gradient=by_continuants,
    values={"c": "41/29"},
    gradients=components(1, "-144/841", "25/841", "-4/841", "1/841"),
    source=f"{EULER}; a convergent of the square root of 2",
)
@case(["1/2", -3, "7/4", 5, "-2/9"], gradient=by_tails, source="the chain rule, by hand")
@case(
    [1] * 10,
    values={"c": "89/55"},
    gradients=components(*((-1) ** k * Fraction(f, 55) ** 2 for k, f in enumerate(FIBONACCI))),
    source=f"{EULER}; a quotient of Fibonacci numbers",
)
@case(
    [2, 1, 2, 1, 1, 4, 1, 1, 6, 1],
    values={"c": "1457/536"},
    source=f"{EULER}; a convergent of e",
)
@case(
    ["1/3", -2, "5/7", 3, "1/2", "-4/3", 6, "2/5", -1, "9/8"],
    source="ten terms of no particular kind",
)
def continued_fraction(x):
    c = x[-1]
    for term in reversed(x[:-1]):
        c = term + 1 / c
    c.label = "c"
    return c
