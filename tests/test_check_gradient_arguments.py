"""Domains, shapes, points and options of a check."""

from __future__ import annotations

from collections import namedtuple
from fractions import Fraction
from typing import Any

import pytest
from checked_functions import KINK, PROVED, REFUTED, only

import minigrad
from minigrad.errors import CaseError, InvalidNumber, InvalidOperand
from minigrad.verify import check_gradient, check_hvp


def test_a_domain_bounds_the_search():
    report = check_gradient(abs, lambda x: 1, domain=lambda x: x > 0)
    assert report.verdict is PROVED
    assert all(point["x"] > 0 for point in report.points)
    assert only(check_gradient(abs, lambda x: 1)).verdict is REFUTED
    # Where it raises, or answers with a float's NaN, the point is outside.
    inverse = check_gradient(abs, lambda x: 1, domain=lambda x: 1 / x > 0)
    assert all(point["x"] > 0 for point in inverse.points)
    with pytest.raises(CaseError, match="found no point in the domain"):
        check_gradient(abs, lambda x: 1, domain=lambda x: False)


def total(values: Any) -> Any:
    if hasattr(values, "__len__"):
        return minigrad.sum([total(value) for value in values])
    return values * values


def doubled(values: Any) -> Any:
    return [doubled(value) for value in values] if hasattr(values, "__len__") else 2 * values


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (1, ["xs[0]"]),
        (2, ["xs[0]", "xs[1]"]),
        ([2], ["xs[0][0]", "xs[0][1]"]),
        ([1, 2], ["xs[0][0][0]", "xs[0][0][1]"]),
        ([], ["xs[0]"]),
        (([2], ()), ["xs[0][0]", "xs[0][1]", "xs[1]"]),
        (((), [1]), ["xs[0]", "xs[1][0]"]),
        ([0], []),
    ],
)
def test_a_shape_gives_the_arguments(shape, expected):
    report = check_gradient(
        lambda *xs: total(xs), lambda *xs: tuple(doubled(x) for x in xs), shape=shape
    )
    assert [entry.label for entry in report.entries] == expected
    assert report.verdict is PROVED


@pytest.mark.parametrize("shape", [-1, True, "2", 2.0, [-1], [[2]], (), {"x": 1}])
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(CaseError, match="expected "):
        check_gradient(lambda *xs: 0, lambda *xs: (), shape=shape)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(2, 3)], [{"x": 2, "y": 3}]),
        ([("1/3", 0.5)], [{"x": Fraction(1, 3), "y": Fraction(1, 2)}]),
        ([(2, 3), (0, 0)], [{"x": 2, "y": 3}, {"x": 0, "y": 0}]),
    ],
)
def test_given_points_are_looked_at_first(points, expected):
    report = check_gradient(lambda x, y: x * y, lambda x, y: (y, x), *points)
    assert list(report.points[: len(expected)]) == expected
    assert len(report.points) > len(expected)
    assert report.verdict is PROVED


def test_a_point_may_be_a_number_a_list_or_an_array():
    np = pytest.importorskip("numpy")
    assert check_gradient(lambda x: x * x, lambda x: 2 * x, 3).points[0] == {"x": 3}
    for point in ([3, "1/2"], np.array([3, 0.5]), ([3, "1/2"],)):
        report = check_gradient(lambda x: x[0] * x[1], lambda x: [x[1], x[0]], point)
        assert report.points[0] == {"x[0]": 3, "x[1]": Fraction(1, 2)}
        assert report.verdict is PROVED


@pytest.mark.parametrize(
    ("point", "error"),
    [
        ((1, 2, 3), CaseError),
        (1, CaseError),
        ((1, float("nan")), InvalidNumber),
        ((1, "x"), InvalidNumber),
        ((1, None), InvalidOperand),
    ],
)
def test_points_that_do_not_fit_are_refused(point, error):
    with pytest.raises(error):
        check_gradient(lambda x, y: x * y, lambda x, y: (y, x), point)


