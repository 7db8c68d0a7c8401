"""The inspector's part for a picture: shown, changed by file, clipboard and hand, saved; each change one undo entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from graphlab.data.photo import pixels_of
from graphlab.data.pictures import read_picture
from graphlab.graph import Graph
from graphlab.ui.inspector.picture_part import PicturePart
from graphlab.ui.session import Session
from graphlab.ui.widgets.drawing_dialog import SIDES, DrawingDialog
from tests.ui.window_trial import PATIENCE


@pytest.fixture
def part(qtbot: Any) -> Iterator[PicturePart]:
    graph = Graph()
    graph.add("Picture", name="photo")
    session = Session(Graph(graph.document), engine=False)
    made = PicturePart(session)
    made.session = session
    qtbot.addWidget(made)
    session.document_changed.connect(lambda *_: follow(made))
    follow(made)
    made.resize(300, 400)
    made.show()
    yield made
    session.close()


def follow(part: PicturePart) -> None:
    node = part.session.document.node("photo")
    part.show_picture(node.id, node.make())


def shown(part: PicturePart) -> np.ndarray:
    return pixels_of(part.session.document.node("photo").make())


def click(button: Any) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_says_what_is_there_and_hides_for_other_nodes(part: PicturePart):
    assert part.file.text() == "sample.png"
    assert part.extent.text() == "96×96 pixels, in colour"
    assert part.view.isVisible()
    part.show_picture("", None)
    assert not part.isVisible()


def test_a_file_is_taken_and_taken_back(part: PicturePart, tmp_path: Path, qtbot: Any):
    image = QImage(6, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("blue"))
    image.save(str(tmp_path / "sky.png"))
    part.choose = lambda: str(tmp_path / "sky.png")
    click(part.change)
    qtbot.waitUntil(lambda: part.file.text() == "sky.png", timeout=PATIENCE)
    assert part.extent.text() == "6×4 pixels, in colour"
    part.session.graph.undo()
    assert part.file.text() == "sample.png"
    assert not part.session.graph.can_undo


def test_a_damaged_file_is_told_and_changes_nothing(part: PicturePart, tmp_path: Path, qtbot: Any):
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more than that")
    part.choose = lambda: str(tmp_path / "bad.jpg")
    before = part.session.document
    click(part.change)
    qtbot.waitUntil(lambda: bool(part.session.notices), timeout=PATIENCE)
    assert "bad.jpg is no image" in part.session.notices[-1].text
    assert part.session.document is before


def test_what_was_copied_is_pasted(part: PicturePart):
    QGuiApplication.clipboard().setText("no picture")
    click(part.paste)
    assert "no picture on the clipboard" in part.session.notices[-1].text
    image = QImage(3, 2, QImage.Format.Format_Grayscale8)
    image.fill(255)
    QGuiApplication.clipboard().setImage(image)
    click(part.paste)
    assert shown(part).tolist() == [[[255] * 3] * 2]


def test_what_is_drawn_is_taken(part: PicturePart, qtbot: Any):
    dialog = DrawingDialog()
    qtbot.addWidget(dialog)
    dialog.side.setCurrentIndex(SIDES.index(28))
    dialog.pad.begin(0.2, 0.5)
    dialog.pad.go_on(0.8, 0.5)
    dialog.pad.end()
    part.draw = dialog.photo
    click(part.by_hand)
    pixels = shown(part)
    assert pixels.shape == (1, 28, 28)
    assert pixels[0, 14, 14] > 200
    assert pixels[0, 2, 14] == 0
    dialog.dark.setChecked(True)
    click(part.by_hand)
    assert shown(part)[0, 2, 14] == 255
    part.draw = lambda: None
    before = part.session.document
    click(part.by_hand)
    assert part.session.document is before


def test_it_is_saved_as_png(part: PicturePart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "house.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    click(part.export)
    np.testing.assert_array_equal(read_picture(path), shown(part))
