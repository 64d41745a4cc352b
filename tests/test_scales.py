"""What the variables measure over which two programs are compared."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from checked_functions import PROVED, REFUTED
from compared_programs import programs

import minigrad
from minigrad.verify import check_gradient, identity
from minigrad.verify.scales import ITSELF, LOGISTIC, TANH, tries


def lstm(weights, inputs):
    """The last output of an LSTM of one unit without biases, and what its backward pass needs."""
    w, u = weights[:4], weights[4:]
    h = c = 0
    kept = []
    for x in inputs:
        i, f, o = (1 / (1 + np.exp(-(w[k] * x + u[k] * h))) for k in range(3))
        g = np.tanh(w[3] * x + u[3] * h)
        before, c = c, f * c + i * g
        kept.append((x, h, before, i, f, o, g, np.tanh(c)))
        h = o * kept[-1][-1]
    return h, kept


def of_lstm(weights, inputs, forgotten=0):
    h, kept = lstm(weights, inputs)
    gradient = [0] * 8
    up, by_c = 1, 0
    for x, h, c, i, f, o, g, t in reversed(kept):
        by_c = by_c + up * o * (1 - t * t)
        gates = (
            by_c * g * i * (1 - i),
            by_c * c * f * (1 - f),
            up * t * o * (1 - o),
            by_c * i * (1 - g * g),
        )
        for k, gate in enumerate(gates):
            gradient[k] = gradient[k] + gate * x
            gradient[4 + k] = gradient[4 + k] + gate * h
        up = sum(gate * u for gate, u in zip(gates, weights[4:], strict=True))
        by_c = by_c * f * (1 - forgotten)
    return tuple(gradient)


def test_two_steps_of_an_lstm_are_proved_over_the_values_of_its_gates():
    inputs = (Fraction(1, 2), -1)
    at = (1, -1, 2, 1, 1, 2, -1, 1)

    def equal(forgotten):
        derivative = lambda *w: of_lstm(w, inputs, forgotten)
        claim, theirs, ours = programs(lambda *w: lstm(w, inputs)[0], derivative, at)
        return [c.equal for c in identity.compare(claim, theirs, ours, math.inf)]

    assert equal(0) == [True] * 8
    # What the second step owes to the first is lost: the input gate's weight had a part in it.
    assert equal(1)[0] is None


def test_a_perceptron_of_sigmoids_is_proved_and_a_wrong_one_refuted():
    rows, targets = np.array([[0.5, -1], [1, 2]]), np.array([1, 0])

    def parts(w):
        return w[:4].reshape(2, 2), w[4:]

    def squash(z):
        return 1 / (1 + np.exp(-z))

    def loss(w):
        inner, outer = parts(w)
        return np.sum((squash(squash(rows @ inner.T) @ outer) - targets) ** 2)

    def gradient(w, power=1):
        inner, outer = parts(w)
        hidden = squash(rows @ inner.T)
        p = squash(hidden @ outer)
        up = 2 * (p - targets) * p * (1 - p)
        by_hidden = np.outer(up, outer) * hidden * (1 - hidden) ** power
        return np.concatenate([(by_hidden.T @ rows).ravel(), hidden.T @ up])

    assert check_gradient(loss, gradient, shape=[6]).verdict is PROVED
    assert check_gradient(loss, lambda w: gradient(w, 2), shape=[6]).verdict is REFUTED


def test_arguments_of_activations_alone_are_measured_by_them():
    def function(x, y):
        z, u, both = x * y, x + y, x - y
        e = minigrad.exp(z) / (1 + minigrad.exp(z))
        return (
            e * minigrad.tanh(u) * minigrad.tanh(both) * minigrad.sin(both) * minigrad.sigmoid(-z)
        )

    _, theirs, ours = programs(function, lambda x, y: [function(x, y)] * 2, (3, 2))
    (common, scales), (again, plain), *_ = tries(theirs, ours)
    names = [theirs.graph.nodes[c.theirs[0][0]].operator.name for c in common]
    assert dict(zip(names, scales, strict=True)) == {"mul": LOGISTIC, "add": TANH, "sub": ITSELF}
    assert (again, set(plain)) == (common, {ITSELF})


@pytest.mark.parametrize("scale", [LOGISTIC, TANH])
@pytest.mark.parametrize("value", [Fraction(0), Fraction(3), Fraction(-1, 2)])
def test_a_scale_leads_to_what_lies_between_its_ends_and_back(scale, value):
    measured = scale.of(value)
    assert scale.back(measured) == value
    assert scale.ends[0] < measured < scale.ends[1]


def test_what_is_known_of_a_variable_is_not_asked_of_points():
    function = lambda x, y: minigrad.sigmoid(x * y)
    derivative = lambda x, y: [(s := minigrad.sigmoid(x * y)) * (1 - s) * y, s * (1 - s) * x]
    claim, theirs, ours = programs(function, derivative, (3, 2))
    common, scales = next(tries(theirs, ours))
    found = identity._compared_over(common, scales, claim, theirs, ours, math.inf)
    assert [c.equal for c in found] == [True, True]
    assert found[0].assumed == ()
