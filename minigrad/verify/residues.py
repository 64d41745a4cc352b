"""Numbers modulo a large prime, and bounds that say how seldom they mislead.

A formula run on residues is a formula evaluated at a point of the field of p elements, in constant
time for each operation, however long its normal form or its numbers would be.

    >>> x = Residue(3, 101)
    >>> (1 / x * 3 + x**-2 * 9).value
    2

`Dual` carries a derivative along: it is a residue a + b*e with e*e = 0, and a formula f run on it gives
f(a) + f'(a)*b*e by Taylor's theorem, without a rule for the derivative of anything. `Bound` carries how
large the formula is that an evaluation evaluates, as a quotient N/D of polynomials with integer
coefficients: a bound of the degree of N, and of the logarithm of the sum of its coefficients' sizes.

A polynomial of degree d that is not 0 vanishes at a random point of a field of p elements with a
probability of d/p at most (J. T. Schwartz, Fast probabilistic algorithms for verification of polynomial
identities, JACM 1980, corollary 1; R. Zippel, Probabilistic algorithms for sparse polynomials, EUROSAM
1979). One whose coefficients are below 2**h is 0 modulo h/(k - 1) primes of k bits at most, of which
there are more than 3*2**(k - 1)/(5*log(2**(k - 1))) (J. B. Rosser and L. Schoenfeld, Approximate
formulas for some functions of prime numbers, Illinois J. Math. 1962, corollary 3 to theorem 2).
`prime_bits` puts the two together.
"""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random
from typing import Any, Final

from minigrad.verify.blind import Blind

__all__ = [
    "DRAWS",
    "ERROR_BITS",
    "Bound",
    "Dual",
    "Residue",
    "is_prime",
    "prime_bits",
    "random_prime",
]

ERROR_BITS: Final = 192
"""A wrong formula passes with a probability below two to the minus this."""

DRAWS: Final = 3
"""How often prime and point are drawn before it is given up that no denominator vanishes."""

_ROUNDS: Final = 128
_SMALL: Final = [p for p in range(3, 2000, 2) if all(p % q for q in range(3, math.isqrt(p) + 1, 2))]
_PRIMORIAL: Final = math.prod(_SMALL)


# --- primes --------------------------------------------------------------------------------------


def prime_bits(size: int) -> int:
    """How many bits a random prime needs, for a formula of this size (see `Bound`) to be told from 0.

    With a numerator of degree and coefficient bits below 2**s, and k bits of the prime, the prime
    divides it with a probability below 2.4*2**(s - k), and the point is a root with one below
    2*2**(s - k). Where a denominator vanishes, prime and point are drawn again, `DRAWS` times in all,
    and in one of them both must happen: the probability is below 3*4.4*2**(s - k) < 2**(s + 4 - k). One
    bit more leaves room for what `is_prime` may miss.

    >>> prime_bits(1000)
    207
    """
    return max(size.bit_length() + 5 + ERROR_BITS, 64)


def random_prime(bits: int, rng: Random) -> int:
    """A prime drawn uniformly from those of exactly `bits` bits, 12 or more.

    >>> random_prime(16, Random(1)).bit_length()
    16
    """
    while True:
        candidate = rng.getrandbits(bits) | 1 << (bits - 1) | 1
        if math.gcd(candidate, _PRIMORIAL) == 1 and is_prime(candidate, rng):
            return candidate


