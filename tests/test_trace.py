from __future__ import annotations

import copy
import math
import operator
import pickle
import reprlib
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar
from minigrad.errors import DivisionByZero, DomainError, ExactnessLost, InvalidNumber, OutOfTime
from minigrad.infinitesimal import Infinitesimal
from minigrad.number import Floats
from minigrad.rational import Field
from minigrad.scalar import apply
from minigrad.trace import Comparison, Place, Run, Trace, outcomes, run, signature, strangers

FILE = "test_trace.py"
HALF = Fraction(1, 2)

RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
SWAPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def ran(function: Callable[..., Any], *values: Any, floats: Floats = "decimal") -> Run:
    """`function` run on leaves x, y, z of these values."""
    trace = Trace(floats)
    return run(function, [trace.leaf(v, n) for v, n in zip(values, "xyz", strict=False)], trace)


def compared(found: Run) -> list[tuple[str, bool]]:
    assert found.error is None
    return [(str(c), c.holds) for c in found.trace.comparisons]


def line_of(function: Callable[..., Any]) -> int:
    """The first line of a function's body, which stands below its `def`."""
    return function.__code__.co_firstlineno + 1


# --- comparisons ----------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("value", [1, 2, 3])
def test_every_comparison_is_recorded_with_its_sides(relation: str, value: int) -> None:
    holds = RELATIONS[relation]
    found = ran(lambda x: (holds(x, 2), holds(2, x)), value)
    first, second = found.trace.comparisons
    assert (str(first), str(second)) == (f"x {relation} 2", f"x {SWAPPED[relation]} 2")
    assert found.result == (holds(value, 2), holds(2, value)) == (first.holds, second.holds)
    assert first.side == second.side == (value > 2) - (value < 2)
    assert first.left is second.left is found.arguments[0]
    assert (first.right.data, first.right.is_constant) == (2, True)


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_comparison_of_two_nodes_has_them_as_sides(relation: str) -> None:
    holds = RELATIONS[relation]
    plain = Scalar(1)
    found = ran(lambda x, y: (holds(x * y, y), holds(plain, x)), 2, 3)
    nodes, mirrored = found.trace.comparisons
    assert str(nodes) == f"mul(…) {relation} y"
    assert nodes.left.operands == tuple(found.arguments)
    assert nodes.right is found.arguments[1]
    # A plain Scalar has no account to keep, so the other side is asked.
    assert mirrored.left is found.arguments[0]
    assert (mirrored.right, mirrored.relation) == (plain, SWAPPED[relation])
    assert mirrored.right is plain


KINDS: dict[str, tuple[Callable[[], Any], Fraction]] = {
    "int": (lambda: 2, Fraction(2)),
    "bool": (lambda: True, Fraction(1)),
    "float": (lambda: 0.1, Fraction(1, 10)),
    "fraction": (lambda: Fraction(1, 3), Fraction(1, 3)),
    "decimal": (lambda: Decimal("0.1"), Fraction(1, 10)),
    "float16": (lambda: numpy().float16(0.1), Fraction(1, 10)),
    "float32": (lambda: numpy().float32(0.1), Fraction(1, 10)),
    "float64": (lambda: numpy().float64(0.1), Fraction(1, 10)),
    "longdouble": (lambda: numpy().longdouble("0.1"), Fraction(1, 10)),
    "int8": (lambda: numpy().int8(-3), Fraction(-3)),
    "int64": (lambda: numpy().int64(2**62), Fraction(2**62)),
    "bool_": (lambda: numpy().bool_(True), Fraction(1)),
    "gmpy2": (lambda: pytest.importorskip("gmpy2").mpq(1, 3), Fraction(1, 3)),
    "flint": (lambda: pytest.importorskip("flint").fmpq(1, 3), Fraction(1, 3)),
}


def numpy() -> Any:
    return pytest.importorskip("numpy")


