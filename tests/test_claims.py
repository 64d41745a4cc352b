from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad import Scalar
from minigrad.elementary import call
from minigrad.errors import CaseError, DivisionByZero, ExactnessLost, OutOfTime
from minigrad.exact import to_exact
from minigrad.number import UNAVAILABLE, Floats
from minigrad.rational import Field
from minigrad.verify import decide
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, Sample, expected, outputs_of, sample
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

HALF = Fraction(1, 2)
FOREVER = math.inf


def numpy() -> Any:
    return pytest.importorskip("numpy")


def sampled(
    kind: Kind, function: Callable[..., Any], derivative: Callable[..., Any], point: Any, *vector: Any,
    floats: Floats = "decimal",
) -> Sample:  # fmt: skip
    """Both programs at a point; the vector is made up unless it is given."""
    layout, values = of_point(function, point)
    claim = Claim(kind, function, derivative, layout, floats)
    return sample(claim, (*values, *map(Fraction, vector)), FOREVER)


def named(found: Sample) -> dict[str, Any]:
    """The numbers that were given, by the names of the components."""
    assert found.derivative is not None
    assert found.derivative.error is None, found.derivative.error
    assert len(set(found.names)) == len(found.names)
    return {name: y.data for name, y in zip(found.names, found.given, strict=True)}


# --- kinds ----------------------------------------------------------------------------------------


def test_kinds_read_as_words() -> None:
    assert [str(kind) for kind in Kind] == ["gradient", "Jacobian", "Hessian", "jvp", "vjp", "hvp"]
    assert [kind.vector for kind in Kind] == ["", "", "", "tangent", "cotangent", "tangent"]
    assert [kind.is_second for kind in Kind] == [False, False, True, False, False, True]


def test_a_claim_knows_how_many_numbers_it_is_about() -> None:
    layout, _ = of_point(lambda x, y: x, ([1, 2], 3))
    assert Claim(Kind.GRADIENT, max, min, layout).count == 3


# --- functions of the tests, and their derivatives by hand ----------------------------------------


def f(x: Any, y: Any) -> Any:
    """At (3, 5): 45, with gradient (30, 9) and Hessian ((10, 6), (6, 0))."""
    return x * x * y


def g(x: Any, y: Any) -> Any:
    """At (3, 5): (15, -2), with Jacobian ((5, 3), (1, -1))."""
    return [x * y, x - y]


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


# --- wrong answers --------------------------------------------------------------------------------

