"""Verdicts at hard points."""

from __future__ import annotations

import pytest
from hard_points import Point, each_point

from minigrad.errors import NoDerivative
from minigrad.number import UNAVAILABLE
from minigrad.verify.proof import Prover


def expected_verdicts(point: Point) -> dict[str, set[str]]:
    """Of each leaf: a kink where a one-sided derivative is another, never proved where there is none."""
    verdicts = {label: {"proved"} for label in ("f", "w", "root")}
    for k, slope in enumerate(point.slopes, start=1):
        if slope is NoDerivative:
            verdicts[f"x{k}"] = {"kink", "undecided"}
        elif slope is UNAVAILABLE:
            verdicts[f"x{k}"] = {"undecided"}
        else:
            verdicts[f"x{k}"] = {"kink" if point.is_kink else "proved"}
    if point.name == "atan2" and point.is_kink:
        verdicts["x2"] = {"proved"}  # along the cut nothing jumps
    return verdicts


@pytest.mark.parametrize("method", ["chain", "whole", "auto"])
@each_point
def test_the_verdict_at_every_hard_point(prover: Prover, point: Point, method: str) -> None:
    root = point.graph()
    if point.has_slopes:
        root.backward()
    report = prover.verify(root, method)
    expected = expected_verdicts(point)
    assert {entry.label for entry in report.entries} == set(expected)
    assert all(str(entry.verdict) in expected[entry.label] for entry in report.entries), report
    if method != "auto":
        proofs = {e.proof for e in report.entries if str(e.verdict) == "proved"}
        assert proofs <= {method, "one-sided"}
    assert not any(word in str(report) for word in ("nan", "inf ", "zoo", "oo)"))
