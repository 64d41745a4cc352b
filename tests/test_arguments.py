from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.errors import CaseError, InvalidNumber, InvalidOperand
from minigrad.scalar import Scalar
from minigrad.verify import arguments
from minigrad.verify.arguments import Layout, is_array, of_point, of_shape, of_signature

HALF = Fraction(1, 2)


def numpy() -> Any:
    return pytest.importorskip("numpy")


def scalars(layout: Layout, *values: Any) -> list[Any]:
    return layout.arguments(values, lambda value, label: Scalar(value, label))


# --- points ---------------------------------------------------------------------------------------

POINTS: dict[str, tuple[Callable[..., Any], Any, tuple[str, ...], tuple[Any, ...]]] = {
    "a number": (lambda x: x, 3, ("x",), (3,)),
    "a text": (lambda x: x, "1/2", ("x",), (HALF,)),
    "a float": (lambda x: x, 0.1, ("x",), (Fraction(1, 10),)),
    "a decimal": (lambda x: x, Decimal("0.1"), ("x",), (Fraction(1, 10),)),
    "a tuple of one": (lambda x: x, (3,), ("x",), (3,)),
    "a tuple": (lambda x, y: x, (1, "1/2"), ("x", "y"), (1, HALF)),
    "a list": (lambda x: x, [1, 2], ("x[0]", "x[1]"), (1, 2)),
    "a tuple of a list": (lambda x: x, ([1, 2],), ("x[0]", "x[1]"), (1, 2)),
    "an empty list": (lambda x: x, [], (), ()),
    "a range": (lambda x: x, range(2), ("x[0]", "x[1]"), (0, 1)),
    "a matrix": (lambda x: x, [[1, 2], [3, 4]], ("x[0][0]", "x[0][1]", "x[1][0]", "x[1][1]"), (1, 2, 3, 4)),
    "rows of different lengths": (lambda x: x, [[1, 2], [3]], ("x[0][0]", "x[0][1]", "x[1][0]"), (1, 2, 3)),
    "a tuple in a list": (lambda x: x, [(1, 2), 3], ("x[0][0]", "x[0][1]", "x[1]"), (1, 2, 3)),
    "arrays and numbers": (lambda a, b, c: a, ([1], 2, [3, 4]), ("a[0]", "b", "c[0]", "c[1]"), (1, 2, 3, 4)),
    "any number of arguments": (lambda *xs: xs, (1, 2), ("xs[0]", "xs[1]"), (1, 2)),
    "some, and any number": (lambda x, *xs: xs, (1, 2, 3), ("x", "xs[0]", "xs[1]"), (1, 2, 3)),
    "none of any number": (lambda x, *xs: xs, 1, ("x",), (1,)),
    "arrays in any number": (lambda *xs: xs, ([1], 2), ("xs[0][0]", "xs[1]"), (1, 2)),
    "a default left out": (lambda x, y=2: x, 1, ("x",), (1,)),
    "a default given": (lambda x, y=2: x, (1, 5), ("x", "y"), (1, 5)),
    "keywords with defaults": (lambda x, *, y=2, **rest: x, 1, ("x",), (1,)),
    "positional only": (lambda x, /, y: x, (1, 2), ("x", "y"), (1, 2)),
}  # fmt: skip


@pytest.mark.parametrize(("function", "point", "labels", "values"), POINTS.values(), ids=POINTS)
def test_a_point_gives_labels_and_values(
    function: Callable[..., Any], point: Any, labels: tuple[str, ...], values: tuple[Any, ...]
) -> None:
    layout, found = of_point(function, point)
    assert layout.labels == labels
    assert found == values
    assert all(type(value) is Fraction for value in found)


