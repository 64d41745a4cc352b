"""The forms in which a right answer may be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from claimed import f, g, named, sampled

import minigrad
from minigrad.errors import CaseError
from minigrad.verify.claims import Kind


def numpy() -> Any:
    return pytest.importorskip("numpy")


def h(v: Any) -> Any:
    """At [3, 5]: 45, as f."""
    return v[0] * v[0] * v[1]


def k(v: Any) -> Any:
    """At [3, 5]: (15, -2), as g."""
    return [v[0] * v[1], v[0] - v[1]]


# --- right answers --------------------------------------------------------------------------------


GRADIENTS: dict[str, tuple[Callable[..., Any], Callable[..., Any], Any, dict[str, Any]]] = {
    "tuple": (f, lambda x, y: (2 * x * y, x * x), (3, 5), {"x": 30, "y": 9}),
    "list": (f, lambda x, y: [2 * x * y, x * x], (3, 5), {"x": 30, "y": 9}),
    "array": (f, lambda x, y: numpy().array([2 * x * y, x * x]), (3, 5), {"x": 30, "y": 9}),
    "exact array": (f, lambda x, y: minigrad.array([2 * x * y, x * x]), (3, 5), {"x": 30, "y": 9}),
    "plain numbers": (lambda x, y: 2 * x + y, lambda x, y: (2, 1.0), (3, 5), {"x": 2, "y": 1}),
    "floats of an array": (lambda x, y: 2 * x + y, lambda x, y: numpy().array([2, 1.0]), (3, 5), {"x": 2, "y": 1}),
    "truth values": (lambda x, y: y, lambda x, y: (False, True), (3, 5), {"x": 0, "y": 1}),
    "one number": (lambda x: x * x, lambda x: 2 * x, 3, {"x": 6}),
    "a tuple of one": (lambda x: x * x, lambda x: (2 * x,), 3, {"x": 6}),
    "an array without axes": (lambda x: x * x, lambda x: numpy().array(2 * x), 3, {"x": 6}),
    "one array": (h, lambda v: [2 * v[0] * v[1], v[0] ** 2], [3, 5], {"v[0]": 30, "v[1]": 9}),
    "a tuple of one array": (h, lambda v: ([2 * v[0] * v[1], v[0] ** 2],), [3, 5], {"v[0]": 30, "v[1]": 9}),
    "a tuple for an array": (h, lambda v: (2 * v[0] * v[1], v[0] ** 2), [3, 5], {"v[0]": 30, "v[1]": 9}),
    "NumPy in NumPy out": (lambda v: (v**2).sum(), lambda v: 2 * v, [3, 5], {"v[0]": 6, "v[1]": 10}),
    "an array of one": (lambda v: v[0] ** 2, lambda v: [2 * v[0]], [3], {"v[0]": 6}),
    "array and number": (
        lambda v, s: v[0] * v[1] * s,
        lambda v, s: ([v[1] * s, v[0] * s], v[0] * v[1]),
        ([2, 3], 5),
        {"v[0]": 15, "v[1]": 10, "s": 6},
    ),
    "list of array and number": (
        lambda v, s: v[0] * s, lambda v, s: [(s,), v[0]], ([2], 5), {"v[0]": 5, "s": 2},
    ),
    "a matrix": (
        lambda m: (m * m).sum(),
        lambda m: 2 * m,
        [[1, 2], [3, 4]],
        {"m[0][0]": 2, "m[0][1]": 4, "m[1][0]": 6, "m[1][1]": 8},
    ),
    "rows of different lengths": (
        lambda m: m[0][0] * m[1][0] * m[1][1],
        lambda m: [[m[1][0] * m[1][1]], [m[0][0] * m[1][1], m[0][0] * m[1][0]]],
        [[2], [3, 5]],
        {"m[0][0]": 15, "m[1][0]": 10, "m[1][1]": 6},
    ),
    "any number": (lambda *a: a[0] * a[1], lambda *a: (a[1], a[0]), (2, 3), {"a[0]": 3, "a[1]": 2}),
    "of a list of one": (lambda x, y: [x * y], lambda x, y: (y, x), (3, 5), {"x": 5, "y": 3}),
    "of an array of one": (
        lambda v: minigrad.array([(v * v).sum()]),
        lambda v: minigrad.array([[2 * v[0], 2 * v[1]]]),
        [3, 5],
        {"v[0]": 6, "v[1]": 10},
    ),
    "of a constant": (lambda x, y: 7, lambda x, y: (0, 0), (3, 5), {"x": 0, "y": 0}),
    "of several numbers": (
        g, lambda x, y: ((y, x), (1, -1)), (3, 5),
        {"f[0] by x": 5, "f[0] by y": 3, "f[1] by x": 1, "f[1] by y": -1},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", "derivative", "point", "components"), GRADIENTS.values(), ids=GRADIENTS
)
def test_forms_of_a_gradient(
    function: Callable[..., Any],
    derivative: Callable[..., Any],
    point: Any,
    components: dict[str, Any],
) -> None:
    assert named(sampled(Kind.GRADIENT, function, derivative, point)) == components


TWO_BY_TWO = {"f[0] by x": 5, "f[0] by y": 3, "f[1] by x": 1, "f[1] by y": -1}
OF_ARRAY = {"f[0] by v[0]": 5, "f[0] by v[1]": 3, "f[1] by v[0]": 1, "f[1] by v[1]": -1}
JACOBIANS: dict[str, tuple[Callable[..., Any], Callable[..., Any], Any, dict[str, Any]]] = {
    "lists": (g, lambda x, y: [[y, x], [1, -1]], (3, 5), TWO_BY_TWO),
    "list of tuples, as JAX": (g, lambda x, y: [(y, x), (1, -1)], (3, 5), TWO_BY_TWO),
    "a matrix": (g, lambda x, y: numpy().array([[y, x], [1, -1]]), (3, 5), TWO_BY_TWO),
    "tuples": (g, lambda x, y: ((y, x), (1, -1)), (3, 5), TWO_BY_TWO),
    "of an array": (k, lambda v: [[v[1], v[0]], [1, -1]], [3, 5], OF_ARRAY),
    "of an array, rows as arrays": (k, lambda v: [minigrad.array([v[1], v[0]]), numpy().array([1, -1])], [3, 5], OF_ARRAY),
    "of one number by several": (f, lambda x, y: (2 * x * y, x * x), (3, 5), {"f by x": 30, "f by y": 9}),
    "one row": (f, lambda x, y: [[2 * x * y, x * x]], (3, 5), {"f by x": 30, "f by y": 9}),
    "one row of an array": (h, lambda v: [[2 * v[0] * v[1], v[0] ** 2]], [3, 5], {"f by v[0]": 30, "f by v[1]": 9}),
    "flat, of an array": (h, lambda v: [2 * v[0] * v[1], v[0] ** 2], [3, 5], {"f by v[0]": 30, "f by v[1]": 9}),
    "list of one": (lambda x, y: [x * y], lambda x, y: [[y, x]], (3, 5), {"f[0] by x": 5, "f[0] by y": 3}),
    "list of one, flat": (lambda x, y: [x * y], lambda x, y: [y, x], (3, 5), {"f[0] by x": 5, "f[0] by y": 3}),
    "array of one": (lambda v: [v[0] * v[1]], lambda v: [[v[1], v[0]]], [3, 5], {"f[0] by v[0]": 5, "f[0] by v[1]": 3}),
    "one by one": (lambda x: x * x, lambda x: 2 * x, 3, {"f by x": 6}),
    "one by one, in brackets": (lambda x: x * x, lambda x: [[2 * x]], 3, {"f by x": 6}),
    "one by one, of a list": (lambda x: [x * x], lambda x: [[2 * x]], 3, {"f[0] by x": 6}),
    "by one number": (lambda x: [x * x, 3 * x], lambda x: [2 * x, 3], 3, {"f[0] by x": 6, "f[1] by x": 3}),
    "a column": (lambda x: [x * x, 3 * x], lambda x: [[2 * x], [3]], 3, {"f[0] by x": 6, "f[1] by x": 3}),
    "a column as an array": (
        lambda x: [x * x, 3 * x], lambda x: numpy().array([[2 * x], [3]]), 3, {"f[0] by x": 6, "f[1] by x": 3},
    ),
    "of a matrix": (
        lambda m: [m[0][0] * m[0][1], m[0][0]],
        lambda m: [[[m[0][1], m[0][0]]], [[1, 0]]],
        [[3, 5]],
        {"f[0] by m[0][0]": 5, "f[0] by m[0][1]": 3, "f[1] by m[0][0]": 1, "f[1] by m[0][1]": 0},
    ),
    "of a matrix of one": (lambda m: m[0][0] ** 2, lambda m: [[2 * m[0][0]]], [[3]], {"f by m[0][0]": 6}),
    "of a matrix of one, one row": (lambda m: m[0][0] ** 2, lambda m: [[[2 * m[0][0]]]], [[3]], {"f by m[0][0]": 6}),
    "to a matrix": (
        lambda v: [[v[0], v[1]], [v[0] * v[1], 1]],
        lambda v: [[[1, 0], [0, 1]], [[v[1], v[0]], [0, 0]]],
        [3, 5],
        {
            "f[0][0] by v[0]": 1, "f[0][0] by v[1]": 0, "f[0][1] by v[0]": 0, "f[0][1] by v[1]": 1,
            "f[1][0] by v[0]": 5, "f[1][0] by v[1]": 3, "f[1][1] by v[0]": 0, "f[1][1] by v[1]": 0,
        },
    ),
    "to a matrix, as rows": (
        lambda v: [[v[0]], [v[0] * v[1]]],
        lambda v: [[1, 0], [v[1], v[0]]],
        [3, 5],
        {"f[0][0] by v[0]": 1, "f[0][0] by v[1]": 0, "f[1][0] by v[0]": 5, "f[1][0] by v[1]": 3},
    ),
    "blocks, as JAX": (
        lambda v, s: [v[0] * s, v[1] * s, v[0]],
        lambda v, s: ([[s, 0], [0, s], [1, 0]], [v[0], v[1], 0]),
        ([3, 5], 7),
        {
            "f[0] by v[0]": 7, "f[0] by v[1]": 0, "f[0] by s": 3, "f[1] by v[0]": 0, "f[1] by v[1]": 7,
            "f[1] by s": 5, "f[2] by v[0]": 1, "f[2] by v[1]": 0, "f[2] by s": 0,
        },
    ),
    "rows of array and number": (
        lambda v, s: [v[0] * s, v[1] * s, v[0]],
        lambda v, s: [([s, 0], v[0]), ([0, s], v[1]), ([1, 0], 0)],
        ([3, 5], 7),
        {
            "f[0] by v[0]": 7, "f[0] by v[1]": 0, "f[0] by s": 3, "f[1] by v[0]": 0, "f[1] by v[1]": 7,
            "f[1] by s": 5, "f[2] by v[0]": 1, "f[2] by v[1]": 0, "f[2] by s": 0,
        },
    ),
    "two blocks of two rows": (
        lambda v, s: [v[0] * s, v[1]],
        lambda v, s: ([[s, 0], [0, 1]], [v[0], 0]),
        ([3, 5], 7),
        {
            "f[0] by v[0]": 7, "f[0] by v[1]": 0, "f[0] by s": 3,
            "f[1] by v[0]": 0, "f[1] by v[1]": 1, "f[1] by s": 0,
        },
    ),
    "two rows of two blocks, as tuples": (
        lambda v, s: [v[0] * s, v[1]],
        lambda v, s: (([s, 0], v[0]), ([0, 1], 0)),
        ([3, 5], 7),
        {
            "f[0] by v[0]": 7, "f[0] by v[1]": 0, "f[0] by s": 3,
            "f[1] by v[0]": 0, "f[1] by v[1]": 1, "f[1] by s": 0,
        },
    ),
    "two rows of two blocks": (
        lambda v, s: [v[0] * s, v[1]],
        lambda v, s: [([s, 0], v[0]), ([0, 1], 0)],
        ([3, 5], 7),
        {
            "f[0] by v[0]": 7, "f[0] by v[1]": 0, "f[0] by s": 3,
            "f[1] by v[0]": 0, "f[1] by v[1]": 1, "f[1] by s": 0,
        },
    ),
    "to an array": (
        lambda v: v * v, lambda v: minigrad.array([[2 * v[0], 0], [0, 2 * v[1]]]), [3, 5],
        {"f[0] by v[0]": 6, "f[0] by v[1]": 0, "f[1] by v[0]": 0, "f[1] by v[1]": 10},
    ),
    "to a dict": (
        lambda x, y: {"a": x * y, "b": x}, lambda x, y: [[y, x], [1, 0]], (3, 5),
        {"f['a'] by x": 5, "f['a'] by y": 3, "f['b'] by x": 1, "f['b'] by y": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", "derivative", "point", "components"), JACOBIANS.values(), ids=JACOBIANS
)
def test_forms_of_a_jacobian(
    function: Callable[..., Any],
    derivative: Callable[..., Any],
    point: Any,
    components: dict[str, Any],
) -> None:
    assert named(sampled(Kind.JACOBIAN, function, derivative, point)) == components


AB = {
    f"f[{k}] by {name}[{i}]": value
    for k, row in enumerate(((3, 0, 5, 0), (0, 7, 0, 11), (1, 0, 1, 0), (0, 1, 0, 1)))
    for (name, i), value in zip((("a", 0), ("a", 1), ("b", 0), ("b", 1)), row, strict=True)
}
JACOBIANS_OF_TWO_ARRAYS: dict[str, Callable[..., Any]] = {
    "blocks of arrays": lambda a, b: (
        (numpy().diag(b), numpy().diag(a)), (numpy().eye(2, dtype=int), numpy().eye(2, dtype=int)),
    ),
    "lists around blocks of arrays": lambda a, b: [
        [numpy().diag(b), numpy().diag(a)], [numpy().eye(2, dtype=int), numpy().eye(2, dtype=int)],
    ],
    "blocks of lists in tuples": lambda a, b: (
        ([[b[0], 0], [0, b[1]]], [[a[0], 0], [0, a[1]]]), ([[1, 0], [0, 1]], [[1, 0], [0, 1]]),
    ),
    "rows of two": lambda a, b: [
        ([b[0], 0], [a[0], 0]), ([0, b[1]], [0, a[1]]), ([1, 0], [1, 0]), ([0, 1], [0, 1]),
    ],
    "flat rows": lambda a, b: [
        [b[0], 0, a[0], 0], [0, b[1], 0, a[1]], [1, 0, 1, 0], [0, 1, 0, 1],
    ],
    "one matrix": lambda a, b: numpy().block([
        [numpy().diag(b), numpy().diag(a)], [numpy().eye(2, dtype=int), numpy().eye(2, dtype=int)],
    ]),
    "minigrad's own": minigrad.jacobian(lambda a, b: (a * b, a + b), argnums=(0, 1)),
}  # fmt: skip


@pytest.mark.parametrize(
    "derivative", JACOBIANS_OF_TWO_ARRAYS.values(), ids=JACOBIANS_OF_TWO_ARRAYS
)
def test_forms_of_a_jacobian_of_two_arrays_by_two(derivative: Callable[..., Any]) -> None:
    numpy()
    # As many parts as arguments, of as many numbers: each form has the shape 2 by 2 by 2 by 2.
    found = named(
        sampled(Kind.JACOBIAN, lambda a, b: (a * b, a + b), derivative, ([5, 11], [3, 7]))
    )
    values = [found[f"f[{part}][{i}] by {x}"] for part in (0, 1) for i in (0, 1) for x in XS]
    assert values == [*AB.values()]


XS = ("a[0]", "a[1]", "b[0]", "b[1]")
HESSIANS_OF_TWO_ARRAYS: dict[str, Callable[..., Any]] = {
    "blocks of arrays": lambda a, b: (
        (numpy().array([[0, 1], [1, 0]]), numpy().zeros((2, 2), dtype=int)),
        (numpy().zeros((2, 2), dtype=int), numpy().array([[0, 2], [2, 0]])),
    ),
    "blocks of lists in tuples": lambda a, b: (
        ([[0, 1], [1, 0]], [[0, 0], [0, 0]]), ([[0, 0], [0, 0]], [[0, 2], [2, 0]]),
    ),
    "rows of two": lambda a, b: [
        ([0, 1], [0, 0]), ([1, 0], [0, 0]), ([0, 0], [0, 2]), ([0, 0], [2, 0]),
    ],
    "rows by argument": lambda a, b: (
        [([0, 1], [0, 0]), ([1, 0], [0, 0])], [([0, 0], [0, 2]), ([0, 0], [2, 0])],
    ),
    "one matrix": lambda a, b: numpy().array(
        [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 2], [0, 0, 2, 0]]
    ),
    "minigrad's own": minigrad.hessian(lambda a, b: a[0] * a[1] + 2 * b[0] * b[1], argnums=(0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("derivative", HESSIANS_OF_TWO_ARRAYS.values(), ids=HESSIANS_OF_TWO_ARRAYS)
def test_forms_of_a_hessian_by_two_arrays(derivative: Callable[..., Any]) -> None:
    numpy()

    def function(a: Any, b: Any) -> Any:
        return a[0] * a[1] + 2 * b[0] * b[1]

    found = named(sampled(Kind.HESSIAN, function, derivative, ([5, 11], [3, 7])))
    known = {("a[0]", "a[1]"): 1, ("b[0]", "b[1]"): 2}
    assert found == {f"{x}, {y}": known.get((x, y), known.get((y, x), 0)) for x in XS for y in XS}


def test_blocks_of_another_shape_are_no_rows() -> None:
    zeros = numpy().zeros
    with pytest.raises(CaseError, match=r"^expected the Hessian\[0\] to be 2 .* got 3$"):
        sampled(
            Kind.HESSIAN,
            lambda a, b: a[0] * b[0],
            lambda a, b: ((zeros((2, 2)), zeros((2, 2))), (zeros((2, 2)), zeros((2, 3)))),
            ([5, 11], [3, 7]),
        )


@pytest.mark.parametrize(
    "wrap",
    [
        tuple,
        list,
        lambda rows: tuple(map(numpy().array, rows)),
        lambda rows: list(map(numpy().array, rows)),
        lambda rows: numpy().array(rows),
        lambda rows: tuple(map(tuple, rows)),
    ],
)
@pytest.mark.parametrize("result", [g, lambda x, y: numpy().array(g(x, y))])
def test_rows_of_as_many_numbers_as_there_are_rows_are_rows(
    wrap: Callable[[Any], Any], result: Callable[..., Any]
) -> None:
    found = sampled(Kind.JACOBIAN, result, lambda x, y: wrap([[y, x], [1, -1]]), (3, 5))
    assert list(named(found).values()) == list(TWO_BY_TWO.values())


def test_columns_of_numbers_are_columns_where_they_cannot_be_rows() -> None:
    found = sampled(
        Kind.JACOBIAN,
        lambda x, y: numpy().array([x * y, x, y]),
        lambda x, y: (numpy().array([y, 1, 0]), numpy().array([x, 0, 1])),
        (3, 5),
    )
    assert list(named(found).values()) == [5, 3, 1, 0, 0, 1]


F_HESSIAN = {"x, x": 10, "x, y": 6, "y, x": 6, "y, y": 0}
H_HESSIAN = {"v[0], v[0]": 10, "v[0], v[1]": 6, "v[1], v[0]": 6, "v[1], v[1]": 0}
HESSIANS: dict[str, tuple[Callable[..., Any], Callable[..., Any], Any, dict[str, Any]]] = {
    "tuples": (f, lambda x, y: ((2 * y, 2 * x), (2 * x, 0)), (3, 5), F_HESSIAN),
    "lists": (f, lambda x, y: [[2 * y, 2 * x], [2 * x, 0]], (3, 5), F_HESSIAN),
    "a matrix": (f, lambda x, y: numpy().array([[2 * y, 2 * x], [2 * x, 0]]), (3, 5), F_HESSIAN),
    "of an array": (h, lambda v: [[2 * v[1], 2 * v[0]], [2 * v[0], 0]], [3, 5], H_HESSIAN),
    "one number": (lambda x: x**3, lambda x: 6 * x, 3, {"x, x": 18}),
    "one number, in brackets": (lambda x: x**3, lambda x: [[6 * x]], 3, {"x, x": 18}),
    "one number, a tuple": (lambda x: x**3, lambda x: ((6 * x,),), 3, {"x, x": 18}),
    "array of one": (lambda v: v[0] ** 3, lambda v: [[6 * v[0]]], [3], {"v[0], v[0]": 18}),
    "of a list of one": (lambda x: [x**3], lambda x: 6 * x, 3, {"x, x": 18}),
    "of a matrix": (
        lambda m: m[0][0] * m[0][1],
        lambda m: [[[[0, 1]], [[1, 0]]]],
        [[3, 5]],
        {"m[0][0], m[0][0]": 0, "m[0][0], m[0][1]": 1, "m[0][1], m[0][0]": 1, "m[0][1], m[0][1]": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", "derivative", "point", "components"), HESSIANS.values(), ids=HESSIANS
)
def test_forms_of_a_hessian(
    function: Callable[..., Any],
    derivative: Callable[..., Any],
    point: Any,
    components: dict[str, Any],
) -> None:
    assert named(sampled(Kind.HESSIAN, function, derivative, point)) == components


def test_forms_of_a_jvp() -> None:
    # J = ((5, 3), (1, -1)), and (10, 100) is the tangent.
    for derivative in (
        lambda x, y, a, b: [y * a + x * b, a - b],
        lambda x, y, t: (y * t[0] + x * t[1], t[0] - t[1]),
        lambda *all_of_them: [
            all_of_them[1] * all_of_them[2] + all_of_them[0] * all_of_them[3],
            all_of_them[2] - all_of_them[3],
        ],
        lambda x, y, t: minigrad.array([y * t[0] + x * t[1], t[0] - t[1]]),
    ):
        found = sampled(Kind.JVP, g, derivative, (3, 5), 10, 100)
        assert named(found) == {"f[0]": 350, "f[1]": -90}
        assert found.labels == ("x", "y", "tangent of x", "tangent of y")
        assert found.point == {"x": 3, "y": 5, "tangent of x": 10, "tangent of y": 100}
    found = sampled(
        Kind.JVP, k, lambda v, t: [v[1] * t[0] + v[0] * t[1], t[0] - t[1]], [3, 5], 10, 100
    )
    assert named(found) == {"f[0]": 350, "f[1]": -90}
    assert found.labels == ("v[0]", "v[1]", "tangent[0]", "tangent[1]")
    found = sampled(Kind.JVP, f, lambda x, y, a, b: 2 * x * y * a + x * x * b, (3, 5), 10, 100)
    assert named(found) == {"f": 1200}
    found = sampled(Kind.JVP, lambda x: x * x, lambda x, t: 2 * x * t, 3, 10)
    assert named(found) == {"f": 60}
    assert found.labels == ("x", "tangent")
    named_results = sampled(
        Kind.JVP, lambda x: {"a": x, "b": 2 * x}, lambda x, t: {"b": 2 * t, "a": t}, 3, 10
    )
    assert named(named_results) == {"f['a']": 10, "f['b']": 20}


def test_a_tangent_has_the_structure_of_the_arguments() -> None:
    def derivative(v: Any, s: Any, tv: Any, ts: Any) -> Any:
        return tv[0] * s + v[0] * ts + tv[1]

    found = sampled(Kind.JVP, lambda v, s: v[0] * s + v[1], derivative, ([3, 5], 7), 10, 100, 1000)
    assert named(found) == {"f": 70 + 3000 + 100}
    assert found.labels[3:] == ("tangent of v[0]", "tangent of v[1]", "tangent of s")


def test_forms_of_a_vjp() -> None:
    # (10, 100) J = (50 + 100, 30 - 100)
    for derivative in (
        lambda x, y, w: (w[0] * y + w[1], w[0] * x - w[1]),
        lambda x, y, w: [w[0] * y + w[1], w[0] * x - w[1]],
        lambda x, y, w: minigrad.array([w[0] * y + w[1], w[0] * x - w[1]]),
    ):
        found = sampled(Kind.VJP, g, derivative, (3, 5), 10, 100)
        assert named(found) == {"x": 150, "y": -70}
        assert found.labels == ("x", "y", "cotangent[0]", "cotangent[1]")
    found = sampled(
        Kind.VJP, k, lambda v, w: [w[0] * v[1] + w[1], w[0] * v[0] - w[1]], [3, 5], 10, 100
    )
    assert named(found) == {"v[0]": 150, "v[1]": -70}
    found = sampled(Kind.VJP, f, lambda x, y, w: (2 * x * y * w, x * x * w), (3, 5), 10)
    assert named(found) == {"x": 300, "y": 90}
    assert found.labels == ("x", "y", "cotangent")


def test_an_argument_that_is_called_like_the_vector_is_told_from_it() -> None:
    found = sampled(Kind.JVP, lambda tangent: tangent**2, lambda tangent, t: tangent * t, 3, 10)
    assert found.point == {"tangent": 3, "tangent vector": 10}
    found = sampled(
        Kind.VJP,
        lambda x, cotangent: x * cotangent,
        lambda x, cotangent, w: (cotangent * w, x * w),
        (3, 5),
        10,
    )
    assert found.point == {"x": 3, "cotangent": 5, "cotangent vector": 10}


def test_a_cotangent_has_the_structure_of_the_result() -> None:
    taken: list[Any] = []

    def derivative(x: Any, w: Any) -> Any:
        taken.append(w)
        return w[0][0] + 2 * w[0][1] + 3 * x * x * w[1][0] + w[1][1]

    function = lambda x: [[x, 2 * x], [x**3, x + 1]]
    assert named(sampled(Kind.VJP, function, derivative, 2, 1, 10, 100, 1000)) == {
        "x": 1 + 20 + 1200 + 1000
    }
    np = numpy()
    assert isinstance(taken[0], np.ndarray)
    assert taken[0].shape == (2, 2)
    assert [w.label for w in taken[0].flat] == [
        f"cotangent[{i}][{j}]" for i in (0, 1) for j in (0, 1)
    ]
    ragged = sampled(
        Kind.VJP, lambda x: [x, [x * x]], lambda x, w: w[0] + 2 * x * w[1][0], 2, 1, 10
    )
    assert named(ragged) == {"x": 41}
    whole = sampled(Kind.VJP, lambda v: v * v, lambda v, w: 2 * v * w, [3, 5], 10, 100)
    assert named(whole) == {"v[0]": 60, "v[1]": 1000}


def test_forms_of_an_hvp() -> None:
    # ((10, 6), (6, 0)) (10, 100)
    for derivative in (
        lambda x, y, a, b: (2 * y * a + 2 * x * b, 2 * x * a),
        lambda x, y, t: [2 * y * t[0] + 2 * x * t[1], 2 * x * t[0]],
    ):
        assert named(sampled(Kind.HVP, f, derivative, (3, 5), 10, 100)) == {"x": 700, "y": 60}
    found = sampled(
        Kind.HVP,
        h,
        lambda v, t: [2 * v[1] * t[0] + 2 * v[0] * t[1], 2 * v[0] * t[0]],
        [3, 5],
        10,
        100,
    )
    assert named(found) == {"v[0]": 700, "v[1]": 60}
    assert named(sampled(Kind.HVP, lambda x: x**3, lambda x, t: 6 * x * t, 3, 10)) == {"x": 180}


def test_a_vector_that_is_not_given_is_made_up_and_generic() -> None:
    found = sampled(Kind.JVP, lambda v: v[0], lambda v, t: t[0], list(range(40)))
    vector = found.values[40:]
    assert len(vector) == 40
    assert len(set(vector)) == 40
    assert not {-1, 0, 1} & set(vector)
    assert not {a + b for a in vector for b in vector} & set(vector)
    # What is given is taken, and the rest made up.
    some = sampled(Kind.JVP, lambda v: v[0], lambda v, t: t[0], [1, 2, 3], 70)
    assert some.values == (1, 2, 3, 70, *vector[1:3])
    many = sampled(Kind.JVP, lambda x: x, lambda x, t: t, 1, 70, 80, 90)
    assert many.values == (1, 70)
