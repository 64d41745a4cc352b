"""Functions of any kind of number: exp, log, sin, roots, gamma and the like.

    >>> call("exp", Fraction(0)), call("power", Fraction(8), Fraction(1, 3)), call("log", Fraction(2))
    (Fraction(1, 1), Fraction(2, 1), log(2))

`call` is what the operator table and the proofs use: a Fraction, a closed form or a rational function
gives a Fraction or a Closed, and anything else that has a method `elementary` (a Scalar, a power series,
a number infinitely close to another) answers for itself. Each function here chooses the kernels that
`minigrad.closed` computes with, so that equal values are seen to be equal:

- an exponential is taken of each term of its argument, a cosine and a sine by the addition theorems;
- a logarithm and a root are taken of each irreducible factor, and of each prime;
- gamma, loggamma and polygamma are moved by whole steps next to 0, and odd functions have their sign
  taken out;
- everything else is written in these.

Arguments are inside the domain: the operators see to that, and name themselves and their operands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, Final

from minigrad.closed import Closed, Kernel, absolute, lift, power_of
from minigrad.closed_text import expression as in_sympy
from minigrad.closed_text import written
from minigrad.errors import InvalidOperand, TooLarge, describe
from minigrad.factors import factors
from minigrad.kernels import FINEST, MULTIPLE
from minigrad.number import ONE, ZERO, bits, product, total
from minigrad.polynomials import Ring, ring, terms
from minigrad.powers import HALF, as_kernel, exp, field_of, log, log_of_factor, power, root
from minigrad.rational import Field
from minigrad.rounding import whole
from minigrad.summands import summands

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "Unsupported",
    "call",
    "function_of_sympy",
    "in_sympy",
    "is_pole",
    "of_sympy",
    "pi",
]

_ANGLES: Final = 6
"""Terms of an angle up to which the addition theorems are used."""
_LONGEST_ANGLE: Final = 20_000
"""Bits of an angle: a turn is not found in it without as many digits of pi."""
_STEPS: Final = 2_000
"""Whole steps that the gamma function and its kin are moved by."""
_SPECIAL: Final = 30
"""Terms of the longest number of which SymPy is asked for special values."""
_FORMAL_STEPS: Final = 40
"""The same where the argument is no ratio, and each step makes the result a term longer."""
_EXPANDED: Final = 1_000
"""Products of terms in the addition theorems of one angle."""
_REMEMBERED: Final = 128
"""Bits of ratios whose functions are kept."""
_EVALUATED: Final = 12
"""Terms of an argument up to which SymPy is asked for a special value."""


def call(name: str, *xs: Any) -> Any:
    """The function called `name` of `xs`: Fractions, closed forms, formulas, or what answers itself.

    Raises InvalidOperand for anything else.
    """
    if all(type(x) is Fraction and bits(x) <= _REMEMBERED for x in xs):
        return _of_ratios(FUNCTIONS[name], ring(1), *xs)
    for x in xs:
        method = getattr(x, "elementary", None)
        if method is not None:
            return method(name, *xs)
    lifted = [x if isinstance(x, int) else lift(x) for x in xs]
    if any(x is None for x in lifted):
        raise InvalidOperand(f"{name}: expected exact numbers; got {', '.join(map(describe, xs))}")
    return FUNCTIONS[name](*lifted)


@lru_cache(maxsize=2048)
def _of_ratios(function: Callable[..., Any], _polynomials: Ring, *xs: Fraction) -> Any:
    """The function of short ratios, which a program asks for again and again: at the same constants, and
    at each point in its value and in its derivative. A closed form is made of the polynomials of one
    library.
    """
    return function(*xs)


def pi() -> Closed:
    """The number pi."""
    found: Closed = power_of(Kernel("pi", 0), 1, None)
    return found


# --- angles ----------------------------------------------------------------------------------------


def _cos_sin(u: Any) -> tuple[Any, Any]:
    """The cosine and the sine of `u`."""
    cosine, sine = ONE, ZERO
    parts = [(q, t) for q, t in summands(u, _ANGLES, whole=True) if q]
    if math.prod([1 + _multiple(q) for q, _ in parts]) > _EXPANDED:
        sign = 1 if terms(u.top)[0][1] > 0 else -1
        cosine, sine = _pair(sign * u, 1, u.field)
        return cosine, sign * sine
    for q, t in parts:
        c, s = _turn(q) if as_kernel(t, "pi") else _angle(q, t, field_of(u))
        cosine, sine = cosine * c - sine * s, sine * c + cosine * s
    return cosine, sine


def _multiple(q: Fraction) -> int:
    """How often an angle is added up, of the `q` times something that is asked for.

    Of a large multiple it is the factors 2, 3 and 5, so that twice the angle still has the same kernel;
    what is left is again such an angle, and is not taken apart otherwise when it is met alone.
    """
    rest = p = abs(q.numerator)
    if p <= MULTIPLE:
        return p
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    return p // rest if p // rest <= MULTIPLE < rest else 1


def _pair(t: Any, order: int, field: Field | None) -> tuple[Any, Any]:
    cosine, sine = (power_of(Kernel(kind, t, order), 1, field) for kind in ("cos", "sin"))
    return cosine, sine


def _angle(q: Fraction, t: Any, field: Field | None) -> tuple[Any, Any]:
    if bits(q) > _LONGEST_ANGLE:
        raise TooLarge(f"an angle of {bits(q):,} bits is over the limit of {_LONGEST_ANGLE:,}")
    if q.denominator > FINEST:
        t, q = t / q.denominator, Fraction(q.numerator)
    known = _known_angle(t) if q in (1, -1) else None
    if known is not None:
        return known if q > 0 else (known[0], -known[1])
    times = _multiple(q)
    cosine, sine = _pair(abs(q.numerator) // times * t, q.denominator, field)
    c, s = ONE, ZERO
    for _ in range(times):
        c, s = c * cosine - s * sine, s * cosine + c * sine
    return c, s if q > 0 else -s


def _known_angle(t: Any) -> tuple[Any, Any] | None:
    """The cosine and the sine of an angle that is given by its sine or its tangent."""
    kernel = as_kernel(t, "asin", "atan")
    if kernel is None:
        return None
    (x,) = kernel.base
    if kernel.kind == "asin":
        return power(1 - x * x, HALF), x
    cosine = ONE / power(1 + x * x, HALF)
    return cosine, cosine * x


def _turn(q: Fraction) -> tuple[Any, Any]:
    """The cosine and the sine of `q` times pi: in roots where the denominator allows it.

    `q` is split into parts whose denominators are a power of 2, 3, 5 and what is left of it.
    """
    cosine, sine = ONE, ZERO
    for prime in (2, 3, 5):
        power = math.gcd(q.denominator, prime ** q.denominator.bit_length())
        if power == 1 or power > (_HALVED if prime == 2 else prime):
            continue
        part = Fraction(q.numerator * pow(q.denominator // power, -1, power) % power, power)
        q -= part
        c, s = _plain_turn(part)
        cosine, sine = cosine * c - sine * s, sine * c + cosine * s
    c, s = _plain_turn(q)
    return cosine * c - sine * s, sine * c + cosine * s


def _plain_turn(q: Fraction) -> tuple[Any, Any]:
    q %= 2
    if q > 1:
        c, s = _plain_turn(2 - q)
        return c, -s
    if q > HALF:
        c, s = _plain_turn(1 - q)
        return -c, s
    known = _COSINES.get(q)
    if known is not None:
        c = known()
        return c, power(ONE - c * c, HALF)
    if q.denominator & (q.denominator - 1) or q.denominator > _HALVED:
        return _angle(q, pi(), None)
    c, _ = _plain_turn(2 * q)
    return root((ONE + c) / 2, HALF), root((ONE - c) / 2, HALF)


_HALVED: Final = 64
"""Powers of 2 up to which cosines are nested roots."""
# Twice the cosine of pi/5 is the golden ratio (Euclid, Elements, XIII.8).
_COSINES: Final[Mapping[Fraction, Callable[[], Any]]] = {
    ZERO: lambda: ONE,
    HALF: lambda: ZERO,
    Fraction(1, 3): lambda: HALF,
    Fraction(1, 5): lambda: (ONE + root(Fraction(5), HALF)) / 4,
    Fraction(2, 5): lambda: (root(Fraction(5), HALF) - ONE) / 4,
}


# --- functions that are kernels as they are ------------------------------------------------------


def _named(name: str, *xs: Any) -> Any:
    """A function of arguments of which nothing simpler is known; SymPy knows many special values."""
    argument = xs[-1]
    simple = (
        argument.size <= _EVALUATED and not argument.has_variables
        if isinstance(argument, Closed)
        else bits(argument) <= _STEPS.bit_length()
    )
    if simple:
        found = _special_value(name, xs)
        if found is not None:
            return found
    return power_of(Kernel(name, xs), 1, field_of(argument))


def _odd(name: str) -> Callable[[Any], Any]:
    def function(u: Any) -> Any:
        if isinstance(u, Fraction):
            return ZERO if not u else _named(name, u) if u > 0 else -_named(name, -u)
        return _named(name, u) if terms(u.top)[0][1] > 0 else -_named(name, -u)

    return function


def _shifted(u: Any) -> tuple[Any, int]:
    """`u` as `v + n`: `v` is a ratio up to 1 that is not 0, or a formula with a constant term below 1."""
    n = math.ceil(u) - 1 if isinstance(u, Fraction) else math.floor(_constant_term(u))
    if abs(n) > (_STEPS if isinstance(u, Fraction) else _FORMAL_STEPS):
        if isinstance(u, Fraction) and u.denominator == 1:
            raise TooLarge(f"gamma and its kin of {u} are over the limit of {_STEPS:,} whole steps")
        return u, 0
    return u - n, n


def _constant_term(u: Closed) -> Fraction:
    """The ratio that stands alone in `u` where its denominator is a number."""
    below = terms(u.bottom)
    if len(below) > 1 or any(below[0][0]):
        return ZERO
    return Fraction(sum(c for exponents, c in terms(u.top) if not any(exponents)), below[0][1])


def is_pole(x: Any) -> bool:
    """Whether gamma and its kin have a pole there: at 0, -1, -2, …."""
    n = whole(x)
    return n is not None and n <= 0


def _steps(v: Any, n: int) -> list[Any]:
    """What gamma(v + n) / gamma(v) is the product of, or its inverse for negative n."""
    return [v + k for k in (range(n) if n > 0 else range(n, 0))]


def _gamma(u: Any) -> Any:
    v, n = _shifted(u)
    value = ONE if isinstance(v, Fraction) and v == 1 else _named("gamma", v)
    factor = product(_steps(v, n))
    return value * factor if n > 0 else value / factor


def _loggamma(u: Any) -> Any:
    v, n = _shifted(u)
    if isinstance(v, Closed) and not v.has_variables and v.sign() < 0:
        v, n = u, 0  # below 0 there is no logarithm to begin from
    if isinstance(v, Fraction) and v == 1:
        value: Any = ZERO
    else:
        value = _named("loggamma", v)
    steps = _steps(v, n)
    counts: dict[Any, int] = {}
    for step in steps:
        for f, times in factors(step):
            counts[f] = counts.get(f, 0) + times
    field = field_of(u)
    logarithm = total([times * log_of_factor(f, field) for f, times in counts.items()])
    return value + logarithm if n > 0 else value - logarithm


def _polygamma(order: Any, u: Any) -> Any:
    m = int(order)
    if m > _STEPS:
        raise TooLarge(f"polygamma of the order {m:,} is over the limit of {_STEPS:,}")
    v, n = _shifted(u)
    moved = total([ONE / step ** (m + 1) for step in _steps(v, n)])
    factor = (-1) ** m * math.factorial(m)
    value = _named("polygamma", m, v)
    return value + factor * moved if n > 0 else value - factor * moved


def _zeta(n: Any) -> Any:
    """zeta(n) of a whole n above 1, in which SymPy writes polygamma(n - 1, 1)."""
    if not isinstance(n, Fraction) or n.denominator != 1 or n < 2:
        raise Unsupported(f"zeta of {n} is no function that is known")
    # M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 6.4.2.
    m = n.numerator - 1
    if m > _STEPS:
        raise TooLarge(f"zeta of {n} is over the limit of {_STEPS:,}")
    # Of an even n it is a power of pi; SymPy would answer zeta(n) again for an odd one.
    kernel = power_of(Kernel("polygamma", (m, ONE)), 1, None)
    known = kernel if m % 2 == 0 else _named("polygamma", m, ONE)
    return Fraction((-1) ** (m + 1), math.factorial(m)) * known


def _special_value(name: str, xs: tuple[Any, ...]) -> Any:
    """What SymPy makes of the function at these numbers, if that is something simpler; else None."""
    import sympy as sp

    # SymPy looks at a long number for minutes, and knows none.
    if any(written(x, _SPECIAL) > _SPECIAL for x in xs):
        return None
    expression = getattr(sp, name)(*[x if isinstance(x, int) else in_sympy(x) for x in xs])
    if expression.has(getattr(sp, name)) or not expression.is_finite:
        return None
    try:
        return of_sympy(expression)
    except Unsupported:
        return None


# --- to and from SymPy ---------------------------------------------------------------------------


class Unsupported(Exception):
    """SymPy's expression has no exact value here; the message says what is in it."""


