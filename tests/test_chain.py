from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from proofs import by_name, labelled, proof, vector

from minigrad import Scalar, backing, relu, where
from minigrad.errors import InvalidOperand, NotDecided
from minigrad.number import MINUS_ONE
from minigrad.operators import OPERATORS, Operator
from minigrad.scalar import apply
from minigrad.verify import symbolic
from minigrad.verify.chain import CHECKS

# --- gradients that are found ---------------------------------------------------------------------


def test_gradients_that_are_set_are_kept_and_the_rest_computed() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", x * y)
    x.grad = 7
    found = proof(root)
    assert by_name(found, found.found) == {"x": 7, "y": 2, "r": 1}
    assert set(by_name(found, found.faults)) == {"x"}


def test_a_node_that_the_sweep_leaves_out_has_the_gradient_0() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    found = proof(root, sweep=lambda root, seed, *_: {root: seed}, checks={"numbers"})
    assert by_name(found, found.found) == {"x": 0, "y": 0, "v1": 1}


@pytest.mark.parametrize("check", [*sorted(CHECKS), None])
def test_a_sweep_that_raises_is_refuted_everywhere(check: str | None) -> None:
    def sweep(*_: object) -> Any:
        raise KeyError("lost")

    root = labelled("r", Scalar(2, "x") * Scalar(3, "y"))
    found = proof(root, sweep=sweep, checks={check} if check else ())
    assert {fault.blame for fault in found.faults.values()} == {"the sweep"}
    assert len(found.faults) == 3
    assert all("KeyError: 'lost'" in fault.message for fault in found.faults.values())


def test_what_is_missing_above_is_not_blamed_for_a_number_below() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", labelled("m", x * y) * y)
    root.backward()
    root.operands[0].grad = None
    x.grad = 1
    sweep = lambda root, seed, *_: {}[0]
    found = proof(root, sweep=sweep, checks={"numbers"})
    blames = {name: fault.blame for name, fault in by_name(found, found.faults).items()}
    assert blames == {"m": "the sweep", "x": "node x"}


def test_below_a_rule_that_was_not_decided_nothing_is_proved() -> None:
    def partials(_: Any, x: Any) -> Any:
        if type(x) is not backing.Rational:
            raise NotDecided("too deep")
        return (MINUS_ONE,)

    x = Scalar(2, "x")
    root = apply(replace(OPERATORS["neg"], partials=partials), [labelled("s", x * x)])
    found = proof(root)
    assert not found.faults
    says = "the rule of neg on 1 operands was not decided: too deep"
    assert by_name(found, found.undecided) == {"s": says, "x": says}


def test_what_follows_from_one_fault_says_so_once() -> None:
    node = x = Scalar(2, "x")
    for _ in range(300):
        node = node + x
    node.backward(2)
    found = proof(node, checks={"numbers"})
    assert len(found.faults) == 301
    assert max(len(fault.message) for fault in found.faults.values()) < 200


def test_a_number_has_its_own_difference() -> None:
    x = Scalar(3, "x")
    root = labelled("r", labelled("s", x * x) * x + x)
    root.backward(2)
    found = proof(root, checks={"numbers"})
    # 3x**2 + 1 is 28 here, and s has x; all were made twice as large.
    differences = {n: f.difference for n, f in by_name(found, found.faults).items()}
    assert differences == {"r": "1", "v1": "1", "s": "3", "x": "28"}


def test_a_partial_that_is_a_float_is_blamed_where_numbers_differ() -> None:
    operator = replace(OPERATORS["mul"], partials=lambda z, x, y: (1.5, x))
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = labelled("r", apply(operator, [x, y]))
    x.grad, y.grad, root.grad = Fraction(3, 2), 2, 1
    (fault,) = proof(root, checks={"numbers"}).faults.values()
    assert fault.blame == "operator mul"
    assert "by operand 1 is 1.5 here; SymPy's is 3" in fault.message


def test_a_gradient_that_is_no_exact_number_is_refuted() -> None:
    root = labelled("r", Scalar(2, "x") * Scalar(3, "y"))
    sweep = lambda root, seed, *_: dict.fromkeys((root, *root.operands), 0.5)
    found = proof(root, sweep=sweep, checks=())
    assert len(found.faults) == 3
    assert all("got 0.5 (type float)" in fault.message for fault in found.faults.values())


