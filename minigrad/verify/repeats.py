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
called with before, the same point among it, with another vector, and points that differ in one number
alone. For a cache that forgets to look at a number answers from what it kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from minigrad.errors import CaseError, KeepsState
from minigrad.signatures import signature
from minigrad.verify.claims import Claim, Sample, after_calls, sample

__all__ = ["check_again", "check_untouched"]


def check_again(claim: Claim, ran: Sample, deadline: float) -> bool:
    """Run both programs once more as they were run for `ran`; whether there was time.

    Raises KeepsState if they do something else.
    """
    again = sample(claim, ran.values, deadline)
    if any(run.trace.out_of_time for run in again.runs):
        return False
    _check_same(claim, _accounts(ran), _accounts(again))
    if claim.keeps_state:
        unused = sample(claim.fresh(), ran.values, deadline)
        for other in (unused, *after_calls(claim, ran.values, deadline)):
            _check_same(claim, _results(ran), _results(other))
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
        _check_same(claim, _results(ran), _results(other))


def _check_same(claim: Claim, found: Sequence[Any], others: Sequence[Any]) -> None:
    for name, first, second in zip(("function", str(claim.kind)), found, others, strict=False):
        if first != second:
            raise KeepsState(
                f"the {name} does something else when it is run again on the same numbers: it draws "
                "random numbers, or keeps state from call to call that shows; make both part of its "
                "arguments"
            )


def _results(ran: Sample) -> list[Any]:
    """What came of both programs, so that two runs can be compared."""
    found = ((ran.outputs, ran.leaves), (ran.given, ran.own_leaves))
    return [
        (signature(outputs, leaves), type(run.error))
        for run, (outputs, leaves) in zip(ran.runs, found, strict=False)
    ]


def _accounts(ran: Sample) -> list[Any]:
    """What both programs did: their results, and the comparisons that they made."""
    made = [[(c.place, c.relation, c.holds) for c in run.trace.comparisons] for run in ran.runs]
    return [*zip(_results(ran), made, strict=True)]