def of_sympy(expression: Any, known: Mapping[Any, Any] | None = None) -> Any:
    """The value of a SymPy expression, with those in `known` in the place of symbols.

    Each shared part is evaluated once. Raises Unsupported where there is a symbol, or a function, that
    is not known.

    >>> import sympy
    >>> of_sympy(sympy.sqrt(8) / 2)
    sqrt(2)
    """
    return _of_sympy(expression, dict(known or {}))


def _of_sympy(expression: Any, known: dict[Any, Any]) -> Any:
    if expression in known:
        return known[expression]
    if expression.is_Rational:
        return Fraction(int(expression.p), int(expression.q))
    if expression.is_Pow and expression.exp.is_Integer:
        value = _of_sympy(expression.base, known) ** int(expression.exp)
    elif expression.is_Mul:
        value = _product_of_sympy(expression.args, known)
    elif expression.is_Add:
        value = total([_of_sympy(term, known) for term in expression.args])
    else:
        value = function_of_sympy(expression)(*[_of_sympy(x, known) for x in expression.args])
    known[expression] = value
    return value


def _product_of_sympy(factors: Sequence[Any], known: dict[Any, Any]) -> Any:
    """A product, factors of the same exponent multiplied before they are raised to it.

    The derivative of nested quotients is a product of many squares whose bases cancel against each
    other; squared first, they would be thousands of terms long by then.
    """
    by_exponent: dict[int, Any] = {}
    for factor in factors:
        power = factor.is_Pow and factor.exp.is_Integer
        base, exponent = (factor.base, int(factor.exp)) if power else (factor, 1)
        value = _of_sympy(base, known)
        by_exponent[exponent] = by_exponent[exponent] * value if exponent in by_exponent else value
    return product([base**exponent for exponent, base in by_exponent.items()])


