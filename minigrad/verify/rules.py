"""The operator table itself under proof: every entry, on every piece, at easy points and at hard ones.

Each operator is applied to symbols at points that reach all of its pieces, boundaries included, and
both proofs are run on what comes out. This needs no case and nothing installed besides minigrad.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, Final

from minigrad.operators import OPERATORS, Operator, Piece
from minigrad.scalar import Scalar, apply
from minigrad.verify.proof import Prover
from minigrad.verify.report import Entry, Report, worst

__all__ = ["POINTS", "verify_rules"]

POINTS: Final = tuple(
    map(Fraction, ("2", "-3", "1/2", "-7/3", "0", "1", "-1", "5/2", "1e30", "-1e-30"))
)
_COUNTS: Final = (1, 2, 3, 12)
"""Numbers of operands tried where any number is allowed, in units of the operator's width."""


def verify_rules(prover: Prover, operators: Mapping[str, Operator] = OPERATORS) -> Report:
    """A Report with an entry for each operator, choice of its parameters, and piece."""
    entries = [
        _entry(prover, operator, parameters, operands, piece)
        for operator in operators.values()
        for parameters, operands, piece in _situations(operator)
    ]
    return Report(tuple(entries), "operator rules")


def _situations(
    operator: Operator,
) -> Iterator[tuple[tuple[Any, ...], tuple[Fraction, ...], tuple[Piece, ...]]]:
    """Parameters and operands that lead to each piece of `operator`, the first found for each."""
    counts = (
        [operator.arity] if operator.arity is not None else [operator.width * n for n in _COUNTS]
    )
    for parameters in product(*(parameter.samples for parameter in operator.parameters)):
        seen = set()
        for count in counts:
            for operands in _operands(count):
                if not all(domain.holds(*operands, *parameters) for domain in operator.domain):
                    continue
                piece = operator.piece(operands, parameters)
                key = (count, piece and (piece[0].name, piece[0].boundary))
                if key not in seen and not (
                    piece and isinstance(piece[0].name, int) and piece[0].name > 3
                ):
                    seen.add(key)
                    yield parameters, operands, piece


def _operands(count: int) -> Iterator[tuple[Fraction, ...]]:
    if count <= 2:
        yield from product(POINTS, repeat=count)
    else:
        yield tuple(POINTS[i % len(POINTS)] for i in range(count))


def _entry(
    prover: Prover,
    operator: Operator,
    parameters: tuple[Any, ...],
    operands: tuple[Fraction, ...],
    piece: tuple[Piece, ...],
) -> Entry:
    label = ", ".join([f"x{i + 1}" for i in range(min(len(operands), 3))])
    label += ", …" if len(operands) > 3 else ""
    choices = [
        f"{p.name} {value}" for p, value in zip(operator.parameters, parameters, strict=True)
    ]
    choices += [str(piece[0].name) + (", boundary" if piece[0].boundary else "")] if piece else []
    described = f"({label})" + (f": {', '.join(choices)}" if choices else "")
    leaves = [
        # An exponent that is a node has no rational derivative, so it is held constant here.
        Scalar.constant(value)
        if operator.name == "power" and i == 1
        else Scalar(value, f"x{i + 1}")
        for i, value in enumerate(operands)
    ]
    root = apply(operator, leaves, parameters)
    root.backward()
    report = prover.verify(root)
    inner = [entry for entry in report.entries if entry.operator == ""]
    bad = next(
        (e for e in report.entries if e.verdict is worst(e.verdict for e in report.entries)), None
    )
    assert bad is not None
    return Entry(
        label=described,
        verdict=report.verdict,
        proof=bad.proof,
        operator=operator.name,
        value=root.data,
        gradient=None,
        derivative="; ".join(entry.derivative for entry in inner[:3])
        + ("; …" if len(inner) > 3 else ""),
        difference=bad.difference,
        blame=bad.blame,
        message=bad.message,
        point=report.points[0],
    )