@pytest.mark.parametrize(("kind", "exact"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_numbers_of_every_kind_on_either_side(
    kind: Callable[[], Any], exact: Fraction, relation: str
) -> None:
    number, holds = kind(), RELATIONS[relation]
    found = ran(lambda x: (holds(x, number), holds(number, x)), HALF)
    assert found.result == (holds(HALF, exact), holds(exact, HALF))
    first, second = found.trace.comparisons
    assert (first.relation, second.relation) == (relation, SWAPPED[relation])
    assert first.right.data == second.right.data == exact


def test_a_sympy_number_may_stand_on_the_right() -> None:
    sympy = pytest.importorskip("sympy")
    assert compared(ran(lambda x: x > sympy.Rational(1, 2), 2)) == [("x > 1/2", True)]


@pytest.mark.parametrize("infinity", [math.inf, -math.inf, Decimal("inf"), Decimal("-Infinity")])
@pytest.mark.parametrize("relation", RELATIONS)
def test_a_comparison_with_an_infinity_is_none(infinity: Any, relation: str) -> None:
    """It comes out the same for every number, so it says nothing of this one."""
    holds = RELATIONS[relation]
    found = ran(lambda x: (holds(x, infinity), holds(infinity, x)), 10**400)
    assert found.result == (holds(0, infinity), holds(infinity, 0))
    assert compared(found) == []


def test_numpy_s_infinities_are_infinities_too() -> None:
    found = ran(lambda x: [x < kind("inf") for kind in (numpy().float32, numpy().float64)], 1)
    assert found.result == [True, True]
    assert compared(found) == []


@pytest.mark.parametrize("nan", [math.nan, Decimal("nan")])
def test_nan_is_refused_as_ever(nan: Any) -> None:
    assert isinstance(ran(lambda x: x < nan, 1).error, InvalidNumber)


def test_what_is_no_number_is_left_to_python() -> None:
    found = ran(lambda x: (x == "2", x != None, x == [2]), 2)  # noqa: E711
    assert found.result == (False, True, False)
    assert compared(found) == []
    assert isinstance(ran(lambda x: x < "2", 2).error, TypeError)


def test_an_array_is_compared_item_by_item() -> None:
    np = numpy()
    for numbers in (np.array([1, 2, 3]), np.array([1.0, 2.0, 3.0]), np.array([1, 2, 3], object)):
        found = ran(lambda x, n=numbers: (x < n, n < x), 2)
        assert [list(answers) for answers in found.result] == [
            [False, False, True],
            [True, False, False],
        ]
        assert [text for text, _ in compared(found)] == [
            *["x < 1", "x < 2", "x < 3"],
            *["x > 1", "x > 2", "x > 3"],
        ]


def test_an_exact_array_is_compared_item_by_item() -> None:
    def largest(x: Any, y: Any) -> Any:
        both = minigrad.array([x, y])
        return both[both > 1], np.argmax(both)

    np = numpy()
    found = ran(largest, 1, 2)
    assert compared(found) == [("x > 1", False), ("y > 1", True), ("y > x", True)]
    lines = {c.place.line - line_of(largest) for c in found.trace.comparisons}
    assert lines == {1}


@pytest.mark.parametrize(
    ("function", "texts"),
    [
        (lambda x, y: bool(x), [("x != 0", True)]),
        (lambda x, y: 1 if y else 0, [("y != 0", False)]),
        (lambda x, y: not y, [("y != 0", False)]),
        (lambda x, y: y or x, [("y != 0", False)]),
        (lambda x, y: 1 < x < 3, [("x > 1", True), ("x < 3", True)]),
        (lambda x, y: 2 < x < 3, [("x > 2", False)]),
        (lambda x, y: max(x, y), [("y > x", False)]),
        (lambda x, y: min(x, y), [("y < x", True)]),
        (lambda x, y: sorted([x, y]), [("y < x", True)]),
        (lambda x, y: x in [y, 2], [("y == x", False), ("x == 2", True)]),
        (lambda x, y: minigrad.where(y, x, 1), [("y != 0", False)]),
        (lambda x, y: minigrad.where(x > y, x, 1), [("x > y", True)]),
        (lambda x, y: any([y, x]), [("y != 0", False), ("x != 0", True)]),
    ],
)
def test_what_python_compares_by_itself(
    function: Callable[..., Any], texts: list[tuple[str, bool]]
) -> None:
    assert compared(ran(function, 2, 0)) == texts


def test_operators_that_choose_a_piece_make_no_comparison() -> None:
    found = ran(lambda x: abs(x) + x.relu() + x.maximum(0) + x // 2 + round(x) + x % 3, -1)
    assert compared(found) == []


def test_a_node_without_label_is_called_by_what_it_is() -> None:
    def function(x: Any) -> Any:
        near = Trace().leaf(Fraction(1, 3))
        return near > x, x * x > near, (x * x).maximum(3) == Scalar(7)

    assert [text for text, _ in compared(ran(function, 2))] == [
        "mul(…) > 1/3",
        "maximum(…) == 7",
    ]


@pytest.mark.parametrize(
    ("relation", "sides", "answers"),
    [
        ("<", [-1], {True}),
        ("<", [0, 1], {False}),
        ("<=", [-1, 0], {True}),
        ("==", [0], {True}),
        ("==", [-1, 1], {False}),
        ("!=", [0, 1], {False, True}),
        (">", [1], {True}),
        (">=", [-1, 0, 1], {False, True}),
        (">=", [], set()),
    ],
)
def test_outcomes_on_a_side(relation: str, sides: list[int], answers: set[bool]) -> None:
    assert outcomes(relation, sides) == answers


@given(st.sampled_from(list(RELATIONS)), st.integers(-3, 3), st.integers(-3, 3))
def test_a_comparison_is_what_its_side_makes_of_its_relation(
    relation: str, left: int, right: int
) -> None:
    holds = RELATIONS[relation]
    (found,) = ran(lambda x, y: holds(x, y), left, right).trace.comparisons
    assert outcomes(found.relation, [found.side]) == {found.holds} == {holds(left, right)}


# --- places ---------------------------------------------------------------------------------------


def two_on_a_line(x: Any) -> Any:
    return (x > 1, x > 1)


def test_a_place_is_a_file_and_a_line() -> None:
    (first, second) = ran(two_on_a_line, 2).trace.comparisons
    for found in (first, second):
        assert str(found.place) == f"{FILE}:{line_of(two_on_a_line)}"
        assert found.place.file == __file__
        assert found.place.source == "return (x > 1, x > 1)"
    assert first.place != second.place
    assert first.place[:2] == second.place[:2]


def test_a_place_without_a_file_has_no_source() -> None:
    names: dict[str, Any] = {}
    exec(compile("def f(x):\n    return x > 1", "<nowhere>", "exec"), names)
    (found,) = ran(names["f"], 2).trace.comparisons
    assert (str(found.place), found.place.source) == ("<nowhere>:2", "")


def test_places_stay_the_same_when_the_interpreter_specialises() -> None:
    """After some calls the instructions of a function are others, at other offsets."""

    def function(x: Any) -> Any:
        total = 0 * x
        for i in range(8):
            total = total + i if x > i else total - i
            total = total * (x == total) + (x != 3)
            total = max(x, i) + len(sorted([x, i])) + bool(x)
        return total

    def places() -> list[Place]:
        found = ran(function, 3)
        assert found.error is None
        return [c.place for c in found.trace.comparisons]

    first = places()
    assert len(set(first)) == 6
    for _ in range(20):
        assert places() == first


def test_a_place_is_the_person_s_and_not_a_library_s() -> None:
    np = numpy()

    def function(x: Any) -> Any:
        xs = minigrad.array([x, 2 * x])
        return minigrad.grad(lambda y: y if y > 1 else -y)(x), np.sort(xs), np.any(xs)

    found = ran(function, 2)
    first = line_of(function)
    lines = [c.place.line - first for c in found.trace.comparisons]
    assert found.error is None
    assert set(lines) == {1}
    assert {c.place.file for c in found.trace.comparisons} == {__file__}


def test_a_run_from_nowhere_has_no_place() -> None:
    place = Trace()._place(None)
    assert place == Place("", 0, 0)
    assert place.source == ""


# --- leaks ----------------------------------------------------------------------------------------

LEAKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "float": ("float()", lambda x: float(x)),
    "complex": ("float()", lambda x: complex(x)),
    "sin": ("float()", lambda x: math.sin(x)),
    "isclose": ("float()", lambda x: math.isclose(x, 2)),
    "fsum": ("float()", lambda x: math.fsum([1, x])),
    "%f": ("float()", lambda x: operator.mod("%f", x)),
    "int": ("int()", lambda x: int(x)),
    "floor": ("floor()", lambda x: math.floor(x)),
    "ceil": ("ceil()", lambda x: math.ceil(x)),
    "trunc": ("trunc()", lambda x: math.trunc(x)),
    "backward": (".backward()", lambda x: x.backward()),
    "zero_grad": (".zero_grad()", lambda x: x.zero_grad()),
    "join_data": (".join_data()", lambda x: x.join_data()),
    "join_grad": (".join_grad()", lambda x: x.join_grad()),
    "set data": (".data", lambda x: setattr(x, "data", 3)),
    "set grad": (".grad", lambda x: setattr(x, "grad", 3)),
    "pickle": ("pickling", lambda x: pickle.dumps(x)),
    "values": ("minigrad.values()", lambda x: minigrad.values([x])),
    "grads": ("minigrad.grads()", lambda x: minigrad.grads(x)),
    "float array": ("float()", lambda x: numpy().array([x], dtype=float)),
    "write": ("float()", lambda x: operator.setitem(numpy().zeros(1), 0, x)),
    "vectorize": ("float()", lambda x: numpy().vectorize(float)(numpy().array([x]))),
    "asarray": ("float()", lambda x: numpy().asarray(minigrad.array([x]), dtype=float)),
    "sympify": ("sympify()", lambda x: pytest.importorskip("sympy").sympify(x)),
    "sympy function": ("sympify()", lambda x: pytest.importorskip("sympy").sin(x)),
    **{
        what + part: (f".{what}{part}", operator.attrgetter(what + part))
        for what in ("data", "grad")
        for part in ("", "_sign", "_int", "_frac")
    },
}


@pytest.mark.parametrize(("by", "leak"), LEAKS.values(), ids=LEAKS)
def test_a_leak_is_recorded_before_it_raises(by: str, leak: Callable[[Any], Any]) -> None:
    def function(x: Any) -> Any:
        return leak(x)

    found = ran(function, 2)
    assert found.result is None
    assert isinstance(found.error, ExactnessLost)
    # SymPy asks for a hash before anything else.
    (recorded,) = [leak for leak in found.trace.leaks if leak.by != "hash()"]
    assert (recorded.by, recorded.node, recorded.is_text) == (by, "x", False)
    assert str(recorded).startswith(f"{by} of x at {FILE}:")
    assert str(found.error).startswith(str(recorded))
    assert "no gradient; use the operators of minigrad" in str(found.error)


@pytest.mark.parametrize(("by", "leak"), LEAKS.values(), ids=LEAKS)
def test_a_leak_is_kept_when_its_exception_is_swallowed(
    by: str, leak: Callable[[Any], Any]
) -> None:
    def function(x: Any) -> Any:
        try:
            return leak(x)
        except TypeError:
            return x

    found = ran(function, 2)
    assert found.result is found.arguments[0]
    assert found.error is None
    assert [leak.by for leak in found.trace.leaks if leak.by != "hash()"] == [by]


def test_python_may_swallow_it_for_itself() -> None:
    found = ran(lambda x: operator.mod("%d", x), 2)
    assert isinstance(found.error, TypeError)
    assert [leak.by for leak in found.trace.leaks] == ["int()"]


@pytest.mark.parametrize("function", [float, int, math.sin, math.floor, math.ceil, math.trunc])
def test_a_function_written_in_c_leaks_too(function: Callable[[Any], Any]) -> None:
    """It has no frame of its own: its caller's is one of minigrad's."""
    for program in (
        function,
        minigrad.grad(function),
        lambda x: minigrad.jvp(function, (x,), (1,)),
    ):
        found = ran(program, 2)
        assert isinstance(found.error, ExactnessLost)
        assert len(found.trace.leaks) == 1


def test_so_does_one_that_reads_an_attribute() -> None:
    found = ran(operator.attrgetter("data"), 2)
    assert isinstance(found.error, ExactnessLost)
    assert [leak.by for leak in ran(str, 2).trace.leaks] == ["formatting"]


def test_a_leak_says_where() -> None:
    def function(x: Any) -> Any:
        return math.sin(x * x)

    (leak,) = ran(function, 2).trace.leaks
    where = f"{FILE}:{line_of(function)}"
    assert str(leak) == f"float() of mul(…) at {where}: return math.sin(x * x)"


TEXTS: dict[str, Callable[[Any], str]] = {
    "str": lambda x: str(x),
    "repr": lambda x: repr(x),
    "format": lambda x: format(x, ".2f"),
    "f-string": lambda x: f"{x}",
    "f-string with format": lambda x: f"{x:.3e}",
    "f-string with repr": lambda x: f"{x!r}",
    "percent": lambda x: operator.mod("%s", x),
    "str.format": lambda x: str.format("{}", x),
    "reprlib": lambda x: reprlib.repr(x),
    "of a list": lambda x: str([x]),
    "of an array": lambda x: str(minigrad.array([x])),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_recorded_and_comes_out(text: Callable[[Any], str]) -> None:
    found = ran(text, 2)
    assert found.error is None
    assert found.result == text(Scalar(2, "x"))
    (leak,) = found.trace.leaks
    assert (leak.by, leak.is_text, leak.place.file) == ("formatting", True, __file__)


def test_text_for_minigrad_s_own_messages_is_no_leak() -> None:
    def function(x: Any) -> Any:
        for mistake in (
            lambda: Scalar(x),
            lambda: Scalar.from_float(x),
            lambda: minigrad.sum(x),
            lambda: x / (x - x),
            lambda: (-x) ** HALF,
            lambda: round(x, x),
        ):
            with pytest.raises(minigrad.MinigradError):
                mistake()
        return x

    found = ran(function, 2)
    assert found.error is None
    assert found.trace.leaks == []


def test_what_minigrad_does_with_numbers_is_no_leak() -> None:
    def function(x: Any, y: Any) -> Any:
        def inner(a: Any, b: Any) -> Any:
            return a * a * b + abs(a) / b

        parts = [
            *minigrad.grad(inner, (0, 1))(x, y),
            minigrad.value_and_grad(inner)(x, y)[1],
            *minigrad.jvp(inner, (x, y), (1, y))[1:],
            *minigrad.vjp(inner, x, y)[1](x),
            *minigrad.hessian(inner, (0, 1))(x, y)[0],
            *minigrad.hvp(inner, (x, y), (y, x)),
            minigrad.jacobian(lambda a: [inner(a, y)])(x)[0],
            minigrad.derivative(lambda a: inner(a, y), 3)(x),
            *minigrad.taylor(lambda a: inner(a, y), x, 2),
            minigrad.dot([x, 1], [y, x]),
            divmod(x, 2)[1],
            round(x, 1),
        ]
        return minigrad.sum(parts)

    found = ran(function, 2, 3)
    assert found.error is None
    assert (found.trace.leaks, found.trace.comparisons) == ([], [])
    assert type(found.result).__name__ == "Traced"


def test_arrays_stay_exact_without_a_leak() -> None:
    np = numpy()

    def function(x: Any, y: Any) -> Any:
        xs = minigrad.array([x, y])
        grid = xs.reshape(2, 1) @ xs.reshape(1, 2)
        parts = [np.sum(grid), xs.mean(), np.dot(xs, [1, 2]), np.einsum("i,i", xs, xs), xs.max()]
        return sum(parts) + sum((np.zeros(2) + xs).tolist()) + xs.copy()[0]

    found = ran(function, 2, 3)
    assert found.error is None
    assert found.trace.leaks == []
    # 25 + 5/2 + 8 + 13 + 3 + 5 + 2
    assert found.result.data == Fraction(117, 2)


def test_copies_are_the_node_itself() -> None:
    found = ran(lambda x: [copy.copy(x), *copy.deepcopy([x, [x * x, x]])], 2)
    first, second, (square, third) = found.result
    (x,) = found.arguments
    assert first is second is third is x
    assert square.operands == (x, x)
    assert found.trace.leaks == []


def test_once_a_run_is_over_nothing_is_recorded() -> None:
    found = ran(lambda x: x * x, 2)
    x = found.arguments[0]
    y = found.result
    assert not found.trace.is_open
    assert float(y) == 4.0
    assert (y > 3, bool(x), x == 2, y.data) == (True, True, True, 4)
    assert math.floor(y) == 4
    assert str(x) == "x: data 2, grad 0"
    (y * 0.3333333333333333).backward()
    assert x.grad == 4 * Fraction("0.3333333333333333")
    trace = found.trace
    assert (trace.comparisons, trace.leaks, trace.rounded) == ([], [], [])
    again = pickle.loads(pickle.dumps(y))
    assert (type(again), again.data) == (Scalar, 4)


def test_a_plain_scalar_is_as_it_was() -> None:
    x = Scalar(2, "x")
    assert (float(x), x > 1, math.floor(x), x.data) == (2.0, True, 2, 2)
    assert type(x * 3) is Scalar
    assert type(Trace().leaf(2) * x) is type(x * Trace().leaf(2)) is not Scalar


def test_two_traces_do_not_mix() -> None:
    first, second = Trace(), Trace()
    x, y = first.leaf(1, "x"), second.leaf(2, "y")
    assert x > 0
    assert y > 0
    assert [str(c) for c in first.comparisons] == ["x > 0"]
    assert [str(c) for c in second.comparisons] == ["y > 0"]


# --- floats ---------------------------------------------------------------------------------------

THIRD = 0.3333333333333333


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x * THIRD,
        lambda x: THIRD * x,
        lambda x: x / THIRD,
        lambda x: THIRD - x,
        lambda x: x > THIRD,
        lambda x: operator.ge(THIRD, x),
        lambda x: minigrad.maximum(x, THIRD),
        lambda x: minigrad.dot([x, THIRD], [x, x]),
        lambda x: numpy().array([THIRD, 1]) * x,
        lambda x: minigrad.array([x]) * THIRD,
        lambda x: numpy().float64(THIRD) * x,
        lambda x: numpy().float64(THIRD) > x,
    ],
)
def test_a_computed_float_is_noted_once_for_each_place(operation: Callable[[Any], Any]) -> None:
    def function(x: Any) -> Any:
        for _ in range(5):
            operation(x)
        return x

    (found,) = ran(function, 2).trace.rounded
    assert found.text in ("0.3333333333333333", "np.float64(0.3333333333333333)")
    assert found.place.file == __file__
    assert str(found) == f"the float {found.text} at {found.place} was computed, and so rounded"


def test_each_place_and_each_float_is_noted() -> None:
    def function(x: Any) -> Any:
        for third in (THIRD, 2 * THIRD):
            x = x + third
        return x * THIRD

    texts = [(r.text, r.place.line - line_of(function)) for r in ran(function, 2).trace.rounded]
    assert texts == [
        ("0.3333333333333333", 1),
        ("0.6666666666666666", 1),
        ("0.3333333333333333", 2),
    ]


def test_floats_that_were_written_are_not_noted() -> None:
    found = ran(lambda x: x * 0.1 + 1e-7 - 123456.789012345 > 2.5, 2)
    assert found.trace.rounded == []


@pytest.mark.parametrize(
    ("floats", "exact"),
    [
        ("decimal", Fraction(3333333333333333, 10**16)),
        ("binary", Fraction(6004799503160661, 2**54)),
        ("simplest", Fraction(1, 3)),
    ],
)
def test_floats_are_read_as_it_was_said(floats: Floats, exact: Fraction) -> None:
    np = numpy()
    found = ran(
        lambda x: [
            x * THIRD,
            THIRD * x,
            minigrad.maximum(x - 9, THIRD),
            (np.array([THIRD]) * x)[0],
            (minigrad.array([x]) * THIRD)[0],
            (minigrad.array([x]) * [THIRD])[0],
        ],
        1,
        floats=floats,
    )
    assert [y.data for y in found.result] == [exact] * 6
    (comparison,) = ran(lambda x: x < THIRD, 1, floats=floats).trace.comparisons
    assert comparison.right.data == exact


def test_a_float_that_is_returned_is_noted_at_the_definition() -> None:
    def function() -> float:
        return THIRD

    trace = Trace()
    for value in (THIRD, THIRD, 0.5, 7, "0.3333333333333333", None):
        trace.note_returned(value, function)
    (found,) = trace.rounded
    assert found.place == Place(__file__, function.__code__.co_firstlineno, 0)
    trace.note_returned(THIRD, math.cos)
    assert trace.rounded[1].place == Place("", 0, 0)


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [lambda x: x + 1, lambda x: x > 1, lambda x: [x] * 3])
def test_after_the_deadline_a_run_ends(operation: Callable[[Any], Any]) -> None:
    trace = Trace(deadline=time.monotonic() - 1)
    found = run(operation, [trace.leaf(2)], trace)
    assert isinstance(found.error, OutOfTime)
    assert found.trace.out_of_time


