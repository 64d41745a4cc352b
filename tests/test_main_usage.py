"""Wrong usage is explained."""

from pathlib import Path

import pytest
from command_line import USAGE

import minigrad

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a=3"], "a=… is given, but no expression to use it in"),
        (["right.py", "a=3"], "a=… is given, but no expression to use it in"),
        (["a*b", "a=3"], "unknown name 'b'; give it a value as b=…; known: a\n  a*b\n    ^"),
        (["a*a", "a=3", "b=4"], "a value is given for b, not in the expression"),
        (["a*b", "a+b", "a=3", "b=4", "c=5"], "c=… is given, but no expression uses it"),
        (["a*b", "a=3", "a=4", "b=1"], "expected one value for a; got 3 and 4"),
        (["a/b", "a=1", "b=0"], "the divisor must not be 0\n  a/b\n   ^"),
        (["a*", "a=1"], "invalid syntax\n  a*\n"),
        (["x", "x="], "the value of x: expected an int"),
        (["x", "x=nan"], "the value of x: expected an int"),
        (["x", "x=1e999999999"], "over the limit"),
        ([""], "an empty expression"),
        (["nothing"], "\n  there is no file or folder of that name, either\n"),
        (["docs/cases"], "\n  there is no file or folder of that name, either\n"),
        (["README.md"], "\n  there is no file or folder of that name, either\n"),
        (["--seed", "3"], "--seed goes with --random"),
        (["--memory", "1", "--jobs", "0"], "error: --memory is a limit on workers"),
        (["right.py", "-k", "("], "-k: expected words combined by and, or, not and parentheses"),
        (["right.py", "-k", ""], "-k: expected words combined by"),
        (["right.py", "-k", "a b"], "-k: expected words combined by"),
        (["right.py", "-k", "not"], "-k: expected words combined by"),
        (["right.py", "-k", "a and or b"], "-k: expected words combined by"),
        (["right.py", "-k", "f(x)"], "-k: expected words combined by"),
        (["right.py", "-k", "not " * 5000 + "a"], "-k: expected words combined by"),
        (["right.py", "-k", "(" * 500 + "a" + ")" * 500], "-k: expected words combined by"),
        (
            ["right.py", "--output", "none/out.txt"],
            "--output: none/out.txt cannot be written: No such",
        ),
        (["right.py", "--output", "."], "--output: . cannot be written: Is a directory"),
        (["../right.py::right"], "cases are chosen by their names: ../right.py -k right"),
    ],
)
def test_wrong_usage_is_explained(verify, words, says):
    status, out, err = verify(*words)
    assert (status, out) == (USAGE, "")
    assert err.startswith("error: ")
    assert says in err
    lines = err.splitlines()
    assert max(len(line) for line in lines if not line.startswith("  accepted: ")) < 400
    assert max(map(len, lines)) < 800


@pytest.mark.parametrize("words", [["a*"], ["a +"], ["a.b", "a=1"], ["a/b", "a=1", "b=0"]])
def test_what_can_be_no_file_is_not_taken_for_one(verify, words):
    assert "no file or folder" not in verify(*words)[2]


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("nowhere.py", "no such file or folder"),
        ("nowhere/", "no such file or folder"),
        ("missing.json", "no such file or folder"),
        (".", "no case defined here: no .py or .json file is in it"),
        ("notes.txt", "expected a case file (.py) or a graph file (.json)"),
    ],
)
def test_a_path_without_a_case_is_an_error_that_names_it(verify, word, error):
    Path("notes.txt").touch()
    status, out, _ = verify(word)
    assert status == USAGE
    assert out.splitlines()[:2] == [f"error {word.rstrip('/')}", f"  {error}"]


def test_help_and_version(verify):
    status, out, _ = verify("--help")
    assert status == 0
    assert "exit status:" in out
    assert verify("--version") == (0, f"minigrad {minigrad.__version__}\n", "")


@pytest.mark.parametrize("words", [["../right.py"], [".."], ["../wrong.py", "../right.py"], []])
def test_a_file_that_is_verified_is_not_written_over(verify, words):
    if not words:
        Path("verify").mkdir()
        Path("verify/right.py").hardlink_to("../right.py")
    before = Path("../right.py").read_text()
    Path("link.txt").hardlink_to("../right.py")
    status, out, err = verify(*words, "--output", "link.txt")
    assert (status, out) == (USAGE, "")
    assert "error: --output would overwrite link.txt, which is to be verified" in err
    assert Path("../right.py").read_text() == before
