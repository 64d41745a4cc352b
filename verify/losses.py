"""Losses of linear models, with hand-written gradients by the weights w and the bias b.

The gradients are loops over the samples, as research code has them. Where a loss has a kink, its
gradient takes the usual subgradient there, one between the one-sided derivatives. Beside the right
gradients stand common mistakes, each a case to be refuted.
"""

from fractions import Fraction

from minigrad import maximum, relu
from minigrad.verify import case

# Two features of five samples, a number and a class for each, and how much each counts. They are
# fractions, as the product of two floats is rounded before there is a Scalar in it.
FEATURES = [
    [Fraction(x) for x in row]
    for row in (("1", "2"), ("-1/2", "1"), ("3", "-1"), ("1/2", "1/4"), ("-2", "-3/2"))
]
TARGETS = [Fraction(y) for y in ("1", "1/2", "2", "-1", "3/4")]
CLASSES = (1, -1, 1, -1, 1)
IMPORTANCE = [Fraction(c) for c in ("1", "3", "1/2", "0", "2")]
N = len(FEATURES)

# Weights and a bias: an ordinary point and another, and the usual start.
POINT = (["1/2", "-1/3"], "1/5")
FARTHER = (["-7/3", 4], "5/2")
START = ([0, 0], 0)
# With w = (1, 1) and b = 0 the predictions are 3, 1/2, 2, 3/4 and -7/2: two residuals are 0.
EXACT_FIT = ([1, 1], 0)

SQUARES = "C. F. Gauss, Theoria motus corporum coelestium, 1809, book 2, section 3"
HASTIE = "T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, 2nd edition"


def predict(w, b, x):
    z = b
    for wj, xj in zip(w, x, strict=True):
        z = z + wj * xj
    return z


def residuals(w, b):
    return [predict(w, b, x) - y for x, y in zip(FEATURES, TARGETS, strict=True)]


def margins(w, b):
    return [sign * predict(w, b, x) for x, sign in zip(FEATURES, CLASSES, strict=True)]


def chained(slopes):
    """Turn the derivatives by the predictions into those by w and b."""
    by_w, by_b = [0, 0], 0
    for x, slope in zip(FEATURES, slopes, strict=True):
        by_b += slope
        for j, xj in enumerate(x):
            by_w[j] += slope * xj
    return by_w, by_b


def by_residual(slope):
    """Make the gradient of a sum over residuals from the derivative of its terms."""
    return lambda w, b: chained([slope(r) for r in residuals(w, b)])


def by_margin(slope):
    """Make the gradient of a sum over margins from the derivative of its terms."""
    return lambda w, b: chained(
        [sign * slope(m) for m, sign in zip(margins(w, b), CLASSES, strict=True)]
    )


def labelled(terms):
    loss = 0
    for term in terms:
        loss = loss + term
    loss.label = "loss"
    return loss


# --- squared errors -------------------------------------------------------------------------------


@case(POINT, FARTHER, gradient=by_residual(lambda r: 2 * r), source=SQUARES)
@case(
    START,
    gradient=by_residual(lambda r: 2 * r),
    values={"loss": 6.8125},
    gradients={"b": -6.5},
    source=f"{SQUARES}; where all predictions are 0",
)
@case(
    POINT,
    gradient=by_residual(lambda r: r),
    source="a missing factor 2: the gradient of half of this loss",
    expect="refuted",
)
@case(
    POINT,
    gradient=by_residual(lambda r: 2 * r / N),
    source="the mean taken for the sum",
    expect="refuted",
)
def squared_error(w, b):
    return labelled([r**2 for r in residuals(w, b)])


mean_squared_error_gradient = by_residual(lambda r: 2 * r / N)


@case(
    POINT,
    FARTHER,
    gradient=mean_squared_error_gradient,
    source=f"{HASTIE}, equation (2.3), divided by N",
)
@case(
    POINT,
    gradient=by_residual(lambda r: 2 * r),
    source="the sum taken for the mean",
    expect="refuted",
)
def mean_squared_error(w, b):
    return labelled([r**2 / N for r in residuals(w, b)])


def weighted(factors):
    """Make the gradient of a sum of squares from the factor of each."""
    return lambda w, b: chained([2 * c * r for c, r in zip(factors, residuals(w, b), strict=True)])


