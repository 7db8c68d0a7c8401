"""Templates in the window: from the menu, the start page and the palette; saved, renamed and deleted by hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from graphlab.graph import Graph
from graphlab.io.templates import keep, network_templates, templates
from graphlab.ui import settings
from graphlab.ui.start_page import Tile
from graphlab.ui.template_list import TemplateList
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make, small


@pytest.fixture
def window(make: Make) -> MainWindow:
    return make(Graph())


def names(window: MainWindow) -> list[str]:
    return [template.name for template in window.templates.own()]


def menu_of(window: MainWindow) -> QMenu:
    (menu,) = [m for m in window.findChildren(QMenu) if m.title() == "New from template"]
    menu.aboutToShow.emit()
    return menu


def save_as(window: MainWindow, name: str) -> None:
    window.templates.ask_name = lambda start: name
    QApplication.processEvents()
    window.actions_.run("file.save_template")


def test_the_menu_begins_an_untitled_unsaved_graph(window: MainWindow) -> None:
    titles = [action.text() for action in menu_of(window).actions() if action.text()]
    assert titles[: len(templates())] == [t.title for t in templates()]
    next(a for a in menu_of(window).actions() if a.text() == "Small CNN").trigger()
    session = window.session
    assert "conv" in session.document.ids_by_name
    assert session.path is None
    assert window.files.name == "untitled"
    assert window.stage.start_page.isHidden()


def test_the_large_networks_have_a_menu_of_their_own(window: MainWindow) -> None:
    menu_of(window)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    (below,) = [a.menu() for a in menu_of(window).actions() if a.text() == "Network for pictures"]
    assert [action.text() for action in below.actions()] == [t.title for t in network_templates()]
    next(a for a in below.actions() if a.text() == "ResNet-8").trigger()
    assert list(window.session.document.ids_by_name)[:2] == ["picture", "resize"]
    assert window.session.document.node("net").params["gives"] == ("y",)


def test_a_blank_one_is_an_empty_canvas(window: MainWindow) -> None:
    menu_of(window).actions()[0].trigger()
    assert not window.session.document.nodes
    assert window.stage.start_page.isHidden()


def test_the_start_page_offers_them(window: MainWindow, qtbot) -> None:
    tiles = {tile.accessibleName(): tile for tile in window.stage.start_page.findChildren(Tile)}
    assert "Blank" not in tiles
    qtbot.mouseClick(tiles["Autoencoder"], Qt.MouseButton.LeftButton)
    assert "decoder" in window.session.document.ids_by_name


def test_the_palette_offers_them(window: MainWindow) -> None:
    window.finder.open("template cnn")
    assert window.finder.titles()[0] == "New from template: Small CNN"
    QTest.keyClick(window.finder.field, Qt.Key.Key_Return)
    assert "conv" in window.session.document.ids_by_name


def test_the_graph_is_saved_as_a_template_and_offered_from_then_on(make: Make) -> None:
    window = make(small())
    window.session.root.configure(lr=0.5)
    before = window.session.whole
    save_as(window, "my own")
    assert window.session.whole is before
    assert window.session.path is None
    assert "my own" in window.session.notices[-1].text
    own = next(a for a in menu_of(window).actions() if a.text() == "my own")
    window.files.ask = lambda name: "discard"
    own.trigger()
    assert window.session.whole.training.lr == 0.5
    assert set(window.session.whole.ids_by_name) == set(before.ids_by_name)
    assert window.files.name == "untitled"


def test_an_impossible_name_is_told(make: Make) -> None:
    window = make(small())
    save_as(window, "a/b")
    assert "cannot be called" in window.session.notices[-1].text
    assert names(window) == []


def test_a_name_that_is_taken_is_asked_about(make: Make) -> None:
    window = make(small())
    save_as(window, "mine")
    asked: list[str] = []
    window.templates.confirm = lambda question, more: bool(asked.append(question))
    window.session.root.add("ReLU", name="more")
    save_as(window, "mine")
    assert asked == ["Replace the template “mine”?"]
    assert "more" not in window.templates.own()[0].graph()
    window.templates.confirm = lambda question, more: True
    save_as(window, "mine")
    assert "more" in window.templates.own()[0].graph()


def test_nothing_can_be_saved_of_nothing(window: MainWindow) -> None:
    QApplication.processEvents()
    assert not window.actions_["file.save_template"].isEnabled()


def test_a_broken_template_is_told_and_hides_no_other(window: MainWindow) -> None:
    folder = settings.templates_folder()
    keep(small().document, "good", folder)
    (folder / "bad.graphlab").write_bytes(b"nonsense")
    before = window.session.whole
    titles = {action.text(): action for action in menu_of(window).actions()}
    assert {"good", "bad"} <= set(titles)
    titles["bad"].trigger()
    assert window.session.whole is before
    assert window.session.notices[-1].level == "error"
    titles["good"].trigger()
    assert "act" in window.session.document.ids_by_name


# The list of one's own


def opened(window: MainWindow) -> TemplateList:
    window.actions_.run("file.templates")
    found = window.findChildren(TemplateList)[-1]
    QApplication.processEvents()
    return found


def rows(found: TemplateList) -> list[str]:
    return [found.list.item(k).text() for k in range(found.list.count())]


@pytest.fixture
def listed(window: MainWindow) -> TemplateList:
    for name in ("one", "two"):
        keep(small().document, name, settings.templates_folder())
    return opened(window)


def test_an_empty_list_says_how_one_comes_into_it(window: MainWindow) -> None:
    found = opened(window)
    assert "Save as template" in found.words.text()
    assert not found.rename.isEnabled()
    assert not found.grab().isNull()


def type_over(found: TemplateList, text: str) -> None:
    """F2 opens the name; a new one and Enter."""
    found.list.setFocus()
    found.rename.click()
    editor = found.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_one_is_renamed_in_place(listed: TemplateList, window: MainWindow) -> None:
    type_over(listed, "three")
    assert rows(listed) == ["three", "two"]
    assert names(window) == ["three", "two"]
    assert listed.list.currentItem().text() == "three"


def test_a_name_that_cannot_be_is_told_below_the_list(listed: TemplateList, window: MainWindow) -> None:
    type_over(listed, "two")
    assert "already" in listed.words.text()
    assert rows(listed) == ["one", "two"]
    assert names(window) == ["one", "two"]


def test_one_is_deleted_after_a_question(listed: TemplateList, window: MainWindow) -> None:
    window.templates.confirm = lambda question, more: False
    listed.delete.click()
    assert rows(listed) == ["one", "two"]
    window.templates.confirm = lambda question, more: True
    listed.delete.click()
    assert rows(listed) == ["two"]
    assert names(window) == ["two"]


def test_enter_opens_one_and_closes_the_list(listed: TemplateList, window: MainWindow) -> None:
    listed.list.setCurrentRow(1)
    QTest.keyClick(listed.list, Qt.Key.Key_Return)
    assert "act" in window.session.document.ids_by_name
    assert not listed.isVisible()
