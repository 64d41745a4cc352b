"""Programs as they were before anybody called them, where calls leave something behind.

    >>> class Square:
    ...     def forward(self, x):
    ...         self.saved = x
    ...         return x * x
    ...     def backward(self, x):
    ...         return 2 * self.saved
    >>> from minigrad.verify import check_gradient
    >>> square = Square()
    >>> check_gradient(square.forward, square.backward).ok
    True

Layers keep what their backward pass needs, and objectives what they have computed for the argument at
hand, as SciPy's `MemoizeJac` does. What such a program returns depends on the calls before. So it is
copied before its first call, with all that it can reach and write into, and each run is made with a copy
of that copy, which is called elsewhere first: of the function, and right after it of the derivative, on
the same arguments, as an optimiser calls them. What they keep must not be seen: where a call makes a
difference to the next one on other numbers, as a counter does, the check is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from minigrad.rebound import Rebinding
from minigrad.verify.claims import Claim

__all__ = ["Untouched"]

_Pair: TypeAlias = tuple[Callable[..., Any], Callable[..., Any]]


class Untouched:
    """Both programs of a claim, copied before they are called."""

    def __init__(self, programs: _Pair) -> None:
        self._programs = programs

    @classmethod
    def of(cls, claim: Claim) -> Untouched | None:
        """Copies of a claim's programs; None where they cannot be copied."""
        try:
            return cls(_copied((claim.function, claim.derivative), {}, None))
        except RecursionError:  # objects within objects
            return None

    def renewed(
        self,
        claim: Claim,
        modules: Mapping[Any, Any] | None = None,
        data: Callable[[Any], Any] | None = None,
    ) -> Claim:
        """The claim about programs that are copied anew for each run, as `Rebinding` copies them."""
        renewed = partial(_copied, self._programs, modules or {}, data)
        return replace(claim, keeps_state=True, renewed=renewed)


def _copied(
    programs: _Pair, modules: Mapping[Any, Any], data: Callable[[Any], Any] | None
) -> _Pair:
    copies = Rebinding(modules, data, is_apart=True)
    function, derivative = map(copies.of, programs)
    return function, derivative
