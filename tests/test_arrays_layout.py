"""The names of the tables are NumPy's, and NumPy is imported late."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from minigrad.exact_numpy.functions import EXACT


def test_numpy_is_imported_when_the_first_array_is_made() -> None:
    code = "import sys, minigrad.arrays; print('numpy' in sys.modules); minigrad.arrays.array([1]); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("name", EXACT)
def test_every_name_of_the_table_is_numpys(name: str) -> None:
    later = {
        "concat",
        "cumulative_prod",
        "cumulative_sum",
        "matrix_transpose",
        "unstack",
        "row_stack",
        "fix",
    }
    found: Any = np
    for part in name.split("."):
        found = getattr(found, part, None)
    assert callable(found) or name in later or name.startswith("linalg.")


def test_the_class_is_an_attribute_of_the_module() -> None:
    import minigrad.arrays

    assert issubclass(minigrad.arrays.Array, np.ndarray)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = minigrad.arrays.nothing