@case(
    POINT,
    FARTHER,
    gradient=weighted([c / sum(IMPORTANCE) for c in IMPORTANCE]),
    source="A. C. Aitken, On Least Squares and Linear Combinations of Observations, Proceedings of "
    "the Royal Society of Edinburgh 55, 1936; over the sum of the weights, one of which is 0",
)
@case(
    POINT,
    gradient=weighted([c**2 / sum(IMPORTANCE) for c in IMPORTANCE]),
    source="the weights squared: applied to the residual and to its derivative",
    expect="refuted",
)
@case(
    POINT,
    gradient=weighted([c / N for c in IMPORTANCE]),
    source="divided by the number of samples and not by the sum of the weights",
    expect="refuted",
)
def weighted_squared_error(w, b):
    total = sum(IMPORTANCE)
    return labelled([c * r**2 / total for c, r in zip(IMPORTANCE, residuals(w, b), strict=True)])


# --- squared errors with a penalty ----------------------------------------------------------------

RIDGE = "A. E. Hoerl, R. W. Kennard, Ridge Regression, Technometrics 12(1), 1970"
STRENGTH = Fraction(7, 10)


def ridge_gradient(w, b):
    by_w, by_b = by_residual(lambda r: 2 * r)(w, b)
    return [g + 2 * STRENGTH * wj for g, wj in zip(by_w, w, strict=True)], by_b


def ridge_of_the_bias_too(w, b):
    by_w, by_b = ridge_gradient(w, b)
    return by_w, by_b + 2 * STRENGTH * b


@case(
    POINT,
    FARTHER,
    START,
    gradient=ridge_gradient,
    source=f"{RIDGE}; as in {HASTIE}, equation (3.41), the bias is not penalised",
)
@case(
    POINT,
    gradient=by_residual(lambda r: 2 * r),
    source="the derivative of the penalty is forgotten",
    expect="refuted",
)
@case(
    POINT,
    gradient=ridge_of_the_bias_too,
    source="the bias is penalised in the gradient and not in the loss",
    expect="refuted",
)
def ridge(w, b):
    return labelled([r**2 for r in residuals(w, b)] + [STRENGTH * wj**2 for wj in w])


ELASTIC_NET = (
    "H. Zou, T. Hastie, Regularization and Variable Selection via the Elastic Net, Journal of the "
    "Royal Statistical Society B 67(2), 2005"
)
L1_RATIO = Fraction(2, 5)


def sign(x):
    return (x > 0) - (x < 0)


def elastic_net_gradient(w, b):
    """Let the derivative of |w| at 0 be 0, which lies between -1 and 1."""
    by_w, by_b = mean_squared_error_gradient(w, b)
    for j, wj in enumerate(w):
        by_w[j] = by_w[j] / 2 + STRENGTH * (L1_RATIO * sign(wj) + (1 - L1_RATIO) * wj)
    return by_w, by_b / 2


def elastic_net_with_a_missing_half(w, b):
    by_w, by_b = elastic_net_gradient(w, b)
    return [g + STRENGTH * (1 - L1_RATIO) * wj for g, wj in zip(by_w, w, strict=True)], by_b


def elastic_net_without_signs(w, b):
    by_w, by_b = mean_squared_error_gradient(w, b)
    for j, wj in enumerate(w):
        by_w[j] = by_w[j] / 2 + STRENGTH * (L1_RATIO + (1 - L1_RATIO) * wj)
    return by_w, by_b / 2


@case(
    POINT,
    FARTHER,
    gradient=elastic_net_gradient,
    source=f"{ELASTIC_NET}; scaled as the ElasticNet of scikit-learn",
)
@case(
    START,
    (["3/4", 0], "-1/2"),
    gradient=elastic_net_gradient,
    source=f"{ELASTIC_NET}; weights of 0, where |w| has a kink and the convention is 0",
)
@case(
    POINT,
    gradient=elastic_net_with_a_missing_half,
    source="the half of the squared penalty is forgotten",
    expect="refuted",
)
@case(
    POINT,
    gradient=elastic_net_without_signs,
    source="the derivative of |w| is taken for 1, of negative weights too",
    expect="refuted",
)
def elastic_net(w, b):
    fit = [r**2 / (2 * N) for r in residuals(w, b)]
    lasso = [STRENGTH * L1_RATIO * abs(wj) for wj in w]
    squares = [STRENGTH * (1 - L1_RATIO) * wj**2 / 2 for wj in w]
    return labelled(fit + lasso + squares)


