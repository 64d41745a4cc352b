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
from minigrad.kernels import Evaluation, Kernel
from minigrad.number import bits
from minigrad.number_text import exact_text
from minigrad.polynomials import ring, terms

__all__ = ["expression", "factored", "short", "text", "written"]

_LONGEST: Final = 120
"""Terms that SymPy is asked to print."""
_EXPANDED: Final = 24
"""Terms up to which numerator and denominator are given as sums, whatever their factors."""
_MODEST: Final = 4000
"""Bits of numbers that SymPy is asked to print."""
_SHOWN: Final = 40
"""Terms of a closed form up to which it is written out in a message."""
_WRITTEN: Final = 100
"""The same, with the terms that kernels hold counted wherever a kernel occurs."""


def expression(value: Any, symbols: Sequence[Any] = ()) -> Any:
    """A Fraction, an int or a Closed as SymPy's expression, with `symbols` in the place of variables."""
    return _Expressions(symbols).of(value)


def factored(value: Any, symbols: Sequence[Any], most: int) -> Any:
    """As `expression`, numerator and denominator in factors, which often read better.

    None where the factors together have over `most` terms.
    """
    return _in_factors(value, [*map(_Expressions(symbols).of_kernel, value.kernels)], most)


def _in_factors(value: Any, values: Sequence[Any], most: int) -> Any:
    """As `factored`, with `values` in the place of the kernels."""
    import sympy as sp

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


class _Expressions:
    """SymPy's expressions of closed forms; that of a kernel is made once, however often it occurs."""

    def __init__(self, symbols: Sequence[Any]) -> None:
        self.symbols = symbols
        self._known: dict[Kernel, Any] = {}

    def of(self, value: Any) -> Any:
        import sympy as sp

        if isinstance(value, (int, Fraction)):
            return sp.Rational(value.numerator, value.denominator)
        values = [*map(self.of_kernel, value.kernels)]
        if value.size > _EXPANDED:
            # A product of n sums is of 2**n terms, and reading it may take far longer than it took.
            found = _in_factors(value, values, value.size // 2)
            if found is not None:
                return found
        return _of_terms(sp, value.top, values) / _of_terms(sp, value.bottom, values)

    def of_kernel(self, kernel: Kernel) -> Any:
        if kernel not in self._known:
            self._known[kernel] = self._of_kernel(kernel)
        return self._known[kernel]

    def _of_kernel(self, kernel: Kernel) -> Any:
        import sympy as sp

        kind, base, order = kernel.kind, kernel.base, kernel.order
        if kind == "x":
            return self.symbols[base]
        if kind == "pi":
            return sp.pi
        if isinstance(base, tuple):
            return getattr(sp, kind)(*map(self.of, base))
        if kind == "exp":
            return _exponential(sp, self.of(base) / order)
        if kind in ("cos", "sin"):
            return getattr(sp, kind)(self.of(base) / order)
        inside = self.of(-base if _is_negative(base) else base)
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
    kernels = _kernels_within(value)
    if not all(map(_has_modest_terms, [value, *[part for k in kernels for part in k.parts]])):
        return False
    at = Evaluation(64)
    # From the lowest up: what is evaluated is a function of what is modest.
    for kernel in sorted(kernels, key=lambda kernel: kernel.height):
        if kernel.order.bit_length() > _MODEST:
            return False
        if not any(getattr(part, "has_variables", False) for part in kernel.parts):
            found = at.balls.bounds(at.of_kernel(kernel))
            if found is None or max(map(bits, found)) > _MODEST:
                return False
    return True


def _has_modest_terms(value: Any) -> bool:
    if isinstance(value, (int, Fraction)):
        return bits(Fraction(value)) <= _MODEST
    return bool(value.size <= _LONGEST and value.bits() <= _MODEST)


def _kernels_within(value: Any) -> set[Kernel]:
    """The kernels of a number or formula, those in their bases, and so on; but for the variables."""
    found: set[Kernel] = set()
    stack = [value]
    while stack:
        new = {k for k in getattr(stack.pop(), "kernels", ()) if k.kind != "x"} - found
        found |= new
        stack += [part for kernel in new for part in kernel.parts]
    return found


def _plain(value: Any) -> str:
    """The text without SymPy, every part that is a sum or a quotient in parentheses."""
    if isinstance(value, (int, Fraction)):
        return exact_text(Fraction(value))
    factors = list(map(_plain_kernel, value.kernels))
    top, bottom = (
        " + ".join([_plain_term(c, exponents, factors) for exponents, c in terms(part)])
        for part in (value.top, value.bottom)
    )
    return f"({top})" if bottom == "1" else f"({top})/({bottom})"


def _plain_term(coefficient: int, exponents: Sequence[int], factors: Sequence[str]) -> str:
    parts = [f"{x}**{e}" if e > 1 else x for x, e in zip(factors, exponents, strict=True) if e]
    if coefficient != 1 or not parts:
        number = exact_text(Fraction(coefficient))
        parts.insert(0, f"({number})" if parts else number)
    return "*".join(parts)


def _plain_kernel(kernel: Kernel) -> str:
    kind, base, order = kernel.kind, kernel.base, kernel.order
    if kind in ("x", "pi"):
        return f"x{base}" if kind == "x" else kind
    if isinstance(base, tuple):
        return f"{kind}({', '.join(map(_plain, base))})"
    if kind in ("exp", "cos", "sin"):
        inside = _plain(base)
        return f"{kind}({inside if order == 1 else f'({inside})/{order}'})"
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
