"""Closed forms as SymPy's expressions, and as text.

The text is SymPy's, except where a number in it is very large or very small: SymPy evaluates terms to put
them in order, and Python's own `str` refuses an int of more than 4,300 digits. `minigrad.exact.parse`
reads either back.

    >>> text(Fraction(1, 2)), expression(Fraction(2)) + 1
    ('1/2', 3)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad import sympy_text
from minigrad.enclosure import Enclosures
from minigrad.kernels import Kernel
from minigrad.number import bits
from minigrad.number_text import exact_text
from minigrad.polynomials import ring, terms

__all__ = ["expression", "factored", "short", "text", "written"]

_LONGEST: Final = 120
"""Terms that SymPy is asked to print."""
_MODEST: Final = 4000
"""Bits of numbers that SymPy is asked to print."""
_SHOWN: Final = 40
"""Terms of a closed form up to which it is written out in a message."""
_WRITTEN: Final = 100
"""The same, with the terms that kernels hold counted wherever a kernel occurs."""


def expression(value: Any, symbols: Sequence[Any] = ()) -> Any:
    """A Fraction, an int or a Closed as SymPy's expression, with `symbols` in the place of variables."""
    import sympy as sp

    if isinstance(value, (int, Fraction)):
        return sp.Rational(value.numerator, value.denominator)
    values = [_of_kernel(sp, kernel, symbols) for kernel in value.kernels]
    return _of_terms(sp, value.top, values) / _of_terms(sp, value.bottom, values)


def factored(value: Any, symbols: Sequence[Any], most: int) -> Any:
    """As `expression`, numerator and denominator in factors, which often read better.

    None where the factors together have over `most` terms.
    """
    import sympy as sp

    values = [_of_kernel(sp, kernel, symbols) for kernel in value.kernels]
    made = ring(len(value.kernels))
    sides = [made.factor(part) for part in (value.top, value.bottom)]
    if sum([len(factor) for _, factors in sides for factor, _ in factors]) > most:
        return None
    (above, tops), (below, bottoms) = sides
    # In one product, for of a number and one sum SymPy multiplies out.
    powers = [(f, n) for f, n in tops] + [(f, -n) for f, n in bottoms]
    return sp.Mul(
        sp.Rational(above, below), *[_of_terms(sp, factor, values) ** n for factor, n in powers]
    )


def _of_terms(sp: Any, polynomial: Any, values: Sequence[Any]) -> Any:
    return sp.Add(
        *[
            c * sp.Mul(*[x**e for x, e in zip(values, exponents, strict=False) if e])
            for exponents, c in terms(polynomial)
        ]
    )


def _of_kernel(sp: Any, kernel: Kernel, symbols: Sequence[Any]) -> Any:
    kind, base, order = kernel.kind, kernel.base, kernel.order
    if kind == "x":
        return symbols[base]
    if kind == "pi":
        return sp.pi
    if isinstance(base, tuple):
        return getattr(sp, kind)(*[expression(part, symbols) for part in base])
    if kind == "exp":
        return _exponential(sp, expression(base, symbols) / order)
    if kind in ("cos", "sin"):
        return getattr(sp, kind)(expression(base, symbols) / order)
    inside = expression(-base if _is_negative(base) else base, symbols)
    return sp.log(inside) if kind == "log" else sp.root(inside, order)


def _exponential(sp: Any, exponent: Any) -> Any:
    """The exponential as SymPy has it; as a power, only of what it was the logarithm of.

    SymPy gathers logarithms within that, as in (log(A**7/128) - 2)**a of a*log(7*log(A) - 7*log(2) - 2).
    Read back, A**7 is multiplied out, and the logarithm of that is another function to algebra.
    """
    made = sp.exp(exponent)
    bases = {factor.as_base_exp()[0] for factor in sp.Mul.make_args(made)}
    gathered = {base for base in bases if base != sp.E and not base.is_Rational}
    if gathered <= {part.args[0] for part in exponent.atoms(sp.log)}:
        return made
    return sp.Mul(*[_power(sp, part) for part in sp.Add.make_args(exponent)])


