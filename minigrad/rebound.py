"""A function as it would be if a module that it uses were another one, without touching either.

    >>> import math
    >>> def area(r):
    ...     return math.floor(r) * r
    >>> import types
    >>> other = types.SimpleNamespace(floor=lambda r: 10)
    >>> Rebinding({math: other}).of(area)(3), area(3)
    (30, 9)

The commonest way to write a gradient, `g = np.zeros(n); g[i] = x[i]`, makes an array of floats, into
which nothing exact can be written. To run such code as it stands, NumPy would have to make other
arrays; and to patch NumPy would change what everybody else gets. So the function's code is given other
globals instead: a copy in which the module, and what was imported from it, is replaced, and with it what
the code may call, as far as it is written in Python and found in globals, closures, modules, classes,
objects, and lists and dicts of these. What code of other packages does with NumPy stays as it is.
Likewise with `math`, whose functions make floats of what they are given.
"""

from __future__ import annotations

import abc
import builtins
import collections
import copy
import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

__all__ = ["INSTALLED", "Rebinding"]


class Rebinding:
    """Copies of functions with each module among the keys replaced by its value.

    `data` gives what stands in the place of a global, an attribute or a variable of a closure that is
    anything else. Functions written in Python, their closures, bound methods, `functools.partial`, and
    modules, classes and objects with such functions are rebuilt, each once; what cannot be rebuilt stays.
    The copies have globals, variables and attributes of their own, which all that one Rebinding makes
    have in common, as the functions do. Modules and classes of packages that were installed stay as they
    are, and so do classes that keep account of their subclasses.

    With `is_apart`, what functions may write into is copied even where nothing in it is replaced: lists,
    dicts, arrays, and objects of any class in Python.
    """

    def __init__(
        self,
        modules: Mapping[Any, Any],
        data: Callable[[Any], Any] | None = None,
        *,
        is_apart: bool = False,
    ) -> None:
        self._modules = modules
        self._data = data or _same
        self._is_apart = is_apart
        names = {module.__name__ for module in modules}
        self._left = names | sys.stdlib_module_names | _LEFT
        # Floats and objects have no name of their own, as `pi` of `from math import pi`.
        self._nameless = {
            id(own): (other, name)
            for module, other in modules.items()
            for name, own in vars(module).items()
            if type(own) is float or _is_replaced(other, name, own)
        }
        self._globals: dict[int, dict[str, Any]] = {}
        self._named: dict[int, set[str]] = {}
        self._copies: dict[int, Any] = {}
        self._cells: dict[int, types.CellType] = {}
        # What an id stands for must not be freed while it is looked up.
        self._kept: list[Any] = []
        self._copying: dict[type, Callable[[Any], Any]] = {
            types.ModuleType: self._module,
            types.FunctionType: self._function,
            type: self._class,
            dict: self._values,
            **dict.fromkeys(_COLLECTIONS, self._items),
        }

    def of(self, value: Any) -> Any:
        """What stands in the place of `value`: itself, where nothing in it is replaced."""
        if isinstance(value, types.MethodType):
            return types.MethodType(self.of(value.__func__), self.of(value.__self__))
        if type(value) is functools.partial:
            named = {name: self.of(item) for name, item in value.keywords.items()}
            return functools.partial(self.of(value.func), *map(self.of, value.args), **named)
        if id(value) in self._nameless:
            other, name = self._nameless[id(value)]
            return getattr(other, name, value)
        if isinstance(value, functools._lru_cache_wrapper):
            return self._once(value, self._cached)
        if self._is_persons(type(value)):
            return self._once(value, self._object)
        for kind, copied in self._copying.items():
            if isinstance(value, kind):
                return self._once(value, copied)
        found = self._member(value) if callable(value) else value
        if found is value and self._is_apart:
            if _has_attributes(value):
                return self._once(value, self._object)
            if _is_written(value):
                return self._once(value, self._datum)
        return found if callable(value) else self._data(value)

    def written_into(self) -> Iterator[dict[Any, Any] | types.CellType]:
        """What programs may write into by a key or a name: dicts, also of attributes, and cells."""
        for value in self._kept:
            if id(value) in self._cells:
                yield value
            elif self._copies.get(id(value), value) is value:
                continue
            elif isinstance(value, dict):
                yield value
            elif not isinstance(value, (type, types.FunctionType)) and hasattr(value, "__dict__"):
                yield value.__dict__

    def named(self) -> Iterator[tuple[dict[str, Any], set[str]]]:
        """The globals of functions, and those of them that the functions name."""
        for value in self._kept:
            if id(value) in self._globals:
                yield value, self._named.get(id(value), set()) & value.keys()

    def caches(self) -> list[Any]:
        """The functions that keep their results, as `functools.cache` makes them."""
        caches = (own for own in self._kept if isinstance(own, functools._lru_cache_wrapper))
        return [own for own in caches if self._copies.get(id(own), own) is not own]

    def _datum(self, value: Any) -> Any:
        """What stands in the place of data, in which nothing is replaced."""
        found = self._data(value)
        is_apart = self._is_apart and found is value and _is_written(value)
        return copy.copy(value) if is_apart else found

    def _once(self, value: Any, copied: Callable[[Any], Any]) -> Any:
        if id(value) not in self._copies:
            self._kept.append(value)
            # In the meantime it stands for itself: what holds it may be held by it.
            self._copies[id(value)] = value
            made = copied(value)
            self._copies[id(value)] = made
            # What is copied already is no more than that.
            self._kept.append(made)
            self._copies[id(made)] = made
        return self._copies[id(value)]

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
        member = self._member(function)
        is_persons = self._may_use(function)
        # What is made of a person's function, as `grad` and `contextmanager` do, has that in its closure.
        is_made = _package(function) in _MAKING and bool(function.__closure__)
        if member is not function or not (is_persons or is_made):
            return member
        made = types.FunctionType(
            function.__code__,
            self._shadow(function.__globals__) if is_persons else function.__globals__,
            function.__name__,
            function.__defaults__ and tuple(map(self.of, function.__defaults__)),
            tuple(map(self._cell, function.__code__.co_freevars, function.__closure__ or ()))
            or None,
        )
        self._copies[id(function)] = made
        names = _names_in(function.__code__) if is_persons else set()
        self._named.setdefault(id(function.__globals__), set()).update(names)
        for name in names & function.__globals__.keys():
            # But not what a copy has assigned.
            if made.__globals__.get(name) is function.__globals__[name]:
                made.__globals__[name] = self.of(function.__globals__[name])
        functools.update_wrapper(made, function)
        named = function.__kwdefaults__
        made.__kwdefaults__ = named and {name: self.of(item) for name, item in named.items()}
        for cell, old in zip(made.__closure__ or (), function.__closure__ or (), strict=True):
            if cell is not old and _is_empty(cell) and not _is_empty(old):
                cell.cell_contents = self.of(old.cell_contents)
        return made

    def _cached(self, function: Any) -> Any:
        """A copy of a function that keeps its results, with none kept."""
        own = function.__wrapped__
        inner = self.of(own)
        is_persons = isinstance(own, types.FunctionType) and self._may_use(own)
        if inner is own and not (self._is_apart and is_persons):
            return function
        made = functools.lru_cache(**function.cache_parameters())(inner)
        return functools.update_wrapper(made, inner)

    def _module(self, module: types.ModuleType) -> Any:
        """The replacement of a module, or a person's own with copies of what is in it."""
        if module in self._modules:
            return self._modules[module]
        if not self._is_local(module.__name__):
            return module
        return _Module(module, self._shadow(vars(module)), self.of)

    def _class(self, kind: type) -> Any:
        """A person's class with copies of its methods: a subclass, whose objects are the class's too.

        Of the class's own bases it has copies as well, which come before these in the order in which
        methods are looked for: for `super()`, and for `isinstance`.
        """
        if not self._is_persons(kind):
            return self._member(kind)
        if any("__init_subclass__" in vars(p) for p in kind.__mro__ if self._is_persons(p)):
            return kind
        bases = [base for base in map(self.of, kind.__bases__) if base not in kind.__mro__]
        own = [
            (name, member)
            for name, member in vars(kind).items()
            if name != "__del__" and (not name.startswith("__") or _runs(member))
        ]
        if not (bases or own):
            return kind
        namespace: dict[str, Any] = {
            "__slots__": (),
            "__doc__": kind.__doc__,
            "__module__": kind.__module__,
            "__qualname__": kind.__qualname__,
        }
        if hasattr(kind, "__del__"):
            # What the copies hold is the person's, and not to be closed with them.
            namespace["__del__"] = lambda _: None
        try:
            made = type(kind)(kind.__name__, (kind, *bases), namespace)
        except Exception:  # whatever a class has against being inherited from
            return kind
        self._copies[id(kind)] = made
        for name, member in own:
            copied = self._attribute(member)
            if copied is not member:
                setattr(made, name, copied)
        return made

    def _attribute(self, member: Any) -> Any:
        """The copy of what is found in a class."""
        if isinstance(member, (staticmethod, classmethod)):
            return type(member)(self.of(member.__func__))
        if isinstance(member, property):
            get, set_, delete = (
                part and self.of(part) for part in (member.fget, member.fset, member.fdel)
            )
            return property(get, set_, delete, member.__doc__)
        if isinstance(member, functools.cached_property):
            made = functools.cached_property(self.of(member.func))
            made.attrname = member.attrname
            return made
        copied = self.of(member)
        # As a function in C is none that takes the object first.
        is_bare = isinstance(member, types.BuiltinFunctionType) and copied is not member
        return staticmethod(copied) if is_bare else copied

    def _object(self, value: Any) -> Any:
        """An object of a person's class, with copies of its methods and of what its attributes hold."""
        kind = self.of(type(value))
        held = getattr(value, "__dict__", {})
        is_same = kind is type(value) and all(self.of(item) is item for item in [*held.values()])
        if is_same and not self._is_apart:
            return value
        try:
            found = copy.copy(value)
            if found is value:
                return value
            if kind is not type(value):
                object.__setattr__(found, "__class__", kind)
            self._copies[id(value)] = found
            for name, attribute in [*held.items()]:
                object.__setattr__(found, name, self.of(attribute))
        except Exception:  # whatever an object has against being copied
            return value
        return found

    def _items(self, items: Any) -> Any:
        """A list, tuple or set with copies of what is in it; itself if there are none."""
        if type(items) not in _COLLECTIONS or len(items) > _MOST_ITEMS:
            return self._datum(items)
        found = [*map(self.of, items)]
        same = all(a is b for a, b in zip(found, items, strict=True))
        return self._datum(items) if same else type(items)(found)

    def _values(self, mapping: Any) -> Any:
        """A dict with copies of its keys and values; itself if there are none."""
        if type(mapping) is not dict or len(mapping) > _MOST_ITEMS:
            return self._datum(mapping)
        found = {self._key(key): self.of(item) for key, item in mapping.items()}
        pairs = zip(found.items(), mapping.items(), strict=True)
        same = all(key is old and item is before for (key, item), (old, before) in pairs)
        return self._datum(mapping) if same else found

    def _key(self, key: Any) -> Any:
        """The copy of a key; numbers and texts are found by what they are."""
        if type(key) is tuple:
            return tuple(map(self._key, key))
        return key if isinstance(key, (int, float, complex, str, bytes)) else self.of(key)

    def _is_persons(self, kind: type) -> bool:
        """Whether a class is a person's, of a kind that can be inherited from without further ado."""
        is_plain = type(kind) in (type, abc.ABCMeta) and not issubclass(kind, BaseException)
        return is_plain and self._is_local(kind.__module__)

    def _is_local(self, name: str) -> bool:
        """Whether a module is a person's and was not installed: of large packages not all is copied."""
        if not self._is_own(name):
            return False
        file = getattr(sys.modules.get(name), "__file__", None)
        return file is None or not INSTALLED.intersection(PurePath(file).parts)

    def _is_own(self, name: str) -> bool:
        """Whether a module of that name is a person's."""
        return name.partition(".")[0] not in self._left

    def _cell(self, name: str, cell: types.CellType) -> types.CellType:
        """The variable of closures that stands for another one; what is in it is put there later."""
        if name == "__class__":
            return cell  # where `super()` starts from: a subclass would start from the class itself
        if id(cell) not in self._cells:
            self._cells[id(cell)] = types.CellType()
            self._kept.append(cell)
        return self._cells[id(cell)]

    def _may_use(self, function: types.FunctionType) -> bool:
        """Whether a function is a person's: those of the modules' own packages stay as they are."""
        names = function.__globals__
        name = str(names.get("__name__", ""))
        if self._is_own(name):
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
            others = vars(builtins)
            if builtins in self._modules:
                others = {name: self.of(value) for name, value in others.items()}
            shadow["__builtins__"] = {**others, "__import__": self._import}
        return shadow

    def _import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """For an import within a function."""
        return self.of(builtins.__import__(name, *args, **kwargs))


