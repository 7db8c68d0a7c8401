"""The pass on a real X server really runs on one."""

from __future__ import annotations

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit


@pytest.mark.xserver
def test_qt_shows_a_window_on_the_platform_that_was_asked_for(qtbot):
    assert QApplication.platformName() == ("xcb" if os.environ.get("GRAPHLAB_TEST_X") else "offscreen")
    field = QLineEdit()
    field.setStyleSheet("background: #ff0000; border: 0")
    qtbot.addWidget(field)
    with qtbot.waitExposed(field):
        field.show()
    qtbot.keyClicks(field, "hidden")
    assert field.text() == "hidden"
    assert field.grab().toImage().pixelColor(field.width() - 2, 2) == QColor(Qt.GlobalColor.red)
