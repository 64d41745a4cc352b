from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import (
    Scalar,
    absolute,
    from_json,
    maximum,
    minimum,
    rational,
    relu,
    reverse,
    to_json,
    where,
)
from minigrad.errors import GradientMismatch, InvalidNumber, InvalidOperand
from minigrad.exact import to_exact
from minigrad.generate import random_graph
from minigrad.graph import topological_order
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import proof, whole
from minigrad.verify.proof import Prover, check_method, verify
from minigrad.verify.report import Entry, Report
from minigrad.verify.symbolic import Graph

try:
    import flint  # noqa: F401
except ImportError:
    HAS_FLINT = False
else:
    HAS_FLINT = True

METHODS = ["chain", "whole", "auto"]
every_method = pytest.mark.parametrize("method", METHODS)


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover() as prover:
        yield prover


def labelled(label: str, node: Scalar) -> Scalar:
    node.label = label
    return node


def of(report: Report, label: str) -> Entry:
    return next(entry for entry in report.entries if entry.label == label)


def verdicts(report: Report) -> dict[str, str]:
    return {entry.label: str(entry.verdict) for entry in report.entries}


def seed_example(a: object, b: object, f: object = 10) -> dict[str, Scalar]:
    """c = a + b, d = a * b, e = d / c, g = f / e."""
    nodes = {"a": Scalar(a, "a"), "b": Scalar(b, "b"), "f": Scalar(f, "f")}
    nodes["c"] = labelled("c", nodes["a"] + nodes["b"])
    nodes["d"] = labelled("d", nodes["a"] * nodes["b"])
    nodes["e"] = labelled("e", nodes["d"] / nodes["c"])
    nodes["g"] = labelled("g", nodes["f"] / nodes["e"])
    return nodes


# --- known examples -------------------------------------------------------------------------------

PUBLISHED = [
    (
        "3.1", "4.2",
        "a -1000/961  b -250/441  c 500/651  d -182500/423801  e -1332250/423801  f 365/651  g 1",
    ),
    ("-4", "2", "a -5/8  b -5/2  c -5/4  d 5/16  e -5/8  f 1/4  g 1"),
]  # fmt: skip


@every_method
@pytest.mark.parametrize(("a", "b", "published"), PUBLISHED)
def test_the_worked_example_of_the_ancestor(
    prover: Prover, method: str, a: str, b: str, published: str
) -> None:
    nodes = seed_example(a, b)
    nodes["g"].backward()
    report = prover.verify(nodes["g"], method)
    words = published.split()
    expected = {label: Fraction(x) for label, x in zip(words[::2], words[1::2], strict=True)}
    assert {entry.label: entry.expected for entry in report.entries} == expected
    assert {entry.label: entry.gradient for entry in report.entries} == expected
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain" if method == "chain" else "whole"}
    assert report.points == ({"a": Fraction(a), "b": Fraction(b), "f": 10},)
    assert set(report.conditions) == {"c != 0", "e != 0"}
    assert report.branches == ()


@every_method
def test_the_ancestor_s_front_page_is_refuted(prover: Prover, method: str) -> None:
    """It shows the results at one point below the code for another."""
    file = json.loads(to_json(seed_example("3.1", "4.2")["g"]))
    words = PUBLISHED[1][2].split()
    elsewhere = dict(zip(words[::2], words[1::2], strict=True))
    for record in file["nodes"]:
        record["grad"] = elsewhere[record["label"]]
    report = prover.verify(from_json(json.dumps(file)), method)
    assert verdicts(report) == {**dict.fromkeys("abcdef", "refuted"), "g": "proved"}


def rosenbrock(xs: list[Scalar]) -> Scalar:
    return minigrad.sum([100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(xs)])


def test_rosenbrock_in_twelve_variables_is_proved_as_a_whole(prover: Prover) -> None:
    xs = [Scalar(Fraction(k - 5, 3), f"x{k}") for k in range(12)]
    report = prover.verify(rosenbrock(xs), "whole", budget=120)
    assert {(str(entry.verdict), entry.proof) for entry in report.entries} == {("proved", "whole")}
    assert len(report.entries) == 12 + 11 * 8 + 1 - 11
    # 400 x (x**2 - y) + 2 (x - 1), and 200 (y - x**2) from the term before.
    x, y, z = (Fraction(k - 5, 3) for k in (6, 7, 8))
    assert of(report, "x7").expected == 200 * (y - x**2) + 400 * y * (y**2 - z) + 2 * (y - 1)


