"""The one gate for numbers: anything exact comes in, `fractions.Fraction` comes out.

`to_fraction` reads what people write (ints, Fractions, Decimals, text, floats, and the exact
numbers of NumPy, gmpy2, SymPy and python-flint) and refuses the rest by name. Behind it everything
is exact, so no other module asks whether something is a float. Here are also the limits, sums and
products of many numbers, and UNAVAILABLE, which stands for a derivative that there is none of.

A float is read as it is written in decimal: 3.1 is 31/10, not 6980579422424269/2251799813685248.
The shortest decimal text that gives the same float back is what `repr` prints (G. L. Steele Jr. and
J. L. White, How to Print Floating-Point Numbers Accurately, PLDI 1990), so that text is parsed.

A number is refused before it is computed if it would need more than `max_bits` bits: arithmetic on
larger ones is slow (a gcd of two numbers of 2**20 bits takes about a second), and `"1e999999999"`
is ten characters that would fill a gigabyte.
"""

from __future__ import annotations

import math
import numbers
import operator
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Literal, NoReturn, TypeVar

from minigrad import backing
from minigrad.backing import Rational, inside, outside
from minigrad.errors import GradientUnavailable, InvalidNumber, InvalidOperand, TooLarge, describe

__all__ = [
    "BITS_PER_DIGIT",
    "MAX_BITS",
    "MINUS_ONE",
    "ONE",
    "REMEDY",
    "UNAVAILABLE",
    "ZERO",
    "Floats",
    "Unavailable",
    "bits",
    "check_size",
    "common_size",
    "dot",
    "has_float_digits",
    "infinity",
    "is_bool",
    "is_computed_float",
    "is_integer",
    "is_nan",
    "is_short",
    "join",
    "parse",
    "product",
    "product_size",
    "simplest_between",
    "split",
    "to_fraction",
    "total",
]

MAX_BITS: Final = 2**20
"""The default limit, in bits of numerator or denominator: about 315,000 decimal digits."""

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
MINUS_ONE: Final = Fraction(-1)

E = TypeVar("E")

Floats = Literal["decimal", "binary", "simplest"]
"""How a float is read: as its shortest decimal text, its exact binary value, or the simplest ratio."""

_ACCEPTED = (
    "an int, Fraction, Decimal, float, a text such as '3.1', '31/10' or '1e-3', "
    "or an exact number of NumPy, gmpy2, SymPy or python-flint"
)
REMEDY = "Scalar, apply and from_json take a larger max_bits"
BITS_PER_DIGIT = math.log2(10)
# No double has a decimal text whose ratio takes more.
_LONGEST_FLOAT: Final = 1200
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_RATIO = re.compile(rf"\s*([+-]?)({_DIGITS})(?:\s*/\s*({_DIGITS}))?\s*", re.ASCII)
_DECIMAL = re.compile(
    rf"\s*([+-]?)({_DIGITS})?(?:\.({_DIGITS})?)?(?:e([+-]?{_DIGITS}))?\s*", re.ASCII | re.IGNORECASE
)
_NOT_FINITE = re.compile(r"\s*[+-]?(nan|s?nan[0-9]*|inf|infinity|oo)\s*", re.IGNORECASE)


class Unavailable:
    """The derivative by an exponent whose base is not positive; it absorbs whatever it meets.

    `x**y` is differentiable by y where x > 0. Of any other x only the whole powers are real numbers, so
    an exponent has values there and no derivative. Everything that such an adjoint flows into is
    unavailable too, and reading it as a gradient raises `GradientUnavailable`.
    """

    __slots__ = ()
    reason: Final = (
        "it reaches an exponent of a base that is not positive, or an operator at a point where "
        "that has no derivative"
    )

    def _absorb(self, _other: object = None) -> Unavailable:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _absorb
    __truediv__ = __rtruediv__ = __neg__ = __pow__ = _absorb

    def _refuse(self, *_others: object) -> NoReturn:
        raise GradientUnavailable(f"this derivative is not available: {self.reason}")

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __float__ = __int__ = _refuse
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return "UNAVAILABLE"

    def __reduce__(self) -> str:
        return "UNAVAILABLE"


