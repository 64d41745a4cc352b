from __future__ import annotations

import copy
import dataclasses
import inspect
import itertools
import math
import pickle
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import pytest

from minigrad import Scalar, apply, reverse
from minigrad.backing import outside
from minigrad.errors import (
    DivisionByZero,
    DomainError,
    GradientUnavailable,
    InvalidOperand,
    TooLarge,
)
from minigrad.exact import to_exact
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.operators import OPERATORS, RATIONAL, Fold, Form, Operator, check_known, named

HALF = Fraction(1, 2)
HUGE = Fraction(10**30)
TINY = 1 / HUGE

HARD = [
    *map(Fraction, ["0", "1", "-1", "2", "-2", "5/2", "-7/2", "1/3"]),
    *[HUGE, -HUGE, TINY],
]
"""The points where a rule goes wrong first: zeros, ones, ties at .5, huge and tiny numbers."""

MANY = [
    (0,),
    (3,),
    (0, 0),
    (0, 5),
    (5, 0),
    (HALF, HALF),
    (0, 0, 5),
    (5, 0, 0),
    (0, 5, 0, 7),
    (HUGE, TINY, -2, HUGE),
    (1, Fraction(1, 3), Fraction(-7, 2), 2, Fraction(1, 3), 1),
]
"""The same for operators of any number of operands."""


def others(xs: Sequence[Fraction]) -> list[Fraction]:
    """For each factor the product of the others, from scratch."""
    return [math.prod(xs[:i] + xs[i + 1 :], start=ONE) for i in range(len(xs))]


def halves(xs: Sequence[Fraction]) -> tuple[Sequence[Fraction], Sequence[Fraction]]:
    return xs[: len(xs) // 2], xs[len(xs) // 2 :]


# What each operator computes, in Python's own words, and its derivatives by hand.
VALUE = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x * Fraction(y.denominator, y.numerator),
    "floordiv": lambda x, y: math.floor(Fraction(x, y)),
    "mod": lambda x, y: x % y,
    "neg": lambda x: 0 - x,
    "pow": lambda x, n: math.prod([x if n >= 0 else 1 / x] * abs(n), start=ONE),
    "power": lambda x, y: (
        Fraction(x.numerator ** int(y), x.denominator ** int(y))
        if y >= 0
        else Fraction(x.denominator ** -int(y), x.numerator ** -int(y))
    ),
    "abs": abs,
    "relu": lambda x: max(x, 0),
    "maximum": max,
    "minimum": min,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sign": lambda x: 0 if x == 0 else x / abs(x),
    "where": lambda x, y, condition: [y, x][condition],
    "sum": lambda *xs: reduce(add, xs),
    "prod": lambda *xs: others((ONE, *xs))[0],
    "dot": lambda *xs: sum(x * y for x, y in zip(*halves(xs), strict=True)),
}


def sign(x: Fraction) -> int:
    return (x > 0) - (x < 0)


def by_exponent(x: Fraction, y: Fraction) -> Any:
    """The derivative of `x**y` by y, for whole y: SymPy's number."""
    if x <= 0:
        return UNAVAILABLE
    sympy = pytest.importorskip("sympy")
    value = VALUE["power"](x, y)
    return to_exact(sympy.Rational(str(value)) * sympy.log(sympy.Rational(str(x))))


SLOPES = {
    "add": lambda x, y: (1, 1),
    "sub": lambda x, y: (1, -1),
    "mul": lambda x, y: (y, x),
    "div": lambda x, y: (1 / y, -x / y**2),
    "floordiv": lambda x, y: (0, 0),
    "mod": lambda x, y: (1, -math.floor(x / y)),
    "neg": lambda x: (-1,),
    "pow": lambda x, n: (0 if n == 0 else 1 if n == 1 else n * x ** (n - 1),),
    "power": lambda x, y: (*SLOPES["pow"](x, int(y)), by_exponent(x, y)),
    "abs": lambda x: (sign(x),),
    "relu": lambda x: (int(x > 0),),
    "maximum": lambda x, y: (HALF + HALF * sign(x - y), HALF + HALF * sign(y - x)),
    "minimum": lambda x, y: (HALF + HALF * sign(y - x), HALF + HALF * sign(x - y)),
    "round": lambda x, digits: (0,),
    "floor": lambda x: (0,),
    "ceil": lambda x: (0,),
    "sign": lambda x: (0,),
    "where": lambda x, y, condition: (int(condition), 1 - condition),
    "sum": lambda *xs: [1] * len(xs),
    "prod": lambda *xs: others(xs),
    "dot": lambda *xs: sum(halves(xs)[::-1], start=()),
}


