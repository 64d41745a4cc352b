"""The pytest plugin: Reports for tracebacks, and case files as tests."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from typing import Any
from xml.etree import ElementTree

import pytest

import minigrad.testing
import minigrad.verify.__main__  # noqa: F401 - what pytester imports first it drops after each run

pytest_plugins = ["pytester"]

WRONG = """
from minigrad.testing import assert_gradient

def f(x, y):
    return x**2 * y

def by_hand(x, y):
    return 2*x*y, x**2 + y

def test_volume():
    assert_gradient(f, by_hand)
"""

CASES = """
from minigrad.verify import case

@case((2, 3), ("1/2", -1), gradient=lambda x, y: (2*x*y, x**2))
def right(x, y):
    return x**2 * y

@case(3, gradient=lambda x: 3*x, expect="refuted")
def known(x):
    return x**2

@case(0)
def corner(x):
    return abs(x)
"""

REFUTED = """
from minigrad.verify import case

@case((2, 3), gradient=lambda x, y: (2*x*y, x**2 + y))
def volume(x, y):
    return x**2 * y
"""

UNDECIDED = """
from minigrad import Scalar
from minigrad.verify import case

@case((-2, 3))
def power(x, y):
    return x**y
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Any:
    """A run of pytest with the plugin, which may be installed, or not yet."""
    installed = bool(entry_points(group="pytest11", name="minigrad"))
    plugin = [] if installed else ["-p", "pytest_minigrad"]

    def runner(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*plugin, "-p", "no:cacheprovider", *arguments)

    return runner


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a test, a helper beside it, and cases in ./verify."""
    pytester.makepyfile(test_plain="def test_plain(): pass")
    (pytester.mkdir("verify") / "good.py").write_text(CASES)
    return pytester


# --- Reports ---


def test_a_failing_test_shows_the_report_and_its_line(pytester: pytest.Pytester, run: Any) -> None:
    file = pytester.makepyfile(test_wrong=WRONG)
    line = WRONG.strip().splitlines().index("    assert_gradient(f, by_hand)") + 1
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*test_volume*",
            f"{file.name}:{line}: in test_volume",
            "    assert_gradient(f, by_hand)",
            "",
            "*SymPy's derivative*",
            "  refuted y: *yours minus the true one is y*",
            "FAILED test_wrong.py::test_volume - GradientMismatch: refuted y: *",
        ]
    )
    result.stdout.no_fnmatch_line("*testing.py*")
    result.stdout.no_fnmatch_line("*raise_if_failed*")
    result.stdout.no_fnmatch_line("E  *")


def test_the_way_through_a_helper_is_shown(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(test_wrong=WRONG + "\ndef test_again():\n    test_volume()\n")
    result = run("-k", "again")
    result.stdout.fnmatch_lines(
        ["*in test_again", "    test_volume()", "*in test_volume", "    assert_gradient(*"]
    )


def test_a_fixture_that_fails(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(
        WRONG.replace("def test_volume", "import pytest\n@pytest.fixture\ndef checked")
        + "\ndef test_it(checked): pass\n"
    )
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*in checked", "*refuted y: *"])


def test_the_whole_traceback_on_demand(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(test_wrong=WRONG)
    run("--full-trace").stdout.fnmatch_lines(["*raise_if_failed*", "E  *GradientMismatch*"])


def test_other_failures_are_left_alone(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile("import minigrad\ndef test_it():\n    assert 1 == 2\n")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*assert 1 == 2", "E*assert 1 == 2"])


def test_a_mismatch_that_is_expected(pytester: pytest.Pytester, run: Any) -> None:
    raises = "import pytest\nfrom minigrad.errors import GradientMismatch\n"
    pytester.makepyfile(
        raises
        + WRONG.replace("def test_volume", "@pytest.mark.xfail\ndef test_volume")
        + "\ndef test_raises():\n    with pytest.raises(GradientMismatch):\n"
        + "        assert_gradient(f, by_hand)\n"
    )
    run().assert_outcomes(passed=1, xfailed=1)


MISMATCH = """
from minigrad.errors import GradientMismatch
from minigrad.verify import check_gradient

