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
    MinigradError,
    OutOfTime,
    StaleGraph,
    TooLarge,
)
from minigrad.functions import absolute, dot, maximum, minimum, prod, relu, sum, where
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
    "MinigradError",
    "OutOfTime",
    "Scalar",
    "StaleGraph",
    "TooLarge",
    "absolute",
    "apply",
    "array",
    "derivative",
    "dot",
    "from_json",
    "grad",
    "gradients",
    "grads",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "maximum",
    "minimum",
    "prod",
    "relu",
    "sum",
    "taylor",
    "to_json",
    "value_and_grad",
    "values",
    "vjp",
    "where",
]

_LAZY = ("generate", "linalg", "strategies", "testing", "verify")


def __getattr__(name: str) -> ModuleType:
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
