"""Hand-written derivatives as claims: what each kind is given, what it returns, and what should come out.

A Claim is a function together with a program that is said to compute its gradient, Jacobian, Hessian, or
the product of one of these with a vector. `sample` runs both on Scalars at a point. `expected` derives,
from the function's trace alone and in SymPy's terms, what the other should have returned: in numbers, or
as formulas in the arguments, in the same order.

A Jacobian- or Hessian-vector product takes one argument more, the tangent or cotangent. It is a
variable like the others here, so that a product is proved for every vector, and a gradient that is
squared by mistake cannot hide behind a vector of ones.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from minigrad import exact, nonfinite, number, number_text, slopes, trace, trees
from minigrad.errors import CaseError, DomainError, MinigradError, describe
from minigrad.graph import topological_order
from minigrad.nonfinite import is_infinite, is_nan
from minigrad.number import ONE, UNAVAILABLE, ZERO, Floats
from minigrad.rational import Field
from minigrad.records import Rounded
from minigrad.scalar import Scalar
from minigrad.signatures import strangers
from minigrad.trace import Run, Trace, Traced
from minigrad.verify import answers
from minigrad.verify.arguments import Layout, is_array, items_of
from minigrad.verify.program import Lifted, Program

__all__ = [
    "AWAY",
    "Claim",
    "Kind",
    "Sample",
    "derivative_in_floats",
    "expected",
    "function_in_floats",
    "is_about_bools",
    "outputs_of",
    "point_text",
    "ready",
    "sample",
    "sampled",
    "size",
    "traced",
    "watched",
]


class Kind(StrEnum):
    """What a program claims to compute."""

    GRADIENT = "gradient"
    JACOBIAN = "Jacobian"
    HESSIAN = "Hessian"
    JVP = "jvp"
    VJP = "vjp"
    HVP = "hvp"

    @property
    def vector(self) -> str:
        """What the argument is called that the derivative is multiplied by; empty if there is none."""
        return {Kind.JVP: "tangent", Kind.HVP: "tangent", Kind.VJP: "cotangent"}.get(self, "")

    @property
    def is_second(self) -> bool:
        """Whether second derivatives are claimed."""
        return self in (Kind.HESSIAN, Kind.HVP)


@dataclass(frozen=True, slots=True)
class Claim:
    """That `derivative` computes this kind of derivative of `function`, on arguments of this layout.

    Where they keep state from call to call, `renewed` gives copies that were not called yet, of which the
    derivative is called right after the function. By `off` of itself a number is another one in text.
    """

    kind: Kind
    function: Callable[..., Any]
    derivative: Callable[..., Any]
    layout: Layout
    floats: Floats = "decimal"
    off: Fraction = ZERO
    keeps_state: bool = False
    renewed: Callable[[], tuple[Callable[..., Any], Callable[..., Any]]] | None = None

    def fresh(self) -> Claim:
        """The claim about programs that were not called yet, where calls may leave something behind."""
        if self.renewed is None:
            return self
        function, derivative = self.renewed()
        return replace(self, function=function, derivative=derivative, renewed=None)

    @property
    def count(self) -> int:
        """How many numbers the arguments of the function hold."""
        return len(self.layout.labels)


class Ran(NamedTuple):
    """One of the two programs at a point: its run, the numbers that it returned, its arguments."""

    run: Run
    outputs: Sequence[Scalar]
    leaves: Sequence[Scalar]


class Sample(NamedTuple):
    """Both programs at a point: `values` are the numbers of the arguments, and then of the vector,
    `point` the same by label.

    `leaves` and `outputs` are those of the function, `own_leaves` and `given` those of the derivative,
    flat; the first two hold the vector's leaves as well, which the function does not use. Where a
    program raised, its run says so, and its list is empty. Components of the derivative that are NaN or
    infinite are `lacking`, with the reason, and 0 stands in their place. `idle` are the nodes, by `id`,
    on whose piece nothing hangs (`verify.idle`), as far as they were looked for.
    """

    values: tuple[Fraction, ...]
    labels: tuple[str, ...]
    point: dict[str, Fraction]
    function: Run
    leaves: list[Scalar]
    outputs: list[Scalar]
    derivative: Run | None = None
    own_leaves: Sequence[Scalar] = ()
    given: Sequence[Scalar] = ()
    names: Sequence[str] = ()
    lacking: Mapping[int, Exception] = MappingProxyType({})
    idle: frozenset[int] = frozenset()

    @property
    def runs(self) -> list[Run]:
        """The runs that there were: of the function, and of the derivative."""
        return [run for run in (self.function, self.derivative) if run is not None]

    @property
    def programs(self) -> list[Ran]:
        """The function, and the derivative if it was run."""
        found = [Ran(self.function, self.outputs, self.leaves)]
        if self.derivative is not None:
            found.append(Ran(self.derivative, self.given, self.own_leaves))
        return found

    @property
    def is_numpy(self) -> bool:
        """Whether the numbers of the arguments are NumPy's."""
        return self.function.trace.is_numpy

    @property
    def rounded(self) -> list[Rounded]:
        """The floats that were rounded before they met a Scalar."""
        return [found for run in self.runs for found in run.trace.rounded]

    @property
    def may_be_rounded(self) -> bool:
        """Whether there were such floats, or constants that look like them, compared ones among them."""
        compared = [c for run in self.runs for c in run.trace.comparisons]
        sides = [side for c in compared for side in (c.left, c.right)]
        nodes = topological_order([*self.outputs, *self.given, *sides])
        return bool(self.rounded) or any(
            node.is_constant and number.has_float_digits(node._datum) for node in nodes
        )

    def rounded_to(self, floats: Floats) -> list[Fraction]:
        """What these floats were read as."""
        return [exact.to_exact(float(found.text), floats=floats) for found in self.rounded]


