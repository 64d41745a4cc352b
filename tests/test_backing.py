from __future__ import annotations

import copy
import math
import os
import pickle
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad import Scalar, backing, minimum, prod, relu
from minigrad.backing import ENVIRONMENT, MODULES, NAME, Rational, inside, outside, small
from minigrad.closed import Closed
from minigrad.elementary import call
from minigrad.errors import InvalidOperand

INSTALLED = backing.installed()

fractions = st.fractions(max_denominator=60) | st.fractions()


def run(code: str, wish: str) -> str:
    """What a fresh interpreter prints, in which the environment asks for that arithmetic."""
    environment = {**os.environ, ENVIRONMENT: wish}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    return done.stdout + done.stderr


# --- the choice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["", "auto", *INSTALLED])
def test_the_environment_chooses(wish: str) -> None:
    code = "from minigrad.backing import NAME; print(NAME)"
    assert run(code, wish).strip() == (wish if wish in INSTALLED else INSTALLED[0])


@pytest.mark.parametrize("wish", ["fractions", "GMPY", " python"])
def test_an_unknown_arithmetic_is_refused_by_name(wish: str) -> None:
    said = run("import minigrad", wish).strip().splitlines()[-1]
    expected = f"expected auto or one of flint, gmpy, python; got {wish!r}"
    assert said == f"minigrad.errors.InvalidOperand: {ENVIRONMENT}: {expected}"


@pytest.mark.parametrize("name", ["gmpy", "flint"])
def test_one_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, MODULES[name], None)
    with pytest.raises(InvalidOperand, match=f"got '{name}': {MODULES[name]} is not installed"):
        backing._chosen(name)
    assert backing._chosen("auto") == next(known for known in INSTALLED if known != name)


@pytest.mark.parametrize("wish", INSTALLED)
def test_one_alone_is_imported(wish: str) -> None:
    code = "import sys, minigrad; print([m for m in ('gmpy2', 'flint') if m in sys.modules])"
    assert run(code, wish).strip() == str([] if wish == "python" else [MODULES[wish]])


@pytest.mark.parametrize("wish", INSTALLED)
def test_results_do_not_depend_on_the_choice(wish: str) -> None:
    code = """
from minigrad import Scalar, dot, where
xs = [Scalar(n) for n in ("1/3", "-7/2", 4, "1e-3", 0)]
y = dot(xs, xs[::-1]) / (1 + xs[2] ** -3) - abs(xs[1]) % xs[0] + xs[2].sqrt() + xs[4].exp()
y.backward()
print(repr(y.data), [x.grad for x in xs], [type(x.grad).__name__ for x in xs])
"""
    printed = run(code, wish)
    assert printed == run(code, "python")
    assert printed.count("Fraction'") == 5


# --- in and out -----------------------------------------------------------------------------------


@given(value=fractions)
def test_a_number_comes_out_as_it_went_in(value: Fraction) -> None:
    assert type(inside(value)) is Rational
    found = outside(inside(value))
    assert (type(found), found, hash(found)) == (Fraction, value, hash(value))
    assert type(found.numerator) is type(found.denominator) is int


@pytest.mark.parametrize("value", [0, 1, -1, 2**64 - 1, 1 - 2**64])
def test_a_small_int_is_made_once(value: int) -> None:
    found = small(value)
    assert small(value) is found
    assert type(found) is Rational
    assert outside(found) == value


@pytest.mark.parametrize("value", [None, 3, "text", call("exp", Fraction(1))])
def test_what_is_no_such_number_stays_as_it_is(value: Any) -> None:
    assert inside(value) is value
    assert outside(value) is value


@given(value=fractions, limit=st.integers(0, 80))
@example(value=Fraction(7), limit=3)
@example(value=Fraction(8), limit=3)
@example(value=Fraction(1, 8), limit=3)
def test_the_size_is_that_of_the_longer_part(value: Fraction, limit: int) -> None:
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    assert backing.bits(inside(value)) == backing.bits(value) == bits
    assert backing.is_over(inside(value), limit) is (bits > limit)


# --- mixed arithmetic -----------------------------------------------------------------------------


@given(x=fractions, y=fractions)
def test_the_kinds_mix(x: Fraction, y: Fraction) -> None:
    for left, right in ((inside(x), inside(y)), (x, inside(y)), (inside(x), y)):
        product, total = backing.multiply(left, right), backing.add(left, right)
        assert type(product) is type(total) is Rational
        assert (outside(product), outside(total)) == (x * y, x + y)
    assert type(backing.multiply(x, y)) is type(backing.add(x, y)) is Fraction


