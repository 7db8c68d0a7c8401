"""The pictures in nodes: the scale of their colours, and what is no number."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from graphlab.engine.messages import Tensor, TensorKey
from graphlab.ui.canvas.thumbnails import draw_value
from graphlab.ui.theme import theme
from graphlab.ui.widgets.stats_line import stats_of


def drawn(values: Any, scale: float) -> QImage:
    array = np.asarray(values, np.float32)
    tensor = Tensor(TensorKey("value", "n1", "y"), array.shape, "float32", True, stats_of(array), array)
    image = QImage(160, 60, QImage.Format.Format_RGB32)
    image.fill(theme().panel)
    painter = QPainter(image)
    draw_value(painter, QRectF(0, 0, 160, 60), tensor, False, 0.5, scale)
    painter.end()
    return image


def colours(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_full_colour_is_where_the_scale_says(qapp: Any) -> None:
    assert theme().positive.name() in colours(drawn([[1.0, 0.5]], 1.0))
    assert theme().positive.name() not in colours(drawn([[1.0, 0.5]], 4.0))


def test_what_is_no_number_is_hatched(qapp: Any) -> None:
    found = colours(drawn([[1.0, np.nan]], 1.0))
    assert QColor(theme().invalid).name() in found
    plain = colours(drawn([[1.0, -0.5]], 1.0))
    assert len(found - plain) >= 2  # the lines of the hatching besides the colour itself
