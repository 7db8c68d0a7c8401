"""Tabs: documents side by side in one frame, each with its own undo, engine and unsaved mark."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from graphlab.graph import Graph
from graphlab.io import save
from graphlab.ui import settings
from graphlab.ui.app import application
from graphlab.ui.session import Session
from graphlab.ui.shell import Shell
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import small


@pytest.fixture
def shell(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A frame with the small graph in its only tab; engines do not run."""
    monkeypatch.setenv(settings.PLACE, str(tmp_path / "settings"))
    application()
    started = Session.__init__

    def quiet(self: Session, graph: Any = None, parent: Any = None, *, engine: bool = True) -> None:
        started(self, graph, parent, engine=False)

    monkeypatch.setattr(Session, "__init__", quiet)
    frame = Shell()
    frame.add(MainWindow(Session(small())))
    frame.show()
    qtbot.waitExposed(frame)
    yield frame
    for window in frame.windows:
        window.files.ask = lambda name: "discard"
    frame.close()
    frame.deleteLater()
    QApplication.processEvents()


def texts(shell: Shell) -> list[str]:
    return [shell.tabs.tabText(at) for at in range(shell.tabs.count())]


def test_one_document_shows_no_tabs_a_second_one_does(shell: Shell) -> None:
    assert not shell.tabs.tabBar().isVisible()
    shell.windows[0].files.new()
    assert shell.tabs.tabBar().isVisible()
    assert texts(shell) == ["small", "untitled"]
    assert shell.current is shell.windows[1]


def test_an_unsaved_document_is_marked(shell: Shell) -> None:
    shell.windows[0].files.new()
    shell.windows[0].session.graph.add("Sigmoid")
    assert texts(shell) == ["● small", "untitled"]
    shell.windows[0].session.graph.undo()
    assert texts(shell) == ["small", "untitled"]


def test_a_file_opens_beside_the_document_and_in_place_of_an_empty_one(shell: Shell, tmp_path: Path) -> None:
    save(Graph("other"), tmp_path / "other.graphlab")
    save(Graph("third"), tmp_path / "third.graphlab")
    assert shell.windows[0].files.open(tmp_path / "other.graphlab")
    assert texts(shell) == ["small", "other"]
    shell.windows[1].files.new()
    assert shell.windows[2].files.open(tmp_path / "third.graphlab")
    assert texts(shell) == ["small", "other", "third"]


def test_a_file_that_is_open_comes_to_the_front_instead_of_opening_twice(
    shell: Shell, tmp_path: Path
) -> None:
    save(Graph("other"), tmp_path / "other.graphlab")
    shell.windows[0].files.open(tmp_path / "other.graphlab")
    shell.tabs.setCurrentIndex(0)
    assert shell.windows[0].files.open(tmp_path / "other.graphlab")
    assert shell.tabs.count() == 2
    assert shell.tabs.currentIndex() == 1


def test_a_broken_file_leaves_no_empty_tab(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "broken.graphlab").write_bytes(b"nonsense")
    assert not shell.windows[0].files.open(tmp_path / "broken.graphlab")
    assert shell.tabs.count() == 1
    assert shell.windows[0].session.notices[-1].level == "error"


def test_each_tab_has_an_undo_of_its_own(shell: Shell) -> None:
    one = shell.windows[0]
    one.files.new()
    two = shell.windows[1]
    one.session.graph.add("Sigmoid", name="mine")
    two.session.graph.add("Sigmoid", name="its")
    QApplication.processEvents()
    one.actions_["edit.undo"].trigger()
    assert "mine" not in one.session.graph
    assert "its" in two.session.graph


