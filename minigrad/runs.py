"""One run of a function for a transform: variables in the place of its arguments, and what it returned.

    >>> run = run_of("grad", lambda x: x * x, (3,), [0], {}, has_aux=False)
    >>> run.result.data, run.on_nodes
    (Fraction(9, 1), False)

Every transform of `minigrad.derivatives` starts with one, and asks it for the partials of its nodes:
numbers, or Scalars, where what it answers may be differentiated again.

A *variable* is a leaf while the function runs, which tells transforms inside that it is not a constant;
when the function returns, the variable is tied to the argument that it stood for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from fractions import Fraction
from typing import Any, NamedTuple

from minigrad import nonfinite, number, number_text, reverse, trees
from minigrad.by_value import differentiating
from minigrad.errors import InvalidNumber, InvalidOperand, StaleGraph, TooLarge, describe
from minigrad.exact import Exact, published, to_exact
from minigrad.forward import partials_at
from minigrad.graph import leaves, topological_order
from minigrad.nonfinite import NonFinite
from minigrad.number import MAX_BITS, UNAVAILABLE
from minigrad.operators import named
from minigrad.reading import is_running, reading_by
from minigrad.scalar import Scalar, apply

__all__ = ["Run", "check_callable", "marked_partials", "numbers_in", "run_of"]

_SUM = named("sum")

_Function = Callable[..., Any]


class Run(NamedTuple):
    """What a function returned for variables in the place of its arguments.

    `result` is the structure that it returned and `outputs` its leaves: Scalars, numbers, UNAVAILABLE.
    """

    name: str
    variables: list[Scalar]
    result: Any
    outputs: list[Any]
    aux: Any
    on_nodes: bool

    def with_nodes(self, values: Sequence[Any]) -> Run:
        """This run, with Scalars for its answers if there are any among `values`."""
        return self._replace(on_nodes=self.on_nodes or any(isinstance(v, Scalar) for v in values))

    def settled(self, value: Any) -> Any:
        """`value`, a Scalar or a number, as this run answers: a Scalar if it may be differentiated."""
        if self.on_nodes and value is not UNAVAILABLE:
            return value if isinstance(value, Scalar) else Scalar.constant(value)
        return value.data if isinstance(value, Scalar) else published(value)

    def partials(self, node: Scalar) -> Sequence[Any]:
        """What the edges of `node` carry: numbers, or Scalars to be differentiated again."""
        if self.on_nodes:
            return marked_partials(node, node, node.operands)
        return reverse.partials(node)


def run_of(
    name: str,
    fun: _Function,
    args: Sequence[Any],
    indices: Sequence[int],
    kwargs: dict[str, Any],
    *,
    has_aux: bool,
) -> Run:
    """Call `fun` with variables in the place of the numbers in `args` at `indices`."""
    check_callable(name, fun)
    numbers = [
        value for i in indices for value in numbers_in(args[i], args[i], f"{name}: argument {i}")
    ]
    variables = [_variable(value) for value in numbers]
    supply = iter(variables)
    given = list(args)
    for i in indices:
        given[i] = trees.build(args[i], supply)
    returned = _called(name, fun, given, kwargs, variables)
    result, aux = _pair(name, returned) if has_aux else (returned, None)
    outputs = [
        _output(leaf, where) for where, leaf in trees.leaves(result, result, f"{name}: result")
    ]
    nodes = [y for y in (*outputs, *_scalars(aux)) if isinstance(y, Scalar)]
    on_nodes = any(isinstance(value, Scalar) for value in numbers) or _is_open(nodes)
    run = Run(name, variables, result, outputs, aux, on_nodes)
    return run if on_nodes else run._replace(aux=_settled_aux(run, aux))


def _called(
    name: str,
    fun: _Function,
    args: Sequence[Any],
    kwargs: dict[str, Any],
    variables: Sequence[Scalar],
) -> Any:
    """What `fun` returns, its variables being leaves for as long as it runs.

    A transform inside `fun` must not take a variable of this one, which it meets in a closure, for a
    constant; and once `fun` has returned, the variable of a number is one.
    """
    ties = [(variable, variable.operator, variable.operands) for variable in variables]
    values = [variable._datum for variable in variables]
    for variable in variables:
        variable.operator, variable.operands = None, ()
    try:
        # Within a run under check that reads the numbers.
        reading = nullcontext() if is_running() else reading_by(nonfinite.operand)
        with differentiating(name), reading:
            returned = fun(*args, **kwargs)
    finally:
        for variable, operator, operands in ties:
            variable.operator, variable.operands = operator, operands
    for variable, value in zip(variables, values, strict=True):
        if variable._datum != value:
            raise StaleGraph(
                f"{name}: the function set its argument {number_text.short_text(value)} to "
                f"{number_text.short_text(variable._datum)}: it is differentiated where it was called"
            )
    return returned


def _variable(value: Scalar | Fraction) -> Scalar:
    """A node of the value of an argument, and tied to it: by it alone a transform differentiates."""
    argument = value if isinstance(value, Scalar) else Scalar.constant(value)
    largest = max(MAX_BITS, number.bits(argument._datum))
    variable = apply(_SUM, [argument], max_bits=largest)
    variable.label = argument.label
    return variable


def _is_open(nodes: Sequence[Scalar]) -> bool:
    """Whether `nodes` depend on a leaf that is no constant; the variables are tied by now."""
    return not all(leaf.is_constant for leaf in leaves(topological_order(nodes)))


def _pair(name: str, returned: Any) -> tuple[Any, Any]:
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise InvalidOperand(
            f"{name}: with has_aux, expected the function to return a pair (result, aux); "
            f"got {describe(returned)}"
        )
    return returned


def _scalars(aux: Any) -> list[Scalar]:
    return [leaf for _, leaf in trees.leaves(aux, aux, "aux") if isinstance(leaf, Scalar)]


def _settled_aux(run: Run, aux: Any) -> Any:
    """`aux` with numbers in the place of the Scalars in it; whatever else it holds stays."""

    def settled(unit: Any) -> Any:
        if not trees.is_array(unit):
            return run.settled(unit)
        return trees.build(unit, map(run.settled, unit.flat)) if unit.dtype == object else unit

    return trees.map_tree(aux, settled)


def marked_partials(node: Scalar, result: Any, operands: Sequence[Any]) -> Sequence[Any]:
    """The partials of `node` by the table, such that no derivative of them is silently 0.

    The partial of x**y by x is written n * x**(n - 1), n being the whole number that y is here, so it
    looks constant in y where x is not positive. Wherever an operand has an UNAVAILABLE partial, the other
    partials have no derivative by it either; so they are multiplied by ((-1)**y)**2, which is 1, and by y
    UNAVAILABLE.
    """
    partials = partials_at(node, result, operands)
    unavailable = [
        operand
        for operand, partial in zip(node.operands, partials, strict=True)
        if partial is UNAVAILABLE and not operand.is_constant
    ]
    for exponent in unavailable:
        mark = (Scalar.constant(-1) ** exponent) ** 2
        partials = [p if p is UNAVAILABLE else p * mark for p in partials]
    return partials


def numbers_in(template: Any, tree: Any, where: str) -> list[Any]:
    """The leaves of `tree`, of the structure of `template`, as Scalars and exact numbers."""
    return [_number(leaf, place) for place, leaf in trees.leaves(template, tree, where)]


def _number(value: Any, where: str) -> Scalar | Exact:
    if trees.is_array(value) and not value.ndim:
        value = value[()]  # np.array([x, 1]) keeps an x without axes as an array
    if isinstance(value, Scalar):
        return value
    try:
        # A text is no number here: that a function is called with one is more likely a mistake.
        if not isinstance(value, str):
            return to_exact(value)
    except (InvalidNumber, TooLarge) as error:
        raise type(error)(f"{where}: {error}") from None
    except InvalidOperand:
        pass
    raise InvalidOperand(
        f"{where}: expected a Scalar, a number, or a list, tuple, dict or NumPy array of them; "
        f"got {describe(value)}"
    )


def _output(value: Any, where: str) -> Any:
    if isinstance(value, NonFinite):
        says = f"{where}: expected a number; got {value.limit}, which is none"
        raise value.reason or InvalidNumber(says)
    return value if value is UNAVAILABLE else _number(value, where)


def check_callable(name: str, fun: Any) -> None:
    """Raise InvalidOperand unless `fun` can be called."""
    if not callable(fun):
        raise InvalidOperand(f"{name}: expected a function; got {describe(fun)}")
