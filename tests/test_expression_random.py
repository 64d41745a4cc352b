"""Any text at all, and Python's own arithmetic as the judge."""

import contextlib
import math
from fractions import Fraction

import pytest
from expressions import VALUES, parse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minigrad.closed import Closed
from minigrad.errors import DivisionByZero, ExpressionError, MinigradError
from minigrad.verify.expression import parse_expression, split_assignments

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
            assert isinstance(parse_expression(text, values)._datum, (Fraction, Closed))


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
