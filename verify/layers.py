"""Layers of neural networks, with hand-written backward passes.

A layer is checked as the function that its backward pass belongs to: its outputs times the numbers that
come from above, called `dy`, which are arguments like the others. So the gradient is what the backward
pass returns. No case names points; beside the right gradients stand common mistakes, to be refuted.
"""

from fractions import Fraction

from minigrad import erf, exp, pi, sigmoid, softplus, sqrt, tanh
from minigrad.verify import case


def in_halves(most):
    """Make the domain of the numbers 0, 1/2, 1, … up to `most`, and their negatives.

    An exponential of 26/11 beside one of 4/7 is a power of exp(1/77): of a whole cell of such numbers
    the powers are high. It is a matter of the points that are looked at; a proof holds for all numbers.
    """
    return lambda *xs: all(2 * x == round(2 * x) and abs(x) <= most for x in flat(xs))


def flat(xs):
    if not hasattr(xs, "__iter__"):
        return [xs]
    return [x for item in xs for x in flat(item)]


# --- one unit with an activation ------------------------------------------------------------------


def unit(activation):
    """Make the function dy * activation(w . x + b)."""

    def function(w, x, b, dy):
        return dy * activation(w[0] * x[0] + w[1] * x[1] + b)

    return function


def backward(activation, slope):
    """Make the backward pass from the activation and its derivative, both of z."""

    def gradient(w, x, b, dy):
        z = w[0] * x[0] + w[1] * x[1] + b
        dz = dy * slope(z)
        return [dz * xj for xj in x], [dz * wj for wj in w], dz, activation(z)

    return gradient


UNIT = ([2], [2], (), ())
BACKPROPAGATION = (
    "D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning Representations by Back-propagating "
    "Errors, Nature 323, 1986"
)


def logistic(z):
    return 1 / (1 + exp(-z))


@case(
    gradient=backward(logistic, lambda z: logistic(z) * (1 - logistic(z))),
    shape=UNIT,
    domain=in_halves(1),
    source=f"{BACKPROPAGATION}, equation (5)",
)
@case(
    gradient=backward(logistic, lambda z: z * (1 - z)),
    shape=UNIT,
    domain=in_halves(1),
    source="a (1 - a) of the input, and not of the output",
    expect="refuted",
)
@case(
    gradient=backward(logistic, logistic),
    shape=UNIT,
    domain=in_halves(1),
    source="the factor 1 - a is missing",
    expect="refuted",
)
def sigmoid_layer(w, x, b, dy):
    return unit(logistic)(w, x, b, dy)


LECUN = "Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, Efficient BackProp, 1998, section 4.4"


@case(
    gradient=backward(tanh, lambda z: 1 - tanh(z) ** 2),
    shape=UNIT,
    domain=in_halves(1),
    source=LECUN,
)
@case(
    gradient=backward(tanh, lambda z: 1 / ((exp(z) + exp(-z)) / 2) ** 2),
    shape=UNIT,
    domain=in_halves(1),
    source=f"{LECUN}; the slope as the square of the hyperbolic secant",
)
@case(
    gradient=backward(tanh, lambda z: 1 - tanh(z)),
    shape=UNIT,
    domain=in_halves(1),
    source="the square is missing",
    expect="refuted",
)
@case(
    gradient=backward(tanh, lambda z: tanh(z) * (1 - tanh(z))),
    shape=UNIT,
    domain=in_halves(1),
    source="the slope of the logistic function",
    expect="refuted",
)
def tanh_layer(w, x, b, dy):
    return unit(tanh)(w, x, b, dy)


GELU = "D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, 2016"


def normal_share(z):
    return (1 + erf(z / sqrt(2))) / 2


def normal_density(z):
    return exp(-(z**2) / 2) / sqrt(2 * pi)


def gaussian_error_unit(z):
    return z * normal_share(z)


@case(
    gradient=backward(gaussian_error_unit, lambda z: normal_share(z) + z * normal_density(z)),
    shape=UNIT,
    domain=in_halves(1),
    source=GELU,
)
@case(
    gradient=backward(gaussian_error_unit, normal_share),
    shape=UNIT,
    domain=in_halves(1),
    source="one term of the product rule is missing",
    expect="refuted",
)
@case(
    gradient=backward(gaussian_error_unit, lambda z: normal_share(z) + z * exp(-(z**2) / 2)),
    shape=UNIT,
    domain=in_halves(1),
    source="the density is not divided by the root of 2 pi",
    expect="refuted",
)
@case(
    gradient=backward(
        gaussian_error_unit, lambda z: sigmoid(1.702 * z) * (1 + 1.702 * z * sigmoid(-1.702 * z))
    ),
    shape=UNIT,
    domain=in_halves(1),
    source="the derivative of the approximation z sigmoid(1.702 z)",
    expect="refuted",
)
def gelu_layer(w, x, b, dy):
    return unit(gaussian_error_unit)(w, x, b, dy)


