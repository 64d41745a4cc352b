"""Hard points of the operators that lead out of the rational numbers: what is right, by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import pytest
import sympy

from minigrad import Scalar, apply
from minigrad.errors import NoDerivative
from minigrad.number import UNAVAILABLE
from minigrad.operators import OPERATORS, RATIONAL

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

softmax:0  3 | 1 | 0
softmax:0  0 0 | 1/2 | 1/4 | -1/4
softmax:1  0 log(2) log(3) | 1/3 | -1/18 | 2/9 | -1/6
softmax:2  5 5 5 5 | 1/4 | -1/16 | -1/16 | 3/16 | -1/16
softmax:1  1000 0 | 1/(1+exp(1000)) | -exp(1000)/(1+exp(1000))**2 | exp(1000)/(1+exp(1000))**2

log_softmax:0  3 | 0 | 0
log_softmax:0  0 0 | -log(2) | 1/2 | -1/2
log_softmax:1  0 log(2) log(3) | -log(3) | -1/6 | 2/3 | -1/2
log_softmax:3  5 5 5 5 | -2*log(2) | -1/4 | -1/4 | -1/4 | 3/4
log_softmax:0  1000 0 | 1000-log(1+exp(1000)) | 1/(1+exp(1000)) | -1/(1+exp(1000))

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

each_point = pytest.mark.parametrize("point", POINTS, ids=str)


def digits(value: Any, count: int = 60) -> Any:
    return sympy.N(sympy.sympify(value), count)


def agree(found: Any, expected: Any) -> bool:
    """A ratio is a Fraction and the same; anything else has the same sixty digits."""
    if expected.is_Rational:
        return type(found) is Fraction and found == Fraction(int(expected.p), int(expected.q))
    right = digits(expected)
    return not isinstance(found, Fraction) and abs(digits(found) - right) <= abs(right) / 10**55


def real(value: Any) -> Any:
    """`value` as a number of mpmath's, in the precision that is set."""
    return mpmath.mpf(digits(value, mpmath.mp.dps))
