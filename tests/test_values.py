from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from proofs import by_name, labelled, proof, vector

from minigrad import Scalar, absolute, digamma, gamma, sqrt
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import verify
from minigrad.verify.chain import CHECKS
from minigrad.verify.solver import Suspects
from minigrad.verify.values import check_digits


@pytest.mark.parametrize(
    "use", [lambda x, y: x / y, lambda x, y: x // y, lambda x, y: x % y, lambda x, y: x * y**-1]
)
@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("checks", [*({check} for check in sorted(CHECKS)), CHECKS])
def test_a_divisor_set_to_0_afterwards(use: Any, after: bool, checks: set[str]) -> None:
    x, y = Scalar(3, "x"), Scalar(2, "y")
    root = labelled("r", labelled("q", use(x, y)) + x)
    if after:
        root.backward()
    y.data = 0
    found = proof(root, checks=checks)
    assert not checks >= {"values"} or found.faults
    if checks == CHECKS:
        blames = {fault.blame for fault in found.faults.values()}
        assert blames <= {"node q", "node r", "node v1"}
        # Of nothing is it said that it is proved.
        assert re.match("not decided, because of node (q|v1): ", found.void)


@pytest.mark.parametrize(
    "use", [lambda x, b: x / b, lambda x, b: x // b, lambda x, b: x % b, lambda x, b: x * b**-1]
)
@pytest.mark.parametrize("stored", [None, 5])
@pytest.mark.parametrize("backward", [True, False])
def test_a_stored_value_of_0_is_to_blame_and_not_who_divides_by_it(
    use: Any, stored: int | None, backward: bool
) -> None:
    b = labelled("b", Scalar(2, "y") + 1)
    root = labelled("r", use(Scalar(7, "x"), b))
    if backward:
        root.backward()
    b._datum = Fraction(0)
    if stored is not None:
        root._datum = Fraction(stored)
    found = proof(root)
    faults = by_name(found, found.faults)
    assert faults["b"].blame == "node b"
    allowed = {"node b"} if stored is None else {"node b", "node r", "node v1"}
    assert {fault.blame for fault in faults.values()} <= allowed


def test_a_piece_taken_by_a_wrong_value_is_blamed_on_the_value() -> None:
    b = labelled("b", Scalar(-2, "x") * 1)
    root = labelled("r", absolute(b))
    b._datum = Fraction(5)
    found = proof(root)
    assert {fault.blame for fault in found.faults.values()} == {"node b"}
    assert "abs took its piece by a wrong value" in by_name(found, found.faults)["r"].message


def test_a_domain_wider_than_sympys_is_the_operator_s_fault() -> None:
    zero_by_zero = replace(
        OPERATORS["div"],
        domain=(),
        forward=lambda x, y: x / y if y else x * 0,
        partials=lambda z, x, y: (y, x),
    )
    found = proof(labelled("r", apply(zero_by_zero, vector(3, 0))), checks={"values"})
    assert {fault.message for fault in found.faults.values()} == {"div needs x2 != 0: not so here"}
    assert {fault.blame for fault in found.faults.values()} == {"operator div"}


@pytest.mark.parametrize("function", [gamma, digamma])
@pytest.mark.parametrize("digits", [12, 15, 40, 300, 2_000])
def test_next_to_a_pole_digits_that_are_not_confirmed_refute_nothing(
    function: Any, digits: int
) -> None:
    """SymPy rounds the argument: to the pole itself where that is near enough."""
    root = function(Scalar(-2 + Fraction(1, 3 * 10**digits), "x"))
    root.backward()
    assert str(verify(root).verdict) == "proved"


def test_next_to_a_pole_an_argument_may_be_in_closed_form() -> None:
    root = gamma(sqrt(Scalar(2, "x")) * Fraction(1, 10**12) - 2)
    root.backward()
    assert str(verify(root).verdict) == "proved"


@pytest.mark.parametrize("digits", [1, 12, 40, 300])
def test_next_to_a_pole_a_wrong_value_is_found_by_its_digits(digits: int) -> None:
    distance = Fraction(1, 10**digits)
    chain = proof(gamma(Scalar(-2 + distance, "x")))
    assert not chain.faults
    right, suspects = chain.values[-1], Suspects()
    assert 0 < right - 1 / (2 * distance) < 1  # about (3/2 - γ)/2
    values = [*chain.values[:-1], right * (1 + Fraction(1, 10**15))]
    check_digits(replace(chain, values=values), suspects)
    (fault,) = suspects.values.values()
    assert "; evaluated by SymPy it is 5" in fault.message
