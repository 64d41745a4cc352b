"""The planted faults of operators, as tables: wrong partials, wrong values and wrong pieces.

Each is aimed at one check of the chain proof, and `tests/test_faults.py` runs that check alone. A
table says where the fault shows and what is to blame, so a verifier that only says "something is
wrong" fails here too. `sweep_faults` and `stored_faults` are the tables of wrong sweeps and of wrong
numbers: together, a catalogue of everything that `minigrad.verify` must find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

from minigrad import Scalar
from minigrad.elementary import call
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
