"""Linear algebra on matrices of Scalars and numbers, exact and differentiable.

There are `solve`, `inv`, `det`, `slogdet` and `cholesky`.

    >>> from minigrad import Scalar
    >>> from minigrad.linalg import det, solve
    >>> a = [[Scalar(2, "a"), 1], [1, 3]]
    >>> x, y = solve(a, [3, 5])
    >>> x.backward()
    >>> x.data, y.data, a[0][0].grad
    (Fraction(4, 5), Fraction(7, 5), Fraction(-12, 25))

A matrix is a list or tuple of rows, or a NumPy array; what is given as lists comes back as lists, and
an array as an array of objects of the same class. The results are Scalars, each the root of a graph.
More dimensions are a stack of matrices, each treated by itself.

Elimination is fraction-free (E. H. Bareiss, Sylvester's Identity and Multistep Integer-Preserving
Gaussian Elimination, Mathematics of Computation 22, 1968, pages 565-578, in its one-step form): every
number in it is a minor of the matrix, so numbers stay as short as determinants are, and numbers that
are whole stay whole. It takes about n**3/3 steps of four nodes.
The division-free algorithm of `det` takes n**4/4 products, and with the backward sweep twice as long as
elimination at order 10 and three to four times at order 30, so it is used where there is no other.

The factor of Cholesky holds square roots, of elements that are reached by sums and quotients alone.

A pivot is an element whose value is not zero. Which one it is makes no difference to the function that
is computed, so it is chosen by value and no comparison of Scalars is made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any, Final, NamedTuple, TypeAlias

from minigrad import functions, number, reading
from minigrad.errors import DivisionByZero, DomainError, InvalidOperand, describe
from minigrad.number import ONE, ZERO
from minigrad.scalar import Scalar

__all__ = ["SlogDet", "cholesky", "det", "inv", "slogdet", "solve"]

# Numbers stay Fractions until the end: an operation on two of them needs no node.
_Element: TypeAlias = Any
_Rows: TypeAlias = list[list[_Element]]
_Shape: TypeAlias = tuple[int, ...]


def solve(a: Any, b: Any) -> Any:
    """The solution x of `a x = b`: a vector if `b` is one, and otherwise a matrix.

    As in NumPy 2, `b` of one dimension is a vector, and of more a matrix or a stack of them: vectors of a
    stack are columns, as `b[..., None]`. Stacks of `a` and `b` are broadcast against each other.

    Raises DivisionByZero (a ZeroDivisionError) if `a` is singular at its values, and InvalidOperand (a
    TypeError) for what is no square matrix, a `b` that does not fit, and elements that are no numbers.

    >>> [x.data for x in solve([[2, 1], [1, 3]], [Scalar(3), 5])]
    [Fraction(4, 5), Fraction(7, 5)]
    """
    shape, matrices = _square("solve", a)
    given, right = _read("solve", "b", b)
    own, order = shape[:-2], shape[-1]
    is_vector = len(given) == 1
    stack = own if is_vector else _joint(own, given[:-2])
    if stack is None or given[-1 if is_vector else -2] != order:
        raise InvalidOperand(
            f"solve: expected b to be a vector of shape {(order,)}, or matrices of {order} rows in a "
            f"stack that can be broadcast against {own}; got shape {given}"
        )
    function = _solved_for_vector if is_vector else partial(_solved, "solve")
    sides = _spread(matrices, own, stack), _spread(right, () if is_vector else given[:-2], stack)
    result = _each(len(stack), function, *sides)
    return _returned(result, (*stack, *given[-1 if is_vector else -2 :]), a, b)


def inv(a: Any) -> Any:
    """The inverse of a square matrix, or of each in a stack of them.

    Raises DivisionByZero (a ZeroDivisionError) if `a` is singular at its values, and InvalidOperand (a
    TypeError) for what is no square matrix and elements that are no numbers.

    >>> [[x.data for x in row] for row in inv([[1, 2], [0, Scalar(4)]])]
    [[Fraction(1, 1), Fraction(-1, 2)], [Fraction(0, 1), Fraction(1, 4)]]
    """
    shape, matrices = _square("inv", a)
    order = shape[-1]
    identity = [[ONE if i == j else ZERO for j in range(order)] for i in range(order)]
    result = _each(len(shape) - 2, lambda m: _solved("inv", m, identity), matrices)
    return _returned(result, shape, a)


def det(a: Any) -> Any:
    """The determinant of a square matrix, or of each in a stack of them; that of a 0 by 0 matrix is 1.

    Its derivatives, of every order, are right for a singular matrix too, where elimination meets a
    block whose values are all zero: the determinant of that block is then found without division, by
    the algorithm of Samuelson and Berkowitz (S. J. Berkowitz, On computing the determinant in small
    parallel time using a small number of processors, Information Processing Letters 18, 1984).

    Raises InvalidOperand (a TypeError) for what is no square matrix and elements that are no numbers.

    >>> x = Scalar(2)
    >>> d = det([[x, 4], [1, 2]])
    >>> d.backward()
    >>> d.data, x.grad
    (Fraction(0, 1), Fraction(2, 1))
    """
    shape, matrices = _square("det", a)
    stack = shape[:-2]
    result = _each(len(stack), _determinant, matrices)
    return _returned(result, stack, a) if stack else _as_scalar(result)


class SlogDet(NamedTuple):
    """What `slogdet` returns, as NumPy calls it."""

    sign: Any
    logabsdet: Any


def slogdet(a: Any) -> SlogDet:
    """The sign of the determinant and the logarithm of its absolute value, or those of each in a stack.

    Raises DomainError (a ValueError) if `a` is singular at its values, where NumPy has minus infinity;
    InvalidOperand (a TypeError) for what is no square matrix and elements that are no numbers.

    >>> x = Scalar(1)
    >>> sign, logarithm = slogdet([[x, 4], [1, 2]])
    >>> logarithm.backward()
    >>> sign.data, logarithm.data, x.grad
    (Fraction(-1, 1), log(2), Fraction(-1, 1))
    """
    shape, matrices = _square("slogdet", a)
    stack = shape[:-2]

    def both(rows: _Rows) -> tuple[Scalar, Scalar]:
        found = _determinant(rows)
        if not _is_nonzero(found):
            _record_zeros([found])
            raise DomainError(f"slogdet: the matrix, of shape {shape[-2:]}, is singular")
        return functions.sign(found), functions.log(functions.absolute(found))

    pairs = _each(len(stack), both, matrices)
    sides = [_each(len(stack), lambda pair, k=k: pair[k], pairs) for k in (0, 1)]
    return SlogDet(*[_returned(side, stack, a) if stack else side for side in sides])


def cholesky(a: Any) -> Any:
    """The lower triangular matrix L, with a positive diagonal, whose product with its transpose is `a`.

    Only the lower triangle of `a` is read, as in NumPy; of a stack of matrices it is that of each. The
    algorithm is that of G. H. Golub and C. F. Van Loan, Matrix Computations, 4th ed., section 4.2.5.

    Raises DomainError (a ValueError) if `a` is not positive definite at its values, and InvalidOperand (a
    TypeError) for what is no square matrix and elements that are no numbers.

    >>> x = Scalar(4)
    >>> lower = cholesky([[x, 2], [2, 5]])
    >>> lower[1][0].backward()
    >>> [[item.data for item in row] for row in lower], x.grad
    ([[Fraction(2, 1), Fraction(0, 1)], [Fraction(1, 1), Fraction(2, 1)]], Fraction(-1, 8))
    """
    shape, matrices = _square("cholesky", a)
    return _returned(_each(len(shape) - 2, _factor, matrices), shape, a)


def _factor(rows: _Rows) -> _Rows:
    order = range(len(rows))
    lower: _Rows = [[ZERO for _ in order] for _ in order]
    for j in order:
        pivot = _difference(rows[j][j], _dot(lower[j][:j], lower[j][:j]))
        if not _is_nonzero(pivot):
            _record_zeros([pivot])
            raise DomainError(f"{_NOT_DEFINITE}: pivot {j} is 0")
        try:
            lower[j][j] = functions.sqrt(pivot)
        except DomainError as error:
            raise DomainError(f"{_NOT_DEFINITE}: {error}") from None
        for i in range(j + 1, len(rows)):
            rest = _difference(rows[i][j], _dot(lower[i][:j], lower[j][:j]))
            lower[i][j] = _quotient(rest, lower[j][j])
    return lower


_NOT_DEFINITE: Final = "cholesky: the matrix is not positive definite"


# --- elimination ---------------------------------------------------------------------------------


def _solved(what: str, rows: _Rows, right: _Rows) -> _Rows:
    """The matrix X of rows * X = right: elimination, then substitution from the last row up."""
    block = [row + more for row, more in zip(rows, right, strict=True)]
    upper: _Rows = []
    previous: _Element = ONE
    while block:
        place = next((i for i, row in enumerate(block) if _is_nonzero(row[0])), None)
        if place is None:
            _record_zeros([row[0] for row in block])
            shape = (len(rows), len(rows))
            raise DivisionByZero(
                f"{what}: the matrix, of shape {shape}, is singular: its determinant is 0"
            )
        block[0], block[place] = block[place], block[0]
        upper.append(block[0])
        block, previous = _reduced(block, previous), block[0][0]
    solution: _Rows = []
    for pivot, *row in reversed(upper):
        known = len(solution)
        columns = [[x[j] for x in solution] for j in range(len(row) - known)]
        solved = [
            _quotient(_difference(item, _dot(row[:known], column)), pivot)
            for item, column in zip(row[known:], columns, strict=True)
        ]
        solution.insert(0, solved)
    return solution


def _solved_for_vector(rows: _Rows, right: list[_Element]) -> list[_Element]:
    return [x for (x,) in _solved("solve", rows, [[item] for item in right])]


def _determinant(rows: _Rows) -> _Element:
    """Eliminate as far as there are pivots, and take the determinant of what is left.

    What is left after k steps is the matrix of the minors that border the leading one of order k,
    and by Sylvester's identity its determinant is the whole one times that minor to the power of its
    own order less one. The last step of all needs no pivot, for nothing is divided by it any more.
    """
    block = [list(row) for row in rows]
    previous: _Element = ONE
    odd = False
    while len(block) > 1:
        order = range(len(block))
        place = next(((i, j) for j, i in product(order, order) if _is_nonzero(block[i][j])), None)
        if place is None and len(block) > 2:
            power = len(block) - 1
            whole = _division_free(block)
            block = [[_quotient(whole, previous if previous is ONE else previous**power)]]
            break
        i, j = place or (0, 0)
        block[0], block[i] = block[i], block[0]
        for row in block:
            row[0], row[j] = row[j], row[0]
        odd ^= (i > 0) ^ (j > 0)
        block, previous = _reduced(block, previous), block[0][0]
    value = block[0][0] if block else ONE
    return -value if odd else value


def _reduced(block: _Rows, previous: _Element) -> _Rows:
    """One step: the block without its first row and column, of minors one order greater.

    `previous` is the pivot of the step before, by which these minors can be divided.
    """
    pivot, *top = block[0]
    return [
        [
            _quotient(_difference(_times(pivot, item), _times(first, above)), previous)
            for item, above in zip(row, top, strict=True)
        ]
        for first, *row in block[1:]
    ]


def _division_free(rows: _Rows) -> _Element:
    """The determinant by Samuelson's formula, from the last principal submatrix up to the whole.

    With M the submatrix and a, R, C the corner, row and column that border it, the sums e of the
    principal minors of each order (the coefficients of the characteristic polynomial but for their signs)
    grow by e_i = e_i(M) + a e_(i-1)(M) - RC e_(i-2)(M) + RMC e_(i-3)(M) - …; the last is the determinant.
    """
    sums: list[_Element] = [ONE]
    for k in reversed(range(len(rows))):
        corner, *right = rows[k][k:]
        column = [row[k] for row in rows[k + 1 :]]
        inner = [row[k + 1 :] for row in rows[k + 1 :]]
        weights = [ONE, corner]
        for step in range(len(inner)):
            if step:
                column = [_dot(row, column) for row in inner]
            weight = _dot(right, column)
            weights.append(weight if step % 2 else -weight)
        padded = [*sums, ZERO]
        wanted = range(len(padded)) if k else [len(sums)]
        sums = [_dot(weights[: i + 1], padded[i::-1]) for i in wanted]
    return sums[-1]


# --- arithmetic in which a number that is 0 or 1 leaves no node ----------------------------------


def _is_nonzero(item: _Element) -> bool:
    # By value: a comparison of Scalars may be recorded as a branch of somebody's function.
    return bool((item._datum if isinstance(item, Scalar) else item) != 0)


def _record_zeros(items: Sequence[_Element]) -> None:
    """Let Scalars that record comparisons record that these are 0: a program may catch what is raised."""
    for item in items:
        bool(item)


def _is_number(item: _Element, value: Fraction) -> bool:
    return not isinstance(item, Scalar) and item == value


def _times(x: _Element, y: _Element) -> _Element:
    if _is_number(x, ZERO) or _is_number(y, ZERO):
        return ZERO
    if _is_number(x, ONE):
        return y
    return x if _is_number(y, ONE) else x * y


def _difference(x: _Element, y: _Element) -> _Element:
    if _is_number(y, ZERO):
        return x
    return -y if _is_number(x, ZERO) else x - y


def _quotient(x: _Element, y: _Element) -> _Element:
    return x if _is_number(x, ZERO) or _is_number(y, ONE) else x / y


def _dot(xs: Sequence[_Element], ys: Sequence[_Element]) -> _Element:
    pairs = [
        (x, y)
        for x, y in zip(xs, ys, strict=True)
        if not (_is_number(x, ZERO) or _is_number(y, ZERO))
    ]
    if len(pairs) < 2:
        return _times(*pairs[0]) if pairs else ZERO
    left, right = zip(*pairs, strict=True)
    if any(isinstance(item, Scalar) for item in (*left, *right)):
        return functions.dot(left, right)
    return number.dot(left, right)


# --- matrices in and out -------------------------------------------------------------------------


def _square(what: str, value: object) -> tuple[_Shape, Any]:
    """The shape of a square matrix, or of a stack of them, and its elements in nested lists."""
    shape, nested = _read(what, "a", value)
    if shape == (0,):
        shape = (0, 0)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise InvalidOperand(f"{what}: expected a square matrix; got one of shape {shape}")
    return shape, nested


def _read(what: str, name: str, value: object) -> tuple[_Shape, Any]:
    if not _is_sequence(value):
        raise InvalidOperand(
            f"{what}: expected {name} to be nested lists or tuples, or a NumPy array; "
            f"got {describe(value)}"
        )
    shape = _shape(value)
    return shape, _elements(what, name, value, shape)


def _numpy_array(value: object) -> bool:
    """Whether `value` is a NumPy array, known without importing NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (_numpy_array(value) and value.ndim > 0)


