"""The operators that are methods by name, also of Scalars that watch a function run, and NumPy's names."""

from __future__ import annotations

import inspect
import math
from fractions import Fraction
from typing import Any

import pytest
import sympy

import minigrad
from minigrad import Scalar
from minigrad.errors import InvalidOperand
from minigrad.methods import Methods
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.trace import Trace, Traced, run

ONE_OPERAND = {
    "sqrt": "4/9", "cbrt": "-8", "exp": "1/2", "expm1": "1/2", "exp2": "3", "log": "2", "log1p": "1/2",
    "log2": "8", "log10": "1/1000", "sin": "1/2", "cos": "1/2", "tan": "1/2", "asin": "1/2",
    "acos": "1/2", "atan": "1", "sinh": "1/2", "cosh": "1/2", "tanh": "1/2", "asinh": "3/4",
    "acosh": "5/4", "atanh": "3/5", "sigmoid": "1/2", "softplus": "1/2", "silu": "1/2", "gelu": "1/2",
    "erf": "1/2", "gamma": "5", "loggamma": "5", "digamma": "5", "sign": "-3", "floor": "7/2",
    "ceil": "7/2", "relu": "-3/2",
}  # fmt: skip
TWO_OPERANDS = {
    "atan2": ("1", "-1"), "hypot": ("3", "4"), "logaddexp": ("1/2", "2"), "maximum": ("3", "4"),
    "minimum": ("3", "4"),
}  # fmt: skip
ALIASES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "arctan2": "atan2",
}  # fmt: skip
POINTS = {name: (at,) for name, at in ONE_OPERAND.items()} | TWO_OPERANDS


def public(cls: type) -> set[str]:
    return {name for name in vars(cls) if not name.startswith("_")}


def test_the_tables_of_this_file_cover_the_class() -> None:
    assert public(Methods) == {*POINTS, *ALIASES}
    with_operands = {
        n for n, op in OPERATORS.items() if not op.is_rational and op.arity is not None
    }
    assert with_operands - {"power", "polygamma"} <= public(Methods)


@pytest.mark.parametrize("name", POINTS)
def test_a_method_is_its_operator(name: str) -> None:
    x, *others = (Scalar(text) for text in POINTS[name])
    node = getattr(x, name)(*others)
    assert node.operator is OPERATORS[name]
    assert node.operands == (x, *others)
    assert node._datum == apply(name, [x, *others])._datum
    assert type(node) is Scalar


@pytest.mark.parametrize("name", POINTS)
def test_a_method_and_the_function_of_that_name_agree(name: str) -> None:
    x, *others = (Scalar(text) for text in POINTS[name])
    assert getattr(minigrad, name)(x, *others)._datum == getattr(x, name)(*others)._datum


@pytest.mark.parametrize("alias", ALIASES)
def test_a_name_of_numpy_is_the_same_method(alias: str) -> None:
    assert getattr(Scalar, alias) is getattr(Scalar, ALIASES[alias])
    x, *others = (Scalar(text) for text in POINTS[ALIASES[alias]])
    assert getattr(x, alias)(*others).operator is OPERATORS[ALIASES[alias]]


@pytest.mark.parametrize(
    "name", ["sqrt", "exp", "sin", "arcsin", "arctanh", "log2", "cbrt", "expm1"]
)
def test_numpy_calls_the_method_of_its_own_name(name: str) -> None:
    np = pytest.importorskip("numpy")
    x = Scalar("1/4")
    (found,) = getattr(np, name)(np.array([x], dtype=object))
    assert found.operator is OPERATORS[ALIASES.get(name, name)]
    assert found.operands == (x,)


@pytest.mark.parametrize("name", TWO_OPERANDS)
def test_a_number_as_the_other_operand_is_a_constant(name: str) -> None:
    x = Scalar(2, "x")
    for other in (3, 3.5, Fraction(1, 3), sympy.sqrt(2)):
        node = getattr(x, name)(other)
        assert node.operands[0] is x
        assert node.operands[1].is_constant
        node.backward()
        assert x.has_grad


