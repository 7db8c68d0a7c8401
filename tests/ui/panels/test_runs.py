"""The panel of runs, by hand: told, sorted, filtered, labelled, deleted and brought back, compared, drawn, opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from graphlab.engine.training import Report
from graphlab.graph import Graph
from graphlab.lab.runs import Labels, RunFolder, RunWriter, Start
from graphlab.ui import settings
from graphlab.ui.panels.runs import RunsPanel
from graphlab.ui.session import Session

CONTROL = Qt.KeyboardModifier.ControlModifier


def keep(
    session: Session, lr: float, *, units: int = 4, accuracy: float = 0.5, state: Any = "finished"
) -> str:
    """A run in the session's folder."""
    graph = Graph(session.whole)
    graph.set("z", units=units)
    graph.configure(lr=lr)
    writer = RunWriter(session.recording.folder, Start(graph.document, parameters=22))
    writer.losses(0, np.linspace(1, lr, 20), 1.5)
    writer.epoch(Report(1, 20, lr, {"accuracy": accuracy}, lr * 2, {"accuracy": accuracy}, 1.5))
    writer.weights(graph.document, {"z.weight": np.full((units, 3), lr, np.float32)}, 20)
    writer.end(state)
    return writer.path.name


@pytest.fixture
def panel(quiet_session: Session, qtbot: Any) -> Iterator[RunsPanel]:
    """Three runs: lr 0.1, 0.01 (with 8 units) and 0.001."""
    keep(quiet_session, 0.1, accuracy=0.4)
    keep(quiet_session, 0.01, units=8, accuracy=0.95)
    keep(quiet_session, 0.001, accuracy=0.9)
    made = RunsPanel(quiet_session)
    qtbot.addWidget(made)
    qtbot.addWidget(made.filter)
    made.resize(1100, 260)
    made.show()
    qtbot.waitUntil(lambda: made.grid.isVisible() and len(made.model.runs) == 3)
    yield made
    made.close()


def names(panel: RunsPanel) -> list[str]:
    return [run.name for run in panel.model.runs]


def click(
    panel: RunsPanel, name: str, modifier: Any = Qt.KeyboardModifier.NoModifier, key: str = "lr"
) -> None:
    index = panel.model.index(names(panel).index(name), panel.model.column_of(key))
    panel.grid.scrollTo(index)
    QTest.mouseClick(
        panel.grid.viewport(), Qt.MouseButton.LeftButton, modifier, panel.grid.visualRect(index).center()
    )


def write(panel: RunsPanel, text: str) -> None:
    """Types into the cell that is open, and ends with Enter."""
    (editor,) = [each for each in panel.grid.findChildren(QLineEdit) if each.isVisible()]
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def on_disk(panel: RunsPanel) -> dict[str, Labels]:
    return {run.name: run.labels for run in RunFolder(panel.runs.folder).runs()}


def test_the_newest_stands_first_and_headings_sort(panel: RunsPanel) -> None:
    assert names(panel) == ["run 3", "run 2", "run 1"]
    header = panel.grid.horizontalHeader()
    at = panel.model.column_of("accuracy")
    middle = header.sectionViewportPosition(at) + header.sectionSize(at) // 2
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(middle, 8))
    assert names(panel) == ["run 1", "run 3", "run 2"]
    assert panel.model.index(0, at).data() == "40.0 %"
    assert "3 runs" in panel.said.text()
    assert panel.grid.isColumnHidden(panel.model.column_of("note"))  # nobody has written any


def test_the_filter_shows_some_and_says_what_it_does_not_understand(panel: RunsPanel) -> None:
    QTest.keyClicks(panel.filter, "acc>0.8 lr<0.01")
    assert names(panel) == ["run 3"]
    assert panel.said.text().startswith("1 shown of 3 runs")
    panel.filter.clear()
    QTest.keyClicks(panel.filter, "lrr<1")
    assert "Runs have no 'lrr'" in panel.said.text()
    assert len(names(panel)) == 3


def test_a_run_is_renamed_tagged_and_noted_by_keyboard_and_that_is_taken_back(
    panel: RunsPanel, qtbot: Any
) -> None:
    click(panel, "run 2")
    QTest.keyClick(panel.grid, Qt.Key.Key_F2)
    write(panel, "wide one")
    qtbot.waitUntil(lambda: "wide one" in names(panel))
    assert panel.grid.current() == panel.model.runs[1].id
    click(panel, "run 3", CONTROL)
    QTest.keyClick(panel.grid, Qt.Key.Key_T)
    write(panel, "good, keep")
    qtbot.waitUntil(lambda: on_disk(panel)["run 3"].tags == ("good", "keep"))
    assert on_disk(panel)["wide one"].tags == ("good", "keep")  # all that are selected
    assert on_disk(panel)["run 1"].tags == ()
    qtbot.waitUntil(lambda: not panel.grid.isColumnHidden(panel.model.column_of("tags")))
    for _ in range(2):
        QTest.keyClick(panel.grid, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: set(on_disk(panel).values()) == {Labels()})


