"""The operators that lead out of the rational numbers, at hard points: values, partials, proofs, domains.

The tables are written by hand. `MPMATH` is a second source: mpmath's own functions, which it differentiates
numerically at fifty digits.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar, apply, grad, gradients, hessian, jvp, reverse, taylor, vjp
from minigrad.errors import DivisionByZero, DomainError, NoDerivative, TooLarge
from minigrad.exact import to_exact
from minigrad.number import UNAVAILABLE, ZERO, short_text
from minigrad.operators import OPERATORS, RATIONAL
from minigrad.verify.proof import Prover

NAMES = [name for name in OPERATORS if name not in RATIONAL] + ["sign", "floor", "ceil"]

# For each operator, a line for each point: operands | value | derivatives by the operands. A derivative
# may be "none", where there is a value alone, or "not" where it is unavailable. Ends in "kink" where a
# convention holds.
TABLE = """
sqrt  4/9 | 2/3 | 3/4
sqrt  0 | 0 | none
sqrt  1 | 1 | 1/2
sqrt  2 | sqrt(2) | sqrt(2)/4
sqrt  1/2 | sqrt(2)/2 | sqrt(2)/2
sqrt  1e30 | 1e15 | 5e-16
sqrt  1e-30 | 1e-15 | 5e14
sqrt  3+2*sqrt(2) | 1+sqrt(2) | (sqrt(2)-1)/2
sqrt  pi**2 | pi | 1/(2*pi)
sqrt  exp(2) | E | exp(-1)/2

cbrt  0 | 0 | none
cbrt  8 | 2 | 1/12
cbrt  -8 | -2 | 1/12
cbrt  27/64 | 3/4 | 16/27
cbrt  1 | 1 | 1/3
cbrt  -1 | -1 | 1/3
cbrt  2 | 2**(1/3) | 2**(1/3)/6
cbrt  -2 | -2**(1/3) | 2**(1/3)/6
cbrt  1e-30 | 1e-10 | 1e20/3
cbrt  -1e30 | -1e10 | 1e-20/3
cbrt  -exp(3) | -E | exp(-2)/3

exp  0 | 1 | 1
exp  1 | E | E
exp  -1 | exp(-1) | exp(-1)
exp  1/2 | exp(1/2) | exp(1/2)
exp  1e-30 | exp(1/10**30) | exp(1/10**30)
exp  1000 | exp(1000) | exp(1000)
exp  log(3) | 3 | 3
exp  -log(2)/2 | sqrt(2)/2 | sqrt(2)/2

expm1  0 | 0 | 1
expm1  log(3) | 2 | 3
expm1  -log(2) | -1/2 | 1/2
expm1  1 | E-1 | E
expm1  1e-30 | exp(1/10**30)-1 | exp(1/10**30)

exp2  0 | 1 | log(2)
exp2  3 | 8 | 8*log(2)
exp2  -2 | 1/4 | log(2)/4
exp2  1/2 | sqrt(2) | sqrt(2)*log(2)
exp2  100 | 2**100 | 2**100*log(2)
exp2  log(3)/log(2) | 3 | 3*log(2)
exp2  pi | 2**pi | 2**pi*log(2)

log  1 | 0 | 1
log  E | 1 | exp(-1)
log  exp(-3) | -3 | exp(3)
log  1/8 | -3*log(2) | 8
log  12 | 2*log(2)+log(3) | 1/12
log  sqrt(2) | log(2)/2 | sqrt(2)/2
log  1e30 | 30*log(10) | 1e-30
log  1e-30 | -30*log(10) | 1e30

log1p  0 | 0 | 1
log1p  -1/2 | -log(2) | 2
log1p  3 | 2*log(2) | 1/4
log1p  E-1 | 1 | exp(-1)
log1p  -1+1e-30 | -30*log(10) | 1e30
log1p  1e-30 | log(1+1/10**30) | 10**30/(10**30+1)

