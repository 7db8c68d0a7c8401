"""Feature maps on a real engine: those of the chosen row and layer, and another a key away."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.feature_maps import FeatureMapsPanel
from graphlab.ui.session import Session
from graphlab.ui.wanting import wanting_of
from tests.ui.panels.test_confusion import WAIT, shown


def test_the_maps_are_those_of_the_row_and_layer_and_a_key_steps_on(qtbot: Any) -> None:
    graph = load(example("digits-cnn").path)[0]
    session = Session(graph)
    panel = shown(qtbot, FeatureMapsPanel(session))
    space = Workspace(graph.document)

    def expected(name: str, place: int) -> np.ndarray:
        end = (graph.document.node(name).id, "y")
        return space.evaluate([end], {}, "validation", [place]).values[end][0]

    qtbot.waitUntil(lambda: panel.maps is not None and "conv1" in panel.said.text(), timeout=WAIT)
    np.testing.assert_allclose(panel.maps, expected("conv1", 0), atol=1e-6)
    QTest.keyClick(panel, Qt.Key.Key_PageDown)
    rows = panel.samples.look.splits["validation"]
    qtbot.waitUntil(lambda: f"row {rows[1]:,}" in panel.said.text(), timeout=WAIT)
    np.testing.assert_allclose(panel.maps, expected("conv1", 1), atol=1e-6)
    panel.layer.setCurrentText("pool2")
    panel.layer.textActivated.emit("pool2")
    qtbot.waitUntil(lambda: "pool2" in panel.said.text(), timeout=WAIT)
    np.testing.assert_allclose(panel.maps, expected("pool2", 1), atol=1e-6)
    session.select({graph.document.node("conv2").id})
    qtbot.waitUntil(lambda: "conv2" in panel.said.text(), timeout=WAIT)
    np.testing.assert_allclose(panel.maps, expected("conv2", 1), atol=1e-6)
    assert panel.layer.currentText() == "conv2"
    session.select({graph.document.node("loss").id})  # has none: the layer stays
    panel.samples.pointed.emit(int(rows[7]))
    qtbot.waitUntil(lambda: f"row {rows[7]:,}" in panel.said.text(), timeout=WAIT)
    assert panel.said.text().startswith("conv2: ")
    header, lines = panel.table()
    kept = list(lines)
    assert header == ["map", "y", "x", "value"]
    assert len(kept) == panel.maps.size
    assert kept[-1] == [*(size - 1 for size in panel.maps.shape), float(panel.maps[-1, -1, -1])]
    session.close()


def test_a_unit_that_is_pressed_shows_what_it_sees_and_the_table_goes_to_layers(qtbot: Any) -> None:
    session = Session(load(example("digits-cnn").path)[0])
    panel = shown(qtbot, FeatureMapsPanel(session), 1100)
    qtbot.waitUntil(lambda: panel.maps is not None, timeout=WAIT)
    panel.gallery.resize(500, 200)
    place = panel.gallery.cell_rect((2, 3, 4)).center().toPoint()
    QTest.mouseClick(panel.gallery, Qt.MouseButton.LeftButton, pos=place)
    assert panel.seen.text().startswith("conv1[2, 3, 4] sees 3 × 3 pixels")
    assert panel.image.box == (2, 5, 3, 6)
    qtbot.waitUntil(lambda: panel.field.slopes is not None and "in effect" in panel.seen.text(), timeout=WAIT)
    outside = panel.field.slopes.copy()
    outside[2:5, 3:6] = 0
    assert not outside.any()
    assert panel.field.slopes.max() > 0
    panel.tabled.setChecked(True)
    names = [panel.fields.item(k, 0).text() for k in range(panel.fields.rowCount())]
    assert names[:2] == ["digits", "conv1"]
    at = names.index("pool2") if "pool2" in names else len(names) - 1
    panel.fields.setCurrentCell(at, 0)
    qtbot.waitUntil(lambda: panel.seen.text().startswith(f"{names[at]}[0, "), timeout=WAIT)
    box, inner = panel.image.box, panel.image.inner
    assert box is not None
    assert inner
    sizes = [bottom - top for top, bottom, _, _ in (*inner, box)]
    assert sizes == sorted(sizes)  # they grow with depth
    session.engine.send = lambda command: None  # nothing more is asked
    panel.gallery.select(None)
    assert panel.image.box is None
    assert not panel.seen.isVisible()
    session.close()


def test_without_maps_it_says_what_makes_some(qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    panel = FeatureMapsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "tells classes apart" in panel.empty.label.text())
    digits = session.graph.add("Dataset", name="digits", dataset="digits")
    scores = session.graph.add("Linear", digits["x"], name="out", units=10)
    session.graph.add("CrossEntropyLoss", scores, digits["target"], name="loss")
    qtbot.waitUntil(lambda: "Conv2d" in panel.empty.label.text())
    session.close()


def test_a_double_click_on_a_map_asks_what_its_channel_wants(qtbot: Any) -> None:
    session = Session(load(example("digits-cnn").path)[0], engine=False)
    panel = FeatureMapsPanel(session)
    qtbot.addWidget(panel)
    panel._end = (session.document.node("conv1").id, "y")
    panel.gallery.elementActivated.emit((4, 1, 2))
    assert wanting_of(session).wished == (panel._end, (4,), (1, 2))
    session.close()


def pictures_alone(**settings: Any) -> Graph:
    graph = Graph("no rows")
    x = graph.add("Input", name="x", **settings)
    conv = graph.add("Conv2d", x, name="conv", out_channels=2, kernel_size=3, padding=1)
    graph.add("MaxPool2d", conv, name="pool", kernel_size=2)
    return Graph(graph.document)


def test_without_any_picture_the_table_says_how_far_units_see(qtbot: Any) -> None:
    session = Session(pictures_alone(shape=("N", 1, 12, 12)), engine=False)
    panel = shown(qtbot, FeatureMapsPanel(session), 1000)
    qtbot.waitUntil(lambda: "No picture has come yet" in panel.said.text())
    assert panel.fields.isVisible()
    assert [panel.fields.item(k, 2).text() for k in range(3)] == ["1×1", "3×3", "4×4"]
    panel.fields.setCurrentCell(2, 0)
    assert panel.image.box == (5, 9, 5, 9)
    assert panel.seen.text() == "pool[0, 3, 3] sees 4 × 4 pixels"
    session.close()


def test_what_is_fed_is_shown_where_there_are_no_rows(qtbot: Any) -> None:
    pictures = np.random.default_rng(0).random((2, 1, 8, 8))
    session = Session(pictures_alone(value=pictures.tolist()))
    panel = shown(qtbot, FeatureMapsPanel(session), 1000)
    session.phase("forward")
    qtbot.waitUntil(lambda: panel.maps is not None and "picture 0" in panel.said.text(), timeout=WAIT)
    panel.number.setValue(1)
    qtbot.waitUntil(lambda: "picture 1" in panel.said.text(), timeout=WAIT)
    np.testing.assert_allclose(panel.image._array, pictures[1, 0], atol=1e-6)
    conv = session.document.node("conv").id
    session.watch(panel, [*panel.keys(), m.Watched(m.TensorKey("value", conv, "y"), 4096)], 256)
    qtbot.waitUntil(lambda: session.tensor_at(m.TensorKey("value", conv, "y")) is not None, timeout=WAIT)
    found = np.asarray(session.tensor_at(m.TensorKey("value", conv, "y")).array)
    np.testing.assert_allclose(panel.maps, found[1], atol=1e-5)
    panel.gallery.select((1, 4, 4))
    qtbot.waitUntil(lambda: panel.field.slopes is not None, timeout=WAIT)
    assert "sees 3 × 3 pixels, in effect" in panel.seen.text()
    session.close()
