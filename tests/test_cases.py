"""Case files: what the decorator accepts, what a point stands for, and what is found in a file."""

import functools
import importlib.util
import linecache
import pickle
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from minigrad import Scalar
from minigrad.errors import CaseError, InvalidNumber, InvalidOperand
from minigrad.verify import case
from minigrad.verify.arguments import is_array
from minigrad.verify.cases import Case, arguments, files, line_of, load


def square(x):
    return x * x


class NoSignature:
    """A callable whose parameters Python does not know, as those of many functions in C."""

    __signature__ = 5

    def __call__(self, x, y):
        return x * y


def write(folder, text, name="cases.py"):
    path = folder / name
    path.write_text(f"from minigrad.verify import case\n{text}", encoding="utf-8")
    return path


def names(path):
    return [found.name for found in load(path)]


# --- the decorator --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "options", "says"),
    [
        ((), {}, "at least one point"),
        ((square,), {}, "at least one point"),
        ((1,), {"gradient": 3}, "gradient to be a function; got 3"),
        ((1,), {"values": ["x"]}, "values to be a dict from label to number"),
        ((1,), {"gradients": 2}, "gradients to be a dict from label to number"),
        ((1, 2), {"values": {"x": 1}}, "published values go with a single point"),
        ((1, 2), {"gradients": {"x": 1}}, "published values go with a single point"),
        ((1,), {"expect": "proved", "gradient": square}, "'refuted' or None; got 'proved'"),
        ((1,), {"expect": "refuted"}, "needs a claim: gradient, values or gradients"),
    ],
)
def test_arguments_that_do_not_fit_together_are_refused(points, options, says):
    with pytest.raises(CaseError, match=says):
        case(*points, **options)


@pytest.mark.parametrize("claim", ["gradient", "values", "gradients"])
def test_any_claim_can_be_expected_to_be_refuted(claim):
    given = square if claim == "gradient" else {"x": 2}
    assert case(1, expect="refuted", **{claim: given})(square) is square


def test_what_is_decorated_must_be_a_function():
    with pytest.raises(CaseError, match=r"expected a function; got 5 \(type int\)"):
        case(1)(5)


def test_the_function_is_left_as_it_was():
    def fresh(x):
        return x

    assert case(1, source="by hand")(fresh) is fresh
    assert vars(fresh) == {}


# --- points ---------------------------------------------------------------------------------------


def plain(structure):
    """Labels and values of nested arguments."""
    if is_array(structure):
        return [plain(item) for item in structure]
    assert not structure.is_constant
    return structure.label, structure.data


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (lambda x: x, 3.1, [("x", Fraction(31, 10))]),
        (lambda x: x, "1e-3", [("x", Fraction(1, 1000))]),
        (lambda x: x, (2,), [("x", 2)]),
        (lambda x, y: x, (2, "1/3"), [("x", 2), ("y", Fraction(1, 3))]),
        (lambda x: x, [2, 5], [[("x[0]", 2), ("x[1]", 5)]]),
        (lambda x: x, range(2), [[("x[0]", 0), ("x[1]", 1)]]),
        (lambda x: x, [[1], [2, 3]], [[[("x[0][0]", 1)], [("x[1][0]", 2), ("x[1][1]", 3)]]]),
        (lambda x, y: x, (1, [2]), [("x", 1), [("y[0]", 2)]]),
        (lambda *xs: xs, (1, 2), [("xs[0]", 1), ("xs[1]", 2)]),
        (lambda a, *xs: xs, (1, 2), [("a", 1), ("xs[0]", 2)]),
        (lambda x, y=2: x, 1, [("x", 1)]),
        (lambda x, y=2: x, (1, 4), [("x", 1), ("y", 4)]),
        (lambda x, *, power=2: x, 1, [("x", 1)]),
        (NoSignature(), (1, 2), [("x0", 1), ("x1", 2)]),
    ],
)
def test_a_point_stands_for_labelled_arguments(function, point, expected):
    assert plain(arguments(function, point)) == expected


