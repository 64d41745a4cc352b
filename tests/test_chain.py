from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from conftest import shapes
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Scalar, absolute, dot, prod, relu, reverse, where
from minigrad import sum as total
from minigrad.errors import InvalidOperand
from minigrad.generate import random_graph
from minigrad.number import ONE, UNAVAILABLE
from minigrad.operators import OPERATORS, Fold, Form, Operator
from minigrad.scalar import apply
from minigrad.verify import chain as chains
from minigrad.verify import symbolic
from minigrad.verify.chain import (
    Chain,
    Monomial,
    compare_forward,
    compare_rule,
    on_functions,
    prove,
    summands,
)
from minigrad.verify.rational import Field
from minigrad.verify.symbolic import Graph, Rules


def proof(root: Scalar, seed: object = 1, **options: Any) -> Chain:
    return prove(Graph(root), Rules(), Fraction(str(seed)), **options)


def by_name(found: Chain, what: Any) -> dict[str, Any]:
    """Something that is listed by position, by the names of the nodes."""
    names = found.graph.names
    items = what.items() if isinstance(what, dict) else enumerate(what)
    return {names[i]: x for i, x in items if not found.graph.nodes[i].is_constant}


def labelled(label: str, node: Scalar) -> Scalar:
    node.label = label
    return node


def vector(*values: object, label: str = "x") -> list[Scalar]:
    return [Scalar(value, f"{label}{i}") for i, value in enumerate(values, start=1)]


# --- monomials ------------------------------------------------------------------------------------

factors = st.lists(st.integers(0, 7) | st.fractions(-2, 2, max_denominator=3), max_size=9)
X = sp.symbols("x0:8")


def multiplied(items: list[Any], operand: Callable[[int], Any], one: Any) -> Any:
    """An int among the items stands for the operand at that position."""
    product = one
    for item in items:
        product = product * (operand(item) if isinstance(item, int) else item)
    return product


def in_sympy(lists: list[list[Any]]) -> Any:
    exact = [
        [i if isinstance(i, int) else sp.Rational(i.numerator, i.denominator) for i in items]
        for items in lists
    ]
    return sp.expand(sum(multiplied(items, lambda i: X[i], sp.Integer(1)) for items in exact))


def in_monomials(lists: list[list[Any]]) -> Any:
    return sum((multiplied(items, Monomial.operand, Monomial({})) for items in lists), start=0)


@given(factors, factors)
def test_monomials_are_products(left: list[Any], right: list[Any]) -> None:
    both = multiplied(left, Monomial.operand, Monomial({})) * multiplied(
        right, Monomial.operand, Monomial({})
    )
    assert summands(both) == summands(in_monomials([left + right]))
    same = in_sympy([left]) == in_sympy([right])
    assert (summands(in_monomials([left])) == summands(in_monomials([right]))) == same


@given(st.lists(factors, max_size=4), st.lists(factors, max_size=4))
def test_sums_of_monomials_are_polynomials(left: list[Any], right: list[Any]) -> None:
    same = in_sympy(left) == in_sympy(right)
    assert (summands(in_monomials(left)) == summands(in_monomials(right))) == same
    assert summands(in_monomials(left + right)) == summands(in_monomials(right + left))


@given(factors, st.integers(0, 4))
def test_a_power_is_a_repeated_product(items: list[Any], exponent: int) -> None:
    one = multiplied(items, Monomial.operand, Monomial({}))
    assert summands(one**exponent) == summands(math.prod([one] * exponent, start=Monomial({})))


def test_the_product_of_neighbours_has_two_steps() -> None:
    product = math.prod((Monomial.operand(i) for i in range(1000)), start=Monomial({}))
    assert product.steps == {0: 1, 1000: -1}
    assert summands(3 * product * Fraction(1, 3)) == summands(product)


def test_numbers_are_summands_and_nothing_else_is() -> None:
    assert summands(3) == summands(Monomial({}, Fraction(3)))
    assert summands(0) == summands(Monomial.operand(2) * 0) == summands(Fraction(0)) == {}
    assert summands(1 + Monomial.operand(2)) == summands(Monomial.operand(2) + Fraction(1))
    for other in (1.0, None, "1", UNAVAILABLE):
        assert summands(other) is None


