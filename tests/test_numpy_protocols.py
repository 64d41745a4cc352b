"""What NumPy's protocols need to know without NumPy; test_scalar_numpy has what they give."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from minigrad.numpy_protocols import is_array


@pytest.mark.parametrize("value", [np.zeros(2), np.zeros((0, 3)), np.array(1.0), np.array([None])])
def test_an_array_is_one(value: Any) -> None:
    assert is_array(value)


@pytest.mark.parametrize(
    "value", [1, 1.0, np.float32(1), np.int64(1), np.bool_(True), [1], "a", None]
)
def test_a_number_or_a_list_is_none(value: Any) -> None:
    assert not is_array(value)


def test_numpy_is_not_imported() -> None:
    code = (
        "import sys, minigrad.numpy_protocols as p; print(p.is_array([1]), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]
