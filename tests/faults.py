"""The planted faults: a catalogue of everything that `minigrad.verify` must find, as tables.

Each is aimed at one check of the chain proof, and `tests/test_faults.py` runs that check alone. A
table says where the fault shows and what is to blame, so a verifier that only says "something is
wrong" fails here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from minigrad import Scalar, reverse
from minigrad.elementary import call
from minigrad.graph import topological_order
from minigrad.number import MINUS_ONE, ONE, UNAVAILABLE, ZERO
from minigrad.operators import OPERATORS, RATIONAL, Operator, Piece
from minigrad.scalar import apply

REPLACED = {**RATIONAL, "power": OPERATORS["power"]}
"""The operators that are replaced here; a power is one of them for its whole exponents."""

HALF = Fraction(1, 2)
QUARTERS = Fraction(13, 4)
UP, DOWN = "positive", "negative"


class Wrong(NamedTuple):
    """An operator with some of its fields replaced, at operands and parameters where that matters.

    `blamed` are the positions of the operands by which the derivative is then wrong. `right` is the
    verdict on them with the operator of the table, and `constant` those that are held constant.
    `hidden` faults give the right numbers here: only the formula is wrong. `whole` says whether the
    whole proof finds the fault: it keeps to the quotient that `//` has here.
    """

    operator: str
    what: str
    change: Mapping[str, Callable[..., Any]]
    at: str
    blamed: tuple[int, ...] = ()
    parameters: tuple[Any, ...] = ()
    right: str = "proved"
    constant: tuple[int, ...] = ()
    hidden: bool = False
    whole: bool = True

    @property
    def made(self) -> Operator:
        """The wrong operator."""
        return replace(REPLACED[self.operator], **self.change)

    def graph(self, operator: Operator) -> Scalar:
        """`f * w` with f = operator(x1, x2, …), so that f is no root."""
        xs = [
            Scalar.constant(x) if k in self.constant else Scalar(x, f"x{k + 1}")
            for k, x in enumerate(self.at.split())
        ]
        f = apply(operator, xs, self.parameters)
        f.label = "f"
        root: Scalar = f * Scalar(7, "w")
        root.label = "root"
        return root

    def __str__(self) -> str:
        return f"{self.operator}: {self.what}"


def partials(operator: str, what: str, wrong: Any, at: str, *blamed: int, **other: Any) -> Wrong:
    return Wrong(operator, what, {"partials": wrong}, at, blamed, **other)


# --- wrong partial derivatives: for the check "rules" ---------------------------------------------

PARTIALS = (
    partials("add", "half of it by x", lambda z, x, y: (HALF, ONE), "3 5", 0),
    partials("add", "nothing by y", lambda z, x, y: (ONE, ZERO), "3 5", 1),
    partials("add", "right where y is 1", lambda z, x, y: (ONE, y), "3 1", 1, hidden=True),
    partials("sub", "plus by y", lambda z, x, y: (ONE, ONE), "3 5", 1),
    partials("sub", "minus by x", lambda z, x, y: (MINUS_ONE, MINUS_ONE), "3 5", 0),
    partials("mul", "x and y swapped", lambda z, x, y: (x, y), "3 5", 0, 1),
    partials("mul", "minus by x", lambda z, x, y: (-y, x), "3 5", 0),
    partials("mul", "nothing by y", lambda z, x, y: (y, ZERO), "3 5", 1),
    partials("mul", "right where x is 0", lambda z, x, y: (y + z, x), "0 5", 0, hidden=True),
    partials("mul", "right where y is 1", lambda z, x, y: (y * y, x), "3 1", 0, hidden=True),
    partials("mul", "right for equals", lambda z, x, y: (x, y), "3 3", 0, 1, hidden=True),
    partials("div", "plus by y", lambda z, x, y: (ONE / y, z / y), "3 5", 1),
    partials("div", "y not squared", lambda z, x, y: (ONE / y, -z), "3 5", 1),
    partials("div", "by x as if by *", lambda z, x, y: (y, -z / y), "3 5", 0),
    partials("div", "swapped", lambda z, x, y: (-z / y, ONE / y), "3 5", 0, 1),
    partials("div", "right where x is 0", lambda z, x, y: (1 / y, z), "0 5", 1, hidden=True),
    partials("floordiv", "that of /", lambda z, x, y, p: (1 / y, -x / y**2), "7 2", 0, 1),
    partials(
        "floordiv", "1 at a jump", lambda z, x, y, p: (ONE if p.boundary else ZERO, ZERO), "6 2", 0,
        right="kink",
    ),
    partials("mod", "nothing by y", lambda z, x, y, p: (ONE, ZERO), "7 2", 1),
    partials("mod", "plus by y", lambda z, x, y, p: (ONE, p.numbers[0]), "7 2", 1),
    partials(
        "mod", "right where x < y", lambda z, x, y, p: (1 + p.numbers[0], -p.numbers[0]), "1 2", 0,
        hidden=True, whole=False,
    ),
    partials("neg", "plus", lambda z, x: (ONE,), "3", 0),
    partials("neg", "right at 1", lambda z, x: (z,), "1", 0, hidden=True),
    partials("pow", "exponent not lowered", lambda z, x, n: (n * x**n,), "3", 0, parameters=(2,)),
    partials("pow", "not times n", lambda z, x, n: (x ** (n - 1),), "3", 0, parameters=(3,)),
    partials("pow", "minus", lambda z, x, n: (-n * x ** (n - 1),), "3", 0, parameters=(-2,)),
    partials("pow", "1 for x**0", lambda z, x, n: (ONE,), "0", 0, parameters=(0,)),
    partials("pow", "right at 0", lambda z, x, n: (z,), "0", 0, parameters=(2,), hidden=True),
    partials(
        "power", "exponent not lowered", lambda z, x, y, p: (p.name * x**p.name, UNAVAILABLE),
        "-3 2", 0, constant=(1,),
    ),
    partials(
        "power", "0 by the exponent", lambda z, x, y, p: (p.name * x ** (p.name - 1), ZERO), "-3 2",
        1, right="undecided",
    ),
    partials(
        "power", "none by the base", lambda z, x, y, p: (UNAVAILABLE, UNAVAILABLE), "-3 2", 0,
        constant=(1,),
    ),
    partials("power", "not times y", lambda z, x, y, p: (z / x, z * call("log", x)), "3 2", 0),
    partials("power", "log of y", lambda z, x, y, p: (y * z / x, z * call("log", y)), "3 2", 1),
    partials("power", "log alone", lambda z, x, y, p: (y * z / x, call("log", x)), "3 2", 1),
    partials("power", "none by y", lambda z, x, y, p: (y * z / x, UNAVAILABLE), "3 2", 1),
    partials(
        "power", "right at y = 1", lambda z, x, y, p: (z / x, z * call("log", x)), "3 1", 0,
        hidden=True,
    ),
    partials(
        "power", "right at x = 1", lambda z, x, y, p: (y * z / x, x - 1), "1 2", 1, hidden=True,
    ),
    partials("abs", "plus everywhere", lambda z, x, p: (ONE,), "-3", 0),
    partials("abs", "minus", lambda z, x, p: (-ONE if p.name == UP else ONE,), "3", 0),
    partials("abs", "1 at 0", lambda z, x, p: (
        MINUS_ONE if p.name == DOWN else ONE,), "0", 0, right="kink"),
    partials("relu", "leaks", lambda z, x, p: (ONE if p.name == UP else HALF,), "-3", 0),
    partials("relu", "nothing", lambda z, x, p: (ZERO,), "3", 0),
    partials("relu", "1 at 0", lambda z, x, p: (
        ZERO if p.name == DOWN else ONE,), "0", 0, right="kink"),
    partials("maximum", "to the loser", lambda z, x, y, p: (
        (ZERO, ONE) if p.name == "first greater" else (ONE, ZERO)), "3 5", 0, 1),
    partials("maximum", "shared always", lambda z, x, y, p: (HALF, HALF), "5 3", 0, 1),
    partials("maximum", "twice at a tie", lambda z, x, y, p: (ONE, ONE), "5 5", 0, 1, right="kink"),
    partials("minimum", "to the loser", lambda z, x, y, p: (
        (ONE, ZERO) if p.name == "first greater" else (ZERO, ONE)), "3 5", 0, 1),
    partials("minimum", "all to x", lambda z, x, y, p: (ONE, ZERO), "5 5", 0, 1, right="kink"),
    partials("round", "that of x", lambda z, x, digits, p: (ONE,), "7/3", 0, parameters=(1,)),
    partials("round", "1 at a half", lambda z, x, digits, p: (
        ONE if p.boundary else ZERO,), "5/2", 0, parameters=(0,), right="kink"),
    partials("floor", "that of x", lambda z, x, p: (ONE,), "7/3", 0),
    partials("floor", "1 at a jump", lambda z, x, p: (
        ONE if p.boundary else ZERO,), "3", 0, right="kink"),
    partials("floor", "right below 1", lambda z, x, p: (p.numbers[0],), "1/3", 0, hidden=True,
             whole=False),
    partials("ceil", "that of x", lambda z, x, p: (ONE,), "7/3", 0),
    partials("ceil", "1 at a jump", lambda z, x, p: (
        ONE if p.boundary else ZERO,), "3", 0, right="kink"),
    partials("sign", "itself", lambda z, x, p: (z,), "-3", 0),
    partials("sign", "that of abs", lambda z, x, p: (ONE if p.name == UP else ZERO,), "3", 0),
    partials("sign", "1 at 0", lambda z, x, p: (
        ONE if p.boundary else ZERO,), "0", 0, right="kink"),
    partials("where", "to the other side", lambda z, x, y, c: (
        (ZERO, ONE) if c else (ONE, ZERO)), "3 5", 0, 1, parameters=(True,)),
    partials("where", "to both", lambda z, x, y, c: (ONE, ONE), "3 5", 0, parameters=(False,)),
    partials("sum", "that of a mean", lambda z, *xs: [ONE / len(xs)] * len(xs), "1 2", 0, 1),
    partials("sum", "last left out", lambda z, *xs: [*[ONE] * (len(xs) - 1), ZERO], "1 2 3", 2),
    partials("sum", "twelfth doubled", lambda z, *xs: [*[ONE] * 11, 2 * ONE], "1 2 " * 6, 11),
    partials("prod", "all factors", lambda z, *xs: [z] * len(xs), "2 3 5", 0, 1, 2),
    partials("prod", "earlier factors only", lambda z, x, y, *_: (ONE, x, x * y), "2 3 5", 0, 1),
    partials("prod", "0 where a factor is 0", lambda z, *xs: [z * 0] * 3, "0 3 5", 0, 1, 2),
    partials("prod", "one of twelve", lambda z, *xs: [
        *RATIONAL["prod"].partials(z, *xs)[:11], xs[0]], "1 2 " * 6, 11),
    partials("dot", "each its own", lambda z, *values: values, "2 3 5 7", 0, 1, 2, 3),
    partials("dot", "nothing by the ys", lambda z, x, y, u, v: (u, v, ZERO, ZERO), "2 3 5 7", 2, 3),
    partials("dot", "one of twenty-four", lambda z, *values: [
        *values[12:], *values[:11], values[0]], "1 2 3 " * 8, 23),
    # These are no formulas: what they give for symbols says nothing of what they give for numbers.
    partials("mul", "tests whether x is 0", lambda z, x, y: (
        y if x else 7 * ONE, x), "3 5", 0, 1, hidden=True),
    partials("mul", "asks whether x is 2", lambda z, x, y: (
        y, x if x != 2 else ONE), "3 5", 0, 1, hidden=True),
    partials("sum", "tests the first of twelve", lambda z, *xs: [
        ONE if x != 3 else ZERO for x in xs], "1 2 " * 6, *range(12), hidden=True),
    partials("add", "floats", lambda z, x, y: (1.0, 1.0), "3 5", 0, 1),
    partials("sum", "twelve floats", lambda z, *xs: [1.0] * 12, "1 2 " * 6, *range(12)),
    partials("mul", "one partial too few", lambda z, x, y: (y,), "3 5", 0, 1),
    partials("div", "raises", lambda z, x, y: (ONE / (y - y), -z / y), "3 5", 0, 1),
)  # fmt: skip


def the_usual(operator: str) -> Wrong:
    """A wrong partial of `operator` that shows wherever the operator stands."""
    return next(
        wrong
        for wrong in PARTIALS
        if wrong.operator == operator and wrong.right == "proved" and not wrong.hidden
    )


# --- wrong values and wrong pieces: for the check "values" ----------------------------------------


def forward(operator: str, what: str, wrong: Any, at: str, *parameters: Any) -> Wrong:
    return Wrong(
        operator, what, {"forward": wrong}, at, (), parameters, constant=exponent(operator)
    )


def exponent(operator: str) -> tuple[int, ...]:
    """The operand of `operator` that has to be constant if all verdicts are to be proved."""
    return (1,) if operator == "power" else ()


FORWARD = (
    forward("add", "one more", lambda x, y: x + y + 1, "3 5"),
    forward("sub", "reversed", lambda x, y: y - x, "3 5"),
    forward("mul", "a sum", lambda x, y: x + y, "3 5"),
    forward("div", "inverted", lambda x, y: y / x, "3 5"),
    forward("floordiv", "rounded up", lambda x, y, p: p.numbers[0] + 1, "7 2"),
    forward("mod", "by the other", lambda x, y, p: y - p.numbers[0] * x, "7 2"),
    forward("neg", "nothing done", lambda x: x, "3"),
    forward("pow", "one factor more", lambda x, n: x ** (n + 1), "3", 2),
    forward("power", "one factor more", lambda x, y, p: x ** (p.name + 1), "-3 2"),
    forward("power", "one factor more, whole", lambda x, y, p: call("power", x, y + 1), "3 2"),
    forward("abs", "nothing done", lambda x, p: x, "-3"),
    forward("relu", "nothing done", lambda x, p: x, "-3"),
    forward("maximum", "the lesser", lambda x, y, p: min(x, y), "3 5"),
    forward("minimum", "the greater", lambda x, y, p: max(x, y), "3 5"),
    forward("round", "not scaled back", lambda x, digits, p: p.numbers[0], "7/3", 1),
    forward("floor", "towards 0", lambda x, p: p.numbers[0] + 1, "-7/3"),
    forward("ceil", "away from 0", lambda x, p: p.numbers[0] - 1, "-7/3"),
    forward("sign", "always 1", lambda x, p: ONE, "-3"),
    forward("where", "the other side", lambda x, y, c: y if c else x, "3 5", True),
    forward("sum", "last left out", lambda *xs: sum(xs[:-1]), "1 2 3"),
    forward("prod", "first left out", lambda x, y, z: y * z, "2 3 5"),
    forward("dot", "crosswise", lambda x, y, u, v: x * v + y * u, "2 3 5 7"),
)


# As FORWARD, but the value is right at this point; at others it is not.
HIDDEN_FORWARD = (
    forward("add", "x * y", lambda x, y: x * y, "2 2"),
    forward("sub", "reversed", lambda x, y: y - x, "2 2"),
    forward("mul", "x + y", lambda x, y: x + y, "2 2"),
    forward("div", "inverted", lambda x, y: y / x, "2 2"),
    forward("floordiv", "y + 1", lambda x, y, p: y + 1, "7 2"),
    forward("mod", "1", lambda x, y, p: ONE, "7 2"),
    forward("neg", "x - 2", lambda x: x - 2, "1"),
    forward("pow", "x * n", lambda x, n: x * n, "2", 2),
    forward("power", "x + y", lambda x, y, p: x + y, "2 2"),
    forward("power", "4 - x - y", lambda x, y, p: 4 - x - y, "-2 2"),
    forward("abs", "x * x", lambda x, p: x * x, "1"),
    forward("relu", "x * x", lambda x, p: x * x, "1"),
    forward("maximum", "x + 2", lambda x, y, p: x + 2, "3 5"),
    forward("minimum", "y - 2", lambda x, y, p: y - 2, "3 5"),
    forward("round", "x - 1/3", lambda x, digits, p: x - Fraction(1, 3), "7/3", 0),
    forward("floor", "x - 1/3", lambda x, p: x - Fraction(1, 3), "7/3"),
    forward("ceil", "x + 2/3", lambda x, p: x + Fraction(2, 3), "7/3"),
    forward("sign", "x / 3", lambda x, p: x / 3, "-3"),
    forward("where", "the other side", lambda x, y, c: y if c else x, "3 3", True),
    forward("sum", "three times x", lambda x, y, z: 3 * x, "2 2 2"),
    forward("sum", "twelve times x", lambda x, *_: 12 * x, "2 " * 12),
    forward("prod", "first left out", lambda x, y, z: y * z, "1 3 5"),
    forward("prod", "x**12", lambda x, *_: x**12, "2 " * 12),
    forward("dot", "crosswise", lambda x, y, u, v: x * v + y * u, "2 2 5 7"),
    forward("mul", "tests whether x is 0", lambda x, y: x * y if x else y, "3 5"),
)


def branch(
    operator: str, what: str, wrong: Any, at: str, *parameters: Any, right: str = "proved"
) -> Wrong:
    constant = exponent(operator)
    return Wrong(operator, what, {"branch": wrong}, at, (), parameters, right, constant)


def side(name: str, boundary: bool = False, *numbers: int) -> Callable[..., Piece]:
    """A branch rule that always takes this piece."""
    return lambda *_: Piece(name, boundary, tuple(map(Fraction, numbers)))


BRANCHES = (
    branch("abs", "positive everywhere", side(UP), "-3"),
    branch("abs", "0 is positive", side(UP), "0", right="kink"),
    branch("abs", "0 is no boundary", side("zero"), "0", right="kink"),
    branch("abs", "3 is a boundary", side(UP, True), "3"),
    branch("relu", "positive everywhere", side(UP), "-3"),
    branch("relu", "negative everywhere", side(DOWN), "3"),
    branch("relu", "0 is negative", side(DOWN), "0", right="kink"),
    branch("maximum", "always the first", side("first greater"), "3 5"),
    branch("maximum", "a tie is none", side("first greater"), "5 5", right="kink"),
    branch("maximum", "always a tie", side("tie", True), "3 5"),
    branch("minimum", "always the second", side("second greater"), "5 3"),
    branch("minimum", "a tie is no boundary", side("tie"), "5 5", right="kink"),
    branch("floordiv", "towards 0", side("quotient", False, -3), "-7 2"),
    branch("floordiv", "a jump is none", side("quotient", False, 3), "6 2", right="kink"),
    branch("floordiv", "a jump where none is", side("quotient", True, 3), "7 2"),
    branch("mod", "towards 0", side("quotient", False, -3), "-7 2"),
    branch("mod", "a jump is none", side("quotient", False, 3), "6 2", right="kink"),
    branch("round", "a half upwards", side("nearest", True, 3), "5/2", 0, right="kink"),
    branch("round", "down", side("nearest", False, 2), "14/5", 0),
    branch("round", "a half is no boundary", side("nearest", False, 2), "5/2", 0, right="kink"),
    branch("floor", "towards 0", side("whole", False, -2), "-7/3"),
    branch("floor", "a jump is none", side("whole", False, 3), "3", right="kink"),
    branch("floor", "a jump where none is", side("whole", True, 2), "7/3"),
    branch("ceil", "away from 0", side("whole", False, -3), "-7/3"),
    branch("ceil", "a jump is none", side("whole", False, 3), "3", right="kink"),
    branch("ceil", "a jump where none is", side("whole", True, 3), "7/3"),
    branch("sign", "positive everywhere", side(UP), "-3"),
    branch("sign", "0 is positive", side(UP), "0", right="kink"),
    branch("sign", "0 is no boundary", side("zero"), "0", right="kink"),
    branch("power", "one factor more", lambda x, y: Piece(int(y) + 1), "-3 2"),
    branch("power", "positive everywhere", side(UP), "-3 2"),
)


# Quotients that are not whole numbers, and lie where the whole number has to lie.
BROKEN_QUOTIENTS = (
    branch("floordiv", "13/4 for 3", lambda x, y: Piece("quotient", False, (QUARTERS,)), "7 2"),
    branch("floordiv", "not rounded", lambda x, y: Piece("quotient", True, (x / y,)), "7 2"),
    branch("mod", "13/4 for 3", lambda x, y: Piece("quotient", False, (QUARTERS,)), "7 2"),
    branch("mod", "not rounded", lambda x, y: Piece("quotient", True, (x / y,)), "7 2"),
    branch("round", "not rounded", lambda x, digits: Piece("nearest", False, (x,)), "12/5", 0),
    branch("floor", "not rounded", lambda x: Piece("whole", True, (x,)), "7/3"),
    branch("floor", "9/4 for 2", lambda x: Piece("whole", False, (Fraction(9, 4),)), "7/3"),
    branch("ceil", "not rounded", lambda x: Piece("whole", True, (x,)), "7/3"),
    branch("ceil", "5/2 for 3", lambda x: Piece("whole", False, (Fraction(5, 2),)), "7/3"),
)


# --- wrong through and through: forward and partials agree, with each other alone -----------------


def consistent(
    operator: str, what: str, value: Any, slopes: Any, at: str, *blamed: int, **other: Any
) -> Wrong:
    return Wrong(operator, what, {"forward": value, "partials": slopes}, at, blamed, **other)


CONSISTENT = (
    consistent("add", "2x + y", lambda x, y: 2 * x + y, lambda z, x, y: (2 * ONE, ONE), "3 5", 0),
    consistent("sub", "y - x", lambda x, y: y - x, lambda z, x, y: (-ONE, ONE), "3 5", 0, 1),
    consistent("mul", "xy + x", lambda x, y: x * y + x, lambda z, x, y: (y + 1, x), "3 5", 0),
    consistent("div", "y / x", lambda x, y: y / x, lambda z, x, y: (-z / x, 1 / x), "3 5", 0, 1),
    consistent(
        "floordiv", "x / y", lambda x, y, p: x / y, lambda z, x, y, p: (1 / y, -z / y), "7 2", 0, 1
    ),
    consistent("mod", "x", lambda x, y, p: x, lambda z, x, y, p: (ONE, ZERO), "7 2", 1),
    consistent("neg", "x", lambda x: x, lambda z, x: (ONE,), "3", 0),
    consistent(
        "pow", "one factor more", lambda x, n: x ** (n + 1), lambda z, x, n: ((n + 1) * x**n,),
        "3", 0, parameters=(2,),
    ),
    consistent(
        "power", "one factor more", lambda x, y, p: x ** (p.name + 1),
        lambda z, x, y, p: ((p.name + 1) * x**p.name, UNAVAILABLE), "-3 2", 0, constant=(1,),
    ),
    consistent(
        "power", "x times as much", lambda x, y, p: call("power", x, y + 1),
        lambda z, x, y, p: (
            (y + 1) * call("power", x, y), call("power", x, y + 1) * call("log", x)), "3 2", 0, 1,
    ),
    consistent("abs", "x", lambda x, p: x, lambda z, x, p: (ONE,), "-3", 0),
    consistent(
        "relu", "x / 2 below 0", lambda x, p: x if p.name == UP else x / 2,
        lambda z, x, p: (ONE if p.name == UP else HALF,), "-3", 0,
    ),
    consistent(
        "maximum", "the first", lambda x, y, p: x, lambda z, x, y, p: (ONE, ZERO), "3 5", 0, 1
    ),
    consistent(
        "minimum", "the mean", lambda x, y, p: (x + y) / 2, lambda z, x, y, p: (HALF, HALF),
        "3 5", 0, 1,
    ),
    consistent(
        "round", "x", lambda x, digits, p: x, lambda z, x, digits, p: (ONE,), "7/3", 0,
        parameters=(1,),
    ),
    consistent("floor", "x", lambda x, p: x, lambda z, x, p: (ONE,), "7/3", 0),
    consistent("ceil", "x + 1", lambda x, p: x + 1, lambda z, x, p: (ONE,), "7/3", 0),
    consistent("sign", "2x", lambda x, p: 2 * x, lambda z, x, p: (2 * ONE,), "-3", 0),
    consistent(
        "where", "the sum", lambda x, y, c: x + y, lambda z, x, y, c: (ONE, ONE), "3 5", 1,
        parameters=(True,),
    ),
    consistent(
        "sum", "the mean", lambda x, y: (x + y) / 2, lambda z, x, y: (HALF, HALF), "3 5", 0, 1
    ),
    consistent(
        "prod", "first left out", lambda x, y, z: y * z, lambda r, x, y, z: (ZERO, z, y),
        "2 3 5", 0, 1, 2,
    ),
    consistent(
        "dot", "crosswise", lambda x, y, u, v: x * v + y * u, lambda z, x, y, u, v: (v, u, y, x),
        "2 3 5 7", 0, 1, 2, 3,
    ),
)  # fmt: skip


# --- wrong sweeps: for the check "sweep" ----------------------------------------------------------

Engine = Callable[..., Mapping[Any, Any]]


def engine(
    *,
    order: Callable[[Any], Iterable[Any]] = lambda root: topological_order([root])[::-1],
    edges: Callable[[Any, list[Any], Any], Iterable[Any]] = lambda node, pairs, upstream: pairs,
    term: Callable[[Any, Any, Any], Any] = lambda upstream, partial, seed: upstream * partial,
    gather: Callable[[Any, Any], Any] = lambda old, new: old + new,
    start: Callable[[Any], Any] = lambda seed: seed,
) -> Engine:
    """A reverse sweep of which one part can be exchanged; as it is, it is right."""

    def sweep(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        adjoint = {root: start(seed)}
        for node in order(root):
            if not node.operands or node not in adjoint:
                continue
            pairs = list(zip(node.operands, partials(node), strict=True))
            for operand, partial in edges(node, pairs, adjoint[node]):
                if not operand.is_constant:
                    new = term(adjoint[node], partial, seed)
                    adjoint[operand] = gather(adjoint[operand], new) if operand in adjoint else new
        return adjoint

    return sweep


def by_value(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
    """Keeps one adjoint for each value, as if nodes of equal value were one."""
    order = topological_order([root])
    adjoint = {root.data: seed}
    for node in reversed(order):
        for operand, partial in zip(node.operands, partials(node), strict=True):
            new = adjoint[node.data] * partial
            known = adjoint.get(operand.data)
            adjoint[operand.data] = new if known is None else known + new
    return {node: adjoint[node.data] for node in order}


def seen_by_equality(root: Any) -> list[Any]:
    """Users first, but `in` asks a list of nodes by ==, which for Scalars compares values."""
    order: list[Any] = []

    def visit(node: Any) -> None:
        if node not in order:
            for operand in node.operands:
                visit(operand)
            order.append(node)

    visit(root)
    return order[::-1]


def breadth_first(root: Any) -> list[Any]:
    """By distance from the root, which is no topological order."""
    order = [root]
    for node in order:
        order += [operand for operand in dict.fromkeys(node.operands) if operand not in set(order)]
    return order


def once_for_each_use(root: Any) -> list[Any]:
    """Users first, and a node as often as it is used."""
    order = topological_order([root])
    uses = dict.fromkeys(order, 0)
    for node in order:
        for operand in node.operands:
            uses[operand] += 1
    return [node for node in reversed(order) for _ in range(max(uses[node], 1))]


def by_recursion(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
    """Recurses once for each level of the graph: right on what is not deep."""
    adjoint: dict[Any, Any] = {}

    def give(node: Any, upstream: Any) -> None:
        adjoint[node] = adjoint[node] + upstream if node in adjoint else upstream
        for operand, partial in zip(node.operands, partials(node), strict=True):
            if not operand.is_constant:
                give(operand, upstream * partial)

    give(root, seed)
    return adjoint


def reads_before_it_writes(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> Any:
    """Reads the adjoints of all operands, then writes them: of `a*a`, one edge is lost."""
    adjoint = {root: seed}
    for node in reversed(topological_order([root])):
        known = [adjoint.get(operand) for operand in node.operands]
        for operand, old, partial in zip(node.operands, known, partials(node), strict=True):
            new = adjoint[node] * partial
            adjoint[operand] = new if old is None else old + new
    return adjoint


def leaves_only(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
    return {n: a for n, a in engine()(root, seed, partials).items() if not n.operands}


def labelled(label: str, node: Scalar) -> Scalar:
    node.label = label
    return node


def shared(x: object = 2, y: object = 3) -> Scalar:
    """r = m + x with m = x * y."""
    a = Scalar(x, "x")
    return labelled("r", labelled("m", a * Scalar(y, "y")) + a)


def uneven() -> Scalar:
    """d = b + c with b = a * a and c = b * a: paths of unequal length."""
    a = Scalar(2, "a")
    b = labelled("b", a * a)
    return labelled("d", b + labelled("c", b * a))


def square() -> Scalar:
    a = Scalar(3, "a")
    return labelled("r", a * a)


def product(x: object = 2, y: object = 3) -> Scalar:
    return labelled("r", Scalar(x, "x") * Scalar(y, "y"))


def scaled(z: object = 1) -> Scalar:
    """r = m * z with m = x * y."""
    m = labelled("m", Scalar(2, "x") * Scalar(3, "y"))
    return labelled("r", m * Scalar(z, "z"))


def scaled_sum() -> Scalar:
    """r = u * z with u = x + y, at z = 1."""
    u = labelled("u", Scalar(2, "x") + Scalar(3, "y"))
    return labelled("r", u * Scalar(1, "z"))


def with_constant() -> Scalar:
    """r = k + y with k = 3 * x."""
    return labelled("r", labelled("k", 3 * Scalar(2, "x")) + Scalar(5, "y"))


def difference() -> Scalar:
    return labelled("r", Scalar(2, "x") - Scalar(3, "y"))


def triple() -> Scalar:
    return labelled("r", apply(RATIONAL["sum"], [Scalar(n, f"x{n}") for n in (1, 2, 3)]))


def deep() -> Scalar:
    """x doubled by adding it to itself 3,000 times."""
    node = x = Scalar(2, "x")
    for _ in range(3000):
        node = node + x
    return labelled("r", node)


ALL = "the sweep"
"""What is to blame where the sweep as a whole failed, and no node of it alone."""


class Sweep(NamedTuple):
    """A wrong engine, a graph, and what is to blame for which nodes; ALL means every node.

    `hidden` faults give the right numbers on this graph. `whole` says whether the whole proof finds
    the fault: it starts each node's sweep from 1, and does not go as deep as Python's recursion.
    """

    what: str
    engine: Engine
    graph: Callable[[], Scalar]
    blame: Mapping[str, str] | str
    hidden: bool = False
    whole: bool = True

    def __str__(self) -> str:
        return self.what


def blames(*names: str, below: str = "") -> dict[str, str]:
    """Each of these nodes is to blame for itself, and those `below` are blamed on the first."""
    blame = {name: f"the sweep at {name}" for name in names}
    return blame | dict.fromkeys(below.split(), blame[names[0]])


SWEEPS = (
    Sweep("takes equal values for one node", by_value, shared, ALL, hidden=True),
    Sweep("compares nodes by ==", engine(order=seen_by_equality), shared, ALL, hidden=True),
    Sweep("takes equal values for one node: x = y", by_value, lambda: shared(2, 2), ALL),
    Sweep("breadth first", engine(order=breadth_first), uneven, blames("a")),
    Sweep("reads before it writes", reads_before_it_writes, square, blames("a")),
    Sweep(
        "drops an edge that is 0 here",
        engine(edges=lambda node, pairs, up: [(o, p) for o, p in pairs if p != 0]),
        lambda: shared(0, 3), ALL, hidden=True,
    ),
    Sweep(
        "stops at an adjoint of 0",
        engine(edges=lambda node, pairs, up: pairs if up else []), lambda: scaled(0), ALL,
        hidden=True,
    ),
    Sweep(
        "compares adjoints with 0",
        engine(gather=lambda old, new: old if new == 0 else old + new), shared, ALL, hidden=True,
    ),
    Sweep(
        "drops the last edge", engine(edges=lambda n, pairs, up: pairs[:-1]), shared,
        blames("x", "y"),
    ),
    Sweep(
        "drops the first edge", engine(edges=lambda n, pairs, up: pairs[1:]), shared,
        blames("m", below="x y"),
    ),
    Sweep(
        "doubles the last edge", engine(edges=lambda n, pairs, up: [*pairs, pairs[-1]]), shared,
        blames("x", "y"),
    ),
    Sweep(
        "swaps the partials",
        engine(edges=lambda n, pairs, up: [(pairs[k][0], pairs[-1 - k][1]) for k in range(2)]),
        lambda: shared(2, 3), blames("x", "y"),
    ),
    Sweep(
        "swaps the partials of equals",
        engine(edges=lambda n, pairs, up: [(pairs[k][0], pairs[-1 - k][1]) for k in range(2)]),
        lambda: product(3, 3), blames("x", "y"), hidden=True,
    ),
    Sweep("overwrites", engine(gather=lambda old, new: new), shared, blames("x")),
    Sweep("keeps the first", engine(gather=lambda old, new: old), shared, blames("x")),
    Sweep("multiplies", engine(gather=lambda old, new: old * new), shared, ALL),
    Sweep(
        "starts from 1 whatever the seed", engine(start=lambda seed: ONE), shared, ALL, hidden=True,
        whole=False,
    ),
    Sweep("starts from twice the seed", engine(start=lambda seed: seed + seed), shared, ALL),
    Sweep("minus", engine(term=lambda up, p, seed: -(up * p)), shared, ALL),
    Sweep(
        "operands in a set", engine(edges=lambda n, pairs, up: dict(pairs).items()), square,
        blames("a"),
    ),
    Sweep(
        "skips what stands beside a constant",
        engine(edges=lambda n, pairs, up: [] if any(o.is_constant for o, _ in pairs) else pairs),
        with_constant, blames("x"),
    ),
    Sweep("recursion", by_recursion, deep, ALL, whole=False),
    Sweep(
        "visits two nodes", engine(order=lambda root: topological_order([root])[:-3:-1]), uneven,
        blames("a"),
    ),
    Sweep(
        "multiplies by the operand's own value",
        engine(edges=lambda n, pairs, up: [(o, o.data) for o, _ in pairs]), lambda: product(3, 3),
        ALL, hidden=True,
    ),
    Sweep(
        "forgets the adjoint", engine(term=lambda up, p, seed: p), scaled,
        blames("m", "z", below="x y"), hidden=True,
    ),
    Sweep(
        "forgets the adjoint where the partial is 1",
        engine(term=lambda up, p, seed: seed if p is ONE else up * p), scaled_sum, blames("x", "y"),
        hidden=True,
    ),
    Sweep("forgets the partial", engine(term=lambda up, p, seed: up), shared, blames("x", "y")),
    Sweep(
        "squares the adjoint", engine(term=lambda up, p, seed: up * up * p), scaled, ALL,
        hidden=True,
    ),
    Sweep("each node once for each use", engine(order=once_for_each_use), uneven, blames("a")),
    Sweep(
        "two operands at most", engine(edges=lambda n, pairs, up: pairs[:2]), triple, blames("x3")
    ),
    Sweep(
        "takes - for +",
        engine(edges=lambda n, pairs, up: [
            (o, ONE if n.operator.name == "sub" else p) for o, p in pairs]),
        difference, blames("y"),
    ),
    Sweep("gives the leaves only", leaves_only, shared, ALL),
    Sweep(
        "rounds to floats", engine(term=lambda up, p, seed: Fraction(float(up * p))), shared, ALL,
        hidden=True,
    ),
)  # fmt: skip


# --- wrong stored numbers: for the checks "numbers" and "values" ----------------------------------


def trained() -> dict[str, Scalar]:
    """r = d * c, d = c + a, c = a * b at a = 2, b = 3, after backward.

    By hand: c = 6, d = 8, r = 48, and D[r] = 1, D[d] = c = 6, D[c] = d + D[d] = 14,
    D[b] = a*D[c] = 28, D[a] = b*D[c] + D[d] = 48.
    """
    a, b = Scalar(2, "a"), Scalar(3, "b")
    c = labelled("c", a * b)
    d = labelled("d", c + a)
    r = labelled("r", d * c)
    r.backward()
    return {node.label: node for node in (a, b, c, d, r)}


class Stored(NamedTuple):
    """Something done to the graph of `trained`, and which node is to blame for which."""

    what: str
    spoil: Callable[[Mapping[str, Scalar]], object]
    check: str
    blame: Mapping[str, str]
    says: str

    def __str__(self) -> str:
        return self.what


def itself(names: str) -> dict[str, str]:
    return {name: f"node {name}" for name in names.split()}


def grad(name: str, value: object) -> Callable[[Mapping[str, Scalar]], None]:
    return lambda nodes: setattr(nodes[name], "grad", value)


def swap(nodes: Mapping[str, Scalar]) -> None:
    nodes["a"].grad, nodes["b"].grad = nodes["b"].grad, nodes["a"].grad


def zero(nodes: Mapping[str, Scalar]) -> None:
    for node in nodes.values():
        node.grad = 0


def rebuild(nodes: Mapping[str, Scalar]) -> None:
    """The backward of a graph with twice the seed, in the place of this one's."""
    nodes["r"].zero_grad()
    nodes["r"].backward(2)