def test_a_dict_is_no_argument_and_its_values_are():
    with pytest.raises(CaseError, match="got a dict: give its values as arguments"):
        check_gradient(lambda p: p["w"] ** 2, lambda p: {"w": 2 * p["w"]}, {"w": 3})
    with pytest.raises(CaseError, match="got a dict"):
        check_gradient(lambda p: p, lambda p: p, ([{"w": 3}],))


def test_points_must_have_one_structure():
    with pytest.raises(CaseError, match="one structure"):
        check_gradient(lambda *xs: xs[0], lambda *xs: (1,), (1,), (1, 2))


def test_where_no_signature_can_be_read_a_shape_is_needed():
    with pytest.raises(CaseError, match="the signature of max cannot be read: give a point"):
        check_gradient(max, lambda x, y: (x >= y, x < y))
    report = check_gradient(max, lambda x, y: (x >= y, x < y), shape=2)
    assert (report.verdict, [e.label for e in report.entries]) == (KINK, ["x0", "x1"])
    with pytest.raises(CaseError, match="takes any number of arguments"):
        check_gradient(lambda *xs: xs[0], lambda *xs: (1,))
    with pytest.raises(CaseError, match="takes no argument that must be given"):
        check_gradient(lambda: 1, lambda: ())


def test_parameters_with_defaults_keep_them():
    report = check_gradient(lambda x, n=3: x**n, lambda x, n=3: n * x ** (n - 1))
    assert (report.verdict, [e.label for e in report.entries]) == (PROVED, ["x"])


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ((3, lambda x: x), {}, "expected the function to be a function"),
        ((lambda x: x, 3), {}, "points come after both functions"),
        ((lambda x: x, lambda x: 1), {"domain": 3}, "expected domain to be a predicate"),
        ((lambda x: x, lambda x: 1), {"floats": "exact"}, "expected floats to be one of"),
        ((lambda x: x, lambda x: 1), {"seed": 1.5}, "expected seed to be an int"),
        ((lambda x: x, lambda x: 1), {"seed": True}, "expected seed to be an int"),
        ((lambda x: x, lambda x: 1), {"budget": -1}, "expected a budget of seconds"),
        ((lambda x: x, lambda x: 1), {"budget": float("nan")}, "expected a budget of seconds"),
        ((lambda x: x, lambda x: 1), {"budget": "10"}, "expected a budget of seconds"),
    ],
)
@pytest.mark.parametrize("check", [check_gradient, check_hvp])
def test_options_of_another_type_are_refused(check, arguments, options, says):
    with pytest.raises(InvalidOperand, match=says):
        check(*arguments, **options)


def test_an_array_without_axes_is_a_number():
    np = pytest.importorskip("numpy")
    report = check_gradient(lambda x: x**2, lambda x: 2 * x, np.array(3.0))
    assert (report.verdict, report.points[0]) == (PROVED, {"x": 3})
    pair = check_gradient(lambda x, y: x * y, lambda x, y: (y, x), (np.array(3.0), np.float32(0.1)))
    assert pair.points[0] == {"x": 3, "y": Fraction(1, 10)}


def test_a_named_tuple_is_refused_with_the_remedy():
    Weights = namedtuple("Weights", "w b")
    with pytest.raises(
        CaseError, match=r"got a named tuple, Weights\(.*: give its fields as arguments"
    ):
        check_gradient(lambda p: p.w * p.b, lambda p: (p.b, p.w), (Weights(1, 2),))


def test_a_point_outside_the_domain_is_looked_at_and_told():
    square = (lambda x: x * x, lambda x: 2 * x)
    report = check_gradient(*square, -1, domain=lambda x: x > 0)
    assert report.verdict is PROVED
    assert "the point x = -1 was given, and is outside the domain" in report.findings
    assert "outside the domain" not in str(check_gradient(*square, 1, domain=lambda x: x > 0))
