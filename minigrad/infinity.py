"""Infinities in programs: constants beyond every number, and gone as soon as a number is left.

    >>> import math
    >>> from minigrad import Scalar, exp, grad
    >>> grad(lambda x: min(math.inf, x * x) + exp(x - math.inf))(3)
    Fraction(6, 1)

Programs mask scores by `np.where(mask, scores, -np.inf)`, and begin a search for the least of some
numbers with `math.inf`. No graph holds that, and none has to: an infinity is no function of the
arguments, and what is computed from it is infinite too, or a constant, as `exp(-inf)` is, or the other
operand, as `min(inf, x)` is. So operations on an Infinity are carried out when they are met, by the rules
below, which are those of floats, and make no nodes. What is NaN there, `inf - inf` or `0 * inf`, is
refused.

Only functions that minigrad runs meet infinities: a function under check, or under `grad` and its kin.
Elsewhere `x + math.inf` is the InvalidNumber that `Scalar(math.inf)` is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from minigrad import exact, number, reading
from minigrad.elementary import call
from minigrad.errors import DivisionByZero, InvalidNumber
from minigrad.node_text import operation
from minigrad.number import Floats
from minigrad.numpy_protocols import is_array
from minigrad.operators import OPERATORS, Operator
from minigrad.scalar import Scalar, applied

__all__ = ["Infinity", "is_infinite", "operand", "result"]


class Infinity(Scalar):
    """A constant beyond every number, on the side of `limit`, which is `math.inf` or `-math.inf`."""

    __slots__ = ()

    def __init__(self, limit: float) -> None:
        self._set(limit, None, (), ())
        self._is_constant = True

    @property
    def limit(self) -> float:
        """The infinity as a float."""
        return float(self._number)

    def _compare(self, other: object, holds: Callable[[Any, Any], bool]) -> Any:
        if isinstance(other, Infinity):
            return holds(self.limit, other.limit)
        if isinstance(other, Scalar):
            return holds(self.limit, 0)
        ordinate = None if is_array(other) else exact.ordinate(other)
        if ordinate is None:
            return NotImplemented
        return holds(self.limit, ordinate if isinstance(ordinate, float) else 0)

    def _result(
        self,
        operator: Operator,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
        _max_bits: int,
        _data: object,
    ) -> Scalar:
        return result(operator, operands, parameters)

    def __repr__(self) -> str:
        return f"Infinity({self.limit})"

    def __copy__(self) -> Infinity:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Infinity:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Infinity, (self.limit,)


def is_infinite(x: object) -> bool:
    """Whether `x`, a Scalar or a number, is infinite."""
    return isinstance(x, Infinity) or number.infinity(x) is not None


def operand(value: object, floats: Floats = "decimal") -> Any:
    """`value` as an operand where infinities are allowed: as `exact.operand_value`, or an Infinity.

    >>> operand(-math.inf) < 10**100, operand(2.5)
    (True, Fraction(5, 2))
    """
    limit = number.infinity(value)
    return exact.operand_value(value, floats) if limit is None else Infinity(limit)


def result(
    operator: Operator, operands: Sequence[Scalar], parameters: tuple[Any, ...] = ()
) -> Scalar:
    """What `operator` gives of operands of which one at least is an Infinity.

    Raises InvalidNumber where floats give NaN, and DivisionByZero where the divisor is 0.

    >>> result(OPERATORS["div"], [Scalar(3), Infinity(math.inf)]).data
    Fraction(0, 1)
    """
    name = operator.name
    if name in _DIVISIONS and not operands[1]:
        raise DivisionByZero(
            f"{operation(operator, operands, parameters)}: {operator.domain[0].says}"
        )
    if name in _RULES:
        found = _RULES[name](*operands, *parameters)
    else:
        found = _LIMITS.get(name, (None, None))[operands[0] > 0]
    if found is None:
        error = InvalidNumber(
            f"{operation(operator, operands, parameters)}: expected a number or an infinity as the "
            "result; got NaN, which is no number"
        )
        reading.refused(error)
        raise error
    if isinstance(found, Scalar):
        return found
    return Infinity(found) if isinstance(found, float) else Scalar.constant(found)


_DIVISIONS: Final = ("div", "floordiv", "mod")
_INFINITE: Final = math.inf
_ODD: Final = (-_INFINITE, _INFINITE)
_EVEN: Final = (_INFINITE, _INFINITE)
_FROM_ZERO: Final = (0, _INFINITE)
_SIGNS: Final = (-1, 1)
_ONE_SIDED: Final = (None, _INFINITE)

_LIMITS: Final[Mapping[str, tuple[Any, Any]]] = MappingProxyType({
    "neg": (_INFINITE, -_INFINITE),
    "atan": ("-pi/2", "pi/2"),
    "expm1": (-1, _INFINITE),
    "sigmoid": (0, 1),
    **dict.fromkeys(("abs", "cosh"), _EVEN),
    **dict.fromkeys(("exp", "exp2", "relu", "softplus"), _FROM_ZERO),
    **dict.fromkeys(("asinh", "cbrt", "ceil", "floor", "round", "sinh"), _ODD),
    **dict.fromkeys(("erf", "sign", "tanh"), _SIGNS),
    **dict.fromkeys(
        (
            "acosh", "digamma", "gamma", "gelu", "log", "log10", "log1p", "log2", "loggamma", "silu",
            "sqrt",
        ),
        _ONE_SIDED,
    ),
})  # fmt: skip
"""What operators of one operand give at minus infinity and at infinity; None where they have no limit.

