"""Expressions of the command line: what is read, what is refused, and where the caret stands."""

import contextlib
import math
import re
import warnings
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minigrad import Scalar, gradients, to_json
from minigrad.closed import Closed
from minigrad.errors import (
    DivisionByZero,
    DomainError,
    ExpressionError,
    MinigradError,
    TooLarge,
)
from minigrad.graph import leaves, topological_order
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify.expression import parse_expression, split_assignments

VALUES = {"a": "3.1", "b": "4.2", "x": "-2", "zero": "0"}


def parse(text):
    """Parse with those of VALUES that the text names."""
    words = re.findall(r"\b[^\W\d]\w*", text)
    return parse_expression(text, {name: VALUES[name] for name in VALUES if name in words})


def refusal(text, values=None, kind=ExpressionError):
    """The lines of the error message, and the text that the caret points at."""
    with pytest.raises(kind) as caught:
        parse(text) if values is None else parse_expression(text, values)
    assert type(caught.value) is kind
    lines = str(caught.value).splitlines()
    carets = [i for i, line in enumerate(lines) if line.strip() == "^"]
    assert len(carets) <= 1
    pointed = lines[carets[0] - 1][lines[carets[0]].index("^") :] if carets else None
    return lines, pointed


# --- what is read ---

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


# --- what is refused, and where the caret stands ---

