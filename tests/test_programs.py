"""Programs: the graph, the Python text and the SymPy expression say the same; each checks the others."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import Phase, find, given, settings

from minigrad import Scalar
from minigrad.errors import MinigradError
from minigrad.graph import topological_order
from minigrad.operators import OPERATORS, named
from minigrad.programs import COMPARISONS, FORMS, Program, Step
from minigrad.strategies import programs

SHRINKING = settings(
    max_examples=2000,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
)
HALF = Fraction(1, 2)


def program(*steps: Step, arity: int = 2) -> Program:
    return Program(arity, steps, arity + len(steps) - 1, ((Fraction(1),) * arity,))


def step(name: str, *operands: Any, parameters: tuple[Any, ...] = ()) -> Step:
    return Step(named(name), operands, parameters)


def at(found: Program, point: tuple[Fraction, ...]) -> Any:
    """The value of the SymPy expression, a SymPy number."""
    numbers = [sympy.Rational(x.numerator, x.denominator) for x in point]
    symbols = [sympy.Symbol(name, real=True) for name in found.parameters]
    return evaluated(found.expression, dict(zip(symbols, numbers, strict=True)))


def evaluated(expression: Any, values: dict[Any, Any]) -> Any:
    """As `subs`, but of a choice only the side that is chosen: the other may divide by zero."""
    if isinstance(expression, sympy.Piecewise):
        pairs = iter(expression.args)
        return evaluated(next(e for e, c in pairs if evaluated(c, values) == sympy.true), values)
    if isinstance(expression, sympy.ITE):
        condition, then, other = expression.args
        return evaluated(then if evaluated(condition, values) == sympy.true else other, values)
    if not expression.args:
        return values.get(expression, expression)
    return expression.func(*[evaluated(part, values) for part in expression.args])


@settings(max_examples=150)
@given(programs())
def test_the_three_readings_agree_at_every_point(found: Program) -> None:
    assert found.points
    for point in found.points:
        leaves = [Scalar(x) for x in point]
        value = found.graph(leaves).data
        result = found.function(*leaves)
        assert (result.data if isinstance(result, Scalar) else result) == value
        assert at(found, point) == sympy.Rational(value.numerator, value.denominator)


@settings(max_examples=100)
@given(programs())
def test_every_step_is_needed(found: Program) -> None:
    used = {r for step in found.steps for r in step.operands if isinstance(r, int)}
    inner = range(found.arity, found.result)
    assert set(inner) <= used
    assert found.result == (found.arity + len(found.steps) - 1 if found.steps else 0)


# Written out by hand.
TEXTS = [
    (step("div", 0, 1), "x / y", "x/y"),
    (step("sub", Fraction(-2), 0), "(-2) - x", "-2 - x"),
    (step("mul", HALF, 0), "Fraction(1, 2) * x", "x/2"),
    (step("neg", 1), "-y", "-y"),
    (step("pow", 0, parameters=(-3,)), "x ** -3", "x**-3"),
    (step("floordiv", 0, 1), "x // y", "floor(x/y)"),
    (step("mod", 0, 1), "x % y", "x - y*floor(x/y)"),
    (step("abs", 0), "abs(x)", "Abs(x)"),
    (step("relu", 0), "relu(x)", "Max(x, 0)"),
    (step("maximum", 0, 1), "maximum(x, y)", "Max(x, y)"),
    (step("minimum", 0, Fraction(3)), "minimum(x, 3)", "Min(x, 3)"),
    (step("where", 0, 1, parameters=(False,)), "where(False, x, y)", "y"),
    (step("sum", 0, 1, 0), "sum([x, y, x])", "2*x + y"),
    (step("prod", 0, 1), "prod([x, y])", "x*y"),
    (step("dot", 0, 1, Fraction(2), 0), "dot([x, y], [2, x])", "2*x + x*y"),
]


@pytest.mark.parametrize(("only", "text", "expression"), TEXTS)
def test_the_text_and_the_expression_of_each_operator(
    only: Step, text: str, expression: str
) -> None:
    found = program(only)
    assert found.text == f"def program(x, y):\n    return {text}"
    x, y = sympy.symbols("x y", real=True)
    assert found.expression == sympy.sympify(expression, locals={"x": x, "y": y})


def test_every_operator_but_two_is_among_them() -> None:
    tried = {only.operator.name for only, _, _ in TEXTS if only.operator}
    assert set(FORMS) - tried == {"add", "round"}
    assert set(FORMS) <= set(OPERATORS)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    # Half-way values go to the even neighbour.
    [
        ("1/2", 0, 0),
        ("3/2", 0, 2),
        ("5/2", 0, 2),
        ("-1/2", 0, 0),
        ("-3/2", 0, -2),
        ("1/4", 1, "1/5"),
        ("7/20", 1, "2/5"),
        ("15", -1, 20),
        ("25", -1, 20),
        ("2/3", 0, 1),
        ("-2/3", 1, "-7/10"),
    ],
)
def test_rounding_in_sympy(value: str, digits: int, expected: Any) -> None:
    found = program(step("round", 0, parameters=(digits,)), arity=1)
    assert at(found, (Fraction(value),)) == sympy.Rational(expected)
    assert round(Fraction(value), digits) == Fraction(expected)


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_comparisons(comparison: str) -> None:
    found = program(Step(None, (0, 1, Fraction(7), Fraction(8)), (), comparison))
    assert f"if x {comparison} y:" in found.text
    for point in ((1, 2), (2, 1), (2, 2)):
        expected = 7 if eval(f"{point[0]} {comparison} {point[1]}") else 8
        assert found.function(*map(Scalar, point)) == expected
        assert found.graph([Scalar(x) for x in point]).data == expected
        assert at(found, (Fraction(point[0]), Fraction(point[1]))) == expected


def test_what_is_used_twice_is_written_once() -> None:
    found = program(step("add", 0, 1), step("mul", 2, 2), step("sub", 3, 1))
    assert found.text == ("def program(x, y):\n    v1 = x + y\n    return (v1 * v1) - y")
    assert len(topological_order([found.function(Scalar(1), Scalar(2))])) == 5


def test_a_long_program_is_not_nested_deeply() -> None:
    steps = [step("neg", i) for i in range(500)]
    found = program(*steps, arity=1)
    assert found.function(Scalar(3)) == 3
    assert max(line.count("(") for line in found.text.splitlines()) <= 9


def test_parameters_are_called_by_letters_and_then_by_numbers() -> None:
    assert program(step("add", 0, 1), arity=6).parameters == ("x", "y", "z", "u", "v", "w")
    assert program(step("add", 0, 1), arity=7).parameters[:2] == ("x0", "x1")


def test_the_repr_is_the_text_with_the_points() -> None:
    found = Program(1, (step("neg", 0),), 1, ((HALF,), (Fraction(3),)))
    assert repr(found) == "def program(x):\n    return -x\n# at (1/2), (3)"


@given(programs())
def test_programs_can_be_compared_and_pickled(found: Program) -> None:
    assert found.function
    assert pickle.loads(pickle.dumps(found)) == found
    other = Program(found.arity, found.steps, found.result, ())
    assert other != found


def test_a_program_on_fractions() -> None:
    found = program(step("div", 0, 1), step("add", 2, HALF))
    assert found.function(Fraction(1), Fraction(3)) == Fraction(5, 6)


def test_a_step_says_which_errors_it_may_raise() -> None:
    divided = step("div", 0, 1)
    with pytest.raises(divided.refusals()) as caught:
        divided.applied([Scalar(1), Scalar(0)])
    assert isinstance(caught.value, MinigradError)
    huge = step("pow", 0, parameters=(1000,))
    with pytest.raises(huge.refusals()):
        huge.applied([Scalar(3)])
    assert step("relu", 0).at_boundary([Scalar(0)])
    assert not step("relu", 0).at_boundary([Scalar(1)])
    assert not Step(None, (0, 0, 0, 0), (), "<").at_boundary([Scalar(0)])


def test_a_fault_in_the_sympy_form_is_found_in_a_small_program() -> None:
    """The agreement above can fail, and then shows little."""

    def is_wrong(found: Program) -> bool:
        wrong = found.expression.replace(sympy.Max, sympy.Min)
        return bool(wrong != found.expression)

    small = find(programs(), is_wrong, settings=SHRINKING)
    assert len(small.steps) == 1
    assert small.steps[0].operator in (named("maximum"), named("relu"))