def test_it():
    report = check_gradient(lambda x: x**2, lambda x: x)
    error = GradientMismatch(str(report))
    error.report = report
    raise error
"""


@pytest.mark.parametrize(("colour", "expected"), [("yes", True), ("no", False)])
def test_a_report_is_coloured_where_the_terminal_is(
    pytester: pytest.Pytester, run: Any, colour: str, expected: bool
) -> None:
    pytester.makepyfile(MISMATCH)
    text = run(f"--color={colour}").stdout.str()
    assert "refuted" in text
    # Red, and what comes before it is the indentation of a Report.
    assert ("  \x1b[31mrefuted" in text) is expected


def test_a_mismatch_in_a_junit_file(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(test_wrong=WRONG)
    run("--junitxml=out.xml")
    (failure,) = ElementTree.parse(pytester.path / "out.xml").iter("failure")
    assert failure.get("message", "").startswith("GradientMismatch: refuted y: ")
    assert "assert_gradient(f, by_hand)" in (failure.text or "")
    assert "yours minus the true one is y" in (failure.text or "")


@pytest.mark.parametrize("style", ["long", "short", "line", "native", "no"])
def test_every_style_of_traceback(pytester: pytest.Pytester, run: Any, style: str) -> None:
    pytester.makepyfile(test_wrong=WRONG)
    result = run(f"--tb={style}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GradientMismatch: refuted y*"])


# --- case files ---


def test_cases_are_not_collected_unless_asked_for(project: pytest.Pytester, run: Any) -> None:
    run().assert_outcomes(passed=1)


def test_the_cases_of_the_folder_verify(project: pytest.Pytester, run: Any) -> None:
    result = run("--minigrad", "-v")
    # Two points, a refutation that is expected, a kink; and the ordinary test.
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "test_plain.py::test_plain PASSED*",
            "verify/good.py::right at (2, 3) PASSED*",
            "verify/good.py::right at (1/2, -1) PASSED*",
            "verify/good.py::known at 3 PASSED*",
            "verify/good.py::corner at 0 PASSED*",
        ]
    )


def test_the_cases_of_pyproject(project: pytest.Pytester, run: Any) -> None:
    (project.mkdir("mine") / "one.py").write_text(REFUTED)
    project.makepyprojecttoml('[tool.minigrad]\ncases = ["mine"]\n')
    run("--minigrad").assert_outcomes(passed=1, failed=1)


def test_cases_outside_testpaths(project: pytest.Pytester, run: Any) -> None:
    project.mkdir("tests")
    project.makepyprojecttoml('[tool.pytest.ini_options]\ntestpaths = ["tests"]\n')
    run("--minigrad").assert_outcomes(passed=4)
    run().assert_outcomes()


@pytest.mark.parametrize("word", ["verify/good.py", "verify", "verify/", "."])
def test_named_files_and_folders(project: pytest.Pytester, run: Any, word: str) -> None:
    passed = 5 if word == "." else 4
    run("--minigrad", word).assert_outcomes(passed=passed)


def test_a_named_folder_of_no_project(project: pytest.Pytester, run: Any) -> None:
    (project.mkdir("other") / "one.py").write_text(CASES)
    run("--minigrad", "other").assert_outcomes(passed=4)
    run("--minigrad", "other/one.py").assert_outcomes(passed=4)


def test_a_point_in_a_name_stays_one(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(cases=CASES.replace('"1/2"', '"0.5"'))
    result = run("--minigrad", "-v", "cases.py")
    result.stdout.fnmatch_lines(["cases.py::right at (0.5, -1) PASSED*"])


def test_a_single_case_can_be_selected(project: pytest.Pytester, run: Any) -> None:
    run("--minigrad", "verify/good.py::right at (2, 3)").assert_outcomes(passed=1)
    run("--minigrad", "-k", "corner").assert_outcomes(passed=1, deselected=4)


def test_a_refuted_case_shows_its_report(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(cases=REFUTED)
    result = run("--minigrad", "cases.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*volume at (2, 3)*",
            "*SymPy's derivative*",
            "*refuted y: *yours minus the true one is y*",
            "FAILED cases.py::volume at (2, 3) - refuted: refuted y: *",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*runtest*")
    assert "\x1b[31mrefuted" in run("--minigrad", "cases.py", "--color=yes").stdout.str()


def test_an_undecided_case_fails(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(cases=UNDECIDED)
    result = run("--minigrad", "cases.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*undecided y: *"])


def test_a_claim_that_is_right_but_expected_to_be_refuted(
    pytester: pytest.Pytester, run: Any
) -> None:
    pytester.makepyfile(cases=CASES.replace("3*x, expect", "2*x, expect"))
    result = run("--minigrad", "cases.py")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*expected to be refuted, and is not*"])


def test_a_case_that_raises(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(cases=CASES.replace("return x**2 * y", "return x / 0"))
    result = run("--minigrad", "cases.py")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["*the divisor must not be 0*"])


def test_a_case_file_that_raises_is_run_once(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(cases="with open('runs', 'a') as f: f.write('x')\n1 / 0\n")
    result = run("--minigrad", "cases.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*cases.py:2: ZeroDivisionError*"])
    assert (pytester.path / "runs").read_text() == "x"


def test_graph_files(pytester: pytest.Pytester, run: Any) -> None:
    leaf = {"operator": "leaf", "label": "x", "data": "3", "grad": "6"}
    square = {"operator": "pow", "operands": [0], "parameters": {"exponent": 2}}
    folder = pytester.mkdir("verify")
    document = {"minigrad": 1, "nodes": [leaf, square]}
    (folder / "right.json").write_text(json.dumps(document))
    leaf["grad"] = "5"
    (folder / "wrong.json").write_text(json.dumps(document))
    result = run("--minigrad", "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["verify/right.json::graph PASSED*", "*the gradient of x is 5, the derivative 6*"]
    )
    run("--minigrad", "verify/right.json").assert_outcomes(passed=1)


def test_tests_and_conftests_are_no_case_files(project: pytest.Pytester, run: Any) -> None:
    folder = project.path / "verify"
    (folder / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef one(): return 1\n")
    (folder / "test_more.py").write_text("def test_more(one): assert one == 1\n")
    (folder / "helper.py").write_text("NUMBER = 1\n")
    run("--minigrad", "verify").assert_outcomes(passed=5)


def test_a_file_without_a_case(pytester: pytest.Pytester, run: Any) -> None:
    pytester.makepyfile(helper="NUMBER = 1")
    result = run("--minigrad", "helper.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no case defined here*"])


def test_a_project_folder_without_a_case(pytester: pytest.Pytester, run: Any) -> None:
    (pytester.mkdir("verify") / "helper.py").write_text("NUMBER = 1\n")
    result = run("--minigrad")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no case defined here*"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('cases = ["missing"]', "*--minigrad: missing: no such file or folder*"),
        ("cases = 3", "*--minigrad: *to be a list of paths*"),
        ('case = ["verify"]', "*--minigrad: *to have the key cases*"),
    ],
)
def test_wrong_settings_are_errors_of_usage(
    project: pytest.Pytester, run: Any, settings: str, words: str
) -> None:
    project.makepyprojecttoml(f"[tool.minigrad]\n{settings}\n")
    result = run("--minigrad")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])
    run().assert_outcomes(passed=1)


def test_a_missing_argument_is_pytests_own_error(project: pytest.Pytester, run: Any) -> None:
    result = run("--minigrad", "missing.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*not found: *missing.py*"])


def test_the_plugin_imports_minigrad_late(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it():\n"
        "    assert 'pytest_minigrad' in sys.modules\n"
        "    assert 'minigrad' not in sys.modules\n"
        "def test_that_fails():\n"
        "    assert 1 == 2\n"
    )
    installed = bool(entry_points(group="pytest11", name="minigrad"))
    plugin = [] if installed else ["-p", "pytest_minigrad"]
    result = pytester.runpytest_subprocess(*plugin)
    result.assert_outcomes(passed=1, failed=1)
