"""Graphs on which minigrad's ancestors go wrong: the Rust crate minigrad 0.1.0, and micrograd.

Each small graph is the least one that shows a defect, with the gradient that is right. Where the
ancestor's wrong number is known it stands beside it, as a case to be refuted.
"""

from minigrad import Scalar
from minigrad.verify import case

CRATE = "the Rust crate minigrad 0.1.0"
MICROGRAD = "A. Karpathy, micrograd, micrograd/engine.py"


# --- the order of the sweep, and which nodes are the same -----------------------------------------


@case(
    2,
    gradient=lambda a: 3 * a**2 + 2 * a,
    values={"b": 4, "c": 8, "d": 12},
    gradients={"a": 16, "b": 3, "c": 1, "d": 1},
    source=f"{CRATE}: nodes are visited breadth first, which is no topological order",
)
@case(0, -1, "5/3", gradient=lambda a: 3 * a**2 + 2 * a, source="a**3 + a**2, by hand")
def unequal_paths(a):
    """One operand of d is reached by a path of one edge and by a path of two."""
    b = a * a
    c = b * a
    d = c + b
    b.label, c.label, d.label = "b", "c", "d"
    return d


@case(
    (2, 2),
    gradient=lambda x, y: (y + 1, x),
    values={"p": 4, "s": 6},
    gradients={"x": 3, "y": 2, "p": 1},
    source=f"{CRATE}: two nodes of equal value count as one",
)
@case(
    (2, 3),
    gradient=lambda x, y: (y + 1, x),
    values={"p": 6, "s": 8},
    gradients={"x": 4, "y": 2, "p": 1},
    source=f"{CRATE}: the same graph where the values differ",
)
def equal_values(x, y):
    p = x * y
    s = p + x
    p.label, s.label = "p", "s"
    return s


@case(3, gradient=lambda a: 2 * a, values={"b": 9}, gradients={"a": 6}, source="a**2, by hand")
@case(
    3,
    gradients={"a": 3},
    source=f"{CRATE}: of an operand used twice only one use counts",
    expect="refuted",
)
def square(a):
    b = a * a
    b.label = "b"
    return b


@case(
    3,
    gradient=lambda a: 2,
    values={"b": 6},
    gradients={"a": 2},
    source=f"{MICROGRAD}: operands are kept in a set, so a + a has one edge where it is drawn",
)
@case(
    3,
    gradients={"a": 1},
    source=f"{CRATE}: of an operand used twice only one use counts",
    expect="refuted",
)
def doubled(a):
    b = a + a
    b.label = "b"
    return b


@case(
    (2, 3, 7),
    gradient=lambda a, b, k: (1 + k, 1 + k, a + b),
    values={"c": 5, "d": 40},
    gradients={"a": 8, "b": 8, "c": 8, "k": 5},
    source="(a + b) (1 + k), by hand",
)
@case(
    (2, 3, 7),
    gradients={"a": 1},
    source=f"{CRATE}: order and aliasing at fault together",
    expect="refuted",
)
def reused_sum(a, b, k):
    c = a + b
    d = c + c * k
    c.label, d.label = "c", "d"
    return d


@case(
    2,
    gradient=lambda a: 3 * a**2,
    values={"b": 4, "c": 8},
    gradients={"a": 12, "b": 2},
    source="a**3, by hand",
)
@case(
    2,
    gradients={"a": 32},
    source=f"{MICROGRAD}: the leaf after two calls of backward(); its honest double is 24",
    expect="refuted",
)
def cube(a):
    b = a * a
    c = b * a
    b.label, c.label = "b", "c"
    return c


# --- numbers that do not fit ----------------------------------------------------------------------


@case(
    3,
    gradient=lambda x: -1 / x**2,
    values={"y": "1/3"},
    gradients={"x": "-1/9"},
    source=f"{CRATE}: 1/3 has no end in the decimal digits of a 32-bit fraction part",
)
@case(
    "1e-30",
    gradient=lambda x: -1 / x**2,
    values={"y": 10**30},
    gradients={"x": -(10**60)},
    source=f"{CRATE}: 1e-30 has too many digits for a 32-bit fraction part",
)
@case(
    "1e12",
    gradient=lambda x: -1 / x**2,
    values={"y": "1e-12"},
    gradients={"x": "-1e-24"},
    source=f"{CRATE}: 1e12 is too large for a 32-bit whole part",
)
@case(
    "1e12",
    values={"x": 4294967300},
    source=f"{CRATE}: what 1e12 silently becomes",
    expect="refuted",
)
def reciprocal(x):
    y = 1 / x
    y.label = "y"
    return y


@case(
    (1, 3),
    gradient=lambda a, b: (1 / b, -a / b**2),
    values={"q": "1/3"},
    gradients={"a": "1/3", "b": "-1/9"},
    source=f"{MICROGRAD}: a quotient of two nodes with Fractions inside becomes a float",
)
def quotient(a, b):
    q = a / b
    q.label = "q"
    return q


@case(
    3,
    gradient=lambda x: 0,
    values={"z": 0},
    gradients={"x": 0},
    source="0.1 + 0.2 - 0.3 = 0, in decimal",
)
@case(
    3,
    gradients={"x": f"1/{2**54}"},
    source="0.1 + 0.2 - 0.3 in double precision, from left to right: 2**-54",
    expect="refuted",
)
def decimal_fractions(x):
    z = 0.1 * x + 0.2 * x - 0.3 * x
    z.label = "z"
    return z


# --- operands and graphs that are refused ---------------------------------------------------------


@case(
    3,
    gradient=lambda a: 2,
    values={"b": 7},
    gradients={"a": 2},
    source=f"{CRATE}: a plain number as operand is refused by the types",
)
def plain_numbers(a):
    b = 2 * a + 1
    b.label = "b"
    return b


@case(
    "1/2",
    gradient=lambda x: 1,
    values={"end": "101/2"},
    gradients={"x": 1, "end": 1},
    source=f"{MICROGRAD}: backward() recurses, so 1,000 additions raise RecursionError",
)
def long_chain(x):
    end = x
    for _ in range(50):
        end = end + 1
    end.label = "end"
    return end


@case(
    0,
    gradient=lambda x: 0,
    values={"one": 1},
    gradients={"x": 0},
    source=f"{MICROGRAD}: the rule 0 * x**(-1) divides by zero at 0",
)
@case(5, "-2/7", gradient=lambda x: 0, source="x**0 is 1 everywhere")
def zeroth_power(x):
    one = x**0
    one.label = "one"
    return one


@case(
    2,
    gradient=lambda x: 3 * x**2,
    values={"c": 8},
    gradients={"x": 12},
    source=f"{MICROGRAD}: a node as exponent fails an assertion",
)
@case(0, "-3/2", gradient=lambda x: 3 * x**2, source="x**3, by hand")
def node_as_exponent(x):
    c = x ** Scalar.constant(3, "n")
    c.label = "c"
    return c