def refusal(name: str, xs: Sequence[Fraction], parameters: Sequence[Any]) -> type[Exception] | None:
    """The error that is expected outside an operator's domain."""
    if name in ("div", "floordiv", "mod") and xs[1] == 0:
        return DivisionByZero
    if name == "pow" and xs[0] == 0 and parameters[0] < 0:
        return DivisionByZero
    if name == "power":
        x, y = xs
        if x < 0 and y.denominator != 1:
            return DomainError
        if x == 0 and y < 0:
            return DivisionByZero
        if abs(y) > 2**20 and abs(x) not in (0, 1):
            return TooLarge
    return None


def points(operator: Operator) -> Iterator[tuple[tuple[Fraction, ...], tuple[Any, ...]]]:
    """Every hard point with every combination of sample parameters."""
    parameters = itertools.product(*(parameter.samples for parameter in operator.parameters))
    if operator.arity is None:
        many = [tuple(map(Fraction, xs)) for xs in MANY if len(xs) % operator.width == 0]
    else:
        many = list(itertools.product(HARD, repeat=operator.arity))
    yield from itertools.product(many, list(parameters))


HERE = {**RATIONAL, "power": OPERATORS["power"]}
"""The operators of which this file has values: a whole power is rational, though a power may not be."""

each_operator = pytest.mark.parametrize("operator", HERE.values(), ids=HERE)
each_entry = pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)


def is_rational(name: str, xs: Sequence[Fraction]) -> bool:
    """Whether the value is known to be rational before it is computed."""
    return name != "power" or xs[1].denominator == 1


def defined(operator: Operator) -> Iterator[tuple[tuple[Fraction, ...], tuple[Any, ...], Scalar]]:
    """The hard points of the operator's domain, with the node there, where its value is rational."""
    for xs, parameters in points(operator):
        if is_rational(operator.name, xs) and refusal(operator.name, xs, parameters) is None:
            yield xs, parameters, apply(operator, [Scalar(x) for x in xs], parameters)


@each_operator
def test_the_value_at_every_hard_point(operator: Operator) -> None:
    for xs, parameters, node in defined(operator):
        assert node.data == VALUE[operator.name](*xs, *parameters), (xs, parameters)
        assert type(node.data) is Fraction, (xs, parameters)


@each_operator
def test_the_partials_at_every_hard_point(operator: Operator) -> None:
    for xs, parameters, node in defined(operator):
        expected = SLOPES[operator.name](*xs, *parameters)
        for partial, slope in zip(map(outside, reverse.partials(node)), expected, strict=True):
            assert partial is slope or partial == slope, (xs, parameters)


@each_operator
def test_one_operand_in_every_position_gets_the_sum_of_the_partials(operator: Operator) -> None:
    count = operator.arity or 2 * operator.width
    for x in HARD:
        for parameters in itertools.product(*(p.samples for p in operator.parameters)):
            xs = [x] * count
            if not is_rational(operator.name, xs) or refusal(operator.name, xs, parameters):
                continue
            slopes = SLOPES[operator.name](*xs, *parameters)
            node = Scalar(x)
            apply(operator, [node] * count, parameters).backward()
            if any(slope is UNAVAILABLE for slope in slopes):
                with pytest.raises(GradientUnavailable):
                    _ = node.grad
            else:
                assert to_exact(node.grad) == sum(slopes)


@each_operator
def test_errors_exactly_outside_the_domain(operator: Operator) -> None:
    for xs, parameters in points(operator):
        expected = refusal(operator.name, xs, parameters)
        if expected is not None:
            with pytest.raises(expected, match=rf"^{operator.name}\("):
                apply(operator, [Scalar(x) for x in xs], parameters)


