"""What two programs compute alike, and comparisons over it."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from checked_functions import PROVED, REFUTED, UNDECIDED
from compared_programs import programs
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import Scalar
from minigrad.errors import NotDecided
from minigrad.verify import check_gradient, check_hessian, cuts, identity
from minigrad.verify.claims import Claim
from minigrad.verify.decide import holds
from minigrad.verify.identity import compare
from minigrad.verify.program import Program
from minigrad.verify.scales import ITSELF, tries


def tried(function: Any, derivative: Any, point: Any) -> list[list[str]]:
    """The sets of what may be taken for variables, as the operators that compute it."""
    _, theirs, ours = programs(function, derivative, point)
    return [
        [theirs.graph.nodes[common.theirs[0][0]].operator.name for common in chosen]
        for chosen in cuts.cuts(theirs, ours)
    ]


# --- what is the same ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "derivative", "found"),
    [
        (lambda x, y: x * y + 1, lambda x, y: (y * x, 0), [["mul"]]),
        (lambda x, y: x - y, lambda x, y: (y - x, 0), [["sub"]]),
        (lambda x, y: x / y, lambda x, y: (y / x, 0), []),
        (lambda x, y: (x + y) ** 2, lambda x, y: (x + y, x + y), [["add"]]),
        (lambda x, y: (x + 2) * y, lambda x, y: (x + 3, x + 2), [["add"]]),
        (lambda x, y: (x * y) ** 2, lambda x, y: ((x * y) ** 3, 0), [["mul"]]),
        (lambda x, y: x % y, lambda x, y: (x % y, 0), [["mod"]]),
        (lambda x, y: x * y + 1, lambda x, y: (2 * x * (3 - y * 2) - 6 * x, 0), [["mul"]]),
        (lambda x, y: (x + y) / 2, lambda x, y: (-y - x, 0), [["add"]]),
        (lambda x, y: (x + 1) ** 2, lambda x, y: (x * x + 2 * x + 1, 0), [["pow"]]),
        # Not multiples of arguments.
        (lambda x, y: x * 2 + y, lambda x, y: (x + x, 0), []),
        # Nor what the numbers at this point do not tell apart.
        (lambda x, y: x + 1, lambda x, y: (y - 1, 0), []),
    ],
)
def test_what_is_the_same_but_for_a_factor(function, derivative, found):
    assert tried(function, derivative, (3, 2)) == found


def test_few_variables_are_tried_first_and_all_at_last():
    def function(x, y):
        a = x * y
        b = a + 1
        return minigrad.exp(b) * a * (y + 1)

    def derivative(x, y):
        e = minigrad.exp(x * y + 1)
        return e * (y + 1), e * x

    assert tried(function, derivative, (3, 2)) == [
        ["add"],
        ["mul", "add"],
        ["mul", "add", "add"],
        ["mul", "add", "exp", "add"],
    ]


def test_what_is_computed_from_one_variable_is_none_of_its_own():
    def function(x, y):
        r = x * x + y * y
        s = r**-3
        return s * s - s

    def derivative(x, y):
        r = x * x + y * y
        s = r**-3
        return -6 * x * (2 * s * s - s) / r, -6 * y * (2 * s * s - s) / r

    # The sum of squares is used once by the function, and twice by its derivative.
    assert tried(function, derivative, (3, 2)) == [
        ["pow"],
        ["add"],
        ["mul", "mul", "add", "pow", "mul"],
    ]


def test_what_is_computed_twice_is_one_variable():
    def function(x, y):
        return (x + y) * (y + x)

    _, theirs, ours = programs(function, lambda x, y: (x + y, (x + y) * 2), (3, 2))
    ((common,),) = cuts.cuts(theirs, ours)
    assert [factor for _, factor in common.theirs] == [1, 1]
    assert sorted(factor for _, factor in common.ours) == [1, 1, 2]


def test_an_exponent_keeps_its_number():
    # n + 1 chooses the piece of the power.
    assert tried(lambda x, n: x ** (n + 1), lambda x, n: ((n + 1) * x**n, 0), (-3, 2)) == []
    assert tried(lambda x, n: x * (n + 1), lambda x, n: ((n + 1) * x**n, 0), (-3, 2)) == [["add"]]


def test_numbers_that_are_not_told_apart_are_not_compared():
    a, b = minigrad.exp(Scalar(7)), minigrad.sqrt(minigrad.sqrt(Scalar(5)) + 5)
    one, other = (
        Scalar.constant(x._datum) for x in (a + b, minigrad.sqrt(a * a + 2 * a * b + b * b))
    )
    with pytest.raises(NotDecided):
        assert one._datum == other._datum
    assert tried(lambda x: x * x * one, lambda x: x * x * other, 2) == [["mul"]]
    assert tried(lambda x: x * one, lambda x: x * one, 2) == [["mul"]]
    report = check_gradient(lambda x: x * x * one, lambda x: 2 * x * other, 2)
    assert report.verdict is UNDECIDED


def test_too_many_variables_are_not_tried(monkeypatch):
    monkeypatch.setattr(cuts, "_MOST", 0)
    assert tried(lambda x, y: (x + y) ** 2, lambda x, y: (x + y, x + y), (3, 2)) == []


# --- what is proved ------------------------------------------------------------------------------


def lennard_jones(x):
    energy = 0
    for i in range(3):
        for j in range(i):
            d = x[i] - x[j]
            s = 1 / (d @ d) ** 3
            energy = energy + 4 * (s * s - s)
    return energy


def forces(x, factor=2):
    gradient = np.zeros((3, 3), dtype=x.dtype)
    for i in range(3):
        for j in range(i):
            d = x[i] - x[j]
            r = d @ d
            pair = -24 * (factor / r**3 - 1) / r**4 * d
            gradient[i] = gradient[i] + pair
            gradient[j] = gradient[j] - pair
    return gradient


def normalised(x, w):
    centred = x - x.mean()
    return (w * centred / np.sqrt((centred * centred).mean() + 1)).sum() ** 2


def of_normalised(x, w, forgotten=1):
    centred = x - x.mean()
    root = np.sqrt((centred * centred).mean() + 1)
    unit = centred / root
    up = 2 * (w * unit).sum()
    by_centred = (up * w - forgotten * unit * (up * w * unit).mean()) / root
    return by_centred - by_centred.mean(), up * unit


@pytest.mark.parametrize(
    "power", [lambda r: r**-3, lambda r: (1 / r) ** 3, lambda r: 1 / r / r / r]
)
def test_a_power_of_a_distance_may_be_computed_first(power):
    def energy(x):
        powers = [power(d @ d) for d in (x[1] - x[0], x[2] - x[0], x[2] - x[1])]
        return sum(s * s - s for s in powers)

    def gradient(x, factor=2):
        found = np.zeros((3, 2), dtype=x.dtype)
        for i, j in ((1, 0), (2, 0), (2, 1)):
            d = x[i] - x[j]
            r = d @ d
            pair = -6 * (factor * power(r) ** 2 - power(r)) / r * d
            found[i] = found[i] + pair
            found[j] = found[j] - pair
        return found

    assert check_gradient(energy, gradient, shape=((3, 2),)).verdict is PROVED
    wrong = check_gradient(energy, lambda x: gradient(x, 3), shape=((3, 2),))
    assert wrong.verdict is REFUTED


def test_forces_between_atoms_are_proved_and_a_wrong_factor_is_refuted():
    assert check_gradient(lennard_jones, forces, shape=((3, 3),)).verdict is PROVED
    wrong = check_gradient(lennard_jones, lambda x: forces(x, 3), shape=((3, 3),))
    assert wrong.verdict is REFUTED


def test_a_layer_norm_is_proved_and_a_forgotten_term_is_refuted():
    report = check_gradient(normalised, of_normalised, shape=([6], [6]))
    assert report.verdict is PROVED
    assert not any("x12" in condition for condition in report.conditions)
    wrong = check_gradient(normalised, lambda x, w: of_normalised(x, w, 0), shape=([6], [6]))
    assert wrong.verdict is REFUTED


ROWS = np.array([[(5 * i + 3) ** (j + 2) // 7 % 7 - 3 for j in range(4)] for i in range(20)])
LABELS = np.array([i * i % 3 % 2 for i in range(20)])


def logistic(w):
    scores = ROWS @ w
    return np.sum(np.log1p(np.exp(scores)) - LABELS * scores)


def of_logistic(w, sign=-1):
    return ROWS.T @ (1 / (1 + np.exp(sign * ROWS @ w)) - LABELS)


def test_a_loss_over_many_samples_is_proved_and_a_wrong_sign_is_refuted():
    assert check_gradient(logistic, of_logistic, shape=[4]).verdict is PROVED
    wrong = check_gradient(logistic, lambda w: of_logistic(w, 1), shape=[4])
    assert wrong.verdict is REFUTED


def test_without_common_variables_these_are_not_decided(monkeypatch):
    monkeypatch.setattr(identity, "tries", lambda theirs, ours: iter(()))
    for function, gradient, shape in (
        (lennard_jones, forces, ((3, 3),)),
        (normalised, of_normalised, ([6], [6])),
        (logistic, of_logistic, [4]),
    ):
        assert check_gradient(function, gradient, shape=shape).verdict is UNDECIDED


def over_common(function: Any, derivative: Any, point: Any) -> list[list[bool | None]]:
    claim, theirs, ours = programs(function, derivative, point)
    return [
        [c.equal for c in compared_over(common, claim, theirs, ours)]
        for common in cuts.cuts(theirs, ours)
    ]


def compared_over(common: Any, claim: Claim, theirs: Program, ours: Program) -> Any:
    """The comparison with a variable for each itself."""
    scales = [ITSELF] * len(common)
    return identity._compared_over(common, scales, claim, theirs, ours, math.inf)


def test_what_differs_over_variables_is_left_open():
    # With a variable for x/y, -x/y**2 is not -(x/y)/y.
    found = over_common(lambda x, y: x / y, lambda x, y: (1 / y, -(x / y) / y), (3, 2))
    assert found == [[True, None]]


def test_a_sign_that_is_supposed_of_a_variable_is_one_of_the_arguments():
    def root(x, y):
        return minigrad.sqrt(x * y + 1)

    claim, theirs, ours = programs(
        root,
        lambda x, y: (y / (2 * minigrad.sqrt(x * y + 1)), x / (2 * minigrad.sqrt(x * y + 1))),
        (3, 2),
    )
    common = next(cuts.cuts(theirs, ours))
    found = compared_over(common, claim, theirs, ours)
    assert [c.equal for c in found] == [True, True]
    ((formula, sign),) = found[0].assumed
    assert (str(formula), sign) == ("x0*x1 + 1", 1)
    assert (formula.certain_sign(64, [3, 2]), formula.certain_sign(64, [-3, 2])) == (1, -1)


def test_a_sign_that_is_supposed_of_what_a_variable_stands_for_is_one_as_well():
    # Of |5 - |x||: with x for the inner root, 5 - x > 0 alone would hold at -10 too.
    def function(x):
        return minigrad.sqrt((5 - minigrad.sqrt(x**2)) ** 2)

    def derivative(x):
        return -x * minigrad.sqrt(1 / x**2) + 0 * minigrad.sqrt(x**2)

    claim, theirs, ours = programs(function, derivative, 3)
    *_, common = cuts.cuts(theirs, ours)
    (found,) = compared_over(common, claim, theirs, ours)
    assert found.equal
    assert holds(found.assumed, [4])
    assert not holds(found.assumed, [-10])


def test_only_what_a_sign_is_supposed_of_is_computed_from_the_arguments(monkeypatch):
    claim, theirs, ours = programs(
        lambda x, y: (x + y) ** 2, lambda x, y: [2 * (x + y)] * 2, (3, 2)
    )
    (common,) = cuts.cuts(theirs, ours)
    monkeypatch.setattr(Program, "node", lambda *_: pytest.fail("it may be of any length"))
    found = compared_over(common, claim, theirs, ours)
    assert [c.equal for c in found] == [True, True]


def test_a_wrong_pair_of_nodes_would_prove_what_is_wrong(monkeypatch):
    """The check on which all of this rests: x*y taken for x + y."""
    function = lambda x, y: (x + y) ** 2
    wrong = lambda x, y: [2 * (x * y)] * 2
    assert over_common(function, wrong, (3, 2)) == []

    def place(program: Program, name: str) -> Any:
        operators = [node.operator and node.operator.name for node in program.graph.nodes]
        return ((operators.index(name), Fraction(1)),)

    paired = lambda theirs, ours: [cuts.Common(place(theirs, "add"), place(ours, "mul"))]
    monkeypatch.setattr(cuts, "_common", paired)
    assert over_common(function, wrong, (3, 2)) == [[True, True]]


def test_second_derivatives_are_compared_in_the_arguments_alone(monkeypatch):
    monkeypatch.setattr(identity, "_WORK", {"flint": 0, "sympy": 0})
    report = check_hessian(lambda x: (x + 1) ** 3, lambda x: 6 * (x + 1))
    assert report.verdict is UNDECIDED


# --- at random -------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from("+-*/et"), st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=5,
)


def run(steps: Any, x: Any, y: Any) -> Any:
    found = [x, y]
    for kind, i, j in steps:
        a, b = found[i % len(found)], found[j % len(found)]
        if kind in "et":
            function = minigrad.exp if kind == "e" else minigrad.tanh
            found.append(function(a / 8) if len(found) < 4 else a + b)
        elif kind == "/":
            found.append(a / (b * b + 1))
        else:
            found.append(a + b if kind == "+" else a - b if kind == "-" else a * b)
    return found[-1]


@given(steps=STEPS, scale=st.sampled_from([1, 2]), other=st.integers(-1, 1))
def test_what_is_equal_over_variables_is_equal(steps: Any, scale: int, other: int) -> None:
    """The right gradient, and wrong ones, from a program that computes what the function computes."""

    def derivative(x: Any, y: Any) -> Any:
        value = run(steps, x, y)
        by_x, by_y = forward(steps, x, y)
        return scale * by_x, by_y + other * (value - run(steps, x, y)) + (scale - 1) * value

    claim, theirs, ours = programs(lambda x, y: run(steps, x, y), derivative, (3, 2))
    plain = compare(claim, theirs, ours, math.inf)
    for common, scales in tries(theirs, ours):
        over = identity._compared_over(common, scales, claim, theirs, ours, math.inf)
        for one, other_one in zip(over, plain, strict=True):
            assert not one.equal or other_one.equal


def forward(steps: Any, x: Any, y: Any) -> list[Any]:
    """Both derivatives, by forward differentiation written out here."""
    rows = [(x, 1, 0), (y, 0, 1)]
    for kind, i, j in steps:
        (a, ax, ay), (b, bx, by) = rows[i % len(rows)], rows[j % len(rows)]
        if kind == "e" and len(rows) < 4:
            e = minigrad.exp(a / 8)
            rows.append((e, e * ax / 8, e * ay / 8))
        elif kind == "t" and len(rows) < 4:
            t = minigrad.tanh(a / 8)
            rows.append((t, (1 - t * t) * ax / 8, (1 - t * t) * ay / 8))
        elif kind in "+et":
            rows.append((a + b, ax + bx, ay + by))
        elif kind == "-":
            rows.append((a - b, ax - bx, ay - by))
        elif kind == "*":
            rows.append((a * b, ax * b + a * bx, ay * b + a * by))
        else:
            d = b * b + 1
            rows.append((a / d, ax / d - a * 2 * b * bx / d**2, ay / d - a * 2 * b * by / d**2))
    return [Scalar(Fraction(0)) + part for part in rows[-1][1:]]
