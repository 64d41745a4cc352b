"""Closed forms: exact numbers and functions that are not rational, such as exp(1/2) or sqrt(1 + x).

    >>> from minigrad import elementary
    >>> root = elementary.call("sqrt", Fraction(2))
    >>> (1 + root) * (root - 1), 0 < root - Fraction(7, 5) < Fraction(1, 50)
    (Fraction(1, 1), True)

A `Closed` is a quotient of polynomials with integer coefficients in kernels (`minigrad.kernels`): powers
exp(t/n), roots |f|**(1/n), logarithms log|f|, pairs cos(t/n) and sin(t/n), and applications of other
functions. They are chosen so that few relations hold between them (R. H. Risch, The problem of
integration in finite terms, 1969; M. Bronstein, Symbolic Integration I, section 9.3, on the structure of
such towers): the argument of an exponential is split into terms, so exp(a)*exp(b) and exp(a + b) are one
kernel product; the argument of a logarithm or a root is split into factors. The relations that are left,
the power of a root, sin**2 + cos**2 = 1 and the least equation of cos(pi/n), are rewritten from the
highest kernel down. What comes out rational is a Fraction again.

A difference that reduces to 0 is 0. One that does not is told from 0 by enclosures of rising precision,
and between algebraic numbers by a bound below which none but 0 lies; where neither decides, NotDecided
says so. With variables (`Kernel.variable`) the same class holds formulas, and then a Field gives the
point at which signs are asked and bounds the work.

A Closed is immutable and carries all it needs: nothing is registered anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property, total_ordering
from typing import Any, Final

from minigrad.closed_text import expression, short, text
from minigrad.errors import NotDecided, TooLarge
from minigrad.kernels import (
    Evaluation,
    Kernel,
    Kernels,
    cancels,
    coprime,
    folded,
    is_below,
    merged,
    moved,
    multiplied,
    place,
    smallest,
    turn_power,
)
from minigrad.number import MAX_BITS, ONE, ZERO
from minigrad.polynomials import bit_size, common, degree, degrees, leading, placed, ring, terms
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.rounding import PRECISIONS, Rounding

__all__ = ["Closed", "Kernel", "absolute", "lift", "power_of", "simplified", "together"]

_LONG: Final = 100_000
"""Products of terms from which two numbers are first told apart by enclosures."""
_MULTIPLE: Final = 64
"""Multiples of logarithms that are looked at as powers."""
_EXPONENT: Final = 2**480
"""Exponents of kernels; the libraries of polynomials compute with larger ones than a machine word."""
_RATIONALIZED: Final = 400
"""Products of terms up to which roots are removed from denominators."""
_NESTED: Final = 8
"""Kernels up to which this is done if one of them is a root of roots."""


@total_ordering
class Closed(Rounding):
    """`top / bottom`, polynomials in `kernels` (the highest first) without a common factor.

    `field` gives the point, and the limits, of one with variables. Mixes with ints, Fractions and
    RationalFunctions of its field; made by `minigrad.elementary`.
    """

    def __init__(self, kernels: Kernels, top: Any, bottom: Any, field: Field | None) -> None:
        self.kernels = kernels
        self.top = top
        self.bottom = bottom
        self.field = field

    @cached_property
    def height(self) -> int:
        """How deep kernels are nested in kernels."""
        return max(kernel.height for kernel in self.kernels)

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What tells it from others, as a value that can be ordered."""
        kernels = tuple([(kernel.family, kernel.order) for kernel in self.kernels])
        return "c", kernels, tuple(terms(self.top)), tuple(terms(self.bottom))

    @property
    def has_variables(self) -> bool:
        """Whether it is a formula, and no number."""
        return self.reach > 0

    @cached_property
    def reach(self) -> int:
        """How many generators of the field it takes to hold all that occur; none in a number."""
        inner = [part.reach for k in self.kernels for part in k.parts if isinstance(part, Closed)]
        own = [kernel.base + 1 for kernel in self.kernels if kernel.kind == "x"]
        return max([*inner, *own], default=0)

    # --- arithmetic ---

    def __add__(self, other: Any) -> Any:
        right = lift(other)
        if right is None:
            return NotImplemented
        if isinstance(right, Fraction) and not right:
            return self
        kernels, (n, d), (m, e), field = together(self, right)
        if d == e:
            return simplified(kernels, n + m, d, field)
        return simplified(
            kernels,
            multiplied(n, e, field) + multiplied(m, d, field),
            multiplied(d, e, field),
            field,
        )

    __radd__ = __add__

    def __neg__(self) -> Closed:
        return Closed(self.kernels, -self.top, self.bottom, self.field)

    def __pos__(self) -> Closed:
        return self

    def __sub__(self, other: Any) -> Any:
        right = lift(other)
        return NotImplemented if right is None else self + -right

    def __rsub__(self, other: Any) -> Any:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Any:
        right = lift(other)
        if right is None:
            return NotImplemented
        if isinstance(right, Fraction) and right == 1:
            return self
        kernels, (n, d), (m, e), field = together(self, right)
        _spend(field, n, e)
        _spend(field, m, d)
        first, second = common(n, e), common(m, d)
        if first != 1:
            n, e = n // first, e // first
        if second != 1:
            m, d = m // second, d // second
        return simplified(kernels, multiplied(n, m, field), multiplied(d, e, field), field)

    __rmul__ = __mul__

    def _inverse(self) -> Any:
        if self.field is None and not self:
            raise ZeroDivisionError("division by a closed form that is 0")
        # What is reduced and coprime stays so upside down, but for the sign.
        sign = -1 if leading(self.top) < 0 else 1
        return _divided(self.kernels, sign * self.bottom, sign * self.top, self.field)

    def __truediv__(self, other: Any) -> Any:
        right = lift(other)
        if right is None:
            return NotImplemented
        return self * (right._inverse() if isinstance(right, Closed) else 1 / right)

    def __rtruediv__(self, other: Any) -> Any:
        return self._inverse() * other

    def __pow__(self, exponent: Any) -> Any:
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent == -1:
            return self._inverse()
        roots = any(kernel.kind == "root" for kernel in self.kernels)
        single = len(self.top) == len(self.bottom) == 1 and not roots
        if single:
            highest = max([e for part in (self.top, self.bottom) for e in terms(part)[0][0]])
            if abs(exponent) * highest > _EXPONENT:
                raise TooLarge(f"{self.text()} ** {exponent:,} has too large an exponent")
        if not (single and self.bits() <= 2) and abs(exponent) * self.bits() > MAX_BITS:
            raise TooLarge(
                f"the power {self.text()} ** {exponent:,} is over the limit of {MAX_BITS:,} bits"
            )
        base = self._inverse() if exponent < 0 else self
        result: Any = ONE
        remaining = abs(exponent)
        while remaining:
            if remaining & 1:
                result = result * base
            remaining >>= 1
            if remaining:
                base = base * base
        return result

    def __abs__(self) -> Closed:
        return -self if self.sign() < 0 else self

    # --- what it is ---

    def bounds(
        self, bits: int, point: Sequence[Any] | None = None
    ) -> tuple[Fraction, Fraction] | None:
        """Rational numbers below and above it, from `bits` bits; None where there are none yet.

        `point` holds the values of the variables, if not those of its field.
        """
        at = Evaluation(bits, self._point() if point is None else point)
        return at.balls.bounds(at.of(self))

    def certain_sign(self, bits: int, point: Sequence[Any] | None = None) -> int:
        """1 or -1 where `bits` bits show the sign; else 0. `point` is as in `bounds`."""
        at = Evaluation(bits, self._point() if point is None else point)
        return at.balls.sign(at.of(self))

    def _point(self) -> Sequence[Any]:
        """The values of the variables; OutOfBudget where there are variables and no values."""
        if self.field is None or not self.reach:
            return ()
        self.field.check_point(self.reach)
        return self.field.point

    def sign(self) -> int:
        """1, -1 or 0. Raises NotDecided where neither enclosures nor algebra tell it from 0."""
        return self._sign

    @cached_property
    def _sign(self) -> int:
        least = None
        for bits in PRECISIONS:
            sign = self.certain_sign(bits)
            if sign:
                return sign
            if bits >= PRECISIONS[2]:
                # An algebraic integer is 0 or not too small, and so is the numerator.
                is_zero = least is None and cancels(self)
                least = smallest(self) if least is None else least
                is_zero |= bool(least) and is_below(self, bits, least)
                if is_zero and self._has_proper_bottom():
                    return 0
        if self._is_log_of_one():
            return 0
        raise NotDecided(
            f"{self.text()} was not told from 0 with {PRECISIONS[-1]:,} bits, nor by algebra"
        )

    def _has_proper_bottom(self) -> bool:
        one = ring(len(self.kernels)).one
        return self.bottom == 1 or _is_proper(Closed(self.kernels, self.bottom, one, self.field))

    def _is_log_of_one(self) -> bool:
        """Whether it is a sum of multiples of logarithms, and what they are the logarithm of is 1."""
        parts = terms(self.top)
        kernels = [self.kernels[e.index(1)] if sum(e) == 1 else None for e, _ in parts]
        if any(kernel is None or kernel.kind != "log" for kernel in kernels):
            return False
        content = math.gcd(*[c for _, c in parts])
        sides = [ONE, ONE]
        for kernel, (_, c) in zip(kernels, parts, strict=True):
            if kernel is None or abs(c) > _MULTIPLE * content:
                return False
            sides[c > 0] *= absolute(kernel.base, None) ** (abs(c) // content)
        return bool(sides[0] == sides[1])

    def whole(self) -> int | None:
        """As of every number that rounds; None of a formula, of which it is not asked."""
        return None if self.has_variables else super().whole()

    def __bool__(self) -> bool:
        self._check_sight()
        return self.has_variables or self.sign() != 0

    def __eq__(self, other: object) -> bool:
        self._check_sight()
        right = lift(other)
        if right is None:
            return NotImplemented
        if isinstance(right, Closed) and self._is_written_as(right):
            return True
        if self._side_of(right):
            return False
        difference = self - right
        if isinstance(difference, Fraction):
            return difference == 0
        return not difference.has_variables and difference.sign() == 0

    def __lt__(self, other: object) -> bool:
        self._check_sight()
        if isinstance(other, float) and math.isinf(other):
            return other > 0
        right = lift(other)
        if right is None:
            return NotImplemented
        if side := self._side_of(right):
            return side < 0
        difference = self - right
        if isinstance(difference, Closed) and difference.has_variables:
            raise TypeError("formulas are not ordered")
        return difference < 0 if isinstance(difference, Fraction) else difference.sign() < 0

    def _is_written_as(self, right: Closed) -> bool:
        return (
            self.top == right.top and self.bottom == right.bottom and self.kernels == right.kernels
        )

    def _side_of(self, right: Any) -> int:
        """1 or -1 where this number is soon seen to be greater or less; 0 where it is not.

        The difference of two long ones may take far longer than both enclosures.
        """
        if not isinstance(right, Closed) or self.size * right.size < _LONG:
            return 0
        if self.has_variables or right.has_variables:
            return 0
        own, theirs = self.bounds(PRECISIONS[0]), right.bounds(PRECISIONS[0])
        if own is None or theirs is None:
            return 0
        return 1 if own[0] > theirs[1] else -1 if own[1] < theirs[0] else 0

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.key) if self.has_variables else self.rounded_hash()

    def _check_sight(self) -> None:
        if self.field is not None:
            self.field.check_sight()

    def bits(self) -> int:
        """Its size: the bits of all coefficients."""
        return bit_size(self.top, self.bottom)

    @property
    def size(self) -> int:
        """How many terms numerator and denominator have."""
        return len(self.top) + len(self.bottom)

    @property
    def is_positive(self) -> bool:
        """Whether it is seen to be positive everywhere: sums of exponentials, roots and pi."""
        return all(kernel.kind in ("exp", "root", "pi") for kernel in self.kernels) and all(
            c > 0 for part in (self.top, self.bottom) for _, c in terms(part)
        )

    def text(self) -> str:
        """As `str`, and short enough for a message."""
        return short(self)

    def expression(self, symbols: Sequence[Any] = ()) -> Any:
        """The SymPy expression, with `symbols` in the place of the variables."""
        return expression(self, symbols)

    def _sympy_(self) -> Any:
        """The SymPy expression, for `sympy.sympify` and for SymPy's comparisons."""
        return self.expression()

    def __repr__(self) -> str:
        return self.text()  # of a Report's hundred numbers each may be pages long

    def __str__(self) -> str:
        return text(self, self.reach)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.has_variables:
            raise TypeError("a formula cannot be pickled: it belongs to the field of a proof")
        return _restored, (self.kernels, terms(self.top), terms(self.bottom))