log2  8 | 3 | 1/(8*log(2))
log2  1 | 0 | 1/log(2)
log2  1/1024 | -10 | 1024/log(2)
log2  sqrt(2) | 1/2 | sqrt(2)/(2*log(2))
log2  3 | log(3)/log(2) | 1/(3*log(2))
log2  1267650600228229401496703205376 | 100 | 1/(2**100*log(2))

log10  1/1000 | -3 | 1000/log(10)
log10  1 | 0 | 1/log(10)
log10  100 | 2 | 1/(100*log(10))
log10  1e30 | 30 | 1/(10**30*log(10))
log10  sqrt(10) | 1/2 | sqrt(10)/(10*log(10))
log10  2 | log(2)/log(10) | 1/(2*log(10))

sin  0 | 0 | 1
sin  pi/6 | 1/2 | sqrt(3)/2
sin  pi/2 | 1 | 0
sin  pi | 0 | -1
sin  -pi/4 | -sqrt(2)/2 | sqrt(2)/2
sin  5*pi/12 | (sqrt(6)+sqrt(2))/4 | (sqrt(6)-sqrt(2))/4
sin  1000*pi | 0 | 1
sin  1 | sin(1) | cos(1)
sin  -1/2 | -sin(1/2) | cos(1/2)
sin  1e-30 | sin(1/10**30) | cos(1/10**30)
sin  1000 | sin(1000) | cos(1000)

cos  0 | 1 | 0
cos  pi/3 | 1/2 | -sqrt(3)/2
cos  pi/2 | 0 | -1
cos  pi | -1 | 0
cos  2*pi/3 | -1/2 | -sqrt(3)/2
cos  -1 | cos(1) | sin(1)
cos  -1001*pi | -1 | 0

tan  0 | 0 | 1
tan  pi/4 | 1 | 2
tan  -pi/3 | -sqrt(3) | 4
tan  pi | 0 | 1
tan  pi/12 | 2-sqrt(3) | 8-4*sqrt(3)
tan  1 | tan(1) | 1+tan(1)**2
tan  -1/2 | -tan(1/2) | 1+tan(1/2)**2

asin  0 | 0 | 1
asin  1 | pi/2 | none
asin  -1 | -pi/2 | none
asin  1/2 | pi/6 | 2/sqrt(3)
asin  -sqrt(2)/2 | -pi/4 | sqrt(2)
asin  3/5 | asin(3/5) | 5/4
asin  -1/3 | -asin(1/3) | 3*sqrt(2)/4

acos  0 | pi/2 | -1
acos  1 | 0 | none
acos  -1 | pi | none
acos  1/2 | pi/3 | -2/sqrt(3)
acos  -1/2 | 2*pi/3 | -2/sqrt(3)
acos  3/5 | acos(3/5) | -5/4

atan  0 | 0 | 1
atan  1 | pi/4 | 1/2
atan  -sqrt(3) | -pi/3 | 1/4
atan  2-sqrt(3) | pi/12 | 1/(8-4*sqrt(3))
atan  1/2 | atan(1/2) | 4/5
atan  1e30 | atan(10**30) | 1/(1+10**60)

sinh  0 | 0 | 1
sinh  log(2) | 3/4 | 5/4
sinh  -log(3) | -4/3 | 5/3
sinh  1 | (E-exp(-1))/2 | (E+exp(-1))/2

cosh  0 | 1 | 0
cosh  log(2) | 5/4 | 3/4
cosh  -log(3) | 5/3 | -4/3
cosh  1 | (E+exp(-1))/2 | (E-exp(-1))/2

tanh  0 | 0 | 1
tanh  log(2) | 3/5 | 16/25
tanh  -log(3) | -4/5 | 9/25
tanh  1 | (E**2-1)/(E**2+1) | 4*E**2/(E**2+1)**2
tanh  100 | (exp(200)-1)/(exp(200)+1) | 4*exp(200)/(exp(200)+1)**2

