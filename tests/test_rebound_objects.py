"""Functions that are found in modules, classes, objects, lists and dicts."""

from __future__ import annotations

import abc
import enum
import functools
import gc
import math
import sys
import types
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from checked_functions import PROVED

from minigrad.rebound import Rebinding
from minigrad.verify import check_gradient, check_vjp

OTHER = types.SimpleNamespace(floor=lambda x: f"floor {x}")


def turned(function: Any) -> Any:
    return Rebinding({math: OTHER}).of(function)


class Layer:
    """What keeps state, and calls its own methods."""

    factory = "made"

    def __init__(self, width: float = 2.5) -> None:
        self.width = width
        self.calls: list[Any] = []

    def forward(self) -> Any:
        self.calls.append(self.inner())
        return self.calls[-1]

    def inner(self) -> Any:
        return math.floor(self.width)

    @staticmethod
    def still() -> Any:
        return math.floor(0.5)

    @classmethod
    def of_class(cls) -> Any:
        return cls.factory, math.floor(1.5)

    @property
    def whole(self) -> Any:
        return math.floor(self.width)

    @whole.setter
    def whole(self, value: Any) -> None:
        self.width = value + math.floor(0.5)


class Deeper(Layer):
    def forward(self) -> Any:
        return "deeper", super().forward()


class Slotted:
    __slots__ = ("width",)

    def __init__(self) -> None:
        self.width = 2.5

    def forward(self) -> Any:
        return math.floor(self.width)


@dataclass(frozen=True)
class Frozen:
    width: float = 2.5

    def forward(self) -> Any:
        return math.floor(self.width)


class Pair(NamedTuple):
    width: float

    def forward(self) -> Any:
        return math.floor(self.width)


class Abstract(abc.ABC):
    @abc.abstractmethod
    def forward(self) -> Any: ...


class Concrete(Abstract):
    def forward(self) -> Any:
        return math.floor(2.5)


LAYER, DEEPER = Layer(), Deeper()
MODULE = types.ModuleType("helpers_of_a_person")
MODULE.floor_of = lambda x: math.floor(x)  # type: ignore[attr-defined]  # added here
MODULE.answer = 42  # type: ignore[attr-defined]  # added here
TABLE = {"floor": lambda x: math.floor(x), "layers": [LAYER]}
FLOOR = "floor 2.5"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda: LAYER.forward(), FLOOR),
        (lambda: LAYER.whole, FLOOR),
        (lambda: Layer.still(), "floor 0.5"),
        (lambda: Layer.of_class(), ("made", "floor 1.5")),
        (lambda: Layer().forward(), FLOOR),
        (lambda: Slotted().forward(), FLOOR),
        (lambda: Frozen().forward(), FLOOR),
        (lambda: Pair(2.5).forward(), FLOOR),
        (lambda: Concrete().forward(), FLOOR),
        (lambda: MODULE.floor_of(2.5), FLOOR),
        (lambda: MODULE.answer, 42),
        (lambda: TABLE["floor"](2.5), FLOOR),
        (lambda: TABLE["layers"][0].forward(), FLOOR),
        (LAYER.forward, FLOOR),
    ],
)
def test_a_function_is_replaced_wherever_it_is_found(function: Any, expected: Any) -> None:
    assert turned(function)() == expected


@pytest.mark.parametrize("made", [Slotted(), Frozen(), Pair(2.5), Concrete(), DEEPER])
def test_a_copy_is_of_the_class_of_what_it_is_a_copy_of(made: Any) -> None:
    copied = turned(made)
    assert copied is not made
    assert isinstance(copied, type(made))
    assert type(copied).__name__ == type(made).__name__
    assert copied.forward() in (FLOOR, ("deeper", FLOOR))
    assert made.forward() in (2, ("deeper", 2))


