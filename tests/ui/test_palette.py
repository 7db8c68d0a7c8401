"""The command palette by keyboard."""

from typing import Any

import pytest
from PySide6.QtCore import Qt

from graphlab.io.examples import example
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make, small


@pytest.fixture
def window(make: Make) -> MainWindow:
    return make(small())


def enter(qtbot: Any, window: MainWindow, text: str) -> None:
    qtbot.keyClicks(window.finder.field, text)
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Return)


def test_ctrl_k_opens_it_and_escape_closes_it(window: MainWindow, qtbot: Any) -> None:
    window.actions_["tools.palette"].trigger()
    assert window.finder.isVisible()
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Escape)
    assert not window.finder.isVisible()


def test_it_goes_to_a_node_by_name(window: MainWindow, qtbot: Any) -> None:
    window.finder.open()
    enter(qtbot, window, "hidden")
    assert window.session.selected_node == window.session.document.node("hidden").id
    assert not window.finder.isVisible()


def test_it_adds_an_operation(window: MainWindow, qtbot: Any) -> None:
    window.finder.open()
    enter(qtbot, window, "add softmax")
    assert [n.op for n in window.session.document.nodes.values()][-1] == "Softmax"


def test_it_runs_a_command_and_shows_its_shortcut(window: MainWindow, qtbot: Any) -> None:
    window.session.graph.rename("act", "h")
    offer = next(o for o in window.finder.offers() if o.title.startswith("Undo"))
    assert offer.keys == "Ctrl+Z"
    window.finder.open()
    enter(qtbot, window, "undo")
    assert "act" in window.session.graph


def test_it_opens_an_example(window: MainWindow, qtbot: Any) -> None:
    window.finder.open()
    enter(qtbot, window, "example xor")
    assert window.session.document.name == "XOR"


def test_an_example_is_a_copy_wherever_it_was_found(window: MainWindow) -> None:
    """Ctrl+S would otherwise write over what everybody's lessons begin with."""
    assert window.files.open(example("xor").path)
    assert (window.session.document.name, window.session.path) == ("XOR", None)


def test_a_command_that_makes_no_sense_now_is_not_run(window: MainWindow, qtbot: Any) -> None:
    before = window.session.document
    window.finder.open()
    enter(qtbot, window, "delete and rejoin")
    assert window.session.document is before


def test_arrows_walk_round_the_list(window: MainWindow, qtbot: Any) -> None:
    window.finder.open()
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Up)
    assert window.finder.list.currentIndex().row() == window.finder.model.rowCount() - 1
    qtbot.keyClick(window.finder.field, Qt.Key.Key_Down)
    assert window.finder.list.currentIndex().row() == 0


def test_nothing_found_is_an_empty_list_and_enter_does_nothing(window: MainWindow, qtbot: Any) -> None:
    window.finder.open()
    enter(qtbot, window, "zzzqqq")
    assert window.finder.titles() == []
    assert window.finder.isVisible()


def test_inside_a_group_it_goes_to_the_nodes_there(window: MainWindow, qtbot: Any) -> None:
    window.session.graph.group("hidden", "act", name="cell")
    cell = window.session.document.node("cell").id
    window.session.enter(cell)
    window.finder.open()
    enter(qtbot, window, "go to act")
    assert window.session.inside == (cell,)
    assert window.session.selected_node == window.session.document.node("act").id


def test_it_adds_one_more_use_of_a_group(window: MainWindow, qtbot: Any) -> None:
    window.session.graph.group("hidden", "act", name="cell")
    window.finder.open()
    enter(qtbot, window, "add cell")
    assert window.session.document.node("cell2").params["definition"] == "g1"
