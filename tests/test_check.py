"""Claims about a function: hand-written gradients against SymPy's, and published numbers."""

import math
from fractions import Fraction

import pytest
import sympy as sp

import minigrad
from minigrad.errors import CaseError, DivisionByZero
from minigrad.exact import to_exact
from minigrad.rational import OutOfBudget
from minigrad.verify import edges, identity
from minigrad.verify.check import compare_gradient
from minigrad.verify.report import Verdict
from minigrad.verify.symbolic import Rules

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict
RULES = Rules()


def compared(function, gradient, point):
    return compare_gradient(function, gradient, point, RULES)


def only(report):
    (entry,) = report.entries
    return entry


def raising(error):
    def function(*_):
        raise error

    return function


def same_formula(text, expected):
    """Whether two expressions in real x, y, … are the same function."""
    names = {name: sp.Symbol(name, real=True) for name in "xy"}
    return sp.simplify(sp.sympify(text, names) - sp.sympify(expected, names)) == 0


# --- gradients that are right ---------------------------------------------------------------------


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def rosenbrock_gradient(x):
    return [-400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]), 200 * (x[1] - x[0] ** 2)]


def bilinear(x, y):
    return minigrad.dot(x, y)


def determinant(m):
    return m[0][0] * m[1][1] - m[0][1] * m[1][0]


@pytest.mark.parametrize(
    ("function", "gradient", "point", "expected"),
    [
        (lambda x: x * x, lambda x: 2 * x, 3, [6]),
        (lambda x: x * x, lambda x: (2 * x,), (3,), [6]),
        (lambda x: x * x, lambda x: x + x, "1/3", [Fraction(2, 3)]),
        (lambda x: 1 / x, lambda x: -1 / x**2, -2, [Fraction(-1, 4)]),
        (lambda x: x**3, lambda x: 3 * x**2, 0, [0]),
        (lambda x, y: x**2 * y, lambda x, y: (2 * x * y, x**2), (2, 3), [12, 4]),
        (lambda x, y: x**2 * y, lambda x, y: [2 * x * y, x**2], (2, 3), [12, 4]),
        (lambda x, y: x / y, lambda x, y: (1 / y, -x / y**2), (6, 2), [0.5, -1.5]),
        # The same rational function, written in another way.
        (lambda x: (x**2 - 1) / (x - 1), lambda x: 1, 4, [1]),
        # An argument that is not used, a function that is constant, one that is its argument.
        (lambda x, y: x, lambda x, y: (1, 0), (2, 3), [1, 0]),
        (lambda x: 5, lambda x: 0, 2, [0]),
        (lambda x: x, lambda x: 1, 2, [1]),
        (lambda x: x * x / 2, lambda x: x, 2, [2]),
        # -400 * -1.2 * (1 - 1.44) - 2 * 2.2 = -215.6 and 200 * (1 - 1.44) = -88
        (rosenbrock, rosenbrock_gradient, [-1.2, 1], [Fraction("-215.6"), -88]),
        (rosenbrock, rosenbrock_gradient, ([0, 2],), [-2, 400]),
        (rosenbrock, lambda x: (rosenbrock_gradient(x),), [0, 2], [-2, 400]),
        (lambda x: x[0] ** 2, lambda x: (2 * x[0],), [3], [6]),
        (lambda x: x[0] ** 2, lambda x: ([2 * x[0]],), ([3],), [6]),
        (bilinear, lambda x, y: (y, x), ([1, 2], [3, 4]), [3, 4, 1, 2]),
        (
            determinant,
            lambda m: [[m[1][1], -m[1][0]], [-m[0][1], m[0][0]]],
            [[2, 3], [5, 7]],
            [7, -5, -3, 2],
        ),
        # On a branch: |x| at -2, and a comparison.
        (abs, lambda x: -1, -2, [-1]),
        (lambda x: x * x if x > 0 else -x, lambda x: 2 * x if x > 0 else -1, 3, [6]),
    ],
)
def test_a_right_gradient_is_proved(function, gradient, point, expected):
    report = compared(function, gradient, point)
    assert [entry.verdict for entry in report.entries] == [PROVED] * len(expected)
    assert [entry.gradient for entry in report.entries] == list(map(Fraction, expected))
    assert [entry.expected for entry in report.entries] == list(map(Fraction, expected))
    assert {entry.proof for entry in report.entries} == {"identity"}
    assert report.verdict is PROVED