def _restored(kernels: Kernels, top: Iterable[Any], bottom: Iterable[Any]) -> Closed:
    made = ring(len(kernels))
    return Closed(kernels, made.make(dict(top)), made.make(dict(bottom)), None)


# --- into the class ------------------------------------------------------------------------------


def lift(value: Any) -> Any:
    """`value` as a Fraction or a Closed; None for anything else.

    >>> lift(3)
    Fraction(3, 1)
    """
    if isinstance(value, (Closed, Fraction)):
        return value
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, RationalFunction):
        top, bottom = value.terms()
        if not top:
            return ZERO
        count = len(value.field.generators)
        # The highest first, as in every frame.
        places = [
            k
            for k in reversed(range(count))
            if any(exponents[k] for part in (top, bottom) for exponents, _ in part)
        ]
        made = ring(len(places))
        n, d = (
            made.make({tuple([exponents[k] for k in places]): c for exponents, c in part})
            for part in (top, bottom)
        )
        return _finished(tuple(map(Kernel.variable, places)), n, d, value.field)
    return None


def power_of(kernel: Kernel, exponent: int, field: Field | None) -> Any:
    """A kernel to a power, negative ones included."""
    one = ring(1).one
    if exponent == 1 and kernel.reducible_power != 1:
        return Closed((kernel,), ring(1).gens[0], one, field)
    raised = ring(1).make({(abs(exponent),): 1})
    pair = (raised, one) if exponent >= 0 else (one, raised)
    return simplified((kernel,), *pair, field)


