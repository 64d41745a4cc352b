"""Assertions for tests: a hand-written derivative is right for all inputs, or an error says where not.

    >>> from minigrad.testing import assert_gradient
    >>> def f(x, y):
    ...     return x**2 * y
    >>> assert_gradient(f, lambda x, y: (2*x*y, x**2)).ok
    True

Each function runs its namesake of `minigrad.verify`, where the arguments are explained, and returns the
Report if the test may pass: if nothing is refuted or undecided and, unless `allow_kinks`, nothing
stands at a kink. With the pytest plugin a failing test shows the Report and the line of the test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.errors import GradientMismatch
from minigrad.number import Floats
from minigrad.verify.check import (
    BUDGET,
    check_gradient,
    check_hessian,
    check_hvp,
    check_jacobian,
    check_jvp,
    check_vjp,
)
from minigrad.verify.report import Report, Verdict

__all__ = [
    "assert_gradient",
    "assert_hessian",
    "assert_hvp",
    "assert_jacobian",
    "assert_jvp",
    "assert_vjp",
]


def assert_gradient(
    f: Callable[..., Any],
    gradient: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    allow_kinks: bool = True,
) -> Report:
    """The Report of `check_gradient`: `gradient` is the gradient of `f`.

    Raises GradientMismatch (an AssertionError) with the Report's text if it is not, or not known to be;
    CaseError (a ValueError) and InvalidOperand (a TypeError) as `check_gradient` does.

    >>> assert_gradient(lambda x: abs(x), lambda x: 1 if x > 0 else -1, 0, allow_kinks=False)
    Traceback (most recent call last):
    ...
    minigrad.errors.GradientMismatch: ...
    """
    __tracebackhide__ = True
    report = check_gradient(
        f, gradient, *points, shape=shape, domain=domain, floats=floats, seed=seed, budget=budget
    )
    return _passed(report, allow_kinks=allow_kinks)


def assert_jacobian(
    f: Callable[..., Any],
    jacobian: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    allow_kinks: bool = True,
) -> Report:
    """The Report of `check_jacobian`: `jacobian` is the Jacobian of `f`. Raises as `assert_gradient`.

    >>> assert_jacobian(lambda x, y: [x * y, x - y], lambda x, y: [[y, x], [1, -1]]).ok
    True
    """
    __tracebackhide__ = True
    report = check_jacobian(
        f, jacobian, *points, shape=shape, domain=domain, floats=floats, seed=seed, budget=budget
    )
    return _passed(report, allow_kinks=allow_kinks)


def assert_hessian(
    f: Callable[..., Any],
    hessian: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    allow_kinks: bool = True,
) -> Report:
    """The Report of `check_hessian`: `hessian` is the Hessian of `f`. Raises as `assert_gradient`.

    >>> assert_hessian(lambda x, y: x**2 * y, lambda x, y: [[2*y, 2*x], [2*x, 0]]).ok
    True
    """
    __tracebackhide__ = True
    report = check_hessian(
        f, hessian, *points, shape=shape, domain=domain, floats=floats, seed=seed, budget=budget
    )
    return _passed(report, allow_kinks=allow_kinks)


def assert_jvp(
    f: Callable[..., Any],
    jvp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    allow_kinks: bool = True,
) -> Report:
    """The Report of `check_jvp`: `jvp(*arguments, tangent)` is the Jacobian of `f` times the tangent.

    Raises as `assert_gradient`.

    >>> assert_jvp(lambda x, y: x * y, lambda x, y, dx, dy: y * dx + x * dy).ok
    True
    """
    __tracebackhide__ = True
    report = check_jvp(
        f, jvp, *points, shape=shape, domain=domain, floats=floats, seed=seed, budget=budget
    )
    return _passed(report, allow_kinks=allow_kinks)


def assert_vjp(
    f: Callable[..., Any],
    vjp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    allow_kinks: bool = True,
) -> Report:
    """The Report of `check_vjp`: `vjp(*arguments, cotangent)` is the cotangent times the Jacobian of `f`.

    This is what a custom backward rule computes. Raises as `assert_gradient`.

    >>> assert_vjp(lambda x: x**3, lambda x, g: 3 * x**2 * g).ok
    True
    """
    __tracebackhide__ = True
    report = check_vjp(
        f, vjp, *points, shape=shape, domain=domain, floats=floats, seed=seed, budget=budget
    )
    return _passed(report, allow_kinks=allow_kinks)


def assert_hvp(
    f: Callable[..., Any],
    hvp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    allow_kinks: bool = True,
) -> Report:
    """The Report of `check_hvp`: `hvp(*arguments, tangent)` is the Hessian of `f` times the tangent.

    Raises as `assert_gradient`.

    >>> assert_hvp(lambda x: x**3, lambda x, p: 6 * x * p).ok
    True
    """
    __tracebackhide__ = True
    report = check_hvp(
        f, hvp, *points, shape=shape, domain=domain, floats=floats, seed=seed, budget=budget
    )
    return _passed(report, allow_kinks=allow_kinks)


def _passed(report: Report, *, allow_kinks: bool) -> Report:
    __tracebackhide__ = True
    report.raise_if_failed()
    if not allow_kinks and report.verdict is Verdict.KINK:
        raise GradientMismatch(f"a kink, and allow_kinks is false\n{report}")
    return report
