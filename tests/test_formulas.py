from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from proofs import by_name, labelled, proof, vector

from minigrad import Scalar, dot, prod
from minigrad import sum as total
from minigrad.elementary import call
from minigrad.number import ONE, UNAVAILABLE
from minigrad.operators import OPERATORS, Fold, Form, Operator
from minigrad.rational import Field
from minigrad.scalar import apply
from minigrad.verify import formulas
from minigrad.verify.formulas import (
    Monomial,
    compare_forward,
    compare_rule,
    difference_text,
    summands,
)
from minigrad.verify.symbolic import Rules

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


@pytest.mark.no_cover  # a loop, whose lines are counted elsewhere in a tenth of the time
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
    witness = lambda sp, *xs: Fold(start, lambda total, x: Form(step(total, x)))
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
    monkeypatch.setattr(formulas, "_RULE_WORK", 3)
    power = replace(OPERATORS["mul"], partials=lambda z, x, y: ((x + y) ** 9 * 0 + y, x))
    found = proof(apply(power, vector(2, 3)), checks={"rules"})
    assert found.faults == {}
    assert set(by_name(found, found.undecided)) == {"x1", "x2"}


def test_a_difference_that_outgrows_its_work_is_refuted_without_it() -> None:
    for limit, text in ((10_000, "-2*y/((x - y)*(x + y))"), (4, None)):
        x, y = Field(2, limit=limit).generators
        assert difference_text(1 / (x + y), 1 / (x - y), ["x", "y"]) == text


def test_a_long_difference_is_counted_and_not_shown() -> None:
    xs = Field(101).generators
    text = difference_text(sum(xs[1:], start=xs[0]), xs[0] - xs[0], [])
    assert text == "a formula of 102 terms"


# --- rules ----------------------------------------------------------------------------------------


def compared(operator: Operator, *values: object, parameters: tuple[Any, ...] = ()) -> Any:
    at = [Fraction(str(value)) for value in values]
    piece = operator.piece(at, parameters)
    rule = Rules().find(operator, parameters, piece, len(values))
    point = at + list(piece[0].numbers if piece else ())
    return compare_rule(operator, parameters, piece, rule, len(values), point)


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
        (lambda z, x, y: iter((y, x)), "gave a tuple_iterator for partials, which is no sequence"),
        (lambda z, x, y: (y.numerator, x), "operand 1 is no formula; SymPy's is x2"),
        (lambda z, x, y: (float(y), x), "raised TypeError"),
        (lambda z, x, y: (y if x > 0 else x, x), "raised TypeError"),
        (lambda z, x, y: (y if x else x, x), "raised TypeError: a formula was asked for a number"),
        (lambda z, x, y: (y / (x - x), x), "raised ZeroDivisionError"),
        (lambda z, x, y: (None, x), "operand 1 is no formula; SymPy's is x2"),
        (
            lambda z, x, y: (UNAVAILABLE, x),
            "derivative by operand 1 is there; the engine says otherwise",
        ),
    ],
)
def test_a_rule_that_breaks_on_symbols_is_a_fault(partials: Any, says: str) -> None:
    faults = compared(replace(OPERATORS["mul"], partials=partials), 2, 3)
    assert says in faults[0].message


def test_a_number_for_a_derivative_that_does_not_exist_is_a_fault() -> None:
    power = replace(OPERATORS["power"], partials=lambda z, x, y, p: (p.name * x, ONE))
    faults = compared(power, -3, 2)
    assert list(faults) == [1]
    assert "by operand 2 is not there; the engine says otherwise" in faults[1].message


@pytest.mark.parametrize(
    ("name", "at", "partials", "blamed"),
    [
        ("power", (3, 2), lambda z, x, y, p: (y * z / x, UNAVAILABLE), [1]),
        ("power", (3, 2), lambda z, x, y, p: (y * z / x, z), [1]),
        ("power", (3, 2), lambda z, x, y, p: (z / x, z * call("log", x)), [0]),
        ("power", (3, 2), lambda z, x, y, p: (y * z / x, z * call("log", y)), [1]),
        ("sqrt", (4,), lambda z, x, p: (ONE / z,), [0]),
        ("sqrt", (0,), lambda z, x, p: (ONE,), [0]),
    ],
)
def test_a_wrong_formula_in_roots_and_logarithms_is_a_fault(
    name: str, at: tuple[int, ...], partials: Any, blamed: list[int]
) -> None:
    assert compared(OPERATORS[name], *at) == {}
    assert list(compared(replace(OPERATORS[name], partials=partials), *at)) == blamed


# --- forward rules as formulas --------------------------------------------------------------------


def forward_of(operator: Operator, *values: object, parameters: tuple[Any, ...] = ()) -> Any:
    at = [Fraction(str(value)) for value in values]
    piece = operator.piece(at, parameters)
    rule = Rules().find(operator, parameters, piece, len(values))
    point = at + list(piece[0].numbers if piece else ())
    return compare_forward(operator, parameters, piece, rule, len(values), point)


@pytest.mark.parametrize("name", OPERATORS)
def test_the_forward_rules_of_the_table_are_right_on_every_piece(name: str) -> None:
    operator = OPERATORS[name]
    for parameters in itertools.product(*(p.samples for p in operator.parameters)):
        for values in ((3, 2), (2, 3), (-3, 2), (2, 2), (0, 2), (4, 2), (Fraction(5, 2), 1)):
            xs = [Fraction(x) for x in (values[: operator.arity] if operator.arity else values * 6)]
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
        ("mul", lambda x, y: 4.0, (2, 2), "is no formula; SymPy's is x1*x2"),
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