def data(name: str, value: object) -> Callable[[Mapping[str, Scalar]], None]:
    return lambda nodes: setattr(nodes[name], "_data", Fraction(str(value)))


STORED = (
    Stored("a second backward", lambda n: n["r"].backward(), "numbers", itself("a b"),
           "twice the derivative: an earlier backward?"),
    Stored("three backwards", lambda n: [n["r"].backward() for _ in "12"], "numbers", itself("a b"),
           "3 times the derivative: an earlier backward?"),
    Stored("an inner one counted twice", grad("d", 12), "numbers", itself("d"),
           "twice the derivative: counted more than once?"),
    Stored("an inner one off by one", grad("c", 15), "numbers", itself("c"),
           "the gradient of c is 15, the derivative 14"),
    Stored("a sign", grad("b", -28), "numbers", itself("b"), "its sign is wrong"),
    Stored("a missing one", grad("a", 0), "numbers", itself("a"), "it is missing"),
    Stored("a tiny error", grad("a", 48 + Fraction(1, 10**40)), "numbers", itself("a"), "of a is"),
    Stored("two exchanged", swap, "numbers", itself("a b"), "the gradient of"),
    Stored("the root's own", grad("r", 5), "numbers", itself("r"), "is 5, the derivative 1"),
    Stored("all set to 0", zero, "numbers", dict.fromkeys("abcdr", "node r"),
           "is 0, the derivative"),
    Stored("another seed", rebuild, "numbers", dict.fromkeys("abcdr", "node r"), "twice"),
    Stored("those of another root", lambda n: n["d"].backward(), "numbers", itself("a b c d"),
           "the gradient of"),
    Stored("an inner value", data("c", 7), "values", itself("c"), "the value stored on c is 7"),
    Stored("the root's value", data("r", 0), "values", itself("r"), "is 0; SymPy has 48"),
    # c and d are computed from a themselves, r only from them: 48 is right for the c and d stored.
    Stored("a leaf set afterwards", lambda n: setattr(n["a"], "data", 5), "values",
           {"c": "node c", "d": "node d", "r": "node d"},
           "was a leaf set after the graph was built?"),
)  # fmt: skip


class Recorded(NamedTuple):
    """A number that stands wrong in a graph file of the graph of `trained`."""

    node: str
    key: str
    value: str
    blame: Mapping[str, str]


RECORDED = (
    Recorded("a", "grad", "47.999999999999", itself("a")),
    Recorded("c", "grad", "-14", itself("c")),
    Recorded("d", "grad", "0", itself("d")),
    Recorded("r", "grad", "1/2", itself("r")),
    Recorded("c", "data", "6.0000000000000001", itself("c")),
    Recorded("d", "data", "0", itself("d")),
    Recorded("r", "data", "-48", itself("r")),
)
