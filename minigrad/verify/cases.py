"""Cases: what `python -m minigrad.verify` runs, defined in Python files and in graph files.

    from minigrad.verify import case

    @case((3.1, "4.2"), (-4, 2), gradient=lambda a, b: (b, a), source="a textbook, section 1")
    def product(a, b):
        return a * b

A case is a function of Scalars that returns one, together with points to verify it at. The decorator
leaves the function as it was, so a case file is an ordinary module that can be imported and tested;
`load` runs it, and collects every case that it makes: in a loop, or of a function from elsewhere, too.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache, partial
from importlib.machinery import SourceFileLoader
from operator import attrgetter
from pathlib import Path
from types import CellType, FrameType
from typing import Any, Final, Literal, TypeVar

from minigrad import arrays
from minigrad.errors import CaseError, describe
from minigrad.nonfinite import NonFinite
from minigrad.number import ZERO
from minigrad.rebound import INSTALLED, Rebinding
from minigrad.records import Leak
from minigrad.scalar import Scalar
from minigrad.signatures import signature
from minigrad.trace import Trace, run
from minigrad.verify.arguments import Layout, of_point
from minigrad.verify.claims import outputs_of, traced

__all__ = ["Case", "arguments", "case", "files", "line_of", "load", "root"]

_COLLECTED: Final = "__minigrad_cases__"
"""Where a case file keeps its cases while `load` runs it."""
PREFIX: Final = "minigrad_cases_"
"""What the module names of case files begin with."""
_OFF: Final = (Fraction(1, 2**20), Fraction(-1, 2**20))
"""By what part floats are moved to see what hangs on them: counts and branches seldom do so closely."""
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Origin:
    """The case file that a case is from, its text as it was read, and the case's number there.

    `mark` tells the case from others that the file makes.
    """

    file: str
    source: bytes
    number: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A function with the points to verify it at, and what is claimed about it.

    A case of a file is pickled as the file's text, and made again from it; so it can go to another
    process, or to another machine if what the file imports is there.
    """

    name: str
    function: Callable[..., Any]
    points: tuple[Any, ...]
    gradient: Callable[..., Any] | None = None
    values: Mapping[str, Any] | None = None
    gradients: Mapping[str, Any] | None = None
    source: str = ""
    expect: Literal["refuted"] | None = None
    shape: Any = None
    domain: Callable[..., Any] | None = None
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.origin is None:
            return Case, tuple([getattr(self, name) for name in self.__slots__])
        return _made_again, (self.origin, self.name)

    @property
    def mark(self) -> str:
        """What tells it from other cases of its file, whenever that is run."""
        code = getattr(self.function, "__code__", None)
        line = getattr(code, "co_firstlineno", 0)
        bound = [_bound(f) for f in (self.function, self.gradient)]
        claims = (self.values, self.gradients, self.expect, self.shape)
        return f"{self.name} {line} {_plain((self.points, bound, claims))}"


def case(
    *points: Any,
    gradient: Callable[..., Any] | None = None,
    values: Mapping[str, Any] | None = None,
    gradients: Mapping[str, Any] | None = None,
    source: str = "",
    expect: Literal["refuted"] | None = None,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
) -> Callable[[F], F]:
    """Make the decorated function a case, verified node by node at each of `points`.

    A point that is a tuple gives the positional arguments, a list is one array argument, a plain
    number the only argument. Arguments arrive as Scalars labelled by the parameter's name, an array
    argument `x` as an array of Scalars `x[0]`, `x[1]`, …: NumPy's, or a list where NumPy is missing.

    `gradient` is a hand-written gradient: called with the same arguments, it returns the partial
    derivatives in the structure of the arguments. `values` and `gradients` are published numbers by
    label, for a case of one point: each is compared with what is proved. `expect="refuted"` is for
    a claim that is known to be wrong: the case then fails unless it is refuted. A function can be
    decorated more than once.

    Without points the hand-written gradient is checked as `check_gradient` does it, which finds points of
    its own; `shape` and `domain` are those of that function.

    Raises CaseError (a ValueError) for arguments that do not fit together.
    """
    if (not points and gradient is None) or (points and callable(points[0])):
        raise CaseError(
            "case: expected at least one point, as in @case((3.1, 4.2)), or a gradient to be checked"
        )
    if points and (shape is not None or domain is not None):
        raise CaseError("case: shape and domain are for a search, and here are points")
    if gradient is not None and not callable(gradient):
        raise CaseError(f"case: expected gradient to be a function; got {describe(gradient)}")
    for what, claims in (("values", values), ("gradients", gradients)):
        if claims is not None and not isinstance(claims, Mapping):
            raise CaseError(
                f"case: expected {what} to be a dict from label to number; got {describe(claims)}"
            )
    if (values or gradients) and len(points) != 1:
        raise CaseError("case: published values go with a single point; decorate once for each")
    if expect not in (None, "refuted"):
        raise CaseError(f"case: expected expect to be 'refuted' or None; got {describe(expect)}")
    if expect == "refuted" and not (gradient or values or gradients):
        raise CaseError("case: expect='refuted' needs a claim: gradient, values or gradients")

    def mark(function: F) -> F:
        if not callable(function):
            raise CaseError(f"case: expected a function; got {describe(function)}")
        name = getattr(function, "__name__", "case")
        made = Case(
            name, function, points, gradient, values, gradients, source, expect, shape, domain
        )
        collected = _collected(sys._getframe(1))
        # The innermost decorator runs first, and cases are listed as they are read: from the top.
        place = len(collected)
        while place and collected[place - 1].function is function:
            place -= 1
        collected.insert(place, made)
        return function

    return mark


