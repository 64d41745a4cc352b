"""A hand-written gradient against SymPy's, as an identity and not at a point.

Both programs are run on Scalars, which leaves a graph of each; both graphs are evaluated on rational
functions with a symbol for every argument; and SymPy's partial derivatives, solved back through the
first, must equal the second, component by component, in normal form. So a gradient that is right at
the point and wrong beside it is refuted, with the difference in symbols.

The identity holds on the branch that both programs took at the point. Where the function stands at
a boundary of its pieces, the component is compared with the one-sided derivatives instead.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

import sympy as sp

from minigrad import number, scalar
from minigrad.errors import CaseError, MinigradError, describe
from minigrad.number import ONE, ZERO, short_text
from minigrad.scalar import Scalar
from minigrad.verify import chain as chains
from minigrad.verify.cases import arguments, is_array, line_of
from minigrad.verify.chain import Chain
from minigrad.verify.onesided import boundary_entry, one_sided
from minigrad.verify.rational import Field, OutOfBudget, RationalFunction, default_backend
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.symbolic import Graph, Rules, Unsupported, expression_of

__all__ = ["check_published", "compare_gradient", "run"]

_WORK: Final = {"flint": 20_000_000, "sympy": 200_000}
_SAMPLES: Final = 8
_SHOWN_TERMS: Final = 60
_FACTORED_TERMS: Final = 12


@dataclass(frozen=True, slots=True)
class _Traced:
    """A program after a run: its arguments as flat leaves, and its results."""

    leaves: list[Scalar]
    results: list[Scalar]


def run(function: Callable[..., Any], point: Any) -> tuple[Scalar, list[Scalar]]:
    """The root that `function` computes at `point`, and its arguments as flat leaves.

    A result that is a plain number is a constant. Raises CaseError for any other result.
    """
    positional = arguments(function, point)
    root = function(*positional)
    return _result(root, "the function"), list(_flat(positional))


def _result(value: Any, who: str) -> Scalar:
    if isinstance(value, Scalar):
        return value
    exact = number.operand_value(value)
    if exact is None:
        raise CaseError(f"expected {who} to return a Scalar or a number; got {describe(value)}")
    return Scalar.constant(exact)


def _flat(structure: Any) -> Iterator[Any]:
    if isinstance(structure, (list, tuple)):
        for item in structure:
            yield from _flat(item)
    else:
        yield structure


def _trace_gradient(
    gradient: Callable[..., Any], function: Callable[..., Any], point: Any
) -> _Traced:
    positional = arguments(function, point)
    answer = gradient(*positional)
    expected = positional[0] if len(positional) == 1 else positional
    results = list(_matched(answer, expected, "gradient"))
    return _Traced(list(_flat(positional)), results)


def _matched(answer: Any, structure: Any, where: str) -> Iterator[Scalar]:
    """The components of `answer`, flat, if it has the structure of the arguments."""
    if not isinstance(structure, (list, tuple)):
        yield _result(answer, f"the {where}")
        return
    if not is_array(answer) or len(answer) != len(structure):
        raise CaseError(
            f"expected the {where} to be {len(structure)} partial derivatives; got {describe(answer)}"
        )
    for i, (item, inner) in enumerate(zip(answer, structure, strict=True)):
        yield from _matched(item, inner, f"{where}[{i}]")


def compare_gradient(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    point: Any,
    rules: Rules,
) -> Report:
    """A Report with one entry for each component: is `gradient` the gradient of `function`?

    Raises CaseError if the gradient's result does not fit the arguments, and whatever `function`
    raises at `point`; where only `gradient` raises, it is refuted.
    """
    root, leaves = run(function, point)
    labels = {leaf.label: leaf.data for leaf in leaves}
    title = "hand-written gradient"
    try:
        traced = _trace_gradient(gradient, function, point)
    except CaseError:
        raise
    except Exception as error:
        message = f"the gradient raised {type(error).__name__}: {error}"
        entries = [
            Entry(
                leaf.label,
                Verdict.REFUTED,
                value=leaf.data,
                message=message,
                point=labels,
                blame="the gradient",
            )
            for leaf in leaves
        ]
        return Report(tuple(entries), title, points=(labels,))
    theirs = chains.prove(Graph(root), rules, ONE, checks=("values",))
    ours = chains.prove(Graph(scalar.sum([0, *traced.results])), rules, ONE, checks=("values",))
    entries = [
        replace(entry, point=labels)
        for entry in _components(theirs, ours, leaves, traced, rules, function, gradient, point)
    ]
    return Report(tuple(entries), title, points=(labels,))


def _components(
    theirs: Chain,
    ours: Chain,
    leaves: Sequence[Scalar],
    traced: _Traced,
    rules: Rules,
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    point: Any,
) -> Iterator[Entry]:
    numbers = _by_leaf(theirs, leaves, theirs.adjoints, ZERO)
    try:
        formulas, given, symbols = _formulas(theirs, ours, leaves, traced)
    except (OutOfBudget, Unsupported) as reason:
        formulas, given, symbols = None, [], []
        agreements = _agreements(function, gradient, point, leaves, rules)
        why = str(reason)
    positions = {id(node): i for i, node in enumerate(theirs.graph.nodes)}
    for k, (leaf, found) in enumerate(zip(leaves, traced.results, strict=True)):
        entry = Entry(
            leaf.label,
            Verdict.PROVED,
            "identity",
            "given",
            leaf.data,
            found.data,
            expected=numbers[k],
        )
        position = positions.get(id(leaf))
        if position is not None and position in theirs.boundary:
            yield _at_boundary(entry, theirs, position, rules)
        elif formulas is not None:
            yield _compared(entry, formulas[k], given[k], symbols)
        elif found.data != numbers[k]:
            yield _refuted(entry, short_text(found.data - numbers[k]))
        else:
            yield _sampled(entry, agreements[k], why)


def _by_leaf(
    chain: Chain, leaves: Sequence[Scalar], values: Sequence[Any], absent: Any
) -> list[Any]:
    """What belongs to each leaf; `absent` for one that the function did not use."""
    position = {id(node): i for i, node in enumerate(chain.graph.nodes)}
    return [values[position[id(leaf)]] if id(leaf) in position else absent for leaf in leaves]


def _formulas(
    theirs: Chain, ours: Chain, leaves: Sequence[Scalar], traced: _Traced
) -> tuple[list[RationalFunction], list[RationalFunction], list[Any]]:
    """Derivatives and given components as rational functions of the arguments, and their symbols."""
    field = Field(len(leaves), _WORK[default_backend()])
    symbolic = chains.on_functions(
        theirs, dict(zip(map(id, leaves), field.generators, strict=True))
    )
    derivatives = _by_leaf(theirs, leaves, symbolic.adjoints, ZERO)
    generators = dict(zip(map(id, traced.leaves), field.generators, strict=True))
    answers = chains.on_functions(ours, generators, adjoints=False)
    given = _by_leaf(ours, traced.results, answers.values, None)
    symbols = [sp.Symbol(leaf.label, real=True) for leaf in leaves]
    lifted = [[field.convert(f) for f in side] for side in (derivatives, given)]
    return lifted[0], lifted[1], symbols  # type: ignore[return-value]


def _compared(
    entry: Entry, derivative: RationalFunction, given: RationalFunction, symbols: Sequence[Any]
) -> Entry:
    entry = replace(entry, derivative=_formula_text(derivative, symbols))
    if given == derivative:
        return entry
    return _refuted(entry, _formula_text(given - derivative, symbols))


def _refuted(entry: Entry, difference: str) -> Entry:
    found, expected = entry.gradient, entry.expected
    assert found is not None
    assert expected is not None
    here = (
        f"both are {short_text(found)} at this point, but not as formulas"
        if found == expected
        else f"the gradient gives {short_text(found)}, the derivative is {short_text(expected)}"
    )
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        difference=difference,
        blame=f"the gradient by {entry.label}",
        message=f"{here}; yours minus the true one is {difference}",
    )


def _formula_text(function: RationalFunction, symbols: Sequence[Any]) -> str:
    terms = function.terms()
    size = len(terms[0]) + len(terms[1])
    if size > _SHOWN_TERMS:
        return f"a rational function of {size:,} terms"
    shown = expression_of(terms, symbols)
    # Factors read better, and take longer to find than the proof took, were there more terms.
    return str(sp.factor(shown) if size <= _FACTORED_TERMS else shown)


def _at_boundary(entry: Entry, chain: Chain, position: int, rules: Rules) -> Entry:
    try:
        sides = one_sided(chain, position, rules)
    except OutOfBudget as reason:
        return replace(entry, verdict=Verdict.UNDECIDED, message=str(reason))
    return boundary_entry(entry, sides, ONE, chain.adjoints[position])


# --- where formulas outgrow the budget: agreement at points ---------------------------------------


def _agreements(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    point: Any,
    leaves: Sequence[Scalar],
    rules: Rules,
) -> list[list[tuple[Mapping[str, Fraction], Fraction, Fraction]]]:
    """For each component: gradient and derivative at a few seeded points where both have a value."""
    rng = random.Random(0)
    samples: list[list[tuple[Mapping[str, Fraction], Fraction, Fraction]]] = [[] for _ in leaves]
    for _ in range(_SAMPLES):
        moved = _moved(point, rng)
        try:
            root, at = run(function, moved)
            given = _trace_gradient(gradient, function, moved).results
        except (MinigradError, ArithmeticError, ValueError):
            continue
        chain = chains.prove(Graph(root), rules, ONE, checks=("values",))
        where = {leaf.label: leaf.data for leaf in at}
        for k, derivative in enumerate(_by_leaf(chain, at, chain.adjoints, ZERO)):
            samples[k].append((where, given[k].data, derivative))
    return samples


def _moved(point: Any, rng: random.Random) -> Any:
    if isinstance(point, (list, tuple)):
        return type(point)(_moved(item, rng) for item in point)
    return number.to_fraction(point) + Fraction(rng.randint(-20, 20), rng.randint(1, 7))


def _sampled(
    entry: Entry, samples: Sequence[tuple[Mapping[str, Fraction], Fraction, Fraction]], why: str
) -> Entry:
    for where, found, expected in samples:
        if found != expected:
            moved = replace(entry, gradient=found, expected=expected, point=where)
            return _refuted(moved, short_text(found - expected))
    count = 1 + len(samples)
    message = f"equal at {count} points, exactly; not proved for all: {why}"
    return replace(entry, verdict=Verdict.UNDECIDED, message=message)


# --- published numbers ----------------------------------------------------------------------------


def check_published(
    root: Scalar, values: Mapping[str, Any] | None, gradients: Mapping[str, Any] | None
) -> Report:
    """A Report that compares published numbers, by label, with those on the graph of `root`.

    The numbers of the graph are those of the engine: prove them as well. Raises CaseError for a
    label that no node has.
    """
    graph = Graph(root)
    nodes = {node.label: node for node in graph.nodes if node.label}
    derivatives = scalar.gradients(root)
    entries = []
    for what, claims in (("value", values or {}), ("gradient", gradients or {})):
        for label, claim in claims.items():
            if label not in nodes:
                raise CaseError(
                    f"no node is labelled {label!r}; the labels are {', '.join(sorted(nodes))}"
                )
            node = nodes[label]
            found = node.data if what == "value" else derivatives[node]
            entries.append(_published_entry(label, what, number.to_fraction(claim), node, found))
    return Report(tuple(entries), "published numbers")


def _published_entry(
    label: str, what: str, claim: Fraction, node: Scalar, expected: Fraction
) -> Entry:
    entry = Entry(
        label,
        Verdict.PROVED,
        "number",
        what,
        node.data,
        claim if what == "gradient" else None,
        "",
        expected,
    )
    if claim == expected:
        return entry
    difference = short_text(claim - expected)
    message = f"the published {what} is {short_text(claim)}, the proved one {short_text(expected)}"
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        difference=difference,
        blame=f"the published {what} of {label}",
        message=message,
    )