def test_the_caller_s_objects_are_not_touched_and_all_copies_have_one_object_in_common() -> None:
    layer = Layer()
    copies = Rebinding({math: OTHER})
    forward = copies.of(lambda: layer.forward())
    calls = copies.of(lambda: layer.calls)
    assert (forward(), forward()) == (FLOOR, FLOOR)
    assert calls() == [FLOOR, FLOOR]
    assert layer.width == 2.5
    assert copies.of(layer) is copies.of(layer)


def test_a_class_of_a_closure_is_replaced() -> None:
    class Local:
        def forward(self) -> Any:
            return math.floor(2.5)

    assert turned(lambda: Local().forward())() == FLOOR


def test_variables_of_closures_are_in_common_too() -> None:
    k = 2

    def assign() -> None:
        nonlocal k
        k = math.floor(3.5)

    def read() -> Any:
        return k, math.floor(0.5)

    copies = Rebinding({math: OTHER})
    copies.of(assign)()
    assert copies.of(read)() == ("floor 3.5", "floor 0.5")
    assert k == 2


def test_what_holds_itself_is_copied_once() -> None:
    layer = Layer()
    layer.calls.append(layer)
    layer.other = layer  # type: ignore[attr-defined]  # added here
    copied = turned(layer)
    assert copied.other is copied
    assert copied.forward() == FLOOR


class Stop(Exception):
    """Raised by what is not copied, and caught by what is."""


@functools.lru_cache
def stopping() -> None:
    raise Stop


def test_exceptions_are_those_that_are_raised_elsewhere() -> None:
    def function() -> Any:
        try:
            stopping()
        except Stop:
            return math.floor(2.5)

    assert turned(function)() == FLOOR


class Plain:
    """Without methods, but for what it holds."""


def test_what_an_object_without_methods_holds_is_copied() -> None:
    plain = Plain()
    plain.layer = LAYER  # type: ignore[attr-defined]  # added here
    assert turned(lambda: plain.layer.forward())() == FLOOR
    assert turned(Plain()).__class__ is Plain


def test_a_module_that_is_imported_within_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULE.__name__, MODULE)

    def function() -> Any:
        import helpers_of_a_person

        return helpers_of_a_person.floor_of(2.5)

    assert turned(function)() == FLOOR


class Colour(enum.Enum):
    RED = 1

    def forward(self) -> Any:
        return math.floor(2.5)


class Final:
    def __init_subclass__(cls, **_: Any) -> None:
        raise TypeError("no subclasses")

    def forward(self) -> Any:
        return math.floor(2.5)


class Uncopied(Layer):
    def __copy__(self) -> Any:
        raise RuntimeError("no copies")


@pytest.mark.parametrize(
    "value", [Colour.RED, Colour, Final(), Final, Uncopied(), Ellipsis, math.inf]
)
def test_what_will_not_be_copied_stays(value: Any) -> None:
    assert turned(value) is value


def test_long_lists_are_not_gone_through() -> None:
    long = [LAYER] * 2_000
    assert turned(long) is long
    assert turned(dict.fromkeys(range(2_000), LAYER))[0] is LAYER


# --- under check ----------------------------------------------------------------------------------


class Linear:
    """A layer as it is written: the backward pass uses what the forward pass kept."""

    def __init__(self, weights: Any) -> None:
        self.weights = np.array(weights, dtype=float)
        self.slope = 0.5

    def forward(self, x: Any) -> Any:
        self.x = x
        out = np.zeros(len(self.weights))
        for i, row in enumerate(self.weights):
            out[i] = self.activated(row @ x)
        return out

    def activated(self, z: Any) -> Any:
        return math.tanh(self.slope * z)

    def backward(self, g: Any) -> Any:
        into = np.zeros(len(self.x))
        for i, row in enumerate(self.weights):
            t = math.tanh(self.slope * (row @ self.x))
            into += g[i] * self.slope * (1 - t * t) * row
        return into


