from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy

from minigrad import Scalar, absolute, dot, prod
from minigrad import sum as total
from minigrad.errors import InvalidOperand
from minigrad.exact import to_exact
from minigrad.generate import random_graph
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import whole
from minigrad.verify.chain import prove
from minigrad.verify.child import Answer, Child
from minigrad.verify.symbolic import Graph, Rules
from minigrad.verify.whole import LARGE, prove_node
from minigrad.verify.worker import MEMORY, Worker, is_sendable, proofs

LONG = 120.0
"""Seconds that no request here needs, so that its verdict does not depend on the machine."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def positions(root: Scalar) -> list[int]:
    return [i for i, node in enumerate(Graph(root).nodes) if not node.is_constant]


def example() -> Scalar:
    x, y = Scalar("31/10", "x"), Scalar(-2, "y")
    return absolute(y) * dot([x, y], [y, x]) + prod([x, x, 3]) / (x - y) - (x // y) ** 2


def endless() -> Scalar:
    """Within the large limits, and work for many seconds: polynomials of thousands of terms."""
    x, y, z, w = (Scalar(k, f"x{k}") for k in (2, 3, 5, 7))
    summands = []
    for k in range(6):
        node = x + y + z + w + k
        for _ in range(5):
            node = node * node + x * y + z * w
        summands.append(node)
    return total(summands)


# --- a real child ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [Fraction(1), Fraction(-2, 3)])
def test_the_child_finds_what_is_found_here(shared: Worker, seed: Fraction) -> None:
    for root in (example(), random_graph(5), random_graph(11), Scalar(3, "x")):
        found = dict(shared.prove(root, seed, positions(root), LONG))
        chain = prove(Graph(root), Rules(), seed, checks=())
        assert found == {i: prove_node(chain, i, LARGE) for i in positions(root)}
        assert all(isinstance(o.value, Fraction) for o in found.values() if o.equal is not None)


def test_the_process_is_started_at_the_first_request_and_kept() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    with Worker() as worker:
        assert worker._child is None
        assert len(dict(worker.prove(root, Fraction(1), [0, 1, 2], LONG))) == 3
        child = worker._child
        assert len(dict(worker.prove(root, Fraction(2), [1], LONG))) == 1
        assert worker._child is child
    assert worker._child is None
    assert child is not None
    assert child.process.poll() is not None
    worker.close()


def test_closed_forms_and_what_they_suppose_go_through(shared: Worker) -> None:
    x, n = Scalar(2, "x"), Scalar("1/2", "n")
    root = (x**n - 5).exp() + abs(x.log() - 3).sqrt()
    found = dict(shared.prove(root, Fraction(3, 2), positions(root), LONG))
    chain = prove(Graph(root), Rules(), Fraction(3, 2), checks=())
    assert found == {i: prove_node(chain, i, LARGE) for i in positions(root)}
    by_n = found[next(i for i, node in enumerate(Graph(root).nodes) if node is n)]
    root_of_2 = sympy.sqrt(2)
    expected = sympy.Rational(3, 2) * sympy.exp(root_of_2 - 5) * root_of_2 * sympy.log(2)
    assert (by_n.equal, by_n.value == to_exact(expected)) == (True, True)


def test_numbers_of_any_length_go_through(shared: Worker) -> None:
    x = Scalar(10**5000 + 1, "x")
    root = x * x * Scalar(Fraction(1, 3**4000), "y")
    found = dict(shared.prove(root, Fraction(7**2000), positions(root), LONG))
    by_x = found[next(i for i, n in enumerate(Graph(root).nodes) if n is x)]
    assert by_x.equal
    assert by_x.value == 2 * x.data * Fraction(7**2000, 3**4000)


def test_recorded_numbers_are_not_believed_by_the_child(shared: Worker) -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    inner = x * y
    root = inner * inner
    root.backward()
    inner._datum = Fraction(5)
    inner.grad = 99
    found = dict(shared.prove(root, Fraction(1), positions(root), LONG))
    graph = Graph(root)
    values = {graph.nodes[i]: outcome.value for i, outcome in found.items()}
    # (xy)**2 by x is 2xy*y, and by xy it is 2xy.
    assert (values[x], values[y], values[inner], values[root]) == (36, 24, 12, 1)


def test_an_operator_that_the_child_does_not_know_is_refused(shared: Worker) -> None:
    """The child would find its own operator of that name, and prove that."""
    x, y = Scalar(2, "x"), Scalar(3, "y")
    for planted in (replace(OPERATORS["mul"]), replace(OPERATORS["mul"], name="other")):
        root = apply(planted, [x, y])
        with pytest.raises(InvalidOperand, match=planted.name):
            dict(shared.prove(root, Fraction(1), [0], LONG))
    # The next request is answered as if nothing had been.
    assert len(dict(shared.prove(x * y, Fraction(1), [0, 1, 2], LONG))) == 3


# --- time -----------------------------------------------------------------------------------------


def test_what_outruns_its_time_is_stopped_and_the_next_request_works() -> None:
    with Worker() as worker:
        small = Scalar(2, "x") * Scalar(3, "y")
        assert dict(worker.prove(small, Fraction(1), [0], LONG))[0].equal
        first = worker._child
        root = endless()
        graph = Graph(root)
        x = next(i for i, node in enumerate(graph.nodes) if node.label == "x2")
        found = dict(worker.prove(root, Fraction(1), [x, graph.root], 0.4))
        assert list(found) == [x, graph.root]
        assert found[x].equal is None
        assert re.fullmatch(
            r"not found: it was stopped after 0\.\d+ s, which is all it may take", found[x].message
        )
        assert worker._child is not first
        assert dict(worker.prove(small, Fraction(1), [0], LONG))[0].equal


def test_without_time_nothing_is_started() -> None:
    with Worker() as worker:
        root = Scalar(2, "x") * 3
        found = dict(worker.prove(root, Fraction(1), [0, 2], 0.0))
        assert {i: o.equal for i, o in found.items()} == {0: None, 2: None}
        assert {o.message for o in found.values()} == {"the budget of 0 s ran out"}
        assert worker._child is None


@pytest.mark.parametrize("seconds", [float("inf"), 1e300, threading.TIMEOUT_MAX])
def test_time_without_end_is_no_error(shared: Worker, seconds: float) -> None:
    root = Scalar(2, "x") * 3
    assert dict(shared.prove(root, Fraction(1), [0], seconds))[0].equal


# --- a child that dies ----------------------------------------------------------------------------


def test_a_child_that_was_killed_is_replaced() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    with Worker() as worker:
        assert dict(worker.prove(root, Fraction(1), [0], LONG))[0].equal
        assert worker._child is not None
        worker._child.process.kill()
        worker._child.process.wait()
        assert dict(worker.prove(root, Fraction(1), [0], LONG))[0].equal


def test_a_child_that_dies_at_work_costs_one_node_only(monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Child.receive
    children = []

    def received(self: Child, seconds: float) -> Answer:
        if not children:
            self.process.kill()
        children.append(self)
        return receive(self, seconds)

    monkeypatch.setattr(Child, "receive", received)
    root = Scalar(2, "x") * Scalar(3, "y")
    with Worker() as mine:
        found = dict(mine.prove(root, Fraction(1), [0, 1, 2], LONG))
    assert len(set(children)) == 2
    assert [found[i].equal for i in (0, 1, 2)] == [None, True, True]
    assert found[0].message == "not found: its process was ended by SIGKILL"


def test_answers_that_nobody_took_are_not_taken_for_those_to_the_next_request() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    first, second = x * y, x + y
    with Worker() as worker:
        answers = worker.prove(first, Fraction(1), [0, 1, 2], LONG)
        next(answers)
        answers.close()
        found = dict(worker.prove(second, Fraction(1), [0, 1, 2], LONG))
    # D(x + y) is 1 by x and by y, and nothing of x * y.
    assert [found[i].value for i in (0, 1, 2)] == [1, 1, 1]


# --- as a job -------------------------------------------------------------------------------------


def test_the_proofs_of_a_graph_are_a_job_within_the_limits_of_the_child() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    job = proofs(root, Fraction(5, 2), [0, 2])
    assert (job.parts, job.memory, job.deep) == ((0, 2), MEMORY, True)
    chain = job.state()
    values = [job.each(chain, part).value for part in job.parts]
    # Five halves of y, and of 1.
    assert values == [Fraction(15, 2), Fraction(5, 2)]


def test_the_limits_of_the_proofs_are_those_asked_for() -> None:
    root = Scalar(2, "x") ** 5 + Scalar(3, "y")
    job = proofs(root, Fraction(1), [0], whole.Limits(size=1, depth=100, work=1))
    assert "would outgrow 1 terms" in job.each(job.state(), 0).message


def test_only_the_tables_operators_are_sent() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    assert is_sendable(Graph(x * y))
    assert not is_sendable(Graph(apply(replace(OPERATORS["mul"]), [x, y]) + 1))
