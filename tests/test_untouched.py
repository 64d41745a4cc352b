"""Programs that keep state: what does not show is checked, and what shows is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from minigrad import Scalar
from minigrad.errors import CaseError, KeepsState
from minigrad.trace import Trace, run
from minigrad.verify import Verdict, check_gradient, check_jacobian, check_vjp, untouched
from minigrad.verify.arguments import of_shape
from minigrad.verify.check import compare_gradient
from minigrad.verify.claims import Claim, Kind
from minigrad.verify.symbolic import Rules
from minigrad.verify.untouched import Untouched

np = pytest.importorskip("numpy")

_SAYS = "the programs keep state: of copies of them, called once elsewhere, the function was run"


class Memo:
    """As SciPy's MemoizeJac: value and gradient by one call, kept for the argument at hand."""

    def __init__(self, fun: Callable[[Any], Any]) -> None:
        self.fun = fun
        self.last: Any = None
        self.found: Any = None

    def _update(self, x: Any) -> None:
        if self.last is None or not np.array_equal(x, self.last):
            self.last = np.copy(x)
            self.found = self.fun(x)

    def value(self, x: Any) -> Any:
        self._update(x)
        return self.found[0]

    def gradient(self, x: Any) -> Any:
        self._update(x)
        return self.found[1]


class Linear:
    def __init__(self, weights: Any) -> None:
        self.weights = np.array(weights)

    def forward(self, x: Any) -> Any:
        self.x = x
        return self.weights @ x

    def backward(self, d: Any) -> Any:
        self.by_weights = np.outer(d, self.x)
        return self.weights.T @ d


class Tanh:
    def forward(self, x: Any) -> Any:
        self.y = np.tanh(x)
        return self.y

    def backward(self, d: Any) -> Any:
        return d * (1 - self.y**2)


class Relu:
    def forward(self, x: Any) -> Any:
        self.is_on = x > 0
        return x * self.is_on

    def backward(self, d: Any) -> Any:
        return d * self.is_on


