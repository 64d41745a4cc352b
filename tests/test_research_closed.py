"""Research code with exp, log and roots in it, written as people write it: proved where it is right, and
refuted where it is wrong, by the mistakes that are usually made."""

from __future__ import annotations

import math
import math as m
from math import exp, pi, sqrt
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from minigrad.verify import check_gradient, check_hessian, check_jacobian, check_vjp  # noqa: E402 - after what may skip
from minigrad.verify.report import Verdict  # noqa: E402 - after what may skip

PROVED, PROBABLE, KINK, UNDECIDED, REFUTED = Verdict


def verdicts(report: Any) -> list[Verdict]:
    return [entry.verdict for entry in report.entries]


def assert_proved(report: Any) -> None:
    assert set(verdicts(report)) == {PROVED}, str(report)


def assert_refuted(report: Any, *labels: str) -> None:
    """These components and no others are refuted, each with a difference that can be read."""
    wrong = [entry for entry in report.entries if entry.verdict is REFUTED]
    assert [entry.label for entry in wrong] == list(labels), str(report)
    for entry in wrong:
        assert entry.difference
        assert "yours minus the true one is" in entry.message or "one-sided" in entry.message
        assert entry.gradient != entry.expected


# --- logistic regression --------------------------------------------------------------------------

X = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]])
Y = np.array([1.0, 0.0, 1.0])


def logistic_loss(w):
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p)) + 0.05 * np.sum(w**2)


def logistic_loss_by_logits(w):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - Y * z) + 0.05 * np.sum(w**2)


def logistic_gradient(w):
    p = 1 / (1 + np.exp(-(X @ w)))
    return X.T @ (p - Y) / len(Y) + 0.1 * w


def logistic_without_mean(w):
    p = 1 / (1 + np.exp(-(X @ w)))
    return X.T @ (p - Y) + 0.1 * w


def logistic_with_half_penalty(w):
    p = 1 / (1 + np.exp(-(X @ w)))
    return X.T @ (p - Y) / len(Y) + 0.05 * w


def logistic_of_the_square(w):
    p = 1 / (1 + np.exp(-(X @ w)))
    return X.T @ ((p - Y) * p * (1 - p)) / len(Y) + 0.1 * w


@pytest.mark.parametrize("loss", [logistic_loss, logistic_loss_by_logits])
def test_logistic_regression(loss):
    assert_proved(check_gradient(loss, logistic_gradient, shape=[2]))
    assert_refuted(check_gradient(loss, logistic_without_mean, shape=[2]), "w[0]", "w[1]")


@pytest.mark.parametrize("wrong", [logistic_with_half_penalty, logistic_of_the_square])
def test_logistic_regression_with_the_usual_mistakes(wrong):
    assert_refuted(check_gradient(logistic_loss_by_logits, wrong, shape=[2]), "w[0]", "w[1]")


def test_a_missing_penalty_is_read_off_the_difference():
    report = check_gradient(logistic_loss_by_logits, logistic_with_half_penalty, shape=[2])
    assert [entry.difference for entry in report.entries] == ["-w[0]/20", "-w[1]/20"]


# --- softmax and cross-entropy --------------------------------------------------------------------

LABELS = np.array([0, 1])


def cross_entropy(z):
    shifted = z - z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(LABELS)), LABELS].mean()


def cross_entropy_gradient(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(LABELS)), LABELS] -= 1
    return p / len(LABELS)


def cross_entropy_without_mean(z):
    return cross_entropy_gradient(z) * len(LABELS)


def cross_entropy_without_label(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True) / len(LABELS)


def cross_entropy_along_the_batch(z):
    e = np.exp(z)
    p = e / e.sum(axis=0, keepdims=True)
    p[np.arange(len(LABELS)), LABELS] -= 1
    return p / len(LABELS)


def unshifted(z):
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(LABELS)), LABELS].mean()


def unshifted_gradient(z):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    p[np.arange(len(LABELS)), LABELS] -= 1
    return p / len(LABELS)