def test_keys_reach_the_document_in_front_only(shell: Shell, qtbot: Any) -> None:
    one = shell.windows[0]
    one.files.new()
    two = shell.windows[1]
    for window in (one, two):
        window.session.graph.add("Sigmoid", name="node")
    shell.activateWindow()
    QApplication.processEvents()
    two.canvas.setFocus()
    qtbot.keyClick(two.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "node" in one.session.graph
    assert "node" not in two.session.graph


def test_closing_asks_about_what_is_unsaved_and_stays_when_told(shell: Shell) -> None:
    one = shell.windows[0]
    one.files.new()
    two = shell.windows[1]
    two.session.graph.add("Sigmoid")
    asked: list[str] = []
    two.files.ask = lambda name: asked.append(name) or "cancel"  # type: ignore[func-returns-value,return-value]
    shell.close()
    assert asked == ["untitled"]
    assert shell.isVisible()
    assert shell.windows == [two], "what was saved could go"


def test_the_frame_closes_with_its_last_document(shell: Shell) -> None:
    shell.windows[0].actions_["file.close"].trigger()
    assert not shell.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_panels_torn_off_go_and_come_with_their_document(shell: Shell) -> None:
    first = shell.windows[0]
    torn = first.docks.show("confusion")
    torn.setFloating(True)
    first.files.new()
    assert not torn.isVisible()
    assert torn.isFloating()
    shell.turn(1)
    assert torn.isVisible()
    assert torn.isFloating()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_all_panels_open_and_torn_off_a_document_closes_quietly(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *fault: faults.append(fault))
    shell.windows[0].files.new()
    window = shell.windows[0]
    shell.tabs.setCurrentWidget(window)
    for dock in window.docks.by_id.values():
        dock.show()
        dock.build()
        dock.setFloating(dock.panel.area != "timeline")
    QApplication.processEvents()
    window.files.ask = lambda name: "discard"
    window.close()
    docks = list(window.docks.by_id.values())
    assert not any(dock.isVisible() for dock in docks)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not faults, faults[0]
    assert shell.windows


def test_a_document_that_was_closed_leaves_no_widget(shell: Shell, qtbot: Any) -> None:
    """Whatever is left over makes each change of the theme slower, which goes through all widgets."""

    def there_and_back() -> tuple[Counter[str], Counter[str]]:
        window = shell.add(MainWindow(Session(repeated())))
        for panel in ("outline", "loss"):  # the second has charts, and tools in its title
            window.docks[panel].show()
            window.docks[panel].build()
        for use in ("cell", "again"):
            window.session.enter(window.session.document.node(use).id)
            assert window.canvas.crumb.unique.isVisibleTo(window.canvas)
            window.session.leave()
        window.session.graph.remove("again")
        window.session.enter(window.session.document.node("cell").id)
        assert not window.canvas.crumb.unique.isVisibleTo(window.canvas)
        QApplication.processEvents()
        window.files.ask = lambda name: "discard"
        window.close()
        swept()
        return kinds(QApplication.allWidgets()), kinds(QApplication.topLevelWidgets())

    first = there_and_back()
    assert [there_and_back() for _ in range(2)] == [first] * 2


def repeated() -> Graph:
    """x → cell, and again, another use of the same group."""
    graph = small()
    graph.group("hidden", "act", name="cell")
    graph.rename(graph.add_use("g1").name, "again")
    return Graph(graph.document)


def kinds(widgets: list[QWidget]) -> Counter[str]:
    return Counter(type(widget).__name__ for widget in widgets)


def swept() -> None:
    """What was to be deleted later, and what goes with it, is gone; so are menus of plots, which Python has to find."""
    for _ in range(2):
        gc.collect()
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_close_others_keeps_the_one(shell: Shell) -> None:
    for _ in range(2):
        shell.windows[-1].session.graph.add("Tanh")
        shell.windows[-1].files.ask = lambda name: "discard"
        shell.windows[-1].files.new()
    kept = shell.windows[1]
    shell.close_others(kept)
    assert shell.windows == [kept]


def test_keys_turn_the_tabs(shell: Shell) -> None:
    shell.windows[0].files.new()
    QApplication.processEvents()
    shell.windows[1].actions_["view.next_tab"].trigger()
    assert shell.tabs.currentIndex() == 0
    shell.windows[0].actions_["view.previous_tab"].trigger()
    assert shell.tabs.currentIndex() == 1


def test_the_frame_is_called_like_the_document_in_front(shell: Shell) -> None:
    assert shell.windowTitle() == "small[*] — graphlab"
    shell.windows[0].files.new()
    assert shell.windowTitle() == "untitled[*] — graphlab"
    shell.windows[1].session.graph.add("Tanh")
    assert shell.isWindowModified()


def test_several_graphs_dropped_beside_the_canvas_open_side_by_side(
    shell: Shell, qtbot: Any, tmp_path: Path
) -> None:
    paths = [tmp_path / "first.graphlab", tmp_path / "second.graphlab"]
    for path in paths:
        save(small(), path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    shell.windows[0].dropEvent(QDropEvent(QPointF(5, 5), copy, mime, Qt.MouseButton.LeftButton, none))
    qtbot.waitUntil(lambda: texts(shell) == ["small", "first", "second"])
