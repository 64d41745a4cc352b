"""A hand-written gradient against SymPy's, as an identity and not at a point.

Both programs are run on Scalars, which leaves a graph of each; both graphs are evaluated on rational
functions with a symbol for every argument; and SymPy's partial derivatives, solved back through the
first, must equal the second, component by component, in normal form. So a gradient that is right at
the point and wrong beside it is refuted, with the difference in symbols.

The identity holds on the branch that both programs took at the point; comparisons that a program makes
in Python are not recorded, and so not among the conditions. Where the function stands at
a boundary of its pieces, the component is compared with the one-sided derivatives instead.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

import sympy as sp

from minigrad import functions, number, scalar
from minigrad.errors import CaseError, MinigradError, describe
from minigrad.number import ONE, UNAVAILABLE, ZERO, short_text
from minigrad.scalar import Scalar
from minigrad.verify import chain as chains
from minigrad.verify import conditions as where_holds
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


class _Claim(NamedTuple):
    """That `gradient` is the gradient of `function`, to be checked at `point`."""

    function: Callable[..., Any]
    gradient: Callable[..., Any]
    point: Any


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


def _trace_gradient(claim: _Claim) -> _Traced:
    positional = arguments(claim.function, claim.point)
    _check_signature(claim.gradient, positional)
    answer = claim.gradient(*positional)
    expected: Any = positional
    if len(positional) == 1 and not _stands_alone(answer, positional[0]):
        expected = positional[0]
    results = list(_matched(answer, expected, "gradient"))
    return _Traced(list(_flat(positional)), results)


def _check_signature(gradient: Callable[..., Any], positional: Sequence[Any]) -> None:
    try:
        signature = inspect.signature(gradient)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*positional)
    except TypeError as error:
        raise CaseError(
            f"expected the gradient to take the arguments of the function: {error}"
        ) from None


def _stands_alone(answer: Any, argument: Any) -> bool:
    """Whether `answer` is the gradient by the only argument in a tuple of its own."""
    return (
        isinstance(answer, tuple)
        and len(answer) == 1
        and (is_array(answer[0]) or not is_array(argument))
    )


def _matched(answer: Any, structure: Any, where: str) -> Iterator[Scalar]:
    """The components of `answer`, flat, if it has the structure of the arguments."""
    if not isinstance(structure, list):
        yield _result(answer, f"the {where}")
        return
    count, got = len(structure), len(answer) if is_array(answer) else None
    if got != count:
        noun = "derivative" if count == 1 else "derivatives"
        raise CaseError(
            f"expected the {where} to be {count} partial {noun}{_by(structure)}; "
            f"got {describe(answer) if got is None else got}"
        )
    for i, (item, inner) in enumerate(zip(answer, structure, strict=True)):
        yield from _matched(item, inner, f"{where}[{i}]")


def _by(structure: Sequence[Any]) -> str:
    if any(isinstance(item, list) for item in structure) or len(structure) > 8:
        return ""
    return f", by {', '.join(item.label for item in structure)}"


def compare_gradient(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    point: Any,
    rules: Rules,
) -> Report:
    """A Report with one entry for each component: is `gradient` the gradient of `function`?

    Raises CaseError if the gradient's result does not fit the arguments, and whatever `function`
    raises at `point`; where only `gradient` raises, and there is a derivative, it is refuted.
    """
    claim = _Claim(function, gradient, point)
    root, leaves = run(function, point)
    labels = {leaf.label: leaf.data for leaf in leaves}
    theirs = chains.prove(Graph(root), rules, ONE, checks=("values",))
    conditions: list[str] = []
    branches = where_holds.branches(theirs)
    try:
        traced = _trace_gradient(claim)
    except CaseError:
        raise
    except Exception as error:
        found = _raised(theirs, leaves, rules, error)
    else:
        ours = chains.prove(
            Graph(functions.sum([0, *traced.results])), rules, ONE, checks=("values",)
        )
        held = _exponents(theirs, leaves, ours, traced.leaves)
        found = _components(claim, theirs, ours, leaves, traced, held, rules)
        pinned = [leaf for leaf, fixed in zip(leaves, held, strict=True) if fixed]
        conditions = [f"{leaf.label} == {short_text(leaf.data)}" for leaf in pinned]
        conditions += where_holds.conditions(theirs) + _by_hand(where_holds.conditions(ours))
        branches += _by_hand(where_holds.branches(ours))
    entries = (replace(entry, point=entry.point or labels) for entry in found)
    return Report(
        tuple(entries),
        "hand-written gradient",
        tuple(dict.fromkeys(conditions)),
        (labels,),
        tuple(branches),
    )


def _by_hand(texts: Sequence[str]) -> list[str]:
    """Texts about the gradient's own program, whose inner nodes have names of their own."""
    return [f"in the gradient: {text}" for text in texts]


