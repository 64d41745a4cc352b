"""The arguments of a person's function: read off a point, a shape or a signature, and made of Scalars.

    >>> layout, values = of_point(lambda x, y: x, (1, [2, "1/3"]))
    >>> layout.labels, values
    (('x', 'y[0]', 'y[1]'), (Fraction(1, 1), Fraction(2, 1), Fraction(1, 3)))

A point that is a tuple gives the positional arguments, a list or array is one array argument, a plain
number the only argument. A Layout keeps the structure and the names, so that the same arguments can be
made at any other point, which is then no more than a sequence of numbers.

An array argument arrives as an exact NumPy array (`minigrad.array`), or as a list where NumPy is not
installed or the argument has no rectangular shape: whatever a function does with a list of numbers, but
for joining lists by `+`, it can do with either.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from minigrad import arrays, number, trees
from minigrad.errors import CaseError, describe

__all__ = ["Layout", "is_array", "items_of", "of_point", "of_shape", "of_signature"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Names and structure of positional arguments: each a number, 0, or nested lists of them."""

    names: tuple[str, ...]
    templates: tuple[Any, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """What each number is called: by its argument's name, and its place in that."""
        pairs = zip(self.names, self.templates, strict=True)
        return tuple(label for name, template in pairs for label in _labels(name, template))

    def arguments(self, values: Sequence[Any], leaf: Callable[[Any, str], Any]) -> list[Any]:
        """The arguments, with `leaf(value, label)` for each of the numbers in turn."""
        supply = iter([leaf(v, label) for v, label in zip(values, self.labels, strict=True)])
        return [_exact_array(_filled(template, supply)) for template in self.templates]

    @property
    def is_numpy(self) -> bool:
        """Whether all arguments are arrays, whose elements are NumPy's numbers."""
        return all(map(_is_for_numpy, self.templates))

    def in_floats(self, values: Sequence[Any]) -> list[Any]:
        """The arguments as they are without minigrad: floats, and NumPy's arrays of floats."""
        supply = iter([float(value) for value in values])
        return [_float_array(_filled(template, supply)) for template in self.templates]

    def point(self, values: Sequence[Any]) -> Any:
        """`values` in the form in which a person gives a point."""
        supply = iter(values)
        filled = tuple([_filled(template, supply) for template in self.templates])
        return filled[0] if len(filled) == 1 else filled


def of_point(function: Callable[..., Any], point: Any) -> tuple[Layout, tuple[Fraction, ...]]:
    """The layout of the arguments that `point` stands for, and its numbers.

    Raises CaseError where they do not fit the signature, and the errors of `to_fraction`.
    """
    positional = point if isinstance(point, tuple) else (point,)
    if any(items_of(part) is not part for part in positional):
        raise CaseError(
            "expected arrays; got a matrix of NumPy's, whose * is the matrix product: np.asarray makes "
            "an array of it, whose matrix product is @"
        )
    if any(isinstance(item, Mapping) for part in positional for item in _flat(part)):
        raise CaseError(
            "expected numbers and arrays of numbers; got a dict: give its values as arguments, as in "
            'lambda w, b: f({"w": w, "b": b})'
        )
    for part in positional:
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            kind = type(part).__name__
            raise CaseError(
                f"expected numbers and arrays of numbers; got a named tuple, {describe(part)}: give its "
                f"fields as arguments, as in lambda w, b: f({kind}(w, b))"
            )
    names = _parameter_names(function, len(positional))
    values = tuple(number.to_fraction(item) for part in positional for item in _flat(part))
    return Layout(tuple(names), tuple(map(_template, positional))), values


def of_shape(function: Callable[..., Any], shape: Any) -> Layout:
    """The layout that `shape` gives: n for n numbers, [n] or [n, m] for one array, a tuple for several.

    In a tuple each item is the shape of one argument, `()` that of a number.

    >>> of_shape(lambda x, y: x, ([2], ())).labels
    ('x[0]', 'x[1]', 'y')
    """
    if isinstance(shape, int):
        templates: tuple[Any, ...] = tuple(_zeros(shape))
    elif isinstance(shape, tuple):
        templates = tuple(map(_zeros, shape))
    else:
        templates = (_zeros(shape),)
    if not templates:
        raise CaseError(f"expected the shape of at least one argument; got {describe(shape)}")
    return Layout(tuple(_parameter_names(function, len(templates))), templates)


def of_signature(function: Callable[..., Any]) -> Layout:
    """The layout of a function whose arguments are all numbers, as many as it takes without defaults.

    Raises CaseError, with the remedy, where the signature does not say.
    """
    remedy = "give a point, or shape=: [n] for one array of n numbers, n for n numbers"
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise CaseError(f"the signature of {_name(function)} cannot be read: {remedy}") from None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise CaseError(f"{_name(function)} takes any number of arguments: {remedy}")
    count = sum(p.kind in _POSITIONAL and p.default is p.empty for p in parameters)
    if not count:
        raise CaseError(f"{_name(function)} takes no argument that must be given: {remedy}")
    return of_shape(function, count)


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def is_array(value: object) -> bool:
    """Whether `value` is an array argument: a list, a NumPy array, but no text and no 0-d array."""
    if isinstance(value, (str, bytes, Mapping)):
        return False
    return isinstance(value, Sequence) or bool(getattr(value, "shape", ()))


def items_of(array: Any) -> Any:
    """What an array is made of: numbers, or arrays of a dimension less."""
    has_rows = trees.is_array(array) and array.ndim > 0 and len(array) > 0
    if has_rows and getattr(array[0], "ndim", 0) == array.ndim:
        # A row of a matrix of NumPy's is a matrix of one row.
        return sys.modules["numpy"].asarray(array)
    return array


def _flat(part: Any) -> Iterator[Any]:
    if is_array(part):
        for item in part:
            yield from _flat(item)
    else:
        yield part[()] if trees.is_array(part) else part


def _template(part: Any) -> Any:
    return [_template(item) for item in part] if is_array(part) else 0


def _zeros(shape: Any) -> Any:
    """Nested lists of that shape. Raises CaseError for anything that is no shape."""
    sizes = (shape,) if isinstance(shape, int) else shape
    fits = isinstance(sizes, (list, tuple)) and all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in sizes
    )
    if not fits or math.prod([n or 1 for n in sizes]) > _LARGEST:
        raise CaseError(
            "expected shape to be n for n numbers, [n] or [n, m] for one array, or a tuple with an item "
            f"for each argument; got {describe(shape)}"
        )
    template: Any = 0
    for n in reversed(sizes):
        template = [template] * n
    return template