def absolute(value: Any, field: Field | None) -> Any:
    """|f| of the base of a kernel: its sign is asked at the point, and taken note of."""
    if not isinstance(value, Closed):
        return abs(Fraction(value))
    if field is not None and value.has_variables:
        field.assume(value, value.sign())
    return value if value.sign() > 0 else -value


# --- one frame for two ---------------------------------------------------------------------------


def together(left: Closed, right: Any) -> tuple[Kernels, Any, Any, Field | None]:
    """Both over the same kernels: these, and numerator and denominator of each."""
    if isinstance(right, Fraction):
        one = ring(len(left.kernels)).one
        pair = (one * right.numerator, one * right.denominator)
        return left.kernels, (left.top, left.bottom), pair, left.field
    field = left.field or right.field
    if left.kernels == right.kernels:
        return left.kernels, (left.top, left.bottom), (right.top, right.bottom), field
    kernels = merged(left.kernels, right.kernels)
    n, d = moved((left.top, left.bottom), left.kernels, kernels)
    m, e = moved((right.top, right.bottom), right.kernels, kernels)
    return kernels, (n, d), (m, e), field


# --- the normal form -----------------------------------------------------------------------------


def simplified(kernels: Kernels, top: Any, bottom: Any, field: Field | None) -> Any:
    """The quotient in normal form: a Closed, or a Fraction where no kernel is left."""
    if bottom == 0:
        raise ZeroDivisionError("division by a closed form that is 0")
    kernels, top, bottom = _reduced(kernels, top, bottom, field)
    if top == 0:
        return ZERO
    if bottom == 0:
        raise ZeroDivisionError("division by a closed form that is 0")
    _spend(field, top, bottom)
    return _divided(kernels, *coprime(top, bottom), field)