class Net:
    def __init__(self, activation: Any) -> None:
        first, last = Linear([[1.0, 2.0], [3.0, -1.0]]), Linear([[0.5, -1.0]])
        self.layers = [first, activation, last]

    def loss(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer.forward(x)
        self.out = x[0]
        return x[0] ** 2

    def gradient(self, x: Any) -> Any:
        return self._back(np.array([2 * self.out]))

    def without_the_two(self, x: Any) -> Any:
        return self._back(np.array([self.out]))

    def _back(self, d: Any) -> Any:
        for layer in reversed(self.layers):
            d = layer.backward(d)
        return d


class Running:
    """Keeps an average over its calls, which is not in its result."""

    average = 0.0

    def value(self, x: Any) -> Any:
        self.average = 0.9 * self.average + 0.1 * np.mean(x)
        self.centred = x - np.mean(x)
        return np.sum(self.centred**2)

    def gradient(self, x: Any) -> Any:
        return 2 * self.centred


class Slots:
    __slots__ = ("x",)

    def value(self, x: Any) -> Any:
        self.x = x
        return np.sum(x * x)

    def gradient(self, x: Any) -> Any:
        return 2 * self.x


def of_a_list() -> Any:
    tape: list[Any] = []

    def value(x: Any) -> Any:
        tape.append(x * x)
        return np.sum(tape[-1] * x)

    return value, lambda x: 3 * tape.pop()


def of_a_dict() -> Any:
    kept: dict[str, Any] = {}

    def value(x: Any) -> Any:
        kept["z"] = np.exp(-x)
        return np.sum(1 / (1 + kept["z"]))

    return value, lambda x: kept["z"] / (1 + kept["z"]) ** 2


_SQUARE: Any = None


def of_a_global() -> Any:
    def value(x: Any) -> Any:
        global _SQUARE
        _SQUARE = x @ x
        return _SQUARE**2

    return value, lambda x: 4 * _SQUARE * x


class ByKey:
    """Values and gradients in a dict, by what `key` makes of the argument."""

    def __init__(self, key: Callable[[Any], Any]) -> None:
        self.key = key
        self.found: dict[Any, Any] = {}

    def _at(self, x: Any) -> Any:
        key = self.key(x)
        if key not in self.found:
            self.found[key] = np.sum(x**4), 4 * x**3
        return self.found[key]

    def value(self, x: Any) -> Any:
        return self._at(x)[0]

    def gradient(self, x: Any) -> Any:
        return self._at(x)[1]

    def wrong(self, x: Any) -> Any:
        return self._at(x)[1] * 2


class Tolerant(Memo):
    """One that takes numbers for the last ones that are hardly others."""

    def __init__(self, same: Callable[[Any, Any], Any]) -> None:
        super().__init__(lambda x: (np.sum(x**4), 4 * x**3))
        self.same = same

    def _update(self, x: Any) -> None:
        if self.last is None or not self.same(x, self.last):
            self.last = np.copy(x)
            self.found = self.fun(x)


@functools.lru_cache(maxsize=8)
def of_key(key: tuple[Any, ...]) -> Any:
    x = np.array(key)
    return np.sum(x**4), 4 * x**3


@functools.cache
def power(base: Any, exponent: int) -> Any:
    return base**exponent


def of(thing: Any, value: str = "value", gradient: str = "gradient") -> Callable[[], Any]:
    return lambda: (getattr(thing, value), getattr(thing, gradient))


def logs(x: Any) -> Any:
    return np.sum(np.log(x) ** 2), 2 * np.log(x) / x


def wrong_logs(x: Any) -> Any:
    return np.sum(np.log(x) ** 2), 2 * np.log(x)


@pytest.mark.parametrize(
    ("programs", "verdict"),
    [
        (of(Memo(logs)), Verdict.PROVED),
        (of(Memo(wrong_logs)), Verdict.REFUTED),
        (of(Net(Tanh()), "loss"), Verdict.PROVED),
        (of(Net(Tanh()), "loss", "without_the_two"), Verdict.REFUTED),
        (of(Net(Relu()), "loss"), Verdict.KINK),
        (of(Net(Relu()), "loss", "without_the_two"), Verdict.REFUTED),
        (of(Running()), Verdict.PROVED),
        (of(Slots()), Verdict.PROVED),
        (of_a_list, Verdict.PROVED),
        (of_a_dict, Verdict.PROVED),
        (of_a_global, Verdict.PROVED),
        *[(of(ByKey(key)), Verdict.PROVED) for key in (tuple, str, lambda x: x.tobytes())],
        *[(of(ByKey(key), "value", "wrong"), Verdict.REFUTED) for key in (tuple, str)],
        (lambda: (lambda x: of_key(tuple(x))[0], lambda x: of_key(tuple(x))[1]), Verdict.PROVED),
        (
            lambda: (lambda x: of_key(tuple(x))[0], lambda x: of_key(tuple(x))[0] * x),
            Verdict.REFUTED,
        ),
        (
            lambda: (lambda x: sum(power(v, 4) for v in x), lambda x: [4 * power(v, 3) for v in x]),
            Verdict.PROVED,
        ),
    ],
)
def test_state_that_does_not_show_is_no_matter(
    programs: Callable[[], Any], verdict: Verdict
) -> None:
    report = check_gradient(*programs(), shape=[2])
    assert report.verdict is verdict
    assert any(note.startswith(_SAYS) for note in report.findings)


@pytest.mark.parametrize(
    "same",
    [
        np.allclose,
        lambda x, y: np.linalg.norm(x - y) <= 1e-12,
        lambda x, y: np.max(np.abs(x - y)) < 1e-6,
    ],
)
def test_a_memo_with_a_tolerance_shows(same: Callable[[Any, Any], Any]) -> None:
    memo = Tolerant(same)
    with pytest.raises(KeepsState, match="after a call with numbers that are hardly others"):
        check_gradient(memo.value, memo.gradient, shape=[2])
    rounding = ByKey(lambda x: tuple(np.round(x, 6)))
    with pytest.raises(KeepsState, match=r"compare by np\.array_equal"):
        check_gradient(rounding.value, rounding.gradient, shape=[2])


def test_a_key_of_one_number_shows() -> None:
    memo = ByKey(lambda x: x[0])
    with pytest.raises(KeepsState):
        check_gradient(memo.value, memo.gradient, shape=[2])


def test_scipys_own_memory_of_the_last_argument() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    memo = optimize._optimize.MemoizeJac(lambda x: (np.sum(x**4), 4 * x**3))
    assert check_gradient(memo, memo.derivative, shape=[2]).verdict is Verdict.PROVED
    wrong = optimize._optimize.MemoizeJac(lambda x: (np.sum(x**4), 3 * x**3))
    assert check_gradient(wrong, wrong.derivative, shape=[2]).verdict is Verdict.REFUTED


def test_jacobians_and_products_of_what_the_function_kept() -> None:
    class Scaled:
        def value(self, x: Any) -> Any:
            self.scale = np.exp(x)
            return self.scale * x[0]

        def jacobian(self, x: Any) -> Any:
            found = np.diag(self.scale * x[0])
            found[:, 0] += self.scale
            return found

        def pulled(self, x: Any, cotangent: Any) -> Any:
            return self.jacobian(x).T @ cotangent

        def pushed(self, x: Any, tangent: Any) -> Any:
            return self.jacobian(x) @ tangent

    scaled = Scaled()
    assert check_jacobian(scaled.value, scaled.jacobian, shape=[2]).ok
    assert check_vjp(scaled.value, scaled.pulled, shape=[2]).ok
    assert check_vjp(scaled.value, scaled.pushed, shape=[2]).verdict is Verdict.REFUTED


def test_calls_before_the_check_make_no_difference_to_what_is_copied() -> None:
    memo = Memo(logs)
    assert memo.value(np.array([2.0, 3.0])) > 0
    assert check_gradient(memo.value, memo.gradient, shape=[2]).ok
    assert memo.value(np.array([1.0, 1.0])) == 0


# --- planted faults ---


def test_without_copies_there_is_no_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Untouched, "of", lambda claim: None)
    with pytest.raises(KeepsState, match="call both in one function"):
        check_gradient(*of(Net(Tanh()), "loss")(), shape=[2])


