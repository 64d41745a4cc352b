from __future__ import annotations

import os
import re
import subprocess
import sys
from types import ModuleType

import pytest

import minigrad
from minigrad.backing import ENVIRONMENT


def run(code: str) -> str:
    """What a fresh interpreter prints, the arithmetic of which is our own."""
    environment = {**os.environ, ENVIRONMENT: "python"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stderr == ""
    return done.stdout


HEAVY = ["sympy", "numpy", "flint", "gmpy2", "mpmath", "hypothesis", "minigrad.verify"]


def test_importing_minigrad_imports_nothing_heavy() -> None:
    code = f"""
import sys
import minigrad
x = minigrad.Scalar(3.1, "x")
(x * x).backward()
minigrad.from_json(minigrad.to_json(x / 2))
print([name for name in {HEAVY} if name in sys.modules])
"""
    assert run(code) == "[]\n"


@pytest.mark.parametrize("name", minigrad.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(minigrad, name) is not None


def test_public_names_are_sorted_and_unique() -> None:
    def key(name: str) -> list[str | int]:
        """As a person sorts: log2 before log10."""
        return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]

    assert list(minigrad.__all__) == sorted(set(minigrad.__all__), key=key)


def test_a_star_import_gives_the_public_names() -> None:
    namespace: dict[str, object] = {}
    exec("from minigrad import *", namespace)
    assert namespace.keys() - {"__builtins__"} == set(minigrad.__all__)


@pytest.mark.parametrize("name", minigrad._LAZY)
def test_heavy_modules_are_imported_on_first_use(name: str) -> None:
    module = getattr(minigrad, name)
    assert isinstance(module, ModuleType)
    assert module.__name__ == f"minigrad.{name}"


def test_other_attributes_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="'minigrad' has no attribute 'nothing'"):
        minigrad.nothing  # noqa: B018 - to read it raises


def test_the_version_is_a_version() -> None:
    assert [part.isdecimal() for part in minigrad.__version__.split(".")] == [True] * 3
