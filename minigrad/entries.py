"""What an entry of the operator table is: the one place where all that is known of an operator stands.

An entry says how an operator is computed, what its partial derivatives are, where it is defined,
and what SymPy calls it. Printing, building a node, the reverse sweep, graph files, random graphs
and the proofs all read the same entry, and none of them knows an operator by name. The partials
use field operations and `minigrad.elementary.call` only (`+ - * /`, integer powers and named functions;
a test on a parameter or on the piece is allowed, one on a number never is), so the same line serves
Fractions, rational functions, and Scalars when a derivative is differentiated again.

That a derivative is best declared by its partials alone, the result included among what they may
use, is the lesson of ChainRules.jl (F. C. White et al., `@scalar_rule`).

The witness is SymPy's own form of the operator, read by `minigrad.verify` alone, and shares nothing
with the rest of the entry. It is a function of the SymPy module, so that importing the table does
not import SymPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minigrad.backing import Rational, outside
from minigrad.errors import InvalidOperand, MinigradError, describe

__all__ = ["Domain", "End", "Fold", "Form", "Operator", "Parameter", "Piece"]


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

    `unavailable` lists the operands by which there is no derivative on this piece, so that the engine
    must answer UNAVAILABLE there, or raise NoDerivative.
    """

    expression: Any
    conditions: tuple[Any, ...] = ()
    boundary: bool = False
    unavailable: tuple[int, ...] = ()


class Fold(NamedTuple):
    """The witness of an operator of any number of operands: `step(accumulator, *block)`, repeated.

    The operands are `width` equal runs, and block i is the i-th of each run: for a dot product,
    whose operands are the xs and then the ys, it is the pair (x_i, y_i).
    """

    start: int
    step: Callable[..., Form]
    width: int = 1


class End(NamedTuple):
    """A comparison of an operand with a number that may hold outside a domain.

    Where no number is given the operand is compared with its own value: it is on a pole.
    """

    operand: int
    relation: str
    number: int | None


class Domain(NamedTuple):
    """Where an operator is defined, and the error (type and words) elsewhere.

    `ends` are comparisons of which at least one holds outside: what a program would have asked that does
    not wait for the error. There are none where the domain is no matter of the operands' values.
    """

    holds: Callable[..., bool]
    error: type[MinigradError]
    says: str
    ends: tuple[End, ...] = ()


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
    - `witness(sympy, *symbols, *ps[, piece])` is a Form, or where the arity is open a Fold;
    - each `holds(*xs, *ps)` of `domain` must be true before anything else is called;
    - `size(limit, *xs, *ps)` is at least about how many bits computing the result takes, before it
      is reduced, where that can outgrow the operands'; counting may stop above `limit`.

    `is_rational` is whether values and partials are rational wherever the operands are, `is_field`
    whether forward, partials and branch need no more than the operations of an ordered field: then they
    are given the engine's own rationals, and Fractions otherwise. `is_plain` follows from the rest: such
    an operator of one operand and at most one parameter, or of two and none, and without pieces where
    there is a parameter, as most nodes have. So does `has_sides`, whether it is undefined on more than
    single numbers, as a logarithm is on one side of 0. `arity` is None for any number of operands, which
    must then be a multiple of `width`. A `prefix` symbol is written `-x`, a named one `relu(x)`, any
    other between its operands.
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
    is_rational: bool = True
    is_field: bool = False
    is_plain: bool = field(init=False)
    has_sides: bool = field(init=False)

    def __post_init__(self) -> None:
        is_small = self.arity is not None and self.arity + len(self.parameters) <= 2
        is_smooth = self.branch is None or not self.parameters
        object.__setattr__(self, "is_plain", self.is_field and is_small and is_smooth)
        ends = [end for domain in self.domain for end in domain.ends]
        object.__setattr__(self, "has_sides", any(end.relation != "==" for end in ends))

    def numbers(self, values: Sequence[Any]) -> Sequence[Any]:
        """What the rules of this operator are given for operands of these values."""
        if self.is_field:
            for value in values:
                if type(value) is not Rational:
                    break
            else:
                return values
        return [outside(value) for value in values]

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
