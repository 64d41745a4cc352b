from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from shapes import shapes

from minigrad import Scalar, absolute, dot, prod
from minigrad import sum as total
from minigrad.elementary import of_sympy
from minigrad.exact import published
from minigrad.number import ONE
from minigrad.operators import OPERATORS, Fold, Form, Piece
from minigrad.rational import Field
from minigrad.scalar import apply
from minigrad.verify.symbolic import (
    Graph,
    Rules,
    Unsupported,
    blocks,
    translate,
    undefined,
    unfold,
)

X, Y, Z = SYMBOLS = sp.symbols("x y z", real=True)
NUMBERS = (Fraction(2, 3), Fraction(-5), Fraction(7, 2))

numbers = st.fractions(min_value=-4, max_value=4, max_denominator=6)


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=4).map(lambda terms: sp.Add(*terms)),
        st.lists(parts, min_size=2, max_size=4).map(lambda factors: sp.Mul(*factors)),
        st.builds(lambda base, n: base**n, parts, st.integers(-3, 3)),
        st.builds(lambda part: -part, parts),
    )


expressions = st.recursive(
    st.sampled_from(SYMBOLS) | numbers.map(lambda q: sp.Rational(q.numerator, q.denominator)),
    combined,
    max_leaves=8,
)


def substituted(expression: Any, point: tuple[Fraction, ...]) -> Fraction:
    """The value by SymPy's own substitution; the example is dropped where there is none."""
    exact = {
        s: sp.Rational(q.numerator, q.denominator) for s, q in zip(SYMBOLS, point, strict=True)
    }
    value = expression.subs(exact)
    assume(value.is_Rational)
    return Fraction(int(value.p), int(value.q))


# --- evaluation -----------------------------------------------------------------------------------


@given(expressions, st.tuples(numbers, numbers, numbers))
def test_both_evaluations_agree_with_substitution(expression: Any, point: tuple) -> None:
    expected = substituted(expression, point)
    values = dict(zip(SYMBOLS, point, strict=True))
    try:
        found = translate(expression, SYMBOLS)(point), of_sympy(expression, values)
    except ZeroDivisionError:
        # SymPy substitutes from the inside: 0 * (1/x) is 0 for it before x is 0.
        assume(False)
    assert found == (expected, expected)
    assert [type(value) for value in found] == [Fraction, Fraction]


@given(expressions)
def test_both_evaluations_agree_on_rational_functions(expression: Any) -> None:
    field = Field(3)
    assume(not expression.has(sp.zoo, sp.nan))
    try:
        left = translate(expression, SYMBOLS)(field.generators)
        right = of_sympy(expression, dict(zip(SYMBOLS, field.generators, strict=True)))
    except ZeroDivisionError:
        assume(False)
    assert field.convert(left) == field.convert(right)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (sp.Rational(-3, 7), Fraction(-3, 7)),
        (X, Fraction(2, 3)),
        (-X, Fraction(-2, 3)),
        (X * Y, Fraction(-10, 3)),
        (-X * Y * Z, Fraction(35, 3)),
        (X * Y * Z / 2, Fraction(-35, 6)),
        (X / Y, Fraction(-2, 15)),
        (-X / Y**2, Fraction(-2, 75)),
        (2 * X / (3 * Y * Z), Fraction(-8, 315)),
        (1 / X, Fraction(3, 2)),
        (X**-3, Fraction(27, 8)),
        (X + Y, Fraction(-13, 3)),
        (X + Y + Z + 1, Fraction(1, 6)),
        (X - Fraction(1, 2), Fraction(1, 6)),
    ],
)
def test_values_by_hand(expression: Any, value: Fraction) -> None:
    assert translate(sp.sympify(expression), SYMBOLS)(NUMBERS) == value
    assert of_sympy(sp.sympify(expression), dict(zip(SYMBOLS, NUMBERS, strict=True))) == value


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        (X > 0, True), (Y > 0, False), (Y < 0, True), (X < Y, False), (X >= Y, True),
        (X <= Y, False), (sp.Eq(X, Y), False), (sp.Ne(X, Y), True), (sp.Eq(sp.Mod(Y, 2), 1), True),
        (sp.Eq(X * 3, 2 + 0 * Y), True), (sp.true, True), (sp.false, False),
    ],
)  # fmt: skip
def test_conditions_are_decided(relation: Any, holds: bool) -> None:
    assert translate(relation, SYMBOLS)(NUMBERS) is holds


