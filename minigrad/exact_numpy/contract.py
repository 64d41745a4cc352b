"""Sums of products over arrays: one dot node for each element of the result.

    >>> from minigrad import Scalar
    >>> import numpy as np
    >>> x, y = Scalar(2, "x"), Scalar(3, "y")
    >>> result = einsum("i,i->", [np.array([x, y]), np.array([4, 5])])
    >>> result.data, result.operator
    (Fraction(23, 1), <operator dot>)

A dot product of n terms as one node costs a sixth of n products and n - 1 sums, and its gradient is
read off at once. So all of NumPy's products come down to two arrays of rows, multiplied row by row.

Shapes and conventions are those of NumPy's functions of the same names (C. R. Harris et al., Array
programming with NumPy, Nature 585, 2020; its reference, section Linear algebra).
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from minigrad import functions
from minigrad.errors import InvalidOperand, describe
from minigrad.exact_numpy.items import Objects, mapped

__all__ = ["dot", "einsum", "einsum_arguments", "inner", "matmul", "normal_axes", "tensordot"]


def _rows_by_rows(left: Objects, right: Objects, where: str) -> Objects:
    """The dot products of every row of `left` with every row of `right`, both of two axes."""
    if left.shape[1] != right.shape[1]:
        raise InvalidOperand(
            f"{where}: expected as many terms on both sides; got {left.shape[1]} and {right.shape[1]}"
        )
    result: Objects = np.empty((len(left), len(right)), dtype=object)
    columns = right.tolist()
    for i, row in enumerate(left.tolist()):
        for j, column in enumerate(columns):
            result[i, j] = functions.dot(row, column)
    return result


def inner(left: Objects, right: Objects, where: str = "inner") -> Any:
    """The products summed over the last axis of both; an error says that it was `where`."""
    if not left.ndim or not right.ndim:
        return mapped(lambda x, y: functions.prod([x, y]), (left, right))
    shape = left.shape[:-1] + right.shape[:-1]
    return _shaped(_rows_by_rows(_flat_rows(left), _flat_rows(right), where), shape)


def _flat_rows(array: Objects) -> Objects:
    count = 1
    for length in array.shape[:-1]:
        count *= length
    return array.reshape(count, array.shape[-1])


def _shaped(result: Objects, shape: tuple[int, ...]) -> Any:
    """`result` in that shape; its element where no axis is left."""
    return result.reshape(shape)[()]


def dot(left: Objects, right: Objects) -> Any:
    """The products summed over the last axis of `left` and the second last of `right`."""
    is_turned = right.ndim > 1 and left.ndim > 0
    return inner(left, np.moveaxis(right, -2, -1) if is_turned else right, "dot")


def matmul(left: Objects, right: Objects) -> Any:
    """The matrix product, over the leading axes broadcast."""
    if not left.ndim or not right.ndim:
        raise InvalidOperand("matmul: expected arrays of one axis or more; use * for a number")
    a = left[np.newaxis] if left.ndim == 1 else left
    b = right[:, np.newaxis] if right.ndim == 1 else right
    b = np.moveaxis(b, -2, -1)
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(a, stack + a.shape[-2:])
    b = np.broadcast_to(b, stack + b.shape[-2:])
    result: Objects = np.empty((*stack, a.shape[-2], b.shape[-2]), dtype=object)
    for place in np.ndindex(*stack):
        result[place] = _rows_by_rows(a[place], b[place], "matmul")
    shape = (
        stack
        + a.shape[-2 : -1 if left.ndim > 1 else -2]
        + b.shape[-2 : -1 if right.ndim > 1 else -2]
    )
    return _shaped(result, shape)


def tensordot(left: Objects, right: Objects, axes: Any = 2) -> Any:
    """The products summed over pairs of axes: the last and first `axes`, or two lists of them."""
    if hasattr(axes, "__index__"):
        count = index(axes)
        pairs: Any = (range(left.ndim - count, left.ndim), range(count))
    else:
        pairs = axes
    over = [normal_axes(axis, array.ndim) for axis, array in zip(pairs, (left, right), strict=True)]
    if [left.shape[i] for i in over[0]] != [right.shape[i] for i in over[1]]:
        raise InvalidOperand(
            f"tensordot: expected axes of the same lengths; got the shapes {left.shape} and "
            f"{right.shape} with axes {describe(axes)}"
        )
    sides, shape = [], ()
    for array, summed in zip((left, right), over, strict=True):
        kept = [i for i in range(array.ndim) if i not in summed]
        lengths = tuple(array.shape[i] for i in kept)
        turned = array.transpose([*kept, *summed])
        merged = int(np.prod([array.shape[i] for i in summed], dtype=int))
        sides.append(_flat_rows(turned.reshape(*lengths, merged)))
        shape += lengths
    return _shaped(_rows_by_rows(sides[0], sides[1], "tensordot"), shape)


def normal_axes(axis: Any, ndim: int) -> list[int]:
    """The axes meant by None (all), an int or several ints; AxisError, as in NumPy, for another."""
    if axis is None:
        return list(range(ndim))
    axes = [index(axis)] if hasattr(axis, "__index__") else [index(one) for one in axis]
    for one in axes:
        if not -ndim <= one < ndim:
            raise np.exceptions.AxisError(one, ndim)
    found = [one % ndim for one in axes]
    if len(set(found)) < len(found):
        raise InvalidOperand(f"expected each axis once; got {describe(axis)}")
    return found


# --- einsum --------------------------------------------------------------------------------------

_LETTERS = string.ascii_uppercase + string.ascii_lowercase


def einsum_arguments(arguments: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts and the operands of a call to einsum, in either of its two forms."""
    if isinstance(arguments[0], str):
        return arguments[0], list(arguments[1:])
    count = len(arguments) // 2
    terms = ["".join(_letter(place) for place in term) for term in arguments[1 : 2 * count : 2]]
    text = ",".join(terms)
    if len(arguments) % 2:
        text += "->" + "".join(_letter(place) for place in arguments[-1])
    return text, list(arguments[0 : 2 * count : 2])


