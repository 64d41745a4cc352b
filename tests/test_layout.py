"""The layout that docs/design.md describes: every module has a row, and imports only rows above it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import minigrad

PACKAGE = Path(minigrad.__file__).parent
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
TESTS = Path(__file__).parent
DESIGN = PACKAGE.parent / "docs" / "design.md"
# The package's own name, and what only re-exports.
DOORS = {"minigrad", "minigrad.exact_numpy", "minigrad.verify"}


def rows() -> list[str]:
    """The modules of the table, in its order."""
    found: list[str] = []
    for line in DESIGN.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            names = re.findall(r"`([\w.]+)`", line.split("|")[1])
            folder = names[0].rpartition(".")[0]
            found += [
                f"minigrad.{folder}{'.' * bool(folder)}{name.rpartition('.')[2]}" for name in names
            ]
    return found


def modules() -> list[str]:
    files = [file for file in PACKAGE.rglob("*.py") if file.name != "__init__.py"]
    return [
        ".".join(("minigrad", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in files
    ]


def imported(module: str) -> set[str]:
    """The modules of the package that `module` imports, anywhere in it."""
    file = PACKAGE.parent / Path(*module.split(".")).with_suffix(".py")
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found & set(modules())


def test_every_module_has_a_row() -> None:
    assert sorted(rows()) == sorted(modules())


def test_modules_import_only_those_above() -> None:
    order = {module: i for i, module in enumerate(rows())}
    upward = {
        (module, other)
        for module in modules()
        for other in imported(module)
        if other not in DOORS and order[other] >= order[module]
    }
    assert upward == set()


def has_tests(file: Path) -> bool:
    """Whether there is a test file of this module, or one for a side of it."""
    name = file.stem.strip("_")
    names = [f"benchmarks_{name}"] if file.parent == BENCHMARKS else [name, f"arrays_{name}"]
    return any(
        found for stem in names for found in TESTS.glob(f"test_{stem}*.py")
        if re.fullmatch(rf"test_{stem}(_\w+)?", found.stem)
    )  # fmt: skip


def test_every_module_has_tests() -> None:
    files = [
        file
        for folder in (PACKAGE, BENCHMARKS)
        for file in folder.rglob("*.py")
        if file.name != "__init__.py" and file != BENCHMARKS / "__main__.py"
    ]
    assert len(files) > 100
    assert [str(file.relative_to(file.parents[1])) for file in files if not has_tests(file)] == []