@pytest.mark.parametrize(
    "expression",
    [
        sp.exp(X), sp.sqrt(X), X**Y, X ** sp.Rational(2, 3), sp.Abs(Y), sp.sign(Y), sp.pi, sp.E,
        sp.EulerGamma, sp.log(Z) / sp.log(2), sp.sin(X + Y), sp.cos(Y) ** 2, sp.atan(Y), sp.asin(X),
        sp.erf(Y), sp.gamma(Z), sp.loggamma(X), sp.polygamma(1, X), sp.tanh(Y), sp.acosh(Z),
        sp.exp(sp.sqrt(X) * sp.log(Z)) - 1,
    ],
)  # fmt: skip
def test_functions_are_evaluated_as_sympy_evaluates_them(expression: Any) -> None:
    numbers = {s: sp.Rational(str(n)) for s, n in zip(SYMBOLS, NUMBERS, strict=True)}
    for wrapped in (expression, 1 + expression * Y):
        expected = sp.N(wrapped.subs(numbers), 40)
        for found in (
            translate(wrapped, SYMBOLS)(NUMBERS),
            of_sympy(wrapped, dict(zip(SYMBOLS, NUMBERS, strict=True))),
        ):
            assert abs(sp.N(published(found), 40) - expected) < sp.Float("1e-35")


