"""Polynomials with integer coefficients, by whichever library is there.

A `Ring` hands out the polynomials of python-flint where it is installed and those of SymPy where it is
not; the results are the same, the second some hundred times slower. Polynomials add, subtract, multiply,
divide exactly by `//`, compare, and have `gcd`; what the two libraries spell differently is spelt here.

    >>> x, y = ring(2).gens
    >>> terms((x + y) * (x - y))
    [((2, 0), 1), ((0, 2), -1)]
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from operator import sub
from typing import Any, Literal

__all__ = [
    "Backend",
    "Ring",
    "are_high",
    "bit_size",
    "coefficients",
    "common",
    "default_backend",
    "degree",
    "degrees",
    "derivative",
    "gcd",
    "has_flint",
    "leading",
    "placed",
    "ring",
    "terms",
]

Backend = Literal["flint", "sympy"]
_DEGREE = 256
_LENGTH = 500
"""Degree and terms of polynomials up to which factors are looked for."""
_SQUARE_FREE_LENGTH = 20_000
"""Terms up to which at least repeated factors are, with python-flint; that takes a few gcds."""
_HIGHEST_DEGREE = 10_000
"""The degree up to which greatest common divisors are looked for."""

Exponents = tuple[int, ...]


@cache
def has_flint() -> bool:
    """Whether python-flint is installed."""
    return importlib.util.find_spec("flint") is not None


def default_backend() -> Backend:
    """`"flint"` where python-flint is installed, else `"sympy"`."""
    return "flint" if has_flint() else "sympy"


class Ring:
    """The polynomials over the integers in `count` generators, ordered lexicographically."""

    def __init__(self, count: int, backend: Backend) -> None:
        names = [f"x{i}" for i in range(max(count, 1))]
        self.count = count
        self.is_flint = backend == "flint"
        self._context: Any
        if self.is_flint:
            import flint

            self._context = flint.fmpz_mpoly_ctx.get(names, flint.Ordering.lex)
            self.gens, self.one = self._context.gens()[:count], self._context.constant(1)
        else:
            from sympy import ZZ
            from sympy.polys.rings import PolyRing

            self._context = PolyRing(names, ZZ)
            self.gens, self.one = self._context.gens[:count], self._context.one

    def make(self, coefficients: Mapping[Exponents, int]) -> Any:
        """The polynomial with these coefficients; the exponents are those of each generator."""
        if not self.count:
            return self.one * coefficients.get((), 0)
        return self._context.from_dict(dict(coefficients))

    def power(self, k: int, exponent: int) -> Any:
        """Generator `k` to a power of any size."""
        if exponent == 1:
            return self.gens[k]
        return self.make({tuple([exponent if j == k else 0 for j in range(self.count)]): 1})

    def _factors(self, polynomial: Any) -> tuple[Any, Any]:
        """Content and factors: what might not be split in time is taken for irreducible."""
        length = len(polynomial) if self.count else 1
        is_high = length > 1 and max(degrees(polynomial)) > _DEGREE
        if length <= _LENGTH and not is_high:
            return self._found("factor" if self.is_flint else "factor_list", polynomial)
        if length <= _SQUARE_FREE_LENGTH and self.is_flint and not is_high:
            return self._found("factor_squarefree", polynomial)
        content = math.gcd(*[c for _, c in terms(polynomial)])
        return content, [(polynomial // content, 1)]

    def _found(self, find: str, polynomial: Any) -> tuple[Any, Any]:
        """Content and factors, as the method `find` of the library finds them."""
        try:
            found: tuple[Any, Any] = getattr(polynomial, find)()
            return found
        except OverflowError:
            # python-flint 0.9 sorts the factors of one multiplicity by their coefficients, as ints of C;
            # those of a polynomial over the rationals, which are the same ones, it does not.
            content, factors = getattr(self._over_rationals(terms(polynomial)), find)()
            return content, [(self.make(dict(terms(factor))), e) for factor, e in factors]

    def _over_rationals(self, pairs: Sequence[tuple[Exponents, int]]) -> Any:
        """FLINT's polynomial with rational coefficients of these terms."""
        import flint

        context: Any = flint.fmpq_mpoly_ctx.get(self._context.names(), flint.Ordering.lex)
        return context.from_dict(dict(pairs))

    def factor(self, polynomial: Any) -> tuple[int, list[tuple[Any, int]]]:
        """The content, and the irreducible factors, leading coefficients positive, and how often.

        Of what is long, the factors of each multiplicity may come as one, or all as one.
        """
        pairs = terms(polynomial)
        least = [min([e[k] for e, _ in pairs]) for k in range(self.count)]
        # By hand, for FLINT finds no multiplicity of more than 64 bits.
        found = [(x, e) for x, e in zip(self.gens, least, strict=True) if e]
        if found:
            polynomial = self.make({tuple(map(sub, e, least)): c for e, c in pairs})
        content, factors = self._factors(polynomial)
        content = int(content)
        for factor, multiplicity in factors:
            negative = leading(factor) < 0
            content *= (-1) ** int(multiplicity) if negative else 1
            found.append((-factor if negative else factor, int(multiplicity)))
        return content, found