def _exponents(
    theirs: Chain, leaves: Sequence[Scalar], ours: Chain, same: Sequence[Scalar]
) -> list[bool]:
    """Which arguments reach an exponent; their numbers there chose a piece, as 3 does of x**y."""
    derivatives = _by_leaf(theirs, leaves, theirs.adjoints, ZERO)
    of_gradient = _by_leaf(ours, same, ours.adjoints, ZERO)
    return [
        x is UNAVAILABLE or y is UNAVAILABLE for x, y in zip(derivatives, of_gradient, strict=True)
    ]


def _raised(
    theirs: Chain, leaves: Sequence[Scalar], rules: Rules, error: Exception
) -> Iterator[Entry]:
    """The entries where the gradient raised `error` and the function did not."""
    place = line_of(error)
    message = f"the gradient raised {type(error).__name__}: {error}" + f" ({place})" * bool(place)
    numbers = _by_leaf(theirs, leaves, theirs.adjoints, ZERO)
    positions = _positions(theirs)
    for leaf, derivative in zip(leaves, numbers, strict=True):
        entry = Entry(leaf.label, Verdict.UNDECIDED, "", "given", leaf.data)
        position = positions.get(id(leaf), -1)
        try:
            if position in theirs.boundary:
                derivative = one_sided(theirs, position, rules).derivative
        except OutOfBudget as reason:
            yield replace(entry, message=f"{message}; {reason}")
            continue
        if derivative is UNAVAILABLE:
            yield replace(entry, message=f"{message}; {UNAVAILABLE.reason}")
        elif derivative is None:
            says = f"{message}; there is no derivative here, for the one-sided ones differ"
            yield replace(entry, verdict=Verdict.KINK, message=says)
        else:
            says = f"{message}; the derivative is {short_text(derivative)}"
            yield replace(
                entry,
                verdict=Verdict.REFUTED,
                expected=derivative,
                message=says,
                blame=f"the gradient by {leaf.label}",
            )


def _components(
    claim: _Claim,
    theirs: Chain,
    ours: Chain,
    leaves: Sequence[Scalar],
    traced: _Traced,
    held: Sequence[bool],
    rules: Rules,
) -> Iterator[Entry]:
    numbers = _by_leaf(theirs, leaves, theirs.adjoints, ZERO)
    edges = _by_leaf(ours, traced.results, _on_boundary(ours), absent=False)
    formulas: list[tuple[RationalFunction, RationalFunction]] | None = None
    symbols = [sp.Symbol(leaf.label, real=True) for leaf in leaves]
    why = "the gradient's own program stands at a boundary of its pieces"
    try:
        formulas = _formulas(theirs, ours, leaves, traced, held)
    except (OutOfBudget, Unsupported) as reason:
        why = str(reason)
    agreements: list[list[_Sample]] = [[] for _ in leaves]
    if formulas is None or any(edges):
        agreements = _agreements(claim, leaves, rules)
    positions = _positions(theirs)
    for k, (leaf, found) in enumerate(zip(leaves, traced.results, strict=True)):
        entry = Entry(
            leaf.label,
            Verdict.PROVED,
            "identity",
            "given",
            leaf.data,
            found.data,
            expected=None if numbers[k] is UNAVAILABLE else numbers[k],
        )
        position = positions.get(id(leaf), -1)
        if numbers[k] is UNAVAILABLE:
            yield replace(entry, verdict=Verdict.UNDECIDED, message=UNAVAILABLE.reason)
        elif position in theirs.boundary:
            yield _at_boundary(entry, theirs, position, rules)
        elif formulas is not None and not edges[k]:
            yield _compared(entry, *formulas[k], symbols)
        elif found.data != numbers[k]:
            difference = short_text(found.data - numbers[k])
            yield replace(_refuted(entry, difference), proof="number")
        else:
            # A formula that holds on a boundary need not hold beside it: it cannot refute.
            derivative, given = (None, None) if formulas is None else formulas[k]
            equal = formulas is not None and given == derivative
            yield _sampled(entry, agreements[k], why, equal=equal)


def _on_boundary(chain: Chain) -> list[bool]:
    """For each node, whether its value comes from a piecewise operator at its boundary."""
    found: list[bool] = []
    for operands, piece in zip(chain.graph.operands, chain.pieces, strict=True):
        found.append(
            bool(piece and piece[0].boundary) or any(found[operand] for operand in operands)
        )
    return found


def _positions(chain: Chain) -> dict[int, int]:
    return {id(node): i for i, node in enumerate(chain.graph.nodes)}


def _by_leaf(
    chain: Chain, leaves: Sequence[Scalar], values: Sequence[Any], absent: Any
) -> list[Any]:
    """What belongs to each leaf; `absent` for one that the function did not use."""
    position = _positions(chain)
    return [values[position[id(leaf)]] if id(leaf) in position else absent for leaf in leaves]


