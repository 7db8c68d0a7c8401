"""Muted and frozen nodes: by key, menu and inspector, one and several, what is drawn of them, and undo."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.ui.canvas.scene import Scene
from graphlab.ui.theme import theme

from .conftest import Desk

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def flags(desk: Desk, flag: str) -> set[str]:
    return {n.name for n in desk.session.document.nodes.values() if getattr(n, flag)}


def picture(desk: Desk, name: str, zoom: float) -> QImage:
    """What is drawn of a node."""
    view = desk.view
    view.camera.set((40.0, 40.0, zoom))
    view.camera_changed()
    QApplication.processEvents()
    return view.grab(view.camera.screen_rect(view.scene.rect(desk.id(name))).toRect()).toImage()


def test_m_mutes_and_m_again_takes_it_back(desk: Desk) -> None:
    desk.select("act")
    desk.key(Qt.Key.Key_M)
    assert flags(desk, "muted") == {"act"}
    desk.key(Qt.Key.Key_M)
    assert flags(desk, "muted") == set()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert flags(desk, "muted") == {"act"}
    desk.key(Qt.Key.Key_Z, CTRL)
    assert flags(desk, "muted") == set()


def test_what_has_nothing_to_let_through_cannot_be_muted(desk: Desk) -> None:
    desk.select("x")
    desk.key(Qt.Key.Key_M)
    assert flags(desk, "muted") == set()
    assert not desk.window.actions_["graph.mute"].isEnabled()
    assert "Mute" not in desk.menu(desk.header("x"))


def test_several_are_muted_as_one_edit_and_made_alike_first(desk: Desk) -> None:
    before = len(desk.graph.history)
    desk.graph.set_flags("act", muted=True)
    desk.select("x", "hidden", "act")
    desk.key(Qt.Key.Key_M)
    assert flags(desk, "muted") == {"hidden", "act"}
    assert len(desk.graph.history) == before + 2
    desk.key(Qt.Key.Key_M)
    assert flags(desk, "muted") == set()


def test_shapes_pass_through_a_muted_node(desk: Desk) -> None:
    desk.select("hidden")
    desk.key(Qt.Key.Key_M)
    assert desk.view.looks.shape_text(desk.id("hidden"), "y") == "N×2"
    look = desk.view.looks.of(desk.id("hidden"))
    assert (look.muted, look.passes, look.order) == (True, "x", 0)


def test_the_value_of_a_muted_node_is_what_passes(desk: Desk) -> None:
    desk.graph.set_flags("hidden", muted=True)
    assert desk.session.seen.end(desk.id("hidden"), "y") == (desk.id("x"), "y")


@pytest.mark.parametrize("zoom", [1.0, 0.5, 0.25])
def test_a_line_goes_straight_through_a_muted_node_at_every_zoom(
    desk: Desk, zoom: float, each_theme: object
) -> None:
    plain = picture(desk, "act", zoom)
    desk.graph.set_flags("act", muted=True)
    muted = picture(desk, "act", zoom)
    assert muted != plain
    shape = desk.view.scene.shape(desk.id("act"))
    height = shape.input_rows[0] if zoom > 0.3 else shape.height / 2
    row = round(height * zoom)

    def darkness(x: int, y: int) -> int:
        return abs(QColor(muted.pixel(x, y)).lightness() - theme().canvas.lightness())

    xs = range(muted.width() // 4, 3 * muted.width() // 4)
    line = max(np.mean([darkness(x, y) for x in xs]) for y in range(row - 1, row + 2))
    beside = np.mean([darkness(x, row + max(round(16 * zoom), 5)) for x in xs])
    assert line > beside + 10


def test_a_switch_of_the_flag_alone_reaches_the_picture_from_far(desk: Desk) -> None:
    desk.graph.set_flags("act", muted=True)
    fresh = Scene()
    fresh.show(desk.session.document)
    assert np.array_equal(desk.view.scene.muted, fresh.muted)
    assert desk.view.scene.muted.sum() == 1
    desk.graph.undo()
    assert not desk.view.scene.muted.any()


# Frozen


def test_shift_f_freezes_what_has_parameters(desk: Desk) -> None:
    desk.key(Qt.Key.Key_A, CTRL)
    desk.key(Qt.Key.Key_F, SHIFT)
    assert flags(desk, "frozen") == {"hidden", "out"}
    desk.key(Qt.Key.Key_F, SHIFT)
    assert flags(desk, "frozen") == set()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert flags(desk, "frozen") == {"hidden", "out"}


def test_what_learns_nothing_cannot_be_frozen(desk: Desk) -> None:
    desk.select("act")
    desk.key(Qt.Key.Key_F, SHIFT)
    assert flags(desk, "frozen") == set()
    assert "Freeze" not in desk.menu(desk.header("act"))


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_a_frozen_node_bears_a_mark(desk: Desk, zoom: float, each_theme: object) -> None:
    plain = picture(desk, "hidden", zoom)
    desk.graph.set_flags("hidden", frozen=True)
    frozen = picture(desk, "hidden", zoom)
    different = [
        (x, y)
        for x in range(plain.width())
        for y in range(plain.height())
        if plain.pixel(x, y) != frozen.pixel(x, y)
    ]
    assert different
    assert min(x for x, _ in different) > plain.width() / 3  # at the right of the header, beside the name
    assert max(y for _, y in different) < plain.height() / 2


def test_inside_a_frozen_group_everything_bears_it(desk: Desk) -> None:
    desk.graph.group("hidden", "act", name="cell")
    desk.select("cell")
    desk.key(Qt.Key.Key_F, SHIFT)
    desk.key(Qt.Key.Key_Return)
    assert desk.view.looks.of(desk.id("hidden")).frozen
    desk.graph.root.set_flags("cell", frozen=False)
    assert not desk.view.looks.of(desk.id("hidden")).frozen


def test_the_menu_says_what_it_does(desk: Desk) -> None:
    desk.menu(desk.header("hidden"))["Freeze"].trigger()
    assert flags(desk, "frozen") == {"hidden"}
    desk.menu(desk.header("hidden"))["Thaw"].trigger()
    assert flags(desk, "frozen") == set()
    desk.menu(desk.header("hidden"))["Mute"].trigger()
    assert flags(desk, "muted") == {"hidden"}
    desk.menu(desk.header("hidden"))["Unmute"].trigger()
    assert flags(desk, "muted") == set()


def test_the_window_menu_ticks_what_is_on(desk: Desk) -> None:
    desk.graph.set_flags("hidden", muted=True, frozen=True)
    desk.select("hidden")
    made = desk.window.actions_
    made.refresh()
    assert made["graph.mute"].isChecked()
    assert made["graph.freeze"].isChecked()
    desk.select("hidden", "act")
    made.refresh()
    assert not made["graph.mute"].isChecked()  # not all of them are
    assert made["graph.freeze"].isChecked()  # all that can be


def test_a_copy_is_muted_and_frozen_like_its_original(desk: Desk) -> None:
    desk.graph.set_flags("hidden", muted=True, frozen=True)
    desk.select("hidden")
    desk.key(Qt.Key.Key_D, CTRL)
    copied = desk.session.document.node("hidden2")
    assert copied.muted
    assert copied.frozen


# In the inspector


def test_the_inspector_has_both_as_switches(desk: Desk) -> None:
    page = desk.window.docks.by_id["inspector"].content.node_page
    desk.select("hidden")
    QApplication.processEvents()
    for flag, button in page.flags.buttons.items():
        assert button.isVisible()
        assert not button.isChecked()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
        assert flags(desk, flag) == {"hidden"}
        assert button.isChecked()
    desk.select("act")
    assert page.flags.buttons["muted"].isVisible()
    assert not page.flags.buttons["frozen"].isVisible()
    desk.select("x")
    assert not page.flags.isVisible()


def test_the_inspector_switches_several_at_once(desk: Desk) -> None:
    page = desk.window.docks.by_id["inspector"].content.several_page
    desk.graph.set_flags("hidden", frozen=True)
    desk.select("x", "hidden", "act", "out")
    QApplication.processEvents()
    button = page.flags.buttons["frozen"]
    assert button.text() == "1 of 2 frozen"
    assert not button.isChecked()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert flags(desk, "frozen") == {"hidden", "out"}
    assert button.text() == "frozen"
    assert button.isChecked()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert button.text() == "1 of 2 frozen"


def test_training_leaves_a_frozen_node_as_it_is(qtbot: object) -> None:
    """What the mark promises, by the engine itself."""
    import graphlab as gl

    graph = Graph("frozen")
    x = graph.add("Input", name="x", shape=("N", 2))
    hidden = graph.add("Linear", x, name="hidden", units=3)
    graph.add("Mean", graph.add("Linear", hidden, name="out", units=1), name="goal")
    graph.set_flags("hidden", frozen=True)
    run = gl.Run(graph, goal="goal", optimizer=gl.SGD(lr=0.5), seed=0)
    run.feed(x=[[1.0, 2.0], [3.0, -1.0]])
    before = {name: np.array(value) for name, value in run.parameters.items()}
    run.train_step()
    changed = {name for name, value in run.parameters.items() if not np.array_equal(value, before[name])}
    assert changed == {"out.weight", "out.bias"}