asinh  0 | 0 | 1
asinh  3/4 | log(2) | 4/5
asinh  -4/3 | -log(3) | 3/5
asinh  1 | log(1+sqrt(2)) | sqrt(2)/2
asinh  -1 | log(sqrt(2)-1) | sqrt(2)/2

acosh  1 | 0 | none
acosh  5/4 | log(2) | 4/3
acosh  5/3 | log(3) | 3/4
acosh  2 | log(2+sqrt(3)) | sqrt(3)/3

atanh  0 | 0 | 1
atanh  3/5 | log(2) | 25/16
atanh  -4/5 | -log(3) | 25/9
atanh  1/2 | log(3)/2 | 4/3

sigmoid  0 | 1/2 | 1/4
sigmoid  log(2) | 2/3 | 2/9
sigmoid  -log(3) | 1/4 | 3/16
sigmoid  1 | E/(1+E) | E/(1+E)**2
sigmoid  -100 | 1/(1+exp(100)) | exp(100)/(1+exp(100))**2

softplus  0 | log(2) | 1/2
softplus  log(2) | log(3) | 2/3
softplus  -log(2) | log(3)-log(2) | 1/3
softplus  1 | log(1+E) | E/(1+E)

silu  0 | 0 | 1/2
silu  log(2) | 2*log(2)/3 | 2/3+2*log(2)/9
silu  -1 | -1/(1+E) | 1/(1+E)-E/(1+E)**2

gelu  0 | 0 | 1/2
gelu  1 | (1+erf(sqrt(2)/2))/2 | (1+erf(sqrt(2)/2))/2+exp(-1/2)/sqrt(2*pi)
gelu  -1 | -(1-erf(sqrt(2)/2))/2 | (1-erf(sqrt(2)/2))/2-exp(-1/2)/sqrt(2*pi)
gelu  sqrt(2) | sqrt(2)*(1+erf(1))/2 | (1+erf(1))/2+exp(-1)/sqrt(pi)

erf  0 | 0 | 2/sqrt(pi)
erf  1 | erf(1) | 2*exp(-1)/sqrt(pi)
erf  -1/2 | -erf(1/2) | 2*exp(-1/4)/sqrt(pi)

gamma  5 | 24 | 50-24*EulerGamma
gamma  1 | 1 | -EulerGamma
gamma  1/2 | sqrt(pi) | -sqrt(pi)*(EulerGamma+2*log(2))
gamma  -1/2 | -2*sqrt(pi) | -2*sqrt(pi)*(2-EulerGamma-2*log(2))
gamma  5/2 | 3*sqrt(pi)/4 | 3*sqrt(pi)/4*(8/3-EulerGamma-2*log(2))
gamma  -3/2 | 4*sqrt(pi)/3 | 4*sqrt(pi)/3*(8/3-EulerGamma-2*log(2))
gamma  1/3 | gamma(1/3) | -gamma(1/3)*(EulerGamma+pi/(2*sqrt(3))+3*log(3)/2)

loggamma  1 | 0 | -EulerGamma
loggamma  2 | 0 | 1-EulerGamma
loggamma  5 | log(24) | 25/12-EulerGamma
loggamma  1/2 | log(pi)/2 | -EulerGamma-2*log(2)

digamma  1 | -EulerGamma | pi**2/6
digamma  1/2 | -EulerGamma-2*log(2) | pi**2/2
digamma  5 | 25/12-EulerGamma | pi**2/6-205/144
digamma  -1/2 | 2-EulerGamma-2*log(2) | pi**2/2+4
digamma  1/4 | -EulerGamma-pi/2-3*log(2) | pi**2+8*Catalan

polygamma:0  2 | 1-EulerGamma | pi**2/6-1
polygamma:1  1 | pi**2/6 | -2*zeta(3)
polygamma:1  -1/2 | pi**2/2+4 | 16-14*zeta(3)
polygamma:2  1 | -2*zeta(3) | pi**4/15
polygamma:2  1/2 | -14*zeta(3) | pi**4

