"""Running a person's function on Scalars that keep account of what a graph does not show.

    >>> trace = Trace()
    >>> x = trace.leaf(3, "x")
    >>> ran = run(lambda x: x * x if x > 1 else x, [x], trace)
    >>> ran.result.data, [str(comparison) for comparison in trace.comparisons]
    (Fraction(9, 1), ['x > 1'])

A graph holds arithmetic. What a program decided by looking at numbers is not in it, nor what it did with
a number that it took out: both would make a statement about the graph one about less than the program.
So the nodes of a run carry its Trace along, which records

- every comparison, with its place in the program and its two sides as nodes; an operator has made one
  with the ends of its domain where it raises, and where it does not but a handler would see it raise, for
  the program may catch the error and go on;
- every whole number that it made, as by `int(x)`, as comparisons with the ends of the interval in which
  it is the same (`minigrad.wholes`);
- every leak: `float(x)`, `math.sin(x)`, `x.data`, a write into an array of floats. What comes
  out has no gradient, so a leak raises ExactnessLost; it is recorded first, for the program may swallow
  the exception. Text has no gradient either, but is mostly meant to be read, and a set or dict asks for
  a hash to find what is equal: these are recorded only;
- every float of more digits than a person writes (`is_computed_float`), which was rounded by some
  arithmetic before it got here.

A trace belongs to one run and is an argument like any other; once the run is over nothing is recorded
any more, unless it begins anew for another program on the same leaves. Nodes of a class of their own
carry it, so that a plain Scalar costs and does what it always did.
"""

from __future__ import annotations

import copy
import inspect
import operator as operators
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from types import FrameType
from typing import Any, Final, NamedTuple, cast

from minigrad import exact, leaving, nonfinite, number
from minigrad.backing import Rational, inside
from minigrad.enclosed import Numbers
from minigrad.entries import Domain
from minigrad.errors import (
    DivisionByZero,
    DomainError,
    ExactnessLost,
    NotDecided,
    OutOfTime,
    TooLarge,
)
from minigrad.evaluation import outside, value_of
from minigrad.exact import Exact
from minigrad.graph import topological_order
from minigrad.handlers import is_handled
from minigrad.infinitesimal import standard_part
from minigrad.nonfinite import NonFinite
from minigrad.number import MAX_BITS, ZERO, Floats
from minigrad.numpy_protocols import is_array
from minigrad.operators import Operator
from minigrad.places import (
    Place,
    is_between,
    is_written,
    numbers_in_sets,
    package_of,
    place_of,
)
from minigrad.rational import OutOfBudget
from minigrad.reading import reading_by
from minigrad.records import (
    HASH,
    HOLDS,
    RELATIONS,
    TEXT,
    Comparison,
    Leak,
    Rounded,
    called,
)
from minigrad.scalar import Scalar, constant_of, literal
from minigrad.wholes import asked, is_whole, whole

__all__ = [
    "Run",
    "Trace",
    "Traced",
    "run",
]