@pytest.mark.parametrize("formula", [Monomial.operand(0), Monomial.operand(0) + 1])
@pytest.mark.parametrize(
    "look",
    [
        bool, hash, lambda m: m == 0, lambda m: m != m, lambda m: m < 1, lambda m: m + 1.0,
        lambda m: m * "1", lambda m: m - 1, lambda m: m / 2, lambda m: m**-1, lambda m: m * (m + 1),
    ],
)  # fmt: skip
def test_formulas_cannot_be_looked_at(formula: Any, look: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        look(formula)


# --- any number of operands -----------------------------------------------------------------------

VALUES = [Fraction(n) for n in (2, -1, 3, 0, 5, -2, 1)]


@pytest.mark.parametrize("name", ["sum", "prod", "dot"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 9, 10, 17, 40])
def test_operators_of_any_number_of_operands(name: str, count: int) -> None:
    operator = OPERATORS[name]
    xs = vector(*[VALUES[i % len(VALUES)] for i in range(count * operator.width)])
    found = proof(apply(operator, xs))
    assert (found.faults, found.undecided) == ({}, {})


@pytest.mark.parametrize("name", ["sum", "prod", "dot"])
@pytest.mark.parametrize("count", [2, 3, 8, 9, 40])
@pytest.mark.parametrize("wrong", [0, -1])
def test_one_wrong_partial_among_many(name: str, count: int, wrong: int) -> None:
    right = OPERATORS[name]

    def partials(z: Any, *xs: Any) -> list[Any]:
        found = list(right.partials(z, *xs))
        found[wrong] = found[wrong] * 2
        return found

    xs = vector(*[VALUES[i % len(VALUES)] for i in range(count * right.width)])
    found = proof(apply(replace(right, partials=partials), xs), checks={"rules"})
    assert list(by_name(found, found.faults)) == [xs[wrong].label]


@pytest.mark.parametrize(
    "root",
    [
        lambda xs: total(xs),
        lambda xs: prod([x / x for x in xs]),
        lambda xs: dot(xs, xs),
        lambda xs: dot(xs[:2500], xs[2500:]),
    ],
)
def test_five_thousand_operands_are_decided(root: Callable[[list[Scalar]], Scalar]) -> None:
    found = proof(root(vector(*[i % 7 - 3 or 1 for i in range(5000)])))
    assert (found.faults, found.undecided) == ({}, {})


def fold_of(step: Any, forward: Any, partials: Any, start: int = 0) -> Operator:
    witness = lambda sp: Fold(start, lambda total, x: Form(step(total, x)))
    return Operator("made", "made", None, forward=forward, partials=partials, witness=witness)


def test_a_rule_that_multiplies_by_numbers_needs_no_rational_functions() -> None:
    squares = fold_of(
        lambda total, x: total + x**2,
        lambda *xs: sum(x * x for x in xs),
        lambda z, *xs: [2 * x for x in xs],
    )
    found = proof(apply(squares, vector(*range(1, 301))))
    assert (found.faults, found.undecided) == ({}, {})


def raised(total: Any, x: Any) -> Any:
    return total * (1 + x)


def plus_one(*xs: Any) -> Any:
    return math.prod(1 + x for x in xs)


def test_a_rule_that_adds_is_decided_by_rational_functions() -> None:
    right = fold_of(raised, plus_one, lambda z, *xs: [z / (1 + x) for x in xs], start=1)
    wrong = fold_of(raised, plus_one, lambda z, *xs: [z / (2 + x) for x in xs], start=1)
    xs = vector(*range(9))
    assert proof(apply(right, xs), checks={"rules"}).faults == {}
    found = proof(apply(wrong, xs), checks={"rules"})
    assert set(by_name(found, found.faults)) == {x.label for x in xs}


def test_a_rule_that_outgrows_its_work_is_undecided_below_it_alone() -> None:
    operator = fold_of(raised, plus_one, lambda z, *xs: [z / (1 + x) for x in xs], start=1)
    w = Scalar(3, "w")
    node = apply(operator, [w * x for x in vector(*range(40))])
    root = labelled("root", labelled("node", node) * Scalar(2, "v"))
    found = proof(root, checks={"rules"})
    assert found.faults == {}
    undecided = by_name(found, found.undecided)
    assert set(undecided) == set(by_name(found, found.adjoints)) - {"root", "node", "v"}
    assert "the rule of made on 40 operands was not decided" in undecided["w"]


def test_a_partial_that_outgrows_its_work_is_undecided_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "_RULE_WORK", 3)
    power = replace(OPERATORS["mul"], partials=lambda z, x, y: ((x + y) ** 9 * 0 + y, x))
    found = proof(apply(power, vector(2, 3)), checks={"rules"})
    assert found.faults == {}
    assert set(by_name(found, found.undecided)) == {"x1", "x2"}


def test_a_difference_that_outgrows_its_work_is_refuted_without_it() -> None:
    for limit, text in ((10_000, "-2*y/((x - y)*(x + y))"), (4, None)):
        x, y = Field(2, limit=limit).generators
        assert chains.difference_text(1 / (x + y), 1 / (x - y), ["x", "y"]) == text


