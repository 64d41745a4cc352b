from __future__ import annotations

import math
import subprocess
import sys
from collections import OrderedDict, defaultdict, namedtuple
from itertools import count
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigrad.errors import InvalidOperand
from minigrad.trees import build, is_array, is_leaf, leaves, map_tree

Point = namedtuple("Point", "x y")

ARRAYS = st.lists(st.integers(0, 3), max_size=3).map(
    lambda shape: np.arange(math.prod(shape)).reshape(shape)
)
TREES = st.recursive(
    st.integers(-9, 9) | st.text(max_size=2) | st.none() | ARRAYS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3),
        st.builds(Point, inner, inner),
    ),
    max_leaves=8,
)


def equal(left: Any, right: Any) -> bool:
    """Equal by Python's own rules, types and the order of keys included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return left.shape == right.shape and left.tolist() == right.tolist()
    if isinstance(left, dict):
        return list(left) == list(right) and all(equal(left[k], right[k]) for k in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)


def items(tree: Any, where: str = "p") -> list[Any]:
    return [leaf for _, leaf in leaves(tree, tree, where)]


# --- taken apart and put together -----------------------------------------------------------------


@given(TREES)
@example({"a": [np.ones((2, 3)), (1,)], "b": Point({}, [])})
@example(np.array(7))
def test_a_tree_is_its_structure_and_its_leaves(tree: Any) -> None:
    assert equal(build(tree, iter(items(tree))), tree)


@given(TREES)
def test_a_place_is_a_python_expression_for_its_leaf(tree: Any) -> None:
    for place, leaf in leaves(tree, tree, "p"):
        # An array without axes has no index to be shown, so it stands for its only item.
        assert eval(place, {"p": tree}) == leaf
        assert isinstance(leaf, (int, str, np.integer, type(None)))


@given(TREES)
def test_values_are_put_in_the_order_of_the_leaves(tree: Any) -> None:
    values = count()
    numbered = build(tree, values)
    n = len(items(tree))
    assert items(numbered) == list(range(n))
    # Nothing beyond the leaves is taken.
    assert next(values) == n


@given(TREES)
def test_map_follows_the_laws_of_a_functor(tree: Any) -> None:
    assert equal(map_tree(tree, lambda unit: unit), tree)
    assert equal(map_tree(map_tree(tree, repr), len), map_tree(tree, lambda unit: len(repr(unit))))


def test_an_array_is_one_unit_of_a_map() -> None:
    tree = [np.ones((2, 3)), {"x": 4}]
    shape = map_tree(tree, lambda unit: unit.shape if is_array(unit) else unit)
    assert shape == [(2, 3), {"x": 4}]


def test_the_tree_itself_is_not_touched() -> None:
    array = np.arange(3)
    array.flags.writeable = False
    inner = {"x": 1}
    tree = [inner, array, Point(2, 3)]
    built = build(tree, count(10))
    assert (tree, inner) == ([inner, array, Point(2, 3)], {"x": 1})
    assert array.tolist() == [0, 1, 2]
    assert built[0] == {"x": 10}
    assert built[1].tolist() == [11, 12, 13]
    assert built[1].dtype == object
    assert built[2] == Point(14, 15)


def test_kinds_of_containers_are_kept() -> None:
    default = defaultdict(list, a=1)
    built = build([default, OrderedDict(b=1, a=2), Point(1, 2), (3,)], count())
    assert [type(part) for part in built] == [defaultdict, OrderedDict, Point, tuple]
    assert built[0]["missing"] == []
    assert list(built[1].items()) == [("b", 1), ("a", 2)]
    assert default == {"a": 1}


def test_a_subclass_of_array_is_kept() -> None:
    class Vector(np.ndarray):
        pass

    built = build(np.arange(2).view(Vector), iter("ab"))
    assert type(built) is Vector
    assert built.tolist() == ["a", "b"]


def test_items_of_an_array_may_be_lists() -> None:
    assert build(np.zeros(2), iter([[1, 2], (3,)])).tolist() == [[1, 2], (3,)]


def test_too_few_values_are_not_made_up() -> None:
    with pytest.raises(StopIteration):
        build([1, 2], iter([3]))


# --- two structures -------------------------------------------------------------------------------


def test_the_template_decides_on_the_order() -> None:
    template, tree = {"a": 0, "b": [0, 0]}, {"b": [2, 3], "a": 1}
    assert list(leaves(template, tree, "t")) == [("t['a']", 1), ("t['b'][0]", 2), ("t['b'][1]", 3)]


@pytest.mark.parametrize(
    ("template", "tree", "says"),
    [
        (1, [2], "t: expected a number; got a list of 1"),
        ([1], 2, r"t: expected a list of 1; got 2 \(type int\)"),
        ([1], (2,), "t: expected a list of 1; got a tuple of 1"),
        ([1, 2], [1], "t: expected a list of 2; got a list of 1"),
        ({"x": [1]}, {"x": {}}, r"t\['x'\]: expected a list of 1; got a dict with the keys \(none\)"),
        ({"x": 1, 2: 3}, {"x": 1}, "expected a dict with the keys 'x', 2; got .* the keys 'x'$"),
        ([[1], 2], [[1], ["a", "b"]], r"t\[1\]: expected a number; got a list of 2"),
        (np.ones(3), np.ones((3, 1)), r"expected an array of shape \(3,\); got .* shape \(3, 1\)"),
        ([1, 1], np.ones(2), r"t: expected a list of 2; got an array of shape \(2,\)"),
        (np.array(1), 1, r"t: expected an array of shape \(\); got 1 \(type int\)"),
    ],
)  # fmt: skip
def test_structures_that_differ_are_refused_by_place(template: Any, tree: Any, says: str) -> None:
    with pytest.raises(InvalidOperand, match=says):
        list(leaves(template, tree, "t"))


@given(TREES, TREES)
def test_what_is_accepted_can_be_built_from(template: Any, tree: Any) -> None:
    try:
        found = [leaf for _, leaf in leaves(template, tree, "t")]
    except InvalidOperand:
        assert not equal(template, tree)
    else:
        assert len(found) == len(items(template))


# --- kinds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "leaf", "array"),
    [
        (1, True, False),
        ("text", True, False),
        (None, True, False),
        ({1, 2}, True, False),
        (np.float64(1), True, False),
        (np.array(1), False, True),
        (np.ones(2), False, True),
        ([], False, False),
        ((), False, False),
        ({}, False, False),
        (Point(1, 2), False, False),
    ],
)
def test_what_is_a_leaf_and_what_an_array(tree: Any, leaf: bool, array: bool) -> None:
    assert (is_leaf(tree), is_array(tree)) == (leaf, array)


def test_numpy_is_not_imported() -> None:
    program = """
import sys
from minigrad.trees import *
assert build({"x": [1, (2,)]}, iter("ab")) == {"x": ["a", ("b",)]}
assert [leaf for _, leaf in leaves([1, 2], [3, 4], "p")] == [3, 4]
assert not is_array([1]) and "numpy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