def test_copies_that_hold_together_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untouched, "_copied", lambda programs, *_: programs)
    with pytest.raises(KeepsState):
        check_gradient(*of(Memo(logs))(), shape=[2])


# --- the parts ---


def test_each_pair_of_copies_has_its_own_state() -> None:
    value, gradient = of_a_list()
    claim = Claim(Kind.GRADIENT, value, gradient, of_shape(value, [2]))
    kept = Untouched.of(claim)
    assert kept is not None
    renewed = kept.renewed(claim)
    one, two = renewed.fresh(), renewed.fresh()
    one.function(np.array([1.0, 2.0]))
    assert one.derivative(None).tolist() == [3, 12]
    with pytest.raises(IndexError):
        two.derivative(None)
    with pytest.raises(IndexError):
        gradient(None)
    assert claim.fresh() is claim


def test_an_account_begins_anew_for_the_same_leaves() -> None:
    trace = Trace()
    x = trace.leaf(3, "x")
    first = run(lambda x: x if x > 1 else -x, [x], trace)
    before = trace.again()
    second = run(lambda x: x if x > 2 and x < 7 else -x, [x], trace)
    assert [str(c) for c in before.comparisons] == ["x > 1"]
    assert [str(c) for c in second.trace.comparisons] == ["x > 2", "x < 7"]
    assert not before.is_open
    assert first.result is second.result is x


def test_a_node_is_compared_with_itself_in_silence() -> None:
    trace = Trace()
    x = trace.leaf(3, "x")
    ran = run(lambda x: [x == x, x != x, x <= x, x < x], [x], trace)
    assert ran.result == [True, False, True, False]
    assert trace.comparisons == []


_KEPT: Any = None


def keeping(x: Any) -> Any:
    global _KEPT
    _KEPT = x
    return x * x


def with_nonlocal() -> tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[], Any]]:
    last = None

    def value(x: Any) -> Any:
        nonlocal last
        last = x
        return x * x

    return value, lambda x: 2 * x, lambda: last


def test_what_a_check_leaves_in_memos_is_taken_out() -> None:
    memo = ByKey(tuple)
    before = memo.found[(1.0, 2.0)] = np.float64(17), np.array([4.0, 32])
    for _ in range(2):
        assert check_gradient(memo.value, memo.gradient, shape=[2]).verdict is Verdict.PROVED
        assert memo.found == {(1.0, 2.0): before}
        assert memo.found[(1.0, 2.0)] is before
    last = Memo(lambda x: (np.sum(x**2), 2 * x))
    for _ in range(2):
        assert check_gradient(last.value, last.gradient, shape=[2]).verdict is Verdict.PROVED
        assert (last.last, last.found) == (None, None)
    for _ in range(2):
        assert check_gradient(keeping, lambda x: 2 * _KEPT).verdict is Verdict.PROVED
        assert not isinstance(_KEPT, Scalar)
    value, gradient, kept = with_nonlocal()
    assert check_gradient(value, gradient).verdict is Verdict.PROVED
    assert not isinstance(kept(), Scalar)
    assert check_gradient(lambda x: power(x, 2), lambda x: 2 * x).verdict is Verdict.PROVED
    assert power.cache_info().currsize == 0


def test_it_is_taken_out_where_a_check_ends_with_an_error_too() -> None:
    memo = ByKey(lambda x: x[0])
    with pytest.raises(KeepsState):
        check_gradient(memo.value, memo.gradient, shape=[2])
    assert memo.found == {}


def test_lists_of_points_stay() -> None:
    seen: list[Any] = []
    check_gradient(lambda x: seen.append(x) or x * x, lambda x: 2 * x)
    assert len(seen) > 5


