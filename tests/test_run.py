"""Items: what is verified for a case, a graph file, a random graph, and what becomes of it."""

import json
import math
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

import minigrad
from minigrad import Scalar, to_json
from minigrad.verify import run as running
from minigrad.verify.cases import Case
from minigrad.verify.report import Entry, Report, Verdict
from minigrad.verify.run import Item, Options, Result, from_case, from_path, from_root, from_seed

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict


@pytest.fixture
def results(prover):
    """Run items, or pass Results through, and list what becomes of them."""

    def run(items, **options):
        return [
            item if isinstance(item, Result) else running.run(item, prover, Options(**options))
            for item in items
        ]

    return run


def write(folder, text, name="cases.py"):
    path = folder / name
    path.write_text(f"from minigrad.verify import case\n{text}", encoding="utf-8")
    return path


def square(x):
    return x * x


# --- the verdict of a result ----------------------------------------------------------------------


def report(verdict):
    return Report((Entry("x", verdict),))


@pytest.mark.parametrize(
    ("nodes", "claims", "plain", "expected_refuted"),
    [
        (PROVED, [PROVED], PROVED, REFUTED),
        (PROVED, [REFUTED], REFUTED, PROVED),
        (PROVED, [PROVED, REFUTED], REFUTED, PROVED),
        (PROVED, [UNDECIDED], UNDECIDED, REFUTED),
        (PROVED, [KINK], KINK, REFUTED),
        (PROVED, [], PROVED, REFUTED),
        # A graph that is wrong itself makes no expectation true.
        (REFUTED, [REFUTED], REFUTED, REFUTED),
        (REFUTED, [PROVED], REFUTED, REFUTED),
        (UNDECIDED, [REFUTED], REFUTED, UNDECIDED),
        (KINK, [REFUTED], REFUTED, KINK),
    ],
)
def test_an_expected_refutation_is_one_of_a_claim_about_a_right_graph(
    nodes, claims, plain, expected_refuted
):
    reports = tuple(map(report, [nodes, *claims]))
    assert Result("a", reports).verdict is plain
    expecting = Result("a", reports, expect_refuted=True)
    assert expecting.verdict is expected_refuted
    refuted = REFUTED in claims
    assert expecting.remark == (
        "refuted, as expected" if refuted else "expected to be refuted, and is not"
    )
    assert Result("a", reports).remark == ""


def test_an_error_has_no_verdict():
    for expecting in (False, True):
        result = Result("a", error="boom", expect_refuted=expecting)
        assert (result.verdict, result.status, result.remark) == (None, "error", "")


@pytest.mark.parametrize("verdict", Verdict)
def test_the_status_is_the_verdict_as_a_word(verdict):
    assert Result("a", (report(verdict),)).status == verdict.value


# --- cases ----------------------------------------------------------------------------------------


def named(point, **more):
    return [item.name for item in from_case(Case("f", square, (point,), **more), "a.py")]


@pytest.mark.parametrize(
    ("point", "text"),
    [
        (3, "3"),
        (3.1, "31/10"),
        ("3.1", "3.1"),
        ((3, "4.20"), "(3, 4.20)"),
        ([1, 0.5], "[1, 1/2]"),
        (([1], (2,)), "([1], (2))"),
        ([[1, 2], [3]], "[[1, 2], [3]]"),
        (10**40, "10000000…00000000 (41 digits)"),
        (None, "None (type NoneType)"),
        (float("nan"), "nan (type float)"),
        ("three", "three"),
    ],
)
def test_an_item_is_named_by_its_file_case_and_point(point, text):
    assert named(point) == [f"a.py::f at {text}"]


def test_the_text_of_a_long_point_is_cut():
    (name,) = named(list(range(1000)))
    assert name.startswith("a.py::f at [0, 1, 2, 3, ")
    assert name.endswith("…")
    assert len(name) == len("a.py::f at ") + 50


def test_a_case_is_an_item_for_each_point():
    made = Case("f", square, (2, 3), gradient=lambda x: 3 * x, expect="refuted")
    items = list(from_case(made, "a.py"))
    assert [item.name for item in items] == ["a.py::f at 2", "a.py::f at 3"]
    assert [item.expect_refuted for item in items] == [True, True]


def test_the_nodes_come_first_and_then_each_claim(results):
    made = Case(
        *("f", square, (3,)),
        gradient=lambda x: 2 * x,
        values={"x": 3},
        gradients={"x": 7},
        source="a textbook",
    )
    (result,) = results(from_case(made, "a.py"))
    nodes, gradient, published = result.reports
    assert nodes.title == "a.py::f at 3   [a textbook]"
    assert [(e.label, e.gradient, e.verdict) for e in nodes.entries] == [
        ("x", 6, PROVED),
        ("v1", 1, PROVED),
    ]
    assert [(e.label, e.gradient, e.verdict) for e in gradient.entries] == [("x", 6, PROVED)]
    assert [(e.operator, e.expected, e.verdict) for e in published.entries] == [
        ("value", 3, PROVED),
        ("gradient", 6, REFUTED),
    ]
    assert result.verdict is REFUTED


