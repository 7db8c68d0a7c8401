"""What holds for every action, and for the menus made of them."""

from collections import Counter

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from graphlab.ui import icons
from graphlab.ui.actions.registry import MENUS, Action, action, actions
from tests.ui.window_trial import Make, small

ALL = pytest.mark.parametrize("declared", actions(), ids=lambda a: a.id)


@ALL
def test_every_action_says_what_it_does(declared: Action) -> None:
    assert declared.title
    assert declared.tip
    assert declared.menu in MENUS
    assert not declared.icon or icons.exists(declared.icon)


def test_shortcuts_are_unique_and_exist() -> None:
    keys = [QKeySequence(text).toString() for a in actions() for text in a.shortcuts]
    assert all(keys)
    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_the_keys_people_know_are_there() -> None:
    keys = {text: a.id for a in actions() for text in a.shortcuts}
    known = {
        "F10": "run.step", "Shift+F10": "run.back", "F5": "run.train", "Shift+F5": "run.stop", "Ctrl+F5": "run.to_end",
        "F9": "run.breakpoint", "Ctrl+F10": "run.to_node", "Ctrl+K": "tools.palette", "Ctrl+Shift+P": "tools.palette",
        "L": "graph.tidy", "F": "view.frame_selection", "Home": "view.frame_all", "F2": "edit.rename", "F1": "help.op",
        "?": "help.shortcuts", "Ctrl+F": "graph.find", "Shift+A": "graph.add", "Ctrl+D": "edit.duplicate",
    }  # fmt: skip
    assert {key: keys.get(key) for key in known} == known


def test_two_actions_cannot_share_an_id() -> None:
    with pytest.raises(ValueError, match=r"file\.new"):
        action("file.new", "New again")(lambda window: None)


def test_when_holds_up_with_an_empty_document(make: Make) -> None:
    empty = make()
    for declared in actions():
        assert declared.when(empty) in (True, False), declared.id
        if declared.checked:
            assert declared.checked(empty) in (True, False), declared.id


HARMLESS = [
    a
    for a in actions()
    if not a.id.startswith(("file.", "help.")) and a.id not in ("tools.picture", "view.full_screen")
]


@pytest.mark.parametrize("menu", sorted({a.menu for a in HARMLESS}))
def test_every_action_runs_with_a_graph_and_a_selection(menu: str, make: Make) -> None:
    """One after the other in one window, each with the graph as it was at first."""
    window = make(small())
    for declared in (a for a in HARMLESS if a.menu == menu):
        window.session.open(small())
        window.session.select([window.session.document.node("hidden").id])
        window.actions_.run(declared.id)
        window.actions_.refresh()
    window.set_theme("dark")


@pytest.mark.parametrize("id", ["help.op", "help.shortcuts", "help.about"])
def test_the_help_windows_open_and_close(id: str, make: Make) -> None:
    from PySide6.QtWidgets import QDialog

    window = make(small())
    window.session.select([window.session.document.node("hidden").id])
    window.actions_.run(id)
    (dialog,) = window.findChildren(QDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_what_cannot_be_done_is_greyed(make: Make) -> None:
    window = make(small())
    window.actions_.refresh()
    assert not window.actions_["edit.undo"].isEnabled()
    assert not window.actions_["edit.delete"].isEnabled()
    window.session.graph.rename("act", "h")
    window.session.select([window.session.document.node("h").id])
    window.actions_.refresh()
    assert window.actions_["edit.undo"].isEnabled()
    assert window.actions_["edit.undo"].text() == "Undo Rename"
    assert window.actions_["edit.delete"].isEnabled()


def test_every_action_is_in_a_menu(make: Make) -> None:
    window = make()
    assert {a.id for a in actions()} <= {made.objectName() for made in entries(window.menuBar())}


def entries(menu: QMenu | QMenuBar) -> list[QAction]:
    """Of a menu and of the menus in it."""
    found = []
    for made in menu.actions():
        inner = made.menu()
        found += [made] if inner is None else entries(inner)
    return found


def test_actions_of_a_submenu_stand_together_in_their_section(make: Make) -> None:
    window = make()
    menu = next(made.menu() for made in window.menuBar().actions() if made.text() == "&Graph")
    titles = [made.text() for made in menu.actions()]
    assert titles.count("Arrange") == 1
    assert titles.index("Arrange") == titles.index("Tidy up") + 1
    inner = menu.actions()[titles.index("Arrange")].menu()
    wanted = [a.id for a in actions() if a.submenu == "Arrange"]
    assert [made.objectName() for made in inner.actions() if made.objectName()] == wanted
    assert all(not made.icon().isNull() for made in inner.actions() if made.objectName())


def test_training_steps_ask_all_actions_only_now_and_then(make, qtbot, monkeypatch):

    import msgspec

    window = make(small())
    qtbot.wait(20)
    asked: list[int] = []
    monkeypatch.setattr(window.actions_, "_name_undo", lambda: asked.append(1))
    status = msgspec.structs.replace(window.session.status, state="training")
    window.session.status_changed.emit(status)
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=1000)  # it has begun: at once
    for step in range(30):
        window.session.status_changed.emit(msgspec.structs.replace(status, step=step))
        qtbot.wait(5)
    assert len(asked) <= 2
    window.session.status_changed.emit(msgspec.structs.replace(status, state="paused"))
    before = len(asked)
    qtbot.waitUntil(lambda: len(asked) > before, timeout=200)