@pytest.mark.skipif(not HAS_FLINT, reason="takes minutes without python-flint")
def test_a_continued_fraction_of_ten_terms_is_proved_as_a_whole(prover: Prover) -> None:
    xs = [Scalar(1, f"x{k}") for k in range(10)]
    node = xs[-1]
    for x in reversed(xs[:-1]):
        node = x + 1 / node
    report = prover.verify(labelled("root", node), "whole", budget=120)
    assert {(str(entry.verdict), entry.proof) for entry in report.entries} == {("proved", "whole")}
    # Euler: the derivative by xk is the square of a quotient of Fibonacci numbers.
    fibonacci = (55, 34, 21, 13, 8, 5, 3, 2, 1, 1)
    for k, number in enumerate(fibonacci):
        assert of(report, f"x{k}").expected == (-1) ** k * Fraction(number, 55) ** 2


def test_a_deep_graph_is_proved_and_the_whole_proofs_stop_at_their_work(prover: Prover) -> None:
    x = Scalar(Fraction(1, 2), "x")
    node = x
    for _ in range(3000):
        node = 1 - node * x
    report = prover.verify(node)
    assert report.verdict == "proved"
    assert len(report.entries) == 6001
    assert {entry.proof for entry in report.entries} == {"chain", "whole"}
    assert report.entries[-1].proof == "whole"
    assert re.match(r"whole proofs stopped at the work allowed to them, after \d+ of 6001 nodes",
                    report.findings[0])  # fmt: skip


