"""Structures of arguments and results, and what is handed out beside a result."""

from __future__ import annotations

import functools
import inspect
import math
from collections import OrderedDict, defaultdict, namedtuple
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from transforms import flat, plain

import minigrad
from minigrad import Scalar
from minigrad.derivatives import (
    derivative,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    taylor,
    value_and_grad,
    vjp,
)

RATIONALS = st.fractions(-3, 3, max_denominator=4)
Point = namedtuple("Point", "x y")


# --- structures -----------------------------------------------------------------------------------


NUMBERS = st.one_of(
    st.integers(-9, 9), RATIONALS, st.sampled_from([0.5, Decimal("0.25"), np.int8(3)])
)
ARRAYS = st.lists(st.integers(0, 3), max_size=3).map(
    lambda shape: np.arange(math.prod(shape), dtype=float).reshape(shape) / 4
)
TREES = st.recursive(
    NUMBERS | ARRAYS,
    lambda trees: st.one_of(
        st.lists(trees, max_size=3),
        st.lists(trees, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2) | st.integers(), trees, max_size=3),
        st.builds(Point, trees, trees),
    ),
    max_leaves=6,
)


def same_structure(found: Any, tree: Any) -> bool:
    if isinstance(tree, np.ndarray):
        return type(found) is np.ndarray and (found.shape, found.dtype) == (tree.shape, object)
    if isinstance(tree, dict):
        return list(found) == list(tree) and all(same_structure(found[k], tree[k]) for k in tree)
    if isinstance(tree, (list, tuple)):
        pairs = zip(found, tree, strict=True)
        return type(found) is type(tree) and all(same_structure(*pair) for pair in pairs)
    return type(found) is Fraction


@given(TREES)
@example({"a": [np.ones((2, 3)), (1,)], "b": Point({}, [])})
def test_results_have_the_structure_of_the_argument(tree: Any) -> None:
    def squares(tree: Any) -> Any:
        return minigrad.dot(flat(tree), flat(tree))

    numbers = [Fraction(str(x)) if not isinstance(x, Fraction) else x for x in flat(tree)]
    value, gradient = value_and_grad(squares)(tree)
    assert value == sum(x * x for x in numbers)
    assert same_structure(gradient, tree)
    assert flat(gradient) == [2 * x for x in numbers]
    product = hvp(squares, (tree,), (tree,))
    assert same_structure(product, tree)
    assert flat(product) == [2 * x for x in numbers]
    same, pushed = jvp(lambda tree: tree, (tree,), (gradient,))
    assert same_structure(same, tree)
    assert same_structure(pushed, tree)
    assert (flat(same), flat(pushed)) == (numbers, flat(gradient))
    (pulled,) = vjp(lambda tree: tree, tree)[1](tree)
    assert same_structure(pulled, tree)
    assert flat(pulled) == numbers
    n = len(numbers)
    ones = [0] * (n * n - n) + [1] * n
    assert sorted(flat(jacobian(lambda tree: tree)(tree))) == ones
    assert sorted(flat(hessian(squares)(tree))) == [2 * x for x in ones]


def test_a_jacobian_has_the_structure_of_the_argument_within_that_of_the_result() -> None:
    f = lambda point: {"sum": point["x"] + point["y"][0], "product": [point["x"] * point["y"][0]]}
    assert jacobian(f)({"x": 2, "y": (3,)}) == {
        "sum": {"x": 1, "y": (1,)},
        "product": [{"x": 3, "y": (2,)}],
    }
    found = jacobian(lambda p: Point(p.x * p.y, p.y))(Point(2, 3))
    assert found == Point(Point(3, 2), Point(0, 1))
    assert isinstance(found.x, Point)


def test_kinds_of_dict_are_kept() -> None:
    ordered = OrderedDict([("b", 2), ("a", 3)])
    found = grad(lambda d: d["a"] * d["b"])(ordered)
    assert found == OrderedDict([("b", 3), ("a", 2)])
    default = defaultdict(list, a=2)
    found = grad(lambda d: d["a"] ** 2)(default)
    assert found == {"a": 4}
    assert found["b"] == []
    assert default == {"a": 2}


def test_tangents_are_matched_by_key() -> None:
    f = lambda d: d["a"] + 10 * d["b"]
    assert jvp(f, ({"a": 1, "b": 2},), ({"b": 5, "a": 3},)) == (21, 53)


