"""Colour and a bar on terminals."""

import io
import json
import os
import re
import sys

import pytest
from command_line import PROVED, last_line

from minigrad.verify.__main__ import main

pytestmark = pytest.mark.usefixtures("folder")


ESCAPE = re.compile(r"\x1b\[\d*[mK]")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def on_terminal(monkeypatch):
    """Run the command line where standard output and standard error are terminals."""
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)

    def run(*words):
        out, err = Terminal(), Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            assert main(words) == PROVED
        return out.getvalue(), err.getvalue()

    return run


def test_on_a_terminal_there_is_colour_and_a_bar(on_terminal):
    out, err = on_terminal("x*x", "abs(y)", "x=3", "y=0")
    assert "\x1b[32mproved\x1b[0m" in out
    assert "\x1b[33m1 kink\x1b[0m" in last_line(out)
    # After one item of two, half of a bar of 24 places; it is taken away before anything is printed.
    clear, bar = "\r\x1b[K", f"\r[{'#' * 12}{'.' * 12}] 1/2 x*x"
    assert err == clear + bar + clear + clear


@pytest.mark.parametrize(
    ("variable", "value", "bar"), [("NO_COLOR", "1", True), ("TERM", "dumb", False)]
)
def test_colour_can_be_refused(on_terminal, monkeypatch, variable, value, bar):
    monkeypatch.setenv(variable, value)
    out, err = on_terminal("x*x", "y*y", "x=3", "y=0")
    assert "\x1b" not in out
    assert bool(err) is bar


def test_an_empty_no_color_is_none(on_terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[" in on_terminal("x*x", "x=3")[0]


@pytest.mark.parametrize(("columns", "width"), [(20, 19), (40, 39), (0, 71), (500, 71)])
def test_the_bar_never_breaks_into_two_lines(on_terminal, monkeypatch, columns, width):
    monkeypatch.setattr(Terminal, "fileno", lambda self: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda _=0: os.terminal_size((columns, 24)))
    _, err = on_terminal(f"x*x{'+ x' * 30}", "y", "x=3", "y=1", "-q")
    # In full it is "[", 24 places, "] 1/2 ", and 40 characters of the name.
    assert max(len(ESCAPE.sub("", part)) for part in err.split("\r")) == width


def test_a_bar_is_no_part_of_a_report(on_terminal):
    out, err = on_terminal("x*x", "x", "x=3", "--format", "json")
    assert json.loads(out)["exit_status"] == PROVED
    assert "1/2" in err
    assert "\x1b[32m2 proved\x1b[0m" in last_line(err)
