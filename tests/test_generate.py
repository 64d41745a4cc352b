"""Random graphs: reproducible, inside every operator's domain, and with all that is hard in them."""

import dataclasses
import hashlib
import math
import random
from collections import Counter
from fractions import Fraction

import pytest

from minigrad import Scalar, gradients, to_json
from minigrad.errors import DivisionByZero, InvalidNumber, InvalidOperand
from minigrad.generate import LARGEST_VALUE, census, random_graph
from minigrad.graph import leaves, topological_order
from minigrad.number import bits
from minigrad.operators import OPERATORS, RATIONAL, Domain, Parameter, Piece

HARD = ["shared nodes", "repeated operands", "kinks", "ties", "constants", "equal values"]

FORWARD = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "floordiv": lambda x, y: Fraction(x // y),
    "mod": lambda x, y: x % y,
    "neg": lambda x: -x,
    "pow": lambda x, n: x**n,
    "power": lambda x, y: x ** int(y),
    "abs": abs,
    "relu": lambda x: max(x, Fraction(0)),
    "maximum": max,
    "minimum": min,
    "round": lambda x, digits: Fraction(round(x, digits)),
    "floor": lambda x: Fraction(math.floor(x)),
    "ceil": lambda x: Fraction(math.ceil(x)),
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "where": lambda x, y, condition: x if condition else y,
    "sum": lambda *xs: sum(xs),
    "prod": lambda *xs: math.prod(xs),
    "dot": lambda *xs: sum(
        x * y for x, y in zip(xs[: len(xs) // 2], xs[len(xs) // 2 :], strict=True)
    ),
}


WITH_POWER = {**RATIONAL, "power": OPERATORS["power"]}


def nodes(root):
    return topological_order([root])


def described(root):
    """All of a graph but its operators' rules, which a table may have replaced."""
    order = nodes(root)
    position = {node: i for i, node in enumerate(order)}
    return [
        (
            node.operator and node.operator.name,
            [position[operand] for operand in node.operands],
            node.parameters,
            node.data,
            node.label,
            node.is_constant,
        )
        for node in order
    ]


def operations(root):
    return [node for node in nodes(root) if node.operands]


# --- reproducible ---


def test_the_same_seed_draws_the_same_graph():
    for seed in range(50):
        assert to_json(random_graph(seed)) == to_json(random_graph(seed))


def test_different_seeds_draw_different_graphs_negative_ones_included():
    texts = {to_json(random_graph(seed)) for seed in range(-200, 200)}
    assert len(texts) == 400


def test_the_graphs_of_a_seed_are_the_same_on_every_machine_and_version():
    # A new operator changes them, as it must: seeds are kept for a given table.
    table = {name: WITH_POWER[name] for name in FORWARD if name not in ("floor", "ceil", "sign")}
    digest = hashlib.sha256()
    for seed in (0, 1, 7, -7, 10**30):
        for node in nodes(random_graph(seed, size=20, operators=table)):
            digest.update(f"{node.operator} {node.label} {node.data}\n".encode())
    assert digest.hexdigest()[:16] == "e8920812ec8f2061"


def test_the_global_random_state_is_neither_read_nor_changed():
    random.seed(1)
    before = random.getstate()
    first = to_json(random_graph(5))
    assert random.getstate() == before
    random.seed(2)
    assert to_json(random_graph(5)) == first


def test_the_order_of_the_table_does_not_matter():
    reordered = dict(reversed(RATIONAL.items()))
    for seed in range(50):
        assert to_json(random_graph(seed, operators=reordered)) == to_json(random_graph(seed))


@pytest.mark.parametrize("name", RATIONAL)
def test_a_table_with_wrong_partials_draws_the_same_graphs_of_the_wrong_operator(name):
    def partials(*_):
        raise AssertionError("a partial derivative was read")

    wrong = dataclasses.replace(RATIONAL[name], partials=partials)
    table = {**RATIONAL, name: wrong}
    for seed in range(20):
        root = random_graph(seed, operators=table)
        assert described(root) == described(random_graph(seed))
        used = {node.operator for node in operations(root) if node.operator.name == name}
        assert used <= {wrong}


# --- what a graph is ---


def test_every_value_is_what_its_operator_says():
    assert set(FORWARD) == set(WITH_POWER)
    for seed in range(300):
        for node in operations(random_graph(seed, operators=WITH_POWER)):
            values = [operand.data for operand in node.operands]
            assert type(node.data) is Fraction
            assert node.data == FORWARD[node.operator.name](*values, *node.parameters)


def test_every_gradient_is_rational():
    for seed in range(300):
        root = random_graph(seed)
        assert all(type(gradient) is Fraction for gradient in gradients(root).values())


def test_with_powers_too_every_gradient_is_available_and_rational():
    for seed in range(300):
        root = random_graph(seed, operators=WITH_POWER)
        assert all(type(gradient) is Fraction for gradient in gradients(root).values())


def test_an_exponent_is_a_constant_whole_number():
    exponents = [
        node.operands[1]
        for seed in range(100)
        for node in operations(random_graph(seed, operators=WITH_POWER))
        if node.operator.name == "power"
    ]
    assert len(exponents) > 10
    assert all(exponent.is_constant and exponent.data.denominator == 1 for exponent in exponents)


@pytest.mark.parametrize("size", [1, 2, 12, 100])
def test_size_counts_the_operations_and_one_sum_may_join_them(size):
    for seed in range(50):
        root = random_graph(seed, size=size)
        count = len(operations(root))
        assert count == size or (count == size + 1 and root.operator.name == "sum")


def test_the_leaves_are_numbered_and_constants_have_no_label():
    for seed in range(100):
        found = leaves(nodes(random_graph(seed)))
        labels = [leaf.label for leaf in found if not leaf.is_constant]
        assert labels
        assert set(labels) == {f"x{i}" for i in range(len(labels))}
        assert all(leaf.label == "" for leaf in found if leaf.is_constant)


def test_values_are_bounded_however_large_the_graph():
    root = random_graph(3, size=3000)
    assert all(bits(node.data) <= LARGEST_VALUE for node in nodes(root) if node is not root)
    assert len(root.operands) < 20


def test_an_operation_that_would_be_too_large_is_drawn_again():
    powers = dataclasses.replace(
        RATIONAL["pow"],
        parameters=(Parameter("exponent", lambda n: type(n) is int, "an int", samples=(1, 1000)),),
    )
    root = random_graph(0, size=50, operators={"pow": powers})
    assert {n.parameters for n in operations(root)} == {(1,), (1000,), ()}
    assert all(bits(node.data) <= LARGEST_VALUE for node in nodes(root) if node is not root)


@pytest.mark.parametrize("name", RATIONAL)
def test_a_table_of_one_operator(name):
    for seed in range(30):
        root = random_graph(seed, operators={name: RATIONAL[name]})
        assert {node.operator.name for node in operations(root)} <= {name, "sum"}


def test_the_sum_of_the_table_joins_the_loose_ends():
    other = dataclasses.replace(RATIONAL["sum"])
    roots = [random_graph(seed, operators={**RATIONAL, "sum": other}) for seed in range(20)]
    assert any(root.operator is other for root in roots)


def test_an_operator_that_is_always_at_a_boundary_is_drawn_all_the_same():
    flat = dataclasses.replace(RATIONAL["relu"], branch=lambda x: Piece("zero", boundary=True))
    for seed in range(20):
        assert census(random_graph(seed, operators={"relu": flat}))["kinks"] >= 12


# --- what the graphs contain ---


@pytest.mark.no_cover  # a loop, whose lines are counted elsewhere in a tenth of the time
@pytest.mark.parametrize("base", range(0, 5000, 500))
def test_nothing_is_rare_in_five_hundred_graphs(base):
    total, graphs_with = Counter(), Counter()
    for seed in range(base, base + 500):
        counts = census(random_graph(seed))
        total.update(counts)
        graphs_with.update(what for what, count in counts.items() if count)
    assert {name: total[name] for name in RATIONAL if total[name] < 100} == {}
    assert {what: graphs_with[what] for what in HARD if graphs_with[what] < 50} == {}
    # Kinks are never proved, so they must not be everywhere.
    assert graphs_with["kinks"] < 250


def test_census_counts_each_thing():
    x, y = Scalar(3, "x"), Scalar(3, "y")
    root = (x * x).maximum(y * 3) + abs(x - y)
    counts = {what: count for what, count in census(root).items() if count}
    assert counts == {
        "graphs": 1,
        "nodes": 9,
        "add": 1,
        "sub": 1,
        "mul": 2,
        "maximum": 1,
        "abs": 1,
        "shared nodes": 2,
        "repeated operands": 1,
        "kinks": 2,
        "ties": 1,
        "constants": 1,
        "equal values": 6,
    }


def test_census_names_what_is_absent_in_one_order_and_adds_up():
    total = Counter()
    for root in (Scalar(1), Scalar.constant(2)):
        total.update(census(root))
    assert list(total) == ["graphs", "nodes", *RATIONAL, *HARD]
    assert {what: count for what, count in total.items() if count} == {
        "graphs": 2,
        "nodes": 2,
        "constants": 1,
    }


def test_census_of_another_table():
    x = Scalar(2)
    assert list(census(x + x, {"mul": RATIONAL["mul"]})) == [
        "graphs",
        "nodes",
        "mul",
        "add",
        *HARD,
    ]


# --- what is refused ---


@pytest.mark.parametrize("value", [1.0, "1", None, True, Fraction(1)])
def test_a_seed_and_a_size_are_ints(value):
    with pytest.raises(InvalidOperand, match="expected seed to be an int; got"):
        random_graph(value)
    with pytest.raises(InvalidOperand, match="expected size to be an int; got"):
        random_graph(0, size=value)


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_is_positive(size):
    with pytest.raises(InvalidNumber, match=rf"a size of at least 1; got {size} \(type int\)"):
        random_graph(0, size=size)


def test_an_empty_table_is_refused():
    with pytest.raises(InvalidOperand, match="at least one operator; got an empty table"):
        random_graph(0, operators={})


def test_a_table_whose_operators_are_never_defined_is_refused_by_name():
    nowhere = Domain(lambda *_: False, DivisionByZero, "it is defined nowhere")
    table = {"neg": dataclasses.replace(RATIONAL["neg"], domain=(nowhere,))}
    with pytest.raises(InvalidOperand, match="defined at small rational numbers; got neg"):
        random_graph(0, operators=table)
