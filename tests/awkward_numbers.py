"""Numbers that do not print as one expects."""

from __future__ import annotations

from fractions import Fraction

SEVENS = Fraction(7 * (10**5000 - 1), 9)
"""The number that is written as five thousand sevens, more than `str` of an int prints."""


class Shouting(float):
    def __repr__(self) -> str:
        return "LOUD"
