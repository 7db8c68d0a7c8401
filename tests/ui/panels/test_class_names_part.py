"""The inspector's part for the names of classes: typed, from a file, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.inspector.class_names_part import ClassNamesPart
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session


@pytest.fixture
def panel(qtbot: Any) -> Iterator[InspectorPanel]:
    graph = Graph()
    graph.add("Dataset", name="irises", dataset="iris")
    graph.add("Text", name="line")
    session = Session(Graph(graph.document), engine=False)
    made = InspectorPanel(session)
    qtbot.addWidget(made)
    made.resize(320, 900)
    made.show()
    session.select([session.document.node("irises").id])
    yield made
    session.close()


def called(part: ClassNamesPart) -> tuple[str, ...]:
    return part._session.document.node("irises").make().called


def test_names_are_typed_and_taken_back(panel: InspectorPanel):
    part = panel.node_page.class_names
    session = part._session
    assert part.isVisible()
    assert part.names.placeholderText() == "setosa, versicolor, virginica"
    part.names.setFocus()
    QTest.keyClicks(part.names, "bristly, motley")
    QTest.keyClick(part.names, Qt.Key.Key_Return)
    assert called(part) == ("bristly", "motley")
    assert part.told.text() == "3 classes, 2 names: the others keep theirs."
    session.graph.undo()
    assert called(part) == ()
    assert part.names.text() == ""
    session.select([session.document.node("line").id])
    assert not part.isVisible()


def test_names_come_from_a_file(panel: InspectorPanel, tmp_path: Path):
    part = panel.node_page.class_names
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\n")
    part.choose = lambda: str(tmp_path / "names.txt")
    QTest.mouseClick(part.from_file, Qt.MouseButton.LeftButton)
    assert called(part) == ("a", "b", "c", "d")
    assert part.told.text() == "3 classes, 4 names: the last ones are left out."
    part.choose = lambda: str(tmp_path / "gone.txt")
    QTest.mouseClick(part.from_file, Qt.MouseButton.LeftButton)
    assert "cannot be read" in part._session.notices[-1].text
    assert called(part) == ("a", "b", "c", "d")
