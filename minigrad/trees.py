"""Structures of numbers: lists, tuples, dicts and NumPy arrays, nested in any way.

    >>> from minigrad import trees
    >>> point = {"x": 3, "y": [4, 5]}
    >>> [place for place, _ in trees.leaves(point, point, "point")]
    ["point['x']", "point['y'][0]", "point['y'][1]"]
    >>> trees.build(point, iter("abc"))
    {'x': 'a', 'y': ['b', 'c']}

A structure is taken apart into the list of its leaves, and put together again from a list of other
things: what works on lists of numbers then works on every structure. Whatever is no list, tuple, dict
or array is a leaf. Named tuples, and kinds of dict, keep their type; the caller's own objects are not
touched.

The order is that of the structure itself, of a dict that of its keys as they were put in. Where two
structures have to agree, the first is the *template*: its order counts, and the other's dicts may be in
another.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from minigrad.errors import InvalidOperand, describe
from minigrad.numpy_protocols import as_exact
from minigrad.scalar import Scalar

__all__ = ["build", "form", "is_array", "is_leaf", "leaves", "map_tree", "of_nodes"]


def map_tree(tree: Any, function: Callable[[Any], Any]) -> Any:
    """The structure of `tree`, with `function` of each array and of each leaf in its place.

    >>> map_tree([1, (2, {"x": 3})], lambda leaf: leaf * 10)
    [10, (20, {'x': 30})]
    """
    if isinstance(tree, dict):
        # A copy keeps the type, that of a defaultdict too, which dict(…) would not.
        new = copy.copy(tree)
        for key in tree:
            new[key] = map_tree(tree[key], function)
        return new
    if isinstance(tree, (list, tuple)):
        items = [map_tree(item, function) for item in tree]
        if isinstance(tree, list):
            return items
        return tree._make(items) if hasattr(tree, "_make") else tuple(items)
    return function(tree)


def build(template: Any, values: Iterator[Any]) -> Any:
    """The structure of `template`, with the next of `values` in the place of each leaf.

    There must be one for each leaf; those that are left over stay in `values`. Arrays become arrays of
    objects, of their own type and shape; of Scalars, exact ones.

    >>> build([0, (0, 0)], iter("abc"))
    ['a', ('b', 'c')]
    """

    def built(unit: Any) -> Any:
        if not is_array(unit):
            return next(values)
        array = unit.astype(object)
        for i, value in enumerate(islice(values, array.size)):
            array.flat[i] = value
        return of_nodes(array)

    return map_tree(template, built)


def of_nodes(array: Any) -> Any:
    """An array of objects as an exact one, if there are Scalars in it."""
    return as_exact(array) if any(isinstance(item, Scalar) for item in array.flat) else array


def leaves(template: Any, tree: Any, where: str) -> Iterator[tuple[str, Any]]:
    """The leaves of `tree` and where each stands, in the order of `template`.

    `where` is the name of the whole. Raises InvalidOperand, naming the place, where the two
    structures differ.

    >>> list(leaves({"x": 0, "y": [0]}, {"y": [5], "x": 4}, "p"))
    [("p['x']", 4), ("p['y'][0]", 5)]
    >>> list(leaves([0, [0, 0]], [1, 2], "p"))
    Traceback (most recent call last):
    minigrad.errors.InvalidOperand: p[1]: expected a list of 2; got 2 (type int)
    """
    if tree is not template and form(tree) != form(template):
        got = describe(tree) if is_leaf(tree) else form(tree)
        raise InvalidOperand(f"{where}: expected {form(template)}; got {got}")
    if isinstance(template, dict):
        for key in template:
            yield from leaves(template[key], tree[key], f"{where}[{key!r}]")
    elif isinstance(template, (list, tuple)):
        for i, (part, item) in enumerate(zip(template, tree, strict=True)):
            yield from leaves(part, item, f"{where}[{i}]")
    elif is_array(template):
        import numpy

        if isinstance(tree, numpy.ma.MaskedArray):
            raise InvalidOperand(f"{where}: expected an array without a mask; got {describe(tree)}")

        for place, item in numpy.ndenumerate(tree):
            yield f"{where}{list(place) or ''}", item
    else:
        yield where, tree


def form(tree: Any) -> str:
    """How a structure is named in a message, and when two of them are the same but for their leaves.

    That is by their outermost level alone; `leaves` compares those below.

    >>> form([1, [2, 3]]), form({"x": 1}), form(5)
    ('a list of 2', "a dict with the keys 'x'", 'a number')
    """
    if isinstance(tree, dict):
        return f"a dict with the keys {', '.join(sorted(map(repr, tree))) or '(none)'}"
    if isinstance(tree, (list, tuple)):
        return f"a {'list' if isinstance(tree, list) else 'tuple'} of {len(tree)}"
    return f"an array of shape {tree.shape}" if is_array(tree) else "a number"


def is_leaf(tree: Any) -> bool:
    """Whether `tree` is no list, tuple, dict or array, but what stands in one.

    >>> is_leaf(5), is_leaf("text"), is_leaf([])
    (True, True, False)
    """
    return not isinstance(tree, (dict, list, tuple)) and not is_array(tree)


def is_array(value: Any) -> bool:
    """Whether `value` is a NumPy array; NumPy is not imported, for where nobody has, there is none.

    >>> is_array([1, 2])
    False
    """
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)