Those that are not here oscillate, or end before. `x * sigmoid(x)` is 0 * inf at minus infinity.
"""


def _side(x: Scalar) -> int:
    """The sign of `x`; a comparison that the program makes, if `x` is an argument's."""
    return 1 if x > 0 else -1 if x < 0 else 0


def _limits(xs: Sequence[Scalar]) -> list[float]:
    return [x.limit for x in xs if isinstance(x, Infinity)]


def _sum(*xs: Scalar) -> float | None:
    found = set(_limits(xs))
    return found.pop() if len(found) == 1 else None


def _product(*xs: Scalar) -> float | None:
    side = math.prod(map(_side, xs))
    return side * _INFINITE if side else None


def _dot(*xs: Scalar) -> float | None:
    half = len(xs) // 2
    pairs = [pair for pair in zip(xs[:half], xs[half:], strict=True) if _limits(pair)]
    found = {_product(*pair) for pair in pairs}
    return found.pop() if len(found) == 1 else None


def _difference(x: Scalar, y: Scalar) -> float | None:
    return _sum(x, Infinity(-y.limit) if isinstance(y, Infinity) else y)


def _quotient(x: Scalar, y: Scalar) -> float | int | None:
    if isinstance(y, Infinity):
        return None if isinstance(x, Infinity) else 0
    return _product(x, y)


def _power(x: Scalar, y: Scalar) -> float | int | None:
    if isinstance(y, Infinity) or x < 0:
        return None
    side = _side(y)
    return _INFINITE if side > 0 else 0 if side else 1


def _whole_power(x: Scalar, exponent: int) -> float | int:
    if exponent <= 0:
        return int(exponent == 0)
    return -_INFINITE if x < 0 and exponent % 2 else _INFINITE


def _extreme(side: int) -> Callable[[Scalar, Scalar], Scalar]:
    """The operator maximum, if `side` is 1, or minimum, if -1."""

    def extreme(x: Scalar, y: Scalar) -> Scalar:
        infinite, other = (x, y) if isinstance(x, Infinity) else (y, x)
        return infinite if _side(infinite) == side else other

    return extreme


def _log_sum(*xs: Scalar) -> Scalar | float:
    """The logarithm of the sum of exponentials, to which minus infinity adds nothing."""
    if _INFINITE in _limits(xs):
        return _INFINITE
    rest = [x for x in xs if not isinstance(x, Infinity)]
    if len(rest) > 1:
        return applied(OPERATORS["logsumexp"], rest)
    return rest[0] if rest else -_INFINITE


def _softmax(name: str, of_none: float) -> Callable[..., Any]:
    """The operator softmax or log_softmax, `of_none` being what minus infinity has of the whole."""

    def share(*operands: Any) -> Scalar | float | None:
        *xs, index = operands
        rest = [k for k, x in enumerate(xs) if not isinstance(x, Infinity)]
        if not rest or _INFINITE in _limits(xs):
            return None
        if index not in rest:
            return of_none
        return applied(OPERATORS[name], [xs[k] for k in rest], (rest.index(index),))

    return share


def _angle(y: Scalar, x: Scalar) -> Any:
    up, right = [_side(x) if isinstance(x, Infinity) else 0 for x in (y, x)]
    if not up and right < 0:
        return "pi" if y >= 0 else "-pi"
    return call("atan2", Fraction(up), Fraction(right))


def _floor_quotient(x: Scalar, y: Scalar) -> int | None:
    return None if isinstance(x, Infinity) else min(_side(x) * _side(y), 0)


def _remainder(x: Scalar, y: Scalar) -> Scalar | None:
    quotient = _floor_quotient(x, y)
    return None if quotient is None else y if quotient else x


def _polygamma(x: Scalar, order: int) -> float | None:
    return None if x < 0 else 0 if order else _INFINITE


_RULES: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "add": _sum,
    "atan2": _angle,
    "div": _quotient,
    "dot": _dot,
    "floordiv": _floor_quotient,
    "hypot": lambda *_xs: _INFINITE,
    "log_softmax": _softmax("log_softmax", -_INFINITE),
    "logaddexp": _log_sum,
    "logsumexp": _log_sum,
    "maximum": _extreme(1),
    "minimum": _extreme(-1),
    "mod": _remainder,
    "mul": _product,
    "norm": lambda *_xs: _INFINITE,
    "polygamma": _polygamma,
    "pow": _whole_power,
    "power": _power,
    "prod": _product,
    "softmax": _softmax("softmax", 0),
    "sub": _difference,
    "sum": _sum,
    "where": lambda x, y, condition: x if condition else y,
})  # fmt: skip
"""What operators of several operands give, or of parameters; None where it has no value."""