# --- robust regression ----------------------------------------------------------------------------

HUBER = "P. J. Huber, Robust Estimation of a Location Parameter, Ann. Math. Statist. 35, 1964"
DELTA = Fraction(1, 2)


def huber_slope(r):
    return r if abs(r) <= DELTA else DELTA * sign(r)


@case(POINT, FARTHER, gradient=by_residual(huber_slope), source=HUBER)
@case(
    START,
    gradient=by_residual(huber_slope),
    source=f"{HUBER}; a residual of -1/2 stands where the pieces join, and their slopes agree",
)
@case(
    POINT,
    gradient=by_residual(lambda r: r if abs(r) <= DELTA else DELTA),
    source="outside, delta without the sign of the residual",
    expect="refuted",
)
@case(
    POINT,
    gradient=by_residual(lambda r: r if abs(r) <= DELTA else sign(r)),
    source="outside, the slope of |r| without delta",
    expect="refuted",
)
def huber(w, b):
    terms = []
    for r in residuals(w, b):
        if abs(r) <= DELTA:
            terms.append(r**2 / 2)
        else:
            terms.append(DELTA * (abs(r) - DELTA / 2))
    return labelled(terms)


PINBALL = "R. Koenker, G. Bassett, Regression Quantiles, Econometrica 46(1), 1978"
QUANTILE = Fraction(9, 10)


def pinball_slope(r):
    """Of r, the prediction minus the target; at 0 the slope from above."""
    return -QUANTILE if r < 0 else 1 - QUANTILE


@case(POINT, FARTHER, START, gradient=by_residual(pinball_slope), source=PINBALL)
@case(EXACT_FIT, source=f"{PINBALL}; two residuals of 0, where the loss has kinks")
@case(
    POINT,
    gradient=by_residual(lambda r: pinball_slope(-r)),
    source="the sides exchanged: the residual is the target minus the prediction in the paper",
    expect="refuted",
)
def quantile_loss(w, b):
    return labelled([maximum(-QUANTILE * r, (1 - QUANTILE) * r) for r in residuals(w, b)])


@case(
    POINT,
    FARTHER,
    gradient=by_residual(sign),
    source="R. J. Boscovich, De litteraria expeditione, 1757: least absolute deviations",
)
@case(
    EXACT_FIT,
    gradient=by_residual(sign),
    source="least absolute deviations; at a residual of 0 the slope is taken for 0",
)
def absolute_error(w, b):
    return labelled([abs(r) for r in residuals(w, b)])


TUBE = "V. N. Vapnik, The Nature of Statistical Learning Theory, 1995, chapter 6"
EPSILON = Fraction(1, 4)


def tube_slope(r):
    return sign(r) if abs(r) > EPSILON else 0


@case(POINT, FARTHER, gradient=by_residual(tube_slope), source=TUBE)
@case(
    EXACT_FIT,
    gradient=by_residual(tube_slope),
    source=f"{TUBE}; two residuals of 0, inside the tube, where |r| has a kink and the loss has none",
)
@case(
    ([1, 1], "1/4"),
    gradient=by_residual(tube_slope),
    source=f"{TUBE}; residuals on the edge of the tube, where the slope is taken for 0",
)
@case(
    POINT,
    gradient=by_residual(lambda r: 1 if abs(r) > EPSILON else 0),
    source="the sign of the residual is forgotten",
    expect="refuted",
)
@case(
    POINT,
    gradient=by_residual(sign),
    source="the tube is forgotten: one residual lies inside it",
    expect="refuted",
)
def epsilon_insensitive(w, b):
    return labelled([relu(abs(r) - EPSILON) for r in residuals(w, b)])


@case(
    POINT,
    FARTHER,
    EXACT_FIT,
    gradient=by_residual(lambda r: 2 * r / (1 + r**2) ** 2),
    source="S. Geman, D. E. McClure, Statistical Methods for Tomographic Image Reconstruction, 1987",
)
def geman_mcclure(w, b):
    return labelled([r**2 / (1 + r**2) for r in residuals(w, b)])


# --- classification -------------------------------------------------------------------------------