power  2 10 | 1024 | 5120 | 1024*log(2)
power  8 1/3 | 2 | 1/12 | 6*log(2)
power  4/9 -1/2 | 3/2 | -27/16 | 3*log(4/9)/2
power  0 0 | 1 | 0 | not
power  0 1 | 0 | 1 | not
power  0 3 | 0 | 0 | not
power  0 1/2 | 0 | none | none
power  0 pi | 0 | none | none
power  -2 3 | -8 | 12 | not
power  -2 -3 | -1/8 | -3/16 | not
power  -2 0 | 1 | 0 | not
power  -sqrt(2) 2 | 2 | -2*sqrt(2) | not
power  sqrt(2) 2 | 2 | 2*sqrt(2) | log(2)
power  1 pi | 1 | pi | 0
power  2 pi | 2**pi | pi*2**pi/2 | 2**pi*log(2)
power  E 2 | exp(2) | 2*E | exp(2)
power  pi 1/2 | sqrt(pi) | 1/(2*sqrt(pi)) | sqrt(pi)*log(pi)
power  1e30 -2 | 1e-60 | -2e-90 | 30*log(10)/10**60
power  1e-30 1/2 | 1e-15 | 5e14 | -30*log(10)/10**15

atan2  0 1 | 0 | 1 | 0
atan2  1 0 | pi/2 | 0 | -1
atan2  0 -1 | pi | -1 | 0 | kink
atan2  -1 0 | -pi/2 | 0 | 1
atan2  1 1 | pi/4 | 1/2 | -1/2
atan2  1 -1 | 3*pi/4 | -1/2 | -1/2
atan2  -1 -1 | -3*pi/4 | -1/2 | 1/2
atan2  -1 1 | -pi/4 | 1/2 | 1/2
atan2  sqrt(3) -1 | 2*pi/3 | -1/4 | -sqrt(3)/4
atan2  3 4 | atan(3/4) | 4/25 | -3/25
atan2  3 -4 | pi/2+atan(4/3) | -4/25 | -3/25
atan2  0 1e30 | 0 | 1e-30 | 0
atan2  1e-30 -1e30 | pi/2+atan(10**60) | -10**90/(10**120+1) | -10**30/(10**120+1)

hypot  3 4 | 5 | 3/5 | 4/5
hypot  0 0 | 0 | 0 | 0 | kink
hypot  0 -2 | 2 | 0 | -1
hypot  -5 12 | 13 | -5/13 | 12/13
hypot  1 1 | sqrt(2) | sqrt(2)/2 | sqrt(2)/2
hypot  1 sqrt(3) | 2 | 1/2 | sqrt(3)/2
hypot  3e30 -4e30 | 5e30 | 3/5 | -4/5
hypot  1e-30 0 | 1e-30 | 1 | 0

norm  0 | 0 | 0 | kink
norm  -3 | 3 | -1
norm  0 0 0 | 0 | 0 | 0 | 0 | kink
norm  2 3 -6 | 7 | 2/7 | 3/7 | -6/7
norm  1 1 1 1 | 2 | 1/2 | 1/2 | 1/2 | 1/2
norm  0 5 0 | 5 | 0 | 1 | 0
norm  1 2 | sqrt(5) | sqrt(5)/5 | 2*sqrt(5)/5

logaddexp  0 0 | log(2) | 1/2 | 1/2
logaddexp  log(2) log(3) | log(5) | 2/5 | 3/5
logaddexp  1 1 | 1+log(2) | 1/2 | 1/2
logaddexp  0 -log(3) | 2*log(2)-log(3) | 3/4 | 1/4
logaddexp  0 1 | log(1+E) | 1/(1+E) | E/(1+E)
logaddexp  log(1/2) log(1/2) | 0 | 1/2 | 1/2

logsumexp  1 | 1 | 1
logsumexp  -1/2 | -1/2 | 1
logsumexp  0 0 0 | log(3) | 1/3 | 1/3 | 1/3
logsumexp  0 log(2) log(3) | log(6) | 1/6 | 1/3 | 1/2
logsumexp  5 5 5 5 | 5+2*log(2) | 1/4 | 1/4 | 1/4 | 1/4
logsumexp  1000 0 | log(1+exp(1000)) | exp(1000)/(1+exp(1000)) | 1/(1+exp(1000))

