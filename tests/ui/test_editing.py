"""Numbers set by hand in the window: typed, stepped, dragged; undone in one row with the edits; nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.ui.canvas.asking import element_under
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import PATIENCE, Make

LEFT = Qt.MouseButton.LeftButton
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


def network() -> Graph:
    """x · W (a parameter that begins as the document says) → hidden → loss; c stands beside."""
    g = Graph("network")
    x = g.add("Input", name="x", value=((1.0, -0.5),), position=(0, 0))
    weight = g.add("Parameter", name="W", value=((0.6, -1.0), (-0.4, 0.8)), position=(0, 160))
    scaled = g.add("Linear", x, name="scaled", units=2, weight=weight, position=(220, 0))
    hidden = g.add("Linear", g.add("Tanh", scaled, name="tanh", position=(440, 0)), name="hidden", units=2)
    c = g.add("Constant", name="c", value=2.0, position=(440, 200))
    g.add("Sum", g.add("Mul", hidden, c, name="times"), name="loss")
    return g


@pytest.fixture
def window(make: Make, qtbot: Any) -> MainWindow:
    window = make(Graph(network().document), engine=True)
    window.resize(1300, 860)
    session = window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.phase("backward")
    qtbot.waitUntil(lambda: session.status.cursor > 0, timeout=PATIENCE)
    return window


def look_at(window: MainWindow, qtbot: Any, name: str, socket: str = "") -> Any:
    """The inspector's tensors, showing that output or parameter."""
    session = window.session
    session.select({session.document.node(name).id})
    tensors = window.docks["inspector"].content.node_page.tensors
    if socket:
        tensors.choose(socket)
    tensors.show_tab("value")
    qtbot.waitUntil(lambda: tensors._tensor("value") is not None, timeout=PATIENCE)
    tensors.refresh()
    qtbot.wait(30)  # until everything has its place
    return tensors


def number(window: MainWindow, name: str, place: tuple[int, ...]) -> float:
    """What the engine holds of a parameter."""
    return float(window.session.engine.fetch_weights(3.0)[name][place])


def open_field(tensors: Any, cell: tuple[int, int]) -> Any:
    heat = tensors.value.view.heat_map()
    QTest.mouseDClick(heat, LEFT, NONE, heat.cell_rect(*cell).center().toPoint())
    editor = tensors.setter.editor
    assert editor.isVisible()
    return editor


def write(editor: Any, text: str) -> None:
    editor.line.selectAll()
    QTest.keyClicks(editor.line, text)
    QTest.keyClick(editor.line, Qt.Key.Key_Return)


