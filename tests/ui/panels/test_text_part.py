"""The inspector of a Text: its file, how it begins, and another file in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab import data
from graphlab.data import store
from graphlab.graph import Graph
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from graphlab.ui.theme import Theme

WORDS = "she sells sea shells\n" * 3


@pytest.fixture
def panel(qtbot: Any) -> Any:
    graph = Graph()
    graph.add("Text", name="t", **data.prose(WORDS, "a.txt", 8))
    session = Session(graph, engine=False)
    made = InspectorPanel(session)
    qtbot.addWidget(made)
    made.resize(320, 900)
    made.show()
    session.select([session.document.node("t").id])
    yield made
    session.close()


def test_it_shows_how_many_characters_there_are_and_the_first(panel: InspectorPanel, each_theme: Theme):
    part = panel.node_page.text
    assert part.isVisible()
    assert not panel.node_page.table.isVisible()
    assert part.file.text() == "a.txt"
    assert part.extent.text() == "63 characters, 7 different: 7 rows of 8"
    assert part.begin.text() == WORDS


def test_another_text_takes_its_place_and_what_was_set_stays(
    panel: InspectorPanel, tmp_path: Path, qtbot: Any
):
    part, session = panel.node_page.text, panel.node_page.text._session
    session.graph.set("t", length=5, predict="next")
    (tmp_path / "b.txt").write_text("1,2\n3,4\n5,6\n")  # a table to others
    part.choose = lambda: str(tmp_path / "b.txt")
    part.replace.setFocus()
    QTest.keyClick(part.replace, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: part.file.text() == "b.txt")
    op = session.document.node("t").make()
    assert (op.alphabet, op.length, op.predict, op.size) == ("\n,123456", 5, "next", 12)
    session.graph.undo()
    assert session.document.node("t").make().file == "a.txt"


def test_a_text_that_is_not_here_can_be_found(panel: InspectorPanel):
    part, session = panel.node_page.text, panel.node_page.text._session
    content = session.document.node("t").params["content"]
    kept = store._kept.pop(content)
    try:
        session.graph.set("t", length=6)
        assert part.replace.text() == "Find file …"
        assert not part.begin.isVisible()
    finally:
        store._kept[content] = kept
