"""Is this hand-written derivative the derivative? For every input, or: yours minus the true one is x*y.

    >>> from minigrad.verify import check_gradient
    >>> def f(x, y):
    ...     return x**2 * y
    >>> check_gradient(f, lambda x, y: (2*x*y, x**2)).verdict
    <Verdict.PROVED: 'proved'>
    >>> report = check_gradient(f, lambda x, y: (2*x*y, x**2 + y))
    >>> [(entry.label, entry.difference) for entry in report.entries if entry.difference]
    [('y', 'y')]

Both programs are run on Scalars (`minigrad.trace`), at points that are given, drawn, hard, or asked for
by the comparisons that the programs make (`search`). At each the verdict is that of `judge`; the worst
of them is that of the component. The Report says where the verdicts hold, which branches were reached,
what was left out, and, of a wrong derivative, the smallest numbers found that show it.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, get_args

from minigrad import arrays, trace
from minigrad.errors import CaseError, InvalidOperand, describe
from minigrad.number import Floats, exact_text, short_text
from minigrad.rebound import rebound
from minigrad.scalar import Scalar
from minigrad.trace import Run
from minigrad.verify import branches, search
from minigrad.verify.arguments import Layout, of_point, of_shape, of_signature
from minigrad.verify.claims import Claim, Kind, Sample, sample
from minigrad.verify.judge import Judge
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.symbolic import Rules

__all__ = [
    "BUDGET",
    "check_gradient",
    "check_hessian",
    "check_hvp",
    "check_jacobian",
    "check_jvp",
    "check_vjp",
    "compare_gradient",
]

BUDGET: Final = 10.0
_LONGEST: Final = 1e9
_MOST_ASKED: Final = 120
"""Points that comparisons may ask for, besides two for each argument."""
_MOST_LISTED: Final = 12
_SHRINKING: Final = 80
"""Runs to find smaller numbers that show one error."""
_MOST_SHRUNK: Final = 8
"""Components whose errors are brought to small numbers."""
_SMALL: Final = tuple(map(Fraction, (0, 1, -1, 2, 3)))


def check_gradient(
    f: Callable[..., Any],
    gradient: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
    rules: Rules | None = None,
) -> Report:
    """A Report on a hand-written gradient, with one entry for each component: `"x"`, or `"x[2]"`.

    `f` takes numbers, or arrays as SciPy's `check_grad` has it, and returns a number; `gradient` takes
    the same arguments and returns the partial derivatives in their structure. (Where f returns an array
    the gradient is its Jacobian.) Neither is changed, and each gets arguments of its own.

    A point that is a tuple gives the positional arguments, a list or array is one array argument, a plain
    number the only argument. The points are looked at first; then others are searched, in any case.
    Without a point the arguments are read off f's signature, or off `shape`: `[n]` for one array of n
    numbers, `n` for n numbers, a tuple with the shape of each argument for several. `domain` is a
    predicate of the arguments that bounds the search.

    `floats` says how a float in the programs is read: `"decimal"` as it is written, `"binary"` as its
    exact value, `"simplest"` as the simplest ratio that rounds to it. `seed` is that of the points that
    are drawn; `budget`, in seconds, a backstop to limits on size; `rules` keeps SymPy's derivatives
    from one check to the next.

    Raises CaseError (a ValueError) where the programs do not fit together, do something else when they
    are run again, or f raises at every point; InvalidOperand (a TypeError) for other arguments.

    >>> report = check_gradient(lambda x: x[0] * x[1], lambda x: [x[1], x[1]], shape=[2])
    >>> [str(entry.verdict) for entry in report.entries]
    ['proved', 'refuted']
    """
    return _check(Kind.GRADIENT, f, gradient, points, shape, domain, floats, seed, budget, rules)


def check_jacobian(
    f: Callable[..., Any],
    jacobian: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Jacobian, with an entry `f[i] by x[j]` for each of its numbers.

    `f` returns numbers in any structure, and `jacobian` one row for each of them, a row having the
    structure of the arguments: an array of shape (m, n) for m results and one array of n numbers. The
    Jacobians by several array arguments may also stand in a tuple, as JAX has them. All else is as in
    `check_gradient`.

    >>> check_jacobian(lambda x, y: [x * y, x - y], lambda x, y: [[y, x], [1, -1]]).ok
    True
    """
    return _check(Kind.JACOBIAN, f, jacobian, points, shape, domain, floats, seed, budget)