@pytest.mark.parametrize("forgotten", range(5))
def test_a_memo_that_forgets_any_of_its_arguments_shows(forgotten: int) -> None:
    found: dict[Any, Any] = {}

    def value(*xs: Any) -> Any:
        key = xs[:forgotten] + xs[forgotten + 1 :]
        if key not in found:
            found[key] = np.prod(xs)
        return found[key]

    with pytest.raises(KeepsState):
        check_gradient(value, lambda *xs: [np.prod(xs) / x for x in xs], shape=5)


class Proxy:
    """As those of web frameworks, which stand for an object of the request at hand."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("outside of context")


@functools.cache
def loaded() -> list[int]:
    return [2]


def test_what_a_program_does_not_name_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PROXY", Proxy())
    first = loaded()
    report = check_gradient(lambda x: x ** loaded()[0], lambda x: 2 * x)
    assert report.verdict is Verdict.PROVED
    assert loaded() is first


def test_points_of_cases_leave_nothing_either() -> None:
    memo = ByKey(tuple)
    for point in ([1, 2], [3, 4]):
        report = compare_gradient(memo.value, memo.gradient, point, Rules())
        assert report.verdict is Verdict.PROVED
        assert memo.found == {}


class KeptByBytes:
    def __init__(self) -> None:
        self.key: Any = None
        self.keys: list[Any] = []
        self.seen: set[Any] = set()

    def _update(self, x: Any) -> None:
        if self.key != x.tobytes():
            self.key = x.tobytes()
            self.keys.append(x.tobytes())
            self.seen.add(x.tobytes())
            self.values = np.exp(x)

    def value(self, x: Any) -> Any:
        self._update(x)
        return self.values.sum()

    def gradient(self, x: Any) -> Any:
        self._update(x)
        return self.values.copy()


@pytest.mark.parametrize("point", [None, [1, 2], [3, 4]])
def test_a_memo_is_whole_after_a_check(point: Any) -> None:
    memo = KeptByBytes()
    keys, seen = memo.keys, memo.seen
    for _ in range(2):
        points, options = ([], {"shape": [2]}) if point is None else ([point], {})
        report = check_gradient(memo.value, memo.gradient, *points, **options)
        assert report.verdict is Verdict.PROVED
        assert vars(memo) == {"key": None, "keys": [], "seen": set()}
        assert (memo.keys is keys, memo.seen is seen) == (True, True)
    at = np.array([3.0, 4])
    assert memo.value(at) == np.exp(at).sum()
    before = dict(vars(memo))
    assert check_gradient(memo.value, memo.gradient, [5, 6]).verdict is Verdict.PROVED
    assert vars(memo) == before
    assert memo.value(at) == np.exp(at).sum()


@pytest.mark.parametrize("key", [tuple, lambda x: x.tobytes(), lambda x: str(x.tolist())])
def test_what_a_memo_knew_before_is_not_taken_for_a_constant(key: Callable[[Any], Any]) -> None:
    memo = ByKey(key)
    for point in ([1.0, 2], [1.0, 1], [0.0, 0]):
        memo.value(np.array(point))
    known = dict(memo.found)
    report = check_gradient(memo.value, memo.gradient, shape=[2])
    assert report.verdict is Verdict.PROVED
    assert check_gradient(memo.value, memo.wrong, shape=[2]).verdict is Verdict.REFUTED
    assert memo.found.keys() == known.keys()
    with pytest.raises(CaseError, match="from what it kept before the check"):
        check_gradient(memo.value, memo.gradient, [1, 2])


class WithMethods:
    """One that keeps methods, partials and others by attributes, in lists and in dicts."""

    def __init__(self) -> None:
        self.act = self.square
        self.half = functools.partial(self.scaled, by=0.5)
        self.steps = [self.square, self.half]
        self.by_name = {"square": self.square, "self": self}
        self.last: Any = None

    def square(self, x: Any) -> Any:
        return x * x

    def scaled(self, x: Any, by: Any) -> Any:
        return x * by

    def value(self, x: Any) -> Any:
        self.last = x
        return self.half(self.act(x)) + 0 * self.by_name["square"](x)

    def gradient(self, x: Any) -> Any:
        return self.last


def test_what_objects_keep_besides_numbers_is_the_same_afterwards() -> None:
    thing = WithMethods()
    before, steps, by_name = dict(vars(thing)), list(thing.steps), dict(thing.by_name)
    assert check_gradient(thing.value, thing.gradient).verdict is Verdict.PROVED
    assert vars(thing).keys() == before.keys()
    assert all(vars(thing)[name] is item for name, item in before.items())
    assert all(a is b for a, b in zip(thing.steps, steps, strict=True))
    assert all(thing.by_name[name] is item for name, item in by_name.items())
    assert thing.value(3.0) == 4.5