_LARGEST = 10**6


def _labels(name: str, template: Any) -> Iterator[str]:
    if isinstance(template, list):
        for i, item in enumerate(template):
            yield from _labels(f"{name}[{i}]", item)
    else:
        yield name


def _filled(template: Any, supply: Iterator[Any]) -> Any:
    if isinstance(template, list):
        return [_filled(item, supply) for item in template]
    return next(supply)


def _exact_array(nested: Any) -> Any:
    return arrays.array(nested) if _is_for_numpy(nested) else nested


def _float_array(nested: Any) -> Any:
    if not _is_for_numpy(nested):
        return nested
    import numpy as np

    return np.array(nested, dtype=float)


def _is_for_numpy(nested: Any) -> bool:
    return isinstance(nested, list) and _has_numpy() and _shape(nested) is not None


@functools.cache
def _has_numpy() -> bool:
    return importlib.util.find_spec("numpy") is not None


def _shape(nested: Any) -> tuple[int, ...] | None:
    """The shape of nested lists, None where they are not rectangular."""
    if not isinstance(nested, list):
        return ()
    inner = {_shape(item) for item in nested}
    if None in inner or len(inner) > 1:
        return None
    return (len(nested), *(inner.pop() or () if inner else ()))


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ["x"] if count == 1 else [f"x{i}" for i in range(count)]
    names: list[str] = []
    required = 0
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind in _POSITIONAL:
            names.append(parameter.name)
            required += parameter.default is parameter.empty
        elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            raise CaseError(f"the parameter {parameter.name} can be given by keyword only")
    if not required <= count <= len(names):
        least = f"{required} to " if required < len(names) else ""
        noun = "argument" if len(names) == 1 else "arguments"
        raise CaseError(
            f"expected a point of {least}{len(names)} {noun} ({', '.join(names)}); got {count}"
        )
    return names[:count]


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", None) or describe(function))
