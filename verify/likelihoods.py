"""Losses of classifiers with exponentials and logarithms, and their gradients.

The gradients are written as programs have them, in terms of sigmoids and softmax. No case names
points: each is checked for all inputs, within its `domain` if it has one. Beside the right gradients
stand common mistakes, each a case to be refuted.
"""

from fractions import Fraction

from minigrad import exp, log, logsumexp, maximum, sigmoid
from minigrad.verify import case

BISHOP = "C. M. Bishop, Pattern Recognition and Machine Learning, 2006"
GOODFELLOW = "I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 2016"
HIGHAM = (
    "P. Blanchard, D. J. Higham, N. J. Higham, Accurately Computing the Log-Sum-Exp and Softmax "
    "Functions, IMA Journal of Numerical Analysis 41(4), 2021"
)


def softmax(z):
    exponentials = [exp(zk) for zk in z]
    total = sum(exponentials)
    return [e / total for e in exponentials]


def log_softmax(z):
    total = logsumexp(z)
    return [zk - total for zk in z]


def greatest(z):
    top = z[0]
    for zk in z[1:]:
        top = maximum(top, zk)
    return top


def are_small(*xs):
    """Bound the search, and so the powers of the exponentials of its points."""
    return all(abs(x) <= 2 if not hasattr(x, "__iter__") else are_small(*x) for x in xs)


# --- the logistic loss ----------------------------------------------------------------------------

FEATURES = ((1, 2), (Fraction(-1, 2), 1), (3, -1))
SIGNS = (1, -1, 1)
BITS = (1, 0, 1)


def predictions(w, b):
    return [w[0] * x[0] + w[1] * x[1] + b for x in FEATURES]


def chained(slopes):
    """Turn the derivatives by the predictions into those by w and b."""
    by_w = [sum(s * x[j] for s, x in zip(slopes, FEATURES, strict=True)) for j in range(2)]
    return by_w, sum(slopes)


def by_margin(slope):
    """Make the gradient of a sum over margins from the derivative of its terms."""
    return lambda w, b: chained(
        [y * slope(y * z) for z, y in zip(predictions(w, b), SIGNS, strict=True)]
    )


def by_bit(slope):
    """Make the gradient of a sum over predictions from the derivative of its terms."""
    return lambda w, b: chained([slope(z, y) for z, y in zip(predictions(w, b), BITS, strict=True)])


LOGISTIC = "D. R. Cox, The Regression Analysis of Binary Sequences, J. R. Stat. Soc. B 20(2), 1958"


@case(
    gradient=by_margin(lambda m: -1 / (1 + exp(m))),
    shape=([2], ()),
    domain=are_small,
    source=f"{LOGISTIC}; labels of 1 and -1",
)
@case(
    gradient=by_margin(lambda m: -sigmoid(-m)),
    shape=([2], ()),
    domain=are_small,
    source=f"{LOGISTIC}; the slope is the probability of the other label, negative",
)
@case(
    gradient=by_margin(lambda m: -sigmoid(m)),
    shape=([2], ()),
    domain=are_small,
    source="the probability of the label itself",
    expect="refuted",
)
@case(
    gradient=by_margin(lambda m: 1 / (1 + exp(m))),
    shape=([2], ()),
    domain=are_small,
    source="the sign: the loss falls with the margin",
    expect="refuted",
)
@case(
    gradient=lambda w, b: chained(
        [-sigmoid(-y * z) for z, y in zip(predictions(w, b), SIGNS, strict=True)]
    ),
    shape=([2], ()),
    domain=are_small,
    source="the label is forgotten in the chain rule",
    expect="refuted",
)
def logistic_loss_of_signs(w, b):
    return sum(log(1 + exp(-y * z)) for z, y in zip(predictions(w, b), SIGNS, strict=True))


CROSS_ENTROPY = f"{BISHOP}, equations (4.90) and (4.91)"


@case(
    gradient=by_bit(lambda z, y: sigmoid(z) - y),
    shape=([2], ()),
    domain=are_small,
    source=f"{CROSS_ENTROPY}; labels of 0 and 1",
)
@case(
    gradient=by_bit(lambda z, y: y - sigmoid(z)),
    shape=([2], ()),
    domain=are_small,
    source="the gradient of the likelihood, and not of its negative",
    expect="refuted",
)
@case(
    gradient=by_bit(lambda z, y: (sigmoid(z) - y) * sigmoid(z) * (1 - sigmoid(z))),
    shape=([2], ()),
    domain=are_small,
    source="the slope of the sigmoid once more, as for squared errors: it is cancelled already",
    expect="refuted",
)
@case(
    gradient=by_bit(lambda z, y: (sigmoid(z) - y) / len(BITS)),
    shape=([2], ()),
    domain=are_small,
    source="the mean taken for the sum",
    expect="refuted",
)
def logistic_loss_of_bits(w, b):
    loss = 0
    for z, y in zip(predictions(w, b), BITS, strict=True):
        p = sigmoid(z)
        loss = loss - y * log(p) - (1 - y) * log(1 - p)
    return loss


