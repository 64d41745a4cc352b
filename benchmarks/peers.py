"""Who runs the programs: minigrad, the bare arithmetic, micrograd, SymPy and symengine.

Each `Peer` prepares a workload, which is not measured, and then goes from the numbers to the gradient
as often as it is asked: it makes its variables, runs the program, differentiates, and reads the
derivatives. The bare arithmetic alone has its numbers made before and its program recorded.

What a peer cannot do in time it refuses by the workload's size, with a reason, so that a table does
not depend on how long somebody waited.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeVar

import minigrad
from benchmarks.tape import Tape
from benchmarks.workloads import Library, Workload
from minigrad import Scalar

__all__ = ["MINIGRAD", "Peer", "Run", "as_fraction", "bare_name", "on_deep_stack", "peers"]

OURS: Final = "minigrad"
MICROGRAD: Final = "micrograd"
FLOAT_MICROGRAD: Final = "float micrograd"
SYMPY: Final = "SymPy"
SYMENGINE: Final = "symengine"

T = TypeVar("T")
Run = Callable[[], Sequence[Any]]


@dataclass(frozen=True)
class Peer:
    """One who computes gradients."""

    name: str
    prepare: Callable[[Workload, Tape], Run]
    refuses: Callable[[Workload, Tape], str] = lambda workload, tape: ""
    """Why it does not run a workload; empty if it does."""
    before: Callable[[], None] | None = None
    """What is done before each run, unmeasured."""
    is_exact: bool = True


# --- minigrad and the bare arithmetic ------------------------------------------------------------

MINIGRAD = Library(
    number=lambda value: value,
    sum=minigrad.sum,
    dot=minigrad.dot,
    affine=lambda xs, ys, z: minigrad.dot(xs, ys) + z,
    relu=lambda x: x.relu(),
)


def _minigrad(workload: Workload, _tape: Tape) -> Run:
    def run() -> Sequence[Any]:
        xs = [Scalar(value) for value in workload.values]
        workload.program(MINIGRAD, xs).backward()
        return [x.grad for x in xs]

    return run


def _bare(number: Callable[[Fraction], Any]) -> Callable[[Workload, Tape], Run]:
    def prepare(_workload: Workload, tape: Tape) -> Run:
        start = tape.start(number)
        return lambda: tape.gradient(start)

    return prepare


def number_of(kind: str) -> Callable[[Fraction], Any]:
    """What makes a rational of that type: `Fraction`, `fmpq` (python-flint) or `mpq` (gmpy2)."""
    if kind == "fmpq":
        from flint import fmpq

        return lambda value: fmpq(value.numerator, value.denominator)
    if kind == "mpq":
        from gmpy2 import mpq

        return lambda value: mpq(value.numerator, value.denominator)
    return lambda value: value


def as_fraction(value: Any) -> Fraction:
    """A rational of any peer as a Fraction; TypeError for a float, which no exact peer has."""
    if isinstance(value, float):
        raise TypeError(f"expected an exact number; got {value!r}")
    if isinstance(value, int):
        return Fraction(value)
    if hasattr(value, "as_numer_denom"):  # SymPy's and symengine's
        numerator, denominator = value.as_numer_denom()
        return Fraction(int(numerator), int(denominator))
    return Fraction(int(value.numerator), int(value.denominator))


# --- micrograd -----------------------------------------------------------------------------------

DEEPEST = 100_000
"""micrograd sorts its graph by recursion, a Python frame for each node on the longest path."""


def _micrograd_library(number: Callable[[Fraction], Any]) -> Library:
    return Library(
        # Never an int: micrograd's x / 8 is x * 8**-1, and 8**-1 is a float.
        number=number,
        sum=sum,
        dot=lambda xs, ys: sum(x * y for x, y in zip(xs, ys, strict=True)),
        # As in its own Neuron.
        affine=lambda xs, ys, z: sum((x * y for x, y in zip(xs, ys, strict=True)), z),
        relu=lambda x: x.relu(),
    )


def _micrograd(number: Callable[[Fraction], Any]) -> Callable[[Workload, Tape], Run]:
    def prepare(workload: Workload, _tape: Tape) -> Run:
        from micrograd.engine import Value

        library = _micrograd_library(number)
        values = [number(value) for value in workload.values]

        def run() -> Sequence[Any]:
            xs = [Value(value) for value in values]
            workload.program(library, xs).backward()
            return [x.grad for x in xs]

        return run

    return prepare


def _exact_micrograd() -> Peer:
    return Peer(MICROGRAD, _micrograd(lambda value: value), _too_deep)


def _float_micrograd() -> Peer:
    return Peer(FLOAT_MICROGRAD, _micrograd(float), _too_deep, is_exact=False)


def _too_deep(_workload: Workload, tape: Tape) -> str:
    return f"recurses deeper than {DEEPEST:,}" if tape.depth > DEEPEST else ""


def on_deep_stack(action: Callable[[], T]) -> T:
    """What `action` returns, run in a thread in which deep recursion ends in no error and no crash."""
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10 * DEEPEST)
        try:
            found.append(action())
        except BaseException as error:
            failed.append(error)
        finally:
            sys.setrecursionlimit(limit)

    size = threading.stack_size(1 << 29)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    if failed:
        raise failed[0]
    return found[0]


# --- SymPy and symengine -------------------------------------------------------------------------


def _symbolic(
    module: Any, symbol: Callable[[str], Any], relu: Callable[[Any], Any]
) -> Callable[[Workload, Tape], Run]:
    def number(value: Fraction) -> Any:
        return module.Rational(value.numerator, value.denominator)

    def dot(xs: Sequence[Any], ys: Sequence[Any], *more: Any) -> Any:
        return module.Add(*[x * y for x, y in zip(xs, ys, strict=True)], *more)

    library = Library(
        number,
        lambda xs: module.Add(*xs),
        dot=dot,
        affine=lambda xs, ys, z: dot(xs, ys, z),
        relu=relu,
    )

    def prepare(workload: Workload, _tape: Tape) -> Run:
        values = [number(value) for value in workload.values]

        def run() -> Sequence[Any]:
            xs = [symbol(f"x{i}") for i in range(len(values))]
            root = workload.program(library, xs)
            point = dict(zip(xs, values, strict=True))
            return [root.diff(x).subs(point) for x in xs]

        return run

    return prepare


def _too_large(most: int, deepest: int) -> Callable[[Workload, Tape], str]:
    """Refuse where differentiating by each variable in turn, or a nested expression, takes too long."""

    def refuses(_workload: Workload, tape: Tape) -> str:
        if tape.variables * len(tape.forward) > most:
            return f"variables times operations are more than {most:,}"
        return f"a path of more than {deepest:,} operations" if tape.depth > deepest else ""

    return refuses


def _sympy() -> Peer:
    import sympy
    from sympy.core.cache import clear_cache

    # The cache would answer from the second round on.
    prepare = _symbolic(
        sympy, lambda name: sympy.Symbol(name, real=True), lambda x: sympy.Max(x, 0)
    )
    return Peer(SYMPY, prepare, _too_large(400_000, 300), clear_cache)


def _symengine() -> Peer:
    import symengine

    # Its Max has no derivative.
    prepare = _symbolic(
        symengine, symengine.Symbol, lambda x: symengine.Piecewise((x, x > 0), (0, True))
    )
    return Peer(SYMENGINE, prepare, _too_large(4_000_000, 1000))


# --- all of them ---------------------------------------------------------------------------------


def bare_name(kind: str) -> str:
    """The name of the bare arithmetic on rationals of that type."""
    return f"bare {kind}"


def peers(kinds: Sequence[str] = ("Fraction",)) -> list[Peer]:
    """All peers: minigrad, then the bare arithmetic on each of the types `kinds`, then the others.

    Those that are not installed refuse every workload.
    """
    bare = [Peer(bare_name(kind), _bare(number_of(kind))) for kind in kinds]
    return [
        Peer(OURS, _minigrad),
        *bare,
        _installed("micrograd", MICROGRAD, _exact_micrograd),
        _installed("sympy", SYMPY, _sympy),
        _installed("symengine", SYMENGINE, _symengine),
        _installed("micrograd", FLOAT_MICROGRAD, _float_micrograd),
    ]


def _installed(module: str, name: str, make: Callable[[], Peer]) -> Peer:
    if importlib.util.find_spec(module):
        return make()
    return Peer(name, _minigrad, lambda workload, tape: f"{module} is not installed")
