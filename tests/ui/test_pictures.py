"""Images that Qt holds become pictures like those of files."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage

from graphlab.errors import DataError
from graphlab.ui.pictures import pixels_of


@pytest.fixture(autouse=True)
def _running(qapp: QGuiApplication) -> None:
    """Colours and painters want a running Qt."""


def test_an_image_at_hand_is_read_alike():
    made = QImage(3, 2, QImage.Format.Format_RGB32)
    made.fill(QColor("red"))
    assert pixels_of(made).shape == (3, 2, 3)
    assert pixels_of(made)[:, 0, 0].tolist() == [255, 0, 0]
    with pytest.raises(DataError, match="no image"):
        pixels_of(QImage())


def test_what_is_transparent_is_white_and_grey_has_one_channel():
    made = QImage(3, 2, QImage.Format.Format_ARGB32)
    made.fill(QColor(0, 0, 0, 0))
    assert pixels_of(made).tolist() == [[[255] * 3] * 2]