def test_other_arguments_are_handed_on_as_they_are() -> None:
    settings = {"n": 3, "name": "f"}

    def f(x: Any, options: Any, *rest: Any, scale: Any) -> Any:
        assert options is settings
        assert rest == (None, 0.5)
        return sum(x for _ in range(options["n"])) * scale

    assert grad(f)(2, settings, None, 0.5, scale=4) == 12
    assert jacobian(f)(2, settings, None, 0.5, scale=Scalar(4)) == 12
    assert derivative(f)(2, settings, None, 0.5, scale=4) == 12


def test_the_callers_objects_are_not_touched() -> None:
    def f(xs: Any, d: Any, a: Any) -> Any:
        xs.append(xs[0] * xs[1])
        d["c"] = xs.pop() * d.pop("a")
        a[0] = d["c"] * a[1]
        return a[0]

    xs, d, a = [2, 3], {"a": 5}, np.array([1.0, 7.0])
    expected = ([105, 70], {"a": 42}, [0, 30])
    assert plain(grad(f, (0, 1, 2))(xs, d, a)) == [*map(plain, expected)]
    assert (xs, d, a.tolist()) == ([2, 3], {"a": 5}, [1.0, 7.0])


def test_argnums_may_be_negative_and_several() -> None:
    f = lambda x, y, z: x * y**2 * z**3
    assert grad(f, -1)(1, 2, 1) == 12
    assert grad(f, (2, 0))(1, 2, 1) == (12, 4)
    assert grad(f, [0, 2])(1, 2, 1) == (4, 12)
    assert grad(f, np.int64(1))(1, 2, 1) == 4
    assert hessian(f, (1,))(1, 2, 1) == ((2,),)


def test_signatures_are_those_of_the_function() -> None:
    def energy(x: Any, y: Any = 2) -> Any:
        """Not of the gradient."""
        return x * y

    for transformed in (grad(energy), jacobian(energy), hessian(energy), derivative(energy)):
        assert list(inspect.signature(transformed).parameters) == ["x", "y"]
        assert transformed.__name__ == "energy"
        assert transformed.__doc__ is None
    assert grad(functools.partial(energy, y=5))(3) == 5


# --- aux ------------------------------------------------------------------------------------------


def test_aux_is_handed_out_beside_every_result() -> None:
    def f(x: Any) -> Any:
        return x**2, {"x": x, "half": [x / 2], "text": "t", "array": np.array([x, 1]), "no": None}

    aux = {"x": 3, "half": [Fraction(3, 2)], "text": "t", "array": [3, 1], "no": None}
    for found, result in [
        (grad(f, has_aux=True)(3), 6),
        (jacobian(f, 0, True)(3), 6),
        (hessian(f, has_aux=True)(3), 2),
        (derivative(f, 2, has_aux=True)(3), 2),
        (taylor(f, 3, 1, has_aux=True), [9, 6]),
        (hvp(f, (3,), (5,), has_aux=True), 10),
    ]:
        assert found[0] == result
        assert plain(found[1]) == aux
        assert type(found[1]["x"]) is Fraction
    (value, extra), slope = value_and_grad(f, has_aux=True)(3)
    assert (value, slope, plain(extra)) == (9, 6, aux)
    value, pushed, extra = jvp(f, (3,), (1,), has_aux=True)
    assert (value, pushed, plain(extra)) == (9, 6, aux)
    value, pull, extra = vjp(f, 3, has_aux=True)
    assert (value, pull(1), plain(extra)) == (9, (6,), aux)


def test_aux_keeps_what_is_no_scalar() -> None:
    mark, numbers = object(), np.zeros(3)
    _, (same, array) = grad(lambda x: (x, (mark, numbers)), has_aux=True)(3)
    assert same is mark
    assert array is numbers


def test_aux_can_be_differentiated_from_outside() -> None:
    def f(x: Any) -> Any:
        slope, aux = grad(lambda y: (y * y, [x * y]), has_aux=True)(2)
        return slope + aux[0] ** 2

    # x enters by aux alone: (2x)**2.
    assert grad(f)(3) == 24
    x = Scalar(3)
    _, aux = grad(lambda y: (y, y * y), has_aux=True)(x)
    aux.backward()
    assert x.grad == 6
