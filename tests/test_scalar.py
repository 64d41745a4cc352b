from __future__ import annotations

import builtins
import copy
import gc
import io
import math
import operator
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minigrad
from minigrad import (
    DivisionByZero,
    DomainError,
    GradientUnavailable,
    InvalidNumber,
    InvalidOperand,
    MinigradError,
    NoDerivative,
    Scalar,
    StaleGraph,
    TooLarge,
    absolute,
    apply,
    dot,
    gradients,
    maximum,
    minimum,
    prod,
    relu,
    where,
)
from minigrad.flatten import Flattened
from minigrad.graph import topological_order
from minigrad.number import UNAVAILABLE
from minigrad.operators import OPERATORS, named

HALF = Fraction(1, 2)
TENTH = Fraction(1, 10)


def derivative(function: Callable[[Scalar], Scalar], at: object) -> Fraction:
    x = Scalar(at)
    function(x).backward()
    return x.grad


def chain(length: int, start: object = 1) -> tuple[Scalar, Scalar]:
    """A leaf, and a node that is that many operators above it."""
    leaf = node = Scalar(start, "leaf")
    for _ in range(length):
        node = -node
    return leaf, node


# --- the worked example and the graphs that others get wrong -------------------------------------

POINTS = [
    {
        "a": ("31/10", "-1000/961"),
        "b": ("42/10", "-250/441"),
        "c": ("73/10", "500/651"),
        "d": ("1302/100", "-182500/423801"),
        "e": ("1302/730", "-1332250/423801"),
        "f": ("10", "365/651"),
        "g": ("3650/651", "1"),
    },
    {
        "a": ("-4", "-5/8"),
        "b": ("2", "-5/2"),
        "c": ("-2", "-5/4"),
        "d": ("-8", "5/16"),
        "e": ("4", "-5/8"),
        "f": ("10", "1/4"),
        "g": ("5/2", "1"),
    },
]
"""Data and gradient of each node of g = f / (a*b / (a + b))."""


@pytest.mark.parametrize("point", POINTS)
def test_the_worked_example(point: dict[str, tuple[str, str]]) -> None:
    a, b, f = (Scalar(point[label][0], label) for label in "abf")
    c = a + b
    d = a * b
    e = d / c
    g = f / e
    g.backward()
    for label, node in {"a": a, "b": b, "c": c, "d": d, "e": e, "f": f, "g": g}.items():
        data, grad = point[label]
        assert (node.data, node.grad) == (Fraction(data), Fraction(grad)), label


def test_paths_of_unequal_length() -> None:
    # b = a², c = a³, d = a³ + a²: 3a² + 2a = 16 at 2.
    a = Scalar(2)
    b = a * a
    c = b * a
    d = c + b
    d.backward()
    assert (d.data, a.grad, b.grad, c.grad) == (12, 16, 3, 1)


def test_two_nodes_of_equal_value_are_two_nodes() -> None:
    x, y = Scalar(2), Scalar(2)
    (x * y + x).backward()
    assert (x.grad, y.grad) == (3, 2)


@pytest.mark.parametrize(
    ("function", "at", "expected"),
    [
        (lambda a: a * a, 3, 6),
        (lambda a: a + a, 1, 2),
        (lambda a: a - a, 1, 0),
        (lambda a: a / a, 7, 0),
        (lambda a: 2 * a + 1, 5, 2),
        (lambda a: a**0, 0, 0),
        (lambda a: a**1, 0, 1),
        (lambda a: a**2, 0, 0),
        (lambda a: a / 3, 1, Fraction(1, 3)),
        (lambda a: a * 1e-30, 1, Fraction(1, 10**30)),
        (lambda a: a * 1e12, 1, 10**12),
        (lambda a: 0.1 * a + 0.2 * a - 0.3 * a, 5, 0),
        (lambda a: builtins.sum([a] * 1000, a), 1, 1001),
        (lambda a: a + 0, 1, 1),
    ],
)
def test_graphs_that_others_get_wrong(
    function: Callable[[Scalar], Scalar], at: object, expected: Fraction
) -> None:
    assert derivative(function, at) == expected


def test_a_node_used_in_two_places() -> None:
    a, b, k = Scalar(3), Scalar(4), Scalar(7)
    c = a + b
    (c + c * k).backward()
    assert (a.grad, b.grad, c.grad, k.grad) == (8, 8, 8, 7)


def test_a_second_backward_renews_inner_nodes_and_adds_to_leaves() -> None:
    a = Scalar(2)
    b = a * a
    c = b * a
    c.backward()
    assert (a.grad, b.grad, c.grad) == (12, 2, 1)
    c.backward()
    assert (a.grad, b.grad, c.grad) == (24, 2, 1)


def test_a_quotient_of_nodes_stays_exact() -> None:
    quotient = Scalar(1) / Scalar(3)
    assert quotient.data == Fraction(1, 3)
    assert type(quotient.data) is Fraction


def test_an_operand_used_twice_stands_twice_in_the_graph() -> None:
    x = Scalar(1)
    node = x + x
    assert node.operands[0] is node.operands[1] is x
    assert len(node.operands) == 2


# --- making nodes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(3, 3), (Fraction(1, 3), Fraction(1, 3)), (Decimal("0.1"), TENTH), (-0.0, 0)],
        *[(3.1, Fraction(31, 10)), ("3.1", Fraction(31, 10)), ("31/10", Fraction(31, 10))],
    ],
)
def test_a_leaf(value: object, expected: Fraction) -> None:
    leaf = Scalar(value, "x")
    assert leaf.data == expected
    assert (leaf.operands, leaf.parameters, leaf.operator) == ((), (), None)
    assert (leaf.label, leaf.is_constant, leaf.has_grad, leaf.grad) == ("x", False, False, 0)
    assert Scalar(value).label == ""
    assert Scalar(value, label="y").label == "y"


@pytest.mark.parametrize("value", [True, None, 1j, b"1", [1], Scalar(1)])
def test_no_leaf_from_other_types(value: object) -> None:
    with pytest.raises(InvalidOperand, match="expected a"):
        Scalar(value)


@pytest.mark.parametrize("value", ["", "1/0", "x", math.nan, math.inf, Decimal("nan")])
def test_no_leaf_from_what_is_no_number(value: object) -> None:
    with pytest.raises(InvalidNumber):
        Scalar(value)


def test_the_size_of_a_leaf_is_limited() -> None:
    with pytest.raises(TooLarge, match="max_bits"):
        Scalar("1e999999999")
    with pytest.raises(TooLarge):
        Scalar(2**100, max_bits=100)
    assert Scalar("1e400000", max_bits=2**21).data == 10**400_000


def test_a_float_at_its_binary_value() -> None:
    assert Scalar.from_float(0.1, "x").data == Fraction(0.1)
    assert Scalar.from_float(0.1, "x").label == "x"


def test_a_constant_has_no_gradient() -> None:
    x, two = Scalar(3), Scalar.constant(2, "two")
    (x * two).backward()
    assert two.is_constant
    assert not two.has_grad
    assert (x.grad, two.data) == (2, 2)
    with pytest.raises(GradientUnavailable, match="the constant 'two' has no gradient"):
        two.grad  # noqa: B018


def test_a_number_in_arithmetic_becomes_a_constant() -> None:
    x = Scalar(3)
    node = 2 * x
    assert node.operands[1] is x
    assert node.operands[0].is_constant
    assert node.operands[0].data == 2
    assert set(gradients(node)) == {node, x}


