"""The assertions: right derivatives pass, wrong ones raise with the Report's text, and frames are hidden."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from typing import Any

import pytest

import minigrad.testing
from minigrad.errors import CaseError, GradientMismatch, InvalidOperand
from minigrad.testing import (
    assert_gradient,
    assert_hessian,
    assert_hvp,
    assert_jacobian,
    assert_jvp,
    assert_vjp,
)
from minigrad.verify import Report, Verdict, check

Function = Callable[..., Any]


def f(x: Any, y: Any) -> Any:
    return x**2 * y


def pair(x: Any, y: Any) -> Any:
    return [x * y, x - y**2]


# An assertion, a function, its derivative, and a derivative that is wrong by a sign or a term.
CASES: dict[Function, tuple[Function, Function, Function]] = {
    assert_gradient: (f, lambda x, y: (2 * x * y, x**2), lambda x, y: (2 * x * y, x**2 + y)),
    assert_jacobian: (
        pair,
        lambda x, y: [[y, x], [1, -2 * y]],
        lambda x, y: [[y, x], [1, 2 * y]],
    ),
    assert_hessian: (
        f,
        lambda x, y: [[2 * y, 2 * x], [2 * x, 0]],
        lambda x, y: [[2 * y, 2 * x], [x, 0]],
    ),
    assert_jvp: (
        pair,
        lambda x, y, dx, dy: [y * dx + x * dy, dx - 2 * y * dy],
        lambda x, y, dx, dy: [y * dx + x * dy, dx - y * dy],
    ),
    assert_vjp: (
        pair,
        lambda x, y, g: (y * g[0] + g[1], x * g[0] - 2 * y * g[1]),
        lambda x, y, g: (y * g[0] + g[1], x * g[0] - 2 * y),
    ),
    assert_hvp: (
        f,
        lambda x, y, p, q: (2 * y * p + 2 * x * q, 2 * x * p),
        lambda x, y, p, q: (2 * y * p + 2 * x * q, 2 * x * q),
    ),
}
NAMES = ["gradient", "jacobian", "hessian", "jvp", "vjp", "hvp"]


def test_there_is_one_for_each_check() -> None:
    assert [function.__name__ for function in CASES] == [f"assert_{name}" for name in NAMES]
    assert sorted(minigrad.testing.__all__) == sorted(function.__name__ for function in CASES)


@pytest.mark.parametrize("assertion", CASES)
def test_a_right_derivative_passes_with_its_report(assertion: Function) -> None:
    function, right, _ = CASES[assertion]
    report = assertion(function, right)
    assert isinstance(report, Report)
    assert report.verdict is Verdict.PROVED
    assert report.entries
    assert assertion(function, right, (2, "1/3"), (0, 0)).ok


@pytest.mark.parametrize("assertion", CASES)
def test_a_wrong_derivative_raises_with_the_text_of_the_report(assertion: Function) -> None:
    function, _, wrong = CASES[assertion]
    with pytest.raises(GradientMismatch, match="refuted") as caught:
        assertion(function, wrong)
    assert isinstance(caught.value, AssertionError)
    checked = getattr(check, assertion.__name__.replace("assert", "check"))(function, wrong)
    assert str(caught.value) == str(checked)


@pytest.mark.parametrize("assertion", CASES)
def test_an_undecided_derivative_raises(assertion: Function, monkeypatch: Any) -> None:
    function, right, _ = CASES[assertion]
    name = assertion.__name__.replace("assert", "check")
    entry = minigrad.verify.Entry("x", Verdict.UNDECIDED, message="the budget ran out")
    monkeypatch.setattr(minigrad.testing, name, lambda *_, **__: Report((entry,)))
    with pytest.raises(GradientMismatch, match="the budget ran out"):
        assertion(function, right)


@pytest.mark.parametrize("assertion", CASES)
def test_kinks_pass_unless_they_are_not_allowed(assertion: Function, monkeypatch: Any) -> None:
    function, right, _ = CASES[assertion]
    name = assertion.__name__.replace("assert", "check")
    report = Report((minigrad.verify.Entry("x", Verdict.KINK, message="at a boundary"),))
    monkeypatch.setattr(minigrad.testing, name, lambda *_, **__: report)
    assert assertion(function, right) is report
    assert assertion(function, right, allow_kinks=True) is report
    with pytest.raises(GradientMismatch, match="at a boundary"):
        assertion(function, right, allow_kinks=False)


def test_a_real_kink() -> None:
    def slope(x: Any) -> Any:
        return 1 if x > 0 else -1

    assert assert_gradient(abs_of, slope, 0).verdict is Verdict.KINK
    with pytest.raises(GradientMismatch, match="a kink, and allow_kinks is false"):
        assert_gradient(abs_of, slope, 0, allow_kinks=False)


def abs_of(x: Any) -> Any:
    return abs(x)


@pytest.mark.parametrize("assertion", CASES)
def test_every_option_is_handed_on(assertion: Function, monkeypatch: Any) -> None:
    function, right, _ = CASES[assertion]
    given: list[Any] = []

    def fake(*positional: Any, **options: Any) -> Report:
        given.append((positional, options))
        return Report(())

    monkeypatch.setattr(minigrad.testing, assertion.__name__.replace("assert", "check"), fake)
    options = {"shape": 2, "domain": f, "floats": "binary", "seed": 7, "budget": 0.5}
    assertion(function, right, (1, 2), **options)
    assert given == [((function, right, (1, 2)), options)]


@pytest.mark.parametrize("assertion", CASES)
def test_the_defaults_are_those_of_the_check(assertion: Function) -> None:
    ours = dict(inspect.signature(assertion).parameters)
    theirs = dict(
        inspect.signature(getattr(check, assertion.__name__.replace("assert", "check"))).parameters
    )
    assert ours.pop("allow_kinks").default is True
    theirs.pop("rules", None)
    assert {name: (p.kind, p.default) for name, p in ours.items()} == {
        name: (p.kind, p.default) for name, p in theirs.items()
    }


@pytest.mark.parametrize("assertion", CASES)
def test_the_frames_of_the_module_are_hidden(assertion: Function) -> None:
    function, _, wrong = CASES[assertion]
    with pytest.raises(GradientMismatch) as caught:
        assertion(function, wrong)
    frames = [
        frame
        for frame, _ in traceback.walk_tb(caught.value.__traceback__)
        if frame.f_globals["__name__"] == "minigrad.testing"
    ]
    assert frames
    assert all(frame.f_locals["__tracebackhide__"] is True for frame in frames)


@pytest.mark.parametrize("assertion", CASES)
def test_bad_input_is_refused_as_by_the_check(assertion: Function) -> None:
    function, right, _ = CASES[assertion]
    with pytest.raises(InvalidOperand, match="expected the function to be a function; got 3"):
        assertion(3, right)
    with pytest.raises(InvalidOperand, match="expected a budget"):
        assertion(function, right, budget=-1)
    with pytest.raises(CaseError):
        assertion(function, right, (1, 2, 3))
