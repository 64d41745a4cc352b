"""What the same programs do with floats: they must do the same, but for rounding.

A program under check gets Scalars and exact arrays, and most of what it may ask of them is answered as
floats would answer, or recorded. Not all can be: `isinstance(x, float)`, `x.dtype`, an error that only an
exact number raises and the program catches, `~(x > 5)` where NumPy's bool is no Python bool. So, when all
points have been looked at, both programs are run once more at some of them as their author runs them, on
floats, and the results compared with the exact ones. Where these differ by more than rounding can, the
program that was checked is not the program that was written.

Nothing is concluded where a branch may hang by a rounding, where floats give NaN, infinities or an error,
and where results change as much when the point is moved by a billionth.
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
from typing import Any, Final, NamedTuple, TypeVar

from minigrad.scalar import literal
from minigrad.verify.claims import (
    Claim,
    Sample,
    derivative_in_floats,
    function_in_floats,
    point_text,
)

__all__ = ["FloatRuns"]

_MOST: Final = 24
"""Points at which programs are run on floats."""
_MOST_OF_ONE: Final = 5
"""Points on one branch among them."""
_MOST_OUTSIDE: Final = 8
"""Points at which the function raised, and is run on floats."""
_MOST_NUMBERS: Final = 2_000
"""Results that are kept, of all points together."""
_SECONDS: Final = 1.0
"""What all runs may take together: a loop that ends with exact numbers may not end with floats."""
_RELATIVE, _ABSOLUTE = 1e-4, 1e-6
"""By how much of itself, and of the largest number beside it, a result may be off by rounding."""
_NUDGE: Final = Fraction(1, 10**9)


class _Kept(NamedTuple):
    """A point, and what the programs gave there, rounded."""

    values: tuple[Fraction, ...]
    point: dict[str, Fraction]
    names: Sequence[str]
    outputs: list[float]
    given: list[float]


T = TypeVar("T")


class _Late(BaseException):
    """There is no time left: nothing that a program would catch."""


class FloatRuns:
    """Exact results of a claim's programs, and what these give with floats instead."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._kept: list[_Kept] = []
        self._branches: Counter[Hashable] = Counter()
        self._numbers = 0

    def keep(self, ran: Sample, branch: Hashable) -> None:
        """Remember the results at a point that is on no boundary, if few of its branch were met."""
        count = len(ran.outputs) + len(ran.given)
        if (
            not ran.given
            or len(self._kept) >= _MOST
            or self._branches[branch] >= _MOST_OF_ONE
            or self._numbers + count > _MOST_NUMBERS
        ):
            return
        try:
            outputs, given = (
                [float(literal(y._datum)) for y in ys] for ys in (ran.outputs, ran.given)
            )
        except OverflowError:
            return
        self._branches[branch] += 1
        self._numbers += count
        self._kept.append(_Kept(ran.values, ran.point, ran.names, outputs, given))

    def differences(self, deadline: float) -> Iterator[str]:
        """What the programs do otherwise with floats, in a sentence for each point."""
        deadline = min(deadline, time.monotonic() + _SECONDS)
        for kept in self._kept:
            found = _with_floats(self._claim, kept.values, deadline)
            place = None if found is None else _off(kept, found)
            if found is None or place is None or self._is_unstable(kept, found, place, deadline):
                continue
            which, k = place
            what = f"the {self._claim.kind}" if which else "the function"
            of = f" for {kept.names[k]}" if which else ""
            exact, floating = (kept.outputs, kept.given)[which][k], found[which][k]
            yield (
                f"with floats {what} gives {floating:.6g}{of} and not {exact:.6g}, at "
                f"{point_text(kept.point)}: there it does something else than with exact numbers"
            )

    def going_on(self, outside: Iterable[Mapping[str, Fraction]], deadline: float) -> str:
        """Said where floats give numbers at points `outside`, where the function raised; or nothing."""
        deadline = min(deadline, time.monotonic() + _SECONDS)
        for point in islice(outside, _MOST_OUTSIDE):
            values = [*point.values()]
            found = _within(deadline, partial(function_in_floats, self._claim, values))
            numbers = [] if found is None else [*found[1].values()]
            if numbers and all(map(math.isfinite, numbers)):
                shown = ", ".join([f"{x:.6g}" for x in numbers[:3]])
                return (
                    f"with floats the function goes on where it raised, and gives {shown} at "
                    f"{point_text(point)}: such points were not looked at"
                )
        return ""

    def _is_unstable(
        self,
        kept: _Kept,
        found: tuple[list[float], list[float]],
        place: tuple[int, int],
        deadline: float,
    ) -> bool:
        """Whether the number at `place` is another one, or none, at a point that is hardly another."""
        which, k = place
        for sign in (1, -1):
            nudged = [x + sign * _NUDGE * (abs(x) + _NUDGE) for x in kept.values]
            again = _with_floats(self._claim, nudged, deadline)
            if again is None or len(again[which]) <= k:
                return True
            if not math.isclose(
                again[which][k], found[which][k], rel_tol=_RELATIVE, abs_tol=_ABSOLUTE
            ):
                return True
        return False


def _with_floats(
    claim: Claim, values: Sequence[Fraction], deadline: float
) -> tuple[list[float], list[float]] | None:
    """What the programs give with floats; None where they raise, or take too long."""

    def both() -> tuple[list[float], list[float]]:
        result, outputs = function_in_floats(claim, values)
        return [*outputs.values()], derivative_in_floats(claim, values, result, [*outputs])

    return _within(deadline, both)


def _within(deadline: float, run: Callable[[], T]) -> T | None:
    """What `run` returns, without its warnings; None where it raises, or is not done in time."""
    try:
        with warnings.catch_warnings(), _until(deadline):
            warnings.simplefilter("ignore")
            return run()
    except (Exception, _Late):
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


def _off(kept: _Kept, found: tuple[list[float], list[float]]) -> tuple[int, int] | None:
    """Which number is off by more than rounding: an output, 0, or one of the derivative, 1, and which."""
    for which, (exact, floating) in enumerate(zip((kept.outputs, kept.given), found, strict=True)):
        if len(exact) != len(floating) or not all(map(math.isfinite, floating)):
            continue
        scale = max([1.0, *map(abs, exact), *(abs(float(x)) for x in kept.values)])
        for k, (a, b) in enumerate(zip(exact, floating, strict=True)):
            if abs(a - b) > _RELATIVE * abs(a) + _ABSOLUTE * scale:
                return which, k
    return None
