"""What a panel shows, saved: pictures in three kinds, numbers that are the very same when read again."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu

from graphlab.engine.messages import ReportRecord, Scalars
from graphlab.ui import panel_files
from graphlab.ui.panels.gradients import GradientsPanel
from graphlab.ui.panels.health import HealthPanel
from graphlab.ui.panels.weights import WeightsPanel
from graphlab.ui.session import Session
from tests.ui.window_trial import Make, small

Answer = Callable[[Path | str, str], None]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """`answer(path, filter)`: what the person says where a file is to be saved."""

    def say(path: Path | str, kind: str = "") -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), kind))

    return say


@pytest.fixture
def gradients(quiet_session: Session, arrive: Callable[..., None], qtbot: Any) -> GradientsPanel:
    made = GradientsPanel(quiet_session)
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    qtbot.waitExposed(made)
    arrive("grad", "z", "y", np.array([[3.0, 4.0]]))
    arrive("grad", "h", "y", np.array([[0.1, 0.0]]))
    return made


def entries(menu: QMenu) -> dict[str, bool]:
    return {action.text(): action.isEnabled() for action in menu.actions()}


def test_numbers_are_the_very_same_when_read_again(
    gradients: GradientsPanel, answer: Answer, tmp_path: Path
) -> None:
    answer(tmp_path / "norms.csv")
    gradients.save_numbers()
    head, *rows = csv.reader((tmp_path / "norms.csv").read_text().splitlines())
    assert head == ["node", "gradient norm", "of this step"]
    shown = {bar.label: bar.norm for bar in gradients.present()}
    assert {row[0]: float(row[1]) for row in rows} == shown
    assert shown["z"] == 5.0


def test_a_table_keeps_every_bit_of_what_numpy_gives() -> None:
    odd = [np.float32(0.1), np.float64(1 / 3), 1e-310, np.int64(7), None, math.nan, True, "a,b"]
    (row,) = csv.reader(panel_files.table(["x"] * len(odd), [odd]).decode().splitlines()[1:])
    assert np.float32(row[0]) == odd[0]
    assert [float(row[1]), float(row[2])] == [odd[1], odd[2]]
    assert row[3:] == ["7", "", "nan", "True", "a,b"]


def test_a_picture_is_twice_as_large_and_not_empty(
    gradients: GradientsPanel, answer: Answer, tmp_path: Path
) -> None:
    answer(tmp_path / "norms.png")
    gradients.save_picture()
    image = QImage(str(tmp_path / "norms.png"))
    assert image.size() == (panel_files.whole_of(gradients.content).size() + QSize(16, 16)) * 2
    tones = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert len(tones) > 5


@pytest.mark.parametrize(
    ("kind", "begin"), [("SVG (*.svg)", b"<?xml"), ("PDF (*.pdf)", b"%PDF"), ("PNG (*.png)", b"\x89PNG")]
)
def test_the_kind_that_was_chosen_holds_for_a_name_without_one(
    kind: str, begin: bytes, gradients: GradientsPanel, answer: Answer, tmp_path: Path
) -> None:
    answer(tmp_path / "norms v1.2", kind)
    gradients.save_picture()
    (made,) = tmp_path.iterdir()
    assert made.name == f"norms v1.2{kind[-5:-1]}"
    assert made.read_bytes().startswith(begin)


def test_a_drawing_has_its_text_as_text(gradients: GradientsPanel, answer: Answer, tmp_path: Path) -> None:
    answer(tmp_path / "norms.svg")
    gradients.save_picture()
    drawing = (tmp_path / "norms.svg").read_bytes()
    assert b">z<" in drawing.replace(b"\n", b"").replace(b" <", b"<").replace(b"> ", b">")
    assert QSvgRenderer(QByteArray(drawing)).isValid()


def test_all_that_is_scrolled_is_in_the_picture(
    quiet_session: Session, arrive: Callable[..., None], answer: Answer, tmp_path: Path, qtbot: Any
) -> None:
    made = WeightsPanel(quiet_session)
    qtbot.addWidget(made)
    made.resize(140, 90)
    made.show()
    qtbot.waitExposed(made)
    for name in ("z", "y", "gate"):
        arrive("value", name, "weight", np.arange(12.0).reshape(4, 3))
    made._redraw()
    answer(tmp_path / "w.png")
    made.save_picture()
    assert QImage(str(tmp_path / "w.png")).height() > 2 * (made.height() + 40)


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(
    gradients: GradientsPanel, answer: Answer, tmp_path: Path
) -> None:
    answer(tmp_path / "no" / "norms.csv")
    gradients.save_numbers()
    told = gradients.session.notices[-1]
    assert told.level == "error"
    assert "no folder" in told.text
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_file(
    gradients: GradientsPanel, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "norms.csv"
    place.write_text("old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    answer(place)
    gradients.save_numbers()
    assert "no room on the disk" in gradients.session.notices[-1].text
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_an_empty_panel_offers_nothing_to_save(quiet_session: Session, qtbot: Any) -> None:
    made = GradientsPanel(quiet_session)
    qtbot.addWidget(made)
    menu = QMenu(made)
    made.fill_header_menu(menu)
    assert entries(menu) == {"Save picture …": False, "Save numbers as CSV …": False}


def test_a_panel_of_words_offers_its_picture_only(quiet_session: Session, qtbot: Any) -> None:
    made = HealthPanel(quiet_session)
    qtbot.addWidget(made)
    menu = QMenu(made)
    made.fill_header_menu(menu)
    assert list(entries(menu)) == ["Save picture …"]


def test_the_title_has_the_menu_and_the_command_means_the_panel_with_the_keyboard(
    make: Make, answer: Answer, tmp_path: Path, qtbot: Any
) -> None:
    window = make(small())
    dock = window.docks.show("loss")
    dock.build()
    report = ReportRecord(1, 2, 0.5, {}, 0.5, {}, 0.1)
    window.session.engine.scalars.emit(Scalars(0, 0, np.array([1.0, 0.5]), (report,)))
    menu = dock._title.menu  # type: ignore[union-attr]
    menu.aboutToShow.emit()
    assert list(entries(menu).items())[-2:] == [("Save picture …", True), ("Save numbers as CSV …", True)]
    assert not window.actions_["tools.panel_picture"].isEnabled()
    window.activateWindow()
    dock.content.loss.view.setFocus()
    qtbot.waitUntil(lambda: window.actions_["tools.panel_picture"].isEnabled())
    answer(tmp_path / "loss.csv")
    window.finder.open("save the numbers")
    QTest.keyClick(window.finder.field, Qt.Key.Key_Return)
    assert "0.5" in (tmp_path / "loss.csv").read_text()