HINGE = "C. Cortes, V. Vapnik, Support-Vector Networks, Machine Learning 20, 1995"
# The margins are 1, 1/6, 11/6, -3/8 and -19/12: the first stands at the kink of the hinge.
AT_THE_HINGE = (["2/3", "1/6"], 0)


@case(POINT, FARTHER, START, gradient=by_margin(lambda m: -1 if m < 1 else 0), source=HINGE)
@case(
    AT_THE_HINGE,
    gradient=by_margin(lambda m: -1 if m < 1 else 0),
    source=f"{HINGE}; the first sample at the kink, where the slope is taken for 0",
)
@case(
    POINT,
    gradient=by_margin(lambda m: 1 if m < 1 else 0),
    source="the sign of the hinge: the loss falls with the margin",
    expect="refuted",
)
@case(
    POINT,
    gradient=lambda w, b: chained([-1 if m < 1 else 0 for m in margins(w, b)]),
    source="the class of the sample is forgotten",
    expect="refuted",
)
@case(
    POINT,
    gradient=by_margin(lambda m: -1 if m < 0 else 0),
    source="only misclassified samples counted, as in the perceptron",
    expect="refuted",
)
def hinge(w, b):
    return labelled([relu(1 - m) for m in margins(w, b)])


def squared_hinge_slope(m):
    return -2 * (1 - m) if m < 1 else 0


@case(
    POINT,
    FARTHER,
    START,
    gradient=by_margin(squared_hinge_slope),
    source=f"{HINGE}, with the errors squared",
)
@case(
    AT_THE_HINGE,
    gradient=by_margin(squared_hinge_slope),
    source="the squared hinge where its pieces join, and their slopes too",
)
@case(
    POINT,
    gradient=by_margin(lambda m: -2 if m < 1 else 0),
    source="the margin is forgotten: the slope of the hinge, doubled",
    expect="refuted",
)
def squared_hinge(w, b):
    return labelled([relu(1 - m) ** 2 for m in margins(w, b)])


MACHINE = "S. Shalev-Shwartz, Y. Singer, N. Srebro, Pegasos, ICML 2007, equation (1)"


def support_vector_machine_gradient(w, b):
    by_w, by_b = by_margin(lambda m: Fraction(-1, N) if m < 1 else 0)(w, b)
    return [STRENGTH * wj + g for wj, g in zip(w, by_w, strict=True)], by_b


@case(POINT, FARTHER, gradient=support_vector_machine_gradient, source=f"{MACHINE}, with a bias")
@case(
    POINT,
    gradient=by_margin(lambda m: Fraction(-1, N) if m < 1 else 0),
    source="the derivative of the penalty is forgotten",
    expect="refuted",
)
def support_vector_machine(w, b):
    penalty = [STRENGTH / 2 * wj**2 for wj in w]
    return labelled(penalty + [relu(1 - m) / N for m in margins(w, b)])


PERCEPTRON = f"{HASTIE}, equation (4.37), after F. Rosenblatt, The Perceptron, 1958"


@case(POINT, FARTHER, gradient=by_margin(lambda m: -1 if m < 0 else 0), source=PERCEPTRON)
@case(START, source=f"{PERCEPTRON}; at 0 every sample stands at the kink")
@case(
    POINT,
    gradient=by_margin(lambda m: -1),
    source="the samples on the right side counted too",
    expect="refuted",
)
@case(
    POINT,
    gradient=by_margin(lambda m: 1 if m < 0 else 0),
    source="Rosenblatt's step taken for the gradient: it goes against it",
    expect="refuted",
)
def perceptron_loss(w, b):
    return labelled([relu(-m) for m in margins(w, b)])


SMOOTHED = "J. D. M. Rennie, N. Srebro, Loss Functions for Preference Levels, 2005"


def smoothed_hinge_slope(m):
    if m >= 1:
        return 0
    return m - 1 if m > 0 else -1


@case(
    POINT,
    FARTHER,
    START,
    AT_THE_HINGE,
    gradient=by_margin(smoothed_hinge_slope),
    source=f"{SMOOTHED}; the last two points where its pieces join",
)
def smoothed_hinge(w, b):
    terms = []
    for m in margins(w, b):
        if m >= 1:
            terms.append(0)
        elif m > 0:
            terms.append((1 - m) ** 2 / 2)
        else:
            terms.append(Fraction(1, 2) - m)
    return labelled(terms)
