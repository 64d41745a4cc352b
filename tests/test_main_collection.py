"""What is collected: expressions, files, rules, the cases of a project."""

from pathlib import Path

import pytest
from command_line import CASES, PROVED, USAGE, names

import minigrad
from minigrad.verify import run
from minigrad.verify.report import Report

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def few_rules(monkeypatch):
    """The operator rules as an item that takes no time."""
    monkeypatch.setattr(run, "verify_rules", lambda _: Report((), "operator rules"))


def test_words_are_run_in_their_order(document):
    _, ran = document("x*x", "right.py", "y+1", "kink.py", "x=2", "y=3")
    assert names(ran) == ["x*x", "right.py::right at 3", "y+1", "kink.py::kink at 0"]


def test_expressions_share_values(document):
    status, ran = document("x*y", "-1 * x", "µ", "x=2", "y=5", "μ=7")
    assert status == PROVED
    gradients = [
        {entry["label"]: entry["gradient"] for entry in result["reports"][0]["entries"][:-1]}
        for result in ran["results"]
    ]
    assert gradients == [{"x": "5", "y": "2"}, {"x": "-1"}, {}]


def test_an_expression_may_be_longer_than_a_file_name(document):
    long = f"sum([x{', x' * 3000}])"
    status, ran = document(long, "x=2", "--method", "chain")
    assert status == PROVED
    assert ran["results"][0]["reports"][0]["entries"][0]["gradient"] == "3001"


def test_a_name_with_a_value_is_an_expression_even_where_a_file_is_called_so(document, verify):
    Path("x").touch()
    Path("y").mkdir()
    status, ran = document("x", "y", "x=2", "y=3")
    assert (status, names(ran)) == (PROVED, ["x", "y"])
    status, out, _ = verify("x")
    assert (status, out.splitlines()[0]) == (USAGE, "error x")


def test_an_expression_that_begins_with_a_minus_sign_goes_after_two(document):
    status, ran = document("x=3", "--", "-x*x")
    assert status == PROVED
    assert ran["results"][0]["reports"][0]["entries"][0]["gradient"] == "-6"


@pytest.mark.usefixtures("few_rules")
def test_without_words_the_rules_and_the_cases_of_the_project_are_run(document):
    status, nothing = document()
    assert (status, names(nothing)) == (USAGE, ["operator rules"])
    Path("verify").mkdir()
    Path("verify/a.py").write_text(f"from minigrad.verify import case\n{CASES['right.py']}")
    status, ran = document()
    assert (status, names(ran)) == (PROVED, ["operator rules", "verify/a.py::right at 3"])
    Path("pyproject.toml").write_text('[tool.minigrad]\ncases = ["../right.py", "nowhere"]\n')
    status, ran = document()
    assert (status, names(ran)) == (USAGE, ["operator rules", "right.py::right at 3", "nowhere"])


def test_the_operator_rules_can_be_all_that_is_run(document):
    status, ran = document("-k", "rules")
    assert (status, names(ran)) == (PROVED, ["operator rules"])
    assert {entry["operator"] for entry in ran["results"][0]["reports"][0]["entries"]} == set(
        minigrad.operators.OPERATORS
    )


@pytest.mark.usefixtures("few_rules")
def test_nothing_collected_is_said(verify):
    status, out, _ = verify("-k", "zzz")
    assert (status, out.splitlines()[0]) == (USAGE, "no case collected: no name fits -k")
    status, out, _ = verify("-q")
    hint = "name files, folders or an expression, or set [tool.minigrad] cases in pyproject.toml"
    assert (status, out.splitlines()[0]) == (USAGE, f"no case collected: {hint}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.minigrad", "pyproject.toml: Expected"),
        ("\udcff", "pyproject.toml: 'utf-8' codec can't decode"),
        ("[tool.minigrad]\ncases = 3", "[tool.minigrad] cases to be a list of paths; got 3"),
        ("[tool.minigrad]\ncases = 'verify'", "cases to be a list of paths; got 'verify'"),
        ("[tool.minigrad]\ncases = ['a', 3]", "cases to be a list of paths; got ['a', 3]"),
        ("[tool.minigrad]\ncase = ['a']", "to have the key cases; got {'case': ['a']}"),
        ("[tool]\nminigrad = 3", "to have the key cases; got 3"),
    ],
)
def test_a_wrong_configuration_is_explained(verify, text, says):
    Path("pyproject.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    status, out, err = verify()
    assert (status, out) == (USAGE, "")
    assert err.startswith("error: pyproject.toml: ")
    assert says in err


@pytest.mark.usefixtures("few_rules")
@pytest.mark.parametrize("text", ["", "tool = 3", "[tool.other]", "[tool.minigrad]"])
def test_a_configuration_without_cases_is_none(document, text):
    Path("pyproject.toml").write_text(text)
    assert document()[0] == USAGE


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("right", ["right"]),
        ("RIGHT", ["right"]),
        ("not right", ["wrong", "kink"]),
        ("right or kink", ["right", "kink"]),
        ("py and not (right or kink)", ["wrong"]),
        ("(wrong)", ["wrong"]),
        ("wrong.py::wrong", ["wrong"]),
        ("r and g", ["right", "wrong"]),
        ("not not kink", ["kink"]),
        ("zzz", []),
    ],
)
def test_items_are_chosen_by_name(document, expression, chosen):
    status, ran = document("right.py", "wrong.py", "kink.py", "-k", expression)
    assert [name.partition(".")[0] for name in names(ran)] == chosen
    assert chosen or status == USAGE
