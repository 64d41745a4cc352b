"""Whether components of a gradient that are each allowed at a boundary make a gradient together.

max(x, y) at a tie has the partial derivatives 0 and 1 on either side, and yet (1, 1) is no gradient of
it: moved together, both move it by 1 and not by 2. So a gradient is held to the derivatives along several
directions as well, which are found as `verify.edges` finds the others. That can refute what each
component is allowed, and may show that partial derivatives make no derivative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad.number import ONE, ZERO
from minigrad.number_text import short_text
from minigrad.rational import OutOfBudget
from minigrad.verify.beside import Edge
from minigrad.verify.components import rounded_away
from minigrad.verify.edges import gradients_around, sums_beside
from minigrad.verify.nearly import Rounding
from minigrad.verify.onesided import OneSided, side_text
from minigrad.verify.report import Entry, Verdict

__all__ = ["Vector", "as_a_whole"]

_SHOWN: Final = 6
"""Components of a direction that are shown."""


class Vector(NamedTuple):
    """The components of one gradient: their verdicts, their one-sided derivatives, and of which sum of
    the outputs it is, by the weights of these.
    """

    entries: list[Entry]
    sides: Sequence[OneSided]
    weights: Sequence[Fraction]

    @property
    def is_smooth(self) -> bool:
        """Whether each component has a derivative."""
        return all(side.left is not None and side.left == side.right for side in self.sides)

    @property
    def is_judged(self) -> bool:
        """Whether each component is given and has a verdict that the others may change."""
        smooth = self.is_smooth
        good = (Verdict.PROVED, Verdict.REFUTED) if smooth else (Verdict.PROVED, Verdict.KINK)
        return all(e.gradient is not None and e.verdict in good for e in self.entries)

    @property
    def may_hold_near_by(self) -> bool:
        """Whether some components are wrong by themselves, and others right or a choice at a kink."""
        refuted = [entry.verdict is Verdict.REFUTED for entry in self.entries]
        given = all(entry.gradient is not None for entry in self.entries)
        return given and not self.is_smooth and any(refuted) and not all(refuted)


def as_a_whole(edge: Edge, vector: Vector, rounding: Rounding, *, own: bool) -> list[Entry]:
    """The entries of `vector`, with the verdicts that the derivatives along several components give.

    `own`, minigrad's convention, is only asked whether there is a derivative that its components are the
    partial derivatives of.
    """
    entries, sides, weights = vector
    if vector.may_hold_near_by:
        return _held_near_by(edge, vector, rounding)
    if len(entries) < 2 or not vector.is_judged or (own and not vector.is_smooth):
        return entries
    around: list[list[Fraction]] | None = None
    for signs in _directions(vector):
        try:
            along, sums = sums_beside(edge, sides, signs, weights)
        except OutOfBudget as reason:
            return [_not_known(entry, signs, reason) for entry in entries]
        total = _sum_along(signs, [entry.gradient for entry in entries])
        if vector.is_smooth:
            partials = _sum_along(signs, [side.left for side in sides])
            if not along.left == along.right == partials:
                return _without_derivative(edge, vector, signs, along)
        elif (
            sums
            and not _is_between(sums, total)
            and not rounding.explains(edge.sample.given, total, sums)
        ):
            # Where a kink lies within another, gradients that hold near by add up to more.
            if around is None:
                try:
                    around = gradients_around(edge, weights)
                except OutOfBudget as reason:
                    return [_not_known(entry, signs, reason) for entry in entries]
            near = [_sum_along(signs, gradient) for gradient in around]
            if not _is_between([*sums, *near], total):
                return [_no_gradient(entry, signs, total, sums) for entry in entries]
    return entries


def _held_near_by(edge: Edge, vector: Vector, rounding: Rounding) -> list[Entry]:
    """The entries, kinks where all of them together are the gradient in a region next to the point.

    The derivative of relu(x - |y|) by y alone is 0 at 0, and -1 where x > y > 0.
    """
    given = [entry.gradient for entry in vector.entries]
    try:
        around = gradients_around(edge, vector.weights)
    except OutOfBudget as reason:
        says = f"whether that holds in a region near by was not found: {reason}"
        return [_open(entry, says) for entry in vector.entries]
    if given in around:
        held = _held
    elif any(_is_rounded_to_all(edge, rounding, given, gradient) for gradient in around):
        held = _nearly_held
    else:
        return vector.entries
    return [held(e) if e.verdict is Verdict.REFUTED else e for e in vector.entries]


def _open(entry: Entry, says: str) -> Entry:
    """`entry`, undecided where it was refuted by itself."""
    if entry.verdict is not Verdict.REFUTED:
        return entry
    message = f"{entry.message}; {says}"
    return replace(entry, verdict=Verdict.UNDECIDED, message=message, blame=None, difference=None)


def _held(entry: Entry) -> Entry:
    says = f"{entry.message}, that of a region near by"
    return replace(entry, verdict=Verdict.KINK, message=says, blame=None, difference=None)


def _nearly_held(entry: Entry) -> Entry:
    says = f"{entry.message}, that of a region near by up to the rounding of floats"
    return rounded_away(entry, says)


def _sum_along(signs: Sequence[int], numbers: Sequence[Any]) -> Any:
    return sum([sign * x for sign, x in zip(signs, numbers, strict=True) if x], ZERO)


def _without_derivative(
    edge: Edge, vector: Vector, signs: Sequence[int], along: OneSided
) -> list[Entry]:
    """The entries where partial derivatives make no derivative: kinks, but for a number that is neither
    that nor between those that hold near by, as the selection of a median is.
    """
    says = (
        f"the partial derivatives do not make a derivative: along {_text(signs)} it is "
        f"{side_text(along.left)} from the left and {side_text(along.right)} from the right"
    )
    try:
        around = gradients_around(edge, vector.weights)
    except OutOfBudget as reason:
        why = f"what holds in regions near by was not found: {reason}"
        return [
            replace(entry, verdict=Verdict.KINK, message=says)
            if entry.verdict is Verdict.PROVED
            else _open(entry, why)
            for entry in vector.entries
        ]
    total = _sum_along(signs, [entry.gradient for entry in vector.entries])
    sums = [side for side in along if side is not None]
    if not _is_between([*sums, *[_sum_along(signs, gradient) for gradient in around]], total):
        around = []
    return [
        replace(entry, verdict=Verdict.KINK, message=says, blame=None, difference=None)
        if entry.verdict is Verdict.PROVED
        or _is_between([gradient[k] for gradient in around], entry.gradient)
        else entry
        for k, entry in enumerate(vector.entries)
    ]


def _not_known(entry: Entry, signs: Sequence[int], reason: OutOfBudget) -> Entry:
    """`entry`, undecided where it was right or allowed by itself: there it was not looked at."""
    if entry.verdict not in (Verdict.PROVED, Verdict.KINK):
        return entry
    says = f"whether it is a derivative along {_text(signs)} was not found: {reason}"
    message = "; ".join(filter(None, (entry.message, says)))
    return replace(entry, verdict=Verdict.UNDECIDED, message=message)


def _no_gradient(
    entry: Entry, signs: Sequence[int], total: Fraction, sums: Sequence[Fraction]
) -> Entry:
    """`entry`, refuted where it was allowed by itself."""
    if entry.verdict is not Verdict.KINK:
        return entry
    low, high = min(sums), max(sums)
    known = short_text(low) if low == high else f"{short_text(low)} to {short_text(high)}"
    way = _text(signs)
    says = f"the derivative along {way} is {known}, the gradient gives {short_text(total)}"
    return replace(
        entry,
        verdict=Verdict.REFUTED,
        message=f"{entry.message}; {says}",
        blame=f"the gradient along {way}",
        difference=short_text(total - (low if total < low else high)),
    )


def _directions(vector: Vector) -> Iterator[tuple[int, ...]]:
    """Along which signs a gradient is held to its derivative: all alike, those of its components, and
    those that the components would have between the sides.

    max(x, -y) moves with x - y and not at all with x + y.
    """
    found = [entry.gradient or ZERO for entry in vector.entries]
    middle = [sum([x for x in side if x is not None], ZERO) for side in vector.sides]
    yield from dict.fromkeys(
        tuple([-1 if x < 0 else 1 for x in numbers])
        for numbers in ([ONE] * len(found), found, middle)
    )


def _text(signs: Sequence[int]) -> str:
    """Signs as a vector, in a sentence."""
    if set(signs) == {1}:
        return "(1, …, 1)"
    return f"({', '.join(map(str, signs[:_SHOWN]))}{', …' * (len(signs) > _SHOWN)})"


def _is_between(numbers: Sequence[Any], found: Any) -> bool:
    return bool(numbers) and bool(min(numbers) <= found <= max(numbers))


def _is_rounded_to_all(
    edge: Edge,
    rounding: Rounding,
    found: Sequence[Fraction | None],
    numbers: Sequence[Fraction],
) -> bool:
    pairs = zip(found, numbers, strict=True)
    given = edge.sample.given
    return all(x == number or rounding.explains(given, x, [number]) for x, number in pairs)
