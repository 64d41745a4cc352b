"""A function as it would be if a module that it uses were another one, without touching either.

    >>> import math
    >>> def area(r):
    ...     return math.floor(r) * r
    >>> import types
    >>> other = types.SimpleNamespace(floor=lambda r: 10)
    >>> rebound(area, {math: other})(3), area(3)
    (30, 9)

The commonest way to write a gradient, `g = np.zeros(n); g[i] = x[i]`, makes an array of floats, into
which nothing exact can be written. To run such code as it stands, NumPy would have to make other
arrays; and to patch NumPy would change what everybody else gets. So the function's code is given other
globals instead: a copy in which the module, and what was imported from it, is replaced, and with it the
functions that the code calls, as far as they are written in Python and are found in globals, closures
and attributes of the call itself. What code of other packages does with NumPy stays as it is. Likewise
with `math`, whose functions make floats of what they are given.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["rebound"]


def rebound(
    function: Callable[..., Any],
    modules: Mapping[Any, Any],
    data: Callable[[Any], Any] = lambda value: value,
) -> Callable[..., Any]:
    """`function` with each module among the keys replaced by its value; what cannot be rebuilt stays.

    `data` gives what stands in the place of a global or a variable of a closure that is anything else.
    Functions written in Python, their closures, bound methods and `functools.partial` are rebuilt, each
    once. The copies have globals of their own: what they assign to a global name stays with them.
    """
    copy: Callable[..., Any] = _Rebinding(modules, data).of(function)
    return copy


class _Rebinding:
    """The copies made for one function, by what they are copies of."""

    def __init__(self, modules: Mapping[Any, Any], data: Callable[[Any], Any]) -> None:
        self._modules = modules
        self._data = data
        self._names = {module.__name__ for module in modules}
        self._globals: dict[int, dict[str, Any]] = {}
        self._functions: dict[int, Any] = {}
        # What an id stands for must not be freed while it is looked up.
        self._kept: list[Any] = []

    def of(self, value: Any) -> Any:
        """What stands in the place of `value`: itself, where nothing in it is replaced."""
        if isinstance(value, types.ModuleType):
            return self._modules.get(value, value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.MethodType):
            return types.MethodType(self.of(value.__func__), value.__self__)
        if type(value) is functools.partial:
            return functools.partial(self.of(value.func), *value.args, **value.keywords)
        if type(value) is float:
            return self._number(value)
        return self._member(value) if callable(value) else self._data(value)

    def _number(self, value: float) -> Any:
        """The replacement of a float that is a module's own, as the `pi` of `from math import pi` is."""
        for module, other in self._modules.items():
            for name, own in vars(module).items():
                if own is value:
                    return getattr(other, name, value)
        return value

    def _member(self, value: Any) -> Any:
        """The replacement of a function that was imported from one of the modules."""
        name = getattr(value, "__name__", None)
        if not callable(value) or not isinstance(name, str):
            return value
        for module, other in self._modules.items():
            if vars(module).get(name) is value:
                return getattr(other, name, value)
        return value

    def _function(self, function: types.FunctionType) -> Any:
        known = self._functions.get(id(function))
        if known is not None:
            return known
        member = self._member(function)
        is_persons = self._may_use(function)
        # What minigrad makes of a person's function, as `grad` does, has that in its closure.
        is_made = _package(function) == "minigrad" and bool(function.__closure__)
        if member is not function or not (is_persons or is_made):
            return member
        copy = types.FunctionType(
            function.__code__,
            self._shadow(function.__globals__) if is_persons else function.__globals__,
            function.__name__,
            function.__defaults__,
            tuple(types.CellType() for _ in function.__closure__ or ()) or None,
        )
        self._functions[id(function)] = copy
        self._kept.append(function)
        names = _names_in(function.__code__) if is_persons else set()
        for name in names & function.__globals__.keys():
            copy.__globals__[name] = self.of(function.__globals__[name])
        functools.update_wrapper(copy, function)
        copy.__kwdefaults__ = function.__kwdefaults__
        for cell, old in zip(copy.__closure__ or (), function.__closure__ or (), strict=True):
            with contextlib.suppress(ValueError):  # a variable that is not assigned yet
                cell.cell_contents = self.of(old.cell_contents)
        return copy

    def _may_use(self, function: types.FunctionType) -> bool:
        """Whether a function is a person's: those of the modules' own packages stay as they are."""
        names = function.__globals__
        name = str(names.get("__name__", ""))
        if _package(function) not in self._names | sys.stdlib_module_names | _LEFT:
            return True
        # An example in a module's documentation is run in a copy of the module's globals.
        return name in sys.modules and vars(sys.modules[name]) is not names

    def _shadow(self, names: dict[str, Any]) -> dict[str, Any]:
        """A copy of a module's globals, one for all functions of that module.

        Only what the copied functions name is replaced there: globals may lead anywhere.
        """
        shadow = self._globals.get(id(names))
        if shadow is None:
            shadow = self._globals[id(names)] = dict(names)
            self._kept.append(names)
            others = {name: self.of(value) for name, value in vars(builtins).items()}
            shadow["__builtins__"] = {**others, "__import__": self._import}
        return shadow

    def _import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """For an import within a function."""
        found = builtins.__import__(name, *args, **kwargs)
        return self._modules.get(found, found) if isinstance(found, types.ModuleType) else found


def _package(function: types.FunctionType) -> str:
    return str(function.__globals__.get("__name__", "")).partition(".")[0]


def _names_in(code: types.CodeType) -> set[str]:
    """The global names and attributes in `code`, and in the functions that are defined there."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


_LEFT = {"minigrad", "sympy", "scipy"}
"""Packages whose functions are not copied: they are no code under check."""