REFUSED = [
    ("", "an empty expression", None),
    (" \n ", "an empty expression", None),
    ("a + c", "unknown name 'c'; give it a value as c=…; known: a", "c"),
    ("c", "unknown name 'c'; give it a value as c=…; known: none", "c"),
    ("a if a > 0 else c", "unknown name 'c'; give it a value as c=…; known: a", "c"),
    ("max + a", "unknown name 'max'; give it a value as max=…; the function is written max(x, y, …); known: a", "max + a"),
    ("mx(a, b)", "unknown function 'mx'; did you mean max?", "mx(a, b)"),
    ("1 + sqr(a)", "unknown function 'sqr'; did you mean sqrt?", "sqr(a)"),
    ("sinc(a)", "unknown function 'sinc'; did you mean sin?", "sinc(a)"),
    ("exp()", "expected exp(x); got 0 arguments", "exp()"),
    ("log(a, b, a)", "expected log(x, base); got 3 arguments", "log(a, b, a)"),
    ("polygamma(a, b)", "polygamma: expected its order to be a whole number from 0 on, without a name; got 31/10", "polygamma(a, b)"),
    ("polygamma(-1, b)", "polygamma: expected its order to be a whole number from 0 on, without a name; got -1", "polygamma(-1, b)"),
    ("pi(a)", "unknown function 'pi'", "pi(a)"),
    ("exp + a", "unknown name 'exp'; give it a value as exp=…; the function is written exp(x); known: a", "exp + a"),
    ("divmod(a, b)", "unknown function 'divmod'", "divmod(a, b)"),
    ("2 * a(b + 1)", "'a' is a number, no function; a product is written a*(…)", "a(b + 1)"),
    ("2(a + 1)", "only a function is called; a product is written with *", "2(a + 1)"),
    ("(a)(b)", "'a' is a number, no function; a product is written a*(…)", "a)(b)"),
    ("max(a, key=b)", "a keyword argument has no place here; expected max(x, y, …)", "key=b)"),
    ("max(a, **b)", "a keyword argument has no place here; expected max(x, y, …)", "**b)"),
    ("a + max(b)", "expected max(x, y, …); got 1 argument", "max(b)"),
    ("max()", "expected max(x, y, …); got 0 arguments", "max()"),
    ("sum([])", "expected sum(x, y, …); got 0 arguments", "sum([])"),
    ("abs(a, b)", "expected abs(x); got 2 arguments", "abs(a, b)"),
    ("round(a, 1, 2)", "expected round(x, digits); got 3 arguments", "round(a, 1, 2)"),
    ("where(a > b, a)", "expected where(x > y, z, w); got 2 arguments", "where(a > b, a)"),
    ("pow(a, b, 3)", "expected pow(x, n); got 3 arguments", "pow(a, b, 3)"),
    ("dot([a])", "expected dot([x, …], [y, …]); got 1 argument", "dot([a])"),
    ("dot(a, b)", "expected a list such as [x, y]", "a, b)"),
    ("1 + dot([a, 1], [b])", "dot: expected lists of one length; got 2 and 1", "dot([a, 1], [b])"),
    ("dot([], [])", "dot: expected a positive multiple of 2 operands; got 0", "dot([], [])"),
    ("round(a, b)", "round: expected a whole number of digits, without a name; got 21/5", "round(a, b)"),
    ("round(a, 0.5)", "round: expected a whole number of digits, without a name; got 1/2", "round(a, 0.5)"),
    ("abs([a])", "a list outside sum, prod, dot, max and min has no place here", "[a])"),
    ("sum([a], [b])", "a list outside sum, prod, dot, max and min has no place here", "[a], [b])"),
    ("sum(*a)", "a starred argument has no place here", "*a)"),
    ("a < b", "a comparison outside a condition has no place here", "< b"),
    ("(a+b) ) < 3", "unmatched ')'", ") < 3"),
    ("((a)) < b", "a comparison outside a condition has no place here", "< b"),
    ("(a > 0) * b", "a comparison outside a condition has no place here", "> 0) * b"),
    ("a and b", "'and' or 'or' outside a condition has no place here", "and b"),
    ("a + (not b)", "'not' outside a condition has no place here", "not b)"),
    ("a if b else x", "expected a condition", "b else x"),
    ("where(1, a, b)", "expected a condition", "1, a, b)"),
    ("where(a is b, a, b)", "expected a condition", "is b, a, b)"),
    ("a if a in b else b", "expected a condition", "in b else b"),
    ("a if not a else b", "expected a condition", "a else b"),
    ("a if a > b or a else b", "expected a condition", "a else b"),
    ("where(a if a > 0 else b, a, b)", "expected a condition", "if a > 0 else b, a, b)"),
    ("a^2", "the operator ^ (a power is written **) has no place here", "^2"),
    ("a & b", "the operator & has no place here", "& b"),
    ("a | b", "the operator | has no place here", "| b"),
    ("a << b", "the operator << has no place here", "<< b"),
    ("a >> b", "the operator >> has no place here", ">> b"),
    ("a @ b", "the operator @ has no place here", "@ b"),
    ("~a", "the operator ~ has no place here", "~a"),
    ("a.real", "an attribute has no place here", ".real"),
    ("a.relu()", "an attribute has no place here", ".relu()"),
    ("a[0]", "an index has no place here", "[0]"),
    ("a, b", "a comma between numbers has no place here", "a, b"),
    ("1 + 'abc'", "'abc', no rational number, has no place here", "'abc'"),
    ("b'abc'", "b'abc', no rational number, has no place here", "b'abc'"),
    ("f'{a}'", "a text has no place here", "f'{a}'"),
    ("a * 1j", "1j, no rational number, has no place here", "1j"),
    ("a * True", "True, no rational number, has no place here", "True"),
    ("a + None", "None, no rational number, has no place here", "None"),
    ("...", "..., no rational number, has no place here", "..."),
    ("{a}", "a set has no place here", "{a}"),
    ("{a: b}", "a dict has no place here", "{a: b}"),
    ("(y := a)", "an assignment (give values as separate words, x=3.1) has no place here", "y := a)"),
    ("lambda: a", "a lambda has no place here", "lambda: a"),
    ("[a for a in b]", "Python's ListComp has no place here", "[a for a in b]"),
    ("sum(a for a in b)", "Python's GeneratorExp has no place here", "(a for a in b)"),
    ("(yield a)", "Python's Yield has no place here", "yield a)"),
    ("a # b", "a comment has no place here", "# b"),
    ("a +", "invalid syntax", ""),
    ("(a", "'(' was never closed", "(a"),
    ("a $ b", "invalid syntax", "$ b"),
    ("a \u2212 b", "invalid character '\u2212' (U+2212)", "\u2212 b"),
    ("a\0b", "the character U+0000 has no place here", "\ufffdb"),
    ("a + \ud800", "the character U+D800 has no place here", "\ufffd"),
    ("\ufeffa", "the character U+FEFF has no place here", "\ufffda"),
    ("a\u200b*b", "the character U+200B has no place here", "\ufffd*b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "pointed"), REFUSED)
def test_a_refusal_says_why_and_points_at_the_place(text, message, pointed):
    lines, caret = refusal(text)
    assert lines[0] == message
    assert caret == (pointed if pointed is not None else "")


@pytest.mark.parametrize(
    "text", ["", "a.real", "a +", "a & b", "'x'", "mx(a)", "2(a)", "a\0", "a#", "a if a else b"]
)
def test_a_refusal_ends_with_what_would_be_accepted(text):
    lines, _ = refusal(text)
    assert any(line.startswith("  accepted: ") for line in lines)
    assert max(map(len, lines)) < 400
    assert "max(x, y, …)" in lines[-1] or "x < y" in lines[-1]


FAILING = [
    ("a / zero", DivisionByZero, "div(a = 31/10, zero = 0): the divisor must not be 0", "/ zero"),
    ("1 + a // (b - b)", DivisionByZero, "floordiv(a = 31/10, 0): the divisor must not be 0", "// (b - b)"),
    ("((a)) % (b - b)", DivisionByZero, "mod(a = 31/10, 0): the divisor must not be 0", "% (b - b)"),
    ("a + zero ** -1", DivisionByZero, "pow(zero = 0, exponent = -1): 0 has no negative power", "** -1"),
    ("a * pow(0, -1)", DivisionByZero, "pow(0, exponent = -1): 0 has no negative power", "pow(0, -1)"),
    ("(-2) ** 0.5", DomainError, "power(-2, 1/2): a negative base needs a whole exponent", "** 0.5"),
    ("(-a) ** b", DomainError, "power(-31/10, b = 21/5): a negative base needs a whole exponent", "** b"),
    ("1 + sqrt(-a)", DomainError, "sqrt(-31/10): the operand must not be negative", "sqrt(-a)"),
    ("b * log(zero)", DomainError, "log(zero = 0): the operand must be greater than 0", "log(zero)"),
    ("log(3, 1)", DivisionByZero, "div(log(3), 0): the divisor must not be 0", "log(3, 1)"),
    ("acos(a)", DomainError, "acos(a = 31/10): the operand must be from -1 to 1", "acos(a)"),
    ("gamma(zero - 2)", DomainError, "gamma(-2): 0, -1, -2, … are poles", "gamma(zero - 2)"),
    ("atan2(zero, 0)", DomainError, "atan2(zero = 0, 0): 0 and 0 make no angle", "atan2(zero, 0)"),
    ("a + 1e999999999", TooLarge, "the number '1e999999999'", "1e999999999"),
    ("2 ** 10 ** 9", TooLarge, "pow(2, exponent = 1000000000): a result of", "** 10 ** 9"),
    ("a ** 10 ** 9", TooLarge, "pow(a = 31/10, exponent = 1000000000): a result of", "** 10 ** 9"),
    ("round(a, 10 ** 9)", TooLarge, "round(a = 31/10, digits = 1000000000): a result of", "round(a, 10 ** 9)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "message", "pointed"), FAILING)
def test_an_error_of_an_operator_keeps_its_type_and_points_at_it(text, kind, message, pointed):
    lines, caret = refusal(text, kind=kind)
    assert lines[0].startswith(message)
    assert caret == pointed


def test_an_error_of_an_operator_is_raised_without_a_chain_of_causes():
    with pytest.raises(DivisionByZero) as caught:
        parse("a / zero")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_value_without_a_name_is_refused():
    lines, caret = refusal("a + 1", {"a": "1", "b": "2", "c": "3"})
    assert lines == [
        "a value is given for b, c, not in the expression; expected values for its names only: a",
        "  a + 1",
    ]
    assert caret is None
    refusal("1", {"not a name": "1"})


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("3.x", "got '3.x' (type str)"),
        ("", "got '' (type str)"),
        ("inf", "it is not finite"),
        ("1/0", "its denominator is 0"),
        ("1e999999999", "is over the limit of"),
        ("b", "got 'b' (type str)"),
    ],
)
def test_a_malformed_value_is_refused_by_its_name(value, why):
    lines, caret = refusal("1 + a*a", {"a": value})
    assert lines[0].startswith("the value of a: ")
    assert why in lines[0]
    assert caret == "a*a"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "(" * 10_000 + "x" + ")" * 10_000,
        "[" * 10_000,
        "-" * 100_000 + "x",
        "+".join(["x"] * 100_000),
        "x**" * 100_000 + "x",
        "not " * 100_000 + "x",
        "x if x else " * 20_000 + "x",
        "x" + ".x" * 100_000,
        "abs(" * 150 + "x",
    ],
    ids=lambda text: text[:6],
)
def test_what_is_nested_too_deeply_is_refused(text):
    lines, _ = refusal(text)
    assert max(map(len, lines[:3])) < 160