def point_text(point: Mapping[str, Any]) -> str:
    """The first numbers of a point, for a sentence."""
    shown = [f"{name} = {number_text.short_text(x)}" for name, x in list(point.items())[:6]]
    return ", ".join(shown) + ", …" * (len(point) > len(shown))


def traced(layout: Layout, values: Sequence[Any], trace: Trace) -> tuple[list[Any], list[Scalar]]:
    """The arguments as Scalars that carry `trace`, and these Scalars as a flat list."""
    made: list[Scalar] = []
    trace.is_numpy = layout.is_numpy

    def leaf(value: Any, label: str) -> Scalar:
        made.append(trace.leaf(value, label))
        return made[-1]

    return layout.arguments(values, leaf), made


def outputs_of(result: Any, floats: Floats = "decimal") -> list[tuple[str, Scalar]]:
    """The numbers in a result as Scalars, each with its place in it. CaseError for anything else."""
    found, who = [], "the function"
    for where, item in trees.leaves(result, result, who):
        place = where.removeprefix(who)
        found.append((place, _scalar(item, who + f" at {place}" * bool(place), floats)))
    return found


def _scalar(value: Any, who: str, floats: Floats) -> Scalar:
    if trees.is_array(value) and not value.ndim:
        value = value[()]
    if isinstance(value, Scalar):
        return value
    if value is UNAVAILABLE:
        raise CaseError(f"{who} returned a derivative that is not available: {UNAVAILABLE.reason}")
    try:
        found = nonfinite.operand(value, floats)
    except MinigradError as error:
        raise CaseError(f"expected {who} to return Scalars or numbers: {error}") from None
    if found is None:
        raise CaseError(f"expected {who} to return a Scalar or a number; got {describe(value)}")
    if isinstance(found, Scalar):
        return found
    return Scalar.constant(found, max_bits=number.bits(found))


@contextmanager
def _named(labels: Sequence[str], values: Sequence[Any]) -> Iterator[None]:
    """Say in an error at which point it was: what is no number may be one everywhere else."""
    try:
        yield
    except CaseError as error:
        raise CaseError(f"{error}; at {point_text(_by_label(labels, values))}") from None


def sample(claim: Claim, values: Sequence[Fraction], deadline: float) -> Sample:
    """Run both programs of `claim` at `values`; `values` may lack the vector's numbers, which are made
    up.

    Raises CaseError where a result does not fit its arguments; what else the programs raise is in their
    runs.
    """
    return sampled(ready(claim, values, deadline), values, deadline)


def ready(claim: Claim, values: Sequence[Fraction], deadline: float) -> Claim:
    """`claim`; of programs that keep state, with copies that were called elsewhere than at `values`.

    What they kept from calls before the check is forgotten then.
    """
    if claim.renewed is None:
        return claim
    fresh = claim.fresh()
    # It may be outside the domain, and what is returned there no number.
    with suppress(CaseError):
        sampled(fresh, [value + AWAY for value in values], deadline)
    return fresh


AWAY: Final = Fraction(1, 7)
"""How far away, in each number, a point elsewhere is."""


