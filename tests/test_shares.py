"""The results of items in worker processes are those in this process, in the same order."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minigrad.verify import output, shares
from minigrad.verify.proof import Prover
from minigrad.verify.run import Item, Options, Result, from_path, from_seed
from minigrad.verify.shares import Way, results

CASES = """
from minigrad.verify import case

print("loaded")

@case(2, 0, gradient=lambda x: 2 * x)
def square(x):
    print("called at", x.data)
    return x * x

@case((2, 3), gradient=lambda x, y: (y, x + 1))
def wrong(x, y): return x * y

@case(0)
def broken(x): return 1 / x

@case(gradient=lambda x: x.exp())
def found(x): return x.exp()

@case((1, 2))
def closed(x, y): return (x / y).exp() + y.sqrt()
"""

TWO = Way(workers=2, seconds=60.0)


@pytest.fixture
def file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "cases.py"
    path.write_text(CASES, encoding="utf-8")
    return path


HERE = Way()


def ran(entries: Sequence[Item | Result], way: Way = HERE, **options: Any) -> list[Result]:
    settings: dict[str, Any] = {"known": {}, "finished": lambda i, result: None, **options}
    return list(results(entries, Options(), way, **settings))


def texts(found: Sequence[Result]) -> list[str]:
    return [output.as_text(result, verbose=True) for result in found]


def case_file(folder: Path, text: str) -> list[Item | Result]:
    path = folder / "made.py"
    path.write_text(f"import os, time\nfrom minigrad.verify import case\n{text}", encoding="utf-8")
    return list(from_path(path))


def test_workers_and_executors_find_the_same(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text("{")
    entries = [*from_path(tmp_path), Result("given", error="no file"), *from_seed(1, 20)]
    capsys.readouterr()
    here = ran(entries)
    printed = capsys.readouterr()
    assert [result.name for result in here] == [entry.name for entry in entries]
    assert {result.status for result in here} >= {"proved", "refuted", "error"}
    with ThreadPoolExecutor(1) as executor:
        for way in (TWO, Way(executor=executor, seconds=60.0)):
            assert texts(ran(entries, way)) == texts(here)
            assert capsys.readouterr() == printed
    assert printed.err == "called at 2\ncalled at 0\n"


def test_blocks_are_of_small_items_only(file: Path) -> None:
    entries = [*from_path(file), *from_seed(0, 40), *from_path(file)]
    items = {i: entry for i, entry in enumerate(entries) if isinstance(entry, Item)}
    del items[10]
    sizes = [len(share) for share in shares._shares(items)]
    assert sizes == [1] * 6 + [16, 16, 7] + [1] * 6
    assert [i for share in shares._shares(items) for i in share] == sorted(items)


def test_what_is_known_is_not_run(tmp_path: Path) -> None:
    entries = case_file(tmp_path, "@case(1, 2)\ndef f(x): return x\n")
    known = {1: Result("known", error="of old")}
    for way in (Way(), TWO):
        told: dict[int, Result] = {}
        found = ran(entries, way, known=known, finished=told.__setitem__)
        assert [result.status for result in found] == ["proved", "error"]
        assert told == {0: found[0]}


@pytest.mark.skipif(os.name != "posix", reason="exit statuses of POSIX systems")
def test_an_item_that_ends_its_worker_is_undecided_and_the_others_are_not(tmp_path: Path) -> None:
    text = (
        "@case(1)\ndef before(x): return x\n"
        "@case(1, gradient=lambda x: 2, expect='refuted')\ndef ends(x): os._exit(3)\n"
        "@case(1)\ndef hangs(x): time.sleep(1000)\n"
        "@case(1)\ndef eats(x): return x + len(bytearray(2**36))\n"
        "@case(1)\ndef after(x): return x\n"
    )
    way = replace(TWO, seconds=3.0, memory=2**30)
    told: dict[int, Result] = {}
    found = ran(case_file(tmp_path, text), way, finished=told.__setitem__)
    assert [result.status for result in found] == ["proved", *["undecided"] * 3, "proved"]
    assert [result.lost for result in found] == [False, True, True, True, False]
    assert [output.reason(result) for result in found[1:4]] == [
        "undecided verdict: not found: its process ended with exit status 3",
        "undecided verdict: not found: it was stopped after 3 s, which is all it may take",
        "undecided verdict: not found: it outran the memory that it may take",
    ]
    assert told == dict(enumerate(found))


def test_memory_that_is_not_there_is_no_error_of_an_item_here_either(tmp_path: Path) -> None:
    entries = case_file(tmp_path, "@case(1)\ndef eats(x): raise MemoryError\n")
    assert texts(ran(entries)) == texts(ran(entries, TWO))
    assert ran(entries)[0].status == "undecided"


def test_an_item_that_cannot_be_sent_is_run_here() -> None:
    def local(prover: Prover, options: Options) -> Any:
        ran_here.append(os.getpid())
        return ()

    ran_here: list[int] = []
    first, second = from_seed(1, 2)
    told: dict[int, Result] = {}
    found = ran([first, Item("local", local), second], TWO, finished=told.__setitem__)
    assert [result.status for result in found] == ["proved"] * 3
    assert ran_here == [os.getpid()]
    assert told == dict(enumerate(found))


@pytest.mark.parametrize("way", [Way(), TWO])
def test_an_interruption_comes_at_its_place(tmp_path: Path, way: Way) -> None:
    text = "@case(1)\ndef first(x): return x\n@case(1)\ndef stops(x): raise KeyboardInterrupt\n"
    entries = case_file(tmp_path, text)
    found = results(entries, Options(), way, {}, lambda i, result: None)
    assert next(found).name == entries[0].name
    with pytest.raises(KeyboardInterrupt):
        next(found)


def test_workers_are_for_more_than_a_few_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares.jobs, "cores", lambda: 4)
    assert [shares.worthwhile(count) for count in (0, 1, 31, 32, 10**6)] == [0, 0, 0, 4, 4]
    monkeypatch.setattr(shares.jobs, "cores", lambda: 1)
    assert shares.worthwhile(10**6) == 0


def test_whoever_keeps_to_the_budget_is_not_stopped() -> None:
    assert shares.most_seconds(0) > 1
    assert shares.most_seconds(1000) >= 3000


def test_leaving_early_is_no_error(tmp_path: Path) -> None:
    entries = case_file(tmp_path, "@case(*range(40))\ndef f(x): return x\n")
    with contextlib.closing(results(entries, Options(), TWO, {}, lambda i, result: None)) as found:
        assert next(found).status == "proved"
