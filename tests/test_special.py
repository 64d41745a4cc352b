"""SciPy's special functions of Scalars: SciPy on floats is the judge of values, and differences of slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp

np = pytest.importorskip("numpy")
special = pytest.importorskip("scipy.special")

import minigrad  # noqa: E402 - after what may skip
from minigrad import Scalar, array, grads, values  # noqa: E402 - after what may skip
from minigrad.arrays import Array  # noqa: E402 - after what may skip
from minigrad.errors import DomainError, InvalidOperand  # noqa: E402 - after what may skip
from minigrad.exact_numpy.scipy_stand_in import stand_in  # noqa: E402 - after what may skip
from minigrad.exact_numpy.special import TABLE  # noqa: E402 - after what may skip

exact: Any = stand_in()

POINT = np.array([[0.5, 0.25, 0.75], [0.125, 0.375, 0.5]])

UFUNCS: dict[str, Callable[[Any, Any], Any]] = {
    "beta": lambda s, x: s.beta(x, 1.5), "betaln": lambda s, x: s.betaln(2, x), "entr": lambda s, x: s.entr(x),
    "erf": lambda s, x: s.erf(x), "erfc": lambda s, x: s.erfc(x), "expit": lambda s, x: s.expit(x), "gamma": lambda s, x: s.gamma(x),
    "gammaln": lambda s, x: s.gammaln(x), "kl_div": lambda s, x: s.kl_div(x, 0.4), "log_expit": lambda s, x: s.log_expit(x),
    "log_ndtr": lambda s, x: s.log_ndtr(x), "logit": lambda s, x: s.logit(x), "loggamma": lambda s, x: s.loggamma(x),
    "ndtr": lambda s, x: s.ndtr(x), "psi": lambda s, x: s.psi(x), "rel_entr": lambda s, x: s.rel_entr(0.4, x),
    "xlog1py": lambda s, x: s.xlog1py(x, x), "xlogy": lambda s, x: s.xlogy(x, x),
    "binom": lambda s, x: s.binom(x, 3) + s.binom(4.5, x), "exprel": lambda s, x: s.exprel(x),
    "boxcox": lambda s, x: s.boxcox(x, 0.5), "boxcox1p": lambda s, x: s.boxcox1p(x, 2), "cosm1": lambda s, x: s.cosm1(x),
    "erfcx": lambda s, x: s.erfcx(x), "exp10": lambda s, x: s.exp10(x), "huber": lambda s, x: s.huber(0.3, x),
    "inv_boxcox": lambda s, x: s.inv_boxcox(x, 0.5), "inv_boxcox1p": lambda s, x: s.inv_boxcox1p(x, 2),
    "poch": lambda s, x: s.poch(x, 2.5), "pseudo_huber": lambda s, x: s.pseudo_huber(0.3, x), "rgamma": lambda s, x: s.rgamma(x),
}  # fmt: skip
OTHERS: dict[str, Callable[[Any, Any], Any]] = {
    "digamma": lambda s, x: s.digamma(x), "logsumexp": lambda s, x: s.logsumexp(x), "logsumexp axis": lambda s, x: s.logsumexp(x, axis=1),
    "logsumexp keepdims": lambda s, x: s.logsumexp(x, 0, keepdims=True), "logsumexp b": lambda s, x: s.logsumexp(x, axis=1, b=[1, 2, 0.5]),
    "softmax": lambda s, x: s.softmax(x), "softmax axis": lambda s, x: s.softmax(x, axis=1), "softmax axis 0": lambda s, x: s.softmax(x, axis=0),
    "log_softmax axis": lambda s, x: s.log_softmax(x, axis=-1), "polygamma": lambda s, x: s.polygamma(1, x),
    "multigammaln": lambda s, x: s.multigammaln(np.add(x, 1), 3), "polygamma orders": lambda s, x: s.polygamma([0, 1, 2], x),
}  # fmt: skip
ALL = {**UFUNCS, **OTHERS}


def test_every_name_of_the_table_is_tried_and_scipys() -> None:
    assert set(UFUNCS) == set(TABLE)
    assert all(isinstance(getattr(special, name), np.ufunc) for name in TABLE)


@pytest.mark.parametrize("name", ALL)
def test_values_and_gradients_of_arrays(name: str) -> None:
    x = array(POINT, "x")
    found, expected = ALL[name](exact, x), ALL[name](special, POINT)
    assert np.shape(found) == np.shape(expected)
    assert isinstance(found, Array if np.ndim(expected) else Scalar)
    np.testing.assert_allclose(values(found, dtype=float), expected, rtol=1e-12)
    weights = np.arange(1, np.size(expected) + 1).reshape(np.shape(expected))
    np.sum(found * weights).backward()
    for place in np.ndindex(POINT.shape):
        sides = []
        for step in (2**-18, -(2**-18)):
            moved = POINT.copy()
            moved[place] += step
            sides.append(np.sum(ALL[name](special, moved) * weights))
        slope = (sides[0] - sides[1]) / 2**-17
        np.testing.assert_allclose(grads(x, dtype=float)[place], slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs_of_an_array_need_no_stand_in(name: str) -> None:
    found = UFUNCS[name](special, array(POINT))
    np.testing.assert_allclose(values(found, dtype=float), UFUNCS[name](special, POINT), rtol=1e-12)


NEED_AXES = ("axis", "keepdims", "orders")


@pytest.mark.parametrize(
    "name",
    [name for name in ALL if name[-1] != "b" and not any(word in name for word in NEED_AXES)],
)
def test_one_scalar_and_lists_of_them(name: str) -> None:
    single = ALL[name](exact, Scalar(0.375))
    assert values(single, dtype=float) == pytest.approx(float(np.sum(ALL[name](special, 0.375))))
    listed = ALL[name](exact, [Scalar(0.375), 0.5])
    np.testing.assert_allclose(
        values(np.asarray(listed), dtype=float), ALL[name](special, [0.375, 0.5]), rtol=1e-12
    )


@pytest.mark.parametrize("name", OTHERS)
def test_numbers_are_scipys_own_business(name: str) -> None:
    found, expected = OTHERS[name](exact, POINT), OTHERS[name](special, POINT)
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=1e-14)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("pair", [(0.1, 0.7), (0.7, 0.1), (np.float64(0.7), np.float32(0.1))])
def test_plain_floats_are_read_and_not_rounded(name: str, pair: tuple[float, float]) -> None:
    floats = pair[: getattr(special, name).nin]
    found = TABLE[name](*floats)
    assert isinstance(found, Scalar)
    assert found.data == TABLE[name](*[Scalar.constant(x) for x in floats]).data
    assert float(found) == pytest.approx(getattr(special, name)(*map(float, floats)), rel=1e-6)
    again = getattr(exact, name)(*floats)
    assert float(again) == pytest.approx(float(found), rel=1e-6)


def test_a_width_that_is_a_float_is_not_rounded_when_squared() -> None:
    delta = sp.Rational(1, 10)
    expected = delta**2 * (sp.sqrt(1 + (Scalar(3).data / delta) ** 2) - 1)
    assert exact.pseudo_huber(0.1, Scalar(3)).data == expected


def test_the_conventions_at_zero() -> None:
    x, y = Scalar(0, "x"), Scalar(-3, "y")
    assert exact.xlogy(x, y).data == 0
    assert exact.xlog1py(0, y).data == 0
    assert exact.rel_entr(x, 2).data == 0
    assert exact.entr(x).data == 0
    with pytest.raises(DomainError, match="log"):
        exact.xlogy(1, y)


def test_values_are_closed_forms() -> None:
    assert exact.expit(Scalar(0)).data == sp.Rational(1, 2)
    assert exact.gamma(Scalar("1/2")).data == sp.sqrt(sp.pi)
    assert exact.logsumexp([Scalar(0), Scalar(0)]).data == sp.log(2)
    assert exact.gammaln(Scalar(5)).data == 3 * sp.log(2) + sp.log(3)
    assert exact.erf(1) == Scalar(1).erf()


def test_what_has_no_closed_form_is_refused_by_name() -> None:
    x = array([1, 2])
    for function, name in ((special.jv, "jv"), (special.zetac, "zetac")):
        with pytest.raises(InvalidOperand, match=rf"scipy\.special\.{name} has no exact form"):
            function(*(1, x)[2 - function.nin :])
    with pytest.raises(InvalidOperand, match="return_sign=False"):
        exact.logsumexp(x, return_sign=True)
    with pytest.raises(InvalidOperand, match="expected"):
        exact.softmax(["a", Scalar(1)])


def test_transforms_of_box_and_cox_without_a_power_are_logarithms() -> None:
    x = Scalar("3/2", "x")
    assert special.boxcox(x, 0) == sp.log(sp.Rational(3, 2))
    assert special.boxcox1p(x, Scalar(0)) == sp.log(sp.Rational(5, 2))
    assert special.inv_boxcox(x, 0) == sp.exp(sp.Rational(3, 2))
    assert special.inv_boxcox(special.boxcox(x, 3), 3) == x


@pytest.mark.parametrize("order", [1, 2, 3])
def test_at_a_power_of_0_derivatives_by_the_power_are_limits(order: int) -> None:
    p, x = sp.symbols("p x", positive=True)
    for function, form, at in (
        (special.boxcox, (x**p - 1) / p, 2),
        (special.inv_boxcox, (1 + p * x) ** (1 / p), sp.Rational(1, 2)),
    ):
        expected = sp.limit(sp.diff(form.subs(x, at), p, order), p, 0)
        found = minigrad.derivative(lambda p, f=function, at=at: f(Scalar(at), p), order)(0)
        assert sp.simplify(sp.sympify(found) - expected) == 0


@pytest.mark.parametrize("order", [1, 2, 3])
def test_at_0_the_derivatives_of_exprel_are_limits(order: int) -> None:
    # (exp(x) - 1)/x is the sum of x**k/(k + 1)! (NIST DLMF, 4.2.19).
    assert minigrad.derivative(special.exprel, order)(0) == sp.Rational(1, order + 1)


def test_binomials_of_whole_numbers_are_polynomials() -> None:
    n = Scalar("-5/2", "n")
    assert special.binom(n, 2).data == sp.Rational(35, 8)
    assert special.binom(Scalar(2), 5).data == 0
    assert special.binom(n, 0).data == 1
    assert special.binom(Scalar(5), Scalar(2)).data == 10
    assert minigrad.grad(lambda n: special.binom(n, 2))(3) == sp.Rational(5, 2)


def test_a_multivariate_gamma_has_a_domain_and_a_whole_dimension() -> None:
    assert exact.multigammaln(Scalar(1), 1).data == 0
    with pytest.raises(DomainError):
        exact.multigammaln(Scalar(1), 3)
    with pytest.raises(InvalidOperand, match="multigammaln: expected d to be 1 or more; got 0"):
        exact.multigammaln(Scalar(1), 0)


def test_losses_of_huber_at_their_ends() -> None:
    r = Scalar(-2, "r")
    assert (special.huber(2, r).data, special.huber(1, r).data) == (2, sp.Rational(3, 2))
    assert special.huber(Scalar(0), r).data == 0
    assert special.pseudo_huber(0, r).data == 0
    assert minigrad.grad(lambda delta: special.pseudo_huber(delta, r))(0) == 2
    for function in (special.huber, special.pseudo_huber):
        with pytest.raises(DomainError, match="expected delta not to be negative"):
            function(-1, r)