def _collected(frame: FrameType | None) -> list[Case]:
    """The cases, so far, of the module that is being run in `frame` or the first frame that it is for.

    So a case of a file that a case file imports is not taken for one of its own, and where no case
    file is being loaded nothing is kept.
    """
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return [] if frame is None else frame.f_globals.get(_COLLECTED, [])


def arguments(function: Callable[..., Any], point: Any) -> list[Any]:
    """The arguments that `point` stands for: Scalars, and arrays of them, labelled.

    >>> arguments(lambda x, y: x, (1, "2"))
    [Scalar('1', label='x'), Scalar('2', label='y')]
    """
    layout, values = of_point(function, point)
    return layout.arguments(values, Scalar)


def root(case: Case, point: Any) -> Scalar:
    """What the function of a case computes at a point.

    Raises CaseError unless that is one number, and where a float that was made of a Scalar is a constant
    in its graph, as by `math.sin(x)`. Where a copy of the function with exact stand-ins for `math` and
    NumPy makes none, or fails no more, that is taken.
    """
    layout, values = of_point(case.function, point)
    ran = _Watched(case.function, layout, values)
    if ran.leak is None:
        return ran.output
    copied = Rebinding(arrays.stand_ins(), arrays.as_constants).of(case.function)
    with contextlib.redirect_stdout(io.StringIO()):  # what it prints was printed
        found, exact = ran.leak, _Watched(copied, layout, values)
        if ran.has_failed or not exact.has_failed:
            ran = exact
        if ran.leak is None or ran.has_failed or not ran.hangs_on_floats:
            return ran.output
    raise CaseError(f"left exact arithmetic, for a constant without gradient: {found}")


class _Watched:
    """A run of a case's function, which may make floats of its arguments, `off` by a part of them."""

    def __init__(
        self,
        function: Callable[..., Any],
        layout: Layout,
        values: Sequence[Fraction],
        off: Fraction = ZERO,
    ) -> None:
        watch = Trace(may_read=True, off=off)
        parts, self._leaves = traced(layout, values, watch)
        self._run = run(function, parts, watch)
        self._again = partial(_Watched, function, layout, values)

    @property
    def leak(self) -> Leak | None:
        """Where a number of another kind was made of a Scalar, if anywhere."""
        return next((leak for leak in self._run.trace.leaks if leak.is_conversion), None)

    @property
    def has_failed(self) -> bool:
        """Whether the function raised."""
        return self._run.error is not None

    @property
    def output(self) -> Scalar:
        """The result. Raises what the function raised, and CaseError unless it is one number."""
        if self._run.error is not None:
            raise self._run.error
        outputs = outputs_of(self._run.result)
        if len(outputs) != 1:
            raise CaseError(f"expected the function to return one number; got {len(outputs)}")
        (_, output), *_ = outputs
        if isinstance(output, NonFinite):
            raise output.reason or CaseError(
                f"the function returned {output.limit}, which is no number"
            )
        return output

    @property
    def hangs_on_floats(self) -> bool:
        """Whether the graph is another one where the floats are others: they were not only printed."""
        here = signature([self.output], self._leaves)
        for off in _OFF:
            other = self._again(off)
            if other.has_failed or signature([other.output], other._leaves) != here:
                return True
        return False


