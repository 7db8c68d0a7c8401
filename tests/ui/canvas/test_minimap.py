"""The minimap: there when the graph does not fit, worked by mouse and keys, and cheap."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Document, Edge, Graph, Node
from graphlab.io import read_preview
from graphlab.ui import settings
from graphlab.ui.canvas.minimap import Minimap
from graphlab.ui.theme import theme
from tests.ui.canvas.conftest import CTRL, LEFT, NONE, Desk, grouped
from tests.ui.window_trial import Make


@pytest.fixture
def wide(desk: Desk) -> Desk:
    """The chain, with its end far away, seen at its natural size."""
    desk.session.graph.move({desk.id("out"): (4000, 900)})
    look(desk, 40, 40, 1.0)
    return desk


def look(desk: Desk, x: float, y: float, zoom: float) -> None:
    desk.view.camera.set((x, y, zoom))
    desk.view.camera_changed()
    settled(desk)


def settled(desk: Desk) -> Minimap:
    """The map after a frame, and after the moment for which it waits."""
    QTest.qWait(80)
    desk.view.repaint()
    return desk.view.minimap


def send(desk: Desk, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton = LEFT) -> None:
    mini = desk.view.minimap
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    event = QMouseEvent(kind, at, QPointF(mini.mapToGlobal(at)), button, held, NONE)
    QApplication.sendEvent(mini, event)


def middle(desk: Desk) -> tuple[float, float]:
    place = desk.view.camera.world(desk.view.middle)
    return place.x(), place.y()


def test_it_is_there_only_while_not_all_is_in_view(wide: Desk) -> None:
    assert wide.view.minimap.isVisible()
    wide.view.frame_all()
    assert not settled(wide).isVisible()


def test_it_is_not_there_on_a_small_canvas(wide: Desk) -> None:
    wide.view.resize(400, 500)
    assert not settled(wide).isVisible()


def test_the_view_menu_switches_it_and_that_is_remembered(wide: Desk, make: Make) -> None:
    wide.window.actions_["view.minimap"].trigger()
    QApplication.processEvents()
    assert not settled(wide).isVisible()
    assert not wide.window.actions_["view.minimap"].isChecked()
    assert settings.text("minimap") == "no"
    assert not make().canvas.minimap.wanted
    wide.window.actions_["view.minimap"].trigger()
    assert settled(wide).isVisible()


def test_its_own_menu_hides_it(wide: Desk) -> None:
    entries = {a.text(): a for a in wide.view.minimap.menu().actions()}
    entries["Hide the minimap"].trigger()
    QApplication.processEvents()
    assert not settled(wide).isVisible()
    assert not wide.window.actions_["view.minimap"].isChecked()


def test_a_click_brings_that_place_to_the_middle(wide: Desk) -> None:
    mini = wide.view.minimap
    at = mini.pixel(wide.view.scene.rect(wide.id("out")).center())
    QTest.mouseClick(mini, LEFT, NONE, at.toPoint())
    x, y = middle(wide)
    centre = wide.view.scene.rect(wide.id("out")).center()
    pixel = mini.world(QPointF(1, 0)).x() - mini.world(QPointF(0, 0)).x()
    assert abs(x - centre.x()) <= pixel
    assert abs(y - centre.y()) <= pixel
    assert wide.selected() == set()


def test_dragging_the_rectangle_pans_without_a_jump(wide: Desk) -> None:
    mini = wide.view.minimap
    start, before = mini.view_rect().center() + QPointF(5, 4), middle(wide)
    send(wide, QEvent.Type.MouseButtonPress, start)
    assert middle(wide) == pytest.approx(before, abs=0.01)
    send(wide, QEvent.Type.MouseMove, start + QPointF(20, 10))
    send(wide, QEvent.Type.MouseButtonRelease, start + QPointF(20, 10))
    unit = mini.world(QPointF(1, 0)).x() - mini.world(QPointF(0, 0)).x()
    after = middle(wide)
    assert after == pytest.approx((before[0] + 20 * unit, before[1] + 10 * unit), abs=0.5)
    send(wide, QEvent.Type.MouseMove, start)
    assert middle(wide) == after


def test_the_wheel_zooms_about_what_is_under_the_pointer(wide: Desk) -> None:
    mini = wide.view.minimap
    node = wide.view.scene.rect(wide.id("x")).center()
    before = wide.view.camera.screen(node)
    at = mini.pixel(node)
    event = QWheelEvent(
        at, QPointF(mini.mapToGlobal(at)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(mini, event)
    assert wide.view.camera.zoom == pytest.approx(1.0016**120)
    assert (wide.view.camera.screen(node) - before).manhattanLength() < 1


def test_keys_pan_and_zoom_and_give_the_focus_back(wide: Desk) -> None:
    mini = wide.view.minimap
    mini.setFocus()
    before = middle(wide)
    QTest.keyClick(mini, Qt.Key.Key_Right)
    assert middle(wide)[0] > before[0]
    QTest.keyClick(mini, Qt.Key.Key_Minus)
    assert wide.view.camera.zoom < 1
    QTest.keyClick(mini, Qt.Key.Key_Escape)
    assert wide.view.hasFocus()


def test_the_rectangle_is_seen_however_far_one_has_gone(wide: Desk) -> None:
    look(wide, -90_000, 60_000, 1.0)
    mini = wide.view.minimap
    assert mini.rect().contains(mini.view_rect().toAlignedRect())
    assert mini.view_rect().width() >= 5


def test_it_covers_neither_breadcrumb_nor_port_tabs_nor_search(wide: Desk) -> None:
    cell = grouped(wide, "hidden", "act", name="cell")
    wide.session.enter(cell)
    look(wide, 0, 0, 3.0)
    mini = wide.view.minimap
    assert mini.isVisible()
    for other in (wide.view.crumb, *wide.view.port_tabs.tabs):
        assert other.isVisible()
        assert not other.geometry().intersects(mini.geometry())
    wide.view.add_at(QPointF(mini.geometry().center()))
    assert wide.view.childAt(mini.geometry().center()) is not mini


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_selection_faults_and_stops_stand_out(wide: Desk, each_theme: Any) -> None:
    mini = settled(wide)
    plain = colours(mini.grab().toImage())
    assert theme().error.name() not in plain
    wide.session.toggle_breakpoint(wide.id("x"))
    wide.select("out")
    stopped = mini.grab().toImage()
    assert {theme().error.name(), theme().accent.name()} <= colours(stopped)
    wide.session.set_breakpoints(())
    wide.session.graph.add("MatMul", "x", "out", name="bad", position=(2000, 200))
    assert theme().error.name() in colours(settled(wide).grab().toImage())


def test_a_node_that_is_dragged_moves_on_the_map_too(wide: Desk) -> None:
    mini = settled(wide)
    before = mini.grab().toImage()
    wide.drag(wide.header("hidden"), wide.header("hidden") + QPoint(0, 300), release=False)
    assert settled(wide).grab().toImage() != before
    wide.release(wide.header("hidden") + QPoint(0, 300))


def test_hits_are_lit_on_it(wide: Desk) -> None:
    wide.key(Qt.Key.Key_F, CTRL)
    QTest.keyClicks(wide.view.find_bar.line, "linear")
    assert QColor(theme().found).name() in colours(settled(wide).grab().toImage())


def test_panning_over_ten_thousand_nodes_paints_no_node_of_it_anew(make: Make) -> None:
    count = 10_000
    nodes = {
        f"n{k}": Node(f"n{k}", "Tanh", f"t{k}", {}, (k % 100 * 250.0, k // 100 * 140.0)) for k in range(count)
    }
    edges = {(f"n{k}", "x"): Edge(f"n{k - 1}", "y", f"n{k}", "x") for k in range(1, count) if k % 100}
    desk = Desk(make(Graph(Document("large", nodes, edges, next_id=count))))
    desk.view.motion.enabled = False
    look(desk, -3000, -3000, 0.7)
    mini = desk.view.minimap
    assert mini.isVisible()
    kept, target = mini._kept(), QPixmap(mini.size())
    times = []
    for k in range(20):
        desk.view.camera.set((-3000.0 - k, -3000.0, 0.7))
        start = time.perf_counter()
        mini.follow()
        painter = QPainter(target)
        painter.drawPixmap(0, 0, mini._kept())
        mini._moment(painter)
        painter.end()
        times.append(time.perf_counter() - start)
    assert mini._kept() is kept
    assert np.median(times) < 0.004


def test_the_preview_in_a_file_is_of_the_graph_alone(wide: Desk, tmp_path: Path) -> None:
    path = tmp_path / "wide.graphlab"
    wide.session.path = path
    assert wide.view.minimap.isVisible()
    assert wide.window.files.save()
    shown = QImage.fromData(read_preview(path) or b"")
    wide.view.minimap.set_wanted(False)
    assert wide.window.files.save()
    assert QImage.fromData(read_preview(path) or b"") == shown
    assert not shown.isNull()
