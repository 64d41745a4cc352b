"""The command line, as a person or a machine meets it: words in, a report and an exit status out."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

import minigrad
from minigrad import generate
from minigrad.verify.__main__ import main

PROVED, REFUTED, USAGE, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130
ESCAPE = re.compile(r"\x1b\[\d*[mK]")
UNDECIDED_OPTIONS = ["--method", "whole", "--budget", "0"]

CASES = {
    "right.py": "@case(3, gradient=lambda x: 2 * x)\ndef right(x): return x * x\n",
    "wrong.py": """
@case((2, 3), gradient=lambda x, y: (2 * x * y, x**2 + y), source="to be refuted")
def wrong(x, y):
    return x**2 * y
""",
    "kink.py": "@case(0)\ndef kink(x): return abs(x)\n",
    "broken.py": "@case(0)\ndef broken(x): return 1 / x\n",
    "prints.py": "print('loaded')\n@case(2)\ndef prints(x):\n    print('called')\n    return x\n",
    "irrational.py": "@case((2, 3))\ndef irrational(x, y): return x**y\n",
    "exponent.py": "@case((-2, 3))\ndef exponent(x, y): return x**y\n",
    "stops.py": """
@case(1)
def first(x): return x

@case(1)
def second(x): raise KeyboardInterrupt

@case(1)
def third(x): return x
""",
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty project, with the case files above beside it."""
    for name, text in CASES.items():
        text = f"from minigrad.verify import case\n{text}"
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("COLUMNS", "130")
    return tmp_path


@pytest.fixture
def verify(capsys):
    """Run the command line here: its exit status, standard output and standard error."""

    def run(*words):
        try:
            status = main([f"../{word}" if word in CASES else word for word in words])
        except SystemExit as leaving:
            status = leaving.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def document(verify):
    """Run the command line for its JSON: exit status and document."""

    def run(*words):
        status, out, _ = verify("--format", "json", *words)
        return status, json.loads(out)

    return run


def names(document):
    return [result["name"].removeprefix("../") for result in document["results"]]


def last_line(text):
    return text.splitlines()[-1]


# --- exit status ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status", "summary"),
    [
        (["right.py"], PROVED, "1 item: 1 proved"),
        (["wrong.py"], REFUTED, "1 item: 1 refuted"),
        (["broken.py"], USAGE, "1 item: 1 error"),
        (["irrational.py"], PROVED, "1 item: 1 proved"),
        (["exponent.py"], UNDECIDED, "1 item: 1 undecided"),
        (["right.py", *UNDECIDED_OPTIONS], UNDECIDED, "1 item: 1 undecided"),
        (["kink.py"], PROVED, "1 item: 1 kink"),
        (["kink.py", "--strict"], REFUTED, "1 item: 1 kink"),
        (["right.py", "--strict"], PROVED, "1 item: 1 proved"),
        # The worse prevails, in the order refuted, error, undecided.
        (["right.py", "wrong.py", "broken.py"], REFUTED, "3 items: 1 proved, 1 refuted, 1 error"),
        (["exponent.py", "broken.py"], USAGE, "2 items: 1 undecided, 1 error"),
        (["exponent.py", "wrong.py"], REFUTED, "2 items: 1 undecided, 1 refuted"),
        (["exponent.py", "kink.py"], UNDECIDED, "2 items: 1 kink, 1 undecided"),
        (["exponent.py", "kink.py", "--strict"], REFUTED, "2 items: 1 kink, 1 undecided"),
        (["right.py", "nowhere.py"], USAGE, "2 items: 1 proved, 1 error"),
        (["x**2 / y", "x=3", "y=1/7"], PROVED, "1 item: 1 proved"),
        (["abs(x)", "x=0"], PROVED, "1 item: 1 kink"),
    ],
)
def test_the_exit_status_is_that_of_the_worst_verdict(verify, document, words, status, summary):
    found, out, err = verify(*words)
    assert (found, err) == (status, "")
    shown = re.sub(r" in [0-9.]+ s", "", last_line(out))
    assert shown.startswith(summary + "   (verdicts: ")
    found, machine = document(*words)
    assert found == machine["exit_status"] == status