def test_a_long_expression_is_shown_around_the_caret():
    terms = "+".join(["a"] * 60)
    lines, caret = refusal(f"{terms}+a/zero+{terms}", kind=DivisionByZero)
    assert caret.startswith("/zero+a")
    assert lines[1].startswith("  …a+a")
    assert lines[1].endswith("…")
    assert len(lines[1]) == 2 + 1 + 70 + 1
    lines, caret = refusal(f"a/zero+{terms}", kind=DivisionByZero)
    assert caret.startswith("/zero+a")
    assert lines[1].startswith("  a/zero")
    lines, caret = refusal(f"{terms}+a/zero", kind=DivisionByZero)
    assert caret == "/zero"
    assert lines[1].endswith("a/zero")


def test_a_caret_counts_characters_and_not_bytes():
    assert refusal("é + é*ç + c", {"é": "1", "ç": "2"})[1] == "c"
    assert refusal("é + (é * $)", {"é": "1"})[1] == "$)"


def test_a_caret_stands_right_below_wide_and_combining_characters():
    lines, _ = refusal("数 + 数/c", {"数": "1"})
    assert lines[1:3] == ["  数 + 数/c", "          ^"]
    accented = "e\u0301x"
    lines, _ = refusal(f"'{accented}' + c", {})
    assert refusal("[a, 'e\u0301\u0301'] + c")[0][2] == "  ^"


