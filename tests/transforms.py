"""Answers of the transforms laid flat, and transforms that give the same slope."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.derivatives import derivative, grad, jacobian, jvp, taylor, vjp


def plain(tree: Any) -> Any:
    """`tree` with nested lists in the place of arrays, to be compared by ==."""
    if isinstance(tree, np.ndarray):
        return tree.tolist()
    if isinstance(tree, dict):
        return {key: plain(item) for key, item in tree.items()}
    return [plain(item) for item in tree] if isinstance(tree, (list, tuple)) else tree


def flat(tree: Any) -> list[Any]:
    """The numbers in `tree`, in order."""
    tree = plain(tree)
    if isinstance(tree, (list, dict)):
        return [
            x for item in (tree.values() if isinstance(tree, dict) else tree) for x in flat(item)
        ]
    return [tree]


SLOPES: list[Any] = [
    derivative,
    grad,
    jacobian,
    lambda f: lambda x: jvp(f, (x,), (1,))[1],
    lambda f: lambda x: vjp(f, x)[1](1)[0],
    lambda f: lambda x: taylor(f, x, 1)[1],
]
