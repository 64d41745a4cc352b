"""Numbers that a program looks up, in sets and tables wherever they stand: each is looked at."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import pytest

from minigrad.verify import Verdict, check_gradient

pytest.importorskip("numpy")

SETTINGS = types.SimpleNamespace(special={0.5, 3.25})
MODULE = types.ModuleType("settings")
vars(MODULE)["special"] = {0.5, 3.25}


@pytest.mark.parametrize("holder", ["MODULE", "SETTINGS"])
def test_sets_of_modules_and_namespaces_are_looked_up(holder: str) -> None:
    gradients = {
        "MODULE": lambda x: 0 if x in MODULE.special else 3 * x * x,
        "SETTINGS": lambda x: 0 if x in SETTINGS.special else 3 * x * x,
    }
    assert check_gradient(lambda x: x**3, gradients[holder]).verdict is Verdict.REFUTED


class WithSets:
    special = frozenset({11.5})

    def __init__(self) -> None:
        self.skipped = {3.25}
        self.table = {3.25: 0.0}

    def by_attribute(self, x: Any) -> Any:
        return 0 if x in self.skipped else 3 * x * x

    def by_table(self, x: Any) -> Any:
        return self.table.get(x, 3 * x * x)

    def by_class(self, x: Any) -> Any:
        return 0 if x in WithSets.special else 3 * x * x


@pytest.mark.parametrize("name", ["by_attribute", "by_table", "by_class"])
def test_sets_that_are_attributes_are_looked_up(name: str) -> None:
    report = check_gradient(lambda x: x**3, getattr(WithSets(), name))
    assert report.verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (lambda x: x if x > 0 else 0.0, lambda x: 1 if x > 0 else 7),
        (lambda x: x * x if x != 0 else 0.0, lambda x: 2 * x if x != 0 else 7),
        (lambda x: 3.0 if x < 10 else x, lambda x: 0 if x > -10 else 7),
    ],
)
def test_a_constant_of_the_function_itself_is_looked_at(
    function: Callable[[Any], Any], gradient: Callable[[Any], Any]
) -> None:
    def printing(x: Any) -> Any:
        print(x)
        return function(x) if {x: 1} else x

    assert check_gradient(printing, gradient).verdict is Verdict.REFUTED
