"""What a node has of NumPy's numbers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from minigrad import InvalidOperand, Scalar, array  # noqa: E402 - after what may skip
from minigrad.arrays import Array  # noqa: E402 - after what may skip
from minigrad.single import Single  # noqa: E402 - after what may skip
from minigrad.verify import check_gradient  # noqa: E402 - after what may skip
from minigrad.verify.report import Verdict  # noqa: E402 - after what may skip

NUMBERS: dict[str, Callable[[Any], Any]] = {
    "astype": lambda x: x.astype(float),
    "astype float32": lambda x: x.astype(np.float32, copy=False),
    "clip": lambda x: x.clip(0, 2),
    "clip named": lambda x: x.clip(max=4),
    "conj": lambda x: x.conj(),
    "conjugate": lambda x: x.conjugate(),
    "copy": lambda x: x.copy(),
    "imag": lambda x: x + x.imag,
    "item": lambda x: x.item(),
    "max": lambda x: x.max(),
    "mean": lambda x: x.mean(),
    "mean keepdims": lambda x: x.mean(axis=None, keepdims=True),
    "min": lambda x: x.min(),
    "real": lambda x: x.real,
    "round": lambda x: x.round(1),
    "squeeze": lambda x: x.squeeze(),
    "sum": lambda x: x.sum(),
    "tolist": lambda x: x.tolist(),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_node_comes_out_that_has_numpys_value(name: str) -> None:
    x, function = Scalar(2.75, "x"), NUMBERS[name]
    found, expected = function(x), function(np.float64(2.75))
    assert type(found) is Scalar
    assert np.shape(expected) == ()
    assert float(found) == expected
    found.backward()
    assert x.grad == (0 if name in ("clip", "round") else 1)


def test_all_of_it_is_tried_and_numpys_own() -> None:
    names = {name for name in dir(Single) if not name.startswith("_")}
    assert names == {name.split()[0] for name in NUMBERS} | {"dtype", "ndim", "shape", "size"}
    assert all(hasattr(np.float64(1), name) for name in names)


def test_it_is_an_array_without_axes() -> None:
    x, expected = Scalar(2), np.float64(2)
    assert (x.ndim, x.shape, x.size) == (expected.ndim, expected.shape, expected.size)
    assert x.dtype == array(x).dtype == object
    assert np.zeros(2, dtype=x.dtype).dtype == object
    with pytest.raises(AttributeError):
        x.trace()  # type: ignore[attr-defined]  # it has none


def test_what_arrays_refuse_is_refused() -> None:
    x = Scalar(2)
    with pytest.raises(InvalidOperand, match="expected dtype to be float"):
        x.astype(int)
    with pytest.raises(InvalidOperand, match="expected dtype to be float"):
        x.sum(dtype=int)
    with pytest.raises(np.exceptions.AxisError):
        x.sum(axis=1)
    assert isinstance(x.astype(bool), np.bool_)
    assert x.astype(object) is x


def test_numpy_makes_of_nodes_what_it_made_before() -> None:
    x, y = Scalar(2, "x"), Scalar(3, "y")
    for made in (np.array([x, y]), np.asarray([x, y]), np.array([[x], [y]])[:, 0]):
        assert (type(made), made.dtype, made.shape) == (np.ndarray, object, (2,))
        assert (made[0] is x, made[1] is y) == (True, True)
    assert np.array(x).shape == ()
    assert np.array(x)[()] is x
    assert isinstance(np.array([x, y]) * np.array([1.0, 2.0]), np.ndarray)
    masked = np.ma.array([x, y], mask=[False, True])
    assert masked.compressed()[0] is x
    assert (masked * 2)[0].data == 4
    assert np.sum([x, y], initial=0) == 5
    assert isinstance(np.sum(array([x, y]), keepdims=True), Array)


def test_programs_ask_a_number_of_numpys_for_it() -> None:
    def loss(w: Any) -> Any:
        found = (w @ w).item() + np.mean(w).astype(float) + w.sum().real
        assert (found.ndim, found.shape, found.size) == (0, (), 1)
        return found.sum().mean().copy()

    def gradient(w: Any) -> Any:
        return 2 * w + np.float64(1.5)

    assert check_gradient(loss, gradient, shape=[2]).verdict is Verdict.PROVED
    wrong = check_gradient(loss, lambda w: 2 * w + 1, shape=[2])
    assert {entry.difference for entry in wrong.entries} == {"-1/2"}


def test_only_what_arrays_compute_imports_numpy() -> None:
    code = (
        "import sys; from minigrad import Scalar; x = Scalar(2); "
        "print(x.item() is x.real is x.copy(), x.ndim, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["True", "0", "False"]
    assert Scalar(2).imag.data == Fraction(0)


def test_without_numpy_there_is_no_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert not hasattr(Scalar(1), "dtype")
    assert Scalar(1).shape == ()