@pytest.mark.parametrize(
    "make", [lambda: Scalar.constant(2), lambda: minigrad.sum([]), lambda: prod([])]
)
def test_a_constant_root_leaves_no_gradient(make: Callable[[], Scalar]) -> None:
    root = make()
    assert gradients(root) == {}
    root.backward()
    assert not root.has_grad
    assert minigrad.from_json(minigrad.to_json(root)).data == root.data


def test_labels_can_be_changed() -> None:
    node = Scalar(1) + 1
    node.label = "c"
    assert node.label == "c"
    assert "c: data 2" in str(node)


# --- value and gradient in parts -----------------------------------------------------------------


@given(st.fractions(), st.fractions())
@example(Fraction(0), Fraction(-1, 3))
@example(Fraction(-31, 10), Fraction(0))
def test_the_parts_of_value_and_gradient(data: Fraction, grad: Fraction) -> None:
    x = Scalar(data)
    x.backward(grad)
    assert x.join_data() == x.data_sign * (x.data_int + x.data_frac) == x.data == data
    assert x.join_grad() == x.grad_sign * (x.grad_int + x.grad_frac) == x.grad == grad
    assert x.data_int == math.floor(abs(data))
    assert x.grad_int == math.floor(abs(grad))
    assert x.data_sign == (data > 0) - (data < 0)
    assert x.grad_sign == (grad > 0) - (grad < 0)
    assert 0 <= x.data_frac < 1
    assert 0 <= x.grad_frac < 1


# --- arithmetic ----------------------------------------------------------------------------------

INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
}

NUMBERS: list[tuple[Any, Fraction]] = [
    *[(2, Fraction(2)), (-3, Fraction(-3)), (True, Fraction(1)), (10**5000, Fraction(10**5000))],
    *[
        (Fraction(-7, 2), Fraction(-7, 2)),
        (Decimal("0.1"), TENTH),
        (0.1, TENTH),
        (2.0, Fraction(2)),
    ],
]


def foreign_numbers() -> Iterator[tuple[Any, Fraction]]:
    """The exact numbers of the libraries that are installed, with what they stand for."""
    third = Fraction(1, 3)
    try:
        import numpy as np

        yield from [(np.int64(2**62), Fraction(2**62)), (np.bool_(True), Fraction(1))]
        yield from [(kind(0.1), TENTH) for kind in (np.float16, np.float32, np.float64)]
        yield np.longdouble("0.1"), TENTH
    except ImportError:
        pass
    try:
        import gmpy2

        yield from [(gmpy2.mpz(3), Fraction(3)), (gmpy2.mpq(1, 3), third)]
    except ImportError:
        pass
    try:
        import flint

        yield from [(flint.fmpz(3), Fraction(3)), (flint.fmpq(1, 3), third)]
    except ImportError:
        pass


each_infix = pytest.mark.parametrize("name", INFIX)
each_number = pytest.mark.parametrize(
    ("value", "exact"),
    [*NUMBERS, *foreign_numbers()],
    ids=lambda value: type(value).__name__ if not isinstance(value, Fraction) else "",
)


def check_infix(name: str, left: Any, right: Any, expected: Fraction) -> None:
    node = INFIX[name](left, right)
    assert type(node) is Scalar
    assert node.operator is OPERATORS[name]
    assert node.data == expected
    assert type(node.data) is Fraction


@each_infix
@each_number
def test_an_infix_with_a_number_on_either_side(name: str, value: Any, exact: Fraction) -> None:
    x = Scalar(Fraction(7, 3))
    check_infix(name, x, value, INFIX[name](x.data, exact))
    check_infix(name, value, x, INFIX[name](exact, x.data))


@each_infix
@pytest.mark.parametrize("exact", [Fraction(3), Fraction(1, 3), HALF])
def test_an_infix_with_a_sympy_number_on_either_side(name: str, exact: Fraction) -> None:
    sympy = pytest.importorskip("sympy")
    x, value = Scalar(Fraction(7, 3)), sympy.Rational(exact.numerator, exact.denominator)
    check_infix(name, x, value, INFIX[name](x.data, exact))
    check_infix(name, value, x, INFIX[name](exact, x.data))


def test_sympy_compares_with_the_exact_value() -> None:
    sympy = pytest.importorskip("sympy")
    third, x = sympy.Rational(1, 3), Scalar(Fraction(1, 3))
    more = Scalar(Fraction(1, 3) + Fraction(1, 10**30))
    assert (x == third, third == x) == (True, True)
    assert (bool(more > third), bool(third < more)) == (True, True)


@each_infix
def test_no_arithmetic_with_other_sympy_values(name: str) -> None:
    sympy = pytest.importorskip("sympy")
    y = sympy.Symbol("y")
    for value in (y, sympy.Float(0.5), sympy.I, sympy.exp(y), sympy.sqrt(-2), sympy.oo * sympy.I):
        for operands in ((Scalar(2), value), (value, Scalar(2))):
            with pytest.raises(TypeError):
                INFIX[name](*operands)


def test_other_sympy_values_are_unequal_and_not_ordered() -> None:
    sympy = pytest.importorskip("sympy")
    for value in (sympy.Symbol("y"), sympy.I, sympy.exp(sympy.Symbol("y"))):
        assert (Scalar(2) == value, Scalar(2) != value) == (False, True)
        with pytest.raises(TypeError):
            _ = Scalar(2) < value


@each_infix
def test_arithmetic_with_sympy_s_closed_forms(name: str) -> None:
    sympy = pytest.importorskip("sympy")
    for value in (sympy.pi, sympy.sqrt(2), sympy.exp(1) - 2):
        for left, right in ((7, value), (value, 7)):
            found = INFIX[name](*(Scalar(x) if x == 7 else x for x in (left, right)))
            expected = INFIX[name](sympy.Integer(left) if left == 7 else left, right)
            # SymPy leaves a remainder of these unevaluated, and rounds it right all the same.
            assert abs(sympy.N(found.data, 30) - sympy.N(expected, 30)) < sympy.Float("1e-25")


@each_infix
@given(st.fractions(), st.fractions().filter(bool))
@example(Fraction(-7, 2), Fraction(2))
@example(Fraction(7), Fraction(-2))
@example(Fraction(0), Fraction(10**30))
def test_an_infix_agrees_with_fractions(name: str, x: Fraction, y: Fraction) -> None:
    check_infix(name, Scalar(x), Scalar(y), INFIX[name](x, y))


