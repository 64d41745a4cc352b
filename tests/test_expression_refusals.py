"""What is refused, and where the caret stands."""

import pytest
from expressions import parse, refusal

from minigrad.errors import DivisionByZero, DomainError, TooLarge

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
