"""Second derivatives at a boundary."""

from __future__ import annotations

from fractions import Fraction

import pytest
from beside import guarded, product, sides

import minigrad
from minigrad.rational import OutOfBudget
from minigrad.verify import Verdict, check_hessian
from minigrad.verify.claims import Kind

QUARTER = Fraction(1, 4)


NONE = ("-", "-")


def peano(x, y):
    """G. Peano's example: its second derivatives at 0 depend on their order."""
    if x == 0 and y == 0:
        return 0
    return x * y * (x * x - y * y) / (x * x + y * y)


def sum_of_products(x, y):
    """x*(x + y), with no more than an operator at the end of its domain to tell that y is 0."""
    try:
        minigrad.sqrt(-y * y)
    except ValueError:
        return x * (x + y)
    return x * x


def divided(x, y):
    return x**3 * y / x if x != 0 else 0


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (lambda x: x * abs(x), 0, [(-2, 2)]),
        (lambda x: x * x * abs(x), 0, [(0, 0)]),
        (lambda x: minigrad.relu(x) ** 2, 0, [(0, 2)]),
        (guarded, 1, [(2, 2)]),
        # Without a first derivative there is no second, though both formulas beside have one.
        (abs, 0, [NONE]),
        (minigrad.relu, 0, [NONE]),
        (lambda x: 1 if x > 0 else 0, 0, [NONE]),
        (lambda x: x * x if x > 0 else x, 0, [NONE]),
        # Moved along one axis it stays on the boundary that belongs to the other.
        (product, (0, 5), [(0, 0), (1, 1), (1, 1), (0, 0)]),
        (product, (0, 0), [(0, 0), (1, 1), (1, 1), (0, 0)]),
        (sum_of_products, (0, 0), [(2, 2), (1, 1), (1, 1), (0, 0)]),
        (lambda x, y: x * abs(y), (3, 0), [(0, 0), (-1, 1), NONE, NONE]),
        (lambda x, y: x * y * abs(y), (3, 0), [(0, 0), (0, 0), (0, 0), (-6, 6)]),
        (lambda x, y: minigrad.maximum(x, y) ** 2, (0, 0), [(0, 2), (0, 0), (0, 0), (0, 2)]),
        # The derivative by x along y is -y, that by y along x is x.
        (peano, (0, 0), [(0, 0), (-1, -1), (1, 1), (0, 0)]),
        # Formulas that divide by 0 on the boundary: what cancels is no pole, and a pole is one.
        (divided, (0, 5), [(10, 10), (0, 0), (0, 0), (0, 0)]),
        (lambda x, y: y / x if x != 0 else 0, (0, 0), [(0, 0), NONE, NONE, (0, 0)]),
        # Where it is smooth.
        (lambda x, y: x**2 * y, (3, 5), [(10, 10), (6, 6), (6, 6), (0, 0)]),
    ],
)
def test_second_derivatives(function, point, expected):
    assert sides(function, point, Kind.HESSIAN) == expected


def test_a_hessian_vector_product_moves_along_the_vector():
    # The second derivative of y*|y| by y is -2 from the left, 2 from the right, times the vector's number.
    def function(x, y):
        return x**3 + y * abs(y)

    assert sides(function, (1, 0), Kind.HVP, (1, 1)) == [(6, 6), (-2, 2)]
    assert sides(function, (1, 0), Kind.HVP, (5, -1)) == [(30, 30), (-2, 2)]
    assert sides(function, (1, 0), Kind.HVP, (1, 0)) == [(6, 6), (0, 0)]


def folded_square(x, y):
    u = 3 * x + 2 * y
    return u * abs(u) / 2