def test_a_long_name_or_text_is_cut_in_the_message():
    for text in ("n" * 10_000, f"'{'n' * 10_000}'", f"{'n' * 10_000}(1)"):
        lines, _ = refusal(text, {})
        assert "n…" in lines[0]
        assert max(map(len, lines[:3])) < 150
    many = {f"n{i}": "1" for i in range(100)}
    assert refusal("c", many)[0][0].endswith("known: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, …")


# --- closed forms ---

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


# --- assignments ---


def test_assignments_are_separated_from_expressions_and_files():
    words = [
        "a*b",
        "a=3.1",
        " b = 4.2 ",
        "x == 1",
        "x<=3",
        "x!=3",
        "f(x=1)",
        "3=4",
        "=",
        "c=",
        "é=1/2",
    ]
    assert split_assignments(words) == (
        ["a*b", "x == 1", "x<=3", "x!=3", "f(x=1)", "3=4", "="],
        {"a": "3.1", "b": "4.2", "c": "", "é": "1/2"},
    )
    assert split_assignments([]) == ([], {})


def test_an_assignment_uses_the_name_as_python_reads_it():
    assert split_assignments(["\u00b5=1"]) == ([], {"\u03bc": "1"})


def test_a_name_is_given_one_value():
    with pytest.raises(ExpressionError, match="expected one value for a; got 1 and 2"):
        split_assignments(["a=1", "b=1", "a=2"])
    with pytest.raises(ExpressionError, match="expected one value for \u03bc; got 1 and 1"):
        split_assignments(["\u00b5=1", "\u03bc=1"])


def test_a_word_of_python_is_no_name():
    with pytest.raises(ExpressionError, match="'lambda' is a word of Python's grammar"):
        split_assignments(["lambda=0.5"])


# --- any text at all, and Python's own arithmetic as the judge ---