def test_a_long_difference_is_counted_and_not_shown() -> None:
    xs = Field(101).generators
    text = chains.difference_text(sum(xs[1:], start=xs[0]), xs[0] - xs[0], [])
    assert text == "a rational function of 102 terms"


# --- rules ----------------------------------------------------------------------------------------


def compared(operator: Operator, *values: object, parameters: tuple[Any, ...] = ()) -> Any:
    at = [Fraction(str(value)) for value in values]
    piece = operator.piece(at, parameters)
    rule = Rules().find(operator, parameters, piece)
    return compare_rule(operator, parameters, piece, rule, len(values))


@pytest.mark.parametrize("name", OPERATORS)
def test_the_rules_of_the_table_are_right(name: str) -> None:
    operator = OPERATORS[name]
    parameters = tuple(parameter.samples[0] for parameter in operator.parameters)
    assert compared(operator, *[3, 2, 5, 7][: operator.arity or 4], parameters=parameters) == {}


def test_a_fault_shows_both_partials_and_their_difference() -> None:
    fault = compared(replace(OPERATORS["mul"], partials=lambda z, x, y: (x, x)), 2, 3)[0]
    assert fault.blame == "operator mul"
    assert fault.message == "mul: its partial derivative by operand 1 is x1; SymPy's is x2"
    assert fault.difference == "x1 - x2"


@pytest.mark.parametrize(
    ("partials", "says"),
    [
        (lambda z, x, y: (y, x, x), "gave 3 partials for 2 operands"),
        (lambda z, x, y: (), "gave 0 partials for 2 operands"),
        (lambda z, x, y: (y.numerator, x), "operand 1 is no rational function; SymPy's is x2"),
        (lambda z, x, y: (float(y), x), "raised TypeError"),
        (lambda z, x, y: (y if x > 0 else x, x), "raised TypeError"),
        (lambda z, x, y: (y if x else x, x), "raised TypeError: a formula was asked for a number"),
        (lambda z, x, y: (y / (x - x), x), "raised ZeroDivisionError"),
        (lambda z, x, y: (None, x), "operand 1 is no rational function; SymPy's is x2"),
        (
            lambda z, x, y: (UNAVAILABLE, x),
            "operand 1 is a rational function; the engine says other",
        ),
    ],
)
def test_a_rule_that_breaks_on_symbols_is_a_fault(partials: Any, says: str) -> None:
    faults = compared(replace(OPERATORS["mul"], partials=partials), 2, 3)
    assert says in faults[0].message


def test_a_number_for_an_irrational_derivative_is_a_fault() -> None:
    power = replace(OPERATORS["power"], partials=lambda z, x, y, p: (p.name * x, ONE))
    faults = compared(power, 3, 2)
    assert list(faults) == [1]
    assert "by operand 2 is no rational function; the engine says otherwise" in faults[1].message


# --- forward rules as formulas --------------------------------------------------------------------


def forward_of(operator: Operator, *values: object, parameters: tuple[Any, ...] = ()) -> Any:
    at = [Fraction(str(value)) for value in values]
    piece = operator.piece(at, parameters)
    rule = Rules().find(operator, parameters, piece)
    return compare_forward(operator, parameters, piece, rule, len(values))


@pytest.mark.parametrize("name", OPERATORS)
def test_the_forward_rules_of_the_table_are_right_on_every_piece(name: str) -> None:
    operator = OPERATORS[name]
    for parameters in itertools.product(*(p.samples for p in operator.parameters)):
        for values in ((3, 2), (2, 3), (-3, 2), (2, 2), (0, 2), (4, 2), (Fraction(5, 2), 1)):
            xs = values[: operator.arity] if operator.arity else values * 6
            if all(domain.holds(*xs, *parameters) for domain in operator.domain):
                assert forward_of(operator, *xs, parameters=parameters) is None


