"""What the same programs do with floats: they must do the same, but for rounding.

A program under check gets Scalars and exact arrays, and most of what it may ask of them is answered as
floats would answer, or recorded. Not all can be: `isinstance(x, float)`, `x.dtype`, an error that only an
exact number raises and the program catches, `~(x > 5)` where NumPy's bool is no Python bool. So, when all
points have been looked at, both programs are run once more at some of them as their author runs them, on
floats, and the results compared with the exact ones. Where these differ by more than rounding can, the
program that was checked is not the program that was written.

Nothing is concluded where a branch may hang by a rounding, where floats give NaN, infinities or an error,
and where results change when the point is moved by a billionth.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from itertools import islice
from types import FrameType
from typing import Any, Final, TypeVar

from minigrad.enclosed import Numbers
from minigrad.errors import MinigradError
from minigrad.scalar import Scalar
from minigrad.verify import limits
from minigrad.verify.claims import (
    Claim,
    Sample,
    derivative_in_floats,
    function_in_floats,
    is_about_bools,
    point_text,
)
from minigrad.verify.nearly import as_float, magnitude

__all__ = ["FloatRuns", "deadline_for"]

_MOST: Final = 12
"""Points at which programs are run on floats."""
_MOST_OF_ONE: Final = 2
"""Points on one branch among them."""
_MOST_OUTSIDE: Final = 8
"""Points at which the function raised, and is run on floats."""
_MOST_NUMBERS: Final = 2_000
"""Results that are kept, of all points together."""
_SECONDS: Final = (0.2, 1.0)
"""What all runs may take, at the end of a budget and before: a loop may not end with floats."""
_RELATIVE: Final = 1e-6
"""By how much of itself a result may be off in any case."""
_UNITS: Final = 64 / 2**52
"""How far each number may be off by rounding, in parts of itself."""
_STABLE: Final = 1e-4
"""By how much of itself a result may change from a point to one close to it."""
_NUDGE: Final = Fraction(1, 10**9)


T = TypeVar("T")


class _Late(BaseException):
    """There is no time left: nothing that a program would catch."""


def deadline_for(deadline: float) -> float:
    """Until when programs may be run with floats, where a check may take until `deadline`."""
    least, most = (time.monotonic() + seconds for seconds in _SECONDS)
    return max(least, min(most, deadline))


class FloatRuns:
    """Where a claim's programs were looked at, and what they give there with floats instead."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self.kept: list[Sample] = []
        self._branches: Counter[Hashable] = Counter()
        self._numbers = 0

    def keep(self, ran: Sample, branch: Hashable) -> None:
        """Remember a run that is on no boundary, if few of its branch were met; the first in any case."""
        count = len(ran.outputs) + len(ran.given)
        is_enough = len(self.kept) >= _MOST or self._branches[branch] >= _MOST_OF_ONE
        if not self.kept or not (is_enough or self._numbers + count > _MOST_NUMBERS):
            self._branches[branch] += 1
            self._numbers += count
            self.kept.append(ran)

    def differences(self, deadline: float) -> Iterator[str]:
        """What the programs do otherwise with floats until the deadline, in a sentence for each point."""
        for ran in self.kept:
            says = self._function_differs(ran, deadline) or self._derivative_differs(ran, deadline)
            if says:
                yield (
                    f"with floats {says}, at {point_text(ran.point)}: there it does something else than "
                    "with exact numbers"
                )

    def _function_differs(self, ran: Sample, deadline: float) -> str:
        def run(values: Sequence[Fraction]) -> list[float]:
            return [*function_in_floats(self._claim.fresh(), values)[1].values()]

        found = _difference(ran.values, ran.outputs, partial(_at, run, deadline))
        return "" if found is None else f"the function {found}"

    def _derivative_differs(self, ran: Sample, deadline: float) -> str:
        what = f"the {self._claim.kind}"

        def run(values: Sequence[Fraction]) -> list[float]:
            claim = self._claim.fresh()
            result, outputs = function_in_floats(claim, values)
            return derivative_in_floats(claim, values, result, [*outputs])

        at = partial(_at, run, deadline)
        error = None if ran.derivative is None else ran.derivative.error
        if limits.is_own(error):
            return ""  # it says nothing of the program, and is told as what it is
        if error is None:
            found = _difference(ran.values, ran.given, at, ran.names)
            return "" if found is None else f"{what} {found}"
        numbers = at(ran.values)
        if not numbers or not all(map(math.isfinite, numbers)):
            return ""
        return f"{what} gives {numbers[0]:.6g} and does not raise {error!r}"

    def going_on(self, outside: Iterable[Mapping[str, Fraction]], deadline: float) -> str:
        """Said where floats give numbers at points `outside`, where the function raised; or nothing."""
        for point in islice(outside, _MOST_OUTSIDE):
            values = [*point.values()]
            found = _within(deadline, partial(function_in_floats, self._claim.fresh(), values))
            numbers = [] if found is None else [*found[1].values()]
            if numbers and all(map(math.isfinite, numbers)):
                shown = ", ".join([f"{x:.6g}" for x in numbers[:3]])
                return (
                    f"with floats the function goes on where it raised, and gives {shown} at "
                    f"{point_text(point)}: such points were not looked at"
                )
        return ""


