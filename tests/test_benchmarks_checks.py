"""What checking a gradient costs: the table, with few variables."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytest.importorskip("scipy")

from benchmarks import checks


def test_a_line_for_each_size_with_the_ratio_and_the_growth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []
    # Each check takes twice as long as the one before, finite differences a hundredth of a second.
    spent = iter([1.0, 0.01, 2.0, 0.01])
    monkeypatch.setattr(checks, "seconds", lambda call: asked.append(call()) or next(spent))
    monkeypatch.setattr(checks, "SIZES", (2, 3))
    monkeypatch.setattr(checks, "ROUNDS", 1)
    checks.main()
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["variables", "minigrad", "check_grad", "ratio", "growth"]
    assert re.split(r"\s{2,}", first.strip()) == ["2", "1.00 s", "0.0100 s", "100"]
    assert re.split(r"\s{2,}", second.strip()) == ["3", "2.00 s", "0.0100 s", "200", "2.0"]
    # What was timed is a proof, and beside it a small number.
    assert [str(report.verdict) for report in asked[::2]] == ["proved", "proved"]
    assert all(0 <= error < 1e-3 for error in asked[1::2])


def test_a_call_is_timed() -> None:
    called: list[int] = []
    assert checks.seconds(lambda: called.append(1)) >= 0
    assert called == [1]
