"""Formulas of geometry, astronomy, physics, finance and biology, with their gradients.

No case names points; beside the right gradients stand common mistakes, each a case to be refuted.
"""

from layers import dot, in_halves, length, normal_density, normal_share

from minigrad import asin, cos, exp, log, sin, sqrt
from minigrad.verify import case

# --- geometry and astronomy -----------------------------------------------------------------------

ROTATION = "L. Euler, Problema algebraicum, Novi commentarii 15, 1771"


@case(
    gradient=lambda x, y, t, dx, dy: (
        dx * cos(t) + dy * sin(t),
        dy * cos(t) - dx * sin(t),
        dx * (-x * sin(t) - y * cos(t)) + dy * (x * cos(t) - y * sin(t)),
        x * cos(t) - y * sin(t),
        x * sin(t) + y * cos(t),
    ),
    domain=in_halves(2),
    source=f"{ROTATION}; a point turned by an angle",
)
@case(
    gradient=lambda x, y, t, dx, dy: (
        dx * cos(t) - dy * sin(t),
        dy * cos(t) + dx * sin(t),
        dx * (-x * sin(t) - y * cos(t)) + dy * (x * cos(t) - y * sin(t)),
        x * cos(t) - y * sin(t),
        x * sin(t) + y * cos(t),
    ),
    domain=in_halves(2),
    source="turned forward once more on the way back: the matrix is not transposed",
    expect="refuted",
)
def rotation(x, y, t, dx, dy):
    return dx * (x * cos(t) - y * sin(t)) + dy * (x * sin(t) + y * cos(t))


HAVERSINE = "R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68(2), 1984"


def haversines(a, b, c, d):
    return sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2


def haversine_gradient(a, b, c, d):
    h = haversines(a, b, c, d)
    slope = 1 / (sqrt(h) * sqrt(1 - h))
    across = sin((d - b) / 2) ** 2
    along = cos(a) * cos(c) * sin(d - b) / 2
    return (
        slope * (-sin(c - a) / 2 - sin(a) * cos(c) * across),
        -slope * along,
        slope * (sin(c - a) / 2 - cos(a) * sin(c) * across),
        slope * along,
    )


def haversine_of_the_plane(a, b, c, d):
    by_a, by_b, by_c, by_d = haversine_gradient(a, b, c, d)
    h = haversines(a, b, c, d)
    bend = sin((d - b) / 2) ** 2 / (sqrt(h) * sqrt(1 - h))
    return by_a + bend * sin(a) * cos(c), by_b, by_c + bend * cos(a) * sin(c), by_d


def are_apart(a, b, c, d):
    return in_halves(3)(a, b, c, d) and (a != c or b != d)


@case(
    gradient=haversine_gradient,
    domain=are_apart,
    source=f"{HAVERSINE}; on the unit sphere, between two latitudes and longitudes",
)
@case(
    gradient=haversine_of_the_plane,
    domain=are_apart,
    source="the cosines of the latitudes are taken for constants",
    expect="refuted",
)
def haversine(a, b, c, d):
    return 2 * asin(sqrt(haversines(a, b, c, d)))


KEPLER = "J. Kepler, Astronomia nova, 1609, chapter 60"


def newton(anomaly, e, steps=2):
    """Steps of Newton's method from the anomaly itself, with the derivatives through them."""
    x, by_m, by_e = anomaly, 1, 0
    for _ in range(steps):
        f, slope, bend = x - e * sin(x) - anomaly, 1 - e * cos(x), e * sin(x)
        rest = f * bend / slope**2
        by_m = rest * by_m + 1 / slope
        by_e = rest * by_e + sin(x) / slope - f * cos(x) / slope**2
        x = x - f / slope
    return x, by_m, by_e


def implicit(anomaly, e):
    x, _, _ = newton(anomaly, e)
    return 1 / (1 - e * cos(x)), sin(x) / (1 - e * cos(x))


def is_ellipse(anomaly, e):
    return in_halves(1)(anomaly, e) and 0 <= e < 1


@case(
    gradient=lambda anomaly, e: newton(anomaly, e)[1:],
    domain=is_ellipse,
    source=f"{KEPLER}; two steps of Newton's method, and the derivatives through them",
)
@case(
    (0.5, 0.5),
    gradient=lambda anomaly, e: newton(anomaly, e)[1:],
    source=f"{KEPLER}; the same at one point",
)
@case(
    gradient=implicit,
    domain=is_ellipse,
    source="the derivative of the solution, which the approximation is close to, and not its own",
    expect="refuted",
)
def kepler(anomaly, e):
    x = anomaly
    for _ in range(2):
        x = x - (x - e * sin(x) - anomaly) / (1 - e * cos(x))
    return x


# --- physics, finance, growth ---------------------------------------------------------------------

LENNARD_JONES = "J. E. Lennard-Jones, Cohesion, Proceedings of the Physical Society 43, 1931"


def lennard_jones_gradient(r, depth, sigma):
    d = length(r)
    q = (sigma / d) ** 6
    slope = 24 * depth * (q - 2 * q**2) / d
    return [slope * rk / d for rk in r], 4 * (q**2 - q), 24 * depth * (2 * q**2 - q) / sigma