@pytest.mark.parametrize("claim", [{"values": {"x": 3}}, {"gradients": {"x": 6}}])
def test_published_numbers_of_one_kind_are_enough(results, claim):
    (result,) = results(from_case(Case("f", square, (3,), **claim), "a.py"))
    assert [report.verdict for report in result.reports] == [PROVED, PROVED]
    assert result.reports[1].title == "published numbers"


def test_the_seconds_of_an_item_are_those_that_it_took(results, monkeypatch):
    clock = iter([10, 12.5])
    monkeypatch.setattr(running, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    (result,) = results(from_case(Case("f", square, (3,)), "a.py"))
    assert result.seconds == 2.5


def test_the_title_of_a_case_without_source_is_its_name(results):
    (result,) = results(from_case(Case("f", square, (3,)), "a.py"))
    assert [report.title for report in result.reports] == ["a.py::f at 3"]


@pytest.mark.parametrize(
    ("method", "proof"), [("auto", "whole"), ("whole", "whole"), ("chain", "chain")]
)
def test_the_method_is_passed_on(results, method, proof):
    (result,) = results(from_case(Case("f", square, (3,)), "a.py"), method=method)
    assert {entry.proof for entry in result.reports[0].entries} == {proof}


def test_the_budget_is_passed_on(results):
    (result,) = results(from_case(Case("f", square, (3,)), "a.py"), method="whole", budget=0)
    assert result.verdict is UNDECIDED
    assert "the budget of seconds ran out" in str(result.reports[0])


# --- what goes wrong in a case --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return 1 / (x - 2)", "3: div(1, 0): the divisor must not be 0"),
        ("return x * (1 / 0)", "3: ZeroDivisionError: division by zero"),
        ("import json; return json.loads('')", "3: JSONDecodeError: Expecting value"),
        ("raise SystemExit(4)", "3: SystemExit: 4"),
        ("return open('/no/such/file')", "3: [Errno 2] No such file or directory"),
        ("return f(x)", "3: RecursionError: maximum recursion depth exceeded"),
        ("pass", "expected the function to return a Scalar or a number; got None"),
    ],
)
def test_an_error_in_a_case_is_told_with_its_line_and_the_rest_goes_on(
    tmp_path, results, body, error
):
    text = f"@case(2)\ndef f(x): {body}\n\n@case(5)\ndef g(x): return x\n"
    path = write(tmp_path, text)
    wrong, right = results(from_path(path))
    assert (wrong.name, wrong.status, wrong.reports) == (f"{path}::f at 2", "error", ())
    place = f"{path}:" if error[0].isdigit() else ""
    assert wrong.error.startswith(f"{place}{error}")
    assert right.verdict is PROVED


@pytest.mark.parametrize(
    "leaking",
    [
        lambda x: x * x.__float__(),
        lambda x: x * x + 1 / x.__float__(),
        lambda x: x * x.__float__() if x > 1 else x,
        lambda x: x + (x - 2).__float__(),
        lambda x: x + max((x - 2).__float__(), 0.0),
        # Beyond the digits of a float, and with differences that cancel near by.
        lambda x: x * (x + 10**14).__float__(),
        lambda x: x * ((x - 1) - 2 * (x + 1) + (x + 4)).__float__(),
    ],
)
def test_a_case_whose_graph_would_be_less_than_its_function_is_an_error(results, leaking):
    (result,) = results(from_case(Case("leaking", leaking, (2,)), "here"))
    assert result.status == "error"
    assert "left exact arithmetic, for a constant without gradient: " in result.error
    assert "test_run.py:" in result.error


def test_a_case_that_makes_a_float_by_name_is_verified_without(results):
    case = Case("cube", lambda x: float(x * float(x)) * float(np.float64(x)), (2,))
    (result,) = results(from_case(case, "here"))
    assert result.verdict is Verdict.PROVED
    assert result.reports[0].entries[0].gradient == 12


def test_a_case_with_functions_of_math_is_verified_with_exact_ones(results):
    case = Case("wave", lambda x: x * math.sin(x), (2,))
    (result,) = results(from_case(case, "here"))
    gradient = sp.Integer(2) * sp.cos(2) + sp.sin(2)
    assert result.verdict is Verdict.PROVED
    entry = result.reports[0].entries[0]
    assert entry.derivative == "x*cos(x) + sin(x)"
    assert sp.simplify(entry.gradient.expression([]) - gradient) == 0