def test_numpy_points_are_read_by_their_shape():
    np = pytest.importorskip("numpy")
    tenth = Fraction(1, 10)
    for point, expected in (
        (np.array([0.1, 2]), [[("x[0]", tenth), ("x[1]", 2)]]),
        (np.array([[1], [2]]), [[[("x[0][0]", 1)], [("x[1][0]", 2)]]]),
        (np.float32(0.1), [("x", tenth)]),
    ):
        assert plain(arguments(lambda x: x, point)) == expected
    assert is_array(np.array([1]))
    assert not is_array(np.array(1))


@pytest.mark.parametrize(
    ("function", "point", "error", "says"),
    [
        (lambda x: x, (1, 2), CaseError, r"a point of 1 argument \(x\); got 2"),
        (lambda x, y: x, 1, CaseError, r"a point of 2 arguments \(x, y\); got 1"),
        (lambda x, y=2: x, (1, 2, 3), CaseError, r"of 1 to 2 arguments \(x, y\); got 3"),
        (lambda x, *, n: x, 1, CaseError, "the parameter n can be given by keyword only"),
        (lambda x: x, None, InvalidOperand, "got None"),
        (lambda x: x, {"x": 1}, CaseError, "got a dict"),
        (lambda x: x, "three", InvalidNumber, "got 'three'"),
        (lambda x: x, [1, float("nan")], InvalidNumber, "NaN"),
    ],
)
def test_a_point_that_does_not_fit_is_refused(function, point, error, says):
    with pytest.raises(error, match=says):
        arguments(function, point)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1], True),
        ((1,), True),
        (range(3), True),
        ("12", False),
        (b"12", False),
        ({}, False),
        (3, False),
        (Scalar(3), False),
    ],
)
def test_what_is_an_array(value, expected):
    assert is_array(value) is expected


# --- loading a file -------------------------------------------------------------------------------


def test_a_case_carries_all_that_the_decorator_was_given(tmp_path):
    text = """
def by_hand(x):
    return 2 * x

@case(3, gradient=by_hand, values={"x": 3}, gradients={"x": 6}, source="by hand", expect="refuted")
def square(x):
    return x * x
"""
    (found,) = load(write(tmp_path, text))
    assert found.name == "square"
    assert found.function(4) == 16
    assert found.points == (3,)
    assert found.gradient(4) == 8
    assert (found.values, found.gradients) == ({"x": 3}, {"x": 6})
    assert (found.source, found.expect) == ("by hand", "refuted")


def test_cases_come_in_the_order_in_which_they_are_read(tmp_path):
    text = """
@case(1)
@case(2, 3)
def f(x):
    return x

@case(4)
def g(x):
    return x

g = case(5)(g)
f = case(6)(f)
"""
    found = load(write(tmp_path, text))
    assert [(c.name, c.points) for c in found] == [
        *(("f", (1,)), ("f", (2, 3))),
        *(("g", (5,)), ("g", (4,)), ("f", (6,))),
    ]


def test_no_case_is_lost_that_has_no_name_of_its_own(tmp_path):
    # A loop that defines one name three times, functions in a list, a class, another's function.
    text = """
import operator
from functools import partial

for n in (1, 2, 3):
    @case(n)
    def power(x, n=n):
        return x**n

def shifted(by):
    @case(0)
    def shift(x):
        return x + by
    return shift

shifts = [shifted(1), shifted(2)]
case((1, 2))(operator.mul)
case(1)(partial(pow, exp=2))

class Group:
    @case(7)
    def inside(x):
        return x
"""
    assert names(write(tmp_path, text)) == [
        *("power", "power", "power", "shift", "shift", "mul", "case", "inside"),
    ]


def test_a_case_file_can_be_written_with_dataclasses(tmp_path):
    text = """
from dataclasses import dataclass

@dataclass
class Pair:
    x: int
    rest: "Pair | None" = None

@case(Pair(3).x)
def f(x):
    return x
"""
    (found,) = load(write(tmp_path, text))
    assert found.points == (3,)


def test_neighbours_can_be_imported_and_their_cases_are_not_counted_twice(tmp_path):
    write(tmp_path, "@case(1)\ndef theirs(x):\n    return x\n", "neighbour_with_a_case.py")
    helper = "def decorated(f):\n    return case(2, source='helper')(f)\n"
    write(tmp_path, helper, "_neighbour_that_helps.py")
    text = """
from _neighbour_that_helps import decorated
from neighbour_with_a_case import theirs

@decorated
def own(x):
    return theirs(x)
"""
    try:
        assert names(write(tmp_path, text)) == ["own"]
        assert names(tmp_path / "neighbour_with_a_case.py") == ["theirs"]
    finally:
        for module in ("neighbour_with_a_case", "_neighbour_that_helps"):
            sys.modules.pop(module, None)