class _Module(types.ModuleType):
    """A module whose attributes are copies of another's, made when they are asked for.

    They stand among the globals of the copies of its functions: what one of these assigns is seen here,
    and the other way round.
    """

    def __init__(
        self, module: types.ModuleType, names: dict[str, Any], copied: Callable[[Any], Any]
    ) -> None:
        super().__init__(module.__name__, module.__doc__)
        vars(self).update(_module=module, _names=names, _copied=copied, _asked=set())

    def __getattr__(self, name: str) -> Any:
        own = vars(self)
        names = own["_names"]
        if name not in names:
            return getattr(own["_module"], name)
        if name not in own["_asked"] and names[name] is vars(own["_module"]).get(name):
            names[name] = own["_copied"](names[name])
        own["_asked"].add(name)
        return names[name]

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_names"][name] = value


def _is_replaced(module: Any, name: str, own: Any) -> bool:
    """Whether a stand-in for a module has something else in the place of an object of it."""
    is_object = not isinstance(own, (type, types.ModuleType)) and not hasattr(own, "__name__")
    return is_object and name in vars(module).get("_replaced", ())


def _runs(member: Any) -> bool:
    """Whether what is found in a class is code of its own."""
    kinds = (types.FunctionType, staticmethod, classmethod, property, functools.cached_property)
    return isinstance(member, kinds)