def test_a_layer_is_checked_as_the_guide_says() -> None:
    layer = Linear([[1, 2], [3, -1]])

    def pull(x: Any, g: Any) -> Any:
        return (layer.forward(x), layer.backward(g))[1]

    assert check_vjp(lambda x: layer.forward(x), pull, shape=[2]).verdict is PROVED
    layer.slope = 1.0
    wrong = check_vjp(lambda x: layer.forward(x), lambda x, g: 2 * pull(x, g), shape=[2])
    assert wrong.verdict is not PROVED


class Network:
    """Parameters that are set in place, over whatever they were before."""

    def __init__(self, start: Any) -> None:
        self.w = np.array(start)

    def loss(self, w: Any) -> Any:
        self.w[:] = w
        return np.sum(self.w**2)

    def grad(self, w: Any) -> Any:
        self.w[:] = w
        return 2 * self.w


@pytest.mark.parametrize("start", [[0.5, 0.25], [1 / 3, 2 / 3], [np.pi, 0.1 + 0.2]])
def test_parameters_may_be_set_in_place_whatever_they_were(start: Any) -> None:
    network = Network(start)
    for _ in range(2):
        report = check_gradient(network.loss, network.grad, shape=[2])
        assert report.verdict is PROVED


def test_a_variable_that_the_function_sets_and_the_gradient_reads_is_one() -> None:
    k = 2

    def function(x: Any) -> Any:
        nonlocal k
        k = 3
        z = np.zeros(2)
        z[:] = x
        return np.sum(z**2)

    def gradient(x: Any) -> Any:
        g = np.zeros(2)
        g[:] = k * x
        return g

    assert check_gradient(function, gradient, shape=[2]).verdict is not PROVED


def test_objects_as_deep_as_python_goes_are_no_error() -> None:
    layer = Layer()
    for _ in range(5_000):
        above = Layer()
        above.other = layer  # type: ignore[attr-defined]  # added here
        layer = above
    layer.factor = 1  # type: ignore[attr-defined]  # added here

    def gradient(x: Any) -> Any:
        g = np.zeros(2)
        g[:] = 2 * x
        return g * layer.factor

    # The copying ends where Python ends it, and the program needs none of what is below.
    assert check_gradient(lambda x: np.sum(x * x), gradient, shape=[2]).verdict is PROVED


def test_modules_and_classes_that_were_installed_stay() -> None:
    assert turned(pytest) is pytest
    assert turned(pytest.Item) is pytest.Item


# --- what copies have to do with what they are copies of ------------------------------------------


class Base:
    """What others derive from."""

    last: Any = None

    def forward(self) -> Any:
        return math.floor(2.5)

    def remember(self) -> Any:
        Base.last = math.floor(2.5)
        return self.last

    @staticmethod
    def still() -> Any:
        return math.floor(2.5)

    def by_name(self) -> Any:
        return Base.still()

    def is_one(self) -> bool:
        return type(self) is Base and bool(math.floor(1))


class Derived(Base):
    table: Any = {"floor": (math.floor, 1)}  # noqa: RUF012 - as it is written
    whole = math.floor

    def forward(self) -> Any:
        return super().forward()

    def by_table(self) -> Any:
        return self.table["floor"][0](2.5), self.whole(0.5)


class Mixed(Derived, Layer):
    """Of two bases."""


BASE, DERIVED = Base(), Derived()
FACTORS = {Derived: 2, BASE: 3}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda: DERIVED.forward(), FLOOR),
        (lambda: BASE.by_name(), FLOOR),
        (lambda: isinstance(DERIVED, Base) and DERIVED.forward(), FLOOR),
        (lambda: DERIVED.remember(), FLOOR),
        (lambda: DERIVED.by_table(), (FLOOR, "floor 0.5")),
        (lambda: BASE.is_one(), True),
        (lambda: FACTORS[type(DERIVED)] + FACTORS[BASE], 5),
        (lambda: BASE in {BASE} and BASE in [BASE], True),
        (lambda: Mixed().forward(), FLOOR),
        (lambda layer=LAYER: layer.forward(), FLOOR),
        (lambda *, layer=LAYER: layer.forward(), FLOOR),
        (functools.partial(lambda layer, x: (layer.forward(), x), LAYER, x=1), (FLOOR, 1)),
    ],
)
def test_copies_stand_for_what_they_are_copies_of(function: Any, expected: Any) -> None:
    BASE.__class__ = Base
    assert turned(function)() == expected
    assert Base.last is None