def test_a_swallowed_deadline_is_remembered() -> None:
    def function(x: Any) -> Any:
        try:
            return x + 1
        except TimeoutError:
            return 0

    trace = Trace(deadline=0)
    found = run(function, [trace.leaf(2)], trace)
    assert isinstance(found.error, OutOfTime)
    assert trace.out_of_time


@pytest.mark.parametrize("near", [False, True])
def test_every_operation_and_comparison_looks_at_the_time(near: bool) -> None:
    trace = Trace(deadline=0, near=near)
    x = trace.leaf(Fraction(2))
    for operation in (lambda: x * x, lambda: abs(x), lambda: x > 1, lambda: bool(x)):
        with pytest.raises(OutOfTime, match="took longer than its budget"):
            operation()


def test_before_the_deadline_nothing_happens() -> None:
    trace = Trace(deadline=time.monotonic() + 3600)
    found = run(lambda x: x + 1, [trace.leaf(2)], trace)
    assert found.result.data == 3
    assert not trace.out_of_time


def test_an_endless_loop_ends() -> None:
    def function(x: Any) -> Any:
        while x > 0:
            x = x + 1
        return x

    trace = Trace(deadline=time.monotonic() + 0.05)
    assert isinstance(run(function, [trace.leaf(2)], trace).error, OutOfTime)


