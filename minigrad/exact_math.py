"""Stand-ins for the modules `math` and `builtins`, whose functions take Scalars and give nodes.

    >>> from minigrad import Scalar
    >>> math = math_namespace()
    >>> math.exp(Scalar(1)).data, math.sqrt(2), math.sqrt(9), math.floor(2.5)
    (E, Scalar.constant('sqrt(2)'), 3.0, 2)

Python's own `math.exp` makes a float of a Scalar, and the gradient is gone. Here the functions ask what
they are given: a Scalar makes a node. Numbers are left to `math`, but for a result that is not rational:
where `math` rounds it, the exact one comes out, as a constant. So do `pi`, `e` and `tau`.

What has no exact form, `math.ulp` among it, is Python's own.

Of the builtins, `max` and `min` may pick a plain number among Scalars, which Python would go on with in
floats: `max(x, 1) / 3` is 0.3333333333333333 below 1, and jumps there. Here such a number is a constant.
An index that is picked among others stays one. And `float` makes no float of a Scalar.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from types import MappingProxyType, ModuleType
from typing import Any, Final

from minigrad import exact, functions, number
from minigrad.errors import MinigradError
from minigrad.float_types import itself, type_standing_in
from minigrad.nonfinite import asking, is_infinite, is_nan
from minigrad.scalar import Scalar, literal, met
from minigrad.wholes import is_whole

__all__ = [
    "StandIn",
    "builtins_namespace",
    "constant",
    "copysign",
    "fmod",
    "math_namespace",
    "settled",
]


class StandIn(ModuleType):
    """A module whose attributes are those of another, some of them replaced; each is looked up once."""

    def __init__(
        self,
        module: ModuleType,
        replaced: Mapping[str, Any],
        ready: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__dict__["_module"] = module
        self.__dict__["_replaced"] = replaced
        self.__dict__["_ready"] = ready

    def __getattr__(self, name: str) -> Any:
        """The replacement, or the module's own attribute, made ready for Scalars."""
        found = (
            self._replaced[name]
            if name in self._replaced
            else self._ready(getattr(self._module, name))
        )
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return sorted({*dir(self._module), *self._replaced})


def constant(text: str, label: str = "") -> Scalar:
    """The constant that is written so, as `"2*pi"`."""
    return Scalar.constant(text, label)


def settled(rounded: Any, given: Iterable[Any], compute: Callable[[], Any]) -> Any:
    """The exact number in the place of a float that was rounded; `rounded` itself where it was not.

    `given` are the numbers it was computed from: where one of them had been rounded before, there is
    nothing exact to be had.
    """
    if not isinstance(rounded, float) or not math.isfinite(rounded):
        return rounded
    if any(map(number.is_computed_float, given)):
        return rounded
    try:
        found = compute()._datum
    except MinigradError:
        return rounded
    return rounded if found == exact.to_exact(rounded, floats="binary") else literal(found)


# --- functions of Scalars ------------------------------------------------------------------------


def _log(x: Any, base: Any = None) -> Any:
    return functions.log(x) if base is None else functions.log(x) / functions.log(base)


def _hypot(*xs: Any) -> Any:
    return functions.hypot(*xs) if len(xs) == 2 else functions.norm(xs)


def _dist(p: Iterable[Any], q: Iterable[Any]) -> Any:
    return functions.norm([x - y for x, y in zip(p, q, strict=True)])


def _pow(x: Any, y: Any) -> Any:
    return (x if isinstance(x, Scalar) or isinstance(y, Scalar) else Scalar.constant(x)) ** y


def _prod(xs: Iterable[Any], /, *, start: Any = 1) -> Any:
    return functions.prod([start, *xs])


def copysign(x: Any, y: Any) -> Any:
    """`x` with the sign of `y`."""
    # A Scalar has no negative zero; a float may be one.
    negative = y < 0 if isinstance(y, Scalar) else math.copysign(1, y) < 0
    # A whole number of NumPy may have no negative, and wrap around.
    away = functions.absolute(x)
    return -away if negative else away


def _trunc(x: Any) -> Any:
    return functions.ceil(x) if x < 0 else functions.floor(x)


def fmod(x: Any, y: Any) -> Any:
    """What `x` leaves over multiples of `y`, with the sign of `x`, as `math.fmod` has it."""
    if is_infinite(y) and not is_infinite(x):
        return x
    if not y:
        return x % y  # which is not defined either
    return x - y * _trunc(x / y)


