"""The two graphs that micrograd tests its engine with, there against PyTorch to six decimals.

The numbers here are exact, from closed forms worked out by hand:

    sanity_check    y = z**2 + (1 + x) (z x + relu(z)),  z = 3x + 2
    more_ops        g = e**2/2 + 10/e**2,  e = c - d,  c = 3a + 4b + 3,
                    d = 12 (ab + b**3) + 4 relu(a + b) + relu(b - a)
"""

import minigrad
from minigrad.verify import case

TESTS = "A. Karpathy, micrograd, test/test_engine.py"


def sanity_check_gradient(x):
    smooth = 9 * x**2 + 28 * x + 14
    return minigrad.where(3 * x + 2 > 0, smooth + 6 * x + 5, smooth)


@case(
    -4,
    gradient=sanity_check_gradient,
    values={"z": -10, "q": 40, "h": 100, "y": -20},
    gradients={"x": 46, "z": -8, "q": -3, "h": 1},
    source=f"{TESTS}, test_sanity_check",
)
@case(
    1,
    gradient=sanity_check_gradient,
    values={"z": 5, "q": 10, "h": 25, "y": 45},
    gradients={"x": 62, "z": 14, "q": 2, "h": 1},
    source=f"{TESTS}, test_sanity_check, on the other branch of its first relu",
)
def sanity_check(x):
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    for node, label in ((z, "z"), (q, "q"), (h, "h"), (y, "y")):
        node.label = label
    return y


def more_ops_gradient(a, b):
    c = 3 * a + 4 * b + 3
    d = 12 * (a * b + b**3) + 4 * minigrad.relu(a + b) + minigrad.relu(b - a)
    e = c - d
    by_e = e - 20 / e**3
    above, below = a + b > 0, b - a > 0
    return by_e * (3 - 12 * b - 4 * above + below), by_e * (
        4 - 12 * a - 36 * b**2 - 4 * above - below
    )


@case(
    (-4, 2),
    gradient=more_ops_gradient,
    values={"c": -1, "d": 6, "e": -7, "f": 49, "g": "2421/98"},
    gradients={
        "a": "47620/343",
        "b": "221433/343",
        "c": "-2381/343",
        "d": "2381/343",
        "e": "-2381/343",
        "f": "2381/4802",
    },
    source=f"{TESTS}, test_more_ops; README.md prints 24.7041, 138.8338 and 645.5773",
)
@case(
    ("1/2", "1/3"),
    (3, -5),
    gradient=more_ops_gradient,
    source=f"{TESTS}, test_more_ops, on other branches",
)
def more_ops(a, b):
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + (1 + c + (-a))
    d = d + (d * 2 + (b + a).relu())
    d = d + (3 * d + (b - a).relu())
    e = c - d
    f = e**2
    g = f / 2.0 + 10.0 / f
    for node, label in ((c, "c"), (d, "d"), (e, "e"), (f, "f"), (g, "g")):
        node.label = label
    return g
