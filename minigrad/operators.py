"""The operators: one table, and everything that minigrad knows of each of them.

An entry says how an operator is computed, what its partial derivatives are, where it is defined,
and what SymPy calls it. Printing, building a node, the reverse sweep, graph files, random graphs
and the proofs all read the same entry, and none of them knows an operator by name. The partials
use field operations only (`+ - * /` and integer powers; a test on a parameter or on the piece is
allowed, one on a number never is), so the same line serves Fractions, rational functions, and
Scalars when a derivative is differentiated again.

That a derivative is best declared by its partials alone, the result included among what they may
use, is the lesson of ChainRules.jl (F. C. White et al., `@scalar_rule`).

The witness is SymPy's own form of the operator, read by `minigrad.verify` alone, and shares nothing
with the rest of the entry. It is a function of the SymPy module, so that importing this table does
not import SymPy.

Conventions where mathematics leaves a choice (the same as PyTorch's and JAX's): the derivative of
`relu` and of `abs` at 0 is 0; `maximum` and `minimum` give each operand one half at a tie; `where`
passes the gradient to the chosen side only; `0**0` is 1; `//` and `round` have derivative 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from operator import mul
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from minigrad import number
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand, MinigradError, describe
from minigrad.number import MINUS_ONE, ONE, UNAVAILABLE, ZERO

__all__ = ["OPERATORS", "Domain", "Fold", "Form", "Operator", "Parameter", "Piece", "named"]


class Piece(NamedTuple):
    """The smooth piece of a piecewise operator that holds at a point.

    `numbers` are what the piece's formula needs and its name does not say: the quotient of `//`.
    At a boundary the piece is the convention that holds there.
    """

    name: str | int
    boundary: bool = False
    numbers: tuple[Any, ...] = ()


class Form(NamedTuple):
    """A witness: SymPy's expression of an operator, and the conditions under which it holds.

    `irrational` lists the operands by which the derivative is no rational function, so that the
    engine must answer UNAVAILABLE there.
    """

    expression: Any
    conditions: tuple[Any, ...] = ()
    boundary: bool = False
    irrational: tuple[int, ...] = ()


class Fold(NamedTuple):
    """The witness of an operator of any number of operands: `step(accumulator, *block)`, repeated.

    The operands are `width` equal runs, and block i is the i-th of each run: for a dot product,
    whose operands are the xs and then the ys, it is the pair (x_i, y_i).
    """

    start: int
    step: Callable[..., Form]
    width: int = 1


class Domain(NamedTuple):
    """Where an operator is defined, and the error (type and words) elsewhere."""

    holds: Callable[..., bool]
    error: type[MinigradError]
    says: str


class Parameter(NamedTuple):
    """What an operator takes besides operands; `samples` are tried by tests and random graphs."""

    name: str
    accepts: Callable[[Any], bool]
    says: str
    samples: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """One entry of the table.

    With xs the operands' values, ps the parameters, z the result, and piece the answer of `branch`
    (the last argument of forward, partials and witness where there is a branch, and absent where
    there is none):

    - `forward(*xs, *ps[, piece])` is the value;
    - `partials(z, *xs, *ps[, piece])` are the derivatives by each operand, in order;
    - `branch(*xs, *ps)` is the Piece that holds at xs, the only place where numbers are compared;
    - `witness(sympy, *symbols, *ps[, piece])` is a Form; where the arity is open,
      `witness(sympy)` is a Fold;
    - each `holds(*xs, *ps)` of `domain` must be true before anything else is called;
    - `size(limit, *xs, *ps)` is at least about how many bits computing the result takes, before it
      is reduced, where that can outgrow the operands'; counting may stop above `limit`.

    `arity` is None for any number of operands, which must then be a multiple of `width`. A
    `prefix` symbol is written `-x`, a named one `relu(x)`, any other between its operands.
    """

    name: str
    symbol: str
    arity: int | None
    forward: Callable[..., Any]
    partials: Callable[..., Sequence[Any]]
    witness: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    domain: tuple[Domain, ...] = ()
    branch: Callable[..., Piece] | None = None
    size: Callable[..., int] | None = None
    width: int = 1

    def piece(self, values: Sequence[Any], parameters: tuple[Any, ...]) -> tuple[Piece, ...]:
        """The last argument of forward, partials and witness: one Piece, or nothing."""
        return () if self.branch is None else (self.branch(*values, *parameters),)

    def check_shape(self, count: int, parameters: Sequence[object]) -> None:
        """Raise InvalidOperand unless `count` operands and these parameters fit this operator."""
        if self.arity is None:
            if count == 0 or count % self.width:
                raise InvalidOperand(
                    f"{self.name}: expected a positive multiple of {self.width} operands; got {count}"
                )
        elif count != self.arity:
            raise InvalidOperand(f"{self.name}: expected {self.arity} operands; got {count}")
        if len(parameters) != len(self.parameters):
            names = [parameter.name for parameter in self.parameters]
            raise InvalidOperand(
                f"{self.name}: expected the parameters {names}; got {len(parameters)} of them"
            )
        for parameter, value in zip(self.parameters, parameters, strict=True):
            if not parameter.accepts(value):
                raise InvalidOperand(
                    f"{self.name}: expected {parameter.name} to be {parameter.says}; "
                    f"got {describe(value)}"
                )

    def __repr__(self) -> str:
        return f"<operator {self.name}>"

    def check_known(self) -> None:
        """Raise InvalidOperand unless this is the table's own entry, for which its name stands."""
        if OPERATORS.get(self.name) is not self:
            raise InvalidOperand(
                f"{self.name}: only operators of the table can be pickled, copied or written"
            )

    def __reduce__(self) -> tuple[Callable[[str], Operator], tuple[str]]:
        self.check_known()
        return named, (self.name,)