@pytest.mark.parametrize("saturated", [lambda x: x * math.tanh(x), lambda x: x * math.erf(x)])
def test_a_float_that_does_not_move_near_by_is_no_constant(results, saturated):
    (result,) = results(from_case(Case("saturated", saturated, (20,)), "here"))
    entry = next(entry for entry in result.reports[0].entries if entry.label == "x")
    assert result.verdict is Verdict.PROVED
    assert entry.derivative != "1"
    assert entry.gradient != 1


def test_what_a_case_prints_is_printed_once(tmp_path, results, capsys):
    text = "@case(2)\ndef f(x):\n    print('at', float(x))\n    return x * x\n"
    (result,) = results(from_path(write(tmp_path, text)))
    assert result.verdict is PROVED
    assert capsys.readouterr().err.count("at 2.0") == 1


@pytest.mark.parametrize(
    ("harmless", "gradient"),
    [
        (lambda x: (f"{float(x):.3f}", x * x)[1], 4),
        (lambda x: x * x if float(x) > 1 else x, 4),
        (lambda x: sorted([x * x, x], key=float)[1], 4),
        (lambda x: [0, 1, x * x][int(x)], 4),
        # A count changes in jumps alone, as a branch does.
        (lambda x: sum([x for _ in range(int(x))]), 2),
        (lambda x: sum([x for _ in range(round(float(x) + 0.25))]), 2),
        (lambda x: x * x if float(x) > 1.9 else x, 4),
        # Pieces beside the point are others, the constants are the same.
        (lambda x: (float(x), abs(x - 2) + x)[1], None),
        (lambda x: (float(x), minigrad.sqrt(2 - x) if x < 2 else x)[1], 1),
    ],
)
def test_a_float_that_is_no_number_in_the_graph_does_no_harm(results, harmless, gradient):
    (result,) = results(from_case(Case("harmless", harmless, (2,)), "here"))
    assert result.verdict is (Verdict.KINK if gradient is None else Verdict.PROVED)
    if gradient is not None:
        assert result.reports[0].entries[0].gradient == gradient


def test_an_error_beside_a_float_is_told_as_it_is(results):
    def failing(x):
        print(float(x))
        return 1 / (x - 2)

    (result,) = results(from_case(Case("failing", failing, (2,)), "here"))
    assert result.status == "error"
    assert "the divisor must not be 0" in result.error


def test_a_case_may_read_its_numbers_by_name_and_keep_them_in_a_dict(results):
    def reading(x):
        known = {x: x * x}
        print(f"{x}")
        return known[x] + x * x.data

    (result,) = results(from_case(Case("reading", reading, (2,)), "here"))
    assert result.verdict is Verdict.PROVED
    assert result.reports[0].entries[0].gradient == 6


@pytest.mark.parametrize("point", ["None", "'three'", "(1, 2)", "[float('inf')]", "{}"])
def test_a_point_that_does_not_fit_is_an_error_of_its_item_alone(tmp_path, results, point):
    path = write(tmp_path, f"@case({point}, 4)\ndef f(x): return x\n")
    wrong, right = results(from_path(path))
    assert wrong.status == "error"
    assert wrong.error.startswith("expected ")
    assert right.verdict is PROVED


def test_what_a_case_prints_goes_to_standard_error(tmp_path, results, capsys):
    text = "print('loaded')\n@case(2)\ndef f(x):\n    print('called')\n    return x\n"
    (result,) = results(from_path(write(tmp_path, text)))
    assert result.verdict is PROVED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "loaded\ncalled\n" in captured.err


