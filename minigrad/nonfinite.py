"""NaN and infinities in programs: constants that are no numbers, and gone where a number is left.

    >>> import math
    >>> from minigrad import Scalar, exp, grad
    >>> grad(lambda x: min(math.inf, x * x) + exp(x - math.inf))(3)
    Fraction(6, 1)

Programs mask scores by `np.where(mask, scores, -np.inf)`, begin a search for the least of some numbers
with `math.inf`, and throw the NaN away that NumPy makes of `log(-1)`, as `np.where(x > 0, np.log(x), 0)`
does. No graph holds that, and none has to: what is not finite is no function of the arguments, and what
is computed from it is not finite either, or a constant, as `exp(-inf)` is, or the other operand, as
`min(inf, x)` is. So operations on a NonFinite are carried out when they are met, by the rules below,
which are those of floats, and make no nodes.

Only functions that minigrad runs meet them: a function under check, or under `grad` and its kin.
Elsewhere `x + math.inf` is the InvalidNumber that `Scalar(math.inf)` is, and `np.log` of an array that
holds 0 raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from minigrad import exact, number
from minigrad.elementary import call
from minigrad.evaluation import outside
from minigrad.number import Floats
from minigrad.numpy_protocols import is_array
from minigrad.operators import OPERATORS, Operator
from minigrad.scalar import Scalar, applied

__all__ = ["NonFinite", "asking", "is_infinite", "is_nan", "operand", "result", "undefined"]


class NonFinite(Scalar):
    """A constant that is no number: `limit` is `math.inf`, `-math.inf` or `math.nan`.

    `reason` is the error that exact numbers raise where it came from, if they do.
    """

    __slots__ = ("reason",)

    reason: Exception | None

    def __init__(self, limit: float, reason: Exception | None = None) -> None:
        self._set(limit, None, (), ())
        self._is_constant = True
        self.reason = reason

    @property
    def limit(self) -> float:
        """NaN or the infinity as a float."""
        return float(self._number)

    def _compare(self, other: object, holds: Callable[[Any, Any], bool]) -> Any:
        if isinstance(other, NonFinite):
            return holds(self.limit, other.limit)
        if isinstance(other, Scalar):
            return holds(self.limit, 0)
        limit = _limit(other)
        if limit is not None:
            return holds(self.limit, limit)
        is_number = not is_array(other) and exact.operand_value(other) is not None
        return holds(self.limit, 0) if is_number else NotImplemented

    def _result(
        self,
        operator: Operator,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
        max_bits: int,
        data: Any,
    ) -> Scalar:
        for x in operands:
            if type(x) not in (Scalar, NonFinite):
                return x._result(operator, operands, parameters, max_bits, data)
        return result(operator, operands, parameters)

    def __repr__(self) -> str:
        return f"NonFinite({self.limit})"

    def __str__(self) -> str:
        return str(self.limit)

    def __format__(self, spec: str) -> str:
        return format(self.limit, spec)

    def __copy__(self) -> NonFinite:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> NonFinite:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return NonFinite, (self.limit,)


def _limit(value: object) -> float | None:
    """NaN or the infinity that `value` is; None for a number, and for what is none."""
    if isinstance(value, NonFinite):
        return value.limit
    return math.nan if number.is_nan(value) else number.infinity(value)


def asking(function: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """`function`, which asks whether a number is finite; where it is not, a program goes another way."""

    def of(x: Any) -> bool:
        if isinstance(x, Scalar):
            x._ask_whether_finite()
        return function(x)

    return of


def is_infinite(x: object) -> bool:
    """Whether `x`, a Scalar or a number, is infinite."""
    limit = _limit(x)
    return limit is not None and math.isinf(limit)


def is_nan(x: object) -> bool:
    """Whether `x` is NaN."""
    limit = _limit(x)
    return limit is not None and math.isnan(limit)


def operand(value: object, floats: Floats = "decimal") -> Any:
    """`value` as an operand where it need not be finite: as `exact.operand_value`, or a NonFinite.

    >>> operand(-math.inf) < 10**100, operand(2.5)
    (True, Fraction(5, 2))
    """
    limit = _limit(value)
    return exact.operand_value(value, floats) if limit is None else NonFinite(limit)


def result(
    operator: Operator, operands: Sequence[Scalar], parameters: tuple[Any, ...] = ()
) -> Scalar:
    """What `operator` gives of operands of which one at least is not finite.

    Raises DivisionByZero where the divisor is 0.

    >>> result(OPERATORS["div"], [Scalar(3), NonFinite(math.inf)]).data
    Fraction(0, 1)
    """
    name = operator.name
    if name in _DIVISIONS and not operands[1]:
        raise outside(operator.domain[0], operator, operands, parameters)
    if any(map(is_nan, operands)) and name not in _BESIDE_NAN:
        found = None
    elif name in _RULES:
        found = _RULES[name](*operands, *parameters)
    else:
        found = _LIMITS.get(name, (None, None))[operands[0] > 0]
    if isinstance(found, Scalar):
        return found
    if found is None or isinstance(found, float):
        reasons = (x.reason for x in operands if isinstance(x, NonFinite))
        return NonFinite(math.nan if found is None else found, next(filter(None, reasons), None))
    return Scalar.constant(found)


def undefined(error: Exception, operands: Sequence[object] | None = None) -> NonFinite | None:
    """What floats give, with a warning, where exact numbers raise `error`, an operator's; None elsewhere.

    Where `operands` are given it is None for an operation on others than these.
    """
    operator, nodes, parameters = getattr(error, "operation", None) or (None, (), ())
    if operator is None or (operands is not None and not _are_among(nodes, operands)):
        return None
    limit = _POLES.get(operator.name, _nan)(*nodes, *parameters)
    return None if limit is None else NonFinite(limit, error)


def _are_among(nodes: Sequence[Scalar], operands: Sequence[object]) -> bool:
    """Whether nodes are among operands, or constants that were made of numbers among them."""
    return all(node.is_constant or any(node is x for x in operands) for node in nodes)


_DIVISIONS: Final = ("div", "floordiv", "mod")
_INF: Final = math.inf
_ODD: Final = (-_INF, _INF)
_EVEN: Final = (_INF, _INF)
_FROM_ZERO: Final = (0, _INF)
_SIGNS: Final = (-1, 1)
_ONE_SIDED: Final = (None, _INF)

_LIMITS: Final[Mapping[str, tuple[Any, Any]]] = MappingProxyType({
    "neg": (_INF, -_INF),
    "atan": ("-pi/2", "pi/2"),
    "expm1": (-1, _INF),
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
    return [x.limit for x in xs if isinstance(x, NonFinite)]


def _sum(*xs: Scalar) -> float | None:
    found = set(_limits(xs))
    return found.pop() if len(found) == 1 else None


def _product(*xs: Scalar) -> float | None:
    side = math.prod(map(_side, xs))
    return side * _INF if side else None


def _norm(*xs: Scalar) -> float | None:
    return _INF if any(map(is_infinite, xs)) else None


def _dot(*xs: Scalar) -> float | None:
    half = len(xs) // 2
    pairs = [pair for pair in zip(xs[:half], xs[half:], strict=True) if _limits(pair)]
    found = {_product(*pair) for pair in pairs}
    return found.pop() if len(found) == 1 else None


def _difference(x: Scalar, y: Scalar) -> float | None:
    return _sum(x, NonFinite(-y.limit) if isinstance(y, NonFinite) else y)


def _quotient(x: Scalar, y: Scalar) -> float | int | None:
    if isinstance(y, NonFinite):
        return None if isinstance(x, NonFinite) else 0
    return _product(x, y)


def _power(x: Scalar, y: Scalar) -> float | int | None:
    away = _side(abs(x) - 1)
    if is_nan(x) or is_nan(y):
        # 1 whatever the other one is.
        return 1 if y == 0 or x == 1 else None
    side = away * _side(y)
    if side <= 0:
        return 0 if side else 1
    is_odd = not isinstance(y, NonFinite) and y % 2 == 1
    return -_INF if is_odd and x < 0 else _INF


def _whole_power(x: Scalar, exponent: int) -> float | int | None:
    if exponent <= 0 or is_nan(x):
        return None if is_nan(x) and exponent else int(exponent == 0)
    return -_INF if x < 0 and exponent % 2 else _INF


def _extreme(side: int) -> Callable[[Scalar, Scalar], Scalar]:
    """The operator maximum, if `side` is 1, or minimum, if -1."""

    def extreme(x: Scalar, y: Scalar) -> Scalar:
        infinite, other = (x, y) if isinstance(x, NonFinite) else (y, x)
        return infinite if _side(infinite) == side else other

    return extreme


def _log_sum(*xs: Scalar) -> Scalar | float:
    """The logarithm of the sum of exponentials, to which minus infinity adds nothing."""
    if _INF in _limits(xs):
        return _INF
    rest = [x for x in xs if not isinstance(x, NonFinite)]
    if len(rest) > 1:
        return applied(OPERATORS["logsumexp"], rest)
    return rest[0] if rest else -_INF


def _softmax(name: str, of_none: float) -> Callable[..., Any]:
    """The operator softmax or log_softmax, `of_none` being what minus infinity has of the whole."""

    def share(*operands: Any) -> Scalar | float | None:
        *xs, index = operands
        rest = [k for k, x in enumerate(xs) if not isinstance(x, NonFinite)]
        if not rest or _INF in _limits(xs):
            return None
        if index not in rest:
            return of_none
        return applied(OPERATORS[name], [xs[k] for k in rest], (rest.index(index),))

    return share


def _angle(y: Scalar, x: Scalar) -> Any:
    up, right = [_side(x) if isinstance(x, NonFinite) else 0 for x in (y, x)]
    if not up and right < 0:
        return "pi" if y >= 0 else "-pi"
    return call("atan2", Fraction(up), Fraction(right))


def _floor_quotient(x: Scalar, y: Scalar) -> int | None:
    return None if isinstance(x, NonFinite) else min(_side(x) * _side(y), 0)


def _remainder(x: Scalar, y: Scalar) -> Scalar | None:
    quotient = _floor_quotient(x, y)
    return None if quotient is None else y if quotient else x


def _polygamma(x: Scalar, order: int) -> float | None:
    return None if x < 0 else 0 if order else _INF


_RULES: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "add": _sum,
    "atan2": _angle,
    "div": _quotient,
    "dot": _dot,
    "floordiv": _floor_quotient,
    "hypot": _norm,
    "log_softmax": _softmax("log_softmax", -_INF),
    "logaddexp": _log_sum,
    "logsumexp": _log_sum,
    "maximum": _extreme(1),
    "minimum": _extreme(-1),
    "mod": _remainder,
    "mul": _product,
    "norm": _norm,
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

_BESIDE_NAN: Final = ("hypot", "norm", "pow", "power", "where")
"""Operators that give a number, or an infinity, even where an operand is NaN."""


def _nan(*_: object) -> float:
    return math.nan


def _at_zero(limit: float) -> Callable[[Scalar], float]:
    return lambda x: limit if x == 0 else math.nan


_POLES: Final[Mapping[str, Callable[..., float | None]]] = MappingProxyType({
    **dict.fromkeys(("div", "floordiv"), lambda x, _: _side(x) * _INF if x else math.nan),
    **dict.fromkeys(("log", "log2", "log10", "digamma"), _at_zero(-_INF)),
    "atanh": lambda x: _side(x) * _INF if abs(x) == 1 else math.nan,
    "gamma": _at_zero(_INF),
    "log1p": lambda x: -_INF if x == -1 else math.nan,
    "loggamma": lambda x: _INF if x % 1 == 0 else None,
    "atan2": lambda *_: None,
    "polygamma": lambda _, order: _INF if order % 2 else -_INF,
    "pow": lambda *_: _INF,
    "power": lambda x, _: math.nan if x else _INF,
})  # fmt: skip
"""What floats give where an operator is not defined: NaN of those that are not here; None if a number."""