# --- what is said about a case --------------------------------------------------------------------


def test_a_wrong_gradient_is_refuted_with_the_difference_in_symbols(verify):
    status, out, _ = verify("wrong.py")
    assert status == REFUTED
    assert [line.rstrip() for line in out.splitlines()[:-1]] == [
        "../wrong.py::wrong at (2, 3)   [to be refuted]",
        "  at x = 2, y = 3",
        "  node  operator  value  gradient  SymPy's derivative  verdict  proof",
        "  x               2      12        2*x*y               proved   whole",
        "  v1    pow       4      3         y                   proved   whole",
        "  y               3      4         v1                  proved   whole",
        "  v2    mul       12     1         1                   proved   whole",
        "gradient of wrong",
        "  at x = 2, y = 3",
        "  node  operator  value  gradient  SymPy's derivative  verdict  proof",
        "  x     given     2      12        2*x*y               proved   identity",
        "  y     given     3      7         x**2                refuted  identity",
        "  refuted y: the gradient gives 7, the derivative is 4; yours minus the true one is y "
        "(the term y is too many)",
        "    difference: y",
        "    blame: the gradient by y",
        "",
    ]


@pytest.mark.parametrize(
    ("options", "shows_proved", "shows_kink", "shows_refuted"),
    [
        ([], True, True, True),
        (["-q"], False, False, True),
        (["-q", "--strict"], False, True, True),
        (["-q", "-v"], True, True, True),
        (["-qq"], False, False, True),
    ],
)
def test_quiet_shows_what_fails(verify, options, shows_proved, shows_kink, shows_refuted):
    _, out, _ = verify("right.py", "kink.py", "wrong.py", "broken.py", *options)
    shown = [f"{name}.py::" in out for name in ("right", "kink", "wrong", "broken")]
    assert shown == [shows_proved, shows_kink, shows_refuted, True]
    assert last_line(out).startswith("4 items in ")


def test_verbose_shows_numbers_in_full(verify):
    assert str(7**100) not in verify("x * 7**100", "x=1")[1]
    assert str(7**100) in verify("x * 7**100", "x=1", "-v")[1]


def test_the_first_failure_can_be_the_last(verify, document):
    words = ["right.py", "kink.py", "wrong.py", "broken.py"]
    _, out, _ = verify(*words, "-x")
    assert "broken" not in out
    assert "stopped at the first failure, after 3 of 4 items" in out
    status, stopped = document(*words, "-x")
    assert (status, stopped["collected"], stopped["interrupted"]) == (REFUTED, 4, False)
    assert len(stopped["results"]) == 3
    assert len(document(*words, "-x", "--strict")[1]["results"]) == 2
    assert len(document("broken.py", "right.py", "-x")[1]["results"]) == 1
    assert len(document("right.py", "kink.py", "-x")[1]["results"]) == 2
    assert "stopped" not in verify("right.py", "wrong.py", "-x")[1]


# --- usage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--random", "0"], "--random: expected a number of graphs, 1 to 1,000,000; got '0'"),
        (["--random", "-3"], "--random: expected a number of graphs, 1 to 1,000,000; got '-3'"),
        (["--random", "abc"], "expected a number of graphs, 1 to 1,000,000; got 'abc'"),
        (["--random", "1e3"], "expected a number of graphs, 1 to 1,000,000; got '1e3'"),
        (["--random", "1" * 5000], "expected a number of graphs, 1 to 1,000,000; got '1111"),
        (["--random", "2", "--seed", "x"], "--seed: expected a whole number"),
        (["--budget", "-1"], "--budget: expected seconds, 0 or more; got '-1'"),
        (["--budget", "nan"], "--budget: expected seconds, 0 or more; got 'nan'"),
        (["--budget", "inf"], "--budget: expected seconds, 0 or more; got 'inf'"),
        (["--budget", "soon"], "--budget: expected seconds, 0 or more; got 'soon'"),
        (["--method", "guess"], "choose from"),
        (["--format", "yaml"], "choose from"),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["-a*b", "a=1", "b=2"], "an expression that begins with a minus sign goes after --"),
        (["-x*x", "x=3"], "an expression that begins with a minus sign goes after --"),
        (["-k"], "expected one argument"),
    ],
)
def test_wrong_options_are_explained(verify, words, says):
    status, out, err = verify(*words)
    assert (status, out) == (USAGE, "")
    assert err.startswith("usage: python -m minigrad.verify")
    assert says in err


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


