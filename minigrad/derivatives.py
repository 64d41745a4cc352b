"""Transforms of functions: gradients, Jacobians, Hessians, Taylor series, of any order and exact.

    >>> from minigrad.derivatives import grad, hessian
    >>> def f(point):
    ...     return point["x"] ** 2 / point["y"]
    >>> grad(f)({"x": 3, "y": 0.5})
    {'x': Fraction(12, 1), 'y': Fraction(-36, 1)}

Names, argument order, `argnums` and `has_aux` are JAX's. An argument that is differentiated is a
number or a Scalar, or any nesting of lists, tuples, dicts and NumPy arrays of them, and the result has
its structure. The function is called with fresh Scalars in the same structure; other arguments,
and keywords, are handed on as they are.

Results are exact values at a point, shown as `.data` is (Fractions, and SymPy's expressions of other
numbers), unless they may have to be differentiated again. They are Scalars, each the root of a graph, if
an argument is one, or if what the function computed depends on a Scalar that it did not get as an
argument: `lambda y: x * y` within a function of x. Hence transforms nest, `grad(grad(f))`, and a result
can be sent `backward()`. A derivative by an exponent whose base is not positive is UNAVAILABLE, which
raises GradientUnavailable when it is used.
What a function computes after leaving the Scalars, by `float(x)`, `x.data` or `x.grad`, is a constant;
where a float was made, as `math.exp(x)` does, a LeftGraphWarning says so.

Higher orders run the table's partials on Scalars, so that sweeps build the graph of the derivative;
there is no second table. What keeps nested transforms apart is that each of them differentiates by
nodes of its own, and nodes are told apart by identity: perturbations cannot be confused (J. M. Siskind
and B. A. Pearlmutter, Perturbation Confusion and Referential Transparency: Correct Functional
Implementation of Forward-Mode AD, IFL 2005), and there is no tag to generate and no state to keep:
see `minigrad.runs`.

A transform looks at what its function computed and at the closed-over graphs that went into it, never
below its own arguments: a step x - grad(f)(x) in a loop costs the same at the end as at the start.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import count, product
from operator import index
from typing import Any, cast

from minigrad import reverse, trees
from minigrad.errors import InvalidOperand, describe
from minigrad.forward import Series, dependence, expansions, partials_at, tangents
from minigrad.functions import dot
from minigrad.number import ONE, UNAVAILABLE, ZERO, is_bool
from minigrad.runs import Run, check_callable, marked_partials, numbers_in, run_of
from minigrad.scalar import Scalar

__all__ = [
    "derivative",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "taylor",
    "value_and_grad",
    "vjp",
]

_Function = Callable[..., Any]
_Argnums = int | Sequence[int]


# --- the transforms ------------------------------------------------------------------------------


def grad(fun: _Function, argnums: _Argnums = 0, has_aux: bool = False) -> _Function:
    """The function that returns the gradient of `fun`, which returns one Scalar or number.

    The gradient has the structure of the positional argument `argnums`; of several, given as a
    sequence, it is a tuple. With `has_aux`, fun returns a pair `(value, aux)` and the gradient
    function a pair `(gradient, aux)`.

    One reverse sweep (Griewank and Walther, Evaluating Derivatives, 2nd ed., section 3.2): the cost
    is a small multiple of that of `fun`, whatever the number of inputs.

    Raises InvalidOperand (a TypeError) for arguments and results of other types, naming the place in
    their structure, and InvalidNumber (a ValueError) for NaN and infinity there.

    >>> grad(lambda x, y: x**2 * y, argnums=(0, 1))(3, 5)
    (Fraction(30, 1), Fraction(9, 1))
    >>> grad(grad(lambda x: 1 / x))(2)
    Fraction(1, 4)
    """
    return _grad("grad", fun, argnums, has_aux)


def value_and_grad(fun: _Function, argnums: _Argnums = 0, has_aux: bool = False) -> _Function:
    """The function that returns the pair of the value of `fun` and its gradient, as `grad` has it.

    With `has_aux` it returns `((value, aux), gradient)`. Cost and errors are those of `grad`.

    >>> value_and_grad(lambda xs: xs[0] * xs[1])([3, 5])
    (Fraction(15, 1), [Fraction(5, 1), Fraction(3, 1)])
    """

    def finish(run: Run, primals: Any) -> Any:
        gradient = _gradient(run, primals)
        value = trees.build(run.result, map(run.settled, run.outputs))
        return ((value, run.aux) if has_aux else value), gradient

    return _transform("value_and_grad", fun, argnums, has_aux, finish)


def jacobian(fun: _Function, argnums: _Argnums = 0, has_aux: bool = False) -> _Function:
    """The function that returns all derivatives of all that `fun` returns.

    The result has the structure that fun returns, and in the place of each of its numbers stands the
    structure of the argument (of several, a tuple). NumPy arrays are merged: where fun returns an
    array of shape (m,) and the argument is one of shape (n, k), the result has shape (m, n, k). With
    `has_aux`, fun returns a pair `(result, aux)`, and this function a pair `(jacobian, aux)`.

    One forward sweep for each input or one reverse sweep for each output, whichever are fewer; the
    partials are evaluated once. Errors are those of `grad`.

    >>> jacobian(lambda x, y: [x * y, x - y], argnums=(0, 1))(2, 3)
    [(Fraction(3, 1), Fraction(2, 1)), (Fraction(1, 1), Fraction(-1, 1))]
    """

    def finish(run: Run, primals: Any) -> Any:
        jacobian = _blocks(run, _rows(run), primals)
        return (jacobian, run.aux) if has_aux else jacobian

    return _transform("jacobian", fun, argnums, has_aux, finish)


def hessian(fun: _Function, argnums: _Argnums = 0, has_aux: bool = False) -> _Function:
    """The function that returns the second derivatives of `fun`, which returns one Scalar or number.

    The result is the Jacobian of the gradient: the structure of the argument, and in the place of
    each of its numbers the same structure again; shape (n, n) for an array of shape (n,). With
    `has_aux` it is a pair `(hessian, aux)`.

    The gradient is built as a graph and swept once for each of the n inputs: the cost is n times a
    small multiple of that of `fun`. Errors are those of `grad`.

    >>> hessian(lambda x, y: x**3 * y, argnums=(0, 1))(1, 2)
    ((Fraction(12, 1), Fraction(3, 1)), (Fraction(3, 1), Fraction(0, 1)))
    """

    def finish(run: Run, primals: Any) -> Any:
        hessian = _blocks(run, _symmetric(_rows(run)), primals)
        return (hessian, run.aux) if has_aux else hessian

    gradient = _grad("hessian", fun, argnums, has_aux)
    return _transform("hessian", gradient, argnums, has_aux, finish)


def jvp(fun: _Function, primals: Any, tangents: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `fun(*primals)`, and its derivative in the direction `tangents`: J @ v.

    `primals` and `tangents` are a tuple or list of the arguments and one of the same structure. Both
    results have the structure that fun returns. With `has_aux`, fun returns a pair `(result, aux)`,
    and aux is the third result.

    One forward sweep (Griewank and Walther, section 3.1): the cost is a small multiple of that of
    `fun`. Raises InvalidOperand, naming the place, if the structures differ; for the rest see `grad`.

    >>> jvp(lambda x, y: x * y, (2, 3), (1, 10))
    (Fraction(6, 1), Fraction(23, 1))
    """
    return _jvp("jvp", fun, primals, tangents, has_aux)


