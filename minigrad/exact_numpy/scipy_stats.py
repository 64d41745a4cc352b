"""A stand-in for the module `scipy.stats`: the normal distribution takes Scalars.

    >>> from minigrad import Scalar
    >>> norm = stand_in().norm
    >>> norm.cdf(Scalar(0)).data, norm.pdf(Scalar(3), loc=3, scale=2).data
    (Fraction(1, 2), sqrt(2)/(4*sqrt(pi)))

Option prices, probit models and expected improvements are written with `norm.cdf` and `norm.pdf`. What is
not here, the other distributions and methods among it, is SciPy's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, Final

from minigrad import functions
from minigrad.errors import DomainError
from minigrad.exact_math import StandIn, constant
from minigrad.exact_numpy.items import constants, mapped
from minigrad.exact_numpy.scipy_stand_in import standing_in
from minigrad.exact_numpy.special import TABLE
from minigrad.nonfinite import NonFinite

__all__ = ["stand_in"]

_share: Final = TABLE["ndtr"]


def _pdf(z: Any, scale: Any) -> Any:
    return functions.exp(-z * z / 2) / (functions.sqrt(2 * constant("pi", "pi")) * scale)


def _logpdf(z: Any, scale: Any) -> Any:
    return -(z * z + functions.log(2 * constant("pi", "pi"))) / 2 - functions.log(scale)


_METHODS: Final[Mapping[str, Callable[[Any, Any], Any]]] = MappingProxyType({
    "cdf": lambda z, scale: _share(z),
    "logcdf": lambda z, scale: functions.log(_share(z)),
    "logpdf": _logpdf,
    "logsf": lambda z, scale: functions.log(_share(-z)),
    "pdf": _pdf,
    "sf": lambda z, scale: _share(-z),
})  # fmt: skip
"""Methods of the normal distribution, of a standardised number and its scale."""


def _standardised(name: str) -> Callable[..., Any]:
    def of(x: Any, loc: Any, scale: Any) -> Any:
        if not scale > 0:
            # As SciPy has it, without an error.
            return NonFinite(math.nan, DomainError(f"norm.{name}: expected scale to be above 0"))
        return _METHODS[name]((x - loc) / scale, scale)

    def method(x: Any, loc: Any = 0, scale: Any = 1) -> Any:
        return mapped(of, [constants(value, f"norm.{name}") for value in (x, loc, scale)])

    return method


class _Normal:
    """SciPy's normal distribution, some of whose methods take Scalars."""

    def __init__(self, original: Any) -> None:
        self._original = original
        for name in _METHODS:
            setattr(self, name, standing_in(getattr(original, name), _standardised(name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._original(*args, **options)


@cache
def stand_in() -> ModuleType:
    """The stand-in for `scipy.stats`. ImportError where SciPy is not installed."""
    stats = import_module("scipy.stats")
    return StandIn(stats, {"norm": _Normal(stats.norm)})