sign  -7/2 | -1 | 0
sign  1e-30 | 1 | 0
sign  0 | 0 | 0 | kink
sign  sqrt(2)-3/2 | -1 | 0

floor  -1/2 | -1 | 0
floor  2 | 2 | 0 | kink
floor  -3 | -3 | 0 | kink
floor  pi | 3 | 0
floor  -sqrt(2) | -2 | 0
floor  exp(10) | 22026 | 0

ceil  -1/2 | 0 | 0
ceil  2 | 2 | 0 | kink
ceil  pi | 4 | 0
ceil  -sqrt(2) | -1 | 0
"""

LEFT_OUT = {"none": NoDerivative, "not": UNAVAILABLE}


class Point(NamedTuple):
    """A line of the table."""

    name: str
    parameters: tuple[int, ...]
    at: tuple[str, ...]
    value: Any
    slopes: tuple[Any, ...]
    is_kink: bool

    @classmethod
    def read(cls, line: str) -> Point:
        head, *rest = (part.strip() for part in line.split("|"))
        name, *at = head.split()
        name, _, order = name.partition(":")
        is_kink = rest[-1] == "kink"
        value, *slopes = (
            LEFT_OUT[text] if text in LEFT_OUT else exactly(text)
            for text in rest[: len(rest) - is_kink]
        )
        return cls(name, (int(order),) if order else (), tuple(at), value, tuple(slopes), is_kink)

    @property
    def has_slopes(self) -> bool:
        return all(slope is not NoDerivative for slope in self.slopes)

    def graph(self) -> Scalar:
        """`f * w` with f = operator(x1, x2, …), so that f is no root."""
        xs = [Scalar(text, f"x{k}") for k, text in enumerate(self.at, start=1)]
        f = apply(self.name, xs, self.parameters)
        f.label = "f"
        root: Scalar = f * Scalar(7, "w")
        root.label = "root"
        return root

    def node(self) -> Scalar:
        return self.graph().operands[0]

    def __str__(self) -> str:
        return f"{self.name}({', '.join([*self.at, *map(str, self.parameters)])})"


def exactly(text: str) -> Any:
    """The SymPy number that is written there; decimals are ratios."""
    return sympy.sympify(text, rational=True)


POINTS = [Point.read(line) for line in TABLE.splitlines() if line]
SLOPED = [point for point in POINTS if point.has_slopes]
SLOPELESS = [point for point in POINTS if not point.has_slopes]
each_point = pytest.mark.parametrize("point", POINTS, ids=str)


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover() as prover:
        yield prover


def digits(value: Any, count: int = 60) -> Any:
    return sympy.N(sympy.sympify(value), count)


def agree(found: Any, expected: Any) -> bool:
    """A ratio is a Fraction and the same; anything else has the same sixty digits."""
    if expected.is_Rational:
        return type(found) is Fraction and found == Fraction(int(expected.p), int(expected.q))
    right = digits(expected)
    return not isinstance(found, Fraction) and abs(digits(found) - right) <= abs(right) / 10**55


# --- values and partials --------------------------------------------------------------------------


def test_every_operator_has_its_points() -> None:
    assert {point.name for point in POINTS} == set(NAMES)
    assert {p.name for p in POINTS if p.is_kink} == {
        "atan2",
        "hypot",
        "norm",
        "sign",
        "floor",
        "ceil",
    }


@each_point
def test_the_value_at_every_hard_point(point: Point) -> None:
    assert agree(point.node().data, point.value)


@each_point
def test_the_value_is_equal_to_what_is_written_by_hand(point: Point) -> None:
    if not point.value.has(sympy.zeta):
        assert point.node() == to_exact(point.value)


@pytest.mark.parametrize("point", SLOPED, ids=str)
def test_the_partials_at_every_hard_point(point: Point) -> None:
    root = point.graph()
    root.backward()
    node = root.operands[0]
    partials = reverse.partials(node)
    for x, partial, slope in zip(node.operands, partials, point.slopes, strict=True):
        if slope is UNAVAILABLE:
            assert partial is UNAVAILABLE
        else:
            assert agree(x.grad, 7 * slope)


MPMATH: dict[str, Callable[..., Any]] = {
    "log2": lambda x: mpmath.log(x, 2),
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "logsumexp": lambda *xs: mpmath.log(mpmath.fsum(map(mpmath.exp, xs))),
    "norm": lambda *xs: mpmath.norm(xs),
    "polygamma": lambda x, n: mpmath.polygamma(n, x),
}
"""Those that mpmath has under another name, or not as one function."""


@pytest.mark.parametrize("point", [p for p in SLOPED if not p.is_kink], ids=str)
def test_mpmath_finds_the_same_values_and_slopes(point: Point) -> None:
    function = MPMATH.get(point.name) or getattr(mpmath, point.name)
    node = point.node()
    partials = reverse.partials(node)
    with mpmath.workdps(100):
        xs = [real(exactly(text)) for text in point.at]
        value = function(*xs, *point.parameters)
        assert abs(real(node.data) - value) <= mpmath.mpf(10) ** -50 * max(1, abs(value))
        if max(map(abs, xs)) > 10**6:
            return  # what mpmath adds to the operand for a difference would be lost in it
        for k, partial in enumerate(partials):
            if partial is not UNAVAILABLE:
                moved = lambda t, k=k: function(*xs[:k], t, *xs[k + 1 :], *point.parameters)
                slope = mpmath.diff(moved, xs[k])
                assert abs(real(partial) - slope) <= mpmath.mpf(10) ** -40 * max(1, abs(slope))


def real(value: Any) -> Any:
    """`value` as a number of mpmath's, in the precision that is set."""
    return mpmath.mpf(digits(value, mpmath.mp.dps))