def _letter(place: Any) -> str:
    return "..." if place is Ellipsis else _LETTERS[index(place)]


def einsum(subscripts: str, operands: Sequence[Objects]) -> Any:
    """The sum of products that `subscripts` describe: one node for each element of the result."""
    terms, output = _parsed(subscripts, [operand.ndim for operand in operands])
    summed = sorted(set("".join(terms)) - set(output))
    aligned = [
        _aligned(operand, term, [*output, *summed])
        for operand, term in zip(operands, terms, strict=True)
    ]
    aligned = list(np.broadcast_arrays(*aligned))
    shape = aligned[0].shape[: len(output)]
    length = int(np.prod(aligned[0].shape[len(output) :], dtype=int))
    result: Objects = np.empty(int(np.prod(shape, dtype=int)), dtype=object)
    sides = [side.reshape(len(result), length).tolist() for side in aligned]
    for i in range(len(result)):
        result[i] = _sum_of_products([side[i] for side in sides], is_sum=bool(summed))
    return _shaped(result, shape)


def _sum_of_products(rows: list[list[Any]], *, is_sum: bool) -> Any:
    if not is_sum:
        factors = [row[0] for row in rows]
        return factors[0] if len(factors) == 1 else functions.prod(factors)
    if len(rows) == 1:
        return functions.sum(rows[0])
    *before, last = rows
    first = (
        before[0]
        if len(before) == 1
        else [functions.prod(row) for row in zip(*before, strict=True)]
    )
    return functions.dot(first, last)


def _aligned(operand: Objects, term: str, order: list[str]) -> Objects:
    """`operand` with one axis for each letter of `order`, of length 1 where its term has none."""
    letters = sorted(set(term), key=term.index)
    if len(letters) < len(term):
        # The diagonal, taken of the places: a view of integers, which any NumPy can do.
        places = np.arange(operand.size).reshape(operand.shape)
        taken = np.einsum(places, [letters.index(c) for c in term], list(range(len(letters))))
        operand = operand.reshape(-1)[taken]
    operand = operand.transpose([letters.index(c) for c in order if c in letters])
    return operand[tuple([slice(None) if c in letters else np.newaxis for c in order])]


def _parsed(subscripts: str, axes: list[int]) -> tuple[list[str], str]:
    """The letters of each operand's axes and of the result's, with `...` spelled out."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(axes):
        raise InvalidOperand(
            f"einsum: expected {len(terms)} arrays for {describe(subscripts)}; got {len(axes)}"
        )
    spare = [c for c in _LETTERS if c not in subscripts]
    most = ""
    for i, (term, ndim) in enumerate(zip(terms, axes, strict=True)):
        if "..." in term:
            count = ndim - len(term) + 3
            between = "".join(spare[-count:]) if count > 0 else ""
            most = max(most, between, key=len)
            terms[i] = term.replace("...", between, 1)
        if len(terms[i]) != ndim:
            raise InvalidOperand(
                f"einsum: expected an array of {len(terms[i])} axes for {term!r}; got {ndim}"
            )
    if arrow:
        output = right.replace("...", most, 1)
    else:
        counted = "".join(terms)
        output = most + "".join(
            sorted(c for c in set(counted) - set(most) if counted.count(c) == 1)
        )
    wrong = [c for c in "".join(terms) + output if c not in _LETTERS]
    if wrong or len(set(output)) < len(output) or not set(output) <= set("".join(terms)):
        raise InvalidOperand(
            "einsum: expected subscripts such as 'ij,jk->ik', in which each letter of the result occurs "
            f"once and in an operand; got {describe(subscripts)}"
        )
    return terms, output
