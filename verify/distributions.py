"""Log-likelihoods, divergences and entropies, with gamma functions, and their gradients.

The gradients are written as programs have them, in terms of digamma and softmax. No case names points:
each is checked for all inputs, within its `domain` if it has one. Beside the right gradients stand
common mistakes, each a case to be refuted.
"""

from fractions import Fraction

from likelihoods import BISHOP, are_small, log_softmax, softmax

from minigrad import digamma, exp, log, loggamma, pi, sigmoid, softplus
from minigrad.verify import case

# --- distributions of real numbers ----------------------------------------------------------------

NORMAL = f"{BISHOP}, equation (1.46)"


@case(
    gradient=lambda x, mu, sigma: (
        -(x - mu) / sigma**2,
        (x - mu) / sigma**2,
        (x - mu) ** 2 / sigma**3 - 1 / sigma,
    ),
    domain=lambda x, mu, sigma: sigma > 0,
    source=f"{NORMAL}; by the standard deviation",
)
@case(
    gradient=lambda x, mu, sigma: (
        -(x - mu) / sigma**2,
        (x - mu) / sigma**2,
        (x - mu) ** 2 / (2 * sigma**4) - 1 / (2 * sigma**2),
    ),
    domain=lambda x, mu, sigma: sigma > 0,
    source="the derivative by the variance",
    expect="refuted",
)
@case(
    gradient=lambda x, mu, sigma: (
        -(x - mu) / sigma**2,
        (x - mu) / sigma**2,
        (x - mu) ** 2 / sigma**3,
    ),
    domain=lambda x, mu, sigma: sigma > 0,
    source="the normalising constant is forgotten: it has sigma in it",
    expect="refuted",
)
def normal(x, mu, sigma):
    return -((x - mu) ** 2) / (2 * sigma**2) - log(sigma) - log(2 * pi) / 2


@case(
    gradient=lambda x, mu, s: (
        -(x - mu) * exp(-2 * s),
        (x - mu) * exp(-2 * s),
        (x - mu) ** 2 * exp(-2 * s) - 1,
    ),
    source=f"{NORMAL}; s is the logarithm of the standard deviation",
)
@case(
    gradient=lambda x, mu, s: (
        -(x - mu) * exp(-2 * s),
        (x - mu) * exp(-2 * s),
        (x - mu) ** 2 * exp(-3 * s) - exp(-s),
    ),
    source="by the standard deviation: a factor of sigma is missing",
    expect="refuted",
)
@case(
    gradient=lambda x, mu, s: (
        -(x - mu) * exp(-s),
        (x - mu) * exp(-s),
        ((x - mu) ** 2 * exp(-s) - 1) / 2,
    ),
    source="s is taken for the logarithm of the variance",
    expect="refuted",
)
def normal_by_log_sigma(x, mu, s):
    return -((x - mu) ** 2) * exp(-2 * s) / 2 - s - log(2 * pi) / 2


def is_softly_positive(x, mu, rho):
    return abs(rho) < 5


@case(
    gradient=lambda x, mu, rho: (
        -(x - mu) / softplus(rho) ** 2,
        (x - mu) / softplus(rho) ** 2,
        ((x - mu) ** 2 / softplus(rho) ** 3 - 1 / softplus(rho)) * sigmoid(rho),
    ),
    domain=is_softly_positive,
    source="C. Blundell et al., Weight Uncertainty in Neural Networks, ICML 2015, section 3.2: "
    "sigma = log(1 + exp(rho))",
)
@case(
    gradient=lambda x, mu, rho: (
        -(x - mu) / softplus(rho) ** 2,
        (x - mu) / softplus(rho) ** 2,
        ((x - mu) ** 2 / softplus(rho) ** 3 - 1 / softplus(rho)) / (1 + exp(rho)),
    ),
    domain=is_softly_positive,
    source="1 / (1 + exp(-rho)) with the sign of rho forgotten",
    expect="refuted",
)
def normal_by_softplus(x, mu, rho):
    sigma = softplus(rho)
    return -((x - mu) ** 2) / (2 * sigma**2) - log(sigma)


STUDENT = f"{BISHOP}, equation (2.159)"


def student_gradient(x, nu, mu, sigma):
    t = (x - mu) / sigma
    w = (nu + 1) / (nu + t**2)
    by_nu = digamma((nu + 1) / 2) - digamma(nu / 2) - 1 / nu - log(1 + t**2 / nu)
    by_nu = (by_nu + w * t**2 / nu) / 2
    return -w * t / sigma, by_nu, w * t / sigma, (w * t**2 - 1) / sigma


def student_with_constants(x, nu, mu, sigma):
    t = (x - mu) / sigma
    by_x, _, by_mu, by_sigma = student_gradient(x, nu, mu, sigma)
    return by_x, (t**2 * (nu + 1) / (nu * (nu + t**2)) - log(1 + t**2 / nu)) / 2, by_mu, by_sigma


