"""The tables of the benchmarks, from given numbers."""

from __future__ import annotations

import pytest

from benchmarks.measure import Measurement
from benchmarks.report import Results, above_bare, duration, page, ratio, summary
from benchmarks.scale import Scale

SMALL = Measurement(
    "Rosenbrock-200",
    "Rosenbrock, 200 variables",
    1000,
    swelling=False,
    seconds={
        "minigrad": [0.010, 0.020, 0.012],
        "bare Fraction": [0.008, 0.010, 0.008],
        "bare fmpq": [0.002, 0.004, 0.003],
        "micrograd": [0.040, 0.080, 0.036],
        "SymPy": [8.0, 20.0, 12.0],
    },
    skipped={"symengine": "symengine is not installed"},
)
SWELLING = Measurement(
    "Horner-4000",
    "Horner, degree 4,000",
    8001,
    swelling=True,
    seconds={
        "minigrad": [1.0],
        "bare Fraction": [4.0],
        "bare fmpq": [2.0],
        "micrograd": [16.0],
        "float micrograd": [0.025],
    },
    skipped={
        "symengine": "symengine is not installed",
        "SymPy": "a path of more than 300 operations",
    },
)
SCALES = [
    # The machine is twice as slow in the second round, and three times as fast in half of the third.
    [Scale(100, 0.25, 0.5, 2.0, 4.0, 40.0, 50.0), Scale(1000, 2.5, 6.0, 24.0, 4.0, 300.0, 512.4)],
    [Scale(100, 0.5, 1.0, 4.0, 4.0, 40.0, 50.0), Scale(1000, 5.0, 12.0, 48.0, 4.0, 300.0, 512.4)],
    [Scale(100, 0.25, 0.5, 2.0, 4.0, 40.0, 50.0), Scale(1000, 0.8, 2.0, 8.0, 4.0, 300.0, 512.4)],
]
FLINT = Results("flint", "flint.types.fmpq.fmpq", [SMALL, SWELLING], SCALES)


def test_a_ratio_is_the_median_of_those_within_a_round() -> None:
    assert ratio(SMALL, "micrograd", "minigrad") == 4
    assert ratio(SMALL, "SymPy", "minigrad") == pytest.approx(1000)
    assert ratio(SMALL, "symengine", "minigrad") is None
    assert above_bare(SMALL, "bare fmpq") == pytest.approx(9)
    assert above_bare(SMALL, "bare mpq") is None


def test_the_table() -> None:
    text = page(FLINT)
    assert text.splitlines()[0] == (
        "MINIGRAD_RATIONAL=flint, the engine's numbers are flint.types.fmpq.fmpq"
    )
    rows = [[cell.strip() for cell in line.split("  ") if cell] for line in text.splitlines()[2:5]]
    assert rows == [
        ["workload", "nodes", "minigrad", "minigrad / bare Fraction", "minigrad / bare fmpq",
         "micrograd / minigrad", "SymPy / minigrad", "symengine / minigrad",
         "float micrograd / minigrad"],
        ["Rosenbrock, 200 variables", "1,000", "12.0 ms", "1.50", "5.00", "4.00", "1,000", "- [1]", "- [2]"],
        ["Horner, degree 4,000", "8,001", "1.00 s", "0.25", "0.50", "16.0", "- [3]", "- [1]", "0.03"],
    ]  # fmt: skip


def test_a_peer_that_was_left_out_has_a_footnote_with_the_reason() -> None:
    notes = [line for line in page(FLINT).splitlines() if line.startswith("[")]
    assert notes == [
        "[1] symengine: symengine is not installed",
        "[2] float micrograd: not measured",
        "[3] SymPy: a path of more than 300 operations",
    ]


def test_markdown_has_as_many_cells_in_every_line() -> None:
    lines = [line for line in page(FLINT, markdown=True).splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {10}
    assert {len(line) for line in lines} == {len(lines[0])}
    assert set(lines[1]) == set("|-: ")
    assert len(lines) == 4


def test_the_summary() -> None:
    assert summary(FLINT) == [
        "micrograd / minigrad: geometric mean 8.00, worst 4.00 (Rosenbrock, 200 variables)",
        "minigrad / bare Fraction, small numbers: geometric mean 1.50, worst 1.50 (Rosenbrock, 200 variables)",
        "minigrad / bare Fraction, swelling numbers: geometric mean 0.25, worst 0.25 (Horner, degree 4,000)",
        "minigrad / bare fmpq, small numbers: geometric mean 5.00, worst 5.00 (Rosenbrock, 200 variables)",
        "minigrad / bare fmpq, swelling numbers: geometric mean 0.50, worst 0.50 (Horner, degree 4,000)",
        "µs a node above bare fmpq, small numbers: median 9.00, worst 9.00 (Rosenbrock, 200 variables)",
        "SymPy / minigrad, Rosenbrock, 200 variables: 1,000",
        "chain of 100 nodes: build 250 ms, backward 500 ms, chain proof 2.00 s (4.0 times backward), "
        "memory 40 MiB, with the proof 50 MiB",
        "chain of 1,000 nodes: build 2.50 s, backward 6.00 s, chain proof 24.0 s (4.0 times backward), "
        "memory 300 MiB, with the proof 512 MiB",
        "growth at 10 times the nodes: build 10.0, backward 12.0, chain proof 12.0",
    ]


def test_the_summary_leaves_out_what_was_not_measured() -> None:
    assert summary(Results("python", "fractions.Fraction", [])) == []
    only = Measurement("seed", "seed", 7, swelling=False, seconds={"minigrad": [1.0]})
    assert summary(Results("python", "fractions.Fraction", [only])) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (123.4, "123 s"),
        (1.0, "1.00 s"),
        (0.0456, "45.6 ms"),
        (0.001, "1.00 ms"),
        (2.5e-5, "25.0 µs"),
    ],
)
def test_durations_have_three_digits(seconds: float, text: str) -> None:
    assert duration(seconds) == text