@pytest.mark.parametrize(
    ("function", "vector", "expected"),
    [
        # The gradient is (3|u|, 2|u|), and constant along (2, -3): along (a, b) |u| grows by 3a + 2b.
        (folded_square, (2, -3), [(0, 0), (0, 0)]),
        (folded_square, (-2, 3), [(0, 0), (0, 0)]),
        (folded_square, (1, 0), [(-9, 9), (-6, 6)]),
        (folded_square, (1, 1), [(-15, 15), (-10, 10)]),
        (folded_square, (-1, -1), [(-15, 15), (-10, 10)]),
        (folded_square, (0, 0), [(0, 0), (0, 0)]),
        # Homogeneous of degree 2: along its vector the gradient grows by its own value there.
        (lambda x, y: minigrad.maximum(x, y) ** 2, (1, -1), [(0, 2), (-2, 0)]),
        (lambda x, y: minigrad.maximum(x, y) ** 2, (1, 1), [NONE, NONE]),
        # Peano's gradient is linear along any line through 0, and (x, -x) on the diagonal.
        (peano, (1, 1), [(1, 1), (-1, -1)]),
        (peano, (-1, 2), [(Fraction(2, 25),) * 2, (Fraction(31, 25),) * 2]),
    ],
)
def test_a_hessian_vector_product_is_the_derivative_of_the_gradient_along_the_vector(
    function, vector, expected
):
    assert sides(function, (0, 0), Kind.HVP, vector) == expected


def test_second_derivatives_of_powers_along_their_boundary_are_not_known():
    with pytest.raises(OutOfBudget, match="not rational"):
        sides(lambda x, n: x**n if x > 0 else 0, (0, 2), Kind.HESSIAN)


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        # Its derivative is (3 + x)*x*|x|*exp(x).
        (lambda x: x * x * abs(x) * minigrad.exp(x), 0, [(0, 0)]),
        # From the left it is exp(x), from the right 0.
        (lambda x: x if x > 0 else minigrad.exp(x) - 1, 0, [(1, 0)]),
        (lambda x: minigrad.exp(x) if x != 0 else 1, 0, [(1, 1)]),
        # From the right it is 2*log(x) + 3, which has no limit, or 6*x*log(x) + 5*x.
        (lambda x: x * x * minigrad.log(x) if x > 0 else 0, 0, [(0, "-")]),
        (lambda x: x**3 * minigrad.log(x) if x > 0 else 0, 0, [(0, 0)]),
        # A. Cauchy's function, all of whose derivatives at 0 are 0.
        (lambda x: minigrad.exp(-1 / x**2) if x != 0 else 0, 0, [(0, 0)]),
        # To the left there are no powers but those with whole exponents; on the right the derivative
        # by n is x**n * log(x).
        (
            lambda x, n: x**n if x != 0 else 0,
            (0, 3),
            [(0, 0), ("-", "-"), ("-", 0), (0, 0)],
        ),
        # The greater one makes no difference: at a tie the shares are 1/2.
        (
            lambda x, y: (
                (top := max(x, y)) + minigrad.log(minigrad.exp(x - top) + minigrad.exp(y - top))
            ),
            (2, 2),
            [(QUARTER, QUARTER), (-QUARTER, -QUARTER), (-QUARTER, -QUARTER), (QUARTER, QUARTER)],
        ),
    ],
)
def test_a_second_derivative_of_a_function_that_is_not_rational(function, point, expected):
    assert sides(function, point, Kind.HESSIAN) == expected


def test_on_a_boundary_that_is_not_left_it_is_not_known():
    # Moved along y it stays where x is 0, and the derivative by x is asked for.
    with pytest.raises(OutOfBudget, match="not rational"):
        sides(lambda x, y: (abs(x) ** 3 + 1) * minigrad.exp(y), (0, 1), Kind.HESSIAN)


def test_the_hessian_of_a_stable_logarithm_of_exponentials_is_proved_at_ties():
    def total(x, y):
        top = max(x, y)
        return top + minigrad.log(minigrad.exp(x - top) + minigrad.exp(y - top))

    def hessian(x, y, factor=1):
        share = 1 / (1 + minigrad.exp(y - x))
        a = factor * share * (1 - share)
        return [[a, -a], [-a, a]]

    assert check_hessian(total, hessian).verdict is Verdict.PROVED
    at_ties = check_hessian(total, lambda x, y: hessian(x, y, 2 if x == y else 1))
    assert at_ties.verdict is Verdict.REFUTED