def test_points_and_gradients_can_be_numpy_arrays(monkeypatch):
    np = pytest.importorskip("numpy")

    def gradient(x):
        return np.array(rosenbrock_gradient(x))

    for point in (np.array([-1.2, 1]), (np.array([-1.2, 1]),)):
        report = compared(rosenbrock, gradient, point)
        assert [entry.verdict for entry in report.entries] == [PROVED, PROVED]
        assert [entry.gradient for entry in report.entries] == [Fraction("-215.6"), -88]
    monkeypatch.setattr(identity, "_WORK", {"flint": 3, "sympy": 3})
    report = compared(rosenbrock, gradient, np.array([-1.2, 1]))
    assert [entry.message.partition(",")[0] for entry in report.entries] == [
        "equal at 11 points"
    ] * 2


def test_components_are_labelled_in_the_order_of_the_arguments():
    report = compared(lambda a, x: a * x[0] * x[1], lambda a, x: (0, [0, 0]), (2, [3, 5]))
    assert [entry.label for entry in report.entries] == ["a", "x[0]", "x[1]"]
    assert [entry.expected for entry in report.entries] == [15, 10, 6]
    assert [entry.value for entry in report.entries] == [2, 3, 5]
    assert report.points == ({"a": 2, "x[0]": 3, "x[1]": 5},)
    assert report.title == "gradient of f"


# --- gradients that are wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "gradient", "point", "label", "numbers", "difference"),
    [
        # A term too many, a sign, a factor, a power, a chain rule forgotten.
        (
            lambda x, y: x**2 * y,
            lambda x, y: (2 * x * y, x**2 + y),
            *((2, 3), "y", (7, 4), "y"),
        ),
        (lambda x: 1 / x, lambda x: 1 / x**2, 2, "x", ("1/4", "-1/4"), "2/x**2"),
        (lambda x: x**3, lambda x: x**2, 2, "x", (4, 12), "-2*x**2"),
        (lambda x: (1 + x) ** 2, lambda x: 2 * x, 2, "x", (4, 6), "-2"),
        (lambda x: (3 * x) ** 2, lambda x: 6 * x, 1, "x", (6, 18), "-12*x"),
        # The two arguments exchanged, one forgotten, one counted twice.
        (
            lambda x, y: x / y,
            lambda x, y: (-x / y**2, 1 / y),
            (6, 2),
            "x",
            (-1.5, 0.5),
            "-(x+y)/y**2",
        ),
        (lambda x, y: x + y * y, lambda x, y: (1, 0), (2, 3), "y", (0, 6), "-2*y"),
        (lambda x: x * x, lambda x: 4 * x, 3, "x", (12, 6), "2*x"),
        # Off by one part in a thousand million: finite differences would pass it.
        (
            lambda x: x * x,
            lambda x: 2 * x * (1 + Fraction("1e-9")),
            *(3, "x", (Fraction("6.000000006"), 6), "x/500000000"),
        ),
        # A function that does not use its argument.
        (lambda x: 5, lambda x: x, 2, "x", (2, 0), "x"),
    ],
)
def test_a_wrong_gradient_is_refuted_with_the_difference(
    function, gradient, point, label, numbers, difference
):
    report = compared(function, gradient, point)
    assert report.verdict is REFUTED
    entry = next(entry for entry in report.entries if entry.verdict is REFUTED)
    assert entry.label == label
    assert (entry.gradient, entry.expected) == tuple(map(Fraction, numbers))
    assert same_formula(entry.difference, difference)
    assert entry.blame == f"the gradient by {label}"
    assert f"yours minus the true one is {entry.difference}" in entry.message