def test_numpy_arrays_are_points() -> None:
    np = numpy()
    layout, values = of_point(lambda x, y: x, (np.array([[1, 2]]), np.float32(0.1)))
    assert layout.labels == ("x[0][0]", "x[0][1]", "y")
    assert values == (1, 2, Fraction(1, 10))
    # Each item by its own shortest text, as everywhere.
    _, values = of_point(lambda x: x, np.array([0.1, 0.3], dtype=np.float32))
    assert values == (Fraction(1, 10), Fraction(3, 10))


def test_a_named_tuple_is_a_tuple() -> None:
    class Point(NamedTuple):
        x: int
        y: int

    layout, values = of_point(lambda a, b: a, Point(3, 4))
    assert (layout.labels, values) == (("a", "b"), (3, 4))


def test_a_function_that_tells_no_names() -> None:
    # The signature of `max` cannot be read.
    assert of_point(max, 3)[0].labels == ("x",)
    assert of_point(max, (3, 4))[0].labels == ("x0", "x1")
    assert of_point(max, [3, 4])[0].labels == ("x[0]", "x[1]")


def test_methods_and_partials_have_the_arguments_that_are_left() -> None:
    class Model:
        def loss(self, w: Any, b: Any) -> Any:
            return w * b

        def __call__(self, v: Any) -> Any:
            return v

    assert of_point(Model().loss, (1, 2))[0].labels == ("w", "b")
    assert of_point(Model(), 1)[0].labels == ("v",)
    assert of_point(functools.partial(Model().loss, 3), 1)[0].labels == ("b",)


WRONG: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "too many": (lambda x, y: x, (1, 2, 3), r"expected a point of 2 arguments \(x, y\); got 3"),
    "too few": (lambda x, y: x, 1, r"expected a point of 2 arguments \(x, y\); got 1"),
    "too many of one": (lambda x: x, (1, 2), r"expected a point of 1 argument \(x\); got 2"),
    "none": (lambda x: x, (), r"expected a point of 1 argument \(x\); got 0"),
    "an array is one": (lambda x, y: x, [1, 2], r"expected a point of 2 arguments \(x, y\); got 1"),
    "with defaults": (lambda x, y=1: x, (1, 2, 3), r"of 1 to 2 arguments \(x, y\); got 3"),
    "keyword only": (lambda x, *, k: x, 1, "the parameter k can be given by keyword only"),
    "too few before any number": (lambda x, y, *z: x, 1, r"of 2 arguments \(x, y\); got 1"),
}


@pytest.mark.parametrize(("function", "point", "message"), WRONG.values(), ids=WRONG)
def test_a_point_that_does_not_fit_is_refused(
    function: Callable[..., Any], point: Any, message: str
) -> None:
    with pytest.raises(CaseError, match=message):
        of_point(function, point)


@pytest.mark.parametrize(
    ("point", "error"),
    [
        (None, InvalidOperand),
        ({"x": 1}, CaseError),
        ({1}, InvalidOperand),
        (True, InvalidOperand),
        (b"1", InvalidOperand),
        ([1, None], InvalidOperand),
        (Scalar(1), InvalidOperand),
        (1j, InvalidOperand),
        ("one", InvalidNumber),
        ([1, "one"], InvalidNumber),
        (float("nan"), InvalidNumber),
        ([float("inf")], InvalidNumber),
    ],
    ids=str,
)
def test_what_is_no_number_is_refused(point: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        of_point(lambda x: x, point)


# --- shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "labels"),
    [
        (1, ("x",)),
        ((), None),
        ([1], ("x[0]",)),
        ([2], ("x[0]", "x[1]")),
        ([], ("x",)),
        ([2, 1], ("x[0][0]", "x[1][0]")),
        (([2],), ("x[0]", "x[1]")),
        (([2, 1],), ("x[0][0]", "x[1][0]")),
        ((2,), ("x[0]", "x[1]")),
        (((2,),), ("x[0]", "x[1]")),
        (((),), ("x",)),
        ([0], ()),
    ],
)
def test_the_shape_of_one_argument(shape: Any, labels: tuple[str, ...] | None) -> None:
    if labels is None:
        with pytest.raises(CaseError, match="at least one argument"):
            of_shape(lambda x: x, shape)
    else:
        assert of_shape(lambda x: x, shape).labels == labels