@pytest.mark.parametrize(
    ("name", "forward", "values", "says"),
    [
        ("mul", lambda x, y: x + y, (2, 2), "its value is x1 + x2; SymPy's is x1*x2"),
        ("sub", lambda x, y: y - x, (2, 2), "SymPy's is x1 - x2"),
        ("div", lambda x, y: y / x, (2, 2), "its value is x2/x1; SymPy's is x1/x2"),
        ("mod", lambda x, y, p: y - p.numbers[0] * x, (2, 2), "its value is -x1*x3 + x2"),
        ("abs", lambda x, p: x * x, (1,), "its value is x1**2; SymPy's is x1"),
        ("mul", lambda x, y: x * y if x else y, (2, 2), "on symbols, raised TypeError: a formula"),
        ("mul", lambda x, y: x * y if x > 0 else y, (2, 2), "on symbols, raised TypeError"),
        (
            "mul",
            lambda x, y: x * y / (x - x + y - y),
            (2, 3),
            "on symbols, raised ZeroDivisionError",
        ),
        ("mul", lambda x, y: 4.0, (2, 2), "is no rational function; SymPy's is x1*x2"),
        ("sum", lambda *xs: xs[0] * 12, (2,) * 12, "sum: its value is not SymPy's"),
        ("prod", lambda *xs: xs[0] ** 12, (2,) * 12, "prod: its value is not SymPy's"),
        ("dot", lambda *xs: xs[0] ** 2 * 6, (2,) * 12, "dot: its value is not SymPy's"),
        ("sum", lambda *xs: xs[0].real * 12, (2,) * 12, "on symbols, raised AttributeError"),
    ],
)
def test_a_forward_rule_that_is_right_here_alone_is_a_fault(
    name: str, forward: Any, values: tuple[int, ...], says: str
) -> None:
    fault = forward_of(replace(OPERATORS[name], forward=forward), *values)
    assert fault.blame == f"operator {name}"
    assert says in fault.message


def test_a_boundary_puts_its_value_in_the_operand_s_place() -> None:
    # At a tie both operands are the value, and so is their mean; their product is not.
    for forward, right in ((lambda x, y, p: y, True), (lambda x, y, p: x * y / 2, False)):
        operator = replace(OPERATORS["maximum"], forward=forward)
        assert (forward_of(operator, 2, 2) is None) == right
    for forward, right in ((lambda x, p: -7 * x, True), (lambda x, p: x + 1, False)):
        assert (forward_of(replace(OPERATORS["relu"], forward=forward), 0) is None) == right


def test_a_value_that_outgrows_its_work_leaves_nothing_proved() -> None:
    wrapped = replace(OPERATORS["mul"], forward=lambda x, y: (x + y + 1) ** 4000 * 0 + x * y)
    found = proof(apply(wrapped, vector(2, 3)), checks={"values"})
    assert found.faults == {}
    assert "the value of mul on 2 operands was not decided" in found.void


def test_below_a_wrong_formula_nothing_is_proved() -> None:
    added = replace(OPERATORS["mul"], forward=lambda x, y: x + y)
    x, w = Scalar(2, "x"), Scalar(7, "w")
    root = labelled("root", labelled("f", apply(added, [x, Scalar(2, "y")])) * w)
    # The derivative by w is f: right here, where 2 + 2 is 2 * 2, and nowhere else.
    found = proof(root)
    assert set(by_name(found, found.faults)) == {"f"}
    assert found.void.startswith("not decided, because of operator mul: mul: its value is x1 + x2")


# --- adjoints -------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(1, 9), st.fractions(-3, 3, max_denominator=4))
def test_adjoints_solved_here_are_the_engine_s(seed: int, size: int, scale: Fraction) -> None:
    root = random_graph(seed, size=size)
    found = proof(root, scale)
    engine = reverse.adjoints(root, scale)
    for node, ours in zip(found.graph.nodes, found.adjoints, strict=True):
        assert engine.get(node) == ours or node.is_constant
    assert found.faults == {}


@given(shapes(most=7), st.lists(st.integers(-3, 3), min_size=7, max_size=7))
def test_an_adjoint_is_the_sum_over_all_paths(shape: list[list[int]], values: list[int]) -> None:
    """Of a graph of dot products of a node's operands with themselves: partial 2x on each edge."""
    nodes: list[Scalar] = []
    for operands, value in zip(shape, values, strict=False):
        xs = [nodes[o] for o in operands]
        nodes.append(dot(xs, [Scalar.constant(3)] * len(xs)) if xs else Scalar(value))
    found = proof(nodes[-1])

    def paths(node: Scalar, target: Scalar) -> int:
        below = sum(paths(operand, target) for operand in node.operands if not operand.is_constant)
        return (node is target) + 3 * below

    for node, adjoint in zip(found.graph.nodes, found.adjoints, strict=True):
        assert node.is_constant or adjoint == paths(nodes[-1], node)


def test_a_seed_multiplies_every_adjoint() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", x * y + x)
    root.backward("1/2")
    found = proof(root, "1/2")
    assert found.faults == {}
    assert by_name(found, found.adjoints) == {
        "x": 2,
        "y": 1,
        "r": Fraction(1, 2),
        "v1": Fraction(1, 2),
    }


def test_what_reaches_an_exponent_is_undecided_and_nothing_else() -> None:
    x, n, y = Scalar(2, "x"), Scalar(3, "n"), Scalar(5, "y")
    root = labelled("root", labelled("power", x ** labelled("m", n * 1)) + y)
    found = proof(root)
    assert found.faults == {}
    assert set(by_name(found, found.undecided)) == {"n", "m"}
    assert "not rational" in found.undecided[found.graph.names.index("n")]
    assert found.derivative(found.graph.names.index("m")) == "D[power]*irrational"
    assert by_name(found, found.adjoints)["x"] == 12