def test_whole_quotients_can_be_divided_again() -> None:
    quotient = (Scalar(7) // 2) / (Scalar(5) // 2)
    assert quotient.data == Fraction(3, 2)
    assert type((Scalar(7) // 2).data) is Fraction


@pytest.mark.parametrize("other", ["1", None, [1], 1j, b"1", object()])
def test_what_is_no_number_is_a_type_error_on_either_side(other: object) -> None:
    for combine in (*INFIX.values(), operator.pow):
        with pytest.raises(TypeError):
            combine(Scalar(1), other)
        with pytest.raises(TypeError):
            combine(other, Scalar(1))


@pytest.mark.parametrize("other", [math.nan, math.inf, Decimal("nan"), Decimal("-inf")])
def test_arithmetic_with_nan_and_infinity_is_refused(other: object) -> None:
    for combine in INFIX.values():
        with pytest.raises(InvalidNumber):
            combine(Scalar(1), other)
        with pytest.raises(InvalidNumber):
            combine(other, Scalar(1))


def test_unary_signs() -> None:
    x = Scalar(-3)
    assert +x is x
    assert (-x).data == abs(x).data == 3
    assert (abs(x).operator.name, (-x).operator.name) == ("abs", "neg")


def test_divmod_on_either_side() -> None:
    for quotient, rest in (divmod(Scalar(-7), 2), divmod(-7, Scalar(2))):
        assert (quotient.data, rest.data) == (-4, 1)


@given(st.fractions(), st.integers(-3, 3) | st.none())
@example(Fraction(5, 2), None)
@example(Fraction(-5, 2), None)
@example(Fraction(25, 1000), 2)
@example(Fraction(15), -1)
def test_round_agrees_with_fractions(x: Fraction, digits: int | None) -> None:
    node = round(Scalar(x), digits)
    assert node.data == round(x, digits)
    assert type(node.data) is Fraction
    assert derivative(lambda s: round(s, digits), x) == 0


def test_the_derivative_of_a_remainder() -> None:
    # x mod y = x - 3*y near x = 7, y = 2.
    x, y = Scalar(7), Scalar(2)
    (x % y).backward()
    assert (x.grad, y.grad) == (1, -3)
    assert type(y.grad) is Fraction


# --- powers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [-3, -2, -1, 0, 1, 2, 3, 7])
@given(st.fractions(max_denominator=1000).filter(bool))
@example(Fraction(1))
@example(Fraction(-1))
@example(Fraction(-1, 3))
def test_a_power_and_its_derivative(n: int, x: Fraction) -> None:
    node = Scalar(x)
    power = node**n
    power.backward()
    assert power.data == x**n
    assert node.grad == n * x ** (n - 1)
    assert type(node.grad) is Fraction


@pytest.mark.parametrize("two", [2.0, Fraction(2), Decimal("2.0"), 2])
def test_a_whole_exponent_of_any_type(two: object) -> None:
    power = Scalar(3) ** two
    assert power.data == 9
    assert power.operator.name == "pow"
    assert power.parameters == (2,)


def test_powers_of_zero() -> None:
    assert (Scalar(0) ** 0).data == 1
    assert (0 ** Scalar(0)).data == 1
    assert (Scalar(0) ** 2).data == 0
    assert derivative(lambda x: x**0, 0) == 0
    assert derivative(lambda x: x ** Scalar(0), 0) == 0
    assert derivative(lambda x: x**1, 0) == 1
    for power in (
        lambda: Scalar(0) ** -1,
        lambda: Scalar(0) ** Scalar(-1),
        lambda: 0 ** Scalar(-1),
    ):
        with pytest.raises(DivisionByZero, match="0 has no negative power"):
            power()


def test_a_fractional_exponent_takes_roots() -> None:
    sympy = pytest.importorskip("sympy")
    for power in (lambda: Scalar(4) ** HALF, lambda: Scalar(4) ** 0.5, lambda: 4 ** Scalar("1/2")):
        assert power().data == 2
        assert type(power().data) is Fraction
    assert (Scalar(8) ** Fraction(-2, 3)).data == Fraction(1, 4)
    assert (Scalar(2) ** HALF).data == sympy.sqrt(2)
    assert (Scalar(0) ** HALF).data == 0
    assert derivative(lambda x: x**HALF, 4) == Fraction(1, 4)
    with pytest.raises(NoDerivative, match="no derivative there: at operand = 0, operand = 1/2"):
        derivative(lambda x: x**HALF, 0)


def test_a_fractional_exponent_of_a_negative_base_is_refused() -> None:
    for power in (
        lambda: Scalar(-4) ** HALF,
        lambda: Scalar(-4) ** 0.5,
        lambda: Scalar(-4) ** Scalar("1/2"),
        lambda: (-4) ** Scalar("1/2"),
    ):
        with pytest.raises(DomainError, match="whole exponent"):
            power()


def test_a_node_as_exponent_of_a_positive_base() -> None:
    sympy = pytest.importorskip("sympy")
    x, y = Scalar(3), Scalar(2, "y")
    z = x**y
    z.backward()
    assert (z.data, x.grad, y.grad) == (9, 6, 9 * sympy.log(3))
    assert (y.grad_sign, y.grad_int) == (1, 9)
    assert sympy.simplify(y.join_grad() - 9 * sympy.log(3)) == 0
    assert y.grad_frac == 9 * sympy.log(3) - 9
    one = Scalar(2, "y")
    (Scalar(1) ** one).backward()
    assert one.grad == 0
    assert type(one.grad) is Fraction


def test_a_node_as_exponent_of_a_negative_base() -> None:
    x, y = Scalar(-3), Scalar(2, "y")
    z = x**y
    z.backward()
    assert (z.data, x.grad) == (9, -6)
    assert y.has_grad
    for read in (lambda: y.grad, lambda: y.grad_sign, y.join_grad):
        with pytest.raises(GradientUnavailable, match=r"'y'.*a base that is not positive"):
            read()
    assert "grad unavailable" in str(y)


def test_an_unavailable_gradient_reaches_what_it_flows_into_and_nothing_else() -> None:
    a, b, x, other = Scalar(1), Scalar(1), Scalar(-3), Scalar(5)
    exponent = a + b
    root = x**exponent + other * a
    root.backward()
    assert (x.grad, other.grad) == (-6, 1)
    for node in (a, b, exponent):
        with pytest.raises(GradientUnavailable):
            node.grad  # noqa: B018
    assert gradients(root)[a] is UNAVAILABLE
    root.backward()
    assert x.grad == -12
    with pytest.raises(GradientUnavailable):
        a.grad  # noqa: B018
    root.zero_grad()
    assert a.grad == 0


def test_a_number_to_the_power_of_a_node() -> None:
    power = Fraction(1, 2) ** Scalar(3)
    assert power.data == Fraction(1, 8)
    assert (2 ** Scalar(-3)).data == Fraction(1, 8)
    assert (0.1 ** Scalar(2)).data == Fraction(1, 100)


def test_a_fraction_to_the_power_of_a_node() -> None:
    assert (Fraction(1, 3) ** Scalar(2)).data == Fraction(1, 9)


def test_no_modular_power() -> None:
    with pytest.raises(TypeError):
        pow(Scalar(2), 3, 5)


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: Scalar(2) ** 10**9,
        lambda: Scalar(2) ** -(10**9),
        lambda: Scalar(2) ** Scalar(10**9),
        lambda: Scalar("1/2") ** 10**5000,
        lambda: round(Scalar(1), 10**9),
        lambda: prod([Scalar(2**1000)] * 2000),
        lambda: Scalar(2**600_000) * Scalar(2**600_000),
    ],
)
def test_a_result_that_would_not_fit_is_refused(bomb: Callable[[], Scalar]) -> None:
    remedy = "Scalar, apply and from_json take a larger max_bits"
    with pytest.raises(TooLarge, match=rf"is over the limit of 1,048,576; {remedy}$"):
        bomb()


def test_large_exponents_of_one_are_small() -> None:
    assert (Scalar(1) ** 10**30).data == 1
    assert (Scalar(-1) ** (10**30 + 1)).data == -1
    assert (Scalar(0) ** 10**30).data == 0


def test_the_limit_of_a_result_can_be_raised() -> None:
    assert apply(named("pow"), [Scalar(2)], [2**21], max_bits=2**22).data == 2**2**21
    assert apply("pow", [Scalar(2)], [2**21], max_bits=2**22).data == 2**2**21


def test_an_operator_is_applied_by_its_name_too() -> None:
    x = Scalar(2)
    node = apply("pow", [x], [9])
    node.backward()
    assert node.operator is OPERATORS["pow"]
    assert (node.data, node.parameters, x.grad) == (512, (9,), 9 * 2**8)
    for unknown in ("plus", "", None, 3, int):
        with pytest.raises(InvalidOperand, match=r"expected an operator, one of add, .*; got "):
            apply(unknown, [x])  # type: ignore[arg-type]


@pytest.mark.parametrize("data", ["7/2", 3.5, Decimal("3.5"), Fraction(7, 2)])
def test_recorded_data_is_any_number(data: object) -> None:
    node = apply("neg", [Scalar(1)], data=data)
    assert (node.data, type(node.data)) == (Fraction(7, 2), Fraction)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        *[(data, InvalidOperand) for data in (True, [1], 1j, Scalar(1), UNAVAILABLE)],
        *[(data, InvalidNumber) for data in ("abc", "", math.nan, math.inf)],
        (Fraction(1, 2**30), TooLarge),
    ],
    ids=repr,
)
def test_recorded_data_that_is_no_number_is_refused(data: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        apply("neg", [Scalar(1)], data=data, max_bits=30)


# --- comparisons and conversions -----------------------------------------------------------------

COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("compare", COMPARISONS)
@given(st.fractions(max_denominator=9), st.fractions(max_denominator=9))
@example(HALF, HALF)
def test_comparisons_are_by_exact_value(compare: Any, x: Fraction, y: Fraction) -> None:
    assert compare(Scalar(x), Scalar(y)) is compare(x, y)
    assert compare(Scalar(x), y) is compare(x, y)
    assert compare(x, Scalar(y)) is compare(x, y)


@each_number
def test_a_node_equals_the_number_it_was_read_from(value: Any, exact: Fraction) -> None:
    assert (Scalar(exact) == value) is True
    assert (value == Scalar(exact)) is True
    assert not Scalar(exact) < value
    assert Scalar(exact + 1) > value


@pytest.mark.parametrize("infinity", [math.inf, Decimal("Infinity")])
def test_infinities_are_beyond_every_node(infinity: Any) -> None:
    x = Scalar(10**400)
    assert x < infinity
    assert infinity > x
    assert x > -infinity
    assert -infinity <= x
    assert x != infinity
    assert (x == -infinity) is False


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("nan", [math.nan, Decimal("nan")])
def test_comparing_with_nan_is_refused(compare: Any, nan: Any) -> None:
    with pytest.raises(InvalidNumber):
        compare(Scalar(1), nan)


@pytest.mark.parametrize("other", ["1", None, [1], 1j])
def test_a_node_never_equals_what_is_no_number(other: object) -> None:
    assert Scalar(1) != other
    assert other != Scalar(1)
    with pytest.raises(TypeError, match="not supported between"):
        Scalar(1) < other  # type: ignore[operator]  # noqa: B015


def test_hash_is_by_identity() -> None:
    x, y = Scalar(2), Scalar(2)
    assert x == y
    assert len({x, y, x}) == 2
    assert {x: "x", y: "y"}[x] == "x"


@given(st.fractions(min_value=-(10**300), max_value=10**300))
@example(Fraction(0))
@example(Fraction(1, 3))
@example(Fraction(-7, 2))
def test_conversions_are_those_of_the_value(x: Fraction) -> None:
    node = Scalar(x)
    assert bool(node) is bool(x)
    assert int(node) == int(x)
    assert float(node) == float(x)
    assert math.floor(node) == math.floor(x)
    assert math.ceil(node) == math.ceil(x)
    assert math.trunc(node) == math.trunc(x)


def test_a_float_is_correctly_rounded() -> None:
    assert float(Scalar("1/3")) == 1 / 3
    # Half way between two floats, and just above it.
    assert float(Scalar(2**53 + 1)) == 2.0**53
    assert float(Scalar(2**53 + 1 + Fraction(1, 10**30))) == 2.0**53 + 2
    with pytest.raises(OverflowError):
        float(Scalar(10**400))


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Scalar(3.1), "Scalar('31/10')"),
        (lambda: Scalar(3.1, "a"), "Scalar('31/10', label='a')"),
        (lambda: Scalar.constant(2), "Scalar.constant('2')"),
        (lambda: Scalar(1) + 2, "<Scalar 3, operator='add'>"),
        (lambda: Scalar(-(10**5000)), "Scalar('-10000000…00000000 (5,001 digits)')"),
    ],
)
def test_repr(make: Callable[[], Scalar], text: str) -> None:
    assert repr(make()) == text


