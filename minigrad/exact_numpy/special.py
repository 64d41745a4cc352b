"""The functions of `scipy.special` that have closed forms: one table, by SciPy's names.

    >>> from minigrad import Scalar
    >>> TABLE["expit"](Scalar(0)).data, TABLE["gammaln"](Scalar(4)).data
    (Fraction(1, 2), log(2) + log(3))

Most of SciPy's functions are ufuncs, and ask an Array what to do as NumPy's do: these are in the table.
Those that are not, and would compute with floats, are written in `minigrad.exact_numpy.scipy_stand_in`.
Nothing here imports SciPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from minigrad import functions
from minigrad.scalar import Scalar, apply

__all__ = ["TABLE", "polygamma"]


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


def polygamma(order: int, x: Any) -> Any:
    """The derivative of `digamma` of that order."""
    return apply("polygamma", [x if isinstance(x, Scalar) else Scalar.constant(x)], [order])


TABLE: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType({
    "beta": lambda a, b: functions.exp(_betaln(a, b)),
    "betaln": _betaln,
    "entr": _entr,
    "erf": functions.erf,
    "erfc": lambda x: 1 - functions.erf(x),
    "expit": functions.sigmoid,
    "gamma": functions.gamma,
    "gammaln": functions.loggamma,
    "kl_div": lambda x, y: _rel_entr(x, y) - x + y,
    "log_expit": lambda x: -functions.softplus(-x),
    "log_ndtr": lambda x: functions.log(_normal_share(x)),
    "logit": _logit,
    "loggamma": functions.loggamma,
    "ndtr": _normal_share,
    "psi": functions.digamma,
    "rel_entr": _rel_entr,
    "xlog1py": _xlog1py,
    "xlogy": _xlogy,
})  # fmt: skip
"""The ufuncs of `scipy.special`, by name, as functions of Scalars and numbers."""
