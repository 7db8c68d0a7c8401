"""The window as a whole: files, the question before work is lost, autosave, layout, messages."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.io import load, orphans, save
from graphlab.io.examples import example
from graphlab.ui import recovery, settings, theme
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import PATIENCE, Make, small


def close_and_answer(window: MainWindow, answer: str) -> list[str]:
    asked: list[str] = []
    window.files.ask = lambda name: asked.append(name) or answer
    window.close()
    return asked


# Files


def test_what_was_built_is_there_after_save_close_and_reopen(make: Make, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.graphlab"
    window = make(engine=True)
    window.session.graph.add("Input", name="x", shape=("N", 2), position=(40, 60))
    window.session.graph.add("Linear", "x", name="hidden", units=3)
    qtbot.waitUntil(lambda: window.session.loaded is not None, timeout=PATIENCE)
    window.session.set_element(window.session.document.node("hidden").id, "weight", (2, 1), 0.5)
    window.files.choose_save = lambda start, kinds: str(path.with_suffix(""))
    assert window.files.save()
    assert window.windowTitle() == "mine[*] — graphlab"
    assert not window.isWindowModified()
    document = window.session.document
    window.close()

    again = make(engine=True)
    again.files.choose_open = lambda: str(path)
    again.files.open()
    assert again.session.document == document
    assert again.session.weights()["hidden.weight"][2, 1] == 0.5
    assert settings.recent() == [path]
    assert not again.session.is_modified


def test_a_saved_file_carries_a_picture(make: Make, tmp_path: Path) -> None:
    from graphlab.io import read_preview

    window = make(small())
    window.files.choose_save = lambda start, kinds: str(tmp_path / "a.graphlab")
    window.files.save_as()
    preview = read_preview(tmp_path / "a.graphlab")
    assert preview is not None
    assert preview.startswith(b"\x89PNG")


def test_a_broken_file_is_told_of_in_place_and_the_document_stays(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "broken.graphlab"
    path.write_bytes(b"PK\x03\x04 not really")
    window = make(small())
    before = window.session.document
    assert not window.files.open(path)
    assert window.session.document is before
    assert window.stage.strip.isVisible()
    assert window.stage.strip.level == "error"


def test_a_folder_that_cannot_be_written_is_told_of_and_the_work_stays_unsaved(
    make: Make, tmp_path: Path
) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    window.files.choose_save = lambda start, kinds: str(tmp_path / "nowhere" / "a.graphlab")
    assert not window.files.save()
    assert window.session.is_modified
    assert window.stage.strip.level == "error"


def test_an_example_opens_as_a_copy_that_asks_for_a_name(make: Make) -> None:
    window = make()
    assert window.files.open_example(example("xor"))
    assert window.session.path is None
    assert not window.session.is_modified
    assert not window.stage.start_page.isVisible()
    asked: list[str] = []
    window.files.choose_save = lambda start, kinds: asked.append(start) or ""
    window.session.graph.rename("hidden", "h")
    assert not window.files.save()
    assert len(asked) == 1


def test_closing_asks_when_there_is_something_to_lose(make: Make) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    assert window.isWindowModified()
    assert close_and_answer(window, "cancel") == ["small"]
    assert window.isVisible()
    assert close_and_answer(window, "discard") == ["small"]
    assert not window.isVisible()


def test_answering_save_saves_before_the_window_closes(make: Make, tmp_path: Path) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    window.files.choose_save = lambda start, kinds: str(tmp_path / "kept.graphlab")
    close_and_answer(window, "save")
    assert not window.isVisible()
    assert "h" in load(tmp_path / "kept.graphlab")[0]


def test_answering_save_and_then_choosing_no_place_keeps_the_window(make: Make) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    window.files.choose_save = lambda start, kinds: ""
    close_and_answer(window, "save")
    assert window.isVisible()


def test_new_and_open_ask_too(make: Make, tmp_path: Path) -> None:
    save(small(), tmp_path / "other.graphlab")
    window = make(small())
    window.session.graph.rename("act", "h")
    window.files.ask = lambda name: "cancel"
    window.files.new()
    window.files.open(tmp_path / "other.graphlab")
    assert "h" in window.session.graph


def test_an_undone_edit_is_nothing_to_ask_about(make: Make) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    window.actions_.run("edit.undo")
    window.close()
    assert not window.isVisible()


@pytest.mark.xserver
def test_a_file_dropped_on_the_window_opens(make: Make, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "dropped.graphlab"
    save(small(), path)
    window = make()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where, button, none = QPointF(300, 300), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where.toPoint(), Qt.DropAction.CopyAction, data, button, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(where, Qt.DropAction.CopyAction, data, button, none))
    qtbot.waitUntil(lambda: window.session.path == path)


def test_something_else_dropped_is_refused(make: Make, tmp_path: Path) -> None:
    window = make()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "notes.pdf"))])
    enter = QDragEnterEvent(
        QPointF(9, 9).toPoint(), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    enter.setAccepted(False)
    window.dragEnterEvent(enter)
    assert not enter.isAccepted()


# Autosave and recovery


def scratch_files() -> list[Path]:
    return list(recovery.folder().glob("*.autosave"))


def test_an_edit_is_autosaved_within_a_second_and_taken_away_when_saved(
    make: Make, qtbot: Any, tmp_path: Path
) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    qtbot.waitUntil(lambda: len(scratch_files()) == 1, timeout=1000)
    window.files.choose_save = lambda start, kinds: str(tmp_path / "a.graphlab")
    window.files.save()
    assert scratch_files() == []


def test_discarding_at_the_end_leaves_no_scratch_file(make: Make, qtbot: Any) -> None:
    window = make(small())
    window.session.graph.rename("act", "h")
    qtbot.waitUntil(lambda: len(scratch_files()) == 1, timeout=1000)
    close_and_answer(window, "discard")
    assert scratch_files() == []


def leave_behind(graph: Graph) -> None:
    """What a crash leaves: a scratch file that nobody holds any more."""
    from graphlab.io import Autosave

    crashed = Autosave(recovery.folder(), "crashed")
    crashed.write(graph.document)
    crashed._lock._file.close()


def test_what_a_crash_left_is_offered_and_recovered_once(make: Make, qtbot: Any) -> None:
    lost = small()
    window = make()
    leave_behind(lost)
    window.recovery.offer()
    banner = window.stage.banner
    assert banner.isVisible()
    assert "small" in banner.text
    press(banner, "Recover")
    assert window.session.document == lost.document
    assert window.session.is_modified
    assert not banner.isVisible()
    window.recovery.offer()
    assert not banner.isVisible()
    assert len(scratch_files()) == 1  # kept anew, as this window's own


def test_what_a_crash_left_can_be_declined(make: Make) -> None:
    window = make()
    leave_behind(small())
    window.recovery.offer()
    press(window.stage.banner, "Discard")
    assert window.session.document.nodes == {}
    assert orphans(recovery.folder()) == []


def press(strip: Any, title: str) -> None:
    from PySide6.QtWidgets import QPushButton

    next(b for b in strip.findChildren(QPushButton) if b.text() == title).click()


# In place


def test_an_empty_window_offers_examples_until_something_is_there(make: Make) -> None:
    window = make()
    assert window.stage.start_page.isVisible()
    window.add_node("Tanh")
    assert not window.stage.start_page.isVisible()
    window.session.graph.undo()
    assert not window.stage.start_page.isVisible()  # an emptied graph is somebody's work


def test_starting_empty_leaves_the_start_page_until_a_new_graph(make: Make) -> None:
    window = make()
    window.stage.start_page.left.emit()
    assert not window.stage.start_page.isVisible()
    window.files.new()
    assert window.stage.start_page.isVisible()


def test_a_notice_about_a_node_shows_the_node(make: Make) -> None:
    window = make(small())
    id = window.session.document.node("act").id
    window.session.notify("error", "act: something is wrong", node_id=id)
    press(window.stage.strip, "Show node")
    assert window.session.selection == {id}


def test_messages_are_kept_in_the_log(make: Make, qtbot: Any) -> None:
    window = make(small())
    window.session.notify("warning", "before")
    panel = window.docks.show("log").build()
    window.session.notify("info", "after")
    assert [panel.list.item(k).text()[10:] for k in range(2)] == ["before", "after"]


def test_the_next_problem_is_shown_and_named(make: Make) -> None:
    graph = small()
    graph.add("Tanh", name="loose")
    window = make(Graph(graph.document))
    window.actions_.run("tools.problems")
    assert window.session.selected_node == window.session.document.node("loose").id
    assert "loose" in window.stage.strip.text


def test_breakpoints_go_round(make: Make) -> None:
    window = make(small())
    id = window.session.document.node("act").id
    window.session.select([id])
    seen = []
    for _ in range(4):
        window.actions_.run("run.breakpoint")
        seen.append({phase for _, phase in window.session.breakpoints})
    assert seen == [{"forward"}, {"backward"}, {"forward", "backward"}, set()]


# Remembered


def test_the_layout_is_remembered_and_can_be_reset(make: Make) -> None:
    window = make()
    window.docks["library"].hide()
    window.docks.show("log")
    window.close()
    again = make()
    assert not again.docks["library"].isVisible()
    assert again.docks["log"].isVisible()
    again.actions_.run("view.reset_layout")
    assert again.docks["library"].isVisible()
    assert not again.docks["log"].isVisible()


def test_the_theme_is_remembered(make: Make) -> None:
    window = make()
    window.set_theme("light")
    try:
        assert theme.theme().name == "light"
        assert settings.text("theme") == "light"
        window.actions_.run("view.dark")
        assert theme.theme().name == "dark"
    finally:
        window.set_theme("dark")


@pytest.mark.xserver
@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_a_torn_off_panel_docks_again(make: Make) -> None:
    window = make(small())
    dock = window.docks["timeline"]
    dock.setFloating(True)
    dock.setFloating(False)
    assert not dock.isFloating()
    assert dock.isVisible()


# Training in the window


@pytest.mark.own_engine
def test_training_in_the_window_fills_every_panel(make: Make, qtbot: Any) -> None:
    window = make(engine=True)
    window.files.open_example(example("xor"))
    session = window.session
    session.graph.configure(epochs=1_000_000)
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    window.actions_.run("run.train")
    qtbot.waitUntil(lambda: session.status.step > 100, timeout=PATIENCE)
    assert window.isWindowModified()  # the edit
    window.actions_.run("run.pause")
    qtbot.waitUntil(lambda: not session.is_running, timeout=PATIENCE)
    for name in ("loss", "gradients", "activations", "weights"):
        panel = window.docks[name].build()
        qtbot.waitUntil(lambda panel=panel: panel._stack.currentWidget() is panel.content, timeout=PATIENCE)
    assert np.isfinite(session.losses.values).all()


def test_the_status_bar_tells_what_the_graph_takes_a_moment_after_an_edit(make: Make, qtbot: Any) -> None:
    window = make(small(), engine=True)
    label = window.statusBar().totals
    assert label.text() == "9 parameters"
    qtbot.waitUntil(lambda: "FLOP/example" in label.text(), timeout=PATIENCE)
    assert label.text().startswith("9 parameters · 15 FLOP/example · ")
    assert "Forward: 15 FLOP for one example" in label.toolTip()
    assert "no loss to go back from" in label.toolTip()
    window.session.graph.set("hidden", units=30)
    assert label.text().startswith("90 parameters")
    qtbot.waitUntil(lambda: "150 FLOP/example" in label.text(), timeout=PATIENCE)


def test_the_gradient_check_says_how_well_they_agree(make: Make, qtbot: Any) -> None:
    window = make(engine=True)
    window.files.open_example(example("xor"))
    qtbot.waitUntil(lambda: window.session.loaded is not None, timeout=PATIENCE)
    window.actions_.run("tools.gradient_check")
    qtbot.waitUntil(lambda: "gradients are right" in window.stage.strip.text, timeout=PATIENCE)


def test_training_of_a_file_is_something_to_save(make: Make, qtbot: Any, tmp_path: Path) -> None:
    graph = load(example("xor").path)[0]
    path = tmp_path / "xor.graphlab"
    save(graph, path)
    window = make(engine=True)
    window.files.open(path)
    qtbot.waitUntil(lambda: window.session.loaded is not None, timeout=PATIENCE)
    assert not window.isWindowModified()
    window.session.train_step()
    qtbot.waitUntil(lambda: window.session.status.step == 1, timeout=PATIENCE)
    assert window.isWindowModified()
    assert window.files.save()
    assert not window.isWindowModified()


# Keys


@pytest.mark.xserver
def test_keys_reach_the_actions_but_not_while_one_types(make: Make, qtbot: Any) -> None:
    from PySide6.QtWidgets import QLineEdit

    window = make(small())
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    before = window.session.document
    field = window.docks["library"].build().findChild(QLineEdit)
    field.setFocus()
    qtbot.keyClicks(field, "lf+-?")
    assert field.text() == "lf+-?"
    assert window.session.document is before
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.finder.isVisible()


@pytest.mark.xserver
@pytest.mark.qt_log_ignore(
    "does not support", extend=True
)  # a menu asks the offscreen plugin for more than it has
def test_a_node_is_replaced_and_a_fault_mended_by_keys_alone(make: Make, qtbot: Any) -> None:
    window = make(small())
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    canvas, session, control = window.canvas, window.session, Qt.KeyboardModifier.ControlModifier
    canvas.setFocus()
    session.select({session.document.node("act").id})
    window.actions_.refresh()
    qtbot.keyClick(canvas, Qt.Key.Key_H, control)
    qtbot.keyClicks(canvas.search.line, "sigmo")
    qtbot.keyClick(canvas.search.line, Qt.Key.Key_Return)
    assert session.document.node("act").op == "Sigmoid"
    session.graph.add("MSELoss", "act", session.graph.add("Input", name="t", shape=("N", 5)))
    session.select(())
    window.actions_.refresh()
    qtbot.keyClick(canvas, Qt.Key.Key_Period, control)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert session.document.node("hidden").params["units"] == 5
    assert not session.inference.problems


def test_a_double_click_in_the_library_adds_one_node(make: Make) -> None:
    window = make(small())
    window.session.add_requested.emit("ReLU")
    assert [node.op for node in window.session.document.nodes.values()].count("ReLU") == 1


def test_a_move_infers_nothing_anew_but_a_rename_does(make: Make) -> None:
    """Problems name nodes, so a rename must reach them; a place changes nothing that is inferred."""
    session = make(small()).session
    before = session.inference
    session.graph.move({session.document.node("act").id: (500.0, 500.0)})
    assert session.inference is before
    session.graph.add("MatMul", name="product")
    session.graph.rename("product", "times")
    assert {problem.node for problem in session.inference.problems} == {"times"}


def test_snapping_to_the_grid_is_switched_and_remembered(make: Make) -> None:
    window = make()
    assert not window.canvas.snap_to_grid
    window.actions_.run("view.snap")
    assert window.canvas.snap_to_grid
    assert make().canvas.snap_to_grid


def test_undo_says_what_it_takes_back(make: Make, qtbot: Any) -> None:
    window = make(small())
    window.session.graph.move({window.session.document.node("act").id: (500.0, 500.0)})
    qtbot.waitUntil(lambda: window.actions_["edit.undo"].text() == "Undo Move")


def test_the_first_nodes_of_an_empty_graph_appear_at_their_natural_size(make: Make, qtbot: Any) -> None:
    window = make()
    window.leave_start_page()
    qtbot.waitUntil(lambda: window.canvas.isVisible())
    window.add_node("Tanh")
    assert window.canvas.camera.zoom == 1.0
