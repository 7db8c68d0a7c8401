"""Named views: kept by Ctrl+B, gone to by key, menu and palette, and told of when their group is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from graphlab.io import load
from graphlab.ui.bookmarks import BookmarksMenu
from graphlab.ui.canvas.ask_name import NamePrompt
from tests.ui.canvas.conftest import CTRL, Desk, grouped

SHIFT = Qt.KeyboardModifier.ShiftModifier


def keep(desk: Desk, name: str) -> None:
    desk.key(Qt.Key.Key_B, CTRL)
    desk.type(name)


def names(desk: Desk) -> list[str]:
    return [b.name for b in desk.session.whole.bookmarks]


def look(desk: Desk, x: float, y: float, zoom: float) -> None:
    view = desk.view
    view.camera.set((view.middle.x() - x * zoom, view.middle.y() - y * zoom, zoom))
    view.camera_changed()
    view.setFocus()


def seen(desk: Desk) -> tuple[float, float, float]:
    middle = desk.view.camera.world(desk.view.middle)
    return pytest.approx((middle.x(), middle.y(), desk.view.camera.zoom), abs=0.01)  # type: ignore[return-value]


def entry(desk: Desk, *titles: str) -> QAction:
    """An entry of View → Bookmarks, by the titles on the way."""
    menu: QMenu = desk.window.findChildren(BookmarksMenu)[0]
    desk.view.setFocus()
    for title in titles[:-1]:
        menu = next(a.menu() for a in menu.actions() if a.text() == title)
    return next(a for a in menu.actions() if a.text() == titles[-1])


def test_a_view_is_kept_by_ctrl_b_and_found_again_by_its_key(desk: Desk) -> None:
    look(desk, 500, 150, 1.5)
    keep(desk, "end")
    look(desk, 0, 100, 0.4)
    keep(desk, "start")
    assert names(desk) == ["end", "start"]
    desk.key(Qt.Key.Key_1, CTRL | SHIFT)
    assert seen(desk) == (500, 150, 1.5)
    desk.key(Qt.Key.Key_2, CTRL | SHIFT)
    assert seen(desk) == (0, 100, 0.4)
    desk.session.graph.undo()
    assert names(desk) == ["end"]


def test_a_name_is_offered_and_escape_keeps_nothing(desk: Desk) -> None:
    desk.key(Qt.Key.Key_B, CTRL)
    (prompt,) = desk.view.findChildren(NamePrompt)
    assert prompt.line.text() == "view"
    desk.type("", Qt.Key.Key_Escape)
    assert names(desk) == []
    assert desk.view.hasFocus()


def test_an_impossible_name_is_refused_on_the_card(desk: Desk) -> None:
    keep(desk, "a")
    entry(desk, "Rename", "a").trigger()
    prompt = next(p for p in desk.view.findChildren(NamePrompt) if p.isVisible())
    prompt.line.setText("  ")
    QTest.keyClick(prompt.line, Qt.Key.Key_Return)
    assert prompt.isVisible()
    assert "cannot be named" in prompt.said.text()
    assert prompt.rect().contains(prompt.said.geometry())
    QTest.keyClicks(prompt.line, "b")
    QTest.keyClick(prompt.line, Qt.Key.Key_Return)
    assert names(desk) == ["b"]


def test_a_view_in_a_group_is_entered_from_anywhere(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act", name="cell")
    desk.session.enter(cell)
    look(desk, 300, 120, 1.2)
    desk.key(Qt.Key.Key_B, CTRL)
    (prompt,) = desk.view.findChildren(NamePrompt)
    assert prompt.line.text() == "cell"
    assert prompt.y() > desk.view.crumb.room
    desk.type("inside")
    desk.session.go_inside(())
    entry(desk, "inside").trigger()
    assert desk.session.inside == (cell,)
    assert seen(desk) == (300, 120, 1.2)


def test_the_menu_tells_the_way_there_by_the_names_of_now(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    desk.session.go_inside((desk.id("cell"),))
    keep(desk, "close")
    assert entry(desk, "close").toolTip() == "In cell"
    desk.session.leave()
    desk.graph.rename("cell", "encoder")
    assert entry(desk, "close").toolTip() == "In encoder"


def test_a_view_whose_group_is_gone_says_so_and_can_be_removed(desk: Desk) -> None:
    cell = grouped(desk, "hidden", "act", name="cell")
    desk.session.root.set_bookmark("inside", inside=[cell])
    desk.session.graph.ungroup("cell")
    before = desk.view.camera.state()
    entry(desk, "inside").trigger()
    strip = desk.window.stage.strip
    assert strip.isVisible()
    assert "“inside” looks into is gone" in strip.text
    assert desk.view.camera.state() == before
    next(b for b in strip.findChildren(QPushButton) if b.text() == "Remove bookmark").click()
    assert names(desk) == []


def test_it_can_be_moved_to_this_view_and_removed(desk: Desk) -> None:
    look(desk, 0, 0, 1)
    keep(desk, "here")
    look(desk, 50, 60, 2)
    entry(desk, "Update to this view", "here").trigger()
    assert desk.session.whole.bookmarks[0].centre == (50, 60)
    assert desk.session.whole.bookmarks[0].zoom == 2
    entry(desk, "Remove", "here").trigger()
    assert names(desk) == []
    assert not entry(desk, "No bookmarks yet").isEnabled()


def test_the_palette_goes_to_views(desk: Desk) -> None:
    desk.session.root.set_bookmark("far end", (700, 100), 1)
    desk.window.actions_.run("view.go_to_bookmark")
    assert desk.window.finder.titles()[0] == "Go to view: far end"
    desk.type("far")
    assert seen(desk) == (700, 100, 1)


def test_an_ampersand_in_a_name_is_shown(desk: Desk) -> None:
    desk.session.root.set_bookmark("q & a")
    assert entry(desk, "q && a").isEnabled()


def test_bookmarks_are_saved_with_the_file(desk: Desk, tmp_path: Path) -> None:
    look(desk, 12, 34, 0.75)
    keep(desk, "kept")
    path = tmp_path / "views.graphlab"
    desk.session.path = path
    assert desk.window.files.save()
    assert load(path)[0].document.bookmarks == desk.session.whole.bookmarks


def test_an_old_name_is_the_bookmark_that_is_replaced(desk: Desk) -> None:
    keep(desk, "a")
    keep(desk, "b")
    look(desk, 5, 5, 1)
    keep(desk, "a")
    assert names(desk) == ["a", "b"]
    assert desk.session.whole.bookmarks[0].centre == (5, 5)


def test_a_click_elsewhere_drops_the_name(desk: Desk) -> None:
    desk.key(Qt.Key.Key_B, CTRL)
    desk.click(desk.view.camera.screen(QPointF(0, 600)).toPoint())
    QApplication.processEvents()
    assert names(desk) == []
    assert not [p for p in desk.view.findChildren(NamePrompt) if p.isVisible()]