def test_an_exponent_s_gradient_that_is_a_number_is_refuted() -> None:
    x, n = Scalar(2, "x"), Scalar(3, "n")
    root = labelled("r", x**n)
    root.backward()
    n.grad = 0
    found = proof(root)
    ((name, fault),) = by_name(found, found.faults).items()
    assert name == "n"
    assert "the derivative by n is no rational number" in fault.message


def test_an_unavailable_gradient_where_there_is_a_derivative_is_refuted() -> None:
    x = Scalar(2, "x")
    root = labelled("r", x * 3)
    x._grad = UNAVAILABLE
    found = proof(root)
    (fault,) = found.faults.values()
    assert fault.message == "the derivative by x is 3, and the gradient says otherwise"
    assert fault.blame == "node x"


def test_constants_have_neither_verdict_nor_derivative() -> None:
    x = Scalar(2, "x")
    root = labelled("r", 3 * x + 4)
    constants = [i for i, node in enumerate(Graph(root).nodes) if node.is_constant]
    found = proof(root)
    assert len(constants) == 2
    assert all(found.adjoints[i] is None for i in constants)
    assert found.faults == {}
    root.operands[1]._grad = Fraction(99)
    assert proof(root).faults == {}


# --- gradients that are found ---------------------------------------------------------------------


def test_gradients_that_are_set_are_kept_and_the_rest_computed() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", x * y)
    x.grad = 7
    found = proof(root)
    assert by_name(found, found.found) == {"x": 7, "y": 2, "r": 1}
    assert set(by_name(found, found.faults)) == {"x"}


def test_a_node_that_the_sweep_leaves_out_has_the_gradient_0() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    found = proof(root, sweep=lambda root, seed, *_: {root: seed}, checks={"numbers"})
    assert by_name(found, found.found) == {"x": 0, "y": 0, "v1": 1}


@pytest.mark.parametrize("check", [*sorted(chains.CHECKS), None])
def test_a_sweep_that_raises_is_refuted_everywhere(check: str | None) -> None:
    def sweep(*_: object) -> Any:
        raise KeyError("lost")

    root = labelled("r", Scalar(2, "x") * Scalar(3, "y"))
    found = proof(root, sweep=sweep, checks={check} if check else ())
    assert {fault.blame for fault in found.faults.values()} == {"the sweep"}
    assert len(found.faults) == 3
    assert all("KeyError: 'lost'" in fault.message for fault in found.faults.values())


def test_what_is_missing_above_is_not_blamed_for_a_number_below() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", labelled("m", x * y) * y)
    root.backward()
    root.operands[0].grad = None
    x.grad = 1
    sweep = lambda root, seed, *_: {}[0]
    found = proof(root, sweep=sweep, checks={"numbers"})
    blames = {name: fault.blame for name, fault in by_name(found, found.faults).items()}
    assert blames == {"m": "the sweep", "x": "node x"}


def test_a_partial_that_is_a_float_is_blamed_where_numbers_differ() -> None:
    operator = replace(OPERATORS["mul"], partials=lambda z, x, y: (1.5, x))
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", apply(operator, [x, y]))
    x.grad, y.grad, root.grad = Fraction(3, 2), 2, 1
    (fault,) = proof(root, checks={"numbers"}).faults.values()
    assert fault.blame == "operator mul"
    assert "by operand 1 is 1.5 here; SymPy's is 3" in fault.message


def test_a_gradient_that_is_no_exact_number_is_refuted() -> None:
    root = labelled("r", Scalar(2, "x") * Scalar(3, "y"))
    sweep = lambda root, seed, *_: dict.fromkeys((root, *root.operands), 0.5)
    found = proof(root, sweep=sweep, checks=())
    assert len(found.faults) == 3
    assert all("got 0.5 (type float)" in fault.message for fault in found.faults.values())


def test_a_gradient_that_is_an_int_is_exact() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    sweep = lambda root, seed, *_: {root: 1, root.operands[0]: 3, root.operands[1]: 2}
    found = proof(root, sweep=sweep, checks={"numbers"})
    assert found.faults == {}
    assert {type(gradient) for gradient in found.found} == {Fraction}