def test_derivatives_of_a_large_graph_are_not_spelt_out(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = seed_example(2, 3)["g"]
    monkeypatch.setattr(proof, "_SPELT_OUT", 6)
    report = prover.verify(root, "chain")
    assert report.verdict == "proved"
    assert {entry.derivative for entry in report.entries} == {""}
    assert report.findings == ("derivatives are not spelt out in graphs of over 6 nodes",)
    monkeypatch.setattr(proof, "_SPELT_OUT", 7)
    assert all(entry.derivative for entry in prover.verify(root, "chain").entries)


def test_a_tall_chain_does_not_recurse(prover: Prover) -> None:
    node = x = Scalar(1, "x")
    for _ in range(5000):
        node = node + x
    assert of(prover.verify(node, "chain"), "x").expected == 5001


# --- verdicts -------------------------------------------------------------------------------------


@every_method
def test_constants_have_no_entry(prover: Prover, method: str) -> None:
    x = Scalar(3, "x")
    report = prover.verify(labelled("r", 2 * x + Scalar.constant(5, "c")), method)
    assert [entry.label for entry in report.entries] == ["x", "v1", "r"]
    assert report.points == ({"x": 3},)


@every_method
def test_a_root_that_is_a_constant_has_nothing_to_prove(prover: Prover, method: str) -> None:
    report = prover.verify(Scalar.constant(3), method)
    assert (report.entries, report.verdict, report.ok) == ((), "proved", True)


@every_method
def test_a_root_that_is_a_leaf(prover: Prover, method: str) -> None:
    x = Scalar(3, "x")
    (entry,) = prover.verify(x, method, seed="2/3").entries
    assert (str(entry.verdict), entry.gradient, entry.derivative) == ("proved", Fraction(2, 3), "1")
    x.grad = 1
    (entry,) = prover.verify(x, method, seed="2/3").entries
    assert (str(entry.verdict), entry.blame) == ("refuted", "node x")


@every_method
def test_a_graph_of_constants_alone(prover: Prover, method: str) -> None:
    root = Scalar.constant(3) * Scalar.constant(4)
    (entry,) = prover.verify(root, method).entries
    assert (str(entry.verdict), entry.value) == ("proved", 12)


@every_method
@pytest.mark.parametrize("seed", [1, -1, 0, "1/3", 2.5, 10**40])
def test_any_seed(prover: Prover, method: str, seed: Any) -> None:
    nodes = seed_example(2, 3)
    nodes["g"].backward(seed)
    report = prover.verify(nodes["g"], method, seed=seed)
    assert report.verdict == "proved"
    assert of(report, "f").gradient == Fraction(str(seed)) / Fraction(6, 5)
    other = prover.verify(nodes["g"], method, seed=3)
    assert set(verdicts(other).values()) == {"refuted"}


@every_method
def test_an_exponent_is_undecided_and_the_rest_is_proved(prover: Prover, method: str) -> None:
    x, n = Scalar(-2, "x"), Scalar(3, "n")
    root = labelled("r", x**n + x)
    root.backward()
    report = prover.verify(root, method)
    assert verdicts(report) == {"x": "proved", "n": "undecided", "v1": "proved", "r": "proved"}
    assert (of(report, "n").gradient, of(report, "n").expected) == (None, None)
    assert "a base that is not positive" in of(report, "n").message
    assert not report.ok


@every_method
def test_the_exponent_of_a_positive_base_is_proved(prover: Prover, method: str) -> None:
    x, n = Scalar(2, "x"), Scalar(3, "n")
    root = labelled("r", x**n + x)
    root.backward()
    report = prover.verify(root, method)
    assert set(verdicts(report).values()) == {"proved"}
    assert of(report, "n").gradient == of(report, "n").expected == to_exact(8 * sp.log(2))
    assert "x > 0" in report.conditions


@every_method
@pytest.mark.parametrize("claimed", ["0", "7", "16*log(2)", "-8*log(2)", "8*log(2) + 1e-40"])
@pytest.mark.parametrize("base", [2, -2])
def test_a_wrong_number_for_an_exponent_s_gradient_is_refuted(
    prover: Prover, method: str, claimed: str, base: int
) -> None:
    x, n = Scalar(base, "x"), Scalar(3, "n")
    root = labelled("r", x**n)
    root.backward()
    n.grad = claimed
    assert verdicts(prover.verify(root, method)) == {"x": "proved", "n": "refuted", "r": "proved"}


@every_method
def test_one_wrong_number_says_nothing_of_the_others(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    nodes["g"].backward()
    nodes["e"].grad += 1
    report = prover.verify(nodes["g"], method)
    assert verdicts(report) == {**dict.fromkeys("abcdfg", "proved"), "e": "refuted"}
    assert of(report, "e").blame == "node e"
    assert of(report, "e").difference == "1"
    assert report.verdict == "refuted"
    with pytest.raises(GradientMismatch, match="blame: node e"):
        report.raise_if_failed()


@every_method
def test_independent_wrong_numbers_are_blamed_each_on_itself(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    nodes["g"].backward()
    nodes["e"].grad += 1
    nodes["d"].grad += 1
    report = prover.verify(nodes["g"], method)
    assert (of(report, "e").blame, of(report, "d").blame) == ("node e", "node d")


@every_method
def test_the_point_is_told_with_what_is_not_proved(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    nodes["a"].grad = 0
    report = prover.verify(nodes["g"], method)
    assert of(report, "a").point == {"a": 2, "b": 3, "f": 10}
    assert of(report, "b").point == {}


def test_conditions_and_branches_are_told(prover: Prover) -> None:
    x, y = Scalar(3, "x"), Scalar(-2, "y")
    root = absolute(y) * maximum(x, y) + x // y + x % y + round(x / 2) + 1 / (x - x + 5) + x**-1
    report = prover.verify(root, "chain")
    assert {"y < 0", "x > y", "y != 0", "x != 0"} <= set(report.conditions)
    assert {
        "abs(y): negative",
        "maximum(x, y): first greater",
        "floordiv(x, y): quotient -2",
    } <= set(report.branches)
    assert "mod(x, y): quotient -2" in report.branches
    boundary = prover.verify(relu(Scalar(0, "x")), "chain")
    assert boundary.branches == ("relu(x): zero (boundary)",)
    assert boundary.conditions == ("x == 0",)


def test_a_condition_between_constants_is_none(prover: Prover) -> None:
    assert prover.verify(Scalar(3, "x") / 4, "chain").conditions == ()


def test_numbers_too_long_to_print_are_shortened(prover: Prover) -> None:
    x, one = Scalar(10**5000, "x"), Scalar(1, "one")
    for root in (
        x // 3, x % 7, round(x / 3), x * x, absolute(x), one ** 10**5000,
        one ** Scalar.constant(10**5000),
    ):  # fmt: skip
        for method in METHODS:
            report = prover.verify(root, method)
            assert report.verdict == "proved"
            assert max(map(len, str(report).splitlines())) < 400
            assert json.dumps(report.to_dict())


def test_long_constants_in_one_product(prover: Prover) -> None:
    node = Scalar(3, "x")
    for k in range(9):
        node = node * (10**590 + k)
    for method in METHODS:
        assert prover.verify(node, method).verdict == "proved"


@pytest.mark.parametrize("label", [None, 5, ["x"], "", "x y", "{0}", "\x1b[31m", "a" * 5000])
def test_any_label(prover: Prover, label: Any) -> None:
    x, y = Scalar(3), Scalar(2, "y")
    x.label = label
    report = prover.verify(x / y)
    assert report.verdict == "proved"
    assert report.entries[0].label == (str(label) if label else "v1")
    assert str(report)


# --- gradients that are set, or not ---------------------------------------------------------------


@every_method
def test_gradients_that_are_not_set_are_computed(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    assert prover.verify(nodes["g"], method).verdict == "proved"
    assert not any(node.has_grad for node in nodes.values())
    nodes["d"].grad = 1
    assert prover.verify(nodes["g"], method).verdict == "refuted"


@every_method
def test_a_second_backward_is_refuted_on_leaves_alone(prover: Prover, method: str) -> None:
    nodes = seed_example(2, 3)
    for _ in range(2):
        nodes["g"].backward()
    report = prover.verify(nodes["g"], method)
    assert verdicts(report) == {
        **dict.fromkeys("abf", "refuted"),
        **dict.fromkeys("cdeg", "proved"),
    }
    nodes["g"].zero_grad()
    nodes["g"].backward()
    assert prover.verify(nodes["g"], method).verdict == "proved"


# --- methods and budgets --------------------------------------------------------------------------


def wide(count: int = 3) -> Scalar:
    """Too large for the small limits, and soon decided elsewhere."""
    x, y = Scalar(2, "x"), Scalar(3, "y")
    node = x
    for _ in range(count):
        node = node * node + y
    return labelled("r", node)


def test_what_is_too_large_here_is_proved_in_a_process_of_its_own(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = whole.Limits(size=20, depth=100, work=2_000_000)
    monkeypatch.setattr(whole, "small_limits", lambda: limits)
    root = wide()
    root.backward()
    report = prover.verify(root, "whole", budget=120)
    assert {(str(entry.verdict), entry.proof) for entry in report.entries} == {("proved", "whole")}
    # The same graph with a wrong number, found there too.
    next(node for node in topological_order([root]) if node.label == "x").grad += 1
    report = prover.verify(root, "whole", budget=120)
    assert (report.verdict, of(report, "x").blame) == ("refuted", "node x")
    # With "auto" it is left to the chain proof.
    report = prover.verify(wide(), "auto")
    assert (str(of(report, "x").verdict), of(report, "x").proof) == ("proved", "chain")


def test_another_engine_is_never_sent_to_that_process(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would run minigrad's own sweep there, and call that proved."""
    limits = whole.Limits(size=20, depth=100, work=2_000_000)
    monkeypatch.setattr(whole, "small_limits", lambda: limits)

    def tripled(root: Any, seed: Any, partials: Any = reverse.partials) -> Any:
        return {n: a * 3 for n, a in reverse.adjoints(root, seed, partials).items()}

    report = prover.verify(wide(), "whole", sweep=tripled)
    assert "proved" not in verdicts(report).values()
    assert of(report, "x").message == "too large for a sweep of another engine"
    assert verdicts(report)["r"] == "refuted"


def test_another_operator_is_never_sent_to_that_process(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would find its own operator of that name there, and call that proved."""
    limits = whole.Limits(size=5, depth=100, work=2_000_000)
    monkeypatch.setattr(whole, "small_limits", lambda: limits)
    right_at_2 = replace(OPERATORS["mul"], partials=lambda z, x, y: (y * x / 2, x))
    x, y = Scalar(2, "x"), Scalar(3, "y")
    root = apply(right_at_2, [x, y]) * y + x
    report = prover.verify(root, "whole")
    assert verdicts(report)["x"] == "undecided"
    assert "mul: only operators of the table" in of(report, "x").message
    assert of(prover.verify(root, "chain"), "x").blame == "operator mul"


def test_what_outgrows_the_large_limits_is_undecided(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "LARGE", whole.Limits(size=20, depth=100, work=1000))
    report = prover.verify(wide(), "whole")
    assert str(of(report, "x").verdict) == "undecided"
    assert of(report, "x").message == "SymPy's expressions would outgrow 20 terms"
    assert str(of(report, "r").verdict) == "proved"
    assert not report.ok


def test_without_seconds_nothing_is_proved_as_a_whole(prover: Prover) -> None:
    report = prover.verify(wide(), "whole", budget=0)
    assert set(verdicts(report).values()) == {"undecided"}
    assert {entry.message for entry in report.entries} == {"the budget of seconds ran out"}
    report = prover.verify(wide(), "auto", budget=0)
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain"}
    (finding,) = report.findings
    assert finding.startswith("whole proofs stopped at the time allowed to them, after 0 of ")
    assert prover.verify(wide(), "chain", budget=0).findings == ()


@pytest.mark.parametrize("budget", [0.5, 3, 10**9, 1e9, 10**400, float("inf")])
def test_a_budget_is_any_number_of_seconds(prover: Prover, budget: Any) -> None:
    assert prover.verify(wide(2), "auto", budget=budget).verdict == "proved"


def test_work_beyond_what_auto_allows_is_left_to_the_chain(
    prover: Prover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_AUTO_SIZE", 5)
    report = prover.verify(wide())
    assert report.verdict == "proved"
    assert {entry.proof for entry in report.entries} == {"chain", "whole"}
    assert "stopped at the work allowed to them" in report.findings[0]


def test_without_flint_the_same_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rational, "default_backend", lambda: "sympy")
    monkeypatch.setattr(whole, "default_backend", lambda: "sympy")
    for method in METHODS:
        report = verify(wide(2), method)  # type: ignore[arg-type]
        assert report.verdict == "proved"


def test_a_prover_keeps_its_rules_and_no_verdict() -> None:
    with Prover() as prover:
        x = Scalar(2, "x")
        root = x * x
        assert prover.verify(root).verdict == "proved"
        rules = dict(prover.rules._rules)
        root.backward()
        x.grad = 5
        assert prover.verify(root).verdict == "refuted"
        assert prover.rules._rules == rules
        assert prover.verify(x * x + x, title="again").title == "again"


# --- bad arguments --------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [3, None, "x", [Scalar(1)]])
def test_a_root_is_a_scalar(root: Any) -> None:
    with pytest.raises(InvalidOperand, match="verify: expected a Scalar; got"):
        verify(root)


@pytest.mark.parametrize("method", ["", "Chain", None, 1, "all", ["chain"]])
def test_a_method_is_one_of_three(method: Any) -> None:
    says = re.escape("expected method to be one of ('auto', 'whole', 'chain'); got")
    with pytest.raises(InvalidOperand, match=says):
        verify(Scalar(1), method)
    with pytest.raises(InvalidOperand, match=says):
        check_method(method)
    assert [check_method(name) for name in METHODS] == METHODS


@pytest.mark.parametrize("budget", [-1, -0.5, float("nan"), None, "1", True, 1j])
def test_a_budget_is_seconds(budget: Any) -> None:
    with pytest.raises(InvalidOperand, match="expected a budget of seconds, 0 or more; got"):
        verify(Scalar(1), budget=budget)


@pytest.mark.parametrize(
    ("seed", "error"), [(None, InvalidOperand), (True, InvalidOperand), ("x", InvalidNumber)]
)
def test_a_seed_is_a_number(seed: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        verify(Scalar(1), seed=seed)


@every_method
@pytest.mark.parametrize("checks", [{"rule"}, "rules", {"values", "all"}])
def test_a_check_that_there_is_not_is_refused(prover: Prover, method: str, checks: Any) -> None:
    with pytest.raises(InvalidOperand, match="expected checks among"):
        prover.verify(Scalar(1), method, checks=checks)


# --- properties -----------------------------------------------------------------------------------

small = st.fractions(-3, 3, max_denominator=4)


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    binary: list[Callable[[Any, Any], Any]] = [
        lambda f, g: f + g, lambda f, g: f - g, lambda f, g: f * g, maximum, minimum,
        lambda f, g: f / (g * g + 1), lambda f, g: where(True, f, g),
    ]  # fmt: skip
    unary: list[Callable[[Any], Any]] = [
        lambda f: -f,
        lambda f: f**2,
        absolute,
        relu,
        lambda f: f % 2,
    ]
    return st.one_of(
        st.builds(
            lambda op, f, g: lambda *xs: op(f(*xs), g(*xs)), st.sampled_from(binary), parts, parts
        ),
        st.builds(lambda op, f: lambda *xs: op(f(*xs)), st.sampled_from(unary), parts),
    )


functions = st.recursive(
    st.sampled_from([lambda x, y: x, lambda x, y: y, lambda x, y: x * y + 1])
    | st.builds(lambda c: lambda x, y: x * c, small),
    combined,
    max_leaves=5,
)


def expected_at(prover: Prover, f: Any, x: Fraction, y: Fraction) -> tuple[Any, Any, bool]:
    """What verify expects of both derivatives of f, and whether it is proved."""
    leaves = Scalar(x, "x"), Scalar(y, "y")
    # The sum keeps both leaves in the graph, and their derivatives are one more.
    report = prover.verify(f(*leaves) + leaves[0] + leaves[1], "chain")
    by_x, by_y = (of(report, label).gradient for label in "xy")
    assert report.ok
    return by_x - 1, by_y - 1, report.verdict == "proved"


@given(functions, functions, small, small, small, small)
def test_derivatives_are_linear(
    prover: Prover, f: Any, g: Any, a: Fraction, b: Fraction, x: Fraction, y: Fraction
) -> None:
    (fx, fy, _), (gx, gy, _) = (expected_at(prover, h, x, y) for h in (f, g))
    by_x, by_y, _ = expected_at(prover, lambda x, y: f(x, y) * a + g(x, y) * b, x, y)
    assert (by_x, by_y) == (a * fx + b * gx, a * fy + b * gy)


@given(functions, functions, functions, small, small)
def test_derivatives_obey_the_chain_rule(
    prover: Prover, f: Any, u: Any, v: Any, x: Fraction, y: Fraction
) -> None:
    (ux, uy, _), (vx, vy, _) = (expected_at(prover, h, x, y) for h in (u, v))
    at = u(Scalar(x), Scalar(y)).data, v(Scalar(x), Scalar(y)).data
    fu, fv, _ = expected_at(prover, f, *at)
    by_x, by_y, _ = expected_at(prover, lambda x, y: f(u(x, y), v(x, y)), x, y)
    assert (by_x, by_y) == (fu * ux + fv * vx, fu * uy + fv * vy)


@given(functions, small, small)
def test_a_proved_derivative_is_the_limit_of_difference_quotients(
    prover: Prover, f: Any, x: Fraction, y: Fraction
) -> None:
    by_x, _, proved = expected_at(prover, f, x, y)
    if proved:
        step = Fraction(1, 10**12)
        here, there = (f(Scalar(at), Scalar(y)).data for at in (x, x + step))
        assert abs((there - here) / step - by_x) < Fraction(1, 10**3)


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_all_methods_agree_on_random_graphs(prover: Prover, seed: int, size: int) -> None:
    root = random_graph(seed, size=size)
    by_method = [verdicts(prover.verify(root, method)) for method in METHODS]
    assert by_method[0] == by_method[2]
    for one, other in zip(by_method[0].values(), by_method[1].values(), strict=True):
        assert one in ("proved", "kink")
        assert other in (one, "undecided")


@given(
    st.integers(0, 10_000),
    st.lists(
        st.sampled_from(["", "x", "y", "v1", "c0", "2", "a b", "_0_"]), min_size=60, max_size=60
    ),
)
def test_labels_change_nothing_but_names(prover: Prover, seed: int, labels: list[str]) -> None:
    def facts(report: Report) -> list[tuple[Any, ...]]:
        return [(str(e.verdict), e.value, e.gradient, e.expected, e.proof) for e in report.entries]

    root = random_graph(seed, size=6)
    before = facts(prover.verify(root))
    for node, label in zip(topological_order([root]), labels, strict=False):
        node.label = label
    assert facts(prover.verify(root)) == before


@every_method
@given(seed=st.integers(0, 10_000), off=small.filter(bool), pick=st.integers(0, 100))
def test_one_number_that_is_off_is_always_found(
    prover: Prover, method: str, seed: int, off: Fraction, pick: int
) -> None:
    root = random_graph(seed, size=5)
    root.backward()
    nodes = [node for node in topological_order([root]) if not node.is_constant]
    node = nodes[pick % len(nodes)]
    node._grad += off
    report = prover.verify(root, method)
    order = [n for n in Graph(root).nodes if not n.is_constant]
    wrong = next(e for n, e in zip(order, report.entries, strict=True) if n is node)
    # Where a piecewise operator stands at its boundary, other conventions are possible.
    assert str(wrong.verdict) in ("refuted", "kink")
    assert wrong.verdict != "kink" or "another convention" in wrong.message
