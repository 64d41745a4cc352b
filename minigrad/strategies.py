"""Hypothesis strategies: exact numbers, Scalars, graphs, and whole programs, all of which shrink.

    >>> from hypothesis import find
    >>> from minigrad.strategies import programs, rationals
    >>> find(rationals(), lambda x: x > 1)
    Fraction(2, 1)
    >>> print(find(programs(max_size=2), lambda program: " / " in program.text).text)
    def program(x):
        return x / x

A graph or a program is drawn as a list of raw steps, which say where an operand is to be looked for, and
which are then interpreted: a step that is undefined at the drawn point, or too large there, is left
out, and so is what the last step does not need. Hence any part of the list can be deleted and still
leaves a program, which is what makes a shrunk example small; a tree with a retry for every division by
zero would not.

`minigrad.generate` draws graphs from a seed, without Hypothesis: it looks for hard points, and its
graphs do not shrink.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad import generate
from minigrad.errors import InvalidNumber, InvalidOperand, MinigradError, describe
from minigrad.number import to_fraction
from minigrad.operators import RATIONAL, Operator
from minigrad.programs import COMPARISONS, FORMS, Program, Reference, Step
from minigrad.scalar import Scalar

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    raise ModuleNotFoundError(
        "minigrad.strategies needs Hypothesis, which is not installed: "
        "pip install 'minigrad[hypothesis]'",
        name="hypothesis",
    ) from error

__all__ = ["Program", "graphs", "numbers", "programs", "rationals", "scalars", "vectors"]

_MOST_TERMS: Final = 3


# --- numbers -------------------------------------------------------------------------------------


def rationals(
    *, max_numerator: int = 1000, max_denominator: int = 100
) -> st.SearchStrategy[Fraction]:
    """Fractions of either sign; they shrink to 0, then to small whole numbers.

    Raises InvalidNumber (a ValueError) for bounds that leave nothing, and InvalidOperand (a TypeError)
    for those that are no ints.

    >>> from hypothesis import find
    >>> find(rationals(max_denominator=3), lambda x: x.denominator > 1)
    Fraction(1, 2)
    """
    _check_int("rationals", "max_numerator", max_numerator, 0)
    _check_int("rationals", "max_denominator", max_denominator, 1)
    return st.builds(
        Fraction,
        st.integers(-max_numerator, max_numerator),
        st.integers(1, max_denominator),
    )


def numbers(
    *, max_numerator: int = 1000, max_denominator: int = 100
) -> st.SearchStrategy[int | Fraction | Decimal | str | float]:
    """What `Scalar` accepts from Python itself: ints, Fractions, Decimals, floats, and texts of each.

    The values are bounded as those of `rationals` are; decimals and floats have up to three places.

    >>> from hypothesis import find
    >>> find(numbers(), lambda x: isinstance(x, str) and "/" in x)
    '0/1'
    """
    exact = rationals(max_numerator=max_numerator, max_denominator=max_denominator)
    places = st.integers(0, 3)
    whole = st.integers(-max_numerator, max_numerator)
    decimals = st.builds(lambda n, k: Decimal(n).scaleb(-k), whole, places)
    texts = st.one_of(
        whole.map(str),
        exact.map(lambda x: f"{x.numerator}/{x.denominator}"),
        decimals.map(lambda x: format(x, "f")),
        st.builds(lambda n, k: f"{n}e-{k}", whole, places),
    )
    return st.one_of(whole, exact, decimals, texts, decimals.map(float))


def scalars(
    values: st.SearchStrategy[Any] | None = None, *, label: str = ""
) -> st.SearchStrategy[Scalar]:
    """Leaves, of `values` or else of `rationals()`.

    >>> from hypothesis import find
    >>> find(scalars(label="x"), lambda x: x < 0)
    Scalar('-1', label='x')
    """
    return _values("scalars", values).map(lambda value: Scalar(value, label))


def vectors(
    size: int, values: st.SearchStrategy[Any] | None = None, *, label: str = "x"
) -> st.SearchStrategy[list[Scalar]]:
    """Lists of `size` leaves with the labels `x[0]`, `x[1]`, …, of `values` or else of `rationals()`.

    >>> from hypothesis import find
    >>> find(vectors(2), lambda x: x[0] != x[1])
    [Scalar('0', label='x[0]'), Scalar('1', label='x[1]')]
    """
    _check_int("vectors", "size", size, 0)
    drawn = st.lists(_values("vectors", values), min_size=size, max_size=size)
    return drawn.map(lambda xs: [Scalar(x, f"{label}[{i}]") for i, x in enumerate(xs)])


def _values(who: str, values: st.SearchStrategy[Any] | None) -> st.SearchStrategy[Any]:
    if values is None:
        return rationals()
    if not isinstance(values, st.SearchStrategy):
        raise InvalidOperand(f"{who}: expected a strategy of numbers; got {describe(values)}")
    return values


def _check_int(who: str, name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidOperand(f"{who}: expected {name} to be an int; got {describe(value)}")
    if value < least:
        raise InvalidNumber(f"{who}: expected {name} to be {least} or more; got {describe(value)}")


# --- graphs and programs -------------------------------------------------------------------------


def graphs(
    *,
    max_size: int = 10,
    max_leaves: int = 3,
    values: st.SearchStrategy[Any] | None = None,
    operators: Mapping[str, Operator] = RATIONAL,
    kinks: bool = True,
) -> st.SearchStrategy[Scalar]:
    """Roots of graphs of up to `max_size` operations of `operators`, with leaves x0, x1, ….

    Operands are leaves, constants, and earlier nodes, used once or often. Every operation is inside its
    domain; with `kinks=False` none stands at a boundary of a piecewise operator. Exponents are whole
    constants, so every gradient is a rational number. Leaves have `values`, small ones by default.

    Raises InvalidOperand (a TypeError) or InvalidNumber (a ValueError) for other arguments.

    >>> from hypothesis import find
    >>> root = find(graphs(max_size=2), lambda root: root.operator is RATIONAL["mul"])
    >>> root.operator.name, [operand.label for operand in root.operands]
    ('mul', ['x0', 'x0'])
    """
    drawn = _drawn(
        "graphs", max_size, max_leaves, None, values, operators, kinks=kinks, branches=False
    )
    return drawn.map(
        lambda program: program.graph([Scalar(x, f"x{i}") for i, x in enumerate(program.points[0])])
    )


def programs(
    *,
    arity: int | None = None,
    max_arity: int = 3,
    max_size: int = 10,
    branches: bool = True,
    values: st.SearchStrategy[Any] | None = None,
    operators: Mapping[str, Operator] | None = None,
    kinks: bool = True,
) -> st.SearchStrategy[Program]:
    """Programs of up to `max_arity` arguments, or exactly `arity`, and of up to `max_size` operations.

    With `branches` some of them compare numbers and go on by `if` and `else`. The `operators` are those
    of the table that `minigrad.programs.FORMS` has a form in SymPy for: the rational ones but `floor`,
    `ceil` and `sign`. With `kinks=False` no operation stands at a boundary at the first of the program's
    points.

    Raises InvalidOperand (a TypeError) or InvalidNumber (a ValueError) for other arguments.

    >>> from hypothesis import find
    >>> print(find(programs(arity=1, max_size=1), lambda program: "if" in program.text).text)
    def program(x):
        if x < x:
            v1 = x
        else:
            v1 = x
        return v1
    """
    if arity is not None:
        _check_int("programs", "arity", arity, 1)
    table = {name: RATIONAL[name] for name in FORMS} if operators is None else operators
    if isinstance(table, Mapping) and (unknown := [name for name in table if name not in FORMS]):
        raise InvalidOperand(
            f"programs: expected operators out of {', '.join(FORMS)}; got {', '.join(unknown)}"
        )
    return _drawn(
        "programs", max_size, max_arity, arity, values, table, kinks=kinks, branches=branches
    )


# --- drawing: raw steps, and what they come to at a point ------------------------------------------


class _RawStep(NamedTuple):
    operator: Operator | None
    operands: tuple[tuple[str, Any], ...]
    parameters: tuple[Any, ...]
    comparison: str


def _drawn(
    who: str,
    max_size: int,
    max_arity: int,
    arity: int | None,
    values: st.SearchStrategy[Any] | None,
    operators: Mapping[str, Operator],
    *,
    kinks: bool,
    branches: bool,
) -> st.SearchStrategy[Program]:
    _check_int(who, "max_size", max_size, 0)
    _check_int(who, "max_leaves" if who == "graphs" else "max_arity", max_arity, 1)
    if not isinstance(operators, Mapping) or not operators:
        raise InvalidOperand(f"{who}: expected a table of operators; got {describe(operators)}")
    if values is None:
        # Around 1 and not 0, where a division is undefined: it shrinks to that.
        number = rationals(max_numerator=9, max_denominator=4).map(lambda x: x + 1)
    else:
        number = _values(who, values).map(to_fraction)
    choices: list[Operator | None] = list(operators.values())
    if branches:
        choices += [None] * (1 + len(choices) // 5)
    arities = range(1, max_arity + 1) if arity is None else [arity]
    most = 3 if branches else 1
    points = st.one_of(
        [st.lists(st.tuples(*[number] * n), min_size=1, max_size=most) for n in arities]
    )
    step = st.one_of([_raw_steps(choice) for choice in choices])
    # Left to itself, Hypothesis draws short lists; the first of the two is where shrinking goes.
    steps = st.one_of(
        st.lists(step, max_size=max_size),
        st.lists(step, min_size=max_size // 2, max_size=max_size),
    )
    return st.builds(lambda p, s: _interpreted(p, s, kinks=kinks), points, steps)


# Strategies are made once and not in the middle of a draw, where that takes most of the time.
_PLACE: Final = st.integers(0, 9)
_LOOSE: Final = st.tuples(st.just("loose"), _PLACE)
_REFERENCE: Final[st.SearchStrategy[tuple[str, Any]]] = st.one_of(
    st.tuples(st.just("argument"), _PLACE),
    _LOOSE,
    st.tuples(st.just("step"), _PLACE),
    st.tuples(st.just("constant"), rationals(max_numerator=6, max_denominator=4)),
    # Again, and again: what nothing uses in the end is drawn in vain.
    _LOOSE,
    _LOOSE,
)
"""Where to look for an operand: among the arguments, what nothing uses yet, all steps, constants."""


def _raw_steps(operator: Operator | None) -> st.SearchStrategy[_RawStep]:
    """Raw steps of one operator; without it, branches."""
    if operator is None:
        operands: st.SearchStrategy[Any] = st.tuples(*[_REFERENCE] * 4)
        comparisons = st.sampled_from(list(COMPARISONS))
        return st.builds(_RawStep, st.none(), operands, st.just(()), comparisons)
    if operator.arity is None:
        lengths = [operator.width * n for n in range(1, _MOST_TERMS + 1)]
        operands = st.one_of([st.tuples(*[_REFERENCE] * length) for length in lengths])
    else:
        operands = st.tuples(*[_operand(operator, i) for i in range(operator.arity)])
    # The simplest parameter first, for this is where shrinking goes.
    parameters = st.tuples(
        *[
            st.sampled_from(sorted(parameter.samples, key=lambda p: (abs(p), p < 0)))
            for parameter in operator.parameters
        ]
    )
    return st.builds(_RawStep, st.just(operator), operands, parameters, st.just(""))


def _operand(operator: Operator, position: int) -> st.SearchStrategy[tuple[str, Any]]:
    if (operator.name, position) in generate.WHOLE_CONSTANT:
        return st.tuples(st.just("constant"), st.sampled_from(generate.EXPONENTS))
    return _REFERENCE


def _interpreted(
    points: Sequence[tuple[Fraction, ...]], raw_steps: Iterable[_RawStep], *, kinks: bool
) -> Program:
    """The raw steps that are defined at the first point, and of them those that the last one needs."""
    first, *others = points
    arity = len(first)
    nodes = [Scalar(x) for x in first]
    steps: list[Step] = []
    loose: list[int] = []
    for raw in raw_steps:
        step = _resolved(raw, arity, len(steps), loose)
        try:
            node = step.applied(nodes)
        except step.refusals():
            continue
        if not kinks and step.at_boundary(nodes):
            continue
        loose = [*(i for i in loose if i not in step.operands), arity + len(steps)]
        steps.append(step)
        nodes.append(node)
    program = _trimmed(arity, steps, first)
    more = [point for point in dict.fromkeys(others) if point != first and _runs(program, point)]
    return replace(program, points=(first, *more))


def _resolved(raw: _RawStep, arity: int, count: int, loose: Sequence[int]) -> Step:
    """The step that a raw one stands for after `count` steps, `loose` of which nothing uses yet."""
    unused = list(loose)
    found: list[Reference] = []
    for kind, place in raw.operands:
        if kind == "constant":
            found.append(Fraction(place))
        elif kind == "loose" and unused:
            found.append(unused.pop(-1 - place % len(unused)))
        elif kind == "step" and count:
            found.append(arity + count - 1 - place % count)
        else:
            found.append(place % arity)
    if not any(isinstance(reference, int) for reference in found):
        # Python would compute it on plain ints, and 1 / 3 is a float.
        found[0] = 0
    return Step(raw.operator, tuple(found), raw.parameters, raw.comparison)


def _trimmed(arity: int, steps: Sequence[Step], point: tuple[Fraction, ...]) -> Program:
    """The steps that the last one needs, and their positions among themselves."""
    result = arity + len(steps) - 1 if steps else 0
    needed = {result}
    for position in range(result, arity - 1, -1):
        if position in needed:
            operands = steps[position - arity].operands
            needed.update(reference for reference in operands if isinstance(reference, int))
    kept = [*range(arity), *(i for i in sorted(needed) if i >= arity)]
    position_of = {old: new for new, old in enumerate(kept)}
    moved = [
        step._replace(
            operands=tuple(position_of[r] if isinstance(r, int) else r for r in step.operands)
        )
        for step in (steps[i - arity] for i in kept[arity:])
    ]
    return Program(arity, tuple(moved), position_of[result], (point,))


def _runs(program: Program, point: tuple[Fraction, ...]) -> bool:
    try:
        program.graph([Scalar(x) for x in point])
    except MinigradError:
        return False
    return True
