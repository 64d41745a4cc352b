"""The stand-in for `scipy.stats`: the normal distribution of Scalars, against SciPy's own floats."""

from __future__ import annotations

from typing import Any

import pytest

from minigrad import Scalar, array, values
from minigrad.errors import CaseError
from minigrad.verify import Verdict, check_gradient

np = pytest.importorskip("numpy")
stats = pytest.importorskip("scipy.stats")

from scipy.stats import norm  # noqa: E402 - after what may skip

from minigrad.exact_numpy.scipy_stats import stand_in  # noqa: E402 - after what may skip

METHODS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("options", [{}, {"loc": 0.5}, {"loc": -1, "scale": 2.5}])
def test_methods_agree_with_scipy(name: str, options: dict[str, Any]) -> None:
    points = np.array([[-2.5, -1, 0], [0.25, 1, 3]])
    found = getattr(stand_in().norm, name)(array(points), **options)
    expected = getattr(norm, name)(points, **options)
    assert np.allclose(values(found, dtype=float), expected, rtol=1e-12)
    single = getattr(stand_in().norm, name)(Scalar(1), **options)
    assert float(single) == pytest.approx(getattr(norm, name)(1, **options), rel=1e-12)


def test_location_and_scale_are_differentiated_too() -> None:
    loc, scale = Scalar("1/2", "loc"), Scalar(2, "scale")
    node = stand_in().norm.logpdf([1.5, 3], loc, scale).sum()
    node.backward()
    # The sum of z/s, and of (z*z - 1)/s, with z = (x - 1/2)/2.
    assert (loc.grad, scale.grad) == (Scalar("7/8").data, Scalar("-3/32").data)


def test_what_is_not_here_is_scipy_s_own() -> None:
    assert stand_in().norm.ppf(0.975) == norm.ppf(0.975)
    assert stand_in().norm.cdf(0.5) == norm.cdf(0.5)
    assert stand_in().norm(1, 2).mean() == 1
    assert stand_in().expon is stats.expon


def option(price: Any, strike: float = 100.0, rate: float = 0.05, width: float = 0.2) -> Any:
    d = (np.log(price / strike) + (rate + width**2 / 2)) / width
    return price * norm.cdf(d) - strike * np.exp(-rate) * norm.cdf(d - width)


def delta(price: Any, strike: float = 100.0, rate: float = 0.05, width: float = 0.2) -> Any:
    return norm.cdf((np.log(price / strike) + (rate + width**2 / 2)) / width)


def without_the_half(price: Any, strike: float = 100.0, rate: float = 0.05) -> Any:
    return norm.cdf((np.log(price / strike) + rate + 0.2**2) / 0.2)


def improvement(mean: Any, width: Any) -> Any:
    return mean * stats.norm.cdf(mean / width) + width * stats.norm.pdf(mean / width)


def test_programs_that_use_it_are_proved_or_refuted() -> None:
    positive = lambda price: price > 0
    assert check_gradient(option, delta, domain=positive).verdict is Verdict.PROVED
    wrong = check_gradient(option, without_the_half, domain=positive)
    assert wrong.verdict is Verdict.REFUTED
    slopes = lambda m, s: (stats.norm.cdf(m / s), stats.norm.pdf(m / s))
    domain = lambda m, s: s > 0
    assert check_gradient(improvement, slopes, domain=domain).verdict is Verdict.PROVED
    swapped = lambda m, s: (stats.norm.pdf(m / s), stats.norm.cdf(m / s))
    assert check_gradient(improvement, swapped, domain=domain).verdict is Verdict.REFUTED


@pytest.mark.parametrize("scale", [0, -1])
def test_a_scale_that_is_not_positive_gives_no_number(scale: int) -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(norm.pdf(1, 0, scale))
    assert np.isnan(stand_in().norm.pdf(Scalar(1), 0, scale).limit)
    reflected = lambda x: -norm.pdf(x, 0, 1) if scale else 0 * x
    with pytest.raises(CaseError, match="expected scale to be above 0"):
        check_gradient(lambda x: norm.cdf(x, 0, scale), reflected)


def test_the_scale_is_a_domain() -> None:
    def gradient(x: Any, s: Any) -> Any:
        density = np.exp(-(x**2) / (2 * s**2)) / np.sqrt(2 * np.pi * s**2)
        return -x / s**2 * density, (x**2 / s**3 - 1 / s) * density

    report = check_gradient(lambda x, s: norm.pdf(x, 0, s), gradient)
    assert report.verdict is Verdict.PROVED
