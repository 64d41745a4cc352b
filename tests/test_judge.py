"""The verdict at one point after the other, and the worst of them."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import minigrad
from minigrad.elementary import call
from minigrad.errors import CaseError, DomainError, InvalidOperand, NotDecided, TooLarge
from minigrad.operators import OPERATORS, Piece
from minigrad.rational import OutOfBudget
from minigrad.scalar import apply
from minigrad.verify import compared, edges, identity, judge, standing
from minigrad.verify.arguments import of_point
from minigrad.verify.beside import Edge
from minigrad.verify.check import check_gradient
from minigrad.verify.claims import Claim, Kind, Sample, sample
from minigrad.verify.judge import Judge
from minigrad.verify.onesided import OneSided
from minigrad.verify.report import Verdict
from minigrad.verify.symbolic import Rules

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict
RULES = Rules()


class Bench:
    """A judge of one claim, and the samples that it is shown."""

    def __init__(self, function: Any, derivative: Any, at: Any, kind: Kind = Kind.GRADIENT) -> None:
        layout, _ = of_point(function, at)
        self.function = function
        self.claim = Claim(kind, function, derivative, layout)
        self.judge = Judge(self.claim, RULES, math.inf)

    def sample(self, point: Any) -> Sample:
        return sample(self.claim, of_point(self.function, point)[1], math.inf)

    def look(self, *points: Any) -> list[Any]:
        """The findings at the last of the points."""
        return [self.judge.look(self.sample(point)) for point in points][-1]


def judged(function: Any, derivative: Any, *points: Any, kind: Kind = Kind.GRADIENT) -> Bench:
    bench = Bench(function, derivative, points[0], kind)
    bench.look(*points)
    return bench


def verdicts(function: Any, derivative: Any, *points: Any, kind: Kind = Kind.GRADIENT) -> list[Any]:
    return [e.verdict for e in judged(function, derivative, *points, kind=kind).judge.entries]


def proofs(function: Any, derivative: Any, *points: Any) -> list[tuple[Any, str]]:
    found = judged(function, derivative, *points).judge.entries
    return [(entry.verdict, entry.proof) for entry in found]


def square(x):
    return x * x


# --- ordinary points -----------------------------------------------------------------------------


def test_a_formula_that_is_equal_is_proved_with_its_numbers():
    (entry,) = judged(square, lambda x: x + x, 3).judge.entries
    assert (entry.verdict, entry.proof) == (PROVED, "identity")
    assert (entry.value, entry.gradient, entry.expected) == (3, 6, 6)
    assert (entry.label, entry.derivative, entry.point) == ("x", "2*x", {"x": 3})


def test_only_the_refutation_that_is_shown_is_put_into_words(monkeypatch):
    spelt = []
    text = judge.short_text
    monkeypatch.setattr(judge, "short_text", lambda number: [spelt.append(number)] and text(number))
    bench = judged(square, lambda x: x, 7, 5, 3, 2)
    assert spelt == []
    (entry,) = bench.judge.entries
    assert entry.message.startswith("the gradient gives 3, the derivative is 6")
    assert spelt == [3, 6]


def test_each_branch_is_compared_once(monkeypatch):
    calls = []
    compare = identity.compare
    monkeypatch.setattr(identity, "compare", lambda *a, **k: [calls.append(a)] and compare(*a, **k))
    bench = judged(lambda x: x * x if x > 1 else x, lambda x: 2 * x if x > 1 else 1, 3, 5, 7, 0, -1)
    assert len(calls) == 2
    assert bench.judge.entries[0].verdict is PROVED


def test_programs_are_read_in_numbers_only_where_these_are_needed(monkeypatch):
    read = []
    program = compared.Program
    monkeypatch.setattr(compared, "Program", lambda *a: [read.append(a)] and program(*a))
    assert verdicts(square, lambda x: x + x, 3, 5, 7, -2) == [PROVED]
    # Both, where they are compared.
    assert len(read) == 2


def test_of_each_component_the_clearest_refutation_is_kept():
    def wrong(x, y):
        return y if y < 4 else 2 * y, 3 * x

    bench = judged(lambda x, y: x * y, wrong, (1, 2), (3, 5), (1, 7))
    assert [e.verdict for e in bench.judge.entries] == [REFUTED, REFUTED]
    assert [e.point for e in bench.judge.entries] == [{"x": 1, "y": 7}, {"x": 1, "y": 2}]


def test_a_formula_that_differs_is_refuted_with_difference_hint_and_blame():
    (entry,) = judged(square, lambda x: x, 3).judge.entries
    assert (entry.verdict, entry.proof, entry.difference) == (REFUTED, "identity", "-x")
    assert entry.blame == "the gradient by x"
    assert entry.message == (
        "the gradient gives 3, the derivative is 6; yours minus the true one is -x "
        "(it is 1/2 of the derivative: a factor 2 is missing?)"
    )


def test_the_blame_names_the_kind_and_the_place():
    (entry,) = judged(square, lambda x, g: x * g, 3, kind=Kind.VJP).judge.entries
    assert entry.blame == "the vjp at x"


def test_numbers_decide_where_formulas_do_not(monkeypatch):
    monkeypatch.setattr(identity, "_WORK", {"flint": 1, "sympy": 1})
    cube = lambda x: (1 + x) ** 3
    bench = judged(cube, lambda x: 3 * (1 + x) ** 2, 2, 3, 4)
    (entry,) = bench.judge.entries
    assert (entry.verdict, entry.proof) == (UNDECIDED, "points")
    assert entry.message.startswith("equal at 3 points, exactly; not proved for all: the rational")
    (single,) = judged(cube, lambda x: 3 * (1 + x) ** 2, 2).judge.entries
    assert single.message.startswith("equal at this point, exactly; not proved for all: ")
    # Right at 2 alone.
    (entry,) = judged(cube, lambda x: 3 * (1 + x) ** 2 + x - 2, 2, 3).judge.entries
    assert (entry.verdict, entry.proof, entry.difference) == (REFUTED, "number", "1")


# --- a derivative that compares ------------------------------------------------------------------


def test_where_the_derivative_stands_at_a_comparison_numbers_of_that_point_count():
    # Both branches are one formula, which was compared at 3: at 0 the number is 0, and not 6.
    assert proofs(square, lambda x: 2 * x if x > 0 else x * 2, 3, 0) == [(PROVED, "identity")]
    # On the other side of the comparison it is wrong.
    assert verdicts(square, lambda x: 2 * x if x > 0 else 3 * x, 3, 0) == [PROVED]
    assert verdicts(square, lambda x: 2 * x if x > 0 else 3 * x, 3, 0, -1) == [REFUTED]


def test_what_holds_at_one_point_alone_is_compared_there_in_numbers():
    bench = judged(square, lambda x: 2 * x if x != 3 else 6, 2, 3)
    assert bench.judge.entries[0].verdict is PROVED
    assert [visit.sample.point for visit in bench.judge.special] == [{"x": 3}]
    assert verdicts(square, lambda x: 2 * x if x != 3 else 7, 2, 3) == [REFUTED]


def test_a_comparison_of_what_is_always_equal_is_none():
    bench = judged(square, lambda x: 2 * x if (x + 1) ** 2 == x * x + 2 * x + 1 else 0, 3)
    assert bench.judge.special == []
    assert bench.judge.entries[0].proof == "identity"


# --- boundaries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "derivative", "point", "expected"),
    [
        (abs, lambda x: 0, 0, [KINK]),
        (abs, lambda x: 2, 0, [REFUTED]),
        (lambda x: x * abs(x), lambda x: 0, 0, [PROVED]),
        # A guard: the derivative of its branch is 0, and that of the function 2.
        (lambda x: x * x if x != 1 else 1, lambda x: 2 * x, 1, [PROVED]),
        (lambda x: x * x if x != 1 else 1, lambda x: 0, 1, [REFUTED]),
        # |x| == x holds for all x > 0, and at 0 only there.
        (lambda x: x if abs(x) == x else -2 * x, lambda x: 1, 5, [PROVED]),
        (lambda x: x if abs(x) == x else -2 * x, lambda x: 1, 0, [KINK]),
        (lambda x: x if abs(x) == x else -2 * x, lambda x: 2, 0, [REFUTED]),
        # To the left of 8, x // 1 is 7.
        (lambda x: 0 if x // 1 == 7 else x, lambda x: 1, 8, [KINK]),
        (lambda x: 0 if x // 1 == 7 else x, lambda x: 3, 8, [REFUTED]),
        (lambda x: 0 if x // 1 == 7 else x, lambda x: 1, "17/2", [PROVED]),
        # On the piece at 0 the formula by y is 0, and it is x**2 for all x.
        (lambda x, y: y * abs(x) * abs(x), lambda x, y: (2 * x * y, x * x), (0, 3), [PROVED] * 2),
        (lambda x, y: y * abs(x) * abs(x), lambda x, y: (0, 1), (0, 3), [PROVED, REFUTED]),
        (lambda x, y: abs(x) + y * y, lambda x, y: (0, 2 * y), (0, 3), [KINK, PROVED]),
    ],
)
def test_at_a_boundary_one_sided_derivatives_decide(function, derivative, point, expected):
    assert verdicts(function, derivative, point) == expected


def test_other_components_keep_their_formula_beside_a_boundary():
    found = proofs(lambda x, y: abs(x) + y * y, lambda x, y: (0, 2 * y), (0, 3))
    assert found == [(KINK, "one-sided"), (PROVED, "identity")]


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (lambda x: minigrad.maximum(x, x), lambda x: 1),
        (lambda x: minigrad.relu(minigrad.relu(x)), lambda x: 0),
        (lambda x: x * abs(x - x) + x, lambda x: 1),
        (lambda x: x + minigrad.relu(0 * x), lambda x: minigrad.maximum(1, 1)),
    ],
)
def test_a_boundary_that_is_one_everywhere_is_none(function, derivative):
    bench = judged(function, derivative, -3)
    assert [(e.verdict, e.proof) for e in bench.judge.entries] == [(PROVED, "identity")]
    assert bench.judge.special == []
    assert len(bench.judge.paths) == 1


def test_what_was_seen_on_boundaries_alone_is_not_proved(monkeypatch):
    # Too large to be seen to be equal: a comparison that seems to change its outcome at each point.
    monkeypatch.setattr(standing, "_WORK", 2)

    def function(x):
        return x * x if (1 + x) ** 4 == ((1 + x) ** 2) ** 2 else 0

    says = "not proved for all: a comparison may change the formula at each of the points"
    bench = judged(function, lambda x: 2 * x, 2, 3, 4)
    (entry,) = bench.judge.entries
    assert (entry.verdict, entry.proof) == (UNDECIDED, "points")
    assert entry.message == f"equal at 3 points, exactly; {says}"
    assert verdicts(square, lambda x: function(x) * 2 / x, 2, 3) == [UNDECIDED]
    assert verdicts(function, lambda x: 2 * x + 1, 2, 3) == [REFUTED]
    monkeypatch.undo()
    assert verdicts(function, lambda x: 2 * x, 2, 3, 4) == [PROVED]


def test_without_one_sided_derivatives_it_is_undecided(monkeypatch):
    def out_of_budget(*_: Any) -> Any:
        raise identity.OutOfBudget("too many nodes")

    monkeypatch.setattr(edges, "one_sided", out_of_budget)
    (entry,) = judged(abs, lambda x: 0, 0).judge.entries
    assert entry.verdict is UNDECIDED
    assert entry.message == "the one-sided derivatives were not found: too many nodes"


@pytest.mark.parametrize("points", [[(0, 1), (0, 3)], [(0, 3), (0, 1)]])
def test_a_convention_is_that_of_its_own_point(points):
    def step(x):
        return (minigrad.sign(x) + minigrad.sign(x) ** 2) / 2

    def function(x, z):
        return z * (x + x.relu() - (-x).relu())

    def gradient(x, z):
        return z * (1 + step(x) + step(-x)), x + x.relu() - (-x).relu()

    # The derivative by x is 2*z; relu's convention gives z, whatever it was at a point before.
    by_x, by_z = judged(function, gradient, *points, (2, 5)).judge.entries
    assert (by_x.verdict, by_z.verdict) == (KINK, PROVED)
    assert by_x.message.endswith(f"minigrad's convention gives {points[0][1]}")
    assert verdicts(function, lambda x, z: (z / 2 + x, x), *points)[0] is REFUTED


# --- the components of a gradient together -------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((Fraction(1, 2), Fraction(1, 2)), KINK),
        ((1, 0), KINK),
        ((0, 1), KINK),
        ((Fraction(1, 3), Fraction(2, 3)), KINK),
        ((1, 1), REFUTED),
        ((0, 0), REFUTED),
        ((Fraction(1, 3), Fraction(1, 3)), REFUTED),
        ((2, -1), REFUTED),
    ],
)
@pytest.mark.parametrize("function", [minigrad.maximum, max])
def test_at_a_tie_the_components_add_up_to_the_derivative_along_the_diagonal(
    function, given, expected
):
    assert verdicts(function, lambda *_: given, (3, 3)) == [expected] * 2


def test_components_are_added_up_at_one_point_even_if_one_is_refuted_at_another():
    def step(x):
        return 1 + minigrad.sign(x) / 2 - minigrad.sign(x) ** 2 / 2

    def function(x, y, z):
        return minigrad.maximum(x, y) + z * z

    def gradient(x, y, z):
        return step(x - y), step(y - x), 3 * z if z > 0 else 2 * z

    # That by z is wrong at the first point and right at the second, where x and y are too large.
    assert verdicts(function, gradient, (2, 1, 1), (5, 5, -3)) == [REFUTED] * 3
    assert verdicts(function, gradient, (2, 1, 1)) == [PROVED, PROVED, REFUTED]


def test_components_that_do_not_add_up_are_told_so():
    entry, _ = judged(minigrad.maximum, lambda x, y: (1, 1), (3, 3)).judge.entries
    assert entry.message.endswith("the derivative along (1, …, 1) is 1, the gradient gives 2")
    assert (entry.blame, entry.difference) == ("the gradient along (1, …, 1)", "1")


def test_partial_derivatives_by_convention_are_a_kink_too():
    def corner(x, y):
        return minigrad.minimum(abs(x), abs(y))

    report = judged(corner, lambda x, y: (0, 0), (0, 0)).judge.entries
    assert {entry.verdict for entry in report} == {KINK}
    assert all("along (1, …, 1) it is -1 from the left" in entry.message for entry in report)
    smooth = judged(lambda x, y: abs(x) * y, lambda x, y: (0, 0), (0, 0)).judge.entries
    assert {entry.verdict for entry in smooth} == {PROVED}


def test_partial_derivatives_without_a_derivative_are_a_kink():
    def ridge(x, y):
        # 0 on both axes, and x on the diagonal.
        return x if x == y else 0

    report = judged(ridge, lambda x, y: (0, 0), (0, 0)).judge.entries
    assert {entry.verdict for entry in report} == {KINK}
    assert all("do not make a derivative: along (1, …, 1)" in entry.message for entry in report)


# --- a derivative that raises --------------------------------------------------------------------


def raising(error: Exception) -> Any:
    def derivative(*_: Any) -> Any:
        raise error

    return derivative


@pytest.mark.parametrize(
    ("function", "derivative", "point", "expected"),
    [
        (square, raising(KeyError("k")), 3, [REFUTED]),
        (square, lambda x: 2 * x * x / x, 0, [REFUTED]),
        (abs, lambda x: x / abs(x), 0, [KINK]),
        (lambda x: x * x if x != 1 else 1, raising(KeyError("k")), 1, [REFUTED]),
        (lambda x, y: abs(x) + y, lambda x, y: (x / abs(x), 1), (0, 2), [KINK, REFUTED]),
        # Outside the domain of a root there is no number, in no library.
        (square, lambda x: 2 * x + 0 * (-x) ** 0.5, 3, [REFUTED]),
        (square, raising(DomainError("no root")), 3, [REFUTED]),
        (abs, raising(DomainError("no root")), 0, [KINK]),
        # What minigrad cannot compute, another library may: that is no mistake.
        (square, raising(InvalidOperand("np.unique has no exact form")), 3, [UNDECIDED]),
        (square, raising(TooLarge("a number of a million bits")), 3, [UNDECIDED]),
        (square, raising(NotDecided("closer than 8,192 bits")), 3, [UNDECIDED]),
        (abs, raising(NotDecided("closer than 8,192 bits")), 0, [UNDECIDED]),
        # A root is as good as any other function.
        (square, lambda x: 2 * (x * x) ** 0.5, 3, [PROVED]),
        (square, lambda x: 2 * (x * x) ** 0.5, -3, [REFUTED]),
    ],
)
def test_a_derivative_that_raises_where_the_function_does_not(
    function, derivative, point, expected
):
    assert verdicts(function, derivative, point) == expected


@pytest.mark.parametrize(
    ("kind", "labels"),
    [(Kind.GRADIENT, ["x", "y"]), (Kind.HESSIAN, [f"component {k}" for k in range(4)])],
)
def test_a_limit_is_told_without_the_number_it_hides(monkeypatch, kind, labels):
    # Where closed forms outgrew a limit, the derivative's number took minutes and decided nothing.
    monkeypatch.setattr("minigrad.verify.judge.expected", raising(AssertionError("not asked")))
    too_large = raising(TooLarge("a number of a million bits"))
    entries = judged(lambda x, y: abs(x) * y, too_large, (0, 3), kind=kind).judge.entries
    assert [(entry.label, entry.verdict) for entry in entries] == [(x, UNDECIDED) for x in labels]
    assert entries[0].message.startswith(f"the {kind} raised TooLarge: a number of a million bits")
    assert entries[0].message.endswith("; what it gives otherwise is not known")


def test_what_was_raised_is_told_with_its_place():
    (entry,) = judged(square, raising(KeyError("k")), 3).judge.entries
    assert "the gradient raised KeyError: 'k'" in entry.message
    assert entry.message.endswith("the derivative is 6")
    assert entry.expected == 6


# --- many samples --------------------------------------------------------------------------------


def test_the_worst_verdict_counts():
    def derivative(x):
        return 0 if x == 0 else x / abs(x) if x < 5 else 1 if x < 9 else 2

    assert verdicts(abs, derivative, 3) == [PROVED]
    assert verdicts(abs, derivative, 3, 0) == [KINK]
    assert verdicts(abs, derivative, 0, 3) == [KINK]
    assert verdicts(abs, derivative, 0, 3, 11) == [REFUTED]
    assert verdicts(abs, derivative, 11, 3, 0) == [REFUTED]


def test_of_two_refutations_the_one_that_shows_more_is_kept():
    # As a formula at 10, by numbers that differ; at 1000 they are larger, at 1 equal.
    for points in ((1000, 10, 1), (1, 10, 1000), (10, 1, 1000)):
        (entry,) = judged(lambda x: x**3, lambda x: 3 * x, *points).judge.entries
        assert (entry.point, entry.gradient, entry.expected) == ({"x": 10}, 30, 300)


def test_all_refuted_is_known():
    bench = Bench(lambda x, y: x * y, lambda x, y: (x, x if x > 1 else x + 1), (0, 5))
    assert not bench.judge.all_refuted
    bench.look((3, 5))
    assert not bench.judge.all_refuted
    bench.look((0, 5))
    assert bench.judge.all_refuted
    assert bench.judge.points == [{"x": 3, "y": 5}, {"x": 0, "y": 5}]


def test_paths_are_noted_at_ordinary_points_alone():
    bench = judged(lambda x: x if x > 1 else 2 * x, lambda x: 1 if x > 1 else 2, 3, 5, 1, 0)
    assert list(bench.judge.paths.values()) == [["x > 1"], ["x <= 1"]]


def test_of_many_paths_the_first_are_spelt(monkeypatch):
    monkeypatch.setattr(judge, "_MOST_PATHS", 2)
    bench = judged(
        lambda x: x + sum((x > k) * 0 for k in range(3)), lambda x: 1, -0.5, 0.5, 1.5, 2.5
    )
    spelt = [path is not None for path in bench.judge.paths.values()]
    assert spelt == [True, True, False, False]


# --- programs that do not fit --------------------------------------------------------------------


def test_as_many_results_are_wanted_at_every_point():
    with pytest.raises(CaseError, match=r"expected 4 results at every point; got 6 at x = 5"):
        judged(
            lambda x, y: [x, y] if x < 4 else [x, y, x],
            lambda x, y: [[1, 0], [0, 1]] if x < 4 else [[1, 0], [0, 1], [1, 0]],
            *((3, 1), (5, 1)),
            kind=Kind.JACOBIAN,
        )


def test_a_result_made_of_earlier_arguments_is_an_error():
    kept: list[Any] = []

    def forward(x):
        kept[:] = [x]
        return x * x

    with pytest.raises(CaseError, match="from the arguments of an earlier call"):
        judged(forward, lambda x: 2 * kept[0], 3)


# --- planted faults ------------------------------------------------------------------------------


def test_a_verifier_for_which_everything_is_equal_is_noticed(monkeypatch):
    wrong = (square, lambda x: x, 3)
    assert verdicts(*wrong) == [REFUTED]
    monkeypatch.setattr(
        identity,
        "compare",
        lambda claim, theirs, ours, *_, **__: [identity.Comparison(True)] * len(ours.outputs),
    )
    assert verdicts(*wrong) == [PROVED]


def test_a_verifier_that_believes_the_branch_taken_is_noticed(monkeypatch):
    def guard(x):
        return x * x if x != 1 else 1

    def of_the_branch(edge: Edge) -> list[OneSided]:
        return [OneSided(Fraction(0), Fraction(0))]

    assert verdicts(guard, lambda x: 0, 1) == [REFUTED]
    monkeypatch.setattr(edges, "one_sided", of_the_branch)
    assert verdicts(guard, lambda x: 0, 1) == [PROVED]
    assert verdicts(guard, lambda x: 2 * x, 1) == [REFUTED]


def test_an_operator_that_takes_a_wrong_piece_or_value_decides_nothing():
    misled = replace(OPERATORS["relu"], branch=lambda x: Piece("positive"))
    wrong = replace(OPERATORS["relu"], forward=lambda x, piece: x + 1)
    for operator in (misled, wrong):
        function = lambda x, operator=operator: apply(operator, [x])
        point = -3 if operator is misled else 3
        layout, values = of_point(square, point)
        claim = Claim(Kind.GRADIENT, function, lambda x: 1, layout)
        court = Judge(claim, RULES, math.inf)
        court.look(sample(claim, values, math.inf))
        assert court.entries[0].verdict is UNDECIDED
        assert "relu" in court.entries[0].message


def test_a_value_that_is_wrong_at_a_later_point_decides_nothing():
    wrong = replace(OPERATORS["abs"], forward=lambda x, piece: x + int(x > 100))

    def function(x, y):
        return apply(wrong, [x]) * y

    # On a branch where one of the two is refuted already.
    found = judged(function, lambda x, y: (2 * y, x), (1, 1), (200, 1)).judge.entries
    assert [entry.verdict for entry in found] == [REFUTED, UNDECIDED]
    assert "abs computes a wrong value" in found[1].message


# --- arguments that are held, and functions that have partial derivatives and no derivative --------


@pytest.mark.parametrize(
    "points", [[(-3, 1, 3), (-3, 3, 1)], [(-3, 3, 1), (-3, 1, 3)], [(-3, 3, 1)]]
)
def test_formulas_of_one_exponent_say_nothing_of_another(points: list[Any]) -> None:
    """The exponent is 4 at each of the points, and n the factor that the gradient lacks: 1, and 3."""
    bench = Bench(
        lambda x, n, k: n * x ** (n + k),
        lambda x, n, k: ((n + k) * x ** (n + k - 1), 0, 0),
        points[0],
    )
    bench.look(*points)
    wrong = bench.judge.entries[0]
    assert (wrong.verdict, wrong.gradient, wrong.expected) == (REFUTED, -108, -324)
    assert list(bench.judge.paths.values()) == [[f"n == {n}", f"k == {k}"] for _, n, k in points]


def peaks(x: Any, y: Any) -> Any:
    """Is t along (t, t), and 0 along both axes."""
    return 0 if x == 0 and y == 0 else x * y * (x + y) / (x * x + y * y)


def lower(x: Any, y: Any) -> Any:
    return minigrad.minimum(abs(x), abs(y))


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    [
        (peaks, (0, 0), [KINK, KINK]),
        # That is the gradient on the way to (0, 1).
        (peaks, (1, 0), [KINK, KINK]),
        (peaks, (3, 0), [REFUTED, KINK]),
        # Beside the point a component is 0, 1 or -1.
        (lower, (1, 0), [KINK, KINK]),
        (lower, (0, 2), [KINK, REFUTED]),
        (lower, (500, -500), [REFUTED, REFUTED]),
    ],
)
def test_partial_derivatives_that_make_no_derivative(
    function: Any, given: Any, expected: list[Verdict]
) -> None:
    assert verdicts(function, lambda x, y: given, (0, 0)) == expected


def test_a_function_that_jumps_along_the_axes_has_no_derivative() -> None:
    found = verdicts(lambda x, y: 0 if x * y == 0 else 1, lambda x, y: (0, 0), (0, 0))
    assert found == [KINK, KINK]


def test_a_wrong_derivative_of_constant_slope_is_put_into_words() -> None:
    slope = call("sqrt", Fraction(2))
    bench = Bench(lambda x: slope * x, lambda x: 3, 1)
    bench.look(1)
    assert "yours minus the true one is 3 - sqrt(2)" in bench.judge.entries[0].message


def test_a_jump_whose_formulas_were_not_found_is_open(monkeypatch):
    def function(x):
        return 5 if x == 1 else x * x

    def gradient(at_one):
        return lambda x: at_one if x == 1 else 2 * x

    assert check_gradient(function, gradient(7)).verdict is REFUTED
    assert check_gradient(function, gradient(2)).verdict is Verdict.KINK

    def out_of_budget(*_):
        raise OutOfBudget("no more work")

    monkeypatch.setattr(edges, "of_branches", out_of_budget)
    for at_one in (7, 2):
        (entry,) = check_gradient(function, gradient(at_one)).entries
        assert entry.verdict is UNDECIDED
        assert entry.message.endswith("were not found: no more work")
