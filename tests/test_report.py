"""Reports as data, and as text that fits a screen and cannot be abused."""

import json
import pickle
import re
from fractions import Fraction
from itertools import pairwise, permutations

import pytest

from minigrad import Scalar
from minigrad.errors import GradientMismatch
from minigrad.verify import verify
from minigrad.verify.report import Entry, Report, Verdict, clean, paint, render, worst

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict
ESCAPE = re.compile(r"\x1b\[\d+m")


def entry(label="x", verdict=PROVED, **more):
    return Entry(label, verdict, "whole", "mul", Fraction(1, 3), Fraction(-2), "3*x", **more)


def product():
    x, y = Scalar(3, "x"), Scalar("1/2", "y")
    return x * y


@pytest.fixture(autouse=True)
def usual_screen(monkeypatch):
    monkeypatch.setenv("COLUMNS", "130")


def body(text):
    """The table of a report: its head and rows, without title and point."""
    return [
        line for line in text.splitlines() if line.startswith("  ") and not line.startswith("  at")
    ]


# --- verdicts -------------------------------------------------------------------------------------


def test_verdicts_are_ranked_from_best_to_worst():
    assert list(map(str, Verdict)) == ["proved", "probable", "kink", "undecided", "refuted"]
    for order in permutations(Verdict):
        assert sorted(order, key=lambda verdict: verdict.rank) == list(Verdict)
        for n in range(1, 6):
            assert worst(order[:n]) is max(order[:n], key=list(Verdict).index)
    assert worst([]) is PROVED


@pytest.mark.parametrize(
    ("verdicts", "verdict", "ok"),
    [
        ([], PROVED, True),
        ([PROVED, PROVED], PROVED, True),
        ([KINK, PROVED], KINK, True),
        ([PROBABLE, PROVED], PROBABLE, True),
        # A kink may be asked to fail, so nothing that may not hides one.
        ([PROBABLE, KINK], KINK, True),
        ([PROBABLE, UNDECIDED], UNDECIDED, False),
        ([KINK, UNDECIDED, PROVED], UNDECIDED, False),
        ([UNDECIDED, REFUTED, KINK], REFUTED, False),
    ],
)
def test_a_report_is_as_good_as_its_worst_entry(verdicts, verdict, ok):
    report = Report(tuple(entry(f"x{i}", found) for i, found in enumerate(verdicts)), "a report")
    assert report.verdict is verdict
    assert report.ok is ok
    if ok:
        report.raise_if_failed()
    else:
        with pytest.raises(GradientMismatch) as caught:
            report.raise_if_failed()
        assert str(caught.value) == str(report)
        assert isinstance(caught.value, AssertionError)


# --- as data --------------------------------------------------------------------------------------


def test_a_report_is_plain_data():
    first, second = verify(product()), verify(product())
    assert first == second
    assert pickle.loads(pickle.dumps(first)) == first


def test_a_dict_has_every_number_as_exact_text():
    long = Fraction(10**5000 + 1, 3)
    report = Report(
        (
            Entry("x", PROVED, "whole", "", long, Fraction(-1, 2), "2*y", Fraction(7)),
            Entry("y", REFUTED, difference="-x", blame="node y", message="it is off"),
        ),
        "a title",
        ("y != 0",),
        ({"x": long},),
        ("relu(x): positive",),
        ("a remark",),
    )
    exact = "1" + "0" * 4999 + "1/3"
    empty = {"proof": "", "operator": "", "value": None, "gradient": None, "derivative": ""}
    expected = {
        "title": "a title",
        "verdict": "refuted",
        "ok": False,
        "points": [{"x": exact}],
        "entries": [
            {
                "label": "x",
                "verdict": "proved",
                "proof": "whole",
                "operator": "",
                "value": exact,
                "gradient": "-1/2",
                "derivative": "2*y",
                "expected": "7",
                "difference": None,
                "blame": None,
                "message": "",
            },
            {
                "label": "y",
                "verdict": "refuted",
                **empty,
                "expected": None,
                "difference": "-x",
                "blame": "node y",
                "message": "it is off",
            },
        ],
        "conditions": ["y != 0"],
        "branches": ["relu(x): positive"],
        "findings": ["a remark"],
    }
    assert report.to_dict() == expected
    assert json.loads(json.dumps(report.to_dict())) == expected


# --- as text --------------------------------------------------------------------------------------


def test_the_text_of_a_proved_report():
    x, y = Scalar(3, "x"), Scalar("1/2", "y")
    quotient = (x + 1) / y
    quotient.label = "q"
    # q = (x + 1)/y = 8 with dq/dx = 1/y = 2 and dq/dy = -(x + 1)/y**2 = -16
    assert str(verify(quotient)).splitlines() == [
        "  at x = 3, y = 1/2",
        "  node  operator  value  gradient  SymPy's derivative  verdict  proof",
        "  x               3      2         1/y                 proved   whole",
        "  v1    add       4      2         1/y                 proved   whole",
        "  y               1/2    -16       -v1/y**2            proved   whole",
        "  q     div       8      1         1                   proved   whole",
        "  holds where: y != 0",
    ]


def test_what_is_not_proved_is_explained_below_the_table():
    report = Report(
        (
            entry("x"),
            entry("y", REFUTED, difference="x*y", blame="operator mul", message="it is off"),
            entry("z", KINK, message="both sides differ"),
        ),
        "a title",
        findings=("a remark",),
    )
    assert str(report).splitlines() == [
        "a title",
        "  node  operator  value  gradient  SymPy's derivative  verdict  proof",
        "  x     mul       1/3    -2        3*x                 proved   whole",
        "  y     mul       1/3    -2        3*x                 refuted  whole",
        "  z     mul       1/3    -2        3*x                 kink     whole",
        "  refuted y: it is off",
        "    difference: x*y",
        "    blame: operator mul",
        "  kink z: both sides differ",
        "  note: a remark",
    ]