WRONG: dict[str, tuple[Kind, Callable[..., Any], Callable[..., Any], Any, str]] = {
    "too many": (
        Kind.GRADIENT, f, lambda x, y: (x, y, x), (3, 5),
        "expected the gradient to be 2 partial derivatives, by x, y; got 3",
    ),
    "too few": (
        Kind.GRADIENT, f, lambda x, y: [x], (3, 5),
        "expected the gradient to be 2 partial derivatives, by x, y; got 1",
    ),
    "a number for two": (
        Kind.GRADIENT, f, lambda x, y: 2, (3, 5),
        r"to be 2 partial derivatives, by x, y; got 2 \(type int\)",
    ),
    "an array for a number": (
        Kind.GRADIENT, lambda x: x, lambda x: [1, 2], 3,
        r"expected the gradient to be a Scalar or a number; got \[1, 2\]",
    ),
    "numbers for arrays": (
        Kind.GRADIENT, lambda v, s: v[0] * s, lambda v, s: (s, v[0]), ([3, 5], 7),
        r"expected the gradient\[0\] to be 2 partial derivatives, by v\[0\], v\[1\]; got ",
    ),
    "a number for the second array": (
        Kind.GRADIENT, lambda s, v: v[0] * s, lambda s, v: (v[0], s), (7, [3, 5]),
        r"expected the gradient\[1\] to be 2 partial derivatives, by v\[0\], v\[1\]; got ",
    ),
    "a matrix in the wrong way": (
        Kind.GRADIENT, lambda m: m[0][0], lambda m: [[1], [0]], [[3, 5]],
        r"expected the gradient to be 1 partial derivative; got 2",
    ),
    "many": (
        Kind.GRADIENT, lambda v: v[0], lambda v: [1], list(range(9)),
        "expected the gradient to be 9 partial derivatives; got 1",
    ),
    "None": (
        Kind.GRADIENT, lambda x: x, lambda x: None, 3,
        r"expected the gradient to return a Scalar or a number; got None \(type NoneType\)",
    ),
    "None among them": (
        Kind.GRADIENT, f, lambda x, y: (1, None), (3, 5),
        r"expected the gradient\[1\] to return a Scalar or a number; got None",
    ),
    "text": (Kind.GRADIENT, lambda x: x, lambda x: "1", 3, r"got '1' \(type str\)"),
    "a dict": (Kind.GRADIENT, f, lambda x, y: {"x": 1}, (3, 5), "to be 2 partial derivatives, by x, y; got {'x': 1}"),
    "NaN": (
        Kind.GRADIENT, lambda x: x, lambda x: math.nan, 3,
        "expected the gradient to return Scalars or numbers: .*NaN is no number",
    ),
    "infinity": (Kind.GRADIENT, f, lambda x, y: (1, math.inf), (3, 5), "infinity is no number"),
    "complex": (Kind.GRADIENT, lambda x: x, lambda x: 1j, 3, r"got 1j \(type complex\)"),
    "unavailable": (
        Kind.GRADIENT, lambda x, y: x**y, lambda x, y: minigrad.grad(lambda a, b: a**b, (0, 1))(x, y), (-3, 2),
        r"the gradient\[1\] returned a derivative that is not available: it reaches an exponent",
    ),
    "rows": (
        Kind.JACOBIAN, g, lambda x, y: [[1, 2]] * 3, (3, 5),
        "expected the Jacobian to have 2 rows; got 3",
    ),
    "one row for two": (Kind.JACOBIAN, g, lambda x, y: [[1, 2, 3, 4]], (3, 5), "to have 2 rows; got 1"),
    "a number for a matrix": (
        Kind.JACOBIAN, g, lambda x, y: x, (3, 5),
        "expected the Jacobian to have 2 rows; got ",
    ),
    "short rows": (
        Kind.JACOBIAN, g, lambda x, y: [[1], [2]], (3, 5),
        "expected the Jacobian to be 2 partial derivatives, by x, y; got 1",
    ),
    "blocks without rows": (
        Kind.JACOBIAN, lambda s, v: [s, s, s], lambda s, v: (5, [1, 0]), (7, [3, 5]),
        "expected the Jacobian to have 3 rows; got 2",
    ),
    "a flat matrix": (Kind.JACOBIAN, g, lambda x, y: [1, 2, 3, 4], (3, 5), "expected the Jacobian to have 2 rows; got 4"),
    "transposed": (
        Kind.JACOBIAN, lambda x, y: [x, y, x], lambda x, y: [[1, 0, 1], [0, 1, 0]], (3, 5),
        "expected the Jacobian to have 3 rows; got 2",
    ),
    "a gradient for a Hessian": (
        Kind.HESSIAN, f, lambda x, y: (1, 2), (3, 5),
        "expected the Hessian to be 2 partial derivatives, by x, y; got ",
    ),
    "a Hessian of two numbers": (
        Kind.HESSIAN, g, lambda x, y: [[1, 2], [3, 4]], (3, 5),
        "a function that returns 2 numbers has no Hessian",
    ),
    "a product with the Hessian of two numbers": (
        Kind.HVP, g, lambda x, y, t: [1, 2], (3, 5),
        "a function that returns 2 numbers has no Hessian",
    ),
    "a number for a jvp of two": (
        Kind.JVP, g, lambda x, y, t: 1, (3, 5), "jvp: expected a list of 2; got 1",
    ),
    "three for a jvp of two": (
        Kind.JVP, g, lambda x, y, t: [1, 2, 3], (3, 5), "jvp: expected a list of 2; got a list of 3",
    ),
    "a pair for a jvp, as JAX has it": (
        Kind.JVP, f, lambda x, y, t: (x, 1), (3, 5), "jvp: expected a number; got a list of 2",
    ),
    "a nested jvp": (
        Kind.JVP, lambda x: [x, [x]], lambda x, t: [1, 1], 3, r"jvp\[1\]: expected a list of 1; got 1",
    ),
    "text for a jvp": (Kind.JVP, lambda x: x, lambda x, t: "t", 3, "expected the jvp to return a Scalar or a number"),
    "three for a vjp": (
        Kind.VJP, g, lambda x, y, w: [1, 2, 3], (3, 5),
        "expected the vjp to be 2 partial derivatives, by x, y; got 3",
    ),
    "a vjp of a dict": (
        Kind.VJP, lambda x: {"a": x}, lambda x, w: w, 3,
        "expected the function to return a number or an array; got a dict with the keys 'a'",
    ),
    "an hvp of the wrong length": (
        Kind.HVP, f, lambda x, y, t: [1], (3, 5), "expected the hvp to be 2 partial derivatives, by x, y; got 1",
    ),
    "a function that returns None": (
        Kind.GRADIENT, lambda x: None, lambda x: 1, 3,
        "expected the function to return a Scalar or a number; got None",
    ),
    "a function that returns text in a list": (
        Kind.JACOBIAN, lambda x: [x, "y"], lambda x: [1, 2], 3,
        r"expected the function at \[1\] to return a Scalar or a number; got 'y'",
    ),
    "a function that returns NaN": (
        Kind.GRADIENT, lambda x: math.nan, lambda x: 1, 3,
        "expected the function to return Scalars or numbers: .*NaN",
    ),
    "too few arguments": (
        Kind.GRADIENT, f, lambda x: (1, 2), (3, 5),
        "expected the gradient to take the arguments of the function: too many positional arguments",
    ),
    "too many arguments": (
        Kind.GRADIENT, lambda x: x, lambda x, y: 1, 3,
        "take the arguments of the function: missing a required argument: 'y'",
    ),
    "no tangent": (
        Kind.JVP, lambda x: x, lambda x: 1, 3,
        "expected the jvp to take the arguments of the function and the tangent: too many",
    ),
    "no cotangent": (
        Kind.VJP, f, lambda x, y: (1, 2), (3, 5),
        "expected the vjp to take the arguments of the function and the cotangent: too many",
    ),
    "a tangent too many": (
        Kind.HVP, f, lambda x, y, a, b, c: (1, 2), (3, 5),
        "expected the hvp to take the arguments of the function and the tangent: missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "function", "derivative", "point", "message"), WRONG.values(), ids=WRONG
)
def test_an_answer_of_the_wrong_form_is_refused(
    kind: Kind,
    function: Callable[..., Any],
    derivative: Callable[..., Any],
    point: Any,
    message: str,
) -> None:
    with pytest.raises(CaseError, match=message):
        sampled(kind, function, derivative, point)


def test_a_derivative_without_a_signature_is_tried() -> None:
    # The signature of `max` cannot be read; it takes two numbers.
    found = sampled(Kind.VJP, lambda x: x, max, 3, 5)
    assert named(found) == {"x": 5}
    assert named(sampled(Kind.JVP, f, lambda *xs: max(*xs), (3, 5), 7, 8)) == {"f": 8}


# --- runs -----------------------------------------------------------------------------------------


def test_a_function_that_raises_has_no_outputs() -> None:
    found = sampled(Kind.GRADIENT, lambda x: 1 / x, lambda x: -1 / x**2, 0)
    assert isinstance(found.function.error, DivisionByZero)
    assert (found.outputs, found.derivative, list(found.given)) == ([], None, [])
    assert found.point == {"x": 0}
    found = sampled(Kind.JVP, lambda x: 1 / x, lambda x, t: t, 0)
    assert (found.values, found.labels) == ((0,), ("x",))


def test_a_derivative_that_raises_has_given_nothing() -> None:
    found = sampled(Kind.GRADIENT, lambda x: x, lambda x: 1 / x, 0)
    assert found.derivative is not None
    assert isinstance(found.derivative.error, DivisionByZero)
    assert [y.data for y in found.outputs] == [0]
    assert list(found.given) == list(found.names) == []


def test_a_leak_is_in_its_run() -> None:
    found = sampled(Kind.GRADIENT, lambda x: math.sin(x), lambda x: math.cos(x), 0)
    assert isinstance(found.function.error, ExactnessLost)
    assert [leak.by for leak in found.function.trace.leaks] == ["float()"]
    assert found.derivative is None


def test_both_programs_are_held_to_the_deadline() -> None:
    layout, values = of_point(lambda x: x, 3)
    late = time.monotonic() - 1
    found = sample(Claim(Kind.GRADIENT, lambda x: x * x, lambda x: 2 * x, layout), values, late)
    assert isinstance(found.function.error, OutOfTime)


def test_each_program_has_arguments_and_a_trace_of_its_own() -> None:
    def function(v: Any) -> Any:
        v[0] = v[0] * 2 if v[0] > 1 else v[0]
        return v[0] * v[1]

    def derivative(v: Any) -> Any:
        return [2 * v[1], 2 * v[0]] if v[1] > 1 else [0, 0]

    found = sampled(Kind.GRADIENT, function, derivative, [3, 5])
    assert found.derivative is not None
    assert [y.data for y in found.outputs] == [30]
    assert named(found) == {"v[0]": 10, "v[1]": 6}
    assert [str(c) for c in found.function.trace.comparisons] == ["v[0] > 1"]
    assert [str(c) for c in found.derivative.trace.comparisons] == ["v[1] > 1"]
    assert not set(found.leaves) & set(found.own_leaves)
    assert [(x.label, x.data) for x in found.leaves] == [("v[0]", 3), ("v[1]", 5)]
    assert [(x.label, x.data) for x in found.own_leaves] == [("v[0]", 3), ("v[1]", 5)]


def test_the_leaves_of_a_vector_are_those_of_both_programs() -> None:
    found = sampled(Kind.VJP, g, lambda x, y, w: (w[0] * y + w[1], w[0] * x - w[1]), (3, 5), 7, 11)
    for leaves in (found.leaves, found.own_leaves):
        assert [(x.label, x.data) for x in leaves] == [
            *[("x", 3), ("y", 5)],
            *[("cotangent[0]", 7), ("cotangent[1]", 11)],
        ]
    assert found.given[0].operands


@pytest.mark.parametrize(
    ("floats", "third"),
    [
        ("decimal", Fraction(3333333333333333, 10**16)),
        ("binary", Fraction(6004799503160661, 2**54)),
        ("simplest", Fraction(1, 3)),
    ],
)
def test_floats_are_read_as_the_claim_says(floats: Floats, third: Fraction) -> None:
    def function(x: Any, y: Any) -> Any:
        return [x * (1 / 3), 1 / 3]

    def derivative(x: Any, y: Any) -> Any:
        return [(1 / 3, 0), (0 * x + 1 / 3, y / y)]

    found = sampled(Kind.JACOBIAN, function, derivative, (1, 5), floats=floats)
    assert [y.data for y in found.outputs] == [third, third]
    assert list(named(found).values()) == [third, 0, third, 1]
    assert found.derivative is not None
    for run in (found.function, found.derivative):
        assert {rounded.text for rounded in run.trace.rounded} == {"0.3333333333333333"}
        # Once where it met a node, once where it was returned as it is.
        assert len(run.trace.rounded) == 2


def test_outputs_of_a_result() -> None:
    x = Scalar(3, "x")
    pairs = outputs_of({"a": [x, 2], "b": (0.5, True)}, floats="binary")
    assert [place for place, _ in pairs] == ["['a'][0]", "['a'][1]", "['b'][0]", "['b'][1]"]
    assert [y.data for _, y in pairs] == [3, 2, HALF, 1]
    assert pairs[0][1] is x
    assert [y.is_constant for _, y in pairs] == [False, True, True, True]
    assert [place for place, _ in outputs_of(minigrad.array([[x, x]]))] == ["[0, 0]", "[0, 1]"]
    assert outputs_of([]) == []
    large = 10**400_000
    ((_, y),) = outputs_of(Scalar.constant(large, max_bits=2**21))
    assert y.data == large


# --- what should come out -------------------------------------------------------------------------


def claimed(
    kind: Kind, function: Callable[..., Any], point: Sequence[Any], vector: Sequence[Any] = (),
    elements: Sequence[Any] | None = None,
) -> list[Any]:  # fmt: skip
    """`expected` of a function of numbers at a point."""
    names = [f"x{i}" for i in range(len(point))]
    xs = [Scalar(value, name) for value, name in zip(point, names, strict=True)]
    result = function(*xs)
    outputs = [y for _, y in outputs_of(result)]
    program = Program(outputs, [*xs, *map(Scalar, vector)], Rules())
    assert program.complaint == ""
    return expected(kind, program, elements, len(point))


def formulas(
    kind: Kind, function: Callable[..., Any], point: Sequence[Any], directions: int = 0
) -> list[Any]:
    field = Field(len(point) + directions)
    return claimed(kind, function, point, [1] * directions, field.generators)


def rational(x: Any, y: Any) -> Any:
    """x/y + x**3, with gradient (1/y + 3x², -x/y²) and Hessian ((6x, -1/y²), (-1/y², 2x/y³))."""
    return x / y + x**3


def test_numbers_of_all_six_kinds() -> None:
    point = (3, 2)
    gradient = [HALF + 27, Fraction(-3, 4)]
    hessian = [18, Fraction(-1, 4), Fraction(-1, 4), Fraction(3, 4)]
    assert claimed(Kind.GRADIENT, rational, point) == gradient
    assert claimed(Kind.JACOBIAN, rational, point) == gradient
    assert claimed(Kind.HESSIAN, rational, point) == hessian
    assert claimed(Kind.JVP, rational, point, (10, 100)) == [10 * gradient[0] + 100 * gradient[1]]
    assert claimed(Kind.VJP, rational, point, (10,)) == [10 * gradient[0], 10 * gradient[1]]
    assert claimed(Kind.HVP, rational, point, (10, 100)) == [
        180 - 25,
        Fraction(-10, 4) + 75,
    ]


def test_formulas_of_all_six_kinds() -> None:
    x, y = Field(2).generators
    gradient = [1 / y + 3 * x * x, -x / (y * y)]
    assert formulas(Kind.GRADIENT, rational, (3, 2)) == gradient
    assert formulas(Kind.JACOBIAN, rational, (3, 2)) == gradient
    mixed = -1 / (y * y)
    assert formulas(Kind.HESSIAN, rational, (3, 2)) == [6 * x, mixed, mixed, 2 * x / y**3]
    x, y, a, b = Field(4).generators
    by_x, by_y = 1 / y + 3 * x * x, -x / (y * y)
    mixed = -1 / (y * y)
    assert formulas(Kind.JVP, rational, (3, 2), 2) == [by_x * a + by_y * b]
    assert formulas(Kind.HVP, rational, (3, 2), 2) == [
        6 * x * a + mixed * b,
        mixed * a + 2 * x / y**3 * b,
    ]
    x, y, w = Field(3).generators
    assert formulas(Kind.VJP, rational, (3, 2), 1) == [(1 / y + 3 * x * x) * w, -x / (y * y) * w]


def test_several_outputs_row_by_row() -> None:
    assert claimed(Kind.JACOBIAN, g, (3, 5)) == claimed(Kind.GRADIENT, g, (3, 5)) == [5, 3, 1, -1]
    assert claimed(Kind.JVP, g, (3, 5), (10, 100)) == [350, -90]
    assert claimed(Kind.VJP, g, (3, 5), (10, 100)) == [150, -70]
    x, y = Field(2).generators
    assert formulas(Kind.JACOBIAN, g, (3, 5)) == [y, x, 1, -1]
    x, y, v, w = Field(4).generators
    assert formulas(Kind.JVP, g, (3, 5), 2) == [y * v + x * w, v - w]
    assert formulas(Kind.VJP, g, (3, 5), 2) == [v * y + w, v * x - w]


def test_a_number_returned_twice_is_weighed_twice() -> None:
    def function(x: Any) -> Any:
        square = x * x
        return [square, square, x, square + 1]

    assert claimed(Kind.VJP, function, (3,), (10, 100, 1000, 10000)) == [660 + 1000 + 60000]
    x, *w = Field(5).generators
    assert formulas(Kind.VJP, function, (3,), 4) == [2 * x * (w[0] + w[1] + w[3]) + w[2]]
    assert claimed(Kind.JACOBIAN, function, (3,)) == [6, 6, 1, 6]


def test_constants_and_unused_arguments_have_derivative_zero() -> None:
    function = lambda x, y: [7, 2 * x]
    assert claimed(Kind.JACOBIAN, function, (3, 5)) == [0, 0, 2, 0]
    assert claimed(Kind.VJP, function, (3, 5), (10, 100)) == [200, 0]
    assert claimed(Kind.JVP, function, (3, 5), (10, 100)) == [0, 20]
    assert claimed(Kind.HESSIAN, lambda x, y: 3 * x, (3, 5)) == [0] * 4
    assert claimed(Kind.HVP, lambda x, y: 7, (3, 5), (10, 100)) == [0, 0]
    assert formulas(Kind.HESSIAN, lambda x, y: 3 * x, (3, 5)) == [0] * 4
    assert formulas(Kind.HVP, lambda x, y: 3 * x, (3, 5), 2) == [0, 0]


def test_second_derivatives_of_operators_of_any_number_of_operands() -> None:
    def function(x: Any, y: Any, z: Any) -> Any:
        return minigrad.prod([x, y, z]) + minigrad.dot([x, y], [x, z]) + minigrad.sum([x, y, z])

    # xyz + x² + yz + x + y + z
    assert claimed(Kind.HESSIAN, function, (2, 3, 0)) == [2, 0, 3, 0, 0, 3, 3, 3, 0]
    x, y, z = Field(3).generators
    assert formulas(Kind.GRADIENT, function, (2, 3, 0)) == [
        y * z + 2 * x + 1,
        x * z + z + 1,
        x * y + y + 1,
    ]
    assert formulas(Kind.HESSIAN, function, (2, 3, 0)) == [2, z, y, z, 0, x + 1, y, x + 1, 0]


def test_derivatives_are_those_of_the_piece_that_was_taken() -> None:
    function = lambda x: abs(x) * x
    assert claimed(Kind.GRADIENT, function, (-3,)) == [6]
    assert claimed(Kind.HESSIAN, function, (-3,)) == [-2]
    (x,) = Field(1).generators
    assert formulas(Kind.GRADIENT, function, (-3,)) == [-2 * x]
    assert formulas(Kind.GRADIENT, function, (3,)) == [2 * x]
    assert formulas(Kind.HESSIAN, function, (3,)) == [2]


def test_an_argument_may_keep_its_number() -> None:
    x, a = Field(2).generators
    assert claimed(Kind.GRADIENT, f, (3, 5), (), [x, None]) == [10 * x, x * x]
    assert claimed(Kind.JVP, f, (3, 5), (7, 11), [x, None, a, None]) == [10 * x * a + 11 * x * x]
    assert claimed(Kind.VJP, f, (3, 5), (7,), [x, None, None]) == [70 * x, 7 * x * x]


def test_what_reaches_an_exponent_is_unavailable() -> None:
    function = lambda x, n: x**n
    by_x, by_n = claimed(Kind.GRADIENT, function, (-3, 4))
    assert by_x == -108
    assert by_n is UNAVAILABLE
    assert claimed(Kind.VJP, function, (-3, 4), (10,))[1] is UNAVAILABLE
    (pushed,) = claimed(Kind.JVP, function, (-3, 4), (10, 100))
    assert pushed is UNAVAILABLE
    (x,) = Field(1).generators
    by_x, by_n = claimed(Kind.GRADIENT, function, (-3, 4), (), [x, None])
    assert by_x == 4 * x**3
    assert by_n is UNAVAILABLE


def test_second_derivatives_by_an_exponent_are_unavailable() -> None:
    """At a base that is not positive there is none, and not the 0 of a formula without n."""
    function = lambda x, n: x**n
    (x,) = Field(1).generators
    for second, by_twice in (
        (claimed(Kind.HESSIAN, function, (-3, 4)), 108),
        (claimed(Kind.HESSIAN, function, (-3, 4), (), [x, None]), 12 * x * x),
    ):
        assert second[0] == by_twice
        assert all(entry is UNAVAILABLE for entry in second[1:])
    assert all(entry is UNAVAILABLE for entry in claimed(Kind.HVP, function, (-3, 4), (10, 100)))


def test_derivatives_by_the_exponent_of_a_positive_base() -> None:
    """Those of x**n are x**n log x, and x**(n-1) (1 + n log x) for both."""
    function = lambda x, n: x**n
    log = to_exact("log(3)")
    gradient, both = (108, 81 * log), 27 * (1 + 4 * log)
    assert tuple(claimed(Kind.GRADIENT, function, (3, 4))) == gradient
    assert claimed(Kind.VJP, function, (3, 4), (10,))[1] == 10 * gradient[1]
    assert claimed(Kind.JVP, function, (3, 4), (10, 100)) == [1080 + 100 * gradient[1]]
    assert claimed(Kind.HESSIAN, function, (3, 4)) == [108, both, both, 81 * log**2]
    assert claimed(Kind.HVP, function, (3, 4), (10, 100))[1] == 10 * both + 8100 * log**2
    x, n = Field(2, point=[Fraction(3), Fraction(4)]).generators
    by_x, by_n = claimed(Kind.GRADIENT, function, (3, 4), (), [x, n])
    power = call("power", x, n)
    assert decide.same(by_x, n * power / x)
    assert decide.same(by_n, power * call("log", x))
    assert decide.same(by_n, power * call("log", n)) is False


def test_the_claim_and_the_expectation_are_in_one_order() -> None:
    """At the same point, numbers of right programs are what is expected, kind by kind."""
    right: list[tuple[Kind, Callable[..., Any], Callable[..., Any]]] = [
        (Kind.GRADIENT, f, lambda x, y: (2 * x * y, x * x)),
        (Kind.JACOBIAN, g, lambda x, y: [(y, x), (1, -1)]),
        (Kind.HESSIAN, f, lambda x, y: [[2 * y, 2 * x], [2 * x, 0]]),
        (Kind.JVP, g, lambda x, y, a, b: [y * a + x * b, a - b]),
        (Kind.VJP, g, lambda x, y, w: (w[0] * y + w[1], w[0] * x - w[1])),
        (Kind.HVP, f, lambda x, y, a, b: (2 * y * a + 2 * x * b, 2 * x * a)),
    ]
    for kind, function, derivative in right:
        found = sampled(kind, function, derivative, (3, 5))
        theirs = Program(found.outputs, found.leaves, Rules())
        ours = Program(list(found.given), list(found.own_leaves), Rules())
        assert expected(kind, theirs, None, 2) == [y.data for y in found.given]
        generators = Field(len(found.leaves)).generators
        assert expected(kind, theirs, generators, 2) == ours.results(generators)
