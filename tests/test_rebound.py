from __future__ import annotations

import contextlib
import functools
import math
import math as m
import statistics
import sys
import types
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import cos as cosine
from math import floor, pi, sin
from typing import Any

import pytest

import minigrad
from minigrad import rebound as module
from minigrad.rebound import Rebinding
from minigrad.trace import Trace

OTHER = types.SimpleNamespace(floor=lambda x: f"floor {x}", sin=lambda x: f"sin {x}")
MODULES = {math: OTHER}

FACTOR = 3
TURN = math.pi
CALLS: list[Any] = []
PARTIAL = functools.partial(math.floor, 2.5)


def rebound(function: Any, modules: Any, data: Any = lambda value: value) -> Any:
    return Rebinding(modules, data).of(function)


def turned(function: Callable[..., Any]) -> Callable[..., Any]:
    return rebound(function, MODULES)


# --- where a module is found ----------------------------------------------------------------------


def by_module(x: Any) -> Any:
    return math.floor(x)


def by_alias(x: Any) -> Any:
    return m.floor(x)


def by_name(x: Any) -> Any:
    return floor(x)


def by_import(x: Any) -> Any:
    import math

    return math.floor(x)


def by_import_from(x: Any) -> Any:
    from math import floor

    return floor(x)


def by_import_as(x: Any) -> Any:
    import math as mathematics

    return mathematics.floor(x)


def by_call(x: Any) -> Any:
    return by_module(x)


def by_long_way(x: Any) -> Any:
    return by_call(x)


def by_lambda(x: Any) -> Any:
    return (lambda y: math.floor(y))(x)


def by_list(x: Any) -> Any:
    (found,) = [math.floor(y) for y in (x,)]
    return found


def by_generator(x: Any) -> Any:
    def items() -> Any:
        yield math.floor(x)

    return next(items())


@pytest.mark.parametrize(
    "function",
    [
        by_module,
        by_alias,
        by_name,
        by_import,
        by_import_from,
        by_import_as,
        by_call,
        by_long_way,
        by_lambda,
        by_list,
        by_generator,
    ],
)
def test_a_module_is_replaced_wherever_a_function_finds_it(function: Any) -> None:
    assert turned(function)(2.5) == "floor 2.5"
    assert function(2.5) == 2


def test_what_the_other_module_lacks_stays() -> None:
    def function(x: Any) -> Any:
        return cosine(x), sin(x)

    assert turned(function)(0) == (1.0, "sin 0")


def test_a_member_that_is_missing_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        turned(lambda: math.pi)()


def test_a_closure_is_followed() -> None:
    module, function = math, math.floor

    def inner(x: Any) -> Any:
        return module.floor(x)

    def outer(x: Any) -> Any:
        return inner(x), function(x), FACTOR

    assert turned(outer)(2.5) == ("floor 2.5", "floor 2.5", 3)
    assert outer(2.5) == (2, 2, 3)


def test_a_variable_of_a_closure_that_is_not_assigned_yet() -> None:
    def function(x: Any) -> Any:
        try:
            return later
        except NameError:
            return math.floor(x)

    copy = turned(function)
    later = 7
    assert (copy(2.5), function(2.5), later) == ("floor 2.5", 7, 7)


def factorial(n: int) -> Any:
    return n * factorial(n - 1) if n > 1 else math.floor(n)


def even(n: int) -> Any:
    return odd(n - 1) if n else math.floor(n)


def odd(n: int) -> Any:
    return even(n - 1) if n else "odd"


def test_functions_that_call_themselves_and_each_other() -> None:
    assert turned(factorial)(3) == "floor 1" * 6
    assert factorial(3) == 6
    assert turned(even)(4) == "floor 0"
    assert turned(even)(3) == "odd"

    def countdown(n: int) -> Any:
        return countdown(n - 1) if n else math.floor(n)

    assert turned(countdown)(3) == "floor 0"


class Model:
    def __init__(self, scale: int) -> None:
        self.scale = scale

    def loss(self, x: Any) -> Any:
        return math.floor(x), self.scale

    def __call__(self, x: Any) -> Any:
        return self.loss(x)

    @staticmethod
    def plain(x: Any) -> Any:
        return math.floor(x)

    @classmethod
    def made(cls, x: Any) -> Any:
        return cls.__name__, math.floor(x)


def test_bound_methods_keep_their_object() -> None:
    model = Model(5)
    assert turned(model.loss)(2.5) == ("floor 2.5", 5)
    assert turned(Model.made)(2.5) == ("Model", "floor 2.5")
    assert turned(Model.plain)(2.5) == "floor 2.5"
    assert model.loss(2.5) == (2, 5)


