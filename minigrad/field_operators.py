"""The operators whose values and derivatives are rational: arithmetic, its pieces, sums and products.

Conventions where mathematics leaves a choice (the same as PyTorch's and JAX's): the derivative of
`relu` and of `abs` at 0 is 0; `maximum` and `minimum` give each operand one half at a tie; `where`
passes the gradient to the chosen side only; `0**0` is 1; `//`, `round`, `floor`, `ceil` and `sign` have
derivative 0.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from itertools import accumulate
from typing import Any, Final

from minigrad import number
from minigrad.backing import Rational, power
from minigrad.entries import Domain, End, Fold, Form, Operator, Parameter, Piece
from minigrad.errors import DivisionByZero
from minigrad.number import MINUS_ONE, ONE, ZERO

__all__ = ["TABLE", "power_partial", "power_size", "side"]


# --- partials, pieces and sizes that take more than a line ---------------------------------------


def power_partial(x: Any, n: int) -> Any:
    """The derivative of `x**n`."""
    # n is no number of the field but a parameter: x**0 is 1 everywhere, so 0 * x**(-1) at 0 is not asked.
    if n == 0:
        return ZERO
    if n == 1:
        return ONE
    return n * (x if n == 2 else power(x, n - 1))


def power_size(limit: int, x: Fraction, n: int) -> int:
    """At least about the bits of `x**n`."""
    return 0 if number.is_short([x], limit // (abs(n) or 1)) else number.product_size([x]) * abs(n)


def _sum_size(limit: int, *values: Fraction) -> int:
    if number.is_short(values, limit):
        return 0
    return number.common_size([x.denominator for x in values], limit)


def _dot_size(limit: int, *values: Fraction) -> int:
    if number.is_short(values, limit):
        return 0
    half = len(values) // 2
    pairs = zip(values[:half], values[half:], strict=True)
    return number.common_size([x.denominator * y.denominator for x, y in pairs], limit)


def _product_size(limit: int, *values: Fraction) -> int:
    if number.is_short(values, limit) or not all(values):
        return 0
    return number.product_size(values)


def _product_partials(_z: Any, *xs: Any) -> list[Any]:
    # Prefix times suffix products and not z / x, which would fail where a factor is 0.
    before = [ONE, *accumulate(xs[:-1], operator.mul)]
    after = [ONE, *accumulate(reversed(xs[1:]), operator.mul)][::-1]
    return [
        right if left is ONE else left if right is ONE else left * right
        for left, right in zip(before, after, strict=True)
    ]


def _dot_forward(*values: Any) -> Any:
    half = len(values) // 2
    return number.dot(values[:half], values[half:])


def _dot_partials(_z: Any, *values: Any) -> tuple[Any, ...]:
    half = len(values) // 2
    return values[half:] + values[:half]


_POSITIVE, _NEGATIVE = Piece("positive"), Piece("negative")
_AT_ZERO = Piece("zero", boundary=True)
_FIRST, _SECOND = Piece("first greater"), Piece("second greater")
_TIE = Piece("tie", boundary=True)


def side(x: Any) -> Piece:
    """Whether `x` is positive, negative or zero, the boundary."""
    # Of the engine's numbers an integer is quicker to compare.
    signed = x.numerator if type(x) is Rational else x
    if signed > 0:
        return _POSITIVE
    return _NEGATIVE if signed else _AT_ZERO


def _order(x: Any, y: Any) -> Piece:
    if x > y:
        return _FIRST
    return _TIE if x == y else _SECOND


def _quotient(x: Any, y: Any) -> Piece:
    ratio = x / y
    whole = math.floor(ratio)
    return Piece("quotient", ratio == whole, (Fraction(whole),))


def _whole(whole: int, x: Any) -> Piece:
    return Piece("whole", bool(x == whole), (Fraction(whole),))


def nearest_piece(x: Any, digits: int) -> Piece:
    """The piece of `round` at `x`: the whole number next to x times ten to the power, halves to even."""
    scaled = x * ten_to(digits)
    below = math.floor(scaled)
    rest = scaled - below
    half = rest == _HALF
    up = rest > _HALF or (half and below % 2 == 1)
    return Piece("nearest", half, (Fraction(below + up),))


def ten_to(digits: int) -> Fraction:
    """That power of ten."""
    return Fraction(10) ** digits


_HALF = Fraction(1, 2)
_SIGN = {"positive": ONE, "negative": MINUS_ONE, "zero": ZERO}
_SHARES = {"first greater": (ONE, ZERO), "second greater": (ZERO, ONE), "tie": (_HALF, _HALF)}


# --- witnesses that take more than a line: SymPy's own pieces, boundaries included ----------------


def _abs_witness(sp: Any, x: Any, piece: Piece) -> Form:
    if piece.name == "zero":
        return Form(sp.Integer(0), (sp.Eq(x, 0),), boundary=True)
    return Form(x, (x > 0,)) if piece.name == "positive" else Form(-x, (x < 0,))


def _relu_witness(sp: Any, x: Any, piece: Piece) -> Form:
    if piece.name == "zero":
        return Form(sp.Integer(0), (sp.Eq(x, 0),), boundary=True)
    return Form(x, (x > 0,)) if piece.name == "positive" else Form(sp.Integer(0), (x < 0,))


def _maximum_witness(sp: Any, x: Any, y: Any, piece: Piece) -> Form:
    if piece.name == "tie":
        return Form((x + y) / 2, (sp.Eq(x, y),), boundary=True)
    return Form(x, (x > y,)) if piece.name == "first greater" else Form(y, (x < y,))


def _minimum_witness(sp: Any, x: Any, y: Any, piece: Piece) -> Form:
    if piece.name == "tie":
        return Form((x + y) / 2, (sp.Eq(x, y),), boundary=True)
    return Form(y, (x > y,)) if piece.name == "first greater" else Form(x, (x < y,))


def _between(sp: Any, x: Any, y: Any, piece: Piece) -> tuple[Any, ...]:
    """The conditions under which floor(x/y) is the whole number of the piece."""
    (whole,) = piece.numbers
    proper = (sp.Ne(y, 0), sp.Eq(sp.Mod(whole, 1), 0))
    if piece.boundary:
        return *proper, sp.Eq(x / y, whole)
    return *proper, x / y > whole, x / y < whole + 1


def _ceil_witness(sp: Any, x: Any, piece: Piece) -> Form:
    (whole,) = piece.numbers
    proper = sp.Eq(sp.Mod(whole, 1), 0)
    if piece.boundary:
        return Form(whole, (proper, sp.Eq(x, whole)), boundary=True)
    return Form(whole, (proper, x > whole - 1, x < whole))


def _sign_witness(sp: Any, x: Any, piece: Piece) -> Form:
    if piece.name == "zero":
        return Form(sp.Integer(0), (sp.Eq(x, 0),), boundary=True)
    positive = piece.name == "positive"
    return Form(sp.Integer(1 if positive else -1), (x > 0 if positive else x < 0,))


def _floordiv_witness(sp: Any, x: Any, y: Any, piece: Piece) -> Form:
    return Form(piece.numbers[0], _between(sp, x, y, piece), boundary=piece.boundary)


def _mod_witness(sp: Any, x: Any, y: Any, piece: Piece) -> Form:
    return Form(x - piece.numbers[0] * y, _between(sp, x, y, piece), boundary=piece.boundary)


def _round_witness(sp: Any, x: Any, digits: int, piece: Piece) -> Form:
    (nearest,) = piece.numbers
    unit = sp.Integer(10) ** digits
    half = sp.Rational(1, 2)
    if piece.boundary:
        # A tie goes to the even neighbour, and at a tie x*unit is half away from both neighbours.
        conditions = (sp.Eq((x * unit - nearest) ** 2, half**2), sp.Eq(sp.Mod(nearest, 2), 0))
    else:
        conditions = (x * unit > nearest - half, x * unit < nearest + half)
    whole = sp.Eq(sp.Mod(nearest, 1), 0)
    return Form(nearest / unit, (whole, *conditions), boundary=piece.boundary)


def _pow_witness(sp: Any, x: Any, n: int) -> Form:
    return Form(x**n, (sp.Ne(x, 0),) if n < 0 else ())


# --- parameters and domains ----------------------------------------------------------------------

_EXPONENT = Parameter(
    "exponent", lambda n: type(n) is int, "an int", samples=(-3, -2, -1, 0, 1, 2, 3, 5)
)
_CONDITION = Parameter(
    "condition", lambda c: type(c) is bool, "true or false", samples=(True, False)
)
_DIGITS = Parameter("digits", lambda n: type(n) is int, "an int", samples=(0, 1, -1))

_NONZERO_DIVISOR = Domain(
    lambda x, y: bool(y), DivisionByZero, "the divisor must not be 0", (End(1, "==", 0),)
)
_NONZERO_BASE = Domain(
    lambda x, n: n >= 0 or bool(x), DivisionByZero, "0 has no negative power", (End(0, "==", 0),)
)
# --- the table -----------------------------------------------------------------------------------

TABLE: Final = (
    Operator(
        "add", "+", 2,
        is_field=True,
        forward=operator.add,
        partials=lambda z, x, y: (ONE, ONE),
        witness=lambda sp, x, y: Form(x + y),
    ),
    Operator(
        "sub", "-", 2,
        is_field=True,
        forward=operator.sub,
        partials=lambda z, x, y: (ONE, MINUS_ONE),
        witness=lambda sp, x, y: Form(x - y),
    ),
    Operator(
        "mul", "*", 2,
        is_field=True,
        forward=operator.mul,
        partials=lambda z, x, y: (y, x),
        witness=lambda sp, x, y: Form(x * y),
    ),
    Operator(
        "div", "/", 2,
        is_field=True,
        forward=operator.truediv,
        partials=lambda z, x, y: (inverse := y**-1, -z * inverse),
        witness=lambda sp, x, y: Form(x / y, (sp.Ne(y, 0),)),
        domain=(_NONZERO_DIVISOR,),
    ),
    Operator(
        "floordiv", "//", 2,
        forward=lambda x, y, piece: piece.numbers[0],
        partials=lambda z, x, y, piece: (ZERO, ZERO),
        witness=_floordiv_witness,
        domain=(_NONZERO_DIVISOR,),
        branch=_quotient,
    ),
    Operator(
        "mod", "%", 2,
        forward=lambda x, y, piece: x - piece.numbers[0] * y,
        partials=lambda z, x, y, piece: (ONE, -piece.numbers[0]),
        witness=_mod_witness,
        domain=(_NONZERO_DIVISOR,),
        branch=_quotient,
    ),
    Operator(
        "neg", "-", 1,
        is_field=True,
        forward=lambda x: -x,
        partials=lambda z, x: (MINUS_ONE,),
        witness=lambda sp, x: Form(-x),
    ),
    Operator(
        "pow", "**", 1,
        is_field=True,
        forward=power,
        partials=lambda z, x, n: (power_partial(x, n),),
        witness=_pow_witness,
        parameters=(_EXPONENT,),
        domain=(_NONZERO_BASE,),
        size=power_size,
    ),
    Operator(
        "abs", "abs", 1,
        is_field=True,
        forward=lambda x, piece: -x if piece.name == "negative" else x,
        partials=lambda z, x, piece: (_SIGN[piece.name],),
        witness=_abs_witness,
        branch=side,
    ),
    Operator(
        "relu", "relu", 1,
        is_field=True,
        forward=lambda x, piece: x if piece.name == "positive" else ZERO,
        partials=lambda z, x, piece: (ONE if piece.name == "positive" else ZERO,),
        witness=_relu_witness,
        branch=side,
    ),
    Operator(
        "maximum", "max", 2,
        is_field=True,
        forward=lambda x, y, piece: y if piece.name == "second greater" else x,
        partials=lambda z, x, y, piece: _SHARES[piece.name],
        witness=_maximum_witness,
        branch=_order,
    ),
    Operator(
        "minimum", "min", 2,
        is_field=True,
        forward=lambda x, y, piece: x if piece.name == "second greater" else y,
        partials=lambda z, x, y, piece: _SHARES[piece.name][::-1],
        witness=_minimum_witness,
        branch=_order,
    ),
    Operator(
        "round", "round", 1,
        forward=lambda x, digits, piece: piece.numbers[0] / ten_to(digits),
        partials=lambda z, x, digits, piece: (ZERO,),
        witness=_round_witness,
        parameters=(_DIGITS,),
        branch=nearest_piece,
        size=lambda limit, x, digits: 3 * abs(digits),
    ),
    Operator(
        "floor", "floor", 1,
        forward=lambda x, piece: piece.numbers[0],
        partials=lambda z, x, piece: (ZERO,),
        witness=lambda sp, x, piece: Form(
            piece.numbers[0], _between(sp, x, sp.Integer(1), piece), boundary=piece.boundary
        ),
        branch=lambda x: _whole(math.floor(x), x),
    ),
    Operator(
        "ceil", "ceil", 1,
        forward=lambda x, piece: piece.numbers[0],
        partials=lambda z, x, piece: (ZERO,),
        witness=_ceil_witness,
        branch=lambda x: _whole(math.ceil(x), x),
    ),
    Operator(
        "sign", "sign", 1,
        is_field=True,
        forward=lambda x, piece: _SIGN[piece.name],
        partials=lambda z, x, piece: (ZERO,),
        witness=_sign_witness,
        branch=side,
    ),
    Operator(
        "where", "where", 2,
        is_field=True,
        forward=lambda x, y, condition: x if condition else y,
        partials=lambda z, x, y, condition: (ONE, ZERO) if condition else (ZERO, ONE),
        witness=lambda sp, x, y, condition: Form(x if condition else y),
        parameters=(_CONDITION,),
    ),
    Operator(
        "sum", "sum", None,
        is_field=True,
        forward=lambda *xs: number.total(xs),
        partials=lambda z, *xs: (ONE,) * len(xs),
        witness=lambda sp, *xs: Fold(0, lambda total, x: Form(total + x)),
        size=_sum_size,
    ),
    Operator(
        "prod", "prod", None,
        is_field=True,
        forward=lambda *xs: number.product(xs),
        partials=_product_partials,
        witness=lambda sp, *xs: Fold(1, lambda product, x: Form(product * x)),
        size=_product_size,
    ),
    Operator(
        "dot", "dot", None,
        is_field=True,
        forward=_dot_forward,
        partials=_dot_partials,
        witness=lambda sp, *xs: Fold(0, lambda total, x, y: Form(total + x * y), width=2),
        size=_dot_size,
        width=2,
    ),
)  # fmt: skip