@pytest.mark.parametrize(
    ("function", "gradient", "point", "number", "difference"),
    [
        (lambda x: x * x, lambda x: x + 2, 2, 4, "2 - x"),
        (lambda x: x**3, lambda x: 6 * x, 2, 12, "6*x - 3*x**2"),
        (lambda x: x**3, lambda x: 0, 0, 0, "-3*x**2"),
        (lambda x: 1 / x, lambda x: -x, 1, -1, "1/x**2 - x"),
        # Nothing that is tested at 2 alone can tell (x - 2) ** 9 from 0.
        (lambda x: (x - 2) ** 10, lambda x: 0, 2, 0, "-10*(x - 2)**9"),
    ],
)
def test_right_at_the_point_and_wrong_as_a_formula_is_refuted(
    function, gradient, point, number, difference
):
    entry = only(compared(function, gradient, point))
    assert entry.verdict is REFUTED
    assert entry.gradient == entry.expected == number
    assert same_formula(entry.difference, difference)
    assert f"both are {number} at this point, but not as formulas" in entry.message


def test_only_the_component_that_is_wrong_is_refuted():
    def gradient(x):
        right = rosenbrock_gradient(x)
        return [right[0], right[1] / 2]

    report = compared(rosenbrock, gradient, [0, 2])
    assert [entry.verdict for entry in report.entries] == [PROVED, REFUTED]
    assert report.entries[1].difference == "100*(x[0]**2 - x[1])"


def test_a_difference_of_many_terms_is_not_written_out():
    entry = only(compared(lambda x: x, lambda x: sum(x**k for k in range(80)), 1))
    assert entry.verdict is REFUTED
    # x + x**2 + … + x**79 over 1
    assert entry.difference == "a formula of 80 terms"


# --- gradients of the wrong form ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gradient", "point", "says"),
    [
        (lambda x, y: x, (1, 2), r"2 partial derivatives, by x, y; got <?Scalar"),
        (lambda x, y: None, (1, 2), r"2 partial derivatives, by x, y; got None \(type NoneType\)"),
        (lambda x, y: (x, y, x), (1, 2), r"2 partial derivatives, by x, y; got 3$"),
        (lambda x, y: (x,), (1, 2), r"2 partial derivatives, by x, y; got 1$"),
        (lambda x, y: {"x": x, "y": y}, (1, 2), r"by x, y; got .* \(type dict\)"),
        (
            lambda x, y: (x, "y"),
            (1, 2),
            r"expected the gradient\[1\] to return a Scalar or a number",
        ),
        (
            lambda x, y: (x, [y]),
            (1, 2),
            r"expected the gradient\[1\] to be a Scalar or a number",
        ),
        (
            lambda x, y: (x, y[0]),
            (1, [2]),
            r"gradient\[1\] to be 1 partial derivative, by y\[0\]; got",
        ),
        (
            lambda x, y: x,
            (1, [2]),
            r"expected the gradient to be 2 partial derivatives, by x, y\[0\]; got",
        ),
        (lambda x: x, (1, 2), "gradient to take the arguments of the function: too many"),
        (lambda x, y, z: x, (1, 2), "of the function: missing a required argument: 'z'"),
        (lambda x: (x, x), 1, "expected the gradient to be a Scalar or a number; got"),
        (lambda x: x[0], [1] * 9, "expected the gradient to be 9 partial derivatives; got"),
    ],
)
def test_a_gradient_of_another_form_is_an_error_and_no_verdict(gradient, point, says):
    function = (lambda x, y: x) if isinstance(point, tuple) else (lambda x: 0)
    with pytest.raises(CaseError, match=says):
        compared(function, gradient, point)


def test_a_gradient_whose_signature_is_unknown_is_simply_called():
    class Doubled:
        __signature__ = 5

        def __call__(self, x):
            return 2 * x

    assert only(compared(lambda x: x * x, Doubled(), 3)).verdict is PROVED


# --- where something raises -----------------------------------------------------------------------


def test_what_the_function_raises_is_raised():
    with pytest.raises(DivisionByZero):
        compared(lambda x: 1 / x, lambda x: -1 / x**2, 0)
    with pytest.raises(KeyError):
        compared(raising(KeyError("k")), lambda x: 1, 0)


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [(lambda x: x * x, 3, 6), (lambda x: 5, 3, 0), (lambda x: x * abs(x), 0, 0)],
)
def test_a_gradient_that_raises_where_there_is_a_derivative_is_refuted(function, point, expected):
    entry = only(compared(function, raising(KeyError("weights")), point))
    assert entry.verdict is REFUTED
    assert entry.expected == expected
    assert entry.message == f"the gradient raised KeyError: 'weights'; the derivative is {expected}"
    assert entry.blame == "the gradient by x"
    assert entry.point == {"x": point}


