"""Proof of gradients: the same graph in SymPy, and equality at every node.

    >>> from minigrad import Scalar
    >>> from minigrad.verify import verify
    >>> a = Scalar(3.1, "a"); b = Scalar(4.2, "b")
    >>> g = 10 / (a * b / (a + b))
    >>> g.backward()
    >>> verify(g).ok
    True

`python -m minigrad.verify` does so for a set of cases; `case` defines them.
"""

from minigrad.verify.cases import case
from minigrad.verify.proof import verify
from minigrad.verify.report import Entry, Report, Verdict

__all__ = ["Entry", "Report", "Verdict", "case", "verify"]