def test_the_shapes_of_several_arguments() -> None:
    def function(x: Any, y: Any) -> Any:
        return x

    assert of_shape(function, 2).labels == ("x", "y")
    assert of_shape(function, ((), ())).labels == ("x", "y")
    assert of_shape(function, ([2], ())).labels == ("x[0]", "x[1]", "y")
    assert of_shape(function, (1, [1, 2])).labels == ("x[0]", "y[0][0]", "y[0][1]")
    assert of_shape(lambda *xs: xs, 3).labels == ("xs[0]", "xs[1]", "xs[2]")
    with pytest.raises(CaseError, match=r"of 2 arguments \(x, y\); got 3"):
        of_shape(function, 3)
    with pytest.raises(CaseError, match=r"of 2 arguments \(x, y\); got 1"):
        of_shape(function, [2])


@pytest.mark.parametrize(
    "shape",
    [-1, True, 0.5, "3", None, [-1], [2, "2"], [True], [[2]], {}, ([-2],), (None,), (0.5, 1),
     10**7, [10**7], [10**4, 10**4], [0, 10**9], (10**12,)],
    ids=str,
)  # fmt: skip
def test_what_is_no_shape_is_refused(shape: Any) -> None:
    with pytest.raises(CaseError, match=r"expected shape to be n for n numbers, .*; got "):
        of_shape(lambda *xs: xs, shape)


@pytest.mark.parametrize("shape", [0, ()])
def test_no_argument_at_all_is_refused(shape: Any) -> None:
    with pytest.raises(CaseError, match="expected the shape of at least one argument; got "):
        of_shape(lambda *xs: xs, shape)


# --- signatures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "labels"),
    [
        (lambda x: x, ("x",)),
        (lambda x, y: x, ("x", "y")),
        (lambda x, y, z=1: x, ("x", "y")),
        (lambda x, /, y: x, ("x", "y")),
        (lambda x, *, k=1, **rest: x, ("x",)),
        (functools.partial(lambda x, y: x, 1), ("y",)),
        (functools.partial(lambda x, y: x, y=1), ("x",)),
    ],
)
def test_arguments_are_numbers_where_the_signature_says_so(
    function: Callable[..., Any], labels: tuple[str, ...]
) -> None:
    layout = of_signature(function)
    assert layout.labels == layout.names == labels
    assert layout.templates == (0,) * len(labels)


def test_a_signature_that_does_not_say_is_refused_with_the_remedy() -> None:
    def variadic(*xs: Any) -> Any:
        return xs

    def none(x: Any = 1) -> Any:
        return x

    def keyword(x: Any, *, k: Any) -> Any:
        return x

    remedy = r": give a point, or shape=: \[n\] for one array of n numbers, n for n numbers"
    with pytest.raises(CaseError, match=f"^variadic takes any number of arguments{remedy}"):
        of_signature(variadic)
    with pytest.raises(CaseError, match=f"^none takes no argument that must be given{remedy}"):
        of_signature(none)
    with pytest.raises(CaseError, match=f"^the signature of max cannot be read{remedy}"):
        of_signature(max)
    with pytest.raises(CaseError, match=f"^functools.partial.*takes any number.*{remedy}"):
        of_signature(functools.partial(variadic, 1))
    with pytest.raises(CaseError, match="the parameter k can be given by keyword only"):
        of_signature(keyword)


# --- arguments ------------------------------------------------------------------------------------


