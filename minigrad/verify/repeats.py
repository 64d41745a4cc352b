"""Whether programs do the same when they are called again: no randomness, and no state that shows.

    >>> from minigrad.verify import check_gradient
    >>> calls = []
    >>> def counting(x):
    ...     calls.append(x)
    ...     return len(calls) * x
    >>> check_gradient(counting, lambda x: 1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    minigrad.errors.KeepsState: the function does something else when it is run again on the same ...

Of programs that keep state more is asked: what they give at a point must be the same whatever they were
called with before: the same point, with another vector; points that differ in one number alone; and
points that are hardly others. For a cache that forgets to look at a number, or looks at rounded ones,
answers from what it kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from typing import Any, Final, NamedTuple, NoReturn, cast

from minigrad.errors import CaseError, KeepsState, NotDecided, TooLarge
from minigrad.scalar import Scalar
from minigrad.signatures import signature, strangers
from minigrad.trace import Traced
from minigrad.verify.claims import AWAY, Claim, Sample, sample, sampled
from minigrad.verify.nearly import is_close, magnitude

__all__ = ["check_again", "check_untouched", "hangs_on_text"]


def check_again(claim: Claim, ran: Sample, deadline: float) -> bool:
    """Run both programs once more as they were run for `ran`; whether there was time.

    Raises KeepsState if they do something else.
    """
    again = sample(claim, ran.values, deadline)
    if any(run.trace.out_of_time for run in again.runs):
        return False
    made = [_compared(s) for s in (ran, again)]
    if made[0] != made[1]:
        _refuse(claim, 0 if made[0][:1] != made[1][:1] else 1)
    _check_same(claim, ran, again)
    if claim.keeps_state:
        unused = sample(claim.fresh(), ran.values, deadline)
        _check_same(claim, ran, unused)
        for other in _after_calls(claim, ran.values, deadline):
            _check_same(claim, ran, other)
        for other in _after_close_calls(claim, ran.values, deadline):
            _check_same(claim, ran, other, _TOLERANT)
    return True


def check_untouched(
    claim: Claim, untouched: Claim, values: Sequence[Fraction], deadline: float
) -> None:
    """Raise KeepsState where programs give something else than copies that were not called before do.

    Nothing is said where the copies do not run through: something was not copied as it should be.
    """
    try:
        ran, other = sample(claim, values, deadline), sample(untouched, values, deadline)
    except CaseError:
        return
    if not any(run.error or run.leaks or run.swallowed for run in (*ran.runs, *other.runs)):
        _check_same(claim, ran, other)


def _after_calls(claim: Claim, values: Sequence[Fraction], deadline: float) -> Iterator[Sample]:
    """Samples at `values` of programs that were called before: as if they had not been, or state shows.

    They were called at the same numbers, with another vector; where one number alone is another; and
    several times.
    """
    count = claim.count
    fresh = claim.fresh()
    first = sampled(fresh, values, deadline)
    others = [value + AWAY for value in first.values[count:]]
    yield sampled(fresh, [*values[:count], *others], deadline, first.leaves[:count])
    for k in range(count) if count <= _SEVERAL else (0, count // 2, count - 1):
        fresh = claim.fresh()
        # What is kept for numbers that stay the same was computed from them.
        leaves: list[Scalar] = []
        for step in (AWAY, -AWAY):
            with suppress(CaseError):
                moved = [*values[:k], values[k] + step, *values[k + 1 :]]
                found = sampled(fresh, moved, deadline, _with_another(leaves, k, moved[k]))
                leaves = found.leaves[:count]
        yield sampled(fresh, values, deadline, _with_another(leaves, k, values[k]))
    fresh = claim.fresh()
    for k in range(1, _SEVERAL):
        with suppress(CaseError):
            sampled(fresh, [value + k * AWAY for value in values], deadline)
    yield sampled(fresh, values, deadline)


def _with_another(leaves: Sequence[Scalar], k: int, number: Fraction) -> list[Scalar]:
    """The leaves of a run, if there are any, with one of another number in place `k`."""
    if not leaves:
        return []
    old = cast(Traced, leaves[k])
    return [*leaves[:k], old._trace.leaf(number, old.label), *leaves[k + 1 :]]


def _after_close_calls(
    claim: Claim, values: Sequence[Fraction], deadline: float
) -> Iterator[Sample]:
    """Samples of programs that were called at numbers that are hardly others."""
    for step in _CLOSE:
        fresh = claim.fresh()
        with suppress(CaseError):
            sampled(fresh, [value + step for value in values], deadline)
        yield sampled(fresh, values, deadline)


_SEVERAL: Final = 8
_CLOSE: Final = (Fraction(1, 10**7), Fraction(1, 10**13))
"""Steps so small that a cache may take the numbers for those it knows, as np.allclose does."""


def hangs_on_text(claim: Claim, ran: Sample, deadline: float) -> bool:
    """Whether programs that write numbers as text do something else where other ones are written."""
    for off in _OFF:
        try:
            # What they print was printed.
            with redirect_stdout(StringIO()):
                other = sample(replace(claim, off=off), ran.values, deadline)
        except CaseError:  # a result of another form
            return True
        if any(run.trace.out_of_time for run in other.runs):
            return False
        if _compared(ran) != _compared(other):
            return True
        pairs = zip(_results(ran), _results(other), strict=True)
        if any(mine.formula != theirs.formula for mine, theirs in pairs):
            return True
    return False


_OFF: Final = tuple(map(Fraction, ("1/3", "-2/7", "-3", "1000000")))
"""By how much of itself, and of 1, a number is another one in text: of the other sign, or much longer."""


def _compared(ran: Sample) -> list[Any]:
    return [[(c.place, c.relation, c.holds) for c in run.trace.comparisons] for run in ran.runs]


_AGAIN: Final = (
    "when it is run again on the same numbers: it draws random numbers, or keeps state from call to call "
    "that shows; make both part of its arguments"
)
_TOLERANT: Final = (
    "after a call with numbers that are hardly others: it answers from what it kept for those, as a "
    "cache does that compares by np.allclose; compare by np.array_equal"
)


def _check_same(claim: Claim, ran: Sample, other: Sample, when: str = _AGAIN) -> None:
    for k, (first, second) in enumerate(zip(_results(ran), _results(other), strict=False)):
        if not first.is_same(second):
            _refuse(claim, k, when)


def _refuse(claim: Claim, k: int, when: str = _AGAIN) -> NoReturn:
    raise KeepsState(f"the {('function', str(claim.kind))[k]} does something else {when}")


class _Result(NamedTuple):
    """What a program returned, of its leaves, and what it raised."""

    outputs: Sequence[Scalar]
    leaves: Sequence[Scalar]
    error: type[Any]

    @property
    def formula(self) -> Any:
        """What was computed, or raised."""
        return self.error, signature(self.outputs, self.leaves)

    def is_same(self, other: _Result) -> bool:
        """Whether the formulas are the same, or all numbers, up to the rounding of constants.

        A constant that is made when it is first asked for may have been made of floats at one time, and
        exactly at another.
        """
        if self.error is not other.error or len(self.outputs) != len(other.outputs):
            return False
        if self.formula == other.formula:
            return True
        if strangers(self.outputs, self.leaves) or strangers(other.outputs, other.leaves):
            return False
        return all(map(_is_close, self.outputs, other.outputs))


def _is_close(x: Scalar, y: Scalar) -> bool:
    try:
        if is_close(x._datum, y._datum, rounding=_ROUGHLY):
            return True
        size = magnitude(x)
        return size is not None and is_close(x._datum, y._datum, size, _ROUGHLY)
    except (NotDecided, TooLarge):  # then it is not known
        return False


_ROUGHLY: Final = Fraction(1, 10**9)


def _results(ran: Sample) -> list[_Result]:
    return [_Result(outputs, leaves, type(run.error)) for run, outputs, leaves in ran.programs]
