"""The house stands: each floor imports only floors below it, and nothing below the window needs Qt."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import graphlab

PACKAGE = Path(graphlab.__file__).parent
FLOORS = ("errors", "ops", "graph", "data", "engine", "io", "lab", "ui", "cli")  # lowest first
GROUND = {"errors", "resources", "writing"}  # what every floor may use
QT = {"PySide6", "shiboken6", "pyqtgraph"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "resources" not in path.parts)


class Import(NamedTuple):
    module: str  # absolute dotted name
    line: int
    at_top: bool  # runs when the file is imported


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, also inside functions; those for type checking alone are not at the top."""
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    yield from found(ast.parse(path.read_text(encoding="utf-8")), package, at_top=True)


def found(tree: ast.AST, package: list[str], at_top: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, at_top) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            yield from (Import(".".join([*base, alias.name]), node.lineno, at_top) for alias in node.names)
        else:
            deferred = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or is_type_checking(node)
            yield from found(node, package, at_top and not deferred)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def floor_of(module: str) -> str:
    """From "graphlab.ops.base.Op" the floor "ops"; "" for the facade, and for what is taken from it."""
    parts = module.split(".")
    known = len(parts) > 1 and ((PACKAGE / parts[1]).is_dir() or (PACKAGE / f"{parts[1]}.py").is_file())
    return parts[1] if known else ""


def modules_below_ui() -> list[str]:
    return [name_of(path) for path in MODULES if floor_of(name_of(path)) not in ("ui", "cli")]


@functools.cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Those of a file of the package, read once for all tests."""
    return tuple(imports(path))


def wrong(is_wrong: Callable[[Import], bool], floors_left_out: Container[str] = ()) -> list[str]:
    """Where the package imports what it should not, leaving out the floors that may."""
    return [
        f"{name_of(path)}, line {used.line}, imports {used.module}"
        for path in MODULES
        if floor_of(name_of(path)) not in floors_left_out
        for used in imports_of(path)
        if is_wrong(used)
    ]


def allowed_in(floor: str) -> set[str]:
    height = FLOORS.index(floor) if floor in FLOORS else 0
    return GROUND | set(FLOORS[: height + 1]) | ({""} if floor in ("ui", "cli") else set())


def test_every_module_stands_on_a_floor():
    floors = {floor_of(name_of(path)) for path in MODULES} - {""}  # the facade shows every floor
    assert floors <= GROUND | set(FLOORS), "add it to FLOORS and ARCHITECTURE.md"


@pytest.mark.parametrize("floor", [*FLOORS, *sorted(GROUND - set(FLOORS))])
def test_a_floor_imports_only_lower_floors(floor):
    others = {floor_of(name_of(path)) for path in MODULES} - {floor}
    allowed = allowed_in(floor)

    def is_above(used: Import) -> bool:
        return used.module.split(".")[0] == "graphlab" and floor_of(used.module) not in allowed

    assert wrong(is_above, others) == []


def test_qt_is_imported_under_ui_only():
    assert wrong(lambda used: used.module.split(".")[0] in QT, {"ui"}) == []


def test_the_window_is_opened_lazily_from_outside_ui():
    assert wrong(lambda used: used.at_top and floor_of(used.module) == "ui", {"ui"}) == []


def test_networkx_is_imported_lazily():
    assert wrong(lambda used: used.at_top and used.module.startswith("networkx")) == []


def test_no_file_grows_beyond_five_hundred_lines():
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > 500} == {}


BELOW_UI = """
import importlib, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {qt!r}:
            raise ImportError(name + " is not to be imported here")

sys.meta_path.insert(0, NoQt())
for module in {modules!r}:
    importlib.import_module(module)
import graphlab
graphlab.data.xor()
"""


def test_everything_below_the_window_works_where_qt_cannot_be_imported():
    script = BELOW_UI.format(qt=QT, modules=modules_below_ui())
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_importing_graphlab_loads_neither_qt_nor_networkx():
    script = f"import sys, graphlab; print(sorted({{*{QT!r}, 'networkx', 'torch'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_scan_sees_imports_inside_functions_and_relative_ones(tmp_path, monkeypatch):
    """The tests above prove nothing if `imports` overlooks something."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "graphlab")
    path = tmp_path / "graphlab" / "ops" / "probe.py"
    path.parent.mkdir(parents=True)
    path.write_text("from ..ui import window\nfrom . import base\ndef f():\n    import PySide6.QtCore\n")
    assert list(imports(path)) == [
        Import("graphlab.ui.window", 1, True),
        Import("graphlab.ops.base", 2, True),
        Import("PySide6.QtCore", 4, False),
    ]
