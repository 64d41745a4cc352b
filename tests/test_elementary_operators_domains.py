"""Points without a value, and points with a value and no derivative."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hard_points import NAMES, POINTS, Point

import minigrad
from minigrad import Scalar, apply, grad, gradients, hessian, jvp, taylor, vjp
from minigrad.errors import DivisionByZero, DomainError, NoDerivative, TooLarge
from minigrad.number_text import short_text
from minigrad.operators import OPERATORS

SLOPELESS = [point for point in POINTS if not point.has_slopes]


# --- where there is no value ----------------------------------------------------------------------

# Is 0, and no normal form shows it.
SECRET = "sqrt(2)+sqrt(3)-sqrt(5+2*sqrt(6))"


POSITIVE, POLES = "the operand must be greater than 0", "0, -1, -2, … are poles"
UP_TO_ONE, AT_LEAST_ONE = "the operand must be from -1 to 1", "the operand must be at least 1"
BETWEEN = "the operand must be between -1 and 1"
TANGENT = "the tangent has a pole at odd halves of pi"
WHOLE, NEGATIVE = "a negative base needs a whole exponent", "0 has no negative power"

PARAMETERS = {"polygamma": ("order", 1), "softmax": ("index", 2), "log_softmax": ("index", 2)}
OUTSIDE = [
    ("sqrt", "-1", DomainError, "the operand must not be negative"),
    ("sqrt", "-1e-30", DomainError, "the operand must not be negative"),
    ("sqrt", "sqrt(2)-3/2", DomainError, "the operand must not be negative"),
    ("log", "0", DomainError, POSITIVE),
    ("log", "-3", DomainError, POSITIVE),
    ("log", "2-sqrt(5)", DomainError, POSITIVE),
    ("log2", "0", DomainError, POSITIVE),
    ("log10", "-1", DomainError, POSITIVE),
    ("log1p", "-1", DomainError, "the operand must be greater than -1"),
    ("log1p", "-3/2", DomainError, "the operand must be greater than -1"),
    ("gamma", SECRET, DomainError, POLES),
    ("gamma", f"{SECRET}-1", DomainError, POLES),
    ("loggamma", SECRET, DomainError, POSITIVE),
    ("digamma", f"{SECRET}-3", DomainError, POLES),
    ("asin", "2", DomainError, UP_TO_ONE),
    ("asin", "-1-1e-30", DomainError, UP_TO_ONE),
    ("acos", "3/2", DomainError, UP_TO_ONE),
    ("acos", "-pi", DomainError, UP_TO_ONE),
    ("acosh", "1/2", DomainError, AT_LEAST_ONE),
    ("acosh", "-1", DomainError, AT_LEAST_ONE),
    ("atanh", "1", DomainError, BETWEEN),
    ("atanh", "-1", DomainError, BETWEEN),
    ("atanh", "2", DomainError, BETWEEN),
    ("tan", "pi/2", DivisionByZero, TANGENT),
    ("tan", "-3*pi/2", DivisionByZero, TANGENT),
    ("gamma", "0", DomainError, POLES),
    ("gamma", "-5", DomainError, POLES),
    ("digamma", "-2", DomainError, POLES),
    ("polygamma", "0", DomainError, POLES),
    ("softmax", "0 1", DomainError, "the index must be that of an operand"),
    ("log_softmax", "0 1", DomainError, "the index must be that of an operand"),
    ("loggamma", "0", DomainError, POSITIVE),
    ("loggamma", "-1/2", DomainError, POSITIVE),
    ("atan2", "0 0", DomainError, "0 and 0 make no angle"),
    ("power", "0 -1", DivisionByZero, NEGATIVE),
    ("power", "0 -1/2", DivisionByZero, NEGATIVE),
    ("power", "0 -pi", DivisionByZero, NEGATIVE),
    ("power", "-8 1/3", DomainError, WHOLE),
    ("power", "-1 pi", DomainError, WHOLE),
]


@pytest.mark.parametrize(("name", "at", "error", "says"), OUTSIDE)
def test_outside_the_domain_operator_label_and_value_are_named(
    name: str, at: str, error: type[Exception], says: str
) -> None:
    xs = [Scalar(text, f"x{k}") for k, text in enumerate(at.split(), start=1)]
    parameter, number = PARAMETERS.get(name, ("", 0))
    parameters = (number,) if parameter else ()
    with pytest.raises(error) as raised:
        apply(name, xs, parameters)
    shown = ", ".join([f"{x.label} = {short_text(x._datum)}" for x in xs])
    order = f", {parameter} = {number}" if parameters else ""
    assert str(raised.value) == f"{name}({shown}{order}): {says}"


def test_operators_with_restricted_domains_are_all_there() -> None:
    assert {name for name, *_ in OUTSIDE} == {n for n in NAMES if OPERATORS[n].domain}


@pytest.mark.parametrize(
    ("name", "at"), [("exp2", "1e30"), ("exp2", "-1e9"), ("power", "2 1e9"), ("power", "-2 1e9")]
)
def test_what_would_be_too_large_is_refused(name: str, at: str) -> None:
    with pytest.raises(TooLarge, match=rf"^{name}\("):
        apply(name, [Scalar(text) for text in at.split()])


@pytest.mark.parametrize("order", [-1, 101, 1.0, True, "1"])
def test_an_order_of_polygamma_must_be_a_small_int(order: object) -> None:
    with pytest.raises(minigrad.errors.InvalidOperand, match="an int from 0 to 100"):
        apply("polygamma", [Scalar(2)], (order,))


# --- where there is a value and no derivative -----------------------------------------------------


def test_the_ends_of_domains_are_all_there() -> None:
    ends = {"sqrt", "cbrt", "asin", "acos", "acosh", "power"}
    assert {point.name for point in SLOPELESS} == ends


@pytest.mark.parametrize("point", SLOPELESS, ids=str)
def test_backward_says_so_and_leaves_nothing_behind(point: Point) -> None:
    root = point.graph()
    at = ", ".join([f"x{k} = {text}" for k, text in enumerate(point.at, start=1)])
    says = f"^{point.name} has a value and no derivative there: at {at}$"
    with pytest.raises(NoDerivative, match=says):
        root.backward()
    nodes = [root, *root.operands, *root.operands[0].operands]
    assert not any(node.has_grad for node in nodes)
    with pytest.raises(NoDerivative, match=says):
        gradients(root)


def test_a_gradient_that_was_there_stays() -> None:
    x = Scalar(0, "x")
    (3 * x).backward()
    with pytest.raises(NoDerivative):
        (x.sqrt() + x).backward()
    assert x.grad == 3


@pytest.mark.parametrize("function", ["sqrt", "cbrt", "asin", "acos", "acosh"])
def test_every_transform_says_so(function: str) -> None:
    fun = getattr(minigrad, function)
    at = 0 if function in ("sqrt", "cbrt") else 1
    for transform in (
        lambda: grad(fun)(at),
        lambda: jvp(fun, (at,), (1,)),
        lambda: vjp(fun, at)[1](1),
        lambda: taylor(fun, at, 2),
        lambda: hessian(fun)(at),
    ):
        with pytest.raises(NoDerivative, match=f"^{function} has a value and no derivative there"):
            transform()


def test_nothing_is_asked_of_a_constant() -> None:
    x = Scalar(2, "x")
    (x * Scalar.constant(4).sqrt()).backward()
    assert x.grad == 2


# --- whole numbers that are not written as such ---------------------------------------------------


def test_an_exponent_is_whole_whatever_it_is_written_as() -> None:
    zero, base, none = Scalar(SECRET), Scalar(-2), Scalar(0)
    assert (base ** (zero + 2)).data == 4
    assert (base ** (zero - 3)).data == Fraction(-1, 8)
    assert (none**zero).data == 1
    assert Scalar(f"(-2)**({SECRET}+2)").data == 4
    with pytest.raises(DomainError, match=WHOLE):
        base ** (zero + Fraction(1, 2))
    with pytest.raises(DivisionByZero, match=NEGATIVE):
        none ** (zero - 2)
    with pytest.raises(TooLarge, match="a power with the exponent 100,000,000 is over the limit"):
        base ** (zero + 10**8)


def test_a_power_with_such_an_exponent_has_its_derivative() -> None:
    zero, base = Scalar(SECRET), Scalar(-2)
    (base ** (zero + 3)).backward()
    assert base.grad == 12
    base = Scalar(0)
    (base ** (zero + 2)).backward()
    assert base.grad == 0