UNAVAILABLE: Final = Unavailable()


def to_fraction(value: object, *, max_bits: int = MAX_BITS, floats: Floats = "decimal") -> Fraction:
    """The exact rational number that `value` stands for.

    Floats, NumPy's of every width included, are read by their own shortest decimal text; with
    `floats="binary"` they are taken at their exact binary value, and with `floats="simplest"` as the
    ratio of least denominator that rounds to the same float, so that a computed third is 1/3 again.

    Raises `InvalidOperand` (a TypeError) for a type that is no exact number, bool among them,
    `InvalidNumber` (a ValueError) for NaN, infinity and malformed text, and `TooLarge` (an
    OverflowError) for a number of more than `max_bits` bits.

    >>> to_fraction(3.1), to_fraction("1e-3"), to_fraction(3.1, floats="binary")
    (Fraction(31, 10), Fraction(1, 1000), Fraction(6980579422424269, 2251799813685248))
    >>> to_fraction(1 / 3, floats="simplest")
    Fraction(1, 3)
    """
    if type(value) is int:
        return check_size(Fraction(value), max_bits)
    if type(value) is Fraction and type(value.numerator) is type(value.denominator) is int:
        return check_size(value, max_bits)
    if isinstance(value, str):
        return parse(value, max_bits=max_bits)
    name = type(value).__name__
    if is_bool(value):
        raise InvalidOperand(
            f"expected {_ACCEPTED}; got {describe(value)}: a truth value is no number"
        )
    if isinstance(value, numbers.Rational) and name != "timedelta64":
        # int() on both parts: NumPy's integers wrap around, and survive inside a Fraction.
        return _ratio(int(value.numerator), int(value.denominator), max_bits)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise _not_finite(value, is_nan=value.is_nan())
        return parse(str(value), max_bits=max_bits)
    if _is_float(value):
        return _from_float(value, floats, max_bits)
    if _package(value) == "flint" and name in ("fmpz", "fmpq"):
        flint_number: Any = value
        return _ratio(int(flint_number.numerator), int(flint_number.denominator), max_bits)
    raise InvalidOperand(f"expected {_ACCEPTED}; got {describe(value)}")


def infinity(value: object) -> float | None:
    """`value` as a float if it is an infinity; None for anything else.

    >>> infinity(float("-inf")), infinity(3.1)
    (-inf, None)
    """
    if isinstance(value, Decimal) or _is_float(value):
        text = _float_text(value)
        if text.lower().lstrip("+-").startswith("inf"):
            return float(text)
    return None


def is_nan(value: object) -> bool:
    """Whether `value` is NaN.

    >>> is_nan(float("nan")), is_nan(3.1), is_nan("nan")
    (True, False, False)
    """
    if isinstance(value, Decimal):
        return value.is_nan()
    return _is_float(value) and "nan" in _float_text(value).lower()


def is_computed_float(value: object) -> bool:
    """Whether `value` is a float with more digits than a person writes: 16 or 17 in double precision.

    A decimal of up to 15 digits survives being read as a double, so one that needs more was rounded
    by some arithmetic before it came here, or copied from a print of one that was.

    >>> is_computed_float(1 / 3), is_computed_float(0.1), is_computed_float(0.1 + 0.2)
    (True, False, True)
    """
    if isinstance(value, Decimal) or not _is_float(value):
        return False
    digits = _float_text(value).lower().partition("e")[0].replace(".", "").strip("-+0")
    return digits.isdigit() and len(digits) > _decimal_digits(value)