ALL_LOGITS = [f"z[{i}][{j}]" for i in range(2) for j in range(3)]


def test_cross_entropy_of_a_batch():
    assert_proved(check_gradient(unshifted, unshifted_gradient, shape=[2, 3]))


def test_cross_entropy_with_the_greatest_logit_taken_out():
    report = check_gradient(cross_entropy, cross_entropy_gradient, [[1, 2], [0, -1]])
    assert_proved(report)


FEATURES = np.array([[0.1, -0.1], [0.6, 0.1], [-0.5, 0.4]])
CLASSES = np.array([0, 2, 1])


def probabilities(w):
    scores = FEATURES @ w
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    return p / p.sum(axis=1, keepdims=True)


def test_a_softmax_classifier_is_proved_at_ties_of_its_logits():
    def loss(w):
        return np.mean(-np.log(probabilities(w)[np.arange(3), CLASSES]))

    def gradient(w):
        p = probabilities(w)
        p[np.arange(3), CLASSES] -= 1
        return FEATURES.T @ p / 3

    assert_proved(check_gradient(loss, gradient, shape=[2, 3], budget=4))
    tied = [["1/2", "1/2", "-1/7"], ["4/7", "4/7", 1]]
    wrong = check_gradient(loss, lambda w: gradient(w) * (1 + (w[0, 0] == w[0, 1])), tied, budget=2)
    assert wrong.verdict is REFUTED


def test_a_tie_of_the_greatest_logits_is_no_kink():
    """The function is smooth there: what is taken out is put back in."""
    report = check_gradient(logsumexp, softmax, [2, 2])
    assert_proved(report)
    assert report.points[0] == {"z[0]": 2, "z[1]": 2}
    report = check_gradient(logsumexp, lambda z: softmax(z) * (1 if z[0] != z[1] else 2), [2, 2])
    assert_refuted(report, "z[0]", "z[1]")


@pytest.mark.parametrize(
    ("wrong", "labels"),
    [
        (cross_entropy_without_mean, ALL_LOGITS),
        (cross_entropy_without_label, ["z[0][0]", "z[1][1]"]),
        (cross_entropy_along_the_batch, ALL_LOGITS),
    ],
)
def test_cross_entropy_with_the_usual_mistakes(wrong, labels):
    point = [[1, 2, "1/2"], [0, -1, 3]]
    assert_refuted(check_gradient(unshifted, wrong, point), *labels)


# --- log-sum-exp ----------------------------------------------------------------------------------


def logsumexp(z):
    top = np.max(z, axis=-1, keepdims=True)
    return (top + np.log(np.sum(np.exp(z - top), axis=-1, keepdims=True))).sum()


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def softmax_unnormalized(z):
    return np.exp(z - np.max(z, axis=-1, keepdims=True))


def softmax_jacobian(z):
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)


def softmax_jacobian_diagonal(z):
    p = softmax(z)
    return np.diag(p * (1 - p))


def test_stable_log_sum_exp():
    assert_proved(check_gradient(logsumexp, softmax, shape=[3]))
    assert_refuted(
        check_gradient(logsumexp, softmax_unnormalized, shape=[3]), "z[0]", "z[1]", "z[2]"
    )


def test_the_jacobian_of_softmax():
    assert_proved(check_jacobian(softmax, softmax_jacobian, [1, 0]))
    report = check_jacobian(softmax, softmax_jacobian_diagonal, [1, 0])
    assert_refuted(report, "f[0] by z[1]", "f[1] by z[0]")


def test_the_hessian_of_log_sum_exp_is_the_jacobian_of_softmax():
    def plain(z):
        return np.log(np.sum(np.exp(z)))

    assert_proved(check_hessian(plain, softmax_jacobian, [1, 0]))


def test_the_backward_pass_of_softmax():
    def backward(z, g):
        p = softmax(z)
        return p * (g - np.sum(g * p))

    def without_sum(z, g):
        p = softmax(z)
        return p * (1 - p) * g

    assert_proved(check_vjp(softmax, backward, [1, 0]))
    assert not check_vjp(softmax, without_sum, [1, 0]).ok


