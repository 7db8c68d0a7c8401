"""Pictures brought to the Draw panel, and the way from the start page to a digit that is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from graphlab.graph import Graph
from graphlab.ui.panels.draw import DRAWING, DrawPanel
from graphlab.ui.session import Session
from tests.ui.panels.test_draw import ZERO, stroke
from tests.ui.window_trial import PATIENCE, Make


def reader(channels: int) -> Graph:
    graph = Graph()
    name = "digits" if channels == 1 else "textures"
    data = graph.add(
        "Dataset", name="data", dataset=name, samples=12 * (channels == 3) or None, layout="image"
    )
    scores = graph.add("Linear", graph.add("Flatten", data["x"]), units=10 if channels == 1 else 6)
    graph.add("CrossEntropyLoss", scores, data["target"], name="loss")
    return graph


@pytest.fixture(params=[1, 3])
def panel(request: Any, qtbot: Any) -> Iterator[DrawPanel]:
    session = Session(reader(request.param), engine=False)
    made = DrawPanel(session)
    qtbot.addWidget(made)
    made.resize(1000, 260)
    made.show()
    qtbot.waitUntil(lambda: made._stack.currentWidget() is made.content, timeout=PATIENCE)
    yield made
    session.close()


def test_a_picture_is_put_on_the_paper_by_file_drop_and_clipboard(panel: DrawPanel, tmp_path: Path):
    seven = np.full((40, 30, 3), 220, np.uint8)
    seven[5:9, 5:25] = seven[5:35, 20:24] = (40, 30, 60)
    Image.fromarray(seven).save(tmp_path / "seven.jpg", quality=95)
    panel.bringing.choose = lambda: str(tmp_path / "seven.jpg")
    panel.bring.click()
    row = panel.row()
    assert row is not None
    if panel.samples.look.image_shape[0] == 1:
        assert row[0, 0, 0].max() > 0.5  # the bar of the seven is ink, and fills the picture from the top
        assert row[0, 0, -1, 0] == 0  # the paper is none
        panel.centred.setChecked(False)
        assert panel.row()[0, 0, -1].max() < 0.5  # and lies as it was
    else:
        assert not panel.centred.isVisible()
        assert row[0, :, 16, 2].min() > 0.8 * row.max()  # as light as it was
    panel.pad.undo()
    assert panel.pad.is_empty
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "seven.jpg"))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(panel, QDragEnterEvent(QPoint(40, 40), copy, mime, left, none))
    QApplication.sendEvent(panel, QDropEvent(QPointF(40, 40), copy, mime, left, none))
    assert panel.pad.print is not None
    QGuiApplication.clipboard().setText("none")
    panel.pad.setFocus()
    QTest.keyClick(panel.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "no picture on the clipboard" in panel.session.notices[-1].text


def test_a_damaged_picture_leaves_the_paper_as_it_was(panel: DrawPanel, tmp_path: Path):
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    panel.bringing.choose = lambda: str(tmp_path / "bad.png")
    panel.bring.click()
    assert panel.pad.is_empty
    assert "bad.png is no image" in panel.session.notices[-1].text


def test_from_the_start_page_to_a_digit_that_is_read(make: Make, qtbot: Any):
    window = make(engine=True)
    draw = next(b for b in window.stage.start_page.findChildren(QPushButton) if b.text() == "Draw a digit")
    QTest.mouseClick(draw, Qt.MouseButton.LeftButton)
    panel = window.docks["draw"].build()
    qtbot.waitUntil(lambda: panel._stack.currentWidget() is panel.content, timeout=PATIENCE)
    stroke(panel.pad, ZERO)
    qtbot.waitUntil(lambda: panel.said.text().startswith("It reads 0"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.shown.title == DRAWING, timeout=PATIENCE)
    assert window.session.whole.node("mnist5k")
