"""Entries of the operator table: what fits them, and what their rules are given."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from minigrad import Scalar, apply
from minigrad.backing import inside
from minigrad.elementary import call
from minigrad.entries import Piece
from minigrad.errors import InvalidOperand
from minigrad.operators import OPERATORS, named

SHAPES = [
    ("add", 1, (), "add: expected 2 operands; got 1"),
    ("neg", 2, (), "neg: expected 1 operands; got 2"),
    ("sum", 0, (), "sum: expected a positive multiple of 1 operands; got 0"),
    ("dot", 3, (), "dot: expected a positive multiple of 2 operands; got 3"),
    ("dot", 0, (), "dot: expected a positive multiple of 2 operands; got 0"),
    ("pow", 1, (), r"pow: expected the parameters \['exponent'\]; got 0"),
    ("add", 2, (1,), r"add: expected the parameters \[\]; got 1"),
    ("pow", 1, (0.5,), r"pow: expected exponent to be an int; got 0\.5 \(type float\)"),
    ("pow", 1, (True,), "expected exponent to be an int; got True"),
    ("where", 2, (1,), r"where: expected condition to be true or false; got 1 \(type int\)"),
    ("round", 1, ("1",), "round: expected digits to be an int; got '1'"),
]


@pytest.mark.parametrize(("name", "count", "parameters", "message"), SHAPES)
def test_operands_and_parameters_must_fit(
    name: str, count: int, parameters: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(InvalidOperand, match=message):
        named(name).check_shape(count, parameters)
    with pytest.raises(InvalidOperand, match=message):
        apply(named(name), [Scalar(1)] * count, parameters)


@pytest.mark.parametrize(
    ("name", "count", "parameters"),
    [("add", 2, ()), ("sum", 7, ()), ("dot", 4, ()), ("pow", 1, (-3,)), ("where", 2, (True,))],
)
def test_operands_and_parameters_that_fit(
    name: str, count: int, parameters: tuple[Any, ...]
) -> None:
    assert named(name).check_shape(count, parameters) is None
    assert apply(named(name), [Scalar(1)] * count, parameters).operator is named(name)


def test_the_rules_are_given_the_engine_s_numbers_where_they_need_no_more() -> None:
    given = [inside(Fraction(1, 3)), inside(Fraction(2))]
    closed = inside(call("sqrt", Fraction(2)))
    plain = named("mul")
    assert plain.is_field
    assert plain.numbers(given) is given
    assert plain.numbers([given[0], closed]) == [Fraction(1, 3), closed]
    for operator in (replace(plain, is_field=False), plain):
        values = [*given, closed] if operator.is_field else given
        assert {type(value) for value in operator.numbers(values)} <= {Fraction, type(closed)}


@pytest.mark.parametrize(
    ("name", "is_plain"),
    [
        *[("neg", True), ("add", True), ("div", True), ("pow", True), ("abs", True)],
        # Of any number of operands; with a parameter beside two; not of the field alone.
        *[("sum", False), ("where", False), ("floor", False), ("exp", False)],
    ],
)
def test_most_operators_are_plain(name: str, is_plain: bool) -> None:
    assert named(name).is_plain is is_plain


def test_an_entry_that_is_replaced_is_plain_by_what_it_became() -> None:
    plain = named("neg")
    assert plain.piece([Fraction(1)], ()) == ()
    pieces = replace(plain, branch=lambda x: Piece("up" if x > 0 else "down", x == 0))
    assert pieces.is_plain
    assert pieces.piece([Fraction(0)], ()) == (Piece("down", True, ()),)
    assert not replace(plain, is_field=False).is_plain
    (parameter,) = named("pow").parameters
    assert [replace(plain, parameters=(parameter,) * n).is_plain for n in range(3)] == [
        True, True, False,
    ]  # fmt: skip
    assert not replace(pieces, parameters=(parameter,)).is_plain
    assert repr(pieces) == "<operator neg>"


def test_two_entries_are_equal_if_they_are_one() -> None:
    assert replace(named("neg")) != named("neg")
    frozen: Any = named("neg")
    with pytest.raises(AttributeError):
        frozen.arity = 2


def test_every_domain_of_values_has_ends() -> None:
    """An error that a program catches is then a comparison; an index is no matter of values."""
    without = {op.name for op in OPERATORS.values() for domain in op.domain if not domain.ends}
    assert without == {"softmax", "log_softmax"}