@case(
    gradient=lambda z, y: (sigmoid(z) - y, -z),
    source=f"{CROSS_ENTROPY}, from the logit and with the target as a variable",
)
@case(
    gradient=lambda z, y: (sigmoid(z) - 1, -z),
    source="a target of 1 is taken for granted",
    expect="refuted",
)
def bernoulli_from_logits(z, y):
    return log(1 + exp(z)) - y * z


def sides(z, y):
    """Let the slope of max(z, 0) and of -|z| come together again: each side has its own formula."""
    small = exp(-abs(z))
    return ((1 if z >= 0 else small) / (1 + small) - y, -z)


@case(
    gradient=lambda z, y: (sigmoid(z) - y, -z),
    source=f"{GOODFELLOW}, section 6.2.2.2; written so that no exponential is greater than 1: the "
    "kinks of the maximum and of the absolute value are none of the sum's",
)
@case(gradient=sides, source=f"{GOODFELLOW}, section 6.2.2.2; a formula for each sign of z")
@case(
    gradient=lambda z, y: ((1 if z > 0 else 0) - y - sigmoid(-abs(z)), -z),
    source="the inner derivative of -|z| is taken for -1 on both sides",
    expect="refuted",
)
@case(
    gradient=lambda z, y: ((sigmoid(z) if z != 0 else 0) - y, -z),
    source="at 0 the maximum and the absolute value get the slope 0, as engines give it",
    expect="refuted",
)
def bernoulli_from_logits_stable(z, y):
    return maximum(z, 0) - y * z + log(1 + exp(-abs(z)))


# --- softmax and its loss -------------------------------------------------------------------------


@case(gradient=softmax, shape=[3], source=f"{HIGHAM}, equation (1.2)")
@case(
    gradient=lambda z: [exp(zk) for zk in z],
    shape=[3],
    source="not divided by the sum",
    expect="refuted",
)
def log_sum_exp(z):
    return log(sum(exp(zk) for zk in z))


def without_the_greatest(z):
    """Lose the derivative of the maximum that is subtracted, and of the one that is added again."""
    top = greatest(z)
    exponentials = [exp(zk - top) for zk in z]
    total = sum(exponentials)
    return [e / total - (1 if zk == top else 0) for e, zk in zip(exponentials, z, strict=True)]


@case(
    gradient=softmax,
    shape=[2],
    source=f"{HIGHAM}, algorithm 4.1; with ties, where the maximum has kinks and the sum has none",
)
@case(
    gradient=without_the_greatest,
    shape=[2],
    source="the maximum is taken for a constant where it is added",
    expect="refuted",
)
def log_sum_exp_stable(z):
    top = greatest(z)
    return top + log(sum(exp(zk - top) for zk in z))


SOFTMAX = "J. S. Bridle, Probabilistic Interpretation of Feedforward Classification Networks, 1990"


def minus_the_target(z, target):
    p = softmax(z)
    p[target] = p[target] - 1
    return p


def of_ten(z):
    total = sum(exp(zk) for zk in z)
    return [exp(zk) / total - (k == 7) for k, zk in enumerate(z)]


@case(
    gradient=lambda z: minus_the_target(z, 1),
    shape=[3],
    domain=are_small,
    source=f"{SOFTMAX}; three classes",
)
@case(
    gradient=softmax,
    shape=[3],
    domain=are_small,
    source="the target is not subtracted",
    expect="refuted",
)
@case(
    gradient=lambda z: [g / 3 for g in minus_the_target(z, 1)],
    shape=[3],
    domain=are_small,
    source="the mean over the classes taken for the sum",
    expect="refuted",
)
@case(
    gradient=lambda z: minus_the_target(z, 0),
    shape=[3],
    domain=are_small,
    source="classes counted from 1 in one place and from 0 in the other",
    expect="refuted",
)
@case(
    gradient=lambda z: [0, -1 / softmax(z)[1], 0],
    shape=[3],
    domain=are_small,
    source="the derivative by the probabilities, without the Jacobian of softmax",
    expect="refuted",
)
@case(
    gradient=lambda z: [0, softmax(z)[1] - 1, 0],
    shape=[3],
    domain=are_small,
    source="only the diagonal of the Jacobian of softmax",
    expect="refuted",
)
def cross_entropy(z):
    return -log_softmax(z)[1]


