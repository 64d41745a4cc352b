"""The gate for exact numbers, rational or not: what people write in, a Fraction or a closed form out.

    >>> to_exact("3.1"), operand_value(True), operand_value("1")
    (Fraction(31, 10), Fraction(1, 1), None)
    >>> import sympy
    >>> to_exact(sympy.sqrt(8))
    2*sqrt(2)

Rational numbers are read by `minigrad.number`. SymPy's numbers that are not rational become closed forms,
and `published` turns those into SymPy's again, which is how `.data` and `.grad` show them. `parse` reads
the text of both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, TypeAlias

from minigrad import number, number_text
from minigrad.backing import outside
from minigrad.closed import Closed
from minigrad.elementary import CONSTANTS, Unsupported, call, is_pole, of_sympy
from minigrad.errors import InvalidNumber, InvalidOperand, TooLarge, describe
from minigrad.number import MAX_BITS, ONE, ZERO, Floats, check_size, total
from minigrad.rounding import whole

__all__ = [
    "MOST_TOKENS",
    "Exact",
    "digits",
    "is_readable",
    "operand_value",
    "ordinate",
    "parse",
    "published",
    "to_exact",
]

Exact: TypeAlias = Any
"""A Fraction or a Closed: both have the arithmetic of a field, for which Python has no type."""

_PLAIN: Final = frozenset({int, float, Fraction})
"""What is neither text, nor a truth value, nor a closed form, known without asking for each."""
_SEEN: Final = 64
"""Bits by which it is seen how close to 0 a number is."""
_MOST_ZEROS: Final = 2_000_000
"""Bits of 0 after the point before the first digit of a number."""
_MOST_DIGITS: Final = 100_000
_LONGEST_TEXT: Final = 1_000_000
MOST_TOKENS: Final = 100_000
"""Numbers and signs of a closed form that is read: a function of some hundred terms has so many."""


def to_exact(value: object, *, max_bits: int = MAX_BITS, floats: Floats = "decimal") -> Exact:
    """The exact number that `value` stands for: what `number.to_fraction` reads, and closed forms.

    Raises as that does, and InvalidNumber for an expression of SymPy that is no real number known here.
    """
    if type(value) in _PLAIN:
        return number.to_fraction(value, max_bits=max_bits, floats=floats)
    if isinstance(value, Closed):
        return check_size(value, max_bits)
    if isinstance(value, str):
        return parse(value, max_bits=max_bits)
    if _is_sympy_form(value):
        return check_size(_of_sympy(value), max_bits)
    return number.to_fraction(value, max_bits=max_bits, floats=floats)


def _is_sympy_form(value: Any) -> bool:
    """Whether it is an expression of SymPy, and no ratio or float; known without importing SymPy."""
    return (
        type(value).__module__.startswith("sympy.")
        and hasattr(value, "free_symbols")
        and not getattr(value, "is_Number", True)
        and not getattr(value, "is_Boolean", False)
    )


def _of_sympy(value: Any) -> Exact:
    try:
        found: Exact = of_sympy(value)
    except (Unsupported, ZeroDivisionError) as reason:
        raise InvalidNumber(f"expected a real number; got {describe(value)}: {reason}") from None
    return found


def operand_value(value: object, floats: Floats = "decimal") -> Exact | None:
    """`value` as an operand of Python arithmetic, or None where `NotImplemented` is the answer.

    Text is no operand (`x + "1"` is a TypeError in Python), and a bool counts as 0 or 1, so that
    a mask can be multiplied by.
    """
    if type(value) in _PLAIN:
        return number.to_fraction(value, floats=floats)
    if number.is_bool(value):
        return ONE if value else ZERO
    if isinstance(value, str):
        return None
    try:
        return to_exact(value, floats=floats)
    except InvalidOperand:
        return None
    except InvalidNumber:
        # A symbol is a type of its own to SymPy's arithmetic and no malformed number.
        if _is_sympy_form(value):
            return None
        raise


def ordinate(value: object, floats: Floats = "decimal") -> Exact | float | None:
    """`value` for a comparison: like `operand_value`, but infinities are allowed.

    >>> ordinate(float("inf")), ordinate(2)
    (inf, Fraction(2, 1))
    """
    infinite = number.infinity(value)
    return operand_value(value, floats) if infinite is None else infinite


def published(value: Any) -> Any:
    """A number as people see it: a Fraction, or SymPy's expression of a closed form."""
    return value.expression() if isinstance(value, Closed) else outside(value)


