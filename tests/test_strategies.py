"""The Hypothesis strategies: what they draw is what they promise, and a counterexample is small."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from minigrad import Scalar, gradients
from minigrad.errors import InvalidNumber, InvalidOperand
from minigrad.generate import LARGEST_VALUE, census
from minigrad.graph import leaves, topological_order
from minigrad.number import UNAVAILABLE, bits, to_fraction
from minigrad.operators import OPERATORS, RATIONAL
from minigrad.programs import COMPARISONS, FORMS, Program
from minigrad.strategies import graphs, numbers, programs, rationals, scalars, vectors
from minigrad.verify import verify

# Without the phase that explains an example, which takes as long as the others together.
SHRINKING = settings(
    max_examples=3000,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
)


def smallest(strategy: st.SearchStrategy[Any], condition: Any) -> Any:
    return find(strategy, condition, settings=SHRINKING)


def operations(root: Scalar) -> list[Any]:
    return [node for node in topological_order([root]) if node.operator is not None]


# --- numbers ---


@given(rationals(max_numerator=7, max_denominator=3))
def test_rationals_are_in_their_bounds(x: Fraction) -> None:
    assert type(x) is Fraction
    assert abs(x.numerator) <= 7
    assert x.denominator <= 3


def test_rationals_shrink_to_zero_and_small_whole_numbers() -> None:
    assert smallest(rationals(), lambda x: True) == 0
    assert smallest(rationals(), lambda x: x > Fraction(5, 2)) == 3
    assert smallest(rationals(), lambda x: x < 0) == -1
    assert smallest(rationals(), lambda x: x.denominator > 4) == Fraction(1, 5)


@given(numbers(max_numerator=50, max_denominator=9))
def test_numbers_are_what_scalar_accepts(x: Any) -> None:
    value = Scalar(x).data
    assert abs(value) <= 50
    assert value == to_fraction(x)


@pytest.mark.parametrize(
    "kind",
    [
        lambda x: type(x) is int,
        lambda x: type(x) is Fraction,
        lambda x: type(x) is Decimal and x != int(x),
        lambda x: type(x) is float and x != int(x),
        lambda x: type(x) is str and "/" in x,
        lambda x: type(x) is str and "." in x,
        lambda x: type(x) is str and "e" in x,
        lambda x: type(x) is str and x.isdecimal(),
    ],
)
def test_numbers_have_every_form(kind: Any) -> None:
    smallest(numbers(), kind)


def test_numbers_shrink_to_zero() -> None:
    assert smallest(numbers(), lambda x: True) == 0
    assert smallest(numbers(), lambda x: type(x) is float and x > 0.5) == 1.0


@given(scalars(label="x"), vectors(3, st.integers(1, 4), label="v"))
def test_scalars_and_vectors_are_leaves(x: Scalar, v: list[Scalar]) -> None:
    assert not x.operands
    assert x.label == "x"
    assert [leaf.label for leaf in v] == ["v[0]", "v[1]", "v[2]"]
    assert all(1 <= leaf <= 4 for leaf in v)


def test_an_empty_vector() -> None:
    assert smallest(vectors(0), lambda x: True) == []


# --- graphs ---


@settings(max_examples=100)
@given(graphs(max_size=9, max_leaves=2))
def test_graphs_are_what_they_promise(root: Scalar) -> None:
    order = topological_order([root])
    # A node of `where` or a branch may be left unused, so the graph has fewer nodes than steps.
    assert len(operations(root)) <= 9
    free = [leaf for leaf in leaves(order) if not leaf.is_constant]
    assert {leaf.label for leaf in free} <= {"x0", "x1"}
    assert len({leaf.label for leaf in free}) == len(free)
    assert not root.is_constant
    assert all(bits(node.data) <= LARGEST_VALUE for node in order)
    assert all(value is not UNAVAILABLE for value in gradients(root).values())


@settings(max_examples=25)
@given(graphs(max_size=5))
def test_graphs_are_proved(root: Scalar) -> None:
    root.backward()
    assert verify(root, method="chain").ok


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    found = []

    @settings(max_examples=count, database=None, derandomize=True)
    @given(strategy)
    def collect(item: Any) -> None:
        found.append(item)

    collect()
    return found


def test_every_operator_occurs_in_graphs() -> None:
    names = {node.operator.name for root in drawn(graphs(), 400) for node in operations(root)}
    assert names == set(RATIONAL)


@pytest.mark.parametrize("name", ["div", "pow", "dot", "maximum", "sign"])
def test_an_operator_can_be_alone_in_a_graph(name: str) -> None:
    root = smallest(graphs(), lambda root: any(n.operator.name == name for n in operations(root)))
    assert [node.operator.name for node in operations(root)] == [name]


def test_exponents_of_powers_are_whole_constants() -> None:
    table = {"power": OPERATORS["power"]}
    root = smallest(graphs(operators=table), lambda root: root.operator is not None)
    assert [node.operator.name for node in operations(root)] == ["power"]
    for root in drawn(graphs(operators=table), 50):
        for node in operations(root):
            assert node.operands[1].is_constant
            assert node.operands[1].data.denominator == 1
        assert all(type(value) is Fraction for value in gradients(root).values())


@pytest.mark.parametrize(
    "what", ["shared nodes", "repeated operands", "kinks", "ties", "constants"]
)
def test_graphs_have_hard_points(what: str) -> None:
    root = smallest(graphs(), lambda root: census(root)[what] > 0)
    assert len(operations(root)) == 1


def test_an_inner_node_is_shared_by_two_others() -> None:
    def shares(root: Scalar) -> bool:
        users = [operand for node in operations(root) for operand in set(node.operands)]
        return any(users.count(node) > 1 for node in operations(root))

    assert len(operations(smallest(graphs(), shares))) <= 3


@given(graphs(kinks=False))
def test_graphs_off_the_boundaries(root: Scalar) -> None:
    assert census(root)["kinks"] == 0


@given(graphs(operators={"mul": RATIONAL["mul"]}, values=st.just("2/3")))
def test_graphs_of_given_operators_and_values(root: Scalar) -> None:
    order = topological_order([root])
    assert {node.operator.name for node in operations(root)} <= {"mul"}
    assert all(x.data == Fraction(2, 3) for x in leaves(order) if not x.is_constant)


@given(graphs(max_size=0))
def test_graphs_without_operations_are_leaves(root: Scalar) -> None:
    assert not root.operands


def test_a_wrong_derivative_is_shown_by_one_operation() -> None:
    wrong = dataclasses.replace(RATIONAL["mul"], partials=lambda z, x, y: (y, -x))
    table = {**RATIONAL, "mul": wrong}

    def is_refuted(root: Scalar) -> bool:
        order = topological_order([root])
        h = Fraction(1, 10**9)
        if any(node.operator is not None and node.operator.branch for node in order):
            return False
        for leaf in leaves(order):
            if leaf.is_constant:
                continue
            found = gradients(root)[leaf]
            for node in order:
                if node.operator is wrong and leaf in node.operands:
                    # d(x y) is y dx + x dy, whatever the table says.
                    x, y = node.operands
                    true = (y.data if x is leaf else 0) + (x.data if y is leaf else 0)
                    return node is root and abs(found - true) > h
        return False

    root = smallest(graphs(operators=table), is_refuted)
    assert [node.operator.name for node in operations(root)] == ["mul"]


# --- programs ---


@given(programs(arity=2, max_size=4))
def test_programs_of_a_given_arity_and_size(program: Program) -> None:
    assert program.arity == 2
    assert len(program.steps) <= 4
    assert all(len(point) == 2 for point in program.points)


@given(programs(max_arity=2))
def test_programs_of_a_bounded_arity(program: Program) -> None:
    assert 1 <= program.arity <= 2


@given(programs(branches=False))
def test_programs_without_branches(program: Program) -> None:
    assert "if" not in program.text
    assert all(step.operator is not None for step in program.steps)


@given(programs(kinks=False))
def test_programs_off_the_boundaries(program: Program) -> None:
    root = program.graph([Scalar(x) for x in program.points[0]])
    assert census(root)["kinks"] == 0


@given(programs())
def test_the_points_of_a_program_are_different(program: Program) -> None:
    assert len(set(program.points)) == len(program.points)


def test_every_operator_occurs_in_programs() -> None:
    steps = [step for program in drawn(programs(), 400) for step in program.steps]
    assert {step.operator.name for step in steps if step.operator} == set(FORMS)
    assert {step.comparison for step in steps if not step.operator} == set(COMPARISONS)


@pytest.mark.parametrize("name", ["mul", "pow", "relu", "round"])
def test_an_operator_can_be_alone_in_a_program(name: str) -> None:
    def has(program: Program) -> bool:
        return any(step.operator is RATIONAL[name] for step in program.steps)

    assert len(smallest(programs(), has).steps) == 1


def test_the_smallest_program_with_a_division() -> None:
    program = smallest(programs(), lambda program: " / " in program.text)
    assert program.text == "def program(x):\n    return x / x"
    assert program.points == ((1,),)


def test_the_smallest_program_with_a_branch() -> None:
    program = smallest(programs(), lambda program: "if" in program.text)
    assert len(program.steps) == 1
    assert program.arity == 1


def test_programs_with_several_points_and_arguments_occur() -> None:
    assert len(smallest(programs(), lambda program: len(program.points) > 2).steps) == 0
    assert smallest(programs(), lambda program: program.arity == 3).text.startswith(
        "def program(x, y, z)"
    )


def test_a_quotient_below_a_sum_takes_two_steps() -> None:
    def divides_a_sum(program: Program) -> bool:
        root = program.graph([Scalar(x) for x in program.points[0]])
        return any(
            node.operator is RATIONAL["div"]
            and node.operands[1].operator in (RATIONAL["add"], RATIONAL["sum"])
            for node in operations(root)
        )

    assert len(smallest(programs(), divides_a_sum).steps) == 2


# --- bad input ---


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: rationals(max_denominator=0), InvalidNumber, "max_denominator to be 1 or more"),
        (lambda: rationals(max_numerator=-1), InvalidNumber, "max_numerator to be 0 or more"),
        (lambda: rationals(max_numerator=1.5), InvalidOperand, "max_numerator to be an int; got 1.5"),
        (lambda: numbers(max_denominator=True), InvalidOperand, "max_denominator to be an int"),
        (lambda: vectors(-1), InvalidNumber, "vectors: expected size to be 0 or more"),
        (lambda: vectors("2"), InvalidOperand, "vectors: expected size to be an int; got '2'"),
        (lambda: scalars([1, 2]), InvalidOperand, "scalars: expected a strategy of numbers; got"),
        (lambda: vectors(2, 3), InvalidOperand, "vectors: expected a strategy of numbers; got 3"),
        (lambda: graphs(max_size=-1), InvalidNumber, "graphs: expected max_size to be 0 or more"),
        (lambda: graphs(max_leaves=0), InvalidNumber, "graphs: expected max_leaves to be 1 or more"),
        (lambda: graphs(values=1), InvalidOperand, "graphs: expected a strategy of numbers; got 1"),
        (lambda: graphs(operators={}), InvalidOperand, "graphs: expected a table of operators; got {}"),
        (lambda: graphs(operators=["add"]), InvalidOperand, "graphs: expected a table of operators"),
        (lambda: programs(arity=0), InvalidNumber, "programs: expected arity to be 1 or more"),
        (lambda: programs(max_arity="3"), InvalidOperand, "programs: expected max_arity to be an int"),
        (lambda: programs(operators={}), InvalidOperand, "programs: expected a table of operators"),
        (lambda: programs(operators=OPERATORS), InvalidOperand, "expected operators out of .*; got .*power"),
    ],
)  # fmt: skip
def test_bad_arguments(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    code = """
import sys
sys.modules["hypothesis"] = None
try:
    import minigrad.strategies
except ModuleNotFoundError as error:
    print(error, error.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        "needs Hypothesis, which is not installed: pip install 'minigrad[hypothesis]'"
        in done.stdout
    )
    assert done.stdout.endswith(" hypothesis\n")


def test_drawing_imports_no_sympy() -> None:
    code = """
import sys
from hypothesis import find, settings
from minigrad.strategies import programs
find(programs(), lambda program: True, settings=settings(database=None)).text
print("sympy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