def test_a_partial_keeps_its_arguments() -> None:
    def function(scale: Any, x: Any, *, shift: Any) -> Any:
        return scale, math.floor(x), shift

    partial = functools.partial(function, 3, shift=4)
    assert turned(partial)(2.5) == (3, "floor 2.5", 4)
    assert partial(2.5) == (3, 2, 4)
    assert turned(lambda: PARTIAL())() == "floor 2.5"
    assert turned(functools.partial(math.floor, 1.5))() == "floor 1.5"


def test_a_function_of_the_module_itself() -> None:
    assert turned(math.floor)(2.5) == "floor 2.5"
    assert turned(math.cos) is math.cos


def test_a_decorated_function_is_followed() -> None:
    def twice(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(x: Any) -> Any:
            return [function(x), function(x)]

        return wrapper

    @twice
    def decorated(x: Any) -> Any:
        return math.floor(x)

    assert turned(decorated)(2.5) == ["floor 2.5"] * 2
    assert turned(decorated).__name__ == "decorated"


# --- what a copy keeps ----------------------------------------------------------------------------


def test_a_copy_looks_like_the_function() -> None:
    def function(x: int, y: int = 2, *args: int, z: int = 3, **rest: int) -> Any:
        """What it does."""
        return x, y, args, z, rest

    function.mark = "here"
    copy: Any = turned(function)
    assert copy is not function
    assert copy(1) == (1, 2, (), 3, {})
    assert copy(1, 5, 6, z=7, w=8) == (1, 5, (6,), 7, {"w": 8})
    assert (copy.__name__, copy.__doc__, copy.mark) == ("function", "What it does.", "here")
    assert copy.__annotations__ == function.__annotations__
    assert copy.__wrapped__ is function
    assert copy.__code__ is function.__code__


def counted() -> int:
    global FACTOR
    FACTOR = FACTOR + 1
    return FACTOR


def read() -> int:
    return FACTOR


def test_an_assignment_to_a_global_stays_with_the_copy() -> None:
    def both() -> tuple[int, int]:
        return counted(), read()

    copy = turned(both)
    assert (copy(), copy()) == ((4, 4), (5, 5))
    assert FACTOR == 3


def test_objects_are_shared_and_not_copied() -> None:
    CALLS.clear()
    copy = turned(lambda x: CALLS.append(math.floor(x)))
    copy(1)
    assert CALLS == ["floor 1"]


def test_nothing_of_the_module_is_touched() -> None:
    before = dict(vars(math))
    turned(by_import_from)(2.5)
    assert dict(vars(math)) == before
    assert by_import_from(2.5) == 2


# --- what is left as it is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [len, Fraction, Decimal("0.1").__add__, 7, None, "floor", [len, 7], {"x": 7}, minigrad.grad],
)
def test_what_cannot_be_rebuilt_stays(value: Any) -> None:
    assert turned(value) is value


def test_functions_of_minigrad_stay_the_same() -> None:
    function = turned(lambda: (minigrad.dot, minigrad.grad, minigrad.Scalar))
    assert function() == (minigrad.dot, minigrad.grad, minigrad.Scalar)
    closed = minigrad.relu
    assert turned(lambda: closed)() is minigrad.relu


def test_a_package_is_not_rebuilt_when_it_is_the_one_replaced() -> None:
    np = pytest.importorskip("numpy")
    other = types.SimpleNamespace(zeros=lambda n: ["zeros", n], linalg=None)
    average, atleast = np.average, np.atleast_1d

    def function() -> Any:
        return np.zeros(2), average, atleast

    found = rebound(function, {np: other})()
    assert found == (["zeros", 2], np.average, np.atleast_1d)


def test_functions_of_the_standard_library_stay() -> None:
    assert turned(lambda: statistics.fmean)() is statistics.fmean
    mean = statistics.fmean
    assert turned(lambda: mean)() is mean


def test_functions_of_the_replaced_package_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    package = types.ModuleType("package")
    monkeypatch.setitem(sys.modules, "package", package)
    exec("import math\ndef f(x): return math.floor(x)\ndef g(x): return f(x)", vars(package))
    f, g = package.f, package.g
    other = types.SimpleNamespace(f=lambda x: "f")
    found = rebound(lambda: (f(2.5), g(2.5), package.f(2.5)), {package: other, math: OTHER})
    assert found() == ("f", 2, "f")


def test_a_copied_module_is_not_the_package() -> None:
    """So run the examples in the documentation: they would otherwise show what they do not do."""
    names = dict(vars(module))
    exec("import math\ndef f(x): return math.floor(x)", names)
    assert turned(names["f"])(2.5) == "floor 2.5"


# --- numbers of a module --------------------------------------------------------------------------

OWN = types.SimpleNamespace(pi="pi itself", inf="infinity")