def _shape(value: Any) -> _Shape:
    """The shape of nested sequences, read off the first of each."""
    if not _is_sequence(value):
        return ()
    if _numpy_array(value):
        return tuple(value.shape)
    return (len(value), *(_shape(value[0]) if value else ()))


def _elements(what: str, name: str, value: Any, shape: _Shape) -> Any:
    """The elements in nested lists: Scalars as they are, numbers as Fractions."""
    if not shape:
        if isinstance(value, Scalar):
            return value
        found = reading.read(value)
        if found is None:
            raise InvalidOperand(
                f"{what}: expected {name} to be made of Scalars and numbers; got {describe(value)} in it"
            )
        return found
    if not _is_sequence(value) or len(value) != shape[0]:
        raise InvalidOperand(
            f"{what}: expected {name} to have rows of equal length; got {describe(value)} "
            f"where {shape[0]} elements were expected"
        )
    return [_elements(what, name, item, shape[1:]) for item in _items(value)]


def _items(value: Any) -> Any:
    if not _numpy_array(value):
        return value
    import numpy

    # Not tolist(): it would make a double of a float32, which then would not know its own decimal text.
    return numpy.asarray(value)


def _joint(one: _Shape, other: _Shape) -> _Shape | None:
    """The shape to which NumPy broadcasts the two, known without importing it; None if there is none."""
    ndim = max(len(one), len(other))
    pairs = list(zip(_widened(one, ndim), _widened(other, ndim), strict=True))
    if any(x != y and 1 not in (x, y) for x, y in pairs):
        return None
    return tuple([y if x == 1 else x for x, y in pairs])


