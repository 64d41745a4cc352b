"""Is this hand-written derivative the derivative? For every input, or: yours minus the true one is x*y.

    >>> from minigrad.verify import check_gradient
    >>> def f(x, y):
    ...     return x**2 * y
    >>> check_gradient(f, lambda x, y: (2*x*y, x**2)).verdict
    <Verdict.PROVED: 'proved'>
    >>> report = check_gradient(f, lambda x, y: (2*x*y, x**2 + y))
    >>> [(entry.label, entry.difference) for entry in report.entries if entry.difference]
    [('y', 'y')]

Both programs are run on Scalars (`minigrad.trace`), at points that are given, drawn, hard, or asked for
by the comparisons that the programs make (`search`). At each the verdict is that of `judge`; the worst
of them is that of the component. The Report says where the verdicts hold, which branches were reached,
what was left out, and, of a wrong derivative, the smallest numbers found that show it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import Any, Final, get_args

from minigrad.errors import CaseError, InvalidOperand, describe
from minigrad.number import Floats
from minigrad.verify.arguments import of_point, of_shape, of_signature
from minigrad.verify.claims import Claim, Kind, point_text
from minigrad.verify.domains import Domain
from minigrad.verify.findings import report_of
from minigrad.verify.inquiry import Inquiry
from minigrad.verify.report import Report
from minigrad.verify.symbolic import Rules
from minigrad.verify.untouched import Untouched

__all__ = [
    "BUDGET",
    "check_gradient",
    "check_hessian",
    "check_hvp",
    "check_jacobian",
    "check_jvp",
    "check_vjp",
    "compare_gradient",
]

BUDGET: Final = 10.0
"""Seconds that a check may take, unless told otherwise: a backstop to limits on size."""
_LONGEST: Final = 1e9


def check_gradient(
    f: Callable[..., Any],
    gradient: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    rules: Rules | None = None,
) -> Report:
    """A Report on a hand-written gradient, with one entry for each component: `"x"`, or `"x[2]"`.

    `f` takes numbers, or arrays as SciPy's `check_grad` has it, and returns a number; `gradient` takes
    the same arguments and returns the partial derivatives in their structure. (Where f returns an array
    the gradient is its Jacobian.) Neither is changed, and each gets arguments of its own.

    A point that is a tuple gives the positional arguments, a list or array is one array argument, a plain
    number the only argument. The points are looked at first; then others are searched, in any case.
    Without a point the arguments are read off f's signature, or off `shape`: `[n]` for one array of n
    numbers, `n` for n numbers, a tuple with the shape of each argument for several. `domain` is a
    predicate of the arguments that bounds the search.

    `floats` says how a float in the programs is read: `"decimal"` as it is written, `"binary"` as its
    exact value, `"simplest"` as the simplest ratio that rounds to it. `seed` is that of the points that
    are drawn; `budget`, in seconds, a backstop to limits on size; `rules` keeps SymPy's derivatives
    from one check to the next.

    Raises CaseError (a ValueError) where the programs do not fit together, do something else when they
    are run again, or f raises at every point; InvalidOperand (a TypeError) for other arguments.

    >>> report = check_gradient(lambda x: x[0] * x[1], lambda x: [x[1], x[1]], shape=[2])
    >>> [str(entry.verdict) for entry in report.entries]
    ['proved', 'refuted']
    """
    return _check(Kind.GRADIENT, f, gradient, points, shape, domain, floats, seed, budget, rules)


def check_jacobian(
    f: Callable[..., Any],
    jacobian: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Jacobian, with an entry `f[i] by x[j]` for each of its numbers.

    `f` returns numbers in any structure, and `jacobian` one row for each of them, a row having the
    structure of the arguments: an array of shape (m, n) for m results and one array of n numbers. The
    Jacobians by several array arguments may also stand in a tuple, as JAX has them. All else is as in
    `check_gradient`.

    >>> check_jacobian(lambda x, y: [x * y, x - y], lambda x, y: [[y, x], [1, -1]]).ok
    True
    """
    return _check(Kind.JACOBIAN, f, jacobian, points, shape, domain, floats, seed, budget)


