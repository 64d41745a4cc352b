from __future__ import annotations

import pytest

from minigrad import errors
from minigrad.errors import MinigradError, describe

BUILT_IN = {
    "CaseError": ValueError,
    "KeepsState": ValueError,
    "DivisionByZero": ZeroDivisionError,
    "DomainError": ValueError,
    "ExactnessLost": TypeError,
    "ExpressionError": ValueError,
    "GradientMismatch": AssertionError,
    "GradientUnavailable": ValueError,
    "GraphFileError": ValueError,
    "InvalidNumber": ValueError,
    "InvalidOperand": TypeError,
    "NoDerivative": ValueError,
    "NotDecided": ArithmeticError,
    "OutOfTime": TimeoutError,
    "StaleGraph": RuntimeError,
    "TooLarge": OverflowError,
}


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def test_the_table_lists_every_exception() -> None:
    assert set(errors.__all__) == {*BUILT_IN, "LeftGraphWarning", "MinigradError", "describe"}


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
        pytest.param(
            10**5000, "<unprintable of 16,610 bits> (type int)", id="more digits than repr prints"
        ),
        pytest.param(
            [1, -(2**3000)], "[1, <unprintable of 3,001 bits>] (type list)", id="and inside a list"
        ),
    ],
)
def test_describe_names_the_value_and_its_type(value: object, text: str) -> None:
    assert describe(value) == text


def test_describe_survives_a_repr_that_raises() -> None:
    assert describe(Hostile()) == "<Hostile instance> (type Hostile)"
    assert "<Hostile instance>" in describe([Hostile()])


def test_describe_says_the_same_of_objects_wherever_they_lie() -> None:
    assert describe(iter([])) == "<list_iterator object> (type list_iterator)"
    assert describe([object(), 1]) == "[<object object>, 1] (type list)"
    assert describe("meet me at 0xff now") == "'meet me at 0xff now' (type str)"


def test_describe_survives_what_cannot_even_be_walked_through() -> None:
    hostile = type("list", (list,), {"__iter__": Hostile.__repr__})
    assert describe(hostile([1])) == "<unprintable> (type list)"


def test_describe_prints_no_more_of_a_large_value_than_it_shows() -> None:
    printed = []

    class Item:
        def __repr__(self) -> str:
            printed.append(self)
            return "x"

    for many in ([Item()] * 10**7, (Item(),) * 10**6, {i: Item() for i in range(10**4)}):
        printed.clear()
        text = describe(many)
        assert len(text) < 80
        assert 0 < len(printed) < 100


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