def test_a_gradient_may_raise_where_there_is_no_derivative():
    report = compared(lambda x, y: abs(x) + y, lambda x, y: (x / abs(x), 1), (0, 2))
    x, y = report.entries
    assert x.verdict is KINK
    assert x.message.startswith("the gradient raised DivisionByZero: ")
    assert x.message.endswith("there is no derivative here, for the one-sided ones differ")
    assert (y.verdict, y.expected) == (REFUTED, 1)


NOT_FOUND = "the one-sided derivatives were not found: too many nodes"


def test_a_gradient_that_raises_where_nothing_is_known_is_undecided(monkeypatch):
    report = compared(lambda x, y: x**y, raising(KeyError("k")), (-2, 3))
    assert [entry.verdict for entry in report.entries] == [REFUTED, UNDECIDED]
    assert report.entries[0].expected == 12
    assert "a base that is not positive" in report.entries[1].message
    monkeypatch.setattr(edges, "one_sided", raising(OutOfBudget("too many nodes")))
    entry = only(compared(abs, raising(KeyError("k")), 0))
    assert entry.verdict is UNDECIDED
    assert entry.message == f"the gradient raised KeyError: 'k'; {NOT_FOUND}"


# --- boundaries -----------------------------------------------------------------------------------

LEFT_RIGHT = "the derivative is -1 from the left and 1 from the right; "


@pytest.mark.parametrize(
    ("function", "given", "verdict", "message"),
    [
        (abs, 0, KINK, LEFT_RIGHT + "minigrad's convention gives 0"),
        (abs, "1/2", KINK, LEFT_RIGHT + "another convention gives 1/2"),
        (abs, 1, KINK, LEFT_RIGHT + "another convention gives 1"),
        # Both sides agree: x|x| has the derivative 2|x|, and relu(x) - relu(-x) is x.
        (lambda x: x * abs(x), 0, PROVED, ""),
        (lambda x: minigrad.relu(x) - minigrad.relu(-x), 1, PROVED, ""),
        (
            lambda x: minigrad.relu(x) - minigrad.relu(-x),
            *(0, KINK, "both one-sided derivatives are 1; minigrad's convention gives 0"),
        ),
    ],
)
def test_at_a_boundary_a_gradient_is_held_against_the_one_sided_derivatives(
    function, given, verdict, message
):
    entry = only(compared(function, lambda x: Fraction(given), 0))
    assert (entry.verdict, entry.message) == (verdict, message)
    assert (entry.proof, entry.blame) == ("one-sided", None)


@pytest.mark.parametrize(
    ("function", "given", "difference"),
    [(abs, 2, None), (abs, -1 - Fraction("1e-9"), None), (lambda x: x * abs(x), 1, "1")],
)
def test_at_a_boundary_a_gradient_outside_both_sides_is_refuted(function, given, difference):
    entry = only(compared(function, lambda x: given, 0))
    assert entry.verdict is REFUTED
    assert entry.blame == "the gradient by x"
    assert entry.difference == difference


def test_at_a_boundary_that_is_too_much_work_it_is_undecided(monkeypatch):
    monkeypatch.setattr(edges, "one_sided", raising(OutOfBudget("too many nodes")))
    entry = only(compared(abs, lambda x: 0, 0))
    assert (entry.verdict, entry.message) == (UNDECIDED, NOT_FOUND)


def test_other_components_are_proved_as_formulas_beside_a_boundary():
    report = compared(lambda x, y: abs(x) + y * y, lambda x, y: (0, 2 * y), (0, 3))
    assert [entry.verdict for entry in report.entries] == [KINK, PROVED]


# --- a gradient whose own program stands at a boundary --------------------------------------------


def twice(x):
    """2x everywhere, in a way that reads x on the piece at 0."""
    return x + abs(x) - 2 * minigrad.relu(-x)


def test_a_formula_that_holds_on_a_boundary_alone_refutes_nothing():
    report = compared(lambda x: x * x, twice, 0)
    assert only(report).verdict is PROVED
    # Beside 0, on both sides of it, the formulas are equal; at 0 itself the numbers are.
    assert any("compared in numbers" in finding for finding in report.findings)
    assert len(report.points) > 1


