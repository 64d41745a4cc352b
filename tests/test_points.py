"""The points at which every derivative is looked at."""

from __future__ import annotations

from fractions import Fraction

import pytest

from minigrad.verify.points import beside, generic, halves, hard, small, starts

COUNTS = pytest.mark.parametrize("count", [0, 1, 2, 3, 9, 40])


@COUNTS
@pytest.mark.parametrize("points", [generic, hard])
def test_points_are_exact_and_of_the_right_length(points, count):
    found = list(points(count, 0))
    assert found
    assert all(len(point) == count for point in found)
    assert all(type(x) is Fraction for point in found for x in point)


@COUNTS
@pytest.mark.parametrize("points", [generic, hard])
def test_a_seed_gives_its_points_again(points, count):
    assert list(points(count, 7)) == list(points(count, 7))


def test_another_seed_gives_other_points():
    assert list(generic(3, 0)) != list(generic(3, 1))


def test_generic_points_are_positive_whole_and_mixed():
    positive, whole, mixed, small, negative = generic(20, 3)
    assert all(x > 0 for x in positive)
    assert any(x.denominator > 1 for x in positive)
    assert all(x.denominator == 1 for x in whole)
    assert len(set(whole)) == 20
    assert {x > 0 for x in mixed} == {True, False}
    assert all(0 < x <= 1 for x in small)
    assert all(x < 0 for x in negative)


def test_hard_points_are_where_derivatives_are_wrong():
    found = list(hard(3, 0))
    assert {(0, 0, 0), (1, 1, 1), (-1, -1, -1), (1, 2, 3)} <= set(found)
    zeros = {tuple(i for i, x in enumerate(point) if x == 0) for point in found}
    # None, each alone, each pair, all.
    assert {(), (0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)} <= zeros
    ties = {
        (i, j) for p in found for i in range(3) for j in range(i) if p[i] == p[j] and 0 < p[i] != 1
    }
    assert ties == {(1, 0), (2, 1), (2, 0)}
    assert any(p[0] == -p[2] != 0 for p in found)


@pytest.mark.parametrize(("less", "more"), [(20, 40), (40, 80)])
def test_the_number_of_points_grows_with_the_count_and_not_with_its_square(less, more):
    few, many = (len(list(hard(count, 0))) for count in (less, more))
    # A zero in each place; everything else is bounded.
    assert many - few == more - less


def test_points_beside_another_are_closer_and_closer_in_other_directions():
    near = [*beside([Fraction(1), Fraction(-2), Fraction(1, 2)])]
    offsets = [(x - 1, y + 2, z - Fraction(1, 2)) for x, y, z in near]
    sizes = [max(map(abs, offset)) for offset in offsets]
    assert max(sizes) < Fraction(1, 100)
    assert min(sizes) < Fraction(1, 10**11)
    assert all(len({0, *map(abs, offset)}) == 4 for offset in offsets)
    signs = {tuple(x > 0 for x in offset) for offset in offsets}
    assert signs >= {(True, True, True), (False, False, False)}
    assert len(signs) == 4


@COUNTS
def test_a_domain_is_looked_for_from_points_of_all_sizes(count):
    found = starts(count, 0)
    assert all(len(point) == count for point in found)
    assert found[0] == (0,) * count
    assert sum(found[1]) <= Fraction(1, 2)
    assert len(next(small(count, 0))) == count
    assert halves([Fraction(26, 11), Fraction(-1, 9), Fraction(0)]) == (
        Fraction(5, 2),
        -Fraction(1, 2),
        0,
    )