def digits(value: Exact, count: int) -> Decimal:
    """`value` rounded once, half to even, to `count` significant decimal digits.

    >>> digits(Fraction(2, 3), 5)
    Decimal('0.66667')
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= _MOST_DIGITS:
        raise InvalidOperand(
            f"expected a number of digits, 1 to {_MOST_DIGITS}; got {describe(count)}"
        )

    def rounded(ratio: Fraction) -> Decimal:
        # Not a division of Decimals: its rounding is whatever the context says.
        return Decimal(number_text.format_fraction(ratio, f".{count}g"))

    if isinstance(value, Fraction):
        return rounded(value)
    ends = value.bounds(_SEEN)
    if ends is not None and max(map(abs, ends)) < Fraction(1, 1 << _MOST_ZEROS):
        raise TooLarge(f"{value.text()} is too close to 0 for its digits to be found")
    found: Decimal = value.settled(rounded, 4 * count)
    return found


# --- text ----------------------------------------------------------------------------------------


def parse(text: str, *, max_bits: int = MAX_BITS) -> Exact:
    """The number written in `text`: as `number.parse`, or a closed form such as `"2*exp(1/2) - sqrt(2)"`.

    Numbers, `+ - * / **`, `pi`, `E`, `EulerGamma`, `Catalan` and the functions that closed forms are made
    of may stand in it. Raises InvalidNumber, TooLarge, or NotDecided.
    """
    try:
        return number.parse(text, max_bits=max_bits)
    except InvalidNumber as refusal:
        if not any(character.isalpha() or character in "(*" for character in text):
            raise
        said = refusal
    if len(text) > _LONGEST_TEXT:
        raise TooLarge(f"a closed form of {len(text):,} characters is over the limit")
    try:
        return check_size(_Reader(max_bits).read(text), max_bits)
    except _Unreadable:
        raise said from None
    except ZeroDivisionError:
        raise InvalidNumber(f"{said}: a denominator is 0") from None
    except InvalidNumber as reason:
        raise InvalidNumber(f"{said}: {reason}") from None


def is_readable(text: str) -> bool:
    """Whether `text`, that of a closed form, is within the limits on what `parse` reads.

    >>> is_readable("sqrt(2)"), is_readable("sqrt(2)" + " + 1" * 100_000)
    (True, False)
    """
    if len(text) > _LONGEST_TEXT:
        return False
    return len(text) <= MOST_TOKENS or sum(1 for _ in _TOKEN.finditer(text)) <= MOST_TOKENS


class _Reader:
    """A closed form read from left to right, with stacks of operands and of what waits for them.

    E. W. Dijkstra, Algol 60 translation, 1961: so that no depth of parentheses is too much. An operand
    is a list of terms, whose sum is formed when it is needed.
    """

    def __init__(self, max_bits: int) -> None:
        self.max_bits = max_bits
        self.operands: list[list[Any]] = []
        self.waiting: list[str] = []
        self.counts: list[int] = []

    def read(self, text: str) -> Any:
        tokens = _tokens(text)
        wants_operand = True
        for i, (kind, token) in enumerate(tokens):
            if not wants_operand:
                wants_operand = self._after_operand(token)
            elif token in ("+", "-"):
                self.waiting.append("-x" if token == "-" else "+x")
            elif token == "(":
                self._open("(")
            elif kind == "name" and tokens[i + 1 : i + 2] == [("sign", "(")]:
                self.waiting.append(token)
            else:
                self.operands.append([self._atom(kind, token)])
                wants_operand = False
        if wants_operand:
            raise _Unreadable
        self._apply(0)
        if self.waiting:
            raise _Unreadable
        return total(self.operands.pop())

    def _atom(self, kind: str, token: str) -> Any:
        if kind == "number":
            return number.parse(token, max_bits=self.max_bits)
        if token not in _NAMES:
            raise _Unreadable
        return _NAMES[token]()

    def _open(self, parenthesis: str) -> None:
        self.waiting.append(parenthesis)
        self.counts.append(1)

    def _after_operand(self, token: str) -> bool:
        """What a token after an operand means, and whether it asks for one more."""
        if token in (")", ","):
            self._apply(0)
            if not self.waiting:
                raise _Unreadable
            if token == ",":
                self.counts[-1] += 1
                return True
            self._close()
            return False
        if token not in _INFIXES:
            raise _Unreadable
        # Powers are taken from the right.
        self._apply(_BINDING[token] + (token == "**"))
        self.waiting.append(token)
        return True

    def _apply(self, binding: int) -> None:
        """Carry out what waits and binds as tightly as that, up to a parenthesis."""
        while self.waiting and _BINDING.get(self.waiting[-1], -1) >= binding:
            operator = self.waiting.pop()
            right = self.operands.pop()
            if operator in ("+", "-"):
                self.operands[-1] += right if operator == "+" else [-total(right)]
            elif operator in ("+x", "-x"):
                self.operands.append(right if operator == "+x" else [-total(right)])
            else:
                left = total(self.operands.pop())
                self.operands.append([_INFIXES[operator](left, total(right))])

    def _close(self) -> None:
        count = self.counts.pop()
        self.waiting.pop()
        name = self.waiting[-1] if self.waiting else ""
        if not name.isidentifier():
            if count > 1:
                raise _Unreadable
            return
        self.waiting.pop()
        arguments = [total(self.operands.pop()) for _ in range(count)]
        self.operands.append([_called(name, arguments[::-1])])


class _Unreadable(Exception):
    """A text is no closed form."""


_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]*)|(?P<sign>\*\*|[-+*/(),]))",
    re.ASCII,
)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    text = text.strip()
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _Unreadable
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
        if len(found) > MOST_TOKENS:
            raise TooLarge(f"a closed form of more than {MOST_TOKENS:,} numbers and signs")
    return found


def _called(name: str, xs: list[Any]) -> Any:
    arity, holds = _FUNCTIONS.get(name, (0, None))
    if holds is None or len(xs) != arity:
        raise InvalidNumber(f"expected one of {', '.join(_FUNCTIONS)}; got {name} of {len(xs)}")
    if not holds(*xs):
        raise InvalidNumber(
            f"{name}({', '.join(map(number_text.short_text, xs))}) is not real, or not finite"
        )
    if name == "polygamma":
        return call(name, int(xs[0]), xs[1])
    return call(name, *xs)


def _raised(x: Any, y: Any) -> Any:
    if not x > 0:
        n = whole(y)
        if n is None or (not x and n < 0):
            raise InvalidNumber("a power that is not real, or not finite")
        y = Fraction(n)
    ratios = isinstance(x, Fraction) and isinstance(y, Fraction)
    if ratios and abs(y) * number.bits(x) > 2 * MAX_BITS:
        raise TooLarge("a power in a closed form is too large")
    return call("power", x, y)


_INFIXES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": _raised,
}
_BINDING: Final[Mapping[str, int]] = {"+": 1, "-": 1, "*": 2, "/": 2, "+x": 3, "-x": 3, "**": 4}
_NAMES: Final[Mapping[str, Callable[[], Any]]] = {
    "pi": CONSTANTS["Pi"],
    "E": CONSTANTS["Exp1"],
    "EulerGamma": CONSTANTS["EulerGamma"],
    "Catalan": CONSTANTS["Catalan"],
}
_FUNCTIONS: Final[Mapping[str, tuple[int, Callable[..., bool]]]] = {
    "sqrt": (1, lambda x: x >= 0),
    "exp": (1, lambda x: True),
    "log": (1, lambda x: x > 0),
    "sin": (1, lambda x: True),
    "cos": (1, lambda x: True),
    "tan": (1, lambda x: bool(call("cos", x))),
    "asin": (1, lambda x: abs(x) <= 1),
    "acos": (1, lambda x: abs(x) <= 1),
    "atan": (1, lambda x: True),
    "erf": (1, lambda x: True),
    "gamma": (1, lambda x: not is_pole(x)),
    "loggamma": (1, lambda x: x > 0),
    "polygamma": (2, lambda n, x: number.is_integer(n) and n >= 0 and not is_pole(x)),
    "zeta": (1, lambda n: number.is_integer(n) and n > 1),
}