def student_without_a_half(x, nu, mu, sigma):
    by_x, by_nu, by_mu, by_sigma = student_gradient(x, nu, mu, sigma)
    half = (digamma((nu + 1) / 2) - digamma(nu / 2)) / 2
    return by_x, by_nu + half, by_mu, by_sigma


def is_student(x, nu, mu, sigma):
    return nu > 0 and sigma > 0


@case(gradient=student_gradient, domain=is_student, source=STUDENT)
@case(
    gradient=student_with_constants,
    domain=is_student,
    source="the gamma functions are taken for constants: they depend on nu",
    expect="refuted",
)
@case(
    gradient=student_without_a_half,
    domain=is_student,
    source="the inner derivative 1/2 of loggamma(nu/2) is forgotten",
    expect="refuted",
)
def student_t(x, nu, mu, sigma):
    t = (x - mu) / sigma
    normalised = loggamma((nu + 1) / 2) - loggamma(nu / 2) - log(nu * pi) / 2 - log(sigma)
    return normalised - (nu + 1) / 2 * log(1 + t**2 / nu)


# --- counts, positive numbers and shares ----------------------------------------------------------

POISSON = "S. D. Poisson, Recherches sur la probabilité des jugements, 1837, section 81"


@case(
    gradient=lambda k, rate: (log(rate) - digamma(k + 1), k / rate - 1),
    domain=lambda k, rate: k > -1 and rate > 0,
    source=f"{POISSON}; continued to all k by the gamma function",
)
@case(
    gradient=lambda k, rate: (log(rate) - digamma(k), k / rate - 1),
    domain=lambda k, rate: k > 0 and rate > 0,
    source="k! is gamma(k + 1), and not gamma(k)",
    expect="refuted",
)
@case(
    gradient=lambda k, rate: (log(rate) - digamma(k + 1), k / rate),
    domain=lambda k, rate: k > -1 and rate > 0,
    source="the derivative of -rate is forgotten",
    expect="refuted",
)
def poisson(k, rate):
    return k * log(rate) - rate - loggamma(k + 1)


@case(
    gradient=lambda k, eta: (eta - digamma(k + 1), k - exp(eta)),
    domain=lambda k, eta: k > -1,
    source=f"{POISSON}; by the logarithm of the rate, as in a generalised linear model",
)
@case(
    gradient=lambda k, eta: (eta - digamma(k + 1), k / exp(eta) - 1),
    domain=lambda k, eta: k > -1,
    source="the derivative by the rate",
    expect="refuted",
)
def poisson_from_log_rate(k, eta):
    return k * eta - exp(eta) - loggamma(k + 1)


GAMMA = f"{BISHOP}, equation (B.26)"


def are_positive(*xs):
    return all(x > 0 for x in xs)


@case(
    gradient=lambda x, a, b: (
        (a - 1) / x - b,
        log(b) - digamma(a) + log(x),
        a / b - x,
    ),
    domain=are_positive,
    source=f"{GAMMA}; the shape a and the rate b",
)
@case(
    gradient=lambda x, a, b: (
        (a - 1) / x - b,
        log(b) + log(x),
        a / b - x,
    ),
    domain=are_positive,
    source="the gamma function of the shape is taken for a constant",
    expect="refuted",
)
@case(
    gradient=lambda x, a, b: (
        (a - 1) / x - b,
        log(b) - digamma(a) + log(x),
        x / b**2 - a / b,
    ),
    domain=are_positive,
    source="b is taken for the scale, which is the rate's reciprocal",
    expect="refuted",
)
def gamma_distribution(x, a, b):
    return a * log(b) - loggamma(a) + (a - 1) * log(x) - b * x


BETA = f"{BISHOP}, equation (B.6)"


def is_share(x, a, b):
    return 0 < x < 1 and a > 0 and b > 0


@case(
    gradient=lambda x, a, b: (
        (a - 1) / x - (b - 1) / (1 - x),
        digamma(a + b) - digamma(a) + log(x),
        digamma(a + b) - digamma(b) + log(1 - x),
    ),
    domain=is_share,
    source=BETA,
)
@case(
    gradient=lambda x, a, b: (
        (a - 1) / x + (b - 1) / (1 - x),
        digamma(a + b) - digamma(a) + log(x),
        digamma(a + b) - digamma(b) + log(1 - x),
    ),
    domain=is_share,
    source="the inner derivative of 1 - x is taken for 1",
    expect="refuted",
)
@case(
    gradient=lambda x, a, b: (
        (a - 1) / x - (b - 1) / (1 - x),
        log(x) - digamma(a),
        log(1 - x) - digamma(b),
    ),
    domain=is_share,
    source="gamma(a + b) is taken for a constant",
    expect="refuted",
)
def beta_distribution(x, a, b):
    return loggamma(a + b) - loggamma(a) - loggamma(b) + (a - 1) * log(x) + (b - 1) * log(1 - x)


# --- divergences and entropies --------------------------------------------------------------------

KULLBACK = (
    "S. Kullback, R. A. Leibler, On Information and Sufficiency, Ann. Math. Statist. 22, 1951"
)


