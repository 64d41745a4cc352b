"""Newton's iteration, differentiated through its steps: by the start, and by what it solves for.

By the start the derivative falls to 0 quadratically, as the error does; by the radicand it tends
to that of the square root.
"""

import minigrad
from minigrad.verify import case

HERON = "Heron of Alexandria, Metrica I.8"


def heron(r, x, steps):
    for step in range(1, steps + 1):
        x = (x + r / x) / 2
        x.label = f"x{step}"
    return x


def heron_gradient(r, x, steps):
    """Go forward, step by step: dx' = (dx + dr/x - r dx/x**2) / 2."""
    by_r, by_x = 0, 1
    for _ in range(steps):
        contraction = (1 - r / x**2) / 2
        by_r = contraction * by_r + 1 / (2 * x)
        by_x = contraction * by_x
        x = (x + r / x) / 2
    return by_r, by_x


@case(("7/2", 3), ("1/3", -1), gradient=lambda r, x: heron_gradient(r, x, 2), source=HERON)
def square_root_2_steps(r, x):
    return heron(r, x, 2)


@case(
    (2, 1),
    gradient=lambda r, x: heron_gradient(r, x, 3),
    values={"x1": "3/2", "x2": "17/12", "x3": "577/408"},
    gradients={"r": "7357/20808", "x": "-1/20808"},
    source=f"{HERON}; 577/408 is the square root of 2 in Baudhayana's Sulbasutra",
)
def square_root_3_steps(r, x):
    return heron(r, x, 3)


@case(
    (2, 1),
    values={"x1": "3/2", "x2": "17/12", "x3": "577/408", "x4": "665857/470832"},
    source=HERON,
)
@case((720, 27), values={"x1": "161/6"}, source=f"{HERON}, its own example: 26 1/2 1/3")
def square_root_4_steps(r, x):
    return heron(r, x, 4)


def reciprocal_gradient(a, x):
    """As 1 - a x is squared by each step, x3 = x (1 + e + … + e**7), with e = 1 - a x."""
    e = 1 - a * x
    slope = minigrad.sum(j * e ** (j - 1) for j in range(1, 8))
    return -(x**2) * slope, 8 * e**7


@case(
    (3, 0.3),
    gradient=reciprocal_gradient,
    values={"x1": 0.33, "x2": 0.3333, "x3": 0.33333333},
    gradients={"x": "8e-7"},
    source="D. E. Knuth, The Art of Computer Programming 2, section 4.3.3, "
    "Algorithm R: the number of right digits doubles",
)
@case(
    (1, 1),
    (0, "5/2"),
    ("-3/7", 2),
    gradient=reciprocal_gradient,
    source="x (1 + e + … + e**7) with e = 1 - a x, by hand",
)
def reciprocal(a, x):
    """Take three steps towards 1/a, with no division."""
    for step in range(1, 4):
        x = x * (2 - a * x)
        x.label = f"x{step}"
    return x