@pytest.mark.parametrize(
    "expression",
    [
        sp.Function("f")(X), sp.besselj(0, X), sp.Max(X, Y), sp.Heaviside(X), sp.I, sp.oo, sp.nan,
        sp.Symbol("t"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(expression: Any) -> None:
    for wrapped in (expression, sp.exp(expression + X)):
        with pytest.raises(Unsupported, match="is no function that is known"):
            translate(wrapped, SYMBOLS)
        with pytest.raises(Unsupported, match="is no function that is known"):
            of_sympy(wrapped, dict(zip(SYMBOLS, NUMBERS, strict=True)))


def test_shared_parts_are_evaluated_once() -> None:
    expression = X
    for _ in range(60):  # as a tree it has 2**60 leaves
        expression = (expression + 1) / (expression + 2)
    # (x + 1)/(x + 2) applied n times is the n-th power of a matrix.
    a, b, c, d = 1, 0, 0, 1
    for _ in range(60):
        a, b, c, d = a + c, b + d, a + 2 * c, b + 2 * d
    assert of_sympy(expression, {X: Fraction(3)}) == Fraction(3 * a + b, 3 * c + d)


class Counting:
    """A number that writes down what is done with it."""

    def __init__(self, done: list[str]) -> None:
        self.done = done

    def _done(self, sign: str) -> Counting:
        self.done.append(sign)
        return self

    def __add__(self, _: Any) -> Counting:
        return self._done("+")

    def __sub__(self, _: Any) -> Counting:
        return self._done("-")

    def __mul__(self, _: Any) -> Counting:
        return self._done("*")

    def __truediv__(self, _: Any) -> Counting:
        return self._done("/")

    def __neg__(self) -> Counting:
        return self._done("negated")


@pytest.mark.parametrize(
    ("expression", "operations"),
    [
        (X - Y, ["-"]),
        (Y - X, ["-"]),
        (-X - Y, ["negated", "-"]),
        (X / Y, ["/"]),
        (X * Y / Z, ["*", "/"]),
        (X + Y, ["+"]),
        (X - Y * Z, ["*", "negated", "+"]),
    ],
)
def test_no_operation_is_wasted(expression: Any, operations: list[str]) -> None:
    done: list[str] = []
    translate(expression, SYMBOLS)([Counting(done)] * 3)
    assert done == operations


def test_a_function_becomes_an_expression_again() -> None:
    field = Field(2)
    x, y = field.generators
    function = (x * x - 3 * y) / (2 * x + y)
    expression = function.expression([X, Y])
    assert sp.simplify(expression - (X**2 - 3 * Y) / (2 * X + Y)) == 0


# --- the graph ------------------------------------------------------------------------------------


def built(shape: list[list[int]]) -> Scalar:
    """A graph of this shape, each inner node the sum of its operands."""
    nodes: list[Scalar] = []
    for i, operands in enumerate(shape):
        nodes.append(total([nodes[o] for o in operands]) if operands else Scalar(i))
    return nodes[-1]


@given(shapes())
def test_each_node_stands_once_and_behind_its_operands(shape: list[list[int]]) -> None:
    root = built(shape)
    graph = Graph(root)
    reached, stack = {root}, [root]
    while stack:
        below = set(stack.pop().operands) - reached
        reached |= below
        stack += below
    assert {id(node) for node in graph.nodes} == {id(node) for node in reached}
    assert len(graph.nodes) == len(reached)
    assert graph.nodes[graph.root] is root
    for i, (node, operands) in enumerate(zip(graph.nodes, graph.operands, strict=True)):
        assert [graph.nodes[o] for o in operands] == list(node.operands)
        assert all(graph.nodes[o] is p for o, p in zip(operands, node.operands, strict=True))
        assert all(o < i for o in operands)
        users = [u for u, below in enumerate(graph.operands) for o in below if o == i]
        assert sorted(graph.users[i]) == users


@given(shapes())
def test_dependents_are_all_that_a_change_reaches(shape: list[list[int]]) -> None:
    graph = Graph(built(shape))
    for i in range(len(graph.nodes)):
        reached = {i}
        for user, operands in enumerate(graph.operands):
            if reached & set(operands):
                reached.add(user)
        assert graph.dependents(i) == sorted(reached - {i})


@given(shapes(), st.lists(st.integers(0, 8), min_size=1, max_size=5))
def test_several_roots_have_one_graph(shape: list[list[int]], picks: list[int]) -> None:
    nodes: list[Scalar] = []
    for i, operands in enumerate(shape):
        nodes.append(total([nodes[o] for o in operands]) if operands else Scalar(i))
    roots = [nodes[pick % len(nodes)] for pick in picks]
    graph = Graph(*roots)
    assert len(graph.roots) == len(roots)
    assert all(graph.nodes[i] is root for i, root in zip(graph.roots, roots, strict=True))
    reached, stack = set(roots), list(roots)
    while stack:
        below = set(stack.pop().operands) - reached
        reached |= below
        stack += below
    assert set(graph.nodes) == reached
    assert len(graph.nodes) == len(reached)
    for node, operands in zip(graph.nodes, graph.operands, strict=True):
        assert all(graph.nodes[o] is p for o, p in zip(operands, node.operands, strict=True))
    assert all(o < i for i, operands in enumerate(graph.operands) for o in operands)
    assert graph.root == len(graph.nodes) - 1


def test_a_root_may_be_below_another_or_be_given_twice() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    product = x * y
    root = product + x
    graph = Graph(x, root, product, root, y)
    assert [graph.nodes[i].label or graph.nodes[i].operator.name for i in graph.roots] == [
        *["x", "add", "mul", "add", "y"]
    ]
    assert graph.roots[1] == graph.roots[3] == graph.root
    assert len(graph.nodes) == 4
    assert Graph(root).roots == [graph.root]


def test_roots_that_share_nothing() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    graph = Graph(x * x, y * y)
    assert len(graph.nodes) == 4
    assert sorted(graph.roots)[-1] == graph.root == 3


def test_a_long_chain_does_not_recurse() -> None:
    node = x = Scalar(1)
    for _ in range(20_000):
        node = node + x
    graph = Graph(node)
    assert len(graph.nodes) == 20_001
    assert graph.nodes[0] is x


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["x", "y", "z"], ["x", "y", "z"]),
        (["", "", ""], ["v1", "v2", "v3"]),
        (["x", "x", "x"], ["x", "v1", "v2"]),
        (["", "v1", ""], ["v2", "v1", "v3"]),
        (["v2", "", ""], ["v2", "v1", "v3"]),
        (["x y", "2", "1/2"], ["v1", "v2", "v3"]),
        (["w[0]", "w[12]", "w[0][1]"], ["w[0]", "w[12]", "w[0][1]"]),
        (["w[", "w[x]", "[0]"], ["v1", "v2", "v3"]),
        (["é", "größe", "x_1"], ["é", "größe", "x_1"]),
        (["{0}", "_0_", "%s"], ["v1", "_0_", "v2"]),
        (["\x1b[31m", "a\nb", "x)"], ["v1", "v2", "v3"]),
        ([None, 5, ["a"]], ["v1", "v2", "v3"]),
    ],
)
def test_names_are_the_fit_and_unique_labels(labels: list[Any], names: list[str]) -> None:
    xs = [Scalar(k) for k in range(3)]
    root = total([*xs, Scalar.constant("-1/2", "x")])
    root.label = "root"
    for x, label in zip(xs, labels, strict=True):
        x.label = label
    graph = Graph(root)
    named = {id(node): name for node, name in zip(graph.nodes, graph.names, strict=True)}
    assert [named[id(x)] for x in xs] == names
    # A constant is called by its value, whatever its label.
    assert named[id(root.operands[-1])] == "-1/2"


