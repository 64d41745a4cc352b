"""Kernels: what closed forms are polynomials in, and one frame of kernels for two polynomials.

    >>> half, third = Kernel("exp", Fraction(1), 2), Kernel("exp", Fraction(1), 3)
    >>> merged((half,), (third,))
    (exp(Fraction(1, 1); 6),)

A *kernel* is a function of something: a power exp(t/n), a root |f|**(1/n), a logarithm log|f|, one of a
pair cos(t/n) and sin(t/n), pi, a variable, or the application of another function. A *frame* is a tuple
of kernels, the highest first. Two kernels of one *family*, such as exp(t/2) and exp(t/3), are powers of
a third, exp(t/6), so that a frame has one of them, unless that third one were too fine to compute with.

Here are also the enclosures of kernels and polynomials, and the bound below which an algebraic number is
0. What is above a kernel (the closed forms in `minigrad.closed`) is known here by what it has: `height`,
`key`, `kernels`, `top` and `bottom`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from minigrad.enclosure import Enclosures
from minigrad.errors import TooLarge
from minigrad.number import ZERO
from minigrad.polynomials import Ring, common, leading, placed, ring, terms
from minigrad.rational import Field

__all__ = [
    "FINEST",
    "MULTIPLE",
    "Evaluation",
    "Kernel",
    "Kernels",
    "cancels",
    "chebyshev",
    "coprime",
    "folded",
    "is_below",
    "merged",
    "moved",
    "multiplied",
    "place",
    "smallest",
    "turn_power",
]

FINEST: Final = 2**120
"""Orders up to which exponentials and roots of one family have one kernel."""
_WORK: Final = 4_000_000
"""Products of terms in one operation on numbers."""
_FINEST_ANGLE: Final = 240
"""Orders up to which angles of which none is a multiple of the other have one kernel."""
MULTIPLE: Final = 64
"""Multiples of an angle that are written as polynomials in its cosine."""
_MOST: Final = 1000
"""Kernels of one closed form."""
_DEEPEST: Final = 100
"""How deep kernels are nested: Python compares nested values by recursion."""
_TURN: Final = 128
"""Orders up to which the equation of cos(pi/n) is used."""
_PI: Final = ("c", (((0, "pi", (("", 0, 1),)), 1),), (((1,), 1),), (((0,), 1),))
"""The key of the closed form pi."""


class _Family(tuple[Any, ...]):
    """A tuple that is hashed once, and compared once with each that is equal to it.

    Families hold families, and those hold others: to go through all of them takes time that doubles
    with each level.
    """

    _hash: int
    _first: _Family

    def __new__(cls, parts: Iterable[Any]) -> _Family:
        made = super().__new__(cls, parts)
        made._hash = tuple.__hash__(made)
        made._first = made
        return made

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Family):
            return super().__eq__(other)
        if self._first is other._first:
            return True
        if self._hash != other._hash or not super().__eq__(other):
            return False
        other._first = self._first
        return True


class Kernel:
    """A generator: `kind` says which function, `base` of what, and `order` the n in exp(t/n), |f|**(1/n).

    `base` is a Fraction, an int (a prime), a Closed, or a tuple of these.
    """

    __slots__ = ("_hash", "base", "family", "height", "kind", "order", "reducible_power")

    reducible_power: int
    """The power that can be written with lower powers and kernels; 0 if there is none."""

    def __init__(self, kind: str, base: Any, order: int = 1) -> None:
        self.kind = kind
        self.base = base
        self.order = order
        parts = self.parts
        self.height: int = 0 if kind in ("x", "pi") else 1 + max(map(_height, parts))
        if self.height > _DEEPEST:
            raise TooLarge(f"a closed form of functions in functions, over {_DEEPEST} deep")
        self.family = _Family((self.height, kind, tuple(map(_key, parts))))
        self._settle()

    def _settle(self) -> None:
        """Find out what follows from the family and the order."""
        self._hash = hash((self.family, self.order))
        self.reducible_power = 0
        if self.kind == "root":
            self.reducible_power = self.order
        elif self.kind == "sin":
            self.reducible_power = 2
        elif self.kind == "cos" and self.order <= _TURN and self.is_turn:
            self.reducible_power = _totient(2 * self.order) // 2

    @classmethod
    def variable(cls, index: int) -> Kernel:
        """The generator of a Field in that place."""
        return cls("x", index)

    @property
    def is_turn(self) -> bool:
        """Whether it is the cosine or the sine of pi/n: an algebraic number."""
        return self.kind in ("cos", "sin") and self.family[2] == (_PI,)

    @property
    def is_root_of_roots(self) -> bool:
        """Whether it is a root of a fraction with roots in it, not counting those deeper within."""
        inner = getattr(self.base, "kernels", ())
        return self.kind == "root" and any(kernel.kind == "root" for kernel in inner)

    @property
    def may_hide(self) -> bool:
        """Whether it may be another formula on one side of a point and not on the other.

        sqrt(x + 1 - 2*sqrt(x)) is sqrt(x) - 1 for x > 1, which its normal form does not tell.
        """
        inner = [k for k in getattr(self.base, "kernels", ()) if k.kind != "x"]
        return self.is_root_of_roots or (self.kind == "root" and len(inner) > 1)

    @property
    def parts(self) -> tuple[Any, ...]:
        """What it is of: the base, or each item of it."""
        return self.base if isinstance(self.base, tuple) else (self.base,)

    def with_order(self, order: int) -> Kernel:
        """The same kernel at another order."""
        if order == self.order:
            return self
        # Only the order differs; what the base is need not be found out again.
        other = Kernel.__new__(Kernel)
        other.kind, other.base, other.order = self.kind, self.base, order
        other.height, other.family = self.height, self.family
        other._settle()
        return other

    def twin(self) -> Kernel:
        """The sine that belongs to a cosine, and the other way round."""
        return Kernel("sin" if self.kind == "cos" else "cos", self.base, self.order)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Kernel)
            and self._hash == other._hash
            and self.order == other.order
            and self.family == other.family
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return Kernel, (self.kind, self.base, self.order)

    def __repr__(self) -> str:
        return f"{self.kind}({self.base!r}{f'; {self.order}' if self.order > 1 else ''})"


Kernels = tuple[Kernel, ...]


def _height(part: Any) -> int:
    return 0 if isinstance(part, (int, Fraction)) else int(part.height)


def _key(part: Any) -> tuple[Any, ...]:
    if isinstance(part, (int, Fraction)):
        return ("", part.numerator, part.denominator)
    key: tuple[Any, ...] = part.key
    return key


def _totient(n: int) -> int:
    """Euler's function, of orders of angles, which are small or else hardly ever asked for."""
    count, p = n, 2
    while p * p <= n:
        if n % p == 0:
            count -= count // p
            while n % p == 0:
                n //= p
        p += 1
    return count - count // n if n > 1 else count