def test_an_empty_report_is_its_title():
    assert str(Report(())) == ""
    assert str(Report((), "constants only", points=({},))) == "constants only"


def test_lists_are_shortened_unless_all_is_asked_for():
    conditions = tuple(f"x{i} != 0" for i in range(9))
    points = ({f"x{i}": Fraction(i) for i in range(15)},)
    report = Report((entry(),), conditions=conditions, branches=conditions[:6], points=points)
    short, full = render(report).splitlines(), render(report, verbose=True).splitlines()
    assert short[0].endswith("x11 = 11, … 3 more")
    assert short[-2].endswith("x4 != 0, x5 != 0, … 3 more")
    assert short[-1] == "  branches: x0 != 0, x1 != 0, x2 != 0, x3 != 0, x4 != 0, x5 != 0"
    assert full[-2] == f"  holds where: {', '.join(conditions)}"


@pytest.mark.parametrize("verbose", [False, True])
def test_long_numbers_and_formulas_are_shortened_unless_all_is_asked_for(verbose):
    number, formula = Fraction(7**100), " + ".join(f"x{i}" for i in range(100))
    wordy = Entry("x" * 500, REFUTED, "whole", "", number, number, formula, message=formula * 9)
    text = render(Report((wordy,), formula * 9), verbose=verbose)
    for full in (str(7**100), formula, "x" * 500, formula * 9):
        assert (full in text) is verbose
    if not verbose:
        assert max(map(len, text.splitlines())) < 500


def test_colour_is_added_and_changes_nothing_else():
    report = Report((entry("x"), entry("proved", REFUTED, message="proved"), entry("z", KINK)), "t")
    coloured, plain = render(report, colour=True), render(report)
    assert "\x1b" not in plain
    assert ESCAPE.sub("", coloured) == plain
    for code, text in (("1", "t"), ("32", "proved"), ("31", "refuted"), ("33", "kink")):
        assert f"\x1b[{code}m{text}\x1b[0m" in coloured
    # A node may be called as a verdict is: the verdict is coloured and not the name.
    row = next(line for line in coloured.splitlines() if line.startswith("  proved"))
    assert row.index("\x1b") > len("  proved")


@pytest.mark.parametrize(
    ("style", "expected"),
    [("refuted", "\x1b[31mtext\x1b[0m"), ("undecided", "\x1b[35mtext\x1b[0m"), ("none", "text")],
)
def test_paint(style, expected):
    assert paint("text", style, colour=True) == expected
    assert paint("text", style, colour=False) == "text"


# --- text from anywhere ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x_1", "x_1"),
        ("größe ∂ 中", "größe ∂ 中"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\rc\td", r"a\nb\rc\td"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        # What turns the direction of writing, what ends a line, what has no encoding.
        ("\u202e\u2028\udcff", r"\u202e\u2028\udcff"),
    ],
)
def test_what_would_move_the_cursor_is_made_visible(text, expected):
    assert clean(text) == expected


@pytest.mark.parametrize("colour", [False, True])
def test_no_text_of_a_report_reaches_the_screen_as_it_is(colour):
    evil = "\x1b[2J\r\n\u202e"
    report = Report(
        (
            Entry(evil, REFUTED, difference=evil, blame=evil, message=evil, derivative=evil),
            entry(evil),
        ),
        evil,
        (evil,),
        ({evil: Fraction(1)},),
        (evil,),
        (evil,),
    )
    text = ESCAPE.sub("", render(report, colour=colour))
    assert all(c.isprintable() for line in text.split("\n") for c in line)
    # Title, point, head, two rows, three lines of explanation, conditions, branches, finding.
    assert len(text.split("\n")) == 11


def test_columns_stand_below_each_other_whatever_their_script():
    labels = ["x", "größe", "面積", "e\u0301"]
    rows = body(str(Report(tuple(map(entry, labels)))))[1:]
    # An ideograph takes two columns, a combining accent none.
    columns = [
        row.index("mul") + row.count("面") + row.count("積") - row.count("\u0301") for row in rows
    ]
    assert columns == [columns[0]] * 4


# --- the width of the screen ----------------------------------------------------------------------


def wide(labels=("gamma",)):
    numbers = Fraction(7**30, 3**40)
    formula = "x**2*y + 3*x*y**2 + z*(x + y)**5 - w*(x - y)**7 + 12*u*v"
    return Report(
        tuple(
            Entry(label, PROVED, "whole", "maximum", numbers, -numbers, formula) for label in labels
        )
    )


@pytest.mark.parametrize("columns", [100, 110, 130, 200])
def test_a_table_fits_the_terminal(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert max(map(len, str(wide()).splitlines())) <= columns


def test_a_wide_terminal_shows_more_of_the_formula(monkeypatch):
    shown = {}
    for columns in (100, 130, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        shown[columns] = str(wide())
    assert "+ z*(x + y)**5" not in shown[100]
    assert "+ z*(x + y)**5" in shown[130]
    assert "- w*(x - y)**7" not in shown[130]
    assert "- w*(x - y)**7 + 12*u*v" in shown[200]


def test_on_a_very_narrow_terminal_numbers_and_labels_give_way_too(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    head = body(str(wide(("a_label_of_some_length",))))[0]
    starts = [head.index(title) for title in ("node", "oper", "val", "grad", "SymPy", "verd")]
    assert [end - start - 2 for start, end in pairwise(starts)] == [12, 8, 12, 12, 18]


def test_a_small_table_is_the_same_on_every_terminal(monkeypatch):
    texts = set()
    for columns in ("80", "130", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        texts.add(str(Report((entry(),))))
    assert len(texts) == 1
