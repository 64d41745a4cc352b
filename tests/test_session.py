"""One run of the command line: what is shown, in which order, and the exit status."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from minigrad.generate import census, random_graph
from minigrad.verify.options import parser
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.run import RULES, Item, Result, from_seed
from minigrad.verify.session import Exit, Session
from minigrad.verify.shares import most_seconds

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict


def result(name: str, verdict: Verdict | None) -> Result:
    if verdict is None:
        return Result(name, error="boom")
    return Result(name, (Report((Entry("x", verdict),), f"{name} was"),))


def item(
    name: str, error: type[BaseException] | None = None, made: list[str] | None = None
) -> Item:
    def make(*_: Any) -> tuple[Report, ...]:
        if made is not None:
            made.append(name)
        if error is not None:
            raise error
        return result(name, PROVED).reports

    return Item(name, make)


def ran(items: list[Any], *words: str, kept: Any = None) -> tuple[int, str]:
    """The exit status and the report, in this process."""
    stream = io.StringIO()
    options = parser().parse_args([*words, "--jobs", "0"])
    return Session(options, items, kept, None).run(stream), stream.getvalue()


@pytest.mark.parametrize(
    ("verdicts", "status", "strict"),
    [
        ([PROVED, PROBABLE], Exit.PROVED, Exit.PROVED),
        ([KINK, PROVED], Exit.PROVED, Exit.REFUTED),
        ([PROVED, UNDECIDED], Exit.UNDECIDED, Exit.UNDECIDED),
        ([UNDECIDED, KINK], Exit.UNDECIDED, Exit.REFUTED),
        ([UNDECIDED, None], Exit.USAGE, Exit.USAGE),
        ([None, UNDECIDED, REFUTED], Exit.REFUTED, Exit.REFUTED),
    ],
)
def test_the_status_is_that_of_the_worst(
    verdicts: list[Verdict | None], status: Exit, strict: Exit
) -> None:
    items = [result(f"item {i}", verdict) for i, verdict in enumerate(verdicts)]
    assert ran(items)[0] == status
    assert ran(items, "--strict")[0] == strict


def test_the_operator_rules_alone_are_no_case() -> None:
    rules = result(RULES, PROVED)
    status, text = ran([rules])
    assert status == Exit.USAGE
    assert "no case collected: name files, folders or an expression, or set [tool.minigrad]" in text
    assert ran([], "-k", "nothing")[1].startswith("no case collected: no name fits -k\n")
    # Who asked for them by name wanted no case.
    assert ran([rules], "-k", "rules")[0] == ran([rules, result("a", PROVED)])[0] == Exit.PROVED


def test_results_are_shown_in_the_order_of_the_items() -> None:
    _, text = ran([result("one", KINK), item("two"), result("three", None)])
    shown = [line for line in text.splitlines() if "was" in line or line.startswith("error")]
    assert shown == ["one was", "two was", "error three"]
    assert text.splitlines()[-1].startswith("3 items in 0.0 s: 1 proved, 1 kink, 1 error")


@pytest.mark.parametrize(("words", "count"), [((), 4), (("-x",), 3), (("-x", "--strict"), 2)])
def test_the_first_failure_can_be_the_last(words: tuple[str, ...], count: int) -> None:
    items = [result(str(i), v) for i, v in enumerate((PROVED, KINK, UNDECIDED, REFUTED))]
    _, text = ran(items, *words)
    assert text.splitlines()[-1].startswith(f"{count} item")
    note = f"stopped at the first failure, after {count} of 4 items\n"
    assert (note in text) is (count < 4)


def test_quiet_shows_what_fails_and_the_end() -> None:
    items = [result("one", PROVED), result("two", REFUTED), result("three", KINK)]
    _, text = ran(items, "-q")
    assert [name in text for name in ("one", "two", "three")] == [False, True, False]
    assert "three" in ran(items, "-q", "--strict")[1]
    assert "one" in ran(items, "-q", "-v")[1]


def test_an_interruption_shows_what_is_known() -> None:
    known = SimpleNamespace(
        known={3: result("four", PROVED)}, add=lambda i, r: added.append((i, r.name))
    )
    added: list[Any] = []
    items = [item("one"), item("two", KeyboardInterrupt), item("three"), item("four")]
    status, text = ran(items, kept=known)
    assert status == Exit.INTERRUPTED
    assert [name in text for name in ("one was", "two", "three", "four was")] == [
        True,
        False,
        False,
        True,
    ]
    assert "interrupted, after 2 of 4 items\n" in text
    assert added == [(0, "one")]


def test_what_a_journal_knows_is_not_run_again_nor_kept_again() -> None:
    made: list[str] = []
    added: list[int] = []
    journal = SimpleNamespace(known={0: result("one", KINK)}, add=lambda i, _: added.append(i))
    status, text = ran([item("one", made=made), item("two", made=made)], kept=journal)
    assert (status, made, added) == (Exit.PROVED, ["two"], [1])
    assert "1 proved, 1 kink" in text


def test_progress_and_summary_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    ran([result("one", PROVED), item("two", ValueError)])
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["[1/2] proved one", "[2/2] error two"]
    assert lines[2].startswith("2 items in 0.0 s: 1 proved, 1 error")
    options = parser().parse_args(["--jobs", "0"])
    assert Session(options, [result("one", PROVED)], None, None).run(sys.stdout) == Exit.PROVED
    assert capsys.readouterr().err == ""


def test_the_document_says_how_the_run_ended(capsys: pytest.CaptureFixture[str]) -> None:
    items = [item("one"), item("two", KeyboardInterrupt)]
    document = json.loads(ran(items, "--format", "json")[1])
    assert (document["exit_status"], document["interrupted"], document["collected"]) == (
        130,
        True,
        2,
    )
    assert "interrupted, after 1 of 2 items\n" in capsys.readouterr().err
    suites = ElementTree.fromstring(ran([result("one", KINK)], "--format", "junit", "--strict")[1])
    assert suites[0].get("failures") == "1"


def test_the_census_is_of_the_graphs_that_were_verified() -> None:
    items = list(from_seed(5, 3))
    words = ("--random", "3", "--seed", "5", "-q")
    graphs, count = 3, sum(census(random_graph(seed))["nodes"] for seed in (5, 6, 7))
    assert f"--random 3 --seed 5: {graphs} graphs, {count} nodes, " in ran(items, *words)[1]
    graphs, count = 1, census(random_graph(5))["nodes"]
    stopped = [items[0], item("stops", KeyboardInterrupt), *items[1:]]
    assert f"--random 3 --seed 5: {graphs} graphs, {count} nodes, " in ran(stopped, *words)[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {"workers": 0, "memory": None, "in_full": False, "seconds": most_seconds(10)}),
        ("--jobs 3 --budget 2", {"workers": 3, "seconds": most_seconds(2)}),
        ("--memory 1.5", {"workers": 1, "memory": 3 * 2**29}),
        ("-v", {"in_full": True}),
        ("--format json", {"in_full": True}),
        ("--format junit", {"in_full": False}),
    ],
)
def test_where_the_items_are_verified(words: str, expected: dict[str, Any]) -> None:
    options = parser().parse_args(words.split())
    way = Session(options, [item("one")], None, None)._way()
    assert {name: getattr(way, name) for name in expected} == expected


def test_an_executor_takes_the_place_of_workers_and_a_journal_wants_all_digits() -> None:
    journal: Any = SimpleNamespace(known={})
    executor: Any = object()
    way = Session(parser().parse_args(["--jobs", "3"]), [], journal, executor)._way()
    assert (way.workers, way.executor, way.in_full) == (0, executor, True)


def test_an_executor_that_fails_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    class Useless:
        def submit(self, *_: object) -> None:
            raise RuntimeError("no room")

    options = parser().parse_args(["--random", "1", "--seed", "5", "--format", "json"])
    executor: Any = Useless()
    session = Session(options, list(from_seed(5, 1)), None, executor)
    assert session.run(sys.stdout) == Exit.PROVED
    captured = capsys.readouterr()
    assert json.loads(captured.out)["exit_status"] == Exit.PROVED
    assert captured.err.startswith(
        "warning: the executor takes no more jobs, they are done here: RuntimeError: no room\n"
    )
