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

Results are Fractions, exact values at a point, unless they may have to be differentiated again. They are
Scalars, each the root of a graph, if an argument is one, or if what the function computed depends on a
Scalar that it did not get as an argument: `lambda y: x * y` within a function of x. Hence
transforms nest, `grad(grad(f))`, and a result can be sent `backward()`. A derivative that is no
rational number, that by an exponent, is UNAVAILABLE, which raises GradientUnavailable when it is used.
What a function computes after leaving the Scalars, by `float(x)` or `x.data`, is a constant.

Higher orders run the table's partials on Scalars, so that sweeps build the graph of the derivative;
there is no second table. What keeps nested transforms apart is that each of them differentiates by
nodes of its own, and nodes are told apart by identity: perturbations cannot be confused (J. M. Siskind
and B. A. Pearlmutter, Perturbation Confusion and Referential Transparency: Correct Functional
Implementation of Forward-Mode AD, IFL 2005), and there is no tag to generate and no state to keep.
Such a node, a *variable*, is a leaf while the function runs, which tells transforms inside that it
is not a constant; when the function returns, the variable is tied to the argument that it stood for.
"""

from __future__ import annotations

import copy
import functools
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from operator import index
from typing import Any, NamedTuple, cast

from minigrad import number, reverse
from minigrad.errors import (
    InvalidNumber,
    InvalidOperand,
    StaleGraph,
    TooLarge,
    describe,
)
from minigrad.forward import Series, dependence, expansions, partials_at, tangents
from minigrad.number import MAX_BITS, ONE, UNAVAILABLE, ZERO, to_fraction
from minigrad.operators import named
from minigrad.scalar import Scalar, apply

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

    def finish(run: _Run, primals: Any) -> Any:
        gradient = _gradient(run, primals)
        value = _build(run.result, map(run.settled, run.outputs))
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

    def finish(run: _Run, primals: Any) -> Any:
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

    def finish(run: _Run, primals: Any) -> Any:
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
    run = _run("vjp", fun, primals, range(len(primals)), has_aux, {})

    def pull(cotangent: Any) -> tuple[Any, ...]:
        weights = _numbers(run.result, cotangent, "vjp: cotangent")
        run_now = run.with_nodes(weights)
        pulled = _pulled(run_now, weights)
        return cast(tuple[Any, ...], _build(primals, map(run_now.settled, pulled)))

    value = _build(run.result, map(run.settled, run.outputs))
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
    if isinstance(argnums, Sequence):
        raise InvalidOperand(f"derivative: expected one int as argnums; got {describe(argnums)}")

    def finish(run: _Run, _primals: Any) -> Any:
        last = [run.settled(terms[n] * math.factorial(n)) for terms in _expanded(run, n)]
        derivative = _build(run.result, iter(last))
        return (derivative, run.aux) if has_aux else derivative

    return _transform("derivative", fun, argnums, has_aux, finish)


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
    run = _run("taylor", fun, (x,), (0,), has_aux, {})
    terms = _expanded(run, order)
    coefficients = [
        _build(run.result, iter([run.settled(term[k]) for term in terms])) for k in range(order + 1)
    ]
    return (coefficients, run.aux) if has_aux else coefficients


def _grad(name: str, fun: _Function, argnums: _Argnums, has_aux: bool) -> _Function:
    def finish(run: _Run, primals: Any) -> Any:
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
    directions = _numbers(tuple(primals), tuple(tangents), f"{name}: tangents")
    run = _run(name, fun, primals, range(len(primals)), has_aux, {}).with_nodes(directions)
    value = _build(run.result, map(run.settled, run.outputs))
    pushed = _build(run.result, map(run.settled, _pushed(run, directions)))
    return (value, pushed, run.aux) if has_aux else (value, pushed)
