"""Leaks out of exact arithmetic are recorded."""

from __future__ import annotations

import copy
import inspect
import math
import operator
import pickle
import reprlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from runs import line_of, numpy, ran

import minigrad
from minigrad import Scalar
from minigrad.arrays import numpy_namespace
from minigrad.errors import DomainError, ExactnessLost
from minigrad.trace import Trace, Traced, run

FILE = "test_trace_leaks.py"
HALF = Fraction(1, 2)


def in_array(x: Any) -> Any:
    numpy()
    return minigrad.array([1, x])


LEAKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "float": ("float()", lambda x: float(x)),
    "complex": ("float()", lambda x: complex(x)),
    "sin": ("float()", lambda x: math.sin(x)),
    "isclose": ("float()", lambda x: math.isclose(x, 2)),
    "fsum": ("float()", lambda x: math.fsum([1, x])),
    "%f by a function": ("float()", lambda x: operator.mod("%f", x)),
    "backward": (".backward()", lambda x: x.backward()),
    "zero_grad": (".zero_grad()", lambda x: x.zero_grad()),
    "join_data": (".join_data()", lambda x: x.join_data()),
    "join_grad": (".join_grad()", lambda x: x.join_grad()),
    "evalf": (".evalf()", lambda x: x.evalf(30)),
    "set data": (".data", lambda x: setattr(x, "data", 3)),
    "set grad": (".grad", lambda x: setattr(x, "grad", 3)),
    "pickle": ("pickling", lambda x: pickle.dumps(x)),
    "values": ("minigrad.values()", lambda x: minigrad.values([x])),
    "grads": ("minigrad.grads()", lambda x: minigrad.grads(x)),
    "graph file": ("minigrad.to_json()", lambda x: minigrad.to_json(x)),
    "float array": ("float()", lambda x: numpy().array([x], dtype=float)),
    "write": ("float()", lambda x: operator.setitem(numpy().zeros(1), 0, x)),
    "vectorize": ("float()", lambda x: numpy().vectorize(float)(numpy().array([x]))),
    "asarray": ("float()", lambda x: numpy().asarray(minigrad.array([x]), dtype=float)),
    "as_integer_ratio": (".as_integer_ratio()", lambda x: x.as_integer_ratio()),
    "hex": (".hex()", lambda x: x.hex()),
    "bytes": ("bytes()", lambda x: bytes(in_array(x))),
    "data of an array": (".data", lambda x: in_array(x).data),
    "buffer": ("memoryview()", lambda x: in_array(x).__buffer__(0)),
    "frombuffer": ("frombuffer()", lambda x: numpy_namespace().frombuffer(in_array(x))),
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


_ANY_NUMBER = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
SAYS_NO_NUMBER = {
    # about the node and not its value
    "has_grad", "is_constant", "label", "operands", "operator", "parameters",
    # the same of every node
    "dtype", "imag", "ndim", "shape", "size",
    # makes a leaf of a number
    "constant", "from_float",
    # applies an operator that is named
    "elementary",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in dir(Scalar) if not name.startswith("_")])
def test_whatever_has_a_public_name_gives_a_node_or_is_recorded(name: str) -> None:
    """So that none can be added without a thought of what comes out of it."""

    def function(x: Any) -> Any:
        found = getattr(x, name)
        if not callable(found):
            return found
        arguments = [
            parameter
            for parameter in inspect.signature(found).parameters.values()
            if parameter.default is parameter.empty and parameter.kind not in _ANY_NUMBER
        ]
        return found(*[x] * len(arguments))

    if name in SAYS_NO_NUMBER:
        return
    found = ran(function, 1)
    if found.trace.leaks:
        assert isinstance(found.error, ExactnessLost)
    else:
        # At 1 some have no value, but the node would have been one.
        assert isinstance(found.error, DomainError) or isinstance(found.result, Traced)


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


@pytest.mark.parametrize("function", [float, math.sin, math.fabs])
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
    "percent f": lambda x: "%.3f" % x,  # noqa: UP031 - it is what is asked
    "percent d": lambda x: "%d" % x,  # noqa: UP031 - it is what is asked
    "percent several": lambda x: "%d of %f" % (3, x),  # noqa: UP031 - asked
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_recorded_and_comes_out_as_of_floats(text: Callable[[Any], str]) -> None:
    found = ran(text, 2.5)
    assert found.error is None
    assert plain(found.result) == plain(text(2.5))
    leak = found.trace.leaks[0]
    assert found.trace.leaks == [leak] * len(found.trace.leaks)
    assert (leak.by, leak.is_text, leak.place.file) == ("formatting", True, __file__)
    assert found.trace.comparisons == []
    assert (found.leaks, found.texts) == ([], found.trace.leaks)


def plain(text: str) -> str:
    """The text of an array of one item as that of a list."""
    return (
        text.removeprefix("Array(")
        .removesuffix(")")
        .replace("Scalar('5/2')", "2.5")
        .replace("Scalar('4')", "4.0")
    )


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_of_another_number_where_that_is_asked_for(text: Callable[[Any], str]) -> None:
    trace = Trace(off=Fraction(3, 7))
    found = run(text, [trace.leaf(2.5, "x")], trace)
    assert plain(found.result) == plain(text(4.0))


FORMATS = ["_.2f", "n", "10.3f", "+.1e", "%", "<8", ".0f"]


@pytest.mark.parametrize("specification", FORMATS)
def test_formats_are_those_of_floats(specification: str) -> None:
    found = ran(lambda x: format(x, specification), 1234.5)
    assert found.result == format(1234.5, specification)


def test_what_stands_for_an_int_is_written_as_one() -> None:
    found = ran(lambda x: [f"{round(x)}", f"{round(x):d}", str(round(x) * 2), f"{x // 1}"], 2.25)
    assert found.result == ["2", "2", "4", "2"]
    with pytest.raises(ValueError, match="Unknown format code 'd'"):
        raise ran(lambda x: f"{x:d}", 2.25).error or AssertionError


def test_text_of_a_number_beyond_floats_is_its_own() -> None:
    assert ran(str, 10**400).result.startswith("10000000…00000000 (401 digits)")


@pytest.mark.parametrize("name", ["as_integer_ratio", "hex"])
def test_what_only_floats_have_is_no_way_to_tell_a_run_from_one_on_floats(name: str) -> None:
    assert hasattr(1.5, name)
    assert ran(lambda x: x if hasattr(x, name) else -x, 2).result.data == 2
    with pytest.raises(AttributeError):
        getattr(Scalar(2), name)
    found = ran(lambda x: getattr(x, name)(), 2)
    assert found.trace.leaks[0].is_conversion
    assert getattr(found.arguments[0], name)() == getattr(2.0, name)()


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
