"""A program run infinitely close to a point: on which branch it is there, and how fast its results grow.

At a boundary the program itself is run once more over Q(ε), on arguments infinitely close to the point,
and takes the branch that holds there; the standard part of (f(p + εd) - f(p)) / ε is the one-sided
derivative along d, and no approximation of it (A. Robinson, Non-standard Analysis, section 3.3). The
values are SymPy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad.errors import (
    CaseError,
    DivisionByZero,
    DomainError,
    GradientUnavailable,
    InvalidNumber,
    MinigradError,
    NoDerivative,
)
from minigrad.graph import topological_order
from minigrad.infinitesimal import Infinitesimal, NotFarEnough, standard_part
from minigrad.near import Near
from minigrad.number import ONE
from minigrad.number_text import short_text
from minigrad.rational import Field, OutOfBudget
from minigrad.scalar import Scalar
from minigrad.trace import Trace
from minigrad.verify.claims import Claim, Sample, outputs_of, ready, traced, watched
from minigrad.verify.nearly import is_close, magnitude
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

__all__ = ["LIMIT", "Beside", "Edge", "at_boundary", "beside"]

LIMIT: Final = 20_000_000
"""Products of terms that one run over Q(ε) may take."""
_NO_VALUE: Final = (
    DivisionByZero,
    DomainError,
    GradientUnavailable,
    InvalidNumber,
    NoDerivative,
    ZeroDivisionError,
)
"""What is raised where a function, or a derivative that it asks for, has no value."""
_FAILURES: Final = (AttributeError, NameError, TypeError, ImportError, StopIteration)
"""What Python raises where a program could not be run, whoever's mistake that is."""
_OURS: Final = {"minigrad", "numpy", "scipy", "sympy", "mpmath", "flint"}
"""Packages whose errors are no program's own."""


class Edge(NamedTuple):
    """A sample of a claim beside which is looked, by SymPy's rules and until a deadline.

    Series are known to `length` terms, or as far as they go.
    """

    claim: Claim
    sample: Sample
    rules: Rules
    deadline: float
    length: int | None = None


class Beside(NamedTuple):
    """A run beside the point: the one-sided derivatives of the outputs, and its program.

    `may_change` is whether the run itself stands at a boundary, and its formulas hold there alone,
    `compares_alike` whether its comparisons came out as at the point.
    """

    slopes: list[Fraction | None]
    program: Program
    may_change: bool
    compares_alike: bool


def beside(
    edge: Edge,
    direction: Sequence[Any],
    sign: int,
) -> Beside | None:
    """The run infinitely close to the point on one side; None where the function is not defined there."""
    (variable,) = Field(1, LIMIT, deadline=edge.deadline).generators
    epsilon = Infinitesimal(variable, edge.length)
    watch = Trace(edge.claim.floats, edge.deadline, kind=Near)
    pairs = zip(edge.sample.values[: edge.claim.count], direction, strict=True)
    at = [value + sign * step * epsilon if step else value for value, step in pairs]
    claim = ready(edge.claim, edge.sample.values, edge.deadline)
    arguments, leaves = traced(claim.layout, at, watch)
    ran = watched(claim.function, arguments, watch)
    # Swallowed by the program or not, it was no property of the function.
    is_own = _is_undefined(ran.error) and not watch.out_of_time
    failure = watch.failure or (None if is_own else ran.error)
    if failure is not None or ran.leaks:
        kind = NotFarEnough if isinstance(failure, NotFarEnough) else OutOfBudget
        raise kind(f"the function could not be run beside this point: {failure or ran.leaks[0]}")
    if ran.error is not None:
        return None
    try:
        outputs = [output for _, output in outputs_of(ran.result, floats=claim.floats)]
    except CaseError:
        return None
    if len(outputs) != len(edge.sample.outputs):
        raise OutOfBudget("the function returns another number of results beside this point")
    extra = [Scalar(value) for value in edge.sample.values[edge.claim.count :]]
    slopes, program = _measured(outputs, [*leaves, *extra], edge.sample, sign * epsilon, edge.rules)
    if (watch.rounded or edge.sample.rounded) and None in slopes:
        _check_jump(program, edge.sample)
    sides = [side for c in watch.comparisons for side in (c.left, c.right)]
    asked = [*sides, *watch.only_entered(outputs)]
    equal = any(c.side == 0 for c in watch.comparisons)
    may_change = equal or any(map(at_boundary, topological_order([*outputs, *asked])))
    answers, here = (
        [(c.place, c.holds) for c in t.comparisons] for t in (watch, edge.sample.function.trace)
    )
    return Beside(slopes, program, may_change, answers == here)


def _is_undefined(error: Exception | None) -> bool:
    """Whether an error says that the function has no value: mathematics, or the program's own `raise`.

    What minigrad could not compute says nothing of the function, nor does what Python makes of that.
    """
    if error is None or isinstance(error, _NO_VALUE):
        return True
    if isinstance(error, (MinigradError, *_FAILURES)):
        return False
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    name = "" if step is None else str(step.tb_frame.f_globals.get("__name__", ""))
    return name.partition(".")[0] not in _OURS


def _measured(
    outputs: Sequence[Scalar],
    leaves: Sequence[Scalar],
    sample: Sample,
    step: Infinitesimal,
    rules: Rules,
) -> tuple[list[Fraction | None], Program]:
    try:
        program = Program(outputs, leaves, rules)
    except (AttributeError, TypeError) as error:
        raise OutOfBudget(f"the function cannot be asked beside this point: {error}") from None
    if program.complaint:
        raise OutOfBudget(f"beside this point {program.complaint}")
    slopes: list[Fraction | None] = []
    for place, here in zip(program.outputs, sample.outputs, strict=True):
        slope = (program.chain.values[place] - here._datum) / step
        slopes.append(standard_part(slope))
    return slopes, program


def _check_jump(program: Program, sample: Sample) -> None:
    """Raise OutOfBudget where an output differs from that at the point as floats do that were rounded."""
    for place, here in zip(program.outputs, sample.outputs, strict=True):
        value = here._datum
        jump = standard_part(program.chain.values[place] - value)
        size = magnitude(here) if jump else None
        if jump and is_close(value, value + jump, least=ONE if size is None else size):
            raise OutOfBudget(
                f"the function jumps here by {short_text(jump)}, as much as floats were rounded before "
                "minigrad saw them"
            )


def at_boundary(node: Scalar) -> bool:
    """Whether a node's operator stands at a boundary between two of its pieces."""
    if node.operator is None or node.operator.branch is None:
        return False
    values = [operand._datum for operand in node.operands]
    return any(piece.boundary for piece in node.operator.piece(values, node.parameters))