# --- runs -----------------------------------------------------------------------------------------


def test_a_run_that_raises_says_what() -> None:
    mistake = KeyError("no")

    def function(x: Any) -> Any:
        if x > 1:
            raise mistake
        return x

    found = ran(function, 2)
    assert (found.result, found.error) == (None, mistake)
    assert not found.trace.is_open
    assert [str(c) for c in found.trace.comparisons] == ["x > 1"]
    assert isinstance(ran(lambda x: 1 / (x - 2), 2).error, DivisionByZero)


def test_what_is_no_exception_is_not_caught() -> None:
    def interrupted(x: Any) -> Any:
        raise KeyboardInterrupt

    trace = Trace()
    with pytest.raises(KeyboardInterrupt):
        run(interrupted, [trace.leaf(2)], trace)
    assert not trace.is_open


def test_a_run_has_the_plain_value() -> None:
    found = ran(lambda x, y: (x + 1) ** 2 / y % 3, 2, 5)
    assert found.result.data == Fraction(9, 5)
    found.result.backward()
    assert [x.grad for x in found.arguments] == [Fraction(6, 5), Fraction(-9, 25)]


# --- beside a point -------------------------------------------------------------------------------


def near(function: Callable[..., Any], *values: Callable[[Infinitesimal], Any]) -> Run:
    epsilon = Infinitesimal(Field(1).generators[0])
    trace = Trace(near=True)
    names = zip(values, "xyz", strict=False)
    return run(function, [trace.leaf(value(epsilon), name) for value, name in names], trace)