def test_str_shows_the_node_and_its_operands() -> None:
    a, b = Scalar(3.1, "a"), Scalar(-4, "b")
    c = a * b * 2
    c.label = "c"
    c.backward()
    text = str(c)
    assert text.splitlines()[0] == "c: data -124/5, grad 1  = mul (*)"
    assert text.splitlines()[2] == "  ·: data 2, grad none"
    assert str(a) == "a: data 31/10, grad -8"
    assert "pow (**) 3" in str(a**3)


def test_str_of_a_wide_node_is_short() -> None:
    text = str(minigrad.sum([Scalar(i) for i in range(10_000)]))
    assert len(text.splitlines()) < 12
    assert "and 9,992 more operands" in text


def test_text_of_numbers_with_more_digits_than_python_prints() -> None:
    x = Scalar(10**5000, "x")
    y = Scalar(1, "y") ** 10**5000
    for text in (repr(x), str(x), str(x + y), str(y), repr(y), f"{x:.3e}"):
        assert 0 < len(text) < 300
    assert f"{x:.3e}" == "1.000e+5000"
    assert "5,001 digits" in str(x)


def test_format() -> None:
    x = Scalar("2/3", "x")
    assert (f"{x:.4f}", f"{x:>8.1%}", f"{x:s}") == ("0.6667", "   66.7%", "2/3")
    assert f"{x}" == str(x)
    with pytest.raises(InvalidNumber, match="expected a format"):
        format(x, "q")