def function_of_sympy(expression: Any) -> Callable[..., Any]:
    """What a SymPy expression does with its arguments; Unsupported where that is not known."""
    name = expression.func.__name__
    if expression.is_Pow:
        return partial(call, "power")
    if name in FUNCTIONS:
        return partial(call, name)
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise Unsupported(f"{name} is no function that is known: {str(expression)[:80]}")


CONSTANTS: Final[Mapping[str, Callable[[], Any]]] = {
    "Pi": lambda: pi(),
    "Exp1": lambda: exp(ONE),
    # pi**2 + 8*Catalan is the trigamma function of a quarter (NIST DLMF, 25.11.40).
    "Catalan": lambda: (
        (power_of(Kernel("polygamma", (1, Fraction(1, 4))), 1, None) - pi() * pi()) / 8
    ),
    "EulerGamma": lambda: -power_of(Kernel("polygamma", (0, ONE)), 1, None),
}
"""The constants that are known, by the names of SymPy's classes."""


# --- the functions -------------------------------------------------------------------------------


def _absolute(x: Any) -> Any:
    """|x|, in a formula with the sign that it has at the point of its field."""
    return absolute(x, field_of(x))


def _sigmoid(x: Any) -> Any:
    return ONE / (ONE + exp(-x))


def _sinh(x: Any) -> Any:
    e = exp(x)
    return (e - ONE / e) / 2


