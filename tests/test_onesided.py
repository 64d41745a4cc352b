from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Scalar, absolute, dot, maximum, minimum, prod, rational, relu, sign, where
from minigrad import sum as total
from minigrad.generate import random_graph
from minigrad.operators import OPERATORS, Piece
from minigrad.rational import OutOfBudget
from minigrad.scalar import apply
from minigrad.verify import onesided, proof
from minigrad.verify.chain import prove
from minigrad.verify.onesided import AllPowers, OneSided
from minigrad.verify.proof import verify
from minigrad.verify.symbolic import Graph, Rules

try:
    import flint  # noqa: F401 - asked whether it is there
except ImportError:
    BACKENDS = ["sympy"]
else:
    BACKENDS = ["flint", "sympy"]


def sides(root: Scalar, x: Scalar) -> OneSided:
    rules = Rules()
    chain = prove(Graph(root), rules, Fraction(1))
    i = next(i for i, n in enumerate(chain.graph.nodes) if n is x)
    return AllPowers(chain, rules).one_sided(i)


def verdict_on(root: Scalar, label: str, **options: Any) -> Any:
    return next(e for e in verify(root, **options).entries if e.label == label)


# f, the point, the derivatives from the left and from the right ("-": there is none), and what the
# conventions give. All of them are found by hand: write f without the kink on either side.
EXAMPLES = [
    ("relu(x)", lambda x: relu(x), "0", "0 1", "0", "kink"),
    ("|x|", lambda x: absolute(x), "0", "-1 1", "0", "kink"),
    ("max(x, 2)", lambda x: maximum(x, 2), "2", "0 1", "1/2", "kink"),
    ("min(x, 2)", lambda x: minimum(x, 2), "2", "1 0", "1/2", "kink"),
    ("max(x, -x)", lambda x: maximum(x, -x), "0", "-1 1", "0", "kink"),
    ("relu(x) + relu(-x)", lambda x: relu(x) + relu(-x), "0", "-1 1", "0", "kink"),
    ("|relu(x)|", lambda x: absolute(relu(x)), "0", "0 1", "0", "kink"),
    ("relu(relu(x) - x)", lambda x: relu(relu(x) - x), "0", "-1 0", "0", "kink"),
    ("relu(3x) / (x + 2)", lambda x: relu(3 * x) / (x + 2), "0", "0 3/2", "0", "kink"),
    ("prod(relu(x), 3)", lambda x: prod([relu(x), 3]), "0", "0 3", "0", "kink"),
    ("dot((|x|, x), (2, 5))", lambda x: dot([abs(x), x], [2, 5]), "0", "3 7", "5", "kink"),
    ("sum(|x|, x, x)", lambda x: total([abs(x), x, x]), "0", "1 3", "2", "kink"),
    ("where(relu(x))", lambda x: where(True, relu(x), x), "0", "0 1", "0", "kink"),
    # Jumps: no derivative on the side where the value leaps.
    ("x // 1", lambda x: x // 1, "2", "- 0", "0", "kink"),
    ("-x // 1", lambda x: -x // 1, "2", "0 -", "0", "kink"),
    ("6 // x", lambda x: 6 // x, "2", "0 -", "0", "kink"),
    ("x % 1", lambda x: x % 1, "2", "- 1", "1", "kink"),
    ("round(x) at 5/2", lambda x: round(x), "5/2", "0 -", "0", "kink"),
    ("round(x) at 3/2", lambda x: round(x), "3/2", "- 0", "0", "kink"),
    ("1 / (x // 1)", lambda x: 1 / (x // 1), "1", "- 0", "0", "kink"),
    ("5 // (x // 1)", lambda x: 5 // (x // 1), "1", "- 0", "0", "kink"),
    ("5 // (x // 1 + x - 1)", lambda x: 5 // (x // 1 + x - 1), "1", "- -", "0", "kink"),
    ("(x // 1)**-1", lambda x: (x // 1) ** -1, "1", "- 0", "0", "kink"),
    # Both sides agree, and so does the convention: that is the derivative.
    ("x|x|", lambda x: x * absolute(x), "0", "0 0", "0", "proved"),
    ("|x|**2", lambda x: absolute(x) ** 2, "0", "0 0", "0", "proved"),
    ("max(x, x)", lambda x: maximum(x, x), "3", "1 1", "1", "proved"),
    ("min(x, x)", lambda x: minimum(x, x), "3", "1 1", "1", "proved"),
    ("relu(x*x)", lambda x: relu(x * x), "0", "0 0", "0", "proved"),
    ("relu(-x*x)", lambda x: relu(-x * x), "0", "0 0", "0", "proved"),
    ("relu(x**2 - x**3)", lambda x: relu(x**2 - x**3), "0", "0 0", "0", "proved"),
    ("relu(x**3)", lambda x: relu(x**3), "0", "0 0", "0", "proved"),
    ("x % 1 + x // 1", lambda x: x % 1 + x // 1, "2", "1 1", "1", "proved"),
    ("0 * (x // 1)", lambda x: 0 * (x // 1), "2", "0 0", "0", "proved"),
    ("|x - x| + x", lambda x: absolute(x - x) + x, "5", "1 1", "1", "proved"),
    ("relu(x - x)", lambda x: relu(x - x), "5", "0 0", "0", "proved"),
    # Both sides agree, and the convention does not: the derivative exists, and is missed.
    ("relu(x) - relu(-x)", lambda x: relu(x) - relu(-x), "0", "1 1", "0", "kink"),
    ("max(x, 0) + min(x, 0)", lambda x: maximum(x, 0) + minimum(x, 0), "0", "1 1", "1", "proved"),
    ("max(2x, x**2 + x)", lambda x: maximum(2 * x, x * x + x), "0", "1 2", "3/2", "kink"),
    ("relu(x) - (|x| + x) / 2", lambda x: relu(x) - (abs(x) + x) / 2, "0", "0 0", "-1/2", "kink"),
]  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("build", "point", "slopes", "convention", "verdict"),
    [example[1:] for example in EXAMPLES],
    ids=[example[0] for example in EXAMPLES],
)
def test_known_examples(
    backend: str,
    build: Callable[[Scalar], Scalar],
    point: str,
    slopes: str,
    convention: str,
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rational, "default_backend", lambda: backend)
    x = Scalar(point, "x")
    root = build(x)
    left, right = (None if text == "-" else Fraction(text) for text in slopes.split())
    assert sides(root, x) == (left, right)
    for method in ("chain", "whole", "auto"):
        entry = verdict_on(root, "x", method=method)
        assert (str(entry.verdict), entry.gradient) == (verdict, Fraction(convention))
        assert entry.proof == "one-sided"
        assert entry.expected == (left if left == right else None)


def test_the_derivative_is_what_both_sides_agree_on() -> None:
    half, one = Fraction(1, 2), Fraction(1)
    assert OneSided(half, half).derivative == half
    assert OneSided(half, one).derivative is None
    assert OneSided(None, one).derivative is None
    assert OneSided(None, None).derivative is None


def test_each_operand_is_moved_alone() -> None:
    x, y = Scalar(3, "x"), Scalar(3, "y")
    root = 2 * maximum(x, y) - y
    assert sides(root, x) == (0, 2)
    assert sides(root, y) == (-1, 1)
    inner = root.operands[0]
    assert sides(root, inner) == (1, 1)
    assert sides(root, root) == (1, 1)


# --- against difference quotients -----------------------------------------------------------------

small = st.integers(-3, 3)


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    unary = st.sampled_from([relu, absolute, lambda f: -f])
    binary = st.sampled_from([maximum, minimum, lambda f, g: f + g, lambda f, g: f - g])
    return st.one_of(
        st.builds(lambda op, f: lambda x: op(f(x)), unary, parts),
        st.builds(lambda op, f, g: lambda x: op(f(x), g(x)), binary, parts, parts),
    )


piecewise_linear = st.recursive(
    st.builds(lambda a, b: lambda x: a * x + b, small, small), combined, max_leaves=6
)


@given(piecewise_linear, st.integers(-3, 3))
def test_of_piecewise_linear_functions_they_are_difference_quotients(f: Any, point: int) -> None:
    # Slopes are whole numbers and differ by 36 at most, so no other corner is nearer than 1/36.
    step = Fraction(1, 1000)
    x = Scalar(point, "x")
    before, here, after = (f(Scalar(point + h)).data for h in (-step, 0, step))
    assert sides(f(x), x) == ((here - before) / step, (after - here) / step)


# --- verdicts on stored gradients -----------------------------------------------------------------


@pytest.mark.parametrize("method", ["chain", "whole", "auto"])
@pytest.mark.parametrize(
    ("build", "point", "stored", "verdict", "says"),
    [
        (relu, 0, "0", "kink", "0 from the left and 1 from the right; minigrad's convention"),
        (relu, 0, "1/2", "kink", "another convention gives 1/2"),
        (relu, 0, "1", "kink", "another convention gives 1"),
        (relu, 0, "1.0001", "refuted", "the convention's value 0; the gradient is 10001/10000"),
        (relu, 0, "-1/10", "refuted", "the gradient is -1/10"),
        (absolute, 0, "-1", "kink", "another convention gives -1"),
        (absolute, 0, "2", "refuted", "-1 from the left and 1 from the right"),
        (lambda x: x // 1, 2, "0", "kink", "nonexistent from the left and 0 from the right"),
        (lambda x: x // 1, 2, "1", "refuted", "nonexistent from the left"),
        (sign, 0, "0", "kink", "nonexistent from the right; minigrad's convention gives 0"),
        (sign, 0, "5", "refuted", "nonexistent from the right, the convention's value 0; the gra"),
        (lambda x: relu(x) - relu(-x), 0, "0", "kink", "both one-sided derivatives are 1; mini"),
        (lambda x: relu(x) - relu(-x), 0, "1", "proved", ""),
        (lambda x: relu(x) - relu(-x), 0, "1/2", "refuted", "both one-sided derivatives are 1"),
        (lambda x: x * absolute(x), 0, "0", "proved", ""),
        (lambda x: x * absolute(x), 0, "1", "refuted", "both one-sided derivatives are 0"),
    ],
)  # fmt: skip
def test_verdicts_on_what_was_left(
    method: str, build: Any, point: int, stored: str, verdict: str, says: str
) -> None:
    x = Scalar(point, "x")
    root = build(x)
    root.backward()
    x.grad = stored
    entry = verdict_on(root, "x", method=method)
    assert str(entry.verdict) == verdict
    assert says in entry.message
    assert (entry.blame == "node x") == (verdict == "refuted")


def test_the_difference_is_given_where_there_is_a_derivative() -> None:
    x = Scalar(0, "x")
    root = x * absolute(x)
    root.backward()
    x.grad = 5
    assert verdict_on(root, "x").difference == "5"
    root = relu(x)
    assert verdict_on(root, "x").difference is None


@pytest.mark.parametrize(("stored", "verdict"), [(-2, "kink"), (-1, "kink"), (1, "refuted")])
def test_the_seed_multiplies_both_sides(stored: int, verdict: str) -> None:
    x = Scalar(0, "x")
    root = relu(x)
    root.backward(-2)
    x.grad = stored
    assert str(verdict_on(root, "x", seed=-2).verdict) == verdict


def test_a_wrong_rule_is_refuted_though_its_number_lies_between() -> None:
    operator = replace(OPERATORS["relu"], partials=lambda z, x, p: (Fraction(1, 2),))
    entry = verdict_on(apply(operator, [Scalar(0, "x")]), "x")
    assert (str(entry.verdict), entry.blame) == ("refuted", "operator relu")


def test_wrong_values_above_are_refuted_and_the_node_at_the_boundary_is_not() -> None:
    x = Scalar(0, "x")
    inner = relu(x) + 1
    root = inner * inner
    inner._datum = Fraction(3)
    root._datum = Fraction(9)
    # The sides of (relu(x) + 1)**2 are 0 and 2. By relu(x), 2 is right, and the engine has 6.
    assert [str(entry.verdict) for entry in verify(root).entries] == ["kink", *["refuted"] * 3]


# --- limits ---------------------------------------------------------------------------------------


def test_a_piece_that_is_wrong_beside_the_point_is_not_believed() -> None:
    beside = replace(
        OPERATORS["abs"], branch=lambda x: Piece("zero", True) if x == 0 else Piece("positive")
    )
    x = Scalar(0, "x")
    root = apply(beside, [x])
    with pytest.raises(OutOfBudget, match="abs took another piece beside this point than SymPy"):
        sides(root, x)
    entry = verdict_on(root, "x")
    assert (str(entry.verdict), entry.proof) == ("undecided", "")
    assert "the one-sided derivatives were not found: abs took another piece" in entry.message


@pytest.mark.parametrize(
    "look", [lambda x: x.numerator > 0, lambda x: "positive"[x], lambda x: x > "0"]
)
def test_a_choice_that_cannot_be_asked_beside_the_point(look: Any) -> None:
    """A branch rule may do with Fractions what it cannot do with infinitesimals."""
    branch = lambda x: Piece("zero", True) if x == 0 else look(x)
    x = Scalar(0, "x")
    entry = verdict_on(apply(replace(OPERATORS["abs"], branch=branch), [x]), "x")
    assert str(entry.verdict) == "undecided"
    assert "abs cannot be asked there" in entry.message


def test_the_work_on_one_side_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Scalar(1, "x")
    root = relu(prod([x - 1, *[x + k for k in range(2, 40)]]))
    assert sides(root, x).left == 0
    monkeypatch.setattr(onesided, "LIMIT", 50)
    with pytest.raises(OutOfBudget, match="50 products of terms"):
        sides(root, x)


def test_the_nodes_that_are_moved_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Scalar(0, "x")
    root = relu(x) + x
    monkeypatch.setattr(onesided, "LIMIT", 1)
    with pytest.raises(OutOfBudget, match="2 nodes depend on it, over 1"):
        sides(root, x)


def test_all_nodes_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Scalar(0, "x")
    node = x
    for _ in range(3):
        node = node * 2 + node
    root = relu(node)
    monkeypatch.setattr(proof, "_ONE_SIDED_NODES", 12)
    verdicts = [str(entry.verdict) for entry in verify(root).entries]
    # What has one user goes through it; each sum has two, and moves 3 nodes on each side, then 5.
    assert verdicts == ["undecided"] * 3 + ["kink", "kink", "kink", "kink", "proved"]


@pytest.mark.parametrize(
    ("step", "last"),
    [
        (lambda node, x: relu(node), lambda node: node),
        (lambda node, x: absolute(node * 3) + x, lambda node: node),
        (lambda node, x: node * 3 + x, lambda node: node // 1),  # left to all powers, at a jump
    ],
)
def test_a_chain_takes_one_step_for_each_node(
    step: Any, last: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = x = Scalar(0, "x")
    for _ in range(200):
        node = step(node, x)
    monkeypatch.setattr(proof, "_ONE_SIDED_NODES", 5_000)
    report = verify(last(node), "chain")
    assert {str(entry.verdict) for entry in report.entries} <= {"kink", "proved"}


@given(st.integers(0, 10_000), st.integers(2, 30))
def test_what_goes_through_a_user_is_what_all_that_depends_on_the_node_gives(
    seed: int, size: int
) -> None:
    rules = Rules()
    chain = prove(Graph(random_graph(seed, size=size)), rules, Fraction(1))
    shared = AllPowers(chain, rules)
    for i in sorted(chain.boundary, reverse=True):
        for side in (-1, 1):
            try:
                found = shared._side(i, side, through=True)
                assert found == AllPowers(chain, rules)._side(i, side, through=False)
            except OutOfBudget:
                continue


@pytest.mark.parametrize("method", ["auto", "chain", "whole"])
def test_one_sided_derivatives_keep_to_the_budget(method: Any) -> None:
    node = x = Scalar(0, "x")
    for k in range(400):
        node = relu(node) - node * (k + 1) + relu(-node) + x * x
    report = verify(node, method, budget=0.2)
    says = (
        "it stands at a boundary, and the one-sided derivatives were not found: "
        "the budget of seconds ran out"
    )
    assert report.entries[0].message == says
    assert str(report.entries[0].verdict) == "undecided"