ERRORS = [
    (lambda x: x / 0, ZeroDivisionError, r"div\(x = 3, 0\): the divisor must not be 0"),
    (lambda x: 1 / (x - 3), ZeroDivisionError, r"div\(1, 0\)"),
    (lambda x: x // 0, ZeroDivisionError, r"floordiv\(x = 3, 0\)"),
    (lambda x: x % Scalar(0, "y"), ZeroDivisionError, r"mod\(x = 3, y = 0\)"),
    (lambda x: (x - 3) ** -2, ZeroDivisionError, r"pow\(0, exponent = -2\)"),
    (lambda x: (-x) ** 0.5, ValueError, r"power\(-3, 1/2\): a negative base needs a whole"),
    (lambda x: (x - 3).log(), ValueError, r"log\(0\): the operand must be greater than 0"),
    (lambda x: (x - 4).sqrt(), ValueError, r"sqrt\(-1\): the operand must not be negative"),
    (lambda x: (x * 10**5000) / 0, ZeroDivisionError, r"30000000…00000000 \(5,001 digits\)"),
    (lambda x: x**10**5000, OverflowError, r"exponent = 10000000…00000000 \(5,001 digits\)"),
    (lambda x: prod([x] * 9 + [2**500_000] * 3), OverflowError, r"x = 3, … 12 operands\)"),
]


@pytest.mark.parametrize(("fails", "built_in", "message"), ERRORS)
def test_errors_carry_operator_labels_and_values(
    fails: Callable[[Scalar], Scalar], built_in: type[Exception], message: str
) -> None:
    with pytest.raises(built_in, match=message) as caught:
        fails(Scalar(3, "x"))
    assert isinstance(caught.value, MinigradError)


# --- backward and gradients ----------------------------------------------------------------------


def test_a_seed_scales_every_gradient() -> None:
    x = Scalar(3)
    y = x * x
    y.backward("1/2")
    assert (x.grad, y.grad) == (3, HALF)
    assert gradients(y, seed=-2) == {y: -2, x: -12}
    assert derivative(lambda x: x * 0.1, 1) == TENTH
    for seed in (True, None, "x", math.nan):
        with pytest.raises(MinigradError):
            y.backward(seed)


def test_gradients_touch_no_node() -> None:
    x = Scalar(3)
    y = x * x + 1
    assert gradients(y)[x] == 6
    assert [node.has_grad for node in topological_order([y])] == [False] * 4
    with pytest.raises(InvalidOperand, match="expected a Scalar"):
        gradients(3)  # type: ignore[arg-type]


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_leaves_accumulate_until_they_are_zeroed(x: int, y: int) -> None:
    a, b = Scalar(x), Scalar(y)
    (a * b).backward()
    (a + b).backward()
    assert (a.grad, b.grad) == (y + 1, x + 1)
    root = a * b
    root.backward()
    root.zero_grad()
    assert (a.grad, b.grad, root.grad) == (0, 0, 0)
    assert [node.has_grad for node in (a, b, root)] == [False] * 3


def test_a_root_that_is_a_leaf() -> None:
    x = Scalar(3)
    x.backward()
    x.backward(5)
    assert x.grad == 6


def test_a_root_inside_a_larger_graph() -> None:
    x = Scalar(3)
    y = x * x
    z = y * x
    y.backward()
    assert (x.grad, y.grad, z.has_grad) == (6, 1, False)


def test_unused_leaves_read_zero() -> None:
    unused = Scalar(1)
    (Scalar(2) * 3).backward()
    assert unused.grad == 0
    assert not unused.has_grad


def test_a_gradient_can_be_set_and_unset() -> None:
    x = Scalar(1)
    x.grad = "1/3"
    assert (x.grad, x.has_grad) == (Fraction(1, 3), True)
    x.grad = None
    assert (x.grad, x.has_grad) == (0, False)
    with pytest.raises(InvalidOperand):
        x.grad = [1]
    x.grad = Scalar(3)
    assert (x.grad, type(x.grad)) == (3, Fraction)


def test_errors_say_what_a_number_was_meant_for() -> None:
    x = Scalar(1)
    for error, bad in ((InvalidNumber, "abc"), (InvalidNumber, math.nan), (InvalidOperand, [1])):
        with pytest.raises(error, match=r"^seed: expected"):
            x.backward(bad)
        with pytest.raises(error, match=r"^seed: expected"):
            gradients(x, seed=bad)
        with pytest.raises(error, match=r"^grad: expected"):
            x.grad = bad
        with pytest.raises(error, match=r"^data: expected"):
            x.data = bad
    with pytest.raises(InvalidOperand, match=r"^seed: expected.*; got None"):
        x.backward(None)
    with pytest.raises(InvalidOperand, match=r"^data: expected.*; got None"):
        x.data = None
    assert (x.data, x.has_grad) == (1, False)


def test_gradients_of_large_numbers_are_exact() -> None:
    assert derivative(lambda x: x**3, 10**30) == 3 * 10**60
    assert derivative(lambda x: 1 / x, "1e-30") == -(10**60)


# --- leaves that are set -------------------------------------------------------------------------


def test_a_graph_built_on_an_old_value_is_refused_by_name() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    z = x * y
    z.backward()
    x.data = 5
    assert x.data == 5
    for use in (z.backward, lambda: gradients(z)):
        with pytest.raises(StaleGraph, match=r"'x' was set to 5 after <Scalar 6, operator='mul'>"):
            use()
    assert (x.grad, y.grad, z.grad) == (3, 2, 1)
    (x * y).backward()
    assert (x.grad, y.grad) == (6, 7)


def test_an_unlabelled_stale_leaf_is_named_by_its_value() -> None:
    x = Scalar(2)
    y = x + 1
    x.data = "7/2"
    with pytest.raises(StaleGraph, match="the value of 7/2 was set"):
        y.backward()


def test_a_leaf_set_before_its_use_or_set_back_is_fine() -> None:
    x = Scalar(1)
    x.data = 2
    y = x * x
    y.backward()
    assert x.grad == 4
    x.data = 3
    x.data = 2
    assert gradients(y)[x] == 4


def test_a_leaf_can_be_set_to_the_value_of_a_node() -> None:
    x = Scalar(1)
    x.data = Scalar(3)
    assert (x.data, type(x.data)) == (3, Fraction)
    x.data = x * x + 1
    assert x.data == 10


@pytest.mark.parametrize(
    ("build", "value"),
    [
        (lambda x: apply("pow", [x], [2**21], max_bits=2**22), 2),
        (lambda x: apply("prod", [x] * 30, max_bits=2**22), 2**100_000),
        (lambda x: apply("mul", [x, x], max_bits=2**22), 2**600_000),
    ],
    ids=["pow", "prod", "mul"],
)
def test_a_leaf_set_to_the_same_value_is_fine_under_a_raised_limit(
    build: Callable[[Scalar], Scalar], value: int
) -> None:
    x = Scalar(value, "x")
    root = build(x)
    x.data = value
    root.backward()
    assert x.grad > 0
    x.data = value + 1
    with pytest.raises(StaleGraph, match="'x'"):
        root.backward()


def test_a_stale_graph_outside_the_domain_is_stale() -> None:
    x = Scalar(2, "x")
    y = 1 / x
    x.data = 0
    with pytest.raises(StaleGraph, match="'x' was set to 0"):
        y.backward()


def test_setting_a_stale_leaf_below_other_nodes_is_noticed() -> None:
    x = Scalar(2, "x")
    y = (x * 2 + 1) * 3
    x.data = 3
    with pytest.raises(StaleGraph):
        y.backward()


def test_only_leaves_can_be_set() -> None:
    node = Scalar(2) + 1
    node.label = "sum"
    with pytest.raises(InvalidOperand, match=r"expected a leaf; got 'sum'.*<operator add>"):
        node.data = 3
    leaf = Scalar(1)
    with pytest.raises(InvalidNumber):
        leaf.data = "x"
    assert leaf.data == 1


# --- nodes are told apart by identity ------------------------------------------------------------


def test_the_engine_never_compares_nodes_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("two nodes were compared by value")

    x, y = Scalar(2, "x"), Scalar(2, "y")
    root = minigrad.sum([x * y, x**2, maximum(x, y), dot([x, y], [y, x]), x])
    for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"):
        monkeypatch.setattr(Scalar, name, refuse)
    monkeypatch.setattr(Scalar, "__hash__", object.__hash__)
    assert len(topological_order([root])) == 7
    root.backward()
    # d/dx of xy + x² + max(x, y) + 2xy + x, with one half for max at a tie.
    assert (x.grad, y.grad) == (2 + 4 + HALF + 4 + 1, 2 + HALF + 4)
    assert gradients(root)[x] == x.grad
    root.zero_grad()
    assert copy.deepcopy(root).data == root.data
    assert pickle.loads(pickle.dumps(root)).data == root.data
    assert minigrad.from_json(minigrad.to_json(root)).data == root.data
    assert str(root).startswith("·: data 20")
    x.data = 3
    with pytest.raises(StaleGraph):
        root.backward()


# --- functions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "xs", "value", "grads"),
    [
        (maximum, (3, 2), 3, (1, 0)),
        (maximum, (2, 3), 3, (0, 1)),
        (maximum, (2, 2), 2, (HALF, HALF)),
        (minimum, (3, 2), 2, (0, 1)),
        (minimum, (2, 3), 2, (1, 0)),
        (minimum, (2, 2), 2, (HALF, HALF)),
        (Scalar.maximum, (3, 2), 3, (1, 0)),
        (Scalar.minimum, (3, 2), 2, (0, 1)),
        (relu, (3,), 3, (1,)),
        (relu, (-3,), 0, (0,)),
        (relu, (0,), 0, (0,)),
        (Scalar.relu, (3,), 3, (1,)),
        (absolute, (-3,), 3, (-1,)),
        (absolute, (3,), 3, (1,)),
        (absolute, (0,), 0, (0,)),
        (abs, (-3,), 3, (-1,)),
        (lambda x, y: where(True, x, y), (3, 2), 3, (1, 0)),
        (lambda x, y: where(x < y, x, y), (3, 2), 2, (0, 1)),
        (lambda x, y: where(x, x * y, y), (3, 2), 6, (2, 3)),
        (lambda x, y: where(0, x, y), (3, 2), 2, (0, 1)),
        (lambda *xs: minigrad.sum(xs), (1, 2, 3), 6, (1, 1, 1)),
        (lambda *xs: minigrad.sum(x * x for x in xs), (1, 2, 3), 14, (2, 4, 6)),
        (lambda *xs: prod(xs), (2, 3, 4), 24, (12, 8, 6)),
        (lambda *xs: prod(xs), (0, 3, 4), 0, (12, 0, 0)),
        (lambda *xs: prod(xs), (0, 3, 0), 0, (0, 0, 0)),
        (lambda x: prod([x, x, x]), (2,), 8, (12,)),
        (lambda x, y: dot([x, y], [x, 2]), (3, 5), 19, (6, 2)),
        (lambda x: dot([x], [x]), (3,), 9, (6,)),
    ],
)
def test_functions(
    function: Callable[..., Scalar], xs: tuple[Any, ...], value: Fraction, grads: tuple[Any, ...]
) -> None:
    operands = [Scalar(x) for x in xs]
    node = function(*operands)
    node.backward()
    assert node.data == value
    assert type(node.data) is Fraction
    assert tuple(operand.grad for operand in operands) == grads