def test_an_ordinary_import_of_a_case_file_collects_nothing(tmp_path):
    path = write(tmp_path, "@case(1)\ndef f(x):\n    return x\n")
    spec = importlib.util.spec_from_file_location("imported_by_hand", path)
    module = importlib.util.module_from_spec(spec)
    before = set(vars(module))
    spec.loader.exec_module(module)
    assert set(vars(module)) - before == {"case", "f", "__builtins__"}


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("raise RuntimeError('boom')", "cases.py:2: RuntimeError: boom"),
        ("import sys\nsys.exit(3)", "cases.py:3: SystemExit: 3"),
        ("x = 1\ndef f(:\n    pass", "cases.py:3: SyntaxError: invalid syntax: def f(:"),
        ("import no_such_module", "cases.py:2: ModuleNotFoundError: No module named"),
        ("def f():\n    return 1 / 0\n\nf()", "cases.py:3: ZeroDivisionError: division by zero"),
        ("import json\njson.loads('')", "cases.py:3: JSONDecodeError: Expecting value"),
        ("@case\ndef f(x):\n    return x", "cases.py:2: CaseError: case: expected at least one"),
        ("x = '\x00'", "source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_raises_is_refused_with_its_line(tmp_path, text, ends):
    with pytest.raises(CaseError) as caught:
        load(write(tmp_path, text))
    assert ends in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_is_no_python_is_refused(tmp_path):
    path = tmp_path / "binary.py"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match=r"binary\.py.*SyntaxError"):
        load(path)
    with pytest.raises(CaseError, match="expected a Python file"):
        load(tmp_path / "graph.json")


@pytest.mark.parametrize("text", ["@case(1)\ndef f(x):\n    return x", "raise ValueError"])
def test_loading_leaves_the_interpreter_as_it_was(tmp_path, monkeypatch, text):
    before = object()
    monkeypatch.setitem(sys.modules, "minigrad_cases_cases", before)
    path, search = write(tmp_path, text), list(sys.path)
    try:
        load(path)
    except CaseError:
        assert text == "raise ValueError"
    assert sys.path == search
    assert sys.modules["minigrad_cases_cases"] is before
    monkeypatch.delitem(sys.modules, "minigrad_cases_cases")
    with pytest.raises(CaseError):
        load(write(tmp_path, "raise ValueError", "other.py"))
    assert not [name for name in sys.modules if name.startswith("minigrad_cases_")]


def test_a_file_may_take_its_folder_off_the_search_path(tmp_path):
    text = "import sys\nsys.path.pop(0)\n@case(1)\ndef f(x):\n    return x\n"
    search = list(sys.path)
    assert names(write(tmp_path, text)) == ["f"]
    assert sys.path == search


def test_an_error_from_elsewhere_has_no_line():
    assert line_of(ValueError()) == ""
    with pytest.raises(ZeroDivisionError) as caught:
        functools.reduce(lambda x, y: x / y, [1, 0])
    assert line_of(caught.value) == ""


# --- finding files --------------------------------------------------------------------------------