def inner(z):
    return sqrt(2 / pi) * (z + 0.044715 * z**3)


def approximate_unit(z):
    return z * (1 + tanh(inner(z))) / 2


def approximate_slope(z):
    t = tanh(inner(z))
    return (1 + t) / 2 + z * (1 - t**2) * sqrt(2 / pi) * (1 + 0.134145 * z**2) / 2


@case(gradient=approximate_slope, source=f"{GELU}, section 2; 0.134145 is three times 0.044715")
@case(
    gradient=lambda z: normal_share(z) + z * normal_density(z),
    source="the derivative of what it approximates",
    expect="refuted",
)
def gelu_by_tanh(z):
    return approximate_unit(z)


SILU = "S. Elfwing, E. Uchibe, K. Doya, Sigmoid-Weighted Linear Units, 2017, equation (3)"


def weighted_by_sigmoid(z):
    return z * sigmoid(z)


@case(
    gradient=backward(weighted_by_sigmoid, lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    shape=UNIT,
    domain=in_halves(1),
    source=SILU,
)
@case(
    gradient=backward(
        weighted_by_sigmoid, lambda z: weighted_by_sigmoid(z) + sigmoid(z) * (1 - z * sigmoid(z))
    ),
    shape=UNIT,
    domain=in_halves(1),
    source=f"{SILU}; with the output in the place of the input",
)
@case(
    gradient=backward(weighted_by_sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    shape=UNIT,
    domain=in_halves(1),
    source="the derivative of the sigmoid alone",
    expect="refuted",
)
def silu_layer(w, x, b, dy):
    return unit(weighted_by_sigmoid)(w, x, b, dy)


DUGAS = "C. Dugas et al., Incorporating Second-Order Functional Knowledge, NIPS 2000, section 3"


@case(
    gradient=backward(softplus, lambda z: 1 / (1 + exp(-z))),
    shape=UNIT,
    domain=in_halves(1),
    source=f"{DUGAS}; the derivative of softplus is the logistic function",
)
@case(
    gradient=backward(softplus, lambda z: exp(z) * (1 + exp(z))),
    shape=UNIT,
    domain=in_halves(1),
    source="multiplied where it is to be divided",
    expect="refuted",
)
def softplus_layer(w, x, b, dy):
    return unit(softplus)(w, x, b, dy)


# --- attention ------------------------------------------------------------------------------------

ATTENTION = "A. Vaswani et al., Attention Is All You Need, NIPS 2017, equation (1)"
HEAD = ([2], [3, 2], [3, 2], [2])
HEAD_POINT = ([1, 1], [[1, 0], [0, 0], [0, -1]], [[1, 2], [0, 1], [2, 0]], [1, 1])


def dot(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


def attended(query, keys):
    scores = [exp(dot(query, key) / sqrt(2)) for key in keys]
    total = sum(scores)
    return [s / total for s in scores]


def attention_backward(query, keys, values, dy, *, centred=True):
    p = attended(query, keys)
    by_p = [dot(value, dy) for value in values]
    mean = dot(p, by_p) if centred else 0
    by_score = [pk * (g - mean) / sqrt(2) for pk, g in zip(p, by_p, strict=True)]
    y = [sum(pk * value[j] for pk, value in zip(p, values, strict=True)) for j in range(2)]
    return (
        [sum(s * key[j] for s, key in zip(by_score, keys, strict=True)) for j in range(2)],
        [[s * qj for qj in query] for s in by_score],
        [[pk * dj for dj in dy] for pk in p],
        y,
    )


@case(
    gradient=attention_backward,
    shape=HEAD,
    domain=in_halves(1),
    source=f"{ATTENTION}; one query and three keys of dimension 2",
)
@case(
    HEAD_POINT,
    gradient=lambda *xs: attention_backward(*xs, centred=False),
    source="only the diagonal of the Jacobian of softmax",
    expect="refuted",
)
def attention(query, keys, values, dy):
    p = attended(query, keys)
    y = [sum(pk * value[j] for pk, value in zip(p, values, strict=True)) for j in range(2)]
    return dot(y, dy)


# --- recurrent cells ------------------------------------------------------------------------------

LSTM = "F. A. Gers, J. Schmidhuber, F. Cummins, Learning to Forget, Neural Computation 12, 2000"
# Input, forget, output gate and candidate, each with the weights of x and h and a bias.
CELL = ((), (), (), [4, 3], (), ())
CELL_POINT = (1, 1, 1, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]], 1, 1)


def gates(x, h, w):
    z = [wx * x + wh * h + b for wx, wh, b in w]
    return sigmoid(z[0]), sigmoid(z[1]), sigmoid(z[2]), tanh(z[3])


def lstm_backward(x, h, c, w, dh, dc, *, through_the_cell=True, of_tanh=True):
    i, f, o, g = gates(x, h, w)
    c_new = f * c + i * g
    t = tanh(c_new)
    by_cell = dc * through_the_cell + dh * o * (1 - t**2)
    by_z = [
        by_cell * g * i * (1 - i),
        by_cell * c * f * (1 - f),
        dh * t * o * (1 - o),
        by_cell * i * (1 - g**2 if of_tanh else g * (1 - g)),
    ]
    by_w = [[dz * x, dz * h, dz] for dz in by_z]
    by_x = sum(dz * row[0] for dz, row in zip(by_z, w, strict=True))
    by_h = sum(dz * row[1] for dz, row in zip(by_z, w, strict=True))
    return by_x, by_h, by_cell * f, by_w, o * t, c_new


@case(
    gradient=lstm_backward,
    shape=CELL,
    domain=in_halves(1),
    source=f"{LSTM}; a cell of one unit, by its inputs, its twelve weights, and from above",
)
@case(
    CELL_POINT,
    gradient=lambda *xs: lstm_backward(*xs, through_the_cell=False),
    source="what comes from the next step through the cell is forgotten",
    expect="refuted",
)
@case(
    CELL_POINT,
    gradient=lambda *xs: lstm_backward(*xs, of_tanh=False),
    source="the candidate's tanh is taken for a sigmoid",
    expect="refuted",
)
def lstm_cell(x, h, c, w, dh, dc):
    i, f, o, g = gates(x, h, w)
    c_new = f * c + i * g
    return dh * o * tanh(c_new) + dc * c_new


GRU = "K. Cho et al., Learning Phrase Representations, EMNLP 2014, section 2.3"


def gru_backward(x, h, w, dh, *, through_the_reset=True):
    (xr, hr, br), (xz, hz, bz), (xn, hn, bn) = w
    r, z = sigmoid(xr * x + hr * h + br), sigmoid(xz * x + hz * h + bz)
    n = tanh(xn * x + hn * r * h + bn)
    dn = dh * (1 - z) * (1 - n**2)
    dz = dh * (h - n) * z * (1 - z)
    dr = dn * hn * h * r * (1 - r)
    by_h = dh * z + dn * hn * r + dz * hz + (dr * hr if through_the_reset else 0)
    by_w = [[dr * x, dr * h, dr], [dz * x, dz * h, dz], [dn * x, dn * r * h, dn]]
    return dr * xr + dz * xz + dn * xn, by_h, by_w, (1 - z) * n + z * h


@case(
    gradient=gru_backward,
    shape=((), (), [3, 3], ()),
    domain=in_halves(1),
    source=f"{GRU}; a cell of one unit, with its reset, its update and its candidate",
)
@case(
    gradient=lambda *xs: gru_backward(*xs, through_the_reset=False),
    shape=((), (), [3, 3], ()),
    domain=in_halves(1),
    source="the way from h through the reset gate is forgotten",
    expect="refuted",
)
def gru_cell(x, h, w, dh):
    (xr, hr, br), (xz, hz, bz), (xn, hn, bn) = w
    r, z = sigmoid(xr * x + hr * h + br), sigmoid(xz * x + hz * h + bz)
    n = tanh(xn * x + hn * r * h + bn)
    return dh * ((1 - z) * n + z * h)


# --- normalisation --------------------------------------------------------------------------------

LAYER_NORM = "J. L. Ba, J. R. Kiros, G. E. Hinton, Layer Normalization, 2016"
EPSILON = Fraction(1, 100000)
N = 3


def standardised(x):
    mean = sum(x) / N
    deviation = sqrt(sum((xk - mean) ** 2 for xk in x) / N + EPSILON)
    return [(xk - mean) / deviation for xk in x], deviation


def normalised_backward(x, by_hat, *, of_mean=True, of_variance=True):
    hat, deviation = standardised(x)
    mean = sum(by_hat) / N if of_mean else 0
    share = dot(by_hat, hat) / N if of_variance else 0
    return [(g - mean - hk * share) / deviation for g, hk in zip(by_hat, hat, strict=True)]


def layer_norm_backward(x, gain, dy, **terms):
    hat, _ = standardised(x)
    by_hat = [g * d for g, d in zip(gain, dy, strict=True)]
    return (
        normalised_backward(x, by_hat, **terms),
        [hk * d for hk, d in zip(hat, dy, strict=True)],
        [g * hk for g, hk in zip(gain, hat, strict=True)],
    )


@case(
    gradient=layer_norm_backward,
    shape=([3], [3], [3]),
    domain=in_halves(1),
    source=f"{LAYER_NORM}, equation (4); three numbers with their gains",
)
@case(
    gradient=lambda *xs: layer_norm_backward(*xs, of_mean=False),
    shape=([3], [3], [3]),
    domain=in_halves(1),
    source="the mean is taken for a constant",
    expect="refuted",
)
@case(
    gradient=lambda *xs: layer_norm_backward(*xs, of_variance=False),
    shape=([3], [3], [3]),
    domain=in_halves(1),
    source="the variance is taken for a constant",
    expect="refuted",
)
def layer_norm(x, gain, dy):
    hat, _ = standardised(x)
    return sum(g * hk * d for g, hk, d in zip(gain, hat, dy, strict=True))


BATCH_NORM = "S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015, section 3"


def batch_norm_backward(x, gain, bias, dy, **terms):
    hat, _ = standardised(x)
    by_x = normalised_backward(x, [gain * d for d in dy], **terms)
    return by_x, dot(hat, dy), sum(dy), [gain * hk + bias for hk in hat]


def batch_norm_of_sample_variance(x, gain, bias, dy):
    by_x, by_gain, by_bias, by_dy = batch_norm_backward(x, gain, bias, dy)
    return [g * Fraction(N - 1, N) for g in by_x], by_gain, by_bias, by_dy


@case(
    gradient=batch_norm_backward,
    shape=([3], (), (), [3]),
    domain=in_halves(1),
    source=f"{BATCH_NORM}; one feature of three samples",
)
@case(
    gradient=lambda *xs: batch_norm_backward(*xs, of_mean=False, of_variance=False),
    shape=([3], (), (), [3]),
    domain=in_halves(1),
    source="the statistics of the batch are taken for constants, as in evaluation",
    expect="refuted",
)
@case(
    gradient=batch_norm_of_sample_variance,
    shape=([3], (), (), [3]),
    domain=in_halves(1),
    source="N - 1 for N",
    expect="refuted",
)
def batch_norm(x, gain, bias, dy):
    hat, _ = standardised(x)
    return sum((gain * hk + bias) * d for hk, d in zip(hat, dy, strict=True))


RMS_NORM = "B. Zhang, R. Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019"


def rms(x):
    return sqrt(sum(xk**2 for xk in x) / N + EPSILON)


def rms_norm_backward(x, gain, dy, divisor=N):
    root = rms(x)
    by_hat = [g * d for g, d in zip(gain, dy, strict=True)]
    share = dot(by_hat, x) / (divisor * root**2)
    return (
        [(g - xk * share) / root for g, xk in zip(by_hat, x, strict=True)],
        [xk * d / root for xk, d in zip(x, dy, strict=True)],
        [g * xk / root for g, xk in zip(gain, x, strict=True)],
    )


@case(
    gradient=rms_norm_backward,
    shape=([3], [3], [3]),
    domain=in_halves(1),
    source=f"{RMS_NORM}, equation (4)",
)
@case(
    gradient=lambda *xs: rms_norm_backward(*xs, divisor=1),
    shape=([3], [3], [3]),
    domain=in_halves(1),
    source="the mean of the squares is taken for their sum",
    expect="refuted",
)
def rms_norm(x, gain, dy):
    root = rms(x)
    return sum(g * xk * d / root for g, xk, d in zip(gain, x, dy, strict=True))


SALTON = "G. Salton, A. Wong, C. S. Yang, A Vector Space Model, Communications of the ACM 18, 1975"


def length(x):
    return sqrt(dot(x, x))


def cosine_gradient(x, y):
    a, b, c = length(x), length(y), dot(x, y)
    return (
        [yk / (a * b) - c * xk / (a**3 * b) for xk, yk in zip(x, y, strict=True)],
        [xk / (a * b) - c * yk / (a * b**3) for xk, yk in zip(x, y, strict=True)],
    )


def cosine_of_fixed_lengths(x, y):
    scale = 1 / (length(x) * length(y))
    return [yk * scale for yk in y], [xk * scale for xk in x]


def are_nonzero(x, y):
    return dot(x, x) > 0 and dot(y, y) > 0


@case(
    gradient=cosine_gradient,
    shape=([3], [3]),
    domain=are_nonzero,
    source=f"{SALTON}: the cosine of the angle between two vectors",
)
@case(
    gradient=cosine_of_fixed_lengths,
    shape=([3], [3]),
    domain=are_nonzero,
    source="the lengths are taken for constants",
    expect="refuted",
)
def cosine_similarity(x, y):
    return dot(x, y) / (length(x) * length(y))