def load(path: Path) -> list[Case]:
    """The cases of a case file, which is run as a module of its own; it can import its neighbours.

    Raises CaseError, with the line and the error, if the file raises.
    """
    name = PREFIX + path.stem
    if path.suffix != ".py":
        raise CaseError(f"{path}: expected a Python file")
    loader = SourceFileLoader(name, str(path.absolute()))
    try:
        source = loader.get_data(loader.path)
        collected = _run(loader, source)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a skip of pytest's, say: no file ends the run of others
        raise CaseError(_load_error(error, path, loader.path)) from error
    return [
        replace(case, origin=Origin(loader.path, source, number, case.mark))
        for number, case in enumerate(collected)
    ]


def _run(loader: SourceFileLoader, source: bytes) -> list[Case]:
    """The cases that `source` makes, run as the module of `loader`.

    What it imports from beside it is another file's neighbour of that name next time, and forgotten.
    """
    name = loader.name
    spec = importlib.util.spec_from_file_location(name, loader.path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    collected: list[Case] = []
    setattr(module, _COLLECTED, collected)
    before, folder = sys.modules.get(name), str(Path(loader.path).parent.resolve())
    known, here = set(sys.modules), Path.cwd()
    sys.modules[name] = module  # dataclasses look their module up while it is being run
    sys.path.insert(0, folder)
    try:
        exec(loader.source_to_code(source, loader.path), module.__dict__)
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before
        for other in sys.modules.keys() - known:
            file = getattr(sys.modules[other], "__file__", None)
            parents = Path(file or "/").parents
            if Path(folder) in parents and not INSTALLED.intersection(
                map(attrgetter("name"), parents)
            ):
                del sys.modules[other]
        os.chdir(here)
    return collected


@lru_cache(maxsize=4)
def _run_again(file: str, source: bytes) -> list[Case]:
    """The cases of a file that was read elsewhere: here it may be another one, or none."""
    path = Path(file)
    if not path.exists():
        lines = source.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[file] = (len(source), None, lines, file)
    # What it prints was printed when it was read.
    with contextlib.redirect_stdout(None):
        return _run(SourceFileLoader(PREFIX + path.stem, file), source)


def _made_again(origin: Origin, name: str) -> Case:
    """The case of this origin. Raises CaseError if the file makes others when it is run again."""
    found = _run_again(origin.file, origin.source)
    if origin.number >= len(found) or found[origin.number].mark != origin.mark:
        raise CaseError(f"{origin.file}: expected {name} among its cases when it is run again")
    return replace(found[origin.number], origin=origin)


def _bound(function: Any) -> Any:
    """What tells functions of one text apart: the values of its defaults and of its closure."""
    cells = [
        c.cell_contents for c in getattr(function, "__closure__", None) or () if c != CellType()
    ]
    return [getattr(function, name, None) for name in ("__defaults__", "__kwdefaults__")], cells


def _plain(value: Any) -> Any:
    """Numbers and texts, also within lists, tuples and dicts; of anything else its type."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return [[_plain(item) for item in pair] for pair in value.items()]
    is_plain = value is None or isinstance(value, (str, bool, int, float, Fraction))
    return value if is_plain else type(value).__name__


def _load_error(error: BaseException, path: Path, origin: str | None) -> str:
    """The error, and its place in the file at `path`, which Python knows as `origin`."""
    kind = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename == origin:
        text = f": {error.text.strip()}" if error.text else ""
        return f"{origin}:{error.lineno}: {kind}: {error.msg}{text}"
    return f"{line_of(error) or path}: {kind}: {error}"


def line_of(error: BaseException) -> str:
    """Where in a case file an error was raised, as `file:line`; empty if it was elsewhere."""
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals.get("__name__", "").startswith(PREFIX):
            place = f"{frame.f_code.co_filename}:{line}"
    return place


def files(path: Path) -> list[Path]:
    """The case files and graph files at `path`, a file or a folder, in the order of their names.

    In a folder those are all `.py` and `.json` files, below it too, but for names that start with
    `_` or `.`. Raises CaseError if there is nothing at `path`.
    """
    if path.is_dir():
        found = [file for file in sorted(path.rglob("*")) if file.suffix in (".py", ".json")]
        return [f for f in found if not any(part[0] in "_." for part in f.relative_to(path).parts)]
    if not path.is_file():
        raise CaseError(f"{path}: no such file or folder")
    if path.suffix not in (".py", ".json"):
        raise CaseError(f"{path}: expected a case file (.py) or a graph file (.json)")
    return [path]
