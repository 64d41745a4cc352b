"""The measurements of one run as a table of ratios, and the lines that sum them up.

A ratio is the median, over the rounds, of the ratios within a round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import geometric_mean, median
from typing import Final

from benchmarks.measure import KINDS, Measurement
from benchmarks.peers import FLOAT_MICROGRAD, MICROGRAD, OURS, SYMENGINE, SYMPY, bare_name
from benchmarks.scale import Scale

__all__ = ["Results", "page", "ratio", "summary"]

SYMPY_WORKLOAD: Final = "Rosenbrock-200"


@dataclass(frozen=True)
class Results:
    """What was measured with one rational type in the engine."""

    backing: str
    engine: str
    """The type that was found in the engine."""
    measurements: Sequence[Measurement]
    scales: Sequence[Sequence[Scale]] = ()
    """The same chains in each round, shortest first."""

    @property
    def bare(self) -> tuple[str, ...]:
        """The bare arithmetic beside it: on Fractions, and on the library's type that the engine uses."""
        return tuple(bare_name(kind) for kind in KINDS[self.backing])


def ratio(measurement: Measurement, above: str, below: str) -> float | None:
    """How many times as long `above` takes as `below`; None where one of them was skipped."""
    times = measurement.seconds
    if above not in times or below not in times:
        return None
    return median(x / y for x, y in zip(times[above], times[below], strict=True))


def above_bare(measurement: Measurement, bare: str) -> float | None:
    """Microseconds for each node of minigrad beyond the bare arithmetic."""
    times = measurement.seconds
    if bare not in times:
        return None
    beyond = median(x - y for x, y in zip(times[OURS], times[bare], strict=True))
    return 1e6 * beyond / measurement.nodes


# --- the table -----------------------------------------------------------------------------------


def page(results: Results, *, markdown: bool = False) -> str:
    """The heading, the table, its footnotes and the summary."""
    columns = [(OURS, bare) for bare in results.bare]
    columns += [(peer, OURS) for peer in (MICROGRAD, SYMPY, SYMENGINE, FLOAT_MICROGRAD)]
    notes: list[str] = []
    rows = [
        [
            m.name,
            f"{m.nodes:,}",
            duration(median(m.seconds[OURS])),
            *[_cell(m, above, below, notes) for above, below in columns],
        ]
        for m in results.measurements
    ]
    titles = [f"{above} / {below}" for above, below in columns]
    heading = f"MINIGRAD_RATIONAL={results.backing}, the engine's numbers are {results.engine}"
    footnotes = [f"[{i}] {note}" for i, note in enumerate(notes, 1)]
    parts = [
        [heading],
        _table(["workload", "nodes", OURS, *titles], rows, markdown=markdown),
        [f"- {note}" if markdown else note for note in footnotes],
        [f"- {line}" if markdown else line for line in summary(results)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _cell(measurement: Measurement, above: str, below: str, notes: list[str]) -> str:
    found = ratio(measurement, above, below)
    if found is not None:
        return _number(found)
    note = f"{above if above != OURS else below}: " + measurement.skipped.get(
        above, measurement.skipped.get(below, "not measured")
    )
    if note not in notes:
        notes.append(note)
    return f"- [{notes.index(note) + 1}]"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool) -> list[str]:
    """Aligned lines: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        aligned = [first[0].ljust(first[1]), *[cell.rjust(width) for cell, width in others]]
        return f"| {' | '.join(aligned)} |" if markdown else "  ".join(aligned)

    rule = ["-" * widths[0], *["-" * (width - 1) + ":" for width in widths[1:]]]
    return [line(titles), *([line(rule)] if markdown else []), *map(line, rows)]


def _number(x: float) -> str:
    """Three digits."""
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}"


def duration(seconds: float) -> str:
    """Three digits, in the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{_number(seconds / size)} {unit}"
    return f"{_number(seconds / 1e-6)} µs"


# --- the summary ---------------------------------------------------------------------------------


def summary(results: Results) -> list[str]:
    """The figures that the measurements come to, a line for each that was measured."""
    small = [m for m in results.measurements if not m.swelling]
    swelling = [m for m in results.measurements if m.swelling]
    own = results.bare[-1]
    lines = [
        _over(
            "micrograd / minigrad",
            results.measurements,
            partial(ratio, above=MICROGRAD, below=OURS),
            min,
        )
    ]
    for bare in results.bare:
        for kind, among in (("small numbers", small), ("swelling numbers", swelling)):
            title = f"minigrad / {bare}, {kind}"
            lines.append(_over(title, among, partial(ratio, above=OURS, below=bare), max))
    lines += [
        _worst_above(small, own),
        *[
            f"SymPy / minigrad, {m.name}: {_number(found)}"
            for m in results.measurements
            if m.key == SYMPY_WORKLOAD and (found := ratio(m, SYMPY, OURS)) is not None
        ],
        *_growth(results.scales),
    ]
    return [line for line in lines if line]


def _over(
    title: str,
    among: Iterable[Measurement],
    figure: Callable[[Measurement], float | None],
    worst: Callable[[Iterable[tuple[float, str]]], tuple[float, str]],
) -> str:
    """The geometric mean and the worst of a figure; empty if it was never measured."""
    found = [(value, m.name) for m in among if (value := figure(m)) is not None]
    if not found:
        return ""
    mean = geometric_mean(value for value, _ in found)
    value, name = worst(found)
    return f"{title}: geometric mean {_number(mean)}, worst {_number(value)} ({name})"


def _worst_above(among: Iterable[Measurement], bare: str) -> str:
    found = [(value, m.name) for m in among if (value := above_bare(m, bare)) is not None]
    if not found:
        return ""
    value, name = max(found)
    middle = median(value for value, _ in found)
    return f"µs a node above {bare}, small numbers: median {middle:.2f}, worst {value:.2f} ({name})"


def _growth(rounds: Sequence[Sequence[Scale]]) -> list[str]:
    lines = []
    for chain in zip(*rounds, strict=True):
        build, backward, proof, of_backward, swept, memory = [
            median(getattr(scale, what) for scale in chain)
            for what in ("build", "backward", "proof", "of_backward", "swept_memory", "memory")
        ]
        lines.append(
            f"chain of {chain[0].nodes:,} nodes: build {duration(build)}, "
            f"backward {duration(backward)}, chain proof {duration(proof)} "
            f"({of_backward:.1f} times backward), "
            f"memory {swept:,.0f} MiB, with the proof {memory:,.0f} MiB"
        )
    if len(lines) > 1:
        grown = ", ".join(
            f"{name} {median(getattr(r[-1], what) / getattr(r[0], what) for r in rounds):.1f}"
            for name, what in (
                ("build", "build"),
                ("backward", "backward"),
                ("chain proof", "proof"),
            )
        )
        times = rounds[0][-1].nodes / rounds[0][0].nodes
        lines.append(f"growth at {times:.0f} times the nodes: {grown}")
    return lines