def sampled(
    claim: Claim, values: Sequence[Fraction], deadline: float, given: Sequence[Scalar] = ()
) -> Sample:
    """As `sample`, of these programs; `given` are the leaves of a run before, at the same numbers."""
    count = claim.count
    if given:
        leaves = [*given]
        watch = cast(Traced, leaves[0])._trace
        watch.again()
        arguments = _of_leaves(claim, leaves, watch)
    else:
        watch = Trace(claim.floats, deadline, off=claim.off)
        arguments, leaves = traced(claim.layout, values[:count], watch)
    ran = watched(claim.function, arguments, watch)
    labels = claim.layout.labels
    if ran.error is not None:
        return Sample(tuple(values), labels, _by_label(labels, values), ran, leaves, [])
    with _named(labels, values):
        outputs = outputs_of(ran.result, floats=claim.floats)
        if not outputs and claim.kind is not Kind.VJP:
            raise CaseError("expected the function to return a number or more; it returned none")
    vector = _vector_layout(claim, ran.result)
    if vector is not None:
        labels += vector.labels
        values = (*values[:count], *_directions(values[count:], len(vector.labels)))
    if claim.keeps_state:
        # What the derivative finds was computed from the leaves of the function.
        ran = ran._replace(trace=watch.again())
        own, own_leaves = watch, [*leaves]
        again = _of_leaves(claim, leaves, watch)
    else:
        own = Trace(claim.floats, deadline, off=claim.off)
        again, own_leaves = traced(claim.layout, values[:count], own)
    if vector is not None:
        parts, more = traced(vector, values[count:], own)
        own_leaves += more
        again += _as_taken(claim, parts)
        leaves = leaves + [
            Scalar(v, label) for v, label in zip(values[count:], vector.labels, strict=True)
        ]
    _check_signature(claim, again)
    _forget_earlier(ran.trace, leaves)
    answered = watched(claim.derivative, again, own, is_whole=False)
    _forget_earlier(own, own_leaves)
    found = Sample(
        tuple(values),
        labels,
        _by_label(labels, values),
        ran,
        leaves,
        [y for _, y in outputs],
        answered,
        own_leaves,
    )
    if answered.error is not None:
        return found
    matched = list(_matched(claim, answered.result, ran.result, [name for name, _ in outputs]))
    with _named(labels, values):
        given = [_scalar(item, f"the {where}", claim.floats) for _, (where, item) in matched]
    names = [name for name, _ in matched]
    lacking = {
        k: _no_value(item, f" for {names[k]}") for k, item in enumerate(given) if is_lacking(item)
    }
    given = [_NOTHING if k in lacking else item for k, item in enumerate(given)]
    return found._replace(given=given, names=names, lacking=lacking)


def _forget_earlier(account: Trace, leaves: Sequence[Scalar]) -> None:
    """Drop the comparisons with what earlier calls have left: no boundary of these programs is there."""
    sides = [side for c in account.comparisons for side in (c.left, c.right)]
    if strangers(sides, leaves):
        account.comparisons = [
            c for c in account.comparisons if not strangers([c.left, c.right], leaves)
        ]


def _of_leaves(claim: Claim, leaves: Sequence[Scalar], watch: Trace) -> list[Any]:
    """The arguments once more, of the leaves that they were made of."""
    watch.is_numpy = claim.layout.is_numpy
    return claim.layout.arguments(leaves, lambda leaf, _: leaf)


def function_in_floats(claim: Claim, values: Sequence[Any]) -> tuple[Any, dict[str, float]]:
    """What the function returns without minigrad, and the floats in it by their places.

    `values` are those of a sample. Raises what the program raises.
    """
    result = claim.function(*claim.layout.in_floats(values[: claim.count]))
    return result, {place: float(item) for place, item in trees.leaves(result, result, "")}


def derivative_in_floats(
    claim: Claim, values: Sequence[Any], result: Any, places: Sequence[str]
) -> list[float]:
    """What the derivative gives without minigrad, where the function returns `result`.

    Raises what the program raises, and CaseError.
    """
    arguments = claim.layout.in_floats(values[: claim.count])
    vector = _vector_layout(claim, result)
    if vector is not None:
        arguments += _as_taken(claim, vector.in_floats(values[claim.count :]))
    matched = _matched(claim, claim.derivative(*arguments), result, places)
    return [float(item) for _, (_, item) in matched]