CONDITIONS = [True, False, 1, 0, -2, 0.0, 0.5, Fraction(0), Decimal("0.0"), Scalar(0), Scalar(2)]


@pytest.mark.parametrize("condition", CONDITIONS, ids=repr)
def test_a_condition_is_a_truth_value_or_a_number(condition: Any) -> None:
    node = where(condition, 1, 2)
    assert node.data == (1 if condition else 2)
    assert node.parameters == (bool(condition),)
    assert type(node.parameters[0]) is bool


def test_a_condition_may_be_one_of_numpy() -> None:
    np = pytest.importorskip("numpy")
    for condition in (np.bool_(True), np.bool_(False), np.float32(0), np.int8(1)):
        assert where(condition, 1, 2).data == (1 if condition else 2)


@pytest.mark.parametrize("condition", [None, "", "x", "1", b"1", [], [1], {}, 1j, object()])
def test_what_is_no_condition_is_refused(condition: Any) -> None:
    with pytest.raises(InvalidOperand, match="where: expected a condition, true or false; got "):
        where(condition, 1, 2)


@pytest.mark.parametrize("condition", [math.nan, math.inf, Decimal("nan")])
def test_a_condition_is_finite(condition: Any) -> None:
    with pytest.raises(InvalidNumber, match=r"; got .*(no number|not finite)"):
        where(condition, 1, 2)


def test_functions_take_numbers_for_constants() -> None:
    for node in (maximum(2, 3), minimum(4, 3.0), relu(3), absolute(-3), where(True, 3, 2)):
        assert node.data == 3
        assert all(operand.is_constant for operand in node.operands)
    x = Scalar(1)
    node = dot([x, 2], (3, True))
    node.backward()
    assert (node.data, x.grad) == (5, 3)


def test_empty_sums_and_products() -> None:
    for node, value in ((minigrad.sum([]), 0), (prod(()), 1), (dot([], iter([])), 0)):
        assert node.data == value
        assert node.is_constant


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: maximum(x, "5/2"), "maximum: expected a Scalar or a number; got '5/2'"),
        (lambda x: minimum(None, x), "minimum: expected a Scalar or a number; got None"),
        (lambda x: relu([x]), r"relu: expected a Scalar or a number; got \["),
        (lambda x: absolute("1"), "abs: expected a Scalar or a number"),
        (lambda x: where(True, x, "1"), "where: expected a Scalar or a number"),
        (lambda x: minigrad.sum(x), "sum: expected an iterable of Scalars or numbers"),
        (lambda x: minigrad.sum("12"), "sum: expected an iterable of Scalars or numbers"),
        (lambda x: minigrad.sum([x, "1"]), "sum: expected a Scalar or a number; got '1'"),
        (lambda x: prod(5), r"prod: expected an iterable .* got 5 \(type int\)"),
        (lambda x: prod([x, [x]]), "prod: expected a Scalar or a number"),
        (lambda x: dot([x], [x, x]), "dot: expected as many xs as ys; got 1 and 2"),
        (lambda x: dot([x], b"1"), "dot: expected an iterable"),
        (lambda x: dot([x], [None]), "dot: expected a Scalar or a number; got None"),
        (lambda x: apply(named("add"), [x, 1]), "add: expected a Scalar; got 1"),
        (lambda x: apply(named("add"), [x]), "add: expected 2 operands; got 1"),
        (lambda x: round(x, 0.5), "round: expected digits to be an int; got 0.5"),
    ],
)
def test_bad_input_of_functions(call: Callable[[Scalar], Scalar], message: str) -> None:
    with pytest.raises(InvalidOperand, match=message):
        call(Scalar(1))


@given(st.lists(st.tuples(st.fractions(), st.fractions()), min_size=1, max_size=6))
def test_a_dot_product_is_the_sum_of_its_products(pairs: list[tuple[Fraction, Fraction]]) -> None:
    xs, ys = [Scalar(x) for x, _ in pairs], [Scalar(y) for _, y in pairs]
    dot(xs, ys).backward()
    assert dot(xs, ys).data == builtins.sum(x * y for x, y in pairs)
    assert [x.grad for x in xs] == [y for _, y in pairs]
    assert [y.grad for y in ys] == [x for x, _ in pairs]


# --- NumPy arrays --------------------------------------------------------------------------------


@each_infix
def test_arrays_are_taken_element_by_element_on_either_side(name: str) -> None:
    np = pytest.importorskip("numpy")
    x, array = Scalar(3), np.array([[0.1, 2], [-3, 4]], dtype=np.float32)
    exact = [TENTH, Fraction(2), Fraction(-3), Fraction(4)]
    for left, right, values in (
        (x, array, [INFIX[name](Fraction(3), e) for e in exact]),
        (array, x, [INFIX[name](e, Fraction(3)) for e in exact]),
    ):
        result = INFIX[name](left, right)
        assert (type(result), result.shape, result.dtype) == (np.ndarray, (2, 2), object)
        assert [node.data for node in result.flat] == values
        assert all(node.operator is OPERATORS[name] for node in result.flat)


def test_arrays_of_nodes_and_gradients_through_them() -> None:
    np = pytest.importorskip("numpy")
    x, ys = Scalar(3), np.array([Scalar(1), Scalar(2)], dtype=object)
    for result in (x * ys, ys * x):
        total = result.sum()
        total.backward()
        assert (total.data, x.grad, [y.grad for y in ys]) == (9, 3, [3, 3])
        total.zero_grad()


