"""What should come out: numbers and formulas of all six kinds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from claimed import f, g, sampled

import minigrad
from minigrad import Scalar
from minigrad.elementary import call
from minigrad.exact import to_exact
from minigrad.number import UNAVAILABLE
from minigrad.rational import Field
from minigrad.verify import decide
from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, expected, outputs_of, size
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules

HALF = Fraction(1, 2)
FOREVER = math.inf


def claimed(
    kind: Kind, function: Callable[..., Any], point: Sequence[Any], vector: Sequence[Any] = (),
    elements: Sequence[Any] | None = None,
) -> list[Any]:  # fmt: skip
    """`expected` of a function of numbers at a point."""
    names = [f"x{i}" for i in range(len(point))]
    xs = [Scalar(value, name) for value, name in zip(point, names, strict=True)]
    result = function(*xs)
    outputs = [y for _, y in outputs_of(result)]
    program = Program(outputs, [*xs, *map(Scalar, vector)], Rules())
    assert program.complaint == ""
    found = expected(kind, program, elements, len(point))
    assert size(kind, len(outputs), len(point)) == len(found)
    return found


def formulas(
    kind: Kind, function: Callable[..., Any], point: Sequence[Any], directions: int = 0
) -> list[Any]:
    field = Field(len(point) + directions)
    return claimed(kind, function, point, [1] * directions, field.generators)


def rational(x: Any, y: Any) -> Any:
    """x/y + x**3, with gradient (1/y + 3x², -x/y²) and Hessian ((6x, -1/y²), (-1/y², 2x/y³))."""
    return x / y + x**3


def test_numbers_of_all_six_kinds() -> None:
    point = (3, 2)
    gradient = [HALF + 27, Fraction(-3, 4)]
    hessian = [18, Fraction(-1, 4), Fraction(-1, 4), Fraction(3, 4)]
    assert claimed(Kind.GRADIENT, rational, point) == gradient
    assert claimed(Kind.JACOBIAN, rational, point) == gradient
    assert claimed(Kind.HESSIAN, rational, point) == hessian
    assert claimed(Kind.JVP, rational, point, (10, 100)) == [10 * gradient[0] + 100 * gradient[1]]
    assert claimed(Kind.VJP, rational, point, (10,)) == [10 * gradient[0], 10 * gradient[1]]
    assert claimed(Kind.HVP, rational, point, (10, 100)) == [
        180 - 25,
        Fraction(-10, 4) + 75,
    ]


def test_formulas_of_all_six_kinds() -> None:
    x, y = Field(2).generators
    gradient = [1 / y + 3 * x * x, -x / (y * y)]
    assert formulas(Kind.GRADIENT, rational, (3, 2)) == gradient
    assert formulas(Kind.JACOBIAN, rational, (3, 2)) == gradient
    mixed = -1 / (y * y)
    assert formulas(Kind.HESSIAN, rational, (3, 2)) == [6 * x, mixed, mixed, 2 * x / y**3]
    x, y, a, b = Field(4).generators
    by_x, by_y = 1 / y + 3 * x * x, -x / (y * y)
    mixed = -1 / (y * y)
    assert formulas(Kind.JVP, rational, (3, 2), 2) == [by_x * a + by_y * b]
    assert formulas(Kind.HVP, rational, (3, 2), 2) == [
        6 * x * a + mixed * b,
        mixed * a + 2 * x / y**3 * b,
    ]
    x, y, w = Field(3).generators
    assert formulas(Kind.VJP, rational, (3, 2), 1) == [(1 / y + 3 * x * x) * w, -x / (y * y) * w]


def test_several_outputs_row_by_row() -> None:
    assert claimed(Kind.JACOBIAN, g, (3, 5)) == claimed(Kind.GRADIENT, g, (3, 5)) == [5, 3, 1, -1]
    assert claimed(Kind.JVP, g, (3, 5), (10, 100)) == [350, -90]
    assert claimed(Kind.VJP, g, (3, 5), (10, 100)) == [150, -70]
    x, y = Field(2).generators
    assert formulas(Kind.JACOBIAN, g, (3, 5)) == [y, x, 1, -1]
    x, y, v, w = Field(4).generators
    assert formulas(Kind.JVP, g, (3, 5), 2) == [y * v + x * w, v - w]
    assert formulas(Kind.VJP, g, (3, 5), 2) == [v * y + w, v * x - w]


def test_a_number_returned_twice_is_weighed_twice() -> None:
    def function(x: Any) -> Any:
        square = x * x
        return [square, square, x, square + 1]

    assert claimed(Kind.VJP, function, (3,), (10, 100, 1000, 10000)) == [660 + 1000 + 60000]
    x, *w = Field(5).generators
    assert formulas(Kind.VJP, function, (3,), 4) == [2 * x * (w[0] + w[1] + w[3]) + w[2]]
    assert claimed(Kind.JACOBIAN, function, (3,)) == [6, 6, 1, 6]


def test_constants_and_unused_arguments_have_derivative_zero() -> None:
    function = lambda x, y: [7, 2 * x]
    assert claimed(Kind.JACOBIAN, function, (3, 5)) == [0, 0, 2, 0]
    assert claimed(Kind.VJP, function, (3, 5), (10, 100)) == [200, 0]
    assert claimed(Kind.JVP, function, (3, 5), (10, 100)) == [0, 20]
    assert claimed(Kind.HESSIAN, lambda x, y: 3 * x, (3, 5)) == [0] * 4
    assert claimed(Kind.HVP, lambda x, y: 7, (3, 5), (10, 100)) == [0, 0]
    assert formulas(Kind.HESSIAN, lambda x, y: 3 * x, (3, 5)) == [0] * 4
    assert formulas(Kind.HVP, lambda x, y: 3 * x, (3, 5), 2) == [0, 0]


def test_second_derivatives_of_operators_of_any_number_of_operands() -> None:
    def function(x: Any, y: Any, z: Any) -> Any:
        return minigrad.prod([x, y, z]) + minigrad.dot([x, y], [x, z]) + minigrad.sum([x, y, z])

    # xyz + x² + yz + x + y + z
    assert claimed(Kind.HESSIAN, function, (2, 3, 0)) == [2, 0, 3, 0, 0, 3, 3, 3, 0]
    x, y, z = Field(3).generators
    assert formulas(Kind.GRADIENT, function, (2, 3, 0)) == [
        y * z + 2 * x + 1,
        x * z + z + 1,
        x * y + y + 1,
    ]
    assert formulas(Kind.HESSIAN, function, (2, 3, 0)) == [2, z, y, z, 0, x + 1, y, x + 1, 0]


def test_derivatives_are_those_of_the_piece_that_was_taken() -> None:
    function = lambda x: abs(x) * x
    assert claimed(Kind.GRADIENT, function, (-3,)) == [6]
    assert claimed(Kind.HESSIAN, function, (-3,)) == [-2]
    (x,) = Field(1).generators
    assert formulas(Kind.GRADIENT, function, (-3,)) == [-2 * x]
    assert formulas(Kind.GRADIENT, function, (3,)) == [2 * x]
    assert formulas(Kind.HESSIAN, function, (3,)) == [2]


def test_an_argument_may_keep_its_number() -> None:
    x, a = Field(2).generators
    assert claimed(Kind.GRADIENT, f, (3, 5), (), [x, None]) == [10 * x, x * x]
    assert claimed(Kind.JVP, f, (3, 5), (7, 11), [x, None, a, None]) == [10 * x * a + 11 * x * x]
    assert claimed(Kind.VJP, f, (3, 5), (7,), [x, None, None]) == [70 * x, 7 * x * x]


def test_what_reaches_an_exponent_is_unavailable() -> None:
    function = lambda x, n: x**n
    by_x, by_n = claimed(Kind.GRADIENT, function, (-3, 4))
    assert by_x == -108
    assert by_n is UNAVAILABLE
    assert claimed(Kind.VJP, function, (-3, 4), (10,))[1] is UNAVAILABLE
    (pushed,) = claimed(Kind.JVP, function, (-3, 4), (10, 100))
    assert pushed is UNAVAILABLE
    (x,) = Field(1).generators
    by_x, by_n = claimed(Kind.GRADIENT, function, (-3, 4), (), [x, None])
    assert by_x == 4 * x**3
    assert by_n is UNAVAILABLE


def test_second_derivatives_by_an_exponent_are_unavailable() -> None:
    """At a base that is not positive there is none, and not the 0 of a formula without n."""
    function = lambda x, n: x**n
    (x,) = Field(1).generators
    for second, by_twice in (
        (claimed(Kind.HESSIAN, function, (-3, 4)), 108),
        (claimed(Kind.HESSIAN, function, (-3, 4), (), [x, None]), 12 * x * x),
    ):
        assert second[0] == by_twice
        assert all(entry is UNAVAILABLE for entry in second[1:])
    assert all(entry is UNAVAILABLE for entry in claimed(Kind.HVP, function, (-3, 4), (10, 100)))


def test_derivatives_by_the_exponent_of_a_positive_base() -> None:
    """Those of x**n are x**n log x, and x**(n-1) (1 + n log x) for both."""
    function = lambda x, n: x**n
    log = to_exact("log(3)")
    gradient, both = (108, 81 * log), 27 * (1 + 4 * log)
    assert tuple(claimed(Kind.GRADIENT, function, (3, 4))) == gradient
    assert claimed(Kind.VJP, function, (3, 4), (10,))[1] == 10 * gradient[1]
    assert claimed(Kind.JVP, function, (3, 4), (10, 100)) == [1080 + 100 * gradient[1]]
    assert claimed(Kind.HESSIAN, function, (3, 4)) == [108, both, both, 81 * log**2]
    assert claimed(Kind.HVP, function, (3, 4), (10, 100))[1] == 10 * both + 8100 * log**2
    x, n = Field(2, point=[Fraction(3), Fraction(4)]).generators
    by_x, by_n = claimed(Kind.GRADIENT, function, (3, 4), (), [x, n])
    power = call("power", x, n)
    assert decide.same(by_x, n * power / x)
    assert decide.same(by_n, power * call("log", x))
    assert decide.same(by_n, power * call("log", n)) is False


def test_the_claim_and_the_expectation_are_in_one_order() -> None:
    """At the same point, numbers of right programs are what is expected, kind by kind."""
    right: list[tuple[Kind, Callable[..., Any], Callable[..., Any]]] = [
        (Kind.GRADIENT, f, lambda x, y: (2 * x * y, x * x)),
        (Kind.JACOBIAN, g, lambda x, y: [(y, x), (1, -1)]),
        (Kind.HESSIAN, f, lambda x, y: [[2 * y, 2 * x], [2 * x, 0]]),
        (Kind.JVP, g, lambda x, y, a, b: [y * a + x * b, a - b]),
        (Kind.VJP, g, lambda x, y, w: (w[0] * y + w[1], w[0] * x - w[1])),
        (Kind.HVP, f, lambda x, y, a, b: (2 * y * a + 2 * x * b, 2 * x * a)),
    ]
    for kind, function, derivative in right:
        found = sampled(kind, function, derivative, (3, 5))
        theirs = Program(found.outputs, found.leaves, Rules())
        ours = Program(list(found.given), list(found.own_leaves), Rules())
        assert expected(kind, theirs, None, 2) == [y.data for y in found.given]
        generators = Field(len(found.leaves)).generators
        assert expected(kind, theirs, generators, 2) == ours.results(generators)


# --- kinds ----------------------------------------------------------------------------------------


def test_kinds_read_as_words() -> None:
    assert [str(kind) for kind in Kind] == ["gradient", "Jacobian", "Hessian", "jvp", "vjp", "hvp"]
    assert [kind.vector for kind in Kind] == ["", "", "", "tangent", "cotangent", "tangent"]
    assert [kind.is_second for kind in Kind] == [False, False, True, False, False, True]


def test_a_claim_knows_how_many_numbers_it_is_about() -> None:
    layout, _ = of_point(lambda x, y: x, ([1, 2], 3))
    assert Claim(Kind.GRADIENT, max, min, layout).count == 3
