"""The evidence in the folder `verify`: every file, with its sources, and the seed's worked example."""

from fractions import Fraction
from pathlib import Path

import pytest

import minigrad
from minigrad import Scalar
from minigrad.verify import Verdict
from minigrad.verify.cases import arguments, files, load
from minigrad.verify.proof import Prover
from minigrad.verify.run import Options, Result, from_path, run

FOLDER = Path(minigrad.__file__).parents[1] / "verify"
FILES = files(FOLDER)

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


def by_name(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def results():
    """What becomes of the whole folder; seconds enough for a slow machine, since sizes are limited too."""
    with Prover() as prover:
        # Files in error come as Results; everything else is an item to run.
        return [
            item if isinstance(item, Result) else run(item, prover, Options(budget=100))
            for item in from_path(FOLDER)
        ]


def of_file(results, path):
    return [result for result in results if result.name.startswith(f"{path}::")]


def test_there_are_case_files():
    assert {"seed", "ancestors", "pieces"} <= {path.stem for path in FILES}


@by_name(FILES)
def test_every_case_states_its_source(path):
    cases = load(path)
    assert cases
    assert [case.name for case in cases if not case.source.strip()] == []


@by_name(FILES)
def test_every_file_is_proved(path, results):
    ran = of_file(results, path)
    assert len(ran) == sum(max(1, len(case.points)) for case in load(path))
    assert [(r.name, r.status, r.error) for r in ran if r.status not in ("proved", "kink")] == []


def test_the_folder_holds_nothing_else(results):
    assert len(results) == sum(len(of_file(results, path)) for path in FILES)


def test_kinks_are_where_pieces_end(results):
    kinks = [result for result in results if result.verdict is Verdict.KINK]
    of_nodes = [result for result in kinks if result.first_claim]
    assert of_nodes
    for result in of_nodes:
        nodes = result.reports[0]
        assert any(branch.endswith("(boundary)") for branch in nodes.branches), result.name


def test_the_claims_that_are_to_be_refuted_are(results):
    expecting = [result for result in results if result.expect_refuted]
    assert expecting
    assert {result.remark for result in expecting} == {"refuted, as expected"}
    assert {result.verdict for result in expecting} == {Verdict.PROVED}


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


def test_both_points_of_the_worked_example_are_cases(results):
    graphs = {}
    for result in of_file(results, FOLDER / "seed.py"):
        nodes = result.reports[0].entries
        values = {entry.label: entry.value for entry in nodes}
        point = tuple(str(values[label]) for label in "abf")
        assert {entry.verdict for entry in nodes} == {Verdict.PROVED}
        graphs[point] = {entry.label: (str(entry.value), str(entry.gradient)) for entry in nodes}
    assert graphs.keys() == WORKED_EXAMPLE.keys()
    for point, nodes in graphs.items():
        assert {label: tuple(map(Fraction, pair)) for label, pair in nodes.items()} == {
            label: tuple(map(Fraction, pair)) for label, pair in WORKED_EXAMPLE[point].items()
        }


def test_a_float_is_read_as_it_is_written(worked_example):
    root = worked_example(Scalar(3.1, "a"), Scalar("4.2", "b"), Scalar(10, "f"))
    assert root.data == Fraction(3650, 651)