# --- one frame for two ---------------------------------------------------------------------------


def merged(left: Kernels, right: Kernels) -> Kernels:
    """A frame in which polynomials in `left` and in `right` can both be written."""
    for one, other in ((left, right), (right, left)):
        if set(one).issuperset(other):
            return one
    frame = _grouped((*left, *right))
    # Where a family has several kernels, those that became finer may be one with others now.
    while len(frame) > len({kernel.family for kernel in frame}):
        again = _grouped(frame)
        if again == frame:
            break
        frame = again
    return frame


def _grouped(kernels: Kernels) -> Kernels:
    groups: dict[Any, list[_Group]] = {}
    for kernel in kernels:
        height, kind, parts = kernel.family
        # The two of a pair have one order, for the sine's square needs the cosine.
        known = groups.setdefault((height, "cos", parts) if kind == "sin" else kernel.family, [])
        if not any(group.takes(kernel) for group in known):
            known.append(_Group(kernel))
    found = [kernel for known in groups.values() for group in known for kernel in group.kernels()]
    if len(found) > _MOST:
        raise TooLarge(f"a closed form outgrew {_MOST:,} different functions of numbers")
    found.sort(key=lambda kernel: (kernel.family, kernel.order), reverse=True)
    return tuple(found)


class _Group:
    """Kernels that one kernel, or one pair, stands for: that of the finest order, `order`."""

    __slots__ = ("members", "order")

    def __init__(self, kernel: Kernel) -> None:
        self.order = kernel.order
        self.members = {kernel.kind: kernel}

    def takes(self, kernel: Kernel) -> bool:
        """Whether the kernel belongs here; if so it is one of them from now on."""
        if kernel.order != self.order:
            order = math.lcm(kernel.order, self.order)
            if kernel.kind in ("cos", "sin"):
                coarse, fine = sorted((kernel.order, self.order))
                if order > MULTIPLE * coarse or order > max(fine, _FINEST_ANGLE):
                    return False
            elif order > FINEST:
                return False
            self.order = order
        self.members.setdefault(kernel.kind, kernel)
        return True

    def kernels(self) -> Iterator[Kernel]:
        for kernel in self.members.values():
            yield kernel.with_order(self.order)
        if "sin" in self.members and "cos" not in self.members:
            yield self.members["sin"].with_order(self.order).twin()