def _divided(kernels: Kernels, top: Any, bottom: Any, field: Field | None) -> Any:
    """The quotient of what is coprime, with few roots in the denominator."""
    if bottom != 1:
        for i in range(len(kernels)):
            kernels, top, bottom = _rationalized(kernels, i, top, bottom, field)
    return _finished(kernels, top, bottom, field)


def _spend(field: Field | None, left: Any, right: Any) -> None:
    """Count a gcd against the limits of the field, and look at its deadline."""
    if field is not None and left != 1 and right != 1:
        field.spend(left, right)


def _reduced(
    kernels: Kernels, top: Any, bottom: Any, field: Field | None
) -> tuple[Kernels, Any, Any]:
    """Powers of roots and sines rewritten in lower kernels, from the highest kernel down."""
    i = 0
    highest: Sequence[int] = ()
    while i < len(kernels):
        kernel = kernels[i]
        n = kernel.reducible_power
        if n and not highest:
            highest = degrees(top, bottom)
        if not n or highest[i] < n:
            i += 1
        else:
            power = _reduced_power(kernel, field)
            if isinstance(power, Closed):
                joined = merged(kernels, power.kernels)
                top, bottom = moved((top, bottom), kernels, joined)
                replacement, below = moved((power.top, power.bottom), power.kernels, joined)
                kernels = joined
                i, _ = place(kernel, kernels)
                n = kernels[i].reducible_power
            else:
                one = ring(len(kernels)).one
                replacement, below = one * power.numerator, one * power.denominator
            top, scale = folded(top, i, n, replacement, below, field)
            bottom, other = folded(bottom, i, n, replacement, below, field)
            if scale != other:
                top, bottom = multiplied(top, other, field), multiplied(bottom, scale, field)
            highest = ()
    return kernels, top, bottom