@pytest.mark.parametrize("name", TWO_OPERANDS)
@pytest.mark.parametrize("other", ["1", None, [1], 1j])
def test_what_is_no_number_is_refused(name: str, other: object) -> None:
    with pytest.raises(InvalidOperand, match=f"^{name}: expected a Scalar or a number; got "):
        getattr(Scalar(2), name)(other)


@pytest.mark.parametrize("name", sorted(public(Methods)))
def test_a_method_is_documented_in_a_sentence(name: str) -> None:
    documentation = inspect.getdoc(getattr(Methods, name))
    assert documentation is not None
    assert documentation.endswith(".")
    assert documentation[0].isupper() or documentation[0].isdigit()


def test_the_class_alone_applies_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Methods().exp()


def test_it_takes_no_room() -> None:
    assert Methods.__slots__ == ()
    assert not hasattr(Scalar(1), "__dict__")


# --- of Scalars that watch a function run ---------------------------------------------------------


@pytest.mark.parametrize("name", POINTS)
def test_a_method_works_under_a_trace(name: str) -> None:
    def program(*xs: Any) -> Any:
        x, *others = xs
        return getattr(x, name)(*others) * 2

    trace = Trace()
    leaves = [trace.leaf(text, f"x{k}") for k, text in enumerate(POINTS[name])]
    ran = run(program, leaves, trace)
    assert type(ran.result) is type(ran.result.operands[0]) is Traced
    assert ran.result.operands[0].operands == tuple(leaves)
    assert ran.result._datum == 2 * apply(name, [Scalar(text) for text in POINTS[name]])._datum
    assert (ran.leaks, trace.comparisons, trace.rounded) == ([], [], [])


@pytest.mark.parametrize("name", POINTS)
def test_a_function_works_under_a_trace(name: str) -> None:
    trace = Trace()
    x, *others = [trace.leaf(text, f"x{k}") for k, text in enumerate(POINTS[name])]
    ran = run(getattr(minigrad, name), [x, *others], trace)
    assert type(ran.result) is Traced
    assert ran.result.operands == (x, *others)
    assert (ran.leaks, trace.comparisons) == ([], [])


def test_functions_of_many_work_under_a_trace() -> None:
    def program(x: Any, y: Any) -> Any:
        shares = minigrad.softmax([x, y, 0])
        logs = minigrad.log_softmax([x, y, 0])
        return (
            minigrad.norm([x, y]) + minigrad.logsumexp([x, y]) + shares[0] * logs[1] + x**y + 2**x
        )

    trace = Trace()
    leaves = [trace.leaf(3, "x"), trace.leaf(Fraction(1, 2), "y")]
    ran = run(program, leaves, trace)
    assert type(ran.result) is Traced
    assert (ran.leaks, trace.comparisons) == ([], [])
    assert ran.result._datum == program(Scalar(3), Scalar("1/2"))._datum
    ran.result.backward()
    assert all(leaf.has_grad for leaf in leaves)


# --- Python's own functions -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exp", "sin", "log1p", "sqrt", "tanh", "gamma", "erf"])
def test_the_functions_of_math_take_a_scalar_for_a_float(name: str) -> None:
    x = Scalar(1)
    found = getattr(math, name)(x)
    assert type(found) is float
    assert found == getattr(math, name)(1.0)


@pytest.mark.parametrize("name", [n for n in ONE_OPERAND if hasattr(math, n)])
def test_the_nearest_double_is_next_to_that_of_math(name: str) -> None:
    at = Fraction(ONE_OPERAND[name])
    ours, theirs = float(getattr(Scalar(at), name)()), getattr(math, name)(at)
    assert abs(ours - theirs) <= 4 * math.ulp(theirs)


def test_floor_and_ceil_of_math_are_ints() -> None:
    x = Scalar("7/2")
    assert (math.floor(x), math.ceil(x), math.trunc(x)) == (3, 4, 3)
    assert type(math.floor(x)) is int