def moved(parts: Sequence[Any], source: Kernels, target: Kernels) -> list[Any]:
    """Polynomials in the kernels `source` as such in `target`, which has each of them, or a finer one."""
    if source == target:
        return list(parts)
    made = ring(len(target))
    places = {kernel: (i, 1) for i, kernel in enumerate(target)}
    moves = [places.get(kernel) or place(kernel, target) for kernel in source]
    if all(
        factor == 1 or kernel.kind in ("exp", "root")
        for kernel, (_, factor) in zip(source, moves, strict=True)
    ):
        return [made.one if part == 1 else placed(part, made, moves) for part in parts]
    # Exponentials and roots keep their exponents, which may be too large for a power of a polynomial.
    values: dict[int, Any] = {}
    for j, (kernel, (i, n)) in enumerate(zip(source, moves, strict=True)):
        if n > 1 and kernel.kind == "cos":
            values[j] = chebyshev(made, made.gens[i], n)[0]
        elif n > 1 and kernel.kind == "sin":
            cosine, _ = place(target[i].twin(), target)
            values[j] = made.gens[i] * chebyshev(made, made.gens[cosine], n)[1]
    return [_composed(part, moves, values, made) for part in parts]


def _composed(
    polynomial: Any, moves: Sequence[tuple[int, int]], values: Mapping[int, Any], made: Ring
) -> Any:
    """The polynomial with `values` in the place of some generators, and the others moved."""
    total = made.one * 0
    for exponents, coefficient in terms(polynomial):
        rest = [0 if j in values else e for j, e in enumerate(exponents)]
        monomial = [0] * made.count
        for e, (i, factor) in zip(rest, moves, strict=True):
            monomial[i] += e * factor
        term = made.make({tuple(monomial): coefficient})
        total = total + math.prod([x ** exponents[j] for j, x in values.items()], start=term)
    return total


def place(kernel: Kernel, target: Kernels) -> tuple[int, int]:
    """Where in `target` the kernel is, or the coarsest one that it is a multiple of, and which."""
    if kernel in target:
        return target.index(kernel), 1
    order, i = min(
        (other.order, i)
        for i, other in enumerate(target)
        if other.order % kernel.order == 0 and other.family == kernel.family
    )
    return i, order // kernel.order


def chebyshev(made: Ring, x: Any, n: int) -> tuple[Any, Any]:
    """T_n(x) and U_(n-1)(x): cos(n*t), and sin(n*t)/sin(t), in x = cos(t) (NIST DLMF, 18.5.1, 18.5.2)."""
    before, now = made.one, x
    below, here = made.one * 0, made.one
    for _ in range(n - 1):
        before, now = now, 2 * x * now - before
        below, here = here, 2 * x * here - below
    return now, here


# --- polynomials in a frame ---------------------------------------------------------------------


def multiplied(left: Any, right: Any, field: Field | None) -> Any:
    """The product, counted by the field, or by itself, before it is computed."""
    if left == 1:
        return right
    if right == 1:
        return left
    if field is not None:
        field.spend(left, right)
    elif len(left) * len(right) > _WORK:
        raise TooLarge(f"a closed form outgrew {_WORK:,} products of terms in one operation")
    return left * right


