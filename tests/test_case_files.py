"""The evidence in the folder `verify`: every file, with its sources, and the seed's worked example."""

import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

import minigrad
from minigrad import Scalar
from minigrad.verify.cases import arguments, files, load

FOLDER = Path(minigrad.__file__).parents[1] / "verify"
FILES = files(FOLDER)
CASES = [(f"{path}::{case.name}", case) for path in FILES for case in load(path)]

# g = f / (a b / (a + b)), by hand: with s = 1/a + 1/b, g = f s, dg/df = s, dg/da = -f/a**2,
# dg/db = -f/b**2; e = 1/s, dg/de = -f/e**2; d = a b, dg/dd = -f (a + b)/d**2; c = a + b, dg/dc = f/d.
WORKED_EXAMPLE = {
    ("31/10", "21/5", "10"): {
        "g": ("3650/651", "1"),
        "f": ("10", "365/651"),
        "e": ("651/365", "-1332250/423801"),
        "d": ("651/50", "-182500/423801"),
        "c": ("73/10", "500/651"),
        "b": ("21/5", "-250/441"),
        "a": ("31/10", "-1000/961"),
    },
    ("-4", "2", "10"): {
        "g": ("5/2", "1"),
        "f": ("10", "1/4"),
        "e": ("4", "-5/8"),
        "d": ("-8", "5/16"),
        "c": ("-2", "-5/4"),
        "b": ("2", "-5/2"),
        "a": ("-4", "-5/8"),
    },
}


def run_of(path, found):
    """What the command finds in a file or folder; seconds enough for a slow machine, since sizes are limited too."""
    options = ["-q", "--budget", "100", "--format", "json", "--output", str(found)]
    subprocess.run(
        [sys.executable, "-m", "minigrad.verify", str(path), *options], cwd=FOLDER.parent
    )
    return json.loads(found.read_text(encoding="utf-8"))["results"]


def case_of(result):
    """The full name of the case that a result is of; a function may have several under one name."""
    return str(FOLDER.parent / result["name"].partition(" at ")[0])


def items_of(cases):
    """How many items each name has, one for each point."""
    counts = Counter()
    for name, case in cases:
        counts[name] += max(1, len(case.points))
    return counts


def test_there_are_case_files():
    assert {"seed", "ancestors", "pieces"} <= {path.stem for path in FILES}


def test_every_case_states_its_source():
    assert {Path(name.partition("::")[0]) for name, _ in CASES} == set(FILES)
    assert [name for name, case in CASES if not case.source.strip()] == []


def check_that_every_case_is_proved_at_every_point(results):
    assert Counter(map(case_of, results)) == items_of(CASES)
    found = [(r["name"], r["status"], r["error"]) for r in results]
    assert [line for line in found if line[1] not in ("proved", "kink")] == []


def check_that_kinks_are_where_pieces_end(results):
    of_nodes = [r for r in results if r["reports"][0]["verdict"] == "kink" and " at " in r["name"]]
    assert of_nodes
    for result in of_nodes:
        branches = result["reports"][0]["branches"]
        assert any(branch.endswith("(boundary)") for branch in branches), result["name"]


def check_that_the_claims_that_are_to_be_refuted_are(results):
    refuted = [r for r in results if r["remark"] == "refuted, as expected"]
    expected = items_of((name, case) for name, case in CASES if case.expect == "refuted")
    assert Counter(map(case_of, refuted)) == expected != {}
    assert {r["status"] for r in refuted} == {"proved"}


def test_the_folder_is_proved_as_its_cases_say(tmp_path):
    """In one test, for each process that runs tests would run the whole folder for itself."""
    results = run_of(FOLDER, tmp_path / "found.json")
    check_that_every_case_is_proved_at_every_point(results)
    check_that_kinks_are_where_pieces_end(results)
    check_that_the_claims_that_are_to_be_refuted_are(results)


# --- the worked example ---------------------------------------------------------------------------


@pytest.fixture
def worked_example():
    (function,) = {case.function for case in load(FOLDER / "seed.py")}
    return function


@pytest.mark.parametrize("point", WORKED_EXAMPLE)
def test_the_worked_example_to_the_last_digit(worked_example, point):
    leaves = arguments(worked_example, point)
    root = worked_example(*leaves)
    root.backward()
    fraction = root.operands[1]
    nodes = [root, *root.operands, *fraction.operands, *fraction.operands[0].operands]
    found = {node.label: (node.data, node.grad) for node in nodes}
    expected = WORKED_EXAMPLE[point]
    assert found == {label: tuple(map(Fraction, pair)) for label, pair in expected.items()}


def test_both_points_of_the_worked_example_are_cases(tmp_path):
    graphs = {}
    for result in run_of(FOLDER / "seed.py", tmp_path / "found.json"):
        if not case_of(result).endswith("::worked_example"):
            continue
        nodes = result["reports"][0]["entries"]
        assert {node["verdict"] for node in nodes} == {"proved"}
        graph = {node["label"]: (node["value"], node["gradient"]) for node in nodes}
        graphs[tuple(graph[label][0] for label in "abf")] = graph
    assert graphs == WORKED_EXAMPLE


def test_a_float_is_read_as_it_is_written(worked_example):
    root = worked_example(Scalar(3.1, "a"), Scalar("4.2", "b"), Scalar(10, "f"))
    assert root.data == Fraction(3650, 651)