# --- proofs ---------------------------------------------------------------------------------------


def expected_verdicts(point: Point) -> dict[str, set[str]]:
    """Of each leaf: a kink where a one-sided derivative is another, never proved where there is none."""
    verdicts = {label: {"proved"} for label in ("f", "w", "root")}
    for k, slope in enumerate(point.slopes, start=1):
        if slope is NoDerivative:
            verdicts[f"x{k}"] = {"kink", "undecided"}
        elif slope is UNAVAILABLE:
            verdicts[f"x{k}"] = {"undecided"}
        else:
            verdicts[f"x{k}"] = {"kink" if point.is_kink else "proved"}
    if point.name == "atan2" and point.is_kink:
        verdicts["x2"] = {"proved"}  # along the cut nothing jumps
    return verdicts


@pytest.mark.parametrize("method", ["chain", "whole", "auto"])
@each_point
def test_the_verdict_at_every_hard_point(prover: Prover, point: Point, method: str) -> None:
    root = point.graph()
    if point.has_slopes:
        root.backward()
    report = prover.verify(root, method)
    expected = expected_verdicts(point)
    assert {entry.label for entry in report.entries} == set(expected)
    assert all(str(entry.verdict) in expected[entry.label] for entry in report.entries), report
    if method != "auto":
        proofs = {e.proof for e in report.entries if str(e.verdict) == "proved"}
        assert proofs <= {method, "one-sided"}
    assert not any(word in str(report) for word in ("nan", "inf ", "zoo", "oo)"))


# --- where there is no value ----------------------------------------------------------------------

POSITIVE, POLES = "the operand must be greater than 0", "0, -1, -2, … are poles"
UP_TO_ONE, AT_LEAST_ONE = "the operand must be from -1 to 1", "the operand must be at least 1"
BETWEEN = "the operand must be between -1 and 1"
TANGENT = "the tangent has a pole at odd halves of pi"
WHOLE, NEGATIVE = "a negative base needs a whole exponent", "0 has no negative power"

