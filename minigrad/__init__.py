"""Exact-arithmetic automatic differentiation that proves its own gradients.

    >>> from minigrad import Scalar
    >>> x = Scalar(3.1, "x")
    >>> y = x * x / 2
    >>> y.backward()
    >>> y.data, x.grad
    (Fraction(961, 200), Fraction(31, 10))

Values and gradients are `fractions.Fraction`, never rounded. `minigrad.verify` builds the same graph
in SymPy and demands equality with SymPy's derivative at every node; it is imported on first use, so
`import minigrad` imports neither SymPy nor NumPy.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from minigrad.arrays import array, grads, values
from minigrad.derivatives import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    taylor,
    value_and_grad,
    vjp,
)
from minigrad.errors import (
    DivisionByZero,
    DomainError,
    ExactnessLost,
    GradientMismatch,
    GradientUnavailable,
    GraphFileError,
    InvalidNumber,
    InvalidOperand,
    LeftGraphWarning,
    MinigradError,
    NoDerivative,
    NotDecided,
    OutOfTime,
    StaleGraph,
    TooLarge,
)
from minigrad.functions import (
    absolute,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    cos,
    cosh,
    digamma,
    dot,
    erf,
    exp,
    exp2,
    expm1,
    floor,
    gamma,
    gelu,
    hypot,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    loggamma,
    logsumexp,
    maximum,
    minimum,
    norm,
    prod,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    sum,
    tan,
    tanh,
    where,
)
from minigrad.graphfile import from_json, to_json
from minigrad.scalar import Scalar, apply, gradients

__version__ = "0.1.0"

__all__ = [
    "DivisionByZero",
    "DomainError",
    "ExactnessLost",
    "GradientMismatch",
    "GradientUnavailable",
    "GraphFileError",
    "InvalidNumber",
    "InvalidOperand",
    "LeftGraphWarning",
    "MinigradError",
    "NoDerivative",
    "NotDecided",
    "OutOfTime",
    "Scalar",
    "StaleGraph",
    "TooLarge",
    "absolute",
    "acos",
    "acosh",
    "apply",
    "array",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cbrt",
    "ceil",
    "cos",
    "cosh",
    "derivative",
    "digamma",
    "dot",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "from_json",
    "gamma",
    "gelu",
    "grad",
    "gradients",
    "grads",
    "hessian",
    "hvp",
    "hypot",
    "jacobian",
    "jvp",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "loggamma",
    "logsumexp",
    "maximum",
    "minimum",
    "norm",
    "prod",
    "relu",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sqrt",
    "sum",
    "tan",
    "tanh",
    "taylor",
    "to_json",
    "value_and_grad",
    "values",
    "vjp",
    "where",
]

_LAZY = ("generate", "linalg", "strategies", "testing", "verify")


_CONSTANTS = {"pi": "pi", "tau": "2*pi", "e": "E"}


def __getattr__(name: str) -> ModuleType | Scalar:
    if name in _CONSTANTS:
        return Scalar.constant(_CONSTANTS[name], name)
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