class Trace:
    """The account of one run.

    `floats` says how floats in the program are read, as `to_fraction` has it; `deadline`, on the clock
    of `time.monotonic`, is when an operation raises OutOfTime, which `out_of_time` remembers. An
    operation may fail for reasons that are minigrad's own, which `failure` remembers, for the program may
    swallow the exception. While `is_numpy`, all numbers stand for NumPy's, which give NaN or an infinity
    where Python's raise, and have booleans of a type of their own: until the program makes one a number
    of Python's. Leaves are of `kind`, as Near, if not Traced. With `may_read` nothing is raised where a
    number leaves; the float, or text, that it becomes is `off` by that part of it, and of 1, so that
    another run can tell what hangs on it.
    """

    def __init__(
        self,
        floats: Floats = "decimal",
        deadline: float = float("inf"),
        *,
        kind: type[Traced] | None = None,
        may_read: bool = False,
        off: Fraction = ZERO,
    ) -> None:
        self.floats = floats
        self.is_numpy = False
        self.may_read = may_read
        self.off = off
        self.deadline = deadline
        self._kind: type[Traced] = kind or Traced
        self._begin()

    def _begin(self) -> None:
        self.is_open = True
        self.out_of_time = False
        self.failure: Exception | None = None
        self.comparisons: list[Comparison] = []
        self.entered: list[Scalar] = []
        self.leaks: list[Leak] = []
        self.rounded: list[Rounded] = []
        self._rounded: set[Rounded] = set()
        # Of Near: what was computed of which numbers, so that it is one. Of others: bounds of their
        # numbers, by which domains are asked before anybody needs closed forms.
        self.computed: dict[Any, tuple[Any, Sequence[Any]]] = {}
        self.numbers = Numbers()
        self._asked: set[int] = set()

    def again(self) -> Trace:
        """The account so far, apart: this one begins anew, for another run on the same leaves."""
        before = copy.copy(self)
        self._begin()
        return before

    def leaf(self, value: Any, label: str = "") -> Traced:
        """A leaf that carries this trace."""
        node = Scalar.__new__(self._kind)
        node._set(inside(self._kind._taken(value)), None, (), (), label)
        node._trace = self
        return node

    def answer(self, holds: bool) -> Any:  # noqa: FBT001 - it is the value itself, no option
        """The outcome of a comparison, of the type that the program would get."""
        if not self.is_numpy:
            return holds
        from numpy import bool_

        return bool_(holds)

    def check_time(self) -> None:
        """Raise OutOfTime after the deadline."""
        if self.is_open and time.monotonic() > self.deadline:
            self.out_of_time = True
            raise OutOfTime("the function took longer than its budget")

    def leave(self, node: Scalar, by: str) -> None:
        """Record that `node` leaves exact arithmetic by something.

        Raises ExactnessLost unless that may be, or it is only looked at, as text or by its hash.
        """
        if not self.is_open:
            return
        leak = Leak(by, called(node), place_of(sys._getframe(1)))
        self.leaks.append(leak)
        if not (self.may_read or by in (TEXT, HASH)):
            raise ExactnessLost(f"{leak}: what comes out has no gradient; {_REMEDY}")

    def read(self, value: object) -> Exact | Scalar | None:
        """`value`, which meets no argument of the program, as an operand of Python arithmetic."""
        found = nonfinite.operand(value, self.floats)
        if found is not None:
            self.note(value)
        return found

    def note(self, value: object) -> None:
        """Record a float that was rounded before it came here; anything else is passed over."""
        if self.is_open and number.is_computed_float(value):
            self._round(value, place_of(sys._getframe(1)))

    def fail(self, error: Exception) -> None:
        """Record a failure of minigrad's own, the first of the run."""
        if self.is_open and self.failure is None:
            self.failure = error

    def note_returned(self, value: object, function: Callable[..., Any]) -> None:
        """Record a rounded float that `function` returned as it is; its place is the definition."""
        if number.is_computed_float(value):
            code = getattr(inspect.unwrap(function), "__code__", None)
            place = Place(code.co_filename, code.co_firstlineno, 0) if code else Place("", 0, 0)
            self._round(value, place)

    def _round(self, value: object, place: Place) -> None:
        found = Rounded(str(value), place)
        if found not in self._rounded:
            self._rounded.add(found)
            self.rounded.append(found)

    def outside(self, domain: Domain, operands: Sequence[Scalar]) -> None:
        """Record that operands are outside `domain`: a program that catches the error goes on with
        another branch, as if it had compared them with the ends of the domain.
        """
        for k, relation, bound in domain.ends:
            end = operands[k]._datum if bound is None else Fraction(bound)
            if HOLDS[relation](operands[k]._datum, end):
                self._compare_with_end(operands[k], relation, end)

    def inside(self, node: Scalar, operator: Operator) -> None:
        """Record that `node` was inside the domain of its operator; if the error would meet a handler,
        that is a comparison with the ends of it.
        """
        if not self.is_open:
            return
        if operator.has_sides:
            self.entered.append(node)
        if is_handled(sys._getframe(1), run, is_between):
            self._compare_with_ends(node, operator)

    def ask_whether_finite(self, node: Scalar) -> None:
        """Record that what `node` is computed by was inside its domains: elsewhere it is no number."""
        if not self.is_open:
            return
        waiting = [node]
        while waiting:
            below = waiting.pop()
            if id(below) in self._asked:
                continue
            self._asked.add(id(below))
            waiting += below.operands
            if below.operator is not None and below.operator.domain:
                self._compare_with_ends(below, below.operator)

    def _compare_with_ends(self, node: Scalar, operator: Operator) -> None:
        values = [operand._datum for operand in node.operands]
        for domain in operator.domain:
            for k, relation, bound in domain.ends:
                if bound is None or not isinstance(node.operands[k], Traced):
                    continue
                end = Fraction(bound)
                # 0 is no end of the domain of x**2, nor of atan2(y, x) by y where x is not 0.
                at_end = [*values[:k], end, *values[k + 1 :]]
                if relation != "==" or not domain.holds(*at_end, *node.parameters):
                    self._compare_with_end(node.operands[k], relation, end)

    def only_entered(self, outputs: Sequence[Scalar]) -> list[Scalar]:
        """The nodes with two sides to their domain that `outputs` do without: they might have raised."""
        if not self.entered:
            return []
        made = set(map(id, topological_order(outputs)))
        return [node for node in self.entered if id(node) not in made]

    def _compare_with_end(self, left: Scalar, relation: str, end: Any) -> None:
        holds = HOLDS[relation](left._datum, end)
        self.compare(left, relation, Scalar.constant(end), holds=holds, at_end=True)

    def compare(
        self,
        left: Scalar,
        relation: str,
        right: Scalar,
        *,
        holds: bool,
        at_end: bool = False,
        is_step: bool = False,
    ) -> None:
        """Record a comparison; of its two marks see there."""
        if self.is_open:
            self.check_time()
            place = place_of(sys._getframe(1))
            found = Comparison(left, relation, right, holds, place, at_end, is_step)
            self.comparisons.append(found)