def _isclose(a: Any, b: Any, *, rel_tol: Any = 1e-09, abs_tol: Any = 0.0) -> bool:
    relative, absolute = Scalar.constant(rel_tol), Scalar.constant(abs_tol)
    if a == b:
        return True
    if is_infinite(a) or is_infinite(b):
        return False
    away = abs(a - b)
    return bool(away <= relative * abs(a) or away <= relative * abs(b) or away <= absolute)


# Those whose floats are mostly rounded: of numbers alone, they give constants.
_CLOSED: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    **{
        name: getattr(functions, name)
        for name in (
            "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "erf",
            "exp", "exp2", "expm1", "gamma", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan",
            "tanh",
        )
    },
    "degrees": lambda x: x * 180 / constant("pi", "pi"),
    "dist": _dist,
    "erfc": lambda x: 1 - functions.erf(x),
    "hypot": _hypot,
    "lgamma": functions.loggamma,
    "log": _log,
    "pow": _pow,
    "radians": lambda x: x * constant("pi", "pi") / 180,
})  # fmt: skip

_EXACT: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    **_CLOSED,
    "ceil": functions.ceil,
    "copysign": copysign,
    "fabs": abs,
    "floor": functions.floor,
    "fmod": fmod,
    "fsum": functions.sum,
    "isclose": _isclose,
    "isfinite": asking(lambda x: not (is_infinite(x) or is_nan(x))),
    "isinf": asking(is_infinite),
    "isnan": asking(is_nan),
    "prod": _prod,
    "sumprod": functions.dot,
    "trunc": _trunc,
})  # fmt: skip

_WHOLE: Final = ("ceil", "floor", "trunc")
_NAMES: Final[Mapping[str, str]] = MappingProxyType({"e": "E", "pi": "pi", "tau": "2*pi"})


def _listed(value: Any) -> Any:
    """`value`, an iterator as a list: it is looked through before it is used."""
    return (
        list(value) if isinstance(value, Iterable) and not isinstance(value, (str, list)) else value
    )


def _has_scalars(value: Any) -> bool:
    return any(map(_has_scalars, value)) if isinstance(value, list) else isinstance(value, Scalar)


def _numbers_in(value: Any) -> list[Any]:
    return [x for item in value for x in _numbers_in(item)] if isinstance(value, list) else [value]


def _standing_in(name: str) -> Callable[..., Any]:
    """The function of `math` of that name, for Scalars too."""
    original, function = getattr(math, name), _EXACT[name]

    @wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        args = tuple(map(_listed, args))
        if any(map(_has_scalars, (*args, *kwargs.values()))):
            if name in _WHOLE and all(type(x) is Scalar for x in args):
                # A number that a program computed with pi, say: what comes out is an index or a count.
                return original(*args)
            for x in _numbers_in(list(args)):
                if isinstance(x, Scalar):
                    x._become_python_s()
            return function(*args, **kwargs)
        rounded = original(*args, **kwargs)
        if name not in _CLOSED:
            return rounded
        return settled(rounded, _numbers_in(list(args)), lambda: function(*args, **kwargs))

    return stand_in


@cache
def math_namespace() -> ModuleType:
    """The stand-in for `math`.

    >>> math_namespace().pi
    Scalar.constant('pi', label='pi')
    """
    return StandIn(
        math,
        {
            **{name: _standing_in(name) for name in _EXACT if hasattr(math, name)},
            **{name: constant(text, name) for name, text in _NAMES.items()},
        },
    )


# --- builtins ------------------------------------------------------------------------------------


def _picking(name: str) -> Callable[..., Any]:
    """`max` or `min`; a number that it picks among Scalars is a constant."""
    original = getattr(builtins, name)

    @wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1:
            args = (list(args[0]),)
        found = original(*args, **kwargs)
        among = args[0] if len(args) == 1 else args
        if isinstance(found, Scalar) or not any(isinstance(item, Scalar) for item in among):
            return found
        if isinstance(found, float) and not math.isfinite(found):
            return found
        if isinstance(found, int) and all(is_whole(x) for x in among if isinstance(x, Scalar)):
            return found
        node = met(found)
        return found if node is None else node

    return stand_in


@cache
def builtins_namespace() -> ModuleType:
    """The stand-in for `builtins`.

    >>> builtins_namespace().max(Scalar(0), 1) / 3
    <Scalar 1/3, operator='div'>
    """
    return StandIn(
        builtins,
        {
            **{name: _picking(name) for name in ("max", "min")},
            "float": type_standing_in(float, itself),
        },
    )