def test_a_gradient_that_is_an_int_is_exact() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    sweep = lambda root, seed, *_: {root: 1, root.operands[0]: 3, root.operands[1]: 2}
    found = proof(root, sweep=sweep, checks={"numbers"})
    assert found.faults == {}
    assert {type(gradient) for gradient in found.found} == {Fraction}


@pytest.mark.parametrize(
    ("name", "partials", "values", "parameters", "says"),
    [
        (
            "prod",
            lambda z, *xs: [z / x for x in xs],
            (0, 3),
            (),
            "the partials of prod raised Zero",
        ),
        ("pow", lambda z, x, n: (n * x ** (n - 1),), (0,), (0,), "the partials of pow raised Zero"),
        (
            "mul",
            lambda z, x, y: (y, None),
            (2, 3),
            (),
            "the partials of mul are [Fraction(3, 1), None]",
        ),
        ("mul", lambda z, x, y: (y,), (2, 3), (), "the partials of mul are [Fraction(3, 1)]"),
    ],
)
def test_a_rule_that_breaks_at_this_point_is_to_blame(
    name: str, partials: Any, values: tuple[int, ...], parameters: tuple[int, ...], says: str
) -> None:
    operator = replace(OPERATORS[name], partials=partials)
    found = proof(apply(operator, vector(*values), parameters), checks={"numbers"})
    assert {fault.blame for fault in found.faults.values()} == {f"operator {name}"}
    assert all(says in fault.message for fault in found.faults.values())


# --- cost -----------------------------------------------------------------------------------------


def ladder(operators: dict[str, Operator], size: int) -> Scalar:
    x, y = Scalar(1, "x"), Scalar("1/2", "y")
    for _ in range(size):
        x, y = (
            apply(operators["mul"], [x, apply(operators["maximum"], [y, x])]),
            apply(operators["div"], [y, x]),
        )
        x, y = where(True, Scalar(1), x), where(True, Scalar("1/2"), y)
    return apply(operators["sub"], [x, y])


def calls(size: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each kind of rule function is called by all four checks on a graph of this size."""
    count: Counter[str] = Counter()

    def counted(what: str, function: Any) -> Any:
        def call(*arguments: Any) -> Any:
            count[what] += 1
            return function(*arguments)

        return call

    operators = {
        name: replace(
            operator,
            partials=counted("partials", operator.partials),
            witness=counted("witness", operator.witness),
            branch=operator.branch and counted("branch", operator.branch),
        )
        for name, operator in OPERATORS.items()
    }
    translate = symbolic.translate
    with monkeypatch.context() as patch:
        patch.setattr(
            symbolic, "translate", lambda *given: counted("evaluations", translate(*given))
        )
        root = ladder(operators, size)
        root.backward()
        count.clear()
        assert proof(root).faults == {}
    return count


def test_the_work_grows_linearly(monkeypatch: pytest.MonkeyPatch) -> None:
    small, middle, large = (calls(size, monkeypatch) for size in (20, 120, 220))
    for what in ("evaluations", "branch"):
        assert large[what] - middle[what] == middle[what] - small[what] > 0
    # Rules are compared once for each operator, parameters and piece, whatever the size.
    for what in ("partials", "witness"):
        assert small[what] == middle[what] == large[what] > 0


# --- the checks by name ---------------------------------------------------------------------------


@pytest.mark.parametrize("checks", ["rules", {"rule"}, ("values", "sweeps"), [None]])
def test_a_check_that_there_is_not_is_refused(checks: Any) -> None:
    with pytest.raises(InvalidOperand, match=re.escape("['numbers', 'rules', 'sweep', 'values']")):
        proof(Scalar(1), checks=checks)


def test_boundaries_are_marked_below_the_operator_that_stands_there() -> None:
    x, y = Scalar(0, "x"), Scalar(2, "y")
    root = labelled("r", labelled("k", relu(labelled("s", x * y))) + y)
    found = proof(root)
    assert {found.graph.names[i] for i in found.boundary} == {"x", "y", "s"}


# --- over rational functions ----------------------------------------------------------------------