# --- normalization --------------------------------------------------------------------------------

SCALE = np.array([1.0, -2.0, 0.5])


def layer_norm(x):
    return np.sum(SCALE * (x - x.mean()) / np.sqrt(x.var() + 1e-5))


def layer_norm_gradient(x):
    s = np.sqrt(x.var() + 1e-5)
    h = (x - x.mean()) / s
    return (SCALE - SCALE.mean() - h * np.mean(SCALE * h)) / s


def layer_norm_with_constant_variance(x):
    return (SCALE - SCALE.mean()) / np.sqrt(x.var() + 1e-5)


def layer_norm_with_constant_mean(x):
    s = np.sqrt(x.var() + 1e-5)
    h = (x - x.mean()) / s
    return (SCALE - h * np.mean(SCALE * h)) / s


def rms_norm(x):
    return np.sum(SCALE * x / np.sqrt(np.mean(x**2) + 1e-6))


def rms_norm_gradient(x):
    r = np.sqrt(np.mean(x**2) + 1e-6)
    return SCALE / r - x * np.sum(SCALE * x) / (len(x) * r**3)


def rms_norm_without_length(x):
    r = np.sqrt(np.mean(x**2) + 1e-6)
    return SCALE / r - x * np.sum(SCALE * x) / r**3


THREE = ["x[0]", "x[1]", "x[2]"]


@pytest.mark.parametrize(
    ("function", "gradient"), [(layer_norm, layer_norm_gradient), (rms_norm, rms_norm_gradient)]
)
def test_normalization(function, gradient):
    assert_proved(check_gradient(function, gradient, shape=[3]))


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        (layer_norm, layer_norm_with_constant_variance),
        (layer_norm, layer_norm_with_constant_mean),
        (rms_norm, rms_norm_without_length),
    ],
)
def test_normalization_with_the_usual_mistakes(function, wrong):
    assert_refuted(check_gradient(function, wrong, [1, -1, 3]), *THREE)


def test_standardization_by_std():
    def standardized(x):
        return np.sum(SCALE * (x - np.mean(x)) / np.std(x))

    def gradient(x):
        s = np.std(x)
        h = (x - np.mean(x)) / s
        return (SCALE - SCALE.mean() - h * np.mean(SCALE * h)) / s

    assert_proved(check_gradient(standardized, gradient, [1, -1, 3]))


# --- attention ------------------------------------------------------------------------------------

KEYS = np.array([[1.0, 0.0], [0.5, 2.0], [-1.0, 1.0]])
VALUES = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]])


def attention(q):
    scores = KEYS @ q / np.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max())
    return np.sum((e / e.sum()) @ VALUES)


def attention_gradient(q, scale=None):
    scores = KEYS @ q / np.sqrt(len(q))
    p = np.exp(scores) / np.sum(np.exp(scores))
    by_p = VALUES.sum(axis=1)
    return KEYS.T @ (p * (by_p - p @ by_p)) / (np.sqrt(len(q)) if scale is None else scale)


def attention_without_scale(q):
    return attention_gradient(q, 1)


def attention_scaled_twice(q):
    return attention_gradient(q, len(q))


def test_attention_over_three_keys():
    assert_proved(check_gradient(attention, attention_gradient, [1, 2]))


@pytest.mark.parametrize("wrong", [attention_without_scale, attention_scaled_twice])
def test_attention_with_the_usual_mistakes(wrong):
    assert_refuted(check_gradient(attention, wrong, [1, 2]), "q[0]", "q[1]")


# --- similarity -----------------------------------------------------------------------------------


def cosine(u, v):
    return u @ v / (np.linalg.norm(u) * np.linalg.norm(v))


def cosine_gradient(u, v):
    a, b = np.linalg.norm(u), np.linalg.norm(v)
    c = u @ v / (a * b)
    return v / (a * b) - c * u / a**2, u / (a * b) - c * v / b**2


