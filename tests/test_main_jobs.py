"""Workers, and runs that go on where they were stopped."""

import os
import re
import signal
from pathlib import Path

import pytest
import workers
from command_line import INTERRUPTED, PROVED, REFUTED, UNDECIDED, USAGE

from minigrad.verify import shares

pytestmark = pytest.mark.usefixtures("folder")

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look into")

MANY = "@case(*range(1, 41), gradient=lambda x: 2 * x)\ndef many(x): return x * x\n"


def case_file(folder, name, text):
    path = folder / f"{name}.py"
    path.write_text(f"import os, time\nfrom minigrad.verify import case\n{text}", encoding="utf-8")
    return str(path)


def without_seconds(text):
    return re.sub(r"in \d+\.\d s", "in … s", text)


def test_the_report_does_not_depend_on_the_number_of_workers(verify):
    words = ["right.py", "wrong.py", "kink.py", "broken.py", "prints.py", "--random", "18"]
    runs = [verify(*words, "--seed", "5", "-v", "--jobs", jobs) for jobs in ("0", "1", "3")]
    status, out, err = ((s, without_seconds(out), err) for s, out, err in runs)
    assert status == out == err
    assert status[0] == REFUTED


def test_workers_are_started_where_there_is_much_to_do(verify, folder, monkeypatch):
    started, run = [], shares.jobs.run
    monkeypatch.setattr(shares.jobs, "cores", lambda: 2)
    monkeypatch.setattr(
        shares.jobs,
        "run",
        lambda *given, **options: started.append(options) or run(*given, **options),
    )
    assert verify("right.py")[0] == PROVED
    assert started == []
    assert verify(case_file(folder, "many", MANY))[0] == PROVED
    (options,) = started
    assert options["workers"] == 2


def test_the_first_failure_stops_the_workers(verify, folder):
    path = case_file(folder, "many", MANY.replace("2 * x)", "x + 3)"))
    status, out, _ = verify(path, "-x", "--jobs", "2")
    assert status == REFUTED
    assert "stopped at the first failure, after 1 of 40 items" in out


def test_a_verdict_that_is_lost_is_undecided(verify, folder):
    path = case_file(folder, "ends", "@case(1)\ndef ends(x): os._exit(3)\n")
    status, out, _ = verify("right.py", path, "--jobs", "1")
    assert status == UNDECIDED
    assert "undecided verdict: not found: its process ended with exit status 3" in out
    assert "2 items in" in out


def test_a_limit_of_memory_means_a_worker(verify, folder):
    path = case_file(folder, "eats", "@case(1)\ndef eats(x): return x + len(bytearray(2**36))\n")
    status, out, _ = verify(path, "--memory", "1")
    assert status == UNDECIDED
    assert "not found: it outran the memory that it may take" in out


# --- going on -------------------------------------------------------------------------------------


@pytest.fixture
def journal(folder):
    return folder / "run.jsonl"


def test_a_run_goes_on_where_it_was_stopped(verify, folder, journal):
    words = ["--random", "12", "--seed", "3", "--resume", str(journal)]
    whole = verify("right.py", "wrong.py", *words)
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == 1 + 14
    # Known are six items, out of order, and half a line.
    journal.write_bytes(b"".join([lines[0], *lines[5:11], lines[2][:40]]))
    for jobs in ("2", "0"):
        again = verify("right.py", "wrong.py", *words, "--jobs", jobs)
        assert (again[0], without_seconds(again[1])) == (whole[0], without_seconds(whole[1]))
    assert len(journal.read_bytes().splitlines()) == 1 + 14


