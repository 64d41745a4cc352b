"""The formats of a report, and where it goes."""

import io
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import PROVED, REFUTED, USAGE, last_line

from minigrad.verify.__main__ import main

pytestmark = pytest.mark.usefixtures("folder")


def test_json_is_the_reports(document):
    status, ran = document("wrong.py")
    assert status == REFUTED
    nodes, gradient = ran["results"][0]["reports"]
    assert nodes["points"] == [{"x": "2", "y": "3"}]
    assert [(e["label"], e["gradient"], e["verdict"]) for e in nodes["entries"]] == [
        *(
            ("x", "12", "proved"),
            ("v1", "3", "proved"),
            ("y", "4", "proved"),
            ("v2", "1", "proved"),
        ),
    ]
    wrong = gradient["entries"][1]
    assert (wrong["gradient"], wrong["expected"], wrong["difference"]) == ("7", "4", "y")
    assert (ran["seed"], ran["census"], ran["collected"], ran["interrupted"]) == (
        None,
        {},
        1,
        False,
    )


def test_what_a_case_prints_does_not_spoil_the_report(verify):
    status, out, err = verify("prints.py", "--format", "json")
    assert (status, json.loads(out)["exit_status"]) == (PROVED, PROVED)
    assert err.startswith("loaded\ncalled\n")


def test_junit_has_a_failure_where_the_status_has_one(verify):
    words = ["right.py", "wrong.py", "kink.py", "broken.py", "--format", "junit"]
    status, out, _ = verify(*words)
    (suite,) = ElementTree.fromstring(out)
    assert status == REFUTED
    assert [[child.tag for child in case] for case in suite] == [
        *(["system-out"], ["failure", "system-out"], ["system-out"], ["error", "system-out"]),
    ]
    (suite,) = ElementTree.fromstring(verify(*words, "--strict")[1])
    assert suite[2].find("failure").get("type") == "kink"


@pytest.mark.parametrize("kind", ["text", "json", "junit"])
def test_a_report_can_go_to_a_file(verify, kind):
    words = ["right.py", "µ", "µ=3", "--format", kind]
    _, printed, _ = verify(*words)
    status, out, err = verify(*words, "--output", "report.out")
    assert (status, out) == (PROVED, "")
    written = Path("report.out").read_text(encoding="utf-8")
    seconds = re.compile(r'(seconds": |time="| in )[0-9.]+')
    assert seconds.sub("", written) == seconds.sub("", printed)
    # On standard error, what has been done so far, and the summary.
    assert err.splitlines()[:2] == ["[1/2] proved ../right.py::right at 3", "[2/2] proved µ"]
    assert last_line(err).startswith("2 items in ")
    _, _, err = verify(*words, "--output", "report.out", "-q")
    assert len(err.splitlines()) == 1


def test_notes_go_where_they_do_not_spoil_the_report(verify):
    status, out, err = verify("-k", "zzz", "--format", "json")
    assert (status, json.loads(out)["results"]) == (USAGE, [])
    assert err.splitlines()[0] == "no case collected: no name fits -k"


def test_labels_from_a_graph_file_cannot_abuse_the_screen(verify):
    evil = "\x1b[2J\x1b[31mproved\r\n\x00\u202e"
    nodes = [
        {"operator": "leaf", "label": evil, "data": "3", "grad": "5"},
        {"operator": "leaf", "label": "x" * 10**5, "data": "4"},
        {"operator": "mul", "operands": [0, 1], "label": "<&]]>"},
    ]
    Path("evil.json").write_text(json.dumps({"minigrad": 1, "nodes": nodes}))
    status, out, _ = verify("evil.json")
    assert status == REFUTED
    assert all(c.isprintable() for line in out.split("\n") for c in line)
    assert max(map(len, out.split("\n"))) < 500
    status, out, _ = verify("evil.json", "--format", "junit")
    (suite,) = ElementTree.fromstring(out)
    assert suite.get("failures") == "1"
    entries = json.loads(verify("evil.json", "--format", "json")[1])["results"][0]["reports"][0]
    assert entries["entries"][0]["label"] == evil


def test_an_encoding_that_lacks_a_character_gets_an_escape(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["größe * 2", "größe=3"]) == PROVED
    assert b"gr\\xf6\\xdfe * 2\n  at gr\\xf6\\xdfe = 3\n" in stream.buffer.getvalue()