def test_closed_forms_mix_in() -> None:
    e, two = call("exp", Fraction(1)), inside(Fraction(2))
    assert backing.multiply(two, e) == backing.add(e, e)
    assert type(backing.multiply(e, two)) is Closed
    assert outside(backing.add(two, e) - e) == 2


@pytest.mark.parametrize("base", [0, 1, -1])
@pytest.mark.parametrize("exponent", [2**31, 2**31 + 1, 10**400, 10**400 + 1])
def test_powers_beyond_a_machine_word(base: int, exponent: int) -> None:
    expected = abs(base) if exponent % 2 == 0 else base
    assert backing.power(inside(Fraction(base)), exponent) == expected
    if base:
        assert backing.power(inside(Fraction(base)), -exponent) == expected
    assert backing.power(inside(Fraction(3)), 4) == 81


def test_a_long_exponent_of_another_base_is_no_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backing, "_LONGEST", 3)
    assert backing.power(inside(Fraction(2)), 10) == 1024
    assert outside(backing.power(inside(Fraction(-2, 3)), -5)) == Fraction(-243, 32)


# --- sums -----------------------------------------------------------------------------------------

LONG = [Fraction(3**300 + k, 7 ** (100 + k % 3)) for k in range(9)]


@given(values=st.lists(fractions, min_size=1, max_size=20))
@example(values=LONG)
@example(values=[Fraction(1, 2)])
def test_a_total_is_the_sum(values: list[Fraction]) -> None:
    found = backing.total([*map(inside, values)])
    assert type(found) is Rational
    assert outside(found) == sum(values)


@given(pairs=st.lists(st.tuples(fractions, fractions), min_size=1, max_size=20))
@example(pairs=[*zip(LONG, LONG[::-1], strict=True)])
@example(pairs=[(LONG[0], -LONG[1]), (LONG[1], LONG[0])])
def test_a_dot_product_is_the_sum_of_products(pairs: list[tuple[Fraction, Fraction]]) -> None:
    xs, ys = zip(*pairs, strict=True)
    found = backing.dot([*map(inside, xs)], [*map(inside, ys)])
    assert type(found) is Rational
    assert outside(found) == sum(x * y for x, y in pairs)


# --- the engine -----------------------------------------------------------------------------------


def test_nodes_hold_numbers_of_the_chosen_type() -> None:
    x = Scalar("2/3")
    root = relu(minimum(prod([x, -x, 3]) ** 2, 1)) / 7 - 1
    root.backward()
    assert type(Rational(1, 2)).__module__.split(".")[0] in ("minigrad", MODULES[NAME])
    assert {type(node._number) for node in (x, root, *root.operands)} == {Rational}
    assert {type(node._adjoint) for node in (x, root)} == {Rational}
    assert type(x.data) is type(x.grad) is type(root.data) is Fraction


@given(values=st.lists(fractions, min_size=1, max_size=40))
@example(values=[Fraction(k + 1, k + 2) for k in range(17)])
def test_a_tournament_combines_all_in_their_order(values: list[Fraction]) -> None:
    product = backing.tournament([*map(inside, values)], lambda x, y: x * y)
    assert outside(product) == math.prod(values, start=Fraction(1))
    assert backing.tournament([[k] for k in range(len(values))], list.__add__) == [
        *range(len(values))
    ]


def test_a_tournament_pairs_long_with_long() -> None:
    lengths = []

    def combine(x: int, y: int) -> int:
        lengths.append((x, y))
        return x + y

    assert backing.tournament([1] * 64, combine) == 64
    assert all(x == y for x, y in lengths[:-15])


def test_what_is_set_copied_or_restored_is_held_inside() -> None:
    x = Scalar(3)
    x.data, x.grad = Fraction(1, 3), 5
    for node in (x, pickle.loads(pickle.dumps(x)), copy.deepcopy(x), copy.copy(x)):
        assert type(node._number) is type(node._adjoint) is Rational
        assert (node.data, node.grad) == (Fraction(1, 3), 5)


def test_closed_forms_that_cancel_are_held_inside_again() -> None:
    x = Scalar(2)
    y = x.sqrt()
    # By y this is sqrt(2) * sqrt(2), by x it is 2 / (2*sqrt(2)).
    root = y * y * y - y * y * y + y * y
    root.backward()
    assert type(root._number) is Rational
    assert (x.grad, type(x._adjoint)) == (1, Rational)