def is_prime(n: int, rng: Random) -> bool:
    """Whether an odd number above 4 is prime: a composite one passes with a probability of 4**-128.

    By 128 random bases (M. O. Rabin, Probabilistic algorithm for testing primality, J. Number Theory
    1980, theorem 1), of which nearly every composite number needs one.
    """
    twos = ((n - 1) & -(n - 1)).bit_length() - 1
    odd = (n - 1) >> twos
    for _ in range(_ROUNDS):
        power = pow(rng.randrange(2, n - 1), odd, n)
        if power in (1, n - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % n
            if power == n - 1:
                break
        else:
            return False
    return True


def _inverse(value: int, prime: int) -> int:
    try:
        return pow(value, -1, prime)
    except ValueError:
        raise ZeroDivisionError(f"a denominator is 0 modulo {prime}") from None


def _power(value: int, exponent: int, prime: int) -> int:
    try:
        return pow(value, exponent, prime)
    except ValueError:
        raise ZeroDivisionError(f"a denominator is 0 modulo {prime}") from None


def _reduced(number: Any, prime: int) -> int:
    """An int or a Fraction modulo the prime."""
    if number.denominator == 1:
        return int(number.numerator % prime)
    return int(number.numerator * _inverse(number.denominator, prime) % prime)


# --- residues -------------------------------------------------------------------------------------


class Residue(Blind):
    """A number modulo `prime`. Mixes with ints and Fractions; `value` is the number itself.

    Raises ZeroDivisionError where a denominator is 0 modulo the prime.
    """

    __slots__ = ("prime", "value")

    def __init__(self, value: int, prime: int) -> None:
        self.value = value
        self.prime = prime

    @classmethod
    def of(cls, number: Any, prime: int) -> Residue:
        """An int or a Fraction as a residue."""
        return cls(_reduced(number, prime), prime)

    def _lift(self, other: Any) -> int | None:
        if type(other) is Residue:
            return other.value
        return _reduced(other, self.prime) if type(other) in (int, Fraction) else None

    def __add__(self, other: Any) -> Residue:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        return Residue((self.value + right) % self.prime, self.prime)

    __radd__ = __add__

    def __neg__(self) -> Residue:
        return Residue(-self.value % self.prime, self.prime)

    def __pos__(self) -> Residue:
        return self

    def __sub__(self, other: Any) -> Residue:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        return Residue((self.value - right) % self.prime, self.prime)

    def __rsub__(self, other: Any) -> Residue:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Residue:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        return Residue(self.value * right % self.prime, self.prime)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Residue:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        return Residue(self.value * _inverse(right, self.prime) % self.prime, self.prime)

    def __rtruediv__(self, other: Any) -> Residue:
        return Residue(_inverse(self.value, self.prime), self.prime).__mul__(other)

    def __pow__(self, exponent: Any) -> Residue:
        if type(exponent) is not int:
            return NotImplemented
        return Residue(_power(self.value, exponent, self.prime), self.prime)

    def __repr__(self) -> str:
        return f"{self.value} mod {self.prime}"


class Dual(Blind):
    """A residue `value + slope*e`, with e*e = 0. Mixes with ints and Fractions.

    >>> x = Dual(3, 1, 101)
    >>> (x * x * x).slope, (1 / x).slope * -9 % 101
    (27, 1)
    """

    __slots__ = ("prime", "slope", "value")

    def __init__(self, value: int, slope: int, prime: int) -> None:
        self.value = value
        self.slope = slope
        self.prime = prime

    def _lift(self, other: Any) -> tuple[int, int] | None:
        if type(other) is Dual:
            return other.value, other.slope
        return (_reduced(other, self.prime), 0) if type(other) in (int, Fraction) else None

    def __add__(self, other: Any) -> Dual:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        p = self.prime
        return Dual((self.value + right[0]) % p, (self.slope + right[1]) % p, p)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value % self.prime, -self.slope % self.prime, self.prime)

    def __sub__(self, other: Any) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Dual:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        a, b, (c, d), p = self.value, self.slope, right, self.prime
        return Dual(a * c % p, (a * d + b * c) % p, p)

    __rmul__ = __mul__

    def _reciprocal(self) -> Dual:
        # (a + b*e) * (a - b*e) is a*a.
        p = self.prime
        inverse = _inverse(self.value, p)
        return Dual(inverse, -self.slope * inverse * inverse % p, p)

    def __truediv__(self, other: Any) -> Dual:
        if type(other) is Dual:
            return self * other._reciprocal()
        return self * (1 / Fraction(other)) if type(other) in (int, Fraction) else NotImplemented

    def __rtruediv__(self, other: Any) -> Dual:
        return self._reciprocal().__mul__(other)

    def __pow__(self, exponent: Any) -> Dual:
        if type(exponent) is not int:
            return NotImplemented
        if exponent == 0:
            return Dual(1, 0, self.prime)
        # By the binomial theorem; every further term has e*e.
        p = self.prime
        below = _power(self.value, exponent - 1, p)
        return Dual(below * self.value % p, exponent * below * self.slope % p, p)


# --- how large a formula is -----------------------------------------------------------------------


class Bound(Blind):
    """How large a quotient N/D of polynomials with integer coefficients is, N and D as they arise.

    `top` bounds the degree of N as well as the logarithm, to base 2, of the sum of the sizes of its
    coefficients; `bottom` those of D. Both are bounded alike: of a product they add up, and of a sum
    they are the greater one, and one more. Nothing is cancelled, so a formula that is run on bounds
    is never larger than they say.

    >>> x = Bound.variable()
    >>> (x / (1 + x) + x * Fraction(-5, 4)).top
    7
    """

    __slots__ = ("bottom", "top")

    def __init__(self, top: int, bottom: int) -> None:
        self.top = top
        self.bottom = bottom

    @classmethod
    def variable(cls) -> Bound:
        """The bound of a variable."""
        return cls(1, 0)

    @classmethod
    def of(cls, number: Any) -> Bound:
        """The bound of an int or a Fraction, which has degree 0."""
        size = abs(number.numerator) - 1
        return cls(size.bit_length() if size > 0 else 0, (number.denominator - 1).bit_length())

    @property
    def size(self) -> int:
        """What bounds numerator and denominator."""
        return max(self.top, self.bottom)

    def derivative(self) -> Bound:
        """The bound of a sum of derivatives by all the variables, each times a variable of its own.

        (N'D - ND')/D**2, where N' has at most N's degree, and coefficients that are as many times N's.
        """
        top = self.top + self.top.bit_length() + self.bottom
        bottom = self.bottom + self.bottom.bit_length() + self.top
        return Bound(max(top, bottom) + 3, 2 * self.bottom)

    def _lift(self, other: Any) -> Bound | None:
        if type(other) is Bound:
            return other
        return Bound.of(other) if type(other) in (int, Fraction) else None

    def __add__(self, other: Any) -> Bound:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        top = max(self.top + right.bottom, right.top + self.bottom)
        return Bound(top + 1, self.bottom + right.bottom)

    __radd__ = __sub__ = __rsub__ = __add__

    def __neg__(self) -> Bound:
        return self

    __pos__ = __neg__

    def __mul__(self, other: Any) -> Bound:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        return Bound(self.top + right.top, self.bottom + right.bottom)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Bound:
        right = self._lift(other)
        if right is None:
            return NotImplemented
        return Bound(self.top + right.bottom, self.bottom + right.top)

    def __rtruediv__(self, other: Any) -> Bound:
        return Bound(self.bottom, self.top).__mul__(other)

    def __pow__(self, exponent: Any) -> Bound:
        if type(exponent) is not int:
            return NotImplemented
        top, bottom = (self.top, self.bottom) if exponent >= 0 else (self.bottom, self.top)
        return Bound(abs(exponent) * top, abs(exponent) * bottom)