def has_float_digits(value: Any) -> bool:
    """Whether `value` is a decimal number of 13 to 17 digits, as computed floats have when they are read.

    Of these one in fifteen has less than 16 digits, and one in fifteen hundred less than 14. A whole
    number has 16 digits at least: others are exact.

    >>> has_float_digits(Fraction("0.3333333333333333")), has_float_digits(Fraction(1, 3))
    (True, False)
    """
    if not isinstance(value, Fraction):
        return False
    denominator, twos, fives = value.denominator, 0, 0
    if bits(value) > _LONGEST_FLOAT:
        return False
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return False
    digits = str(abs(value.numerator) * 10 ** max(twos, fives) // value.denominator).strip("0")
    least = 16 if value.denominator == 1 else 13
    # Not every number of 17 digits is what a float is written as.
    is_written = least <= len(digits) <= 17 and abs(value) <= sys.float_info.max
    return is_written and parse(repr(float(value))) == value


def _decimal_digits(value: object) -> int:
    """How many decimal digits every float of the type of `value` can hold."""
    if isinstance(value, float):
        return sys.float_info.dig
    from numpy import finfo

    kind: Any = type(value)
    return int(finfo(kind).precision)


def parse(text: str, *, max_bits: int = MAX_BITS) -> Fraction:
    """The number written in `text`: an integer, a ratio, or a decimal with or without exponent.

    Its size is bounded from the text alone, before anything is computed. Texts of any number of
    digits are read. Raises `InvalidNumber`, for `"1/0"` too, or `TooLarge`.

    >>> parse("31/10"), parse("-1.5e3"), parse(".5")
    (Fraction(31, 10), Fraction(-1500, 1), Fraction(1, 2))
    """
    if match := _RATIO.fullmatch(text):
        sign, numerator, denominator = match.groups()
        _check_digits(max(len(numerator), len(denominator or "")), text, max_bits)
        bottom = _integer(denominator) if denominator else 1
        if bottom == 0:
            raise InvalidNumber(f"expected {_ACCEPTED}; got {describe(text)}: its denominator is 0")
        top = _integer(numerator)
        return check_size(Fraction(-top if sign == "-" else top, bottom), max_bits)
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        hint = ": it is not finite" if _NOT_FINITE.fullmatch(text) else ""
        raise InvalidNumber(f"expected {_ACCEPTED}; got {describe(text)}{hint}")
    sign, whole, decimals, exponent = (group or "" for group in match.groups())
    whole, decimals, exponent = (part.replace("_", "") for part in (whole, decimals, exponent))
    _check_digits(len(whole) + len(decimals), text, max_bits)
    digits = _integer(whole + decimals)
    if digits == 0:
        return ZERO
    down, exponent = exponent.startswith("-"), exponent.lstrip("+-0")
    # Eighteen digits of exponent are beyond any limit, and more might not even be read as an int.
    shift = int(exponent or "0") if len(exponent) < 18 else 10**18
    shift = (-shift if down else shift) - len(decimals)
    _check_digits(
        len(str(digits)) + shift if digits < 10**18 and shift > 0 else abs(shift), text, max_bits
    )
    value = Fraction(digits * 10**shift) if shift >= 0 else Fraction(digits, 10**-shift)
    return check_size(-value if sign == "-" else value, max_bits)


def check_size(value: E, max_bits: int = MAX_BITS, what: str = "a number") -> E:
    """`value` itself, or `TooLarge` if its numerator or denominator has more than `max_bits` bits."""
    if bits(value) > max_bits:
        raise TooLarge(
            f"{what} of {bits(value):,} bits is over the limit of {max_bits:,}; {REMEDY}"
        )
    return value


def bits(value: Any) -> int:
    """The size of `value`: the bits of its numerator or denominator, whichever has more.

    Of a closed form it is the bits of all of its coefficients.
    """
    if not isinstance(value, (Fraction, Rational)):
        return int(value.bits())
    return backing.bits(value)


def product_size(values: Iterable[Fraction]) -> int:
    """A lower bound, in bits, of what the product of `values` takes before it is reduced.

    Bits minus one are added up, so that factors of 1 cost nothing.
    """
    top = bottom = 0
    for value in values:
        top += max(value.numerator.bit_length() - 1, 0)
        bottom += value.denominator.bit_length() - 1
    return max(top, bottom)


def is_short(values: Sequence[Any], limit: int) -> bool:
    """Whether numbers, all Rationals or none, are known to have at most `limit` bits all together."""
    return type(values[0]) is Rational and backing.are_short(values, limit)


def common_size(denominators: Sequence[int], limit: int) -> int:
    """The bits of the least common multiple of `denominators`, or 0 where it is plainly in `limit`.

    Counting stops once it is above `limit`, before numbers are multiplied that nobody could use.
    """
    if sum([denominator.bit_length() for denominator in denominators]) <= limit:
        return 0
    common = 1
    for denominator in set(denominators):
        common = math.lcm(common, denominator)
        if common.bit_length() > limit:
            break
    return common.bit_length()


def is_integer(value: Any) -> bool:
    """Whether `value` is written as a whole number; `rounding.whole` asks what a closed form is."""
    return isinstance(value, Fraction) and value.denominator == 1


def split(value: Any) -> tuple[int, int, Any]:
    """`value` as sign, whole part and fraction, with `sign * (whole + fraction) == value`.

    The sign is 1, -1, or 0 for zero; the other two are not negative, and the fraction is below 1.

    >>> split(Fraction(-31, 10))
    (-1, 3, Fraction(1, 10))
    """
    sign = (value > 0) - (value < 0)
    if not isinstance(value, Fraction):
        whole = math.floor(abs(value))
        return sign, whole, abs(value) - whole
    whole, rest = divmod(abs(value.numerator), value.denominator)
    return sign, whole, Fraction(rest, value.denominator)


def join(sign: int, whole: int, fraction: Any) -> Any:
    """The number that `split` took apart.

    >>> join(-1, 3, Fraction(1, 10))
    Fraction(-31, 10)
    """
    return sign * (whole + fraction)


def total(values: Sequence[Any]) -> Any:
    """The sum of `values`, of any field, made pairwise, so that most sums are short; 0 of none.

    >>> total([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)])
    Fraction(1, 1)
    """
    if not values:
        return ZERO
    kinds = set(map(type, values))
    if kinds == {Rational}:
        return backing.total(values)
    if not kinds <= {Rational, Fraction}:
        return backing.tournament(values, backing.add if Rational in kinds else operator.add)
    found = backing.total([*map(inside, values)])
    return found if Rational in kinds else outside(found)


def dot(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """The sum of the products of `xs` and `ys`, pair by pair, as `total` adds up.

    >>> dot([Fraction(1, 2), Fraction(3)], [Fraction(4), Fraction(1, 3)])
    Fraction(3, 1)
    """
    if len(xs) != len(ys):
        raise ValueError(f"dot: expected as many xs as ys; got {len(xs)} and {len(ys)}")
    kinds = {*map(type, xs), *map(type, ys)}
    if kinds == {Rational}:
        return backing.dot(xs, ys)
    if not kinds <= {Rational, Fraction}:
        multiply = backing.multiply if Rational in kinds else operator.mul
        return total([*map(multiply, xs, ys)])
    found = backing.dot([*map(inside, xs)], [*map(inside, ys)]) if kinds else ZERO
    return found if Rational in kinds else outside(found)


def product(values: Sequence[Any]) -> Any:
    """The product of `values`, of any field; 1 of none.

    >>> product([Fraction(1, 2), Fraction(4)])
    Fraction(2, 1)
    """
    return backing.tournament(values, backing.multiply) if values else ONE


def _ratio(numerator: int, denominator: int, max_bits: int) -> Fraction:
    return check_size(Fraction(numerator, denominator), max_bits)


def _not_finite(value: object, *, is_nan: bool) -> InvalidNumber:
    name = "NaN" if is_nan else "infinity"
    return InvalidNumber(f"expected {_ACCEPTED}; got {describe(value)}: {name} is no number")


def _from_float(value: Any, floats: Floats, max_bits: int) -> Fraction:
    text = _float_text(value)
    if "n" in text:
        raise _not_finite(value, is_nan="nan" in text)
    if floats == "decimal":
        return _parsed_again(text, max_bits)
    exact = _binary(value)
    if floats == "simplest" and exact:
        exact = simplest_between(*_rounding_interval(value, exact))
    return check_size(exact, max_bits)


@lru_cache(maxsize=256)
def _parsed_again(text: str, max_bits: int) -> Fraction:
    """As `parse`, of the texts of floats: programs have few of them, which they meet again and again."""
    return parse(text, max_bits=max_bits)


def _binary(value: Any) -> Fraction:
    top, bottom = value.as_integer_ratio()
    return Fraction(int(top), int(bottom))


def _rounding_interval(value: Any, exact: Fraction) -> tuple[Fraction, Fraction]:
    """Between which numbers everything rounds to this float, which itself is `exact`.

    The ends lie halfway to the float's neighbours. A tie goes to the even mantissa, so that the ends
    themselves belong to every second float only; what is strictly between them belongs to all.
    """
    if isinstance(value, float):
        around = [math.nextafter(value, -math.inf), math.nextafter(value, math.inf)]
    else:
        from numpy import errstate, inf, nextafter

        kind: Any = type(value)
        # Beyond the largest one lies infinity, which NumPy warns of.
        with errstate(over="ignore"):
            around = [nextafter(value, kind(-inf)), nextafter(value, kind(inf))]
    # Beside the largest float there is none on one side: the interval is taken to be symmetric.
    finite = [_binary(x) if abs(x) < math.inf else None for x in around]
    below, above = finite
    if below is None or above is None:
        step = exact - below if below is not None else (above or exact) - exact
        return exact - step / 2, exact + step / 2
    return (below + exact) / 2, (above + exact) / 2


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of least denominator strictly between two numbers; 0 lies not between them.

    The continued fractions of both ends agree up to a place; there the simplest one ends (R. L. Graham,
    D. E. Knuth and O. Patashnik, Concrete Mathematics, section 4.5, on the Stern-Brocot tree).
    """
    if high <= 0:
        return -simplest_between(-high, -low)
    whole = math.floor(low)
    if whole + 1 < high:
        return Fraction(whole + 1)
    if low == whole:
        # Between whole and at most whole + 1: one over the least integer that is large enough.
        return whole + Fraction(1, math.floor(1 / (high - whole)) + 1)
    return whole + 1 / simplest_between(1 / (high - whole), 1 / (low - whole))


def _float_text(value: Any) -> str:
    """The text of a Decimal, or the shortest that gives the same float back; infinities included.

    A NumPy longdouble may be finite and yet beyond every float, so it is judged by its text.
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        # Not repr(), for NumPy's float64 is a float whose own repr is 'np.float64(3.1)'.
        return float.__repr__(value)
    from numpy import format_float_scientific

    # Not str(), which numpy.set_printoptions can make shorter than exact.
    return format_float_scientific(value)


def _is_float(value: object) -> bool:
    return isinstance(value, float) or (
        _package(value) == "numpy"
        and isinstance(value, numbers.Real)
        and not isinstance(value, numbers.Rational)
    )


def is_bool(value: object) -> bool:
    """Whether `value` is a truth value, Python's or NumPy's."""
    return isinstance(value, bool) or (
        _package(value) == "numpy" and type(value).__name__ in ("bool", "bool_")
    )


def _package(value: object) -> str:
    """The top-level package of the value's type: known without importing that package."""
    return type(value).__module__.partition(".")[0]


def _check_digits(digits: int, text: str, max_bits: int) -> None:
    if digits * BITS_PER_DIGIT > max_bits + 4:
        raise TooLarge(
            f"the number {describe(text, 30)} of about {digits:,} digits is over the limit of "
            f"{max_bits:,} bits; {REMEDY}"
        )


def _integer(digits: str) -> int:
    digits = digits.replace("_", "")
    if len(digits) < 4000:
        return int(digits)
    # By halves: int(Decimal(digits)) is quadratic, products of large ints are not.
    half = len(digits) // 2
    return _integer(digits[:-half]) * int(10**half) + _integer(digits[-half:])