def test_powers_with_arrays() -> None:
    np = pytest.importorskip("numpy")
    x = Scalar(3)
    assert [node.data for node in x ** np.array([2, -1, 0])] == [9, Fraction(1, 3), 1]
    assert [node.data for node in np.array([2, 0.5]) ** x] == [8, Fraction(1, 8)]


def test_comparisons_with_arrays() -> None:
    np = pytest.importorskip("numpy")
    x, array = Scalar(2), np.array([1, 2, 3])
    for compare in COMPARISONS:
        expected = compare(2, array).tolist()
        for result, values in (
            (compare(x, array), expected),
            (compare(array, x), compare(array, 2).tolist()),
        ):
            assert result.dtype == bool
            assert result.tolist() == values


def test_arrays_of_no_numbers_are_refused() -> None:
    np = pytest.importorskip("numpy")
    x, array = Scalar(1), np.array(["a", "b"])
    for combine in INFIX.values():
        for operands in ((x, array), (array, x)):
            with pytest.raises(TypeError):
                combine(*operands)
    assert not np.any(x == array)
    assert np.all(x != array)
    with pytest.raises(TypeError):
        x < array  # noqa: B015


def test_numpy_functions_do_not_take_a_node_apart() -> None:
    np = pytest.importorskip("numpy")
    with pytest.raises(TypeError):
        np.sin(Scalar(1))
    with pytest.raises(TypeError):
        np.multiply(np.array([1.0, 2.0]), Scalar(1))


# --- copies --------------------------------------------------------------------------------------


def diamond() -> Scalar:
    """A graph with a shared node, a parameter, a constant, labels, and gradients."""
    x = Scalar("31/10", "x")
    square = x**2
    square.label = "square"
    root = square * 2 + square / x
    root.backward()
    return root


def described(root: Scalar) -> list[tuple[Any, ...]]:
    """Everything about a graph but its identity."""
    order = topological_order([root])
    position = {node: i for i, node in enumerate(order)}
    return [
        (
            *(node.operator, node.parameters, node.label, node.is_constant),
            *(node.data, node._grad, [position[operand] for operand in node.operands]),
        )
        for node in order
    ]


PICKLERS: dict[str, Callable[[Any], Any]] = {
    f"protocol {protocol}": lambda value, protocol=protocol: pickle.loads(
        pickle.dumps(value, protocol)
    )
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
}
PICKLERS["in Python"] = lambda value: pickle._loads(pickle._dumps(value))  # type: ignore[attr-defined]
PICKLERS["protocol 0 in Python"] = lambda value: pickle._loads(  # type: ignore[attr-defined]
    pickle._dumps(value, 0)  # type: ignore[attr-defined]
)
COPIERS = {"deepcopy": copy.deepcopy, **PICKLERS}
each_copier = pytest.mark.parametrize("make", COPIERS.values(), ids=COPIERS)


@each_copier
def test_a_copied_graph_is_equal_and_apart(make: Callable[[Any], Any]) -> None:
    root = diamond()
    twin = make(root)
    assert described(twin) == described(root)
    assert set(topological_order([twin])).isdisjoint(topological_order([root]))
    twin.zero_grad()
    assert root.grad == 1
    # d/dx of 2x² + x = 4x + 1 at 31/10.
    twin.backward()
    assert topological_order([twin])[0].grad == Fraction(134, 10)


@each_copier
def test_copying_several_nodes_keeps_which_are_the_same(make: Callable[[Any], Any]) -> None:
    x = Scalar(3, "x")
    low = x * x
    high = low + x
    lows, highs, xs, again = make([low, high, x, {"low": low}])
    assert again["low"] is lows
    assert highs.operands[0] is lows
    assert highs.operands[1] is xs
    assert lows.operands == (xs, xs)
    highs, lows = make((high, low))
    assert highs.operands[0] is lows


@each_copier
def test_a_copy_remembers_that_a_leaf_was_set(make: Callable[[Any], Any]) -> None:
    x = Scalar(2, "x")
    y = x * x
    x.data = 3
    with pytest.raises(StaleGraph, match="'x'"):
        make(y).backward()


@each_copier
def test_a_copy_keeps_unavailable_gradients(make: Callable[[Any], Any]) -> None:
    root = Scalar(-3) ** Scalar(2)
    root.backward()
    base, exponent = make(root).operands
    assert base.grad == -6
    with pytest.raises(GradientUnavailable):
        exponent.grad  # noqa: B018


@each_copier
def test_a_copy_keeps_closed_forms(make: Callable[[Any], Any]) -> None:
    root = Scalar(2) ** Scalar("1/3")
    root.backward()
    twin = make(root)
    for old, new in zip((root, *root.operands), (twin, *twin.operands), strict=True):
        assert (new.data, new.grad) == (old.data, old.grad)
        assert new == old
    assert twin.data**3 == 2