def coprime(top: Any, bottom: Any) -> tuple[Any, Any]:
    """Both without a common factor, the leading coefficient of the second positive."""
    if bottom != 1:
        shared = common(top, bottom)
        if shared != 1:
            top, bottom = top // shared, bottom // shared
        if leading(bottom) < 0:
            top, bottom = -top, -bottom
    return top, bottom


def folded(
    polynomial: Any, i: int, n: int, replacement: Any, below: Any, field: Field | None
) -> tuple[Any, Any]:
    """The polynomial with x_i**n replaced by `replacement / below`, and what it was multiplied by."""
    made = ring(len(terms(below)[0][0]))
    parts: dict[int, dict[Any, int]] = {}
    for exponents, coefficient in terms(polynomial):
        times, rest = divmod(exponents[i], n)
        parts.setdefault(times, {})[(*exponents[:i], rest, *exponents[i + 1 :])] = coefficient
    most = max(parts, default=0)
    total, scale = made.one * 0, made.one if below == 1 else below**most
    for times, part in parts.items():
        term = made.make(part)
        for factor, count in ((replacement, times), (below, most - times)):
            if count and factor != 1:
                term = multiplied(term, factor**count, field)
        total = total + term
    return total, scale


def turn_power(kernel: Kernel) -> tuple[Any, Any]:
    """The `reducible_power` of c = cos(pi/n), by the equation of least degree that it satisfies.

    Numerator and denominator, polynomials in c. With z = exp(i*pi/n) the equation is the cyclotomic
    polynomial of order 2*n, divided by the power of z in its middle, for z**k + z**-k = 2*T_k(c).
    """
    from sympy import cyclotomic_poly

    d = kernel.reducible_power
    coefficients = [int(c) for c in cyclotomic_poly(2 * kernel.order, polys=True).all_coeffs()]
    made = ring(1)
    (x,) = made.gens
    total = made.one * coefficients[d]
    for k in range(1, d + 1):
        total = total + 2 * coefficients[d + k] * chebyshev(made, x, k)[0]
    return coprime(2**d * x**d - total, made.one * 2**d)


# --- enclosures ----------------------------------------------------------------------------------


class Evaluation:
    """Enclosures of what is at `point`, from `bits` bits; each kernel is evaluated once.

    A kernel is within others that are within others in their turn. Evaluated wherever it occurs, one in
    a program of twenty steps would be a million times.
    """

    def __init__(self, bits: int, point: Sequence[Any] = ()) -> None:
        self.balls: Final = Enclosures(bits)
        self.point: Final = point
        self._known: dict[Kernel, Any] = {}

    def of(self, value: Any) -> Any:
        """An enclosure of a Fraction, an int or a Closed."""
        if isinstance(value, (int, Fraction)):
            return self.balls.ratio(Fraction(value))
        return self.balls.div(
            self.of_polynomial(value.top, value.kernels),
            self.of_polynomial(value.bottom, value.kernels),
        )

    def of_polynomial(self, polynomial: Any, kernels: Kernels) -> Any:
        """An enclosure of a polynomial in these kernels."""
        values = [*map(self.of_kernel, kernels)]
        powers: list[dict[int, Any]] = [{1: value} for value in values]
        rows = []
        for exponents, coefficient in terms(polynomial):
            factors = []
            for value, known, e in zip(values, powers, exponents, strict=False):
                if e:
                    if e not in known:
                        known[e] = self.balls.power(value, e)
                    factors.append(known[e])
            rows.append((coefficient, factors))
        return self.balls.combination(rows)

    def of_kernel(self, kernel: Kernel) -> Any:
        """An enclosure of a kernel."""
        if kernel not in self._known:
            self._known[kernel] = self._of_kernel(kernel)
        return self._known[kernel]

    def _of_kernel(self, kernel: Kernel) -> Any:
        balls = self.balls
        if kernel.kind == "pi":
            return balls.pi()
        if kernel.kind == "x":
            return self.of(self.point[kernel.base])
        if isinstance(kernel.base, tuple):
            arguments = [a if isinstance(a, int) else self.of(a) for a in kernel.base]
            return balls.call(kernel.kind, *arguments)
        at = self.of(kernel.base)
        if kernel.kind in ("exp", "cos", "sin"):
            if kernel.order != 1:
                at = balls.div(at, balls.ratio(Fraction(kernel.order)))
            return balls.call(kernel.kind, at)
        if balls.sign(at) < 0:
            at = balls.mul(at, balls.ratio(Fraction(-1)))
        if kernel.kind == "root":
            return balls.call("root", at, kernel.order)
        return balls.call("log", at)