def lennard_jones_force(r, depth, sigma):
    by_r, by_depth, by_sigma = lennard_jones_gradient(r, depth, sigma)
    return [-g for g in by_r], by_depth, by_sigma


def lennard_jones_unprojected(r, depth, sigma):
    by_r, by_depth, by_sigma = lennard_jones_gradient(r, depth, sigma)
    return [g * length(r) for g in by_r], by_depth, by_sigma


def is_away(r, depth, sigma):
    return dot(r, r) > 0 and depth > 0 and sigma > 0


@case(
    gradient=lennard_jones_gradient,
    shape=([3], (), ()),
    domain=is_away,
    source=f"{LENNARD_JONES}; by the place, the depth and the length",
)
@case(
    gradient=lennard_jones_force,
    shape=([3], (), ()),
    domain=is_away,
    source="the force, which is the gradient's negative",
    expect="refuted",
)
@case(
    gradient=lennard_jones_unprojected,
    shape=([3], (), ()),
    domain=is_away,
    source="the slope times the place, not divided by its distance",
    expect="refuted",
)
def lennard_jones(r, depth, sigma):
    q = (sigma / length(r)) ** 6
    return 4 * depth * (q**2 - q)


MORSE = "P. M. Morse, Diatomic Molecules, Physical Review 34, 1929"


def morse_gradient(r, depth, a, r0):
    e = exp(-a * (r - r0))
    slope = 2 * depth * (1 - e) * e
    return a * slope, (1 - e) ** 2, (r - r0) * slope, -a * slope


def morse_without_the_width(r, depth, a, r0):
    e = exp(-a * (r - r0))
    slope = 2 * depth * (1 - e) * e
    return slope, (1 - e) ** 2, (r - r0) * slope, -slope


@case(gradient=morse_gradient, source=f"{MORSE}, equation (4), from its minimum up")
@case(
    gradient=morse_without_the_width,
    source="the inner derivative a is forgotten",
    expect="refuted",
)
def morse(r, depth, a, r0):
    return depth * (1 - exp(-a * (r - r0))) ** 2


BLACK_SCHOLES = "F. Black, M. Scholes, The Pricing of Options, J. Political Economy 81, 1973"


def deviations(spot, strike, years, rate, sigma):
    root = sigma * sqrt(years)
    first = (log(spot / strike) + (rate + sigma**2 / 2) * years) / root
    return first, first - root


def greeks(spot, strike, years, rate, sigma):
    """Delta, the slope by the strike, minus theta, rho and vega."""
    first, second = deviations(spot, strike, years, rate, sigma)
    discounted = strike * exp(-rate * years)
    vega = spot * normal_density(first) * sqrt(years)
    return (
        normal_share(first),
        -exp(-rate * years) * normal_share(second),
        vega * sigma / (2 * years) + rate * discounted * normal_share(second),
        years * discounted * normal_share(second),
        vega,
    )


def theta_for_the_slope(*xs):
    by_spot, by_strike, by_years, by_rate, by_sigma = greeks(*xs)
    return by_spot, by_strike, -by_years, by_rate, by_sigma


def vega_of_the_second(spot, strike, years, rate, sigma):
    _, second = deviations(spot, strike, years, rate, sigma)
    found = greeks(spot, strike, years, rate, sigma)
    return (*found[:4], spot * normal_density(second) * sqrt(years))


def is_market(spot, strike, years, rate, sigma):
    return spot > 0 and strike > 0 and years > 0 and sigma > 0 and abs(rate) < 5


@case(
    gradient=greeks,
    domain=is_market,
    source=f"{BLACK_SCHOLES}, equation (13); the Greeks of a call",
)
@case(
    gradient=theta_for_the_slope,
    domain=is_market,
    source="theta, which is by the time that passes, and not by the time that is left",
    expect="refuted",
)
@case(
    gradient=vega_of_the_second,
    domain=is_market,
    source="vega with d2 in the place of d1",
    expect="refuted",
)
def black_scholes(spot, strike, years, rate, sigma):
    first, second = deviations(spot, strike, years, rate, sigma)
    return spot * normal_share(first) - strike * exp(-rate * years) * normal_share(second)


GROWTH = "P.-F. Verhulst, Notice sur la loi que la population suit, 1838"


def is_population(t, start, rate, capacity):
    return start > 0 and rate > 0 and capacity > start and 0 <= t < 20


def growth_by_rates(t, start, rate, capacity):
    e = exp(-rate * t)
    below = start + (capacity - start) * e
    n = capacity * start / below
    return (
        rate * n * (1 - n / capacity),
        n**2 * e / start**2,
        t * n * (1 - n / capacity),
        n**2 * (1 - e) / capacity**2,
    )


def growth_without_limit(t, start, rate, capacity):
    _, by_start, by_rate, by_capacity = growth_by_rates(t, start, rate, capacity)
    n = logistic_growth(t, start, rate, capacity)
    return rate * n, by_start, by_rate, by_capacity


@case(
    gradient=growth_by_rates,
    domain=is_population,
    source=f"{GROWTH}; the slope in time is that of his differential equation",
)
@case(
    gradient=growth_without_limit,
    domain=is_population,
    source="exponential growth",
    expect="refuted",
)
def logistic_growth(t, start, rate, capacity):
    return capacity / (1 + (capacity - start) / start * exp(-rate * t))
