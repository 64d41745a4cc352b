"""The verdict on each component of a claim at one point after the other, and the worst of them.

At an ordinary point both programs are formulas on their branch, and are compared as such, once for each
branch (`identity`); at a point where the function may change its formula its one-sided derivatives decide
(`edges`). Where formulas outgrow their budget there are still the numbers: one that differs refutes, and
those that agree are counted.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any, Final

from minigrad.closed import Closed
from minigrad.errors import CaseError, KeepsState, NotDecided, TooLarge
from minigrad.graph import topological_order
from minigrad.number import ONE, UNAVAILABLE, ZERO
from minigrad.number_text import short_text
from minigrad.rational import OutOfBudget
from minigrad.scalar import Scalar
from minigrad.signatures import signature, strangers
from minigrad.verify import branches, edges, hints, identity, limits
from minigrad.verify.beside import Edge
from minigrad.verify.bounded import differing
from minigrad.verify.cases import line_of
from minigrad.verify.claims import Claim, Kind, Sample, expected, point_text, size
from minigrad.verify.compared import Branch, Visit, spelt_out
from minigrad.verify.components import Component, Finding, counted, rounded_away, worse
from minigrad.verify.nearly import Rounding
from minigrad.verify.onesided import OneSided, boundary_entry
from minigrad.verify.program import Program
from minigrad.verify.report import Entry, Verdict
from minigrad.verify.standing import Standing
from minigrad.verify.symbolic import Rules
from minigrad.verify.vectors import Vector, as_a_whole

__all__ = ["Judge"]

_MOST_PATHS: Final = 12
_EDGE_WORK: Final = 500_000
"""Operands that the one-sided derivatives at all the boundaries of a search may visit."""
_CLOSED_WORK: Final = 50
"""How much more one of them takes where there are closed forms."""
_ROUNDED: Final = "equal up to floats that were rounded before minigrad saw them"


@dataclass
class Judge:
    """Looks at samples of one claim; see `entries`, `paths` and `points` for what it found.

    `special` are the visits where the derivative's program took a branch that holds on a boundary
    only, so that numbers were compared and no formulas. While `is_searching`, the work on boundaries is
    limited, and samples beyond that are left out; `left_out` is the first in which a limit of minigrad's
    ended the derivative's program.
    """

    claim: Claim
    rules: Rules
    deadline: float
    points: list[dict[str, Fraction]] = field(default_factory=list)
    paths: dict[Any, list[str] | None] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)
    names: Sequence[str] = ()
    special: list[Visit] = field(default_factory=list)
    is_searching: bool = False
    unsettled: list[str] = field(default_factory=list)
    left_out: Sample | None = None
    standing: Standing = field(init=False)
    _edge_work: int = 0
    _branches: dict[Any, list[Branch]] = field(default_factory=dict)
    _rounded: tuple[Sample, Rounding] | None = None

    def __post_init__(self) -> None:
        self.standing = Standing(self.rules)

    @property
    def findings(self) -> list[Finding]:
        """The worst verdict on each component, with the number of agreements where it is undecided."""
        return [*map(self._of_component, range(len(self.components)))]

    @property
    def entries(self) -> list[Entry]:
        """As `findings`, in full."""
        return [finding.spelt() for finding in self.findings]

    @property
    def has_excused(self) -> bool:
        """Whether a component differs by no more than the rounding of floats may explain, so far."""
        return any(f.entry.proof == "rounding" for f in self.findings)

    @property
    def all_refuted(self) -> bool:
        """Whether there is nothing left to refute."""
        return bool(self.components) and all(
            c.finding is not None and c.finding.entry.verdict is Verdict.REFUTED
            for c in self.components
        )

    def look(self, sample: Sample) -> list[Finding]:
        """The verdicts at one more sample, in which the function did not raise; they are remembered.

        Empty, with the reason in `unsettled`, where that would take more work than a search may, or where
        the derivative's program met a limit of minigrad's at a point that nobody asked for.
        """
        assert sample.derivative is not None
        if self.is_searching and isinstance(sample.derivative.error, (NotDecided, TooLarge)):
            self.unsettled.append(str(sample.derivative.error))
            self.left_out = self.left_out or sample
            return []
        try:
            found = self.judged(sample)
        except (NotDecided, OutOfBudget, TooLarge) as error:
            self.unsettled.append(str(error))
            return self._look_by_bounds(sample, str(error))
        self._note_point(sample, len(found))
        for component, finding in zip(self.components, found, strict=True):
            component.agreements += finding.entry.verdict is not Verdict.REFUTED
            component.is_formula |= finding.entry.proof == "identity"
            component.finding = worse(component.finding, finding)
        return found

    def _note_point(self, sample: Sample, count: int) -> None:
        self.points.append(sample.point)
        self.components = self.components or [Component() for _ in range(count)]
        if count != len(self.components):
            raise CaseError(
                f"expected {len(self.components)} results at every point; got {count} at "
                f"{point_text(sample.point)}"
            )
        self.names = self.names or sample.names

    def _look_by_bounds(self, sample: Sample, why: str) -> list[Finding]:
        """What certainly differs at a sample that has no verdict because of `why`; empty if not all does.

        At a boundary, or where that is not known, no formula need be the derivative.
        """
        try:
            if not sample.given or self.standing.is_at_boundary(sample):
                return []
        except (NotDecided, OutOfBudget, TooLarge):
            return []
        rounding = self._rounding(sample)
        wrong = {
            k: apart
            for k, apart in enumerate(differing(self.claim, sample, self.rules))
            if apart is not None
            and not rounding.explains([sample.given[k]], apart.given, [apart.derivative])
        }
        if not wrong:
            return []
        self._note_point(sample, len(sample.given))
        found = {k: Finding(apart.entry(self.claim, sample, k, why)) for k, apart in wrong.items()}
        for k, finding in found.items():
            component = self.components[k]
            component.finding = worse(component.finding, finding)
        return [*found.values()] if len(found) == len(self.components) else []

    def _of_component(self, k: int) -> Finding:
        component = self.components[k]
        if component.finding is None:
            says = f"no point could be judged: {self.unsettled[0]}"
            return Finding(Entry(self.names[k], Verdict.UNDECIDED, "", "given", message=says))
        return counted(component, left_out=bool(self.unsettled))

    def judged(self, sample: Sample) -> list[Finding]:
        """The verdict on each component at a sample."""
        derivative = sample.derivative
        assert derivative is not None
        if derivative.error is not None:
            return list(map(Finding, self._raised(sample, derivative.error)))
        theirs, ours = sample.programs
        guarded = self.standing.is_guarded(theirs, sample.idle)
        visit = self._visit(sample)
        compared = visit.branch.compared
        is_proved = all(c.equal for c in compared) and not visit.is_compared
        if not is_proved and (complaint := visit.complaint):
            found = [self._entry(sample, k) for k in range(len(sample.given))]
            return [
                Finding(replace(entry, verdict=Verdict.UNDECIDED, proof="", message=complaint))
                for entry in found
            ]
        changing = self.standing.changing(*theirs[1:], sample.idle)
        touched = [guarded or t for t in self._touched(changing, sample.leaves, len(sample.given))]
        if changing:
            # On the piece at a boundary |x| reads 0: its formulas prove a component, and refute none.
            touched = [t or not c.equal for t, c in zip(touched, compared, strict=True)]
        guard = self.standing.is_guarded(ours, sample.idle)
        above = _above(self.standing.changing(*ours[1:], sample.idle), sample.given)
        own = [guard or node in above for node in sample.given]
        findings = [
            Finding(Entry("", Verdict.PROVED))
            if touched[k]
            else self._ordinary(visit, k, own=own[k], alone=not any(touched))
            for k in range(len(sample.given))
        ]
        if any(touched):
            conventions: list[Any] = [None] * len(findings)
            if changing and not guarded:
                conventions = edges.conventions(self.claim, visit.theirs)
            entries = [finding.spelt() for finding in findings]
            findings = list(map(Finding, self._at_edge(sample, entries, touched, conventions)))
        if sample.lacking:
            self._mark_lacking(sample, findings)
        elif not any((*touched, *own)):
            self._note_path(visit)
        return findings

    def _mark_lacking(self, sample: Sample, findings: list[Finding]) -> None:
        """Put what is found of components that are no numbers in the place of what was found of zeros."""
        says = [""] * len(findings)
        for k, error in sample.lacking.items():
            says[k] = f"the {self.claim.kind} has no value: {type(error).__name__}: {error}"
        for k, found in enumerate(self._without(sample, says)):
            if k not in sample.lacking:
                continue
            if found.verdict is Verdict.UNDECIDED and self.is_searching:
                # Floats go on where exact numbers would have raised, and nobody asked for this point.
                raise OutOfBudget(found.message)
            findings[k] = Finding(found)

    # --- ordinary points ---

    def _visit(self, sample: Sample) -> Visit:
        """The sample on its branch; both programs are compared if that is met for the first time."""
        key = tuple([signature(p.outputs, p.leaves, sample.idle) for p in sample.programs])
        known = next((b for b in self._branches.get(key, ()) if b.holds_at(sample.values)), None)
        if known is not None and all(c.equal for c in known.compared):
            return Visit(self.claim, sample, self.rules, known)
        for program in sample.programs:
            if strangers(program.outputs, program.leaves):
                raise KeepsState(
                    "a result was computed from the arguments of an earlier call: there is state; "
                    "where a backward pass needs its forward pass, call both in one function"
                )
        if known is not None and not known.is_open:
            return Visit(self.claim, sample, self.rules, known)
        branch = Branch() if known is None else known
        visit = Visit(self.claim, sample, self.rules, branch, is_compared=True)
        theirs, ours = visit.theirs, visit.ours
        rounded = [*theirs.rounded, *ours.rounded, *sample.rounded_to(self.claim.floats)]
        compared = identity.compare(self.claim, theirs, ours, self.deadline, rounded=rounded)
        if known is not None:
            # What one point leaves open another may decide: that of a tie shows little.
            known.attempts += 1
            known.compared = compared
            return visit
        undone = any(c.equal is None for c in compared)
        if undone and self.is_searching and self.points and time.monotonic() > self.deadline:
            raise OutOfBudget("the budget of seconds ran out")
        branch.compared, branch.pieces = compared, visit.pieces
        pairs = zip(sample.values, identity.held(theirs, ours), strict=True)
        branch.held = tuple([(k, x) for k, (x, is_held) in enumerate(pairs) if is_held])
        self._branches.setdefault(key, []).append(branch)
        return visit

    def _ordinary(self, visit: Visit, k: int, *, own: bool, alone: bool) -> Finding:
        """The verdict where the function has a formula; `own`: the derivative's may change here.

        `alone` is whether it is no part of a vector that is judged at a boundary.
        """
        sample, compared = visit.sample, visit.branch.compared[k]
        if compared.equal and not own:
            # Of several branches with a proof the first is shown: text and number of others take long.
            known = k < len(self.components) and self.components[k].is_formula
            if known and alone:
                return Finding(Entry(sample.names[k], Verdict.PROVED, "identity"))
            entry = self._entry(sample, k)
            text = "" if known else visit.derivative(k)
            return Finding(replace(entry, derivative=text, expected=entry.gradient))
        entry = self._entry(sample, k)
        # What is equal may have been compared at another point, where numbers are others.
        number = entry.gradient if compared.equal else visit.numbers[k]
        if number is UNAVAILABLE:
            return Finding(replace(entry, verdict=Verdict.UNDECIDED, message=UNAVAILABLE.reason))
        entry = replace(entry, expected=number)
        # What rounding may explain where formulas were compared it may not explain elsewhere.
        if compared.rounded and self._rounding(sample).explains_roughly(
            sample.given[k], entry.gradient, number
        ):
            says = _ROUNDED
            if not sample.rounded:
                shown = [short_text(x) for x in (*visit.theirs.rounded, *visit.ours.rounded)]
                says += f": {', '.join(shown[:3])}"
            return self._open(visit, k, entry, "rounding", says)
        agrees = entry.gradient == number
        if own and agrees:
            # The formula of the derivative's branch holds here alone, and says nothing of others.
            self.special.append(visit)
            return Finding(replace(entry, proof="number", derivative=visit.derivative(k)))
        symbolic = compared.equal is False and not own
        if not agrees and self._rounding(sample).explains(
            [sample.given[k]], entry.gradient, [number]
        ):
            return self._open(visit, k, entry, "rounding", _ROUNDED)
        if compared.equal is None and agrees:
            return self._open(visit, k, entry, "points", compared.reason)
        proof = "identity" if symbolic else "number"
        return Finding(
            replace(entry, verdict=Verdict.REFUTED, proof=proof),
            partial(self._refutation, visit, k, agrees=agrees),
            agrees,
        )

    def _rounding(self, sample: Sample) -> Rounding:
        if self._rounded is None or self._rounded[0] is not sample:
            self._rounded = sample, Rounding(self.claim, sample)
        return self._rounded[1]

    def _open(self, visit: Visit, k: int, entry: Entry, proof: str, says: str) -> Finding:
        derivative = visit.derivative(k)
        return Finding(
            replace(
                entry, verdict=Verdict.UNDECIDED, proof=proof, message=says, derivative=derivative
            )
        )

    def _refutation(self, visit: Visit, k: int, entry: Entry, *, agrees: bool) -> Entry:
        """The entry of a component that is refuted, in words; few of those that are found are shown."""
        found, number = entry.gradient, entry.expected
        assert found is not None
        assert number is not None
        derivative = difference = guess = ""
        with contextlib.suppress(NotDecided, OutOfBudget, TooLarge):
            derivative = visit.derivative(k)
        if entry.proof == "identity":
            with contextlib.suppress(NotDecided, OutOfBudget, TooLarge):
                difference = visit.branch.difference(k, visit.sample.labels)
            with contextlib.suppress(NotDecided, OutOfBudget, TooLarge):
                guess = visit.branch.text("hint", k, lambda: self._hint(visit, k))
        difference = difference or _difference_text(found, number)
        what = str(self.claim.kind)
        here = (
            f"both are {short_text(found)} at this point, but not as formulas"
            if agrees
            else f"the {what} gives {short_text(found)}, the derivative is {short_text(number)}"
        )
        message = f"{here}; yours minus the true one is {difference}" + f" ({guess})" * bool(guess)
        preposition = "by" if what == "gradient" else "at"
        return replace(
            entry,
            derivative=derivative,
            difference=difference,
            blame=f"the {what} {preposition} {entry.label}",
            message=message,
        )

    def _hint(self, visit: Visit, k: int) -> str:
        count, kind = self.claim.count, self.claim.kind
        branch, labels = visit.branch, visit.sample.labels
        compared = branch.compared[k]
        assert compared.field is not None
        uses: list[Any] = []
        if kind in (Kind.GRADIENT, Kind.JACOBIAN):
            uses = visit.uses(k)
        return hints.hint(
            hints.Case(
                compared.field,
                [c.derivative for c in branch.compared],
                [c.given for c in branch.compared],
                k,
                list(visit.sample.names),
                (visit.theirs.divisors, visit.ours.divisors),
                uses,
                count if kind in (Kind.JACOBIAN, Kind.HESSIAN) else 0,
                lambda formula: spelt_out(formula, labels),
            )
        )

    def _entry(self, sample: Sample, k: int) -> Entry:
        value = sample.point.get(sample.names[k])
        return Entry(
            sample.names[k],
            Verdict.PROVED,
            "identity",
            "given",
            value,
            sample.given[k]._datum,
            point=sample.point,
        )

    # --- boundaries ---

    def _touched(self, changing: set[Scalar], leaves: Sequence[Scalar], count: int) -> list[bool]:
        """For each component, whether it is a derivative across a boundary of an operator."""
        if changing and self.claim.kind in (Kind.GRADIENT, Kind.JACOBIAN, Kind.VJP):
            below = set(topological_order(changing))
            return [leaves[k % self.claim.count] in below for k in range(count)]
        return [bool(changing)] * count

    def _sides(self, sample: Sample) -> tuple[list[OneSided], str]:
        """The one-sided derivatives of all components, or why there are none.

        Raises OutOfBudget where a search has spent what it may on boundaries.
        """
        if self.is_searching:
            order = topological_order(sample.outputs)
            is_closed = any(node.operator and not node.operator.is_rational for node in order)
            operands = sum(len(node.operands) for node in order)
            weight = _CLOSED_WORK if is_closed else 1
            self._edge_work += 2 * self.claim.count * operands * weight
            if self._edge_work > _EDGE_WORK and self.points:
                raise OutOfBudget("one-sided derivatives have taken all the work that they may")
        try:
            return edges.one_sided(self._edge(sample)), ""
        except OutOfBudget as reason:
            if self.is_searching and self.points and time.monotonic() > self.deadline:
                raise
            return [], f"the one-sided derivatives were not found: {reason}"

    def _at_edge(
        self,
        sample: Sample,
        entries: list[Entry],
        touched: Sequence[bool],
        conventions: Sequence[Any],
    ) -> list[Entry]:
        """`entries`, with the verdict of one-sided derivatives where a boundary is touched."""
        places = [k for k, is_touched in enumerate(touched) if is_touched]
        sides, why = self._sides(sample)
        if not sides:
            for k in places:
                entry = self._entry(sample, k)
                entries[k] = replace(entry, verdict=Verdict.UNDECIDED, proof="", message=why)
            return entries
        for k in places:
            entry = self._entry(sample, k)
            try:
                meeting = self._meeting(sample, k, sides[k])
            except OutOfBudget as reason:
                meeting = []
                if entry.gradient != conventions[k]:
                    says = (
                        f"the derivatives of the formulas that meet here were not found: {reason}"
                    )
                    entries[k] = replace(entry, verdict=Verdict.UNDECIDED, proof="", message=says)
                    continue
            judged = boundary_entry(entry, sides[k], ONE, conventions[k], meeting)
            blame = judged.blame and f"the {self.claim.kind} by {judged.label}"
            entries[k] = replace(judged, blame=blame)
            near = [x for x in (*sides[k], conventions[k]) if isinstance(x, (Fraction, Closed))]
            if judged.verdict is Verdict.REFUTED and self._rounding(sample).explains(
                [sample.given[k]], judged.gradient, near
            ):
                entries[k] = rounded_away(judged, _ROUNDED)
        for weights, row in self._rows(sample, len(entries)):
            own = all(entries[k].gradient == conventions[k] for k in row if touched[k])
            if any(touched[k] for k in row) and not sample.lacking:
                vector = Vector([entries[k] for k in row], [sides[k] for k in row], weights)
                judged_row = as_a_whole(self._edge(sample), vector, self._rounding(sample), own=own)
                for k, entry in zip(row, judged_row, strict=True):
                    entries[k] = entry
        return entries

    def _edge(self, sample: Sample) -> Edge:
        return Edge(self.claim, sample, self.rules, self.deadline)

    def _meeting(self, sample: Sample, k: int, sides: OneSided) -> list[Fraction]:
        """Component `k` by the formulas that meet here, where a side has no derivative.

        Raises OutOfBudget where they are not found.
        """
        if None not in sides:
            return []
        if self.claim.kind not in (Kind.GRADIENT, Kind.JACOBIAN):
            return []
        return edges.of_branches(self._edge(sample), k)

    def _rows(self, sample: Sample, count: int) -> list[tuple[list[Fraction], range]]:
        """The components that make up a gradient each: of the outputs times these weights."""
        if self.claim.kind is Kind.VJP:
            return [(list(sample.values[self.claim.count :]), range(count))]
        if self.claim.kind not in (Kind.GRADIENT, Kind.JACOBIAN):
            return []
        outputs = len(sample.outputs)
        return [
            (
                [ONE if o == i else ZERO for o in range(outputs)],
                range(i * self.claim.count, (i + 1) * self.claim.count),
            )
            for i in range(outputs)
        ]

    # --- a derivative that raises ---

    def _raised(self, sample: Sample, error: Exception) -> Iterator[Entry]:
        """The entries where the derivative's program raised and the function did not."""
        place = line_of(error)
        what = str(self.claim.kind)
        says = f"the {what} raised {type(error).__name__}: {error}" + f" ({place})" * bool(place)
        count = size(self.claim.kind, len(sample.outputs), self.claim.count)
        if limits.is_own(error):
            # Whatever the derivative is, nothing is decided, and where numbers outgrew a limit it may
            # take minutes.
            why = "; ".join(filter(None, (says, limits.remark(error))))
            why = f"{why}; what it gives otherwise is not known"
            yield from self._unknown(sample, [why] * count)
            return
        yield from self._without(sample, [says] * count)

    def _without(self, sample: Sample, says: Sequence[str]) -> Iterator[Entry]:
        """The entries where the derivative's program has no value, as is said of each component."""
        what = str(self.claim.kind)
        theirs = Program(sample.outputs, sample.leaves, self.rules)
        numbers = expected(self.claim.kind, theirs, None, self.claim.count)
        sides: list[OneSided] = []
        why = ""
        program = sample.programs[0]
        guarded = self.standing.is_guarded(program, sample.idle)
        changing = self.standing.changing(*program[1:], sample.idle)
        touched = [guarded or t for t in self._touched(changing, sample.leaves, len(numbers))]
        if any(touched):
            sides, why = self._sides(sample)
        for k, entry in enumerate(self._unknown(sample, says)):
            derivative, said = numbers[k], entry.message
            if touched[k]:
                derivative = sides[k].derivative if sides else UNAVAILABLE
            if derivative is UNAVAILABLE:
                yield replace(entry, message=f"{said}; {why or UNAVAILABLE.reason}")
            elif derivative is None:
                kink = f"{said}; there is no derivative here, for the one-sided ones differ"
                yield replace(entry, verdict=Verdict.KINK, message=kink)
            else:
                yield replace(
                    entry,
                    verdict=Verdict.REFUTED,
                    expected=derivative,
                    message=f"{said}; the derivative is {short_text(derivative)}",
                    blame=f"the {what} by {entry.label}",
                )

    def _unknown(self, sample: Sample, says: Sequence[str]) -> Iterator[Entry]:
        """Undecided entries, one for each component, with what is said of it."""
        names = _names(self.claim, sample, len(says))
        for name, said in zip(names, says, strict=True):
            value = sample.point.get(name)
            yield Entry(
                name, Verdict.UNDECIDED, "", "given", value, point=sample.point, message=said
            )

    # --- where it holds ---

    def _note_path(self, visit: Visit) -> None:
        """Remember the path of a sample; of those beyond the first few only that they are there."""
        sample, branch = visit.sample, visit.branch
        signs = tuple([(formula.key, sign) for formula, sign in branch.assumed])
        key = (branches.key(sample), branch.pieces, branch.held, signs)
        if key not in self.paths:
            spelt = len(self.paths) < _MOST_PATHS
            self.paths[key] = (
                branches.path(sample, visit.theirs, visit.ours, self.rules, branch.assumed)
                if spelt
                else None
            )


def _above(nodes: set[Scalar], roots: Sequence[Scalar]) -> set[Scalar]:
    """`nodes`, and what among the roots, and below them, was computed from these."""
    above = set(nodes)
    for node in topological_order(roots) if nodes else ():
        if any(operand in above for operand in node.operands):
            above.add(node)
    return above


def _difference_text(found: Any, number: Any) -> str:
    try:
        return short_text(found - number)
    except (NotDecided, TooLarge):
        return f"{short_text(found)} - ({short_text(number)})"


def _names(claim: Claim, sample: Sample, count: int) -> list[str]:
    labels = list(sample.labels[: claim.count])
    return labels if len(labels) == count else [f"component {k}" for k in range(count)]
