"""A painter that ends whatever happens: Qt dies with a widget or picture that is still painted on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPaintDevice, QPainter


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A QPainter on `device`."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()