def named(name: str) -> Operator:
    """The operator of that name. Raises InvalidOperand, listing the names, if there is none.

    >>> named("div").symbol
    '/'
    """
    try:
        return OPERATORS[name]
    except (KeyError, TypeError):
        raise InvalidOperand(
            f"expected an operator, one of {', '.join(OPERATORS)}; got {describe(name)}"
        ) from None


# --- partials, pieces and sizes that take more than a line ---------------------------------------


def _power_partial(x: Any, n: int) -> Any:
    # n is no number of the field but a parameter: x**0 is 1 everywhere, so 0 * x**(-1) at 0 is not asked.
    if n == 0:
        return ZERO
    return ONE if n == 1 else n * x ** (n - 1)


def _power_size(_limit: int, x: Fraction, n: int) -> int:
    return number.product_size([x]) * abs(n)


def _dot_size(limit: int, *values: Fraction) -> int:
    half = len(values) // 2
    pairs = zip(values[:half], values[half:], strict=True)
    return number.common_size([x.denominator * y.denominator for x, y in pairs], limit)


def _product_partials(_z: Any, *xs: Any) -> list[Any]:
    # Prefix times suffix products and not z / x, which would fail where a factor is 0.
    before = [ONE, *accumulate(xs[:-1], mul)]
    after = [ONE, *accumulate(reversed(xs[1:]), mul)][::-1]
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


def _side(x: Any) -> Piece:
    if x > 0:
        return Piece("positive")
    return Piece("negative") if x < 0 else Piece("zero", boundary=True)


def _order(x: Any, y: Any) -> Piece:
    if x > y:
        return Piece("first greater")
    return Piece("second greater") if x < y else Piece("tie", boundary=True)


def _quotient(x: Any, y: Any) -> Piece:
    ratio = x / y
    whole = math.floor(ratio)
    return Piece("quotient", ratio == whole, (Fraction(whole),))


def _nearest(x: Any, digits: int) -> Piece:
    scaled = x * _ten_to(digits)
    below = math.floor(scaled)
    rest = scaled - below
    half = rest == _HALF
    up = rest > _HALF or (half and below % 2 == 1)
    return Piece("nearest", half, (Fraction(below + up),))


def _ten_to(digits: int) -> Fraction:
    return Fraction(10) ** digits


_HALF = Fraction(1, 2)
_ABS_SLOPE = {"positive": ONE, "negative": MINUS_ONE, "zero": ZERO}
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


def _power_witness(sp: Any, x: Any, y: Any, piece: Piece) -> Form:
    n = int(piece.name)
    nonzero = (sp.Ne(x, 0),) if n < 0 else ()
    return Form(x**n, (sp.Eq(y, n), *nonzero), irrational=(1,))


# --- parameters and domains ----------------------------------------------------------------------

_EXPONENT = Parameter(
    "exponent", lambda n: type(n) is int, "an int", samples=(-3, -2, -1, 0, 1, 2, 3, 5)
)
_CONDITION = Parameter(
    "condition", lambda c: type(c) is bool, "true or false", samples=(True, False)
)
_DIGITS = Parameter("digits", lambda n: type(n) is int, "an int", samples=(0, 1, -1))

_NONZERO_DIVISOR = Domain(lambda x, y: bool(y), DivisionByZero, "the divisor must not be 0")
_NONZERO_BASE = Domain(lambda x, n: n >= 0 or bool(x), DivisionByZero, "0 has no negative power")
_WHOLE_EXPONENT = Domain(
    lambda x, y: number.is_integer(y),
    DomainError,
    "the exponent must be a whole number: other powers are seldom rational",
)

