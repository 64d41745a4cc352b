"""Reports of proofs, and what tests ask of them."""

from __future__ import annotations

import pytest
from proofs import labelled

from minigrad import Scalar
from minigrad.verify.report import Entry, Report

METHODS = ["chain", "whole", "auto"]
every_method = pytest.mark.parametrize("method", METHODS)


def of(report: Report, label: str) -> Entry:
    return next(entry for entry in report.entries if entry.label == label)


def verdicts(report: Report) -> dict[str, str]:
    return {entry.label: str(entry.verdict) for entry in report.entries}


def blame(report: Report) -> dict[str, str | None]:
    """What is to blame, by the label of each node that is refuted."""
    return {e.label: e.blame for e in report.entries if e.verdict == "refuted"}


def seed_example(a: object, b: object, f: object = 10) -> dict[str, Scalar]:
    """c = a + b, d = a * b, e = d / c, g = f / e."""
    nodes = {"a": Scalar(a, "a"), "b": Scalar(b, "b"), "f": Scalar(f, "f")}
    nodes["c"] = labelled("c", nodes["a"] + nodes["b"])
    nodes["d"] = labelled("d", nodes["a"] * nodes["b"])
    nodes["e"] = labelled("e", nodes["d"] / nodes["c"])
    nodes["g"] = labelled("g", nodes["f"] / nodes["e"])
    return nodes
