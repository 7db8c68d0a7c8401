"""Where a picture of trials lies: from places of its axes to pixels, and lines through many of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from ...lab.sweeps.axes import Axis
from .trial_chart import Floats


@dataclass(frozen=True)
class Ground:
    """Where a picture lies, and which part of its axes it shows."""

    frame: QRectF
    x: Axis
    y: Axis

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Pixels of places."""
        frame = self.frame
        across = (np.asarray(x, np.float64) - self.x.low) / (self.x.high - self.x.low)
        up = (np.asarray(y, np.float64) - self.y.low) / (self.y.high - self.y.low)
        return frame.left() + across * frame.width(), frame.bottom() - up * frame.height()

    def point(self, x: float, y: float) -> QPointF:
        across, up = self.place(np.array([x]), np.array([y]))
        return QPointF(float(across[0]), float(up[0]))


def path_of(x: Floats, y: Floats) -> QPainterPath:
    """A line through finite points, broken at the others; without a loop in Python."""
    from pyqtgraph import arrayToQPath  # slow to load

    return arrayToQPath(np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64), "finite")