# --- the rules on other kinds of number ----------------------------------------------------------


SMOOTH = [operator for operator in RATIONAL.values() if operator.branch is None]


@pytest.mark.parametrize("operator", SMOOTH, ids=repr)
def test_the_rules_are_identities_that_sympy_finds_too(operator: Operator) -> None:
    sympy = pytest.importorskip("sympy")
    xs = sympy.symbols(f"x:{operator.arity or 4}", positive=True)
    for parameters in itertools.product(*(p.samples for p in operator.parameters)):
        value = operator.forward(*xs, *parameters)
        partials = operator.partials(value, *xs, *parameters)
        for x, partial in zip(xs, partials, strict=True):
            assert sympy.cancel(sympy.diff(value, x) - partial) == 0


@each_operator
def test_the_partials_can_be_taken_of_scalars(operator: Operator) -> None:
    for xs, parameters, node in itertools.islice(defined(operator), 0, None, 7):
        operands = [Scalar(x) for x in xs]
        piece = operator.piece(xs, parameters)
        again = operator.partials(node, *operands, *parameters, *piece)
        for partial, slope in zip(again, map(outside, reverse.partials(node)), strict=True):
            value = to_exact(partial.data) if isinstance(partial, Scalar) else partial
            assert value is slope or value == slope


# --- pieces and witnesses ------------------------------------------------------------------------

BOUNDARIES = {
    "floordiv": lambda x, y: (x / y).denominator == 1,
    "mod": lambda x, y: (x / y).denominator == 1,
    "abs": lambda x: x == 0,
    "relu": lambda x: x == 0,
    "maximum": lambda x, y: x == y,
    "minimum": lambda x, y: x == y,
    "round": lambda x, digits: (
        (x * Fraction(10) ** digits * 2).denominator == 1
        and (x * Fraction(10) ** digits).denominator == 2
    ),
    "floor": lambda x: x.denominator == 1,
    "ceil": lambda x: x.denominator == 1,
    "sign": lambda x: x == 0,
    "power": lambda x, y: x == 0 and y.denominator != 1,
}


@each_operator
def test_a_branch_knows_its_boundaries(operator: Operator) -> None:
    assert (operator.branch is not None) == (operator.name in BOUNDARIES)
    for xs, parameters in points(operator):
        if refusal(operator.name, xs, parameters) is not None:
            continue
        for piece in operator.piece(xs, parameters):
            assert piece.boundary == BOUNDARIES[operator.name](*xs, *parameters), (xs, parameters)


def witness_value(operator: Operator, xs: Sequence[Fraction], parameters: Sequence[Any]) -> Any:
    """The witness at a point, after its conditions were seen to hold there."""
    sympy = pytest.importorskip("sympy")
    symbols = sympy.symbols(f"x:{len(xs)}", real=True)
    at = {s: sympy.Rational(x.numerator, x.denominator) for s, x in zip(symbols, xs, strict=True)}
    if operator.arity is None:
        fold = operator.witness(sympy)
        assert isinstance(fold, Fold)
        assert fold.width == operator.width
        result = sympy.Integer(fold.start)
        run = len(xs) // fold.width
        for i in range(run):
            form = fold.step(result, *(at[s] for s in symbols[i::run]))
            assert form.conditions == ()
            result = form.expression
        return result
    piece = operator.piece(xs, parameters)
    form = operator.witness(sympy, *symbols, *parameters, *piece)
    assert isinstance(form, Form)
    assert form.boundary == any(p.boundary for p in piece)
    assert all(sympy.sympify(c).subs(at) == sympy.true for c in form.conditions)
    slopes = SLOPES[operator.name](*xs, *parameters)
    assert form.unavailable == tuple(i for i, s in enumerate(slopes) if s is UNAVAILABLE)
    return sympy.sympify(form.expression).subs(at)