# --- the table -----------------------------------------------------------------------------------

_TABLE = (
    Operator(
        "add", "+", 2,
        forward=lambda x, y: x + y,
        partials=lambda z, x, y: (ONE, ONE),
        witness=lambda sp, x, y: Form(x + y),
    ),
    Operator(
        "sub", "-", 2,
        forward=lambda x, y: x - y,
        partials=lambda z, x, y: (ONE, MINUS_ONE),
        witness=lambda sp, x, y: Form(x - y),
    ),
    Operator(
        "mul", "*", 2,
        forward=lambda x, y: x * y,
        partials=lambda z, x, y: (y, x),
        witness=lambda sp, x, y: Form(x * y),
    ),
    Operator(
        "div", "/", 2,
        forward=lambda x, y: x / y,
        partials=lambda z, x, y: (ONE / y, -z / y),
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
        forward=lambda x: -x,
        partials=lambda z, x: (MINUS_ONE,),
        witness=lambda sp, x: Form(-x),
    ),
    Operator(
        "pow", "**", 1,
        forward=lambda x, n: x**n,
        partials=lambda z, x, n: (_power_partial(x, n),),
        witness=_pow_witness,
        parameters=(_EXPONENT,),
        domain=(_NONZERO_BASE,),
        size=_power_size,
    ),
    Operator(
        "power", "**", 2,
        forward=lambda x, y, piece: x**piece.name,
        partials=lambda z, x, y, piece: (_power_partial(x, piece.name), UNAVAILABLE),
        witness=_power_witness,
        domain=(_WHOLE_EXPONENT, _NONZERO_BASE),
        branch=lambda x, y: Piece(int(y)),
        size=lambda limit, x, y: _power_size(limit, x, int(y)),
    ),
    Operator(
        "abs", "abs", 1,
        forward=lambda x, piece: -x if piece.name == "negative" else x,
        partials=lambda z, x, piece: (_ABS_SLOPE[piece.name],),
        witness=_abs_witness,
        branch=_side,
    ),
    Operator(
        "relu", "relu", 1,
        forward=lambda x, piece: x if piece.name == "positive" else ZERO,
        partials=lambda z, x, piece: (ONE if piece.name == "positive" else ZERO,),
        witness=_relu_witness,
        branch=_side,
    ),
    Operator(
        "maximum", "max", 2,
        forward=lambda x, y, piece: y if piece.name == "second greater" else x,
        partials=lambda z, x, y, piece: _SHARES[piece.name],
        witness=_maximum_witness,
        branch=_order,
    ),
    Operator(
        "minimum", "min", 2,
        forward=lambda x, y, piece: x if piece.name == "second greater" else y,
        partials=lambda z, x, y, piece: _SHARES[piece.name][::-1],
        witness=_minimum_witness,
        branch=_order,
    ),
    Operator(
        "round", "round", 1,
        forward=lambda x, digits, piece: piece.numbers[0] / _ten_to(digits),
        partials=lambda z, x, digits, piece: (ZERO,),
        witness=_round_witness,
        parameters=(_DIGITS,),
        branch=_nearest,
        size=lambda limit, x, digits: 3 * abs(digits),
    ),
    Operator(
        "where", "where", 2,
        forward=lambda x, y, condition: x if condition else y,
        partials=lambda z, x, y, condition: (ONE, ZERO) if condition else (ZERO, ONE),
        witness=lambda sp, x, y, condition: Form(x if condition else y),
        parameters=(_CONDITION,),
    ),
    Operator(
        "sum", "sum", None,
        forward=lambda *xs: number.total(xs),
        partials=lambda z, *xs: (ONE,) * len(xs),
        witness=lambda sp: Fold(0, lambda total, x: Form(total + x)),
        size=lambda limit, *xs: number.common_size([x.denominator for x in xs], limit),
    ),
    Operator(
        "prod", "prod", None,
        forward=lambda *xs: math.prod(xs[1:], start=xs[0]),
        partials=_product_partials,
        witness=lambda sp: Fold(1, lambda product, x: Form(product * x)),
        size=lambda limit, *xs: number.product_size(xs) if all(xs) else 0,
    ),
    Operator(
        "dot", "dot", None,
        forward=_dot_forward,
        partials=_dot_partials,
        witness=lambda sp: Fold(0, lambda total, x, y: Form(total + x * y), width=2),
        size=_dot_size,
        width=2,
    ),
)  # fmt: skip

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType({op.name: op for op in _TABLE})
"""The table, by name. Read-only; a copy with one entry replaced can be given to who takes a table."""