OUTSIDE = [
    ("sqrt", "-1", DomainError, "the operand must not be negative"),
    ("sqrt", "-1e-30", DomainError, "the operand must not be negative"),
    ("sqrt", "sqrt(2)-3/2", DomainError, "the operand must not be negative"),
    ("log", "0", DomainError, POSITIVE),
    ("log", "-3", DomainError, POSITIVE),
    ("log", "2-sqrt(5)", DomainError, POSITIVE),
    ("log2", "0", DomainError, POSITIVE),
    ("log10", "-1", DomainError, POSITIVE),
    ("log1p", "-1", DomainError, "the operand must be greater than -1"),
    ("log1p", "-3/2", DomainError, "the operand must be greater than -1"),
    ("asin", "2", DomainError, UP_TO_ONE),
    ("asin", "-1-1e-30", DomainError, UP_TO_ONE),
    ("acos", "3/2", DomainError, UP_TO_ONE),
    ("acos", "-pi", DomainError, UP_TO_ONE),
    ("acosh", "1/2", DomainError, AT_LEAST_ONE),
    ("acosh", "-1", DomainError, AT_LEAST_ONE),
    ("atanh", "1", DomainError, BETWEEN),
    ("atanh", "-1", DomainError, BETWEEN),
    ("atanh", "2", DomainError, BETWEEN),
    ("tan", "pi/2", DivisionByZero, TANGENT),
    ("tan", "-3*pi/2", DivisionByZero, TANGENT),
    ("gamma", "0", DomainError, POLES),
    ("gamma", "-5", DomainError, POLES),
    ("digamma", "-2", DomainError, POLES),
    ("polygamma", "0", DomainError, POLES),
    ("loggamma", "0", DomainError, POSITIVE),
    ("loggamma", "-1/2", DomainError, POSITIVE),
    ("atan2", "0 0", DomainError, "0 and 0 make no angle"),
    ("power", "0 -1", DivisionByZero, NEGATIVE),
    ("power", "0 -1/2", DivisionByZero, NEGATIVE),
    ("power", "0 -pi", DivisionByZero, NEGATIVE),
    ("power", "-8 1/3", DomainError, WHOLE),
    ("power", "-1 pi", DomainError, WHOLE),
]


@pytest.mark.parametrize(("name", "at", "error", "says"), OUTSIDE)
def test_outside_the_domain_operator_label_and_value_are_named(
    name: str, at: str, error: type[Exception], says: str
) -> None:
    xs = [Scalar(text, f"x{k}") for k, text in enumerate(at.split(), start=1)]
    parameters = (1,) if name == "polygamma" else ()
    with pytest.raises(error) as raised:
        apply(name, xs, parameters)
    shown = ", ".join([f"{x.label} = {short_text(x._data)}" for x in xs])
    order = ", order = 1" if parameters else ""
    assert str(raised.value) == f"{name}({shown}{order}): {says}"


def test_operators_with_restricted_domains_are_all_there() -> None:
    assert {name for name, *_ in OUTSIDE} == {n for n in NAMES if OPERATORS[n].domain}


@pytest.mark.parametrize(
    ("name", "at"), [("exp2", "1e30"), ("exp2", "-1e9"), ("power", "2 1e9"), ("power", "-2 1e9")]
)
def test_what_would_be_too_large_is_refused(name: str, at: str) -> None:
    with pytest.raises(TooLarge, match=rf"^{name}\("):
        apply(name, [Scalar(text) for text in at.split()])


@pytest.mark.parametrize("order", [-1, 101, 1.0, True, "1"])
def test_an_order_of_polygamma_must_be_a_small_int(order: object) -> None:
    with pytest.raises(minigrad.errors.InvalidOperand, match="an int from 0 to 100"):
        apply("polygamma", [Scalar(2)], (order,))


# --- where there is a value and no derivative -----------------------------------------------------