def _formulas(
    theirs: Chain,
    ours: Chain,
    leaves: Sequence[Scalar],
    traced: _Traced,
    held: Sequence[bool],
) -> list[tuple[RationalFunction, RationalFunction]]:
    """For each component the derivative, and what is given for it, as functions of the arguments.

    Those that are `held` keep their number.
    """
    field = Field(len(leaves), _WORK[default_backend()])
    symbolic = chains.on_functions(theirs, _free(leaves, field, held))
    answers = chains.on_functions(ours, _free(traced.leaves, field, held), adjoints=False)
    derivatives = _by_leaf(theirs, leaves, symbolic.adjoints, ZERO)
    given = _by_leaf(ours, traced.results, answers.values, None)
    lifted = [[field.convert(f) for f in side] for side in (derivatives, given)]
    return list(zip(*lifted, strict=True))


def _free(
    leaves: Sequence[Scalar], field: Field, held: Sequence[bool]
) -> dict[int, RationalFunction]:
    pairs = zip(leaves, field.generators, held, strict=True)
    return {id(leaf): generator for leaf, generator, fixed in pairs if not fixed}


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
    judged = boundary_entry(entry, sides, ONE, chain.adjoints[position])
    return replace(judged, blame=judged.blame and f"the gradient by {entry.label}")


# --- where formulas do not decide: agreement at points --------------------------------------------

_Sample: TypeAlias = tuple[Mapping[str, Fraction], Fraction, Fraction]


def _agreements(claim: _Claim, leaves: Sequence[Scalar], rules: Rules) -> list[list[_Sample]]:
    """For each component: gradient and derivative at a few seeded points where both have a value."""
    rng = random.Random(0)
    samples: list[list[_Sample]] = [[] for _ in leaves]
    for _ in range(_SAMPLES):
        moved = claim._replace(point=_moved(claim.point, rng))
        try:
            root, at = run(moved.function, moved.point)
            given = _trace_gradient(moved).results
        except (MinigradError, ArithmeticError, ValueError):
            continue
        chain = chains.prove(Graph(root), rules, ONE, checks=("values",))
        where = {leaf.label: leaf.data for leaf in at}
        for k, derivative in enumerate(_by_leaf(chain, at, chain.adjoints, ZERO)):
            samples[k].append((where, given[k].data, derivative))
    return samples


def _moved(point: Any, rng: random.Random) -> Any:
    if is_array(point):
        moved = [_moved(item, rng) for item in point]
        return tuple(moved) if isinstance(point, tuple) else moved
    return number.to_fraction(point) + Fraction(rng.randint(-20, 20), rng.randint(1, 7))


def _sampled(entry: Entry, samples: Sequence[_Sample], why: str, *, equal: bool) -> Entry:
    """The verdict from points near by, where the formulas are `equal`, or not known to be."""
    sampled = replace(entry, proof="points")
    for where, found, expected in samples:
        if found != expected:
            moved = replace(sampled, gradient=found, expected=expected, point=where)
            refuted = _refuted(moved, short_text(found - expected))
            place = ", ".join(f"{name} = {short_text(x)}" for name, x in where.items())
            return replace(refuted, message=f"at {place}: {refuted.message}")
    if equal and samples:
        return entry
    points = f"{1 + len(samples)} points" if samples else "this point"
    message = f"equal at {points}, exactly; not proved for all: {why}"
    return replace(sampled, verdict=Verdict.UNDECIDED, message=message)


# --- published numbers ----------------------------------------------------------------------------


def check_published(
    root: Scalar, values: Mapping[str, Any] | None, gradients: Mapping[str, Any] | None
) -> Report:
    """A Report that compares published numbers, by label, with those on the graph of `root`.

    The numbers of the graph are those of the engine: prove them as well. Raises CaseError for a
    label that no node has, or more than one, and for a claim that is no number.
    """
    graph = Graph(root)
    nodes: dict[str, Scalar] = {}
    twice = set()
    for node in graph.nodes:
        if node.label:
            twice |= {node.label} & nodes.keys()
            nodes[node.label] = node
    derivatives = scalar.gradients(root)
    entries = []
    for what, claims in (("value", values or {}), ("gradient", gradients or {})):
        for label, claim in claims.items():
            who = f"the published {what} of {label}"
            if label not in nodes:
                known = ", ".join(sorted(nodes)) or "none"
                raise CaseError(f"{who}: no node has this label; the labels are {known}")
            if label in twice:
                raise CaseError(f"{who}: more than one node has this label")
            node = nodes[label]
            if what == "gradient" and node.is_constant:
                raise CaseError(f"{who}: a constant has no gradient")
            try:
                exact = number.to_fraction(claim)
                found: Any = node.data if what == "value" else derivatives[node]
            except MinigradError as error:
                raise CaseError(f"{who}: {error}") from None
            if found is UNAVAILABLE:
                raise CaseError(f"{who}: no rational number, for {UNAVAILABLE.reason}")
            entries.append(_published_entry(label, what, exact, node, found))
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