def watched(
    function: Callable[..., Any], arguments: Sequence[Any], watch: Trace, *, is_whole: bool = True
) -> Run:
    """The run of a function, with the floats noted that were rounded, in its result too.

    Where it returns NaN or an infinity it has no value, as where it raises, and counts as if it did; not
    if a result in parts was asked for, of which each is looked at by itself.
    """
    spare = [copy.copy(argument) for argument in arguments]
    ran = trace.run(function, arguments, watch)
    if watch.is_numpy and is_about_bools(ran.error):
        # The program may have made Python's numbers of the elements, by tolist() or math, say.
        watch.again()
        watch.is_numpy = False
        ran = trace.run(function, spare, watch)
    whole = f"the result of {getattr(function, '__name__', 'the function')}"
    for place, item in trees.leaves(ran.result, ran.result, whole):
        watch.note_returned(item, function)
        if is_whole and is_lacking(item):
            at = f" at {place.removeprefix(whole)}" if place != whole else ""
            return ran._replace(error=_no_value(item, at))
    return ran


def is_about_bools(error: BaseException | None) -> bool:
    """Whether a program did to NumPy's bools what Python's allow alone, as (x > 0) - (x < 0)."""
    return isinstance(error, TypeError) and "numpy boolean" in str(error)


def is_lacking(item: object) -> bool:
    """Whether what a program returned is NaN or an infinity."""
    return is_nan(item) or is_infinite(item)


def _no_value(item: Any, where: str) -> Exception:
    """Why there is no number: what exact numbers would have raised, where they would."""
    reason = getattr(item, "reason", None)
    return reason or DomainError(f"it returned {float(item)}{where}, which is no number")


_NOTHING = Scalar.constant(0)


def _by_label(labels: Sequence[str], values: Sequence[Fraction]) -> dict[str, Fraction]:
    return dict(zip(labels, values, strict=False))


# --- vectors -------------------------------------------------------------------------------------

_GENERIC = (2, -3, 7, -11, 15, 31, Fraction(1, 2), -17, 23, Fraction(-5, 3))
"""Numbers for tangents and cotangents: no ones, no zeros, no two that add up to another."""