def check_hessian(
    f: Callable[..., Any],
    hessian: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Hessian, with an entry `x[i], x[j]` for each of its numbers.

    `f` returns one number, and `hessian` a matrix: shape (n, n) for an array of n numbers. All else is as
    in `check_gradient`.

    >>> check_hessian(lambda x, y: x**2 * y, lambda x, y: [[2*y, 2*x], [2*x, 0]]).ok
    True
    """
    return _check(Kind.HESSIAN, f, hessian, points, shape, domain, floats, seed, budget)


def check_jvp(
    f: Callable[..., Any],
    jvp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Jacobian-vector product `jvp(*arguments, tangent)`: J @ tangent.

    The tangent has the structure of the argument; for several arguments it is a tuple, or one tangent for
    each if jvp takes so many. It returns what f returns. The tangent is a variable of the proof, so a
    product is proved for all of them; a point gives the arguments alone. All else is as in
    `check_gradient`.

    >>> check_jvp(lambda x, y: x * y, lambda x, y, dx, dy: y * dx + x * dy).ok
    True
    """
    return _check(Kind.JVP, f, jvp, points, shape, domain, floats, seed, budget)


def check_vjp(
    f: Callable[..., Any],
    vjp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written vector-Jacobian product `vjp(*arguments, cotangent)`: cotangent @ J.

    This is what a custom backward rule computes. The cotangent has the structure of what f returns, the
    result that of the arguments. The cotangent is a variable of the proof, so a product is proved for all
    of them, and not for ones alone; a point gives the arguments. All else is as in `check_gradient`.

    >>> check_vjp(lambda x: x**3, lambda x, g: 3 * x**2 * g).ok
    True
    """
    return _check(Kind.VJP, f, vjp, points, shape, domain, floats, seed, budget)


def check_hvp(
    f: Callable[..., Any],
    hvp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Hessian-vector product `hvp(*arguments, tangent)`, as SciPy's `hessp`.

    `f` returns one number; tangent and result have the structure of the arguments. All else is as in
    `check_jvp`.

    >>> check_hvp(lambda x: x**3, lambda x, p: 6 * x * p).ok
    True
    """
    return _check(Kind.HVP, f, hvp, points, shape, domain, floats, seed, budget)


def compare_gradient(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    point: Any,
    rules: Rules,
    budget: float = BUDGET,
) -> Report:
    """As `check_gradient`, at one point and on the branches that are taken there and near by alone."""
    layout, values = of_point(function, point)
    claim = Claim(Kind.GRADIENT, function, gradient, layout)
    inquiry = Inquiry(claim, rules, _deadline(budget), Domain(None, claim.layout))
    with _restored(inquiry.untouched):
        if inquiry.look(values) is None and not inquiry.is_lost:
            raise inquiry.first_error
        inquiry.look_around(values)
        inquiry.compare_with_untouched()
        inquiry.compare_with_floats()
        return report_of(inquiry, given=True)


@contextmanager
def _restored(untouched: Untouched | None) -> Iterator[None]:
    """Take out of the programs what is left in them, however it ends."""
    try:
        yield
    finally:
        if untouched is not None:
            untouched.restore()


def _check(
    kind: Kind,
    function: Any,
    derivative: Any,
    points: Sequence[Any],
    shape: Any,
    domain: Any,
    floats: Any,
    seed: Any,
    budget: Any,
    rules: Rules | None = None,
) -> Report:
    _check_options(kind, function, derivative, domain, floats, seed, budget)
    given = [of_point(function, point) for point in points]
    if any(layout != given[0][0] for layout, _ in given):
        raise CaseError("expected all points to have one structure: check them one by one")
    if given:
        layout = given[0][0]
    else:
        layout = of_signature(function) if shape is None else of_shape(function, shape)
    claim = Claim(kind, function, derivative, layout, floats)
    inquiry = Inquiry(claim, rules or Rules(), _deadline(budget), Domain(domain, claim.layout))
    points_given = [values for _, values in given]
    with _restored(inquiry.untouched):
        _look(inquiry, points_given, seed)
        until = max(inquiry.deadline, _deadline(min(budget, _LONGEST) / 3))
        copied = inquiry.of_copies(until) if inquiry.otherwise else None
        if copied is not None:
            # What a program asks of floats may be answered there: isinstance(x, float).
            with suppress(CaseError):
                _look(copied, points_given, seed)
                inquiry = inquiry if copied.otherwise else copied
        return report_of(inquiry)


def _look(inquiry: Inquiry, given: Sequence[Sequence[Fraction]], seed: int) -> None:
    """Look at the points that were given, and at those that are found, and at what floats do there."""
    for values in given:
        if not inquiry.domain.holds(values):
            where = point_text(dict(zip(inquiry.claim.layout.labels, values, strict=True)))
            inquiry.note(f"the point {where} was given, and is outside the domain")
        if inquiry.look(values) is None and not inquiry.is_lost:
            raise inquiry.first_error
    inquiry.search(seed)
    inquiry.compare_with_untouched()
    inquiry.compare_with_floats()


def _deadline(budget: float) -> float:
    return time.monotonic() + min(budget, _LONGEST)


def _check_options(
    kind: Kind, function: Any, derivative: Any, domain: Any, floats: Any, seed: Any, budget: Any
) -> None:
    for what, value in (("the function", function), (f"the {kind}", derivative)):
        if not callable(value):
            hint = "; points come after both functions" if what != "the function" else ""
            raise InvalidOperand(f"expected {what} to be a function; got {describe(value)}{hint}")
    if domain is not None and not callable(domain):
        raise InvalidOperand(
            f"expected domain to be a predicate of the arguments, such as lambda x: x > 0; "
            f"got {describe(domain)}"
        )
    if floats not in get_args(Floats):
        raise InvalidOperand(
            f"expected floats to be one of {get_args(Floats)}; got {describe(floats)}"
        )
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise InvalidOperand(f"expected seed to be an int; got {describe(seed)}")
    if isinstance(budget, bool) or not isinstance(budget, (int, float)) or not budget >= 0:
        raise InvalidOperand(f"expected a budget of seconds, 0 or more; got {describe(budget)}")
