"""State that shows: what a program gives depends on the calls before."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from minigrad.errors import KeepsState
from minigrad.verify import (
    Verdict,
    check_gradient,
    check_hvp,
    check_jvp,
    check_vjp,
    repeats,
)

np = pytest.importorskip("numpy")


def square(x: Any) -> Any:
    return np.sum(x**2)


def counting() -> Any:
    calls: list[Any] = []

    def value(x: Any) -> Any:
        calls.append(x)
        return len(calls) * np.sum(x)

    return value, np.ones_like


def kept_forever() -> Any:
    kept: dict[str, Any] = {}
    return (lambda x: np.sum(kept.setdefault("y", x**2))), lambda x: 2 * x


def first_on_the_tape() -> Any:
    tape: list[Any] = []

    def value(x: Any) -> Any:
        tape.append(x * x)
        return np.sum(tape[0] * x)

    return value, lambda x: 3 * tape[0]


def noisy() -> Any:
    draw = random.Random(1)
    return (lambda x: np.sum(x) * draw.random()), np.ones_like


def right_once() -> Any:
    calls: list[Any] = []

    def gradient(x: Any) -> Any:
        calls.append(x)
        return 2 * x if len(calls) < 2 else 3 * x

    return square, gradient


class Memo:
    """Keeps what it computed for the last argument, if `is_same` says that it still is."""

    def __init__(self, is_same: Callable[[Any, Any], Any]) -> None:
        self.is_same = is_same
        self.last: Any = None

    def value(self, x: Any) -> Any:
        if self.last is None or not self.is_same(x, self.last):
            self.last, self.found = np.copy(x), np.sum(x**2)
        return self.found


STALE = {
    "the first number alone": lambda x, y: x[0] == y[0],
    "the last number alone": lambda x, y: x[-1] == y[-1],
    "any for all": lambda x, y: (x == y).any(),
    "a tolerance": lambda x, y: np.allclose(x, y, atol=0.5),
}


def changed_in_place() -> Any:
    memo: dict[str, Any] = {}

    def gradient(x: Any) -> Any:
        if "x" not in memo or not np.array_equal(x, memo["x"]):
            memo["x"], memo["g"] = np.copy(x), 4 * x**3
        memo["g"] = memo["g"] + 2 * x
        return memo["g"]

    return (lambda x: np.sum(x**4) + np.sum(x**2)), gradient


def greater_than_before() -> Any:
    kept: dict[str, Any] = {}

    def value(x: Any) -> Any:
        before, kept["x"] = kept.get("x"), x[0]
        return np.sum(x**3) if before is not None and x[0] > before else np.sum(x**2)

    return value, lambda x: 2 * x


def latched() -> Any:
    state = {"k": 0}

    def gradient(x: Any) -> Any:
        if x[0] > 0:
            state["k"] = 2
        return state["k"] * x

    return square, gradient


SHOWING = {
    "counting": counting, "kept forever": kept_forever, "first on the tape": first_on_the_tape,
    "noisy": noisy, "right once": right_once, "changed in place": changed_in_place,
    "greater than before": greater_than_before, "latched": latched,
    **{what: lambda same=same: (Memo(same).value, lambda x: 2 * x) for what, same in STALE.items()},
}  # fmt: skip


@pytest.mark.parametrize("programs", SHOWING.values(), ids=SHOWING)
def test_state_that_shows_is_refused(programs: Callable[[], Any]) -> None:
    with pytest.raises(KeepsState, match=r"again on the same numbers|of an earlier call"):
        check_gradient(*programs(), shape=[2])


def test_a_memo_that_looks_at_all_numbers_is_not_refused() -> None:
    memo = Memo(np.array_equal)
    assert check_gradient(memo.value, lambda x: 2 * x, shape=[3]).verdict is Verdict.PROVED


@pytest.mark.parametrize("check", [check_hvp, check_vjp, check_jvp])
def test_a_memo_that_forgets_the_vector_is_refused(check: Any) -> None:
    kept: dict[str, Any] = {}

    def product(x: Any, vector: Any) -> Any:
        if "x" not in kept or not np.array_equal(x, kept["x"]):
            kept["x"], kept["found"] = np.copy(x), (6 if check is check_hvp else 2) * x * vector
        return kept["found"]

    function = (lambda x: np.sum(x**3)) if check is check_hvp else (lambda x: x**2)
    with pytest.raises(KeepsState):
        check(function, product, shape=[2])


def test_a_check_that_finds_all_the_same_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_check_same", lambda *_: None)
    assert check_gradient(*latched(), shape=[2]).verdict is Verdict.PROVED


class Saving:
    """Keeps its argument for the backward pass, and looks at what it kept."""

    def __init__(self, is_cube: Callable[[Any, Any, int], Any]) -> None:
        self.is_cube = is_cube
        self.saved: Any = None
        self.calls = 0

    def value(self, x: Any) -> Any:
        before, self.saved, self.calls = self.saved, x, self.calls + 1
        is_cube = before is not None and self.is_cube(x, before, self.calls)
        return x**3 if is_cube else x**2

    def gradient(self, x: Any) -> Any:
        return 2 * self.saved


@pytest.mark.parametrize(
    "is_cube",
    [
        lambda x, before, calls: x > before,
        lambda x, before, calls: before - x > 0.5,
        lambda x, before, calls: calls > 4,
    ],
)
def test_a_backward_pass_does_not_hide_what_shows(is_cube: Callable[..., Any]) -> None:
    saving = Saving(is_cube)
    with pytest.raises(KeepsState):
        check_gradient(saving.value, saving.gradient)


class Lazy:
    """Makes a constant when it is first asked for."""

    made: Any = None

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make

    @property
    def constant(self) -> Any:
        if self.made is None:
            self.made = self.make()
        return self.made

    def value(self, x: Any) -> Any:
        return np.sum(self.constant * x**2)

    def gradient(self, x: Any) -> Any:
        return 2 * self.constant * x


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.sqrt(2 * np.pi),
        lambda: np.array([1.0, 2.0]) / 3,
        lambda: np.linalg.inv(np.array([[4.0, 1.0], [1.0, 3.0]]))[0],
        lambda: np.random.default_rng(0).normal(size=2),
        lambda: (lambda a: (a - a.mean()) / a.std())(np.array([1.0, 4.0])),
    ],
)
def test_constants_that_are_made_when_they_are_asked_for_are_no_matter(
    make: Callable[[], Any],
) -> None:
    lazy = Lazy(make)
    report = check_gradient(lazy.value, lazy.gradient, shape=[2])
    assert report.verdict in (Verdict.PROVED, Verdict.UNDECIDED)
    wrong = Lazy(make)
    assert (
        check_gradient(wrong.value, lambda x: wrong.gradient(x) / 2, shape=[2]).verdict
        is Verdict.REFUTED
    )


class Watching:
    """Keeps account of its calls, which is in no result."""

    best, before, is_near = np.inf, 0, False

    def __init__(self) -> None:
        self.history: list[Any] = []

    def least(self, x: Any) -> Any:
        v = x @ x
        if v < self.best:
            self.best = v
        return v

    def near(self, x: Any) -> Any:
        v = x @ x
        if abs(v - self.before) < 1e-8:
            self.is_near = True
        self.before = v
        return v

    def sorted(self, x: Any) -> Any:
        v = x @ x
        self.history = sorted([*self.history, v])[:3]
        return v


@pytest.mark.parametrize("what", ["least", "near", "sorted"])
def test_what_only_keeps_account_is_no_matter(what: str) -> None:
    function = getattr(Watching(), what)
    assert check_gradient(function, lambda x: 2 * x, shape=[2]).verdict is Verdict.PROVED


def test_a_cache_that_measures_how_far_its_argument_is_may_be_right() -> None:
    memo = Memo(lambda x, y: not np.abs(x - y).max() > 0)
    assert check_gradient(memo.value, lambda x: 2 * x, shape=[2]).verdict is Verdict.PROVED