@case(
    gradient=lambda z: minus_the_target(z, 1),
    shape=[2],
    source=f"{SOFTMAX}; the logarithm of a softmax that was made with the greatest subtracted",
)
def cross_entropy_of_probabilities(z):
    top = greatest(z)
    exponentials = [exp(zk - top) for zk in z]
    return -log(exponentials[1] / sum(exponentials))


@case(gradient=of_ten, shape=[10], domain=are_small, source=f"{SOFTMAX}; ten classes")
def cross_entropy_of_ten(z):
    return -log_softmax(z)[7]


SMOOTHING = "C. Szegedy et al., Rethinking the Inception Architecture, CVPR 2016, section 7"
EPSILON = Fraction(1, 10)


def smoothed(target, classes):
    return [(1 - EPSILON) * (k == target) + EPSILON / classes for k in range(classes)]


@case(
    gradient=lambda z: [p - q for p, q in zip(softmax(z), smoothed(0, 3), strict=True)],
    shape=[3],
    domain=are_small,
    source=SMOOTHING,
)
@case(
    gradient=lambda z: minus_the_target(z, 0),
    shape=[3],
    domain=are_small,
    source="the target is smoothed in the loss only",
    expect="refuted",
)
@case(
    gradient=lambda z: [
        p - (1 - EPSILON if k == 0 else EPSILON / 2) for k, p in enumerate(softmax(z))
    ],
    shape=[3],
    domain=are_small,
    source="smoothed over the other classes in the gradient, and over all in the loss",
    expect="refuted",
)
def label_smoothing(z):
    return -sum(q * lp for q, lp in zip(smoothed(0, 3), log_softmax(z), strict=True))


FOCAL = "T.-Y. Lin et al., Focal Loss for Dense Object Detection, ICCV 2017, appendix B"


@case(
    gradient=lambda z: (1 - sigmoid(z)) ** 2 * (2 * sigmoid(z) * log(sigmoid(z)) + sigmoid(z) - 1),
    source=f"{FOCAL}, with gamma = 2 and the label 1",
)
@case(
    gradient=lambda z: (1 - sigmoid(z)) ** 2 * (sigmoid(z) - 1),
    source="the factor that focuses is taken for a constant",
    expect="refuted",
)
@case(
    gradient=lambda z: (1 - sigmoid(z)) ** 2 * (log(sigmoid(z)) * sigmoid(z) + sigmoid(z) - 1),
    source="gamma is missing",
    expect="refuted",
)
def focal_loss(z):
    p = sigmoid(z)
    return -((1 - p) ** 2) * log(p)


INFO_NCE = (
    "A. van den Oord, Y. Li, O. Vinyals, Representation Learning with CPC, 2018, equation (4)"
)


def info_nce_gradient(positive, negatives, temperature):
    scores = [positive, *negatives]
    p = softmax([s / temperature for s in scores])
    expected = sum(pk * s for pk, s in zip(p, scores, strict=True))
    return (
        (p[0] - 1) / temperature,
        [pk / temperature for pk in p[1:]],
        (positive - expected) / temperature**2,
    )


def without_the_temperature(positive, negatives, temperature):
    p = softmax([s / temperature for s in [positive, *negatives]])
    return p[0] - 1, p[1:], info_nce_gradient(positive, negatives, temperature)[2]


def among_the_negatives(positive, negatives, temperature):
    by_positive, _, by_temperature = info_nce_gradient(positive, negatives, temperature)
    p = softmax([s / temperature for s in negatives])
    return by_positive, [pk / temperature for pk in p], by_temperature


def is_warm(positive, negatives, temperature):
    return temperature > 0 and are_small(positive, negatives, temperature)


@case(
    gradient=info_nce_gradient,
    shape=((), [3], ()),
    domain=is_warm,
    source=f"{INFO_NCE}, with three negatives and a temperature",
)
@case(
    gradient=without_the_temperature,
    shape=((), [3], ()),
    domain=is_warm,
    source="not divided by the temperature",
    expect="refuted",
)
@case(
    gradient=among_the_negatives,
    shape=((), [3], ()),
    domain=is_warm,
    source="the softmax over the negatives, without the positive",
    expect="refuted",
)
def info_nce(positive, negatives, temperature):
    scores = [s / temperature for s in [positive, *negatives]]
    return -log_softmax(scores)[0]