def check_hessian(
    f: Callable[..., Any],
    hessian: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Hessian, with an entry `x[i], x[j]` for each of its numbers.

    `f` returns one number, and `hessian` a matrix: shape (n, n) for an array of n numbers. All else is as
    in `check_gradient`.

    >>> check_hessian(lambda x, y: x**2 * y, lambda x, y: [[2*y, 2*x], [2*x, 0]]).ok
    True
    """
    return _check(Kind.HESSIAN, f, hessian, points, shape, domain, floats, seed, budget)


def check_jvp(
    f: Callable[..., Any],
    jvp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Jacobian-vector product `jvp(*arguments, tangent)`: J @ tangent.

    The tangent has the structure of the argument; for several arguments it is a tuple, or one tangent for
    each if jvp takes so many. It returns what f returns. The tangent is a variable of the proof, so a
    product is proved for all of them; a point gives the arguments alone. All else is as in
    `check_gradient`.

    >>> check_jvp(lambda x, y: x * y, lambda x, y, dx, dy: y * dx + x * dy).ok
    True
    """
    return _check(Kind.JVP, f, jvp, points, shape, domain, floats, seed, budget)


def check_vjp(
    f: Callable[..., Any],
    vjp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written vector-Jacobian product `vjp(*arguments, cotangent)`: cotangent @ J.

    This is what a custom backward rule computes. The cotangent has the structure of what f returns, the
    result that of the arguments. The cotangent is a variable of the proof, so a product is proved for all
    of them, and not for ones alone; a point gives the arguments. All else is as in `check_gradient`.

    >>> check_vjp(lambda x: x**3, lambda x, g: 3 * x**2 * g).ok
    True
    """
    return _check(Kind.VJP, f, vjp, points, shape, domain, floats, seed, budget)


def check_hvp(
    f: Callable[..., Any],
    hvp: Callable[..., Any],
    *points: Any,
    shape: Any = None,
    domain: Callable[..., Any] | None = None,
    floats: Floats = "decimal",
    seed: int = 0,
    budget: float = BUDGET,
) -> Report:
    """A Report on a hand-written Hessian-vector product `hvp(*arguments, tangent)`, as SciPy's `hessp`.

    `f` returns one number; tangent and result have the structure of the arguments. All else is as in
    `check_jvp`.

    >>> check_hvp(lambda x: x**3, lambda x, p: 6 * x * p).ok
    True
    """
    return _check(Kind.HVP, f, hvp, points, shape, domain, floats, seed, budget)


def compare_gradient(
    function: Callable[..., Any], gradient: Callable[..., Any], point: Any, rules: Rules
) -> Report:
    """As `check_gradient`, at one point and on the branches that are taken there and near by alone."""
    layout, values = of_point(function, point)
    claim = Claim(Kind.GRADIENT, function, gradient, layout)
    check = _Check(claim, rules, _deadline(BUDGET))
    found = check.look(values)
    if found is None:
        raise check.first_error
    check.look_around(values)
    return check.report(given=True)


def _check(
    kind: Kind,
    function: Any,
    derivative: Any,
    points: Sequence[Any],
    shape: Any,
    domain: Any,
    floats: Any,
    seed: Any,
    budget: Any,
    rules: Rules | None = None,
) -> Report:
    _check_options(kind, function, derivative, domain, floats, seed, budget)
    given = [of_point(function, point) for point in points]
    if len({layout for layout, _ in map(_hashable, given)}) > 1:
        raise CaseError("expected all points to have one structure: check them one by one")
    if given:
        layout = given[0][0]
    else:
        layout = of_signature(function) if shape is None else of_shape(function, shape)
    claim = Claim(kind, function, derivative, layout, floats)
    check = _Check(claim, rules or Rules(), _deadline(budget), domain)
    for _, values in given:
        if check.look(values) is None and not check.is_lost:
            raise check.first_error
    check.search(seed)
    return check.report()


def _hashable(pair: tuple[Layout, Any]) -> tuple[str, Any]:
    return repr(pair[0]), pair[1]


def _deadline(budget: float) -> float:
    return time.monotonic() + min(budget, _LONGEST)


def _check_options(
    kind: Kind, function: Any, derivative: Any, domain: Any, floats: Any, seed: Any, budget: Any
) -> None:
    for what, value in (("the function", function), (f"the {kind}", derivative)):
        if not callable(value):
            hint = "; points come after both functions" if what != "the function" else ""
            raise InvalidOperand(f"expected {what} to be a function; got {describe(value)}{hint}")
    if domain is not None and not callable(domain):
        raise InvalidOperand(
            f"expected domain to be a predicate of the arguments, such as lambda x: x > 0; "
            f"got {describe(domain)}"
        )
    if floats not in get_args(Floats):
        raise InvalidOperand(
            f"expected floats to be one of {get_args(Floats)}; got {describe(floats)}"
        )
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise InvalidOperand(f"expected seed to be an int; got {describe(seed)}")
    if isinstance(budget, bool) or not isinstance(budget, (int, float)) or not budget >= 0:
        raise InvalidOperand(f"expected a budget of seconds, 0 or more; got {describe(budget)}")


# --- one check -----------------------------------------------------------------------------------


@dataclass
class _Check:
    """One claim, looked at from point to point; `report` puts together what was found."""

    claim: Claim
    rules: Rules
    deadline: float
    domain: Callable[..., Any] | None = None
    seen: set[tuple[Fraction, ...]] = field(default_factory=set)
    asking: deque[tuple[Sample, search.Boundary]] = field(default_factory=deque)
    outside: list[tuple[dict[str, Fraction], Exception]] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    known_site: dict[search.Site, Sample] = field(default_factory=dict)
    is_rebound: bool = False

    def __post_init__(self) -> None:
        self.judge = Judge(self.claim, self.rules, self.deadline)
        self.watch = search.Watch(self.rules, self.deadline)

    @property
    def first_error(self) -> Exception:
        """What the function raised where it was run first."""
        return self.outside[0][1]

    @property
    def is_lost(self) -> bool:
        """Whether a program left exact arithmetic, or was not done in time."""
        return bool(self.losses)

    def look(self, values: Sequence[Fraction]) -> Sample | None:
        """Run both programs at a point and judge what they return; None where nothing can be judged."""
        ran = sample(self.claim, values, self.deadline)
        if _writes_floats(ran) and not self.is_rebound:
            ran = self._rebound(ran)
        self.seen.add(tuple(values))
        self.seen.add(ran.values)
        if not self._is_usable(ran):
            return None
        if not self.judge.points:
            self._check_repeats(ran)
        self.judge.look(ran)
        for boundary in self.watch.see(ran):
            self.known_site.setdefault(boundary.site, ran)
            self.asking.append((ran, boundary))
        return ran

    def _is_usable(self, ran: Sample) -> bool:
        runs = [ran.function, *([] if ran.derivative is None else [ran.derivative])]
        for run in runs:
            for leak in run.trace.leaks:
                # What was only put into the text of an error did not come out.
                if run.error is None or not leak.is_text:
                    self._lose(f"left exact arithmetic: {leak}")
            if run.trace.out_of_time:
                self._lose("a program did not end within the budget of seconds")
            for found in run.trace.rounded:
                self._note(str(found))
        if any(r.error is not None and (_is_leaky(r) or r.trace.out_of_time) for r in runs):
            return False
        if ran.function.error is not None:
            self.outside.append((ran.point, ran.function.error))
            return False
        return True

    def _rebound(self, ran: Sample) -> Sample:
        """The same run with copies of both programs for which NumPy makes exact arrays, not floats.

        If they come further, the check goes on with them.
        """
        numpy = arrays.numpy_namespace()
        modules = {sys.modules["numpy"]: numpy, sys.modules["numpy.linalg"]: numpy.linalg}
        copied = replace(
            self.claim,
            function=rebound(self.claim.function, modules),
            derivative=rebound(self.claim.derivative, modules),
        )
        again = sample(copied, ran.values, self.deadline)
        if _writes_floats(again):
            return ran
        self.is_rebound = True
        self.claim = self.judge.claim = copied
        self._note("arrays of floats that the programs make, as np.zeros(n), were taken for exact ones")
        return again

    def _lose(self, text: str) -> None:
        if text not in self.losses:
            self.losses.append(text)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _check_repeats(self, ran: Sample) -> None:
        """Run both again: CaseError if they do anything else."""
        again = sample(self.claim, ran.values, self.deadline)
        first, second = (_account(s) for s in (ran, again))
        for what, a, b in zip(("function", str(self.claim.kind)), first, second, strict=True):
            if a != b:
                raise CaseError(
                    f"the {what} does something else when it is run again on the same numbers: it draws "
                    "random numbers, or keeps state from call to call; make both part of its arguments"
                )

    # --- the search ---

    def search(self, seed: int) -> None:
        """Look at generic points, at hard ones, and at those that the programs ask for."""
        count = self.claim.count
        for values in search.generic(count, seed):
            self._visit(values)
        self._answer(_MOST_ASKED // 3)
        for values in search.hard(count, seed):
            self._visit(values)
        self._answer(_MOST_ASKED + 2 * count)
        if not self.judge.points and not self.is_lost:
            self._fail()

    def look_around(self, values: Sequence[Fraction]) -> None:
        """Look at a few points near by, where `values` alone do not decide."""
        if not self.judge.special and all(e.proof != "points" for e in self.judge.entries):
            return
        for offsets in search.generic(len(values), 0):
            for sign in (1, -1):
                self._visit([x + sign * step for x, step in zip(values, offsets, strict=True)])

    def _visit(self, values: Sequence[Fraction]) -> None:
        if tuple(values) in self.seen or self.is_over or not self._is_inside(values):
            return
        self.look(values)

    @property
    def is_over(self) -> bool:
        """Whether there is no time left, or nothing left to find."""
        if time.monotonic() > self.deadline:
            self._note("the search stopped at the budget of seconds")
            return True
        return self.judge.all_refuted or (self.is_lost and not self.judge.points)

    def _is_inside(self, values: Sequence[Fraction]) -> bool:
        if self.domain is None:
            return True
        try:
            return bool(
                self.domain(*self.claim.layout.arguments(values[: self.claim.count], Scalar))
            )
        except Exception:
            return False

    def _answer(self, most: int) -> None:
        """Look at the points that comparisons ask for, first come first served."""
        asked = 0
        while self.asking and asked < most and not self.is_over:
            ran, boundary = self.asking.popleft()
            for values in self.watch.ask(ran, boundary):
                asked += tuple(values) not in self.seen
                self._visit(values)

    def _fail(self) -> None:
        if not self.outside:
            raise CaseError("the search found no point in the domain: give a point")
        point, error = self.outside[0]
        raise CaseError(
            f"the function raised at every point that was tried, {len(self.outside)} in all; at "
            f"{_point_text(point)} {type(error).__name__}: {error}. Give a point, or shape= or domain="
        ) from error

    # --- the report ---

    def report(self, *, given: bool = False) -> Report:
        """What was found; unless the point is `given`, errors are shown by smaller numbers."""
        entries = self.judge.entries or self._unjudged()
        shrunk = 0
        for k, entry in enumerate(entries):
            if not given and entry.verdict is Verdict.REFUTED and shrunk < _MOST_SHRUNK:
                entries[k] = self._shrunk(k, entry)
                shrunk += 1
        if self.losses:
            entries = [
                entry
                if entry.verdict is Verdict.REFUTED
                else replace(entry, verdict=Verdict.UNDECIDED, message=self.losses[0])
                for entry in entries
            ]
        refuted = next((e for e in entries if e.verdict is Verdict.REFUTED and not given), None)
        return Report(
            tuple(entries),
            self._title(),
            tuple(self._conditions()),
            tuple(self.judge.points),
            tuple(self._paths()),
            tuple(self._findings(refuted)),
        )

    def _title(self) -> str:
        return f"{self.claim.kind} of {_name(self.claim.function)}"

    def _unjudged(self) -> list[Entry]:
        """An undecided entry for each argument, where no program came to an end."""
        return [
            Entry(label, Verdict.UNDECIDED, operator="given") for label in self.claim.layout.labels
        ]

    def _conditions(self) -> list[str]:
        """What held on every branch that was looked at."""
        paths = [path for path in self.judge.paths.values() if path is not None]
        if not paths:
            return []
        common = set(paths[0]).intersection(*paths[1:])
        return [text for text in paths[0] if text in common]

    def _paths(self) -> list[str]:
        """What told the branches apart, one text for each, if there was more than one."""
        common = set(self._conditions())
        texts = [
            " and ".join([text for text in path if text not in common]) or "otherwise"
            for path in self.judge.paths.values()
            if path is not None
        ]
        texts = list(dict.fromkeys(texts))
        if len(texts) < 2:
            return []
        more = len(self.judge.paths) - len(texts[:_MOST_LISTED])
        return texts[:_MOST_LISTED] + ([f"{more} more"] if len(texts) > _MOST_LISTED else [])

    def _findings(self, refuted: Entry | None) -> Iterator[str]:
        if refuted is not None:
            yield f"to reproduce: {self._snippet(refuted)}"
        yield from self.losses[1:]
        if self.judge.special:
            at = _point_text(self.judge.special[0].point)
            yield (
                f"the {self.claim.kind} has branches that hold on a boundary alone, as at {at}: "
                "there it was compared in numbers"
            )
        yield from self.notes
        if self.outside:
            point, error = self.outside[0]
            yield (
                f"the function raised at {len(self.outside)} of the points tried: at "
                f"{_point_text(point)} {type(error).__name__}: {error}"
            )
        if not self.judge.all_refuted:
            yield from self._unreached()

    def _unreached(self) -> Iterator[str]:
        """The comparisons of which only one outcome was seen, once for each place."""
        told: set[Any] = set()
        outcomes: dict[Any, set[bool]] = {}
        for site, comparison in self.watch.comparisons.items():
            holds = trace.outcomes(comparison.relation, self.watch.sides[site])
            outcomes.setdefault((site.program, site.place), set()).update(holds)
        for site, comparison in self.watch.comparisons.items():
            place = (site.program, site.place)
            if place in told or len(outcomes[place]) == 2:
                continue
            told.add(place)
            ran = self.known_site.get(site)
            text = str(comparison)
            if ran is not None:
                own = site.program == "derivative"
                leaves = ran.own_leaves if own else ran.leaves
                text = branches.comparison_text(comparison, leaves, self.rules)
            (only,) = outcomes[place]
            yield f"{comparison.place}: {text} was {only} at every point: its other side was not reached"

    def _snippet(self, entry: Entry) -> str:
        derivative = _name(self.claim.derivative, str(self.claim.kind).lower())
        names = f"{_name(self.claim.function)}, {derivative}"
        values = [entry.point[label] for label in self.claim.layout.labels]
        function = f"check_{str(self.claim.kind).lower()}"
        if not self._has_order(values):
            return f"{function}({names})"
        return f"{function}({names}, {_literal(self.claim.layout.point(values))})"

    def _has_order(self, values: Iterable[Fraction]) -> bool:
        return all(len(exact_text(value)) < 200 for value in values)

    # --- smaller numbers ---

    def _shrunk(self, k: int, entry: Entry) -> Entry:
        """The same error, shown by numbers as small as are quickly found."""
        values = [entry.point[label] for label in entry.point]
        best = entry
        if entry.gradient is not None and entry.gradient == entry.expected:
            near = self._first_showing(k, values)
            if near is None:
                return entry
            best, values = near
        tries = 0
        for i in range(len(values)):
            for smaller in _SMALL:
                if tries >= _SHRINKING or smaller == values[i] or abs(values[i]) < abs(smaller):
                    break
                tries += 1
                moved = [*values[:i], smaller, *values[i + 1 :]]
                found = self._shows(k, moved)
                if found is not None:
                    best, values = found, moved
                    break
        return best

    def _first_showing(self, k: int, values: list[Fraction]) -> tuple[Entry, list[Fraction]] | None:
        """A point where the numbers of component `k` differ, as its formulas do."""
        for scale in (Fraction(1), Fraction(1, 100), Fraction(1, 10**6)):
            for offsets in search.generic(len(values), 0):
                moved = [x + scale * offset for x, offset in zip(values, offsets, strict=True)]
                found = self._shows(k, moved)
                if found is not None:
                    return found, moved
        return None

    def _shows(self, k: int, values: Sequence[Fraction]) -> Entry | None:
        """The entry of component `k` at `values`, if it is refuted there in numbers."""
        if time.monotonic() > self.deadline or not self._is_inside(values):
            return None
        ran = sample(self.claim, values, self.deadline)
        usable = ran.function.error is None and ran.derivative is not None
        if not usable or ran.derivative is None or ran.derivative.error is not None:
            return None
        if ran.function.trace.leaks or ran.derivative.trace.leaks:
            return None
        entry = self.judge.judged(ran)[k]
        differs = entry.gradient != entry.expected
        return entry if entry.verdict is Verdict.REFUTED and differs else None


def _is_leaky(run: Run) -> bool:
    """Whether something left exact arithmetic in a way that matters even where the program raised."""
    return any(not leak.is_text for leak in run.trace.leaks)


def _writes_floats(ran: Sample) -> bool:
    """Whether a program may have written into an array of floats.

    NumPy calls float() to write an element, and raises a TypeError for a whole array.
    """
    runs = [run for run in (ran.function, ran.derivative) if run is not None]
    leaks = [leak for run in runs for leak in run.trace.leaks]
    failed = any(isinstance(run.error, TypeError) for run in runs)
    return "numpy" in sys.modules and (failed or any(leak.by == "float()" for leak in leaks))


def _account(ran: Sample) -> list[Any]:
    """What each program did, so that two runs can be compared."""
    accounts: list[Any] = []
    for run, outputs, leaves in (
        (ran.function, ran.outputs, ran.leaves),
        (ran.derivative, ran.given, ran.own_leaves),
    ):
        assert run is not None
        made = [(c.place, c.relation, c.holds) for c in run.trace.comparisons]
        accounts.append((trace.signature(outputs, leaves), made, type(run.error)))
    return accounts


def _name(function: Callable[..., Any], otherwise: str = "f") -> str:
    name = str(getattr(function, "__name__", ""))
    return name if name.isidentifier() else otherwise


def _point_text(point: dict[str, Fraction]) -> str:
    shown = [f"{name} = {short_text(x)}" for name, x in list(point.items())[:6]]
    return ", ".join(shown) + ", …" * (len(point) > len(shown))


def _literal(point: Any) -> str:
    """A point as it is written in Python; a ratio is given as text."""
    if isinstance(point, tuple):
        return f"({', '.join(map(_literal, point))})"
    if isinstance(point, list):
        return f"[{', '.join(map(_literal, point))}]"
    text = exact_text(point)
    return f'"{text}"' if "/" in text else text
