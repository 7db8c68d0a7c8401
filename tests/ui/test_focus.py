"""Where the keyboard is can be seen: every stop of Tab looks different with it and without it, dark and light."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from graphlab.graph import Graph
from graphlab.ui import focus
from graphlab.ui.dialogs import HANDS, About, ShortcutSheet
from graphlab.ui.op_page import page_of
from graphlab.ui.shell import Shell
from graphlab.ui.theme import Theme
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make

LEAST = 40  # pixels that differ, more than a text cursor has
SEEN = 32  # of 255, in one colour: less is no difference to most eyes


@pytest.fixture(autouse=True)
def steady(qapp: QApplication) -> Iterator[None]:
    """Text cursors do not blink."""
    before = qapp.cursorFlashTime()
    qapp.setCursorFlashTime(0)
    yield
    qapp.setCursorFlashTime(before)


def pixels(top: QWidget, area: QRect) -> NDArray[np.int16]:
    image = top.grab(area).toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, : image.width(), :3].astype(np.int16)


def difference(top: QWidget, stop: QWidget) -> int:
    """How many pixels tell that the keyboard is there."""
    stop.clearFocus()
    focus._give(stop, Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    area = QRect(stop.mapTo(top, QPoint()), stop.size()).adjusted(-4, -4, 4, 4).intersected(top.rect())
    there = pixels(top, area)
    stop.clearFocus()
    QApplication.processEvents()
    return int((np.abs(there - pixels(top, area)).max(axis=2) >= SEEN).sum())


def unseen(top: QWidget, part: QWidget) -> list[str]:
    """The stops inside `part` at which the keyboard would be lost from sight."""
    top.activateWindow()
    QApplication.processEvents()
    found = []
    for stop in focus.stops(part):
        if (count := difference(top, stop)) < LEAST:
            name = stop.accessibleName() or stop.objectName() or type(stop).__name__
            found.append(f"{type(part).__name__} {part.objectName()} › {name}: {count} pixels")
    return found


def busy() -> Graph:
    """A graph with a choice, a switch, a fault and a text field to show."""
    graph = Graph("busy")
    x = graph.add("Dataset", name="xor", position=(0, 100))
    graph.add("Linear", x, name="hidden", units=8, position=(240, 100))
    graph.add("MSELoss", name="loss", position=(480, 100))
    return Graph(graph.document)


def test_the_keyboard_is_seen_everywhere_in_the_window(make: Make, each_theme: Theme) -> None:
    window = make(busy())
    window.resize(1400, 850)
    window.session.notify("error", "Something went wrong.", "Try again.")
    QApplication.processEvents()
    lost = [line for part in focus._parts(window) for line in unseen(window, part)]
    for name in ("xor", "hidden", "loss"):
        window.session.select([window.session.document.node(name).id])
        QApplication.processEvents()
        lost += unseen(window, window.docks["inspector"])
    window.session.select(list(window.session.document.nodes))
    QApplication.processEvents()
    lost += unseen(window, window.docks["inspector"])
    assert not lost


def test_the_keyboard_is_seen_in_the_panels_behind_others(make: Make, each_theme: Theme) -> None:
    window = make(busy())
    window.session.graph.rename("xor", "data")
    lost = []
    for id, dock in window.docks.by_id.items():
        if not dock.panel.shown:
            window.docks.show(id).build()
            QTest.qWait(60)  # it sees soon whether it has something to show
            lost += unseen(window, dock)
    assert not lost


def test_the_keyboard_is_seen_on_the_start_page(make: Make, each_theme: Theme) -> None:
    window = make()
    assert len(focus.stops(window.stage.start_page)) > 5
    assert not unseen(window, window.stage.start_page)
    for tile in focus.stops(window.stage.start_page):
        tile.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    assert not unseen(window, window.stage.start_page)


def _op_page(window: MainWindow) -> QWidget:
    window.show_op_page("LeakyReLU")
    return page_of(window)


DIALOGS: tuple[Callable[[MainWindow], QWidget], ...] = (
    lambda window: ShortcutSheet(window, HANDS),
    _op_page,
    About,
)


@pytest.mark.parametrize("dialog", DIALOGS)
def test_the_keyboard_is_seen_in_the_dialogs(
    make: Make, each_theme: Theme, dialog: Callable[[MainWindow], QWidget]
) -> None:
    made = dialog(make(busy()))
    made.show()
    QApplication.processEvents()
    assert focus.stops(made)
    assert not unseen(made, made)


def test_the_keyboard_is_seen_on_the_tabs(make: Make, each_theme: Theme) -> None:
    shell = Shell()
    for _ in range(2):
        shell.add(make(busy()))
    shell.show()
    QApplication.processEvents()
    assert difference(shell, shell.tabs.tabBar()) >= LEAST


def test_an_open_search_and_palette_show_what_enter_would_take(make: Make, each_theme: Theme) -> None:
    window = make(busy())
    window.activateWindow()
    QApplication.processEvents()
    window.actions_.run("graph.add")
    assert window.canvas.search.line.hasFocus()
    assert window.canvas.search.list.currentRow() == 0
    window.actions_.run("tools.palette")
    assert window.finder.field.hasFocus()