def test_a_number_that_was_imported_from_a_module_is_replaced() -> None:
    from math import inf, pi

    ratio = 3.141592653589793

    def function() -> Any:
        return pi, inf, TURN, math.pi, ratio

    found = rebound(function, {math: OWN})()
    assert found == ("pi itself", "infinity", "pi itself", "pi itself", math.pi)
    assert function() == (math.pi, math.inf, math.pi, math.pi, math.pi)


def test_a_number_that_the_other_module_lacks_stays() -> None:
    tau = math.tau
    assert rebound(lambda: tau, {math: OWN})() is tau


def test_data_is_replaced_where_a_function_finds_it() -> None:
    here = [1, 2]

    def function() -> Any:
        return here, CALLS, FACTOR

    def data(value: Any) -> Any:
        return "list" if isinstance(value, list) else value

    assert rebound(function, {}, data)() == ("list", "list", FACTOR)
    assert function()[0] is here


# --- with the stand-ins ---------------------------------------------------------------------------


def by_every_way(x: Any) -> Any:
    return math.exp(x), sin(x), m.sqrt(x * x), cosine(0), math.floor(x), pi * x


def test_functions_of_math_take_scalars() -> None:
    copy = rebound(by_every_way, minigrad.arrays.stand_ins())
    x = Trace().leaf(Fraction(1, 2), "x")
    found = copy(x)
    assert [node.operator.name for node in found if isinstance(node, minigrad.Scalar)] == [
        "exp", "sin", "sqrt", "floor", "mul"
    ]  # fmt: skip
    assert found[3] == 1.0
    assert x._trace.leaks == []
    with pytest.raises(minigrad.ExactnessLost):
        by_every_way(x)


def test_functions_of_scipy_take_scalars() -> None:
    special = pytest.importorskip("scipy.special")
    from scipy.special import expit, logsumexp

    def function(x: Any) -> Any:
        import scipy
        from scipy.special import gammaln

        return (
            expit(x), special.expit(x), logsumexp([x, 0]), gammaln(x), scipy.special.erf(x), special.digamma(x)
        )  # fmt: skip

    x = Trace().leaf(Fraction(1, 2), "x")
    found = rebound(function, minigrad.arrays.stand_ins())(x)
    assert [node.operator.name for node in found] == [
        "sigmoid", "sigmoid", "logsumexp", "loggamma", "erf", "digamma"
    ]  # fmt: skip
    assert function(0.5)[0] == special.expit(0.5)


# --- with the stand-in for NumPy ------------------------------------------------------------------


def test_a_gradient_that_writes_into_zeros() -> None:
    np = pytest.importorskip("numpy")
    from numpy import zeros_like  # a name in the closure

    def gradient(x: Any) -> Any:
        g, h = np.zeros(2), zeros_like(x)
        g[0] = 2 * x[0]
        h[1] = x[1] + np.linalg.norm(x, 1)
        return g + h

    other = minigrad.arrays.numpy_namespace()
    x = minigrad.array([3, "1/3"])
    found = rebound(gradient, {np: other, np.linalg: other.linalg})(x)
    assert minigrad.values(found).tolist() == [6, Fraction(1, 3) + Fraction(10, 3)]
    found[0].backward()
    assert x[0].grad == 2
    with pytest.raises((TypeError, ValueError)):
        gradient(minigrad.array([Trace().leaf(1), 2]))


def test_builtins_are_replaced_like_other_modules() -> None:
    import builtins

    alias = max
    other = types.SimpleNamespace(max=lambda *_: "other", __name__="builtins")

    def function(x: Any) -> Any:
        return max(x, 1), alias(x, 2), min(x, 3)

    assert rebound(function, {builtins: other})(5) == ("other", "other", 3)
    assert function(5) == (5, 5, 3)


class Lazily:
    def __init__(self, x):
        self.x = x

    @functools.cached_property
    def root(self):
        return math.sqrt(self.x)


@contextlib.contextmanager
def rooted(x):
    yield math.sqrt(x)


def through_a_context(x):
    with rooted(x) as y:
        return y


def test_cached_properties_and_context_managers_are_copied():
    copies = Rebinding({math: types.SimpleNamespace(sqrt=lambda x: -x)})
    made = copies.of(Lazily)(9)
    assert (made.root, made.root, Lazily(9).root) == (-9, -9, 3)
    assert "root" in vars(made)
    assert (copies.of(through_a_context)(9), through_a_context(9)) == (-9, 3)


def test_what_programs_may_write_into_is_told():
    memo, holder = {"a": [1]}, Lazily(9)

    def function(key):
        return memo[key], holder.x, math

    copies = Rebinding({}, is_apart=True)
    copies.of(function)
    found = [*copies.written_into()]
    assert any(own is memo for own in found)
    assert any(own is vars(holder) for own in found)
    assert sum(isinstance(own, types.CellType) for own in found) == 2
    ((names, named),) = copies.named()
    assert names is globals()
    assert named == {"math"}