def _power(sp: Any, exponent: Any) -> Any:
    factors = sp.Mul.make_args(exponent)
    logs = [factor for factor in factors if isinstance(factor, sp.log)]
    if len(logs) != 1:
        return sp.exp(exponent)
    return logs[0].args[0] ** sp.Mul(*[factor for factor in factors if factor is not logs[0]])


def text(value: Any, count: int = 0) -> str:
    """The text of a Fraction or a Closed with `count` variables, called x0, x1, and so on."""
    if not _is_modest(value):
        return _plain(value)
    import sympy as sp

    try:
        return sympy_text.text(
            expression(value, [sp.Symbol(f"x{i}", real=True) for i in range(count)])
        )
    except ValueError:
        return _plain(value)  # of a number that Python does not print


def _is_modest(value: Any) -> bool:
    """Whether all numbers in it are of a size that SymPy evaluates and prints at once."""
    if isinstance(value, (int, Fraction)):
        return bits(Fraction(value)) <= _MODEST
    if value.size > _LONGEST or value.bits() > _MODEST:
        return False
    balls = Enclosures(64)
    for kernel in value.kernels:
        parts = kernel.parts
        if kernel.kind == "x":
            continue
        if not (kernel.order.bit_length() <= _MODEST and all(map(_is_modest, parts))):
            return False
        if not any(getattr(part, "has_variables", False) for part in parts):
            found = balls.bounds(kernel.enclosure(balls, ()))
            if found is None or max(map(bits, found)) > _MODEST:
                return False
    return True


def _plain(value: Any) -> str:
    """The text without SymPy, every part in parentheses."""
    if isinstance(value, (int, Fraction)):
        return exact_text(Fraction(value))
    factors = list(map(_plain_kernel, value.kernels))
    top, bottom = (
        " + ".join(
            "*".join(
                [
                    f"({exact_text(Fraction(c))})",
                    *[
                        f"{x}**{e}" if e > 1 else x
                        for x, e in zip(factors, exponents, strict=True)
                        if e
                    ],
                ]
            )
            for exponents, c in terms(part)
        )
        for part in (value.top, value.bottom)
    )
    return f"({top})/({bottom})"


def _plain_kernel(kernel: Kernel) -> str:
    kind, base, order = kernel.kind, kernel.base, kernel.order
    if kind in ("x", "pi"):
        return f"x{base}" if kind == "x" else kind
    if isinstance(base, tuple):
        return f"{kind}({', '.join(map(_plain, base))})"
    if kind in ("exp", "cos", "sin"):
        return f"{kind}(({_plain(base)})/{order})"
    inside = f"-({_plain(base)})" if _is_negative(base) else f"({_plain(base)})"
    return f"log({inside})" if kind == "log" else f"(({inside})**(1/{order}))"


def _is_negative(base: Any) -> bool:
    return not isinstance(base, (int, Fraction)) and base.sign() < 0


def short(value: Any) -> str:
    """The text, short enough for a message, and found in a short time."""
    if written(value, _WRITTEN) > _WRITTEN or value.size > _SHOWN or value.bits() > 20_000:
        return f"a closed form of {value.size:,} terms"
    found = str(value)
    return found if len(found) <= 80 else f"{found[:60]}… ({len(found):,} characters)"


def written(value: Any, most: int) -> int:
    """How many terms there are to write, those inside kernels at each of their places; over `most`, any
    number above it.

    What holds few terms may still be long: kernels of kernels are written out over and over.
    """
    if not hasattr(value, "kernels"):
        return 1
    inside = []
    for kernel in value.kernels:
        parts = kernel.parts
        inside.append(sum([written(part, most) for part in parts if hasattr(part, "kernels")]))
        if inside[-1] > most:
            return inside[-1]
    total = 0
    for part in (value.top, value.bottom):
        for exponents, _ in terms(part):
            total += 1 + sum([n for n, e in zip(inside, exponents, strict=False) if e])
            if total > most:
                return total
    return total