@lru_cache(maxsize=256)
def _ring(count: int, backend: Backend) -> Ring:
    return Ring(count, backend)


def ring(count: int, backend: Backend | None = None) -> Ring:
    """The ring in `count` generators; the same one each time."""
    return _ring(count, backend or default_backend())


def terms(polynomial: Any) -> list[tuple[Exponents, int]]:
    """The exponents and coefficients of a polynomial, leading term first."""
    pairs: Iterable[tuple[Any, Any]] = polynomial.terms()
    return [(tuple(map(int, exponents)), int(coefficient)) for exponents, coefficient in pairs]


def _is_flints(polynomial: Any) -> bool:
    """Whether FLINT made it, whose methods are a hundred times faster than a walk over the terms."""
    return hasattr(polynomial, "term_content")


def leading(polynomial: Any) -> Any:
    """The leading coefficient; FLINT has it as a method, SymPy as a property."""
    return (
        polynomial.leading_coefficient()
        if hasattr(polynomial, "leading_coefficient")
        else polynomial.LC
    )


def gcd(left: Any, right: Any) -> Any:
    """The greatest common divisor, with a positive leading coefficient; SymPy's may be negative."""
    found = left.gcd(right)
    return found if _is_flints(found) or leading(found) > 0 else -found


def are_high(left: Any, right: Any) -> bool:
    """Whether a greatest common divisor would take memory that grows with a very high degree.

    FLINT does not raise where it gets no memory: it ends the process. Single terms cost nothing.
    """
    if len(left) <= 1 or len(right) <= 1 or (_is_flat(left) and _is_flat(right)):
        return False
    return max(degrees(left, right)) > _HIGHEST_DEGREE


def common(left: Any, right: Any) -> Any:
    """The greatest common divisor; of polynomials of high degree only what is quickly found of it.

    That is content and monomials, and the whole of one where the other is a multiple of it by a number:
    the algorithms for the rest need memory that grows with the degree, however few the terms.
    """
    if left == 1 or right == 1:
        return left if left == 1 else right
    if left == 0 or right == 0:
        return right if left == 0 else left
    if _is_flat(left) and _is_flat(right):
        return gcd(left, right)
    lower = max(map(min, degrees(left), degrees(right)), default=0)
    if lower <= _DEGREE and not are_high(left, right):
        return gcd(left, right)
    if len(left) == len(right):
        ratio = Fraction(int(leading(left)), int(leading(right)))
        if left * ratio.denominator == right * ratio.numerator:
            return left // ratio.numerator
    return _monomial(left).gcd(_monomial(right))


def _is_flat(polynomial: Any) -> bool:
    """Whether no generator has a high degree, where that is quickly seen: FLINT has the total."""
    return _is_flints(polynomial) and bool(polynomial.total_degree() <= _DEGREE)


def _monomial(polynomial: Any) -> Any:
    """The greatest common divisor of the terms; FLINT finds it by itself."""
    if _is_flints(polynomial):
        return polynomial.term_content()
    pairs = terms(polynomial)
    least = tuple(map(min, zip(*[e for e, _ in pairs], strict=True)))
    return polynomial.ring.from_dict({least: math.gcd(*[c for _, c in pairs])})


def placed(polynomial: Any, made: Ring, moves: Sequence[tuple[int, int]]) -> Any:
    """The polynomial in the ring `made`: for each generator its place there, and what its exponents are
    multiplied by, which is 0 for one that does not occur.
    """
    if made.is_flint:
        return polynomial.compose(*[made.power(place, factor) for place, factor in moves])
    found = {}
    for exponents, coefficient in terms(polynomial):
        there = [0] * made.count
        for e, (place, factor) in zip(exponents, moves, strict=False):
            there[place] += e * factor
        found[tuple(there)] = coefficient
    return made.make(found)


def coefficients(polynomial: Any) -> list[Any]:
    """The coefficients, as the library has them."""
    found: list[Any] = polynomial.coeffs()
    return found


def bit_size(*polynomials: Any) -> int:
    """The bits of all their coefficients."""
    return sum([int(c).bit_length() for p in polynomials for c in coefficients(p)])


def degrees(polynomial: Any, other: Any = 1) -> Sequence[int]:
    """The degree in each generator, or the higher one of two; FLINT has it as a method.

    That of 0 is less than that of a number.
    """
    if other != 1:
        return list(map(max, degrees(polynomial), degrees(other)))
    found: Any = polynomial.degrees
    each: Sequence[int] = found() if callable(found) else found
    return each


def degree(polynomial: Any, k: int) -> int:
    """The degree in generator `k`; of 0 it is not more than 0."""
    return 0 if polynomial == 0 else int(degrees(polynomial)[k])


def derivative(polynomial: Any, k: int) -> Any:
    """The derivative by generator `k`; SymPy asks for the generator itself."""
    if hasattr(polynomial, "derivative"):
        return polynomial.derivative(k)
    return polynomial.diff(polynomial.ring.gens[k])