def test_the_other_components_of_such_a_gradient_are_proved():
    report = compared(lambda x, y: x * x + y * y, lambda x, y: (twice(x), 2 * y), (0, 3))
    assert [entry.verdict for entry in report.entries] == [PROVED, PROVED]


def test_a_formula_that_holds_on_a_boundary_alone_proves_nothing():
    # On the piece at 0, 2x + |x| reads 2x.
    entry = only(compared(lambda x: x * x, lambda x: 2 * x + abs(x), 0))
    assert (entry.verdict, entry.proof) == (REFUTED, "identity")
    x = entry.point["x"]
    assert x != 0
    assert (entry.gradient, entry.expected) == (2 * x + abs(x), 2 * x)


def test_a_wrong_number_on_a_boundary_is_refuted():
    entry = only(compared(lambda x: x * x, lambda x: 1 + abs(x), 0))
    assert (entry.verdict, entry.proof, entry.difference) == (REFUTED, "number", "1")


def test_a_component_on_a_boundary_can_be_proved():
    report = compared(
        lambda x, y: minigrad.relu(x) ** 2 * y,
        lambda x, y: (2 * minigrad.relu(x) * y, minigrad.relu(x) ** 2),
        (0, 3),
    )
    assert [(entry.verdict, entry.proof) for entry in report.entries] == [
        (PROVED, "identity"),
        (PROVED, "identity"),
    ]
    assert {"y": 3, "x": 0} in report.points


# --- exponents ------------------------------------------------------------------------------------


def power(x, y):
    return x**y


def test_an_exponent_of_a_negative_base_keeps_its_number_and_has_no_derivative():
    report = compared(power, lambda x, y: (y * x ** (y - 1), 0), (-2, 3))
    x, y = report.entries
    assert (x.verdict, x.gradient, x.expected) == (PROVED, 12, 12)
    assert (y.verdict, y.expected) == (UNDECIDED, None)
    assert "a base that is not positive" in y.message
    assert report.conditions[0] == "y == 3"
    wrong = compared(power, lambda x, y: (x ** (y - 1), 0), (-2, 3))
    assert wrong.entries[0].verdict is REFUTED
    assert same_formula(wrong.entries[0].difference, "-2*x**2")


def test_an_exponent_of_a_positive_base_is_as_good_as_another_argument():
    report = compared(power, lambda x, y: (y * x ** (y - 1), x**y * x.log()), (2, 3))
    x, y = report.entries
    assert (x.verdict, x.gradient, x.expected) == (PROVED, 12, 12)
    assert y.verdict is PROVED
    assert y.gradient == y.expected == to_exact("8*log(2)")
    assert report.conditions == ("x > 0",)
    wrong = compared(power, lambda x, y: (x ** (y - 1), 0), (2, 3))
    assert [entry.verdict for entry in wrong.entries] == [REFUTED, REFUTED]
    assert wrong.entries[1].expected == to_exact("8*log(2)")


def test_an_exponent_in_the_gradient_alone_keeps_its_number_too():
    report = compared(lambda x, n: x * n, lambda x, n: (n, x ** (n - 2)), (-2, 3))
    assert [entry.verdict for entry in report.entries] == [PROVED, PROVED]
    assert report.conditions[0] == "n == 3"
    # Right where n is 3, as a formula in n it is not.
    report = compared(lambda x, n: x * n, lambda x, n: (n, x ** (n - 2)), (2, 3))
    assert [entry.verdict for entry in report.entries] == [PROVED, REFUTED]


# --- formulas that outgrow the budget -------------------------------------------------------------


@pytest.fixture
def no_formulas(monkeypatch):
    """Rational functions of almost no size; what is beyond them is compared at points."""
    monkeypatch.setattr(identity, "_WORK", {"flint": 3, "sympy": 3})