def _difference(
    values: Sequence[Fraction],
    exact: Sequence[Scalar],
    at: Callable[[Sequence[Fraction]], list[float] | None],
    names: Sequence[str] = (),
) -> str | None:
    """What floats do otherwise, in words: the first number that is off by more than rounding makes it."""
    try:
        floating = at(values)
    except TypeError as error:
        return f"raises TypeError: {error}"
    if floating is None or len(floating) != len(exact):
        return None
    numbers = Numbers()
    for k, (node, number) in enumerate(zip(exact, floating, strict=True)):
        try:
            # As closed forms nobody may have asked for them yet, and they may be very long.
            value = as_float(numbers.of(node))
        except (ArithmeticError, MinigradError):
            continue  # what it is exactly is not known
        if math.isclose(value, number, rel_tol=_RELATIVE) or not math.isfinite(value - number):
            continue
        size = magnitude(node)
        is_off = size is not None and abs(value - number) > _UNITS * size
        if is_off and not _is_unstable(values, k, number, at):
            of = f" for {names[k]}" if names else ""
            return f"gives {number:.6g}{of} and not {value:.6g}"
    return None


def _is_unstable(
    values: Sequence[Fraction],
    k: int,
    number: float,
    at: Callable[[Sequence[Fraction]], list[float] | None],
) -> bool:
    """Whether number `k` is another one, or none, at a point that is hardly another."""
    for sign in (1, -1):
        again = at([x + sign * _NUDGE * (abs(x) + _NUDGE) for x in values])
        if again is None or len(again) <= k or not math.isclose(again[k], number, rel_tol=_STABLE):
            return True
    return False


def _at(
    run: Callable[[Sequence[Fraction]], list[float]], deadline: float, values: Sequence[Fraction]
) -> list[float] | None:
    """What a program gives with floats; None where it raises, or is not done in time."""
    return _within(deadline, partial(run, values))


def _within(deadline: float, run: Callable[[], T]) -> T | None:
    """What `run` returns, without its warnings; None where it raises, or is not done in time.

    What it raises of NumPy's bools is raised: with exact numbers it may have met others.
    """
    try:
        with warnings.catch_warnings(), _until(deadline):
            warnings.simplefilter("ignore")
            return run()
    except (Exception, SystemExit, _Late) as error:
        # A program may end itself; what else is no Exception was raised by who runs it.
        if is_about_bools(error):
            raise
        return None


@contextmanager
def _until(deadline: float) -> Iterator[None]:
    """Raise _Late in the program that is run within, after the deadline."""

    def watch(_frame: FrameType, _event: str, _argument: Any) -> Any:
        if time.monotonic() > deadline:
            raise _Late
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)
