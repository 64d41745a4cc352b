"""Proof of gradients: the same graph in SymPy, and equality at every node.

    >>> from minigrad import Scalar
    >>> from minigrad.verify import verify
    >>> a = Scalar(3.1, "a"); b = Scalar(4.2, "b")
    >>> g = 10 / (a * b / (a + b))
    >>> g.backward()
    >>> verify(g).ok
    True

`check_gradient` and its kin do so for a hand-written derivative of a function, for all of its inputs.
`python -m minigrad.verify` does both for a set of cases; `case` defines them.
"""

from minigrad.verify.cases import case
from minigrad.verify.check import (
    check_gradient,
    check_hessian,
    check_hvp,
    check_jacobian,
    check_jvp,
    check_vjp,
)
from minigrad.verify.proof import verify
from minigrad.verify.report import Entry, Report, Verdict

__all__ = [
    "Entry",
    "Report",
    "Verdict",
    "case",
    "check_gradient",
    "check_hessian",
    "check_hvp",
    "check_jacobian",
    "check_jvp",
    "check_vjp",
    "verify",
]