def test_arguments_are_made_of_labelled_leaves() -> None:
    layout, _ = of_point(lambda a, b, c: a, (1, [[2, 3]], [4, [5]]))
    a, b, c = scalars(layout, 10, 20, 30, 40, 50)
    assert (a.label, a.data) == ("a", 10)
    assert [[x.label for x in row] for row in b] == [["b[0][0]", "b[0][1]"]]
    assert [[x.data for x in row] for row in b] == [[20, 30]]
    # What has no rectangular shape is a list.
    assert type(c) is type(c[1]) is list
    assert (c[0].label, c[1][0].label, c[1][0].data) == ("c[0]", "c[1][0]", 50)
    deep, values = of_point(lambda x: x, [[[1], [2, 3]], [[4], [5, 6]]])
    assert type(scalars(deep, *values)[0]) is list


def test_an_array_argument_is_an_exact_array() -> None:
    np = numpy()
    layout, values = of_point(lambda x, y: x, ([[1, 2], [3, 4]], [5]))
    x, y = scalars(layout, *values)
    assert isinstance(x, np.ndarray)
    assert (x.shape, x.dtype, y.shape) == ((2, 2), object, (1,))
    assert np.sum(x @ x).data == 7 + 10 + 15 + 22
    assert all(isinstance(item, Scalar) for item in x.flat)
    empty, _ = of_point(lambda x: x, [])
    assert scalars(empty)[0].shape == (0,)
    hollow, _ = of_point(lambda x: x, [[], []])
    assert scalars(hollow)[0].shape == (2, 0)


def test_an_argument_is_a_list_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments._has_numpy.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    try:
        layout, values = of_point(lambda x: x, [1, [2, 3]])
        (x,) = scalars(layout, *values)
        assert type(x) is list
        layout, values = of_point(lambda x: x, [[1], [2]])
        (x,) = scalars(layout, *values)
        assert type(x) is type(x[0]) is list
    finally:
        arguments._has_numpy.cache_clear()


def test_arguments_are_fresh_each_time() -> None:
    layout, values = of_point(lambda x, y: x, ([1, 2], 3))
    first, second = scalars(layout, *values), scalars(layout, *values)
    first[0][0] = 7
    assert second[0][0].data == 1
    assert first[1] is not second[1]
    assert layout.labels == ("x[0]", "x[1]", "y")


def test_as_many_values_as_labels_are_needed() -> None:
    layout, _ = of_point(lambda x, y: x, (1, 2))
    for values in ((1,), (1, 2, 3)):
        with pytest.raises(ValueError, match="zip"):
            scalars(layout, *values)


templates = st.recursive(
    st.integers(-3, 3), lambda parts: st.lists(parts, max_size=3), max_leaves=6
)


def flat(part: Any) -> list[Any]:
    return [y for item in part for y in flat(item)] if isinstance(part, list) else [part]


@given(st.lists(templates, min_size=1, max_size=3))
def test_a_point_comes_back(parts: list[Any]) -> None:
    layout, values = of_point(lambda *xs: xs, tuple(parts))
    assert list(values) == flat(parts)
    assert len(set(layout.labels)) == len(values)
    point = layout.point(values)
    assert point == (parts[0] if len(parts) == 1 else tuple(parts))
    assert of_point(lambda *xs: xs, point if len(parts) > 1 else (point,)) == (layout, values)


def test_a_layout_is_a_value() -> None:
    assert of_shape(lambda x: x, [2]) == of_point(lambda x: x, [5, 6])[0] != of_shape(max, 2)


@pytest.mark.parametrize(
    ("value", "answer"),
    [([], True), ((1,), True), (range(3), True), (3, False), ("abc", False), (b"abc", False),
     ({"a": 1}, False), (None, False), ({1}, False), (Scalar(1), False)],
    ids=str,
)  # fmt: skip
def test_what_is_an_array(value: Any, answer: bool) -> None:
    assert is_array(value) is answer


def test_which_of_numpy_s_are_arrays() -> None:
    np = numpy()
    assert is_array(np.zeros(3))
    assert is_array(np.zeros((0, 2)))
    assert not is_array(np.array(3))
    assert not is_array(np.float64(3))
