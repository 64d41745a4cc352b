"""The functions of `scipy.special` that have closed forms: one table, by SciPy's names.

    >>> from minigrad import Scalar
    >>> TABLE["expit"](Scalar(0)).data, TABLE["gammaln"](Scalar(4)).data
    (Fraction(1, 2), log(2) + log(3))

Most of SciPy's functions are ufuncs, and ask an Array what to do as NumPy's do: these are in the table.
Those that are not, and would compute with floats, are written in `minigrad.exact_numpy.scipy_stand_in`.
Nothing here imports SciPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from types import MappingProxyType
from typing import Any, Final

from minigrad import exact, functions, reading
from minigrad.errors import DomainError, describe
from minigrad.scalar import Scalar, apply

__all__ = ["TABLE", "polygamma"]


_TERMS: Final = 6
"""Terms of a series in what is 0: as many derivatives are right."""


_LARGEST: Final = 100
"""Factors of a polynomial up to which it is written out."""


def _logit(x: Any) -> Any:
    return functions.log(x) - functions.log(1 - x)


def _xlogy(x: Any, y: Any) -> Any:
    # As SciPy has it: 0 where x is 0, whatever y.
    return functions.where(True, 0, x) if x == 0 else x * functions.log(y)


def _xlog1py(x: Any, y: Any) -> Any:
    return functions.where(True, 0, x) if x == 0 else x * functions.log1p(y)


def _entr(x: Any) -> Any:
    return -_xlogy(x, x)


def _rel_entr(x: Any, y: Any) -> Any:
    return functions.where(True, 0, x) if x == 0 else x * functions.log(x / y)


def _normal_share(x: Any) -> Any:
    root = functions.sqrt(Scalar.constant(2))
    return (1 + functions.erf(x / root)) / 2


def _betaln(a: Any, b: Any) -> Any:
    return functions.loggamma(a) + functions.loggamma(b) - functions.loggamma(a + b)


def _boxcox(x: Any, power: Any) -> Any:
    if power != 0:
        return (x**power - 1) / power
    # The series in the power: at 0 the first term is all of it, and not of its derivatives by the power.
    found = logarithm = functions.log(x)
    for k in range(2, _TERMS):
        found = found + logarithm**k * power ** (k - 1) / math.factorial(k)
    return found


def _inv_boxcox(y: Any, power: Any) -> Any:
    if power != 0:
        return (1 + power * y) ** (1 / _node(power))
    found = _node(y)
    for k in range(2, _TERMS):
        found = found + (-1) ** (k - 1) * power ** (k - 1) * _node(y) ** k / k
    return functions.exp(found)


def _exprel(x: Any) -> Any:
    if x != 0:
        return functions.expm1(x) / x
    found = _node(1)
    for k in range(1, _TERMS):
        found = found + x**k / math.factorial(k + 1)
    return found


def _binom(n: Any, k: Any) -> Any:
    # Of a whole k this is a polynomial, which has values where the gamma functions have poles.
    whole = None if isinstance(k, Scalar) else exact.operand_value(k)
    if isinstance(whole, Fraction) and whole.denominator == 1 and 0 <= whole <= _LARGEST:
        factors = [(n - i) / Scalar.constant(i + 1) for i in range(int(whole))]
        return functions.prod([Scalar.constant(1), *factors])
    return functions.gamma(n + 1) / (functions.gamma(k + 1) * functions.gamma(n - k + 1))


def _huber(delta: Any, r: Any) -> Any:
    if delta < 0:
        raise DomainError(f"huber: expected delta not to be negative; got {describe(delta)}")
    away = abs(_node(r))
    return away * away / 2 if away <= delta else delta * (away - _node(delta) / 2)


def _pseudo_huber(delta: Any, r: Any) -> Any:
    if delta < 0:
        raise DomainError(f"pseudo_huber: expected delta not to be negative; got {describe(delta)}")
    if delta == 0:
        return delta * abs(_node(r)) - delta * delta
    share = _node(r) / delta
    return delta * delta * (functions.sqrt(1 + share * share) - 1)


def _node(x: Any) -> Scalar:
    return x if isinstance(x, Scalar) else Scalar.constant(x)


def polygamma(order: int, x: Any) -> Any:
    """The derivative of `digamma` of that order."""
    return apply("polygamma", [_node(x)], [order])


_FORMS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "beta": lambda a, b: functions.exp(_betaln(a, b)),
    "betaln": _betaln,
    "binom": _binom,
    "boxcox": _boxcox,
    "boxcox1p": lambda x, power: _boxcox(1 + x, power),
    "cosm1": lambda x: functions.cos(x) - 1,
    "entr": _entr,
    "erf": functions.erf,
    "erfc": lambda x: 1 - functions.erf(x),
    "erfcx": lambda x: functions.exp(x * x) * (1 - functions.erf(x)),
    "exp10": lambda x: functions.exp(x * functions.log(Scalar.constant(10))),
    "expit": functions.sigmoid,
    "exprel": _exprel,
    "gamma": functions.gamma,
    "gammaln": functions.loggamma,
    "huber": _huber,
    "inv_boxcox": _inv_boxcox,
    "inv_boxcox1p": lambda y, power: _inv_boxcox(y, power) - 1,
    "kl_div": lambda x, y: _rel_entr(x, y) - x + y,
    "log_expit": lambda x: -functions.softplus(-x),
    "log_ndtr": lambda x: functions.log(_normal_share(x)),
    "logit": _logit,
    "loggamma": functions.loggamma,
    "ndtr": _normal_share,
    "poch": lambda a, m: functions.gamma(a + m) / functions.gamma(a),
    "pseudo_huber": _pseudo_huber,
    "psi": functions.digamma,
    "rel_entr": _rel_entr,
    "rgamma": lambda x: 1 / functions.gamma(x),
    "xlog1py": _xlog1py,
    "xlogy": _xlogy,
})  # fmt: skip


def _exactly(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` of exact numbers, one a node: what two floats give is rounded, and no node."""

    @wraps(function)
    def exactly(*xs: Any) -> Any:
        read = [x if isinstance(x, Scalar) else _read(x) for x in xs]
        if not any(isinstance(x, Scalar) for x in read):
            read[0] = _node(read[0])
        return function(*read)

    return exactly


def _read(x: Any) -> Any:
    found = reading.read(x)
    return found if isinstance(found, (Fraction, Scalar)) else x


TABLE: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    name: _exactly(function) for name, function in _FORMS.items()
})  # fmt: skip
"""The ufuncs of `scipy.special`, by name, as functions of Scalars and numbers."""