# --- a bound for algebraic numbers ---------------------------------------------------------------


def smallest(value: Any) -> int:
    """How many bits after the point the numerator may start with zeros and not be 0; 0 if unknown.

    Where all kernels are roots of integers and of polynomials in such, or cosines and sines of pi/n,
    the numerator times a power of 2 is an algebraic integer: the product of its conjugates is a whole
    number, and each of them is at most what one gets by making every coefficient positive.
    """
    found: set[Kernel] = set()
    if not _is_algebraic(value, found):
        return 0
    count = math.prod([_conjugates(kernel) for kernel in found])
    return (count - 1) * _conjugate_bits(value) + _halves(value) + 1


def _is_algebraic(value: Any, found: set[Kernel]) -> bool:
    for kernel in value.kernels:
        if kernel in found:
            continue
        if kernel.kind == "root":
            base = kernel.base
            # A base with halves or a denominator is no algebraic integer.
            if not isinstance(base, int) and (
                base.bottom != 1 or _halves(base) or not _is_algebraic(base, found)
            ):
                return False
        elif not kernel.is_turn:
            return False
        elif kernel.kind == "sin":
            # It has those of its cosine, twice, whether or not that occurs.
            found.add(kernel.twin())
        found.add(kernel)
    return True


def _conjugates(kernel: Kernel) -> int:
    """A bound on how many conjugates it has over the others; a sine adds a sign to its cosine."""
    if kernel.kind == "root":
        return kernel.order
    return 2 if kernel.kind == "sin" else kernel.order


def _halves(value: Any) -> int:
    """The power of 2 that makes an algebraic integer of the numerator: one for each cosine and sine."""
    turns = [i for i, kernel in enumerate(value.kernels) if kernel.is_turn]
    return max([sum([e[i] for i in turns]) for e, _ in terms(value.top)]) if turns else 0


def _conjugate_bits(value: Any) -> int:
    """A bound on the bits of every conjugate of the numerator, times the power of 2 in `_halves`."""
    sizes = [_kernel_bits(kernel) for kernel in value.kernels]
    parts = terms(value.top)
    most = max(
        abs(c).bit_length() + sum(e * s for e, s in zip(exponents, sizes, strict=True))
        for exponents, c in parts
    )
    return most + len(parts).bit_length() + _halves(value)


def _kernel_bits(kernel: Kernel) -> int:
    if kernel.kind != "root":
        return 0
    bits = (
        kernel.base.bit_length() if isinstance(kernel.base, int) else _conjugate_bits(kernel.base)
    )
    return -(-bits // kernel.order)


def cancels(value: Any) -> bool:
    """Whether the numerator is 0 once all kernels of a family are powers of one, however fine that is.

    Where a frame has several of a family, the same number may stand in it in several ways.
    """
    totals: dict[Any, int] = {}
    for exponents, c in terms(value.top):
        powers: dict[Any, Fraction] = {}
        for kernel, e in zip(value.kernels, exponents, strict=True):
            if e and kernel.kind in ("exp", "root"):
                powers[kernel.family] = powers.get(kernel.family, ZERO) + Fraction(e, kernel.order)
            elif e:
                powers[kernel] = Fraction(e)
        monomial = frozenset(powers.items())
        totals[monomial] = totals.get(monomial, 0) + c
    return not any(totals.values())


def is_below(value: Any, bits: int, least: int) -> bool:
    """Whether the numerator of a number is certainly smaller than `2**-least`."""
    at = Evaluation(bits)
    found = at.balls.bounds(at.of_polynomial(value.top, value.kernels))
    if found is None or least > bits:
        return False
    return max(abs(found[0]), abs(found[1])) < Fraction(1, 1 << least)