def _same(value: Any) -> Any:
    return value


def _is_written(value: Any) -> bool:
    """Whether it is a container that a program may write into, and no array too large to be copied."""
    if isinstance(value, _WRITTEN):
        return True
    size = getattr(value, "size", None)
    is_array = hasattr(value, "dtype") and hasattr(value, "flat")
    return is_array and isinstance(size, int) and size <= _MOST_ELEMENTS


def _has_attributes(value: Any) -> bool:
    """Whether it is an object of a class in Python, and no function or class itself."""
    kind = type(value)
    is_code = isinstance(value, (type, types.FunctionType, types.ModuleType, types.MethodType))
    # What is to be closed, as a file is, would be closed with its copy.
    is_closed = hasattr(kind, "__del__") or hasattr(kind, "__exit__")
    is_plain = bool(kind.__flags__ & _HEAP_TYPE) and hasattr(value, "__dict__")
    is_plain = is_plain or kind is types.SimpleNamespace
    return is_plain and not (is_code or is_closed)


_HEAP_TYPE = 1 << 9
"""The flag of classes that are made by a `class` statement (Python's C API, Py_TPFLAGS_HEAPTYPE)."""


def _is_empty(cell: types.CellType) -> bool:
    """Whether a variable of a closure is not assigned yet."""
    return cell == types.CellType()


def _package(function: types.FunctionType) -> str:
    return str(function.__globals__.get("__name__", "")).partition(".")[0]


def _names_in(code: types.CodeType) -> set[str]:
    """The global names and attributes in `code`, and in the functions that are defined there."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


_COLLECTIONS = (list, tuple, set, frozenset)
_WRITTEN = (list, set, dict, bytearray, collections.deque)
_MAKING = ("minigrad", "contextlib")
"""Packages that make functions of a person's."""
_MOST_ELEMENTS = 1_000_000
_MOST_ITEMS = 1_000
"""Items of a list or dict in which functions are looked for."""
INSTALLED = {"site-packages", "dist-packages"}
"""Folders of modules that were installed."""
_LEFT = {"minigrad", "sympy", "scipy", "__future__", "builtins"}
"""Packages whose functions are not copied: they are no code under check."""