def test_what_is_deleted_comes_back_by_ctrl_z_or_by_the_notice(panel: RunsPanel, qtbot: Any) -> None:
    session = panel.session
    click(panel, "run 1")
    click(panel, "run 2", CONTROL)
    QTest.keyClick(panel.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == ["run 3"])
    assert panel.grid.chosen() == [panel.model.runs[0].id]  # what has taken their place
    notice = session.notices[-1]
    assert (notice.text, notice.choice[0]) == ("Deleted 2 runs.", "Undo")
    QTest.keyClick(panel.grid, Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: len(names(panel)) == 3)
    assert session.root.document is session.whole  # Ctrl+Z was about the runs
    click(panel, "run 1")
    QTest.keyClick(panel.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(names(panel)) == 2)
    session.notices[-1].choice[1]()
    qtbot.waitUntil(lambda: len(names(panel)) == 3)


def cells(panel: RunsPanel) -> list[list[str]]:
    grid = panel.facts.grid
    return [[grid.item(r, c).text() for c in range(grid.columnCount())] for r in range(grid.rowCount())]


def test_one_is_told_and_several_are_compared_side_by_side(panel: RunsPanel, qtbot: Any) -> None:
    click(panel, "run 3")
    assert ["lr", "0.001"] in cells(panel)
    click(panel, "run 2", CONTROL)
    qtbot.waitUntil(lambda: panel.facts.grid.columnCount() == 3)
    assert ["lr", "0.001", "0.01"] in cells(panel)
    (graph,) = [row for row in cells(panel) if row[0] == "graph"]
    assert graph[:2] == ["graph", "–"]
    assert "z: units" in graph[2]
    click(panel, "run 3")
    click(panel, "run 1", CONTROL)
    qtbot.waitUntil(lambda: ["lr", "0.001", "0.1"] in cells(panel))
    assert [row[0] for row in cells(panel)] == ["lr"]


def test_space_draws_the_curves_and_takes_them_away(panel: RunsPanel, qtbot: Any) -> None:
    overlays = panel.session.overlays
    click(panel, "run 1")
    click(panel, "run 3", CONTROL)
    QTest.keyClick(panel.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(overlays.all) == 2)
    assert {each.name for each in overlays.all} == {"run 1", "run 3"}
    (first,) = [each for each in overlays.all if each.name == "run 1"]
    assert np.array_equal(first.curve.values, np.linspace(1, 0.1, 20))
    assert first.curve.reports[0].validation_metrics == {"accuracy": 0.4}
    ticked = panel.model.index(names(panel).index("run 1"), 0)
    assert ticked.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    panel.runs.rename(panel.model.runs[names(panel).index("run 1")].id, "first")
    qtbot.waitUntil(lambda: {each.name for each in overlays.all} == {"first", "run 3"})
    QTest.keyClick(panel.grid, Qt.Key.Key_Space)
    assert overlays.all == ()


def test_enter_opens_the_graph_with_its_weights(panel: RunsPanel, qtbot: Any) -> None:
    opened: list[Any] = []
    panel.runs.open_wanted.connect(lambda graph, weights: opened.append((graph, weights)))
    click(panel, "run 2")
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(opened))
    graph, weights = opened[0]
    assert graph.document.node("z").params["units"] == 8
    assert np.array_equal(weights["z.weight"], np.full((8, 3), 0.01, np.float32))


def test_weights_that_do_not_fit_the_graph_are_told(panel: RunsPanel, qtbot: Any) -> None:
    panel.runs.put(panel.model.runs[1].id)
    qtbot.waitUntil(lambda: bool(panel.session.notices))
    notice = panel.session.notices[-1]
    assert notice.text == "No weights of run 2 fit this graph."
    assert "z.weight: 8×3 there, 4×3 here" in notice.hint


def test_its_graph_is_compared_with_the_one_at_hand(panel: RunsPanel, qtbot: Any) -> None:
    panel.runs.compare_with_present(panel.model.runs[1].id)
    qtbot.waitUntil(lambda: panel.session.comparing.is_on)
    assert any("z: units" in str(each) for each in panel.session.comparing.differences)


