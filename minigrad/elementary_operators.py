"""The operators that lead out of the rational numbers: roots, exponentials, angles, gamma and their kin.

Their values are Fractions where they are rational and closed forms where not. Conventions: `hypot` and
`norm` have derivative 0 at 0, as PyTorch has it; a root at 0, and `asin`, `acos` and `acosh` at the end
of their domain, have a value and no derivative, and say so when one is asked for; `x**y` has no
derivative by `y` at a base that is not positive; `atan2(y, x)` jumps where y is 0 and x negative, and
is pi there.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Final, NoReturn

from minigrad import number
from minigrad.elementary import call, is_pole, pi
from minigrad.entries import Domain, End, Form, Operator, Parameter, Piece
from minigrad.errors import DivisionByZero, DomainError, NoDerivative, TooLarge
from minigrad.field_operators import power_partial, power_size, side
from minigrad.number import MAX_BITS, MINUS_ONE, ONE, UNAVAILABLE, ZERO
from minigrad.rounding import whole

__all__ = ["TABLE"]

_HALF: Final = Fraction(1, 2)
_THIRD: Final = Fraction(1, 3)
_TWO: Final = Fraction(2)
_TEN: Final = Fraction(10)

# --- domains -------------------------------------------------------------------------------------


def _needs(holds: Callable[..., bool], says: str, *ends: tuple[str, int | None]) -> Domain:
    """A domain of the first operand; `ends` are relations and numbers of which one holds outside."""
    return Domain(holds, DomainError, says, tuple([End(0, *end) for end in ends]))


_POSITIVE = _needs(lambda x: x > 0, "the operand must be greater than 0", ("<=", 0))
_NOT_NEGATIVE = _needs(lambda x: x >= 0, "the operand must not be negative", ("<", 0))
_UP_TO_ONE = _needs(lambda x: abs(x) <= 1, "the operand must be from -1 to 1", (">", 1), ("<", -1))
_NO_POLE = _needs(lambda x, *_: not is_pole(x), "0, -1, -2, … are poles", ("==", None))
_WHOLE_EXPONENT = _needs(
    lambda x, y: x >= 0 or whole(y) is not None,
    "a negative base needs a whole exponent",
    ("<", 0),
)
_NONZERO_BASE = Domain(
    lambda x, y: bool(x) or y >= 0, DivisionByZero, "0 has no negative power", (End(0, "==", 0),)
)
_AN_ANGLE = Domain(
    lambda y, x: bool(y) or bool(x),
    DomainError,
    "0 and 0 make no angle",
    (End(0, "==", 0), End(1, "==", 0)),
)
_INDEX = Parameter("index", lambda n: type(n) is int and n >= 0, "an int, 0 or more", (0, 1))
_AN_OPERAND = _needs(lambda *xs: xs[-1] < len(xs) - 1, "the index must be that of an operand")
_ORDER = Parameter(
    "order", lambda n: type(n) is int and 0 <= n <= 100, "an int from 0 to 100", (0, 1, 2)
)


# --- pieces: inside the domain, or at its end where there is a value and no derivative -------------

_INSIDE = Piece("inside")
_END = Piece("end", boundary=True)
_ZERO = Piece("zero", boundary=True)


def _no_derivative(name: str) -> NoReturn:
    raise NoDerivative(f"{name} has a value and no derivative there")


def _with_end(
    name: str,
    forward: Callable[[Any], Any],
    partial: Callable[[Any, Any], Any],
    witness: Callable[[Any, Any], tuple[Any, ...]],
    domain: Domain,
    is_inside: Callable[[Any], bool],
) -> Operator:
    """An operator of one operand without a derivative at the end of its domain.

    `witness(sympy, x)` is SymPy's form, the conditions for the inside, and those for the end.
    """

    def partials(z: Any, x: Any, piece: Piece) -> tuple[Any, ...]:
        return (partial(z, x),) if piece.name == "inside" else _no_derivative(name)

    def form(sp: Any, x: Any, piece: Piece) -> Form:
        expression, inside, end = witness(sp, x)
        if piece.name == "inside":
            return Form(expression, inside)
        return Form(expression, end, boundary=True, unavailable=(0,))

    return Operator(
        name, name, 1,
        forward=lambda x, piece: forward(x),
        partials=partials,
        witness=form,
        domain=(domain,),
        branch=lambda x: _INSIDE if is_inside(x) else _END,
        is_rational=False,
    )  # fmt: skip


def _smooth(
    name: str,
    forward: Callable[..., Any],
    partial: Callable[..., Any],
    witness: Callable[..., Any],
    *domain: Domain,
    conditions: Callable[[Any, Any], tuple[Any, ...]] = lambda sp, x: (),
    size: Callable[..., int] | None = None,
) -> Operator:
    """An operator of one operand that is differentiable on the whole of its domain."""
    return Operator(
        name, name, 1,
        forward=forward,
        partials=lambda z, x: (partial(z, x),),
        witness=lambda sp, x: Form(witness(sp, x), conditions(sp, x)),
        domain=domain,
        size=size,
        is_rational=False,
    )  # fmt: skip


# --- roots and powers ----------------------------------------------------------------------------


def _cbrt(x: Any, piece: Piece) -> Any:
    if piece.name == "zero":
        return ZERO
    return call("power", x, _THIRD) if piece.name == "positive" else -call("power", -x, _THIRD)


def _cbrt_partials(z: Any, x: Any, piece: Piece) -> tuple[Any, ...]:
    return _no_derivative("cbrt") if piece.name == "zero" else (z / (3 * x),)


def _cbrt_witness(sp: Any, x: Any, piece: Piece) -> Form:
    if piece.name == "zero":
        return Form(sp.Integer(0), (sp.Eq(x, 0),), boundary=True, unavailable=(0,))
    third = sp.Rational(1, 3)
    return (
        Form(x**third, (x > 0,)) if piece.name == "positive" else Form(-((-x) ** third), (x < 0,))
    )


def _power_piece(x: Any, y: Any) -> Piece:
    if x > 0:
        return Piece("positive")
    n = whole(y)
    return _ZERO if n is None else Piece(n)


def _power_forward(x: Any, y: Any, piece: Piece) -> Any:
    if piece.name == "positive":
        return call("power", x, y)
    if piece.name == "zero":
        return ZERO
    n = int(piece.name)
    # The size of a power is counted beforehand where both numbers are ratios.
    if isinstance(x, Fraction) and power_size(MAX_BITS, x, n) > MAX_BITS:
        raise TooLarge(f"a power with the exponent {n:,} is over the limit of {MAX_BITS:,} bits")
    return x**n


def _power_partials(z: Any, x: Any, y: Any, piece: Piece) -> tuple[Any, ...]:
    if piece.name == "positive":
        return y * z / x, z * call("log", x)
    if piece.name == "zero":
        _no_derivative("power")
    return power_partial(x, int(piece.name)), UNAVAILABLE


def _power_witness(sp: Any, x: Any, y: Any, piece: Piece) -> Form:
    if piece.name == "positive":
        return Form(x**y, (x > 0,))
    if piece.name == "zero":
        return Form(sp.Integer(0), (sp.Eq(x, 0), y > 0), boundary=True, unavailable=(0, 1))
    n = int(piece.name)
    nonzero = (sp.Ne(x, 0),) if n < 0 else ()
    return Form(x**n, (sp.Eq(y, n), *nonzero), unavailable=(1,))


def _general_power_size(limit: int, x: Fraction, y: Fraction) -> int:
    return power_size(limit, x, int(y))


def _length_piece(*xs: Any) -> Piece:
    return _INSIDE if any(xs) else _ZERO


def _length(*xs_and_piece: Any) -> Any:
    *xs, piece = xs_and_piece
    return ZERO if piece.name == "zero" else call("sqrt", number.total([x * x for x in xs]))


def _length_partials(z: Any, *xs_and_piece: Any) -> tuple[Any, ...]:
    *xs, piece = xs_and_piece
    if piece.name == "zero":
        return (ZERO,) * len(xs)
    inverse = 1 / z
    return tuple([x * inverse for x in xs])


def _length_witness(sp: Any, *xs_and_piece: Any) -> Form:
    *xs, piece = xs_and_piece
    if piece.name == "zero":
        return Form(sp.Integer(0), tuple([sp.Eq(x, 0) for x in xs]), boundary=True)
    square = sp.Add(*[x**2 for x in xs])
    return Form(sp.sqrt(square), (square > 0,))


# --- angles --------------------------------------------------------------------------------------


def _atan2_piece(y: Any, x: Any) -> Piece:
    if x > 0:
        return Piece("right")
    if y > 0:
        return Piece("upper")
    return Piece("lower") if y < 0 else Piece("cut", boundary=True)


def _atan2(y: Any, x: Any, piece: Piece) -> Any:
    if piece.name == "right":
        return call("atan", y / x)
    if piece.name == "cut":
        return pi() + call("atan", y / x)
    return (pi() if piece.name == "upper" else -pi()) / 2 - call("atan", x / y)


def _atan2_partials(z: Any, y: Any, x: Any, piece: Piece) -> tuple[Any, ...]:
    square = x * x + y * y
    return x / square, -y / square


def _atan2_witness(sp: Any, y: Any, x: Any, piece: Piece) -> Form:
    if piece.name == "right":
        return Form(sp.atan(y / x), (x > 0,))
    if piece.name == "cut":
        return Form(sp.pi + sp.atan(y / x), (sp.Eq(y, 0), x < 0), boundary=True)
    upper = piece.name == "upper"
    turned = (sp.pi if upper else -sp.pi) / 2 - sp.atan(x / y)
    return Form(turned, (y > 0 if upper else y < 0, x <= 0))


# --- neural networks -----------------------------------------------------------------------------


def _softplus(x: Any) -> Any:
    return call("log", ONE + call("exp", x))


def _silu_partial(z: Any, x: Any) -> Any:
    s = call("sigmoid", x)
    return s + z * (ONE - s)


def _normal_share(x: Any) -> Any:
    """The share of the normal distribution below `x`."""
    return (ONE + call("erf", x / call("sqrt", _TWO))) / 2


def _gelu_partial(z: Any, x: Any) -> Any:
    return _normal_share(x) + x * call("exp", -x * x / 2) / call("sqrt", 2 * pi())


def _logsumexp(*xs: Any) -> Any:
    return call("log", number.total([call("exp", x) for x in xs]))


def _shares(z: Any, *xs: Any) -> tuple[Any, ...]:
    # Not exp(x - z): of a sum of unlike ratios that is no product of the exponentials of each.
    exponentials = [call("exp", x) for x in xs]
    total = number.total(exponentials)
    return tuple([share / total for share in exponentials])


def _softmax(*xs_and_index: Any) -> Any:
    *xs, index = xs_and_index
    exponentials = [call("exp", x) for x in xs]
    return exponentials[index] / number.total(exponentials)


def _softmax_partials(z: Any, *xs_and_index: Any) -> tuple[Any, ...]:
    *xs, index = xs_and_index
    return tuple(
        [z * (ONE - s) if j == index else -z * s for j, s in enumerate(_shares(None, *xs))]
    )


def _log_softmax(*xs_and_index: Any) -> Any:
    *xs, index = xs_and_index
    return xs[index] - _logsumexp(*xs)


def _log_softmax_partials(_z: Any, *xs_and_index: Any) -> tuple[Any, ...]:
    *xs, index = xs_and_index
    return tuple([ONE - s if j == index else -s for j, s in enumerate(_shares(None, *xs))])


def _softmax_witness(sp: Any, *xs_and_index: Any) -> Form:
    *xs, index = xs_and_index
    return Form(sp.exp(xs[index]) / sp.Add(*[sp.exp(x) for x in xs]))


def _log_softmax_witness(sp: Any, *xs_and_index: Any) -> Form:
    *xs, index = xs_and_index
    return Form(xs[index] - sp.log(sp.Add(*[sp.exp(x) for x in xs])))


def _logsumexp_witness(sp: Any, *xs: Any) -> Form:
    return Form(sp.log(sp.Add(*[sp.exp(x) for x in xs])))


# --- the table -----------------------------------------------------------------------------------

_TABLE_OF_ONE = (
    _with_end(
        "sqrt",
        lambda x: call("sqrt", x),
        lambda z, x: ONE / (2 * z),
        lambda sp, x: (sp.sqrt(x), (x > 0,), (sp.Eq(x, 0),)),
        _NOT_NEGATIVE,
        lambda x: x > 0,
    ),
    _smooth("exp", partial(call, "exp"), lambda z, x: z, lambda sp, x: sp.exp(x)),
    _smooth(
        "expm1", lambda x: call("exp", x) - 1, lambda z, x: z + ONE, lambda sp, x: sp.exp(x) - 1
    ),
    _smooth(
        "exp2",
        partial(call, "power", _TWO),
        lambda z, x: z * call("log", _TWO),
        lambda sp, x: 2**x,
        size=lambda limit, x: abs(int(x)),
    ),
    _smooth(
        "log",
        partial(call, "log"),
        lambda z, x: ONE / x,
        lambda sp, x: sp.log(x),
        _POSITIVE,
        conditions=lambda sp, x: (x > 0,),
    ),
    _smooth(
        "log1p",
        lambda x: call("log", ONE + x),
        lambda z, x: ONE / (ONE + x),
        lambda sp, x: sp.log(1 + x),
        _needs(lambda x: x > -1, "the operand must be greater than -1", ("<=", -1)),
        conditions=lambda sp, x: (x > -1,),
    ),
    _smooth(
        "log2",
        lambda x: call("log", x) / call("log", _TWO),
        lambda z, x: ONE / (x * call("log", _TWO)),
        lambda sp, x: sp.log(x, 2),
        _POSITIVE,
        conditions=lambda sp, x: (x > 0,),
    ),
    _smooth(
        "log10",
        lambda x: call("log", x) / call("log", _TEN),
        lambda z, x: ONE / (x * call("log", _TEN)),
        lambda sp, x: sp.log(x, 10),
        _POSITIVE,
        conditions=lambda sp, x: (x > 0,),
    ),
    _smooth("sin", partial(call, "sin"), lambda z, x: call("cos", x), lambda sp, x: sp.sin(x)),
    _smooth("cos", partial(call, "cos"), lambda z, x: -call("sin", x), lambda sp, x: sp.cos(x)),
    _smooth(
        "tan",
        partial(call, "tan"),
        lambda z, x: ONE + z * z,
        lambda sp, x: sp.tan(x),
        Domain(
            lambda x: bool(call("cos", x)),
            DivisionByZero,
            "the tangent has a pole at odd halves of pi",
            (End(0, "==", None),),
        ),
        conditions=lambda sp, x: (sp.Ne(sp.cos(x), 0),),
    ),
    _with_end(
        "asin",
        partial(call, "asin"),
        lambda z, x: ONE / call("sqrt", ONE - x * x),
        lambda sp, x: (sp.asin(x), (x**2 < 1,), (sp.Eq(x**2, 1),)),
        _UP_TO_ONE,
        lambda x: abs(x) < 1,
    ),
    _with_end(
        "acos",
        partial(call, "acos"),
        lambda z, x: MINUS_ONE / call("sqrt", ONE - x * x),
        lambda sp, x: (sp.acos(x), (x**2 < 1,), (sp.Eq(x**2, 1),)),
        _UP_TO_ONE,
        lambda x: abs(x) < 1,
    ),
    _smooth(
        "atan", partial(call, "atan"), lambda z, x: ONE / (ONE + x * x), lambda sp, x: sp.atan(x)
    ),
    _smooth("sinh", partial(call, "sinh"), lambda z, x: call("cosh", x), lambda sp, x: sp.sinh(x)),
    _smooth("cosh", partial(call, "cosh"), lambda z, x: call("sinh", x), lambda sp, x: sp.cosh(x)),
    _smooth("tanh", partial(call, "tanh"), lambda z, x: ONE - z * z, lambda sp, x: sp.tanh(x)),
    _smooth(
        "asinh",
        partial(call, "asinh"),
        lambda z, x: ONE / call("sqrt", x * x + ONE),
        lambda sp, x: sp.asinh(x),
    ),
    _with_end(
        "acosh",
        partial(call, "acosh"),
        lambda z, x: ONE / call("sqrt", x * x - ONE),
        lambda sp, x: (sp.acosh(x), (x > 1,), (sp.Eq(x, 1),)),
        _needs(lambda x: x >= 1, "the operand must be at least 1", ("<", 1)),
        lambda x: x > 1,
    ),
    _smooth(
        "atanh",
        partial(call, "atanh"),
        lambda z, x: ONE / (ONE - x * x),
        lambda sp, x: sp.atanh(x),
        _needs(lambda x: abs(x) < 1, "the operand must be between -1 and 1", (">=", 1), ("<=", -1)),
        conditions=lambda sp, x: (x**2 < 1,),
    ),
    _smooth(
        "sigmoid",
        partial(call, "sigmoid"),
        lambda z, x: z * (ONE - z),
        lambda sp, x: 1 / (1 + sp.exp(-x)),
    ),
    _smooth(
        "softplus", _softplus, lambda z, x: call("sigmoid", x), lambda sp, x: sp.log(1 + sp.exp(x))
    ),
    _smooth(
        "silu", lambda x: x * call("sigmoid", x), _silu_partial, lambda sp, x: x / (1 + sp.exp(-x))
    ),
    _smooth(
        "gelu",
        lambda x: x * _normal_share(x),
        _gelu_partial,
        lambda sp, x: x * (1 + sp.erf(x / sp.sqrt(2))) / 2,
    ),
    _smooth(
        "erf",
        partial(call, "erf"),
        lambda z, x: 2 * call("exp", -x * x) / call("sqrt", pi()),
        lambda sp, x: sp.erf(x),
    ),
    _smooth(
        "gamma",
        partial(call, "gamma"),
        lambda z, x: z * call("polygamma", 0, x),
        lambda sp, x: sp.gamma(x),
        _NO_POLE,
    ),
    _smooth(
        "loggamma",
        partial(call, "loggamma"),
        lambda z, x: call("polygamma", 0, x),
        lambda sp, x: sp.loggamma(x),
        _POSITIVE,
        conditions=lambda sp, x: (x > 0,),
    ),
    _smooth(
        "digamma",
        partial(call, "polygamma", 0),
        lambda z, x: call("polygamma", 1, x),
        lambda sp, x: sp.polygamma(0, x),
        _NO_POLE,
    ),
)

TABLE: Final = (
    *_TABLE_OF_ONE,
    Operator(
        "cbrt", "cbrt", 1,
        forward=_cbrt,
        partials=_cbrt_partials,
        witness=_cbrt_witness,
        branch=side,
        is_rational=False,
    ),
    Operator(
        "power", "**", 2,
        forward=_power_forward,
        partials=_power_partials,
        witness=_power_witness,
        domain=(_WHOLE_EXPONENT, _NONZERO_BASE),
        branch=_power_piece,
        size=_general_power_size,
        is_rational=False,
    ),
    Operator(
        "polygamma", "polygamma", 1,
        forward=lambda x, n: call("polygamma", n, x),
        partials=lambda z, x, n: (call("polygamma", n + 1, x),),
        witness=lambda sp, x, n: Form(sp.polygamma(n, x)),
        parameters=(_ORDER,),
        domain=(_NO_POLE,),
        is_rational=False,
    ),
    Operator(
        "atan2", "atan2", 2,
        forward=_atan2,
        partials=_atan2_partials,
        witness=_atan2_witness,
        domain=(_AN_ANGLE,),
        branch=_atan2_piece,
        is_rational=False,
    ),
    Operator(
        "hypot", "hypot", 2,
        forward=_length,
        partials=_length_partials,
        witness=_length_witness,
        branch=_length_piece,
        is_rational=False,
    ),
    Operator(
        "norm", "norm", None,
        forward=_length,
        partials=_length_partials,
        witness=_length_witness,
        branch=_length_piece,
        is_rational=False,
    ),
    Operator(
        "logaddexp", "logaddexp", 2,
        forward=_logsumexp,
        partials=_shares,
        witness=_logsumexp_witness,
        is_rational=False,
    ),
    Operator(
        "logsumexp", "logsumexp", None,
        forward=_logsumexp,
        partials=_shares,
        witness=_logsumexp_witness,
        is_rational=False,
    ),
    Operator(
        "softmax", "softmax", None,
        forward=_softmax,
        partials=_softmax_partials,
        witness=_softmax_witness,
        parameters=(_INDEX,),
        domain=(_AN_OPERAND,),
        is_rational=False,
    ),
    Operator(
        "log_softmax", "log_softmax", None,
        forward=_log_softmax,
        partials=_log_softmax_partials,
        witness=_log_softmax_witness,
        parameters=(_INDEX,),
        domain=(_AN_OPERAND,),
        is_rational=False,
    ),
)  # fmt: skip
