from __future__ import annotations

import io
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy

from minigrad import Scalar, absolute, dot, prod, to_json
from minigrad import sum as total
from minigrad.errors import InvalidOperand
from minigrad.exact import to_exact
from minigrad.generate import random_graph
from minigrad.operators import OPERATORS
from minigrad.scalar import apply
from minigrad.verify import whole, worker
from minigrad.verify.chain import prove
from minigrad.verify.symbolic import Graph, Rules
from minigrad.verify.whole import LARGE, prove_node
from minigrad.verify.worker import Worker

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
        assert worker._process is None
        assert len(dict(worker.prove(root, Fraction(1), [0, 1, 2], LONG))) == 3
        process = worker._process
        assert len(dict(worker.prove(root, Fraction(2), [1], LONG))) == 1
        assert worker._process is process
    assert worker._process is None
    assert process is not None
    assert process.poll() is not None
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
    inner._data = Fraction(5)
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
        first = worker._process
        root = endless()
        graph = Graph(root)
        x = next(i for i, node in enumerate(graph.nodes) if node.label == "x2")
        found = dict(worker.prove(root, Fraction(1), [x, graph.root], 0.4))
        assert list(found) == [x, graph.root]
        assert found[x].equal is None
        assert "stopped: it outran its share of the budget" in found[x].message
        assert worker._process is not first
        assert dict(worker.prove(small, Fraction(1), [0], LONG))[0].equal


def test_without_time_nothing_is_started() -> None:
    with Worker() as worker:
        root = Scalar(2, "x") * 3
        found = dict(worker.prove(root, Fraction(1), [0, 2], 0.0))
        assert {i: o.equal for i, o in found.items()} == {0: None, 2: None}
        assert {o.message for o in found.values()} == {"the budget of 0 s ran out"}
        assert worker._process is None


@pytest.mark.parametrize("seconds", [float("inf"), 1e300, threading.TIMEOUT_MAX])
def test_time_without_end_is_no_error(shared: Worker, seconds: float) -> None:
    root = Scalar(2, "x") * 3
    assert dict(shared.prove(root, Fraction(1), [0], seconds))[0].equal


# --- a child that dies ----------------------------------------------------------------------------


def test_a_child_that_was_killed_is_replaced() -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    with Worker() as worker:
        assert dict(worker.prove(root, Fraction(1), [0], LONG))[0].equal
        assert worker._process is not None
        worker._process.kill()
        worker._process.wait()
        assert dict(worker.prove(root, Fraction(1), [0], LONG))[0].equal


def test_a_child_that_dies_at_work_costs_one_node_only(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Worker._start
    starts = []

    def dying(self: Worker) -> None:
        starts.append(self)
        if len(starts) == 1:
            monkeypatch.setattr(worker.sys, "executable", sys.executable)
            with monkeypatch.context() as patch:
                patch.setattr(worker.sys, "path", ["/nowhere"])
                start(self)
        else:
            start(self)

    monkeypatch.setattr(Worker, "_start", dying)
    root = Scalar(2, "x") * Scalar(3, "y")
    with Worker() as mine:
        found = dict(mine.prove(root, Fraction(1), [0, 1, 2], LONG))
    assert len(starts) == 2
    assert [found[i].equal for i in (0, 1, 2)] == [None, True, True]
    assert "or of memory" in found[0].message


def test_a_request_that_cannot_be_written_is_no_error() -> None:
    class Deaf(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    class Alive:
        stdin = Deaf()

        def poll(self) -> None:
            return None

    worker = Worker()
    worker._process = Alive()  # type: ignore[assignment]
    worker._send({"graph": ""})
    worker._process = None


def test_answers_that_nobody_took_are_not_taken_for_those_to_the_next_request() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    first, second = x * y, x + y
    with Worker() as worker:
        answers = worker.prove(first, Fraction(1), [0, 1, 2], LONG)
        next(answers)
        answers.close()  # type: ignore[attr-defined]
        found = dict(worker.prove(second, Fraction(1), [0, 1, 2], LONG))
    # D(x + y) is 1 by x and by y, and nothing of x * y.
    assert [found[i].value for i in (0, 1, 2)] == [1, 1, 1]


# --- the child's side, in this process ------------------------------------------------------------


def request(root: Scalar, asked: list[int], seed: str = "1") -> str:
    return json.dumps({"graph": to_json(root), "seed": seed, "positions": asked}) + "\n"


def test_each_request_is_a_line_and_each_answer_is_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Scalar(2, "x") * Scalar(3, "y")
    other = Scalar(-2, "x") ** Scalar(3, "n")
    lines = request(root, [0, 2], seed="5/2") + request(other, [0, 1])
    monkeypatch.setattr(worker.sys, "stdin", io.StringIO(lines))
    worker._serve()
    answers = [worker._decode(line) for line in capsys.readouterr().out.splitlines()]
    assert [i for i, _ in answers] == [0, 2, 0, 1]
    values = {i: (outcome.equal, outcome.value) for i, outcome in answers[:2]}
    assert values == {0: (True, Fraction(15, 2)), 2: (True, Fraction(5, 2))}
    base, exponent = (o for _, o in answers[2:])
    if base.equal is None:
        base, exponent = exponent, base
    assert (base.equal, base.value) == (True, 12)
    # There is no derivative by the exponent of a negative base, which the engine says too.
    assert (exponent.equal, exponent.value) == (None, None)


def test_the_child_limits_its_memory_and_deepens_its_recursion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resource = pytest.importorskip("resource")
    done: list[Any] = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: done.append((what, limits)))
    monkeypatch.setattr(worker.sys, "setrecursionlimit", lambda n: done.append(n))
    monkeypatch.setattr(worker.threading, "stack_size", lambda n: done.append(n))
    monkeypatch.setattr(worker, "_serve", lambda: done.append(threading.current_thread()))
    worker.serve()
    limit, recursion, stack, thread = done
    assert limit == (resource.RLIMIT_AS, (worker.MEMORY, worker.MEMORY))
    assert recursion > whole.LARGE.depth * 10
    assert stack >= 2**20
    assert thread is not threading.main_thread()


def test_the_end_of_the_stream_is_an_answer_too() -> None:
    answers: queue.Queue[str | None] = queue.Queue()
    worker._collect(io.StringIO("a\nb\n"), answers)
    assert [answers.get_nowait() for _ in range(3)] == ["a\n", "b\n", None]

    class Closed(io.StringIO):
        def __next__(self) -> str:
            raise ValueError("I/O operation on closed file")

    worker._collect(Closed(), answers)
    assert answers.get_nowait() is None


def test_close_survives_a_pipe_that_cannot_be_closed() -> None:
    class Stuck(io.StringIO):
        def close(self) -> None:
            raise OSError

    process = subprocess.Popen([sys.executable, "-c", ""])
    process.stdin, process.stdout = Stuck(), None
    mine = Worker()
    mine._process = process
    mine.close()
    assert process.poll() is not None
