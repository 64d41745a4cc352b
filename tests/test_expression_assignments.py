"""Assignments beside expressions and files."""

import pytest

from minigrad.errors import ExpressionError
from minigrad.verify.expression import split_assignments


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