def _reduced_power(kernel: Kernel, field: Field | None) -> Any:
    """A kernel to its `reducible_power`, in lower kernels and lower powers."""
    if kernel.kind == "root":
        return absolute(kernel.base, field)
    if kernel.kind == "sin":
        return 1 - power_of(kernel.twin(), 2, field)
    return _finished((kernel,), *turn_power(kernel), None)


def _rationalized(
    kernels: Kernels, i: int, top: Any, bottom: Any, field: Field | None
) -> tuple[Kernels, Any, Any]:
    """The fraction without kernel `i` in its denominator, where that is quickly done."""
    n = kernels[i].reducible_power if i < len(kernels) and bottom != 1 else 0
    if not n or not degree(bottom, i) or len(top) * len(bottom) > _RATIONALIZED:
        return kernels, top, bottom
    nested = any(kernel.is_root_of_roots for kernel in kernels)
    if nested and len(kernels) > _NESTED:
        return kernels, top, bottom
    made = ring(len(kernels))
    parts = terms(bottom)
    lowest = min(exponents[i] for exponents, _ in parts)
    if lowest:
        factor = made.make({tuple([n - lowest if j == i else 0 for j in range(len(kernels))]): 1})
    elif n == 2:
        factor = made.make({e: -c if e[i] else c for e, c in parts})
    else:
        return kernels, top, bottom
    conjugate = _finished(kernels, factor, made.one, field)
    if not _is_proper(conjugate):
        return kernels, top, bottom
    frame, over, under = _reduced(kernels, top * factor, bottom * factor, field)
    if under == 0:
        return kernels, top, bottom
    # A product that is no 0 in disguise elsewhere has no such factor either.
    hiding = [degree(under, k) for k, kernel in enumerate(frame) if kernel.may_hide]
    if field is not None and any(hiding):
        field.assume(conjugate, conjugate.sign())
    over, under = coprime(over, under)
    # A root of roots leaves the roots below it to go in their turn, in ever longer numbers.
    if nested and bit_size(over, under) > 2 * bit_size(top, bottom):
        return kernels, top, bottom
    return frame, over, under


def _is_proper(factor: Closed) -> bool:
    """Whether a factor is certainly not 0: roots may hide that it is, and it would make 0/0."""
    try:
        return any(map(factor.certain_sign, PRECISIONS[:3]))
    except OutOfBudget:
        return False


def _finished(kernels: Kernels, top: Any, bottom: Any, field: Field | None) -> Any:
    """Only the kernels that occur, each at its least order."""
    above = degrees(top)
    below = degrees(bottom) if bottom != 1 else (0,) * len(kernels)
    used = [i for i in range(len(kernels)) if above[i] or below[i]]
    if not used:
        return Fraction(int(leading(top)), int(leading(bottom)))
    # Of a kernel that occurs to a power prime to its order the order is the least.
    finer = [
        i
        for i in used
        if kernels[i].order > 1
        and kernels[i].kind in ("exp", "root")
        and math.gcd(kernels[i].order, above[i], below[i]) > 1
    ]
    shares = dict.fromkeys(used, 1)
    if finer:
        exponents = [e for part in (top, bottom) for e, _ in terms(part)]
        for i in finer:
            shares[i] = math.gcd(kernels[i].order, *[e[i] for e in exponents])
    if len(used) == len(kernels) and all(share == 1 for share in shares.values()):
        return Closed(kernels, top, bottom, field)
    made = ring(len(used))
    if any(share > 1 for share in shares.values()):
        n, d = (
            made.make(
                {tuple([e[i] // share for i, share in shares.items()]): c for e, c in terms(part)}
            )
            for part in (top, bottom)
        )
    else:
        moves = [(used.index(i), 1) if i in shares else (0, 0) for i in range(len(kernels))]
        n, d = (placed(part, made, moves) for part in (top, bottom))
    frame = [kernels[i].with_order(kernels[i].order // share) for i, share in shares.items()]
    return Closed(tuple(frame), n, d, field)