@pytest.mark.parametrize("make", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_keeps_numbers_with_more_digits_than_python_prints(make: Any) -> None:
    x = Scalar(10**5000)
    x.backward(Fraction(1, 10**5000))
    twin = make(x)
    assert (twin.data, twin.grad) == (10**5000, Fraction(1, 10**5000))


def test_a_shallow_copy_shares_the_operands() -> None:
    root = diamond()
    twin = copy.copy(root)
    assert twin is not root
    assert twin.operands is root.operands
    assert described(twin) == described(root)
    leaf = copy.copy(Scalar(3, "x"))
    assert (leaf.data, leaf.label, leaf.operands) == (3, "x", ())


def test_a_deep_copy_uses_the_memo() -> None:
    x = Scalar(3)
    memo: dict[int, Any] = {}
    first, second = copy.deepcopy(x * 2, memo), copy.deepcopy(x * 3, memo)
    assert first.operands[0] is second.operands[0] is memo[id(x)]


def test_copies_share_the_numbers() -> None:
    root = diamond()
    for make in (copy.copy, copy.deepcopy):
        for twin, node in zip(
            topological_order([make(root)]), topological_order([root]), strict=True
        ):
            assert twin.data is node.data
            assert twin._grad is node._grad


@pytest.mark.parametrize("backwards", [False, True], ids=["operands first", "root first"])
def test_a_deep_copy_of_all_nodes_is_linear(
    monkeypatch: pytest.MonkeyPatch, backwards: bool
) -> None:
    _, root = chain(2000)
    nodes = topological_order([root])
    if backwards:
        nodes = nodes[::-1]
    slot = Scalar.__dict__["operands"]
    visits = []

    def read(node: Scalar) -> Any:
        visits.append(node)
        return slot.__get__(node, Scalar)

    monkeypatch.setattr(Scalar, "operands", property(read, slot.__set__))
    twins = copy.deepcopy(nodes)
    assert len(visits) < 10 * len(nodes)
    monkeypatch.undo()
    position = {node: i for i, node in enumerate(nodes)}
    for node, twin in zip(nodes, twins, strict=True):
        assert twin.operands == tuple(twins[position[operand]] for operand in node.operands)


@pytest.mark.parametrize("make", PICKLERS.values(), ids=PICKLERS)
@pytest.mark.parametrize("length", [1, 2, 998, 999, 1000, 1001, 2500])
def test_a_pickle_nests_no_deeper_than_a_node(make: Callable[[Any], Any], length: int) -> None:
    _, node = chain(length)
    assert len(topological_order([make(node)])) == length + 1


@pytest.mark.parametrize("length", [900, 1500])
def test_a_pickle_written_in_python_is_as_short_as_one_written_in_c(length: int) -> None:
    _, node = chain(length)
    in_python = pickle._dumps(node)  # type: ignore[attr-defined]
    assert len(in_python) < 1.1 * len(pickle.dumps(node))


class Unpicklable(str):
    def __reduce__(self) -> Any:
        raise RuntimeError("this label cannot be pickled")


@pytest.mark.parametrize("dumps", [pickle.dumps, pickle._dumps])  # type: ignore[attr-defined]
@pytest.mark.parametrize("position", [0, 1, 500, 1999])
def test_a_failed_pickle_does_not_break_the_next(
    dumps: Callable[[Any], bytes], position: int
) -> None:
    _, good = chain(3000)
    _, bad = chain(2000)
    topological_order([bad])[position].label = Unpicklable("x")
    try:
        dumps([bad, good])
    except RuntimeError:
        assert len(topological_order([pickle.loads(dumps(good))])) == 3001
    else:
        pytest.fail("the label was pickled")
    assert len(topological_order([pickle.loads(dumps(good))])) == 3001


@pytest.mark.parametrize("dumps", [pickle.dumps, pickle._dumps])  # type: ignore[attr-defined]
@pytest.mark.parametrize("length", [900, 2500])
def test_a_failed_pickle_leaves_nothing_behind(dumps: Callable[[Any], bytes], length: int) -> None:
    leaf, node = chain(length)
    node.label = Unpicklable("x")
    with pytest.raises(RuntimeError, match="this label"):
        dumps(-node)
    node.label = "y"
    assert len(topological_order([pickle.loads(dumps(node))])) == length + 1
    node.label = Unpicklable("x")
    with pytest.raises(RuntimeError, match="this label"):
        dumps(-node)
    reference = weakref.ref(leaf)
    del leaf, node
    gc.collect()
    assert reference() is None


def test_a_pickler_that_is_kept_does_not_disturb_another() -> None:
    _, node = chain(3000)
    pickler = pickle.Pickler(io.BytesIO())
    pickler.dump(node)
    inner = node.operands[0]
    assert len(topological_order([pickle.loads(pickle.dumps(inner))])) == 3000
    pickler.dump(inner)


class Full(io.RawIOBase):
    """A file on a disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError("the disk is full")
        return len(data)


@pytest.mark.parametrize("make", [pickle.Pickler, pickle._Pickler])  # type: ignore[attr-defined]
@pytest.mark.parametrize("room", [0, 400_000])
@pytest.mark.parametrize("again", [20_000, 19_999, 10_000])
def test_a_failed_pickler_that_is_kept_does_not_disturb_another(
    make: Callable[[Any], Any], room: int, again: int
) -> None:
    _, root = chain(20_000)
    pickler = make(Full(room))
    with pytest.raises(OSError, match="disk is full"):
        pickler.dump(root)
    nodes = topological_order([root])
    twin = pickle.loads(pickle.dumps(nodes[again]))
    assert len(topological_order([twin])) == again + 1


@pytest.mark.parametrize("make", [pickle.Pickler, pickle._Pickler])  # type: ignore[attr-defined]
@pytest.mark.parametrize("position", [0, 1, 31, 32, 33, 1000, 2990, 2998, 2999])
def test_a_pickler_that_failed_at_any_node_does_not_disturb_another(
    make: Callable[[Any], Any], position: int
) -> None:
    _, root = chain(3000)
    nodes = topological_order([root])
    nodes[position].label = Unpicklable("x")
    pickler = make(io.BytesIO())
    with pytest.raises(RuntimeError, match="this label"):
        pickler.dump(root)
    nodes[position].label = ""
    for node in (root, root.operands[0], nodes[position], nodes[position + 1]):
        for dumps in (pickle.dumps, pickle._dumps):  # type: ignore[attr-defined]
            twin = pickle.loads(dumps(node))
            assert len(topological_order([twin])) == len(topological_order([node]))


def taken(flattened: Flattened) -> list[list[bool]]:
    """What a pickler of `flattened` is told that asks each node twice, and a stranger between."""
    return [
        [Flattened.takes(asked) for asked in (node, node, Scalar(1))]
        for run in flattened.__reduce__()[3]
        for node in run.__reduce__()[3]
    ]


def test_a_flattened_node_is_taken_once() -> None:
    _, root = chain(100)
    assert not Flattened.takes(root.operands[0])
    flattened = Flattened(root)
    assert not Flattened.takes(root.operands[0])
    assert taken(flattened) == [[True, False, False]] * 100
    assert not Flattened.takes(root)


def test_a_flattened_list_is_forgotten_at_its_end_and_with_its_pickler() -> None:
    _, root = chain(100)
    run = next(Flattened(root).__reduce__()[3])
    items = list(run.__reduce__()[3])
    assert Flattened.takes(items[0])
    Flattened.end()
    assert not Flattened.takes(items[1])
    items = list(run.__reduce__()[3])
    assert Flattened.takes(items[2])
    del run
    gc.collect()
    assert not Flattened.takes(items[3])


def test_threads_do_not_disturb_each_other() -> None:
    failures: list[object] = []

    def work(start: int) -> None:
        leaf, node = chain(1200, start)
        for _ in range(3):
            twin = pickle.loads(pickle.dumps([node, leaf]))
            twin[0].backward()
            if twin[1].grad != 1 or copy.deepcopy(node).data != start:
                failures.append(start)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_nodes_can_be_weakly_referenced() -> None:
    node = Scalar(1) + 1
    reference = weakref.ref(node)
    assert reference() is node
    del node
    gc.collect()
    assert reference() is None


# --- size ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        copy.copy,
        copy.deepcopy,
        lambda node: pickle.loads(pickle.dumps(node)),
        repr,
        str,
        lambda node: node.backward(),
        gradients,
        Scalar.zero_grad,
    ],
    ids=["copy", "deepcopy", "pickle", "repr", "str", "backward", "gradients", "zero_grad"],
)
def test_a_long_chain_does_not_recurse(use: Callable[[Scalar], Any]) -> None:
    leaf, node = chain(20_000)
    result = use(node)
    if isinstance(result, Scalar):
        result.backward()
        assert topological_order([result])[0].data == 1
    assert node.data == leaf.data == 1


def test_a_long_chain_is_freed() -> None:
    leaf, node = chain(60_000)
    reference = weakref.ref(node)
    del node
    assert reference() is None
    assert sys.getrefcount(leaf) == 2


MILLION = """
import gc, re, sys
from fractions import Fraction
from minigrad import Scalar

def peak():
    with open("/proc/self/status") as status:
        return 1024 * int(re.search("VmHWM:\\s+([0-9]+) kB", status.read())[1])

gc.disable()
count = 10**6
before = peak()
leaf = node = Scalar(1)
for _ in range(count):
    node = -node
node.backward()
assert leaf.grad == 1
# The values and gradients are Fractions of the ints 1 and -1, of which there is one each.
print((peak() - before) / count - 2 * sys.getsizeof(Fraction(1)))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak from /proc")
def test_a_million_nodes_take_little_memory() -> None:
    run = subprocess.run([sys.executable, "-c", MILLION], capture_output=True, text=True)
    assert run.stderr == ""
    assert 100 < float(run.stdout) < 450


def test_texts_are_no_labels_conditions_or_floats_by_accident() -> None:
    with pytest.raises(TypeError, match="expected a text as label; got 5"):
        Scalar(1, 5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a condition"):
        where("False", 1, 2)
    with pytest.raises(TypeError, match="expected a float"):
        Scalar.from_float("0.1")  # type: ignore[arg-type]


def test_what_a_node_is_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        (Scalar(1) + 1).is_constant = True  # type: ignore[misc]


def test_a_product_with_a_zero_is_zero_however_large_the_others() -> None:
    large = Scalar(2**600_000)
    assert prod([0, large, large]).data == 0