def _cosh(x: Any) -> Any:
    e = exp(x)
    return (e + ONE / e) / 2


def _tanh(x: Any) -> Any:
    e = exp(2 * x)
    return (e - 1) / (e + 1)


def _tan(x: Any) -> Any:
    c, s = _cos_sin(x)
    return s / c


def _atan2(y: Any, x: Any) -> Any:
    """The angle of the point (x, y), in the half plane that the signs of both say."""
    if not isinstance(x, Fraction) or x:
        angle = _ATAN(y / x)
        if x > 0:
            return angle
        return angle + pi() if y >= 0 else angle - pi()
    return pi() / 2 if y > 0 else -pi() / 2


_ASIN = _odd("asin")
_ATAN = _odd("atan")
_ERF = _odd("erf")

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "exp": exp,
    "log": log,
    "sqrt": lambda x: power(x, HALF),
    "power": power,
    "cos": lambda x: _cos_sin(x)[0],
    "sin": lambda x: _cos_sin(x)[1],
    "tan": _tan,
    "asin": _ASIN,
    "acos": lambda x: pi() / 2 - _ASIN(x),
    "atan": _ATAN,
    "atan2": _atan2,
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "asinh": lambda x: log(x + power(x * x + 1, HALF)),
    "acosh": lambda x: log(x + power(x * x - 1, HALF)),
    "atanh": lambda x: log((ONE + x) / (ONE - x)) / 2,
    "sigmoid": _sigmoid,
    "erf": _ERF,
    "gamma": _gamma,
    "loggamma": _loggamma,
    "polygamma": _polygamma,
    "zeta": _zeta,
    "Abs": _absolute,
    "sign": lambda x: ZERO if isinstance(x, Fraction) and not x else _absolute(x) / x,
}
"""Every function by name; each takes Fractions and Closed inside its domain."""