def drag(
    widget: QWidget, start: QPoint, far: int, keys: Qt.KeyboardModifier = ALT, drop: bool = True
) -> None:
    QTest.mousePress(widget, LEFT, keys, start)
    for k in range(1, 11):
        at = start + QPoint(far * k // 10, 0)
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(widget.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            LEFT,
            keys,
        )
        QApplication.sendEvent(widget, event)
    if drop:
        QTest.mouseRelease(widget, LEFT, keys, start + QPoint(far, 0))


def history(window: MainWindow, qtbot: Any, count: int) -> str:
    """The last entry, once there are so many."""
    qtbot.waitUntil(lambda: len(window.session.root.history) == count, timeout=PATIENCE)
    return window.session.root.history[-1]


# Weights


def test_a_weight_is_typed_as_an_expression_and_comes_back_by_undo(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    was = number(window, "hidden.weight", (1, 0))
    document = window.session.root.document
    write(open_field(tensors, (1, 0)), "x*2 + 1/3")
    assert history(window, qtbot, 2).startswith("Set hidden.weight[1, 0] ")
    assert number(window, "hidden.weight", (1, 0)) == np.float32(was * 2 + 1 / 3)
    assert window.session.root.document is document
    window.actions_.run("edit.undo")
    assert number(window, "hidden.weight", (1, 0)) == was
    window.actions_.run("edit.redo")
    assert number(window, "hidden.weight", (1, 0)) == np.float32(was * 2 + 1 / 3)


def test_only_what_depends_on_it_is_marked_and_told(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    tensors = look_at(window, qtbot, "hidden", "weight")
    write(open_field(tensors, (0, 0)), "3")
    qtbot.waitUntil(lambda: bool(session.editing.fresh.nodes), timeout=PATIENCE)
    names = {session.document.nodes[key].name for key in session.editing.fresh.nodes}
    assert {"hidden", "times", "loss"} <= names
    assert "x" not in names
    count, total = len(names), len(session.document.nodes)
    assert window.statusBar().anew.text() == f"{count} of {total} nodes computed anew"
    qtbot.waitUntil(lambda: not session.editing.fresh.nodes, timeout=PATIENCE)
    assert window.statusBar().anew.text()  # the words stay a little longer
    assert session.status.cursor == 2 * total  # the run stands where it stood


def test_undo_of_weights_and_of_the_document_are_one_row(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    was = number(window, "hidden.weight", (0, 0))
    hidden = session.document.node("hidden").id
    session.set_element(hidden, "weight", (0, 0), 5.0)
    session.editing.settle()
    session.graph.rename("loss", "cost")
    session.set_element(hidden, "weight", (0, 0), 6.0)  # and undone before the engine has answered
    for expected, name in ((5.0, "cost"), (5.0, "loss"), (was, "loss")):
        window.actions_.run("edit.undo")
        assert number(window, "hidden.weight", (0, 0)) == expected
        assert name in session.document.ids_by_name
    for _ in range(3):
        window.actions_.run("edit.redo")
    assert number(window, "hidden.weight", (0, 0)) == 6.0
    assert session.root.history[1:] == [
        f"Set hidden.weight[0, 0] {_short(was)} → 5.000",
        "Rename",
        "Set hidden.weight[0, 0] 5.000 → 6.000",
    ]


def _short(value: float) -> str:
    from graphlab.ui.numbers import number as written

    return written(value, 4)


def test_after_a_step_of_training_undo_passes_over_what_was_set_before_it(
    window: MainWindow, qtbot: Any
) -> None:
    session = window.session
    session.graph.rename("loss", "cost")
    session.set_element(session.document.node("hidden").id, "weight", (0, 0), 5.0)
    session.editing.settle()
    session.train_step()
    qtbot.waitUntil(lambda: session.status.step == 1, timeout=PATIENCE)
    trained = number(window, "hidden.weight", (0, 0))
    assert session.root.undo_label == "Rename"
    window.actions_.run("edit.undo")
    assert "loss" in session.document.ids_by_name
    assert number(window, "hidden.weight", (0, 0)) == trained != 5.0


def test_after_a_reset_there_is_nothing_to_take_back(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    began = number(window, "hidden.weight", (0, 0))
    session.set_element(session.document.node("hidden").id, "weight", (0, 0), 5.0)
    session.reset()
    assert not session.root.can_undo
    assert number(window, "hidden.weight", (0, 0)) == began


def test_a_weight_that_was_set_counts_as_work_until_it_is_saved(
    window: MainWindow, qtbot: Any, tmp_path: Any
) -> None:
    session = window.session
    window.files.choose_save = lambda start, kinds: str(tmp_path / "a")
    assert window.files.save()
    assert not session.is_modified
    session.set_element(session.document.node("hidden").id, "weight", (0, 0), 5.0)
    session.editing.settle()
    assert session.is_modified
    qtbot.waitUntil(window.isWindowModified, timeout=PATIENCE)
    assert window.files.save()
    assert not session.is_modified


def test_a_weight_that_was_set_outlives_the_engine(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    session.set_element(session.document.node("hidden").id, "weight", (0, 0), 5.0)
    session.editing.settle()
    qtbot.waitUntil(lambda: "hidden.weight" in session.engine._weights, timeout=PATIENCE)
    process = session.engine.link._process
    process.popen.kill()
    qtbot.waitUntil(lambda: session.engine.link._process not in (None, process), timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.engine.is_up, timeout=PATIENCE)
    assert number(window, "hidden.weight", (0, 0)) == 5.0


def test_what_is_refused_leaves_no_entry_and_says_why(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    notices: list[str] = []
    session.notice.connect(lambda notice: notices.append(notice.sentence))
    session.set_element(session.document.node("hidden").id, "y", (0, 0), 5.0)
    session.editing.settle()
    assert session.root.history == ["Open"]
    assert "is computed, so it cannot be set" in notices[-1]


# The field


def test_a_whole_row_is_multiplied(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    was = window.session.engine.fetch_weights(3.0)["hidden.weight"].copy()
    editor = open_field(tensors, (1, 0))
    titles = [editor.scope.itemText(k) for k in range(editor.scope.count())]
    assert titles == ["[1, 0]", "row 1 · 2", "column 0 · 2", "all 4"]
    editor.scope.setCurrentIndex(1)
    editor.scope.activated.emit(1)
    write(editor, "*2")
    assert history(window, qtbot, 2) == "Set 2 numbers of hidden.weight"
    now = window.session.engine.fetch_weights(3.0)["hidden.weight"]
    assert np.array_equal(now[1], was[1] * 2)
    assert np.array_equal(now[0], was[0])


def test_arrows_try_a_number_and_escape_brings_it_back(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    was = number(window, "hidden.weight", (0, 1))
    editor = open_field(tensors, (0, 1))
    for _ in range(3):
        QTest.keyClick(editor.line, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: number(window, "hidden.weight", (0, 1)) > was, timeout=PATIENCE)
    QTest.keyClick(editor.line, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    qtbot.waitUntil(lambda: number(window, "hidden.weight", (0, 1)) == was, timeout=PATIENCE)
    assert window.session.root.history == ["Open"]
    editor = open_field(tensors, (0, 1))
    QTest.keyClick(editor.line, Qt.Key.Key_Down)
    QTest.keyClick(editor.line, Qt.Key.Key_Down)
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert history(window, qtbot, 2).startswith("Set hidden.weight[0, 1]")
    assert number(window, "hidden.weight", (0, 1)) < was


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x/0", "divides by zero"),
        ("1e39", "too large for float32"),
        ("abc", "There is no abc"),
        ("", "Write"),
    ],
)
def test_nonsense_is_told_in_the_field(window: MainWindow, qtbot: Any, text: str, words: str) -> None:
    editor = open_field(look_at(window, qtbot, "hidden", "weight"), (0, 0))
    write(editor, text) if text else (editor.line.clear(), QTest.keyClick(editor.line, Qt.Key.Key_Return))
    assert editor.isVisible()
    assert words in editor._says.text()
    assert window.session.root.history == ["Open"]


def test_the_field_gives_the_keyboard_back(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    heat = tensors.value.view.heat_map()
    window.activateWindow()
    heat.setFocus()
    heat.select((0, 0))
    QTest.keyClick(heat, Qt.Key.Key_Return)
    write(tensors.setter.editor, "0.5")
    assert QApplication.focusWidget() is heat


# Dragging


def test_a_weight_is_dragged_in_the_heat_map_as_one_entry(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    heat = tensors.value.view.heat_map()
    was = number(window, "hidden.weight", (1, 1))
    drag(heat, heat.cell_rect(1, 1).center().toPoint(), 50)
    assert history(window, qtbot, 2).startswith("Set hidden.weight[1, 1]")
    now = number(window, "hidden.weight", (1, 1))
    assert now > was
    window.actions_.run("edit.undo")
    assert number(window, "hidden.weight", (1, 1)) == was


def test_escape_in_the_middle_of_a_drag_brings_it_back(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    heat = tensors.value.view.heat_map()
    was = number(window, "hidden.weight", (1, 1))
    drag(heat, heat.cell_rect(1, 1).center().toPoint(), 50, drop=False)
    QTest.keyClick(heat, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: number(window, "hidden.weight", (1, 1)) == was, timeout=PATIENCE)
    QTest.mouseRelease(heat, LEFT, ALT, QPoint(5, 5))
    assert window.session.root.history == ["Open"]


def test_a_plain_drag_in_the_heat_map_changes_nothing(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "hidden", "weight")
    heat = tensors.value.view.heat_map()
    was = number(window, "hidden.weight", (1, 1))
    drag(heat, heat.cell_rect(1, 1).center().toPoint(), 50, NONE)
    qtbot.wait(50)
    assert number(window, "hidden.weight", (1, 1)) == was


def test_a_large_number_is_dragged_without_any_key(window: MainWindow, qtbot: Any) -> None:
    tensors = look_at(window, qtbot, "c")
    shown = tensors.value.view.shown()
    drag(shown, QPoint(30, 15), 50, NONE)
    assert history(window, qtbot, 2) == "Set c 2.000 → 3.000"
    assert window.session.document.node("c").params["value"] == 3.0


def test_what_the_document_holds_follows_the_hand_and_is_one_edit(window: MainWindow, qtbot: Any) -> None:
    """On the canvas, Alt+drag; the loss follows before the release, the document at the release."""
    began = ((1.0, -0.5),)
    session, canvas = window.session, window.canvas
    session.select(())
    canvas.camera.set((60.0, 60.0, 1.0))
    canvas.camera_changed()
    node = session.document.node("x").id
    qtbot.waitUntil(lambda: session.tensor("value", node, "y") is not None, timeout=PATIENCE)
    loss = session.document.node("loss").id
    session.watch(window, [m.TensorKey("value", loss, "y")])  # which may be out of view
    qtbot.waitUntil(lambda: session.tensor("value", loss) is not None, timeout=PATIENCE)
    before = float(session.tensor("value", loss).array)
    at = cell_of(canvas, node, (0, 1))
    drag(canvas, at, 40, drop=False)
    qtbot.waitUntil(lambda: float(session.tensor("value", loss).array) != before, timeout=PATIENCE)
    assert session.document.node("x").params["value"] == began
    QTest.mouseRelease(canvas, LEFT, ALT, at + QPoint(40, 0))
    assert history(window, qtbot, 2) == "Set x[0, 1] −0.5000 → −0.3000"
    assert session.document.node("x").params["value"] == ((1.0, -0.3),)
    window.actions_.run("edit.undo")
    assert session.document.node("x").params["value"] == began
    qtbot.waitUntil(lambda: float(session.tensor("value", loss).array) == before, timeout=PATIENCE)
    drag(canvas, at, 40, drop=False)
    qtbot.waitUntil(lambda: float(session.tensor("value", loss).array) != before, timeout=PATIENCE)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: float(session.tensor("value", loss).array) == before, timeout=PATIENCE)
    assert session.root.position == 0


def test_a_parameter_on_the_canvas_is_set_in_the_run(window: MainWindow, qtbot: Any) -> None:
    session, canvas = window.session, window.canvas
    canvas.camera.set((60.0, 60.0, 1.0))
    canvas.camera_changed()
    node = session.document.node("W").id
    qtbot.waitUntil(lambda: session.tensor("value", node, "y") is not None, timeout=PATIENCE)
    document = session.document
    drag(canvas, cell_of(canvas, node, (0, 1)), 40)
    assert history(window, qtbot, 2) == "Set W[0, 1] −1.000 → −0.6000"
    assert number(window, "W.value", (0, 1)) == np.float32(-0.6)
    window.actions_.run("edit.undo")
    assert number(window, "W.value", (0, 1)) == -1.0
    assert session.document is document


def cell_of(canvas: Any, node: str, place: tuple[int, ...]) -> QPoint:
    """A pixel over an element of a node's picture."""
    rect = canvas.camera.screen_rect(canvas.scene.rect(node)).toRect()
    found = (
        QPoint(x, y)
        for y in range(rect.top(), rect.bottom(), 2)
        for x in range(rect.left(), rect.right(), 2)
        if (asked := element_under(canvas, canvas.camera.world(QPointF(x, y)))) and asked.place == place
    )
    return next(found)


def test_a_trained_parameter_is_set_in_the_run_and_not_where_it_began(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    session.train_step()
    qtbot.waitUntil(lambda: session.status.step == 1, timeout=PATIENCE)
    session.phase("forward")
    tensors = look_at(window, qtbot, "W")
    trained = session.engine.fetch_weights(3.0)["W.value"].copy()
    write(open_field(tensors, (0, 0)), "9")
    assert history(window, qtbot, 2).startswith("Set W[0, 0]")
    now = session.engine.fetch_weights(3.0)["W.value"]
    assert now[0, 0] == 9.0
    assert np.array_equal(now[1], trained[1])
    assert session.document.node("W").params["value"] == ((0.6, -1.0), (-0.4, 0.8))


def test_of_what_comes_faster_than_the_engine_the_latest_counts(window: MainWindow, qtbot: Any) -> None:
    session, sent = window.session, list[object]()
    real: Callable[[object], None] = session.engine.send
    session.engine.send = lambda command: (sent.append(command), real(command))  # type: ignore[method-assign]
    tensors = look_at(window, qtbot, "hidden", "weight")
    heat = tensors.value.view.heat_map()
    drag(heat, heat.cell_rect(0, 0).center().toPoint(), 300)  # ten moves, and no event loop between them
    history(window, qtbot, 2)
    moves = [command for command in sent if isinstance(command, m.SetElements)]
    assert len(moves) == 2  # the first, and the last
    assert number(window, "hidden.weight", (0, 0)) == np.float32(moves[-1].values[0])