def test_the_ends_of_domains_are_all_there() -> None:
    ends = {"sqrt", "cbrt", "asin", "acos", "acosh", "power"}
    assert {point.name for point in SLOPELESS} == ends


@pytest.mark.parametrize("point", SLOPELESS, ids=str)
def test_backward_says_so_and_leaves_nothing_behind(point: Point) -> None:
    root = point.graph()
    at = ", ".join([f"x{k} = {text}" for k, text in enumerate(point.at, start=1)])
    says = f"^{point.name} has a value and no derivative there: at {at}$"
    with pytest.raises(NoDerivative, match=says):
        root.backward()
    nodes = [root, *root.operands, *root.operands[0].operands]
    assert not any(node.has_grad for node in nodes)
    with pytest.raises(NoDerivative, match=says):
        gradients(root)


def test_a_gradient_that_was_there_stays() -> None:
    x = Scalar(0, "x")
    (3 * x).backward()
    with pytest.raises(NoDerivative):
        (x.sqrt() + x).backward()
    assert x.grad == 3


@pytest.mark.parametrize("function", ["sqrt", "cbrt", "asin", "acos", "acosh"])
def test_every_transform_says_so(function: str) -> None:
    fun = getattr(minigrad, function)
    at = 0 if function in ("sqrt", "cbrt") else 1
    for transform in (
        lambda: grad(fun)(at),
        lambda: jvp(fun, (at,), (1,)),
        lambda: vjp(fun, at)[1](1),
        lambda: taylor(fun, at, 2),
        lambda: hessian(fun)(at),
    ):
        with pytest.raises(NoDerivative, match=f"^{function} has a value and no derivative there"):
            transform()


def test_nothing_is_asked_of_a_constant() -> None:
    x = Scalar(2, "x")
    (x * Scalar.constant(4).sqrt()).backward()
    assert x.grad == 2


# --- what is rational stays rational --------------------------------------------------------------


def test_a_rational_graph_imports_neither_sympy_nor_flint() -> None:
    program = """
import sys
from fractions import Fraction
from minigrad import Scalar, dot, exp, floor, hypot, maximum, norm, sign, sin, sqrt, tanh, where
x, y = Scalar(3, "x"), Scalar(Fraction(4, 9), "y")
z = (x * y + x / y - 2) ** 3 + abs(x) + maximum(x, y) + dot([x, y], [y, x]) + where(x > y, x, y)
z = z + floor(y) + sign(x) + round(x)
z.backward()
assert type(x.grad) is type(y.grad) is Fraction
print(str(x), z, f"{z:.3f}", float(z))
assert not {"sympy", "flint", "numpy", "mpmath"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


@given(st.fractions(0, 50, max_denominator=30))
@example(ZERO)
def test_a_square_has_a_rational_root(x: Fraction) -> None:
    for root in (Scalar(x * x).sqrt(), Scalar(x**3).cbrt(), Scalar(x**5) ** Fraction(1, 5)):
        assert type(root.data) is Fraction
        assert root.data == x


@given(st.integers(-40, 40), st.integers(2, 12))
def test_logarithms_of_powers_are_rational(n: int, base: int) -> None:
    assert (Scalar(Fraction(2) ** n)).log2().data == n
    assert (Scalar(Fraction(10) ** n)).log10().data == n
    ratio = (Scalar(Fraction(base) ** n)).log() / Scalar(base).log()
    assert (type(ratio.data), ratio.data) == (Fraction, n)


@given(st.fractions(Fraction(-9, 10), Fraction(9, 10), max_denominator=20))
def test_inverse_functions_give_the_operand_back(x: Fraction) -> None:
    s = Scalar(x)
    for there, back in [("exp", "log"), ("expm1", "log1p"), ("asinh", "sinh"), ("tanh", "atanh")]:
        assert getattr(getattr(s, there)(), back)().data == x
    assert s.atanh().tanh().data == x
    assert (1 + s * s).acosh().cosh().data == 1 + x * x
    assert s.sigmoid().data == (1 - (-s).sigmoid()).data