def test_a_folder_gives_its_files_in_order_without_private_ones(tmp_path):
    for name in (
        *("b.py", "a.json", "notes.md", "_helper.py", ".hidden.py", "a.PY"),
        *("deep/c.py", "_private/d.py", ".git/e.py", "__pycache__/f.py"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in files(tmp_path)]
    assert found == ["a.json", "b.py", "deep/c.py"]
    assert files(tmp_path / "_private") == [tmp_path / "_private" / "d.py"]
    assert files(tmp_path / "_helper.py") == [tmp_path / "_helper.py"]


def test_a_path_that_is_no_case_file_is_refused(tmp_path):
    with pytest.raises(CaseError, match="nowhere: no such file or folder"):
        files(tmp_path / "nowhere")
    (tmp_path / "notes.md").touch()
    with pytest.raises(
        CaseError, match=r"expected a case file \(\.py\) or a graph file \(\.json\)"
    ):
        files(tmp_path / "notes.md")
    (tmp_path / "empty").mkdir()
    assert files(tmp_path / "empty") == []


# --- from process to process ----------------------------------------------------------------------


def test_a_case_is_pickled_with_the_file_that_it_is_from(tmp_path):
    path = tmp_path / "made.py"
    path.write_text(
        "from minigrad.verify import case\nprint('loaded')\nfor n in (2, 3):\n"
        "    case(5, gradient=lambda x, n=n: n * x**(n - 1))(lambda x, n=n: x**n)\n"
    )
    packed = pickle.dumps(load(path)[1])
    # Wherever it goes the file may be another one, or none.
    path.unlink()
    cube = pickle.loads(packed)
    assert (cube.name, cube.points, cube.function(5), cube.gradient(5)) == (
        "<lambda>",
        (5,),
        125,
        75,
    )
    assert linecache.getline(str(path), 2) == "print('loaded')\n"
    assert pickle.loads(pickle.dumps(cube)).function(5) == 125


def test_what_a_file_prints_when_it_is_run_again_is_not_heard(tmp_path, capsys):
    path = tmp_path / "prints.py"
    path.write_text("from minigrad.verify import case\nprint('loaded')\ncase(5)(lambda x: x)\n")
    packed = pickle.dumps(load(path)[0])
    assert capsys.readouterr().out == "loaded\n"
    pickle.loads(packed)
    assert capsys.readouterr().out == ""


def test_a_file_that_makes_other_cases_each_time_is_found_out(tmp_path):
    path = tmp_path / "changing.py"
    path.write_text(
        "import sys\nfrom minigrad.verify import case\nsys.second = hasattr(sys, 'second')\n"
        "def f(x): return x\ndef g(x): return x\ncase(5)(g if sys.second else f)\n"
    )
    packed = pickle.dumps(load(path)[0])
    try:
        with pytest.raises(
            CaseError, match=r"changing\.py: expected f among its cases when it is run"
        ):
            pickle.loads(packed)
    finally:
        del sys.second


def test_a_case_that_is_from_no_file_is_pickled_as_it_is():
    made = Case("square", square, ((3,),), source="here")
    assert pickle.loads(pickle.dumps(made)) == made
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(Case("local", lambda x: x, ()))


NEIGHBOURS = """
from minigrad.verify import case
from helper import factor
@case(2, gradient=lambda x: 2)
def f(x): return factor() * x
"""


@pytest.mark.parametrize("is_module", [True, False])
def test_each_file_has_neighbours_of_its_own(tmp_path, is_module):
    for name, factor in (("one", 2), ("two", 5)):
        (tmp_path / name).mkdir()
        helper = tmp_path / name / ("helper.py" if is_module else "helper/__init__.py")
        helper.parent.mkdir(exist_ok=True)
        helper.write_text(f"def factor(): return {factor}")
        (tmp_path / name / "cases.py").write_text(NEIGHBOURS)
    loaded = [load(tmp_path / name / "cases.py")[0] for name in ("one", "two", "one")]
    assert [case.function(1) for case in loaded] == [2, 5, 2]
    assert "helper" not in sys.modules


def test_a_file_that_goes_elsewhere_does_not_take_others_along(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inner").mkdir()
    (tmp_path / "goes.py").write_text("import os\nos.chdir('inner')")
    load(Path("goes.py"))
    assert Path.cwd() == tmp_path


def test_a_case_that_is_another_one_when_its_file_is_run_again_is_no_case(tmp_path):
    path = tmp_path / "draws.py"
    path.write_text(
        "import itertools, builtins\nfrom minigrad.verify import case\n"
        "n = builtins.count_of_runs = getattr(builtins, 'count_of_runs', 0) + 1\n"
        "@case(n)\ndef at(x): return x\n"
        "@case(1, gradient=lambda x, n=n: n)\ndef bound(x): return x\n"
        "@case(1)\ndef same(x): return x * n\n"
        "def make(k):\n    @case(1)\n    def closed(x): return k * x\nmake(n)\n"
    )
    at, bound, same, closed = map(pickle.dumps, load(path))
    for pickled in (at, bound, closed):
        with pytest.raises(CaseError, match="among its cases when it is run again"):
            pickle.loads(pickled)
    assert pickle.loads(same).name == "same"
