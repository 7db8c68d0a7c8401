"""The inspector of a Table: its file, its first rows, target and features, and another file in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab import data
from graphlab.data.delimited import read_text
from graphlab.graph import Graph
from graphlab.ui.inspector.table_part import TablePart
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from graphlab.ui.theme import Theme
from tests.io.test_rows import forget
from tests.ui.window_trial import PATIENCE

TEXT = "height,count,colour,species\n1.5,1,red,a\n2.25,2,blue,b\n-3,1,,a\n"


class Seen:
    def __init__(self, part: TablePart, session: Session) -> None:
        self.part, self.session = part, session

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.session.document.node("t").make().params)

    def choose(self, name: str) -> None:
        """Picks a target by keyboard."""
        combo = self.part.target
        combo.setFocus()
        combo.setCurrentIndex(combo.findText(name))
        combo.activated.emit(combo.currentIndex())


@pytest.fixture
def seen(qtbot: Any) -> Any:
    graph = Graph()
    graph.add("Table", name="t", **{**read_text(TEXT, "flowers.csv"), "missing": "mean"})
    session = Session(graph, engine=False)
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(320, 900)
    panel.show()
    session.select([session.document.node("t").id])
    yield Seen(panel.node_page.table, session)
    session.close()


def test_it_shows_file_size_and_first_rows_with_words_for_classes(seen: Seen, each_theme: Theme):
    part, model = seen.part, seen.part.rows.rows
    assert part.file.text() == "flowers.csv"
    assert part.extent.text() == "3 rows × 4 columns"
    assert [model.text(0, k) for k in range(4)] == ["1.5", "1", "red", "a"]
    assert model.text(2, 0) == "−3"
    assert model.text(2, 2) == "–"
    titles = [model.headerData(k, Qt.Orientation.Horizontal) for k in range(4)]
    assert titles == ["height", "count", "colour", "species (target)"]
    assert part.features.text() == "all 3 columns"
    assert not part.grab().isNull()


def test_another_target_is_one_undo_entry_and_whole_numbers_get_classes(seen: Seen):
    seen.choose("count")
    assert (seen.params["target"], dict(seen.params["categories"])["count"]) == ("count", ("1", "2"))
    assert str(seen.session.inference.specs[seen.session.document.node("t").id, "target"]) == "N"
    seen.session.graph.undo()
    assert seen.params["target"] == "species"
    assert seen.part.target.currentText() == "species"
    seen.choose("nothing")
    assert seen.session.document.node("t").make().results() == ("x",)


def test_features_are_ticked_in_a_menu(seen: Seen):
    entries = {action.text(): action for action in seen.part.feature_menu().actions()}
    assert list(entries) == ["height", "count", "colour"]
    entries["colour"].trigger()
    assert seen.params["features"] == ("height", "count")
    assert seen.part.features.text() == "2 of 3 columns"
    entries = {action.text(): action for action in seen.part.feature_menu().actions()}
    assert [name for name, action in entries.items() if action.isChecked()] == ["height", "count"]
    entries["colour"].trigger()
    assert seen.params["features"] == ()


def test_the_last_feature_stays(seen: Seen):
    seen.session.graph.set("t", features=("height",))
    seen.part.feature_menu().actions()[0].trigger()
    assert seen.params["features"] == ("height",)


def replaced(seen: Seen, qtbot: Any, path: Path) -> None:
    seen.part.choose = lambda: str(path)
    seen.part.replace.setFocus()
    QTest.keyClick(seen.part.replace, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not seen.session.worker.is_busy, timeout=PATIENCE)


def test_another_file_with_the_same_columns_keeps_what_was_set(seen: Seen, qtbot: Any, tmp_path: Path):
    seen.session.graph.set("t", target="count", features=("height",), standardise=True)
    path = tmp_path / "more.csv"
    path.write_text(TEXT + "4,2,red,b\n")
    replaced(seen, qtbot, path)
    params = seen.params
    assert (params["file"], params["rows"]) == ("more.csv", 4)
    assert (params["target"], params["features"], params["standardise"]) == ("count", ("height",), True)
    assert params["missing"] == "mean"
    assert seen.session.graph.undo_label == "Replace the file of t"
    seen.session.graph.undo()
    assert seen.params["file"] == "flowers.csv"


def test_a_file_with_other_columns_is_taken_as_new(seen: Seen, qtbot: Any, tmp_path: Path):
    path = tmp_path / "other.csv"
    path.write_text("p,q\n1,2\n3,4\n")
    replaced(seen, qtbot, path)
    assert (seen.params["target"], seen.params["features"], seen.params["missing"]) == ("q", (), "mean")


def test_rows_that_are_not_here_are_found_again(seen: Seen, qtbot: Any, tmp_path: Path):
    session, content = seen.session, seen.params["content"]
    forget(content)
    document = session.whole
    session.open(Graph(document))
    session.select([session.document.node("t").id])
    assert "The rows of flowers.csv are not here" in session.inference.problems[0].message
    assert seen.part.replace.text() == "Find file …"
    assert not seen.part.rows.isVisible()
    path = tmp_path / "flowers.csv"
    path.write_text(TEXT)
    replaced(seen, qtbot, path)
    assert not session.inference.problems
    assert seen.part.rows.isVisible()
    assert session.whole == document


def test_an_empty_table_asks_for_a_file(seen: Seen, qtbot: Any, tmp_path: Path):
    session = seen.session
    session.select([session.graph.add("Table", name="empty").id])
    assert seen.part.file.text() == "no file yet"
    assert seen.part.replace.text() == "Choose file …"
    assert "There is no file yet" in session.inference.problems[0].message
    np.save(tmp_path / "a.npy", np.ones((9, 1, 2, 2)))
    replaced(seen, qtbot, tmp_path / "a.npy")
    assert session.document.node("empty").params["shape"] == (1, 2, 2)
    assert not session.inference.problems


def test_unnamed_numbers_are_told_by_their_shape(seen: Seen):
    made = data.from_arrays(np.zeros((6, 3, 2, 2)), [0, 1] * 3, classes=("cat", "dog"), name="pets")
    session = seen.session
    session.select([session.graph.add("Table", name="pets", **made).id])
    assert seen.part.extent.text() == "6 rows of 3×2×2, and class"
    assert seen.part.features.text() == "12 numbers"
    assert not seen.part.features.isEnabled()


def test_other_nodes_have_no_such_part(seen: Seen):
    session = seen.session
    session.select([session.graph.add("Dataset", name="d").id])
    assert not seen.part.isVisible()


def test_columns_can_be_chosen_though_one_is_not_there(seen: Seen) -> None:
    seen.session.graph.set("t", features=("height", "weight"))
    assert seen.part.features.text() == "1 of 3 columns"
    ticks = {entry.text(): entry.isChecked() for entry in seen.part.feature_menu().actions()}
    assert [name for name, on in ticks.items() if on] == ["height"]
    count = next(entry for entry in seen.part.feature_menu().actions() if entry.text() == "count")
    count.trigger()
    assert seen.params["features"] == ("height", "count")