def _directions(known: Sequence[Fraction], count: int) -> list[Fraction]:
    made = [
        Fraction(_GENERIC[i % len(_GENERIC)] + 101 * (i // len(_GENERIC))) for i in range(count)
    ]
    return [*known, *made[len(known) :]][:count]


def _vector_layout(claim: Claim, result: Any) -> Layout | None:
    """The layout of the vector: that of the arguments, or for a cotangent that of the result."""
    vector = claim.kind.vector
    # An argument may be called like the vector, and numbers go by their labels.
    alone = f"{vector} vector" if vector in claim.layout.names else vector
    if vector == "tangent":
        several = len(claim.layout.names) > 1
        names = [f"{vector} of {name}" if several else alone for name in claim.layout.names]
        return Layout(tuple(names), claim.layout.templates)
    if vector == "cotangent":
        return Layout((alone,), (_template(result),))
    return None


def _template(result: Any) -> Any:
    if is_array(result):
        return [_template(item) for item in items_of(result)]
    if not trees.is_leaf(result) and not trees.is_array(result):
        raise CaseError(
            f"expected the function to return a number or an array; got {trees.form(result)}"
        )
    return 0


def _as_taken(claim: Claim, parts: list[Any]) -> list[Any]:
    """The vector as the derivative takes it: one argument, or one for each of the function's."""
    if len(parts) == 1:
        return parts
    try:
        inspect.signature(claim.derivative).bind(*claim.layout.names, *parts)
    except (TypeError, ValueError):
        return [tuple(parts)]
    return parts


def _check_signature(claim: Claim, arguments: Sequence[Any]) -> None:
    try:
        signature = inspect.signature(claim.derivative)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        extra = f" and the {claim.kind.vector}" if claim.kind.vector else ""
        raise CaseError(
            f"expected the {claim.kind} to take the arguments of the function{extra}: {error}"
        ) from None


def _matched(
    claim: Claim, answer: Any, result: Any, places: Sequence[str]
) -> Iterator[tuple[str, tuple[str, Any]]]:
    """The numbers of `answer`, if it has the structure it should.

    Each comes with the name of its component, and with its place in the answer.
    """
    layout, kind, labels = claim.layout, claim.kind, claim.layout.labels
    who = str(kind)
    if kind.is_second and len(places) != 1:
        raise CaseError(f"a function that returns {len(places)} numbers has no Hessian")
    alone = answers.only(answers.listed(answer))
    of_numbers = len(places) == 1 and layout.templates == (0,) and trees.is_leaf(alone)
    if of_numbers and kind in (Kind.JACOBIAN, Kind.HESSIAN):
        # One number by one number, in as many brackets as there are.
        joint = f"{labels[0]}, " if kind is Kind.HESSIAN else f"f{places[0]} by "
        yield joint + labels[0], (who, alone)
    elif kind in (Kind.VJP, Kind.HVP) or (kind is Kind.GRADIENT and len(places) == 1):
        yield from zip(labels, answers.row(answer, layout, who, result), strict=True)
    elif kind is Kind.JVP:
        for place, (_, item) in zip(places, answers.same_form(result, answer, who), strict=True):
            yield f"f{place}", (who, item)
    else:
        if kind is Kind.HESSIAN:
            heads = [f"{label}, " for label in labels]
            grouped = answers.groupings(layout.templates)[1:]
        else:
            heads = [f"f{place} by " for place in places]
            grouped = answers.groupings(result)
            if len(places) == 1 and trees.is_leaf(result):
                answer = answer if answers.is_row_of_rows(answer, layout) else [answer]
        try:
            rows = [[*row] for row in answers.matrix(answer, layout, grouped, len(heads), who)]
        except CaseError as error:
            if kind is not Kind.GRADIENT:
                raise
            raise CaseError(
                f"{error}: the function returned {len(places)} numbers, of which the gradient is the "
                "Jacobian"
            ) from None
        for head, numbers in zip(heads, rows, strict=True):
            yield from ((head + c, y) for c, y in zip(labels, numbers, strict=True))


# --- what should come out ------------------------------------------------------------------------


def expected(kind: Kind, program: Program, elements: Sequence[Any] | None, count: int) -> list[Any]:
    """The derivative of the function behind `program`, in the order of a claim's numbers.

    `elements` stand in the place of its leaves, `count` of which are arguments and the rest the vector:
    generators of a field for formulas, or None for the numbers of the run.
    """
    if elements is None:
        vector: list[Any] = list(program.point[count:])
        if kind.is_second:
            columns = [_column(program, k, count) for k in range(count)]
            return _second(kind, list(zip(*columns, strict=True)), vector)
        return _first(kind, program.numbers, vector, count)
    lifted = program.over(elements)
    vector = [x if e is None else e for e, x in zip(elements, program.point, strict=True)][count:]
    if not kind.is_second:
        return _first(kind, lifted, vector, count)
    first = lifted.gradient({program.outputs[0]: ONE})[:count]
    held = [element is None for element in elements[:count]]
    rows = [[UNAVAILABLE if h else _slope(f, k) for k, h in enumerate(held)] for f in first]
    return _second(kind, rows, vector)


def size(kind: Kind, outputs: int, count: int) -> int:
    """How many numbers `expected` finds for a function of `count` arguments with so many outputs."""
    if kind in (Kind.VJP, Kind.HVP):
        return count
    if kind is Kind.JVP:
        return outputs
    return count * (count if kind is Kind.HESSIAN else outputs)


def _first(kind: Kind, lifted: Lifted, vector: Sequence[Any], count: int) -> list[Any]:
    outputs = lifted.program.outputs
    if kind is Kind.VJP:
        seeds: dict[int, Any] = {}
        for output, weight in zip(outputs, vector, strict=True):
            seeds[output] = seeds[output] + weight if output in seeds else weight
        return lifted.gradient(seeds)[:count]
    rows = [lifted.gradient({output: ONE})[:count] for output in outputs]
    if kind is Kind.JVP:
        return [_product(row, vector) for row in rows]
    return [entry for row in rows for entry in row]


def _second(kind: Kind, rows: Sequence[Sequence[Any]], vector: Sequence[Any]) -> list[Any]:
    if kind is Kind.HVP:
        return [_product(row, vector) for row in rows]
    return [entry for row in rows for entry in row]


def _product(row: Sequence[Any], vector: Sequence[Any]) -> Any:
    """The dot product; what is multiplied by an exact 0 is not asked."""
    total: Any = ZERO
    for entry, weight in zip(row, vector, strict=True):
        if not isinstance(entry, Fraction) or entry:
            total = entry * weight + total
    return total


def _slope(formula: Any, k: int) -> Any:
    """The derivative of a formula by generator `k`; a number has none."""
    return UNAVAILABLE if formula is UNAVAILABLE else slopes.derivative(formula, k)


def _column(program: Program, k: int, count: int) -> list[Any]:
    """The derivatives of the gradient by argument `k`, at the point of the run."""
    if program.exponents[k]:
        return [UNAVAILABLE] * count
    point = [program.point[k]]
    (x,) = Field(1, point=point).generators
    elements: list[Any] = [None] * len(program.leaves)
    elements[k] = x
    first = program.over(elements).gradient({program.outputs[0]: ONE})[:count]
    rates = [_slope(f, 0) for f in first]
    return [rate if rate is UNAVAILABLE else slopes.evaluated(rate, point) for rate in rates]