def standard(found: Run) -> tuple[Fraction | None, int]:
    """The standard part of a result and the side of it on which the result lies."""
    assert found.error is None, found.error
    value = found.result._data
    if isinstance(value, Fraction):
        return value, 0
    part = value.standard_part()
    return part, (value > part) - (value < part)


@pytest.mark.parametrize(
    ("function", "right", "left"),
    [
        (lambda x: x * x if x != 0 else 7, (0, 1), (0, 1)),
        (lambda x: 1 + x if x > 0 else 2 - x, (1, 1), (2, 1)),
        (lambda x: x.relu(), (0, 1), (0, 0)),
        (lambda x: abs(x), (0, 1), (0, 1)),
        (lambda x: x // 1, (0, 0), (-1, 0)),
        (lambda x: (x + 2) // 1, (2, 0), (1, 0)),
        (lambda x: x % 1, (0, 1), (1, -1)),
        (lambda x: round(x + HALF), (1, 0), (0, 0)),
        (lambda x: round(x), (0, 0), (0, 0)),
        (lambda x: x.maximum(0), (0, 1), (0, 0)),
        (lambda x: minigrad.minimum(x, -x), (0, -1), (0, -1)),
        (lambda x: (x - 3) ** 3, (-27, 1), (-27, -1)),
        (lambda x: (x + 2) ** -2, (Fraction(1, 4), -1), (Fraction(1, 4), 1)),
        (lambda x: minigrad.sum([x, x, 5]), (5, 1), (5, -1)),
        (lambda x: minigrad.prod([x, 2, 3]), (0, 1), (0, -1)),
        (lambda x: minigrad.dot([x, 1], [2, x]), (0, 1), (0, -1)),
        (lambda x: minigrad.where(x > 0, x + 1, 9), (1, 1), (9, 0)),
        (lambda x: x / x + x, (1, 1), (1, -1)),
        (lambda x: -x + 3.5, (Fraction(7, 2), -1), (Fraction(7, 2), 1)),
        (lambda x: x * x / x if x else 1, (0, 1), (0, -1)),
    ],
)
def test_branches_and_pieces_beside_zero(
    function: Callable[[Any], Any], right: tuple[Any, int], left: tuple[Any, int]
) -> None:
    above, below = near(function, lambda e: e), near(function, lambda e: -e)
    assert standard(above) == right
    assert standard(below) == left


def test_max_and_in_beside_zero() -> None:
    above, below = (near(lambda x: max(x, 0), v) for v in (lambda e: e, lambda e: -e))
    assert above.result is above.arguments[0]
    assert below.result == 0
    assert type(below.result) is int
    assert near(lambda x: 2 if x in (0, 1) else 3, lambda e: 1 - e).result == 3
    assert near(lambda x: 2 if x in (0, 1) else 3, lambda e: 1 + 0 * e).result == 2


def test_comparisons_beside_a_point_are_recorded() -> None:
    found = near(
        lambda x, y: (x > 1, x == 1, y > x, x < math.inf), lambda e: 1 + e, lambda e: 1 - e
    )
    assert found.result == (True, False, False, True)
    assert [str(c) for c in found.trace.comparisons] == ["x > 1", "x == 1", "y > x"]
    assert [c.side for c in found.trace.comparisons] == [1, 1, -1]


def test_an_argument_may_be_a_number_beside_others() -> None:
    found = near(lambda x, y: x / y, lambda e: 2 + e, lambda e: Fraction(4))
    assert standard(found) == (HALF, 1)


def test_beside_a_point_operators_have_their_domains() -> None:
    assert isinstance(near(lambda x: 1 / (x - x), lambda e: e).error, DivisionByZero)
    assert isinstance(near(lambda x: x // (x * 0), lambda e: e).error, DivisionByZero)
    assert isinstance(near(lambda x: (x - x) ** -1, lambda e: e).error, DivisionByZero)
    for function in (lambda x: Scalar(-2) ** x, lambda x: (1 - x) ** HALF, lambda x: (1 - x).log()):
        assert isinstance(near(function, lambda e: 1 + e).error, DomainError)
    assert isinstance(near(lambda x: (x - x) ** x, lambda e: -e).error, DivisionByZero)


@pytest.mark.parametrize(
    ("function", "right", "left"),
    [
        (lambda x: Scalar(2) ** x, (2, 1), (2, -1)),
        (lambda x: (x - 1) ** 2, (0, 1), (0, 1)),
        (lambda x: (x * x) ** HALF, (1, 1), (1, -1)),
        (lambda x: (x * x - 2 * x + 1).sqrt(), (0, 1), (0, 1)),
        (lambda x: (x - 3) ** Scalar(3), (-8, 1), (-8, -1)),
        (lambda x: x.log(), (0, 1), (0, -1)),
        (lambda x: (x - 1).exp(), (1, 1), (1, -1)),
        (lambda x: apply("ceil", [x]), (2, 0), (1, 0)),
        (lambda x: apply("floor", [x]), (1, 0), (0, 0)),
        (lambda x: apply("sign", [x - 1]), (1, 0), (-1, 0)),
    ],
)
def test_powers_roots_and_steps_beside_1(
    function: Callable[..., Any], right: tuple[int, int], left: tuple[int, int]
) -> None:
    assert standard(near(function, lambda e: 1 + e)) == right
    assert standard(near(function, lambda e: 1 - e)) == left


def test_an_infinite_number_has_no_floor() -> None:
    assert isinstance(near(lambda x: (1 / x) // 1, lambda e: e).error, OverflowError)
    assert standard(near(lambda x: 1 / (1 / x + 1), lambda e: e)) == (0, 1)


def test_leaks_and_deadlines_hold_beside_a_point() -> None:
    found = near(lambda x: math.sin(x), lambda e: e)
    assert isinstance(found.error, ExactnessLost)
    assert [leak.node for leak in found.trace.leaks] == ["x"]
    trace = Trace(deadline=0, near=True)
    late = run(lambda x: x * x, [trace.leaf(Infinitesimal(Field(1).generators[0]))], trace)
    assert isinstance(late.error, OutOfTime)


def test_a_node_beside_a_point_is_called_by_what_it_is() -> None:
    epsilon = Infinitesimal(Field(1).generators[0])
    trace = Trace(near=True)
    assert trace.leaf(epsilon) > 0
    assert trace.leaf(epsilon) * 2 > 0
    assert [str(c) for c in trace.comparisons] == ["an argument > 0", "mul(…) > 0"]


# --- signatures -----------------------------------------------------------------------------------


def signed(function: Callable[..., Any], *values: Any) -> Any:
    found = ran(function, *values)
    assert found.error is None
    outputs = found.result if isinstance(found.result, list) else [found.result]
    return signature(outputs, found.arguments)


SAME: list[tuple[Callable[..., Any], tuple[Any, ...], tuple[Any, ...]]] = [
    (lambda x, y: x * y + x, (2, 3), (5, 7)),
    (lambda x, y: (x + 1) ** 3, (2, 3), (5, 7)),
    (lambda x, y: abs(x) + y.relu(), (2, 3), (5, 7)),
    (lambda x, y: x.maximum(y), (2, 3), (5, 7)),
    (lambda x, y: x // y, (2, 3), (4, 7)),
    (lambda x, y: round(x), (Fraction(9, 4), 0), (Fraction(7, 4), 1)),
    (lambda x, y: [x, y * y], (2, 3), (5, 7)),
    (lambda x, y: minigrad.dot([x, 2], [y, y]), (2, 3), (5, 7)),
    (lambda x, y: x * x if x > 1 else x, (2, 0), (3, 0)),
]


@pytest.mark.parametrize(("function", "first", "second"), SAME)
def test_the_same_formulas_have_one_signature(
    function: Callable[..., Any], first: tuple[Any, ...], second: tuple[Any, ...]
) -> None:
    assert signed(function, *first) == signed(function, *second)
    assert hash(signed(function, *first)) == hash(signed(function, *second))


def test_a_shared_node_is_another_graph_than_two_equal_ones() -> None:
    def shared(x: Any) -> Any:
        square = x * x
        return square + square

    assert signed(shared, 2) != signed(lambda x: x * x + x * x, 2)
    assert signed(shared, 2) == signed(shared, 3)


DIFFERENT: dict[str, list[tuple[Callable[..., Any], tuple[Any, ...]]]] = {
    "operator": [(lambda x, y: x + y, (2, 3)), (lambda x, y: x * y, (2, 3))],
    "operand order": [(lambda x, y: x - y, (2, 3)), (lambda x, y: y - x, (2, 3))],
    "operand of a node that is listed": [
        (lambda x, y: [x, y, x * x], (2, 2)),
        (lambda x, y: [x, y, x * y], (2, 2)),
    ],
    "operand": [(lambda x, y: x * x, (2, 2)), (lambda x, y: x * y, (2, 2))],
    "leaf": [(lambda x, y: x * 1, (2, 2)), (lambda x, y: y * 1, (2, 2))],
    "parameter": [(lambda x, y: x**2, (2, 3)), (lambda x, y: x**3, (2, 3))],
    "digits": [(lambda x, y: round(x), (2, 3)), (lambda x, y: round(x, 1), (2, 3))],
    "condition": [(lambda x, y: minigrad.where(x > 0, x, y), (s, 3)) for s in (1, -1)],
    "constant": [(lambda x, y: x * 2, (2, 3)), (lambda x, y: x * 3, (2, 3))],
    "denominator": [(lambda x, y: x * HALF, (2, 3)), (lambda x, y: x / 3 * 3, (2, 3))],
    "constant for a leaf": [(lambda x, y: x * y, (2, 3)), (lambda x, y: x * 3, (2, 3))],
    "piece of abs": [(lambda x, y: abs(x), (s, 3)) for s in (1, 0, -1)],
    "piece of maximum": [(lambda x, y: x.maximum(y), (s, 3)) for s in (1, 3, 5)],
    "quotient": [(lambda x, y: x // y, (s, 3)) for s in (4, 6, 7)],
    "branch": [(lambda x, y: x * x if x > 1 else x + x, (s, 3)) for s in (1, 2)],
    "order of outputs": [(lambda x, y: [x, y], (2, 3)), (lambda x, y: [y, x], (2, 3))],
    "number of outputs": [(lambda x, y: [x], (2, 3)), (lambda x, y: [x, x], (2, 3))],
    "output below another": [
        (lambda x, y: [x * y, x * y + 1], (2, 3)),
        (lambda x, y: [x, x * y + 1], (2, 3)),
    ],
}


@pytest.mark.parametrize("programs", DIFFERENT.values(), ids=DIFFERENT)
def test_other_formulas_have_another_signature(programs: list[Any]) -> None:
    found = [signed(function, *values) for function, values in programs]
    for i, first in enumerate(found):
        assert all(first != second for second in found[i + 1 :])


def test_leaves_are_known_by_their_place_among_the_arguments() -> None:
    found = ran(lambda x, y: x - y, 2, 3)
    x, y = found.arguments
    assert signature([found.result], [x, y]) != signature([found.result], [y, x])
    # What is no argument is a number.
    assert signature([found.result], [x]) == signed(lambda x: x - 3, 2)


def test_strangers_are_the_arguments_of_another_run() -> None:
    kept: list[Any] = []

    def function(x: Any) -> Any:
        kept.append(x)
        return x * kept[0]

    first, second = ran(function, 2), ran(function, 3)
    assert strangers([first.result], first.arguments) == []
    (stranger,) = strangers([second.result], second.arguments)
    assert stranger is first.arguments[0]


def test_plain_scalars_and_constants_are_no_strangers() -> None:
    weight = Scalar(5)
    found = ran(lambda x: x * weight + 3, 2)
    assert strangers([found.result], found.arguments) == []
    assert strangers([found.result], []) == [found.arguments[0]]


def test_a_deep_chain_does_not_recurse() -> None:
    def function(x: Any) -> Any:
        total = x
        for _ in range(100_000):
            total = total + x
        return total

    found = ran(function, 1)
    assert found.result.data == 100_001
    rows, places = signature([found.result], found.arguments)
    assert (len(rows), places) == (100_001, (100_000,))
    assert strangers([found.result], found.arguments) == []
    assert copy.deepcopy(found.result) is found.result


def test_a_comparison_is_a_value() -> None:
    x = Trace().leaf(2, "x")
    place = Place(FILE, 3, 4)
    first = Comparison(x, "<", x, holds=False, place=place)
    assert first._replace(holds=True) == first._replace(holds=True)
    assert (first.side, str(first)) == (0, "x < x")
