"""What a hand-written derivative returns, read as numbers in order, in whichever form people return it.

A gradient has the structure of the arguments. A Jacobian or a Hessian has a row for each result or
argument, of the structure of the arguments or flat; or it is made of blocks, as minigrad's own and JAX's:
for each pair of arrays one array, of the shape of the first and then of the second.

Lists, tuples and arrays are taken for one another, but around blocks: there it takes tuples, or arrays
within, to tell them from rows of the same shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from minigrad import trees
from minigrad.errors import CaseError, InvalidOperand, describe
from minigrad.verify.arguments import Layout, is_array, items_of

__all__ = ["Placed", "groupings", "is_row_of_rows", "listed", "matrix", "only", "row", "same_form"]

Placed = tuple[str, Any]
"""A number with its place in the answer."""
_Shape = tuple[int, ...]


def only(tree: Any) -> Any:
    """The item of a list of one, of a list of one list of one, and so on; anything else as it is."""
    while isinstance(tree, list) and len(tree) == 1:
        (tree,) = tree
    return tree


def listed(tree: Any) -> Any:
    """`tree` with lists in the place of tuples and arrays."""
    if is_array(tree):
        return [listed(item) for item in items_of(tree)]
    return tree.item() if trees.is_array(tree) else tree


def same_form(template: Any, answer: Any, who: str) -> list[tuple[str, Any]]:
    """The leaves of `answer`, which is to have the structure of `template`; arrays count as lists."""
    try:
        return list(trees.leaves(listed(template), listed(answer), who))
    except InvalidOperand as error:
        raise CaseError(str(error)) from None


def row(answer: Any, layout: Layout, who: str, result: Any = None) -> list[tuple[str, Any]]:
    """The numbers of `answer`, each with its place, if it has the structure of the arguments."""
    templates = list(layout.templates)
    expected: Any = templates
    shown = listed(answer)
    if len(templates) == 1:
        alone = isinstance(answer, tuple) and len(answer) == 1
        if not (alone and (is_array(answer[0]) or not isinstance(templates[0], list))):
            expected = templates[0]
        if trees.is_array(result) and result.size == 1 and isinstance(shown, list):
            # A function that returns an array of one number has a gradient of that shape, too.
            while isinstance(expected, list) and len(shown) == 1 and isinstance(shown[0], list):
                shown = shown[0]
    return list(_like(expected, shown, list(layout.labels), who))


def _like(expected: Any, answer: Any, labels: list[str], where: str) -> Iterator[tuple[str, Any]]:
    """The leaves of `answer`, each with its place; `labels` are those of the numbers it should hold."""
    if not isinstance(expected, list):
        if isinstance(answer, list):
            raise CaseError(
                f"expected the {where} to be a Scalar or a number; got {describe(answer)}"
            )
        yield where, answer
        return
    got = len(answer) if isinstance(answer, list) else None
    if got != len(expected):
        noun = "derivative" if len(expected) == 1 else "derivatives"
        flat = len(labels) == len(expected) <= 8
        by = f", by {', '.join(labels)}" if flat else ""
        raise CaseError(
            f"expected the {where} to be {len(expected)} partial {noun}{by}; "
            f"got {describe(answer) if got is None else got}"
        )
    start = 0
    for i, (item, inner) in enumerate(zip(answer, expected, strict=True)):
        end = start + _size(inner)
        yield from _like(inner, item, labels[start:end], f"{where}[{i}]")
        start = end


def _size(template: Any) -> int:
    return sum(map(_size, template)) if isinstance(template, list) else 1


def _shape_of(nested: Any) -> tuple[int, ...]:
    """The lengths of nested lists, going by the first item of each."""
    if not isinstance(nested, list):
        return ()
    return (len(nested), *(_shape_of(nested[0]) if nested else ()))


# --- matrices ------------------------------------------------------------------------------------


def groupings(result: Any) -> list[list[_Shape]]:
    """The shapes of the arrays that rows may belong to: of the whole of a result, or of its parts."""
    shown = listed(result)
    found = [[_shape_of(shown)]]
    if isinstance(result, (list, tuple)):
        found.append([_shape_of(part) for part in shown])
    return found


def matrix(
    answer: Any, layout: Layout, grouped: Sequence[Sequence[_Shape]], count: int, who: str
) -> Iterator[list[Placed]]:
    """The `count` rows of a matrix; `grouped` are the shapes that blocks of rows may have together.

    Raises CaseError where the answer is no matrix of that size.
    """
    for groups in grouped:
        rows = _in_blocks(answer, layout, groups, who)
        if rows is not None and len(rows) == count:
            yield from rows
            return
    shown = listed(answer)
    nested = _rows_of(shown, count)
    if nested is None:
        got = len(shown) if isinstance(shown, list) else describe(answer)
        raise CaseError(f"expected the {who} to have {count} rows; got {got}")
    for item in nested:
        if _is_flat(item) and len(item) == len(layout.labels):
            yield [(who, number) for number in item]
        elif isinstance(item, list) and len(layout.templates) > 1:
            yield row(tuple(item), layout, who)
        else:
            # A column of numbers may be a matrix of one column.
            yield row(only(item) if layout.templates == (0,) else item, layout, who)


def _is_flat(item: Any) -> bool:
    return isinstance(item, list) and all(map(trees.is_leaf, item))


def _in_blocks(
    answer: Any, layout: Layout, groups: Sequence[_Shape], who: str
) -> list[list[Placed]] | None:
    """The rows of blocks, one for each pair of a group and an argument; None for another form."""
    columns = [_shape_of(template) for template in layout.templates]
    outer = _split(answer, len(groups))
    grid = [_split(blocks, len(columns)) for blocks in outer or ()]
    if not grid or None in grid or not _are_blocks(answer, grid, groups, columns):
        return None
    rows: list[list[Placed]] = []
    for i, (group, line) in enumerate(zip(groups, grid, strict=True)):
        height = math.prod(group)
        pieces: list[list[Placed]] = [[] for _ in range(height)]
        for j, (column, block) in enumerate(zip(columns, line, strict=True)):
            numbers = _block(block, (*group, *column))
            if numbers is None:
                return None
            width = math.prod(column)
            where = f"{who}{f'[{i}]' * (len(groups) > 1)}{f'[{j}]' * (len(columns) > 1)}"
            for k, piece in enumerate(pieces):
                piece += [(where, x) for x in numbers[k * width : (k + 1) * width]]
        rows += pieces
    return rows


def _are_blocks(
    answer: Any, grid: Sequence[Any], groups: Sequence[_Shape], columns: Sequence[_Shape]
) -> bool:
    """Whether what stands in the places of blocks is meant for them, and not for rows.

    Of several groups of rows tuples are nested in tuples, or arrays stand within. Of one group a tuple
    of arrays or lists has one for each argument; but where all of these are numbers, and as many as
    there are rows, it has the rows.
    """
    if len(grid) == 1:
        are_rows = not any(columns) and math.prod(groups[0]) == len(columns)
        return len(columns) == 1 or (isinstance(answer, tuple) and not are_rows)
    in_tuples = isinstance(answer, tuple) and (
        len(columns) == 1 or all(isinstance(line, tuple) for line in answer)
    )
    return in_tuples or all(trees.is_array(block) for line in grid for block in line)


def _split(item: Any, count: int) -> Any:
    """The parts of what has so many; what is one part is that itself."""
    if count == 1:
        return [item]
    return item if isinstance(item, (list, tuple)) and len(item) == count else None


def _block(block: Any, shape: _Shape) -> list[Any] | None:
    """The numbers of a block of this shape, in order; None where it is another, or a row in a tuple."""
    if isinstance(block, tuple):
        return None
    numbers = [listed(block)]
    for length in shape:
        if not all(isinstance(item, list) and len(item) == length for item in numbers):
            return None
        numbers = [x for item in numbers for x in item]
    return numbers if all(map(trees.is_leaf, numbers)) else None


def _rows_of(shown: Any, count: int) -> list[Any] | None:
    """The rows of nested lists: the items, or those of the items, until there are enough."""
    rows = [shown]
    while len(rows) < count and all(isinstance(row_, list) for row_ in rows):
        rows = [item for row_ in rows for item in row_]
    if len(rows) == count and (count > 1 or isinstance(shown, list)):
        return rows[0] if count == 1 and len(shown) == 1 and isinstance(shown[0], list) else rows
    return None


def is_row_of_rows(answer: Any, layout: Layout) -> bool:
    """Whether the Jacobian of one number is given as a matrix of one row."""
    shown = listed(answer)
    if not isinstance(shown, list) or len(shown) != 1:
        return False
    (first,) = shown
    if len(layout.templates) > 1:
        return isinstance(first, list)
    return isinstance(first, list) and _shape_of(first) == _shape_of(layout.templates[0])
