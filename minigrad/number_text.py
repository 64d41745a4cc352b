"""Numbers as text: in full, short enough for a message, or formatted as a float would be.

    >>> exact_text(Fraction(31, 10)), format_fraction(Fraction(2, 3), ".4f")
    ('31/10', '0.6667')

Integers of any length are written, in less than quadratic time; Python's own `str` stops at 4,300 digits.
"""

from __future__ import annotations

import math
import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from minigrad.errors import InvalidNumber, describe
from minigrad.number import BITS_PER_DIGIT

__all__ = ["exact_text", "format_fraction", "short_text"]

# str() of an int refuses more than 4,300 digits, a process-wide setting that is not ours to change.
_STR_BITS = 14_000


def exact_text(value: Any) -> str:
    """`value` in full as `"n"` or `"n/d"`, however many digits it has; `parse` reads it back.

    Of a closed form it is the text of SymPy's expression, which `exact.parse` reads.

    >>> exact_text(Fraction(31, 10)), len(exact_text(Fraction(10**5000)))
    ('31/10', 5001)
    """
    if not isinstance(value, Fraction):
        return str(value)
    top = _integer_text(value.numerator)
    return top if value.denominator == 1 else f"{top}/{_integer_text(value.denominator)}"


def short_text(value: Any, digits: int = 24) -> str:
    """`value` for a person: as `exact_text`, but long integers are cut, with their size.

    >>> short_text(Fraction(-1, 3)), short_text(Fraction(10**5000 + 1))
    ('-1/3', '10000000…00000001 (5,001 digits)')
    """
    if not isinstance(value, Fraction):
        return str(value.text() if hasattr(value, "text") else value)
    top = _short_integer(value.numerator, digits)
    return top if value.denominator == 1 else f"{top}/{_short_integer(value.denominator, digits)}"


_SPEC = re.compile(
    r"(?:(?P<fill>.)?(?P<align>[<>=^]))?(?P<sign>[-+ ])?(?P<alt>\#)?"
    r"(?P<zero>0)?(?P<width>[0-9]{1,4})?(?P<comma>,)?(?:\.(?P<precision>[0-9]{1,6}))?(?P<type>[eEfFgG%s])?",
    re.DOTALL,
)


def format_fraction(value: Any, spec: str) -> str:
    """`value` formatted as a float would be, rounded once and correctly, half to even.

    Presentation types e, f, g and %, with fill, width, sign and thousands separators. With neither
    type nor precision, or with `s`, it is the exact text `n/d`. Raises `InvalidNumber` (a
    ValueError) for any other spec.

    >>> format_fraction(Fraction(2, 3), ".4f"), format_fraction(Fraction(10**30, 7), ".3e")
    ('0.6667', '1.429e+29')
    """
    match = _SPEC.fullmatch(spec)
    kind, precision = (match["type"] or "", match["precision"]) if match else ("", None)
    as_text = kind in ("", "s") and precision is None
    if match is None or (as_text and (match["alt"] or match["zero"] or match["align"] == "=")):
        raise InvalidNumber(
            f"expected a format such as '.3f', '12.4e', '+g' or '>20'; got {describe(spec)}"
        )
    if not isinstance(value, Fraction):
        if as_text:
            return format(str(value), spec)
        text: str = value.settled(lambda ratio: format_fraction(ratio, spec))
        return text
    if as_text:
        whole, slash, tail = exact_text(abs(value)).partition("/")
        tail = slash + (_grouped(tail) if match["comma"] and tail else tail)
    else:
        whole, tail = _digits(abs(value), kind, int(precision or "6"), alternate=bool(match["alt"]))
    sign = "-" if value < 0 else (match["sign"] or "").replace("-", "")
    width = int(match["width"] or "0")
    fill, align = match["fill"] or " ", match["align"] or ("<" if kind == "s" else ">")
    if match["zero"] and not match["fill"]:
        fill, align = "0", match["align"] or "="
    if match["comma"]:
        zeros = width - len(sign) - len(tail) if (fill, align) == ("0", "=") else 0
        whole = _grouped(whole, zeros)
    if align == "=":
        return sign + (whole + tail).rjust(width - len(sign), fill)
    return format(sign + whole + tail, f"{fill}{align}{width}")


def _digits(size: Fraction, kind: str, precision: int, *, alternate: bool) -> tuple[str, str]:
    """`size`, not negative, in the style of a float's presentation type: whole digits, the rest."""
    suffix = "%" if kind == "%" else ""
    if kind in ("f", "F", "%"):
        mantissa = _fixed(size * 100 if suffix else size, precision)
    else:
        general = kind not in ("e", "E")
        significant = max(precision, 1) if general else precision + 1
        exponent = _decimal_exponent(size, significant)
        if general and -4 <= exponent < significant:
            mantissa = _fixed(size, significant - 1 - exponent)
        else:
            mantissa = _fixed(size / Fraction(10) ** exponent, significant - 1)
            suffix = f"{'E' if kind.isupper() else 'e'}{exponent:+03d}"
        if general and not alternate and "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
    whole, point, decimals = mantissa.partition(".")
    return whole, ("." if alternate else point) + decimals + suffix


def _fixed(size: Fraction, places: int) -> str:
    text = _integer_text(round(size * 10**places)).zfill(places + 1)
    return f"{text[:-places]}.{text[-places:]}" if places else text


def _grouped(digits: str, width: int = 0) -> str:
    """`digits` with a comma before every third, after zeros that make it at least `width` wide."""
    digits = digits.zfill(3 * width // 4 + 1)
    first = len(digits) % 3 or 3
    return ",".join([digits[:first], *(digits[i : i + 3] for i in range(first, len(digits), 3))])


def _decimal_exponent(value: Fraction, significant: int) -> int:
    """The exponent of the leading decimal digit of `value` once rounded to `significant` digits."""
    if value == 0:
        return 0
    size = abs(value)
    estimate = math.floor(
        (size.numerator.bit_length() - size.denominator.bit_length()) / BITS_PER_DIGIT
    )
    exponent = next(e for e in range(estimate + 2, estimate - 4, -1) if size >= Fraction(10) ** e)
    carried = round(size * Fraction(10) ** (significant - 1 - exponent)) >= 10**significant
    return exponent + 1 if carried else exponent


def _integer_text(value: int) -> str:
    width = value.bit_length()
    if width < _STR_BITS:
        return str(value)
    with localcontext(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN):
        return str(_decimal(value, width))


def _decimal(value: int, width: int) -> Decimal:
    # By halves, as in CPython's _pylong: Decimal(value) is quadratic, products of Decimals are not.
    if width < 2000:
        return Decimal(value)
    half = width // 2
    high, low = value >> half, value & ((1 << half) - 1)
    return _decimal(high, width - half) * Decimal(2) ** half + _decimal(low, half)


def _short_integer(value: int, digits: int) -> str:
    if value.bit_length() < digits * 3:
        return str(value)
    text = _integer_text(abs(value))
    sign = "-" if value < 0 else ""
    if len(text) <= digits:
        return sign + text
    edge = max(digits // 3, 1)
    return f"{sign}{text[:edge]}…{text[-edge:]} ({len(text):,} digits)"