_REMEDY: Final = (
    "use the operators of minigrad, and for arrays of results dtype=x.dtype (x being the argument)"
)


def _is_ours(frame: FrameType | None) -> bool:
    """Whether minigrad asks for its own purposes: not to call what it was given, as `run` does."""
    while frame is not None and package_of(frame) in ("numpy", "reprlib"):
        frame = frame.f_back
    return (
        frame is not None and package_of(frame) == "minigrad" and frame.f_code is not run.__code__
    )


_WARNING: Final = ("div", "floordiv", "mod", "pow", "power")
"""Operators of which NumPy's numbers only warn where they are not defined."""
_OWN: Final = (NotDecided, OutOfBudget, TooLarge)
"""What an operation raises that minigrad cannot do: it says nothing of the function."""


_PENDING: Final = object()  # what a node holds whose number nobody has looked at yet
_held, _hold = (getattr(vars(Scalar)["_number"], name) for name in ("__get__", "__set__"))


class Traced(Scalar):
    """A Scalar of a run under watch: its results are of its class, and carry its trace on.

    What may be no ratio is computed when it is looked at: most runs are of formulas that are known.
    """

    __slots__ = ("_trace",)

    # Not `trace`, which is a method of arrays.
    _trace: Trace
    _taken: Callable[[Any], Any] = staticmethod(exact.to_exact)

    @property
    def _number(self) -> Any:
        value = _held(self)
        return self._settled() if value is _PENDING else value

    @_number.setter
    def _number(self, value: Any) -> None:
        _hold(self, value)

    def _settled(self) -> Any:
        """The number, and those below it that were put off, computed now."""
        waiting: list[Traced] = [self]
        while waiting:
            node = waiting[-1]
            below = [x for x in node.operands if isinstance(x, Traced) and _held(x) is _PENDING]
            waiting += below
            if not below:
                waiting.pop()
                if _held(node) is _PENDING:
                    _hold(node, node._computed())
        return _held(self)

    def _computed(self) -> Any:
        assert self.operator is not None
        try:
            return value_of(self.operator, self.operands, self.parameters)
        except _OWN as error:
            self._trace.fail(error)
            raise

    def _compare(self, other: object, holds: Callable[[Any, Any], bool]) -> Any:
        trace = self._trace
        if isinstance(other, NonFinite) or number.is_nan(other):
            return trace.answer(holds(0, float(cast(Any, other))))
        if other is self:
            # As where a program asks whether its argument is still that of the last call; NaN is not.
            trace.ask_whether_finite(self)
            return trace.answer(holds(0, 0))
        if isinstance(other, Scalar):
            right = other
        else:
            ordinate = None if is_array(other) else exact.ordinate(other, trace.floats)
            if ordinate is None:
                return NotImplemented
            if isinstance(ordinate, float):
                return trace.answer(holds(0, ordinate))  # an infinity is beyond any number
            trace.note(other)
            right = literal(ordinate)
        try:
            answer = holds(self._datum, right._datum)
        except _OWN as error:
            trace.fail(error)
            raise
        # What an earlier call has left is no number of this one.
        if getattr(right, "_trace", trace).is_open:
            trace.compare(self, RELATIONS[holds], right, holds=answer)
        return trace.answer(answer)

    def _leave(self, by: str) -> None:
        self._trace.leave(self, by)

    def _write(self) -> float:
        self._leave(TEXT)
        return float(self._read()._datum)

    def _read(self) -> Scalar:
        """What a program reads that makes a float or text of this node."""
        off, value = self._trace.off, self._datum
        if not off:
            return self
        return literal(value + off * (abs(value) + 1 if type(value) is Fraction else value))

    def _ask_whether_finite(self) -> None:
        self._trace.ask_whether_finite(self)

    def _become_python_s(self) -> None:
        if self._trace.is_open:
            self._trace.is_numpy = False

    def _leave_unless_ours(self, by: str) -> bool:
        """Take note that this node's number is given away, but for minigrad's own purposes."""
        is_given = self._trace.is_open and not _is_ours(sys._getframe(2))
        if is_given:
            self._trace.leave(self, by)
        return is_given

    def __hash__(self) -> int:
        """By value where the program asks, as of floats: in its sets and dicts nodes are numbers."""
        # Minigrad's own sets and dicts hold nodes.
        if not self._trace.is_open or _is_ours(sys._getframe(1)):
            return object.__hash__(self)
        self._trace.leave(self, HASH)
        value = standard_part(self._datum)
        for key in numbers_in_sets(sys._getframe(1)):
            bound = exact.to_exact(key, floats=self._trace.floats)
            self._trace.compare(self, "==", literal(bound), holds=bool(self._datum == bound))
        try:
            return hash(float(value))
        except NotDecided as error:
            self._trace.fail(error)
            raise
        except OverflowError:
            return hash(value)

    def _whole(self, how: str) -> int:
        """The number as an int, which another one has as well in an interval around it."""
        if is_written(sys._getframe(2)):
            self._leave(TEXT)
            return whole(self._read(), how)
        try:
            found = whole(self, how)
            for node, relation, bound in asked(self, how) if self._trace.is_open else ():
                # A limit that is met is to be met here, and not where somebody asks for the side.
                _ = node._datum > bound, node._datum < bound
                self._trace.compare(node, relation, literal(bound), holds=True, is_step=True)
        except _OWN as error:
            self._trace.fail(error)
            raise
        return found

    def __int__(self) -> int:
        return self._whole("trunc")

    __trunc__ = __int__

    def __floor__(self) -> int:
        return self._whole("floor")

    def __ceil__(self) -> int:
        return self._whole("ceil")

    def _is_int(self) -> bool:
        return is_whole(self, is_numpy=self._trace.is_numpy)

    def __index__(self) -> int:
        if not self._is_int():
            raise TypeError(f"'{type(self).__name__}' object cannot be interpreted as an integer")
        return self._whole("trunc")

    def is_integer(self) -> bool:
        """Whether it is a whole number, as floats are asked."""
        return bool(self == self._whole("floor"))

    def _operand(self, value: object) -> Scalar | None:
        return constant_of(self._trace.read(value))

    def _result(
        self,
        operator: Operator,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
        max_bits: int,
        data: Fraction | None,
    ) -> Scalar:
        self._trace.check_time()
        if NonFinite in map(type, operands):
            return self._of_nonfinite(operator, operands, parameters)
        is_ratio = operator.is_rational and all(type(_held(x)) is Rational for x in operands)
        # On which piece an operator is, is asked of every node.
        is_asked = is_ratio or operator.branch is not None
        try:
            if is_asked or data is not None or max_bits != MAX_BITS:
                node = cast(Traced, super()._result(operator, operands, parameters, max_bits, data))
            else:
                node = self._put_off(operator, operands, parameters)
        except (DivisionByZero, DomainError) as error:
            values = operator.numbers([operand._number for operand in operands])
            for domain in operator.domain:
                if not domain.holds(*values, *parameters):
                    self._trace.outside(domain, operands)
                    break
            return self._instead(operator, error)
        except _OWN as error:
            self._trace.fail(error)
            raise
        node._trace = self._trace
        if operator.domain:
            self._trace.inside(node, operator)
        return node

    def _put_off(
        self, operator: Operator, operands: tuple[Scalar, ...], parameters: tuple[Any, ...]
    ) -> Traced:
        """The node, within the domain of its operator, whose number is computed when it is asked for."""
        for domain in operator.domain:
            if not self._is_inside(domain, operator, operands, parameters):
                raise outside(domain, operator, operands, parameters)
        node = Scalar.__new__(type(self))
        node._set(_PENDING, operator, operands, parameters)
        return node

    def _is_inside(
        self,
        domain: Domain,
        operator: Operator,
        operands: tuple[Scalar, ...],
        parameters: tuple[Any, ...],
    ) -> bool:
        """Whether operands are in a domain, by bounds where they tell, and else by their closed forms."""
        with suppress(ArithmeticError, TypeError):
            return domain.holds(*map(self._trace.numbers.of, operands), *parameters)
        values = operator.numbers([operand._number for operand in operands])
        return domain.holds(*values, *parameters)

    def _of_nonfinite(
        self, operator: Operator, operands: tuple[Scalar, ...], parameters: tuple[Any, ...]
    ) -> Scalar:
        try:
            return nonfinite.result(operator, operands, parameters)
        except DivisionByZero as error:
            return self._instead(operator, error)

    def _instead(self, operator: Operator, error: Exception) -> Scalar:
        """What NumPy's numbers give where an operator is not defined; others raise the error."""
        is_infix = self._trace.is_numpy and operator.name in _WARNING
        found = nonfinite.undefined(error) if is_infix else None
        if found is None:
            raise error
        return found

    def __bool__(self) -> bool:
        return bool(self._compare(0, operators.ne))

    def __copy__(self) -> Traced:
        """The node itself: a program that copies its arguments copies numbers, and goes on with them."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Traced:
        return self


for _name, _member in leaving.members().items():
    setattr(Traced, _name, _member)


class Run(NamedTuple):
    """What became of a run: the result, or what was raised."""

    arguments: Sequence[Any]
    result: Any
    error: Exception | None
    trace: Trace

    @property
    def leaks(self) -> list[Leak]:
        """What left exact arithmetic otherwise than as text or by its hash."""
        return [leak for leak in self.trace.leaks if not (leak.is_text or leak.is_key)]

    @property
    def texts(self) -> list[Leak]:
        """What left as text, but for that of an error that was raised."""
        return [leak for leak in self.trace.leaks if leak.is_text and self.error is None]

    @property
    def swallowed(self) -> Exception | None:
        """A failure of minigrad's own after which the program went on, with what is not the function."""
        return self.trace.failure if self.error is None else None


def run(function: Callable[..., Any], arguments: Sequence[Any], trace: Trace) -> Run:
    """Call `function` on arguments whose leaves carry `trace`, which is closed afterwards."""
    result, error = None, None
    try:
        with reading_by(trace.read, trace.fail):
            result = function(*arguments)
        trace.check_time()
    except Exception as raised:
        error = raised
    finally:
        trace.is_open = False
    return Run(arguments, result, error, trace)