def categorical_gradient(z, w):
    p, q = softmax(z), softmax(w)
    ratios = [a - b for a, b in zip(log_softmax(z), log_softmax(w), strict=True)]
    divergence = sum(pk * r for pk, r in zip(p, ratios, strict=True))
    by_z = [pk * (r - divergence) for pk, r in zip(p, ratios, strict=True)]
    return by_z, [qk - pk for pk, qk in zip(p, q, strict=True)]


def categorical_without_the_mean(z, w):
    p, q = softmax(z), softmax(w)
    ratios = [a - b for a, b in zip(log_softmax(z), log_softmax(w), strict=True)]
    by_z = [pk * r for pk, r in zip(p, ratios, strict=True)]
    return by_z, [qk - pk for pk, qk in zip(p, q, strict=True)]


def categorical_of_a_fixed_p(z, w):
    p, q = softmax(z), softmax(w)
    by_w = [qk - pk for pk, qk in zip(p, q, strict=True)]
    return [-g for g in by_w], by_w


@case(
    gradient=categorical_gradient,
    shape=([2], [2]),
    source=f"{KULLBACK}; two distributions over two classes, from their logits",
)
@case(
    gradient=categorical_without_the_mean,
    shape=([2], [2]),
    source="one term of the Jacobian of softmax is missing",
    expect="refuted",
)
@case(
    gradient=categorical_of_a_fixed_p,
    shape=([2], [2]),
    source="the derivative by the logits of p is that by those of q, negative",
    expect="refuted",
)
def divergence_of_categoricals(z, w):
    p, log_p, log_q = softmax(z), log_softmax(z), log_softmax(w)
    return sum(pk * (a - b) for pk, a, b in zip(p, log_p, log_q, strict=True))


def normals_gradient(m, s, n, t):
    return (
        (m - n) / t**2,
        s / t**2 - 1 / s,
        (n - m) / t**2,
        1 / t - (s**2 + (m - n) ** 2) / t**3,
    )


def normals_exchanged(m, s, n, t):
    return normals_gradient(n, t, m, s)


def deviations_are_positive(m, s, n, t):
    return s > 0 and t > 0


@case(
    gradient=normals_gradient,
    domain=deviations_are_positive,
    source=f"{KULLBACK}; of normal distributions with means m and n, deviations s and t",
)
@case(
    gradient=normals_exchanged,
    domain=deviations_are_positive,
    source="the two are exchanged: the divergence is not symmetric",
    expect="refuted",
)
def divergence_of_normals(m, s, n, t):
    return log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - Fraction(1, 2)


VAE = "D. P. Kingma, M. Welling, Auto-Encoding Variational Bayes, 2014, appendix B"


@case(
    gradient=lambda mu, log_var: (mu, [(exp(v) - 1) / 2 for v in log_var]),
    shape=([2], [2]),
    source=f"{VAE}; by the mean and the logarithm of the variance",
)
@case(
    gradient=lambda mu, log_var: (mu, [exp(v) - 1 for v in log_var]),
    shape=([2], [2]),
    source="as if by the logarithm of the standard deviation",
    expect="refuted",
)
@case(
    gradient=lambda mu, log_var: ([-m for m in mu], [(1 - exp(v)) / 2 for v in log_var]),
    shape=([2], [2]),
    source="the sign: the divergence is subtracted from the bound, and added to the loss",
    expect="refuted",
)
def vae_divergence(mu, log_var):
    terms = [1 + v - m**2 - exp(v) for m, v in zip(mu, log_var, strict=True)]
    return -sum(terms) / 2


SHANNON = "C. E. Shannon, A Mathematical Theory of Communication, 1948, section 6"


@case(
    gradient=lambda p: [-log(pk) - 1 for pk in p],
    shape=[3],
    domain=lambda p: are_positive(*p),
    source=SHANNON,
)
@case(
    gradient=lambda p: [-log(pk) for pk in p],
    shape=[3],
    domain=lambda p: are_positive(*p),
    source="the derivative of the logarithm is forgotten",
    expect="refuted",
)
def entropy(p):
    return -sum(pk * log(pk) for pk in p)


def entropy_gradient(z):
    p, log_p = softmax(z), log_softmax(z)
    value = -sum(pk * lp for pk, lp in zip(p, log_p, strict=True))
    return [-pk * (lp + value) for pk, lp in zip(p, log_p, strict=True)]


def entropy_as_if_of_probabilities(z):
    return [-(lp + 1) * pk for pk, lp in zip(softmax(z), log_softmax(z), strict=True)]


@case(
    gradient=entropy_gradient,
    shape=[3],
    domain=are_small,
    source=f"{SHANNON}; from logits, as the bonus of a policy gradient",
)
@case(
    gradient=entropy_as_if_of_probabilities,
    shape=[3],
    domain=are_small,
    source="one term of the Jacobian of softmax is missing",
    expect="refuted",
)
def entropy_of_logits(z):
    return -sum(pk * lp for pk, lp in zip(softmax(z), log_softmax(z), strict=True))
