"""One run of a function for a transform."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest

from minigrad import GradientUnavailable, InvalidNumber, InvalidOperand, Scalar, StaleGraph, apply
from minigrad.number import UNAVAILABLE
from minigrad.runs import check_callable, marked_partials, numbers_in, run_of


def ran(fun: Any, *args: Any, has_aux: bool = False, **kwargs: Any) -> Any:
    return run_of("grad", fun, args, range(len(args)), kwargs, has_aux=has_aux)


def test_a_run_keeps_what_was_returned_and_its_leaves() -> None:
    run = ran(
        lambda p, scale: {"s": p["x"] * scale, "t": [p["y"][0], 7]}, {"x": 3, "y": [4]}, scale=2
    )
    assert [v.data for v in run.variables] == [3, 4]
    assert run.result["t"][0] is run.variables[1]
    assert [getattr(y, "data", y) for y in run.outputs] == [6, 4, 7]
    assert (run.name, run.aux, run.on_nodes) == ("grad", None, False)


def test_only_the_arguments_at_the_indices_are_replaced() -> None:
    given: list[Any] = []
    run = run_of(
        "grad", lambda *xs: given.extend(xs) or xs[1], (1, 2, "three"), [1], {}, has_aux=False
    )
    assert (given[0], given[2]) == (1, "three")
    assert given[1] is run.variables[0]


def test_a_variable_is_a_leaf_while_the_function_runs_and_tied_afterwards() -> None:
    seen: list[Any] = []

    def function(v: Scalar) -> Scalar:
        seen.append((v, v.operator, v.operands, v.is_constant))
        if v.data < 0:
            raise KeyError
        return v

    x = Scalar(3, "x")
    (variable,) = ran(function, x).variables
    assert seen.pop() == (variable, None, (), False)
    assert (variable.operands, variable.operator.name, variable.label) == ((x,), "sum", "x")
    with pytest.raises(KeyError):
        ran(function, Scalar(-1))
    assert seen[0][0].operator is not None


def test_a_run_answers_with_nodes_where_these_can_be_differentiated_again() -> None:
    x, free = Scalar(3), Scalar(2)
    assert not ran(lambda v: v * Scalar.constant(2), 3).on_nodes
    assert ran(lambda v: 7, x).on_nodes
    assert ran(lambda v: v * free, 3).on_nodes
    assert ran(lambda v: (v, free), 3, has_aux=True).on_nodes
    assert ran(lambda v: v, 3).with_nodes([1, Scalar(1)]).on_nodes
    assert not ran(lambda v: v, 3).with_nodes([1]).on_nodes


def test_answers_are_numbers_or_nodes() -> None:
    numbers, nodes = ran(lambda v: v * v, 3), ran(lambda v: v * v, Scalar(3))
    assert (numbers.settled(Scalar(2)), type(numbers.settled(Scalar(2)))) == (2, Fraction)
    assert (nodes.settled(2).data, nodes.settled(2).is_constant) == (2, True)
    assert nodes.settled(UNAVAILABLE) is UNAVAILABLE
    assert list(numbers.partials(numbers.result)) == [3, 3]
    assert all(isinstance(p, Scalar) for p in nodes.partials(nodes.result))


def test_what_is_returned_beside_the_result_is_settled() -> None:
    run = ran(lambda v: (v * v, {"value": v, "text": "kept"}), 3, has_aux=True)
    assert run.aux == {"value": 3, "text": "kept"}
    assert type(run.aux["value"]) is Fraction
    assert isinstance(ran(lambda v: (v, v), Scalar(3), has_aux=True).aux, Scalar)
    with pytest.raises(
        InvalidOperand,
        match=r"^grad: with has_aux, expected the function to return a pair \(result, aux\); got 3",
    ):
        ran(lambda v: 3, 1, has_aux=True)


def test_a_function_that_sets_its_argument_is_refused() -> None:
    def sets(v: Scalar) -> Scalar:
        v.data = 5
        return v

    with pytest.raises(StaleGraph, match="grad: the function set its argument 7/2 to 5"):
        ran(sets, Fraction(7, 2))


@pytest.mark.parametrize(
    ("tree", "error", "says"),
    [
        (["7"], InvalidOperand, r"place\[0\]: expected a Scalar, a number, or .*; got '7'"),
        ([1, None], InvalidOperand, r"place\[1\]: expected a Scalar, .*; got None"),
        ({"x": math.nan}, InvalidNumber, r"place\['x'\]: "),
    ],
)
def test_what_is_no_number_is_named_with_its_place(
    tree: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        numbers_in(tree, tree, "place")


def test_numbers_are_exact_and_nodes_stay() -> None:
    x = Scalar(2)
    assert numbers_in([0, [0]], [0.1, [x]], "place") == [Fraction(1, 10), x]


def test_only_what_can_be_called_is_run() -> None:
    check_callable("grad", abs)
    with pytest.raises(InvalidOperand, match=r"^grad: expected a function; got 3 \(type int\)$"):
        check_callable("grad", 3)


def test_no_derivative_of_a_marked_partial_is_silently_zero() -> None:
    base, exponent = Scalar(-3), Scalar(2)
    node = apply("power", [base, exponent])
    partial, missing = marked_partials(node, node, node.operands)
    assert missing is UNAVAILABLE
    assert partial.data == 2 * -3
    partial.backward()
    # d/dx 2x = 2, and by the exponent there is none.
    assert base.grad == 2
    with pytest.raises(GradientUnavailable):
        _ = exponent.grad
    # Nothing is unavailable at a positive base, and nothing marked.
    node = apply("power", [Scalar(3), Scalar(2)])
    assert all(p is not UNAVAILABLE for p in marked_partials(node, node, node.operands))