@pytest.mark.parametrize(
    ("name", "partials", "values", "parameters", "says"),
    [
        (
            "prod",
            lambda z, *xs: [z / x for x in xs],
            (0, 3),
            (),
            "the partials of prod raised Zero",
        ),
        ("pow", lambda z, x, n: (n * x ** (n - 1),), (0,), (0,), "the partials of pow raised Zero"),
        (
            "mul",
            lambda z, x, y: (y, None),
            (2, 3),
            (),
            "the partials of mul are [Fraction(3, 1), None]",
        ),
        ("mul", lambda z, x, y: (y,), (2, 3), (), "the partials of mul are [Fraction(3, 1)]"),
    ],
)
def test_a_rule_that_breaks_at_this_point_is_to_blame(
    name: str, partials: Any, values: tuple[int, ...], parameters: tuple[int, ...], says: str
) -> None:
    operator = replace(OPERATORS[name], partials=partials)
    found = proof(apply(operator, vector(*values), parameters), checks={"numbers"})
    assert {fault.blame for fault in found.faults.values()} == {f"operator {name}"}
    assert all(says in fault.message for fault in found.faults.values())


# --- stored numbers at which nothing is defined ---------------------------------------------------


@pytest.mark.parametrize(
    "use", [lambda x, y: x / y, lambda x, y: x // y, lambda x, y: x % y, lambda x, y: x * y**-1]
)
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("checks", [*({check} for check in sorted(chains.CHECKS)), chains.CHECKS])
def test_a_divisor_set_to_0_afterwards(use: Any, after: bool, checks: set[str]) -> None:
    x, y = Scalar(3, "x"), Scalar(2, "y")
    root = labelled("r", labelled("q", use(x, y)) + x)
    if after:
        root.backward()
    y.data = 0
    found = proof(root, checks=checks)
    assert not checks >= {"values"} or found.faults
    if checks == chains.CHECKS:
        blames = {fault.blame for fault in found.faults.values()}
        assert blames <= {"node q", "node r", "node v1"}
        # Of nothing is it said that it is proved.
        assert re.match("not decided, because of node (q|v1): ", found.void)


@pytest.mark.parametrize(
    "use", [lambda x, b: x / b, lambda x, b: x // b, lambda x, b: x % b, lambda x, b: x * b**-1]
)
@pytest.mark.parametrize("stored", [None, 5])
@pytest.mark.parametrize("backward", [True, False])
def test_a_stored_value_of_0_is_to_blame_and_not_who_divides_by_it(
    use: Any, stored: int | None, backward: bool
) -> None:
    b = labelled("b", Scalar(2, "y") + 1)
    root = labelled("r", use(Scalar(7, "x"), b))
    if backward:
        root.backward()
    b._data = Fraction(0)
    if stored is not None:
        root._data = Fraction(stored)
    found = proof(root)
    faults = by_name(found, found.faults)
    assert faults["b"].blame == "node b"
    allowed = {"node b"} if stored is None else {"node b", "node r", "node v1"}
    assert {fault.blame for fault in faults.values()} <= allowed


def test_a_piece_taken_by_a_wrong_value_is_blamed_on_the_value() -> None:
    b = labelled("b", Scalar(-2, "x") * 1)
    root = labelled("r", absolute(b))
    b._data = Fraction(5)
    found = proof(root)
    assert {fault.blame for fault in found.faults.values()} == {"node b"}
    assert "abs took its piece by a wrong value" in by_name(found, found.faults)["r"].message


def test_a_domain_wider_than_sympys_is_the_operator_s_fault() -> None:
    zero_by_zero = replace(
        OPERATORS["div"],
        domain=(),
        forward=lambda x, y: x / y if y else x * 0,
        partials=lambda z, x, y: (y, x),
    )
    found = proof(labelled("r", apply(zero_by_zero, vector(3, 0))), checks={"values"})
    assert {fault.message for fault in found.faults.values()} == {"div needs x2 != 0: not so here"}
    assert {fault.blame for fault in found.faults.values()} == {"operator div"}


# --- texts ----------------------------------------------------------------------------------------


def texts(root: Scalar) -> dict[str, str]:
    found = proof(labelled("r", root))
    return {
        name: found.derivative(i)
        for i, name in enumerate(found.graph.names)
        if not found.graph.nodes[i].is_constant
    }


def two() -> tuple[Scalar, Scalar]:
    return Scalar(3, "x"), Scalar(2, "y")


@pytest.mark.parametrize(
    ("build", "by_x", "by_y"),
    [
        (lambda x, y: x + y, "D[r]", "D[r]"),
        (lambda x, y: x - y, "D[r]", "-D[r]"),
        (lambda x, y: x * y, "D[r]*y", "D[r]*x"),
        (lambda x, y: x / y, "D[r]*1/y", "D[r]*-x/y**2"),
        (lambda x, y: x * x, "D[r]*x + D[r]*x", None),
        (lambda x, y: x**3, "D[r]*3*x**2", None),
        (lambda x, y: x * -3, "D[r]*(-3)", None),
        (lambda x, y: x / Fraction(3, 2), "D[r]*1/(3/2)", None),
        (lambda x, y: where(True, x, y), "D[r]", "0"),
        (lambda x, y: x // y, "0", "0"),
        (lambda x, y: x % y, "D[r]", "-D[r]"),
        (lambda x, y: x.maximum(y), "D[r]", "0"),
        (lambda x, y: absolute(x - 5), None, None),
        (lambda x, y: total([x, y, x]), "D[r]*(1 + 1)", "D[r]"),
        (lambda x, y: prod([x, y, y]), "D[r]*y*y", "D[r]*(x*y + x*y)"),
        (lambda x, y: dot([x, y], [y, y]), "D[r]*y", "D[r]*(y + x + y)"),
        (lambda x, y: total([x, y] * 5), "D[r]*…", "D[r]*…"),
    ],
)  # fmt: skip
def test_derivatives_as_texts(build: Any, by_x: str | None, by_y: str | None) -> None:
    found = texts(build(*two()))
    assert found["r"] == "1"
    assert by_x is None or found["x"] == by_x
    assert by_y is None or found["y"] == by_y


def test_a_text_sums_over_the_users() -> None:
    x, y = two()
    c = labelled("c", x * y)
    assert texts(c - x)["x"] == "D[c]*y - D[r]"
    assert texts(labelled("d", c + x) - x)["x"] == "D[c]*y + D[d] - D[r]"


def test_a_text_of_many_users_is_cut() -> None:
    x = Scalar(3, "x")
    text = texts(total([labelled(f"u{i}", x * i) for i in range(1, 10)]))["x"]
    assert text.count("D[") == 6
    assert text.endswith("… (3 more)")


def test_the_conditions_are_in_the_names_of_the_graph() -> None:
    x, y = two()
    found = proof(labelled("r", x / labelled("d", y - 3)))
    assert chains.condition_texts(found, found.graph.root, found.rules[-1]) == ["d != 0"]


# --- the sweep's terms ----------------------------------------------------------------------------


def complaints(engine: Any, root: Scalar) -> dict[str, str]:
    root.backward()
    found = proof(root, sweep=engine, checks={"sweep"})
    return {name: fault.message for name, fault in by_name(found, found.faults).items()}


@pytest.mark.parametrize("start", [0, Fraction(0)], ids=["from the int 0", "from the Fraction 0"])
def test_an_engine_may_add_to_0_and_multiply_by_1(start: object) -> None:
    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        order = chains.reverse.topological_order([root])
        adjoint = dict.fromkeys(order, start)
        adjoint[root] = seed
        for node in reversed(order):
            for operand, partial in zip(node.operands, partials(node), strict=True):
                adjoint[operand] = adjoint[operand] + partial * adjoint[node]
        return adjoint

    x, y = two()
    root = labelled("r", x * y + x - y)
    assert complaints(engine, root) == {}
    found = proof(root, sweep=engine)
    assert found.faults == {}


def test_a_complaint_names_user_and_operand() -> None:
    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        found = reverse.adjoints(root, seed, partials)
        left, right = root.operands
        _, by_right = partials(root)
        return {**found, left: seed * by_right, right: seed * by_right + seed * by_right}

    x, y = two()
    assert complaints(engine, labelled("r", x * y)) == {
        "x": "it is given a term of r that belongs to another operand",
        "y": "the edge from r, operand 2, is counted twice",
    }


def test_an_edge_that_is_left_out_is_named() -> None:
    engine = lambda root, seed=ONE, partials=None: {root: seed}
    x, y = two()
    assert complaints(engine, labelled("r", x * y)) == {
        "x": "the edge from r, operand 1, is left out",
        "y": "the edge from r, operand 2, is left out",
    }


@pytest.mark.parametrize(
    "look",
    [
        lambda node: node.data == 2,
        lambda node: node.data + 1,
        lambda node: hash(node.data),
        lambda node: node == node,
        lambda node: node in [object()],
        lambda node: bool(node),
        lambda node: node < 3,
        lambda node: float(node),
        lambda node: node.label,
    ],
)
def test_a_sweep_sees_no_values(look: Callable[[Any], object]) -> None:
    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        for node in chains.reverse.topological_order([root]):
            look(node)
        return reverse.adjoints(root, seed, partials)

    x, y = two()
    found = complaints(engine, labelled("r", x * y))
    assert len(found) == 3
    assert all(
        message.startswith("the sweep, run on opaque terms, raised") for message in found.values()
    )


def test_a_sweep_sees_shape_operator_and_parameters() -> None:
    seen = []

    def engine(root: Any, seed: Any = ONE, partials: Any = reverse.partials) -> dict[Any, Any]:
        order = chains.reverse.topological_order([root])
        seen.append([(n.operator and n.operator.name, n.parameters, n.is_constant) for n in order])
        return reverse.adjoints(root, seed, partials)

    x, _ = two()
    assert complaints(engine, labelled("r", 2 * x**3)) == {}
    assert seen == [[(None, (), True), (None, (), False), ("pow", (3,), False), ("mul", (), False)]]


@pytest.mark.parametrize("look", [lambda t: t == t, bool, hash, float, int, lambda t: t < t])
def test_terms_and_tokens_cannot_be_looked_at(look: Callable[[Any], object]) -> None:
    for opaque in (chains.Term(), chains.Token(0, 0, 0)):
        with pytest.raises(TypeError, match="the sweep looked at a term or a value"):
            look(opaque)


def test_terms_mix_with_nothing_else() -> None:
    term, token = chains.Term(), chains.Token(0, 0, 0)
    for operation in (
        lambda: term + 1, lambda: 1 + term, lambda: term * 2, lambda: term * term,
        lambda: token * token, lambda: token * 2, lambda: -term, lambda: term - term,
    ):  # fmt: skip
        with pytest.raises(TypeError):
            operation()


# --- cost -----------------------------------------------------------------------------------------


def ladder(operators: dict[str, Operator], size: int) -> Scalar:
    x, y = Scalar(1, "x"), Scalar("1/2", "y")
    for _ in range(size):
        x, y = (
            apply(operators["mul"], [x, apply(operators["maximum"], [y, x])]),
            apply(operators["div"], [y, x]),
        )
        x, y = where(True, Scalar(1), x), where(True, Scalar("1/2"), y)
    return apply(operators["sub"], [x, y])


def calls(size: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each kind of rule function is called by all four checks on a graph of this size."""
    count: Counter[str] = Counter()

    def counted(what: str, function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            count[what] += 1
            return function(*arguments)

        return call

    operators = {
        name: replace(
            operator,
            partials=counted("partials", operator.partials),
            witness=counted("witness", operator.witness),
            branch=operator.branch and counted("branch", operator.branch),
        )
        for name, operator in OPERATORS.items()
    }
    translate = symbolic.translate
    with monkeypatch.context() as patch:
        patch.setattr(
            symbolic, "translate", lambda *given: counted("evaluations", translate(*given))
        )
        root = ladder(operators, size)
        root.backward()
        count.clear()
        assert proof(root).faults == {}
    return count


def test_the_work_grows_linearly(monkeypatch: pytest.MonkeyPatch) -> None:
    small, middle, large = (calls(size, monkeypatch) for size in (20, 120, 220))
    for what in ("evaluations", "branch"):
        assert large[what] - middle[what] == middle[what] - small[what] > 0
    # Rules are compared once for each operator, parameters and piece, whatever the size.
    for what in ("partials", "witness"):
        assert small[what] == middle[what] == large[what] > 0


# --- the checks by name ---------------------------------------------------------------------------


@pytest.mark.parametrize("checks", ["rules", {"rule"}, ("values", "sweeps"), [None]])
def test_a_check_that_there_is_not_is_refused(checks: Any) -> None:
    with pytest.raises(InvalidOperand, match=re.escape("['numbers', 'rules', 'sweep', 'values']")):
        proof(Scalar(1), checks=checks)


def test_boundaries_are_marked_below_the_operator_that_stands_there() -> None:
    x, y = Scalar(0, "x"), Scalar(2, "y")
    root = labelled("r", labelled("k", relu(labelled("s", x * y))) + y)
    found = proof(root)
    assert {found.graph.names[i] for i in found.boundary} == {"x", "y", "s"}


# --- over rational functions ----------------------------------------------------------------------


def test_the_same_graph_over_rational_functions() -> None:
    x, y, z = Scalar(2, "x"), Scalar(3, "y"), Scalar(5, "z")
    root = x / y + absolute(x - 7) * z
    found = proof(root)
    u, v = Field(2).generators
    lifted = on_functions(found, {id(x): u, id(y): v})
    # |x - 7| stays on the piece 7 - x, and z keeps its number.
    assert lifted.values[lifted.graph.root] == u / v + (7 - u) * 5
    adjoints = by_name(lifted, lifted.adjoints)
    assert adjoints["x"] == 1 / v - 5
    assert adjoints["y"] == -u / (v * v)
    assert adjoints["z"] == 7 - u
    assert on_functions(found, {id(x): u}, adjoints=False).adjoints == []
    quotient = x // y + dot([x], [y])
    lifted = on_functions(proof(quotient), {id(x): u, id(y): v})
    assert lifted.values[lifted.graph.root] == u * v