class Alone:
    """Copied to itself."""

    def __copy__(self) -> Any:
        return self

    def forward(self) -> Any:
        return math.floor(2.5)


class Holder:
    """Closes what it holds in the end."""

    closed = False

    def __init__(self) -> None:
        self.held = LAYER.calls

    def __del__(self) -> None:
        Holder.closed = True

    def forward(self) -> Any:
        return math.floor(2.5)


class Registered:
    known: dict[str, Any] = {}  # noqa: RUF012 - as it is written

    def __init_subclass__(cls) -> None:
        Registered.known[cls.__name__] = cls

    def forward(self) -> Any:
        return math.floor(2.5)


class Entry(Registered):
    pass


def test_what_copies_itself_to_itself_is_not_touched() -> None:
    alone = Alone()
    turned(alone)
    assert type(alone) is Alone
    assert alone.forward() == 2


def test_the_end_of_a_copy_is_none_of_what_it_holds() -> None:
    holder = Holder()
    assert turned(holder).forward() == FLOOR
    gc.collect()
    assert Holder.closed is False


def test_classes_that_keep_account_of_their_subclasses_stay() -> None:
    entry = Entry()
    assert turned(entry) is entry
    assert turned(Entry) is Entry
    assert Registered.known == {"Entry": Entry}


def test_what_a_module_assigns_is_seen_from_outside_and_the_other_way_round() -> None:
    module = types.ModuleType("state_of_a_person")
    exec(
        "import math\nh = 0\n"
        "def put(x):\n    global h\n    h = math.floor(x)\n"
        "def get():\n    return h, math.floor(0.5)\n",
        vars(module),
    )
    copies = Rebinding({math: OTHER})

    def outside() -> Any:
        module.put(2.5)
        inside = module.h
        module.h = 7
        return inside, module.get()

    assert copies.of(outside)() == (FLOOR, (7, "floor 0.5"))
    assert module.h == 0


def test_a_copy_is_not_copied_again() -> None:
    copies = Rebinding({math: OTHER})
    once = copies.of(LAYER)
    assert copies.of(once) is once
    assert copies.of(copies.of(Layer)) is copies.of(Layer)


class Closing:
    """As a file that somebody else has opened."""

    closed = 0

    def __init__(self) -> None:
        self.kept: list[int] = []

    def close(self) -> None:
        type(self).closed += 1

    def __exit__(self, *_: object) -> None:
        self.close()


def test_what_is_to_be_closed_is_not_copied(monkeypatch):
    monkeypatch.setattr(Closing, "__module__", "numpy.lib")
    kept = Closing()
    apart = Rebinding({}, is_apart=True)
    assert apart.of(kept) is kept
    assert apart.of(types.SimpleNamespace(a=[1])).a == [1]


def test_what_is_apart_shares_nothing_that_is_written_into():
    rows, table = [1, 2], {"a": [3]}
    held = types.SimpleNamespace(rows=rows)

    def function():
        rows.append(5)
        table["a"].append(4)
        held.rows.append(6)
        return len(rows), len(table["a"])

    copied = Rebinding({}, is_apart=True).of(function)
    assert copied() == (4, 2)
    assert (rows, table) == ([1, 2], {"a": [3]})


def test_arrays_are_apart_unless_they_are_huge(monkeypatch):
    apart = Rebinding({}, is_apart=True)
    small = np.zeros(3)
    assert apart.of(small) is not small
    assert apart.of(small) is apart.of(small)
    monkeypatch.setattr("minigrad.rebound._MOST_ELEMENTS", 2)
    assert Rebinding({}, is_apart=True).of(small) is small
