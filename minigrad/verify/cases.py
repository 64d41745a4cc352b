"""Cases: what `python -m minigrad.verify` runs, defined in Python files and in graph files.

    from minigrad.verify import case

    @case((3.1, "4.2"), (-4, 2), gradient=lambda a, b: (b, a), source="a textbook, section 1")
    def product(a, b):
        return a * b

A case is a function of Scalars that returns one, together with points to verify it at. The decorator
leaves the function as it was and notes the case on it, so that a case file is an ordinary module
that can be imported and tested; `load` finds them again, in the order of the file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from minigrad.errors import CaseError, describe
from minigrad.scalar import Scalar

__all__ = ["Case", "arguments", "case"]

_MARK: Final = "__minigrad_cases__"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Case:
    """A function with the points to verify it at, and what is claimed about it."""

    name: str
    function: Callable[..., Any]
    points: tuple[Any, ...]
    gradient: Callable[..., Any] | None = None
    values: Mapping[str, Any] | None = None
    gradients: Mapping[str, Any] | None = None
    source: str = ""
    expect: Literal["refuted"] | None = None


def case(
    *points: Any,
    gradient: Callable[..., Any] | None = None,
    values: Mapping[str, Any] | None = None,
    gradients: Mapping[str, Any] | None = None,
    source: str = "",
    expect: Literal["refuted"] | None = None,
) -> Callable[[F], F]:
    """Make the decorated function a case, verified node by node at each of `points`.

    A point that is a tuple gives the positional arguments, a list is one array argument, a plain
    number the only argument. Arguments arrive as Scalars labelled by the parameter's name, an array
    argument `x` as a list of Scalars `x[0]`, `x[1]`, ….

    `gradient` is a hand-written gradient: called with the same arguments, it returns the partial
    derivatives in the structure of the arguments. `values` and `gradients` are published numbers by
    label, for a case of one point: each is compared with what is proved. `expect="refuted"` is for
    a claim that is known to be wrong: the case then fails unless it is refuted. A function can be
    decorated more than once.

    Raises CaseError (a ValueError) for arguments that do not fit together.
    """
    if not points:
        raise CaseError("case: expected at least one point")
    if (values or gradients) and len(points) > 1:
        raise CaseError("case: published values go with a single point; decorate once for each")
    if expect not in (None, "refuted"):
        raise CaseError(f"case: expected expect to be 'refuted' or None; got {describe(expect)}")

    def mark(function: F) -> F:
        if not callable(function):
            raise CaseError(f"case: expected a function; got {describe(function)}")
        name = getattr(function, "__name__", "case")
        found = Case(name, function, points, gradient, values, gradients, source, expect)
        # The innermost decorator runs first, and cases are listed as they are read: from the top.
        setattr(function, _MARK, (found, *getattr(function, _MARK, ())))
        return function

    return mark


def arguments(function: Callable[..., Any], point: Any) -> list[Any]:
    """The arguments that `point` stands for: Scalars, and nested lists of them, labelled.

    >>> arguments(lambda x, y: x, (1, [2, 3]))
    [Scalar('1', label='x'), [Scalar('2', label='y[0]'), Scalar('3', label='y[1]')]]
    """
    positional = point if isinstance(point, tuple) else (point,)
    names = _parameter_names(function, len(positional))
    return [_argument(name, value) for name, value in zip(names, positional, strict=True)]


def _argument(name: str, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_argument(f"{name}[{i}]", item) for i, item in enumerate(value)]
    return Scalar(value, name)


def _parameter_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return [f"x{i}" for i in range(count)]
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    required = [p for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    if not len(required) <= count <= len(names):
        raise CaseError(
            f"expected a point of {len(names)} arguments ({', '.join(names)}); got {count}"
        )
    return names[:count]


def marked(namespace: Mapping[str, Any]) -> Iterator[Case]:
    """The cases noted on the functions of a module, in the order of their definition."""
    seen: set[int] = set()
    for value in namespace.values():
        for found in getattr(value, _MARK, ()) if callable(value) else ():
            if id(found) not in seen:
                seen.add(id(found))
                yield found
