"""One claim, looked at from point to point: what is run, what is asked next, and what went wrong.

An `Inquiry` runs both programs of a claim at a point, gives what they return to its `Judge`, and keeps
the rest of the account: where the function raised, what left exact arithmetic, which floats were
rounded. `search` chooses the points.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from io import StringIO
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from minigrad import arrays
from minigrad.errors import (
    CaseError,
    InvalidNumber,
    InvalidOperand,
    KeepsState,
    MinigradError,
)
from minigrad.graph import topological_order
from minigrad.number import ONE, ZERO
from minigrad.rebound import Rebinding
from minigrad.scalar import Scalar
from minigrad.signatures import signature
from minigrad.trace import Run
from minigrad.verify import branches, limits, points, search
from minigrad.verify.claims import Claim, Sample, point_text, sample
from minigrad.verify.domains import Domain
from minigrad.verify.idle import Idle
from minigrad.verify.judge import Judge
from minigrad.verify.repeats import check_again, check_untouched, hangs_on_text
from minigrad.verify.search import Boundary, Gap, Site
from minigrad.verify.symbolic import Rules
from minigrad.verify.untouched import Untouched
from minigrad.verify.with_floats import FloatRuns, deadline_for

__all__ = ["Inquiry"]

_MOST_ASKED: Final = 120
"""Points that comparisons may ask for, besides two for each argument."""
_MOST_BESIDE: Final = 12
"""Boundaries beside which points are looked at."""
_MOST_ASKED_AGAIN: Final = 40
"""Points that they may ask for on other ways, where all sides are known."""
_MOST_GAPS: Final = 8
"""Boundaries on which nothing stood that are looked into, and gaps of each."""
_SEARCHED: Final = 0.7
"""The share of the seconds after which no further point is looked at."""
_BUGS: Final = (NameError, AttributeError, ImportError)
"""What a program raises that is not finished: no statement about mathematics."""
_COPIES: Final = 3
"""At how many points copies of the programs with exact arrays are tried, if a program may have failed for
want of them, and if none has.
"""
_FAR: Final = tuple(map(Fraction, (100, 10**4, 10**7)))
"""Numbers far from those that points are usually made of."""
_REMEDY: Final = (
    "minigrad's operators keep it, and an array that it is put into needs dtype=x.dtype"
)
_TEXTS: Final = 3
_ASIDE: Final = Fraction(1, 10**9)
_FOUND: Final = "those that it holds were not looked for"


@dataclass
class Inquiry:
    """A claim under check, within a domain and until a deadline.

    `seen` are the points that were run, and whether there was anything to judge; `took` the seconds of
    the last of these runs; `at_boundaries` samples at which one of the programs may change, one of each
    branch of the derivative; `not_stood_on` where boundaries lie at no rational number that is known.
    `otherwise` says what the programs do with floats alone; `has_written` is whether they wrote text, and
    `is_closed` whether they make closed forms, so that plain points are taken for the search.
    """

    claim: Claim
    rules: Rules
    deadline: float
    domain: Domain
    seen: dict[tuple[Fraction, ...], bool] = field(default_factory=dict)
    asking: deque[tuple[Sample, Boundary]] = field(default_factory=deque)
    asking_again: deque[tuple[Sample, Boundary]] = field(default_factory=deque)
    outside: list[tuple[dict[str, Fraction], Exception]] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rounded: dict[str, None] = field(default_factory=dict)
    first_seen: dict[Site, Sample] = field(default_factory=dict)
    at_boundaries: dict[Any, Sample] = field(default_factory=dict)
    not_stood_on: dict[Site, Gap] = field(default_factory=dict)
    copies_tried: Counter[bool] = field(default_factory=Counter)
    texts_asked: Counter[Any] = field(default_factory=Counter)
    took: float = 0
    has_written: bool = False
    is_exact: bool = False
    is_closed: bool = False

    def __post_init__(self) -> None:
        self.untouched = Untouched.of(self.claim)
        self.judge = Judge(self.claim, self.rules, self.deadline)
        # A program that is begun is given time to end: one that does not has lost the verdict.
        now = time.monotonic()
        self.search_until = now + _SEARCHED * (self.deadline - now)
        self.watch = search.Watch(self.rules, self.deadline)
        self.idle = Idle(self.rules, self.deadline)
        # Of the programs as they are given: copies of them know exact numbers alone.
        self.float_runs = FloatRuns(self.claim)

    @property
    def first_error(self) -> Exception:
        """What the function raised where it was run first, or why nothing was looked at there."""
        return self.outside[0][1] if self.outside else CaseError(self.notes[-1])

    @property
    def is_lost(self) -> bool:
        """Whether a program left exact arithmetic, or was not done in time."""
        return bool(self.losses)

    def run(self, values: Sequence[Fraction]) -> Sample:
        """Both programs at a point. Raises CaseError where their results do not fit."""
        return self.idle.marked(sample(self.claim, values, self.deadline))

    def look(self, values: Sequence[Fraction]) -> Sample | None:
        """Run both programs at a point and judge what they return; None where nothing can be judged."""
        started = time.monotonic()
        ran = sample(self.claim, values, self.deadline)
        self.took = time.monotonic() - started
        makes_floats = _makes_floats(ran)
        if (makes_floats or ran.rounded) and self.copies_tried[makes_floats] < _COPIES:
            self.copies_tried[makes_floats] += 1
            given = self.claim
            ran = self._rebound(ran)
            if self.claim is not given:
                self._start_again(len(ran.values))
        ran = self.idle.marked(ran)
        is_usable = self._is_usable(ran)
        self.seen |= {tuple(values): is_usable, ran.values: is_usable}
        if not is_usable:
            return None
        try:
            if not self.judge.points:
                self._check_repeats(ran)
            is_judged = bool(self.judge.look(ran))
        except KeepsState:
            if self.claim.keeps_state or self.untouched is None:
                raise
            return self._look_renewed(values)
        is_inside = not self.judge.standing.is_at_boundary(ran)
        if not is_inside:
            self.at_boundaries.setdefault(_branch(ran), ran)
        else:
            self.float_runs.keep(ran, _branch(ran))
        self.is_closed = self.is_closed or any(
            node.operator is not None and not node.operator.is_rational
            for node in topological_order([*ran.outputs, *ran.given])
        )
        for boundary in self.watch.see(ran, is_judged=is_judged, is_inside=is_inside):
            self.first_seen.setdefault(boundary.site, ran)
            is_open = boundary.is_step or self.watch.is_open(boundary.site)
            (self.asking if is_open else self.asking_again).append((ran, boundary))
        return ran

    def _is_usable(self, ran: Sample) -> bool:
        runs = ran.runs
        if self._is_remembered(ran):
            return False
        has_written = any(run.texts for run in runs)
        is_read = has_written and self._hangs_on_text(ran)
        self.has_written = self.has_written or has_written
        for run in runs:
            self._take_account(run, is_read=is_read)
        error = None if ran.derivative is None else ran.derivative.error
        if isinstance(error, _BUGS) and not limits.is_own(error):
            raise CaseError(
                f"the {self.claim.kind} raised {type(error).__name__}: {error}"
            ) from error
        # Where a number left, what came out is no longer what the program computes.
        if is_read or any(run.leaks or run.trace.out_of_time or run.swallowed for run in runs):
            return False
        if ran.function.error is not None:
            self.outside.append((ran.point, ran.function.error))
            for boundary in self.watch.see(ran):
                # Where nothing is defined yet, the ends of domains lead to where something is.
                if not self.judge.points:
                    self.asking.append((ran, boundary))
            return False
        return True

    def _is_remembered(self, ran: Sample) -> bool:
        """Whether the function looked something up, and gave a number computed before the check.

        It is one constant here, and none on either side; but no branch of its own at a boundary.
        """
        found = ran.function
        asked = [leak for leak in found.trace.leaks if leak.is_text or leak.is_key]
        if not asked or found.error is not None or not _is_constant(ran):
            return False
        lookups = {leak.place[:2] for leak in asked if leak.is_key}
        if any(c.side == 0 and c.place[:2] not in lookups for c in found.trace.comparisons):
            return False
        for step in (_ASIDE, -_ASIDE):
            with suppress(CaseError), redirect_stdout(StringIO()):
                if _is_constant(sample(self.claim, [x + step for x in ran.values], self.deadline)):
                    return False
        self.note(
            "the function answered from what it kept before the check at points that were not looked "
            f"at, as {point_text(ran.point)}"
        )
        return True

    def _hangs_on_text(self, ran: Sample) -> bool:
        """Whether text makes a difference, asked at a few points of each branch."""
        branch = _branch(ran)
        self.texts_asked[branch] += 1
        if self.texts_asked[branch] > _TEXTS or not self._has_time:
            return False
        return hangs_on_text(self.claim, ran, self.deadline)

    def _take_account(self, run: Run, *, is_read: bool) -> None:
        """Keep what a run did besides computing; `is_read` is whether results hang on text."""
        for leak in [*run.leaks, *(run.texts if is_read else ())]:
            remedy = f"; {_REMEDY}" * (leak.by == "float()")
            self._lose(f"left exact arithmetic: {leak}{remedy}")
        if run.trace.out_of_time:
            self._lose("a program did not end within the budget of seconds")
        if run.swallowed is not None:
            said = f"{type(run.swallowed).__name__}: {run.swallowed}"
            self._lose(f"a program caught an error that says nothing of its function: {said}")
        self.rounded |= dict.fromkeys(map(str, run.trace.rounded))
        for leak in run.trace.leaks:
            if leak.is_key and not self.claim.keeps_state:
                self.note(f"{leak.place}: a set or dict was asked for a number: {_FOUND}")

    def _rebound(self, ran: Sample) -> Sample:
        """The same run with copies of both programs for which NumPy, math and SciPy make no floats.

        If they come further, the check goes on with them.
        """
        try:
            copied = self._with_exact_arrays()
        except RecursionError:  # objects within objects
            return ran
        again = sample(copied, ran.values, self.deadline)
        if not _comes_further(again, ran) and not _names_more(again, ran):
            # What has no exact form is named by the stand-ins; NumPy misses an attribute of its arrays.
            is_named = isinstance(again.function.error, InvalidOperand)
            return again if is_named and ran.function.error is not None else ran
        self._take(copied)
        return again

    def _take(self, copied: Claim) -> None:
        self.copies_tried.update({True: _COPIES, False: _COPIES})
        self.claim = self.judge.claim = copied
        self.is_exact = True
        self.note(
            "arrays of floats that the programs make, as np.zeros(n), and what NumPy and math round, "
            "as math.sqrt(2), were taken for exact"
        )

    def of_copies(self, deadline: float) -> Inquiry | None:
        """An inquiry with copies that compute exactly from the start; None if this is one, or none is."""
        if self.is_exact or self.claim.keeps_state:
            return None
        made = Inquiry(self.claim, self.rules, deadline, self.domain)
        made._take(self._with_exact_arrays())
        return made

    def _with_exact_arrays(self) -> Claim:
        """The claim about copies of the programs for which NumPy, math and SciPy compute exactly."""
        if self.claim.keeps_state:
            return self._renewed(keeps_state=True, is_exact=True)
        copies = Rebinding(*self._exact)
        function, derivative = map(copies.of, (self.claim.function, self.claim.derivative))
        return replace(self.claim, function=function, derivative=derivative)

    @property
    def _exact(self) -> tuple[dict[Any, Any], Callable[[Any], Any] | None]:
        """What stands in the place of modules, and of data, where all is to be exact."""
        return arrays.stand_ins(), partial(arrays.as_constants, floats=self.claim.floats)

    def _renewed(self, *, keeps_state: bool, is_exact: bool | None = None) -> Claim:
        """The claim about programs that are copied anew, as they were before any call."""
        assert self.untouched is not None
        exact = self._exact if (self.is_exact if is_exact is None else is_exact) else ()
        return replace(self.untouched.renewed(self.claim, *exact), keeps_state=keeps_state)

    def _start_again(self, count: int) -> None:
        """Judge once more, by the copies, what was looked at before there were any.

        At a boundary the programs themselves may have been no use beside it. `count` is that of the
        numbers of a sample.
        """
        earlier = [
            values for values, usable in self.seen.items() if usable and len(values) == count
        ]
        if earlier:
            searching = self.judge.is_searching
            self.judge = Judge(self.claim, self.rules, self.deadline, is_searching=searching)
            for values in earlier:
                self.look(values)

    def _look_renewed(self, values: Sequence[Fraction]) -> Sample | None:
        """Look at a point with programs that were not called yet, each time, from now on."""
        assert self.untouched is not None
        self.float_runs = FloatRuns(self.untouched.renewed(self.claim))
        self.claim = self.judge.claim = self._renewed(keeps_state=True)
        self.note(
            "the programs keep state: of copies of them, called once elsewhere, the function was run, "
            f"and the {self.claim.kind} right after it, on the same arguments"
        )
        self._start_again(len(values))
        return self.look(values)

    def _lose(self, text: str) -> None:
        if text not in self.losses:
            self.losses.append(text)

    def note(self, text: str) -> None:
        """Remember a remark, once."""
        if text not in self.notes:
            self.notes.append(text)

    def _check_repeats(self, ran: Sample) -> None:
        if not (self._has_time and check_again(self.claim, ran, self.deadline)):
            self.note(
                "there was no time to see whether the programs do the same when they are run again"
            )

    def compare_with_untouched(self) -> None:
        """Raise KeepsState where copies of the programs that were never called give something else."""
        for ran in self.float_runs.kept:
            if self.untouched is None or not self._has_time:
                return
            claim = self._renewed(keeps_state=self.claim.keeps_state).fresh()
            check_untouched(self.claim, claim, ran.values, self.deadline)

    # --- the search ---

    def search(self, seed: int) -> None:
        """Look at generic points, at hard ones, and at those that the programs ask for."""
        count = self.claim.count
        self.judge.is_searching = True
        for values in points.generic(count, seed):
            self._visit(values)
        if not self.seen:
            starts = points.starts(count, seed)
            for values in self.domain.points(starts, self.rules, self.search_until):
                self._visit(values, exactly=True)
        if self.is_closed or not self.judge.points:
            for values in points.small(count, seed):
                self._visit(values)
        self._answer(self.asking, _MOST_ASKED // 3)
        for values in points.hard(count, seed):
            self._visit(values)
        self._answer(self.asking, _MOST_ASKED + 2 * count)
        self._answer(self.asking_again, _MOST_ASKED_AGAIN)
        self._answer(self.asking, _MOST_ASKED // 3)
        self._visit_vectors()
        for values in (*self.watch.corners(), *self.watch.cells()):
            self._visit(values, exactly=True)
        self._look_beside()
        self._look_into_gaps()
        self._look_far()
        if not self.judge.points and self.judge.left_out is not None:
            self.judge.is_searching = False
            self.judge.look(self.judge.left_out)
        if not (self.judge.points or self.judge.unsettled or self.is_lost or self.is_late):
            self._fail()

    def compare_with_floats(self) -> None:
        """Run the programs with floats where they were looked at, and see whether they do the same."""
        deadline = deadline_for(self.deadline)
        self.otherwise += self.float_runs.differences(deadline)
        outside = (point for point, _ in self.outside)
        if goes_on := self.float_runs.going_on(outside, deadline):
            self.note(goes_on)

    def look_around(self, values: Sequence[Fraction]) -> None:
        """Look at a few points near by, where `values` alone do not decide."""
        if not self.judge.special and all(f.entry.proof != "points" for f in self.judge.findings):
            return
        for offsets in points.generic(len(values), 0):
            for sign in (1, -1):
                self._visit([x + sign * step for x, step in zip(values, offsets, strict=True)])
        self._look_beside()

    def _look_beside(self) -> None:
        """Look at points beside boundaries, until one is on the derivative's branch on the boundary."""
        for branch, ran in [*self.at_boundaries.items()][:_MOST_BESIDE]:
            for values in points.beside(ran.values):
                if self.is_over or not self.domain.holds(values):
                    continue
                beside = self.look(values)
                if beside is not None and _branch(beside) == branch:
                    break

    def _look_into_gaps(self) -> None:
        """Note between which points of the domain there are boundaries on which none stood."""
        for site, gaps in [*self.watch.not_stood_on.items()][:_MOST_GAPS]:
            within = (gap for gap in gaps if all(map(self.domain.holds, gap.ends)))
            for gap in islice(within, _MOST_GAPS):
                if {self._side(site, values) for values in gap.ends} == {-1, 1}:
                    self.not_stood_on[site] = gap
                    break

    def _look_far(self) -> None:
        """Look where the numbers in the programs lead, if rounding may explain what differs elsewhere."""
        if not self.judge.has_excused or not self.float_runs.kept:
            return
        ran = self.float_runs.kept[0]
        nodes = topological_order([*ran.outputs, *ran.given])
        numbers = {node._datum for node in nodes if node.is_constant}
        # A closed form of a power of ten may be none that can be computed.
        numbers |= {_FAR[0]} if self.is_closed else {*_FAR}
        for values in points.far(points.halves(ran.values[: self.claim.count]), numbers):
            self._visit(values, exactly=True)

    def _side(self, site: Site, values: Sequence[Fraction]) -> int | None:
        """On which side of a boundary of the function a point is; None where the run does not pass it."""
        if self.is_over or not self.domain.holds(values):
            return None
        ran = self.run(values)
        if ran.function.error is not None:
            return None
        passed = search.watched(ran, self.rules)
        return next((boundary.side for boundary in passed if boundary.site == site), None)

    @property
    def alone(self) -> Sample | None:
        """A sample on a branch of the derivative that was met on a boundary alone."""
        elsewhere = {(comparisons, pieces) for comparisons, pieces, *_ in self.judge.paths}
        for visit in self.judge.special:
            if (branches.key(visit.sample), visit.branch.pieces) not in elsewhere:
                return visit.sample
        return None

    def _visit_vectors(self) -> None:
        """Look at tangents and cotangents of zeros, of zeros and a one, and at boundaries of ones."""
        count = self.claim.count
        usable = (point for point, is_usable in self.seen.items() if is_usable)
        values = next((point for point in usable if len(point) > count), None)
        if values is not None:
            zeros = (ZERO,) * (len(values) - count)
            self._visit([*values[:count], *zeros], exactly=True)
            self._visit([*values[:count], ONE, *zeros[1:]], exactly=True)
            ones = (ONE,) * len(zeros)
            for ran in [*self.at_boundaries.values()][:_MOST_BESIDE]:
                self._visit([*ran.values[:count], *ones], exactly=True)

    def _visit(self, values: Sequence[Fraction], *, exactly: bool = False) -> bool:
        """Look at a point that was not looked at yet; whether there was anything to judge."""
        if self.is_late and self.is_over:
            return False
        if not exactly and (self.is_closed or not self.domain.holds(values)):
            values = points.halves(values)
        if tuple(values) not in self.seen:
            if self.is_over or not self.domain.holds(values):
                return False
            self.look(values)
        return self.seen[tuple(values)]

    @property
    def is_late(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() > self.deadline

    @property
    def _has_time(self) -> bool:
        """Whether both programs could be run once more, as far as is known."""
        return time.monotonic() + self.took < self.deadline

    @property
    def is_over(self) -> bool:
        """Whether there is no time left, or nothing left to find."""
        is_enough = time.monotonic() > self.search_until or not self._has_time
        if self.is_late or (self.judge.points and is_enough):
            self.note("the search stopped at the budget of seconds")
            return True
        return self.judge.all_refuted or (self.is_lost and not self.judge.points)

    def _answer(self, asking: deque[tuple[Sample, Boundary]], most: int) -> None:
        """Look at the points that boundaries ask for, first come first served."""
        asked = turns = 0
        while asking and asked < most and turns < 3 * most and not self.is_over:
            turns += 1
            ran, boundary = asking.popleft()
            for nearer in self.watch.ask(ran, boundary):
                known = len(self.seen)
                any(self._visit(values, exactly=True) for values in nearer)
                asked += len(self.seen) > known

    def _fail(self) -> None:
        if not self.outside:
            error = self.domain.error
            why = "" if error is None else f", which raised {type(error).__name__}: {error}"
            raise CaseError(
                f"the search found no point in the domain{why}: give a point"
            ) from error
        point, error = self.outside[0]
        # What an array has and a number lacks is missing where no shape was given, and no mistake.
        of_number = isinstance(error, AttributeError) and isinstance(error.obj, Scalar)
        is_bug = isinstance(error, _BUGS) and not of_number
        is_final = is_bug or isinstance(error, MinigradError)
        advice = "" if is_final else ". Give a point, or shape= or domain="
        about = limits.remark(error)
        advice = f"; {about}{advice}" if about else advice
        place = "" if is_bug else _line_of(error)
        raise CaseError(
            f"the function raised at every point that was tried, {len(self.outside)} in all; at "
            f"{point_text(point)} {type(error).__name__}: {error}{place}{advice}"
        ) from error


def _is_constant(ran: Sample) -> bool:
    """Whether the function gave numbers in which its arguments are not."""
    return ran.function.error is None and all(output.is_constant for output in ran.outputs)


def _branch(ran: Sample) -> Any:
    return branches.key(ran), signature(ran.given, ran.own_leaves, ran.idle)


def _line_of(error: Exception) -> str:
    """The last line of the program that an error went through, for a sentence; empty if there is none."""
    found, step = "", error.__traceback__
    while step is not None:
        package = str(step.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in ("minigrad", "numpy", "scipy"):
            found = f" (at {PurePath(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno})"
        step = step.tb_next
    return found


def _makes_floats(ran: Sample) -> bool:
    """Whether a program may have failed because NumPy, math or SciPy make floats of what they are given.

    They call float(), math its kin as well; NumPy raises a TypeError for a whole array, and SciPy looks
    for what an array of its own would have.
    """
    runs = ran.runs
    failed = any(
        isinstance(run.error, (TypeError, AttributeError, InvalidNumber))
        or limits.remark(run.error)
        for run in runs
    )
    return failed or any(leak.by == "float()" for run in runs for leak in run.leaks)


def _names_more(again: Sample, ran: Sample) -> bool:
    """Whether the derivative's copy says what has no exact form, where it had only met a stand-in."""
    if again.derivative is None or ran.derivative is None:
        return False
    named = isinstance(again.derivative.error, InvalidOperand)
    return named and bool(limits.remark(ran.derivative.error))


def _comes_further(again: Sample, ran: Sample) -> bool:
    """Whether a run with copies of the programs went better than the one before."""
    failed, before = ([run.error for run in s.runs if run.error is not None] for s in (again, ran))
    if _makes_floats(again) or len(failed) > len(before):
        return False
    if _makes_floats(ran) or len(again.rounded) < len(ran.rounded):
        return True
    # What was noted of the result may be noted of what it is computed from, which was rounded less.
    texts, others = ({found.text for found in s.rounded} for s in (again, ran))
    return texts != others and len(again.rounded) == len(ran.rounded)