@each_operator
def test_the_witness_agrees_with_the_value_and_its_conditions_hold(operator: Operator) -> None:
    for xs, parameters, node in itertools.islice(defined(operator), 0, None, 3):
        value = witness_value(operator, xs, parameters)
        assert Fraction(int(value.p), int(value.q)) == node.data, (xs, parameters)


@pytest.mark.parametrize("operator", SMOOTH, ids=repr)
def test_a_condition_of_the_witness_fails_where_a_divisor_is_zero(operator: Operator) -> None:
    sympy = pytest.importorskip("sympy")
    for xs, parameters in points(operator):
        if refusal(operator.name, xs, parameters) is DivisionByZero:
            symbols = sympy.symbols(f"x:{len(xs)}", real=True)
            form = operator.witness(sympy, *symbols, *parameters)
            at = {s: sympy.Rational(str(x)) for s, x in zip(symbols, xs, strict=True)}
            assert sympy.false in [condition.subs(at) for condition in form.conditions]


"""Numbers of 95,000 bits whose common denominator has about three million."""


@each_operator
def test_a_size_is_in_the_limit_wherever_the_result_is_small(operator: Operator) -> None:
    if operator.size is not None:
        for xs, parameters, _ in defined(operator):
            assert operator.size(2**20, *xs, *parameters) <= 2**20, (xs, parameters)


# --- the table itself ----------------------------------------------------------------------------


def test_the_tables_of_this_file_cover_the_table() -> None:
    assert set(VALUE) == set(SLOPES) == set(HERE)
    assert set(BOUNDARIES) <= set(HERE)


@each_entry
def test_an_entry_is_complete(operator: Operator) -> None:
    assert OPERATORS[operator.name] is operator
    assert operator.name.isidentifier()
    assert operator.symbol
    assert operator.arity in (None, 1, 2)
    assert operator.width == 1 or operator.arity is None
    for parameter in operator.parameters:
        assert parameter.name.isidentifier()
        assert parameter.says
        assert len(parameter.samples) > 1
        assert all(parameter.accepts(sample) for sample in parameter.samples)
        assert not parameter.accepts("no")
    for domain in operator.domain:
        assert domain.says
        assert issubclass(domain.error, ArithmeticError | ValueError)


@each_entry
def test_a_rule_takes_operands_parameters_and_piece(operator: Operator) -> None:
    taken = (operator.arity or 4) + len(operator.parameters) + (operator.branch is not None)
    inspect.signature(operator.forward).bind(*range(taken))
    inspect.signature(operator.partials).bind(None, *range(taken))
    without_piece = taken - (operator.branch is not None)
    for function in (operator.branch, *(d.holds for d in operator.domain)):
        if function is not None:
            inspect.signature(function).bind(*range(without_piece))
    if operator.size is not None:
        inspect.signature(operator.size).bind("the limit", *range(without_piece))


def test_the_table_is_read_only() -> None:
    with pytest.raises(TypeError):
        OPERATORS["add"] = OPERATORS["sub"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        OPERATORS["add"].symbol = "-"


@each_entry
def test_an_operator_is_found_by_its_name_and_printed_by_it(operator: Operator) -> None:
    assert named(operator.name) is operator
    assert repr(operator) == f"<operator {operator.name}>"


@pytest.mark.parametrize("name", ["plus", "", None, 3, ["add"]])
def test_an_unknown_operator_is_refused_with_the_names(name: Any) -> None:
    with pytest.raises(InvalidOperand, match=r"expected an operator, one of add, sub, .*; got "):
        named(name)


@each_entry
def test_copies_of_an_operator_are_the_operator(operator: Operator) -> None:
    assert copy.copy(operator) is copy.deepcopy(operator) is operator
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(operator, protocol)) is operator


def test_a_replaced_operator_refuses_to_be_copied() -> None:
    wrong = dataclasses.replace(OPERATORS["add"], partials=lambda z, x, y: (ONE, ZERO))
    for make in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(InvalidOperand, match="only operators of the table"):
            make(wrong)
    with pytest.raises(InvalidOperand, match=r"add: only operators of the table can be .*written"):
        check_known(wrong)


@each_entry
def test_the_operators_of_the_table_are_known(operator: Operator) -> None:
    check_known(operator)
