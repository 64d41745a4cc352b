"""Published numbers against those of a graph."""

from fractions import Fraction

import pytest
import sympy

from minigrad import Scalar
from minigrad.errors import CaseError
from minigrad.verify.published import check_published
from minigrad.verify.report import Verdict

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict


def only(report):
    (entry,) = report.entries
    return entry


def quotient():
    """z = x y / 4 at (6, 2): 3, with dz/dx = 1/2, dz/dy = 3/2, and p = x y = 12, dz/dp = 1/4."""
    x, y = Scalar(6, "x"), Scalar(2, "y")
    p = x * y
    p.label = "p"
    z = p / Scalar.constant(4, "four")
    z.label = "z"
    return z


def test_published_numbers_that_are_right_are_proved():
    report = check_published(
        quotient(),
        {"p": 12, "z": "3", "four": 4, "x": 6.0},
        {"x": 0.5, "y": "3/2", "p": "0.25", "z": 1},
    )
    assert report.verdict is PROVED
    claimed = [None] * 4 + [Fraction(1, 2), Fraction(3, 2), Fraction(1, 4), 1]
    assert [entry.gradient for entry in report.entries] == claimed
    assert [(e.label, e.operator, e.expected) for e in report.entries] == [
        *(("p", "value", 12), ("z", "value", 3), ("four", "value", 4), ("x", "value", 6)),
        *(("x", "gradient", Fraction(1, 2)), ("y", "gradient", Fraction(3, 2))),
        *(("p", "gradient", Fraction(1, 4)), ("z", "gradient", 1)),
    ]


@pytest.mark.parametrize(
    ("values", "gradients", "blame", "difference", "message"),
    [
        *(
            ({"p": claim}, None, "the published value of p", difference, f"value is {claim}, the")
            for claim, difference in (
                ("13", "1"),
                ("-12", "-24"),
                ("120000001/10000000", "1/10000000"),
            )
        ),
        (None, {"x": "1/3"}, "the published gradient of x", "-1/6", "gradient is 1/3, the"),
        (None, {"z": 0}, "the published gradient of z", "-1", "gradient is 0, the proved one 1"),
    ],
)
def test_a_published_number_that_is_wrong_is_refuted(values, gradients, blame, difference, message):
    entry = only(check_published(quotient(), values, gradients))
    assert (entry.verdict, entry.blame, entry.difference) == (REFUTED, blame, difference)
    assert message in entry.message


def same_label_twice():
    x = Scalar(2, "x")
    y = x * x
    y.label = "x"
    return y


def exponent(base=-2):
    return Scalar(base, "x") ** Scalar(3, "n")


@pytest.mark.parametrize(
    ("root", "values", "gradients", "says"),
    [
        (quotient, {"q": 1}, None, "of q: no node has this label; the labels are four, p, x, y, z"),
        (
            lambda: Scalar(1) * 2,
            {"q": 1},
            None,
            "of q: no node has this label; the labels are none",
        ),
        (same_label_twice, {"x": 2}, None, "value of x: more than one node has this label"),
        (quotient, None, {"four": 0}, "gradient of four: a constant has no gradient"),
        (quotient, {"x": "six"}, None, "the published value of x: expected an int.* got 'six'"),
        (quotient, None, {"x": None}, "the published gradient of x: expected an int.* got None"),
        (exponent, None, {"n": 1}, "gradient of n: there is none, for it reaches .*positive"),
    ],
)
def test_a_claim_that_cannot_be_compared_is_refused(root, values, gradients, says):
    with pytest.raises(CaseError, match=says):
        check_published(root(), values, gradients)


def test_the_published_gradient_of_a_base_is_compared():
    assert check_published(exponent(), None, {"x": 12}).verdict is PROVED


def test_published_closed_forms_are_compared():
    wrong = only(check_published(exponent(2), None, {"n": "8*log(3)"}))
    assert (wrong.verdict, wrong.blame) == (REFUTED, "the published gradient of n")
    assert Scalar(wrong.difference) == Scalar("8*log(3) - 8*log(2)")
    assert check_published(exponent(2), {}, {"n": "8*log(2)"}).verdict is PROVED
    assert check_published(exponent(2), {}, {"n": sympy.log(256)}).verdict is PROVED
    root = Scalar(2, "x") ** Scalar("1/2", "n")
    root.label = "r"
    end = Scalar(0, "x").sqrt()
    end.label = "r"
    assert check_published(end, {"r": 0}, None).verdict is PROVED
    assert check_published(root, {"r": "sqrt(2)"}, None).verdict is PROVED
    assert check_published(root, {"r": "1.4142135623730951"}, None).verdict is REFUTED