def _widened(shape: _Shape, ndim: int) -> _Shape:
    return (1,) * (ndim - len(shape)) + shape


def _spread(nested: Any, shape: _Shape, stack: _Shape) -> Any:
    """Nested lists of a stack of that shape, repeated until it is `stack`."""
    if not stack:
        return nested
    if len(shape) < len(stack):
        return [_spread(nested, shape, stack[1:])] * stack[0]
    items = [_spread(item, shape[1:], stack[1:]) for item in nested]
    return items * stack[0] if shape[0] == 1 else items


def _each(depth: int, function: Callable[..., Any], *stacks: Any) -> Any:
    """`function` of the matrices of a stack of `depth` dimensions, in lists nested as deep."""
    if depth == 0:
        return function(*stacks)
    return [_each(depth - 1, function, *items) for items in zip(*stacks, strict=True)]


def _as_scalar(item: _Element) -> Scalar:
    return item if isinstance(item, Scalar) else Scalar.constant(item)


def _returned(nested: Any, shape: _Shape, *given: Any) -> Any:
    """`nested` as lists, or as an array of the class of what was given, if one of them is an array."""
    classes = [type(value) for value in given if _numpy_array(value)]
    if not classes:
        return _as_lists(nested)
    import numpy

    result = numpy.empty(shape, dtype=object)
    for place in product(*map(range, shape)):
        item = nested
        for i in place:
            item = item[i]
        result[place] = _as_scalar(item)
    finest = (kind for kind in classes if all(issubclass(kind, other) for other in classes))
    return result.view(next(finest, classes[0]))


def _as_lists(nested: Any) -> Any:
    return [_as_lists(x) for x in nested] if isinstance(nested, list) else _as_scalar(nested)
