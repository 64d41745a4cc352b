"""What a Scalar has that gives its number away: all of it is told to the node of a run."""

from __future__ import annotations

from fractions import Fraction

import pytest

from minigrad import Scalar
from minigrad.errors import ExactnessLost
from minigrad.leaving import BY, members
from minigrad.trace import Trace, Traced


def test_a_run_s_nodes_have_all_of_them():
    found = members()
    assert set(BY) < set(found)
    for name in found:
        assert name in vars(Traced)
        # Those that only floats have are the run's own.
        assert hasattr(Scalar, name) or name in ("as_integer_ratio", "hex")


@pytest.mark.parametrize("name", [name for name, by in BY.items() if by.startswith(".data")])
def test_what_is_read_is_the_scalar_s_own(name):
    trace = Trace(may_read=True)
    x = trace.leaf(Fraction(-7, 2), "x")
    assert getattr(x, name) == getattr(Scalar(Fraction(-7, 2)), name)
    assert [leak.by for leak in trace.leaks] == [f".{name}"]


def test_a_float_is_off_as_the_trace_has_it():
    trace = Trace(may_read=True, off=Fraction(1, 8))
    assert float(trace.leaf(3, "x")) == 3.5
    assert float(trace.leaf(0, "x")) == 0.125
    assert trace.leaf(3, "x").hex() == (3.5).hex()
    with pytest.raises(ExactnessLost):
        float(Trace(off=Fraction(1, 8)).leaf(3, "x"))