def test_old_runs_without_a_tag_are_offered_for_deletion(panel: RunsPanel, qtbot: Any) -> None:
    panel.runs.tag([panel.model.runs[2].id], add=["keep"])
    settings.settings().setValue("runs.most", str(panel.runs.size - 1))
    qtbot.waitUntil(lambda: panel.offer.isVisible())
    assert panel.offer.text() == "Delete the oldest run"
    panel.offer.click()
    qtbot.waitUntil(lambda: names(panel) == ["run 3", "run 1"])


def test_columns_are_chosen_and_remembered(panel: RunsPanel, qtbot: Any) -> None:
    menu = QMenu()
    panel.fill_columns(menu)
    next(entry for entry in menu.actions() if entry.text() == "seed").trigger()
    seed, lr = panel.model.column_of("seed"), panel.model.column_of("lr")
    assert not panel.grid.isColumnHidden(seed)
    other = RunsPanel(panel.session)
    qtbot.addWidget(other)
    assert {"seed", "lr"} <= set(other.shown_columns())
    panel.fill_columns(menu)
    by = menu.actions()[0].menu()
    next(entry for entry in by.actions() if entry.text() == "lr").trigger()
    assert names(panel) == ["run 1", "run 2", "run 3"]  # the largest first
    panel.fill_columns(menu)
    menu.actions()[0].menu().actions()[-1].trigger()
    assert names(panel) == ["run 3", "run 2", "run 1"]
    panel.fill_columns(menu)
    menu.actions()[-1].trigger()
    assert panel.grid.isColumnHidden(seed)
    assert not panel.grid.isColumnHidden(lr)


def test_the_table_is_copied_and_exported(panel: RunsPanel, qapp: Any) -> None:
    click(panel, "run 1")
    QTest.keyClick(panel.grid, Qt.Key.Key_C, CONTROL)
    heading, row = qapp.clipboard().text().splitlines()
    assert heading.split("\t")[0] == "name"
    assert row.split("\t")[0] == "run 1"
    header, rows = panel.table()
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [each["lr"] for each in found] == [0.001, 0.01, 0.1]
    assert found[0]["validation_loss"] == 0.002


def test_an_empty_panel_says_what_fills_it(quiet_session: Session, qtbot: Any) -> None:
    panel = RunsPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.empty.button.text() == "Train")
    quiet_session.runs.set_keep(False)
    qtbot.waitUntil(lambda: "not kept" in panel.empty.label.text())
    panel.empty.button.click()
    assert settings.text("runs.keep") == "yes"


def test_nobody_looks_into_the_folder_while_the_panel_is_hidden(panel: RunsPanel, qtbot: Any) -> None:
    panel.hide()
    looked: list[bool] = []
    panel.runs.changed.connect(lambda: looked.append(True))
    panel.session.recording.changed.emit()
    qtbot.wait(30)
    assert not panel.runs._timer.isActive()
    assert looked == []


def test_a_broken_run_is_counted_and_a_failed_one_is_told(panel: RunsPanel, qtbot: Any) -> None:
    folder: Path = panel.runs.folder
    broken = keep(panel.session, 0.5)
    (folder / broken / "run.json").write_text("{")
    keep(panel.session, 0.5, state="failed")
    panel.runs.look()
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    assert "1 run cannot be read" in panel.said.text()
    assert panel.model.index(0, panel.model.column_of("state")).data() == "failed"


def test_runs_are_exported_for_tensorboard(panel: RunsPanel, qtbot: Any, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    click(panel, "run 1")
    click(panel, "run 2", CONTROL)
    panel.choose_folder = lambda: str(tmp_path / "board")
    next(entry for entry in panel.menu().actions() if "TensorBoard" in entry.text()).trigger()
    qtbot.waitUntil(lambda: bool(panel.session.notices))
    assert panel.session.notices[-1].text == "Wrote 2 runs for TensorBoard."
    assert sorted(path.name for path in (tmp_path / "board").iterdir()) == ["run-1", "run-2"]


def test_the_report_of_a_run_is_exported(panel: RunsPanel, qtbot: Any, tmp_path: Path) -> None:
    asked: list[str] = []
    panel.choose_report = lambda name: asked.append(name) or str(tmp_path / "mine")
    click(panel, "run 2")
    next(entry for entry in panel.menu().actions() if entry.text() == "Export report …").trigger()
    qtbot.waitUntil(lambda: bool(panel.session.notices))
    assert panel.session.notices[-1].text == "Saved the report as mine.html."
    (name,) = asked
    assert name.endswith("-run-2-report.html")
    assert ">run 2<" in (tmp_path / "mine.html").read_text(encoding="utf-8")
