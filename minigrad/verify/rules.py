"""The operator table itself under proof: every entry, on every piece, at easy points and at hard ones.

Each operator is applied to symbols at points that reach all of its pieces, boundaries included, and
both proofs are run on what comes out. Which piece holds is no formula but a choice among numbers, so
it is compared with SymPy's conditions at every point. This needs no case and nothing installed
besides minigrad.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, Final

from minigrad.errors import TooLarge
from minigrad.number import ONE
from minigrad.operators import OPERATORS, Operator, Piece
from minigrad.scalar import Scalar, apply
from minigrad.verify.chain import prove
from minigrad.verify.proof import Prover
from minigrad.verify.report import Entry, Report, Verdict, worst
from minigrad.verify.symbolic import Graph

__all__ = ["POINTS", "verify_rules"]

POINTS: Final = tuple(
    Fraction(text)
    for text in ("2", "-3", "1/2", "-7/3", "0", "1", "-1", "5/2", "5", "1/20", "1e30", "-1e-30")
)
_COUNTS: Final = (1, 2, 3, 12)
"""Numbers of operands tried where any number is allowed, in units of the operator's width."""


def verify_rules(prover: Prover, operators: Mapping[str, Operator] = OPERATORS) -> Report:
    """A Report with an entry for each operator, choice of its parameters, and piece."""
    entries = [
        _entry(prover, operator, parameters, operands, piece)
        for operator in operators.values()
        for parameters, operands, piece in _situations(prover, operator)
    ]
    return Report(tuple(entries), "operator rules")


def _situations(
    prover: Prover, operator: Operator
) -> Iterator[tuple[tuple[Any, ...], tuple[Fraction, ...], tuple[Piece, ...]]]:
    """Parameters and operands that lead to each piece of `operator`, the first found for each.

    And the first at which `operator` takes a piece that does not hold there.
    """
    counts = (
        [operator.arity] if operator.arity is not None else [operator.width * n for n in _COUNTS]
    )
    for parameters in product(*(parameter.samples for parameter in operator.parameters)):
        seen: set[tuple[Any, ...]] = set()
        for count in counts:
            for operands in _operands(count):
                if not all(domain.holds(*operands, *parameters) for domain in operator.domain):
                    continue
                piece = operator.piece(operands, parameters)
                key: tuple[Any, ...] = (count, piece and (piece[0].name, piece[0].boundary))
                wrong = (count, "wrong")
                if (
                    piece
                    and wrong not in seen
                    and _is_wrong(prover, operator, parameters, operands)
                ):
                    key = wrong
                elif piece and isinstance(piece[0].name, int) and piece[0].name > 3:
                    continue
                if key not in seen:
                    seen.add(key)
                    yield parameters, operands, piece


def _is_wrong(
    prover: Prover,
    operator: Operator,
    parameters: tuple[Any, ...],
    operands: tuple[Fraction, ...],
) -> bool:
    """Whether piece or value are not SymPy's at these operands."""
    try:
        root = _applied(operator, operands, parameters)
    except TooLarge:
        return False
    except Exception:
        return True
    return bool(prove(Graph(root), prover.rules, ONE, checks=("values",)).faults)


def _applied(
    operator: Operator,
    operands: tuple[Fraction, ...],
    parameters: tuple[Any, ...],
    constant: tuple[int, ...] = (),
) -> Scalar:
    leaves = [
        Scalar.constant(value) if i in constant else Scalar(value, f"x{i + 1}")
        for i, value in enumerate(operands)
    ]
    return apply(operator, leaves, parameters)


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
    try:
        root = _applied(operator, operands, parameters)
    except Exception as error:
        says = f"{operator.name} raised {type(error).__name__} inside its domain: {error}"
        blame = f"operator {operator.name}"
        return Entry(described, Verdict.REFUTED, operator=operator.name, blame=blame, message=says)
    report = prover.verify(root)
    unavailable = prover.rules.find(operator, parameters, piece, len(operands)).form.unavailable
    if unavailable and report.verdict is not Verdict.REFUTED:
        # No number is claimed for these derivatives, as is right; the others are to be proved.
        report = prover.verify(_applied(operator, operands, parameters, constant=unavailable))
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
        value=root._datum,
        gradient=None,
        derivative="; ".join(entry.derivative for entry in inner[:3])
        + ("; …" if len(inner) > 3 else ""),
        difference=bad.difference,
        blame=bad.blame,
        message=bad.message,
        point=report.points[0],
    )