@pytest.mark.parametrize(
    ("function", "gradient", "point"),
    [
        (lambda x: (1 + x) ** 5, lambda x: 5 * (1 + x) ** 4, 2),
        (lambda x, y: (x + y) ** 5, lambda x, y: [5 * (x + y) ** 4] * 2, (2, "1/3")),
        (rosenbrock, rosenbrock_gradient, [1, "1/3"]),
        (rosenbrock, rosenbrock_gradient, ([1.5, 2],)),
        (determinant, lambda m: [[m[1][1], -m[1][0]], [-m[0][1], m[0][0]]], [[2, 3], [5, 7]]),
    ],
)
def test_agreement_at_points_is_no_proof(no_formulas, function, gradient, point):
    report = compared(
        lambda *xs: function(*xs) ** 3, lambda *xs: scaled(function, gradient, xs), point
    )
    for entry in report.entries:
        assert (entry.verdict, entry.proof) == (UNDECIDED, "points")
        assert entry.message.startswith("equal at 11 points, exactly; not proved for all: ")
        assert entry.message.endswith("outgrew 3 products of terms")


def scaled(function, gradient, arguments):
    """The gradient of f**3 from that of f."""
    factor = 3 * function(*arguments) ** 2

    def times(structure):
        if isinstance(structure, (list, tuple)):
            return [times(item) for item in structure]
        return factor * structure

    return times(gradient(*arguments))


def test_without_formulas_a_wrong_number_is_refuted(no_formulas):
    entry = only(compared(lambda x: (1 + x) ** 5, lambda x: 5 * (1 + x) ** 4 + 1, 2))
    assert (entry.verdict, entry.proof) == (REFUTED, "number")
    # 5 * 3**4 = 405
    assert (entry.gradient, entry.expected, entry.difference) == (406, 405, "1")
    assert entry.point == {"x": 2}


def test_without_formulas_what_is_right_at_the_point_is_refuted_at_another(no_formulas):
    entry = only(compared(lambda x: (1 + x) ** 5, lambda x: 5 * (1 + x) ** 4 + x - 2, 2))
    assert (entry.verdict, entry.proof) == (REFUTED, "number")
    x = entry.point["x"]
    assert x != 2
    assert (entry.gradient, entry.expected) == (5 * (1 + x) ** 4 + x - 2, 5 * (1 + x) ** 4)
    assert Fraction(entry.difference) == x - 2
    assert entry.value == x


@pytest.mark.parametrize("error", [ValueError("domain"), ZeroDivisionError, OverflowError])
def test_points_outside_the_domain_do_not_count(no_formulas, error):
    def function(x):
        if x > 2 or x < 1:
            raise error
        return (1 + x) ** 5

    report = compared(function, lambda x: 5 * (1 + x) ** 4, "3/2")
    assert only(report).verdict is UNDECIDED
    inside = [point["x"] for point in report.points]
    assert all(1 <= x <= 2 for x in inside)
    points = "this point" if len(inside) == 1 else f"{len(inside)} points"
    assert only(report).message.startswith(f"equal at {points}, exactly; not proved for all: ")
    assert any("the function raised at" in finding for finding in report.findings)


def test_what_outgrows_a_real_budget_is_undecided():
    # (a + b + … + j)**40 has binomial(49, 9) terms, which is more than 2 * 10**9.
    assert math.comb(49, 9) > 2 * 10**9
    point = tuple(range(1, 11))

    def square(xs):
        more = minigrad.sum([*xs, 1])
        return more * more - 2 * more + 1

    report = compared(
        lambda *xs: minigrad.sum(xs) ** 41, lambda *xs: [41 * square(xs) ** 20] * 10, point
    )
    assert {entry.verdict for entry in report.entries} == {UNDECIDED}
    assert {entry.gradient for entry in report.entries} == {41 * Fraction(55) ** 40}
    # With the sum, which both compute, for a variable it is x**40.
    report = compared(
        lambda *xs: minigrad.sum(xs) ** 41, lambda *xs: [41 * minigrad.sum(xs) ** 40] * 10, point
    )
    assert {entry.verdict for entry in report.entries} == {PROVED}


def test_conditions_and_branches_of_both_programs_stand_in_the_report() -> None:
    report = compare_gradient(
        lambda x, y: x / y, lambda x, y: (1 / y + (x - 50).relu(), -x / y**2), (1, 2), Rules()
    )
    assert report.verdict == "proved"
    assert report.conditions == ("y != 0", "x - 50 < 0")