def cosine_without_projection(u, v):
    a, b = np.linalg.norm(u), np.linalg.norm(v)
    return v / (a * b), u / (a * b)


def test_cosine_similarity():
    assert_proved(check_gradient(cosine, cosine_gradient, shape=([2], [2])))
    report = check_gradient(cosine, cosine_without_projection, ([1, 2], [3, -1]))
    assert_refuted(report, "u[0]", "u[1]", "v[0]", "v[1]")


def test_the_distance_of_two_points_has_a_kink_where_they_meet():
    def distance(x):
        return np.linalg.norm(x - np.array([1.0, 2.0]))

    def gradient(x):
        d = x - np.array([1.0, 2.0])
        n = np.linalg.norm(d)
        return d / n if n > 0 else np.zeros(2)

    report = check_gradient(distance, gradient, shape=[2])
    assert verdicts(report) == [KINK, KINK]
    assert report.entries[0].point == {"x[0]": 1, "x[1]": 2}
    elsewhere = check_gradient(distance, gradient, shape=[2], domain=lambda x: x[0] > 1)
    assert_proved(elsewhere)


# --- likelihoods ----------------------------------------------------------------------------------

DATA = np.array([0.5, 1.5, -1.0])


def gaussian(mu, sigma):
    return np.sum(0.5 * np.log(2 * np.pi * sigma**2) + (DATA - mu) ** 2 / (2 * sigma**2))


def gaussian_gradient(mu, sigma):
    return -np.sum(DATA - mu) / sigma**2, len(DATA) / sigma - np.sum((DATA - mu) ** 2) / sigma**3


def gaussian_with_one_factor(mu, sigma):
    return -np.sum(DATA - mu) / sigma**2, 1 / sigma - np.sum((DATA - mu) ** 2) / sigma**3


def test_the_gaussian_likelihood():
    domain = lambda mu, sigma: sigma > 0
    assert_proved(check_gradient(gaussian, gaussian_gradient, domain=domain))
    report = check_gradient(gaussian, gaussian_with_one_factor, domain=domain)
    assert_refuted(report, "sigma")
    assert report.entries[1].difference == "-2/sigma"


def test_the_gaussian_density_needs_the_very_pi():
    def density(x):
        return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)

    assert_proved(check_gradient(density, lambda x: -x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)))
    # 3.14159 is not pi: wrong by one part in a million.
    report = check_gradient(density, lambda x: -x * np.exp(-(x**2) / 2) / np.sqrt(2 * 3.14159))
    assert_refuted(report, "x")


# --- the module math ------------------------------------------------------------------------------


def density(x, mu, sigma):
    return math.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))


def density_gradient(x, mu, sigma):
    p = exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * sqrt(2 * pi))
    z = (x - mu) / sigma
    return -p * z / sigma, p * z / sigma, p * (z * z - 1) / sigma


def density_without_norm(x, mu, sigma):
    p = exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * sqrt(2 * pi))
    z = (x - mu) / sigma
    return -p * z / sigma, p * z / sigma, p * z * z / sigma


def test_math_functions_are_checked_unchanged():
    assert_proved(check_gradient(density, density_gradient, (1, 2, 3)))
    report = check_gradient(density, density_without_norm, (1, 2, 3))
    assert_refuted(report, "sigma")
    assert any("math" in finding for finding in report.findings)


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: math.tanh(x), lambda x: 1 - m.tanh(x) ** 2),
        (lambda x: m.log(x, 2), lambda x: 1 / (x * math.log(2))),
        (lambda x, y: math.hypot(x, y), lambda x, y: (x / math.hypot(x, y), y / math.hypot(x, y))),
        (lambda x: math.sin(x) ** 2, lambda x: math.sin(2 * x)),
        (lambda x: x**1.5, lambda x: 1.5 * math.sqrt(x)),
        (lambda x: x * math.sqrt(2) * math.sqrt(2), lambda x: 2),
        (lambda x: math.lgamma(x), lambda x: math.lgamma(x) * 0 + digamma(x)),
    ],
)
def test_one_line_of_math(function, gradient):
    assert_proved(check_gradient(function, gradient, domain=lambda *xs: all(x > 0 for x in xs)))


