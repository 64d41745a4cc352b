"""Interruptions, and a process of its own."""

import errno
import io
import os
import signal
import sys

import pytest
from command_line import INTERRUPTED, PROVED, REFUTED, USAGE

from minigrad.verify.__main__ import main

pytestmark = pytest.mark.usefixtures("folder")


# --- interruptions --------------------------------------------------------------------------------


def test_an_interruption_leaves_what_is_known(verify, document):
    status, out, _ = verify("right.py", "stops.py")
    assert status == INTERRUPTED
    assert "stops.py::first at 1" in out
    assert "interrupted, after 2 of 4 items\n2 items in " in out
    assert "third" not in out
    status, known = document("right.py", "stops.py")
    assert (status, known["exit_status"], known["interrupted"]) == (INTERRUPTED, INTERRUPTED, True)
    assert [result["status"] for result in known["results"]] == ["proved", "proved"]


def test_an_interruption_while_files_are_read_is_no_traceback(verify, folder):
    (folder / "endless.py").write_text("raise KeyboardInterrupt")
    status, out, err = verify("right.py", "../endless.py")
    assert (status, out, err) == (
        *(INTERRUPTED, "", "interrupted while the cases were being read\n"),
    )


class Closed(io.StringIO):
    """A pipe whose reader has gone."""

    def __init__(self, descriptor):
        super().__init__()
        self.descriptor = descriptor

    def write(self, text):
        raise BrokenPipeError

    def fileno(self):
        return self.descriptor


def test_a_reader_that_has_gone_ends_the_run(folder, monkeypatch, capsys):
    with (folder / "pipe").open("w") as pipe:
        monkeypatch.setattr(sys, "stdout", Closed(pipe.fileno()))
        assert main(["x*x", "x=3"]) == USAGE
        # What is still to be flushed goes nowhere.
        pipe.write("lost")
    assert (folder / "pipe").read_text() == ""
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("report", ["text", "json"])
@pytest.mark.parametrize(
    "closed", [["stdout"], ["stderr"], ["stdout", "stderr"]], ids=lambda names: " and ".join(names)
)
@pytest.mark.parametrize(
    ("words", "status"), [(["right.py"], PROVED), (["wrong.py"], REFUTED), (["none.py"], USAGE)]
)
def test_closed_streams_leave_the_status(monkeypatch, closed, words, status, report):
    # What Python has in the place of streams that the shell closed, as by `>&-`.
    for name in closed:
        monkeypatch.setattr(sys, name, None)
    assert main([*(f"../{word}" for word in words), "--format", report]) == status


class Full(io.StringIO):
    """A file on a disk that is full."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("full", [["stderr"], ["stdout", "stderr"]])
def test_a_full_disk_is_no_refutation(monkeypatch, full):
    for name in full:
        monkeypatch.setattr(sys, name, Full())
    assert main(["../right.py", "--format", "json"]) == USAGE


# --- a process of its own -------------------------------------------------------------------------


def test_the_module_can_be_run(process):
    child = process("10 / (a*b / (a+b))", "a=3.1", "b=4.2")
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (PROVED, "")
    assert "a               31/10     -1000/961 " in out


def test_the_exit_status_is_that_of_the_process(process):
    child = process("../wrong.py")
    out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (REFUTED, "")
    assert "yours minus the true one is y" in out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_control_c_ends_the_process_with_what_is_known(process, folder):
    text = "import time\n@case(1)\ndef slow(x): time.sleep(100)\n"
    (folder / "slow.py").write_text(f"from minigrad.verify import case\n{text}")
    child = process("../right.py", "../slow.py")
    first = child.stdout.readline()
    while line := child.stdout.readline().strip():
        last = line
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert first == "../right.py::right at 3\n"
    assert last.startswith("x     given     3      6 ")
    assert out.startswith("interrupted, after 1 of 2 items\n1 item in ")
    assert (child.returncode, err) == (INTERRUPTED, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows reports a closed pipe otherwise")
def test_a_closed_pipe_ends_the_process_quietly(process):
    child = process("--random", "300", "--seed", "1", "--method", "chain")
    assert child.stdout.readline() == "random graph, seed 1\n"
    child.stdout.close()
    assert child.wait(timeout=60) == USAGE
    assert child.stderr.read() == ""
