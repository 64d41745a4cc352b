"""Perceptrons with one hidden layer of relus, and backpropagation written out by hand."""

from fractions import Fraction

from minigrad import dot, relu
from minigrad import sum as total
from minigrad.verify import case

BACKPROPAGATION = (
    "D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning representations by back-propagating "
    "errors, Nature 323, 1986; with relus and the hinge loss of support vector machines"
)

# Two inputs, and the class 1 or -1.
SAMPLES = (((2, 1), 1), ((-1, 0.5), -1), ((0, -1.5), 1), ((1, 3), -1))


def hidden_inputs(w, b, x):
    return [dot(row, x) + bias for row, bias in zip(w, b, strict=True)]


def backpropagation(w, b, v, c):
    by_w = [[0] * len(row) for row in w]
    by_b = [0] * len(b)
    by_v = [0] * len(v)
    by_c = 0
    for x, sign in SAMPLES:
        z = hidden_inputs(w, b, x)
        score = dot(v, [relu(zi) for zi in z]) + c
        if sign * score >= 1:
            continue
        delta = Fraction(-sign, len(SAMPLES))
        by_c += delta
        for i, zi in enumerate(z):
            if zi > 0:
                by_v[i] += delta * zi
                by_b[i] += delta * v[i]
                for j, xj in enumerate(x):
                    by_w[i][j] += delta * v[i] * xj
    return by_w, by_b, by_v, by_c


W = [["1/2", "-1/3"], ["-2/5", "3/4"], ["1/7", "5/6"]]
B = ["1/10", "-1/5", "1/4"]
V = ["2/3", "-3/8", "1/2"]


@case((W, B, V, "1/9"), gradient=backpropagation, source=BACKPROPAGATION)
@case(
    ([[1, -2], ["-2/5", "3/4"], ["1/7", "5/6"]], [0, "-1/5", "1/4"], V, "1/9"),
    source="the first hidden unit stands at its kink on the first sample",
)
@case(
    ([[1, 0], [0, 1], [0, 0]], ["1/2", 0, -1], [1, "-1/3", 1], "-7/6"),
    source="the hinge stands at its kink on the first sample",
)
def hinge_loss(w, b, v, c):
    """Average the hinge loss of a 2-3-1 network: weights w, biases b, then v and c."""
    losses = []
    for x, sign in SAMPLES:
        hidden = [relu(z) for z in hidden_inputs(w, b, x)]
        score = dot(v, hidden) + c
        losses.append(relu(1 - sign * score))
    return total(losses) / len(SAMPLES)


EXCLUSIVE_OR = (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0))


@case(
    ([[1, 1], [1, 1]], [0, -1], [1, -2], 0),
    values={"f(0, 0)": 0, "f(0, 1)": 1, "f(1, 0)": 1, "f(1, 1)": 0, "loss": 0},
    source="I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, section 6.1; its weights put "
    "relus at their kinks",
)
def learning_xor(w, c, v, b):
    """Average the squared error of a 2-2-1 network, names as in the book."""
    errors = []
    for x, target in EXCLUSIVE_OR:
        output = dot(v, [relu(z) for z in hidden_inputs(w, c, x)]) + b
        output.label = f"f{x}"
        errors.append(output - target)
    loss = dot(errors, errors) / len(errors)
    loss.label = "loss"
    return loss
