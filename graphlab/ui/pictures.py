"""Images that Qt holds, such as the one on the clipboard, as `data.pictures` has them. Files are read there."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from ..data import store
from ..data.pictures import Bytes, without_colour
from ..errors import DataError


def pixels_of(image: QImage) -> Bytes:
    """(1 or 3, height, width) bytes, white behind what is transparent. DataError where there is no image."""
    if image.isNull():
        raise DataError("There is no image on the clipboard.")
    store.require_room(image.width() * image.height() * 3, "The image")
    opaque = _opaque(image)
    width, height = opaque.width(), opaque.height()
    lines: Any = np.frombuffer(opaque.constBits(), np.uint8).reshape(height, opaque.bytesPerLine())
    pixels = lines[:, : 3 * width].reshape(height, width, 3).transpose(2, 0, 1)
    return without_colour(np.ascontiguousarray(pixels))


def _opaque(image: QImage) -> QImage:
    """With white behind what is transparent."""
    if not image.hasAlphaChannel():
        return image.convertToFormat(QImage.Format.Format_RGB888)
    ground = QImage(image.size(), QImage.Format.Format_RGB888)
    ground.fill(QColor("white"))
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    return ground
