"""The words of expressions: what each means, how it is written, and what is none."""

from __future__ import annotations

import ast
import operator
from fractions import Fraction
from typing import Any

import pytest

from minigrad import InvalidOperand, Scalar
from minigrad.operators import OPERATORS
from minigrad.verify.vocabulary import (
    ACCEPTED,
    BINARY,
    COMPARISONS,
    CONDITIONS,
    FUNCTIONS,
    UNACCEPTED,
    UNARY,
    USAGES,
)


def constants(*values: Any) -> list[Scalar]:
    return [Scalar.constant(value) for value in values]


def test_every_operator_that_is_written_as_a_call_is_a_function() -> None:
    # A parameter has no place in an expression, but for those of these three.
    for op in OPERATORS.values():
        if op.symbol.isidentifier() and (
            not op.parameters or op.name in ("round", "where", "polygamma")
        ):
            assert op.symbol in FUNCTIONS, op
            assert FUNCTIONS[op.symbol].usage.startswith(f"{op.symbol}(")


@pytest.mark.parametrize(
    ("name", "own"),
    [("arcsin", "asin"), ("arctan2", "atan2"), ("arccosh", "acosh"), ("lgamma", "loggamma"), ("gammaln", "loggamma")],
)  # fmt: skip
def test_names_of_numpy_mean_the_same_operator(name: str, own: str) -> None:
    operands = [Scalar("3/2"), Scalar("1/2")][: OPERATORS[own].arity]
    operands = operands if own != "asin" else [Scalar("1/2")]
    assert FUNCTIONS[name].build(*operands).operator is OPERATORS[own]


def test_what_is_computed_from_constants_is_a_constant() -> None:
    x, two, three = Scalar(2, "x"), *constants(2, 3)
    product = BINARY[ast.Mult](two, three)
    assert (product.data, product.operator, product.is_constant) == (6, None, True)
    assert BINARY[ast.Mult](x, three).operator is OPERATORS["mul"]
    assert UNARY[ast.UAdd](x) is x
    assert UNARY[ast.USub](two).is_constant


@pytest.mark.parametrize("kind", BINARY)
def test_infixes_compute_what_python_does(kind: type[ast.operator]) -> None:
    meant = {
        ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
        ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
    }  # fmt: skip
    left, right = Fraction(-7, 2), Fraction(3)
    assert BINARY[kind](*constants(left, right)).data == meant[kind](left, right)


def test_an_exponent_that_is_a_whole_number_is_a_parameter() -> None:
    x, n = Scalar(2, "x"), Scalar(3, "n")
    assert FUNCTIONS["pow"].build(x, *constants(3)).operator is OPERATORS["pow"]
    assert FUNCTIONS["pow"].build(x, n).operator is OPERATORS["power"]
    assert FUNCTIONS["pow"].build(x, *constants("1/2")).operator is OPERATORS["power"]


def test_the_greatest_of_many_is_folded() -> None:
    xs = [Scalar(value) for value in (2, 5, 3)]
    found = FUNCTIONS["max"].build(*xs)
    assert (found.data, found.operands[0].operands) == (5, (xs[0], xs[1]))
    assert FUNCTIONS["min"].build(*xs).data == 2


@pytest.mark.parametrize(
    ("name", "counts"),
    [("sqrt", [1]), ("log", [1, 2]), ("round", [1, 2]), ("where", [3]), ("dot", [2]), ("atan2", [2]),
     ("sum", [1, 2, 3, 4, 5]), ("max", [2, 3, 4, 5])],
)  # fmt: skip
def test_how_many_arguments_a_function_takes(name: str, counts: list[int]) -> None:
    assert [n for n in range(6) if FUNCTIONS[name].accepts(n)] == counts


def call(text: str) -> ast.Call:
    found = ast.parse(text, mode="eval").body
    assert isinstance(found, ast.Call)
    return found


def test_one_list_stands_for_all_arguments_where_any_number_may_follow() -> None:
    for text, count in (
        ("sum([a, b, c])", 3),
        ("sum((a, b))", 2),
        ("sum(a, [b])", 2),
        ("sum([])", 0),
    ):
        assert len(FUNCTIONS["sum"].given(call(text))) == count
    assert len(FUNCTIONS["sqrt"].given(call("sqrt([a, b])"))) == 1
    assert [FUNCTIONS["where"].kind(i) for i in range(3)] == ["condition", "number", "number"]
    assert [FUNCTIONS["max"].kind(i) for i in (0, 7)] == ["number", "number"]
    assert FUNCTIONS["dot"].kind(1) == "list"


@pytest.mark.parametrize(
    ("name", "operands", "says"),
    [
        ("dot", ([Scalar(1)], [Scalar(1), Scalar(2)]), "dot: expected lists of one length; got 1 and 2"),
        ("round", (Scalar(1), Scalar(2, "n")), "round: expected a whole number of digits, without a name; got 2"),
        ("round", constants(1, "1/2"), "round: expected a whole number of digits, without a name; got 1/2"),
        ("polygamma", constants(-1, 2), "polygamma: expected its order to be a whole number from 0 on, .*; got -1"),
        ("polygamma", (Scalar(1), Scalar(2)), "polygamma: expected its order to be a whole number"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_explained(name: str, operands: Any, says: str) -> None:
    with pytest.raises(InvalidOperand, match=f"^{says}"):
        FUNCTIONS[name].build(*operands)


def test_a_logarithm_to_a_base() -> None:
    assert FUNCTIONS["log"].build(*constants(8, 2)).data == 3
    assert FUNCTIONS["round"].build(*constants("314159/100000", 2)).data == Fraction(157, 50)


def test_the_texts_name_everything() -> None:
    for function in FUNCTIONS.values():
        assert (
            function.usage in USAGES
            or f"{function.usage[:-3]}," in f"{USAGES},"
            or function.usage[:-3] in USAGES.partition(" of one number")[0].split(", ")
        )
    assert USAGES in ACCEPTED
    shown = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
    assert all(f"x {shown[kind]} y" in CONDITIONS for kind in COMPARISONS)
    assert not set(UNACCEPTED) & {*BINARY, *UNARY, *COMPARISONS}