def vjp(fun: _Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `fun(*primals)`, and the function that pulls a cotangent back through it: v @ J.

    The function takes one argument, of the structure that fun returns, and returns a tuple of
    cotangents, one for each of the primals and of its structure. With `has_aux`, fun returns a pair
    `(result, aux)`, and aux is the third result.

    One reverse sweep for each call of the function, however many numbers fun returns: it goes up from
    their dot product with the cotangent. Errors are those of `jvp`.

    >>> value, pull = vjp(lambda x, y: [x * y, x - y], 2, 3)
    >>> value, pull([1, 10])
    ([Fraction(6, 1), Fraction(-1, 1)], (Fraction(13, 1), Fraction(-8, 1)))
    """
    run = run_of("vjp", fun, primals, range(len(primals)), {}, has_aux=has_aux)
    # Copies of the structures, for lists and dicts may change before `pull` is called.
    inside, outside = (trees.map_tree(tree, lambda unit: unit) for tree in (primals, run.result))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        weights = numbers_in(outside, cotangent, "vjp: cotangent")
        answer = run.with_nodes(weights)
        settled = map(answer.settled, _pulled(answer, weights))
        return cast(tuple[Any, ...], trees.build(inside, settled))

    value = trees.build(run.result, map(run.settled, run.outputs))
    return (value, pull, run.aux) if has_aux else (value, pull)


def hvp(fun: _Function, primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """The Hessian of `fun` at `primals`, times the vector `tangents`; fun returns one Scalar or number.

    Arguments as for `jvp`. The result has the structure of the argument, or, of several primals, it is
    a tuple with one for each. With `has_aux` it is a pair `(product, aux)`.

    The forward sweep over the graph of the gradient (B. A. Pearlmutter, Fast Exact Multiplication by
    the Hessian, Neural Computation 6, 1994): the cost is a small multiple of that of `fun`, and the
    Hessian is never built. Errors are those of `jvp`.

    >>> hvp(lambda xs: xs[0] ** 2 * xs[1], ([3, 5],), ([1, 0],))
    [Fraction(10, 1), Fraction(6, 1)]
    """
    several = isinstance(primals, (list, tuple)) and len(primals) != 1
    argnums = tuple(range(len(primals))) if several else 0
    gradient = _grad("hvp", fun, argnums, has_aux)
    _, product, *aux = _jvp("hvp", gradient, primals, tangents, has_aux)
    return (product, *aux) if has_aux else product


def derivative(fun: _Function, n: int = 1, argnums: int = 0, has_aux: bool = False) -> _Function:
    """The function that returns the n-th derivative of `fun` by one positional argument, a number.

    The result has the structure that fun returns. With `has_aux` it is a pair `(derivative, aux)`.

    n! times the n-th Taylor coefficient, and found as such: see `taylor`. Raises InvalidOperand for an
    n that is no int, or negative; for the rest see `grad`.

    >>> derivative(lambda x: 1 / x, 3)(2)
    Fraction(-3, 8)
    """
    _check_order("derivative", "n", n)

    def finish(run: Run, _primals: Any) -> Any:
        last = [run.settled(terms[n] * math.factorial(n)) for terms in _expanded(run, n)]
        derivative = trees.build(run.result, iter(last))
        return (derivative, run.aux) if has_aux else derivative

    return _transform("derivative", fun, argnums, has_aux, finish, check=_check_number)


def taylor(fun: _Function, x: Any, order: int, has_aux: bool = False) -> Any:
    """The Taylor coefficients of `fun` at the number or Scalar `x`, from 0 to `order`.

    A list of order + 1 items, `[f(x), f'(x), f''(x)/2, …]`, each of the structure that fun returns.
    With `has_aux` it is a pair `(coefficients, aux)`. Along a direction v of several variables, expand
    `lambda t: fun(x + t * v)` at 0.

    Power series are carried through the graph (Griewank and Walther, section 13.2; see
    `minigrad.forward`), so the cost grows with the second or third power of the order. Raises
    InvalidOperand for an order that is no int, or negative; for the rest see `grad`.

    >>> taylor(lambda x: 1 / (1 - x), "0.5", 2)
    Traceback (most recent call last):
    minigrad.errors.InvalidOperand: taylor: argument 0: expected a Scalar, a number, or a list, tuple, \
dict or NumPy array of them; got '0.5' (type str)
    >>> taylor(lambda x: 1 / (1 - x), 0.5, 2)
    [Fraction(2, 1), Fraction(4, 1), Fraction(8, 1)]
    """
    _check_order("taylor", "order", order)
    _check_number("taylor", x)
    run = run_of("taylor", fun, (x,), (0,), {}, has_aux=has_aux)
    terms = _expanded(run, order)
    coefficients = [
        trees.build(run.result, iter([run.settled(term[k]) for term in terms]))
        for k in range(order + 1)
    ]
    return (coefficients, run.aux) if has_aux else coefficients


def _grad(name: str, fun: _Function, argnums: _Argnums, has_aux: bool) -> _Function:
    def finish(run: Run, primals: Any) -> Any:
        gradient = _gradient(run, primals)
        return (gradient, run.aux) if has_aux else gradient

    return _transform(name, fun, argnums, has_aux, finish)


def _jvp(name: str, fun: _Function, primals: Any, tangents: Any, has_aux: bool) -> tuple[Any, ...]:
    for given, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(given, (list, tuple)):
            raise InvalidOperand(
                f"{name}: expected {what} to be a tuple or list with an item for each argument, such "
                f"as (x,); got {describe(given)}"
            )
    directions = numbers_in(tuple(primals), tuple(tangents), f"{name}: tangents")
    run = run_of(name, fun, primals, range(len(primals)), {}, has_aux=has_aux)
    value = trees.build(run.result, map(run.settled, run.outputs))
    run = run.with_nodes(directions)
    pushed = trees.build(run.result, map(run.settled, _pushed(run, directions)))
    return (value, pushed, run.aux) if has_aux else (value, pushed)


def _transform(
    name: str,
    fun: _Function,
    argnums: Any,
    has_aux: bool,
    finish: Callable[[Run, Any], Any],
    check: Callable[[str, Any], None] | None = None,
) -> _Function:
    """The function that runs `fun` at its arguments and returns `finish(run, primals)`.

    The primals are the argument that is differentiated, or a tuple of them; `check` may refuse them.
    """
    check_callable(name, fun)
    wanted = _check_argnums(name, argnums)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(name, wanted, len(args))
        several = isinstance(argnums, Sequence)
        primals = tuple(args[i] for i in positions) if several else args[positions[0]]
        if check is not None:
            check(name, primals)
        return finish(run_of(name, fun, args, positions, kwargs, has_aux=has_aux), primals)

    # The signature is that of fun, and so is the name; its documentation is not.
    names = ("__module__", "__name__", "__qualname__")
    return functools.update_wrapper(transformed, fun, assigned=names, updated=())


# --- sweeps over a run ---------------------------------------------------------------------------


def _active(roots: Sequence[Scalar], variables: Sequence[Scalar]) -> list[Scalar]:
    """The nodes below `roots` that depend on the variables, operands first, variables left out."""
    inputs = set(variables)
    depends = dependence(roots, inputs)
    return [node for node, does in depends.items() if does and node not in inputs]


def _nodes(outputs: Sequence[Any]) -> list[Scalar]:
    return [y for y in outputs if isinstance(y, Scalar)]


def _weighs(weight: Scalar | Fraction) -> bool:
    """Whether what is multiplied by `weight` can matter: an exact 0 also cancels the UNAVAILABLE."""
    return isinstance(weight, Scalar) or bool(weight)


def _gradient(run: Run, primals: Any) -> Any:
    """The gradient of the only output, in the structure of the arguments."""
    if not trees.is_leaf(run.result) and getattr(run.result, "shape", None) != ():
        raise InvalidOperand(
            f"{run.name}: expected the function to return one Scalar or number; got "
            f"{trees.form(run.result)}: jacobian differentiates more than one"
        )
    return trees.build(primals, map(run.settled, _pulled(run, [ONE])))


def _pulled(run: Run, weights: Sequence[Any]) -> list[Any]:
    """The derivative by each variable of the sum of the outputs times `weights`."""
    terms = [(y, w) for y, w in zip(run.outputs, weights, strict=True) if _weighs(w)]
    if any(y is UNAVAILABLE for y, _ in terms):
        return [UNAVAILABLE] * len(run.variables)
    nodes = [(y, w) for y, w in terms if isinstance(y, Scalar)]
    if not nodes:
        return [ZERO] * len(run.variables)
    if len(nodes) == 1:
        ((root, seed),) = nodes
        return _reverse(run, root, seed, run.partials)
    return _reverse(run, dot(*zip(*nodes, strict=True)), ONE, run.partials)


def _reverse(
    run: Run, root: Scalar, seed: Any, partials: Callable[[Scalar], Sequence[Any]]
) -> list[Any]:
    order = _active([root], run.variables)
    adjoint = reverse.adjoints(root, seed, partials, order)
    return [adjoint.get(variable, ZERO) for variable in run.variables]


def _pushed(run: Run, directions: Sequence[Any]) -> list[Any]:
    """The derivative of each output as the variables move in these directions."""
    pairs = zip(run.variables, directions, strict=True)
    seeds = {variable: direction for variable, direction in pairs if _weighs(direction)}
    return _forward(run, seeds, run.partials, _active(_nodes(run.outputs), run.variables))


def _forward(
    run: Run,
    seeds: dict[Scalar, Any],
    partials: Callable[[Scalar], Sequence[Any]],
    order: Sequence[Scalar],
) -> list[Any]:
    nodes = _nodes(run.outputs)
    tangent = tangents(nodes[0], seeds, partials, order) if nodes else {}
    return [tangent.get(y, ZERO) if isinstance(y, Scalar) else _slope(y) for y in run.outputs]


def _slope(output: Any) -> Any:
    """The derivative of an output that is no Scalar: a number is a constant."""
    return UNAVAILABLE if output is UNAVAILABLE else ZERO


def _rows(run: Run) -> list[list[Any]]:
    """The derivative of each output by each variable, by the sweeps that are fewer."""
    nodes = _nodes(run.outputs)
    order = _active(nodes, run.variables)
    partials = {node: run.partials(node) for node in order}.__getitem__
    if len(run.variables) < len(nodes):
        columns = [_forward(run, {x: ONE}, partials, order) for x in run.variables]
        return [[column[i] for column in columns] for i in range(len(run.outputs))]
    return [
        _reverse(run, y, ONE, partials)
        if isinstance(y, Scalar)
        else [_slope(y)] * len(run.variables)
        for y in run.outputs
    ]


def _symmetric(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """A Hessian whose unavailable entries are taken from across the diagonal, where they are known.

    The gradient by an exponent is unavailable as a whole, and so is its row; the derivative by the
    exponent of another component may be 0.
    """
    return [
        [rows[j][i] if entry is UNAVAILABLE else entry for j, entry in enumerate(row)]
        for i, row in enumerate(rows)
    ]


def _blocks(run: Run, rows: Sequence[Sequence[Any]], primals: Any) -> Any:
    """The matrix `rows` as the structure of the result, with that of the arguments in each place."""
    columns = trees.build(primals, count())

    def block(i: Any) -> Any:
        return trees.map_tree(columns, lambda j: cell(i, j))

    def cell(i: Any, j: Any) -> Any:
        if not trees.is_array(i) and not trees.is_array(j):
            return run.settled(rows[i][j])
        import numpy

        down, across = (unit.flat if trees.is_array(unit) else [unit] for unit in (i, j))
        array = numpy.empty(numpy.shape(i) + numpy.shape(j), dtype=object)
        for k, (row, column) in enumerate(product(down, across)):
            array.flat[k] = run.settled(rows[row][column])
        return trees.of_nodes(array)

    return trees.map_tree(trees.build(run.result, count()), block)


def _expanded(run: Run, order: int) -> list[list[Any]]:
    """The Taylor coefficients of each output by the only variable, from 0 to `order`."""
    (variable,) = run.variables

    def value(node: Scalar) -> Any:
        return node if run.on_nodes else node._datum

    def partials(node: Scalar, result: Any, operands: Sequence[Any]) -> Sequence[Any]:
        return (marked_partials if run.on_nodes else partials_at)(node, result, operands)

    zeros = [ZERO] * order
    seeds = {variable: Series([value(variable), ONE, *zeros][: order + 1])}
    nodes = _nodes(run.outputs)
    swept = _active(nodes, [variable])
    series = expansions(variable, seeds, partials, swept, value)

    def terms(y: Any) -> list[Any]:
        if y is UNAVAILABLE:
            return [UNAVAILABLE] * (order + 1)
        return (
            list(series[y].coefficients) if isinstance(y, Scalar) and y in series else [y, *zeros]
        )

    return [terms(y) for y in run.outputs]


# --- the gate ------------------------------------------------------------------------------------


def _check_order(name: str, what: str, order: Any) -> None:
    is_number = hasattr(order, "__index__") and not trees.is_array(order)
    if not is_number or is_bool(order) or order < 0:
        raise InvalidOperand(
            f"{name}: expected {what} to be an int that is not negative; got {describe(order)}"
        )


def _check_number(name: str, tree: Any) -> None:
    if not trees.is_leaf(tree):
        raise InvalidOperand(
            f"{name}: expected one Scalar or number to differentiate by; got {trees.form(tree)}"
        )


def _check_argnums(name: str, argnums: Any) -> list[int]:
    positions = argnums if isinstance(argnums, Sequence) else [argnums]
    try:
        if positions and not any(isinstance(position, bool) for position in positions):
            return [index(position) for position in positions]
    except TypeError:
        pass
    raise InvalidOperand(
        f"{name}: expected argnums to be an int or a sequence of them; got {describe(argnums)}"
    )


def _positions(name: str, argnums: Sequence[int], given: int) -> list[int]:
    """The positions that `argnums` name among so many positional arguments."""
    positions = [position + given if position < 0 else position for position in argnums]
    shown = ", ".join(map(str, argnums))
    if not all(0 <= position < given for position in positions):
        raise InvalidOperand(
            f"{name}: argnums {shown}: the function was called with {given} positional arguments"
        )
    if len(set(positions)) < len(positions):
        raise InvalidOperand(f"{name}: argnums {shown}: an argument is named twice")
    return positions