PIECES = st.sampled_from(
    [
        "a",
        "b",
        "x",
        "0",
        "1",
        "2.5",
        "1e9",
        "0x1f",
        "1j",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        "=",
        "==",
        "<",
        ">",
        "!",
        "and",
        "or",
        "not",
        "if",
        "else",
        "in",
        "is",
        "lambda",
        "for",
        "abs",
        "relu",
        "max",
        "min",
        "round",
        "where",
        "sum",
        "prod",
        "dot",
        "pow",
        "exp",
        "sqrt",
        "log",
        "pi",
        "'",
        '"',
        "#",
        "\\",
        "^",
        "&",
        "|",
        "~",
        "@",
        ";",
        "é",
        "数",
        "\n",
        "\x00",
        "�",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.text()
    | st.lists(PIECES, max_size=12).map(" ".join)
    | st.lists(PIECES, max_size=12).map("".join)
)
@example("\\")
@example("a\\\n+b")
@example("'\\N{x}'")
@example("0_7")
@example("f'{'")
@example("a;b")
@example("a!")
def test_any_text_is_read_or_refused(text):
    for values in ({}, {"a": "1", "b": "-1/2", "x": "0"}, {"a": text}):
        with contextlib.suppress(MinigradError):
            assert isinstance(parse_expression(text, values)._data, (Fraction, Closed))


@given(st.lists(st.text()))
def test_any_words_are_separated_or_refused(words):
    try:
        others, values = split_assignments(words)
    except ExpressionError:
        return
    assert len(others) + len(values) == len(words)
    assert all(name.isidentifier() for name in values)


# What Python reads or computes as an int stands between angles: Python's division of ints is a float.
ATOMS = st.sampled_from(["⟨0⟩", "⟨1⟩", "⟨2⟩", "⟨7⟩", *VALUES])


def written(template, *parts):
    """Texts made of drawn parts, in the order of the template's braces."""
    return st.tuples(*parts).map(lambda drawn: template.format(*drawn))


def compound(inner):
    simple = written(
        "({} {} {})", inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner
    )
    simple |= written("({} < {} <= {})", inner, inner, inner)
    condition = simple | written("(not {})", simple)
    condition |= written("{} {} {}", simple, st.sampled_from(["and", "or"]), simple)
    return st.one_of(
        written("{} {} {}", inner, st.sampled_from(["+", "-", "*", "/", "%"]), inner),
        written("⟨{} // {}⟩", inner, inner),
        written("({})", inner),
        written("-{}", inner),
        written("({}) ** {}", inner, st.integers(-3, 3)),
        written("{}({})", st.sampled_from(["abs", "relu"]), inner),
        written("⟨round({})⟩", inner),
        written("{}({}, {}, {})", st.sampled_from(["max", "min"]), inner, inner, inner),
        written("{}([{}, {}])", st.sampled_from(["sum", "prod"]), inner, inner),
        written("dot([{}, {}], [{}, {}])", inner, inner, inner, inner),
        written("({} if {} else {})", inner, condition, inner),
        written("where({}, {}, {})", condition, inner, inner),
    )


PYTHON = {
    "relu": lambda x: max(x, Fraction(0)),
    "prod": math.prod,
    "dot": lambda xs, ys: sum(x * y for x, y in zip(xs, ys, strict=True)),
    "where": lambda condition, x, y: x if condition else y,
    "F": Fraction,
    **{name: Fraction(value) for name, value in VALUES.items()},
}


@settings(max_examples=200, deadline=None)
@given(st.recursive(ATOMS, compound, max_leaves=12))
@example("-x ** 2 * ⟨7⟩ % b - a")
@example("⟨round(⟨7⟩ / ⟨2⟩)⟩ - ⟨round(-b)⟩ * ⟨-⟨7⟩ // ⟨2⟩⟩")
def test_an_expression_has_the_value_that_python_gives_it(drawn):
    text = drawn.replace("⟨", "(").replace("⟩", ")")
    try:
        expected = eval(drawn.replace("⟨", "F(").replace("⟩", ")"), dict(PYTHON))
    except ZeroDivisionError:
        with pytest.raises(DivisionByZero):
            parse(text)
    else:
        assert type(expected) is Fraction
        assert parse(text).data == expected