def test_what_is_known_is_not_run_again(verify, folder, journal):
    runs = folder / "runs"
    text = f"@case(1)\ndef f(x):\n    with open({str(runs)!r}, 'a') as file: file.write('.')\n    return x\n"
    path = case_file(folder, "once", text)
    for _ in range(2):
        assert verify(path, "--resume", str(journal), "-v")[0] == PROVED
    assert runs.read_text() == "."


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda folder: (folder / "right.py").write_text(""), "right.py is not what it was then"),
        (lambda folder: (folder / "new.py").write_text("x = 1"), "new.py is not what it was then"),
        (["--budget", "3"], "--budget is 3.0 (type float), and was 10.0 (type float)"),
        (["--method", "chain"], "--method is 'chain' (type str), and was 'auto' (type str)"),
        (["-k", "right"], "-k is 'right' (type str), and was None"),
        (["wrong.py"], "words is "),
    ],
)
def test_another_run_is_refused(verify, folder, journal, change, says):
    assert verify("right.py", "--resume", str(journal))[0] == PROVED
    more = change if isinstance(change, list) else []
    if not more:
        change(folder)
    status, out, err = verify("right.py", *more, "--resume", str(journal))
    assert (status, out) == (USAGE, "")
    assert "is the journal of another run: " in err
    assert says in err


def test_values_of_an_expression_make_it_another_run(verify, journal):
    assert verify("x*x", "x=3", "--resume", str(journal))[0] == PROVED
    assert verify("x*x", "x=4", "--resume", str(journal))[0] == USAGE


def test_a_seed_that_was_drawn_is_drawn_again(verify, journal):
    first = verify("--random", "3", "--resume", str(journal))
    again = verify("--random", "3", "--resume", str(journal))
    assert without_seconds(first[1]) == without_seconds(again[1])


def test_an_output_is_left_alone_if_the_journal_is_refused(verify, folder, journal):
    journal.write_text("my diary")
    (folder / "report").write_text("precious")
    status, _, err = verify(
        "right.py", "--resume", str(journal), "--output", str(folder / "report")
    )
    assert (status, "is no journal" in err) == (USAGE, True)
    assert (folder / "report").read_text() == "precious"


# --- interruptions --------------------------------------------------------------------------------


HANGS = """
def wait(x):
    with open("{mark}." + str(x.data), "w") as file:
        file.write(str(os.getpid()))
    time.sleep(1000)

case(1)(lambda x: x)
case(1)(wait)
case(2)(lambda x: x)
case(2)(wait)
"""


@linux
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_behind(process, folder, journal, sent):
    path = case_file(folder, "hangs", HANGS.replace("{mark}", str(folder / "mark")))
    child = process(path, "--jobs", "2", "--resume", str(journal))
    marks = [folder / f"mark.{k}" for k in (1, 2)]
    assert workers.until(lambda: all(mark.exists() and mark.read_text() for mark in marks))
    assert workers.until(lambda: len(journal.read_bytes().splitlines()) == 3)
    ids = [int(mark.read_text()) for mark in marks]
    assert all(map(workers.alive, ids))
    # As the terminal does it: to the whole group.
    os.killpg(child.pid, sent)
    out, err = child.communicate(timeout=60)
    assert workers.until(lambda: not any(map(workers.alive, ids)))
    if sent is signal.SIGINT:
        assert (child.returncode, err) == (INTERRUPTED, "")
        # What is known is printed, though what comes before it is not known.
        assert [line for line in out.splitlines() if "::" in line] == [
            f"{path}::<lambda> at 1",
            f"{path}::<lambda> at 2",
        ]
        assert "interrupted, after 2 of 4 items\n2 items in " in out


def test_a_second_run_finds_what_the_first_left(verify, folder, journal):
    """Interrupted by a case, in a worker as anywhere; the case that did so is then mended."""
    text = "@case(1)\ndef first(x): return x\n@case(1)\ndef stops(x): raise KeyboardInterrupt\n"
    path = case_file(folder, "stops", text)
    for jobs in ("1", "0"):
        status, out, _ = verify(path, "--jobs", jobs, "--resume", str(journal))
        assert status == INTERRUPTED
        assert "interrupted, after 1 of 2 items" in out
    assert len(journal.read_bytes().splitlines()) == 2
