from __future__ import annotations

from collections import Counter

from hypothesis import example, given
from hypothesis import strategies as st
from shapes import shapes

from minigrad.graph import leaves, shared_nodes, topological_order


class Node:
    """Anything with operands; comparing two of them by value is an error."""

    def __init__(self, *operands: Node) -> None:
        self.operands = operands

    def __eq__(self, other: object) -> bool:
        raise AssertionError("nodes are told apart by identity")

    __hash__ = object.__hash__


def build(shape: list[list[int]]) -> list[Node]:
    nodes: list[Node] = []
    for operands in shape:
        nodes.append(Node(*(nodes[i] for i in operands)))
    return nodes


def postorder(node: Node, seen: dict[int, Node]) -> None:
    """The textbook's recursive depth-first search."""
    if id(node) in seen:
        return
    for operand in node.operands:
        if id(operand) not in seen:
            postorder(operand, seen)
    seen[id(node)] = node


def ids(nodes: object) -> list[int]:
    return [id(node) for node in nodes]


DIAMOND = [[], [0], [0], [1, 2]]
SAME_OPERAND_TWICE = [[], [0, 0], [1, 0, 1]]
LATER_OPERAND_REACHES_EARLIER = [[], [0], [1], [1, 2], [2, 1]]


@given(shapes(), st.lists(st.integers(0, 99), min_size=1, max_size=3))
@example(DIAMOND, [3])
@example(SAME_OPERAND_TWICE, [2])
@example(LATER_OPERAND_REACHES_EARLIER, [3, 4])
@example([[], []], [0, 1, 0])
def test_the_order_is_the_recursive_postorder(shape: list[list[int]], picks: list[int]) -> None:
    nodes = build(shape)
    roots = [nodes[i % len(nodes)] for i in picks]
    expected: dict[int, Node] = {}
    for root in roots:
        postorder(root, expected)
    assert ids(topological_order(roots)) == list(expected)


@given(shapes())
@example(LATER_OPERAND_REACHES_EARLIER)
def test_operands_come_before_their_users_and_each_node_once(shape: list[list[int]]) -> None:
    nodes = build(shape)
    order = topological_order(nodes)
    position = {id(node): i for i, node in enumerate(order)}
    assert sorted(position) == sorted(ids(nodes))
    assert len(order) == len(nodes)
    assert all(position[id(o)] < position[id(node)] for node in nodes for o in node.operands)


def test_no_roots_and_a_lone_root() -> None:
    lone = Node()
    assert topological_order([]) == []
    assert ids(topological_order(iter([lone, lone]))) == [id(lone)]


def test_a_chain_is_no_deeper_than_a_node() -> None:
    node = first = Node()
    for _ in range(100_000):
        node = Node(node)
    order = topological_order([node])
    assert len(order) == 100_001
    assert order[0] is first
    assert order[-1] is node


def test_a_node_doubled_a_thousand_times_has_linear_cost() -> None:
    node = Node()
    for _ in range(1000):
        node = Node(node, node)
    assert len(topological_order([node])) == 1001


def test_a_wide_node_keeps_its_operands_in_order() -> None:
    operands = [Node() for _ in range(50_000)]
    wide = Node(*operands, *operands)
    assert ids(topological_order([wide])) == [*ids(operands), id(wide)]


@given(shapes())
@example(DIAMOND)
@example(SAME_OPERAND_TWICE)
def test_leaves_and_shared_nodes(shape: list[list[int]]) -> None:
    nodes = build(shape)
    uses = Counter(i for operands in shape for i in operands)
    assert ids(leaves(nodes)) == [id(nodes[i]) for i, operands in enumerate(shape) if not operands]
    assert set(ids(shared_nodes(nodes))) == {id(nodes[i]) for i, n in uses.items() if n > 1}