# --- what is collected ----------------------------------------------------------------------------


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


def test_without_words_the_rules_and_the_cases_of_the_project_are_run(document):
    status, nothing = document()
    assert (status, names(nothing)) == (USAGE, ["operator rules"])
    assert {e["operator"] for e in nothing["results"][0]["reports"][0]["entries"]} == set(
        minigrad.operators.OPERATORS
    )
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


# --- formats and where they go --------------------------------------------------------------------


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


# --- random graphs --------------------------------------------------------------------------------


def without_times(document):
    return json.loads(json.dumps(document), object_hook=lambda d: {**d, "seconds": 0})


def test_random_graphs_are_reproduced_by_their_seed(document):
    status, first = document("--random", "6", "--seed", "-3")
    assert status == PROVED
    assert names(first) == [f"random graph, seed {seed}" for seed in range(-3, 3)]
    assert without_times(document("--random", "6", "--seed", "-3")[1]) == without_times(first)
    _, other = document("--random", "6", "--seed", "7")
    assert other["results"][0]["reports"] != first["results"][0]["reports"]
    _, later = document("--random", "4", "--seed", "-1")
    assert without_times(later)["results"] == without_times(first)["results"][2:]


def test_a_seed_that_was_drawn_is_printed_and_reproduces_the_graphs(verify, document):
    _, out, _ = verify("--random", "2", "-v")
    printed = re.search(r"^--random 2 --seed (\d+): 2 graphs, ", out, re.MULTILINE)
    assert printed is not None
    _, again, _ = verify("--random", "2", "--seed", printed[1], "-v")
    assert out.rpartition("\n2 items in")[0] == again.rpartition("\n2 items in")[0]
    _, drawn = document("--random", "1")
    assert names(drawn) == [f"random graph, seed {drawn['seed']}"]


@pytest.mark.parametrize(("count", "status"), [("1000000", PROVED), ("1000001", USAGE)])
def test_a_million_graphs_can_be_asked_for_at_a_time(verify, count, status):
    assert verify("--random", count, "--version")[0] == status


def test_a_seed_of_any_size_will_do(document):
    seed = 10**40
    status, ran = document("--random", "1", "--seed", str(seed))
    assert (status, ran["seed"]) == (PROVED, seed)


def test_the_census_says_what_occurred_and_sixty_graphs_have_everything(verify):
    status, out, _ = verify("--random", "60", "--seed", "1", "-q", "--method", "chain")
    assert status == PROVED
    line = next(line for line in out.splitlines() if line.startswith("--random 60 --seed 1: "))
    pairs = [pair.partition(" ") for pair in line.partition(": ")[2].split(", ")]
    shown = {name: int(count.replace(",", "")) for count, _, name in pairs}
    total = Counter()
    for seed in range(1, 61):
        total.update(generate.census(generate.random_graph(seed)))
    assert shown == total
    assert set(minigrad.operators.RATIONAL) < set(shown)
    assert 0 not in shown.values()


def test_the_census_is_that_of_the_graphs_that_were_verified(document):
    _, ran = document("right.py", "--random", "12", "--seed", "1", "-k", "seed and 11 or right")
    assert names(ran) == ["right.py::right at 3", "random graph, seed 11"]
    assert ran["census"] == generate.census(generate.random_graph(11))


# --- terminals ------------------------------------------------------------------------------------


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


# --- a process of its own -------------------------------------------------------------------------


@pytest.fixture
def process():
    """Start `python -m minigrad.verify` in a fresh interpreter."""
    started = []

    def start(*words):
        root = str(Path(minigrad.__file__).parents[1])
        environment = {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8"}
        child = subprocess.Popen(
            [sys.executable, "-m", "minigrad.verify", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()


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
