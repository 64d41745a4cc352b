"""Expressions that are read, and their values."""

import math
import warnings
from fractions import Fraction

import pytest
from expressions import parse, refusal

from minigrad import Scalar, gradients, to_json
from minigrad.errors import DivisionByZero, ExpressionError
from minigrad.graph import leaves, topological_order
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify.expression import parse_expression

# --- what is read ---------------------------------------------------------------------------------


READ = [
    ("10 / (a*b / (a+b))", Fraction(3650, 651)),
    ("a + b", Fraction(73, 10)),
    ("a - b", Fraction(-11, 10)),
    ("a // x", -2),
    ("b % a", Fraction(11, 10)),
    ("-x", 2),
    ("+x", -2),
    ("--x", -2),
    ("x ** 3", -8),
    ("x ** -1", Fraction(-1, 2)),
    ("x ** (1 + 1)", 4),
    ("2 ** x", Fraction(1, 4)),
    ("-2 ** 2", -4),
    ("2 ** 3 ** 2", 512),
    ("pow(x, 2)", 4),
    ("abs(x)", 2),
    ("relu(x)", 0),
    ("relu(a)", Fraction(31, 10)),
    ("max(x, a)", Fraction(31, 10)),
    ("maximum(x, a, b)", Fraction(42, 10)),
    ("max([x, a, b])", Fraction(42, 10)),
    ("min(a, b)", Fraction(31, 10)),
    ("minimum(a, b, x)", -2),
    ("round(a)", 3),
    ("round(a * b, 1)", 13),
    ("round(100 * a, -2)", 300),
    ("where(a < b, a, b)", Fraction(31, 10)),
    ("where(a > b, a, b)", Fraction(42, 10)),
    ("a if a > b else b", Fraction(42, 10)),
    ("a if a < b else x if x < 0 else b", Fraction(31, 10)),
    ("1 if zero < a < b < 10 else 0", 1),
    ("1 if zero < b < a else 0", 0),
    ("1 if a <= a >= a == a else 0", 1),
    ("1 if a != a else 0", 0),
    ("1 if a < b and x < 0 else 0", 1),
    ("1 if a > b or x < 0 else 0", 1),
    ("1 if a > b or x > 0 else 0", 0),
    ("1 if not (a > b or x > 0) else 0", 1),
    ("sum(a, b, x)", Fraction(53, 10)),
    ("sum([a, b, x])", Fraction(53, 10)),
    ("sum((a, b, x,))", Fraction(53, 10)),
    ("sum(a)", Fraction(31, 10)),
    ("prod(a, b, x)", Fraction(-2604, 100)),
    ("prod([a, b])", Fraction(1302, 100)),
    ("dot([a, b], [x, 1])", -2),
    ("dot((a,), (b,))", Fraction(1302, 100)),
    ("  a\n +\r\n\tb\f ", Fraction(73, 10)),
    ("a\u00a0+\u2003b", Fraction(73, 10)),
    ("(((((a)))))", Fraction(31, 10)),
    ("1 + 2", 3),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_an_expression_has_its_value(text, value):
    assert parse(text).data == value


NUMBERS = [
    ("3", 3),
    ("0.1", Fraction(1, 10)),
    (".5", Fraction(1, 2)),
    ("5.", 5),
    ("1_000.000_1", Fraction(10_000_001, 10_000)),
    ("1e3", 1000),
    ("1E-3", Fraction(1, 1000)),
    ("1.5e+1_0", 15 * 10**9),
    ("0.1234567890123456789012", Fraction(1234567890123456789012, 10**22)),
    ("1e999", 10**999),
    ("1e-999", Fraction(1, 10**999)),
    ("0", 0),
    ("000", 0),
    ("0xff", 255),
    ("0B101", 5),
    ("0o17", 15),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_a_number_is_read_as_it_is_written(text, value):
    assert parse(text).data == value
    assert parse(f"x + {text}").data == value - 2


@pytest.mark.parametrize("digits", [600, 601, 4300, 4301, 5000, 20_000])
def test_a_number_may_have_any_number_of_digits(digits):
    nines = "9" * digits
    assert parse(nines).data == 10**digits - 1
    assert parse(f"({nines} - x)/{nines}").data == Fraction(10**digits + 1, 10**digits - 1)
    assert parse(f"{nines}.{nines}").data == 10**digits - Fraction(1, 10**digits)
    assert parse("_".join(["9"] * digits)).data == 10**digits - 1


@pytest.mark.parametrize("digits", [10, 5000])
@pytest.mark.parametrize(
    "text", ["9{}_", "9__{}", "9{}a", "9{}e", "0{}", "a9{}", "9{}j", "9{}.real"]
)
def test_a_malformed_number_is_refused_however_long(digits, text):
    with pytest.raises(ExpressionError):
        parse_expression(text.format("7" * digits), {})


def test_a_name_is_one_leaf_and_numbers_are_constants():
    root = parse("x*x + 2*x - 2")
    found = leaves(topological_order([root]))
    assert [leaf.label for leaf in found if not leaf.is_constant] == ["x"]
    assert [leaf.data for leaf in found if leaf.is_constant] == [2, 2]
    assert gradients(root)[found[0]] == -2


def test_the_graph_is_the_one_that_python_builds():
    a, b = Scalar("3.1", "a"), Scalar("4.2", "b")
    assert to_json(parse("10 / (a*b / (a+b))")) == to_json(10 / (a * b / (a + b)))
    assert to_json(parse("(a - 1/2) ** -3 % 7")) == to_json((a - Fraction(1, 2)) ** -3 % 7)
    assert to_json(parse("max(a, b, 2)")) == to_json(a.maximum(b).maximum(2))
    assert to_json(parse("sum(a, b, 2)")) == to_json(
        apply(OPERATORS["sum"], [a, b, Scalar.constant(2)])
    )


def test_what_is_made_of_numbers_alone_is_a_constant():
    root = parse("dot([1, 2], [3, 4]) / max(2, 3) - round(2.5)")
    assert root.is_constant
    assert root.data == Fraction(11, 3) - 2


def test_only_the_chosen_side_is_computed():
    assert parse("1/zero if zero != 0 else a").data == Fraction(31, 10)
    assert parse("a if zero == 0 or 1/zero > 0 else b").data == Fraction(31, 10)
    assert parse("a if zero != 0 and 1/zero > 0 else b").data == Fraction(42, 10)
    assert parse("a if 1 < zero < 1/zero else b").data == Fraction(42, 10)


def test_where_computes_both_sides_and_passes_the_gradient_to_one():
    root = parse("where(a < b, a, b)")
    slopes = {node.label: slope for node, slope in gradients(root).items() if node.label}
    assert slopes == {"a": 1, "b": 0}
    refusal("where(zero == 0, a, 1/zero)", kind=DivisionByZero)


def test_a_name_may_be_that_of_a_function():
    assert parse_expression("max(max, min) * sum", {"max": "3", "min": "4", "sum": "2"}).data == 8


def test_names_are_compared_as_python_reads_them():
    micro, mu, ligature = "\u00b5", "\u03bc", "\ufb01"
    assert parse_expression(f"{micro} + {mu}", {micro: "3"}).data == 6
    assert parse_expression(f"{ligature} + fi", {ligature: "3"}).data == 6


def test_a_long_sum_is_no_deeper_than_a_short_one():
    assert parse("+".join(["x"] * 2000)).data == -4000
    assert parse("-" * 1000 + "x").data == -2
    assert parse("x if x > 0 else " * 500 + "x").data == -2
    assert parse("1 if " + "not " * 1000 + "x < 0 else 0").data == 1
    assert parse(f"sum([{','.join(['x'] * 20_000)}])").data == -40_000
    assert parse(f"1 if {'<'.join(map(str, range(5000)))} else 0").data == 1


def test_nothing_is_written_to_standard_error():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert parse("1if x<0else 2").data == 1
    assert seen == []


# --- closed forms ---------------------------------------------------------------------------------


CLOSED = [
    ("exp(-x**2/2) / sqrt(2*pi)", {"x": "1/2"}, math.exp(-1 / 8) / math.sqrt(2 * math.pi)),
    ("x**y", {"x": "2", "y": "1/2"}, 2**0.5),
    ("2**0.5 * x", {"x": "3"}, 3 * 2**0.5),
    ("log(x, 3) + log(x)", {"x": "5"}, math.log(5, 3) + math.log(5)),
    ("sin(pi*x) + cos(x)", {"x": "1/5"}, math.sin(math.pi / 5) + math.cos(0.2)),
    ("tan(x) + tanh(x) + sinh(x) - cosh(x)", {"x": "1/2"}, math.tan(0.5) + math.tanh(0.5) + math.sinh(0.5) - math.cosh(0.5)),
    ("asin(x) + arccos(x) * arctan(x)", {"x": "0.3"}, math.asin(0.3) + math.acos(0.3) * math.atan(0.3)),
    ("atan2(y, x) - arctan2(x, y)", {"x": "-1", "y": "2"}, math.atan2(2, -1) - math.atan2(-1, 2)),
    ("asinh(x) + arccosh(x + 1) + atanh(x/2)", {"x": "0.7"}, math.asinh(0.7) + math.acosh(1.7) + math.atanh(0.35)),
    ("sigmoid(x) + softplus(x) + silu(x)", {"x": "2"}, 3 / (1 + math.exp(-2)) + math.log1p(math.exp(2))),
    ("logsumexp([x, y, 0]) - logaddexp(x, y)", {"x": "1", "y": "2"}, math.log(math.e + math.e**2 + 1) - math.log(math.e + math.e**2)),
    ("norm(x, y, 1) + hypot(x, y)", {"x": "1", "y": "2"}, 6**0.5 + 5**0.5),
    ("erf(x) + gamma(x) + lgamma(x)", {"x": "1/3"}, math.erf(1 / 3) + math.gamma(1 / 3) + math.lgamma(1 / 3)),
    ("exp2(x) + expm1(x) + log1p(x) + log2(x) + log10(x) + cbrt(x)", {"x": "3"}, 8 + math.expm1(3) + math.log1p(3) + math.log2(3) + math.log10(3) + math.cbrt(3)),
    ("x * e", {"x": "exp(-2)"}, math.exp(-1)),
    ("x**2 + y", {"x": "sqrt(2)", "y": "pi/4"}, 2 + math.pi / 4),
    ("digamma(x) - polygamma(0, x) + x", {"x": "1/4"}, 0.25),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values", "expected"), CLOSED)
def test_closed_forms_have_the_value_that_python_rounds(text, values, expected):
    assert float(parse_expression(text, values)) == pytest.approx(expected, rel=1e-13)


def test_pi_and_e_are_constants_unless_they_are_given_values():
    root = parse_expression("pi * x + e", {"x": "2"})
    constants = [leaf.label for leaf in topological_order([root]) if leaf.is_constant]
    assert sorted(constants) == ["e", "pi"]
    assert parse_expression("e * x", {"e": "3", "x": "2"}).data == 6
    assert parse_expression("2*pi", {}).is_constant
    lines, _ = refusal("pi + a", {"a": "1", "b": "2"})
    assert lines[0].endswith("expected values for its names only: a")


def test_closed_forms_that_are_rational_are_fractions():
    assert parse_expression("sqrt(x) * log(e) + sin(pi/6)", {"x": "4/9"}).data == Fraction(7, 6)
    assert type(parse_expression("x**2", {"x": "sqrt(2)"}).data) is Fraction


@pytest.mark.parametrize(
    "value", ["sqrt(-1)", "log(0)", "exp(y)", "foo(2)", "1/0", "sqrt(2", "2**0.5j"]
)
def test_a_value_in_no_closed_form_is_refused_by_its_name(value):
    lines, caret = refusal("1 + a*a", {"a": value})
    assert lines[0].startswith("the value of a: expected")
    assert value in lines[0]
    assert caret == "a*a"