def test_an_interruption_is_no_error_of_the_case(results):
    def interrupted(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results([Item("a", interrupted)])


def test_the_budget_is_that_of_claims_too(results, monkeypatch):
    given = []

    def compared(function, gradient, point, rules, budget):
        given.append(budget)
        return Report(())

    monkeypatch.setattr(running.check, "compare_gradient", compared)
    case = Case("square", lambda x: x * x, (3,), gradient=lambda x: 2 * x)
    assert len(results(from_case(case, "here"), budget=77.0)) == 1
    assert given == [77.0]


# --- files and folders ----------------------------------------------------------------------------


def test_a_folder_is_all_its_files_in_order(tmp_path, results):
    write(tmp_path, "@case(1, 2)\ndef f(x): return x\n", "b.py")
    write(tmp_path, "", "helper.py")
    write(tmp_path, "1 / 0\n", "broken.py")
    (tmp_path / "a.json").write_text(to_json(Scalar(3, "x") * 2))
    found = results(from_path(tmp_path))
    assert [(result.name, result.status) for result in found] == [
        (f"{tmp_path}/a.json", "proved"),
        (f"{tmp_path}/b.py::f at 1", "proved"),
        (f"{tmp_path}/b.py::f at 2", "proved"),
        (f"{tmp_path}/broken.py", "error"),
    ]
    assert found[3].error == f"{tmp_path}/broken.py:2: ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nowhere", "no such file or folder"),
        ("nowhere.py", "no such file or folder"),
        ("notes.md", "expected a case file (.py) or a graph file (.json)"),
        ("empty", "no case defined here: no .py or .json file is in it"),
        ("helper.py", "no case defined here: put @case(point) above a function"),
        ("helpers", "no case defined here: put @case(point) above a function"),
    ],
)
def test_a_path_without_a_case_is_an_error(tmp_path, name, error):
    for folder in ("empty", "helpers"):
        (tmp_path / folder).mkdir()
    for file in ("notes.md", "helper.py", "helpers/one.py"):
        write(tmp_path, "", file)
    (result,) = from_path(tmp_path / name)
    assert (result.name, result.error) == (str(tmp_path / name), error)


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(running.cases, "files", refused)
    (result,) = from_path(tmp_path)
    assert result.error == "[Errno 13] Permission denied"


# --- graph files ----------------------------------------------------------------------------------


def graph_file(folder, *nodes, encoding="utf-8"):
    path = folder / "graph.json"
    path.write_text(json.dumps({"minigrad": 1, "nodes": nodes}), encoding=encoding)
    return path


X, Y = (
    {"operator": "leaf", "label": name, "data": data} for name, data in (("x", "3"), ("y", "4"))
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_right_graph_file_is_proved(tmp_path, results, encoding):
    product = {"operator": "mul", "operands": [0, 1], "data": "12", "grad": "1"}
    path = graph_file(tmp_path, {**X, "grad": "4"}, Y, product, encoding=encoding)
    (result,) = results(from_path(path))
    assert (result.name, result.verdict) == (str(path), PROVED)
    assert result.reports[0].title == str(path)


@pytest.mark.parametrize(
    ("recorded", "label", "difference"),
    [
        ([{"grad": "5"}, {}, {}], "x", "1"),
        ([{}, {"grad": "-3"}, {}], "y", "-6"),
        # The value is wrong, and so are the gradients that a wrong value would leave.
        ([{}, {}, {"data": "13"}], "v1", "1"),
    ],
)
def test_what_is_recorded_wrongly_is_refuted(tmp_path, results, recorded, label, difference):
    product = {"operator": "mul", "operands": [0, 1]}
    nodes = [{**node, **more} for node, more in zip((X, Y, product), recorded, strict=True)]
    (result,) = results(from_path(graph_file(tmp_path, *nodes)))
    wrong = {entry.label: entry for entry in result.reports[0].entries if entry.verdict is REFUTED}
    assert wrong[label].difference == difference


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "expected a graph file; this file is empty"),
        (b" \n", "expected a graph file; this file is empty"),
        (b"\xff\xfe", "expected a graph file in UTF-8: "),
        (b"{", "graph file: "),
        (b"[]", "graph file: expected an object; got []"),
        (
            b'{"minigrad": 1, "nodes": []}',
            'graph file: expected a list "nodes" of at least one node',
        ),
        (b'{"minigrad": 9}', 'graph file: expected "minigrad": 1; got the number 9'),
    ],
)
def test_a_malformed_graph_file_is_an_error(tmp_path, results, content, error):
    path = tmp_path / "graph.json"
    path.write_bytes(content)
    (result,) = results(from_path(path))
    assert result.status == "error"
    assert result.error.startswith(error)


# --- expressions and random graphs ----------------------------------------------------------------


def test_a_graph_is_an_item_by_its_name(results):
    x = Scalar("1/2", "x")
    (result,) = results([from_root("x**2", x**2)])
    assert (result.name, result.verdict) == ("x**2", PROVED)
    assert result.reports[0].title == "x**2"
    assert result.reports[0].entries[0].gradient == 1


def test_random_graphs_are_numbered_by_their_seeds_and_reproduced(results):
    names = [item.name for item in from_seed(-2, 3)]
    assert names == [f"random graph, seed {seed}" for seed in (-2, -1, 0)]
    first, second = results(from_seed(7, 3)), results(from_seed(7, 3))
    assert [result.reports for result in first] == [result.reports for result in second]
    assert {result.verdict for result in first} <= {PROVED, KINK}
    assert all(isinstance(e.gradient, Fraction) for r in first for e in r.reports[0].entries)