def digamma(x):
    from minigrad import digamma

    return digamma(x)


def test_the_wrong_line_of_math_is_refuted():
    report = check_gradient(lambda x: math.tanh(x), lambda x: 1 - math.tanh(x))
    assert_refuted(report, "x")


# --- SciPy's special functions --------------------------------------------------------------------


def test_special_functions_are_checked_unchanged():
    special = pytest.importorskip("scipy.special")
    from scipy.special import expit, logsumexp

    def loss(z):
        return logsumexp(z) + expit(z[0]) + special.gammaln(z[1] ** 2 + 1)

    def gradient(z):
        s = expit(z[0])
        g = special.softmax(z)
        g[0] += s * (1 - s)
        g[1] += 2 * z[1] * special.psi(z[1] ** 2 + 1)
        return g

    def wrong(z):
        return gradient(z) * np.array([1, 2])

    assert_proved(check_gradient(loss, gradient, [1, 2]))
    assert_refuted(check_gradient(loss, wrong, [1, 2]), "z[1]")


def test_relative_entropy_at_a_share_of_zero():
    special = pytest.importorskip("scipy.special")

    def divergence(q):
        return np.sum(special.rel_entr(np.array([0.0, 0.5, 0.5]), q))

    def gradient(q):
        return -np.array([0.0, 0.5, 0.5]) / q

    assert_proved(check_gradient(divergence, gradient, shape=[3], domain=lambda q: (q > 0).all()))


# --- what cannot be checked -----------------------------------------------------------------------


def test_what_has_no_exact_form_is_named():
    with pytest.raises(
        Exception, match=r"np\.nextafter has no exact form.*test_research_closed\.py:\d"
    ):
        check_gradient(lambda x: np.nextafter(x, 1), lambda x: x)
    with pytest.raises(Exception, match=r"np\.linalg\.eigvalsh has no exact form"):
        check_gradient(lambda x: np.sum(np.linalg.eigvalsh(x)), lambda x: x, shape=[2, 2])


def test_a_float_that_is_asked_for_by_name_does_not_leave():
    right = check_gradient(lambda x: math.exp(float(x)), lambda x: math.exp(x))
    assert right.verdict is PROVED
    wrong = check_gradient(lambda x: float(math.exp(float(x))), lambda x: 1 + math.exp(x))
    assert wrong.verdict is REFUTED


def test_a_float_that_leaves_is_named_with_its_line():
    report = check_gradient(lambda x: math.exp(x.__float__()), lambda x: math.exp(x))
    assert report.verdict is UNDECIDED
    assert "float() of x" in report.entries[0].message
    assert "test_research_closed.py" in report.entries[0].message


def normal_loss(mean, x, covariance):
    d = x - mean
    return (d @ np.linalg.solve(covariance, d) + np.linalg.slogdet(covariance)[1]) / 2


def normal_gradient(mean, x, covariance, forgotten=1):
    d = x - mean
    left, right = np.linalg.solve(covariance.T, d), np.linalg.solve(covariance, d)
    by_covariance = np.linalg.inv(covariance).T - forgotten * np.outer(left, right)
    return -(left + right) / 2, (left + right) / 2, by_covariance / 2


def test_the_likelihood_of_a_normal_distribution() -> None:
    shape = ([2], [2], (2, 2))
    assert check_gradient(normal_loss, normal_gradient, shape=shape).verdict is PROVED
    wrong = check_gradient(normal_loss, lambda *a: normal_gradient(*a, 2), shape=shape)
    assert wrong.verdict is REFUTED
    assert [str(entry.verdict) for entry in wrong.entries[:4]] == ["proved"] * 4
