"""Elements of another class, as a run under watch has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_functions import INFIXES, MATRIX, ONE, OTHER, TWO, VECTOR, as_list

from minigrad.arrays import array, grads, values
from minigrad.errors import ExactnessLost


def traced(point: Any) -> tuple[Any, Any]:
    trace = pytest.importorskip("minigrad.trace").Trace()
    result = np.empty(np.shape(point), dtype=object)
    for place, item in np.ndenumerate(point):
        result[place] = trace.leaf(item)
    return trace, array(result)


@pytest.mark.parametrize("name", ONE)
def test_no_function_leaves_exact_arithmetic_or_the_class(name: str) -> None:
    """The trace records a leak before it raises; it sees comparisons only where NumPy makes some."""
    trace, x = traced(MATRIX)
    results = as_list(ONE[name](x))
    assert trace.leaks == []
    known = {"np.zeros_like", "np.sign", "norm 0"}
    if name not in known:
        nodes = [node for result in results for node in np.asarray(result).flat]
        assert any(isinstance(node, type(x[0, 0])) for node in nodes)


@pytest.mark.parametrize(
    "name", [*INFIXES, "np.maximum", "np.dot", "np.vdot", "np.matmul", "np.einsum", "np.concatenate", "np.outer"]
)  # fmt: skip
def test_arithmetic_makes_no_comparison(name: str) -> None:
    trace, x = traced(VECTOR)
    TWO[name](x, OTHER)
    TWO[name](OTHER, x)
    # Outside a run there may be a handler: then divisors were compared with 0.
    assert [c for c in trace.comparisons if not c.at_end] == []
    assert trace.leaks == []


def test_comparisons_are_recorded_at_the_programs_line() -> None:
    trace, x = traced([1, 2])
    np.where(x > 1, x, 0)
    assert [(comparison.relation, comparison.holds) for comparison in trace.comparisons] == [
        (">", False),
        (">", True),
    ]
    assert {comparison.place.file for comparison in trace.comparisons} == {__file__}
    np.any(x)
    assert trace.comparisons[-1].relation == "!="


def test_computed_floats_beside_an_array_are_noted() -> None:
    trace, x = traced([1, 2])
    x * (1 / 3) + np.array([2 / 3, 0.5])
    assert [rounded.text for rounded in trace.rounded] == [
        "0.3333333333333333",
        "0.6666666666666666",
    ]


def test_values_of_a_run_under_watch_are_refused() -> None:
    trace, x = traced([1, 2])
    for read in (values, grads):
        with pytest.raises(ExactnessLost, match="no gradient"):
            read(x)
    # A program may swallow the error, and is found out all the same.
    assert [leak.by for leak in trace.leaks] == ["minigrad.values()", "minigrad.grads()"]
