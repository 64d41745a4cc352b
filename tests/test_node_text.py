"""The text of nodes and of the errors that name them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import minigrad
from minigrad import MinigradError, Scalar, node_text, prod
from minigrad.operators import named


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Scalar(3.1), "Scalar('31/10')"),
        (lambda: Scalar(3.1, "a"), "Scalar('31/10', label='a')"),
        (lambda: Scalar.constant(2), "Scalar.constant('2')"),
        (lambda: Scalar(1) + 2, "<Scalar 3, operator='add'>"),
        (lambda: Scalar(-(10**5000)), "Scalar('-10000000…00000000 (5,001 digits)')"),
    ],
)
def test_repr(make: Callable[[], Scalar], text: str) -> None:
    assert repr(make()) == text


def test_str_shows_the_node_and_its_operands() -> None:
    a, b = Scalar(3.1, "a"), Scalar(-4, "b")
    c = a * b * 2
    c.label = "c"
    c.backward()
    text = str(c)
    assert text.splitlines()[0] == "c: data -124/5, grad 1  = mul (*)"
    assert text.splitlines()[2] == "  ·: data 2, grad none"
    assert str(a) == "a: data 31/10, grad -8"
    assert "pow (**) 3" in str(a**3)


def test_str_of_a_wide_node_is_short() -> None:
    text = str(minigrad.sum([Scalar(i) for i in range(10_000)]))
    assert len(text.splitlines()) < 12
    assert "and 9,992 more operands" in text


def test_text_of_numbers_with_more_digits_than_python_prints() -> None:
    x = Scalar(10**5000, "x")
    y = Scalar(1, "y") ** 10**5000
    for text in (repr(x), str(x), str(x + y), str(y), repr(y), f"{x:.3e}"):
        assert 0 < len(text) < 300
    assert f"{x:.3e}" == "1.000e+5000"
    assert "5,001 digits" in str(x)


ERRORS = [
    (lambda x: x / 0, ZeroDivisionError, r"div\(x = 3, 0\): the divisor must not be 0"),
    (lambda x: 1 / (x - 3), ZeroDivisionError, r"div\(1, 0\)"),
    (lambda x: x // 0, ZeroDivisionError, r"floordiv\(x = 3, 0\)"),
    (lambda x: x % Scalar(0, "y"), ZeroDivisionError, r"mod\(x = 3, y = 0\)"),
    (lambda x: (x - 3) ** -2, ZeroDivisionError, r"pow\(0, exponent = -2\)"),
    (lambda x: (-x) ** 0.5, ValueError, r"power\(-3, 1/2\): a negative base needs a whole"),
    (lambda x: (x - 3).log(), ValueError, r"log\(0\): the operand must be greater than 0"),
    (lambda x: (x - 4).sqrt(), ValueError, r"sqrt\(-1\): the operand must not be negative"),
    (lambda x: (x * 10**5000) / 0, ZeroDivisionError, r"30000000…00000000 \(5,001 digits\)"),
    (lambda x: x**10**5000, OverflowError, r"exponent = 10000000…00000000 \(5,001 digits\)"),
    (lambda x: prod([x] * 9 + [2**500_000] * 3), OverflowError, r"x = 3, … 12 operands\)"),
]


@pytest.mark.parametrize(("fails", "built_in", "message"), ERRORS)
def test_errors_carry_operator_labels_and_values(
    fails: Callable[[Scalar], Scalar], built_in: type[Exception], message: str
) -> None:
    with pytest.raises(built_in, match=message) as caught:
        fails(Scalar(3, "x"))
    assert isinstance(caught.value, MinigradError)


def test_a_node_is_named_by_its_label_or_else_by_its_value() -> None:
    assert node_text.name(Scalar(3.1, "x y")) == "'x y'"
    assert node_text.name(Scalar(3.1)) == "31/10"
    assert node_text.name(Scalar(2).sqrt()) == "sqrt(2)"


def test_an_operation_shows_what_it_is_of() -> None:
    x, square = Scalar(2, "x"), named("pow")
    assert node_text.operation(named("mul"), [x, Scalar(-1)], ()) == "mul(x = 2, -1)"
    assert node_text.operation(square, [x], (10**5000,)).endswith(
        "exponent = 10000000…00000000 (5,001 digits))"
    )
    assert (
        node_text.operation(named("where"), [x, x], (True,))
        == "where(x = 2, x = 2, condition = True)"
    )
    many = node_text.operation(named("sum"), [x] * 8 + [Scalar(9)], ())
    assert many == f"sum({'x = 2, ' * 8}… 9 operands)"


def test_the_page_of_a_node_shows_its_gradients() -> None:
    base, exponent = Scalar(-3), Scalar(2, "n")
    root = base**exponent
    assert node_text.page(root).splitlines() == [
        "·: data 9, grad 0  = power (**)", "  ·: data -3, grad 0", "  n: data 2, grad 0",
    ]  # fmt: skip
    root.backward()
    assert node_text.page(root).splitlines()[1:] == [
        "  ·: data -3, grad -6", "  n: data 2, grad unavailable",
    ]  # fmt: skip
