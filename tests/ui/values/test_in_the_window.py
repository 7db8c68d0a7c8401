"""Values through the real window with a real engine: opened by hand, seen in every way, taken along, followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from graphlab.engine.messages import TensorKey
from graphlab.graph import Graph
from graphlab.ui.canvas import values_menu
from graphlab.ui.canvas.menus import menu_at
from graphlab.ui.canvas.rects import value_rect
from graphlab.ui.display import display, set_display
from graphlab.ui.values import copying, menu
from graphlab.ui.values.ask_text import AskText
from graphlab.ui.values.window import ValuesWindow, windows_of
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import PATIENCE, Make

LEFT = Qt.MouseButton.LeftButton
X = np.array([[0.5, -0.25, 2.0], [1.0, 4.0, -8.0]], np.float32)


def network() -> Graph:
    """x (2×3) → double, log (which holds NaN); a weight that is too large to be sent whole; a scalar."""
    graph = Graph("values")
    x = graph.add("Constant", name="x", value=tuple(map(tuple, X.tolist())))
    graph.add("Mul", x, x, name="double")
    large = graph.add("Parameter", name="large", shape=(300, 400))
    graph.add("Mean", large, name="score")
    graph.add("Log", x, name="log")  # last, since a run stands still where NaN appears
    return Graph(graph.document)


@pytest.fixture
def window(make: Make, qtbot: Any) -> MainWindow:
    window = make(network(), engine=True)
    qtbot.waitUntil(lambda: window.session.loaded is not None, timeout=PATIENCE)
    window.canvas.frame_all()
    select(window, "double")
    window.session.phase("forward")
    arrived(window, qtbot, "double")
    return window


def id_of(window: MainWindow, name: str) -> str:
    return window.session.document.node(name).id


def select(window: MainWindow, name: str) -> None:
    window.session.select({id_of(window, name)})


def arrived(window: MainWindow, qtbot: Any, name: str) -> None:
    select(window, name)
    node = id_of(window, name)
    qtbot.waitUntil(lambda: window.session.tensor("value", node) is not None, timeout=PATIENCE)


def opened(window: MainWindow, qtbot: Any, name: str, kind: str = "value") -> ValuesWindow:
    socket = window.session.document.node(name).make().results()[0]
    key = TensorKey(kind, id_of(window, name), socket)
    window.session.looking.large_wanted.emit(key)
    made = windows_of(window)[-1]
    qtbot.waitUntil(lambda: bool(made.page.pane.view.mode), timeout=PATIENCE)
    return made


def test_a_double_click_on_a_picture_opens_it_large(window: MainWindow, qtbot: Any) -> None:
    canvas, node = window.canvas, id_of(window, "double")
    place = canvas.scene.rect(node).topLeft() + value_rect(canvas.scene.shape(node)).center()
    canvas.frame_selection()
    qtbot.waitUntil(lambda: canvas.detail == 2, timeout=PATIENCE)
    QTest.mouseDClick(canvas, LEFT, Qt.KeyboardModifier.NoModifier, canvas.camera.screen(place).toPoint())
    assert [each.page.key() for each in windows_of(window)] == [TensorKey("value", node, "y")]
    qtbot.waitUntil(lambda: windows_of(window)[0].windowTitle().startswith("double"), timeout=PATIENCE)


def test_the_same_tensor_is_not_opened_twice_and_others_are(window: MainWindow, qtbot: Any) -> None:
    first = opened(window, qtbot, "double")
    assert opened(window, qtbot, "double") is first
    second = opened(window, qtbot, "x")
    assert second is not first
    qtbot.keyClick(second, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: windows_of(window) == [first], timeout=PATIENCE)


def test_a_pinned_window_stays_and_a_following_one_follows(window: MainWindow, qtbot: Any) -> None:
    page = opened(window, qtbot, "x").page
    select(window, "log")
    assert page.key() == TensorKey("value", id_of(window, "x"), "y")
    qtbot.mouseClick(page.pin, LEFT)
    assert page.key() == TensorKey("value", id_of(window, "log"), "y")
    select(window, "double")
    assert page.key() == TensorKey("value", id_of(window, "double"), "y")


def test_every_way_is_a_click_away_and_remembered(window: MainWindow, qtbot: Any) -> None:
    view = opened(window, qtbot, "double").page.pane.view
    for mode in ("table", "image", "line", "histogram", "cells"):
        qtbot.mouseClick(view.head.button(mode), LEFT)
        assert view.mode == mode
        assert not view.shown().isHidden()
    qtbot.mouseClick(view.head.button("table"), LEFT)
    for each in windows_of(window):
        each.close()
    qtbot.waitUntil(lambda: not windows_of(window), timeout=PATIENCE)
    assert opened(window, qtbot, "double").page.pane.view.mode == "table"
    assert opened(window, qtbot, "log").page.pane.view.mode == "cells"


def test_a_large_parameter_is_seen_whole_in_the_inspector(window: MainWindow, qtbot: Any) -> None:
    arrived(window, qtbot, "large")
    panel = window.docks["inspector"].build()
    view = panel.node_page.tensors.value.view
    heat = view.heat_map()
    qtbot.waitUntil(lambda: (heat.extent().rows, heat.extent().columns) == (300, 400), timeout=PATIENCE)
    qtbot.waitUntil(lambda: heat.extent().holds((0, 300, 0, 400)), timeout=PATIENCE)
    weights = window.session.weights()["large.value"]
    view.select_index((299, 399), closely=True)
    qtbot.waitUntil(lambda: view.value_at((299, 399)) == weights[299, 399], timeout=PATIENCE)
    stats = panel.node_page.tensors.value.stats
    assert "300×400" in stats.text()


def test_an_element_beyond_what_is_sent_is_set(window: MainWindow, qtbot: Any) -> None:
    page = opened(window, qtbot, "large").page
    view = page.pane.view
    view.select_index((299, 399), closely=True)
    qtbot.waitUntil(lambda: view.value_at((299, 399)) is not None, timeout=PATIENCE)
    qtbot.keyClick(view.heat_map(), Qt.Key.Key_Return)
    editor = page._setter.editor
    assert editor.isVisible()
    editor.line.setText("12,5")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.value_at((299, 399)) == 12.5, timeout=PATIENCE)


def test_g_goes_to_an_element_by_its_index(window: MainWindow, qtbot: Any) -> None:
    made = opened(window, qtbot, "large")
    view = made.page.pane.view
    qtbot.keyClick(view.heat_map(), Qt.Key.Key_G)
    asking = made.findChild(AskText)
    asking.line.setText("300, 2")
    qtbot.keyClick(asking.line, Qt.Key.Key_Return)
    assert "outside" in asking._why.text()
    asking.line.setText("-1, 17")
    qtbot.keyClick(asking.line, Qt.Key.Key_Return)
    assert view.selected_index() == (299, 17)


def test_nan_is_counted_and_the_first_is_a_click_away(window: MainWindow, qtbot: Any) -> None:
    page = opened(window, qtbot, "log").page
    qtbot.waitUntil(lambda: "2&nbsp;NaN&nbsp;at&nbsp;[0,&nbsp;1]" in page.pane.stats.text(), timeout=PATIENCE)
    page.pane.stats.linkActivated.emit("#")
    assert page.pane.view.selected_index() == (0, 1)
    assert page.pane.view.has_bad
    menu.go_to(page.pane.view, "low")
    assert page.pane.view.selected_index() == (0, 0)


@pytest.mark.parametrize("kind", ["numpy", "csv", "tsv"])
def test_what_is_copied_is_what_is_seen(window: MainWindow, qtbot: Any, kind: str) -> None:
    view = opened(window, qtbot, "double").page.pane.view
    view.copyWanted.emit(kind)
    text = QApplication.clipboard().text()
    if kind == "numpy":
        assert np.array_equal(eval(text, {"np": np}), X * X)
    else:
        rows = [line.split("," if kind == "csv" else "\t") for line in text.splitlines()]
        assert np.array_equal(np.array(rows, np.float32), X * X)


def test_a_range_of_the_table_is_copied_by_key(window: MainWindow, qtbot: Any) -> None:
    view = opened(window, qtbot, "large").page.pane.view
    view.choose("table")
    table = view.sight().table  # type: ignore[union-attr]
    table.choose((3, 5, 7, 10))
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    weights = window.session.weights()["large.value"][3:5, 7:10]
    qtbot.waitUntil(lambda: QApplication.clipboard().text().count("\n") == 1, timeout=PATIENCE)
    rows = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert np.array_equal(np.array(rows, np.float32), weights)


def test_a_tensor_is_exported_from_the_menu_of_its_node(
    window: MainWindow, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "out" / "large.npy"
    place.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    canvas = window.canvas
    select(window, "large")
    at = canvas.camera.screen(canvas.scene.rect(id_of(window, "large")).center())
    values = next(a.menu() for a in menu_at(canvas, at).actions() if a.text() == "Values")
    next(a for a in values.actions() if a.text().startswith("Export")).trigger()
    qtbot.waitUntil(lambda: any("Wrote large" in n.text for n in window.session.notices), timeout=PATIENCE)
    assert np.array_equal(np.load(place), window.session.weights()["large.value"])


def test_a_folder_that_is_not_there_is_told(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    key = TensorKey("value", id_of(window, "large"), "y")
    copying.export_to(window.session, key, "large", tmp_path / "gone" / "a.npy")
    qtbot.waitUntil(lambda: any("no folder" in n.text for n in window.session.notices), timeout=PATIENCE)


def test_a_whole_tensor_is_copied_from_the_canvas(window: MainWindow, qtbot: Any) -> None:
    values_menu.copy_whole(window.canvas, TensorKey("value", id_of(window, "x"), "y"), "x", "numpy")
    qtbot.waitUntil(lambda: any("Copied x" in n.text for n in window.session.notices), timeout=PATIENCE)
    assert np.array_equal(eval(QApplication.clipboard().text(), {"np": np}), X)


def test_what_comes_back_along_a_wire_is_exported(
    window: MainWindow, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "term.npy"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    session, canvas = window.session, window.canvas
    score = id_of(window, "score")
    session.graph.remove("log")  # NaN would stop the run
    session.phase("backward")
    node = id_of(window, "large")
    select(window, "large")
    window.docks["inspector"].build().node_page.tensors.show_tab("grad")
    qtbot.waitUntil(lambda: session.tensor("grad", node) is not None, timeout=PATIENCE)
    entries = QMenu(canvas)
    values_menu.fill_wire(canvas, entries, (score, "x"))
    inner = entries.actions()[0].menu()
    next(a for a in inner.actions() if a.text().startswith("Export")).trigger()
    qtbot.waitUntil(place.exists, timeout=PATIENCE)
    assert np.allclose(np.load(place), 1 / (300 * 400))


def test_one_scale_for_the_graph_holds_for_every_view(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    view = opened(window, qtbot, "double").page.pane.view
    assert view.scale() == 64
    set_display(scale="graph")
    qtbot.waitUntil(lambda: session.scales.ranged is not None, timeout=PATIENCE)
    select(window, "x")
    tensor = session.tensor("value", id_of(window, "x"))
    qtbot.waitUntil(lambda: window.canvas.live.scale(session.tensor("value", id_of(window, "x"))) == 64)
    assert tensor is not None
    set_display(scale="node")
    assert window.canvas.live.scale(tensor) == 8
    set_display(scale="fixed", fixed=3.0)
    assert (view.scale(), window.canvas.live.scale(tensor)) == (3.0, 3.0)
    assert "fixed" in view.legend.words()


def test_digits_follow_at_once_by_key(window: MainWindow, qtbot: Any) -> None:
    page = opened(window, qtbot, "double").page
    window.actions_.run("view.precision_digits_12")
    assert page.pane.view.heat_map().read_out((0, 0)) == "[0, 0]  +0.250000000000"
    assert "2.00000000000" not in page.pane.stats.text()
    window.actions_.run("view.fewer_digits")
    assert display().precision.digits == 11
    window.actions_.run("view.precision_exact")
    assert page.pane.view.heat_map().read_out((0, 0)) == "[0, 0]  +0.25"


def test_the_legend_offers_the_scales(window: MainWindow, qtbot: Any) -> None:
    view = opened(window, qtbot, "double").page.pane.view
    made = menu.scales_of(view)
    titles = [entry.text() for entry in made.actions()]
    assert {"The whole graph", "All of the node", "A fixed number …", "Logarithmic"} <= set(titles)
    next(entry for entry in made.actions() if entry.text() == "Logarithmic").trigger()
    assert display().law == "log"


def test_a_value_of_a_node_that_goes_says_so(window: MainWindow, qtbot: Any) -> None:
    page = opened(window, qtbot, "double").page
    window.session.graph.remove("double")
    qtbot.waitUntil(lambda: page._stack.currentWidget() is page.empty, timeout=PATIENCE)


def test_an_element_of_the_document_is_edited_with_undo(window: MainWindow, qtbot: Any) -> None:
    page = opened(window, qtbot, "x").page
    view, graph = page.pane.view, window.session.graph
    view.select_index((0, 0))
    qtbot.keyClick(view.heat_map(), Qt.Key.Key_Return)
    page._setter.editor.line.setText("9")
    qtbot.keyClick(page._setter.editor.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.value_at((0, 0)) == 9.0, timeout=PATIENCE)
    graph.undo()
    window.session.phase("forward")  # NaN further on has stopped it
    qtbot.waitUntil(lambda: view.value_at((0, 0)) == 0.5, timeout=PATIENCE)
    assert not graph.can_undo


def test_the_pixel_under_the_pointer_is_told(window: MainWindow, qtbot: Any) -> None:
    view = opened(window, qtbot, "double").page.pane.view
    view.choose("image")
    picture = view.sight().widget  # type: ignore[union-attr]
    at = QPointF(2, 2)
    nothing = Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(picture, QMouseEvent(QEvent.Type.MouseMove, at, picture.mapToGlobal(at), *nothing))
    assert "[0, 0]" in picture.read_out()