# --- rules ----------------------------------------------------------------------------------------


def rule_of(node: Scalar, rules: Rules | None = None) -> Any:
    assert node.operator is not None
    piece = node.operator.piece([operand.data for operand in node.operands], node.parameters)
    return (rules or Rules()).find(node.operator, node.parameters, piece, len(node.operands))


def test_a_rule_is_made_once_for_operator_parameters_and_piece() -> None:
    rules = Rules()
    x, y = Scalar(3), Scalar(-2)
    same = [
        (x * y, y * x),
        (x**2, y**2),
        (absolute(x), absolute(Scalar(5))),
        (x // y, Scalar(9) // 4),
    ]
    other = [(x * y, x / y), (x**2, x**3), (absolute(x), absolute(y)), (x // y, Scalar(8) // 4)]
    for left, right in same:
        assert rule_of(left, rules) is rule_of(right, rules)
    for left, right in other:
        assert rule_of(left, rules) is not rule_of(right, rules)
    planted = replace(OPERATORS["mul"])
    assert rule_of(apply(planted, [x, y]), rules) is not rule_of(x * y, rules)


def test_the_rule_of_a_quotient() -> None:
    rule = rule_of(Scalar(3) / Scalar(4))
    assert rule.value((Fraction(3), Fraction(4))) == Fraction(3, 4)
    by_x, by_y = rule.partials
    assert by_x((Fraction(3), Fraction(4))) == Fraction(1, 4)
    assert by_y((Fraction(3), Fraction(4))) == Fraction(-3, 16)
    assert rule.ones == (False, False)
    assert rule.holds((Fraction(3), Fraction(4)))
    assert not rule.holds((Fraction(3), Fraction(0)))
    assert rule.text(rule.derivatives[1], ["a", "b"]) == "-a/b**2"
    assert rule.text(rule.form.conditions[0], ["a", "b"]) == "b != 0"


@pytest.mark.parametrize(
    ("node", "texts"),
    [
        (absolute(Scalar(3)), ["a > 0"]),
        (absolute(Scalar(0)), ["a == 0"]),
        (Scalar(3).maximum(Scalar(4)), ["a < b"]),
        (Scalar(7) // Scalar(2), ["b != 0", "a/b > c", "a/b < c + 1"]),
        (Scalar(2) ** -1, ["a != 0"]),
    ],
)
def test_conditions_read_as_a_person_writes_them(node: Scalar, texts: list[str]) -> None:
    rule = rule_of(node)
    shown = [rule.text(condition, ["a", "b", "c"]) for condition in rule.form.conditions]
    assert set(texts) <= set(shown)


def test_a_name_with_braces_or_places_is_shown_as_it_is() -> None:
    rule = rule_of(Scalar(3) / Scalar(4))
    for names in (["{1}", "_0_"], ["_1_", "{0}"]):
        shown = rule.text(rule.derivatives[1], names)
        assert shown == f"-{names[0]}/{names[1]}**2"


def test_the_piece_s_numbers_are_operands_too() -> None:
    rule = rule_of(Scalar(7) % Scalar(2))
    assert (len(rule.symbols), len(rule.numbers)) == (2, 1)
    assert rule.value((Fraction(7), Fraction(2), Fraction(3))) == 1
    assert rule.partials[0] is ONE
    assert rule.partials[1]((Fraction(7), Fraction(2), Fraction(3))) == -3


def test_a_derivative_that_does_not_exist_is_no_function() -> None:
    rule = rule_of(Scalar(-3) ** Scalar(2))
    by_base, by_exponent = rule.partials
    assert by_base((Fraction(-3), Fraction(2))) == -6
    assert by_exponent is None


def test_the_derivative_by_an_exponent_of_a_positive_base() -> None:
    rule = rule_of(Scalar(3) ** Scalar(2))
    by_base, by_exponent = rule.partials
    assert by_base((Fraction(3), Fraction(2))) == 6
    assert published(by_exponent((Fraction(3), Fraction(2)))) == 9 * sp.log(3)
    assert not rule.holds((Fraction(-3), Fraction(2)))


def test_a_rule_of_any_number_of_operands_that_is_no_fold_is_made_for_each_number() -> None:
    rules = Rules()
    three = apply("norm", [Scalar(1), Scalar(2), Scalar(2)])
    two = apply("norm", [Scalar(3), Scalar(4)])
    assert rule_of(three, rules) is not rule_of(two, rules)
    assert rule_of(three, rules) is rule_of(apply("norm", [Scalar(2)] * 3), rules)
    assert [len(rule_of(node, rules).symbols) for node in (two, three)] == [2, 3]


@pytest.mark.parametrize(
    ("node", "fold", "ones"),
    [
        (total([Scalar(1), Scalar(2)]), True, (True,)),
        (prod([Scalar(1), Scalar(2)]), True, (False,)),
        (dot([Scalar(1)], [Scalar(2)]), True, (False,)),
        (Scalar(1) + Scalar(2), False, (True, True)),
        (Scalar(1) - Scalar(2), False, (True, False)),
        (Scalar(3) ** Scalar(2), False, (False, False)),
    ],
)
def test_which_derivatives_are_one(node: Scalar, fold: bool, ones: tuple[bool, ...]) -> None:
    rule = rule_of(node)
    assert (rule.fold is not None) == fold
    assert rule.ones == ones


@pytest.mark.parametrize(
    ("node", "occurring"),
    [
        (Scalar(1) + Scalar(2), (False, False)),
        (Scalar(1) * Scalar(2), (True, True)),
        (Scalar(1) / Scalar(2), (True, True)),
        (-Scalar(1), (False,)),
        (Scalar(1) ** 1, (False,)),
        (Scalar(3) ** 2, (True,)),
        (Scalar(3) ** 0, (False,)),
        (Scalar(3) ** Scalar(2), (True, True)),
        (Scalar(-3) ** Scalar(2), (True, False)),
        (Scalar(-3) ** Scalar(1), (False, False)),
        (absolute(Scalar(3)), (False,)),
        (Scalar(3).maximum(Scalar(4)), (False, False)),
        (Scalar(7) % Scalar(2), (False, False)),
        (Scalar(7) // Scalar(2), (False, False)),
        (total([Scalar(1), Scalar(2)]), (False, False)),
        (prod([Scalar(1), Scalar(2)]), (True, True)),
        (dot([Scalar(1)], [Scalar(2)]), (False, True, True)),
    ],
)
def test_which_operands_occur_in_a_derivative(node: Scalar, occurring: tuple[bool, ...]) -> None:
    """Of a fold these are the accumulator and then what a step takes: total + x has none, total * x both."""
    assert rule_of(node).occurring == occurring


@pytest.mark.parametrize(
    ("witness", "rational"),
    [
        (lambda sp, x: Form((x**2 - sp.Rational(1, 3)) / (x + 1) ** 3), True),
        (lambda sp, x: Form(sp.Integer(2)), True),
        (lambda sp, x: Form(sp.exp(x)), False),
        (lambda sp, x: Form(sp.sqrt(x)), False),
        (lambda sp, x: Form(x * sp.pi), False),
        (lambda sp, x: Form(x + sp.sqrt(2)), False),
    ],
)
def test_which_forms_are_rational(witness: Any, rational: bool) -> None:
    operator = replace(OPERATORS["neg"], witness=witness)
    assert Rules().find(operator, (), ()).is_rational is rational


def test_in_the_place_of_a_rule_nothing_holds() -> None:
    rule = undefined(2)
    assert rule.is_undefined
    assert not rule.holds((Fraction(1), Fraction(2)))
    assert rule.partials == (None, None)
    assert not rule_of(Scalar(3) / Scalar(4)).is_undefined


def test_the_witness_is_asked_with_symbols_for_everything_but_parameters() -> None:
    asked: list[tuple[Any, ...]] = []

    def witness(module: Any, x: Any, n: int, piece: Piece) -> Form:
        asked.append((module, x, n, piece))
        return Form(x * n + piece.numbers[0])

    operator = replace(
        OPERATORS["round"], witness=witness, branch=lambda x, n: Piece("p", False, (Fraction(9),))
    )
    rule = Rules().find(operator, (4,), operator.piece([Fraction(1)], (4,)))
    ((module, x, n, piece),) = asked
    assert module is sp
    assert (x.is_Symbol, x.is_real, n) == (True, True, 4)
    assert piece.numbers[0].is_Symbol
    assert rule.value((Fraction(2), Fraction(9))) == 17


# --- folds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("length", [1, 2, 5])
def test_blocks_and_unfold_are_inverse(width: int, length: int) -> None:
    fold = Fold(0, lambda total, *xs: Form(total), width)
    operands = list(range(width * length))
    taken = list(blocks(fold, operands))
    # Block i is the i-th of each of the equal runs.
    assert taken == [tuple(k * length + i for k in range(width)) for i in range(length)]
    assert unfold(fold, taken) == operands


def test_a_point_of_every_operator_is_evaluated_as_the_engine_does() -> None:
    """Forward and witness have nothing in common, and agree where they are compared."""
    points = [Fraction(n, d) for n, d in ((3, 1), (-2, 1), (5, 2), (0, 1))]
    for operator in OPERATORS.values():
        if operator.name in ("sum", "prod", "dot"):
            continue
        samples = itertools.product(*(parameter.samples for parameter in operator.parameters))
        for parameters in samples:
            for xs in itertools.product(points, repeat=operator.arity or 3):
                if all(domain.holds(*xs, *parameters) for domain in operator.domain):
                    node = apply(operator, [Scalar(x) for x in xs], parameters)
                    piece = operator.piece(xs, parameters)
                    rule = Rules().find(operator, parameters, piece, len(xs))
                    at = [*xs, *(piece and piece[0].numbers)]
                    assert rule.holds(at), (operator, xs, parameters)
                    assert rule.value(at) == node._datum, (operator, xs, parameters)
