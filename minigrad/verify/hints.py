"""Which usual mistake a wrong derivative looks like.

A hint is a guess, put into words, that the exact difference suggests: a sign, a factor, a term that is
missing, another component's formula. It never changes a verdict, and where nothing fits there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from minigrad.closed import Closed
from minigrad.rational import Field, OutOfBudget, RationalFunction
from minigrad.verify.nearly import numerators

__all__ = ["Case", "hint"]

_PLAIN: Final = 1000
"""Factors beyond this are no slip of the pen."""
_COMPARED: Final = 150
"""Terms of a closed form beyond which no mistake is looked for: that takes longer than the proof."""


class Case(NamedTuple):
    """What is known of a component that is wrong.

    `true` and `given` are all components, `k` the one in question, and `labels` their names. `divisors`
    are the numbers that the function divides by, and the derivative's program; `uses` is what each use
    of the variable adds to the derivative, and `columns` how many components a row has, if they form a
    matrix. `text` puts a formula into words.
    """

    field: Field
    true: Sequence[Any]
    given: Sequence[Any]
    k: int
    labels: Sequence[str]
    divisors: tuple[set[Fraction], set[Fraction]]
    uses: Sequence[Any]
    columns: int
    text: Callable[[Any], str]


def hint(case: Case) -> str:
    """The first mistake that explains what is given; empty if none does."""
    true, given = case.true[case.k], case.given[case.k]
    if true is None or given is None:
        return ""
    if any(isinstance(formula, Closed) and formula.size > _COMPARED for formula in (true, given)):
        return ""
    try:
        for guess in (_transposed, _zero, _ratio, _swapped, _accumulation, _chain, _term):
            if says := guess(case, true, given):
                return says
    except OutOfBudget:
        pass
    return ""


def _transposed(case: Case, _true: Any, _given: Any) -> str:
    """Said if all that is given would be right were rows and columns exchanged."""
    count = case.columns
    if count < 2 or len(case.true) != count**2:
        return ""
    for i in range(count):
        for j in range(count):
            given, true = case.given[i * count + j], case.true[j * count + i]
            if given is None or true is None or given != true:
                return ""
    return "the matrix is transposed"


def _zero(_case: Case, true: Any, given: Any) -> str:
    if not given:
        return "is it missing?"
    return "the function does not depend on it" if not true else ""


def _ratio(case: Case, true: Any, given: Any) -> str:
    ratio = _constant(given / true)
    if ratio is None or ratio.denominator > _PLAIN or abs(ratio.numerator) > _PLAIN:
        return ""
    if ratio == -1:
        return "its sign is wrong"
    functions, own = case.divisors
    if ratio > 2 and ratio in functions:
        return f"it is {ratio} times it, and the function divides by {ratio}: a mean is meant?"
    if ratio > 0 and 1 / ratio > 2 and 1 / ratio in own:
        return f"it is divided by {1 / ratio}: a mean where the sum is meant?"
    if ratio.denominator == 1:
        return f"it is {'twice' if ratio == 2 else f'{ratio} times'} the derivative: a factor too many?"
    return f"it is {ratio} of the derivative: a factor {1 / ratio} is missing?"


def _constant(function: Any) -> Fraction | None:
    """The ratio that a function is everywhere, if it is one."""
    if not isinstance(function, RationalFunction):
        return function if isinstance(function, Fraction) else None
    top, bottom = function.terms()
    if len(top) != 1 or len(bottom) != 1 or any(top[0][0]) or any(bottom[0][0]):
        return None
    return Fraction(top[0][1], bottom[0][1])


def _swapped(case: Case, true: Any, given: Any) -> str:
    for j, other in enumerate(case.true):
        if j != case.k and other is not None and given == other:
            return f"it is the derivative by {case.labels[j]}: are components swapped?"
    return ""


def _accumulation(case: Case, true: Any, given: Any) -> str:
    uses = [case.field.element(use) for use in case.uses]
    if len(uses) < 2 or any(use is None for use in uses):
        return ""
    for i, use in enumerate(uses):
        if given == use:
            which = "last" if i == len(uses) - 1 else f"{_ordinal(i + 1)}"
            return f"it is what the {which} of {len(uses)} uses contributes: = where += is meant?"
    for use in uses:
        if use and given == true - use:
            return f"the term {case.text(use)} is missing"
    return ""


def _ordinal(n: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(n, f"{n}th")


def _chain(case: Case, true: Any, given: Any) -> str:
    if not true or _constant(given / true) is not None:
        return ""
    if given == true * true:
        return "it is the square of the derivative"
    missing, extra = true / given, given / true
    for factor, says in (
        (missing, "the factor {} is missing"),
        (extra, "the factor {} is too many"),
    ):
        if _is_short(factor):
            question = ": a chain rule forgotten?" if factor is missing else ""
            return says.format(_in_brackets(case.text(factor))) + question
    return ""


def _is_short(factor: Any) -> bool:
    """Whether a factor is a sum of up to three terms over one; anything else explains nothing."""
    if not isinstance(factor, RationalFunction):
        return isinstance(factor, Closed) and factor.size <= 4 and len(factor.bottom) == 1
    top, bottom = factor.terms()
    return len(bottom) == 1 and not any(bottom[0][0]) and len(top) <= 3


def _in_brackets(text: str) -> str:
    return f"({text})" if " " in text else text


def _term(case: Case, true: Any, given: Any) -> str:
    ours, theirs = numerators(given, true)
    if ours.items() < theirs.items():
        return f"the term {case.text(true - given)} is missing"
    if theirs.items() < ours.items():
        return f"the term {case.text(given - true)} is too many"
    return ""
