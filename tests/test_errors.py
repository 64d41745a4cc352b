from __future__ import annotations

import pytest

from minigrad import errors
from minigrad.errors import MinigradError, describe

BUILT_IN = {
    "CaseError": ValueError,
    "DivisionByZero": ZeroDivisionError,
    "DomainError": ValueError,
    "ExpressionError": ValueError,
    "GradientMismatch": AssertionError,
    "GradientUnavailable": ValueError,
    "GraphFileError": ValueError,
    "InvalidNumber": ValueError,
    "InvalidOperand": TypeError,
    "StaleGraph": RuntimeError,
    "TooLarge": OverflowError,
}


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def test_the_table_lists_every_exception() -> None:
    assert set(errors.__all__) == {*BUILT_IN, "MinigradError", "describe"}


@pytest.mark.parametrize(("name", "built_in"), BUILT_IN.items())
def test_an_exception_is_ours_and_the_one_that_python_users_expect(
    name: str, built_in: type[Exception]
) -> None:
    error = getattr(errors, name)
    assert issubclass(error, MinigradError)
    assert issubclass(error, built_in)
    with pytest.raises(built_in, match="why"):
        raise error("why")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3 (type int)"),
        ("3", "'3' (type str)"),
        (None, "None (type NoneType)"),
        ("a\nb\x00", r"'a\nb\x00' (type str)"),
        ("\u202e", r"'\u202e' (type str)"),
        ("é", "'é' (type str)"),
        (Hostile(), "<unprintable> (type Hostile)"),
        pytest.param(10**5000, "<unprintable> (type int)", id="more digits than repr prints"),
    ],
)
def test_describe_names_the_value_and_its_type(value: object, text: str) -> None:
    assert describe(value) == text


def test_describe_is_short_and_on_one_line() -> None:
    text = describe(["\n" * 1000, 1] * 1000, width=20)
    assert text.endswith("… (type list)")
    assert len(text) == 20 + len(" (type list)")
    assert "\n" not in text


def test_describe_escapes_what_a_repr_lets_through() -> None:
    class Loud:
        def __repr__(self) -> str:
            return "a\nb\x1b[31m"

    assert describe(Loud()) == r"a\nb\x1b[31m (type Loud)"
